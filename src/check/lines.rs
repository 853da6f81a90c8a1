//! Rules about lines: which ones there may be, and how they are indented.

use std::collections::HashMap;

use super::finding::{Finding, Findings, Rule, excerpt, finding};
use super::sequences;
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{Document, Piece, PieceKind, Seal, Spelling};
use crate::sdn::{header, scan};
use crate::text::{Span, lost_in};

pub(super) fn check(document: &Document, findings: &mut Findings) {
    if let Some(offset) = document.not_utf8() {
        not_utf8(document, offset, findings);
    }
    let source = document.source();
    findings.extend(lost_in(source).map(|span| {
        let message = format!("{} zero bytes stand here; what was written in their place is lost", span.len());
        finding(Rule::ZeroBytes, span, "zero bytes", message)
    }));
    mixed_indents(document, findings);
    let mut conflict = Conflict::default();
    let mut run = 0;
    for (index, piece) in document.pieces().iter().enumerate() {
        match piece.kind {
            PieceKind::ByteOrderMark | PieceKind::Comment | PieceKind::Row | PieceKind::Blank => {}
            PieceKind::ConflictMarker => findings.extend(conflict.marker(document, piece)),
            PieceKind::Other if is_unread(document, piece) => {}
            PieceKind::Other if is_element(document, piece) => {
                findings.extend(is_dedent(document, index).then(|| dedented(document, piece)));
            }
            PieceKind::Other => findings.push(unknown_line(document, piece).in_run(run)),
            PieceKind::Table | PieceKind::Setting => {
                run = index;
                if piece.indent > 0 && piece.parent.is_none() {
                    findings.push(indented(document, piece, "nothing stands above it that it could belong to"));
                } else if is_dedent(document, index) {
                    findings.push(dedented(document, piece));
                }
            }
        }
    }
    unread_lines(document, findings);
    findings.extend(last_line(document, source));
}

/// The runs of bytes that are no UTF-8.
fn not_utf8(document: &Document, first: usize, findings: &mut Findings) {
    let mut at = first;
    let mut bad: Option<Span> = None;
    for chunk in document.source()[first..].utf8_chunks() {
        if !chunk.valid().is_empty() {
            findings.extend(bad.take().map(|span| bad_bytes(document, span)));
        }
        at += chunk.valid().len();
        let end = at + chunk.invalid().len();
        bad = Some(Span::new(bad.map_or(at, |span| span.start), end)).filter(|span| !span.is_empty());
        at = end;
    }
    findings.extend(bad.map(|span| bad_bytes(document, span)));
}

fn bad_bytes(document: &Document, span: Span) -> Finding {
    const MOST_SHOWN: usize = 4;
    let bytes = span.of(document.source());
    let shown: Vec<String> = bytes.iter().take(MOST_SHOWN).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > MOST_SHOWN { " …" } else { "" };
    let message = format!("not UTF-8: {}{more}; the Rust reader takes no line of the file", shown.join(" "));
    finding(Rule::NotUtf8, span, shown.join(" "), message)
}

/// A checksum line that does not hold, or stands twice. It says nothing of the text, which is as valid as it was:
/// whoever changes a file looks at its seal apart from that.
pub(super) fn seal(source: &[u8], findings: &mut Findings) {
    let (rule, at, message, help) = match Seal::of(source) {
        Seal::None | Seal::Right => return,
        Seal::Wrong { actual } => (
            Rule::WrongSeal,
            0,
            format!(
                "the checksum is not that of the rest, which is {actual}; readers that know it take no line of the file"
            ),
            "if the content is right, seal it anew with `sdnlock check --fix --reseal`",
        ),
        Seal::Doubled { second } => (
            Rule::DoubledSeal,
            second,
            "a second checksum line; two databases may have been written into this file".to_owned(),
            "keep one of the two databases",
        ),
    };
    let line = crate::text::Lines::new(source).line_span(at);
    findings.push(finding(rule, crate::sdn::body(source, line), "seal", message).help(help));
}

/// The conflict that was opened last. Its markers are one finding.
#[derive(Default)]
struct Conflict {
    is_open: bool,
}

