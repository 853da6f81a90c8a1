//! The tables of two documents beside each other, and their records that went, came, or say something else.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::Item;
use crate::address::{Path, Paths};
use crate::diff::{self, Contents, Known, Pair, pairs};
use crate::record::{self, Key, Keys, NoKey, Stamp, VALID};
use crate::sdn::{self, Row};

/// One of the documents.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Old,
    New,
}

/// A table in one of the documents.
pub(super) struct Version<'d> {
    table: sdn::Table<'d>,
    key: Vec<usize>,
    /// The columns that say something of a record besides its key and its stamps; nothing in place of the others.
    telling: Vec<Option<Cow<'d, str>>>,
}

/// A table in both documents: the first of its name, or the second, and so on.
pub(super) struct Block<'d> {
    name: String,
    old: Option<Version<'d>>,
    new: Option<Version<'d>>,
    /// Whether its key is one for certain, and not guessed from what the records say.
    is_certain: bool,
    columns: OnceCell<diff::Columns>,
}

/// What a record says, with the numbers of the columns.
pub(super) type Says<'d> = Vec<(usize, Cow<'d, str>)>;

/// Columns with numbers.
pub(super) type Columns<'d> = HashMap<Cow<'d, str>, usize>;

/// A record of one of the documents.
pub(super) struct Entry<'b, 'd> {
    block: &'b Block<'d>,
    version: &'b Version<'d>,
    known: Known<'d>,
}

/// All blocks of one name.
pub(super) struct Table<'b, 'd> {
    pub name: &'b str,
    blocks: Vec<&'b Block<'d>>,
    /// Live records that are not there any more, or hidden.
    pub gone: Vec<Entry<'b, 'd>>,
    /// Live records that were not there, or hidden.
    pub come: Vec<Entry<'b, 'd>>,
    /// Live records that differ, as they were and as they are.
    pub changed: Vec<[Entry<'b, 'd>; 2]>,
    records: OnceCell<usize>,
}

/// All tables, by their names.
pub(super) struct Compared<'b, 'd> {
    tables: Vec<Table<'b, 'd>>,
}

impl<'d> Version<'d> {
    fn of(table: &sdn::Table<'d>, key: Vec<usize>) -> Self {
        let mut known = HashSet::new();
        let mut telling = |(at, name): (usize, Cow<'d, str>)| {
            // Of several columns of one name the first one is meant.
            let is_telling = known.insert(name.clone()) && !key.contains(&at) && name != VALID;
            (is_telling && Stamp::of(&name).is_none()).then_some(name)
        };
        let columns = table.columns().enumerate().filter(|_| !table.is_typed());
        let telling = columns.map(&mut telling).collect();
        Self { table: *table, key, telling }
    }

    /// What a row says besides its key and its stamps, with the names of the columns.
    fn said<'v>(&'v self, row: &Row<'d>) -> impl Iterator<Item = (&'v Cow<'d, str>, Cow<'d, str>)> {
        let cells = row.cells().zip(&self.telling).map(|(cell, name)| Some((name.as_ref()?, cell.value().text())));
        cells.flatten().filter(|(_, text)| !text.is_empty())
    }

    /// The same, with the numbers of the columns.
    fn says(&self, row: &Row<'d>, columns: &Columns<'d>) -> Says<'d> {
        let mut says: Says<'d> = self.said(row).filter_map(|(name, text)| Some((*columns.get(name)?, text))).collect();
        says.sort();
        says
    }

    fn live_rows(&self) -> impl Iterator<Item = Row<'d>> {
        let table = &self.table;
        table.rows().filter(|row| row.reading().fits() && record::is_live(table, row))
    }
}

