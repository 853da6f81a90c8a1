//! This host, its users and its processes.

use std::time::{Duration, SystemTime};

use rustix::process::{Pid, test_kill_process};
use rustix::time::{ClockId, clock_gettime};

/// The name of this host.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The name of the user who runs this process, or their number.
#[must_use]
pub fn user_name() -> String {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    named.unwrap_or_else(|| user_called(rustix::process::geteuid().as_raw()))
}

/// The name of the user with this number, or the number.
#[must_use]
pub fn user_called(number: u32) -> String {
    let number = number.to_string();
    listed_user(&number).unwrap_or(number)
}

/// The name that the list of users gives to this number.
fn listed_user(number: &str) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let fields = users.lines().map(|line| line.splitn(4, ':').collect::<Vec<_>>());
    fields.into_iter().find(|fields| fields.get(2) == Some(&number)).map(|fields| fields[0].to_owned())
}

/// What is known of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessState {
    /// It runs; since when, if the system tells.
    Alive {
        /// When it was started.
        since: Option<SystemTime>,
    },
    /// There is none of this number, or it has ended and only its parent does not know yet.
    Dead,
}

/// Whether the process of this number lives.
#[must_use]
pub fn process_state(pid: u32) -> ProcessState {
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return ProcessState::Dead;
    };
    // EPERM: there is such a process, of somebody else.
    if test_kill_process(number).is_err_and(|error| error == rustix::io::Errno::SRCH) {
        return ProcessState::Dead;
    }
    proc_fs::state(pid).unwrap_or(ProcessState::Alive { since: None })
}

/// What is known of a process besides its number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Process {
    /// The name of its user, or their number.
    pub user: Option<String>,
    /// Its command line, with blanks between the arguments.
    pub command: Option<String>,
}

/// Whose a process is and what it runs, as far as the system tells.
#[must_use]
pub fn process(pid: u32) -> Process {
    use std::os::unix::fs::MetadataExt;
    let folder = format!("/proc/{pid}");
    let user = std::fs::metadata(&folder).ok().map(|metadata| user_called(metadata.uid()));
    let line = std::fs::read(format!("{folder}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line);
    let mut words = line.split_terminator('\0');
    let program = words.next().map(|program| program.rsplit('/').next().unwrap_or(program));
    let command = program.map(|program| std::iter::once(program).chain(words).collect::<Vec<_>>().join(" "));
    Process { user, command }
}

/// Whether a process is stopped, as by Ctrl-Z.
#[must_use]
pub fn is_stopped(pid: u32) -> bool {
    proc_fs::is_stopped(pid).unwrap_or(false)
}

/// The processes that started this one: its parent, the parent's parent, and so on.
pub fn ancestors(pid: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(proc_fs::parent(pid), |&pid| proc_fs::parent(pid)).take_while(|&pid| pid > 0)
}

/// When this machine was started, by the clock as it goes now; to the second or so.
#[must_use]
pub fn boot_time() -> Option<SystemTime> {
    // Both count the time that the machine was asleep.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const SINCE_BOOT: ClockId = ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const SINCE_BOOT: ClockId = ClockId::Monotonic;
    let up = clock_gettime(SINCE_BOOT);
    let up = Duration::new(u64::try_from(up.tv_sec).ok()?, u32::try_from(up.tv_nsec).ok()?);
    SystemTime::now().checked_sub(up)
}

/// What `/proc` says; other systems have none, and there a process counts as alive from when on is
/// not known.
mod proc_fs {
    use std::time::Duration;

    use super::{ProcessState, boot_time};

    /// The unit of start times in `/proc/PID/stat`: 100 a second on every Linux that has user programs.
    const TICKS_PER_SECOND: u64 = 100;

    /// The fields of `/proc/PID/stat` from the state on.
    fn fields<T>(pid: u32, of: impl FnOnce(&[&str]) -> Option<T>) -> Option<T> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name of the program is in brackets and may hold any character, so look behind it.
        let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_ascii_whitespace().collect();
        of(&fields)
    }

    pub fn is_stopped(pid: u32) -> Option<bool> {
        fields(pid, |fields| Some(matches!(fields.first(), Some(&("T" | "t")))))
    }

    pub fn parent(pid: u32) -> Option<u32> {
        fields(pid, |fields| fields.get(1)?.parse().ok())
    }

    pub fn state(pid: u32) -> Option<ProcessState> {
        let (ended, ticks) = fields(pid, |fields| {
            Some((matches!(fields.first(), Some(&("Z" | "X"))), fields.get(19)?.parse::<u64>().ok()?))
        })?;
        if ended {
            return Some(ProcessState::Dead);
        }
        let since = boot_time().map(|boot| boot + Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND));
        Some(ProcessState::Alive { since })
    }
}
