//! A locked database with its content.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::check::Schema;
use crate::disk::{self, Durability, ReplaceError, ReplacePolicy, Replaced, Replacement, Snapshot, Unfinished};
use crate::error::Error;
use crate::lock::{FileLock, Interrupt, LockRequest, Mode, Wait};
use crate::opening::{self, Notice};
use crate::platform::{FileId, Kept};
use crate::policy::Policy;
use crate::project;
use crate::txn;

/// A database that is locked, and what it held when it was read under the lock.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("a.sdn");
/// use sdnlock::disk::ReplacePolicy;
/// use sdnlock::lock::LockRequest;
/// use sdnlock::{Locked, Outcome};
///
/// let mut database = Locked::open(&path, &LockRequest::new())?;
/// assert!(database.content().is_none(), "there is no such file yet");
/// let outcome = database.replace(b"port: 8080\n", ReplacePolicy::default())?;
/// assert!(matches!(outcome, Outcome::Written(_)));
/// assert_eq!(std::fs::read(&path)?, b"port: 8080\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Locked {
    lock: FileLock,
    request: LockRequest,
    content: Option<Snapshot>,
    schema: OnceLock<Schema>,
}

/// How an attempt to replace a database ended.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// It holds the new content, for good; this is what of the old file could not be kept.
    Written(Kept),
    /// It held that content already; nothing was written (R5).
    Unchanged,
    /// Somebody who did not respect the lock changed it. Nothing was written;
    /// [`content`](Locked::content) is what it holds now.
    Moved,
}

impl Locked {
    /// Locks a database and reads it. With an exclusive lock, what a killed process left of its
    /// temporary files is removed (R4).
    ///
    /// # Errors
    /// If it cannot be locked or read.
    pub fn open(path: impl AsRef<Path>, request: &LockRequest) -> Result<Self, Error> {
        Self::open_telling(path, request, &mut |_| {})
    }

    /// As [`open`](Self::open); tells how the wait for the lock goes.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_telling(
        path: impl AsRef<Path>,
        request: &LockRequest,
        on_notice: &mut dyn FnMut(Notice<'_>),
    ) -> Result<Self, Error> {
        let mut locked = Self::open_all_telling([path], request, on_notice)?;
        // One path is one lock.
        Ok(locked.swap_remove(0))
    }

    /// As [`open`](Self::open), for several databases: all or none. They come back in the order of their
    /// locks (L12).
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_all<P: AsRef<Path>>(
        paths: impl IntoIterator<Item = P>,
        request: &LockRequest,
    ) -> Result<Vec<Self>, Error> {
        Self::open_all_telling(paths, request, &mut |_| {})
    }

    /// As [`open_all`](Self::open_all); tells how the wait for the locks goes.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_all_telling<P: AsRef<Path>>(
        paths: impl IntoIterator<Item = P>,
        request: &LockRequest,
        on_notice: &mut dyn FnMut(Notice<'_>),
    ) -> Result<Vec<Self>, Error> {
        let paths: Vec<PathBuf> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        let locks = opening::lock_all(&paths, request, on_notice)?;
        let all = locks.into_iter().map(|lock| Self::under(lock, request, on_notice));
        let all: Vec<Self> = all.collect::<Result<_, _>>()?;
        if all.iter().any(|locked| locked.unfinished().is_some() || locked.may_be_lost()) {
            // Whoever reads only, or has the queue only, may not mend it.
            drop(all);
            let alone = Self::open_all_telling(&paths, &request.clone().exclusive().not_self_locking(), on_notice)?;
            if !request.is_self_locking() {
                return Ok(alone);
            }
            drop(alone);
            return Self::open_all_telling(paths, request, on_notice);
        }
        Ok(all)
    }

    /// Whether nothing is there where something may have been, which whoever has the lock alone brings back.
    fn may_be_lost(&self) -> bool {
        self.lock.mode() == Mode::Shared
            && !self.lock.is_nested()
            && self.content.as_ref().is_none_or(|content| disk::is_blank(content.bytes()))
            && matches!(txn::is_without_journal(self.path()), Ok(true))
    }

    /// What is to be done before this is the content of the database.
    fn unfinished(&self) -> Option<Unfinished> {
        self.content.as_ref().and_then(|content| disk::unfinished(content.bytes()))
    }

