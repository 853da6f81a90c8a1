//! What the project's schema allows.

use std::path::Path;

use sdnlock::check::{SCHEMA_NAME, Schema};

use super::failure::Failure;
use super::status;
use super::text;

/// Refuses a content that is larger than the schema allows, unless it is no larger than the one before.
pub fn check_size(path: &Path, schema: &Schema, old: usize, new: usize) -> Result<(), Failure> {
    let Some(limit) = schema.max_size.and_then(|limit| usize::try_from(limit).ok()) else { return Ok(()) };
    if new <= limit || new <= old {
        return Ok(());
    }
    let shown = text::path(path);
    let title = format!(
        "not writing {shown}: it would have {}, and {SCHEMA_NAME} allows {}",
        text::size(new),
        text::size(limit)
    );
    Err(Failure::new(status::INVALID, title).unchanged(path))
}
