//! Transactions: all databases old or all new, whatever is killed, and whenever.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, Signal, kill_process_group};
use snapbox::str;
use support::{Run, Sandbox, start, wait_for};

mod support;

/// Three databases, the second one private, and a text.
fn three() -> Sandbox {
    let sandbox = Sandbox::new();
    for name in ["a.sdn", "b.sdn", "c.sdn"] {
        sandbox.write(name, "n: 1\n");
    }
    fs::set_permissions(sandbox.path("b.sdn"), fs::Permissions::from_mode(0o600)).unwrap();
    sandbox
}

/// All that can be seen of the databases.
fn state(sandbox: &Sandbox) -> Vec<(String, Vec<u8>, u32)> {
    let names =
        ["a.sdn", "b.sdn", "c.sdn", "new.sdn"].map(str::to_owned).into_iter().filter(|name| sandbox.exists(name));
    names
        .map(|name| {
            let path = sandbox.path(&name);
            (name, fs::read(&path).unwrap(), fs::metadata(&path).unwrap().mode())
        })
        .collect()
}

const CHANGE: &str = "echo 'n: 2' > a.sdn; echo 'n: 2' > b.tmp; mv b.tmp b.sdn; rm c.sdn; echo 'n: 2' > new.sdn";

fn transaction(sandbox: &Sandbox, script: &str) -> Command {
    sandbox.sdnlock(["exec", "--transaction", "a.sdn", "b.sdn", "c.sdn", "new.sdn", "--", "sh", "-c", script])
}

