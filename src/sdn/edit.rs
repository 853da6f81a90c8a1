//! Changes to single values that touch nothing else.

use super::decimal;
use super::document::{Document, Piece, PieceKind};
use super::place::Place;
use super::reader;
use super::seal::{self, Reseal, Seal, SealError};
use super::token::{TokenKind, tokens};
use super::value::{ControlCharacterError, Spelling, spell};
use crate::text::{Lines, Span, Splice, splice};

/// A set of changes to one document, made in one step.
///
/// ```
/// use sdnlock::address::{Address, Target};
/// use sdnlock::sdn::{Document, Edit, Reseal};
///
/// let document = Document::parse("todos |id, status|\n    1,  open   # mine\n");
/// let Target::Value(status) = "todos.1.status".parse::<Address>()?.find(&document)? else { unreachable!() };
/// let mut edit = Edit::of(&document, Reseal::default())?;
/// edit.set(&status, "in progress")?;
/// assert_eq!(edit.finish()?, b"todos |id, status|\n    1,  \"in progress\"   # mine\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Edit<'d> {
    document: &'d Document,
    changes: Vec<Change<'d>>,
}

#[derive(Clone, Debug)]
struct Change<'d> {
    place: Place<'d>,
    /// What the value shall say.
    text: String,
    /// How that is done; nothing if it says so already.
    splice: Option<Splice>,
}

/// Why a change was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EditError {
    /// The document is not UTF-8 throughout.
    #[error("line {line} is not UTF-8")]
    NotUtf8 {
        /// Line number, from 1.
        line: usize,
    },
    /// What the line says is in doubt.
    #[error("line {line} cannot be changed safely: {why}")]
    InDoubt {
        /// Line number, from 1.
        line: usize,
        /// What is in doubt.
        why: String,
    },
    /// No reader could take the new value back.
    #[error(transparent)]
    ControlCharacter(#[from] ControlCharacterError),
    /// A number was to be added to or by something else.
    #[error(
        "`{value}` and `{number}` cannot be added: both must be plain decimal numbers, and an integer must fit in 64 bits"
    )]
    NoSum {
        /// The old value.
        value: String,
        /// What was to be added.
        number: String,
    },
    /// Two changes touch the same value.
    #[error("the value on line {line} is changed twice")]
    Twice {
        /// Line number, from 1.
        line: usize,
    },
    /// The document's seal is not right.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl<'d> Edit<'d> {
    /// Begins a set of changes.
    ///
    /// # Errors
    /// If the document is not UTF-8, or if its seal is wrong and `reseal` does not allow for it.
    pub fn of(document: &'d Document, reseal: Reseal) -> Result<Self, EditError> {
        if let Some(offset) = document.not_utf8() {
            let line = Lines::new(document.source()).position(offset).line;
            return Err(EditError::NotUtf8 { line });
        }
        Seal::of(document.source()).permit(reseal)?;
        Ok(Self { document, changes: Vec::new() })
    }

    /// Makes the value at `place` say `text`, spelled so that every reader takes it back. A value that
    /// says it already stays as it is.
    ///
    /// # Errors
    /// If `text` cannot be spelled so, or if what the place says now is in doubt.
    ///
    /// # Panics
    /// If the place is one of another document.
    pub fn set(&mut self, place: &Place<'d>, text: &str) -> Result<(), EditError> {
        assert!(std::ptr::eq(place.document(), self.document), "the place belongs to another document");
        if self.changes.iter().any(|change| change.place.span() == place.span()) {
            return Err(EditError::Twice { line: self.line(place.span().start) });
        }
        let source = self.document.source();
        let mut spelled = spell(text, place.value().spelling())?.into_owned();
        self.check_piece(place)?;
        let setting = self.document.setting_line(self.piece(place));
        if setting.is_some_and(|setting| place.span() == Span::empty(setting.sign + 1)) {
            spelled.insert(0, ' ');
        }
        // Directly behind a word a comment would become part of it.
        if source.get(place.span().end) == Some(&b'#') {
            spelled.push(' ');
        }
        let unchanged = says(source, place, text);
        let splice = if unchanged { None } else { Some(Splice::new(place.span(), spelled)) };
        self.changes.push(Change { place: *place, text: text.to_owned(), splice });
        Ok(())
    }

    /// Adds `number` to the number at `place`. Decimal fractions are added exactly.
    ///
    /// # Errors
    /// If either is no number or the sum does not fit; and as [`set`](Self::set).
    ///
    /// # Panics
    /// As [`set`](Self::set).
    pub fn add(&mut self, place: &Place<'d>, number: &str) -> Result<(), EditError> {
        let value = place.value().text();
        let sum = decimal::add(&value, number)
            .ok_or_else(|| EditError::NoSum { value: value.clone().into_owned(), number: number.to_owned() })?;
        self.set(place, &sum)
    }

    /// The new source. Every byte outside the changed values is as it was, except for the digits of
    /// a seal.
    ///
    /// # Errors
    /// If two changes touch the same value, or if the document would no longer be read as intended.
    pub fn finish(self) -> Result<Vec<u8>, EditError> {
        let source = self.document.source();
        let splices: Vec<Splice> = self.changes.iter().filter_map(|change| change.splice.clone()).collect();
        if splices.is_empty() {
            return Ok(source.to_vec());
        }
        let new = splice(source, &splices).map_err(|overlap| EditError::Twice { line: self.line(overlap.0) })?;
        let new = Document::parse(new);
        self.verify(&new)?;
        Ok(seal::seal(new.into_source()))
    }

    /// Reads the new document: it must fall into the same pieces, with the changed values as intended
    /// and all others as they were.
    fn verify(&self, new: &Document) -> Result<(), EditError> {
        let in_doubt = |piece: usize| EditError::InDoubt {
            line: self.line(self.document.pieces()[piece].span.start),
            why: "the file would not be read as intended afterwards".to_owned(),
        };
        let mut changes: Vec<&Change<'d>> = self.changes.iter().collect();
        changes.sort_by_key(|change| change.place.piece());
        // Every piece must have grown by as much as the changes in it say, and none may be another one.
        let mut of_piece = changes.iter().peekable();
        for (index, old) in self.document.pieces().iter().enumerate() {
            let mut length = old.span.len();
            while let Some(change) = of_piece.next_if(|change| change.place.piece() == index) {
                length = length + change.splice.as_ref().map_or(change.place.span().len(), |splice| splice.text.len())
                    - change.place.span().len();
            }
            let same = |new: &Piece| {
                (new.kind, new.parent, new.indent, new.end, new.span.len())
                    == (old.kind, old.parent, old.indent, old.end, length)
            };
            if !new.pieces().get(index).is_some_and(same) {
                return Err(in_doubt(changes.first().map_or(index, |change| change.place.piece())));
            }
        }
        if new.pieces().len() != self.document.pieces().len() {
            return Err(in_doubt(changes[0].place.piece()));
        }
        for of_one_piece in changes.chunk_by(|a, b| a.place.piece() == b.place.piece()) {
            let piece = of_one_piece[0].place.piece();
            let (before, after) = (values(self.document, piece), values(new, piece));
            let pairs = || before.iter().zip(&after);
            let opens = |document: &Document| {
                let body = document.body(&document.pieces()[piece]);
                reader::open_bracket(document.source(), body).is_some()
            };
            let same_values =
                before.len() == after.len() && pairs().all(|(old, new)| as_intended(old, new, of_one_piece));
            if !same_values || (opens(new) && !opens(self.document)) {
                return Err(in_doubt(piece));
            }
        }
        Ok(())
    }

    /// A piece whose value may be more than a value is left alone.
    fn check_piece(&self, place: &Place<'d>) -> Result<(), EditError> {
        let piece = self.piece(place);
        let source = self.document.source();
        let why = match piece.kind {
            PieceKind::Setting | PieceKind::Other if piece.end > place.piece() + 1 => "lines are indented below it",
            PieceKind::Setting | PieceKind::Other if is_more_than_a_value(source, place.span()) => {
                "a reader takes what stands behind the value for a setting or table of its own"
            }
            _ => return Ok(()),
        };
        Err(EditError::InDoubt { line: self.line(piece.span.start), why: why.to_owned() })
    }

    fn piece(&self, place: &Place<'d>) -> &'d Piece {
        &self.document.pieces()[place.piece()]
    }

    fn line(&self, offset: usize) -> usize {
        Lines::new(self.document.source()).position(offset).line
    }
}

