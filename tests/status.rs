//! `sdnlock status`: who holds or waits for what, and what was left behind.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use support::{Run, Sandbox, start, wait_for};

mod support;

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let run = sandbox.run(&[&["status", "--json"], arguments].concat()).code(0);
    let value: Value = serde_json::from_str(&run.stdout).unwrap();
    value["databases"].as_array().unwrap().clone()
}

fn age(sandbox: &Sandbox, name: &str, age: Duration) {
    let file = File::options().write(true).open(sandbox.path(name)).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn where_nothing_happens_there_is_nothing_to_tell() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    sandbox.write("Cargo.lock", "");
    sandbox.write("notes.tmp", "");
    let run = sandbox.run(&["status"]).code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "nothing is held, waited for or left behind\n"));
    let named = sandbox.run(&["status", "--exit-code", "config.sdn"]).code(0);
    assert_eq!(named.stdout, "DATABASE    STATE  PID  USER  FOR  WHAT\nconfig.sdn  free\n");
    assert_eq!(json(&sandbox, &[]), [Value::Null; 0]);
    assert_eq!(json(&sandbox, &["none.sdn"])[0]["state"], "free");
}

#[test]
fn who_holds_and_who_waits_is_told() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let waiting = start(&mut sandbox.sdnlock(["set", "-w", "60", "config.sdn", "runs=1"]));
    wait_for("the waiter to queue", || sandbox.exists(".config.sdn.sdnlock-queue"));
    wait_for("the waiter to be seen", || {
        // Only the system's list tells who waits.
        !json(&sandbox, &[])[0]["waiters"].as_array().unwrap().is_empty() || !cfg!(target_os = "linux")
    });
    let database = json(&sandbox, &[])[0].clone();
    assert_eq!(
        (&database["path"], &database["state"], &database["mode"]),
        (&"config.sdn".into(), &"held".into(), &"exclusive".into())
    );
    let held_by = &database["holders"][0];
    assert_eq!((&held_by["kind"], &held_by["user"]), (&"sdnlock".into(), &"maria".into()));
    assert!(held_by["command"].as_str().unwrap().starts_with("sdnlock exec config.sdn -- sh -c"));
    assert!(held_by["seconds"].as_f64().unwrap() >= 0.0);
    assert_eq!(database["left_over"], serde_json::json!([]));
    if cfg!(target_os = "linux") {
        assert_eq!(database["waiters"][0]["pid"], waiting.id());
        assert_eq!(database["waiters"][0]["command"], "sdnlock set -w 60 config.sdn runs=1");
    }
    let table = sandbox.run(&["status", "--exit-code"]).code(1).stdout;
    let states: Vec<&str> = table.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(states[..2], ["STATE", "held"], "{table}");
    assert!(!cfg!(target_os = "linux") || states[2..] == ["waits"], "{table}");
    holder.end().code(0);
    Run::end_of(waiting).code(0);
}

#[test]
fn all_readers_are_told() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let shared = sdnlock::lock::LockRequest::new().shared();
    let first = shared.one(sandbox.path("config.sdn")).unwrap();
    let second = shared.one(sandbox.path("config.sdn")).unwrap();
    let database = json(&sandbox, &[])[0].clone();
    assert_eq!((&database["state"], &database["mode"]), (&"held".into(), &"shared".into()));
    assert_eq!(database["holders"][0]["pid"], std::process::id());
    drop((first, second));
    assert_eq!(json(&sandbox, &[]), [Value::Null; 0]);
}

