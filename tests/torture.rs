//! Many processes at once, killed at random. `SDNLOCK_TORTURE=360` makes an hour of the ordinary 10 seconds.
//!
//! The processes are this test binary once more, told by the environment what to do.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{FlockOperation, flock};
use sdnlock::disk::{Durability, ReplacePolicy};
use sdnlock::lock::{LockRequest, Wait};
use sdnlock::{FileLock, Locked, Outcome};
use support::{Chance, PATIENCE, Run, SEED, Sandbox, seed, start};

mod support;

/// The variable that tells the test binary what to do: `WORK PATH`.
const WORK: &str = "SDNLOCK_TEST_WORK";

/// Not a test of its own: other tests start it as a process that works.
#[test]
fn works() {
    let Ok(work) = std::env::var(WORK) else { return };
    let (work, path) = work.split_once(' ').unwrap();
    let path = Path::new(path);
    match work {
        "increment" => increment(path),
        "take-over" => take_over(path),
        "many" => lock_many(path),
        "transact" => transact(path),
        other => panic!("{other}"),
    }
}

/// A process that works. Each has steps of its own, which its seed gives again.
fn worker(work: &str, path: &Path, seed: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "works", "--nocapture", "--quiet"]).env(WORK, format!("{work} {}", path.display()));
    command.env(SEED, seed.to_string());
    command.stdin(Stdio::null());
    command
}

fn beside(path: &Path, name: &str) -> PathBuf {
    path.with_file_name(name)
}

/// Proof that nobody else is inside: a lock on another file, taken when the lock under test is held. It
/// must not outlive that one when the process is killed, so it must be younger: see
/// `a_witness_that_is_younger_than_the_lock_does_not_outlive_it`.
struct Witness(File);

impl Witness {
    fn new(path: &Path) -> Self {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(beside(path, "witness")).unwrap();
        Self(file)
    }

    fn enter(&self) {
        flock(&self.0, FlockOperation::NonBlockingLockExclusive).expect("two processes hold the lock at once");
    }

    fn leave(&self) {
        flock(&self.0, FlockOperation::Unlock).unwrap();
    }
}

fn increment(path: &Path) {
    let log = |name| OpenOptions::new().append(true).create(true).open(beside(path, name)).unwrap();
    let (mut acknowledged, mut reads) = (log("acknowledged"), log("reads"));
    let mut chance = Chance::new(seed());
    let policy = ReplacePolicy { durability: Durability::Never, ..ReplacePolicy::default() };
    while !beside(path, "stop").exists() {
        if chance.below(3) == 0 {
            let read = Locked::open(path, &LockRequest::new().shared().wait(PATIENCE)).unwrap();
            number(read.content().unwrap().bytes());
            // Without a lock too, nothing is ever torn or missing.
            for _ in 0..100 {
                number(&fs::read(path).unwrap());
            }
            reads.write_all(b".").unwrap();
            continue;
        }
        let mut database = Locked::open(path, &LockRequest::new().wait(PATIENCE)).unwrap();
        // Younger than the lock file, and so closed before it.
        let witness = Witness::new(path);
        witness.enter();
        let number = number(database.content().unwrap().bytes());
        if chance.below(4) == 0 {
            std::thread::sleep(Duration::from_micros(chance.below(2000)));
        }
        match database.replace(format!("n: {}\n", number + 1).as_bytes(), policy).unwrap() {
            Outcome::Written(_) => acknowledged.write_all(b".").unwrap(),
            other => panic!("{other:?}"),
        }
        witness.leave();
        database.release().unwrap();
    }
}

fn number(content: &[u8]) -> u64 {
    let text = std::str::from_utf8(content).unwrap();
    text.strip_prefix("n: ").and_then(|rest| rest.trim_end().parse().ok()).unwrap_or_else(|| panic!("torn: {text:?}"))
}

