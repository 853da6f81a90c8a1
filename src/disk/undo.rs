//! Copies of databases as they were before a transaction, `.NAME.XXXXXX.undo` (J1).

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::failpoint::failpoint;
use super::read::{Snapshot, read};
use super::temporary::{self, UNDO};
use super::whole::copy_into;

/// Makes a copy of what the database `path` held, beside it, with its attributes. Gives its path.
///
/// # Errors
/// If it cannot be made, written or, if it is to be `durable`, synced.
pub fn keep_undo(path: &Path, before: &Snapshot, durable: bool) -> io::Result<PathBuf> {
    let mut copy = temporary::create_with(path, 0o600, UNDO)?;
    failpoint("undo: made");
    copy_into(copy.as_file_mut(), path, before)?;
    failpoint("undo: written");
    if durable {
        copy.as_file().sync_all()?;
    }
    let (_, kept) = copy.keep().map_err(|error| error.error)?;
    Ok(kept)
}

/// The copies beside the database `path`.
///
/// # Errors
/// If the folder cannot be read.
pub fn undo_copies(path: &Path) -> io::Result<Vec<PathBuf>> {
    temporary::of(path, UNDO)
}

/// Reads a copy.
///
/// # Errors
/// If it cannot be read.
pub fn read_undo(path: &Path) -> io::Result<Option<Snapshot>> {
    // Nobody makes links under this name.
    if path.is_symlink() { Ok(None) } else { read(path) }
}

/// Whether a name is one of a copy beside `database`.
#[must_use]
pub fn is_undo_of(database: &Path, copy: &Path) -> bool {
    let (Some(name), Some(copy)) = (database.file_name(), copy.file_name()) else { return false };
    temporary::is_temporary(copy.as_bytes(), temporary::prefix(name).as_bytes(), UNDO)
}
