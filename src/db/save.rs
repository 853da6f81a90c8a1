//! What is to be written: the changes of the records, made to what the file holds by now.
//!
//! ```text
//! now       what the file holds
//! base      the same, but each record that was changed here is as it was loaded
//! changed   the same, but each of them is as it is here
//! ```
//! So they differ in these records alone, and [`rebase`] merges them as it does for everybody. If nobody has written
//! since, `base` is `now`, and `changed` is the result.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::Record;
use super::change::{RowChange, Times};
use super::columns::{Cell, Columns};
use super::fields::{FieldError, Texts, lists, text, to_row};
use super::keys;
use super::state::{Slot, State, table_of};
use crate::check;
use crate::clock::now_exactly;
use crate::error::{Error, Result};
use crate::merge::{Conflict, Options, Sides, Strategy, removed_target};
use crate::record::{CREATED, Keys, Stamp, VALID, doubled, is_live};
use crate::sdn::{
    Document, Edit, EditError, Piece, PieceKind, Reseal, Row, Spelling, Table, TextEdit, is_name, seal_change, spell,
};
use crate::text::Lines;
use crate::update::{self, RebaseError, Rebasing, Stamps, may_have_stamps, rebase, stamp};

/// The changes of a database, on their way into its file.
pub(super) struct Saving<'s, T> {
    pub path: &'s Path,
    pub state: &'s State<T>,
    pub stamping: Stamping,
    /// How it is merged with what the file holds: by the keys that tables are known to have.
    pub merge: &'s Options,
}

/// When records get their versions and times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stamping {
    Now,
    /// Not here: once for all that is saved, when that is written, or never.
    None,
}

/// Stamps what has changed in a source since it was `old`.
pub(super) fn stamped(path: &Path, old: &[u8], new: Vec<u8>, keys: &Keys) -> Result<Vec<u8>> {
    let stamped = stamp(old, new, &update::Stamping::new(Stamps::Dates, now_exactly()), keys);
    stamped.map_err(|source| Error::UnsafeEdit { path: path.to_owned(), source })
}

/// The rows of one id in what the file holds now.
#[derive(Clone, Default)]
struct Found {
    live: Vec<usize>,
    /// The last one that is not.
    hidden: Option<usize>,
}