#[test]
fn nothing_is_lost_or_torn_or_stuck_when_processes_are_killed_at_random() {
    const WORKERS: usize = 8;
    let sandbox = Sandbox::new();
    let path = sandbox.write("n.sdn", "n: 0\n");
    let said = File::create(sandbox.path("said")).unwrap();
    let spawn = |chance: &mut Chance| -> Child {
        let mut command = worker("increment", &path, chance.next());
        command.stdout(Stdio::null()).stderr(said.try_clone().unwrap()).spawn().unwrap()
    };
    let mut chance = Chance::new(seed());
    let mut workers: Vec<Child> = (0..WORKERS).map(|_| spawn(&mut chance)).collect();
    let begun = Instant::now();
    let mut kills = 0;
    while begun.elapsed() < Duration::from_secs(support::scaled(10).into()) {
        std::thread::sleep(Duration::from_millis(20 + chance.below(50)));
        let victim = &mut workers[usize::try_from(chance.below(WORKERS as u64)).unwrap()];
        assert!(victim.try_wait().unwrap().is_none(), "a worker failed: {}", sandbox.read("said"));
        victim.kill().unwrap();
        victim.wait().unwrap();
        kills += 1;
        *victim = spawn(&mut chance);
    }
    sandbox.write("stop", "");
    for mut worker in workers {
        assert!(worker.wait().unwrap().success(), "{}", sandbox.read("said"));
    }
    let acknowledged = fs::metadata(sandbox.path("acknowledged")).unwrap().len();
    drop(FileLock::try_acquire(&path).unwrap());
    sandbox.run(&["set", "-n", "n.sdn", "n+=0"]).code(0);
    let arrived = number(&fs::read(&path).unwrap());
    let reads = fs::metadata(sandbox.path("reads")).unwrap().len() * 101;
    println!("{kills} killed, {reads} reads, {acknowledged} acknowledged, {arrived} arrived");
    // Who was killed between the change and its acknowledgement has one more.
    assert!((acknowledged..=acknowledged + kills).contains(&arrived), "{acknowledged} acknowledged, {arrived} arrived");
    assert!(acknowledged > 100 && kills > 10);
    assert_eq!(sandbox.names(), ["acknowledged", "n.sdn", "reads", "said", "stop", "witness"]);
}

/// A witness that is a second lock of a killed process may outlive the first one for a moment, and then
/// the next holder meets it, though there never were two holders. It depends on the order in which the
/// kernel closes the descriptors of a process that was killed: on Linux the younger ones come first.
#[test]
#[cfg(target_os = "linux")]
fn a_witness_that_is_younger_than_the_lock_does_not_outlive_it() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("n.sdn", "n: 0\n");
    let rounds = support::scaled(100);
    let mut met = [0, 0];
    for round in 0..rounds * 2 {
        let younger = round % 2 == 0;
        let (first, second) = if younger { ("lock", "witness") } else { ("witness", "lock") };
        let script = format!("exec 3>{first} 4>{second}; flock 3; flock 4; echo; exec sleep 600");
        let mut command = Command::new("bash");
        let mut child =
            command.args(["-c", &script]).current_dir(path.parent().unwrap()).stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = [0];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
        let lock = File::open(sandbox.path("lock")).unwrap();
        let witness = File::open(sandbox.path("witness")).unwrap();
        child.kill().unwrap();
        flock(&lock, FlockOperation::LockExclusive).unwrap();
        met[usize::from(younger)] += usize::from(flock(&witness, FlockOperation::NonBlockingLockExclusive).is_err());
        child.wait().unwrap();
    }
    println!("of {rounds} each, {} met a witness older than the lock, {} a younger one", met[0], met[1]);
    assert_eq!(met[1], 0);
}

/// Runs commands in transactions, most of which fail or are killed; what it acknowledged it writes down.
fn transact(path: &Path) {
    let other = beside(path, "m.sdn");
    let mut acknowledged = OpenOptions::new().append(true).create(true).open(beside(path, "acknowledged")).unwrap();
    let mut chance = Chance::new(seed());
    while !beside(path, "stop").exists() {
        let end = ["exit 0", "exit 1", "kill -9 $$"][usize::try_from(chance.below(3)).unwrap()];
        let (n, m) = (path.display(), other.display());
        // In place, with a moment in which one is new and the other one is not.
        let script =
            format!("n=$(sed 's/n: //' {n}); : > {n}; echo n: $((n + 1)) > {n}; echo n: $((n + 1)) > {m}; {end}");
        let mut command = Command::new(support::SDNLOCK);
        command
            .args(["exec", "-q", "--no-durable", "--transaction", "-w", "60"])
            .args([path, &other])
            .args(["--", "sh", "-c", &script]);
        let status = command.status().unwrap();
        if status.success() {
            acknowledged.write_all(b".").unwrap();
        }
    }
}

