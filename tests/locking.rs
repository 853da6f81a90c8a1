//! The rules of the lock protocol, each by its number.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use sdnlock::disk::{Durability, ReplacePolicy};
use sdnlock::lock::{Event, HolderKind, Interrupt, LockError, LockProblem, LockRequest, Mode, Wait};
use sdnlock::{Error, FileLock, Locked, Outcome};
use support::{PATIENCE, Run, Sandbox, start, wait_for};

mod support;

fn holder_of(error: &LockError) -> sdnlock::lock::Holder {
    match &error.problem {
        LockProblem::Timeout { holder: Some(holder), .. } => holder.clone(),
        other => panic!("no holder in {other:?}"),
    }
}

/// Makes a lock file as a foreign program does, changed so long ago.
fn foreign_lock(path: &Path, content: &str, age: Duration) {
    fs::write(path, content).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn l1_while_a_lock_is_held_its_file_exists_and_is_locked() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let path = sandbox.path("todo_db.sdn");
    let lock = FileLock::acquire(&path, 10).unwrap();
    let file = File::open(sandbox.path("todo_db.sdn.lock")).unwrap();
    assert!(flock(&file, FlockOperation::NonBlockingLockShared).is_err());
    let again = FileLock::acquire(&path, Duration::from_millis(50)).unwrap_err();
    assert_eq!(holder_of(&again).pid, Some(std::process::id()));
    lock.release().unwrap();
    assert_eq!(sandbox.names(), ["todo_db.sdn"]);
}

#[test]
fn l2_nobody_ever_sees_an_incomplete_lock_file() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let path = sandbox.path("todo_db.sdn");
    let lock = sandbox.path("todo_db.sdn.lock");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..1000 {
                FileLock::acquire(&path, 10).unwrap().release().unwrap();
            }
            done.store(true, Ordering::SeqCst);
        });
        let mut seen = 0;
        while !done.load(Ordering::SeqCst) || seen == 0 {
            if let Ok(content) = fs::read_to_string(&lock) {
                assert!(content.ends_with('\n') && content.contains("\nstart: "), "{content:?}");
                seen += 1;
            }
        }
    });
}

#[test]
fn l3_the_first_lines_of_the_record_have_fixed_widths() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let lock = LockRequest::new().command("a test\nof records").one(sandbox.path("todo_db.sdn")).unwrap();
    let record = sandbox.read("todo_db.sdn.lock");
    let lines: Vec<&str> = record.lines().collect();
    assert_eq!(lines[0], format!("{:010}", std::process::id()));
    assert_eq!(lines[1].len(), 16);
    let words: Vec<&str> = lines[2].split(' ').collect();
    assert_eq!((words[0], words[1], words[2].len(), words[3]), ("sdnlock", "1", 32, "exclusive"));
    assert_eq!(lines[3], "command: a test?of records");
    drop(lock);
}

