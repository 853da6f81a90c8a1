//! Which rows of three tables are versions of one record.
//!
//! A record is known by its key, unless that is [tangled](super::tangles): two live rows of one side have it, or it
//! stands in a conflict. Of a record that was updated by hiding a row and appending another one, the live rows are
//! versions of each other; hidden ones that all sides have are history, and like all rows without a key are told apart
//! by what they say.

use std::collections::{HashMap, HashSet};

use super::diffs::Diff;
use super::items::{Item, Numbers};
use super::keys::key_of;
use super::level::Level;
use super::rowwise::Rowwise;
use super::sides::{Side, Sides};
use super::tangles::{Known, Tangle, Tangles};
use crate::record::{Key, is_live};
use crate::sdn::{Document, PieceKind, Table};

/// What a row is known by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Keyed {
    /// The number of its key.
    key: u32,
    is_live: bool,
}

/// The rows of one side.
struct SideRows<'a, 'd> {
    document: &'d Document,
    table: Option<Table<'d>>,
    columns: &'a [usize],
    items: &'a [Item],
    keyed: Vec<Option<Keyed>>,
}

/// The items of a table, in the sequences of their sides. With `by_content` rows are known by what they say where the
/// table has no key.
pub(super) fn level<'d>(
    documents: Sides<&'d Document>,
    table: &Rowwise<'d>,
    items: &Sides<Vec<Item>>,
    by_content: bool,
) -> Level {
    let mut sides: Sides<SideRows<'_, 'd>> = Sides::from_fn(|side| SideRows {
        document: documents[side],
        table: table.tables[side],
        columns: &table.keys[side],
        items: &items[side],
        keyed: vec![None; items[side].len()],
    });
    let mut keys: Numbers<Key<'d>> = Numbers::default();
    sides.base.find_keys(None, &mut keys);
    sides.ours.find_keys(Some(&sides.base), &mut keys);
    sides.theirs.find_keys(Some(&sides.base), &mut keys);
    if table.keys.values().all(Vec::is_empty) {
        find_contents(&mut sides, &table.columns.common(), by_content, &mut keys);
    }
    let known = Sides::from_fn(|side| sides[side].known(&mut keys));
    let text = |side: Side, at: usize| items[side][at].text(documents[side]);
    let tangles = Tangles::find(known.each_ref().map(Vec::as_slice), keys.count(), text);
    let records = records(&sides, keys.count(), &tangles);
    Level::new(documents, items, &known, &tangles, true, |side, at| {
        let Keyed { key, .. } = sides[side].keyed[at]?;
        (records[key as usize][side] == Some(at)).then_some(key)
    })
}

/// Knows the rows of a table without a key by what they say in the columns that all sides have, if that is wanted, or one
/// side wrote them in another way: with other columns, say. Else they are known by their texts.
fn find_contents<'d>(
    sides: &mut Sides<SideRows<'_, 'd>>,
    common: &Sides<Vec<usize>>,
    is_wanted: bool,
    keys: &mut Numbers<Key<'d>>,
) {
    if common.base.is_empty() {
        return;
    }
    let texts = |side: &SideRows<'_, 'd>| side.items.iter().map(|item| item.text(side.document)).collect::<Vec<_>>();
    let known: HashSet<&[u8]> = texts(&sides.base).into_iter().collect();
    let is_unchanged = |side| texts(side).iter().all(|text| known.contains(text));
    if is_unchanged(&sides.ours) && is_unchanged(&sides.theirs) {
        return;
    }
    // Only a row that stands there in other words can be one of the base that was written in another way.
    let is_reshaped = |side: Side| {
        let there: HashSet<&[u8]> = texts(&sides[side]).into_iter().collect();
        let gone: HashSet<String> = sides.base.says(&common.base, |text| !there.contains(text)).collect();
        !gone.is_empty()
            && sides[side].says(&common[side], |text| !known.contains(text)).any(|says| gone.contains(&says))
    };
    if is_wanted || is_reshaped(Side::Ours) || is_reshaped(Side::Theirs) {
        let found = Sides::from_fn(|side| sides[side].contents(&common[side], keys));
        let Sides { base, ours, theirs } = found;
        (sides.base.keyed, sides.ours.keyed, sides.theirs.keyed) = (base, ours, theirs);
    }
}

