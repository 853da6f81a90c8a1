//! What is wrong with the result of a merge, though each part of it was merged as it should be.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::conflict::{Conflict, ConflictKind, Subject};
use super::keys::Reference;
use super::law::Law;
use super::sides::Sides;
use super::{Merged, Options, Strategy};
use crate::address::Address;
use crate::check::{self, Finding};
use crate::record::{Keys, Named, STRINGS, doubled, gone};
use crate::sdn::{Document, Piece, PieceKind, Table};
use crate::text::{Lines, Span};

/// What is wrong with a result: it is not valid, or has not what it must. A last line end that it needs is added.
/// `given` is theirs as it was before records got other numbers.
pub(super) fn wrong(
    documents: Sides<&Document>,
    given: &Document,
    merged: &mut Merged,
    end: &[u8],
    was_tangled: bool,
    options: &Options,
) -> Option<(ConflictKind, Subject)> {
    let mut result = Document::parse(&merged.content[..]);
    if merged.is_clean() {
        if let Some(why) = broken(documents, &result) {
            // Perhaps only because of the line end that one side took away.
            let ended = Document::parse([&merged.content, end].concat());
            if merged.content.ends_with(b"\n") || broken(documents, &ended).is_some() {
                return Some(why);
            }
            merged.content.extend(end);
            result = ended;
        }
        let why = shared_key(documents, &result, &options.keys).or_else(|| dangling(documents, &result, options));
        if why.is_some() {
            return why;
        }
    }
    let is_in_doubt = || documents.values().any(|document| is_in_disorder(document)) || has_keyless(documents, options);
    if !was_tangled && !is_in_doubt() {
        return None;
    }
    let theirs_wins = options.strategy == Strategy::LastWriteWins;
    let law = Law { keys: &options.keys, theirs_wins, is_clean: merged.is_clean() };
    let subject = law.broken(documents, given, &result)?;
    let lost = || format!("`{subject}` is lost, or stands there too often");
    Some((if theirs_wins { ConflictKind::Invalid(lost()) } else { ConflictKind::Changed }, subject))
}

/// Whether a table has no key.
pub(super) fn has_keyless(documents: Sides<&Document>, options: &Options) -> bool {
    let mut tables = documents.values().flat_map(|document| document.tables());
    tables.any(|table| options.keys.columns(&table).is_err())
}

/// What a check of the result finds that it finds on neither side.
pub(super) fn broken(documents: Sides<&Document>, result: &Document) -> Option<(ConflictKind, Subject)> {
    if check::is_valid(result) {
        return None;
    }
    let of_theirs = check::new_errors(documents.theirs, result);
    let of_ours = check::new_errors(documents.ours, result);
    let mut in_theirs: HashMap<(Span, &str), Vec<&Finding>> = HashMap::new();
    for finding in &of_theirs {
        in_theirs.entry((finding.span, &finding.subject)).or_default().push(finding);
    }
    let is_in_theirs = |finding: &Finding| {
        in_theirs.get(&(finding.span, &*finding.subject)).is_some_and(|there| there.contains(&finding))
    };
    let found = of_ours.iter().find(|finding| is_in_theirs(finding))?;
    let line = Lines::new(result.source()).position(found.span.start).line;
    Some(invalid(format!("line {line} of the merged text: {}", found.message)))
}

/// A further key of a table that two records of the result share, and no two of a side.
fn shared_key(documents: Sides<&Document>, result: &Document, keys: &Keys) -> Option<(ConflictKind, Subject)> {
    if !keys.have_others() {
        return None;
    }
    let by_address = |document| {
        let mut tables: HashMap<Address, Table<'_>> = HashMap::new();
        for table in Document::tables(document) {
            tables.entry(Address::of_table(&table)).or_insert(table);
        }
        tables
    };
    let before = documents.map(by_address);
    result.tables().find_map(|table| {
        let address = Address::of_table(&table);
        keys.others(&table).iter().find_map(|columns| {
            let new = |before: &HashMap<Address, Table<'_>>| {
                doubled(before.get(&address)?, &table, columns).map(|key| key.to_string())
            };
            let key = new(&before.ours).filter(|key| new(&before.theirs).as_ref() == Some(key))?;
            Some(invalid(format!("two records would have the key `{key}`")))
        })
    })
}

