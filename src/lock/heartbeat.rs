//! Keeping a lock alive while it is held (L8).
//!
//! Foreign programs break a lock whose file has not changed for a minute. One thread of the process
//! looks at all its locks every few seconds. Where the lock is still ours it renews the time in the
//! record, and with it that of the file. What somebody else has written is never written over. Where
//! the file is gone it is made again, if nobody else has done so meanwhile, so that the lock excludes
//! others again; that it was broken is remembered, since nobody knows what happened in between.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::SystemTime;

use super::acquire::Acquisition;
use super::error::LockProblem;
use super::file::LockFile;
use super::journals::has_journal;
use super::leave::{Held, is_intact, leave};
use super::limits;
use super::place::Place;
use super::record::Token;
use super::sleep::locked;
use crate::platform::{KernelLocks, Mode, Sign, Watch, ancestors};

/// What may turn out while a lock is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// A foreign program has broken the lock.
    Broken,
    /// The command that runs under the lock waits for it, as far as can be seen.
    Wanted,
}

/// What is called when something turns out, with the database as the caller named it.
#[derive(Clone)]
pub(super) struct OnTrouble(pub Arc<Listener>);

type Listener = dyn Fn(&Path, Trouble) + Send + Sync;

impl fmt::Debug for OnTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnTrouble")
    }
}

/// A lock that is held, shared with the thread that keeps it alive.
#[derive(Debug)]
pub(super) struct Kept {
    place: Place,
    command: String,
    held: Mutex<Option<Held>>,
    since: SystemTime,
    broken: AtomicBool,
    /// The process that runs under the lock; 0 if there is none.
    runs: AtomicU32,
    wanted: AtomicBool,
    /// Whether a transaction was written down under it.
    journaled: AtomicBool,
    openings: Openings,
    on_trouble: Option<OnTrouble>,
}

/// How often the lock file was opened since the last beat, where the system can watch that. Simple tools
/// that wait for it open it a hundred times a second.
#[derive(Debug, Default)]
struct Openings {
    number: Arc<AtomicU32>,
    watch: Mutex<Option<Watch>>,
}

/// More openings than this in a second are those of a program that waits in its own way: an `sdnlock`
/// that waits opens the file once.
const MOST_OPENINGS: u128 = 50;

impl Openings {
    fn begin(&self, lock: &Path) {
        let number = Arc::clone(&self.number);
        let count = move || {
            number.fetch_add(1, Ordering::Relaxed);
        };
        *locked(&self.watch) = Watch::begin(lock, Sign::Opening, count);
    }

    fn are_many(&self) -> bool {
        let most = limits::heartbeat().as_millis() * MOST_OPENINGS / 1000;
        u128::from(self.number.swap(0, Ordering::Relaxed)) > most
    }
}

impl Kept {
    pub fn new(place: &Place, command: &str, held: Held, on_trouble: Option<OnTrouble>) -> Self {
        Self {
            place: place.clone(),
            command: command.to_owned(),
            held: Mutex::new(Some(held)),
            since: SystemTime::now(),
            broken: AtomicBool::new(false),
            runs: AtomicU32::new(0),
            wanted: AtomicBool::new(false),
            journaled: AtomicBool::new(false),
            openings: Openings::default(),
            on_trouble,
        }
    }

