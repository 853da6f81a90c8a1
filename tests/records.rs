//! Records are added, changed and removed by one command, and nothing else is touched.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::BTreeSet;
use std::fs;

use snapbox::str;
use support::{Run, Sandbox, scaled, start};

mod support;

/// A text without the lines that the other one has.
fn new_lines(old: &str, new: &str) -> Vec<String> {
    let old: Vec<&str> = old.lines().collect();
    new.lines().filter(|line| !old.contains(line)).map(str::to_owned).collect()
}

#[test]
fn add_appends_a_record_and_prints_its_key() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let before = sandbox.read("todo_db.sdn");
    assert_says!(
        sandbox.run(&["add", "--diff", "stat", "todo_db.sdn", "todos", "keyword=TODO", "description=a, \"b\" \\ c"]),
        str![[r"
exit code 0
--- stdout
5
--- stderr
todo_db.sdn: -0 +1 lines, 1 record added

"]]
    );
    let after = sandbox.read("todo_db.sdn");
    assert_eq!(new_lines(&before, &after), [r#"    5, TODO, "", "", "a, \"b\" \\ c", "", "", "", "", "", true"#]);
    assert_eq!(sandbox.run(&["get", "todo_db.sdn", "todos.5.description"]).stdout, "a, \"b\" \\ c\n");
    // Removed again, it is the old file byte for byte.
    sandbox.run(&["rm", "-q", "--purge", "todo_db.sdn", "todos.5"]).code(0);
    assert_eq!(sandbox.read("todo_db.sdn"), before);
}

#[test]
fn add_says_what_keeps_a_record_out() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let before = sandbox.read("todo_db.sdn");
    assert_says!(
        sandbox.run(&["add", "todo_db.sdn", "todos", "id=3", "status=open"]),
        str![[r"
exit code 1
--- stderr
error: not adding to `todos`: there is a record `3` already
state: `todo_db.sdn` unchanged
 hint: change it with `--or-update`

"]]
    );
    sandbox.run(&["add", "todo_db.sdn", "todo", "id=3"]).code(1).says("no table `todo`").says("did you mean `todos`?");
    sandbox.run(&["add", "todo_db.sdn", "todos", "state=x"]).code(1).says("there is no column `state`");
    sandbox.run(&["add", "todo_db.sdn", "todos", "id=3\n"]).code(65).says("control character U+000A");
    sandbox.run(&["add", "todo_db.sdn", "todos", "a.b=3"]).code(2).says("`a.b=3` is not COL=VALUE");
    sandbox.run(&["add", "todo_db.sdn", "todos", "id+=3"]).code(2);
    sandbox.run(&["add", "todo_db.sdn", "todos"]).code(2);
    assert_eq!(sandbox.read("todo_db.sdn"), before);
    sandbox.write("t.sdn", "t |path, n|\n    a/b, 1\n");
    sandbox.run(&["add", "t.sdn", "t", "n=2"]).code(2).says("give it one: `path=KEY`");
    sandbox.write("t.sdn", "t |a| 1\n");
    sandbox.run(&["add", "t.sdn", "t", "a=2"]).code(65).says("stands behind the header");
    sandbox.write("t.sdn", "t |a|\n    1\nt |a|\n    2\n");
    sandbox.run(&["add", "t.sdn", "t", "a=2"]).code(65).says("`t` stands 2 times, on lines");
}

#[test]
fn add_makes_a_database_that_does_not_exist() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["add", "-q", "notes.sdn", "notes", "text=the first one"]).code(0).stdout, "1\n");
    assert_eq!(sandbox.run(&["add", "-q", "notes.sdn", "notes", "text=2"]).code(0).stdout, "2\n");
    assert_eq!(sandbox.read("notes.sdn"), "notes |id, text|\n    1, \"the first one\"\n    2, \"2\"\n");
    sandbox.run(&["add", "bad.sdn", "two words", "text=x"]).code(2).says("in double quotes");
    sandbox.run(&["add", "bad.sdn", "t", "\"two words\"=x"]).code(2).says("no name of a column");
    assert!(!sandbox.exists("bad.sdn"));
}

#[test]
fn many_who_add_at_once_all_get_a_key_of_their_own() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "# head\nt |id, who|\n\n# end\n");
    let adders = 8;
    let rounds = scaled(12);
    let line = format!(
        "n=0; while [ $n -lt {rounds} ] && [ -e t.sdn ]; do sdnlock add -q -w 60 t.sdn t who=$1 || exit 1; n=$((n+1)); done"
    );
    let children: Vec<_> =
        (0..adders).map(|who| start(&mut sandbox.shell(&line.replace("$1", &who.to_string())))).collect();
    let mut keys = BTreeSet::new();
    for child in children {
        for key in Run::end_of(child).code(0).stdout.lines() {
            assert!(keys.insert(key.parse::<u32>().unwrap()), "{key} was given twice");
        }
    }
    assert_eq!(keys, (1..=adders * rounds).collect());
    let rows = sandbox.read("t.sdn").lines().filter(|line| line.starts_with("    ")).count();
    assert_eq!(rows, keys.len());
    assert!(sandbox.read("t.sdn").ends_with("\n\n# end\n"));
}

