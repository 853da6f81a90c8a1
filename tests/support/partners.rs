//! The existing programs, as far as they lock, read and write databases: small programs of our own that
//! follow their protocols exactly. Each is this test binary once more, told by its environment what to
//! play.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{FlockOperation, flock};

use super::{PATIENCE, Run};

/// Which program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Driver,
    Interpreter,
    SimpleTool,
    Runtime,
}

pub const ALL: [Kind; 4] = [Kind::Driver, Kind::Interpreter, Kind::SimpleTool, Kind::Runtime];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Driver => "driver",
            Self::Interpreter => "interpreter",
            Self::SimpleTool => "simple",
            Self::Runtime => "runtime",
        }
    }
}

/// The variable that tells the test binary to play a partner: `KIND VERB SECONDS PATH`.
const PART: &str = "SDNLOCK_TEST_PARTNER";

/// What the partner says on stdout begins with this, since the test harness speaks there too.
const MARK: &str = "partner says ";

/// The command that plays a partner. `verb` is `hold` (until its input ends), or a number of increments;
/// `limit` is how long it waits for the lock.
pub fn command(kind: Kind, verb: &str, path: &Path, limit: Duration) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "plays_a_partner", "--nocapture", "--quiet"]);
    command.env(PART, format!("{} {verb} {} {}", kind.name(), limit.as_secs_f64(), path.display()));
    command
}

/// A partner that was asked to hold a lock.
pub struct Partner {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
}

impl Partner {
    /// Starts one that takes the lock and holds it until it is ended.
    pub fn hold(kind: Kind, path: &Path, limit: Duration) -> Self {
        let mut command = command(kind, "hold", path, limit);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { input: child.stdin.take(), child, output }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says whether it has the lock.
    pub fn has_locked(&mut self) -> bool {
        match self.says().as_str() {
            "locked" => true,
            "timeout" => false,
            other => panic!("{other}"),
        }
    }

    fn says(&mut self) -> String {
        let begun = Instant::now();
        let mut line = String::new();
        while begun.elapsed() < PATIENCE && self.output.read_line(&mut line).unwrap() > 0 {
            if let Some((_, said)) = line.trim_end().split_once(MARK) {
                return said.to_owned();
            }
            line.clear();
        }
        panic!("the partner ended and said nothing");
    }

    /// Lets it give the lock up, and waits for that.
    pub fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }
}

/// How many increments a partner that has ended made.
pub fn increments(run: &Run) -> u64 {
    let said = run.stdout.lines().find_map(|line| line.split_once(MARK));
    said.unwrap_or_else(|| panic!("{run:?}")).1.parse().unwrap()
}

/// Plays the part that the environment names, if it names one.
pub fn play() {
    let Ok(part) = std::env::var(PART) else { return };
    let mut words = part.splitn(4, ' ');
    let mut next = || words.next().unwrap();
    let kind = ALL.into_iter().find(|kind| kind.name() == part.split(' ').next().unwrap()).unwrap();
    next();
    let (verb, limit) = (next(), Duration::from_secs_f64(next().parse().unwrap()));
    let database = Database::new(kind, next().into(), limit);
    if verb == "hold" {
        match database.lock() {
            None => say("timeout"),
            Some(held) => {
                say("locked");
                let _ = std::io::stdin().read_to_end(&mut Vec::new());
                database.unlock(held);
            }
        }
        return;
    }
    let mut done = 0;
    for _ in 0..verb.parse::<u64>().unwrap() {
        if let Some(held) = database.lock() {
            done += u64::from(database.increment());
            database.unlock(held);
        }
    }
    say(&done.to_string());
}

fn say(text: &str) {
    // In one piece, on a line of its own.
    std::io::stdout().write_all(format!("\n{MARK}{text}\n").as_bytes()).unwrap();
}

/// How many times faster the limits of all programs run in this test.
fn speed() -> u32 {
    std::env::var("SDNLOCK_TEST_SPEED").ok().and_then(|speed| speed.parse().ok()).unwrap_or(1)
}

