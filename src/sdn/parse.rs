//! The parser that cuts a source into pieces.

use std::sync::OnceLock;

use super::conflict::Conflicts;
use super::document::{DiffPiece, Document, Piece, PieceKind, TablePiece, body, content_end};
use super::header::{self, Line, SettingLine};
use super::row::{self, CellCut, Reading};
use super::scan;
use super::value::{Problem, Spelling};
use crate::text::{BOM, Span};

impl Document {
    /// Cuts a source into pieces. Takes time and memory in proportion to the source, whatever it
    /// holds.
    pub fn parse(source: impl Into<Vec<u8>>) -> Self {
        let source = source.into();
        let parsed = Parser::new(&source).parse();
        Self::of(source, parsed)
    }

    /// Cuts the lines of a diff as they would be cut where its marker stands. The pieces `above` it, from the outside in,
    /// are the first ones here, too, but without text: where they are long, each of many diffs need not repeat them.
    pub(super) fn parse_diff(&self, diff: &DiffPiece, above: &[usize], lines: Vec<u8>) -> Self {
        let mut parser = Parser::new(&lines);
        for (at, &piece) in above.iter().enumerate() {
            let Piece { kind, indent, .. } = self.pieces[piece];
            let holds = match diff.below {
                Some((innermost, holds)) if innermost == piece => holds,
                _ => Holds::Entries,
            };
            parser.push(kind, Span::empty(0), indent, at.checked_sub(1));
            parser.open.push(Open { piece: at, indent, holds });
            parser.last = at;
        }
        let parsed = parser.parse();
        Self::of(lines, parsed)
    }

    fn of(source: Vec<u8>, (pieces, tables, conflicts, diffs): Parsed) -> Self {
        let not_utf8 = std::str::from_utf8(&source).err().map(|e| e.valid_up_to());
        Self { source, pieces, tables, conflicts, diffs, not_utf8 }
    }
}

type Parsed = (Vec<Piece>, Vec<TablePiece>, Vec<(usize, usize)>, Vec<DiffPiece>);

/// How many quoted texts of one row may each be continued on further lines.
const MOST_CONTINUATIONS: usize = 64;

struct Parser<'s> {
    source: &'s [u8],
    pieces: Vec<Piece>,
    tables: Vec<TablePiece>,
    /// The pieces that the next line may belong to, outermost first.
    open: Vec<Open>,
    /// Index of the last piece with content.
    last: usize,
    /// For offsets in this range the next closing quote is at its end. See [`scan::next_quote`].
    next_quote: std::ops::Range<usize>,
    /// A quote that was tried as the closing one of an earlier row, and made it no whole row.
    futile_quote: Option<usize>,
    /// Working memory for counting cells.
    cells: Vec<CellCut>,
    conflicts: Conflicts,
    diffs: Vec<DiffPiece>,
}

struct Open {
    piece: usize,
    indent: u32,
    holds: Holds,
}

/// What the lines below an open piece are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Holds {
    /// Settings, tables, or elements.
    Entries,
    /// Rows with this many cells.
    Rows(usize),
    /// Text without a meaning of its own: below a scalar, below `key: |`, below a line that is no SDN.
    Text,
}

impl<'s> Parser<'s> {
    fn new(source: &'s [u8]) -> Self {
        Self {
            source,
            pieces: Vec::new(),
            tables: Vec::new(),
            open: Vec::new(),
            last: 0,
            next_quote: 0..0,
            futile_quote: None,
            cells: Vec::new(),
            conflicts: Conflicts::default(),
            diffs: Vec::new(),
        }
    }

    fn parse(mut self) -> Parsed {
        let mut at = 0;
        if self.open.is_empty() && self.source.starts_with(BOM) {
            at = BOM.len();
            self.push(PieceKind::ByteOrderMark, Span::new(0, at), 0, None);
        }
        while at < self.source.len() {
            at = self.line(at);
        }
        self.close_down_to(0);
        (self.pieces, self.tables, self.conflicts.into_ended(), self.diffs)
    }

