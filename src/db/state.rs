//! The records of one table, as they were read, and as they were changed since.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::Record;
use super::columns::Columns;
use super::fields::{text, to_row};
use crate::check;
use crate::clock::now_exactly;
use crate::error::{Error, Result};
use crate::record::VALID;
use crate::sdn::{Document, Table};
use crate::text::Lines;

/// What a database holds.
#[derive(Clone, Debug)]
pub(super) struct State<T> {
    /// The file as it was read; `None` if there was none.
    pub source: Option<Vec<u8>>,
    pub slots: Vec<Slot<T>>,
    /// Of several records of one id, the last one.
    by_id: HashMap<String, usize>,
    /// Ids that several live rows have.
    doubled: HashSet<String>,
}

/// A record, or the place of one that was deleted.
#[derive(Clone, Debug)]
pub(super) struct Slot<T> {
    pub id: String,
    pub record: Option<T>,
    /// The piece of the source that is its row; `None` of a new one.
    pub row: Option<usize>,
    /// When it was inserted, deleted, or given out to be changed, in RFC 3339, if it was.
    pub changed: Option<String>,
    /// It says of itself that it is not live.
    hidden: bool,
}

impl<T> Slot<T> {
    fn live(&self) -> Option<&T> {
        self.record.as_ref().filter(|_| !self.hidden)
    }

    /// To be changed: whether it was is seen when it is saved.
    fn live_mut(&mut self) -> Option<&mut T> {
        self.live()?;
        self.changed = Some(now_exactly());
        self.record.as_mut()
    }
}

impl<T> Default for State<T> {
    fn default() -> Self {
        Self { source: None, slots: Vec::new(), by_id: HashMap::new(), doubled: HashSet::new() }
    }
}

impl<T: Record> State<T> {
    /// Reads the live records of the table.
    pub fn read(path: &Path, source: Option<Vec<u8>>) -> Result<Self> {
        let mut state = Self::default();
        let Some(source) = source else { return Ok(state) };
        let document = Document::parse(source);
        if let Some(table) = table_of(path, &document, T::table_name())? {
            let columns = Columns::of(&table);
            for row in table.rows() {
                if let Some(record) = columns.live_record::<T>(path, &table, &row)? {
                    let (id, at) = (record.id(), state.slots.len());
                    if state.by_id.insert(id.clone(), at).is_some() {
                        state.doubled.insert(id.clone());
                    }
                    let row = Some(row.piece());
                    state.slots.push(Slot { id, record: Some(record), row, changed: None, hidden: false });
                }
            }
        }
        state.source = Some(document.into_source());
        Ok(state)
    }

    pub fn get(&self, id: &str) -> Option<&T> {
        self.slots[*self.by_id.get(id)?].live()
    }

    pub fn records(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(Slot::live)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.slots[*self.by_id.get(id)?].live_mut()
    }

    pub fn records_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.slots.iter_mut().filter_map(Slot::live_mut)
    }

    pub fn insert(&mut self, record: T) {
        let id = record.id();
        // What cannot be turned into texts is told when it is saved.
        let hidden = to_row(&record).is_ok_and(|texts| text(&texts, VALID) == Some("false"));
        let next = self.slots.len();
        let at = *self.by_id.entry(id.clone()).or_insert(next);
        if at == next {
            self.slots.push(Slot { id, record: None, row: None, changed: None, hidden: false });
        }
        let slot = &mut self.slots[at];
        (slot.record, slot.changed, slot.hidden) = (Some(record), Some(now_exactly()), hidden);
    }

    pub fn delete(&mut self, id: &str) -> Option<T> {
        let slot = &mut self.slots[*self.by_id.get(id)?];
        slot.live()?;
        slot.changed = Some(now_exactly());
        slot.record.take()
    }

    /// Whether several live rows have this id.
    pub fn is_doubled(&self, id: &str) -> bool {
        self.doubled.contains(id)
    }

    /// The rows of this id, as they were read.
    pub fn rows_of(&self, id: &str) -> Vec<usize> {
        self.slots.iter().filter(|slot| slot.id == id).filter_map(|slot| slot.row).collect()
    }

    /// Keeps the records of `old` that say the same, with what they hold besides their columns.
    pub fn keep_from(&mut self, mut old: Self) {
        for slot in &mut self.slots {
            let Some(before) = old.by_id.get(&slot.id).and_then(|&at| old.slots[at].record.take()) else { continue };
            if let Some(record) = &mut slot.record
                && to_row(&before).is_ok_and(|texts| to_row(record).is_ok_and(|now| now == texts))
            {
                *record = before;
            }
        }
    }
}

/// The one table of this name, which has columns with names.
pub(super) fn table_of<'d>(path: &Path, document: &'d Document, name: &str) -> Result<Option<Table<'d>>> {
    let unusable = |why: String| Error::UnusableTable { path: path.to_owned(), table: name.to_owned(), why };
    if let Some(offset) = document.not_utf8() {
        let line = Lines::new(document.source()).position(offset).line;
        return Err(unusable(format!("line {line} of the file is not UTF-8")));
    }
    // One within a block is another one.
    let is_meant = |table: &Table<'_>| table.name() == name && document.pieces()[table.piece()].parent.is_none();
    let mut tables = document.tables().filter(is_meant);
    match (tables.next(), tables.count()) {
        (None, _) if check::is_other_format(document) => Err(unusable("the file is not SDN".to_owned())),
        (None, _) => Ok(None),
        (Some(table), 0) if table.is_typed() => {
            Err(unusable("it is a typed table, whose columns have no names".into()))
        }
        (Some(table), 0) => Ok(Some(table)),
        (Some(_), others) => Err(unusable(format!("it stands {} times", others + 1))),
    }
}
