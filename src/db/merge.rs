//! One record, as it was loaded, as it is here, and as it stands in the file by now: what becomes of it.
//!
//! Only texts by column are compared. A change on one side is taken; equal changes count once; changes of
//! different columns combine. The columns `version`, `last_modified`, `updated_at` and `last_updated` never
//! conflict.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::fields::{Texts, text};
use crate::error::Conflict;
use crate::record::{Stamp, TIMES, VALID, instant};

/// What happens to a record that somebody else changed too since it was loaded.
///
/// A *conflict* is: the same column changed differently, changed here and removed there or the other way round, or
/// two new records of one id that say different things.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ConflictResolution {
    /// Columns combine; a conflict is an [error](crate::Error::Conflict).
    #[default]
    Merge,
    /// Any record that was changed on both sides is an error, even if in different columns, unless both sides made
    /// the same of it.
    Error,
    /// Columns combine; in a conflict what is saved last wins, which is this database.
    LastWriteWins,
    /// Columns combine; in a conflict the record with the later `last_modified` (or `updated_at`, `last_updated`)
    /// wins. A record that does not say it itself was modified when it was inserted or deleted here. If the times
    /// are equal, or one is missing, that is an error.
    LastModifiedWins,
}

/// A record on the three sides.
pub(super) struct Sides<'a> {
    pub record: &'a str,
    pub base: Option<&'a Texts>,
    pub ours: Option<&'a Texts>,
    /// When it was changed here, in RFC 3339.
    pub ours_at: &'a str,
    pub theirs: Option<&'a Texts>,
    /// What its last hidden row says, where there is no live one.
    pub hidden: Option<&'a Texts>,
}

/// What is to be done about a record in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Nothing,
    /// These columns get new texts.
    Set(Texts),
    /// A row with these texts is appended.
    Append(Texts),
    Remove,
}

/// Whether a column is kept up to date by whoever changes the record.
fn is_stamp(column: &str) -> bool {
    Stamp::of(column).is_some()
}

/// Decides about a record that was changed here.
///
/// # Errors
/// The conflicts that are not resolved.
pub(super) fn merge(sides: &Sides<'_>, how: ConflictResolution) -> Result<Step, Vec<Conflict>> {
    match (sides.base, sides.ours, sides.theirs) {
        (_, None, None) | (None, None, Some(_)) => Ok(Step::Nothing),
        (None, Some(ours), None) => Ok(Step::Append(ours.clone())),
        (None, Some(ours), Some(theirs)) => {
            let differing = ours.iter().filter(|(column, ours)| !is_stamp(column) && *ours != said(theirs, column));
            let conflicts = sides.conflicts(differing.map(|(column, _)| column.as_str()));
            sides.resolve(how, conflicts, || Step::Set(ours.clone()), || Step::Nothing)
        }
        (Some(base), None, Some(theirs)) => {
            let conflicts = sides.conflicts(changed(base, theirs));
            sides.resolve(how, conflicts, || Step::Remove, || Step::Nothing)
        }
        (Some(base), Some(ours), None) => {
            let conflicts = sides.conflicts(changed(base, ours));
            sides.resolve(how, conflicts, || Step::Append(ours.clone()), || Step::Nothing)
        }
        (Some(base), Some(ours), Some(theirs)) => {
            // To hide a record is to remove it.
            let hides = said(ours, VALID) == "false" && [base, theirs].iter().all(|side| said(side, VALID) != "false");
            let contradicted = if hides { changed(base, theirs) } else { Vec::new() };
            if contradicted.is_empty() {
                return cells(sides, base, ours, theirs, how);
            }
            let own = ours.iter().filter(|(column, text)| text != said(base, column));
            let own: Texts = own.cloned().collect();
            sides.resolve(how, sides.conflicts(contradicted), || Step::Set(own), || Step::Nothing)
        }
    }
}

