//! Named places at which tests let the process be killed. Release builds have none of them.

/// All of them, in the order in which an `exec` passes them. A test kills every writer at every one of
/// them, and fails if one is never reached.
#[cfg(debug_assertions)]
pub const FAILPOINTS: &[&str] = &[
    "replace: made",
    "replace: written",
    "replace: like the old one",
    "replace: synced",
    "replace: checked",
    "replace: renamed",
    "replace: folder synced",
    "aside: made",
    "aside: written",
    "way: made",
    "backup: made",
    "backup: moved on",
    "backup: kept",
    "undo: made",
    "undo: written",
    "journal: pointer made",
    "journal: before the master",
    "journal: hot",
    "journal: committed",
    "journal: pointer removed",
    "journal: over",
];

/// Kills this process if the environment names this place: `SDNLOCK_TEST_FAILPOINT=NAME`, or `NAME=3` for
/// the third time that it is passed. With `SDNLOCK_TEST_FAILPOINT_TERM` it is only asked to end.
#[cfg(debug_assertions)]
pub(crate) fn failpoint(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};

    static PASSED: AtomicU32 = AtomicU32::new(0);
    debug_assert!(FAILPOINTS.contains(&name), "`{name}` is not listed");
    let Ok(wanted) = std::env::var("SDNLOCK_TEST_FAILPOINT") else { return };
    let (wanted, number) = match wanted.split_once('=') {
        Some((wanted, number)) => (wanted.to_owned(), number.parse().unwrap_or(1)),
        None => (wanted, 1),
    };
    if wanted == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == number {
        let asks = std::env::var_os("SDNLOCK_TEST_FAILPOINT_TERM").is_some();
        let signal = if asks { rustix::process::Signal::TERM } else { rustix::process::Signal::KILL };
        let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
    }
}

#[cfg(not(debug_assertions))]
#[inline(always)]
pub(crate) fn failpoint(_: &str) {}
