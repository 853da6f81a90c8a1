//! Where it is in doubt what a change would mean.

use std::ops::Range;

use super::EditError;
use crate::sdn::conflict;
use crate::sdn::document::Document;
use crate::sdn::open::Open;
use crate::sdn::views::Table;
use crate::text::Lines;

/// What makes a document doubtful.
#[derive(Clone, Debug)]
pub(in crate::sdn) struct Doubts<'d> {
    document: &'d Document,
    /// The pieces of conflicts that a merge left.
    unresolved: Vec<Range<usize>>,
    /// The first value that never ends.
    open: Option<Open>,
}

impl<'d> Doubts<'d> {
    pub fn of(document: &'d Document) -> Self {
        Self { document, unresolved: conflict::unresolved(document), open: Open::first(document) }
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

    /// Whether what a piece is can be told from what stands around it: not below a value that never ends, nor in a
    /// conflict that a merge left, where it is one of several versions.
    pub fn check_around(&self, piece: usize) -> Result<(), EditError> {
        self.check_above(piece)?;
        let at = self.unresolved.partition_point(|conflict| conflict.end <= piece);
        match self.unresolved.get(at).filter(|conflict| conflict.start < piece) {
            None => Ok(()),
            Some(conflict) => {
                let why = "it is one side of a conflict that a merge left; resolve that first";
                Err(self.at(self.document.pieces()[conflict.start].span.start, why))
            }
        }
    }

    /// Whether all rows of a table can be changed together.
    pub fn check_table(&self, table: &Table<'_>) -> Result<(), EditError> {
        let at = table.name_span().start;
        if table.has_conflict() {
            return Err(self.at(at, "a merge left a conflict in this table; resolve that first"));
        }
        self.check_above(table.piece())
    }
}
