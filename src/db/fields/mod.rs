//! Records as texts: what a struct says in each column, and back.
//!
//! ```text
//! bool, integer, float, char, text, unit variant   its text
//! None, ()                                         nothing
//! Some(x), Newtype(x)                              as x
//! list or tuple of such                            [a, "two words", 3]
//! map or struct of such                            {cpu: 4, name: x}
//! ```
//! Whatever is deeper has no spelling that all readers take, and is refused.

mod from_cell;
mod from_row;
mod to_cell;
mod to_row;

use std::fmt::Display;

pub(super) use from_row::from_row;
pub(super) use to_row::{lists, to_row};

/// What a record says, by column.
pub(super) type Texts = Vec<(String, String)>;

/// The text of a column.
pub(super) fn text<'t>(texts: &'t Texts, column: &str) -> Option<&'t str> {
    texts.iter().find(|(name, _)| name == column).map(|(_, text)| text.as_str())
}

/// Why a record cannot be made from texts, or turned into them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct FieldError {
    /// Where, as far as that is known.
    pub column: Option<String>,
    pub why: String,
}

impl FieldError {
    fn new(why: impl Into<String>) -> Self {
        Self { column: None, why: why.into() }
    }

    /// The same, in this column unless it is known better.
    fn in_column(mut self, column: &str) -> Self {
        self.column.get_or_insert_with(|| column.to_owned());
        self
    }
}

impl serde::ser::Error for FieldError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

impl serde::de::Error for FieldError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("there is no such column").in_column(field)
    }
}
