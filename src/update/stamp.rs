//! Versions and times of records.
//!
//! A table may carry `version` (an integer) and `last_modified` (RFC 3339, UTC). A record that was changed gets
//! `version` + 1 and the time, once for a change; a new one begins at 1 and now. Whoever sets them in the change
//! itself has the last word. Dates that programs keep by themselves, `updated_at`, `last_updated` and `created_at`,
//! are kept up to date only by commands that change single records. A time is written as the one that it replaces, a
//! new one as most live records write theirs in its column: only the day, with or without `Z`, to the microsecond.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use memchr::memmem;

use super::times::{ColumnTimes, TimeTypes};
use crate::address::Address;
use crate::check::Schema;
use crate::record::{CREATED, Key, Keys, LAST_MODIFIED, Stamp, TIMES, VERSION, is_live};
use crate::sdn::{Alteration, Document, Edit, EditError, Place, Reseal, Row, Spelling, Table};
use crate::text::Lines;

/// Which columns are kept up to date.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stamps {
    /// `version` and `last_modified`.
    Versions,
    /// `updated_at`, `last_updated` and `created_at` too.
    Dates,
}

impl Stamps {
    /// The columns that say when a record was changed.
    fn times(self) -> &'static [&'static str] {
        if self == Self::Dates { &TIMES } else { &[LAST_MODIFIED] }
    }

    /// Whether they keep this column up to date.
    pub(super) fn keep(self, column: &str) -> bool {
        column == VERSION || self.times().contains(&column) || (self == Self::Dates && column == CREATED)
    }
}

/// Which columns are kept up to date, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamping {
    stamps: Stamps,
    now: String,
    types: TimeTypes,
}

impl Stamping {
    /// These columns get this time, which is written as RFC 3339 has it, to any precision: of that a column shows as
    /// much as the times in it do.
    #[must_use]
    pub fn new(stamps: Stamps, now: impl Into<String>) -> Self {
        Self { stamps, now: now.into(), types: TimeTypes::default() }
    }

    /// The same, but a time is of the type that a schema says of its column: a date has no time of day.
    #[must_use]
    pub fn by_schema(self, schema: &Schema) -> Self {
        Self { types: TimeTypes::of(schema), ..self }
    }

    /// Which columns these are.
    #[must_use]
    pub fn stamps(&self) -> Stamps {
        self.stamps
    }
}

/// Stamps the records of `new` that are new or changed since `old`. What is not UTF-8 has no records.
///
/// ```
/// use sdnlock::record::Keys;
/// use sdnlock::update::{Stamping, Stamps, stamp};
///
/// let old = "todos |id, text, created_at|\n    1, a, \"2026-01-31\"\n";
/// let new = format!("{old}    2, b, \"\"\n");
/// let stamping = Stamping::new(Stamps::Dates, "2026-11-23T09:00:00Z");
/// let stamped = stamp(old.as_bytes(), new.into_bytes(), &stamping, &Keys::new())?;
/// assert!(stamped.ends_with(b"    2, b, \"2026-11-23\"\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a stamp cannot be written without a doubt about what the file would say then.
pub fn stamp(old: &[u8], new: Vec<u8>, stamping: &Stamping, keys: &Keys) -> Result<Vec<u8>, EditError> {
    stamp_beside(None, old, new, stamping, keys)
}

/// What somebody else has made of the old text meanwhile.
#[derive(Clone, Copy)]
pub(super) struct Others<'d> {
    pub document: &'d Document,
    /// Whether a record is another one if it says more than what changed here.
    pub whole: bool,
}

