//! What is to be written: the changes of the records, made to what the file holds by now.

use std::collections::HashMap;
use std::path::Path;

use super::Record;
use super::fields::{FieldError, Texts, is_word, lists, text, to_row};
use super::merge::{ConflictResolution, Sides, Step, merge};
use super::state::{Columns, Slot, State, table_of};
use crate::check;
use crate::clock::now;
use crate::error::{Error, Result};
use crate::record::{CREATED, Keys, Stamp, VALID, VERSION, is_live};
use crate::sdn::{Document, Edit, EditError, NewCell, Reseal, Row, Spelling, Table, seal_change, spell};
use crate::text::Lines;
use crate::update::{Stamps, stamp};

/// The changes of a database, on their way into its file.
pub(super) struct Saving<'s, T> {
    pub path: &'s Path,
    pub state: &'s State<T>,
    pub how: ConflictResolution,
    pub stamping: Stamping,
}

/// When records get their versions and times.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stamping {
    Now,
    /// Once for all that is saved, when that is written.
    Later,
}

/// Stamps what has changed in a source since it was `old`.
pub(super) fn stamped(path: &Path, old: &[u8], new: Vec<u8>) -> Result<Vec<u8>> {
    let stamped = stamp(old, new, Stamps::Dates, &now(), &Keys::new());
    stamped.map_err(|source| Error::UnsafeEdit { path: path.to_owned(), source })
}

