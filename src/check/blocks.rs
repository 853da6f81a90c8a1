//! Rules about the lines below a setting: entries of a dict, or elements of a list.

use super::finding::{Finding, Findings, Rule, excerpt, finding};
use super::lines::{bad_header, is_unread};
use super::{scalars, sequences, values};
use crate::sdn::reader::{self, Fault};
use crate::sdn::scan::{self, Stop};
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{Document, Piece, PieceKind, Spelling};
use crate::text::Span;

/// The lines directly below a setting, without those in which nothing is read.
fn lines(document: &Document, setting: usize) -> impl Iterator<Item = usize> {
    document.children(Some(setting)).filter(|&child| !is_unread(document, &document.pieces()[child]))
}

/// Whether the lines below a setting are elements: the first one is not `key:`.
pub(super) fn is_list(document: &Document, setting: usize) -> bool {
    let parent = &document.pieces()[setting];
    let is_block = document.setting_line(parent).is_some_and(|line| line.value.spelling == Spelling::Empty);
    let is_key = |line: usize| {
        let mut tokens = tokens(document.source(), document.body(&document.pieces()[line])).seen();
        tokens.next().is_some_and(|word| word.kind == TokenKind::Word)
            && tokens.next().is_some_and(|sign| sign.kind == TokenKind::Sign(b':'))
    };
    is_block && lines(document, setting).next().is_some_and(|first| !is_key(first))
}

/// The lines below a setting that are neither settings nor tables, or should be neither.
pub(super) fn check(document: &Document, setting: usize, findings: &mut Findings) {
    let source = document.source();
    let list = is_list(document, setting);
    let mut items = Vec::new();
    for child in lines(document, setting) {
        let piece = &document.pieces()[child];
        let body = document.body(piece);
        match piece.kind {
            PieceKind::Table if list => {
                let bar = document.table_at(child).map_or(body.start, |table| table.name_span().end);
                findings.push(rejected(document, piece, Span::new(behind(source, bar), body.end)));
            }
            PieceKind::Other if list => {
                items.extend(sequences::behind_dash(source, body).map(|_| child));
                element(document, piece, findings);
            }
            PieceKind::Other if sequences::is_record(source, body) => items.push(child),
            PieceKind::Other => findings.push(no_entry(source, body).in_run(setting)),
            _ => {}
        }
    }
    findings.extend(if list {
        sequences::values(document, setting, &items)
    } else {
        sequences::records(document, setting, &items)
    });
}

/// A line of a dict that is neither a setting nor a table.
fn no_entry(source: &[u8], body: Span) -> Finding {
    let subject = excerpt(source, body);
    if let Some(signs) = scalars::only_closing_signs(source, body, &subject) {
        return signs;
    }
    let words = "this line is no setting; the Rust reader takes its words for settings of their own";
    let message = bad_header(source, body).unwrap_or(words);
    finding(Rule::UnknownLine, body, subject, message)
        .help("write `key: value`, and a text of several words in double quotes")
}

/// One element of a list that has a line for each.
fn element(document: &Document, piece: &Piece, findings: &mut Findings) {
    let source = document.source();
    let body = document.body(piece);
    let body = sequences::behind_dash(source, body).unwrap_or(body);
    let subject = excerpt(source, body);
    if let Stop::OpenQuote(at) = scan::stop_of(source, body.start, body.end) {
        return findings.push(values::open_quote(at, body.end, &subject));
    }
    let Some(first) = tokens(source, body).seen().next() else { return };
    let read = reader::read(source, body);
    let before = findings.len();
    values::check(source, body, &read, Rule::BadElement, &subject, findings);
    let next = read.next.filter(|_| !matches!(read.fault, Some((Fault::Value | Fault::End, _))));
    if let Some(next) = next {
        let rest = Span::new(behind(source, read.end), body.end);
        findings.push(if matches!(next.kind, TokenKind::Sign(sign) if !matches!(sign, b'[' | b'{')) {
            rejected(document, piece, rest)
        } else {
            let message = "the Rust reader takes this for a further element: a text of several words is torn";
            finding(Rule::BadElement, rest, &subject, message).help("put the text in double quotes")
        });
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
        TokenKind::Text if first.span.start == body.start => {
            findings.extend(scalars::in_quotes(source, value, &subject));
        }
        _ => findings.extend(scalars::value(source, value, Spelling::Bare, &subject)),
    }
    findings.extend(scalars::cut_by_comment(source, value, body.end, &subject));
}

/// A line of a list that is no element, from `place` on.
pub(super) fn rejected(document: &Document, piece: &Piece, place: Span) -> Finding {
    let source = document.source();
    let message = "a list of elements has one value on each line; the Rust reader rejects the file here";
    let line = finding(Rule::BadElement, place, excerpt(source, document.body(piece)), message);
    line.help("put a text that has such signs in double quotes").in_run(piece.parent.unwrap_or_default())
}

/// The first character from `end` on that is no blank, one that is passed over included.
pub(super) fn behind(source: &[u8], end: usize) -> usize {
    scan::skip_blanks(source, end, source.len())
}
