//! `sdnlock check --baseline`: what was there passes, and only what is new counts.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use snapbox::str;
use support::{Run, Sandbox, has_program, start};

mod support;

const OLD: &str = "junk\nt |a|\n    1, 2\n    007\n";

/// With a baseline of two files.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("doc")).unwrap();
    sandbox.write("doc/old.sdn", OLD);
    sandbox.write("b.sdn", "title: two words\n");
    sandbox.run(&["check", "--baseline", "base", "--write-baseline"]).code(0);
    sandbox
}

/// How a check with the baseline ends, and what it finds: `path:line code` of each.
fn checked(sandbox: &Sandbox, more: &[&str]) -> (i32, Vec<String>) {
    let run = sandbox.run(&[&["check", "--baseline", "base", "--format", "short"], more].concat());
    let found = run.stdout.lines().map(|line| {
        let (place, rest) = line.split_once(": ").unwrap();
        let code = rest.split(['[', ']']).nth(1).unwrap();
        format!("{} {code}", place.rsplit_once(':').unwrap().0)
    });
    (run.code, found.collect())
}

fn passes(sandbox: &Sandbox) {
    assert_eq!(checked(sandbox, &["--strict"]), (0, vec![]));
}

fn finds(sandbox: &Sandbox, found: &[&str]) {
    assert_eq!(checked(sandbox, &[]), (1, found.iter().map(|&one| one.to_owned()).collect()));
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

#[test]
fn what_was_there_passes_and_what_is_new_is_found() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("doc")).unwrap();
    sandbox.write("doc/old.sdn", OLD);
    sandbox.write("b.sdn", "title: two words\n");
    assert_says!(
        sandbox.run(&["check", "--baseline", "base", "--write-baseline"]),
        str![[r"
exit code 0
--- stderr
note: `base` has 4 findings in 2 files: 4 added, 0 dropped

"]]
    );
    snapbox::assert_data_eq!(
        sandbox.read("base"),
        str![[r"
# sdnlock baseline, version 1
b.sdn SDN302 3dcf45627f3a973a
doc/old.sdn SDN104 033488e35216bcf9
doc/old.sdn SDN201 b0c4940460b493cc
doc/old.sdn SDN403 32d9e34ad9e2b5c4

"]]
    );
    passes(&sandbox);
    // Lines above and below move it, and other words of the message do not matter.
    sandbox.write("doc/old.sdn", "n: 1\n\njunk\nt |a, b, c|\n    8, 9, 10\n    1, 2\n    007\n");
    finds(&sandbox, &["doc/old.sdn:7 SDN201"]);
    // The same once more; the same on another line; something else on a line that is known.
    sandbox.write("doc/old.sdn", "junk\nt |a|\n    1, 2\n    007\n    1, 2\n    1, 3\n");
    finds(&sandbox, &["doc/old.sdn:5 SDN201", "doc/old.sdn:6 SDN201"]);
    sandbox.write("doc/old.sdn", OLD);
    // Another file with the same line.
    sandbox.write("c.sdn", "title: two words\n");
    assert_says!(
        sandbox.run(&["check", "--baseline", "base"]),
        str![[r"
exit code 1
--- stdout
error[SDN302]: an unquoted value ends before this; the Rust reader rejects the file
 --> c.sdn:1:12
  |
1 | title: two words
  |            ^^^^^
  |
  = help: put the text in double quotes
  = read wrongly by: R-new, R-old

--- stderr
checked 3 files: 1 error; 4 findings are known

"]]
    );
}

#[test]
fn what_is_not_found_any_more_is_told_and_dropped() {
    let sandbox = project();
    sandbox.write("doc/old.sdn", "t |a|\n    1, 2\n    007\n");
    assert_says!(
        sandbox.run(&["check", "--baseline", "base"]),
        str![[r"
exit code 0
--- stderr
note: 1 finding, SDN104 of `doc/old.sdn`, is in `base` and not found any more; drop that with `--prune-baseline`

"]]
    );
    sandbox.run(&["check", "--baseline", "base", "--strict"]).code(1);
    sandbox
        .run(&["check", "--baseline", "base", "-v"])
        .code(0)
        .says("not found any more: `doc/old.sdn`, SDN104 unknown-line");
    // To prune adds nothing.
    sandbox.write("b.sdn", "title: two words\nmore junk\n");
    let pruned = sandbox.run(&["check", "--baseline", "base", "--prune-baseline"]).code(1);
    assert!(pruned.stdout.contains("b.sdn:2:1"), "{pruned:?}");
    pruned.says("`base` has 3 findings in 2 files: 0 added, 1 dropped");
    assert!(!sandbox.read("base").contains("SDN104"));
    // What comes back is new.
    sandbox.write("b.sdn", "title: two words\n");
    sandbox.write("doc/old.sdn", OLD);
    finds(&sandbox, &["doc/old.sdn:1 SDN104"]);
    // A file that is gone, from a folder that was searched.
    fs::remove_file(sandbox.path("doc/old.sdn")).unwrap();
    sandbox
        .run(&["check", "--baseline", "base", "--strict"])
        .code(1)
        .says("2 findings, as SDN201 of `doc/old.sdn`, are in");
    sandbox.run(&["check", "--baseline", "base", "--prune-baseline"]).code(0);
    assert_eq!(sandbox.read("base").lines().count(), 2);
}

#[test]
fn what_was_not_looked_at_stays() {
    let sandbox = project();
    let before = sandbox.read("base");
    // As pre-commit has it: some files only.
    assert_eq!(checked(&sandbox, &["b.sdn", "--strict"]), (0, vec![]));
    sandbox.run(&["check", "--baseline", "base", "--strict", "--allow", "SDN201", "."]).code(0);
    sandbox.run(&["check", "--baseline", "base", "--write-baseline", "b.sdn"]).code(0);
    sandbox.run(&["check", "--baseline", "base", "--write-baseline", "--allow", "row-width"]).code(0);
    sandbox.run(&["check", "--baseline", "base", "--prune-baseline", "doc"]).code(0);
    assert_eq!(sandbox.read("base"), before);
    // What could not be read.
    fs::remove_file(sandbox.path("doc/old.sdn")).unwrap();
    std::os::unix::fs::symlink("nowhere/at/all", sandbox.path("doc/old.sdn")).unwrap();
    sandbox.run(&["check", "--baseline", "base", "--prune-baseline", "doc/old.sdn", "."]).code(66);
    assert_eq!(sandbox.read("base"), before);
    // Notes are looked for only when they are asked for.
    sandbox.write("n.sdn", "t |a|\n    two words\n");
    sandbox.run(&["check", "--baseline", "base", "--write-baseline", "--severity", "note", "n.sdn"]).code(0);
    assert!(sandbox.read("base").contains("n.sdn SDN902"));
    assert_eq!(checked(&sandbox, &["n.sdn", "--strict"]), (0, vec![]));
    assert_eq!(checked(&sandbox, &["n.sdn", "--severity", "note"]), (0, vec![]));
}

#[test]
fn paths_are_meant_from_the_folder_of_the_baseline() {
    let sandbox = project();
    let in_doc = |arguments: &[&str]| {
        let mut command = sandbox.sdnlock(arguments);
        Run::of(command.current_dir(sandbox.path("doc")))
    };
    in_doc(&["check", "--baseline", "../base", "--strict"]).code(0);
    in_doc(&["check", "--baseline", "../base", "--strict", "..", "old.sdn"]).code(0);
    in_doc(&["check", "--baseline", "base", "--write-baseline", ".", "../b.sdn"]).code(0);
    let written = sandbox.read("doc/base");
    assert!(written.contains("\n../b.sdn SDN302 ") && written.contains("\nold.sdn SDN104 "), "{written}");
    in_doc(&["check", "--baseline", "base", "--strict", "..", "old.sdn"]).code(0);
    let whole = sandbox.path("doc/old.sdn");
    in_doc(&["check", "--baseline", "base", "--strict", whole.to_str().unwrap()]).code(0);
    // A content without a file, by the name that it has.
    let named = ["check", "--baseline", "base", "--strict", "--stdin-name", "doc/old.sdn", "-"];
    sandbox.run_with(&named.map(|word| if word == "base" { "doc/base" } else { word }), OLD).code(0);
    sandbox.run_with(&["check", "--baseline", "base", "-"], OLD).code(1);
    let unnamed = sandbox.run_with(&["check", "--baseline", "base", "--write-baseline", "-"], OLD).code(2);
    unnamed.says("hint: name it with `--stdin-name`");
    // The baseline itself can be on standard input, as of another commit.
    sandbox.run_with(&["check", "--baseline", "-", "--strict"], sandbox.read("base")).code(0);
    sandbox.run_with(&["check", "--baseline", "-", "--write-baseline"], "").code(2);
}

#[test]
fn any_name_of_a_file_can_stand_in_a_baseline() {
    let sandbox = Sandbox::new();
    let names: [&[u8]; 4] = [b"my db.sdn", b"\xff%20#.sdn", b"# x.sdn", "a\n\u{202e}b.sdn".as_bytes()];
    for name in names {
        fs::write(sandbox.path(OsStr::from_bytes(name)), "junk\n").unwrap();
    }
    sandbox.run(&["check", "--baseline", "base.sdn", "--write-baseline"]).code(0);
    assert_eq!(sandbox.read("base.sdn").lines().count(), 5);
    // A baseline that is named as a database is none.
    sandbox.run(&["check", "--baseline", "base.sdn", "--strict"]).code(0).says("");
    sandbox.run(&["check", "--baseline", "./base.sdn", "--strict", "."]).code(0);
}

#[test]
fn a_file_that_is_no_baseline_is_left_as_it_is() {
    let sandbox = project();
    let header = "# sdnlock baseline, version 1\n";
    for (content, told) in [
        ("a: 1\n".to_owned(), "line 1: a baseline begins with `# sdnlock baseline, version 1`"),
        (header.replace('1', "2"), "line 1: it is of version 2, and only version 1 is known here"),
        (format!("{header}<<<<<<< ours\n"), "line 2: a merge left this marker"),
        (format!("{header}b.sdn SDN302\n"), "line 2: a line is a file, a code, 16 digits, and a number"),
        (format!("{header}b.sdn SDN999 0123456789abcdef\n"), "line 2: there is no rule `SDN999`"),
    ] {
        sandbox.write("bad", &content);
        for more in [&[][..], &["--write-baseline"], &["--prune-baseline"]] {
            let run = sandbox.run(&[&["check", "--baseline", "bad"], more].concat()).code(65);
            run.says("error: could not use `bad` as a baseline\n").says(told).says("hint: ");
        }
        assert_eq!(sandbox.read("bad"), content);
    }
    sandbox.run(&["check", "--baseline", "none"]).code(66).says("hint: make it with `--write-baseline`");
    sandbox.run(&["check", "--baseline", "none", "--prune-baseline"]).code(66);
    sandbox.run(&["check", "--baseline", "none/base", "--write-baseline"]).code(66);
    sandbox.run(&["check", "--write-baseline"]).code(2);
}

#[test]
fn several_may_write_to_a_baseline_at_once() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..8).map(|number| format!("{number}.sdn")).collect();
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            sandbox.write(name, "junk\n");
            start(&mut sandbox.sdnlock(["check", "--baseline", "base", "--write-baseline", name]))
        })
        .collect();
    for child in children {
        Run::end_of(child).code(0);
    }
    passes(&sandbox);
}

#[test]
fn line_ends_of_a_baseline_may_be_those_of_another_system() {
    let sandbox = project();
    let crlf = sandbox.read("base").replace('\n', "\r\n");
    sandbox.write("base", &crlf);
    passes(&sandbox);
    sandbox.run(&["check", "--baseline", "base", "--write-baseline"]).code(0);
    assert_eq!(sandbox.read("base"), crlf);
}

#[test]
fn programs_are_told_what_is_new() {
    let sandbox = project();
    sandbox.write("doc/old.sdn", "t |a|\n    1, 2\n    1, 3\n    1, 2\n");
    let check = |format: &str| sandbox.run(&["check", "--baseline", "base", "--format", format]).code(1);
    let object = json(&check("json"));
    assert_eq!(object["errors"], 2);
    assert_eq!(object["warnings"], 0);
    assert_eq!(object["known"], 2);
    assert_eq!(object["gone"], 2);
    let lines =
        |findings: &Value| findings.as_array().unwrap().iter().map(|one| one["line"].clone()).collect::<Vec<_>>();
    assert_eq!(lines(&object["files"][1]["findings"]), [3, 4]);
    let log = json(&check("sarif"));
    let results = log["runs"][0]["results"].as_array().unwrap();
    let states = results.iter().map(|result| {
        let line = &result["locations"][0]["physicalLocation"]["region"]["startLine"];
        (result["ruleId"].as_str().unwrap(), line.as_u64().unwrap(), result["baselineState"].as_str().unwrap())
    });
    let expected = [("SDN302", 1, "unchanged"), ("SDN201", 2, "unchanged"), ("SDN201", 3, "new"), ("SDN201", 4, "new")];
    assert_eq!(states.collect::<Vec<_>>(), expected);
    // The fingerprints are those of a check without a baseline.
    let without = json(&sandbox.run(&["check", "--format", "sarif"]).code(1));
    let prints = |log: &Value| {
        let results = log["runs"][0]["results"].as_array().unwrap();
        results.iter().map(|result| result["partialFingerprints"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(prints(&log), prints(&without));
    assert!(without["runs"][0]["results"][0].get("baselineState").is_none());
    let annotations = check("github").stdout;
    assert_eq!(annotations.lines().filter(|line| line.starts_with("::error ")).count(), 2, "{annotations}");
}

#[test]
fn rows_that_are_told_as_one_are_compared_one_by_one() {
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "columns |table, column, type|\n    t, a, integer\n");
    let rows = |values: &str| format!("t |a|\n{}", values.chars().map(|c| format!("    {c}\n")).collect::<String>());
    sandbox.write("db.sdn", rows("abcdefgh"));
    sandbox.run(&["check", "--baseline", "base", "--write-baseline"]).code(0).says("8 findings in 1 file");
    sandbox.write("db.sdn", rows("1abcdXefgh"));
    finds(&sandbox, &["db.sdn:7 SDN511"]);
    sandbox.write("db.sdn", rows("abcefghd"));
    passes(&sandbox);
    // What was mended of them is told.
    sandbox.write("db.sdn", rows("ab1defgh"));
    sandbox.run(&["check", "--baseline", "base", "--strict"]).code(1).says("1 finding, SDN511");
}

#[test]
fn git_merges_baselines_by_taking_the_lines_of_both_sides() {
    if !has_program("git") {
        return;
    }
    let sandbox = project();
    let git = |line: &str| Run::of(&mut sandbox.shell(line)).code(0);
    git("git init -qb main .; git config user.name x; git config user.email x@example.org");
    git("echo 'base merge=union' > .gitattributes; git add .; git commit -qm old; git branch theirs");
    let write = || sandbox.run(&["check", "--baseline", "base", "--write-baseline"]).code(0);
    sandbox.write("c.sdn", "ours\n");
    sandbox.write("doc/old.sdn", format!("{OLD}    1, 2\n"));
    write();
    git("git add .; git commit -qm ours; git switch -q theirs");
    sandbox.write("d.sdn", "theirs\n");
    sandbox.write("b.sdn", "title: three more words\n");
    write();
    git("git add .; git commit -qm theirs; git switch -q main; git merge -q theirs -m both");
    assert_eq!(checked(&sandbox, &[]), (0, vec![]));
    // To write it anew makes one of it again.
    write();
    passes(&sandbox);
    let lines: Vec<String> = sandbox.read("base").lines().map(str::to_owned).collect();
    assert!(lines.is_sorted() && lines.len() == 7, "{lines:?}");
}

/// Lines of databases, most of which are wrong.
fn content() -> impl Strategy<Value = Vec<&'static str>> {
    let line = select(vec![
        "t |a, b|",
        "    1, 2",
        "    1, 2, 3",
        "    007, x",
        "    v, w",
        "junk",
        "k: two words",
        "s:",
        "    - a",
        "# so",
        "",
        "    1, ✅",
        "    \"open, 1",
        "    x",
        "<<<<<<< ours",
    ]);
    prop::collection::vec(line, 0..12)
}

proptest! {
    #![proptest_config(support::cases(24))]

    #[test]
    fn a_baseline_lets_all_pass_that_was_there_and_nothing_else(
        files in prop::collection::vec(content(), 1..4),
        more in prop::collection::vec(content(), 1..4),
    ) {
        let sandbox = Sandbox::new();
        let write = |names: &str, files: &[Vec<&str>]| {
            for (name, lines) in names.chars().zip(files) {
                sandbox.write(&format!("{name}.sdn"), lines.iter().map(|line| format!("{line}\n")).collect::<String>());
            }
        };
        let baseline = |name: &str| sandbox.run(&["check", "--baseline", name, "--write-baseline"]).code(0);
        write("abc", &files);
        baseline("base");
        passes(&sandbox);
        // A comment at the beginning moves every line.
        let moved: Vec<Vec<&str>> = files.iter().map(|lines| [&["# moved"], &lines[..]].concat()).collect();
        write("abc", &moved);
        passes(&sandbox);
        // What another one has of its files, and a line of its own, is new: as much as there is without a baseline.
        write("abc", &files);
        write("xyz", &more);
        sandbox.write("own.sdn", "a line of its own\n");
        let names: Vec<String> = sandbox.names().into_iter().filter(|name| name.len() > 5 || "xyz".contains(&name[..1])).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != "base").collect();
        let alone = sandbox.run(&[&["check", "--format", "short"], &names[..]].concat()).code(1);
        let together = sandbox.run(&["check", "--baseline", "base", "--format", "short"]).code(1);
        prop_assert_eq!(alone.stdout, together.stdout);
        // Both in one, line by line.
        sandbox.run(&[&["check", "--baseline", "other", "--write-baseline"], &names[..]].concat()).code(0);
        sandbox.write("base", sandbox.read("other") + &sandbox.read("base") + &sandbox.read("other"));
        passes(&sandbox);
    }
}
