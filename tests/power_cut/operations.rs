//! What is done to the databases until the power fails.

use std::process::{Command, Stdio};

use super::bench::{Bench, Plan, command, number_in, with_row};
use super::history::{A, B, C, D, NAMES, SEALED};
use super::scripts::{self, any, some};
use crate::support::Run;

/// An operation, and the mix that it belongs to.
pub struct Operation {
    mix: &'static str,
    run: fn(&mut Bench<'_>),
}

const fn of(mix: &'static str, run: fn(&mut Bench<'_>)) -> Operation {
    Operation { mix, run }
}

const OPERATIONS: &[Operation] = &[
    of("single", set),
    of("single", set_several),
    of("single", set_sealed),
    of("single", write),
    of("single", add),
    of("single", remove),
    of("single", edit),
    of("single", merge),
    of("single", merge_renumbering),
    of("single", alter),
    of("single", scripts::write_new),
    of("backup", set_with_backup),
    of("backup", restore),
    of("exec", scripts::reseal),
    of("exec", scripts::exec),
    of("exec", scripts::exec_several),
    of("exec", scripts::exec_twice),
    of("exec", scripts::exec_there_and_back),
    of("exec", scripts::exec_failing),
    of("exec", scripts::exec_broken),
    of("exec", scripts::exec_nested),
    of("exec", scripts::exec_new),
    of("exec", many_with_exec),
    of("transaction", scripts::transaction),
    of("transaction", scripts::transaction_failing),
    of("transaction", scripts::transaction_nested),
    of("transaction", scripts::transaction_nested_failing),
    of("transaction", scripts::transaction_new),
    of("transaction", crate_transaction),
    of("crate", crate_update),
    of("many", many),
    of("killed", scripts::killed_set),
    of("killed", scripts::killed_exec),
    of("killed", scripts::killed_transaction),
];

/// The operations of some mixes, `single,exec`; of all of them by `all`.
pub fn of_mixes(mixes: &str) -> Vec<&'static Operation> {
    let wanted: Vec<&str> = mixes.split(',').collect();
    for mix in wanted.iter().filter(|mix| **mix != "all") {
        let known = OPERATIONS.iter().map(|operation| operation.mix).collect::<std::collections::BTreeSet<_>>();
        assert!(known.contains(mix), "there is no mix `{mix}`, but {known:?}");
    }
    let is_wanted = |operation: &&Operation| wanted.contains(&"all") || wanted.contains(&operation.mix);
    OPERATIONS.iter().filter(is_wanted).collect()
}

impl Operation {
    pub fn run(&self, bench: &mut Bench<'_>) {
        (self.run)(bench);
    }
}

fn set(bench: &mut Bench<'_>) {
    let of = [A, C, D][bench.chance.index(3)];
    let mut command = bench.sdnlock(&["set", "-q", NAMES[of], "c.a.n+=1"]);
    bench.step(Plan::new("set", &[of]), &mut command, "");
}

fn set_several(bench: &mut Bench<'_>) {
    let mut command = bench.sdnlock(&["set", "-q", "b.sdn", "c.a.n+=1", "c.b.n+=2"]);
    bench.step(Plan::new("set of several", &[B]), &mut command, "");
}

fn set_sealed(bench: &mut Bench<'_>) {
    let mut command = bench.sdnlock(&["set", "-q", "--reseal", "sealed.sdn", "c.a.n+=1"]);
    bench.step(Plan::new("set of sealed", &[SEALED]), &mut command, "");
}

fn write(bench: &mut Bench<'_>) {
    let of = any(&mut bench.chance);
    let new = bench.rewritten(of);
    let mut command = bench.sdnlock(&["write", "-q", "--reseal", NAMES[of]]);
    bench.step(Plan::new("write", &[of]), &mut command, &new);
}

fn add(bench: &mut Bench<'_>) {
    let (id, text) = (format!("id=n{}", bench.fresh()), format!("s={}", "r".repeat(bench.chance.index(5000))));
    let mut command = bench.sdnlock(&["add", "-q", "c.sdn", "c", &id, "n=1", &text]);
    bench.step(Plan::new("add", &[C]), &mut command, "");
}

fn remove(bench: &mut Bench<'_>) {
    let content = bench.content(C);
    let added: Vec<&str> = content.lines().filter_map(|line| line.strip_prefix("    n")?.split(',').next()).collect();
    if added.is_empty() {
        return add(bench);
    }
    let record = format!("c.n{}", added[bench.chance.index(added.len())]);
    let mut command = bench.sdnlock(&["rm", "-q", "c.sdn", &record]);
    bench.step(Plan::new("rm", &[C]), &mut command, "");
}

fn edit(bench: &mut Bench<'_>) {
    let new = bench.rewritten(A);
    let editor = format!("cp {}", bench.spare("typed", &new).display());
    let mut command = bench.sdnlock(&["edit", "-q", "a.sdn"]);
    command.env("EDITOR", editor);
    bench.step(Plan::new("edit", &[A]), &mut command, "");
}

fn merge(bench: &mut Bench<'_>) {
    let ours = bench.content(B);
    let theirs = bench.rewritten(B);
    merge_of(bench, "merge", &ours, &theirs, &[]);
}

fn merge_renumbering(bench: &mut Bench<'_>) {
    // Both sides have a new record of the same number.
    let number = bench.fresh();
    let base = bench.content(B);
    let added = bench.sdnlock(&["add", "-q", "b.sdn", "c", &format!("id={number}"), "n=1", "s=ours"]);
    bench.step(Plan::new("add", &[B]), &mut { added }, "");
    let theirs = format!("{base}    {number}, 2, theirs\n");
    merge_of(bench, "merge --renumber", &base, &theirs, &["--renumber"]);
}

