//! What hostile input costs: so many times more of it costs so many times more, whatever it is more of.
//!
//! Instructions are counted, by valgrind's `cachegrind`: they are the same on a loaded machine. Each case runs a command
//! on documents of some size, and on others that are [`MORE`] times as large. The ordinary run merges each kind of
//! content, some kinds at once, and lets each other command meet some. `SDNLOCK_PROPORTION=all` lets each command meet
//! each kind alone; it is meant for a release build, whose documents are larger. With anything else in place of `all`
//! that is done where what is told of a case holds it: `SDNLOCK_PROPORTION='diff base'`.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use commands::{CHECKS, DIFFS, LONG, MERGES, OF_PARTS, OTHERS, Words};
use contents::{Part, Schema, Version};
use support::{Run, SDNLOCK, Sandbox, has_program};

#[path = "proportion/commands.rs"]
mod commands;
#[path = "proportion/contents.rs"]
mod contents;
#[path = "proportion/related.rs"]
mod related;
mod support;

/// How many elements of each part the smaller documents have.
const SIZE: usize = if cfg!(debug_assertions) { 16 } else { 160 };

/// How many times as large the larger ones are.
const MORE: usize = 8;

/// How many times as many the largest ones have, where it takes these to tell.
const STILL_MORE: usize = 4;

/// So many halves as much may be taken and said for as much: what is 8 times as large may take 12 times as much. What is
/// quadratic takes 64 times as much, in the end.
const MOST_HALVES: u64 = 3;

/// What is said of little may be so many bytes.
const FEW_BYTES: usize = 4096;

/// A command on the documents of some parts.
struct Case {
    command: Words,
    parts: Vec<&'static Part>,
}

/// What a command took and said.
#[derive(Clone, Copy)]
struct Cost {
    instructions: u64,
    /// Of what it was given.
    read: usize,
    /// Of what it said.
    written: usize,
}

impl Case {
    fn names(&self) -> String {
        let parts: Vec<&str> = self.parts.iter().map(|part| part.name).collect();
        format!("`sdnlock {}` on {}", self.command.join(" "), parts.join(", "))
    }

    fn words(&self, size: usize) -> Vec<String> {
        let words = self.command.iter().map(|word| word.replace("{part}", &self.parts[0].prefix()));
        let many = |word: String| {
            let times = if word.contains("{n}") || word.contains("{}") { size } else { 1 };
            (0..times).map(move |at| word.replace("{n}", &at.to_string()).replace("{}", ""))
        };
        words.flat_map(many).collect()
    }

    /// What the command takes and says on documents of this size.
    fn cost(&self, counter: &Counter, size: usize) -> Cost {
        let sandbox = Sandbox::new();
        let words = self.words(size);
        let mut read = words.iter().map(String::len).sum();
        for (name, version) in [("base", Version::Base), ("ours", Version::Ours), ("theirs", Version::Theirs)] {
            let parts = self.parts.iter().map(|part| part.text(size, version));
            // A table for commands that are about one, at the end so that it is looked for.
            let rows: String = (0..size).map(|row| format!("    {row}, s{}\n", row * 7 % 5)).collect();
            let text: String = parts.chain([format!("main |id, s|\n{rows}last:\n    value: {name}\n")]).collect();
            read += text.len();
            sandbox.write(&format!("{name}.sdn"), text);
        }
        sandbox.write("empty.sdn", "");
        if let Some(schema) = self.schema(size) {
            // It is looked for up to the root of the repository.
            fs::create_dir(sandbox.path(".git")).unwrap();
            read += schema.len();
            sandbox.write(".sdnlock.sdn", schema);
        }
        let (instructions, written) = counter.count(&sandbox, &words);
        Cost { instructions, read, written }
    }

    fn schema(&self, size: usize) -> Option<String> {
        let schemas: Vec<Schema> = self.parts.iter().filter_map(|part| part.schema(size)).collect();
        let rows = |of: fn(&Schema) -> &str| schemas.iter().map(of).collect::<String>();
        let columns = rows(|schema| &schema.columns);
        let text = format!(
            "columns |table, column, type, required, values|\n{columns}keys |table, columns|\n{}\
             references |table, column, target|\n{}",
            rows(|schema| &schema.keys),
            rows(|schema| &schema.references)
        );
        (!schemas.is_empty()).then_some(text)
    }

