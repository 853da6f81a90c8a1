//! Which rows of two versions of a table are versions of each other.

use std::collections::{HashMap, VecDeque};

use crate::record::{Key, is_live};
use crate::sdn::{PieceKind, Row, Table};

/// A row and what it is known by.
pub(crate) struct Known<'d> {
    pub row: Row<'d>,
    /// Among the rows of its table, from 0.
    pub number: usize,
    pub key: Option<Key<'d>>,
    pub is_live: bool,
}

/// A row as it was and as it is; one of the two may be missing.
pub(crate) struct Pair<'d> {
    pub old: Option<Known<'d>>,
    pub new: Option<Known<'d>>,
}

/// The rows of two versions of a table that differ, in the order of the new one; behind them those that are gone. With
/// each table stand its key columns.
///
/// Rows that stand there word for word are left out. Of several rows with one key those that say the same belong
/// together, then the live ones. Rows without a key are versions of each other in their order, if as many went as came.
pub(crate) fn pairs<'d>(old: Option<(&Table<'d>, &[usize])>, new: Option<(&Table<'d>, &[usize])>) -> Vec<Pair<'d>> {
    let same_header = match (old, new) {
        (Some((old, _)), Some((new, _))) => old.columns().eq(new.columns()),
        _ => false,
    };
    let texts = |of: Option<(&Table<'d>, &[usize])>| of.map(|(table, _)| row_texts(table)).unwrap_or_default();
    let (mut old_texts, mut new_texts) = (texts(old), texts(new));
    // Rows that stand there word for word are left out before any is read, first those at both ends.
    let mut same: HashMap<&[u8], usize> = HashMap::new();
    if same_header {
        let equal = |(old, new): &(&RowText<'_>, &RowText<'_>)| old.text == new.text;
        let tail = old_texts.iter().rev().zip(new_texts.iter().rev()).take_while(equal).count();
        old_texts.truncate(old_texts.len() - tail);
        new_texts.truncate(new_texts.len() - tail);
        let head = old_texts.iter().zip(&new_texts).take_while(equal).count();
        old_texts.drain(..head);
        new_texts.drain(..head);
        for row in &old_texts {
            *same.entry(row.text).or_default() += 1;
        }
    }
    let mut kept: HashMap<&[u8], usize> = HashMap::new();
    let mut take = |text| match same.get_mut(text) {
        Some(count) if *count > 0 => {
            *count -= 1;
            *kept.entry(text).or_default() += 1;
            true
        }
        _ => false,
    };
    let new_rows = new.map(|(new, key)| known(new, key, &new_texts, &mut take)).unwrap_or_default();
    let mut was_kept = |text: &[u8]| match kept.get_mut(text) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    let old_rows = old.map(|(old, key)| known(old, key, &old_texts, &mut was_kept)).unwrap_or_default();
    let mut left: Vec<Option<Known<'d>>> = old_rows.into_iter().map(Some).collect();
    let without_key = |known: &&Known<'_>| known.key.is_none();
    let in_order = new_rows.iter().filter(without_key).count() == left.iter().flatten().filter(without_key).count();
    let mut by_key: HashMap<(Option<Key<'d>>, bool), VecDeque<usize>> = HashMap::new();
    for (at, known) in left.iter().flatten().enumerate() {
        by_key.entry((known.key.clone(), known.is_live)).or_default().push_back(at);
    }
    let mut take = |now: &Known<'d>, is_live: bool| {
        let may_be_taken = now.key.is_some() || in_order;
        by_key.get_mut(&(now.key.clone(), is_live)).filter(|_| may_be_taken)?.pop_front()
    };
    let as_live: Vec<Option<usize>> = new_rows.iter().map(|now| take(now, now.is_live)).collect();
    let mut pairs = Vec::with_capacity(new_rows.len());
    for (now, found) in new_rows.into_iter().zip(as_live) {
        let old = found.or_else(|| take(&now, !now.is_live)).and_then(|at| left[at].take());
        pairs.push(Pair { old, new: Some(now) });
    }
    pairs.extend(left.into_iter().flatten().map(|was| Pair { old: Some(was), new: None }));
    pairs
}

/// A row below the header, which need not be cut to be compared.
#[derive(Clone, Copy)]
struct RowText<'d> {
    piece: usize,
    /// Among the rows of its table, from 0.
    number: usize,
    /// Its text without indentation and line end.
    text: &'d [u8],
}

fn row_texts<'d>(table: &Table<'d>) -> Vec<RowText<'d>> {
    let document = table.document();
    let pieces = document.pieces();
    let first = table.piece() + 1;
    let behind_header = usize::from(table.row_at(table.piece()).is_some());
    let rows = (first..pieces[table.piece()].end).filter(|&at| pieces[at].kind == PieceKind::Row).enumerate();
    rows.map(|(number, piece)| RowText {
        piece,
        number: number + behind_header,
        text: document.body(&pieces[piece]).of(document.source()),
    })
    .collect()
}

/// Of these rows of a table those that are not left out, and the one behind its header.
fn known<'d>(
    table: &Table<'d>,
    key: &[usize],
    texts: &[RowText<'d>],
    is_left_out: &mut dyn FnMut(&'d [u8]) -> bool,
) -> Vec<Known<'d>> {
    let behind_header = table.row_at(table.piece()).map(|row| (0, row));
    let below = texts.iter().filter(|row| !is_left_out(row.text));
    let below = below.filter_map(|row| Some((row.number, table.row_at(row.piece)?)));
    let rows = behind_header.into_iter().chain(below);
    rows.map(|(number, row)| Known { number, key: Key::of(&row, key), is_live: is_live(table, &row), row }).collect()
}
