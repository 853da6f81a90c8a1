//! New records, at the end of their table.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::says::{Rows, says};
use crate::address::LookupError;
use crate::check::{self, Finding};
use crate::record::{Key, Keys, NoKey, STRINGS, VALID, certain_key, doubled, hiding_column, is_hidden, is_live};
use crate::sdn::{Document, Edit, EditError, NewCell, Place, Reseal, Row, Spelling, Table, is_name, spell};

/// What a record says, by column.
pub type Fields = Vec<(String, NewCell)>;

/// How records are added.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Adding {
    /// What new records hold in columns that are not given.
    pub defaults: Fields,
    /// The keys of tables.
    pub keys: Keys,
    /// A record whose key there is already is changed instead, in what it says otherwise than its row. A record that
    /// a row says already, hidden or not, is that row. A table without a key takes no other ones then.
    pub or_update: bool,
    /// What is done about a seal that is not right.
    pub reseal: Reseal,
}

/// Records that were added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// The new source.
    pub source: Vec<u8>,
    /// The keys of the records, in their order; empty if the table has no key.
    pub keys: Vec<String>,
}

/// Why nothing was added.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddError {
    /// The columns of a typed table have no names.
    #[error("`{table}` is a typed table, whose columns have no names")]
    Typed {
        /// The table.
        table: String,
    },
    /// The table has no key, by which a record could be known; or it lacks a column of it.
    #[error(transparent)]
    NoKey(LookupError),
    /// No reader takes this for the name of a column.
    #[error("`{name}` is no name of a column: one word of letters, digits, `_` and `-`, beginning with a letter")]
    BadColumn {
        /// What was given.
        name: String,
    },
    /// No reader takes this for the name of a table.
    #[error("`{name}` is no name of a table: one word of letters, digits, `_` and `-`, beginning with a letter")]
    BadName {
        /// What was given.
        name: String,
    },
    /// Another key of the table would be that of two records.
    #[error("there is a record `{key}` already")]
    Doubled {
        /// The key.
        key: String,
    },
    /// Some records cannot be added, so none was.
    #[error("{} of {} records cannot be added", .refused.len(), .of)]
    Refused {
        /// Which, counted from 0, and why.
        refused: Vec<(usize, Refusal)>,
        /// How many there were.
        of: usize,
    },
    /// What came of it would not be valid.
    #[error("it would not be valid SDN: {}", .findings.first().map_or("", |finding| &finding.message))]
    Invalid {
        /// What is wrong with it that was not wrong before.
        findings: Vec<Finding>,
        /// What the file would hold.
        content: Vec<u8>,
    },
    /// The file cannot be changed safely.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Why a record cannot be added.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The table has no such column.
    #[error("there is no column `{column}`")]
    NoColumn {
        /// The column.
        column: String,
        /// Those that there are.
        instead: Vec<String>,
    },
    /// A column was given twice.
    #[error("`{column}` is given twice")]
    Twice {
        /// The column.
        column: String,
    },
    /// A record of this key is there, or is added in the same step.
    #[error("there is a record `{key}` already")]
    Exists {
        /// The key.
        key: String,
        /// The table and its first column, if that is the key only as long as nothing in it stands twice.
        assumed: Option<(String, String)>,
    },
    /// Several live records have this key, so that it is not known which one is meant.
    #[error("record `{key}` stands there more than once")]
    Several {
        /// The key.
        key: String,
    },
    /// The keys are no numbers or of several columns, so there is no next one.
    #[error("it needs a key, `{column}`")]
    NeedsKey {
        /// The key column.
        column: String,
    },
    /// No reader could take a text back.
    #[error("`{column}`: {why}")]
    BadText {
        /// The column.
        column: String,
        /// What is wrong with it.
        why: String,
    },
    /// The record that is there cannot be changed safely.
    #[error(transparent)]
    Edit(EditError),
}

