//! What is told of a record or setting that differs.

use crate::address::{Address, Path, Paths};

/// What became of a record or setting.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

/// A record or setting that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What became of it.
    pub kind: ChangeKind,
    /// The table of a record; nothing for a setting.
    pub table: Option<String>,
    /// The key of the record, if it has one; the address of the setting.
    pub key: Option<String>,
    /// Its address.
    pub address: String,
    /// What differs: of a record that was changed the cells that were, of others all; of a setting its value.
    pub values: Vec<ValueChange>,
    /// Its line in the old document, from 1.
    pub old_line: Option<usize>,
    /// Its line in the new document, from 1.
    pub new_line: Option<usize>,
}

/// A cell or value that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueChange {
    /// The column; for a setting its last name.
    pub name: String,
    /// What it said; nothing if it was not there.
    pub old: Option<String>,
    /// What it says.
    pub new: Option<String>,
    /// Whether it is a part of the record's key.
    pub is_key: bool,
}

/// Numbers of records and settings that differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    records: [usize; 3],
    settings: [usize; 3],
}

impl Counts {
    /// Of records.
    #[must_use]
    pub fn records(&self, kind: ChangeKind) -> usize {
        self.records[kind as usize]
    }

    /// Of settings.
    #[must_use]
    pub fn settings(&self, kind: ChangeKind) -> usize {
        self.settings[kind as usize]
    }

    pub(super) fn add(&mut self, difference: &Difference) {
        let of = match difference.what {
            What::Record { .. } => &mut self.records,
            What::Setting(_) => &mut self.settings,
        };
        of[difference.kind as usize] += 1;
    }
}

/// A record or setting that differs, without the names above it: many may stand below the same ones.
pub(super) struct Difference {
    pub kind: ChangeKind,
    pub what: What,
    pub values: Vec<ValueChange>,
    pub old_line: Option<usize>,
    pub new_line: Option<usize>,
}

pub(super) enum What {
    Record {
        table: Path,
        key: Option<String>,
        /// Among the rows of its table, if it is not named by its key.
        number: Option<usize>,
    },
    Setting(Path),
}

impl Difference {
    /// With all names. `last` is the table of the last record, with its address.
    pub fn told(self, paths: &Paths, last: &mut Option<(Path, String)>) -> Change {
        let Self { kind, what, values, old_line, new_line } = self;
        let (table, key, address) = match what {
            What::Record { table, key, number } => {
                let known = last.take().filter(|(last, _)| *last == table);
                let (_, within) = last.insert(known.unwrap_or_else(|| (table, paths.address(table).to_string())));
                let address = match (&key, number) {
                    (Some(key), None) => format!("{within}.{}", Address::of(key)),
                    (_, number) => format!("{within}[{}]", number.unwrap_or_default()),
                };
                (Some(within.clone()), key, address)
            }
            What::Setting(path) => {
                let address = paths.address(path).to_string();
                (None, Some(address.clone()), address)
            }
        };
        Change { kind, table, key, address, values, old_line, new_line }
    }
}
