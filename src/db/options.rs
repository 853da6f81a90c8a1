//! How databases are loaded, updated and changed together, where the default is not what is wanted.

use std::path::Path;
use std::sync::Arc;

use super::together::{Databases, Over, Stage, write};
use super::within::{self, Within};
use super::{Database, Home, Record};
use crate::disk::{self, Snapshot};
use crate::error::{Error, Result};
use crate::lock::{LockError, LockRequest, Wait};
use crate::locked::Locked;
use crate::loss::Limits;
use crate::merge::Strategy;

/// How databases are loaded, updated and changed together: how long to wait for their locks, and whether records that
/// changed are stamped.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("todo_db.sdn");
/// use std::time::Duration;
///
/// use sdnlock::{DatabaseOptions, Record};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Todo {
///     id: u32,
///     text: String,
/// }
/// # impl Record for Todo {
/// #     fn id(&self) -> String { self.id.to_string() }
/// #     fn table_name() -> &'static str { "todos" }
/// # }
///
/// let options = DatabaseOptions::new().wait(Duration::from_millis(500));
/// let mut todos = options.load::<Todo>(&path)?;
/// todos.insert(Todo { id: 1, text: "write".to_owned() });
/// todos.save()?; // waits as long
/// let count = options.update(&path, |todos: &mut sdnlock::Database<Todo>| Ok(todos.count()))?;
/// assert_eq!(count, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DatabaseOptions {
    pub(super) wait: Wait,
    pub(super) stamps: bool,
    pub(super) limits: Limits,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self { wait: Wait::DEFAULT, stamps: true, limits: Limits::NONE }
    }
}

impl DatabaseOptions {
    /// The options by which [`Database::load`], [`Database::update`] and [`transaction`](super::transaction) go.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long to wait for a lock, or for those of a transaction together: seconds, a
    /// [`Duration`](std::time::Duration), or a [`Wait`]. The default is 10 seconds.
    #[must_use]
    pub fn wait(mut self, wait: impl Into<Wait>) -> Self {
        self.wait = wait.into();
        self
    }

    /// Whether `version`, `last_modified` and other stamps of records that changed are renewed. The default is that they
    /// are, where the table has such columns and the record itself has not changed them.
    #[must_use]
    pub fn stamps(mut self, stamps: bool) -> Self {
        self.stamps = stamps;
        self
    }

    /// What a change may take away of a database. The default is what its schema says: what a program removes by
    /// [`Database::delete`] or in another way is meant, as nothing is removed that it has not loaded.
    ///
    /// ```
    /// use sdnlock::DatabaseOptions;
    /// use sdnlock::loss::{Limit, Limits, LossKind};
    ///
    /// let options = DatabaseOptions::new().limits(Limits::NONE.with(LossKind::Removed, Limit::Count(10)));
    /// # let _ = options;
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// As [`Database::load`]. Its [`save`](Database::save) goes by these options, too.
    ///
    /// # Errors
    /// As [`Database::load`].
    pub fn load<T: Record>(&self, path: impl AsRef<Path>) -> Result<Database<T>> {
        let path = path.as_ref();
        let source = match Locked::open(path, &self.request().shared().brief()) {
            Ok(mut locked) => locked.take_content(),
            Err(Error::Lock(LockError { problem, .. })) if problem.is_bad_place() => {
                disk::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?
            }
            Err(error) => return Err(error),
        };
        let mut database = Database::of(path, source.map(Snapshot::into_bytes), Home::File)?;
        database.options = self.clone();
        Ok(database)
    }

    /// As [`Database::update`].
    ///
    /// # Errors
    /// As [`Database::update`].
    pub fn update<T: Record, R>(
        &self,
        path: impl AsRef<Path>,
        change: impl FnOnce(&mut Database<T>) -> Result<R>,
    ) -> Result<R> {
        let path = path.as_ref();
        let mut locked = within::open_all([path], &self.request())?;
        let stage = Stage::of(&locked)?;
        let over = Over::at_the_end_of(&stage);
        let within = Within::of(&locked);
        let mut database: Database<T> = stage.load(path)?;
        database.options = self.clone();
        let outcome = change(&mut database)?;
        let is_own = matches!(&database.home, Home::Transaction(home) if Arc::ptr_eq(home, &stage));
        if is_own && !over.has_changes(&locked) {
            drop(within);
            database.put(&mut locked[0], Strategy::default())?;
        } else {
            database.save()?;
            drop(within);
            write(&mut locked, over.members(), self)?;
        }
        // It is written, whatever becomes of the lock file.
        Ok(outcome)
    }

    /// As [`transaction`](super::transaction).
    ///
    /// # Errors
    /// As [`transaction`](super::transaction).
    pub fn transaction<R, P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
        change: impl FnOnce(&Databases) -> Result<R>,
    ) -> Result<R> {
        let mut locked = within::open_all(paths, &self.request())?;
        let stage = Stage::of(&locked)?;
        let over = Over::at_the_end_of(&stage);
        let within = Within::of(&locked);
        let outcome = change(&Databases { stage })?;
        drop(within);
        write(&mut locked, over.members(), self)?;
        // It is written, whatever becomes of the lock files.
        Ok(outcome)
    }

    fn request(&self) -> LockRequest {
        within::request().wait(self.wait)
    }
}
