//! The part of jj: a tool in its configuration, that merges and shows by record.

use super::{Change, Part};
use crate::cli::args::SetupOptions;
use crate::cli::failure::Failure;
use crate::cli::program::JJ;
use crate::cli::status;

/// The tool, as `--tool` names it; jj runs the program of this name.
const TOOL: &str = "merge-tools.sdnlock";

/// What is set of it, as TOML.
const SETTINGS: [(&str, &str); 7] = [
    (
        "merge-args",
        // Without the base between the markers, jj would not know what is left of the conflict.
        r#"["merge", "--diff", "none", "--conflict-style", "diff3", "--marker-size", "$marker_length", "--path", "$path", "$base", "$left", "$right", "-o", "$output"]"#,
    ),
    ("merge-conflict-exit-codes", "[1]"),
    ("diff-args", r#"["diff", "--diff", "records", "--versions", "$left", "$right"]"#),
    ("diff-expected-exit-codes", "[0, 1]"),
    ("diff-invocation-mode", r#""file-by-file""#),
    // In the folder of the user, so that the schema is found.
    ("diff-do-chdir", "false"),
    // It edits no differences.
    ("edit-args", "[]"),
];

const ADVICE: &str =
    "`jj resolve --tool sdnlock` merges by record, `jj diff --tool sdnlock` shows what changed by record";

/// Whether there is something to set up.
pub fn is_used(options: &SetupOptions) -> bool {
    if options.global { JJ.is_installed() } else { matches!(root(), Ok(Some(_))) }
}

/// Whether this is a repository of jj, which may not be installed.
pub fn is_repository() -> bool {
    std::env::current_dir().is_ok_and(|here| here.ancestors().any(|folder| folder.join(".jj").exists()))
}

fn root() -> Result<Option<String>, Failure> {
    JJ.query(["--ignore-working-copy", "root"])
}

/// What is to be changed.
pub fn part(options: &SetupOptions) -> Result<Part, Failure> {
    let scope = if options.global { "--user" } else { "--repo" };
    if !options.global && root()?.is_none() {
        let failure = Failure::new(status::NO_INPUT, "this folder belongs to no jj repository");
        return Err(failure.hint("go there first, or set jj up for all of yours with `--global`"));
    }
    let command = |verb: &str, rest: &[&str]| {
        let arguments = ["config", verb, scope].into_iter().chain(rest.iter().copied());
        Change::Command(arguments.map(str::to_owned).collect())
    };
    let known = settings(scope)?;
    let mut changes = Vec::new();
    if options.undo {
        changes.extend(known.iter().map(|(name, _)| command("unset", &[name])));
        if !changes.is_empty() {
            // Jj leaves the header of the section where it stands.
            let paths = JJ.query(["config", "path", scope])?.unwrap_or_default();
            let lines = |path: &str| Change::Lines { path: path.into(), shown: None, edit: without_empty_section };
            changes.extend(paths.lines().map(lines));
        }
    } else {
        for (name, value) in SETTINGS {
            let name = format!("{TOOL}.{name}");
            if !known.iter().any(|(known, is)| *known == name && is == value) {
                changes.push(command("set", &[&name, value]));
            }
        }
    }
    Ok(Part { program: JJ, changes, advice: Some(ADVICE) })
}

/// What the configuration of this scope says of the tool: names and values.
fn settings(scope: &str) -> Result<Vec<(String, String)>, Failure> {
    let template = r#"name ++ " = " ++ stringify(value).replace("\n", " ") ++ "\n""#;
    let arguments = ["config", "list", scope, "--include-overridden", "--color", "never", "-T", template, TOOL];
    let known = JJ.query(arguments)?.unwrap_or_default();
    let setting = |line: &str| line.split_once(" = ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(known.lines().filter_map(setting).collect())
}

/// A configuration without the header of the tool, if nothing is left below it, and without the blank line before it.
fn without_empty_section(old: &[u8]) -> Vec<u8> {
    let header = format!("[{TOOL}]");
    let lines: Vec<&[u8]> = old.split_inclusive(|&byte| byte == b'\n').collect();
    let Some(at) = lines.iter().position(|line| line.trim_ascii() == header.as_bytes()) else { return old.to_vec() };
    let next = lines[at + 1..].iter().map(|line| line.trim_ascii()).find(|line| !line.is_empty());
    if next.is_some_and(|line| !line.starts_with(b"[")) {
        return old.to_vec();
    }
    let before = lines[..at].iter().rposition(|line| !line.trim_ascii().is_empty()).map_or(0, |last| last + 1);
    [&lines[..before], &lines[at + 1..]].concat().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_section_in_which_nothing_is_left_is_removed() {
        let without = |old: &str| String::from_utf8(without_empty_section(old.as_bytes())).unwrap();
        assert_eq!(without("[ui]\na = 1\n\n[merge-tools.sdnlock]\n"), "[ui]\na = 1\n");
        assert_eq!(without("[merge-tools.sdnlock]\n\n[ui]\na = 1\n"), "\n[ui]\na = 1\n");
        let kept = ["[merge-tools.sdnlock]\nprogram = \"x\"\n", "[merge-tools.sdnlock]\n# mine\n", "[ui]\n", ""];
        for kept in kept {
            assert_eq!(without(kept), kept);
        }
    }
}
