//! Ending a transaction that was interrupted (J5).

use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Before, Entry, Journal, Undo};
use crate::disk::{self, ReplaceError, ReplacePolicy, Replacement, Snapshot, Standing};
use crate::lock::FileLock;

/// What was done to a database when a transaction was ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undone {
    /// The database, resolved.
    pub path: PathBuf,
    /// What was done.
    pub what: What,
    /// Where the content is kept that had to give way.
    pub kept: Option<PathBuf>,
}

/// What was done to a database.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum What {
    /// It has its old content again.
    Restored,
    /// It is gone again: it did not exist before.
    Removed,
    /// It is as it was found, since somebody else may have written it; the old content is kept beside it.
    Left,
}

/// Why an interrupted transaction could not be ended. It stays to be ended.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The copy of a database is not what the journal says.
    #[error("the copy `{}` of `{}` is damaged or missing", .copy.display(), .database.display())]
    DamagedCopy {
        /// The database.
        database: PathBuf,
        /// Its copy.
        copy: PathBuf,
    },
    /// The journal itself is damaged.
    #[error("the journal `{}` is damaged", .journal.display())]
    DamagedJournal {
        /// The journal.
        journal: PathBuf,
    },
    /// A file could not be read, kept or removed.
    #[error("could not read or write beside `{}`", .path.display())]
    Io {
        /// The database.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A database could not be replaced.
    #[error("could not restore `{}`", .path.display())]
    Replace {
        /// The database.
        path: PathBuf,
        /// Why.
        source: ReplaceError,
    },
}

/// What is to be done to one database.
enum Step {
    Nothing,
    Restore(Snapshot),
    Remove,
    KeepCopy(Snapshot),
}

/// Ends an interrupted transaction, all of whose databases are locked exclusively by `locks`, and tells
/// what was done to each.
///
/// `is_valid` judges contents. Nothing is done before all that is needed has been read and found whole.
///
/// # Errors
/// See [`RecoveryError`]; it can be tried again.
pub fn recover(
    journal: &Journal,
    locks: &[&FileLock],
    is_valid: &dyn Fn(&Path, &[u8]) -> bool,
    tell: &mut dyn FnMut(&Undone),
) -> Result<(), RecoveryError> {
    let mut steps = Vec::new();
    for entry in &journal.entries {
        let lock = locks.iter().find(|lock| lock.path() == entry.path).ok_or_else(|| {
            let source = io::Error::other("it is not locked");
            RecoveryError::Io { path: entry.path.clone(), source }
        })?;
        let now = disk::standing(&entry.path).map_err(failed(&entry.path))?;
        let step = plan(journal, entry, lock, &now, is_valid)?;
        steps.push((entry, *lock, now, step));
    }
    for (entry, lock, now, step) in steps {
        if let Some(undone) = carry_out(entry, lock, now.content(), step, is_valid)? {
            tell(&undone);
        }
    }
    let first = journal.entries.first().map_or(Path::new(""), |first| &first.path);
    super::end(journal, journal.undo == Undo::All).map_err(failed(first))
}

fn plan(
    journal: &Journal,
    entry: &Entry,
    lock: &FileLock,
    standing: &Standing,
    is_valid: &dyn Fn(&Path, &[u8]) -> bool,
) -> Result<Step, RecoveryError> {
    let path = &entry.path;
    let now = standing.content();
    let emptied = |before: &Before| before.size > 0 && now.is_none_or(|now| now.bytes().trim_ascii().is_empty());
    // Somebody else may have had the lock since, and what they wrote may be newer.
    let theirs = !lock.took_over(journal.token) && now.is_some_and(|now| is_valid(path, now.bytes()));
    let Some(before) = &entry.before else {
        let made = journal.undo == Undo::All && !matches!(standing, Standing::Nothing) && !theirs;
        return Ok(if made { Step::Remove } else { Step::Nothing });
    };
    let is_whole = |copy: &Snapshot| copy.tag() == before.tag;
    let copy = || match disk::read_undo(&before.copy) {
        Ok(Some(copy)) if is_whole(&copy) => Ok(copy),
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(RecoveryError::Io { path: path.clone(), source })
        }
        _ => Err(RecoveryError::DamagedCopy { database: path.clone(), copy: before.copy.clone() }),
    };
    let same = |copy: &Snapshot| now.is_some_and(|now| now.bytes() == copy.bytes() && now.stat().is_alike(copy.stat()));
    match journal.undo {
        Undo::All if now.is_some_and(|now| now.tag() == before.tag) => {
            // The content is there; whether it is the file is seen by its attributes, if the copy has them.
            Ok(copy().ok().filter(|copy| !same(copy)).map_or(Step::Nothing, Step::Restore))
        }
        Undo::All if theirs => copy().map(Step::KeepCopy),
        Undo::Lost if !emptied(before) => Ok(Step::Nothing),
        Undo::All | Undo::Lost => copy().map(Step::Restore),
        Undo::Broken => {
            let broken = emptied(before) || now.is_none_or(|now| !is_valid(path, now.bytes()));
            if !broken {
                return Ok(Step::Nothing);
            }
            let copy = copy()?;
            Ok(if is_valid(path, copy.bytes()) { Step::Restore(copy) } else { Step::Nothing })
        }
    }
}

fn carry_out(
    entry: &Entry,
    lock: &FileLock,
    now: Option<&Snapshot>,
    step: Step,
    is_valid: &dyn Fn(&Path, &[u8]) -> bool,
) -> Result<Option<Undone>, RecoveryError> {
    let path = &entry.path;
    // Content that was invalid is kept; valid content that is rolled back is not.
    let rejected = |like: &Snapshot| -> Result<Option<PathBuf>, RecoveryError> {
        let invalid = now.filter(|now| !now.bytes().trim_ascii().is_empty() && !is_valid(path, now.bytes()));
        let kept = invalid.map(|now| disk::keep_aside(path, "rejected", now.bytes(), like));
        kept.transpose().map_err(failed(path))
    };
    let undone = |what, kept| Some(Undone { path: path.clone(), what, kept });
    match step {
        // It may be there, but not on disk: whoever put it there may have been killed.
        Step::Nothing => disk::sync(path).map(|()| None).map_err(failed(path)),
        Step::KeepCopy(copy) => {
            let kept = disk::keep_aside(path, "before", copy.bytes(), &copy).map_err(failed(path))?;
            Ok(undone(What::Left, Some(kept)))
        }
        Step::Remove => {
            let kept = now.map(&rejected).transpose()?.flatten();
            let kept = disk::make_way(path, "rejected").map_err(failed(path))?.or(kept);
            disk::remove(path).and_then(|()| disk::sync_folder_of(path)).map_err(failed(path))?;
            Ok(undone(What::Removed, kept))
        }
        Step::Restore(copy) => {
            let kept = rejected(&copy)?;
            let kept = disk::make_way(path, "rejected").map_err(failed(path))?.or(kept);
            let policy = ReplacePolicy { break_hard_links: true, override_read_only: true, ..ReplacePolicy::default() };
            let replacement = Replacement { path, base: now, content: copy.bytes(), like: Some(&copy), policy };
            let made = replacement.make(&mut |new| {
                lock.lock_replacement(new)?;
                lock.is_intact().map_err(io::Error::other)
            });
            let replaced = made.map_err(|source| RecoveryError::Replace { path: path.clone(), source })?;
            lock.database_is(&replaced.file);
            Ok(undone(What::Restored, kept))
        }
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> RecoveryError {
    let path = path.to_owned();
    move |source| RecoveryError::Io { path, source }
}
