//! Two versions of one setting: its value, or the entries of a dict on its line.

use std::collections::{HashMap, HashSet};

use super::align::{Placed, Token, align};
use super::conflict::Clash;
use super::sides::{Side, Sides};
use crate::sdn::{Document, Spelling, Value, entries};
use crate::text::{Span, without_line_end};

/// The line of a setting on one side.
#[derive(Clone, Copy)]
struct Line<'d> {
    source: &'d [u8],
    before: &'d [u8],
    value: Span,
    spelling: Spelling,
    behind: &'d [u8],
    is_whole: bool,
}

impl<'d> Line<'d> {
    fn of(document: &'d Document, piece: usize) -> Option<Self> {
        let source = document.source();
        let setting = document.setting_line(&document.pieces()[piece])?;
        let line = document.pieces()[piece].span;
        let end = line.start + without_line_end(line.of(source)).len();
        let value = setting.value.span;
        Some(Self {
            source,
            before: &source[line.start..value.start],
            value,
            spelling: setting.value.spelling,
            behind: &source[value.end..end],
            is_whole: setting.value.problem.is_none(),
        })
    }

    fn raw(&self) -> &'d [u8] {
        self.value.of(self.source)
    }

    fn text(&self) -> String {
        Value::new(self.raw(), self.spelling).text().into_owned()
    }
}

/// The lines of a setting, by their pieces, merged into one without its line end; or what clashes.
pub(super) fn merge(
    documents: Sides<&Document>,
    pieces: Sides<Option<usize>>,
    name: &str,
) -> Result<Vec<u8>, Vec<Clash>> {
    let line = |side: Side| pieces[side].and_then(|piece| Line::of(documents[side], piece));
    let (Some(ours), Some(theirs)) = (line(Side::Ours), line(Side::Theirs)) else { return Err(Vec::new()) };
    let base = line(Side::Base);
    if !ours.is_whole || !theirs.is_whole {
        return Err(Vec::new());
    }
    let clash = || {
        let (ours, theirs) = (ours.text(), theirs.text());
        vec![Clash { column: name.to_owned(), base: base.map(|base| base.text()), ours, theirs }]
    };
    let value = value(base.as_ref(), &ours, &theirs).ok_or_else(clash)?;
    let old = |of: fn(&Line<'_>) -> Vec<u8>| base.as_ref().map(of);
    let before = part(old(|line| line.before.to_vec()).as_deref(), ours.before, theirs.before);
    let behind = part(old(|line| line.behind.to_vec()).as_deref(), ours.behind, theirs.behind);
    // Two spellings of what stands before the value mean the same, two comments behind it do not.
    let same = ours.behind.trim_ascii() == theirs.behind.trim_ascii();
    let behind = behind.or(same.then(|| ours.behind.to_vec())).ok_or_else(Vec::new)?;
    Ok([before.unwrap_or_else(|| ours.before.to_vec()), value, behind].concat())
}

fn part(base: Option<&[u8]>, ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    Sides { base: base.unwrap_or(ours), ours, theirs }.agreed().map(<[u8]>::to_vec)
}

fn value(base: Option<&Line<'_>>, ours: &Line<'_>, theirs: &Line<'_>) -> Option<Vec<u8>> {
    let (our, their) = (ours.raw(), theirs.raw());
    if our == their {
        return Some(our.to_vec());
    }
    if ours.text() == theirs.text() && ours.spelling != Spelling::Empty && theirs.spelling != Spelling::Empty {
        return Some(our.to_vec());
    }
    let base = base?;
    if let Some(value) = (Sides { base: base.raw(), ours: our, theirs: their }).agreed() {
        return Some(value.to_vec());
    }
    if base.text() == ours.text() {
        return Some(their.to_vec());
    }
    if base.text() == theirs.text() {
        return Some(our.to_vec());
    }
    dict(Sides { base, ours, theirs })
}

/// The entries of a dict on one side: key, value, and both as they stand there.
type Entries<'d> = Vec<(&'d [u8], &'d [u8], &'d [u8])>;

/// Dicts of which each side changed, added or removed other entries.
fn dict(lines: Sides<&Line<'_>>) -> Option<Vec<u8>> {
    let sides = lines.map(dict_entries).all()?;
    let mut numbers: HashMap<&[u8], u32> = HashMap::new();
    let tokens = sides.each_ref().map(|entries| keyed_tokens(entries, &mut numbers)).all()?;
    let mut merged: Vec<Vec<u8>> = Vec::new();
    for placed in align(tokens.each_ref().map(Vec::as_slice)) {
        let Placed::One(at) = placed else { return None };
        let entries = Sides::from_fn(|side| at[side].map(|at| sides[side][at]));
        let value = entries.map(|entry| entry.map(|(_, value, _)| value)).agreed()?;
        if let (Some(value), Some((_, old, whole))) = (value, entries.newest()) {
            merged.push([&whole[..whole.len() - old.len()], value].concat());
        }
    }
    Some([b"{", merged.join(&b", "[..]).as_slice(), b"}"].concat())
}

/// The entries of a value that is a dict.
fn dict_entries<'d>(line: &Line<'d>) -> Option<Entries<'d>> {
    if line.spelling != Spelling::Bracketed || !line.raw().starts_with(b"{") {
        return None;
    }
    let entry = |entry: &crate::sdn::Entry| {
        let key = entry.key?;
        let whole = Span::new(key.start, entry.value.span.end);
        Some((key.of(line.source), entry.value.span.of(line.source), whole.of(line.source)))
    };
    entries(line.source, line.value)?.iter().map(entry).collect()
}

/// Nothing if a key stands twice.
fn keyed_tokens<'d>(entries: &Entries<'d>, numbers: &mut HashMap<&'d [u8], u32>) -> Option<Vec<Token>> {
    let mut seen = HashSet::new();
    let mut token = |(key, ..): &(&'d [u8], &'d [u8], &'d [u8])| {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let id = *numbers.entry(*key).or_insert(next);
        seen.insert(id).then_some(Token { id, keyed: true, shared: true, exclusive: false })
    };
    entries.iter().map(&mut token).collect()
}
