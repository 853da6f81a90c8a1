//! What becomes of the databases when the command of an `exec` has ended.

use std::io;
use std::path::PathBuf;

use sdnlock::check;
use sdnlock::disk::{self, Snapshot, Standing};
use sdnlock::sdn::Document;
use sdnlock::{Error, Locked, Outcome};

use super::args::ExecArgs;
use super::child::End;
use super::failure::{Failure, Label, system};
use super::findings::Shown;
use super::limits;
use super::session::Session;
use super::status;
use super::text;

/// What became of a database.
pub enum Settled {
    AsItWas,
    /// The command's change stays, or in a dry run would stay.
    Changed(Option<Snapshot>),
    /// It was undone, or could not stay for another reason.
    Undone(Failure),
    /// It could not be undone; that remains to be done.
    Open(Failure),
}

impl Settled {
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }
}

/// A command that has ended.
pub struct Aftermath<'a> {
    pub session: &'a Session,
    pub args: &'a ExecArgs,
    pub end: End,
}

impl Aftermath<'_> {
    /// Looks at what the command left of the databases, and undoes what may not stay. `before` is what they
    /// held.
    pub fn settle(&self, locked: &mut [Locked], before: &[Option<Snapshot>]) -> Vec<Settled> {
        let databases = || before.iter().map(Option::as_ref);
        if self.args.shared {
            // L12: what is to be undone is locked on its own, while nothing else is held.
            let read: Vec<_> = locked.iter_mut().map(Locked::reload).collect();
            locked.iter_mut().for_each(Locked::let_go);
            let each = locked.iter_mut().zip(databases()).zip(read);
            return each.map(|((locked, old), read)| self.settle_shared(locked, old, read)).collect();
        }
        if self.args.transaction || self.args.dry_run {
            return self.settle_all(locked, before);
        }
        locked.iter_mut().zip(databases()).map(|(locked, old)| self.settle_one(locked, old)).collect()
    }

    /// Each database on its own: only what broke it is undone.
    fn settle_one(&self, locked: &mut Locked, old: Option<&Snapshot>) -> Settled {
        if let Some(failure) = broken(locked) {
            return Settled::Undone(failure);
        }
        let failure = if let Err(error) = locked.reload() {
            let failure = unreadable(locked, &error);
            if self.args.check.no_check || matches!(disk::standing(locked.path()), Ok(Standing::File(_)) | Err(_)) {
                return Settled::Undone(failure);
            }
            Some(failure)
        } else if same(old, locked.content()) {
            return Settled::AsItWas;
        } else {
            old.and_then(|old| self.damage(locked, old.bytes()))
        };
        match (failure, old) {
            (None, _) => match self.args.durability.is_durable(false).then(|| on_disk(locked)) {
                Some(Err(failure)) => Settled::Undone(failure),
                _ => Settled::Changed(locked.content().cloned()),
            },
            (Some(failure), None) => Settled::Undone(failure),
            (Some(failure), Some(old)) => {
                if self.args.self_locking
                    && let Err(problem) = take_turn(locked, self.session)
                {
                    // What is in memory is the only copy of what was there.
                    let failure = failure.cause(problem);
                    return Settled::Undone(match keep_old(locked, old) {
                        Ok(kept) => failure.kept(&kept),
                        Err(error) => failure.cause(format!("its old content could not be kept: {}", system(&error))),
                    });
                }
                Settled::Undone(restore(locked, old, self.session, failure))
            }
        }
    }

    /// All databases together: all changes stay, or none.
    fn settle_all(&self, locked: &mut [Locked], before: &[Option<Snapshot>]) -> Vec<Settled> {
        let mut reasons: Vec<Option<Failure>> = Vec::new();
        for (locked, old) in locked.iter_mut().zip(before) {
            reasons.push(self.refusal(locked, old.as_ref()));
        }
        // L9: nothing is undone under a lock that somebody else has.
        let stolen = locked.iter().any(|locked| !matches!(locked.lock().is_intact(), Ok(true)));
        let changed = locked.iter().zip(before).any(|(locked, old)| !same(old.as_ref(), locked.content()));
        let stays = self.end.is_success() && reasons.iter().all(Option::is_none) && !self.args.dry_run;
        if stolen {
            let databases = locked.iter().zip(before).zip(reasons);
            return databases.map(|((locked, old), reason)| stolen_from(locked, old.as_ref(), reason)).collect();
        }
        if stays {
            let keep = |locked: &Locked, old: &Option<Snapshot>| {
                if untouched(old.as_ref(), locked.content()) {
                    return Settled::AsItWas;
                }
                // Without that the commit would be less than it says.
                match self.args.durability.is_durable(true).then(|| on_disk(locked)) {
                    Some(Err(_)) => Settled::Open(not_synced(locked)),
                    _ if same(old.as_ref(), locked.content()) => Settled::AsItWas,
                    _ => Settled::Changed(locked.content().cloned()),
                }
            };
            return locked.iter().zip(before).map(|(locked, old)| keep(locked, old)).collect();
        }
        // The first one that is put back speaks for all, unless one has a reason of its own.
        let mut first = changed && !self.args.dry_run && reasons.iter().all(Option::is_none);
        let databases = locked.iter_mut().zip(before).zip(reasons);
        let undo = databases.map(|((locked, old), reason)| {
            if same(old.as_ref(), locked.content()) && reason.is_none() && !locked.path().is_symlink() {
                // Written anew by the command, it may not be on disk, and its copy is about to go.
                let on_disk = untouched(old.as_ref(), locked.content()) || on_disk(locked).is_ok();
                return if on_disk { Settled::AsItWas } else { Settled::Open(not_synced(locked)) };
            }
            let made = locked.content().cloned();
            match (self.put_back(locked, old.as_ref(), reason.is_some() && !self.args.dry_run), reason) {
                (Err(failure), _) => Settled::Open(failure),
                (Ok(_), None) if self.args.dry_run => Settled::Changed(made),
                (Ok(kept), Some(reason)) => {
                    let failure = reason.state(back(locked, old.as_ref()));
                    Settled::Undone(match kept {
                        Some(kept) => failure.kept(&kept),
                        None => failure,
                    })
                }
                (Ok(_), None) if std::mem::take(&mut first) => {
                    let title = match self.end {
                        End::Code(code) => {
                            format!("not keeping what the command changed: it failed with exit code {code}")
                        }
                        End::Signal(signal) => {
                            format!("not keeping what the command changed: it was ended by signal {signal}")
                        }
                    };
                    Settled::Undone(
                        Failure::new(status::INVALID, title).state("all databases are as they were before the command"),
                    )
                }
                (Ok(_), None) => Settled::AsItWas,
            }
        });
        undo.collect()
    }

    /// Why what the command left of a database may not stay.
    fn refusal(&self, locked: &mut Locked, old: Option<&Snapshot>) -> Option<Failure> {
        if let Err(error) = locked.reload() {
            return Some(unreadable(locked, &error));
        }
        let after = locked.content()?;
        if same(old, Some(after)) || !self.args.check.applies_to(locked.given_path()) {
            return None;
        }
        self.damage(locked, old.map_or(&[], Snapshot::bytes))
    }

    /// Brings a database back to what it was, or removes it again. Gives where what was invalid is kept.
    fn put_back(&self, locked: &mut Locked, old: Option<&Snapshot>, invalid: bool) -> Result<Option<PathBuf>, Failure> {
        let shown = text::path(locked.given_path());
        if locked.content().is_none() {
            // What could not be read may be by now.
            let _ = locked.reload();
        }
        // Before it gives way, so that a kill in between loses nothing.
        let made = locked.content().filter(|made| invalid && !made.bytes().trim_ascii().is_empty());
        let kept = made.map(|made| disk::keep_aside(locked.path(), "rejected", made.bytes(), old.unwrap_or(made)));
        let kept = kept.transpose().map_err(|error| {
            Failure::new(status::IO, format!("what the command wrote to {shown} could not be kept"))
                .state(format!("{shown} is as the command left it; the next sdnlock that uses it tries again"))
                .cause(system(&error))
        })?;
        let (kept, outcome) = match locked.make_way() {
            Ok(moved) => match old {
                Some(old) => (moved.or(kept), self.session.restore(locked, old)),
                None => (moved.or(kept), locked.remove()),
            },
            Err(error) => (kept, Err(error)),
        };
        let why = match outcome {
            Ok(Outcome::Written(_) | Outcome::Unchanged) => return Ok(kept),
            Ok(Outcome::Moved) => "it was changed meanwhile by a program that ignores the lock".to_owned(),
            Err(error) => Failure::library(&error).reason(),
        };
        Err(Failure::new(status::IO, format!("could not bring {shown} back: {why}"))
            .state(format!("{shown} is as the command left it; the next sdnlock that uses it tries again")))
    }

    /// Readers change nothing: what was changed is undone, if it still is as the command left it.
    fn settle_shared(&self, locked: &mut Locked, old: Option<&Snapshot>, read: Result<(), Error>) -> Settled {
        if let Err(error) = read {
            return Settled::Undone(Failure::library(&error));
        }
        if same(old, locked.content()) {
            return Settled::AsItWas;
        }
        let shown = text::path(locked.given_path());
        let left = locked.content().cloned();
        let title = format!("the command changed {shown}, which it was to read only");
        let failure = Failure::new(status::INVALID, title);
        if let Err(error) = self.session.lock_exclusively(locked) {
            return Settled::Undone(
                failure.state(format!("{shown} is as the command left it")).cause(format!("{error:#}")),
            );
        }
        if !same(left.as_ref(), locked.content()) {
            return Settled::Undone(
                failure.state(format!("{shown} was written by somebody else since; nothing was undone")),
            );
        }
        let invalid = self.damage(locked, old.map_or(&[], Snapshot::bytes)).is_some();
        let put_back = self.put_back(locked, old, invalid);
        locked.let_go();
        match put_back {
            Err(problem) => {
                Settled::Undone(failure.state(format!("{shown} is as the command left it")).cause(problem.reason()))
            }
            Ok(kept) => {
                let failure = failure.state(back(locked, old)).hint("run it without `--shared`");
                Settled::Undone(match kept {
                    Some(kept) => failure.kept(&kept),
                    None => failure,
                })
            }
        }
    }

    /// Why what the command left may not stay. `before` is what the database held.
    fn damage(&self, locked: &Locked, before: &[u8]) -> Option<Failure> {
        if self.args.check.no_check {
            return None;
        }
        let path = locked.given_path();
        let shown = text::path(path);
        let failed_half_way = |what: &str| {
            // A command that fails half-way often has emptied or removed the file before.
            let title = format!("not leaving {shown} {what}: the command failed");
            (!self.end.is_success()).then(|| Failure::new(status::INVALID, title))
        };
        let Some(after) = locked.content() else {
            return failed_half_way("removed");
        };
        let after = after.bytes();
        // It was looked up before the command was run, unless nothing is checked.
        if let Ok(schema) = locked.schema()
            && let Err(failure) = limits::check_size(path, schema, before.len(), after.len())
        {
            return Some(Failure { labels: Vec::new(), ..failure });
        }
        if after.trim_ascii().is_empty() && !before.trim_ascii().is_empty() {
            return failed_half_way("empty");
        }
        if !self.args.check.applies_to(path) {
            return None;
        }
        let new = Document::parse(after);
        if check::is_valid(&new) {
            return None;
        }
        let old = Document::parse(before);
        if !check::is_valid(&old) {
            return None;
        }
        let findings = check::new_errors(&old, &new);
        let title = format!("not keeping what the command wrote to {shown}: it is not valid SDN any more");
        let excerpts = Shown { name: &path.to_string_lossy(), source: after }.excerpts(&findings);
        Some(Failure::new(status::INVALID, title).excerpts(excerpts))
    }
}

