//! Waiting for a lock (L15): in the kernel while an `sdnlock` holds it, with a deadline, and with
//! somebody to tell.
//!
//! A thread of its own blocks in `flock`, since no signal or deadline reaches a blocking call; the
//! waiting thread sleeps on a condition variable that the lock, an interruption and the deadline all
//! wake. If the wait is given up, the other thread may still get the lock later. It then leaves
//! everything as the next one must find it, and ends; until then the next wait for that file takes it
//! over.

use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::error::LockProblem;
use super::file::LockFile;
use super::heartbeat::{Kept, keep_alive};
use super::holder::Holder;
use super::sleep::{Interrupt, Signal, State, locked, parked};
use crate::platform::{FileId, Mode, Sign, Watch};

/// How long to wait for a lock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Wait {
    /// Not at all.
    No,
    /// So long at most.
    AtMost(Duration),
    /// As long as it takes.
    Forever,
}

impl Wait {
    /// The 10 seconds that all existing programs wait.
    pub const DEFAULT: Self = Self::AtMost(Duration::from_secs(10));
}

impl Default for Wait {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl From<Duration> for Wait {
    fn from(duration: Duration) -> Self {
        if duration.is_zero() { Self::No } else { Self::AtMost(duration) }
    }
}

impl From<u64> for Wait {
    /// Seconds, as the existing programs count.
    fn from(seconds: u64) -> Self {
        Duration::from_secs(seconds).into()
    }
}

/// Something worth telling the user while a lock is being acquired.
#[derive(Debug)]
pub enum Event<'a> {
    /// The lock is held by somebody else, and the wait begins. Told at once, and once.
    Blocked,
    /// The lock is still held by somebody else. Told after half a second, then every second.
    Waiting {
        /// The database.
        path: &'a Path,
        /// Who holds it, as far as its lock file tells.
        holder: Option<&'a Holder>,
        /// How long the wait has been.
        waited: Duration,
    },
    /// The wait that was told of is over, with or without the lock.
    Over,
    /// The lock file of a foreign program was left behind and has been taken over.
    TookOver {
        /// The database.
        path: &'a Path,
        /// Who held it.
        holder: &'a Holder,
    },
}

/// How a wait in the kernel ended.
pub(super) enum Woken {
    /// The lock is ours.
    Locked(LockFile),
    /// The path names another file by now, so this lock is worth nothing (L4).
    Moved,
}

/// Leaves a file as it must be when its lock arrives after the wait was given up.
pub(super) type LeaveBehind = fn(&LockFile);

/// The first report on a wait comes after this time.
const FIRST_REPORT: Duration = Duration::from_millis(500);
/// The next ones, and the comparison of L4, after this.
const ONE_SECOND: Duration = Duration::from_secs(1);
/// How often a foreign lock file is looked at.
const SHORTEST_POLL: Duration = Duration::from_millis(1);
const LONGEST_POLL: Duration = Duration::from_millis(25);

/// One wait, which may go through several locks: one deadline, one listener.
pub(super) struct Waiter<'a> {
    pub wait: Wait,
    /// What is held already while more is waited for.
    held: Vec<Arc<Kept>>,
    begun: Instant,
    interrupt: Option<&'a Interrupt>,
    signal: Arc<Signal>,
    on_event: &'a mut dyn FnMut(Event<'_>),
    next_report: Instant,
    blocked: bool,
    reported: bool,
    poll: Duration,
    /// The foreign lock file that is waited for, where the system can watch it.
    watch: Option<(FileId, Option<Watch>)>,
}

