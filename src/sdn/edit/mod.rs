//! Changes that touch nothing else: values are replaced, rows appended, lines removed.
//!
//! Every change becomes a splice of the source. Afterwards the new source is read, and must fall into the pieces
//! that were intended, with the values that were; otherwise nothing is changed.

mod doubts;
mod rows;
mod text;
mod verify;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet, btree_map};

use super::decimal;
use super::document::{Document, Piece, PieceKind};
use super::place::Place;
use super::reader;
use super::seal::{self, Reseal, SealError};
use super::token::{TokenKind, tokens};
use super::value::{ControlCharacterError, Spelling, cut, spell};
use super::views::{Row, Table};
use crate::text::{Lines, Span, Splice};
pub(super) use doubts::Doubts;
pub(crate) use rows::Layout;
pub use rows::NewCell;
pub(crate) use text::TextEdit;
pub(super) use text::permit;
pub(super) use verify::NOT_AS_INTENDED;

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
    doubts: Doubts<'d>,
    changes: Vec<Change<'d>>,
    /// Where they are.
    changed: HashSet<Span>,
    /// By the first line of their tables.
    new_rows: BTreeMap<usize, NewRows<'d>>,
    text: TextEdit<'d>,
}

/// The rows that are appended to a table, and how they are laid out.
#[derive(Clone, Debug)]
struct NewRows<'d> {
    layout: Layout<'d>,
    rows: Vec<Vec<NewCell>>,
}

