//! Which of the standard streams were closed when this process was started.
//!
//! Before `main` the standard library opens `/dev/null` in place of a stream that is closed, for reading and writing,
//! so that no file is taken for it later. From then on nothing tells it from one that somebody has directed to
//! `/dev/null`, which many programs open in the same way for those that they start. What is printed there is lost, and
//! what is read is empty, without an error. So the streams are looked at earlier, by a function in the list of those
//! that the system runs as soon as the program is loaded.

use std::sync::atomic::{AtomicU8, Ordering};

use rustix::fd::BorrowedFd;
use rustix::io::fcntl_getfd;
use rustix::stdio;

/// A bit for each stream that was closed.
static CLOSED: AtomicU8 = AtomicU8::new(0);

const STDIN: u8 = 1;
const STDOUT: u8 = 1 << 1;

/// Whether standard input was closed.
pub fn stdin_was_closed() -> bool {
    CLOSED.load(Ordering::Relaxed) & STDIN != 0
}

/// Whether standard output was closed.
pub fn stdout_was_closed() -> bool {
    CLOSED.load(Ordering::Relaxed) & STDOUT != 0
}

/// Nothing of the standard library may be needed here that it makes ready before `main`.
extern "C" fn look() {
    let bit = |stream: BorrowedFd<'_>, bit: u8| if fcntl_getfd(stream).is_err() { bit } else { 0 };
    CLOSED.store(bit(stdio::stdin(), STDIN) | bit(stdio::stdout(), STDOUT), Ordering::Relaxed);
}

#[used]
#[expect(unsafe_code, reason = "there is no other place in which a program is asked before the standard library")]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static LOOK: extern "C" fn() = look;
