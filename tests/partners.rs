//! `sdnlock` among the existing programs.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::time::{Duration, Instant};

use partners::{ALL, Kind, Partner, increments, number};
use rustix::process::{Pid, Signal, kill_process};
use support::{PATIENCE, Run, Sandbox, start, wait_for};

#[path = "support/partners.rs"]
mod partners;
mod support;

/// Not a test of its own: other tests start it as a process that plays a partner.
#[test]
fn plays_a_partner() {
    partners::play();
}

fn counter() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("n.sdn", "n: 0\n");
    sandbox
}

#[test]
fn l5_l10_sdnlock_waits_for_each_partner_and_names_it() {
    for kind in ALL {
        let sandbox = counter();
        let path = sandbox.path("n.sdn");
        let mut partner = Partner::hold(kind, &path, PATIENCE);
        assert!(partner.has_locked());
        let begun = Instant::now();
        let run = sandbox.run(&["set", "-w", "300ms", "n.sdn", "n+=1"]).code(75);
        assert!(begun.elapsed() >= Duration::from_millis(300), "{kind:?}");
        let pid = format!("held: pid {} ", partner.pid());
        match kind {
            Kind::Driver => run.says("by its empty lock file the Rust driver, for "),
            Kind::Interpreter => run.says(&pid).says("by its lock file the Simple interpreter, for "),
            Kind::SimpleTool => run.says(&pid).says("by its lock file a Simple tool, for "),
            Kind::Runtime => run.says(&pid).says("which locks the file itself"),
        };
        sandbox.run(&["get", "-n", "n.sdn", "n"]).code(75);
        let waiting = start(&mut sandbox.sdnlock(["set", "-w", "60", "n.sdn", "n+=1"]));
        wait_for("it to wait", || sandbox.names().len() > 2 || kind == Kind::Runtime);
        partner.end();
        Run::end_of(waiting).code(0);
        assert_eq!(sandbox.read("n.sdn"), "n: 1\n");
        assert_eq!(sandbox.names(), ["n.sdn"]);
    }
}

#[test]
fn l1_l10_each_partner_waits_for_sdnlock() {
    for kind in ALL {
        let sandbox = counter();
        let path = sandbox.path("n.sdn");
        let holder = sandbox.hold("n.sdn");
        let mut impatient = Partner::hold(kind, &path, Duration::from_millis(100));
        assert!(!impatient.has_locked(), "{kind:?} got a lock that is held");
        impatient.end();
        let mut patient = Partner::hold(kind, &path, PATIENCE);
        holder.end().code(0);
        assert!(patient.has_locked());
        patient.end();
        assert_eq!(sandbox.names(), ["n.sdn"]);
    }
}

