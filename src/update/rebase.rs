//! A change that was made of something that a database does not hold any more.

use super::stamp::{Others, stamp_beside};
use super::{Stamping, may_have_stamps, stamp};
use crate::merge::{self, MergeError, Merged, Options, Sides, Strategy};
use crate::sdn::{Document, EditError, Reseal, Seal, SealError};

/// How a change is made to what a database holds by now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rebasing {
    /// How it is merged. The change is the incoming side, *theirs*: it is the later write.
    pub merge: Options,
    /// Which stamps its records get.
    pub stamps: Option<Stamping>,
}

/// A change was not made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RebaseError {
    /// The seal of what the database holds is not right.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A record cannot be stamped.
    #[error(transparent)]
    Stamp(#[from] EditError),
}

/// Makes the change from `base` to `changed` to what a database holds `now`.
///
/// Records are stamped before they are merged, so that each step of both sides counts and the change has a time. What
/// others have made alike is not counted again. What comes of both sides is no version that the database held, and is
/// stamped once more if it has the number of one.
///
/// ```
/// use sdnlock::update::{Rebasing, rebase};
///
/// let (base, changed) = ("t |id, a, b|\n    1, x, y\n", "t |id, a, b|\n    1, X, y\n");
/// let now = "t |id, a, b|\n    1, x, Y\n    2, z, z\n";
/// let merged = rebase(base.as_bytes(), changed.as_bytes(), now.as_bytes(), &Rebasing::default())?;
/// assert!(merged.is_clean());
/// assert_eq!(merged.content, b"t |id, a, b|\n    1, X, Y\n    2, z, z\n");
/// # Ok::<(), sdnlock::update::RebaseError>(())
/// ```
///
/// # Errors
/// If the seal of what the database holds is wrong, or a record cannot be stamped.
pub fn rebase(base: &[u8], changed: &[u8], now: &[u8], how: &Rebasing) -> Result<Merged, RebaseError> {
    Seal::of(now).permit(how.merge.reseal)?;
    // That of the change is not right any more: it was changed by hand. The merged text is sealed anew.
    let options = Options { reseal: Reseal::Always, ..how.merge.clone() };
    let [base_document, there] = [base, now].map(Document::parse);
    let stamping = how.stamps.as_ref().filter(|_| may_have_stamps(changed));
    let changed = match stamping {
        Some(stamping) => {
            let others = Others { document: &there, whole: options.strategy == Strategy::Error };
            Document::parse(stamp_beside(Some(others), base, changed.to_vec(), stamping, &options.keys)?)
        }
        None => Document::parse(changed),
    };
    let merged = merge::merge(Sides { base: &base_document, ours: &there, theirs: &changed }, &options);
    let mut merged = merged.map_err(|MergeError::Seal { problem, .. }| RebaseError::Seal(problem))?;
    if let Some(stamping) = stamping.filter(|_| merged.is_clean()) {
        // A record that says something new has another version than what the database held, whoever made what of it.
        merged.content = stamp(now, merged.content, stamping, &options.keys)?;
    }
    Ok(merged)
}
