//! The three-way merge: by record and cell, settings by address, everything else by lines.
//!
//! *Base* is what both sides began with, *ours* and *theirs* are what became of it. What one side changed is taken,
//! what both changed alike is taken once, and different cells of one record are combined. A *conflict* is the same
//! cell changed differently, something changed here and removed there, or two new records with one key but different
//! content. Hiding a record (`valid` becomes `false`) counts as removing it.
//!
//! ```text
//! 1. two of the three texts are equal         the third one, or that of both sides, byte for byte
//! 2. a text is no SDN, or not UTF-8           by lines, as git does
//! 3. a seal that is wrong                     nothing is merged, nor handed on
//! 4. interned texts and new numbers           theirs gets other numbers where both took the same one (see `numbers`)
//! 5. blocks, from the outside in              names are matched, then put in one order (see `align`)
//! 6. rows of a table                          records are matched by key (see `rows`), then merged cell by cell
//! 7. names and keys that stand several times, or between the marks of an earlier merge   see `tangles`
//! 8. a result that no longer passes a check, or the law (see `law`), or in which records share a key
//!                                             once more with rows known by what they say, if a table has no key; else
//!                                             a conflict of everything between what the sides have in common
//! ```
//!
//! Whatever the base holds: a key or setting that both sides have is in the result or in a conflict, and one that a
//! side has new is too. No key stands more often in a clean result than on the side that has it more often.
//!
//! Layout, comments and order of the base survive: a line that neither side changed is copied. What was added stands
//! behind what it stands behind on its side. Where both sides moved the same thing, it stands as in ours.
//!
//! *Stamps* never conflict: of times the later one is taken, and a `version` grows by what both sides added to it.

mod align;
mod cells;
mod columns;
mod conflict;
mod contents;
mod diffs;
mod draft;
mod entries;
mod items;
mod keys;
mod law;
mod level;
mod lines;
mod numbers;
mod page;
mod result;
mod rows;
mod rowwise;
mod settings;
mod sides;
mod tangles;
mod tree;

use std::borrow::Cow;

pub use conflict::{Clash, Conflict, ConflictKind, FullName, Subject};
pub use keys::Reference;
pub use lines::{merge_lines, resolved_by_lines};
pub use numbers::Renumbered;
pub use page::{ConflictStyle, Markers};
pub(crate) use result::removed_target;
pub use sides::{Side, Sides};

use crate::check::{self, Schema};
use crate::record::Keys;
use crate::sdn::{Document, Reseal, Seal, SealError};
use crate::text::{BOM, is_uniform, line_end, with_line_end};
use draft::Draft;
use page::{Page, common_lines};

/// What is made of a conflict.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Strategy {
    /// Cells are combined; a conflict stays one.
    #[default]
    Merge,
    /// Any record that both sides changed is a conflict, even in different cells.
    Error,
    /// Theirs, the incoming side, wins every conflict. What would not be valid even so stays one
    /// ([`ConflictKind::Invalid`]).
    LastWriteWins,
    /// In a conflict the record with the later `last_modified`, `updated_at` or `last_updated` wins as a whole;
    /// if a time is missing or they are equal it stays a conflict.
    LastModifiedWins,
}

/// How to merge.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// What is made of a conflict.
    pub strategy: Strategy,
    /// What the keys of the tables are.
    pub keys: Keys,
    /// Which columns refer to which; [`Reference::by_name`] if it is not said.
    pub references: Option<Vec<Reference>>,
    /// Whether one of two new records with the same number gets another one.
    pub renumber: bool,
    /// How conflicts are marked.
    pub markers: Markers,
    /// What to do about a seal that is wrong.
    pub reseal: Reseal,
}

impl Options {
    /// With the keys and references of a schema.
    #[must_use]
    pub fn by_schema(self, schema: &Schema) -> Self {
        let references: Vec<Reference> = schema.references().map(|(from, to)| Reference { from, to }).collect();
        Self { keys: schema.keys(), references: Some(references).filter(|said| !said.is_empty()), ..self }
    }
}

/// The result of a merge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// The merged text, with marks around what is in conflict.
    pub content: Vec<u8>,
    /// What is in conflict, in the order of the text; if there is nothing the merge is clean.
    pub conflicts: Vec<Conflict>,
    /// The records of theirs that got another number.
    pub renumbered: Vec<Renumbered>,
}

