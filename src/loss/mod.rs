//! What a change takes away: records that are gone, that have another number, or that stand there twice; columns, tables
//! and settings that are not there any more.
//!
//! A database can lose most of its records and still be valid: a program that wrote it from what it had read of it, or a
//! synchronization that brought back an old copy, holds the lock and writes what any reader accepts. So a change is
//! compared by record with what was there before.
//!
//! 1. A record is known by its key; without a key, by what it says. What counts are live records: one that is hidden is
//!    gone for those who read.
//! 2. A record whose text stands under another key is renumbered, and not removed.
//! 3. A record that stands in another table under the same key has moved, if at least half of its cells are the same; a
//!    table that has another name now has moved with its records. Neither is a loss.
//! 4. A record that stood there twice and now stands there once is no loss.
//! 5. A record went back if its version is smaller than before, or its time earlier, as where an old copy was brought
//!    back.
//! 6. A key is doubled if more live records have it than before, and more than one. Keys that are only guessed, as those
//!    of a first column that happens to say something else in each row, are not.

mod blocks;
mod renumbered;

use std::collections::{HashMap, HashSet};
use std::fmt;

use blocks::{Block, Compared, Entry, Side, Table};

use crate::address::{Path, Paths};
use crate::diff::Contents;
pub use crate::limits::{LARGE, LARGE_PERCENT, Limit, LimitError, Limits, LossKind};
use crate::record::{Key, Keys};
use crate::sdn::Document;
use crate::text::shortened;

/// What a change takes away from a table, or from the settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loss {
    /// What it is.
    pub kind: LossKind,
    /// The table; nothing for settings.
    pub table: Option<String>,
    /// What is lost.
    pub items: Vec<Item>,
    /// How many live records the table had.
    pub records: usize,
}

/// What is lost: a record by its key or its number in the table, a column, a setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What it is called. A record that was renumbered has both keys, with an arrow between them.
    pub name: String,
    /// Where it stands in the old document, as a byte offset.
    pub old: Option<usize>,
    /// Where it stands in the new document, as a byte offset.
    pub new: Option<usize>,
}

/// What a change from `old` to `new` takes away, table by table. Of cells that changed those count that stand outside
/// the columns `only`; without such columns none do.
///
/// ```
/// use sdnlock::loss::{LossKind, losses};
/// use sdnlock::record::Keys;
/// use sdnlock::sdn::Document;
///
/// let old = Document::parse("t |id, s|\n    1, apples\n    2, pears\n    3, figs\n");
/// let new = Document::parse("t |id, s|\n    1, pears\n    2, figs\n");
/// let losses = losses(&old, &new, &Keys::new(), None);
/// let told: Vec<String> = losses.iter().map(ToString::to_string).collect();
/// assert_eq!(told, ["1 of 3 records of `t` removed: 1", "2 of 3 records of `t` renumbered: 2 -> 1, 3 -> 2"]);
/// ```
#[must_use]
pub fn losses<'d>(old: &'d Document, new: &'d Document, keys: &Keys, only: Option<&[String]>) -> Vec<Loss> {
    let mut paths = Paths::default();
    let before = Contents::of(old, &mut paths);
    let after = Contents::of(new, &mut paths);
    let blocks = Block::all(&before, &after, &paths, keys);
    let mut compared = Compared::of(&blocks);
    let moved = compared.take_moved();
    let mut all = Vec::new();
    for table in compared.tables() {
        let mut told = |kind, items: Vec<Item>| {
            if !items.is_empty() {
                all.push(Loss { kind, table: Some(table.name.to_owned()), items, records: table.records() });
            }
        };
        if table.is_gone() && table.records() > moved.get(table.name).copied().unwrap_or_default() {
            told(LossKind::Tables, vec![Item { name: table.name.to_owned(), old: table.at(), new: None }]);
        }
        told(LossKind::Columns, table.columns());
        let renumbered = renumbered::of(table);
        let removed = table.gone.iter().filter(|entry| !renumbered.is_found(entry));
        let mut removed: Vec<Item> =
            removed.chain(renumbered.overwritten.iter().copied()).map(Entry::removed).collect();
        removed.sort_by_key(|item| item.old);
        told(LossKind::Removed, removed);
        told(LossKind::Renumbered, renumbered.items);
        told(LossKind::Doubled, doubled(table));
        told(LossKind::Reverted, table.reverted());
        told(LossKind::Changed, only.map(|only| table.changed(only)).unwrap_or_default());
    }
    all.extend(settings(&before, &after, &paths, only));
    all.sort_by_key(|loss| loss.table.is_none());
    all
}

