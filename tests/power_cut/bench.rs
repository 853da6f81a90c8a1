//! Runs operations on the databases of a mounted file system, and writes down what they promise.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::disk::{Disk, MOUNTED, SPARE};
use super::history::{Content, History, NAMES, NEW, SEALED, State, Step, Wrong};
use crate::support::{Chance, Run, SDNLOCK, start};

/// What an operation is.
pub struct Plan<'a> {
    what: &'static str,
    covers: &'a [usize],
    whole: bool,
    foreign: bool,
    between: Vec<(usize, Content)>,
    code: i32,
    killed: Option<Duration>,
}

impl<'a> Plan<'a> {
    /// It changes some of these databases, and says so.
    pub fn new(what: &'static str, covers: &'a [usize]) -> Self {
        Self { what, covers, whole: false, foreign: false, between: Vec::new(), code: 0, killed: None }
    }

    /// It does so to all of them or none.
    pub fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// Another program writes, and writes these contents on the way.
    pub fn foreign(self, between: Vec<(usize, Content)>) -> Self {
        Self { foreign: true, between, ..self }
    }

    /// It fails in this way.
    pub fn fails(self, code: i32) -> Self {
        Self { code, ..self }
    }

    /// All of its processes are killed, if they have not ended by then.
    pub fn killed(self, after: Duration) -> Self {
        Self { killed: Some(after), ..self }
    }
}

pub struct Bench<'a> {
    pub disk: &'a Disk,
    pub chance: Chance,
    pub history: History,
    /// What went wrong before the power failed.
    pub wrong: Vec<Wrong>,
    pub number: u64,
}

impl<'a> Bench<'a> {
    /// Puts new databases on a mounted file system.
    pub fn new(disk: &'a Disk, mut chance: Chance) -> Self {
        let folder = disk.room().seen(MOUNTED);
        fs::create_dir(folder.join("sub")).unwrap();
        for name in NAMES.into_iter().filter(|name| *name != NAMES[NEW]) {
            let seal = if name == NAMES[SEALED] { "#sdn-crc32:0\n" } else { "" };
            let text = format!("{seal}{}", some_database(chance.index(6000)));
            fs::write(folder.join(name), resealed(&text)).unwrap();
        }
        disk.room().run("sync", &["-f", &disk.room().path(MOUNTED).display().to_string()]).unwrap();
        let history = History::of(state(disk));
        Self { disk, chance, history, wrong: Vec::new(), number: 0 }
    }

    /// A number that was not there before.
    pub fn fresh(&mut self) -> u64 {
        self.number += 10;
        self.number
    }

    pub fn content(&self, database: usize) -> String {
        self.history.last()[database].clone().unwrap_or_default()
    }

    /// A new content of a database, of another size.
    pub fn rewritten(&mut self, database: usize) -> String {
        let (number, filler) = (self.fresh(), "q".repeat(1 + self.chance.index(6000)));
        let old = self.history.last()[database].clone().unwrap_or_else(|| some_database(10));
        with_row(&old, "b", &number.to_string(), Some(&filler))
    }

    /// Puts a file beside the disk; its path within the room.
    pub fn spare(&self, name: &str, content: &str) -> PathBuf {
        fs::write(self.disk.room().seen(SPARE).join(name), content).unwrap();
        self.disk.room().path(SPARE).join(name)
    }

    pub fn sdnlock(&self, arguments: &[&str]) -> Command {
        sdnlock(self.disk, arguments)
    }

    /// Carries an operation out, and writes down what came of it.
    pub fn step(&mut self, plan: Plan<'_>, command: &mut Command, input: &str) {
        let begun = self.disk.place();
        let mut child = start(command.stdin(Stdio::piped()));
        // It may end without reading all.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        if let Some(after) = plan.killed {
            std::thread::sleep(after);
            // It is waited for below, so that the group is still its own.
            let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        }
        let run = Run::end_of(child);
        let acknowledged = run.code == 0;
        let mut ended = self.disk.place();
        if plan.killed.is_some() {
            self.recover(plan.what);
            ended = if acknowledged { ended } else { self.disk.place() };
        } else if run.code != plan.code {
            let told = format!("exit code {} of {:?}: {}", run.code, command, run.stderr.trim());
            self.wrong.push(Wrong { kind: format!("{} fails", plan.what), told });
        }
        let Plan { what, whole, foreign, between, .. } = plan;
        let (covers, after) = (plan.covers.to_vec(), state(self.disk));
        self.history.record(Step { what, begun, ended, acknowledged, covers, whole, foreign, between, after });
    }

    /// What a killed command left half-done is ended by the next one.
    fn recover(&mut self, what: &'static str) {
        let folder = self.disk.room().seen(MOUNTED);
        for name in NAMES {
            let run = Run::of(&mut self.sdnlock(&["read", "-q", name]));
            if run.code != 0 && folder.join(name).exists() {
                let told = format!("{name}: exit code {}: {}", run.code, run.stderr.trim());
                self.wrong.push(Wrong { kind: format!("read fails after a killed {what}"), told });
            }
        }
    }
}

/// A database, of which so many bytes say nothing.
fn some_database(filler: usize) -> String {
    let filler = "p".repeat(filler);
    format!("c |id, n, s|\n    a, 0, \"{filler}\"\n    b, 0, x\n    w0, 0, -\n    w1, 0, -\n    w2, 0, -\n")
}

/// A program in the folder of the databases, with nothing of this environment but the search path.
pub fn command(disk: &Disk, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let binaries = Path::new(SDNLOCK).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([binaries.to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let mut command = disk.room().command(MOUNTED, program);
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", disk.room().path(SPARE))
        .env("TMPDIR", disk.room().path(SPARE))
        .env("USER", "maria")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

pub fn sdnlock(disk: &Disk, arguments: &[&str]) -> Command {
    let mut command = command(disk, SDNLOCK);
    command.args(arguments);
    command
}

/// What the databases hold.
pub fn state(disk: &Disk) -> State {
    let folder = disk.room().seen(MOUNTED);
    let read = |name| fs::read(folder.join(name)).ok();
    NAMES.map(|name| read(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// A database in which this row has that number, and that text if one is given. The other cells stay.
pub fn with_row(content: &str, row: &str, number: &str, text: Option<&str>) -> String {
    let begin = format!("    {row}, ");
    let line = |line: &str| {
        let Some(rest) = line.strip_prefix(&begin) else { return line.to_owned() };
        let cells: Vec<&str> = rest.splitn(3, ", ").collect();
        let others: String = cells.get(2).map(|cell| format!(", {cell}")).unwrap_or_default();
        format!("{begin}{number}, {}{others}", text.unwrap_or(cells.get(1).copied().unwrap_or_default()))
    };
    resealed(&content.lines().map(|old| line(old) + "\n").collect::<String>())
}

/// The number in a row of a database.
pub fn number_in(content: &str, row: &str) -> Option<u64> {
    let begin = format!("    {row}, ");
    content.lines().find_map(|line| line.strip_prefix(&begin)?.split(',').next()?.parse().ok())
}

/// A database with a right seal, if it has one.
fn resealed(content: &str) -> String {
    match content.strip_prefix("#sdn-crc32:").and_then(|rest| rest.split_once('\n')) {
        Some((_, rest)) => format!("#sdn-crc32:{}\n{rest}", crc32fast::hash(rest.as_bytes())),
        None => content.to_owned(),
    }
}
