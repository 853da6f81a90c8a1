//! Setting values.

use std::collections::BTreeMap;

use crate::address::{Address, Assignment, Finder, LookupError, Operator, Step, Target};
use crate::record::{Clash, Keys, VALID, clash, doubled, live_keys};
use crate::sdn::{Document, Edit, EditError, Reseal, Table};

/// Why nothing was set.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SetError {
    /// An address names nothing, or nothing certain.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// An address names more than a single value.
    #[error("`{address}` is {is}, not a value")]
    NotAValue {
        /// The address.
        address: Address,
        /// What it names.
        is: &'static str,
    },
    /// A record would have no key any more.
    #[error("a record needs a key")]
    EmptyKey {
        /// The address of the table.
        table: Address,
    },
    /// Two live records would have one key.
    #[error("there is a record `{key}` already")]
    KeyExists {
        /// The key.
        key: String,
    },
    /// The file cannot be changed safely.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Sets cells and settings, all in one step. No live record loses its key so, and no two get the same one.
///
/// ```
/// use sdnlock::record::Keys;
/// use sdnlock::sdn::{Document, Reseal};
/// use sdnlock::update::set;
///
/// let document = Document::parse("runs: 41\ntodos |id, status|\n    1, open   # mine\n    2, open\n");
/// let assignments = ["todos.1.status=done".parse()?, "runs+=1".parse()?];
/// let new = set(&document, &assignments, Reseal::default(), &Keys::new())?;
/// assert_eq!(new, b"runs: 42\ntodos |id, status|\n    1, done   # mine\n    2, open\n");
/// assert!(set(&document, &["todos.1.id=2".parse()?], Reseal::default(), &Keys::new()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// See [`SetError`]; nothing is set then.
pub fn set(document: &Document, assignments: &[Assignment], reseal: Reseal, keys: &Keys) -> Result<Vec<u8>, SetError> {
    let mut edit = Edit::of(document, reseal)?;
    let mut finder = Finder::new(document, keys);
    let mut touched: BTreeMap<usize, Touched<'_>> = BTreeMap::new();
    for Assignment { address, operator, value } in assignments {
        let place = match finder.find(address)? {
            Target::Value(place) => place,
            Target::Table(_) => return Err(SetError::NotAValue { address: address.clone(), is: "a table" }),
            Target::Record(..) => return Err(SetError::NotAValue { address: address.clone(), is: "a record" }),
            Target::Block(_) => {
                return Err(SetError::NotAValue { address: address.clone(), is: "a block of settings" });
            }
        };
        match operator {
            Operator::Set => edit.set(&place, value)?,
            Operator::Add => edit.add(&place, value)?,
        }
        note(&mut finder, keys, address, place.piece(), &mut touched);
    }
    let new = edit.finish()?;
    if touched.is_empty() {
        return Ok(new);
    }
    let changed = Document::parse(new);
    for Touched { table, columns, is_rekeyed } in touched.values() {
        let Some(after) = changed.table_at(table.piece()) else { continue };
        if let Some(key) = keys.others(table).iter().find_map(|columns| doubled(table, &after, columns)) {
            return Err(SetError::KeyExists { key: key.to_string() });
        }
        let clash =
            if columns.is_empty() { None } else { clash(&live_keys(table, columns), live_keys(&after, columns)) };
        match clash {
            Some(Clash::None) if *is_rekeyed => return Err(SetError::EmptyKey { table: Address::of_table(table) }),
            Some(Clash::Several(key)) => return Err(SetError::KeyExists { key: key.to_string() }),
            _ => {}
        }
    }
    Ok(changed.into_source())
}

/// A table of which keys may have changed.
struct Touched<'d> {
    table: Table<'d>,
    columns: Vec<usize>,
    /// Or rows came back that were hidden.
    is_rekeyed: bool,
}

/// Notes the table in which an address names a part of a key, or what hides a record: a place in this piece.
fn note<'d>(
    finder: &mut Finder<'d, '_>,
    keys: &Keys,
    address: &Address,
    piece: usize,
    touched: &mut BTreeMap<usize, Touched<'d>>,
) {
    let Some(Step::Name(name)) = address.steps().last() else { return };
    let document = finder.document();
    let around = || document.table_at(document.pieces()[piece].parent?);
    let Some(table) = document.table_at(piece).or_else(around) else { return };
    let (columns, others) = (finder.key_columns(&table), keys.others(&table));
    let column = finder.column(&table, name);
    let is_rekeyed = column.is_some_and(|column| columns.contains(&column));
    let is_other = column.is_some_and(|column| others.iter().flatten().any(|other| *other == column));
    let has_key = !columns.is_empty() || !others.is_empty();
    if !has_key || !(is_rekeyed || is_other || name == VALID) {
        return;
    }
    // It may name something within a cell.
    if !matches!(address.outer().map(|record| finder.find(&record)), Some(Ok(Target::Record(..)))) {
        return;
    }
    touched.entry(table.piece()).or_insert(Touched { table, columns, is_rekeyed }).is_rekeyed |= is_rekeyed;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(source: &str, assignments: &[&str], keys: &Keys) -> String {
        let assignments: Vec<Assignment> = assignments.iter().map(|text| text.parse().unwrap()).collect();
        set(&Document::parse(source), &assignments, Reseal::default(), keys).unwrap_err().to_string()
    }

    #[test]
    fn keys_stay_what_tells_records_apart() {
        let source = "t |id, at|\n    1, a\n    2, b\nu |path, n|\n    x, 1\n    y, 2\n";
        let none = Keys::new();
        assert_eq!(refused(source, &["t.1.id=2"], &none), "there is a record `2` already");
        assert_eq!(refused(source, &["t.1.id="], &none), "a record needs a key");
        assert_eq!(refused(source, &["u.x.path=y"], &none), "there is a record `y` already");
        let by_both = Keys::new().with("t", ["id", "at"]);
        assert_eq!(refused(source, &["t.1/a.id=2", "t.1/a.at=b"], &by_both), "there is a record `2/b` already");
        let swap = ["t.1.id=2".parse().unwrap(), "t.2.id=1".parse().unwrap()];
        assert!(set(&Document::parse(source), &swap, Reseal::default(), &none).is_ok());
        assert_eq!(refused(source, &["t.1=x"], &none), "`t.1` is a record, not a value");
        let hidden = "t |id, valid|\n    1, false\n    1, true\n";
        assert_eq!(refused(hidden, &["t[0].valid=true"], &none), "there is a record `1` already");
        let swap = ["t[0].valid=true", "t[1].valid=false"].map(|text| text.parse().unwrap());
        assert!(set(&Document::parse(hidden), &swap, Reseal::default(), &none).is_ok());
    }

    #[test]
    fn rows_of_a_history_are_set_by_their_numbers() {
        let source = "runs |test_id, at|\n    2, mon\n    2, tue\n";
        let new = set(&Document::parse(source), &["runs[1].at=wed".parse().unwrap()], Reseal::default(), &Keys::new());
        assert_eq!(new.unwrap(), b"runs |test_id, at|\n    2, mon\n    2, wed\n");
        let why = "`runs` has no key: `2` stands in its first column `test_id` on lines 2 and 3";
        assert_eq!(refused(source, &["runs.2.at=wed"], &Keys::new()), why);
    }
}