/// As [`stamp`], but what others made of a record alike counts once: as they have stamped it.
pub(super) fn stamp_beside(
    others: Option<Others<'_>>,
    old: &[u8],
    new: Vec<u8>,
    stamping: &Stamping,
    keys: &Keys,
) -> Result<Vec<u8>, EditError> {
    if !may_have_stamps(&new) || std::str::from_utf8(&new).is_err() {
        return Ok(new);
    }
    let (old, document) = (Document::parse(old), Document::parse(new));
    // Of the versions between the markers of a merge nobody knows yet which one it will be.
    if document.first_conflict_marker().is_some() {
        return Ok(document.into_source());
    }
    let (old, tables) = (by_address(&old), by_address(&document));
    let whole = others.is_some_and(|others| others.whole);
    let others = others.map(|others| by_address(others.document)).unwrap_or_default();
    let mut edit = None;
    // In their order, so that the first one that cannot be stamped is the first one that is told.
    for table in document.tables().filter(|table| !table.is_typed()) {
        let address = Address::of_table(&table);
        let before = old.get(&address).map_or(Some(None), |before| before.map(Some));
        let (Some(_), Some(before)) = (tables[&address], before) else { continue };
        let columns = Columns::of([before, Some(table)], &table, stamping);
        if columns.is_none() {
            continue;
        }
        let edit = match &mut edit {
            Some(edit) => edit,
            // The seal is not looked at here: it was when the change was made.
            None => edit.insert(Edit::of(&document, Reseal::Always)?),
        };
        // Without a key on both sides, records are known by what they say.
        let is_keyed = before.is_none_or(|before| keys.columns(&before).is_ok());
        let key = keys.columns(&table).ok().filter(|_| is_keyed).unwrap_or_default();
        let others = others.get(&address).copied().flatten();
        let [known, mut others] =
            [before, others].map(|before| before.map(|before| Known::of(&before, &table, &key)).unwrap_or_default());
        // What was there before is nothing that others made.
        others.leave_out(&known);
        stamp_table(known, (others, whole), &table, &key, &columns, edit)?;
    }
    match edit {
        Some(edit) => edit.finish(),
        None => Ok(document.into_source()),
    }
}

/// The tables whose columns have names, by their addresses; nothing for an address that several have.
fn by_address(document: &Document) -> HashMap<Address, Option<Table<'_>>> {
    let mut tables = HashMap::new();
    for table in document.tables().filter(|table| !table.is_typed()) {
        tables.entry(Address::of_table(&table)).and_modify(|one| *one = None).or_insert(Some(table));
    }
    tables
}

/// Whether a text can have a column that is a stamp. Most have none, which is seen without reading them.
#[must_use]
pub fn may_have_stamps(source: &[u8]) -> bool {
    let has = |name: &&str| memmem::find(source, name.as_bytes()).is_some();
    [VERSION, CREATED].iter().chain(&TIMES).any(has)
}

/// The columns that a table lacks to have its records stamped, with what the records that are there get.
#[must_use]
pub fn versioned(table: &Table<'_>, now: &str) -> Vec<Alteration> {
    let add = |name: &str, default: &str| Alteration::Add { name: name.to_owned(), default: default.to_owned() };
    let columns = [(VERSION, "1"), (LAST_MODIFIED, now)];
    let lacking = columns.iter().filter(|(name, _)| table.column(name).is_none());
    lacking.map(|(name, default)| add(name, default)).collect()
}

/// How many records are looked through for one that has got another key.
const MOST_REKEYED: usize = 1000;

/// Where the stamps of a table stand.
struct Columns<'t> {
    version: Option<usize>,
    /// Those that say when a record was changed.
    times: Vec<TimeColumn<'t>>,
    created: Option<TimeColumn<'t>>,
    stamping: &'t Stamping,
}

/// A column of times.
struct TimeColumn<'t> {
    position: usize,
    name: &'static str,
    /// The versions of the table whose times are looked at.
    versions: [Option<Table<'t>>; 2],
    /// How they are written, once that is asked for.
    known: OnceCell<ColumnTimes>,
}

impl<'t> Columns<'t> {
    /// Of the versions of the table the first one is that before.
    fn of(versions: [Option<Table<'t>>; 2], table: &Table<'_>, stamping: &'t Stamping) -> Self {
        let stamps = stamping.stamps;
        let column = |name: &'static str| {
            let position = table.column(name)?;
            Some(TimeColumn { position, name, versions, known: OnceCell::new() })
        };
        Self {
            version: table.column(VERSION),
            times: stamps.times().iter().copied().filter_map(column).collect(),
            created: column(CREATED).filter(|_| stamps == Stamps::Dates),
            stamping,
        }
    }

    fn is_none(&self) -> bool {
        self.version.is_none() && self.times.is_empty() && self.created.is_none()
    }

    /// Puts the time in the place of another one, or of nothing.
    fn set_time<'d>(&self, column: &TimeColumn<'_>, place: &Place<'d>, edit: &mut Edit<'d>) -> Result<(), EditError> {
        let types = &self.stamping.types;
        let times = column.known.get_or_init(|| ColumnTimes::of(&column.versions, column.name, types));
        times.set(place, &self.stamping.now, edit)
    }
}

