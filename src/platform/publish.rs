//! Giving a complete, locked file its name in one step.

#![expect(clippy::disallowed_methods, reason = "this module is one of the doors to the file system")]

use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{Access, AtFlags, CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::NamedTempFile;

use super::attributes::FileId;
use super::flock::{Mode, try_lock};

/// A file that is to be made.
pub struct NewFile {
    /// What it holds from the first moment at which anybody can see it.
    pub content: String,
    /// How it is locked from that moment.
    pub locked: Mode,
    /// Its permissions.
    pub mode: FileMode,
    /// The beginning of its temporary name, where it needs one; six letters and digits follow.
    pub prefix: OsString,
    /// The end of its temporary name.
    pub suffix: OsString,
    /// It belongs to the owner of this file, if there is one and that can be done.
    pub owned_like: PathBuf,
}

/// The permissions of a file that is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileMode {
    /// What any program would give it: the umask takes some away.
    Usual,
    /// These, whatever the umask is.
    Exactly(u32),
}

impl FileMode {
    fn at_first(self) -> u32 {
        match self {
            Self::Usual => 0o666,
            Self::Exactly(mode) => mode,
        }
    }

    /// Gives a new file what the umask took away. Where that cannot be done it is without.
    fn complete(self, file: &File) {
        if let Self::Exactly(mode) = self {
            let _ = file.set_permissions(PermissionsExt::from_mode(mode));
        }
    }
}

/// What happens to a file that has the name already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naming {
    /// It stays, and no file is made.
    IfFree,
    /// The new file takes its place.
    Replace,
}

/// Makes a file that is complete and locked before anybody can see it, and gives it the name `path`.
/// `None` if that name exists and is to stay.
///
/// The file is unnamed until then where the file system can do that.
///
/// # Errors
/// If the file cannot be made, written, locked or named.
pub fn publish(path: &Path, new: &NewFile, naming: Naming) -> io::Result<Option<File>> {
    if naming == Naming::IfFree
        && let Some(file) = Unnamed::new(path, new)?
    {
        match file.name(path)? {
            Named::Yes(file) => return Ok(Some(file)),
            Named::Exists => return Ok(None),
            Named::Impossible => {}
        }
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    loop {
        let temporary = tempfile::Builder::new()
            .prefix(&new.prefix)
            .suffix(&new.suffix)
            .permissions(PermissionsExt::from_mode(new.mode.at_first()))
            .tempfile_in(folder)?;
        fill(temporary.as_file(), new)?;
        let named = match naming {
            Naming::IfFree => name_if_free(temporary, path),
            Naming::Replace => temporary.persist(path).map(Named::Yes).map_err(|error| error.error),
        };
        match named {
            Ok(Named::Yes(file)) => return Ok(Some(file)),
            Ok(Named::Exists) => return Ok(None),
            Ok(Named::Impossible) => return make_in_place(path, new),
            // Somebody took the temporary file for a left-over and removed it.
            Err(error) if error.kind() == ErrorKind::NotFound && folder.exists() => {}
            Err(error) => return Err(error),
        }
    }
}

/// Gives a temporary file its name, unless another one has it: by a renaming that replaces nothing, or by a second name.
fn name_if_free(temporary: NamedTempFile, path: &Path) -> io::Result<Named> {
    let (file, name) = temporary.into_parts();
    match renameat_with(CWD, &*name, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => {
            let _: PathBuf = name.keep().map_err(|error| error.error)?;
            return Ok(Named::Yes(file));
        }
        Err(Errno::EXIST) => return Ok(Named::Exists),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
        Err(error) => return Err(error.into()),
    }
    match std::fs::hard_link(&name, path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Named::Exists),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(error),
        // A file system without second names.
        Err(_) => return Ok(Named::Impossible),
    }
    drop(name);
    if excludes_others(&file, path)? {
        return Ok(Named::Yes(file));
    }
    // File systems in user space may give a second name a lock of its own.
    std::fs::remove_file(path)?;
    Ok(Named::Impossible)
}

