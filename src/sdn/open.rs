//! Quotes and brackets that are never closed. A reader takes what follows for a part of that value: what is changed
//! there it would not see.

use super::document::{Document, Piece, PieceKind};
use super::row::Reading;
use super::value::Problem;
use crate::text::Lines;

/// A value that never ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// The piece that it begins in.
    pub piece: usize,
    problem: Problem,
}

impl Open {
    /// The first one of a document.
    pub fn first(document: &Document) -> Option<Self> {
        let mut pieces = document.pieces().iter().enumerate();
        pieces.find_map(|(at, piece)| Some(Self { piece: at, problem: problem(document, at, piece)? }))
    }

    /// Why nothing below it can be changed for certain.
    pub fn explain(&self, document: &Document) -> String {
        let line = Lines::new(document.source()).position(document.pieces()[self.piece].span.start).line;
        format!("{} on line {line}, and a reader takes what follows for a part of it", self.problem.explain())
    }
}

fn problem(document: &Document, at: usize, piece: &Piece) -> Option<Problem> {
    match piece.kind {
        PieceKind::Setting => document.setting_line(piece)?.value.problem,
        PieceKind::Row => {
            let body = document.body(piece).of(document.source());
            // Most rows are seen to be closed without being read.
            let quotes = memchr::memchr_iter(b'"', body).count();
            if quotes.is_multiple_of(2) && memchr::memchr3(b'[', b'{', b'\\', body).is_none() {
                return None;
            }
            match document.table_at(piece.parent?)?.row_at(at)?.reading() {
                Reading::Broken(problem) => Some(problem),
                _ => None,
            }
        }
        _ => None,
    }
}
