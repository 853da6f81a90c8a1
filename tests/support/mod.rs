//! What the tests have in common: a folder of their own, and `sdnlock` in a sealed environment.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

mod chance;
mod needs;
pub mod rust_reader;
pub mod users;

pub use chance::{Chance, SEED, cases, seed};
pub use needs::{has_program, has_strace, not_tested};

/// The binary under test.
#[cfg(feature = "cli")]
pub const SDNLOCK: &str = env!("CARGO_BIN_EXE_sdnlock");
#[cfg(not(feature = "cli"))]
pub const SDNLOCK: &str = "sdnlock";

/// Facts are waited for this long, which is generous even on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A number of rounds: that many in the ordinary run, so many times more by `SDNLOCK_TORTURE`.
pub fn scaled(rounds: u32) -> u32 {
    let factor = std::env::var("SDNLOCK_TORTURE").ok().and_then(|factor| factor.parse().ok());
    rounds * factor.unwrap_or(1)
}

/// A database among the fixtures.
pub fn fixture(name: &str) -> PathBuf {
    root().join("tests/databases").join(name)
}

/// Documents of this repository: databases, databases in the shapes of real ones, and documents that show one thing
/// each; behind them real databases, where they are beside the repository.
pub fn documents() -> Vec<PathBuf> {
    let mut files = [&databases()[..], &databases_in(&root().join("tests/made"))].concat();
    files.extend(real());
    files
}

/// Databases of this repository.
pub fn databases() -> Vec<PathBuf> {
    ["tests/databases", "tests/shaped"].iter().flat_map(|folder| databases_in(&root().join(folder))).collect()
}

/// Real databases, where they are beside the repository. Everything that is shown by them is shown by those of the
/// repository too.
pub fn real() -> Vec<PathBuf> {
    let folder = root().join("../shared/corpus/real");
    if folder.is_dir() {
        return databases_in(&folder);
    }
    println!("{} is not there: walking the documents of the repository only", folder.display());
    Vec::new()
}

/// A document without the line of its seal, which changes with everything else.
pub fn unsealed(source: &[u8]) -> &[u8] {
    match source.iter().position(|&b| b == b'\n') {
        Some(end) if source.starts_with(b"#sdn-crc32:") => &source[end + 1..],
        _ => source,
    }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn databases_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sdn"))
        .collect();
    files.sort();
    files
}

