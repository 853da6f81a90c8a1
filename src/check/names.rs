//! Rules about names: of tables, settings and columns.

use std::collections::{HashMap, HashSet};

use super::finding::{Finding, Findings, Rule, excerpt, finding};
use super::scalars;
use super::schema::is_of_schema;
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{Document, PieceKind, Table};
use crate::text::Span;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    let source = document.source();
    let mut first: HashMap<(Option<usize>, &[u8]), PieceKind> = HashMap::new();
    for (index, piece) in document.pieces().iter().enumerate() {
        let named = match piece.kind {
            PieceKind::Table => document.table_at(index).map(|table| (table.name_span(), table.name_span().end)),
            PieceKind::Setting => document.setting_line(piece).map(|line| (line.key, line.sign)),
            _ => None,
        };
        let Some((name, sign)) = named else { continue };
        let before = Span::new(document.body(piece).start, name.start);
        findings.extend(beside(source, before, name).or_else(|| beside(source, Span::new(name.end, sign), name)));
        keyword(source, name, findings);
        let Some(&before) = first.get(&(piece.parent, name.of(source))) else {
            first.insert((piece.parent, name.of(source)), piece.kind);
            continue;
        };
        let shown = excerpt(source, name);
        findings.push(if before == PieceKind::Table {
            let message =
                format!("a table `{shown}` stands above already; readers keep the last one, and its rows are lost");
            finding(Rule::DuplicateTable, name, &shown, message)
                .help("bring the rows together under one header, or rename one of the tables")
        } else {
            finding(Rule::DuplicateSetting, name, &shown, repeated(&shown))
        });
    }
    for table in document.tables() {
        columns(source, &table, findings);
        header(source, &table, findings);
    }
}

/// What is said of a setting or key that stands a second time.
pub(super) fn repeated(name: &str) -> String {
    format!("`{name}` is set above already; readers keep the last value only")
}

/// Characters before a name, or between it and the sign behind it, that the reader passes over.
fn beside(source: &[u8], place: Span, name: Span) -> Option<Finding> {
    let skipped = scalars::run_of_skipped(source, tokens(source, place).next()?.span, place.end);
    let text = std::str::from_utf8(skipped.of(source)).ok()?;
    let shown = excerpt(source, name);
    let message = format!("the Rust reader passes over `{}`: it reads the name `{shown}`", scalars::visible(text));
    let found = finding(Rule::SkippedCharacters, skipped, shown, message);
    let is_hidden = text.chars().all(|c| scalars::visible(c.encode_utf8(&mut [0; 4])).len() > c.len_utf8());
    Some(if is_hidden {
        found.help("remove it").fix(skipped, "")
    } else {
        found.help("a name begins with a letter, and holds letters, digits and `_/.-#`")
    })
}

/// A name that is a keyword names nothing for the Rust reader.
fn keyword(source: &[u8], name: Span, findings: &mut Findings) {
    let is_keyword = tokens(source, name).next().is_some_and(|token| token.kind != TokenKind::Word);
    if is_keyword {
        let shown = excerpt(source, name);
        let message = format!("`{shown}` is a keyword and names nothing");
        findings.push(finding(Rule::KeywordName, name, shown, message).help("choose another name"));
    }
}

/// What is odd about a header as a whole.
fn header(source: &[u8], table: &Table<'_>, findings: &mut Findings) {
    let name = table.name();
    let columns = table.column_spans();
    if columns.is_empty() {
        let message = format!("`{name}` has no columns; rows of any width are rows of it");
        findings.push(finding(Rule::NoColumns, table.name_span(), &name, message).help("name the columns"));
    }
    if !table.is_typed() {
        let mut seen = HashSet::new();
        if let Some(&again) = columns.iter().find(|column| !seen.insert(column.of(source))) {
            let message = format!("`{name}` has a column `{}` already", excerpt(source, again));
            findings.push(finding(Rule::DuplicateColumn, again, &name, message).help("rename one of the two"));
        }
    }
    let piece = &table.document().pieces()[table.piece()];
    let line = table.document().body(piece);
    let end = table.rows().next().filter(|row| row.piece() == table.piece()).map_or(line.end, |row| row.span().start);
    let mut before = None;
    for token in tokens(source, Span::new(table.name_span().end, end)) {
        if token.kind == TokenKind::Skipped {
            let shown = excerpt(source, token.span);
            let message = format!("the Rust reader passes over `{shown}` in this header");
            findings.push(finding(Rule::SkippedCharacters, token.span, &name, message).help("remove it"));
            return;
        }
        if let (TokenKind::Sign(b'|' | b'}'), Some(comma)) = (token.kind, before) {
            let comma: Span = comma;
            let message = "the name of a column is missing before this; the comma before it means nothing";
            let found = finding(Rule::HeaderComma, token.span, &name, message);
            findings.push(found.help("remove the comma").fix(comma, ""));
        }
        before = (token.kind == TokenKind::Sign(b',')).then_some(token.span);
    }
}

/// The first column of a header that is not named by a single word.
fn columns(source: &[u8], table: &Table<'_>, findings: &mut Findings) {
    for &span in table.column_spans() {
        let mut tokens = tokens(source, span).seen();
        let (rule, place) = match (tokens.next(), tokens.next()) {
            (Some(first), None) if first.kind == TokenKind::Word => continue,
            (Some(first), None) if first.kind == TokenKind::Table && is_of_schema(table) => continue,
            (Some(first), None) if matches!(first.kind, TokenKind::Constant | TokenKind::Table) => {
                (Rule::KeywordName, span)
            }
            (Some(first), Some(second)) if first.kind == TokenKind::Word => (Rule::BadColumn, second.span),
            _ => (Rule::BadColumn, span),
        };
        let message = match rule {
            Rule::KeywordName => format!("`{}` is a keyword and names no column", excerpt(source, span)),
            _ => format!("`{}` is no name of a column", excerpt(source, span)),
        };
        let help = "a column is named by one word of letters, digits, `_` and `-`, beginning with a letter";
        findings.push(finding(rule, place, table.name(), message).help(help));
        return;
    }
}
