//! The same promises on file systems of other kinds.
//!
//! `SDNLOCK_FILE_SYSTEMS=all cargo test --test file_systems` mounts what this machine has; it needs root.

#![cfg(all(feature = "cli", target_os = "linux"))]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{Sandbox, not_tested};

mod support;

/// The variable that asks for it.
const ASKED: &str = "SDNLOCK_FILE_SYSTEMS";

/// A kind of file system, and the script that mounts one: `$HERE` is where, `$SPARE` a folder for what it needs.
const KINDS: &[(&str, &str)] = &[
    ("tmpfs", "mount -t tmpfs tmpfs $HERE"),
    (
        "overlayfs",
        "mkdir $SPARE/low $SPARE/up $SPARE/work; mount -t overlay overlay -o lowerdir=$SPARE/low,upperdir=$SPARE/up,workdir=$SPARE/work $HERE",
    ),
    ("ext4", "truncate -s 64M $SPARE/disk; mkfs.ext4 -q $SPARE/disk; mount -o loop $SPARE/disk $HERE"),
    (
        "ext4, names of any case",
        "truncate -s 64M $SPARE/disk; mkfs.ext4 -q -O casefold $SPARE/disk; mount -o loop $SPARE/disk $HERE; mkdir $HERE/in; chattr +F $HERE/in",
    ),
    ("xfs", "truncate -s 320M $SPARE/disk; mkfs.xfs -q $SPARE/disk; mount -o loop $SPARE/disk $HERE"),
    ("btrfs", "truncate -s 128M $SPARE/disk; mkfs.btrfs -q -M $SPARE/disk; mount -o loop $SPARE/disk $HERE"),
    ("vfat", "truncate -s 64M $SPARE/disk; mkfs.vfat $SPARE/disk; mount -o loop $SPARE/disk $HERE"),
    // No second names, no files without a name, no renaming that replaces nothing.
    (
        "exFAT in user space",
        "truncate -s 64M $SPARE/disk; mkfs.exfat $SPARE/disk; mount.exfat-fuse $(losetup -f --show $SPARE/disk) $HERE",
    ),
    // A second name has a lock of its own.
    ("bindfs", "mkdir $SPARE/under; bindfs $SPARE/under $HERE"),
    ("mergerfs", "mkdir $SPARE/under; mergerfs $SPARE/under $HERE"),
    ("unionfs in user space", "mkdir $SPARE/under; unionfs $SPARE/under=RW $HERE"),
];

/// A file system that is mounted, until this is dropped.
struct Mounted {
    sandbox: Sandbox,
    here: PathBuf,
}

impl Mounted {
    fn new(script: &str) -> Option<Self> {
        let sandbox = Sandbox::new();
        for folder in ["here", "spare"] {
            fs::create_dir(sandbox.path(folder)).unwrap();
        }
        let here = sandbox.path("here");
        let mut shell = Command::new("sh");
        shell.args(["-ec", &script.replace("; ", " && ")]).stdin(Stdio::null());
        shell.env("HERE", &here).env("SPARE", sandbox.path("spare"));
        let is_mounted = shell.output().is_ok_and(|output| output.status.success());
        let mounted = Self { sandbox, here };
        is_mounted.then_some(mounted)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-q").arg(&self.here).status();
        // A loop device that `mount` has not made itself stays.
        let detach = "losetup -j $SPARE/disk | cut -d : -f 1 | xargs -r losetup -d";
        let _ = Command::new("sh").args(["-c", detach]).env("SPARE", self.sandbox.path("spare")).status();
    }
}

/// Asks for the same of a folder, wherever it is.
fn promises(sandbox: &Sandbox, folder: &Path) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (a, b) = (path("a.sdn"), path("b.sdn"));
    let run = |arguments: &[&str]| sandbox.run(arguments);
    fs::write(&a, "n: 0\n").unwrap();
    fs::write(&b, "n: 0\n").unwrap();
    // No change of several processes at once is lost, and a lock excludes.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10).for_each(|_| drop(run(&["set", "-q", "-w", "120", &a, "n+=1"]).code(0))));
        }
    });
    assert_eq!(fs::read_to_string(&a).unwrap(), "n: 40\n");
    run(&["exec", "-q", &a, "--", "sdnlock", "read", "-n", &b]).code(0);
    let busy = format!("env -u SDNLOCK_HELD sdnlock set -n {a} n=1; [ $? = 75 ]");
    run(&["exec", "-q", &a, "--", "sh", "-c", &busy]).code(0);
    // What was broken comes back; a transaction is all or none, also if it is killed.
    run(&["exec", "-q", &a, "--", "sh", "-c", &format!("echo 'n: \"x' > {a}")]).code(65);
    assert_eq!(fs::read_to_string(&a).unwrap(), "n: 40\n");
    let both = format!("echo 'n: 1' > {a}; echo 'n: 1' > {b}");
    run(&["exec", "-q", "--transaction", &a, &b, "--", "sh", "-c", &format!("{both}; exit 3")]).code(3);
    let killed = format!("{both}; kill -9 $PPID; kill -9 $$");
    let _ = run(&["exec", "-q", "--transaction", &a, &b, "--", "sh", "-c", &killed]);
    assert_eq!(
        (run(&["read", &a]).code(0).stdout, run(&["read", &b]).code(0).stdout),
        ("n: 40\n".into(), "n: 0\n".into())
    );
    run(&["exec", "-q", "--transaction", &a, &b, "--", "sh", "-c", &both]).code(0);
    assert_eq!(
        (run(&["read", &a]).code(0).stdout, run(&["read", &b]).code(0).stdout),
        ("n: 1\n".into(), "n: 1\n".into())
    );
    // Backups are numbered on, and brought back.
    for n in 2..5 {
        run(&["set", "-q", "--backups", "2", &a, &format!("n={n}")]).code(0);
    }
    run(&["restore", "-q", &a, "1"]).code(0);
    assert_eq!(fs::read_to_string(&a).unwrap(), "n: 2\n");
    // A new database, and one that is removed by a command.
    let new = path("new.sdn");
    sandbox.run_with(&["write", "-q", &new], "m: 1\n").code(0);
    run(&["exec", "-q", &new, "--", "rm", &new]).code(0);
    let mut left: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.retain(|name| name != "lost+found" && !name.starts_with(".fuse_hidden"));
    left.sort();
    assert_eq!(left, ["a.sdn", "a.sdn.bak", "a.sdn.bak.1", "a.sdn.bak.2", "a.sdn.rejected", "b.sdn"]);
}

#[test]
fn the_promises_hold_on_file_systems_of_other_kinds() {
    if std::env::var_os(ASKED).is_none() {
        return not_tested(&format!("{ASKED}=all"));
    }
    let mut tried = Vec::new();
    for (name, script) in KINDS {
        let Some(mounted) = Mounted::new(script) else {
            not_tested(name);
            continue;
        };
        let within = mounted.here.join("in");
        promises(&mounted.sandbox, if within.is_dir() { &within } else { &mounted.here });
        if within.is_dir() {
            // One file by any spelling of its name.
            mounted.sandbox.run(&["set", "-q", within.join("A.SDN").to_str().unwrap(), "n=7"]).code(0);
            assert_eq!(fs::read_to_string(within.join("a.sdn")).unwrap(), "n: 7\n");
        }
        tried.push(*name);
    }
    println!("the promises hold on {}", tried.join("; "));
}
