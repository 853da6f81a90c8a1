//! Rules about lines: which ones there may be, and where.

use std::collections::HashMap;

use super::finding::{Finding, Findings, Rule, finding};
use crate::sdn::{Document, Piece, PieceKind, Spelling};
use crate::text::Span;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    if let Some(offset) = document.not_utf8() {
        findings.extend(not_utf8(document, offset));
    }
    // Lines that are no SDN often come in dozens: a run of them is one finding.
    let mut run: Option<Finding> = None;
    for piece in document.pieces() {
        match piece.kind {
            PieceKind::ByteOrderMark | PieceKind::Blank | PieceKind::Comment => {}
            PieceKind::ConflictMarker => findings.push(conflict_marker(document, piece)),
            PieceKind::Other if is_below_doubt(document, piece) => {}
            PieceKind::Other if is_element(document, piece) => findings.extend(run.take()),
            PieceKind::Other => {
                let next = unknown_line(document, piece);
                match &mut run {
                    Some(first) if first.rule == next.rule => first.span.end = next.span.end,
                    _ => findings.extend(run.replace(next)),
                }
            }
            PieceKind::Table | PieceKind::Row | PieceKind::Setting => {
                findings.extend(run.take());
                if piece.indent > 0 && piece.parent.is_none() {
                    findings.push(indented(document, piece, "nothing stands above it that it could belong to"));
                }
            }
        }
    }
    findings.extend(run);
    duplicates(document, findings);
}

/// Whether the line stands below one that is no SDN itself and has its finding already.
fn is_below_doubt(document: &Document, piece: &Piece) -> bool {
    piece.parent.is_some_and(|parent| document.pieces()[parent].kind == PieceKind::Other)
}

/// Whether the line is an element of a block, as `build` below `stages:`.
fn is_element(document: &Document, piece: &Piece) -> bool {
    let parent = piece.parent.and_then(|parent| document.setting_line(&document.pieces()[parent]));
    parent.is_some_and(|line| line.value.spelling == Spelling::Empty)
}

/// The runs of bytes that are no UTF-8, each one finding.
fn not_utf8(document: &Document, first: usize) -> Vec<Finding> {
    let mut at = first;
    let mut found = Vec::new();
    for chunk in document.source()[first..].utf8_chunks() {
        at += chunk.valid().len();
        let bad = chunk.invalid();
        if !bad.is_empty() {
            let bytes: Vec<String> = bad.iter().map(|byte| format!("{byte:02x}")).collect();
            let message =
                format!("the bytes {} are no UTF-8; the Rust reader takes no line of the file", bytes.join(" "));
            found.push(finding(Rule::NotUtf8, Span::new(at, at + bad.len()), "", message));
        }
        at += bad.len();
    }
    found
}

fn conflict_marker(document: &Document, piece: &Piece) -> Finding {
    let body = document.body(piece);
    let message = "a merge left this marker: the lines around it are two versions of the same";
    finding(Rule::ConflictMarker, body, line(document, body), message)
        .help("keep one version, and delete the other and the markers")
}

fn unknown_line(document: &Document, piece: &Piece) -> Finding {
    let body = document.body(piece);
    if piece.parent.is_some() {
        return indented(document, piece, "the line above it, to which it would belong, is complete");
    }
    let source = document.source();
    let text = body.of(source);
    let message = if text.contains(&b'|') && text[0].is_ascii_alphabetic() {
        "this header is not closed: a table begins with `name |column, column|`"
    } else {
        "this line is no table, setting, row or comment"
    };
    finding(Rule::UnknownLine, body, line(document, body), message)
}

fn indented(document: &Document, piece: &Piece, why: &str) -> Finding {
    let body = document.body(piece);
    finding(Rule::UnexpectedIndent, body, line(document, body), format!("this line is indented, but {why}"))
}

/// Tables and settings of one name, among the children of each piece.
fn duplicates(document: &Document, findings: &mut Findings) {
    let mut first: HashMap<(Option<usize>, &[u8]), PieceKind> = HashMap::new();
    for (index, piece) in document.pieces().iter().enumerate() {
        let name = match piece.kind {
            PieceKind::Table => document.table_at(index).map(|table| table.name_span()),
            PieceKind::Setting => document.setting_line(piece).map(|line| line.key),
            _ => None,
        };
        let Some(name) = name else { continue };
        let text = name.of(document.source());
        let Some(&before) = first.get(&(piece.parent, text)) else {
            first.insert((piece.parent, text), piece.kind);
            continue;
        };
        let shown = String::from_utf8_lossy(text).into_owned();
        findings.push(if before == PieceKind::Table {
            let message =
                format!("a table `{shown}` stands above already: the readers keep the last one, and its rows are lost");
            finding(Rule::DuplicateTable, name, shown, message)
                .help("bring the rows together under one header, or rename one of the tables")
        } else {
            let message = format!("`{shown}` is set above already: the readers keep the last value only");
            finding(Rule::DuplicateSetting, name, shown, message)
        });
    }
}

pub(super) fn line(document: &Document, span: Span) -> String {
    String::from_utf8_lossy(span.of(document.source())).into_owned()
}
