//! Rows of a table, cut into cells.

use super::scan::{self, Stop};
use super::token::{TokenKind, tokens};
use super::value::{Problem, Spelling};
use crate::text::Span;

/// How a row had to be read so that it has as many cells as its table has columns.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reading {
    /// As the grammar says.
    Plain,
    /// With `[` and `{` as plain characters, since a list among the cells did not fit.
    BracketsAsText,
    /// With the backslash as a plain character, as writers leave it that escape only quotes.
    BackslashAsText,
    /// With the last cell reaching to the end of the line, commas included, as the newest Rust
    /// reader takes a last cell of several words.
    CommasInLast,
    /// Not at all: the number of cells is wrong.
    WrongWidth,
    /// Not at all: a quote is never closed.
    Broken(Problem),
}

impl Reading {
    /// Whether the cells are the cells of the columns, in order.
    #[must_use]
    pub fn fits(self) -> bool {
        !matches!(self, Self::WrongWidth | Self::Broken(_))
    }
}

/// One cell: the value without the blanks around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct CellCut {
    pub span: Span,
    pub spelling: Spelling,
}

/// Cuts the row in `body`, which begins behind the indentation and ends before the line end.
/// A table without columns takes rows of any width.
pub(crate) fn cut(source: &[u8], body: Span, columns: usize, cells: &mut Vec<CellCut>) -> Reading {
    let fits = |cells: &[CellCut]| columns == 0 || cells.len() == columns;
    let plain = cut_as(source, body, Manner::default(), cells);
    if plain.is_none() && fits(cells) {
        return Reading::Plain;
    }
    if let Some(problem) = plain {
        let mut others = Vec::new();
        let manner = Manner { backslash_is_text: true, ..Manner::default() };
        let fitting = cut_as(source, body, manner, &mut others).is_none() && fits(&others);
        if fitting && others.iter().any(|cell| ends_with_backslash(source, *cell)) {
            *cells = others;
            return Reading::BackslashAsText;
        }
        return Reading::Broken(problem);
    }
    let mut others = Vec::new();
    let manner = Manner { brackets_are_text: true, ..Manner::default() };
    if cut_as(source, body, manner, &mut others).is_none() && fits(&others) {
        *cells = others;
        return Reading::BracketsAsText;
    }
    if cells.len() > columns && last_takes_commas(source, cells[columns - 1]) {
        let start = cells[columns - 1].span.start;
        let last = cells[cells.len() - 1].span;
        cells.truncate(columns - 1);
        cells.push(CellCut { span: Span::new(start, last.end.max(start)), spelling: Spelling::Bare });
        return Reading::CommasInLast;
    }
    Reading::WrongWidth
}

/// Whether a backslash stands before the quote that closes a cell, so that it closes nothing for a
/// reader that knows escapes.
pub(crate) fn ends_with_backslash(source: &[u8], cell: CellCut) -> bool {
    let Span { start, end } = cell.span;
    let quoted = cell.spelling == Spelling::Quoted && end - start > 2;
    let backslashes = || source[start + 1..end - 1].iter().rev().take_while(|&&b| b == b'\\').count();
    quoted && backslashes() % 2 == 1
}

/// Whether a last cell runs on over the commas behind it: the newest Rust reader lets it if the
/// cell holds more than one token.
fn last_takes_commas(source: &[u8], cell: CellCut) -> bool {
    let mut tokens = tokens(source, cell.span).seen().map(|token| token.kind);
    let is_value = |kind| matches!(kind, TokenKind::Word | TokenKind::Constant | TokenKind::Number | TokenKind::Text);
    cell.spelling == Spelling::Bare && tokens.next().is_some_and(is_value) && tokens.next().is_some()
}

/// How the characters with a meaning are taken.
#[derive(Clone, Copy, Default)]
pub(crate) struct Manner {
    brackets_are_text: bool,
    backslash_is_text: bool,
}