impl<T: Record> Saving<'_, T> {
    /// What the file and the database are to hold, if the file holds `now`; and the keys of the tables, with that of
    /// this one.
    pub fn make(&self, now: Option<&[u8]>) -> Result<(State<T>, Keys)> {
        let unchanged = || Ok((State::read(self.path, now.map(<[u8]>::to_vec))?, self.merge.keys.clone()));
        if self.state.slots.iter().all(|slot| slot.changed.is_none()) {
            return unchanged();
        }
        let there = Document::parse(now.unwrap_or_default());
        let records = self.changed_records(now, &there)?;
        if records.is_empty() {
            return unchanged();
        }
        let had_table = table_of(self.path, &there, T::table_name())?.is_some();
        let there = if had_table { there } else { Document::parse(self.with_table(&records, &there)?) };
        let table = table_of(self.path, &there, T::table_name())?;
        let table = table.ok_or_else(|| self.no_table("it would not be read as a table at the end of this file"))?;
        let keys = self.with_key(&table, &records);
        let (mut base, mut changed) = (self.edit(&there)?, self.edit(&there)?);
        let (columns, times) = (Columns::of(&table), Times::of(&table));
        for change in &records {
            let written = change.write_base(&table, &columns, &mut base);
            written
                .and_then(|()| change.write_ours(&table, &columns, &times, &mut changed))
                .map_err(|e| self.unsafe_edit(e))?;
        }
        let [base, changed] = [base, changed].map(|edit| edit.finish().map_err(|error| self.unsafe_edit(error)));
        let (base, changed) = (base?, changed?);
        if base == there.source() {
            let new = match self.stamping {
                Stamping::Now if may_have_stamps(&changed) => {
                    stamped(self.path, now.unwrap_or_default(), changed, &keys)?
                }
                Stamping::Now | Stamping::None => changed,
            };
            self.check_keys(&table, &new, &records)?;
            self.check_references(&there, &new)?;
            let made = State::read(self.path, Some(new))?;
            self.verify(&records, &made)?;
            return Ok((made, keys));
        }
        self.verify(&records, &State::read(self.path, Some(changed.clone()))?)?;
        let merged = self.rebased(&base, &changed, there.source(), keys.clone())?;
        self.check_keys(&table, &merged, &records)?;
        self.check_references(&there, &merged)?;
        let made = State::read(self.path, Some(merged))?;
        if let Some(RowChange { slot, .. }) = records.iter().find(|change| made.is_doubled(&change.slot.id)) {
            let document = Document::parse(made.source.as_deref().unwrap_or_default());
            return Err(self.ambiguous(&slot.id, &document, &made.rows_of(&slot.id)));
        }
        // What has no records needs no table either.
        if !had_table && made.records().next().is_none() { unchanged() } else { Ok((made, keys)) }
    }

    /// The records that were changed here, with the rows that they are by now.
    fn changed_records<'s>(&'s self, now: Option<&[u8]>, there: &Document) -> Result<Vec<RowChange<'s, T>>> {
        let base = self.state.source.as_deref();
        let moved = base != now;
        let was_there = Document::parse(base.filter(|_| moved).unwrap_or_default());
        let was_there = if moved { &was_there } else { there };
        let table_before = table_of(self.path, was_there, T::table_name())?;
        let columns_before = table_before.as_ref().map(Columns::of).unwrap_or_default();
        let table_now = table_of(self.path, there, T::table_name())?;
        let found = match &table_now {
            Some(table) if moved => self.find(table)?,
            _ => HashMap::new(),
        };
        let mut records = Vec::new();
        for slot in self.state.slots.iter().filter(|slot| slot.changed.is_some()) {
            let before = slot.row.zip(table_before.as_ref()).and_then(|(row, table)| table.row_at(row));
            let base = before.as_ref().map(|row| columns_before.cells(row));
            let ours = match (&slot.record, &before, &base) {
                (None, ..) => None,
                (Some(record), Some(row), Some(base)) => {
                    Some(self.patched(slot, record, row, &columns_before, base)?)
                }
                (Some(record), ..) => Some(self.cells(slot, record)?),
            };
            self.permit(slot, ours.iter().flatten().filter(|cell| cell.is_own))?;
            let Found { live, hidden } = if moved {
                found.get(&slot.id).cloned().unwrap_or_default()
            } else {
                Found { live: slot.row.into_iter().collect(), hidden: None }
            };
            // What was hidden since is that record still.
            let row = live.first().copied().or_else(|| hidden.filter(|_| base.is_some()));
            // What says the same and is hidden is not what was made of it, and what is deleted here is not there.
            let is_hidden = |cells: &Vec<Cell>| cells.iter().any(|cell| cell.column == VALID && cell.text == "false");
            let is_there = live.is_empty() == ours.as_ref().is_none_or(is_hidden);
            let change = RowChange { slot, base, ours, row };
            if change.is_none() {
                continue;
            }
            if live.len() > 1 {
                return Err(self.ambiguous(&slot.id, there, &live));
            }
            if self.state.is_doubled(&slot.id) {
                return Err(self.ambiguous(&slot.id, was_there, &self.state.rows_of(&slot.id)));
            }
            let row = row.zip(table_now.as_ref()).and_then(|(row, table)| table.row_at(row));
            let columns = table_now.as_ref().map(Columns::of).unwrap_or_default();
            if !(is_there && change.is_made(row.as_ref(), &columns, self.merge.strategy == Strategy::Error)) {
                records.push(change);
            }
        }
        Ok(records)
    }

    /// Where the rows of each id stand in a table that may have changed.
    fn find(&self, table: &Table<'_>) -> Result<HashMap<String, Found>> {
        let columns = Columns::of(table);
        let mut found: HashMap<String, Found> = HashMap::new();
        for row in table.rows() {
            if row.trouble().is_some() || is_live(table, &row) {
                if let Some(record) = columns.live_record::<T>(self.path, table, &row)? {
                    found.entry(record.id()).or_default().live.push(row.piece());
                }
            } else if let Ok(record) = columns.record::<T>(&row) {
                found.entry(record.id()).or_default().hidden = Some(row.piece());
            }
        }
        Ok(found)
    }

    /// What a new record says.
    fn cells(&self, slot: &Slot<T>, record: &T) -> Result<Vec<Cell>> {
        let texts = to_row(record).map_err(|error| self.unwritable(slot, error))?;
        let lists = lists(record).map_err(|error| self.unwritable(slot, error))?;
        let like = |column: &String| lists.contains(column).then_some(Spelling::Bracketed);
        let cells = texts.into_iter().map(|(column, text)| Cell { like: like(&column), column, text, is_own: true });
        Ok(cells.collect())
    }

    /// The row as it was, with what the record says differently.
    fn patched(
        &self,
        slot: &Slot<T>,
        record: &T,
        row: &Row<'_>,
        columns: &Columns,
        base: &[Cell],
    ) -> Result<Vec<Cell>> {
        let is = self.cells(slot, record)?;
        let read = columns.record::<T>(row).and_then(|before| to_row(&before));
        let was = read.map_err(|error| self.unwritable(slot, error))?;
        let mut patched = base.to_vec();
        let said = |column: &str| is.iter().any(|cell| cell.column == column);
        let gone = |column: &str| text(&was, column).is_some() && !said(column);
        for cell in patched.iter_mut().filter(|cell| gone(&cell.column)) {
            cell.text.clear();
        }
        for cell in is.into_iter().filter(|cell| text(&was, &cell.column) != Some(&cell.text)) {
            match patched.iter_mut().find(|known| known.column == cell.column) {
                // Where nothing stands, nothing shows how a list is spelled.
                Some(known) => {
                    let like = cell.like.filter(|_| known.text.is_empty()).or(known.like);
                    *known = Cell { like, ..cell };
                }
                None => patched.push(cell),
            }
        }
        Ok(patched)
    }

    /// Whether what is to be written can be: what is quoted can be anything but control characters.
    fn permit<'c>(&self, slot: &Slot<T>, cells: impl Iterator<Item = &'c Cell>) -> Result<()> {
        for Cell { column, text, .. } in cells {
            if let Err(control) = spell(text, Spelling::Quoted) {
                let error = FieldError { column: Some(column.clone()), why: control.to_string() };
                return Err(self.unwritable(slot, error));
            }
        }
        Ok(())
    }

    /// The keys, with what tells the records of the table apart: as the schema says, else as their ids do.
    fn with_key(&self, table: &Table<'_>, changed: &[RowChange<'_, T>]) -> Keys {
        let keys = self.merge.keys.clone();
        if keys.of(T::table_name()).is_some() {
            return keys;
        }
        let columns: Vec<String> = table.columns().map(std::borrow::Cow::into_owned).collect();
        let positions = Columns::of(table);
        let mut records: Vec<(String, Vec<String>)> = Vec::new();
        for row in table.rows().filter(|row| row.reading().fits() && is_live(table, row)) {
            if let Ok(record) = positions.record::<T>(&row) {
                records.push((record.id(), row.cells().map(|cell| cell.value().text().into_owned()).collect()));
            }
        }
        for RowChange { slot, base, ours, .. } in changed {
            let Some(cells) = ours.as_ref().or(base.as_ref()) else { continue };
            let said = |column: &String| cells.iter().find(|cell| cell.column == *column).map(|cell| cell.text.clone());
            records.push((slot.id.clone(), columns.iter().map(|column| said(column).unwrap_or_default()).collect()));
        }
        match keys::columns_of_ids(&records) {
            Some(key) => keys.with(T::table_name(), key.into_iter().map(|column| columns[column].clone())),
            None => keys,
        }
    }

    /// Refuses to give two records a key of which the schema says that it tells them apart.
    fn check_keys(&self, before: &Table<'_>, new: &[u8], changed: &[RowChange<'_, T>]) -> Result<()> {
        let said = self.merge.keys.of(T::table_name()).and_then(|_| self.merge.keys.columns(before).ok());
        let all: Vec<Vec<usize>> = said.into_iter().chain(self.merge.keys.others(before)).collect();
        if all.is_empty() {
            return Ok(());
        }
        let after = Document::parse(new);
        let Some(after) = table_of(self.path, &after, T::table_name())? else { return Ok(()) };
        for columns in all {
            let Some(key) = doubled(before, &after, &columns) else { continue };
            let names: Vec<_> = columns.iter().filter_map(|&column| after.columns().nth(column)).collect();
            let says = |cells: &Vec<Cell>| {
                names
                    .iter()
                    .zip(key.parts())
                    .all(|(name, part)| cells.iter().any(|cell| cell.column == *name && cell.text == part))
            };
            let Some(change) = changed.iter().find(|change| change.ours.as_ref().is_some_and(says)).or(changed.first())
            else {
                continue;
            };
            let why = format!("another record has the key `{key}`");
            return Err(
                self.unwritable(change.slot, FieldError { column: names.first().map(ToString::to_string), why })
            );
        }
        Ok(())
    }

    /// Refuses to refer to records that somebody else removed meanwhile.
    fn check_references(&self, there: &Document, new: &[u8]) -> Result<()> {
        let before = self.state.source.as_deref().filter(|before| *before != there.source());
        let conflict = before
            .and_then(|before| removed_target(&Document::parse(before), there, &Document::parse(new), self.merge));
        conflict.map_or(Ok(()), |conflict| Err(self.conflict(vec![conflict])))
    }

    fn conflict(&self, conflicts: Vec<Conflict>) -> Error {
        Error::Conflict { path: self.path.to_owned(), conflicts }
    }

    fn edit<'d>(&self, there: &'d Document) -> Result<Edit<'d>> {
        Edit::of(there, Reseal::OnlyIfRight).map_err(|error| self.unsafe_edit(error))
    }

    fn rebased(&self, base: &[u8], changed: &[u8], now_there: &[u8], keys: Keys) -> Result<Vec<u8>> {
        let merge = Options { keys, ..self.merge.clone() };
        let stamps = (self.stamping == Stamping::Now).then(|| update::Stamping::new(Stamps::Dates, now_exactly()));
        let merged = rebase(base, changed, now_there, &Rebasing { merge, stamps });
        let merged = merged.map_err(|error| match error {
            RebaseError::Seal(error) => self.unsafe_edit(error.into()),
            RebaseError::Stamp(error) => self.unsafe_edit(error),
        })?;
        if merged.is_clean() {
            return Ok(merged.content);
        }
        let mut conflicts = merged.conflicts;
        for conflict in &mut conflicts {
            // The other texts stand nowhere.
            conflict.lines = Sides { ours: conflict.lines.ours, ..Sides::default() };
        }
        Err(self.conflict(conflicts))
    }

    /// The source with the header of the table at its end, behind a blank line.
    fn with_table(&self, records: &[RowChange<'_, T>], there: &Document) -> Result<Vec<u8>> {
        let mut columns: Vec<&str> = Vec::new();
        for cell in records.iter().flat_map(|change| change.base.iter().chain(&change.ours).flatten()) {
            if !columns.contains(&cell.column.as_str()) {
                columns.push(&cell.column);
            }
        }
        let name = T::table_name();
        if let Some(bad) = columns.iter().chain([&name]).find(|name| !is_name(name)) {
            return Err(self.no_table(&format!("`{bad}` cannot be its name or that of a column: it is no word")));
        }
        if columns.is_empty() {
            return Err(self.no_table("the record has no fields, so it would have no columns"));
        }
        let source = there.source();
        let is_parted = |piece: &Piece| piece.kind == PieceKind::Blank || piece.span.is_empty();
        let blank = there.pieces().last().filter(|last| !is_parted(last)).map(|_| String::new());
        let header = format!("{name} |{}|", columns.join(", "));
        let mut text = TextEdit::new(there);
        text.insert_ended_lines(source.len(), blank.into_iter().chain([header]));
        let new = text.finish().map_err(|error| self.unsafe_edit(error))?.map(Document::into_source);
        let new = seal_change(source, new.unwrap_or_default(), Reseal::OnlyIfRight);
        let new = new.map_err(|error| self.unsafe_edit(error.into()))?;
        let with_table = Document::parse(new);
        if let Some(error) = check::new_errors(there, &with_table).first() {
            return Err(self.no_table(&error.message));
        }
        Ok(with_table.into_source())
    }

    /// What was written must be read back as it was meant.
    fn verify(&self, records: &[RowChange<'_, T>], made: &State<T>) -> Result<()> {
        for RowChange { slot, ours, .. } in records {
            let Some(cells) = ours else { continue };
            let wanted: BTreeMap<&str, &str> =
                cells.iter().map(|cell| (cell.column.as_str(), cell.text.as_str())).collect();
            let bad = |column: Option<&str>, why: &str| {
                self.unwritable(slot, FieldError { column: column.map(str::to_owned), why: why.to_owned() })
            };
            let Some(record) = made.get(&slot.id) else {
                if wanted.get(VALID) == Some(&"false") {
                    continue;
                }
                return Err(bad(None, "it would be read back under another id"));
            };
            let read = to_row(record).map_err(|error| self.unwritable(slot, error))?;
            let meant = slot.record.as_ref().map(to_row).transpose().map_err(|error| self.unwritable(slot, error))?;
            let is_gone = |cell: &&Cell| cell.is_own && !cell.text.is_empty() && text(&read, &cell.column).is_none();
            if let Some(cell) = cells.iter().find(is_gone) {
                return Err(bad(Some(&cell.column), "the table has no such column"));
            }
            for (column, now) in &read {
                // What another column says was theirs to change.
                let is_ours = wanted.contains_key(column.as_str()) && Stamp::of(column).is_none() && column != CREATED;
                let same = meant.as_ref().is_none_or(|meant: &Texts| text(meant, column) == Some(now));
                if is_ours && !same {
                    let why = "the table has no such column, or it would be read back as something else";
                    return Err(bad(Some(column), why));
                }
            }
        }
        Ok(())
    }

    fn unsafe_edit(&self, source: EditError) -> Error {
        Error::UnsafeEdit { path: self.path.to_owned(), source }
    }

    fn unwritable(&self, slot: &Slot<T>, error: FieldError) -> Error {
        Error::UnwritableRecord {
            path: self.path.to_owned(),
            table: T::table_name().to_owned(),
            record: slot.id.clone(),
            column: error.column,
            why: error.why,
        }
    }

    fn no_table(&self, why: &str) -> Error {
        Error::UnusableTable { path: self.path.to_owned(), table: T::table_name().to_owned(), why: why.to_owned() }
    }

    fn ambiguous(&self, id: &str, document: &Document, rows: &[usize]) -> Error {
        let lines = Lines::new(document.source());
        Error::AmbiguousRecord {
            path: self.path.to_owned(),
            table: T::table_name().to_owned(),
            record: id.to_owned(),
            lines: rows.iter().map(|&row| lines.position(document.pieces()[row].span.start).line).collect(),
        }
    }
}
