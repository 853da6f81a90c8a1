//! The items of one level, the rows of a table or the entries of a block, as they are put in order.

use std::collections::HashMap;

use super::align::Token;
use super::items::{Identity, Item, Numbers};
use super::sides::{Side, Sides};
use super::tangles::{Known, Tangle, Tangles};
use crate::sdn::{Document, PieceKind};

/// An item in the sequence of its side.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub item: Item,
    pub doubt: Doubt,
}

/// What is not known of an item.
#[derive(Clone, Debug)]
pub(super) enum Doubt {
    None,
    /// It is not known what it was in the base, but that it was there.
    UnknownBase,
    /// It is tangled with these items behind it, which stand in no sequence.
    Tangled(Vec<Item>),
}

/// The sequences of a level, and what their entries are known by.
pub(super) struct Level {
    pub entries: Sides<Vec<Entry>>,
    pub tokens: Sides<Vec<Token>>,
    /// Whether a name stands there more often than once, or in a conflict.
    pub is_tangled: bool,
}

impl Level {
    /// `named` gives the name by which an item is known on its side, if it is.
    pub fn new(
        documents: Sides<&Document>,
        items: &Sides<Vec<Item>>,
        known: &Sides<Vec<Known>>,
        tangles: &Tangles,
        in_table: bool,
        named: impl Fn(Side, usize) -> Option<u32>,
    ) -> Self {
        let mut numbers: Numbers<Identity<'_>> = Numbers::default();
        let mut tokens = Sides::<Vec<Token>>::default();
        let mut entries = Sides::<Vec<Entry>>::default();
        for side in [Side::Base, Side::Ours, Side::Theirs] {
            let mut times: HashMap<&[u8], usize> = HashMap::new();
            // Where the first item of each tangle stands in the sequence.
            let mut firsts: HashMap<usize, usize> = HashMap::new();
            for (at, &item) in items[side].iter().enumerate() {
                let document = documents[side];
                let text = item.text(document);
                let mut doubt = Doubt::None;
                let mut copy = || {
                    let nth = times.entry(text).or_default();
                    *nth += 1;
                    (Identity::Nth(text, *nth), true)
                };
                let (identity, keyed) = match tangles.of(&known[side][at]) {
                    None => match named(side, at) {
                        Some(name) => (Identity::Name(name), true),
                        None if known[side][at] == Known::History => copy(),
                        None => (Identity::Text(text), false),
                    },
                    Some(Tangle::ByText) => copy(),
                    Some(Tangle::Unresolved) if side == Side::Base => continue,
                    Some(Tangle::Unresolved) => match named(side, at) {
                        Some(name) => {
                            doubt = Doubt::UnknownBase;
                            (Identity::Name(name), true)
                        }
                        None => (Identity::Text(text), false),
                    },
                    Some(Tangle::Conflict(tangle)) => {
                        if let Some(&first) = firsts.get(&tangle) {
                            if let Doubt::Tangled(others) = &mut entries[side][first].doubt {
                                others.push(item);
                            }
                            continue;
                        }
                        firsts.insert(tangle, entries[side].len());
                        doubt = Doubt::Tangled(Vec::new());
                        (Identity::Tangle(tangle), true)
                    }
                };
                let kind = item.kind(document);
                tokens[side].push(Token {
                    id: numbers.of(identity),
                    keyed,
                    shared: keyed || in_table || kind.has_content(),
                    exclusive: !keyed && !in_table && (kind == PieceKind::Other || item.is_conflict),
                });
                entries[side].push(Entry { item, doubt });
            }
        }
        Self { entries, tokens, is_tangled: !tangles.is_empty() }
    }
}