#[test]
fn increments_of_one_cell_by_sixteen_processes_arrive_completely() {
    let sandbox = Sandbox::new();
    sandbox.write("c.sdn", "c |id, n|\n    a, 0\n");
    let rounds = scaled(10);
    let line = format!(
        "n=0; while [ $n -lt {rounds} ] && [ -e c.sdn ]; do sdnlock set -q -w 60 c.sdn c.a.n+=1 || exit 1; n=$((n+1)); done"
    );
    let children: Vec<_> = (0..16).map(|_| start(&mut sandbox.shell(&line))).collect();
    for child in children {
        Run::end_of(child).code(0);
    }
    assert_eq!(sandbox.run(&["get", "c.sdn", "c.a.n"]).stdout, format!("{}\n", 16 * rounds));
}

#[test]
fn rm_hides_records_and_removes_what_cannot_be_hidden() {
    let sandbox = Sandbox::with(&["todo_db.sdn", "config.sdn"]);
    let before = sandbox.read("todo_db.sdn");
    sandbox.run(&["rm", "-q", "todo_db.sdn", "todos.3", "todos.\"core 1\""]).code(0);
    let after = sandbox.read("todo_db.sdn");
    assert_eq!(after.matches(", true\n").count() + 2, before.matches(", true\n").count());
    assert_eq!(new_lines(&before, &after).len(), 2);
    sandbox.run(&["rm", "todo_db.sdn", "todos.3"]).code(0).says("unchanged");
    sandbox.run(&["rm", "-q", "--purge", "todo_db.sdn", "todos.4"]).code(0);
    assert!(!sandbox.read("todo_db.sdn").contains("\n    4,"), "all rows of the key go");
    sandbox.run(&["rm", "todo_db.sdn", "todos"]).code(65).says("is a table with").says("--purge");
    sandbox.run(&["rm", "todo_db.sdn", "todos.99"]).code(1).says("no record `99`");
    sandbox.run(&["rm", "todo_db.sdn", "todos.1.status"]).code(65).says("is a cell");
    sandbox.run(&["rm", "nothing.sdn", "todos.1"]).code(66);

    sandbox.run(&["rm", "-q", "config.sdn", "server.log", "stages[1]", "limits.mem"]).code(0);
    let config = sandbox.read("config.sdn");
    assert!(
        !config.contains("level: info") && !config.contains("build all") && config.contains("limits = {cpu: 4, paths")
    );
}

