//! `sdnlock edit`
//!
//! ```text
//! copy ──► editor ──► the text without remarks
//!   ▲                   │ unchanged ............ done
//!   │ with remarks ◄──── not valid
//!   │                   ▼ lock, look
//!   │ both versions ◄── in conflict with what others have written meanwhile
//!                       ▼ written
//! ```
//! Nobody is kept waiting while the editor is open, unless that is asked for. What was typed is on disk at every
//! moment: in the copy, or beside the database.

use std::io;
use std::path::Path;

use anyhow::Result;
use sdnlock::Locked;
use sdnlock::check::{self, Schema};
use sdnlock::disk::{self, PrivateCopy, Snapshot};
use sdnlock::merge::{Merged, Options};
use sdnlock::sdn::{self, Document};
use sdnlock::update::Stamps;

use crate::cli::args::{EditArgs, LocklessOption};
use crate::cli::change::{self, Change, Guard};
use crate::cli::child::End;
use crate::cli::editor;
use crate::cli::failure::{Failure, Label, PROCESS_LIMIT, system};
use crate::cli::losses::{Allowed, LargeLoss};
use crate::cli::marks;
use crate::cli::merging::{self, Moved};
use crate::cli::report::Report;
use crate::cli::session::{Holding, Session, interrupted};
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &EditArgs, report: Report) -> Result<u8> {
    let session = Session::begin(&args.lock, report)?;
    let is_database = args.check.is_database(&args.file);
    let change =
        Change::new(&args.file, &args.change, report).once().stamping(Stamps::Versions).with_schema_if(is_database);
    let guard = Guard { allowed: Allowed::by(&args.loss, LargeLoss::Allowed)?, refuse: refusal };
    let change = if args.check.no_check { change } else { change.guarded(guard) };
    let (mut base, mut held) = begin(args, &session)?;
    change.precheck(&base)?;
    for left in PrivateCopy::abandoned(&args.file, base.bytes()) {
        let (shown, left) = (text::path(&args.file), text::path(&left));
        report.note(format!("a text of {shown} that was never written is in {left}"));
    }
    let mut draft = Draft::of(&args.file, &base)?;
    loop {
        let new = edit(args, &mut draft, &session)?;
        if new == base.bytes() {
            report.note(format!("{} unchanged", text::path(&args.file)));
            return Ok(status::DONE);
        }
        let refusal = match acceptable(args, base.bytes(), &new) {
            _ if draft.is_unresolved(&new) => {
                let title = format!("not writing {}: a conflict still stands in the text", text::path(&args.file));
                let failure = Failure::new(status::NO, title).unchanged(&args.file);
                Refusal { failure, now: None, text: (new.clone(), None) }
            }
            Err(failure) => Refusal { failure, now: None, text: marked(base.bytes(), &new) },
            Ok(()) => match write(args, &change, &session, &base, &new, held.take(), report) {
                Ok(status) => return Ok(status),
                Err(error) => match error.downcast::<Refusal>() {
                    Ok(refusal) => refusal,
                    // Whatever kept the text from being written, it is not lost.
                    Err(error) => return Err(draft.kept(error, &new)),
                },
            },
        };
        if !editor::can_ask() {
            return Err(draft.keep(refusal.failure, &new).into());
        }
        report.failure(&refusal.failure);
        let question = "Edit again (e), discard (d), or keep it aside (k)?";
        match editor::ask(question, &['e', 'd', 'k'], session.signals()) {
            Ok('e') => {
                base = refusal.now.unwrap_or(base);
                draft.offer(refusal.text)?;
            }
            Ok('d') => {
                report.note(format!("{} unchanged", text::path(&args.file)));
                return Ok(status::NO);
            }
            Ok(_) | Err(None) => {
                let mut told = Failure { excerpts: String::new(), ..refusal.failure };
                told.labels.retain(|(label, _)| *label != Label::Cause);
                return Err(draft.keep(told, &new).into());
            }
            Err(Some(signal)) => {
                let failure = interrupted(signal, &args.file).unchanged(&args.file);
                return Err(draft.keep(failure, &new).into());
            }
        }
    }
}

