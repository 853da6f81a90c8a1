//! What no merge may do, whatever its texts hold: lose what both sides have, or what one of them has that is new; or let
//! a key stand more often than on the side that has it more often.
//!
//! A merge by names and keys keeps that by itself. Where names are [tangled](super::tangles), or an earlier merge left
//! markers, parts of a text are known by what they say alone, and so it is looked at once more.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::conflict::Subject;
use super::diffs::Diff;
use super::keys::key_of;
use super::sides::{Side, Sides};
use crate::address::Address;
use crate::record::{Key, Keys, hiding_column, is_hidden};
use crate::sdn::{Document, Row, Table};

/// How often something stands in a text.
#[derive(Clone, Copy, Default)]
struct Times {
    all: usize,
    /// Rows that are not hidden.
    live: usize,
}

/// What has a name in a text: tables and settings, and the records of tables.
#[derive(Default)]
struct Census {
    entries: HashMap<Address, usize>,
    records: HashMap<(Address, Key<'static>), Times>,
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
        let mut shapes: HashMap<Address, Shape<'_>> = HashMap::new();
        let all = [documents.base, documents.ours, documents.theirs, merged];
        for table in all.into_iter().flat_map(Document::tables) {
            let columns: Vec<Cow<'_, str>> = table.columns().collect();
            let is_keyed = self.keys.columns(&table).is_ok();
            let shape = shapes.entry(Address::of_table(&table)).or_insert_with(|| Shape {
                is_keyed,
                columns: columns.clone(),
                is_one: true,
            });
            shape.is_keyed &= is_keyed;
            shape.is_one &= shape.columns == columns;
        }
        let settled = settled(all, &shapes);
        let census = |document| Census::of(document, self.keys, &shapes, &settled);
        let sides = documents.map(census);
        let (numbered, merged) = (census(theirs), census(merged));
        let times = |of: &Census, address: &Address| of.entries.get(address).copied().unwrap_or_default();
        let lost_entry = [Side::Ours, Side::Theirs].into_iter().find_map(|side| {
            let is_lost = |address: &&Address| {
                let there = sides.each_ref().map(|side| times(side, address));
                let merged = times(&merged, address);
                self.is_gone(there, merged) || self.is_too_often(there, merged)
            };
            sides[side].entries.keys().filter(is_lost).min_by_key(ToString::to_string)
        });
        if let Some(address) = lost_entry {
            return Some(Subject::Entry { address: address.to_string() });
        }
        let lost_record = [Side::Ours, Side::Theirs].into_iter().find_map(|side| {
            let is_lost = |record: &&(Address, Key<'static>)| {
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
            sides[side].records.keys().filter(is_lost).min_by_key(|(address, key)| (address.to_string(), key.clone()))
        });
        let (table, key) = lost_record?;
        let is_keyed = shapes.get(table).is_some_and(|shape| shape.is_keyed);
        Some(if is_keyed { Subject::Record { table: table.to_string(), key: key.to_string() } } else { Subject::Lines })
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

/// The rows of a table that stand as often in each text, word for word.
type Settled<'d> = HashMap<Address, HashSet<&'d [u8]>>;

/// Those of tables without a key: nothing became of them.
fn settled<'d>(documents: [&'d Document; 4], shapes: &HashMap<Address, Shape<'_>>) -> Settled<'d> {
    let mut times: HashMap<Address, HashMap<&[u8], [usize; 4]>> = HashMap::new();
    for (at, document) in documents.into_iter().enumerate() {
        for table in document.tables() {
            let address = Address::of_table(&table);
            if shapes.get(&address).is_none_or(|shape| shape.is_keyed || !shape.is_one) {
                continue;
            }
            let times = times.entry(address).or_default();
            for row in table.rows() {
                times.entry(row.span().of(document.source())).or_default()[at] += 1;
            }
        }
    }
    let equal = |(row, times): (&'d [u8], [usize; 4])| times.iter().all(|count| *count == times[0]).then_some(row);
    times.into_iter().map(|(address, times)| (address, times.into_iter().filter_map(equal).collect())).collect()
}

impl Census {
    fn of(document: &Document, keys: &Keys, shapes: &HashMap<Address, Shape<'_>>, settled: &Settled<'_>) -> Self {
        let mut census = Self::default();
        census.count(document, 0, keys, shapes, settled);
        for diff in Diff::among(document, 0..document.pieces().len()) {
            census.count(diff.document(), diff.first(), keys, shapes, &Settled::new());
        }
        census
    }

    /// Counts what stands in a document from a piece on.
    fn count(
        &mut self,
        document: &Document,
        first: usize,
        keys: &Keys,
        shapes: &HashMap<Address, Shape<'_>>,
        settled: &Settled<'_>,
    ) {
        self.block(document, first, None, None);
        for table in document.tables() {
            let address = Address::of_table(&table);
            match shapes.get(&address) {
                Some(shape) if shape.is_keyed => {
                    self.rows(&table, &address, &keys.columns(&table).unwrap_or_default(), None);
                }
                Some(shape) if shape.is_one => self.rows(&table, &address, &[], settled.get(&address)),
                _ => {}
            }
        }
    }

    fn block(&mut self, document: &Document, first: usize, parent: Option<usize>, within: Option<&Address>) {
        for piece in document.children(parent) {
            let Some(name) = super::items::name(document, piece) else { continue };
            let name = String::from_utf8_lossy(name).into_owned();
            let address = match within {
                Some(within) => within.clone().with(name),
                None => Address::of(name),
            };
            if document.table_at(piece).is_none() {
                self.block(document, first, Some(piece), Some(&address));
            }
            *self.entries.entry(address).or_default() += usize::from(piece >= first);
        }
    }

    /// Without key columns a row is known by its cells.
    fn rows(&mut self, table: &Table<'_>, address: &Address, columns: &[usize], settled: Option<&HashSet<&[u8]>>) {
        let hiding = hiding_column(table);
        let source = table.document().source();
        let is_open = |row: &Row<'_>| settled.is_none_or(|settled| !settled.contains(row.span().of(source)));
        for row in table.rows().filter(|row| is_open(row) && row.reading().fits()) {
            let cells = || row.cells().map(|cell| cell.value().text()).collect::<Vec<_>>();
            let key = if columns.is_empty() { Key::new([format!("{:?}", cells())]) } else { key_of(&row, columns) };
            let Some(key) = key else { continue };
            let times = self.records.entry((address.clone(), key.into_owned())).or_default();
            times.all += 1;
            times.live += usize::from(!is_hidden(&row, hiding));
        }
    }
}
