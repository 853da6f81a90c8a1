//! A table whose rows are merged one by one, and how the rows of each side stand in it.

use std::collections::HashSet;
use std::rc::Rc;

use super::columns::{self, Columns};
use super::conflict::FullName;
use super::items::Item;
use super::sides::{Side, Sides};
use crate::record::{Keys, Stamp, VALID, is_live};
use crate::sdn::{PieceKind, Table};

/// A table whose rows are merged.
pub(super) struct Rowwise<'d> {
    pub name: FullName,
    pub tables: Sides<Option<Table<'d>>>,
    pub columns: Columns<'d>,
    /// Where the key columns stand on each side.
    pub keys: Sides<Vec<usize>>,
    /// The keys of records of which it is not known what they were in the base.
    pub doubtful: Option<Rc<HashSet<String>>>,
    /// For each side, whether its columns are those of the merged table.
    is_complete: Sides<bool>,
    /// What stands before a row on each side, and in the merged table.
    indents: Sides<Option<&'d [u8]>>,
    indent: &'d [u8],
}

/// How a row of one side stands in the merged table.
pub(super) enum Fitted {
    AsItIs,
    Otherwise(Vec<u8>),
}

impl<'d> Rowwise<'d> {
    pub fn of(name: FullName, tables: Sides<Option<Table<'d>>>, columns: Columns<'d>, keys: &Keys) -> Self {
        let indents = tables.map(|table| table.and_then(|table| first_indent(&table)));
        let keys = columns.keys(tables, keys);
        let is_complete = Sides::from_fn(|side| columns.are_merged(side));
        let indent = columns::indent(indents);
        Self { name, tables, columns, keys, doubtful: None, is_complete, indents, indent }
    }

    /// A row with the columns and the indentation of the merged table; nothing if a cell it lacks cannot be told.
    pub fn fitted(&self, side: Side, item: Item) -> Option<Fitted> {
        let table = self.tables[side]?;
        let document = table.document();
        let text = item.text(document);
        let own = document.body(&document.pieces()[item.piece]).start - item.span(document).start;
        let indent = if Some(&text[..own]) == self.indents[side] { self.indent } else { &text[..own] };
        if self.is_complete[side] {
            let same = indent == &text[..own];
            return Some(if same { Fitted::AsItIs } else { Fitted::Otherwise([indent, &text[own..]].concat()) });
        }
        let row = table.row_at(item.piece)?;
        self.columns.fitted(side, &row, document.source(), indent).map(Fitted::Otherwise)
    }

    /// Whether a row still says what it said in the base.
    pub fn says_the_same(&self, side: Side, base: Item, item: Item) -> bool {
        let row = |side: Side, item: Item| self.tables[side].and_then(|table| table.row_at(item.piece));
        let (Some(old), Some(new)) = (row(Side::Base, base), row(side, item)) else { return false };
        let text = |row: &crate::sdn::Row<'d>, at: usize| row.cell(at).map(|cell| cell.value().text().into_owned());
        let comment = |row: &crate::sdn::Row<'d>, side: Side| {
            let end = row.cells().last().map_or(row.span().end, |cell| cell.span().end);
            self.documents_source(side).map(|source| source[end..row.span().end].trim_ascii().to_vec())
        };
        let name = |at: usize| &*self.columns.of_side(side)[at];
        // What hides a row takes it away, as the other side did.
        let is_hidden = self.tables[side].is_some_and(|table| !is_live(&table, &new));
        let counts = |at: usize| !is_hidden || (name(at) != VALID && Stamp::of(name(at)).is_none());
        let shared = self.columns.shared(side);
        old.reading().fits()
            && new.reading().fits()
            && comment(&old, Side::Base) == comment(&new, side)
            && !shared.is_empty()
            && !self.columns.says_more(&old, side, &new)
            && shared.iter().all(|&(before, now)| !counts(now) || text(&old, before) == text(&new, now))
    }

    fn documents_source(&self, side: Side) -> Option<&'d [u8]> {
        self.tables[side].map(|table| table.document().source())
    }
}

/// What stands before the first row below the header.
fn first_indent<'d>(table: &Table<'d>) -> Option<&'d [u8]> {
    let document = table.document();
    let pieces = document.pieces();
    let rows = table.piece() + 1..pieces[table.piece()].end;
    let first = pieces[rows].iter().find(|piece| piece.kind == PieceKind::Row)?;
    Some(&document.source()[first.span.start..document.body(first).start])
}
