//! Files that are kept beside a database while something is going on.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::SystemTime;

use super::folder_of;
use super::temporary;
use super::whole::write_all;
use crate::platform;

/// Puts a file of this content and with this time of its last change beside the database `path`, in one step. Says
/// whether it has that time.
///
/// # Errors
/// If it cannot be written or named.
pub fn put_beside(path: &Path, file: &Path, content: &[u8], time: SystemTime) -> io::Result<bool> {
    let mut temporary = temporary::create(path, 0o600)?;
    write_all(temporary.as_file_mut(), content).map_err(|(_, error)| error)?;
    // Whoever may lock the database must be able to read what is to be done.
    temporary.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    let has_time = temporary.as_file().set_modified(time).is_ok()
        && temporary.as_file().metadata()?.modified().is_ok_and(|modified| modified == time);
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(has_time)
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

/// Gives a file another name, in whose place it is then; one that does not exist is no error.
///
/// # Errors
/// If it cannot be renamed.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Takes the permission to write a file from everybody, as a mark.
///
/// # Errors
/// If the permissions cannot be changed.
pub fn make_read_only(path: &Path) -> io::Result<()> {
    let mut permissions = std::fs::metadata(path)?.permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(path, permissions)
}

/// Whether a file is there and bears that mark.
#[must_use]
pub fn is_read_only(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().readonly())
}

/// Puts the names in the folder of a file on disk.
///
/// # Errors
/// If the folder cannot be synced.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    sync_folder(folder_of(path))
}

/// Puts the names in a folder on disk.
///
/// # Errors
/// If it cannot be synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    platform::sync_names(folder, None)
}

/// Lets the system write a file to disk now, without waiting for it, where it takes such advice.
pub fn begin_writing(path: &Path) {
    if let Ok(file) = File::open(path) {
        platform::begin_writing(&file);
    }
}

/// Puts a file on disk, but not its name.
///
/// # Errors
/// If it cannot be synced; a file that does not exist is no error.
pub fn sync_content(path: &Path) -> io::Result<()> {
    let opened = match File::open(path) {
        // One that may be written only.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => OpenOptions::new().write(true).open(path),
        opened => opened,
    };
    match opened {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        opened => opened?.sync_all(),
    }
}
