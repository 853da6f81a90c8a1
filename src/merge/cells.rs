//! Two versions of one record, merged cell by cell.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::Strategy;
use super::columns::Columns;
use super::conflict::{Clash, ConflictKind};
use super::sides::{Side, Sides};
use crate::record::{Stamp, TIMES, instant};
use crate::sdn::{Cell, Reading, Row, Spelling, spell};

/// A row of one side: how it is cut, and its text without the line end.
pub(super) struct Version<'d> {
    pub row: Row<'d>,
    pub source: &'d [u8],
    /// Where the row's line begins and where it ends, without the line end.
    pub line: (usize, usize),
}

/// What two rows come to.
pub(super) enum Outcome {
    Clean(Vec<u8>),
    Clash {
        kind: ConflictKind,
        clashes: Vec<Clash>,
        /// Our row and theirs, with what the other side changed in cells that do not clash.
        ours: Vec<u8>,
        theirs: Vec<u8>,
    },
}

impl<'d> Version<'d> {
    pub fn text(&self) -> &'d [u8] {
        &self.source[self.line.0..self.line.1]
    }

    fn cell(&self, at: Option<usize>) -> Option<Cell<'d>> {
        at.and_then(|at| self.row.cell(at))
    }

    fn raw(&self, cell: &Cell<'d>) -> &'d [u8] {
        cell.span().of(self.source)
    }

    /// What stands before this cell, or behind the last one.
    fn gap(&self, before: usize) -> &'d [u8] {
        let start = match before {
            0 => self.line.0,
            _ => self.row.cell(before - 1).map_or(self.line.1, |cell| cell.span().end),
        };
        let end = self.row.cell(before).map_or(self.line.1, |cell| cell.span().start);
        &self.source[start..end]
    }
}

/// What becomes of one cell.
enum Pick {
    Ours,
    Theirs,
    Text(Vec<u8>),
    Clash,
}

/// Two versions of a row, and the one of the base if there was one. `columns` says where their cells stand.
pub(super) struct Rows<'a, 'd> {
    pub columns: &'a Columns<'d>,
    pub base: Option<Version<'d>>,
    pub ours: Version<'d>,
    pub theirs: Version<'d>,
    pub strategy: Strategy,
    /// Whether each side has something of its own, once it has been asked for.
    both_contribute: OnceCell<bool>,
}

impl<'a, 'd> Rows<'a, 'd> {
    pub fn of(columns: &'a Columns<'d>, versions: Sides<Option<Version<'d>>>, strategy: Strategy) -> Option<Self> {
        let Sides { base, ours, theirs } = versions;
        Some(Self { columns, base, ours: ours?, theirs: theirs?, strategy, both_contribute: OnceCell::new() })
    }

    pub fn merge(&self) -> Outcome {
        if !self.is_readable() {
            return self.whole(ConflictKind::Changed, Vec::new());
        }
        // What theirs dropped is lost where theirs wins.
        let is_given_up = self.strategy == Strategy::LastWriteWins && self.columns.carrier == Some(Side::Theirs);
        if !is_given_up && self.loses_a_change() {
            return self.whole(ConflictKind::Columns, Vec::new());
        }
        // Where theirs wins, what it hides keeps what ours says.
        let combines = |side: &Side| self.strategy == Strategy::LastWriteWins && *side == Side::Theirs;
        if let Some(side) = self.hidden_by().filter(|side| !combines(side)) {
            let valid = self.columns.names.iter().position(|name| name == crate::record::VALID);
            return self.whole(ConflictKind::Removed(side), valid.into_iter().map(|at| self.clash(at)).collect());
        }
        let picks: Vec<Pick> = (0..self.columns.names.len()).map(|column| self.pick(column)).collect();
        let tail_clashes = self.tail().is_none();
        let clashing = || (0..picks.len()).filter(|&at| matches!(picks[at], Pick::Clash));
        let kind = if self.base.is_some() { ConflictKind::Changed } else { ConflictKind::Added };
        if self.strategy == Strategy::Error && self.differ() {
            let changed = |&at: &usize| {
                Stamp::of(&self.columns.names[at]).is_none()
                    && (self.is_changed(at, Side::Ours) || self.is_changed(at, Side::Theirs))
            };
            let clashes = (0..picks.len()).filter(changed).map(|at| self.clash(at)).collect();
            return self.whole(kind, clashes);
        }
        if clashing().next().is_none() && !tail_clashes {
            return Outcome::Clean(self.line(&picks, Side::Ours));
        }
        match self.strategy {
            Strategy::LastWriteWins => Outcome::Clean(self.line(&picks, Side::Theirs)),
            Strategy::LastModifiedWins if let Some(winner) = self.later() => {
                let is_whole = self.columns.carrier.is_none();
                Outcome::Clean(if is_whole { self.won_by(winner) } else { self.line(&picks, winner) })
            }
            _ => Outcome::Clash {
                kind,
                clashes: clashing().map(|at| self.clash(at)).collect(),
                ours: self.line(&picks, Side::Ours),
                theirs: self.line(&picks, Side::Theirs),
            },
        }
    }

