//! What the project's schema allows.

use std::path::Path;

use sdnlock::check::{Rule, SCHEMA_NAME, Schema};
use sdnlock::sdn::Document;

use super::failure::Failure;
use super::findings::Shown;
use super::schemas;
use super::status;
use super::text;

/// Refuses a content that is larger than the schema allows, unless it is no larger than the one before.
pub fn check_size(path: &Path, old: usize, new: usize) -> Result<(), Failure> {
    let Some(limit) = max_size(path)?.and_then(|limit| usize::try_from(limit).ok()) else { return Ok(()) };
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

/// The largest size that the schema of a database allows.
fn max_size(path: &Path) -> Result<Option<u64>, Failure> {
    let Some((file, content)) = schemas::find(path) else { return Ok(None) };
    let document = Document::parse(content);
    let (schema, mut findings) = Schema::read(&document);
    // What else is wrong with it is told by the check.
    findings.retain(|finding| finding.rule == Rule::SchemaLimit);
    if findings.is_empty() {
        return Ok(schema.max_size);
    }
    let file = text::from_here(&file);
    let title = format!("not writing {}: its schema {} cannot be understood", text::path(path), text::path(file));
    let name = file.to_string_lossy();
    let excerpts = Shown { name: &name, source: document.source() }.excerpts(&findings);
    Err(Failure::new(status::INVALID, title).excerpts(excerpts).unchanged(path))
}
