//! The whole output of `sdnlock merge`.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]
#![allow(clippy::too_many_lines, reason = "what the commands say is shown whole")]

use snapbox::str;
use support::{Run, Sandbox};

mod support;

/// A folder with three versions of a database.
fn versions(base: &str, ours: &str, theirs: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, content) in [("base.sdn", base), ("ours.sdn", ours), ("theirs.sdn", theirs)] {
        sandbox.write(name, content);
    }
    sandbox
}

fn merge(sandbox: &Sandbox, options: &[&str]) -> Run {
    sandbox.run(&[&["merge", "base.sdn", "ours.sdn", "theirs.sdn"], options].concat())
}

/// What becomes of three versions.
fn merged(base: &str, ours: &str, theirs: &str, options: &[&str]) -> Run {
    merge(&versions(base, ours, theirs), options)
}

/// The merged text, where there is no conflict.
#[track_caller]
fn clean(base: &str, ours: &str, theirs: &str, options: &[&str]) -> String {
    let run = merged(base, ours, theirs, options).code(0);
    assert_eq!(run.stderr, "");
    run.stdout
}

const TODOS: &str = "# all of them\ntodos |id, status, title|\n    1, open, \"a, b\"\n    2,  open, b   # later\n\n    \
                     # the last one\n    3, open, c\n\nport: 80   # web\nlimits = {cpu: 4, mem: 8}\n";

