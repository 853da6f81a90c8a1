//! Files that are kept beside a database while something is going on.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::folder_of;
use super::temporary;
use super::whole::write_all;
use crate::platform;

/// Puts a file of this content beside the database `path`, in one step, and on disk if it is to be
/// `durable`.
///
/// # Errors
/// If it cannot be written, named or synced.
pub fn put_beside(path: &Path, file: &Path, content: &[u8], durable: bool) -> io::Result<()> {
    let mut temporary = temporary::create(path, 0o600)?;
    write_all(temporary.as_file_mut(), content).map_err(|(_, error)| error)?;
    // Whoever may lock the database must be able to read what is to be done.
    temporary.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    if durable {
        temporary.as_file().sync_all()?;
    }
    let named = temporary.persist(file).map_err(|error| error.error)?;
    if durable { platform::sync_folder(folder_of(path), &named) } else { Ok(()) }
}

/// Removes a file; one that does not exist is no error.
///
/// # Errors
/// If it cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Puts the names in the folder of a file on disk.
///
/// # Errors
/// If the folder cannot be synced.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}