/// Nothing was merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MergeError {
    /// The seal of a side is not right.
    #[error("{}: {problem}", .side.name())]
    Seal {
        /// Which side.
        side: Side,
        /// What is wrong.
        problem: SealError,
    },
}

impl Merged {
    fn clean(content: Vec<u8>) -> Self {
        Self { content, conflicts: Vec::new(), renumbered: Vec::new() }
    }

    /// Whether there is no conflict.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.conflicts.is_empty()
    }
}

/// Merges two versions of a document.
///
/// ```
/// use sdnlock::merge::{self, Options};
/// use sdnlock::sdn::Document;
///
/// let base = Document::parse("todos |id, status, title|\n    1, open, a\n");
/// let ours = Document::parse("todos |id, status, title|\n    1, done, a\n    2, open, b\n");
/// let theirs = Document::parse("todos |id, status, title|\n    1, open, A\n    3, open, c\n");
/// let merged = merge::merge([&base, &ours, &theirs], &Options::default())?;
/// assert!(merged.is_clean());
/// assert_eq!(merged.content, b"todos |id, status, title|\n    1, done, A\n    2, open, b\n    3, open, c\n");
/// # Ok::<(), merge::MergeError>(())
/// ```
///
/// # Errors
/// If the seal of a side is wrong and the options do not allow for it.
pub fn merge<'d>(documents: impl Into<Sides<&'d Document>>, options: &Options) -> Result<Merged, MergeError> {
    let documents: Sides<&Document> = documents.into();
    let sources = documents.map(Document::source);
    let permit = |side: Side| {
        let permitted = Seal::of(sources[side]).permit(options.reseal);
        permitted.map_err(|problem| MergeError::Seal { side, problem })
    };
    if let Some(content) = sources.agreed() {
        permit(if content == sources.ours { Side::Ours } else { Side::Theirs })?;
        return Ok(Merged::clean(crate::sdn::seal(content.to_vec())));
    }
    if documents.values().any(|document| document.not_utf8().is_some() || check::is_other_format(document)) {
        return Ok(merge_lines(sources, options.strategy, &options.markers));
    }
    permit(Side::Ours)?;
    permit(Side::Theirs)?;
    let has_mark = sources.map(|source| source.starts_with(BOM));
    let mark = has_mark.agreed().unwrap_or(has_mark.ours);
    let end = common_line_end(sources);
    // Of texts whose lines end now so, now so, each line keeps its end.
    let converts = sources.values().all(|source| is_uniform(source)).then_some(end);
    let alike = documents.map(|document| alike(document, converts));
    let mut merged = merge_alike(alike.each_ref().map(AsRef::as_ref), end, options);
    let is_sealed = sources.map(|source| seal_line(source) > 0);
    let seal = is_sealed.agreed().unwrap_or(is_sealed.ours);
    // Other line ends can break what is valid with its own.
    if alike.values().any(|document| matches!(document, AnyDocument::Made(_)))
        && merged.is_clean()
        && let Some(about) = result::broken(documents, &Document::parse(&merged.content[..]))
    {
        let plain = alike.each_ref().map(|document| document.as_ref().source());
        merged = Merged { renumbered: merged.renumbered, ..whole_conflict(plain, end, about, options) };
    }
    for conflict in &mut merged.conflicts {
        conflict.line += usize::from(seal);
        conflict.lines = Sides::from_fn(|side| conflict.lines[side].map(|line| line + usize::from(is_sealed[side])));
    }
    if seal {
        merged.content = crate::sdn::seal([SEAL, b"0", end, &merged.content].concat());
    }
    if mark {
        merged.content.splice(0..0, BOM.iter().copied());
    }
    Ok(merged)
}

/// How the line of a seal begins.
const SEAL: &[u8] = b"#sdn-crc32:";

/// The length of the first line, if it is a seal.
fn seal_line(source: &[u8]) -> usize {
    let plain = source.strip_prefix(BOM).unwrap_or(source);
    let end = || memchr::memchr(b'\n', plain).map_or(plain.len(), |lf| lf + 1);
    if plain.starts_with(SEAL) { end() } else { 0 }
}

