//! Git, as far as it is asked something or told what to do.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sdnlock::merge::ConflictStyle;

use super::failure::{self, Failure};
use super::status;

/// The length of markers unless something else is said.
pub const DEFAULT_MARKER_SIZE: usize = 7;

/// How git marks conflicts, as its configuration says.
pub fn conflict_style() -> ConflictStyle {
    match ask(["config", "--get", "merge.conflictStyle"]).ok().flatten().as_deref() {
        Some("diff3") => ConflictStyle::Diff3,
        Some("zdiff3") => ConflictStyle::Zdiff3,
        _ => ConflictStyle::Merge,
    }
}

/// The length of the markers of a path's conflicts, as its attributes say; nothing outside of a repository.
pub fn marker_size(path: &Path) -> Option<usize> {
    let arguments = [OsStr::new("check-attr"), OsStr::new("conflict-marker-size"), OsStr::new("--"), path.as_os_str()];
    let answer = ask(arguments).ok().flatten()?;
    Some(answer.rsplit(' ').next().and_then(|size| size.parse().ok()).unwrap_or(DEFAULT_MARKER_SIZE))
}

/// What git answers, without the line end; nothing if its answer is no.
///
/// # Errors
/// If git cannot be run.
pub fn ask<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Result<Option<String>, Failure> {
    let output = run(arguments)?;
    let answer = String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r']).to_owned();
    Ok(output.status.success().then_some(answer))
}

/// Tells git to do something.
///
/// # Errors
/// If git cannot be run, or fails.
pub fn tell<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Result<(), Failure> {
    let output = run(arguments)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let cause = said.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    Err(Failure::new(status::IO, "git refused a change of its configuration").cause(cause))
}

fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Result<Output, Failure> {
    let output = Command::new("git").args(arguments).stdin(Stdio::null()).output();
    output.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::new(status::NO_INPUT, "git is not installed"),
        _ => Failure::new(status::IO, "could not run git").cause(failure::system(&error)),
    })
}

/// The folder that git keeps the files of this repository in.
///
/// # Errors
/// If this is no repository with a working tree, or git cannot be run.
pub fn top_of_repository() -> Result<PathBuf, Failure> {
    let top = ask(["rev-parse", "--show-toplevel"])?.filter(|top| !top.is_empty());
    top.map(PathBuf::from).ok_or_else(|| {
        Failure::new(status::NO_INPUT, "this folder belongs to no git repository")
            .hint("go there first, or set git up for all of yours with `--global`")
    })
}
