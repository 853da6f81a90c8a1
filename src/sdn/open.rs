//! Quotes and brackets that are never closed. A reader takes what follows for a part of that value: what is changed
//! there it would not see.

use super::document::{Document, PieceKind};
use crate::text::Lines;

/// Why what is this piece cannot be changed for certain: a value above it never ends.
pub(crate) fn below_open(document: &Document, piece: usize) -> Option<String> {
    let open = first_open(document, piece)?;
    let line = Lines::new(document.source()).position(document.pieces()[open.0].span.start).line;
    Some(format!("{} on line {line}, and a reader takes what follows for a part of it", open.1))
}

/// The first piece before `end` with a value that never ends, and how that is.
pub(crate) fn first_open(document: &Document, end: usize) -> Option<(usize, &'static str)> {
    let source = document.source();
    let pieces = document.pieces().iter().enumerate().take(end);
    let mut open = pieces.filter_map(|(at, piece)| match piece.kind {
        PieceKind::Setting => Some((at, document.setting_line(piece)?.value.problem?.explain())),
        PieceKind::Row => {
            let body = document.body(piece).of(source);
            // Most rows are seen to be closed without being read.
            let quotes = memchr::memchr_iter(b'"', body).count();
            if quotes.is_multiple_of(2) && memchr::memchr3(b'[', b'{', b'\\', body).is_none() {
                return None;
            }
            let row = document.table_at(piece.parent?)?.row_at(at)?;
            match row.reading() {
                super::Reading::Broken(problem) => Some((at, problem.explain())),
                _ => None,
            }
        }
        _ => None,
    });
    open.next()
}
