//! `sdnlock git-setup`

use std::path::PathBuf;

use anyhow::Result;
use sdnlock::Outcome;
use sdnlock::disk::{self, ReplacePolicy, Snapshot};

use crate::cli::args::GitSetupArgs;
use crate::cli::editor;
use crate::cli::failure::Failure;
use crate::cli::git;
use crate::cli::report::Report;
use crate::cli::session::Session;
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
    // Markers in a base that git makes up itself would be taken for content.
    (
        "diff.sdnlock.xfuncname",
        r"^[[:space:]]*([A-Za-z_][A-Za-z0-9_/.#-]*[[:space:]]*[|].*[|]|[A-Za-z_][A-Za-z0-9_/.#-]*:[[:space:]]*)$",
    ),
    ("diff.sdnlock.wordRegex", r#""([^"\\]|\\.)*"|[^,|[:space:]]+"#),
];

const SECTIONS: [&str; 2] = ["merge.sdnlock", "diff.sdnlock"];

/// The line of the attributes.
const ATTRIBUTES: &str = "*.sdn merge=sdnlock diff=sdnlock";

pub fn run(args: &GitSetupArgs, report: Report) -> Result<u8> {
    let scope = if args.global { "--global" } else { "--local" };
    let path = attributes_path(args.global)?;
    let old = disk::read(&path).map_err(|error| Failure::reading(&path, &error))?;
    let old = old.map(Snapshot::into_bytes).unwrap_or_default();
    let new = attributes(&old, args.undo);
    let settings = settings(scope, args.undo)?;
    if settings.is_empty() && new == old {
        report.line(if args.undo { "nothing of sdnlock is set up in git" } else { "git is set up already" });
        return Ok(status::DONE);
    }
    for setting in &settings {
        report.always(format!("git config {scope} {}", setting.shown()));
    }
    if new != old {
        let verb = if args.undo { "remove from" } else { "add to" };
        report.always(format!("{verb} {}: {ATTRIBUTES}", text::path(text::from_here(&path))));
    }
    let session = Session::begin(&args.lock, report)?;
    if !args.yes && !is_agreed(&session) {
        return Err(Failure::new(status::NO, "nothing was written").hint("agree to it with `--yes`").into());
    }
    for setting in &settings {
        git::tell(setting.arguments(scope))?;
    }
    if new.is_empty() && !old.is_empty() {
        disk::remove(&path).map_err(|error| Failure::reading(&path, &error))?;
    } else if new != old {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        if let Some(folder) = folder {
            make_folder(folder)?;
        }
        let mut locked = session.lock(&path)?;
        let _: Outcome = session.update(&mut locked, ReplacePolicy::default(), |locked| {
            Ok(attributes(locked.content().map(Snapshot::bytes).unwrap_or_default(), args.undo))
        })?;
        session.release(locked);
    }
    report.line(if args.undo { "done: git merges databases as any text again" } else { "done" });
    Ok(status::DONE)
}

fn is_agreed(session: &Session) -> bool {
    editor::can_ask() && editor::ask("write this? [y/n]", &['y', 'n'], session.signals()) == Ok('y')
}

#[expect(clippy::disallowed_methods, reason = "a folder is no database")]
fn make_folder(folder: &std::path::Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let title = format!("could not make the folder {}", text::path(folder));
        Failure::new(status::CANNOT_CREATE, title).cause(crate::cli::failure::system(&error))
    })
}

/// The file that holds the attributes.
fn attributes_path(global: bool) -> Result<PathBuf, Failure> {
    if !global {
        return Ok(git::top_of_repository()?.join(".gitattributes"));
    }
    if let Some(path) = git::ask(["config", "--global", "--type=path", "--get", "core.attributesFile"])? {
        return Ok(path.into());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    let folder = folder.ok_or_else(|| Failure::new(status::USAGE, "HOME is not set"))?;
    Ok(folder.join("git/attributes"))
}

/// The attributes with the line for databases, or without it.
fn attributes(old: &[u8], undo: bool) -> Vec<u8> {
    let is_ours = |line: &[u8]| line.trim_ascii() == ATTRIBUTES.as_bytes();
    let lines = || old.split_inclusive(|&b| b == b'\n');
    if undo {
        return lines().filter(|line| !is_ours(line)).collect::<Vec<_>>().concat();
    }
    if lines().any(is_ours) {
        return old.to_vec();
    }
    let mut new = old.to_vec();
    if !new.is_empty() && !new.ends_with(b"\n") {
        new.push(b'\n');
    }
    new.extend(format!("{ATTRIBUTES}\n").bytes());
    new
}

/// A change of the configuration.
enum Setting {
    Set(&'static str, &'static str),
    Remove(&'static str),
}

impl Setting {
    fn arguments(&self, scope: &'static str) -> Vec<&'static str> {
        match *self {
            Self::Set(name, value) => vec!["config", scope, name, value],
            Self::Remove(section) => vec!["config", scope, "--remove-section", section],
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Set(name, value) => format!("{name} {}", text::argument(value.as_ref())),
            Self::Remove(section) => format!("--remove-section {section}"),
        }
    }
}

/// What is to be changed in the configuration.
fn settings(scope: &str, undo: bool) -> Result<Vec<Setting>, Failure> {
    let mut changes = Vec::new();
    if undo {
        for section in SECTIONS {
            let pattern = format!("^{}[.]", section.replace('.', "[.]"));
            if git::ask(["config", scope, "--get-regexp", &pattern])?.is_some() {
                changes.push(Setting::Remove(section));
            }
        }
        return Ok(changes);
    }
    for (name, value) in SETTINGS {
        if git::ask(["config", scope, "--get", name])?.as_deref() != Some(value) {
            changes.push(Setting::Set(name, value));
        }
    }
    Ok(changes)
}
