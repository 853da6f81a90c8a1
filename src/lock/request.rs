//! How locks are to be acquired.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::acquire::Acquisition;
use super::error::{LockError, LockProblem};
use super::guard::{FileLock, Hold};
use super::heartbeat::{Kept, OnTrouble, Trouble, keep_alive};
use super::leave::tidy_queue;
use super::nesting::Nesting;
use super::place::Place;
use super::record::Token;
use super::sleep::Interrupt;
use super::strangers::among_strangers;
use super::wait::{Event, Wait, Waiter};
use super::within::rival;
use crate::platform::Mode;

/// How locks are to be acquired. The default is one exclusive lock, waited for 10 seconds, and kept
/// alive while it is held.
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
    pub(super) mode: Mode,
    wait: Wait,
    interrupt: Option<Interrupt>,
    command: Option<String>,
    pub(super) nesting: Nesting,
    place: InThe,
    brief: bool,
    on_trouble: Option<OnTrouble>,
}

/// Which place of the protocol is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum InThe {
    Lock,
    Queue,
}

impl Default for LockRequest {
    fn default() -> Self {
        Self {
            mode: Mode::Exclusive,
            wait: Wait::DEFAULT,
            interrupt: None,
            command: None,
            nesting: Nesting::default(),
            place: InThe::Lock,
            brief: false,
            on_trouble: None,
        }
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

    /// What the processes above this one hold: within their locks this one need not wait for them (L13).
    #[must_use]
    pub fn within(mut self, nesting: Nesting) -> Self {
        self.nesting = nesting;
        self
    }

    /// Keeps other `sdnlock`s out by the queue alone, and leaves the lock itself to programs that
    /// follow the existing programs' protocol, as the command that is about to be started (L17).
    #[must_use]
    pub fn self_locking(mut self) -> Self {
        self.place = InThe::Queue;
        self
    }

    /// The lock will be held for seconds at most, so that it need not be kept alive (L8). This saves a
    /// thread.
    #[must_use]
    pub fn brief(mut self) -> Self {
        self.brief = true;
        self
    }

    /// What to do when something turns out while the lock is held. It is called with the database, as it
    /// was named, at most once for each trouble, in another thread.
    #[must_use]
    pub fn on_trouble(mut self, call: impl Fn(&Path, Trouble) + Send + Sync + 'static) -> Self {
        self.on_trouble = Some(OnTrouble(Arc::new(call)));
        self
    }

    /// As this one, but for the lock itself and not for the queue.
    #[must_use]
    pub(crate) fn not_self_locking(mut self) -> Self {
        self.place = InThe::Lock;
        self
    }

    /// Whether it asks for queues only.
    pub(crate) fn is_self_locking(&self) -> bool {
        self.place == InThe::Queue
    }

    /// Asks for exclusive locks again.
    #[must_use]
    pub(crate) fn exclusive(mut self) -> Self {
        self.mode = Mode::Exclusive;
        self
    }

    /// How long it waits.
    pub(crate) fn waits(&self) -> Wait {
        self.wait
    }

    /// Whether the processes above this one hold what bears this token.
    pub(crate) fn is_within(&self, token: Token) -> bool {
        self.nesting.holds(token)
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
        self.acquire(&place, Token::random(), &mut self.waiter(on_event))
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
        // One token for all: it tells this hold from every other one.
        let token = Token::random();
        let mut waiter = self.waiter(on_event);
        loop {
            let locks: Result<Vec<_>, _> = places.iter().map(|place| self.acquire(place, token, &mut waiter)).collect();
            let locks = locks?;
            // While another one was waited for, one may have been broken.
            let intact = |lock: &FileLock| lock.is_intact();
            if !waiter.has_waited()
                || locks.iter().map(intact).collect::<Result<Vec<_>, _>>()?.iter().all(|intact| *intact)
            {
                return Ok(locks);
            }
        }
    }

    /// Locks the database whose queue is held.
    fn take_turn(&self, place: &Place, on_event: &mut dyn FnMut(Event<'_>)) -> Result<Hold, LockProblem> {
        Ok(self.whole(place, Token::random(), &mut self.waiter(on_event), true)?.1)
    }

    fn waiter<'a>(&'a self, on_event: &'a mut dyn FnMut(Event<'_>)) -> Waiter<'a> {
        Waiter::new(self.wait, self.interrupt.as_ref(), on_event)
    }

    fn acquire(&self, place: &Place, token: Token, waiter: &mut Waiter<'_>) -> Result<FileLock, LockError> {
        const TRIES: u32 = 1000;
        let mut tries = 0;
        loop {
            let lock = match self.acquire_once(place, token, waiter) {
                // A stranger has put something under its name meanwhile, and may take it away again.
                Err(LockProblem::Strange { .. }) if tries < TRIES => {
                    tries += 1;
                    continue;
                }
                outcome => outcome.map_err(about(place.given()))?,
            };
            // L13: what is held above may have ended during the wait.
            if lock.is_within_all().map_err(about(place.given()))? {
                waiter.obtained();
                return Ok(lock);
            }
        }
    }

    fn acquire_once(&self, place: &Place, token: Token, waiter: &mut Waiter<'_>) -> Result<FileLock, LockProblem> {
        let (mut place, above) = self.descend(place.clone().among_strangers()?)?;
        let queue_above = self.keeps_queue_above(&place)?;
        let hold = match self.place {
            InThe::Queue if queue_above => Hold::Above,
            // The command would wait for the lock that is held for it above.
            InThe::Queue if place.is_nested() => return Err(LockProblem::LockedAbove),
            InThe::Queue => {
                let command = self.doing();
                Acquisition::new(&place, self.mode, &command, token).keep_queue(waiter).map(Hold::Queue)?
            }
            InThe::Lock if !queue_above && self.may_close_a_circle(&place)? => {
                // L13: what is ordered before a lock that is held above is had at once or not at all.
                let wait = std::mem::replace(&mut waiter.wait, Wait::No);
                let outcome = self.whole(&place, token, waiter, false);
                waiter.wait = wait;
                let (locked, hold) = outcome.map_err(|problem| match problem {
                    LockProblem::Timeout { holder, .. } => LockProblem::WouldCircle { holder },
                    other => other,
                })?;
                place = locked;
                hold
            }
            InThe::Lock => {
                let (locked, hold) = self.whole(&place, token, waiter, queue_above)?;
                place = locked;
                hold
            }
        };
        Ok(FileLock::new(place, hold, above))
    }

    /// The lock file, and the database itself (L10).
    fn whole(
        &self,
        place: &Place,
        token: Token,
        waiter: &mut Waiter<'_>,
        first: bool,
    ) -> Result<(Place, Hold), LockProblem> {
        let command = self.doing();
        let mut place = place.clone();
        loop {
            if place.has_other_lock() {
                let Some((place, held)) = among_strangers(&place, &command, token, waiter)? else {
                    place = place.looked_at_again()?;
                    continue;
                };
                let kept = Arc::new(Kept::new(&place, &command, held, self.on_trouble.clone()));
                self.keep(&kept, waiter);
                return Ok((place, Hold::Own(kept)));
            }
            let acquisition = Acquisition::new(&place, self.mode, &command, token);
            let held = if first { acquisition.wait_at_the_head(waiter)? } else { acquisition.lock_in_turn(waiter)? };
            let held_mode = held.mode;
            let kept = Arc::new(Kept::new(&place, &command, held, self.on_trouble.clone()));
            self.keep(&kept, waiter);
            if place.is_nested() {
                // The process above has the database itself.
                let Some(rival) = rival(&place, held_mode)? else { return Ok((place, Hold::Own(kept))) };
                if matches!(kept.give_up(), Ok(true)) {
                    tidy_queue(&place);
                }
                acquisition.wait_for(rival, waiter)?;
                place = place.looked_at_again()?;
                continue;
            }
            let locked = acquisition.lock_database(waiter).and_then(|database| {
                kept.database_is(database);
                // L9: it may have been broken during the wait. L16: the usual name may have been taken meanwhile, and be
                // free again.
                let is_intact = !waiter.has_waited() || kept.is_intact()?;
                Ok(is_intact && !place.clone().looked_at_again()?.has_other_lock())
            });
            match locked {
                Ok(true) => return Ok((place, Hold::Own(kept))),
                outcome => {
                    if matches!(kept.give_up(), Ok(true)) {
                        tidy_queue(&place);
                    }
                    outcome?;
                    place = place.looked_at_again()?;
                }
            }
        }
    }

    fn keep(&self, kept: &Arc<Kept>, waiter: &mut Waiter<'_>) {
        if self.brief {
            waiter.holds(kept);
        } else {
            keep_alive(kept);
        }
    }

    fn doing(&self) -> String {
        self.command.clone().unwrap_or_else(command_line)
    }
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

    /// Takes the lock whose queue is held, before everybody who waits in it.
    ///
    /// # Errors
    /// As [`LockRequest::one`].
    pub fn take_turn(&mut self, request: &LockRequest, on_event: &mut dyn FnMut(Event<'_>)) -> Result<(), LockError> {
        if !self.is_self_locking() {
            return Ok(());
        }
        let hold = request.take_turn(self.place(), on_event).map_err(|problem| self.error(problem))?;
        self.turn_into(hold);
        Ok(())
    }
}

fn resolve(path: &Path) -> Result<Place, LockError> {
    Place::resolve(path).map_err(about(path))
}

fn about(path: &Path) -> impl FnOnce(LockProblem) -> LockError {
    let path = path.to_owned();
    move |problem| LockError { path, problem }
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