#[test]
fn all_changes_stay_or_none() {
    let sandbox = three();
    let before = state(&sandbox);
    for (end, code) in [("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$", 143), ("echo 'Big Red Car' > a.sdn", 65)]
    {
        Run::of(&mut transaction(&sandbox, &format!("{CHANGE}; {end}"))).code(code);
        assert_eq!(state(&sandbox), before, "{end}");
    }
    assert_eq!(sandbox.names(), ["a.sdn", "a.sdn.rejected", "b.sdn", "c.sdn"]);
    assert_says!(
        Run::of(&mut transaction(&sandbox, &format!("{CHANGE}; exit 3"))),
        str![[r"
exit code 3
--- stderr
error: not keeping what the command changed: it failed with exit code 3
state: all databases are as they were before the command

"]]
    );
    let run = Run::of(transaction(&sandbox, CHANGE).args::<_, &str>([])).code(0);
    run.says("--- c.sdn\n+++ /dev/null").says("--- /dev/null\n+++ new.sdn");
    assert_eq!(sandbox.names(), ["a.sdn", "a.sdn.rejected", "b.sdn", "new.sdn"]);
    sandbox.run(&["exec", "--transaction", "--close", "a.sdn", "--", "true"]).code(2);
    sandbox.run(&["exec", "--transaction", "--self-locking", "a.sdn", "--", "true"]).code(2);
}

#[test]
fn attributes_come_back_too() {
    let sandbox = three();
    let before = state(&sandbox);
    Run::of(&mut transaction(&sandbox, "chmod 666 b.sdn; exit 1")).code(1);
    assert_eq!(state(&sandbox), before);
    if xattr::set(sandbox.path("a.sdn"), "user.comment", b"mine").is_err() {
        return support::not_tested("xattr");
    }
    if !support::has_program("python3") {
        return;
    }
    // On the very file that was there.
    let script = "echo 'n: 2' > a.sdn; python3 -c 'import os; os.removexattr(\"a.sdn\", \"user.comment\")'; exit 1";
    Run::of(&mut transaction(&sandbox, script)).code(1);
    assert_eq!(state(&sandbox), before);
    assert_eq!(xattr::get(sandbox.path("a.sdn"), "user.comment").unwrap().as_deref(), Some(&b"mine"[..]));
}

#[test]
fn a_dry_run_shows_what_would_change_and_changes_nothing() {
    let sandbox = three();
    let before = state(&sandbox);
    let run = sandbox.run(&[
        "exec",
        "--dry-run",
        "--diff=stat",
        "a.sdn",
        "b.sdn",
        "c.sdn",
        "new.sdn",
        "--",
        "sh",
        "-c",
        CHANGE,
    ]);
    let run = run.code(0);
    let told = "a.sdn: -1 +1 lines, 1 setting changed\nb.sdn: -1 +1 lines, 1 setting changed\n\
                c.sdn: -1 +0 lines, 1 setting removed\nnew.sdn: -0 +1 lines, 1 setting added\n";
    assert_eq!(run.stdout, told);
    assert_eq!(run.stderr, "");
    assert_eq!(state(&sandbox), before);
    assert_eq!(sandbox.names().len(), 3);
    sandbox.run(&["exec", "--dry-run", "a.sdn", "--", "sh", "-c", "echo 'n: 2' > a.sdn; exit 4"]).code(4);
}

#[test]
fn readers_share_and_what_they_change_is_undone() {
    let sandbox = three();
    let before = state(&sandbox);
    let nested = "env -u SDNLOCK_HELD sdnlock exec -n --shared a.sdn b.sdn -- cat a.sdn b.sdn; env -u SDNLOCK_HELD sdnlock set -n a.sdn n=2";
    let run = sandbox.run(&["exec", "--shared", "a.sdn", "b.sdn", "--", "sh", "-c", nested]).code(75);
    assert_eq!(run.stdout, "n: 1\nn: 1\n");
    let run = sandbox.run(&["exec", "--shared", "a.sdn", "b.sdn", "--", "sh", "-c", "echo 'n: 2' > b.sdn; rm a.sdn"]);
    run.code(65)
        .says("error: the command changed `a.sdn`, which it was to read only")
        .says("error: the command changed `b.sdn`, which it was to read only");
    assert_eq!(state(&sandbox), before);
    assert_eq!(sandbox.names().len(), 3);
    let nested = "sdnlock get a.sdn n; sdnlock set a.sdn n=2";
    let run = sandbox.run(&["exec", "--shared", "a.sdn", "--", "sh", "-c", nested]).code(75);
    assert_eq!(run.stdout, "1\n");
    run.says("the command that runs this one holds it for reading only");
}

/// Starts a transaction that has changed everything, and kills sdnlock and its command.
fn killed(sandbox: &Sandbox) {
    kill_when_ready(sandbox, &mut transaction(sandbox, &format!("{CHANGE}; echo > ready; exec sleep 600")));
}

/// Starts an `exec`, and kills it and its command when that has made the file `ready`.
fn kill_when_ready(sandbox: &Sandbox, command: &mut Command) {
    let child = start(command);
    wait_for("the command to run", || sandbox.exists("ready"));
    kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
    Run::end_of(child);
    fs::remove_file(sandbox.path("ready")).unwrap();
}

#[test]
fn j4_j5_whoever_comes_next_brings_all_back() {
    for next in [
        &["read", "a.sdn"][..],
        &["read", "new.sdn"],
        &["get", "-n", "c.sdn", "n"],
        &["check", "b.sdn"],
        &["set", "-n", "b.sdn", "n=1"],
        &["exec", "c.sdn", "new.sdn", "--", "true"],
        &["exec", "--shared", "c.sdn", "a.sdn", "--", "true"],
    ] {
        let sandbox = three();
        let before = state(&sandbox);
        killed(&sandbox);
        assert_ne!(state(&sandbox), before);
        let run = sandbox.run(next);
        let run = run.code(if next[1] == "new.sdn" { 66 } else { 0 });
        run.says("note: a transaction was interrupted: `a.sdn` is again as it was before it\n")
            .says("note: a transaction was interrupted: `c.sdn` is again")
            .says("note: a transaction was interrupted: `new.sdn` is gone again, as before it\n");
        assert_eq!(state(&sandbox), before, "{next:?}");
        assert_eq!(sandbox.names().len(), 3, "{:?}", sandbox.names());
    }
}

/// What a command can put in the place of a database that nobody can read or replace.
const IN_THE_WAY: &[&str] = &[
    "rm b.sdn; mkdir b.sdn; echo x > b.sdn/x",
    "rm b.sdn; ln -s nowhere b.sdn",
    "rm b.sdn; ln -s a.sdn b.sdn",
    "rm b.sdn; ln -s .. b.sdn",
    "cp -p b.sdn other; ln -sf other b.sdn",
    "rm b.sdn; mkfifo b.sdn",
    "mkdir new.sdn",
];

#[test]
fn whatever_stands_in_the_place_of_a_database_gives_way() {
    for way in IN_THE_WAY {
        let sandbox = three();
        let before = state(&sandbox);
        let run = Run::of(&mut transaction(&sandbox, &format!("{way}; echo 'n: 2' > c.sdn; exit 3"))).code(3);
        assert_eq!(state(&sandbox), before, "{way}");
        assert!(!sandbox.path("b.sdn").is_symlink(), "{way}");
        let kept = ["b.sdn.rejected", "new.sdn.rejected"].map(|kept| sandbox.exists(kept));
        assert_eq!(kept[0] || kept[1], !way.contains("ln "), "{way}: {}", run.stderr);
        assert!(!way.contains("mkdir") || run.stderr.contains("it cannot be read"), "{way}: {}", run.stderr);
        if way.starts_with("rm b.sdn; mkdir") {
            assert_eq!(sandbox.read("b.sdn.rejected/x"), "x\n");
            run.says("kept: `b.sdn.rejected`").says("state: `b.sdn` is as it was before the command");
        }

        // In a killed transaction the next one finds it, by whatever name.
        for next in [["get", "a.sdn", "n"], ["get", "b.sdn", "n"], ["set", "b.sdn", "n=1"]] {
            let sandbox = three();
            let script = format!("{way}; echo 'n: 2' > c.sdn; echo > ready; exec sleep 600");
            kill_when_ready(&sandbox, &mut transaction(&sandbox, &script));
            sandbox.run(&next).code(0).says("a transaction was interrupted");
            assert_eq!(state(&sandbox), before, "{way}, {next:?}");
            assert!(!sandbox.path("b.sdn").is_symlink(), "{way}, {next:?}");
            assert!(sandbox.names().iter().all(|name| !name.starts_with('.')), "{:?}", sandbox.names());
        }
    }
}

#[test]
fn a_database_that_may_not_be_read_any_more_gives_way_too() {
    for how in [&["exec"][..], &["exec", "--transaction"]] {
        let sandbox = three();
        sandbox.give_away();
        let before = state(&sandbox);
        let run = sandbox.unprivileged(&[how, &["b.sdn", "--", "chmod", "0", "b.sdn"]].concat());
        run.code(65).says("`b.sdn`: no permission").says("kept: `b.sdn.rejected`");
        assert_eq!(state(&sandbox), before, "{how:?}");
    }
}

#[test]
fn in_ordinary_mode_a_database_that_became_a_folder_comes_back() {
    let sandbox = three();
    let script = "rm b.sdn; mkdir b.sdn; echo 'n: 2' > a.sdn";
    let run = sandbox.run(&["exec", "a.sdn", "b.sdn", "--", "sh", "-c", script]).code(65);
    run.says("not keeping what the command left as `b.sdn`: it cannot be read").says("kept: `b.sdn.rejected`");
    assert_eq!((sandbox.read("a.sdn").as_str(), sandbox.read("b.sdn").as_str()), ("n: 2\n", "n: 1\n"));

    let sandbox = three();
    let script = format!("{script}; echo > ready; exec sleep 600");
    kill_when_ready(&sandbox, &mut sandbox.sdnlock(["exec", "a.sdn", "b.sdn", "--", "sh", "-c", &script]));
    assert_eq!(sandbox.run(&["read", "b.sdn"]).code(0).stdout, "n: 1\n");
    assert_eq!(sandbox.read("a.sdn"), "n: 2\n");
    assert!(sandbox.path("b.sdn.rejected").is_dir());
}

#[test]
fn a_link_that_a_transaction_left_for_good_is_followed() {
    for is_copied in [false, true] {
        let sandbox = three();
        let script = "mkdir away; mv b.sdn away; ln -s away/b.sdn b.sdn";
        Run::of(&mut transaction(&sandbox, script)).code(0);
        assert!(sandbox.path("b.sdn").is_symlink());
        // As if it had been killed right after the commit; or as a checkout makes it.
        let gone = "sdnlock journal 2 00000000000000000000000000000001 pointer - 1790000000:1\n.\ta.sdn\t0\n";
        let text = format!("{gone}end {}\n", sdnlock::disk::Tag::of(gone.as_bytes()));
        let journal = sandbox.write(".b.sdn.sdnlock-journal", &text);
        if !is_copied {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000 - (1 << 30));
            File::options().write(true).open(journal).unwrap().set_modified(time).unwrap();
        }
        let holder = sandbox.hold("away/b.sdn");
        sandbox.run(&["set", "-w", "0.2", "b.sdn", "n=5"]).code(75);
        drop(holder);
        sandbox.run(&["set", "b.sdn", "n=5"]).code(0);
        assert_eq!(sandbox.read("away/b.sdn"), "n: 5\n");
        assert!(!sandbox.exists(".b.sdn.sdnlock-journal"));
    }
}

#[test]
fn j5_in_ordinary_mode_only_what_was_broken_comes_back() {
    let sandbox = three();
    let script = "echo 'n: 2' > a.sdn; echo 'Big Red Car' > b.sdn; : > c.sdn; echo > ready; exec sleep 600";
    let child = start(&mut sandbox.sdnlock(["exec", "a.sdn", "b.sdn", "c.sdn", "--", "sh", "-c", script]));
    wait_for("the command to run", || sandbox.exists("ready"));
    kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
    Run::end_of(child);
    assert_says!(
        sandbox.run(&["get", "a.sdn", "n"]),
        str![[r"
exit code 0
--- stdout
2
--- stderr
note: a transaction was interrupted: `b.sdn` is again as it was before it; kept: `b.sdn.rejected`
note: a transaction was interrupted: `c.sdn` is again as it was before it

"]]
    );
    assert_eq!(["a.sdn", "b.sdn", "c.sdn"].map(|name| sandbox.read(name)), ["n: 2\n", "n: 1\n", "n: 1\n"]);
    assert_eq!(sandbox.read("b.sdn.rejected"), "Big Red Car\n");
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "b.sdn.rejected", "c.sdn", "ready"]);
}

#[test]
fn j4_the_command_of_a_killed_sdnlock_is_waited_for() {
    let sandbox = three();
    let before = state(&sandbox);
    let script = format!("{CHANGE}; echo > ready; while [ ! -e end ] && [ -e a.sdn ]; do sleep 0.01; done");
    let mut child = start(&mut transaction(&sandbox, &script));
    wait_for("the command to run", || sandbox.exists("ready"));
    child.kill().unwrap();
    child.wait().unwrap();
    sandbox.run(&["read", "-n", "b.sdn"]).code(75);
    // Without a lock one is told that this is not a state.
    sandbox.run(&["read", "--no-lock", "a.sdn"]).code(0).says("note: a transaction on `a.sdn` is open");
    let reading = start(&mut sandbox.sdnlock(["read", "-w", "60", "b.sdn"]));
    sandbox.write("end", "");
    assert_eq!(Run::end_of(reading).code(0).stdout, "n: 1\n");
    assert_eq!(state(&sandbox), before);
}

#[test]
fn j5_two_who_come_at_once_do_it_once() {
    for _ in 0..support::scaled(5) {
        let sandbox = three();
        let before = state(&sandbox);
        killed(&sandbox);
        let readers: Vec<_> = ["a.sdn", "b.sdn", "c.sdn", "b.sdn"]
            .map(|name| start(&mut sandbox.sdnlock(["read", "-w", "60", name])))
            .into_iter()
            .map(|child| Run::end_of(child).code(0))
            .collect();
        let told: usize = readers.iter().map(|run| run.stderr.matches("`a.sdn` is again").count()).sum();
        assert_eq!(told, 1);
        assert!(readers.iter().all(|run| run.stdout == "n: 1\n"));
        assert_eq!(state(&sandbox), before);
        assert_eq!(sandbox.names().len(), 3, "{:?}", sandbox.names());
    }
}

#[test]
fn j5_where_a_foreign_program_had_the_lock_since_what_it_wrote_stays() {
    let sandbox = three();
    killed(&sandbox);
    // It removes the dead lock, writes, and leaves.
    fs::remove_file(sandbox.path("a.sdn.lock")).unwrap();
    sandbox.write("a.sdn", "n: 99\n");
    let run = sandbox.run(&["read", "b.sdn"]).code(0);
    run.says("`a.sdn` is left as it is, since somebody else may have written it meanwhile; kept: `a.sdn.before`");
    assert_eq!(sandbox.read("a.sdn"), "n: 99\n");
    assert_eq!(sandbox.read("a.sdn.before"), "n: 1\n");
    assert_eq!(sandbox.read("c.sdn"), "n: 1\n");
    assert_eq!(sandbox.names(), ["a.sdn", "a.sdn.before", "b.sdn", "c.sdn"]);
}

#[test]
fn j5_a_damaged_journal_or_copy_is_told_and_nothing_is_guessed() {
    let sandbox = three();
    killed(&sandbox);
    let after = state(&sandbox);
    let copy = sandbox.names().into_iter().find(|name| name.starts_with(".b.sdn.") && name.contains(".undo")).unwrap();
    let content = sandbox.read(&copy);
    sandbox.write(&copy, "n: 0\n");
    let run = sandbox.run(&["read", "a.sdn"]).code(74);
    run.says("could not end the transaction that was interrupted").says("the copy of `b.sdn`, is damaged or missing");
    assert_eq!(state(&sandbox), after, "nothing may be restored if not all can be");
    sandbox.write(&copy, content);
    let journal = sandbox.read(".a.sdn.sdnlock-journal");
    fs::rename(sandbox.path(".a.sdn.sdnlock-journal"), sandbox.path("whole")).unwrap();
    let damaged = sandbox.write(".a.sdn.sdnlock-journal", &journal[..journal.len() - 10]);
    // As a disk damages it, which changes no time.
    let modified = fs::metadata(sandbox.path("whole")).unwrap().modified().unwrap();
    File::options().write(true).open(damaged).unwrap().set_modified(modified).unwrap();
    for name in ["a.sdn", "b.sdn"] {
        sandbox
            .run(&["read", name])
            .code(74)
            .says("its journal `.a.sdn.sdnlock-journal` cannot be used: it is damaged");
    }
    assert_eq!(state(&sandbox), after);
    fs::rename(sandbox.path("whole"), sandbox.path(".a.sdn.sdnlock-journal")).unwrap();
    sandbox.run(&["read", "c.sdn"]).code(0);
    assert_eq!(sandbox.names().len(), 3, "{:?}", sandbox.names());
}

#[test]
fn j3_a_pointer_without_its_master_is_cold() {
    let sandbox = three();
    killed(&sandbox);
    let after = state(&sandbox);
    fs::remove_file(sandbox.path(".a.sdn.sdnlock-journal")).unwrap();
    sandbox.run(&["read", "b.sdn"]).code(0);
    for name in ["a.sdn", "b.sdn", "c.sdn", "new.sdn"] {
        sandbox.run(&["exec", name, "--", "true"]).code(0);
    }
    assert_eq!(state(&sandbox), after);
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "new.sdn"]);
}

