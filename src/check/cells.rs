//! Rows and cells as the rules about their contents see them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::alike::Alike;
use super::finding::{Findings, Rule, finding, shortened};
use crate::record;
use crate::sdn::{Cell, Row, Table};
use crate::text::{Lines, Span};

/// The rows that can be cut into the cells of their table. The others have their findings.
pub(super) fn rows<'d>(table: &Table<'d>) -> impl Iterator<Item = Row<'d>> + use<'d> {
    table.rows().filter(|row| row.reading().fits())
}

/// The text of a cell; nothing if that is empty, or if the cell is `null`.
pub(super) fn content(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    let value = cell.value();
    if value.is_null() { None } else { Some(value.text()).filter(|text| !text.is_empty()) }
}

/// A row with its number, from 0 in its table.
pub(super) struct Counted<'d> {
    pub number: usize,
    pub row: Row<'d>,
    pub live: bool,
}

impl<'d> Counted<'d> {
    /// The rows of a table.
    pub fn rows(table: &Table<'d>) -> impl Iterator<Item = Self> + use<'d> {
        let hides = record::hiding_column(table);
        let counted = move |(number, row)| Self { number, live: !record::is_hidden(&row, hides), row };
        rows(table).enumerate().map(counted)
    }
}

/// The keys of the live rows of a table.
pub(super) struct Keys<'d> {
    table: Table<'d>,
    columns: Vec<usize>,
    rule: Rule,
    /// Where each key stands first.
    first: HashMap<Cow<'d, str>, Span>,
    lines: Option<Lines<'d>>,
    alike: Alike,
}

impl<'d> Keys<'d> {
    /// Of these columns, and the rule that a second row of one key breaks.
    pub fn of(table: Table<'d>, columns: Vec<usize>, rule: Rule) -> Self {
        Self { table, columns, rule, first: HashMap::new(), lines: None, alike: Alike::default() }
    }

    /// Adds a live row. The numbers of the rows increase.
    pub fn add(&mut self, number: usize, row: &Row<'d>, findings: &mut Findings) {
        let cells = || self.columns.iter().filter_map(|&column| row.cell(column));
        let (Some(first), Some(last)) = (cells().next(), cells().next_back()) else { return };
        let Some(key) = self.key(row) else { return };
        let span = Span::new(first.span().start, last.span().end.max(first.span().end));
        // The columns of a key need not stand side by side.
        let span = if self.columns.is_sorted_by(|a, b| a + 1 == *b) { span } else { first.span() };
        let occupied = match self.first.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(span);
                return;
            }
            Entry::Occupied(occupied) => occupied,
        };
        let (table, rule) = (self.table, self.rule);
        let source = table.document().source();
        let line = self.lines.get_or_insert_with(|| Lines::new(source)).position(occupied.get().start).line;
        let shown = shortened(&cells().map(|cell| cell.value().text()).collect::<Vec<_>>().join("/"));
        let name = table.name();
        let help = match record::hiding_column(&table) {
            Some(_) => "hide the row that is out of date with `false` in its column `valid`, or change one of the keys",
            None => "change one of the keys, or remove one of the rows",
        };
        let find = || {
            let message = format!("`{shown}` is the key of a live row of `{name}` above already, on line {line}");
            finding(rule, span, format!("{name} {shown}"), message).help(help)
        };
        self.alike.add(number, rule, find, findings);
    }

    /// The key of a row; nothing if a part of it is empty.
    fn key(&self, row: &Row<'d>) -> Option<Cow<'d, str>> {
        let mut texts = self.columns.iter().map(|&column| row.cell(column).and_then(content));
        if self.columns.len() == 1 {
            return texts.next()?;
        }
        // With their lengths, so that no two keys look alike.
        texts
            .try_fold(String::new(), |key, text| text.map(|text| format!("{key}{}:{text}", text.len())))
            .map(Cow::Owned)
    }

    /// Tells what has been found up to here.
    pub fn end(&mut self, findings: &mut Findings) {
        self.alike.end(findings);
    }
}
