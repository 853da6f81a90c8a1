use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::failpoint::failpoint;
use super::folder_of;
use super::read::Snapshot;
use crate::platform;

/// How many files of one kind are kept beside a database.
const MOST_KEPT: usize = 1000;

/// Keeps a content beside the database `path`, as `NAME.ending`, or `NAME.ending.1` and so on if that
/// exists; a file that holds the same already will do. Nothing is ever overwritten. The file is for
/// those for whom the database was, by `like`. Gives the path.
///
/// # Errors
/// If no such file can be made or written.
pub fn keep_aside(path: &Path, ending: &str, content: &[u8], like: &Snapshot) -> io::Result<PathBuf> {
    for number in 0..MOST_KEPT {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        if number > 0 {
            name.push(format!(".{number}"));
        }
        let kept = path.with_file_name(name);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&kept) {
            Ok(file) => {
                failpoint("aside: made");
                return match fill(&file, &kept, content, like) {
                    Ok(()) => Ok(kept),
                    Err(error) => {
                        let _ = std::fs::remove_file(&kept);
                        Err(error)
                    }
                };
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

fn fill(mut file: &File, path: &Path, content: &[u8], like: &Snapshot) -> io::Result<()> {
    file.write_all(content)?;
    // Until here it is for nobody else; what it cannot have it does without.
    let _ = platform::keep_attributes(like.stat(), like.file(), file)?;
    failpoint("aside: written");
    file.sync_all()?;
    platform::sync_folder(folder_of(path), file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nothing_is_overwritten_and_nothing_kept_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sdn");
        std::fs::write(&path, "private").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let like = crate::disk::read(&path).unwrap().unwrap();
        let first = keep_aside(&path, "rejected", b"one", &like).unwrap();
        assert_eq!(first, folder.path().join("a.sdn.rejected"));
        assert_eq!(keep_aside(&path, "rejected", b"one", &like).unwrap(), first);
        let second = keep_aside(&path, "rejected", b"two", &like).unwrap();
        assert_eq!(second, folder.path().join("a.sdn.rejected.1"));
        assert_eq!(std::fs::read(&first).unwrap(), b"one");
        assert_eq!(std::fs::metadata(first).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
