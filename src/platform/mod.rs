//! What differs between operating systems, in one place. Linux is complete; other Unixes lack only
//! what is said at each function. Windows is not supported yet: it needs its own version of these
//! modules and of nothing else in the library.

#[cfg(not(unix))]
compile_error!("sdnlock runs on Linux, macOS and other Unixes");

mod attributes;
mod flock;
mod host;
mod publish;

pub use attributes::{FileId, Kept, Stat, keep_attributes, sync_folder};
pub use flock::{Mode, lock, try_lock, unlock};
pub use host::{ProcessState, host_name, process_state, user_name};
pub use publish::{
    Naming, NewFile, is_closed_to_writing, is_read_only, make_lock_file, may_remove, open_lock_file, publish,
};