/// A record that is there on all sides.
fn cells(
    sides: &Sides<'_>,
    base: &Texts,
    ours: &Texts,
    theirs: &Texts,
    how: ConflictResolution,
) -> Result<Step, Vec<Conflict>> {
    let ours_changed = |column: &str| said(ours, column) != said(base, column);
    let (mut combined, mut clashing, mut clashes) = (Texts::new(), Texts::new(), Vec::new());
    for (column, text) in ours.iter().filter(|(column, _)| ours_changed(column)) {
        let (before, now) = (said(base, column), said(theirs, column));
        if now == before {
            combined.push((column.clone(), text.clone()));
        } else if let Some(stamp) = Stamp::of(column) {
            combined.push((column.clone(), stamp.merged(Some(before), text, now)));
        } else if now != text {
            clashing.push((column.clone(), text.clone()));
            clashes.push(column.as_str());
        }
    }
    if how == ConflictResolution::Error {
        let differ = ours.iter().any(|(column, text)| !is_stamp(column) && text != said(theirs, column));
        let theirs_changed = changed(base, theirs);
        if differ && !theirs_changed.is_empty() && !changed(base, ours).is_empty() {
            let columns = ours.iter().map(|(column, _)| column.as_str());
            let either = |column: &&str| {
                !is_stamp(column) && (ours_changed(column) || said(theirs, column) != said(base, column))
            };
            return Err(sides.conflicts(columns.filter(either)));
        }
    }
    let combined_alone = combined.clone();
    let both = || Step::Set(combined.into_iter().chain(clashing).collect());
    let step = sides.resolve(how, sides.conflicts(clashes), both, || Step::Set(combined_alone))?;
    Ok(if step == Step::Set(Texts::new()) { Step::Nothing } else { step })
}

/// The columns, but for stamps, in which a record was changed.
fn changed<'t>(base: &Texts, now: &'t Texts) -> Vec<&'t str> {
    let differs = |(column, text): &&(String, String)| !is_stamp(column) && text != said(base, column);
    now.iter().filter(differs).map(|(column, _)| column.as_str()).collect()
}

/// What a record says in a column; nothing where there is none.
fn said<'t>(texts: &'t Texts, column: &str) -> &'t str {
    text(texts, column).unwrap_or_default()
}

/// When a record says that it was modified.
fn modified(texts: &Texts) -> Option<Timestamp> {
    TIMES.iter().find_map(|column| instant(said(texts, column)))
}

