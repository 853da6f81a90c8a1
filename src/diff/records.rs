//! The difference of two documents by records and settings, as data.

use std::collections::{HashMap, HashSet, VecDeque};

use super::columns::{Columns, Position};
use crate::address::Address;
use crate::record::{Key, Keys, is_live};
use crate::sdn::{Document, PieceKind, Row, Table};
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

/// Blocks deeper than this are not looked into.
const MOST_DEPTH: usize = 64;

/// What a document holds that has a name.
#[derive(Default)]
struct Contents<'d> {
    tables: Vec<(Address, Table<'d>)>,
    settings: Vec<(Address, Setting)>,
    by_name: HashMap<String, usize>,
}

struct Setting {
    name: String,
    value: String,
    at: usize,
}

impl<'d> Contents<'d> {
    fn of(document: &'d Document) -> Self {
        let mut contents = Self::default();
        contents.block(document, None, None, 0);
        contents.by_name =
            contents.tables.iter().enumerate().map(|(at, (address, _))| (address.to_string(), at)).collect();
        contents
    }

    fn table(&self, address: &Address) -> Option<&Table<'d>> {
        self.by_name.get(&address.to_string()).map(|&at| &self.tables[at].1)
    }

    /// Names that stand twice in a block name nothing but their first occurrence.
    fn block(&mut self, document: &'d Document, parent: Option<usize>, within: Option<&Address>, depth: usize) {
        let mut seen = HashSet::new();
        let source = document.source();
        for piece in document.children(parent) {
            let line = document.setting_line(&document.pieces()[piece]);
            let table = document.table_at(piece);
            let span = match (&line, &table) {
                (Some(line), _) => line.key,
                (_, Some(table)) => table.name_span(),
                _ => continue,
            };
            let name = String::from_utf8_lossy(span.of(source)).into_owned();
            if !seen.insert(name.clone()) {
                continue;
            }
            let address = match within {
                Some(within) => within.clone().with(name.clone()),
                None => Address::of(name.clone()),
            };
            if let Some(table) = table {
                self.tables.push((address, table));
            } else if let Some(line) = line {
                let value = line.value.span.of(source);
                let is_block = document.pieces()[piece].end > piece + 1 && depth < MOST_DEPTH;
                if is_block {
                    self.block(document, Some(piece), Some(&address), depth + 1);
                }
                if !is_block || !value.is_empty() {
                    let value = crate::sdn::Value::new(value, line.value.spelling).text().into_owned();
                    self.settings.push((address, Setting { name, value, at: span.start }));
                }
            }
        }
    }
}

struct Comparison<'s> {
    keys: &'s Keys,
    old_lines: Lines<'s>,
    new_lines: Lines<'s>,
    changes: Vec<Change>,
}

