//! What differs between operating systems, in one place. Linux is complete; other Unixes lack only
//! what is said at each function. Windows is not supported yet: it needs its own version of these
//! modules and of nothing else in the library.

#[cfg(not(unix))]
compile_error!("sdnlock runs on Linux, macOS and other Unixes");

mod attributes;
mod flock;
mod host;
mod local;
mod locks;
mod paths;
mod publish;
mod trust;
mod watch;

pub use attributes::{
    Access, FileId, Kept, Stat, begin_writing, grant, have_same_list, is_bound, keep_attributes, share_blocks,
    sync_folder, sync_names,
};
pub use flock::{Mode, lock, try_lock, unlock};
pub use host::{
    Process, ProcessState, ancestors, boot_time, host_name, is_stopped, process, process_state, user_called, user_name,
};
pub use local::is_local;
pub use locks::{KernelLock, KernelLocks, has_locked};
pub use paths::{path_from_text, path_to_text, permit_making_in};
pub use publish::{
    FileMode, Named, Naming, NewFile, Unnamed, is_closed_to_writing, is_private, is_read_only, make_lock_file,
    make_private, may_remove, open_at_once, open_lock_file, open_to_read, open_to_write, pass_on, publish,
    rename_to_free_name,
};
pub use trust::{Doubt, Reach, Trust};
pub use watch::{Sign, Watch};
