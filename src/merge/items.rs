//! What a merge puts in order: the lines of a file, of a block or of a table, each with all that belongs to it.

use std::collections::HashMap;

use crate::sdn::{Document, PieceKind, Table, conflict};
use crate::text::{Span, without_line_end};

/// Pieces that stay together: one with content and what belongs to it, a conflict that an earlier merge left, from its
/// first marker to its last one, or a comment, blank line or single marker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// Index of its first piece.
    pub piece: usize,
    /// Index behind its last piece.
    pub end: usize,
    /// Whether it is a conflict: versions of which nobody knows yet which one it will be.
    pub is_conflict: bool,
}

/// The items between two pieces: of the document, or of what stands below a piece.
pub(super) fn items(document: &Document, first: usize, end: usize) -> Vec<Item> {
    let pieces = document.pieces();
    let mut items = Vec::new();
    let mut at = first;
    while at < end {
        let conflict = conflict::end(document, at, end);
        let behind = match conflict {
            Some(behind) => behind,
            None if pieces[at].kind.has_content() => end_with_trivia(document, at, end),
            None => at + 1,
        };
        items.push(Item { piece: at, end: behind, is_conflict: conflict.is_some() });
        at = behind;
    }
    items
}

/// The items of a table.
pub(super) fn items_of(table: &Table<'_>) -> Vec<Item> {
    let document = table.document();
    items(document, table.piece() + 1, end_with_trivia(document, table.piece(), document.pieces().len()))
}

/// The end of what belongs to a piece, with the comments behind it that are indented as deep, and all of a conflict that
/// begins among its lines.
fn end_with_trivia(document: &Document, piece: usize, limit: usize) -> usize {
    let pieces = document.pieces();
    let mut end = pieces[piece].end;
    if end == piece + 1 && pieces[piece].kind != PieceKind::Table {
        return end;
    }
    // A conflict that begins among its lines belongs to it as a whole.
    end = conflict::end_of_all(document, piece, end).min(limit);
    let own = pieces[piece].indent;
    for (at, trivia) in pieces.iter().enumerate().take(limit).skip(end) {
        match trivia.kind {
            PieceKind::Comment if trivia.indent > own => end = at + 1,
            PieceKind::Comment | PieceKind::Blank => {}
            _ => break,
        }
    }
    end
}

impl Item {
    /// Where its lines stand, the last line end included.
    pub fn span(self, document: &Document) -> Span {
        let pieces = document.pieces();
        Span::new(pieces[self.piece].span.start, pieces[self.end - 1].span.end)
    }

    /// Its lines without the last line end.
    pub fn text(self, document: &Document) -> &[u8] {
        without_line_end(self.span(document).of(document.source()))
    }

    /// Its own line or lines, without those that belong to it, and without the last line end.
    pub fn own_text(self, document: &Document) -> &[u8] {
        without_line_end(document.pieces()[self.piece].span.of(document.source()))
    }

    /// What it is; a conflict is a marker with all that stands behind it.
    pub fn kind(self, document: &Document) -> PieceKind {
        document.pieces()[self.piece].kind
    }
}

/// What an item is known by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Identity<'d> {
    /// Its name or key, by the number that was given to that.
    Name(u32),
    /// All it says.
    Text(&'d [u8]),
    /// All it says, where it is the one of this number that says so.
    Nth(&'d [u8], usize),
    /// What else is tangled with it.
    Tangle(usize),
}

/// Gives equal things equal numbers.
#[derive(Debug)]
pub(super) struct Numbers<T>(HashMap<T, u32>);

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + std::hash::Hash> Numbers<T> {
    pub fn of(&mut self, thing: T) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(thing).or_insert(next)
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// The name of a table or setting.
pub(super) fn name(document: &Document, piece: usize) -> Option<&[u8]> {
    let source = document.source();
    match document.table_at(piece) {
        Some(table) => Some(table.name_span().of(source)),
        None => document.setting_line(&document.pieces()[piece]).map(|line| line.key.of(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(source: &str) -> Vec<(&str, bool)> {
        let document = Document::parse(source);
        let all = items(&document, 0, document.pieces().len());
        all.into_iter().map(|item| (&source[item.span(&document).range()], item.is_conflict)).collect()
    }

    #[test]
    fn a_conflict_is_one_item_with_all_that_stands_in_it() {
        let nested = "<<<<<<<<< a\n<<<<<<< b\na: 1\n=======\na: 2\n>>>>>>> c\n=========\na: 3\n>>>>>>>>> d\n";
        assert_eq!(cut(&format!("x: 1\n{nested}y: 2\n")), [("x: 1\n", false), (nested, true), ("y: 2\n", false)]);
        let tables = "<<<<<<< a\nt |id|\n    1\n=======\n    2\n>>>>>>> b\n";
        assert_eq!(cut(tables), [(tables, true)]);
        assert_eq!(cut("<<<<<<< a\na: 1\n"), [("<<<<<<< a\n", false), ("a: 1\n", false)]);
    }

    #[test]
    fn a_conflict_at_the_end_of_a_table_belongs_to_it() {
        let table = "t |id|\n    1\n<<<<<<< a\n    2\n=======\n    3\n>>>>>>> b\n";
        assert_eq!(cut(&format!("{table}# end\n")), [(table, false), ("# end\n", false)]);
        let across = "t |id|\n    1\n<<<<<<< a\n    2\n=======\nu |id|\n    3\n>>>>>>> b\n";
        assert_eq!(cut(&format!("{across}# end\n")), [(across, false), ("# end\n", false)]);
    }
}