#[test]
fn rm_leaves_no_reference_without_its_row() {
    let sandbox = Sandbox::new();
    let database = "strings |id, value|\n    0, a\n    1, b\n\ntests |test_id, name_str|\n    1, 1\n";
    sandbox.write("t.sdn", database);
    assert_says!(
        sandbox.run(&["rm", "t.sdn", "strings.1"]),
        str![[r"
exit code 65
--- stderr
error: not changing `t.sdn`: what other records refer to would be gone
 --> the new content:5:8
  |
5 |     1, 1
  |        ^ `tests.name_str` refers to `strings.id`, which has no `1`
state: `t.sdn` unchanged
 hint: remove or change those records first, or go on with `--leave-dangling`

"]]
    );
    sandbox.run(&["rm", "t.sdn", "strings.0"]).code(65);
    sandbox.run(&["rm", "-q", "t.sdn", "tests.1", "strings.1"]).code(0);
    sandbox.write("t.sdn", database);
    sandbox.run(&["rm", "-q", "--leave-dangling", "t.sdn", "strings.1"]).code(0);
    sandbox.write(".sdnlock.sdn", "references |table, column, target|\n    a, of, b.name\n");
    sandbox.write("t.sdn", "a |id, of|\n    1, x\nb |name|\n    x\n    y\n");
    sandbox.run(&["rm", "t.sdn", "b.x"]).code(65).says("what other records refer to would be gone");
    sandbox.run(&["rm", "t.sdn", "b.y"]).code(0);
}

#[test]
fn rm_looks_at_each_reference_however_many_lead_nowhere_already() {
    let sandbox = Sandbox::new();
    let by_name = "";
    let by_schema = "references |table, column, target|\n    notes, bug_id, bugs.id\n";
    for schema in [by_name, by_schema] {
        sandbox.write(".sdnlock.sdn", schema);
        for dangling in 0..8 {
            let mut text =
                "strings |id, value|\n    0, a\n\nbugs |id|\n    a\n    b\n\nnotes |id, bug_id|\n".to_owned();
            for note in 0..dangling {
                text += &format!("    {note}, x{note}\n");
            }
            text += "    90, a\n    91, a\n    92, a\n    93, a\n    94, a\n";
            sandbox.write("t.sdn", &text);
            // Nothing refers to these.
            for free in ["bugs.b", "notes.90"] {
                sandbox.run(&["rm", "--dry-run", "--purge", "t.sdn", free]).code(0);
            }
            let refused = ["t.sdn", "bugs.a"];
            sandbox.run(&[&["rm", "--purge"], &refused[..]].concat()).code(65).says("which has no `a`");
            // As many go as come.
            if dangling > 0 {
                let run = sandbox.run(&[&["rm", "--purge"], &refused[..], &["notes.0", "notes.90"]].concat());
                run.code(65).says("which has no `a`");
            }
            // With all that refers to it, it may go.
            let all = ["notes.90", "notes.91", "notes.92", "notes.93", "notes.94"];
            sandbox.run(&[&["rm", "-q", "--purge"], &refused[..], &all[..]].concat()).code(0);
            assert_eq!(sandbox.read("t.sdn").matches(", a\n").count(), 1, "{dangling}");
        }
    }
    // A whole table is as many records.
    sandbox.write(".sdnlock.sdn", "");
    sandbox.write("t.sdn", "t |id, name_str|\n    1, 0\n\nstrings |id, value|\n    0, a\n");
    sandbox.run(&["rm", "--purge", "t.sdn", "strings"]).code(65).says("which has no `0`");
}

#[test]
fn what_is_there_is_not_denied() {
    let sandbox = Sandbox::new();
    let text = "qemu |name, url|\n    8.2, a\n    9, b\nlist:\n    - code\n    - ref: main\nreport:\n    html_title: Two words\n    \
                x.y: 4\nT2 |id, a\n    1, b\n";
    sandbox.write("t.sdn", text);
    let commands: [&[&str]; 4] = [&["get"], &["read"], &["rm", "--purge"], &["list"]];
    for (address, why) in [
        ("T2", "line 10 cannot be read for certain: this header is not closed"),
        ("T2.1", "line 10 cannot be read for certain: this header is not closed"),
        ("list.ref", "line 6 cannot be read for certain: the Rust reader passes over these dashes"),
    ] {
        for command in commands {
            let run = sandbox.run(&[command, &["t.sdn", address]].concat());
            run.code(65).says(why).says("hint: mend it first: `sdnlock check t.sdn`");
        }
        sandbox.run(&["set", "t.sdn", &format!("{address}=x")]).code(65).says(why);
    }
    for (address, instead) in [
        ("list.html_title", "report.html_title"),
        ("html_title", "report.html_title"),
        ("qemu.8.2.url", "'qemu.\"8.2\".url'"),
        ("qemu.8.2", "'qemu.\"8.2\"'"),
        ("report.x.y", "'report.\"x.y\"'"),
        ("report.qemu.9.url", "qemu.9.url"),
    ] {
        let hint = format!("hint: did you mean `{instead}`?");
        sandbox.run(&["get", "t.sdn", address]).code(1).says(&hint);
        // It leads somewhere, as a shell takes it.
        Run::of(&mut sandbox.shell(&format!("sdnlock read t.sdn {instead}"))).code(0);
    }
    sandbox.run(&["get", "t.sdn", "qemu.7.1"]).code(1);
    assert_eq!(sandbox.read("t.sdn"), text);
}

#[test]
fn what_the_schema_forbids_is_not_written_anew() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".sdnlock.sdn",
        "columns |table, column, type, required, values|\n    t, id, integer, true, \"\"\n    t, status, enum, true, \"open;done\"\n    \
         t, n, integer, false, \"\"\n",
    );
    let old: String = (1..6).map(|id| format!("    {id}, odd, x\n")).collect();
    let text = format!("t |id, status, n|\n{old}    9, open, 7\n");
    sandbox.write("t.sdn", &text);
    for (command, why) in [
        (&["set", "t.sdn", "t.9.status=opne"][..], "`opne` is none of the values of `t.status`"),
        (&["set", "t.sdn", "t.9.status="], "`t.status` is empty, and the schema requires it"),
        (&["set", "t.sdn", "t.9.n=many"], "`many` is no integer"),
        // One more than there were.
        (&["set", "t.sdn", "t.9.status=odd"], "`odd` is none of the values"),
        (&["add", "t.sdn", "t", "status=opne"], "`opne` is none of the values"),
        (&["add", "t.sdn", "t", "n=1"], "`t.status` is empty"),
        (&["add", "--or-update", "t.sdn", "t", "id=9", "n=x"], "`x` is no integer"),
    ] {
        sandbox.run(command).code(65).says(why).says("state: `t.sdn` unchanged");
        assert_eq!(sandbox.read("t.sdn"), text, "{command:?}");
    }
    sandbox.run(&["set", "t.sdn", "t.9.status=opne"]).says("hint: they are open, done");
    // What is wrong already may stay, and be mended.
    sandbox.run(&["set", "-q", "t.sdn", "t.9.n=8", "t.1.status=open", "t.2.n=3"]).code(0);
    sandbox.run(&["add", "-q", "t.sdn", "t", "status=done", "n="]).code(0);
}

