//! Backups: earlier contents of a database beside it, `NAME.bak`, `NAME.bak.1` and so on, the newest first,
//! as the existing database library numbers them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::failpoint::failpoint;
use super::read::Snapshot;
use super::temporary;
use super::whole::copy_into;

/// An earlier content of a database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backup {
    /// 0 is the newest.
    pub number: usize,
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// When it was the content of the database for the last time, as far as its file tells.
    pub modified: SystemTime,
}

/// The path of a backup.
#[must_use]
pub fn backup_path(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".bak");
    if number > 0 {
        name.push(format!(".{number}"));
    }
    path.with_file_name(name)
}

/// The backups of a database, up to the first number that is missing.
///
/// # Errors
/// If one cannot be looked at.
pub fn backups(path: &Path) -> io::Result<Vec<Backup>> {
    let mut found = Vec::new();
    for number in 0.. {
        let backup = backup_path(path, number);
        match std::fs::symlink_metadata(&backup) {
            Ok(metadata) if metadata.is_file() => {
                found.push(Backup { number, path: backup, size: metadata.len(), modified: metadata.modified()? });
            }
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Keeps a content of the database `path` as its newest backup, and at most `keep` in all. Each of the
/// others gets the next number; where the file system knows second names, there is no moment in which one of them is
/// missing. With `durable` its content is on disk
/// before this returns, and its name once the folder is synced.
///
/// # Errors
/// If the copy cannot be made, or a file not be renamed; no backup is lost by that.
pub fn keep_backup(path: &Path, content: &Snapshot, keep: usize, durable: bool) -> io::Result<()> {
    let Some(last) = keep.checked_sub(1) else { return Ok(()) };
    let mut copy = temporary::create(path, 0o600)?;
    copy_into(copy.as_file_mut(), path, content)?;
    // The time tells when this was the content.
    copy.as_file().set_modified(content.stat().modified())?;
    if durable {
        copy.as_file().sync_all()?;
    }
    failpoint("backup: made");
    let there = backups(path)?.len().min(last);
    for number in (0..there).rev() {
        let (newer, older) = (backup_path(path, number), backup_path(path, number + 1));
        // A second name first, which then takes the place of the older one.
        let next = temporary::name(path)?;
        match std::fs::hard_link(&newer, &next) {
            Ok(()) => std::fs::rename(&next, older).inspect_err(|_| drop(std::fs::remove_file(&next)))?,
            // Here files have one name only.
            Err(_) => std::fs::rename(newer, older)?,
        }
        failpoint("backup: moved on");
    }
    copy.persist(backup_path(path, 0)).map_err(|error| error.error)?;
    failpoint("backup: kept");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::read;
    use crate::platform;

    #[test]
    fn the_newest_comes_first_and_no_more_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sdn");
        for n in 0..6 {
            std::fs::write(&path, n.to_string()).unwrap();
            keep_backup(&path, &read(&path).unwrap().unwrap(), 3, true).unwrap();
        }
        let contents: Vec<String> =
            backups(&path).unwrap().iter().map(|backup| std::fs::read_to_string(&backup.path).unwrap()).collect();
        assert_eq!(contents, ["5", "4", "3"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
        assert_eq!(std::fs::metadata(backup_path(&path, 2)).map(|it| platform::Stat::from(&it).links).unwrap(), 1);
    }
}