#[test]
fn l10_a_replaced_database_is_locked_all_the_time() {
    // A program that locks the database itself opens what is there: were the new file not locked before
    // it has its name, it would get in while the lock is still held.
    let sandbox = counter();
    let path = sandbox.path("n.sdn");
    let mut locked = sdnlock::Locked::open(&path, &sdnlock::lock::LockRequest::new()).unwrap();
    for n in 1..20 {
        let outcome = locked.replace(format!("n: {n}\n").as_bytes(), sdnlock::disk::ReplacePolicy::default());
        assert!(matches!(outcome, Ok(sdnlock::Outcome::Written(_))));
        let database = fs::File::open(&path).unwrap();
        assert!(rustix::fs::flock(&database, rustix::fs::FlockOperation::NonBlockingLockShared).is_err(), "{n}");
    }
    locked.release().unwrap();
    let database = fs::File::open(&path).unwrap();
    rustix::fs::flock(&database, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
}

/// Lets `sdnlock` increment in all its ways, among partners of these kinds; says how many increments
/// were acknowledged by it, by the partners, and have arrived.
fn increments_among(kinds: &[Kind], rounds: u32) -> (u64, u64, u64) {
    let sandbox = counter();
    let path = sandbox.path("n.sdn");
    // In place, and by rename.
    sandbox.script(
        "inc.sh",
        "n=$(sed -n 's/n: //p' n.sdn)\nif [ $((n % 2)) = 0 ]; then echo \"n: $((n+1))\" > n.sdn; else echo \"n: $((n+1))\" > $$.tmp; mv $$.tmp n.sdn; fi",
    );
    let ways = [
        "sdnlock set -q --no-durable -w forever n.sdn n+=1",
        "sdnlock exec -q -w forever n.sdn -- ./inc.sh",
        "tag=$(sdnlock read -w forever --tag n.sdn 2>&1 >copy.$$ | tail -n 1); n=$(sed -n 's/n: //p' copy.$$); echo \"n: $((n+1))\" | sdnlock write -q --no-durable -w forever --if-match $tag n.sdn",
    ];
    let own: Vec<_> = ways
        .iter()
        .map(|way| {
            let line = format!("ok=0; for i in $(seq {rounds}); do ( {way} ) 2>>said && ok=$((ok+1)); done; echo $ok");
            start(&mut sandbox.shell(&line))
        })
        .collect();
    let theirs: Vec<_> = kinds
        .iter()
        .map(|&kind| {
            start(&mut partners::command(kind, &(rounds * 2).to_string(), &path, PATIENCE * support::scaled(1)))
        })
        .collect();
    let own = own.into_iter().map(|child| Run::end_of(child).code(0).stdout.trim().parse::<u64>().unwrap()).sum();
    let theirs = theirs.into_iter().map(|child| increments(&Run::end_of(child).code(0))).sum();
    let arrived = number(&sandbox.read("n.sdn")).unwrap();
    assert!(!sandbox.exists("n.sdn.lock") && !sandbox.exists(".n.sdn.sdnlock-queue"), "{:?}", sandbox.names());
    (own, theirs, arrived)
}

#[test]
fn no_increment_is_lost_among_programs_that_lock_in_one_step() {
    let (own, theirs, arrived) =
        increments_among(&[Kind::Driver, Kind::Interpreter, Kind::Driver], support::scaled(40));
    assert!(own > 0 && theirs > 0);
    println!("{own} of sdnlock, {theirs} of the others, {arrived} arrived");
    assert_eq!(arrived, own + theirs, "{own} of sdnlock, {theirs} of the others");
}

// One tool only: two foreign programs that break each other's locks leave one of them at work without any
// trace, and what that one overwrites nobody can tell.
#[test]
fn l9_what_sdnlock_acknowledged_is_not_lost_even_among_programs_that_break_locks() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("n.sdn", "n: 0\na: 0\nb: 0\nc: 0\n");
    let rounds = support::scaled(30);
    let own: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|key| {
            // 0 is a success, 74 an outcome that is not known; everything else changed nothing.
            let line = format!(
                "ok=0; unsure=0; for i in $(seq {rounds}); do sdnlock set -q --no-durable -w forever n.sdn {key}+=1 2>>said; \
                 case $? in 0) ok=$((ok+1));; 74) unsure=$((unsure+1));; esac; done; echo $ok $unsure"
            );
            (key, start(&mut sandbox.shell(&line)))
        })
        .collect();
    let kinds = [Kind::SimpleTool];
    let theirs: Vec<_> = kinds
        .iter()
        .map(|&kind| start(&mut partners::command(kind, &(rounds * 4).to_string(), &path, PATIENCE)))
        .collect();
    for (key, child) in own {
        let said = Run::end_of(child).code(0).stdout;
        let numbers: Vec<u64> = said.split_whitespace().map(|number| number.parse().unwrap()).collect();
        let (acknowledged, unsure) = (numbers[0], numbers[1]);
        let text = sandbox.run(&["get", "-w", "60", "n.sdn", key]).code(0).stdout;
        let arrived: u64 = text.trim().parse().unwrap();
        println!("{key}: {acknowledged} acknowledged, {unsure} not known, {arrived} arrived");
        assert!(arrived >= acknowledged, "{key}: {acknowledged} acknowledged, {arrived} arrived");
        assert!(arrived <= acknowledged + unsure, "{key}: {acknowledged} and {unsure} unsure, {arrived} arrived");
        assert!(acknowledged > 0);
    }
    for child in theirs {
        increments(&Run::end_of(child).code(0));
    }
}

