//! `sdnlock edit`

use std::path::Path;

use anyhow::{Context, Result};
use sdnlock::Locked;
use sdnlock::disk::{self, PrivateCopy, Snapshot};
use sdnlock::sdn;
use sdnlock::update::Stamps;

use crate::cli::args::{EditArgs, LocklessOption};
use crate::cli::change::{self, Change, IfMoved};
use crate::cli::child::End;
use crate::cli::editor;
use crate::cli::failure::{Failure, system};
use crate::cli::report::Report;
use crate::cli::session::{Holding, Session, interrupted};
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &EditArgs, report: Report) -> Result<u8> {
    let session = Session::begin(&args.lock, report)?;
    let change = Change {
        path: &args.file,
        options: &args.change,
        report,
        if_moved: IfMoved::Fail,
        stamps: Some(Stamps::Versions),
    };
    let (base, held) = begin(args, &session)?;
    change.precheck(&base)?;
    let mut draft = Draft::of(&args.file, &base)?;
    let new = loop {
        let new = edit(args, &mut draft, &base, &session)?;
        if new == base.bytes() {
            report.note(format!("{} unchanged", text::path(&args.file)));
            return Ok(status::DONE);
        }
        let Err(failure) = acceptable(args, base.bytes(), &new) else { break new };
        if !editor::can_ask() {
            return Err(draft.keep(failure, &new).into());
        }
        report.failure(&failure);
        let question = "Edit again (e), discard (d), or keep it aside (k)?";
        let shown_already = Failure { excerpts: String::new(), ..failure };
        match editor::ask(question, &['e', 'd', 'k'], session.signals()) {
            Ok('e') => {}
            Ok('d') => {
                report.note(format!("{} unchanged", text::path(&args.file)));
                return Ok(status::NO);
            }
            Ok(_) | Err(None) => return Err(draft.keep(shown_already, &new).into()),
            Err(Some(signal)) => {
                let failure = interrupted(signal, &args.file).unchanged(&args.file);
                return Err(draft.keep(failure, &new).into());
            }
        }
    };
    let compute = |now: Option<&Snapshot>| {
        if now.map(Snapshot::bytes) != Some(base.bytes()) {
            let shown = text::path(&args.file);
            let title = format!("not writing {shown}: it changed while you were editing");
            let state = match now {
                Some(_) => format!("{shown} is as somebody else wrote it"),
                None => format!("{shown} was removed by somebody else"),
            };
            return Err(Failure::new(status::NO, title).state(state).into());
        }
        let sealed = sdn::seal_change(base.bytes(), new.clone(), args.change.reseal());
        Ok(sealed.map_err(|error| Failure::seal(&args.file, error))?)
    };
    let outcome = match held {
        Some(locked) => change.run_locked(&session, locked, compute),
        None => change.run(&session, compute),
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
        let locked = session.hold_all(std::slice::from_ref(&args.file), Holding::Exclusive)?.remove(0);
        locked.lock().keep_alive();
        let base = locked.content().cloned().ok_or_else(|| Failure::no_such_file(&args.file))?;
        return Ok((base, Some(locked)));
    }
    Ok((session.snapshot(&args.file, LocklessOption { no_lock: false })?, None))
}

/// The text as it is when the editor is left.
fn edit(args: &EditArgs, draft: &mut Draft<'_>, base: &Snapshot, session: &Session) -> Result<Vec<u8>> {
    let command = editor::command();
    let shown = text::visible(&command.to_string_lossy());
    let end = editor::open(&command, draft.copy.path(), None).context("could not start a shell for the editor")?;
    // Keyboard interrupts were meant for the editor.
    session.signals().forget_keyboard();
    let text = disk::read(draft.copy.path()).map_err(|error| Failure::reading(draft.copy.path(), &error))?;
    let text = text.map(Snapshot::into_bytes);
    let failure = match (session.signals().take(), editor::ended_by_signal(end), end, &text) {
        (Some(signal), ..) => Some(interrupted(signal, &args.file)),
        (_, Some(signal), ..) => Some(failed(format!("the editor `{shown}` was ended by signal {signal}"))),
        (_, _, End::Code(127), _) => Some(
            failed(format!("the editor `{shown}` was not found"))
                .hint("choose an editor with SDNLOCK_EDITOR, VISUAL or EDITOR"),
        ),
        (_, _, End::Code(0), Some(_)) => None,
        (_, _, End::Code(0), None) => Some(failed(format!("the editor `{shown}` removed the file it was to change"))),
        (_, _, end, _) => Some(failed(format!("the editor `{shown}` failed with exit code {}", end.status()))),
    };
    match (failure, text) {
        (None, Some(text)) => Ok(text),
        (failure, text) => {
            let failure = failure.unwrap_or_else(|| failed(String::new())).unchanged(&args.file);
            let text = text.filter(|text| text != base.bytes());
            Err(match text {
                Some(text) => draft.keep(failure, &text),
                None => draft.keep_folder(failure),
            }
            .into())
        }
    }
}

fn failed(title: String) -> Failure {
    Failure::new(status::IO, title)
}

/// Refuses a text that would empty the database or break it.
fn acceptable(args: &EditArgs, base: &[u8], new: &[u8]) -> Result<(), Failure> {
    if !args.check.applies_to(&args.file) {
        return Ok(());
    }
    let shown = text::path(&args.file);
    if new.trim_ascii().is_empty() && !base.trim_ascii().is_empty() {
        let title = format!("not writing {shown}: it would be emptied");
        return Err(Failure::new(status::INVALID, title).unchanged(&args.file));
    }
    let name = format!("{} (as edited)", args.file.to_string_lossy());
    change::check_new(&args.file, base, &name, new)
}

/// What is edited: a copy with the database's name.
struct Draft<'a> {
    database: &'a Path,
    base: Snapshot,
    copy: PrivateCopy,
}

impl<'a> Draft<'a> {
    fn of(database: &'a Path, base: &Snapshot) -> Result<Self, Failure> {
        let copy = PrivateCopy::new(database, base.bytes()).map_err(|error| {
            let title = format!("could not make a copy of {} to edit", text::path(database));
            Failure::new(status::CANNOT_CREATE, title).cause(system(&error))
        })?;
        Ok(Self { database, base: base.clone(), copy })
    }

    /// Keeps a text that was not written: beside the database, or else where the copy is.
    fn keep(&mut self, failure: Failure, text: &[u8]) -> Failure {
        let failure = match disk::keep_aside(self.database, "edited", text, &self.base) {
            Ok(path) => {
                let (old, new) =
                    (text::argument(self.database.as_ref()), text::argument(text::from_here(&path).as_ref()));
                failure.kept(&path).instead_of_hint(format!("compare with `sdnlock diff {old} {new}`"))
            }
            Err(error) => {
                let kept = self.copy.keep().to_owned();
                failure.kept(&kept).cause(format!("the text could not be kept beside the database: {}", system(&error)))
            }
        };
        self.keep_folder(failure)
    }

    /// Keeps what an editor saved for itself beside the copy, when it was ended before its time.
    fn keep_folder(&mut self, failure: Failure) -> Failure {
        if self.copy.is_alone() {
            return failure;
        }
        self.copy.keep();
        failure.kept(self.copy.folder())
    }
}
