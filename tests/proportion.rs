//! What hostile input costs: so many times more of it costs so many times more, whatever it is more of.
//!
//! Instructions are counted, by valgrind's `cachegrind`: they are the same on a loaded machine. Each case runs a command
//! on documents of some size, and on others that are [`MORE`] times as large. The ordinary run merges each kind of
//! content, some kinds at once, and lets each other command meet some. `SDNLOCK_PROPORTION=all` lets each command meet
//! each kind alone; it is meant for a release build, whose documents are larger.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use contents::{ALL, Part, Version};
use support::{Run, SDNLOCK, Sandbox, has_program};

#[path = "proportion/contents.rs"]
mod contents;
mod support;

/// How many elements of each part the smaller documents have.
const SIZE: usize = if cfg!(debug_assertions) { 16 } else { 160 };

/// How many times as large the larger ones are.
const MORE: usize = 8;

/// How many times as many instructions they may take. What is quadratic takes 64 times as many, in the end.
const MOST: u64 = 12;

/// A command on the documents `base.sdn`, `ours.sdn`, `theirs.sdn` of some parts.
struct Case {
    command: &'static [&'static str],
    parts: Vec<&'static Part>,
}

const DIFFS: &[&[&str]] = &[
    &["diff", "ours.sdn", "theirs.sdn", "--diff", "json"],
    &["diff", "base.sdn", "ours.sdn", "--diff", "records"],
    &["diff", "base.sdn", "theirs.sdn", "--diff", "stat"],
    &["diff", "base.sdn", "ours.sdn", "--diff", "unified"],
];

const MERGES: &[&[&str]] = &[
    &["merge", "base.sdn", "ours.sdn", "theirs.sdn"],
    &["merge", "base.sdn", "theirs.sdn", "ours.sdn", "--json"],
    &["merge", "base.sdn", "ours.sdn", "theirs.sdn", "--strategy", "last-write-wins"],
    &["merge", "base.sdn", "theirs.sdn", "ours.sdn", "--strategy", "error"],
    &["merge", "empty.sdn", "ours.sdn", "theirs.sdn"],
];

const CHECK: &[&str] = &["check", "--severity", "note", "base.sdn"];
const FIX: &[&str] = &["check", "--fix", "base.sdn"];

/// Commands that look at one document, and at the small table `main` in it.
const OTHERS: &[&[&str]] = &[
    &["read", "--json", "base.sdn"],
    &["get", "base.sdn", "main.1.s"],
    &["list", "base.sdn"],
    &["list", "base.sdn", "main", "--where", "s!=zz", "--sort", "s,id", "--all"],
    &["set", "--dry-run", "base.sdn", "main.1.s=9", "last.value=9"],
    &["add", "--dry-run", "base.sdn", "main", "s=7"],
    &["add", "--dry-run", "--update-only", "--if-each", "s!=zz", "base.sdn", "main", "id=1", "s=7"],
    &["rm", "--dry-run", "base.sdn", "main.1", "last.value"],
    &["alter", "--dry-run", "base.sdn", "main", "--add-column", "new=1"],
];

impl Case {
    fn names(&self) -> String {
        let parts: Vec<&str> = self.parts.iter().map(|part| part.name).collect();
        format!("`sdnlock {}` on {}", self.command.join(" "), parts.join(", "))
    }

    /// How many instructions the command takes on documents of this size.
    fn cost(&self, counter: &Counter, size: usize) -> u64 {
        let sandbox = Sandbox::new();
        for (name, version) in [("base", Version::Base), ("ours", Version::Ours), ("theirs", Version::Theirs)] {
            let parts = self.parts.iter().map(|part| part.text(size, version));
            // A table for commands that are about one, at the end so that it is looked for.
            let rows: String = (0..size).map(|row| format!("    {row}, s{}\n", row * 7 % 5)).collect();
            let text: String = parts.chain([format!("main |id, s|\n{rows}last:\n    value: {name}\n")]).collect();
            sandbox.write(&format!("{name}.sdn"), text);
        }
        sandbox.write("empty.sdn", "");
        counter.count(&sandbox, self.command)
    }
}