/// Makes the file under its own name. It is empty and unlocked for a moment, for which others take it for one of a program
/// that writes nothing, and wait.
fn make_in_place(path: &Path, new: &NewFile) -> io::Result<Option<File>> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let Some(file) = make_lock_file(path, new.mode)? else { return Ok(None) };
    let begun = Instant::now();
    let made = loop {
        match fill(&file, new) {
            // Whoever looks at it lets it go at once.
            Err(error) if error.kind() == ErrorKind::WouldBlock && begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(1));
            }
            filled => break filled,
        }
    };
    let no_locks = "a lock on it is not seen by others";
    match made.and_then(|()| excludes_others(&file, path)) {
        Ok(true) => Ok(Some(file)),
        Ok(false) => {
            std::fs::remove_file(path)?;
            Err(io::Error::new(ErrorKind::Unsupported, no_locks))
        }
        Err(error) => {
            let _ = std::fs::remove_file(path);
            Err(error)
        }
    }
}

/// Whether a lock on an open file is seen by whoever opens it by its name.
fn excludes_others(file: &File, path: &Path) -> io::Result<bool> {
    match open_lock_file(path)? {
        Some(other) => Ok(FileId::of(&other)? == FileId::of(file)? && !try_lock(&other, Mode::Exclusive)?),
        // Somebody removed it.
        None => Ok(true),
    }
}

/// A file that is complete and locked, and has no name yet. It leaves no litter whatever happens.
#[derive(Debug)]
pub struct Unnamed(File);

/// What came of giving a file its name.
pub enum Named {
    Yes(File),
    /// Another file has the name.
    Exists,
    /// Unnamed files cannot get names here.
    Impossible,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
impl Unnamed {
    /// Makes one in the folder of `path`; `None` if the file system has none.
    ///
    /// # Errors
    /// If the file cannot be made, written or locked.
    pub fn new(path: &Path, new: &NewFile) -> io::Result<Option<Self>> {
        let Some(file) = unnamed::create(path.parent().unwrap_or(Path::new("/")), new.mode.at_first())? else {
            return Ok(None);
        };
        fill(&file, new)?;
        Ok(Some(Self(file)))
    }

    /// Writes another content of the same length.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn rewrite(&self, content: &str) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.0, content.as_bytes(), 0)
    }