impl Conflict {
    fn marker(&mut self, document: &Document, piece: &Piece) -> Option<Finding> {
        let body = document.body(piece);
        let opens = document.source()[body.start] == b'<';
        let belongs = self.is_open && !opens;
        self.is_open = opens || (self.is_open && document.source()[body.start] != b'>');
        let message = "a merge left this conflict; the lines up to its end are versions of the same";
        (!belongs).then(|| {
            finding(Rule::ConflictMarker, body, excerpt(document.source(), body), message)
                .help("keep one version, and delete the others and the markers")
        })
    }
}

/// Lines of one block of which some begin with tabs and some with blanks, which are beside each other only
/// because a tab counts 4.
fn mixed_indents(document: &Document, findings: &mut Findings) {
    let source = document.source();
    if memchr::memchr(b'\t', source).is_none() {
        return;
    }
    let mut first: HashMap<usize, Span> = HashMap::new();
    for piece in document.pieces().iter().filter(|piece| piece.kind.has_content()) {
        let Some(parent) = piece.parent else { continue };
        let indent = Span::new(piece.span.start, document.body(piece).start);
        let before = *first.entry(parent).or_insert(indent);
        let is_beside = document.pieces()[parent].indent < piece.indent
            && scan::indent_width(before.of(source)) == scan::indent_width(indent.of(source));
        if is_beside && before.of(source) != indent.of(source) {
            let message = "this line is indented by other characters than the lines beside it; \
                           it belongs to them only because a tab counts as 4 blanks";
            findings.push(
                finding(Rule::MixedIndent, indent, excerpt(source, document.body(piece)), message)
                    .help("indent all lines of a block by the same characters")
                    .fix(indent, String::from_utf8_lossy(before.of(source)))
                    .in_run(parent),
            );
        }
    }
}

/// Lines in which the Rust reader finds nothing, and which count by their indentation all the same: those of
/// characters that it passes over, of which a carriage return is one. They do harm unless the lines around them
/// open and end the same blocks.
fn unread_lines(document: &Document, findings: &mut Findings) {
    let mut last = None;
    // The unread lines since that one.
    let mut unread: Vec<&Piece> = Vec::new();
    for (index, piece) in document.pieces().iter().enumerate() {
        if is_unread(document, piece) {
            unread.push(piece);
        } else if piece.kind.has_content() {
            for line in unread.drain(..) {
                findings.extend(unread_line(document, line, last, piece.indent));
            }
            last = Some(index);
        }
    }
    findings.extend(unread.into_iter().filter_map(|line| unread_line(document, line, last, 0)));
}

/// Such a line between the last one with content and the next one, which is indented so.
fn unread_line(document: &Document, piece: &Piece, last: Option<usize>, after: u32) -> Option<Finding> {
    let source = document.source();
    let indent = indent_of(source, piece);
    let before = last.map_or(0, |last| document.pieces()[last].indent);
    let place = document.body(piece);
    let opens_rows = last.is_some_and(|last| may_have_rows(document, last)) && after <= before;
    if indent == before || indent == after || (after..before).contains(&indent) || opens_rows {
        return passed_over(document, piece, place);
    }
    Some(if place.is_empty() {
        let message = "this empty line ends with a carriage return, at which the Rust reader ends the block";
        finding(Rule::CarriageReturn, Span::new(place.end, place.end + 1), "empty line", message)
            .help("remove the empty line, or end the lines of the file with LF alone")
    } else {
        let (rule, effect) =
            if indent > before { (Rule::UnexpectedIndent, "opens") } else { (Rule::UnexpectedDedent, "ends") };
        let message = format!("the Rust reader finds nothing in this line, but {effect} a block by its indentation");
        finding(rule, place, excerpt(source, place), message).help("remove the line, or make it a comment")
    })
}

/// Whether a line is the header of a table whose rows stand below it. It may have none, in a block of its own.
fn may_have_rows(document: &Document, index: usize) -> bool {
    let table = document.table_at(index);
    table.is_some_and(|table| table.rows().next().is_none_or(|first| first.piece() != index))
}

/// The indentation of a line that may hold nothing else.
fn indent_of(source: &[u8], piece: &Piece) -> u32 {
    let end = scan::skip_blanks(source, piece.span.start, piece.span.end);
    scan::indent_width(&source[piece.span.start..end])
}

