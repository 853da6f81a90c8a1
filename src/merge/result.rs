//! What is wrong with the result of a merge, though each part of it was merged as it should be.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::conflict::{Conflict, ConflictKind, Subject};
use super::keys::Reference;
use super::law::Law;
use super::sides::Sides;
use super::{Merged, Options, Strategy};
use crate::address::Address;
use crate::check;
use crate::record::{Keys, STRINGS, doubled, gone, is_live, texts};
use crate::sdn::{Document, Piece, PieceKind};
use crate::text::Lines;

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
    let found = of_ours.into_iter().find(|finding| of_theirs.contains(finding))?;
    let line = Lines::new(result.source()).position(found.span.start).line;
    Some(invalid(format!("line {line} of the merged text: {}", found.message)))
}

/// A further key of a table that two records of the result share, and no two of a side.
fn shared_key(documents: Sides<&Document>, result: &Document, keys: &Keys) -> Option<(ConflictKind, Subject)> {
    if !keys.have_others() {
        return None;
    }
    result.tables().find_map(|table| {
        let address = Address::of_table(&table);
        keys.others(&table).iter().find_map(|columns| {
            let new = |document: &Document| {
                let before = document.tables().find(|before| Address::of_table(before) == address)?;
                doubled(&before, &table, columns).map(|key| key.to_string())
            };
            let key = new(documents.ours).filter(|key| new(documents.theirs).as_ref() == Some(key))?;
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
fn refers_to_gone(
    there: &[&Document],
    now: &Document,
    known: &[&Document],
    result: &Document,
    options: &Options,
) -> Option<(ConflictKind, Subject)> {
    // A name alone may mean something else, but for what is interned.
    let counts = |reference: &&Reference| options.references.is_some() || reference.to.0 == STRINGS;
    let documents: Vec<&Document> = there.iter().chain(known).copied().chain([result]).collect();
    let references = Reference::all(&documents, options.references.as_deref());
    let mut all_gone: HashMap<&(String, String), BTreeSet<Cow<'_, str>>> = HashMap::new();
    references.iter().filter(counts).find_map(|reference| {
        let gone = all_gone.entry(&reference.to).or_insert_with(|| gone(there, now, &reference.to));
        if gone.is_empty() {
            return None;
        }
        let known: Vec<BTreeSet<Cow<'_, str>>> = known.iter().map(|known| unnamed(known, reference)).collect();
        let mut new = unnamed(result, reference).into_iter();
        let text = new.find(|text| gone.contains(text) && known.iter().all(|known| !known.contains(text)))?;
        let Reference { from: (table, column), to: (target, key) } = reference;
        Some(invalid(format!("`{table}.{column}` would refer to `{target}.{key}`, which has no `{text}`")))
    })
}

/// What live records refer to, and no record is.
fn unnamed<'d>(document: &'d Document, reference: &Reference) -> BTreeSet<Cow<'d, str>> {
    let mut referring = texts(document, &reference.from, is_live);
    let there = texts(document, &reference.to, |_, _| true);
    referring.retain(|text| !there.contains(text));
    referring
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
