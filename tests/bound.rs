//! Databases that are mount points, as a single file that is bound into a container. They need root.

#![cfg(all(feature = "cli", target_os = "linux"))]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use sdnlock::disk::Tag;
use support::{Run, Sandbox, not_tested, start, wait_for};

mod support;

/// A file that stands in `out`, and is bound to another one in `in`.
struct Bound {
    sandbox: Sandbox,
    inside: PathBuf,
}

impl Bound {
    /// `None` where nothing can be mounted.
    fn new(content: &str) -> Option<Self> {
        let sandbox = Sandbox::new();
        for folder in ["in", "out"] {
            fs::create_dir(sandbox.path(folder)).unwrap();
        }
        sandbox.write("out/d.sdn", content);
        sandbox.write("in/d.sdn", "");
        let inside = sandbox.path("in/d.sdn");
        let mounted = Command::new("mount").arg("--bind").arg(sandbox.path("out/d.sdn")).arg(&inside).output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            not_tested("mount");
            return None;
        }
        Some(Self { sandbox, inside })
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.inside).status();
    }
}

#[test]
fn a_bound_file_is_written_over_and_stays_the_same_file() {
    let Some(bound) = Bound::new("n: 1\n") else { return };
    let sandbox = &bound.sandbox;
    let long = "x".repeat(10_000);
    let run = sandbox.run(&["set", "-v", "in/d.sdn", &format!("n={long}")]).code(0);
    run.says("`in/d.sdn` was written over, since it is bound here, and cannot be replaced");
    assert_eq!(sandbox.read("out/d.sdn"), format!("n: {long}\n"));
    for (arguments, content) in [
        (&["set", "-q", "in/d.sdn", "n=2"][..], "n: 2\n"),
        (&["write", "-q", "in/d.sdn", "new"], "m: 1\n"),
        (&["exec", "in/d.sdn", "--", "cp", "new2", "in/d.sdn"], "m: 2\n"),
        (&["set", "-q", "--backups", "1", "in/d.sdn", "m=3"], "m: 3\n"),
        (&["restore", "-q", "in/d.sdn", "0"], "m: 2\n"),
        (&["merge", "-q", "new2", "in/d.sdn", "new3", "-o", "in/d.sdn"], "m: 3\n"),
        (&["set", "-q", "out/d.sdn", "m=3"], "m: 3\n"),
    ] {
        for (name, content) in [("new", "m: 1\n"), ("new2", "m: 2\n"), ("new3", "m: 3\n")] {
            sandbox.write(name, content);
        }
        sandbox.run(arguments).code(0);
        assert_eq!(sandbox.read("out/d.sdn"), content, "{arguments:?}");
        assert_eq!(sandbox.read("in/d.sdn"), content, "{arguments:?}");
    }
}

#[test]
fn what_a_command_broke_comes_back_in_place() {
    let Some(bound) = Bound::new("n: 1\n") else { return };
    let sandbox = &bound.sandbox;
    let broken = "echo 'n: \"x' > in/d.sdn";
    sandbox
        .run(&["exec", "in/d.sdn", "--", "sh", "-c", broken])
        .code(65)
        .says("`in/d.sdn` is as it was before the command");
    assert_eq!(sandbox.read("out/d.sdn"), "n: 1\n");
    let killed = format!("{broken}; kill -9 $PPID; kill -9 $$");
    Run::of(&mut sandbox.sdnlock(["exec", "--transaction", "in/d.sdn", "--", "sh", "-c", &killed]));
    assert_eq!(sandbox.run(&["read", "in/d.sdn"]).code(0).stdout, "n: 1\n");
    assert_eq!(sandbox.read("out/d.sdn"), "n: 1\n");
    assert!(!sandbox.exists("in/d.sdn.before"));
}

#[test]
fn what_was_left_in_the_middle_is_finished_from_either_side() {
    let Some(bound) = Bound::new("") else { return };
    let sandbox = &bound.sandbox;
    for (name, other) in [("in/d.sdn", "out/d.sdn"), ("out/d.sdn", "in/d.sdn")] {
        for command in ["read", "set", "self-locking"] {
            let new = "n: 2\n";
            let tail =
                format!("\n#sdnlock-redo begin 5\n#:n: 2\n#:\n#sdnlock-redo end 5 {}\n", Tag::of(new.as_bytes()));
            for (left, content) in [
                (format!("n: 1\n{tail}"), "n: 2\n"),
                (format!("n: 2\n{tail}"), "n: 2\n"),
                (format!("n: 1\n{}", &tail[..40]), "n: 1\n"),
            ] {
                // Without another file in its place.
                fs::write(sandbox.path(other), left).unwrap();
                match command {
                    "self-locking" => drop(sandbox.run(&["exec", "--self-locking", name, "--", "true"]).code(0)),
                    "read" => assert_eq!(sandbox.run(&["read", name]).code(0).stdout, content),
                    _ => drop(sandbox.run(&["set", "-q", name, &content.trim().replace(": ", "=")]).code(0)),
                }
                assert_eq!(sandbox.read(name), content, "{name} {command}");
                assert_eq!(sandbox.read(other), content, "{name} {command}");
            }
        }
    }
}

#[test]
fn l10_the_lock_on_the_file_itself_excludes_both_sides() {
    let Some(bound) = Bound::new("n: 1\n") else { return };
    let sandbox = &bound.sandbox;
    for (holds, waits) in [("in/d.sdn", "out/d.sdn"), ("out/d.sdn", "in/d.sdn")] {
        let script = "echo > ready; while [ ! -e end ] && [ -e in ]; do sleep 0.01; done";
        let child = start(&mut sandbox.sdnlock(["exec", holds, "--", "sh", "-c", script]));
        wait_for("the command to run", || sandbox.exists("ready"));
        sandbox.run(&["set", "-n", waits, "n=2"]).code(75);
        sandbox.run(&["read", "-n", waits]).code(75);
        sandbox.write("end", "");
        Run::end_of(child).code(0);
        for name in ["ready", "end"] {
            fs::remove_file(sandbox.path(name)).unwrap();
        }
    }
}

#[test]
fn a_file_that_was_replaced_where_it_comes_from_is_refused() {
    let Some(bound) = Bound::new("n: 1\n") else { return };
    let sandbox = &bound.sandbox;
    sandbox.run(&["set", "out/d.sdn", "n=2"]).code(0);
    for arguments in [&["read", "in/d.sdn"][..], &["set", "in/d.sdn", "n=3"], &["exec", "in/d.sdn", "--", "true"]] {
        sandbox
            .run(arguments)
            .code(74)
            .says("`in/d.sdn`: it is bound to a file that was replaced")
            .says("bind it again");
    }
    assert_eq!(sandbox.read("out/d.sdn"), "n: 2\n");
}
