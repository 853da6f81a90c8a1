//! The rules of replacing a file, each by its number.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::geteuid;
use sdnlock::disk::{self, Durability, ReplaceError, ReplacePolicy, Replacement, Snapshot, Tag};
use support::{Run, Sandbox};

mod support;

const OLD: &[u8] = b"version: 1\n";
const NEW: &[u8] = b"version: 2\n";

fn replace(sandbox: &Sandbox, name: &str, policy: ReplacePolicy) -> Result<disk::Replaced, ReplaceError> {
    let path = sandbox.path(name);
    let old = disk::read(&path).unwrap();
    replacement(&path, old.as_ref(), NEW, policy).make(&mut |_| Ok(true))
}

fn replacement<'a>(
    path: &'a Path,
    old: Option<&'a Snapshot>,
    content: &'a [u8],
    policy: ReplacePolicy,
) -> Replacement<'a> {
    Replacement { path, base: old, content, like: old, policy }
}

#[test]
fn r1_the_new_file_has_the_attributes_of_the_old_one() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", OLD);
    for mode in [0o640, 0o600, 0o664, 0o2755] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let replaced = replace(&sandbox, "a.sdn", ReplacePolicy::default()).unwrap();
        assert_eq!(replaced.kept.lost, [""; 0]);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, mode);
        fs::write(&path, OLD).unwrap();
    }
    if geteuid().is_root() {
        std::os::unix::fs::chown(&path, Some(65534), Some(65534)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        replace(&sandbox, "a.sdn", ReplacePolicy::default()).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((metadata.uid(), metadata.gid(), metadata.mode() & 0o7777), (65534, 65534, 0o640));
    }
    if xattr::set(&path, "user.comment", b"mine").is_ok() {
        fs::write(&path, OLD).unwrap();
        replace(&sandbox, "a.sdn", ReplacePolicy::default()).unwrap();
        assert_eq!(xattr::get(&path, "user.comment").unwrap().as_deref(), Some(&b"mine"[..]));
    } else {
        support::not_tested("xattr");
    }
}

#[test]
fn r1_a_new_file_gets_the_permissions_that_any_program_would_give_it() {
    let sandbox = Sandbox::new();
    sandbox.write("plain", "");
    replace(&sandbox, "new.sdn", ReplacePolicy::default()).unwrap();
    let mode = |name: &str| fs::metadata(sandbox.path(name)).unwrap().mode();
    assert_eq!(mode("new.sdn"), mode("plain"));
}

#[test]
fn r1_r2_the_new_file_is_private_and_on_disk_before_it_has_its_name() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let calls = "trace=openat,fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat";
    let trace = |arguments: &[&str]| -> Option<Vec<String>> {
        let mut command = sandbox.traced(&["-y", "-o", "trace", "-e", calls], arguments)?;
        Run::of(&mut command).code(0);
        Some(sandbox.read("trace").lines().map(str::to_owned).collect())
    };
    let Some(durable) = trace(&["set", "config.sdn", "runs=42"]) else { return };
    let at = |lines: &[String], words: &[&str]| {
        let found = lines.iter().position(|line| words.iter().all(|word| line.contains(word)));
        found.unwrap_or_else(|| panic!("no {words:?} in {lines:#?}"))
    };
    let temporary = "/.config.sdn.";
    let steps = [
        at(&durable, &["openat(", temporary, "O_EXCL", "0600"]),
        at(&durable, &["sync(", temporary]),
        at(&durable, &["rename", temporary, "/config.sdn\""]),
        at(&durable, &["sync(", &format!("<{}>", sandbox.root().canonicalize().unwrap().display())]),
    ];
    assert!(steps.is_sorted(), "{steps:?} in {durable:#?}");
    let quick = trace(&["set", "--no-durable", "config.sdn", "runs=43"]).unwrap();
    assert!(!quick.iter().any(|line| line.contains("sync(") || line.contains("syncfs(")), "{quick:#?}");
    let exec = ["exec", "--no-durable", "config.sdn", "--", "sed", "-i", "s/43/44/", "config.sdn"];
    let plain = trace(&exec).unwrap();
    assert!(!plain.iter().any(|line| line.contains("sync(")), "{plain:#?}");
    let synced = trace(&["exec", "config.sdn", "--", "sed", "-i", "s/44/45/", "config.sdn"]).unwrap();
    at(&synced, &["sync(", "/config.sdn>"]);
}

