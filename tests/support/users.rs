//! Several users, whom only root can play, and a folder for them.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use super::{Run, SDNLOCK, Sandbox, wait_for};

pub const ROOT: u32 = 0;
pub const ALICE: u32 = 61_001;
pub const BOB: u32 = 61_002;
pub const MALLORY: u32 = 61_003;
pub const TEAM: u32 = 61_100;

/// A folder for all these users, and a binary that all of them can run.
pub struct Place {
    pub sandbox: Sandbox,
    binaries: Sandbox,
}

impl Place {
    /// A folder with these permissions; nothing where this is not run by root.
    pub fn new(mode: u32) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("not tested: only root can play several users");
            return None;
        }
        let place = Self { sandbox: Sandbox::new(), binaries: Sandbox::new() };
        fs::set_permissions(place.binaries.root(), Permissions::from_mode(0o755)).unwrap();
        // By another process: what others start meanwhile would have the file open.
        let copied = Command::new("cp").arg(SDNLOCK).arg(place.binaries.path("sdnlock")).status().unwrap();
        assert!(copied.success());
        place.set_mode(".", mode);
        Some(place)
    }

    /// A spool: everybody may make files, which only their owners may remove.
    pub fn spool() -> Option<Self> {
        Self::new(0o1777)
    }

    pub fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.sandbox.path(name), Permissions::from_mode(mode)).unwrap();
    }

    pub fn write(&self, name: &str, content: &str, owner: u32, mode: u32) {
        self.sandbox.write(name, content);
        self.give(name, owner, owner);
        self.set_mode(name, mode);
    }

    pub fn give(&self, name: &str, owner: u32, group: u32) {
        chown(self.sandbox.path(name), Some(owner), Some(group)).unwrap();
    }

    /// A shell command of a user, who is of this group too.
    pub fn shell_in(&self, user: u32, group: u32, line: &str) -> Command {
        let mut command = self.sandbox.shell(line);
        let path = format!("{}:/usr/bin:/bin", self.binaries.root().display());
        command.env("PATH", path).env("TMPDIR", "/tmp").uid(user).gid(group);
        command
    }

    pub fn run(&self, user: u32, line: &str) -> Run {
        Run::of(&mut self.shell_in(user, user, line))
    }

    /// What a user had under way is killed.
    pub fn kill_within(&self, user: u32, group: u32, line: &str) {
        let ready = self.sandbox.path("ready");
        let mut child = super::start(&mut self.shell_in(user, group, line));
        wait_for("the command", || ready.exists());
        rustix::process::kill_process_group(rustix::process::Pid::from_child(&child), rustix::process::Signal::KILL)
            .unwrap();
        child.wait().unwrap();
        fs::remove_file(ready).unwrap();
    }

    /// Owner, group and permissions.
    pub fn access(&self, name: &str) -> (u32, u32, u32) {
        let metadata = fs::symlink_metadata(self.sandbox.path(name)).unwrap();
        (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777)
    }

    /// What stands in the folder, with contents and owners, but for what these names begin with.
    pub fn all_but(&self, but: &[&str]) -> Vec<(String, u32, Option<Vec<u8>>)> {
        let names = self.sandbox.names().into_iter().filter(|name| !but.iter().any(|but| name.starts_with(but)));
        names
            .map(|name| {
                let path = self.sandbox.path(&name);
                let metadata = path.symlink_metadata().unwrap();
                (name, metadata.uid(), metadata.is_file().then(|| fs::read(&path).unwrap()))
            })
            .collect()
    }

    /// Starts a command of a user under `sdnlock exec` with these arguments that first runs `script`, and then waits to be
    /// [let go](Self::let_go).
    pub fn waiting(&self, user: u32, exec: &str, script: &str) -> Child {
        let line =
            format!("exec sdnlock exec {exec} -- sh -c '{script}touch ready; while [ -e ready ]; do sleep .01; done'");
        let child = super::start(&mut self.shell_in(user, user, &line));
        wait_for("the command", || self.sandbox.path("ready").exists());
        child
    }

    /// Lets such a command go on, and waits for its end.
    pub fn let_go(&self, child: Child) -> Run {
        fs::remove_file(self.sandbox.path("ready")).unwrap();
        Run::end_of(child)
    }
}