    /// What is out of proportion, if anything is. `start` is what the command costs without any document.
    fn excess(&self, counter: &Counter, start: u64) -> Option<String> {
        let [few, many] = [SIZE, SIZE * MORE].map(|size| self.cost(counter, size));
        let told = |few: Cost, many: Cost| {
            let [cost, more] = [few, many].map(|cost| cost.instructions.saturating_sub(start));
            format!("{:5.1} times {cost:12} for {}", ratio(more, cost), self.names())
        };
        println!("{}", told(few, many));
        if self.is_in_proportion(few, many, MORE, start) {
            return None;
        }
        // There may be more to do from some number of them on, or up to one.
        let still_more = self.cost(counter, SIZE * MORE * STILL_MORE);
        let is_in_proportion = self.is_in_proportion(many, still_more, STILL_MORE, start);
        (!is_in_proportion).then(|| format!("{}\n{}", told(few, many), told(many, still_more)))
    }

    /// Whether that is so for so many times as many elements.
    fn is_in_proportion(&self, few: Cost, many: Cost, times: usize, start: u64) -> bool {
        // What a document says once, its differences may have to say of each that there is.
        let repeats = self.parts.iter().any(|part| part.repeats);
        let size = |cost: Cost| if repeats { cost.read + cost.written } else { cost.read };
        let larger = (size(many) / size(few)).max(times) as u64;
        let [cost, more] = [few, many].map(|cost| cost.instructions.saturating_sub(start));
        let most = |few: u64| few * larger * MOST_HALVES / 2;
        more <= most(cost) && (repeats || many.written as u64 <= most(few.written.max(FEW_BYTES) as u64))
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

    /// The instructions, and the bytes that are said.
    fn count(&self, sandbox: &Sandbox, arguments: &[String]) -> (u64, usize) {
        let mut command = sandbox.program("valgrind");
        command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--log-file=counted"]);
        let run = Run::of(command.arg(&self.binary).args(arguments));
        let counted = sandbox.read("counted");
        // It may refuse what is in doubt, but not break off.
        let command = arguments.iter().take(6).cloned().collect::<Vec<_>>().join(" ");
        assert!(matches!(run.code, 0 | 1 | 65), "{command}: exit code {}\n{}", run.code, run.stderr);
        let total = counted.lines().find_map(|line| line.split_once("I   refs:"));
        let digits: String = total.expect("a total").1.chars().filter(char::is_ascii_digit).collect();
        (digits.parse().unwrap(), run.stdout.len() + run.stderr.len())
    }
}

/// All kinds of content.
fn every() -> impl Iterator<Item = &'static Part> {
    contents::ALL.iter().chain(related::ALL)
}

/// The parts that have one of these names.
fn parts(names: &[&str]) -> Vec<&'static Part> {
    names.iter().map(|name| every().find(|part| part.name == *name).expect(name)).collect()
}

/// Every kind of content, together with others that need about as many instructions.
fn groups() -> Vec<Vec<&'static Part>> {
    let mut groups: Vec<Vec<&Part>> = Vec::new();
    for part in every() {
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
    let looks = DIFFS.iter().chain(CHECKS).zip(groups.iter().skip(1).step_by(2).cycle());
    cases.extend(looks.map(|(command, group)| Case { command, parts: group.clone() }));
    cases.extend(OTHERS.iter().map(|command| Case { command, parts: parts(&["rows", "settings", "columns"]) }));
    let of_group = |name: &str| groups.iter().find(|group| group[0].group == name).expect(name).clone();
    cases.push(Case { command: DIFFS[2], parts: of_group("long names") });
    cases.push(Case { command: CHECKS[0], parts: of_group("schema") });
    let (command, part) = LONG[0];
    cases.push(Case { command, parts: parts(&[part]) });
    cases
}

fn all() -> Vec<Case> {
    let commands = || [MERGES, DIFFS, CHECKS, OTHERS, OF_PARTS].into_iter().flatten();
    let cases = every().flat_map(|part| commands().map(move |command| Case { command, parts: vec![part] }));
    let long = LONG.iter().map(|(command, part)| Case { command, parts: parts(&[part]) });
    long.chain(cases).collect()
}

fn wanted() -> Vec<Case> {
    match std::env::var("SDNLOCK_PROPORTION") {
        Err(_) => ordinary(),
        Ok(which) if which == "all" => all(),
        Ok(which) => all().into_iter().filter(|case| case.names().contains(&which)).collect(),
    }
}

#[test]
fn what_a_command_costs_is_in_proportion_to_what_it_is_given() {
    if !has_program("valgrind") {
        return;
    }
    let cases = wanted();
    let counter = Counter::new();
    let (start, _) = counter.count(&Sandbox::new(), &["--version".to_owned()]);
    let next = Mutex::new(cases.iter());
    let excessive = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(case) = next.lock().unwrap().next() else { break };
            // The others are still to be counted where one breaks off.
            let excess = catch_unwind(AssertUnwindSafe(|| case.excess(&counter, start)));
            let excess = excess.unwrap_or_else(|_| Some(format!("no end of {}", case.names())));
            excessive.lock().unwrap().extend(excess);
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
