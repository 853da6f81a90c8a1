//! Signals. While a lock is held or waited for, a signal must not end the process before it has
//! cleaned up.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use sdnlock::lock::Interrupt;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// Remembers that one of INT, TERM and HUP came. Signals that were ignored when the process was
/// started, as under nohup(1), stay ignored.
#[derive(Clone, Debug)]
pub struct Signals {
    received: Arc<AtomicUsize>,
    interrupt: Interrupt,
    listening: Arc<Once>,
}

impl Signals {
    /// From here on these signals are remembered, and do not end the process.
    pub fn hold() -> Self {
        let signals = Self { received: Arc::default(), interrupt: Interrupt::new(), listening: Arc::new(Once::new()) };
        let ignored = ignored();
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !ignored.contains(signal)) {
            let number = usize::try_from(signal).unwrap_or_default();
            // Fails only for signals that cannot be handled.
            let _ = signal_hook::flag::register_usize(signal, Arc::clone(&signals.received), number);
        }
        signals
    }

    /// The signal that came, if one did.
    pub fn received(&self) -> Option<i32> {
        match self.received.load(Ordering::SeqCst) {
            0 => None,
            signal => i32::try_from(signal).ok(),
        }
    }

    /// What ends a wait for a lock once [`listen`](Self::listen) was called.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Lets the signals end a wait.
    pub fn listen(&self) {
        self.listening.call_once(|| self.spawn_listener());
        if self.received().is_some() {
            self.interrupt.trigger();
        }
    }

    fn spawn_listener(&self) {
        let ignored = ignored();
        let held = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !ignored.contains(signal));
        if let Ok(mut signals) = signal_hook::iterator::Signals::new(held) {
            let interrupt = self.interrupt.clone();
            std::thread::spawn(move || {
                for _ in signals.forever() {
                    interrupt.trigger();
                }
            });
        }
    }
}

/// Keeps Ctrl-C and Ctrl-\ from ending this process: they are for the program it runs.
pub fn leave_keyboard_to_child() {
    let ignored = ignored();
    for signal in [SIGINT, SIGQUIT].into_iter().filter(|&signal| !ignored.contains(signal)) {
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
}

/// A set of signals.
#[derive(Clone, Copy)]
pub struct SignalSet(u64);

impl SignalSet {
    pub fn contains(self, signal: i32) -> bool {
        u32::try_from(signal - 1).is_ok_and(|bit| self.0.checked_shr(bit).is_some_and(|rest| rest & 1 == 1))
    }
}

/// The signals that this process ignores. Only Linux tells without `unsafe`; elsewhere none.
pub fn ignored() -> SignalSet {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    SignalSet(mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default())
}
