//! The whole output of `list`, and of `get` for a table.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]
#![allow(clippy::too_many_lines, reason = "what the commands say is shown whole")]

use snapbox::str;
use support::{Run, Sandbox};

mod support;

/// Records with all that makes a list difficult.
const ODD: &str = "t |id, text, n, valid|\n    1, \"a, \\\"b\\\"\", 10, true\n    2, \"tab\\tand\\nline\", 9, true\n    \
                   3, \"C:\\\\x\", 007, false\n    4, 漢字, -1.5, true\n    5, [x, {y: 2}], , true\n    \
                   6, too, few\n    7, \"broken, 1, true\n    8, x, 1e2, true\n";

fn odd() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("odd.sdn", ODD);
    sandbox
}

#[test]
fn without_a_table_the_tables_are_listed_with_their_columns_and_counts() {
    let sandbox = Sandbox::with(&["todo_db.sdn", "dashboard.sdn", "config.sdn"]);
    assert_says!(
        sandbox.run(&["list", "dashboard.sdn"]),
        str![[r"
exit code 0
--- stdout
table        live  rows  columns
features        0     0  id, category, name, status, test_coverage, last_updated
sspec_tests     2     2  id, file, title, category, passed, failed, has_docs, last_run
coverage        2     2  id, level, crate, file, lines_total, lines_covered, lines_percent
vcs_state       1     1  bookmark, commit_id, commit_message, uncommitted_files

"]]
    );
    assert_says!(
        sandbox.run(&["list", "todo_db.sdn", "--columns", "table,live,rows"]),
        str![[r"
exit code 0
--- stdout
table  live  rows
todos     5     6

"]]
    );
    assert_says!(
        sandbox.run(&["list", "dashboard.sdn", "--where", "live>0", "--sort", "-rows,table", "--format", "jsonl"]),
        str![[r#"
exit code 0
--- stdout
{"table": "coverage", "live": 2, "rows": 2, "columns": ["id", "level", "crate", "file", "lines_total", "lines_covered", "lines_percent"]}
{"table": "sspec_tests", "live": 2, "rows": 2, "columns": ["id", "file", "title", "category", "passed", "failed", "has_docs", "last_run"]}
{"table": "vcs_state", "live": 1, "rows": 1, "columns": ["bookmark", "commit_id", "commit_message", "uncommitted_files"]}

"#]]
    );
    assert_says!(
        sandbox.run(&["list", "config.sdn"]),
        str![[r"
exit code 0
--- stderr
note: `config.sdn` has no tables

"]]
    );
    sandbox.write("nested.sdn", "a:\n    x: 1\n    t |id|\n        1\n");
    assert_says!(
        sandbox.run(&["list", "nested.sdn"]),
        str![[r"
exit code 0
--- stdout
table  live  rows  columns
a.t       1     1  id

"]]
    );
    assert_says!(
        sandbox.run(&["list", "nested.sdn", "a.t"]),
        str![[r"
exit code 0
--- stdout
id
 1

"]]
    );
}

#[test]
fn live_records_are_aligned_and_hidden_ones_listed_only_if_asked_for() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    assert_says!(
        sandbox.run(&["list", "todo_db.sdn", "todos"]),
        str![[r#"
exit code 0
--- stdout
id      keyword  area     priority  description                                           file                           line  issue  blocked  status   valid
1       TODO     parser   P2        Add support for nested generics                       src/compiler/parser/types.spl   492                  open     true
2       FIXME    runtime  P1        Close the handle when the task is dropped, not later  src/lib/runtime/handle.spl       31                  open     true
3       TODO     tooling  P3        Show progress while "scan" walks the tree             src/app/scan/main.spl           120     88           open     true
4       TODO     parser   P2        Accept digits in type names                           src/compiler/parser/lexer.spl    77               3  blocked  true
core 1  TODO     core     P1        Remove the second cache                               src/core/cache.spl                9                  open     true

"#]]
    );
    let columns = ["list", "todo_db.sdn", "todos", "--columns", "id,line,status,valid"];
    assert_says!(
        sandbox.run(&[&columns[..], &["--all"]].concat()),
        str![[r"
exit code 0
--- stdout
id      line  status   valid
1        492  open     true
2         31  open     true
3        120  open     true
4         77  blocked  true
4         75  open     false
core 1     9  open     true

"]]
    );
    assert_says!(
        sandbox.run(&[&columns[..], &["--where", "valid=false"]].concat()),
        str![[r"
exit code 0
--- stdout
id  line  status  valid
 4    75  open    false

"]]
    );
    let shown = |command: &str| support::transcript(&sandbox.run(&[command, "todo_db.sdn", "todos"]));
    assert_eq!(shown("get"), shown("list"));
}

#[test]
fn all_conditions_must_hold_and_numbers_are_compared_as_numbers() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let keys = |options: &[&str]| {
        let arguments = [&["list", "todo_db.sdn", "todos", "--format", "keys"], options].concat();
        sandbox.run(&arguments).code(0).stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(keys(&["--where", "line<100"]), ["2", "4", "core 1"]);
    assert_eq!(keys(&["--where", "line>=77", "--where", "line<=120"]), ["3", "4"]);
    assert_eq!(keys(&["--where", "line=31.0"]), ["2"]);
    assert_eq!(keys(&["--where", "keyword!=TODO"]), ["2"]);
    assert_eq!(keys(&["--where", "description~digits"]), ["4"]);
    assert_eq!(keys(&["--where", "description~digits", "--all"]), ["4", "4"]);
    assert_eq!(keys(&["--where", "issue="]), ["1", "2", "4", "core 1"]);
    assert_eq!(keys(&["--where", "status>blocked", "--where", "area=parser"]), ["1"]);
    assert_eq!(keys(&["--sort", "line"]), ["core 1", "2", "4", "3", "1"]);
    assert_eq!(keys(&["--sort", "-line"]), ["1", "3", "4", "2", "core 1"]);
    assert_eq!(keys(&["--sort", "priority,-line"]), ["2", "core 1", "1", "4", "3"]);
    assert_eq!(keys(&["--sort", "priority,-line", "--reverse"]), ["3", "4", "1", "core 1", "2"]);
    assert_eq!(keys(&["--sort", "id"]), ["1", "2", "3", "4", "core 1"]);
    assert_eq!(keys(&["--reverse"]), ["core 1", "4", "3", "2", "1"]);
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let sandbox = Sandbox::with(&["todo_db.sdn", "config.sdn"]);
    assert_says!(
        sandbox.run(&["list", "todo_db.sdn", "todo"]),
        str![[r"
exit code 1
--- stderr
error: `todo_db.sdn`: no table `todo`
 hint: did you mean `todos`?

"]]
    );
    assert_says!(
        sandbox.run(&["list", "todo_db.sdn", "todos", "--columns", "id,state"]),
        str![[r"
exit code 1
--- stderr
error: `todo_db.sdn`: no column `state` in `todos`
 hint: did you mean `status`?

"]]
    );
    assert_says!(
        sandbox.run(&["list", "todo_db.sdn", "todos", "--sort", "-prio"]),
        str![[r"
exit code 1
--- stderr
error: `todo_db.sdn`: no column `prio` in `todos`
 hint: did you mean `priority`?

"]]
    );
    assert_says!(
        sandbox.run(&["list", "todo_db.sdn", "todos", "--where", "x~1"]),
        str![[r"
exit code 1
--- stderr
error: `todo_db.sdn`: no column `x` in `todos`
 hint: each column here: id, keyword, area, priority, description, file, line, issue, blocked, status, valid

"]]
    );
    assert_says!(
        sandbox.run(&["list", "todo_db.sdn", "todos", "--where", "status"]),
        str![[r"
exit code 2
--- stderr
error: cannot read the condition `status`: `=VALUE`, or another comparison, is missing
 hint: write NAME=VALUE, with != or ~ (contains), <, <=, > or >= in place of = where that is meant

"]]
    );
    assert_says!(
        sandbox.run(&["list", "todo_db.sdn", "todos.3"]),
        str![[r"
exit code 1
--- stderr
error: `todo_db.sdn`: `todos.3` is a record, not a table
 hint: print it with `sdnlock read todo_db.sdn todos.3`

"]]
    );
    assert_says!(
        sandbox.run(&["list", "config.sdn", "server"]),
        str![[r"
exit code 1
--- stderr
error: `config.sdn`: `server` is a block of settings, not a table
 hint: print it with `sdnlock read config.sdn server`

"]]
    );
    assert_says!(
        sandbox.run(&["list", "none.sdn"]),
        str![[r"
exit code 66
--- stderr
error: no such file: `none.sdn`

"]]
    );
}

#[test]
fn a_condition_is_read_alike_everywhere_and_refused_where_it_cannot_be_meant() {
    let sandbox = Sandbox::new();
    let text = "t |id, n, status, text|\n    1, 9, open, \"a, b\"\n    2, 150, done, x\n    3, 5.0, \"in work\", [a, b]\n    \
                4, n/a, open, y\n    5, \"\", open, z\n";
    sandbox.write("t.sdn", text);
    for (conditions, expected) in [
        (&["n > 100", "n>100", "n>\"100\"", "n > 1e2"][..], "2"),
        (&["n=5", "n == 5", "n = \"5\"", "n=5.00"], "3"),
        (&["n<=9", "n <= 9"], "1 3"),
        (&["status != open", "status!=\"open\""], "2 3"),
        (&["status = in work", "status==\"in work\""], "3"),
        (&["text=\"a, b\""], "1"),
        (&["text=[a, b]", "text ~ \"a, b]\""], "3"),
        (&["n=", "n = \"\""], "5"),
    ] {
        for condition in conditions {
            let listed = sandbox.run(&["list", "t.sdn", "t", "--format", "keys", "--where", condition]).code(0).stdout;
            assert_eq!(listed.split_whitespace().collect::<Vec<_>>().join(" "), expected, "{condition}");
            // The same of single records.
            for id in ["1", "2", "3", "4", "5"] {
                let one = format!("t.{id}.{condition}");
                let run = sandbox.run(&["set", "--dry-run", "t.sdn", "--if", &one, "t.1.status=new"]);
                assert_eq!(run.code == 0, expected.split(' ').any(|held| held == id), "{one}: {}", run.stderr);
            }
        }
    }
    for (condition, why) in [
        ("n=>5", "there is no comparison `=>`"),
        ("n <> 5", "hint: write `!=`"),
        ("n > abc", "`n` holds numbers, and `abc` is none"),
        ("n <", "there is nothing behind the sign"),
        ("text=a,b", "hint: put the value in double quotes: 'text=\"a,b\"'"),
        ("text=\"a", "a quote is never closed"),
        ("text=\"a\" b", "something stands behind the quotes"),
    ] {
        sandbox.run(&["list", "t.sdn", "t", "--where", condition]).code(2).says(why);
        let one = format!("t.1.{condition}");
        let why = why.replace("`n`", "`t.1.n`").replace("'text", "'t.1.text");
        sandbox.run(&["set", "t.sdn", "--if", &one, "t.1.status=new"]).code(2).says(&why);
    }
    assert_eq!(sandbox.read("t.sdn"), text);
}

#[test]
fn rows_that_cannot_be_read_are_never_left_out_silently() {
    assert_says!(
        odd().run(&["list", "odd.sdn", "t"]),
        str![[r#"
exit code 0
--- stdout
id  text             n  valid
 1  a, "b"          10  true
 2  tab␉and␊line     9  true
 4  漢字          -1.5  true
 5  [x, {y: 2}]         true
 8  x              1e2  true
--- stderr
note: left out 2 rows that cannot be read, on lines 7, 8; see `sdnlock check odd.sdn`

"#]]
    );
    let sandbox = Sandbox::with(&["odd.sdn"]);
    assert_says!(
        sandbox.run(&["list", "odd.sdn", "t"]),
        str![[r"
exit code 0
--- stdout
a
1
2
3
--- stderr
note: a conflict is not resolved, so that rows are listed in several versions; its markers are on lines 12, 14

"]]
    );
}

#[test]
fn nothing_in_a_cell_reaches_the_terminal_as_a_command() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "t |id|\n    \"\u{202e}x\u{1b}[31m\u{9b}\"\n");
    let listed = |format: &str| sandbox.run(&["list", "t.sdn", "t", "--format", format]).code(0).stdout;
    assert_eq!(listed("table"), "id\n<U+202E>x\u{241b}[31m<U+009B>\n");
    // A program takes a key for one line of it, and what people cannot see for a part of the key.
    assert_eq!(listed("keys"), "\u{202e}x\u{241b}[31m<U+009B>\n");
    assert_eq!(listed("csv"), "id\n\u{202e}x\u{1b}[31m\u{9b}\n");
}

#[test]
fn each_format_escapes_what_it_has_to() {
    let sandbox = odd();
    let list = |format: &str| sandbox.run(&["--quiet", "list", "odd.sdn", "t", "--all", "--format", format]);
    assert_says!(
        list("csv"),
        str![[r#"
exit code 0
--- stdout
id,text,n,valid
1,"a, ""b""",10,true
2,"tab	and
line",9,true
3,C:\x,007,false
4,漢字,-1.5,true
5,"[x, {y: 2}]",,true
8,x,1e2,true

"#]]
    );
    assert_says!(
        list("tsv"),
        str![[r#"
exit code 0
--- stdout
id	text	n	valid
1	a, "b"	10	true
2	tab\tand\nline	9	true
3	C:\\x	007	false
4	漢字	-1.5	true
5	[x, {y: 2}]		true
8	x	1e2	true

"#]]
    );
    assert_says!(
        list("json"),
        str![[r#"
exit code 0
--- stdout
[
  {"id": 1, "text": "a, \"b\"", "n": 10, "valid": true},
  {"id": 2, "text": "tab\tand\nline", "n": 9, "valid": true},
  {"id": 3, "text": "C:\\x", "n": "007", "valid": false},
  {"id": 4, "text": "漢字", "n": -1.5, "valid": true},
  {
    "id": 5,
    "text": [
      "x",
      {"y": 2}
    ],
    "n": "",
    "valid": true
  },
  {"id": 8, "text": "x", "n": "1e2", "valid": true}
]

"#]]
    );
    assert_says!(
        list("jsonl"),
        str![[r#"
exit code 0
--- stdout
{"id": 1, "text": "a, \"b\"", "n": 10, "valid": true}
{"id": 2, "text": "tab\tand\nline", "n": 9, "valid": true}
{"id": 3, "text": "C:\\x", "n": "007", "valid": false}
{"id": 4, "text": "漢字", "n": -1.5, "valid": true}
{"id": 5, "text": ["x", {"y": 2}], "n": "", "valid": true}
{"id": 8, "text": "x", "n": "1e2", "valid": true}

"#]]
    );
    assert_says!(
        list("sdn"),
        str![[r#"
exit code 0
--- stdout
t |id, text, n, valid|
    1, "a, \"b\"", 10, true
    2, "tab\tand\nline", 9, true
    3, "C:\\x", "007", false
    4, "漢字", -1.5, true
    5, [x, {y: 2}], "", true
    8, x, "1e2", true

"#]]
    );
    assert_says!(
        list("keys"),
        str![[r"
exit code 0
--- stdout
1
2
3
4
5
8

"]]
    );
}

#[test]
fn what_is_listed_as_sdn_is_a_valid_database() {
    let sandbox = odd();
    sandbox.run(&["--quiet", "list", "odd.sdn", "t", "--all", "--format", "sdn", "--columns", "id,text,n"]).code(0);
    let small =
        Run::of(&mut sandbox.shell("sdnlock -q list odd.sdn t --all --format sdn --columns id,text > small.sdn"));
    assert_eq!(small.code, 0);
    sandbox.run(&["check", "small.sdn"]).code(0);
    let values = |file: &str| {
        sandbox.run(&["-q", "list", file, "t", "--all", "--format", "json", "--columns", "id,text"]).stdout
    };
    assert_eq!(values("small.sdn"), values("odd.sdn"));
}

#[test]
fn columns_without_names_are_counted() {
    let sandbox = Sandbox::with(&["odd.sdn"]);
    assert_says!(
        sandbox.run(&["list", "odd.sdn", "grid", "--sort", "-1"]),
        str![[r"
exit code 0
--- stdout
0  1
0  1
1  0

"]]
    );
    assert_says!(
        sandbox.run(&["list", "odd.sdn", "grid", "--where", "0=1", "--format", "sdn"]),
        str![[r"
exit code 0
--- stdout
grid: table{i32, i32}
    1, 0

"]]
    );
    assert_says!(
        sandbox.run(&["list", "odd.sdn", "grid", "--format", "json"]),
        str![[r"
exit code 0
--- stdout
[
  [1, 0],
  [0, 1]
]

"]]
    );
    sandbox.write("any.sdn", "any ||\n    1, 2\n    3\n");
    assert_says!(
        sandbox.run(&["list", "any.sdn", "any", "--format", "csv"]),
        str![[r"
exit code 0
--- stdout
0,1
1,2
3,

"]]
    );
    assert_says!(
        sandbox.run(&["list", "any.sdn", "any", "--format", "jsonl"]),
        str![[r"
exit code 0
--- stdout
[1, 2]
[3]

"]]
    );
}

#[test]
fn a_reader_that_leaves_early_ends_it_quietly() {
    let sandbox = Sandbox::new();
    let rows: String = (0..20_000).map(|n| format!("    {n}, text\n")).collect();
    sandbox.write("big.sdn", format!("t |id, text|\n{rows}"));
    for format in ["table", "json", "csv"] {
        let script = format!("set -o pipefail; sdnlock list big.sdn t --format {format} | head -n 1 > /dev/null");
        let run = Run::of(&mut sandbox.shell(&script));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    }
}
