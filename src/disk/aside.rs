use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How many files of one kind are kept beside a database.
const MOST_KEPT: usize = 1000;

/// Keeps a content beside the database `path`, as `NAME.ending`, or `NAME.ending.1` and so on if that
/// exists; a file that holds the same already will do. Nothing is ever overwritten. Gives the path.
///
/// # Errors
/// If no such file can be made or written.
pub fn keep_aside(path: &Path, ending: &str, content: &[u8], mode: u32) -> io::Result<PathBuf> {
    for number in 0..MOST_KEPT {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        if number > 0 {
            name.push(format!(".{number}"));
        }
        let kept = path.with_file_name(name);
        match OpenOptions::new().write(true).create_new(true).mode(mode).open(&kept) {
            Ok(mut file) => {
                let written = file.write_all(content).and_then(|()| file.sync_all());
                if let Err(error) = written {
                    let _ = std::fs::remove_file(&kept);
                    return Err(error);
                }
                return Ok(kept);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let same = std::fs::metadata(&kept).is_ok_and(|metadata| metadata.len() == content.len() as u64)
                    && std::fs::read(&kept).is_ok_and(|there| there == content);
                if same {
                    return Ok(kept);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten_and_nothing_kept_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sdn");
        let first = keep_aside(&path, "rejected", b"one", 0o600).unwrap();
        assert_eq!(first, folder.path().join("a.sdn.rejected"));
        assert_eq!(keep_aside(&path, "rejected", b"one", 0o600).unwrap(), first);
        let second = keep_aside(&path, "rejected", b"two", 0o600).unwrap();
        assert_eq!(second, folder.path().join("a.sdn.rejected.1"));
        assert_eq!(std::fs::read(first).unwrap(), b"one");
    }
}
