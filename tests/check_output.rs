//! How `sdnlock check` shows what it finds: to people, and to programs.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use snapbox::str;
use support::{Run, Sandbox, start, wait_for};

mod support;

/// Two errors, of which the first one is for some readers only.
const TWO: &str = "list = [1,\n    2]\nt |a|\n    1, 2\n";

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

#[test]
fn people_are_told_what_to_do_and_who_misreads_it() {
    let sandbox = Sandbox::new();
    sandbox.write("two.sdn", TWO);
    assert_says!(
        sandbox.run(&["check"]),
        str![[r"
exit code 1
--- stdout
error[SDN103]: this list or dict goes on in another line, which the Rust reader does not take
 --> two.sdn:1:11
  |
1 | list = [1,
  |           ^
  |
  = help: write it on one line
  = read wrongly by: R-new, R-old, S-db

error[SDN201]: this row has 2 cells, its table `t` has 1 column
 --> two.sdn:4:8
  |
4 |     1, 2
  |        ^
  |
  = help: a text that holds a comma needs double quotes
  = read wrongly by: every reader

--- stderr
checked 1 file: 2 errors

"]]
    );
}

#[test]
fn one_line_for_each_finding_can_be_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write("two.sdn", TWO);
    assert_says!(
        sandbox.run(&["check", "--format", "short"]),
        str![[r"
exit code 1
--- stdout
two.sdn:1:11: error[SDN103]: this list or dict goes on in another line, which the Rust reader does not take
two.sdn:4:8: error[SDN201]: this row has 2 cells, its table `t` has 1 column

"]]
    );
}

#[test]
fn programs_get_one_object() {
    let sandbox = Sandbox::new();
    sandbox.write("two.sdn", TWO);
    sandbox.write("good.sdn", "a: 1\n");
    assert_says!(
        sandbox.run(&["check", "--format", "json"]),
        str![[r#"
exit code 1
--- stdout
{"files":[{"path":"good.sdn","findings":[]},{"path":"two.sdn","findings":[{"code":"SDN103","severity":"error","line":1,"column":11,"end_line":1,"end_column":11,"message":"this list or dict goes on in another line, which the Rust reader does not take","help":"write it on one line","readers":["R-new","R-old","S-db"]},{"code":"SDN201","severity":"error","line":4,"column":8,"end_line":4,"end_column":9,"message":"this row has 2 cells, its table `t` has 1 column","help":"a text that holds a comma needs double quotes","readers":["R-new","R-old","S-lib","S-db","S-test","S-dash"]}]}],"errors":2,"warnings":0}

"#]]
    );
    // Asking for quiet takes nothing away from it.
    let quiet = sandbox.run(&["check", "-q", "--format", "json", "good.sdn"]).code(0);
    assert_eq!(quiet.stdout, "{\"files\":[{\"path\":\"good.sdn\",\"findings\":[]}],\"errors\":0,\"warnings\":0}\n");
}

#[test]
fn carets_stand_below_what_they_mean() {
    let sandbox = Sandbox::new();
    let lines = ["t |a|", "\t1,\t\t2", "\t漢字, 2", "\t\"\u{1b}[31m\u{202e}\", 2", "\té\u{301}\u{1f600}, \"x"];
    sandbox.write("odd.sdn", lines.join("\n"));
    assert_says!(
        sandbox.run(&["check", "odd.sdn"]),
        str![[r#"
exit code 1
--- stdout
error[SDN201]: this row has 2 cells, its table `t` has 1 column
 --> odd.sdn:2:6
  |
2 |     1,        2
  |               ^
  |
  = help: a text that holds a comma needs double quotes
  = read wrongly by: every reader

error[SDN201]: this row has 2 cells, its table `t` has 1 column
 --> odd.sdn:3:6
  |
3 |     漢字, 2
  |           ^
  |
  = help: a text that holds a comma needs double quotes
  = read wrongly by: every reader

error[SDN201]: this row has 2 cells, its table `t` has 1 column
 --> odd.sdn:4:12
  |
4 |     "␛[31m<U+202E>", 2
  |                      ^
  |
  = help: a text that holds a comma needs double quotes
  = read wrongly by: every reader

error[SDN101]: this quote is never closed; the Rust reader takes what follows, up to the next quote, for this value
 --> odd.sdn:5:7
  |
5 |     é́😀, "x
  |          ^^
  |
  = help: close the quote
  = read wrongly by: every reader

--- stderr
checked 1 file: 4 errors

"#]]
    );
    // The columns are those of characters, whatever their width.
    assert_says!(
        sandbox.run(&["check", "--format", "short", "odd.sdn"]),
        str![[r"
exit code 1
--- stdout
odd.sdn:2:6: error[SDN201]: this row has 2 cells, its table `t` has 1 column
odd.sdn:3:6: error[SDN201]: this row has 2 cells, its table `t` has 1 column
odd.sdn:4:12: error[SDN201]: this row has 2 cells, its table `t` has 1 column
odd.sdn:5:7: error[SDN101]: this quote is never closed; the Rust reader takes what follows, up to the next quote, for this value

"]]
    );
    sandbox.write("bom.sdn", "\u{feff}Big Car\r\n");
    assert_says!(
        sandbox.run(&["check", "bom.sdn"]),
        str![[r"
exit code 1
--- stdout
error[SDN104]: this line is no table, setting, row or comment
 --> bom.sdn:1:1
  |
1 | Big Car
  | ^^^^^^^
  |
  = read wrongly by: R-new, R-old, S-lib

--- stderr
checked 1 file: 1 error

"]]
    );
}

#[test]
fn of_a_long_line_only_the_neighbourhood_is_shown() {
    let sandbox = Sandbox::new();
    let long = "é".repeat(500_000);
    sandbox.write("long.sdn", format!("t |a|\n    {long}, end\n    \"{long}\n"));
    let run = sandbox.run(&["check", "long.sdn"]).code(1);
    assert!(run.stdout.len() < 10_000 && !run.stdout.contains('\u{fffd}'), "{}", run.stdout);
    assert!(run.stdout.contains(" --> long.sdn:2:500007\n"), "{}", run.stdout);
    let lines: Vec<&str> = run.stdout.lines().collect();
    let source = lines.iter().position(|line| line.ends_with("é, end")).unwrap();
    let width = |text: &str| text.chars().count();
    let (before, _) = lines[source].split_once("end").unwrap();
    let (blanks, _) = lines[source + 1].split_once("^^^").unwrap();
    assert_eq!(width(before), width(blanks), "{}", run.stdout);
    let object = json(&sandbox.run(&["check", "--format", "json", "long.sdn"]));
    let open = &object["files"][0]["findings"][1];
    assert_eq!((&open["column"], &open["end_column"]), (&5.into(), &500_006.into()));
}

#[test]
fn a_workflow_gets_annotations_below_what_people_read() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("doc")).unwrap();
    sandbox.write("doc/100%,a:b.sdn", TWO);
    let mut command = sandbox.sdnlock(["check", "100%,a:b.sdn"]);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_WORKSPACE", sandbox.root()).current_dir(sandbox.path("doc"));
    assert_says!(
        Run::of(&mut command),
        str![[r"
exit code 1
--- stdout
error[SDN103]: this list or dict goes on in another line, which the Rust reader does not take
 --> 100%,a:b.sdn:1:11
  |
1 | list = [1,
  |           ^
  |
  = help: write it on one line
  = read wrongly by: R-new, R-old, S-db

error[SDN201]: this row has 2 cells, its table `t` has 1 column
 --> 100%,a:b.sdn:4:8
  |
4 |     1, 2
  |        ^
  |
  = help: a text that holds a comma needs double quotes
  = read wrongly by: every reader

::error file=doc/100%25%2Ca%3Ab.sdn,line=1,endLine=1,col=11,endColumn=11,title=SDN103 bracket-lines::this list or dict goes on in another line, which the Rust reader does not take%0Ahelp: write it on one line
::error file=doc/100%25%2Ca%3Ab.sdn,line=4,endLine=4,col=8,endColumn=9,title=SDN201 row-width::this row has 2 cells, its table `t` has 1 column%0Ahelp: a text that holds a comma needs double quotes
--- stderr
checked 1 file: 2 errors

"]]
    );
    // What is asked for counts more than where it runs.
    let mut command = sandbox.sdnlock(["check", "--format", "short"]);
    assert!(!Run::of(command.env("GITHUB_ACTIONS", "true")).stdout.contains("::error"));
    // Several lines have no columns, and standard input has no place.
    let run = sandbox.run_with(&["check", "--format=github", "-"], "a: 1\n  b\n  c\n\nx");
    assert_says!(
        run,
        str![[r"
exit code 1
--- stdout
error[SDN105]: this line is indented, but the line above it, to which it would belong, is complete
 --> standard input:2:3
  |
2 |   b
  |   ^
  |
  = read wrongly by: R-new, R-old

error[SDN104]: this line is no table, setting, row or comment
 --> standard input:5:1
  |
5 | x
  | ^
  |
  = read wrongly by: R-new, R-old, S-lib

::error title=SDN105 unexpected-indent::this line is indented, but the line above it, to which it would belong, is complete
::error title=SDN104 unknown-line::this line is no table, setting, row or comment
--- stderr
checked 1 file: 2 errors

"]]
    );
}

#[test]
fn a_workflow_gets_no_more_annotations_than_github_shows() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sdn", format!("t |a|\n{}n: 99999999999999999999\n", "    1, 2\n".repeat(23)));
    // With a reader for whom the number is no error but a changed value, and the rows are errors.
    let run = sandbox.run(&["check", "--format", "github", "--reader", "R-old", "--deny", "SDN401"]).code(1);
    let annotations: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(annotations.len(), 10);
    assert!(
        run.stdout
            .ends_with("\n14 more findings without an annotation, since GitHub shows no more; the log above has all\n")
    );
    assert_eq!(run.stdout.matches("error[SDN201]").count(), 23);
    // The worst come first: a warning does not take the place of an error, but has room of its own.
    let run = sandbox.run(&["check", "--format", "github", "--reader", "R-old"]).code(1);
    assert!(
        run.stdout.contains("\n::warning file=a.sdn,line=25,endLine=25,col=4,endColumn=24,title=SDN401 number-range::")
    );
    assert!(run.stdout.find("::warning") > run.stdout.rfind("::error"));
}

#[test]
fn no_line_of_a_database_is_a_command_of_the_workflow() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sdn", "x: \"##[add-mask]y\n::error::no\n");
    let run = sandbox.run(&["check", "--format", "github"]).code(1);
    let (before, _) = run.stdout.split_once("##[add-mask]").unwrap();
    let token = before.strip_prefix("::stop-commands::").unwrap().lines().next().unwrap();
    let (_, behind) = run.stdout.split_once("##[add-mask]").unwrap();
    assert!(token.len() > 60 && behind.contains(&format!("\n::{token}::\n::error file=")), "{}", run.stdout);
}

#[test]
fn code_scanning_gets_sarif() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("my doc")).unwrap();
    sandbox.write("my doc/two.sdn", TWO);
    let log = json(&sandbox.run(&["check", "--format", "sarif"]).code(1));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), sdnlock::check::Rule::ALL.len());
    for rule in rules {
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty(), "{rule}");
        assert!(rule["help"]["text"].as_str().unwrap().contains("good:\n"), "{rule}");
        let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
        assert!(["error", "warning", "note"].contains(&level), "{rule}");
        assert!(rule["name"].as_str().unwrap().chars().all(char::is_alphanumeric), "{rule}");
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let place = &results[1]["locations"][0]["physicalLocation"];
    assert_eq!(
        place.to_string(),
        r#"{"artifactLocation":{"uri":"my%20doc/two.sdn","uriBaseId":"%SRCROOT%"},"region":{"startLine":4,"startColumn":8,"endLine":4,"endColumn":9}}"#
    );
    // What could not be read is no clean result.
    let log = json(&sandbox.run(&["check", "--format", "sarif", "none.sdn"]).code(66));
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn a_result_is_known_again_after_an_edit_elsewhere() {
    let sandbox = Sandbox::new();
    let prints = |content: &str| -> Vec<String> {
        sandbox.write("a.sdn", content);
        let log = json(&sandbox.run(&["check", "--format", "sarif", "a.sdn"]));
        let results = log["runs"][0]["results"].as_array().unwrap().iter();
        results.map(|result| result["partialFingerprints"]["sdnlock/v1"].as_str().unwrap().to_owned()).collect()
    };
    let before = prints("t |a|\n    1, 2\n    1, 3\n    5, 6\n");
    let after = prints("# a comment\nx: 1\nt |a|\n    0\n    1, 2\n    1, 3\n    5, 6\n");
    assert_eq!(before, after);
    assert_eq!(before.iter().collect::<std::collections::HashSet<_>>().len(), 3, "{before:?}");
}

#[test]
fn paths_are_told_from_the_root_of_the_repository() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("doc/deep")).unwrap();
    fs::create_dir(sandbox.path(".git")).unwrap();
    sandbox.write("doc/a.sdn", "junk\n");
    let mut command = sandbox.sdnlock(["check", "--format", "sarif", "../a.sdn"]);
    let log = json(&Run::of(command.current_dir(sandbox.path("doc/deep"))).code(1));
    let artifact = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(artifact["uri"], "doc/a.sdn");
    // One outside of it has its whole path.
    let elsewhere = Sandbox::new();
    let outside = elsewhere.write("b.sdn", "junk\n");
    let log = json(&sandbox.run(&["check", "--format", "sarif", outside.to_str().unwrap()]).code(1));
    let artifact = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert!(artifact["uri"].as_str().unwrap().starts_with("file:///") && artifact["uriBaseId"].is_null(), "{artifact}");
}

#[test]
fn any_name_of_a_file_can_be_told() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path(OsStr::from_bytes(b"a \xff.sdn")), "junk\n").unwrap();
    fs::write(sandbox.path("b\n::error::.sdn"), "junk\n").unwrap();
    let short = sandbox.run(&["check", "--format", "short"]).code(1).stdout;
    assert!(short.starts_with("a \u{fffd}.sdn:1:1: error[SDN104]: "), "{short}");
    assert!(short.contains("\nb\u{240a}::error::.sdn:1:1: error[SDN104]: "), "{short}");
    let object = json(&sandbox.run(&["check", "--format", "json"]).code(1));
    assert_eq!(object["files"][0]["path"], "a \u{fffd}.sdn");
    let log = json(&sandbox.run(&["check", "--format", "sarif"]).code(1));
    let uri = |n: usize| &log["runs"][0]["results"][n]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!((uri(0), uri(1)), (&"a%20%FF.sdn".into(), &"b%0A%3A%3Aerror%3A%3A.sdn".into()));
    let annotated = sandbox.run(&["check", "--format", "github"]).code(1).stdout;
    assert!(annotated.contains("::error file=b%0A%3A%3Aerror%3A%3A.sdn,line=1"), "{annotated}");
    assert!(!annotated.lines().any(|line| line.trim_start().starts_with("::error::")), "{annotated}");
}

#[test]
fn severities_are_those_for_the_reader_that_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sdn", "n: 99999999999999999999\nx: [1,\n    2]\n");
    assert_says!(
        sandbox.run(&["check", "--format", "short", "--reader", "s-DB", "--severity", "note"]),
        str![[r"
exit code 1
--- stdout
a.sdn:1:4: note[SDN401]: this number does not fit in 64 bits; the Rust reader takes another one for it
a.sdn:2:7: error[SDN103]: this list or dict goes on in another line, which the Rust reader does not take

"]]
    );
    // What is not shown is counted.
    let run = sandbox.run(&["check", "--reader", "S-lib"]).code(0);
    assert_eq!(run.stdout, "");
    run.says("checked 1 file: all valid, and 2 notes (shown with --severity note)");
    let run = sandbox.run(&["check", "--reader", "R-old", "--severity", "error", "--allow", "bracket-lines"]).code(0);
    assert_eq!(run.stdout, "");
    run.says("checked 1 file: nothing shown, and 1 warning (shown with --severity warning)");
    let strict = ["check", "--strict", "--reader", "R-old", "--severity", "error", "--allow", "bracket-lines"];
    sandbox.run(&strict).code(1);
    sandbox.run(&["check", "--reader", "emacs"]).code(2).says("possible values: R-new, R-old");
}

#[test]
fn rules_can_be_allowed_and_denied_and_the_last_word_counts() {
    let sandbox = Sandbox::new();
    sandbox.write("two.sdn", TWO);
    let codes = |options: &[&str]| {
        let run = sandbox.run(&[&["check", "--format", "json", "--severity", "note"], options].concat());
        let object = json(&run);
        let findings = object["files"][0]["findings"].as_array().unwrap().clone();
        let code = |finding: &Value| {
            format!("{} {}", finding["severity"].as_str().unwrap(), finding["code"].as_str().unwrap())
        };
        (run.code, findings.iter().map(code).collect::<Vec<_>>().join(", "))
    };
    assert_eq!(codes(&["--allow", "sdn103"]), (1, "error SDN201".to_owned()));
    assert_eq!(codes(&["--allow", "SDN103", "--allow", "Row-Width"]), (0, String::new()));
    assert_eq!(codes(&["--allow", "SDN103", "--deny", "SDN103"]).1, "error SDN103, error SDN201");
    assert_eq!(codes(&["--deny", "SDN103", "--allow", "SDN103"]).1, "error SDN201");
    assert_eq!(codes(&["--reader", "S-lib"]).1, "note SDN103, error SDN201");
    assert_eq!(codes(&["--reader", "S-lib", "--deny", "bracket-lines"]).1, "error SDN103, error SDN201");
    sandbox.run(&["check", "--allow", "row-with"]).code(2).says("the nearest ones are `SDN201` row-width,");
}

#[test]
fn comments_allow_what_is_found_beside_them() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.sdn",
        "# sdnlock: allow-file SDN104\njunk\nt |a|\n    1, 2  # sdnlock: allow row-width, the tool pads it\n    # sdnlock: allow SDN201\n    3, 4\n    5, 6\n",
    );
    let run = sandbox.run(&["check", "--format", "short"]).code(1);
    assert_eq!(run.stdout, "a.sdn:7:8: error[SDN201]: this row has 2 cells, its table `t` has 1 column\n");
}

#[test]
fn standard_input_has_the_name_that_it_is_given() {
    let sandbox = Sandbox::new();
    let run = sandbox.run_with(&["check", "--format", "short", "--stdin-name", "doc/a b.sdn", "-"], "junk");
    assert!(run.stdout.starts_with("doc/a b.sdn:1:1: error"), "{}", run.stdout);
    let run = sandbox.run_with(&["check", "--format", "sarif", "--stdin-name", "doc/a b.sdn", "-"], "junk").code(1);
    let log = json(&run);
    let artifact = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(artifact["uri"], "doc/a%20b.sdn");
    let object = json(&sandbox.run_with(&["check", "--format", "json", "-"], "junk"));
    assert_eq!(object["files"][0]["path"], "-");
}

#[test]
fn thousands_of_files_are_shown_in_order() {
    let sandbox = Sandbox::new();
    let mut expected = String::new();
    for n in 0..2000 {
        // Some take longer than those behind them.
        let rows = if n % 100 == 0 { 3000 } else { 1 };
        sandbox.write(&format!("{n:04}.sdn"), format!("t |a|\n{}    1, 2\n", "    1\n".repeat(rows)));
        expected +=
            &format!("{n:04}.sdn:{}:8: error[SDN201]: this row has 2 cells, its table `t` has 1 column\n", rows + 2);
    }
    let run = sandbox.run(&["check", "--format", "short"]).code(1);
    assert!(run.stdout == expected, "{}", run.stdout);
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.names().len(), 2000, "nothing is left of the locks");
    // Whoever looks at the first lines only is no problem.
    let head = Run::of(&mut sandbox.shell("sdnlock check | head -n 1")).code(0);
    assert_eq!(head.stdout, "error[SDN201]: this row has 2 cells, its table `t` has 1 column\n");
    assert_eq!(head.stderr, "checked 2000 files: 2000 errors\n");
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_checked() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    for name in ["b.sdn", "c.sdn"] {
        sandbox.write(name, "junk\n");
    }
    fs::create_dir(sandbox.path("b.sdn.d")).unwrap();
    let run = sandbox.run(&["check", "--format", "short", "none.sdn", "c.sdn", "no/where.sdn", "b.sdn"]);
    assert_says!(
        run,
        str![[r"
exit code 66
--- stdout
c.sdn:1:1: error[SDN104]: this line is no table, setting, row or comment
b.sdn:1:1: error[SDN104]: this line is no table, setting, row or comment
--- stderr
error: no such file: `none.sdn`
error: no such file: `no/where.sdn`

"]]
    );
}

#[test]
fn a_database_that_is_being_written_is_checked_when_it_is_complete() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let whole = sandbox.read("config.sdn");
    let holder = sandbox.hold("config.sdn");
    sandbox.write("config.sdn", "half: \"");
    let check = start(&mut sandbox.sdnlock(["check", "-v", "-w", "forever"]));
    wait_for("the check to wait", || sandbox.exists(".config.sdn.sdnlock-queue"));
    sandbox.write("config.sdn", whole);
    holder.end().code(0);
    Run::end_of(check).code(0).says("checked 1 file: all valid");
}

#[test]
fn a_check_that_is_ended_by_a_signal_says_how_far_it_came() {
    let sandbox = Sandbox::with(&["config.sdn", "dashboard.sdn", "todo_db.sdn"]);
    let (first, second) = (sandbox.hold("config.sdn"), sandbox.hold("dashboard.sdn"));
    sandbox.write("todo_db.sdn", "junk\n");
    let check = start(&mut sandbox.sdnlock(["check", "-w", "forever"]));
    let waits = |name: &str| sandbox.exists(&format!(".{name}.sdnlock-queue"));
    wait_for("the check to wait", || waits("config.sdn"));
    if std::thread::available_parallelism().is_ok_and(|processors| processors.get() > 1) {
        wait_for("the check to wait twice", || waits("dashboard.sdn"));
    }
    kill_process(Pid::from_child(&check), Signal::TERM).unwrap();
    let run = Run::end_of(check).code(143);
    assert_eq!(run.stdout, "");
    let told: Vec<&str> = run.stderr.lines().filter(|line| !line.starts_with("note: waiting for")).collect();
    assert_eq!(told.len(), 1, "{}", run.stderr);
    assert!(told[0].starts_with("error: interrupted after ") && told[0].ends_with(" of 3 files"), "{}", run.stderr);
    first.end().code(0);
    second.end().code(0);
}

#[test]
fn output_that_cannot_be_written_ends_the_check() {
    let sandbox = Sandbox::new();
    for name in ["a.sdn", "b.sdn"] {
        sandbox.write(name, "junk\n");
    }
    for format in ["human", "short", "json", "sarif", "github"] {
        let run = Run::of(&mut sandbox.shell(&format!("sdnlock check --format {format} > /dev/full"))).code(74);
        assert_eq!(run.stderr.matches("error: ").count(), 1, "{}", run.stderr);
    }
}

#[test]
fn fix_mends_what_can_be_mended_and_reports_the_rest() {
    let sandbox = Sandbox::new();
    let database =
        "t |id, path, n|\n    007, ./src, 50%   # so\n    2, /usr/bin, \"x\"\n    3, a\ntitle: Big Red Car\n";
    sandbox.write("t.sdn", database);
    let dry = sandbox.run(&["check", "--fix", "--dry-run", "--format", "short", "t.sdn"]).code(1);
    assert_eq!(sandbox.read("t.sdn"), database);
    assert!(dry.stdout.contains("+    \"007\", \"./src\", \"50%\"   # so\n"), "{}", dry.stdout);
    assert_says!(
        sandbox.run(&["check", "--fix", "--format", "short", "t.sdn"]),
        str![[r#"
exit code 1
--- stdout
t.sdn:4:5: error[SDN201]: this row has 2 cells, its table `t` has 3 columns
--- stderr
--- t.sdn
+++ t.sdn
@@ -1,5 +1,5 @@
 t |id, path, n|
-    007, ./src, 50%   # so
-    2, /usr/bin, "x"
+    "007", "./src", "50%"   # so
+    2, "/usr/bin", "x"
     3, a
-title: Big Red Car
+title: "Big Red Car"

"#]]
    );
    // Once more there is nothing left to mend, and no lock is taken to write.
    let again = sandbox.run(&["check", "--fix", "--format", "short", "t.sdn"]).code(1);
    assert_eq!(again.stderr, "");
    sandbox.write("u.sdn", "a: 007\n");
    let stat = sandbox.run(&["check", "--fix", "--diff", "stat", "--backups", "1", "u.sdn"]).code(0);
    assert_eq!(stat.stderr, "u.sdn: -1 +1 lines\n");
    assert_eq!((sandbox.read("u.sdn"), sandbox.read("u.sdn.bak")), ("a: \"007\"\n".into(), "a: 007\n".into()));
    sandbox.run(&["check", "--backups", "1", "u.sdn"]).code(2);
    sandbox.run_with(&["check", "--fix", "-"], "a: 007\n").code(2).says("cannot be mended in place");
    sandbox.run(&["check", "--dry-run", "t.sdn"]).code(2);
    sandbox.write("sealed.sdn", "#sdn-crc32:1\na: 007\n");
    sandbox.run(&["check", "--fix", "sealed.sdn"]).code(65).says("its seal is wrong");
    let holder = sandbox.hold("t.sdn");
    sandbox.write("t.sdn", "a: 007\n");
    sandbox.run(&["check", "--fix", "-w", "0.2", "t.sdn"]).code(75);
    drop(holder);
    sandbox.run(&["check", "--fix", "-q", "."]).code(65);
    assert_eq!(sandbox.read("t.sdn"), "a: \"007\"\n");
}
