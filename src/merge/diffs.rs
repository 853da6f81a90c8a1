//! The diffs that jj leaves in conflicts, read as what their lines would say where they stand.

use std::ops::Range;

use crate::sdn::{Document, Row, Table, conflict};

/// The lines of a diff, of both of its versions.
pub(super) struct Diff(conflict::Diff);

impl Diff {
    /// Those of the markers among some pieces.
    pub fn among(document: &Document, pieces: Range<usize>) -> impl Iterator<Item = Self> {
        conflict::diffs(document, pieces).map(Self)
    }

    pub fn document(&self) -> &Document {
        &self.0.document
    }

    /// The pieces that its lines would stand below, from the outside in, in the document that holds it.
    pub fn above(&self) -> &[usize] {
        &self.0.above
    }

    /// Those of its pieces that would stand directly below a piece, or at the top, of the document that holds it.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = usize> {
        let level = parent.map(|parent| self.above().iter().position(|&above| above == parent));
        let outermost = level.is_none().then(|| self.outermost());
        let below = level.flatten().map(|level| self.below(level));
        outermost.into_iter().flatten().chain(below.into_iter().flatten())
    }

    /// Those of its pieces that would stand at the top.
    pub fn outermost(&self) -> impl Iterator<Item = usize> {
        self.document().children(None).filter(|&piece| piece >= self.above().len())
    }

    /// Those of its pieces that would stand directly below one of those above.
    pub fn below(&self, level: usize) -> impl Iterator<Item = usize> {
        self.document().children(Some(level)).filter(|&piece| piece >= self.above().len())
    }

    /// Its rows of a table of the document that holds it.
    pub fn rows(&self, table: &Table<'_>) -> impl Iterator<Item = Row<'_>> {
        let at = self.above().iter().position(|&above| above == table.piece());
        let columns = table.column_spans().len();
        at.into_iter().flat_map(move |at| self.document().rows_below(at, columns))
    }
}
