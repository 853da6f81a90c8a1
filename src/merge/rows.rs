//! Which rows of three tables are versions of one record.
//!
//! A record is known by its key as long as no side has two live rows with that key. Of a record that was updated by
//! hiding a row and appending another one, the live rows are versions of each other; hidden ones that all sides have
//! are history, and like all rows without a usable key are told apart by what they say.

use std::collections::{HashMap, HashSet};

use super::align::Token;
use super::items::{Identity, Item, Numbers};
use super::keys::key_of;
use super::rowwise::Rowwise;
use crate::record::{Key, is_live};
use crate::sdn::{Document, PieceKind, Table};

/// What a row is known by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Known {
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
    known: Vec<Option<Known>>,
}

/// The tokens of the items of a table, on all three sides.
pub(super) fn tokens<'d>(documents: [&'d Document; 3], table: &Rowwise<'d>, items: &[Vec<Item>; 3]) -> [Vec<Token>; 3] {
    let mut sides: [SideRows<'_, 'd>; 3] = std::array::from_fn(|side| SideRows {
        document: documents[side],
        table: table.tables[side],
        columns: &table.keys[side],
        items: &items[side],
        known: vec![None; items[side].len()],
    });
    let mut numbers: HashMap<Key<'d>, u32> = HashMap::new();
    let [base, ours, theirs] = &mut sides;
    base.know(None, &mut numbers);
    ours.know(Some(base), &mut numbers);
    theirs.know(Some(base), &mut numbers);
    let records = records(&sides, numbers.len());
    let mut texts = Numbers::default();
    let key_tokens = u32::MAX / 2;
    std::array::from_fn(|side| {
        let SideRows { document, items, known, .. } = &sides[side];
        let token = |(at, item): (usize, &Item)| match known[at] {
            Some(Known { key, .. }) if records[key as usize][side] == Some(at) => {
                Token { id: key_tokens + key, keyed: true, shared: true, exclusive: false }
            }
            _ => Token {
                id: texts.of(Identity::Text(item.text(document))),
                keyed: false,
                shared: true,
                exclusive: false,
            },
        };
        items.iter().enumerate().map(token).collect()
    })
}

impl<'d> SideRows<'_, 'd> {
    /// Finds the key of each row. A row that stands in the base word for word is not read again: it is looked for
    /// behind the last one that was found there.
    fn know(&mut self, base: Option<&SideRows<'_, 'd>>, numbers: &mut HashMap<Key<'d>, u32>) {
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
                self.known[at] = base.known[next];
                next += 1;
                continue;
            }
            let Some(row) = table.row_at(item.piece) else { continue };
            let Some(key) = key_of(&row, self.columns) else { continue };
            let fresh = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let key = *numbers.entry(key).or_insert(fresh);
            self.known[at] = Some(Known { key, is_live: is_live(&table, &row) });
            if let Some(base) = base {
                let places = places.get_or_insert_with(|| base.places());
                next = places.get(&key).map_or(next, |place| place + 1);
            }
        }
    }

    fn places(&self) -> HashMap<u32, usize> {
        let known = self.known.iter().enumerate();
        known.filter_map(|(at, known)| known.map(|known| (known.key, at))).collect()
    }
}

/// For each key the row of each side that is the record; none at all if a side has two live ones.
fn records(sides: &[SideRows<'_, '_>; 3], keys: usize) -> Vec<[Option<usize>; 3]> {
    let mut live: Vec<[Option<usize>; 3]> = vec![[None; 3]; keys];
    let mut is_usable = vec![true; keys];
    let mut hidden: HashMap<u32, [Vec<usize>; 3]> = HashMap::new();
    for (side, rows) in sides.iter().enumerate() {
        for (at, known) in rows.known.iter().enumerate() {
            let Some(Known { key, is_live }) = *known else { continue };
            if !is_live {
                hidden.entry(key).or_default()[side].push(at);
            } else if live[key as usize][side].replace(at).is_some() {
                is_usable[key as usize] = false;
            }
        }
    }
    for (key, hidden) in hidden {
        let record = &mut live[key as usize];
        let texts: [Vec<&[u8]>; 3] = std::array::from_fn(|side| {
            hidden[side].iter().map(|&at| sides[side].items[at].text(sides[side].document)).collect()
        });
        let sets = texts.each_ref().map(|texts| texts.iter().copied().collect::<HashSet<&[u8]>>());
        // A side without the record took its history away with it.
        let has_record: [bool; 3] = std::array::from_fn(|side| record[side].is_some() || !sets[side].is_empty());
        let is_history = |text: &[u8]| (0..3).all(|side| !has_record[side] || sets[side].contains(text));
        for side in 0..3 {
            if record[side].is_none() {
                let last = hidden[side].iter().zip(&texts[side]).rev().find(|(_, text)| !is_history(text));
                record[side] = last.map(|(&at, _)| at);
            }
        }
    }
    for (record, is_usable) in live.iter_mut().zip(is_usable) {
        if !is_usable {
            *record = [None; 3];
        }
    }
    live
}