impl Sides<'_> {
    fn conflicts<'c>(&self, columns: impl IntoIterator<Item = &'c str>) -> Vec<Conflict> {
        let of = |side: Option<&Texts>, column: &str| side.map(|texts| said(texts, column).to_owned());
        let conflict = |column: &'c str| Conflict {
            record: self.record.to_owned(),
            column: column.to_owned(),
            base: of(self.base, column),
            ours: of(self.ours, column),
            theirs: of(self.theirs, column),
        };
        columns.into_iter().map(conflict).collect()
    }

    /// What is done if there are conflicts, and if there are none: that both sides have their way is the first step
    /// where ours wins, and the second where theirs does.
    fn resolve(
        &self,
        how: ConflictResolution,
        conflicts: Vec<Conflict>,
        ours: impl FnOnce() -> Step,
        theirs: impl FnOnce() -> Step,
    ) -> Result<Step, Vec<Conflict>> {
        if conflicts.is_empty() {
            // Nothing of theirs stands against what is wanted here, or they made the same of it.
            let is_wanted = self.base.is_some() && self.theirs.is_some();
            return Ok(if is_wanted { ours() } else { theirs() });
        }
        let order = match how {
            ConflictResolution::Merge | ConflictResolution::Error => None,
            ConflictResolution::LastWriteWins => Some(Ordering::Greater),
            ConflictResolution::LastModifiedWins => {
                self.ours_modified().zip(self.theirs_modified()).map(|(a, b)| a.cmp(&b))
            }
        };
        match order {
            Some(Ordering::Greater) => Ok(ours()),
            Some(Ordering::Less) => Ok(theirs()),
            _ => Err(conflicts),
        }
    }

    /// What the record says about itself, if that was changed; else when it was changed.
    fn ours_modified(&self) -> Option<Timestamp> {
        let nothing = Texts::new();
        let base = self.base.unwrap_or(&nothing);
        let own = self.ours.and_then(|ours| {
            let changed = TIMES.iter().filter(|column| said(ours, column) != said(base, column));
            changed.filter_map(|column| instant(said(ours, column))).max()
        });
        own.or_else(|| instant(self.ours_at))
    }

    fn theirs_modified(&self) -> Option<Timestamp> {
        self.theirs.or(self.hidden).and_then(modified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Texts {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.map(|(column, value)| (column.to_owned(), value.to_owned())).collect()
    }

    /// Base, ours and theirs; `-` is none.
    fn merged(sides: [&str; 3], how: ConflictResolution) -> Result<Step, Vec<String>> {
        let [base, ours, theirs] = sides.map(|side| (side != "-").then(|| texts(side)));
        let ours_at = "2026-11-01T00:00:00Z";
        let sides = Sides {
            record: "1",
            base: base.as_ref(),
            ours: ours.as_ref(),
            ours_at,
            theirs: theirs.as_ref(),
            hidden: None,
        };
        merge(&sides, how).map_err(|conflicts| conflicts.into_iter().map(|conflict| conflict.column).collect())
    }

    fn set(text: &str) -> Step {
        Step::Set(texts(text))
    }

    fn conflict(columns: &[&str]) -> Result<Step, Vec<String>> {
        Err(columns.iter().map(|&column| column.to_owned()).collect())
    }

    use ConflictResolution::{Error, LastModifiedWins, LastWriteWins, Merge};

    #[test]
    fn changes_of_one_side_are_taken_and_equal_ones_once() {
        for how in [Merge, Error, LastWriteWins, LastModifiedWins] {
            assert_eq!(merged(["a=1 b=1", "a=2 b=1", "a=1 b=1"], how), Ok(set("a=2")));
            assert_eq!(merged(["a=1 b=1", "a=1 b=1", "a=2 b=1"], how), Ok(Step::Nothing));
            assert_eq!(merged(["a=1 b=1", "a=2 b=1", "a=2 b=1"], how), Ok(Step::Nothing));
            assert_eq!(merged(["-", "a=2", "a=2 u=x"], how), Ok(Step::Nothing));
            assert_eq!(merged(["-", "a=2", "-"], how), Ok(Step::Append(texts("a=2"))));
            assert_eq!(merged(["a=1", "-", "a=1"], how), Ok(Step::Remove));
            assert_eq!(merged(["a=1", "-", "-"], how), Ok(Step::Nothing));
            assert_eq!(merged(["a=1", "a=1", "-"], how), Ok(Step::Nothing));
        }
    }

    #[test]
    fn different_columns_combine_unless_that_is_to_be_an_error() {
        let sides = ["a=1 b=1 c=1", "a=2 b=1 c=1", "a=1 b=2 c=1"];
        assert_eq!(merged(sides, Merge), Ok(set("a=2")));
        assert_eq!(merged(sides, LastWriteWins), Ok(set("a=2")));
        assert_eq!(merged(sides, Error), conflict(&["a", "b"]));
    }

    #[test]
    fn each_kind_of_conflict_is_resolved_as_the_strategy_says() {
        let changed = ["a=1 b=1", "a=2 b=2", "a=3 b=1"];
        let deleted = ["a=1", "-", "a=2"];
        let removed = ["a=1", "a=2", "-"];
        let new = ["-", "a=2 b=1", "a=3 b=1"];
        for sides in [changed, deleted, removed, new] {
            assert_eq!(merged(sides, Merge), conflict(&["a"]));
            assert_eq!(merged(sides, LastModifiedWins), conflict(&["a"]), "no times");
        }
        assert_eq!(merged(changed, Error), conflict(&["a", "b"]));
        assert_eq!(merged(changed, LastWriteWins), Ok(set("b=2 a=2")));
        assert_eq!(merged(deleted, LastWriteWins), Ok(Step::Remove));
        assert_eq!(merged(removed, LastWriteWins), Ok(Step::Append(texts("a=2"))));
        assert_eq!(merged(new, LastWriteWins), Ok(set("a=2 b=1")));
    }

    #[test]
    fn the_record_that_was_modified_later_wins() {
        let sides = |time: &str| {
            let at = |a: u8, time: &str| format!("a={a} last_modified={time}");
            let (base, theirs) = (at(1, "2026-01-01"), at(3, time));
            merged([&base, &at(2, "2026-01-01"), &theirs], LastModifiedWins)
        };
        assert_eq!(sides("2026-10-31T23:59:59Z"), Ok(set("a=2")));
        assert_eq!(sides("2026-11-01T00:00:01Z"), Ok(Step::Nothing));
        assert_eq!(sides("2026-11-01T00:00:00Z"), conflict(&["a"]));
        assert_eq!(sides("2026-11-01T01:00:00+02:00"), Ok(set("a=2")));
        assert_eq!(sides("soon"), conflict(&["a"]));
    }

    #[test]
    fn stamps_never_conflict() {
        let base = "a=1 version=4 last_modified=2026-01-01T00:00:00Z";
        let ours = "a=1 version=5 last_modified=2026-03-01T00:00:00Z";
        let theirs = "a=1 version=6 last_modified=2026-02-01T00:00:00Z";
        assert_eq!(merged([base, ours, theirs], Merge), Ok(set("version=7 last_modified=2026-03-01T00:00:00Z")));
        assert_eq!(merged([base, "-", theirs], Merge), Ok(Step::Remove));
    }
}
