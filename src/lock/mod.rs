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
//! - **L2** L appears complete and locked: it gets its name last, with a call that fails if the name exists. Where no
//!   such call leaves the lock on it (file systems in user space), it is made under its name, and empty for a moment.
//! - **L3** The record names process, time, token and mode, then what people want to know.
//! - **L4** After every lock on an existing file, file and path are compared: if they differ, the file is
//!   one that nobody uses any more.
//! - **L5** An L that is not locked belongs to a dead `sdnlock` (it is taken over in place), to a living
//!   foreign program (it is waited for), or to a dead one (it is taken over, and told). On a disk of this machine
//!   one from before it was started is dead; where several hosts work, that of another one is not as long as it is
//!   renewed (L8).
//! - **L6** A release removes L while it is locked, if it still is ours, and then unlocks it.
//! - **L7** Who does not get in at once waits in Q, in order; readers too, so that no stream of them passes
//!   a writer. Readers share L; the last one removes it.
//! - **L8** A lock that is held for long is looked at every few seconds and its time renewed, since
//!   foreign programs break one that is a minute old. What somebody else wrote is never written over.
//! - **L9** A foreign program may break our lock, so it is looked at again before and after the rename that
//!   makes a change visible: see [`Locked::replace`](crate::Locked::replace).
//! - **L10** After L, D itself is locked too, for programs that do only that; a replacement is locked before
//!   it gets the name of D.
//! - **L11** The lock belongs to the path with all symbolic links followed.
//! - **L12** Several databases are locked in the order of the bytes of their paths.
//! - **L13** What runs under a lock is told its token, and need not wait for it. Within it, processes exclude
//!   each other by a lock file of their own, `.NAME.sdnlock-nested1`, one for each level of nesting; among strangers its
//!   name ends in letters that only they know (`within`). A lock that is ordered before one that is held above is had at once or not at all.
//! - **L14** The command that runs under a lock inherits it, and is named in its record.
//! - **L15** Waiters sleep in the kernel; only a foreign holder is watched, and polled.
//! - **L16** No link is followed for L and Q, and where no lock file can be made that is an error. An L or Q of a stranger,
//!   who may neither write D nor put another one there, counts for nothing: L has a name of chance then, chosen while D
//!   itself is locked, and there is no Q. An L with a second name is replaced, not written to. A Q that is no file is none.
//! - **L17** For a command that takes the lock by itself, only Q is held; it then says by whom.
//!
//! # What a crash leaves
//! A killed holder leaves L, unlocked: the next `sdnlock` takes it over at once, a foreign program after
//! its own limit. A process killed in the queue leaves Q, which the next one uses and removes. Where the
//! file system knows files without a name, nothing is left of an L that had none yet; elsewhere a
//! temporary file may be, which is removed by the next exclusive holder once it is a minute old. A cut of the power
//! may leave any part of L: it is never synced but by a transaction, whose recovery asks whose it was.

#![expect(clippy::disallowed_methods, reason = "this module is one of the doors to the file system")]

mod acquire;
mod error;
mod file;
mod guard;
mod heartbeat;
mod holder;
mod journals;
mod leave;
mod limits;
mod look;
mod nesting;
mod place;
mod record;
mod request;
mod sleep;
mod strangers;
mod wait;
mod within;

pub use crate::platform::{Doubt, Mode};
pub use error::{LockError, LockProblem};
pub use guard::FileLock;
pub use heartbeat::{Keeper, Trouble};
pub use holder::{Death, Holder, HolderKind};
pub use journals::{is_in_transaction, journal_of};
pub(crate) use journals::{journals_at, place_of_journal, usual_journal};
pub use look::{LockView, Observer, Standing};
pub use nesting::Nesting;
pub(crate) use place::DEEPEST;
pub use place::{database_of, is_own_lock_file};
pub(crate) use record::Token;
pub use request::LockRequest;
pub use sleep::Interrupt;
pub use wait::{Event, Wait};
