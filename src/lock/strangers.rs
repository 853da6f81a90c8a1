//! Locking a database whose lock file cannot have its usual name, since a stranger has taken that.
//!
//! The name that it has instead is of chance, so two processes could make two of them. Whoever looks for one, or makes one,
//! has the database itself locked meanwhile (L10), which nobody can put in its place; once the lock file is there, a command
//! may replace the database. There are no readers together, and there is no queue: who waits does so in the kernel, for the
//! lock file or for the database.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::acquire::{Acquisition, Attempt};
use super::error::LockProblem;
use super::file::LockFile;
use super::journals::other_locks;
use super::leave::{Held, leave};
use super::place::Place;
use super::record::Token;
use super::wait::{Waiter, Woken};
use crate::platform::{self, Mode};

/// Locks a database alone, under the lock file that it has now; nothing if something moved, and it is to be looked for again.
pub(super) fn among_strangers(
    place: &Place,
    command: &str,
    token: Token,
    waiter: &mut Waiter<'_>,
) -> Result<Option<(Place, Held)>, LockProblem> {
    let acquisition = Acquisition::new(place, Mode::Exclusive, command, token);
    let database = acquisition.lock_database_alone(waiter)?;
    if database.is_none() && place.path().is_file() {
        // It cannot be locked.
        return Err(not_ours(&place.lock()));
    }
    let unlock = |database: Option<LockFile>| {
        if let Some(database) = database {
            database.unlock();
        }
    };
    let others = other_locks(place.path()).map_err(LockProblem::io("look for", &place.lock()))?;
    let Some(other) = others.into_iter().next() else {
        // Where it is gone, whoever may make files there may make it, and the usual name counts.
        let Some(database) = database else { return Ok(None) };
        let held = acquisition.publish_under(database)?;
        return unless_usual(place.clone(), held);
    };
    let place = place.clone().locked_by(other);
    let acquisition = Acquisition::new(&place, Mode::Exclusive, command, token);
    let Some(file) = LockFile::open(&place.lock())? else {
        unlock(database);
        return Ok(None);
    };
    if file.try_lock(Mode::Exclusive)? {
        // Of somebody who has died.
        let held = acquisition.take_over_under(file, database)?;
        return unless_usual(place, held);
    }
    unlock(database);
    acquisition.wait_for(file, waiter)?;
    Ok(None)
}

impl Acquisition<'_> {
    /// What came of opening a file, unless it is of a stranger, who may have put it there just now, or in the way of that.
    pub fn unless_strange(
        &self,
        path: &Path,
        opened: Result<Option<LockFile>, LockProblem>,
    ) -> Result<Option<LockFile>, LockProblem> {
        let strange = || Err(LockProblem::Strange { file: path.to_owned() });
        match opened {
            Ok(Some(file)) if self.place.is_of_stranger(&file)? => strange(),
            Err(LockProblem::NoLockFile { .. } | LockProblem::Io { doing: "open", .. })
                if self.place.is_strange(path) || (self.place.may_be_strange() && path.symlink_metadata().is_err()) =>
            {
                strange()
            }
            opened => opened,
        }
    }

    /// Makes the lock file where the database is locked already; nothing if another one has its name.
    pub fn publish_under(&self, database: LockFile) -> Result<Option<Held>, LockProblem> {
        with_database(self.publish(), Some(database))
    }

    /// Takes over a lock file of the dead, which is locked, where the database is locked already if it is there; nothing if
    /// it moved.
    pub fn take_over_under(&self, file: LockFile, database: Option<LockFile>) -> Result<Option<Held>, LockProblem> {
        let taken = file.record().and_then(|dead| self.take_over(file, dead.as_ref()));
        with_database(taken, database)
    }

    /// Waits until nobody holds a lock file.
    pub fn wait_for(&self, file: LockFile, waiter: &mut Waiter<'_>) -> Result<(), LockProblem> {
        let holder = || self.holder();
        if let Woken::Locked(file) = waiter.lock(file, Mode::Exclusive, &self.target(&holder), LockFile::unlock)? {
            file.unlock();
        }
        Ok(())
    }
}

/// What came of getting a lock file where the database was locked before.
fn with_database(
    attempt: Result<Attempt, LockProblem>,
    database: Option<LockFile>,
) -> Result<Option<Held>, LockProblem> {
    match attempt {
        Ok(Attempt::Held(held)) => Ok(Some(Held { database, ..held })),
        outcome => {
            if let Some(database) = database {
                database.unlock();
            }
            outcome.map(|_| None)
        }
    }
}

pub(super) fn not_ours(file: &Path) -> LockProblem {
    let owner = file.symlink_metadata().map_or_else(|_| "nobody".to_owned(), |file| platform::user_called(file.uid()));
    LockProblem::NotOurs { file: file.to_owned(), owner }
}

/// Nothing where the usual name is free of strangers again, and somebody has it: whoever gets that looks for ours as well, so
/// that one of the two always sees the other one.
fn unless_usual(place: Place, held: Option<Held>) -> Result<Option<(Place, Held)>, LockProblem> {
    match held {
        Some(held) if place.has_usual_lock() => leave(&held).map(|_| None),
        held => Ok(held.map(|held| (place, held))),
    }
}
