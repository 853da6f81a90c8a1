//! Where the journals of a database stand, and its lock file, if a stranger has taken their usual names.
//!
//! In a folder where strangers may make files too, one of them may have done so. What is not believed there is left alone,
//! and the file gets a name of which nobody knows the last letters.

use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::record::Token;
use crate::platform::Trust;

/// So many letters and digits of chance end the name of a journal whose usual name is taken.
const LETTERS: usize = 6;

/// The usual name of the journal beside a database.
#[must_use]
pub fn journal_of(database: &Path) -> PathBuf {
    beside(database, ".sdnlock-journal")
}

/// The usual name of the journal beside a database of a transaction that so many locks are held above.
#[must_use]
pub fn usual_journal(database: &Path, depth: u32) -> PathBuf {
    match depth {
        0 => journal_of(database),
        depth => beside(database, &format!(".sdnlock-nested{depth}-journal")),
    }
}

/// The journals beside a database of transactions that so many locks are held above. Those that are not believed are not
/// among them.
///
/// # Errors
/// If what is there cannot be looked at.
pub fn journals_at(database: &Path, depth: u32) -> io::Result<Vec<PathBuf>> {
    let usual = usual_journal(database, depth);
    let mut found = Vec::new();
    let usual_is_there = match usual.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        metadata => Some(metadata?),
    };
    let trust = Trust::beside(database);
    if usual_is_there.is_some_and(|metadata| metadata.is_file() && trust.believes(&metadata)) {
        found.push(usual.clone());
    }
    if trust.is_among_strangers() {
        found.extend(alternatives(&usual, |metadata| metadata.is_file() && trust.believes(metadata))?);
    }
    Ok(found)
}

/// Where a new journal may be put: under the usual name, unless strangers may take that, or a command has put something else
/// there.
///
/// # Errors
/// If what is there cannot be looked at, or there are no letters of chance.
pub fn place_of_journal(database: &Path, depth: u32) -> io::Result<PathBuf> {
    let usual = usual_journal(database, depth);
    let is_free = usual.symlink_metadata().map_or(true, |there| there.is_file());
    if is_free && !Trust::beside(database).is_among_strangers() {
        return Ok(usual);
    }
    // Another one is found again only where the folder can be read.
    std::fs::read_dir(folder_of(&usual))?;
    alternative(&usual)
}

/// Whether a transaction knows a database under this very name, whatever has taken its place since.
#[must_use]
pub fn is_in_transaction(path: &Path) -> bool {
    has_journal(path, 0)
}

/// Whether there is a journal of a transaction that so many locks are held above, and it is believed.
pub(super) fn has_journal(path: &Path, depth: u32) -> bool {
    journals_at(path, depth).is_ok_and(|journals| !journals.is_empty())
}

/// The lock files of a database that have another name than usual.
pub(super) fn other_locks(database: &Path) -> io::Result<Vec<PathBuf>> {
    let trust = Trust::beside(database);
    alternatives(&usual_other_lock(database), |metadata| metadata.is_file() && trust.excludes(metadata))
}

/// Another name for a lock file.
///
/// # Errors
/// If the folder cannot be read, in which others are to find it.
pub(super) fn new_lock(database: &Path) -> io::Result<PathBuf> {
    std::fs::read_dir(folder_of(database))?;
    alternative(&usual_other_lock(database))
}

/// The names of a lock file within a lock, in the order in which they are tried: whoever knows the secret of that lock knows
/// them, and a stranger each one only once a file has borne it.
pub(super) fn locks_within(usual: &Path, secret: Token) -> impl Iterator<Item = PathBuf> {
    (0_u64..).map(move |number| {
        let digest = Sha256::digest(format!("{secret} {number}"));
        let mut name = usual.file_name().unwrap_or_default().to_owned();
        name.push("-");
        name.push(digest.iter().take(LETTERS).map(|byte| char::from(b'a' + byte % 26)).collect::<String>());
        usual.with_file_name(name)
    })
}

/// The lock files of this usual name that have another one, and are no stranger's.
pub(super) fn others_within(database: &Path, usual: &Path) -> io::Result<Vec<PathBuf>> {
    let trust = Trust::beside(database);
    alternatives(usual, |metadata| metadata.is_file() && trust.excludes(metadata))
}

fn usual_other_lock(database: &Path) -> PathBuf {
    beside(database, ".sdnlock-lock")
}

/// Another name for what is usually called so.
fn alternative(usual: &Path) -> io::Result<PathBuf> {
    let mut name = usual.file_name().unwrap_or_default().to_owned();
    let mut bytes = [0; LETTERS];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    name.push("-");
    name.push(bytes.map(|byte| char::from(b'a' + byte % 26)).iter().collect::<String>());
    Ok(usual.with_file_name(name))
}

/// Whether a name is such another one.
pub(super) fn is_alternative(usual: &OsStr, name: &OsStr) -> bool {
    let letters = name.as_bytes().strip_prefix(usual.as_bytes()).and_then(|rest| rest.strip_prefix(b"-"));
    letters.is_some_and(|letters| letters.len() == LETTERS && letters.iter().all(u8::is_ascii_lowercase))
}

/// The files with another name than this usual one that count; in the order of their names.
fn alternatives(usual: &Path, counts: impl Fn(&Metadata) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(folder_of(usual)) {
        // In a folder that may be used, but not read, nobody makes one. It may be gone, too.
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) => return Ok(found),
        entries => entries?,
    };
    let name = usual.file_name().unwrap_or_default();
    for entry in entries {
        let entry = entry?;
        if is_alternative(name, &entry.file_name()) && entry.metadata().is_ok_and(|metadata| counts(&metadata)) {
            found.push(usual.with_file_name(entry.file_name()));
        }
    }
    found.sort();
    Ok(found)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(database.file_name().unwrap_or_default());
    name.push(ending);
    database.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_name_is_known_as_one() {
        let usual = usual_journal(Path::new("d/a.sdn"), 1);
        let other = alternative(&usual).unwrap();
        let name = |path: &Path| path.file_name().unwrap().to_owned();
        assert!(is_alternative(&name(&usual), &name(&other)));
        assert!(!is_alternative(&name(&journal_of(Path::new("d/a.sdn"))), &name(&other)));
        assert!(!is_alternative(&name(&usual), &name(&usual)));
    }
}