#[test]
fn what_was_left_behind_is_told_and_only_what_is_dead_is_removed() {
    let sandbox = Sandbox::with(&["config.sdn", "todo_db.sdn", "bug_db.sdn"]);
    // A dead sdnlock, with all that it may leave.
    let holder = sandbox.hold("config.sdn");
    let record = sandbox.read("config.sdn.lock");
    holder.end().code(0);
    sandbox.write("config.sdn.lock", record);
    for name in
        [".config.sdn.Ab12Cd.sdnlock", ".config.sdn.sdnlock-queue", ".config.sdn.sdnlock-nested1", "config.sdn.tmp"]
    {
        sandbox.write(name, "");
    }
    // A driver that is silent for too long, and one that is not; a temporary file without its database.
    sandbox.write("todo_db.sdn.lock", "");
    age(&sandbox, "todo_db.sdn.lock", Duration::from_secs(100));
    sandbox.write("bug_db.sdn.lock", "");
    sandbox.write(".bug_db.sdn.Ab12Cd.sdnlock", "");
    sandbox.write(".gone.sdn.Ab12Cd.sdnlock", "");
    let states: Vec<(String, String)> = json(&sandbox, &[])
        .iter()
        .map(|database| (database["path"].as_str().unwrap().to_owned(), database["state"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [("bug_db.sdn", "held"), ("config.sdn", "stale"), ("gone.sdn", "free"), ("todo_db.sdn", "stale")];
    assert_eq!(states, expected.map(|(path, state)| (path.to_owned(), state.to_owned())));
    let table = sandbox.run(&["status"]).code(0).stdout;
    for line in [
        "config.sdn   dead",
        "todo_db.sdn  silent",
        "bug_db.sdn   held",
        "bug_db.sdn   temporary",
        "gone.sdn     left over",
    ] {
        assert!(table.contains(line), "no `{line}` in\n{table}");
    }
    let cleaned = sandbox.run(&["status", "--clean"]).code(0);
    cleaned.says("note: removed `config.sdn.lock`").says("note: removed `.gone.sdn.Ab12Cd.sdnlock`");
    assert_eq!(
        sandbox.names(),
        [
            ".bug_db.sdn.Ab12Cd.sdnlock",
            "bug_db.sdn",
            "bug_db.sdn.lock",
            "config.sdn",
            "config.sdn.tmp",
            "todo_db.sdn",
            "todo_db.sdn.lock"
        ],
        "a file of another program goes when it is a minute old, the lock of a silent one stays"
    );
    age(&sandbox, "config.sdn.tmp", Duration::from_secs(100));
    sandbox.run(&["status", "--clean", "config.sdn"]).code(0).says("note: removed `config.sdn.tmp`");
    // An empty lock file of before this machine was started is dead, however young the machine is.
    sandbox.write("bug_db.sdn.lock", "");
    age(&sandbox, "bug_db.sdn.lock", Duration::from_secs(100_000_000));
    let seen = json(&sandbox, &["bug_db.sdn"])[0].clone();
    let expected = (Value::from(true), Value::from("from before this machine was started"));
    assert_eq!((seen["dead"].clone(), seen["why"].clone()), expected, "{seen}");
    sandbox.run(&["status", "bug_db.sdn"]).code(0);
    sandbox.run(&["status", "--clean", "bug_db.sdn"]).code(0).says("note: removed `bug_db.sdn.lock`");
    // What nobody may remove is in nobody's way.
    sandbox.run(&["set", "-n", "todo_db.sdn", "todos.1.status=open"]).code(0).says("took over the lock");
}

#[test]
fn looking_disturbs_nobody() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let children: Vec<_> = (0..2)
        .map(|_| {
            let line =
                "for i in $(seq 60); do sdnlock set -q -w forever --no-durable config.sdn runs+=1 || exit 1; done";
            start(&mut sandbox.shell(line))
        })
        .collect();
    for _ in 0..100 {
        sandbox.run(&["status", "--json"]).code(0);
    }
    for child in children {
        Run::end_of(child).code(0);
    }
    assert_eq!(sandbox.run(&["get", "config.sdn", "runs"]).stdout, "161\n");
    assert_eq!(fs::read_dir(sandbox.root()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_looked_at_hides_nothing_else() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let sandbox = Sandbox::with(&["config.sdn", "bug_db.sdn"]);
    let holder = sandbox.hold("config.sdn");
    std::os::unix::fs::symlink("nowhere", sandbox.path("bug_db.sdn.lock")).unwrap();
    let run = sandbox.run(&["status"]).code(74);
    assert!(run.stdout.contains("config.sdn  held"), "{}", run.stdout);
    assert!(!run.stderr.contains("nothing is held"), "{}", run.stderr);
    run.says("could not look at the lock of `bug_db.sdn`");
    fs::remove_file(sandbox.path("bug_db.sdn.lock")).unwrap();
    fs::create_dir(sandbox.path("closed")).unwrap();
    fs::set_permissions(sandbox.path("closed"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(sandbox.root(), fs::Permissions::from_mode(0o755)).unwrap();
    if !rustix::process::geteuid().is_root() {
        fs::set_permissions(sandbox.path("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let elsewhere = Sandbox::new();
    fs::set_permissions(elsewhere.root(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(support::SDNLOCK, elsewhere.path("sdnlock")).unwrap();
    let mut command = std::process::Command::new(elsewhere.path("sdnlock"));
    command.arg("status").current_dir(sandbox.root());
    if rustix::process::geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
    let run = Run::of(&mut command).code(77);
    assert!(run.stdout.contains("config.sdn  held"), "{}", run.stdout);
    run.says("error: could not read `./closed`\ncause: no permission\n");
    fs::set_permissions(sandbox.path("closed"), fs::Permissions::from_mode(0o700)).unwrap();
    drop(holder);
}

#[test]
fn an_interrupted_transaction_is_told() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let script = "echo > ready; exec sleep 600";
    let child = start(&mut sandbox.sdnlock(["exec", "--transaction", "config.sdn", "--", "sh", "-c", script]));
    wait_for("the command to run", || sandbox.exists("ready"));
    assert_eq!(json(&sandbox, &[])[0]["transaction"], "open");
    rustix::process::kill_process_group(rustix::process::Pid::from_child(&child), rustix::process::Signal::KILL)
        .unwrap();
    Run::end_of(child);
    assert_eq!(json(&sandbox, &[])[0]["transaction"], "interrupted");
    let cleaned = sandbox.run(&["status", "--clean"]).code(0);
    assert!(cleaned.stdout.contains("interrupted"), "cleaning ends no transaction: {}", cleaned.stdout);
    sandbox.run(&["read", "config.sdn"]).code(0);
    assert_eq!(json(&sandbox, &[]), [Value::Null; 0]);
}
