//! Which columns name a record, and which name another one.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::record::key_column;
use crate::sdn::{Document, Row, Table};

/// The columns that together are the key of a table's records. A table that is not named here has the key that
/// [`key_column`] says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Keys(HashMap<String, Vec<String>>);

impl Keys {
    /// The keys that are the default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what the key of a table is.
    #[must_use]
    pub fn with(mut self, table: impl Into<String>, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.insert(table.into(), columns.into_iter().map(Into::into).collect());
        self
    }

    /// Where the key columns of a table stand; none if it has no usable key.
    pub(super) fn columns(&self, table: &Table<'_>) -> Vec<usize> {
        if table.is_typed() {
            return Vec::new();
        }
        match self.0.get(&*table.name()) {
            Some(names) => {
                let columns: Option<Vec<usize>> = names.iter().map(|name| table.column(name)).collect();
                columns.unwrap_or_default()
            }
            None => key_column(table).into_iter().collect(),
        }
    }
}

/// What joins the columns of a key while it is compared; it stands in no cell that can be written.
const JOINT: &str = "\u{1f}";

/// A key as it stands in an address: several columns are joined by `/`.
pub(super) fn shown(key: &str) -> String {
    key.replace(JOINT, "/")
}

/// The key of a row. Nothing if the row cannot be read or a part is empty.
pub(super) fn key_of<'d>(row: &Row<'d>, columns: &[usize]) -> Option<Cow<'d, str>> {
    let part = |&column: &usize| row.cell(column).map(|cell| cell.value().text()).filter(|text| !text.is_empty());
    if !row.reading().fits() {
        return None;
    }
    match columns {
        [] => None,
        [only] => part(only),
        several => {
            let parts: Option<Vec<Cow<'_, str>>> = several.iter().map(part).collect();
            Some(Cow::Owned(parts?.join(JOINT)))
        }
    }
}

/// A column whose cells name records of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// The table and the column that refers.
    pub from: (String, String),
    /// The table and the column that it refers to.
    pub to: (String, String),
}

impl Reference {
    /// What columns refer to by their names: `*_str` to `strings.id`, and one that is called as the first column of
    /// another table to the first such table.
    #[must_use]
    pub fn by_name(documents: [&Document; 3]) -> Vec<Self> {
        let tables = || documents.into_iter().flat_map(Document::tables).filter(|table| !table.is_typed());
        // The first table that begins with a column owns it.
        let mut owners: HashMap<String, String> = HashMap::new();
        for table in tables() {
            if let Some(first) = table.columns().next().filter(|first| first.ends_with("_id")) {
                owners.entry(first.into_owned()).or_insert_with(|| table.name().into_owned());
            }
        }
        let mut references: Vec<Self> = Vec::new();
        let mut seen = HashSet::new();
        for table in tables() {
            let name = table.name();
            for column in table.columns() {
                let to = if column.ends_with("_str") {
                    Some((STRINGS.to_owned(), "id".to_owned()))
                } else {
                    let owner = owners.get(&*column).filter(|owner| **owner != name);
                    owner.map(|owner| (owner.clone(), column.clone().into_owned()))
                };
                let from = (name.clone().into_owned(), column.into_owned());
                if let Some(to) = to
                    && seen.insert(from.clone())
                {
                    references.push(Self { from, to });
                }
            }
        }
        references
    }
}

/// The table of interned texts.
pub(super) const STRINGS: &str = "strings";
