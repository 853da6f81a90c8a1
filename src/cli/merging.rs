//! Bringing together a change and what others have made of the database meanwhile.

use std::path::Path;

use sdnlock::merge::{self, Markers, MergeError, Merged, Options, Reference, Sides, Strategy};
use sdnlock::sdn::{Document, Reseal, Seal, is_sdn};
use sdnlock::update::{self, Stamps};

use super::conflicts::{self, Names};
use super::failure::Failure;
use super::schemas;
use super::status;
use super::text;

/// A change that was computed from something that the database does not hold any more.
pub struct Rebase<'a> {
    pub path: &'a Path,
    /// What the change was computed from.
    pub base: &'a [u8],
    /// What it made of that.
    pub changed: &'a [u8],
    /// What the change is called where it is in conflict.
    pub label: &'a str,
    pub strategy: Strategy,
    pub renumber: bool,
    pub reseal: Reseal,
    /// Whether changed records are stamped. That is done before they are merged, so that the change has a time.
    pub stamps: bool,
}

impl Rebase<'_> {
    /// Merges the change into what the database holds now.
    ///
    /// # Errors
    /// If the seal of a side is wrong.
    pub fn onto(&self, now: &[u8]) -> Result<Merged, Failure> {
        let labels = Sides { base: "before both", ours: "as somebody else wrote it", theirs: self.label };
        let labels = labels.map(str::to_owned);
        let markers = Markers { labels, ..Markers::default() };
        // The change is the side that comes in: it is the later write.
        if !is_sdn(self.path) {
            return Ok(merge::merge_lines([self.base, now, self.changed], self.strategy, &markers));
        }
        let refused = |error| Failure::seal(self.path, error);
        Seal::of(now).permit(self.reseal).map_err(refused)?;
        let Self { strategy, renumber, .. } = *self;
        let options = options(self.path);
        let mut changed = self.changed.to_vec();
        if self.stamps && update::may_have_stamps(&changed) {
            // What is there already is not stamped again.
            let plain = Rebase { stamps: false, strategy: Strategy::Merge, ..*self }.onto(now)?;
            if plain.is_clean() && plain.content == now {
                return Ok(plain);
            }
            let stamped = update::stamp(self.base, changed, Stamps::Versions, &sdnlock::now(), &options.keys);
            changed = stamped.map_err(|error| Failure::edit(self.path, &error))?;
        }
        let documents = [self.base.to_vec(), now.to_vec(), changed].map(Document::parse);
        // That of the change is not right any more: it was changed by hand. The merged text is sealed anew.
        let options = Options { strategy, renumber, markers, reseal: Reseal::Always, ..options };
        merge::merge([&documents[0], &documents[1], &documents[2]], &options)
            .map_err(|MergeError::Seal { problem, .. }| Failure::seal(self.path, problem))
    }
}

/// Keys and references as the schema of a database says.
pub fn options(path: &Path) -> Options {
    let schema = schemas::schema(path);
    let references: Vec<Reference> = schema.references().map(|(from, to)| Reference { from, to }).collect();
    Options { keys: schema.keys(), references: Some(references).filter(|said| !said.is_empty()), ..Options::default() }
}

/// What is said of a change that contradicts what others have changed.
pub fn conflict(path: &Path, what: &str, merged: &Merged) -> Failure {
    let title = format!("not writing {}: {what}", text::path(path));
    let names = Names { ours: "in the database", theirs: "in the new text" };
    let told = conflicts::in_words(merged, names);
    told.into_iter().fold(Failure::new(status::NO, title), super::failure::Failure::cause)
}
