//! Getting one lock: publish it, join it, take it over, or wait for it (L1-L5, L7, L10, L17).

use std::cell::Cell;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::error::LockProblem;
use super::file::LockFile;
use super::holder::Holder;
use super::leave::{Held, abandon_lock, abandon_queue, leave, tidy_queue};
use super::place::Place;
use super::record::{Record, Token};
use super::strangers::not_ours;
use super::wait::{Event, LeaveBehind, Target, Wait, Waiter, Woken};
use crate::platform::{self, FileId, FileMode, Mode, Named, ProcessState, Unnamed, process_state};

/// How one attempt ended.
pub(super) enum Attempt {
    Held(Held),
    /// Something moved meanwhile; look again.
    Again,
    /// Somebody holds the lock; a foreign program does if nothing could be waited for in the kernel.
    Busy,
}

/// How the kernel's lock on a file was obtained, or not.
enum Locked {
    Yes(LockFile),
    Not(Attempt),
}

/// One database and how it is to be locked.
pub(super) struct Acquisition<'a> {
    pub(super) place: &'a Place,
    mode: Mode,
    command: &'a str,
    token: Token,
    lock: PathBuf,
    queue: PathBuf,
    /// The lock file to be, made while there was time.
    prepared: Cell<Option<(Unnamed, Record)>>,
}

impl<'a> Acquisition<'a> {
    pub fn new(place: &'a Place, mode: Mode, command: &'a str, token: Token) -> Self {
        Self { place, mode, command, token, lock: place.lock(), queue: place.queue(), prepared: Cell::new(None) }
    }

    /// L17: takes the place in the queue, and keeps it in place of the lock. Everybody who held the lock
    /// before has given it up by then.
    pub fn keep_queue(&self, waiter: &mut Waiter<'_>) -> Result<LockFile, LockProblem> {
        if let Some(strange) = [&self.lock, &self.queue].into_iter().find(|file| self.place.is_strange(file)) {
            return Err(not_ours(strange));
        }
        let queue = self.enter_queue(waiter)?;
        let outcome = self.wait_at_the_head(waiter).and_then(|held| leave(&held));
        match outcome.and_then(|_| queue.overwrite(&self.record())) {
            Ok(()) => Ok(queue),
            Err(problem) => {
                self.leave_queue(&queue);
                Err(problem)
            }
        }
    }

    /// Gives up a queue that was kept.
    pub fn leave_queue(&self, queue: &LockFile) {
        // What it said is not true of the next one who stands in it.
        let _ = queue.clear();
        queue.unlock();
        tidy_queue(self.place);
    }

    /// L8: makes the lock file of a held lock again, if it is gone and nobody else has made one. The
    /// record bears the same token, and names this process.
    pub fn publish_again(&self, held: &Held, pid: u32, since: SystemTime) -> Result<Option<Held>, LockProblem> {
        if FileId::at(&self.lock).map_err(LockProblem::io("look for", &self.lock))?.is_some() {
            return Ok(None);
        }
        let mut record = self.record();
        (record.pid, record.start) = (pid, since);
        let made = platform::publish(&self.lock, &self.new_file(&record), platform::Naming::IfFree);
        match made.map_err(LockProblem::io("make", &self.lock))?.map(|file| LockFile::new(file, &self.lock)) {
            Some(file) => {
                let new = Self::held(file, &record);
                held.file.unlock();
                Ok(Some(new))
            }
            None => Ok(None),
        }
    }

    /// Locks the database, waiting as long as the waiter allows.
    pub fn lock_in_turn(&self, waiter: &mut Waiter<'_>) -> Result<Held, LockProblem> {
        // L7: whoever sees the queue goes behind it.
        let queue = FileId::at(&self.queue).map_err(LockProblem::io("look for", &self.queue))?;
        let is_strange = queue.is_some() && self.place.is_no_queue(&self.queue);
        if queue.is_none() || is_strange {
            loop {
                match self.attempt(waiter, false)? {
                    Attempt::Held(held) => return Ok(held),
                    Attempt::Again => {}
                    Attempt::Busy if waiter.wait == Wait::No => return Err(waiter.timed_out(self.holder())),
                    Attempt::Busy => break,
                }
            }
        }
        if is_strange {
            return self.wait_at_the_head(waiter);
        }
        let queue = self.enter_queue(waiter)?;
        let outcome = self.wait_at_the_head(waiter);
        queue.unlock();
        if outcome.is_err() {
            tidy_queue(self.place);
        }
        outcome
    }

