//! A lock as a value.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::acquire::Acquisition;
use super::error::{LockError, LockProblem};
use super::file::LockFile;
use super::heartbeat::{Keeper, Kept};
use super::leave::{abandon_queue, tidy_queue};
use super::look::is_free;
use super::nesting::Nesting;
use super::place::Place;
use super::record::Token;
use crate::platform::{self, Doubt, Mode};

/// A held lock of one database. Dropping it releases it.
///
/// While it is held, the file `NAME.lock` exists beside the database, as it does for all programs
/// that lock this way; it is gone afterwards. Locking the same database twice in one process waits
/// like a lock of somebody else.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("todo_db.sdn");
/// use sdnlock::lock::FileLock;
///
/// let lock = FileLock::acquire(&path, 10)?; // seconds
/// assert!(path.with_extension("sdn.lock").exists());
/// drop(lock);
/// assert!(!path.with_extension("sdn.lock").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a lock is released as soon as it is dropped"]
pub struct FileLock {
    place: Place,
    mode: Mode,
    hold: Hold,
    above: Vec<Above>,
}

/// What is held.
#[derive(Debug)]
pub(super) enum Hold {
    /// The lock.
    Own(Arc<Kept>),
    /// The queue in front of it (L17).
    Queue(LockFile),
    /// Nothing, since a process above keeps that queue.
    Above,
    /// Nothing any more.
    Released,
}

/// A lock of a process above this one, within which this one was acquired (L13).
#[derive(Debug)]
pub(super) struct Above {
    pub path: PathBuf,
    pub token: Token,
}

impl Above {
    fn is_intact(&self) -> Result<bool, LockProblem> {
        let record = LockFile::open(&self.path)?.map(|file| file.record()).transpose()?.flatten();
        Ok(record.is_some_and(|record| record.token == self.token))
    }
}

impl FileLock {
    pub(super) fn new(place: Place, hold: Hold, above: Vec<Above>) -> Self {
        let mode = match &hold {
            Hold::Own(kept) => kept.held().as_ref().map_or(Mode::Exclusive, |held| held.mode),
            _ => Mode::Exclusive,
        };
        Self { place, mode, hold, above }
    }

    /// Whether a process above this one has the lock of the database itself (L13).
    pub(crate) fn is_nested(&self) -> bool {
        self.place.is_nested()
    }

    /// The database, as it was named when it was locked.
    #[must_use]
    pub fn given_path(&self) -> &Path {
        self.place.given()
    }

    /// The database, with all symbolic links followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// Whether the lock is held alone. Whoever takes the lock of a dead writer over holds it alone, even if
    /// it was asked for together with others.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the lock is ours, and was all the time: a foreign program may have broken it (L9).
    ///
    /// # Errors
    /// If the lock file cannot be looked at.
    pub fn is_intact(&self) -> Result<bool, LockError> {
        let intact = match &self.hold {
            Hold::Own(kept) => kept.is_intact(),
            Hold::Queue(queue) => queue.is_current(),
            Hold::Above => Ok(true),
            Hold::Released => Ok(false),
        };
        let outcome = intact.and_then(|intact| Ok(intact && self.is_within_all()?));
        outcome.map_err(|problem| self.error(problem))
    }

    /// L13: whether the locks still are held within which this one was acquired.
    pub(super) fn is_within_all(&self) -> Result<bool, LockProblem> {
        self.above.iter().try_fold(true, |all, above| Ok(all && above.is_intact()?))
    }

    /// Lets the programs that this process starts from here on inherit the lock, so that it outlives this
    /// process if they do (L14). Releasing it ends it for them too.
    ///
    /// # Errors
    /// If the system does not allow that.
    pub fn pass_on(&self) -> Result<(), LockError> {
        let outcome = match &self.hold {
            Hold::Own(kept) => kept.held().as_ref().map_or(Ok(()), |held| {
                held.file.pass_on().and_then(|()| held.database.as_ref().map_or(Ok(()), LockFile::pass_on))
            }),
            Hold::Queue(queue) => queue.pass_on(),
            Hold::Above | Hold::Released => Ok(()),
        };
        outcome.map_err(|problem| self.error(problem))
    }

