//! Data from stdin and on stdout.

use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use anyhow::Result;

use super::failure::{Failure, system};
use super::status;

/// What `-` is called in messages.
pub const STDIN: &str = "standard input";

/// Whether a path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What a path is called in messages.
pub fn name(path: &Path) -> String {
    if is_stdin(path) { STDIN.to_owned() } else { path.to_string_lossy().into_owned() }
}

/// Reads all of anything that can be read: `-` is standard input, `<(command)` of a shell a pipe.
pub fn read_all(path: &Path) -> Result<Vec<u8>, Failure> {
    if !is_stdin(path) {
        return std::fs::read(path).map_err(|error| Failure::reading(path, &error));
    }
    let mut content = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut content);
    read.map_err(|error| Failure::reading(Path::new(STDIN), &error))?;
    Ok(content)
}

/// Prints bytes as they are. A reader that leaves early, as `head` does, ends it quietly.
pub fn bytes(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    finish(stdout.write_all(bytes).and_then(|()| stdout.flush()))
}

/// Prints text, with its colours if stdout shows any; otherwise as [`bytes`].
pub fn styled(text: &str) -> Result<()> {
    let mut stdout = anstream::stdout();
    finish(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

fn finish(outcome: io::Result<()>) -> Result<()> {
    match outcome {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(status::IO, "could not write to standard output").cause(system(&error)).into())
        }
        _ => Ok(()),
    }
}
