//! Rows as records: which columns are the key, which row is live.

mod clashes;
mod key;
mod key_columns;
mod stamps;
mod texts;
mod time_style;

use std::collections::HashMap;

use crate::sdn::{Row, Table};
pub(crate) use clashes::{Clash, clash, doubled, live_keys};
pub use key::Key;
pub(crate) use key::{content, parts, quoted, unquoted};
pub use key_columns::{Keys, NoKey};
pub(crate) use key_columns::{certain_key, counts_up, distinct, plurals};
pub(crate) use stamps::{CREATED, LAST_MODIFIED, Stamp, TIMES, VERSION, instant};
pub(crate) use texts::{Named, gone};
pub(crate) use time_style::TimeStyle;

/// The column that hides a row by holding `false`.
pub const VALID: &str = "valid";

/// The table of interned texts: columns whose names end in `_str` refer to their ids, which begin at 0.
pub const STRINGS: &str = "strings";

/// Whether a row is live: its column `valid` does not say `false`, or there is no such column.
#[must_use]
pub fn is_live(table: &Table<'_>, row: &Row<'_>) -> bool {
    !is_hidden(row, hiding_column(table))
}

/// Position of the column `valid`, if there is one.
pub(crate) fn hiding_column(table: &Table<'_>) -> Option<usize> {
    if table.is_typed() { None } else { table.column(VALID) }
}

/// Whether the column `valid`, if there is one, says `false`.
pub(crate) fn is_hidden(row: &Row<'_>, valid: Option<usize>) -> bool {
    valid.and_then(|position| row.cell(position)).is_some_and(|cell| cell.value().text() == "false")
}

/// Why a text names no record.
#[derive(Debug)]
pub(crate) enum FindError<'d> {
    /// The table has no key.
    NoKey(NoKey),
    /// No row has this key.
    NotFound,
    /// Several live rows have this key.
    Several(Vec<Row<'d>>),
    /// Several keys come to this, unless their parts are put in quotes.
    Ambiguous(Vec<Key<'d>>),
    /// The row that seems to be meant cannot be cut into the cells of its table.
    Unreadable(Row<'d>),
}

/// The rows of the tables of a document by their keys.
///
/// A table that is looked into once is searched; of one that is looked into again all keys are noted.
#[derive(Clone, Debug)]
pub(crate) struct Index<'d, 'k> {
    keys: &'k Keys,
    /// By the piece of a table.
    tables: HashMap<usize, Noted<'d>>,
}

/// What is known of a table.
#[derive(Clone, Debug)]
struct Noted<'d> {
    columns: Result<Vec<usize>, NoKey>,
    /// The keys as they are written, but without quotes, and the pieces of the rows that have them; nothing if the
    /// table was looked into only once.
    rows: Option<HashMap<String, Vec<(Key<'d>, usize)>>>,
}

impl<'d, 'k> Index<'d, 'k> {
    pub(crate) fn new(keys: &'k Keys) -> Self {
        Self { keys, tables: HashMap::new() }
    }

    /// Where the key columns of a table stand.
    pub(crate) fn key_columns(&mut self, table: &Table<'d>) -> Result<&[usize], &NoKey> {
        self.noted(table).columns.as_deref()
    }

    fn noted(&mut self, table: &Table<'d>) -> &mut Noted<'d> {
        let keys = self.keys;
        self.tables.entry(table.piece()).or_insert_with(|| Noted { columns: keys.columns(table), rows: None })
    }

    /// All rows whose keys are written like this, or would be without quotes, in order.
    fn written(&mut self, table: &Table<'d>, text: &str) -> Result<Vec<(Key<'d>, Row<'d>)>, NoKey> {
        let is_known = self.tables.contains_key(&table.piece());
        let noted = self.noted(table);
        let columns = noted.columns.clone()?;
        // Quotes may be those of the parts, or stand in the key itself.
        let plain = parts(text).map(|parts| parts.join("/"));
        let is_written = |joined: &str| joined == text || plain.as_deref() == Some(joined);
        let keyed = |row: Row<'d>| Key::of(&row, &columns).map(|key| (key, row));
        let found: Vec<(Key<'d>, Row<'d>)> = if is_known {
            let rows = noted.rows.get_or_insert_with(|| {
                let mut rows: HashMap<String, Vec<(Key<'d>, usize)>> = HashMap::new();
                for (key, row) in table.rows().filter_map(keyed) {
                    rows.entry(key.joined().into_owned()).or_default().push((key, row.piece()));
                }
                rows
            });
            let found =
                [Some(text), plain.as_deref()].into_iter().flatten().filter_map(|text| rows.get(text)).flatten();
            found.filter_map(|(key, piece)| Some((key.clone(), table.row_at(*piece)?))).collect()
        } else {
            table.rows().filter_map(keyed).filter(|(key, _)| is_written(&key.joined())).collect()
        };
        let exact: Vec<_> = found.iter().filter(|(key, _)| key.to_string() == text).cloned().collect();
        Ok(if exact.is_empty() { found } else { exact })
    }

    /// The record with this key: the live row, or the last one if none is live.
    ///
    /// The key is written as [`Key`] shows it; the quotes may be left out where no other key is meant then.
    pub(crate) fn find(&mut self, table: &Table<'d>, key: &str) -> Result<Row<'d>, FindError<'d>> {
        let written = self.written(table, key).map_err(FindError::NoKey)?;
        let mut keys: Vec<Key<'d>> = written.iter().map(|(key, _)| key.clone()).collect();
        keys.sort();
        keys.dedup();
        if keys.len() > 1 {
            return Err(FindError::Ambiguous(keys));
        }
        let mut live = Vec::new();
        let mut dead = None;
        for (_, row) in written {
            if !row.reading().fits() {
                return Err(FindError::Unreadable(row));
            }
            if is_live(table, &row) {
                live.push(row);
            } else {
                dead = Some(row);
            }
        }
        match live.len() {
            0 => dead.ok_or(FindError::NotFound),
            1 => Ok(live.remove(0)),
            _ => Err(FindError::Several(live)),
        }
    }

    /// All rows of a record: the row itself, and those with its key.
    pub(crate) fn all_of(&mut self, table: &Table<'d>, row: &Row<'d>) -> Vec<Row<'d>> {
        let key = self.key_columns(table).ok().and_then(|columns| Key::of(row, columns));
        let Some(key) = key else { return vec![row.clone()] };
        let same = self.written(table, &key.to_string()).unwrap_or_default();
        same.into_iter().filter(|(of, _)| *of == key).map(|(_, row)| row).collect()
    }
}