/// A folder that is removed at the end.
pub struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With copies of these fixtures in it.
    pub fn with(fixtures: &[&str]) -> Self {
        let sandbox = Self::new();
        for name in fixtures {
            fs::copy(fixture(name), sandbox.path(name)).unwrap();
        }
        sandbox
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    /// An executable script.
    pub fn script(&self, name: &str, content: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.write(name, format!("#!/bin/sh\n{content}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.path(name)).unwrap()).unwrap()
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    /// The names of all files, hidden ones too.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.root())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The names without those of what is kept while a command runs under the lock.
    pub fn names_but_undo(&self) -> Vec<String> {
        let kept = |name: &String| name.contains(".undo") || name.contains(".sdnlock-journal");
        self.names().into_iter().filter(|name| !kept(name)).collect()
    }

    /// `sdnlock` in this folder, with nothing of the caller's environment but the search path.
    pub fn sdnlock(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(SDNLOCK);
        command.args(arguments);
        self.seal(&mut command);
        command
    }

    /// `sdnlock` in this folder as somebody who is not root: permissions are checked.
    pub fn unprivileged(&self, arguments: &[&str]) -> Run {
        const NOBODY: u32 = 65534;
        // Where the binary was built, not everybody may look.
        let elsewhere = Sandbox::new();
        fs::set_permissions(elsewhere.root(), fs::Permissions::from_mode(0o755)).unwrap();
        let binary = elsewhere.path("sdnlock");
        fs::copy(SDNLOCK, &binary).unwrap();
        let mut command = Command::new(&binary);
        command.args(arguments);
        self.seal(&mut command);
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        Run::of(&mut command)
    }

    /// Gives the folder, and what is in it, to the user of [`unprivileged`](Self::unprivileged).
    pub fn give_away(&self) {
        if rustix::process::geteuid().is_root() {
            let files = self.names().into_iter().map(|name| self.path(&name));
            for path in files.chain([self.root().to_owned()]) {
                std::os::unix::fs::chown(path, Some(65534), Some(65534)).unwrap();
            }
        }
    }

    /// `sdnlock` under strace(1) with these options of it; `None` where that does not run.
    pub fn traced(&self, options: &[&str], arguments: &[&str]) -> Option<Command> {
        self.traced_alone(&[&["-f"], options].concat(), arguments)
    }

    /// As [`traced`](Self::traced), without what the process starts.
    pub fn traced_alone(&self, options: &[&str], arguments: &[&str]) -> Option<Command> {
        if !has_strace() {
            return None;
        }
        let mut command = Command::new("strace");
        command.args(options).arg(SDNLOCK).args(arguments);
        self.seal(&mut command);
        Some(command)
    }

    /// `sdnlock` as in [`sdnlock`](Self::sdnlock), whose standard error is the file `said`, so that it can be waited for
    /// what it says.
    pub fn sdnlock_aloud(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = self.shell("exec sdnlock \"$@\" 2> said");
        command.arg("sdnlock").args(arguments);
        command
    }

    /// Waits until a command of [`sdnlock_aloud`](Self::sdnlock_aloud) has said this.
    #[track_caller]
    pub fn wait_for_word(&self, words: &str) {
        let said = || fs::read_to_string(self.path("said")).unwrap_or_default();
        wait_for(&format!("`{words}`"), || said().contains(words));
    }

    /// Another program in this folder, with nothing of the caller's environment but the search path.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        self.seal(&mut command);
        command
    }

    /// A shell command in this folder, which finds `sdnlock`.
    pub fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("bash");
        command.args(["-c", line]);
        self.seal(&mut command);
        command
    }

    fn seal(&self, command: &mut Command) {
        #[cfg(feature = "cli")]
        hear_signals();
        let binaries = Path::new(SDNLOCK).parent().unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let path = std::env::join_paths([binaries.to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.root())
            .env("USER", "maria")
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(self.root())
            .stdin(Stdio::null());
    }

    /// Runs `sdnlock` to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.sdnlock(arguments))
    }

    /// Runs `sdnlock` with this input.
    pub fn run_with(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
        let mut child = start(self.sdnlock(arguments).stdin(Stdio::piped()));
        // It may end without reading all.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Run::end_of(child)
    }

    /// Starts an `exec` of `file` that runs until [`Holder::end`], and waits until it holds the lock.
    pub fn hold(&self, file: &str) -> Holder {
        let started = self.path("held");
        let _ = fs::remove_file(&started);
        // Ends when its input does, whatever happens to the test.
        let command = ["exec", file, "--", "sh", "-c", "echo > held; read line || :"];
        let child = start(self.sdnlock(command).stdin(Stdio::piped()));
        wait_for("the lock to be held", || started.exists());
        fs::remove_file(started).unwrap();
        Holder { child: Some(child) }
    }
}

/// A process that holds a lock.
pub struct Holder {
    child: Option<Child>,
}

impl Holder {
    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Lets it end, and waits for that.
    pub fn end(mut self) -> Run {
        Run::end_of(self.child.take().unwrap())
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

/// Starts a command in a process group of its own, to be ended by [`Run::end_of`].
pub fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    loop {
        match command.spawn() {
            // A child of another test may have a program open that was written just now.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(2));
            }
            spawned => return spawned.unwrap(),
        }
    }
}

/// How a process ended.
#[derive(Debug)]
pub struct Run {
    /// Exit code, or 1000 + the signal that ended it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(command: &mut Command) -> Self {
        Self::end_of(start(command))
    }

    /// Closes its input and waits for it to end; what does not end is killed with all that it started.
    #[track_caller]
    pub fn end_of(child: Child) -> Self {
        let group = Pid::from_child(&child);
        let (ended, end) = mpsc::channel();
        let watch = std::thread::spawn(move || {
            let in_vain = end.recv_timeout(PATIENCE * scaled(1)).is_err();
            if in_vain {
                let _ = kill_process_group(group, Signal::KILL);
            }
            in_vain
        });
        let output = child.wait_with_output().unwrap();
        // The watch may have given up already.
        let _ = ended.send(());
        assert!(!watch.join().unwrap(), "it did not end: {output:?}");
        Self::from(output)
    }

    /// Fails if the exit code is another one.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Fails if stderr does not contain this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "stderr does not say `{text}`: {}", self.stderr);
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        Self {
            code: output.status.code().unwrap_or_else(|| 1000 + output.status.signal().unwrap_or_default()),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Lets signals end the processes of the tests even where they are ignored, as HUP is below `nohup` and INT behind a
/// shell's `&`: a signal that this process has a handler for has its default effect on those that it starts.
#[cfg(feature = "cli")]
fn hear_signals() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            if ignored >> (signal - 1) & 1 != 0 {
                signal_hook::flag::register(signal, std::sync::Arc::default()).unwrap();
            }
        }
    });
}

/// Waits until `fact` is true.
#[track_caller]
pub fn wait_for(what: &str, mut fact: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !fact() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What a command said, as one text to be compared with a snapshot.
pub fn transcript(run: &Run) -> String {
    let mut text = format!("exit code {}\n", run.code);
    for (name, stream) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        if !stream.is_empty() {
            text += &format!("--- {name}\n{stream}");
        }
    }
    text
}

/// Compares what a command said with a snapshot.
#[macro_export]
macro_rules! assert_says {
    ($run:expr, $expected:expr) => {{
        use snapbox::IntoData as _;
        snapbox::assert_data_eq!($crate::support::transcript(&$run), $expected.raw())
    }};
}
