//! Lock files and queues as files: opening, comparing, reading, writing and removing them.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::LockProblem;
use super::holder::{Death, Holder, Made};
use super::limits;
use super::record::{PID_WIDTH, Record, pid_line, time_line};
use crate::platform::{self, FileId, FileMode, Mode};

/// Records are shorter than this.
const MOST_RECORD_BYTES: usize = 16 * 1024;

/// An open lock file or queue. Dropping it closes it, which gives up a lock at the latest when the
/// last copy of the descriptor is closed; [`unlock`](Self::unlock) does so at once.
#[derive(Debug)]
pub(super) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    pub fn new(file: File, path: &Path) -> Self {
        Self { file, path: path.to_owned() }
    }

    /// Opens what exists; `None` if there is no such file. Links are not followed, and only a regular
    /// file is a lock file (L16).
    pub fn open(path: &Path) -> Result<Option<Self>, LockProblem> {
        Self::regular(platform::open_lock_file(path), path, "open")
    }

    /// Opens what exists, or makes an empty file with these permissions.
    pub fn open_or_make(path: &Path, mode: FileMode) -> Result<Self, LockProblem> {
        loop {
            if let Some(file) = Self::open(path)? {
                return Ok(file);
            }
            if let Some(file) = Self::regular(platform::make_lock_file(path, mode), path, "make")? {
                return Ok(file);
            }
        }
    }

    /// L10: opens a database to lock the file itself, writable if it is to be locked exclusively and that
    /// is allowed, since some file systems want that. `None` where there is nothing that can be locked.
    pub fn open_database(path: &Path, mode: Mode) -> Result<Option<Self>, LockProblem> {
        let opened = match mode {
            Mode::Exclusive => platform::open_lock_file(path),
            // Watchers of the file would take the end of a reader for that of a writer.
            Mode::Shared => platform::open_to_read(path),
        };
        match opened {
            Ok(file) => {
                Ok(file.map(|file| Self::new(file, path)).filter(|file| file.metadata().is_ok_and(|it| it.is_file())))
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(None),
            // What has taken its place is no database.
            Err(_) if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) => Ok(None),
            Err(error) => Err(LockProblem::io("open", path)(error)),
        }
    }

    fn regular(
        opened: io::Result<Option<File>>,
        path: &Path,
        doing: &'static str,
    ) -> Result<Option<Self>, LockProblem> {
        let wrong = |is| LockProblem::NoLockFile { file: path.to_owned(), is };
        let file = match opened {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::IsADirectory => return Err(wrong("a folder")),
            Err(_) if path.is_symlink() => return Err(wrong("a symbolic link")),
            Err(error) => return Err(LockProblem::io(doing, path)(error)),
        };
        let file = Self::new(file, path);
        match file.metadata()?.file_type() {
            kind if kind.is_file() => Ok(Some(file)),
            kind if kind.is_dir() => Err(wrong("a folder")),
            _ => Err(wrong("no regular file")),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// L4: whether the path still names this file.
    pub fn is_current(&self) -> Result<bool, LockProblem> {
        let open = FileId::of(&self.file).map_err(self.failed("read"))?;
        let named = FileId::at(&self.path).map_err(self.failed("read"))?;
        Ok(named == Some(open))
    }

    /// Takes the kernel's lock if that is possible at once.
    pub fn try_lock(&self, mode: Mode) -> Result<bool, LockProblem> {
        platform::try_lock(&self.file, mode).map_err(self.failed("lock"))
    }

    /// Takes the kernel's lock, waiting as long as it takes.
    pub fn lock(self, mode: Mode) -> Result<Self, LockProblem> {
        let path = self.path;
        match platform::lock(self.file, mode) {
            Ok(file) => Ok(Self { file, path }),
            Err(error) => Err(LockProblem::io("lock", &path)(error)),
        }
    }

    /// Gives the kernel's lock up, for all copies of the descriptor.
    pub fn unlock(&self) {
        platform::unlock(&self.file);
    }

    pub fn id(&self) -> Result<FileId, LockProblem> {
        FileId::of(&self.file).map_err(self.failed("read"))
    }

    pub fn record(&self) -> Result<Option<Record>, LockProblem> {
        Ok(Record::read(&self.content()?))
    }

    /// Who holds it, as the content says, and why that does not count any more if it is of a foreign program.
    pub fn holder(&self) -> Result<(Holder, Option<Death>), LockProblem> {
        let metadata = self.metadata()?;
        let modified = metadata.modified().map_err(self.failed("read"))?;
        let made = Made { modified, is_local: platform::is_local(&self.file) };
        let mut holder = Holder::read(&self.content()?, made);
        if holder.user.is_none() {
            // Whoever made the file holds the lock.
            holder.user = Some(platform::user_called(platform::Stat::from(&metadata).owner));
        }
        let death = holder.death(made);
        Ok((holder, death))
    }

    /// Whether another host may hold the lock of this record, whose kernel's locks are not seen here: it is on a file system
    /// that others use too, and its holder was heard of lately (L8).
    pub fn may_be_held_elsewhere(&self, record: &Record) -> Result<bool, LockProblem> {
        if record.host == platform::host_name() || platform::is_local(&self.file) {
            return Ok(false);
        }
        let modified = self.metadata()?.modified().map_err(self.failed("read"))?;
        Ok(modified.elapsed().unwrap_or_default() < limits::foreign_without_pid())
    }

    /// L5: writes a new record over what the file holds, without a moment in which it is empty.
    pub fn overwrite(&self, record: &Record) -> Result<(), LockProblem> {
        let content = record.to_string();
        let written = self.file.write_all_at(content.as_bytes(), 0);
        written.and_then(|()| self.file.set_len(content.len() as u64)).map_err(self.failed("take over"))
    }

    /// Empties the file.
    pub fn clear(&self) -> Result<(), LockProblem> {
        self.file.set_len(0).map_err(self.failed("write"))
    }

    /// The process number in the first line.
    pub fn pid(&self) -> Option<u32> {
        let mut line = [0; PID_WIDTH];
        self.file.read_exact_at(&mut line, 0).ok()?;
        std::str::from_utf8(&line).ok()?.parse().ok()
    }

    /// L7: puts another process number into the first line. The lock file of somebody else may be
    /// closed to writing; then it stays as it is.
    pub fn write_pid(&self, pid: u32) -> Result<(), LockProblem> {
        match self.file.write_all_at(pid_line(pid).as_bytes(), 0) {
            Err(error) if platform::is_closed_to_writing(&error) => Ok(()),
            other => other.map_err(self.failed("write")),
        }
    }

    /// L8: renews the time in the second line, and with it that of the file.
    pub fn write_time(&self) -> Result<(), LockProblem> {
        let behind_the_pid = PID_WIDTH as u64 + 1;
        match self.file.write_all_at(time_line(SystemTime::now()).as_bytes(), behind_the_pid) {
            Err(error) if platform::is_closed_to_writing(&error) => Ok(()),
            other => other.map_err(self.failed("write")),
        }
    }

    /// Whether the file has other names besides its path.
    pub fn has_other_names(&self) -> Result<bool, LockProblem> {
        Ok(platform::Stat::from(&self.metadata()?).links > 1)
    }

    /// Lets the programs that are started from here on inherit the file and the lock on it (L14).
    pub fn pass_on(&self) -> Result<(), LockProblem> {
        platform::pass_on(&self.file).map_err(self.failed("pass on"))
    }

    /// Whether this file was opened to be read only.
    pub fn is_read_only(&self) -> bool {
        platform::is_read_only(&self.file)
    }

    /// Whether this process may remove the file.
    pub fn may_be_removed(&self) -> Result<bool, LockProblem> {
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        platform::may_remove(folder, &self.metadata()?).map_err(self.failed("look at the folder of"))
    }

    /// Whose file it is.
    pub fn owner(&self) -> Result<String, LockProblem> {
        Ok(platform::user_called(platform::Stat::from(&self.metadata()?).owner))
    }

    pub fn remove(&self) -> Result<(), LockProblem> {
        std::fs::remove_file(&self.path).map_err(self.failed("remove"))
    }

    /// The content, as much of it as can matter.
    fn content(&self) -> Result<Vec<u8>, LockProblem> {
        let mut content = vec![0; MOST_RECORD_BYTES];
        let mut length = 0;
        while length < content.len() {
            match self.file.read_at(&mut content[length..], length as u64) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed("read")(error)),
            }
        }
        content.truncate(length);
        Ok(content)
    }

    pub fn metadata(&self) -> Result<std::fs::Metadata, LockProblem> {
        self.file.metadata().map_err(self.failed("read"))
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(io::Error) -> LockProblem {
        LockProblem::io(doing, &self.path)
    }
}
