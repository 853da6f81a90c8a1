//! Changes to single values that touch nothing else.

use super::decimal;
use super::document::{Document, PieceKind};
use super::header::SettingLine;
use super::place::Place;
use super::scan;
use super::seal::{self, Reseal, Seal, SealError};
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
    splice: Splice,
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
    #[error("`{value}` + `{number}` is no sum of two numbers that fits in 64 bits")]
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

    /// Makes the value at `place` say `text`, spelled so that every reader takes it back.
    ///
    /// # Errors
    /// If `text` cannot be spelled so, or if what the place says now is in doubt.
    pub fn set(&mut self, place: &Place<'d>, text: &str) -> Result<(), EditError> {
        if place.value().text() == text && place.value().spelling() != Spelling::Empty {
            return Ok(());
        }
        if self.changes.iter().any(|change| change.place.span() == place.span()) {
            return Err(EditError::Twice { line: self.line(place.span().start) });
        }
        let source = self.document.source();
        let mut spelled = spell(text, place.value().spelling())?.into_owned();
        if let Some(setting) = self.document.setting_line(self.piece(place)) {
            self.check_setting(place, &setting)?;
            if place.span().is_empty() && place.span().start == setting.sign + 1 {
                spelled.insert(0, ' ');
            }
        }
        if place.span().is_empty() && source.get(place.span().start) == Some(&b'#') {
            spelled.push(' ');
        }
        let splice = Splice::new(place.span(), spelled);
        self.changes.push(Change { place: *place, text: text.to_owned(), splice });
        Ok(())
    }

    /// Adds `number` to the number at `place`. Decimal fractions are added exactly.
    ///
    /// # Errors
    /// If either is no number or the sum does not fit; and as [`set`](Self::set).
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
    /// If two changes touch the same value, or if a changed line would no longer be read as intended.
    pub fn finish(self) -> Result<Vec<u8>, EditError> {
        let source = self.document.source();
        let splices: Vec<Splice> = self.changes.iter().map(|change| change.splice.clone()).collect();
        let new = splice(source, &splices).map_err(|overlap| EditError::Twice { line: self.line(overlap.0) })?;
        let mut changes: Vec<&Change<'d>> = self.changes.iter().collect();
        changes.sort_by_key(|change| change.splice.span.start);
        for of_one_piece in changes.chunk_by(|a, b| a.place.piece() == b.place.piece()) {
            self.verify(of_one_piece)?;
        }
        Ok(if splices.is_empty() { new } else { seal::seal(new) })
    }

    /// Reads the changed piece again: it must still be one piece of the same kind, with the changed
    /// values as intended and all others as they were.
    fn verify(&self, changes: &[&Change<'d>]) -> Result<(), EditError> {
        let source = self.document.source();
        let index = changes[0].place.piece();
        let piece = &self.document.pieces()[index];
        let in_doubt = || EditError::InDoubt {
            line: self.line(piece.span.start),
            why: "it would not be read as intended afterwards".to_owned(),
        };
        let splices: Vec<Splice> = changes
            .iter()
            .map(|change| {
                let Span { start, end } = change.splice.span;
                Splice::new(Span::new(start - piece.span.start, end - piece.span.start), change.splice.text.clone())
            })
            .collect();
        let new_piece = splice(piece.span.of(source), &splices).map_err(|_| in_doubt())?;
        // A row is read by the header of its table, so the header comes first in what is read again.
        let header = (piece.kind == PieceKind::Row).then_some(piece.parent).flatten();
        let mut small = header.map_or_else(Vec::new, |table| self.document.pieces()[table].span.of(source).to_vec());
        small.extend(new_piece);
        let small = Document::parse(small);
        let again = small.pieces().len() - 1;
        if again != usize::from(header.is_some()) || small.pieces()[again].kind != piece.kind {
            return Err(in_doubt());
        }
        let (before, after) = (values(self.document, index), values(&small, again));
        let as_intended = before.len() == after.len()
            && before.iter().zip(&after).all(|(old, new)| {
                let (old_value, new_value) = (old.value(), new.value());
                match changes.iter().find(|change| change.place.span() == old.span()) {
                    Some(change) => new_value.text() == change.text,
                    None if changes.iter().any(|change| old.encloses(&change.place)) => {
                        new_value.spelling() == old_value.spelling()
                    }
                    None => new_value == old_value,
                }
            });
        if as_intended { Ok(()) } else { Err(in_doubt()) }
    }

    /// A setting whose value may be more than a value is left alone.
    fn check_setting(&self, place: &Place<'d>, setting: &SettingLine) -> Result<(), EditError> {
        let source = self.document.source();
        let piece = self.piece(place);
        let why = if piece.end > place.piece() + 1 {
            Some("lines are indented below it")
        } else if setting.value.span == place.span() && looks_like_more(source, place.span()) {
            Some("behind the value something else begins that a reader takes for a setting or a table of its own")
        } else {
            None
        };
        match why {
            Some(why) => Err(EditError::InDoubt { line: self.line(piece.span.start), why: why.to_owned() }),
            None => Ok(()),
        }
    }

    fn piece(&self, place: &Place<'d>) -> &'d super::Piece {
        &self.document.pieces()[place.piece()]
    }

    fn line(&self, offset: usize) -> usize {
        Lines::new(self.document.source()).position(offset).line
    }
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

/// Whether a bare value is followed by what a reader takes for another statement (`1 b: 2`), or is
/// a typed table.
fn looks_like_more(source: &[u8], value: Span) -> bool {
    let Span { start, end } = value;
    if value.is_empty() || source[start] == b'"' {
        return false;
    }
    let word = scan::word_end(source, start, end);
    if word.is_some_and(|word| &source[start..word] == b"table") {
        return true;
    }
    let Some(first) = word.or_else(|| scan::number_end(source, start, end)) else {
        return false;
    };
    let next = scan::skip_blanks(source, first, end);
    let Some(second) = scan::word_end(source, next, end) else {
        return false;
    };
    let sign = scan::skip_blanks(source, second, end);
    sign < end && matches!(source[sign], b':' | b'=' | b'|')
}
