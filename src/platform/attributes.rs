//! What a file has besides its content.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::io::Errno;
use xattr::FileExt;

/// What tells one file from every other one while it exists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// The identity of an open file.
    ///
    /// # Errors
    /// What `fstat(2)` reports.
    pub fn of(file: &File) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::from(&metadata))
    }

    /// The identity of the file at `path`, which is not followed if it is a symbolic link; `None` if
    /// there is no file.
    ///
    /// # Errors
    /// What `lstat(2)` reports.
    pub fn at(path: &Path) -> io::Result<Option<Self>> {
        match std::fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(Self::from(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl From<&Metadata> for FileId {
    fn from(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// What changes when the content of a file changes, as far as the clock of the file system tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    /// Which file it is.
    pub id: FileId,
    /// Bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Names that the file has.
    pub links: u64,
    /// The owner's number.
    pub owner: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stat {
    /// Time of the last change of content or attributes.
    #[must_use]
    pub fn changed(&self) -> SystemTime {
        let (seconds, nanoseconds) = self.changed;
        let since = |n: i64| Duration::from_secs(n.unsigned_abs());
        let whole =
            if seconds < 0 { SystemTime::UNIX_EPOCH - since(seconds) } else { SystemTime::UNIX_EPOCH + since(seconds) };
        whole + Duration::from_nanos(nanoseconds.unsigned_abs())
    }
}

impl From<&Metadata> for Stat {
    fn from(metadata: &Metadata) -> Self {
        Self {
            id: FileId::from(metadata),
            size: metadata.len(),
            mode: metadata.mode() & 0o7777,
            links: metadata.nlink(),
            owner: metadata.uid(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// What a file that takes the place of another could not be given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// Names of what was lost, as `owner` or `user.comment`.
    pub lost: Vec<String>,
}

/// Gives `new` the owner, group, extended attributes (ACLs with them) and permissions of the file
/// `old`, and says what could not be given.
///
/// # Errors
/// If the attributes of `old` cannot be read, or the permissions not be set.
pub fn keep_attributes(old: &File, new: &File) -> io::Result<Kept> {
    let (had, has) = (old.metadata()?, new.metadata()?);
    let mut kept = Kept::default();
    let mut mode = had.mode() & 0o7777;
    if had.gid() != has.gid() && fchown(new, None, Some(had.gid())).is_err() {
        // What was granted to the old group must not be granted to another one.
        mode &= !0o2070;
        kept.lost.push("group".to_owned());
    }
    if had.uid() != has.uid() && fchown(new, Some(had.uid()), None).is_err() {
        mode &= !0o4000;
        kept.lost.push("owner".to_owned());
    }
    keep_extended(old, new, &mut kept)?;
    // Last, since a change of owner takes the set-id bits away.
    new.set_permissions(Permissions::from_mode(mode))?;
    Ok(kept)
}

/// The access list that a new file may get from its folder.
const ACCESS_LIST: &str = "system.posix_acl_access";

fn keep_extended(old: &File, new: &File, kept: &mut Kept) -> io::Result<()> {
    let names = |file: &File| match file.list_xattr() {
        Ok(names) => Ok(names.collect::<Vec<_>>()),
        Err(error) if unsupported(&error) => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    let had = names(old)?;
    for name in names(new)? {
        if name == ACCESS_LIST && !had.contains(&name) && new.remove_xattr(&name).is_err() {
            kept.lost.push("absence of an access list".to_owned());
        }
    }
    for name in had {
        let copied = match old.get_xattr(&name) {
            Ok(Some(value)) => new.set_xattr(&name, &value),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        let shown = name.to_string_lossy().into_owned();
        // Labels of `security.` belong to the system's policy, which gives new files their own.
        if copied.is_err() && !shown.starts_with("security.") {
            kept.lost.push(shown);
        }
    }
    Ok(())
}

fn unsupported(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::OPNOTSUPP | Errno::NOSYS))
}

/// Puts the names in a folder on disk, so that a rename survives a power cut.
///
/// # Errors
/// What `fsync(2)` reports; a file system that cannot sync folders is no error.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) => Ok(()),
        other => other,
    }
}
