//! Rules about settings and about single values.

use super::finding::{Finding, Findings, Rule, finding};
use crate::sdn::token::{Token, TokenKind, tokens};
use crate::sdn::{Document, PieceKind, Problem, Spelling};
use crate::text::Span;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    for piece in document.pieces().iter().filter(|piece| piece.kind == PieceKind::Setting) {
        let Some(line) = document.setting_line(piece) else { continue };
        let source = document.source();
        let key = String::from_utf8_lossy(line.key.of(source)).into_owned();
        keyword(document, line.key, findings);
        match (line.value.problem, line.value.spelling) {
            (Some(Problem::OpenQuote(at)), _) => findings.push(open_quote(at, document.body(piece).end, key)),
            (Some(Problem::OpenBracket(at)), _) => findings.push(open_bracket(at, key)),
            (None, Spelling::Bracketed) if memchr::memchr(b'\n', line.value.span.of(source)).is_some() => {
                let message = "this list or dict reaches over several lines, which the Rust reader does not take";
                let first_line = Span::new(line.value.span.start, first_line_end(source, line.value.span));
                findings.push(finding(Rule::BracketLines, first_line, key, message).help("write it on one line"));
            }
            (None, Spelling::Bare | Spelling::Bracketed) => {
                check_value(document, line.value.span, Subject::Setting, &key, findings);
            }
            (None, Spelling::Quoted | Spelling::Empty) => {}
        }
    }
}

/// Whose value is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Setting,
    Cell,
}

/// What the Rust reader makes of a value that is not quoted.
pub(super) fn check_value(document: &Document, span: Span, whose: Subject, subject: &str, findings: &mut Findings) {
    let source = document.source();
    let mut tokens = tokens(source, span).filter(|token| token.kind != TokenKind::Skipped).peekable();
    let Some(first) = tokens.peek().copied() else {
        return;
    };
    if !first.begins_value() {
        let rule = if whose == Subject::Cell { Rule::BadCell } else { Rule::BadValue };
        let shown = String::from_utf8_lossy(first.span.of(source)).into_owned();
        let message = format!("no value begins with `{shown}`: the Rust reader rejects the file");
        findings.push(finding(rule, first.span, subject, message).help("put the text in double quotes"));
        return;
    }
    if matches!(first.kind, TokenKind::Sign(_)) {
        return;
    }
    if whose == Subject::Setting && is_typed_table(source, span) {
        return;
    }
    let mut count = 0;
    for token in tokens {
        count += 1;
        if count == 1 || whose == Subject::Cell {
            findings.extend(number_range(source, token, subject));
        }
        if count == 2 && whose == Subject::Setting {
            findings.push(unquoted(source, first, token, subject));
            return;
        }
    }
}

fn unquoted(source: &[u8], first: Token, second: Token, subject: &str) -> Finding {
    let shown = String::from_utf8_lossy(first.span.of(source)).into_owned();
    let message = format!("an unquoted value ends here: the Rust reader takes `{shown}` for the value of `{subject}`");
    finding(Rule::UnquotedText, second.span, subject, message).help("put the text in double quotes")
}

/// A whole number that does not fit is read as 0.
fn number_range(source: &[u8], token: Token, subject: &str) -> Option<Finding> {
    if token.kind != TokenKind::Number {
        return None;
    }
    let text: String = std::str::from_utf8(token.span.of(source)).ok()?.chars().filter(|&c| c != '_').collect();
    let (fits, read) = if text.contains(['.', 'e', 'E']) {
        (text.parse::<f64>().is_ok_and(f64::is_finite) || text.parse::<f64>().is_err(), "infinity")
    } else {
        (text.parse::<i64>().is_ok(), "0")
    };
    let message = || format!("this number does not fit in 64 bits: the Rust reader takes it for {read}");
    (!fits).then(|| {
        finding(Rule::NumberRange, token.span, subject, message()).help("put it in double quotes to keep it as text")
    })
}

fn is_typed_table(source: &[u8], span: Span) -> bool {
    span.of(source).starts_with(b"table")
}

/// A name that is a keyword names nothing for the Rust reader.
pub(super) fn keyword(document: &Document, name: Span, findings: &mut Findings) {
    let text = name.of(document.source());
    if matches!(text, b"true" | b"false" | b"null" | b"nil" | b"table") {
        let shown = String::from_utf8_lossy(text).into_owned();
        let message = format!("`{shown}` is a keyword and names nothing");
        findings.push(finding(Rule::KeywordKey, name, shown, message).help("choose another name"));
    }
}

/// The part of a name at which it stops being a single word.
pub(super) fn not_one_word(source: &[u8], name: Span) -> Option<Span> {
    let mut tokens = tokens(source, name).filter(|token| token.kind != TokenKind::Skipped);
    match (tokens.next(), tokens.next()) {
        (Some(first), Some(second)) if first.kind == TokenKind::Word => Some(second.span),
        (Some(first), None) if first.kind == TokenKind::Word => None,
        (Some(first), _) => Some(first.span),
        (None, _) => Some(name),
    }
}

pub(super) fn open_quote(at: usize, end: usize, subject: String) -> Finding {
    let message =
        "this quote is never closed; the Rust reader takes what follows, up to the next quote, for this value";
    finding(Rule::OpenQuote, Span::new(at, end), subject, message).help("close the quote")
}

pub(super) fn open_bracket(at: usize, subject: String) -> Finding {
    finding(Rule::OpenBracket, Span::new(at, at + 1), subject, "this bracket is never closed")
        .help("close it on the same line, or put the text in double quotes")
}

fn first_line_end(source: &[u8], span: Span) -> usize {
    memchr::memchr2(b'\n', b'\r', span.of(source)).map_or(span.end, |at| span.start + at)
}
