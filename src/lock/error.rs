use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;

use super::holder::Holder;

/// A database that could not be locked.
#[derive(Debug, thiserror::Error)]
#[error("could not lock `{}`", .path.display())]
pub struct LockError {
    /// The database, as it was named by the caller.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub problem: LockProblem,
}

/// Why a lock was not obtained.
#[derive(Debug, thiserror::Error)]
pub enum LockProblem {
    /// Somebody else held it until the deadline.
    #[error("it was held by somebody else for {waited:?}")]
    Timeout {
        /// How long was waited.
        waited: Duration,
        /// Who holds it, as far as its lock file tells.
        holder: Option<Holder>,
    },
    /// Somebody holds it, and to wait could close a circle: a process above this one holds a database that
    /// is ordered behind it (L13).
    #[error("it is held, and waiting for it within other locks could close a circle")]
    WouldCircle {
        /// Who holds it, as far as its lock file tells.
        holder: Option<Holder>,
    },
    /// A process above this one holds the lock for readers only, and this one wants to write (L13).
    #[error("the command that runs this one holds it for reading only")]
    SharedAbove,
    /// A command that takes the lock by itself is to be run, and a process above this one holds the lock.
    #[error("the command that runs this one holds it, and a self-locking command would wait for that")]
    LockedAbove,
    /// The wait was ended by [`Interrupt::trigger`](super::Interrupt::trigger).
    #[error("the wait was interrupted")]
    Interrupted,
    /// There is no folder in which the database could be.
    #[error("its folder does not exist")]
    NoFolder,
    /// The path is that of a folder.
    #[error("it is a folder")]
    IsFolder,
    /// The path could not be resolved.
    #[error("its path could not be followed")]
    BadPath(#[source] io::Error),
    /// The name is one that the lock protocol keeps for its own files.
    #[error("files whose names end like this belong to the locks themselves")]
    ReservedName,
    /// The names of the files beside the database would be too long.
    #[error("its name is longer than {most} bytes")]
    NameTooLong {
        /// The longest name that can be locked.
        most: usize,
    },
    /// Something that is no regular file has the name of the lock file.
    #[error("`{}` is {is}, where the lock file would be", .file.display())]
    NoLockFile {
        /// The lock file.
        file: PathBuf,
        /// What it is.
        is: &'static str,
    },
    /// Nobody holds the lock, or nobody who may change the database, but its file is somebody else's, in a folder in which
    /// only they may remove it.
    #[error("`{}` is left over of {owner}, and only they and the owner of the folder may remove it", .file.display())]
    NotOurs {
        /// The lock file.
        file: PathBuf,
        /// Whose it is.
        owner: String,
    },
    /// A stranger, who may not change the database, puts something in the place of the lock file again and again.
    #[error("`{}` is of somebody who may not change the database", .file.display())]
    Strange {
        /// The lock file.
        file: PathBuf,
    },
    /// The lock file could not be made, opened, read, written or removed.
    #[error("could not {doing} `{}`", .file.display())]
    Io {
        /// What was tried, as `make`.
        doing: &'static str,
        /// The lock file.
        file: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl LockProblem {
    pub(super) fn io(doing: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, file: file.to_owned(), source }
    }

    /// Whether no lock can be had here at all: the folder cannot be written, the disk is full, the
    /// file system has no locks, or something else has the name of the lock file. What only reads may go on without one.
    #[must_use]
    pub fn is_bad_place(&self) -> bool {
        let Self::Io { source, .. } = self else {
            return matches!(
                self,
                Self::NameTooLong { .. } | Self::NotOurs { .. } | Self::Strange { .. } | Self::NoLockFile { .. }
            );
        };
        let kinds = [
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::ReadOnlyFilesystem,
            io::ErrorKind::StorageFull,
            io::ErrorKind::QuotaExceeded,
            io::ErrorKind::Unsupported,
        ];
        kinds.contains(&source.kind()) || Errno::from_io_error(source) == Some(Errno::NOLCK)
    }

    pub(super) fn is_no_permission(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
    }
}
