//! Why records are not taken.

use crate::address::{LookupError, Unmet};
use crate::check::Finding;
use crate::sdn::EditError;

/// Why nothing was added.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddError {
    /// The columns of a typed table have no names.
    #[error("`{table}` is a typed table, whose columns have no names")]
    Typed {
        /// The table.
        table: String,
    },
    /// The table has no key, by which a record could be known; or it lacks a column of it.
    #[error(transparent)]
    NoKey(LookupError),
    /// A condition cannot be asked of the records of this table.
    #[error(transparent)]
    Condition(Unmet),
    /// No reader takes this for the name of a column.
    #[error("`{name}` is no name of a column: one word of letters, digits, `_` and `-`, beginning with a letter")]
    BadColumn {
        /// What was given.
        name: String,
    },
    /// No reader takes this for the name of a table.
    #[error("`{name}` is no name of a table: one word of letters, digits, `_` and `-`, beginning with a letter")]
    BadName {
        /// What was given.
        name: String,
    },
    /// Another key of the table would be that of two records.
    #[error("there is a record `{key}` already")]
    Doubled {
        /// The key.
        key: String,
    },
    /// Some records cannot be added, so none was.
    #[error("{} of {} records cannot be added", .refused.len(), .of)]
    Refused {
        /// Which, counted from 0, and why.
        refused: Vec<(usize, Refusal)>,
        /// How many there were.
        of: usize,
    },
    /// What came of it would not be valid.
    #[error("it would not be valid SDN: {}", .findings.first().map_or("", |finding| &finding.message))]
    Invalid {
        /// What is wrong with it that was not wrong before.
        findings: Vec<Finding>,
        /// What the file would hold.
        content: Vec<u8>,
    },
    /// A record cannot be stamped.
    #[error(transparent)]
    Stamp(EditError),
    /// The file cannot be changed safely.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Why a record cannot be added.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The table has no such column.
    #[error("there is no column `{column}`")]
    NoColumn {
        /// The column.
        column: String,
        /// Those that there are.
        instead: Vec<String>,
    },
    /// A column was given twice.
    #[error("`{column}` is given twice")]
    Twice {
        /// The column.
        column: String,
    },
    /// A record of this key is there, or is added in the same step.
    #[error("there is a record `{key}` already")]
    Exists {
        /// The key.
        key: String,
        /// The table and its first column, if that is the key only as long as nothing in it stands twice.
        assumed: Option<(String, String)>,
    },
    /// There is no record of this key, and none is to be added.
    #[error("there is no record `{key}`")]
    Unknown {
        /// The key.
        key: String,
    },
    /// The record of this key is hidden, and stays so.
    #[error("record `{key}` is hidden")]
    Hidden {
        /// The key.
        key: String,
    },
    /// Two of the records that were given have this key.
    #[error("`{key}` is given twice")]
    Again {
        /// The key.
        key: String,
    },
    /// The row of this key cannot be cut into the cells of its table.
    #[error("the row of `{key}` cannot be read")]
    Unreadable {
        /// The key.
        key: String,
    },
    /// Several live records have this key, so that it is not known which one is meant.
    #[error("record `{key}` stands there more than once")]
    Several {
        /// The key.
        key: String,
    },
    /// The keys are no numbers or of several columns, so there is no next one.
    #[error("it needs a key, `{column}`")]
    NeedsKey {
        /// The key column.
        column: String,
    },
    /// No reader could take a text back.
    #[error("`{column}`: {why}")]
    BadText {
        /// The column.
        column: String,
        /// What is wrong with it.
        why: String,
    },
    /// The record that is there cannot be changed safely.
    #[error(transparent)]
    Edit(EditError),
}