impl<'d> SideRows<'_, 'd> {
    /// What the rows of some texts say in some columns.
    fn says(&self, columns: &[usize], is_meant: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = String> {
        let rows = self.items.iter().filter(move |item| is_meant(item.text(self.document)));
        rows.filter_map(|item| self.said(item, columns))
    }

    /// What a row says in some columns.
    fn said(&self, item: &Item, columns: &[usize]) -> Option<String> {
        let row = self.table?.row_at(item.piece).filter(|row| row.reading().fits())?;
        let says: Vec<_> = columns.iter().map(|&at| row.cell(at).map(|cell| cell.value().text())).collect();
        Some(format!("{says:?}"))
    }

    /// What each row says in some columns, and how many say so up to it, as if that were its key.
    fn contents(&self, columns: &[usize], keys: &mut Numbers<Key<'d>>) -> Vec<Option<Keyed>> {
        let mut times: HashMap<String, usize> = HashMap::new();
        let mut keyed = |item: &Item| {
            let says = self.said(item, columns)?;
            let nth = times.entry(says.clone()).or_default();
            *nth += 1;
            let key = keys.of(Key::new([format!("{nth} {says}")])?);
            Some(Keyed { key, is_live: true })
        };
        self.items.iter().map(|item| if item.is_conflict { None } else { keyed(item) }).collect()
    }

    /// Finds the key of each row. A row that stands in the base word for word is not read again: it is looked for
    /// behind the last one that was found there.
    fn find_keys(&mut self, base: Option<&SideRows<'_, 'd>>, keys: &mut Numbers<Key<'d>>) {
        let Some(table) = self.table else { return };
        if self.columns.is_empty() {
            return;
        }
        let base = base.filter(|base| {
            let names = |side: &Self| side.table.map(|table| table.columns().collect::<Vec<_>>());
            base.columns == self.columns && names(self) == base.table.map(|table| table.columns().collect::<Vec<_>>())
        });
        let mut places: Option<HashMap<u32, usize>> = None;
        let mut next = 0;
        for (at, item) in self.items.iter().enumerate() {
            if item.kind(self.document) != PieceKind::Row {
                continue;
            }
            if let Some(base) = base
                && let Some(same) = base.items.get(next)
                && same.text(base.document) == item.text(self.document)
            {
                self.keyed[at] = base.keyed[next];
                next += 1;
                continue;
            }
            let Some(row) = table.row_at(item.piece) else { continue };
            let Some(key) = key_of(&row, self.columns) else { continue };
            let key = keys.of(key);
            self.keyed[at] = Some(Keyed { key, is_live: is_live(&table, &row) });
            if let Some(base) = base {
                let places = places.get_or_insert_with(|| base.places());
                next = places.get(&key).map_or(next, |place| place + 1);
            }
        }
    }

    fn places(&self) -> HashMap<u32, usize> {
        let keyed = self.keyed.iter().enumerate();
        keyed.filter_map(|(at, keyed)| keyed.map(|keyed| (keyed.key, at))).collect()
    }

    /// What each item is known by. One key may have many hidden rows.
    fn known(&self, keys: &mut Numbers<Key<'d>>) -> Vec<Known> {
        let known = |(at, item): (usize, &Item)| match self.keyed[at] {
            _ if item.is_conflict => Known::Conflict(self.keys_in(*item, keys)),
            Some(Keyed { key, is_live: true }) => Known::Name(key),
            Some(Keyed { is_live: false, .. }) => Known::History,
            None => Known::Nothing,
        };
        self.items.iter().enumerate().map(known).collect()
    }

    /// The keys in a conflict, each once.
    fn keys_in(&self, conflict: Item, keys: &mut Numbers<Key<'d>>) -> Vec<u32> {
        let rows = (conflict.piece..conflict.end).filter_map(|piece| self.table?.row_at(piece));
        let mut found: Vec<u32> = rows.filter_map(|row| key_of(&row, self.columns)).map(|key| keys.of(key)).collect();
        for diff in Diff::among(self.document, conflict.piece..conflict.end) {
            let rows = self.table.iter().flat_map(|table| diff.rows(table));
            let all = rows.filter_map(|row| key_of(&row, self.columns).map(Key::into_owned));
            found.extend(all.map(|key| keys.of(key)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// For each key the row of each side that is the record; none of one that is tangled, nor of the base where it is not
/// known which one that was.
fn records(sides: &Sides<SideRows<'_, '_>>, keys: usize, tangles: &Tangles) -> Vec<Sides<Option<usize>>> {
    let mut records: Vec<Sides<Option<usize>>> = vec![Sides::default(); keys];
    let mut hidden: HashMap<u32, Sides<Vec<usize>>> = HashMap::new();
    for (side, rows) in sides.iter() {
        for (at, keyed) in rows.keyed.iter().enumerate() {
            match *keyed {
                Some(Keyed { key, is_live: true }) => records[key as usize][side] = Some(at),
                Some(Keyed { key, .. }) => hidden.entry(key).or_default()[side].push(at),
                None => {}
            }
        }
    }
    for (key, hidden) in hidden {
        let record = &mut records[key as usize];
        let texts: Sides<Vec<&[u8]>> = Sides::from_fn(|side| {
            hidden[side].iter().map(|&at| sides[side].items[at].text(sides[side].document)).collect()
        });
        let sets = texts.each_ref().map(|texts| texts.iter().copied().collect::<HashSet<&[u8]>>());
        // A side without the record took its history away with it.
        let has_record = Sides::from_fn(|side| record[side].is_some() || !sets[side].is_empty());
        let is_history = |text: &[u8]| sets.iter().all(|(side, set)| !has_record[side] || set.contains(text));
        for side in [Side::Base, Side::Ours, Side::Theirs] {
            if record[side].is_none() {
                let last = hidden[side].iter().zip(&texts[side]).rev().find(|(_, text)| !is_history(text));
                record[side] = last.map(|(&at, _)| at);
            }
        }
    }
    for (key, record) in records.iter_mut().enumerate() {
        match tangles.of_name(u32::try_from(key).unwrap_or(u32::MAX)) {
            None => {}
            Some(Tangle::Unresolved) => record.base = None,
            Some(Tangle::ByText | Tangle::Conflict(_)) => *record = Sides::default(),
        }
    }
    records
}
