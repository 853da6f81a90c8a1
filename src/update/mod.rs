//! Changes of records and settings: what the commands `set`, `add` and `rm` make of a text. Pure: the time is told.

mod add;
mod remove;
mod set;
mod stamp;

pub use add::{AddError, Added, Adding, Fields, Refusal, add, create};
pub use remove::{RemoveError, Removing, remove};
pub use set::{SetError, set};
pub use stamp::{Stamps, may_have_stamps, stamp, versioned};