/// Adds records to a table, all or none. A record without a key gets the next number, one more than the largest that
/// any row has, dead or alive. Columns that are not given are empty, `valid` is `true`.
///
/// ```
/// use sdnlock::address::Address;
/// use sdnlock::sdn::Document;
/// use sdnlock::update::{Adding, add};
///
/// let document = Document::parse("todos |id, text, valid|\n    7, \"fix it\", true\n");
/// let todo = vec![("text".to_owned(), "write tests".into())];
/// let added = add(&Address::of("todos").find_table(&document)?, &[todo], &Adding::default())?;
/// assert_eq!(added.keys, ["8"]);
/// assert!(added.source.ends_with(b"    8, \"write tests\", true\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// See [`AddError`].
pub fn add(table: &Table<'_>, records: &[Fields], how: &Adding) -> Result<Added, AddError> {
    if table.is_typed() {
        return Err(AddError::Typed { table: table.name().into_owned() });
    }
    let found = how.keys.columns(table);
    let no_key = match &found {
        Ok(_) => None,
        // A row is appended to whatever has columns.
        Err(NoKey::NoColumns | NoKey::Typed | NoKey::Declared | NoKey::Repeated { .. }) if !how.or_update => None,
        Err(why) => Some(AddError::NoKey(LookupError::no_key(table, why))),
    };
    if let Some(why) = no_key.clone().filter(|_| !how.or_update) {
        return Err(why);
    }
    let mut edit = Edit::of(table.document(), how.reseal)?;
    let mut adder = Adder::of(table, found.unwrap_or_default(), how);
    let mut keys = Vec::with_capacity(records.len());
    let mut refused = Vec::new();
    // What is there already is not touched, whatever else there is.
    let mut there = how.or_update.then(|| Rows::of(table, &adder.key));
    let mut others = Vec::new();
    for (position, fields) in records.iter().enumerate() {
        let given = match adder.given(fields) {
            Ok(given) => given,
            Err(refusal) => {
                refused.push((position, refusal));
                continue;
            }
        };
        match there.as_mut().and_then(|there| there.take(&given)) {
            Some(row) => keys.extend(adder.is_there(&row).map(|key| (position, key))),
            None => others.push((position, given)),
        }
    }
    if let Some(why) = no_key.filter(|_| !others.is_empty()) {
        return Err(why);
    }
    for (position, given) in others {
        match adder.one(&given, &mut edit) {
            Ok(key) => keys.extend(key.map(|key| (position, key))),
            Err(refusal) => refused.push((position, refusal)),
        }
    }
    refused.sort_by_key(|(position, _)| *position);
    keys.sort_by_key(|(position, _)| *position);
    let keys = keys.into_iter().map(|(_, key)| key).collect();
    if !refused.is_empty() {
        return Err(AddError::Refused { refused, of: records.len() });
    }
    let after = Document::parse(edit.finish()?);
    let now = after.table_at(table.piece());
    let clash = now.and_then(|now| how.keys.others(table).iter().find_map(|columns| doubled(table, &now, columns)));
    if let Some(key) = clash {
        return Err(AddError::Doubled { key: key.to_string() });
    }
    // Mostly there are no errors at all, and those of the old one need not be known.
    let findings = if check::is_valid(&after) { Vec::new() } else { check::new_errors(table.document(), &after) };
    let source = after.into_source();
    if findings.is_empty() { Ok(Added { source, keys }) } else { Err(AddError::Invalid { findings, content: source }) }
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

/// The table, and what has been added to it so far.
struct Adder<'d, 'h> {
    table: Table<'d>,
    how: &'h Adding,
    columns: Vec<Cow<'d, str>>,
    positions: HashMap<String, usize>,
    /// The key columns.
    key: Vec<usize>,
    /// The pieces of the live rows; of those that have one key, the last one.
    live: HashMap<Key<'d>, usize>,
    /// The keys that several live rows have.
    doubled: HashSet<Key<'d>>,
    /// The keys of rows that cannot be read, and of what was added.
    new: HashSet<Key<'d>>,
    /// The largest number that is a key; nothing if no key is one and there are keys.
    largest: Option<i64>,
}

impl<'d, 'h> Adder<'d, 'h> {
    fn of(table: &Table<'d>, key: Vec<usize>, how: &'h Adding) -> Self {
        let columns: Vec<Cow<'d, str>> = table.columns().collect();
        let mut positions = HashMap::new();
        for (position, name) in columns.iter().enumerate() {
            positions.entry(name.clone().into_owned()).or_insert(position);
        }
        let valid = hiding_column(table);
        let mut live = HashMap::new();
        let (mut taken, mut doubled) = (HashSet::new(), HashSet::new());
        let (mut largest, mut any) = (None, false);
        for row in table.rows() {
            let Some(key) = Key::of(&row, &key) else { continue };
            any = true;
            largest = largest.max(number(&key));
            if !row.reading().fits() {
                taken.insert(key);
            } else if !is_hidden(&row, valid) && live.insert(key.clone(), row.piece()).is_some() {
                doubled.insert(key);
            }
        }
        // The texts of `strings` are numbered from 0.
        let first = i64::from(table.name() != STRINGS);
        let largest = if any { largest } else { Some(first - 1) };
        Self { table: *table, how, columns, positions, key, live, doubled, new: taken, largest }
    }

    /// What a record says in each column.
    fn given<'f>(&self, fields: &'f Fields) -> Result<Vec<Option<&'f NewCell>>, Refusal> {
        let mut given: Vec<Option<&NewCell>> = vec![None; self.columns.len()];
        for (column, cell) in fields {
            let Some(&position) = self.positions.get(column) else {
                let instead = self.columns.iter().map(|name| name.clone().into_owned()).collect();
                return Err(Refusal::NoColumn { column: column.clone(), instead });
            };
            if given[position].replace(cell).is_some() {
                return Err(Refusal::Twice { column: column.clone() });
            }
        }
        Ok(given)
    }

    /// The key of a row that says all of a record. There is no other record of it, unless that is hidden.
    fn is_there(&mut self, row: &Row<'d>) -> Option<String> {
        let key = Key::of(row, &self.key)?;
        let text = key.to_string();
        if is_live(&self.table, row) {
            self.new.insert(key);
        }
        Some(text)
    }

    /// Adds or changes a record, and gives its key.
    fn one(&mut self, given: &[Option<&NewCell>], edit: &mut Edit<'d>) -> Result<Option<String>, Refusal> {
        for (column, cell) in self.columns.iter().zip(given) {
            if let Some(Err(error)) = cell.map(|cell| spell(cell.text(), Spelling::Quoted)) {
                return Err(Refusal::BadText { column: column.clone().into_owned(), why: error.to_string() });
            }
        }
        let Some(key) = self.key(given)? else {
            edit.append_row(&self.table, self.cells(given, None)).map_err(Refusal::Edit)?;
            return Ok(None);
        };
        if self.doubled.contains(&key) {
            return Err(Refusal::Several { key: key.to_string() });
        }
        let is_there = self.live.get(&key).and_then(|&piece| self.table.row_at(piece));
        if (is_there.is_some() && !self.how.or_update) || !self.new.insert(key.clone()) {
            let is_said = self.how.keys.of(&self.table.name()).is_some() || certain_key(&self.table).is_some();
            let assumed = (!is_said).then(|| (self.table.name().into_owned(), self.columns[0].clone().into_owned()));
            return Err(Refusal::Exists { key: key.to_string(), assumed });
        }
        let Some(row) = is_there else {
            edit.append_row(&self.table, self.cells(given, Some(&key))).map_err(Refusal::Edit)?;
            self.largest = self.largest.max(number(&key));
            return Ok(Some(key.to_string()));
        };
        for (position, new) in given.iter().enumerate().filter(|(position, _)| !self.key.contains(position)) {
            if let (Some(new), Some(old)) = (new, row.cell(position))
                && !says(&old, new)
            {
                let like = new.spelling().unwrap_or(old.value().spelling());
                let place = Place::of_cell(self.table.document(), row.piece(), old);
                edit.set_as(&place, new.text(), like).map_err(Refusal::Edit)?;
            }
        }
        Ok(Some(key.to_string()))
    }

    /// The key of a record that says this; none if the table has no key.
    fn key(&self, given: &[Option<&NewCell>]) -> Result<Option<Key<'static>>, Refusal> {
        let said = |column: usize| given[column].map(NewCell::text).filter(|text| !text.is_empty());
        let key = match self.key[..] {
            [] => return Ok(None),
            [column] if said(column).is_none() => Key::new([self.next_key(column)?]),
            _ => {
                let part = |&column: &usize| said(column).map(str::to_owned).ok_or_else(|| self.needs_key(column));
                Key::new(self.key.iter().map(part).collect::<Result<Vec<_>, _>>()?)
            }
        };
        Ok(key)
    }

    /// The cells of a new row. A key that was not given is a number that was found.
    fn cells(&self, given: &[Option<&NewCell>], key: Option<&Key<'_>>) -> Vec<NewCell> {
        let cells = given.iter().enumerate().map(|(position, cell)| match (cell, key) {
            (Some(cell), _) if !cell.text().is_empty() || self.key != [position] => (*cell).clone(),
            (_, Some(key)) if self.key == [position] => key.to_string().into(),
            _ => self.default(position),
        });
        cells.collect()
    }

    /// What a column holds that is not given.
    fn default(&self, position: usize) -> NewCell {
        let name = &self.columns[position];
        match self.how.defaults.iter().find(|(column, _)| column == name) {
            Some((_, default)) => default.clone(),
            None if name == VALID => "true".into(),
            None => "".into(),
        }
    }

    fn needs_key(&self, column: usize) -> Refusal {
        Refusal::NeedsKey { column: self.columns[column].clone().into_owned() }
    }

    /// One more than the largest number, if keys of this column are numbers.
    fn next_key(&self, key: usize) -> Result<String, Refusal> {
        let column = &self.columns[key];
        let is_number = column == "id" || column.ends_with("_id");
        let next = self.largest.and_then(|largest| largest.checked_add(1)).filter(|_| is_number);
        next.map(|next| next.to_string()).ok_or_else(|| self.needs_key(key))
    }
}

