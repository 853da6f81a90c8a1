//! Changes of records and settings: what the commands `set`, `add`, `rm`, `alter` and `write --base` make of a text.
//! Pure: the time is told. [`set`], [`add`], [`remove`] and [`alter`] keep keys, references and what hides records;
//! [`stamp`] counts and dates what they have changed.

mod add;
mod alter;
mod rebase;
mod remove;
mod says;
mod set;
mod stamp;
mod times;

pub use add::{AddError, Added, Adding, Applied, Fields, Mode, RecordOutcome, Refusal, Skip, Unknown, add, create};
pub use alter::{AlterError, Altering, alter};
pub use rebase::{RebaseError, Rebasing, rebase};
pub use remove::{RemoveError, Removing, remove};
pub use set::{SetError, set};
pub use stamp::{Stamping, Stamps, may_have_stamps, stamp, versioned};
pub(crate) use times::ColumnTimes;
