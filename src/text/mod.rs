//! Places in an untouched source and changes to it, without knowing any format.
//!
//! Everything here speaks of **bytes**: offsets are counted from 0, spans are half-open. Only
//! [`Position`] is made for people: lines and columns from 1, columns in characters.

use std::borrow::Cow;

mod line_ends;
mod lines;
mod lost;
mod span;
mod splice;

pub(crate) use line_ends::{is_uniform, with_line_end};
pub use line_ends::{line_end, line_end_before, without_line_end};
pub use lines::{Lines, Position};
pub use lost::lost_in;
pub use span::Span;
pub use splice::{OverlapError, Splice, splice};

/// The UTF-8 byte-order mark that some editors put before a text.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// The beginning of a text, if it has more characters than that.
///
/// ```
/// use sdnlock::text::shortened;
///
/// assert_eq!(shortened("abcdef", 6), "abcdef");
/// assert_eq!(shortened("abcdefg", 6), "abcde…");
/// ```
#[must_use]
pub fn shortened(text: &str, max_characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max_characters.saturating_sub(1)) {
        Some((end, _)) if text[end..].chars().nth(1).is_some() => Cow::Owned(format!("{}…", &text[..end])),
        _ => Cow::Borrowed(text),
    }
}
