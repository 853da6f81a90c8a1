//! Programs that know nothing of locks, and change databases under `sdnlock exec`.

use std::process::Command;
use std::time::Duration;

use super::bench::{Bench, Plan, command, number_in, with_row};
use super::history::{A, B, C, Content, D, NAMES, NEW, SEALED};
use crate::support::Chance;

/// Some database that is there.
pub fn any(chance: &mut Chance) -> usize {
    chance.index(NEW)
}

/// Some databases, in some order, across two folders or not.
pub fn some(chance: &mut Chance) -> Vec<usize> {
    let mut chosen = [vec![A, B, C], vec![A, D], vec![D, SEALED, B], vec![B, C]][chance.index(4)].clone();
    let first = chance.index(chosen.len());
    chosen.rotate_left(first);
    chosen
}

/// A line of a script that gives a database a new content, and that content.
fn rewrite(bench: &mut Bench<'_>, of: usize) -> (String, Content) {
    let new = bench.rewritten(of);
    let (name, file) = (NAMES[of], bench.spare(&format!("new-{}", bench.number), &new));
    let file = file.display();
    let write = match bench.chance.below(6) {
        0 => format!("cp {file} {name}.new && mv {name}.new {name}"),
        1 => format!("rm -f {name} && cp {file} {name}"),
        _ => format!("cat {file} > {name}"),
    };
    let sync = match bench.chance.below(6) {
        0 | 1 => format!("sync {name};"),
        2 => "sync -f .;".to_owned(),
        _ => String::new(),
    };
    (format!("{write} || exit 9; {sync}"), Some(new))
}

/// Lines that do so for several databases.
fn rewrite_all(bench: &mut Bench<'_>, databases: &[usize]) -> (String, Vec<(usize, Content)>) {
    let mut script = String::new();
    let mut contents = Vec::new();
    for &of in databases {
        let (line, content) = rewrite(bench, of);
        script += &line;
        contents.push((of, content));
    }
    (script, contents)
}

/// Runs a script that writes only once what was there before is on disk, as the permissions of a journal tell: a command
/// that ends sooner is promised nothing before its end.
fn exec_of(bench: &Bench<'_>, options: &[&str], databases: &[usize], script: &str) -> Command {
    let journal = match NAMES[databases[0]].rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/.{name}.sdnlock-journal"),
        None => format!(".{}.sdnlock-journal", NAMES[databases[0]]),
    };
    let script = format!("until [ \"$(stat -c %a {journal})\" = 444 ]; do sleep 0.001; done; {script}");
    let mut command = bench.sdnlock(&["exec", "-q"]);
    command.args(options).args(databases.iter().map(|&of| NAMES[of])).args(["--", "sh", "-c", &script]);
    command
}

pub fn exec(bench: &mut Bench<'_>) {
    let of = any(&mut bench.chance);
    let (script, _) = rewrite(bench, of);
    let mut command = exec_of(bench, &[], &[of], &script);
    bench.step(Plan::new("exec", &[of]).foreign(Vec::new()), &mut command, "");
}

pub fn exec_several(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let (script, _) = rewrite_all(bench, &databases);
    let mut command = exec_of(bench, &[], &databases, &script);
    bench.step(Plan::new("exec of several", &databases).foreign(Vec::new()), &mut command, "");
}

pub fn exec_twice(bench: &mut Bench<'_>) {
    let (script, between) = rewrite_all(bench, &[A, A]);
    let mut command = exec_of(bench, &[], &[A], &script);
    bench.step(Plan::new("exec that writes twice", &[A]).foreign(between), &mut command, "");
}

pub fn exec_there_and_back(bench: &mut Bench<'_>) {
    let (script, between) = rewrite(bench, A);
    let old = bench.spare("old", &bench.content(A));
    let script = format!("{script} cat {} > a.sdn", old.display());
    let mut command = exec_of(bench, &[], &[A], &script);
    bench.step(Plan::new("exec there and back", &[A]).foreign(vec![(A, between)]), &mut command, "");
}

pub fn exec_failing(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let (script, between) = rewrite_all(bench, &databases);
    let mut command = exec_of(bench, &[], &databases, &(script + "exit 3"));
    bench.step(Plan::new("failing exec", &databases).foreign(between).fails(3), &mut command, "");
}

pub fn exec_broken(bench: &mut Bench<'_>) {
    let script = "printf 'c |id, n, s|\\n    a, 1, \"never closed\\n' > a.sdn; sync a.sdn";
    let mut command = exec_of(bench, &[], &[A], script);
    bench.step(Plan::new("exec that breaks", &[A]).foreign(Vec::new()).fails(65), &mut command, "");
}

/// Lines with commands that change two databases, one of them twice; and what the first of them leaves.
fn nested(bench: &Bench<'_>, first: usize, second: usize) -> (String, Vec<(usize, Content)>) {
    let line = |of: usize| format!("sdnlock set -q --reseal {} c.a.n+=1 || exit 9; ", NAMES[of]);
    let old = bench.content(first);
    let once = number_in(&old, "a").map(|number| with_row(&old, "a", &(number + 1).to_string(), None));
    (line(first) + &line(second) + &line(first), vec![(first, once)])
}

