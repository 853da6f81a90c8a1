//! New records, at the end of their table, and what they say of records that are there.

mod adder;
mod error;

use crate::address::{ColumnCondition, LookupError};
use crate::check;
use crate::record::{Keys, NoKey, doubled};
use crate::sdn::{Document, Edit, NewCell, Reseal, Table, is_name};

use super::says::Rows;
use super::stamp::{Stamping, stamp};
use adder::Adder;
pub use error::{AddError, Refusal};

/// What a record says, by column.
pub type Fields = Vec<(String, NewCell)>;

/// What is done with records of which there may be rows already.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Mode {
    /// They are added. A key that is there is refused.
    #[default]
    Insert,
    /// A record whose key there is already is changed instead, in what it says otherwise than its row. A record that
    /// a row says already is that row; a hidden one, if it says of itself whether it is hidden. A table without a key
    /// takes no other ones then.
    Upsert,
    /// Only records that are there are changed, and none is added. Hidden ones are not there, unless a record says what
    /// its hidden row says, that it is hidden included. The table needs a key.
    Update(Unknown),
}

/// What is done with a record that is not there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Unknown {
    /// It is refused, and all others with it.
    #[default]
    Refuse,
    /// It is skipped.
    Skip,
}

/// How records are added.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Adding {
    /// What is done with records that are there.
    pub mode: Mode,
    /// What must hold for a record that is there, as it is before the change; else it is skipped. Of one that says
    /// already all that is given, and of a new one, nothing is asked.
    pub conditions: Vec<ColumnCondition>,
    /// What new records hold in columns that are not given.
    pub defaults: Fields,
    /// The keys of tables.
    pub keys: Keys,
    /// How what is new or changed is stamped. Stamps that are given stand as given, unless they are empty; of a record
    /// that says nothing else that is new they are no change. Without it they are columns as all others.
    pub stamping: Option<Stamping>,
    /// What is done about a seal that is not right.
    pub reseal: Reseal,
}

/// Records that were added or changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// The new source.
    pub source: Vec<u8>,
    /// What became of each record, in their order.
    pub records: Vec<RecordOutcome>,
}

impl Added {
    /// The keys of the records that are there now as they were given: all that have one and were not skipped.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let taken = self.records.iter().filter(|record| !matches!(record.applied, Applied::Skipped(_)));
        taken.filter_map(|record| record.key.as_deref())
    }
}

/// What became of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordOutcome {
    /// Its key; nothing if the table has none.
    pub key: Option<String>,
    /// What was done.
    pub applied: Applied,
}

/// What was done with a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Applied {
    /// It is new.
    Added,
    /// It was there, and says something else now.
    Changed,
    /// It was there and said so already.
    Unchanged,
    /// It is as it was.
    Skipped(Skip),
}

/// Why a record was skipped.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Skip {
    /// There is none of this key.
    #[error("there is no such record")]
    Unknown,
    /// It is hidden.
    #[error("it is hidden")]
    Hidden,
    /// A condition does not hold for it.
    #[error("its `{column}` is `{found}`")]
    Condition {
        /// The column.
        column: String,
        /// What stands there.
        found: String,
    },
}