struct Database {
    kind: Kind,
    path: PathBuf,
    lock: PathBuf,
    limit: Duration,
}

enum Held {
    LockFile,
    Flock(File),
}

impl Database {
    fn new(kind: Kind, path: PathBuf, limit: Duration) -> Self {
        let mut lock = path.clone().into_os_string();
        lock.push(".lock");
        Self { kind, path, lock: lock.into(), limit }
    }

    fn lock(&self) -> Option<Held> {
        let pid = std::process::id();
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        match self.kind {
            Kind::Driver => self.create("", Duration::from_millis(160)),
            Kind::Interpreter => self.create(&format!("{pid}:{host}"), Duration::from_millis(500)),
            Kind::SimpleTool => self.look_then_write(),
            Kind::Runtime => {
                let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.path);
                let file = file.unwrap();
                let begun = Instant::now();
                // It blocks, and an alarm ends that; to try again and again comes to the same.
                while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
                    if begun.elapsed() > self.limit {
                        return None;
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                Some(Held::Flock(file))
            }
        }
    }

    /// Takes the lock by making its file, which must not exist; breaks it if it is a minute old.
    fn create(&self, content: &str, longest_pause: Duration) -> Option<Held> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(10);
        loop {
            match OpenOptions::new().write(true).create_new(true).open(&self.lock) {
                Ok(mut file) => {
                    file.write_all(content.as_bytes()).unwrap();
                    return Some(Held::LockFile);
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}"),
            }
            let modified = fs::metadata(&self.lock).and_then(|metadata| metadata.modified());
            let age = modified.map_or(Duration::ZERO, |time| time.elapsed().unwrap_or_default());
            if age > Duration::from_secs(60) / speed() {
                let _ = fs::remove_file(&self.lock);
                continue;
            }
            if begun.elapsed() > self.limit {
                return None;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(longest_pause);
        }
    }

    /// Looks whether the lock file exists, and then writes it, which is not one step.
    fn look_then_write(&self) -> Option<Held> {
        let begun = Instant::now();
        loop {
            let mut stale = false;
            if self.lock.exists() {
                let content = fs::read_to_string(&self.lock).unwrap_or_default();
                let lines: Vec<&str> = content.split('\n').collect();
                stale = content.is_empty() || lines.len() < 2 || {
                    let pid: u64 = lines[0].trim().parse().unwrap_or(0);
                    let time: u64 = lines[1].trim().parse().unwrap_or(0);
                    let two_hours = Duration::from_secs(7200);
                    let age = Duration::from_micros(micros().saturating_sub(time));
                    (pid > 0 && !Path::new(&format!("/proc/{pid}")).exists()) || age > two_hours
                };
                if stale {
                    let _ = fs::remove_file(&self.lock);
                }
            }
            if stale || !self.lock.exists() {
                fs::write(&self.lock, format!("{}\n{}", std::process::id(), micros())).unwrap();
                return Some(Held::LockFile);
            }
            if begun.elapsed() > self.limit {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn unlock(&self, held: Held) {
        match held {
            Held::LockFile => drop(fs::remove_file(&self.lock)),
            Held::Flock(file) => drop(file),
        }
    }

    /// Adds one to the number in the line `n: `, as all of them write: `D.tmp`, rename, no sync. Where two of
    /// them believe to have the lock, the file may be half-written or gone; then nothing is done.
    fn increment(&self) -> bool {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let Some(number) = number(&text) else { return false };
        let new = text.replacen(&format!("n: {number}\n"), &format!("n: {}\n", number + 1), 1);
        let mut temporary = self.path.clone().into_os_string();
        temporary.push(".tmp");
        fs::write(&temporary, new).is_ok() && fs::rename(&temporary, &self.path).is_ok()
    }
}

/// The number in the line `n: `.
pub fn number(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("n: ")?.parse().ok())
}

fn micros() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(now.as_micros()).unwrap()
}
