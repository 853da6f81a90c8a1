//! Lists that are one text in their cell, as the programs around these databases write them: `"a,b"`.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Todo {
//!     id: String,
//!     #[serde(with = "sdnlock::joined::comma")]
//!     blocked: Vec<String>, // the cell says "12,15", or is empty
//! }
//! ```
//! Blanks around an element do not count, and empty elements are left out. An element that would not be read back as
//! it is cannot be written: one with the separator in it, an empty one, one with blanks around it.

/// Elements parted by `,`.
pub mod comma {
    use serde::{Deserializer, Serializer};

    /// For `#[serde(with = "sdnlock::joined::comma")]`.
    ///
    /// # Errors
    /// If an element would not be read back as it is.
    pub fn serialize<S: Serializer>(list: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        super::serialize(list, ',', serializer)
    }

    /// For `#[serde(with = "sdnlock::joined::comma")]`.
    ///
    /// # Errors
    /// If it is no text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        super::deserialize(',', deserializer)
    }
}

/// Elements parted by `;`.
pub mod semicolon {
    use serde::{Deserializer, Serializer};

    /// For `#[serde(with = "sdnlock::joined::semicolon")]`.
    ///
    /// # Errors
    /// If an element would not be read back as it is.
    pub fn serialize<S: Serializer>(list: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        super::serialize(list, ';', serializer)
    }

    /// For `#[serde(with = "sdnlock::joined::semicolon")]`.
    ///
    /// # Errors
    /// If it is no text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        super::deserialize(';', deserializer)
    }
}

use serde::{Deserialize, Deserializer, Serializer, ser};

fn serialize<S: Serializer>(list: &[String], separator: char, serializer: S) -> Result<S::Ok, S::Error> {
    let comes_back =
        |element: &&String| !element.is_empty() && !element.contains(separator) && element.trim() == **element;
    if let Some(element) = list.iter().find(|element| !comes_back(element)) {
        let why = format!("`{element}` cannot be an element of a list that is parted by `{separator}`");
        return Err(ser::Error::custom(why));
    }
    serializer.serialize_str(&list.join(separator.encode_utf8(&mut [0; 4])))
}

fn deserialize<'de, D: Deserializer<'de>>(separator: char, deserializer: D) -> Result<Vec<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text.split(separator).map(str::trim).filter(|element| !element.is_empty()).map(str::to_owned).collect())
}