/// Adds records to a table, or changes those that are there, all or none. A record without a key gets the next number,
/// one more than the largest that any row has, dead or alive. Columns that are not given are empty, `valid` is `true`.
///
/// ```
/// use sdnlock::address::Address;
/// use sdnlock::sdn::Document;
/// use sdnlock::update::{Adding, add};
///
/// let document = Document::parse("todos |id, text, valid|\n    7, \"fix it\", true\n");
/// let todo = vec![("text".to_owned(), "write tests".into())];
/// let added = add(&Address::of("todos").find_table(&document)?, &[todo], &Adding::default())?;
/// assert!(added.keys().eq(["8"]));
/// assert!(added.source.ends_with(b"    8, \"write tests\", true\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What another program finds out about records is applied to those that are there, as long as nobody has decided
/// otherwise. A second time nothing changes, not even a stamp.
///
/// ```
/// use sdnlock::address::Address;
/// use sdnlock::sdn::Document;
/// use sdnlock::update::{Adding, Applied, Mode, Skip, Stamping, Stamps, Unknown, add};
///
/// let source = "bugs |id, status, updated_at|\n    1, open, \"2026-01-31\"\n    2, closed, \"2026-01-31\"\n";
/// let verdicts = ["1", "2", "3"].map(|id| vec![("id".to_owned(), id.into()), ("status".to_owned(), "fixed".into())]);
/// let how = Adding {
///     mode: Mode::Update(Unknown::Skip),
///     conditions: vec!["status=open".parse()?],
///     stamping: Some(Stamping::new(Stamps::Dates, "2026-11-23T09:00:00Z")),
///     ..Adding::default()
/// };
/// let document = Document::parse(source);
/// let once = add(&Address::of("bugs").find_table(&document)?, &verdicts, &how)?;
/// assert_eq!(once.records[0].applied, Applied::Changed);
/// assert!(matches!(once.records[1].applied, Applied::Skipped(Skip::Condition { .. })));
/// assert_eq!(once.records[2].applied, Applied::Skipped(Skip::Unknown));
/// assert_eq!(once.source, source.replacen("open, \"2026-01-31\"", "fixed, \"2026-11-23\"", 1).as_bytes());
///
/// let document = Document::parse(once.source.clone());
/// let twice = add(&Address::of("bugs").find_table(&document)?, &verdicts, &how)?;
/// assert_eq!(twice.records[0].applied, Applied::Unchanged);
/// assert_eq!(twice.source, once.source);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// See [`AddError`]; nothing is added or changed then.
pub fn add(table: &Table<'_>, records: &[Fields], how: &Adding) -> Result<Added, AddError> {
    if table.is_typed() {
        return Err(AddError::Typed { table: table.name().into_owned() });
    }
    let found = how.keys.columns(table);
    let no_key = match &found {
        Ok(_) => None,
        // A row is appended to whatever has columns.
        Err(NoKey::NoColumns | NoKey::Typed | NoKey::Declared | NoKey::Repeated { .. }) if how.mode == Mode::Insert => {
            None
        }
        Err(why) => Some(AddError::NoKey(LookupError::no_key(table, why))),
    };
    if let Some(why) = no_key.clone().filter(|_| how.mode != Mode::Upsert) {
        return Err(why);
    }
    let tests = how.conditions.iter().map(|condition| Ok((condition.column.as_str(), condition.on(table)?)));
    let tests = tests.collect::<Result<Vec<_>, _>>().map_err(AddError::Condition)?;
    let mut edit = Edit::of(table.document(), how.reseal)?;
    let mut adder = Adder::of(table, found.unwrap_or_default(), how, tests);
    let mut taken = Vec::with_capacity(records.len());
    let mut refused = Vec::new();
    // What is there already is not touched, whatever else there is.
    let mut there = (how.mode == Mode::Upsert).then(|| Rows::of(table, adder.key_columns()));
    let mut others = Vec::new();
    for (position, fields) in records.iter().enumerate() {
        let given = match adder.given(fields) {
            Ok(given) => given,
            Err(refusal) => {
                refused.push((position, refusal));
                continue;
            }
        };
        match there.as_mut().and_then(|there| there.take(&adder.content(&given))) {
            Some(row) => taken.push((position, adder.is_there(&row))),
            None => others.push((position, given)),
        }
    }
    if let Some(why) = no_key.filter(|_| !others.is_empty()) {
        return Err(why);
    }
    for (position, given) in others {
        match adder.one(&given, &mut edit) {
            Ok(outcome) => taken.push((position, outcome)),
            Err(refusal) => refused.push((position, refusal)),
        }
    }
    refused.sort_by_key(|(position, _)| *position);
    taken.sort_by_key(|(position, _)| *position);
    if !refused.is_empty() {
        return Err(AddError::Refused { refused, of: records.len() });
    }
    let records = taken.into_iter().map(|(_, outcome)| outcome).collect();
    Ok(Added { source: finished(table, edit, how)?, records })
}

/// The new source, with the stamps of what changed.
fn finished(table: &Table<'_>, edit: Edit<'_>, how: &Adding) -> Result<Vec<u8>, AddError> {
    let old = table.document();
    let new = edit.finish()?;
    let new = match &how.stamping {
        Some(stamping) if new != old.source() => {
            stamp(old.source(), new, stamping, &how.keys).map_err(AddError::Stamp)?
        }
        _ => new,
    };
    let after = Document::parse(new);
    let now = after.table_at(table.piece());
    let clash = now.and_then(|now| how.keys.others(table).iter().find_map(|columns| doubled(table, &now, columns)));
    if let Some(key) = clash {
        return Err(AddError::Doubled { key: key.to_string() });
    }
    // Mostly there are no errors at all, and those of the old one need not be known.
    let findings = if check::is_valid(&after) { Vec::new() } else { check::new_errors(old, &after) };
    let content = after.into_source();
    if findings.is_empty() { Ok(content) } else { Err(AddError::Invalid { findings, content }) }
}