/// The number that a key is.
fn number(key: &Key<'_>) -> Option<i64> {
    let mut parts = key.parts();
    parts.next()?.parse().ok().filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.map(|(column, value)| (column.to_owned(), value.into())).collect()
    }

    fn added(source: &str, records: &[&str], or_update: bool) -> Result<(String, Vec<String>), AddError> {
        let records: Vec<Fields> = records.iter().map(|record| fields(record)).collect();
        let how = Adding { or_update, ..Adding::default() };
        let added = add(&Document::parse(source).tables().next().unwrap(), &records, &how)?;
        Ok((String::from_utf8(added.source).unwrap(), added.keys))
    }

    #[test]
    fn records_are_numbered_after_the_largest_key_and_laid_out_as_the_last_row() {
        let source = "t |id, n, valid|\r\n\t12,\"a b\",true\r\n\t3,\"c\",false\r\n\r\n# end\r\nu |a|\r\n    1\r\n";
        let (new, keys) = added(source, &["n=x", "n=y id=40", "n=z valid=false"], false).unwrap();
        assert_eq!(keys, ["13", "40", "41"]);
        let rows = "\t13,\"x\",true\r\n\t40,\"y\",true\r\n\t41,\"z\",false\r\n";
        assert_eq!(new, source.replace("false\r\n", &format!("false\r\n{rows}")));
        assert_eq!(added("t |id, n|", &["n=x"], false).unwrap().0, "t |id, n|\n    1, x");
        assert_eq!(added("t |id, n|\n    x, y\n", &["id=z"], false).unwrap().0, "t |id, n|\n    x, y\n    z, \"\"\n");
    }

    #[test]
    fn all_are_added_or_none_and_each_refusal_is_told() {
        let source = "t |id, n|\n    1, a\n";
        let AddError::Refused { refused, of } =
            added(source, &["n=b", "id=1", "m=1", "id=9", "id=9", "n=1 n=2"], false).unwrap_err()
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
        let error = added("t |path, n|\n    a/b, 1\n", &["n=2"], false).unwrap_err();
        assert!(matches!(error, AddError::Refused { refused, .. } if matches!(refused[0].1, Refusal::NeedsKey { .. })));
    }

    #[test]
    fn what_is_there_is_changed_if_that_is_wanted() {
        let source = "t |id, n, valid|\n    1, a, false\n    1, b, true\n    2, c, false\n";
        let (new, keys) = added(source, &["id=1 n=x", "id=2 n=y"], true).unwrap();
        assert_eq!(keys, ["1", "2"]);
        assert_eq!(new, "t |id, n, valid|\n    1, a, false\n    1, x, true\n    2, c, false\n    2, y, true\n");
    }

    #[test]
    fn a_history_grows_and_no_row_of_it_is_taken_for_a_record() {
        let source = "runs |test_id, at, ms|\n    2, mon, 5\n    2, tue, 6\n";
        let (new, keys) = added(source, &["test_id=2 at=wed ms=7", "at=thu"], false).unwrap();
        assert_eq!(keys, [""; 0]);
        assert_eq!(new, format!("{source}    2, wed, 7\n    \"\", thu, \"\"\n"));
        let refused = added(source, &["test_id=2 at=wed ms=7"], true).unwrap_err();
        let why = "`runs` has no key: `2` stands in its first column `test_id` on lines 2 and 3";
        assert_eq!(refused.to_string(), why);
    }

    #[test]
    fn a_new_file_gets_the_columns_that_are_given() {
        let new = create("t", &[fields("n=a"), fields("m=b n=c")], &Adding::default()).unwrap();
        assert_eq!(String::from_utf8(new.source).unwrap(), "t |id, n, m|\n    1, a, \"\"\n    2, c, b\n");
    }
}