    /// Takes the line that begins at `start`, and what it continues in; gives the offset behind it.
    fn line(&mut self, start: usize) -> usize {
        let line = Span::new(start, self.behind_line(start));
        let body = body(self.source, line);
        if body.is_empty() {
            self.push(PieceKind::Blank, line, 0, None);
            return line.end;
        }
        let indent = scan::indent_width(&self.source[start..body.start]);
        if indent == 0
            && let Some(sign) = self.conflicts.marker(body.of(self.source), self.pieces.len())
        {
            let mut end = line.end;
            if sign == b'%' {
                end = self.conflicts.diff_end(self.source, line.end);
                self.diffs.push(DiffPiece { piece: self.pieces.len(), below: self.innermost() });
            }
            self.push(PieceKind::ConflictMarker, Span::new(line.start, end), 0, None);
            // Versions of what would belong to what is open belong to it too.
            let lines = &self.source[line.end..end];
            if lines.split(|&byte| byte == b'\n').any(|line| matches!(line, [b' ' | b'+' | b'-', b' ' | b'\t', ..])) {
                self.last = self.pieces.len() - 1;
            }
            return end;
        }
        if self.source[body.start] == b'#' {
            self.push(PieceKind::Comment, line, indent, None);
            return line.end;
        }
        let level = self.open.partition_point(|open| open.indent < indent);
        self.close_down_to(level);
        let parent = self.open.last().map(|open| open.piece);
        let end = match self.open.last().map(|open| open.holds) {
            Some(Holds::Rows(columns)) => {
                let end = self.row_end(body, columns);
                self.push(PieceKind::Row, Span::new(start, end), indent, parent);
                end
            }
            Some(Holds::Text) => {
                self.push(PieceKind::Other, line, indent, parent);
                line.end
            }
            Some(Holds::Entries) | None => self.entry(line, body, indent, parent),
        };
        self.last = self.pieces.len() - 1;
        end
    }

    /// A table, a setting or another line; opens what may stand below it.
    fn entry(&mut self, line: Span, body: Span, indent: u32, parent: Option<usize>) -> usize {
        let piece = self.pieces.len();
        let mut span = line;
        let (kind, holds) = match header::read_line(self.source, body.start, body.end) {
            Line::Table(mut header) => {
                let holds = match &mut header.row {
                    Some(row) => {
                        span.end = self.row_end(*row, header.columns.len());
                        row.end = content_end(self.source, span);
                        Holds::Text
                    }
                    None => Holds::Rows(header.columns.len()),
                };
                self.tables.push(TablePiece { piece, header, places: OnceLock::new() });
                (PieceKind::Table, holds)
            }
            Line::Setting(setting) => {
                span.end = self.setting_end(line, &setting);
                let holds = match setting.value.spelling {
                    Spelling::Empty => Holds::Entries,
                    _ => Holds::Text,
                };
                (PieceKind::Setting, holds)
            }
            Line::Other => (PieceKind::Other, Holds::Text),
        };
        self.push(kind, span, indent, parent);
        self.open.push(Open { piece, indent, holds });
        span.end
    }

    /// The innermost table or setting that is open, and what stands below it.
    fn innermost(&self) -> Option<(usize, Holds)> {
        let may_hold = |open: &&Open| matches!(self.pieces[open.piece].kind, PieceKind::Table | PieceKind::Setting);
        self.open.iter().rev().find(may_hold).map(|open| (open.piece, open.holds))
    }

    fn push(&mut self, kind: PieceKind, span: Span, indent: u32, parent: Option<usize>) {
        let end = self.pieces.len() + 1;
        self.pieces.push(Piece { kind, span, indent, parent, end });
    }

    /// Ends the open pieces from `level` on.
    fn close_down_to(&mut self, level: usize) {
        for open in self.open.drain(level..) {
            self.pieces[open.piece].end = self.last + 1;
        }
    }

