//! Who holds a lock, as far as its lock file tells, and whether a foreign one still counts (L5).

use std::fmt;
use std::fs::Metadata;
use std::time::{Duration, SystemTime};

use super::limits;
use super::record::{self, Record};
use crate::platform::{self, FileId, KernelLocks, Mode, ProcessState, host_name, process_state};

/// What kind of program made a lock file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HolderKind {
    /// `sdnlock`, in the mode given.
    Sdnlock(Mode),
    /// The Simple interpreter, which writes `PID:HOST`.
    Interpreter,
    /// A tool written in Simple, which writes the process number and the time.
    SimpleTool,
    /// The Rust driver, which writes nothing.
    Driver,
    /// A program that locks the database itself, as the C runtime does.
    Direct,
    /// Nobody holds the lock yet: this `sdnlock` is the first of those who wait for it.
    Waiter,
    /// Something unknown.
    Unknown,
}

/// Why a lock whose file is there is held by nobody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Death {
    /// Its process has ended.
    End,
    /// It is from before this machine was started.
    Restart,
    /// Nothing was heard of it for longer than its kind of program may be silent.
    Silence,
    /// It is dated so far in the future that its time says nothing, and names no process that runs here.
    Future,
}

/// When a lock file was last changed, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Made {
    pub modified: SystemTime,
    /// Whether only this machine works on the file system.
    pub is_local: bool,
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
    /// Since when the lock is held, if that is known.
    pub since: Option<SystemTime>,
}

impl Holder {
    /// Reads the content of a lock file.
    pub(super) fn read(content: &[u8], made: Made) -> Self {
        if let Some(record) = Record::read(content) {
            return record.into();
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
            _ if content.is_empty() => HolderKind::Driver,
            _ => HolderKind::Unknown,
        };
        let since = second.filter(|_| kind == HolderKind::SimpleTool).and_then(record::time).unwrap_or(made.modified);
        let holder =
            Self { kind, pid, host: host.filter(|_| pid.is_some()), user: None, command: None, since: Some(since) };
        // Where it does not count any more, its number may be that of another process.
        if holder.death(made).is_none() { holder.looked_up() } else { holder }
    }

    /// Whoever made a lock file that may not be read.
    pub(super) fn hidden(file: &Metadata) -> Self {
        let user = Some(platform::user_called(platform::Stat::from(file).owner));
        Self { kind: HolderKind::Unknown, pid: None, host: None, user, command: None, since: file.modified().ok() }
    }

    /// The process that is first in a queue, as far as the system tells.
    pub(super) fn first_in_queue(queue: FileId) -> Option<Self> {
        let locks = KernelLocks::read()?.of(queue);
        let me = std::process::id();
        locks.iter().find(|lock| !lock.waiting && lock.pid != me).map(|lock| Self::waiter(lock.pid))
    }

    /// A process that waits.
    pub(super) fn waiter(pid: u32) -> Self {
        Self { kind: HolderKind::Waiter, ..Self::direct(pid) }
    }

    /// A process that has locked the database itself.
    pub(super) fn direct(pid: u32) -> Self {
        let kind = HolderKind::Direct;
        Self { kind, pid: Some(pid), host: None, user: None, command: None, since: None }.looked_up()
    }

    /// Who has locked the open database itself, as far as the system tells.
    pub(super) fn of_database(file: FileId) -> Option<Self> {
        let locks = KernelLocks::read()?.of(file);
        let me = std::process::id();
        locks.iter().find(|lock| !lock.waiting && lock.pid != me).map(|lock| Self::direct(lock.pid))
    }

    /// With what the system knows of the process, if it runs here.
    fn looked_up(mut self) -> Self {
        if let Some(pid) = self.pid.filter(|_| self.is_here()) {
            let platform::Process { user, command } = platform::process(pid);
            (self.user, self.command) = (user, command);
        }
        self
    }