#[test]
fn l1_the_lock_of_a_killed_sdnlock_and_its_command_is_free_at_once() {
    let sandbox = counter();
    let mut command = sandbox.sdnlock(["exec", "n.sdn", "--", "sh", "-c", "echo > ready; exec sleep 600"]);
    let child = start(&mut command);
    wait_for("the command to run", || sandbox.exists("ready"));
    let lock = fs::File::open(sandbox.path("n.sdn.lock")).unwrap();
    rustix::process::kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
    Run::end_of(child);
    // The one that was not collected here may take a moment to end.
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    drop(lock);
    sandbox.run(&["set", "-n", "n.sdn", "n+=1"]).code(0);
    assert_eq!(sandbox.names(), ["n.sdn", "ready"]);
}

#[test]
fn l14_the_command_of_a_killed_sdnlock_keeps_the_lock() {
    let sandbox = counter();
    let run = |close: &[&str]| {
        let command = ["--", "sh", "-c", "echo $$ > pid; while [ ! -e end ] && [ -e n.sdn ]; do sleep 0.01; done"];
        let child = start(&mut sandbox.sdnlock([&["exec"], close, &["n.sdn"], &command[..]].concat()));
        wait_for("the command to run", || sandbox.exists("pid") && !sandbox.read("pid").is_empty());
        child
    };
    let mut child = run(&[]);
    let pid: u32 = sandbox.read("pid").trim().parse().unwrap();
    let named = || sandbox.read("n.sdn.lock").starts_with(&format!("{pid:010}\n"));
    wait_for("the lock to name the command", named);
    child.kill().unwrap();
    child.wait().unwrap();
    sandbox.run(&["set", "-n", "n.sdn", "n+=1"]).code(75).says(&format!("held: pid {pid} (maria)"));
    let status = sandbox.run(&["status"]).code(0).stdout;
    assert!(status.contains("held") && status.contains(&pid.to_string()), "{status}");
    // For the Simple side too, which looks for the process.
    let mut simple = Partner::hold(Kind::SimpleTool, &sandbox.path("n.sdn"), Duration::from_millis(100));
    assert!(!simple.has_locked());
    simple.end();
    let waiting = start(&mut sandbox.sdnlock(["set", "-w", "60", "n.sdn", "n+=1"]));
    sandbox.write("end", "");
    Run::end_of(waiting).code(0);
    for name in ["end", "pid"] {
        fs::remove_file(sandbox.path(name)).unwrap();
    }
    // Unless that is not wanted.
    let mut child = run(&["--close"]);
    child.kill().unwrap();
    child.wait().unwrap();
    sandbox.run(&["set", "-n", "n.sdn", "n+=1"]).code(0);
    assert_eq!(sandbox.read("n.sdn"), "n: 2\n");
    sandbox.write("end", "");
}

#[test]
fn l14_a_program_that_is_left_behind_does_not_keep_the_lock() {
    let sandbox = counter();
    let leave =
        "(while [ ! -e end ] && [ -e n.sdn ]; do sleep 0.01; done) >/dev/null 2>&1 & echo > n.sdn; echo 'n: 5' > n.sdn";
    sandbox.run(&["exec", "n.sdn", "--", "sh", "-c", leave]).code(0);
    sandbox.run(&["set", "-n", "n.sdn", "n+=1"]).code(0);
    sandbox.write("end", "");
}

/// Limits of a minute are limits of half a second here. Release builds do not know this variable.
#[cfg(debug_assertions)]
const SPEED: (&str, &str) = ("SDNLOCK_TEST_SPEED", "120");

