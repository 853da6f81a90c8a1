//! Which columns name a record, and which name another one.

use std::collections::{HashMap, HashSet};

use crate::record::{Key, STRINGS};
use crate::sdn::{Document, Row};

/// The key of a row. Nothing if the row cannot be read or a part is empty.
pub(super) fn key_of<'d>(row: &Row<'d>, columns: &[usize]) -> Option<Key<'d>> {
    row.reading().fits().then(|| Key::of(row, columns)).flatten()
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
    pub fn by_name(documents: &[&Document]) -> Vec<Self> {
        let tables = || documents.iter().flat_map(|document| document.tables()).filter(|table| !table.is_typed());
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

    /// What refers to what, if that is declared. What is interned is referred to by its name, whatever else is declared.
    pub(super) fn all(documents: &[&Document], declared: Option<&[Self]>) -> Vec<Self> {
        let by_name = Self::by_name(documents);
        let Some(declared) = declared else { return by_name };
        let known: HashSet<&(String, String)> = declared.iter().map(|reference| &reference.from).collect();
        let interned = by_name.into_iter().filter(|reference| reference.to.0 == STRINGS);
        declared.iter().cloned().chain(interned.filter(|reference| !known.contains(&reference.from))).collect()
    }
}
