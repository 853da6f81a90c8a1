//! A lock that is held, and leaving it, or a queue, as the next one must find it (L6, L7).

use super::error::LockProblem;
use super::file::LockFile;
use super::place::Place;
use super::record::Token;
use crate::platform::Mode;

/// A lock that is held: the open lock file with the kernel's lock on it.
#[derive(Debug)]
pub(super) struct Held {
    pub file: LockFile,
    pub mode: Mode,
    /// What the record bears if this process wrote it; a reader that joined others has none.
    pub token: Option<Token>,
    /// The dead holders from whom it was taken over.
    pub after: Vec<Token>,
    /// The database itself, locked too (L10), if it exists.
    pub database: Option<LockFile>,
}

/// L6: gives a held lock up. Says whether its file was removed, so that the queue may be tidied.
pub(super) fn leave(held: &Held) -> Result<bool, LockProblem> {
    // First, so that the next one finds it free.
    if let Some(database) = &held.database {
        database.unlock();
    }
    let outcome = match held.mode {
        Mode::Exclusive => is_intact(held).and_then(|intact| if intact { removed(&held.file) } else { Ok(false) }),
        Mode::Shared => leave_shared(held),
    };
    held.file.unlock();
    outcome
}

/// Whether a held lock is still ours: the file has its name, and bears our token.
pub(super) fn is_intact(held: &Held) -> Result<bool, LockProblem> {
    if !held.file.is_current()? {
        return Ok(false);
    }
    Ok(held.file.record()?.is_some_and(|record| match held.token {
        Some(token) => record.token == token,
        None => record.mode == Mode::Shared,
    }))
}

/// L7: the last reader removes the lock file.
fn leave_shared(held: &Held) -> Result<bool, LockProblem> {
    if !held.file.is_current()? {
        return Ok(false);
    }
    if held.file.pid() == Some(std::process::id()) {
        held.file.write_pid(0)?;
    }
    if !held.file.try_lock(Mode::Exclusive)? || !held.file.is_current()? {
        return Ok(false);
    }
    let still_shared = held.file.record()?.is_some_and(|record| record.mode == Mode::Shared);
    if still_shared { removed(&held.file) } else { Ok(false) }
}

fn removed(file: &LockFile) -> Result<bool, LockProblem> {
    file.remove().map(|()| true)
}

/// L7: removes the queue if nobody stands in it. Whatever fails leaves a file behind that the next one
/// uses and removes.
pub(super) fn tidy_queue(place: &Place) {
    let path = place.queue();
    if !place.is_strange(&path)
        && let Ok(Some(queue)) = LockFile::open(&path)
        && matches!(queue.try_lock(Mode::Exclusive), Ok(true))
    {
        abandon_queue(&queue);
    }
}

/// Leaves a queue that is locked.
pub(super) fn abandon_queue(queue: &LockFile) {
    if queue.is_current().unwrap_or(false) {
        let _ = queue.remove();
    }
    queue.unlock();
}

/// L7: leaves a lock file that is locked exclusively, but was not taken over. Nobody drops such a lock
/// on a file of ours that still has its name: its holder is dead, and the last of several readers may
/// just have failed to get this lock and to remove the file.
pub(super) fn abandon_lock(file: &LockFile) {
    let ours = matches!(file.record(), Ok(Some(_)));
    if ours && file.is_current().unwrap_or(false) {
        let _ = file.remove();
    }
    file.unlock();
}
