//! The columns of a table that one side may have changed.

use super::three_way;
use crate::sdn::{Row, Table};

/// The columns of the merged table, and where they stand on each side.
pub(super) struct Columns<'d> {
    pub names: Vec<String>,
    /// The side whose columns they are, if the sides differ.
    pub carrier: Option<usize>,
    /// For each side, where each merged column stands there.
    pub at: [Vec<Option<usize>>; 3],
    /// For each side, its columns that the merged table does not have.
    pub dropped: [Vec<usize>; 3],
    /// What a row gets that lacks the column, as it is written.
    missing: Vec<Option<&'d [u8]>>,
}

impl<'d> Columns<'d> {
    /// Nothing if both sides changed the columns differently.
    pub fn merge(tables: [Option<Table<'d>>; 3]) -> Option<Self> {
        let names = tables.map(|table| -> Vec<String> {
            table.map(|table| table.columns().map(std::borrow::Cow::into_owned).collect()).unwrap_or_default()
        });
        let [base, ours, theirs] = &names;
        // Columns that changed places give all rows another meaning, which no row shows.
        let is_permuted = |side: &Vec<String>| {
            let sorted = |names: &[String]| {
                let mut names = names.to_vec();
                names.sort_unstable();
                names
            };
            tables[0].is_some() && side != base && sorted(side) == sorted(base)
        };
        if ours != theirs && (is_permuted(ours) || is_permuted(theirs)) {
            return None;
        }
        let base_is_there = tables[0].is_some();
        let carrier = match (base_is_there, ours == theirs) {
            (true, true) if base == ours => None,
            (true, true) => Some(1),
            (true, false) => Some(if base == ours { 2 } else { 1 }).filter(|_| base == ours || base == theirs),
            (false, _) => None,
        };
        if carrier.is_none() && ours != theirs {
            return None;
        }
        let merged = names[carrier.unwrap_or(1)].clone();
        let at: [Vec<Option<usize>>; 3] = std::array::from_fn(|side| {
            if names[side] == merged { (0..merged.len()).map(Some).collect() } else { places(&merged, &names[side]) }
        });
        let dropped = std::array::from_fn(|side| {
            (0..names[side].len()).filter(|&column| !at[side].contains(&Some(column))).collect()
        });
        let carrier_table = carrier.and_then(|side| tables[side]);
        let missing = (0..merged.len())
            .map(|column| {
                let is_new = at.iter().any(|at| at.get(column).is_some_and(Option::is_none));
                carrier_table.filter(|_| is_new).and_then(|table| same_in_all(&table, column))
            })
            .collect();
        Some(Self { names: merged, carrier, at, dropped, missing })
    }

    /// A row of a side, in the columns of the merged table. Nothing if a cell it lacks cannot be told, or
    /// one would be lost.
    pub fn fitted(&self, side: usize, row: &Row<'d>, source: &[u8], indent: &[u8]) -> Option<Vec<u8>> {
        let says_more = |&column: &usize| row.cell(column).is_some_and(|cell| !cell.value().text().is_empty());
        if !row.reading().fits() || self.dropped[side].iter().any(says_more) {
            return None;
        }
        let mut line = indent.to_vec();
        for (column, at) in self.at[side].iter().enumerate() {
            if column > 0 {
                line.extend(b", ");
            }
            line.extend(match at {
                Some(at) => row.cell(*at)?.span().of(source),
                None => self.missing[column]?,
            });
        }
        let last = row.cells().last()?.span().end;
        line.extend(&source[last..row.span().end]);
        Some(line)
    }
}

/// Where the columns stand among other ones. Of as many columns, those of which neither list has the name stand at
/// the same place: they were renamed.
fn places(merged: &[String], there: &[String]) -> Vec<Option<usize>> {
    let is_renamed =
        |at: usize| merged.len() == there.len() && !there.contains(&merged[at]) && !merged.contains(&there[at]);
    let place = |at: usize| there.iter().position(|name| *name == merged[at]).or(is_renamed(at).then_some(at));
    (0..merged.len()).map(place).collect()
}

/// What stands in a column of all rows, if it is the same in all.
fn same_in_all<'d>(table: &Table<'d>, column: usize) -> Option<&'d [u8]> {
    let source = table.document().source();
    let mut cells = table.rows().filter_map(|row| row.cell(column).map(|cell| cell.span().of(source)));
    let Some(first) = cells.next() else { return Some(b"\"\"") };
    let first = if first.is_empty() { b"\"\"" } else { first };
    cells.all(|cell| cell == first || (cell.is_empty() && first == b"\"\"")).then_some(first)
}

/// The indentation that the rows of the merged table have: that of the side that changed it.
pub(super) fn indent(indents: [Option<&[u8]>; 3]) -> &[u8] {
    let [base, ours, theirs] = indents;
    match (base, ours, theirs) {
        (Some(base), Some(ours), Some(theirs)) => three_way(&base, ours, theirs).unwrap_or(ours),
        (_, Some(ours), _) => ours,
        (_, None, Some(theirs)) => theirs,
        (base, None, None) => base.unwrap_or(b"    "),
    }
}