    /// Whether it is on this host, as far as it says.
    pub(super) fn is_here(&self) -> bool {
        self.host.as_ref().is_none_or(|host| *host == host_name())
    }

    /// How long the lock has been held, if that is known.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.since.map(|since| since.elapsed().unwrap_or_default())
    }

    /// Why a foreign holder with this lock file does not count any more, if it does not.
    pub(super) fn death(&self, Made { modified, is_local }: Made) -> Option<Death> {
        // Of another machine, which writes to the same folder, nothing is known here.
        let of_here = is_local || self.host.is_some() && self.is_here();
        if of_here && platform::boot_time().is_some_and(|boot| modified + limits::START_TOLERANCE < boot) {
            return Some(Death::Restart);
        }
        // A time a little in the future is one of a clock that goes wrong; so do the existing programs see it.
        let changed = modified.elapsed().unwrap_or_default();
        let age = match self.kind {
            // They judge by the time that they have written.
            HolderKind::SimpleTool => changed.max(self.age().unwrap_or_default()),
            _ => changed,
        };
        let limit = match self.pid.filter(|_| self.is_here()).map(process_state) {
            Some(ProcessState::Dead) => return Some(Death::End),
            Some(ProcessState::Alive { since: Some(since) }) if since > modified + limits::START_TOLERANCE => {
                return Some(Death::End);
            }
            Some(ProcessState::Alive { .. }) => limits::FOREIGN_WITH_PID,
            None if modified > SystemTime::now() + limits::ahead(is_local) => return Some(Death::Future),
            None => limits::foreign_without_pid(),
        };
        (age >= limit).then_some(Death::Silence)
    }
}

