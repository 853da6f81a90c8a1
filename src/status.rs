//! What is going on at a database: who holds it, who waits for it, what was left behind.

use std::path::{Path, PathBuf};

use crate::disk;
use crate::error::Error;
use crate::lock::{self, Death, Event, LockRequest, LockView, Observer, Wait};
use crate::sdn::is_sdn;
use crate::txn::{self, Found};

/// What is going on at one database.
#[derive(Clone, Debug)]
pub struct Status {
    /// Its lock.
    pub lock: LockView,
    /// Temporary files of `sdnlock` beside it. Those of a replacement that is under way are among them
    /// while the lock is held.
    pub temporary: Vec<PathBuf>,
    /// The temporary file of an existing program, `NAME.tmp`.
    pub foreign: Option<PathBuf>,
    /// The transaction it is part of: one that is under way while the lock is held, else an interrupted
    /// one.
    pub journal: Found,
}

impl Status {
    /// Looks at a database, which need not exist, without touching it.
    ///
    /// # Errors
    /// If its path cannot be resolved, or what is beside it not be read.
    pub fn of(path: impl AsRef<Path>, observer: &Observer) -> Result<Self, Error> {
        let path = path.as_ref();
        let lock = observer.look(path)?;
        let read = |source| Error::Read { path: path.to_owned(), source };
        let temporary = disk::left_overs(&lock.path).map_err(read)?;
        let foreign = disk::foreign_left_over(&lock.path);
        let journal = txn::find(&lock.path).map_err(read)?;
        let mut temporary = temporary;
        if !matches!(journal, Found::Hot(_) | Found::Unusable { .. }) {
            temporary.extend(disk::undo_copies(&lock.path).map_err(read)?);
        }
        Ok(Self { lock, temporary, foreign, journal })
    }

    /// The database that a file belongs to, if it is one that `sdnlock` or the existing programs put
    /// beside databases.
    #[must_use]
    pub fn database_of(file: &Path) -> Option<PathBuf> {
        let without =
            |ending: &str| Some(file.with_extension("")).filter(|_| file.extension() == Some(ending.as_ref()));
        // Many programs have lock files and temporary files, so these must be those of a database.
        lock::database_of(file)
            .filter(|database| without("lock").is_none() || is_sdn(database) || lock::is_own_lock_file(file))
            .or_else(|| disk::owner_of_temporary(file))
            .or_else(|| without("tmp").filter(|database| is_sdn(database)))
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.lock.holders.is_empty()
            && self.lock.waiters.is_empty()
            && self.lock.unused.is_empty()
            && self.lock.not_believed.is_empty()
            && self.temporary.is_empty()
            && self.foreign.is_none()
            && self.journal == Found::Nothing
    }

    /// Removes what is provably dead: the lock of a dead process, files of the protocol that nobody uses,
    /// and, under the exclusive lock, temporary files, those of existing programs if they are a minute
    /// old. Gives the files that are gone.
    ///
    /// A database that somebody holds is left as it is.
    ///
    /// # Errors
    /// If something cannot be removed.
    pub fn clean(&self) -> Result<Vec<PathBuf>, Error> {
        let silent_only = matches!(self.lock.stale, Some((_, Death::Silence | Death::Future)));
        if !self.has_left_overs() || silent_only {
            return Ok(Vec::new());
        }
        let path = &self.lock.path;
        // Whoever locks it takes a dead lock over, and whoever releases it removes lock and queue.
        let mut taken_over = false;
        let note = &mut |event: Event<'_>| taken_over |= matches!(event, Event::TookOver { .. });
        let Ok(lock) = LockRequest::new().brief().wait(Wait::No).one_telling(path, note) else { return Ok(Vec::new()) };
        let failed = |source| Error::Read { path: path.clone(), source };
        let mut removed = disk::sweep(path).map_err(failed)?;
        removed.extend(disk::sweep_foreign(path).map_err(failed)?);
        removed.extend(lock.tidy_nested()?);
        taken_over |= lock.is_of_the_dead();
        lock.release()?;
        let stale = self.lock.stale.iter().map(|(stale, _)| stale);
        removed.extend(stale.filter(|stale| taken_over && stale.symlink_metadata().is_err()).cloned());
        Ok(removed)
    }

    fn has_left_overs(&self) -> bool {
        let lock = self.lock.stale.iter().map(|(stale, _)| stale).chain(&self.lock.unused);
        lock.chain(&self.temporary).chain(&self.foreign).next().is_some()
    }
}
