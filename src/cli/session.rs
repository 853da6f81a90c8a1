//! Locking on behalf of the user: with the options given, telling how the wait goes, and ending it on
//! a signal.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use sdnlock::check::Schema;
use sdnlock::disk::{self, ReplacePolicy, Snapshot};
use sdnlock::lock::{Event, LockError, LockProblem, LockRequest, Trouble, Wait};
use sdnlock::project;
use sdnlock::txn::{self, Found};
use sdnlock::{Error, Locked, Notice, Outcome};

use super::args::{LockOptions, LocklessOption};
use super::failure::{Failure, held_by, why_no_lock};
use super::report::Report;
use super::schemas;
use super::settings;
use super::signals::Hold;
use super::status;
use super::streams;
use super::text;
use super::wait::WaitDisplay;

/// What to do about a command that waits for the lock under which it runs.
pub const SELF_LOCKING: &str = "if it locks the database by itself, run it with `sdnlock exec --self-locking`";

/// What is held while a command or an editor runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holding {
    Exclusive,
    Shared,
    /// The queue only (L17).
    Queue,
}

/// One use of locks by one command. While it lasts, a signal does not end the process, but the wait for
/// a lock.
pub struct Session {
    wait: Wait,
    timeout_exit_code: u8,
    report: Report,
    hold: Hold,
    /// The signal that ended a wait: several threads may have waited.
    interrupted: Mutex<Option<i32>>,
}

impl Session {
    /// # Errors
    /// If the environment asks for an impossible wait.
    pub fn begin(options: &LockOptions, report: Report) -> Result<Self, Failure> {
        let timeout_exit_code = options.timeout_exit_code;
        let (wait, hold) = (options.wait()?, Hold::begin());
        Ok(Self { wait, timeout_exit_code, report, hold, interrupted: Mutex::default() })
    }

    /// The signals that are held back.
    pub fn signals(&self) -> &Hold {
        &self.hold
    }

    /// Locks a database exclusively and reads it.
    pub fn lock(&self, path: &Path) -> Result<Locked> {
        Ok(self.lock_all(&[path.to_owned()])?.remove(0))
    }

    /// Locks several databases exclusively and reads them. They come back in the order of the locks.
    pub fn lock_all(&self, paths: &[PathBuf]) -> Result<Vec<Locked>> {
        self.open_all(paths, &self.request())
    }

    fn open_all(&self, paths: &[PathBuf], request: &LockRequest) -> Result<Vec<Locked>> {
        let begun = Instant::now();
        let locked = self.telling(|on_notice| Locked::open_all_telling(paths, request, on_notice));
        let locked = locked.map_err(|error| self.failed(&error))?;
        schemas::tell_doubted(paths.iter().map(PathBuf::as_path), self.report);
        let names: Vec<String> = locked.iter().map(|locked| text::path(locked.given_path())).collect();
        self.report.detail(format!("locked {} after {}", names.join(", "), text::duration(begun.elapsed())));
        Ok(locked)
    }

    /// As [`lock_all`](Self::lock_all), for locks that are held as long as a command or an editor runs, or
    /// for the queues before them. They are to be kept alive once that has started.
    pub fn hold_all(&self, paths: &[PathBuf], how: Holding) -> Result<Vec<Locked>> {
        let report = self.report;
        let request = self.request().on_trouble(move |path, trouble| {
            let shown = text::path(path);
            match trouble {
                Trouble::Broken => report.note(format!("another program broke the lock of {shown}")),
                Trouble::Wanted => report.note(format!("the command seems to wait for {shown} itself; {SELF_LOCKING}")),
            }
        });
        self.open_all(
            paths,
            &match how {
                Holding::Exclusive => request,
                Holding::Shared => request.shared(),
                Holding::Queue => request.self_locking(),
            },
        )
    }

    /// Gives a lock for reading up, takes it for writing, and reads the database again.
    pub fn lock_exclusively(&self, locked: &mut Locked) -> Result<()> {
        self.telling(|on_notice| locked.lock_exclusively(on_notice)).map_err(|error| self.failed(&error))
    }

