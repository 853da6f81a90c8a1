//! Places in an untouched source and changes to it, without knowing any format.
//!
//! Everything here speaks of **bytes**: offsets are counted from 0, spans are half-open. Only
//! [`Position`] is made for people: lines and columns from 1, columns in characters.

mod lines;
mod span;
mod splice;

pub use lines::{Lines, Position};
pub use span::Span;
pub use splice::{OverlapError, Splice, splice};

/// The UTF-8 byte-order mark that some editors put before a text.
pub const BOM: &[u8] = b"\xef\xbb\xbf";
