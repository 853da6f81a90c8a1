//! Two versions of one setting: its value, or the entries of a dict on its line.

use std::collections::{HashMap, HashSet};

use super::align::{Placed, Token, align};
use super::conflict::Clash;
use super::three_way;
use crate::sdn::{Document, Spelling, Value, entries};
use crate::text::Span;

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
        let end = line.start + super::items::without_line_end(line.of(source)).len();
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
pub(super) fn merge(documents: [&Document; 3], pieces: [Option<usize>; 3], name: &str) -> Result<Vec<u8>, Vec<Clash>> {
    let line = |side: usize| pieces[side].and_then(|piece| Line::of(documents[side], piece));
    let (Some(ours), Some(theirs)) = (line(1), line(2)) else { return Err(Vec::new()) };
    let base = line(0);
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
    three_way(&base.unwrap_or(ours), ours, theirs).map(<[u8]>::to_vec)
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
    if let Some(value) = three_way(&base.raw(), our, their) {
        return Some(value.to_vec());
    }
    if base.text() == ours.text() {
        return Some(their.to_vec());
    }
    if base.text() == theirs.text() {
        return Some(our.to_vec());
    }
    dict([base, ours, theirs])
}

/// The entries of a dict on one side: key, value, and both as they stand there.
type Entries<'d> = Vec<(&'d [u8], &'d [u8], &'d [u8])>;

/// Dicts of which each side changed, added or removed other entries.
fn dict(lines: [&Line<'_>; 3]) -> Option<Vec<u8>> {
    let mut sides: Vec<Entries<'_>> = Vec::new();
    for line in lines {
        if line.spelling != Spelling::Bracketed || !line.raw().starts_with(b"{") {
            return None;
        }
        let mut found = Entries::new();
        for entry in entries(line.source, line.value)? {
            let key = entry.key?;
            let whole = Span::new(key.start, entry.value.span.end);
            found.push((key.of(line.source), entry.value.span.of(line.source), whole.of(line.source)));
        }
        sides.push(found);
    }
    let mut numbers: HashMap<&[u8], u32> = HashMap::new();
    let mut tokens: Vec<Vec<Token>> = Vec::new();
    for side in &sides {
        let mut seen: Vec<u32> = Vec::new();
        for (key, ..) in side {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            seen.push(*numbers.entry(key).or_insert(next));
        }
        if seen.iter().collect::<HashSet<_>>().len() < seen.len() {
            return None;
        }
        tokens.push(seen.into_iter().map(|id| Token { id, keyed: true, shared: true, exclusive: false }).collect());
    }
    let mut merged: Vec<Vec<u8>> = Vec::new();
    for placed in align([&tokens[0], &tokens[1], &tokens[2]]) {
        let Placed::One(at) = placed else { return None };
        let entry = |side: usize| at[side].map(|at| sides[side][at]);
        let values = [0, 1, 2].map(|side| entry(side).map(|(_, value, _)| value));
        let value = three_way(&values[0], values[1], values[2])?;
        let shown = entry(1).or(entry(2)).or(entry(0));
        if let (Some(value), Some((_, old, whole))) = (value, shown) {
            merged.push([&whole[..whole.len() - old.len()], value].concat());
        }
    }
    Some([b"{", merged.join(&b", "[..]).as_slice(), b"}"].concat())
}
