//! The whole output of differences by records.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use snapbox::str;
use support::Sandbox;

mod support;

const OLD: &str = "t |id, status, title|\n    1, open, a\n    2, open, \"LONG\"\n    3, open, c\nport: 80\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let long = "lorem ipsum dolor sit amet ".repeat(30);
    let old = OLD.replace("LONG", &long);
    let new = format!(
        "# moved\nt |id, status, title|\n    3, open, c\n    1, done, \"x, y\"\n    2, open, \"{}\"\n    \"4.5\", new, \"\"\nname: b\n",
        long.replacen("amet lorem", "amet LOREM", 12).replacen("LOREM", "lorem", 11)
    );
    sandbox.write("old.sdn", old);
    sandbox.write("new.sdn", new);
    sandbox
}

#[test]
fn records_are_told_apart_by_key_and_long_cells_by_what_changed() {
    assert_says!(
        sandbox().run(&["diff", "--diff", "records", "old.sdn", "new.sdn"]),
        str![[r#"
exit code 1
--- stdout
--- old.sdn
+++ new.sdn
~ t.1  status: open -> done
       title: a -> "x, y"
~ t.2  title: "…psum dolor sit amet lorem ipsum dolor sit ame…" -> "…psum dolor sit amet LOREM ipsum dolor sit ame…"
+ t."4.5"  status: new
+ name  b
- port  80
besides: -0 +1 lines

"#]]
    );
}

#[test]
fn lines_that_are_no_records_are_not_passed_over() {
    let sandbox = Sandbox::new();
    sandbox.write("old.sdn", "# a\nt |id, n|\n    1, nil\n    2, b\nx |id|\n");
    sandbox.write("new.sdn", "# b\nt |id, n|\n    1, \"nil\"\n    2, c\n");
    assert_says!(
        sandbox.run(&["diff", "--diff", "records", "old.sdn", "new.sdn"]),
        str![[r"
exit code 1
--- stdout
--- old.sdn
+++ new.sdn
~ t.2  n: b -> c
besides: -3 +2 lines

"]]
    );
}

#[test]
fn a_change_of_layout_alone_is_no_change_of_a_record() {
    let sandbox = Sandbox::new();
    sandbox.write("old.sdn", "t |id|\n    1\n    2\n");
    sandbox.write("new.sdn", "t |id|\n    2\n    1\n");
    assert_says!(
        sandbox.run(&["diff", "--diff", "records", "old.sdn", "new.sdn"]),
        str![[r"
exit code 1
--- stdout
--- old.sdn
+++ new.sdn
@@ -1,3 +1,3 @@
 t |id|
+    2
     1
-    2

"]]
    );
}

#[test]
fn programs_get_one_object() {
    let sandbox = Sandbox::new();
    sandbox.write("old.sdn", "t |id, a|\n    1, x\n");
    sandbox.write("new.sdn", "t |id, a|\n    1, y\n");
    let run = sandbox.run(&["diff", "--diff", "json", "old.sdn", "new.sdn"]).code(1);
    let outcome: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        outcome,
        serde_json::json!({
            "path": "new.sdn",
            "changes": [{
                "change": "changed", "table": "t", "key": "1", "address": "t.1", "old_line": 2, "new_line": 2,
                "values": [{"name": "a", "old": "x", "new": "y"}],
            }],
            "lines": {"removed": 1, "added": 1},
            "other_lines": {"removed": 0, "added": 0},
        })
    );
}

#[test]
fn all_commands_can_show_records() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let run = sandbox.run(&["set", "--diff", "records", "config.sdn", "server.port=9"]).code(0);
    assert_eq!(run.stderr, "--- config.sdn\n+++ config.sdn\n~ server.port  8080 -> 9\n");
    sandbox.write("a.txt", "one\n");
    sandbox.write("b.txt", "two\n");
    let run = sandbox.run(&["diff", "--diff", "records", "a.txt", "b.txt"]).code(1);
    assert!(run.stdout.contains("-one\n+two\n"), "{}", run.stdout);
}

#[test]
fn records_are_counted_and_known_by_the_keys_of_the_schema() {
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    marks, \"file;line\"\n");
    let old = "marks |file, line, n|\n    a, 1, x\n    a, 2, x\n    b, 1, x\nport: 80\n";
    sandbox.write("old.sdn", old);
    sandbox.write(
        "new.sdn",
        old.replace("    a, 1, x\n", "").replace("a, 2, x", "a, 2, y\n    c, 1, z").replace("80", "81"),
    );
    let stat = sandbox.run(&["diff", "--diff", "stat", "old.sdn", "new.sdn"]).code(1).stdout;
    let counts = "1 record added, 1 record changed, 1 setting changed, 1 record removed";
    assert_eq!(stat, format!("new.sdn: -3 +3 lines, {counts}\n"));
    let told = sandbox.run(&["diff", "--diff", "records", "old.sdn", "new.sdn"]).code(1).stdout;
    assert!(told.contains("~ marks.a/2  n: x -> y\n"), "{told}");
    assert!(told.contains("- marks.a/1  n: x\n"), "{told}");
    assert!(told.contains("+ marks.c/1  n: z\n"), "{told}");
}

#[test]
fn what_says_the_same_as_the_key_is_shown_too() {
    let sandbox = Sandbox::new();
    sandbox.write("old.sdn", "t |id, n|\n    1, 2\n");
    sandbox.write("new.sdn", "t |id, n|\n    1, 2\n    3, 3\n");
    let told = sandbox.run(&["diff", "--diff", "records", "old.sdn", "new.sdn"]).code(1).stdout;
    assert!(told.ends_with("\n+ t.3  n: 3\n"), "{told}");
}

#[test]
fn line_ends_and_marks_that_change_are_told_in_words() {
    let sandbox = Sandbox::new();
    for (old, new, said) in [
        ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n", "line ends: CRLF before, LF now\n"),
        ("a: 1\nb: 2\n", "a: 1\r\nb: 2\n", "line ends: LF before, CRLF and LF now\n"),
        ("a: 1\n", "\u{feff}a: 1\n", "byte-order mark: new\n"),
        ("\u{feff}a: 1\r\n", "a: 1\n", "line ends: CRLF before, LF now\nbyte-order mark: gone\n"),
    ] {
        sandbox.write("old.sdn", old);
        sandbox.write("new.sdn", new);
        let shown = sandbox.run(&["diff", "old.sdn", "new.sdn"]).code(1).stdout;
        assert!(shown.starts_with(&format!("{said}--- old.sdn\n")), "{shown:?}");
    }
    sandbox.write("old.sdn", "a: 1\r\n");
    sandbox.write("new.sdn", "a: 2\r\n");
    assert!(sandbox.run(&["diff", "old.sdn", "new.sdn"]).code(1).stdout.starts_with("--- "));
}

#[test]
fn a_difference_by_lines_needs_no_schema() {
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t\n");
    sandbox.write("old.sdn", "t |id, a|\n    1, x\n");
    sandbox.write("new.sdn", "t |id, a|\n    1, y\n");
    assert!(sandbox.run(&["diff", "old.sdn", "new.sdn"]).code(1).stdout.contains("\n+    1, y\n"));
    sandbox.run(&["diff", "--diff", "records", "old.sdn", "new.sdn"]).code(65);
}
