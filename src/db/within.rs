//! What is locked around a call: by `update` and `transaction` in this thread, or by a process above.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::lock::{FileLock, LockRequest, Nesting};
use crate::locked::Locked;

thread_local! {
    static HELD: RefCell<Vec<Held>> = const { RefCell::new(Vec::new()) };
}

struct Held {
    paths: Vec<PathBuf>,
    nesting: Nesting,
}

/// While it lives, this thread is within these locks.
pub(super) struct Within(());

impl Within {
    pub fn of(locked: &[Locked]) -> Self {
        let locks: Vec<&FileLock> = locked.iter().map(Locked::lock).collect();
        let nesting = around().below(locks.iter().copied());
        let paths = locks.iter().map(|lock| lock.path().to_owned()).collect();
        HELD.with_borrow_mut(|held| held.push(Held { paths, nesting }));
        Self(())
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        HELD.with_borrow_mut(Vec::pop);
    }
}

/// A request that does not wait for what is locked around it (L13).
pub(super) fn request() -> LockRequest {
    LockRequest::new().within(around())
}

/// Locks databases in order to change them.
///
/// # Errors
/// [`Error::LockedHere`] if one is being changed around this call; and what locking and reading can meet.
pub(super) fn open_all(
    paths: impl IntoIterator<Item = impl AsRef<Path>>,
    request: &LockRequest,
) -> Result<Vec<Locked>> {
    let locked = Locked::open_all(paths, request)?;
    let is_held = |path: &Path| HELD.with_borrow(|held| held.iter().any(|held| held.paths.iter().any(|p| p == path)));
    match locked.iter().find(|locked| is_held(locked.path())) {
        Some(locked) => Err(Error::LockedHere { path: locked.given_path().to_owned() }),
        None => Ok(locked),
    }
}

fn around() -> Nesting {
    let above = || std::env::var_os(Nesting::VARIABLE).map(|value| Nesting::from_value(&value)).unwrap_or_default();
    HELD.with_borrow(|held| held.last().map(|held| held.nesting.clone())).unwrap_or_else(above)
}
