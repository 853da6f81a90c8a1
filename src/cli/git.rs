//! What git is asked.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use sdnlock::merge::ConflictStyle;

use super::failure::Failure;
use super::program::GIT;
use super::status;

/// The length of markers unless something else is said.
pub const DEFAULT_MARKER_SIZE: usize = 7;

/// How git marks conflicts, as its configuration says.
pub fn conflict_style() -> ConflictStyle {
    match GIT.query(["config", "--get", "merge.conflictStyle"]).ok().flatten().as_deref() {
        Some("diff3") => ConflictStyle::Diff3,
        Some("zdiff3") => ConflictStyle::Zdiff3,
        _ => ConflictStyle::Merge,
    }
}

/// The length of the markers of a path's conflicts, as its attributes say; nothing outside of a repository.
pub fn marker_size(path: &Path) -> Option<usize> {
    let arguments = [OsStr::new("check-attr"), OsStr::new("conflict-marker-size"), OsStr::new("--"), path.as_os_str()];
    let answer = GIT.query(arguments).ok().flatten()?;
    Some(answer.rsplit(' ').next().and_then(|size| size.parse().ok()).unwrap_or(DEFAULT_MARKER_SIZE))
}

/// The folder that git keeps the files of this repository in.
///
/// # Errors
/// If this is no repository with a working tree, or git cannot be run.
pub fn top_of_repository() -> Result<PathBuf, Failure> {
    let top = GIT.query(["rev-parse", "--show-toplevel"])?.filter(|top| !top.is_empty());
    top.map(PathBuf::from).ok_or_else(|| {
        Failure::new(status::NO_INPUT, "this folder belongs to no git repository")
            .hint("go there first, or set git up for all of yours with `--global`")
    })
}
