//! The part of jj: a tool in its configuration, that merges and shows by record.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Change, Part};
use crate::cli::args::SetupOptions;
use crate::cli::failure::Failure;
use crate::cli::program::JJ;
use crate::cli::status;
use crate::cli::text;

/// The tool, as `--tool` names it; jj runs the program of this name.
const TOOL: &str = "merge-tools.sdnlock";

/// What is set of it, as TOML.
const SETTINGS: [(&str, &str); 7] = [
    (
        "merge-args",
        r#"["merge", "--jj", "--diff", "none", "--marker-size", "$marker_length", "--path=$path", "$base", "$left", "$right", "-o", "$output"]"#,
    ),
    ("merge-conflict-exit-codes", "[1]"),
    ("diff-args", r#"["diff", "--jj", "--diff", "records", "$left", "$right"]"#),
    ("diff-expected-exit-codes", "[0, 1]"),
    ("diff-invocation-mode", r#""file-by-file""#),
    // In the folder of the user, so that the schema is found.
    ("diff-do-chdir", "false"),
    // It edits no differences.
    ("edit-args", "[]"),
];

const ADVICE: &str =
    "`jj resolve --tool sdnlock` merges by record, `jj diff --tool sdnlock` shows what changed by record";

/// The variable that names the file of the user's configuration, if that is another one.
const CONFIG: &str = "JJ_CONFIG";

/// Whether there is something to set up.
pub fn is_used(options: &SetupOptions) -> bool {
    (options.global || is_repository()) && JJ.is_installed()
}

/// Whether this is a repository of jj, which may not be installed.
pub fn is_repository() -> bool {
    std::env::current_dir().is_ok_and(|here| here.ancestors().any(|folder| folder.join(".jj").exists()))
}

/// What is to be changed.
pub fn part(options: &SetupOptions) -> Result<Part, Failure> {
    if !options.global {
        check_repository()?;
    }
    let scope = if options.global { "--user" } else { "--repo" };
    let known = settings(scope)?;
    let mut changes = Vec::new();
    if options.undo {
        let is_ours = |entry: &&Entry| SETTINGS.iter().any(|(name, _)| entry.name == format!("{TOOL}.{name}"));
        let files = JJ.query(["config", "path", scope])?.unwrap_or_default();
        let is_only = |path: &Path| files.lines().map(Path::new).eq([path]);
        let mut paths = BTreeSet::new();
        for Entry { name, path, .. } in known.iter().filter(is_ours) {
            // Of several files jj takes one that it was not told.
            let variable = (options.global && !is_only(path)).then(|| (CONFIG, path.clone()));
            let arguments = ["config", "unset", scope, name].map(str::to_owned).to_vec();
            changes.push(Change::Command { variable, arguments });
            paths.insert(path.clone());
        }
        // Jj leaves the header of the section where it stands.
        let lines = |path: PathBuf| Change::Lines { path, shown: None, edit: without_empty_section };
        changes.extend(paths.into_iter().filter(|path| path.is_file()).map(lines));
    } else {
        for (name, value) in SETTINGS {
            let name = format!("{TOOL}.{name}");
            if known.iter().rev().find(|entry| entry.name == name).is_none_or(|entry| entry.value != value) {
                let arguments = ["config", "set", scope, &name, value].map(str::to_owned).to_vec();
                changes.push(Change::Command { variable: None, arguments });
            }
        }
    }
    Ok(Part { program: JJ, changes, advice: Some(ADVICE), verify: Some(verify) })
}

fn check_repository() -> Result<(), Failure> {
    if JJ.is_installed() && !is_repository() {
        let failure = Failure::new(status::NO_INPUT, "this folder belongs to no jj repository");
        return Err(failure.hint("go there first, or set jj up for all of yours with `--global`"));
    }
    JJ.run(["--ignore-working-copy", "root"], None)
}

/// Whether what was written counts: another file may say something else.
fn verify(options: &SetupOptions) -> Result<(), Failure> {
    let scope = if options.global { "--user" } else { "--repo" };
    let known = settings(scope)?;
    for (name, value) in SETTINGS {
        let name = format!("{TOOL}.{name}");
        if let Some(entry) = known.iter().rev().find(|entry| entry.name == name && entry.value != value) {
            let title = format!("jj takes `{name}` from {}", text::path(&entry.path));
            return Err(Failure::new(status::INVALID, title).hint("remove it there, and run this again"));
        }
    }
    Ok(())
}

/// What a configuration says.
struct Entry {
    name: String,
    path: PathBuf,
    value: String,
}

/// What the configuration of this scope says of the tool; of several entries with one name the last one counts.
fn settings(scope: &str) -> Result<Vec<Entry>, Failure> {
    let template = r#"name ++ "\t" ++ path ++ "\t" ++ stringify(value).replace("\n", " ") ++ "\n""#;
    let arguments = ["config", "list", scope, "--include-overridden", "--color", "never", "-T", template, TOOL];
    let known = JJ.query(arguments)?.unwrap_or_default();
    let entry = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let (name, path, value) = (parts.next()?.to_owned(), parts.next()?.into(), parts.next()?.to_owned());
        Some(Entry { name, path, value })
    };
    Ok(known.lines().filter_map(entry).collect())
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
