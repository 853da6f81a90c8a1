//! Whether a changed document is read as intended.

use std::collections::HashMap;

use super::{Change, Edit, EditError, NewCell};
use crate::sdn::document::{Document, Piece, PieceKind};
use crate::sdn::place::Place;
use crate::sdn::reader;
use crate::sdn::value::Spelling;
use crate::sdn::views::Row;
use crate::text::Span;

/// Why a change is not made though it could be written.
pub(in crate::sdn) const NOT_AS_INTENDED: &str = "the file would not be read as intended afterwards";

impl<'d> Edit<'d> {
    /// Reads the new document: without the lines that were removed and with the rows that were appended it must
    /// fall into the same pieces, and all values must be as they were, or as they were to be.
    pub(super) fn verify(&self, new: &Document) -> Result<(), EditError> {
        let old = self.document;
        let mut changes: Vec<&Change<'d>> = self.changes.iter().collect();
        changes.sort_by_key(|change| change.place.piece());
        let appended = self.appended();
        let mut of_piece = changes.iter().copied().peekable();
        // Where each old piece is now.
        let mut place = vec![usize::MAX; old.pieces().len()];
        let mut at = 0;
        let mut removed_until = 0;
        for (index, piece) in old.pieces().iter().enumerate() {
            if self.text.removed().contains(&index) {
                removed_until = removed_until.max(piece.end);
            }
            let mut length = content_length(old, piece);
            while let Some(change) = of_piece.next_if(|change| change.place.piece() == index) {
                length = length + change.splice.as_ref().map_or(change.place.span().len(), |splice| splice.text.len())
                    - change.place.span().len();
                if index < removed_until {
                    return Err(EditError::Twice { line: self.line(piece.span.start) });
                }
            }
            if index >= removed_until {
                let same = |now: &Piece| {
                    let same_parent =
                        !piece.kind.has_content() || now.parent == piece.parent.map(|parent| place[parent]);
                    (now.kind, now.indent, content_length(new, now)) == (piece.kind, piece.indent, length)
                        && same_parent
                };
                if !new.pieces().get(at).is_some_and(same) {
                    return Err(self.in_doubt(changes.first().map_or(index, |change| change.place.piece())));
                }
                place[index] = at;
                at += 1;
            }
            if let Some(&(table, rows)) = appended.get(&index) {
                for cells in rows {
                    let says = |row: &Row<'_>| {
                        row.reading().fits()
                            && row.cells().map(|cell| cell.value().text()).eq(cells.iter().map(NewCell::text))
                    };
                    let row = new.table_at(place[table]).and_then(|table| table.row_at(at));
                    if !row.as_ref().is_some_and(says) {
                        return Err(self.in_doubt(table));
                    }
                    at += 1;
                }
            }
        }
        if new.pieces().len() != at {
            return Err(self.in_doubt(changes.first().map_or(0, |change| change.place.piece())));
        }
        for of_one_piece in changes.chunk_by(|a, b| a.place.piece() == b.place.piece()) {
            let piece = of_one_piece[0].place.piece();
            let (before, after) = (values(old, piece), values(new, place[piece]));
            let pairs = || before.iter().zip(&after);
            let opens = |document: &Document, piece: usize| {
                let body = document.body(&document.pieces()[piece]);
                reader::open_bracket(document.source(), body).is_some()
            };
            let by_place: HashMap<Span, &Change<'_>> =
                of_one_piece.iter().map(|change| (change.place.span(), *change)).collect();
            let same_values = before.len() == after.len() && pairs().all(|(old, new)| as_intended(old, new, &by_place));
            if !same_values || (opens(new, place[piece]) && !opens(old, piece)) {
                return Err(self.in_doubt(piece));
            }
        }
        Ok(())
    }

    /// The appended rows: behind which piece, and of which table.
    fn appended(&self) -> HashMap<usize, (usize, &[Vec<NewCell>])> {
        self.new_rows.iter().map(|(&piece, new)| (new.layout.after, (piece, new.rows.as_slice()))).collect()
    }

    fn in_doubt(&self, piece: usize) -> EditError {
        self.doubts.at(self.document.pieces()[piece].span.start, NOT_AS_INTENDED)
    }
}

/// The length of a piece without its line end, which changes where a last line has none.
fn content_length(document: &Document, piece: &Piece) -> usize {
    crate::sdn::document::content_end(document.source(), piece.span) - piece.span.start
}

/// Whether a value is as the changes of its piece want it, or as it was.
fn as_intended(old: &Place<'_>, new: &Place<'_>, changes: &HashMap<Span, &Change<'_>>) -> bool {
    let is_list = old.value().spelling() == Spelling::Bracketed;
    match changes.get(&old.span()) {
        Some(change) => {
            new.value().text() == change.text && (!change.stays_list || new.value().spelling() == Spelling::Bracketed)
        }
        None if is_list && changes.values().any(|change| old.encloses(&change.place)) => {
            new.value().spelling() == old.value().spelling()
        }
        None => new.value() == old.value(),
    }
}

/// The values of one piece: the cells of a row that can be read, the value of a setting or element.
fn values(document: &Document, index: usize) -> Vec<Place<'_>> {
    let piece = &document.pieces()[index];
    let table = if piece.kind == PieceKind::Row { piece.parent } else { Some(index) };
    if let Some(table) = table.and_then(|table| document.table_at(table)) {
        let row = table.row_at(index).filter(|row| row.reading().fits());
        return row.iter().flat_map(Row::cells).map(|cell| Place::of_cell(document, index, cell)).collect();
    }
    match document.setting_line(piece) {
        Some(line) => vec![Place::new(document, index, line.value.span, line.value.spelling)],
        None => Place::of_element(document, index).into_iter().collect(),
    }
}