fn stamp_table<'d>(
    mut known: Known<'d>,
    (mut others, whole): (Known<'_>, bool),
    table: &Table<'d>,
    key: &[usize],
    columns: &Columns<'_>,
    edit: &mut Edit<'d>,
) -> Result<(), EditError> {
    let stamps: Vec<bool> = table.columns().map(|name| Stamp::of(&name).is_some()).collect();
    let readable = || table.rows().filter(|row| row.reading().fits());
    let moved: Vec<Row<'d>> = readable().filter(|row| !known.take_same(row)).collect();
    let by_key: Vec<Option<usize>> =
        moved.iter().map(|row| known.take(&Key::of(row, key)?, is_live(table, row))).collect();
    let mut left = known.left();
    // So many do not get other keys: the table was replaced.
    left.truncate(if left.len() > MOST_REKEYED { 0 } else { left.len() });
    // Rows without a key are changed in their places, unless some came or went.
    let in_order = key.is_empty() && left.len() == moved.len();
    for (row, found) in moved.into_iter().zip(by_key) {
        // A record may have got another key.
        let found = found.or_else(|| {
            let says_the_same = |&place: &usize| known.rows[place].says_all_but(key, &row);
            let place = if in_order { 0 } else { left.iter().position(says_the_same)? };
            Some(left.remove(place))
        });
        let old = found.map(|place| &known.rows[place]);
        if others.say_it(&row, key, is_live(table, &row), old.filter(|_| !whole), &stamps) {
            continue;
        }
        if let Some(old) = old {
            // Where only stamps are others, somebody has stamped it.
            let is_same = |column: usize| old.says(column).is_some_and(|old| old == text(&row, column));
            if (0..stamps.len()).all(|column| stamps[column] || is_same(column)) {
                continue;
            }
            let is_untouched = |&column: &usize| old.says(column).is_none_or(|old| old == text(&row, column));
            if let Some(version) = columns.version.filter(is_untouched) {
                count(&place(table, &row, version), edit)?;
            }
            for column in columns.times.iter().filter(|column| is_untouched(&column.position)) {
                columns.set_time(column, &place(table, &row, column.position), edit)?;
            }
        } else {
            let is_empty = |&column: &usize| text(&row, column).is_empty();
            if let Some(version) = columns.version.filter(is_empty) {
                count(&place(table, &row, version), edit)?;
            }
            let times = columns.times.iter().chain(&columns.created);
            for column in times.filter(|column| is_empty(&column.position)) {
                columns.set_time(column, &place(table, &row, column.position), edit)?;
            }
        }
    }
    Ok(())
}

/// The next version in place of one; 1 in place of nothing. What is no number is left alone.
fn count<'d>(place: &Place<'d>, edit: &mut Edit<'d>) -> Result<(), EditError> {
    let version = place.value().text();
    if version.is_empty() {
        // An empty cell says nothing of how numbers are spelled.
        return edit.set_as(place, "1", Spelling::Bare);
    }
    let Ok(number) = version.parse::<i128>() else { return Ok(()) };
    if let Ok(next) = i64::try_from(number.saturating_add(1)) {
        return edit.set(place, &next.to_string());
    }
    let line = Lines::new(place.document().source()).position(place.span().start).line;
    Err(EditError::NoNextVersion { line, version: version.into_owned() })
}

fn place<'d>(table: &Table<'d>, row: &Row<'d>, column: usize) -> Place<'d> {
    let cell = row.cell(column).expect("the row has a cell for each column");
    Place::of_cell(table.document(), row.piece(), cell)
}

fn text<'d>(row: &Row<'d>, column: usize) -> Cow<'d, str> {
    row.cell(column).map(|cell| cell.value().text()).unwrap_or_default()
}

/// The rows of the table before, by key, that no row of the new one was found for yet.
#[derive(Default)]
struct Known<'o> {
    rows: Vec<Old<'o>>,
    /// By what they say in the columns of the new table; of rows that lack one of these there is nothing.
    same: HashMap<String, Vec<usize>>,
    /// By key and by whether they are live, in their order.
    keyed: HashMap<(Key<'o>, bool), VecDeque<usize>>,
}

/// A row of the table before.
struct Old<'o> {
    row: Row<'o>,
    /// Where the columns of the new table stand in the old one.
    columns: Rc<[Option<usize>]>,
    is_taken: bool,
}

impl<'o> Old<'o> {
    /// What stood in this column of the new table; nothing if there was no such column.
    fn says(&self, column: usize) -> Option<Cow<'o, str>> {
        self.columns[column].map(|column| text(&self.row, column))
    }

    /// Whether it says the same in all columns but these.
    fn says_all_but(&self, columns: &[usize], new: &Row<'_>) -> bool {
        let mut others = (0..self.columns.len()).filter(|column| !columns.contains(column));
        others.all(|column| self.says(column).is_some_and(|old| old == text(new, column)))
    }
}

