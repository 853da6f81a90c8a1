//! Rows as records: which column is the key, which row is live.

use crate::sdn::{Row, Table};

/// The column that hides a row by holding `false`.
pub(crate) const VALID: &str = "valid";

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

/// The record with this key: the live row, or the last one if none is live.
pub(crate) fn find<'d>(table: &Table<'d>, key: &str) -> Result<Row<'d>, FindError<'d>> {
    let column = key_column(table).ok_or(FindError::NoColumn)?;
    let mut live = Vec::new();
    let mut dead = None;
    for row in table.rows() {
        if row.cell(column).is_none_or(|cell| cell.value().text() != key) {
            continue;
        }
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