fn merge_of(bench: &mut Bench<'_>, what: &'static str, base: &str, theirs: &str, options: &[&str]) {
    let base = bench.spare("base.sdn", base).display().to_string();
    let theirs = bench.spare("theirs.sdn", theirs).display().to_string();
    let mut command = bench.sdnlock(&["merge", "-q", "-o", "b.sdn", &base, "b.sdn", &theirs]);
    bench.step(Plan::new(what, &[B]), command.args(options), "");
}

fn alter(bench: &mut Bench<'_>) {
    let there = bench.content(D).contains("|id, n, s, k|");
    let (option, value) = if there { ("--drop-column", "k") } else { ("--add-column", "k=1") };
    let mut command = bench.sdnlock(&["alter", "-q", "sub/d.sdn", "c", option, value]);
    bench.step(Plan::new("alter", &[D]), &mut command, "");
}

fn set_with_backup(bench: &mut Bench<'_>) {
    let mut command = bench.sdnlock(&["set", "-q", "--backups", "2", "b.sdn", "c.b.n+=2"]);
    bench.step(Plan::new("set --backups", &[B]), &mut command, "");
}

fn restore(bench: &mut Bench<'_>) {
    let number = bench.chance.below(2);
    let name = if number == 0 { "b.sdn.bak".to_owned() } else { format!("b.sdn.bak.{number}") };
    if !bench.disk.room().seen(super::disk::MOUNTED).join(name).exists() {
        return set_with_backup(bench);
    }
    let mut command = bench.sdnlock(&["restore", "-q", "b.sdn", &number.to_string()]);
    bench.step(Plan::new("restore", &[B]), &mut command, "");
}

/// This test binary once more, as a program that uses the crate.
fn worker(bench: &Bench<'_>, work: &str) -> Command {
    let mut command = command(bench.disk, std::env::current_exe().unwrap());
    command.args(["--exact", "works", "--nocapture", "--quiet"]).env(super::WORK, work);
    command
}

fn crate_update(bench: &mut Bench<'_>) {
    let of = any(&mut bench.chance);
    let mut command = worker(bench, &format!("update {}", NAMES[of]));
    bench.step(Plan::new("Database::update", &[of]), &mut command, "");
}

fn crate_transaction(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let names: Vec<&str> = databases.iter().map(|&of| NAMES[of]).collect();
    let mut command = worker(bench, &format!("transaction {}", names.join(" ")));
    bench.step(Plan::new("sdnlock::transaction", &databases).whole(), &mut command, "");
}

fn many(bench: &mut Bench<'_>) {
    change_from_many(bench, "set of many", false);
}

fn many_with_exec(bench: &mut Bench<'_>) {
    change_from_many(bench, "set and exec of many", true);
}

/// Three processes change one database again and again, each its own row.
fn change_from_many(bench: &mut Bench<'_>, what: &'static str, with_exec: bool) {
    let of = any(&mut bench.chance);
    let old = bench.content(of);
    let rounds = 1 + bench.chance.index(4);
    let disk = bench.disk;
    let changes = |row: usize| {
        let (name, change) = (NAMES[of], format!("c.w{row}.n+=1"));
        let nested = format!("sdnlock set -q --reseal {name} {change}");
        let plain = ["set", "-q", "--reseal", "-w", "60", name, &change];
        let exec = ["exec", "-q", "-w", "60", name, "--", "sh", "-c", &nested];
        let mut places = Vec::new();
        for round in 0..rounds {
            let arguments = if with_exec && row == 2 && round % 2 == 0 { &exec[..] } else { &plain[..] };
            let begun = disk.place();
            let run = Run::of(super::bench::sdnlock(disk, arguments).stdin(Stdio::null()));
            places.push((begun, disk.place(), run));
        }
        places
    };
    let of_all: Vec<_> = std::thread::scope(|scope| {
        let threads = [0, 1, 2].map(|row| scope.spawn(move || changes(row)));
        threads.map(|thread| thread.join().unwrap()).into()
    });
    let mut spans = Vec::new();
    for changes in of_all {
        let mut of_one = vec![(0, usize::MAX)];
        for (begun, ended, run) in changes {
            if run.code != 0 {
                let told = format!("exit code {}: {}", run.code, run.stderr.trim());
                bench.wrong.push(super::history::Wrong { kind: format!("{what} fails"), told });
                break;
            }
            of_one.last_mut().expect("the first").1 = ended;
            of_one.push((begun, usize::MAX));
        }
        spans.push(of_one);
    }
    let content = |counts: &[usize]| {
        let row = |content: String, (row, count): (usize, &usize)| {
            let row = format!("w{row}");
            let number = number_in(&old, &row).unwrap_or(0) + *count as u64;
            with_row(&content, &row, &number.to_string(), None)
        };
        Some(counts.iter().enumerate().fold(old.clone(), row))
    };
    bench.history.record_many(what, of, &spans, content);
    let now = super::bench::state(bench.disk);
    if now != *bench.history.last() {
        let told = format!("{}: {}", NAMES[of], super::history::shortened(&now[of]));
        bench.wrong.push(super::history::Wrong { kind: format!("{what} lost"), told });
    }
}

/// A writer that puts another file in the place of a database, and does not care whether it is on the disk.
pub fn without_sync(bench: &mut Bench<'_>) {
    let new = bench.rewritten(A);
    let new = bench.spare("new", &new);
    let mut command = command(bench.disk, "sh");
    command.args(["-c", &format!("cp {} a.new && mv a.new a.sdn", new.display())]);
    bench.step(Plan::new("rename without sync", &[A]), &mut command, "");
}
