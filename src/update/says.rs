//! Whether a row says already what it is to say, however that is spelled.

use std::collections::{HashMap, VecDeque};

use crate::record::{Key, hiding_column, is_hidden};
use crate::sdn::{Cell, Document, NewCell, Row, Spelling, Table};
use crate::tree::{Node, Types, of_cell};

/// Whether a cell says what a new one says. What has no spelling of its own has no type.
pub(super) fn says(old: &Cell<'_>, new: &NewCell) -> bool {
    let value = old.value();
    let is_same_text = value.text() == new.text();
    match new.spelling() {
        None => is_same_text || (new.text().is_empty() && value.is_null()),
        Some(Spelling::Quoted) => is_same_text && matches!(typed(old), Some(Node::Text(_)) | None),
        Some(like) if is_same_text && value.spelling() == like => true,
        Some(_) => typed(old).zip(node(new)).is_some_and(|(old, new)| old.says_same(&new)),
    }
}

fn typed(cell: &Cell<'_>) -> Option<Node> {
    of_cell(cell, Types::Typed)
}

/// What a number, keyword, list or dict says.
fn node(new: &NewCell) -> Option<Node> {
    let document = Document::parse(format!("t |c|\n    {}\n", new.text()));
    let row = document.tables().next()?.rows().next()?;
    typed(&row.cell(0)?)
}

/// The rows of a table, hidden ones included, of which a record may be one.
pub(super) struct Rows<'d> {
    table: Table<'d>,
    /// The key columns, or the first one where there is no key.
    columns: Vec<usize>,
    /// By what they say in these columns: those that no record was found to be yet.
    left: HashMap<Option<Key<'d>>, VecDeque<usize>>,
}

impl<'d> Rows<'d> {
    pub fn of(table: &Table<'d>, key: &[usize]) -> Self {
        let columns = if key.is_empty() { vec![0] } else { key.to_vec() };
        let mut left: HashMap<_, VecDeque<usize>> = HashMap::new();
        for row in table.rows().filter(|row| row.reading().fits()) {
            left.entry(Key::of(&row, &columns)).or_default().push_back(row.piece());
        }
        Self { table: *table, columns, left }
    }

    /// Takes a row away that says all of a record, if there is one. A hidden row is none, unless the record says so of
    /// itself: what it was once is not what it is.
    pub fn take(&mut self, given: &[Option<&NewCell>]) -> Option<Row<'d>> {
        let texts: Option<Vec<&str>> = self.columns.iter().map(|&column| given[column].map(NewCell::text)).collect();
        let places = self.left.get_mut(&Key::new(texts?.into_iter().map(str::to_owned)))?;
        let table = self.table;
        let valid = hiding_column(&table);
        let may_be_hidden = valid.is_some_and(|valid| given[valid].is_some());
        let says_all = |piece: &usize| {
            let row = table.row_at(*piece).filter(|row| may_be_hidden || !is_hidden(row, valid));
            let Some(row) = row else { return false };
            let mut given = given.iter().enumerate().filter_map(|(column, new)| Some((column, (*new)?)));
            given.all(|(column, new)| row.cell(column).is_some_and(|old| says(&old, new)))
        };
        let found = places.iter().position(says_all);
        table.row_at(places.remove(found?)?)
    }
}