    fn under(lock: FileLock, request: &LockRequest, on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<Self, Error> {
        // The queue alone gives no right to what is beside the database.
        let exclusive = lock.mode() == Mode::Exclusive && !lock.is_self_locking();
        if exclusive && disk::has_hidden_files(lock.path(), &lock.queue_path()).unwrap_or(true) {
            // What cannot be removed now is left for the next one; it is in nobody's way.
            let _ = disk::sweep(lock.path());
            if !lock.is_nested() {
                let _ = opening::sweep(&lock, on_notice);
                let _ = lock.tidy_nested();
            }
        }
        let mut locked = Self { lock, request: request.clone(), content: None, schema: OnceLock::new() };
        locked.reload()?;
        Ok(locked)
    }

    /// The lock.
    pub fn lock(&self) -> &FileLock {
        &self.lock
    }

    /// The database, as it was named when it was opened.
    #[must_use]
    pub fn given_path(&self) -> &Path {
        self.lock.given_path()
    }

    /// The database, with all symbolic links followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.lock.path()
    }

    /// What the database held when it was read; `None` if there is no such file.
    #[must_use]
    pub fn content(&self) -> Option<&Snapshot> {
        self.content.as_ref()
    }

    /// The schema of the database; an empty one if it has none. It is looked up once, when it is asked for first.
    ///
    /// # Errors
    /// [`Error::Schema`] if there is one that cannot be used.
    pub fn schema(&self) -> Result<&Schema, Error> {
        if let Some(schema) = self.schema.get() {
            return Ok(schema);
        }
        let schema = project::schema_of(self.given_path());
        let schema = schema.map_err(|source| Error::Schema { path: self.given_path().to_owned(), source })?;
        Ok(self.schema.get_or_init(|| schema))
    }

