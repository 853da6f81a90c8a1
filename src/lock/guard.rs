//! A lock as a value.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::acquire::{Acquisition, Held};
use super::error::{LockError, LockProblem};
use super::leave::{is_intact, leave, tidy_queue};
use super::place::Place;
use super::wait::{Event, Interrupt, Wait, Waiter};
use crate::platform::Mode;

/// How locks are to be acquired. The default is one exclusive lock, waited for 10 seconds.
///
/// ```no_run
/// use std::time::Duration;
/// use sdnlock::lock::{LockRequest, Wait};
///
/// let lock = LockRequest::new().shared().wait(Duration::from_millis(500)).one("doc/todo/todo_db.sdn")?;
/// // … read …
/// lock.release()?;
/// # Ok::<(), sdnlock::lock::LockError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LockRequest {
    mode: Mode,
    wait: Wait,
    interrupt: Option<Interrupt>,
    command: Option<String>,
}

impl Default for LockRequest {
    fn default() -> Self {
        Self { mode: Mode::Exclusive, wait: Wait::DEFAULT, interrupt: None, command: None }
    }
}

impl LockRequest {
    /// A request for exclusive locks that waits 10 seconds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for shared locks: for readers, which exclude writers only.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.mode = Mode::Shared;
        self
    }

    /// How long to wait, for all locks together: seconds, a [`Duration`](std::time::Duration), or a [`Wait`].
    #[must_use]
    pub fn wait(mut self, wait: impl Into<Wait>) -> Self {
        self.wait = wait.into();
        self
    }

    /// Lets another thread end the wait.
    #[must_use]
    pub fn interrupt(mut self, interrupt: &Interrupt) -> Self {
        self.interrupt = Some(interrupt.clone());
        self
    }

    /// What others are told that this process is doing; its command line if nothing is said here.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// Locks one database.
    ///
    /// # Errors
    /// If somebody else holds it to the end of the wait, if the wait is interrupted, or if no lock can
    /// be had there at all. See [`LockProblem`].
    pub fn one(&self, path: impl AsRef<Path>) -> Result<FileLock, LockError> {
        self.one_telling(path, &mut |_| {})
    }

    /// As [`one`](Self::one); tells how the wait goes.
    ///
    /// # Errors
    /// As [`one`](Self::one).
    pub fn one_telling(
        &self,
        path: impl AsRef<Path>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<FileLock, LockError> {
        let place = resolve(path.as_ref())?;
        let mut waiter = Waiter::new(self.wait, self.interrupt.as_ref(), on_event);
        self.acquire(place, &mut waiter)
    }

    /// Locks several databases: all or none. The order in which they are named does not matter, and
    /// a database that is named twice is locked once (L12).
    ///
    /// # Errors
    /// As [`one`](Self::one), for the first one that could not be had.
    pub fn all<P: AsRef<Path>>(&self, paths: impl IntoIterator<Item = P>) -> Result<Vec<FileLock>, LockError> {
        self.all_telling(paths, &mut |_| {})
    }

    /// As [`all`](Self::all); tells how the wait goes.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub fn all_telling<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> Result<Vec<FileLock>, LockError> {
        let places: Result<Vec<Place>, LockError> = paths.into_iter().map(|path| resolve(path.as_ref())).collect();
        let mut places = places?;
        // L12: everybody locks in the same order, that of the bytes, so nobody waits in a circle.
        places.sort_by(|a, b| bytes(a.path()).cmp(bytes(b.path())));
        // One folder may have several paths, as through a mount.
        let mut known = HashSet::new();
        places.retain(|place| known.insert(place.identity()));
        let mut waiter = Waiter::new(self.wait, self.interrupt.as_ref(), on_event);
        places.into_iter().map(|place| self.acquire(place, &mut waiter)).collect()
    }

    fn acquire(&self, place: Place, waiter: &mut Waiter<'_>) -> Result<FileLock, LockError> {
        let own;
        let command = if let Some(command) = &self.command {
            command
        } else {
            own = command_line();
            &own
        };
        let held = Acquisition::new(&place, self.mode, command).run(waiter).map_err(about(&place))?;
        waiter.obtained();
        Ok(FileLock { place, mode: self.mode, held: Some(held) })
    }
}

fn resolve(path: &Path) -> Result<Place, LockError> {
    Place::resolve(path).map_err(|problem| LockError { path: path.to_owned(), problem })
}

fn about(place: &Place) -> impl Fn(LockProblem) -> LockError {
    let path = place.given().to_owned();
    move |problem| LockError { path: path.clone(), problem }
}

fn bytes(path: &Path) -> &[u8] {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes()
}

/// The command line of this process.
fn command_line() -> String {
    let mut arguments = std::env::args_os();
    let program = arguments.next().map(PathBuf::from).unwrap_or_default();
    let name = program.file_name().unwrap_or(OsStr::new("?")).to_owned();
    let words = std::iter::once(name).chain(arguments).map(|word| word.to_string_lossy().into_owned());
    words.collect::<Vec<_>>().join(" ")
}

/// A held lock of one database. Dropping it releases it.
///
/// While it is held, the file `NAME.lock` exists beside the database, as it does for all programs
/// that lock this way; it is gone afterwards. Locking the same database twice in one process waits
/// like a lock of somebody else.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("todo_db.sdn");
/// use sdnlock::lock::FileLock;
///
/// let lock = FileLock::acquire(&path, 10)?; // seconds
/// assert!(path.with_extension("sdn.lock").exists());
/// drop(lock);
/// assert!(!path.with_extension("sdn.lock").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a lock is released as soon as it is dropped"]
pub struct FileLock {
    place: Place,
    mode: Mode,
    /// Taken out when the lock is given up.
    held: Option<Held>,
}

impl FileLock {
    /// Locks a database exclusively, waiting for so many seconds, a
    /// [`Duration`](std::time::Duration), or a [`Wait`].
    ///
    /// # Errors
    /// As [`LockRequest::one`].
    pub fn acquire(path: impl AsRef<Path>, wait: impl Into<Wait>) -> Result<Self, LockError> {
        LockRequest::new().wait(wait).one(path)
    }

    /// Locks a database exclusively if that is possible at once.
    ///
    /// # Errors
    /// As [`LockRequest::one`].
    pub fn try_acquire(path: impl AsRef<Path>) -> Result<Self, LockError> {
        Self::acquire(path, Wait::No)
    }

    /// The database, as it was named when it was locked.
    #[must_use]
    pub fn given_path(&self) -> &Path {
        self.place.given()
    }

    /// The database, with all symbolic links followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// Whether the lock is held alone.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the lock is still ours: a foreign program may have broken it (L9).
    ///
    /// # Errors
    /// If the lock file cannot be looked at.
    pub fn is_intact(&self) -> Result<bool, LockError> {
        self.held.as_ref().map_or(Ok(false), is_intact).map_err(about(&self.place))
    }

    /// Gives the lock up.
    ///
    /// # Errors
    /// If the lock file cannot be removed; it is unlocked nevertheless, so that the next one takes it
    /// over.
    pub fn release(mut self) -> Result<(), LockError> {
        self.give_up()
    }

    /// Gives the lock up now; dropping it does nothing then.
    pub(crate) fn give_up(&mut self) -> Result<(), LockError> {
        let Some(held) = self.held.take() else { return Ok(()) };
        if leave(&held).map_err(about(&self.place))? {
            tidy_queue(&self.place.queue());
        }
        Ok(())
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Whoever wants to know whether this works calls `release`.
        let _ = self.give_up();
    }
}
