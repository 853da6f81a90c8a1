//! The columns of a table that one side may have changed.

use std::borrow::Cow;
use std::collections::HashMap;

use super::sides::{Side, Sides};
use crate::record::{Keys, NoKey, Stamp, VALID};
use crate::sdn::{Row, Table};

/// The columns of the merged table, and where they stand on each side.
pub(super) struct Columns<'d> {
    pub names: Vec<String>,
    /// The side whose columns they are, if the sides differ.
    pub carrier: Option<Side>,
    /// The names on each side.
    sides: Sides<Vec<String>>,
    /// For each side, where each merged column stands there.
    pub at: Sides<Vec<Option<usize>>>,
    /// For each side, its columns that the merged table does not have.
    dropped: Sides<Vec<usize>>,
    /// What a row gets that lacks the column, as it is written.
    missing: Vec<Option<&'d [u8]>>,
    /// What rows say in a column that the base does not have, if they have been given it with the column.
    usual: Vec<Option<Cow<'d, str>>>,
    /// Whether what other columns say is given up, so that each row of ours needs its cells from elsewhere.
    pub is_forced: bool,
}

impl<'d> Columns<'d> {
    /// Nothing if both sides changed the columns differently.
    pub fn merge(tables: Sides<Option<Table<'d>>>) -> Option<Self> {
        let names = names(tables);
        let Sides { base, ours, theirs } = &names;
        let carrier = match (tables.base.is_some(), ours == theirs) {
            (true, true) if base == ours => None,
            (true, true) => Some(Side::Ours),
            (true, false) if base == ours => Some(Side::Theirs),
            (true, false) => (base == theirs).then_some(Side::Ours),
            (false, _) => None,
        };
        if carrier.is_none() && ours != theirs {
            return None;
        }
        let lead = carrier.unwrap_or(Side::Ours);
        let merged = &names[lead];
        let at = Sides::from_fn(|side| {
            if names[side] == *merged {
                return (0..merged.len()).map(Some).collect();
            }
            let tables = tables[lead].zip(tables[side]);
            let is_alike = |at: usize| tables.is_some_and(|(lead, side)| are_alike((lead, at), (side, at)));
            places(merged, &names[side], is_alike)
        });
        Some(Self::of(tables, &names, carrier, at))
    }

    /// The columns of theirs, whatever ours made of them: what ours says in other columns is given up, and what its
    /// rows lack is empty.
    pub fn of_theirs(tables: Sides<Option<Table<'d>>>) -> Self {
        let names = names(tables);
        let same_name = |there: &Vec<String>| {
            names.theirs.iter().map(|name| there.iter().position(|other| other == name)).collect::<Vec<_>>()
        };
        let columns = Self::of(tables, &names, Some(Side::Theirs), names.each_ref().map(same_name));
        let missing = columns.missing.iter().map(|missing| missing.or(Some(b"\"\""))).collect();
        Self { missing, is_forced: true, ..columns }
    }

    fn of(
        tables: Sides<Option<Table<'d>>>,
        names: &Sides<Vec<String>>,
        carrier: Option<Side>,
        at: Sides<Vec<Option<usize>>>,
    ) -> Self {
        let merged = names[carrier.unwrap_or(Side::Ours)].clone();
        let dropped: Sides<Vec<usize>> =
            Sides::from_fn(|side| (0..names[side].len()).filter(|&column| !at[side].contains(&Some(column))).collect());
        let carrier_table = carrier.and_then(|side| tables[side]);
        let missing = (0..merged.len())
            .map(|column| {
                let is_new = at.values().any(|at| at.get(column).is_some_and(Option::is_none));
                if is_new && merged[column] == VALID {
                    return Some(&b"true"[..]);
                }
                // What one row says is no rule, but for a stamp.
                let is_stamp = Stamp::of(&merged[column]).is_some();
                let table = carrier_table.filter(|_| is_new)?;
                same_in_all(&table, column)
                    .filter(|same| is_stamp || matches!(same, [] | [b'"', b'"']) || table.rows().nth(1).is_some())
            })
            .collect();
        let is_new = |column: usize| at.base.get(column).is_some_and(Option::is_none);
        let usual = (0..merged.len()).map(|column| {
            let table = carrier_table.filter(|_| is_new(column))?;
            // A new one may be one of the base renamed.
            let is_renamed = |&gone: &usize| tables.base.is_some_and(|base| are_alike((table, column), (base, gone)));
            usual(&table, column).filter(|_| !dropped.base.iter().any(is_renamed))
        });
        let usual = usual.collect();
        Self { names: merged, carrier, sides: names.clone(), at, dropped, missing, usual, is_forced: false }
    }

    /// Whether rows of two sides that are spelled alike say the same.
    pub fn are_alike(&self, one: Side, other: Side) -> bool {
        self.sides[one] == self.sides[other]
    }

    /// Where the columns stand that two sides have, those included that the merged table does not have.
    pub fn shared(&self, one: Side, other: Side) -> impl Iterator<Item = (usize, usize)> {
        let merged = self.at[one].iter().zip(&self.at[other]).filter_map(|(one, other)| (*one).zip(*other));
        let dropped = self.dropped[one].iter().filter_map(move |&at| {
            let name = &self.sides[one][at];
            let other = self.sides[other].iter().position(|other| other == name)?;
            Some((at, other))
        });
        merged.chain(dropped)
    }

