//! The times of the protocol.

use std::time::Duration;

/// A foreign lock file that names a living process counts for this long.
pub(super) const FOREIGN_WITH_PID: Duration = Duration::from_secs(2 * 60 * 60);

/// A process may have been started this much after the time of its lock file, since the system
/// gives start times in whole seconds and ticks.
pub(super) const START_TOLERANCE: Duration = Duration::from_secs(2);

/// A foreign lock file that names no process of here counts although its time is so far ahead of the clock of this
/// machine. A file gets its time when it is made, so that on a file system of this machine alone only a clock that was
/// set back meanwhile leaves it in the future; elsewhere the clock of another machine gives it, which may go wrong. What
/// is dated later than that was dated so by somebody, as by a copy that keeps times, or by a clock that was years ahead:
/// it says nothing of when the lock was taken, and would keep everybody out until then.
pub(super) fn ahead(is_local: bool) -> Duration {
    Duration::from_secs(if is_local { 60 } else { 60 * 60 })
}

/// A foreign lock file that names no process counts for this long.
pub(super) fn foreign_without_pid() -> Duration {
    Duration::from_secs(60) / speed()
}

/// L8: how often a held lock is looked at and its time renewed. Foreign programs break a lock that is 60
/// seconds old.
pub(super) fn heartbeat() -> Duration {
    Duration::from_secs(5) / speed()
}

/// How many times faster than usual these times run. Only tests have reason to hurry, so only builds
/// for tests look.
#[cfg(debug_assertions)]
fn speed() -> u32 {
    static SPEED: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *SPEED.get_or_init(|| {
        let wanted = std::env::var("SDNLOCK_TEST_SPEED").ok().and_then(|speed| speed.parse().ok());
        wanted.filter(|&speed| speed > 0).unwrap_or(1)
    })
}

#[cfg(not(debug_assertions))]
fn speed() -> u32 {
    1
}
