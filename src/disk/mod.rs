//! The only door to the file system: reading databases and replacing them.
//!
//! # Rules
//! - **R1** A temporary file lies in the folder of the file it replaces, is created for its owner only, and
//!   gets mode, owner, group and extended attributes before the rename.
//! - **R2** Write, sync the file, check the lock, rename, sync the folder, check the lock; then success. Without the first
//!   sync a cut of the power leaves a torn file under the name, without the second the old one after success was told. A
//!   backup is synced before that rename, and its name with it.
//! - **R3** Symbolic links are followed. Files with several names, and write-protected ones, are refused
//!   unless that is asked for.
//! - **R4** Left-over temporary files are removed by the next one that holds the exclusive lock.
//! - **R5** Equal content is not written.
//! - **R6** Until the rename any failure leaves the file as it was; after it the file is entirely new.

#![expect(clippy::disallowed_methods, reason = "this module is one of the doors to the file system")]

mod aside;
mod backup;
mod beside;
mod failpoint;
mod private;
mod read;
mod ready;
mod redo;
mod replace;
mod tag;
mod temporary;
mod undo;
mod whole;

use std::path::Path;

pub use crate::platform::{Access, begin_writing};
pub use aside::{Standing, keep_aside, make_way, standing, standing_believed};
pub use backup::{Backup, backup_path, backups, doubted_backups, keep_backup, read_backup};
pub use beside::{
    is_read_only, keeps_times, make_read_only, put_beside, remove, rename, sync_folder, sync_folder_of, to_be_synced,
    void_if_linked,
};
#[cfg(debug_assertions)]
pub use failpoint::FAILPOINTS;
pub(crate) use failpoint::failpoint;
pub use private::PrivateCopy;
pub use read::{Snapshot, access, is_blank, read, read_if_believed};
pub use ready::{is_ready, make_ready};
pub use redo::{Unfinished, finish, is_to_be_finished, unfinished};
pub use replace::{Durability, ReplaceError, ReplacePolicy, Replaced, Replacement, Step, permit_in_folder};
pub use tag::{Tag, TagPrefix, TagPrefixError};
pub use temporary::{foreign_left_over, has_hidden_files, left_overs, owner_of_temporary, sweep, sweep_foreign};
pub(crate) use undo::read_known_undo;
pub use undo::{is_undo_of, keep_undo, read_undo, read_whole_undo, undo_copies};

/// The folder that a file is in; for a name alone, the current one.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new("/"),
    }
}