impl<'d> Block<'d> {
    /// All tables of both documents.
    pub fn all(before: &Contents<'d>, after: &Contents<'d>, paths: &Paths, keys: &Keys) -> Vec<Self> {
        let named = |contents: &Contents<'d>| {
            let mut times: HashMap<Path, usize> = HashMap::new();
            let all = contents.tables.iter().chain(&contents.repeated).map(|(path, table)| {
                let time = times.entry(*path).or_default();
                *time += 1;
                ((*path, *time), *table)
            });
            all.collect::<Vec<_>>()
        };
        let text = |path: Path| paths.address(path).to_string();
        let (old, new) = (named(before), named(after));
        let mut left: HashMap<_, _> = new.iter().copied().collect();
        let mut blocks: Vec<Self> = old
            .into_iter()
            .map(|(name, table)| Self::of(text(name.0), Some(table), left.remove(&name), keys))
            .collect();
        let added = new.into_iter().filter(|(name, _)| left.contains_key(name));
        blocks.extend(added.map(|(name, table)| Self::of(text(name.0), None, Some(table), keys)));
        blocks
    }

    fn of(name: String, old: Option<sdn::Table<'d>>, new: Option<sdn::Table<'d>>, keys: &Keys) -> Self {
        let key = |table: Option<sdn::Table<'d>>| table.map_or(Err(NoKey::NoColumns), |table| keys.columns(&table));
        let (old_key, new_key) = match (old.is_some(), new.is_some(), key(old), key(new)) {
            (true, true, Ok(old), Ok(new)) => (old, new),
            (true, false, Ok(old), _) => (old, Vec::new()),
            (false, true, _, Ok(new)) => (Vec::new(), new),
            _ => (Vec::new(), Vec::new()),
        };
        let is_certain = [old, new].into_iter().flatten().all(|table| {
            keys.of(&table.name()).is_some_and(|key| !key.is_empty()) || record::certain_key(&table).is_some()
        });
        let version = |table: Option<sdn::Table<'d>>, key| table.map(|table| Version::of(&table, key));
        Self { name, old: version(old, old_key), new: version(new, new_key), is_certain, columns: OnceCell::new() }
    }

    fn columns(&self) -> &diff::Columns {
        let side = |side| self.version(side).map(|of| (&of.table, &*of.key));
        self.columns.get_or_init(|| diff::Columns::of(side(Side::Old), side(Side::New)))
    }

    fn version(&self, side: Side) -> Option<&Version<'d>> {
        match side {
            Side::Old => self.old.as_ref(),
            Side::New => self.new.as_ref(),
        }
    }
}

impl<'d> Entry<'_, 'd> {
    pub fn known(&self) -> &Known<'d> {
        &self.known
    }

    /// Whether it is known by a key that is one for certain.
    pub fn is_certain(&self) -> bool {
        self.block.is_certain
    }

    /// Its key, or its number among the rows of its table.
    pub fn name(&self) -> String {
        self.known.key.as_ref().map_or_else(|| format!("[{}]", self.known.number), Key::to_string)
    }

    pub fn at(&self) -> usize {
        self.known.row.span().start
    }

    pub fn removed(&self) -> Item {
        Item { name: self.name(), old: Some(self.at()), new: None }
    }

    /// What it says in these columns.
    pub fn says(&self, columns: &Columns<'d>) -> Says<'d> {
        self.version.says(&self.known.row, columns)
    }

    /// Whether another record with the same key says at least half of what this one does.
    fn is_mostly(&self, other: &Self) -> bool {
        let said: HashMap<_, _> = self.version.said(&self.known.row).collect();
        let same = other.version.said(&other.known.row).filter(|(name, text)| said.get(name) == Some(text)).count();
        same * 2 >= said.len()
    }
}

/// What a row says in a column, where its version of the table has that.
fn text_at<'d>(row: &Row<'d>, position: Option<diff::Position>) -> Option<Cow<'d, str>> {
    Some(row.cell(position?.at)?.value().text())
}

/// All that a row says.
fn texts<'d>(row: &Row<'d>) -> Vec<Cow<'d, str>> {
    row.cells().map(|cell| cell.value().text()).collect()
}

