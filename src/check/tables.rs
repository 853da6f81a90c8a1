//! Rules about rows and cells.

use super::finding::{Finding, Findings, Rule, Severity, excerpt, finding};
use super::lines::is_unread;
use super::{scalars, typed, values};
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{Cell, Document, Problem, Reading, Row, Spelling, Table};
use crate::sdn::{reader, scan};
use crate::text::Span;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    let tables = document.tables().len();
    let has_controls = scalars::may_have_controls(document.source());
    for (position, table) in document.tables().enumerate() {
        findings.extend(cut_off(document, &table));
        let mut first_indent = None;
        // Of a table among the rows: it and its rows are one mistake.
        let mut inner_indent: Option<u32> = None;
        let is_last = position + 1 == tables && is_last(document, &table);
        for row in table.rows() {
            if row.piece() != table.piece() {
                if is_unread(document, &document.pieces()[row.piece()]) {
                    continue;
                }
                let indent = document.pieces()[row.piece()].indent;
                if inner_indent.is_some_and(|inner| indent > inner) {
                    continue;
                }
                inner_indent = None;
                if let Some(finding) = header_among_rows(document, &table, &row) {
                    findings.push(finding);
                    inner_indent = Some(indent);
                    continue;
                }
                if *first_indent.get_or_insert(indent) != indent {
                    findings.push(uneven(&table, &row));
                    continue;
                }
            }
            check_row(document, &table, &row, Doubts { is_last, has_controls }, findings);
        }
    }
}

/// What is known of a whole document or table, so that rows in which nothing can be wrong are not looked at closely.
#[derive(Clone, Copy)]
struct Doubts {
    /// Nothing with content follows the table.
    is_last: bool,
    /// There may be control characters.
    has_controls: bool,
}

/// A header in a block, with which the file ends.
fn cut_off(document: &Document, table: &Table<'_>) -> Option<Finding> {
    let source = document.source();
    let header = document.pieces()[table.piece()];
    let is_last = header.span.end == source.len() && source.last() != Some(&b'\n');
    let is_empty = !table.is_typed() && !table.column_spans().is_empty() && table.rows().next().is_none();
    (is_last && header.parent.is_some() && is_empty).then(|| {
        let message = "the file ends behind this header, without a line end; the Rust reader looks for a row there, \
                       and rejects the file";
        let place = document.body(&header);
        finding(Rule::RowWidth, place, table.name(), message).help("end the line").fix(Span::empty(source.len()), "\n")
    })
}

fn subject(table: &Table<'_>, row: &Row<'_>) -> String {
    let key = row.cell(0).map(|cell| excerpt(table.document().source(), cell.span())).unwrap_or_default();
    format!("{} {key}", table.name())
}

fn uneven(table: &Table<'_>, row: &Row<'_>) -> Finding {
    let message = "this row is not indented as the first one of its table; the Rust reader rejects the file";
    finding(Rule::UnevenRows, row.span(), subject(table, row), message).help("indent all rows of a table alike")
}

/// The header of another table, written among the rows of this one.
fn header_among_rows(document: &Document, table: &Table<'_>, row: &Row<'_>) -> Option<Finding> {
    let source = document.source();
    memchr::memchr(b'|', row.span().of(source))?;
    let mut tokens = tokens(source, row.span()).seen();
    let begins = tokens.next()?.kind == TokenKind::Word && tokens.next()?.kind == TokenKind::Sign(b'|');
    let last = tokens.last()?;
    let bars = memchr::memchr_iter(b'|', row.span().of(source)).count();
    (begins && bars > 1 && last.kind == TokenKind::Sign(b'|')).then(|| {
        let message = format!("the header of a table stands among the rows of `{}`", table.name());
        finding(Rule::TableInTable, row.span(), excerpt(source, row.span()), message)
            .help("begin the table at the indentation of the other one")
    })
}