#[test]
fn nested_commands_are_within_the_transaction() {
    let sandbox = three();
    let before = state(&sandbox);
    let script = "sdnlock set -q a.sdn n=5; sdnlock exec -q a.sdn b.sdn -- sh -c 'echo n: 6 > b.sdn'; sdnlock get a.sdn n; exit 1";
    let run = Run::of(&mut transaction(&sandbox, script)).code(1);
    assert_eq!(run.stdout, "5\n");
    assert!(!run.stderr.contains("interrupted"), "{}", run.stderr);
    assert_eq!(state(&sandbox), before);
    assert_eq!(sandbox.names().len(), 3, "{:?}", sandbox.names());
}

#[test]
fn l9_what_is_under_a_lock_that_was_broken_is_not_undone_and_all_else_is() {
    let sandbox = three();
    let script = format!("{CHANGE}; rm a.sdn.lock; echo 1:elsewhere > a.sdn.lock; exit 3");
    let run = Run::of(&mut transaction(&sandbox, &script)).code(3);
    run.says("another program broke the lock of `a.sdn`")
        .says("kept: `a.sdn.before`")
        .says("`b.sdn` is as it was before");
    assert_eq!(["a.sdn", "b.sdn", "c.sdn"].map(|name| sandbox.read(name)), ["n: 2\n", "n: 1\n", "n: 1\n"]);
    assert_eq!(sandbox.names(), ["a.sdn", "a.sdn.before", "a.sdn.lock", "b.sdn", "c.sdn"]);
}

