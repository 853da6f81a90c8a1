//! `sdnlock edit`

use std::path::Path;

use anyhow::{Context, Result};
use sdnlock::Locked;
use sdnlock::disk::{self, PrivateCopy, Snapshot};
use sdnlock::sdn;

use crate::cli::args::{EditArgs, LocklessOption};
use crate::cli::change::{self, Change, IfMoved};
use crate::cli::child::End;
use crate::cli::editor;
use crate::cli::failure::{Failure, system};
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &EditArgs, report: Report) -> Result<u8> {
    let session = Session::begin(&args.lock, report);
    let (base, held) = begin(args, &session)?;
    let mut draft = Draft::of(&args.file, &base)?;
    let new = loop {
        let new = edit(args, &mut draft, &base)?;
        if new == base.bytes() {
            report.note(format!("{} unchanged", text::path(&args.file)));
            return Ok(status::DONE);
        }
        let Err(failure) = acceptable(args, base.bytes(), &new) else { break new };
        if !editor::can_ask() {
            return Err(draft.keep(failure, &new).into());
        }
        report.failure(&failure);
        match editor::ask("Edit again (e), discard (d), or keep it aside (k)?", &['e', 'd', 'k']) {
            'e' => {}
            'd' => {
                report.note(format!("{} unchanged", text::path(&args.file)));
                return Ok(status::INVALID);
            }
            _ => return Err(draft.keep(Failure { excerpts: String::new(), ..failure }, &new).into()),
        }
    };
    let outcome = match session.terminated() {
        Some(failure) => Err(failure.unchanged(&args.file).into()),
        // Keyboard interrupts were meant for the editor, so they must not count from here on.
        None => replace(args, report, &Session::begin(&args.lock, report), held, &base, &new),
    };
    outcome.map_err(|error| match error.downcast::<Failure>() {
        // Whatever kept the text from being written, it is not lost.
        Ok(failure) => draft.keep(failure, &new).into(),
        Err(other) => other,
    })
}

/// What the database holds, and the lock on it if it is to be held.
fn begin(args: &EditArgs, session: &Session) -> Result<(Snapshot, Option<Locked>)> {
    if args.hold {
        let locked = session.lock(&args.file)?;
        let base = locked.content().cloned().ok_or_else(|| Failure::no_such_file(&args.file))?;
        return Ok((base, Some(locked)));
    }
    Ok((session.read(&args.file, LocklessOption { no_lock: false })?, None))
}

/// The text as it is when the editor is left.
fn edit(args: &EditArgs, draft: &mut Draft<'_>, base: &Snapshot) -> Result<Vec<u8>> {
    let command = editor::command();
    let shown = text::visible(&command.to_string_lossy());
    let end = editor::open(&command, draft.path()).context("could not start a shell for the editor")?;
    let text = disk::read(draft.path()).map_err(|error| Failure::reading(draft.path(), &error))?;
    let text = text.map(Snapshot::into_bytes);
    let failure = match (end, &text) {
        (End::Code(0), Some(_)) => None,
        (End::Code(0), None) => Some(format!("the editor `{shown}` removed the file it was to change")),
        (End::Code(127), _) => Some(format!("the editor `{shown}` was not found")),
        // The shell that ran it tells a signal like this.
        (End::Code(code @ 129..), _) => Some(format!("the editor `{shown}` was ended by signal {}", code - 128)),
        (End::Code(code), _) => Some(format!("the editor `{shown}` failed with exit code {code}")),
        (End::Signal(signal), _) => Some(format!("the editor `{shown}` was ended by signal {signal}")),
    };
    match (failure, text) {
        (None, Some(text)) => Ok(text),
        (failure, text) => {
            let failure = Failure::new(status::IO, failure.unwrap_or_default()).unchanged(&args.file);
            let failure = failure.hint("choose an editor with SDNLOCK_EDITOR, VISUAL or EDITOR");
            Err(match text {
                Some(text) if text != base.bytes() => draft.keep(failure, &text),
                _ => failure,
            }
            .into())
        }
    }
}

/// Refuses a text that would empty the database or break it.
fn acceptable(args: &EditArgs, base: &[u8], new: &[u8]) -> Result<(), Failure> {
    if !args.check.applies_to(&args.file) {
        return Ok(());
    }
    if new.trim_ascii().is_empty() && !base.trim_ascii().is_empty() {
        let title = format!("not writing {}: it would be emptied", text::path(&args.file));
        let failure = Failure::new(status::INVALID, title).unchanged(&args.file);
        return Err(failure.hint("empty it with `sdnlock write --allow-empty`"));
    }
    change::check_new(&args.file, base, &args.file.to_string_lossy(), new)
}

fn replace(
    args: &EditArgs,
    report: Report,
    session: &Session,
    held: Option<Locked>,
    base: &Snapshot,
    new: &[u8],
) -> Result<u8> {
    let change = Change { path: &args.file, options: &args.change, report, if_moved: IfMoved::Fail };
    let compute = |now: Option<&Snapshot>| {
        if now.map(Snapshot::bytes) != Some(base.bytes()) {
            let title = format!("not writing {}: it changed while you were editing", text::path(&args.file));
            let failure = Failure::new(status::NO, title).unchanged(&args.file);
            return Err(failure.hint("bring both together by hand, then remove the kept text").into());
        }
        let sealed = sdn::seal_change(base.bytes(), new.to_vec(), change::reseal(&args.change));
        Ok(sealed.map_err(|error| Failure::seal(&args.file, error))?)
    };
    match held {
        Some(locked) => change.run_locked(session, locked, compute),
        None => change.run(session, compute),
    }
}

/// What is edited: a copy with the database's name.
struct Draft<'a> {
    database: &'a Path,
    /// Permissions of the database.
    mode: u32,
    copy: Option<PrivateCopy>,
}

impl<'a> Draft<'a> {
    fn of(database: &'a Path, base: &Snapshot) -> Result<Self, Failure> {
        let copy = PrivateCopy::new(database, base.bytes()).map_err(|error| {
            let title = format!("could not make a copy of {} to edit", text::path(database));
            Failure::new(status::CANNOT_CREATE, title).cause(system(&error))
        })?;
        Ok(Self { database, mode: base.stat().mode, copy: Some(copy) })
    }

    fn path(&self) -> &Path {
        self.copy.as_ref().map_or(self.database, PrivateCopy::path)
    }

    /// Keeps a text that was not written: beside the database, or else where the copy is.
    fn keep(&mut self, failure: Failure, text: &[u8]) -> Failure {
        match (disk::keep_aside(self.database, "edited", text, self.mode), self.copy.take()) {
            (Ok(path), _) => failure.kept(&path),
            (Err(error), Some(copy)) => failure
                .kept(&copy.keep())
                .cause(format!("it could not be kept beside the database: {}", system(&error))),
            (Err(error), None) => failure.cause(system(&error)),
        }
    }
}
