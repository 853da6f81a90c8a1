//! Getting one lock: publish it, join it, take it over, or wait for it (L1-L5, L7).

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::LockProblem;
use super::holder::Holder;
use super::place::Place;
use super::record::{Record, Token, pid_line};
use super::wait::{Event, Target, Wait, Waiter, Woken};
use crate::platform::{self, FileId, Mode, ProcessState, process_state};

/// A lock that is held: the open lock file with the kernel's lock on it.
#[derive(Debug)]
pub(super) struct Held {
    pub file: File,
    pub mode: Mode,
    /// What the record bears if this process wrote it; a reader that joined others has none.
    pub token: Option<Token>,
}

/// How one attempt ended.
enum Attempt {
    Held(Held),
    /// Something moved meanwhile; look again.
    Again,
    /// Somebody holds the lock; a foreign program does if nothing could be waited for in the kernel.
    Busy,
}

/// Records are shorter than this.
const MOST_RECORD_BYTES: usize = 16 * 1024;

/// One database and how it is to be locked.
pub(super) struct Acquisition<'a> {
    place: &'a Place,
    mode: Mode,
    command: &'a str,
    lock: PathBuf,
    queue: PathBuf,
}

impl<'a> Acquisition<'a> {
    pub fn new(place: &'a Place, mode: Mode, command: &'a str) -> Self {
        Self { place, mode, command, lock: place.lock(), queue: place.queue() }
    }

    /// Locks the database, waiting as long as the waiter allows.
    pub fn run(&self, waiter: &mut Waiter<'_>) -> Result<Held, LockProblem> {
        // L7: whoever sees the queue goes behind it.
        if !exists(&self.queue)? {
            loop {
                match self.attempt(waiter, false)? {
                    Attempt::Held(held) => return Ok(held),
                    Attempt::Again => {}
                    Attempt::Busy if waiter.wait == Wait::No => return Err(self.timed_out(waiter)),
                    Attempt::Busy => break,
                }
            }
        }
        let queue = self.enter_queue(waiter)?;
        let outcome = self.wait_at_the_head(waiter);
        platform::unlock(&queue);
        if outcome.is_err() {
            tidy_queue(&self.queue);
        }
        outcome
    }

    fn timed_out(&self, waiter: &Waiter<'_>) -> LockProblem {
        waiter.timed_out(self.holder())
    }

    /// Takes the kernel's lock on the queue, behind all who wait there.
    fn enter_queue(&self, waiter: &mut Waiter<'_>) -> Result<File, LockProblem> {
        let holder = || self.holder();
        let target = Target { database: self.place.given(), file: &self.queue, holder: &holder };
        loop {
            let queue = open(&self.queue, Some(self.permissions()))?;
            let locked = if platform::try_lock(&queue, Mode::Exclusive).map_err(LockProblem::io("lock", &self.queue))? {
                queue
            } else {
                match waiter.lock(queue, Mode::Exclusive, &target, leave_queue)? {
                    Woken::Locked(queue) => queue,
                    Woken::Moved => continue,
                }
            };
            // L4
            if is_at(&locked, &self.queue)? {
                return Ok(locked);
            }
            platform::unlock(&locked);
        }
    }

    fn wait_at_the_head(&self, waiter: &mut Waiter<'_>) -> Result<Held, LockProblem> {
        let holder = || self.holder();
        let target = Target { database: self.place.given(), file: &self.lock, holder: &holder };
        loop {
            match self.attempt(waiter, true)? {
                Attempt::Held(held) => return Ok(held),
                Attempt::Again => {}
                // Only foreign holders end up here: an `sdnlock` is waited for in the kernel.
                Attempt::Busy => waiter.pause(&target)?,
            }
        }
    }

    fn attempt(&self, waiter: &mut Waiter<'_>, may_wait: bool) -> Result<Attempt, LockProblem> {
        let file = match open(&self.lock, None) {
            Ok(file) => file,
            Err(LockProblem::Io { source, .. }) if source.kind() == ErrorKind::NotFound => return self.publish(),
            Err(error) => return Err(error),
        };
        let file = match self.lock_file(file, self.mode, waiter, may_wait)? {
            Ok(file) => file,
            Err(other) => return Ok(other),
        };
        if self.mode == Mode::Exclusive {
            return self.judge(file, waiter);
        }
        if let Some(record) = Record::read(&read(&file, &self.lock)?)
            && record.mode == Mode::Shared
        {
            return self.join(file, &record).map(Attempt::Held);
        }
        // L7: not a lock to be shared, so go the exclusive way, and share it from then on.
        platform::unlock(&file);
        match self.lock_file(file, Mode::Exclusive, waiter, may_wait)? {
            Ok(file) => self.judge(file, waiter),
            Err(other) => Ok(other),
        }
    }

