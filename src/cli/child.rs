//! Running a command in our place: its streams are ours, its signals and its exit code go through.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process, waitid};
use sdnlock::lock::Nesting;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGTERM, SIGUSR1, SIGUSR2};

use super::signals::not_ignored;
use super::status;

/// Signals that are passed on. Those of the keyboard reach the command anyway, since it stays in our
/// process group.
const FORWARDED: [i32; 4] = [SIGTERM, SIGHUP, SIGUSR1, SIGUSR2];

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// With this exit code.
    Code(u8),
    /// By this signal.
    Signal(i32),
}

impl End {
    /// As shells have it.
    pub fn status(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => status::of_signal(signal),
        }
    }

    pub fn is_success(self) -> bool {
        self == Self::Code(0)
    }
}

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(u8::try_from(code & 0xff).unwrap_or(u8::MAX)),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Code(status::INTERNAL),
        }
    }
}

impl From<WaitIdStatus> for End {
    fn from(status: WaitIdStatus) -> Self {
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Self::Code(u8::try_from(code & 0xff).unwrap_or(u8::MAX)),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Code(status::INTERNAL),
        }
    }
}

/// A command that runs, with the signals that are passed on to it.
pub struct Running {
    child: Child,
    forwarding: Forwarding,
}

impl Running {
    /// Waits for the command to end. Until then no signal that is meant for it ends us.
    ///
    /// The process is not collected: until this is dropped its number is its own, so that no signal can be
    /// sent to another one, and nobody who has read it in a lock file takes its holder for dead.
    ///
    /// # Errors
    /// If the system does not tell how it ended.
    pub fn wait(&mut self) -> io::Result<End> {
        let exited = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let status = loop {
            match waitid(WaitId::Pid(Pid::from_child(&self.child)), exited) {
                Err(rustix::io::Errno::INTR) => {}
                status => break status?,
            }
        };
        self.forwarding.end();
        Ok(status.map_or(End::Code(status::INTERNAL), End::from))
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to the command, unless it has ended.
    pub fn signal(&self, signal: i32) {
        if let Some(signal) = Signal::from_named_raw(signal) {
            let _ = kill_process(Pid::from_child(&self.child), signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.wait();
    }
}

/// Collects signals from the moment it is made, and passes them on to a command once there is one.
pub struct Forwarding {
    target: Arc<Mutex<Target>>,
    handle: signal_hook::iterator::Handle,
}

#[derive(Default)]
struct Target {
    pid: Option<Pid>,
    /// Signals that came before there was a process.
    early: Vec<Signal>,
}

impl Forwarding {
    /// # Errors
    /// If the handlers cannot be installed.
    pub fn begin() -> io::Result<Self> {
        // Where this is ignored, the system does not tell how a child ended.
        signal_hook::flag::register(SIGCHLD, Arc::default())?;
        let mut signals = signal_hook::iterator::Signals::new(not_ignored(&FORWARDED))?;
        let handle = signals.handle();
        let target = Arc::new(Mutex::new(Target::default()));
        let shared = Arc::clone(&target);
        std::thread::Builder::new().name("sdnlock-forward".to_owned()).spawn(move || {
            for signal in signals.forever().filter_map(Signal::from_named_raw) {
                let mut target = shared.lock().unwrap_or_else(PoisonError::into_inner);
                match target.pid {
                    // Fails only if the process has just ended.
                    Some(pid) => drop(kill_process(pid, signal)),
                    None => target.early.push(signal),
                }
            }
        })?;
        Ok(Self { target, handle })
    }

    /// Starts a command, to which from here on all signals go, those included that came before. It is told
    /// which locks are held (L13).
    ///
    /// # Errors
    /// If the command cannot be started.
    pub fn start(self, command: &[OsString], nesting: &Nesting) -> io::Result<Running> {
        let child = spawn(command, nesting)?;
        let mut target = self.target.lock().unwrap_or_else(PoisonError::into_inner);
        target.pid = Some(Pid::from_child(&child));
        for signal in std::mem::take(&mut target.early) {
            let _ = kill_process(Pid::from_child(&child), signal);
        }
        drop(target);
        Ok(Running { child, forwarding: self })
    }

    fn end(&self) {
        self.target.lock().unwrap_or_else(PoisonError::into_inner).pid = None;
        self.handle.close();
    }
}

fn spawn(command: &[OsString], nesting: &Nesting) -> io::Result<Child> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let held = nesting.to_value();
    match Command::new(program).args(arguments).env(Nesting::VARIABLE, &held).spawn() {
        // A script without `#!` is the shell's, as everywhere.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error()) => {
            Command::new("/bin/sh").arg(script(program)).args(arguments).env(Nesting::VARIABLE, held).spawn()
        }
        other => other,
    }
}

/// The script as the shell finds it: where the search path has it.
fn script(program: &OsStr) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_folder = std::path::Path::new(program).components().count() > 1;
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
    found.filter(|_| !has_folder).map_or_else(|| program.to_owned(), Into::into)
}