    /// Takes the kernel's lock on the queue, behind all who wait there.
    fn enter_queue(&self, waiter: &mut Waiter<'_>) -> Result<LockFile, LockProblem> {
        loop {
            let queue = LockFile::open_or_make(&self.queue, self.permissions()).map(Some);
            let Some(queue) = self.unless_strange(&self.queue, queue)? else { continue };
            match self.lock_file(queue, Mode::Exclusive, waiter, Some(abandon_queue), &|| self.holder())? {
                Locked::Yes(queue) if queue.has_other_names()? => abandon_queue(&queue),
                Locked::Yes(queue) => {
                    if queue.record()?.is_some() {
                        // Of somebody who kept it and was killed.
                        queue.clear()?;
                    }
                    return Ok(queue);
                }
                Locked::Not(_) => {}
            }
        }
    }

    /// Locks the database for somebody who is first in the queue, or need not queue since it is kept for
    /// them.
    pub fn wait_at_the_head(&self, waiter: &mut Waiter<'_>) -> Result<Held, LockProblem> {
        // Whatever can be done before it is our turn is done now. What fails here is told when it matters.
        let record = self.record();
        let prepared = Unnamed::new(&self.lock, &self.new_file(&record)).ok().flatten();
        self.prepared.set(prepared.map(|file| (file, record)));
        loop {
            match self.attempt(waiter, true)? {
                Attempt::Held(held) => return Ok(held),
                Attempt::Again => {}
                // Only foreign holders end up here: an `sdnlock` is waited for in the kernel.
                Attempt::Busy => waiter.pause(&self.lock, &self.target(&|| self.holder()))?,
            }
        }
    }

    fn attempt(&self, waiter: &mut Waiter<'_>, may_wait: bool) -> Result<Attempt, LockProblem> {
        let file = match self.unless_strange(&self.lock, LockFile::open(&self.lock)) {
            Ok(Some(file)) => file,
            Ok(None) => return self.publish(),
            // Whose lock file may not even be read is waited for like a foreign program.
            Err(error) if error.is_no_permission() && self.lock.symlink_metadata().is_ok() => return Ok(Attempt::Busy),
            Err(error) => return Err(error),
        };
        let wait_as = |leave: LeaveBehind| may_wait.then_some(leave);
        let holder = || self.holder();
        if self.mode == Mode::Exclusive {
            return match self.lock_file(file, Mode::Exclusive, waiter, wait_as(abandon_lock), &holder)? {
                Locked::Yes(file) => self.judge(file, waiter),
                Locked::Not(attempt) => Ok(attempt),
            };
        }
        // L7: whoever could not remove it must not be the last one to leave.
        if !file.may_be_removed()? {
            return Err(LockProblem::io("remove", &self.lock)(ErrorKind::PermissionDenied.into()));
        }
        let file = match self.lock_file(file, Mode::Shared, waiter, wait_as(LockFile::unlock), &holder)? {
            Locked::Yes(file) => file,
            Locked::Not(attempt) => return Ok(attempt),
        };
        if file.record()?.is_some_and(|record| record.mode == Mode::Shared) {
            return join(file).map(Attempt::Held);
        }
        // L7: not a lock to be shared, so go the exclusive way, and share it from then on.
        file.unlock();
        match self.lock_file(file, Mode::Exclusive, waiter, wait_as(abandon_lock), &holder)? {
            Locked::Yes(file) => self.judge(file, waiter),
            Locked::Not(attempt) => Ok(attempt),
        }
    }

    /// L10: locks the database itself too, for programs that do only that. `None` if there is nothing to be
    /// locked. A file with several names may be locked under another one of them by somebody who waits
    /// for us in turn, so it is not waited for.
    pub fn lock_database(&self, waiter: &mut Waiter<'_>) -> Result<Option<LockFile>, LockProblem> {
        self.lock_database_if(LockFile::has_other_names, waiter)
    }

