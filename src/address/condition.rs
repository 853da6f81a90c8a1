use std::cmp::Ordering;
use std::str::FromStr;

use super::compare::compare;
use super::{Address, AddressError, AddressProblem, Finder, LookupError, Target};

/// How two texts are compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Comparison {
    /// `=`: they are the same text.
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `~`: the one contains the other.
    Contains,
}

impl Comparison {
    /// Longer signs stand before those that they begin with.
    const SIGNS: [(&str, Self); 7] = [
        ("!=", Self::NotEqual),
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("=", Self::Equal),
        ("<", Self::Less),
        (">", Self::Greater),
        ("~", Self::Contains),
    ];

    /// Finds the first sign of a comparison outside double quotes: what stands before it, and what behind.
    #[must_use]
    pub fn split(text: &str) -> Option<(&str, Self, &str)> {
        let mut quoted = false;
        let mut escaped = false;
        for (at, c) in text.char_indices() {
            match c {
                _ if std::mem::take(&mut escaped) => {}
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ if quoted => {}
                _ => {
                    let sign = Self::SIGNS.iter().find(|(sign, _)| text[at..].starts_with(sign));
                    if let Some((sign, comparison)) = sign {
                        return Some((&text[..at], *comparison, &text[at + sign.len()..]));
                    }
                }
            }
        }
        None
    }

    /// Whether it holds. What is greater is told by value if both are numbers, else by their characters; only the
    /// same text is equal.
    #[must_use]
    pub fn holds(self, one: &str, other: &str) -> bool {
        match self {
            Self::Equal => one == other,
            Self::NotEqual => one != other,
            _ => self.holds_by_value(one, other),
        }
    }

    /// As [`holds`](Self::holds), where numbers of one value are equal however they are spelled.
    #[must_use]
    pub fn holds_by_value(self, one: &str, other: &str) -> bool {
        let order = || compare(one, other);
        match self {
            Self::Equal => order() == Ordering::Equal,
            Self::NotEqual => order() != Ordering::Equal,
            Self::Less => order() == Ordering::Less,
            Self::LessOrEqual => order() != Ordering::Greater,
            Self::Greater => order() == Ordering::Greater,
            Self::GreaterOrEqual => order() != Ordering::Less,
            Self::Contains => one.contains(other),
        }
    }
}

/// `ADDRESS=VALUE`, or with another [`Comparison`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Condition {
    /// What is looked at.
    pub address: Address,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub value: String,
}

impl Condition {
    /// Whether it holds in a document; if not, what stands there instead.
    ///
    /// # Errors
    /// If the address does not name a single value.
    pub fn check(&self, finder: &mut Finder<'_, '_>) -> Result<Result<(), String>, LookupError> {
        let text = match finder.find(&self.address)? {
            Target::Value(place) => place.value().text().into_owned(),
            _ => String::new(),
        };
        Ok(if self.comparison.holds(&text, &self.value) { Ok(()) } else { Err(text) })
    }
}

impl FromStr for Condition {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Some((address, comparison, value)) = Comparison::split(text) else {
            return Err(AddressError { text: text.to_owned(), problem: AddressProblem::MissingComparison });
        };
        let address = address.parse().map_err(|error| AddressError { text: text.to_owned(), ..error })?;
        Ok(Self { address, comparison, value: value.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Keys;
    use crate::sdn::Document;

    #[test]
    fn the_first_sign_outside_quotes_is_the_comparison() {
        let split = |text| Comparison::split(text).unwrap();
        assert_eq!(split("t.1.a!=b=c"), ("t.1.a", Comparison::NotEqual, "b=c"));
        assert_eq!(split(r#"t."a=\"b".n<=3"#), (r#"t."a=\"b".n"#, Comparison::LessOrEqual, "3"));
        assert_eq!(split("n>"), ("n", Comparison::Greater, ""));
        assert_eq!(Comparison::split("t.1.a"), None);
    }

    #[test]
    fn numbers_are_compared_by_value_and_texts_by_their_characters() {
        let holds = |one, sign, other| Comparison::split(sign).unwrap().1.holds(one, other);
        assert!(holds("9", "<", "10"));
        assert!(holds("9223372036854775807", ">", "9223372036854775806"));
        assert!(holds("1.5", ">=", "1.50"));
        assert!(!holds("1.5", "=", "1.50"));
        assert!(holds("2026-01-02T00:00:00Z", "<", "2026-01-10T00:00:00Z"));
        assert!(holds("b", ">", "a"));
        assert!(holds("10", "<", "9a"));
    }

    #[test]
    fn a_condition_says_what_stands_there_instead() {
        let document = Document::parse("t |id, n|\n    1, 5\nport: 80\n");
        let keys = Keys::new();
        let check = |text: &str| text.parse::<Condition>().unwrap().check(&mut Finder::new(&document, &keys)).unwrap();
        assert_eq!(check("t.1.n<6"), Ok(()));
        assert_eq!(check("port=81"), Err("80".to_owned()));
        assert!("t.2.n=1".parse::<Condition>().unwrap().check(&mut Finder::new(&document, &keys)).is_err());
    }
}
