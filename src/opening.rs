//! Locking databases so that none of them is in the middle of a transaction (J4).

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::lock::{DEEPEST, Doubt, Event, FileLock, LockRequest, Mode, Wait};
use crate::policy::{Policy, Refusal};
use crate::project;
use crate::txn::{self, End, Found, Journal, RecoveryError, Rejected, Remains, Subject, Undone};

/// Something worth telling the user while databases are being opened.
#[derive(Debug)]
pub enum Notice<'a> {
    /// How the wait for a lock goes.
    Lock(Event<'a>),
    /// A transaction was interrupted, and this was done to end it.
    Undone(&'a Undone),
    /// This file beside a database has a name of the protocol, and counts for nothing.
    NotBelieved(&'a Path, Doubt),
}

/// Locks databases, and ends the transactions that were interrupted on them.
pub(crate) fn lock_all(
    paths: &[PathBuf],
    request: &LockRequest,
    on_notice: &mut dyn FnMut(Notice<'_>),
) -> Result<Vec<FileLock>, Error> {
    if request.is_self_locking() && paths.iter().any(|path| is_unfinished(path)) {
        // The queue alone is not enough to end what was interrupted.
        drop(lock_all(paths, &request.clone().not_self_locking(), on_notice)?);
    }
    let begun = Instant::now();
    let mut wanted = paths.to_vec();
    let mut now = request.clone();
    loop {
        let locks = now.all_telling(&wanted, &mut |event| on_notice(Notice::Lock(event)))?;
        // Whoever gets the locks in time ends what was interrupted, however long that takes.
        loop {
            let journal = match unfinished(&locks.iter().collect::<Vec<_>>(), 0, request)? {
                Unfinished::Transaction(journal) => Some(journal),
                Unfinished::Torn(lock, torn) if lock.mode() == Mode::Exclusive => {
                    mend(lock, &torn, on_notice)?;
                    continue;
                }
                Unfinished::Torn(..) => break,
                Unfinished::Nothing => None,
            };
            let Some(journal) = journal else {
                if let Some(lock) = locks.iter().find(|lock| is_kept_by_journal(lock)) {
                    // One that is over: what stands there now is to be locked, as always.
                    if lock.mode() == Mode::Exclusive {
                        mend_copied(lock, on_notice)?;
                        txn::sweep(lock.path()).map_err(failed(lock.path()))?;
                    }
                    wanted = paths.to_vec();
                    break;
                }
                for (file, doubt) in locks.iter().flat_map(FileLock::strange_files) {
                    on_notice(Notice::NotBelieved(&file, doubt));
                }
                // Those of a transaction's databases that nobody asked for are given up.
                return Ok(locks
                    .into_iter()
                    .filter(|lock| paths.iter().any(|path| path == lock.given_path()))
                    .collect());
            };
            let Some(others) = others_at_once(&journal, &locks, request) else {
                wanted.extend(journal.entries.into_iter().map(|entry| entry.path));
                break;
            };
            recover(&journal, locks.iter().chain(&others), Rejected::Kept, on_notice)?;
        }
        // Where a journal is left, a lock of the dead stays theirs (`FileLock`).
        drop(locks);
        now = request.clone().exclusive().wait(match request.waits() {
            Wait::AtMost(limit) => Wait::from(limit.saturating_sub(begun.elapsed())),
            other => other,
        });
    }
}

/// Whether something beside a database is to be ended or mended under its lock.
fn is_unfinished(path: &Path) -> bool {
    matches!(txn::find(path), Ok(Found::Hot(_) | Found::Torn(_) | Found::Copied(_)))
        || matches!(txn::is_without_journal(path), Ok(true))
}

/// Removes what is left beside a database of transactions that are over, or brings it back from a copy whose journal is
/// gone.
pub(crate) fn sweep(lock: &FileLock, on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<(), Error> {
    mend_copied(lock, on_notice)?;
    if txn::is_without_journal(lock.path()).map_err(failed(lock.path()))? {
        return mend(lock, &Remains::Copies, on_notice);
    }
    txn::sweep(lock.path()).map_err(failed(lock.path()))
}

/// Removes journals that are copies.
fn mend_copied(lock: &FileLock, on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<(), Error> {
    for depth in 0..=DEEPEST {
        if let Found::Copied(journal) = txn::find_at(lock.path(), depth).map_err(failed(lock.path()))? {
            mend(lock, &Remains::Copied(journal, depth), on_notice)?;
        }
    }
    Ok(())
}

fn mend(lock: &FileLock, remains: &Remains, on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<(), Error> {
    let mended = txn::mend(lock, remains, &judge, &mut |undone| on_notice(Notice::Undone(undone)));
    mended.map_err(|source| unrecovered(lock.path(), source))
}

/// Whether a lock is on the name of a link or a folder, as only a journal beside it makes it
/// ([`FileLock`] follows links otherwise).
fn is_kept_by_journal(lock: &FileLock) -> bool {
    !lock.is_nested() && lock.path().symlink_metadata().is_ok_and(|metadata| metadata.is_symlink() || metadata.is_dir())
}

/// The locks of a transaction's databases that are not among these, if all of them can be had without
/// waiting: while locks are held, to wait for others out of their order could close a circle. Most
/// often all of them have died with one process.
fn others_at_once(journal: &Journal, locks: &[FileLock], request: &LockRequest) -> Option<Vec<FileLock>> {
    if locks.iter().any(|lock| lock.mode() != Mode::Exclusive) {
        return None;
    }
    let paths = journal.entries.iter().map(|entry| &entry.path);
    let others = paths.filter(|path| !locks.iter().any(|lock| lock.path() == *path));
    request.clone().exclusive().wait(Wait::No).all(others).ok()
}

/// What is to be ended before databases may be used.
enum Unfinished<'l> {
    Nothing,
    Transaction(Journal),
    /// What is left of a journal beside the database of this lock, of a transaction that so many locks were held above.
    Torn(&'l FileLock, Remains),
}

/// The first journal of these databases that says something is to be ended, and is not that of a process above this one;
/// what was within other locks comes first.
fn unfinished<'l>(locks: &[&'l FileLock], within: u32, request: &LockRequest) -> Result<Unfinished<'l>, Error> {
    let mut torn = None;
    for lock in locks {
        for depth in (lock.depth() + within..=DEEPEST).rev() {
            match txn::find_at(lock.path(), depth) {
                Ok(Found::Hot(journal)) if !request.is_within(journal.token) => {
                    return Ok(Unfinished::Transaction(journal));
                }
                // Those that are whole come first, and bring all back that is theirs.
                Ok(Found::Torn(journal)) => torn = torn.or(Some(Unfinished::Torn(lock, Remains::Torn(journal, depth)))),
                Ok(Found::Unusable { journal, why }) => {
                    return Err(unrecovered(lock.given_path(), RecoveryError::UnusableJournal { journal, why }));
                }
                Ok(_) => {}
                Err(source) => return Err(failed(lock.path())(source)),
            }
        }
    }
    Ok(torn.unwrap_or(Unfinished::Nothing))
}

/// How long the locks of processes that were killed are waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends what processes within these locks, which are held exclusively, had under way when they were killed. What is of a
/// process that lives is left to it.
pub(crate) fn end_nested(
    locks: &[&FileLock],
    request: &LockRequest,
    on_notice: &mut dyn FnMut(Notice<'_>),
) -> Result<(), Error> {
    loop {
        match unfinished(locks, 1, request)? {
            Unfinished::Nothing => return Ok(()),
            Unfinished::Torn(lock, torn) => mend(lock, &torn, on_notice)?,
            Unfinished::Transaction(journal) if !is_left(&journal, locks) => return Ok(()),
            Unfinished::Transaction(journal) => {
                let is_here = |path: &PathBuf| locks.iter().any(|lock| lock.path() == path);
                let others = journal.entries.iter().map(|entry| &entry.path).filter(|path| !is_here(path));
                // They are those of the dead, whose files the system may be about to close.
                let others = request.clone().exclusive().wait(PATIENCE).all(others)?;
                // What the command wrote after that gives way too, and is kept.
                recover(&journal, locks.iter().copied().chain(&others), Rejected::AllKept, on_notice)?;
            }
        }
    }
}

/// Whether the process within these locks that has written this journal holds its own no more. One that was killed just now
/// is waited for.
fn is_left(journal: &Journal, locks: &[&FileLock]) -> bool {
    let held = |entry: &txn::Entry| {
        let above = locks.iter().find(|lock| lock.path() == entry.path && lock.depth() < entry.depth);
        above.is_some_and(|above| above.is_held_within(entry.depth))
    };
    let begun = Instant::now();
    while journal.entries.iter().any(held) {
        if begun.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

fn recover<'a>(
    journal: &Journal,
    locks: impl Iterator<Item = &'a FileLock>,
    rejected: Rejected,
    on_notice: &mut dyn FnMut(Notice<'_>),
) -> Result<(), Error> {
    let locks: Vec<&FileLock> = locks.collect();
    txn::recover(journal, &locks, rejected, &judge, &mut |undone| on_notice(Notice::Undone(undone))).map_err(
        |source| {
            let first = journal.entries.first().map_or(Path::new(""), |entry| &entry.path);
            unrecovered(first, source)
        },
    )?;
    if journal.entries.iter().any(|entry| entry.depth > 0) {
        // What is in use, or cannot be removed, is left for the next one.
        for lock in &locks {
            let _ = lock.tidy_nested();
        }
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| unrecovered(path, RecoveryError::Io { path: path.to_owned(), source })
}

fn unrecovered(path: &Path, source: RecoveryError) -> Error {
    Error::Recovery { path: path.to_owned(), source }
}

/// By what the journal says of a database; by its name where that is lost, or not understood here. A seal that was there
/// before proves nothing then: a copy may be another one's, and what is not sealed may be what was written since.
fn judge(subject: Subject<'_>, before: Option<&[u8]>, after: Option<&[u8]>, end: End) -> Option<Refusal> {
    let policy = subject.policy.and_then(|text| text.parse().ok()).unwrap_or_else(|| Policy::of(subject.path));
    let policy = match project::schema_of(subject.path) {
        Ok(schema) => policy.by_keys(schema.keys()),
        Err(_) => policy,
    };
    let is_known = subject.policy.is_some();
    policy.judge(before, after, end).err().filter(|refusal| is_known || !matches!(refusal, Refusal::Unsealed(_)))
}