/// Keys that more live records have than before, and more than one.
fn doubled(table: &Table<'_, '_>) -> Vec<Item> {
    let mut suspects: HashMap<&Key<'_>, usize> = HashMap::new();
    for entry in table.come.iter().filter(|entry| entry.is_certain()) {
        if let Some(key) = &entry.known().key {
            suspects.entry(key).or_insert_with(|| entry.known().row.span().start);
        }
    }
    if suspects.is_empty() {
        return Vec::new();
    }
    let keys: HashSet<&Key<'_>> = suspects.keys().copied().collect();
    let (before, after) = (table.times(&keys, Side::Old), table.times(&keys, Side::New));
    let times = |of: &HashMap<Key<'_>, usize>, key: &Key<'_>| of.get(key).copied().unwrap_or_default();
    let more = suspects.into_iter().filter(|(key, _)| times(&after, key) > times(&before, key).max(1));
    let mut items: Vec<Item> = more.map(|(key, at)| Item { name: key.to_string(), old: None, new: Some(at) }).collect();
    items.sort_by_key(|item| item.new);
    items
}

/// Settings that are gone and, where only some columns may change, those that say something else.
fn settings(before: &Contents<'_>, after: &Contents<'_>, paths: &Paths, only: Option<&[String]>) -> Vec<Loss> {
    let now: HashMap<Path, (&str, usize)> =
        after.settings.iter().map(|(path, setting)| (*path, (&*setting.value, setting.at))).collect();
    let (mut gone, mut changed) = (Vec::new(), Vec::new());
    for (path, setting) in &before.settings {
        let name = || paths.address(*path).to_string();
        match now.get(path) {
            None => gone.push(Item { name: name(), old: Some(setting.at), new: None }),
            Some((value, at)) if only.is_some() && *value != setting.value => {
                changed.push(Item { name: name(), old: Some(setting.at), new: Some(*at) });
            }
            Some(_) => {}
        }
    }
    let kinds = [(LossKind::Settings, gone), (LossKind::Changed, changed)].into_iter();
    let some = kinds.filter(|(_, items)| !items.is_empty());
    some.map(|(kind, items)| Loss { kind, table: None, items, records: 0 }).collect()
}

/// What a change from `old` to `new` takes away, if it may.
///
/// # Errors
/// What it may not take away.
pub fn permit(old: &[u8], new: &[u8], keys: &Keys, limits: &Limits) -> Result<Vec<Loss>, LossError> {
    let (old, new) = (Document::parse(old), Document::parse(new));
    let losses = losses(&old, &new, keys, limits.only());
    let is_refused = |loss: &Loss| limits.refuse(loss.kind, loss.items.len(), loss.records);
    let (refused, allowed): (Vec<Loss>, Vec<Loss>) = losses.into_iter().partition(is_refused);
    if refused.is_empty() { Ok(allowed) } else { Err(LossError { losses: refused }) }
}

/// A change that takes away more than it may.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LossError {
    /// What it may not take away.
    pub losses: Vec<Loss>,
}

impl fmt::Display for LossError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it would lose or change more than is allowed")?;
        let mut between = ": ";
        for loss in &self.losses {
            write!(f, "{between}{loss}")?;
            between = "; ";
        }
        Ok(())
    }
}

impl std::error::Error for LossError {}

/// So many of what is lost are named.
const MAX_NAMED: usize = 3;
/// So many characters of each name are shown.
const MAX_CHARACTERS: usize = 60;

