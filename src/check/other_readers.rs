//! What the newest Rust reader takes as it stands, and another reader loses. Of each kind one finding is made for
//! a table, or for the file.

use super::finding::{Finding, Findings, Rule, finding};
use super::places::{self, Likeness, Told};
use crate::sdn::scan;
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{Document, PieceKind, Spelling, Table};
use crate::text::{BOM, Lines, Span};

pub(super) fn check(document: &Document, told: Told, findings: &mut Findings) {
    let source = document.source();
    if source.starts_with(BOM) {
        let message = "the database library takes this mark for a part of the first name, and finds no such table";
        findings.push(finding(Rule::ByteOrderMark, Span::new(0, BOM.len()), "mark", message).help("remove it"));
    }
    if document.tables().len() > 0 {
        findings.extend(line_ends(source));
    }
    findings.extend(tab_indent(document, told));
    let mut comments = Count::told(told);
    for piece in document.pieces() {
        if let Some(line) = document.setting_line(piece) {
            comments.add(comment(source, line.value.span.end, document.body(piece).end));
        }
    }
    findings.extend(comments.finding(
        Rule::CommentBehind,
        "settings",
        "a comment stands behind a value",
        "it becomes part of it",
    ));
    let mut end_of_last = None;
    for table in document.tables() {
        findings.extend(end_of_last.and_then(|end| without_blank(document, &table, end)));
        rows(document, &table, told, findings);
        end_of_last = Some(document.pieces()[table.piece()].end);
    }
}

/// How often something occurs, and where.
struct Count {
    /// The first place, or all of them.
    places: Vec<Span>,
    number: usize,
    told: Told,
}

impl Count {
    fn told(told: Told) -> Self {
        Self { places: Vec::new(), number: 0, told }
    }

    fn add(&mut self, place: Option<Span>) {
        let Some(place) = place else { return };
        if self.number == 0 || self.told == Told::Both {
            self.places.push(place);
        }
        self.number += 1;
    }

    fn finding(&self, rule: Rule, place: &str, what: &str, effect: &str) -> Option<Finding> {
        let message = format!("{what}; {effect}");
        if self.told == Told::Both {
            let each = self.places.iter().map(|&span| finding(rule, span, place, &*message)).collect();
            return places::told(each, Likeness::Counted).pop();
        }
        self.places.first().map(|&first| finding(rule, first, place, places::counted(&message, self.number, place)))
    }
}

fn line_ends(source: &[u8]) -> Option<Finding> {
    let first = memchr::memmem::find(source, b"\r\n")?;
    let line = Lines::new(source).line_span(first);
    let message = "lines end with a carriage return; the database library finds only the first table then";
    Some(
        finding(Rule::LineEnds, Span::new(line.start, first), "line ends", message).help("end all lines with LF alone"),
    )
}

fn tab_indent(document: &Document, told: Told) -> Option<Finding> {
    let source = document.source();
    let lines = document.pieces().iter().filter(|piece| piece.kind.has_content());
    let mut indents = lines.filter_map(|piece| {
        let indent = Span::new(piece.span.start, document.body(piece).start);
        memchr::memchr(b'\t', indent.of(source)).map(|_| indent)
    });
    let one = |indent| {
        let message = "this line is indented by tabs, which count nothing for the text-based parser in Simple";
        finding(Rule::TabIndent, indent, "indentation", message).help("indent by blanks")
    };
    match told {
        Told::Both => places::told(indents.map(one).collect(), Likeness::Counted).pop(),
        Told::Together | Told::Each => indents.next().map(one),
    }
}

/// A table right below another one, whose rows the database library takes for those of the first one.
fn without_blank(document: &Document, table: &Table<'_>, end_of_last: usize) -> Option<Finding> {
    let between = document.pieces().get(end_of_last..table.piece())?;
    let has_blank = between.iter().any(|piece| piece.kind == PieceKind::Blank);
    (!has_blank).then(|| {
        let message = "no blank line stands before this table; the database library loses it, \
                       and takes its rows for those of the table before";
        let place =
            Span::new(between.last().map_or(table.name_span().start, |piece| piece.span.end), table.name_span().end);
        let place = Span::new(place.start.max(table.name_span().start), place.end);
        finding(Rule::TableWithoutBlank, place, table.name(), message).help("put a blank line before it")
    })
}

/// A comment behind a value that ends there.
fn comment(source: &[u8], end: usize, line_end: usize) -> Option<Span> {
    let hash = scan::skip_blanks(source, end, line_end);
    (hash < line_end && source[hash] == b'#').then(|| Span::new(hash, line_end))
}

fn rows(document: &Document, table: &Table<'_>, told: Told, findings: &mut Findings) {
    let source = document.source();
    let place = format!("`{}`", table.name());
    let [mut blanks, mut comments, mut behind, mut words, mut escapes, mut empty, mut lists, mut colons] =
        std::array::from_fn(|_| Count::told(told));
    let end = document.pieces()[table.piece()].end;
    for piece in &document.pieces()[table.piece() + 1..end] {
        match piece.kind {
            PieceKind::Blank => blanks.add(Some(Span::empty(piece.span.start))),
            PieceKind::Comment => comments.add(Some(document.body(piece))),
            _ => {}
        }
    }
    for row in table.rows().filter(|row| row.reading().fits()) {
        for cell in row.cells() {
            let span = cell.span();
            let raw = span.of(source);
            match cell.value().spelling() {
                Spelling::Empty => empty.add(Some(span)),
                Spelling::Quoted => {
                    escapes.add(memchr::memchr(b'\\', raw).map(|at| Span::new(span.start + at, span.start + at + 1)));
                }
                Spelling::Bracketed => lists.add(memchr::memchr(b',', raw).map(|_| span)),
                Spelling::Bare => {
                    words.add(tokens(source, span).seen().nth(1).map(|_| span));
                    colons.add(colon(source, span));
                }
            }
        }
        behind.add(row.cells().last().and_then(|cell| comment(source, cell.span().end, row.span().end)));
    }
    let findings_of = [
        blanks.finding(
            Rule::BlankInTable,
            &place,
            "a blank line stands among the rows",
            "other readers end the table at it",
        ),
        comments.finding(
            Rule::CommentInTable,
            &place,
            "a comment stands among the rows",
            "the text-based parser in Simple takes it for a row",
        ),
        behind.finding(
            Rule::CommentBehind,
            &place,
            "a comment stands behind a row",
            "readers without such comments take it for a part of the last cell",
        ),
        words.finding(
            Rule::SeveralWords,
            &place,
            "this cell of several words is not quoted",
            "the older Rust reader rejects the file",
        ),
        escapes.finding(
            Rule::Escape,
            &place,
            "a backslash stands in a text in quotes",
            "not all readers undo it in the same way",
        ),
        empty.finding(
            Rule::EmptyCell,
            &place,
            "this cell is empty",
            "the text-based parser in Simple leaves it out, and moves the cells behind it to the left",
        ),
        lists.finding(
            Rule::ListInCell,
            &place,
            "a list or dict stands in a cell",
            "readers that split rows at commas tear it",
        ),
        colons.finding(
            Rule::ColonInCell,
            &place,
            "a colon stands in a cell without quotes",
            "the text-based parser in Simple makes a dict of it",
        ),
    ];
    findings.extend(findings_of.into_iter().flatten());
}

fn colon(source: &[u8], cell: Span) -> Option<Span> {
    memchr::memchr(b':', cell.of(source))?;
    tokens(source, cell).find(|token| token.kind == TokenKind::Sign(b':')).map(|token| token.span)
}