impl<'b, 'd> Compared<'b, 'd> {
    pub fn of(blocks: &'b [Block<'d>]) -> Self {
        let mut tables: Vec<Table<'b, 'd>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for block in blocks {
            let at = *known.entry(&block.name).or_insert_with(|| {
                tables.push(Table::new(&block.name));
                tables.len() - 1
            });
            tables[at].compare(block);
        }
        for table in &mut tables {
            table.drop_copies();
        }
        Self { tables }
    }

    pub fn tables(&self) -> &[Table<'b, 'd>] {
        &self.tables
    }

    /// Takes the records away that went from one table and came to another; gives how many went from each.
    pub fn take_moved(&mut self) -> HashMap<&'b str, usize> {
        let mut moved = HashMap::new();
        if self.tables.iter().all(|table| table.gone.is_empty())
            || self.tables.iter().all(|table| table.come.is_empty())
        {
            return moved;
        }
        let mut places: HashMap<Name<'d>, Vec<(usize, usize)>> = HashMap::new();
        for (number, table) in self.tables.iter().enumerate() {
            for (at, entry) in table.come.iter().enumerate() {
                places.entry(Name::of(entry)).or_default().push((number, at));
            }
        }
        let mut taken: Vec<HashSet<usize>> = self.tables.iter().map(|_| HashSet::new()).collect();
        for number in 0..self.tables.len() {
            let gone = std::mem::take(&mut self.tables[number].gone);
            let mut left = Vec::with_capacity(gone.len());
            for entry in gone {
                let found = places.get_mut(&Name::of(&entry)).and_then(|places| {
                    let is_same = |(to, at): &(usize, usize)| {
                        let other = &self.tables[*to].come[*at];
                        entry.known.key.is_none() || entry.is_mostly(other)
                    };
                    let at = places.iter().take(MAX_PLACES).position(is_same)?;
                    Some(places.swap_remove(at))
                });
                match found {
                    Some((to, at)) => {
                        taken[to].insert(at);
                        *moved.entry(self.tables[number].name).or_default() += 1;
                    }
                    None => left.push(entry),
                }
            }
            self.tables[number].gone = left;
        }
        for (table, taken) in self.tables.iter_mut().zip(taken) {
            let mut at = 0;
            table.come.retain(|_| {
                at += 1;
                !taken.contains(&(at - 1))
            });
        }
        moved
    }
}

/// So many tables with the same key are looked into.
const MAX_PLACES: usize = 16;