impl<T: Record> Saving<'_, T> {
    /// What the file and the database are to hold, if the file holds `theirs` now.
    pub fn make(&self, theirs: Option<&[u8]>) -> Result<State<T>> {
        let changed: Vec<&Slot<T>> = self.state.slots.iter().filter(|slot| slot.changed.is_some()).collect();
        let now_there = Document::parse(theirs.unwrap_or_default());
        let steps = if changed.is_empty() { Vec::new() } else { self.steps(&changed, theirs, &now_there)? };
        if steps.iter().all(|decided| decided.step == Step::Nothing) {
            return State::read(self.path, theirs.map(<[u8]>::to_vec));
        }
        let made = self.apply(&steps, &now_there)?;
        let made = State::read(self.path, Some(made))?;
        self.verify(&steps, &made)?;
        Ok(made)
    }

    /// Decides about each record that was changed here.
    fn steps<'s>(
        &self,
        changed: &[&'s Slot<T>],
        theirs: Option<&[u8]>,
        now_there: &Document,
    ) -> Result<Vec<Decided<'s, T>>> {
        let base = self.state.source.as_deref();
        let moved = base != theirs;
        let was_there = Document::parse(base.filter(|_| moved).unwrap_or_default());
        let was_there = if moved { &was_there } else { now_there };
        let table_before = table_of(self.path, was_there, T::table_name())?;
        let table_now = table_of(self.path, now_there, T::table_name())?;
        let (before, now) = (table_before.as_ref().map(Known::of), table_now.as_ref().map(Known::of));
        let found = if moved { now.as_ref().map(|now| self.find(now)).transpose()? } else { None };
        let (mut steps, mut conflicts) = (Vec::new(), Vec::new());
        for &slot in changed {
            let row_before = slot.row.zip(before.as_ref()).and_then(|(row, before)| before.table.row_at(row));
            let base = row_before.as_ref().zip(before.as_ref()).map(|(row, before)| before.columns.texts(row));
            let ours = slot.record.as_ref().map(|record| match (&row_before, &before, &base) {
                (Some(row), Some(before), Some(base)) => self.patched(slot, record, row, &before.columns, base),
                _ => self.texts(slot, record),
            });
            let ours = ours.transpose()?;
            if ours.is_some() && ours == base {
                continue;
            }
            let (row, hidden) = if moved {
                let found = found.as_ref().and_then(|found| found.get(&slot.id));
                let live = found.map_or(&[][..], |found| &found.live);
                if live.len() > 1 {
                    return Err(self.ambiguous(&slot.id, now_there, live));
                }
                (live.first().copied(), found.and_then(|found| found.hidden))
            } else {
                (slot.row, None)
            };
            if self.state.is_doubled(&slot.id) {
                return Err(self.ambiguous(&slot.id, was_there, &self.state.rows_of(&slot.id)));
            }
            let texts = |piece| now.as_ref().and_then(|now| Some(now.columns.texts(&now.table.row_at(piece)?)));
            let (theirs, hidden) = (row.and_then(texts), hidden.and_then(texts));
            let sides = Sides {
                record: &slot.id,
                base: base.as_ref(),
                ours: ours.as_ref(),
                ours_at: slot.changed.as_deref().unwrap_or_default(),
                theirs: theirs.as_ref(),
                hidden: hidden.as_ref(),
            };
            match merge(&sides, self.how) {
                Ok(step) => {
                    self.permit(slot, &step)?;
                    steps.push(Decided { slot, row, step });
                }
                Err(more) => conflicts.extend(more),
            }
        }
        if conflicts.is_empty() { Ok(steps) } else { Err(Error::Conflict { path: self.path.to_owned(), conflicts }) }
    }

    /// Where the rows of each id stand in a table that may have changed.
    fn find(&self, now: &Known<'_>) -> Result<HashMap<String, Found>> {
        let mut found: HashMap<String, Found> = HashMap::new();
        for row in now.table.rows() {
            if row.trouble().is_some() || is_live(&now.table, &row) {
                if let Some(record) = now.columns.live_record::<T>(self.path, &now.table, &row)? {
                    found.entry(record.id()).or_default().live.push(row.piece());
                }
            } else if let Ok(record) = now.columns.record::<T>(&row) {
                found.entry(record.id()).or_default().hidden = Some(row.piece());
            }
        }
        Ok(found)
    }

    fn texts(&self, slot: &Slot<T>, record: &T) -> Result<Texts> {
        to_row(record).map_err(|error| self.unwritable(slot, error))
    }

    /// Whether what is to be written can be: what is quoted can be anything but control characters.
    fn permit(&self, slot: &Slot<T>, step: &Step) -> Result<()> {
        let (Step::Set(texts) | Step::Append(texts)) = step else { return Ok(()) };
        for (column, text) in texts {
            if let Err(control) = spell(text, Spelling::Quoted) {
                let error = FieldError { column: Some(column.clone()), why: control.to_string() };
                return Err(self.unwritable(slot, error));
            }
        }
        Ok(())
    }

    /// The row as it was, with what the record says differently.
    fn patched(&self, slot: &Slot<T>, record: &T, row: &Row<'_>, columns: &Columns, base: &Texts) -> Result<Texts> {
        let is = self.texts(slot, record)?;
        let read = columns.record::<T>(row).and_then(|before| to_row(&before));
        let was = read.map_err(|error| self.unwritable(slot, error))?;
        let mut patched = base.clone();
        for (column, now) in &is {
            if text(&was, column) == Some(now) {
                continue;
            }
            match patched.iter_mut().find(|(name, _)| name == column) {
                Some((_, text)) => text.clone_from(now),
                None => patched.push((column.clone(), now.clone())),
            }
        }
        let gone = |column: &str| text(&was, column).is_some() && text(&is, column).is_none();
        patched.iter_mut().filter(|(column, _)| gone(column)).for_each(|(_, text)| text.clear());
        Ok(patched)
    }

    /// The new source.
    fn apply(&self, steps: &[Decided<'_, T>], theirs: &Document) -> Result<Vec<u8>> {
        let unsafe_edit = |source: EditError| Error::UnsafeEdit { path: self.path.to_owned(), source };
        let with_table;
        let document = if table_of(self.path, theirs, T::table_name())?.is_some() {
            theirs
        } else if steps.iter().any(|decided| matches!(decided.step, Step::Append(_))) {
            with_table = Document::parse(self.with_table(steps, theirs)?);
            &with_table
        } else {
            return Ok(theirs.source().to_vec());
        };
        let Some(table) = table_of(self.path, document, T::table_name())? else {
            return Err(self.no_table("it would not be read as a table at the end of this file"));
        };
        let columns = Columns::of(&table);
        let mut edit = Edit::of(document, Reseal::OnlyIfRight).map_err(unsafe_edit)?;
        for Decided { slot, row, step } in steps {
            let row = || row.and_then(|row| table.row_at(row));
            let lists = slot.record.as_ref().map(lists).transpose();
            let lists = lists.map_err(|error| self.unwritable(slot, error))?.unwrap_or_default();
            match step {
                Step::Nothing => Ok(()),
                Step::Append(texts) => edit.append_row(&table, new_row(&table, &columns, texts, &lists)),
                Step::Set(texts) => row().map_or(Ok(()), |row| {
                    let mut places = texts.iter().filter_map(|said| Some((columns.place(&row, &said.0)?, said)));
                    places.try_for_each(|(place, (column, text))| {
                        // Where nothing stands, nothing shows how a list is spelled.
                        let begins = place.value().text().is_empty() && lists.contains(column);
                        let like = if begins { Spelling::Bracketed } else { place.value().spelling() };
                        edit.set_as(&place, text, like)
                    })
                }),
                Step::Remove => row().map_or(Ok(()), |row| match columns.place(&row, VALID) {
                    Some(valid) => edit.set(&valid, "false"),
                    None => edit.remove_row(&row),
                }),
            }
            .map_err(unsafe_edit)?;
        }
        let new = edit.finish().map_err(unsafe_edit)?;
        match self.stamping {
            Stamping::Now => stamped(self.path, theirs.source(), new),
            Stamping::Later => Ok(new),
        }
    }

    /// The source with the header of the table at its end, behind a blank line.
    fn with_table(&self, steps: &[Decided<'_, T>], theirs: &Document) -> Result<Vec<u8>> {
        let mut columns: Vec<&str> = Vec::new();
        for decided in steps {
            let Step::Append(texts) = &decided.step else { continue };
            for (column, _) in texts {
                if !columns.contains(&column.as_str()) {
                    columns.push(column);
                }
            }
        }
        let name = T::table_name();
        if let Some(bad) = columns.iter().chain([&name]).find(|name| !is_word(name)) {
            return Err(self.no_table(&format!("`{bad}` cannot be its name or that of a column: it is no word")));
        }
        if columns.is_empty() {
            return Err(self.no_table("the record has no fields, so it would have no columns"));
        }
        let source = theirs.source();
        let line_end = if source.windows(2).any(|two| two == b"\r\n") { "\r\n" } else { "\n" };
        let mut new = source.to_vec();
        let is_empty = theirs.pieces().iter().all(|piece| piece.span.is_empty());
        if !is_empty && !source.ends_with(b"\n") {
            new.extend(line_end.bytes());
        }
        let is_blank = |piece: &crate::sdn::Piece| piece.kind == crate::sdn::PieceKind::Blank;
        if !is_empty && !theirs.pieces().last().is_some_and(is_blank) {
            new.extend(line_end.bytes());
        }
        new.extend(format!("{name} |{}|{line_end}", columns.join(", ")).bytes());
        let unsafe_edit = |error: EditError| Error::UnsafeEdit { path: self.path.to_owned(), source: error };
        let new = seal_change(source, new, Reseal::OnlyIfRight).map_err(|error| unsafe_edit(error.into()))?;
        let with_table = Document::parse(new);
        if let Some(error) = check::new_errors(theirs, &with_table).first() {
            return Err(self.no_table(&error.message));
        }
        Ok(with_table.into_source())
    }

    /// What was written must be read back as it was meant.
    fn verify(&self, steps: &[Decided<'_, T>], made: &State<T>) -> Result<()> {
        for Decided { slot, step, .. } in steps {
            let (Step::Set(wanted) | Step::Append(wanted)) = step else { continue };
            let is_hidden = text(wanted, VALID) == Some("false");
            let bad = |column: Option<&str>, why: &str| {
                self.unwritable(slot, FieldError { column: column.map(str::to_owned), why: why.to_owned() })
            };
            let Some(record) = made.get(&slot.id) else {
                if is_hidden {
                    continue;
                }
                return Err(bad(None, "it would be read back under another id"));
            };
            let read = to_row(record).map_err(|error| self.unwritable(slot, error))?;
            let meant = slot.record.as_ref().map(to_row).transpose().map_err(|error| self.unwritable(slot, error))?;
            for (column, now) in &read {
                // What another column says was theirs to change.
                let is_ours = text(wanted, column).is_some() && Stamp::of(column).is_none() && column != CREATED;
                let same = meant.as_ref().is_none_or(|meant| text(meant, column) == Some(now));
                if is_ours && !same {
                    return Err(bad(
                        Some(column),
                        "the table has no such column, or it would be read back as something else",
                    ));
                }
            }
        }
        Ok(())
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

/// What is to be done about a record that was changed here, and which row it is by now.
struct Decided<'s, T> {
    slot: &'s Slot<T>,
    row: Option<usize>,
    step: Step,
}

/// A table with its columns.
struct Known<'d> {
    table: Table<'d>,
    columns: Columns,
}

impl<'d> Known<'d> {
    fn of(table: &Table<'d>) -> Self {
        Self { table: *table, columns: Columns::of(table) }
    }
}

/// The rows of one id.
#[derive(Default)]
struct Found {
    live: Vec<usize>,
    /// The last one that is not.
    hidden: Option<usize>,
}

/// The cells of a new row: what the record does not say is empty, but `valid` is `true` and `version` is 1.
fn new_row(table: &Table<'_>, columns: &Columns, texts: &Texts, lists: &[String]) -> Vec<NewCell> {
    let mut cells = vec![NewCell::from(""); table.column_spans().len()];
    if let Some(valid) = columns.position(VALID) {
        cells[valid] = "true".into();
    }
    for (column, text) in texts {
        if let Some(position) = columns.position(column) {
            let is_list = lists.contains(column);
            cells[position] =
                if is_list { NewCell::like(text, Spelling::Bracketed) } else { NewCell::from(text.as_str()) };
        }
    }
    // Where nothing stands, the stamp would be quoted as the nothing is.
    if let Some(version) = columns.position(VERSION).filter(|&version| cells[version].text().is_empty()) {
        cells[version] = "1".into();
    }
    cells
}
