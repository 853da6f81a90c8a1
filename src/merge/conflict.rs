//! Conflicts as values.

use std::fmt;

use super::sides::{Side, Sides};

/// What both sides changed so that no result would do justice to both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// In which way.
    pub kind: ConflictKind,
    /// Of what.
    pub subject: Subject,
    /// The cells or values that differ; empty if it is about whole lines.
    pub clashes: Vec<Clash>,
    /// The first line of it in each text, from 1, where it has one.
    pub lines: Sides<Option<usize>>,
    /// The line of its first marker in the result, from 1.
    pub line: usize,
    /// When the record was last modified, as it says itself.
    pub modified: Sides<Option<String>>,
}

/// What two sides did to one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConflictKind {
    /// Both changed it.
    Changed,
    /// Both added it, with different content.
    Added,
    /// This side removed it, the other one changed it.
    Removed(Side),
    /// A record does not fit the columns that the other side gave the table.
    Columns,
    /// The result would not be valid: what a check says of it.
    Invalid(String),
}

impl ConflictKind {
    /// A name for programs, as `changed`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Removed(_) => "removed",
            Self::Columns => "columns",
            Self::Invalid(_) => "invalid",
        }
    }
}

/// What a conflict is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A record of a table.
    Record {
        /// The address of the table.
        table: String,
        /// Its key.
        key: String,
    },
    /// A table or setting.
    Entry {
        /// Its address.
        address: String,
    },
    /// Lines without a name of their own.
    Lines,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { table, key } => {
                let key = crate::address::Address::of(key.as_str());
                write!(f, "{table}.{key}")
            }
            Self::Entry { address } => f.write_str(address),
            Self::Lines => f.write_str("lines"),
        }
    }
}

/// A value that both sides changed differently.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clash {
    /// Its column; of a setting its last name.
    pub column: String,
    /// What it says in base, where it is there.
    pub base: Option<String>,
    /// What it says in ours.
    pub ours: String,
    /// What it says in theirs.
    pub theirs: String,
}
