//! What a file has besides its content.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::OFlags;
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

    /// The numbers of the device.
    pub(super) fn device(self) -> (u32, u32) {
        (rustix::fs::major(self.device), rustix::fs::minor(self.device))
    }

    /// What tells it from all others of its file system.
    #[must_use]
    pub fn inode(self) -> u64 {
        self.inode
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
    /// The group's number.
    pub group: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stat {
    /// Time of the last change of content or attributes.
    #[must_use]
    pub fn changed(&self) -> SystemTime {
        Self::time(self.changed)
    }

    /// Time of the last change of content.
    #[must_use]
    pub fn modified(&self) -> SystemTime {
        Self::time(self.modified)
    }

    fn time((seconds, nanoseconds): (i64, i64)) -> SystemTime {
        let since = |n: i64| Duration::from_secs(n.unsigned_abs());
        let whole =
            if seconds < 0 { SystemTime::UNIX_EPOCH - since(seconds) } else { SystemTime::UNIX_EPOCH + since(seconds) };
        whole + Duration::from_nanos(nanoseconds.unsigned_abs())
    }
}

impl Stat {
    /// Whether another file has the same size, owner, group and permissions.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        let of = |stat: &Self| (stat.size, stat.mode, stat.owner, stat.group);
        of(self) == of(other)
    }
}

/// Whose a file is, and who may do what with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Access {
    /// The owner's number.
    pub owner: u32,
    /// The group's number.
    pub group: u32,
    /// Permission bits.
    pub mode: u32,
}

impl Access {
    /// For those only to whom another file was open too, and without set-id bits. Who is known to neither has it alone.
    #[must_use]
    pub fn at_most(self, other: Self) -> Self {
        const USER: u32 = 0o700;
        const GROUP: u32 = 0o070;
        const OTHERS: u32 = 0o007;
        const READ_BY_ALL: u32 = 0o004;
        let mut mode = self.mode & other.mode & (USER | GROUP | OTHERS);
        if self.group != other.group {
            // There they are others.
            mode = (mode & !GROUP) | (self.mode & GROUP & ((other.mode & OTHERS) << 3));
        }
        let owner = if self.owner == other.owner {
            self.owner
        } else if self.mode & READ_BY_ALL != 0 {
            mode = (mode & !USER) | (other.mode & USER & ((self.mode & OTHERS) << 6));
            other.owner
        } else {
            rustix::process::geteuid().as_raw()
        };
        Self { owner, group: self.group, mode }
    }
}

impl Stat {
    /// Whose the file is.
    #[must_use]
    pub fn access(&self) -> Access {
        Access { owner: self.owner, group: self.group, mode: self.mode }
    }

