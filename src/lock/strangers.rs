//! Locking a database whose lock file cannot have its usual name, since a stranger has taken that.
//!
//! The name that it has instead is of chance, so two processes could make two of them. Whoever looks for one, or makes one,
//! has the database itself locked meanwhile (L10), which nobody can put in its place; once the lock file is there, a command
//! may replace the database. There are no readers together, and there is no queue: who waits does so in the kernel, for the
//! lock file or for the database.

use super::acquire::{Acquisition, not_ours};
use super::error::LockProblem;
use super::file::LockFile;
use super::journals::other_locks;
use super::leave::{Held, leave};
use super::place::Place;
use super::record::Token;
use super::wait::Waiter;
use crate::platform::Mode;

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

/// Nothing where the usual name is free of strangers again, and somebody has it: whoever gets that looks for ours as well, so
/// that one of the two always sees the other one.
fn unless_usual(place: Place, held: Option<Held>) -> Result<Option<(Place, Held)>, LockProblem> {
    match held {
        Some(held) if place.has_usual_lock() => leave(&held).map(|_| None),
        held => Ok(held.map(|held| (place, held))),
    }
}
