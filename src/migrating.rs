//! Coming from `db_lock.rs` and `unified_db.rs`, the modules by which the Rust driver of the Simple language keeps its
//! databases. This page is documentation; there is no code in it.
//!
//! # What stays
//!
//! The lock file is the same one, `NAME.sdn.lock` beside the database, so that programs can change over one by one:
//! whoever still uses the old modules waits for whoever uses this crate, and the other way round. These calls compile
//! as they are:
//!
//! | call | what is better |
//! |---|---|
//! | `FileLock::acquire(path, 10)?` | the lock is never taken from a living holder after 60 s, never left behind by a dead one; waiters take turns; [`LockError::problem`](crate::lock::LockError::problem) says who holds it, and since when. A `Duration` will do, too |
//! | `lock.release()?`, or drop | another holder's lock is never removed |
//! | `Database::<T>::load(path)` | a row that is no record is an [error](crate::Error::UnreadableRow) with line and column; before, a number that was none became 0, a row with an empty first cell was passed over, and both were so after the next `save` |
//! | `Database::new(path)` | |
//! | `get`, `get_mut`, `insert`, `delete`, `all`, `all_mut`, `count`, `is_empty` | records are in the order of the file, and no longer in that of their ids |
//! | `save()` | writes what was changed since `load`, merged with what others wrote meanwhile; comments, other tables, unknown columns and the spelling of everything else stay. Synced, then replaced atomically |
//!
//! # What changes
//!
//! - **A record is a struct with serde**, not a list of texts: `field_names`, `from_sdn_row` and `to_sdn_row` go, `id`
//!   and `table_name` stay. The columns are found by their names, in whatever order the file has them.
//!   A default that `from_sdn_row` had, `unwrap_or("P2")`, is `#[serde(default = "…")]`, which stands in for a column
//!   that is missing; such a field can be read, but not saved before `sdnlock alter --add-column` has added the column.
//!   Where a cell may be empty, the field is an `Option`. A list that is joined to one text is
//!   `#[serde(with = "sdnlock::joined::comma")]`, see [`joined`](crate::joined).
//! - **Errors are [`Error`](crate::Error)s**, neither texts nor `io::Error`s: all say the file; those of rows say line
//!   and column; the reason is the source.
//!   `LockError::Timeout` is [`LockProblem::Timeout`](crate::lock::LockProblem::Timeout) in the field `problem` of
//!   [`LockError`](crate::lock::LockError).
//! - **`save` takes `&mut self`**: afterwards the database holds what the file holds, the changes of others included.
//! - **What `valid` hides is no record.** Such rows stay in the file, as before; they are neither listed nor counted.
//!   `delete` hides a row where there is a column `valid`; before, it took the row away. So a struct needs no field
//!   `valid`; a new row says `true`.
//! - **`records`, the map, is gone**: [`get`](crate::Database::get) and [`all`](crate::Database::all) are what it was
//!   used for.
//! - **`load`, change, `save` can be one step**: between the two, somebody else may change the same record, which is an
//!   error then unless [`ConflictResolution`](crate::ConflictResolution) decides it. In
//!   [`Database::update`](crate::Database::update) nobody can come between.
//! - **The wait is 10 s** everywhere, unless [`DatabaseOptions`](crate::DatabaseOptions) say otherwise.
//! - **The table is one at the top of the file**, as before, and the file must be SDN: one that holds JSON is an
//!   [error](crate::Error::UnusableTable).
//! - `validate`, the report about single records, is not part of it. `sdnlock check` validates files, by a schema too:
//!   see [`check`](crate::check).
//!
//! # `TodoDb`, `FeatureDb`, `TaskDb`
//!
//! ```
//! use sdnlock::{Database, Record, joined};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Clone, Serialize, Deserialize)]
//! struct Todo {
//!     id: String,
//!     keyword: String,
//!     area: String,
//!     priority: String,
//!     description: String,
//!     file: String,
//!     line: Option<usize>,
//!     issue: Option<String>,
//!     #[serde(with = "joined::comma")]
//!     blocked: Vec<String>,
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
//! type TodoDb = Database<Todo>;
//!
//! #[derive(Clone, Serialize, Deserialize)]
//! struct Feature {
//!     id: String,
//!     category: String,
//!     name: String,
//!     description: String,
//!     spec: String,
//!     mode_interpreter: Support,
//!     mode_jit: Support,
//!     mode_smf_cranelift: Support,
//!     mode_smf_llvm: Support,
//!     #[serde(with = "joined::comma")]
//!     platforms: Vec<String>,
//!     status: String,
//! }
//!
//! #[derive(Clone, PartialEq, Serialize, Deserialize)]
//! #[serde(rename_all = "snake_case")]
//! enum Support {
//!     NotSupported,
//!     #[serde(other)]
//!     Supported, // whatever else stands there
//! }
//!
//! impl Record for Feature {
//!     fn id(&self) -> String {
//!         self.id.clone()
//!     }
//!
//!     fn table_name() -> &'static str {
//!         "features"
//!     }
//! }
//!
//! type FeatureDb = Database<Feature>;
//! // Files whose columns are `interpreter`, `jit` and so on need fields of these names.
//!
//! #[derive(Clone, Serialize, Deserialize)]
//! struct Task {
//!     id: String,
//!     category: String,
//!     name: String,
//!     description: String,
//!     #[serde(default = "medium")]
//!     priority: String,
//!     status: String,
//! }
//!
//! fn medium() -> String {
//!     "medium".to_owned()
//! }
//!
//! impl Record for Task {
//!     fn id(&self) -> String {
//!         self.id.clone()
//!     }
//!
//!     fn table_name() -> &'static str {
//!         "tasks"
//!     }
//! }
//!
//! type TaskDb = Database<Task>;
//!
//! # let folder = tempfile::tempdir()?;
//! # let [todo_db, feature_db, task_db] =
//! #     ["todo_db.sdn", "feature_db.sdn", "task_db.sdn"].map(|name| folder.path().join(name));
//! # let text = "todos |id, keyword, area, priority, description, file, line, issue, blocked, status, valid|\n    \
//! #     7, TODO, parser, P2, \"a, b\", x.spl, 4, \"\", \"3, 5\", open, true\n    \
//! #     8, TODO, a, P1, c, y.spl, 9, 12, \"\", open, false\n";
//! # let text = text.replace("x.spl, 4", "x.spl, \"\"");
//! # std::fs::write(&todo_db, &text)?;
//! # let text_of_features = "features |id, category, name, description, spec, mode_interpreter, mode_jit, \
//! #     mode_smf_cranelift, mode_smf_llvm, platforms, status, valid|\n    \
//! #     F1, c, n, d, s.spl, supported, not_supported, supported, supported, \"linux,macos\", planned, true\n";
//! # std::fs::write(&feature_db, text_of_features)?;
//! # std::fs::write(&task_db, "tasks |id, category, name, description, status, valid|\n    T1, c, n, d, planned, true\n")?;
//! // Load, change, save: what others write meanwhile is merged.
//! let mut todos = TodoDb::load(&todo_db)?;
//! for todo in todos.all_mut() {
//!     if todo.blocked.iter().any(|id| id == "3") {
//!         todo.status = "blocked".to_owned();
//!     }
//! }
//! todos.save()?;
//! assert_eq!(todos.count(), 1); // the other one is hidden
//! # assert_eq!(std::fs::read_to_string(&todo_db)?, text.replace("5\", open", "5\", blocked"));
//!
//! // Everything in one step: nobody can come between.
//! let without_jit = FeatureDb::update(&feature_db, |features| {
//!     let feature = features.get_mut("F1").ok_or_else(|| sdnlock::Error::abort("there is no feature F1"))?;
//!     feature.status = "ready".to_owned();
//!     Ok(features.all().iter().filter(|feature| feature.mode_jit == Support::NotSupported).count())
//! })?;
//! assert_eq!(without_jit, 1);
//! # assert_eq!(std::fs::read_to_string(&feature_db)?, text_of_features.replace("planned", "ready"));
//!
//! // A column that the file lacks has its default.
//! assert_eq!(TaskDb::load(&task_db)?.get("T1").map(|task| task.priority.as_str()), Some("medium"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
