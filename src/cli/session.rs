//! Locking on behalf of the user: with the options given, telling how the wait goes, and ending it on
//! a signal.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use sdnlock::disk::{self, Snapshot};
use sdnlock::lock::{Event, LockError, LockProblem, LockRequest, Wait};
use sdnlock::{Error, Locked};

use super::args::{LockOptions, LocklessOption};
use super::failure::{Failure, held_by};
use super::report::Report;
use super::signals::Signals;
use super::status;
use super::text;
use super::wait::WaitDisplay;

/// One use of locks by one command.
pub struct Session {
    options: LockOptions,
    report: Report,
    signals: Signals,
}

impl Session {
    /// From here on a signal does not end the process, but the wait for a lock.
    pub fn begin(options: &LockOptions, report: Report) -> Self {
        Self { options: options.clone(), report, signals: Signals::hold() }
    }

    /// Locks a database exclusively and reads it.
    pub fn lock(&self, path: &Path) -> Result<Locked> {
        let request = self.request();
        let begun = Instant::now();
        let locked = self.telling(|on_event| Locked::open_telling(path, &request, on_event));
        let locked = locked.map_err(|error| self.failed(&error))?;
        self.report.detail(format!("locked {} after {}", text::path(path), text::duration(begun.elapsed())));
        Ok(locked)
    }

    /// Locks several databases exclusively and reads them. They come back in the order of the locks.
    pub fn lock_all(&self, paths: &[PathBuf]) -> Result<Vec<Locked>> {
        let request = self.request();
        let begun = Instant::now();
        let locked = self.telling(|on_event| Locked::open_all_telling(paths, &request, on_event));
        let locked = locked.map_err(|error| self.failed(&error))?;
        let count = text::count(locked.len(), "database");
        self.report.detail(format!("locked {count} after {}", text::duration(begun.elapsed())));
        Ok(locked)
    }

    /// Reads a database under a shared lock that is given up at once; fails if there is no such file.
    ///
    /// Without a lock it is read if that was asked for, or if no lock can be had because the place
    /// cannot be written; the latter is told.
    pub fn read(&self, path: &Path, lockless: LocklessOption) -> Result<Snapshot> {
        let content = if lockless.no_lock {
            disk::read(path).map_err(|error| Failure::reading(path, &error))?
        } else {
            self.read_locked(path)?
        };
        Ok(content.ok_or_else(|| Failure::no_such_file(path))?)
    }

    fn read_locked(&self, path: &Path) -> Result<Option<Snapshot>> {
        let request = self.request().shared();
        match self.telling(|on_event| Locked::open_telling(path, &request, on_event)) {
            Ok(locked) => Ok(locked.into_content()),
            Err(Error::Lock(error)) if error.problem.is_unwritable_place() => {
                let content = disk::read(path).map_err(|error| Failure::reading(path, &error))?;
                self.report.note(format!("reading {} without a lock: its folder cannot be written", text::path(path)));
                Ok(content)
            }
            // Without its folder there is no file to read either.
            Err(Error::Lock(LockError { problem: LockProblem::NoFolder, .. })) => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Fails if a signal came.
    pub fn check_signals(&self, path: &Path) -> Result<()> {
        match self.signals.received() {
            None => Ok(()),
            Some(signal) => Err(interrupted(signal).unchanged(path).into()),
        }
    }

    /// The failure to report if TERM or HUP came.
    pub fn terminated(&self) -> Option<Failure> {
        self.signals.received().filter(|&signal| signal != signal_hook::consts::SIGINT).map(interrupted)
    }

    fn request(&self) -> LockRequest {
        let wait = match self.options.timeout.0 {
            _ if self.options.nonblock => Wait::No,
            Some(limit) => Wait::from(limit),
            None => Wait::Forever,
        };
        LockRequest::new().wait(wait).interrupt(self.signals.interrupt())
    }

    fn telling<T>(&self, lock: impl FnOnce(&mut dyn FnMut(Event<'_>)) -> T) -> T {
        let mut display = WaitDisplay::new(self.report);
        lock(&mut |event| match event {
            Event::Blocked => self.signals.listen(),
            Event::Waiting { path, holder, .. } => display.waiting(path, holder),
            Event::Over => display.over(),
            Event::TookOver { path, holder } => {
                let held = held_by(holder);
                self.report.note(format!("took over the lock that was left of {}: {held}", text::path(path)));
            }
        })
    }

    fn failed(&self, error: &Error) -> anyhow::Error {
        let problem = if let Error::Lock(error) = error { Some(&error.problem) } else { None };
        match (problem, self.signals.received()) {
            (Some(LockProblem::Interrupted), Some(signal)) => interrupted(signal).into(),
            (Some(LockProblem::Timeout { .. }), _) => {
                Failure::library(error).status(self.options.timeout_exit_code).into()
            }
            _ => Failure::library(error).into(),
        }
    }
}

fn interrupted(signal: i32) -> Failure {
    Failure::new(status::of_signal(signal), "interrupted")
}
