//! Tables as collections of records.
//!
//! A [`Database`] reads a table into structs and saves what was changed in them, and nothing else: it knows which
//! cell says something new, and leaves every other byte to the file. What happened to the file meanwhile stays.
//!
//! [`transaction`] does that for several databases, all or none. Everything here waits 10 seconds for a lock, unless
//! [`DatabaseOptions`] say otherwise.

mod change;
mod columns;
mod fields;
pub mod joined;
mod keys;
mod options;
mod save;
mod state;
mod together;
mod within;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::disk::{ReplacePolicy, Snapshot};
use crate::error::{Error, Result};
use crate::locked::{Locked, Outcome};
use crate::merge::{Options, Strategy};
use save::{Saving, Stamping};
use state::State;
use together::{Stage, permit};

pub use options::DatabaseOptions;
pub use together::{Databases, transaction};

/// A struct that is a row of a table. Its fields are the columns.
///
/// A field holds a text, a character, a number, a boolean, a unit enum (by its name), an `Option` of these (`None` is
/// an empty cell), or a newtype of these; a list or tuple of them is written as `[a, b]`, a map or struct of them as
/// `{a: 1, b: 2}`. Texts may not hold line breaks, tabs or other control characters, which line-based readers cannot
/// take. What cannot be written is an error of [`Database::save`] that names the field.
///
/// The attributes of serde apply: `#[serde(rename = "…")]` names the column, `#[serde(default)]` allows it to be
/// missing, as `Option` does; what is missing can be read, and not written. `#[serde(alias = "…")]` is for reading
/// alone. Lists that are one text, `"a,b"`, are for [`joined`].
///
/// Texts are spelled as the others of their column are. In a column that has none yet a text that looks like a number
/// or boolean is written without quotes, and is one for who reads the file otherwise. An empty text and `None` are the
/// same.
///
/// ```
/// use sdnlock::Record;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Bug {
///     id: u32,
///     severity: Severity,
///     title: String,
///     line: Option<u32>,
///     #[serde(default)]
///     tags: Vec<String>,
/// }
///
/// #[derive(Serialize, Deserialize)]
/// enum Severity {
///     P0,
///     P1,
/// }
///
/// impl Record for Bug {
///     fn id(&self) -> String {
///         self.id.to_string()
///     }
///
///     fn table_name() -> &'static str {
///         "bugs"
///     }
/// }
/// ```
pub trait Record: Serialize + DeserializeOwned {
    /// What tells the record from all others in its table: mostly the text of the column `id`. It must not change
    /// when the record is written and read again. Where several columns are the key, join them.
    fn id(&self) -> String;

    /// The name of the table.
    fn table_name() -> &'static str;
}

/// The records of one table of a database file.
///
/// [`load`](Self::load) reads them, [`save`](Self::save) writes what was changed since; between the two nothing is
/// locked, and what others write meanwhile is merged. [`update`](Self::update) does all of it under one lock.
///
/// Rows that the column `valid` hides are no records here; they stay in the file. So do columns that the struct does
/// not know, other tables, comments, and every byte that was not asked to change.
///
/// Each call locks for itself: a [`FileLock`](crate::FileLock) of the same file that is held meanwhile is waited for
/// like that of somebody else. Within `sdnlock exec` of the file nothing is waited for.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("todo_db.sdn");
/// # std::fs::write(&path, "todos |id, text, status|\n    12,  \"fix it\", open   # soon\n")?;
/// use sdnlock::{Database, Record};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Todo {
///     id: String,
///     status: String,
/// }
///
/// impl Record for Todo {
///     fn id(&self) -> String {
///         self.id.clone()
///     }
///
///     fn table_name() -> &'static str {
///         "todos"
///     }
/// }
///
/// let mut db = Database::<Todo>::load(&path)?;
/// let mut todo = db.get("12").ok_or("no such entry")?.clone();
/// todo.status = "done".to_owned();
/// db.insert(todo);
/// db.insert(Todo { id: "13".to_owned(), status: "open".to_owned() });
/// db.save()?;
/// let rows = "    12,  \"fix it\", done   # soon\n    13, \"\", open\n";
/// assert_eq!(std::fs::read_to_string(&path)?, format!("todos |id, text, status|\n{rows}"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Database<T> {
    path: PathBuf,
    state: State<T>,
    home: Home,
    /// How it is saved.
    options: DatabaseOptions,
}