/// A row and what it is known by.
struct Known<'d> {
    row: Row<'d>,
    /// Among the rows of its table, from 0.
    number: usize,
    key: Option<Key<'d>>,
    is_live: bool,
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
        let same_header = match (old, new) {
            (Some(old), Some(new)) => old.columns().eq(new.columns()),
            _ => false,
        };
        let texts = |table: Option<&Table<'s>>| table.map(row_texts).unwrap_or_default();
        let (mut old_texts, mut new_texts) = (texts(old), texts(new));
        // Rows that stand there word for word are left out before any is read, first those at both ends.
        let mut same: HashMap<&[u8], usize> = HashMap::new();
        if same_header {
            let equal = |(old, new): &(&RowText<'_>, &RowText<'_>)| old.text == new.text;
            let tail = old_texts.iter().rev().zip(new_texts.iter().rev()).take_while(equal).count();
            old_texts.truncate(old_texts.len() - tail);
            new_texts.truncate(new_texts.len() - tail);
            let head = old_texts.iter().zip(&new_texts).take_while(equal).count();
            old_texts.drain(..head);
            new_texts.drain(..head);
            for row in &old_texts {
                *same.entry(row.text).or_default() += 1;
            }
        }
        let mut kept: HashMap<&[u8], usize> = HashMap::new();
        let mut take = |text| match same.get_mut(text) {
            Some(count) if *count > 0 => {
                *count -= 1;
                *kept.entry(text).or_default() += 1;
                true
            }
            _ => false,
        };
        // A table has a key if each version of it has one.
        let columns = |table: Option<&Table<'s>>| table.map(|table| self.keys.columns(table));
        let (old_columns, new_columns) = (columns(old), columns(new));
        let is_keyed = [&old_columns, &new_columns].into_iter().flatten().all(Result::is_ok);
        let key = |columns: Option<Result<Vec<usize>, _>>| columns.and_then(Result::ok).filter(|_| is_keyed);
        let (old_key, new_key) = (key(old_columns).unwrap_or_default(), key(new_columns).unwrap_or_default());
        let new_rows = new.map(|new| known(new, &new_key, &new_texts, &mut take)).unwrap_or_default();
        let mut was_kept = |text: &[u8]| match kept.get_mut(text) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        };
        let mut left: Vec<Option<Known<'_>>> = old
            .map(|old| known(old, &old_key, &old_texts, &mut was_kept))
            .unwrap_or_default()
            .into_iter()
            .map(Some)
            .collect();
        let without_key = |known: &&Known<'_>| known.key.is_none();
        let in_order = new_rows.iter().filter(without_key).count() == left.iter().flatten().filter(without_key).count();
        let mut by_key: HashMap<(Option<Key<'s>>, bool), VecDeque<usize>> = HashMap::new();
        for (at, known) in left.iter().flatten().enumerate() {
            by_key.entry((known.key.clone(), known.is_live)).or_default().push_back(at);
        }
        let mut take = |now: &Known<'s>, is_live: bool| {
            let may_be_taken = now.key.is_some() || in_order;
            by_key.get_mut(&(now.key.clone(), is_live)).filter(|_| may_be_taken)?.pop_front()
        };
        let as_live: Vec<Option<usize>> = new_rows.iter().map(|now| take(now, now.is_live)).collect();
        let columns = Columns::of(old.map(|old| (old, &*old_key)), new.map(|new| (new, &*new_key)));
        for (now, found) in new_rows.iter().zip(as_live) {
            let was = found.or_else(|| take(now, !now.is_live)).and_then(|at| left[at].take());
            self.record(address, &columns, was.as_ref(), Some(now));
        }
        for was in left.into_iter().flatten() {
            self.record(address, &columns, Some(&was), None);
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

/// A row below the header, which need not be cut to be compared.
#[derive(Clone, Copy)]
struct RowText<'d> {
    piece: usize,
    /// Among the rows of its table, from 0.
    number: usize,
    /// Its text without indentation and line end.
    text: &'d [u8],
}

fn row_texts<'d>(table: &Table<'d>) -> Vec<RowText<'d>> {
    let document = table.document();
    let pieces = document.pieces();
    let first = table.piece() + 1;
    let behind_header = usize::from(table.row_at(table.piece()).is_some());
    let rows = (first..pieces[table.piece()].end).filter(|&at| pieces[at].kind == PieceKind::Row).enumerate();
    rows.map(|(number, piece)| RowText {
        piece,
        number: number + behind_header,
        text: document.body(&pieces[piece]).of(document.source()),
    })
    .collect()
}

/// Of these rows of a table those that are not left out, and the one behind its header.
fn known<'d>(
    table: &Table<'d>,
    key: &[usize],
    texts: &[RowText<'d>],
    is_left_out: &mut dyn FnMut(&'d [u8]) -> bool,
) -> Vec<Known<'d>> {
    let behind_header = table.row_at(table.piece()).map(|row| (0, row));
    let below = texts.iter().filter(|row| !is_left_out(row.text));
    let below = below.filter_map(|row| Some((row.number, table.row_at(row.piece)?)));
    let rows = behind_header.into_iter().chain(below);
    rows.map(|(number, row)| Known { number, key: Key::of(&row, key), is_live: is_live(table, &row), row }).collect()
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
