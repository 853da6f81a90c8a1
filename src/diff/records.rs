//! The difference of two documents by records and settings, as data.

use std::collections::HashMap;

use super::columns::{Columns, Position};
use super::contents::{Contents, Setting};
use super::pairs::{Known, Pair, pairs};
use crate::address::Address;
use crate::record::{Key, Keys};
use crate::sdn::{Document, Table};
use crate::text::Lines;

/// What became of a record or setting.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

/// A record or setting that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What became of it.
    pub kind: ChangeKind,
    /// The table of a record; nothing for a setting.
    pub table: Option<String>,
    /// The key of the record, if it has one; the address of the setting.
    pub key: Option<String>,
    /// Its address.
    pub address: String,
    /// What differs: of a record that was changed the cells that were, of others all; of a setting its value.
    pub values: Vec<ValueChange>,
    /// Its line in the old document, from 1.
    pub old_line: Option<usize>,
    /// Its line in the new document, from 1.
    pub new_line: Option<usize>,
}

/// A cell or value that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueChange {
    /// The column; for a setting its last name.
    pub name: String,
    /// What it said; nothing if it was not there.
    pub old: Option<String>,
    /// What it says.
    pub new: Option<String>,
    /// Whether it is a part of the record's key.
    pub is_key: bool,
}

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
    let mut comparison = Comparison {
        keys,
        old_lines: Lines::new(old.source()),
        new_lines: Lines::new(new.source()),
        changes: Vec::new(),
    };
    let (before, after) = (Contents::of(old), Contents::of(new));
    for (address, table) in &after.tables {
        comparison.table(address, before.table(address), Some(table));
    }
    for (address, table) in before.tables.iter().filter(|(address, _)| after.table(address).is_none()) {
        comparison.table(address, Some(table), None);
    }
    comparison.settings(&before, &after);
    comparison.changes
}

struct Comparison<'s> {
    keys: &'s Keys,
    old_lines: Lines<'s>,
    new_lines: Lines<'s>,
    changes: Vec<Change>,
}

/// What became of something that was there, or is.
fn kind(was: bool, is: bool) -> ChangeKind {
    match (was, is) {
        (false, _) => ChangeKind::Added,
        (_, false) => ChangeKind::Removed,
        _ => ChangeKind::Changed,
    }
}

impl<'s> Comparison<'s> {
    fn table(&mut self, address: &Address, old: Option<&Table<'s>>, new: Option<&Table<'s>>) {
        // A table has a key if each version of it has one.
        let columns = |table: Option<&Table<'s>>| table.map(|table| self.keys.columns(table));
        let (old_columns, new_columns) = (columns(old), columns(new));
        let is_keyed = [&old_columns, &new_columns].into_iter().flatten().all(Result::is_ok);
        let key = |columns: Option<Result<Vec<usize>, _>>| columns.and_then(Result::ok).filter(|_| is_keyed);
        let (old_key, new_key) = (key(old_columns).unwrap_or_default(), key(new_columns).unwrap_or_default());
        let (old, new) = (old.map(|old| (old, &*old_key)), new.map(|new| (new, &*new_key)));
        let columns = Columns::of(old, new);
        for Pair { old, new } in pairs(old, new) {
            self.record(address, &columns, old.as_ref(), new.as_ref());
        }
    }

    fn record(&mut self, table: &Address, columns: &Columns, old: Option<&Known<'_>>, new: Option<&Known<'_>>) {
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
        let address = match &key {
            Some(key) if versions().any(|version| version.is_live) => table.clone().with(key),
            _ => table.clone().at(known.number),
        };
        let table = Some(table.to_string());
        self.changes.push(Change { kind, table, key, address: address.to_string(), values, old_line, new_line });
    }

    fn settings(&mut self, before: &Contents<'_>, after: &Contents<'_>) {
        let by_address = |contents: &Contents<'_>| -> HashMap<String, usize> {
            contents.settings.iter().enumerate().map(|(at, (address, _))| (address.to_string(), at)).collect()
        };
        let (old, new) = (by_address(before), by_address(after));
        for (address, setting) in &after.settings {
            let address = address.to_string();
            let was = old.get(&address).map(|&at| &before.settings[at].1);
            if was.is_none_or(|was| was.value != setting.value) {
                self.setting(address, was, Some(setting));
            }
        }
        for (address, setting) in &before.settings {
            let address = address.to_string();
            if !new.contains_key(&address) {
                self.setting(address, Some(setting), None);
            }
        }
    }

    fn setting(&mut self, address: String, old: Option<&Setting>, new: Option<&Setting>) {
        let Some(name) = new.or(old).map(|setting| setting.name.clone()) else { return };
        let kind = kind(old.is_some(), new.is_some());
        let value = |setting: Option<&Setting>| setting.map(|setting| setting.value.clone());
        let values = vec![ValueChange { name, old: value(old), new: value(new), is_key: false }];
        let old_line = old.map(|old| self.old_lines.position(old.at).line);
        let new_line = new.map(|new| self.new_lines.position(new.at).line);
        self.changes.push(Change {
            kind,
            table: None,
            key: Some(address.clone()),
            address,
            values,
            old_line,
            new_line,
        });
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