#[test]
fn set_changes_only_if_the_condition_holds() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let claim = ["set", "-q", "--if", "todos.3.status=open", "todo_db.sdn", "todos.3.status=mine"];
    sandbox.run(&claim).code(0);
    assert_says!(
        sandbox.run(&claim),
        str![[r"
exit code 1
--- stderr
error: not changing `todo_db.sdn`: `todos.3.status` is `mine`
state: `todo_db.sdn` unchanged

"]]
    );
    let with = |condition: &str| sandbox.run(&["set", "-q", "--if", condition, "todo_db.sdn", "todos.3.line+=1"]).code;
    assert_eq!(with("todos.3.line>=120"), 0);
    assert_eq!(with("todos.3.line<121"), 1);
    assert_eq!(with("todos.3.status!=mine"), 1);
    assert_eq!(with("todos.99.status=x"), 1);
    assert_eq!(with("todos.3.status"), 2);
    let both = ["--if", "todos.3.line=121", "--if", "todos.3.status=mine"];
    sandbox.run(&[&["set", "-q"][..], &both, &["todo_db.sdn", "todos.3.line=0"]].concat()).code(0);
}

#[test]
fn records_of_a_versioned_table_are_stamped_once_for_a_change() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    sandbox.run(&["alter", "-q", "todo_db.sdn", "todos", "--versioned"]).code(0);
    sandbox.run(&["alter", "todo_db.sdn", "todos", "--versioned"]).code(0).says("unchanged");
    let version =
        |key: &str| sandbox.run(&["get", "todo_db.sdn", &format!("todos.{key}.version")]).stdout.trim().to_owned();
    assert_eq!(version("3"), "1");
    sandbox.run(&["set", "-q", "todo_db.sdn", "todos.3.status=done", "todos.3.area=x"]).code(0);
    assert_eq!((version("3"), version("2")), ("2".into(), "1".into()));
    sandbox.run(&["set", "-q", "--no-stamp", "todo_db.sdn", "todos.3.area=y"]).code(0);
    assert_eq!(version("3"), "2");
    sandbox.run(&["set", "-q", "todo_db.sdn", "todos.3.version=9"]).code(0);
    assert_eq!(version("3"), "9", "whoever sets it has the last word");
    let new = sandbox.read("todo_db.sdn").replace("P1, \"Close", "P0, \"Close");
    sandbox.run_with(&["write", "-q", "todo_db.sdn"], &new).code(0);
    assert_eq!((version("2"), version("1")), ("2".into(), "1".into()));
    sandbox.run(&["rm", "-q", "todo_db.sdn", "todos.1"]).code(0);
    assert_eq!(version("1"), "2");
    let key = sandbox.run(&["add", "-q", "todo_db.sdn", "todos", "status=open"]).code(0).stdout.trim().to_owned();
    assert_eq!(version(&key), "1");
    let time = sandbox.run(&["get", "todo_db.sdn", &format!("todos.{key}.last_modified")]).stdout;
    assert!(time.ends_with("Z\n") && time.len() == "2026-11-23T09:00:00Z\n".len(), "{time}");
    sandbox.run(&["exec", "-q", "todo_db.sdn", "--", "sed", "-i", "s/P0/P3/", "todo_db.sdn"]).code(0);
    assert_eq!(version("2"), "2", "there the command is the author");
}

#[test]
fn alter_changes_columns_in_all_rows_or_says_why_not() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let before = sandbox.read("todo_db.sdn");
    let change = |arguments: &[&str]| sandbox.run(&[&["alter", "-q", "todo_db.sdn", "todos"], arguments].concat());
    change(&["--rename-column", "area=component", "--drop-column", "line", "--add-column", "owner=no body"]).code(0);
    let after = sandbox.read("todo_db.sdn");
    assert!(after.starts_with(
        "todos |id, keyword, component, priority, description, file, issue, blocked, status, valid, owner|"
    ));
    assert!(after.contains("src/lib/runtime/handle.spl, \"\", \"\", open, true, \"no body\"\n"));
    change(&["--rename-column", "component=area", "--drop-column", "owner"]).code(0);
    assert_eq!(sandbox.read("todo_db.sdn").lines().count(), before.lines().count());
    change(&["--drop-column", "nope"]).code(1).says("has no column `nope`");
    change(&["--add-column", "id"]).code(65).says("has a column `id` already");
    change(&["--add-column", "two words"]).code(2);
    change(&["--rename-column", "area"]).code(2);
    change(&[]).code(2).says("no change of a column was asked for");
    sandbox.run(&["alter", "todo_db.sdn", "tasks", "--add-column", "x"]).code(1).says("no table `tasks`");
    let dry = sandbox.run(&["alter", "--dry-run", "todo_db.sdn", "todos", "--add-column", "x"]).code(0);
    assert!(dry.stdout.contains("+todos |id, keyword, area,"));
    let now = fs::read_to_string(sandbox.path("todo_db.sdn")).unwrap();
    assert!(!now.contains(", x|"));
}

