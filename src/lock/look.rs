//! Looking at the lock of a database without touching it: who holds it, who waits, what was left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::{LockError, LockProblem};
use super::file::LockFile;
use super::holder::{Death, Holder, HolderKind};
use super::place::Place;
use crate::platform::{Doubt, FileId, KernelLock, KernelLocks, Mode, ProcessState, has_locked, process_state};

/// How the lock of a database stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Standing {
    /// Nobody holds it.
    Free,
    /// Somebody holds it.
    Held(Mode),
    /// Its holder is dead: the next `sdnlock` takes it over at once.
    Stale,
}

/// What can be seen of a lock.
#[derive(Clone, Debug)]
pub struct LockView {
    /// The database, with all symbolic links followed.
    pub path: PathBuf,
    /// How the lock stands.
    pub standing: Standing,
    /// Who holds it, or held it; several processes if they read. Where the system has no list of locks
    /// only the one is known that the lock file names.
    pub holders: Vec<Holder>,
    /// Processes that wait, where the system tells. Programs that look again and again are not among
    /// them, only those that wait for the system to wake them.
    pub waiters: Vec<Holder>,
    /// The lock file if nobody holds the lock, and why that is known.
    pub stale: Option<(PathBuf, Death)>,
    /// Other files of the protocol that nobody uses.
    pub unused: Vec<PathBuf>,
    /// Files that have names of the protocol and count for nothing, and why.
    pub not_believed: Vec<(PathBuf, Doubt)>,
}

/// The locks of all processes at one time, to look at many databases.
#[derive(Clone, Debug)]
pub struct Observer(Option<KernelLocks>);

impl Observer {
    /// Reads the system's list of locks, where it has one.
    #[must_use]
    pub fn new() -> Self {
        Self(KernelLocks::read())
    }

    /// Looks at the lock of one database.
    ///
    /// # Errors
    /// If its path cannot be resolved, or its lock file not be read.
    pub fn look(&self, path: impl AsRef<Path>) -> Result<LockView, LockError> {
        let path = path.as_ref();
        let outcome = Place::resolve(path).and_then(Place::among_strangers).and_then(|place| self.look_at(&place));
        outcome.map_err(|problem| LockError { path: path.to_owned(), problem })
    }

    fn look_at(&self, place: &Place) -> Result<LockView, LockProblem> {
        let mut view = LockView {
            path: place.path().to_owned(),
            standing: Standing::Free,
            holders: Vec::new(),
            waiters: Vec::new(),
            stale: None,
            unused: Vec::new(),
            not_believed: place.strange_files(),
        };
        let mut waiting = BTreeSet::new();
        self.look_at_lock(place, &mut view, &mut waiting)?;
        self.look_at_queue(place, &mut view, &mut waiting)?;
        self.look_at_database(place, &mut view, &mut waiting);
        for nested in place.clone().all_nested_there().filter(|nested| !place.is_strange(&nested.lock())) {
            if let Some(file) = LockFile::open(&nested.lock())?
                && is_free(&file)?
            {
                view.unused.push(nested.lock());
            }
        }
        let holds = |pid: &u32| view.holders.iter().any(|holder| holder.pid == Some(*pid));
        view.waiters = waiting.iter().filter(|pid| !holds(pid)).map(|&pid| Holder::waiter(pid)).collect();
        Ok(view)
    }

    fn look_at_lock(&self, place: &Place, view: &mut LockView, waiting: &mut BTreeSet<u32>) -> Result<(), LockProblem> {
        let Some(file) = LockFile::open(&place.lock())? else { return Ok(()) };
        let locks = self.locks(&file)?;
        waiting.extend(locks.iter().filter(|lock| lock.waiting).map(|lock| lock.pid));
        let (holder, death) = file.holder()?;
        let (held, death) = match holder.kind {
            HolderKind::Sdnlock(mode) if self.is_held(&file, mode, &holder)? => (mode, None),
            // The system knows that nobody has it locked.
            HolderKind::Sdnlock(mode) => (mode, death.filter(|death| *death == Death::Restart).or(Some(Death::End))),
            _ => (Mode::Exclusive, death),
        };
        view.standing = match death {
            None => Standing::Held(held),
            Some(_) => Standing::Stale,
        };
        view.stale = death.map(|death| (place.lock(), death));
        // The record names one of several readers; the system knows the others.
        let readers = locks.iter().filter(|lock| !lock.waiting && holder.kind == HolderKind::Sdnlock(Mode::Shared));
        let others: Vec<Holder> =
            readers.filter(|lock| Some(lock.pid) != holder.pid).map(|lock| Holder::reading(lock.pid)).collect();
        // A reader that is leaving has taken its name away.
        if holder.pid.is_some() || others.is_empty() {
            view.holders.push(holder);
        }
        view.holders.extend(others);
        Ok(())
    }