#[test]
fn transactions_that_fail_or_are_killed_leave_all_as_it_was() {
    const WORKERS: usize = 4;
    let sandbox = Sandbox::new();
    let path = sandbox.write("n.sdn", "n: 0\n");
    sandbox.write("m.sdn", "n: 0\n");
    let spawn = |chance: &mut Chance| start(&mut worker("transact", &path, chance.next()));
    let mut chance = Chance::new(seed());
    let mut workers: Vec<Child> = (0..WORKERS).map(|_| spawn(&mut chance)).collect();
    let begun = Instant::now();
    let mut kills = 0;
    let mut reads = 0_u64;
    let enough = || fs::metadata(sandbox.path("acknowledged")).is_ok_and(|said| said.len() > 10);
    let time = Duration::from_secs(support::scaled(5).into());
    while begun.elapsed() < time || ((kills <= 10 || !enough()) && begun.elapsed() < PATIENCE) {
        let victim = &mut workers[usize::try_from(chance.below(WORKERS as u64)).unwrap()];
        // The worker, its sdnlock and its command.
        rustix::process::kill_process_group(rustix::process::Pid::from_child(victim), rustix::process::Signal::KILL)
            .unwrap();
        victim.wait().unwrap();
        kills += 1;
        *victim = spawn(&mut chance);
        let shared = LockRequest::new().shared().wait(PATIENCE);
        for _ in 0..5 {
            let both = Locked::open_all([&path, &sandbox.path("m.sdn")], &shared).unwrap();
            let numbers: Vec<u64> = both.iter().map(|one| number(one.content().unwrap().bytes())).collect();
            assert_eq!(numbers[0], numbers[1], "half of a transaction was read");
            reads += 1;
        }
    }
    sandbox.write("stop", "");
    for worker in workers {
        Run::end_of(worker).code(0);
    }
    let acknowledged = fs::metadata(sandbox.path("acknowledged")).unwrap().len();
    sandbox.run(&["exec", "-n", "n.sdn", "m.sdn", "--", "true"]).code(0);
    let arrived = number(&fs::read(&path).unwrap());
    println!("{kills} killed, {reads} reads, {acknowledged} acknowledged, {arrived} arrived");
    assert!((acknowledged..=acknowledged + kills).contains(&arrived), "{acknowledged} acknowledged, {arrived} arrived");
    assert_eq!(sandbox.read("m.sdn"), format!("n: {arrived}\n"));
    assert!(acknowledged > 10 && kills > 10);
    assert_eq!(sandbox.names(), ["acknowledged", "m.sdn", "n.sdn", "stop"]);
}

fn take_over(path: &Path) {
    let lock = beside(path, "n.sdn.lock");
    let mut chance = Chance::new(seed());
    for _ in 0..support::scaled(40) {
        let held = LockRequest::new().brief().wait(PATIENCE).one(path).unwrap();
        let witness = Witness::new(path);
        witness.enter();
        // The lock is left as by a foreign program that has died.
        let stale = beside(path, &format!("stale.{}", std::process::id()));
        if chance.below(2) == 0 {
            fs::write(&stale, "2000000000\n1").unwrap();
        } else {
            let file = File::create(&stale).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(61)).unwrap();
        }
        witness.leave();
        fs::rename(stale, &lock).unwrap();
        drop(held);
    }
}

#[test]
fn l5_of_many_that_take_a_lock_over_at_once_one_has_it() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("n.sdn", "n: 0\n");
    let mut chance = Chance::new(seed());
    let workers: Vec<Child> = (0..16).map(|_| start(&mut worker("take-over", &path, chance.next()))).collect();
    for worker in workers {
        Run::end_of(worker).code(0);
    }
    sandbox.run(&["set", "-n", "n.sdn", "n+=1"]).code(0).says("took over the lock that was left of `n.sdn`");
    assert_eq!(sandbox.names(), ["n.sdn", "witness"]);
}

/// Locks eleven databases again and again, named in another order each time.
fn lock_many(folder: &Path) {
    let mut chance = Chance::new(seed());
    for round in 0..support::scaled(50) {
        let mut paths: Vec<PathBuf> = (0..11).map(|n| folder.join(format!("{n}.sdn"))).collect();
        for last in (1..paths.len()).rev() {
            paths.swap(last, usize::try_from(chance.below(last as u64 + 1)).unwrap());
        }
        let request = LockRequest::new().brief().wait(Wait::from(PATIENCE));
        let request = if round % 3 == 0 { request.shared() } else { request };
        assert_eq!(request.all(&paths).unwrap().len(), 11);
    }
}

#[test]
fn l12_processes_that_name_many_databases_in_any_order_never_wait_in_a_circle() {
    let sandbox = Sandbox::new();
    for n in 0..11 {
        sandbox.write(&format!("{n}.sdn"), "");
    }
    let mut chance = Chance::new(seed());
    let workers: Vec<Child> = (0..4).map(|_| start(&mut worker("many", sandbox.root(), chance.next()))).collect();
    for worker in workers {
        Run::end_of(worker).code(0);
    }
    assert_eq!(sandbox.names().len(), 11, "{:?}", sandbox.names());
}
