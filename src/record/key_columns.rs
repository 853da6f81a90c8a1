//! Which columns of a table are its key.
//!
//! 1. Those that a schema says; it may say that a table has none.
//! 2. The column `id`.
//! 3. A first column `x_id`, if the table is named for what that counts: `tests |test_id, …|`,
//!    `sdoctest_runs |run_id, …|`.
//! 4. Any other first column, unless two live rows say the same in it: `timing_runs |test_id, …|` and
//!    `notes |bug_id, …|` are histories, of which several rows belong to one test or bug.
//! 5. Else the table has no key: its rows are told apart by what they say, and named by their numbers.
//!
//! Where several versions of a table are compared, it has a key only if each version has one. A table with the
//! markers of a conflict is not looked into: its rows stand there in several versions.

use std::collections::HashMap;

use super::key::{Key, content};
use super::{hiding_column, is_hidden};
use crate::sdn::{Piece, PieceKind, Row, Table};

/// Which columns are the keys of tables, where that is said: a schema says it. Of any other table they are found by
/// what it is called and holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Keys {
    keys: HashMap<String, Vec<String>>,
    /// Further keys of tables, by which no record is known.
    others: HashMap<String, Vec<Vec<String>>>,
}

/// Why a table has no key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoKey {
    /// It has no columns.
    #[error("it has no columns")]
    NoColumns,
    /// It is a typed table.
    #[error("its columns have no names")]
    Typed,
    /// That was said.
    #[error("the schema says that it has none")]
    Declared,
    /// It lacks a column that was said to be of its key.
    #[error("it has no column `{column}`, which the schema says is of its key")]
    MissingColumn {
        /// The column.
        column: String,
    },
    /// Several live rows say the same in the column that would be the key.
    #[error("`{key}` stands more than once in its first column `{column}`")]
    Repeated {
        /// The column.
        column: String,
        /// What stands there more than once.
        key: String,
        /// Where the first two rows begin, as byte offsets.
        at: [usize; 2],
    },
}

impl Keys {
    /// Nothing is said of any table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what the key of a table is; with no columns, that it has none.
    #[must_use]
    pub fn with(mut self, table: impl Into<String>, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.keys.insert(table.into(), columns.into_iter().map(Into::into).collect());
        self
    }

