//! `sdnlock exec`

use std::io;

use anyhow::Result;
use sdnlock::check;
use sdnlock::disk::{self, ReplacePolicy, Snapshot};
use sdnlock::sdn::Document;
use sdnlock::{Locked, Outcome};

use crate::cli::args::ExecArgs;
use crate::cli::change::{is_durable, is_sdn};
use crate::cli::child::{self, End};
use crate::cli::differences;
use crate::cli::failure::{Failure, Label, system};
use crate::cli::findings::Shown;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &ExecArgs, report: Report) -> Result<u8> {
    let session = Session::begin(&args.lock, report);
    let mut databases = session.lock_all(&args.files)?;
    for locked in &databases {
        session.check_signals(locked.given_path())?;
    }
    let end = child::run(&args.command).map_err(|error| not_started(args, &error))?;
    let mut worst = status::DONE;
    for locked in &mut databases {
        if let Err(error) = settle(locked, args, end, report) {
            worst = worst.max(report.error(&error));
        }
    }
    Ok(if end.is_success() { worst } else { end.status() })
}

fn not_started(args: &ExecArgs, error: &io::Error) -> Failure {
    let status = match error.kind() {
        io::ErrorKind::NotFound => status::NOT_FOUND,
        _ => status::NOT_EXECUTABLE,
    };
    let command = text::visible(&args.command[0].to_string_lossy());
    let title = match error.kind() {
        io::ErrorKind::NotFound => format!("command not found: `{command}`"),
        _ => format!("could not run `{command}`"),
    };
    Failure::new(status, title).cause(system(error))
}

/// Looks at what the command left of one database: shows what changed, and undoes what broke it.
fn settle(locked: &mut Locked, args: &ExecArgs, end: End, report: Report) -> Result<()> {
    let old = locked.content().cloned();
    let broken_lock = !locked.lock().is_intact().map_err(|error| Failure::library(&error.into()))?;
    locked.reload().map_err(|error| Failure::library(&error))?;
    let (before, after) = (old.as_ref().map(Snapshot::bytes), locked.content().map(Snapshot::bytes));
    if broken_lock {
        let shown = text::path(locked.given_path());
        let title = format!("another program broke the lock of {shown} while the command ran");
        let state = format!("{shown} is as it was left; nothing was undone");
        return Err(Failure::new(status::IO, title).state(state).into());
    }
    if before == after {
        return Ok(());
    }
    let name = locked.given_path().to_string_lossy().into_owned();
    match before.and_then(|before| damage(locked, before, args, end)) {
        None => {
            let old_name = if before.is_some() { &name } else { differences::NO_FILE };
            let new_name = if after.is_some() { &name } else { differences::NO_FILE };
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            report.lines(&differences::render(old_name, before, new_name, after, args.diff.diff));
            if is_durable(args.durability, false) {
                disk::sync(locked.path()).map_err(|error| not_synced(&name, &error))?;
            }
            Ok(())
        }
        Some(failure) => Err(restore(locked, old.as_ref(), failure)?.into()),
    }
}

/// Why what the command left may not stay. `before` is what the database held.
fn damage(locked: &Locked, before: &[u8], args: &ExecArgs, end: End) -> Option<Failure> {
    if args.no_check {
        return None;
    }
    let shown = text::path(locked.given_path());
    let after = match locked.content() {
        // A command that failed half-way often has emptied or removed the file before.
        None if !end.is_success() => {
            let title = format!("not leaving {shown} removed: the command failed");
            return Some(Failure::new(status::INVALID, title));
        }
        None => return None,
        Some(content) => content.bytes(),
    };
    if after.trim_ascii().is_empty() && !before.trim_ascii().is_empty() && !end.is_success() {
        let title = format!("not leaving {shown} empty: the command failed");
        return Some(Failure::new(status::INVALID, title));
    }
    if !is_sdn(locked.given_path()) || !check::is_valid(&Document::parse(before)) {
        return None;
    }
    let findings = check::new_errors(&Document::parse(before), &Document::parse(after));
    if findings.is_empty() {
        return None;
    }
    let title = format!("not keeping what the command wrote to {shown}: it is not valid SDN any more");
    let excerpts = Shown { name: &locked.given_path().to_string_lossy(), source: after }.excerpts(&findings);
    Some(Failure::new(status::INVALID, title).excerpts(excerpts))
}

/// Brings the old content back, and keeps the broken one beside the database.
fn restore(locked: &mut Locked, old: Option<&Snapshot>, failure: Failure) -> Result<Failure> {
    let shown = text::path(locked.given_path());
    let Some(old) = old else { return Ok(failure) };
    let kept = match locked.content() {
        Some(broken) if !broken.bytes().is_empty() => {
            Some(disk::keep_aside(locked.given_path(), "rejected", broken.bytes(), old.stat().mode))
        }
        _ => None,
    };
    // The command may have protected the file or linked it elsewhere; the old content comes back anyway.
    let policy = ReplacePolicy { break_hard_links: true, override_read_only: true, ..ReplacePolicy::default() };
    let outcome = locked.replace(old.bytes(), policy).map_err(|error| Failure::library(&error))?;
    let failure = match outcome {
        Outcome::Written(_) | Outcome::Unchanged => failure.state(format!("{shown} is as it was before the command")),
        Outcome::Moved => failure.state(format!("{shown} is as a program left it that ignores the lock")),
    };
    Ok(match kept {
        None => failure,
        Some(Ok(path)) => failure.kept(&path),
        Some(Err(error)) => failure.with(Label::Cause, format!("what it wrote could not be kept: {}", system(&error))),
    })
}

fn not_synced(name: &str, error: &io::Error) -> Failure {
    Failure::new(status::IO, format!("could not sync `{name}`"))
        .state("written, but perhaps not on disk yet")
        .cause(system(error))
}