/// Whether a database is the same file as before, as far as content and attributes tell.
fn same(old: Option<&Snapshot>, new: Option<&Snapshot>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => old.bytes() == new.bytes() && old.stat().is_alike(new.stat()),
        (None, None) => true,
        _ => false,
    }
}

/// Whether nobody has written to a database at all.
fn untouched(old: Option<&Snapshot>, new: Option<&Snapshot>) -> bool {
    same(old, new) && old.map(Snapshot::stat) == new.map(Snapshot::stat)
}

/// What is told of something that the command put in the place of a database, and that nobody can read.
fn unreadable(locked: &Locked, error: &Error) -> Failure {
    let shown = text::path(locked.given_path());
    let title = format!("not keeping what the command left as {shown}: it cannot be read");
    Failure::new(status::INVALID, title).cause(Failure::library(error).reason())
}

fn not_synced(locked: &Locked) -> Failure {
    Failure::new(status::IO, format!("could not sync {}", text::path(locked.given_path())))
        .state("the next sdnlock that uses one of the databases undoes what the command did")
}

fn back(locked: &Locked, old: Option<&Snapshot>) -> String {
    let shown = text::path(locked.given_path());
    match old {
        Some(_) => format!("{shown} is as it was before the command"),
        None => format!("{shown} is gone again, as before the command"),
    }
}

