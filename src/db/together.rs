//! Several databases that are changed together, all or none.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::save::stamped;
use super::{Database, DatabaseOptions, Home, Record};
use crate::disk::{Durability, ReplaceError, ReplacePolicy, Snapshot};
use crate::error::{Error, Result};
use crate::locked::{Locked, Outcome};
use crate::loss::{self, Limits};
use crate::merge::Options;
use crate::project;
use crate::txn::{Old, Protected, Rejected, Seen, Transaction, Undo};

/// The databases of a [`transaction`], all of them locked.
#[derive(Debug)]
pub struct Databases {
    pub(super) stage: Arc<Stage>,
}

/// What the databases of a transaction hold, and are to hold.
#[derive(Debug)]
pub(super) struct Stage {
    /// Nothing once the transaction is over.
    members: Mutex<Option<Vec<Member>>>,
}

/// One of these databases.
#[derive(Debug)]
pub(super) struct Member {
    given: PathBuf,
    /// With all links followed.
    path: PathBuf,
    pub content: Option<Vec<u8>>,
    /// How changes are merged: by the keys of its tables, as the schema says, and the ids of records that were saved.
    pub merge: Options,
}

/// Locks several databases, lets `change` change them, and writes what it has saved: all of it or nothing.
///
/// `change` loads the databases from what it is given, and saves them; nothing is written before it ends. If it fails
/// or panics, nothing is written at all. If the process is killed while it writes, the next one that uses any of the
/// databases puts all of them back first, as it does for `sdnlock exec --transaction`; see [`txn`](crate::txn).
///
/// Waits up to 10 seconds for all locks together; [`DatabaseOptions`] can say otherwise. What [`Database::update`] says
/// about other uses of the same files holds here too. Several tables of one file are several databases here, as are
/// tables of several files.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let (features, todos) = (folder.path().join("feature_db.sdn"), folder.path().join("todo_db.sdn"));
/// use sdnlock::{Database, Record};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Feature {
///     id: u32,
///     name: String,
/// }
///
/// #[derive(Serialize, Deserialize)]
/// struct Todo {
///     id: u32,
///     feature: u32,
/// }
/// # impl Record for Feature {
/// #     fn id(&self) -> String { self.id.to_string() }
/// #     fn table_name() -> &'static str { "features" }
/// # }
/// # impl Record for Todo {
/// #     fn id(&self) -> String { self.id.to_string() }
/// #     fn table_name() -> &'static str { "todos" }
/// # }
///
/// sdnlock::transaction([&features, &todos], |databases| {
///     let mut all_features = databases.load::<Feature>(&features)?;
///     let mut all_todos = databases.load::<Todo>(&todos)?;
///     all_features.insert(Feature { id: 7, name: "merge".to_owned() });
///     all_todos.insert(Todo { id: 1, feature: 7 });
///     all_features.save()?;
///     all_todos.save()
/// })?;
/// assert_eq!(Database::<Todo>::load(&todos)?.count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of `change`, which gives reasons of its own as [`Error::abort`]. [`Error::LockedHere`] within an `update` or
/// transaction of the same file. [`Error::Journal`] if the transaction cannot be written down, or what locking,
/// reading and writing can meet; all databases are as they were then. [`Error::TransactionOpen`] if they could
/// not be put back: the next one that uses any of them does that.
pub fn transaction<R, P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    change: impl FnOnce(&Databases) -> Result<R>,
) -> Result<R> {
    DatabaseOptions::new().transaction(paths, change)
}

impl Databases {
    /// The records of one table of one of the databases, with what was saved in this transaction so far. Its
    /// [`save`](Database::save) makes the changes a part of the transaction; after that has ended it is an
    /// [error](Error::TransactionOver).
    ///
    /// # Errors
    /// [`Error::NotInTransaction`] if the transaction was not told of the file; and as [`Database::load`].
    pub fn load<T: Record>(&self, path: impl AsRef<Path>) -> Result<Database<T>> {
        self.stage.load(path.as_ref())
    }
}

impl Stage {
    /// # Errors
    /// If the schema of one of the databases cannot be used.
    pub fn of(locked: &[Locked]) -> Result<Arc<Self>> {
        let members = locked.iter().map(Member::of).collect::<Result<_>>()?;
        Ok(Arc::new(Self { members: Mutex::new(Some(members)) }))
    }

    pub fn load<T: Record>(self: &Arc<Self>, path: &Path) -> Result<Database<T>> {
        let content = self.with(path, |member| Ok(member.content.clone()))?;
        Database::of(path, content, Home::Transaction(Arc::clone(self)))
    }

    /// Uses a member.
    pub fn with<R>(&self, path: &Path, use_it: impl FnOnce(&mut Member) -> Result<R>) -> Result<R> {
        let mut members = self.members();
        let Some(members) = &mut *members else { return Err(Error::TransactionOver { path: path.to_owned() }) };
        let resolved = project::resolved(path);
        let is_meant = |member: &&mut Member| member.given == path || resolved == member.path;
        let member = members.iter_mut().find(is_meant);
        let member = member.ok_or_else(|| Error::NotInTransaction { path: path.to_owned() })?;
        use_it(member)
    }

    fn members(&self) -> MutexGuard<'_, Option<Vec<Member>>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the stage, so that nothing that is saved later seems to count.
pub(super) struct Over(Arc<Stage>);

impl Over {
    pub fn at_the_end_of(stage: &Arc<Stage>) -> Self {
        Self(Arc::clone(stage))
    }