/// A line that the reader passes over, and does no harm by its indentation. In a table of one column it is meant to
/// be a row.
fn passed_over(document: &Document, piece: &Piece, place: Span) -> Option<Finding> {
    let source = document.source();
    // Bytes that are no text are found for the whole file.
    let is_text = !place.is_empty() && std::str::from_utf8(place.of(source)).is_ok();
    let table = piece.parent.filter(|_| piece.kind == PieceKind::Row).and_then(|parent| document.table_at(parent));
    if !is_text {
        return None;
    }
    let Some(table) = table.filter(|table| table.column_spans().len() == 1) else {
        let message = "the Rust reader passes over this line: nothing in it begins a value";
        return Some(finding(Rule::SkippedCharacters, place, excerpt(source, place), message));
    };
    let message = format!("the Rust reader passes over this line, so that this row of `{}` is lost", table.name());
    Some(finding(Rule::BadCell, place, excerpt(source, place), message).help("put the text in double quotes"))
}

/// Whether a line holds characters, but no token.
pub(super) fn is_unread(document: &Document, piece: &Piece) -> bool {
    let source = document.source();
    match piece.kind {
        PieceKind::Blank => memchr::memchr(b'\r', piece.span.of(source)).is_some(),
        PieceKind::Other | PieceKind::Row => {
            let body = document.body(piece);
            let begins = source[body.start];
            !begins.is_ascii_alphanumeric() && begins != b'"' && tokens(source, body).seen().next().is_none()
        }
        _ => false,
    }
}

/// Whether the line stands directly in a block. What may stand there depends on the block.
fn is_element(document: &Document, piece: &Piece) -> bool {
    let parent = piece.parent.and_then(|parent| document.setting_line(&document.pieces()[parent]));
    parent.is_some_and(|line| line.value.spelling == Spelling::Empty)
}

fn unknown_line(document: &Document, piece: &Piece) -> Finding {
    let source = document.source();
    let body = document.body(piece);
    if piece.parent.is_some() {
        return indented(document, piece, "the line above it, to which it would belong, is complete");
    }
    if let Some(item) = sequences::at_margin(document, piece) {
        return item;
    }
    let message = bad_header(source, body).unwrap_or("this line is no table, setting, row or comment");
    finding(Rule::UnknownLine, body, excerpt(source, body), message)
}

/// What is wrong with a line that seems to be meant for the header of a table.
pub(super) fn bad_header(source: &[u8], body: Span) -> Option<&'static str> {
    let begins_word = tokens(source, body).seen().next().is_some_and(|first| first.kind == TokenKind::Word);
    if header::has_bars_for_commas(source, body) {
        return Some("the columns of this header are parted by bars; a table begins with `name |column, column|`");
    }
    (begins_word && body.of(source).contains(&b'|'))
        .then_some("this header is not closed; a table begins with `name |column, column|`")
}

fn indented(document: &Document, piece: &Piece, why: &str) -> Finding {
    let body = document.body(piece);
    let message = format!("this line is indented, but {why}");
    finding(Rule::UnexpectedIndent, body, excerpt(document.source(), body), message)
}

/// Whether a line of a block begins at a column at which no line of the block began before.
fn is_dedent(document: &Document, index: usize) -> bool {
    let piece = &document.pieces()[index];
    let first = piece.parent.and_then(|parent| document.children(Some(parent)).next());
    first.is_some_and(|first| document.pieces()[first].indent != piece.indent)
}

fn dedented(document: &Document, piece: &Piece) -> Finding {
    let body = document.body(piece);
    let message =
        "this line is indented otherwise than the lines beside it; the Rust reader takes it for part of an outer block";
    finding(Rule::UnexpectedDedent, body, excerpt(document.source(), body), message)
        .help("indent all lines of a block alike")
}

/// A last line without a line break that holds only blanks or a comment counts for the Rust reader, by
/// its indentation.
fn last_line(document: &Document, source: &[u8]) -> Option<Finding> {
    let last = document.pieces().last()?;
    if last.kind.has_content() || source.last() == Some(&b'\n') {
        return None;
    }
    let before = document.pieces().iter().rposition(|piece| piece.kind.has_content());
    let opens = before.is_none_or(|before| !may_have_rows(document, before));
    (opens && indent_of(source, last) > before.map_or(0, |before| document.pieces()[before].indent)).then(|| {
        let message = "this last line has no line break; the Rust reader takes its indentation for a block";
        finding(Rule::UnexpectedIndent, last.span, "last line", message)
            .help("end the line, or remove it")
            .fix(Span::empty(source.len()), "\n")
    })
}
