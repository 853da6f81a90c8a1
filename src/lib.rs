//! Lets any number of programs read, write and edit the same SDN text databases safely, without
//! changing those programs.

pub mod address;
pub mod check;
pub mod diff;
pub mod disk;
mod error;
pub mod lock;
mod locked;
mod platform;
pub mod record;
pub mod sdn;
pub mod text;

pub use error::{Error, Result};
pub use lock::FileLock;
pub use locked::{Locked, Outcome};
pub use platform::Kept;