    /// Names the process that others are to take for the holder: a command that runs under the lock, or
    /// this process again.
    ///
    /// # Errors
    /// If the lock file cannot be written.
    pub fn name_holder(&self, pid: u32) -> Result<(), LockError> {
        let outcome = match &self.hold {
            Hold::Own(kept) => kept.runs(pid),
            Hold::Queue(queue) => queue.write_pid(pid),
            Hold::Above | Hold::Released => Ok(()),
        };
        outcome.map_err(|problem| self.error(problem))
    }

    /// Keeps the lock alive from here on (L8), if it was asked for as a [brief](super::LockRequest::brief) one.
    pub fn keep_alive(&self) {
        self.keeper().keep_alive();
    }

    /// What keeps the lock alive from some time on, while others use it.
    #[must_use]
    pub fn keeper(&self) -> Keeper {
        match &self.hold {
            Hold::Own(kept) => Keeper(Some(Arc::clone(kept))),
            _ => Keeper(None),
        }
    }

    /// Whether only the queue is held, as [`LockRequest::self_locking`](super::LockRequest::self_locking) asks for.
    #[must_use]
    pub fn is_self_locking(&self) -> bool {
        matches!(self.hold, Hold::Queue(_) | Hold::Above)
    }

    /// Gives the lock up.
    ///
    /// # Errors
    /// If the lock file cannot be removed; it is unlocked nevertheless, so that the next one takes it
    /// over.
    pub fn release(mut self) -> Result<(), LockError> {
        self.give_up()
    }