impl<'a> Waiter<'a> {
    pub fn new(wait: Wait, interrupt: Option<&'a Interrupt>, on_event: &'a mut dyn FnMut(Event<'_>)) -> Self {
        let begun = Instant::now();
        Self {
            wait,
            held: Vec::new(),
            begun,
            interrupt,
            signal: Signal::attached(interrupt),
            on_event,
            next_report: begun + FIRST_REPORT,
            blocked: false,
            reported: false,
            poll: SHORTEST_POLL,
            watch: None,
        }
    }

    /// Tells something; a report on the wait is taken back first.
    pub fn tell(&mut self, event: Event<'_>) {
        if std::mem::take(&mut self.reported) {
            (self.on_event)(Event::Over);
        }
        (self.on_event)(event);
    }

    /// The error of a wait that found the lock held to the end.
    pub fn timed_out(&self, holder: Option<Holder>) -> LockProblem {
        let waited = match self.wait {
            Wait::No => Duration::ZERO,
            Wait::AtMost(limit) => limit,
            Wait::Forever => self.begun.elapsed(),
        };
        LockProblem::Timeout { waited, holder }
    }

    /// Fails if the deadline has passed or somebody interrupted.
    pub fn check(&self, target: &Target<'_>) -> Result<(), LockProblem> {
        if locked(&self.signal.state).interrupted {
            return Err(LockProblem::Interrupted);
        }
        match self.remaining() {
            Some(Duration::ZERO) => Err(self.timed_out((target.holder)())),
            _ => Ok(()),
        }
    }

    /// Locks `file`, in the kernel's queue, until the deadline.
    pub fn lock(
        &mut self,
        file: LockFile,
        mode: Mode,
        target: &Target<'_>,
        leave: LeaveBehind,
    ) -> Result<Woken, LockProblem> {
        self.check(target)?;
        self.begin();
        let id = file.id()?;
        let path = file.path().to_owned();
        self.watch = None;
        if let Some(signal) = parked::adopt((id, mode), self.interrupt) {
            self.signal = signal;
        } else {
            self.signal = Signal::attached(self.interrupt);
            self.block_in_thread(file, (id, mode), leave)?;
        }
        loop {
            if let Some(outcome) = self.sleep_until(self.next_wake(), |state| state.locked.take()) {
                return outcome.map(Woken::Locked);
            }
            let moved = FileId::at(&path).is_ok_and(|now| now != Some(id));
            let verdict = if moved { Ok(()) } else { self.check(target) };
            if moved || verdict.is_err() {
                // It may have come just now.
                return match self.give_up((id, mode)) {
                    Some(Ok(file)) => Ok(Woken::Locked(file)),
                    _ => verdict.map(|()| Woken::Moved),
                };
            }
            self.report(target);
        }
    }

    /// Waits a little before a foreign lock file is looked at again: until it changes, or else for a
    /// time that grows.
    pub fn pause(&mut self, lock: &Path, target: &Target<'_>) -> Result<(), LockProblem> {
        self.check(target)?;
        self.begin();
        let Ok(Some(id)) = FileId::at(lock) else { return Ok(()) };
        if self.watch.as_ref().is_none_or(|(watched, _)| *watched != id) {
            let signal = Arc::clone(&self.signal);
            let stir = move || {
                locked(&signal.state).stirred = true;
                signal.changed.notify_all();
            };
            self.watch = Some((id, Watch::begin(lock, Sign::Change, stir)));
            // What happened before the watch began is seen by looking once more.
            return Ok(());
        }
        let until = (Instant::now() + self.poll).min(self.next_wake());
        self.poll = (self.poll * 2).min(LONGEST_POLL);
        self.sleep_until(until, |state| std::mem::take(&mut state.stirred).then_some(()));
        self.check(target)?;
        self.report(target);
        Ok(())
    }

    /// What is to be kept alive if it comes to a wait (L8).
    pub fn holds(&mut self, kept: &Arc<Kept>) {
        self.held.push(Arc::clone(kept));
    }

    /// Whether anything was waited for.
    pub fn has_waited(&self) -> bool {
        self.blocked
    }

    fn begin(&mut self) {
        for kept in self.held.drain(..) {
            keep_alive(&kept);
        }
        if !std::mem::replace(&mut self.blocked, true) {
            self.tell(Event::Blocked);
        }
    }

    /// One lock has been obtained; the next one is waited for from the beginning.
    pub fn obtained(&mut self) {
        if std::mem::take(&mut self.reported) {
            (self.on_event)(Event::Over);
        }
        self.poll = SHORTEST_POLL;
        self.watch = None;
    }

    /// Sleeps until `done` finds what it looks for, somebody interrupts, or the time has come.
    fn sleep_until<T>(&self, until: Instant, mut done: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let mut state = locked(&self.signal.state);
        loop {
            if let Some(found) = done(&mut state) {
                return Some(found);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || state.interrupted {
                return None;
            }
            let woken = self.signal.changed.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn block_in_thread(&self, file: LockFile, key: parked::Key, leave: LeaveBehind) -> Result<(), LockProblem> {
        locked(&self.signal.state).waiting = true;
        let signal = Arc::clone(&self.signal);
        let path = file.path().to_owned();
        let wait = move || {
            let outcome = file.lock(key.1);
            let abandoned = {
                let mut state = locked(&signal.state);
                state.waiting = false;
                if !state.abandoned {
                    state.locked = Some(outcome);
                    // Whoever is woken must not have to wait for this.
                    drop(state);
                    signal.changed.notify_all();
                    return;
                }
                outcome
            };
            parked::forget(key, &signal);
            if let Ok(file) = abandoned {
                leave(&file);
            }
        };
        let thread = std::thread::Builder::new().name("sdnlock-wait".to_owned());
        thread.spawn(wait).map(drop).map_err(LockProblem::io("start a thread to wait for", &path))
    }

    /// Ends the wait, unless the lock has come. The thread that blocks in the kernel cannot be ended: it
    /// is parked, for the next one who waits for this file.
    fn give_up(&mut self, key: parked::Key) -> Option<Result<LockFile, LockProblem>> {
        let came = {
            let mut state = locked(&self.signal.state);
            let came = state.locked.take();
            state.abandoned = came.is_none();
            came
        };
        if came.is_none() {
            if let Some(interrupt) = self.interrupt {
                interrupt.detach(&self.signal);
            }
            parked::park(key, &self.signal);
            if !locked(&self.signal.state).waiting {
                // It came back meanwhile.
                parked::forget(key, &self.signal);
            }
        }
        self.signal = Signal::attached(self.interrupt);
        came
    }

    fn remaining(&self) -> Option<Duration> {
        match self.wait {
            Wait::No => Some(Duration::ZERO),
            Wait::AtMost(limit) => Some(limit.saturating_sub(self.begun.elapsed())),
            Wait::Forever => None,
        }
    }

    fn next_wake(&self) -> Instant {
        let now = Instant::now();
        let next = (now + ONE_SECOND).min(self.next_report.max(now));
        self.remaining().and_then(|left| now.checked_add(left)).map_or(next, |end| next.min(end))
    }

    fn report(&mut self, target: &Target<'_>) {
        if Instant::now() < self.next_report {
            return;
        }
        self.next_report = Instant::now() + ONE_SECOND;
        self.reported = true;
        let holder = (target.holder)();
        let waited = self.begun.elapsed();
        (self.on_event)(Event::Waiting { path: target.database, holder: holder.as_ref(), waited });
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.obtained();
    }
}

/// What is waited for.
pub(super) struct Target<'a> {
    /// The database, for messages.
    pub database: &'a Path,
    /// Reads who holds it.
    pub holder: &'a dyn Fn() -> Option<Holder>,
}