/// Merges documents without byte-order marks and seals whose lines end alike.
fn merge_alike(documents: Sides<&Document>, end: &'static [u8], options: &Options) -> Merged {
    let sources = documents.map(Document::source);
    if let Some(content) = sources.agreed() {
        return Merged::clean(content.to_vec());
    }
    let numbers::Renumbering { base, theirs, records, doubtful } = numbers::renumber(documents, options);
    let given = documents.theirs;
    let base = base.as_ref().unwrap_or(documents.base);
    let documents = Sides { base, theirs: theirs.as_ref().unwrap_or(given), ..documents };
    let sources = documents.map(Document::source);
    let attempt = |by_content: bool| {
        let page = Page::new(end, &options.markers, sources.ours.len().max(sources.theirs.len()));
        let (Draft { mut page, conflicts, .. }, was_tangled) =
            tree::merge(documents, &doubtful, options, by_content, page);
        if !is_ended(sources) {
            page.end_open();
        }
        let mut merged = Merged { content: page.bytes, conflicts, renumbered: Vec::new() };
        let about = result::wrong(documents, given, &mut merged, end, was_tangled, options);
        (merged, about)
    };
    let (mut merged, mut about) = attempt(false);
    // Rows that are known by their texts may have been moved past each other.
    if about.is_some() && result::has_keyless(documents, options) {
        (merged, about) = attempt(true);
    }
    merged.renumbered = records;
    match about {
        Some(about) => Merged { renumbered: merged.renumbered, ..whole_conflict(sources, end, about, options) },
        None => merged,
    }
}

/// Everything that the sides do not have in common, as one conflict.
fn whole_conflict(
    sources: Sides<&[u8]>,
    end: &'static [u8],
    (kind, subject): (ConflictKind, Subject),
    options: &Options,
) -> Merged {
    let Sides { base, ours, theirs } = sources;
    let (head, tail) = common_lines(ours, theirs);
    let mut page = Page::new(end, &options.markers, ours.len() + theirs.len());
    page.bytes.extend(&ours[..head]);
    let at = page.line();
    let lines = Sides { base: None, ours: Some(at), theirs: Some(at) };
    let conflict = Conflict { kind, subject, clashes: Vec::new(), lines, line: at, modified: Sides::default() };
    let (our_end, their_end) = (ours.len() - tail, theirs.len() - tail);
    page.conflict(Sides { base, ours: &ours[head..our_end], theirs: &theirs[head..their_end] });
    page.bytes.extend(&ours[our_end..]);
    Merged { content: page.bytes, conflicts: vec![conflict], renumbered: Vec::new() }
}

/// The line end of the merged text: that of the side which changed it.
fn common_line_end(sources: Sides<&[u8]>) -> &'static [u8] {
    changed_or_common(sources.map(line_end)).unwrap_or("\n").as_bytes()
}

/// What the side has that changed it. A side that says nothing of it has what the base has.
fn changed_or_common<T: PartialEq + Copy>(sides: Sides<Option<T>>) -> Option<T> {
    let base = sides.base.or(sides.ours).or(sides.theirs);
    Sides { base, ours: sides.ours.or(base), theirs: sides.theirs.or(base) }.agreed().flatten()
}

/// The document without a byte-order mark and seal, with these line ends if its own are others.
fn alike<'d>(document: &'d Document, end: Option<&'static [u8]>) -> AnyDocument<'d> {
    let source = document.source();
    let plain = &source.strip_prefix(BOM).unwrap_or(source)[seal_line(source)..];
    let other = end.filter(|end| line_end(plain).is_some_and(|own| own.as_bytes() != *end));
    if other.is_none() && plain.len() == source.len() {
        return AnyDocument::Given(document);
    }
    let text = other.map_or(Cow::Borrowed(plain), |end| with_line_end(plain, end));
    AnyDocument::Made(Document::parse(text))
}

enum AnyDocument<'d> {
    Given(&'d Document),
    Made(Document),
}

impl AsRef<Document> for AnyDocument<'_> {
    fn as_ref(&self) -> &Document {
        match self {
            Self::Given(document) => document,
            Self::Made(document) => document,
        }
    }
}

/// Whether the merged text ends with a line end: as on the side that changed it.
fn is_ended(sources: Sides<&[u8]>) -> bool {
    let ended = sources.map(|source| (!source.is_empty()).then(|| source.ends_with(b"\n")));
    changed_or_common(ended).unwrap_or(true)
}
