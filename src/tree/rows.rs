//! Changes of the rows of a table.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, VecDeque};

use super::Node;
use super::changer::Changer;
use super::error::ChangeError;
use super::inside;
use super::path::Path;
use super::spelling::{spelled, text};
use crate::record::{Key, Keys, VALID};
use crate::sdn::{Layout, Row, Spelling, Table};
use crate::text::{Span, Splice, splice};

/// How many rows of one key are compared with a record.
const MOST_ALIKE: usize = 64;

/// The rows of a table, which shall say what records say.
pub(super) struct Rows<'d, 'p> {
    table: Table<'d>,
    present: Vec<Row<'d>>,
    /// The names of the columns; none if they have none.
    columns: Vec<String>,
    /// The key columns.
    key: Vec<usize>,
    /// How new rows are laid out, or why there can be none.
    layout: OnceCell<Result<Layout<'d>, String>>,
    path: &'p Path<'p>,
}

impl<'d, 'p> Rows<'d, 'p> {
    pub fn of(table: &Table<'d>, keys: &Keys, path: &'p Path<'p>) -> Self {
        let columns = if table.is_typed() { Vec::new() } else { table.columns().map(Cow::into_owned).collect() };
        let present = table.rows().collect();
        Self {
            table: *table,
            present,
            columns,
            key: keys.columns(table).unwrap_or_default(),
            layout: OnceCell::new(),
            path,
        }
    }

    pub fn change(&self, changer: &mut Changer<'d>, old: &[Node], wanted: &[Node]) -> Result<(), ChangeError> {
        for (index, record) in wanted.iter().enumerate() {
            self.check(index, record)?;
        }
        let matched = self.matched(old, wanted);
        // The rows that stay, in the order in which they stand, and in the one that is wanted.
        let mut slots: Vec<usize> = matched.iter().copied().flatten().collect();
        slots.sort_unstable();
        let mut next_slot = slots.iter().copied();
        let mut before = None;
        let mut new: Vec<(Option<usize>, Vec<String>)> = Vec::new();
        for (index, (record, row)) in wanted.iter().zip(&matched).enumerate() {
            let Some(row) = *row else {
                let line = self.new_row(index, record)?;
                match new.last_mut() {
                    Some((slot, lines)) if *slot == before => lines.push(line),
                    _ => new.push((before, vec![line])),
                }
                continue;
            };
            let splices = self.cells(index, row, &old[row], record, changer)?;
            let slot = next_slot.next().unwrap_or(row);
            if slot == row {
                changer.text.extend(splices);
            } else {
                changer.text.push(self.moved(row, slot, splices, changer)?);
            }
            before = Some(slot);
        }
        let is_kept = |row: &usize| slots.binary_search(row).is_ok();
        for row in (0..self.present.len()).filter(|row| !is_kept(row)) {
            let row = &self.present[row];
            if row.piece() == self.table.piece() {
                changer.text.push(Splice::new(row.span(), ""));
            } else {
                changer.text.remove_lines(row.piece());
            }
        }
        for (slot, lines) in new {
            self.insert(slot, &lines, changer)?;
        }
        Ok(())
    }

    /// Whether a record fits the columns.
    fn check(&self, index: usize, record: &Node) -> Result<(), ChangeError> {
        let path = self.path.index(index);
        let refused = |why: &str| Err(ChangeError::Refused { place: path.shown(), why: why.to_owned() });
        match record {
            Node::Dict(entries) if !self.columns.is_empty() => {
                let unknown = entries.iter().find(|(name, _)| !self.columns.contains(name));
                match unknown {
                    None => Ok(()),
                    Some((column, _)) => Err(ChangeError::NoColumn {
                        place: path.shown(),
                        column: column.clone(),
                        instead: self.columns.clone(),
                    }),
                }
            }
            Node::List(cells) if self.columns.is_empty() => {
                let columns = self.table.column_spans().len();
                if columns != 0 && cells.len() != columns {
                    return refused(&format!("the row has {} of {columns} cells", cells.len()));
                }
                if cells.is_empty() { refused("a row has one cell at least") } else { Ok(()) }
            }
            _ if self.columns.is_empty() => refused("a row of this table is an array"),
            _ => refused("a record of a table is an object"),
        }
    }

    /// For each record the row that it is: one that says the same, else one of the same key, else the only one left.
    /// Those without a key are of one kind.
    fn matched(&self, old: &[Node], wanted: &[Node]) -> Vec<Option<usize>> {
        let mut by_key: HashMap<Option<Key<'_>>, VecDeque<usize>> = HashMap::new();
        for (row, node) in old.iter().enumerate() {
            by_key.entry(self.key_of(node)).or_default().push_back(row);
        }
        let keys: Vec<Option<Key<'_>>> = wanted.iter().map(|record| self.key_of(record)).collect();
        let mut matched = vec![None; wanted.len()];
        for (index, key) in keys.iter().enumerate() {
            let Some(rows) = by_key.get_mut(key) else { continue };
            if let Some(found) = rows.iter().take(MOST_ALIKE).position(|&row| old[row].has(&wanted[index])) {
                matched[index] = rows.remove(found);
            }
        }
        for (index, key) in keys.iter().enumerate() {
            if matched[index].is_none() {
                matched[index] = by_key.get_mut(key).and_then(VecDeque::pop_front);
            }
        }
        // A single row without a record and a single record without a row: its key has changed.
        let mut left = by_key.into_values().flatten();
        if let (Some(row), None) = (left.next(), left.next()) {
            let mut open = matched.iter_mut().filter(|row| row.is_none());
            if let (Some(record), None) = (open.next(), open.next()) {
                *record = Some(row);
            }
        }
        matched
    }