#[test]
fn l4_a_waiter_is_not_fooled_by_a_lock_file_that_is_gone() {
    // Everybody waits on a lock file that is removed when it is released: without the comparison of
    // file and path, two of them would hold "the" lock at once.
    let sandbox = Sandbox::with(&["config.sdn"]);
    let children: Vec<_> = (0..8)
        .map(|_| {
            let line =
                "for i in $(seq 25); do sdnlock set -q -w forever --no-durable config.sdn runs+=1 || exit 1; done";
            start(&mut sandbox.shell(line))
        })
        .collect();
    for child in children {
        Run::end_of(child).code(0);
    }
    assert_eq!(sandbox.run(&["get", "config.sdn", "runs"]).stdout, format!("{}\n", 41 + 8 * 25));
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn l5_the_lock_of_a_killed_process_is_free_at_once() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    // Its command goes on, and would keep the lock (L14).
    let script = "echo > ready; read line || :";
    let mut command = sandbox.sdnlock(["exec", "--close", "config.sdn", "--", "sh", "-c", script]);
    let mut child = start(command.stdin(Stdio::piped()));
    wait_for("the command to run", || sandbox.exists("ready"));
    child.kill().unwrap();
    let input = child.stdin.take();
    child.wait().unwrap();
    fs::remove_file(sandbox.path("ready")).unwrap();
    assert!(sandbox.exists("config.sdn.lock"));
    sandbox.run(&["set", "-n", "config.sdn", "runs=1"]).code(0);
    drop(input);
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn l5_a_live_foreign_lock_is_waited_for() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let lock = sandbox.path("config.sdn.lock");
    for content in
        [String::new(), format!("{}:{}", std::process::id(), host()), format!("{}\n{}", std::process::id(), micros())]
    {
        foreign_lock(&lock, &content, Duration::ZERO);
        let begun = Instant::now();
        let error = FileLock::acquire(sandbox.path("config.sdn"), Duration::from_millis(300)).unwrap_err();
        assert!(begun.elapsed() >= Duration::from_millis(300));
        assert_eq!(holder_of(&error).pid.is_some(), !content.is_empty());
        assert_eq!(fs::read_to_string(&lock).unwrap(), content, "it was touched");
    }
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| FileLock::acquire(sandbox.path("config.sdn"), PATIENCE).unwrap());
        wait_for("it to wait", || sandbox.exists(".config.sdn.sdnlock-queue"));
        fs::remove_file(&lock).unwrap();
        drop(waiting.join().unwrap());
    });
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn l5_a_stale_foreign_lock_is_taken_over_and_told() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let dead = "2000000000\n1";
    for (content, age) in [("", 61), (dead, 0), ("2000000000:elsewhere", 61)] {
        foreign_lock(&sandbox.path("config.sdn.lock"), content, Duration::from_secs(age));
        let mut told = Vec::new();
        let lock = LockRequest::new()
            .wait(Wait::No)
            .one_telling(sandbox.path("config.sdn"), &mut |event| {
                if let Event::TookOver { holder, .. } = event {
                    told.push(holder.kind);
                }
            })
            .unwrap();
        assert_eq!(told.len(), 1, "{content:?}");
        assert!(lock.is_intact().unwrap());
        drop(lock);
        assert_eq!(sandbox.names(), ["config.sdn"]);
    }
    foreign_lock(&sandbox.path("config.sdn.lock"), dead, Duration::ZERO);
    sandbox.run(&["set", "config.sdn", "runs=1"]).code(0).says("took over the lock that was left of `config.sdn`");
}

#[test]
fn l5_a_foreign_lock_that_is_dated_in_the_future_keeps_nobody_out_until_then() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let lock = sandbox.path("config.sdn.lock");
    let plant = |content: &str, ahead: u64| {
        foreign_lock(&lock, content, Duration::ZERO);
        let file = fs::File::options().write(true).open(&lock).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(ahead)).unwrap();
    };
    for content in ["", "any text", "7:elsewhere"] {
        // A day: on the file systems of several machines clocks may be apart by an hour.
        plant(content, 24 * 60 * 60);
        let seen = sandbox.run(&["status", "config.sdn"]).code(0).stdout;
        assert!(seen.contains("silent") && seen.contains("dated in the future"), "{seen}");
        sandbox.run(&["set", "-n", "config.sdn", "runs=1"]).code(0).says("took over the lock that was left");
        assert_eq!(sandbox.names(), ["config.sdn"]);
    }
    // A clock may be a little ahead, and who lives holds a lock.
    plant("", 20);
    sandbox.run(&["set", "-n", "config.sdn", "runs=1"]).code(75);
    plant(&format!("{}:{}", std::process::id(), host()), 24 * 60 * 60);
    sandbox.run(&["set", "-n", "config.sdn", "runs=1"]).code(75);
}