    /// What is held, until it is given up.
    pub fn held(&self) -> MutexGuard<'_, Option<Held>> {
        locked(&self.held)
    }

    /// Whether the lock is ours, and was all the time.
    pub fn is_intact(&self) -> Result<bool, LockProblem> {
        match self.held().as_ref() {
            Some(held) if !self.broken.load(Ordering::SeqCst) => is_intact(held),
            _ => Ok(false),
        }
    }

    /// Names the process that runs under the lock, or this one again. What somebody else has written over
    /// the record stays (L8).
    pub fn runs(&self, pid: u32) -> Result<(), LockProblem> {
        self.runs.store(if pid == std::process::id() { 0 } else { pid }, Ordering::SeqCst);
        match self.held().as_ref() {
            // Of several readers the first line names any one, and each looks after its own name.
            Some(held) if held.mode == Mode::Exclusive && is_intact(held)? => held.file.write_pid(pid),
            _ => Ok(()),
        }
    }

    /// L10: the database is locked too.
    pub fn database_is(&self, database: Option<LockFile>) {
        if let Some(held) = self.held().as_mut() {
            held.database = database;
        }
    }

    /// Whether the lock was taken over from a dead process.
    pub fn is_of_the_dead(&self) -> bool {
        self.held().as_ref().is_some_and(|held| !held.after.is_empty())
    }

    /// A transaction is written down under it.
    pub fn has_journal(&self) {
        self.journaled.store(true, Ordering::SeqCst);
    }

    pub fn is_journaled(&self) -> bool {
        self.journaled.load(Ordering::SeqCst)
    }

    /// J5: whether what this process, or a dead one before it, has under way would still be to be ended if a
    /// journal is there.
    fn may_leave_a_journal(&self) -> bool {
        self.is_journaled() || self.is_of_the_dead()
    }

    /// Gives the lock up as a dead holder leaves it: the file stays, and the next one takes it over at once.
    fn abandon(&self) {
        if let Some(held) = self.held().take() {
            if let Some(database) = &held.database {
                database.unlock();
            }
            held.file.unlock();
        }
    }

    /// Gives the lock up. Says whether its file was removed.
    ///
    /// J5: where something was under way that is still to be ended, the lock stays as the dead leave it, and
    /// the next one knows that nobody else has had it since.
    pub fn give_up(&self) -> Result<bool, LockProblem> {
        if self.may_leave_a_journal() && has_journal(self.place.path(), self.place.depth()) {
            self.abandon();
            return Ok(false);
        }
        let held = self.held().take();
        held.map_or(Ok(false), |held| leave(&held))
    }

    fn beat(&self) {
        let mut guard = self.held();
        let Some(held) = guard.as_mut() else { return };
        match is_intact(held) {
            Ok(true) => {
                // Whatever fails is tried again with the next beat.
                let _ = held.file.write_time();
                self.follow_database(held);
                let wanted = self.is_wanted(held);
                drop(guard);
                if wanted && !self.wanted.swap(true, Ordering::SeqCst) {
                    self.tell(Trouble::Wanted);
                }
            }
            Ok(false) => {
                let token = held.token.unwrap_or_else(Token::random);
                let acquisition = Acquisition::new(&self.place, held.mode, &self.command, token);
                let pid = match self.runs.load(Ordering::SeqCst) {
                    0 => std::process::id(),
                    pid => pid,
                };
                if let Ok(Some(mut new)) = acquisition.publish_again(held, pid, self.since) {
                    new.database = held.database.take();
                    *held = new;
                }
                drop(guard);
                if !self.broken.swap(true, Ordering::SeqCst) {
                    self.tell(Trouble::Broken);
                }
            }
            Err(_) => {}
        }
    }

    /// L17: whether the command that runs under the lock seems to wait for it.
    fn is_wanted(&self, held: &Held) -> bool {
        let runs = self.runs.load(Ordering::SeqCst);
        if runs == 0 || self.wanted.load(Ordering::SeqCst) {
            return false;
        }
        let locks = held.database.as_ref().and_then(|file| file.id().ok()).zip(KernelLocks::read());
        let waits = |pid| pid == runs || ancestors(pid).any(|above| above == runs);
        if locks.is_some_and(|(id, locks)| locks.of(id).iter().any(|lock| lock.waiting && waits(lock.pid))) {
            return true;
        }
        if locked(&self.openings.watch).is_none() {
            self.openings.begin(held.file.path());
            return false;
        }
        self.openings.are_many()
    }

    /// Whoever listens does so in a thread of their own: however long that takes, the locks are kept alive.
    fn tell(&self, trouble: Trouble) {
        if let Some(on_trouble) = self.on_trouble.clone() {
            let database = self.place.given().to_owned();
            let thread = std::thread::Builder::new().name("sdnlock-trouble".to_owned());
            let _ = thread.spawn(move || (on_trouble.0)(&database, trouble));
        }
    }

    /// L10: locks the file that has taken the place of the database, if a command has put one there and
    /// nobody else has it locked.
    fn follow_database(&self, held: &mut Held) {
        let current = held.database.as_ref().is_none_or(|file| file.is_current().unwrap_or(true));
        if current || self.place.is_nested() {
            return;
        }
        if let Ok(Some(new)) = LockFile::open_database(self.place.path(), held.mode)
            && matches!(new.try_lock(held.mode), Ok(true))
            && matches!(new.is_current(), Ok(true))
            && let Some(old) = held.database.replace(new)
        {
            old.unlock();
        }
    }
}

/// The locks of this process that are kept alive.
static BEATING: Mutex<Beating> = Mutex::new(Beating { kept: Vec::new(), running: false });

struct Beating {
    kept: Vec<Weak<Kept>>,
    running: bool,
}

impl Beating {
    fn tidy(&mut self) {
        self.kept.retain(|kept| kept.strong_count() > 0);
    }
}

/// Keeps a lock alive once that is asked for (L8).
#[derive(Clone, Debug)]
pub struct Keeper(pub(super) Option<Arc<Kept>>);

impl Keeper {
    /// Keeps it alive from here on, until it is given up.
    pub fn keep_alive(&self) {
        if let Some(kept) = &self.0 {
            keep_alive(kept);
        }
    }
}

/// Keeps a lock alive until it is given up. Where no thread can be started it is not, and others may
/// break it after a minute, which L9 notices.
pub(super) fn keep_alive(kept: &Arc<Kept>) {
    let mut beating = locked(&BEATING);
    if beating.kept.len().is_power_of_two() {
        beating.tidy();
    }
    beating.kept.push(Arc::downgrade(kept));
    if !beating.running {
        let thread = std::thread::Builder::new().name("sdnlock-heartbeat".to_owned());
        beating.running = thread.spawn(beat_on).is_ok();
    }
}

fn beat_on() {
    loop {
        std::thread::sleep(limits::heartbeat());
        let kept: Vec<Arc<Kept>> = {
            let mut beating = locked(&BEATING);
            beating.tidy();
            beating.running = !beating.kept.is_empty();
            if !beating.running {
                return;
            }
            beating.kept.iter().filter_map(Weak::upgrade).collect()
        };
        for kept in kept {
            kept.beat();
        }
    }
}
