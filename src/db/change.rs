//! A record that was changed here, and its row.

use std::borrow::Cow;

use super::columns::{Cell, Columns};
use super::state::Slot;
use crate::record::{Stamp, TIMES, VALID};
use crate::sdn::{Edit, EditError, NewCell, Row, Table};
use crate::update::ColumnTimes;

/// The columns of a table that say when a record was changed, and how they say it.
pub(super) struct Times(Vec<(&'static str, ColumnTimes)>);

impl Times {
    pub fn of(table: &Table<'_>) -> Self {
        let columns = TIMES.iter().filter(|column| table.column(column).is_some());
        Self(columns.map(|&column| (column, ColumnTimes::of_table(table, column))).collect())
    }
}

/// A record that was changed here.
pub(super) struct RowChange<'s, T> {
    pub slot: &'s Slot<T>,
    /// What it said when it was loaded; nothing of a new one.
    pub base: Option<Vec<Cell>>,
    /// What it says here; nothing if it was deleted.
    pub ours: Option<Vec<Cell>>,
    /// The piece of its row in what the file holds now, if it has one.
    pub row: Option<usize>,
}

impl<T> RowChange<'_, T> {
    /// Whether nothing was changed at all.
    pub fn is_none(&self) -> bool {
        match &self.ours {
            None => self.base.is_none(),
            Some(ours) => self.base.is_some() && ours.iter().all(|cell| !cell.is_own),
        }
    }

    /// Whether the row says all that was changed here already, since somebody else made the same of it; with `whole`,
    /// whether nothing else was made of it either. What is deleted here is hidden there, if it has a row at all.
    pub fn is_made(&self, row: Option<&Row<'_>>, columns: &Columns, whole: bool) -> bool {
        let Some(row) = row else { return self.ours.is_none() };
        let text = |column: &str| columns.place(row, column).map(|place| place.value().text()).unwrap_or_default();
        let is_said = |cell: &Cell| text(&cell.column) == cell.text;
        let counts = |cell: &&Cell| match Stamp::of(&cell.column) {
            // A record that says nothing of its changes does not say that there were none.
            Some(_) => cell.is_own && !cell.text.is_empty(),
            None => (cell.is_own || whole) && (self.ours.is_some() || cell.column != VALID),
        };
        self.ours.iter().chain(self.base.iter().filter(|_| self.ours.is_none())).flatten().filter(counts).all(is_said)
    }

    /// Puts the record into the table as it was loaded.
    pub fn write_base<'d>(&self, table: &Table<'d>, columns: &Columns, edit: &mut Edit<'d>) -> Result<(), EditError> {
        let row = self.row.and_then(|row| table.row_at(row));
        match (&self.base, row) {
            (None, None) => Ok(()),
            (None, Some(row)) => edit.remove_row(&row),
            (Some(cells), Some(row)) => set(&row, columns, cells, edit),
            (Some(cells), None) => edit.append_row(table, new_row(table, columns, cells)),
        }
    }

    /// Puts the record into the table as it is here, with the time of the change.
    pub fn write_ours<'d>(
        &self,
        table: &Table<'d>,
        columns: &Columns,
        times: &Times,
        edit: &mut Edit<'d>,
    ) -> Result<(), EditError> {
        let row = self.row.and_then(|row| table.row_at(row));
        let cells = match (&self.ours, &self.base) {
            (Some(ours), _) => Cow::Borrowed(ours),
            // Where it can be, it is hidden.
            (None, Some(base)) if columns.position(VALID).is_some() => {
                let hidden = Cell { column: VALID.to_owned(), text: "false".to_owned(), like: None, is_own: true };
                let others = base.iter().filter(|cell| cell.column != VALID).cloned();
                Cow::Owned(others.chain([hidden]).collect())
            }
            (None, _) => return row.map_or(Ok(()), |row| edit.remove_row(&row)),
        };
        let cells = self.timed(&cells, times);
        if let Some(row) = row {
            return set(&row, columns, &cells, edit);
        }
        let mut cells = new_row(table, columns, &cells);
        if let Some(valid) = columns.position(VALID).map(|at| &mut cells[at])
            && valid.text().is_empty()
        {
            *valid = "true".into();
        }
        edit.append_row(table, cells)
    }

    /// The cells with the time of the change, unless the record has set it itself.
    fn timed(&self, cells: &[Cell], columns: &Times) -> Vec<Cell> {
        let mut timed = cells.to_vec();
        let Some(now) = self.slot.changed.as_deref() else { return timed };
        for &(column, written) in &columns.0 {
            match timed.iter_mut().find(|cell| cell.column == column) {
                Some(cell) if cell.is_own && !cell.text.is_empty() => {}
                Some(cell) => cell.text = written.write(&cell.text, now),
                None => {
                    let text = written.write("", now);
                    timed.push(Cell { column: column.to_owned(), text, like: None, is_own: true });
                }
            }
        }
        timed
    }
}

/// Makes a row say this.
fn set<'d>(row: &Row<'d>, columns: &Columns, cells: &[Cell], edit: &mut Edit<'d>) -> Result<(), EditError> {
    for Cell { column, text, like, .. } in cells {
        if let Some(place) = columns.place(row, column)
            && place.value().text() != *text
        {
            edit.set_as(&place, text, like.unwrap_or(place.value().spelling()))?;
        }
    }
    Ok(())
}

/// The cells of a new row; what is not said is empty.
fn new_row(table: &Table<'_>, columns: &Columns, cells: &[Cell]) -> Vec<NewCell> {
    let mut row = vec![NewCell::from(""); table.column_spans().len()];
    for Cell { column, text, like, .. } in cells {
        if let Some(position) = columns.position(column) {
            row[position] = like.map_or_else(|| text.as_str().into(), |like| NewCell::like(text, like));
        }
    }
    row
}
