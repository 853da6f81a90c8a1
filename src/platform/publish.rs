//! Giving a complete, locked file its name in one step.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use super::flock::{Mode, try_lock};

/// Makes a file of the given content that is locked before anybody can see it, and gives it the
/// name `path`. `None` if that name exists. Permissions are `mode` minus the umask.
///
/// The file is unnamed until then where the file system can do that; elsewhere it has a temporary
/// name made of `prefix`, six letters and digits, and `suffix`.
///
/// # Errors
/// If the file cannot be made, written, locked or named.
pub fn publish(
    path: &Path,
    content: &[u8],
    locked: Mode,
    mode: u32,
    prefix: &OsStr,
    suffix: &OsStr,
) -> io::Result<Option<File>> {
    let folder = path.parent().unwrap_or(Path::new("."));
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(file) = unnamed::create(folder, mode)? {
        fill(&file, content, locked)?;
        match unnamed::link(&file, path) {
            Ok(()) => return Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) if unnamed::needs_name(&error) => {}
            Err(error) => return Err(error),
        }
    }
    loop {
        let temporary = tempfile::Builder::new()
            .prefix(prefix)
            .suffix(suffix)
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
            .tempfile_in(folder)?;
        fill(temporary.as_file(), content, locked)?;
        match temporary.persist_noclobber(path) {
            Ok(file) => return Ok(Some(file)),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            // Somebody took the temporary file for a left-over and removed it.
            Err(error) if error.error.kind() == io::ErrorKind::NotFound && folder.exists() => {}
            Err(error) => return Err(error.error),
        }
    }
}

fn fill(mut file: &File, content: &[u8], locked: Mode) -> io::Result<()> {
    if !try_lock(file, locked)? {
        return Err(io::Error::other("a file that nobody knows is locked"));
    }
    file.write_all(content)
}

/// Files without a name, which leave no litter whatever happens.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod unnamed {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use rustix::io::Errno;

    /// An unnamed file in `folder`; `None` if the file system has none.
    pub fn create(folder: &Path, mode: u32) -> io::Result<Option<File>> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match open(folder, flags, Mode::from_bits_truncate(mode)) {
            Ok(descriptor) => Ok(Some(File::from(descriptor))),
            // EISDIR: a kernel that does not know the flag opens the folder itself.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOSYS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Names the file, unless the name exists.
    pub fn link(file: &File, path: &Path) -> io::Result<()> {
        let itself = format!("/proc/self/fd/{}", file.as_raw_fd());
        linkat(CWD, itself.as_str(), CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
    }

    /// Whether an unnamed file cannot be named here, so that a named one is needed: no `/proc`, or a
    /// file system that links only what has a name.
    pub fn needs_name(error: &io::Error) -> bool {
        matches!(
            Errno::from_io_error(error),
            Some(Errno::NOENT | Errno::OPNOTSUPP | Errno::PERM | Errno::XDEV | Errno::ACCESS | Errno::INVAL)
        )
    }
}

/// Opens a lock file without following a symbolic link, to be written if that is allowed, else to
/// be read: a lock can be taken through either. With `create` the file is made if it is missing.
///
/// # Errors
/// If there is no such file or it may not be opened at all.
pub fn open_lock_file(path: &Path, create: Option<u32>) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = flags.bits().cast_signed();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags);
    match options.clone().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => options.open(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match create {
            Some(mode) => options.write(true).create(true).mode(mode).open(path),
            None => Err(error),
        },
        other => other,
    }
}
