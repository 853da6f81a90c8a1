//! Everything that the README and the help texts show is run.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::path::Path;

use snapbox::IntoData;
use support::{Run, Sandbox};

mod support;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with all that the examples speak of, and with editors that type by themselves.
fn scene() -> Sandbox {
    let sandbox = Sandbox::with(&["todo_db.sdn", "config.sdn"]);
    fs::create_dir(sandbox.path("tables")).unwrap();
    fs::copy(support::fixture("dashboard.sdn"), sandbox.path("tables/dashboard.sdn")).unwrap();
    fs::create_dir(sandbox.path("examples")).unwrap();
    fs::copy(root().join("examples/todo_db.sdn"), sandbox.path("examples/todo_db.sdn")).unwrap();
    sandbox.write("new.sdn", sandbox.read("todo_db.sdn").replace("492", "493"));
    sandbox.script("report.sh", "echo 'lines: 12'");
    sandbox.script("todos.sh", r#"echo '{"keyword": "TODO"}'; echo '{"keyword": "FIXME", "line": 7}'"#);
    sandbox.script("verdicts.sh", "printf 'id,status\\n2,done\\n4,done\\n'");
    sandbox.script("judge.sh", r#"grep -o '"id": [0-9]\+' | sed 's/.*/{&, "status": "done"}/'"#);
    sandbox.script("collect.sh", "sed -i 's/, 31,/, 32,/' todo_db.sdn");
    sandbox.script("rescan.sh", "echo 'rescanned 6 entries'; sed -i 's/, 77,/, 80,/' todo_db.sdn");
    sandbox.script("broken.sh", "echo '    9, ?, \"half a row' >> todo_db.sdn");
    fs::create_dir(sandbox.path("bin")).unwrap();
    let editor = "for file; do :; done; sed -i 's/level: info/level: debug/' \"$file\"";
    for name in ["vi", "nano"] {
        sandbox.script(&format!("bin/{name}"), editor);
    }
    if !support::has_program("git") {
        sandbox.script("bin/git", "test \"$1\" != rev-parse || pwd");
    }
    if !support::has_program("jj") {
        sandbox.script("bin/jj", "mkdir -p .jj");
    }
    if !support::has_program("man") {
        sandbox.script("bin/man", "test -s \"$1\"");
    }
    sandbox
}

/// Runs a script in the scene, with the stand-ins first in the search path.
fn run(sandbox: &Sandbox, script: &str) -> Run {
    Run::of(&mut sandbox.shell(&format!("set -e; PATH=\"$PWD/bin:$PATH\"; {script}")))
}

#[test]
fn the_examples_of_the_help_run() {
    let mut examples = 0;
    for entry in fs::read_dir(root().join("src/cli/help")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  $ ")).collect();
        assert!(!lines.is_empty(), "{} has no examples", path.display());
        examples += lines.len();
        let mut script = lines.join("\n");
        if script.contains("--against main") {
            script = if support::has_program("git") {
                let author = "-c user.name=n -c user.email=n@example.org";
                format!("git init -q -b main; git add -A; git {author} commit -q -m first\n{script}")
            } else {
                support::not_tested("git");
                script.lines().filter(|line| !line.contains("--against")).collect::<Vec<_>>().join("\n")
            };
        }
        let run = run(&scene(), &script);
        assert_eq!(run.code, 0, "{}: {}{}", path.display(), run.stdout, run.stderr);
        let too_long = text.lines().find(|line| line.chars().count() > 100);
        assert_eq!(too_long, None, "{}", path.display());
    }
    assert!(examples > 20, "only {examples} examples were found");
}

#[test]
fn what_the_readme_shows_is_what_happens() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let sandbox = scene();
    let mut commands = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        // In one shell, so that variables last; each command's output begins behind a mark.
        let mut script = String::new();
        let mut expected = String::new();
        for line in block.lines() {
            match line.strip_prefix("$ ") {
                Some("cargo test") => {}
                Some(command) => {
                    let command = command.replace("cargo run --", "sdnlock");
                    script += &format!("echo '$ ...'\n{command}\n");
                    expected += "$ ...\n";
                    commands += 1;
                }
                None => expected += &format!("{line}\n"),
            }
        }
        if block.contains("sdnlock check") {
            sandbox.write("imported.sdn", "tests |id, name, file|\n    1, \"parse, all\"\n    2, x, \"no end\n");
        }
        // What is tried in a clone is tried by itself.
        let clone = block.contains("cargo run").then(scene);
        let run = run(clone.as_ref().unwrap_or(&sandbox), &format!("exec 2>&1; set +e\n{script}"));
        snapbox::assert_data_eq!(run.stdout, expected.raw());
    }
    assert!(commands >= 9, "only {commands} commands were found");
}

#[test]
fn continuous_integration_runs_the_readmes_test_command() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(readme.lines().any(|line| line == "$ cargo test"));
    assert!(ci.lines().any(|line| line == "cargo test"));
}