#[test]
fn seals_are_renewed_by_every_change_of_records() {
    let sandbox = Sandbox::new();
    let content = "t |id, n|\n    1, a\n";
    let sealed = format!("#sdn-crc32:{}\n{content}", crc32fast::hash(content.as_bytes()));
    sandbox.write("t.sdn", &sealed);
    for change in [
        &["add", "-q", "t.sdn", "t", "n=b"][..],
        &["alter", "-q", "t.sdn", "t", "--versioned"],
        &["set", "-q", "t.sdn", "t.1.n=c"],
        &["rm", "-q", "t.sdn", "t.2"],
    ] {
        sandbox.run(change).code(0);
        sandbox.run(&["check", "t.sdn"]).code(0);
    }
    sandbox.write("t.sdn", sealed.replace(", a", ", b"));
    for change in
        [&["add", "t.sdn", "t", "n=b"][..], &["rm", "t.sdn", "t.1"], &["alter", "t.sdn", "t", "--add-column", "x"]]
    {
        sandbox.run(change).code(65).says("its seal is wrong");
    }
    sandbox.run(&["add", "-q", "--reseal", "t.sdn", "t", "n=b"]).code(0);
    sandbox.run(&["check", "t.sdn"]).code(0);
}

#[test]
fn keys_of_several_columns_are_those_of_the_schema() {
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    lines, bug/n\n    bugs, name\n");
    let database =
        "lines |id, bug, n, text, version|\n    1, a, 1, x, 1\n    1, a, 2, y, 1\nbugs |id, name|\n    7, first\n";
    sandbox.write("t.sdn", database);
    assert_eq!(sandbox.run(&["get", "t.sdn", "lines.a/2.text"]).code(0).stdout, "y\n");
    assert_eq!(sandbox.run(&["get", "t.sdn", "bugs.first.id"]).code(0).stdout, "7\n");
    sandbox.run(&["set", "-q", "--if", "lines.a/1.text=x", "t.sdn", "lines.a/2.text=z"]).code(0);
    assert!(sandbox.read("t.sdn").contains("    1, a, 1, x, 1\n    1, a, 2, z, 2\n"));
    sandbox.run(&["add", "t.sdn", "lines", "bug=a"]).code(2).says("give it one: `n=KEY`");
    sandbox.run(&["add", "t.sdn", "lines", "bug=a", "n=2"]).code(1).says("there is a record `a/2` already");
    assert_eq!(sandbox.run(&["add", "-q", "t.sdn", "lines", "bug=b", "n=1"]).code(0).stdout, "b/1\n");
    sandbox.run(&["rm", "-q", "t.sdn", "lines.a/1", "lines.b/1"]).code(0);
    assert!(sandbox.read("t.sdn").starts_with("lines |id, bug, n, text, version|\n    1, a, 2, z, 2\nbugs"));
}

#[test]
fn new_records_hold_the_defaults_of_the_schema() {
    let sandbox = Sandbox::new();
    let schema =
        "columns |table, column, type, required, values, default|\n    t, status, enum, true, \"open;closed\", open\n";
    sandbox.write(".sdnlock.sdn", schema);
    sandbox.write("t.sdn", "t |id, status, valid|\n");
    sandbox.run(&["add", "-q", "t.sdn", "t", "valid=false"]).code(0);
    sandbox.run(&["add", "-q", "t.sdn", "t", "status=closed"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), "t |id, status, valid|\n    1, open, false\n    2, closed, true\n");
    sandbox.write(".sdnlock.sdn", schema.replace("open\n", "gone\n"));
    sandbox.run(&["check", ".sdnlock.sdn"]).code(1);
    assert!(sandbox.run(&["check", ".sdnlock.sdn"]).stdout.contains("the default `gone` is no value of the column"));
}

