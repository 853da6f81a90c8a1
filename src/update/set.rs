//! Setting values.

use std::collections::{BTreeMap, HashMap};

use crate::address::{Address, Assignment, Finder, LookupError, Operator, Step, Target};
use crate::record::{Key, Keys, is_live};
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
    let mut rekeyed: BTreeMap<usize, Table<'_>> = BTreeMap::new();
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
        if let Some(table) = rekeyed_table(&mut finder, address) {
            rekeyed.insert(table.piece(), table);
        }
    }
    let new = edit.finish()?;
    if !rekeyed.is_empty() {
        let changed = Document::parse(&new[..]);
        for after in changed.tables() {
            if let Some(before) = rekeyed.get(&after.piece()) {
                check_keys(before, &after, &keys.columns(before).unwrap_or_default())?;
            }
        }
    }
    Ok(new)
}

/// The table in which an address names a part of a key.
fn rekeyed_table<'d>(finder: &mut Finder<'d, '_>, address: &Address) -> Option<Table<'d>> {
    let Target::Record(table, _) = finder.find(&address.outer()?).ok()? else { return None };
    let Step::Name(column) = address.steps().last()? else { return None };
    let column = table.column(column)?;
    finder.key_columns(&table).contains(&column).then_some(table)
}

/// Refuses to give a record the key of another one, or none.
fn check_keys(before: &Table<'_>, after: &Table<'_>, columns: &[usize]) -> Result<(), SetError> {
    let times_before = live_keys(before, columns);
    for (key, times) in live_keys(after, columns) {
        let before = times_before.get(&key).copied().unwrap_or_default();
        match key {
            None if before < times => return Err(SetError::EmptyKey { table: Address::of_table(after) }),
            Some(key) if times > 1 && before < times => return Err(SetError::KeyExists { key: key.to_string() }),
            _ => {}
        }
    }
    Ok(())
}

/// The keys of the live records, and how often each is there.
fn live_keys<'d>(table: &Table<'d>, columns: &[usize]) -> HashMap<Option<Key<'d>>, usize> {
    let mut times = HashMap::new();
    for row in table.rows().filter(|row| row.reading().fits() && is_live(table, row)) {
        *times.entry(Key::of(&row, columns)).or_default() += 1;
    }
    times
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
