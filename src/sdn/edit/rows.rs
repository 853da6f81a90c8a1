//! New rows, in the layout of their neighbours.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::EditError;
use crate::sdn::document::{Document, Piece};
use crate::sdn::row::Reading;
use crate::sdn::value::{ControlCharacterError, Spelling, Value, spell};
use crate::sdn::views::{Row, Table};

/// The indentation of a row where there is no other one to take it from.
const INDENT: &str = "    ";

/// What a cell of a new row shall say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCell {
    text: String,
    like: Option<Spelling>,
}

impl NewCell {
    /// A cell that says `text`, spelled in the manner of this spelling and not in that of its column.
    pub fn like(text: impl Into<String>, spelling: Spelling) -> Self {
        Self { text: text.into(), like: Some(spelling) }
    }

    /// What it shall say.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How it is to be spelled; nothing if as the cells of its column are.
    #[must_use]
    pub fn spelling(&self) -> Option<Spelling> {
        self.like
    }
}

/// A text is spelled as the cells of its column are: in quotes, as a list, or bare. Where these are words and no
/// numbers, a text that looks like a number or boolean is put in quotes, so that it stays a text.
impl From<String> for NewCell {
    fn from(text: String) -> Self {
        Self { text, like: None }
    }
}

impl From<&str> for NewCell {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// How the cells of a column are spelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Habit {
    Quoted,
    Bracketed,
    /// Bare, and none of them is anything but a text.
    Words,
    /// Bare, whatever they are, or not known.
    Bare,
}

/// How the rows of a table are laid out.
#[derive(Clone, Debug)]
pub(crate) struct Layout<'d> {
    document: &'d Document,
    /// The line behind which new rows stand.
    pub after: usize,
    indent: String,
    comma: &'static str,
    /// How the cells of the last row are spelled.
    habit: Vec<Habit>,
}

impl<'d> Layout<'d> {
    /// Takes the layout from the last row that can be read.
    pub fn of(table: &Table<'d>) -> Result<Self, String> {
        let document = table.document();
        let source = document.source();
        let header = &document.pieces()[table.piece()];
        let mut models: VecDeque<Row<'d>> = VecDeque::with_capacity(MOST_MODELS);
        let mut last = None;
        for row in table.rows() {
            if row.piece() == table.piece() {
                return Err("its only row stands behind the header, and no other can stand below".to_owned());
            }
            if matches!(row.reading(), Reading::Broken(_)) {
                return Err(
                    "a quote or bracket in this table is never closed; a row behind it is part of it".to_owned()
                );
            }
            last = Some(row.piece());
            if row.reading().fits() {
                models.truncate(MOST_MODELS - 1);
                models.push_front(row);
            }
        }
        if table.has_conflict() {
            return Err("a merge left a conflict in this table; resolve that first".to_owned());
        }
        let after = last.unwrap_or(table.piece());
        let before_line =
            |piece: &Piece| String::from_utf8_lossy(&source[piece.span.start..document.body(piece).start]).into_owned();
        let indent = match last {
            Some(last) => before_line(&document.pieces()[last]),
            None => before_line(header) + INDENT,
        };
        let comma = match models.front().map(|row| (row.cell(0), row.cell(1))) {
            Some((Some(first), Some(second))) => {
                let gap = &source[first.span().end..second.span().start];
                if gap.last() == Some(&b',') && !second.span().is_empty() { "," } else { ", " }
            }
            _ => ", ",
        };
        let habit = habits(&models, table.column_spans().len());
        Ok(Self { document, after, indent, comma, habit })
    }

    /// The line of a row without its line end.
    pub fn line(&self, cells: &[NewCell]) -> Result<String, EditError> {
        let cells = cells.iter().enumerate().map(|(position, cell)| Ok(self.spell(position, cell)?.into_owned()));
        Ok(self.join(&cells.collect::<Result<Vec<_>, EditError>>()?))
    }

    fn spell<'c>(&self, position: usize, cell: &'c NewCell) -> Result<Cow<'c, str>, ControlCharacterError> {
        let looks_like_more = || !is_text(Value::new(cell.text.as_bytes(), Spelling::Bare));
        let like = match (cell.like, self.habit.get(position)) {
            (Some(like), _) => like,
            (None, Some(Habit::Words)) if looks_like_more() => Spelling::Quoted,
            (None, _) => self.habit(position),
        };
        spell(&cell.text, like)
    }

    /// How the cell at this position is spelled as a habit.
    pub fn habit(&self, position: usize) -> Spelling {
        match self.habit.get(position) {
            Some(Habit::Quoted) => Spelling::Quoted,
            Some(Habit::Bracketed) => Spelling::Bracketed,
            _ => Spelling::Bare,
        }
    }

    /// The line of a row whose cells are spelled already, without its line end.
    pub fn join(&self, cells: &[String]) -> String {
        format!("{}{}", self.indent, cells.join(self.comma))
    }

    /// Where new rows go.
    pub fn end(&self) -> usize {
        self.document.pieces()[self.after].span.end
    }
}

/// So many of the last rows show how cells are spelled.
const MOST_MODELS: usize = 16;

/// How the cells of each column are spelled: a column is quoted, or holds lists, if none of its last cells is bare.
fn habits(models: &VecDeque<Row<'_>>, columns: usize) -> Vec<Habit> {
    let habit = |column: usize| {
        let cells = models.iter().filter_map(|row| row.cell(column)).map(|cell| cell.value());
        let mut habit = None;
        for value in cells {
            let of_cell = match value.spelling() {
                // That is how an empty text is spelled, in whatever column.
                Spelling::Empty => continue,
                Spelling::Quoted if value.raw().len() == 2 => continue,
                Spelling::Quoted => Habit::Quoted,
                Spelling::Bracketed => Habit::Bracketed,
                Spelling::Bare if is_text(value) => Habit::Words,
                Spelling::Bare => return Habit::Bare,
            };
            habit = match habit {
                None => Some(of_cell),
                Some(before) if before == of_cell => Some(before),
                // Some need their quotes, and the others are texts too.
                Some(Habit::Words | Habit::Quoted) if of_cell != Habit::Bracketed => Some(Habit::Words),
                Some(_) => return Habit::Bare,
            };
        }
        habit.unwrap_or(Habit::Bare)
    };
    (0..columns).map(habit).collect()
}

/// Whether a bare value is nothing but a text, and does not look like a number.
fn is_text(value: Value<'_>) -> bool {
    let looks_like_number = value.raw().first().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+'));
    !looks_like_number && value.boolean().is_none() && !value.is_null()
}