fn check_row(document: &Document, table: &Table<'_>, row: &Row<'_>, doubts: Doubts, findings: &mut Findings) {
    let source = document.source();
    let line = row.span();
    match row.reading() {
        Reading::Plain | Reading::CommasInLast => {}
        Reading::BackslashAsText => {
            let subject = subject(table, row);
            let cell = row.cells().find(Cell::ends_with_backslash);
            findings.extend(cell.map(|cell| backslash_quote(&cell, &subject)));
            // Once that is mended the other cells count.
            let is_whole = |cell: &Cell<'_>| !is_clean(cell) && !cell.ends_with_backslash();
            for cell in row.cells().filter(is_whole) {
                check_cell(source, cell.span(), cell.value().spelling(), &subject, findings);
            }
            return;
        }
        Reading::Broken(Problem::OpenQuote(at) | Problem::OpenBracket(at)) => {
            findings.push(values::open_quote(at, line.end, &subject(table, row)));
            return;
        }
        Reading::BracketsAsText | Reading::WrongWidth => {
            findings.push(row_width(table, row));
            return;
        }
    }
    if table.is_typed() {
        typed::check_row(table, row, findings);
    }
    if row.piece() != table.piece() {
        findings.extend(looks_like_setting(table, row));
    }
    let has_lines = memchr::memchr(b'\n', line.of(source)).is_some();
    let has_hash = memchr::memchr(b'#', line.of(source)).is_some();
    let has_escape = memchr::memchr(b'\\', line.of(source)).is_some();
    if !has_lines && !has_hash && !has_escape && !doubts.has_controls && row.cells().all(|cell| is_clean(&cell)) {
        return;
    }
    let subject = subject(table, row);
    let before = findings.len();
    for cell in row.cells() {
        match cell.value().spelling() {
            Spelling::Empty => {}
            Spelling::Quoted => findings.extend(scalars::in_quotes(source, cell.span(), &subject)),
            spelling => check_cell(source, cell.span(), spelling, &subject, findings),
        }
    }
    let is_whole = |last: Span| findings[before..].iter().all(|finding| finding.span.end <= last.start);
    if has_hash && let Some(last) = row.cells().last().filter(|last| is_whole(last.span())) {
        findings.extend(scalars::cut_by_comment(source, last.span(), line.end, &subject));
    }
    let open_bracket = reader::open_bracket(source, line).filter(|_| !doubts.is_last);
    if let Some(at) = open_bracket.filter(|at| findings[before..].iter().all(|finding| finding.span.start != *at)) {
        findings.push(values::open_bracket(at, &subject));
    }
    if findings[before..].iter().any(|finding| finding.severity == Severity::Error) {
        return;
    }
    if has_hash && let Some(comma) = row.cells().last().filter(|last| last.value().spelling() == Spelling::Empty) {
        findings.extend(scalars::all_a_comment(source, comma.span().end, line.end, &subject));
    }
    findings.extend(scalars::unpaired_bracket(source, line, &subject));
}

/// A row that is written as a setting is, `key: value`.
fn looks_like_setting(table: &Table<'_>, row: &Row<'_>) -> Option<Finding> {
    let source = table.document().source();
    let first = row.cell(0).filter(|first| first.value().spelling() == Spelling::Bare)?.span();
    let colon = first.start + memchr::memchr(b':', first.of(source))?;
    let is_apart = source[..row.span().end].get(colon + 1).is_none_or(|&b| scan::is_blank(b));
    let is_key = first.of(source)[..colon - first.start].iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_');
    (is_apart && is_key).then(|| {
        let message = format!("this looks like a setting, but is a row of `{}`", table.name());
        finding(Rule::SettingInTable, row.span(), subject(table, row), message)
            .help("begin a setting at the indentation of the table, or put the cell in double quotes")
    })
}

