//! A mount namespace for one disk: nobody else sees what is mounted in it, and it ends with its keeper, a process that
//! ends when this one does, in whatever way. Then the kernel unmounts and detaches everything, and nothing is left.
//!
//! This process stays outside: one that serves a disk and is inside could not be killed, for its last step, leaving
//! the namespace, would wait for the disk. It reaches the files through `/proc`.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::Run;

/// Makes the folder of a room and those below it, and ends with its input. What ends this process from a terminal must
/// not end it before.
const KEEPER: &str = r#"
    trap '' HUP INT TERM
    mount -t tmpfs power_cut "$0" && cd "$0" && mkdir "$@" && cd / || exit
    echo
    cat > /dev/null
    exec 2> /dev/null
    umount --lazy --recursive "$0"
    rmdir "$0"
"#;

/// A folder in a mount namespace of its own.
pub struct Room {
    keeper: Child,
    folder: tempfile::TempDir,
}

impl Room {
    /// An empty folder in memory, below which there are folders of these names.
    pub fn new(names: &[&str]) -> Result<Self, String> {
        let folder =
            tempfile::Builder::new().prefix("sdnlock-power-cut-").tempdir().map_err(|error| error.to_string())?;
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", KEEPER]).arg(folder.path()).args(names);
        let mut keeper = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("unshare: {error}"))?;
        let mut ready = [0];
        match keeper.stdout.as_mut().expect("a pipe").read_exact(&mut ready) {
            Ok(()) => Ok(Self { keeper, folder }),
            Err(_) => Err(Run::end_of(keeper).stderr),
        }
    }

    /// A folder of this room, as processes in it see it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What they see under this path, as this process sees it.
    pub fn seen(&self, path: impl AsRef<Path>) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.keeper.id()));
        root.join(self.path(path).strip_prefix("/").expect("an absolute path"))
    }

    /// What is mounted, line by line.
    pub fn mounts(&self) -> String {
        std::fs::read_to_string(format!("/proc/{}/mounts", self.keeper.id())).unwrap()
    }

    /// A program that runs in a folder of the room.
    pub fn command(&self, folder: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--mount=/proc/{}/ns/mnt", self.keeper.id()));
        let mut inside = std::ffi::OsString::from("--wd=");
        inside.push(self.seen(folder));
        command.arg(inside).arg("--").arg(program);
        command
    }

    /// Runs a program of the system to its end.
    ///
    /// # Errors
    /// What it said if it failed.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        self.run_with(program, arguments, Stdio::null())
    }

    fn run_with(&self, program: &str, arguments: &[&str], input: Stdio) -> Result<(), String> {
        let run = Run::of(self.command("", program).args(arguments).stdin(input));
        let said = || format!("{program} {}: {}", arguments.join(" "), run.stderr.trim());
        if run.code == 0 { Ok(()) } else { Err(said()) }
    }

    /// Lets the file system that speaks through this connection appear in a folder.
    pub fn mount_fuse(&self, connection: File, name: &str) -> Result<(), String> {
        let options = "fd=0,rootmode=40000,user_id=0,group_id=0,nosuid,nodev";
        let folder = self.path(name).display().to_string();
        let connection = OwnedFd::from(connection);
        self.run_with("mount", &["-i", "-t", "fuse", "-o", options, "power_cut", &folder], connection.into())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