/// A text that was not written, and what is put before the user to go on from.
#[derive(Debug)]
struct Refusal {
    failure: Failure,
    /// What the database holds, if that is not what was edited.
    now: Option<Snapshot>,
    /// The text with what is wrong marked in it, and the first such line.
    text: (Vec<u8>, Option<usize>),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.failure.fmt(f)
    }
}

impl std::error::Error for Refusal {}

/// A text that loses more than is allowed is edited again, or not written.
fn refusal(failure: Failure, _: &Path, new: &[u8], _: &Snapshot) -> anyhow::Error {
    Refusal { failure, now: None, text: (new.to_vec(), None) }.into()
}

/// Writes the text, merged with what others have written meanwhile.
fn write(
    args: &EditArgs,
    change: &Change<'_>,
    session: &Session,
    base: &Snapshot,
    new: &[u8],
    held: Option<Locked>,
    report: Report,
) -> Result<u8> {
    let shown = text::path(&args.file);
    let mut together = false;
    let compute = |now: Option<&Snapshot>, schema: &Schema| {
        let Some(now) = now else {
            let title = format!("not writing {shown}: it was removed while you were editing");
            return Err(Failure::new(status::NO, title).state(format!("{shown} is gone")).into());
        };
        let mut content = new.to_vec();
        if now.bytes() != base.bytes() {
            let merged = merged(args, base.bytes(), new, now, schema)?;
            content = merged.content;
            together = content != now.bytes();
        }
        let sealed = sdn::seal_change(now.bytes(), content, args.change.reseal());
        Ok(sealed.map_err(|error| Failure::seal(&args.file, error))?)
    };
    let status = match held {
        Some(locked) => change.run_locked(session, locked, compute)?,
        None => change.run(session, compute)?,
    };
    if together {
        report.note(format!("{shown} was changed by others while you were editing; it holds both changes now"));
    }
    Ok(status)
}

/// The text and what others have written, in one.
fn merged(args: &EditArgs, base: &[u8], new: &[u8], now: &Snapshot, schema: &Schema) -> Result<Merged> {
    let options = Options { reseal: args.change.reseal(), ..Options::default() };
    let (label, stamps) = ("as you edited it", !args.change.no_stamp);
    let moved = Moved { path: &args.file, base, changed: new, label, options, stamps };
    let merged = moved.onto(now.bytes(), schema)?;
    if merged.is_clean() {
        return Ok(merged);
    }
    let shown = text::path(&args.file);
    let failure = merging::conflict(&args.file, "somebody else changed the same while you were editing", &merged)
        .state(format!("{shown} is as somebody else wrote it"));
    let first = merged.conflicts.first().map(|conflict| conflict.line);
    Err(Refusal { failure, now: Some(now.clone()), text: (merged.content, first) }.into())
}

/// The text with a remark above each line that is wrong.
fn marked(base: &[u8], new: &[u8]) -> (Vec<u8>, Option<usize>) {
    marks::mark(new, &check::new_errors(&Document::parse(base), &Document::parse(new)))
}

/// What the database holds, and the lock on it if it is to be held.
fn begin(args: &EditArgs, session: &Session) -> Result<(Snapshot, Option<Locked>)> {
    if args.hold {
        let locked = session.hold_all(std::slice::from_ref(&args.file), Holding::Exclusive)?.remove(0);
        locked.lock().keep_alive();
        let base = locked.content().cloned().ok_or_else(|| Failure::no_such_file(&args.file))?;
        if args.check.is_database(&args.file) {
            locked.schema().map_err(|error| Failure::library(&error).unchanged(&args.file))?;
        }
        return Ok((base, Some(locked)));
    }
    let lockless = LocklessOption { no_lock: false };
    if args.check.is_database(&args.file) {
        // What could not be written in the end is not edited either.
        return Ok((session.snapshot_with_schema(&args.file, lockless)?.0, None));
    }
    Ok((session.snapshot(&args.file, lockless)?, None))
}

