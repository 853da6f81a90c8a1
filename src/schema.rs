//! What a project says about its databases, in `.sdnlock.sdn`: so far how large they may be.
//!
//! ```sdn
//! limits |name, value|
//!     max_size, 500MB
//! ```

use crate::address::{Address, LookupError, Target};
use crate::sdn::Document;

/// The name of the file, which is looked for beside a database and in the folders above it.
pub const SCHEMA_NAME: &str = ".sdnlock.sdn";

/// What a project says about its databases.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Schema {
    /// The largest size of a database, in bytes.
    pub max_size: Option<u64>,
}

/// A schema that cannot be understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SchemaError {
    /// A size is none.
    #[error("`{value}` is no size: write a number with B, KB, MB, GB, KiB, MiB or GiB")]
    Size {
        /// What stands there.
        value: String,
    },
    /// It names a limit, but cannot be read.
    #[error("its limits cannot be read: {0}")]
    Limits(String),
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// If what it says cannot be understood.
    pub fn read(document: &Document) -> Result<Self, SchemaError> {
        if !document.tables().any(|table| table.name() == "limits") {
            return Ok(Self::default());
        }
        let address: Address = "limits.max_size.value".parse().map_err(|_| SchemaError::Limits(String::new()))?;
        match address.find(document) {
            Ok(Target::Value(place)) => {
                let value = place.value().text().into_owned();
                let max_size = size(&value).ok_or(SchemaError::Size { value })?;
                Ok(Self { max_size: Some(max_size) })
            }
            Ok(_) | Err(LookupError::NotFound { what: "record", .. }) => Ok(Self::default()),
            Err(error) => Err(SchemaError::Limits(error.to_string())),
        }
    }
}

/// Reads a size as `500MB`, in bytes: KB, MB and GB are powers of 1000, KiB, MiB and GiB of 1024.
fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "KB" | "kB" => 1000,
        "MB" => 1000 * 1000,
        "GB" => 1000 * 1000 * 1000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_and_what_is_no_size_is_told() {
        let read = |text: &str| Schema::read(&Document::parse(text)).map(|schema| schema.max_size);
        assert_eq!(read("limits |name, value|\n    max_size, 500MB\n"), Ok(Some(500_000_000)));
        assert_eq!(read("limits |name, value|\n    max_size, 2 KiB\n"), Ok(Some(2048)));
        assert_eq!(read("limits |name, value|\n    other, 5\n"), Ok(None));
        assert_eq!(read("keys |table, columns|\n    todos, id\n"), Ok(None));
        let wrong = read("limits |name, value|\n    max_size, much\n");
        assert_eq!(wrong, Err(SchemaError::Size { value: "much".to_owned() }));
    }
}
