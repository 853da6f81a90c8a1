//! What goes on in a project at the same time, with real processes: scripts that know nothing of locks,
//! run under `sdnlock exec`.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::process::Child;

use support::{Chance, Run, Sandbox, scaled, seed, start};

mod support;

/// Runs a shell line so many times, stopping at the first failure.
fn repeat(sandbox: &Sandbox, times: u32, line: &str) -> Child {
    start(&mut sandbox.shell(&format!("for i in $(seq {times}); do {line} || exit 1; done")))
}

#[test]
fn a_documents_are_generated_while_a_scan_rewrites_the_database() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let rows = sandbox.read("todo_db.sdn").lines().count();
    // The scan empties the file and writes it line by line.
    sandbox.script(
        "scan.sh",
        "cat todo_db.sdn > copy; : > todo_db.sdn; while IFS= read -r line; do echo \"$line\" >> todo_db.sdn; done < copy",
    );
    sandbox.script("generate.sh", "a=$(wc -l < todo_db.sdn); sleep 0.01; b=$(wc -l < todo_db.sdn); echo \"$a $b\"");
    let rounds = scaled(15);
    let scan = repeat(&sandbox, rounds, "sdnlock exec -q -w 60 todo_db.sdn -- ./scan.sh");
    let generators: Vec<Child> =
        (0..2).map(|_| repeat(&sandbox, rounds, "sdnlock exec --shared -w 60 todo_db.sdn -- ./generate.sh")).collect();
    for generator in generators {
        let seen = Run::end_of(generator).code(0).stdout;
        assert!(seen.lines().all(|line| line == format!("{rows} {rows}")), "a half-written database was read: {seen}");
    }
    Run::end_of(scan).code(0);
}

#[test]
fn b_a_feature_is_updated_during_a_test_run() {
    let sandbox = Sandbox::new();
    let features: String = (0..20).map(|n| format!("    {n}, planned, 0\n")).collect();
    sandbox.write("feature_db.sdn", format!("features |id, status, runs|\n{features}"));
    // The run reads the whole database, takes its time, and writes it back with its own counts.
    sandbox.script("run.sh", "sed 's/, \\([0-9]*\\)$/ \\1/' feature_db.sdn | while read -r line; do case $line in features*) echo \"$line\";; *) echo \"    ${line% *}, $((${line##* } + 1))\";; esac; done > new; sleep 0.02; cat new > feature_db.sdn");
    let rounds = scaled(10);
    let runs = repeat(&sandbox, rounds, "sdnlock exec -q -w 60 feature_db.sdn -- ./run.sh");
    let updates = start(&mut sandbox.shell(
        "for i in $(seq 0 19); do sdnlock set -q -w 60 --no-durable feature_db.sdn features.$i.status=done || exit 1; done",
    ));
    Run::end_of(updates).code(0);
    Run::end_of(runs).code(0);
    let text = sandbox.read("feature_db.sdn");
    for n in 0..20 {
        assert!(text.contains(&format!("    {n}, done, {rounds}\n")), "{text}");
    }
}

#[test]
fn c_readers_of_eleven_tables_never_see_a_mix() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("tables")).unwrap();
    for n in 0..11 {
        sandbox.write(&format!("tables/{n}.sdn"), "generation: 0\n");
    }
    // In place, one after the other, as the dashboard writes.
    sandbox.script("collect.sh", "g=$(($(sed 's/.* //' tables/0.sdn) + 1)); for f in tables/*.sdn; do : > $f; echo \"generation: $g\" > $f; done");
    let rounds = scaled(15);
    let writer = repeat(&sandbox, rounds, "sdnlock exec -q -w 60 tables -- ./collect.sh");
    let readers: Vec<Child> = (0..2)
        .map(|_| {
            repeat(&sandbox, rounds, "sdnlock exec --shared -w 60 tables -- sh -c 'cat tables/*.sdn | sort -u | wc -l'")
        })
        .collect();
    for reader in readers {
        let seen = Run::end_of(reader).code(0).stdout;
        assert!(seen.lines().all(|line| line.trim() == "1"), "a mix was read: {seen}");
    }
    Run::end_of(writer).code(0);
    assert_eq!(sandbox.read("tables/7.sdn"), format!("generation: {rounds}\n"));
}

