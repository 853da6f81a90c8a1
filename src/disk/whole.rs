//! Writing the whole of a content into a new file.

use std::fs::File;
use std::io::{self, ErrorKind, Write};

use super::read::Snapshot;
use crate::platform;

/// Makes an empty file a copy of what a database held, with its attributes, before anybody else may read it. The blocks
/// are shared where the file system can do that.
pub(super) fn copy_into(copy: &mut File, content: &Snapshot) -> io::Result<()> {
    // Shared is what the file holds now, which must be what it held.
    let shared = platform::share_blocks(content.file(), copy).is_ok() && content.is_in_file()?;
    if !shared {
        copy.set_len(0)?;
        write_all(copy, content.bytes()).map_err(|(_, error)| error)?;
    }
    // What it cannot have, what is restored from it cannot have either; that is told then.
    platform::keep_attributes(content.stat(), content.extended(), copy).map(drop)
}

/// Writes all of it; fails with the number of bytes that were written.
pub(super) fn write_all(file: &mut File, content: &[u8]) -> Result<(), (usize, io::Error)> {
    let mut written = 0;
    while written < content.len() {
        match file.write(&content[written..]) {
            Ok(0) => return Err((written, ErrorKind::WriteZero.into())),
            Ok(more) => written += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err((written, error)),
        }
    }
    Ok(())
}