#[derive(Clone, Debug)]
struct Change<'d> {
    place: Place<'d>,
    /// What the value shall say.
    text: String,
    /// How that is done; nothing if it says so already.
    splice: Option<Splice>,
    /// Whether it is a list or dict that must stay one.
    stays_list: bool,
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
    /// A row with another number of cells than its table has columns.
    #[error("a row of `{table}` has {columns} cells, not {cells}")]
    Width {
        /// The table.
        table: String,
        /// How many columns it has.
        columns: usize,
        /// How many cells were given.
        cells: usize,
    },
    /// A record was changed whose version is the last one that a 64-bit integer can be.
    #[error("the version on line {line}, {version}, has no next one")]
    NoNextVersion {
        /// Line number, from 1.
        line: usize,
        /// The version.
        version: String,
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
        permit(document, reseal)?;
        Ok(Self {
            document,
            doubts: Doubts::of(document),
            changes: Vec::new(),
            changed: HashSet::new(),
            new_rows: BTreeMap::new(),
            text: TextEdit::new(document),
        })
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
        self.set_as(place, text, place.value().spelling())
    }

    /// As [`set`](Self::set), spelled in the manner of another value.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    ///
    /// # Panics
    /// As [`set`](Self::set).
    pub fn set_as(&mut self, place: &Place<'d>, text: &str, like: Spelling) -> Result<(), EditError> {
        self.set_spelled(place, text, &spell(text, like)?, like)
    }

    /// As [`set`](Self::set), but without quotes where the newest Rust reader needs none, as other programs write times.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub(crate) fn set_bare(&mut self, place: &Place<'d>, text: &str) -> Result<(), EditError> {
        let whole = Span::new(0, text.len());
        let cut = cut(text.as_bytes(), 0, text.len());
        let is_one = (cut.span, cut.spelling, cut.problem) == (whole, Spelling::Bare, None) && !text.contains(',');
        let bare = is_one && reader::joined(text.as_bytes(), whole) == text && !text.contains(char::is_control);
        let spelled = if bare { Cow::Borrowed(text) } else { spell(text, Spelling::Bare)? };
        self.set_spelled(place, text, &spelled, Spelling::Bare)
    }

    fn set_spelled(&mut self, place: &Place<'d>, text: &str, spelled: &str, like: Spelling) -> Result<(), EditError> {
        assert!(std::ptr::eq(place.document(), self.document), "the place belongs to another document");
        if !self.changed.insert(place.span()) {
            return Err(EditError::Twice { line: self.line(place.span().start) });
        }
        let source = self.document.source();
        self.check_piece(place)?;
        let splice = self.text.value(place.span(), spelled);
        // In another manner than its own it may be a number or list where it is a text now, or the other way round.
        let of_own_manner = like == place.value().spelling();
        let unchanged =
            if of_own_manner { says(source, place, text) } else { place.value().raw() == splice.text.as_bytes() };
        let splice = if unchanged { None } else { Some(splice) };
        self.changes.push(Change { place: *place, text: text.to_owned(), splice, stays_list: false });
        Ok(())
    }

    /// Takes stretches out of a list or dict, in their order. The rest stays as it is spelled.
    ///
    /// # Errors
    /// If it is changed already, or if what the place says now is in doubt.
    pub(crate) fn cut(&mut self, place: &Place<'d>, cuts: &[Span]) -> Result<(), EditError> {
        if !self.changed.insert(place.span()) {
            return Err(EditError::Twice { line: self.line(place.span().start) });
        }
        self.check_piece(place)?;
        let (source, span) = (self.document.source(), place.span());
        let mut left = Vec::new();
        let mut at = span.start;
        for cut in cuts {
            // What goes with what it stands in is behind `at` by now.
            left.extend(source.get(at..cut.start).unwrap_or_default());
            at = at.max(cut.end);
        }
        left.extend(&source[at..span.end]);
        let text = String::from_utf8_lossy(&left).into_owned();
        let splice = Some(Splice::new(span, text.clone()));
        self.changes.push(Change { place: *place, text, splice, stays_list: true });
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

    /// Appends a row to a table, laid out as its last row is: indentation, commas, quotes, line end.
    ///
    /// # Errors
    /// If a text cannot be spelled so that every reader takes it back, if there are more or fewer texts than the
    /// table has columns, or if no row can stand below the header.
    ///
    /// # Panics
    /// If the table is one of another document.
    pub fn append_row<C: Into<NewCell>>(&mut self, table: &Table<'d>, cells: Vec<C>) -> Result<(), EditError> {
        assert!(std::ptr::eq(table.document(), self.document), "the table belongs to another document");
        let cells: Vec<NewCell> = cells.into_iter().map(Into::into).collect();
        let columns = table.column_spans().len();
        if columns != cells.len() {
            return Err(EditError::Width { table: table.name().into_owned(), columns, cells: cells.len() });
        }
        self.doubts.check_above(table.piece())?;
        if let Some(control) = cells.iter().find_map(|cell| spell(cell.text(), Spelling::Quoted).err()) {
            return Err(control.into());
        }
        let of_table = match self.new_rows.entry(table.piece()) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(new) => match Layout::of(table) {
                Ok(layout) => new.insert(NewRows { layout, rows: Vec::new() }),
                Err(why) => return Err(self.doubts.at(table.name_span().start, why)),
            },
        };
        of_table.rows.push(cells);
        Ok(())
    }

    /// Removes a row with its line. Comments and blank lines around it stay.
    ///
    /// # Errors
    /// If it stands behind the header of its table.
    ///
    /// # Panics
    /// If the row is one of another document.
    pub fn remove_row(&mut self, row: &Row<'d>) -> Result<(), EditError> {
        if self.document.pieces().get(row.piece()).is_none_or(|piece| piece.kind != PieceKind::Row) {
            return Err(self.doubts.at(row.span().start, "the row stands behind the header of its table"));
        }
        self.remove_lines(row.piece())
    }

    /// Removes the line that this piece is, with all lines that belong to it: a setting with its block, a table with
    /// its rows, an element of a block. Values within it may not be changed in the same step.
    ///
    /// # Errors
    /// If it is in doubt what it is: below a value that never ends, or between the marks of a merge.
    pub fn remove_lines(&mut self, piece: usize) -> Result<(), EditError> {
        self.doubts.check_around(piece)?;
        self.text.remove_lines(piece);
        Ok(())
    }

    /// The new source. Every byte outside the changes is as it was, except for the digits of a seal.
    ///
    /// # Errors
    /// If two changes touch the same value, or if the document would no longer be read as intended.
    pub fn finish(self) -> Result<Vec<u8>, EditError> {
        let mut text = self.text.clone();
        text.extend(self.changes.iter().filter_map(|change| change.splice.clone()));
        for NewRows { layout, rows } in self.new_rows.values() {
            let lines = rows.iter().map(|cells| layout.line(cells));
            text.insert_lines(layout.end(), lines.collect::<Result<Vec<_>, _>>()?);
        }
        // A seal that is not right is to be renewed, or nothing could be changed.
        let Some(new) = text.finish()? else { return Ok(seal::seal(self.document.source().to_vec())) };
        self.verify(&new)?;
        Ok(seal::seal(new.into_source()))
    }

    /// A piece whose value may be more than a value is left alone.
    fn check_piece(&self, place: &Place<'d>) -> Result<(), EditError> {
        self.doubts.check_around(place.piece())?;
        let piece = self.piece(place);
        let why = match piece.kind {
            PieceKind::Setting | PieceKind::Other if piece.end > place.piece() + 1 => "lines are indented below it",
            PieceKind::Setting | PieceKind::Other if is_more_than_a_value(self.document.source(), place.span()) => {
                "a reader takes what stands behind the value for a setting or table of its own"
            }
            _ => return Ok(()),
        };
        Err(self.doubts.at(piece.span.start, why))
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

/// Whether a bare value is followed by what a reader takes for another statement (`1 b: 2`), or is
/// itself the beginning of a typed table.
fn is_more_than_a_value(source: &[u8], value: Span) -> bool {
    let typed = tokens(source, value).seen().next().is_some_and(|first| first.kind == TokenKind::Table);
    let next = reader::read(source, value).next;
    typed || next.is_some_and(|next| reader::begins_statement(source, Span::new(next.span.start, value.end)))
}