#[test]
#[cfg(debug_assertions)]
fn l8_a_lock_that_is_held_for_long_is_not_broken() {
    let sandbox = counter();
    let script = "echo > ready; while [ ! -e end ] && [ -e n.sdn ]; do sleep 0.01; done";
    let mut command = sandbox.sdnlock(["exec", "n.sdn", "--", "sh", "-c", script]);
    let holder = start(command.env(SPEED.0, SPEED.1));
    wait_for("the command to run", || sandbox.exists("ready"));
    let path = sandbox.path("n.sdn");
    let before = fs::metadata(sandbox.path("n.sdn.lock")).unwrap().modified().unwrap();
    // Four times their limit.
    for kind in [Kind::Driver, Kind::Interpreter] {
        let mut command = partners::command(kind, "1", &path, Duration::from_secs(1));
        assert_eq!(increments(&Run::of(command.env(SPEED.0, SPEED.1)).code(0)), 0, "{kind:?} broke the lock");
    }
    let after = fs::metadata(sandbox.path("n.sdn.lock")).unwrap().modified().unwrap();
    assert!(after > before);
    sandbox.write("end", "");
    Run::end_of(holder).code(0);
    // Without a heartbeat they would have.
    fs::write(sandbox.path("n.sdn.lock"), "").unwrap();
    let mut command = partners::command(Kind::Driver, "1", &path, PATIENCE);
    assert_eq!(increments(&Run::of(command.env(SPEED.0, SPEED.1)).code(0)), 1);
}

#[test]
#[cfg(debug_assertions)]
fn l8_a_holder_that_was_stopped_learns_that_its_lock_was_broken() {
    let sandbox = counter();
    let script = "echo > ready; while [ ! -e end ] && [ -e n.sdn ]; do sleep 0.01; done";
    let mut command = sandbox.sdnlock_aloud(["exec", "n.sdn", "--", "sh", "-c", script]);
    let holder = start(command.env(SPEED.0, SPEED.1));
    wait_for("the command to run", || sandbox.exists("ready"));
    kill_process(Pid::from_child(&holder), Signal::STOP).unwrap();
    let path = sandbox.path("n.sdn");
    let mut partner = Partner::hold(Kind::Driver, &path, PATIENCE);
    // Its limits are not faster than they are for others, so the lock is aged for it.
    fs::File::options()
        .write(true)
        .open(sandbox.path("n.sdn.lock"))
        .unwrap()
        .set_modified(std::time::SystemTime::now() - Duration::from_secs(61))
        .unwrap();
    assert!(partner.has_locked());
    kill_process(Pid::from_child(&holder), Signal::CONT).unwrap();
    sandbox.wait_for_word("note: another program broke the lock of `n.sdn`\n");
    assert_eq!(sandbox.read("n.sdn.lock"), "", "the lock of somebody else was written over");
    partner.end();
    // It takes its place again when that is free, but does not forget.
    wait_for("the lock to be there again", || sandbox.exists("n.sdn.lock"));
    sandbox.run(&["set", "-n", "n.sdn", "n+=1"]).code(75);
    sandbox.write("end", "");
    Run::end_of(holder).code(74);
    sandbox.wait_for_word("error: another program broke the lock of `n.sdn` while the command ran");
    assert_eq!(sandbox.names(), ["end", "n.sdn", "ready", "said"]);
}

#[test]
fn l13_commands_within_exec_use_its_lock() {
    let sandbox = Sandbox::with(&["config.sdn", "todo_db.sdn", "bug_db.sdn"]);
    let run = |script: &str| sandbox.run(&["exec", "-q", "config.sdn", "--", "sh", "-ec", script]);
    run("sdnlock set -n -q config.sdn runs=1").code(0);
    // Two levels deep, and beside others.
    let deep =
        "sdnlock exec -q -n config.sdn -- sh -ec 'sdnlock set -q -n config.sdn runs+=1; sdnlock get config.sdn runs'";
    assert_eq!(run(deep).code(0).stdout, "2\n");
    let siblings = "for i in $(seq 10); do sdnlock set -q -w 60 --no-durable config.sdn runs+=1 & done; wait";
    run(siblings).code(0);
    assert_eq!(sandbox.run(&["get", "config.sdn", "runs"]).stdout, "12\n");
    // What is ordered behind is locked in the ordinary way.
    run("sdnlock exec -q todo_db.sdn config.sdn -- sdnlock set -q -n config.sdn runs=1").code(0);
    // What is ordered before could close a circle, so it is had at once or not at all.
    run("sdnlock read bug_db.sdn > /dev/null").code(0);
    let holder = sandbox.hold("bug_db.sdn");
    let before = Instant::now();
    let run = run("sdnlock read -w 600 bug_db.sdn");
    run.code(75).says("could not lock `bug_db.sdn`").says("could close a circle").says("hint: name it in the outer");
    assert!(before.elapsed() < Duration::from_secs(600));
    drop(holder);
    assert_eq!(sandbox.names(), ["bug_db.sdn", "config.sdn", "todo_db.sdn"]);
}

