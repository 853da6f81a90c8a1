//! Backups: earlier contents of a database beside it, `NAME.bak`, `NAME.bak.1` and so on, the newest first,
//! as the existing database library numbers them.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::aside::{Standing, standing_undoubted};
use super::failpoint::failpoint;
use super::folder_of;
use super::read::Snapshot;
use super::temporary;
use super::whole::copy_into;
use crate::platform::{self, Doubt, Trust};

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

/// The backups of a database, up to the first number that is missing. Those that are not believed are left out.
///
/// # Errors
/// If one cannot be looked at.
pub fn backups(path: &Path) -> io::Result<Vec<Backup>> {
    let mut found = Vec::new();
    for Named { number, path, metadata, doubt } in named_as_backups(path)? {
        if doubt.is_none() {
            found.push(Backup { number, path, size: metadata.len(), modified: metadata.modified()? });
        }
    }
    Ok(found)
}

/// Files that have the names of backups and are not believed, and why.
///
/// # Errors
/// If one cannot be looked at.
pub fn doubted_backups(path: &Path) -> io::Result<Vec<(PathBuf, Doubt)>> {
    let named = named_as_backups(path)?.into_iter();
    Ok(named.filter_map(|named| Some((named.path, named.doubt?))).collect())
}

/// What has the name of a backup.
struct Named {
    number: usize,
    path: PathBuf,
    metadata: Metadata,
    doubt: Option<Doubt>,
}

fn named_as_backups(path: &Path) -> io::Result<Vec<Named>> {
    let trust = Trust::beside(path);
    let mut found = Vec::new();
    for number in 0.. {
        let backup = backup_path(path, number);
        let metadata = match std::fs::symlink_metadata(&backup) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            metadata => metadata?,
        };
        let doubt = trust.doubt(&metadata).or_else(|| (!metadata.is_file()).then_some(Doubt::NoFile));
        found.push(Named { number, path: backup, metadata, doubt });
    }
    Ok(found)
}

/// Reads a backup of the database `path`; nothing if there is none of this number that is believed.
///
/// # Errors
/// If it cannot be read.
pub fn read_backup(path: &Path, number: usize) -> io::Result<Option<Snapshot>> {
    match standing_undoubted(&backup_path(path, number), &Trust::beside(path))? {
        Standing::File(content) => Ok(Some(content)),
        Standing::Nothing => Ok(None),
        Standing::Other => Err(io::Error::other("it is no file that can be read")),
    }
}

/// Where the next contents are put: numbers that are free, or of backups.
fn usable_paths(path: &Path) -> impl Iterator<Item = PathBuf> {
    let trust = Trust::beside(path);
    let path = path.to_owned();
    let is_usable = move |backup: &PathBuf| {
        backup.symlink_metadata().map_or(true, |metadata| metadata.is_file() && trust.doubt(&metadata).is_none())
    };
    (0..).map(move |number| backup_path(&path, number)).filter(is_usable)
}

/// Keeps a content of the database `path` as its newest backup, and at most `keep` in all. Each of the
/// others gets the next number; where the file system knows second names, there is no moment in which one of them is
/// missing. With `durable` its content is on disk
/// before this returns, and its name once the folder is synced.
///
/// # Errors
/// If the copy cannot be made, or a file not be renamed; no backup is lost by that.
pub fn keep_backup(path: &Path, content: &Snapshot, keep: usize, durable: bool) -> io::Result<()> {
    /// A stranger may put something under a name that was free, and take it away again.
    const TRIES: u32 = 20;
    for _ in 1..TRIES {
        match keep_once(path, content, keep, durable) {
            Err(error)
                if error.kind() == io::ErrorKind::PermissionDenied && Trust::beside(path).is_among_strangers() => {}
            kept => return kept,
        }
    }
    keep_once(path, content, keep, durable)
}

fn keep_once(path: &Path, content: &Snapshot, keep: usize, durable: bool) -> io::Result<()> {
    let Some(last) = keep.checked_sub(1) else { return Ok(()) };
    let there = backups(path)?.len().min(last);
    let paths: Vec<PathBuf> = usable_paths(path).take(there + 1).collect();
    // What may not be removed here would keep a second name that it is given.
    if !paths.iter().all(|backup| may_be_moved(backup)) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut copy = temporary::create(path, 0o600)?;
    copy_into(copy.as_file_mut(), content)?;
    // The time tells when this was the content.
    copy.as_file().set_modified(content.stat().modified())?;
    if durable {
        copy.as_file().sync_all()?;
    }
    failpoint("backup: made");
    for pair in paths.windows(2).rev() {
        let (newer, older) = (&pair[0], &pair[1]);
        // A second name first, which then takes the place of the older one.
        let next = temporary::name(path)?;
        match std::fs::hard_link(newer, &next) {
            Ok(()) => std::fs::rename(&next, older).inspect_err(|_| drop(std::fs::remove_file(&next)))?,
            // Here files have one name only.
            Err(_) => std::fs::rename(newer, older)?,
        }
        failpoint("backup: moved on");
    }
    copy.persist(&paths[0]).map_err(|error| error.error)?;
    failpoint("backup: kept");
    Ok(())
}

/// Whether the name of a backup may be given to another file.
fn may_be_moved(backup: &Path) -> bool {
    backup
        .symlink_metadata()
        .map_or(true, |metadata| platform::may_remove(folder_of(backup), &metadata).unwrap_or(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::read;

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