/// A reference of the result that names nothing, and on each side named something or was not there.
fn dangling(documents: Sides<&Document>, result: &Document, options: &Options) -> Option<(ConflictKind, Subject)> {
    let Sides { ours, theirs, .. } = documents;
    refers_to_gone(&[ours, theirs], result, &[ours, theirs], result, options)
}

/// A record of `result` that refers to one that was there `before`, and is gone `now`.
pub(crate) fn removed_target(
    before: &Document,
    now: &Document,
    result: &Document,
    options: &Options,
) -> Option<Conflict> {
    let (kind, subject) = refers_to_gone(&[before], now, &[now], result, options)?;
    Some(Conflict { kind, subject, clashes: Vec::new(), lines: Sides::default(), line: 1, modified: Sides::default() })
}

/// What a record of the result refers to in vain, and that was there and is not in `now`; in none of `known` does a
/// record refer to it in vain.
fn refers_to_gone<'d>(
    there: &[&'d Document],
    now: &'d Document,
    known: &[&'d Document],
    result: &'d Document,
    options: &Options,
) -> Option<(ConflictKind, Subject)> {
    // A name alone may mean something else, but for what is interned.
    let counts = |reference: &&Reference| options.references.is_some() || reference.to.0 == STRINGS;
    let documents: Vec<&'d Document> = there.iter().chain(known).copied().chain([result]).collect();
    let references = Reference::all(&documents, options.references.as_deref());
    if !references.iter().any(|reference| counts(&reference)) {
        return None;
    }
    let named = |documents: &[&'d Document]| documents.iter().map(|document| Named::of(document)).collect::<Vec<_>>();
    let (there, known, now) = (named(there), named(known), Named::of(now));
    let there: Vec<&Named<'_>> = there.iter().collect();
    let known: Vec<Unnamed<'_, '_>> = known.iter().map(Unnamed::of).collect();
    let of_result = Named::of(result);
    let result = Unnamed::of(&of_result);
    let mut all_gone: HashMap<&(String, String), Texts<'_>> = HashMap::new();
    references.iter().filter(counts).find_map(|reference| {
        let gone = all_gone.entry(&reference.to).or_insert_with(|| gone(&there, &now, &reference.to));
        if gone.is_empty() {
            return None;
        }
        let of_result = result.by(reference);
        let mut new = of_result.iter().filter(|text| gone.contains(*text)).peekable();
        new.peek()?;
        let known: Vec<Texts<'_>> = known.iter().map(|known| known.by(reference)).collect();
        let text = new.find(|text| known.iter().all(|known| !known.contains(*text)))?;
        let Reference { from: (table, column), to: (target, key) } = reference;
        Some(invalid(format!("`{table}.{column}` would refer to `{target}.{key}`, which has no `{text}`")))
    })
}

/// What stands in a column.
type Texts<'d> = BTreeSet<Cow<'d, str>>;

/// What live records of a document refer to, and no record is.
struct Unnamed<'n, 'd> {
    named: &'n Named<'d>,
    /// What stands in the columns to which others refer, as far as it was asked for.
    there: RefCell<HashMap<(String, String), Texts<'d>>>,
}

impl<'n, 'd> Unnamed<'n, 'd> {
    fn of(named: &'n Named<'d>) -> Self {
        Self { named, there: RefCell::default() }
    }

    fn by(&self, reference: &Reference) -> Texts<'d> {
        let mut all = self.there.borrow_mut();
        let there = all.entry(reference.to.clone()).or_insert_with(|| self.named.texts(&reference.to));
        let mut referring = self.named.live_texts(&reference.from);
        referring.retain(|text| !there.contains(text));
        referring
    }
}

/// Whether a document has lines that may become a part of something else when other ones come before them.
fn is_in_disorder(document: &Document) -> bool {
    let is_loose = |piece: &Piece| piece.kind == PieceKind::Other && piece.parent.is_none();
    document.first_conflict_marker().is_some() || document.pieces().iter().any(is_loose)
}

/// A result that would not be as it must.
fn invalid(what: String) -> (ConflictKind, Subject) {
    (ConflictKind::Invalid(what), Subject::Lines)
}
