//! The review of a change: what it takes away, and what comes into the way of what others have made meanwhile.

use std::collections::HashMap;

use crate::address::Paths;
use crate::check::{Finding, Rule, Severity, finding};
use crate::diff::{ChangeKind, Contents, records_by};
use crate::loss::{Limits, Loss, LossKind, losses};
use crate::record::Keys;
use crate::sdn::{Document, Seal};
use crate::text::Span;

/// By what a change is reviewed.
#[derive(Clone, Copy, Debug)]
pub struct Reviewing<'r> {
    /// How records are known.
    pub keys: &'r Keys,
    /// What may be lost. What goes beyond is an error, everything else that is lost a warning.
    pub limits: &'r Limits,
}

/// What is found in a change from `old` to `new`, in the places of `new`. With what others have made of `old` meanwhile,
/// new records whose keys are given away there too are found as well.
///
/// ```
/// use sdnlock::loss::Limits;
/// use sdnlock::record::Keys;
/// use sdnlock::review::{Reviewing, review};
/// use sdnlock::sdn::Document;
///
/// let document = |rows: &str| Document::parse(format!("t |id, s|\n{rows}"));
/// let (old, new, others) = (document("    1, x\n"), document("    2, y\n"), document("    1, x\n    2, z\n"));
/// let reviewing = Reviewing { keys: &Keys::new(), limits: &Limits::NONE };
/// let found = review(&old, &new, Some(&others), reviewing);
/// assert_eq!(found[0].message, "1 of 1 record of `t` removed: 1");
/// assert_eq!(found[1].message, "the record `t.2` is new here, and another one is new there");
/// ```
#[must_use]
pub fn review(old: &Document, new: &Document, others: Option<&Document>, reviewing: Reviewing<'_>) -> Vec<Finding> {
    let Reviewing { keys, limits } = reviewing;
    let has_settings = |document: &Document| !Contents::of(document, &mut Paths::default()).settings.is_empty();
    let says_nothing = |document: &Document| document.tables().len() == 0 && !has_settings(document);
    if says_nothing(new) && !says_nothing(old) {
        return vec![finding(Rule::DatabaseRemoved, Span::empty(0), "", "nothing stands in the database any more")];
    }
    let mut found = Vec::new();
    for loss in losses(old, new, keys, limits.only()) {
        let severity =
            if limits.refuse(loss.kind, loss.items.len(), loss.records) { Severity::Error } else { Severity::Warning };
        found.extend(told(&loss, new).into_iter().map(|found| found.with_severity(severity)));
    }
    if Seal::of(old.source()) != Seal::None && Seal::of(new.source()) == Seal::None && !new.source().is_empty() {
        found.push(finding(Rule::SealRemoved, Span::empty(0), "", "the checksum line that was there is removed"));
    }
    if let Some(others) = others {
        found.extend(taken(old, new, others, keys));
    }
    found
}

/// What is found where a database is not there any more.
#[must_use]
pub fn database_removed() -> Finding {
    finding(Rule::DatabaseRemoved, Span::empty(0), "", "the database is removed")
}

/// What is told of a loss: where many things are lost they are told together, cells one by one.
fn told(loss: &Loss, new: &Document) -> Vec<Finding> {
    let rule = match loss.kind {
        LossKind::Tables => Rule::TableRemoved,
        LossKind::Columns => Rule::ColumnRemoved,
        LossKind::Removed => Rule::RecordRemoved,
        LossKind::Renumbered => Rule::RecordRenumbered,
        LossKind::Doubled => Rule::KeyDoubled,
        LossKind::Reverted => Rule::RecordReverted,
        LossKind::Settings => Rule::SettingRemoved,
        LossKind::Changed => Rule::CellChanged,
    };
    let line = |at| rest_of_line(new.source(), at);
    if loss.kind == LossKind::Changed {
        let cells = loss.items.iter().map(|item| {
            let span = item.new.map_or(Span::empty(0), line);
            let (what, address) = match &loss.table {
                Some(table) => ("cell", format!("{table}.{}", item.name)),
                None => ("setting", item.name.clone()),
            };
            let message = format!("the {what} `{address}` changed, which was to stay");
            finding(rule, span, &address, message)
        });
        return cells.collect();
    }
    let table = loss.table.as_deref().and_then(|name| new.tables().find(|table| table.name() == name));
    let span = loss.items.iter().find_map(|item| item.new).map(line).or(table.map(|table| table.name_span()));
    vec![finding(rule, span.unwrap_or(Span::empty(0)), loss.table.as_deref().unwrap_or_default(), loss.to_string())]
}

/// New records with the keys of others that are new on the other side and say something else.
fn taken(old: &Document, new: &Document, others: &Document, keys: &Keys) -> Vec<Finding> {
    let added = |document| {
        let changes = records_by(old, document, keys).into_iter();
        changes.filter(|change| change.kind == ChangeKind::Added && change.table.is_some() && change.key.is_some())
    };
    let theirs: HashMap<String, _> = added(others).map(|change| (change.address, change.values)).collect();
    let both = added(new).filter(|change| theirs.get(&change.address).is_some_and(|values| *values != change.values));
    let source = new.source();
    let line_ends = memchr::memchr_iter(b'\n', source).map(|end| end + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(line_ends).collect();
    let found = both.map(|change| {
        let message = format!("the record `{}` is new here, and another one is new there", change.address);
        let start = change.new_line.and_then(|line| starts.get(line - 1)).copied().unwrap_or_default();
        let indentation = source[start..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        finding(Rule::KeyTaken, rest_of_line(source, start + indentation), &change.address, message)
    });
    found.collect()
}

fn rest_of_line(source: &[u8], at: usize) -> Span {
    let end = memchr::memchr(b'\n', &source[at..]).map_or(source.len(), |length| at + length);
    Span::new(at, end)
}