    /// Takes the kernel's lock on the lock file, and makes sure that it still is the lock file.
    fn lock_file(
        &self,
        file: File,
        mode: Mode,
        waiter: &mut Waiter<'_>,
        may_wait: bool,
    ) -> Result<Result<File, Attempt>, LockProblem> {
        let locked = if platform::try_lock(&file, mode).map_err(LockProblem::io("lock", &self.lock))? {
            file
        } else if may_wait {
            let holder = || self.holder();
            let target = Target { database: self.place.given(), file: &self.lock, holder: &holder };
            let leave = if mode == Mode::Exclusive { leave_exclusive } else { |_: &File, _: &Path| {} };
            match waiter.lock(file, mode, &target, leave)? {
                Woken::Locked(file) => file,
                Woken::Moved => return Ok(Err(Attempt::Again)),
            }
        } else {
            return Ok(Err(Attempt::Busy));
        };
        // L4
        if is_at(&locked, &self.lock)? {
            return Ok(Ok(locked));
        }
        platform::unlock(&locked);
        Ok(Err(Attempt::Again))
    }

    /// L2: the lock file appears complete and locked.
    fn publish(&self) -> Result<Attempt, LockProblem> {
        let record = Record::new(self.mode, self.command);
        let (prefix, suffix) = temporary_name(self.place);
        let content = record.to_string();
        let made = platform::publish(&self.lock, content.as_bytes(), self.mode, self.permissions(), &prefix, &suffix)
            .map_err(LockProblem::io("make", &self.lock))?;
        Ok(match made {
            Some(file) => Attempt::Held(Held { file, mode: self.mode, token: Some(record.token) }),
            None => Attempt::Again,
        })
    }

    /// L5: the kernel's lock was free, so what the file says decides. It is held exclusively here.
    fn judge(&self, file: File, waiter: &mut Waiter<'_>) -> Result<Attempt, LockProblem> {
        let content = read(&file, &self.lock)?;
        if Record::read(&content).is_none() {
            let modified = modified(&file, &self.lock)?;
            let holder = Holder::read(&content, modified);
            if holder.is_live(modified) {
                platform::unlock(&file);
                return Ok(Attempt::Busy);
            }
            let taken = self.take_over(file)?;
            if matches!(taken, Attempt::Held(_)) {
                waiter.tell(Event::TookOver { path: self.place.given(), holder: &holder });
            }
            return Ok(taken);
        }
        self.take_over(file)
    }

    /// L5: writes a new record over that of a dead holder, without a moment in which the file is
    /// empty, gone, or says something else.
    fn take_over(&self, file: File) -> Result<Attempt, LockProblem> {
        let record = Record::new(self.mode, self.command);
        let content = record.to_string();
        file.write_all_at(content.as_bytes(), 0)
            .and_then(|()| file.set_len(content.len() as u64))
            .map_err(|error| if is_closed_to_writing(&error) { ErrorKind::PermissionDenied.into() } else { error })
            .map_err(LockProblem::io("take over", &self.lock))?;
        let ours = self.mode == Mode::Exclusive
            || platform::try_lock(&file, Mode::Shared).map_err(LockProblem::io("lock", &self.lock))?;
        // L4
        if ours && is_at(&file, &self.lock)? {
            return Ok(Attempt::Held(Held { file, mode: self.mode, token: Some(record.token) }));
        }
        platform::unlock(&file);
        Ok(Attempt::Again)
    }

    /// L7: one more reader. The process in the first line must be one that lives.
    fn join(&self, file: File, record: &Record) -> Result<Held, LockProblem> {
        if record.pid == 0 || process_state(record.pid) == ProcessState::Dead {
            // A lock file of somebody else may be closed to writing; then it stays as it is.
            let written = file.write_all_at(pid_line(std::process::id()).as_bytes(), 0);
            written.or_else(ignore_no_permission).map_err(LockProblem::io("write", &self.lock))?;
        }
        Ok(Held { file, mode: Mode::Shared, token: None })
    }

