//! The types of columns, and which values are of them.

use super::json::is_json;
use super::times::{is_date, is_timestamp};
use crate::sdn::{Spelling, Value};

/// What the cells of a column hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ValueType {
    /// Anything.
    Text,
    /// A whole number of 64 bits, written as it prints: not `007`.
    Integer,
    /// A decimal number, with or without fraction and exponent.
    Float,
    /// `true` or `false`.
    Boolean,
    /// Date and time with an offset, as RFC 3339 has it.
    Timestamp,
    /// A date as `2026-02-06`.
    Date,
    /// The path of a file or folder.
    Path,
    /// One of the values that the schema lists.
    Enum,
    /// A text that is JSON.
    Json,
    /// `[a, b]`, or elements joined with `;` or `,`.
    List,
}

impl ValueType {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Text,
        Self::Integer,
        Self::Float,
        Self::Boolean,
        Self::Timestamp,
        Self::Date,
        Self::Path,
        Self::Enum,
        Self::Json,
        Self::List,
    ];

    /// The name, as a schema has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Path => "path",
            Self::Enum => "enum",
            Self::Json => "json",
            Self::List => "list",
        }
    }

    /// The type of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }

    /// Whether a value that is not empty is of the type. Of an enumeration the values are not known here.
    pub(super) fn accepts(self, value: Value<'_>) -> bool {
        if self == Self::List && value.spelling() == Spelling::Bracketed {
            return value.raw().starts_with(b"[");
        }
        let text = value.text();
        match self {
            Self::Text | Self::Enum => true,
            Self::Integer => is_integer(&text),
            Self::Float => is_number(&text),
            Self::Boolean => matches!(&*text, "true" | "false"),
            Self::Timestamp => is_timestamp(&text),
            Self::Date => is_date(&text),
            Self::Path => !text.contains(char::is_control),
            Self::Json => is_json(&text),
            Self::List => is_list(&text),
        }
    }

    /// What a value that is not of the type is told to be, behind `is no`.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Float => "number",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Path => "path",
            Self::Enum => "value",
            Self::Json => "JSON",
            Self::List => "list",
        }
    }

    /// How a value of the type is written, if that is not plain.
    pub(super) fn help(self) -> Option<&'static str> {
        match self {
            Self::Integer => {
                Some("an integer is written with digits alone, without leading zeros, and fits in 64 bits")
            }
            Self::Boolean => Some("a boolean is `true` or `false`"),
            Self::Timestamp => Some("a timestamp has a date, a time and an offset, as `2026-02-06T08:53:34Z`"),
            Self::Date => Some("a date is written as `2026-02-06`"),
            Self::List => Some("a list is written as `[a, b]`, or as elements joined with `;` or `,`"),
            _ => None,
        }
    }
}

/// A number that fits in 64 bits and is printed as it is written, so that no reader changes it.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    plain && text != "-0" && text.parse::<i64>().is_ok()
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let begins = digits.starts_with(|c: char| c.is_ascii_digit()) && !digits.ends_with('.');
    plain && begins && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Brackets around anything, or elements of which none is empty.
fn is_list(text: &str) -> bool {
    let text = text.trim();
    if text.starts_with('[') {
        return text.ends_with(']');
    }
    let sign = if text.contains(';') { ';' } else { ',' };
    text.split(sign).all(|element| !element.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_plainly() {
        for integer in ["0", "-3", "12", "9223372036854775807"] {
            assert!(is_integer(integer) && is_number(integer), "{integer}");
        }
        for number in ["1.5", "90.0", "1.50", "1e3", "-2.5E-7"] {
            assert!(is_number(number) && !is_integer(number), "{number}");
        }
        for none in ["", "-", "+5", ".5", "5.", "inf", "nan", "1e", "1e999", "0x1f", "1_000", "1.2.3", "3 4"] {
            assert!(!is_number(none) && !is_integer(none), "{none}");
        }
        for not_as_it_prints in ["007", "-0", "9223372036854775808"] {
            assert!(!is_integer(not_as_it_prints), "{not_as_it_prints}");
        }
    }

    #[test]
    fn no_element_of_a_list_is_empty() {
        for list in ["a", "a;b", "a, b", "[]", "[a, b]", "a,b;c"] {
            assert!(is_list(list), "{list}");
        }
        for none in ["a;;b", ";a", "a,", "[a"] {
            assert!(!is_list(none), "{none}");
        }
    }
}