/// What a record is found again by, in another table.
#[derive(PartialEq, Eq, Hash)]
enum Name<'d> {
    Key(Key<'d>),
    /// What a record without a key says.
    Cells(Vec<Cow<'d, str>>),
}

impl<'d> Name<'d> {
    fn of(entry: &Entry<'_, 'd>) -> Self {
        entry.known.key.clone().map_or_else(|| Self::Cells(texts(&entry.known.row)), Self::Key)
    }
}

impl<'b, 'd> Table<'b, 'd> {
    fn new(name: &'b str) -> Self {
        let (gone, come, changed) = (Vec::new(), Vec::new(), Vec::new());
        Self { name, blocks: Vec::new(), gone, come, changed, records: OnceCell::new() }
    }

    fn compare(&mut self, block: &'b Block<'d>) {
        self.blocks.push(block);
        let side = |version: &'b Option<Version<'d>>| version.as_ref().map(|version| (&version.table, &*version.key));
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for Pair { old, new } in pairs(side(&block.old), side(&block.new)) {
            let entry = |known: Option<Known<'d>>, version: &'b Option<Version<'d>>| {
                let (version, known) = (version.as_ref()?, known.filter(|known| known.is_live)?);
                Some(Entry { block, version, known })
            };
            match (entry(old, &block.old), entry(new, &block.new)) {
                (Some(old), Some(new)) => self.changed.push([old, new]),
                (Some(old), None) => gone.push(old),
                (None, Some(new)) => come.push(new),
                (None, None) => {}
            }
        }
        // What has no key cannot be told from what came instead of it.
        let without_key = |entries: &[Entry<'_, '_>]| entries.iter().filter(|entry| entry.known.key.is_none()).count();
        let instead = without_key(&gone).min(without_key(&come));
        for entries in [&mut gone, &mut come] {
            let mut left = without_key(entries) - instead;
            entries.retain(|entry| {
                let stays = entry.known.key.is_some() || left > 0;
                left -= usize::from(entry.known.key.is_none() && stays);
                stays
            });
        }
        self.gone.extend(gone);
        self.come.extend(come);
    }

    /// Forgets of what is gone the records that are there still: they stood there twice.
    fn drop_copies(&mut self) {
        let keys: HashSet<&Key<'d>> = self.gone.iter().filter_map(|entry| entry.known.key.as_ref()).collect();
        if keys.is_empty() {
            return;
        }
        let mut there: HashSet<(Key<'d>, Vec<Cow<'d, str>>)> = HashSet::new();
        for version in self.versions(Side::New) {
            for row in version.live_rows() {
                if let Some(key) = Key::of(&row, &version.key).filter(|key| keys.contains(key)) {
                    there.insert((key, texts(&row)));
                }
            }
        }
        self.gone.retain(|entry| {
            let key = entry.known.key.clone();
            !key.is_some_and(|key| there.contains(&(key, texts(&entry.known.row))))
        });
    }

    fn versions(&self, side: Side) -> impl Iterator<Item = &'b Version<'d>> {
        self.blocks.iter().filter_map(move |block| block.version(side))
    }

    /// Whether there is no table of this name any more.
    pub fn is_gone(&self) -> bool {
        self.versions(Side::New).next().is_none()
    }

    /// Where the table stood.
    pub fn at(&self) -> Option<usize> {
        self.versions(Side::Old).next().map(|old| old.table.name_span().start)
    }

    /// How many live records there were.
    pub fn records(&self) -> usize {
        *self.records.get_or_init(|| self.versions(Side::Old).map(|old| old.live_rows().count()).sum())
    }

    /// The columns that are gone, where the table is not.
    pub fn columns(&self) -> Vec<Item> {
        let Some(old) = self.versions(Side::Old).next().filter(|old| !old.table.is_typed()) else { return Vec::new() };
        let mut now = self.versions(Side::New).peekable();
        if now.peek().is_none() {
            return Vec::new();
        }
        let now: HashSet<Cow<'d, str>> = now.flat_map(|new| new.table.columns().collect::<Vec<_>>()).collect();
        let columns = old.table.columns().zip(old.table.column_spans());
        let gone = columns.filter(|(name, _)| !now.contains(name));
        gone.map(|(name, span)| Item { name: name.into_owned(), old: Some(span.start), new: None }).collect()
    }

    /// The cells that say something else, outside these columns, by the addresses of their records.
    pub fn changed(&self, only: &[String]) -> Vec<Item> {
        let mut cells = Vec::new();
        for [old, new] in &self.changed {
            let columns = old.block.columns();
            let rows = [&old.known.row, &new.known.row];
            for column in columns.within(Some(rows[0]), Some(rows[1])).filter(|column| !only.contains(&column.name)) {
                let texts = (text_at(rows[0], column.old), text_at(rows[1], column.new));
                if texts.0.unwrap_or_default() != texts.1.unwrap_or_default() {
                    let name = format!("{}.{}", new.name(), column.name);
                    cells.push(Item { name, old: Some(old.at()), new: Some(new.at()) });
                }
            }
        }
        cells
    }

    /// The records whose version is smaller than before, or whose time is earlier.
    pub fn reverted(&self) -> Vec<Item> {
        let is_back = |[old, new]: &&[Entry<'b, 'd>; 2]| {
            let rows = [&old.known.row, &new.known.row];
            old.block.columns().within(Some(rows[0]), Some(rows[1])).any(|column| {
                let Some(stamp) = Stamp::of(&column.name) else { return false };
                let texts = (text_at(rows[0], column.old), text_at(rows[1], column.new));
                matches!(texts, (Some(old), Some(new)) if stamp.went_back(&old, &new))
            })
        };
        let back = self.changed.iter().filter(is_back);
        back.map(|[old, new]| Item { name: new.name(), old: Some(old.at()), new: Some(new.at()) }).collect()
    }

    /// How many live records have each of these keys.
    pub fn times(&self, keys: &HashSet<&Key<'d>>, side: Side) -> HashMap<Key<'d>, usize> {
        let mut times = HashMap::new();
        for version in self.versions(side) {
            let of = version.live_rows().filter_map(|row| Key::of(&row, &version.key));
            for key in of.filter(|key| keys.contains(key)) {
                *times.entry(key).or_default() += 1;
            }
        }
        times
    }

    /// The columns that say something of a record in both versions of the table.
    pub fn telling(&self) -> Columns<'d> {
        let all = |side| self.versions(side).flat_map(|version| version.telling.iter().flatten());
        let before: HashSet<_> = all(Side::Old).collect();
        let common = all(Side::New).filter(|name| before.contains(name));
        common.enumerate().map(|(number, name)| (name.clone(), number)).collect()
    }

    /// How many live records say each of these things in these columns.
    pub fn times_said(&self, texts: &HashSet<Says<'d>>, columns: &Columns<'d>, side: Side) -> HashMap<Says<'d>, usize> {
        let mut times = HashMap::new();
        for version in self.versions(side) {
            let said = version.live_rows().map(|row| version.says(&row, columns));
            for says in said.filter(|says| texts.contains(says)) {
                *times.entry(says).or_default() += 1;
            }
        }
        times
    }
}