#[test]
fn thousands_of_records_are_added_in_one_step_or_none() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "t |id, n, done, tags|\n    4, a, false, [x, y]\n");
    let lines: String =
        (0..3000).map(|n| format!("{{\"n\": \"text {n}\", \"done\": true, \"tags\": [{n}]}}\n")).collect();
    let keys = sandbox.run_with(&["add", "-q", "--json", "-", "t.sdn", "t"], &lines).code(0).stdout;
    assert!(keys.lines().map(str::to_owned).eq((5..3005).map(|key| key.to_string())));
    assert!(sandbox.read("t.sdn").ends_with("    3004, \"text 2999\", true, [2999]\n"));
    let before = sandbox.read("t.sdn");
    let array = r#"[{"id": 4, "n": "b"}, {"n": "c"}, {"m": 1}, {"n": "line\nbreak"}]"#;
    assert_says!(
        sandbox.run_with(&["add", "--json", "-", "t.sdn", "t"], array),
        str![[r"
exit code 65
--- stderr
error: not adding to `t`: 3 of 4 records are refused
state: `t.sdn` unchanged
cause: record 1: there is a record `4` already
cause: record 3: there is no column `m`
cause: record 4: `n`: the value holds the control character U+000A, which line-based readers cannot take

"]]
    );
    sandbox.run_with(&["add", "--json", "-", "t.sdn", "t"], "{\"n\": 1}\n{\"n\": \n").code(65).says("line 2: ");
    assert_eq!(sandbox.read("t.sdn"), before);
    sandbox.run_with(&["add", "-q", "--or-update", "--json", "-", "t.sdn", "t"], r#"[{"id": 4, "n": "b"}]"#).code(0);
    assert!(sandbox.read("t.sdn").contains("    4, b, false, [x, y]\n"));
    sandbox.run_with(&["add", "-q", "--json", "-", "new.sdn", "t"], "{\"a\": 1}\n{\"b\": null, \"a\": 2}\n").code(0);
    assert_eq!(sandbox.read("new.sdn"), "t |id, a, b|\n    1, 1, \"\"\n    2, 2, \"\"\n");
}

#[test]
fn set_gives_no_record_the_key_of_another_one() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "t |id, n|\n    1, a\n    2, b\n    3, c\n    3, d\n");
    let set = |address: &str| sandbox.run(&["set", "-q", "t.sdn", address]);
    set("t.1.id=2").code(1).says("there is a record `2` already");
    set("t.1.id=").code(1).says("a record needs a key");
    // A key that was there twice keeps nobody from changing others, and two may change places.
    set("t.2.id=7").code(0);
    sandbox.run(&["set", "-q", "t.sdn", "t.1.id=7", "t.7.id=1"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), "t |id, n|\n    7, a\n    1, b\n    3, c\n    3, d\n");
}

#[test]
fn nothing_is_changed_between_the_marks_of_a_merge() {
    let sandbox = Sandbox::new();
    let text = "t |id, n|\n    1, a\n<<<<<<< ours\n    2, b\n=======\n    4, c\n>>>>>>> theirs\n    3, d\n";
    sandbox.write("t.sdn", text);
    for command in [&["set", "t.sdn", "t.2.n=x"][..], &["add", "t.sdn", "t", "n=x"], &["rm", "t.sdn", "t.4"]] {
        sandbox.run(command).code(65).says("a merge");
    }
    assert_eq!(sandbox.read("t.sdn"), text);
    sandbox.run(&["set", "-q", "t.sdn", "t.3.n=x"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), text.replace("3, d", "3, x"));
}

#[test]
fn what_is_there_twice_or_would_come_back_is_not_touched() {
    let sandbox = Sandbox::new();
    sandbox.write("twice.sdn", "t |id, n, n|\n    1, a, b\n");
    sandbox.run(&["set", "twice.sdn", "t.1.n=x"]).code(65).says("`n`");
    sandbox.write("hidden.sdn", "t |id, valid|\n    1, true\n    2, false\n");
    sandbox
        .run(&["alter", "hidden.sdn", "t", "--drop-column", "valid"])
        .code(65)
        .says("hidden records would come back");
    sandbox.run(&["rm", "-q", "--purge", "hidden.sdn", "t.2"]).code(0);
    sandbox.run(&["alter", "-q", "hidden.sdn", "t", "--drop-column", "valid"]).code(0);
    assert_eq!(sandbox.read("hidden.sdn"), "t |id|\n    1\n");
    sandbox.run(&["alter", "hidden.sdn", "none", "--versioned"]).code(1).says("no table `none`");
}

#[test]
fn tables_within_blocks_are_addressed_like_anything_else() {
    let sandbox = Sandbox::new();
    let text = "web:\n    host: x\n    ports |name, port, version|\n        a, 80, 1\ndb:\n    v: 1\n    \
                ports |name, version|\n        a, 4\n";
    sandbox.write("t.sdn", text);
    sandbox
        .run(&["add", "t.sdn", "ports", "name=b"])
        .code(1)
        .says("no table `ports`")
        .says("did you mean `web.ports` or `db.ports`?");
    sandbox.run(&["add", "t.sdn", "web.host", "name=b"]).code(1).says("`web.host` is a value, not a table");
    assert_eq!(sandbox.run(&["add", "-q", "t.sdn", "web.ports", "name=b"]).code(0).stdout, "b\n");
    sandbox.run(&["alter", "-q", "t.sdn", "db.ports", "--add-column", "n=0", "--rename-column", "name=id"]).code(0);
    sandbox.run(&["set", "-q", "t.sdn", "db.ports.a.n=7"]).code(0);
    let new = text.replace("80, 1\n", "80, 1\n        b, \"\", 1\n");
    assert_eq!(
        sandbox.read("t.sdn"),
        new.replace("    ports |name, version|\n        a, 4\n", "    ports |id, version, n|\n        a, 5, 7\n")
    );
    // A new file has no block for it to stand in.
    sandbox.run(&["add", "new.sdn", "web.ports", "name=b"]).code(2).says("stands at its top");
    sandbox.run(&["add", "new.sdn", "\"two words\"", "name=b"]).code(2).says("is no name of a table");
    assert!(!sandbox.path("new.sdn").exists());
}

