//! What a merge puts in order: the lines of a file, of a block or of a table, each with all that belongs to it.

use std::collections::HashMap;

use super::align::Token;
use crate::sdn::{Document, PieceKind};
use crate::text::Span;

/// Pieces that stay together: one with content and what belongs to it, or a comment, blank line or marker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// Index of its first piece.
    pub piece: usize,
    /// Index behind its last piece.
    pub end: usize,
}

/// The items of a block: of the document, or of what stands below the piece `parent`.
pub(super) fn items(document: &Document, first: usize, end: usize) -> Vec<Item> {
    let pieces = document.pieces();
    let mut items = Vec::new();
    let mut at = first;
    while at < end {
        let piece = &pieces[at];
        let behind = if piece.kind.has_content() { end_with_comments(document, at, end) } else { at + 1 };
        items.push(Item { piece: at, end: behind });
        at = behind;
    }
    items
}

/// The end of what belongs to a piece, with the comments behind it that are indented as deep.
fn end_with_comments(document: &Document, piece: usize, limit: usize) -> usize {
    let pieces = document.pieces();
    let mut end = pieces[piece].end;
    if end == piece + 1 && pieces[piece].kind != PieceKind::Table {
        return end;
    }
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

    pub fn kind(self, document: &Document) -> PieceKind {
        document.pieces()[self.piece].kind
    }
}

pub(super) fn without_line_end(text: &[u8]) -> &[u8] {
    // A return that no line feed follows is a part of the line.
    match text.strip_suffix(b"\n") {
        Some(text) => text.strip_suffix(b"\r").unwrap_or(text),
        None => text,
    }
}

/// What an item is known by.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Identity<'d> {
    /// The name of a table or setting.
    Name(&'d [u8]),
    /// All it says.
    Text(&'d [u8]),
}

/// Gives equal identities equal numbers.
#[derive(Default)]
pub(super) struct Numbers<'d>(HashMap<Identity<'d>, u32>);

impl<'d> Numbers<'d> {
    pub fn of(&mut self, identity: Identity<'d>) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(identity).or_insert(next)
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

/// The tokens of the items of a block of tables and settings, on all three sides. What has a name is known by it,
/// unless the name stands there twice.
pub(super) fn tokens(documents: [&Document; 3], items: &[Vec<Item>; 3]) -> [Vec<Token>; 3] {
    let mut most: HashMap<&[u8], u32> = HashMap::new();
    for (document, items) in documents.into_iter().zip(items) {
        let mut times: HashMap<&[u8], u32> = HashMap::new();
        for name in items.iter().filter_map(|item| name(document, item.piece)) {
            *times.entry(name).or_default() += 1;
        }
        for (name, times) in times {
            let most = most.entry(name).or_default();
            *most = times.max(*most);
        }
    }
    let mut numbers = Numbers::default();
    std::array::from_fn(|side| {
        let document = documents[side];
        let token = |item: &Item| {
            let unique = name(document, item.piece).filter(|name| most[name] == 1);
            let identity = match unique {
                Some(name) => Identity::Name(name),
                None => Identity::Text(item.text(document)),
            };
            Token {
                id: numbers.of(identity),
                keyed: unique.is_some(),
                shared: item.kind(document).has_content(),
                exclusive: item.kind(document) == PieceKind::Other,
            }
        };
        items[side].iter().map(token).collect()
    })
}
