//! Where it is in doubt what a change would mean.

use super::EditError;
use crate::sdn::document::{Document, PieceKind};
use crate::sdn::open::Open;
use crate::sdn::views::Table;
use crate::text::Lines;

/// What makes a document doubtful.
#[derive(Clone, Debug)]
pub(in crate::sdn) struct Doubts<'d> {
    document: &'d Document,
    /// Whether a merge left marks in it.
    has_conflicts: bool,
    /// The first value that never ends.
    open: Option<Open>,
}

impl<'d> Doubts<'d> {
    pub fn of(document: &'d Document) -> Self {
        let has_conflicts = document.pieces().iter().any(|piece| piece.kind == PieceKind::ConflictMarker);
        Self { document, has_conflicts, open: Open::first(document) }
    }

    /// An error about what stands at this offset.
    pub fn at(&self, offset: usize, why: impl Into<String>) -> EditError {
        EditError::InDoubt { line: Lines::new(self.document.source()).position(offset).line, why: why.into() }
    }

    /// What stands below a value that never ends is a part of it for some reader.
    pub fn check_above(&self, piece: usize) -> Result<(), EditError> {
        match self.open.filter(|open| open.piece < piece) {
            Some(open) => Err(self.at(self.document.pieces()[piece].span.start, open.explain(self.document))),
            None => Ok(()),
        }
    }

    /// Whether what a piece is can be told from what stands around it: not below a value that never ends, nor between
    /// the marks of a merge, where it is one of two versions.
    pub fn check_around(&self, piece: usize) -> Result<(), EditError> {
        self.check_above(piece)?;
        if !self.has_conflicts {
            return Ok(());
        }
        let pieces = &self.document.pieces()[..piece];
        let mark = pieces.iter().rev().find(|piece| piece.kind == PieceKind::ConflictMarker);
        let first = mark.map(|mark| self.document.source()[self.document.body(mark).start]);
        match (mark, first) {
            (Some(mark), Some(first)) if first != b'>' => {
                let why = "it is one side of a conflict that a merge left; resolve that first";
                Err(self.at(mark.span.start, why))
            }
            _ => Ok(()),
        }
    }

    /// Whether all rows of a table can be changed together.
    pub fn check_table(&self, table: &Table<'_>) -> Result<(), EditError> {
        let at = table.name_span().start;
        let pieces = &self.document.pieces()[table.piece()..self.document.pieces()[table.piece()].end];
        if self.has_conflicts && pieces.iter().any(|piece| piece.kind == PieceKind::ConflictMarker) {
            return Err(self.at(at, "a merge left a conflict in this table; resolve that first"));
        }
        self.check_above(table.piece())
    }
}
