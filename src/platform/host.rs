//! This host, its users and its processes.

use std::time::SystemTime;

use rustix::process::{Pid, test_kill_process};

/// The name of this host.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The name of the user who runs this process, or their number.
#[must_use]
pub fn user_name() -> String {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    let number = rustix::process::geteuid().as_raw().to_string();
    named.or_else(|| listed_user(&number)).unwrap_or(number)
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

/// What `/proc` says; other systems have none, and there a process counts as alive from when on is
/// not known.
mod proc_fs {
    use std::time::{Duration, SystemTime};

    use super::ProcessState;

    /// The unit of start times in `/proc/PID/stat`: 100 a second on every Linux that has user programs.
    const TICKS_PER_SECOND: u64 = 100;

    pub fn state(pid: u32) -> Option<ProcessState> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name of the program is in brackets and may hold any character, so look behind it.
        let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_ascii_whitespace().collect();
        if matches!(fields.first(), Some(&("Z" | "X"))) {
            return Some(ProcessState::Dead);
        }
        let ticks: u64 = fields.get(19)?.parse().ok()?;
        let since = boot_time().map(|boot| boot + Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND));
        Some(ProcessState::Alive { since })
    }

    fn boot_time() -> Option<SystemTime> {
        let stat = std::fs::read_to_string("/proc/stat").ok()?;
        let seconds = stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }
}