    /// The end of a setting: that of its line, or of the line in which its text or list closes.
    fn setting_end(&mut self, line: Span, setting: &SettingLine) -> usize {
        let start = setting.value.span.start;
        let close = match setting.value.problem {
            Some(Problem::OpenQuote(quote)) if quote == start => self.closing_quote(line.end).map(|quote| quote + 1),
            Some(Problem::OpenBracket(_) | Problem::OpenQuote(_)) if matches!(self.source[start], b'[' | b'{') => {
                let end = self.end_of_deeper_lines(line);
                scan::bracket_end(self.source, start, end)
            }
            _ => None,
        };
        match close {
            Some(close) if self.only_comment_follows(close) => self.behind_line(close),
            _ => line.end,
        }
    }

    /// The end of a row: that of its line, or of the line in which its last quoted text closes, if
    /// the row is whole then.
    fn row_end(&mut self, body: Span, columns: usize) -> usize {
        let line_end = self.behind_line(body.start);
        let Some(first_close) = row::open_quote(self.source, body).and_then(|_| self.closing_quote(line_end)) else {
            return line_end;
        };
        if self.futile_quote == Some(first_close) {
            return line_end;
        }
        let whole = self.continued(body, first_close, columns);
        if whole.is_none() {
            self.futile_quote = Some(first_close);
        }
        whole.unwrap_or(line_end)
    }

    /// The end of a row whose first open quote closes at `close`, if it is whole then.
    fn continued(&mut self, body: Span, mut close: usize, columns: usize) -> Option<usize> {
        for _ in 0..MOST_CONTINUATIONS {
            let behind = scan::skip_blanks(self.source, close + 1, self.source.len());
            if !matches!(self.source.get(behind), None | Some(b',' | b'#' | b'\r' | b'\n')) {
                return None;
            }
            let end = self.behind_line(close);
            let rest = Span::new(close + 1, content_end(self.source, Span::new(close + 1, end)));
            if row::open_quote(self.source, rest).is_some() {
                close = self.closing_quote(end)?;
                continue;
            }
            let whole = Span::new(body.start, rest.end);
            return (row::cut(self.source, whole, columns, &mut self.cells) == Reading::Plain).then_some(end);
        }
        None
    }

    /// Where the indented lines below `line` end, with a line that only closes a bracket.
    fn end_of_deeper_lines(&self, line: Span) -> usize {
        let own = scan::indent_width(&self.source[line.start..body(self.source, line).start]);
        let mut end = line.end;
        while end < self.source.len() {
            let next = Span::new(end, self.behind_line(end));
            let body = body(self.source, next);
            if !body.is_empty() && scan::indent_width(&self.source[next.start..body.start]) <= own {
                let closes = matches!(self.source[body.start], b']' | b'}' | b')');
                return if closes { next.end } else { end };
            }
            end = next.end;
        }
        end
    }

    /// The next unprotected quote at or behind `at`, looked for only once for a whole run of offsets.
    fn closing_quote(&mut self, at: usize) -> Option<usize> {
        let end = self.source.len();
        if !self.next_quote.contains(&at) {
            let found = scan::next_quote(self.source, at, end);
            self.next_quote = at..found.unwrap_or(end);
            return found;
        }
        (self.next_quote.end < end).then_some(self.next_quote.end)
    }

    /// Whether nothing but a comment stands between `at` and the end of its line.
    fn only_comment_follows(&self, at: usize) -> bool {
        let line = Span::new(at, self.behind_line(at));
        super::value::is_tail(self.source, at, content_end(self.source, line))
    }

