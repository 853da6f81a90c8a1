//! Transactions over databases of different people, with real users: nobody commits, spoils or blocks what is another one's.

#![cfg(all(unix, feature = "cli"))]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;

use support::users::{ALICE, MALLORY, Place, ROOT};

mod support;

/// A folder of Mallory's and one of Alice's, with a database in each.
fn two_folders(mallorys: u32) -> Option<Place> {
    let place = Place::new(0o755)?;
    for (folder, owner, mode, database) in [("a", MALLORY, mallorys, "a/m.sdn"), ("z", ALICE, 0o755, "z/z.sdn")] {
        fs::create_dir(place.sandbox.path(folder)).unwrap();
        place.give(folder, owner, owner);
        place.set_mode(folder, mode);
        place.write(database, "n: 1\n", owner, if owner == MALLORY { 0o666 } else { 0o644 });
    }
    // Whoever is killed says that it was ready.
    place.set_mode(".", 0o1777);
    Some(place)
}

const BOTH: &str = "exec sdnlock exec --transaction a/m.sdn z/z.sdn -- sh -c \
                    'echo n: 2 > z/z.sdn; echo n: 2 > a/m.sdn; touch ready; exec sleep 600'";

#[test]
fn whoever_takes_the_master_away_commits_nothing_of_others() {
    for (user, mode) in [(ROOT, 0o755), (ALICE, 0o2777), (ALICE, 0o1777)] {
        for spoil in [
            "true",
            "rm -f a/.m.sdn.sdnlock-journal* a/m.sdn.lock",
            "rm -rf a/.m.sdn* a/m.sdn*; mkdir a/m.sdn",
            "cd a; for j in .m.sdn.sdnlock-journal*; do rm -f $j; printf 'sdnlock journal 2 synced \\n' > $j; done",
            "cd a; rm -f .m.sdn.*.undo",
            "chmod 0 a",
            "mv a/.m.sdn.sdnlock-journal* a/x; rm -rf a/m.sdn.lock; mkdir a/m.sdn.lock",
        ] {
            let Some(place) = two_folders(mode) else { return };
            place.kill_within(user, user, BOTH);
            place.run(MALLORY, spoil);
            for reader in [ALICE, ROOT] {
                let run = place.run(reader, "sdnlock get --wait 3 z/z.sdn n").code(0);
                assert_eq!(run.stdout, "1\n", "{user} {mode:o} {spoil}: {}", run.stderr);
            }
            place.run(ALICE, "sdnlock set -q --wait 3 z/z.sdn n=5").code(0);
            assert_eq!(place.sandbox.read("z/z.sdn"), "n: 5\n", "{user} {mode:o} {spoil}");
            assert_eq!(place.access("z/z.sdn"), (ALICE, ALICE, 0o644));
        }
    }
}

#[test]
fn what_is_apart_is_undone_wherever_it_is_looked_at_first() {
    for first in ["a/m.sdn", "z/z.sdn"] {
        for reader in [ROOT, ALICE] {
            let Some(place) = two_folders(0o1777) else { return };
            place.kill_within(ROOT, ROOT, BOTH);
            place.run(reader, &format!("sdnlock read -q {first}"));
            // Root ends what is left.
            for name in ["a/m.sdn", "z/z.sdn"] {
                assert_eq!(
                    place.run(ROOT, &format!("sdnlock get -q {name} n")).code(0).stdout,
                    "1\n",
                    "{first} {name}"
                );
            }
            for folder in ["a", "z"] {
                let names: Vec<_> = fs::read_dir(place.sandbox.path(folder)).unwrap().collect();
                assert_eq!(names.len(), 1, "{first} {folder}: {names:?}");
            }
        }
    }
}

