//! Rules about settings, and about the elements of blocks.

use super::finding::{Findings, Rule, Severity, excerpt, finding};
use super::{scalars, typed, values};
use crate::sdn::header::SettingLine;
use crate::sdn::reader::{self, Fault};
use crate::sdn::scan::{self, Stop};
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{Document, Piece, PieceKind, Problem, Spelling};
use crate::text::Span;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    for (index, piece) in document.pieces().iter().enumerate() {
        if let Some(line) = document.setting_line(piece) {
            let in_list = piece.parent.is_some_and(|parent| is_list(document, parent));
            match line.value.spelling {
                _ if in_list => {
                    not_an_element(document, piece, Span::new(line.sign, document.body(piece).end), findings);
                }
                Spelling::Empty => empty(document, index, &line, findings),
                _ => value(document, index, &line, findings),
            }
            if piece.kind == PieceKind::Setting && line.value.spelling == Spelling::Empty {
                block(document, index, findings);
            }
        }
    }
}

/// A setting without a value: `key:` is nothing, unless the file ends there; `key =` an error.
fn empty(document: &Document, index: usize, line: &SettingLine, findings: &mut Findings) {
    let source = document.source();
    let subject = excerpt(source, line.key);
    if document.children(Some(index)).next().is_none() {
        let end = document.body(&document.pieces()[index]).end;
        findings.extend(scalars::all_a_comment(source, line.sign + 1, end, &subject));
    }
    if source[line.sign] == b':' && scan::skip_blanks(source, line.sign + 1, source.len()) == source.len() {
        let message = "the file ends behind this `:`, without a line end; the Rust reader rejects it";
        let sign = Span::new(line.sign, line.sign + 1);
        let found = finding(Rule::BadValue, sign, &subject, message).help("end the line, or write a value");
        findings.push(found.fix(Span::empty(source.len()), "\n"));
    }
    if source[line.sign] == b'=' {
        let message = "a value is missing behind the `=`; the Rust reader rejects the file";
        let sign = Span::new(line.sign, line.sign + 1);
        findings.push(
            finding(Rule::BadValue, sign, subject, message).help("write `:` for a block, `\"\"` for an empty text"),
        );
    }
}

fn value(document: &Document, index: usize, line: &SettingLine, findings: &mut Findings) {
    let piece = &document.pieces()[index];
    let source = document.source();
    let subject = excerpt(source, line.key);
    let end = document.body(piece).end;
    match line.value.problem {
        Some(Problem::OpenQuote(at)) => return findings.push(values::open_quote(at, end, &subject)),
        Some(Problem::OpenBracket(at)) => return findings.push(values::open_bracket(at, &subject)),
        None => {}
    }
    let span = line.value.span;
    let before = findings.len();
    findings.extend(scalars::cut_by_comment(source, span, end, &subject));
    if line.value.spelling == Spelling::Quoted {
        return findings.extend(scalars::in_quotes(source, span, &subject));
    }
    let has_rows = document.children(Some(index)).next().is_some();
    if typed_table(source, line, has_rows, findings) {
        return;
    }
    let nothing = tokens(source, span).seen().next().is_none();
    if nothing && source[line.sign] == b':' {
        return findings.extend(scalars::value(source, span, line.value.spelling, &subject));
    }
    if nothing {
        let message = "the Rust reader passes over all of this, and rejects the file, as no value is left";
        let found = finding(Rule::BadValue, span, &subject, message).help("put the text in double quotes");
        return findings.push(scalars::quoted(source, span, found));
    }
    let read = reader::read(source, span);
    values::check(source, span, &read, Rule::BadValue, &subject, findings);
    // Two statements on one line are two for the Rust reader.
    let next = read.next.filter(|_| read.fault.is_none());
    if let Some(next) = next {
        let rest = Span::new(next.span.start, span.end);
        if reader::begins_statement(source, rest) {
            let message =
                "a second setting on one line; readers that work by lines take it for a part of the first one";
            let found = finding(Rule::SeveralOnLine, rest, &subject, message).help("begin a line for it");
            findings.push(found);
            return;
        }
        let rest = Span::new(after(source, read.end, next.span.start), span.end);
        let found = values::unquoted(source, Span::new(span.start, read.end), rest, &subject);
        findings.push(scalars::quoted(source, span, found));
    }
    if findings[before..].iter().all(|finding| finding.severity != Severity::Error) {
        findings.extend(scalars::value(source, span, line.value.spelling, &subject));
    }
}

/// The first character behind a value that is no blank, the ones included that are passed over.
fn after(source: &[u8], end: usize, next: usize) -> usize {
    let blanks = source[end..next].iter().take_while(|&&b| crate::sdn::scan::is_blank(b)).count();
    end + blanks
}

