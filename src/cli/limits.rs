//! What the project's schema allows.

use std::path::Path;

use sdnlock::disk;
use sdnlock::schema::{SCHEMA_NAME, Schema};
use sdnlock::sdn::Document;

use super::failure::Failure;
use super::status;
use super::text;

/// Refuses a content that is larger than the schema allows, unless it is no larger than the one before.
pub fn check_size(path: &Path, old: usize, new: usize) -> Result<(), Failure> {
    let Some(limit) = schema(path)?.max_size.and_then(|limit| usize::try_from(limit).ok()) else { return Ok(()) };
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

/// The schema beside a database or above it, up to the root of the repository.
fn schema(path: &Path) -> Result<Schema, Failure> {
    let Ok(whole) = std::path::absolute(path) else { return Ok(Schema::default()) };
    for folder in whole.ancestors().skip(1) {
        let file = folder.join(SCHEMA_NAME);
        // One that cannot be read allows nothing and forbids nothing.
        if let Ok(Some(snapshot)) = disk::read(&file) {
            return Schema::read(&Document::parse(snapshot.into_bytes())).map_err(|error| {
                let shown = text::path(text::from_here(&file));
                Failure::new(status::INVALID, format!("the schema {shown} cannot be understood: {error}"))
            });
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(Schema::default())
}