#[test]
fn l5_nothing_of_the_old_record_is_left_when_it_is_taken_over() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let long = format!("2000000000\n1\n{}", "x".repeat(5000));
    foreign_lock(&sandbox.path("config.sdn.lock"), &long, Duration::ZERO);
    let lock = FileLock::try_acquire(sandbox.path("config.sdn")).unwrap();
    let record = sandbox.read("config.sdn.lock");
    assert!(!record.contains('x') || !record.contains("xx"), "{record}");
    assert!(record.starts_with(&format!("{:010}\n", std::process::id())));
    lock.release().unwrap();
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn l6_a_release_leaves_the_lock_file_of_somebody_else() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let lock = FileLock::acquire(sandbox.path("config.sdn"), 10).unwrap();
    fs::remove_file(sandbox.path("config.sdn.lock")).unwrap();
    sandbox.write("config.sdn.lock", "7:elsewhere");
    assert!(!lock.is_intact().unwrap());
    lock.release().unwrap();
    assert_eq!(sandbox.read("config.sdn.lock"), "7:elsewhere");
    // Overwritten in place, as the Simple side does it, it is not ours either.
    fs::remove_file(sandbox.path("config.sdn.lock")).unwrap();
    let lock = FileLock::acquire(sandbox.path("config.sdn"), 10).unwrap();
    sandbox.write("config.sdn.lock", "7\n1790000000000000");
    drop(lock);
    assert_eq!(sandbox.read("config.sdn.lock"), "7\n1790000000000000");
}

#[test]
fn l7_readers_share_a_lock_and_the_last_one_removes_it() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let path = sandbox.path("config.sdn");
    let shared = LockRequest::new().shared().wait(Wait::No);
    let first = shared.one(&path).unwrap();
    let second = shared.one(&path).unwrap();
    assert_eq!(first.mode(), Mode::Shared);
    let writer = FileLock::try_acquire(&path).unwrap_err();
    assert_eq!(holder_of(&writer).kind, HolderKind::Sdnlock(Mode::Shared));
    first.release().unwrap();
    assert!(sandbox.exists("config.sdn.lock"));
    second.release().unwrap();
    assert_eq!(sandbox.names(), ["config.sdn"]);
    drop(FileLock::try_acquire(&path).unwrap());
}

#[test]
fn l7_whoever_comes_stands_behind_those_who_wait() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let queue = File::create(sandbox.path(".config.sdn.sdnlock-queue")).unwrap();
    flock(&queue, FlockOperation::LockExclusive).unwrap();
    // The lock itself is free, but somebody stands in the queue.
    sandbox.run(&["set", "-n", "config.sdn", "runs=1"]).code(75);
    sandbox.run(&["get", "-w", "50ms", "config.sdn", "runs"]).code(75);
    let waiting = start(&mut sandbox.sdnlock(["set", "config.sdn", "runs=7"]));
    fs::remove_file(sandbox.path(".config.sdn.sdnlock-queue")).unwrap();
    drop(queue);
    Run::end_of(waiting).code(0);
    assert!(sandbox.read("config.sdn").contains("runs: 7"));
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

/// Stops `set` behind its first or second sync, that of the file before the rename or that of the folder behind it;
/// breaks the lock meanwhile, as a foreign program does, and holds it until that is noticed.
fn broken_in_the_pause(sync: u32, and: impl FnOnce(&Sandbox)) -> Option<(Sandbox, Run)> {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let stop = format!("inject=fsync:signal=SIGSTOP:when={sync}");
    let options = ["-o", "trace", "-e", "trace=fsync", "-e", &stop];
    let mut command = sandbox.traced(&options, &["set", "-w", "60", "config.sdn", "runs+=1"])?;
    let setting = start(&mut command);
    let mut stopped = None;
    wait_for("it to stop", || {
        let trace = fs::read_to_string(sandbox.path("trace")).unwrap_or_default();
        let line = trace.lines().find(|line| line.contains("stopped by SIGSTOP"));
        stopped = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).and_then(Pid::from_raw);
        stopped.is_some()
    });
    assert_eq!(sandbox.read("config.sdn").contains("runs: 42"), sync == 2, "it stopped elsewhere");
    fs::remove_file(sandbox.path("config.sdn.lock")).unwrap();
    foreign_lock(&sandbox.path("config.sdn.lock"), "", Duration::ZERO);
    and(&sandbox);
    kill_process(stopped.unwrap(), Signal::CONT).unwrap();
    wait_for("it to notice and wait", || sandbox.exists(".config.sdn.sdnlock-queue"));
    fs::remove_file(sandbox.path("config.sdn.lock")).unwrap();
    let run = Run::end_of(setting);
    fs::remove_file(sandbox.path("trace")).unwrap();
    assert_eq!(sandbox.names(), ["config.sdn"]);
    Some((sandbox, run))
}