/// Counts the instructions of `sdnlock`.
struct Counter {
    /// The binary without what debuggers need, of which valgrind would read all first.
    binary: PathBuf,
    _folder: Sandbox,
}

impl Counter {
    fn new() -> Self {
        let folder = Sandbox::new();
        let binary = folder.path("sdnlock");
        let stripped = Command::new("strip").arg("-o").arg(&binary).arg(SDNLOCK).status();
        if !stripped.is_ok_and(|status| status.success()) {
            fs::copy(SDNLOCK, &binary).unwrap();
        }
        Self { binary, _folder: folder }
    }

    fn count(&self, sandbox: &Sandbox, arguments: &[&str]) -> u64 {
        let mut command = sandbox.program("valgrind");
        command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--log-file=counted"]);
        let run = Run::of(command.arg(&self.binary).args(arguments));
        let counted = sandbox.read("counted");
        // It may refuse what is in doubt, but not break off.
        assert!(matches!(run.code, 0 | 1 | 65), "{arguments:?}: {run:?}\n{counted}");
        let total = counted.lines().find_map(|line| line.split_once("I   refs:"));
        let digits: String = total.expect("a total").1.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    }
}

/// The parts that have one of these names.
fn parts(names: &[&str]) -> Vec<&'static Part> {
    names.iter().map(|name| ALL.iter().find(|part| part.name == *name).expect(name)).collect()
}

/// Every kind of content, together with others that need about as many instructions.
fn groups() -> Vec<Vec<&'static Part>> {
    let mut groups: Vec<Vec<&Part>> = Vec::new();
    for part in ALL {
        match groups.last_mut().filter(|group| group[0].group == part.group) {
            Some(group) => group.push(part),
            None => groups.push(vec![part]),
        }
    }
    groups
}

/// Each group is merged, one way or another; each other command meets a group.
fn ordinary() -> Vec<Case> {
    let groups = groups();
    let merges = groups.iter().zip(MERGES.iter().cycle());
    let mut cases: Vec<Case> = merges.map(|(group, command)| Case { command, parts: group.clone() }).collect();
    // What is about a whole document meets what has most to say there.
    let looks = DIFFS.iter().chain([&CHECK, &FIX]).zip(groups.iter().skip(1).step_by(2).cycle());
    cases.extend(looks.map(|(command, group)| Case { command, parts: group.clone() }));
    cases.extend(OTHERS.iter().map(|command| Case { command, parts: parts(&["rows", "settings", "columns"]) }));
    cases
}

fn all() -> Vec<Case> {
    let commands = MERGES.iter().chain(DIFFS).chain(OTHERS).chain([&CHECK, &FIX]);
    commands.flat_map(|command| ALL.iter().map(|part| Case { command, parts: vec![part] })).collect()
}

#[test]
fn what_a_command_costs_is_in_proportion_to_what_it_is_given() {
    if !has_program("valgrind") {
        return;
    }
    let cases = if std::env::var("SDNLOCK_PROPORTION").is_ok_and(|which| which == "all") { all() } else { ordinary() };
    let counter = Counter::new();
    let start = counter.count(&Sandbox::new(), &["--version"]);
    let next = Mutex::new(cases.iter());
    let excessive = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(case) = next.lock().unwrap().next() else { break };
            let [few, many] = [SIZE, SIZE * MORE].map(|size| case.cost(&counter, size).saturating_sub(start));
            println!("{:5.1} times {few:12} for {}", ratio(many, few), case.names());
            if many > MOST * few {
                excessive.lock().unwrap().push(format!("{:.1} times as much for {}", ratio(many, few), case.names()));
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    let excessive = excessive.into_inner().unwrap();
    assert!(excessive.is_empty(), "{MORE} times the size, and\n{}", excessive.join("\n"));
}

#[allow(clippy::cast_precision_loss, reason = "it is only shown")]
fn ratio(many: u64, few: u64) -> f64 {
    many as f64 / few as f64
}