/// Whether nothing with content follows the table.
fn is_last(document: &Document, table: &Table<'_>) -> bool {
    let end = document.pieces()[table.piece()].end;
    document.pieces()[end..].iter().all(|piece| !piece.kind.has_content())
}

/// Whether a cell needs no second look: it is quoted, empty, or one word or short number.
fn is_clean(cell: &Cell<'_>) -> bool {
    let raw = cell.value().raw();
    match cell.value().spelling() {
        Spelling::Empty | Spelling::Quoted => true,
        Spelling::Bracketed => false,
        Spelling::Bare => {
            let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'.' | b'-' | b'#');
            let digits = raw.len() < 18 && raw.iter().all(u8::is_ascii_digit) && (raw[0] != b'0' || raw.len() == 1);
            let begins = raw[0].is_ascii_alphabetic() || raw[0] == b'_';
            digits || (begins && raw != b"table" && raw.iter().all(word))
        }
    }
}

fn check_cell(source: &[u8], span: Span, spelling: Spelling, subject: &str, findings: &mut Findings) {
    let before = findings.len();
    if tokens(source, span).seen().next().is_some() {
        let mut read = reader::read(source, span);
        if read.next.is_some() {
            // A cell of several tokens is text, so its number need not fit.
            read.out_of_range.clear();
        }
        values::check(source, span, &read, Rule::BadCell, subject, findings);
        let begins_list = source[span.range()].first().is_some_and(|b| matches!(b, b'[' | b'{'));
        if let (true, None, Some(next)) = (begins_list, read.fault, read.next) {
            let message = "a list or dict ends before this; the Rust reader makes a text of the whole cell";
            let rest = Span::new(next.span.start, span.end);
            findings.push(finding(Rule::BadCell, rest, subject, message).help("put the text in double quotes"));
        }
    }
    if findings.len() > before {
        return;
    }
    findings.extend(match spelling {
        Spelling::Bracketed => scalars::value(source, span, spelling, subject),
        _ => scalars::cell(source, span, subject),
    });
}

fn backslash_quote(cell: &Cell<'_>, subject: &str) -> Finding {
    let end = cell.span().end;
    let message =
        "a backslash stands before the quote that should end this text; the Rust reader goes on to the next quote";
    finding(Rule::BackslashQuote, Span::new(end - 2, end), subject, message).help("write `\\\\` for a backslash")
}

fn row_width(table: &Table<'_>, row: &Row<'_>) -> Finding {
    let source = table.document().source();
    let columns = table.column_spans().len();
    let cells = if row.reading() == Reading::BracketsAsText { reader_cells(source, row) } else { row.cells().len() };
    // Point at the first cell too many, or at the whole row if some are missing.
    let extra = row.cell(columns).filter(|_| cells > columns);
    let span = extra.map_or(row.span(), |extra| Span::new(extra.span().start, row.span().end));
    let message = format!(
        "this row has {}, its table `{}` has {}",
        values::counted(cells, "cell"),
        table.name(),
        values::counted(columns, "column")
    );
    let behind = row.cells().last().map_or(row.span().start, |last| last.span().end);
    let help = if cells > columns {
        "a text that holds a comma needs double quotes"
    } else if scalars::hidden_text(source, behind, row.span().end).is_some() {
        "a `#` opens a comment: put a text that begins with one in double quotes"
    } else {
        "write `\"\"` for a cell that is empty"
    };
    finding(Rule::RowWidth, span, subject(table, row), message).help(help)
}

/// The number of cells if lists and dicts are each one.
fn reader_cells(source: &[u8], row: &Row<'_>) -> usize {
    let mut depth = 0_usize;
    let mut cells = 1;
    for token in tokens(source, row.span()) {
        match token.kind {
            TokenKind::Sign(b'[' | b'{') => depth += 1,
            TokenKind::Sign(b']' | b'}') => depth = depth.saturating_sub(1),
            TokenKind::Sign(b',') if depth == 0 => cells += 1,
            _ => {}
        }
    }
    cells
}
