//! Lets any number of programs read, write and edit the same SDN text databases safely, without
//! changing those programs.
//!
//! The lock is the one that the programs around these databases already take: a file `NAME.lock` beside
//! the database. This crate makes it safe, and replaces databases atomically.
//!
//! - [`Database`] is a table as a collection of structs: load it, change it, save it, or
//!   [`update`](Database::update) it in one step. [`transaction`] changes several, all or none.
//!   [Coming from `db_lock.rs` and `unified_db.rs`](migrating) has them for the known databases.
//! - [`FileLock`] is a lock as a value; [`lock`] has the rules, other modes and waits.
//! - [`Locked`] is a database under its lock, as bytes: read it, compute, replace it.
//! - [`sdn`] reads a document without loss, and [`address`] finds a value, record or table in it;
//!   [`sdn::Edit`] changes exactly the bytes of a value.
//! - [`tree`] is what a document says, as a tree of typed values, and makes a document say another one.
//! - [`merge`] merges two versions of a document, by record and cell.
//! - [`check`] finds what is broken, what a reader would misread, or what is not as a schema says.
//! - [`txn`] secures several databases before programs change them, and brings them back.
//! - [`disk`] replaces files, whatever they hold; [`diff`] compares them.
//!
//! # Example
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("todo_db.sdn");
//! # std::fs::write(&path, "todos |id, text, status|\n    11, \"fix it\", open\n    12, test, open\n")?;
//! use sdnlock::{Database, Record};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Todo {
//!     id: String,
//!     status: String,
//! }
//!
//! impl Record for Todo {
//!     fn id(&self) -> String {
//!         self.id.clone()
//!     }
//!
//!     fn table_name() -> &'static str {
//!         "todos"
//!     }
//! }
//!
//! let mut db = Database::<Todo>::load(&path)?;
//! db.delete("11");
//! db.save()?; // locks, merges what others wrote meanwhile, replaces the file
//!
//! Database::<Todo>::update(&path, |db| {
//!     let todo = db.get_mut("12").ok_or_else(|| sdnlock::Error::abort("no such entry"))?;
//!     todo.status = "done".to_owned();
//!     Ok(())
//! })?;
//! assert_eq!(std::fs::read_to_string(&path)?, "todos |id, text, status|\n    12, test, done\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Beneath that, a single value is changed like this:
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("todo_db.sdn");
//! # std::fs::write(&path, "todos |id, status|\n    12, open\n")?;
//! use sdnlock::address::{Address, Target};
//! use sdnlock::disk::ReplacePolicy;
//! use sdnlock::lock::LockRequest;
//! use sdnlock::sdn::{Document, Edit, Reseal};
//! use sdnlock::{Locked, Outcome};
//!
//! let mut database = Locked::open(&path, &LockRequest::new())?;
//! let old = database.content().ok_or("there is no such file")?.bytes().to_vec();
//! let document = Document::parse(old);
//! let address: Address = "todos.12.status".parse()?;
//! let Target::Value(place) = address.find(&document)? else { return Err("no value".into()) };
//! let mut edit = Edit::of(&document, Reseal::OnlyIfRight)?;
//! edit.set(&place, "done")?;
//! let outcome = database.replace(&edit.finish()?, ReplacePolicy::default())?;
//! assert!(matches!(outcome, Outcome::Written(_)));
//! assert_eq!(std::fs::read_to_string(&path)?, "todos |id, status|\n    12, done\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is guaranteed
//!
//! - A database is entirely old or entirely new for every reader, with or without a lock, whatever fails.
//!   What was reported as written is on disk.
//! - One writer, or any number of readers, hold the lock. It ends with the process that holds it.
//! - Bytes that were not asked to change do not change.
//!
//! The lock is advisory: it cannot keep out a program that does not take it. That such a program broke
//! the lock, or changed the database, is noticed before and after every replacement; what cannot be
//! known is reported as uncertain, never as done.
//!
//! # Features
//!
//! `cli`, on by default, is the command `sdnlock` and what it depends on. The library needs none of it:
//!
//! ```toml
//! [dependencies]
//! sdnlock = { version = "0.1", default-features = false }
//! serde = { version = "1", features = ["derive"] }
//! ```

pub mod address;
pub mod check;
mod clock;
mod db;
pub mod diff;
pub mod disk;
mod error;
mod limits;
pub mod lock;
mod locked;
pub mod loss;
pub mod merge;
#[cfg(any(doc, doctest))]
pub mod migrating;
mod opening;
mod platform;
pub mod policy;
pub mod project;
pub mod record;
pub mod review;
pub mod sdn;
mod status;
pub mod text;
pub mod tree;
pub mod txn;
pub mod update;

pub use clock::{now, now_exactly};
pub use db::{Database, DatabaseOptions, Databases, Record, joined, transaction};
pub use error::{Error, Result};
pub use lock::FileLock;
pub use locked::{Locked, Outcome};
pub use merge::Conflict;
#[doc(no_inline)]
pub use merge::Strategy as ConflictResolution;
pub use opening::Notice;
pub use platform::Kept;
pub use status::Status;

/// The names that programs around these databases use.
///
/// ```no_run
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)]
/// # struct Todo { id: String }
/// # impl sdnlock::Record for Todo {
/// #     fn id(&self) -> String { self.id.clone() }
/// #     fn table_name() -> &'static str { "todos" }
/// # }
/// # fn old_callers(path: &str, todo: Todo) -> sdnlock::Result<()> {
/// use sdnlock::{Database, FileLock};
///
/// let lock = FileLock::acquire(path, 10)?;
/// lock.release()?;
/// let lock = FileLock::acquire(path, std::time::Duration::from_secs(10))?;
/// drop(lock);
/// let mut db = Database::<Todo>::load("doc/todo/todo_db.sdn")?;
/// db.insert(todo);  db.get("12");  db.delete("12");  db.all();  db.count();
/// db.save()?;
/// db.save_with(sdnlock::ConflictResolution::LastWriteWins)?;
/// Database::<Todo>::update(path, |db| { db.delete("12"); Ok(()) })?;
/// # Ok(())
/// # }
/// ```
#[cfg(doctest)]
struct Names;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