#[test]
fn l9_a_computed_change_starts_over_when_the_lock_is_broken_before_the_rename() {
    let theirs = |sandbox: &Sandbox| {
        let content = sandbox.read("config.sdn").replace("runs: 41", "runs: 100");
        sandbox.write("config.sdn", content);
    };
    let Some((sandbox, run)) = broken_in_the_pause(1, theirs) else { return };
    run.code(0).says("+runs: 101");
    assert!(sandbox.read("config.sdn").contains("runs: 101\n"));
}

#[test]
fn l9_a_change_that_is_still_there_when_the_lock_was_broken_after_the_rename_succeeded() {
    let Some((sandbox, run)) = broken_in_the_pause(2, |_| ()) else { return };
    run.code(0).says("+runs: 42");
    assert!(sandbox.read("config.sdn").contains("runs: 42\n"));
}

#[test]
fn l9_a_change_that_is_gone_when_the_lock_was_broken_after_the_rename_is_no_success() {
    // They replace it as they do, by a new file.
    let replaced = |sandbox: &Sandbox| {
        sandbox.write("config.sdn.tmp", "runs: 7\n");
        fs::rename(sandbox.path("config.sdn.tmp"), sandbox.path("config.sdn")).unwrap();
    };
    let Some((sandbox, run)) = broken_in_the_pause(2, replaced) else { return };
    run.code(74).says("wrote `config.sdn`, but another program broke its lock and may have overwritten it");
    assert_eq!(sandbox.read("config.sdn"), "runs: 7\n");
}

#[test]
fn l9_a_broken_lock_keeps_the_change_from_being_made() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    let mut locked = Locked::open(sandbox.path("config.sdn"), &LockRequest::new()).unwrap();
    fs::remove_file(sandbox.path("config.sdn.lock")).unwrap();
    sandbox.write("config.sdn.lock", "");
    let error = locked.replace(b"version: 4\n", ReplacePolicy::default()).unwrap_err();
    assert!(matches!(error, Error::LockLost { .. }), "{error:?}");
    assert_eq!(sandbox.read("config.sdn"), before);
    drop(locked);
    assert_eq!(sandbox.names_but_undo(), ["config.sdn", "config.sdn.lock"]);
}

#[test]
fn l9_a_change_by_a_program_that_ignores_the_lock_is_seen() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let mut locked = Locked::open(sandbox.path("config.sdn"), &LockRequest::new()).unwrap();
    sandbox.write("config.sdn", "version: 9\n");
    let outcome = locked.replace(b"version: 4\n", ReplacePolicy::default()).unwrap();
    assert!(matches!(outcome, Outcome::Moved), "{outcome:?}");
    assert_eq!(sandbox.read("config.sdn"), "version: 9\n");
    assert_eq!(locked.content().unwrap().bytes(), b"version: 9\n");
    let outcome = locked.replace(b"version: 10\n", ReplacePolicy::default()).unwrap();
    assert!(matches!(outcome, Outcome::Written(_)), "{outcome:?}");
    // The same size, and the same moment as far as the clock of the file system tells.
    for n in 10..99 {
        let text = format!("version: {n}\n");
        locked.reload().unwrap();
        sandbox.write("config.sdn", format!("version: {}\n", n + 1));
        let outcome = locked
            .replace(text.as_bytes(), ReplacePolicy { durability: Durability::Never, ..ReplacePolicy::default() });
        assert!(!matches!(outcome.unwrap(), Outcome::Written(_)), "{n}");
        sandbox.write("config.sdn", text);
    }
}

