//! Names of temporary files, `.NAME.XXXXXX.sdnlock`, and what is left of them (R4).

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// Random letters and digits in a name.
const RANDOM: usize = 6;
const SUFFIX: &str = ".sdnlock";

/// Makes an empty temporary file beside `path`. Its permissions are `mode` minus the umask.
pub(super) fn create(path: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    Builder::new()
        .prefix(&prefix(path.file_name().unwrap_or_default()))
        .suffix(SUFFIX)
        .rand_bytes(RANDOM)
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
        .tempfile_in(folder)
}

/// Removes the temporary files that a killed process left beside the database `path`, and says how
/// many there were. Only for a holder of its exclusive lock, for whom all of them are left-overs.
///
/// # Errors
/// If the folder cannot be read or a file not be removed.
pub fn sweep(path: &Path) -> io::Result<usize> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let prefix = prefix(path.file_name().unwrap_or_default());
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if is_temporary(entry.file_name().as_bytes(), prefix.as_bytes()) {
            match std::fs::remove_file(entry.path()) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
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
