//! Tables of numbered records that a merge may number anew.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::graph::{Record, matched};
use super::{Plan, Plans, Renumbered, cell, number, rows};
use crate::merge::diffs::Diff;
use crate::merge::items::items_of;
use crate::merge::keys::Reference;
use crate::merge::sides::{Side, Sides};
use crate::record::{Stamp, is_live};
use crate::sdn::Table;

/// A table that all sides may have, whose records are known by their numbers.
pub(super) struct Numbered {
    pub name: String,
    /// Where the numbers stand on each side.
    columns: Sides<usize>,
    /// What tells records apart besides, in both sides' tables: neither number nor stamp.
    telling: Vec<String>,
    /// The records that are not hidden, by their numbers; none of a number that stands more often than once.
    records: Sides<BTreeMap<u64, Vec<String>>>,
    /// All that stands there as a number.
    all: Sides<HashSet<String>>,
    /// The largest number of all sides.
    last: u64,
}

impl Numbered {
    /// Nothing if a side lacks the column of the numbers.
    pub fn of<'d>(name: String, tables: Sides<Option<Table<'d>>>, column: &str) -> Option<Self> {
        let columns = Sides::from_fn(|side| match tables[side] {
            Some(table) => table.column(column),
            None => Some(0),
        });
        let columns = columns.all()?;
        let names = |table: Option<Table<'d>>| table.into_iter().flat_map(|table| table.columns().collect::<Vec<_>>());
        let theirs: HashSet<Cow<'d, str>> = names(tables.theirs).collect();
        let telling = names(tables.ours).filter(|name| theirs.contains(name) && name != column);
        let telling: Vec<String> = telling.filter(|name| Stamp::of(name).is_none()).map(Cow::into_owned).collect();
        let records = Sides::from_fn(|side| records(tables[side], columns[side], &telling));
        let all = Sides::from_fn(|side| tables[side].map(|table| numbers(&table, columns[side])).unwrap_or_default());
        let last = all.values().flatten().filter_map(|text| number(text)).max().unwrap_or(0);
        Some(Self { name, columns, telling, records, all, last })
    }

    /// Whether this number stands in any row of a side, hidden or not.
    fn has(&self, side: Side, number: u64) -> bool {
        self.all[side].contains(&number.to_string())
    }

    /// Whether a number stands in a side, but twice or in a conflict, so that nothing can be said of it.
    fn is_uncertain(&self, side: Side, number: u64) -> bool {
        self.has(side, number) && !self.records[side].contains_key(&number)
    }

    /// The records of a side that are not in the base.
    fn added(&self, side: Side) -> impl Iterator<Item = (u64, &Vec<String>)> {
        self.records[side]
            .iter()
            .map(|(number, says)| (*number, says))
            .filter(|(number, _)| !self.has(Side::Base, *number))
    }

    /// The records of one side that another one has not as they are: not at all, or saying something else.
    fn differing(&self, side: Side, from: Side) -> impl Iterator<Item = (u64, &Vec<String>)> {
        let differs = move |(number, says): &(u64, &Vec<String>)| match self.records[from].get(number) {
            Some(other) => other != *says,
            None => !self.has(from, *number),
        };
        self.records[side].iter().map(|(number, says)| (*number, says)).filter(differs)
    }
}

/// What the live records of a table say, by their numbers; nothing of a number that stands more often than once, or in a
/// conflict.
fn records(table: Option<Table<'_>>, column: usize, telling: &[String]) -> BTreeMap<u64, Vec<String>> {
    let Some(table) = table else { return BTreeMap::new() };
    let places: Vec<Option<usize>> = telling.iter().map(|name| table.column(name)).collect();
    let mut found: BTreeMap<u64, Option<Vec<String>>> = BTreeMap::new();
    for item in items_of(&table) {
        let rows = (item.piece..item.end).filter_map(|piece| table.row_at(piece));
        for row in rows.filter(|row| row.reading().fits() && is_live(&table, row)) {
            let Some(number) = number(&cell(&row, column)) else { continue };
            let text = |place: &Option<usize>| place.map(|at| cell(&row, at).into_owned()).unwrap_or_default();
            let is_only = !item.is_conflict && !found.contains_key(&number);
            found.insert(number, is_only.then(|| places.iter().map(text).collect()));
        }
    }
    found.into_iter().filter_map(|(number, says)| Some((number, says?))).collect()
}

