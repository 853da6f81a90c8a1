//! Locking within locks that processes above this one hold (L13).
//!
//! Where strangers may make files, lock files within a lock have names that its secret tells, which is handed down in the
//! environment ([`Nesting`](super::Nesting)): the first one that no stranger has taken. A stranger sees a name once a file
//! bears it, and may take it after that; then the next one is used. Two processes that look while a stranger takes names and
//! gives them up again may come to different ones, so whoever has locked theirs looks for the other ones that are there, and
//! gives way to one that is held: the later one of the two sees the earlier one.

use super::error::LockProblem;
use super::file::LockFile;
use super::guard::Above;
use super::leave::abandon_lock;
use super::look::is_free;
use super::place::Place;
use super::record::Record;
use super::request::LockRequest;
use crate::platform::Mode;

impl LockRequest {
    /// L13: goes down into the locks that processes above this one hold, as far as they reach.
    pub(super) fn descend(&self, mut place: Place) -> Result<(Place, Vec<Above>), LockProblem> {
        let mut above = Vec::new();
        while !self.nesting.is_empty() {
            let Some((file, record)) = self.held_above(&place)? else { break };
            // The token alone proves nothing: whoever held it may be gone.
            let conflicting = match record.mode {
                Mode::Exclusive => Mode::Shared,
                Mode::Shared => Mode::Exclusive,
            };
            if is_locked_by_nobody(&file, conflicting)? {
                break;
            }
            if (record.mode, self.mode) == (Mode::Shared, Mode::Exclusive) {
                return Err(LockProblem::SharedAbove);
            }
            above.push(Above { path: file.path().to_owned(), token: record.token });
            place = place.nested_within(self.nesting.names_within(record.token).unwrap_or(record.token));
        }
        Ok((place, above))
    }

    /// The lock file at this level that bears a token which is said to be held above.
    fn held_above(&self, place: &Place) -> Result<Option<(LockFile, Record)>, LockProblem> {
        for path in place.locks()? {
            if place.is_strange(&path) {
                continue;
            }
            let Some(file) = LockFile::open(&path)? else { continue };
            if place.is_of_stranger(&file)? {
                continue;
            }
            if let Some(record) = file.record()?.filter(|record| self.nesting.holds(record.token)) {
                return Ok(Some((file, record)));
            }
        }
        Ok(None)
    }

    /// L13: whether to wait for a database could close a circle with locks that are held above. What is
    /// said to be held there and is not, proves nothing.
    pub(super) fn may_close_a_circle(&self, place: &Place) -> Result<bool, LockProblem> {
        for above in self.nesting.circles(place.path(), place.depth()) {
            let Ok(last) = Place::resolve(&above.last).and_then(Place::among_strangers) else { continue };
            let levels = match above.depth {
                0 => vec![last],
                depth => last.all_nested_there().filter(|place| place.depth() == depth).collect(),
            };
            for (place, file) in levels.iter().flat_map(|place| [(place, place.lock()), (place, place.queue())]) {
                if !place.is_strange(&file)
                    && let Ok(Some(file)) = LockFile::open(&file)
                    && file.record()?.is_some_and(|record| record.token == above.token)
                    && !is_free(&file)?
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// L17: whether a process above this one keeps the queue, which would never end for this one.
    pub(super) fn keeps_queue_above(&self, place: &Place) -> Result<bool, LockProblem> {
        if self.nesting.is_empty() || place.is_no_queue(&place.queue()) {
            return Ok(false);
        }
        let Some(queue) = LockFile::open(&place.queue())? else { return Ok(false) };
        Ok(queue.record()?.is_some_and(|record| self.nesting.holds(record.token)) && !is_free(&queue)?)
    }
}

/// A lock file at the same level as that of a place, which is held, that excludes whoever has that locked like this.
pub(super) fn rival(place: &Place, mode: Mode) -> Result<Option<LockFile>, LockProblem> {
    for path in place.locks()?.into_iter().skip(1) {
        // One that is gone again, or a stranger's by now, is none.
        let Ok(Some(file)) = LockFile::open(&path) else { continue };
        if place.is_of_stranger(&file)? {
            continue;
        }
        if !is_locked_by_nobody(&file, mode)? && file.is_current()? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Whether a lock file can be locked like this, by trying to. One that the dead have left goes.
fn is_locked_by_nobody(file: &LockFile, mode: Mode) -> Result<bool, LockProblem> {
    if !file.try_lock(mode)? {
        return Ok(false);
    }
    match mode {
        Mode::Exclusive => abandon_lock(file),
        Mode::Shared => file.unlock(),
    }
    Ok(true)
}
