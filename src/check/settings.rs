//! Rules about settings.

use std::collections::HashMap;

use super::finding::{Finding, Findings, Rule, Severity, excerpt, finding};
use super::{blocks, scalars, typed, values};
use crate::sdn::header::{self, Line, SettingLine};
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{Document, PieceKind, Problem, Spelling, reader};
use crate::text::Span;

/// How many settings on one line are looked at: each means to read the rest of the line again.
const MOST_ON_LINE: usize = 100;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    // Of each block that has settings.
    let mut lists: HashMap<usize, bool> = HashMap::new();
    for (index, piece) in document.pieces().iter().enumerate() {
        if let Some(line) = document.setting_line(piece) {
            let in_list = piece
                .parent
                .is_some_and(|parent| *lists.entry(parent).or_insert_with(|| blocks::is_list(document, parent)));
            match line.value.spelling {
                _ if in_list => {
                    findings.push(blocks::rejected(document, piece, Span::new(line.sign, document.body(piece).end)));
                }
                _ => {
                    let mut next = Some(line);
                    for _ in 0..MOST_ON_LINE {
                        let Some(line) = next else { break };
                        next = one(document, index, &line, findings);
                    }
                }
            }
            if piece.kind == PieceKind::Setting && line.value.spelling == Spelling::Empty {
                blocks::check(document, index, findings);
            }
        }
    }
}

/// What a line sets first; gives what it sets besides.
fn one(document: &Document, index: usize, line: &SettingLine, findings: &mut Findings) -> Option<SettingLine> {
    if line.value.spelling == Spelling::Empty {
        empty(document, index, line, findings);
        return None;
    }
    value(document, index, line, findings)
}

/// A setting without a value: `key:` is nothing, unless the file ends there; `key =` an error.
fn empty(document: &Document, index: usize, line: &SettingLine, findings: &mut Findings) {
    let source = document.source();
    let subject = excerpt(source, line.key);
    if document.children(Some(index)).next().is_none() {
        let end = document.body(&document.pieces()[index]).end;
        findings.extend(scalars::all_a_comment(source, line.sign + 1, end, &subject));
    }
    findings.extend(at_the_end(source, line, &subject));
    if source[line.sign] == b'=' {
        let message = "a value is missing behind the `=`; the Rust reader rejects the file";
        let sign = Span::new(line.sign, line.sign + 1);
        findings.push(
            finding(Rule::BadValue, sign, subject, message).help("write `:` for a block, `\"\"` for an empty text"),
        );
    }
}

/// A key behind which the file ends, without so much as a line end.
fn at_the_end(source: &[u8], line: &SettingLine, subject: &str) -> Option<Finding> {
    let behind = Span::new(line.sign + 1, source.len());
    (source[line.sign] == b':' && tokens(source, behind).seen().next().is_none()).then(|| {
        let message = "the file ends without a value or a line end behind this `:`; the Rust reader rejects it";
        let sign = Span::new(line.sign, line.sign + 1);
        let found = finding(Rule::BadValue, sign, subject, message).help("end the line, or write a value");
        found.fix(Span::empty(source.len()), "\n")
    })
}

fn value(document: &Document, index: usize, line: &SettingLine, findings: &mut Findings) -> Option<SettingLine> {
    let piece = &document.pieces()[index];
    let source = document.source();
    let subject = excerpt(source, line.key);
    let end = document.body(piece).end;
    match line.value.problem {
        Some(Problem::OpenQuote(at)) => {
            findings.push(values::open_quote(at, end, &subject));
            return None;
        }
        Some(Problem::OpenBracket(at)) => {
            findings.push(values::open_bracket(at, &subject));
            return None;
        }
        None => {}
    }
    let span = line.value.span;
    let before = findings.len();
    findings.extend(scalars::cut_by_comment(source, span, end, &subject));
    if line.value.spelling == Spelling::Quoted {
        findings.extend(scalars::in_quotes(source, span, &subject));
        return None;
    }
    let has_rows = document.children(Some(index)).next().is_some();
    if typed_table(source, line, has_rows, findings) {
        return None;
    }
    let nothing = tokens(source, span).seen().next().is_none();
    if nothing && source[line.sign] == b':' {
        findings.extend(at_the_end(source, line, &subject));
        findings.extend(scalars::value(source, span, line.value.spelling, &subject));
        return None;
    }
    if nothing {
        let message = "the Rust reader passes over all of this, and rejects the file, as no value is left";
        let found = finding(Rule::BadValue, span, &subject, message).help("put the text in double quotes");
        findings.push(scalars::quoted(source, span, found));
        return None;
    }
    let read = reader::read(source, span);
    values::check(source, span, &read, Rule::BadValue, &subject, findings);
    // Two statements on one line are two for the Rust reader.
    let next = read.next.filter(|_| read.fault.is_none());
    if let Some(next) = next {
        let rest = Span::new(next.span.start, span.end);
        if reader::begins_statement(source, rest) {
            findings.push(values::second_setting(rest, &subject));
            return match header::read_line(source, rest.start, rest.end) {
                Line::Setting(line) => Some(line),
                Line::Table(_) | Line::Other => None,
            };
        }
        let rest = Span::new(blocks::behind(source, read.end), span.end);
        let in_block = piece.parent.is_some();
        if in_block && let Some(signs) = scalars::only_closing_signs(source, rest, &subject) {
            findings.push(signs);
            return None;
        }
        let found = values::unquoted(source, Span::new(span.start, read.end), rest, in_block, &subject);
        findings.push(scalars::quoted(source, span, found));
    }
    if findings[before..].iter().all(|finding| finding.severity != Severity::Error) {
        findings.extend(scalars::value(source, span, line.value.spelling, &subject));
    }
    None
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