    /// Says that a table has a further key: no two live records have the same values in these columns.
    #[must_use]
    pub fn with_other(
        mut self,
        table: impl Into<String>,
        columns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.others.entry(table.into()).or_default().push(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Whether any table has a further key.
    pub(crate) fn have_others(&self) -> bool {
        !self.others.is_empty()
    }

    /// Where the columns of a table's further keys stand, as far as it has them.
    pub(crate) fn others(&self, table: &Table<'_>) -> Vec<Vec<usize>> {
        let others = self.others.get(&*table.name()).into_iter().flatten();
        others.filter_map(|key| key.iter().map(|column| table.column(column)).collect()).collect()
    }

    /// The columns of a table's key, if that was said.
    #[must_use]
    pub fn of(&self, table: &str) -> Option<&[String]> {
        self.keys.get(table).map(Vec::as_slice)
    }

    /// Where the key columns of a table stand.
    ///
    /// # Errors
    /// If it has no key.
    pub fn columns(&self, table: &Table<'_>) -> Result<Vec<usize>, NoKey> {
        if table.is_typed() {
            return Err(NoKey::Typed);
        }
        if let Some(said) = self.keys.get(&*table.name()) {
            let place =
                |column: &String| table.column(column).ok_or_else(|| NoKey::MissingColumn { column: column.clone() });
            let columns = said.iter().map(place).collect::<Result<Vec<_>, _>>()?;
            return if columns.is_empty() { Err(NoKey::Declared) } else { Ok(columns) };
        }
        if let Some(column) = certain_key(table) {
            return Ok(vec![column]);
        }
        if table.column_spans().is_empty() {
            return Err(NoKey::NoColumns);
        }
        repeated(table).map_or(Ok(vec![0]), Err)
    }
}

/// The column that is the key of a table whatever it holds: `id`, or the first one if the table is named for it.
pub(crate) fn certain_key(table: &Table<'_>) -> Option<usize> {
    if table.is_typed() {
        return None;
    }
    let first = table.columns().next()?;
    let named = first.strip_suffix("_id").is_some_and(|what| is_named_for(&table.name(), what));
    table.column("id").or(named.then_some(0))
}

/// Whether a table holds what is called so: `tests` or `unit_tests` a `test`.
fn is_named_for(table: &str, what: &str) -> bool {
    let several =
        |name: &str| table.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('_'));
    !what.is_empty() && plurals(what).iter().any(|name| several(name))
}

/// What a table of these may be called.
pub(crate) fn plurals(what: &str) -> [String; 3] {
    let ies = what.strip_suffix('y').map(|stem| format!("{stem}ies"));
    [format!("{what}s"), ies.unwrap_or_else(|| format!("{what}es")), what.to_owned()]
}

/// What stands in the first column of two live rows, if anything does.
fn repeated(table: &Table<'_>) -> Option<NoKey> {
    if counts_up(table) || table.has_conflict() {
        return None;
    }
    let hiding = hiding_column(table);
    let mut first = HashMap::new();
    for row in table.rows().filter(|row| row.reading().fits() && !is_hidden(row, hiding)) {
        let Some(text) = row.cell(0).and_then(content) else { continue };
        if let Some(before) = first.insert(text.clone(), row.span().start) {
            let column = table.columns().next().unwrap_or_default().into_owned();
            return Some(NoKey::Repeated { column, key: text.into_owned(), at: [before, row.span().start] });
        }
    }
    None
}

/// The first column and another one that together tell the live rows of a table apart, if there is one; else the
/// first three columns.
pub(crate) fn distinct(table: &Table<'_>) -> Option<Vec<String>> {
    let names: Vec<String> = table.columns().map(std::borrow::Cow::into_owned).collect();
    let pairs = (1..names.len()).map(|other| vec![0, other]);
    let three = (names.len() > 3).then(|| vec![0, 1, 2]);
    let hiding = hiding_column(table);
    let rows: Vec<Row<'_>> = table.rows().filter(|row| row.reading().fits() && !is_hidden(row, hiding)).collect();
    let found = pairs.chain(three).find(|columns| are_distinct(&rows, columns))?;
    Some(found.into_iter().map(|column| names[column].clone()).collect())
}

/// Whether each of these rows has a key of these columns, and no two have one.
fn are_distinct(rows: &[Row<'_>], columns: &[usize]) -> bool {
    let mut seen = std::collections::HashSet::new();
    rows.iter().all(|row| Key::of(row, columns).is_some_and(|key| seen.insert(key)))
}

/// Whether the first cells are numbers that increase from row to row, as most often. No key stands twice
/// then, and no row has to be cut to see it.
pub(crate) fn counts_up(table: &Table<'_>) -> bool {
    let document = table.document();
    let pieces = document.pieces();
    let header = &pieces[table.piece()];
    let mut last = None;
    // A row may stand behind the header.
    let alone = table.row_at(table.piece()).is_none();
    let mut goes_up = |row: &Piece| {
        let number = leading_number(document.body(row).of(document.source()));
        let up = number.is_some() && number > last;
        last = number;
        up
    };
    alone && pieces[table.piece() + 1..header.end].iter().filter(|piece| piece.kind == PieceKind::Row).all(&mut goes_up)
}

/// The number that is the first cell of a row.
fn leading_number(row: &[u8]) -> Option<u64> {
    const MAX_DIGITS: usize = 18;
    let digits = row.iter().take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) = row.split_at(digits);
    let ends = rest.iter().find(|b| !matches!(b, b' ' | b'\t')).is_none_or(|&b| b == b',');
    // The same number is spelled in one way only.
    let plain = (1..=MAX_DIGITS).contains(&digits) && (digits == 1 || number[0] != b'0');
    (ends && plain).then(|| number.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdn::Document;

    fn columns(source: &str, keys: &Keys) -> Result<Vec<usize>, NoKey> {
        keys.columns(&Document::parse(source).tables().next().unwrap())
    }

    #[test]
    fn a_first_column_is_the_key_as_long_as_nothing_stands_there_twice() {
        let none = Keys::new();
        assert_eq!(columns("t |a, id|\n    1, 2\n    1, 2\n", &none), Ok(vec![1]));
        assert_eq!(columns("tests |test_id, n|\n    1, 2\n    1, 3\n", &none), Ok(vec![0]));
        assert_eq!(columns("t |path, n|\n    a, 2\n    b, 2\n    , 1\n    , 2\n    c\n    c\n", &none), Ok(vec![0]));
        assert_eq!(columns("t |path, n, valid|\n    a, 2, false\n    a, 2, true\n", &none), Ok(vec![0]));
        assert_eq!(columns("t |path, n|\n<<<<<<< a\n    a, 2\n=======\n    a, 3\n>>>>>>> b\n", &none), Ok(vec![0]));
        let repeated = columns("runs |test_id, at, ms|\n    2, mon, 5\n    1, mon, 5\n    2, tue, 5\n", &none);
        let key = NoKey::Repeated { column: "test_id".to_owned(), key: "2".to_owned(), at: [27, 55] };
        assert_eq!(repeated, Err(key));
    }

    #[test]
    fn columns_that_would_be_a_key_are_found() {
        let found = |source: &str| distinct(&Document::parse(source).tables().next().unwrap());
        assert_eq!(found("t |a, b, c|\n    1, 1, 1\n    1, 1, 2\n"), Some(vec!["a".to_owned(), "c".to_owned()]));
        assert_eq!(found("t |a, b, c|\n    1, 1, 1\n    1, 1, 1\n"), None);
        assert_eq!(found("t |a, b, c, d|\n    1, 1, 1, x\n    1, 1, 2, x\n    1, 2, 1, x\n").unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn what_is_said_counts_before_what_is_seen() {
        let keys = |columns: &[&str]| Keys::new().with("t", columns.iter().copied());
        let source = "t |id, at|\n    1, 2\n";
        assert_eq!(columns(source, &keys(&["at", "id"])), Ok(vec![1, 0]));
        assert_eq!(columns(source, &keys(&[])), Err(NoKey::Declared));
        assert_eq!(columns(source, &keys(&["no"])), Err(NoKey::MissingColumn { column: "no".to_owned() }));
    }

    #[test]
    fn tables_are_named_for_what_they_hold() {
        for (table, what) in [
            ("tests", "test"),
            ("sdoctest_runs", "run"),
            ("test_groups", "group"),
            ("entries", "entry"),
            ("vcs_state", "state"),
        ] {
            assert!(is_named_for(table, what), "{table} {what}");
        }
        for (table, what) in [("timing_runs", "test"), ("bug_descriptions", "bug"), ("attests", "test"), ("s", "")] {
            assert!(!is_named_for(table, what), "{table} {what}");
        }
    }

    #[test]
    fn numbers_are_seen_at_the_beginning_of_rows() {
        let number = |row: &str| leading_number(row.as_bytes());
        assert_eq!(
            [number("12, a"), number("0,"), number("7"), number("3 , b")],
            [Some(12), Some(0), Some(7), Some(3)]
        );
        for none in ["", "a", "007, x", "1.5, x", "12a, x", "1 2, x", "\"1\", x", "-1", "9999999999999999999, x", "1#x"]
        {
            assert_eq!(number(none), None, "{none}");
        }
    }
}