#[test]
fn l11_a_link_and_its_target_share_one_lock() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    fs::create_dir(sandbox.path("sub")).unwrap();
    symlink("../config.sdn", sandbox.path("sub/link.sdn")).unwrap();
    symlink("sub/link.sdn", sandbox.path("twice.sdn")).unwrap();
    let lock = FileLock::acquire(sandbox.path("sub/../twice.sdn"), 10).unwrap();
    assert!(sandbox.exists("config.sdn.lock") && !sandbox.exists("twice.sdn.lock"));
    assert!(FileLock::try_acquire(sandbox.path("config.sdn")).is_err());
    assert!(FileLock::try_acquire(sandbox.path("./sub/link.sdn")).is_err());
    fs::hard_link(sandbox.path("config.sdn"), sandbox.path("other.sdn")).unwrap();
    drop(FileLock::try_acquire(sandbox.path("other.sdn")).expect("a hard link has a lock of its own"));
    drop(lock);
    let both = LockRequest::new().wait(Wait::No).all([sandbox.path("config.sdn"), sandbox.path("other.sdn")]).unwrap();
    assert!(sandbox.exists("config.sdn.lock") && sandbox.exists("other.sdn.lock"));
    drop(both);
    let new = FileLock::acquire(sandbox.path("sub/new.sdn"), 10).unwrap();
    assert!(sandbox.exists("sub/new.sdn.lock") && !sandbox.exists("sub/new.sdn"));
    drop(new);
}

#[test]
fn l12_several_databases_are_locked_in_one_order() {
    let sandbox = Sandbox::new();
    let paths: Vec<_> = ["a.sdn", "b.sdn", "c.sdn", "d.sdn"].map(|name| sandbox.write(name, "")).to_vec();
    let mut reversed = paths.clone();
    reversed.reverse();
    reversed.push(sandbox.path("./a.sdn"));
    std::thread::scope(|scope| {
        for paths in [&paths, &reversed] {
            scope.spawn(move || {
                for _ in 0..200 {
                    let locks = LockRequest::new().wait(60).all(paths).unwrap();
                    let locked: Vec<_> = locks.iter().map(|lock| lock.path().file_name().unwrap().to_owned()).collect();
                    assert_eq!(locked, ["a.sdn", "b.sdn", "c.sdn", "d.sdn"]);
                }
            });
        }
    });
    let held = FileLock::acquire(&paths[2], 10).unwrap();
    let error = LockRequest::new().wait(Wait::No).all(&reversed).unwrap_err();
    assert_eq!(error.path, paths[2]);
    drop(held);
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "c.sdn", "d.sdn"]);
}

#[test]
fn l15_a_waiter_gets_the_lock_when_it_is_released() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let waiting = start(&mut sandbox.sdnlock(["set", "config.sdn", "runs=7"]));
    wait_for("the waiter to queue", || sandbox.exists(".config.sdn.sdnlock-queue"));
    assert!(!sandbox.read("config.sdn").contains("runs: 7"));
    holder.end().code(0);
    Run::end_of(waiting).code(0);
    assert!(sandbox.read("config.sdn").contains("runs: 7"));
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn l15_the_wait_ends_at_its_deadline_and_names_the_holder() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let begun = Instant::now();
    let run = sandbox.run(&["set", "-w", "2s", "config.sdn", "runs=7"]).code(75);
    assert!(begun.elapsed() >= Duration::from_secs(2));
    let run =
        run.says("error: could not lock `config.sdn` within 2 s").says("(maria) by `sdnlock exec config.sdn -- sh -c");
    let run = run.says("note: waiting for the lock of `config.sdn`, held by pid");
    run.says(" hint: wait longer with `--timeout 60s`");
    sandbox.run(&["set", "-n", "-E", "9", "config.sdn", "runs=7"]).code(9).says("at once");
    sandbox.run(&["set", "-w", "0", "config.sdn", "runs=7"]).code(75);
    drop(holder);
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn l15_what_is_over_soon_is_not_told() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let run = sandbox.run(&["set", "-w", "50ms", "config.sdn", "runs=7"]).code(75);
    assert!(!run.stderr.contains("note: waiting"), "{}", run.stderr);
    assert_eq!(sandbox.names_but_undo(), ["config.sdn", "config.sdn.lock"]);
    drop(holder);
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn l15_the_wait_is_that_of_the_option_then_of_the_environment_then_ten_seconds() {
    assert_eq!(Wait::default(), Wait::AtMost(Duration::from_secs(10)));
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let run = |arguments: &[&str], variable: &str| {
        Run::of(sandbox.sdnlock(["get", "config.sdn", "runs"]).args(arguments).env("SDNLOCK_TIMEOUT", variable))
    };
    run(&[], "30ms").code(75).says("within 30 ms");
    run(&["-w", "20ms"], "forever").code(75).says("within 20 ms");
    run(&["-n"], "forever").code(75).says("at once");
    run(&[], "never").code(2).says("the environment variable SDNLOCK_TIMEOUT is `never`: expected a duration");
    holder.end().code(0);
    for huge in ["", "forever", "99999999999999"] {
        assert_eq!(run(&[], huge).code(0).stdout, "41\n");
    }
}

