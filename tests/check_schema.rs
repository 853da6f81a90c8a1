//! What a project says of its databases, and what is usual where it says nothing.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::path::Path;

use sdnlock::check::{self, Finding, Options, Rule, Schema};
use sdnlock::sdn::Document;
use snapbox::str;
use support::{Run, Sandbox};

mod support;

const SCHEMA: &str = r#"columns |table, column, type, required, values|
    todos, id, integer, true, ""
    todos, title, text, true, ""
    todos, status, enum, true, "open;closed;blocked;done"
    todos, last_modified, timestamp, false, ""
keys |table, columns|
    todos, id
    bug_descriptions, bug_id/line_num
references |table, column, target|
    tests, name_str, strings.id
"#;

/// A folder that is the root of a repository with this schema.
fn project(schema: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path(".git")).unwrap();
    sandbox.write(".sdnlock.sdn", schema);
    sandbox
}

fn found_by(schema: &str, database: &str) -> Vec<(Rule, String)> {
    let (schema, faults) = Schema::read(&Document::parse(schema));
    assert_eq!(faults, []);
    let options = Options { schema: Some(&schema), ..Options::default() };
    shown(&check::check_with(&Document::parse(database), &options), database)
}

fn found_in(database: &str) -> Vec<(Rule, String)> {
    shown(&check::check(&Document::parse(database)), database)
}

/// The findings about schemas and conventions, and about names that are none.
fn shown(findings: &[Finding], source: &str) -> Vec<(Rule, String)> {
    let is_meant = |finding: &&Finding| {
        finding.rule == Rule::KeywordName || matches!(finding.rule.code().as_bytes()[3], b'5' | b'6')
    };
    findings.iter().filter(is_meant).map(|finding| (finding.rule, source[finding.span.range()].to_owned())).collect()
}

fn pair(rule: Rule, text: &str) -> (Rule, String) {
    (rule, text.to_owned())
}