#[test]
fn j2_j3_all_is_on_disk_before_the_command_starts_and_before_success_is_told() {
    let sandbox = three();
    let calls = "trace=fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,execve,write";
    let script = ["exec", "--transaction", "a.sdn", "b.sdn", "--", "sh", "-c", "echo 'n: 2' > a.sdn"];
    let Some(mut command) = sandbox.traced(&["-y", "-s", "300", "-o", "trace", "-e", calls], &script) else { return };
    Run::of(&mut command).code(0);
    let trace = sandbox.read("trace");
    let lines: Vec<&str> = trace.lines().collect();
    let at = |from: usize, words: &[&str]| {
        let found = lines[from..].iter().position(|line| words.iter().all(|word| line.contains(word)));
        from + found.unwrap_or_else(|| panic!("no {words:?} from line {from} in {trace}"))
    };
    let folder = format!("<{}>", sandbox.root().canonicalize().unwrap().display());
    let start = lines.iter().position(|line| line.contains("execve(") && line.contains("[\"sh\"")).unwrap();
    let copies = [at(0, &["sync(", ".a.sdn.", ".undo"]), at(0, &["sync(", ".b.sdn.", ".undo"])];
    let pointer = at(0, &["rename", ".b.sdn.sdnlock-journal\""]);
    let hot = at(0, &["rename", ".a.sdn.sdnlock-journal\""]);
    assert!(copies[0] < hot && copies[1] < hot && pointer < hot);
    let names = lines[pointer..hot].iter().any(|line| line.contains("sync(") && line.contains(&folder));
    assert!(names, "the names of the copies are not on disk before the master is: {trace}");
    assert!(at(hot, &["sync(", &folder]) < start, "the journal is not on disk before the command starts");
    let written = at(start, &["sync(", "/a.sdn>"]);
    let committed = at(written, &["rename", ".a.sdn.sdnlock-journal\"", ".undo"]);
    let synced = at(committed, &["sync(", &folder]);
    let told = at(committed, &["write(2", "+n: 2"]);
    assert!(synced < told, "success was told before it was on disk");
}

#[test]
fn j3_a_transaction_that_lost_its_lock_leaves_the_journal_of_the_next_one() {
    let sandbox = three();
    let first = "echo > ready; while [ ! -e end ] && [ -e a.sdn ]; do sleep 0.01; done";
    let first = start(&mut sandbox.sdnlock(["exec", "--transaction", "a.sdn", "--", "sh", "-c", first]));
    wait_for("the first command to run", || sandbox.exists("ready"));
    // A foreign program breaks the lock; another transaction begins.
    fs::remove_file(sandbox.path("a.sdn.lock")).unwrap();
    let second = "echo 'n: 3' > a.sdn; echo > second; exec sleep 600";
    // The first one still has the database itself locked (L10), as long as nobody has replaced it.
    fs::copy(sandbox.path("a.sdn"), sandbox.path("a.tmp")).unwrap();
    fs::rename(sandbox.path("a.tmp"), sandbox.path("a.sdn")).unwrap();
    let second = start(&mut sandbox.sdnlock(["exec", "--transaction", "-w", "60", "a.sdn", "--", "sh", "-c", second]));
    wait_for("the second command to run", || sandbox.exists("second"));
    sandbox.write("end", "");
    Run::end_of(first).code(74).says("another program broke the lock of `a.sdn`");
    assert!(sandbox.exists(".a.sdn.sdnlock-journal"), "the journal of somebody else was removed");
    kill_process_group(Pid::from_child(&second), Signal::KILL).unwrap();
    Run::end_of(second);
    assert_eq!(sandbox.run(&["read", "a.sdn"]).code(0).stdout, "n: 1\n");
}