    fn look_at_queue(
        &self,
        place: &Place,
        view: &mut LockView,
        waiting: &mut BTreeSet<u32>,
    ) -> Result<(), LockProblem> {
        if place.is_no_queue(&place.queue()) {
            return Ok(());
        }
        let Some(queue) = LockFile::open(&place.queue())? else { return Ok(()) };
        let locks = self.locks(&queue)?;
        waiting.extend(locks.iter().filter(|lock| lock.waiting).map(|lock| lock.pid));
        match queue.record()? {
            // L17: who keeps the queue.
            Some(record) if !is_free(&queue)? => {
                view.standing = Standing::Held(record.mode);
                view.holders.push(record.into());
            }
            // Who stands at its head waits for the lock.
            _ => waiting.extend(locks.iter().map(|lock| lock.pid)),
        }
        // Whoever holds the lock removes it.
        if view.standing == Standing::Free && locks.is_empty() && is_free(&queue)? {
            view.unused.push(place.queue());
        }
        Ok(())
    }

    /// L10: programs that lock the database itself.
    fn look_at_database(&self, place: &Place, view: &mut LockView, waiting: &mut BTreeSet<u32>) {
        let Ok(Some(id)) = FileId::at(place.path()) else { return };
        let locks = self.0.as_ref().map(|locks| locks.of(id)).unwrap_or_default();
        waiting.extend(locks.iter().filter(|lock| lock.waiting).map(|lock| lock.pid));
        // An `sdnlock` that holds the lock has locked the database too.
        if view.standing == Standing::Free
            && let Some(lock) = locks.iter().find(|lock| !lock.waiting)
        {
            view.standing = Standing::Held(lock.mode);
            view.holders.extend(locks.iter().filter(|lock| !lock.waiting).map(|lock| Holder::direct(lock.pid)));
        }
    }

    fn locks(&self, file: &LockFile) -> Result<Vec<KernelLock>, LockProblem> {
        let id = file.id()?;
        Ok(self.0.as_ref().map(|locks| locks.of(id)).unwrap_or_default())
    }

    /// Whether a lock file of ours is locked. The list does not have locks that have outlived the process
    /// that took them, as that of a command whose `sdnlock` was killed.
    fn is_held(&self, file: &LockFile, mode: Mode, holder: &Holder) -> Result<bool, LockProblem> {
        let id = file.id()?;
        if self.locks(file)?.iter().any(|lock| !lock.waiting) {
            return Ok(true);
        }
        if let Some(true) = holder.pid.and_then(|pid| has_locked(pid, id)) {
            return Ok(true);
        }
        match (mode, &self.0) {
            (Mode::Exclusive, _) => Ok(!is_free(file)?),
            (Mode::Shared, Some(_)) => Ok(false),
            // Trying would keep readers out for a moment.
            (Mode::Shared, None) => Ok(holder.pid.is_some_and(|pid| process_state(pid) != ProcessState::Dead)),
        }
    }
}

/// Whether nobody has a file locked alone, by trying to lock it together with others for a moment.
pub(super) fn is_free(file: &LockFile) -> Result<bool, LockProblem> {
    if !file.try_lock(Mode::Shared)? {
        return Ok(false);
    }
    file.unlock();
    Ok(true)
}

impl Default for Observer {
    fn default() -> Self {
        Self::new()
    }
}

impl Holder {
    fn reading(pid: u32) -> Self {
        let since = match process_state(pid) {
            ProcessState::Alive { since } => since,
            ProcessState::Dead => None,
        };
        Self {
            kind: HolderKind::Sdnlock(Mode::Shared),
            since: since.filter(|since| *since <= SystemTime::now()),
            ..Self::direct(pid)
        }
    }
}