#[test]
fn r2_nothing_is_renamed_when_the_lock_is_gone() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", OLD);
    let old = disk::read(&path).unwrap();
    let mut asked = 0;
    let refused = replacement(&path, old.as_ref(), NEW, ReplacePolicy::default()).make(&mut |replacement| {
        asked += 1;
        assert_eq!(replacement.metadata().unwrap().len(), NEW.len() as u64, "asked before it was complete");
        Ok(false)
    });
    assert!(matches!(refused, Err(ReplaceError::Moved)));
    assert_eq!((asked, fs::read(&path).unwrap()), (1, OLD.to_vec()));
    assert_eq!(sandbox.names(), ["a.sdn"]);
}

#[test]
fn r3_a_symbolic_link_is_followed() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    symlink("config.sdn", sandbox.path("link.sdn")).unwrap();
    sandbox.run(&["set", "link.sdn", "runs=1"]).code(0);
    assert!(sandbox.path("link.sdn").is_symlink());
    assert!(sandbox.read("config.sdn").contains("runs: 1\n"));
    symlink("new.sdn", sandbox.path("dangling.sdn")).unwrap();
    sandbox.run_with(&["write", "dangling.sdn"], "a: 1\n").code(0);
    assert!(sandbox.path("dangling.sdn").is_symlink());
    assert_eq!(sandbox.read("new.sdn"), "a: 1\n");
}

#[test]
fn r3_hard_links_are_refused_unless_they_may_be_parted() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    fs::hard_link(sandbox.path("config.sdn"), sandbox.path("other.sdn")).unwrap();
    let run = sandbox.run(&["set", "config.sdn", "runs=1"]).code(65);
    run.says("not writing `config.sdn`: it has 2 hard links").says("`config.sdn` unchanged").says("--break-hardlinks");
    assert!(sandbox.read("config.sdn").contains("runs: 41"));
    sandbox.run(&["set", "--break-hardlinks", "config.sdn", "runs=1"]).code(0);
    assert!(sandbox.read("config.sdn").contains("runs: 1\n"));
    assert!(sandbox.read("other.sdn").contains("runs: 41"));
}

#[test]
fn r3_a_write_protected_file_is_refused_unless_that_is_overridden() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    fs::set_permissions(sandbox.path("config.sdn"), Permissions::from_mode(0o444)).unwrap();
    let run = sandbox.run(&["set", "config.sdn", "runs=1"]).code(77);
    run.says("it is write-protected (mode 0444)").says("--override-readonly");
    sandbox.run(&["set", "--override-readonly", "config.sdn", "runs=1"]).code(0);
    assert!(sandbox.read("config.sdn").contains("runs: 1\n"));
    assert_eq!(fs::metadata(sandbox.path("config.sdn")).unwrap().mode() & 0o777, 0o444);
}

#[test]
fn r4_what_a_killed_process_left_is_removed_by_the_next_holder() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    sandbox.write(".config.sdn.Ab12Cd.sdnlock", "half");
    sandbox.write(".other.sdn.Ab12Cd.sdnlock", "somebody else's");
    sandbox.run(&["read", "config.sdn"]).code(0);
    assert!(sandbox.exists(".config.sdn.Ab12Cd.sdnlock"), "a reader does not know whether it is left over");
    sandbox.run(&["exec", "config.sdn", "--", "true"]).code(0);
    assert_eq!(sandbox.names(), [".other.sdn.Ab12Cd.sdnlock", "config.sdn"]);
}

#[test]
fn r4_a_killed_process_leaves_a_file_that_the_next_one_removes() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    // Killed when it syncs the temporary file.
    let killed = sandbox.traced(&["-e", "inject=fsync:signal=KILL:when=1"], &["set", "config.sdn", "runs=42"]);
    let Some(mut killed) = killed else { return };
    Run::of(&mut killed);
    assert_eq!(sandbox.names().len(), 3, "{:?}", sandbox.names());
    assert_eq!(sandbox.read("config.sdn"), before);
    sandbox.run(&["set", "-n", "config.sdn", "runs=43"]).code(0);
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn r5_equal_content_is_not_written() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let identity = |name: &str| {
        let metadata = fs::metadata(sandbox.path(name)).unwrap();
        (metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec())
    };
    let before = identity("config.sdn");
    let content = sandbox.read("config.sdn");
    sandbox.run_with(&["write", "config.sdn"], content).code(0).says("note: `config.sdn` unchanged");
    sandbox.run(&["set", "config.sdn", "runs=41", "server.log.file=/var/log/build.log"]).code(0).says("unchanged");
    assert_eq!(identity("config.sdn"), before);
}