/// In one line, with the first few by name: `2 of 9 records of `bugs` removed: 3, 5`.
impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.items.len();
        let table = self.table.as_deref().unwrap_or_default();
        let of = |f: &mut fmt::Formatter<'_>, what: &str| {
            let many = if self.records == 1 { "" } else { "s" };
            write!(f, "{count} of {} record{many} of `{table}` {what}", self.records)
        };
        let each = |f: &mut fmt::Formatter<'_>, what: &str| {
            write!(f, "{count} {what}{}", if count == 1 { "" } else { "s" })?;
            if self.table.is_some() { write!(f, " of `{table}`") } else { Ok(()) }
        };
        match self.kind {
            LossKind::Tables => return write!(f, "the table `{table}` removed"),
            LossKind::Columns => each(f, "column").and_then(|()| f.write_str(" removed"))?,
            LossKind::Removed => of(f, "removed")?,
            LossKind::Renumbered => of(f, "renumbered")?,
            LossKind::Doubled => each(f, "key").and_then(|()| f.write_str(" doubled"))?,
            LossKind::Reverted => of(f, "went back to an earlier version")?,
            LossKind::Settings => each(f, "setting").and_then(|()| f.write_str(" removed"))?,
            LossKind::Changed if self.table.is_none() => each(f, "setting").and_then(|()| f.write_str(" changed"))?,
            LossKind::Changed => each(f, "cell").and_then(|()| f.write_str(" changed"))?,
        }
        let named: Vec<String> =
            self.items.iter().take(MAX_NAMED).map(|item| shortened(&item.name, MAX_CHARACTERS).into_owned()).collect();
        write!(f, ": {}", named.join(", "))?;
        let more = count - named.len();
        if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        let (old, new) = (Document::parse(old), Document::parse(new));
        losses(&old, &new, &Keys::new(), None).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_moves_is_no_loss() {
        let old = "bugs |id, title, status, updated_at|\n    1, a, open, x\nbugs_old |id, title, status, updated_at|\n";
        let closed =
            "bugs |id, title, status, updated_at|\nbugs_old |id, title, status, updated_at|\n    1, a, closed, y\n";
        assert_eq!(told(old, closed), [""; 0]);
        // Another record with that key is another one.
        let other =
            "bugs |id, title, status, updated_at|\nbugs_old |id, title, status, updated_at|\n    1, b, closed, y\n";
        assert_eq!(told(old, other), ["1 of 1 record of `bugs` removed: 1"]);
        assert_eq!(told("t |id, s|\n    1, x\n", "u |id, s|\n    1, x\n"), [""; 0]);
        assert_eq!(told("t: table{i32, i32}\n    1, 0\n", "u: table{i32, i32}\n    1, 0\n"), [""; 0]);
    }

    #[test]
    fn a_hidden_record_is_gone() {
        let old = "t |id, s, valid|\n    1, x, true\n    2, y, false\n";
        assert_eq!(told(old, "t |id, s, valid|\n    1, x, false\n"), ["1 of 1 record of `t` removed: 1"]);
        assert_eq!(told(old, "t |id, s, valid|\n    1, x, true\n"), [""; 0]);
        // A history row is written anew.
        assert_eq!(told(old, "t |id, s, valid|\n    1, x, false\n    1, z, true\n"), [""; 0]);
    }

    #[test]
    fn numbers_that_shift_are_renumbered() {
        let old = "t |id, file, text|\n    0, a, x\n    1, b, y\n    2, c, z\n";
        let first = "t |id, file, text|\n    0, a0, n\n    1, a, x\n    2, b, y\n    3, c, z\n";
        assert_eq!(told(old, first), ["3 of 3 records of `t` renumbered: 0 -> 1, 1 -> 2, 2 -> 3"]);
        assert_eq!(
            told(first, old),
            ["1 of 4 records of `t` removed: 0", "3 of 4 records of `t` renumbered: 1 -> 0, 2 -> 1, 3 -> 2"]
        );
        // What many say is no sign.
        let open = "t |id, s|\n    1, open\n    2, done\n    3, done\n    4, open\n";
        let done = "t |id, s|\n    1, done\n    2, open\n    3, open\n    4, done\n";
        assert_eq!(told(open, done), [""; 0]);
    }

    #[test]
    fn keys_and_blocks_that_stand_twice_are_doubled() {
        let old = "t |id, s|\n    1, x\n    2, y\n";
        let twice = format!("{old}u |id|\n    1\n{old}");
        assert_eq!(told(old, &twice), ["2 keys of `t` doubled: 1, 2"]);
        // To take the copy away again loses nothing.
        assert_eq!(told(&twice, old), ["the table `u` removed", "1 of 1 record of `u` removed: 1"]);
        let versions = format!("{old}u |id|\n    1\n{}", old.replace("1, x", "1, z"));
        assert_eq!(told(&versions, &format!("{old}u |id|\n    1\n")), ["1 of 4 records of `t` removed: 1"]);
        assert_eq!(told(old, &format!("{old}    1, z\n    3, n\n")), ["1 key of `t` doubled: 1"]);
        // A history may say the same of one more than once.
        assert_eq!(told("notes |bug_id, text|\n    1, x\n", "notes |bug_id, text|\n    1, x\n    1, y\n"), [""; 0]);
    }

    #[test]
    fn columns_tables_and_settings_are_missed() {
        let old = "a: 1\nb:\n    c: 2\nt |id, s, n|\n    1, x, 5\nu |id|\n    1\nempty |id|\n";
        let new = "a: 2\nt |id, s|\n    1, x\n";
        assert_eq!(
            told(old, new),
            [
                "1 column of `t` removed: n",
                "the table `u` removed",
                "1 of 1 record of `u` removed: 1",
                "1 setting removed: b.c"
            ]
        );
    }

    #[test]
    fn stamps_that_go_back_are_told() {
        let old = "t |id, s, version, updated_at|\n    1, x, 3, 2026-02-03\n    2, y, 1, 2026-02-03\n    3, z, 9, x\n";
        let new = "t |id, s, version, updated_at|\n    1, w, 2, 2026-02-03\n    2, y, 1, 2026-01-03\n    3, n, 10, y\n";
        assert_eq!(told(old, new), ["2 of 3 records of `t` went back to an earlier version: 1, 2"]);
        assert_eq!(told(old, &old.replace("2026-02-03", "2026-02-03T00:00:00Z")), [""; 0]);
    }

    #[test]
    fn only_some_columns_may_change() {
        let old = Document::parse("a: 1\nt |id, s, n|\n    1, x, 5\n    2, y, 6\n");
        let new = Document::parse("a: 2\nt |id, n, s, more|\n    1, 7, z, m\n    2, 6, y\n    3, 1, x\n");
        let all = losses(&old, &new, &Keys::new(), Some(&["s".to_owned()]));
        let told: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["2 cells of `t` changed: 1.n, 1.more", "1 setting changed: a"]);
    }
}