    /// What was to end the command has done so; from here on signals are for us again.
    pub fn renew(&self, locked: &mut [Locked]) {
        self.hold.forget();
        // Who had the lock all the time does not give up at once if it must be taken again.
        let wait = match self.wait {
            Wait::No => Wait::DEFAULT,
            Wait::AtMost(limit) => Wait::AtMost(limit.max(Duration::from_secs(10))),
            Wait::Forever => Wait::Forever,
        };
        for locked in locked {
            locked.renew(wait, &self.hold.interrupt());
        }
    }

    /// Takes the lock whose queue is held, and reads the database again.
    pub fn take_turn(&self, locked: &mut Locked) -> Result<(), Error> {
        self.telling(|on_notice| locked.take_turn(on_notice))
    }

    /// Ends what was under way within locks whose command is over. Says whether anything was undone.
    pub fn end_nested(&self, locked: &[Locked]) -> Result<bool, Error> {
        let mut is_undone = false;
        self.telling(|on_notice| {
            Locked::end_nested(locked, &mut |notice| {
                is_undone |= matches!(notice, Notice::Undone(_));
                on_notice(notice);
            })
        })?;
        Ok(is_undone)
    }

    /// Replaces the content of a database.
    pub fn replace(&self, locked: &mut Locked, content: &[u8], policy: ReplacePolicy) -> Result<Outcome, Error> {
        self.telling(|on_notice| locked.replace_telling(content, policy, on_notice))
    }

    /// Replaces the content of a database by what is computed from it, until nobody comes between (L9).
    pub fn update(
        &self,
        locked: &mut Locked,
        policy: ReplacePolicy,
        mut compute: impl FnMut(&Locked) -> Result<Vec<u8>>,
    ) -> Result<Outcome> {
        let outcome =
            self.telling(|on_notice| locked.update_telling(policy, |locked| compute(locked).map(Some), on_notice));
        outcome.map_err(|error: anyhow::Error| match error.downcast::<Error>() {
            Ok(error) => self.failed(&error),
            Err(other) => other,
        })
    }

    /// Gives a lock up. If its file cannot be removed others may take it for held for a while.
    pub fn release(&self, locked: Locked) {
        let shown = text::path(locked.given_path());
        if let Err(Error::Lock(error)) = locked.release() {
            self.report.note(format!("the lock file of {shown} is left behind: {}", why_no_lock(&error.problem)));
        }
    }

    /// Reads a database under a shared lock that is given up at once; fails if there is no such file.
    ///
    /// Without a lock it is read if that was asked for, if it is a pipe, or if no lock can be had there,
    /// which is told.
    pub fn read(&self, path: &Path, lockless: LocklessOption) -> Result<Vec<u8>> {
        if is_pipe(path) {
            return Ok(self.hold.released(|| streams::read_all(path))?);
        }
        Ok(self.snapshot(path, lockless)?.into_bytes())
    }

    /// As [`read`](Self::read), with the schema, which is looked up under the same lock.
    pub fn read_with_schema(&self, path: &Path, lockless: LocklessOption) -> Result<(Vec<u8>, Schema)> {
        if is_pipe(path) {
            return Ok((self.read(path, lockless)?, Schema::default()));
        }
        let (content, schema) = self.snapshot_with_schema(path, lockless)?;
        Ok((content.into_bytes(), schema))
    }

    /// As [`read_with_schema`](Self::read_with_schema), for a file only, with its attributes.
    pub fn snapshot_with_schema(&self, path: &Path, lockless: LocklessOption) -> Result<(Snapshot, Schema)> {
        let (content, schema) = self.look(path, lockless, schema_of)?;
        schemas::tell_doubted([path], self.report);
        Ok((content, schema?))
    }

    /// As [`read`](Self::read), for a file only, with its attributes.
    pub fn snapshot(&self, path: &Path, lockless: LocklessOption) -> Result<Snapshot> {
        Ok(self.look(path, lockless, |_| ())?.0)
    }