/// What stands in a column, in the diffs of conflicts too.
fn numbers(table: &Table<'_>, column: usize) -> HashSet<String> {
    let (document, piece) = (table.document(), table.piece());
    let mut found: HashSet<String> = rows(Some(*table)).map(|row| cell(&row, column).into_owned()).collect();
    for diff in Diff::among(document, piece..document.pieces()[piece].end) {
        let rows = diff.rows(table).filter(|row| row.reading().fits());
        found.extend(rows.map(|row| cell(&row, column).into_owned()));
    }
    found
}

/// Another number for a record.
#[derive(Clone, Copy)]
struct NewNumber {
    table: usize,
    old: u64,
    new: u64,
}

/// What an earlier merge has made of records of the base.
#[derive(Default)]
struct Moved {
    numbers: Vec<NewNumber>,
    /// Records of which it cannot be told whether they have another number in ours.
    doubtful: Vec<(usize, u64)>,
}

/// The tables that are numbered anew together, since they refer to each other.
pub(super) struct Numbering {
    tables: Vec<Numbered>,
    /// By table and by the place of a telling column, the table to which it refers.
    refers: HashMap<(usize, usize), usize>,
}

impl Numbering {
    pub fn of(tables: Vec<Numbered>, references: &[Reference]) -> Self {
        let by_name: HashMap<&str, usize> =
            tables.iter().enumerate().map(|(at, table)| (table.name.as_str(), at)).collect();
        let mut from: HashMap<&str, Vec<&Reference>> = HashMap::new();
        for reference in references {
            from.entry(&reference.from.0).or_default().push(reference);
        }
        let mut refers = HashMap::new();
        for (at, table) in tables.iter().enumerate() {
            let references = from.get(table.name.as_str()).into_iter().flatten();
            let to: HashMap<&str, usize> = references
                .filter_map(|reference| Some((reference.from.1.as_str(), *by_name.get(reference.to.0.as_str())?)))
                .collect();
            for (place, name) in table.telling.iter().enumerate() {
                refers.extend(to.get(name.as_str()).map(|&to| ((at, place), to)));
            }
        }
        Self { tables, refers }
    }

    fn refers(&self, table: usize, place: usize) -> Option<usize> {
        self.refers.get(&(table, place)).copied()
    }

    /// Other numbers for records of theirs, and for those of the base that are meant by them.
    pub fn plans(mut self) -> Plans {
        let Moved { numbers: moved, doubtful } = self.moved();
        let mut numbers: BTreeMap<usize, HashSet<String>> = BTreeMap::new();
        for (table, number) in doubtful {
            numbers.entry(table).or_default().insert(number.to_string());
        }
        let doubtful = numbers.into_iter().map(|(table, numbers)| (self.name(table), Rc::new(numbers))).collect();
        let base = self.plans_of(&moved, Side::Base);
        let is_changed = |number: &&NewNumber| {
            let Sides { base, theirs, .. } = &self.tables[number.table].records;
            theirs.get(&number.old).is_some_and(|theirs| base.get(&number.old) != Some(theirs))
        };
        let changed: Vec<NewNumber> = moved.iter().filter(is_changed).copied().collect();
        self.follow(&moved);
        let new = self.new_numbers(&moved);
        let theirs = self.plans_of(moved.iter().chain(&new), Side::Theirs);
        let records = changed.iter().chain(&new).filter(|number| number.old != number.new);
        let records =
            records.map(|number| Renumbered::of(&self.name(number.table), &number.old, &number.new)).collect();
        Plans { base, theirs, records, doubtful }
    }

