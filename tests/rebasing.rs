//! Changes that were computed without a lock find their way into what the database holds by then.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use snapbox::str;
use support::{Run, Sandbox, scaled, start};

mod support;

const BASE: &str = "t |id, n, m, version|\n    1, a, x, 1\n    2, b, x, 1\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", BASE);
    sandbox.write("old.sdn", BASE);
    sandbox
}

#[test]
fn a_change_from_an_older_text_is_made_to_the_newer_one() {
    let sandbox = sandbox();
    sandbox.run(&["set", "-q", "t.sdn", "t.1.n=A"]).code(0);
    let new = BASE.replace("1, a, x", "1, a, X").replace("2, b", "2, B");
    sandbox.run_with(&["write", "-q", "--base", "old.sdn", "t.sdn"], &new).code(0);
    let now = "t |id, n, m, version|\n    1, A, X, 3\n    2, B, x, 2\n";
    assert_eq!(sandbox.read("t.sdn"), now, "both changes, each counted");
    // Once more it changes nothing.
    sandbox.run_with(&["write", "--base", "old.sdn", "t.sdn"], &new).code(0).says("unchanged");
    assert_eq!(sandbox.read("t.sdn"), now);
}

#[test]
fn what_is_new_is_stamped_whatever_stands_there_besides() {
    let sandbox = Sandbox::new();
    let rebased = |base: &str, now: &str, new: &str, strategy: &str| {
        for (name, text) in [("old.sdn", base), ("t.sdn", now), ("new.sdn", new)] {
            sandbox.write(name, text);
        }
        sandbox.run(&["write", "-q", "--base", "old.sdn", "--strategy", strategy, "t.sdn", "new.sdn"]).code(0);
        // The library says the same, without a command around it.
        let how = sdnlock::update::Rebasing {
            merge: sdnlock::merge::Options {
                strategy: match strategy {
                    "merge" => sdnlock::merge::Strategy::Merge,
                    "last-write-wins" => sdnlock::merge::Strategy::LastWriteWins,
                    _ => sdnlock::merge::Strategy::LastModifiedWins,
                },
                ..Default::default()
            },
            stamps: Some(sdnlock::update::Stamping::new(sdnlock::update::Stamps::Versions, "9999-01-01T00:00:00Z")),
        };
        let merged = sdnlock::update::rebase(base.as_bytes(), new.as_bytes(), now.as_bytes(), &how).unwrap();
        let by_command = sandbox.read("t.sdn");
        let by_library = String::from_utf8(merged.content).unwrap();
        let clock =
            |text: &str| text.lines().map(|line| line.split('"').next().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(clock(&by_command), clock(&by_library), "{base}");
        by_command
    };
    // A row that was hidden long ago is nothing that others made of the record.
    let base = "t |id, n, valid, version|\n    1, a, false, 1\n    1, b, true, 2\n    2, c, true, 1\n";
    let (now, new) = (base.replace("2, c", "2, X"), base.replace("1, b, true", "1, b, false"));
    let hidden = "t |id, n, valid, version|\n    1, a, false, 1\n    1, b, false, 3\n    2, X, true, 1\n";
    assert_eq!(rebased(base, &now, &new, "merge"), hidden);
    let header = "t |id, n, valid, last_modified|";
    let base =
        format!("{header}\n    1, o, false, \"2026-01-01T00:00:00Z\"\n    1, p, true, \"2026-01-02T00:00:00Z\"\n");
    let now = base.replace("1, p, true, \"2026-01-02", "1, s, true, \"2026-01-05");
    let new = base.replace("1, p, true", "1, p, false");
    assert!(rebased(&base, &now, &new, "last-modified-wins").contains("    1, p, false, "));
    // What it says now it did not say under the version that it had.
    let base = "t |id, a, b, version|\n    1, p, p, 2\n    2, p, p, 2\n";
    let (now, new) = (base.replace("2, p, p, 2", "2, p, q, 3"), base.replace("2, p, p", "2, q, q"));
    assert_eq!(rebased(base, &now, &new, "merge"), base.replace("2, p, p, 2", "2, q, q, 4"));
    let base = "t |id, a, version|\n    1, p, 2\n";
    let (now, new) = (format!("{base}    4, q, 1\n"), format!("{base}    4, s, \n"));
    assert_eq!(rebased(base, &now, &new, "last-write-wins"), format!("{base}    4, s, 2\n"));
    let base = "log |what, n, version|\n    a, 1, 1\n    a, 2, 1\n    z, 9, 1\n";
    let (now, new) = (base.replace("z, 9, 1", "z, 8, 2"), base.replace("a, 2", "a, 1"));
    let both = "log |what, n, version|\n    a, 1, 1\n    a, 1, 2\n    z, 8, 2\n";
    assert_eq!(rebased(base, &now, &new, "merge"), both);
}

#[test]
fn what_contradicts_is_not_written_and_the_text_is_kept() {
    let sandbox = sandbox();
    sandbox.run(&["set", "-q", "t.sdn", "t.1.n=A"]).code(0);
    let now = sandbox.read("t.sdn");
    let new = BASE.replace("1, a", "1, B");
    assert_says!(
        sandbox.run_with(&["write", "--base", "old.sdn", "t.sdn"], &new),
        str![[r"
exit code 1
--- stderr
error: not writing `t.sdn`: what was changed since is changed here too
state: `t.sdn` unchanged
 kept: `t.sdn.edited`
cause: conflict: `t.1`: `n` was `a`, is `A` in the database, `B` in the new text
 hint: see both sides: `sdnlock merge old.sdn t.sdn t.sdn.edited`

"]]
    );
    assert_eq!((sandbox.read("t.sdn"), sandbox.read("t.sdn.edited")), (now, new.clone()));
    let strategy =
        |name: &str| sandbox.run_with(&["write", "-q", "--base", "old.sdn", "--strategy", name, "t.sdn"], &new);
    strategy("error").code(1);
    strategy("last-modified-wins").code(1);
    strategy("last-write-wins").code(0);
    assert!(sandbox.read("t.sdn").contains("1, B, x, 3\n"), "{}", sandbox.read("t.sdn"));
}

#[test]
fn two_new_records_of_one_number_can_both_stay() {
    let sandbox = sandbox();
    sandbox.run(&["add", "-q", "t.sdn", "t", "n=theirs"]).code(0);
    let new = format!("{BASE}    3, ours, x, 1\n");
    sandbox.run_with(&["write", "-q", "--base", "old.sdn", "t.sdn"], &new).code(1);
    sandbox.run_with(&["write", "-q", "--base", "old.sdn", "--renumber", "t.sdn"], &new).code(0);
    let now = sandbox.read("t.sdn");
    assert!(now.contains("    3, theirs, \"\", 1\n") && now.contains("    4, ours, x, 1\n"), "{now}");
}

#[test]
fn scripts_that_read_compute_and_write_lose_nothing_of_each_other() {
    let sandbox = Sandbox::new();
    let writers = 6;
    let rounds = scaled(8);
    let rows = (0..writers).map(|who| format!("    {who}, 0\n")).collect::<String>();
    sandbox.write("t.sdn", format!("t |id, n|\n{rows}"));
    // Each counts in a record of its own, and all of them begin from whatever they have read.
    let line = format!(
        "n=0; while [ $n -lt {rounds} ] && [ -e t.sdn ]; do n=$((n+1)); sdnlock read t.sdn > old$1 || exit 1
         sed \"s/^    $1, .*/    $1, $n/\" old$1 | sdnlock write -q -w 60 --base old$1 t.sdn || exit 1; done"
    );
    let children = (0..writers).map(|who| start(&mut sandbox.shell(&line.replace("$1", &who.to_string()))));
    for child in children.collect::<Vec<_>>() {
        Run::end_of(child).code(0);
    }
    let expected = (0..writers).map(|who| format!("    {who}, {rounds}\n")).collect::<String>();
    assert_eq!(sandbox.read("t.sdn"), format!("t |id, n|\n{expected}"));
}

#[test]
fn a_database_that_is_gone_or_empty_by_now_is_not_taken_for_a_change() {
    let sandbox = sandbox();
    let new = BASE.replace("2, b", "2, B");
    let write = || sandbox.run_with(&["write", "--base", "old.sdn", "t.sdn"], &new);
    std::fs::remove_file(sandbox.path("t.sdn")).unwrap();
    let gone = write().code(1).says("it was removed since");
    let kept = gone.stderr.lines().find_map(|line| line.strip_prefix(" kept: `")).unwrap().trim_end_matches('`');
    assert_eq!(std::fs::read_to_string(kept).unwrap(), new);
    std::fs::remove_dir_all(std::path::Path::new(kept).parent().unwrap()).unwrap();
    sandbox.write("t.sdn", "");
    write().code(1).says("it was emptied since").says("kept: `t.sdn.edited`");
    sandbox.run_with(&["write", "--base", "-", "t.sdn"], &new).code(2).says("only one of OLD and SOURCE");
    sandbox.write("t.sdn", BASE.replace("2, b", "2, c"));
    let names = sandbox.names();
    sandbox.run_with(&["write", "--dry-run", "--base", "old.sdn", "t.sdn"], &new).code(1);
    assert_eq!(sandbox.names(), names, "a dry run keeps nothing");
}

#[test]
fn a_sealed_database_takes_a_change_that_was_made_by_hand() {
    let sandbox = sandbox();
    let sealed = format!("#sdn-crc32:{}\n{BASE}", crc32fast::hash(BASE.as_bytes()));
    sandbox.write("t.sdn", &sealed);
    sandbox.write("old.sdn", &sealed);
    sandbox.run(&["set", "-q", "t.sdn", "t.1.n=A"]).code(0);
    sandbox.run_with(&["write", "-q", "--base", "old.sdn", "t.sdn"], sealed.replace("2, b", "2, B")).code(0);
    sandbox.run(&["check", "t.sdn"]).code(0);
    let now = sandbox.read("t.sdn");
    assert!(now.contains("1, A, x, 2\n    2, B, x, 2\n"), "{now}");
}

#[test]
fn the_later_write_wins_by_its_time_too() {
    let sandbox = Sandbox::new();
    let base = "t |id, a, b, version, last_modified|\n    1, x, y, 1, \"2026-01-01T00:00:00Z\"\n";
    sandbox.write("old.sdn", base);
    sandbox.write("t.sdn", base.replace("1, x, y, 1, \"2026-01-01", "1, theirs, y, 2, \"2026-01-02"));
    let new = base.replace("1, x, y", "1, mine, MINE");
    let by_time = ["write", "-q", "--strategy", "last-modified-wins", "--base", "old.sdn", "t.sdn"];
    sandbox.run_with(&by_time, &new).code(0);
    let now = sandbox.read("t.sdn");
    assert!(now.contains("1, mine, MINE, 3, "), "{now}");
    // What is there already is counted once.
    sandbox.run_with(&["write", "-q", "--strategy", "last-write-wins", "--base", "old.sdn", "t.sdn"], &new).code(0);
    assert!(sandbox.read("t.sdn").contains("1, mine, MINE, 3, "), "{}", sandbox.read("t.sdn"));
}

#[test]
fn a_change_that_is_there_already_is_not_counted_again() {
    let sandbox = Sandbox::new();
    let base = "t |id, n, version, last_modified|\n    1, a, 1, \"2026-01-01T00:00:00Z\"\n";
    sandbox.write("old.sdn", base);
    sandbox.write("t.sdn", base);
    let new = base.replace("1, a", "1, b");
    sandbox.run_with(&["write", "-q", "--base", "old.sdn", "t.sdn"], &new).code(0);
    // Somebody did so long ago.
    let once = "t |id, n, version, last_modified|\n    1, b, 2, \"2026-02-02T00:00:00Z\"\n";
    assert!(sandbox.read("t.sdn").starts_with(&once[..once.len() - 24]), "{}", sandbox.read("t.sdn"));
    sandbox.write("t.sdn", once);
    sandbox.run_with(&["write", "-q", "--base", "old.sdn", "t.sdn"], &new).code(0);
    assert_eq!(sandbox.read("t.sdn"), once);
}
