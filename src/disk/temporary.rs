//! Names of temporary files, `.NAME.XXXXXX.sdnlock`, and what is left of them (R4).

use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

use super::folder_of;
use crate::platform::{self, Trust};

/// Random letters and digits in a name.
const RANDOM: usize = 6;
/// How the names of new contents end.
const SUFFIX: &str = ".sdnlock";
/// How the names of copies end that a transaction keeps.
pub(super) const UNDO: &str = ".undo";

/// Makes an empty temporary file beside `path`. Its permissions are `mode` minus the umask.
pub(super) fn create(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let own = prefix(path.file_name().unwrap_or_default());
    let permissions = PermissionsExt::from_mode(mode);
    Builder::new().prefix(&own).suffix(SUFFIX).rand_bytes(RANDOM).permissions(permissions).tempfile_in(folder_of(path))
}

/// As [`create`], with these letters in its name, and another ending.
pub(super) fn create_as(path: &Path, mode: u32, letters: &str, suffix: &str) -> io::Result<NamedTempFile> {
    let mut name = prefix(path.file_name().unwrap_or_default());
    name.push(format!("{letters}{suffix}"));
    let permissions = PermissionsExt::from_mode(mode);
    Builder::new().prefix(&name).rand_bytes(0).permissions(permissions).tempfile_in(folder_of(path))
}

/// A temporary name that nobody uses.
pub(super) fn name(path: &Path) -> io::Result<PathBuf> {
    let file = create(path, 0o600)?;
    Ok(file.path().to_owned())
}

/// Removes what a killed process left beside the database `path`, and gives their paths.
/// Only for a holder of its exclusive lock, for whom all temporary files of the database are left-overs.
/// A temporary lock file may still be on its way to its name: it is left over if it is a minute old and
/// nobody has it locked.
///
/// # Errors
/// If the folder cannot be read, or a file not be removed; the others are removed nevertheless.
pub fn sweep(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut removed = Vec::new();
    let mut outcome = Ok(());
    for left in listed(path, is_left_over)? {
        match std::fs::remove_file(&left) {
            Ok(()) => removed.push(left),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => outcome = Err(error),
        }
    }
    outcome.map(|()| removed)
}

