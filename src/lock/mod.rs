//! One writer at a time, across processes, together with programs that know nothing of `sdnlock`.
//!
//! # Terms
//! *D* is the database, *L* its lock file `NAME.lock`, *Q* the queue `.NAME.sdnlock-queue`. A *foreign*
//! program is one of the existing ones, for which the existence of L is the lock. A *record* is the text
//! in L. *Locking* a file means `flock(2)`.
//!
//! # Rules
//! The numbers are those of the protocol's specification; code and tests cite them.
//!
//! - **L1** While D is held, L exists and is locked. The kernel ends the second with the process, so a
//!   dead holder is recognised at once.
//! - **L2** L appears complete and locked: it gets its name last, with a call that fails if the name exists.
//! - **L3** The record names process, time, token and mode, then what people want to know.
//! - **L4** After every lock on an existing file, file and path are compared: if they differ, the file is
//!   one that nobody uses any more.
//! - **L5** An L that is not locked belongs to a dead `sdnlock` (it is taken over in place), to a living
//!   foreign program (it is waited for), or to a dead one (it is taken over, and told).
//! - **L6** A release removes L while it is locked, if it still is ours, and then unlocks it.
//! - **L7** Who does not get in at once waits in Q, in order; readers too, so that no stream of them passes
//!   a writer. Readers share L; the last one removes it.
//! - **L9** A foreign program may break our lock, so it is looked at again before and after the rename that
//!   makes a change visible: see [`Locked::replace`](crate::Locked::replace).
//! - **L11** The lock belongs to the path with all symbolic links followed.
//! - **L12** Several databases are locked in the order of the bytes of their paths.
//! - **L15** Waiters sleep in the kernel; only a foreign holder is polled.
//! - **L16** No link is followed for L and Q, and where no lock file can be made that is an error.
//!
//! # What a crash leaves
//! A killed holder leaves L, unlocked: the next `sdnlock` takes it over at once, a foreign program after
//! its own limit. A process killed in the queue leaves Q, which the next one uses and removes. Where the
//! file system knows files without a name, nothing is left of an L that had none yet; elsewhere a
//! temporary file may be, which is removed by the next exclusive holder once it is a minute old.

#![expect(clippy::disallowed_methods, reason = "this module is one of the doors to the file system")]

mod acquire;
mod error;
mod file;
mod guard;
mod holder;
mod leave;
mod place;
mod record;
mod wait;

pub use crate::platform::Mode;
pub use error::{LockError, LockProblem};
pub use guard::{FileLock, LockRequest};
pub use holder::{Holder, HolderKind};
pub use wait::{Event, Interrupt, Wait};
