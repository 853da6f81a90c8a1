//! Names of temporary files, `.NAME.XXXXXX.sdnlock`, and what is left of them (R4).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

use super::folder_of;
use crate::platform;

/// Random letters and digits in a name.
const RANDOM: usize = 6;
const SUFFIX: &str = ".sdnlock";

/// Makes an empty temporary file beside `path`. Its permissions are `mode` minus the umask.
pub(super) fn create(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let folder = folder_of(path);
    Builder::new()
        .prefix(&prefix(path.file_name().unwrap_or_default()))
        .suffix(SUFFIX)
        .rand_bytes(RANDOM)
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
        .tempfile_in(folder)
}

/// Removes what a killed process left beside the database `path`, and says how many files there were.
/// Only for a holder of its exclusive lock, for whom all temporary files of the database are left-overs.
/// A temporary lock file may still be on its way to its name: it is left over if it is a minute old and
/// nobody has it locked.
///
/// # Errors
/// If the folder cannot be read, or a file not be removed; the others are removed nevertheless.
pub fn sweep(path: &Path) -> io::Result<usize> {
    let folder = folder_of(path);
    let name = path.file_name().unwrap_or_default();
    let (own, locks) = (prefix(name), lock_prefix(name));
    let mut outcome = Ok(0);
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let left = is_temporary(name.as_bytes(), own.as_bytes())
            || (is_temporary(name.as_bytes(), locks.as_bytes()) && is_left_over(&entry.path()));
        if !left {
            continue;
        }
        match std::fs::remove_file(entry.path()) {
            Ok(()) => outcome = outcome.map(|removed| removed + 1),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => outcome = outcome.and(Err(error)),
        }
    }
    outcome
}

/// Whether a temporary lock file is a minute old, and nobody has it locked.
fn is_left_over(path: &Path) -> bool {
    const MINUTE: Duration = Duration::from_secs(60);
    let old = |file: &File| {
        file.metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > MINUTE))
    };
    platform::open_lock_file(path)
        .ok()
        .flatten()
        .is_some_and(|file| old(&file) && matches!(platform::try_lock(&file, platform::Mode::Exclusive), Ok(true)))
}

/// How the temporary name of the lock file of a database begins.
fn lock_prefix(name: &OsStr) -> OsString {
    let mut lock = name.to_owned();
    lock.push(".lock");
    prefix(&lock)
}

fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

fn is_temporary(name: &[u8], prefix: &[u8]) -> bool {
    let middle = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
    middle.is_some_and(|middle| middle.len() == RANDOM && middle.iter().all(u8::is_ascii_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(sweep(&path).unwrap(), left.len());
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        let mut expected = others.to_vec();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }
}
