//! What other projects take from here to check their databases does what it says.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::Value;
use support::{Run, Sandbox};

mod support;

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The texts below each `run: |` of the action, in order.
fn scripts(action: &str) -> Vec<String> {
    let blocks = action.split("run: |\n").skip(1);
    let script = |block: &str| {
        let lines = block.lines().take_while(|line| line.is_empty() || line.starts_with("        "));
        lines.map(|line| format!("{}\n", line.trim_start_matches("        "))).collect()
    };
    blocks.map(script).collect()
}

/// The blocks of the README in this language.
fn blocks(language: &str) -> Vec<String> {
    let readme = file("README.md");
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// A script as a runner of GitHub runs it.
fn in_workflow(sandbox: &Sandbox, script: &str) -> Command {
    sandbox.write("step.sh", script);
    let mut command = sandbox.shell("exec bash --noprofile --norc -eo pipefail step.sh");
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_WORKSPACE", sandbox.root()).env("RUNNER_TEMP", sandbox.root());
    command
}

#[test]
fn the_action_checks_what_it_is_given() {
    let action = file("action.yml");
    let scripts = scripts(&action);
    let [install, check] = scripts.as_slice() else { panic!("{scripts:?}") };
    let sandbox = Sandbox::with(&["config.sdn"]);
    fs::create_dir(sandbox.path("my doc")).unwrap();
    sandbox.write("my doc/broken.sdn", "junk\n");
    // Every input has a variable, and nothing of it is put into the script itself.
    for name in ["paths", "options", "baseline", "sarif"] {
        assert!(action.contains(&format!("{}: ${{{{ inputs.{name} }}}}", name.to_uppercase())), "{name}");
    }
    assert!(!check.contains("${{") && !install.contains("${{"));
    Run::of(&mut in_workflow(&sandbox, install)).code(0);
    let run = |paths: &str, options: &str, sarif: &str| {
        let mut command = in_workflow(&sandbox, check);
        Run::of(command.env("PATHS", paths).env("OPTIONS", options).env("SARIF", sarif))
    };
    assert_eq!(run("config.sdn", "", "").code(0).stdout, "");
    let found = run("config.sdn\nmy doc\n", "", "").code(1);
    assert!(found.stdout.contains("::error file=my doc/broken.sdn,line=1,"), "{}", found.stdout);
    run(".", "--allow\nSDN104\n--strict\n", "").code(0);
    run(".", "", "report.sarif").code(1);
    let report: Value = serde_json::from_str(&sandbox.read("report.sarif")).unwrap();
    assert_eq!(report["runs"][0]["results"].as_array().unwrap().len(), 1);
    // What a baseline has passes, in the annotations and in the report.
    sandbox.run(&["check", "--baseline", "my base", "--write-baseline"]).code(0);
    let mut command = in_workflow(&sandbox, check);
    command.env("PATHS", ".").env("OPTIONS", "").env("BASELINE", "my base").env("SARIF", "report.sarif");
    assert_eq!(Run::of(&mut command).code(0).stdout, "");
    let report: Value = serde_json::from_str(&sandbox.read("report.sarif")).unwrap();
    assert_eq!(report["runs"][0]["results"][0]["baselineState"], "unchanged");
}

#[test]
fn the_action_builds_the_command_where_there_is_none() {
    let install = scripts(&file("action.yml")).remove(0);
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("bin")).unwrap();
    sandbox.script("bin/cargo", "echo \"$@\"");
    sandbox.write("step.sh", install);
    // With the stand-in for cargo only.
    let mut command = sandbox.shell("bash=$(command -v bash); PATH=\"$PWD/bin\" exec $bash -eo pipefail step.sh");
    command.env("RUNNER_TEMP", "/tmp/runner").env("GITHUB_ACTION_PATH", "/actions/sdnlock");
    let run = Run::of(command.env("GITHUB_PATH", sandbox.path("path"))).code(0);
    assert_eq!(run.stdout, "install --quiet --locked --path /actions/sdnlock --root /tmp/runner/sdnlock\n");
    assert_eq!(sandbox.read("path"), "/tmp/runner/sdnlock/bin\n");
}

