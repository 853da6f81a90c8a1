//! What is said where a database is no tree, or JSON no database.

use std::path::Path;

use sdnlock::tree::{ChangeError, ReadError};

use super::read::JsonError;
use crate::cli::failure::{Failure, suggestion};
use crate::cli::status;
use crate::cli::text;

/// A database cannot be shown as JSON.
pub fn unreadable(path: &Path, error: &ReadError) -> Failure {
    let failure = Failure::new(status::INVALID, format!("{}: {error}", text::path(path)));
    match error {
        ReadError::Twice { .. } => failure.hint("give each its own name, or look with `sdnlock read`"),
        _ => failure.hint(format!("look with `sdnlock check {}`", text::argument(path.as_ref()))),
    }
}

/// What was given is no JSON.
pub fn no_json(path: &Path, source: &str, error: &JsonError) -> Failure {
    let title = format!("not writing {}: {source} is not JSON that a database could say", text::path(path));
    Failure::new(status::INVALID, title).unchanged(path).cause(error)
}

/// A database cannot be made to say what was given.
pub fn not_changing(path: &Path, error: &ChangeError) -> Failure {
    if let ChangeError::Seal(error) = error {
        return Failure::seal(path, *error);
    }
    let failure = Failure::new(status::INVALID, format!("not writing {}: {error}", text::path(path))).unchanged(path);
    match error {
        ChangeError::Read(_) => failure.hint(format!("look with `sdnlock check {}`", text::argument(path.as_ref()))),
        ChangeError::NoColumn { column, instead, .. } => failure.hint(suggestion("column", column, instead)),
        _ => failure,
    }
}