    /// The same file, as it is to be.
    #[must_use]
    pub fn with_access(self, access: Access) -> Self {
        Self { owner: access.owner, group: access.group, mode: access.mode, ..self }
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
            group: metadata.gid(),
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
    /// The file was written over, since its name cannot be given to another one: who reads it without the lock may have
    /// seen a part of it.
    pub in_place: bool,
}

/// Gives `new` the owner, group and permissions of `old`, and the extended attributes (ACLs with them)
/// of the file it was read from, or none; says what could not be given.
///
/// # Errors
/// If the attributes cannot be read, or the permissions not be set.
pub fn keep_attributes(old: &Stat, old_file: Option<&File>, new: &File) -> io::Result<Kept> {
    let has = new.metadata()?;
    let mut kept = Kept::default();
    let mut mode = old.mode;
    let other_group = old.group != has.gid() && fchown(new, None, Some(old.group)).is_err();
    if other_group {
        // With an access list the bits of the group are the mask of all whom it names; the group itself stands in it.
        let is_listed = old_file.is_some_and(|old| access_list(old).is_some());
        mode = if is_listed { mode & !SET_GROUP } else { without_group(mode) };
        kept.lost.push("group".to_owned());
    }
    if old.owner != has.uid() && fchown(new, Some(old.owner), None).is_err() {
        mode &= !SET_USER;
        kept.lost.push("owner".to_owned());
    }
    keep_extended(old_file, new, other_group, &mut kept)?;
    // Last, since a change of owner takes the set-id bits away.
    new.set_permissions(Permissions::from_mode(mode))?;
    if mode != old.mode {
        kept.lost.push(format!("permissions (they are {mode:04o} now)"));
    }
    Ok(kept)
}

/// Gives a file these permissions, and its group and owner, as far as this user may: only root can give files away. For
/// another group than it was meant for it has the permissions that everybody has.
///
/// # Errors
/// If the permissions cannot be set.
pub fn grant(file: &File, access: Access) -> io::Result<()> {
    let has = file.metadata()?;
    let owner = (rustix::process::geteuid().is_root() && access.owner != has.uid()).then_some(access.owner);
    let group = (access.group != has.gid()).then_some(access.group);
    let mut mode = access.mode;
    if (owner.is_some() || group.is_some()) && fchown(file, owner, group).is_err() && group.is_some() {
        mode = without_group(mode);
    }
    file.set_permissions(Permissions::from_mode(mode))
}

const SET_USER: u32 = 0o4000;
const SET_GROUP: u32 = 0o2000;

/// Permissions for another group: it is granted what everybody is, and no more.
fn without_group(mode: u32) -> u32 {
    let everybody = mode & 0o007;
    (mode & !0o070 & !SET_GROUP) | (mode & (everybody << 3))
}

/// The access list that a new file may get from its folder.
const ACCESS_LIST: &str = "system.posix_acl_access";

fn access_list(file: &File) -> Option<Vec<u8>> {
    file.get_xattr(ACCESS_LIST).ok().flatten()
}

/// Whether two files have the same access list, or none.
#[must_use]
pub fn have_same_list(one: &File, other: &File) -> bool {
    access_list(one) == access_list(other)
}

/// The same list for a file of another group: that is granted what everybody is, and no more.
fn list_without_group(list: &[u8]) -> Vec<u8> {
    /// What stands before the entries.
    const HEAD: usize = 4;
    /// Kind, permissions and number, of which the first two have two bytes each.
    const ENTRY: usize = 8;
    const GROUP: [u8; 2] = [0x04, 0];
    const OTHERS: [u8; 2] = [0x20, 0];
    let mut new = list.to_vec();
    let entries = || list.get(HEAD..).unwrap_or_default().chunks_exact(ENTRY);
    let everybody = entries().find(|entry| entry[..2] == OTHERS).map_or(0, |entry| entry[2]);
    for (at, _) in entries().enumerate().filter(|(_, entry)| entry[..2] == GROUP) {
        new[HEAD + at * ENTRY + 2] &= everybody;
    }
    new
}

fn keep_extended(old: Option<&File>, new: &File, other_group: bool, kept: &mut Kept) -> io::Result<()> {
    let names = |file: &File| match file.list_xattr() {
        Ok(names) => Ok(names.collect::<Vec<_>>()),
        Err(error) if unsupported(&error) => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    let had = old.map_or_else(|| Ok(Vec::new()), names)?;
    for name in names(new)? {
        if name == ACCESS_LIST && !had.contains(&name) && new.remove_xattr(&name).is_err() {
            kept.lost.push("absence of an access list".to_owned());
        }
    }
    for name in had {
        let Some(old) = old else { break };
        let copied = match old.get_xattr(&name) {
            Ok(Some(list)) if other_group && name == ACCESS_LIST => new.set_xattr(&name, &list_without_group(&list)),
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

/// Makes `copy`, which is empty, share the blocks of `original`, where the file system can do that.
///
/// # Errors
/// If it cannot.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn share_blocks(original: &File, copy: &File) -> io::Result<()> {
    Ok(rustix::fs::ioctl_ficlone(copy, original)?)
}

/// This system cannot.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn share_blocks(_: &File, _: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether a file was opened by a name to which it is bound, as a single file is into a container. Elsewhere than on Linux
/// that is not known.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[must_use]
pub fn is_bound(file: &File) -> bool {
    use rustix::fs::{AtFlags, StatxAttributes, StatxFlags, statx};
    let found = statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::empty());
    found.is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

/// This is not known here.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[must_use]
pub fn is_bound(_: &File) -> bool {
    false
}

/// Lets the system write a file to disk now, without waiting for it. Elsewhere than on Linux it does so in its own time.
pub fn begin_writing(file: &File) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = file;
}

/// Puts the names in a folder on disk, so that a rename survives a power cut. `file` is one of its files.
///
/// # Errors
/// What `fsync(2)` reports; a file system that cannot sync folders is no error.
pub fn sync_folder(folder: &Path, file: &File) -> io::Result<()> {
    sync_names(folder, Some(file))
}

/// The same, where perhaps no file of the folder is open.
///
/// # Errors
/// As [`sync_folder`].
pub fn sync_names(folder: &Path, file: Option<&File>) -> io::Result<()> {
    // What has taken its place may be a pipe.
    let opened = match File::options().read(true).custom_flags(OFlags::DIRECTORY.bits().cast_signed()).open(folder) {
        // A folder that may be used, but not read: everything on its file system is synced instead, or everything.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let Some(file) = file else {
                rustix::fs::sync();
                return Ok(());
            };
            return sync_all_of(file);
        }
        other => other?,
    };
    match opened.sync_all() {
        Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) => Ok(()),
        other => other,
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn sync_all_of(file: &File) -> io::Result<()> {
    rustix::fs::syncfs(file).map_err(io::Error::from)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn sync_all_of(_: &File) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_group_is_granted_no_more_in_a_list_either() {
        let list = |group: u8| {
            let entry = |kind: u8, permissions: u8, number: u32| {
                [&[kind, 0, permissions, 0][..], &number.to_le_bytes()].concat()
            };
            let entries = [
                entry(1, 6, u32::MAX),
                entry(2, 6, 1001),
                entry(4, group, u32::MAX),
                entry(16, 6, u32::MAX),
                entry(32, 4, u32::MAX),
            ];
            [&2_u32.to_le_bytes()[..], &entries.concat()].concat()
        };
        assert_eq!(list_without_group(&list(6)), list(4));
        assert_eq!(list_without_group(b""), b"");
    }

    #[test]
    fn what_is_for_both_is_for_nobody_else() {
        let access = |owner: u32, group: u32, mode: u32| Access { owner, group, mode };
        let me = rustix::process::geteuid().as_raw();
        for (now, before, both) in [
            (access(1, 1, 0o600), access(1, 1, 0o644), access(1, 1, 0o600)),
            (access(1, 1, 0o4777), access(1, 1, 0o4640), access(1, 1, 0o640)),
            (access(1, 2, 0o660), access(1, 1, 0o660), access(1, 2, 0o600)),
            (access(1, 2, 0o664), access(1, 1, 0o664), access(1, 2, 0o644)),
            (access(7, 7, 0o644), access(1, 1, 0o600), access(1, 7, 0o400)),
            (access(7, 7, 0o600), access(1, 1, 0o644), access(me, 7, 0o600)),
        ] {
            assert_eq!(now.at_most(before), both, "{now:?} {before:?}");
        }
    }

    #[test]
    fn another_group_is_granted_no_more_than_everybody() {
        assert_eq!(without_group(0o644), 0o644);
        assert_eq!(without_group(0o664), 0o644);
        assert_eq!(without_group(0o2770), 0o700);
        assert_eq!(without_group(0o660), 0o600);
    }
}
