//! Rules about names: of tables, settings and columns.

use std::collections::HashMap;

use super::finding::{Findings, Rule, excerpt, finding};
use super::schema::is_of_schema;
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{Document, PieceKind};
use crate::text::Span;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    let source = document.source();
    let mut first: HashMap<(Option<usize>, &[u8]), PieceKind> = HashMap::new();
    for (index, piece) in document.pieces().iter().enumerate() {
        let name = match piece.kind {
            PieceKind::Table => document.table_at(index).map(|table| table.name_span()),
            PieceKind::Setting => document.setting_line(piece).map(|line| line.key),
            _ => None,
        };
        let Some(name) = name else { continue };
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
    }
}

/// What is said of a setting or key that stands a second time.
pub(super) fn repeated(name: &str) -> String {
    format!("`{name}` is set above already; readers keep the last value only")
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

/// The first column of a header that is not named by a single word.
fn columns(source: &[u8], table: &crate::sdn::Table<'_>, findings: &mut Findings) {
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