#[test]
fn l15_a_signal_ends_the_wait_at_once_and_leaves_nothing() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let waiting = start(&mut sandbox.sdnlock(["set", "-w", "forever", "config.sdn", "runs=7"]));
        wait_for("the waiter to queue", || sandbox.exists(".config.sdn.sdnlock-queue"));
        kill_process(Pid::from_child(&waiting), signal).unwrap();
        Run::end_of(waiting).code(code).says("error: interrupted");
        assert_eq!(sandbox.names_but_undo(), ["config.sdn", "config.sdn.lock"]);
    }
    drop(holder);
}

#[test]
fn l15_an_interrupt_ends_the_wait_of_a_thread() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let held = FileLock::acquire(sandbox.path("config.sdn"), 10).unwrap();
    let interrupt = Interrupt::new();
    std::thread::scope(|scope| {
        let request = LockRequest::new().wait(Wait::Forever).interrupt(&interrupt);
        let waiting = scope.spawn(move || request.one(sandbox.path("config.sdn")).unwrap_err());
        interrupt.trigger();
        assert!(matches!(waiting.join().unwrap().problem, LockProblem::Interrupted));
    });
    drop(held);
}

#[test]
fn l16_a_link_or_folder_in_place_of_the_lock_file_is_an_error() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    sandbox.write("target", "mine");
    symlink("target", sandbox.path("config.sdn.lock")).unwrap();
    sandbox.run(&["set", "config.sdn", "runs=1"]).code(74).says("is a symbolic link, where the lock file would be");
    assert_eq!(sandbox.read("target"), "mine");
    fs::remove_file(sandbox.path("config.sdn.lock")).unwrap();
    symlink("nowhere", sandbox.path("config.sdn.lock")).unwrap();
    sandbox.run(&["set", "config.sdn", "runs=1"]).code(74).says("is a symbolic link");
    fs::remove_file(sandbox.path("config.sdn.lock")).unwrap();
    fs::create_dir(sandbox.path("config.sdn.lock")).unwrap();
    sandbox.run(&["set", "config.sdn", "runs=1"]).code(74).says("is a folder, where the lock file would be");
    fs::remove_dir(sandbox.path("config.sdn.lock")).unwrap();
    assert_eq!(sandbox.names(), ["config.sdn", "target"]);
}

