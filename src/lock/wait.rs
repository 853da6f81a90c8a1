//! Waiting for a lock (L15): in the kernel while an `sdnlock` holds it, with a deadline, and with
//! somebody to tell.
//!
//! A thread of its own blocks in `flock`, since no signal or deadline reaches a blocking call; the
//! waiting thread sleeps on a condition variable that the lock, an interruption and the deadline all
//! wake. If the wait is given up, the other thread may still get the lock later. It then leaves
//! everything as the next one must find it, and ends.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::error::LockProblem;
use super::holder::Holder;
use crate::platform::{self, FileId, Mode};

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

/// Ends waits from another thread, as from one that handles signals.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Mutex<Listeners>>);

#[derive(Debug, Default)]
struct Listeners {
    triggered: bool,
    signals: Vec<Weak<Signal>>,
}

impl Interrupt {
    /// One that nobody has triggered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends all waits that were given this, now and from now on.
    pub fn trigger(&self) {
        let mut listeners = locked(&self.0);
        listeners.triggered = true;
        for signal in listeners.signals.iter().filter_map(Weak::upgrade) {
            locked(&signal.state).interrupted = true;
            signal.changed.notify_all();
        }
    }

    /// Whether somebody has triggered it.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        locked(&self.0).triggered
    }

    fn attach(&self, signal: &Arc<Signal>) {
        let mut listeners = locked(&self.0);
        listeners.signals.retain(|listener| listener.strong_count() > 0);
        listeners.signals.push(Arc::downgrade(signal));
        locked(&signal.state).interrupted |= listeners.triggered;
    }
}

/// Where the waiting thread sleeps.
#[derive(Debug, Default)]
struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

impl Signal {
    fn attached(interrupt: Option<&Interrupt>) -> Arc<Self> {
        let signal = Arc::new(Self::default());
        if let Some(interrupt) = interrupt {
            interrupt.attach(&signal);
        }
        signal
    }
}

#[derive(Debug, Default)]
struct State {
    interrupted: bool,
    /// The waiting thread does not wait any more; whoever gets the lock has to leave it.
    abandoned: bool,
    locked: Option<io::Result<File>>,
}

/// A panic elsewhere leaves these states usable.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a wait in the kernel ended.
pub(super) enum Woken {
    /// The lock is ours.
    Locked(File),
    /// The path names another file by now, so this lock is worth nothing (L4).
    Moved,
}

/// What is to be left when a lock arrives after the wait was given up.
pub(super) type LeaveBehind = fn(&File, &Path);

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
    begun: Instant,
    interrupt: Option<&'a Interrupt>,
    signal: Arc<Signal>,
    on_event: &'a mut dyn FnMut(Event<'_>),
    next_report: Instant,
    blocked: bool,
    reported: bool,
    poll: Duration,
}

impl<'a> Waiter<'a> {
    pub fn new(wait: Wait, interrupt: Option<&'a Interrupt>, on_event: &'a mut dyn FnMut(Event<'_>)) -> Self {
        let begun = Instant::now();
        Self {
            wait,
            begun,
            interrupt,
            signal: Signal::attached(interrupt),
            on_event,
            next_report: begun + FIRST_REPORT,
            blocked: false,
            reported: false,
            poll: SHORTEST_POLL,
        }
    }

    pub fn tell(&mut self, event: Event<'_>) {
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
        file: File,
        mode: Mode,
        target: &Target<'_>,
        leave_behind: LeaveBehind,
    ) -> Result<Woken, LockProblem> {
        self.check(target)?;
        self.begin();
        let id = FileId::of(&file).map_err(LockProblem::io("read", target.file))?;
        self.block_in_thread(file, mode, target, leave_behind)?;
        loop {
            let until = self.next_wake();
            if let Some(outcome) = self.sleep_until(until, |state| state.locked.take()) {
                return match outcome {
                    Ok(file) => Ok(Woken::Locked(file)),
                    Err(source) => Err(LockProblem::io("lock", target.file)(source)),
                };
            }
            let moved = FileId::at(target.file).is_ok_and(|now| now != Some(id));
            let verdict = if moved { Ok(()) } else { self.check(target) };
            if moved || verdict.is_err() {
                let mut state = locked(&self.signal.state);
                // It may have come just now.
                if let Some(Ok(file)) = state.locked.take() {
                    return Ok(Woken::Locked(file));
                }
                state.abandoned = true;
                drop(state);
                self.renew_signal();
                return verdict.map(|()| Woken::Moved);
            }
            self.report(target);
        }
    }

    /// Waits a little before a foreign lock file is looked at again.
    pub fn pause(&mut self, target: &Target<'_>) -> Result<(), LockProblem> {
        self.check(target)?;
        self.begin();
        let until = (Instant::now() + self.poll).min(self.next_wake());
        self.poll = (self.poll * 2).min(LONGEST_POLL);
        self.sleep_until(until, |_| None::<()>);
        self.check(target)?;
        self.report(target);
        Ok(())
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.blocked, true) {
            self.tell(Event::Blocked);
        }
    }

    /// One lock has been obtained; the next one is waited for from the beginning.
    pub fn obtained(&mut self) {
        if std::mem::take(&mut self.reported) {
            self.tell(Event::Over);
        }
        self.poll = SHORTEST_POLL;
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

    fn block_in_thread(
        &self,
        file: File,
        mode: Mode,
        target: &Target<'_>,
        leave_behind: LeaveBehind,
    ) -> Result<(), LockProblem> {
        let signal = Arc::clone(&self.signal);
        let path = target.file.to_owned();
        let thread = std::thread::Builder::new().name("sdnlock-wait".to_owned());
        let wait = move || {
            let outcome = platform::lock(file, mode);
            let mut state = locked(&signal.state);
            if !state.abandoned {
                state.locked = Some(outcome);
                signal.changed.notify_all();
                return;
            }
            drop(state);
            if let Ok(file) = outcome {
                leave_behind(&file, &path);
                platform::unlock(&file);
            }
        };
        thread.spawn(wait).map(drop).map_err(LockProblem::io("start a thread to wait for", target.file))
    }

    /// After a wait was given up the old signal belongs to its thread.
    fn renew_signal(&mut self) {
        self.signal = Signal::attached(self.interrupt);
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
        self.remaining().map_or(next, |left| next.min(now + left))
    }

    fn report(&mut self, target: &Target<'_>) {
        if Instant::now() < self.next_report {
            return;
        }
        self.next_report = Instant::now() + ONE_SECOND;
        self.reported = true;
        let holder = (target.holder)();
        let waited = self.begun.elapsed();
        self.tell(Event::Waiting { path: target.database, holder: holder.as_ref(), waited });
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
    /// The file whose lock is wanted.
    pub file: &'a Path,
    /// Reads who holds it.
    pub holder: &'a dyn Fn() -> Option<Holder>,
}
