//! What becomes of the databases when the command of an `exec` has ended, in words.

use sdnlock::disk::{self, Durability, ReplaceError, ReplacePolicy, Snapshot};
use sdnlock::policy::{Policy, Refusal};
use sdnlock::sdn::{self, Reseal};
use sdnlock::txn::{self, Old, RecoveryError, Refused, Rejected, Seen, Transaction};
use sdnlock::{Locked, Outcome};

use super::args::ExecArgs;
use super::child::End;
use super::failure::{Failure, system};
use super::findings::Shown;
use super::limits;
use super::losses;
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
    /// What was written down before it was run.
    pub transaction: Option<&'a Transaction>,
}

/// A database that was under the lock of a command.
pub struct Database<'a> {
    pub locked: &'a mut Locked,
    /// What it held before.
    pub old: Option<&'a Snapshot>,
    /// What it must be to stay as the command left it.
    pub policy: Policy,
}

impl Aftermath<'_> {
    /// Looks at what the command left of the databases, and undoes what may not stay.
    pub fn settle(&self, databases: &mut [Database<'_>]) -> Vec<Settled> {
        if self.args.shared {
            // L12: what is to be undone is locked on its own, while nothing else is held.
            let seen: Vec<_> =
                databases.iter().map(|database| (broken(database.locked), self.look(database))).collect();
            for database in &mut *databases {
                database.locked.let_go();
            }
            let each = databases.iter_mut().zip(seen);
            return each.map(|(database, (broken, seen))| self.settle_shared(database, broken, seen)).collect();
        }
        if self.args.transaction || self.args.dry_run {
            return self.settle_all(databases);
        }
        databases.iter_mut().map(|database| self.settle_one(database)).collect()
    }

    /// Seals what the command wrote to sealed databases, as was asked for; gives what failed. What is not valid is left as
    /// it is.
    pub fn reseal(&self, databases: &mut [Database<'_>]) -> Vec<Failure> {
        if self.args.transaction && !self.end.is_success() {
            return Vec::new();
        }
        let sealed = databases.iter_mut().filter(|database| self.args.check.is_database(database.locked.given_path()));
        sealed.filter_map(|database| self.sealed(database).err()).collect()
    }

    fn sealed(&self, Database { locked, old, policy }: &mut Database<'_>) -> Result<(), Failure> {
        let old = old.map(Snapshot::bytes).unwrap_or_default();
        // What cannot be read is told where it is looked at.
        let Some(now) = locked.reload().ok().and_then(|()| locked.content().cloned()) else { return Ok(()) };
        let kept = sdn::keep_seal(old, now.bytes().to_vec());
        let Ok(sealed) = sdn::seal_change(old, kept, Reseal::Always) else { return Ok(()) };
        if sealed == now.bytes() || policy.judge(Some(old), Some(&sealed), self.ended()).is_err() {
            return Ok(());
        }
        let policy =
            ReplacePolicy { break_hard_links: true, durability: Durability::Never, ..ReplacePolicy::default() };
        match self.session.replace(locked, &sealed, policy) {
            Ok(Outcome::Written(_) | Outcome::Unchanged) => Ok(()),
            Ok(Outcome::Moved) => Err(Failure::replacing(locked.given_path(), &ReplaceError::Moved)),
            Err(error) => Err(Failure::library(&error)),
        }
    }

    /// How it ended, for those who judge what it left. Of several databases together that it failed undoes all of it; what
    /// may not stay is what may not if it had succeeded.
    fn ended(&self) -> txn::End {
        if self.end.is_success() || self.args.transaction { txn::End::Succeeded } else { txn::End::Failed }
    }

    fn look(&self, database: &Database<'_>) -> Result<Seen<Refusal>, Failure> {
        let judge =
            |before: Option<&[u8]>, after: Option<&[u8]>| database.policy.judge(before, after, self.ended()).err();
        let (path, old) = (database.locked.path(), Old::known(database.old));
        Seen::of(path, old, judge).map_err(|error| {
            let shown = text::path(database.locked.given_path());
            Failure::new(status::IO, format!("could not look at what the command left of {shown}"))
                .state(format!("{shown} is as the command left it"))
                .cause(Failure::recovery(&error).reason())
        })
    }

    /// Each database on its own: only what broke it is undone.
    fn settle_one(&self, database: &mut Database<'_>) -> Settled {
        let seen = match self.look(database) {
            Ok(seen) => seen,
            Err(failure) => return Settled::Undone(failure),
        };
        if let Some(failure) = broken(database.locked) {
            // Nothing is undone, and nothing that may be wanted is thrown away.
            return if seen.refused.is_some() { self.stolen_from(database, &seen) } else { Settled::Undone(failure) };
        }
        let failure = match &seen.refused {
            None => return self.keep(database.locked, &seen),
            // What was not there before was not broken.
            Some(Refused::Judged(_)) if seen.is_new() => return self.keep(database.locked, &seen),
            Some(refused) => self.refusal(database.locked, &seen, refused),
        };
        let Some(old) = database.old.filter(|_| !self.args.check.no_check) else { return Settled::Undone(failure) };
        if self.args.self_locking
            && let Err(problem) = self.take_turn(database.locked, &seen)
        {
            // What is in memory is the only copy of what was there.
            let failure = failure.cause(problem);
            return Settled::Undone(kept_old(database.locked, old, failure));
        }
        // What comes back is on disk before what has to give way is synced; what fails here fails again where it is told.
        let _ = self.transaction.map(Transaction::secure);
        Settled::Undone(match seen.undo(database.locked.lock(), Rejected::Kept) {
            Ok(undone) => failure.state(back(database.locked, Some(old))).kept_if(undone.kept.as_deref()),
            Err(error) => {
                let why = Failure::recovery(&error).reason();
                let failure = failure
                    .state(format!("{} is as the command left it", text::path(database.locked.given_path())))
                    .cause(format!("the old content could not be brought back: {why}"));
                kept_old(database.locked, old, failure)
            }
        })
    }

    /// What the command made of a database stays: it is on disk before anybody is told.
    fn keep(&self, locked: &Locked, seen: &Seen<Refusal>) -> Settled {
        let durability = match self.args.durability.durability() {
            // All or none, whatever becomes of an outer command.
            Durability::Outermost if self.args.transaction => Durability::Always,
            durability => durability,
        };
        if !seen.is_untouched() && locked.syncs(durability) {
            let synced = self.transaction.map_or_else(|| seen.sync(), |transaction| transaction.keep(seen));
            if let Err(error) = synced {
                return Settled::Undone(
                    Failure::new(status::IO, format!("could not sync {}", text::path(locked.given_path())))
                        .state("written, but perhaps not on disk yet")
                        .cause(system(&error)),
                );
            }
        }
        if seen.is_same() { Settled::AsItWas } else { Settled::Changed(seen.content().cloned()) }
    }

    /// All databases together: all changes stay, or none.
    fn settle_all(&self, databases: &mut [Database<'_>]) -> Vec<Settled> {
        let seen: Result<Vec<Seen<Refusal>>, Failure> = databases.iter().map(|database| self.look(database)).collect();
        let seen = match seen {
            Ok(seen) => seen,
            Err(failure) => {
                let others = databases.iter().skip(1).map(|_| Settled::AsItWas);
                return std::iter::once(Settled::Open(failure)).chain(others).collect();
            }
        };
        let pairs = || databases.iter().zip(&seen);
        let is_refused = seen.iter().any(|seen| seen.refused.is_some());
        let stays = self.end.is_success() && !is_refused && !self.args.dry_run;
        // L9: nothing is undone under a lock that somebody else has; what has its own is not theirs to keep from it.
        if databases.iter().any(|database| !is_intact(database.locked)) {
            return pairs()
                .map(|(database, seen)| {
                    let is_undone = !stays && is_intact(database.locked);
                    if is_undone { self.put_back_alone(database, seen) } else { self.stolen_from(database, seen) }
                })
                .collect();
        }
        if stays {
            let kept = pairs().map(|(database, seen)| match self.keep(database.locked, seen) {
                // Without that the commit would be less than it says.
                Settled::Undone(_) => Settled::Open(not_synced(database.locked)),
                kept => kept,
            });
            return kept.collect();
        }
        // The first one that is put back speaks for all, unless one has a reason of its own.
        let is_changed = seen.iter().any(|seen| !seen.is_same());
        let mut first = is_changed && !self.args.dry_run && !is_refused;
        pairs().map(|(database, seen)| self.put_back(database, seen, &mut first)).collect()
    }

    /// Brings a database back whose own lock was ours all the time, while that of another one was broken.
    fn put_back_alone(&self, database: &Database<'_>, seen: &Seen<Refusal>) -> Settled {
        match self.put_back(database, seen, &mut false) {
            Settled::AsItWas if !seen.is_same() => {
                let shown = text::path(database.locked.given_path());
                let title = format!("not keeping what the command changed in {shown}: {}", self.how_it_failed());
                let failure = Failure::new(status::INVALID, title);
                Settled::Undone(failure.state(back(database.locked, database.old)))
            }
            settled => settled,
        }
    }

    fn how_it_failed(&self) -> String {
        match self.end {
            End::Code(0) => "what it left of another database may not stay".to_owned(),
            End::Code(code) => format!("it failed with exit code {code}"),
            End::Signal(signal) => format!("it was ended by signal {signal}"),
        }
    }

    /// Brings a database of several back to what it was, or removes it again.
    fn put_back(&self, database: &Database<'_>, seen: &Seen<Refusal>, speaks_for_all: &mut bool) -> Settled {
        let locked = &*database.locked;
        if seen.is_same() {
            // Written anew by the command, it may not be on disk, and its copy is about to go.
            let on_disk = seen.is_untouched() || seen.sync().is_ok();
            return if on_disk { Settled::AsItWas } else { Settled::Open(not_synced(locked)) };
        }
        let way = if self.args.dry_run { Rejected::Dropped } else { Rejected::Kept };
        match (seen.undo(locked.lock(), way), &seen.refused) {
            (Err(error), _) => Settled::Open(not_back(locked, &error)),
            (Ok(_), None) if self.args.dry_run => Settled::Changed(seen.content().cloned()),
            (Ok(undone), Some(refused)) => {
                let failure = self.refusal(locked, seen, refused).state(back(locked, database.old));
                Settled::Undone(failure.kept_if(undone.kept.as_deref()))
            }
            (Ok(_), None) if std::mem::take(speaks_for_all) => {
                let title = format!("not keeping what the command changed: {}", self.how_it_failed());
                Settled::Undone(
                    Failure::new(status::INVALID, title).state("all databases are as they were before the command"),
                )
            }
            (Ok(_), None) => Settled::AsItWas,
        }
    }

    /// Readers change nothing: what was changed is undone, if it still is as the command left it.
    fn settle_shared(
        &self,
        database: &mut Database<'_>,
        broken: Option<Failure>,
        seen: Result<Seen<Refusal>, Failure>,
    ) -> Settled {
        let left = match seen {
            Ok(seen) if seen.is_same() => return Settled::AsItWas,
            Ok(seen) => seen,
            Err(failure) => return Settled::Undone(failure),
        };
        // L9
        if let Some(failure) = broken {
            return Settled::Undone(failure);
        }
        let shown = text::path(database.locked.given_path());
        let title = format!("the command changed {shown}, which it was to read only");
        let failure = Failure::new(status::INVALID, title);
        if let Err(error) = self.session.lock_exclusively(database.locked) {
            return Settled::Undone(
                failure.state(format!("{shown} is as the command left it")).cause(format!("{error:#}")),
            );
        }
        let seen = match self.look(database) {
            Ok(seen) => seen,
            Err(problem) => return Settled::Undone(problem),
        };
        if !is_as_left(&left, &seen) {
            return Settled::Undone(
                failure.state(format!("{shown} was written by somebody else since; nothing was undone")),
            );
        }
        let undone = seen.undo(database.locked.lock(), Rejected::Kept);
        database.locked.let_go();
        Settled::Undone(match undone {
            Err(problem) => {
                failure.state(format!("{shown} is as the command left it")).cause(Failure::recovery(&problem).reason())
            }
            Ok(undone) => failure
                .state(back(database.locked, database.old))
                .hint("run it without `--shared`")
                .kept_if(undone.kept.as_deref()),
        })
    }

    /// What is told of a database of a transaction that lost a lock; its old content is kept beside it.
    fn stolen_from(&self, database: &Database<'_>, seen: &Seen<Refusal>) -> Settled {
        let locked = &*database.locked;
        let failure = broken(locked);
        if seen.is_same() {
            return failure.map_or(Settled::AsItWas, Settled::Undone);
        }
        let refused = || seen.refused.as_ref().map(|refused| self.refusal(locked, seen, refused));
        let failure = failure.or_else(refused).unwrap_or_else(|| {
            let shown = text::path(locked.given_path());
            let title = format!("not undoing the change of {shown}: the lock of another database was broken");
            Failure::new(status::IO, title).state(format!("{shown} is as the command left it"))
        });
        match seen.keep_old() {
            Ok(kept) => Settled::Undone(failure.kept_if(kept.as_deref())),
            Err(error) => Settled::Open(
                failure.cause(format!("its old content could not be kept: {}", Failure::recovery(&error).reason())),
            ),
        }
    }

    /// L17: nothing is undone before the lock is ours, and only if nobody else has written meanwhile. Says why
    /// nothing may be undone.
    fn take_turn(&self, locked: &mut Locked, left: &Seen<Refusal>) -> Result<(), String> {
        let taken = self.session.take_turn(locked);
        taken.map_err(|error| format!("it was not undone: {}", Failure::library(&error).reason()))?;
        if left.content().map(Snapshot::bytes) == locked.content().map(Snapshot::bytes) {
            return Ok(());
        }
        Err("it was not undone: somebody else has written it meanwhile".to_owned())
    }

    /// Why what the command left of a database may not stay.
    fn refusal(&self, locked: &Locked, seen: &Seen<Refusal>, refused: &Refused<Refusal>) -> Failure {
        let path = locked.given_path();
        let shown = text::path(path);
        let invalid = |title: String| Failure::new(status::INVALID, title);
        let refusal = match refused {
            Refused::Unreadable(error) => {
                return invalid(format!("not keeping what the command left as {shown}: it cannot be read"))
                    .cause(Failure::reading(path, error).reason());
            }
            Refused::Judged(refusal) => refusal,
        };
        let written = |why: &str| invalid(format!("not keeping what the command wrote to {shown}: {why}"));
        let content = seen.content().map(Snapshot::bytes).unwrap_or_default();
        match refusal {
            Refusal::Removed => invalid(format!("not leaving {shown} removed: the command failed")),
            Refusal::Emptied if self.end.is_success() => written("it is nothing but zero bytes"),
            Refusal::Emptied => invalid(format!("not leaving {shown} empty: the command failed")),
            Refusal::CutShort => written("a part of it is missing"),
            Refusal::TooLarge(too_large) => Failure { labels: Vec::new(), ..limits::too_large(path, *too_large) },
            Refusal::Invalid(findings) => {
                let excerpts = Shown { name: &path.to_string_lossy(), source: content }.excerpts(findings);
                written("it is not valid SDN any more").excerpts(excerpts)
            }
            Refusal::Lost(lost) => {
                losses::refused(format!("not keeping what the command wrote to {shown}: {}", losses::WHY), lost)
            }
            Refusal::Unsealed(_) => written("its seal was right, and is not any more")
                .hint("seal what it writes with `sdnlock exec --reseal`"),
        }
    }
}

/// Whether a database still is as it was seen.
fn is_as_left(left: &Seen<Refusal>, now: &Seen<Refusal>) -> bool {
    match (left.content(), now.content()) {
        (Some(left), Some(now)) => left.bytes() == now.bytes() && left.stat().is_alike(now.stat()),
        (left, now) => left.is_none() && now.is_none(),
    }
}

fn is_intact(locked: &Locked) -> bool {
    matches!(locked.lock().is_intact(), Ok(true))
}

fn not_synced(locked: &Locked) -> Failure {
    Failure::new(status::IO, format!("could not sync {}", text::path(locked.given_path())))
        .state("the next sdnlock that uses one of the databases undoes what the command did")
}

fn not_back(locked: &Locked, error: &RecoveryError) -> Failure {
    let shown = text::path(locked.given_path());
    let why = Failure::recovery(error).reason();
    Failure::new(status::IO, format!("could not bring {shown} back: {why}"))
        .state(format!("{shown} is as the command left it; the next sdnlock that uses it tries again"))
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
    if is_intact(locked) {
        return None;
    }
    let shown = text::path(locked.given_path());
    let title = format!("another program broke the lock of {shown} while the command ran");
    let state = format!("{shown} is as it was left; nothing was undone");
    Some(Failure::new(status::IO, title).state(state))
}

/// Keeps the old content beside the database, or else in a private folder, and says where.
fn kept_old(locked: &Locked, old: &Snapshot, failure: Failure) -> Failure {
    let kept = disk::keep_aside(locked.path(), "before", old.bytes(), old).or_else(|_| {
        let mut copy = disk::PrivateCopy::new(locked.path(), old.bytes())?;
        Ok(copy.keep().to_owned())
    });
    match kept {
        Ok(path) => failure.kept(&path),
        Err(error) => failure.cause(format!("its old content could not be kept: {}", system(&error))),
    }
}
