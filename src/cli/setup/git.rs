//! The part of git: its configuration, and the attributes.

use std::path::PathBuf;

use super::excluded::EXCLUDED;
use super::{Change, Part, content, with_lines, without_lines};
use crate::cli::args::SetupOptions;
use crate::cli::failure::Failure;
use crate::cli::git;
use crate::cli::program::GIT;
use crate::cli::status;
use crate::cli::text;

/// What is set in the configuration of git. The driver comes first: a section without one would be an error.
const SETTINGS: [(&str, &str); 4] = [
    (
        "merge.sdnlock.driver",
        // Where sdnlock is missing, git is to stop instead of taking our side for the result. A git before 2.42 takes
        // this for a conflict, and what is in %A for the result: both sides, as git itself would mark them.
        "command -v sdnlock >/dev/null || { git merge-file -q --marker-size=%L %A %O %B; exit 129; }; \
         sdnlock merge --git -L %X -L %S -L %Y -- %O %A %B %L %P",
    ),
    ("merge.sdnlock.name", "merge SDN databases by record"),
    (
        "diff.sdnlock.xfuncname",
        r"^[[:space:]]*([A-Za-z_][A-Za-z0-9_/.#-]*[[:space:]]*[|].*[|]|[A-Za-z_][A-Za-z0-9_/.#-]*:[[:space:]]*)$",
    ),
    ("diff.sdnlock.wordRegex", r#""([^"\\]|\\.)*"|[^,|[:space:]]+"#),
];

const SECTIONS: [&str; 2] = ["merge.sdnlock", "diff.sdnlock"];

/// The line of the attributes.
const ATTRIBUTES: &[&str] = &["*.sdn merge=sdnlock diff=sdnlock"];

/// Whether there is something to set up.
pub fn is_used(options: &SetupOptions) -> bool {
    if options.global { GIT.is_installed() } else { git::top_of_repository().is_ok() }
}

/// What becomes of the content of a file.
type Edit = fn(&[u8]) -> Vec<u8>;

/// What is to be changed.
pub fn part(options: &SetupOptions) -> Result<Part, Failure> {
    let scope = if options.global { "--global" } else { "--local" };
    let mut changes = Vec::new();
    let command = |arguments: &[&str]| Change::Command {
        variable: None,
        arguments: arguments.iter().map(ToString::to_string).collect(),
    };
    // The files come first: they may not be writable, and say nothing by themselves.
    let with: [Edit; 2] = [|old| with_lines(old, ATTRIBUTES), |old| with_lines(old, EXCLUDED)];
    let without: [Edit; 2] = [|old| without_lines(old, ATTRIBUTES), |old| without_lines(old, EXCLUDED)];
    let (edits, verb) = if options.undo { (without, "remove from") } else { (with, "add to") };
    let files = [(attributes_path(options.global)?, ATTRIBUTES), (excluded_path(options.global)?, EXCLUDED)];
    for ((path, lines), edit) in files.into_iter().zip(edits) {
        let old = content(&path)?;
        if edit(&old) != old {
            let shown = Some(format!("{verb} {}: {}", text::path(text::from_here(&path)), lines.join(" ")));
            changes.push(Change::Lines { path, shown, edit });
        }
    }
    if options.undo {
        for section in SECTIONS {
            let pattern = format!("^{}[.]", section.replace('.', "[.]"));
            if GIT.query(["config", scope, "--get-regexp", &pattern])?.is_some() {
                changes.push(command(&["config", scope, "--remove-section", section]));
            }
        }
    } else {
        for (name, value) in SETTINGS {
            if GIT.query(["config", scope, "--get", name])?.as_deref() != Some(value) {
                changes.push(command(&["config", scope, name, value]));
            }
        }
    }
    Ok(Part { program: GIT, changes, advice: None, verify: None })
}

/// The file that holds the attributes.
fn attributes_path(global: bool) -> Result<PathBuf, Failure> {
    if !global {
        return Ok(git::top_of_repository()?.join(".gitattributes"));
    }
    of_user("core.attributesFile", "git/attributes")
}

/// The file that holds what is not looked at, and is no part of the repository itself.
fn excluded_path(global: bool) -> Result<PathBuf, Failure> {
    if global {
        return of_user("core.excludesFile", "git/ignore");
    }
    let path = GIT.query(["rev-parse", "--path-format=absolute", "--git-path", "info/exclude"])?;
    path.map(PathBuf::from).ok_or_else(|| Failure::new(status::NO_INPUT, "git does not say where `info/exclude` is"))
}

/// A file of the user, as git is told, or where it looks by itself.
fn of_user(setting: &str, usual: &str) -> Result<PathBuf, Failure> {
    if let Some(path) = GIT.query(["config", "--global", "--type=path", "--get", setting])? {
        return Ok(path.into());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    let folder = folder.ok_or_else(|| Failure::new(status::USAGE, "HOME is not set"))?;
    Ok(folder.join(usual))
}
