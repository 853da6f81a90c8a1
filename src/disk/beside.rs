//! Files that are kept beside a database while something is going on.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::folder_of;
use super::read::Snapshot;
use super::temporary;
use super::whole::write_all;
use crate::platform::{self, Access, Doubt, FileId, Trust};

/// Puts a file of this content, and with this time of its last change if one is given, beside the database `path`, in one
/// step. It can be read by whoever could read what has this `access`, by everybody if nothing is said. Gives the file, and
/// says whether it has that time.
///
/// # Errors
/// If it cannot be written or named.
pub fn put_beside(
    path: &Path,
    file: &Path,
    content: &[u8],
    time: Option<SystemTime>,
    access: Option<Access>,
) -> io::Result<(File, bool)> {
    const READ: u32 = 0o444;
    const OWN: u32 = 0o600;
    const BY_ALL: u32 = 0o644;
    let mut temporary = temporary::create(path, OWN)?;
    write_all(temporary.as_file_mut(), content).map_err(|(_, error)| error)?;
    match access {
        Some(access) => platform::grant(temporary.as_file(), Access { mode: access.mode & READ | OWN, ..access })?,
        None => temporary.as_file().set_permissions(PermissionsExt::from_mode(BY_ALL))?,
    }
    let has_time = match time {
        Some(time) => {
            temporary.as_file().set_modified(time).is_ok()
                && temporary.as_file().metadata()?.modified().is_ok_and(|modified| modified == time)
        }
        None => false,
    };
    let file = temporary.persist(file).map_err(|error| error.error)?;
    Ok((file, has_time))
}

/// Whether a file that was read keeps the time of its last change that it is given; it does where that cannot be tried.
#[must_use]
pub fn keeps_times(read: &Snapshot) -> bool {
    let file = read.file();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 30);
    match file.set_modified(time) {
        Ok(()) => file.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|modified| modified == time),
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

/// Empties the file that was read at `path`, beside which strangers may make names, if it has a second one. Whoever asks
/// knows by what it says that it is to go; nobody else may have written that.
pub fn void_if_linked(path: &Path, read: &Snapshot) {
    let trust = Trust::beside(path);
    let is_linked = |metadata: &Metadata| trust.doubt(metadata) == Some(Doubt::SecondName);
    let Some(metadata) = read.file().metadata().ok().filter(is_linked) else { return };
    let same = |file: &File| FileId::of(file).is_ok_and(|id| id == read.stat().id);
    let opened = || platform::open_to_write(path).ok().flatten().filter(same);
    let file = opened().or_else(|| {
        // It may be marked as one that is not to be written to.
        let is_mine = metadata.uid() == rustix::process::geteuid().as_raw();
        let made = is_mine.then(|| read.file().set_permissions(PermissionsExt::from_mode(0o600)));
        made.and_then(Result::ok).and_then(|()| opened())
    });
    let _ = file.map(|file| file.set_len(0));
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
pub fn make_read_only(file: &File) -> io::Result<()> {
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

/// A file that is there, to be synced; nothing else that has its name is one.
///
/// # Errors
/// If it cannot be opened.
pub fn to_be_synced(path: &Path) -> io::Result<Option<File>> {
    let opened = match platform::open_to_read(path) {
        // One that may be written only.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => platform::open_to_write(path),
        opened => opened,
    };
    match opened {
        // It would be followed, or waited for.
        Err(_) if path.symlink_metadata().is_ok_and(|there| !there.is_file()) => Ok(None),
        opened => Ok(opened?.filter(|file| file.metadata().is_ok_and(|there| there.is_file()))),
    }
}
