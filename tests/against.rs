//! The review of a change: `check --against`.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;

use snapbox::str;
use support::{Sandbox, has_program, not_tested};

mod support;

const HEADER: &str = "bugs |id, title, status, updated_at|\n";

fn bugs(ids: std::ops::RangeInclusive<usize>) -> String {
    ids.map(|id| format!("    {id}, bug number {id}, open, 2026-02-0{}\n", id % 9 + 1)).collect()
}

/// A repository in which a branch and the main one have gone on from a tracker of 60 bugs.
fn repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("bug.sdn", format!("{HEADER}{}", bugs(1..=60)));
    sandbox.write("old.sdn", "a: \"open\nb: 2\n");
    fs::create_dir(sandbox.path("sub")).unwrap();
    sandbox.write("sub/gone.sdn", "a: 1\n");
    let line = "git init -q -b main && git config user.email a@b && git config user.name n && git add -A && \
         git commit -qm base && git checkout -qb branch && git checkout -q main && \
         echo '    61, theirs, open, 2026-03-03' >> bug.sdn && git commit -qam main && git checkout -q branch";
    assert!(sandbox.shell(line).status().unwrap().success());
    sandbox
}

#[test]
fn what_a_branch_takes_away_is_found() {
    let sandbox = repository();
    let content = format!("{HEADER}{}{}    61, mine, open, 2026-03-03\n", bugs(1..=1), bugs(40..=60));
    sandbox.write("bug.sdn", content.replace("number 50", "NUMBER 50").replace("2026-02-07", "2025-01-01"));
    fs::remove_file(sandbox.path("sub/gone.sdn")).unwrap();
    let run = sandbox.run(&["check", "--against", "main", "--only", "status,updated_at"]);
    assert_says!(
        run,
        str![[r"
exit code 1
--- stdout
error[SDN703]: 38 of 60 records of `bugs` removed: 2, 3, 4 and 35 more
 --> bug.sdn:1:1
  |
1 | bugs |id, title, status, updated_at|
  | ^^^^

warning[SDN706]: 3 of 60 records of `bugs` went back to an earlier version: 42, 51, 60
 --> bug.sdn:5:5
  |
5 |     42, bug number 42, open, 2025-01-01
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error[SDN708]: the cell `bugs.50.title` changed, which was to stay
  --> bug.sdn:13:5
   |
13 |     50, bug NUMBER 50, open, 2026-02-06
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error[SDN710]: the record `bugs.61` is new here, and another one is new there
  --> bug.sdn:24:5
   |
24 |     61, mine, open, 2026-03-03
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^

error[SDN711]: the database is removed
 --> sub/gone.sdn:1:1
  |
1 |
  | ^

--- stderr
checked 3 files: 4 errors, 1 warning; 1 finding is known

"]]
    );
    sandbox.run(&["check", "--against", "nothing"]).code(66).says("no such revision, file or folder: `nothing`");
    // In a folder, and with what is allowed.
    let run = sandbox.run(&["check", "--against", "main", "--format", "short", "sub"]).code(1);
    assert_eq!(run.stdout, "sub/gone.sdn:1:1: error[SDN711]: the database is removed\n");
    let allowed = ["check", "--against", "main", "--allow-loss", "--allow", "SDN710", "-q", "bug.sdn"];
    assert_eq!(sandbox.run(&allowed).code(0).stdout, "");
}

#[test]
fn only_what_is_new_counts() {
    let sandbox = repository();
    let run = sandbox.run(&["check", "--against", "HEAD"]).code(0);
    assert_eq!(run.stdout, "");
    // What was wrong before passes, wherever it stands now.
    sandbox.write("old.sdn", "# more\n\na: \"open\nb: 2\n");
    sandbox.run(&["check", "--against", "HEAD"]).code(0);
    sandbox.write("new.sdn", "a: \"open\nb: 2\n");
    let run = sandbox.run(&["check", "--against", "HEAD", "--format", "sarif"]).code(1);
    let sarif: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let states: Vec<_> = sarif["runs"][0]["results"].as_array().unwrap().iter().collect();
    let state = |file: &str| {
        let of = states.iter().filter(|result| {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap().ends_with(file)
        });
        of.map(|result| result["baselineState"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((state("new.sdn"), state("old.sdn")), (vec!["new".to_owned()], vec!["unchanged".to_owned()]));
}

#[test]
fn files_and_folders_are_compared_too() {
    let sandbox = Sandbox::new();
    for folder in ["before/in", "now"] {
        fs::create_dir_all(sandbox.path(folder)).unwrap();
    }
    sandbox.write("before/a.sdn", format!("{HEADER}{}", bugs(1..=3)));
    sandbox.write("before/in/b.sdn", "a: 1\n");
    sandbox.write("now/a.sdn", format!("{HEADER}{}", bugs(2..=3)));
    let removed = "warning[SDN703]: 1 of 3 records of `bugs` removed: 1\n";
    let run = sandbox.run(&["check", "--against", "before/a.sdn", "now/a.sdn", "--format", "short"]).code(0);
    assert_eq!(run.stdout, format!("now/a.sdn:1:1: {removed}"));
    let run = sandbox.run(&["check", "--against", "before", "now", "--no-loss", "--format", "short"]).code(1);
    let removed = removed.replace("warning", "error");
    assert_eq!(
        run.stdout,
        format!("now/a.sdn:1:1: {removed}now/in/b.sdn:1:1: error[SDN711]: the database is removed\n")
    );
    sandbox.run(&["check", "--against", "before/a.sdn", "now"]).code(2).says("is a file, and what is checked is not");
    sandbox.run(&["check", "--against", "nothing", "now"]).code(66).says("no such file or folder: `nothing`");
    sandbox.run(&["check", "--no-loss", "now"]).code(2);
    sandbox.run(&["check", "--against", "before", "--limit", "x=1", "now"]).code(2).says("there is no limit `x`");
}

#[test]
fn revisions_of_jj_are_looked_up_too() {
    if !has_program("jj") {
        not_tested("jj");
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("bug.sdn", format!("{HEADER}{}", bugs(1..=5)));
    let line = "jj git init --no-colocate -q . && jj commit -q -m base && jj bookmark create -q main -r @-";
    assert!(sandbox.shell(line).status().unwrap().success());
    sandbox.write("bug.sdn", format!("{HEADER}{}", bugs(2..=5)));
    let run = sandbox.run(&["check", "--against", "main", "--format", "short"]).code(0);
    assert_eq!(run.stdout, "bug.sdn:1:1: warning[SDN703]: 1 of 5 records of `bugs` removed: 1\n");
}