/// Cuts at the commas outside quotes and brackets.
fn cut_as(source: &[u8], body: Span, manner: Manner, cells: &mut Vec<CellCut>) -> Option<Problem> {
    cells.clear();
    let mut slots = Slots::new(source, body.end, manner);
    let mut at = body.start;
    loop {
        let (stop, cell) = match slots.cell(at) {
            Ok(found) => found,
            Err(problem) => {
                let start = scan::skip_blanks(source, at, body.end);
                let span = Span::new(start, scan::trim_blanks(source, start, body.end));
                cells.push(CellCut { span, spelling: Spelling::Bare });
                return Some(problem);
            }
        };
        cells.push(cell);
        if stop == body.end || source[stop] != b',' {
            return None;
        }
        at = stop + 1;
    }
}

/// Cuts one value after the other out of a stretch, up to commas.
pub(crate) struct Slots<'s> {
    source: &'s [u8],
    end: usize,
    manner: Manner,
    brackets: Option<scan::Brackets>,
}

impl<'s> Slots<'s> {
    pub fn plain(source: &'s [u8], end: usize) -> Self {
        Self::new(source, end, Manner::default())
    }

    fn new(source: &'s [u8], end: usize, manner: Manner) -> Self {
        Self { source, end, manner, brackets: None }
    }

    /// The value that begins at `at`, and where it stops: at a comma, a comment or the end. Offsets
    /// must not decrease from call to call.
    pub fn cell(&mut self, at: usize) -> Result<(usize, CellCut), Problem> {
        let Self { source, end, manner, .. } = *self;
        let start = scan::skip_blanks(source, at, end);
        let closed = match source[..end].get(start) {
            Some(b'"') => close_of(source, start, end, manner).map(|close| (Spelling::Quoted, close)),
            Some(b'[' | b'{') if !manner.brackets_are_text => self
                .brackets
                .get_or_insert_with(|| scan::Brackets::find(source, start, end))
                .close_of(start)
                .map(|close| (Spelling::Bracketed, close)),
            _ => None,
        };
        closed
            .and_then(|(spelling, close)| whole_cell(source, start, close, end, spelling))
            .map_or_else(|| bare_cell(source, start, end, manner), Ok)
    }
}

/// The cell `start..close`, if only blanks stand between it and the comma, the comment or the end
/// at which it stops.
fn whole_cell(source: &[u8], start: usize, close: usize, end: usize, spelling: Spelling) -> Option<(usize, CellCut)> {
    let stop = scan::skip_blanks(source, close, end);
    let complete = stop == end || matches!(source[stop], b',' | b'#');
    complete.then_some((stop, CellCut { span: Span::new(start, close), spelling }))
}

/// A cell of anything else. Quotes within it protect commas; brackets do not.
fn bare_cell(source: &[u8], start: usize, end: usize, manner: Manner) -> Result<(usize, CellCut), Problem> {
    let mut at = start;
    let mut token = start;
    let stop = loop {
        match scan::cell_stop(source, at, end) {
            None => break end,
            Some(found) => match source[found] {
                b',' => break found,
                b'"' => {
                    at = close_of(source, found, end, manner).ok_or(Problem::OpenQuote(found))?;
                    token = at;
                }
                _ => match scan::word_around_hash(source, token, found, end) {
                    Some(after) => {
                        at = after;
                        token = after;
                    }
                    None => break found,
                },
            },
        }
    };
    let span = Span::new(start, scan::trim_blanks(source, start, stop));
    let spelling = if span.is_empty() { Spelling::Empty } else { Spelling::Bare };
    Ok((stop, CellCut { span, spelling }))
}

fn close_of(source: &[u8], quote: usize, end: usize, manner: Manner) -> Option<usize> {
    if manner.backslash_is_text {
        // A writer that escapes quotes alone leaves `\"` within the text, so the quote that closes
        // is the first one with a comma, a comment or the end behind it.
        let mut at = quote + 1;
        loop {
            let close = at + memchr::memchr(b'"', &source[at..end])?;
            let behind = scan::skip_blanks(source, close + 1, end);
            if behind == end || matches!(source[behind], b',' | b'#') {
                return Some(close + 1);
            }
            at = close + 1;
        }
    }
    scan::quoted_end(source, quote, end)
}