#[test]
fn different_cells_records_and_settings_are_combined() {
    let ours =
        TODOS.replace("2,  open", "2,  done").replace("cpu: 4", "cpu: 5").replace("    3,", "    5, x, y\n    3,");
    let theirs = TODOS.replace("b   #", "B   #").replace("mem: 8", "mem: 9, disk: 1").replace("# web", "# http");
    let theirs = theirs.replace("    1, open, \"a, b\"\n", "") + "name: \"new one\"\n";
    assert_says!(
        merged(TODOS, &ours, &theirs, &[]),
        str![[r#"
exit code 0
--- stdout
# all of them
todos |id, status, title|
    2,  done, B   # later

    # the last one
    5, x, y
    3, open, c

port: 80   # http
limits = {cpu: 5, mem: 9, disk: 1}
name: "new one"

"#]]
    );
}

#[test]
fn a_conflict_stands_between_markers_and_is_told() {
    let base = "todos |id, status, title, last_modified|\n    1, open, a, 2026-01-01\n    2, open, b, 2026-01-01\n    \
                3, open, c, 2026-01-01\nport: 80\n";
    let ours = "todos |id, status, title, last_modified|\n    1, done, A, 2026-02-01\n    3, OPEN, c, 2026-01-01\n    \
                4, new, mine, \"\"\nport: 81\n";
    let theirs = "todos |id, status, title, last_modified|\n    1, blocked, a, 2026-03-01\n    2, open, B, 2026-01-01\n    \
                  4, new, yours, \"\"\nport: 82\n";
    let sandbox = versions(base, ours, theirs);
    let run = merge(&sandbox, &[]);
    assert_says!(
        run,
        str![[r#"
exit code 1
--- stdout
todos |id, status, title, last_modified|
<<<<<<< ours.sdn
    1, done, A, 2026-03-01
=======
    1, blocked, A, 2026-03-01
>>>>>>> theirs.sdn
<<<<<<< ours.sdn
=======
    2, open, B, 2026-01-01
>>>>>>> theirs.sdn
<<<<<<< ours.sdn
    3, OPEN, c, 2026-01-01
=======
>>>>>>> theirs.sdn
<<<<<<< ours.sdn
    4, new, mine, ""
=======
    4, new, yours, ""
>>>>>>> theirs.sdn
<<<<<<< ours.sdn
port: 81
=======
port: 82
>>>>>>> theirs.sdn
--- stderr
conflict: standard output:2: `todos.1`: `status` was `open`, is `done` in ours, `blocked` in theirs (modified 2026-02-01 in ours, 2026-03-01 in theirs)
conflict: standard output:7: `todos.2` was removed in ours, changed in theirs
conflict: standard output:11: `todos.3` was removed in theirs, changed in ours
conflict: standard output:15: `todos.4`: `title` is `mine` in ours, `yours` in theirs
conflict: standard output:20: `port`: `port` was `80`, is `81` in ours, `82` in theirs

"#]]
    );
    sandbox.write("result.sdn", run.stdout);
    let found = sandbox.run(&["check", "--format", "short", "result.sdn"]).code(1);
    assert_eq!(found.stdout.matches("error[SDN002]").count(), 5, "{}", found.stdout);
}

#[test]
fn the_style_size_and_labels_of_the_markers_are_those_asked_for() {
    let sandbox = versions("a: 1\n", "a: 2\n", "a: 3\n");
    let labels = ["-L", "mine", "-L", "old", "-L", "yours", "--marker-size", "9", "-q"];
    assert_says!(
        merge(&sandbox, &[&labels[..], &["--conflict-style", "diff3"]].concat()),
        str![[r"
exit code 1
--- stdout
<<<<<<<<< mine
a: 2
||||||||| old
a: 1
=========
a: 3
>>>>>>>>> yours

"]]
    );
    let sandbox = versions("a:\n  x: 1\n", "a: |\n  p\n  q\n", "a: |\n  p\n  r\n");
    assert_says!(
        merge(&sandbox, &["--conflict-style", "zdiff3", "-q"]),
        str![[r"
exit code 1
--- stdout
a: |
  p
<<<<<<< ours.sdn
  q
||||||| base.sdn
=======
  r
>>>>>>> theirs.sdn

"]]
    );
}

#[test]
fn each_strategy_makes_of_a_conflict_what_it_says() {
    let table = |one: &str, two: &str| format!("t |id, a, b, updated_at|\n    1, {one}\n    2, {two}\n");
    let base = table("x, y, 2026-01-01", "x, y, 2026-01-01");
    let ours = table("o, y, 2026-02-01", "o, y, 2026-04-01");
    let theirs = table("x, t, 2026-03-01", "t, t, 2026-03-01");
    let of = |options: &[&str]| merged(&base, &ours, &theirs, options);
    assert_eq!(of(&["--strategy", "error"]).stdout.matches("<<<<<<<").count(), 2);
    assert_eq!(of(&[]).stdout.matches("<<<<<<<").count(), 1);
    let last_write = table("o, t, 2026-03-01", "t, t, 2026-04-01");
    assert_eq!(of(&["--strategy", "last-write-wins"]).code(0).stdout, last_write);
    let last_modified = table("o, t, 2026-03-01", "o, y, 2026-04-01");
    assert_eq!(of(&["--strategy", "last-modified-wins"]).code(0).stdout, last_modified);
    // Without a time, or with the same, nobody is later.
    for time in ["\"\"", "2026-04-01"] {
        let theirs = theirs.replace("t, t, 2026-03-01", &format!("t, t, {time}"));
        assert_eq!(merged(&base, &ours, &theirs, &["--strategy", "last-modified-wins"]).code, 1, "{time}");
    }
    let [base, ours, theirs] = ["a: 1\n", "a: 2\n", "b: 1\n"];
    assert_eq!(clean(base, ours, theirs, &["--strategy", "last-write-wins"]), theirs);
    assert_eq!(clean(base, theirs, ours, &["--strategy", "last-write-wins"]), "b: 1\na: 2\n");
}

#[test]
fn stamps_never_conflict() {
    let table = |row: &str| format!("t |id, a, b, version, last_modified|\n    {row}\n");
    let merged = clean(
        &table("1, x, y, 4, \"2026-01-01T00:00:00Z\""),
        &table("1, o, y, 5, \"2026-02-01T12:00:00+02:00\""),
        &table("1, x, t, 6, \"2026-02-01T11:00:00Z\""),
        &[],
    );
    assert_eq!(merged, table("1, o, t, 7, \"2026-02-01T11:00:00Z\""));
    let both = clean(&table("1, x, y, 1, \"\""), &table("1, o, y, 2, \"\""), &table("1, x, t, 2, \"\""), &[]);
    assert_eq!(both, table("1, o, t, 3, \"\""));
}

#[test]
fn records_that_are_updated_by_appending_keep_their_history() {
    let base = "bugs |id, status, title, valid|\n    1, open, a, true\n    2, open, b, true\n";
    // Ours updated record 1 by hiding it and appending a new version; theirs edited it in place.
    let ours = "bugs |id, status, title, valid|\n    1, open, a, false\n    2, open, b, true\n    1, fixed, a, true\n";
    let theirs = "bugs |id, status, title, valid|\n    1, open, A, true\n    2, open, b, true\n    3, open, c, true\n";
    assert_eq!(
        clean(base, ours, theirs, &[]),
        "bugs |id, status, title, valid|\n    1, open, a, false\n    2, open, b, true\n    1, fixed, A, true\n    \
         3, open, c, true\n"
    );
    let hidden = base.replace("1, open, a, true", "1, open, a, false");
    assert_eq!(clean(base, &hidden, base, &[]), hidden);
    assert!(
        merged(base, &hidden, theirs, &[]).code(1).says("`bugs.1` was removed in ours, changed in theirs").code == 1
    );
    // Both updated it so: the histories are one, the live rows are merged.
    let theirs = ours.replace("1, fixed, a", "1, open, A");
    assert_eq!(clean(base, ours, &theirs, &[]), ours.replace("1, fixed, a", "1, fixed, A"));
}

#[test]
fn rows_without_a_usable_key_are_merged_by_line() {
    let base = "notes |bug_id, line_num, content|\n    b1, 1, first\n    b1, 2, second\n    , , x\n";
    let ours = base.replace("    b1, 2", "    b1, 1.5, between\n    b1, 2");
    let theirs = base.replace("second", "SECOND") + "    , , y\n";
    assert_eq!(
        clean(base, &ours, &theirs, &[]),
        "notes |bug_id, line_num, content|\n    b1, 1, first\n    b1, 1.5, between\n    b1, 2, SECOND\n    , , x\n    , , y\n"
    );
    let run = merged(base, &base.replace("second", "2nd"), &base.replace("second", "zwei"), &[]).code(1);
    assert!(run.stdout.contains("<<<<<<< ours.sdn\n    b1, 2, 2nd\n=======\n    b1, 2, zwei\n>>>>>>> theirs.sdn\n"));
    // What both added stands there once, in whatever order they did.
    let log = |rows: &str| format!("log |at, what|\n    1, a\n    1, b\n{rows}end: x\n");
    let (ours, theirs) = (log("    2, x\n    2, y\n    2, x\n"), log("    2, y\n    2, z\n    2, x\n"));
    assert_eq!(clean(&log(""), &ours, &theirs, &[]), log("    2, x\n    2, y\n    2, z\n    2, x\n"));
}

#[test]
fn two_new_records_with_one_number_can_both_stay() {
    let base = "suites |suite_id, name|\n    1, a\ntests |test_id, suite_id, name|\n    1, 1, x\n";
    let ours = "suites |suite_id, name|\n    1, a\n    2, mine\ntests |test_id, suite_id, name|\n    1, 1, x\n    2, 2, of_mine\n";
    let theirs = "suites |suite_id, name|\n    1, a\n    2, yours\ntests |test_id, suite_id, name|\n    1, 1, x\n    2, 2, of_yours\n";
    assert_says!(
        merged(base, ours, theirs, &["--renumber"]),
        str![[r"
exit code 0
--- stdout
suites |suite_id, name|
    1, a
    2, mine
    3, yours
tests |test_id, suite_id, name|
    1, 1, x
    2, 2, of_mine
    3, 3, of_yours
--- stderr
note: `suites.2` of theirs is `suites.3` now
note: `tests.2` of theirs is `tests.3` now

"]]
    );
    assert_eq!(merged(base, ours, theirs, &[]).code, 1);
    // Once it is merged it is not added again.
    let once = merged(base, ours, theirs, &["--renumber"]).stdout;
    assert_eq!(merged(base, &once, theirs, &["--renumber"]).code(0).stdout, once);
    assert_eq!(clean(base, ours, &once, &["--renumber"]), once);
    // Of several tables with one key the first one gives it away.
    let table = |rows: &str| format!("tests |test_id, name|\n{rows}counters |test_id, runs|\n{rows}");
    let both = merged(&table(""), &table("    1, 7\n"), &table("    1, 8\n"), &["--renumber"]).code(0);
    assert_eq!(both.stdout, table("    1, 7\n    2, 8\n"));
    assert_eq!(both.stderr, "note: `tests.1` of theirs is `tests.2` now\n");
    // One record that both have, with a later time in theirs, stays one.
    let table = |row: &str| format!("t |id, a, last_modified|\n{row}");
    let (ours, theirs) = (table("    1, x, 2026-01-01\n"), table("    1, x, 2026-01-02\n"));
    assert_eq!(clean(&table(""), &ours, &theirs, &["--renumber"]), theirs);
}

#[test]
fn a_value_and_a_block_in_its_place_are_a_conflict_of_that_setting() {
    let run = merged("a:\nb: 1\n", "a:\n  x: 1\nb: 1\n", "a: 5\nb: 1\n", &[]);
    assert_says!(
        run,
        str![[r"
exit code 1
--- stdout
<<<<<<< ours.sdn
a:
  x: 1
=======
a: 5
>>>>>>> theirs.sdn
b: 1
--- stderr
conflict: standard output:1: `a` was changed by both sides

"]]
    );
}

#[test]
fn interned_texts_of_both_sides_keep_what_refers_to_them() {
    let base = "strings |id, value|\n    0, parse\n    1, lex\n\ntests |test_id, name_str|\n    t1, 0\n    t2, 1\n";
    let ours = "strings |id, value|\n    0, parse\n    1, lex\n    2, mine\n    3, both\n\ntests |test_id, name_str|\n    t1, 0\n    t2, 1\n    t3, 2\n    t4, 3\n";
    let theirs = "strings |id, value|\n    0, parse\n    1, lex\n    2, both\n    3, yours\n\ntests |test_id, name_str|\n    t1, 0\n    t2, 3\n    t5, 2\n    t6, 3\n";
    assert_says!(
        merged(base, ours, theirs, &[]),
        str![[r"
exit code 0
--- stdout
strings |id, value|
    0, parse
    1, lex
    2, mine
    3, both
    4, yours

tests |test_id, name_str|
    t1, 0
    t2, 4
    t3, 2
    t4, 3
    t5, 3
    t6, 4
--- stderr
note: `strings.2` of theirs is `strings.3` now
note: `strings.3` of theirs is `strings.4` now

"]]
    );
}

#[test]
fn columns_that_one_side_changed_are_those_of_the_result() {
    let base = "t |id, a, b|\n    1, x, y\n    2, x, y\n";
    let ours = "t |id, a, state, b|\n    1, x, open, y\n    2, x, open, Y\n";
    let theirs = "t |id, a, b|\n    1, X, y\n    2, x, y\n    3, n, m   # new\n";
    let expected = "t |id, a, state, b|\n    1, X, open, y\n    2, x, open, Y\n    3, n, open, m   # new\n";
    assert_eq!(clean(base, ours, theirs, &[]), expected);
    assert_eq!(clean(base, theirs, ours, &[]), expected);
    // What the new cell would say cannot be told.
    let ours = ours.replace("1, x, open", "1, x, done");
    assert!(merged(base, &ours, theirs, &[]).code(1).says("`t.3` does not fit the columns").code == 1);
    let renamed = base.replace("id, a, b", "id, first, b");
    assert_eq!(clean(base, &renamed, theirs, &[]), theirs.replace("id, a, b", "id, first, b"));
    let dropped = "t |id, b|\n    1, y\n    2, y\n";
    assert_eq!(clean(base, dropped, &base.replace("2, x, y", "2, x, Y"), &[]), "t |id, b|\n    1, y\n    2, Y\n");
    // What would be lost with a column is a conflict.
    assert!(
        merged(base, dropped, &base.replace("2, x, y", "2, X, y"), &[]).code(1).says("`t.2` does not fit").code == 1
    );
    assert!(merged(base, dropped, &format!("{base}    3, n, m\n"), &[]).code(1).says("`t.3` does not fit").code == 1);
    assert_eq!(clean(base, dropped, &format!("{base}    3, \"\", m\n"), &[]), format!("{dropped}    3, m\n"));
}

#[test]
fn columns_of_theirs_win_with_all_that_fits_into_them() {
    let wins = |base: &str, ours: &str, theirs: &str| clean(base, ours, theirs, &["--strategy", "last-write-wins"]);
    let base = "t |id, n, m|\n    1, a, 5\n    2, x, y\n";
    // A column that ours dropped and theirs used.
    let ours = "t |id, n|\n    1, b\n    2, x\n    3, q\n";
    let theirs = base.replace("a, 5", "a, 6");
    assert_eq!(wins(base, ours, &theirs), "t |id, n, m|\n    1, b, 6\n    2, x, y\n    3, q, \"\"\n");
    // A column that both added, under different names.
    let ours = "t |id, n, m, o|\n    1, b, 5, \"\"\n    2, x, y, z\n";
    let theirs = "t |id, n, m, p|\n    1, a, 5, p1\n    2, x, Y, p2\n";
    assert_eq!(wins(base, ours, theirs), "t |id, n, m, p|\n    1, b, 5, p1\n    2, x, Y, p2\n");
}

#[test]
fn layout_and_line_ends_follow_the_side_that_changed_them() {
    let base = "t |id, a|\n    1, x\n    2, y\nport: 1\n";
    let crlf = base.replace('\n', "\r\n");
    let ours = base.replace("1, x", "1, X").replace("    2, y\n", "    2, y\n    3, z\n");
    assert_eq!(clean(base, &ours, &crlf, &[]), ours.replace('\n', "\r\n"));
    assert_eq!(clean(&crlf, base, &ours.replace('\n', "\r\n"), &[]), ours);
    // Of mixed line ends each stays, and one that was changed is taken.
    let mixed = base.replace("1, x\n", "1, x\r\n");
    assert_eq!(
        clean(&mixed, &mixed.replace("port: 1", "port: 2"), &mixed.replace("y\n", "y\r\n"), &[]),
        mixed.replace("y\n", "y\r\n").replace("port: 1", "port: 2")
    );
    assert_eq!(
        clean(&mixed, &mixed.replace("port: 1", "port: 2"), &base.replace('x', "X"), &[]),
        base.replace('x', "X").replace("port: 1", "port: 2")
    );
    let narrow = base.replace("    ", "  ");
    assert_eq!(clean(base, &narrow, &ours, &[]), ours.replace("    ", "  "));
    let open_ended = base.trim_end();
    assert_eq!(clean(base, open_ended, &ours, &[]), ours.trim_end());
    assert_eq!(clean(open_ended, &format!("{open_ended}\nname: a"), &ours, &[]), format!("{ours}name: a\n"));
    let spaced = base.replace("1, x", "1,    x");
    assert_eq!(clean(base, &spaced, &ours, &[]), ours.replace("1, X", "1,    X"));
    assert_eq!(clean(base, &format!("\u{feff}{base}"), &ours, &[]), format!("\u{feff}{ours}"));
}

#[test]
fn a_seal_is_renewed_and_a_wrong_one_is_refused() {
    let sealed = |text: &str| {
        let sandbox = Sandbox::new();
        sandbox.write("a.sdn", format!("#sdn-crc32:1\n{text}"));
        sandbox.run(&["set", "-q", "--reseal", "a.sdn", "z=1"]).code(0);
        sandbox.read("a.sdn")
    };
    let [base, ours, theirs, both] =
        ["a: 1\nb: 1\nz: 0\n", "a: 2\nb: 1\nz: 0\n", "a: 1\nb: 2\nz: 0\n", "a: 2\nb: 2\nz: 0\n"];
    assert_eq!(clean(&sealed(base), &sealed(ours), &sealed(theirs), &[]), sealed(both));
    // A seal that one side added stands first, whatever the other one put there.
    let first = format!("# first\n{ours}");
    assert_eq!(clean(base, &first, &sealed(theirs), &[]), sealed(&format!("# first\n{both}")));
    assert_eq!(clean(&sealed(base), &sealed(&first), theirs, &[]), format!("# first\n{both}"));
    let wrong = sealed(ours).replace("a: 2", "a: 3");
    let sandbox = versions(&sealed(base), &wrong, &sealed(theirs));
    assert_says!(
        merge(&sandbox, &[]),
        str![[r"
exit code 65
--- stderr
error: not changing `ours.sdn`: its seal is wrong: the checksum in the first line does not match the rest
state: `ours.sdn` unchanged
 hint: look at the file, and if it is right seal it anew with `--reseal`

"]]
    );
    assert_eq!(merge(&sandbox, &["--reseal"]).code(0).stdout, sealed(&both.replace("a: 2", "a: 3")));
}

#[test]
fn what_is_no_sdn_is_merged_by_lines() {
    let sandbox = Sandbox::new();
    sandbox.write("base.txt", "a\nb\nc\nd\ne\n");
    sandbox.write("ours.txt", "A\nb\nc\nd1\ne\n");
    sandbox.write("theirs.txt", "a\nb\nC\nd2\ne\nf");
    assert_says!(
        sandbox.run(&["merge", "base.txt", "ours.txt", "theirs.txt"]),
        str![[r"
exit code 1
--- stdout
A
b
<<<<<<< ours.txt
c
d1
=======
C
d2
>>>>>>> theirs.txt
e
f--- stderr
conflict: standard output:3: both sides changed the lines here

"]]
    );
    let toml = "[one]\nname = \"a\"\n\n[two]\nname = \"b\"\n";
    let two = toml.replace("\"b\"", "\"B\"");
    assert_eq!(clean(toml, &toml.replace("\"a\"", "\"A\""), &two, &[]), two.replace("\"a\"", "\"A\""));
}

#[test]
fn the_result_can_be_written_over_a_side_under_its_lock() {
    let sandbox = versions("a: 1\nb: 1\n", "a: 2\nb: 1\n", "a: 1\nb: 2\n");
    assert_says!(
        merge(&sandbox, &["-o", "ours.sdn"]),
        str![[r"
exit code 0
--- stderr
--- ours.sdn
+++ ours.sdn
@@ -1,2 +1,2 @@
 a: 2
-b: 1
+b: 2

"]]
    );
    assert_eq!(sandbox.read("ours.sdn"), "a: 2\nb: 2\n");
    let holder = sandbox.hold("ours.sdn");
    merge(&sandbox, &["-o", "ours.sdn", "-n"]).code(75);
    holder.end().code(0);
    assert_eq!(
        merge(&sandbox, &["-o", "new.sdn", "--json"]).code(0).stdout,
        "{\"clean\":true,\"conflicts\":[],\"renumbered\":[],\"result\":null}\n"
    );
    assert_eq!(sandbox.read("new.sdn"), "a: 2\nb: 2\n");
}

#[test]
fn programs_are_told_each_conflict() {
    let table = |row: &str| format!("t |id, a, last_modified|\n    {row}\n");
    let run =
        merged(&table("1, x, 2026-01-01"), &table("1, o, 2026-02-01"), &table("1, t, 2026-01-02"), &["--json"]).code(1);
    let outcome: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(outcome["clean"], false);
    assert_eq!(
        outcome["conflicts"][0],
        serde_json::json!({
            "kind": "changed", "table": "t", "key": "1", "address": "t.1", "removed_by": null,
            "message": "`t.1`: `a` was `x`, is `o` in ours, `t` in theirs (modified 2026-02-01 in ours, 2026-01-02 in theirs)",
            "cells": [{"column": "a", "base": "x", "ours": "o", "theirs": "t"}],
            "base_line": 2, "ours_line": 2, "theirs_line": 2, "line": 2,
            "ours_modified": "2026-02-01", "theirs_modified": "2026-01-02",
        })
    );
    assert!(outcome["result"].as_str().unwrap().contains("<<<<<<< ours.sdn"));
}

#[test]
fn a_driver_that_fails_never_looks_like_a_merge() {
    let sandbox = versions("a: 1\n", "a: 2\n", "b: 1\n");
    for arguments in [
        &["merge", "--git"][..],
        &["merge", "--git", "base.sdn", "ours.sdn", "nowhere.sdn", "7", "x.sdn"],
        &["merge", "--git", "base.sdn", "ours.sdn", "theirs.sdn", "seven", "x.sdn"],
        &["merge", "--git", "--nonsense", "base.sdn", "ours.sdn", "theirs.sdn", "7", "x.sdn"],
        &["merge", "--git", "base.sdn", ".", "theirs.sdn", "7", "x.sdn"],
    ] {
        let run = sandbox.run(arguments);
        assert!(run.code >= 129 && !run.stderr.is_empty(), "{arguments:?}: {run:?}");
        assert_eq!(sandbox.read("ours.sdn"), "a: 2\n");
    }
    assert_eq!(merge(&sandbox, &["--nonsense"]).code, 2);
    assert_says!(
        sandbox.run(&[
            "merge",
            "--git",
            "-L",
            "HEAD",
            "-L",
            "%S",
            "base.sdn",
            "ours.sdn",
            "theirs.sdn",
            "8",
            "doc/x.sdn"
        ]),
        str![[r"
exit code 1
--- stderr
conflict: doc/x.sdn:2: `a` was removed in theirs, changed in ours

"]]
    );
    assert_eq!(sandbox.read("ours.sdn"), "b: 1\n<<<<<<<< HEAD\na: 2\n========\n>>>>>>>> theirs\n");
}

#[test]
fn the_key_is_the_same_column_on_all_sides_whatever_came_before_it() {
    let base = "jobs |nr, status|\n    1, open\n    2, open\n    3, open\n";
    let ours = "jobs |id, nr, status|\n    0, 1, open\n    1, 2, open\n    2, 3, open\n";
    let theirs = base.replace("2, open", "2, done");
    let expected = ours.replace("2, open", "2, done");
    assert_eq!(clean(base, ours, &theirs, &[]), expected);
    assert_eq!(clean(base, &theirs, ours, &[]), expected);
    let base = "t |a, id, b|\n    2, 1, x\n    1, 2, x\n";
    let theirs = base.replace("2, 1, x", "2, 1, X");
    assert_eq!(clean(base, &base.replace("id", "nr"), &theirs, &[]), theirs.replace("id", "nr"));
}

#[test]
fn nothing_is_lost_where_a_side_changed_the_columns() {
    // The same text says something else in other columns.
    let base = "flags |id, old, on|\n    1, true, true\n    2, false, true\n";
    let ours = "flags |id, on, hot|\n    1, true, false\n    2, true, false\n";
    let theirs = base.replace("1, true, true", "1, true, false");
    assert_eq!(clean(base, ours, &theirs, &[]), ours.replace("1, true, false", "1, false, false"));
    // What says something in a column that the other side dropped is neither removed nor added without a word.
    let base = "t |id, a, b|\n    1, x, y\n    2, p, q\n";
    let changed = base.replace("1, x", "1, CHANGED");
    let dropped = "t |id, b|\n    2, q\n";
    merged(base, &changed, dropped, &[]).code(1).says("`t.1` was removed in theirs, changed in ours");
    merged(base, dropped, &changed, &[]).code(1).says("`t.1` was removed in ours, changed in theirs");
    let (base, ours) = ("t |id, a|\n    1, \"\"\n", "t |id|\n    1\n    2\n");
    merged(base, ours, "t |id, a|\n    1, \"\"\n    2, hello\n", &[]).code(1).says("`t.2`");
    // A record that theirs added is live, whatever ours made of others.
    let hidden = "t |id, a, valid|\n    1, \"\", false\n";
    assert_eq!(clean(base, hidden, &format!("{base}    2, x\n"), &[]), format!("{hidden}    2, x, true\n"));
}

#[test]
fn hiding_and_removing_a_record_are_the_same() {
    let base = "t |id, a, valid|\n    1, x, true\n    2, y, true\n";
    let (hidden, removed) = (base.replace("x, true", "x, false"), base.replace("    1, x, true\n", ""));
    assert_eq!(clean(base, &hidden, &removed, &[]), removed);
    assert_eq!(clean(base, &removed, &hidden, &[]), removed);
}

#[test]
fn a_last_line_may_end_in_a_lone_return() {
    let base = "t |id, a, b|\n    1, x, y\n";
    let ours = base.replace("1, x", "1, X");
    assert_eq!(clean(base, &ours, "t |id, a, b|\n    1, x, Y\r", &[]), "t |id, a, b|\n    1, X, Y");
    merged("a: 1\n", "a: 2\n", "a: 3\r", &[]).code(1);
}

#[test]
fn what_is_not_valid_for_want_of_a_line_end_gets_one() {
    let (base, ours) = ("a: 1\n", "a: 1\n    # c\n");
    assert_eq!(clean(base, ours, "a: 1", &[]), ours);
}

#[test]
fn interned_texts_are_followed_whatever_else_a_schema_declares() {
    let base = "strings |id, value|\n    0, alpha\n\ntests |id, name_str|\n    1, 0\n";
    let with =
        |text: &str, id: u32| base.replace("alpha\n", &format!("alpha\n    1, {text}\n")) + &format!("    {id}, 1\n");
    let sandbox = versions(base, &with("beta", 2), &with("gamma", 3));
    sandbox.write(".sdnlock.sdn", "references |table, column, target|\n    tests, suite_id, suites.id\n");
    let merged = merge(&sandbox, &[]).code(0).stdout;
    assert!(merged.ends_with("    2, gamma\n\ntests |id, name_str|\n    1, 0\n    2, 1\n    3, 2\n"), "{merged}");
}

#[test]
fn what_refers_to_a_renumbered_record_goes_with_it_once() {
    let with = |todo: &str, link: &str| {
        format!("todos |todo_id, text|\n    1, a\n{todo}\nlinks |id, todo_id, kind|\n    1, 1, k\n{link}")
    };
    // The links read alike, and mean different records.
    let (base, link) = (with("", ""), "    2, 2, blocks\n");
    let (ours, theirs) = (with("    2, mine\n", link), with("    2, yours\n", link));
    let expected = with("    2, mine\n    3, yours\n", "    2, 2, blocks\n    3, 3, blocks\n");
    assert_eq!(merged(&base, &ours, &theirs, &["--renumber"]).code(0).stdout, expected);
    assert_eq!(merged(&base, &expected, &theirs, &["--renumber"]).code(0).stdout, expected);
    // A record may refer to itself.
    let base = "t |id, parent, a|\n    1, 1, x\n";
    let sandbox = versions(base, &format!("{base}    2, 2, mine\n"), &format!("{base}    2, 2, theirs\n"));
    sandbox.write(".sdnlock.sdn", "references |table, column, target|\n    t, parent, t.id\n");
    let once = merge(&sandbox, &["--renumber"]).code(0).stdout;
    assert_eq!(once, format!("{base}    2, 2, mine\n    3, 3, theirs\n"));
    sandbox.write("ours.sdn", &once);
    assert_eq!(merge(&sandbox, &["--renumber"]).code(0).stdout, once);
}

#[test]
fn a_renumbered_record_is_known_again_through_what_it_refers_to() {
    let again = |references: &str, base: &str, ours: &str, theirs: &str| {
        let sandbox = versions(base, ours, theirs);
        sandbox.write(".sdnlock.sdn", format!("references |table, column, target|\n{references}"));
        let once = merge(&sandbox, &["--renumber"]).code(0).stdout;
        sandbox.write("ours.sdn", &once);
        assert_eq!(merge(&sandbox, &["--renumber"]).code(0).stdout, once);
        once
    };
    let db = |u: &str, c: &str| format!("u |id, par, a|\n{u}\nc |id, u_id, v|\n{c}");
    let theirs = db("    1, 0, t\n    2, 1, t2\n", "    1, 2, t3\n");
    let once = again("    c, u_id, u.id\n    u, par, u.id\n", &db("", ""), &db("    1, 0, o\n", ""), &theirs);
    assert_eq!(once, db("    1, 0, o\n    3, 0, t\n    2, 3, t2\n", "    1, 2, t3\n"));
    // By a record that both added alike, and that refers to another one on each side.
    let db = |c: &str, d: &str| format!("c |id, d_id, n|\n{c}\nd |id, c_id, n|\n{d}");
    let (ours, theirs) = (db("    1, 0, o\n", "    1, 1, s\n"), db("    1, 0, t1\n    2, 1, t2\n", "    1, 1, s\n"));
    let once = again("    c, d_id, d.id\n    d, c_id, c.id\n", &db("", ""), &ours, &theirs);
    assert_eq!(once, db("    1, 0, o\n    3, 0, t1\n    2, 2, t2\n", "    1, 1, s\n    2, 3, s\n"));
}

#[test]
fn a_record_that_both_sides_brought_back_otherwise_is_a_conflict() {
    let base = "t |id, a, valid|\n    4, x, false\n";
    let (ours, theirs) = (base.replace("false", "true"), format!("{base}    4, z, true\n"));
    merged(base, &ours, &theirs, &[]).code(1).says("`t.4`: `a` is `x` in ours, `z` in theirs");
    merged(base, &theirs, &ours, &[]).code(1).says("`t.4`: `a` is `z` in ours, `x` in theirs");
    assert_eq!(clean(base, &ours, &ours, &[]), ours);
    // Whoever takes the history away says nothing about a record that is added to it.
    let added = format!("{base}    4, z, true\n");
    assert_eq!(clean(base, &added, "t |id, a, valid|\n", &[]), "t |id, a, valid|\n    4, z, true\n");
}

#[test]
fn what_other_line_ends_would_break_is_not_merged_without_a_word() {
    let base = "t |id, a|\n    3, x\n\n    # same\n";
    let ours = base.replace('\n', "\r\n");
    merged(base, &ours, &format!("{base}    12, p\n"), &[]).code(1).says("merged, it would not be valid");
}

#[test]
fn a_change_that_was_taken_back_is_counted_too() {
    let base = "t |id, a, b, version|\n    1, x, y, 3\n";
    let (back, changed) = (base.replace(", 3", ", 5"), base.replace("y, 3", "Y, 4"));
    assert_eq!(clean(base, &back, &changed, &[]), base.replace("y, 3", "Y, 6"));
    assert_eq!(clean(base, &changed, &back, &[]), base.replace("y, 3", "Y, 6"));
    // Whoever has the change of the other side already counts it once.
    let both = base.replace("x, y, 3", "X, Y, 5");
    assert_eq!(clean(base, &changed, &both, &[]), both);
}

#[test]
fn a_key_that_stood_several_times_is_not_lost_between_the_sides() {
    let t = |rows: &[&str]| rows.iter().fold("t |id, a|\n".to_owned(), |text, row| text + &format!("    {row}\n"));
    let between = |ours: &str, theirs: &str| format!("<<<<<<< ours.sdn\n{ours}=======\n{theirs}>>>>>>> theirs.sdn\n");
    let both = |base: &str, ours: &str, theirs: &str| merged(base, ours, theirs, &[]).code(1).stdout;
    // Each side kept another one.
    let kept = both(&t(&["1, a", "1, b"]), &t(&["1, a"]), &t(&["1, b"]));
    assert_eq!(kept, t(&[]) + &between("    1, a\n", "    1, b\n"));
    assert_eq!(both("k: 1\nk: 2\n", "k: 1\n", "k: 2\n"), between("k: 1\n", "k: 2\n"));
    // Each side added another one.
    let added = both(&t(&["1, a"]), &t(&["1, a", "1, b"]), &t(&["1, a", "1, c"]));
    assert_eq!(added, t(&[]) + &between("    1, a\n    1, b\n", "    1, a\n    1, c\n"));
    // What one side alone made of it is taken.
    assert_eq!(clean(&t(&["1, a", "1, b"]), &t(&["1, a"]), &t(&["1, a", "1, b", "2, c"]), &[]), t(&["1, a", "2, c"]));
    // A row that one side removed does not come back because the other one moved it.
    let doubled = t(&["1, a", "2, b", "1, c", "3, d"]);
    let (removed, moved) = (t(&["1, a", "2, b", "3, d"]), t(&["1, c", "1, a", "2, b", "3, d"]));
    assert_eq!(clean(&doubled, &removed, &moved, &[]), removed);
    assert_eq!(clean(&doubled, &moved, &removed, &[]), removed);
}

#[test]
fn a_conflict_in_the_base_is_unresolved_and_no_text() {
    for (before, line, behind) in [("t |id, a|\n", "    1, ", "    2, x\n"), ("", "k: ", "m: 1\n")] {
        let version = |value: &str| format!("{line}{value}\n");
        let text = |value: &str| format!("{before}{}{behind}", version(value));
        for (size, has_base) in [(7, false), (9, true), (11, true), (9, false)] {
            let mark = |sign: &str, label: &str| format!("{}{label}\n", sign.repeat(size));
            let old = if has_base { mark("|", "") + &version("o") } else { String::new() };
            let (open, close) = (mark("<", " Temporary merge branch 1"), mark(">", " Temporary merge branch 2"));
            let conflict = format!("{open}{}{old}{}{}{close}", version("p"), mark("=", ""), version("q"));
            let base = format!("{before}{conflict}{behind}");
            let expected = format!(
                "{before}<<<<<<< ours.sdn\n{}=======\n{}>>>>>>> theirs.sdn\n{behind}",
                version("p"),
                version("q")
            );
            assert_eq!(merged(&base, &text("p"), &text("q"), &[]).code(1).stdout, expected);
            for style in ["diff3", "zdiff3"] {
                let both = merged(&base, &text("p"), &text("q"), &["--conflict-style", style]).code(1).stdout;
                assert_eq!(both.replace("||||||| base.sdn\n", ""), expected);
            }
            assert_eq!(clean(&base, &text("p"), &text("p"), &[]), text("p"), "both resolved it alike");
            assert_eq!(clean(&base, &base, &text("q"), &[]), text("q"), "one side left it as it was");
        }
        // A conflict within one.
        let inner = format!("<<<<<<< a\n{}=======\n{}>>>>>>> b\n", version("p"), version("o"));
        let base = format!("{before}<<<<<<<<< A\n{inner}=========\n{}>>>>>>>>> B\n{behind}", version("q"));
        let both = merged(&base, &text("p"), &text("q"), &[]).code(1).stdout;
        assert_eq!(both.matches("<<<<<<<").count(), 1, "{both}");
        assert!(both.contains(&version("p")) && both.contains(&version("q")) && both.ends_with(behind), "{both}");
    }
}

#[test]
fn what_was_renumbered_in_circles_is_known_again() {
    let again = |base: &str, ours: &str, theirs: &str, expected: &str| {
        let sandbox = versions(base, ours, theirs);
        let references = "references |table, column, target|\n    t, next, t.id\n";
        sandbox.write(".sdnlock.sdn", references);
        for _ in 0..3 {
            let once = merge(&sandbox, &["--renumber"]).code(0).stdout;
            assert_eq!(once, expected);
            sandbox.write("ours.sdn", &once);
        }
    };
    let base = "t |id, next, a|\n    1, , x\n";
    let with = |rows: &str| format!("{base}{rows}");
    // Records that refer to each other, and to themselves.
    let expected = with("    2, 2, mine\n    4, 3, a\n    3, 4, b\n");
    again(base, &with("    2, 2, mine\n"), &with("    2, 3, a\n    3, 2, b\n"), &expected);
    // Records that say the same.
    let expected = with("    2, , mine\n    3, , mine\n    4, , a\n    5, , a\n");
    again(base, &with("    2, , mine\n    3, , mine\n"), &with("    2, , a\n    3, , a\n"), &expected);
    let expected = with("    2, 2, mine\n    4, 3, a\n    3, 4, a\n");
    again(base, &with("    2, 2, mine\n"), &with("    2, 3, a\n    3, 2, a\n"), &expected);
}

#[test]
fn new_numbers_are_given_where_a_side_changed_the_columns_too() {
    let renumbered = |base: &str, ours: &str, theirs: &str| merged(base, ours, theirs, &["--renumber"]).code(0).stdout;
    let base = "t |id, a|\n    1, x\n";
    let ours = "t |id, b, a|\n    1, \"\", x\n    2, \"\", mine\n";
    let theirs = "t |id, a|\n    1, x\n    2, theirs\n";
    let expected = format!("{ours}    3, \"\", theirs\n");
    assert_eq!(renumbered(base, ours, theirs), expected);
    assert_eq!(renumbered(base, &expected, theirs), expected);
    let expected = ours.replace("2, \"\", mine", "2, \"\", theirs") + "    3, \"\", mine\n";
    assert_eq!(renumbered(base, theirs, ours), expected);
    assert_eq!(renumbered(base, &expected, ours), expected);
    // What a side has not in its columns is asked for, but under its new number.
    let (ours, theirs) = ("t |id, a, b|\n    2, mine, q\n", "t |id, a|\n    2, theirs\n");
    let merged = merged("t |id, a|\n", ours, theirs, &["--renumber"]).code(1).says("`t.3` does not fit the columns");
    assert!(
        merged.stdout.contains("    2, mine, q\n") && merged.stdout.contains("    3, theirs\n"),
        "{}",
        merged.stdout
    );
}

#[test]
fn rows_without_a_key_are_the_same_in_other_columns_and_another_spelling() {
    let sandbox = Sandbox::new();
    let base = "runs |test_id, at, ms|\n    2, mon, 5\n    1, mon, 5\n    2, tue, 6\n";
    let merged = |ours: &str, theirs: &str, options: &[&str]| {
        for (name, text) in [("base.sdn", base), ("ours.sdn", ours), ("theirs.sdn", theirs)] {
            sandbox.write(name, text);
        }
        sandbox.run(&[&["merge", "base.sdn", "ours.sdn", "theirs.sdn"], options].concat()).code(0).stdout
    };
    let wider = "runs |test_id, at, ms, host|\n    2, mon, 5, a\n    1, mon, 5, a\n    2, tue, 6, a\n";
    let removed = base.replace("    2, mon, 5\n", "");
    let changed = base.replace("tue, 6", "tue, 7");
    assert_eq!(merged(wider, &removed, &[]), wider.replace("    2, mon, 5, a\n", ""));
    assert_eq!(merged(wider, &changed, &[]), wider.replace("tue, 6", "tue, 7"));
    let spelled = base.replace(", ", ",");
    assert_eq!(merged(&spelled, &removed, &[]), spelled.replace("    2,mon,5\n", ""));
    // A row that was moved is not lost where the other side wins what is beside it.
    let moved = "runs |test_id, at, ms|\n    2, mon, 5\n    2, tue, 6\n    9, sun, 1\n";
    let beside = base.replace("1, mon, 5", "1, mon, 8");
    let result = merged(moved, &beside, &["--strategy", "last-write-wins"]);
    assert!(result.contains("2, tue, 6\n") && result.contains("1, mon, 8\n"), "{result}");
}

#[test]
fn what_stands_in_a_new_column_is_not_removed_with_its_record() {
    let sandbox = Sandbox::new();
    sandbox.write("base.sdn", "t |id, a, b|\n    1, x, y\n    2, z, w\n    3, q, r\n");
    sandbox.write("removed.sdn", "t |id, a, b|\n    2, z, w\n    3, q, r\n");
    let merge = |changed: &str| {
        sandbox.write("changed.sdn", changed);
        let orders = [["changed.sdn", "removed.sdn"], ["removed.sdn", "changed.sdn"]];
        let [one, other] = orders.map(|[ours, theirs]| sandbox.run(&["merge", "base.sdn", ours, theirs]));
        assert_eq!(one.code, other.code);
        one
    };
    // Renamed and moved, as it was and changed.
    let moved = "t |id, b, first|\n    1, y, x\n    2, w, z\n    3, r, q\n";
    let removed = "t |id, b, first|\n    2, w, z\n    3, r, q\n";
    assert_eq!(merge(moved).code(0).stdout, removed);
    merge(&moved.replace("1, y, x", "1, y, new")).code(1).says("`t.1` was removed in theirs, changed in ours");
    // What came with the column is nobody's change.
    let added = "t |id, a, b, n|\n    1, x, y, 0\n    2, z, w, 0\n    3, q, r, 5\n";
    assert_eq!(merge(added).code(0).stdout, "t |id, a, b, n|\n    2, z, w, 0\n    3, q, r, 5\n");
    merge(&added.replace("y, 0", "y, 7").replace("r, 5", "r, 0")).code(1).says("`t.1` was removed");
    let instead = "t |id, a, n|\n    1, x, low\n    2, z, low\n    3, q, high\n";
    assert_eq!(merge(instead).code(0).stdout, "t |id, a, n|\n    2, z, low\n    3, q, high\n");
    // One row shows no custom, nor do two that say different things.
    for row in ["zeta", "alpha"] {
        let two = format!("t |id, a, b, n|\n    1, x, y, {row}\n    2, z, w, m\n");
        sandbox.write("base.sdn", "t |id, a, b|\n    1, x, y\n    2, z, w\n");
        sandbox.write("removed.sdn", "t |id, a, b|\n    2, z, w\n");
        merge(&two).code(1).says("`t.1` was removed");
        sandbox.write("base.sdn", "t |id, a|\n    1, x\n");
        sandbox.write("removed.sdn", "t |id, a|\n");
        merge(&format!("t |id, a, n|\n    1, x, {row}\n")).code(1).says("`t.1` was removed");
        merge("t |id, a, n|\n    1, x, \"\"\n").code(0);
    }
}

#[test]
fn a_column_in_the_place_of_another_one_is_not_that_one_renamed() {
    let sandbox = Sandbox::new();
    let base = "t |id, m, n|\n    1, a, x\n    2, b, y\n";
    let merge = |ours: &str, theirs: &str| {
        for (name, text) in [("base.sdn", base), ("ours.sdn", ours), ("theirs.sdn", theirs)] {
            sandbox.write(name, text);
        }
        sandbox.run(&["merge", "base.sdn", "ours.sdn", "theirs.sdn"])
    };
    let theirs = base.replace("a, x", "a, X");
    // What theirs says in the column that is gone is a conflict, and not dropped.
    merge("t |id, m, version|\n    1, a, 1\n    2, b, 1\n", &theirs).code(1);
    merge("t |id, m, other|\n    1, a, 5\n    2, b, 6\n", &theirs).code(1);
    let renamed = merge("t |id, m, text|\n    1, a, x\n    2, b, y\n", &theirs).code(0);
    assert_eq!(renamed.stdout, "t |id, m, text|\n    1, a, X\n    2, b, y\n");
}