impl From<Record> for Holder {
    fn from(record: Record) -> Self {
        let known = |text: String| (!text.is_empty()).then_some(text);
        Self {
            kind: HolderKind::Sdnlock(record.mode),
            pid: (record.pid != 0).then_some(record.pid),
            host: known(record.host),
            user: known(record.user),
            command: known(record.command),
            since: Some(record.start),
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
        let other_host = self.host.as_ref().filter(|_| !self.is_here());
        match (&self.user, other_host) {
            (Some(user), Some(host)) => write!(f, " ({user} on {host})")?,
            (Some(user), None) => write!(f, " ({user})")?,
            (None, Some(host)) => write!(f, " (on {host})")?,
            (None, None) => {}
        }
        if let Some(command) = &self.command {
            write!(f, " by `{command}`")?;
        }
        f.write_str(match self.kind {
            HolderKind::Sdnlock(_) => "",
            HolderKind::Interpreter => ", by its lock file the Simple interpreter",
            HolderKind::SimpleTool => ", by its lock file a Simple tool",
            HolderKind::Driver => ", by its empty lock file the Rust driver",
            HolderKind::Direct => ", which locks the file itself",
            HolderKind::Waiter if self.pid.is_some_and(platform::is_stopped) => ", which is next but stopped",
            HolderKind::Waiter => ", which is next",
            HolderKind::Unknown => ", with a lock file of unknown kind",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str, age: Duration) -> (Holder, bool) {
        let made = Made { modified: SystemTime::now() - age, is_local: false };
        let holder = Holder::read(content.as_bytes(), made);
        let live = holder.death(made).is_none();
        (holder, live)
    }

    const MINUTE: Duration = Duration::from_secs(60);

    /// A number that no process has: the largest one Linux gives is 4194304.
    const NOBODY: u32 = 2_000_000_000;

    #[test]
    fn l5_a_foreign_lock_without_a_pid_counts_for_a_minute() {
        let (holder, live) = read("", MINUTE / 2);
        assert_eq!((holder.kind, live), (HolderKind::Driver, true));
        assert!(!read("", MINUTE * 2).1);
    }

    #[test]
    fn l5_a_foreign_lock_of_a_living_process_counts_for_two_hours() {
        let me = std::process::id();
        let (holder, live) = read(&format!("{me}:{}", host_name()), Duration::ZERO);
        assert_eq!((holder.kind, holder.pid, live), (HolderKind::Interpreter, Some(me), true));
        let (holder, live) = read(&format!("{me}\n{}", record::time_line(SystemTime::now())), Duration::ZERO);
        assert_eq!((holder.kind, holder.pid, live), (HolderKind::SimpleTool, Some(me), true));
        assert!(!read(&format!("1\n{}", 1), MINUTE * 121).1);
        // By the time that it has written, too.
        assert!(!read(&format!("{me}\n{}", 1), Duration::ZERO).1);
    }

    #[test]
    fn l5_a_dead_process_or_a_reused_number_does_not_count() {
        assert!(!read(&format!("{NOBODY}\n1"), Duration::ZERO).1);
        let reused = format!("{}\n1", std::process::id());
        assert!(!read(&reused, MINUTE * 60).1, "this process was started long after that lock file was made");
    }

    #[test]
    fn l5_a_lock_of_the_future_counts_as_far_as_clocks_go_wrong() {
        let death = |content: &str, ahead: Duration, is_local: bool| {
            let made = Made { modified: SystemTime::now() + ahead, is_local };
            Holder::read(content.as_bytes(), made).death(made)
        };
        let elsewhere = "7:no-such-host";
        for content in ["", elsewhere] {
            assert_eq!(death(content, MINUTE / 2, true), None);
            assert_eq!(death(content, MINUTE * 2, true), Some(Death::Future));
            assert_eq!(death(content, MINUTE * 30, false), None);
            assert_eq!(death(content, MINUTE * 3000, false), Some(Death::Future));
        }
        // As long as its process lives a lock is held, whatever the clock says.
        let mine = format!("{}:{}", std::process::id(), host_name());
        assert_eq!(death(&mine, MINUTE * 3000, true), None);
        assert_eq!(death(&format!("{NOBODY}\n1"), MINUTE * 3000, true), Some(Death::End));
    }

    #[test]
    fn l5_a_lock_from_before_the_machine_was_started_is_dead() {
        let boot = platform::boot_time().unwrap();
        let me = std::process::id();
        let death = |content: &str, modified: SystemTime, is_local: bool| {
            let made = Made { modified, is_local };
            Holder::read(content.as_bytes(), made).death(made)
        };
        for content in [String::new(), format!("{me}:{}", host_name()), format!("{me}\n1"), "7:elsewhere".to_owned()] {
            assert_eq!(death(&content, boot - MINUTE, true), Some(Death::Restart), "{content:?}");
        }
        let old = boot - MINUTE * 200;
        assert_eq!(death("", old, false), Some(Death::Silence));
        assert_eq!(death("7:elsewhere", old, false), Some(Death::Silence));
        assert_eq!(death(&format!("{me}:{}", host_name()), old, false), Some(Death::Restart));
        assert_eq!(death("", SystemTime::now(), true), None);
    }

    #[test]
    fn l5_a_process_of_another_host_cannot_be_judged_here() {
        let other = format!("{NOBODY}:no-such-host");
        assert!(read(&other, Duration::ZERO).1);
        assert!(!read(&other, MINUTE * 2).1);
    }

    #[test]
    fn a_holder_is_named_as_well_as_can_be() {
        let record = Record::new(Mode::Exclusive, "sdnlock set x", record::Token::random());
        let made = Made { modified: SystemTime::now(), is_local: true };
        let holder = Holder::read(record.to_string().as_bytes(), made);
        let expected = format!("pid {} ({}) by `sdnlock set x`", std::process::id(), user());
        assert_eq!(holder.to_string(), expected);
        assert_eq!(
            read("7:elsewhere", Duration::ZERO).0.to_string(),
            "pid 7 (on elsewhere), by its lock file the Simple interpreter"
        );
    }

    fn user() -> String {
        crate::platform::user_name()
    }
}