/// Whether the row in `body` breaks off within a quote, and where that quote opens.
pub(crate) fn open_quote(source: &[u8], body: Span) -> Option<usize> {
    match scan::stop_of(source, body.start, body.end) {
        Stop::OpenQuote(quote) => Some(quote),
        Stop::Comment(_) | Stop::End => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: &str, columns: usize) -> (Reading, Vec<&str>) {
        let mut cells = Vec::new();
        let reading = cut(line.as_bytes(), Span::new(0, line.len()), columns, &mut cells);
        (reading, cells.iter().map(|cell| &line[cell.span.range()]).collect())
    }

    #[test]
    fn commas_outside_quotes_and_lists_part_cells() {
        assert_eq!(row("1, \"a, b\", [x, y],  c d ", 4), (Reading::Plain, vec!["1", "\"a, b\"", "[x, y]", "c d"]));
        assert_eq!(row("1,a", 2), (Reading::Plain, vec!["1", "a"]));
    }

    #[test]
    fn empty_cells_count_the_last_one_too() {
        assert_eq!(row("1, , 3", 3), (Reading::Plain, vec!["1", "", "3"]));
        assert_eq!(row("7, new, ", 3), (Reading::Plain, vec!["7", "new", ""]));
        assert_eq!(row(", a", 2), (Reading::Plain, vec!["", "a"]));
        assert_eq!(row("1, 2,", 2).0, Reading::WrongWidth);
    }

    #[test]
    fn a_comment_ends_the_row() {
        assert_eq!(row("1, fix issue #12", 2), (Reading::Plain, vec!["1", "fix issue"]));
        assert_eq!(row("1, \"a\" # b, c", 2), (Reading::Plain, vec!["1", "\"a\""]));
        assert_eq!(row("1, guide.md#intro", 2), (Reading::Plain, vec!["1", "guide.md#intro"]));
    }

    #[test]
    fn a_list_that_does_not_fit_is_plain_text() {
        assert_eq!(row("keep, error[E", 2), (Reading::Plain, vec!["keep", "error[E"]));
        assert_eq!(row("[a, b]", 2), (Reading::BracketsAsText, vec!["[a", "b]"]));
    }

    #[test]
    fn doubled_quotes_stay_in_their_cell() {
        assert_eq!(row(r#"1,"a ""b, x"" c",2"#, 3), (Reading::Plain, vec!["1", r#""a ""b, x"" c""#, "2"]));
    }

    #[test]
    fn a_backslash_before_the_closing_quote_is_text_where_only_that_fits() {
        assert_eq!(row(r#"1, "C:\", 2"#, 3), (Reading::BackslashAsText, vec!["1", r#""C:\""#, "2"]));
        assert_eq!(row(r#"1, "C:\", 2"#, 2).0, Reading::Broken(Problem::OpenQuote(3)));
        assert_eq!(row(r#"1, "a\"b"", 2"#, 3).0, Reading::Broken(Problem::OpenQuote(9)));
    }

    #[test]
    fn a_last_cell_of_several_words_takes_the_commas_behind_it() {
        assert_eq!(row("1, b c, d", 2), (Reading::CommasInLast, vec!["1", "b c, d"]));
        assert_eq!(row("1, b, c d", 2).0, Reading::WrongWidth);
        assert_eq!(row("1, hello, friend", 2).0, Reading::WrongWidth);
    }

    #[test]
    fn a_quote_that_is_never_closed_breaks_the_row() {
        assert_eq!(row("3, open, \"fix", 3).0, Reading::Broken(Problem::OpenQuote(9)));
        assert_eq!(open_quote(b"1, \"a\", \"b", Span::new(0, 10)), Some(8));
    }
}
