//! Locking on behalf of the user: with the options given, telling how the wait goes, and ending it on
//! a signal.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use sdnlock::disk::{self, ReplacePolicy, Snapshot};
use sdnlock::lock::{Event, LockError, LockProblem, LockRequest, Trouble, Wait};
use sdnlock::{Error, Locked, Outcome};

use super::args::{LockOptions, LocklessOption};
use super::failure::{Failure, held_by, why_no_lock};
use super::report::Report;
use super::settings;
use super::signals::Hold;
use super::status;
use super::streams;
use super::text;
use super::wait::WaitDisplay;

/// What to do about a command that waits for the lock under which it runs.
pub const SELF_LOCKING: &str = "if it locks the database by itself, run it with `sdnlock exec --self-locking`";

/// One use of locks by one command. While it lasts, a signal does not end the process, but the wait for
/// a lock.
pub struct Session {
    wait: Wait,
    timeout_exit_code: u8,
    report: Report,
    hold: Hold,
}

impl Session {
    /// # Errors
    /// If the environment asks for an impossible wait.
    pub fn begin(options: &LockOptions, report: Report) -> Result<Self, Failure> {
        let timeout_exit_code = options.timeout_exit_code;
        Ok(Self { wait: options.wait()?, timeout_exit_code, report, hold: Hold::begin() })
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
        let locked = self.telling(|on_event| Locked::open_all_telling(paths, request, on_event));
        let locked = locked.map_err(|error| self.failed(&error))?;
        let names: Vec<String> = locked.iter().map(|locked| text::path(locked.given_path())).collect();
        self.report.detail(format!("locked {} after {}", names.join(", "), text::duration(begun.elapsed())));
        Ok(locked)
    }

    /// As [`lock_all`](Self::lock_all), for locks that are held as long as a command or an editor runs, or
    /// for the queues before them. They are to be kept alive once that has started.
    pub fn hold_all(&self, paths: &[PathBuf], self_locking: bool) -> Result<Vec<Locked>> {
        let report = self.report;
        let request = self.request().on_trouble(move |path, trouble| {
            let shown = text::path(path);
            match trouble {
                Trouble::Broken => report.note(format!("another program broke the lock of {shown}")),
                Trouble::Wanted => report.note(format!("the command seems to wait for {shown} itself; {SELF_LOCKING}")),
            }
        });
        self.open_all(paths, &if self_locking { request.self_locking() } else { request })
    }

    /// Takes the lock whose queue is held, and reads the database again.
    pub fn take_turn(&self, locked: &mut Locked) -> Result<(), Error> {
        self.telling(|on_event| locked.take_turn(on_event))
    }

    /// Takes a lock again that was broken.
    pub fn lock_again(&self, locked: &mut Locked) -> Result<()> {
        self.telling(|on_event| locked.lock_again(on_event)).map_err(|error| self.failed(&error))
    }

    /// Replaces the content of a database.
    pub fn replace(&self, locked: &mut Locked, content: &[u8], policy: ReplacePolicy) -> Result<Outcome, Error> {
        self.telling(|on_event| locked.replace_telling(content, policy, on_event))
    }

    /// Brings an earlier content of a database back.
    pub fn restore(&self, locked: &mut Locked, earlier: &Snapshot) -> Result<Outcome, Error> {
        self.telling(|on_event| locked.restore(earlier, on_event))
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
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
            return Ok(streams::read_all(path)?);
        }
        Ok(self.snapshot(path, lockless)?.into_bytes())
    }

    /// As [`read`](Self::read), for a file only, with its attributes.
    pub fn snapshot(&self, path: &Path, lockless: LocklessOption) -> Result<Snapshot> {
        let lockless_read = || disk::read(path).map_err(|error| Failure::reading(path, &error));
        if lockless.no_lock {
            return Ok(lockless_read()?.ok_or_else(|| Failure::no_such_file(path))?);
        }
        let request = self.request().shared();
        let begun = Instant::now();
        let content = match self.telling(|on_event| Locked::open_telling(path, &request, on_event)) {
            Ok(mut locked) => {
                let content = locked.take_content();
                self.release(locked);
                self.report.detail(format!("read {} after {}", text::path(path), text::duration(begun.elapsed())));
                content
            }
            Err(Error::Lock(LockError { problem, .. })) if problem.is_bad_place() => {
                let content = lockless_read()?;
                if content.is_some() {
                    let why = why_no_lock(&problem);
                    self.report.note(format!("reading {} without a lock: {why}", text::path(path)));
                }
                content
            }
            // Without its folder there is no file to read either.
            Err(Error::Lock(LockError { problem: LockProblem::NoFolder, .. })) => None,
            Err(error) => return Err(self.failed(&error)),
        };
        Ok(content.ok_or_else(|| Failure::no_such_file(path))?)
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

    fn telling<T>(&self, lock: impl FnOnce(&mut dyn FnMut(Event<'_>)) -> T) -> T {
        let mut display = WaitDisplay::new(self.report);
        lock(&mut |event| match event {
            Event::Blocked => self.hold.listen(),
            Event::Waiting { path, holder, .. } => display.waiting(path, holder),
            Event::Over => display.over(),
            Event::TookOver { path, holder } => {
                let held = held_by(holder);
                self.report.note(format!("took over the lock that was left of {}: {held}", text::path(path)));
            }
        })
    }

    fn failed(&self, error: &Error) -> anyhow::Error {
        let Error::Lock(LockError { path, problem }) = error else {
            return Failure::library(error).into();
        };
        match problem {
            LockProblem::Interrupted => match self.hold.take() {
                Some(signal) => interrupted(signal, path).into(),
                None => Failure::library(error).into(),
            },
            LockProblem::Timeout { .. } => Failure::library(error).status(self.timeout_exit_code).into(),
            _ => Failure::library(error).into(),
        }
    }
}

/// What is reported when a signal ended the work on a database.
pub fn interrupted(signal: i32, path: &Path) -> Failure {
    Failure::new(status::of_signal(signal), format!("interrupted before {} was changed or read", text::path(path)))
}