pub fn exec_nested(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let (script, between) = nested(bench, databases[0], databases[1]);
    let mut command = exec_of(bench, &[], &databases, &script);
    bench.step(Plan::new("exec of sdnlock", &databases).foreign(between), &mut command, "");
}

pub fn transaction(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let (script, between) = rewrite_all(bench, &databases);
    let mut command = exec_of(bench, &["--transaction"], &databases, &script);
    bench.step(Plan::new("transaction", &databases).whole().foreign(between), &mut command, "");
}

pub fn transaction_failing(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let (script, between) = rewrite_all(bench, &databases);
    let mut command = exec_of(bench, &["--transaction"], &databases, &(script + "exit 3"));
    bench.step(Plan::new("failing transaction", &databases).whole().foreign(between).fails(3), &mut command, "");
}

pub fn transaction_nested(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let (script, between) = nested(bench, databases[0], databases[1]);
    let mut command = exec_of(bench, &["--transaction"], &databases, &script);
    bench.step(Plan::new("transaction of sdnlock", &databases).whole().foreign(between), &mut command, "");
}

pub fn transaction_nested_failing(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let (script, between) = nested(bench, databases[0], databases[1]);
    let mut command = exec_of(bench, &["--transaction"], &databases, &(script + "exit 3"));
    let plan = Plan::new("failing transaction of sdnlock", &databases).whole().foreign(between);
    bench.step(plan.fails(3), &mut command, "");
}

pub fn reseal(bench: &mut Bench<'_>) {
    // A program that does not know the seal leaves a wrong one.
    let number = bench.fresh();
    let line = format!("sed -i 's/^    b, [0-9]*/    b, {number}/' sealed.sdn");
    let mut command = exec_of(bench, &["--no-check"], &[SEALED], &line);
    bench.step(Plan::new("exec", &[SEALED]).foreign(Vec::new()), &mut command, "");
    let mut command = bench.sdnlock(&["check", "-q", "--fix", "--reseal", "sealed.sdn"]);
    bench.step(Plan::new("check --fix", &[SEALED]), &mut command, "");
}

/// Takes a database away by hand, so that it can be made anew.
fn without_new(bench: &mut Bench<'_>) {
    let mut command = command(bench.disk, "sh");
    command.args(["-c", "rm -f new.sdn && sync -f ."]);
    bench.step(Plan::new("rm by hand", &[NEW]), &mut command, "");
}

pub fn write_new(bench: &mut Bench<'_>) {
    without_new(bench);
    let new = bench.rewritten(NEW);
    let mut command = bench.sdnlock(&["write", "-q", "new.sdn"]);
    bench.step(Plan::new("write of a new one", &[NEW]), &mut command, &new);
}

pub fn exec_new(bench: &mut Bench<'_>) {
    without_new(bench);
    let databases = [[NEW, A], [D, NEW]][bench.chance.index(2)];
    let (script, _) = rewrite_all(bench, &databases);
    // A shell makes the file before it writes to it.
    let between = vec![(NEW, Some(String::new()))];
    let mut command = exec_of(bench, &[], &databases, &script);
    bench.step(Plan::new("exec that makes one", &databases).foreign(between), &mut command, "");
}

pub fn transaction_new(bench: &mut Bench<'_>) {
    without_new(bench);
    let databases = [[NEW, A], [D, NEW]][bench.chance.index(2)];
    let (script, between) = rewrite_all(bench, &databases);
    let plan = |what| Plan::new(what, &databases).whole().foreign(between);
    let (plan, end) = match bench.chance.below(3) {
        0 => (plan("failing transaction that makes one").fails(3), "exit 3"),
        1 => (plan("killed transaction that makes one").killed(moment(&mut bench.chance)), "sleep 0.03"),
        _ => (plan("transaction that makes one"), ""),
    };
    let mut command = exec_of(bench, &["--transaction"], &databases, &(script + end));
    bench.step(plan, &mut command, "");
}

/// A moment within an operation, or behind it.
fn moment(chance: &mut Chance) -> Duration {
    Duration::from_micros(chance.below(60_000))
}

pub fn killed_set(bench: &mut Bench<'_>) {
    let after = moment(&mut bench.chance) / 4;
    let mut command = bench.sdnlock(&["set", "-q", "a.sdn", "c.a.n+=1"]);
    bench.step(Plan::new("killed set", &[A]).killed(after), &mut command, "");
}

pub fn killed_exec(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let (script, between) = rewrite_all(bench, &databases);
    let mut command = exec_of(bench, &[], &databases, &(script + "sleep 0.03"));
    let after = moment(&mut bench.chance);
    bench.step(Plan::new("killed exec", &databases).foreign(between).killed(after), &mut command, "");
}

pub fn killed_transaction(bench: &mut Bench<'_>) {
    let databases = some(&mut bench.chance);
    let (script, between) = rewrite_all(bench, &databases);
    let mut command = exec_of(bench, &["--transaction"], &databases, &(script + "sleep 0.03"));
    let after = moment(&mut bench.chance);
    bench.step(Plan::new("killed transaction", &databases).whole().foreign(between).killed(after), &mut command, "");
}
