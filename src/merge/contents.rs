//! What stands in the columns of a table.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use crate::sdn::{Cell, Table};

/// The cells of a table by its columns. Each row is cut once, however many columns are asked for.
pub(super) struct Contents<'d> {
    table: Table<'d>,
    cut: OnceCell<Cut<'d>>,
}

struct Cut<'d> {
    columns: Vec<Vec<Cell<'d>>>,
    /// How many rows there are.
    rows: usize,
}

impl<'d> Contents<'d> {
    pub fn of(table: Table<'d>) -> Self {
        Self { table, cut: OnceCell::new() }
    }

    fn cut(&self) -> &Cut<'d> {
        self.cut.get_or_init(|| {
            let mut cut = Cut { columns: vec![Vec::new(); self.table.column_spans().len()], rows: 0 };
            for row in self.table.rows() {
                cut.columns.iter_mut().zip(row.cells()).for_each(|(column, cell)| column.push(cell));
                cut.rows += 1;
            }
            cut
        })
    }

    fn cells(&self, column: usize) -> &[Cell<'d>] {
        self.cut().columns.get(column).map_or(&[], Vec::as_slice)
    }

    /// What a column says, without the cells that say nothing, sorted.
    pub fn texts(&self, column: usize) -> Vec<Cow<'d, str>> {
        let texts = self.cells(column).iter().map(|cell| cell.value().text());
        let mut texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
        texts.sort_unstable();
        texts
    }

    /// What stands in a column of most rows, and of several: what they were given with it. That it is empty says
    /// nothing.
    pub fn usual(&self, column: usize) -> Option<Cow<'d, str>> {
        let cells = self.cells(column);
        let mut times: HashMap<Cow<'d, str>, usize> = HashMap::new();
        for cell in cells {
            *times.entry(cell.value().text()).or_default() += 1;
        }
        let usual = times.into_iter().find(|(_, times)| 2 * times > cells.len() && *times > 1);
        usual.map(|(text, _)| text).filter(|text| !text.is_empty())
    }

    /// What stands in a column of all rows, if it is the same in all.
    pub fn same_in_all(&self, column: usize) -> Option<&'d [u8]> {
        let source = self.table.document().source();
        let mut cells = self.cells(column).iter().map(|cell| cell.span().of(source));
        let Some(first) = cells.next() else { return Some(b"\"\"") };
        let first = if first.is_empty() { b"\"\"" } else { first };
        cells.all(|cell| cell == first || (cell.is_empty() && first == b"\"\"")).then_some(first)
    }

    pub fn has_several_rows(&self) -> bool {
        self.cut().rows > 1
    }
}

/// Whether two columns hold the same in at least half of their rows, as after a renaming, or nothing. Another column in
/// its place holds other things.
pub(super) fn are_alike(one: &[Cow<'_, str>], other: &[Cow<'_, str>]) -> bool {
    let mut left = other.iter().peekable();
    let in_both = one.iter().filter(|text| {
        while left.next_if(|other| other < text).is_some() {}
        left.next_if(|other| other == text).is_some()
    });
    one.is_empty() == other.is_empty() && 2 * in_both.count() >= one.len().min(other.len())
}

/// The columns that are gone, by what they say.
pub(super) struct Gone<'d> {
    /// How often each says something.
    lengths: Vec<usize>,
    /// For each text the columns that have it, and how often.
    having: HashMap<Cow<'d, str>, Vec<(usize, usize)>>,
}

/// How many columns that are gone are looked at for each cell of a new one.
const MAX_TRIES: usize = 64;

impl<'d> Gone<'d> {
    /// Of what each of them says, sorted.
    pub fn of(columns: impl Iterator<Item = Vec<Cow<'d, str>>>) -> Self {
        let mut gone = Self { lengths: Vec::new(), having: HashMap::new() };
        for (column, texts) in columns.enumerate() {
            gone.lengths.push(texts.len());
            for same in texts.chunk_by(|one, other| one == other) {
                gone.having.entry(same[0].clone()).or_default().push((column, same.len()));
            }
        }
        gone
    }

    /// Whether a column that says something may be one of these: whether it is [alike](are_alike), or there are so many
    /// of them that have something in common with it that it would take too long to see.
    pub fn may_be(&self, texts: &[Cow<'_, str>]) -> bool {
        let mut in_both: HashMap<usize, usize> = HashMap::new();
        let mut left = MAX_TRIES * texts.len();
        for same in texts.chunk_by(|one, other| one == other) {
            for &(column, times) in self.having.get(&*same[0]).into_iter().flatten() {
                let in_both = in_both.entry(column).or_default();
                *in_both += times.min(same.len());
                if left == 0 || 2 * *in_both >= texts.len().min(self.lengths[column]) {
                    return true;
                }
                left -= 1;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &str) -> Vec<Cow<'_, str>> {
        let mut texts: Vec<Cow<'_, str>> = words.split_whitespace().map(Cow::Borrowed).collect();
        texts.sort_unstable();
        texts
    }

    #[test]
    fn a_column_may_be_a_gone_one_if_one_is_alike() {
        let all = ["a", "a a b", "a a b c", "b c d e", "x x x", "x y"];
        for one in all {
            for other in all {
                let gone = Gone::of([texts("q"), texts(other)].into_iter());
                assert_eq!(gone.may_be(&texts(one)), are_alike(&texts(one), &texts(other)), "{one} | {other}");
            }
        }
        assert!(!Gone::of(std::iter::once(Vec::new())).may_be(&texts("a")));
    }
}