    /// Whether all versions are cut in the same way.
    fn is_readable(&self) -> bool {
        let readings = [Some(&self.ours), Some(&self.theirs), self.base.as_ref()];
        let mut readings = readings.into_iter().flatten().map(|version| version.row.reading());
        let plain = |reading: Reading| reading == Reading::Plain || reading == Reading::BracketsAsText;
        let first = self.ours.row.reading();
        readings.all(|reading| reading == first && plain(reading))
    }

    /// A conflict of the rows as they are, or its winner.
    fn whole(&self, kind: ConflictKind, clashes: Vec<Clash>) -> Outcome {
        let (ours, theirs) = (self.ours.text().to_vec(), self.theirs.text().to_vec());
        let winner = match self.strategy {
            Strategy::LastWriteWins => Some(Side::Theirs),
            Strategy::LastModifiedWins => self.later(),
            _ => None,
        };
        // A row stands only below the columns of its own side.
        let fits = |side: Side| self.columns.carrier.is_none_or(|carrier| carrier == side);
        match winner.filter(|&side| fits(side)) {
            Some(side) => Outcome::Clean(self.won_by(side)),
            None => Outcome::Clash { kind, clashes, ours, theirs },
        }
    }

    fn cells(&self, column: usize) -> Sides<Option<Cell<'d>>> {
        let at = self.columns.at.each_ref().map(|at| at.get(column).copied().flatten());
        let base = self.base.as_ref().and_then(|base| base.cell(at.base));
        Sides { base, ours: self.ours.cell(at.ours), theirs: self.theirs.cell(at.theirs) }
    }

    fn texts(&self, column: usize) -> Sides<Option<Cow<'d, str>>> {
        self.cells(column).map(|cell| cell.map(|cell| cell.value().text()))
    }

    fn pick(&self, column: usize) -> Pick {
        let (base, ours, theirs) = match self.cells(column) {
            Sides { base, ours: Some(ours), theirs: Some(theirs) } => (base, ours, theirs),
            Sides { ours: None, theirs: Some(_), .. } => return Pick::Theirs,
            _ => return Pick::Ours,
        };
        let (our, their) = (self.ours.raw(&ours), self.theirs.raw(&theirs));
        let old = base.as_ref().zip(self.base.as_ref()).map(|(cell, version)| version.raw(cell));
        let stamp = Stamp::of(&self.columns.names[column]);
        // Two steps to the same version are two steps.
        let is_counted = stamp == Some(Stamp::Version) && old.is_some_and(|old| old != our) && self.both_contribute();
        if (our == their && !is_counted) || old == Some(their) {
            return Pick::Ours;
        }
        if old == Some(our) {
            return Pick::Theirs;
        }
        let (our, their) = (ours.value().text(), theirs.value().text());
        let old = base.map(|base| base.value().text());
        if (our == their && !is_counted) || old.as_ref() == Some(&their) {
            return Pick::Ours;
        }
        if old.as_ref() == Some(&our) {
            return Pick::Theirs;
        }
        match stamp {
            Some(stamp) => {
                // Whoever has the other side's change already counts it once.
                let old = old.filter(|_| self.both_contribute());
                let merged = stamp.merged(old.as_deref(), &our, &their);
                if merged == our {
                    Pick::Ours
                } else if merged == their {
                    Pick::Theirs
                } else {
                    let like =
                        if ours.value().spelling() == Spelling::Quoted { Spelling::Quoted } else { Spelling::Bare };
                    spell(&merged, like).map_or(Pick::Ours, |text| Pick::Text(text.into_owned().into_bytes()))
                }
            }
            None => Pick::Clash,
        }
    }

    /// The merged line; cells that clash are taken from this side.
    fn line(&self, picks: &[Pick], side: Side) -> Vec<u8> {
        let mut line = Vec::with_capacity(self.ours.text().len() + self.theirs.text().len());
        for (column, pick) in picks.iter().enumerate() {
            line.extend(self.gap(column));
            let side = match pick {
                Pick::Text(text) => {
                    line.extend(text);
                    continue;
                }
                Pick::Ours => Side::Ours,
                Pick::Theirs => Side::Theirs,
                Pick::Clash => side,
            };
            line.extend(self.cells(column)[side].map(|cell| self.version(side).raw(&cell)).unwrap_or_default());
        }
        line.extend(self.tail().unwrap_or(self.version(side).gap(picks.len())));
        line
    }

    /// What stands before a cell. Layout never conflicts.
    fn gap(&self, before: usize) -> &'d [u8] {
        match (self.columns.carrier, &self.base) {
            (Some(Side::Theirs), _) => self.theirs.gap(before),
            (None, Some(base)) => {
                let gaps = Sides { base, ours: &self.ours, theirs: &self.theirs }.map(|version| version.gap(before));
                gaps.agreed().unwrap_or(gaps.ours)
            }
            _ => self.ours.gap(before),
        }
    }

    /// What stands behind the last cell; nothing if both sides changed a comment there.
    fn tail(&self) -> Option<&'d [u8]> {
        let tail = |version: &Version<'d>| version.gap(version.row.cells().len());
        let base = self.base.as_ref().map_or(&b""[..], tail);
        let tails = Sides { base, ours: tail(&self.ours), theirs: tail(&self.theirs) };
        let is_same = tails.ours.trim_ascii() == tails.theirs.trim_ascii();
        tails.agreed().or(is_same.then_some(tails.ours))
    }

    /// The row of ours or theirs.
    fn version(&self, side: Side) -> &Version<'d> {
        if side == Side::Theirs { &self.theirs } else { &self.ours }
    }

    fn is_changed(&self, column: usize, side: Side) -> bool {
        let texts = self.texts(column);
        texts.base != texts[side]
    }

    /// Whether each side changed something that the other one does not have, or went back to what the base says.
    fn both_contribute(&self) -> bool {
        *self.both_contribute.get_or_init(|| self.do_both_contribute())
    }

    fn do_both_contribute(&self) -> bool {
        let names = || self.columns.names.iter().enumerate().filter(|(_, name)| Stamp::of(name).is_none());
        let contributes = |side: Side| {
            names().any(|(at, _)| {
                let texts = self.texts(at);
                texts[side] != texts.base && texts[side] != texts[side.other()]
            })
        };
        let is_back = |side: Side| names().all(|(at, _)| !self.is_changed(at, side));
        [Side::Ours, Side::Theirs].into_iter().all(|side| contributes(side) || is_back(side))
    }

    /// The record of one side, with the steps of both.
    fn won_by(&self, winner: Side) -> Vec<u8> {
        let row = self.version(winner);
        let is_whole = self.columns.carrier.is_none() && self.is_readable();
        let version = if is_whole { self.version_after() } else { None };
        let Some((column, version)) = version else { return row.text().to_vec() };
        let Some(cell) = self.cells(column)[winner] else { return row.text().to_vec() };
        let span = cell.span();
        let (before, after) = (&row.source[row.line.0..span.start], &row.source[span.end..row.line.1]);
        [before, &version[..], after].concat()
    }

    /// The column with versions, and what it holds once both sides are merged.
    fn version_after(&self) -> Option<(usize, Vec<u8>)> {
        let column = self.columns.names.iter().position(|name| Stamp::of(name) == Some(Stamp::Version))?;
        let Sides { ours, theirs, .. } = self.cells(column);
        let version = match self.pick(column) {
            Pick::Ours | Pick::Clash => self.ours.raw(&ours?).to_vec(),
            Pick::Theirs => self.theirs.raw(&theirs?).to_vec(),
            Pick::Text(text) => text,
        };
        Some((column, version))
    }

    /// Whether both sides changed the record, and not in the same way.
    fn differ(&self) -> bool {
        let columns = || (0..self.columns.names.len()).filter(|&at| Stamp::of(&self.columns.names[at]).is_none());
        let unequal = columns().any(|at| {
            let texts = self.texts(at);
            texts.ours != texts.theirs
        });
        let has_changed = |side: Side| columns().any(|at| self.is_changed(at, side));
        unequal && has_changed(Side::Ours) && has_changed(Side::Theirs)
    }

    /// Whether a side changed a cell of a column that the other one took away.
    fn loses_a_change(&self) -> bool {
        let text = |row: &Row<'d>, column: usize| row.cell(column).map(|cell| cell.value().text().into_owned());
        // Of a side that lacks columns of the result, the columns are those of the base.
        [Side::Ours, Side::Theirs].into_iter().any(|side| {
            let version = self.version(side);
            let mut dropped = self.columns.must_keep(side).iter();
            // Of a new record all that it says is a change.
            let before = |column: usize| self.base.as_ref().and_then(|base| text(&base.row, column));
            dropped.any(|&column| text(&version.row, column).unwrap_or_default() != before(column).unwrap_or_default())
        })
    }

    /// The side that hid the record, if the other one changed it.
    fn hidden_by(&self) -> Option<Side> {
        self.base.as_ref()?;
        let valid = self.columns.names.iter().position(|name| name == crate::record::VALID)?;
        let is_hidden = self.cells(valid).map(|cell| cell.is_some_and(|cell| cell.value().text() == "false"));
        let changed = |side: Side| {
            let names = self.columns.names.iter().enumerate();
            let mut others = names.filter(|&(at, name)| at != valid && Stamp::of(name).is_none());
            others.any(|(at, _)| self.is_changed(at, side) && self.cells(at).base.is_some())
        };
        match is_hidden {
            Sides { base: false, ours: true, theirs: false } if changed(Side::Theirs) => Some(Side::Ours),
            Sides { base: false, ours: false, theirs: true } if changed(Side::Ours) => Some(Side::Theirs),
            _ => None,
        }
    }

    fn clash(&self, column: usize) -> Clash {
        let Sides { base, ours, theirs } = self.texts(column).map(|text| text.map(Cow::into_owned));
        Clash {
            column: self.columns.names[column].clone(),
            base,
            ours: ours.unwrap_or_default(),
            theirs: theirs.unwrap_or_default(),
        }
    }

    /// When each side last modified the record, by its own account.
    pub fn modified(&self) -> Sides<Option<String>> {
        let column = TIMES.iter().find_map(|time| self.columns.names.iter().position(|name| name == time));
        let texts = column.map(|column| self.texts(column)).unwrap_or_default();
        texts.map(|text| text.map(Cow::into_owned).filter(|text| !text.is_empty()))
    }

    /// The side with the later time; nothing if one has none or they are equal.
    fn later(&self) -> Option<Side> {
        let Sides { ours, theirs, .. } = self.modified().map(|time| time.and_then(|time| instant(&time)));
        match ours?.cmp(&theirs?) {
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Side::Ours),
            std::cmp::Ordering::Less => Some(Side::Theirs),
        }
    }
}