    /// The offset behind the line that holds `at`.
    fn behind_line(&self, at: usize) -> usize {
        let end = self.source.len();
        (scan::line_end(self.source, at, end) + 1).min(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(source: &str) -> Vec<(PieceKind, &str, Option<usize>)> {
        Document::parse(source)
            .pieces()
            .iter()
            .map(|piece| (piece.kind, source[piece.span.range()].trim_end_matches('\n'), piece.parent))
            .collect()
    }

    #[test]
    fn lines_belong_to_the_last_less_indented_line() {
        use PieceKind::*;
        let source = "a:\n  b: 1\n  c:\n    d\n\nt |x|\n    1\n\n    2\n# end\ne = 2\n";
        assert_eq!(
            outline(source),
            [
                (Setting, "a:", None),
                (Setting, "  b: 1", Some(0)),
                (Setting, "  c:", Some(0)),
                (Other, "    d", Some(2)),
                (Blank, "", None),
                (Table, "t |x|", None),
                (Row, "    1", Some(5)),
                (Blank, "", None),
                (Row, "    2", Some(5)),
                (Comment, "# end", None),
                (Setting, "e = 2", None),
            ]
        );
        let document = Document::parse(source);
        assert_eq!(document.children(None).collect::<Vec<_>>(), [0, 5, 10]);
        assert_eq!(document.children(Some(0)).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(document.pieces()[5].end, 9);
    }

    #[test]
    fn a_quoted_text_may_hold_line_breaks_if_the_row_is_whole_then() {
        use PieceKind::*;
        let whole = "t |id, s|\n    1, \"a\nb\"\n    2, c\n";
        assert_eq!(
            outline(whole),
            [(Table, "t |id, s|", None), (Row, "    1, \"a\nb\"", Some(0)), (Row, "    2, c", Some(0))]
        );
        let broken = "t |id, s|\n    1, \"a\n    2, \"c\"\n";
        assert_eq!(
            outline(broken),
            [(Table, "t |id, s|", None), (Row, "    1, \"a", Some(0)), (Row, "    2, \"c\"", Some(0))]
        );
    }

    #[test]
    fn a_list_may_reach_over_several_lines() {
        use PieceKind::*;
        assert_eq!(outline("x = [1,\n  2\n]\ny: 1\n"), [(Setting, "x = [1,\n  2\n]", None), (Setting, "y: 1", None)]);
        assert_eq!(
            outline("x = [1,\n  2\ny: 1]\n"),
            [(Setting, "x = [1,", None), (Other, "  2", Some(0)), (Setting, "y: 1]", None)]
        );
    }

    #[test]
    fn text_below_a_scalar_has_no_structure() {
        use PieceKind::*;
        assert_eq!(
            outline("why: |\n  a: 1\n    t |x|\nb: 2\n"),
            [
                (Setting, "why: |", None),
                (Other, "  a: 1", Some(0)),
                (Other, "    t |x|", Some(0)),
                (Setting, "b: 2", None)
            ]
        );
    }

    #[test]
    fn the_lines_of_a_diff_belong_to_their_marker() {
        use PieceKind::*;
        let diff = "%%%%%%% diff from: a\n\\\\\\\\\\\\\\ to: b\n     1, x\n-    2, y\n+------- z\n\n";
        let source = format!("t |x|\n<<<<<<< conflict 1 of 1\n{diff}+++++++ c\n    1, z\n>>>>>>> ends\n-------\n");
        let expected = [
            (Table, "t |x|", None),
            (ConflictMarker, "<<<<<<< conflict 1 of 1", None),
            (ConflictMarker, diff.trim_end(), None),
            (ConflictMarker, "+++++++ c", None),
            (Row, "    1, z", Some(0)),
            (ConflictMarker, ">>>>>>> ends", None),
            (Other, "-------", None),
        ];
        assert_eq!(outline(&source), expected);
    }

    #[test]
    fn conflict_markers_do_not_end_a_table() {
        use PieceKind::*;
        assert_eq!(
            outline("t |x|\n    1\n<<<<<<< HEAD\n    2\n=======\n    3\n>>>>>>> b\n    4\n"),
            [
                (Table, "t |x|", None),
                (Row, "    1", Some(0)),
                (ConflictMarker, "<<<<<<< HEAD", None),
                (Row, "    2", Some(0)),
                (ConflictMarker, "=======", None),
                (Row, "    3", Some(0)),
                (ConflictMarker, ">>>>>>> b", None),
                (Row, "    4", Some(0)),
            ]
        );
    }
}