    fn name(&self, table: usize) -> String {
        self.tables[table].name.clone()
    }

    fn plans_of<'n>(&self, numbers: impl IntoIterator<Item = &'n NewNumber>, side: Side) -> HashMap<String, Plan> {
        let mut plans: HashMap<String, Plan> = HashMap::new();
        for number in numbers.into_iter().filter(|number| number.old != number.new) {
            let Numbered { name, columns, .. } = &self.tables[number.table];
            let plan = plans.entry(name.clone()).or_insert_with(|| Plan::of(columns[side]));
            plan.numbers.insert(number.old.to_string(), number.new.to_string());
        }
        plans
    }

    /// Lets the records of theirs refer to those of the base by the numbers that ours has for them.
    fn follow(&mut self, moved: &[NewNumber]) {
        let new: HashMap<(usize, String), String> =
            moved.iter().map(|moved| ((moved.table, moved.old.to_string()), moved.new.to_string())).collect();
        for (table, numbered) in self.tables.iter_mut().enumerate() {
            for (place, text) in numbered.records.theirs.values_mut().flat_map(|says| says.iter_mut().enumerate()) {
                let to = self.refers.get(&(table, place));
                if let Some(number) = to.and_then(|to| new.get(&(*to, text.clone()))) {
                    text.clone_from(number);
                }
            }
        }
    }

    /// The records of the base that ours has under other numbers by now, since an earlier merge gave them these: each is
    /// meant by its old number in the base and in theirs. Where ours has another record under that number, what theirs
    /// did to it would meet that one.
    fn moved(&self) -> Moved {
        let mut replaced: Vec<Record> = Vec::new();
        let mut new: Vec<Record> = Vec::new();
        for (table, numbered) in self.tables.iter().enumerate() {
            let record = |(number, says): (u64, &Vec<String>)| Record { table, number, says: says.clone() };
            let Sides { ours, theirs, .. } = &numbered.records;
            // What theirs has there, too, it tells from the records of the base.
            let is_unknown = |(number, says): &(u64, &Vec<String>)| theirs.get(number) != Some(says);
            // Where no number is new, none can have got another one.
            if !numbered.added(Side::Ours).any(|added| is_unknown(&added)) {
                continue;
            }
            // Of what theirs removed, or both made the same, nothing is to be brought to another number.
            let is_settled = |number: &u64| !theirs.contains_key(number) || ours.get(number) == theirs.get(number);
            // What is new in ours may as well be what theirs added, where that says the same.
            let added: HashSet<&Vec<String>> = numbered.added(Side::Theirs).map(|(_, says)| says).collect();
            let is_added = |number: &u64, says: &Vec<String>| theirs.get(number) == Some(says) && added.contains(says);
            let there = numbered.differing(Side::Base, Side::Ours);
            let there = there.filter(|(number, says)| !is_settled(number) && !is_added(number, says));
            replaced.extend(there.map(record));
            new.extend(numbered.differing(Side::Ours, Side::Base).filter(is_unknown).map(record));
        }
        let mut moved = Moved::default();
        if replaced.is_empty() || new.is_empty() {
            return moved;
        }
        let found = self.matched(&replaced, &new);
        let mut unfound: Vec<&Record> = Vec::new();
        for (record, found) in replaced.iter().zip(&found) {
            match found {
                Some(other) => {
                    let number = NewNumber { table: record.table, old: record.number, new: new[*other].number };
                    let table = &self.tables[number.table];
                    if table.is_uncertain(Side::Theirs, number.new) {
                        moved.doubtful.push((number.table, number.old));
                    } else {
                        moved.numbers.push(number);
                    }
                }
                None => unfound.push(record),
            }
        }
        self.drop_clashes(&mut moved);
        let taken: HashSet<usize> = found.into_iter().flatten().collect();
        let free: Vec<&Record> = (0..new.len()).filter(|at| !taken.contains(at)).map(|at| &new[at]).collect();
        moved.doubtful.extend(self.doubtful(&unfound, &free));
        moved
    }

    /// For each replaced record the new one that it is: one that says the same, where references are to records that say
    /// the same, or else have the same number.
    fn matched(&self, replaced: &[Record], new: &[Record]) -> Vec<Option<usize>> {
        let mut found = matched(replaced, new, |table, place| self.refers(table, place));
        let moved: HashSet<(usize, String)> = (replaced.iter().zip(&found))
            .filter(|(_, found)| found.is_some())
            .map(|(record, _)| (record.table, record.number.to_string()))
            .collect();
        let refers_to_moved = |record: &Record| {
            let mut cells = record.says.iter().enumerate();
            cells.any(|(place, text)| {
                self.refers(record.table, place).is_some_and(|to| moved.contains(&(to, text.clone())))
            })
        };
        let taken: HashSet<usize> = found.iter().flatten().copied().collect();
        let left: Vec<usize> =
            (0..replaced.len()).filter(|&at| found[at].is_none() && !refers_to_moved(&replaced[at])).collect();
        let free: Vec<usize> = (0..new.len()).filter(|at| !taken.contains(at)).collect();
        let of = |records: &[Record], which: &[usize]| which.iter().map(|&at| records[at].clone()).collect::<Vec<_>>();
        let more = matched(&of(replaced, &left), &of(new, &free), |_, _| None);
        for (at, other) in left.into_iter().zip(more) {
            found[at] = other.map(|other| free[other]);
        }
        found
    }

    /// Leaves out what would get the number of a record of the base that keeps its own.
    fn drop_clashes(&self, moved: &mut Moved) {
        let mut leaving: HashSet<(usize, u64)> = HashSet::new();
        let mut going_to: HashMap<(usize, u64), Vec<u64>> = HashMap::new();
        for &NewNumber { table, old, new } in &moved.numbers {
            leaving.insert((table, old));
            going_to.entry((table, new)).or_default().push(old);
        }
        let is_clash = |number: &&NewNumber| {
            let NewNumber { table, new, .. } = **number;
            self.tables[table].has(Side::Base, new) && !leaving.contains(&(table, new))
        };
        let clashes = moved.numbers.iter().filter(is_clash);
        let mut open: Vec<(usize, u64)> = clashes.map(|clash| (clash.table, clash.old)).collect();
        // What stays is in the way of what was to get its number.
        while let Some((table, number)) = open.pop() {
            if leaving.remove(&(table, number)) {
                moved.doubtful.push((table, number));
                open.extend(going_to.remove(&(table, number)).into_iter().flatten().map(|old| (table, old)));
            }
        }
        moved.numbers.retain(|number| leaving.contains(&(number.table, number.old)));
    }

    /// Those of the replaced records that are more like a new record of ours than like the one that has their number.
    /// Records are alike in texts that no other record of the base has there.
    fn doubtful(&self, replaced: &[&Record], new: &[&Record]) -> Vec<(usize, u64)> {
        let mut times: HashMap<(usize, usize, &str), usize> = HashMap::new();
        for (table, numbered) in self.tables.iter().enumerate() {
            for (place, text) in numbered.records.base.values().flat_map(|says| says.iter().enumerate()) {
                *times.entry((table, place, text)).or_default() += 1;
            }
        }
        let mut having: HashMap<(usize, usize, &str), Vec<usize>> = HashMap::new();
        for (at, record) in new.iter().enumerate() {
            for (place, text) in record.says.iter().enumerate() {
                having.entry((record.table, place, text)).or_default().push(at);
            }
        }
        let is_doubtful = |record: &&&Record| {
            let Sides { ours, theirs, .. } = &self.tables[record.table].records;
            let Some(ours) = ours.get(&record.number) else { return false };
            // Ours may have what theirs made of it.
            let is_not_made = |theirs: &Vec<String>| {
                theirs.iter().zip(&record.says).zip(ours).any(|((new, old), ours)| new != old && new != ours)
            };
            if !theirs.get(&record.number).is_some_and(is_not_made) {
                return false;
            }
            let mut alike: HashMap<usize, usize> = HashMap::new();
            let mut alike_with_ours = 0;
            for (place, text) in record.says.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                let there = (record.table, place, text.as_str());
                if times.get(&there) == Some(&1) {
                    alike_with_ours += usize::from(ours[place] == *text);
                    for at in having.get(&there).into_iter().flatten() {
                        *alike.entry(*at).or_default() += 1;
                    }
                }
            }
            alike.values().any(|times| *times > alike_with_ours)
        };
        replaced.iter().filter(is_doubtful).map(|record| (record.table, record.number)).collect()
    }

    /// Other numbers for the new records of theirs whose numbers ours has given to something else: that of the record
    /// of ours that says the same, else the next one.
    fn new_numbers(&mut self, moved: &[NewNumber]) -> Vec<NewNumber> {
        let moved: HashSet<(usize, u64)> = moved.iter().map(|moved| (moved.table, moved.new)).collect();
        let mut theirs: Vec<Record> = Vec::new();
        let mut settled: Vec<Record> = Vec::new();
        for (table, numbered) in self.tables.iter().enumerate() {
            for (number, says) in numbered.added(Side::Theirs) {
                let record = Record { table, number, says: says.clone() };
                match numbered.records.ours.get(&number) {
                    Some(ours) if ours == says && !moved.contains(&(table, number)) => settled.push(record),
                    Some(_) => theirs.push(record),
                    None => {}
                }
            }
        }
        self.unsettle(&mut theirs, &mut settled);
        if theirs.is_empty() {
            return Vec::new();
        }
        theirs.sort_unstable_by_key(|record| (record.table, record.number));
        let mut taken = moved;
        taken.extend(settled.iter().map(|record| (record.table, record.number)));
        let mut ours: Vec<Record> = Vec::new();
        for (table, numbered) in self.tables.iter().enumerate() {
            let is_free =
                |number: u64| !taken.contains(&(table, number)) && !numbered.is_uncertain(Side::Theirs, number);
            let new = numbered.added(Side::Ours).filter(|(number, _)| is_free(*number));
            ours.extend(new.map(|(number, says)| Record { table, number, says: says.clone() }));
        }
        let found = matched(&theirs, &ours, |table, place| self.refers(table, place));
        let mut numbers = Vec::new();
        for (record, found) in theirs.iter().zip(found) {
            let last = &mut self.tables[record.table].last;
            let new = match found {
                Some(ours_at) => ours[ours_at].number,
                // Where no number is left there is a conflict.
                None => match last.checked_add(1) {
                    Some(next) => {
                        *last = next;
                        next
                    }
                    None => continue,
                },
            };
            numbers.push(NewNumber { table: record.table, old: record.number, new });
        }
        numbers
    }

    /// Records that both sides added alike are one, unless they refer to different ones.
    fn unsettle(&self, theirs: &mut Vec<Record>, settled: &mut Vec<Record>) {
        let mut referring: HashMap<(usize, String), Vec<usize>> = HashMap::new();
        for (at, record) in settled.iter().enumerate() {
            for (place, text) in record.says.iter().enumerate() {
                if let Some(table) = self.refers(record.table, place) {
                    referring.entry((table, text.clone())).or_default().push(at);
                }
            }
        }
        let mut is_open = vec![false; settled.len()];
        let mut open: Vec<(usize, u64)> = theirs.iter().map(|record| (record.table, record.number)).collect();
        while let Some((table, number)) = open.pop() {
            for at in referring.remove(&(table, number.to_string())).into_iter().flatten() {
                if !std::mem::replace(&mut is_open[at], true) {
                    open.push((settled[at].table, settled[at].number));
                }
            }
        }
        let mut is_open = is_open.into_iter();
        theirs.extend(settled.extract_if(.., |_| is_open.next() == Some(true)));
    }
}