#[test]
fn the_problem_matcher_takes_the_short_form() {
    let matcher: Value = serde_json::from_str(&file(".github/sdnlock-matcher.json")).unwrap();
    let pattern = &matcher["problemMatcher"][0]["pattern"][0];
    let regexp = Regex::new(pattern["regexp"].as_str().unwrap()).unwrap();
    let sandbox = Sandbox::new();
    sandbox.write("a: b.sdn", "n: 99999999999999999999\njunk\n");
    let run = sandbox.run(&["check", "--format", "short", "--reader", "R-old"]).code(1);
    let parts = |line: &str| -> Vec<String> {
        let captures = regexp.captures(line).unwrap_or_else(|| panic!("{line}"));
        let part = |name: &str| captures[usize::try_from(pattern[name].as_u64().unwrap()).unwrap()].to_owned();
        ["file", "line", "column", "severity", "code"].map(part).to_vec()
    };
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(parts(lines[0]), ["a: b.sdn", "1", "4", "warning", "SDN401"]);
    assert_eq!(parts(lines[1]), ["a: b.sdn", "2", "1", "error", "SDN104"]);
    // What people read makes no second annotation.
    let human = sandbox.run(&["check"]).code(1).stdout;
    assert!(!human.lines().any(|line| regexp.is_match(line)), "{human}");
}

#[test]
fn the_hooks_take_the_names_of_files() {
    let hooks = file(".pre-commit-hooks.yaml");
    let sandbox = Sandbox::with(&["config.sdn"]);
    sandbox.write("-n.sdn", "junk\n");
    let said = |what: &str| -> Vec<String> {
        hooks.lines().filter_map(|line| line.trim().strip_prefix(what)).map(str::to_owned).collect()
    };
    let (entries, arguments) = (said("entry: "), said("args: "));
    assert_eq!((entries.len(), arguments.len()), (2, 2));
    let base = "[--baseline, base, --]";
    sandbox.run(&["check", "--baseline", "base", "--write-baseline"]).code(0);
    for (entry, arguments) in entries.iter().zip(&arguments) {
        // As pre-commit puts a command together, with the arguments of the hook or those of a project.
        let run = |arguments: &str, files: &str| {
            let arguments: Vec<&str> =
                arguments.trim_matches(['[', ']']).split(", ").map(|one| one.trim_matches('"')).collect();
            Run::of(&mut sandbox.shell(&format!("{entry} {} {files}", arguments.join(" "))))
        };
        run(arguments, "config.sdn").code(0);
        run(arguments, "config.sdn -n.sdn").code(1);
        run(base, "config.sdn -n.sdn").code(0);
    }
    let files = hooks.lines().find_map(|line| line.trim().strip_prefix("files: ")).unwrap();
    let files = Regex::new(files).unwrap();
    assert!(files.is_match("doc/todo_db.sdn") && !files.is_match("doc/todo_db.sdn.lock"));
    // The README names a hook that there is.
    let shown = blocks("yaml").concat();
    let id = shown.lines().find_map(|line| line.trim().strip_prefix("- id: ")).unwrap();
    assert!(hooks.contains(&format!("- id: {id}\n")), "{id}");
}

#[test]
fn the_readmes_jobs_and_hooks_run() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let jobs = blocks("yaml").concat();
    let commands: Vec<&str> = jobs.lines().filter_map(|line| line.trim().strip_prefix("- sdnlock ")).collect();
    assert!(commands.len() >= 2, "{commands:?}");
    for command in commands {
        Run::of(&mut sandbox.shell(&format!("sdnlock {command}"))).code(0);
    }
    if !support::has_program("git") {
        return;
    }
    let hook = blocks("sh").into_iter().find(|block| block.contains("git show")).unwrap();
    Run::of(&mut sandbox.shell("git init -q .; git config user.name x; git config user.email x@example.org")).code(0);
    sandbox.script(".git/hooks/pre-commit", &hook);
    let commit = |name: &str, content: &str| {
        sandbox.write(name, content);
        Run::of(&mut sandbox.shell(&format!("git add '{name}' && git commit -qm x")))
    };
    commit("my über.sdn", "a: 1\n").code(0);
    let refused = commit("my über.sdn", "junk\n").code(1);
    let said = refused.stdout + &refused.stderr;
    assert!(said.contains("my über.sdn:1:1"), "{said}");
    // What is staged counts.
    sandbox.write("my über.sdn", "a: 2\n");
    Run::of(&mut sandbox.shell("git commit -qm x")).code(1);
}

#[test]
fn the_files_for_ci_are_yaml() {
    let sandbox = Sandbox::new();
    let has_yaml = Command::new("python3").args(["-c", "import yaml"]).output();
    if !has_yaml.is_ok_and(|output| output.status.success()) {
        support::not_tested("python3-yaml");
        return;
    }
    let files = [file("action.yml"), file(".pre-commit-hooks.yaml")].into_iter().chain(blocks("yaml"));
    for (position, content) in files.enumerate() {
        let name = format!("{position}.yml");
        sandbox.write(&name, content);
        let parse = format!("import yaml; assert yaml.safe_load(open('{name}'))");
        let output = Command::new("python3").args(["-c", &parse]).current_dir(sandbox.root()).output().unwrap();
        assert!(output.status.success(), "{position}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
