//! Where a waiting thread sleeps, and what wakes it: the lock, an interruption, a change of the file that
//! is watched.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use super::error::LockProblem;
use super::file::LockFile;
use crate::platform::{FileId, Mode};

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

    /// Whoever sleeps there from here on is not woken by this.
    pub(super) fn detach(&self, signal: &Arc<Signal>) {
        locked(&self.0).signals.retain(|listener| !std::ptr::eq(listener.as_ptr(), Arc::as_ptr(signal)));
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
pub(super) struct Signal {
    pub state: Mutex<State>,
    pub changed: Condvar,
}

impl Signal {
    pub fn attached(interrupt: Option<&Interrupt>) -> Arc<Self> {
        let signal = Arc::new(Self::default());
        if let Some(interrupt) = interrupt {
            interrupt.attach(&signal);
        }
        signal
    }
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(super) struct State {
    pub interrupted: bool,
    /// The foreign lock file that is watched has changed.
    pub stirred: bool,
    /// A thread blocks in the kernel and will come back to this.
    pub waiting: bool,
    /// Nobody waits for that thread any more; if it gets the lock it has to leave it.
    pub abandoned: bool,
    pub locked: Option<Result<LockFile, LockProblem>>,
}

/// A panic elsewhere leaves these states usable.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Threads that block in the kernel for somebody who has given up. A process that tries again and again
/// has one of them for each file, and not one for each try.
pub(super) mod parked {
    use std::sync::{Arc, Mutex};

    use super::{FileId, Interrupt, Mode, Signal, locked};

    /// Which lock a thread waits for.
    pub type Key = (FileId, Mode);

    static PARKED: Mutex<Vec<(Key, Arc<Signal>)>> = Mutex::new(Vec::new());

    pub fn park(key: Key, signal: &Arc<Signal>) {
        locked(&PARKED).push((key, Arc::clone(signal)));
    }

    pub fn forget(key: Key, signal: &Arc<Signal>) {
        locked(&PARKED).retain(|(parked, other)| *parked != key || !Arc::ptr_eq(other, signal));
    }

    /// Takes over a thread that still waits for this lock.
    pub fn adopt(key: Key, interrupt: Option<&Interrupt>) -> Option<Arc<Signal>> {
        let mut parked = locked(&PARKED);
        let found = parked.iter().position(|(parked, signal)| *parked == key && locked(&signal.state).waiting)?;
        let (_, signal) = parked.swap_remove(found);
        let mut state = locked(&signal.state);
        if !state.waiting {
            return None;
        }
        state.abandoned = false;
        state.interrupted = false;
        drop(state);
        if let Some(interrupt) = interrupt {
            interrupt.attach(&signal);
        }
        Some(signal)
    }
}
