//! One record after the other.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::{Adding, Applied, Fields, Mode, RecordOutcome, Refusal, Skip, Unknown};
use crate::address::RowTest;
use crate::record::{Key, STRINGS, Stamp, VALID, certain_key, hiding_column, is_hidden};
use crate::sdn::{Edit, NewCell, Place, Row, Spelling, Table, spell};
use crate::update::says::says;

/// What a record says, by the positions of the columns.
pub(super) type Given<'f> = Vec<Option<&'f NewCell>>;

/// The table, and what has been added to it so far.
pub(super) struct Adder<'d, 'h> {
    table: Table<'d>,
    how: &'h Adding,
    /// What is asked of a record before it is changed.
    tests: Vec<(&'h str, RowTest<'h>)>,
    columns: Vec<Cow<'d, str>>,
    positions: HashMap<String, usize>,
    /// The key columns.
    key: Vec<usize>,
    /// Which columns are filled in where a record says nothing.
    kept: Vec<bool>,
    /// Which of these say that the record changed: all but the time when it was made.
    stamps: Vec<bool>,
    /// The pieces of the live rows; of those that have one key, the last one.
    live: HashMap<Key<'d>, usize>,
    /// The pieces of the rows that are hidden.
    hidden: HashMap<Key<'d>, Vec<usize>>,
    /// The keys that several live rows have.
    doubled: HashSet<Key<'d>>,
    /// The keys of rows that cannot be read.
    unreadable: HashSet<Key<'d>>,
    /// The keys of what was taken.
    taken: HashSet<Key<'d>>,
    /// The largest number that is a key; nothing if no key is one and there are keys.
    largest: Option<i64>,
}

impl<'d, 'h> Adder<'d, 'h> {
    pub fn of(table: &Table<'d>, key: Vec<usize>, how: &'h Adding, tests: Vec<(&'h str, RowTest<'h>)>) -> Self {
        let columns: Vec<Cow<'d, str>> = table.columns().collect();
        let mut positions = HashMap::new();
        for (position, name) in columns.iter().enumerate() {
            positions.entry(name.clone().into_owned()).or_insert(position);
        }
        let is_kept = |name: &str| how.stamping.as_ref().is_some_and(|stamping| stamping.stamps().keep(name));
        let mut adder = Self {
            table: *table,
            how,
            tests,
            kept: columns.iter().map(|name| is_kept(name)).collect(),
            stamps: columns.iter().map(|name| is_kept(name) && Stamp::of(name).is_some()).collect(),
            columns,
            positions,
            key,
            live: HashMap::new(),
            hidden: HashMap::new(),
            doubled: HashSet::new(),
            unreadable: HashSet::new(),
            taken: HashSet::new(),
            largest: None,
        };
        adder.read_rows();
        adder
    }

    fn read_rows(&mut self) {
        let valid = hiding_column(&self.table);
        let mut any = false;
        for row in self.table.rows() {
            let Some(key) = Key::of(&row, &self.key) else { continue };
            any = true;
            self.largest = self.largest.max(number(&key));
            if !row.reading().fits() {
                self.unreadable.insert(key);
            } else if is_hidden(&row, valid) {
                self.hidden.entry(key).or_default().push(row.piece());
            } else if self.live.insert(key.clone(), row.piece()).is_some() {
                self.doubled.insert(key);
            }
        }
        if !any {
            // The texts of `strings` are numbered from 0.
            self.largest = Some(i64::from(self.table.name() != STRINGS) - 1);
        }
    }

    pub fn key_columns(&self) -> &[usize] {
        &self.key
    }