/// Where changes go when they are saved.
#[derive(Clone, Debug)]
enum Home {
    /// To the file.
    File,
    /// To a transaction, or to an update, which is one of a single database.
    Transaction(Arc<Stage>),
}

impl<T: Record> Database<T> {
    /// Reads the live records of the table. If there is no such file, or no such table in it, there are none.
    ///
    /// The file is locked for reading meanwhile, for up to 10 seconds of waiting; where no lock can be had, as in a
    /// folder that is read-only, it is read without one. Within [`update`](Self::update) or [`transaction`] of the
    /// same file, in the same thread, it does not wait, and reads what the file holds, which is what it held before.
    ///
    /// # Errors
    /// [`Error::UnreadableRow`] if a row is no such record: nothing is passed over. [`Error::UnusableTable`] if the
    /// table stands there twice, its columns have no names, or the file is not UTF-8. Else if it cannot be locked or
    /// read.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        DatabaseOptions::new().load(path)
    }

    /// Locks a database, reads it, lets `change` change it, and saves it: nobody else can come between, so that
    /// nothing is lost and nothing conflicts. Waits up to 10 seconds for the lock; [`DatabaseOptions`] can
    /// say otherwise. If `change` fails or panics, nothing is written.
    ///
    /// `change` may use other databases. It may [`load`](Self::load) this one, which gives what it held before; what
    /// would change this one in another way, as a second `update` of it, is an [error](Error::LockedHere) at once.
    /// [`save`](Self::save) of the database that it is given need not be called, and writes nothing before the end. A
    /// thread that it starts and waits for waits for the lock like anybody else, and fails in the end.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("runs.sdn");
    /// use sdnlock::{Database, Record};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Serialize, Deserialize)]
    /// struct Counter {
    ///     name: String,
    ///     count: u64,
    /// }
    ///
    /// impl Record for Counter {
    ///     fn id(&self) -> String {
    ///         self.name.clone()
    ///     }
    ///
    ///     fn table_name() -> &'static str {
    ///         "counters"
    ///     }
    /// }
    ///
    /// let count = Database::<Counter>::update(&path, |db| {
    ///     let count = db.get("runs").map_or(0, |counter| counter.count) + 1;
    ///     db.insert(Counter { name: "runs".to_owned(), count });
    ///     Ok(count)
    /// })?;
    /// assert_eq!(count, 1);
    /// assert_eq!(std::fs::read_to_string(&path)?, "counters |name, count|\n    runs, 1\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of `change`, of [`load`](Self::load) and of [`save`](Self::save). Reasons of its own `change` gives as
    /// [`Error::abort`].
    pub fn update<R>(path: impl AsRef<Path>, change: impl FnOnce(&mut Self) -> Result<R>) -> Result<R> {
        DatabaseOptions::new().update(path, change)
    }

    /// A database without records, for a file that has none yet. [`save`](Self::save) adds what is inserted to
    /// whatever the file holds then.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            state: State::default(),
            home: Home::File,
            options: DatabaseOptions::default(),
        }
    }

    /// The file, as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The record with this id; of several, the last one.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&T> {
        self.state.get(id)
    }

    /// The record with this id, to be changed; of several, the last one. Its id must stay what it is.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.state.get_mut(id)
    }

    /// Adds a record, or puts it in place of the one with its id.
    pub fn insert(&mut self, record: T) {
        self.state.insert(record);
    }

    /// Removes the record with this id, and gives it back. In the file its row stays, hidden, if the table has a
    /// column `valid`.
    pub fn delete(&mut self, id: &str) -> Option<T> {
        self.state.delete(id)
    }

    /// All records, in the order of the file; new ones at the end.
    #[must_use]
    pub fn all(&self) -> Vec<&T> {
        self.state.records().collect()
    }

    /// All records, to be changed, in the order of the file. Their ids must stay what they are.
    pub fn all_mut(&mut self) -> Vec<&mut T> {
        self.state.records_mut().collect()
    }

    /// How many records there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.state.records().count()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state.records().next().is_none()
    }

    /// Writes what was changed since it was loaded or saved, and only that, merged into what the file holds by now.
    /// As [`save_with`](Self::save_with), with [`Strategy::Merge`].
    ///
    /// # Errors
    /// As [`save_with`](Self::save_with).
    pub fn save(&mut self) -> Result<()> {
        self.save_with(Strategy::default())
    }

    /// Writes what was changed since it was loaded or saved, and only that, merged into what the file holds by now, as
    /// [`update::rebase`](crate::update::rebase) does it: `strategy` says what is done about conflicts, in which the
    /// file is *ours*, and what is saved is the incoming side, *theirs*. The keys are those of the schema of the file;
    /// where it says nothing, those columns are the key whose texts are the ids of the records. Waits up to 10 seconds for the lock, or as long as the
    /// [`DatabaseOptions`] said by which it was loaded. When this returns, what was changed is on disk, and this database holds what the file holds, the changes of others included.
    ///
    /// If nothing was changed, nothing is written. A file that does not exist is made if there is a record, with the
    /// fields of the records as columns. A table that does not exist is appended to the file, behind a blank line. In
    /// a new row, columns that the struct does not know are empty, and `valid` is `true`.
    ///
    /// The columns `version`, `last_modified`, `updated_at`, `last_updated` and `created_at` are kept up to date as
    /// [`update::stamp`](crate::update::stamp) does it, unless the record itself has changed them.
    ///
    /// # Errors
    /// [`Error::Conflict`] if somebody else changed the same, and `strategy` does not resolve that.
    /// [`Error::UnwritableRecord`] if a record cannot be written so that it is read back,
    /// [`Error::AmbiguousRecord`] if several live rows have its id. [`Error::LockedHere`] within
    /// [`update`](Self::update) or [`transaction`] of the same file. [`Error::Schema`] if its schema cannot be used. Else
    /// what locking, reading and writing can meet.
    /// The file is as it was then, unless the error says otherwise, and what was changed here is still to be saved.
    pub fn save_with(&mut self, strategy: Strategy) -> Result<()> {
        match &self.home {
            Home::File => {
                let mut locked = within::open_all([&self.path], &within::request().brief().wait(self.options.wait))?;
                self.put(&mut locked[0], strategy)
            }
            Home::Transaction(stage) => {
                let (stage, path) = (Arc::clone(stage), self.path.clone());
                stage.with(&path, |member| {
                    member.merge.strategy = strategy;
                    let saving = self.saving(Stamping::None, &member.merge);
                    let (made, keys) = saving.make(member.content.as_deref())?;
                    (member.content, member.merge.keys) = (made.source.clone(), keys);
                    self.hold(made);
                    Ok(())
                })
            }
        }
    }

    fn of(path: &Path, source: Option<Vec<u8>>, home: Home) -> Result<Self> {
        Ok(Self { path: path.to_owned(), state: State::read(path, source)?, home, options: DatabaseOptions::default() })
    }

    fn saving<'s>(&'s self, stamping: Stamping, merge: &'s Options) -> Saving<'s, T> {
        Saving { path: &self.path, state: &self.state, stamping, merge }
    }

    /// Brings the changes into a file that is locked.
    fn put(&mut self, locked: &mut Locked, strategy: Strategy) -> Result<()> {
        let mut made = None;
        let _: Outcome = locked.update(ReplacePolicy::default(), |locked| {
            let merge = Options { strategy, ..Options::default() }.by_schema(locked.schema()?);
            let stamping = if self.options.stamps { Stamping::Now } else { Stamping::None };
            let saving = self.saving(stamping, &merge);
            let (state, _) = saving.make(locked.content().map(Snapshot::bytes))?;
            let source = state.source.clone();
            permit(locked, source.as_deref(), &self.options.limits)?;
            made = Some(state);
            Ok::<_, Error>(source)
        })?;
        if let Some(made) = made {
            self.hold(made);
        }
        Ok(())
    }

    /// Holds what was saved.
    fn hold(&mut self, saved: State<T>) {
        let old = std::mem::replace(&mut self.state, saved);
        self.state.keep_from(old);
    }
}