#[test]
fn c_a_killed_writer_of_eleven_tables_leaves_no_mix() {
    use rustix::process::{Pid, Signal, kill_process_group};
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("tables")).unwrap();
    for n in 0..11 {
        sandbox.write(&format!("tables/{n}.sdn"), "generation: 0\n");
    }
    sandbox.script("collect.sh", "g=$(($(sed 's/.* //' tables/0.sdn) + 1)); for f in tables/*.sdn; do : > $f; sleep 0.00$((RANDOM % 3)); echo \"generation: $g\" > $f; done");
    let mut chance = Chance::new(seed());
    for _ in 0..scaled(12) {
        let child =
            start(&mut sandbox.sdnlock(["exec", "-q", "--transaction", "-w", "60", "tables", "--", "./collect.sh"]));
        std::thread::sleep(std::time::Duration::from_micros(chance.below(60_000)));
        kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
        Run::end_of(child);
        // By whichever of them.
        let one = format!("tables/{}.sdn", chance.below(11));
        let now = sandbox.run(&["read", "-w", "60", &one]).code(0).stdout;
        for n in 0..11 {
            assert_eq!(sandbox.read(&format!("tables/{n}.sdn")), now, "a mix was left");
        }
    }
    sandbox.run(&["exec", "-w", "60", "tables", "--", "true"]).code(0);
    assert_eq!(fs::read_dir(sandbox.path("tables")).unwrap().count(), 11);
}

#[test]
fn d_what_was_computed_from_an_outdated_copy_is_not_written() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    // Each keeps a copy, computes from it, and writes only if it is not outdated; else it begins again.
    let line = "while :; do tag=$(sdnlock read -w 60 --tag config.sdn 2>&1 >cache.$$ | tail -n 1); \
                n=$(sed -n 's/^runs: //p' cache.$$); sleep 0.00$((RANDOM % 5)); \
                sed \"s/^runs: .*/runs: $((n + 1))/\" cache.$$ | sdnlock write -q -w 60 --no-durable --if-match $tag config.sdn 2>/dev/null && break; done";
    let children: Vec<Child> = (0..3).map(|_| repeat(&sandbox, scaled(8), line)).collect();
    for child in children {
        Run::end_of(child).code(0);
    }
    let expected = format!("{}\n", 41 + 3 * scaled(8));
    assert_eq!(sandbox.run(&["get", "config.sdn", "runs"]).stdout, expected);
}

#[test]
fn two_half_written_databases_in_one_cannot_come_about_and_are_found_where_they_have() {
    let sandbox = Sandbox::new();
    let half = |from: u32| (from..from + 40).map(|n| format!("    {n}, passed\n")).collect::<String>();
    let head = "tests |id, result|\n";
    // Two runs write at once, each appending line by line to a file that the other one empties.
    sandbox.write("test_db.sdn", format!("{head}{}", half(0)));
    sandbox.script("run.sh", "sort -u test_db.sdn > all.$$; : > test_db.sdn; echo 'tests |id, result|' >> test_db.sdn; grep -v '^tests' all.$$ | while IFS= read -r line; do echo \"$line\" >> test_db.sdn; done");
    let children: Vec<Child> =
        (0..3).map(|_| repeat(&sandbox, scaled(6), "sdnlock exec -q -w 60 test_db.sdn -- ./run.sh")).collect();
    for child in children {
        Run::end_of(child).code(0);
    }
    assert_eq!(sandbox.read("test_db.sdn").lines().count(), 41);
    sandbox.run(&["check", "test_db.sdn"]).code(0);
    // As it was found once.
    sandbox.write("test_db.sdn", format!("{head}{}{head}{}", half(0), half(20)));
    let run = sandbox.run(&["check", "--format=short", "test_db.sdn"]).code(1);
    assert!(run.stdout.contains("a table `tests` stands above already"), "{}", run.stdout);
}
