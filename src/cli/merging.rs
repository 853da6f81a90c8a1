//! Bringing together a change and what others have made of the database meanwhile.

use std::path::Path;

use sdnlock::merge::{self, Markers, MergeError, Merged, Options, Reference, Strategy};
use sdnlock::sdn::{Document, Reseal, is_sdn};

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
}

impl Rebase<'_> {
    /// Merges the change into what the database holds now.
    ///
    /// # Errors
    /// If the seal of a side is wrong.
    pub fn onto(&self, now: &[u8]) -> Result<Merged, Failure> {
        let labels = ["before both", "as somebody else wrote it", self.label].map(str::to_owned);
        let markers = Markers { labels, ..Markers::default() };
        // The change is the side that comes in: it is the later write.
        if !is_sdn(self.path) {
            return Ok(merge::merge_lines([self.base, now, self.changed], self.strategy, &markers));
        }
        let documents = [self.base, now, self.changed].map(Document::parse);
        let Self { strategy, renumber, reseal, .. } = *self;
        let options = Options { strategy, renumber, reseal, markers, ..options(self.path) };
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
