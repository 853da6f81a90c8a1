//! How fast locks change hands, beside `flock(1)` and `flock(2)` on the same machine.
//!
//! ```console
//! $ cargo bench --bench locks
//! ```
//! All processes are this program once more, or the commands themselves. Times are from the moment in
//! which the holder gives up to the first line of the command that waited.

#![allow(clippy::disallowed_methods, reason = "plays the part of other programs")]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{FlockOperation, flock};
use sdnlock::FileLock;
use sdnlock::lock::LockRequest;

const WORK: &str = "SDNLOCK_BENCH_WORK";
const READERS: usize = 8;
const HOLD: Duration = Duration::from_millis(20);

fn main() {
    if let Ok(work) = std::env::var(WORK) {
        return work_as(&work);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sdn");
    fs::write(&path, "n: 0\n").unwrap();
    hand_off(&path);
    writer_among_readers(&path);
    readers_alone(&path);
}

fn work_as(work: &str) {
    let (kind, path) = work.split_once(' ').unwrap();
    let path = Path::new(path);
    let stop = path.with_file_name("stop");
    match kind {
        // What waiters run: the time at which it is their turn.
        "stamp" => fs::write(path, now().as_nanos().to_string()).unwrap(),
        "read" | "flock" => {
            let mut rounds = 0_u64;
            while !stop.exists() {
                if kind == "read" {
                    let lock = LockRequest::new().brief().shared().wait(60).one(path).unwrap();
                    std::thread::sleep(HOLD);
                    lock.release().unwrap();
                } else {
                    let file = File::open(path).unwrap();
                    flock(&file, FlockOperation::LockShared).unwrap();
                    std::thread::sleep(HOLD);
                }
                rounds += 1;
            }
            println!("{rounds}");
        }
        other => panic!("{other}"),
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
}

fn worker(kind: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(WORK, format!("{kind} {}", path.display())).stdout(Stdio::piped());
    command
}

/// From the release to the first act of a command that waited.
fn hand_off(path: &Path) {
    const ROUNDS: usize = 200;
    let stamp = path.with_file_name("stamp");
    let me = std::env::current_exe().unwrap();
    let waiter = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).arg(&me).env(WORK, format!("stamp {}", stamp.display()));
        command.spawn().unwrap()
    };
    let name = path.to_str().unwrap();
    let sdnlock = env!("CARGO_BIN_EXE_sdnlock");
    let exec = ["exec", "-q", "-w", "60", "--no-check", name, "--"];
    let lock_file = path.with_extension("sdn.lock");
    let mut times: [Vec<f64>; 3] = Default::default();
    let finish = |mut child: Child, released: Duration| {
        assert!(child.wait().unwrap().success());
        let ran = Duration::from_nanos(fs::read_to_string(&stamp).unwrap().parse().unwrap());
        (ran.as_secs_f64() - released.as_secs_f64()) * 1000.0
    };
    for _ in 0..ROUNDS {
        let file = File::open(path).unwrap();
        flock(&file, FlockOperation::LockExclusive).unwrap();
        let child = waiter("flock", &[name]);
        std::thread::sleep(HOLD);
        let released = now();
        drop(file);
        times[0].push(finish(child, released));

        let lock = FileLock::acquire(path, 60).unwrap();
        let child = waiter(sdnlock, &exec);
        std::thread::sleep(HOLD);
        let released = now();
        lock.release().unwrap();
        times[1].push(finish(child, released));

        fs::write(&lock_file, "").unwrap();
        let child = waiter(sdnlock, &exec);
        std::thread::sleep(HOLD);
        let released = now();
        fs::remove_file(&lock_file).unwrap();
        times[2].push(finish(child, released));
    }
    let [flock, own, foreign] = times.map(|mut times| (percentile(&mut times, 50), percentile(&mut times, 99)));
    println!("hand-off to a waiting command, {ROUNDS} times: median and p99 in ms, ratio of the medians");
    for (what, (median, p99)) in
        [("flock(1)", flock), ("sdnlock exec, behind sdnlock", own), ("sdnlock exec, behind a lock file", foreign)]
    {
        println!("  {what:34} {median:7.2} {p99:7.2} {:6.2}", median / flock.0);
    }
}

fn start_readers(kind: &str, path: &Path) -> Vec<Child> {
    let readers = (0..READERS).map(|_| worker(kind, path).spawn().unwrap()).collect();
    std::thread::sleep(Duration::from_millis(200));
    readers
}

fn stop(readers: Vec<Child>, path: &Path) -> u64 {
    let stop = path.with_file_name("stop");
    fs::write(&stop, "").unwrap();
    let rounds = readers.into_iter().map(|reader| {
        let output = reader.wait_with_output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse::<u64>().unwrap()
    });
    let rounds = rounds.sum();
    fs::remove_file(stop).unwrap();
    rounds
}

fn writer_among_readers(path: &Path) {
    const TRIALS: usize = 100;
    let readers = start_readers("read", path);
    let mut times = Vec::new();
    for _ in 0..TRIALS {
        let begun = Instant::now();
        let lock = FileLock::acquire(path, 60).unwrap();
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        lock.release().unwrap();
        std::thread::sleep(Duration::from_millis(30));
    }
    stop(readers, path);
    println!("a writer among {READERS} readers of {HOLD:?} without pause, {TRIALS} trials, in ms");
    let (median, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
    println!("  median {median:.1}, p99 {p99:.1}, longest {:.1}", times[TRIALS - 1]);
}

fn readers_alone(path: &Path) {
    let rate = |kind: &str| {
        let begun = Instant::now();
        let readers = start_readers(kind, path);
        std::thread::sleep(Duration::from_secs(3));
        let rounds = u32::try_from(stop(readers, path)).unwrap();
        f64::from(rounds) / begun.elapsed().as_secs_f64()
    };
    let (flock, own) = (rate("flock"), rate("read"));
    println!("{READERS} readers of {HOLD:?}, without a writer, reads per second");
    println!("  flock(2) shared {flock:.0}, sdnlock {own:.0}, ratio {:.2}", own / flock);
}

/// The value below which so many of a hundred values are.
fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * percent / 100).min(values.len() - 1)]
}
