//! The text in a lock file (L3).
//!
//! ```text
//! 0000004182
//! 1790000000000000
//! sdnlock 1 5f0c…128 bits…9a exclusive
//! after: 77d2…
//! command: sdnlock exec doc/todo/todo_db.sdn -- simple todo-scan
//! user: maria
//! host: workstation
//! start: 1790000000000000
//! ```
//! The fourth is there only if the lock was taken over from dead holders. The first three lines have fixed widths, so that each can be written over in place. The first two
//! are what the lock files of Simple programs hold: a process number and microseconds since 1970.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::platform::{Mode, host_name, user_name};

/// Digits of the process number.
pub(super) const PID_WIDTH: usize = 10;

/// The format number; a record with another one is treated as foreign.
const FORMAT: &str = "1";

/// A random number that tells one hold of a lock from every other one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(u128);

impl Token {
    pub(crate) fn random() -> Self {
        let mut bytes = [0; 16];
        if getrandom::fill(&mut bytes).is_err() {
            // A token need not be secret, only different from all others.
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            return Self((since.as_nanos() << 32) | u128::from(std::process::id()));
        }
        Self(u128::from_ne_bytes(bytes))
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        (text.len() == 32).then(|| u128::from_str_radix(text, 16).ok()).flatten().map(Self)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({self})")
    }
}

/// What a lock file of ours says. It is information; whether the lock is held is for `flock` to tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Record {
    /// The holder; 0 while the last of several readers is leaving.
    pub pid: u32,
    pub token: Token,
    pub mode: Mode,
    pub command: String,
    pub user: String,
    pub host: String,
    pub start: SystemTime,
    /// The tokens of dead holders from whom the lock was taken over without a moment in which it was
    /// free, oldest first.
    pub after: Vec<Token>,
}

/// How many dead holders are remembered: so many that their tokens are within the first 512 bytes, of which a cut of the
/// power leaves all or nothing.
const MOST_AFTER: usize = 12;

impl Record {
    pub fn new(mode: Mode, command: &str, token: Token) -> Self {
        Self {
            pid: std::process::id(),
            token,
            mode,
            command: one_line(command),
            user: one_line(&user_name()),
            host: one_line(&host_name()),
            start: SystemTime::now(),
            after: Vec::new(),
        }
    }

    /// As this one, after that one.
    pub fn taken_over_from(mut self, dead: &Self) -> Self {
        let before = dead.after.iter().copied().chain([dead.token]);
        let forgotten = (dead.after.len() + 1).saturating_sub(MOST_AFTER);
        self.after = before.skip(forgotten).collect();
        self
    }

    /// Reads a record; `None` if this is none of ours.
    pub fn read(content: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(content);
        let mut lines = text.lines();
        let pid = lines.next()?.parse().ok()?;
        lines.next()?;
        let mut words = lines.next()?.split(' ');
        if (words.next()?, words.next()?) != ("sdnlock", FORMAT) {
            return None;
        }
        let token = Token::read(words.next()?)?;
        let mode = match words.next()? {
            "shared" => Mode::Shared,
            "exclusive" => Mode::Exclusive,
            _ => return None,
        };
        let mut record = Self {
            pid,
            token,
            mode,
            command: String::new(),
            user: String::new(),
            host: String::new(),
            start: SystemTime::UNIX_EPOCH,
            after: Vec::new(),
        };
        for (key, value) in lines.filter_map(|line| line.split_once(": ")) {
            match key {
                "command" => value.clone_into(&mut record.command),
                "user" => value.clone_into(&mut record.user),
                "host" => value.clone_into(&mut record.host),
                "after" => record.after = value.split(' ').filter_map(Token::read).collect(),
                "start" => record.start = time(value).unwrap_or(record.start),
                _ => {}
            }
        }
        Some(record)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Shared => "shared",
            Mode::Exclusive => "exclusive",
        };
        let (time, start) = (time_line(self.start), microseconds(self.start));
        writeln!(f, "{}\n{time}\nsdnlock {FORMAT} {} {mode}", pid_line(self.pid), self.token)?;
        if !self.after.is_empty() {
            let after: Vec<String> = self.after.iter().map(Token::to_string).collect();
            writeln!(f, "after: {}", after.join(" "))?;
        }
        writeln!(f, "command: {}\nuser: {}\nhost: {}\nstart: {start}", self.command, self.user, self.host)
    }
}

/// The first line of a record, without its end.
pub(super) fn pid_line(pid: u32) -> String {
    format!("{pid:0PID_WIDTH$}")
}

/// The second line of a record, without its end.
pub(super) fn time_line(time: SystemTime) -> String {
    format!("{:016}", microseconds(time))
}

fn microseconds(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_micros()
}

/// Reads microseconds since 1970.
pub(super) fn time(text: &str) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(text.trim().parse().ok()?))
}

/// A text without line breaks and other control characters, of limited length.
fn one_line(text: &str) -> String {
    const MOST_CHARACTERS: usize = 1000;
    text.chars().map(|c| if c.is_control() { '?' } else { c }).take(MOST_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back() {
        let record = Record::new(Mode::Exclusive, "sdnlock set a.sdn \"x\ny\"", Token::random());
        let text = record.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0].len(), lines[1].len()), (10, 16));
        let again = Record::read(text.as_bytes()).unwrap();
        assert_eq!(again.command, "sdnlock set a.sdn \"x?y\"");
        assert_eq!((again.pid, again.token, again.mode), (std::process::id(), record.token, Mode::Exclusive));
        assert_eq!(again.to_string(), text);
    }

    #[test]
    fn what_others_write_is_no_record() {
        for foreign in [
            "",
            "4182",
            "4182:host",
            "4182\n1790000000000000",
            "1\n2\nsdnlock 2 00 shared\n",
            "1\n2\nsdnlock 1 zz shared\n",
        ] {
            assert_eq!(Record::read(foreign.as_bytes()), None, "{foreign:?}");
        }
    }
}
