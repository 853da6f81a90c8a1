//! Signals. While a lock is held or waited for, a signal must not end the process before it has
//! cleaned up; at all other times it ends it as usual.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError};

use sdnlock::lock::Interrupt;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};

/// Signals that end a process.
const ENDING: [i32; 4] = [SIGINT, SIGQUIT, SIGTERM, SIGHUP];

/// The handlers, which are installed once.
struct Handlers {
    /// The signal that came while signals were held; 0 if none did.
    received: Arc<AtomicUsize>,
    /// Whether nobody holds signals, so that they end the process.
    released: Arc<AtomicBool>,
    /// Whether all is done and told, so that what comes now comes too late to change anything.
    over: AtomicBool,
    /// How many hold them.
    holders: AtomicUsize,
    /// What ends the wait that is under way.
    interrupt: Mutex<Interrupt>,
    listening: Once,
}

fn handlers() -> &'static Handlers {
    static HANDLERS: OnceLock<Handlers> = OnceLock::new();
    HANDLERS.get_or_init(|| {
        let handlers = Handlers {
            received: Arc::default(),
            released: Arc::default(),
            over: AtomicBool::new(false),
            holders: AtomicUsize::new(0),
            interrupt: Mutex::default(),
            listening: Once::new(),
        };
        for signal in not_ignored(&ENDING) {
            let number = usize::try_from(signal).unwrap_or_default();
            // Fails only for signals that cannot be handled.
            let _ = signal_hook::flag::register_conditional_default(signal, Arc::clone(&handlers.released));
            let _ = signal_hook::flag::register_usize(signal, Arc::clone(&handlers.received), number);
        }
        handlers
    })
}

/// While this exists, INT, QUIT, TERM and HUP are remembered and do not end the process. Those that
/// were ignored when the process was started, as under nohup(1), stay ignored.
#[derive(Debug)]
pub struct Hold(());

#[expect(clippy::unused_self, reason = "only who holds the signals may take them")]
impl Hold {
    pub fn begin() -> Self {
        let handlers = handlers();
        handlers.holders.fetch_add(1, Ordering::SeqCst);
        handlers.released.store(false, Ordering::SeqCst);
        *handlers.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = Interrupt::new();
        Self(())
    }

    /// The signal that came. Whoever takes it has to act on it.
    pub fn take(&self) -> Option<i32> {
        match handlers().received.swap(0, Ordering::SeqCst) {
            0 => None,
            signal => i32::try_from(signal).ok(),
        }
    }

    /// Tells whether a signal has come, once all is done and there is nothing more to say. If so, it ends the process as
    /// soon as this is dropped, and whoever asks has to say what was done before. If not, the process ends by itself, and
    /// with its exit code, whatever comes from here on: that would be taken for a sign that nothing was done.
    pub fn at_last(&self) -> Option<i32> {
        let handlers = handlers();
        handlers.over.store(true, Ordering::SeqCst);
        match handlers.received.load(Ordering::SeqCst) {
            0 => None,
            signal => {
                handlers.over.store(false, Ordering::SeqCst);
                i32::try_from(signal).ok()
            }
        }
    }

    /// Whether a signal has come, which ends the process as soon as this is dropped.
    pub fn has_come(&self) -> bool {
        handlers().received.load(Ordering::SeqCst) != 0
    }

    /// Forgets what was typed for a program that had the terminal meanwhile.
    pub fn forget_keyboard(&self) {
        for signal in [SIGINT, SIGQUIT] {
            let number = usize::try_from(signal).unwrap_or_default();
            let _ = handlers().received.compare_exchange(number, 0, Ordering::SeqCst, Ordering::SeqCst);
        }
        *handlers().interrupt.lock().unwrap_or_else(PoisonError::into_inner) = Interrupt::new();
    }

    /// Lets signals end the process while this runs.
    pub fn released<T>(&self, run: impl FnOnce() -> T) -> T {
        handlers().released.store(true, Ordering::SeqCst);
        let outcome = run();
        handlers().released.store(false, Ordering::SeqCst);
        outcome
    }

    /// Forgets what came for a command that has ended.
    pub fn forget(&self) {
        let _ = self.take();
        *handlers().interrupt.lock().unwrap_or_else(PoisonError::into_inner) = Interrupt::new();
    }

    /// What ends a wait for a lock once [`listen`](Self::listen) was called.
    pub fn interrupt(&self) -> Interrupt {
        handlers().interrupt.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets signals end a wait.
    pub fn listen(&self) {
        let handlers = handlers();
        handlers.listening.call_once(|| {
            let Ok(mut signals) = signal_hook::iterator::Signals::new(not_ignored(&ENDING)) else { return };
            let thread = std::thread::Builder::new().name("sdnlock-signals".to_owned());
            // Without a thread the wait still ends at its deadline.
            let _ = thread.spawn(move || {
                for _ in signals.forever() {
                    handlers.interrupt.lock().unwrap_or_else(PoisonError::into_inner).trigger();
                }
            });
        });
        if handlers.received.load(Ordering::SeqCst) != 0 {
            self.interrupt().trigger();
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if handlers().holders.fetch_sub(1, Ordering::SeqCst) > 1 {
            return;
        }
        if handlers().over.load(Ordering::SeqCst) {
            return;
        }
        handlers().released.store(true, Ordering::SeqCst);
        if let Some(signal) = self.take() {
            // It came while it could not be heeded.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    }
}

/// Lets a write fail, and be told, that would make a file larger than the user's limit (`ulimit -f`): the signal for that
/// ends a process on the spot. A signal with a handler has its usual effect on the programs that are started.
pub fn survive_size_limit() {
    for signal in not_ignored(&[SIGXFSZ]) {
        // Without it the signal has its usual effect here too.
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
}

/// Those of the signals that this process does not ignore.
pub fn not_ignored(signals: &[i32]) -> Vec<i32> {
    let ignored = ignored();
    let is_ignored = |signal: i32| {
        u32::try_from(signal - 1).is_ok_and(|bit| ignored.checked_shr(bit).is_some_and(|rest| rest & 1 == 1))
    };
    signals.iter().copied().filter(|&signal| !is_ignored(signal)).collect()
}

/// The signals that this process ignores, a bit for each. Only Linux tells without `unsafe`; elsewhere
/// it is none.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
