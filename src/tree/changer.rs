//! The changes of a document while they are gathered.

use crate::record::Keys;
use crate::sdn::Document;
use crate::text::{Span, Splice};

pub(super) struct Changer<'d> {
    pub keys: &'d Keys,
    pub document: &'d Document,
    pub splices: Vec<Splice>,
}

impl Changer<'_> {
    /// Puts a new value in place of one.
    pub fn put(&mut self, span: Span, text: &str) {
        // Directly behind a word a comment would become part of it.
        let behind = if self.document.source().get(span.end) == Some(&b'#') { " " } else { "" };
        self.splices.push(Splice::new(span, format!("{text}{behind}")));
    }

    /// The lines of a piece with all that belongs to it.
    pub fn lines(&self, piece: usize) -> Span {
        let pieces = self.document.pieces();
        Span::new(pieces[piece].span.start, pieces[pieces[piece].end - 1].span.end)
    }

    /// The blanks before a piece.
    pub fn indent(&self, piece: usize) -> String {
        let piece = &self.document.pieces()[piece];
        let blanks = Span::new(piece.span.start, self.document.body(piece).start);
        String::from_utf8_lossy(blanks.of(self.document.source())).into_owned()
    }

    /// How the lines of the document end.
    pub fn line_end(&self) -> &'static str {
        let source = self.document.source();
        match memchr::memchr(b'\n', source) {
            Some(end) if end > 0 && source[end - 1] == b'\r' => "\r\n",
            _ => "\n",
        }
    }
}
