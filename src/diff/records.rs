//! The difference of two documents by records and settings, as data.

use std::collections::HashMap;

use super::change::{Change, ChangeKind, Counts, Difference, ValueChange, What};
use super::columns::{Columns, Position};
use super::contents::{Contents, Setting};
use super::pairs::{Known, Pair, pairs};
use crate::address::{Path, Paths};
use crate::record::{Key, Keys};
use crate::sdn::{Document, Table};
use crate::text::Lines;

/// The records and settings that differ, in the order of the new document; behind them those that are gone.
///
/// Records are told apart by their keys. One that only moved, or is written in another way, does not differ. Of
/// several rows with one key those that say the same belong together, then the live ones. Rows without a key are
/// versions of each other in their order, if as many went as came.
///
/// ```
/// use sdnlock::diff::{ChangeKind, records};
/// use sdnlock::sdn::Document;
///
/// let old = Document::parse("t |id, s|\n    1, open\n    2, open\n");
/// let new = Document::parse("t |id, s|\n    2, open\n    1, done\n");
/// let changes = records(&old, &new);
/// assert_eq!(changes.len(), 1);
/// assert_eq!((changes[0].kind, changes[0].address.as_str()), (ChangeKind::Changed, "t.1"));
/// assert_eq!(changes[0].values[0].new.as_deref(), Some("done"));
/// ```
#[must_use]
pub fn records(old: &Document, new: &Document) -> Vec<Change> {
    records_by(old, new, &Keys::new())
}

/// As [`records`], where these are the keys of tables.
#[must_use]
pub fn records_by(old: &Document, new: &Document, keys: &Keys) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut last = None;
    compare(old, new, keys, |difference, paths| changes.push(difference.told(paths, &mut last)));
    changes
}

/// How many records, and how many settings, differ in which way.
///
/// ```
/// use sdnlock::diff::{ChangeKind, counted_by};
/// use sdnlock::record::Keys;
/// use sdnlock::sdn::Document;
///
/// let old = Document::parse("t |id, s|\n    1, open\n    2, open\n");
/// let new = Document::parse("t |id, s|\n    1, done\n    2, done\nport: 80\n");
/// let counts = counted_by(&old, &new, &Keys::new());
/// assert_eq!((counts.records(ChangeKind::Changed), counts.settings(ChangeKind::Added)), (2, 1));
/// ```
#[must_use]
pub fn counted_by(old: &Document, new: &Document, keys: &Keys) -> Counts {
    let mut counts = Counts::default();
    compare(old, new, keys, |difference, _| counts.add(&difference));
    counts
}

/// Finds what differs, in the order in which it is told.
fn compare(old: &Document, new: &Document, keys: &Keys, tell: impl FnMut(Difference, &Paths)) {
    let mut paths = Paths::default();
    let before = Contents::of(old, &mut paths);
    let after = Contents::of(new, &mut paths);
    let mut comparison = Comparison {
        keys,
        old_lines: Lines::new(old.source()),
        new_lines: Lines::new(new.source()),
        paths: &paths,
        tell,
    };
    for (path, table) in &after.tables {
        comparison.table(*path, before.table(*path), Some(table));
    }
    for (path, table) in before.tables.iter().filter(|(path, _)| after.table(*path).is_none()) {
        comparison.table(*path, Some(table), None);
    }
    comparison.settings(&before, &after);
}

struct Comparison<'s, T> {
    keys: &'s Keys,
    old_lines: Lines<'s>,
    new_lines: Lines<'s>,
    paths: &'s Paths,
    /// Is given each difference.
    tell: T,
}

/// What became of something that was there, or is.
fn kind(was: bool, is: bool) -> ChangeKind {
    match (was, is) {
        (false, _) => ChangeKind::Added,
        (_, false) => ChangeKind::Removed,
        _ => ChangeKind::Changed,
    }
}

impl<'s, T: FnMut(Difference, &Paths)> Comparison<'s, T> {
    fn table(&mut self, path: Path, old: Option<&Table<'s>>, new: Option<&Table<'s>>) {
        // A table has a key if each version of it has one.
        let columns = |table: Option<&Table<'s>>| table.map(|table| self.keys.columns(table));
        let (old_columns, new_columns) = (columns(old), columns(new));
        let is_keyed = [&old_columns, &new_columns].into_iter().flatten().all(Result::is_ok);
        let key = |columns: Option<Result<Vec<usize>, _>>| columns.and_then(Result::ok).filter(|_| is_keyed);
        let (old_key, new_key) = (key(old_columns).unwrap_or_default(), key(new_columns).unwrap_or_default());
        let (old, new) = (old.map(|old| (old, &*old_key)), new.map(|new| (new, &*new_key)));
        let columns = Columns::of(old, new);
        for Pair { old, new } in pairs(old, new) {
            self.record(path, &columns, old.as_ref(), new.as_ref());
        }
    }