/// All texts of a row in one, which no other row has.
fn whole<'t>(texts: impl Iterator<Item = Cow<'t, str>>) -> String {
    let mut whole = String::new();
    for text in texts {
        whole.push_str(&format!("{}:{text}", text.len()));
    }
    whole
}

impl<'o> Known<'o> {
    /// `key` are the key columns of the new table.
    fn of(before: &Table<'o>, after: &Table<'_>, key: &[usize]) -> Self {
        let columns: Rc<[Option<usize>]> = after.columns().map(|name| before.column(&name)).collect();
        let key: Option<Vec<usize>> = key.iter().map(|&column| columns[column]).collect();
        let Some(key) = key else { return Self::default() };
        let mut known = Self::default();
        for row in before.rows().filter(|row| row.reading().fits()) {
            let old = Old { columns: Rc::clone(&columns), is_taken: false, row };
            let place = known.rows.len();
            let texts: Option<Vec<Cow<'o, str>>> = (0..columns.len()).map(|column| old.says(column)).collect();
            if let Some(texts) = texts {
                known.same.entry(whole(texts.into_iter())).or_default().push(place);
            }
            if let Some(key) = Key::of(&old.row, &key) {
                known.keyed.entry((key, is_live(before, &old.row))).or_default().push_back(place);
            }
            known.rows.push(old);
        }
        known
    }

    /// Takes a row away that says the same.
    fn take_same(&mut self, new: &Row<'_>) -> bool {
        let found = self.same.get_mut(&whole(new.cells().map(|cell| cell.value().text()))).and_then(Vec::pop);
        if let Some(place) = found {
            self.rows[place].is_taken = true;
        }
        found.is_some()
    }

    /// Takes the row away that has become another one: the first one that is as live, else the first one.
    fn take(&mut self, key: &Key<'o>, is_live: bool) -> Option<usize> {
        let place = [is_live, !is_live].into_iter().find_map(|is_live| {
            let places = self.keyed.get_mut(&(key.clone(), is_live))?;
            std::iter::from_fn(|| places.pop_front()).find(|&place| !self.rows[place].is_taken)
        })?;
        self.rows[place].is_taken = true;
        Some(place)
    }

    /// Takes the rows away that others say, too.
    fn leave_out(&mut self, others: &Self) {
        for (text, places) in &others.same {
            let Some(same) = self.same.get_mut(text) else { continue };
            for place in same.drain(same.len().saturating_sub(places.len())..) {
                self.rows[place].is_taken = true;
            }
        }
    }

    /// Whether one of them says what a row says and did not say before, but for some columns.
    fn say_it(&mut self, row: &Row<'_>, key: &[usize], is_live: bool, old: Option<&Old<'_>>, but: &[bool]) -> bool {
        let Some(key) = Key::of(row, key) else { return self.take_same(row) };
        let mut places = self.keyed.get(&(key, is_live)).into_iter().flatten();
        let Some(&place) = places.find(|&&place| !self.rows[place].is_taken) else { return false };
        (0..but.len()).filter(|&column| !but[column]).all(|column| {
            let is = Some(text(row, column));
            is == self.rows[place].says(column) || old.is_some_and(|old| is == old.says(column))
        })
    }

