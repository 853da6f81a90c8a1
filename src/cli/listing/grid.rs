//! Rows and columns that can be listed: those of a table, or the tables of a database.

use std::borrow::Cow;
use std::collections::HashSet;

use sdnlock::address::Address;
use sdnlock::record::{Key, Keys, NoKey, is_live};
use sdnlock::sdn::{Document, PieceKind, Row, Table};
use sdnlock::text::Lines;
use sdnlock::tree::{self, Node, Types};

/// Rows with named columns.
pub struct Grid<'d> {
    /// What is listed, for messages: the address of a table; nothing of the tables themselves.
    pub name: Option<Address>,
    /// The names of the columns; their positions, counted from 0, where they have none.
    pub columns: Vec<String>,
    /// The types in the header of a typed table.
    pub types: Option<Vec<String>>,
    /// Whether the columns have names.
    pub is_named: bool,
    /// Positions of the key columns, or why there are none.
    pub key: Result<Vec<usize>, NoKey>,
    /// The keys that several live records have.
    pub doubled: HashSet<Key<'static>>,
    pub rows: Vec<Line<'d>>,
}

/// One row.
pub struct Line<'d> {
    /// Among the rows of the table, from 0.
    pub number: usize,
    pub is_live: bool,
    pub cells: Cells<'d>,
}

pub enum Cells<'d> {
    Row(Row<'d>),
    Made(Vec<Node>),
}

/// Lines of a table that are no records.
#[derive(Default)]
pub struct Odd {
    /// Rows that cannot be read.
    pub unreadable: Vec<usize>,
    /// Conflict markers that a merge left.
    pub markers: Vec<usize>,
}

impl<'d> Grid<'d> {
    /// The records of a table, and what is none.
    pub fn of_table(table: &Table<'d>, keys: &Keys) -> (Self, Odd) {
        let document = table.document();
        let is_named = !table.is_typed() && !table.column_spans().is_empty();
        let mut odd = Odd::default();
        let mut rows = Vec::new();
        let lines = Lines::new(document.source());
        for (number, row) in table.rows().enumerate() {
            if row.reading().fits() {
                rows.push(Line { number, is_live: is_live(table, &row), cells: Cells::Row(row) });
            } else {
                odd.unreadable.push(lines.position(row.span().start).line);
            }
        }
        let pieces = &document.pieces()[table.piece()..document.pieces()[table.piece()].end];
        let markers = pieces.iter().filter(|piece| piece.kind == PieceKind::ConflictMarker);
        odd.markers.extend(markers.map(|piece| lines.position(piece.span.start).line));
        let names: Vec<String> = table.columns().map(Cow::into_owned).collect();
        let width = if names.is_empty() { rows.iter().map(Line::width).max().unwrap_or(0) } else { names.len() };
        let columns = if is_named { names.clone() } else { (0..width).map(|n| n.to_string()).collect() };
        let key = keys.columns(table);
        let grid = Self {
            name: Some(Address::of_table(table)),
            columns,
            types: table.is_typed().then_some(names),
            is_named,
            doubled: doubled(&rows, key.as_deref().unwrap_or_default()),
            key,
            rows,
        };
        (grid, odd)
    }

    /// The tables of a database.
    pub fn of_tables(document: &'d Document) -> Self {
        let count = |number: usize| Node::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        let rows = document.tables().enumerate().map(|(number, table)| {
            let live = table.rows().filter(|row| row.reading().fits() && is_live(&table, row)).count();
            let columns = table.columns().map(|name| Node::Text(name.into_owned()));
            let name = Node::Text(Address::of_table(&table).to_string());
            let cells = vec![name, count(live), count(table.rows().count()), Node::List(columns.collect())];
            Line { number, is_live: true, cells: Cells::Made(cells) }
        });
        let columns = ["table", "live", "rows", "columns"].map(str::to_owned).to_vec();
        let (key, doubled) = (Ok(vec![0]), HashSet::new());
        Self { name: None, columns, types: None, is_named: true, key, doubled, rows: rows.collect() }
    }
}

fn doubled(rows: &[Line<'_>], key: &[usize]) -> HashSet<Key<'static>> {
    let mut known = HashSet::new();
    let keys = rows.iter().filter(|row| row.is_live).filter_map(|row| match &row.cells {
        Cells::Row(row) => Key::of(row, key),
        Cells::Made(_) => None,
    });
    let again: Vec<Key<'_>> = keys.filter(|key| !known.insert(key.clone())).collect();
    again.into_iter().map(Key::into_owned).collect()
}

impl Line<'_> {
    fn width(&self) -> usize {
        match &self.cells {
            Cells::Row(row) => row.cells().len(),
            Cells::Made(cells) => cells.len(),
        }
    }

    /// Whether there is a cell at this position: tables without columns take rows of any width.
    pub fn has(&self, column: usize) -> bool {
        column < self.width()
    }

    /// The key of the record; none if it has none.
    pub fn key<'l>(&'l self, grid: &Grid<'_>) -> Option<Key<'l>> {
        let columns = grid.key.as_deref().unwrap_or_default();
        match &self.cells {
            Cells::Row(row) => Key::of(row, columns),
            Cells::Made(_) => Key::new(columns.iter().map(|&column| self.text(column))),
        }
    }

    /// The text of a cell.
    pub fn text(&self, column: usize) -> Cow<'_, str> {
        match &self.cells {
            Cells::Row(row) => row.cell(column).map(|cell| cell.value().text()).unwrap_or_default(),
            Cells::Made(cells) => cells.get(column).map(text_of).unwrap_or_default(),
        }
    }

    /// What a cell says.
    pub fn node(&self, column: usize) -> Node {
        match &self.cells {
            Cells::Row(row) => row
                .cell(column)
                .and_then(|cell| tree::of_cell(&cell, Types::Typed))
                .unwrap_or_else(|| Node::Text(self.text(column).into_owned())),
            Cells::Made(cells) => cells.get(column).cloned().unwrap_or(Node::Nothing),
        }
    }
}

fn text_of(node: &Node) -> Cow<'_, str> {
    match node {
        Node::Text(text) => Cow::Borrowed(text),
        Node::List(items) => Cow::Owned(items.iter().map(text_of).collect::<Vec<_>>().join(", ")),
        other => Cow::Owned(tree::inline(other).unwrap_or_default()),
    }
}