#[test]
fn j5_what_need_not_be_valid_is_not_undone_for_that() {
    let sandbox = three();
    let script = "echo 'Big Red Car' > a.sdn; : > b.sdn; echo > ready; exec sleep 600";
    let child = start(&mut sandbox.sdnlock(["exec", "--no-check", "a.sdn", "b.sdn", "--", "sh", "-c", script]));
    wait_for("the command to run", || sandbox.exists("ready"));
    kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
    Run::end_of(child);
    sandbox.run(&["read", "a.sdn"]).code(0);
    assert_eq!((sandbox.read("a.sdn"), sandbox.read("b.sdn")), ("Big Red Car\n".to_owned(), "n: 1\n".to_owned()));
}

#[test]
fn a_dry_run_of_what_is_not_valid_leaves_nothing() {
    let sandbox = three();
    sandbox.run(&["exec", "--dry-run", "a.sdn", "--", "sh", "-c", "echo 'Big Red Car' > a.sdn"]).code(65);
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "c.sdn"]);
}

#[test]
fn l12_readers_that_undo_a_change_wait_for_no_writer_who_waits_for_them() {
    let sandbox = three();
    let script = "echo > ready; while [ ! -e end ] && [ -e b.sdn ]; do sleep 0.01; done; echo 'n: 2' > a.sdn";
    let reader =
        start(&mut sandbox.sdnlock(["exec", "--shared", "-w", "forever", "a.sdn", "b.sdn", "--", "sh", "-c", script]));
    wait_for("the command to run", || sandbox.exists("ready"));
    let writer = start(&mut sandbox.sdnlock(["exec", "-w", "forever", "a.sdn", "b.sdn", "--", "true"]));
    wait_for("the writer to wait", || sandbox.exists(".a.sdn.sdnlock-queue"));
    sandbox.write("end", "");
    Run::end_of(reader).code(65).says("the command changed `a.sdn`, which it was to read only");
    Run::end_of(writer).code(0);
    assert_eq!(sandbox.read("a.sdn"), "n: 1\n");
}

/// Two folders with a database each, in the middle of a transaction whose process was killed.
fn killed_in_two_folders() -> Sandbox {
    let sandbox = Sandbox::new();
    for folder in ["all", "all/here", "all/there"] {
        fs::create_dir(sandbox.path(folder)).unwrap();
    }
    for name in ["all/here/a.sdn", "all/there/b.sdn"] {
        sandbox.write(name, "n: 1\n");
    }
    let script = "echo 'n: 2' > all/here/a.sdn; echo 'n: 2' > all/there/b.sdn; echo > ready; exec sleep 600";
    kill_when_ready(&sandbox, &mut sandbox.sdnlock(["exec", "--transaction", "all", "--", "sh", "-c", script]));
    sandbox
}

#[test]
fn j2_a_transaction_is_ended_where_its_folders_were_moved_together() {
    let sandbox = killed_in_two_folders();
    fs::rename(sandbox.path("all"), sandbox.path("moved")).unwrap();
    assert_eq!(sandbox.run(&["read", "moved/there/b.sdn"]).code(0).stdout, "n: 1\n");
    assert_eq!(sandbox.read("moved/here/a.sdn"), "n: 1\n");
}

#[test]
fn j2_a_transaction_is_ended_where_it_was_restored_from_a_backup() {
    let sandbox = killed_in_two_folders();
    Run::of(&mut sandbox.shell("cp -a all saved; rm -r all; tar cf saved.tar saved; rm -r saved; tar xf saved.tar"))
        .code(0);
    assert_eq!(sandbox.run(&["read", "saved/here/a.sdn"]).code(0).stdout, "n: 1\n");
    assert_eq!(sandbox.read("saved/there/b.sdn"), "n: 1\n");
}

#[test]
fn j2_a_copy_of_a_journal_that_bears_another_time_says_nothing() {
    let sandbox = killed_in_two_folders();
    // As a checkout makes them.
    Run::of(&mut sandbox.shell("cp -r all clone")).code(0);
    assert!(sandbox.run(&["status", "clone/here/a.sdn"]).code(0).stdout.contains("copied"));
    let read = sandbox.run(&["read", "clone/here/a.sdn"]).code(0).says("kept: `clone/here/a.sdn.before`");
    assert_eq!(read.stdout, "n: 2\n");
    sandbox.run(&["set", "clone/here/a.sdn", "n=3"]).code(0);
    assert_eq!(
        (sandbox.read("clone/here/a.sdn"), sandbox.read("clone/here/a.sdn.before")),
        ("n: 3\n".into(), "n: 1\n".into())
    );
    // A new transaction takes its place.
    sandbox
        .run(&["exec", "--transaction", "clone/here/a.sdn", "--", "sh", "-c", "echo 'n: 4' > clone/here/a.sdn"])
        .code(0);
    assert_eq!(sandbox.read("clone/here/a.sdn"), "n: 4\n");
    assert_eq!(sandbox.run(&["read", "all/here/a.sdn"]).code(0).stdout, "n: 1\n", "the original holds");
}

#[test]
fn j3_a_transaction_one_of_whose_folders_was_moved_is_not_taken_for_one_that_is_over() {
    let sandbox = killed_in_two_folders();
    fs::create_dir(sandbox.path("elsewhere")).unwrap();
    fs::rename(sandbox.path("all/there"), sandbox.path("elsewhere/there")).unwrap();
    let run = sandbox.run(&["read", "elsewhere/there/b.sdn"]).code(74);
    run.says("could not end the transaction").says("it points into a folder that is not there");
    let run = sandbox.run(&["read", "all/here/a.sdn"]).code(74);
    run.says("could not end the transaction").says("it names a database in").says("which is not there");
    fs::rename(sandbox.path("elsewhere/there"), sandbox.path("all/there")).unwrap();
    assert_eq!(sandbox.run(&["read", "all/there/b.sdn"]).code(0).stdout, "n: 1\n");
    assert_eq!(sandbox.read("all/here/a.sdn"), "n: 1\n");
}

