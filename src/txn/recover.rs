//! Ending a transaction that was interrupted (J5).

use std::io;
use std::path::{Path, PathBuf};

use super::find::{Found, find_at};
use super::journal::{Entry, Journal, Undo};
use super::settle::{End, Old, Rejected, Seen, Undone, What, failed};
use crate::disk::{self, ReplaceError, Snapshot, is_blank};
use crate::lock::{DEEPEST, FileLock};
use crate::platform::boot_time;

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
    /// The journal cannot be followed.
    #[error("the journal `{}` cannot be used: {why}", .journal.display())]
    UnusableJournal {
        /// The journal.
        journal: PathBuf,
        /// Why not.
        why: String,
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
    /// Another program broke the lock meanwhile.
    #[error("another program broke the lock of `{}`", .path.display())]
    LockLost {
        /// The database.
        path: PathBuf,
    },
}

/// Says why a database may not stay as it is left, if it may not, by what it held and holds.
pub type Judge<'j, R> = &'j dyn Fn(Subject<'_>, Option<&[u8]>, Option<&[u8]>, End) -> Option<R>;

/// A database that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// What it must be to stay as it is left, as its journal has it; nothing where that is lost.
    pub policy: Option<&'a str>,
}

/// Ends an interrupted transaction, all of whose databases are locked exclusively by `locks`, and tells
/// what was done to each.
///
/// Nothing is done before all that is needed has been read and found whole. What has to give way is kept as `rejected` says.
///
/// # Errors
/// See [`RecoveryError`]; it can be tried again.
pub fn recover<R>(
    journal: &Journal,
    locks: &[&FileLock],
    rejected: Rejected,
    judge: Judge<'_, R>,
    tell: &mut dyn FnMut(&Undone),
) -> Result<(), RecoveryError> {
    let end = if boot_time().is_some_and(|boot| journal.mark.made.is_none_or(|made| made < boot)) {
        End::PowerCut
    } else {
        End::Killed
    };
    let mut planned = Vec::new();
    for entry in &journal.entries {
        let covers = |lock: &&&FileLock| lock.path() == entry.path && lock.depth() <= entry.depth;
        let lock = locks.iter().find(covers).ok_or_else(|| {
            let source = io::Error::other("it is not locked");
            RecoveryError::Io { path: entry.path.clone(), source }
        })?;
        let old = Old::of(journal, entry);
        let subject = Subject { path: &entry.path, policy: Some(&entry.policy) };
        let mut seen = Seen::of(&entry.path, old, |before, after| judge(subject, before, after, end))?;
        // Nobody else had it since its lock was taken over from the dead, or since a lock above it is held.
        let is_ours = lock.took_over(journal.token)
            || (lock.depth() < entry.depth && (lock.is_of_the_dead() || lock.is_journaled()));
        let step = plan(journal, is_ours, &mut seen)?;
        planned.push((entry, *lock, seen, step));
    }
    for (entry, lock, seen, step) in planned {
        if journal.undo == Undo::All {
            // From here on the record must say whose lock was taken over, even if the power fails.
            let synced =
                disk::to_be_synced(&lock.lock_path()).and_then(|file| file.map_or(Ok(()), |file| file.sync_all()));
            synced.map_err(failed(&entry.path))?;
        }
        if let Some(undone) = carry_out(entry, lock, &seen, step, rejected)? {
            tell(&undone);
        }
    }
    let first = journal.entries.first().map_or(Path::new(""), |first| &first.path);
    super::end(journal, true).map_err(failed(first))
}

/// What is to be done to one database.
#[derive(Clone, Copy)]
enum Step {
    Nothing,
    Undo,
    Leave(What),
}

fn plan<R>(journal: &Journal, is_ours: bool, seen: &mut Seen<R>) -> Result<Step, RecoveryError> {
    let step = match journal.undo {
        _ if seen.is_same() => Step::Nothing,
        // Somebody else may have had the lock since, and what they wrote may be newer.
        Undo::All if !is_ours && seen.holds_what_may_stay() => Step::Leave(What::Left),
        Undo::Broken if seen.refused.is_none() || seen.is_new() => Step::Nothing,
        Undo::All | Undo::Broken => Step::Undo,
    };
    if matches!(step, Step::Nothing) {
        return Ok(step);
    }
    match seen.lost.take() {
        None => Ok(step),
        Some(RecoveryError::DamagedCopy { .. }) if !journal.is_synced => Ok(Step::Leave(What::Lost)),
        Some(error) => Err(error),
    }
}

fn carry_out<R>(
    entry: &Entry,
    lock: &FileLock,
    seen: &Seen<R>,
    step: Step,
    rejected: Rejected,
) -> Result<Option<Undone>, RecoveryError> {
    let left = |what, kept| Some(Undone { path: entry.path.clone(), what, kept });
    match step {
        // It may be there, but not on disk: whoever put it there may have been killed.
        Step::Nothing => seen.sync().map(|()| None).map_err(failed(&entry.path)),
        Step::Undo => seen.undo(lock, rejected).map(Some),
        Step::Leave(What::Lost) => {
            let remains = entry.before.iter().map(|before| &before.copy);
            Ok(left(What::Lost, keep_remains(&entry.path, remains)?))
        }
        Step::Leave(what) => Ok(left(what, seen.keep_old()?)),
    }
}