#[test]
fn r6_readers_see_the_old_or_the_new_content_and_nothing_else() {
    let sandbox = Sandbox::new();
    let contents: Vec<Vec<u8>> = (0..3).map(|n| format!("n: {n}\n").into_bytes().repeat(20_000 * (n + 1))).collect();
    let path = sandbox.write("a.sdn", &contents[0]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let policy = ReplacePolicy { durability: Durability::Never, ..ReplacePolicy::default() };
            for n in 1..200 {
                let old = disk::read(&path).unwrap();
                replacement(&path, old.as_ref(), &contents[n % 3], policy).make(&mut |_| Ok(true)).unwrap();
            }
            done.store(true, Ordering::SeqCst);
        });
        while !done.load(Ordering::SeqCst) {
            let seen = fs::read(&path).unwrap();
            assert!(contents.contains(&seen), "{} bytes of neither", seen.len());
        }
    });
    assert_eq!(sandbox.names(), ["a.sdn"]);
}

#[test]
fn r6_a_full_disk_leaves_the_old_content_and_no_litter() {
    // A limit on the size of files stands in for a full disk: writing beyond it fails.
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    let big = format!("text: \"{}\"\n", "x".repeat(200_000));
    sandbox.write("big.sdn", big);
    let mut command = sandbox.shell("ulimit -f 64; trap '' XFSZ; exec sdnlock write config.sdn big.sdn");
    let run = Run::of(&mut command).code(74);
    run.says("could not write `config.sdn`: file too large")
        .says("64.0 KiB of 195.3 KiB written")
        .says("`config.sdn` unchanged, temporary file removed");
    assert_eq!(sandbox.read("config.sdn"), before);
    assert_eq!(sandbox.names(), ["big.sdn", "config.sdn"]);
}

#[test]
fn r6_a_failure_is_told_as_what_it_left() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let failing = |inject: &str, value: &str| {
        let options = ["-o", "/dev/null", "-e", inject];
        Some(Run::of(&mut sandbox.traced(&options, &["set", "config.sdn", value])?))
    };
    let Some(run) = failing("inject=fsync:error=EIO:when=1", "runs=42") else { return };
    run.code(74).says("could not write `config.sdn`: input/output error").says("`config.sdn` unchanged");
    assert!(sandbox.read("config.sdn").contains("runs: 41\n"));
    let run = failing("inject=/^rename:error=EIO:when=1", "runs=42").unwrap();
    run.code(74).says("renaming the temporary file").says("`config.sdn` unchanged, temporary file removed");
    assert!(sandbox.read("config.sdn").contains("runs: 41\n"));
    let run = failing("inject=fsync:error=EIO:when=2", "runs=42").unwrap();
    run.code(74).says("wrote `config.sdn`, but its folder could not be synced").says("`config.sdn` is new");
    assert!(sandbox.read("config.sdn").contains("runs: 42\n"));
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn a_snapshot_knows_whether_it_is_current() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", OLD);
    let snapshot = disk::read(&path).unwrap().unwrap();
    assert!(snapshot.is_current(&path).unwrap());
    assert_eq!(snapshot.tag(), Tag::of(OLD));
    // Rewritten with the same bytes it still is what it was.
    fs::write(&path, OLD).unwrap();
    assert!(snapshot.is_current(&path).unwrap());
    fs::write(&path, NEW).unwrap();
    assert!(!snapshot.is_current(&path).unwrap());
    fs::remove_file(&path).unwrap();
    assert!(!snapshot.is_current(&path).unwrap());
    assert!(disk::read(&path).unwrap().is_none());
    assert!(disk::read(sandbox.root()).is_err());
    let _: Vec<u8> = Snapshot::into_bytes(snapshot);
}
