//! Lets any number of programs read, write and edit the same SDN text databases safely, without
//! changing those programs.
//!
//! The lock is the one that the programs around these databases already take: a file `NAME.lock` beside
//! the database. This crate makes it safe, and replaces databases atomically.
//!
//! - [`FileLock`] is a lock as a value; [`lock`] has the rules, other modes and waits.
//! - [`Locked`] is a database under its lock: read it, compute, replace it.
//! - [`sdn`] reads a document without loss, and [`address`] finds a value, record or table in it;
//!   [`sdn::Edit`] changes exactly the bytes of a value.
//! - [`tree`] is what a document says, as a tree of typed values, and makes a document say another one.
//! - [`check`] finds what is broken, or what a reader would misread.
//! - [`txn`] secures several databases before programs change them, and brings them back.
//! - [`disk`] replaces files, whatever they hold; [`diff`] compares them.
//!
//! # Example
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
//! `cli`, on by default, is the command `sdnlock` and what it depends on. The library needs none of it.

pub mod address;
pub mod check;
pub mod diff;
pub mod disk;
mod error;
pub mod lock;
mod locked;
mod opening;
mod platform;
pub mod record;
pub mod schema;
pub mod sdn;
mod status;
pub mod text;
pub mod tree;
pub mod txn;
pub mod update;

pub use error::{Error, Result};
pub use lock::FileLock;
pub use locked::{Locked, Outcome};
pub use opening::Notice;
pub use platform::Kept;
pub use status::Status;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