/// L9: nothing is undone under a lock that somebody else has.
fn broken(locked: &Locked) -> Option<Failure> {
    if matches!(locked.lock().is_intact(), Ok(true)) {
        return None;
    }
    let shown = text::path(locked.given_path());
    let title = format!("another program broke the lock of {shown} while the command ran");
    let state = format!("{shown} is as it was left; nothing was undone");
    Some(Failure::new(status::IO, title).state(state))
}

/// What is told of a database of a transaction that lost a lock; its old content is kept beside it.
fn stolen_from(locked: &Locked, old: Option<&Snapshot>, reason: Option<Failure>) -> Settled {
    let failure = broken(locked).or(reason);
    if same(old, locked.content()) {
        return failure.map_or(Settled::AsItWas, Settled::Undone);
    }
    let shown = text::path(locked.given_path());
    let failure = failure.unwrap_or_else(|| {
        Failure::new(status::IO, format!("not undoing the change of {shown}: the lock of another database was broken"))
            .state(format!("{shown} is as the command left it"))
    });
    match old.map(|old| keep_old(locked, old)) {
        Some(Ok(kept)) => Settled::Undone(failure.kept(&kept)),
        Some(Err(error)) => {
            Settled::Open(failure.cause(format!("its old content could not be kept: {}", system(&error))))
        }
        None => Settled::Undone(failure),
    }
}