/// The text as it is when the editor is left, without remarks.
fn edit(args: &EditArgs, draft: &mut Draft<'_>, session: &Session) -> Result<Vec<u8>> {
    let command = editor::command();
    let shown = text::visible(&command.to_string_lossy());
    let opened = editor::open(&command, draft.copy.path(), draft.at);
    let editor::Left { end, in_background } = opened.map_err(|error| {
        let title = match error.kind() {
            io::ErrorKind::WouldBlock => format!("could not start the editor `{shown}`: {PROCESS_LIMIT}"),
            _ => format!("could not start a shell for the editor `{shown}`"),
        };
        failed(title).unchanged(&args.file).cause(system(&error))
    })?;
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
        (_, _, End::Code(0), Some(text)) if in_background && *text == draft.given() => {
            draft.copy.keep();
            let failure = failed(format!("the editor `{shown}` went on in the background"));
            let failure = failure.hint("choose an editor that waits, as `gvim -f` or `code --wait`");
            return Err(failure.unchanged(&args.file).kept(draft.copy.path()).into());
        }
        (_, _, End::Code(0), Some(_)) => None,
        (_, _, End::Code(0), None) => Some(failed(format!("the editor `{shown}` removed the file it was to change"))),
        (_, _, end, _) => Some(failed(format!("the editor `{shown}` failed with exit code {}", end.status()))),
    };
    match (failure, text) {
        (None, Some(text)) => Ok(draft.without_remarks(text)),
        (failure, text) => {
            let failure = failure.unwrap_or_else(|| failed(String::new())).unchanged(&args.file);
            // What was put there again holds what was typed before.
            let text = text.or_else(|| draft.offered.clone()).map(|text| draft.without_remarks(text));
            let text = text.filter(|text| text != draft.base.bytes());
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
    change::check_new(&args.file, base, &name, new, Some(change::NO_CHECK))
}

/// What is edited: a copy with the database's name.
struct Draft<'a> {
    database: &'a Path,
    base: Snapshot,
    copy: PrivateCopy,
    /// What was put there after it was edited for the first time.
    offered: Option<Vec<u8>>,
    /// The line to begin at.
    at: Option<usize>,
}

impl<'a> Draft<'a> {
    fn of(database: &'a Path, base: &Snapshot) -> Result<Self, Failure> {
        let copy = PrivateCopy::new(database, base.bytes()).map_err(|error| {
            let title = format!("could not make a copy of {} to edit", text::path(database));
            let failure = Failure::new(status::CANNOT_CREATE, title).cause(system(&error));
            let folder = std::env::temp_dir();
            if folder.is_dir() {
                return failure;
            }
            failure.hint(format!("there is no folder {}, where TMPDIR says that copies go", text::path(&folder)))
        })?;
        Ok(Self { database, base: base.clone(), copy, offered: None, at: None })
    }

    /// The text without the remarks that were put into it, if there were any.
    fn without_remarks(&self, text: Vec<u8>) -> Vec<u8> {
        if self.offered.is_some() { marks::unmark(&text) } else { text }
    }

    /// Whether a conflict that was put before the user still stands in the text.
    fn is_unresolved(&self, text: &[u8]) -> bool {
        let has = |text: &[u8]| {
            let mut lines = text.split(|&b| b == b'\n');
            lines.any(|line| {
                line.starts_with(b"<<<<<<< as somebody else wrote it") || line.starts_with(b">>>>>>> as you edited it")
            })
        };
        self.offered.as_deref().is_some_and(has) && has(text)
    }

    /// What was put before the user.
    fn given(&self) -> &[u8] {
        self.offered.as_deref().unwrap_or(self.base.bytes())
    }

    /// Puts a text there to be edited again.
    fn offer(&mut self, (text, at): (Vec<u8>, Option<usize>)) -> Result<(), Failure> {
        if let Err(error) = self.copy.rewrite(&text) {
            let title = format!("could not write the copy of {} to edit again", text::path(self.database));
            let failure = Failure::new(status::CANNOT_CREATE, title).cause(system(&error));
            return Err(self.keep(failure, &text));
        }
        (self.offered, self.at) = (Some(text), at);
        Ok(())
    }

    /// As [`keep`](Self::keep), for whatever went wrong.
    fn kept(&mut self, error: anyhow::Error, text: &[u8]) -> anyhow::Error {
        match error.downcast::<Failure>() {
            Ok(failure) => self.keep(failure, text).into(),
            Err(other) => other,
        }
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