#[test]
fn a_transaction_within_another_command_is_all_or_none_too() {
    let killed =
        "sdnlock exec -q --transaction a.sdn b.sdn -- sh -c 'echo \"n: 2\" > a.sdn; kill -9 $PPID; kill -9 $$'";
    for outer in [&[][..], &["--transaction"], &["--no-check"]] {
        for databases in [&["a.sdn", "b.sdn", "c.sdn"][..], &["a.sdn"], &["b.sdn"], &["c.sdn"]] {
            // Ended by the next one within, by the outer one at its end, and by the next one after both were killed.
            for then in ["sdnlock read -q a.sdn", "true", "kill -9 $PPID; kill -9 $$"] {
                let sandbox = three();
                let script = format!("{killed}; {then}");
                let arguments = [&["exec", "-q"], outer, databases, &["--", "sh", "-c", &script]].concat();
                Run::of(&mut sandbox.sdnlock(arguments));
                let what = format!("{outer:?} {databases:?} {then}");
                for name in ["a.sdn", "b.sdn", "c.sdn"] {
                    assert_eq!(sandbox.run(&["read", name]).code(0).stdout, "n: 1\n", "{what}");
                }
                let mut names = sandbox.names();
                names.retain(|name| !name.contains(".rejected"));
                assert_eq!(names, ["a.sdn", "b.sdn", "c.sdn"], "{what}");
            }
        }
    }
}

#[test]
fn what_a_transaction_within_another_command_changed_stays_with_it() {
    let sandbox = three();
    let inner = "sdnlock exec -q --transaction a.sdn b.sdn -- sh -c 'echo \"n: 2\" | tee a.sdn > b.sdn'";
    sandbox.run(&["exec", "-q", "a.sdn", "b.sdn", "--", "sh", "-c", inner]).code(0);
    assert_eq!((sandbox.read("a.sdn"), sandbox.read("b.sdn")), ("n: 2\n".to_owned(), "n: 2\n".to_owned()));
    let fails = format!("{}; exit 3", inner.replace("n: 2", "n: 3"));
    sandbox.run(&["exec", "-q", "--transaction", "a.sdn", "b.sdn", "--", "sh", "-c", &fails]).code(3);
    assert_eq!((sandbox.read("a.sdn"), sandbox.read("b.sdn")), ("n: 2\n".to_owned(), "n: 2\n".to_owned()));
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "c.sdn"]);
}

#[test]
fn a_journal_speaks_of_no_folder_in_which_nothing_points_back() {
    let sandbox = killed_in_two_folders();
    sandbox.write("all/there/b.sdn", "n: 7\n");
    fs::remove_file(sandbox.path("all/there/.b.sdn.sdnlock-journal")).unwrap();
    sandbox.run(&["read", "all/here/a.sdn"]).code(74).says("beside which nothing says so");
    assert_eq!(sandbox.read("all/there/b.sdn"), "n: 7\n");
}

/// A journal of which only the name was on disk when the power failed, and the time by which it is known.
fn torn(sandbox: &Sandbox, journal: &str, left: &[u8]) {
    let time = fs::metadata(sandbox.path(journal)).unwrap().modified().unwrap();
    sandbox.write(journal, left);
    File::options().write(true).open(sandbox.path(journal)).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_journal_that_is_not_whole_is_mended_by_the_next_one() {
    for left in
        [&b""[..], &[0; 300], b"sdnlock journal 2 00000000000000000000000000000001 ordinary - 1790000", b"junk\n"]
    {
        let sandbox = three();
        kill_when_ready(
            &sandbox,
            &mut sandbox.sdnlock(["exec", "a.sdn", "--", "sh", "-c", "echo > ready; exec sleep 600"]),
        );
        torn(&sandbox, ".a.sdn.sdnlock-journal", left);
        let run = sandbox.run(&["read", "a.sdn"]).code(0);
        assert_eq!((&*run.stdout, &*run.stderr), ("n: 1\n", ""));
        assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "c.sdn"]);
    }
}

#[test]
fn where_a_journal_is_not_whole_a_copy_that_is_brings_a_broken_database_back() {
    for left in ["", "n: \"x\n", "\0\0\0\0"] {
        let sandbox = three();
        let script = "echo > ready; exec sleep 600";
        kill_when_ready(&sandbox, &mut sandbox.sdnlock(["exec", "a.sdn", "--", "sh", "-c", script]));
        torn(&sandbox, ".a.sdn.sdnlock-journal", b"");
        sandbox.write("a.sdn", left);
        let run = sandbox.run(&["read", "a.sdn"]).code(0).says("`a.sdn` is again as it was before it");
        assert_eq!(run.stdout, "n: 1\n");
    }
    // Without one, nothing that there is of it is thrown away.
    let sandbox = three();
    let script = "echo > ready; exec sleep 600";
    kill_when_ready(&sandbox, &mut sandbox.sdnlock(["exec", "a.sdn", "--", "sh", "-c", script]));
    torn(&sandbox, ".a.sdn.sdnlock-journal", b"");
    sandbox.write("a.sdn", "");
    let copy = sandbox.names().into_iter().find(|name| name.contains(".undo")).unwrap();
    sandbox.write(&copy, "n: ");
    let run = sandbox.run(&["read", "a.sdn"]).code(0);
    run.says("what it held before was not on disk when the power failed; kept: `a.sdn.before`");
    assert_eq!(sandbox.read("a.sdn.before"), "n: ");
    sandbox.run(&["read", "a.sdn"]).code(0);
    assert_eq!(sandbox.names(), ["a.sdn", "a.sdn.before", "b.sdn", "c.sdn"]);
}

