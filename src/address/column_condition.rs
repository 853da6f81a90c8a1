use std::borrow::Cow;
use std::str::FromStr;

use super::{Address, LookupError, NoNumber, Predicate, PredicateError, Step, Test, Unmet};
use crate::sdn::{Row, Table};

/// `COLUMN=VALUE`, or with another comparison: what is asked of each record of a table.
///
/// ```
/// use sdnlock::address::{Address, ColumnCondition};
/// use sdnlock::sdn::Document;
///
/// let document = Document::parse("todos |id, status|\n    1, open\n    2, fixed\n");
/// let todos = Address::of("todos").find_table(&document)?;
/// let condition: ColumnCondition = "status != fixed".parse()?;
/// let test = condition.on(&todos)?;
/// assert_eq!(todos.rows().map(|row| test.holds(&row)).collect::<Vec<_>>(), [true, false]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ColumnCondition {
    /// The name of the column.
    pub column: String,
    /// What is asked of it.
    pub predicate: Predicate,
}

/// A text that is no condition on a column.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ColumnConditionError {
    /// Nothing stands before the sign.
    #[error("the condition `{text}` names no column")]
    NoColumn {
        /// What was to be read.
        text: String,
    },
    /// It is not said with what the column is compared.
    #[error(transparent)]
    Predicate(#[from] PredicateError),
}

/// What is asked of the records of one table.
#[derive(Clone, Debug)]
pub struct RowTest<'c> {
    column: usize,
    test: Test<'c>,
}

impl ColumnCondition {
    /// What it asks of the records of this table. Whether they are compared as numbers is seen by all of its rows.
    ///
    /// # Errors
    /// If the table has no such column; or if an order is asked for between the numbers in it and what is none.
    pub fn on(&self, table: &Table<'_>) -> Result<RowTest<'_>, Unmet> {
        let Self { column: name, predicate } = self;
        let Some(column) = table.column(name).filter(|_| !table.is_typed()) else {
            let within = Some(Address::of_table(table));
            let instead = table.columns().map(Cow::into_owned).collect();
            let (what, name, elsewhere) = ("column", name.clone(), Vec::new());
            return Err(LookupError::NotFound { what, name, within, instead, elsewhere }.into());
        };
        let cells = table.rows().filter(|row| row.reading().fits()).filter_map(|row| row.cell(column));
        match predicate.among(cells.map(|cell| cell.value().text())) {
            Ok(test) => Ok(RowTest { column, test }),
            Err(NoNumber { value }) => {
                let address = Address::of_table(table).with(name);
                Err(Unmet::NoNumber { address, source: NoNumber { value } })
            }
        }
    }
}

impl RowTest<'_> {
    /// Whether it holds for a row.
    #[must_use]
    pub fn holds(&self, row: &Row<'_>) -> bool {
        self.test.holds(&self.found(row))
    }

    /// What stands in the column.
    #[must_use]
    pub fn found<'d>(&self, row: &Row<'d>) -> Cow<'d, str> {
        row.cell(self.column).map(|cell| cell.value().text()).unwrap_or_default()
    }
}

impl FromStr for ColumnCondition {
    type Err = ColumnConditionError;

    fn from_str(text: &str) -> Result<Self, ColumnConditionError> {
        let (column, predicate) = Predicate::split(text)?;
        let address: Result<Address, _> = column.parse();
        match address.as_ref().map(Address::steps) {
            Ok([Step::Name(column)]) => Ok(Self { column: column.clone(), predicate }),
            // The columns of a typed table have numbers.
            _ if !column.is_empty() => Ok(Self { column: column.to_owned(), predicate }),
            _ => Err(ColumnConditionError::NoColumn { text: text.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdn::Document;

    #[test]
    fn a_condition_names_a_column() {
        let read = |text: &str| text.parse::<ColumnCondition>().map(|condition| condition.column);
        assert_eq!(read("a=b=c").unwrap(), "a");
        assert_eq!(read(" a <= 1").unwrap(), "a");
        assert_eq!(read("\"a=b\" = 1").unwrap(), "a=b");
        assert_eq!(read("[1]=2").unwrap(), "[1]");
        for wrong in ["", "a", "=b", "a!b", " ~x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn it_asks_of_the_rows_of_a_table_or_says_why_not() {
        let document = Document::parse("t |id, n|\n    1, 9\n    2, n/a\n    3, 10\n");
        let table = document.tables().next().unwrap();
        let holds = |text: &str| {
            let condition: ColumnCondition = text.parse().unwrap();
            let test = condition.on(&table).map_err(|why| why.to_string())?;
            Ok(table.rows().map(|row| test.holds(&row)).collect::<Vec<_>>())
        };
        assert_eq!(holds("n<10"), Ok(vec![true, false, false]));
        assert_eq!(holds("n!=10"), Ok(vec![true, true, false]));
        assert_eq!(holds("m=1"), Err("no column `m` in `t`".to_owned()));
        assert_eq!(holds("n>x"), Err("`t.n` cannot be compared: `x` is no number, and they are".to_owned()));
    }
}