/// `name: table{…} = […]` with all rows on one line, or what was meant to be one. The types and rows
/// are the Rust reader's business: it does not look at the number of cells.
fn typed_table(source: &[u8], line: &SettingLine, has_rows: bool, findings: &mut Findings) -> bool {
    let span = line.value.span;
    let mut tokens = tokens(source, span).seen();
    if source[line.sign] != b':' || tokens.next().is_none_or(|first| first.kind != TokenKind::Table) {
        return false;
    }
    let second = tokens.next();
    if second.is_some_and(|second| second.kind == TokenKind::Sign(b'{')) {
        typed::check_short_form(source, span, &excerpt(source, line.key), findings);
    } else {
        let word = Span::new(span.start, span.start + b"table".len());
        let (message, word) = if has_rows {
            ("the types of this table are missing; the Rust reader rejects the file", Span::empty(word.end))
        } else {
            ("`table` is a keyword and no value; the Rust reader rejects the file", word)
        };
        let help = "put the text in double quotes, or name the types of a typed table: `table{i32, i32}`";
        findings.push(finding(Rule::BadValue, word, excerpt(source, line.key), message).help(help));
    }
    true
}

/// Whether the lines below a setting are elements: the first one is not `key:`.
fn is_list(document: &Document, setting: usize) -> bool {
    let parent = &document.pieces()[setting];
    let is_block = document.setting_line(parent).is_some_and(|line| line.value.spelling == Spelling::Empty);
    let first = document.children(Some(setting)).next().map(|child| &document.pieces()[child]);
    let is_key = |child: &Piece| {
        let line = document.setting_line(child);
        line.is_some_and(|line| {
            let key = tokens(document.source(), line.key).next();
            document.source()[line.sign] == b':' && key.is_some_and(|token| token.kind == TokenKind::Word)
        })
    };
    is_block && first.is_some_and(|first| !is_key(first))
}

/// The lines below a setting that are neither settings nor tables.
fn block(document: &Document, setting: usize, findings: &mut Findings) {
    let source = document.source();
    let list = is_list(document, setting);
    for child in document.children(Some(setting)) {
        let piece = &document.pieces()[child];
        let body = document.body(piece);
        match piece.kind {
            PieceKind::Table if list => {
                let bar = document.table_at(child).map_or(body.start, |table| table.name_span().end);
                let bar = after(source, bar, body.end);
                not_an_element(document, piece, Span::new(bar, body.end), findings);
            }
            PieceKind::Other if list => element(document, piece, findings),
            PieceKind::Other if tokens(source, body).seen().next().is_some() => {
                let message = "this line is no setting; the Rust reader takes its words for settings of their own";
                let line = finding(Rule::UnknownLine, body, excerpt(source, body), message);
                findings.push(
                    line.help("write `key: value`, and a text of several words in double quotes").in_run(setting),
                );
            }
            _ => {}
        }
    }
}

/// One element of a list that has a line for each.
fn element(document: &Document, piece: &Piece, findings: &mut Findings) {
    let source = document.source();
    let body = document.body(piece);
    let subject = excerpt(source, body);
    if let Stop::OpenQuote(at) = scan::stop_of(source, body.start, body.end) {
        return findings.push(values::open_quote(at, body.end, &subject));
    }
    let Some(first) = tokens(source, body).seen().next() else { return };
    if first.span.start > body.start {
        // `- item` and the like: what stands before the value is passed over.
        return not_an_element(document, piece, body, findings);
    }
    let read = reader::read(source, body);
    let before = findings.len();
    values::check(source, body, &read, Rule::BadElement, &subject, findings);
    let next = read.next.filter(|_| !matches!(read.fault, Some((Fault::Value | Fault::End, _))));
    if let Some(next) = next {
        not_an_element(document, piece, Span::new(after(source, read.end, next.span.start), body.end), findings);
    }
    if findings.len() > before {
        return;
    }
    let end = match scan::stop_of(source, body.start, body.end) {
        Stop::Comment(hash) => hash,
        Stop::End | Stop::OpenQuote(_) => body.end,
    };
    let value = Span::new(body.start, scan::trim_blanks(source, body.start, end));
    match first.kind {
        TokenKind::Text => findings.extend(scalars::in_quotes(source, value, &subject)),
        _ => findings.extend(scalars::value(source, value, Spelling::Bare, &subject)),
    }
    findings.extend(scalars::cut_by_comment(source, value, body.end, &subject));
}

fn not_an_element(document: &Document, piece: &Piece, place: Span, findings: &mut Findings) {
    let source = document.source();
    let body = document.body(piece);
    let message =
        "a list of elements holds one value on each line; the Rust reader rejects this or takes it for something else";
    let line = finding(Rule::BadElement, place, excerpt(source, body), message);
    findings.push(line.help("put a text of several words in double quotes").in_run(piece.parent.unwrap_or_default()));
}