/// A new file with one table, whose columns are those of the records: `id` first, if it is not among them.
///
/// # Errors
/// See [`AddError`].
pub fn create(table: &str, records: &[Fields], how: &Adding) -> Result<Added, AddError> {
    let mut columns: Vec<&str> = Vec::new();
    for (column, _) in records.iter().flatten() {
        if !columns.contains(&column.as_str()) {
            columns.push(column);
        }
    }
    let key = how.keys.of(table);
    let missing: Vec<&str> = key.map_or_else(|| vec!["id"], |key| key.iter().map(String::as_str).collect());
    for (place, column) in
        missing.into_iter().filter(|key| !columns.contains(key)).collect::<Vec<&str>>().into_iter().enumerate()
    {
        columns.insert(place, column);
    }
    if let Some(name) = columns.iter().find(|name| !is_name(name)) {
        return Err(AddError::BadColumn { name: (*name).to_owned() });
    }
    let document = Document::parse(format!("{table} |{}|\n", columns.join(", ")));
    let made = document.tables().find(|made| made.name() == table && made.column_spans().len() == columns.len());
    add(&made.ok_or_else(|| AddError::BadName { name: table.to_owned() })?, records, how)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.map(|(column, value)| (column.to_owned(), value.into())).collect()
    }

    fn added(source: &str, records: &[&str], mode: Mode) -> Result<(String, Vec<String>), AddError> {
        let records: Vec<Fields> = records.iter().map(|record| fields(record)).collect();
        let how = Adding { mode, ..Adding::default() };
        let added = add(&Document::parse(source).tables().next().unwrap(), &records, &how)?;
        let keys = added.keys().map(str::to_owned).collect();
        Ok((String::from_utf8(added.source).unwrap(), keys))
    }

    #[test]
    fn records_are_numbered_after_the_largest_key_and_laid_out_as_the_last_row() {
        let source = "t |id, n, valid|\r\n\t12,\"a b\",true\r\n\t3,\"c\",false\r\n\r\n# end\r\nu |a|\r\n    1\r\n";
        let (new, keys) = added(source, &["n=x", "n=y id=40", "n=z valid=false"], Mode::Insert).unwrap();
        assert_eq!(keys, ["13", "40", "41"]);
        let rows = "\t13,\"x\",true\r\n\t40,\"y\",true\r\n\t41,\"z\",false\r\n";
        assert_eq!(new, source.replace("false\r\n", &format!("false\r\n{rows}")));
        assert_eq!(added("t |id, n|", &["n=x"], Mode::Insert).unwrap().0, "t |id, n|\n    1, x");
        assert_eq!(
            added("t |id, n|\n    x, y\n", &["id=z"], Mode::Insert).unwrap().0,
            "t |id, n|\n    x, y\n    z, \"\"\n"
        );
    }

    #[test]
    fn all_are_added_or_none_and_each_refusal_is_told() {
        let source = "t |id, n|\n    1, a\n";
        let AddError::Refused { refused, of } =
            added(source, &["n=b", "id=1", "m=1", "id=9", "id=9", "n=1 n=2"], Mode::Insert).unwrap_err()
        else {
            panic!()
        };
        let said: Vec<String> = refused.iter().map(|(position, why)| format!("{position}: {why}")).collect();
        assert_eq!(of, 6);
        assert_eq!(
            said,
            [
                "1: there is a record `1` already",
                "2: there is no column `m`",
                "4: there is a record `9` already",
                "5: `n` is given twice"
            ]
        );
        let error = added("t |path, n|\n    a/b, 1\n", &["n=2"], Mode::Insert).unwrap_err();
        assert!(matches!(error, AddError::Refused { refused, .. } if matches!(refused[0].1, Refusal::NeedsKey { .. })));
    }

    #[test]
    fn what_is_there_is_changed_if_that_is_wanted() {
        let source = "t |id, n, valid|\n    1, a, false\n    1, b, true\n    2, c, false\n";
        let (new, keys) = added(source, &["id=1 n=x", "id=2 n=y"], Mode::Upsert).unwrap();
        assert_eq!(keys, ["1", "2"]);
        assert_eq!(new, "t |id, n, valid|\n    1, a, false\n    1, x, true\n    2, c, false\n    2, y, true\n");
    }

    #[test]
    fn a_history_grows_and_no_row_of_it_is_taken_for_a_record() {
        let source = "runs |test_id, at, ms|\n    2, mon, 5\n    2, tue, 6\n";
        let (new, keys) = added(source, &["test_id=2 at=wed ms=7", "at=thu"], Mode::Insert).unwrap();
        assert_eq!(keys, [""; 0]);
        assert_eq!(new, format!("{source}    2, wed, 7\n    \"\", thu, \"\"\n"));
        let refused = added(source, &["test_id=2 at=wed ms=7"], Mode::Upsert).unwrap_err();
        let why = "`runs` has no key: `2` stands in its first column `test_id` on lines 2 and 3";
        assert_eq!(refused.to_string(), why);
    }

    #[test]
    fn a_new_file_gets_the_columns_that_are_given() {
        let new = create("t", &[fields("n=a"), fields("m=b n=c")], &Adding::default()).unwrap();
        assert_eq!(String::from_utf8(new.source).unwrap(), "t |id, n, m|\n    1, a, \"\"\n    2, c, b\n");
    }
}
