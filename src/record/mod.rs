//! Rows as records: which columns are the key, which row is live.

mod stamps;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::sdn::{Row, Table};
pub(crate) use stamps::{CREATED, LAST_MODIFIED, Stamp, TIMES, VERSION, instant};

/// The column that hides a row by holding `false`.
pub(crate) const VALID: &str = "valid";

/// Which columns are the keys of tables, where that is said: a schema says it. Of any other table it is the
/// [`key_column`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Keys(HashMap<String, Vec<String>>);

impl Keys {
    /// The keys that are the default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what the key of a table is.
    #[must_use]
    pub fn with(mut self, table: impl Into<String>, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.insert(table.into(), columns.into_iter().map(Into::into).collect());
        self
    }

    /// The columns of a table's key, if that was said.
    #[must_use]
    pub fn of(&self, table: &str) -> Option<&[String]> {
        self.0.get(table).map(Vec::as_slice)
    }

    /// The column that was said to be of a table's key and that the table does not have.
    #[must_use]
    pub fn missing(&self, table: &Table<'_>) -> Option<&str> {
        let names = self.0.get(&*table.name()).filter(|_| !table.is_typed())?;
        names.iter().map(String::as_str).find(|name| table.column(name).is_none())
    }

    /// Where the key columns of a table stand; none if it has no columns, or not those that are its key.
    #[must_use]
    pub fn columns(&self, table: &Table<'_>) -> Vec<usize> {
        match self.0.get(&*table.name()).filter(|_| !table.is_typed()) {
            Some(names) => {
                let columns: Option<Vec<usize>> = names.iter().map(|name| table.column(name)).collect();
                columns.unwrap_or_default()
            }
            None => key_column(table).into_iter().collect(),
        }
    }
}

/// The key of a row whose key columns these are: their texts, joined with `/`.
#[must_use]
pub fn key_of<'d>(row: &Row<'d>, columns: &[usize]) -> Option<Cow<'d, str>> {
    let text = |&column: &usize| row.cell(column).map(|cell| cell.value().text());
    match columns {
        [] => None,
        [column] => text(column),
        several => {
            let texts: Option<Vec<Cow<'d, str>>> = several.iter().map(text).collect();
            texts.map(|texts| Cow::Owned(texts.join("/")))
        }
    }
}

/// Position of the key column: `id` if there is one, else the first. `None` without columns.
#[must_use]
pub fn key_column(table: &Table<'_>) -> Option<usize> {
    let first = (!table.column_spans().is_empty()).then_some(0);
    if table.is_typed() { first } else { table.column("id").or(first) }
}

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

/// Why a key names no record.
#[derive(Debug)]
pub(crate) enum FindError<'d> {
    /// The table has no columns.
    NoColumn,
    /// No row has this key.
    NotFound,
    /// Several live rows have this key.
    Several(Vec<Row<'d>>),
    /// The row that seems to be meant cannot be cut into the cells of its table.
    Unreadable(Row<'d>),
}

/// The rows of the tables of a document by their keys.
///
/// A table that is looked into once is searched; of one that is looked into again all keys are noted.
#[derive(Clone, Debug)]
pub(crate) struct Index<'k> {
    keys: &'k Keys,
    /// By the piece of a table, the pieces of its rows by key; nothing for those that were looked into once.
    tables: HashMap<usize, Option<HashMap<String, Vec<usize>>>>,
}

impl<'k> Index<'k> {
    pub(crate) fn new(keys: &'k Keys) -> Self {
        Self { keys, tables: HashMap::new() }
    }

    /// Where the key columns of a table stand.
    pub(crate) fn key_columns(&self, table: &Table<'_>) -> Vec<usize> {
        self.keys.columns(table)
    }

    pub(crate) fn missing_key(&self, table: &Table<'_>) -> Option<&str> {
        self.keys.missing(table)
    }

    /// All rows with this key, in order.
    pub(crate) fn rows<'d>(&mut self, table: &Table<'d>, key: &str) -> Vec<Row<'d>> {
        let columns = self.keys.columns(table);
        let Some(noted) = self.tables.get_mut(&table.piece()) else {
            self.tables.insert(table.piece(), None);
            let has_key = |row: &Row<'d>| key_of(row, &columns).is_some_and(|of_row| of_row == key);
            return table.rows().filter(has_key).collect();
        };
        let noted = noted.get_or_insert_with(|| {
            let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
            for row in table.rows() {
                if let Some(key) = key_of(&row, &columns) {
                    rows.entry(key.into_owned()).or_default().push(row.piece());
                }
            }
            rows
        });
        noted.get(key).into_iter().flatten().filter_map(|&piece| table.row_at(piece)).collect()
    }

    /// The record with this key: the live row, or the last one if none is live.
    pub(crate) fn find<'d>(&mut self, table: &Table<'d>, key: &str) -> Result<Row<'d>, FindError<'d>> {
        if self.keys.columns(table).is_empty() {
            return Err(FindError::NoColumn);
        }
        let mut live = Vec::new();
        let mut dead = None;
        for row in self.rows(table, key) {
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
}