#[test]
fn where_the_journal_is_gone_a_whole_copy_brings_a_lost_database_back() {
    for (left, command) in [("", "read"), ("\0\0\0\0", "read"), ("n: \"x\0\n", "set"), ("", "set")] {
        let sandbox = three();
        let script = "echo > ready; exec sleep 600";
        kill_when_ready(&sandbox, &mut sandbox.sdnlock(["exec", "a.sdn", "--", "sh", "-c", script]));
        without_journal(&sandbox, left, true);
        let run =
            if command == "read" { sandbox.run(&["read", "a.sdn"]) } else { sandbox.run(&["set", "a.sdn", "n=1"]) };
        run.code(0).says("`a.sdn` is again as it was before it");
        assert_eq!(sandbox.read("a.sdn"), "n: 1\n");
        let mut names = sandbox.names();
        names.retain(|name| name != "a.sdn.rejected");
        assert_eq!(names, ["a.sdn", "b.sdn", "c.sdn"]);
    }
    // What is there may stay; and where the machine was not started anew, no power was cut.
    for (left, is_old) in [("n: 7\n", true), ("n: 7\n", false), ("", false)] {
        let sandbox = three();
        let script = "echo > ready; exec sleep 600";
        kill_when_ready(&sandbox, &mut sandbox.sdnlock(["exec", "a.sdn", "--", "sh", "-c", script]));
        without_journal(&sandbox, left, is_old);
        assert_eq!(sandbox.run(&["read", "a.sdn"]).code(0).stdout, left);
        sandbox.run_with(&["write", "a.sdn"], "n: 8\n").code(0);
        assert_eq!((sandbox.read("a.sdn"), sandbox.names().len()), ("n: 8\n".to_owned(), 3));
    }
}

/// Takes the journal of a killed command away, and makes its copy and what it left older than the machine is up.
fn without_journal(sandbox: &Sandbox, left: &str, is_old: bool) {
    fs::remove_file(sandbox.path(".a.sdn.sdnlock-journal")).unwrap();
    sandbox.write("a.sdn", left);
    let beside = sandbox.names().into_iter().filter(|name| is_old && (name == "a.sdn" || name.contains(".undo")));
    for name in beside {
        let file = File::options().append(true).open(sandbox.path(name)).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    }
}

#[test]
fn a_torn_journal_of_a_nested_transaction_leaves_the_copies_of_the_outer_one() {
    let sandbox = three();
    let script = "echo 'n: 2' > a.sdn; sdnlock exec a.sdn -- sh -c 'echo > ready; exec sleep 600'";
    kill_when_ready(
        &sandbox,
        &mut sandbox.sdnlock(["exec", "--transaction", "a.sdn", "b.sdn", "--", "sh", "-c", script]),
    );
    torn(&sandbox, ".a.sdn.sdnlock-nested1-journal", b"");
    assert_eq!(sandbox.run(&["read", "a.sdn"]).code(0).stdout, "n: 1\n");
    sandbox.run(&["set", "a.sdn", "n=3"]).code(0);
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "c.sdn"]);
    // Nor does one that is written over within a command that lives.
    let script = "echo junk > .a.sdn.sdnlock-nested1-journal; sdnlock set -q a.sdn n=4; echo 'n: \"x' > a.sdn";
    sandbox.run(&["exec", "-q", "a.sdn", "--", "sh", "-c", script]).code(65);
    assert_eq!(sandbox.read("a.sdn"), "n: 3\n");
}

#[test]
fn what_a_command_wrote_after_a_transaction_within_it_was_killed_is_kept() {
    let sandbox = three();
    let script = "sdnlock exec --transaction a.sdn -- sh -c 'echo n: 2 > a.sdn; kill -9 $PPID'; echo 'n: 5' > a.sdn";
    sandbox.run(&["exec", "a.sdn", "--", "sh", "-c", script]).code(65).says("kept: `a.sdn.rejected`");
    assert_eq!((sandbox.read("a.sdn"), sandbox.read("a.sdn.rejected")), ("n: 1\n".to_owned(), "n: 5\n".to_owned()));
}

#[test]
fn a_copied_journal_is_told_and_goes_and_nothing_is_thrown_away() {
    let sandbox = three();
    killed(&sandbox);
    let journal = File::options().append(true).open(sandbox.path(".a.sdn.sdnlock-journal")).unwrap();
    journal.set_modified(std::time::SystemTime::now()).unwrap();
    sandbox.run(&["set", "a.sdn", "n=9"]).code(0).says("kept: `a.sdn.before`");
    assert_eq!((sandbox.read("a.sdn"), sandbox.read("a.sdn.before")), ("n: 9\n".to_owned(), "n: 1\n".to_owned()));
    assert!(!sandbox.exists(".a.sdn.sdnlock-journal") && !sandbox.exists("a.sdn.lock"));
}

#[test]
fn a_command_that_writes_over_its_journal_is_in_nobodys_way() {
    let sandbox = three();
    for script in ["echo junk > .a.sdn.sdnlock-journal", "rm .a.sdn.sdnlock-journal", ": > .a.sdn.sdnlock-journal"] {
        let script = format!("{script}; echo 'n: 2' > a.sdn");
        sandbox.run(&["exec", "a.sdn", "--", "sh", "-c", &script]).code(0);
        assert_eq!(sandbox.run(&["read", "a.sdn"]).code(0).stdout, "n: 2\n");
        assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "c.sdn"]);
    }
}

#[cfg(debug_assertions)]
mod failpoints {
    use std::collections::BTreeSet;

    use sdnlock::disk::FAILPOINTS;

    use super::*;