#[test]
fn what_is_not_as_the_schema_says_is_shown_where_it_stands() {
    let sandbox = project(SCHEMA);
    sandbox.write(
        "db.sdn",
        r#"strings |id, value|
    0, "a"
    1, "b"

todos |id, title, status, last_modified, valid|
    1, one, open, "2026-02-06T08:53:34Z", true
    1, two, closed, "2026-02-06", true
    1, two, closed, "", false
    x, "", opne, "2026-02-06T08:53:34.5+01:00", true

bug_descriptions |bug_id, line_num, content|
    b1, 0, a
    b1, 1, b
    b1, 1, c

tests |test_id, name_str|
    0, 0
    1, 7
    2, 8
    3, ""
"#,
    );
    assert_says!(
        sandbox.run(&["check", "db.sdn"]),
        str![[r#"
exit code 1
--- stdout
error[SDN514]: `1` is the key of a live row of `todos` above already, on line 6
 --> db.sdn:7:5
  |
7 |     1, two, closed, "2026-02-06", true
  |     ^
  |
  = help: hide the row that is out of date with `false` in its column `valid`, or change one of the keys

error[SDN511]: `"2026-02-06"` is no timestamp, as the schema wants `todos.last_modified` to be
 --> db.sdn:7:21
  |
7 |     1, two, closed, "2026-02-06", true
  |                     ^^^^^^^^^^^^
  |
  = help: a timestamp has a date, a time and an offset, as `2026-02-06T08:53:34Z`

error[SDN511]: `x` is no integer, as the schema wants `todos.id` to be
 --> db.sdn:9:5
  |
9 |     x, "", opne, "2026-02-06T08:53:34.5+01:00", true
  |     ^
  |
  = help: an integer is written with digits alone, without leading zeros, and fits in 64 bits

error[SDN512]: `todos.title` is empty, and the schema requires it
 --> db.sdn:9:8
  |
9 |     x, "", opne, "2026-02-06T08:53:34.5+01:00", true
  |        ^^

error[SDN513]: `opne` is none of the values of `todos.status`
 --> db.sdn:9:12
  |
9 |     x, "", opne, "2026-02-06T08:53:34.5+01:00", true
  |            ^^^^
  |
  = help: they are open, closed, blocked, done

error[SDN514]: `b1/1` is the key of a live row of `bug_descriptions` above already, on line 13
  --> db.sdn:14:5
   |
14 |     b1, 1, c
   |     ^^^^^
   |
   = help: change one of the keys, or remove one of the rows

error[SDN515]: `tests.name_str` refers to `strings.id`, which has no `7`
  --> db.sdn:18:8
   |
18 |     1, 7
   |        ^

error[SDN515]: `tests.name_str` refers to `strings.id`, which has no `8`
  --> db.sdn:19:8
   |
19 |     2, 8
   |        ^

--- stderr
checked 1 file: 8 errors

"#]]
    );
}

#[test]
fn a_schema_is_looked_for_up_to_the_root_of_the_repository() {
    let sandbox = project("limits |name, value|\n    max_size, 20\n");
    fs::create_dir_all(sandbox.path("a/b")).unwrap();
    fs::create_dir_all(sandbox.path("other/.git")).unwrap();
    fs::create_dir_all(sandbox.path("own")).unwrap();
    let large = "t |id|\n    1\n    2\n    3\n";
    for name in ["a/b/large.sdn", "other/large.sdn", "own/large.sdn"] {
        sandbox.write(name, large);
    }
    sandbox.write("own/.sdnlock.sdn", "limits |name, value|\n    max_size, 1KB\n");
    assert_says!(
        sandbox.run(&["check", "--format", "short"]),
        str![[r"
exit code 1
--- stdout
a/b/large.sdn:1:1: error[SDN517]: the file has 25 bytes, and the schema allows 20

"]]
    );
    sandbox.run(&["check", "other", "own"]).code(0);
    // The one that is named is that of all, and the only one of standard input.
    sandbox.run_with(&["check", "-"], large).code(0);
    sandbox.run_with(&["check", "--schema", ".sdnlock.sdn", "-"], large).code(1);
    sandbox.run(&["check", "--schema", "own/.sdnlock.sdn"]).code(0);
    assert_says!(
        sandbox.run(&["check", "--schema", "none.sdn"]),
        str![[r"
exit code 66
--- stderr
error: no such file: `none.sdn`

"]]
    );
}

#[test]
fn what_is_wrong_with_a_schema_is_told_once() {
    let schema = r#"columns |table, column, type, required, values|
    todos, priority, colour, false, ""
    todos, kind, enum, maybe, ""
    todos, kind, text, true, ""
    todos, area, text, true, "core;app"
    , id, text, true, ""
keys |table, columns|
    todos,
    todos, id/id
    todos, id//b
references |table, column, target|
    tests, suite_id, suites
    tests, x, tests.x
    tests, y, ""
limits |name, value|
    max_size, much
    max_rows, 10
key |name|
    x
keys |table|
    todos
color: red
"#;
    let sandbox = project(schema);
    for name in ["a.sdn", "b.sdn"] {
        sandbox.write(name, "todos |id, kind, priority, area|\n    1, x, y, core\n");
    }
    assert_says!(
        sandbox.run(&["check", "a.sdn", "b.sdn", "--format", "short"]),
        str![[r"
exit code 1
--- stdout
.sdnlock.sdn:2:22: error[SDN504]: there is no type `colour`
.sdnlock.sdn:3:24: error[SDN502]: `maybe` says neither that the column is required nor that it is not
.sdnlock.sdn:3:31: error[SDN505]: an enumeration without values accepts nothing
.sdnlock.sdn:4:12: error[SDN503]: `todos.kind` has an entry in `columns` above already
.sdnlock.sdn:5:30: error[SDN505]: values are listed here, but a column of type text may hold others
.sdnlock.sdn:6:5: error[SDN502]: this entry of `columns` has no `table`, so it is about nothing
.sdnlock.sdn:8:5: error[SDN502]: this entry of `keys` has no `columns`, so it is about nothing
.sdnlock.sdn:9:12: error[SDN502]: `id` stands twice in this key
.sdnlock.sdn:10:12: error[SDN502]: the name of a column is missing here
.sdnlock.sdn:12:22: error[SDN502]: `suites` names no column of a table
.sdnlock.sdn:13:15: error[SDN502]: this column refers to itself
.sdnlock.sdn:14:15: error[SDN502]: the target of this reference is missing
.sdnlock.sdn:16:15: error[SDN506]: `much` is no size
.sdnlock.sdn:17:5: error[SDN502]: there is no limit `max_rows`
.sdnlock.sdn:18:1: error[SDN501]: a schema has no table `key`
.sdnlock.sdn:20:1: error[SDN202]: a table `keys` stands above already; readers keep the last one, and its rows are lost
.sdnlock.sdn:20:1: error[SDN501]: the table `keys` of a schema needs a column `columns`
.sdnlock.sdn:20:7: error[SDN304]: `table` is a keyword and names no column
.sdnlock.sdn:22:1: error[SDN501]: a schema consists of tables, and this is none

"]]
    );
    // It is told once even if it is one of the files, by whatever name.
    let everything = sandbox.run(&["check", "--format", "short"]);
    assert_eq!(everything.stdout.lines().filter(|line| line.contains("SDN504")).count(), 1);
    let root = sandbox.root().display().to_string();
    let named = sandbox.run(&["check", "--schema", ".sdnlock.sdn", "--format", "short", &root]);
    assert_eq!(named.stdout.lines().filter(|line| line.contains("SDN504")).count(), 1);
}

#[test]
fn the_column_table_of_a_schema_is_no_mistake() {
    let sandbox = project(SCHEMA);
    sandbox.run(&["check", "--strict"]).code(0);
    sandbox.run_with(&["write", "sub.sdn"], SCHEMA).code(0);
    assert_eq!(found_in("t |table|\n    1\n"), [pair(Rule::KeywordName, "table")]);
}

#[test]
fn a_schema_that_cannot_be_read_is_told_and_hides_nothing() {
    let sandbox = project("");
    fs::remove_file(sandbox.path(".sdnlock.sdn")).unwrap();
    fs::create_dir(sandbox.path(".sdnlock.sdn")).unwrap();
    sandbox.write("a.sdn", "t |a|\n    1, 2\n");
    sandbox.write("b.sdn", "t |a|\n    1, 2\n");
    assert_says!(
        sandbox.run(&["check", "a.sdn", "b.sdn", "--format", "short"]),
        str![[r"
exit code 66
--- stdout
a.sdn:2:8: error[SDN201]: this row has 2 cells, its table `t` has 1 column
b.sdn:2:8: error[SDN201]: this row has 2 cells, its table `t` has 1 column
--- stderr
error: could not read `.sdnlock.sdn`
cause: it is a folder

"]]
    );
}

#[test]
fn a_schema_keeps_no_text_from_being_written_but_what_is_too_large() {
    let sandbox = project(SCHEMA);
    sandbox.write("db.sdn", "todos |id, status|\n    1, open\n");
    sandbox.run(&["set", "-q", "db.sdn", "todos.1.status=unheard of"]).code(65);
    sandbox.run_with(&["write", "-q", "db.sdn"], "todos |id, status|\n    1, \"unheard of\"\n").code(0);
    sandbox.run_with(&["write", "-q", "db.sdn"], "todos |id|\n    x\n    x\n").code(0);
    sandbox.run(&["check", "-q"]).code(1);
}

#[test]
fn a_schema_that_is_not_valid_says_nothing_of_other_texts() {
    let sandbox = project("nonsense |a|\n    1\n");
    sandbox.write("notes.txt", "one\n");
    sandbox.write("other.txt", "two\n");
    sandbox.script("editor.sh", "echo three >> \"$1\"");
    let run = |command: &str| {
        let mut shell = sandbox.shell(&format!("sdnlock {command} < other.txt"));
        Run::of(shell.env("SDNLOCK_EDITOR", "./editor.sh"))
    };
    for (command, code) in [
        ("write -q --backups 1 notes.txt", 0),
        ("restore notes.txt", 0),
        ("restore -q notes.txt 0", 0),
        ("edit -q notes.txt", 0),
        ("diff notes.txt other.txt", 1),
        ("diff --diff stat notes.txt other.txt", 1),
        ("diff --diff none db.sdn notes.txt", 1),
        ("exec notes.txt -- true", 0),
        ("merge other.txt notes.txt other.txt", 0),
        ("merge -q other.txt notes.txt other.txt -o notes.txt", 0),
    ] {
        sandbox.write("db.sdn", "t |id|\n    1\n");
        run(command).code(code);
    }
    assert_eq!(sandbox.read("notes.txt"), "one\nthree\n");
}

#[test]
fn a_schema_that_is_not_valid_keeps_databases_from_being_changed() {
    let sandbox = project("keys |table, columns|\n    t, name\ncolumns |table, column, type|\n    t, n, nonsense\n");
    let text = "t |id, name|\n    1, a\n    2, b\n";
    for name in ["db.sdn", "old.sdn", "theirs.sdn"] {
        sandbox.write(name, text);
    }
    sandbox.script("editor.sh", "echo 'x: 1' >> \"$1\"");
    sandbox.write("new.json", "{\"t\": []}");
    sandbox.write("new.sdn", text.replace("1, a", "1, A"));
    let run = |command: &str| {
        let mut shell = sandbox.shell(&format!("{command} < new.sdn"));
        Run::of(shell.env("SDNLOCK_EDITOR", "./editor.sh"))
    };
    for command in [
        "set db.sdn t.a.id=3",
        "add db.sdn t name=c",
        "rm db.sdn t.a",
        "alter db.sdn t --add-column x",
        "write db.sdn",
        "write --base old.sdn db.sdn",
        "write --from-json db.sdn new.json",
        "edit db.sdn",
        "edit --hold db.sdn",
        "merge old.sdn db.sdn theirs.sdn",
        "merge old.sdn db.sdn theirs.sdn -o db.sdn",
        "exec db.sdn -- touch was_run",
        "get db.sdn t.a",
        "list db.sdn t",
        "read db.sdn t.a",
    ] {
        let run = run(&format!("sdnlock {command}"));
        run.code(65).says("its schema `.sdnlock.sdn` is not valid").says("`nonsense`");
        assert_eq!(sandbox.read("db.sdn"), text, "{command}");
    }
    assert!(!sandbox.exists("was_run"));
    // Git gets both sides as a conflict.
    sandbox.write("ours.sdn", text.replace("2, b", "2, c"));
    sandbox.write("theirs.sdn", text.replace("2, b", "2, d"));
    run("sdnlock merge --git old.sdn ours.sdn theirs.sdn 7 db.sdn")
        .code(1)
        .says("its schema `.sdnlock.sdn` is not valid");
    assert!(sandbox.read("ours.sdn").contains("<<<<<<<"));
    // It can be mended by the same commands.
    run("sdnlock set -q .sdnlock.sdn 'columns[0].type=text'").code(0);
    run("sdnlock get db.sdn t.a").code(0);
}

#[test]
fn a_schema_is_looked_up_once_under_the_lock() {
    let sandbox =
        project("keys |table, columns|\n    t, name\nreferences |table, column, target|\n    u, of, t.name\n");
    sandbox.write("db.sdn", "t |id, name, version|\n    1, a, 1\nu |id, of|\n    1, a\n");
    sandbox.write("old.sdn", sandbox.read("db.sdn"));
    for command in [
        &["set", "-q", "db.sdn", "t.a.id=3"][..],
        &["add", "-q", "db.sdn", "t", "name=b"],
        &["rm", "-q", "db.sdn", "t.b"],
        &["alter", "-q", "db.sdn", "t", "--add-column", "x"],
        &["write", "-q", "--base", "old.sdn", "db.sdn", "old.sdn"],
    ] {
        let Some(mut traced) =
            sandbox.traced(&["-o", "trace", "-e", "trace=open,openat,unlink,unlinkat,rename,renameat2"], command)
        else {
            return;
        };
        Run::of(&mut traced).code(0);
        let trace = sandbox.read("trace");
        let at = |name: &str| {
            trace.lines().enumerate().filter(|(_, line)| line.contains(name)).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let (schema, lock) = (at(".sdnlock.sdn\""), at("db.sdn.lock\""));
        assert_eq!(schema.len(), 1, "{command:?}: {trace}");
        assert!(lock.first().unwrap() < &schema[0] && &schema[0] < lock.last().unwrap(), "{command:?}: {trace}");
    }
}

#[test]
fn values_are_of_their_types() {
    let cells = [
        ("text", "x \"y, z\" 007", ""),
        ("integer", "0 -12 \"12\" null", "007 +5 1.5 x 9223372036854775808"),
        ("float", "1 1.5 1.50 1e3", "1.2.3 x .5"),
        ("boolean", "true \"false\"", "True yes 1"),
        ("timestamp", "\"2026-01-21T10:00:00Z\"", "2026-01-21 \"2026-01-21T10:00:00\" \"2026-02-30T10:00:00Z\""),
        ("date", "\"2026-02-28\"", "2026-02-29 soon"),
        ("path", "src/a.rs \"/abs/x\"", "\"a\\tb\""),
        ("json", "\"{\\\"a\\\":[1]}\" 12", "{a:1} open"),
        ("list", "[a,b] \"a;b\" a", "\"a;;b\" {a:1}"),
    ];
    for (name, good, bad) in cells {
        let schema = format!("columns |table, column, type|\n    t, c, {name}\n");
        // In quotes a blank parts nothing.
        let cells = |list: &str| -> Vec<String> {
            let mut quoted = false;
            let parts = list.split(|c| {
                quoted ^= c == '"';
                c == ' ' && !quoted
            });
            parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        for cell in cells(good) {
            assert_eq!(found_by(&schema, &format!("t |c|\n    {cell}\n")), [], "{name} {cell}");
        }
        for cell in cells(bad) {
            let found = found_by(&schema, &format!("t |c, d|\n    {cell}, 1\n"));
            assert!(
                found.iter().any(|(rule, text)| *rule == Rule::WrongType && *text == cell),
                "{name} {cell}: {found:?}"
            );
        }
    }
}

#[test]
fn what_is_empty_is_of_every_type_unless_it_is_required() {
    let schema =
        "columns |table, column, type, required, values|\n    t, a, enum, false, \"x;y\"\n    t, b, date, true, \"\"\n";
    let found = found_by(schema, "t |a, b|\n    \"\", \"\"\n    null, 2026-01-01\n    , nil\n");
    assert_eq!(found, [pair(Rule::RequiredCell, "\"\""), pair(Rule::RequiredCell, "nil")]);
}

#[test]
fn keys_are_those_of_live_rows_and_may_have_several_columns() {
    let schema = "keys |table, columns|\n    t, a/b\n    t, c\n    u, id\n";
    let database = "t |a, b, c, valid|\n    1, 11, x, true\n    11, 1, y, true\n    1, 11, z, false\n    1, \"\", x, true\n    \"1\", 11, \"\", true\n";
    assert_eq!(found_by(schema, database), [pair(Rule::RepeatedKey, "x"), pair(Rule::RepeatedKey, "\"1\", 11")]);
    // What a merge left stands there twice, of which the markers tell.
    let merged = "u |id|\n    0\n<<<<<<< a\n    1\n=======\n    1\n>>>>>>> b\n    2\n";
    assert!(found_by(schema, merged).iter().all(|(rule, _)| *rule == Rule::ConflictMarker));
    assert!(found_in(merged).iter().all(|(rule, _)| *rule == Rule::ConflictMarker));
    // Of tables that it speaks of, the schema says all.
    assert_eq!(found_by("keys |table, columns|\n    t, name\n", "t |id, name|\n    1, a\n    1, b\n"), []);
}

#[test]
fn references_name_rows_live_or_dead_of_the_same_database() {
    let schema = "references |table, column, target|\n    t, of, u.id\n";
    let rows = "t |of, valid|\n    1, true\n    2, true\n    3, true\n    3, false\n    \"\", true\n";
    let database = format!("{rows}u |id, valid|\n    1, true\n    2, false\n");
    assert_eq!(found_by(schema, &database), [pair(Rule::DanglingReference, "3")]);
    assert_eq!(found_by(schema, rows).len(), 3);
    assert_eq!(found_by(schema, "u |id|\n    1\n"), []);
    assert_eq!(found_by(schema, "t |x|\n    1\n"), [pair(Rule::MissingColumn, "t")]);
}

#[test]
fn many_rows_that_are_wrong_alike_are_one_finding() {
    let schema = "columns |table, column, type|\n    t, a, integer\n";
    let rows = |rows: usize| format!("t |a|\n{}    1\n    x\n", "    y\n".repeat(rows));
    assert_eq!(found_by(schema, &rows(3)).len(), 4);
    assert_eq!(found_by(schema, &rows(4)).len(), 2);
    let (schema, _) = Schema::read(&Document::parse(schema));
    let options = Options { schema: Some(&schema), ..Options::default() };
    let found = check::check_with(&Document::parse(rows(1000)), &options);
    assert_eq!(found[0].message, "`y` is no integer, as the schema wants `t.a` to be; the 999 rows below it are alike");
}

/// The newest layout of the test database.
const TESTS: &str = r#"strings |id, value|
    0, "a.spl"
    1, "suite"
    2, "passed"

files |file_id, path_str|
    0, 0

suites |suite_id, file_id, name_str|
    0, 0, 1

tests |test_id, suite_id, name_str, status_str, tags_str, valid|
    0, 0, 1, 2, "", true
    1, 0, 0, 2, 1, true
"#;

#[test]
fn without_a_schema_what_is_usual_gives_warnings() {
    let sandbox = Sandbox::new();
    sandbox.write("good.sdn", TESTS);
    sandbox.run(&["check", "--strict"]).code(0);
    let bad = TESTS.replace("    2, \"passed\"", "    3, \"passed\"").replace("    1, 0, 0, 2, 1", "    0, 5, 9, 2, 1");
    sandbox.write("bad.sdn", bad);
    assert_says!(
        sandbox.run(&["check", "bad.sdn"]),
        str![[r#"
exit code 0
--- stdout
warning[SDN603]: the ids of `strings` go from 1 to 3, where a reader that counts the rows takes 2
 --> bad.sdn:4:5
  |
4 |     3, "passed"
  |     ^
  |
  = read wrongly by: S-db, S-test

warning[SDN602]: `tests.status_str` holds ids of `strings`, which has no `2`
  --> bad.sdn:13:14
   |
13 |     0, 0, 1, 2, "", true
   |              ^

warning[SDN601]: `0` is the key of a live row of `tests` above already, on line 13
  --> bad.sdn:14:5
   |
14 |     0, 5, 9, 2, 1, true
   |     ^
   |
   = help: hide the row that is out of date with `false` in its column `valid`, or change one of the keys
   = read wrongly by: every reader

warning[SDN602]: `tests.suite_id` names a row of `suites`, which has no `5`
  --> bad.sdn:14:8
   |
14 |     0, 5, 9, 2, 1, true
   |        ^

warning[SDN602]: `tests.name_str` holds ids of `strings`, which has no `9`
  --> bad.sdn:14:11
   |
14 |     0, 5, 9, 2, 1, true
   |           ^

warning[SDN602]: `tests.status_str` holds ids of `strings`, which has no `2`
  --> bad.sdn:14:14
   |
14 |     0, 5, 9, 2, 1, true
   |              ^

--- stderr
checked 1 file: 6 warnings

"#]]
    );
    sandbox.run(&["check", "--strict", "-q"]).code(1);
}

#[test]
fn only_what_is_plainly_a_key_is_taken_for_one() {
    for key in [
        "bugs |id, valid|\n    X, true\n    X, true\n",
        "tests |test_id|\n    X\n    X\n",
        "sdoctest_runs |run_id, timestamp|\n    X, 1\n    X, 1\n",
        "entries |entry_id|\n    X\n    X\n",
        "t |name, id|\n    a, X\n    b, X\n",
    ] {
        assert_eq!(found_in(key), [pair(Rule::RepeatedId, "X")], "{key}");
    }
    for none in [
        "bugs |id, valid|\n    1, false\n    1, true\n    1, false\n",
        "bugs |id|\n    \"\"\n    \"\"\n",
        "bug_descriptions |bug_id, line_num, content|\n    1, 0, a\n    1, 1, b\n",
        "notes |bug_id, timestamp, note|\n    1, 1, a\n    1, 2, b\n",
        "fixes |bug_id, strategy|\n    1, a\n    1, b\n",
        "timing_runs |test_id, timestamp|\n    1, 1\n    1, 2\n",
        "changes |test_id, change_type, run_id|\n    1, a, 1\n    1, a, 1\n",
        "counters |test_id, total_runs|\n    1, 1\n    1, 1\n",
        "sdoctest_blocks |source_file, line|\n    a, 1\n    a, 1\n",
        "vcs_state |bookmark, commit_id|\n    main, 1\n    main, 2\n",
        "grid: table{id, i32}\n    1, 2\n    1, 3\n",
    ] {
        assert_eq!(found_in(none), [], "{none}");
    }
}

#[test]
fn only_what_looks_like_ids_of_strings_is_taken_for_them() {
    let with = |rest: &str| format!("strings |id, value|\n    0, a\n    1, b\n{rest}");
    for (dangling, cell) in [
        ("t |name_str|\n    X7\n", ""),
        ("t |name_str|\n    7\n", "7"),
        ("t |n, tag_id|\n    1, 8\n", "8"),
        ("t |n, tag_id|\n    1, 0\n    1, 8\n", "8"),
        ("files |file_id|\n    1\nt |n, file_id|\n    1, 0\n", "0"),
        ("bugs |id|\n    b1\nt |bug_id, n|\n    b2, 0\n", "b2"),
    ] {
        let found = found_in(&with(dangling));
        let expected: Vec<_> =
            [cell].iter().filter(|cell| !cell.is_empty()).map(|c| pair(Rule::DanglingId, c)).collect();
        assert_eq!(found, expected, "{dangling}");
    }
    for none in [
        "t |n, external_id, commit_id|\n    1, 4711, 7e12ab\n",
        "t |n, user_id|\n    1, 4711\n    1, 4712\n",
        "t |n, user_id|\n    1, 0\n    1, maria\n",
        "t |n, user_id, valid|\n    1, 0, true\n    1, 9, false\n",
        "counters |test_id|\n    77\n",
        "t |connection_str|\n    \"host=a\"\n",
    ] {
        assert_eq!(found_in(&with(none)), [], "{none}");
    }
    // Without strings there is no such convention.
    assert_eq!(found_in("t |n, name_str, tag_id|\n    1, 7, 8\n"), []);
}

#[test]
fn ids_of_strings_count_from_0() {
    let gaps = |ids: &[&str]| {
        let rows: String = ids.iter().map(|id| format!("    {id}, x\n")).collect();
        let found = found_in(&format!("strings |id, value|\n{rows}"));
        found.into_iter().filter(|(rule, _)| *rule == Rule::StringGap).map(|(_, text)| text).collect::<Vec<_>>()
    };
    assert!(gaps(&[]).is_empty() && gaps(&["0", "1", "2"]).is_empty() && gaps(&["0", "1", "1", "2"]).is_empty());
    assert_eq!(gaps(&["1", "2"]), ["1"]);
    assert_eq!(gaps(&["0", "5", "6", "8"]), ["5", "8"]);
    assert_eq!(gaps(&["0", "2", "1"]), ["2", "1"]);
    assert_eq!(gaps(&["0", "x", "1", "9223372036854775807", "0"]), ["x", "9223372036854775807", "0"]);
}

#[test]
fn a_first_schema_is_made_from_what_databases_hold() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    sandbox.write("tests.sdn", TESTS);
    let first = sandbox.run(&["check", "--init-schema"]);
    sandbox.write(".sdnlock.sdn", &first.stdout);
    assert_says!(
        first,
        str![[r#"
exit code 0
--- stdout
# What the tables of this project hold; see sdnlock-schema(5).

columns |table, column, type, required, values|
    strings, id, integer, true, ""
    strings, value, text, true, ""
    files, file_id, integer, true, ""
    files, path_str, integer, true, ""
    suites, suite_id, integer, true, ""
    suites, file_id, integer, true, ""
    suites, name_str, integer, true, ""
    tests, test_id, integer, true, ""
    tests, suite_id, integer, true, ""
    tests, name_str, integer, true, ""
    tests, status_str, integer, true, ""
    tests, tags_str, integer, false, ""
    tests, valid, boolean, true, ""
    todos, id, text, true, ""
    todos, keyword, text, true, ""
    todos, area, text, true, ""
    todos, priority, text, true, ""
    todos, description, text, true, ""
    todos, file, path, true, ""
    todos, line, integer, true, ""
    todos, issue, integer, false, ""
    todos, blocked, integer, false, ""
    todos, status, text, true, ""
    todos, valid, boolean, true, ""

keys |table, columns|
    strings, id
    files, file_id
    suites, suite_id
    tests, test_id
    todos, id

references |table, column, target|
    files, path_str, strings.id
    suites, file_id, files.file_id
    suites, name_str, strings.id
    tests, suite_id, suites.suite_id
    tests, name_str, strings.id
    tests, status_str, strings.id
    tests, tags_str, strings.id
--- stderr
note: made from 2 files; keep it as .sdnlock.sdn beside the databases or above them

"#]]
    );
    sandbox.run(&["check", "--strict"]).code(0);
    // It is not read again as a database, and nothing is overwritten.
    assert_eq!(sandbox.run(&["check", "--init-schema", "-q"]).code(0).stdout, sandbox.read(".sdnlock.sdn"));
    sandbox.run(&["check", "--init-schema", "--strict"]).code(2);
    sandbox.run(&["check", "--init-schema", "none.sdn"]).code(66);
    sandbox.run_with(&["check", "--init-schema", "-"], TESTS).code(0).says("made from 1 file");
}

/// The first schema of a file finds nothing in it, and nothing is wrong with the schema.
fn assert_round_trip(path: &Path) {
    let document = Document::parse(fs::read(path).unwrap());
    let drafted = Document::parse(check::draft(std::slice::from_ref(&document)));
    let shown = String::from_utf8_lossy(drafted.source()).into_owned();
    assert_eq!(check::check_schema(&drafted, &Options::default()), [], "{}: {shown}", path.display());
    let (schema, _) = Schema::read(&drafted);
    let options = Options { schema: Some(&schema), ..Options::default() };
    let by_it = check::check_with(&document, &options);
    let more: Vec<_> = by_it.iter().filter(|finding| finding.rule.code() >= "SDN5").collect();
    assert!(more.is_empty(), "{}: {more:?}\n{shown}", path.display());
}

#[test]
fn real_databases_are_as_usual_and_accepted_by_their_first_schemas() {
    let mut files = 0;
    for path in support::documents() {
        assert_round_trip(&path);
        if path.parent().is_some_and(|folder| folder.ends_with("made")) {
            continue;
        }
        files += 1;
        let findings = check::check(&Document::parse(fs::read(&path).unwrap()));
        let unusual: Vec<_> = findings.iter().filter(|finding| finding.rule.code() >= "SDN6").collect();
        assert!(unusual.is_empty(), "{}: {unusual:?}", path.display());
    }
    assert!(files >= 40, "only {files} files were looked at");
}