    /// Whether a row of a side says something of its own in a column that the base does not have. What the base says in
    /// a column that is gone may stand there.
    pub fn says_more(&self, base: &Row<'d>, side: Side, row: &Row<'d>) -> bool {
        let was = |text: &str| {
            let mut gone = self.dropped.base.iter().filter_map(|&at| base.cell(at));
            gone.any(|cell| cell.value().text() == text)
        };
        let columns = self.at.base.iter().zip(&self.at[side]).enumerate();
        let mut new = columns.filter_map(|(column, (base, at))| Some((column, at.filter(|_| base.is_none())?)));
        new.any(|(column, at)| {
            let text = row.cell(at).map(|cell| cell.value().text()).unwrap_or_default();
            let name = &self.names[column];
            let is_said = !text.is_empty() && name != VALID && Stamp::of(name).is_none();
            is_said && self.usual[column].as_ref() != Some(&text) && !was(&text)
        })
    }

    /// Where the columns stand that all sides have.
    pub fn common(&self) -> Sides<Vec<usize>> {
        let merged = 0..self.names.len();
        let is_common = |column: &usize| self.at.values().all(|at| at.get(*column).is_some_and(Option::is_some));
        let common: Vec<usize> = merged.filter(is_common).collect();
        Sides::from_fn(|side| common.iter().filter_map(|&column| self.at[side][column]).collect())
    }

    /// Where the key columns of each side stand: on all sides they are the same columns, whatever their names are and
    /// whatever else came before them. None if a side lacks one, or has no key.
    pub fn keys(&self, tables: Sides<Option<Table<'d>>>, keys: &Keys) -> Sides<Vec<usize>> {
        let own = tables.map(|table| table.map(|table| keys.columns(&table)));
        if own.values().flatten().any(|own| matches!(own, Err(NoKey::Repeated { .. } | NoKey::Declared))) {
            return Sides::default();
        }
        let lead = own.iter().find_map(|(side, own)| Some((side, own.as_ref()?.as_ref().ok()?)));
        let Some((lead, key)) = lead else { return Sides::default() };
        let of_side = |side: Side| -> Option<Vec<usize>> {
            if side == lead || tables[side].is_none() {
                return Some(if side == lead { key.clone() } else { Vec::new() });
            }
            let shared: Vec<(usize, usize)> = self.shared(lead, side).collect();
            key.iter().map(|key| shared.iter().find(|(at, _)| at == key).map(|&(_, there)| there)).collect()
        };
        Sides::from_fn(of_side).all().unwrap_or_default()
    }

    /// The columns of a side that must not say anything of their own, since the merged table does not have them.
    pub fn must_keep(&self, side: Side) -> &[usize] {
        if self.is_forced { &[] } else { &self.dropped[side] }
    }

    /// A row of a side, in the columns of the merged table. Nothing if a cell it lacks cannot be told, or
    /// one would be lost.
    pub fn fitted(&self, side: Side, row: &Row<'d>, source: &[u8], indent: &[u8]) -> Option<Vec<u8>> {
        let says_more = |&column: &usize| row.cell(column).is_some_and(|cell| !cell.value().text().is_empty());
        if !row.reading().fits() || self.must_keep(side).iter().any(says_more) {
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

/// The names of the columns on each side.
fn names(tables: Sides<Option<Table<'_>>>) -> Sides<Vec<String>> {
    tables.map(|table| table.map(|table| table.columns().map(Cow::into_owned).collect()).unwrap_or_default())
}

/// Where the columns stand among other ones. Of as many columns, those of which neither list has the name stand at
/// the same place if they hold the same: they were renamed.
fn places(merged: &[String], there: &[String], is_alike: impl Fn(usize) -> bool) -> Vec<Option<usize>> {
    let is_special = |name: &str| name == VALID || Stamp::of(name).is_some();
    let is_renamed = |at: usize| {
        merged.len() == there.len()
            && !there.contains(&merged[at])
            && !merged.contains(&there[at])
            && !is_special(&merged[at])
            && !is_special(&there[at])
            && is_alike(at)
    };
    let place = |at: usize| there.iter().position(|name| *name == merged[at]).or(is_renamed(at).then_some(at));
    (0..merged.len()).map(place).collect()
}

/// Whether the columns of two tables hold the same in at least half of their rows, as after a renaming, or nothing.
/// Another column in its place holds other things.
fn are_alike(one: (Table<'_>, usize), other: (Table<'_>, usize)) -> bool {
    let texts = |(table, at): (Table<'_>, usize)| -> Vec<String> {
        let mut texts: Vec<String> = table
            .rows()
            .filter_map(|row| row.cell(at).map(|cell| cell.value().text().into_owned()))
            .filter(|text| !text.is_empty())
            .collect();
        texts.sort_unstable();
        texts
    };
    let (one, other) = (texts(one), texts(other));
    let mut left = other.iter().peekable();
    let in_both = one.iter().filter(|text| {
        while left.next_if(|other| other < text).is_some() {}
        left.next_if(|other| other == text).is_some()
    });
    one.is_empty() == other.is_empty() && 2 * in_both.count() >= one.len().min(other.len())
}

/// What stands in a column of most rows, and of several: what they were given with it.
fn usual<'d>(table: &Table<'d>, column: usize) -> Option<Cow<'d, str>> {
    let mut times: HashMap<Cow<'d, str>, usize> = HashMap::new();
    for cell in table.rows().filter_map(|row| row.cell(column)) {
        *times.entry(cell.value().text()).or_default() += 1;
    }
    let all: usize = times.values().sum();
    times.into_iter().find(|(_, times)| 2 * times > all && *times > 1).map(|(text, _)| text)
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
pub(super) fn indent(indents: Sides<Option<&[u8]>>) -> &[u8] {
    let agreed = indents.all().and_then(Sides::agreed);
    agreed.or(indents.newest()).unwrap_or(b"    ")
}