/// Puts what the command wrote on disk.
fn on_disk(locked: &Locked) -> Result<(), Failure> {
    disk::sync(locked.path()).map_err(|error| {
        Failure::new(status::IO, format!("could not sync {}", text::path(locked.given_path())))
            .state("written, but perhaps not on disk yet")
            .cause(system(&error))
    })
}

/// L17: nothing is undone before the lock is ours, and only if nobody else has written meanwhile. Says why
/// nothing may be undone.
fn take_turn(locked: &mut Locked, session: &Session) -> Result<(), String> {
    let left = locked.content().cloned();
    session.take_turn(locked).map_err(|error| format!("it was not undone: {}", Failure::library(&error).reason()))?;
    if left.as_ref().map(Snapshot::bytes) == locked.content().map(Snapshot::bytes) {
        return Ok(());
    }
    Err("it was not undone: somebody else has written it meanwhile".to_owned())
}

/// Brings the old content back, and keeps the broken one beside the database; if that fails, the other
/// way round.
fn restore(locked: &mut Locked, old: &Snapshot, session: &Session, failure: Failure) -> Failure {
    let shown = text::path(locked.given_path());
    let broken = locked.content().filter(|broken| !broken.bytes().trim_ascii().is_empty());
    // Before it gives way, so that a kill in between loses nothing.
    let mut kept = broken.map(|broken| disk::keep_aside(locked.path(), "rejected", broken.bytes(), old));
    let restored = locked.make_way().and_then(|moved| {
        kept = moved.map(Ok).or(kept.take());
        session.restore(locked, old)
    });
    match restored {
        Ok(Outcome::Written(_) | Outcome::Unchanged) => {
            let failure = failure.state(format!("{shown} is as it was before the command"));
            match kept {
                None => failure,
                Some(Ok(path)) => failure.kept(&path),
                Some(Err(error)) => {
                    failure.with(Label::Cause, format!("what it wrote could not be kept: {}", system(&error)))
                }
            }
        }
        outcome => {
            let why = match outcome {
                Err(error) => Failure::library(&error).reason(),
                Ok(_) => "it was changed meanwhile by a program that ignores the lock".to_owned(),
            };
            let failure = failure
                .state(format!("{shown} is as the command left it"))
                .cause(format!("the old content could not be brought back: {why}"));
            match keep_old(locked, old) {
                Ok(path) => failure.kept(&path),
                Err(error) => failure.cause(format!("it could not be kept either: {}", system(&error))),
            }
        }
    }
}

/// Keeps the old content beside the database, or else in a private folder.
fn keep_old(locked: &Locked, old: &Snapshot) -> io::Result<PathBuf> {
    disk::keep_aside(locked.path(), "before", old.bytes(), old).or_else(|_| {
        let mut copy = disk::PrivateCopy::new(locked.path(), old.bytes())?;
        Ok(copy.keep().to_owned())
    })
}
