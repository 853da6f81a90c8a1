use std::io;
use std::path::PathBuf;

use crate::disk::ReplaceError;
use crate::lock::LockError;
use crate::txn::RecoveryError;

/// What can go wrong with a database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be locked.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// It could not be read.
    #[error("could not read `{}`", .path.display())]
    Read {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It could not be replaced. What it holds now, [`ReplaceError`] says.
    #[error("could not write `{}`", .path.display())]
    Replace {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// Why not.
        source: ReplaceError,
    },
    /// A transaction on it was interrupted, and could not be ended.
    #[error("could not end the interrupted transaction on `{}`", .path.display())]
    Recovery {
        /// The database, or the first one of the transaction.
        path: PathBuf,
        /// Why not.
        source: RecoveryError,
    },
    /// Another program broke the lock before anything was written.
    #[error("another program broke the lock of `{}`; nothing was written", .path.display())]
    LockLost {
        /// The database, as it was named by the caller.
        path: PathBuf,
    },
    /// Another program broke the lock while the file was replaced, and may have overwritten it.
    #[error("`{}` was written, but perhaps overwritten by a program that broke the lock", .path.display())]
    PerhapsOverwritten {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// What kept the lock from being taken again.
        cause: Option<Box<Error>>,
    },
}

/// The result of a library call.
pub type Result<T, E = Error> = std::result::Result<T, E>;
