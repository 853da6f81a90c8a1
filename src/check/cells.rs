//! Rows and cells as the rules about their contents see them.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::alike::Alike;
use super::finding::{Findings, Rule, finding, shortened};
use super::places::Told;
use super::schema::SCHEMA_NAME;
use crate::record::{self, Key};
use crate::sdn::{Row, Table};
use crate::text::{Lines, Span};

/// How a schema can say what the key of a table is.
fn help_on_keys(table: &Table<'_>) -> String {
    let columns = record::distinct(table).unwrap_or_default().join("/");
    let columns = if columns.is_empty() { "\"\"" } else { &columns };
    format!("say in `keys` of {SCHEMA_NAME} which columns are its key: `{}, {columns}`", table.name())
}

/// The rows that can be cut into the cells of their table. The others have their findings.
pub(super) fn rows<'d>(table: &Table<'d>) -> impl Iterator<Item = Row<'d>> + use<'d> {
    table.rows().filter(|row| row.reading().fits())
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
    first: HashMap<Key<'d>, Span>,
    lines: Option<Lines<'d>>,
    /// How a schema can say what the key is, once that was needed.
    help: OnceCell<String>,
    alike: Alike,
}

impl<'d> Keys<'d> {
    /// Of these columns, and the rule that a second row of one key breaks.
    pub fn of(table: Table<'d>, columns: Vec<usize>, rule: Rule, told: Told) -> Self {
        Self {
            table,
            columns,
            rule,
            first: HashMap::new(),
            lines: None,
            help: OnceCell::new(),
            alike: Alike::told(told),
        }
    }

    /// Adds a live row. The numbers of the rows increase.
    pub fn add(&mut self, number: usize, row: &Row<'d>, findings: &mut Findings) {
        let cells = || self.columns.iter().filter_map(|&column| row.cell(column));
        let (Some(first), Some(last)) = (cells().next(), cells().next_back()) else { return };
        let Some(key) = Key::of(row, &self.columns) else { return };
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
        let shown = shortened(&occupied.key().to_string());
        let source = table.document().source();
        let line = self.lines.get_or_insert_with(|| Lines::new(source)).position(occupied.get().start).line;
        let name = table.name();
        let find = || {
            let (message, help) = if rule == Rule::RepeatedFirst {
                let message = format!("`{shown}` stands in the first column of `{name}` above already, on line {line}");
                (
                    format!("{message}; a reader that keeps its rows by that keeps the last one"),
                    self.help.get_or_init(|| help_on_keys(&table)).clone(),
                )
            } else {
                let message = format!("`{shown}` is the key of a live row of `{name}` above already, on line {line}");
                let help = match record::hiding_column(&table) {
                    Some(_) => {
                        "hide the row that is out of date with `false` in its column `valid`, or change one of the keys"
                    }
                    None => "change one of the keys, or remove one of the rows",
                };
                (message, help.to_owned())
            };
            finding(rule, span, format!("{name} {shown}"), message).help(help)
        };
        self.alike.add(number, rule, find, findings);
    }

    /// Tells what has been found up to here.
    pub fn end(&mut self, findings: &mut Findings) {
        self.alike.end(findings);
    }
}
