//! Changing the columns of a table so that no record comes back and none gets the key of another one.

use crate::record::{Keys, VALID, is_live};
use crate::sdn::{self, Alteration, Reseal, Table};

use super::versioned;

/// How columns are changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Altering {
    /// What the keys of the tables are.
    pub keys: Keys,
    /// The time, as RFC 3339 in UTC, from which on records are to be stamped: the columns for that are added.
    pub versioned: Option<String>,
    /// What is done about a seal that is not right.
    pub reseal: Reseal,
}

/// Why a table was not altered.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AlterError {
    /// The column that hides records is about to go.
    #[error("without `valid` hidden records would come back")]
    HiddenRecords {
        /// How many there are.
        hidden: usize,
    },
    /// A new column would be the key.
    #[error("`id` would be the key, and the same in all records")]
    NewKey,
    /// The columns cannot be changed so.
    #[error(transparent)]
    Columns(#[from] sdn::AlterError),
}

/// Makes changes to the columns of a table, one after the other, as [`sdn::alter`] does. Records that are hidden stay
/// so, and the key stays what it is.
///
/// # Errors
/// See [`AlterError`]; nothing is changed then.
pub fn alter(table: &Table<'_>, changes: &[Alteration], how: &Altering) -> Result<Vec<u8>, AlterError> {
    let hidden = table.rows().filter(|row| !is_live(table, row)).count();
    let shows = |change: &Alteration| matches!(change, Alteration::Drop { name } | Alteration::Rename { from: name, .. } if name == VALID);
    if hidden > 0 && changes.iter().any(shows) {
        return Err(AlterError::HiddenRecords { hidden });
    }
    let is_key = |change: &Alteration| matches!(change, Alteration::Add { name, .. } if name == "id");
    let has_other_key = table.column("id").is_none() && how.keys.of(&table.name()).is_none();
    if has_other_key && table.rows().next().is_some() && changes.iter().any(is_key) {
        return Err(AlterError::NewKey);
    }
    let stamps = how.versioned.as_deref().map(|now| versioned(table, now)).unwrap_or_default();
    Ok(sdn::alter(table, &[changes, &stamps[..]].concat(), how.reseal)?)
}
