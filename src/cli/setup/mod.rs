//! What lets git and jj use sdnlock: it is shown, agreed to, and written or taken away.

pub mod excluded;
pub mod git;
pub mod jj;

use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::Outcome;
use sdnlock::disk::{self, ReplacePolicy, Snapshot};

use super::args::SetupOptions;
use super::editor;
use super::failure::{self, Failure, Label};
use super::program::Program;
use super::report::Report;
use super::session::Session;
use super::status;
use super::text;

/// What is to be changed for one program.
pub struct Part {
    program: Program,
    changes: Vec<Change>,
    /// What is said once that is set up.
    advice: Option<&'static str>,
    /// Whether what was set up counts.
    verify: Option<Verify>,
}

type Verify = fn(&SetupOptions) -> Result<(), Failure>;

enum Change {
    /// The program changes its configuration, with these arguments, and perhaps with another value of a variable.
    Command { variable: Option<(&'static str, PathBuf)>, arguments: Vec<String> },
    /// Lines of a file are changed.
    Lines {
        path: PathBuf,
        /// What is said of it; nothing if it is a part of what the commands before it do.
        shown: Option<String>,
        edit: fn(&[u8]) -> Vec<u8>,
    },
}

/// Shows what is to be changed, and changes it once that is agreed.
pub fn run(parts: &[Part], options: &SetupOptions, report: Report) -> Result<u8> {
    let names = parts.iter().map(|part| part.program.name()).collect::<Vec<_>>().join(" and ");
    let is_one = parts.len() == 1;
    if parts.iter().all(|part| part.changes.is_empty()) {
        let verb = if is_one { "is" } else { "are" };
        report.line(if options.undo {
            format!("nothing of sdnlock is set up in {names}")
        } else {
            format!("{names} {verb} set up already")
        });
        return Ok(status::DONE);
    }
    for part in parts {
        part.changes.iter().filter_map(|change| change.shown(part.program)).for_each(|shown| report.always(shown));
    }
    let session = Session::begin(&options.lock, report)?;
    if !options.yes && !is_agreed(&session) {
        return Err(Failure::new(status::NO, "nothing was written").hint("agree to it with `--yes`").into());
    }
    for part in parts {
        for change in &part.changes {
            match change {
                Change::Command { variable, arguments } => part.program.run(arguments, variable.as_ref())?,
                Change::Lines { path, edit, shown } => match change_lines(path, edit, &session) {
                    Err(error) if shown.is_none() => {
                        report.note(format!("{} is not tidied: {error}", text::path(path)));
                    }
                    changed => changed?,
                },
            }
        }
    }
    if options.undo {
        let verb = if is_one { "merges" } else { "merge" };
        report.line(format!("done: {names} {verb} databases as any text again"));
    } else {
        for verify in parts.iter().filter_map(|part| part.verify) {
            verify(options)?;
        }
        report.line("done");
        parts.iter().filter_map(|part| part.advice).for_each(|advice| report.line(advice));
    }
    Ok(status::DONE)
}

impl Change {
    fn shown(&self, program: Program) -> Option<String> {
        match self {
            Self::Command { variable, arguments } => {
                let variable =
                    variable.as_ref().map(|(name, value)| format!("{name}={}", text::argument(value.as_ref())));
                let arguments = arguments.iter().map(|argument| text::argument(argument.as_ref()));
                let words = variable.into_iter().chain([program.name().to_owned()]).chain(arguments);
                Some(words.collect::<Vec<_>>().join(" "))
            }
            Self::Lines { shown, .. } => shown.clone(),
        }
    }
}

fn is_agreed(session: &Session) -> bool {
    editor::can_ask() && editor::ask("write this? [y/n]", &['y', 'n'], session.signals()) == Ok('y')
}

/// What stands in a file; nothing if there is none.
fn content(path: &Path) -> Result<Vec<u8>, Failure> {
    let content = disk::read(path).map_err(|error| Failure::reading(path, &error))?;
    Ok(content.map(Snapshot::into_bytes).unwrap_or_default())
}

/// Changes lines of a file; one in which none is left is removed.
fn change_lines(path: &Path, edit: &dyn Fn(&[u8]) -> Vec<u8>, session: &Session) -> Result<()> {
    let old = content(path)?;
    let new = edit(&old);
    if new == old {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    if let Some(folder) = folder {
        make_folder(folder)?;
    }
    let mut locked = session.lock(path)?;
    let written = session.update(&mut locked, ReplacePolicy::default(), |locked| {
        Ok(edit(locked.content().map(Snapshot::bytes).unwrap_or_default()))
    });
    let _: Outcome = written.map_err(|error| match error.downcast::<Failure>() {
        // These commands have none of the options that would help.
        Ok(mut failure) => {
            failure.labels.retain(|(label, _)| *label != Label::Hint);
            failure.into()
        }
        Err(other) => other,
    })?;
    if locked.content().is_some_and(|content| content.bytes().is_empty()) {
        let _: Outcome = locked.remove().map_err(|error| Failure::library(&error))?;
    }
    session.release(locked);
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a folder is no database")]
fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let title = format!("could not make the folder {}", text::path(folder));
        Failure::new(status::CANNOT_CREATE, title).cause(failure::system(&error))
    })
}

fn is_one_of<S: AsRef<str>>(line: &[u8], lines: &[S]) -> bool {
    lines.iter().any(|ours| line.trim_ascii() == ours.as_ref().as_bytes())
}

/// A text with these lines in it.
fn with_lines<S: AsRef<str>>(old: &[u8], lines: &[S]) -> Vec<u8> {
    let mut new = old.to_vec();
    for ours in lines.iter().map(AsRef::as_ref) {
        if !old.split(|&byte| byte == b'\n').any(|line| is_one_of(line, &[ours])) {
            if !new.is_empty() && !new.ends_with(b"\n") {
                new.push(b'\n');
            }
            new.extend(format!("{ours}\n").bytes());
        }
    }
    new
}

/// A text with none of these lines in it.
fn without_lines(old: &[u8], lines: &[&str]) -> Vec<u8> {
    old.split_inclusive(|&byte| byte == b'\n').filter(|line| !is_one_of(line, lines)).collect::<Vec<_>>().concat()
}