#[test]
fn l16_the_lock_file_is_for_those_for_whom_the_database_is() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with(&["config.sdn"]);
    let mode = |name: &str| fs::metadata(sandbox.path(name)).unwrap().permissions().mode() & 0o7777;
    for (database, lock) in [(0o600, 0o600), (0o444, 0o644), (0o755, 0o644), (0o4640, 0o640)] {
        fs::set_permissions(sandbox.path("config.sdn"), fs::Permissions::from_mode(database)).unwrap();
        let held = FileLock::acquire(sandbox.path("config.sdn"), 10).unwrap();
        assert_eq!(mode("config.sdn.lock") | 0o022 & lock, lock, "of {database:o}");
        let waiting = start(&mut sandbox.sdnlock(["get", "config.sdn", "runs"]));
        wait_for("the waiter to queue", || sandbox.exists(".config.sdn.sdnlock-queue"));
        assert_eq!(mode(".config.sdn.sdnlock-queue") | 0o022 & lock, lock, "of {database:o}");
        drop(held);
        Run::end_of(waiting).code(0);
    }
}

#[test]
fn l16_in_a_folder_that_cannot_be_written_readers_go_on_and_writers_fail() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with(&["config.sdn"]);
    fs::set_permissions(sandbox.root(), fs::Permissions::from_mode(0o555)).unwrap();
    let run = |arguments: &[&str]| sandbox.unprivileged(arguments);
    let read = run(&["get", "config.sdn", "runs"]).code(0);
    assert_eq!(read.stdout, "41\n");
    read.says("note: reading `config.sdn` without a lock: could not make `").says("config.sdn.lock`: no permission");
    run(&["get", "--no-lock", "config.sdn", "runs"]).code(0);
    run(&["set", "config.sdn", "runs=1"]).code(77).says("no permission");
    fs::set_permissions(sandbox.root(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn names_of_the_protocol_cannot_be_locked() {
    let sandbox = Sandbox::new();
    for name in ["a.sdn.lock", ".a.sdn.sdnlock-queue"] {
        let error = FileLock::try_acquire(sandbox.path(name)).unwrap_err();
        assert!(matches!(error.problem, LockProblem::ReservedName), "{error:?}");
    }
    let error = FileLock::try_acquire(sandbox.path("none/a.sdn")).unwrap_err();
    assert!(matches!(error.problem, LockProblem::NoFolder), "{error:?}");
    for folder in ["", "new.sdn/"] {
        let error = FileLock::try_acquire(sandbox.path(folder)).unwrap_err();
        assert!(matches!(error.problem, LockProblem::IsFolder), "{error:?}");
    }
    let long = "x".repeat(250);
    let error = FileLock::try_acquire(sandbox.path(&long)).unwrap_err();
    assert!(matches!(error.problem, LockProblem::NameTooLong { .. }), "{error:?}");
}

fn micros() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros()
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[test]
fn l16_on_a_file_system_without_locks_readers_go_on_and_writers_fail() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let run = |inject: &str, arguments: &[&str]| {
        Some(Run::of(&mut sandbox.traced(&["-o", "/dev/null", "-e", inject], arguments)?))
    };
    for error in ["ENOLCK", "EOPNOTSUPP"] {
        let inject = format!("inject=flock:error={error}");
        let Some(set) = run(&inject, &["set", "config.sdn", "runs=1"]) else { return };
        set.code(74).says("could not lock `config.sdn`").says("could not make `");
        let get = run(&inject, &["get", "config.sdn", "runs"]).unwrap().code(0);
        assert_eq!(get.stdout, "41\n");
        get.says("note: reading `config.sdn` without a lock: could not make `");
        assert_eq!(sandbox.names(), ["config.sdn"]);
    }
}

#[test]
fn l16_on_a_full_disk_or_a_read_only_one_nothing_hangs_and_nothing_is_left() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    fs::create_dir(sandbox.path("disk")).unwrap();
    let mounted = |options: &str, script: &str| {
        let script = format!(
            "mount -t tmpfs -o size=64k none disk && cp config.sdn disk/ && cd disk && {options} || exit 99; {script}"
        );
        Run::of(&mut sandbox.shell(&format!("exec unshare --mount --map-root-user bash -c '{script}'")))
    };
    let full = "! cat /dev/zero > rest 2>/dev/null";
    let run = mounted(full, "sdnlock set config.sdn runs=1; echo $?; sdnlock get config.sdn runs; ls -A");
    if run.code == 99 || run.code == 1 {
        return support::not_tested("mount");
    }
    assert_eq!(run.stdout, "74\n41\nconfig.sdn\nrest\n", "{}", run.stderr);
    run.says("no space left on the device").says("note: reading `config.sdn` without a lock");
    let read_only = "mount -o remount,ro .";
    let run = mounted(read_only, "sdnlock set config.sdn runs=1; echo $?; sdnlock get config.sdn runs; ls -A");
    assert_eq!(run.stdout, "77\n41\nconfig.sdn\n", "{}", run.stderr);
    run.says("the file system is read-only").says("note: reading `config.sdn` without a lock");
}

