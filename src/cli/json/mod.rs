//! What a database says, as JSON, and back.

mod read;
mod refusal;
mod write;

pub use read::{JsonError, parse};
pub use refusal::{no_json, not_changing, unreadable};
pub use write::{line, text};