    fn record(&mut self, table: Path, columns: &Columns, old: Option<&Known<'_>>, new: Option<&Known<'_>>) {
        let versions = || [new, old].into_iter().flatten();
        let Some(known) = versions().next() else { return };
        let kind = kind(old.is_some(), new.is_some());
        let rows = [old, new].map(|known| known.map(|known| &known.row));
        let values = columns.within(rows[0], rows[1]).filter_map(|column| {
            // A column of the other version alone says nothing of a record that is not in it.
            let (old, new) = (old.zip(column.old), new.zip(column.new));
            let text = |(known, position): (&Known<'_>, Position)| {
                known.row.cell(position.at).map(|cell| cell.value().text().into_owned())
            };
            let is_key = [old, new].into_iter().flatten().any(|(_, position)| position.is_key);
            let (old, new) = (old.and_then(text), new.and_then(text));
            (old != new).then(|| ValueChange { name: column.name.clone(), old, new, is_key })
        });
        let values: Vec<ValueChange> = values.collect();
        if values.is_empty() && kind == ChangeKind::Changed {
            return;
        }
        let line = |lines: &Lines<'_>, known: &Known<'_>| lines.position(known.row.span().start).line;
        let old_line = old.map(|old| line(&self.old_lines, old));
        let new_line = new.map(|new| line(&self.new_lines, new));
        let key = known.key.as_ref().map(Key::to_string);
        // By the key of a hidden row another one may be meant.
        let is_named = key.is_some() && versions().any(|version| version.is_live);
        let number = (!is_named).then_some(known.number);
        let what = What::Record { table, key, number };
        (self.tell)(Difference { kind, what, values, old_line, new_line }, self.paths);
    }

    fn settings(&mut self, before: &Contents<'_>, after: &Contents<'_>) {
        let by_path = |contents: &Contents<'_>| -> HashMap<Path, usize> {
            contents.settings.iter().enumerate().map(|(at, (path, _))| (*path, at)).collect()
        };
        let (old, new) = (by_path(before), by_path(after));
        for (path, setting) in &after.settings {
            let was = old.get(path).map(|&at| &before.settings[at].1);
            if was.is_none_or(|was| was.value != setting.value) {
                self.setting(*path, was, Some(setting));
            }
        }
        for (path, setting) in before.settings.iter().filter(|(path, _)| !new.contains_key(path)) {
            self.setting(*path, Some(setting), None);
        }
    }

    fn setting(&mut self, path: Path, old: Option<&Setting>, new: Option<&Setting>) {
        let Some(name) = new.or(old).map(|setting| setting.name.clone()) else { return };
        let kind = kind(old.is_some(), new.is_some());
        let value = |setting: Option<&Setting>| setting.map(|setting| setting.value.clone());
        let values = vec![ValueChange { name, old: value(old), new: value(new), is_key: false }];
        let old_line = old.map(|old| self.old_lines.position(old.at).line);
        let new_line = new.map(|new| self.new_lines.position(new.at).line);
        (self.tell)(Difference { kind, what: What::Setting(path), values, old_line, new_line }, self.paths);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(old: &str, new: &str) -> Vec<String> {
        let shown = |change: &Change| {
            let values = change.values.iter().map(|value| {
                format!(
                    "{}: {} -> {}",
                    value.name,
                    value.old.as_deref().unwrap_or("."),
                    value.new.as_deref().unwrap_or(".")
                )
            });
            let lines = [change.old_line, change.new_line].map(|line| line.unwrap_or(0));
            format!("{:?} {} {lines:?} {}", change.kind, change.address, values.collect::<Vec<_>>().join(", "))
        };
        records(&Document::parse(old), &Document::parse(new)).iter().map(shown).collect()
    }

    #[test]
    fn records_that_moved_or_are_written_otherwise_do_not_differ() {
        let old = "t |id, a|\n    1, x\n    2, \"y\"\n    3, z\n";
        let new = "# note\nt |id, a|\n    3,   z   # why\n    1, x\n\n    2, y\n";
        assert_eq!(changes(old, new), [""; 0]);
    }

    #[test]
    fn what_was_added_removed_and_changed_is_told() {
        let old = "t |id, a, b|\n    1, x, y\n    2, x, y\nport: 1\ns:\n    a: 1\n    b: 2\n";
        let new = "t |id, a, b|\n    3, n, m\n    1, X, y\nport: 2\ns:\n    a: 1\n    c.d: 3\nu |k|\n    1\n";
        assert_eq!(
            changes(old, new),
            [
                "Added t.3 [0, 2] id: . -> 3, a: . -> n, b: . -> m",
                "Changed t.1 [2, 3] a: x -> X",
                "Removed t.2 [3, 0] id: 2 -> ., a: x -> ., b: y -> .",
                "Added u.1 [0, 9] k: . -> 1",
                "Changed port [4, 4] port: 1 -> 2",
                "Added s.\"c.d\" [0, 7] c.d: . -> 3",
                "Removed s.b [7, 0] b: 2 -> .",
            ]
        );
    }

    #[test]
    fn live_rows_are_versions_of_each_other_and_columns_are_told_by_name() {
        let old = "t |id, a, valid|\n    1, x, true\n";
        let new = "t |id, a, valid|\n    1, x, false\n    1, y, true\n";
        assert_eq!(
            changes(old, new),
            ["Added t[0] [0, 2] id: . -> 1, a: . -> x, valid: . -> false", "Changed t.1 [2, 3] a: x -> y"]
        );
        assert_eq!(
            changes("t |id, a|\n    1, x\n", "t |id, b, a|\n    1, new, x\n"),
            ["Changed t.1 [2, 2] b: . -> new"]
        );
        assert_eq!(
            changes("g: table{i32, i32}\n    1, 0\n", "g: table{i32, i32}\n    1, 2\n"),
            ["Changed g[0] [2, 2] [1]: 0 -> 2"]
        );
    }
}