    /// What it must be to stay as a command leaves it: by its name, and by its schema as far as that can be used.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let policy = Policy::of(self.given_path());
        match self.schema() {
            Ok(schema) => policy.by_schema(schema),
            Err(_) => policy,
        }
    }

    /// Gives the content away.
    #[must_use]
    pub fn take_content(&mut self) -> Option<Snapshot> {
        self.content.take()
    }

    /// Reads the database again.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn reload(&mut self) -> Result<(), Error> {
        // If it cannot be read, what it held before is not its content any more.
        self.content = None;
        let failed = |source| Error::Read { path: self.given_path().to_owned(), source };
        let mut read = disk::read(self.path()).map_err(failed)?;
        if let Some(content) = &read
            && self.lock.mode() == Mode::Exclusive
            && !self.lock.is_self_locking()
            && let Some(unfinished) = disk::unfinished(content.bytes())
        {
            if !disk::is_to_be_finished(self.path(), content) {
                let why = "somebody else was about to write over it; its owner has to finish that, with any command";
                return Err(failed(io::Error::other(why)));
            }
            disk::finish(self.path(), content, &unfinished).map_err(failed)?;
            read = disk::read(self.path()).map_err(failed)?;
        }
        if let Some(content) = &read
            && content.stat().links == 0
            && FileId::at(self.path()).map_err(failed)? == Some(content.stat().id)
        {
            return Err(Error::Orphan { path: self.given_path().to_owned() });
        }
        self.content = read;
        Ok(())
    }

    /// Whether a change is synced before success is reported, if it is to be so durable.
    #[must_use]
    pub fn syncs(&self, durability: Durability) -> bool {
        match durability {
            Durability::Always => true,
            Durability::Outermost => !self.lock.is_nested() || !txn::syncs_for(self.path()),
            Durability::Never => false,
        }
    }

    /// Replaces the content, or makes the file.
    ///
    /// Before the rename, lock and content are compared with what they were (L9). If only the
    /// content has moved, [`Outcome::Moved`] says so. After the rename the lock is looked at again: if a
    /// foreign program broke it meanwhile, the lock is taken again, and only if the database still is
    /// the file that was put there is that a success.
    ///
    /// # Errors
    /// [`Error::LockLost`] if the lock was broken before anything was written,
    /// [`Error::PerhapsOverwritten`] if it was broken meanwhile, and what writing can meet.
    pub fn replace(&mut self, content: &[u8], policy: ReplacePolicy) -> Result<Outcome, Error> {
        self.replace_telling(content, policy, &mut |_| {})
    }

    /// As [`replace`](Self::replace); tells how the wait goes if the lock must be taken again.
    ///
    /// # Errors
    /// As [`replace`](Self::replace).
    pub fn replace_telling(
        &mut self,
        content: &[u8],
        policy: ReplacePolicy,
        on_notice: &mut dyn FnMut(Notice<'_>),
    ) -> Result<Outcome, Error> {
        if self.content.as_ref().is_some_and(|old| old.bytes() == content) {
            return Ok(Outcome::Unchanged);
        }
        let given = self.given_path().to_owned();
        if self.lock.is_self_locking() {
            // L17: without the lock itself nothing is written.
            let base = self.content.clone();
            self.take_turn(on_notice)?;
            if base.as_ref().map(Snapshot::bytes) != self.content.as_ref().map(Snapshot::bytes) {
                return Ok(Outcome::Moved);
            }
        }
        let (lock, like) = (&self.lock, self.content.as_ref());
        let durability = if self.syncs(policy.durability) { Durability::Always } else { Durability::Never };
        let policy = ReplacePolicy { durability, ..policy };
        let mut intact = true;
        let replacement = Replacement { path: lock.path(), base: like, content, like, policy };
        let made = replacement.make(&mut |new| {
            lock.lock_replacement(new)?;
            intact = lock.is_intact().map_err(io::Error::other)?;
            Ok(intact)
        });
        match made {
            Ok(replaced) => {
                if !replaced.kept.in_place {
                    self.lock.database_is(&replaced.file);
                }
                self.confirm(&replaced, on_notice)?;
                let kept = replaced.kept.clone();
                self.content = Some(replaced.into_snapshot(content.to_vec()));
                Ok(Outcome::Written(kept))
            }
            Err(ReplaceError::Moved) if intact => {
                self.reload()?;
                Ok(Outcome::Moved)
            }
            Err(ReplaceError::Moved) => Err(Error::LockLost { path: given }),
            Err(ReplaceError::NotSynced { replaced, source }) => {
                self.lock.database_is(&replaced.file);
                let _ = self.reload();
                let source = ReplaceError::NotSynced { replaced, source };
                Err(Error::Replace { path: given, source })
            }
            Err(source) => Err(Error::Replace { path: given, source }),
        }
    }

    /// Computes the new content from what the database holds, and replaces it: again from what it holds by then, if
    /// somebody who did not respect the lock changed the database or broke the lock meanwhile (L9). Where `compute` gives
    /// nothing, nothing is written. The outcome is never [`Outcome::Moved`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("a.sdn");
    /// # std::fs::write(&path, "runs |test_id, at|\n    7, mon\n")?;
    /// use sdnlock::Locked;
    /// use sdnlock::disk::ReplacePolicy;
    /// use sdnlock::lock::LockRequest;
    /// use sdnlock::sdn::{Document, Reseal};
    ///
    /// let mut database = Locked::open(&path, &LockRequest::new())?;
    /// let outcome = database.update(ReplacePolicy::default(), |database| {
    ///     let content = database.content().map(|content| content.bytes().to_vec()).unwrap_or_default();
    ///     let assignments = ["runs.7.at=tue".parse()?];
    ///     let keys = database.schema()?.keys();
    ///     let new = sdnlock::update::set(&Document::parse(content), &assignments, Reseal::OnlyIfRight, &keys)?;
    ///     Ok::<_, Box<dyn std::error::Error>>(Some(new))
    /// });
    /// assert!(outcome.is_ok());
    /// assert_eq!(std::fs::read_to_string(&path)?, "runs |test_id, at|\n    7, tue\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of `compute`, and as [`replace`](Self::replace), but for [`Error::LockLost`].
    pub fn update<E: From<Error>>(
        &mut self,
        policy: ReplacePolicy,
        compute: impl FnMut(&Self) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Outcome, E> {
        self.update_telling(policy, compute, &mut |_| {})
    }

    /// As [`update`](Self::update); tells how the wait goes if the lock must be taken again.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn update_telling<E: From<Error>>(
        &mut self,
        policy: ReplacePolicy,
        mut compute: impl FnMut(&Self) -> Result<Option<Vec<u8>>, E>,
        on_notice: &mut dyn FnMut(Notice<'_>),
    ) -> Result<Outcome, E> {
        loop {
            let Some(new) = compute(self)? else { return Ok(Outcome::Unchanged) };
            match self.replace_telling(&new, policy, on_notice) {
                Ok(Outcome::Moved) => {}
                Err(Error::LockLost { .. }) => self.lock_again(on_notice)?,
                outcome => return Ok(outcome?),
            }
        }
    }

    /// Removes the file, which must be what it was when it was read.
    ///
    /// # Errors
    /// As [`replace`](Self::replace).
    pub fn remove(&mut self) -> Result<Outcome, Error> {
        let given = self.given_path().to_owned();
        let Some(content) = &self.content else { return Ok(Outcome::Unchanged) };
        if !self.lock.is_intact()? {
            return Err(Error::LockLost { path: given });
        }
        let read = |source| Error::Read { path: given.clone(), source };
        if !content.is_current(self.path()).map_err(read)? {
            self.reload()?;
            return Ok(Outcome::Moved);
        }
        disk::remove(self.path()).and_then(|()| disk::sync_folder_of(self.path())).map_err(read)?;
        self.content = None;
        Ok(Outcome::Written(Kept::default()))
    }

    /// Gives a shared lock up, takes an exclusive one, and reads the database again.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn lock_exclusively(&mut self, on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<(), Error> {
        self.request = self.request.clone().exclusive();
        self.lock_again(on_notice)
    }

    /// How the lock is taken from here on, if it must be taken again.
    pub fn renew(&mut self, wait: Wait, interrupt: &Interrupt) {
        self.request = self.request.clone().wait(wait).interrupt(interrupt);
    }

    /// Gives a broken lock up, takes it again, and reads the database again.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn lock_again(&mut self, on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<(), Error> {
        self.take_lock_again(on_notice)?;
        self.reload()
    }

    /// Takes the lock whose queue is held, as [`LockRequest::self_locking`] asks for, and reads the
    /// database again.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn take_turn(&mut self, on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<(), Error> {
        self.request = self.request.clone().not_self_locking();
        self.lock.take_turn(&self.request, &mut |event| on_notice(Notice::Lock(event)))?;
        self.reload()
    }

    /// Ends what processes within these locks had under way when they were killed (J4): what ran under the locks is over.
    ///
    /// # Errors
    /// [`Error::Recovery`] if that cannot be done; what can be is done.
    pub fn end_nested(locked: &[Self], on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<(), Error> {
        let locks: Vec<&FileLock> = locked.iter().map(Self::lock).collect();
        locked.first().map_or(Ok(()), |first| opening::end_nested(&locks, &first.request, on_notice))
    }

    /// Gives the lock up before its time: what was read is kept, and nothing can be written.
    pub fn let_go(&mut self) {
        // What is left behind the next one takes over.
        let _ = self.lock.give_up();
    }

    /// Gives the lock up.
    ///
    /// # Errors
    /// If the lock file cannot be removed.
    pub fn release(self) -> Result<(), Error> {
        Ok(self.lock.release()?)
    }

    /// L9, after the rename.
    fn confirm(&mut self, replaced: &Replaced, on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<(), Error> {
        let given = self.given_path().to_owned();
        let uncertain = |cause: Option<Error>| {
            let cause = cause.map(Box::new);
            Error::PerhapsOverwritten { path: given.clone(), cause }
        };
        if self.lock.is_intact().map_err(|error| uncertain(Some(error.into())))? {
            return Ok(());
        }
        if self.lock.is_journaled() {
            // To lock again would mean to wait for locks that are held here.
            return Err(uncertain(None));
        }
        self.take_lock_again(on_notice).map_err(|error| uncertain(Some(error)))?;
        match replaced.is_at(self.path()) {
            Ok(true) => Ok(()),
            _ => Err(uncertain(None)),
        }
    }

    fn take_lock_again(&mut self, on_notice: &mut dyn FnMut(Notice<'_>)) -> Result<(), Error> {
        // A broken lock may be one on the file that has to be locked now, so it is given up first. That
        // removes nothing, since it is not ours any more.
        let _ = self.lock.give_up();
        let paths = [self.given_path().to_owned()];
        self.lock = opening::lock_all(&paths, &self.request, on_notice)?.swap_remove(0);
        self.schema = OnceLock::new();
        Ok(())
    }
}