    /// Reads a database, and whatever else is to be read with it under the same lock.
    fn look<T>(&self, path: &Path, lockless: LocklessOption, with: impl Fn(&Path) -> T) -> Result<(Snapshot, T)> {
        let lockless_read = || {
            if matches!(txn::find(path), Ok(Found::Hot(_))) {
                // J6
                let shown = text::path(path);
                self.report.note(format!("a transaction on {shown} is open: what it holds now may be undone"));
            }
            disk::read(path).map_err(|error| Failure::reading(path, &error))
        };
        if lockless.no_lock {
            let content = lockless_read()?.ok_or_else(|| Failure::no_such_file(path))?;
            return Ok((content, with(path)));
        }
        let request = self.request().shared();
        let begun = Instant::now();
        let read = match self.telling(|on_notice| Locked::open_telling(path, &request, on_notice)) {
            Ok(mut locked) => {
                let read = locked.take_content().map(|content| (content, with(path)));
                self.release(locked);
                self.report.detail(format!("read {} after {}", text::path(path), text::duration(begun.elapsed())));
                read
            }
            Err(Error::Lock(LockError { problem, .. })) if problem.is_bad_place() => {
                let content = lockless_read()?;
                if content.is_some() {
                    let why = why_no_lock(&problem);
                    self.report.note(format!("reading {} without a lock: {why}", text::path(path)));
                }
                content.map(|content| (content, with(path)))
            }
            // Without its folder there is no file to read either.
            Err(Error::Lock(LockError { problem: LockProblem::NoFolder, .. })) => None,
            Err(error) => return Err(self.failed(&error)),
        };
        Ok(read.ok_or_else(|| Failure::no_such_file(path))?)
    }

    /// The signal that came, or that has ended a wait already. Whoever asks has to act on it.
    pub fn interrupted(&self) -> Option<i32> {
        let mut interrupted = self.interrupted.lock().unwrap_or_else(PoisonError::into_inner);
        *interrupted = self.hold.take().or(*interrupted);
        *interrupted
    }

    /// Fails if a signal came.
    pub fn check_signals(&self, path: &Path) -> Result<(), Failure> {
        match self.hold.take() {
            None => Ok(()),
            Some(signal) => Err(interrupted(signal, path).unchanged(path)),
        }
    }

    /// All of these locks are short ones, until they are kept alive: a command that waits for its turn does
    /// not wait for a thread.
    fn request(&self) -> LockRequest {
        LockRequest::new()
            .brief()
            .wait(self.wait)
            .interrupt(&self.hold.interrupt())
            .command(text::command_line())
            .within(settings::nesting())
    }

    fn telling<T>(&self, lock: impl FnOnce(&mut dyn FnMut(Notice<'_>)) -> T) -> T {
        let mut display = WaitDisplay::new(self.report);
        lock(&mut |notice| match notice {
            Notice::Lock(Event::Blocked) => self.hold.listen(),
            Notice::Lock(Event::Waiting { path, holder, .. }) => display.waiting(path, holder),
            Notice::Lock(Event::Over) => display.over(),
            Notice::Lock(Event::TookOver { path, holder }) => {
                let held = held_by(holder);
                self.report.note(format!("took over the lock that was left of {}: {held}", text::path(path)));
            }
            Notice::Undone(undone) => self.report.undone(undone),
            Notice::NotBelieved(file, doubt) => self.report.not_believed(file, doubt),
        })
    }

    fn failed(&self, error: &Error) -> anyhow::Error {
        let Error::Lock(LockError { path, problem }) = error else {
            return Failure::library(error).into();
        };
        match problem {
            LockProblem::Interrupted => match self.interrupted() {
                Some(signal) => interrupted(signal, path).into(),
                None => Failure::library(error).into(),
            },
            LockProblem::Timeout { .. } | LockProblem::WouldCircle { .. } => {
                Failure::library(error).status(self.timeout_exit_code).into()
            }
            _ => Failure::library(error).into(),
        }
    }
}

/// Whether a path is a pipe of a shell. What has a name of its own in a folder is none, and may never have a writer.
fn is_pipe(path: &Path) -> bool {
    let is_special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
    is_special && path.canonicalize().is_err()
}

/// The schema of a database that is only read.
pub fn schema_of(path: &Path) -> Result<Schema, Failure> {
    project::schema_of(path).map_err(|error| Failure::schema(path, &error))
}

/// What is reported when a signal ended the work on a database.
pub fn interrupted(signal: i32, path: &Path) -> Failure {
    Failure::new(status::of_signal(signal), format!("interrupted before {} was changed or read", text::path(path)))
}
