//! Who holds a lock, as far as its lock file tells, and whether a foreign one still counts (L5).

use std::fmt;
use std::time::{Duration, SystemTime};

use super::record::{self, Record};
use crate::platform::{Mode, ProcessState, host_name, process_state};

/// A foreign lock file that names a living process counts for this long.
pub(super) const FOREIGN_WITH_PID: Duration = Duration::from_secs(2 * 60 * 60);

/// A foreign lock file that names no process counts for this long.
pub(super) const FOREIGN_WITHOUT_PID: Duration = Duration::from_secs(60);

/// A process may have been started this much after the time of its lock file, since the system
/// gives start times in whole seconds and ticks.
const START_TOLERANCE: Duration = Duration::from_secs(2);

/// What kind of program made a lock file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HolderKind {
    /// `sdnlock`, in the mode given.
    Sdnlock(Mode),
    /// The Simple interpreter, which writes `PID:HOST`.
    Interpreter,
    /// A tool written in Simple, which writes the process number and the time.
    SimpleTool,
    /// The Rust driver, which writes nothing, or something unknown.
    Unknown,
}

/// Who holds a lock, as the lock file says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// What kind of program it is.
    pub kind: HolderKind,
    /// The process, if the lock file names one.
    pub pid: Option<u32>,
    /// The host, if the lock file names one.
    pub host: Option<String>,
    /// The user, if the lock file names one.
    pub user: Option<String>,
    /// The command line, if the lock file has one.
    pub command: Option<String>,
    /// Since when the lock is held.
    pub since: SystemTime,
}

impl Holder {
    /// Reads the content of a lock file that was last changed at `modified`.
    pub(super) fn read(content: &[u8], modified: SystemTime) -> Self {
        if let Some(record) = Record::read(content) {
            let known = |text: String| (!text.is_empty()).then_some(text);
            return Self {
                kind: HolderKind::Sdnlock(record.mode),
                pid: (record.pid != 0).then_some(record.pid),
                host: known(record.host),
                user: known(record.user),
                command: known(record.command),
                since: record.start,
            };
        }
        let text = String::from_utf8_lossy(content);
        let (first, second) = match text.split_once('\n') {
            Some((first, rest)) => (first.trim(), rest.lines().next()),
            None => (text.trim(), None),
        };
        let (pid, host) = first.split_once(':').map_or((first, None), |(pid, host)| (pid, Some(host.to_owned())));
        let pid = pid.parse().ok().filter(|&pid| pid > 0);
        let kind = match (pid, &host, second) {
            (Some(_), Some(_), _) => HolderKind::Interpreter,
            (Some(_), None, Some(_)) => HolderKind::SimpleTool,
            _ => HolderKind::Unknown,
        };
        let since = second.filter(|_| kind == HolderKind::SimpleTool).and_then(record::time).unwrap_or(modified);
        Self { kind, pid, host: host.filter(|_| pid.is_some()), user: None, command: None, since }
    }

    /// How long the lock has been held.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.since.elapsed().unwrap_or_default()
    }

    /// Whether a foreign holder with this lock file, last changed at `modified`, still counts.
    pub(super) fn is_live(&self, modified: SystemTime) -> bool {
        // A time in the future tells as little as one long ago.
        let age = modified.elapsed().unwrap_or_else(|ahead| ahead.duration());
        let here = self.host.as_ref().is_none_or(|host| *host == host_name());
        match self.pid.filter(|_| here).map(process_state) {
            Some(ProcessState::Alive { since }) => {
                let started_later = since.is_some_and(|since| since > modified + START_TOLERANCE);
                !started_later && age < FOREIGN_WITH_PID
            }
            Some(ProcessState::Dead) => false,
            None => age < FOREIGN_WITHOUT_PID,
        }
    }
}

impl fmt::Display for Holder {
    /// Process, user and command line, without the time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "pid {pid}")?,
            None => f.write_str("a process that did not give its number")?,
        }
        let other_host = self.host.as_ref().filter(|host| **host != host_name());
        match (&self.user, other_host) {
            (Some(user), Some(host)) => write!(f, " ({user} on {host})")?,
            (Some(user), None) => write!(f, " ({user})")?,
            (None, Some(host)) => write!(f, " (on {host})")?,
            (None, None) => {}
        }
        match (&self.command, self.kind) {
            (Some(command), _) => write!(f, " by `{command}`"),
            (None, HolderKind::Interpreter) => f.write_str(", the Simple interpreter"),
            (None, HolderKind::SimpleTool) => f.write_str(", a Simple tool"),
            (None, HolderKind::Unknown) => f.write_str(", by its empty lock file the Rust driver"),
            (None, HolderKind::Sdnlock(_)) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str, age: Duration) -> (Holder, bool) {
        let modified = SystemTime::now() - age;
        let holder = Holder::read(content.as_bytes(), modified);
        let live = holder.is_live(modified);
        (holder, live)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    /// A number that no process has: the largest one Linux gives is 4194304.
    const NOBODY: u32 = 2_000_000_000;

    #[test]
    fn l5_a_foreign_lock_without_a_pid_counts_for_a_minute() {
        let (holder, live) = read("", MINUTE / 2);
        assert_eq!((holder.kind, live), (HolderKind::Unknown, true));
        assert!(!read("", MINUTE * 2).1);
    }

    #[test]
    fn l5_a_foreign_lock_of_a_living_process_counts_for_two_hours() {
        let me = std::process::id();
        let (holder, live) = read(&format!("{me}:{}", host_name()), Duration::ZERO);
        assert_eq!((holder.kind, holder.pid, live), (HolderKind::Interpreter, Some(me), true));
        let (holder, live) = read(&format!("{me}\n1790000000000000"), Duration::ZERO);
        assert_eq!((holder.kind, holder.pid, live), (HolderKind::SimpleTool, Some(me), true));
        assert!(!read(&format!("1\n{}", 1), MINUTE * 121).1);
    }

    #[test]
    fn l5_a_dead_process_or_a_reused_number_does_not_count() {
        assert!(!read(&format!("{NOBODY}\n1"), Duration::ZERO).1);
        let reused = format!("{}\n1", std::process::id());
        assert!(!read(&reused, MINUTE * 60).1, "this process was started long after that lock file was made");
    }

    #[test]
    fn l5_a_process_of_another_host_cannot_be_judged_here() {
        let other = format!("{NOBODY}:no-such-host");
        assert!(read(&other, Duration::ZERO).1);
        assert!(!read(&other, MINUTE * 2).1);
    }

    #[test]
    fn a_holder_is_named_as_well_as_can_be() {
        let record = Record::new(Mode::Exclusive, "sdnlock set x");
        let holder = Holder::read(record.to_string().as_bytes(), SystemTime::now());
        let expected = format!("pid {} ({}) by `sdnlock set x`", std::process::id(), user());
        assert_eq!(holder.to_string(), expected);
        assert_eq!(read("7:elsewhere", Duration::ZERO).0.to_string(), "pid 7 (on elsewhere), the Simple interpreter");
    }

    fn user() -> String {
        crate::platform::user_name()
    }
}
