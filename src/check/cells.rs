//! Rows and cells as the rules about their contents see them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::alike::Alike;
use super::finding::{Findings, Rule, finding, shortened};
use crate::record;
use crate::sdn::{Cell, Piece, PieceKind, Row, Table};
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

/// Whether the first cells are numbers that increase from row to row, as most often. No key stands twice
/// then, and no row has to be cut to see it.
pub(super) fn counts_up(table: &Table<'_>) -> bool {
    let document = table.document();
    let pieces = document.pieces();
    let header = &pieces[table.piece()];
    let mut last = None;
    // A row may stand behind the header.
    let alone = table.row_at(table.piece()).is_none();
    alone
        && pieces[table.piece() + 1..header.end].iter().filter(|piece| piece.kind == PieceKind::Row).all(
            |row: &Piece| {
                let number = leading_number(document.body(row).of(document.source()));
                let up = number.is_some() && number > last;
                last = number;
                up
            },
        )
}

/// Whether a merge left markers among the rows, which then stand there in two versions.
pub(super) fn is_conflicted(table: &Table<'_>) -> bool {
    let pieces = table.document().pieces();
    let first = table.piece();
    pieces[first..pieces[first].end].iter().any(|piece| piece.kind == PieceKind::ConflictMarker)
}

/// The number that is the first cell of a row.
fn leading_number(row: &[u8]) -> Option<u64> {
    const MOST_DIGITS: usize = 18;
    let digits = row.iter().take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) = row.split_at(digits);
    let ends = rest.iter().find(|b| !matches!(b, b' ' | b'\t')).is_none_or(|&b| b == b',');
    // The same number is spelled in one way only.
    let plain = (1..=MOST_DIGITS).contains(&digits) && (digits == 1 || number[0] != b'0');
    (ends && plain).then(|| number.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_seen_at_the_beginning_of_rows() {
        let number = |row: &str| leading_number(row.as_bytes());
        assert_eq!(
            [number("12, a"), number("0,"), number("7"), number("3 , b")],
            [Some(12), Some(0), Some(7), Some(3)]
        );
        for none in ["", "a", "007, x", "1.5, x", "12a, x", "1 2, x", "\"1\", x", "-1", "9999999999999999999, x", "1#x"]
        {
            assert_eq!(number(none), None, "{none}");
        }
    }
}
