use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::failpoint::failpoint;
use super::folder_of;
use super::read::{Snapshot, read_opened};
use crate::platform::{self, Access, Trust};

/// Those that let others run a file with the rights of its owner are not among them.
const PERMISSIONS: u32 = 0o777;

/// How many files of one kind are kept beside a database.
const MOST_KEPT: usize = 1000;

/// What stands under the name of a database. Links are not followed.
#[derive(Debug)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// A file that can be read.
    File(Snapshot),
    /// A folder, a link, a pipe, or a file that may not be read.
    Other,
}

impl Standing {
    /// The content, if there is one.
    #[must_use]
    pub fn content(&self) -> Option<&Snapshot> {
        match self {
            Self::File(content) => Some(content),
            Self::Nothing | Self::Other => None,
        }
    }
}

/// Looks what stands under the name `path`.
///
/// # Errors
/// If that cannot be told, or a file that may be read cannot be.
pub fn standing(path: &Path) -> io::Result<Standing> {
    standing_if(path, |_| true)
}

/// The same for a file beside a database: one that is not believed is as none.
///
/// # Errors
/// As [`standing`].
pub fn standing_believed(path: &Path, trust: &Trust) -> io::Result<Standing> {
    standing_if(path, |metadata| trust.believes(metadata))
}

/// The same for a file beside a database that does not say itself for which place it was made.
///
/// # Errors
/// As [`standing`].
pub(super) fn standing_undoubted(path: &Path, trust: &Trust) -> io::Result<Standing> {
    standing_if(path, |metadata| trust.doubt(metadata).is_none())
}

fn standing_if(path: &Path, counts: impl Fn(&Metadata) -> bool) -> io::Result<Standing> {
    let read_at = SystemTime::now();
    let there = match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Standing::Nothing),
        there => there?,
    };
    if !counts(&there) {
        return Ok(Standing::Nothing);
    }
    if !there.is_file() {
        return Ok(Standing::Other);
    }
    match platform::open_to_read(path) {
        Ok(None) => Ok(Standing::Nothing),
        Ok(Some(file)) => match file.metadata()? {
            // It may be another one by now.
            metadata if !counts(&metadata) => Ok(Standing::Nothing),
            metadata if !metadata.is_file() => Ok(Standing::Other),
            _ => read_opened(file, read_at).map(Standing::File),
        },
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(Standing::Other),
        Err(_) if path.symlink_metadata().is_ok_and(|there| !there.is_file()) => Ok(Standing::Other),
        Err(error) => Err(error),
    }
}

/// Makes way for a database whose name is taken by something that is no file to be read: a link is removed,
/// anything else is kept beside it under a name as [`keep_aside`] gives. Gives that name. Files that can be
/// read stay.
///
/// # Errors
/// If it cannot be moved or removed.
pub fn make_way(path: &Path, ending: &str) -> io::Result<Option<PathBuf>> {
    if !matches!(standing(path)?, Standing::Other) {
        return Ok(None);
    }
    if path.is_symlink() {
        return std::fs::remove_file(path).map(|()| None);
    }
    for kept in names_beside(path, ending) {
        match platform::rename_to_free_name(path, &kept) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            moved => {
                moved?;
                // A kill from here on leaves no database, which its transaction then brings back.
                failpoint("way: made");
                return Ok(Some(kept));
            }
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// `NAME.ending`, `NAME.ending.1`, and so on; where strangers have taken all of these, some with letters of chance.
fn names_beside(path: &Path, ending: &str) -> impl Iterator<Item = PathBuf> {
    const BY_CHANCE: usize = 5;
    let by_chance = (0..BY_CHANCE).filter_map(move |_| {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{ending}.{:08x}", getrandom::u32().ok()?));
        Some(path.with_file_name(name))
    });
    numbered_beside(path, ending).chain(by_chance)
}

fn numbered_beside(path: &Path, ending: &str) -> impl Iterator<Item = PathBuf> {
    (0..MOST_KEPT).map(move |number| {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        if number > 0 {
            name.push(format!(".{number}"));
        }
        path.with_file_name(name)
    })
}

/// Keeps a content beside the database `path`, as `NAME.ending`, or `NAME.ending.1` and so on if that
/// exists; a file that holds the same already will do. Nothing is ever overwritten. The file is for
/// those for whom the file `like` was, and has no set-id bits. Gives the path.
///
/// # Errors
/// If no such file can be made or written.
pub fn keep_aside(path: &Path, ending: &str, content: &[u8], like: &Snapshot) -> io::Result<PathBuf> {
    let trust = Trust::beside(path);
    for kept in names_beside(path, ending) {
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
                let there = standing_believed(&kept, &trust)?;
                if there.content().is_some_and(|there| there.bytes() == content) {
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
    let access = like.stat().access();
    let stat = like.stat().with_access(Access { mode: access.mode & PERMISSIONS, ..access });
    // Until here it is for nobody else; what it cannot have it does without.
    let _ = platform::keep_attributes(&stat, like.extended(), file)?;
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
