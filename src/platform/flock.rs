//! Locks of the kernel on open files, `flock(2)`. They end with the last copy of the descriptor, so
//! with the process at the latest.

use std::fs::File;
use std::io;

use fd_lock::RwLock;
use rustix::fs::FlockOperation;

/// Whether a lock is held alone or together with others of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    /// Together with other shared ones.
    Shared,
    /// Alone.
    Exclusive,
}

/// Locks `file`, waiting as long as it takes.
///
/// # Errors
/// What `flock(2)` reports. An interruption by a signal is no error: the wait goes on.
pub fn lock(file: File, mode: Mode) -> io::Result<File> {
    let mut lock = RwLock::new(file);
    loop {
        // The guards borrow the lock, so they cannot be kept. A forgotten guard leaves the kernel's
        // lock in place, which from here on belongs to the open file.
        let outcome = match mode {
            Mode::Exclusive => lock.write().map(std::mem::forget),
            Mode::Shared => lock.read().map(std::mem::forget),
        };
        match outcome {
            Ok(()) => return Ok(lock.into_inner()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Locks `file` if that is possible at once; says whether it was.
///
/// A file that is locked already changes its mode; if that fails, it may have lost its lock.
///
/// # Errors
/// What `flock(2)` reports, other than that somebody else holds the lock.
pub fn try_lock(file: &File, mode: Mode) -> io::Result<bool> {
    let mut lock = RwLock::new(file);
    loop {
        let outcome = match mode {
            Mode::Exclusive => lock.try_write().map(std::mem::forget),
            Mode::Shared => lock.try_read().map(std::mem::forget),
        };
        return match outcome {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        };
    }
}

/// Gives the lock up for all copies of the descriptor. Closing alone would leave the lock held by a
/// child process that is just being started.
pub fn unlock(file: &File) {
    // Fails only for a descriptor that is none.
    let _ = rustix::fs::flock(file, FlockOperation::Unlock);
}
