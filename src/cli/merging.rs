//! Bringing together a change and what others have made of the database meanwhile.

use std::path::Path;

use sdnlock::check::Schema;
use sdnlock::merge::{self, Markers, Merged, Options, Sides};
use sdnlock::sdn::is_sdn;
use sdnlock::update::{RebaseError, Rebasing, Stamping, Stamps, rebase};

use super::conflicts;
use super::failure::Failure;
use super::status;
use super::text;

/// A change that was made of something that the database does not hold any more.
pub struct Moved<'a> {
    pub path: &'a Path,
    /// What the change was made of.
    pub base: &'a [u8],
    /// What it made of that.
    pub changed: &'a [u8],
    /// What the change is called where it is in conflict.
    pub label: &'a str,
    /// How it is merged: keys and references are those of the schema.
    pub options: Options,
    pub stamps: bool,
}

impl Moved<'_> {
    /// Merges the change into what the database holds now.
    ///
    /// # Errors
    /// If the seal of what the database holds is wrong, or a record cannot be stamped.
    pub fn onto(&self, now: &[u8], schema: &Schema) -> Result<Merged, Failure> {
        let labels = Sides { base: "before both", ours: "as somebody else wrote it", theirs: self.label };
        let markers = Markers { labels: labels.map(str::to_owned), ..Markers::default() };
        let merge = Options { markers, ..self.options.clone().by_schema(schema) };
        if !is_sdn(self.path) {
            let sides = Sides { base: self.base, ours: now, theirs: self.changed };
            return Ok(merge::merge_lines(sides, merge.strategy, &merge.markers));
        }
        let stamping = || Stamping::new(Stamps::Versions, sdnlock::now_exactly()).by_schema(schema);
        let stamps = self.stamps.then(stamping);
        rebase(self.base, self.changed, now, &Rebasing { merge, stamps }).map_err(|error| match error {
            RebaseError::Seal(problem) => Failure::seal(self.path, problem),
            RebaseError::Stamp(error) => Failure::edit(self.path, &error),
        })
    }
}

/// What is said of a change that contradicts what others have changed.
pub fn conflict(path: &Path, what: &str, merged: &Merged) -> Failure {
    let title = format!("not writing {}: {what}", text::path(path));
    let described = conflicts::in_words(merged, "in the database", "in the new text");
    described.into_iter().fold(Failure::new(status::NO, title), super::failure::Failure::cause)
}
