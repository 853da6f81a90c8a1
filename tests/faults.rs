//! Every call to the file system fails once, or is where the process is killed: the release binary has no
//! hooks for that, the system does it.
//!
//! The ordinary run takes some of the faults; all of them by
//! `SDNLOCK_FAULTS=all cargo test --release --test faults`.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use support::{Run, Sandbox, start, wait_for};

mod support;

/// Calls that can fail in ways of the file system.
const CALLS: &[&str] = &[
    "open",
    "openat",
    "read",
    "pread64",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "ftruncate",
    "fchmod",
    "fchown",
    "flock",
    "statx",
    "newfstatat",
    "getdents64",
    "fsetxattr",
    "flistxattr",
    "fgetxattr",
    "utimensat",
    "ioctl",
    "mkdir",
    "rmdir",
    "faccessat2",
    "readlink",
];

/// What happens to a call.
const FAULTS: &[&str] = &["error=EIO", "error=ENOSPC", "error=EACCES", "error=EINTR", "signal=KILL"];

/// A command, and what the databases hold after it.
struct Scenario {
    name: &'static str,
    arguments: &'static [&'static str],
    input: &'static str,
    /// What each database holds before.
    old: &'static str,
    /// What each database holds if it succeeds.
    new: &'static str,
    /// Whether all of them hold the same at every moment at which somebody looks.
    together: bool,
    /// A transaction was killed before.
    interrupted: bool,
}

const CHANGE: &str = "echo 'n: 2' > a.sdn; echo 'n: 2' > b.sdn";

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "set",
        arguments: &["set", "-q", "--backups", "1", "a.sdn", "n=2"],
        input: "",
        old: "n: 1\n",
        new: "n: 2\n",
        together: false,
        interrupted: false,
    },
    Scenario {
        name: "write",
        arguments: &["write", "-q", "a.sdn"],
        input: "n: 2\n",
        old: "n: 1\n",
        new: "n: 2\n",
        together: false,
        interrupted: false,
    },
    Scenario {
        name: "add",
        arguments: &["add", "-q", "a.sdn", "t", "id=2"],
        input: "",
        old: "t |id|\n    1\n",
        new: "t |id|\n    1\n    2\n",
        together: false,
        interrupted: false,
    },
    Scenario {
        name: "exec",
        arguments: &["exec", "-q", "a.sdn", "b.sdn", "--", "sh", "-c", CHANGE],
        input: "",
        old: "n: 1\n",
        new: "n: 2\n",
        together: false,
        interrupted: false,
    },
    Scenario {
        name: "exec --transaction",
        arguments: &["exec", "-q", "--transaction", "a.sdn", "b.sdn", "--", "sh", "-c", CHANGE],
        input: "",
        old: "n: 1\n",
        new: "n: 2\n",
        together: true,
        interrupted: false,
    },
    Scenario {
        name: "recovery",
        arguments: &["read", "b.sdn"],
        input: "",
        old: "n: 1\n",
        new: "n: 1\n",
        together: true,
        interrupted: true,
    },
];

/// A folder as the scenario finds it.
fn scene(template: &Sandbox) -> Sandbox {
    let sandbox = Sandbox::new();
    for name in template.names() {
        let (from, to) = (template.path(&name), sandbox.path(&name));
        fs::copy(&from, &to).unwrap();
        // A journal is known by its time.
        let modified = fs::metadata(from).unwrap().modified().unwrap();
        File::options().append(true).open(to).unwrap().set_modified(modified).unwrap();
    }
    sandbox
}

fn template(scenario: &Scenario) -> Sandbox {
    let sandbox = Sandbox::new();
    for name in ["a.sdn", "b.sdn"] {
        sandbox.write(name, scenario.old);
    }
    if scenario.interrupted {
        let script = format!("{CHANGE}; echo > ready; exec sleep 600");
        let child = start(&mut sandbox.sdnlock(["exec", "--transaction", "a.sdn", "b.sdn", "--", "sh", "-c", &script]));
        wait_for("the command to run", || sandbox.exists("ready"));
        kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
        Run::end_of(child);
        fs::remove_file(sandbox.path("ready")).unwrap();
    }
    sandbox
}