    /// Whether anything was saved.
    pub fn has_changes(&self, locked: &[Locked]) -> bool {
        let members = self.0.members();
        let same =
            |(member, locked): (&Member, &Locked)| member.content.as_deref() == locked.content().map(Snapshot::bytes);
        !members.iter().flatten().zip(locked).all(same)
    }

    /// What the databases are to hold.
    pub fn members(&self) -> Vec<Member> {
        self.0.members().take().unwrap_or_default()
    }
}

impl Drop for Over {
    fn drop(&mut self) {
        self.0.members().take();
    }
}

impl Member {
    fn of(locked: &Locked) -> Result<Self> {
        let content = locked.content().map(|content| content.bytes().to_vec());
        let (given, path) = (locked.given_path().to_owned(), locked.path().to_owned());
        Ok(Self { given, path, content, merge: Options::default().by_schema(locked.schema()?) })
    }
}

/// A database that is to be replaced.
struct Change<'l> {
    locked: &'l mut Locked,
    new: Vec<u8>,
    before: Option<Snapshot>,
}

/// Refuses what is larger, or loses more, than the schema of a database or these limits allow.
pub(super) fn permit(locked: &Locked, new: Option<&[u8]>, limits: &Limits) -> Result<()> {
    let path = || locked.given_path().to_owned();
    let schema = locked.schema()?;
    let old = locked.content().map_or(&[][..], Snapshot::bytes);
    let new = new.unwrap_or_default();
    schema.permit_size(old.len(), new.len()).map_err(|source| Error::TooLarge { path: path(), source })?;
    let limits = limits.clone().or(&schema.limits);
    if limits.is_none() || old == new {
        return Ok(());
    }
    let permitted = loss::permit(old, new, &schema.keys(), &limits);
    permitted.map(drop).map_err(|source| Error::Loss { path: path(), source })
}

/// Replaces the databases whose contents are new, by these options.
pub(super) fn write(locked: &mut [Locked], members: Vec<Member>, options: &DatabaseOptions) -> Result<()> {
    let mut changes: Vec<Change<'_>> = Vec::new();
    for (locked, member) in locked.iter_mut().zip(members) {
        let before = locked.content().cloned();
        if let Some(new) = member.content.filter(|new| before.as_ref().is_none_or(|before| before.bytes() != new)) {
            let old = before.as_ref().map_or(&[][..], Snapshot::bytes);
            let new = if options.stamps { stamped(locked.given_path(), old, new, &member.merge.keys)? } else { new };
            permit(locked, Some(&new), &options.limits)?;
            changes.push(Change { locked, new, before });
        }
    }
    match &mut changes[..] {
        [] => Ok(()),
        // One file is replaced in one step.
        [change] => change.make(),
        changes => write_all(changes),
    }
}

fn write_all(changes: &mut [Change<'_>]) -> Result<()> {
    let first = changes[0].locked.given_path().to_owned();
    let policies: Vec<String> = changes.iter().map(|change| change.locked.policy().to_string()).collect();
    let databases = changes.iter().zip(&policies);
    let databases: Vec<_> = databases.map(|(change, policy)| change.protected(policy)).collect();
    let transaction = Transaction::begin(&databases, Undo::All, true)
        .map_err(|source| Error::Journal { path: first.clone(), source })?;
    let open = |cause: Error| Error::TransactionOpen { path: first.clone(), cause: Box::new(cause) };
    let made = changes.iter_mut().try_for_each(Change::make);
    if let Err(error) = made {
        for change in changes.iter_mut() {
            // What cannot be put back is left, with the journal, to the next one who comes.
            if let Err(cause) = change.undo(&transaction) {
                return Err(open(cause));
            }
        }
        let ended = transaction.commit().map_err(|source| open(Error::Journal { path: first.clone(), source }));
        return ended.and(Err(error));
    }
    transaction.commit().map_err(|source| open(Error::Journal { path: first.clone(), source }))
}

impl Change<'_> {
    fn protected<'a>(&'a self, policy: &'a str) -> Protected<'a> {
        Protected { lock: self.locked.lock(), before: self.before.as_ref(), policy }
    }

    fn make(&mut self) -> Result<()> {
        // All or none, whatever becomes of a process above.
        let policy = ReplacePolicy { durability: Durability::Always, ..ReplacePolicy::default() };
        match self.locked.replace(&self.new, policy)? {
            Outcome::Written(_) | Outcome::Unchanged => Ok(()),
            Outcome::Moved => Err(self.moved()),
        }
    }

    /// Puts the database back, if it was replaced. What somebody wrote who ignores the lock is left.
    fn undo(&mut self, transaction: &Transaction) -> Result<()> {
        let path = self.locked.path().to_owned();
        let before = self.before.as_ref().map(|before| transaction.secured(&path, before));
        let failed = |source| Error::Recovery { path: path.clone(), source };
        let seen = Seen::of(&path, Old::known(before.as_ref()), |_, _| None::<()>).map_err(failed)?;
        let is_ours = seen.content().is_some_and(|now| now.bytes() == self.new);
        if is_ours { seen.undo(self.locked.lock(), Rejected::Dropped).map(drop).map_err(failed) } else { Ok(()) }
    }

    fn moved(&self) -> Error {
        Error::Replace { path: self.locked.given_path().to_owned(), source: ReplaceError::Moved }
    }
}