#[test]
fn a_version_that_has_no_next_one_is_not_begun_anew() {
    let sandbox = Sandbox::new();
    let text = format!("t |id, n, version|\n    1, a, {}\n", i64::MAX);
    sandbox.write("t.sdn", &text);
    sandbox
        .run(&["set", "t.sdn", "t.1.n=b"])
        .code(65)
        .says("the version on line 2, 9223372036854775807, has no next one")
        .says("`--no-stamp`");
    assert_eq!(sandbox.read("t.sdn"), text);
    sandbox.run(&["set", "-q", "--no-stamp", "t.sdn", "t.1.n=b"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), text.replace("1, a", "1, b"));
}

#[test]
fn a_text_stays_a_text_whatever_it_looks_like() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "t |id, name, n, list|\n    1, alice, 5, [a]\n");
    // Where only words stand, nothing else is meant; where numbers stand, they are.
    sandbox.run(&["add", "-q", "t.sdn", "t", "name=12", "n=12", "list=[b, 1]"]).code(0);
    sandbox.run(&["add", "-q", "t.sdn", "t", "name=true", "n=x", "list=5"]).code(0);
    let rows = "    2, \"12\", 12, [b, 1]\n    3, \"true\", x, \"5\"\n";
    assert_eq!(sandbox.read("t.sdn"), format!("t |id, name, n, list|\n    1, alice, 5, [a]\n{rows}"));
    // JSON says what is meant, and gets it back.
    let record = r#"{"id": 4, "name": "[a]", "n": "7", "list": "[x, y]"}"#;
    sandbox.run_with(&["add", "-q", "t.sdn", "t", "--json", "-"], record).code(0);
    assert!(sandbox.read("t.sdn").ends_with("    4, \"[a]\", \"7\", \"[x, y]\"\n"));
    assert_eq!(
        sandbox.run(&["list", "t.sdn", "t", "--where", "id=4", "--format", "jsonl"]).stdout,
        format!("{record}\n")
    );
    let update = |record: &str| {
        sandbox.run_with(&["add", "-q", "--or-update", "t.sdn", "t", "--json", "-"], record).code(0);
        sandbox.read("t.sdn").lines().last().unwrap().trim().to_owned()
    };
    assert_eq!(update(r#"{"id":4,"n":7,"list":["x","y"]}"#), r#"4, "[a]", 7, [x, y]"#);
    assert_eq!(update(r#"{"id":4,"n":"7","name":"null"}"#), r#"4, "null", "7", [x, y]"#);
    assert_eq!(update(r#"{"id":4,"n":"7","name":"null"}"#), r#"4, "null", "7", [x, y]"#);
}

#[test]
fn a_schema_that_is_in_doubt_finds_no_other_record() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "t |id, name|\n    1, 2\n    2, 1\n");
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t, name,\n");
    for command in [&["rm", "t.sdn", "t.1"][..], &["set", "t.sdn", "t.1.id=9"], &["get", "t.sdn", "t.1.id"]] {
        sandbox.run(command).code(65).says("its schema `.sdnlock.sdn` is not valid").says("sdnlock check .sdnlock.sdn");
    }
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t, nmae\n");
    sandbox.run(&["get", "t.sdn", "t.1"]).code(1).says("it has no column `nmae`, which the schema says is of its key");
    sandbox
        .run(&["add", "t.sdn", "t", "name=a"])
        .code(65)
        .says("it has no column `nmae`, which the schema says is of its key");
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t, name\n");
    assert_eq!(sandbox.run(&["get", "t.sdn", "t.1.id"]).code(0).stdout, "2\n");
    assert_eq!(sandbox.run(&["read", "--json", "t.sdn", "t.1.id"]).code(0).stdout, "2\n");
}

#[test]
fn nothing_is_changed_that_a_reader_takes_for_a_part_of_something_else() {
    let sandbox = Sandbox::new();
    for open in ["x: \"open\n", "x: [1, 2\n", "u |a|\n    \"open\n"] {
        let text = format!("y: 1\n{open}t |id, v|\n    a, b\nz: 1\n");
        sandbox.write("t.sdn", &text);
        for command in [
            &["set", "t.sdn", "t.a.v=c"][..],
            &["add", "t.sdn", "t", "id=z"],
            &["rm", "t.sdn", "t.a"],
            &["rm", "t.sdn", "z"],
            &["rm", "--purge", "t.sdn", "t"],
            &["alter", "t.sdn", "t", "--add-column", "n"],
        ] {
            sandbox.run(command).code(65).says("is never closed on line");
        }
        assert_eq!(sandbox.read("t.sdn"), text);
        // What stands above it is seen by all.
        sandbox.run(&["set", "-q", "t.sdn", "y=2"]).code(0);
    }
}

#[test]
fn alter_brings_nothing_back_and_gives_no_record_another_key() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "t |name, n, valid|\n    a, 1, false\n");
    let rename = &["alter", "t.sdn", "t", "--rename-column", "valid=v"][..];
    sandbox.run(rename).code(65).says("hidden records would come back");
    sandbox.run(&[rename, &["--drop-column", "v"]].concat()).code(65);
    sandbox.run(&["alter", "t.sdn", "t", "--add-column", "id"]).code(65).says("`id` would be the key");
    sandbox.write("t.sdn", "t |a, b|\n    x,   # note\n");
    sandbox.run(&["alter", "-q", "t.sdn", "t", "--drop-column", "b"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), "t |a|\n    x # note\n");
    let marked = "t |id|\n<<<<<<< a\n    1\n=======\n    2\n>>>>>>> b\n";
    sandbox.write("t.sdn", marked);
    sandbox.run(&["alter", "t.sdn", "t", "--add-column", "x"]).code(65).says("a merge left a conflict");
    sandbox.run(&["set", "none/t.sdn", "t.1.a=1"]).code(66).says("no such file");
}

#[test]
fn what_goes_with_something_else_may_be_named_too() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "l: [1, 2]\nd = {k: 1, j: 2}\nt |id, v, valid|\n    1, [1, 2], true\n    2, x, true\n");
    sandbox.run(&["rm", "-q", "t.sdn", "l[0]", "l", "d", "d.k", "t.1", "t.1"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), "t |id, v, valid|\n    1, [1, 2], false\n    2, x, true\n");
    sandbox.run(&["rm", "-q", "--purge", "t.sdn", "t.1.v[0]", "t.1"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), "t |id, v, valid|\n    2, x, true\n");
}

