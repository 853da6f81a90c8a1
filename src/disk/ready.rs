//! A mark on a file beside a database: the permission for its owner to run it, which no such file has otherwise.

use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::platform::{self, Stat};

const RUN: u32 = 0o100;

/// Marks a file; not one with a second name, which may be another one's.
///
/// # Errors
/// If its permissions cannot be changed.
pub fn make_ready(path: &Path) -> io::Result<()> {
    let file = platform::open_to_read(path)?.ok_or(ErrorKind::NotFound)?;
    let metadata = file.metadata()?;
    if metadata.nlink() > 1 {
        return Ok(());
    }
    let mut permissions = metadata.permissions();
    permissions.set_mode(permissions.mode() | RUN);
    file.set_permissions(permissions)
}

/// Whether a file bears the mark.
#[must_use]
pub fn is_ready(file: &Stat) -> bool {
    file.mode & RUN != 0
}