    /// Gives it its name, unless another file has it.
    ///
    /// # Errors
    /// If that fails for another reason.
    pub fn name(self, path: &Path) -> io::Result<Named> {
        match unnamed::link(&self.0, path) {
            Ok(()) => Ok(Named::Yes(self.0)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Named::Exists),
            Err(error) if unnamed::needs_name(&error) => Ok(Named::Impossible),
            Err(error) => Err(error),
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
impl Unnamed {
    /// This system has none.
    pub fn new(_: &Path, _: &NewFile) -> io::Result<Option<Self>> {
        Ok(None)
    }

    pub fn rewrite(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    pub fn name(self, _: &Path) -> io::Result<Named> {
        Ok(Named::Impossible)
    }
}

fn fill(mut file: &File, new: &NewFile) -> io::Result<()> {
    if !try_lock(file, new.locked)? {
        return Err(io::Error::new(ErrorKind::WouldBlock, "a file that nobody knows is locked"));
    }
    if let Ok(like) = std::fs::metadata(&new.owned_like) {
        // Only root can give files away; a lock file of root's would stand in the owner's way.
        let owner = (rustix::process::geteuid().is_root() && like.uid() != 0).then(|| like.uid());
        // Whoever shares the database by its group may take the lock over.
        if owner.is_some() || like.gid() != rustix::process::getegid().as_raw() {
            let _ = fchown(file, owner, Some(like.gid()));
        }
    }
    new.mode.complete(file);
    file.write_all(new.content.as_bytes())
}

/// Files without a name, which leave no litter whatever happens.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod unnamed {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use rustix::io::{Errno, retry_on_intr};

    /// An unnamed file in `folder`; `None` if the file system has none.
    pub fn create(folder: &Path, mode: u32) -> io::Result<Option<File>> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match retry_on_intr(|| open(folder, flags, Mode::from_bits_truncate(mode))) {
            Ok(descriptor) => Ok(Some(File::from(descriptor))),
            // EISDIR: a kernel that does not know the flag opens the folder itself.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOSYS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Names the file, unless the name exists.
    pub fn link(file: &File, path: &Path) -> io::Result<()> {
        let itself = format!("/proc/self/fd/{}", file.as_raw_fd());
        let link = || linkat(CWD, itself.as_str(), CWD, path, AtFlags::SYMLINK_FOLLOW);
        retry_on_intr(link).map_err(io::Error::from)
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
/// be read: a lock can be taken through either. `None` if there is no such file.
///
/// # Errors
/// If it may not be opened at all.
pub fn open_lock_file(path: &Path) -> io::Result<Option<File>> {
    match existing(unfollowed().write(true).open(path)) {
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            open_to_read(path)
        }
        other => other,
    }
}

/// Opens a file to be read, without following a symbolic link; `None` if there is no such file.
///
/// # Errors
/// If it may not be opened.
pub fn open_to_read(path: &Path) -> io::Result<Option<File>> {
    existing(unfollowed().open(path))
}

/// Opens a file to be written, without following a symbolic link; `None` if there is no such file. It may not be readable.
///
/// # Errors
/// If it may not be opened.
pub fn open_to_write(path: &Path) -> io::Result<Option<File>> {
    existing(unfollowed().read(false).write(true).open(path))
}

/// Makes a file that nobody else can read or write, whatever the umask is.
///
/// # Errors
/// If it cannot be made, or exists.
pub fn make_private(path: &Path) -> io::Result<File> {
    const ONLY_ME: u32 = 0o600;
    let file = OpenOptions::new().write(true).create_new(true).mode(ONLY_ME).open(path)?;
    file.set_permissions(PermissionsExt::from_mode(ONLY_ME))?;
    Ok(file)
}

/// Whether a file or folder is of this user, and nobody else may write to it.
#[must_use]
pub fn is_private(file: &Metadata) -> bool {
    file.uid() == rustix::process::geteuid().as_raw() && file.mode() & 0o022 == 0
}

/// Opens a file to be read, without waiting for anybody at the other end if it is a pipe.
///
/// # Errors
/// If it may not be opened.
pub fn open_at_once(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

fn unfollowed() -> OpenOptions {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags);
    options
}

fn existing(opened: io::Result<File>) -> io::Result<Option<File>> {
    match opened {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Makes an empty lock file; `None` if there is one.
///
/// # Errors
/// If it cannot be made.
pub fn make_lock_file(path: &Path, mode: FileMode) -> io::Result<Option<File>> {
    match OpenOptions::new().read(true).write(true).create_new(true).mode(mode.at_first()).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
        opened => {
            let file = opened?;
            mode.complete(&file);
            Ok(Some(file))
        }
    }
}

/// Lets the programs that this process starts from here on inherit an open file, with the lock on it.
///
/// # Errors
/// What `fcntl(2)` reports.
pub fn pass_on(file: &File) -> io::Result<()> {
    Ok(rustix::io::fcntl_setfd(file, rustix::io::FdFlags::empty())?)
}

/// Whether a file was opened to be read only.
#[must_use]
pub fn is_read_only(file: &File) -> bool {
    let access = rustix::fs::fcntl_getfl(file).map(|flags| flags & OFlags::RWMODE);
    access.is_ok_and(|access| access == OFlags::RDONLY)
}

/// Whether this is what a write answers on a file that was opened to be read only.
#[must_use]
pub fn is_closed_to_writing(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::BADF)
}

/// In a folder with this bit, files are removed by their owners only.
const STICKY: u32 = 0o1000;

/// Whether this process may remove a file from a folder.
///
/// # Errors
/// If the folder cannot be looked at.
pub fn may_remove(folder: &Path, file: &Metadata) -> io::Result<bool> {
    match rustix::fs::accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS) {
        Ok(()) => {}
        Err(Errno::ACCESS | Errno::PERM) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    let metadata = std::fs::metadata(folder)?;
    let me = rustix::process::geteuid();
    let own = [file.uid(), metadata.uid()].contains(&me.as_raw());
    Ok(metadata.mode() & STICKY == 0 || me.is_root() || own)
}

/// Renames a file or folder to a name that is free; fails with `AlreadyExists` if it is not.
pub fn rename_to_free_name(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can do both in one step; of those some know second names.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            let folder = from.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if !may_remove(folder, &from.symlink_metadata()?)? {
                // It would keep both names.
                return Err(ErrorKind::PermissionDenied.into());
            }
            match std::fs::hard_link(from, to) {
                Ok(()) => std::fs::remove_file(from),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
                Err(_) if to.symlink_metadata().is_ok() => Err(ErrorKind::AlreadyExists.into()),
                Err(_) => Ok(rustix::fs::rename(from, to)?),
            }
        }
        renamed => Ok(renamed?),
    }
}
