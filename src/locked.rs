//! A locked database with its content.

use std::io;
use std::path::Path;

use crate::disk::{self, ReplaceError, ReplacePolicy, Replaced, Snapshot};
use crate::error::Error;
use crate::lock::{Event, FileLock, LockError, LockRequest, Mode};
use crate::platform::FileId;

/// A database that is locked, and what it held when it was read under the lock.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.sdn");
/// use sdnlock::disk::ReplacePolicy;
/// use sdnlock::lock::LockRequest;
/// use sdnlock::{Locked, Outcome};
///
/// let mut database = Locked::open(&path, &LockRequest::new())?;
/// assert!(database.content().is_none(), "there is no such file yet");
/// let outcome = database.replace(b"port: 8080\n", ReplacePolicy::default())?;
/// assert!(matches!(outcome, Outcome::Written(_)));
/// assert_eq!(std::fs::read(&path)?, b"port: 8080\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Locked {
    lock: FileLock,
    request: LockRequest,
    content: Option<Snapshot>,
}

/// How an attempt to replace a database ended.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// It holds the new content, for good.
    Written(Replaced),
    /// It held that content already; nothing was written (R5).
    Unchanged,
    /// Somebody who did not respect the lock changed it. Nothing was written;
    /// [`content`](Locked::content) is what it holds now.
    Moved,
}

impl Locked {
    /// Locks a database and reads it. With an exclusive lock, what a killed process left of its
    /// temporary files is removed (R4).
    ///
    /// # Errors
    /// If it cannot be locked or read.
    pub fn open(path: impl AsRef<Path>, request: &LockRequest) -> Result<Self, Error> {
        Self::open_telling(path, request, &mut |_| {})
    }

    /// As [`open`](Self::open); tells how the wait for the lock goes.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_telling(
        path: impl AsRef<Path>,
        request: &LockRequest,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Self, Error> {
        Self::under(request.one_telling(path, on_event)?, request)
    }

    /// As [`open`](Self::open), for several databases: all or none.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_all_telling<P: AsRef<Path>>(
        paths: impl IntoIterator<Item = P>,
        request: &LockRequest,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Vec<Self>, Error> {
        request.all_telling(paths, on_event)?.into_iter().map(|lock| Self::under(lock, request)).collect()
    }

    fn under(lock: FileLock, request: &LockRequest) -> Result<Self, Error> {
        if lock.mode() == Mode::Exclusive {
            // What cannot be removed now is left for the next one; it is in nobody's way.
            let _ = disk::sweep(lock.path());
        }
        let mut locked = Self { lock, request: request.clone(), content: None };
        locked.reload()?;
        Ok(locked)
    }

    /// The lock.
    pub fn lock(&self) -> &FileLock {
        &self.lock
    }

    /// The database, as it was named when it was opened.
    #[must_use]
    pub fn given_path(&self) -> &Path {
        self.lock.given_path()
    }

    /// The database, with all symbolic links followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.lock.path()
    }

    /// What the database held when it was read; `None` if there is no such file.
    #[must_use]
    pub fn content(&self) -> Option<&Snapshot> {
        self.content.as_ref()
    }

    /// Gives the content away and the lock up.
    #[must_use]
    pub fn into_content(self) -> Option<Snapshot> {
        self.content
    }

    /// Reads the database again.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn reload(&mut self) -> Result<(), Error> {
        self.content = disk::read(self.path())
            .map_err(|source| Error::Read { path: self.lock.given_path().to_owned(), source })?;
        Ok(())
    }

    /// Replaces the content, or makes the file.
    ///
    /// Before the rename, lock and content are compared with what they were (L9). If only the
    /// content has moved, [`Outcome::Moved`] says so. After the rename the lock is looked at again: if a
    /// foreign program broke it meanwhile, the lock is taken again, and only if the database still is
    /// the file that was put there is that a success.
    ///
    /// # Errors
    /// [`Error::LockLost`] if the lock was broken before anything was written,
    /// [`Error::PerhapsOverwritten`] if it was broken meanwhile, and what writing can meet.
    pub fn replace(&mut self, content: &[u8], policy: ReplacePolicy) -> Result<Outcome, Error> {
        if self.content.as_ref().is_some_and(|old| old.bytes() == content) {
            return Ok(Outcome::Unchanged);
        }
        let given = self.lock.given_path().to_owned();
        let path = self.path().to_owned();
        let lock = &self.lock;
        let mut intact = true;
        let outcome = disk::replace(&path, self.content.as_ref(), content, policy, &mut |_| {
            intact = lock.is_intact().map_err(io::Error::other)?;
            Ok(intact)
        });
        match outcome {
            Ok(replaced) => {
                self.confirm(&replaced)?;
                self.reload()?;
                Ok(Outcome::Written(replaced))
            }
            Err(ReplaceError::Moved) if intact => {
                self.reload()?;
                Ok(Outcome::Moved)
            }
            Err(ReplaceError::Moved) => Err(Error::LockLost { path: given }),
            Err(source) => Err(Error::Replace { path: given, source }),
        }
    }

    /// L9, after the rename.
    fn confirm(&mut self, replaced: &Replaced) -> Result<(), Error> {
        let given = self.lock.given_path().to_owned();
        let uncertain = |cause: Option<LockError>| Error::PerhapsOverwritten { path: given.clone(), cause };
        if self.lock.is_intact().map_err(|error| uncertain(Some(error)))? {
            return Ok(());
        }
        let again = self.request.one(&given).map_err(|error| uncertain(Some(error)))?;
        // Dropping the broken lock removes nothing, since it is not ours any more.
        self.lock = again;
        match FileId::at(self.path()) {
            Ok(Some(now)) if now == replaced.id => Ok(()),
            _ => Err(uncertain(None)),
        }
    }
}