/// Runs the scenario's command under strace(1) with this fault; `None` where that does not run. Only the
/// process itself is traced, not what it starts.
fn run(scenario: &Scenario, sandbox: &Sandbox, options: &[&str]) -> Option<Run> {
    let mut command = sandbox.traced_alone(options, scenario.arguments)?;
    let mut child = start(command.stdin(Stdio::piped()));
    let _ = child.stdin.take().unwrap().write_all(scenario.input.as_bytes());
    Some(Run::end_of(child))
}

/// How often the command makes each call.
fn count(scenario: &Scenario, template: &Sandbox) -> Option<BTreeMap<&'static str, usize>> {
    let sandbox = scene(template);
    let calls = format!("trace={}", CALLS.iter().map(|call| format!("?{call}")).collect::<Vec<_>>().join(","));
    run(scenario, &sandbox, &["-o", "trace", "-e", &calls])?.code(0);
    let trace = sandbox.read("trace");
    let mut counts = BTreeMap::new();
    for line in trace.lines() {
        if let Some(call) =
            CALLS.iter().find(|call| line.strip_prefix(**call).is_some_and(|rest| rest.starts_with('(')))
        {
            *counts.entry(*call).or_default() += 1;
        }
    }
    Some(counts)
}

fn judge(scenario: &Scenario, sandbox: &Sandbox, run: &Run, what: &str) {
    let databases = ["a.sdn", "b.sdn"];
    let involved = if scenario.arguments.contains(&"b.sdn") { 2 } else { 1 };
    let now = || databases.map(|name| fs::read_to_string(sandbox.path(name)).unwrap_or_default());
    let after = now();
    // Where no lock can be had a reader is told that it may see the middle of a transaction.
    let told = run.stderr.contains("a transaction on `b.sdn` is open");
    if scenario.interrupted {
        let whole = after.iter().all(|text| text == scenario.new);
        assert!(run.code != 0 || whole || told, "{what}: success, but {after:?}");
    } else {
        for text in &after[..involved] {
            assert!(text == scenario.old || text == scenario.new, "{what}: neither old nor new: {text:?}");
        }
        let all_new = after[..involved].iter().all(|text| text == scenario.new);
        assert!(run.code != 0 || all_new, "{what}: success, but {after:?}: {}", run.stderr);
        // What is said is true.
        let says_old = run.stderr.contains("unchanged")
            || run.stderr.contains("not run")
            || run.stderr.contains("as they were before");
        assert!(!(says_old && all_new && run.code != 0), "{what}: all new, but it says: {}", run.stderr);
    }
    assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
    // The next command works, and finds one of the two states.
    for name in databases {
        let read = sandbox.run(&["read", "-w", "10", name]);
        assert_eq!(read.code, 0, "{what}: the next command fails: {}", read.stderr);
    }
    let settled = now();
    if scenario.interrupted {
        assert!(settled.iter().all(|text| text == scenario.new), "{what}: not brought back: {settled:?}");
    }
    assert!(!scenario.together || settled[0] == settled[1], "{what}: half of it: {settled:?}");
    assert!(run.code != 0 || settled[..involved].iter().all(|text| text == scenario.new), "{what}: success was undone");
    for name in databases {
        sandbox.run(&["exec", "-w", "10", name, "--", "true"]).code(0);
    }
    let mut names = sandbox.names();
    names.retain(|name| ![".bak", ".rejected", ".before"].iter().any(|kept| name.contains(kept)));
    assert_eq!(names, databases, "{what}: litter");
}

#[test]
fn whatever_fails_the_databases_are_old_or_new_and_the_next_command_works() {
    let all = std::env::var("SDNLOCK_FAULTS").is_ok_and(|value| value == "all");
    let mut tried = 0;
    for scenario in SCENARIOS {
        let template = template(scenario);
        let Some(counts) = count(scenario, &template) else { return };
        let mut number = 0;
        for (call, count) in counts {
            for nth in 1..=count {
                for fault in FAULTS {
                    number += 1;
                    // A few of each in the ordinary run, spread evenly.
                    if !all && number % 29 != 0 {
                        continue;
                    }
                    let sandbox = scene(&template);
                    let inject = format!("inject={call}:{fault}:when={nth}");
                    let run = run(scenario, &sandbox, &["-o", "/dev/null", "-e", &inject]).unwrap();
                    judge(scenario, &sandbox, &run, &format!("{}, {inject}", scenario.name));
                    tried += 1;
                }
            }
        }
        println!("{}: {number} faults", scenario.name);
    }
    println!("{tried} faults tried");
    assert!(tried > 50);
}
