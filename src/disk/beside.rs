//! Files that are kept beside a database while something is going on.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::folder_of;
use super::temporary;
use super::whole::write_all;
use crate::platform::{self, Access, Doubt, Trust};

/// Puts a file of this content, and with this time of its last change if one is given, beside the database `path`, in one
/// step. It can be read by whoever could read what has this `access`, by everybody if nothing is said. Says whether it has
/// that time.
///
/// # Errors
/// If it cannot be written or named.
pub fn put_beside(
    path: &Path,
    file: &Path,
    content: &[u8],
    time: Option<SystemTime>,
    access: Option<Access>,
) -> io::Result<bool> {
    const READ: u32 = 0o444;
    const OWN: u32 = 0o600;
    const BY_ALL: u32 = 0o644;
    let mut temporary = temporary::create(path, OWN)?;
    write_all(temporary.as_file_mut(), content).map_err(|(_, error)| error)?;
    match access {
        Some(access) => platform::grant(temporary.as_file(), Access { mode: access.mode & READ | OWN, ..access })?,
        None => temporary.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(BY_ALL))?,
    }
    let has_time = match time {
        Some(time) => {
            temporary.as_file().set_modified(time).is_ok()
                && temporary.as_file().metadata()?.modified().is_ok_and(|modified| modified == time)
        }
        None => false,
    };
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(has_time)
}

/// Whether a file keeps the time of its last change that it is given; it does where that cannot be tried.
#[must_use]
pub fn keeps_times(file: &Path) -> bool {
    let Ok(Some(file)) = platform::open_to_read(file) else { return true };
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 30);
    match file.set_modified(time) {
        Ok(()) => file.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|modified| modified == time),
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

/// Empties a file beside which strangers may make names, if it has a second one.
pub fn void_if_linked(path: &Path) {
    if let Ok(Some(file)) = platform::open_to_read(path)
        && file.metadata().is_ok_and(|metadata| Trust::beside(path).doubt(&metadata) == Some(Doubt::SecondName))
    {
        // It may be marked as one that is not to be written to.
        let _ = file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
        let _ = platform::open_lock_file(path).map(|file| file.map(|file| file.set_len(0)));
    }
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
    let file = platform::open_to_read(path)?.ok_or(ErrorKind::NotFound)?;
    let mut permissions = file.metadata()?.permissions();
    permissions.set_readonly(true);
    file.set_permissions(permissions)
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
    if let Ok(Some(file)) = platform::open_to_read(path) {
        platform::begin_writing(&file);
    }
}

/// Puts a file on disk, but not its name.
///
/// # Errors
/// If it cannot be synced; a file that does not exist is no error.
pub fn sync_content(path: &Path) -> io::Result<()> {
    let opened = match platform::open_at_once(path) {
        // One that may be written only.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => OpenOptions::new().write(true).open(path),
        opened => opened,
    };
    match opened {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        opened => opened?.sync_all(),
    }
}