#[test]
fn l13_a_forged_or_stale_value_gives_no_access() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let script = "printenv SDNLOCK_HELD > value";
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", script]).code(0);
    let stale = sandbox.read("value").trim().to_owned();
    let holder = sandbox.hold("config.sdn");
    let forged = format!("{}:/", "0".repeat(32));
    for value in [&stale, &forged, "", "x:y"] {
        let mut command = sandbox.sdnlock(["set", "-n", "config.sdn", "runs=1"]);
        Run::of(command.env("SDNLOCK_HELD", value)).code(75);
    }
    // The right token of a holder that is dead.
    let record = sandbox.read("config.sdn.lock");
    let token = record.lines().nth(2).unwrap().split(' ').nth(2).unwrap().to_owned();
    holder.end().code(0);
    sandbox.write("config.sdn.lock", record);
    let mut command = sandbox.sdnlock(["set", "-n", "config.sdn", "runs=1"]);
    Run::of(command.env("SDNLOCK_HELD", format!("{token}:/"))).code(0);
    assert_eq!(sandbox.names(), ["config.sdn", "value"]);
}

#[test]
fn l13_whoever_asks_to_write_within_a_lock_of_readers_is_told_at_once() {
    use sdnlock::lock::{LockProblem, LockRequest, Mode, Nesting};
    let sandbox = Sandbox::with(&["config.sdn"]);
    let path = sandbox.path("config.sdn");
    let first = LockRequest::new().shared().one(&path).unwrap();
    let second = LockRequest::new().shared().one(&path).unwrap();
    for outer in [&first, &second] {
        let within = LockRequest::new().within(Nesting::default().below([outer]));
        let problem = within.one(&path).unwrap_err().problem;
        assert!(matches!(problem, LockProblem::SharedAbove), "{problem:?}");
        let inner = within.shared().one(&path).unwrap();
        assert_eq!(inner.mode(), Mode::Shared);
        assert!(inner.is_intact().unwrap());
    }
    drop((first, second));
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn l13_a_nested_lock_ends_with_the_one_above() {
    use sdnlock::lock::{LockRequest, Nesting};
    let sandbox = Sandbox::with(&["config.sdn"]);
    let path = sandbox.path("config.sdn");
    let outer = LockRequest::new().one(&path).unwrap();
    let inner = LockRequest::new().within(Nesting::default().below([&outer])).one(&path).unwrap();
    assert!(inner.is_intact().unwrap());
    outer.release().unwrap();
    assert!(!inner.is_intact().unwrap());
    drop(inner);
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn l17_a_command_that_locks_by_itself_runs_at_once_and_others_wait() {
    for kind in ALL {
        let sandbox = counter();
        let path = sandbox.path("n.sdn");
        let partner = partners::command(kind, "3", &path, Duration::from_secs(1));
        let mut command = sandbox.sdnlock(["exec", "--self-locking", "n.sdn", "--"]);
        command.arg(partner.get_program()).args(partner.get_args());
        command.envs(partner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let run = Run::of(&mut command).code(0);
        assert_eq!(increments(&run), 3, "{kind:?}");
        run.says("+n: 3");
        assert_eq!(sandbox.names(), ["n.sdn"]);
    }
    let sandbox = counter();
    let nested = "sdnlock set -q -n n.sdn n+=1; env -u SDNLOCK_HELD sdnlock set -n n.sdn n+=1";
    let run = sandbox.run(&["exec", "--self-locking", "n.sdn", "--", "sh", "-c", nested]).code(75);
    run.says("by `sdnlock exec --self-locking n.sdn");
    assert_eq!(sandbox.read("n.sdn"), "n: 1\n");
    assert_eq!(sandbox.names(), ["n.sdn"]);
}

#[test]
fn l17_what_a_self_locking_command_broke_comes_back_unless_somebody_wrote_meanwhile() {
    let sandbox = counter();
    let run = sandbox.run(&["exec", "--self-locking", "n.sdn", "--", "sh", "-c", "echo 'Big Red Car' > n.sdn"]);
    run.code(65).says("kept: `n.sdn.rejected`");
    assert_eq!(sandbox.read("n.sdn"), "n: 0\n");
    // A partner holds the lock when the command ends, and writes.
    let hold = "echo 'Big Blue Car' > n.sdn; : > n.sdn.lock";
    let arguments = ["exec", "--self-locking", "-w", "60", "n.sdn", "--", "sh", "-c", hold];
    let child = start(&mut sandbox.sdnlock_aloud(arguments));
    sandbox.wait_for_word("note: waiting for the lock of `n.sdn`");
    sandbox.write("n.sdn", "n: 7\n");
    fs::remove_file(sandbox.path("n.sdn.lock")).unwrap();
    Run::end_of(child).code(65);
    sandbox.wait_for_word("it was not undone: somebody else has written it");
    sandbox.wait_for_word("kept: `n.sdn.before`");
    assert_eq!(sandbox.read("n.sdn"), "n: 7\n");
    assert_eq!(sandbox.names(), ["n.sdn", "n.sdn.before", "n.sdn.rejected", "said"]);
    // It dies with the lock, which is not free for a minute.
    let line = "echo 'Big Red Car' > n.sdn; : > n.sdn.lock; exit 1";
    let run = sandbox.run(&["exec", "--self-locking", "-w", "100ms", "n.sdn", "--", "sh", "-c", line]).code(1);
    run.says("it was not undone: could not lock `n.sdn`").says("kept: `n.sdn.before.1`");
    assert_eq!(sandbox.read("n.sdn.before.1"), "n: 7\n");
}

#[test]
#[cfg(debug_assertions)]
fn l17_a_command_that_waits_for_its_own_lock_is_told_of_the_option() {
    for kind in [Kind::Runtime, Kind::SimpleTool] {
        let sandbox = counter();
        let partner = partners::command(kind, "1", &sandbox.path("n.sdn"), PATIENCE);
        let line = format!(
            "exec {} {}",
            partner.get_program().to_string_lossy(),
            partner.get_args().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
        );
        // A program that blocks in the kernel, as the C runtime does; or one that looks again and again.
        let line = if kind == Kind::Runtime { "exec flock n.sdn true".to_owned() } else { line };
        let mut command = sandbox.sdnlock_aloud(["exec", "n.sdn", "--", "sh", "-c", &line]);
        command.envs(partner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let child = start(command.env(SPEED.0, "10"));
        sandbox.wait_for_word("note: the command seems to wait for `n.sdn` itself");
        sandbox.wait_for_word("`sdnlock exec --self-locking`");
        rustix::process::kill_process_group(Pid::from_child(&child), Signal::TERM).unwrap();
        Run::end_of(child);
    }
}

#[test]
fn l8_what_a_foreign_program_wrote_into_the_lock_file_is_never_written_over() {
    let sandbox = counter();
    // As a Simple tool does that looked before and writes now.
    let line = format!("printf '1\\n%s000000' {} > n.sdn.lock", now_in_seconds());
    sandbox.run(&["exec", "n.sdn", "--", "sh", "-c", &line]).code(74);
    assert!(sandbox.read("n.sdn.lock").starts_with("1\n17"), "{:?}", sandbox.read("n.sdn.lock"));
    sandbox.run(&["set", "-n", "n.sdn", "n+=1"]).code(75).says("held: pid 1 ");
}

fn now_in_seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
#[cfg(debug_assertions)]
fn l8_what_is_held_already_is_kept_alive_while_more_is_waited_for() {
    let sandbox = counter();
    sandbox.write("o.sdn", "n: 0\n");
    let holder = sandbox.hold("o.sdn");
    let mut command = sandbox.sdnlock(["exec", "-w", "60", "n.sdn", "o.sdn", "--", "true"]);
    let waiting = start(command.env(SPEED.0, SPEED.1));
    wait_for("it to hold the first and wait", || {
        sandbox.exists("n.sdn.lock") && sandbox.exists(".o.sdn.sdnlock-queue")
    });
    let modified = || fs::metadata(sandbox.path("n.sdn.lock")).unwrap().modified().unwrap();
    let before = modified();
    wait_for("a heartbeat", || modified() > before);
    // Broken meanwhile, it is taken again before the command may run.
    let mut thief = Partner::hold(Kind::Driver, &sandbox.path("n.sdn"), PATIENCE);
    fs::remove_file(sandbox.path("n.sdn.lock")).unwrap();
    if thief.has_locked() {
        holder.end().code(0);
        wait_for("it to wait for the first again", || sandbox.exists(".n.sdn.sdnlock-queue"));
        assert!(sandbox.exists("n.sdn.lock"));
        thief.end();
    }
    Run::end_of(waiting).code(0);
    assert_eq!(sandbox.names(), ["n.sdn", "o.sdn"]);
}

#[test]
fn l13_what_is_left_at_any_depth_is_removed_by_the_next_one() {
    let sandbox = Sandbox::new();
    let deep = "[ $1 = 0 ] && kill -KILL 0; exec sdnlock exec n.sdn -- ./deep.sh $(($1 - 1))";
    sandbox.script("deep.sh", deep);
    for (depth, cleans) in [(6, false), (12, true)] {
        sandbox.write("n.sdn", "n: 1\n");
        sandbox.run(&["exec", "n.sdn", "--", "./deep.sh", &depth.to_string()]).code(1009);
        let deepest = format!(".n.sdn.sdnlock-nested{depth}");
        assert!(sandbox.exists(&deepest), "{:?}", sandbox.names());
        if cleans {
            sandbox.run(&["status", "--clean", "n.sdn"]).code(0).says(&format!("removed `{deepest}`"));
            assert!(!sandbox.exists(&deepest));
        }
        // Of another database, and what only looks as if it were one of them.
        let others = [".n.sdn.sdnlock-nested0", ".n.sdn.sdnlock-nested7x", ".other.sdn.sdnlock-nested5"];
        for name in others {
            sandbox.write(name, "");
        }
        sandbox.run(&["set", "-n", "n.sdn", "n=2"]).code(0);
        let left: Vec<String> = sandbox.names().into_iter().filter(|name| name.contains(".sdn")).collect();
        assert_eq!(left, [others[0], others[1], others[2], "n.sdn"]);
    }
}

#[test]
fn l13_nested_commands_wait_in_no_circle_and_not_for_themselves() {
    let sandbox = Sandbox::with(&["config.sdn", "bug_db.sdn"]);
    let run = |arguments: &[&str], script: &str| {
        sandbox.run(&[&["exec", "-q"], arguments, &["--", "sh", "-c", script]].concat())
    };
    // Siblings that hold one and want the other one, on one level: one of them is told at once.
    let siblings = "(sdnlock exec -q -w forever bug_db.sdn -- sh -c 'touch 1; while [ ! -e 2 ] && [ -e bug_db.sdn ]; do sleep 0.01; done; sdnlock read -w 60 config.sdn >/dev/null' || echo first >> failed) & \
                    (sdnlock exec -q -w forever config.sdn -- sh -c 'touch 2; while [ ! -e 1 ] && [ -e bug_db.sdn ]; do sleep 0.01; done; sdnlock read -w forever bug_db.sdn >/dev/null' || echo second >> failed) & wait";
    run(&["bug_db.sdn", "config.sdn"], siblings).code(0);
    assert_eq!(sandbox.read("failed"), "second\n");
    // Self-locking within itself.
    run(&["--self-locking", "config.sdn"], "sdnlock exec --self-locking -w 60 config.sdn -- true").code(0);
    run(&["config.sdn"], "sdnlock exec --self-locking -w 60 config.sdn -- true").code(75).says("--self-locking` too");
    // What is named in the outer one is not said to be unnamed.
    let foreign = ": > bug_db.sdn.lock; sdnlock read -w 60 bug_db.sdn > /dev/null 2> said & \
                   while ! grep -q 'waiting for the lock' said && [ -e bug_db.sdn ]; do sleep 0.01; done; \
                   rm bug_db.sdn.lock; wait $!";
    run(&["--self-locking", "bug_db.sdn", "config.sdn"], foreign).code(0);
    // A value that outlived its locks takes no waiting away.
    let holder = sandbox.hold("bug_db.sdn");
    let mut late = sandbox.sdnlock(["read", "-w", "60", "bug_db.sdn"]);
    let late = start(late.env("SDNLOCK_HELD", format!("{}/0/zzz", "a".repeat(32))));
    wait_for("it to wait", || sandbox.exists(".bug_db.sdn.sdnlock-queue"));
    holder.end().code(0);
    Run::end_of(late).code(0);
}

#[test]
fn l13_a_nested_command_does_not_start_once_the_lock_above_is_gone() {
    let sandbox = counter();
    let script = "(sdnlock exec -q n.sdn -- sh -c 'echo > inner; while [ ! -e end ] && [ -e n.sdn ]; do sleep 0.01; done') & \
                  while [ ! -e inner ] && [ -e n.sdn ]; do sleep 0.01; done; \
                  (sdnlock exec -q -w 60 n.sdn -- sh -c 'ls n.sdn.lock > second') & \
                  while [ ! -e .n.sdn.sdnlock-nested1-queue ] && [ -e n.sdn ]; do sleep 0.01; done";
    sandbox.run(&["exec", "n.sdn", "--", "sh", "-c", &format!("({script}) > /dev/null 2>&1")]).code(0);
    let other = sandbox.hold("n.sdn");
    sandbox.write("end", "");
    wait_for("it to wait in the ordinary way", || sandbox.exists(".n.sdn.sdnlock-queue"));
    assert!(!sandbox.exists("second"), "it ran while somebody else held the lock");
    other.end().code(0);
    wait_for("it to run with a lock of its own", || {
        sandbox.exists("second") && sandbox.read("second") == "n.sdn.lock\n"
    });
}

#[test]
fn l10_a_hard_link_within_a_lock_does_not_wait_for_itself() {
    let sandbox = counter();
    fs::hard_link(sandbox.path("n.sdn"), sandbox.path("o.sdn")).unwrap();
    let script = "sdnlock set -q -w 60 --break-hardlinks o.sdn n=5";
    sandbox.run(&["exec", "n.sdn", "--", "sh", "-c", script]).code(0);
    assert_eq!((sandbox.read("n.sdn"), sandbox.read("o.sdn")), ("n: 0\n".to_owned(), "n: 5\n".to_owned()));
}

#[test]
fn l12_a_folder_of_many_databases_needs_no_higher_limit() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("many")).unwrap();
    for n in 0..400 {
        sandbox.write(&format!("many/{n}.sdn"), "n: 1\n");
    }
    let mut command = sandbox.shell("ulimit -Sn 256; exec sdnlock exec many -- sh -c 'ls many/*.lock | wc -l'");
    assert_eq!(Run::of(&mut command).code(0).stdout.trim(), "400");
}

#[test]
fn l14_the_number_of_the_command_is_its_own_until_the_lock_is_released() {
    // A Simple tool reads the number in the lock file and looks for the process a moment later.
    let sandbox = counter();
    let options = ["-o", "trace", "-e", "trace=unlink,unlinkat,wait4,waitid"];
    let Some(mut command) = sandbox.traced_alone(&options, &["exec", "n.sdn", "--", "true"]) else { return };
    Run::of(&mut command).code(0);
    let trace = sandbox.read("trace");
    let at = |words: [&str; 2]| trace.lines().position(|line| words.iter().all(|word| line.contains(word)));
    let released = at(["unlink", "n.sdn.lock\""]).expect("the lock file is removed");
    let collected = at(["wait4(", "WEXITSTATUS"]).expect("the command is collected");
    assert!(released < collected, "{trace}");
}
