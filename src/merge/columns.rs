//! The columns of a table that one side may have changed.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::contents::{Contents, Gone, are_alike};
use super::sides::{Side, Sides};
use crate::record::{Keys, NoKey, Stamp, VALID};
use crate::sdn::{Row, Table};

/// The columns of the merged table, and where they stand on each side.
pub(super) struct Columns<'d> {
    pub names: Vec<String>,
    /// The side whose columns they are, if the sides differ.
    pub carrier: Option<Side>,
    /// The names on each side.
    sides: Sides<Names>,
    /// For each side, where each merged column stands there.
    pub at: Sides<Vec<Option<usize>>>,
    /// For each side, its columns that the merged table does not have.
    dropped: Sides<Vec<usize>>,
    /// For each side, the columns that it shares with the base, by their places in the base and there.
    shared: Sides<Vec<(usize, usize)>>,
    /// For each side, the columns that the base does not have, by their places in the merged table and there.
    new: Sides<Vec<(usize, usize)>>,
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
        let Sides { base, ours, theirs } = names.each_ref().map(|names| &names.all);
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
        let contents = tables.map(|table| table.map(Contents::of));
        let at = Sides::from_fn(|side| {
            if names[side].all == merged.all {
                return (0..merged.all.len()).map(Some).collect();
            }
            let contents = contents[lead].as_ref().zip(contents[side].as_ref());
            let is_alike = |at: usize| contents.is_some_and(|(lead, side)| are_alike(&lead.texts(at), &side.texts(at)));
            places(merged, &names[side], is_alike)
        });
        Some(Self::of(&contents, names, carrier, at))
    }

    /// The columns of theirs, whatever ours made of them: what ours says in other columns is given up, and what its
    /// rows lack is empty.
    pub fn of_theirs(tables: Sides<Option<Table<'d>>>) -> Self {
        let names = names(tables);
        let same_name = |there: &Names| names.theirs.all.iter().map(|name| there.place(name)).collect::<Vec<_>>();
        let at = names.each_ref().map(same_name);
        let contents = tables.map(|table| table.map(Contents::of));
        let columns = Self::of(&contents, names, Some(Side::Theirs), at);
        let missing = columns.missing.iter().map(|missing| missing.or(Some(b"\"\""))).collect();
        Self { missing, is_forced: true, ..columns }
    }

    fn of(
        contents: &Sides<Option<Contents<'d>>>,
        sides: Sides<Names>,
        carrier: Option<Side>,
        at: Sides<Vec<Option<usize>>>,
    ) -> Self {
        let names = sides[carrier.unwrap_or(Side::Ours)].all.clone();
        let dropped: Sides<Vec<usize>> = Sides::from_fn(|side| {
            let kept: HashSet<usize> = at[side].iter().flatten().copied().collect();
            (0..sides[side].all.len()).filter(|column| !kept.contains(column)).collect()
        });
        let of_carrier = carrier.and_then(|side| contents[side].as_ref());
        let missing = names.iter().enumerate().map(|(column, name)| {
            let is_new = at.values().any(|at| at.get(column).is_some_and(Option::is_none));
            if is_new && name == VALID {
                return Some(&b"true"[..]);
            }
            // What one row says is no rule, but for a stamp.
            let is_stamp = Stamp::of(name).is_some();
            let contents = of_carrier.filter(|_| is_new)?;
            contents
                .same_in_all(column)
                .filter(|same| is_stamp || matches!(same, [] | [b'"', b'"']) || contents.has_several_rows())
        });
        let missing = missing.collect();
        let is_new = |column: usize| at.base.get(column).is_some_and(Option::is_none);
        // A new one may be one of the base renamed.
        let gone = OnceCell::new();
        let is_renamed = |texts: &[Cow<'_, str>]| {
            let columns = contents.base.iter().flat_map(|base| dropped.base.iter().map(|&gone| base.texts(gone)));
            gone.get_or_init(|| Gone::of(columns)).may_be(texts)
        };
        let usual = (0..names.len()).map(|column| {
            let contents = of_carrier.filter(|_| is_new(column))?;
            contents.usual(column).filter(|_| !is_renamed(&contents.texts(column)))
        });
        let usual = usual.collect();
        let shared = Sides::from_fn(|side| shared(&sides, &at, &dropped, (Side::Base, side)).collect());
        let new = Sides::from_fn(|side| {
            let columns = at.base.iter().zip(&at[side]).enumerate();
            columns.filter_map(|(column, (base, at))| Some((column, at.filter(|_| base.is_none())?))).collect()
        });
        Self { names, carrier, sides, at, dropped, shared, new, missing, usual, is_forced: false }
    }

    /// Whether rows of two sides that are spelled alike say the same.
    pub fn are_alike(&self, one: Side, other: Side) -> bool {
        self.sides[one].layout == self.sides[other].layout
    }

    /// Where the columns stand that the base and a side have, those included that the merged table does not have.
    pub fn shared(&self, side: Side) -> &[(usize, usize)] {
        &self.shared[side]
    }

    /// The names of the columns of a side.
    pub fn of_side(&self, side: Side) -> &[String] {
        &self.sides[side].all
    }

    /// Whether the columns of a side are those of the merged table, in their order.
    pub fn are_merged(&self, side: Side) -> bool {
        let at = &self.at[side];
        at.len() == self.sides[side].all.len() && at.iter().enumerate().all(|(place, at)| *at == Some(place))
    }

    /// Whether a row of a side says something of its own in a column that the base does not have. What the base says in
    /// a column that is gone may stand there.
    pub fn says_more(&self, base: &Row<'d>, side: Side, row: &Row<'d>) -> bool {
        let gone = OnceCell::new();
        let was = |text: &Cow<'_, str>| {
            let texts = || self.dropped.base.iter().filter_map(|&at| base.cell(at)).map(|cell| cell.value().text());
            gone.get_or_init(|| texts().collect::<HashSet<_>>()).contains(&**text)
        };
        self.new[side].iter().any(|&(column, at)| {
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
            let mut there = HashMap::new();
            for (at, place) in shared(&self.sides, &self.at, &self.dropped, (lead, side)) {
                there.entry(at).or_insert(place);
            }
            key.iter().map(|key| there.get(key).copied()).collect()
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

/// The names of the columns of one side.
struct Names {
    all: Vec<String>,
    /// Where each stands, of several columns of one name the first one.
    places: HashMap<String, usize>,
    /// The first side that has the same names in the same order.
    layout: Side,
}

impl Names {
    fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }
}

/// The names of the columns on each side.
fn names(tables: Sides<Option<Table<'_>>>) -> Sides<Names> {
    let all = tables.map(|table| {
        table.map(|table| table.columns().map(Cow::into_owned).collect::<Vec<String>>()).unwrap_or_default()
    });
    let layouts = Sides::from_fn(|side| all.iter().find(|(_, names)| **names == all[side]).map_or(side, |(of, _)| of));
    let Sides { base, ours, theirs } = all;
    let names = |all: Vec<String>, layout: Side| {
        let mut places = HashMap::with_capacity(all.len());
        for (at, name) in all.iter().enumerate() {
            places.entry(name.clone()).or_insert(at);
        }
        Names { all, places, layout }
    };
    Sides { base: names(base, layouts.base), ours: names(ours, layouts.ours), theirs: names(theirs, layouts.theirs) }
}

/// Where the columns stand that two sides have, those included that the merged table does not have.
fn shared(
    sides: &Sides<Names>,
    at: &Sides<Vec<Option<usize>>>,
    dropped: &Sides<Vec<usize>>,
    (one, other): (Side, Side),
) -> impl Iterator<Item = (usize, usize)> {
    let merged = at[one].iter().zip(&at[other]).filter_map(|(one, other)| (*one).zip(*other));
    let dropped = dropped[one].iter().filter_map(move |&at| Some((at, sides[other].place(&sides[one].all[at])?)));
    merged.chain(dropped)
}

/// Where the columns stand among other ones. Of as many columns, those of which neither list has the name stand at
/// the same place if they hold the same: they were renamed.
fn places(merged: &Names, there: &Names, is_alike: impl Fn(usize) -> bool) -> Vec<Option<usize>> {
    let is_special = |name: &str| name == VALID || Stamp::of(name).is_some();
    let is_renamed = |at: usize| {
        merged.all.len() == there.all.len()
            && there.place(&merged.all[at]).is_none()
            && merged.place(&there.all[at]).is_none()
            && !is_special(&merged.all[at])
            && !is_special(&there.all[at])
            && is_alike(at)
    };
    let place = |at: usize| there.place(&merged.all[at]).or(is_renamed(at).then_some(at));
    (0..merged.all.len()).map(place).collect()
}

/// The indentation that the rows of the merged table have: that of the side that changed it.
pub(super) fn indent(indents: Sides<Option<&[u8]>>) -> &[u8] {
    let agreed = indents.all().and_then(Sides::agreed);
    agreed.or(indents.newest()).unwrap_or(b"    ")
}
