//! Rules about lines: which ones there may be, and how they are indented.

use std::collections::HashMap;

use super::finding::{Finding, Findings, Rule, excerpt, finding};
use crate::sdn::token::tokens;
use crate::sdn::{Document, Piece, PieceKind, Seal, Spelling};
use crate::text::{BOM, Span};

pub(super) fn check(document: &Document, findings: &mut Findings) {
    if let Some(offset) = document.not_utf8() {
        not_utf8(document, offset, findings);
    }
    let source = document.source();
    mixed_indents(document, findings);
    let mut conflict = Conflict::default();
    let mut run = 0;
    for (index, piece) in document.pieces().iter().enumerate() {
        match piece.kind {
            PieceKind::ByteOrderMark | PieceKind::Comment | PieceKind::Row => {}
            PieceKind::Blank => findings.extend(carriage_return(document, index)),
            PieceKind::ConflictMarker => findings.extend(conflict.marker(document, piece)),
            PieceKind::Other if is_element(document, piece) => {}
            PieceKind::Other if is_below_doubt(document, piece) => {}
            PieceKind::Other => findings.extend(unknown_line(document, piece).map(|line| line.in_run(run))),
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
        if before.of(source) != indent.of(source) && document.pieces()[parent].indent < piece.indent {
            let width = |indent: Span| indent.of(source).iter().map(|&b| if b == b'\t' { 4 } else { 1 }).sum::<u32>();
            if width(before) == width(indent) {
                let message = "this line is indented by other characters than the lines beside it; \
                               it belongs to them only because a tab counts as 4 blanks";
                let body = document.body(piece);
                findings.push(
                    finding(Rule::MixedIndent, indent, excerpt(source, body), message)
                        .help("indent all lines of a block by the same characters")
                        .fix(indent, String::from_utf8_lossy(before.of(source)))
                        .in_run(parent),
                );
            }
        }
    }
}

/// An empty line that ends with a carriage return counts as a line at the left margin for the Rust
/// reader, so it ends the block it stands in.
fn carriage_return(document: &Document, index: usize) -> Option<Finding> {
    let source = document.source();
    let line = document.pieces()[index].span;
    let at = line.start + memchr::memchr(b'\r', line.of(source))?;
    let next = document.pieces()[index + 1..].iter().find(|piece| piece.kind.has_content())?;
    (next.indent > 0).then(|| {
        let message = "this empty line ends with a carriage return, at which the Rust reader ends the block";
        finding(Rule::CarriageReturn, Span::new(at, at + 1), "empty line", message)
            .help("remove the empty line, or end the lines of the file with LF alone")
    })
}

/// Whether the line stands below one that is no SDN itself and has its finding already.
fn is_below_doubt(document: &Document, piece: &Piece) -> bool {
    piece.parent.is_some_and(|parent| document.pieces()[parent].kind == PieceKind::Other)
}

/// Whether the line stands directly in a block. What may stand there depends on the block.
fn is_element(document: &Document, piece: &Piece) -> bool {
    let parent = piece.parent.and_then(|parent| document.setting_line(&document.pieces()[parent]));
    parent.is_some_and(|line| line.value.spelling == Spelling::Empty)
}

fn unknown_line(document: &Document, piece: &Piece) -> Option<Finding> {
    let source = document.source();
    let body = document.body(piece);
    if piece.parent.is_some() {
        return Some(indented(document, piece, "the line above it, to which it would belong, is complete"));
    }
    let skipped = |span: Span, message: &str| {
        Some(finding(Rule::SkippedCharacters, span, excerpt(source, body), message.to_owned()))
    };
    let Some(first) = tokens(source, body).seen().next() else {
        // A line of nothing but characters that the reader passes over is none. Bytes that are no text are found
        // for the whole file.
        std::str::from_utf8(body.of(source)).ok()?;
        return skipped(body, "the Rust reader passes over this line: nothing in it begins a value");
    };
    if body.of(source).starts_with(BOM) && crate::sdn::reader::begins_statement(source, body) {
        let mark = Span::new(body.start, body.start + BOM.len());
        let found = skipped(mark, "a byte-order mark stands before this line; only the Rust reader passes over it");
        return found.map(|found| found.help("remove it").fix(mark, ""));
    }
    let is_header = body.of(source).contains(&b'|') && source[first.span.start].is_ascii_alphabetic();
    let message = if is_header {
        "this header is not closed; a table begins with `name |column, column|`"
    } else {
        "this line is no table, setting, row or comment"
    };
    Some(finding(Rule::UnknownLine, body, excerpt(source, body), message))
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
    let before = document.pieces().iter().rev().find(|piece| piece.kind.has_content());
    let blanks = last.span.of(source).iter().take_while(|&&b| crate::sdn::scan::is_blank(b));
    let indent: u32 = blanks.map(|&b| if b == b'\t' { 4 } else { 1 }).sum();
    (indent > before.map_or(0, |piece| piece.indent)).then(|| {
        let message = "this last line has no line break; the Rust reader takes its indentation for a block";
        finding(Rule::UnexpectedIndent, last.span, "last line", message)
            .help("end the line, or remove it")
            .fix(Span::empty(source.len()), "\n")
    })
}
