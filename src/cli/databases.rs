//! Which databases a path on the command line stands for.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::lock::is_in_transaction;
use sdnlock::sdn::is_sdn;

use super::failure::{Failure, alike};
use super::status;
use super::text;

/// What is done with files that git ignores.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ignored {
    /// They are left out.
    LeftOut,
    /// They are files as others are.
    Included,
}

/// The files themselves, and for each folder all databases below it.
///
/// # Errors
/// If a folder cannot be searched, or has no database below it: what is made there by a command would
/// be made without a lock.
pub fn named(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let found = below(path, Ignored::Included).into_iter().collect::<Result<Vec<_>, Failure>>()?;
        if found.is_empty() {
            let title = format!("there is no .sdn file below {}", text::path(path));
            return Err(Failure::new(status::NO_INPUT, title).hint("name the files that will be made").into());
        }
        files.extend(found);
    }
    Ok(files)
}

/// The path itself, or if it is a folder all databases below it.
pub fn below(path: &Path, ignored: Ignored) -> Vec<Result<PathBuf, Failure>> {
    below_where(path, ignored, is_sdn)
}

/// As [`below`], with what is taken for a database in a folder.
pub fn below_where(path: &Path, ignored: Ignored, wanted: impl Fn(&Path) -> bool) -> Vec<Result<PathBuf, Failure>> {
    // What has taken the name of a database that a transaction knows is not the user's folder.
    if !path.is_dir() || is_in_transaction(path) {
        let is_to_be_a_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        return vec![if is_to_be_a_folder { Err(no_folder(path)) } else { Ok(path.to_owned()) }];
    }
    files_below(path, ignored, wanted)
}

/// All files below a folder that are wanted, in order.
pub fn files_below(path: &Path, ignored: Ignored, wanted: impl Fn(&Path) -> bool) -> Vec<Result<PathBuf, Failure>> {
    let mut walk = ignore::WalkBuilder::new(path);
    walk.standard_filters(ignored == Ignored::LeftOut).hidden(false).ignore(false).sort_by_file_path(Path::cmp);
    walk.filter_entry(|entry| entry.file_name() != OsStr::new(".git"));
    let files = walk.build().filter_map(|entry| match entry {
        // A link to a file is a file.
        Ok(entry) if wanted(entry.path()) && entry.path().is_file() => {
            Some(Ok(entry.path().strip_prefix("./").unwrap_or(entry.path()).to_owned()))
        }
        Ok(_) => None,
        Err(error) => Some(Err(not_searched(path, &error))),
    });
    files.collect()
}

fn no_folder(path: &Path) -> Failure {
    let file: PathBuf = path.components().collect();
    let shown = text::path(path);
    let title = if file.exists() { format!("{shown} is no folder") } else { format!("no such folder: {shown}") };
    Failure::new(status::NO_INPUT, title)
}

/// What is said of a database that is not there, with a name beside it that is like its own.
pub fn not_there(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let names: Vec<String> =
        files.filter(|file| is_sdn(&file.path())).map(|file| file.file_name().to_string_lossy().into_owned()).collect();
    let shown = text::path(path);
    match alike(&name, &names) {
        Some(other) => format!("{shown} is not there; did you mean {}?", text::path(&path.with_file_name(other))),
        None => format!("{shown} is not there"),
    }
}

fn not_searched(folder: &Path, error: &ignore::Error) -> Failure {
    let place = place_of(error).unwrap_or(folder);
    match error.io_error() {
        Some(io) => Failure::reading(place, io),
        None => Failure::new(status::IO, format!("could not search {}", text::path(place))).cause(error),
    }
}

/// Where it happened.
fn place_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => place_of(err),
        _ => None,
    }
}