    /// The same for a lock that has no other file: a file with several names is waited for too.
    pub fn lock_database_alone(&self, waiter: &mut Waiter<'_>) -> Result<Option<LockFile>, LockProblem> {
        self.lock_database_if(|_| Ok(false), waiter)
    }

    fn lock_database_if(
        &self,
        is_left: impl Fn(&LockFile) -> Result<bool, LockProblem>,
        waiter: &mut Waiter<'_>,
    ) -> Result<Option<LockFile>, LockProblem> {
        loop {
            let Some(file) = LockFile::open_database(self.place.path(), self.mode)? else { return Ok(None) };
            let id = file.id()?;
            let wait = (!is_left(&file)?).then_some(LockFile::unlock as LeaveBehind);
            match self.lock_file(file, self.mode, waiter, wait, &|| Holder::of_database(id))? {
                Locked::Yes(file) => return Ok(Some(file)),
                Locked::Not(Attempt::Busy) => return Ok(None),
                Locked::Not(_) => {}
            }
        }
    }

    /// Takes the kernel's lock on a file, waiting for it if `wait` says what is to be left when the
    /// wait was given up; and makes sure that its path still names it (L4).
    fn lock_file(
        &self,
        file: LockFile,
        mode: Mode,
        waiter: &mut Waiter<'_>,
        wait: Option<LeaveBehind>,
        holder: &dyn Fn() -> Option<Holder>,
    ) -> Result<Locked, LockProblem> {
        let locked = match wait {
            _ if try_briefly(&file, mode, waiter.wait)? => file,
            None => return Ok(Locked::Not(Attempt::Busy)),
            Some(leave) => match waiter.lock(file, mode, &self.target(holder), leave)? {
                Woken::Locked(file) => file,
                Woken::Moved => return Ok(Locked::Not(Attempt::Again)),
            },
        };
        if locked.is_current()? {
            return Ok(Locked::Yes(locked));
        }
        locked.unlock();
        Ok(Locked::Not(Attempt::Again))
    }

    /// L2: the lock file appears complete and locked.
    pub fn publish(&self) -> Result<Attempt, LockProblem> {
        if let Some((prepared, mut record)) = self.prepared.take() {
            record.start = SystemTime::now();
            let named = prepared.rewrite(&record.to_string()).and_then(|()| prepared.name(&self.lock));
            match named.map_err(LockProblem::io("make", &self.lock))? {
                Named::Yes(file) => return Ok(Attempt::Held(Self::held(LockFile::new(file, &self.lock), &record))),
                Named::Exists => return Ok(Attempt::Again),
                Named::Impossible => {}
            }
        }
        let record = self.record();
        let made = platform::publish(&self.lock, &self.new_file(&record), platform::Naming::IfFree);
        Ok(match made.map_err(LockProblem::io("make", &self.lock))? {
            Some(file) => Attempt::Held(Self::held(LockFile::new(file, &self.lock), &record)),
            None => Attempt::Again,
        })
    }

    /// L5: the kernel's lock was free, so what the file says decides. It is held exclusively here.
    fn judge(&self, file: LockFile, waiter: &mut Waiter<'_>) -> Result<Attempt, LockProblem> {
        if let Some(dead) = file.record()? {
            if file.may_be_held_elsewhere(&dead)? {
                file.unlock();
                return Ok(Attempt::Busy);
            }
            return self.take_over(file, Some(&dead));
        }
        let (holder, death) = file.holder()?;
        if death.is_none() {
            file.unlock();
            return Ok(Attempt::Busy);
        }
        let taken = self.take_over(file, None)?;
        if matches!(taken, Attempt::Held(_)) {
            waiter.tell(Event::TookOver { path: self.place.given(), holder: &holder });
        }
        Ok(taken)
    }

