use std::io;
use std::path::PathBuf;

use crate::check::TooLarge;
use crate::disk::ReplaceError;
use crate::lock::LockError;
use crate::loss::LossError;
use crate::merge::Conflict;
use crate::project::SchemaError;
use crate::sdn::EditError;
use crate::txn::RecoveryError;

/// What can go wrong with a database.
///
/// The text says what was tried with which file. Why it failed is the [source](std::error::Error::source), and whose
/// lock was in the way is in [`LockError::problem`]: whoever tells a person walks along the sources, as `{:#}` of
/// `anyhow` does.
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
    /// The file that is bound here has no name any more: where it comes from another one has taken its place.
    #[error("`{}` is bound to a file that was replaced where it comes from", .path.display())]
    Orphan {
        /// The database, as it was named by the caller.
        path: PathBuf,
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
    /// Its schema cannot be used. Nothing was written.
    #[error("the schema of `{}` cannot be used", .path.display())]
    Schema {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// Why not.
        source: SchemaError,
    },
    /// A row is not what its record says it is.
    #[error(
        "line {line} of `{}` is no record of `{table}`: {}`{value}`: {why}",
        .path.display(),
        .column.as_ref().map(|column| format!("column `{column}`: ")).unwrap_or_default()
    )]
    UnreadableRow {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// The table.
        table: String,
        /// Line number, from 1.
        line: usize,
        /// The column, if only that is wrong.
        column: Option<String>,
        /// What stands there; the whole row if no column is named.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// A table cannot hold records, or cannot be made.
    #[error("`{}` cannot hold records in a table `{table}`: {why}", .path.display())]
    UnusableTable {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// The table.
        table: String,
        /// What is wrong with it.
        why: String,
    },
    /// A record cannot be written so that it is read back as it is. Nothing was written.
    #[error(
        "record `{record}` of `{table}` cannot be written to `{}`: {}{why}",
        .path.display(),
        .column.as_ref().map(|column| format!("`{column}`: ")).unwrap_or_default()
    )]
    UnwritableRecord {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// The table.
        table: String,
        /// The id of the record.
        record: String,
        /// The field, if only that is the reason.
        column: Option<String>,
        /// Why not.
        why: String,
    },
    /// Several live rows have the id of a record that was changed. Nothing was written.
    #[error("`{table}` of `{}` has {} records `{record}`", .path.display(), .lines.len())]
    AmbiguousRecord {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// The table.
        table: String,
        /// The id.
        record: String,
        /// The lines on which they stand, from 1.
        lines: Vec<usize>,
    },
    /// The file cannot be changed safely. Nothing was written.
    #[error("`{}` cannot be changed", .path.display())]
    UnsafeEdit {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// Why not.
        source: EditError,
    },
    /// It would be larger than its schema allows. Nothing was written.
    #[error("`{}` was not written", .path.display())]
    TooLarge {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// How large, and what is allowed.
        source: TooLarge,
    },
    /// It would lose more than its schema or the options allow. Nothing was written.
    #[error("`{}` was not written", .path.display())]
    Loss {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// What it would lose.
        source: LossError,
    },
    /// Somebody else changed the same records meanwhile. Nothing was written.
    #[error("`{}` was changed meanwhile: {}", .path.display(), described(.conflicts))]
    Conflict {
        /// The database, as it was named by the caller.
        path: PathBuf,
        /// What cannot both be kept: *ours* is what the file holds by now, *theirs* what was to be saved.
        conflicts: Vec<Conflict>,
    },
    /// The database is being changed by an `update` or a transaction around this call. Nothing was written.
    #[error("`{}` is being changed by an update or a transaction around this one", .path.display())]
    LockedHere {
        /// The database, as it was named by the caller.
        path: PathBuf,
    },
    /// A transaction was not told that it would use this database.
    #[error("the transaction does not have `{}`", .path.display())]
    NotInTransaction {
        /// The database, as it was named by the caller.
        path: PathBuf,
    },
    /// The transaction that a database belongs to has ended, and what was changed since is not written.
    #[error("the transaction of `{}` is over", .path.display())]
    TransactionOver {
        /// The database, as it was named by the caller.
        path: PathBuf,
    },
    /// A transaction could not be written down, or its journal not be removed.
    #[error("could not keep the journal of the transaction on `{}`", .path.display())]
    Journal {
        /// The first database of the transaction.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A transaction could not be ended. The next one that uses any of its databases puts all of them back.
    #[error("the transaction on `{}` is still open: the next one that uses it undoes it", .path.display())]
    TransactionOpen {
        /// The first database of the transaction.
        path: PathBuf,
        /// Why it could not be ended.
        #[source]
        cause: Box<Error>,
    },
    /// A change was given up by whoever was making it, for reasons of their own. Nothing was written.
    #[error(transparent)]
    Aborted(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Gives up a change for a reason that is none of this crate's.
    ///
    /// ```
    /// let error = sdnlock::Error::abort("all slots are taken");
    /// assert_eq!(error.to_string(), "all slots are taken");
    /// ```
    pub fn abort(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Aborted(why.into())
    }
}

/// All conflicts, in one line.
fn described(conflicts: &[Conflict]) -> String {
    conflicts.iter().map(|conflict| conflict.described("in the file", "here")).collect::<Vec<_>>().join("; ")
}

/// The result of a library call.
pub type Result<T, E = Error> = std::result::Result<T, E>;