    /// What a record says in each column. A stamp that is empty is left to whoever keeps it.
    pub fn given<'f>(&self, fields: &'f Fields) -> Result<Given<'f>, Refusal> {
        let mut given: Given<'f> = vec![None; self.columns.len()];
        for (column, cell) in fields {
            let Some(&position) = self.positions.get(column) else {
                let instead = self.columns.iter().map(|name| name.clone().into_owned()).collect();
                return Err(Refusal::NoColumn { column: column.clone(), instead });
            };
            if given[position].replace(cell).is_some() {
                return Err(Refusal::Twice { column: column.clone() });
            }
        }
        for (cell, is_kept) in given.iter_mut().zip(&self.kept) {
            *cell = cell.filter(|cell| !is_kept || !cell.text().is_empty());
        }
        Ok(given)
    }

    /// What a record says besides its stamps: these say when it changed, and alone they are no change. A record that
    /// says nothing else is about them.
    pub fn content<'f>(&self, given: &Given<'f>) -> Given<'f> {
        let is_content = |position: usize| !self.stamps[position] && !self.key.contains(&position);
        if (0..given.len()).any(|position| given[position].is_some() && is_content(position)) {
            let cells = given.iter().zip(&self.stamps);
            return cells.map(|(cell, is_stamp)| cell.filter(|_| !is_stamp)).collect();
        }
        given.clone()
    }

    /// A row that says all of a record. There is no other record of it, unless that is hidden.
    pub fn is_there(&mut self, row: &Row<'d>) -> RecordOutcome {
        let key = Key::of(row, &self.key);
        let text = key.as_ref().map(ToString::to_string);
        self.taken.extend(key.filter(|_| !is_hidden(row, hiding_column(&self.table))));
        RecordOutcome { key: text, applied: Applied::Unchanged }
    }

    /// Adds or changes a record.
    pub fn one(&mut self, given: &Given<'_>, edit: &mut Edit<'d>) -> Result<RecordOutcome, Refusal> {
        for (column, cell) in self.columns.iter().zip(given) {
            if let Some(Err(error)) = cell.map(|cell| spell(cell.text(), Spelling::Quoted)) {
                return Err(Refusal::BadText { column: column.clone().into_owned(), why: error.to_string() });
            }
        }
        let Some(key) = self.key(given)? else {
            edit.append_row(&self.table, self.cells(given, None)).map_err(Refusal::Edit)?;
            return Ok(RecordOutcome { key: None, applied: Applied::Added });
        };
        let text = key.to_string();
        if self.doubled.contains(&key) {
            return Err(Refusal::Several { key: text });
        }
        let row = self.live.get(&key).and_then(|&piece| self.table.row_at(piece));
        let is_again = !self.taken.insert(key.clone());
        let is_unreadable = self.unreadable.contains(&key);
        let applied = match (row, self.how.mode) {
            (row, Mode::Insert) if row.is_some() || is_again || is_unreadable => return Err(self.exists(text)),
            (_, _) if is_again => return Err(Refusal::Again { key: text }),
            (_, _) if is_unreadable => return Err(Refusal::Unreadable { key: text }),
            (Some(row), _) => self.change(&row, given, edit)?,
            (None, Mode::Update(unknown)) => self.unknown(&key, given, unknown)?,
            (None, Mode::Insert | Mode::Upsert) => {
                edit.append_row(&self.table, self.cells(given, Some(&key))).map_err(Refusal::Edit)?;
                self.largest = self.largest.max(number(&key));
                Applied::Added
            }
        };
        Ok(RecordOutcome { key: Some(text), applied })
    }

    fn exists(&self, key: String) -> Refusal {
        let is_said = self.how.keys.of(&self.table.name()).is_some() || certain_key(&self.table).is_some();
        let assumed = (!is_said).then(|| (self.table.name().into_owned(), self.columns[0].clone().into_owned()));
        Refusal::Exists { key, assumed }
    }

    /// Makes a row say what a record says, if all conditions hold for it.
    fn change(&self, row: &Row<'d>, given: &Given<'_>, edit: &mut Edit<'d>) -> Result<Applied, Refusal> {
        if self.says_all(row, &self.content(given)) {
            return Ok(Applied::Unchanged);
        }
        if let Some((column, test)) = self.tests.iter().find(|(_, test)| !test.holds(row)) {
            let (column, found) = ((*column).to_owned(), test.found(row).into_owned());
            return Ok(Applied::Skipped(Skip::Condition { column, found }));
        }
        for (position, new) in given.iter().enumerate().filter(|(position, _)| !self.key.contains(position)) {
            if let (Some(new), Some(old)) = (new, row.cell(position))
                && !says(&old, new)
            {
                let like = new.spelling().unwrap_or(old.value().spelling());
                let place = Place::of_cell(self.table.document(), row.piece(), old);
                edit.set_as(&place, new.text(), like).map_err(Refusal::Edit)?;
            }
        }
        Ok(Applied::Changed)
    }

    /// What becomes of a record that is not live. One that hid itself, and says so again, is as it is to be.
    fn unknown(&self, key: &Key<'_>, given: &Given<'_>, unknown: Unknown) -> Result<Applied, Refusal> {
        let hidden = self.hidden.get(key);
        let hides = self.table.column(VALID).is_some_and(|valid| given[valid].is_some());
        let content = self.content(given);
        let mut rows = hidden.into_iter().flatten().filter_map(|&piece| self.table.row_at(piece));
        if hides && rows.any(|row| self.says_all(&row, &content)) {
            return Ok(Applied::Unchanged);
        }
        match (unknown, hidden) {
            (Unknown::Skip, None) => Ok(Applied::Skipped(Skip::Unknown)),
            (Unknown::Skip, Some(_)) => Ok(Applied::Skipped(Skip::Hidden)),
            (Unknown::Refuse, None) => Err(Refusal::Unknown { key: key.to_string() }),
            (Unknown::Refuse, Some(_)) => Err(Refusal::Hidden { key: key.to_string() }),
        }
    }

    /// Whether a row says all of this. Its key it says in any case.
    fn says_all(&self, row: &Row<'d>, given: &Given<'_>) -> bool {
        let given = given.iter().enumerate().filter(|(position, _)| !self.key.contains(position));
        let mut cells = given.filter_map(|(position, new)| Some((position, (*new)?)));
        cells.all(|(position, new)| row.cell(position).is_some_and(|old| says(&old, new)))
    }

    /// The key of a record that says this; none if the table has no key.
    fn key(&self, given: &Given<'_>) -> Result<Option<Key<'static>>, Refusal> {
        let said = |column: usize| given[column].map(NewCell::text).filter(|text| !text.is_empty());
        let is_new = !matches!(self.how.mode, Mode::Update(_));
        let key = match self.key[..] {
            [] => return Ok(None),
            [column] if said(column).is_none() && is_new => Key::new([self.next_key(column)?]),
            _ => {
                let part = |&column: &usize| said(column).map(str::to_owned).ok_or_else(|| self.needs_key(column));
                Key::new(self.key.iter().map(part).collect::<Result<Vec<_>, _>>()?)
            }
        };
        Ok(key)
    }

    /// The cells of a new row. A key that was not given is a number that was found.
    fn cells(&self, given: &Given<'_>, key: Option<&Key<'_>>) -> Vec<NewCell> {
        let cells = given.iter().enumerate().map(|(position, cell)| match (cell, key) {
            (Some(cell), _) if !cell.text().is_empty() || self.key != [position] => (*cell).clone(),
            (_, Some(key)) if self.key == [position] => key.to_string().into(),
            _ => self.default(position),
        });
        cells.collect()
    }

    /// What a column holds that is not given.
    fn default(&self, position: usize) -> NewCell {
        let name = &self.columns[position];
        match self.how.defaults.iter().find(|(column, _)| column == name) {
            Some((_, default)) => default.clone(),
            None if name == VALID => "true".into(),
            None => "".into(),
        }
    }

    fn needs_key(&self, column: usize) -> Refusal {
        Refusal::NeedsKey { column: self.columns[column].clone().into_owned() }
    }

    /// One more than the largest number, if keys of this column are numbers.
    fn next_key(&self, key: usize) -> Result<String, Refusal> {
        let column = &self.columns[key];
        let is_number = column == "id" || column.ends_with("_id");
        let next = self.largest.and_then(|largest| largest.checked_add(1)).filter(|_| is_number);
        next.map(|next| next.to_string()).ok_or_else(|| self.needs_key(key))
    }
}

/// The number that a key is.
fn number(key: &Key<'_>) -> Option<i64> {
    let mut parts = key.parts();
    parts.next()?.parse().ok().filter(|_| parts.next().is_none())
}