    /// Who holds the lock, as far as the lock file tells.
    fn holder(&self) -> Option<Holder> {
        let file = platform::open_lock_file(&self.lock, None).ok()?;
        let content = read(&file, &self.lock).ok()?;
        Some(Holder::read(&content, modified(&file, &self.lock).ok()?))
    }

    /// L16: the permissions of the database, writable by the owner; the umask takes away more.
    fn permissions(&self) -> u32 {
        let database = std::fs::metadata(self.place.path()).map_or(0o666, |metadata| metadata.permissions().mode());
        (database | 0o200) & 0o666
    }
}

/// L16: links are not followed, and only a regular file is a lock file.
fn open(path: &Path, create: Option<u32>) -> Result<File, LockProblem> {
    let wrong = |is| LockProblem::NoLockFile { file: path.to_owned(), is };
    let doing = if create.is_some() { "make" } else { "open" };
    let file = match platform::open_lock_file(path, create) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::IsADirectory => return Err(wrong("a folder")),
        Err(_) if path.is_symlink() => return Err(wrong("a symbolic link")),
        Err(error) => return Err(LockProblem::io(doing, path)(error)),
    };
    match file.metadata().map_err(LockProblem::io("read", path))?.file_type() {
        kind if kind.is_file() => Ok(file),
        kind if kind.is_dir() => Err(wrong("a folder")),
        _ => Err(wrong("no regular file")),
    }
}

/// Prefix and suffix of the temporary name of a lock file. Its middle part keeps it apart from the
/// temporary files of the database, which whoever holds the lock may remove.
fn temporary_name(place: &Place) -> (OsString, OsString) {
    let mut prefix = OsString::from(".");
    prefix.push(place.name());
    prefix.push(".lock.");
    (prefix, ".sdnlock".into())
}

/// Whether `file` is what `path` names (L4).
pub(super) fn is_at(file: &File, path: &Path) -> Result<bool, LockProblem> {
    let open = FileId::of(file).map_err(LockProblem::io("read", path))?;
    let named = FileId::at(path).map_err(LockProblem::io("read", path))?;
    Ok(named == Some(open))
}

fn exists(path: &Path) -> Result<bool, LockProblem> {
    FileId::at(path).map(|id| id.is_some()).map_err(LockProblem::io("look for", path))
}

/// The content of a lock file, as much of it as can matter.
pub(super) fn read(file: &File, path: &Path) -> Result<Vec<u8>, LockProblem> {
    let mut content = vec![0; MOST_RECORD_BYTES];
    let mut length = 0;
    while length < content.len() {
        match file.read_at(&mut content[length..], length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(LockProblem::io("read", path)(error)),
        }
    }
    content.truncate(length);
    Ok(content)
}

fn modified(file: &File, path: &Path) -> Result<SystemTime, LockProblem> {
    file.metadata().and_then(|metadata| metadata.modified()).map_err(LockProblem::io("read", path))
}

/// A lock file of another user can be locked, but not written.
pub(super) fn ignore_no_permission(error: io::Error) -> io::Result<()> {
    if is_closed_to_writing(&error) { Ok(()) } else { Err(error) }
}

/// What a write answers on a file that was opened to be read only.
fn is_closed_to_writing(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::BADF)
}

/// L7: removes the queue if nobody stands in it.
pub(super) fn tidy_queue(path: &Path) {
    // Whatever fails here leaves a file behind that the next one uses and removes.
    let Ok(queue) = platform::open_lock_file(path, None) else { return };
    if matches!(platform::try_lock(&queue, Mode::Exclusive), Ok(true)) {
        leave_queue(&queue, path);
    }
    platform::unlock(&queue);
}

/// Leaves a queue that is held.
fn leave_queue(queue: &File, path: &Path) {
    if is_at(queue, path).unwrap_or(false) {
        let _ = std::fs::remove_file(path);
    }
}

/// L7: nobody drops an exclusive lock on a lock file of ours that still has its name.
fn leave_exclusive(file: &File, path: &Path) {
    let ours = read(file, path).is_ok_and(|content| Record::read(&content).is_some());
    if ours && is_at(file, path).unwrap_or(false) {
        let _ = std::fs::remove_file(path);
    }
}
