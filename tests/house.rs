//! The structure of the code: who may know whom.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the library from the ground up. A room may use itself and what stands before it.
const FLOORS: &[&[&str]] = &[
    &["text"],
    &["sdn"],
    &["record", "limits"],
    &["check"],
    &["address"],
    &["diff", "merge", "tree"],
    &["update", "loss"],
    &["review"],
    &["platform"],
    &["disk", "lock"],
    &["txn", "project"],
    &["error", "policy"],
    &["clock", "opening"],
    &["locked", "status"],
    &["db"],
    &["migrating"],
];

/// The text pillar: pure. No files, no clock, no environment.
const TEXT: &[&str] =
    &["text", "sdn", "record", "diff", "check", "address", "update", "merge", "tree", "limits", "loss", "review"];

/// The disk pillar: has never heard of SDN.
const DISK: &[&str] = &["platform", "disk", "lock", "txn"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The room of a file: its folder or its name below `src`.
fn room(path: &Path) -> String {
    let inside = path.strip_prefix(src()).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file without its tests and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The rooms that a file of the library names with `crate::`.
fn used(code: &str) -> Vec<String> {
    code.split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

#[test]
fn imports_run_downwards_and_never_between_the_pillars() {
    let floor = |room: &str| FLOORS.iter().position(|rooms| rooms.contains(&room));
    let mut arrows = 0;
    for path in sources(&src()).iter().filter(|path| !["cli", "main", "lib"].contains(&&*room(path))) {
        let from = room(path);
        let own = floor(&from).unwrap_or_else(|| panic!("`{from}` has no floor yet: say which"));
        for to in used(&code(path)).into_iter().filter(|to| *to != from) {
            let below = floor(&to).unwrap_or_else(|| panic!("{} uses `{to}`, which has no floor", path.display()));
            assert!(below < own, "{} uses `{to}`, which does not stand below it", path.display());
            let crosses =
                (TEXT.contains(&&*from) && DISK.contains(&&*to)) || (DISK.contains(&&*from) && TEXT.contains(&&*to));
            assert!(!crosses, "{} uses `{to}` of the other pillar", path.display());
            arrows += 1;
        }
    }
    assert!(arrows > 10, "only {arrows} imports were seen");
}

#[test]
fn the_text_pillar_is_pure() {
    for path in sources(&src()).iter().filter(|path| TEXT.contains(&&*room(path))) {
        let code = code(path);
        for impure in ["std::fs", "std::io", "std::env", "SystemTime", "Instant::now", "std::process", "std::thread"] {
            assert!(!code.contains(impure), "{} uses {impure}", path.display());
        }
    }
}

#[test]
fn only_the_command_line_prints() {
    for path in sources(&src()).iter().filter(|path| !["cli", "main"].contains(&&*room(path))) {
        let code = code(path);
        for printing in ["println!", "eprintln!", "print!", "eprint!", "std::process::exit", "dbg!"] {
            assert!(!code.contains(printing), "{} uses {printing}", path.display());
        }
    }
}

#[test]
fn no_command_uses_another_one() {
    let commands = src().join("cli/commands");
    for path in sources(&commands).iter().filter(|path| path.file_name().unwrap() != "mod.rs") {
        let code = code(path);
        assert!(
            !code.contains("super::") && !code.contains("cli::commands"),
            "{} uses another command",
            path.display()
        );
    }
}

#[test]
fn the_definitions_of_the_options_stand_alone() {
    let outer = src().join("cli/args.rs");
    assert!(!code(&outer).contains("super::"));
    let parts = sources(&src().join("cli/args"));
    assert!(parts.len() >= 5, "{parts:?}");
    for path in parts.iter().chain([&outer]) {
        let code = code(path);
        assert!(!code.contains("crate::") && !code.contains("sdnlock::"), "{}", path.display());
    }
}

#[test]
fn completion_only_looks() {
    for path in sources(&src().join("cli/completion")) {
        let code = code(&path);
        for active in ["Locked", "FileLock", "session", "txn", "eprintln!", "std::fs", "disk::replace"] {
            assert!(!code.contains(active), "{} uses {active}", path.display());
        }
    }
}

#[test]
fn there_is_no_unsafe_code() {
    for path in sources(&src()) {
        assert!(!code(&path).contains("unsafe "), "{}", path.display());
    }
}

#[test]
fn no_file_is_too_long_to_be_taken_in() {
    for path in sources(&src()) {
        let lines = code(&path).lines().count();
        assert!(lines <= 400, "{} has {lines} lines of code: look for the second thing in it", path.display());
    }
}
