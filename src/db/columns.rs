//! The columns of a table, and what its rows say in them.

use std::path::Path;

use super::Record;
use super::fields::{FieldError, from_row};
use crate::error::{Error, Result};
use crate::record::is_live;
use crate::sdn::{Place, Row, Spelling, Table, Value};
use crate::text::Lines;

/// What a record says in one column.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub column: String,
    pub text: String,
    /// How it is spelled; nothing if as what stands there.
    pub like: Option<Spelling>,
    /// Whether that was changed here.
    pub is_own: bool,
}

/// The columns of a table with their names. Of several with one name, the first is meant.
#[derive(Default)]
pub(super) struct Columns(Vec<(String, usize)>);

impl Columns {
    pub fn of(table: &Table<'_>) -> Self {
        let mut columns: Vec<(String, usize)> = Vec::new();
        for (position, name) in table.columns().enumerate() {
            if !columns.iter().any(|(known, _)| *known == name) {
                columns.push((name.into_owned(), position));
            }
        }
        Self(columns)
    }

    pub fn position(&self, column: &str) -> Option<usize> {
        self.0.iter().find(|(name, _)| name == column).map(|&(_, position)| position)
    }

    /// The cell of a row in this column.
    pub fn place<'d>(&self, row: &Row<'d>, column: &str) -> Option<Place<'d>> {
        let cell = row.cell(self.position(column)?)?;
        Some(Place::of_cell(cell.document(), row.piece(), cell))
    }

    /// What a row says, column by column.
    pub fn cells(&self, row: &Row<'_>) -> Vec<Cell> {
        let cell = |(name, position): &(String, usize)| {
            let value = row.cell(*position).map(|cell| cell.value());
            let text = value.map(|value| value.text().into_owned()).unwrap_or_default();
            Cell { column: name.clone(), text, like: value.map(Value::spelling), is_own: false }
        };
        self.0.iter().map(cell).collect()
    }

    /// The record that a row is.
    pub fn record<T: Record>(&self, row: &Row<'_>) -> Result<T, FieldError> {
        let value = |position| row.cell(position).map(|cell| cell.value());
        let cells: Vec<(&str, Value<'_>)> =
            self.0.iter().filter_map(|(name, position)| Some((name.as_str(), value(*position)?))).collect();
        from_row(&cells)
    }

    /// The record that a live row is; nothing if it is hidden.
    pub fn live_record<T: Record>(&self, path: &Path, table: &Table<'_>, row: &Row<'_>) -> Result<Option<T>> {
        let unreadable = |column: Option<String>, why: String| {
            let source = table.document().source();
            let line = Lines::new(source).position(row.span().start).line;
            let cell = column.as_deref().and_then(|column| row.cell(self.position(column)?));
            let value = cell.map_or_else(
                || String::from_utf8_lossy(row.span().of(source)).into_owned(),
                |cell| cell.value().text().into_owned(),
            );
            Error::UnreadableRow { path: path.to_owned(), table: table.name().into_owned(), line, column, value, why }
        };
        if let Some(trouble) = row.trouble() {
            return Err(unreadable(None, trouble));
        }
        if !is_live(table, row) {
            return Ok(None);
        }
        self.record(row).map(Some).map_err(|error| unreadable(error.column, error.why))
    }
}
