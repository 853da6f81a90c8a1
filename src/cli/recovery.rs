//! What is told where a transaction that was interrupted cannot be ended, or a command not be undone.

use std::path::Path;

use sdnlock::lock::journal_of;
use sdnlock::txn::{self, Found, RecoveryError};

use super::failure::{Failure, status_of, system};
use super::status;
use super::text;

impl Failure {
    /// A transaction could not be ended.
    pub fn recovering(path: &Path, error: &RecoveryError) -> Self {
        let shown = text::path(text::from_here(path));
        let reason = Self::recovery(error);
        let title = format!("could not end the transaction that was interrupted on {shown}");
        let failure = Self::new(reason.status, title).cause(reason.reason());
        match error {
            RecoveryError::DamagedCopy { .. } => failure
                .state("all databases of the transaction are as they were left")
                .hint(format!("mend the databases, then remove {}", shown_journal(path))),
            RecoveryError::UnusableJournal { .. } => failure
                .state("nothing was changed")
                .hint("look at the databases and their copies `.*.undo`, then remove the journal"),
            _ => failure,
        }
    }

    /// Why a database could not be brought back.
    pub fn recovery(error: &RecoveryError) -> Self {
        let shown = |path: &Path| text::path(text::from_here(path));
        match error {
            RecoveryError::DamagedCopy { database, copy } => {
                let (copy, database) = (shown(copy), shown(database));
                Self::new(status::IO, format!("{copy}, the copy of {database}, is damaged or missing"))
            }
            RecoveryError::UnusableJournal { journal, why } => {
                Self::new(status::IO, format!("its journal {} cannot be used: {why}", shown(journal)))
            }
            RecoveryError::Io { path, source } => {
                Self::new(status_of(source), format!("{}: {}", shown(path), system(source)))
            }
            RecoveryError::Replace { path, source } => Self::replacing(path, source),
            RecoveryError::LockLost { path } => {
                Self::new(status::IO, format!("another program broke the lock of {}", shown(path)))
            }
        }
    }
}

/// The journal that is to be ended beside a database, by which name it is there.
fn shown_journal(database: &Path) -> String {
    let journal = match txn::find(database) {
        Ok(Found::Hot(journal)) => journal.path().map(Path::to_owned),
        _ => None,
    };
    text::path(text::from_here(&journal.unwrap_or_else(|| journal_of(database))))
}
