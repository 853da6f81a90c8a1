//! What no merge may do, whatever its texts hold: lose what both sides have, or what one of them has that is new; or let
//! a key stand more often than on the side that has it more often.
//!
//! A merge by names and keys keeps that by itself. Where names are [tangled](super::tangles), or an earlier merge left
//! markers, parts of a text are known by what they say alone, and so it is looked at once more.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::conflict::{FullName, Subject};
use super::diffs::Diff;
use super::keys::key_of;
use super::sides::{Side, Sides};
use crate::address::{Path, Paths};
use crate::record::{Key, Keys, hiding_column, is_hidden};
use crate::sdn::{Document, Row, Table};

/// How often something stands in a text.
#[derive(Clone, Copy, Default)]
struct Times {
    all: usize,
    /// Rows that are not hidden.
    live: usize,
}

/// A table or setting of a text.
struct Entry<'d> {
    path: Path,
    piece: usize,
    table: Option<Table<'d>>,
}

/// How often what has a name stands in a text: tables and settings, and the records of tables.
#[derive(Default)]
struct Census {
    entries: HashMap<Path, usize>,
    records: HashMap<(Path, Key<'static>), Times>,
}

/// What a table is like in all texts.
struct Shape<'d> {
    is_keyed: bool,
    columns: Vec<Cow<'d, str>>,
    /// Whether its columns are the same everywhere.
    is_one: bool,
}

/// How a result is looked at.
pub(super) struct Law<'k> {
    pub keys: &'k Keys,
    /// What ours has alone may go.
    pub theirs_wins: bool,
    /// Else each version of a conflict stands there.
    pub is_clean: bool,
}

impl Law<'_> {
    /// Something that `merged` has not as it must; nothing if all is well. The rows of tables that have no key on some
    /// side are records by all they say, unless their columns differ.
    /// `theirs` is as it was before records got other numbers.
    pub fn broken(&self, documents: Sides<&Document>, theirs: &Document, merged: &Document) -> Option<Subject> {
        let mut paths = Paths::default();
        let all = [documents.base, documents.ours, documents.theirs, merged];
        let entries = all.map(|document| entries(document, &mut paths));
        let mut shapes: HashMap<Path, Shape<'_>> = HashMap::new();
        for (path, table) in entries.iter().flatten().filter_map(|entry| Some((entry.path, entry.table?))) {
            let columns: Vec<Cow<'_, str>> = table.columns().collect();
            let is_keyed = self.keys.columns(&table).is_ok();
            let shape =
                shapes.entry(path).or_insert_with(|| Shape { is_keyed, columns: columns.clone(), is_one: true });
            shape.is_keyed &= is_keyed;
            shape.is_one &= shape.columns == columns;
        }
        let settled = settled(&entries, &shapes);
        let mut census = |document| Census::of(document, self.keys, &mut paths, &shapes, &settled);
        let sides = documents.map(&mut census);
        let (numbered, merged) = (census(theirs), census(merged));
        let times = |of: &Census, path: Path| of.entries.get(&path).copied().unwrap_or_default();
        let lost_entry = [Side::Ours, Side::Theirs].into_iter().find_map(|side| {
            let is_lost = |path: &Path| {
                let there = sides.each_ref().map(|side| times(side, *path));
                let merged = times(&merged, *path);
                self.is_gone(there, merged) || self.is_too_often(there, merged)
            };
            sides[side].entries.keys().copied().filter(is_lost).min()
        });
        if let Some(path) = lost_entry {
            return Some(Subject::Entry(full_name(&paths, path)));
        }
        let lost_record = [Side::Ours, Side::Theirs].into_iter().find_map(|side| {
            let is_lost = |record: &&(Path, Key<'static>)| {
                let there = sides.each_ref().map(|side| side.records.get(record).copied().unwrap_or_default());
                let merged = merged.records.get(record).copied().unwrap_or_default();
                // How often a record is hidden is its history.
                let (all, live) = (there.map(|times| times.all), there.map(|times| times.live));
                let was = numbered.records.get(record).copied().unwrap_or_default();
                self.is_gone(all, merged.all)
                    || self.is_gone(live, merged.live)
                    || self.is_too_often(live, merged.live)
                    || (there.ours.all > 0 && was.all > 0 && merged.all == 0)
                    || (live.ours > 0 && was.live > 0 && merged.live == 0)
            };
            sides[side].records.keys().filter(is_lost).min()
        });
        let (table, key) = lost_record?;
        let is_keyed = shapes.get(table).is_some_and(|shape| shape.is_keyed);
        let subject = || Subject::Record { table: full_name(&paths, *table), key: key.to_string() };
        Some(if is_keyed { subject() } else { Subject::Lines })
    }

    fn is_too_often(&self, times: Sides<usize>, merged: usize) -> bool {
        self.is_clean && merged > times.ours.max(times.theirs)
    }

    /// Whether something is not there that must be.
    fn is_gone(&self, times: Sides<usize>, merged: usize) -> bool {
        let is_on_both = times.ours > 0 && times.theirs > 0;
        let is_new = times.base == 0 && (times.theirs > 0 || (times.ours > 0 && !self.theirs_wins));
        merged == 0 && (is_on_both || is_new)
    }
}