    fn key_of<'n>(&self, record: &'n Node) -> Option<Key<'n>> {
        let part = |&column: &usize| match record {
            Node::Dict(entries) => {
                let name = self.columns.get(column)?;
                entries.iter().find(|(entry, _)| entry == name).and_then(|(_, value)| content(value))
            }
            Node::List(cells) => cells.get(column).and_then(content),
            _ => None,
        };
        Key::new(self.key.iter().map(part).collect::<Option<Vec<_>>>()?)
    }

    /// What a record says in this column; nothing if it does not name it.
    fn wanted<'n>(&self, record: &'n Node, position: usize) -> Option<&'n Node> {
        match record {
            Node::Dict(entries) => {
                let column = self.columns.get(position)?;
                let at_place = entries.get(position).filter(|(name, _)| name == column);
                at_place.or_else(|| entries.iter().find(|(name, _)| name == column)).map(|(_, value)| value)
            }
            Node::List(cells) => cells.get(position),
            _ => None,
        }
    }

    /// The changes of a row's cells.
    fn cells(
        &self,
        index: usize,
        row: usize,
        old: &Node,
        record: &Node,
        changer: &Changer<'d>,
    ) -> Result<Vec<Splice>, ChangeError> {
        let source = changer.document.source();
        let mut splices = Vec::new();
        let cells = self.present[row].cells();
        if let (true, Node::List(wanted)) = (self.columns.is_empty(), record)
            && wanted.len() != cells.len()
        {
            return Err(self.refused(index, "a row of another width takes its place"));
        }
        for (position, cell) in cells.enumerate() {
            let (Some(wanted), Some(old)) = (self.wanted(record, position), self.wanted(old, position)) else {
                continue;
            };
            if old.says_same(wanted) {
                continue;
            }
            let spelling = cell.value().spelling();
            if spelling == Spelling::Bracketed
                && let Some(inside) = inside::changes(source, cell.span(), old, wanted)
            {
                splices.extend(inside);
                continue;
            }
            let text = self.spelled(index, position, wanted, spelling)?;
            splices.push(changer.text.value(cell.span(), &text));
        }
        Ok(splices)
    }

    /// The text of a row in the place of another one.
    fn moved(
        &self,
        row: usize,
        slot: usize,
        splices: Vec<Splice>,
        changer: &Changer<'d>,
    ) -> Result<Splice, ChangeError> {
        let body = self.present[row].span();
        let local = splices.into_iter().map(|change| {
            let span = Span::new(change.span.start - body.start, change.span.end - body.start);
            Splice::new(span, change.text)
        });
        let local: Vec<Splice> = local.collect();
        let text = splice(body.of(changer.document.source()), &local).map_err(|_| ChangeError::InDoubt)?;
        Ok(Splice::new(self.present[slot].span(), String::from_utf8_lossy(&text).into_owned()))
    }

    /// The line of a new row.
    fn new_row(&self, index: usize, record: &Node) -> Result<String, ChangeError> {
        let layout = self.layout(index)?;
        let width = match record {
            Node::List(cells) => cells.len(),
            _ => self.columns.len(),
        };
        let cells = (0..width).map(|position| match self.wanted(record, position) {
            Some(wanted) => self.spelled(index, position, wanted, layout.habit(position)),
            None if self.columns[position] == VALID => Ok("true".to_owned()),
            None => Ok("\"\"".to_owned()),
        });
        Ok(layout.join(&cells.collect::<Result<Vec<_>, _>>()?))
    }

    /// Inserts lines behind a row that stays; before the first one, or below the header, if there is none.
    fn insert(&self, slot: Option<usize>, lines: &[String], changer: &mut Changer<'d>) -> Result<(), ChangeError> {
        self.layout(0)?;
        let after = slot.map_or(self.table.piece(), |slot| self.present[slot].piece());
        changer.text.insert_lines(changer.document.pieces()[after].span.end, lines);
        Ok(())
    }

    fn layout(&self, index: usize) -> Result<&Layout<'d>, ChangeError> {
        let layout = self.layout.get_or_init(|| Layout::of(&self.table));
        layout.as_ref().map_err(|why| self.refused(index, why))
    }

    fn spelled(&self, index: usize, position: usize, node: &Node, like: Spelling) -> Result<String, ChangeError> {
        spelled(node, like).map_err(|why| {
            let record = self.path.index(index);
            let place = match self.columns.get(position) {
                Some(column) => record.name(column).shown(),
                None => record.index(position).shown(),
            };
            ChangeError::BadValue { place, why }
        })
    }

    fn refused(&self, index: usize, why: &str) -> ChangeError {
        ChangeError::Refused { place: self.path.index(index).shown(), why: why.to_owned() }
    }
}

/// What a part of a key says; nothing if that is null.
fn content(node: &Node) -> Option<Cow<'_, str>> {
    match node {
        Node::Nothing => None,
        Node::Text(text) => Some(Cow::Borrowed(text)),
        other => Some(Cow::Owned(text(other))),
    }
}
