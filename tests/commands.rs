//! The whole output of the commands that need neither an editor nor a child process.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]
#![allow(clippy::too_many_lines, reason = "what the commands say is shown whole")]

use std::fs;

use snapbox::str;
use support::{Run, Sandbox};

mod support;

#[test]
fn read_prints_the_file_byte_for_byte() {
    for path in support::documents() {
        let name = path.file_name().unwrap();
        let sandbox = Sandbox::new();
        fs::copy(&path, sandbox.path(name)).unwrap();
        let output = sandbox.sdnlock(["read"]).arg(name).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{}", path.display());
        assert!(output.stdout == fs::read(&path).unwrap(), "{}", path.display());
    }
}

#[test]
fn read_prints_a_table_a_record_or_a_value_as_it_stands() {
    let sandbox = Sandbox::with(&["bug_db.sdn", "config.sdn"]);
    assert_says!(
        sandbox.run(&["read", "bug_db.sdn", "test_cases"]),
        str![[r#"
exit code 0
--- stdout
test_cases |id, file, status|
    boot_test, "scripts/boot.sh --stage=2", fail

"#]]
    );
    assert_says!(
        sandbox.run(&["read", "bug_db.sdn", "bugs.runtime_001"]),
        str![[r#"
exit code 0
--- stdout
    runtime_001, Important, open, "Path /usr/lib is cut", "src/run.spl", 7   # seen twice

"#]]
    );
    assert_says!(
        sandbox.run(&["read", "bug_db.sdn", "bugs.parser_001.title"]),
        str![[r#"
exit code 0
--- stdout
"A row of commas, and a quote \"inside\""

"#]]
    );
    assert_says!(
        sandbox.run(&["read", "config.sdn", "server"]),
        str![[r#"
exit code 0
--- stdout
server:
    host: localhost
    port: 8080        # web
    log:
        level: info
        file: "/var/log/build.log"
    proxy:

"#]]
    );
    assert_says!(
        sandbox.run(&["read", "config.sdn", "limits.paths"]),
        str![[r#"
exit code 0
--- stdout
{cache: ".cache/sdn"}

"#]]
    );
}

#[test]
fn read_prints_the_tag_that_sha256sum_prints() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let tag = sandbox.run(&["read", "--tag-only", "config.sdn"]).code(0).stdout;
    let sum = Run::of(&mut sandbox.shell("sha256sum config.sdn")).code(0).stdout;
    assert_eq!(tag.trim(), format!("sha256:{}", sum.split(' ').next().unwrap()));
    let both = sandbox.run(&["read", "--tag", "config.sdn"]).code(0);
    assert_eq!((both.stderr, both.stdout), (tag, sandbox.read("config.sdn")));
}

#[test]
fn a_file_that_is_not_there_is_said_to_be_missing() {
    let sandbox = Sandbox::new();
    assert_says!(
        sandbox.run(&["read", "none.sdn"]),
        str![[r"
exit code 66
--- stderr
error: no such file: `none.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["read", "none/none.sdn"]),
        str![[r"
exit code 66
--- stderr
error: no such file: `none/none.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["get", "none.sdn", "a"]),
        str![[r"
exit code 66
--- stderr
error: no such file: `none.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["set", "none.sdn", "a=1"]),
        str![[r"
exit code 66
--- stderr
error: no such file: `none.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["check", "none.sdn"]),
        str![[r"
exit code 66
--- stderr
error: no such file: `none.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["diff", "none.sdn", "none.sdn"]),
        str![[r"
exit code 66
--- stderr
error: no such file: `none.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["write", "none/new.sdn", "/dev/null"]),
        str![[r"
exit code 73
--- stderr
error: could not lock `none/new.sdn`
cause: its folder does not exist

"]]
    );
    assert_says!(
        sandbox.run(&["read", "."]),
        str![[r"
exit code 66
--- stderr
error: could not lock `.`
cause: it is a folder

"]]
    );
    assert_eq!(sandbox.names(), [""; 0]);
}

#[test]
fn get_prints_values_decoded() {
    let sandbox = Sandbox::with(&["todo_db.sdn", "config.sdn"]);
    let get = |file: &str, address: &str| sandbox.run(&["get", file, address]).code(0).stdout;
    assert_eq!(get("todo_db.sdn", "todos.3.description"), "Show progress while \"scan\" walks the tree\n");
    assert_eq!(get("todo_db.sdn", "todos.\"core 1\".priority"), "P1\n");
    assert_eq!(get("todo_db.sdn", "todos.4.status"), "blocked\n", "the live row is meant");
    assert_eq!(get("config.sdn", "server.log.file"), "/var/log/build.log\n");
    assert_eq!(get("config.sdn", "server.port"), "8080\n");
    assert_eq!(get("config.sdn", "server.proxy"), "\n");
    assert_eq!(get("config.sdn", "tags[1]"), "two words\n");
    assert_eq!(get("config.sdn", "limits.paths.cache"), ".cache/sdn\n");
    assert_eq!(get("config.sdn", "stages[1]"), "build all\n");
    assert_says!(
        sandbox.run(&["get", "todo_db.sdn", "todos.3"]),
        str![[r#"
exit code 0
--- stdout
id: 3
keyword: TODO
area: tooling
priority: P3
description: Show progress while "scan" walks the tree
file: src/app/scan/main.spl
line: 120
issue: 88
blocked: 
status: open
valid: true

"#]]
    );
}

#[test]
fn an_address_that_names_nothing_says_what_there_is() {
    let sandbox = Sandbox::with(&["todo_db.sdn", "config.sdn"]);
    assert_says!(
        sandbox.run(&["get", "todo_db.sdn", "todo.3"]),
        str![[r"
exit code 1
--- stderr
error: `todo_db.sdn`: no table or setting `todo`
 hint: did you mean `todos`?

"]]
    );
    assert_says!(
        sandbox.run(&["get", "todo_db.sdn", "todos.99"]),
        str![[r"
exit code 1
--- stderr
error: `todo_db.sdn`: no record `99` in `todos`

"]]
    );
    assert_says!(
        sandbox.run(&["get", "todo_db.sdn", "todos.3.stauts"]),
        str![[r"
exit code 1
--- stderr
error: `todo_db.sdn`: no column `stauts` in `todos.3`
 hint: did you mean `status`?

"]]
    );
    assert_says!(
        sandbox.run(&["get", "config.sdn", "server"]),
        str![[r"
exit code 1
--- stderr
error: `config.sdn`: `server` is a block of settings, not a value
 hint: name a setting in it, or print the block with `sdnlock read config.sdn server`

"]]
    );
    assert_says!(
        sandbox.run(&["get", "config.sdn", "nothing"]),
        str![[r"
exit code 1
--- stderr
error: `config.sdn`: no table or setting `nothing`
 hint: each table or setting here: version, runs, ratio, tags, limits, server, stages

"]]
    );
    assert_says!(
        sandbox.run(&["get", "config.sdn", "tags[3]"]),
        str![[r"
exit code 1
--- stderr
error: `config.sdn`: no element `[3]` in `tags`
 hint: there is [0] to [2]

"]]
    );
    assert_says!(
        sandbox.run(&["get", "config.sdn", "version.x"]),
        str![[r"
exit code 1
--- stderr
error: `config.sdn`: `version` is a single value, and has no `x`

"]]
    );
    assert_says!(
        sandbox.run(&["get", "config.sdn", "a b"]),
        str![[r"
exit code 2
--- stderr
error: cannot read `a b`: put the segment with ` ` at column 2 in double quotes
 hint: an address is TABLE.KEY.COLUMN, or a setting as a.b.c

"]]
    );
}

#[test]
fn set_changes_exactly_the_bytes_of_the_values() {
    let sandbox = Sandbox::with(&["todo_db.sdn", "config.sdn", "crlf.sdn"]);
    assert_says!(
        sandbox.run(&["set", "todo_db.sdn", "todos.2.status=in progress", "todos.2.line+=9"]),
        str![[r#"
exit code 0
--- stderr
--- todo_db.sdn
+++ todo_db.sdn
@@ -1,6 +1,6 @@
 todos |id, keyword, area, priority, description, file, line, issue, blocked, status, valid|
     1, TODO, parser, P2, "Add support for nested generics", src/compiler/parser/types.spl, 492, "", "", open, true
-    2, FIXME, runtime, P1, "Close the handle when the task is dropped, not later", src/lib/runtime/handle.spl, 31, "", "", open, true
+    2, FIXME, runtime, P1, "Close the handle when the task is dropped, not later", src/lib/runtime/handle.spl, 40, "", "", "in progress", true
     3, TODO, tooling, P3, "Show progress while \"scan\" walks the tree", src/app/scan/main.spl, 120, 88, "", open, true
     4, TODO, parser, P2, "Accept digits in type names", src/compiler/parser/lexer.spl, 77, "", "3", blocked, true
     4, TODO, parser, P3, "Accept digits in type names", src/compiler/parser/lexer.spl, 75, "", "", open, false

"#]]
    );
    assert_says!(
        sandbox.run(&["set", "config.sdn", "server.port=9090", "server.proxy=none", "tags[0]=weekly", "ratio+=0.5"]),
        str![[r#"
exit code 0
--- stderr
--- config.sdn
+++ config.sdn
@@ -1,17 +1,17 @@
 # Settings of the build server
 version: 3
 runs: 41
-ratio: 0.25
-tags = [nightly, "two words", 3]
+ratio: 0.75
+tags = [weekly, "two words", 3]
 limits = {cpu: 4, mem: 2048, paths: {cache: ".cache/sdn"}}
 
 server:
     host: localhost
-    port: 8080        # web
+    port: 9090        # web
     log:
         level: info
         file: "/var/log/build.log"
-    proxy:
+    proxy: none
 
 stages:
     fetch

"#]]
    );
    let expected = fs::read_to_string(support::fixture("config.sdn"))
        .unwrap()
        .replace("port: 8080        #", "port: 9090        #")
        .replace("proxy:\n", "proxy: none\n")
        .replace("[nightly,", "[weekly,")
        .replace("0.25", "0.75");
    assert_eq!(sandbox.read("config.sdn"), expected);
    sandbox.run(&["set", "crlf.sdn", "people.2.name=Hopper, G."]).code(0);
    assert_eq!(
        sandbox.read("crlf.sdn"),
        "people |id, name|\r\n\t1, Ada\r\n\t2,  \"Hopper, G.\"  \r\n\r\n# end\r\nport = 1\r\n"
    );
}

#[test]
fn set_says_when_nothing_changes() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    assert_says!(
        sandbox.run(&["set", "config.sdn", "version=3"]),
        str![[r"
exit code 0
--- stderr
note: `config.sdn` unchanged

"]]
    );
    assert_says!(
        sandbox.run(&["set", "-q", "config.sdn", "version=3"]),
        str![[r"
exit code 0

"]]
    );
}

#[test]
fn set_refuses_what_is_in_doubt() {
    let sandbox = Sandbox::with(&["todo_db.sdn", "config.sdn", "not_utf8.sdn"]);
    sandbox.write(
        "doubt.sdn",
        "t |id, a|\n    1, x, y\n    2, \"p\"\n    3, a\n    3, b\nk: 1\nk: 2\ntwo: 1 b: 2\nwhy: |\n  text\nlist = [1,\n  2]\n\
         u |id, a|\n    2, \"open\nlast: 1\n",
    );
    let before = sandbox.read("doubt.sdn");
    assert_says!(
        sandbox.run(&["set", "doubt.sdn", "t.1.a=z"]),
        str![[r"
exit code 65
--- stderr
error: `doubt.sdn`: line 2 cannot be read for certain: the row has 3 cells, the table 2
state: `doubt.sdn` unchanged
 hint: mend it first: `sdnlock check doubt.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["set", "doubt.sdn", "u.2.a=z"]),
        str![[r"
exit code 65
--- stderr
error: `doubt.sdn`: line 14 cannot be read for certain: a quote is never closed
state: `doubt.sdn` unchanged
 hint: mend it first: `sdnlock check doubt.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["set", "doubt.sdn", "last=z"]),
        str![[r"
exit code 65
--- stderr
error: not changing `doubt.sdn`: line 15 cannot be changed safely: a quote is never closed on line 14, and a reader takes what follows for a part of it
state: `doubt.sdn` unchanged

"]]
    );
    assert_says!(
        sandbox.run(&["set", "doubt.sdn", "t.3.a=z"]),
        str![[r"
exit code 65
--- stderr
error: `doubt.sdn`: record `3` stands 2 times, on lines 4, 5
state: `doubt.sdn` unchanged
 hint: mend it first: `sdnlock check doubt.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["set", "doubt.sdn", "k=3"]),
        str![[r"
exit code 65
--- stderr
error: `doubt.sdn`: table or setting `k` stands 2 times, on lines 6, 7
state: `doubt.sdn` unchanged
 hint: mend it first: `sdnlock check doubt.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["set", "doubt.sdn", "two=3"]),
        str![[r"
exit code 65
--- stderr
error: not changing `doubt.sdn`: line 8 cannot be changed safely: a reader takes what stands behind the value for a setting or table of its own
state: `doubt.sdn` unchanged

"]]
    );
    assert_says!(
        sandbox.run(&["set", "doubt.sdn", "why=because"]),
        str![[r"
exit code 65
--- stderr
error: not changing `doubt.sdn`: line 9 cannot be changed safely: lines are indented below it
state: `doubt.sdn` unchanged

"]]
    );
    assert_says!(
        sandbox.run(&["set", "doubt.sdn", "list[0]=3"]),
        str![[r"
exit code 65
--- stderr
error: `doubt.sdn`: line 11 cannot be read for certain: its list or dict reaches over several lines or is not well-formed
state: `doubt.sdn` unchanged
 hint: mend it first: `sdnlock check doubt.sdn`

"]]
    );
    assert_says!(
        sandbox.run(&["set", "doubt.sdn", "t=3"]),
        str![[r"
exit code 65
--- stderr
error: not changing `doubt.sdn`: `t` is a table, not a value
state: `doubt.sdn` unchanged

"]]
    );
    assert_eq!(sandbox.read("doubt.sdn"), before);
    assert_says!(
        sandbox.run(&["set", "config.sdn", "version=a\nb"]),
        str![[r"
exit code 65
--- stderr
error: not changing `config.sdn`: the value holds the control character U+000A, which line-based readers cannot take
state: `config.sdn` unchanged

"]]
    );
    assert_says!(
        sandbox.run(&["set", "config.sdn", "server.host+=1"]),
        str![[r"
exit code 65
--- stderr
error: not changing `config.sdn`: `localhost` and `1` cannot be added: both must be plain decimal numbers, and an integer must fit in 64 bits
state: `config.sdn` unchanged

"]]
    );
    assert_says!(
        sandbox.run(&["set", "config.sdn", "runs=1", "runs=2"]),
        str![[r"
exit code 2
--- stderr
error: not changing `config.sdn`: the value on line 3 is changed twice
state: `config.sdn` unchanged

"]]
    );
    assert_says!(
        sandbox.run(&["set", "config.sdn", "runs"]),
        str![[r"
exit code 2
--- stderr
error: cannot read `runs`: `=VALUE` is missing behind the address
 hint: write ADDR=VALUE, or ADDR+=N to add

"]]
    );
    assert_says!(
        sandbox.run(&["set", "not_utf8.sdn", "bytes=1"]),
        str![[r"
exit code 65
--- stderr
error: not changing `not_utf8.sdn`: line 1 is not UTF-8
state: `not_utf8.sdn` unchanged

"]]
    );
    assert_eq!(sandbox.names(), ["config.sdn", "doubt.sdn", "not_utf8.sdn", "todo_db.sdn"]);
}

#[test]
fn a_seal_is_kept_right() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sdn", "#sdn-crc32:3421780262\n123456789");
    sandbox.write("b.sdn", "#sdn-crc32:0\na: 1\n");
    assert_says!(
        sandbox.run(&["set", "b.sdn", "a=2"]),
        str![[r"
exit code 65
--- stderr
error: not changing `b.sdn`: its seal is wrong: the checksum in the first line does not match the rest
state: `b.sdn` unchanged
 hint: look at the file, and if it is right seal it anew with `--reseal`

"]]
    );
    assert_says!(
        sandbox.run(&["set", "--reseal", "b.sdn", "a=2"]),
        str![[r"
exit code 0
--- stderr
--- b.sdn
+++ b.sdn
@@ -1,2 +1,2 @@
-#sdn-crc32:0
-a: 1
+#sdn-crc32:3356379818
+a: 2

"]]
    );
    let edited = sandbox.read("b.sdn").replace("a: 2", "a: 3");
    sandbox.run_with(&["write", "b.sdn"], &edited).code(0);
    assert_ne!(sandbox.read("b.sdn"), edited, "the seal was renewed");
    // Whoever writes without a seal does not take it away.
    sandbox.run_with(&["write", "b.sdn"], "a: 5\n").code(0);
    assert!(sandbox.read("b.sdn").starts_with("#sdn-crc32:"), "{}", sandbox.read("b.sdn"));
    sandbox.run(&["check", "b.sdn"]).code(0);
    let wrong = "#sdn-crc32:7\na: 6\n";
    sandbox.run_with(&["write", "b.sdn"], wrong).code(65).says("`b.sdn`: standard input: its seal is wrong");
    sandbox.run_with(&["write", "-q", "b.sdn"], edited.clone()).code(65);
    sandbox.run_with(&["write", "-q", "--reseal", "b.sdn"], edited).code(0);
    sandbox.run(&["set", "b.sdn", "a=4"]).code(0);
    let twice = format!("{}{}", sandbox.read("b.sdn"), sandbox.read("b.sdn"));
    assert_says!(
        sandbox.run_with(&["write", "c.sdn"], twice),
        str![[r"
exit code 65
--- stderr
error: not writing `c.sdn`: it is not valid SDN
 --> standard input:4:1
  |
4 | a: 4
  | ^ `a` is set above already; readers keep the last value only
state: `c.sdn` not made
 hint: write it as it is with `--no-check`

"]]
    );
}

#[test]
fn write_checks_first_and_changes_nothing_if_that_fails() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let before = sandbox.read("todo_db.sdn");
    let broken = "todos |id, status|\n    1, open\n    2, \"fix the lock, high\n    3\nsee [below\n";
    assert_says!(
        sandbox.run_with(&["write", "todo_db.sdn"], broken),
        str![[r#"
exit code 65
--- stderr
error: not writing `todo_db.sdn`: it is not valid SDN
 --> standard input:3:8
  |
3 |     2, "fix the lock, high
  |        ^^^^^^^^^^^^^^^^^^^ this quote is never closed; the Rust reader takes what follows, up to the next quote, for this value
 --> standard input:4:5
  |
4 |     3
  |     ^ this row has 1 cell, its table `todos` has 2 columns
 --> standard input:5:1
  |
5 | see [below
  | ^^^^^^^^^^ this line is no table, setting, row or comment
state: `todo_db.sdn` unchanged
 hint: close the quote, or write it as it is with `--no-check`

"#]]
    );
    sandbox.write("broken.sdn", broken);
    sandbox.run(&["write", "todo_db.sdn", "broken.sdn"]).code(65).says("--> broken.sdn:3:8");
    assert_says!(
        sandbox.run_with(&["write", "todo_db.sdn"], "\n \n"),
        str![[r"
exit code 65
--- stderr
error: not writing `todo_db.sdn`: it would be emptied
state: `todo_db.sdn` unchanged
 hint: empty it with `--allow-empty`

"]]
    );
    assert_eq!(sandbox.read("todo_db.sdn"), before);
    sandbox.run_with(&["write", "--allow-empty", "todo_db.sdn"], "").code(0);
    assert_eq!(sandbox.read("todo_db.sdn"), "");
    sandbox.run(&["write", "--no-check", "todo_db.sdn", "broken.sdn"]).code(0);
    // What was broken before does not keep anybody from changing something else.
    sandbox.run_with(&["write", "todo_db.sdn"], broken.replace("1, open", "1, done")).code(0);
    sandbox.run_with(&["write", "todo_db.sdn"], broken.replace("1, open", "1")).code(65);
    assert_eq!(sandbox.names(), ["broken.sdn", "todo_db.sdn"]);
}

#[test]
fn write_makes_a_new_file_and_shows_it() {
    let sandbox = Sandbox::new();
    assert_says!(
        sandbox.run_with(&["write", "new.sdn"], "port: 8080\n"),
        str![[r"
exit code 0
--- stderr
--- /dev/null
+++ new.sdn
@@ -0,0 +1 @@
+port: 8080

"]]
    );
    assert_says!(
        sandbox.run_with(&["write", "--dry-run", "new.sdn"], "port: 9090\n"),
        str![[r"
exit code 0
--- stdout
--- new.sdn
+++ new.sdn
@@ -1 +1 @@
-port: 8080
+port: 9090

"]]
    );
    assert_eq!(sandbox.read("new.sdn"), "port: 8080\n");
    sandbox.run_with(&["write", "new.sdn"], "\"x").code(65);
    sandbox.run_with(&["write", "notes.txt"], "\"x").code(0);
    sandbox.run_with(&["write", "--sdn", "other.txt"], "\"y").code(65);
    assert!(!sandbox.exists("other.txt"));
}

#[test]
fn a_tag_makes_a_change_conditional() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let tag = sandbox.run(&["read", "--tag-only", "config.sdn"]).code(0).stdout.trim().to_owned();
    sandbox.run(&["set", "--if-match", &tag, "config.sdn", "runs=1"]).code(0);
    sandbox.run(&["set", "--if-match", &tag, "config.sdn", "runs=2"]).code(1).says("its tag is another one");
    let now = sandbox.run(&["read", "--tag-only", "config.sdn"]).code(0).stdout;
    sandbox.run(&["set", "--if-match", &now["sha256:".len()..][..12], "config.sdn", "runs=2"]).code(0);
    assert_says!(
        sandbox.run(&["write", "--if-match", "none", "config.sdn", "/dev/null"]),
        str![[r"
exit code 1
--- stderr
error: not writing `config.sdn`: it exists
state: `config.sdn` unchanged

"]]
    );
    sandbox.run_with(&["write", "--if-match", "none", "new.sdn"], "a: 1\n").code(0);
    assert_says!(
        sandbox.run(&["set", "--if-match", "v1", "config.sdn", "runs=2"]),
        str![[r"
exit code 2
--- stderr
error: `v1` is no tag: a tag is `sha256:` and 12 to 64 hexadecimal digits

"]]
    );
}

#[test]
fn values_and_records_are_printed_so_that_programs_can_tell() {
    let sandbox = Sandbox::new();
    sandbox
        .write("t.sdn", "t |id, text, more|\n    1, \"a\\nmore: b\", \" c\"\n    2, \"\\\"q\\\"\", d\n    3, x, y\n");
    let printed = |arguments: &[&str]| sandbox.run(&[&["get", "t.sdn"], arguments].concat()).code(0).stdout;
    assert_eq!(printed(&["t.1.text"]), "a\nmore: b\n");
    assert_eq!(printed(&["t.1.text", "-0"]), "a\nmore: b\0");
    assert_eq!(printed(&["t.1"]), "id: 1\ntext: \"a\\nmore: b\"\nmore: \" c\"\n");
    assert_eq!(printed(&["t.2"]), "id: 2\ntext: \"\\\"q\\\"\"\nmore: d\n");
    assert_eq!(printed(&["t.2", "--raw"]), "id: 2\ntext: \"q\"\nmore: d\n");
    assert_eq!(printed(&["-0", "t.3"]), "id: 3\0text: x\0more: y\0");
    sandbox.run(&["get", "-0", "t.sdn", "t"]).code(2).says("print a table with `sdnlock list t.sdn t --format tsv`");
    let records = sandbox.run(&["list", "t.sdn", "t", "--format", "record", "--where", "id>1"]).code(0).stdout;
    assert_eq!(records, "id: 2\ntext: \"\\\"q\\\"\"\nmore: d\n\nid: 3\ntext: x\nmore: y\n");
}

#[test]
fn a_table_whose_rows_are_all_hidden_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", "t |id, valid|\n    1, false\n    2, false\nu |id|\n");
    let note = "note: 2 rows left out, which `valid` hides; list hidden ones too with `--all`";
    sandbox.run(&["list", "t.sdn", "t"]).code(0).says(note);
    assert_eq!(sandbox.run(&["list", "t.sdn", "t", "--all"]).code(0).stderr, "");
    assert_eq!(sandbox.run(&["list", "t.sdn", "u"]).code(0).stderr, "");
}

#[test]
fn check_finds_all_that_is_wrong_in_one_run() {
    let sandbox = Sandbox::with(&["odd.sdn", "not_utf8.sdn", "config.sdn"]);
    sandbox.write(
        "broken.sdn",
        "todos |id, status|\n    1, open, high\n    2, \"fix the lock\n    3, done\nlist = [1, 2\nBig Red Car\ntodos |id|\n    9\n",
    );
    assert_says!(
        sandbox.run(&["check", "broken.sdn"]),
        str![[r#"
exit code 1
--- stdout
error[SDN201]: this row has 3 cells, its table `todos` has 2 columns
 --> broken.sdn:2:14
  |
2 |     1, open, high
  |              ^^^^
  |
  = help: a text that holds a comma needs double quotes
  = read wrongly by: every reader

error[SDN101]: this quote is never closed; the Rust reader takes what follows, up to the next quote, for this value
 --> broken.sdn:3:8
  |
3 |     2, "fix the lock
  |        ^^^^^^^^^^^^^
  |
  = help: close the quote
  = read wrongly by: every reader

error[SDN102]: this bracket is never closed
 --> broken.sdn:5:8
  |
5 | list = [1, 2
  |        ^
  |
  = help: close it on the same line, or put the text in double quotes
  = read wrongly by: R-new, R-old

error[SDN104]: this line is no table, setting, row or comment
 --> broken.sdn:6:1
  |
6 | Big Red Car
  | ^^^^^^^^^^^
  |
  = read wrongly by: R-new, R-old, S-lib

error[SDN202]: a table `todos` stands above already; readers keep the last one, and its rows are lost
 --> broken.sdn:7:1
  |
7 | todos |id|
  | ^^^^^
  |
  = help: bring the rows together under one header, or rename one of the tables
  = read wrongly by: every reader

--- stderr
checked 1 file: 5 errors

"#]]
    );
    assert_says!(
        sandbox.run(&["check", "--format", "short"]),
        str![[r"
exit code 1
--- stdout
broken.sdn:2:14: error[SDN201]: this row has 3 cells, its table `todos` has 2 columns
broken.sdn:3:8: error[SDN101]: this quote is never closed; the Rust reader takes what follows, up to the next quote, for this value
broken.sdn:5:8: error[SDN102]: this bracket is never closed
broken.sdn:6:1: error[SDN104]: this line is no table, setting, row or comment
broken.sdn:7:1: error[SDN202]: a table `todos` stands above already; readers keep the last one, and its rows are lost
not_utf8.sdn:1:8: error[SDN001]: not UTF-8: ff fe; the Rust reader takes no line of the file
not_utf8.sdn:2:1: error[SDN001]: not UTF-8: c3; the Rust reader takes no line of the file
not_utf8.sdn:2:1: error[SDN104]: this line is no table, setting, row or comment
not_utf8.sdn:4:5: error[SDN001]: not UTF-8: f0 9f; the Rust reader takes no line of the file
odd.sdn:2:4: warning[SDN407]: this text reaches over a line break, at which all readers that work by lines tear it in two
odd.sdn:4:8: error[SDN103]: this list or dict goes on in another line, which the Rust reader does not take
odd.sdn:7:4: error[SDN303]: no value begins with `|`; the Rust reader rejects the file
odd.sdn:12:1: error[SDN002]: a merge left this conflict; the lines up to its end are versions of the same
odd.sdn:17:1: error[SDN104]: this line is no table, setting, row or comment
odd.sdn:19:3: error[SDN105]: this line is indented, but the line above it, to which it would belong, is complete
odd.sdn:20:1: error[SDN104]: this item stands in no block; the Rust reader rejects the file
odd.sdn:27:7: error[SDN101]: this quote is never closed; the Rust reader takes what follows, up to the next quote, for this value

"]]
    );
    sandbox.run(&["check", "-v", "config.sdn"]).code(0).says("checked 1 file: all valid");
    // Nobody reads along.
    assert_says!(
        sandbox.run(&["check", "config.sdn"]),
        str![[r"
exit code 0

"]]
    );
    sandbox.write("both.sdn", "t |id, path|\n    1, ./x\n    2\n");
    assert_says!(
        sandbox.run(&["check", "-q", "--format", "short", "both.sdn"]),
        str![[r"
exit code 1
--- stdout
both.sdn:3:5: error[SDN201]: this row has 1 cell, its table `t` has 2 columns

"]]
    );
    sandbox.write("both.sdn", "t |id, path|\n    1, ./x\n");
    assert_eq!(sandbox.run(&["check", "-q", "both.sdn"]).stdout, "");
    let json = sandbox.run(&["check", "-q", "--format", "json", "both.sdn"]);
    assert!(json.stdout.contains("SDN402"), "{}", json.stdout);
    fs::remove_file(sandbox.path("both.sdn")).unwrap();
    assert_says!(
        sandbox.run_with(&["check", "-"], "a: \"x\n"),
        str![[r#"
exit code 1
--- stdout
error[SDN101]: this quote is never closed; the Rust reader takes what follows, up to the next quote, for this value
 --> standard input:1:4
  |
1 | a: "x
  |    ^^
  |
  = help: close the quote
  = read wrongly by: every reader

--- stderr
checked 1 file: 1 error

"#]]
    );
}

#[test]
fn check_looks_where_git_looks() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    fs::create_dir_all(sandbox.path(".git")).unwrap();
    fs::create_dir_all(sandbox.path("target/deep")).unwrap();
    fs::create_dir_all(sandbox.path("doc")).unwrap();
    sandbox.write(".gitignore", "target\n");
    sandbox.write("target/deep/a.sdn", "broken");
    sandbox.write("doc/b.sdn", "broken");
    sandbox.write("doc/c.txt", "broken");
    assert_says!(
        sandbox.run(&["check", "--format", "short"]),
        str![[r"
exit code 1
--- stdout
doc/b.sdn:1:1: error[SDN104]: this line is no table, setting, row or comment

"]]
    );
    sandbox.run(&["check", "doc/c.txt"]).code(1);
}

#[test]
fn check_reads_what_it_is_given_and_says_what_it_could_not() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.run(&["check", "empty"]).code(0).says("checked 0 files: there is no .sdn file");
    sandbox.run(&["check", "none.sdn"]).code(66).says("no such file: `none.sdn`");
    sandbox.run(&["check", "config.sdn", "./config.sdn", "config.sdn", "-v"]).code(0).says("checked 2 files");
    std::os::unix::fs::symlink("config.sdn", sandbox.path("link.sdn")).unwrap();
    sandbox.write(".ignore", "*.sdn\n");
    sandbox.run(&["check", "-v"]).code(0).says("checked 2 files: all valid");
    let pipe = Run::of(&mut sandbox.shell("sdnlock check <(echo '\"') config.sdn")).code(1);
    pipe.says("checked 2 files: 1 error");
    let mut strict = sandbox.sdnlock(["check", "--strict", "config.sdn"]);
    Run::of(&mut strict).code(0);
    // A file that cannot be read does not keep the others from being checked.
    sandbox.write("broken.sdn", "x");
    let run = sandbox.run(&["check", "--format", "short", "none.sdn", "broken.sdn"]).code(66);
    assert!(run.stdout.starts_with("broken.sdn:1:1: error[SDN104]"), "{}", run.stdout);
}

#[test]
fn a_lock_that_is_held_is_passed_over_by_readers_who_want_that() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    for reader in [&["read"][..], &["get"], &["check"]] {
        let address: &[&str] = if reader == ["get"] { &["runs"] } else { &[] };
        let waiting = [reader, &["-n", "config.sdn"], address].concat();
        sandbox.run(&waiting).code(75);
        let lockless = [reader, &["--no-lock", "config.sdn"], address].concat();
        sandbox.run(&lockless).code(0);
    }
    drop(holder);
}

#[test]
fn the_kind_of_difference_is_that_of_the_option_then_of_the_environment() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let run = |variable: &str, arguments: &[&str]| {
        let mut command = sandbox.sdnlock(["set", "--dry-run", "config.sdn", "runs=1"]);
        Run::of(command.args(arguments).env("SDNLOCK_DIFF", variable))
    };
    assert_eq!(run("stat", &[]).code(0).stdout, "config.sdn: -1 +1 lines, 1 setting changed\n");
    assert_eq!(run("none", &[]).code(0).stdout, "");
    assert_eq!(run("none", &["--diff=stat"]).code(0).stdout, "config.sdn: -1 +1 lines, 1 setting changed\n");
    assert!(run("", &[]).code(0).stdout.contains("+runs: 1\n"));
    run("colourful", &[]).code(2).says("SDNLOCK_DIFF is `colourful`: expected unified, records, stat, json or none");
}

#[test]
fn diff_compares_two_files() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    sandbox.write("new.sdn", sandbox.read("config.sdn").replace("level: info", "level: debug") + "end: true");
    assert_says!(
        sandbox.run(&["diff", "config.sdn", "new.sdn"]),
        str![[r#"
exit code 1
--- stdout
--- config.sdn
+++ new.sdn
@@ -9,7 +9,7 @@ server:
     host: localhost
     port: 8080        # web
     log:
-        level: info
+        level: debug
         file: "/var/log/build.log"
     proxy:
 
@@ -17,3 +17,4 @@ stages:
     fetch
     "build all"
     test
+end: true
\ No newline at end of file

"#]]
    );
    assert_says!(
        sandbox.run(&["diff", "--diff", "stat", "config.sdn", "new.sdn"]),
        str![[r"
exit code 1
--- stdout
new.sdn: -1 +2 lines, 1 setting added, 1 setting changed

"]]
    );
    assert_says!(
        sandbox.run(&["diff", "config.sdn", "config.sdn"]),
        str![[r"
exit code 0

"]]
    );
    assert_says!(
        sandbox.run(&["diff", "-q", "config.sdn", "new.sdn"]),
        str![[r"
exit code 1

"]]
    );
    assert_says!(
        {
            let mut run = sandbox.run(&["diff", "--color", "always", "config.sdn", "new.sdn"]);
            run.stdout = run.stdout.replace('\u{1b}', "<ESC>");
            run
        },
        str![[r#"
exit code 1
--- stdout
<ESC>[1m--- config.sdn<ESC>[0m
<ESC>[1m+++ new.sdn<ESC>[0m
<ESC>[36m@@ -9,7 +9,7 @@<ESC>[0m server:
     host: localhost
     port: 8080        # web
     log:
<ESC>[31m-        level: <ESC>[0m<ESC>[7m<ESC>[31minfo<ESC>[0m
<ESC>[32m+        level: <ESC>[0m<ESC>[7m<ESC>[32mdebug<ESC>[0m
         file: "/var/log/build.log"
     proxy:
 
<ESC>[36m@@ -17,3 +17,4 @@<ESC>[0m stages:
     fetch
     "build all"
     test
<ESC>[32m+end: true<ESC>[0m
\ No newline at end of file

"#]]
    );
}

#[test]
fn colours_and_control_characters_reach_the_terminal_only_as_wanted() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sdn", "a: \"\u{1b}[31mred\u{202e}\"\nb: \"\u{1b}]0;x\n");
    // Excerpts are for people, and so is everything that has colours.
    for arguments in [&["check", "a.sdn"][..], &["diff", "--diff=stat", "a.sdn", "/dev/null"]] {
        let run = sandbox.run(arguments).code(1);
        assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']), "{}", run.stdout);
    }
    let coloured = sandbox.run(&["diff", "--color=always", "a.sdn", "/dev/null"]).code(1).stdout;
    assert!(coloured.contains("\u{241b}[31mred<U+202E>") && !coloured.contains('\u{202e}'), "{coloured}");
    // A program that reads it gets a patch that can be applied.
    let piped = sandbox.run(&["diff", "a.sdn", "/dev/null"]).code(1).stdout;
    assert!(piped.contains("-a: \"\u{1b}[31mred\u{202e}\"\n"), "{piped}");
    let mut forced = sandbox.sdnlock(["check", "a.sdn"]);
    assert!(Run::of(forced.env("CLICOLOR_FORCE", "1")).stdout.contains("\u{1b}["));
    assert!(!Run::of(forced.env("NO_COLOR", "1")).stdout.contains("\u{1b}["));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let sandbox = Sandbox::new();
    sandbox.write("long.sdn", "a: 1\n# a line\n".repeat(200_000));
    let run = Run::of(&mut sandbox.shell("set -o pipefail; sdnlock read long.sdn | head -n 1")).code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("a: 1\n", ""));
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let run = Run::of(&mut sandbox.shell("sdnlock read config.sdn > /dev/full")).code(74);
    run.says("could not write to standard output").says("no space left on the device");
}

#[test]
fn a_change_that_cannot_be_told_is_made_and_said_to_be() {
    let sandbox = Sandbox::new();
    let full = |line: &str| Run::of(&mut sandbox.shell(&format!("{line} > /dev/full"))).code(74);
    sandbox.write("t.sdn", "t |id, a|\n    1, x\n");
    assert_says!(
        full("sdnlock add --diff none t.sdn t a=y"),
        str![[r"
exit code 74
--- stderr
error: what was added could not be printed: could not write to standard output
state: the record is in `t.sdn`
cause: no space left on the device

"]]
    );
    assert!(sandbox.read("t.sdn").contains("    2, y\n"));
    sandbox.write("more.json", "[{\"a\": 1}, {\"a\": 2}]");
    full("sdnlock add t.sdn t --json more.json").says("state: the 2 records are in `t.sdn`");
    full("sdnlock merge --json -o m.sdn t.sdn t.sdn t.sdn").says("state: the result is in `m.sdn`");
    sandbox.write("odd.sdn", "t |id, path|\n    007, ./src\n");
    sandbox.write("bad.sdn", "junk\n");
    full("sdnlock check --fix odd.sdn bad.sdn").says("state: 1 file mended");
    assert!(sandbox.read("odd.sdn").contains("\"007\""));
    // What changes nothing says nothing of that.
    let run = full("sdnlock add --dry-run t.sdn t a=z");
    assert!(!run.stderr.contains("state:"), "{}", run.stderr);
}

#[test]
fn a_stream_that_is_closed_is_not_taken_for_one_that_swallows_everything() {
    let sandbox = Sandbox::with(&["config.sdn", "todo_db.sdn"]);
    let run = |line: &str| Run::of(&mut sandbox.shell(line));
    for line in ["read config.sdn", "get config.sdn runs", "list todo_db.sdn", "status config.sdn", "--help", "man"] {
        run(&format!("sdnlock {line} >&-")).code(74).says("could not write to standard output").says("it is closed");
        run(&format!("sdnlock {line} > /dev/null")).code(0);
        run(&format!("sdnlock {line} 1<> /dev/null")).code(0);
    }
    // What has nothing to say there needs no such stream.
    run("sdnlock set config.sdn runs=12 >&-").code(0);
    run("sdnlock write new.sdn <&-").code(74).says("could not read standard input").says("it is closed");
    run("sdnlock write --allow-empty config.sdn <&-").code(74);
    assert!(!sandbox.exists("new.sdn") && sandbox.read("config.sdn").contains("runs: 12"));
}

#[test]
fn wrong_usage_is_told_apart() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    sandbox.run(&[]).code(2);
    sandbox.run(&["set", "config.sdn"]).code(2);
    sandbox.run(&["frobnicate"]).code(2);
    sandbox.run(&["set", "-w", "soon", "config.sdn", "a=1"]).code(2).says("expected a duration as `500ms`");
    sandbox.run(&["set", "a.sdn.lock", "a=1"]).code(2).says("belong to the locks themselves");
}

#[test]
fn every_command_has_help_that_fits_a_screen() {
    let sandbox = Sandbox::new();
    for command in
        ["read", "write", "edit", "exec", "get", "set", "check", "diff", "status", "restore", "completions", "man"]
    {
        let short = sandbox.run(&[command, "-h"]).code(0).stdout;
        assert!(short.lines().count() <= 24, "{command} -h has {} lines", short.lines().count());
        let long = sandbox.run(&[command, "--help"]).code(0).stdout;
        assert!(long.contains("Examples:") && long.contains("Exit codes:"), "{command}");
        assert!(!short.lines().next().unwrap().ends_with('.'), "{short}");
    }
    sandbox.run(&["--version"]).code(0);
    assert!(sandbox.run(&["man", "exec"]).code(0).stdout.contains(".TH SDNLOCK-EXEC 1"));
    assert!(sandbox.run(&["man"]).code(0).stdout.contains(".TH SDNLOCK 1"));
    sandbox.run(&["man", "nothing"]).code(2).says("possible values: read, write");
    assert!(sandbox.run(&["completions", "bash"]).code(0).stdout.contains("_sdnlock()"));
}

#[test]
fn backups_are_kept_listed_and_brought_back() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let first = sandbox.read("config.sdn");
    sandbox.run(&["restore", "config.sdn"]).code(0).says("`config.sdn` has no backups");
    for n in 1..=4 {
        sandbox.run(&["set", "-q", "--backups", "3", "config.sdn", &format!("runs={n}")]).code(0);
    }
    // What changes nothing keeps nothing.
    sandbox.run(&["set", "-q", "--backups", "3", "config.sdn", "runs=4"]).code(0);
    let list = sandbox.run(&["restore", "config.sdn"]).code(0).stdout;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 3, "{list}");
    assert!(lines[1].starts_with("1  config.sdn.bak.1  ") && lines[1].ends_with(" bytes, -1 +1 lines since"), "{list}");
    sandbox.run(&["restore", "config.sdn", "1"]).code(0).says("-runs: 4").says("+runs: 2");
    assert!(sandbox.read("config.sdn").contains("runs: 2\n"));
    // Undone, and nothing lost.
    sandbox.run(&["restore", "-q", "config.sdn", "0"]).code(0);
    assert!(sandbox.read("config.sdn").contains("runs: 4\n"));
    assert_eq!(sandbox.run(&["restore", "config.sdn"]).code(0).stdout.lines().count(), 5);
    sandbox.run(&["restore", "config.sdn", "7"]).code(1).says("`config.sdn` has no backup 7");
    sandbox.run(&["restore", "none.sdn"]).code(66);
    let mut command = sandbox.sdnlock(["exec", "-q", "config.sdn", "--", "sed", "-i", "s/8080/1/", "config.sdn"]);
    Run::of(command.env("SDNLOCK_BACKUPS", "1")).code(0);
    assert!(sandbox.read("config.sdn.bak").contains("8080") && sandbox.read("config.sdn").contains("port: 1 "));
    let mut command = sandbox.sdnlock(["set", "config.sdn", "runs=9"]);
    Run::of(command.env("SDNLOCK_BACKUPS", "many")).code(2).says("SDNLOCK_BACKUPS is `many`: expected a number");
    // A database that is gone can be brought back.
    fs::remove_file(sandbox.path("config.sdn")).unwrap();
    sandbox.run(&["restore", "config.sdn"]).code(0);
    sandbox.run(&["restore", "-q", "config.sdn", "0"]).code(0);
    assert_eq!(sandbox.read("config.sdn").lines().count(), first.lines().count());
}

#[test]
fn a_database_grows_no_larger_than_the_schema_allows() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    sandbox.write(".sdnlock.sdn", "limits |name, value|\n    max_size, 1KB\n");
    fs::create_dir(sandbox.path("below")).unwrap();
    let big = format!("text: \"{}\"\n", "x".repeat(2000));
    let run = sandbox.run_with(&["write", "config.sdn"], &big).code(65);
    run.says("it would have 2.0 KiB, and .sdnlock.sdn allows 1000 bytes").says("`config.sdn` unchanged");
    sandbox.run_with(&["write", "below/new.sdn"], &big).code(65).says("`below/new.sdn` not made");
    let grow = "for i in $(seq 200); do echo \"# a line\" >> config.sdn; done";
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", grow]).code(65).says("config.sdn.rejected");
    assert_eq!(sandbox.read("config.sdn"), before);
    sandbox.run(&["set", "-q", "config.sdn", "runs=1"]).code(0);
    // What is too large already may shrink.
    sandbox.write("config.sdn", big);
    sandbox.run(&["set", "-q", "config.sdn", "text=y"]).code(0);
    sandbox.write(".sdnlock.sdn", "limits |name, value|\n    max_size, much\n");
    sandbox.run(&["set", "config.sdn", "text=z"]).code(65).says("`much` is no size");
}

#[test]
fn a_wrong_seal_is_never_handed_on_and_renewed_where_that_is_asked_for() {
    let sandbox = Sandbox::new();
    let right = String::from_utf8(
        sdnlock::sdn::seal_change(
            b"#sdn-crc32:1\n",
            b"#sdn-crc32:1\na: 1\nt |id, n|\n    1, x\n".to_vec(),
            sdnlock::sdn::Reseal::Always,
        )
        .unwrap(),
    )
    .unwrap();
    let wrong = right.replace("a: 1", "a: 2");
    let is_right = |name: &str| sdnlock::sdn::Seal::of(sandbox.read(name).as_bytes()) == sdnlock::sdn::Seal::Right;
    for (name, text) in [("base.sdn", &right), ("right.sdn", &right), ("wrong.sdn", &wrong)] {
        sandbox.write(name, text);
    }
    for sides in [["right.sdn", "wrong.sdn"], ["wrong.sdn", "right.sdn"], ["wrong.sdn", "wrong.sdn"]] {
        let merge = |more: &[&str]| sandbox.run(&[&["merge", "base.sdn", sides[0], sides[1]], more].concat());
        merge(&[]).code(65).says("its seal is wrong");
        sandbox.write("out.sdn", &right);
        merge(&["--reseal", "-o", "out.sdn"]).code(0);
        assert!(is_right("out.sdn") && sandbox.read("out.sdn").contains("a: 2"), "{sides:?}");
    }
    // What says the same already is sealed anew all the same.
    for command in [
        &["set", "w.sdn", "a=2"][..],
        &["set", "w.sdn", "t.1.n=x"],
        &["add", "--or-update", "w.sdn", "t", "id=1", "n=x"],
    ] {
        sandbox.write("w.sdn", &wrong);
        sandbox.run(command).code(65);
        assert_eq!(sandbox.read("w.sdn"), wrong);
        sandbox.run(&[&["--reseal"], command].concat()).code(2);
        sandbox.run(&[command, &["--reseal"]].concat()).code(0);
        assert!(is_right("w.sdn") && sandbox.read("w.sdn").contains("a: 2"), "{command:?}");
    }
    // As it is, after a check.
    sandbox.write("w.sdn", &wrong);
    sandbox.run(&["check", "w.sdn"]).code(1);
    sandbox.run(&["check", "--fix", "w.sdn"]).code(1);
    assert_eq!(sandbox.read("w.sdn"), wrong);
    sandbox.run(&["check", "--fix", "--reseal", "--dry-run", "w.sdn"]).code(1);
    assert_eq!(sandbox.read("w.sdn"), wrong);
    sandbox.run(&["check", "--fix", "--reseal", "w.sdn"]).code(0);
    assert!(is_right("w.sdn"));
    // Not what is broken otherwise, or two in one.
    for broken in [wrong.replace("1, x", "1, x, y"), format!("{wrong}{right}")] {
        sandbox.write("w.sdn", &broken);
        sandbox.run(&["check", "--fix", "--reseal", "w.sdn"]).code(1);
        assert_eq!(sandbox.read("w.sdn"), broken);
    }
}

#[test]
fn what_is_called_otherwise_elsewhere_is_named_as_it_is_called_here() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    for (elsewhere, here) in [
        ("validate", "check"),
        ("lint", "check"),
        ("remove", "rm"),
        ("update", "set"),
        ("show", "read"),
        ("ls", "list"),
        ("lock", "exec"),
    ] {
        let run = sandbox.run(&[elsewhere, "todo_db.sdn"]).code(2).says("unrecognized subcommand");
        run.says(&format!("a similar subcommand exists: '{here}'"));
    }
    let run = sandbox.run(&["set", "todo_db.sdn", "todos.1.status=x", "--where", "id=1"]).code(2);
    assert!(!run.stderr.contains("as a value"), "{}", run.stderr);
}
