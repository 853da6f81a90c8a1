use std::str::FromStr;

use super::{Address, AddressError, AddressProblem};

/// `ADDRESS=VALUE` or `ADDRESS+=NUMBER`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Assignment {
    /// What is changed.
    pub address: Address,
    /// How.
    pub operator: Operator,
    /// The text behind the operator.
    pub value: String,
}

/// What an assignment does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operator {
    /// `=`: the value is replaced.
    Set,
    /// `+=`: the number is added.
    Add,
}

impl FromStr for Assignment {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (address, end) = Address::read(text)?;
        let (operator, value) = if let Some(value) = text[end..].strip_prefix("+=") {
            (Operator::Add, value)
        } else if let Some(value) = text[end..].strip_prefix('=') {
            (Operator::Set, value)
        } else {
            return Err(AddressError { text: text.to_owned(), problem: AddressProblem::MissingValue });
        };
        Ok(Self { address, operator, value: value.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, Operator, String) {
        let Assignment { address, operator, value } = text.parse().unwrap();
        (address.to_string(), operator, value)
    }

    #[test]
    fn the_first_sign_outside_quotes_parts_address_and_value() {
        assert_eq!(parts("t.1.a=b=c"), ("t.1.a".into(), Operator::Set, "b=c".into()));
        assert_eq!(parts("t.1.n+=-2"), ("t.1.n".into(), Operator::Add, "-2".into()));
        assert_eq!(parts("t.\"a=b\".c="), ("t.\"a=b\".c".into(), Operator::Set, String::new()));
        assert_eq!(parts("t.C++=1"), ("t.\"C+\"".into(), Operator::Add, "1".into()));
        assert_eq!("t.1.a".parse::<Assignment>().unwrap_err().problem, AddressProblem::MissingValue);
    }
}