/// Whether somebody holds the lock of this file.
fn is_locked(sandbox: &Sandbox, name: &str) -> bool {
    File::open(sandbox.path(name)).is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

#[test]
fn l15_nobody_polls_while_an_sdnlock_holds_the_lock() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let options = ["-o", "trace", "-e", "trace=open,openat,flock"];
    let Some(mut command) = sandbox.traced(&options, &["set", "-q", "-w", "60", "config.sdn", "runs=7"]) else {
        return;
    };
    let waiting = start(&mut command);
    wait_for("the waiter to queue", || sandbox.exists(".config.sdn.sdnlock-queue"));
    // Once a second it looks who holds the lock, to tell it.
    let calls = || sandbox.read("trace").lines().filter(|line| line.contains("config.sdn")).count();
    wait_for("it to look again", {
        let first = calls();
        move || calls() > first + 4
    });
    let (before, begun) = (calls(), Instant::now());
    wait_for("it to look ten times more", || calls() >= before + 10);
    assert!(begun.elapsed() >= Duration::from_secs(2), "10 calls in {:?}", begun.elapsed());
    holder.end().code(0);
    Run::end_of(waiting).code(0);
}

#[test]
fn l15_whoever_is_first_in_the_queue_is_named() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let first = start(&mut sandbox.sdnlock(["set", "-w", "60", "config.sdn", "runs=7"]));
    wait_for("the waiter to be first in the queue", || is_locked(&sandbox, ".config.sdn.sdnlock-queue"));
    kill_process(Pid::from_child(&first), Signal::STOP).unwrap();
    holder.end().code(0);
    let run = sandbox.run(&["get", "-w", "100ms", "config.sdn", "runs"]).code(75);
    if cfg!(target_os = "linux") {
        run.says(&format!("held: pid {} (", first.id()))
            .says("by `sdnlock set -w 60 config.sdn runs=7`, which is next but stopped");
    }
    kill_process(Pid::from_child(&first), Signal::CONT).unwrap();
    Run::end_of(first).code(0);
}

#[test]
fn l15_an_interrupt_of_one_wait_does_not_end_the_next_one() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let path = sandbox.path("config.sdn");
    let held = FileLock::acquire(&path, 10).unwrap();
    let (first, second, third) = (Interrupt::new(), Interrupt::new(), Interrupt::new());
    LockRequest::new().wait(Duration::from_millis(50)).interrupt(&first).one(&path).unwrap_err();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| LockRequest::new().wait(PATIENCE).interrupt(&second).one(&path));
        wait_for("it to wait", || sandbox.exists(".config.sdn.sdnlock-queue"));
        first.trigger();
        // What is told later has its effect already.
        let other = scope.spawn(|| LockRequest::new().wait(PATIENCE).interrupt(&third).one(&path));
        third.trigger();
        assert!(matches!(other.join().unwrap().unwrap_err().problem, LockProblem::Interrupted));
        assert!(!waiting.is_finished());
        held.release().unwrap();
        drop(waiting.join().unwrap().unwrap());
    });
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let sandbox = Sandbox::new();
    Run::of(&mut sandbox.shell("mkfifo pipe.sdn")).code(0);
    for arguments in
        [&["read", "pipe.sdn"][..], &["get", "pipe.sdn", "a"], &["check", "pipe.sdn"], &["set", "pipe.sdn", "a=1"]]
    {
        sandbox.run(arguments).code(74).says("it is no regular file");
    }
}