fn full_name(paths: &Paths, path: Path) -> FullName {
    let mut names = paths.names(path).into_iter();
    let outermost = FullName::of(names.next().unwrap_or_default());
    names.fold(outermost, |within, name| within.with(name))
}

/// What has a name in a document, in order.
fn entries<'d>(document: &'d Document, paths: &mut Paths) -> Vec<Entry<'d>> {
    let mut found = Vec::new();
    find(document, document.children(None), None, paths, &mut found);
    found
}

/// What has a name among some pieces and below them.
fn find<'d>(
    document: &'d Document,
    pieces: impl Iterator<Item = usize>,
    within: Option<Path>,
    paths: &mut Paths,
    found: &mut Vec<Entry<'d>>,
) {
    for piece in pieces {
        let Some(name) = super::items::name(document, piece) else { continue };
        let path = paths.of(within, &String::from_utf8_lossy(name));
        let table = document.table_at(piece);
        found.push(Entry { path, piece, table });
        if table.is_none() {
            find(document, document.children(Some(piece)), Some(path), paths, found);
        }
    }
}

/// The rows of a table that stand as often in each text, word for word.
type Settled<'d> = HashMap<Path, HashSet<&'d [u8]>>;

/// Those of tables without a key: nothing became of them.
fn settled<'d>(entries: &[Vec<Entry<'d>>; 4], shapes: &HashMap<Path, Shape<'_>>) -> Settled<'d> {
    let mut times: HashMap<Path, HashMap<&[u8], [usize; 4]>> = HashMap::new();
    for (at, entries) in entries.iter().enumerate() {
        for (path, table) in entries.iter().filter_map(|entry| Some((entry.path, entry.table?))) {
            if shapes.get(&path).is_none_or(|shape| shape.is_keyed || !shape.is_one) {
                continue;
            }
            let times = times.entry(path).or_default();
            for row in table.rows() {
                times.entry(row.span().of(table.document().source())).or_default()[at] += 1;
            }
        }
    }
    let equal = |(row, times): (&'d [u8], [usize; 4])| times.iter().all(|count| *count == times[0]).then_some(row);
    times.into_iter().map(|(path, times)| (path, times.into_iter().filter_map(equal).collect())).collect()
}

/// The columns that a table's rows are known by: none if by their cells. Nothing if no row is counted.
fn known_by(entry: &Entry<'_>, keys: &Keys, shapes: &HashMap<Path, Shape<'_>>) -> Option<Vec<usize>> {
    let (table, shape) = (entry.table?, shapes.get(&entry.path)?);
    if shape.is_keyed {
        return Some(keys.columns(&table).unwrap_or_default());
    }
    shape.is_one.then(Vec::new)
}

impl Census {
    fn of(
        document: &Document,
        keys: &Keys,
        paths: &mut Paths,
        shapes: &HashMap<Path, Shape<'_>>,
        settled: &Settled<'_>,
    ) -> Self {
        let mut census = Self::default();
        let entries = entries(document, paths);
        let columns: Vec<Option<Vec<usize>>> = entries.iter().map(|entry| known_by(entry, keys, shapes)).collect();
        for (entry, columns) in entries.iter().zip(&columns) {
            census.count(entry, columns.as_deref(), settled.get(&entry.path));
        }
        for diff in Diff::among(document, 0..document.pieces().len()) {
            let mut new = Vec::new();
            find(diff.document(), diff.outermost(), None, paths, &mut new);
            for (level, &above) in diff.above().iter().enumerate() {
                let Ok(at) = entries.binary_search_by_key(&above, |entry| entry.piece) else { continue };
                let path = entries[at].path;
                match (&entries[at].table, &columns[at]) {
                    (Some(table), Some(columns)) => census.rows(path, table, diff.rows(table), columns, None),
                    (Some(_), None) => {}
                    (None, _) => find(diff.document(), diff.below(level), Some(path), paths, &mut new),
                }
            }
            for entry in &new {
                census.count(entry, known_by(entry, keys, shapes).as_deref(), None);
            }
        }
        census
    }

    fn count(&mut self, entry: &Entry<'_>, columns: Option<&[usize]>, settled: Option<&HashSet<&[u8]>>) {
        *self.entries.entry(entry.path).or_default() += 1;
        if let (Some(table), Some(columns)) = (&entry.table, columns) {
            self.rows(entry.path, table, table.rows(), columns, settled);
        }
    }

    /// Without key columns a row is known by its cells.
    fn rows<'r>(
        &mut self,
        path: Path,
        table: &Table<'_>,
        rows: impl Iterator<Item = Row<'r>>,
        columns: &[usize],
        settled: Option<&HashSet<&[u8]>>,
    ) {
        let hiding = hiding_column(table);
        let source = table.document().source();
        let is_open = |row: &Row<'_>| settled.is_none_or(|settled| !settled.contains(row.span().of(source)));
        for row in rows.filter(|row| is_open(row) && row.reading().fits()) {
            let cells = || row.cells().map(|cell| cell.value().text()).collect::<Vec<_>>();
            let key = if columns.is_empty() { Key::new([format!("{:?}", cells())]) } else { key_of(&row, columns) };
            let Some(key) = key else { continue };
            let times = self.records.entry((path, key.into_owned())).or_default();
            times.all += 1;
            times.live += usize::from(!is_hidden(&row, hiding));
        }
    }
}
