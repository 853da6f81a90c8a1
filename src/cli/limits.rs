//! What the project's schema allows.

use std::path::Path;

use sdnlock::check::{SCHEMA_NAME, Schema, TooLarge};

use super::failure::Failure;
use super::status;
use super::text;

/// Refuses a content that is larger than the schema allows, unless it is no larger than the one before.
pub fn check_size(path: &Path, schema: &Schema, old: usize, new: usize) -> Result<(), Failure> {
    schema.permit_size(old, new).map_err(|refused| too_large(path, refused))
}

/// That a content is larger than the schema allows.
pub fn too_large(path: &Path, TooLarge { size, limit }: TooLarge) -> Failure {
    let [size, limit] = [size, limit].map(text::size);
    let title = format!("not writing {}: it would have {size}, and {SCHEMA_NAME} allows {limit}", text::path(path));
    Failure::new(status::INVALID, title).unchanged(path)
}