/// Whether there is any file beside the database `path` that has a hidden name made of its own, other than
/// `besides`: most often there is none, and nothing to be swept.
///
/// # Errors
/// If the folder cannot be read.
pub fn has_hidden_files(path: &Path, besides: &Path) -> io::Result<bool> {
    let own = prefix(path.file_name().unwrap_or_default());
    for entry in std::fs::read_dir(folder_of(path))? {
        let name = entry?.file_name();
        if name.as_bytes().starts_with(own.as_bytes()) && Some(&*name) != besides.file_name() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The temporary files beside the database `path`, which are in use if somebody is replacing it.
///
/// # Errors
/// If the folder cannot be read.
pub fn left_overs(path: &Path) -> io::Result<Vec<PathBuf>> {
    listed(path, |_| true)
}

/// The temporary files of a database, and those of its lock file for which `lock_too` says so.
fn listed(path: &Path, lock_too: impl Fn(&Path) -> bool) -> io::Result<Vec<PathBuf>> {
    let name = path.file_name().unwrap_or_default();
    let (own, locks) = (prefix(name), lock_prefix(name));
    let trust = Trust::beside(path);
    let is_ours = |file: &Path| file.symlink_metadata().is_ok_and(|metadata| trust.may_be_of_a_partner(&metadata));
    entries(path, |file, name| {
        let is_content = is_temporary(name, own.as_bytes(), SUFFIX);
        let is_lock = || is_temporary(name, locks.as_bytes(), SUFFIX) && lock_too(file);
        // What is of strangers is left alone.
        (is_content || is_lock()) && is_ours(file)
    })
}

/// The files beside a database whose names are its own and end like this.
pub(super) fn of(path: &Path, suffix: &str) -> io::Result<Vec<PathBuf>> {
    let own = prefix(path.file_name().unwrap_or_default());
    entries(path, |_, name| is_temporary(name, own.as_bytes(), suffix))
}

fn entries(path: &Path, wanted: impl Fn(&Path, &[u8]) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder_of(path))? {
        let entry = entry?;
        if wanted(&entry.path(), entry.file_name().as_bytes()) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// The database that a temporary file of this name belongs to.
#[must_use]
pub fn owner_of_temporary(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.as_bytes();
    let middle = name.strip_prefix(b".")?.strip_suffix(SUFFIX.as_bytes())?;
    let (owner, random) = middle.split_at_checked(middle.len().checked_sub(RANDOM + 1)?)?;
    let owner = owner.strip_suffix(b".lock").unwrap_or(owner);
    let is_random = random[0] == b'.' && random[1..].iter().all(u8::is_ascii_alphanumeric);
    (is_random && !owner.is_empty()).then(|| file.with_file_name(OsStr::from_bytes(owner)))
}

/// The temporary file that the existing programs make of the database `path`, `NAME.tmp`.
fn foreign(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    path.with_file_name(name)
}

/// The temporary file of an existing program beside the database `path`, if there is one.
#[must_use]
pub fn foreign_left_over(path: &Path) -> Option<PathBuf> {
    Some(foreign(path)).filter(|file| file.symlink_metadata().is_ok_and(|metadata| metadata.is_file()))
}

/// Removes it if it is a minute old, and gives its path. Only for a holder of the exclusive lock.
///
/// # Errors
/// If it cannot be removed.
pub fn sweep_foreign(path: &Path) -> io::Result<Option<PathBuf>> {
    let trust = Trust::beside(path);
    let old = |file: &PathBuf| {
        file.symlink_metadata().is_ok_and(|metadata| is_a_minute_old(&metadata) && trust.may_be_of_a_partner(&metadata))
    };
    let left = foreign_left_over(path).filter(old);
    left.map(|file| std::fs::remove_file(&file).map(|()| file)).transpose()
}

/// Whether a temporary lock file is a minute old, and nobody has it locked.
fn is_left_over(path: &Path) -> bool {
    platform::open_lock_file(path).ok().flatten().is_some_and(|file| {
        file.metadata().is_ok_and(|metadata| is_a_minute_old(&metadata))
            && matches!(platform::try_lock(&file, platform::Mode::Exclusive), Ok(true))
    })
}

fn is_a_minute_old(metadata: &Metadata) -> bool {
    const MINUTE: Duration = Duration::from_secs(60);
    metadata.modified().is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > MINUTE))
}

/// How the temporary name of the lock file of a database begins.
fn lock_prefix(name: &OsStr) -> OsString {
    let mut lock = name.to_owned();
    lock.push(".lock");
    prefix(&lock)
}

pub(super) fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

pub(super) fn is_temporary(name: &[u8], prefix: &[u8], suffix: &str) -> bool {
    letters(name, prefix, suffix).is_some()
}

/// The letters and digits in a temporary name.
pub(super) fn letters<'n>(name: &'n [u8], prefix: &[u8], suffix: &str) -> Option<&'n [u8]> {
    let middle = name.strip_prefix(prefix)?.strip_suffix(suffix.as_bytes())?;
    Some(middle).filter(|middle| middle.len() == RANDOM && middle.iter().all(u8::is_ascii_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_file_says_whose_it_is() {
        let owner = |name: &str| owner_of_temporary(Path::new(name));
        assert_eq!(owner("doc/.a.sdn.x1Y2z3.sdnlock"), Some("doc/a.sdn".into()));
        assert_eq!(owner(".a.sdn.lock.x1Y2z3.sdnlock"), Some("a.sdn".into()));
        for other in [".a.sdn.sdnlock", "a.sdn.x1Y2z3.sdnlock", ".x1Y2z3.sdnlock", ".a.sdn.x1-2z3.sdnlock", ".sdnlock"]
        {
            assert_eq!(owner(other), None, "{other}");
        }
    }

    #[test]
    fn r4_only_what_belongs_to_the_database_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sdn");
        let left = [".a.sdn.abc123.sdnlock", ".a.sdn.XYZ789.sdnlock"];
        let others =
            ["a.sdn", ".a.sdn.lock.abc123.sdnlock", ".b.sdn.abc123.sdnlock", ".a.sdn.sdnlock-queue", "a.sdn.tmp"];
        for name in left.iter().chain(&others) {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        assert_eq!(sweep(&path).unwrap().len(), left.len());
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let mut expected = others.to_vec();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }
}