    /// A way to write: what runs, and for each database what it may hold afterwards.
    struct Writer {
        arguments: &'static [&'static str],
        input: &'static str,
        /// Whether each database is old or new on its own, or all are the same.
        together: bool,
        new: &'static str,
    }

    const WRITERS: &[Writer] = &[
        Writer { arguments: &["set", "-q", "a.sdn", "n=2"], input: "", together: false, new: "n: 2\n" },
        Writer { arguments: &["write", "-q", "a.sdn"], input: "n: 2\n", together: false, new: "n: 2\n" },
        Writer { arguments: &["edit", "-q", "a.sdn"], input: "", together: false, new: "n: 2\n" },
        Writer {
            arguments: &["set", "-q", "--backups", "3", "a.sdn", "n=2"],
            input: "",
            together: false,
            new: "n: 2\n",
        },
        // Something that must give way.
        Writer {
            arguments: &["exec", "-q", "a.sdn", "b.sdn", "--", "sh", "-c", "rm a.sdn; mkdir a.sdn"],
            input: "",
            together: false,
            new: "n: 1\n",
        },
        // A text that cannot be written, and is kept aside.
        Writer { arguments: &["edit", "-q", "--if-match", "none", "a.sdn"], input: "", together: false, new: "n: 1\n" },
        Writer {
            arguments: &["exec", "-q", "a.sdn", "b.sdn", "--", "sh", "-c", "echo 'n: 2' > a.sdn; echo 'n: 2' > b.sdn"],
            input: "",
            together: false,
            new: "n: 2\n",
        },
        Writer {
            arguments: &[
                "exec",
                "-q",
                "a.sdn",
                "b.sdn",
                "--",
                "sh",
                "-c",
                "echo 'Big Red Car' > a.sdn; echo 'Big Red Car' > b.sdn",
            ],
            input: "",
            together: false,
            new: "n: 1\n",
        },
        Writer {
            arguments: &[
                "exec",
                "-q",
                "--transaction",
                "a.sdn",
                "b.sdn",
                "--",
                "sh",
                "-c",
                "echo 'n: 2' > a.sdn; echo 'n: 2' > b.sdn",
            ],
            input: "",
            together: true,
            new: "n: 2\n",
        },
        Writer {
            arguments: &[
                "exec",
                "-q",
                "--transaction",
                "a.sdn",
                "b.sdn",
                "--",
                "sh",
                "-c",
                "echo 'n: 2' > a.sdn; echo 'n: 2' > b.sdn; exit 1",
            ],
            input: "",
            together: true,
            new: "n: 1\n",
        },
    ];

    fn run_at(sandbox: &Sandbox, arguments: &[&str], input: &str, point: &str) -> Run {
        // What an editor that is killed leaves there, as it should be, goes with it.
        let elsewhere = Sandbox::new();
        let mut command = sandbox.sdnlock(arguments);
        command.env("TMPDIR", elsewhere.root());
        command.env("SDNLOCK_TEST_FAILPOINT", point).env("EDITOR", "sed -i s/1/2/").stdin(std::process::Stdio::piped());
        let mut child = start(&mut command);
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        Run::end_of(child)
    }

    #[test]
    fn a_writer_that_is_killed_anywhere_leaves_old_or_new_and_no_litter() {
        let mut reached = BTreeSet::new();
        for writer in WRITERS {
            for &point in FAILPOINTS {
                for time in 1..=3 {
                    let sandbox = three();
                    for number in 0..3 {
                        fs::write(sdnlock::disk::backup_path(&sandbox.path("a.sdn"), number), format!("n: {number}\n"))
                            .unwrap();
                    }
                    let run = run_at(&sandbox, writer.arguments, writer.input, &format!("{point}={time}"));
                    if run.code != 1000 + 9 {
                        break;
                    }
                    reached.insert(point);
                    let what = format!("{:?} killed at `{point}` ({time})", writer.arguments);
                    // Whoever comes next finds nothing to mend, and nobody in the way.
                    for name in ["b.sdn", "a.sdn"] {
                        let text = sandbox.run(&["read", "-n", name]).code(0).stdout;
                        assert!(text == "n: 1\n" || text == writer.new, "{what}: {name} holds {text:?}");
                    }
                    let now = ["a.sdn", "b.sdn"].map(|name| sandbox.read(name));
                    assert_eq!(
                        sdnlock::disk::backups(&sandbox.path("a.sdn")).unwrap().len(),
                        3,
                        "{what}: a backup is missing"
                    );
                    assert!(!writer.together || now[0] == now[1], "{what}: {now:?}");
                    assert_eq!(fs::metadata(sandbox.path("b.sdn")).unwrap().mode() & 0o777, 0o600, "{what}");
                    for name in ["a.sdn", "b.sdn", "c.sdn"] {
                        sandbox.run(&["exec", "-n", name, "--", "true"]).code(0);
                    }
                    let names: Vec<String> = sandbox
                        .names()
                        .into_iter()
                        .filter(|name| [".rejected", ".edited", ".bak"].iter().all(|kept| !name.contains(kept)))
                        .collect();
                    assert_eq!(names, ["a.sdn", "b.sdn", "c.sdn"], "{what}");
                }
            }
        }
        let missed: Vec<_> = FAILPOINTS.iter().filter(|point| !reached.contains(*point)).collect();
        assert!(missed.is_empty(), "never reached: {missed:?}");
    }

    #[test]
    fn what_was_rejected_is_kept_before_it_gives_way() {
        for how in [&["exec"][..], &["exec", "--transaction"]] {
            let sandbox = three();
            let arguments = [how, &["a.sdn", "--", "sh", "-c", "echo 'Big Red Car' > a.sdn"]].concat();
            assert_eq!(run_at(&sandbox, &arguments, "", "replace: folder synced").code, 1000 + 9);
            assert_eq!(sandbox.run(&["read", "a.sdn"]).code(0).stdout, "n: 1\n");
            assert_eq!(sandbox.read("a.sdn.rejected"), "Big Red Car\n");
        }
    }

    #[test]
    fn j5_a_recovery_that_is_killed_anywhere_is_ended_by_the_next_one() {
        let mut reached = 0;
        for &point in FAILPOINTS {
            for time in 1..=4 {
                let sandbox = three();
                let before = state(&sandbox);
                killed(&sandbox);
                if run_at(&sandbox, &["read", "b.sdn"], "", &format!("{point}={time}")).code != 1000 + 9 {
                    break;
                }
                reached += 1;
                // Once more, at the same place if it is still passed.
                run_at(&sandbox, &["read", "c.sdn"], "", point);
                assert_eq!(sandbox.run(&["read", "-n", "c.sdn"]).code(0).stdout, "n: 1\n");
                assert_eq!(state(&sandbox), before, "killed at `{point}` ({time})");
                for name in ["a.sdn", "b.sdn", "c.sdn", "new.sdn"] {
                    sandbox.run(&["exec", "-n", name, "--", "true"]).code(0);
                }
                assert_eq!(sandbox.names().len(), 3, "{point}: {:?}", sandbox.names());
            }
        }
        assert!(reached > 15, "only {reached} places were reached");
    }
}
