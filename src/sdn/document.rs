//! A source cut into pieces (layer 1).

use std::collections::HashMap;
use std::sync::OnceLock;

use super::header::{self, Header, Line, SettingLine};
use super::parse::Holds;
use super::scan;
use crate::text::{Span, without_line_end};

/// What a piece is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PieceKind {
    /// A byte-order mark before the first line.
    ByteOrderMark,
    /// A line of blanks, or none.
    Blank,
    /// A line that holds only a comment.
    Comment,
    /// A conflict marker that a merge left at the start of a line.
    ConflictMarker,
    /// The first line of a table, with the row on it if there is one.
    Table,
    /// A row below the first line of a table.
    Row,
    /// `key: value` or `key = value`; its value may reach over several lines.
    Setting,
    /// Any other line: an element of a block, text below a scalar, or no SDN at all.
    Other,
}

/// A run of whole lines. The pieces of a document, one after the other, are its source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Where it stands, its line end included.
    pub span: Span,
    /// Its indentation in columns: a blank counts 1, a tab 4.
    pub indent: u32,
    /// Index of the piece it belongs to: the table of a row, the setting of a line in its block.
    pub parent: Option<usize>,
    /// Index behind the last piece that belongs to this one; blank lines, comments and markers at
    /// its end do not. `index + 1` if none does.
    pub end: usize,
}

/// The place of a table among the pieces.
#[derive(Clone, Debug)]
pub(super) struct TablePiece {
    pub piece: usize,
    pub header: Header,
    /// Where its columns stand, by their names, of several of one name the first one; made when it is asked for, if
    /// there are many.
    pub places: OnceLock<HashMap<String, usize>>,
}

/// A marker to which the lines of a diff belong.
#[derive(Clone, Copy, Debug)]
pub(super) struct DiffPiece {
    pub piece: usize,
    /// The innermost table or setting below which they would stand, and what stands below it.
    pub below: Option<(usize, Holds)>,
}

/// A parsed source. Parsing never fails and changes nothing: the pieces put together are the
/// source, byte for byte.
///
/// ```
/// use sdnlock::sdn::Document;
///
/// let source = "# people\npeople |id, name|\n    1, Ada\n";
/// let document = Document::parse(source);
/// let people = document.tables().next().unwrap();
/// assert_eq!(people.name(), "people");
/// assert_eq!(people.rows().next().unwrap().cell(1).unwrap().value().text(), "Ada");
///
/// let again: Vec<u8> = document.pieces().iter().flat_map(|piece| piece.span.of(document.source()).to_vec()).collect();
/// assert_eq!(again, source.as_bytes());
/// ```
#[derive(Clone, Debug)]
pub struct Document {
    pub(super) source: Vec<u8>,
    pub(super) pieces: Vec<Piece>,
    pub(super) tables: Vec<TablePiece>,
    /// The conflicts that end: the first piece of each, and the one behind its last.
    pub(super) conflicts: Vec<(usize, usize)>,
    /// The diffs in conflicts, in order.
    pub(super) diffs: Vec<DiffPiece>,
    pub(super) not_utf8: Option<usize>,
}

impl Document {
    /// The bytes the document was parsed from.
    #[must_use]
    pub fn source(&self) -> &[u8] {
        &self.source
    }

    /// Gives the bytes back.
    #[must_use]
    pub fn into_source(self) -> Vec<u8> {
        self.source
    }

    /// All pieces, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Offset of the first byte that is not UTF-8. Such a document can be looked at, but not edited.
    #[must_use]
    pub fn not_utf8(&self) -> Option<usize> {
        self.not_utf8
    }

    /// The piece without indentation and line end.
    #[must_use]
    pub fn body(&self, piece: &Piece) -> Span {
        body(&self.source, piece.span)
    }

    /// Key and value of a piece that is a setting.
    pub(crate) fn setting_line(&self, piece: &Piece) -> Option<SettingLine> {
        let Span { start, end } = self.body(piece);
        match (piece.kind, header::read_line(&self.source, start, end)) {
            (PieceKind::Setting, Line::Setting(line)) => Some(line),
            _ => None,
        }
    }

    /// The first marker of a conflict that a merge left.
    pub(crate) fn first_conflict_marker(&self) -> Option<&Piece> {
        self.pieces.iter().find(|piece| piece.kind == PieceKind::ConflictMarker)
    }

    /// Indexes of the pieces that belong directly to `parent` (to the document if `None`), without
    /// blank lines, comments and markers.
    pub(crate) fn children(&self, parent: Option<usize>) -> impl Iterator<Item = usize> {
        let (mut next, end) = match parent {
            Some(parent) => (parent + 1, self.pieces[parent].end),
            None => (0, self.pieces.len()),
        };
        std::iter::from_fn(move || {
            while next < end {
                let index = next;
                let piece = &self.pieces[index];
                next = piece.end;
                if piece.parent == parent && piece.kind.has_content() {
                    return Some(index);
                }
            }
            None
        })
    }
}

impl PieceKind {
    /// Whether the piece says something: it is no blank line, comment, marker or byte-order mark.
    #[must_use]
    pub fn has_content(self) -> bool {
        matches!(self, Self::Table | Self::Row | Self::Setting | Self::Other)
    }
}

/// `span`, which begins at the start of a line, without indentation and line end.
pub(crate) fn body(source: &[u8], span: Span) -> Span {
    let end = content_end(source, span);
    Span::new(scan::skip_blanks(source, span.start, end), end)
}

/// The end of `span` without its line end.
pub(super) fn content_end(source: &[u8], span: Span) -> usize {
    span.start + without_line_end(span.of(source)).len()
}
