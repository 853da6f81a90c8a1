//! Changing the columns of a table so that no record comes back and none gets the key of another one.

use std::borrow::Cow;
use std::collections::HashSet;

use super::versioned;
use crate::record::{Keys, VALID, clash, is_live, live_keys};
use crate::sdn::{self, Alteration, Document, Reseal, Table};

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
    /// What would be the key does not tell all records apart.
    #[error("`{columns}` would be the key, and does not tell all records apart")]
    NewKey {
        /// The columns, with `/` between them.
        columns: String,
    },
    /// The records would have no key any more.
    #[error("without `{column}` the records would have no key")]
    KeyLost {
        /// The column of the key that is about to go.
        column: String,
    },
    /// The columns cannot be changed so.
    #[error(transparent)]
    Columns(#[from] sdn::AlterError),
}

/// Makes changes to the columns of a table, one after the other, as [`sdn::alter`] does. Records that are hidden stay
/// so, and no live record loses its key, or gets that of another one.
///
/// # Errors
/// See [`AlterError`]; nothing is changed then.
pub fn alter(table: &Table<'_>, changes: &[Alteration], how: &Altering) -> Result<Vec<u8>, AlterError> {
    let hidden = table.rows().filter(|row| !is_live(table, row)).count();
    let shows = |change: &Alteration| matches!(change, Alteration::Drop { name } | Alteration::Rename { from: name, .. } if name == VALID);
    if hidden > 0 && changes.iter().any(shows) {
        return Err(AlterError::HiddenRecords { hidden });
    }
    let stamps = how.versioned.as_deref().map(|now| versioned(table, now)).unwrap_or_default();
    let altered = sdn::alter(table, &[changes, &stamps[..]].concat(), how.reseal)?;
    let after = Document::parse(altered);
    if let Some(after) = after.table_at(table.piece()) {
        check_keys(table, &after, changes, &how.keys)?;
    }
    Ok(after.into_source())
}

fn check_keys(before: &Table<'_>, after: &Table<'_>, changes: &[Alteration], keys: &Keys) -> Result<(), AlterError> {
    let (was, is) = (keys.columns(before), keys.columns(after));
    let names = |table: &Table<'_>, columns: &[usize]| -> Vec<String> {
        columns.iter().filter_map(|&column| table.column_name(column)).map(Cow::into_owned).collect()
    };
    // What was just added says nothing of the records that are there, hidden ones included.
    let added = changes.iter().filter_map(|change| match change {
        Alteration::Add { name, .. } => Some(name),
        _ => None,
    });
    let added: HashSet<&String> = added.collect();
    let is_added = |column: &String| added.contains(column);
    let is_new = |columns: &[usize]| before.rows().next().is_some() && names(after, columns).iter().any(is_added);
    let live = was.as_ref().map(|columns| live_keys(before, columns)).unwrap_or_default();
    match (was, is) {
        (Ok(was), Err(_)) if !live.is_empty() => {
            let mut gone = names(before, &was).into_iter().filter(|name| after.column(name).is_none());
            Err(AlterError::KeyLost { column: gone.next().unwrap_or_default() })
        }
        (_, Ok(is)) if is_new(&is) || clash(&live, live_keys(after, &is)).is_some() => {
            Err(AlterError::NewKey { columns: names(after, &is).join("/") })
        }
        _ => {
            let others = keys.others(after);
            let added = others.iter().find(|columns| names(after, columns).iter().any(is_added));
            match added.filter(|_| before.rows().nth(1).is_some()) {
                Some(columns) => Err(AlterError::NewKey { columns: names(after, columns).join("/") }),
                None => Ok(()),
            }
        }
    }
}
