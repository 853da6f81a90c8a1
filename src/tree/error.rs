//! Why a document cannot be made to say what a tree says.

use super::DEEPEST;
use super::read::ReadError;
use super::spelling::SpellError;
use crate::sdn::SealError;

/// Why a document was not changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChangeError {
    /// The document is no tree, so it cannot be compared with one.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A document is a dict of settings and tables.
    #[error("a database is an object of settings and tables")]
    NoDict,
    /// What shall stand there cannot be written.
    #[error("`{place}`: {why}")]
    BadValue {
        /// The address.
        place: String,
        /// What is wrong with it.
        why: SpellError,
    },
    /// A name stands twice in a dict.
    #[error("`{place}` is given twice")]
    Twice {
        /// The address.
        place: String,
    },
    /// A record names a column that its table does not have.
    #[error("`{place}`: the table has no column `{column}`")]
    NoColumn {
        /// The address of the record.
        place: String,
        /// The column.
        column: String,
        /// Those that there are.
        instead: Vec<String>,
    },
    /// Values stand too deep within each other.
    #[error("more than {DEEPEST} values stand within each other")]
    TooDeep,
    /// It cannot be written there.
    #[error("`{place}`: {why}")]
    Refused {
        /// The address.
        place: String,
        /// Why not.
        why: String,
    },
    /// The document would not be read as intended afterwards.
    #[error("the file would not be read as intended afterwards")]
    InDoubt,
    /// The document's seal is not right.
    #[error(transparent)]
    Seal(#[from] SealError),
}
