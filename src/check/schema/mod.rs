//! What a project says about its databases, in `.sdnlock.sdn`.
//!
//! ```sdn
//! columns |table, column, type, required, values|
//!     todos, id, integer, true, ""
//!     todos, status, enum, true, "open;closed;blocked;done"
//! keys |table, columns|
//!     todos, id
//!     bug_descriptions, bug_id/line_num
//! references |table, column, target|
//!     tests, name_str, strings.id
//! limits |name, value|
//!     max_size, 500MB
//!     removed, 10%
//! files |glob, kind, reader|
//!     "*.tbl", database, S-db
//!     "vendor/", ignored, ""
//! ```
//!
//! 1. One schema serves many databases: a table that a database does not have is not missed. A table that
//!    it has must have all columns that the schema names, and may have more.
//! 2. Values are judged by their text, in quotes or not. An empty cell, and a bare `null` or `nil`, is of
//!    every type; it is wrong only where the column is required.
//! 3. Each row of `keys` is one key; its columns are joined with `/`. No two live rows have one key. A row
//!    of whose key a part is empty has none. `""` in place of columns says that the table has no
//!    key.
//! 4. A reference of a live row names a row of the same database, live or dead: what was deleted softly is
//!    still there for those who look it up.
//! 5. Keys and references are compared as text.
//! 6. The other limits say how much a change may take away of each table, by a number or a share of its records; `only`
//!    lists the columns in which cells may change. See [`loss`](crate::loss).
//! 7. Of several patterns that mean a file, the last one counts that says anything of it: of what kind it is, and which
//!    reader it is for, each by itself. Only the nearest schema above a file says anything of it; but a folder that is
//!    ignored by the nearest one above that folder is so with all that is in it.

mod draft;
mod files;
mod json;
mod judge;
mod read;
mod times;
mod types;

use std::collections::HashMap;

pub use draft::draft;
pub use files::{FileKind, FileRule};
pub(super) use judge::{check, forbidden};
pub use types::ValueType;

use crate::limits::Limits;
use crate::record::Keys;
use crate::sdn::Table;

/// The name of the file, which is looked for beside a database and in the folders above it.
pub const SCHEMA_NAME: &str = ".sdnlock.sdn";

/// What a project says about its databases.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Schema {
    /// The largest size of a database, in bytes.
    pub max_size: Option<u64>,
    /// How much a change may take away of a table.
    pub limits: Limits,
    tables: HashMap<String, TableRules>,
    files: Vec<FileRule>,
}

/// A database that would be larger than its schema allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it would have {size} bytes, and {SCHEMA_NAME} allows {limit}")]
pub struct TooLarge {
    /// Its size, in bytes.
    pub size: usize,
    /// The largest size that is allowed.
    pub limit: usize,
}

impl TooLarge {
    /// Fails where a size is over the limit, and grew.
    pub(crate) fn unless(limit: Option<usize>, old: usize, new: usize) -> Result<(), Self> {
        match limit {
            Some(limit) if new > limit && new > old => Err(Self { size: new, limit }),
            _ => Ok(()),
        }
    }
}

/// What is said about a table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct TableRules {
    columns: Vec<ColumnRule>,
    /// The columns of each key.
    keys: Vec<Vec<String>>,
    references: Vec<Reference>,
}

/// What is said about a column.
#[derive(Clone, PartialEq, Eq, Debug)]
struct ColumnRule {
    name: String,
    value_type: ValueType,
    required: bool,
    /// Of an enumeration.
    values: Vec<String>,
    /// What a new record holds; empty if nothing is said.
    default: String,
}

/// A column that holds the keys of a table.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Reference {
    column: String,
    target_table: String,
    target_column: String,
}

impl Schema {
    /// Which columns refer to which: table and column of each.
    pub fn references(&self) -> impl Iterator<Item = ((String, String), (String, String))> {
        self.tables.iter().flat_map(|(table, rules)| {
            rules.references.iter().map(move |reference| {
                let Reference { column, target_table, target_column } = reference.clone();
                ((table.clone(), column), (target_table, target_column))
            })
        })
    }

    /// What new records of a table hold in columns that are not given.
    pub fn defaults(&self, table: &str) -> impl Iterator<Item = (&str, &str)> {
        let columns = self.tables.get(table).into_iter().flat_map(|rules| &rules.columns);
        columns
            .filter(|column| !column.default.is_empty())
            .map(|column| (column.name.as_str(), column.default.as_str()))
    }

    /// The columns of all tables of which it says what they hold: by table and name.
    pub(crate) fn columns(&self) -> impl Iterator<Item = ((&str, &str), ValueType)> {
        self.tables.iter().flat_map(|(table, rules)| {
            rules.columns.iter().map(|column| ((table.as_str(), column.name.as_str()), column.value_type))
        })
    }

    /// What the cells of a column hold, if it says so.
    #[must_use]
    pub fn value_type(&self, table: &str, column: &str) -> Option<ValueType> {
        self.column(table, column).map(|rule| rule.value_type)
    }

    /// The values that a column may have, where it lists them.
    #[must_use]
    pub fn values(&self, table: &str, column: &str) -> &[String] {
        self.column(table, column).map_or(&[], |rule| &rule.values)
    }

    fn column(&self, table: &str, column: &str) -> Option<&ColumnRule> {
        self.tables.get(table)?.columns.iter().find(|rule| rule.name == column)
    }

    /// What is said about files, in order: the last one that means a file counts.
    #[must_use]
    pub fn files(&self) -> &[FileRule] {
        &self.files
    }

    /// Whether a database may have so many bytes: more than is allowed, if it had no fewer before.
    ///
    /// # Errors
    /// If it may not.
    pub fn permit_size(&self, old: usize, new: usize) -> Result<(), TooLarge> {
        TooLarge::unless(self.max_size(), old, new)
    }

    /// The largest size of a database in bytes, if it says one.
    #[must_use]
    pub fn max_size(&self) -> Option<usize> {
        self.max_size.and_then(|limit| usize::try_from(limit).ok())
    }

    /// The keys of tables; of several keys of one table its records are known by the first.
    #[must_use]
    pub fn keys(&self) -> Keys {
        let mut keys = Keys::new();
        for (table, rules) in &self.tables {
            let mut all = rules.keys.iter();
            keys = all.next().into_iter().fold(keys, |keys, columns| keys.with(table, columns));
            keys =
                all.filter(|columns| !columns.is_empty()).fold(keys, |keys, columns| keys.with_other(table, columns));
        }
        keys
    }

    /// Whether it says anything about the tables of this name.
    #[must_use]
    pub fn knows(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }
}

/// The tables of a schema, with the columns that each of them needs.
const TABLES: &[(&str, &[&str])] = &[
    ("columns", &["table", "column", "type"]),
    ("keys", &["table", "columns"]),
    ("references", &["table", "column", "target"]),
    ("limits", &["name", "value"]),
    ("files", &["glob"]),
];

/// Whether a table is one that a schema consists of. Its column `table` is then no mistake, though the
/// Rust reader takes that word for a keyword.
pub(super) fn is_of_schema(table: &Table<'_>) -> bool {
    let name = table.name();
    let needed = TABLES.iter().find(|(known, _)| *known == name);
    !table.is_typed() && needed.is_some_and(|(_, needed)| needed.iter().all(|column| table.column(column).is_some()))
}