/// Keeps what there is of the first copy that says anything, for a person to look at.
fn keep_remains<'c>(
    database: &Path,
    copies: impl Iterator<Item = &'c PathBuf>,
) -> Result<Option<PathBuf>, RecoveryError> {
    let read = copies.filter_map(|copy| disk::read_undo(database, copy).ok().flatten());
    let remains: Option<Snapshot> = read.into_iter().find(|copy| !is_blank(copy.bytes()));
    let kept = remains.map(|copy| disk::keep_aside(database, "before", copy.bytes(), &copy));
    kept.transpose().map_err(failed(database))
}

/// What says nothing of what is to be done beside a database, and is to go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Remains {
    /// This journal, which is not whole, of a transaction that so many locks were held above: what it was to say was not on
    /// disk when the power failed, or something else was written under its name.
    Torn(PathBuf, u32),
    /// This journal, which is a copy, of a transaction that so many locks were held above.
    Copied(PathBuf, u32),
    /// Copies without any journal: its name was not on disk when the power failed, or its transaction never began.
    Copies,
}

/// Mends what is left of a transaction that cannot be ended, beside a database that is locked exclusively. Where the
/// database may stay as it is, all of it goes; else it gets back what a whole copy holds, if that is of its last command.
/// Of copies without a journal nobody knows whether they were made here, as anybody can make such: one is put only where
/// nothing is, or zero bytes are, as no person leaves them.
///
/// # Errors
/// See [`RecoveryError`]; it can be tried again.
pub fn mend<R>(
    lock: &FileLock,
    remains: &Remains,
    judge: Judge<'_, R>,
    tell: &mut dyn FnMut(&Undone),
) -> Result<(), RecoveryError> {
    let path = lock.path();
    let journal = match remains {
        Remains::Torn(journal, depth) | Remains::Copied(journal, depth) => Some((journal.clone(), *depth)),
        Remains::Copies => None,
    };
    let over = |copies: &[PathBuf]| {
        let journal = journal.iter().map(|(journal, _)| journal);
        copies.iter().chain(journal).try_for_each(|left| disk::remove(left)).map_err(failed(path))
    };
    let is_other = |depth: &u32| journal.as_ref().is_none_or(|(_, own)| own != depth);
    for depth in (0..=DEEPEST).filter(is_other) {
        if !matches!(find_at(path, depth).map_err(failed(path))?, Found::Nothing) {
            // The copies are those of another transaction.
            return over(&[]);
        }
    }
    let copies = disk::undo_copies(path).map_err(failed(path))?;
    let whole = copies.iter().filter_map(|copy| disk::read_whole_undo(path, copy).ok().flatten());
    let boot = boot_time();
    let is_older = |content: &Snapshot| boot.is_some_and(|boot| content.stat().modified() < boot);
    let old =
        whole.filter(|copy| *remains != Remains::Copies || is_older(copy)).max_by_key(|copy| copy.stat().changed());
    let subject = Subject { path, policy: None };
    let known = old.clone().map_or(Old::NothingSaid(None), Old::Known);
    let seen = Seen::of(path, known, |before, after| judge(subject, before, after, End::PowerCut))?;
    let is_blank = seen.content().is_none_or(|content| is_blank(content.bytes()));
    let has_holes = is_blank || seen.content().is_some_and(|content| content.bytes().contains(&0));
    // Whoever wrote it since the machine was started knew what belongs there.
    let is_newer = old.as_ref().is_some_and(is_older) && seen.content().is_some_and(|now| !is_older(now));
    match (remains, &old) {
        (Remains::Copied(..), Some(_)) if !seen.is_same() => {
            tell(&Undone { path: path.to_owned(), what: What::Left, kept: seen.keep_old()? });
        }
        (Remains::Copied(..), _) => {}
        (Remains::Copies, Some(_)) if seen.refused.is_some() && !is_newer && !has_holes => {
            tell(&Undone { path: path.to_owned(), what: What::Left, kept: seen.keep_old()? });
        }
        (_, Some(_)) if seen.refused.is_some() && !is_newer => tell(&seen.undo(lock, Rejected::Kept)?),
        (Remains::Torn(..), None) if !copies.is_empty() && (seen.refused.is_some() || is_blank) => {
            let kept = keep_remains(path, copies.iter())?;
            tell(&Undone { path: path.to_owned(), what: What::Lost, kept });
        }
        // There was no such file before, and nothing of what was written into it is there.
        (Remains::Torn(..), None) if is_blank && seen.refused.is_some() => tell(&seen.undo(lock, Rejected::Dropped)?),
        _ => seen.sync().map_err(failed(path))?,
    }
    over(&copies)?;
    disk::sync_folder_of(path).map_err(failed(path))
}
