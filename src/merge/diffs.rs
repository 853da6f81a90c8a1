//! The diffs that jj leaves in conflicts, read as what their lines would say where they stand.

use std::ops::Range;

use crate::sdn::{Document, PieceKind, Table, conflict};

/// The lines of a diff, of both of its versions.
pub(super) struct Diff {
    /// The lines, below those that they would stand below.
    document: Document,
    /// The pieces that they would stand below, from the outside in, in the document that holds the diff.
    above: Vec<usize>,
}

impl Diff {
    /// Those of the markers among some pieces.
    pub fn among(document: &Document, pieces: Range<usize>) -> Vec<Self> {
        let is_diff = |piece: &usize| conflict::has_diff(document, &document.pieces()[*piece]);
        pieces.filter(is_diff).map(|marker| Self::of(document, marker)).collect()
    }

    fn of(document: &Document, marker: usize) -> Self {
        let pieces = document.pieces();
        let mut next = pieces[..marker].iter().rposition(|piece| piece.kind.has_content());
        let mut above = Vec::new();
        while let Some(piece) = next {
            if matches!(pieces[piece].kind, PieceKind::Table | PieceKind::Setting) {
                above.push(piece);
            }
            next = pieces[piece].parent;
        }
        above.reverse();
        let above_lines = above.iter().map(|&piece| pieces[piece].span.of(document.source()));
        let lines: Vec<&[u8]> = above_lines.chain(conflict::diff_lines(document, &pieces[marker])).collect();
        Self { document: Document::parse(lines.concat()), above }
    }

    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The first piece of its own.
    pub fn first(&self) -> usize {
        self.above.len()
    }

    /// Those of its pieces that would stand directly below a piece, or at the top, of the document that holds it.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = usize> {
        let parent = parent.map(|parent| self.above.iter().position(|&above| above == parent));
        let children = match parent {
            Some(None) => None,
            Some(Some(above)) => Some(self.document.children(Some(above))),
            None => Some(self.document.children(None)),
        };
        children.into_iter().flatten().filter(|&piece| piece >= self.first())
    }

    /// What it would be of a table of the document that holds it.
    pub fn table(&self, table: &Table<'_>) -> Option<Table<'_>> {
        let at = self.above.iter().position(|&above| above == table.piece())?;
        self.document.table_at(at)
    }
}
