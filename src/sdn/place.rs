//! Single values and where they stand, so that they can be replaced.

use super::document::Document;
use super::scan;
use super::value::{self, Spelling, Value};
use super::views::Cell;
use crate::text::Span;

/// A single value of a document: a cell, the value of a setting, an element of a list.
#[derive(Clone, Copy, Debug)]
pub struct Place<'d> {
    document: &'d Document,
    span: Span,
    spelling: Spelling,
    piece: usize,
}

impl<'d> Place<'d> {
    pub(crate) fn new(document: &'d Document, piece: usize, span: Span, spelling: Spelling) -> Self {
        Self { document, span, spelling, piece }
    }

    pub(crate) fn of_cell(document: &'d Document, piece: usize, cell: Cell<'d>) -> Self {
        Self::new(document, piece, cell.span(), cell.value().spelling())
    }

    /// An element of a block: a line that is one value.
    pub(crate) fn of_element(document: &'d Document, piece: usize) -> Result<Self, &'static str> {
        let source = document.source();
        let body = document.body(&document.pieces()[piece]);
        if source[body.start] == b'-' && body.of(source).get(1).is_none_or(|&next| scan::is_blank(next)) {
            return Err("not all readers take a line with `- ` for an element of a list");
        }
        let cut = value::cut(source, body.start, body.end);
        match cut.problem {
            Some(problem) => Err(problem.explain()),
            None => Ok(Self::new(document, piece, cut.span, cut.spelling)),
        }
    }

    /// The document that holds the value.
    #[must_use]
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// Where the value stands, without the blanks around it.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Index of the piece that holds it.
    #[must_use]
    pub fn piece(&self) -> usize {
        self.piece
    }

    /// Whether `other` lies within this value, but is not all of it.
    pub(super) fn encloses(&self, other: &Self) -> bool {
        self.span.start < other.span.start && other.span.end <= self.span.end
    }

    /// The value itself.
    #[must_use]
    pub fn value(&self) -> Value<'d> {
        Value::new(self.span.of(self.document.source()), self.spelling)
    }
}