#[test]
fn a_row_that_is_named_by_its_number_is_removed_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "t |id, n|\n    1, a\n    1, b\n    2, c\n");
    sandbox.run(&["rm", "-q", "t.sdn", "t[1]"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), "t |id, n|\n    1, a\n    2, c\n");
    sandbox.write("t.sdn", "t |id, n, valid|\n    1, a, false\n    1, b, true\n    1, c, false\n");
    sandbox.run(&["rm", "-q", "--purge", "t.sdn", "t[0]"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), "t |id, n, valid|\n    1, b, true\n    1, c, false\n");
    sandbox.run(&["rm", "-q", "--purge", "t.sdn", "t.1"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), "t |id, n, valid|\n");
}

#[test]
fn no_column_that_goes_or_comes_takes_the_keys_away() {
    let sandbox = Sandbox::new();
    let alter = |text: &str, arguments: &[&str]| {
        sandbox.write("t.sdn", text);
        let run = sandbox.run(&[&["alter", "-q", "t.sdn", "t"], arguments].concat());
        assert!(run.code == 0 || sandbox.read("t.sdn") == text);
        run
    };
    let rename = ["--rename-column", "n=id"];
    alter("t |name, n|\n    a, 1\n    b, 1\n", &rename).code(65).says("`id` would be the key, and does not tell");
    alter("t |name, n|\n    a, 1\n    b,\n", &rename).code(65);
    alter("t |name, n|\n    a, 1\n    b, 2\n", &rename).code(0);
    let drop = ["--drop-column", "id"];
    alter("t |n, id|\n    a, 1\n    a, 2\n", &drop).code(65).says("without `id` the records would have no key");
    alter("t |n, id|\n    a, 1\n    b, 2\n", &drop).code(0);
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t, a/b\n");
    alter("t |a, b, n|\n    1, 1, x\n", &["--drop-column", "b"]).code(65).says("without `b`").says("`keys`");
    alter("t |a, b, n|\n    1, 1, x\n", &["--drop-column", "n"]).code(0);
}

#[test]
fn the_hint_of_a_key_that_may_be_none_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "runs |test_id, at|\n    2, mon\n");
    let hint = "if several rows may have one `test_id`, say in `keys` of .sdnlock.sdn that it is no key: `runs, \"\"`";
    sandbox.run(&["add", "t.sdn", "runs", "test_id=2", "at=tue"]).code(1).says(hint);
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    runs, \"\"\n");
    sandbox.run(&["add", "-q", "t.sdn", "runs", "test_id=2", "at=tue"]).code(0);
    sandbox.write("t.sdn", "t |id, at|\n    2, mon\n");
    let run = sandbox.run(&["add", "t.sdn", "t", "id=2", "at=tue"]).code(1);
    assert!(!run.stderr.contains("no key"), "{}", run.stderr);
}

#[test]
fn what_stands_in_an_outer_conflict_is_in_doubt_behind_an_inner_one() {
    let sandbox = Sandbox::new();
    let inner = "<<<<<<< a\nx: 1\n=======\nx: 2\n>>>>>>> b\n";
    let text = format!("<<<<<<<<< a\n{inner}y: 1\n=========\ny: 2\nz: 1\n>>>>>>>>> b\nw: 1\n");
    sandbox.write("t.sdn", &text);
    sandbox.run(&["set", "t.sdn", "z=3"]).code(65).says("one side of a conflict");
    assert_eq!(sandbox.read("t.sdn"), text);
    sandbox.run(&["set", "-q", "t.sdn", "w=3"]).code(0);
}
