use std::borrow::Cow;
use std::str::FromStr;

use super::predicate::{NoNumber, Predicate, PredicateError};
use super::{Address, AddressError, Finder, LookupError, Step, Target};

/// `ADDRESS=VALUE`, or with another comparison.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Condition {
    /// What is looked at.
    pub address: Address,
    /// What is asked of it.
    pub predicate: Predicate,
}

/// A text that is no condition.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ConditionError {
    /// What is to be compared is not named.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// It is not said with what.
    #[error(transparent)]
    Predicate(#[from] PredicateError),
}

/// A condition does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unmet {
    /// The address does not name a single value.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// Something else stands there.
    #[error("`{address}` is `{is}`")]
    Other {
        /// The address.
        address: Address,
        /// What stands there.
        is: String,
    },
    /// Numbers stand there and in the other rows of its column.
    #[error("`{address}` cannot be compared: {source}")]
    NoNumber {
        /// The address.
        address: Address,
        /// What it is compared with.
        source: NoNumber,
    },
}

impl Condition {
    /// Whether it holds in a document.
    ///
    /// # Errors
    /// If it does not.
    pub fn check(&self, finder: &mut Finder<'_, '_>) -> Result<(), Unmet> {
        let Target::Value(place) = finder.find(&self.address)? else {
            return Err(Unmet::Other { address: self.address.clone(), is: String::new() });
        };
        let is = place.value().text();
        let all = self.column(finder).unwrap_or_else(|| vec![is.clone()]);
        match self.predicate.among(all) {
            Ok(test) if test.holds(&is) => Ok(()),
            Ok(_) => Err(Unmet::Other { address: self.address.clone(), is: is.into_owned() }),
            Err(source) => Err(Unmet::NoNumber { address: self.address.clone(), source }),
        }
    }

    /// What stands in the column of a cell.
    fn column<'d>(&self, finder: &mut Finder<'d, '_>) -> Option<Vec<Cow<'d, str>>> {
        let Some(Step::Name(column)) = self.address.steps().last() else { return None };
        let Target::Record(table, _) = finder.find(&self.address.outer()?).ok()? else { return None };
        let column = table.column(column).filter(|_| self.predicate.comparison.is_order())?;
        let cells = table.rows().filter_map(|row| row.cell(column));
        Some(cells.map(|cell| cell.value().text()).collect())
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let (address, predicate) = Predicate::split(text)?;
        let address = address.parse().map_err(|error| AddressError { text: text.to_owned(), ..error })?;
        Ok(Self { address, predicate })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Keys;
    use crate::sdn::Document;

    #[test]
    fn a_condition_says_what_stands_there_instead() {
        let document = Document::parse("t |id, n|\n    1, 5\n    2, x\n    3, 6\nport: 80\n");
        let keys = Keys::new();
        let check = |text: &str| text.parse::<Condition>().unwrap().check(&mut Finder::new(&document, &keys));
        let unmet = |text: &str| check(text).unwrap_err().to_string();
        assert_eq!(check("t.1.n < 6"), Ok(()));
        assert_eq!(unmet("port=81"), "`port` is `80`");
        assert_eq!([unmet("t.2.n<6"), unmet("t.2.n>6")], ["`t.2.n` is `x`", "`t.2.n` is `x`"]);
        assert_eq!(unmet("t.1.n<a"), "`t.1.n` cannot be compared: `a` is no number, and they are");
        assert!(matches!(check("t.4.n=1"), Err(Unmet::Lookup(_))));
    }
}