    /// L5: writes a new record over that of a dead holder, without a moment in which the file is
    /// empty, gone, or says something else.
    ///
    /// Whoever takes the lock of a dead writer over has it alone, even to read: that writer may have left
    /// something that must be ended first.
    pub fn take_over(&self, file: LockFile, dead: Option<&Record>) -> Result<Attempt, LockProblem> {
        self.check_removable(&file)?;
        let mut record = self.record();
        if let Some(dead) = dead {
            record = record.taken_over_from(dead);
            if dead.mode == Mode::Exclusive {
                record.mode = Mode::Exclusive;
            }
        }
        if file.is_read_only() || file.has_other_names()? {
            // Somebody else's file that may not be written, or another file too: a new one takes its place in one step.
            // Who waits for the old one compares, and starts again (L4).
            let made = platform::publish(&self.lock, &self.new_file(&record), platform::Naming::Replace);
            let made = made.map_err(LockProblem::io("take over", &self.lock));
            file.unlock();
            return Ok(match made? {
                Some(new) => Attempt::Held(Self::held(LockFile::new(new, &self.lock), &record)),
                None => Attempt::Again,
            });
        }
        file.overwrite(&record)?;
        let ours = record.mode == Mode::Exclusive || file.try_lock(Mode::Shared)?;
        // L4
        if ours && file.is_current()? {
            return Ok(Attempt::Held(Self::held(file, &record)));
        }
        file.unlock();
        Ok(Attempt::Again)
    }

    /// Whoever cannot remove the lock file of a dead holder must not become the one who has to.
    fn check_removable(&self, file: &LockFile) -> Result<(), LockProblem> {
        if file.may_be_removed()? {
            return Ok(());
        }
        file.unlock();
        Err(LockProblem::NotOurs { file: self.lock.clone(), owner: file.owner()? })
    }

    fn held(file: LockFile, record: &Record) -> Held {
        Held { file, mode: record.mode, token: Some(record.token), after: record.after.clone(), database: None }
    }

    fn record(&self) -> Record {
        Record::new(self.mode, self.command, self.token)
    }

    pub fn target<'t>(&'t self, holder: &'t dyn Fn() -> Option<Holder>) -> Target<'t> {
        Target { database: self.place.given(), holder }
    }

    /// Who holds the lock, as far as the lock file tells, or who keeps the queue.
    pub fn holder(&self) -> Option<Holder> {
        match LockFile::open(&self.lock) {
            Ok(Some(file)) => file.holder().ok().map(|(holder, _)| holder),
            Ok(None) => {
                let queue = LockFile::open(&self.queue).ok()??;
                match queue.record().ok()? {
                    Some(record) => Some(record.into()),
                    None => Holder::first_in_queue(queue.id().ok()?),
                }
            }
            Err(_) => {
                // One that may not even be read.
                let metadata = self.lock.symlink_metadata().ok()?;
                Some(Holder::hidden(&metadata))
            }
        }
    }

    fn new_file(&self, record: &Record) -> platform::NewFile {
        // A middle part of its own keeps the temporary name, where one is needed, apart from the temporary
        // files of the database, which whoever holds the lock may remove.
        let mut prefix = OsString::from(".");
        prefix.push(self.place.name());
        prefix.push(".lock.");
        platform::NewFile {
            content: record.to_string(),
            locked: record.mode,
            mode: self.permissions(),
            prefix,
            suffix: ".sdnlock".into(),
            owned_like: self.place.path().to_owned(),
        }
    }

    /// L16: the permissions of the database, whatever the umask is, and writable by the owner: whoever may write the
    /// database may take the lock over.
    fn permissions(&self) -> FileMode {
        match std::fs::metadata(self.place.path()) {
            Ok(database) => FileMode::Exactly((database.permissions().mode() | 0o200) & 0o666),
            Err(_) => FileMode::Usual,
        }
    }
}

/// L7: one more reader. The process in the first line must be one that lives.
fn join(file: LockFile) -> Result<Held, LockProblem> {
    let is_dead = |pid: u32| pid == 0 || process_state(pid) == ProcessState::Dead;
    if file.pid().is_none_or(is_dead) && !file.has_other_names()? {
        file.write_pid(std::process::id())?;
    }
    Ok(Held { file, mode: Mode::Shared, token: None, after: Vec::new(), database: None })
}

/// Tries to lock a file at once. Whoever does not want to wait is not turned away by somebody who
/// holds the lock only for the moment in which they look at the file, as a reader does who leaves.
fn try_briefly(file: &LockFile, mode: Mode, wait: Wait) -> Result<bool, LockProblem> {
    const TRIES: u32 = 5;
    const PAUSE: Duration = Duration::from_micros(300);
    for tried in 1.. {
        if file.try_lock(mode)? {
            return Ok(true);
        }
        if wait != Wait::No || tried == TRIES {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    Ok(false)
}