    /// L17: holds the lock in place of the queue in front of it.
    pub(super) fn turn_into(&mut self, hold: Hold) {
        if let Hold::Queue(queue) = std::mem::replace(&mut self.hold, hold) {
            self.acquisition("").leave_queue(&queue);
        }
        if let Hold::Own(kept) = &self.hold {
            self.mode = kept.held().as_ref().map_or(Mode::Exclusive, |held| held.mode);
        }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Gives the lock up now; dropping it does nothing then.
    pub(crate) fn give_up(&mut self) -> Result<(), LockError> {
        match std::mem::replace(&mut self.hold, Hold::Released) {
            Hold::Own(kept) => {
                if kept.give_up().map_err(|problem| self.error(problem))? {
                    tidy_queue(&self.place);
                }
            }
            Hold::Queue(queue) => self.acquisition("").leave_queue(&queue),
            Hold::Above | Hold::Released => {}
        }
        Ok(())
    }

    /// L10: locks a file that is about to take the place of the database.
    ///
    /// # Errors
    /// If it cannot be locked.
    pub(crate) fn lock_replacement(&self, new: &File) -> std::io::Result<()> {
        // Within the lock of a process above, this process has the new file locked until that one does.
        if !platform::try_lock(new, self.mode)? {
            return Err(std::io::Error::other("a file that nobody knows is locked"));
        }
        Ok(())
    }

    /// L10: the database is this file now, which was locked before.
    pub(crate) fn database_is(&self, new: &File) {
        if let Hold::Own(kept) = &self.hold
            && self.has_database()
            && let Ok(file) = new.try_clone()
        {
            kept.database_is(Some(LockFile::new(file, self.place.path())));
        }
    }

    /// A transaction is written down under this lock: it stays, as the dead leave it, until that is ended.
    pub(crate) fn has_journal(&self) {
        if let Hold::Own(kept) = &self.hold {
            kept.has_journal();
        }
    }

    /// How many processes above this one hold the lock.
    pub(crate) fn depth(&self) -> u32 {
        self.place.depth()
    }

    /// The lock file.
    pub(crate) fn lock_path(&self) -> PathBuf {
        self.place.lock()
    }

    /// The queue in front of the lock, whether anybody stands in it or not.
    pub(crate) fn queue_path(&self) -> PathBuf {
        self.place.queue()
    }

    /// What stands beside the database under names of the protocol and counts for nothing, and why.
    pub(crate) fn strange_files(&self) -> Vec<(PathBuf, Doubt)> {
        self.place.strange_files()
    }

    /// Whether a transaction was written down under this lock.
    pub(crate) fn is_journaled(&self) -> bool {
        matches!(&self.hold, Hold::Own(kept) if kept.is_journaled())
    }

    /// Whether the lock was taken over from somebody who had died or fallen silent.
    pub(crate) fn is_of_the_dead(&self) -> bool {
        matches!(&self.hold, Hold::Own(kept) if kept.is_of_the_dead())
    }

    /// Whether a process holds the lock of this database within this one, that many locks deep.
    pub(crate) fn is_held_within(&self, depth: u32) -> bool {
        let is_ours = |place: &Place| place.depth() == depth && !self.place.is_strange(&place.lock());
        let mut nested = self.place.clone().all_nested_there().filter(is_ours);
        nested.any(|place| {
            let file = LockFile::open(&place.lock()).ok().flatten();
            file.is_some_and(|file| matches!(is_free(&file), Ok(false)))
        })
    }

    /// Removes lock files of nested processes that nobody holds (L13), and gives their paths. Only for a
    /// holder of the exclusive lock.
    pub(crate) fn tidy_nested(&self) -> Result<Vec<PathBuf>, LockError> {
        let mut removed = Vec::new();
        for nested in self.place.clone().all_nested_there() {
            if self.place.is_strange(&nested.lock()) {
                continue;
            }
            if let Some(file) = LockFile::open(&nested.lock()).map_err(|problem| self.error(problem))?
                && file.try_lock(Mode::Exclusive).map_err(|problem| self.error(problem))?
            {
                abandon_queue(&file);
                removed.push(nested.lock());
            }
            tidy_queue(&nested);
        }
        Ok(removed)
    }

    /// Whether the lock was taken over from the dead process whose hold bore this token, without a moment
    /// in which anybody else could have had it.
    pub(crate) fn took_over(&self, token: Token) -> bool {
        match &self.hold {
            Hold::Own(kept) => kept.held().as_ref().is_some_and(|held| held.after.contains(&token)),
            _ => false,
        }
    }

    /// What tells this hold from every other one.
    pub(crate) fn token(&self) -> Option<Token> {
        match &self.hold {
            Hold::Own(kept) => {
                let held = kept.held();
                let held = held.as_ref()?;
                held.token.or_else(|| Some(held.file.record().ok()??.token))
            }
            Hold::Queue(queue) => Some(queue.record().ok()??.token),
            Hold::Above | Hold::Released => None,
        }
    }

    /// Within the lock of a process above, that one has the database locked.
    fn has_database(&self) -> bool {
        !self.place.is_nested() && matches!(self.hold, Hold::Own(_))
    }

    fn acquisition<'a>(&'a self, command: &'a str) -> Acquisition<'a> {
        Acquisition::new(&self.place, self.mode, command, Token::random())
    }

    pub(super) fn error(&self, problem: LockProblem) -> LockError {
        LockError { path: self.given_path().to_owned(), problem }
    }
}

impl Nesting {
    /// As seen by a process that is started by one which holds these locks too.
    #[must_use]
    pub fn below<'a>(mut self, locks: impl IntoIterator<Item = &'a FileLock>) -> Self {
        for lock in locks {
            if let Some(token) = lock.token() {
                self.add(token, lock.place.depth(), lock.path());
            }
        }
        self
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Whoever wants to know whether this works calls `release`.
        let _ = self.give_up();
    }
}
