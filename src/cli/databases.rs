//! Which databases a path on the command line stands for.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::lock::is_in_transaction;
use sdnlock::sdn::is_sdn;

use super::failure::{Failure, alike};
use super::ignored::IgnoreLists;
use super::report::Report;
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
pub fn named(paths: &[PathBuf], report: Report) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let found = below(path, Ignored::Included, report).into_iter().collect::<Result<Vec<_>, Failure>>()?;
        if found.is_empty() {
            let title = format!("there is no .sdn file below {}", text::path(path));
            return Err(Failure::new(status::NO_INPUT, title).hint("name the files that will be made").into());
        }
        files.extend(found);
    }
    Ok(files)
}

/// The path itself, or if it is a folder all databases below it.
pub fn below(path: &Path, ignored: Ignored, report: Report) -> Vec<Result<PathBuf, Failure>> {
    below_where(path, ignored, is_sdn, report)
}

/// As [`below`], with what is taken for a database in a folder.
pub fn below_where(
    path: &Path,
    ignored: Ignored,
    wanted: impl Fn(&Path) -> bool,
    report: Report,
) -> Vec<Result<PathBuf, Failure>> {
    // What has taken the name of a database that a transaction knows is not the user's folder.
    if !path.is_dir() || is_in_transaction(path) {
        let is_to_be_a_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        return vec![if is_to_be_a_folder { Err(no_folder(path)) } else { Ok(path.to_owned()) }];
    }
    files_below(path, ignored, wanted, report)
}

/// All files below a folder that are wanted, in order. A link counts only if it leads to another one of these: whoever made
/// the folder, as a commit that was checked out, may have made them lead anywhere. Of the others to databases it is said.
pub fn files_below(
    path: &Path,
    ignored: Ignored,
    wanted: impl Fn(&Path) -> bool,
    report: Report,
) -> Vec<Result<PathBuf, Failure>> {
    let mut walk = ignore::WalkBuilder::new(path);
    walk.standard_filters(false).sort_by_file_path(Path::cmp);
    let lists = (ignored == Ignored::LeftOut).then(IgnoreLists::new);
    let (given, whole) = (path.to_owned(), path.canonicalize().unwrap_or_default());
    walk.filter_entry(move |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let below = entry.path().strip_prefix(&given).ok().filter(|below| !below.as_os_str().is_empty());
        let is_left_out =
            |lists: &IgnoreLists| below.is_some_and(|below| lists.leaves_out(&whole.join(below), is_folder));
        entry.file_name() != OsStr::new(".git") && !lists.as_ref().is_some_and(is_left_out)
    });
    let mut links = HashSet::new();
    let mut files = Vec::new();
    for entry in walk.build() {
        match entry {
            Ok(entry) if wanted(entry.path()) => {
                let named = entry.path().strip_prefix("./").unwrap_or(entry.path()).to_owned();
                match entry.path().symlink_metadata() {
                    Ok(metadata) if metadata.is_symlink() => drop(links.insert(named.clone())),
                    Ok(metadata) if metadata.is_file() => {}
                    _ => continue,
                }
                files.push(Ok(named));
            }
            Ok(_) => {}
            Err(error) => files.push(Err(not_searched(path, &error))),
        }
    }
    if !links.is_empty() {
        leave_links(&links, &mut files, report);
    }
    files
}

/// Takes out the links that lead to none of the other files.
fn leave_links(links: &HashSet<PathBuf>, files: &mut Vec<Result<PathBuf, Failure>>, report: Report) {
    let known: HashSet<PathBuf> = files
        .iter()
        .flatten()
        .filter(|file| !links.contains(*file))
        .filter_map(|file| file.canonicalize().ok())
        .collect();
    files.retain(|file| {
        let Some(link) = file.as_ref().ok().filter(|file| links.contains(*file)) else { return true };
        let is_known = link.canonicalize().is_ok_and(|target| known.contains(&target));
        if !is_known && is_sdn(link) && link.is_file() {
            report.note(format!("not following {}, a link: name it itself, if it is to be", text::path(link)));
        }
        is_known
    });
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