    /// The rows that nothing was found for.
    fn left(&self) -> Vec<usize> {
        (0..self.rows.len()).filter(|&place| !self.rows[place].is_taken).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-23T09:00:00Z";

    fn stamped(old: &str, new: &str, stamps: Stamps) -> String {
        String::from_utf8(stamp(old.as_bytes(), new.into(), &Stamping::new(stamps, NOW), &Keys::new()).unwrap())
            .unwrap()
    }

    #[test]
    fn records_that_changed_or_are_new_get_a_version_and_a_time() {
        let old = "t |id, n, version, last_modified|\n    1, a, 4, \"2026-01-01T00:00:00Z\"\n    2, b, \"\", \"\"\n    3, c, 1, \"\"\n";
        let new = "t |id, n, version, last_modified|\n    3, c, 1, \"\"\n    1, x, 4, \"2026-01-01T00:00:00Z\"\n    2, y, \"\", \"\"\n    4, d, , \n";
        let expected = "t |id, n, version, last_modified|\n    3, c, 1, \"\"\n    1, x, 5, \"2026-11-23T09:00:00Z\"\n    \
                        2, y, 1, \"2026-11-23T09:00:00Z\"\n    4, d, 1, \"2026-11-23T09:00:00Z\"\n";
        assert_eq!(stamped(old, new, Stamps::Versions), expected);
        assert_eq!(stamped(old, old, Stamps::Dates), old);
    }

    #[test]
    fn a_record_with_another_key_has_changed() {
        let old = "t |id, n, version|\n    1, a, 5\n    2, b, 1\n";
        let new = "t |id, n, version|\n    9, a, 5\n    2, b, 1\n    3, c, \n";
        assert_eq!(stamped(old, new, Stamps::Versions), "t |id, n, version|\n    9, a, 6\n    2, b, 1\n    3, c, 1\n");
    }

    #[test]
    fn stamps_that_the_change_sets_itself_stay() {
        let old = "t |id, n, version|\n    1, a, 4\n";
        let new = "t |id, n, version|\n    1, b, 9\n";
        assert_eq!(stamped(old, new, Stamps::Versions), new);
    }

    #[test]
    fn dates_of_other_programs_keep_their_manner() {
        let old = "t |id, n, created_at, updated_at|\n    1, a, 2026-01-01, 2026-01-02\n";
        let new = "t |id, n, created_at, updated_at|\n    1, b, 2026-01-01, 2026-01-02\n    2, c, \"\", \"\"\n";
        let expected = "t |id, n, created_at, updated_at|\n    1, b, 2026-01-01, 2026-11-23\n    \
                        2, c, 2026-11-23, 2026-11-23\n";
        assert_eq!(stamped(old, new, Stamps::Dates), expected);
        assert_eq!(stamped(old, new, Stamps::Versions), new);
    }

    #[test]
    fn a_new_time_is_written_as_most_live_records_write_theirs() {
        let header = "t |id, valid, at, updated_at, created_at|\n";
        let rows = "    1, true, x, \"2026-01-02T08:00:00.250000\", 2026-01-02\n    \
                    2, true, x, \"2026-01-02T08:00:00.500000\", 2026-01-02\n    \
                    3, true, x, 2026-01-02T08:00:00Z, \"2026-01-02T08:00:00Z\"\n    \
                    4, false, x, 2026-01-02, \"2026-01-02T08:00:00Z\"\n    \
                    5, false, x, 2026-01-02, \"2026-01-02T08:00:00Z\"\n    \
                    6, false, x, 2026-01-02, \"2026-01-02T08:00:00Z\"\n";
        let old = format!("{header}{rows}");
        let new = format!("{old}    7, true, y, \"\", \"\"\n").replace("3, true, x", "3, true, z");
        let now = "2026-11-23T09:00:00.123456789Z";
        let stamped = |old: &str, new: &str, schema: &Schema| {
            let stamping = Stamping::new(Stamps::Dates, now).by_schema(schema);
            String::from_utf8(stamp(old.as_bytes(), new.into(), &stamping, &Keys::new()).unwrap()).unwrap()
        };
        let none = Schema::default();
        let expected = new.replace("z, 2026-01-02T08:00:00Z", "z, 2026-11-23T09:00:00Z");
        let expected = expected.replace("y, \"\", \"\"", "y, \"2026-11-23T09:00:00.123456\", 2026-11-23");
        assert_eq!(stamped(&old, &new, &none), expected);
        // Where there is none to look at, the schema says what they are.
        let types = "columns |table, column, type|\n    t, updated_at, date\n    t, created_at, timestamp\n";
        let schema = Schema::read(&Document::parse(types)).0;
        let row = "    7, true, y, \"\", \"\"\n";
        let written = |old: &str, schema: &Schema| {
            stamped(old, &format!("{old}{row}"), schema).lines().last().unwrap().to_owned()
        };
        assert_eq!(written(header, &none), "    7, true, y, \"2026-11-23T09:00:00Z\", \"2026-11-23T09:00:00Z\"");
        assert_eq!(written(header, &schema), "    7, true, y, \"2026-11-23\", \"2026-11-23T09:00:00Z\"");
        // What it says of a column counts before what others do there.
        assert_eq!(written(&old, &schema), "    7, true, y, \"2026-11-23\", 2026-11-23T09:00:00Z");
    }

    #[test]
    fn a_record_that_is_hidden_has_changed_and_its_history_has_not() {
        let old = "t |id, n, valid, version|\n    1, a, false, 1\n    1, b, true, 2\n";
        let new = "t |id, n, valid, version|\n    1, a, false, 1\n    1, b, false, 2\n";
        let expected = "t |id, n, valid, version|\n    1, a, false, 1\n    1, b, false, 3\n";
        assert_eq!(stamped(old, new, Stamps::Versions), expected);
    }
}
