//! Exit codes. Those from 64 on are the ones of `sysexits.h`.

pub const DONE: u8 = 0;
/// A negative answer: different, not found, not met.
pub const NO: u8 = 1;
pub const USAGE: u8 = 2;
/// Not valid SDN, or refused content.
pub const INVALID: u8 = 65;
pub const NO_INPUT: u8 = 66;
/// A bug.
pub const INTERNAL: u8 = 70;
pub const CANNOT_CREATE: u8 = 73;
pub const IO: u8 = 74;
/// Try again later: the lock was not obtained, or was broken.
pub const TRY_LATER: u8 = 75;
pub const NO_PERMISSION: u8 = 77;
/// As shells have it.
pub const NOT_EXECUTABLE: u8 = 126;
pub const NOT_FOUND: u8 = 127;

/// What git takes for the failure of a merge driver; anything below is a merge with conflicts.
pub const DRIVER_FAILED: u8 = 129;

/// The code of a merge driver: only what was merged may look so.
pub fn of_driver(status: u8) -> u8 {
    if matches!(status, DONE | NO) { status } else { status.max(DRIVER_FAILED) }
}

/// The code for a process that was ended by a signal, as shells have it.
pub fn of_signal(signal: i32) -> u8 {
    128 + u8::try_from(signal & 0x7f).unwrap_or(0)
}
