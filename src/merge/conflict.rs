//! Conflicts as values.

use std::fmt;
use std::sync::Arc;

use super::sides::{Side, Sides};
use crate::address::Address;
use crate::text::shortened;

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

/// Characters of a value that are shown.
const MAX_SHOWN: usize = 40;

impl Conflict {
    /// The conflict in one line, with these names for the sides: `in ours` and `in theirs`, if it is
    /// [displayed](std::fmt::Display).
    ///
    /// ```
    /// use sdnlock::merge::{self, Options};
    /// use sdnlock::sdn::Document;
    ///
    /// let documents = ["k: 1\n", "k: 2\n", "k: 3\n"].map(Document::parse);
    /// let merged = merge::merge(documents.each_ref(), &Options::default())?;
    /// let described = merged.conflicts[0].described("in the file", "here");
    /// assert_eq!(described, "`k`: `k` was `1`, is `2` in the file, `3` here");
    /// # Ok::<(), merge::MergeError>(())
    /// ```
    #[must_use]
    pub fn described(&self, ours: &str, theirs: &str) -> String {
        let name_of = |side: Side| if side == Side::Ours { ours } else { theirs };
        let subject = match &self.subject {
            Subject::Lines => "the lines".to_owned(),
            other => quoted(&other.to_string()),
        };
        let described = match &self.kind {
            ConflictKind::Removed(side) => {
                format!("{subject} was removed {}, changed {}", name_of(*side), name_of(side.other()))
            }
            ConflictKind::Columns => format!("{subject} does not fit the columns that the other side gave its table"),
            ConflictKind::Invalid(why) => format!("merged, it would not be valid: {why}"),
            ConflictKind::Changed | ConflictKind::Added if !self.clashes.is_empty() => {
                let cells: Vec<String> = self.clashes.iter().map(|clash| clash.described(ours, theirs)).collect();
                format!("{subject}: {}", cells.join("; "))
            }
            ConflictKind::Changed if self.subject == Subject::Lines => "both sides changed the lines here".to_owned(),
            ConflictKind::Changed => format!("{subject} was changed by both sides"),
            ConflictKind::Added => format!("{subject} was added by both sides, not alike"),
        };
        match &self.modified {
            Sides { ours: Some(our), theirs: Some(their), .. } if our != their => {
                format!("{described} (modified {our} {ours}, {their} {theirs})")
            }
            _ => described,
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.described("in ours", "in theirs"))
    }
}

impl Clash {
    fn described(&self, ours: &str, theirs: &str) -> String {
        let was = self.base.as_ref().map(|base| format!(" was {},", quoted(base))).unwrap_or_default();
        let (column, our, their) = (quoted(&self.column), quoted(&self.ours), quoted(&self.theirs));
        format!("{column}{was} is {our} {ours}, {their} {theirs}")
    }
}

fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text, MAX_SHOWN))
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

/// The name of a table or setting, below those of what holds it. Of these there is one copy, however much it holds.
///
/// ```
/// use sdnlock::merge::FullName;
///
/// let name = FullName::of("servers").with("port.http");
/// assert_eq!(name.to_string(), "servers.\"port.http\"");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FullName(Arc<Step>);

#[derive(PartialEq, Eq, Debug)]
struct Step {
    within: Option<FullName>,
    name: String,
}

impl FullName {
    /// Of something that nothing holds.
    pub fn of(name: impl Into<String>) -> Self {
        Self(Arc::new(Step { within: None, name: name.into() }))
    }

    /// Of something that this holds.
    #[must_use]
    pub fn with(&self, name: impl Into<String>) -> Self {
        Self(Arc::new(Step { within: Some(self.clone()), name: name.into() }))
    }
}

/// As an address.
impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(within) = &self.0.within {
            write!(f, "{within}.")?;
        }
        write!(f, "{}", Address::of(self.0.name.as_str()))
    }
}

/// What a conflict is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A record of a table.
    Record {
        /// The table.
        table: FullName,
        /// Its key.
        key: String,
    },
    /// A table or setting.
    Entry(FullName),
    /// Lines without a name of their own.
    Lines,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { table, key } => write!(f, "{table}.{}", Address::of(key.as_str())),
            Self::Entry(name) => write!(f, "{name}"),
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