/// Whether a place says this text already, for all readers that take it at all.
fn says(source: &[u8], place: &Place<'_>, text: &str) -> bool {
    let value = place.value();
    value.text() == text
        && match value.spelling() {
            Spelling::Empty => false,
            Spelling::Quoted | Spelling::Bracketed => true,
            Spelling::Bare => reader::joined(source, place.span()) == text,
        }
}

/// Whether a value is as the changes of its piece want it, or as it was.
fn as_intended(old: &Place<'_>, new: &Place<'_>, changes: &[&Change<'_>]) -> bool {
    match changes.iter().find(|change| change.place.span() == old.span()) {
        Some(change) => new.value().text() == change.text,
        None if changes.iter().any(|change| old.encloses(&change.place)) => {
            new.value().spelling() == old.value().spelling()
        }
        None => new.value() == old.value(),
    }
}

/// Whether a bare value is followed by what a reader takes for another statement (`1 b: 2`), or is
/// itself the beginning of a typed table.
fn is_more_than_a_value(source: &[u8], value: Span) -> bool {
    let typed = tokens(source, value).seen().next().is_some_and(|first| first.kind == TokenKind::Table);
    let next = reader::read(source, value).next;
    typed || next.is_some_and(|next| reader::begins_statement(source, Span::new(next.span.start, value.end)))
}

/// The values of one piece: the cells of a row that can be read, the value of a setting or element.
fn values(document: &Document, index: usize) -> Vec<Place<'_>> {
    let piece = &document.pieces()[index];
    let table = if piece.kind == PieceKind::Row { piece.parent } else { Some(index) };
    if let Some(table) = table.and_then(|table| document.table_at(table)) {
        let row = table.row_at(index).filter(|row| row.reading().fits());
        return row.iter().flat_map(super::Row::cells).map(|cell| Place::of_cell(document, index, cell)).collect();
    }
    match document.setting_line(piece) {
        Some(line) => vec![Place::new(document, index, line.value.span, line.value.spelling)],
        None => Place::of_element(document, index).into_iter().collect(),
    }
}
