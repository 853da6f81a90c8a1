//! Keys that do not tell live records apart.

use std::collections::HashMap;

use super::{Key, is_live};
use crate::sdn::Table;

/// What keys do not do any more: tell live records apart.
pub(crate) enum Clash<'d> {
    /// Several have this one.
    Several(Key<'d>),
    /// Some have none.
    None,
}

/// What is so of the keys `after`, and was not of those `before`.
pub(crate) fn clash<'d>(before: &LiveKeys<'_>, after: LiveKeys<'d>) -> Option<Clash<'d>> {
    let is_more = |key: &Option<Key<'_>>, times| before.get(key).copied().unwrap_or_default() < times;
    let clashes = after.into_iter().filter(|(key, times)| (key.is_none() || *times > 1) && is_more(key, *times));
    let last = clashes.map(|(key, _)| key).max()?;
    Some(last.map_or(Clash::None, Clash::Several))
}

/// A key in these columns that live records share, and did not before, in the columns of these names. Without columns
/// there is none.
pub(crate) fn doubled<'d>(before: &Table<'_>, after: &Table<'d>, columns: &[usize]) -> Option<Key<'d>> {
    if columns.is_empty() {
        return None;
    }
    let mut now = live_keys(after, columns);
    now.remove(&None);
    let names = columns.iter().map(|&column| after.columns().nth(column));
    let columns: Option<Vec<usize>> = names.map(|name| before.column(&name?)).collect();
    match clash(&columns.map(|columns| live_keys(before, &columns)).unwrap_or_default(), now)? {
        Clash::Several(key) => Some(key),
        Clash::None => None,
    }
}

pub(crate) type LiveKeys<'d> = HashMap<Option<Key<'d>>, usize>;

/// The keys of the live records, and how often each is there.
pub(crate) fn live_keys<'d>(table: &Table<'d>, columns: &[usize]) -> LiveKeys<'d> {
    let mut times = HashMap::new();
    for row in table.rows().filter(|row| row.reading().fits() && is_live(table, row)) {
        *times.entry(Key::of(&row, columns)).or_default() += 1;
    }
    times
}