#[test]
fn what_ended_well_is_not_undone_though_it_was_apart() {
    for option in ["", "--durable", "--transaction", "--transaction --durable"] {
        for user in [ROOT, ALICE] {
            let Some(place) = two_folders(0o2777) else { return };
            let script = "echo n: 2 > z/z.sdn; echo n: 2 > a/m.sdn";
            place.run(user, &format!("sdnlock exec -q {option} a/m.sdn z/z.sdn -- sh -c '{script}'")).code(0);
            for name in ["a/m.sdn", "z/z.sdn"] {
                assert_eq!(place.run(ROOT, &format!("sdnlock get {name} n")).code(0).stdout, "2\n", "{option}");
            }
            let failing = format!("{}; false", script.replace('2', "3"));
            let run =
                place.run(user, &format!("sdnlock exec -q {option} a/m.sdn z/z.sdn -- sh -c '{failing}'")).code(1);
            let all = if option.contains("transaction") { "n: 2\n" } else { "n: 3\n" };
            assert_eq!(place.sandbox.read("z/z.sdn"), all, "{option}: {}", run.stderr);
            for folder in ["a", "z"] {
                let names: Vec<_> = fs::read_dir(place.sandbox.path(folder)).unwrap().collect();
                assert_eq!(names.len(), 1, "{option} {folder}: {names:?}");
            }
        }
    }
}

#[cfg(debug_assertions)]
#[test]
fn what_is_killed_around_the_commit_is_all_old_or_all_new() {
    for (point, expected) in [
        ("journal: pointer made", "1\n"),
        ("journal: before the master", "1\n"),
        ("journal: hot", "1\n"),
        ("journal: committed", "2\n"),
        ("journal: pointer removed", "2\n"),
    ] {
        for user in [ROOT, ALICE] {
            let Some(place) = two_folders(0o2777) else { return };
            let line =
                "sdnlock exec -q --transaction a/m.sdn z/z.sdn -- sh -c 'echo n: 2 > z/z.sdn; echo n: 2 > a/m.sdn'";
            let mut exec = place.shell_in(user, user, line);
            let run = support::Run::of(exec.env("SDNLOCK_TEST_FAILPOINT", format!("{point}=1")));
            assert_ne!(run.code, 0, "{point}");
            for name in ["z/z.sdn", "a/m.sdn"] {
                let run = place.run(ROOT, &format!("sdnlock get -q {name} n")).code(0);
                assert_eq!(run.stdout, expected, "{point} {user} {name}");
            }
        }
    }
}

#[test]
fn who_owns_one_database_of_a_spool_blocks_no_other_one() {
    for spoil in [
        "true",
        "rm .m.sdn.sdnlock-journal*",
        "printf x >> $(ls .m.sdn.*.undo)",
        "rm -f .m.sdn* m.sdn m.sdn.lock; mkdir m.sdn",
        "rm -f m.sdn.lock; mkdir m.sdn.lock",
    ] {
        let Some(place) = Place::spool() else { return };
        place.write("a.sdn", "n: 1\n", ALICE, 0o644);
        place.write("m.sdn", "n: 1\n", MALLORY, 0o644);
        let script = "echo n: 2 > a.sdn; echo n: 2 > m.sdn; touch ready; exec sleep 600";
        place.kill_within(ROOT, ROOT, &format!("exec sdnlock exec --transaction a.sdn m.sdn -- sh -c '{script}'"));
        place.run(MALLORY, spoil);
        for user in [ALICE, ROOT] {
            let run = place.run(user, "sdnlock get --wait 2 a.sdn n").code(0);
            assert_eq!(run.stdout, "1\n", "{spoil}: {}", run.stderr);
        }
        place.run(ALICE, "sdnlock set -q --wait 2 a.sdn n=5").code(0);
        if spoil == "true" {
            assert_eq!(place.run(MALLORY, "sdnlock get -q m.sdn n").code(0).stdout, "1\n");
            assert_eq!(place.sandbox.names(), ["a.sdn", "m.sdn"]);
        }
    }
}

#[test]
fn a_hint_names_the_journal_that_is_there() {
    let Some(place) = Place::spool() else { return };
    place.write("a.sdn", "n: 1\n", ALICE, 0o644);
    let script = "echo n: 2 > a.sdn; touch ready; exec sleep 600";
    place.kill_within(ALICE, ALICE, &format!("exec sdnlock exec --transaction a.sdn -- sh -c '{script}'"));
    place.run(ALICE, "rm .a.sdn.*.undo").code(0);
    let journal = place.sandbox.names().into_iter().find(|name| name.contains("-journal")).unwrap();
    place.run(ALICE, "sdnlock get a.sdn n").code(74).says(&format!("then remove `{journal}`"));
}
