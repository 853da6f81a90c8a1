//! Rules about typed tables, `name: table{i32, text}`. No reader checks the types.

use super::finding::{Findings, Rule, excerpt, finding};
use super::{scalars, values};
use crate::sdn::token::{Token, TokenKind, tokens};
use crate::sdn::{Row, Spelling, Table, reader, scan};
use crate::text::Span;

/// The cells of a row that are not of their types.
pub(super) fn check_row(table: &Table<'_>, row: &Row<'_>, findings: &mut Findings) {
    let source = table.document().source();
    for (cell, kind) in row.cells().zip(table.column_spans()) {
        check_value(source, cell.span(), *kind, &table.name(), findings);
    }
}

/// The rows of `name: table{…} = [(…), (…)]`: their width is not checked by readers either, and a row of wrong
/// width is no row of the table.
pub(super) fn check_short_form(source: &[u8], value: Span, subject: &str, findings: &mut Findings) {
    let mut syntax = Syntax { source, at: value.start, end: value.end };
    let fault = syntax.types().err();
    let rest = Span::new(scan::skip_blanks(source, syntax.at, value.end), value.end);
    if fault.is_none() && reader::begins_statement(source, rest) {
        findings.push(values::second_setting(rest, subject));
        return;
    }
    if let Some(fault) = fault.or_else(|| syntax.rows().err()) {
        let message = if fault.is_empty() {
            "the types or rows of this table are not complete; the Rust reader rejects the file".to_owned()
        } else {
            format!("`{}` is not expected here; the Rust reader rejects the file", excerpt(source, fault))
        };
        let help = "write `name: table{i32, i32} = [(1, 2), (3, 4)]`, or the rows below `name: table{i32, i32}`";
        findings.push(finding(Rule::BadValue, fault, subject, message).help(help));
        return;
    }
    findings.extend(scalars::value(source, value, Spelling::Bracketed, subject));
    let types = &mut Vec::new();
    let mut seen = tokens(source, value).seen();
    for token in seen.by_ref().skip(2) {
        match token.kind {
            TokenKind::Sign(b'}') => break,
            TokenKind::Sign(b',') => {}
            _ => types.push(token.span),
        }
    }
    let mut depth = 0_usize;
    let mut row: Option<(Span, Vec<Span>)> = None;
    for token in seen {
        match (token.kind, &mut row) {
            (TokenKind::Sign(b'('), None) => row = Some((token.span, Vec::new())),
            (TokenKind::Sign(b')'), Some(_)) if depth == 0 => {
                if let Some((open, cells)) = row.take() {
                    short_row(source, Span::new(open.start, token.span.end), &cells, types, subject, findings);
                }
            }
            (TokenKind::Sign(b'[' | b'{' | b'('), Some((_, cells))) => {
                if depth == 0 {
                    cells.push(token.span);
                }
                depth += 1;
            }
            (TokenKind::Sign(b']' | b'}' | b')'), Some(_)) => depth = depth.saturating_sub(1),
            (TokenKind::Sign(_) | TokenKind::LineBreak, _) | (_, None) => {}
            (_, Some((_, cells))) if depth == 0 => cells.push(token.span),
            _ => {}
        }
    }
}

/// The syntax of `table{type, type} = [(value, value), (value, value)]`.
struct Syntax<'s> {
    source: &'s [u8],
    at: usize,
    end: usize,
}

impl Syntax<'_> {
    /// Reads the types. An error is the first token that does not belong there, or an empty span if one is missing.
    fn types(&mut self) -> Result<(), Span> {
        self.take(|kind| kind == TokenKind::Table)?;
        self.sign(b'{')?;
        self.list(b'}', |syntax| syntax.take(|kind| kind == TokenKind::Word))
    }

    /// Reads the rows behind the types, which may stand on the next lines instead.
    fn rows(&mut self) -> Result<(), Span> {
        if self.peek().is_none() {
            return Ok(());
        }
        self.sign(b'=')?;
        self.sign(b'[')?;
        self.list(b']', |syntax| {
            syntax.sign(b'(')?;
            syntax.list(b')', Self::value)
        })?;
        self.peek().map_or(Ok(()), |token| Err(token.span))
    }

    fn peek(&self) -> Option<Token> {
        tokens(self.source, Span::new(self.at, self.end)).seen().next()
    }

    fn take(&mut self, is_expected: impl Fn(TokenKind) -> bool) -> Result<(), Span> {
        match self.peek() {
            Some(token) if is_expected(token.kind) => {
                self.at = token.span.end;
                Ok(())
            }
            other => Err(other.map_or(Span::empty(self.end), |token| token.span)),
        }
    }

    fn sign(&mut self, sign: u8) -> Result<(), Span> {
        self.take(|kind| kind == TokenKind::Sign(sign))
    }

    /// What may be followed by a comma, up to the sign that closes it.
    fn list(&mut self, close: u8, mut one: impl FnMut(&mut Self) -> Result<(), Span>) -> Result<(), Span> {
        while self.sign(close).is_err() {
            one(self)?;
            if self.sign(b',').is_err() {
                return self.sign(close);
            }
        }
        Ok(())
    }

    fn value(&mut self) -> Result<(), Span> {
        let read = reader::read(self.source, Span::new(self.at, self.end));
        self.at = read.end;
        read.fault.map_or(Ok(()), |(_, place)| Err(place))
    }
}

fn short_row(source: &[u8], row: Span, cells: &[Span], types: &[Span], subject: &str, findings: &mut Findings) {
    if cells.len() != types.len() {
        let (cells, types) = (values::counted(cells.len(), "value"), values::counted(types.len(), "type"));
        let message = format!("this row has {cells}, its table {types}");
        findings.push(finding(Rule::RowWidth, row, subject, message));
        return;
    }
    for (cell, kind) in cells.iter().zip(types) {
        check_value(source, *cell, *kind, subject, findings);
    }
}

fn check_value(source: &[u8], value: Span, kind: Span, subject: &str, findings: &mut Findings) {
    let mut seen = tokens(source, value).seen();
    let (Some(token), None) = (seen.next(), seen.next()) else { return };
    if !fits(source, token, kind.of(source)) {
        let message = format!("`{}` is no {}, as the table declares", excerpt(source, value), excerpt(source, kind));
        findings.push(finding(Rule::TypeMismatch, value, subject, message));
    }
}

/// Whether a single token is of a type, as far as its name is known.
fn fits(source: &[u8], token: Token, kind: &[u8]) -> bool {
    let text = String::from_utf8_lossy(token.span.of(source)).replace('_', "");
    let is_null = matches!(&*text, "null" | "nil");
    let is_integer = token.kind == TokenKind::Number && text.parse::<i128>().is_ok();
    let within = |least: i128, most: i128| text.parse().is_ok_and(|number: i128| (least..=most).contains(&number));
    is_null
        || match kind {
            b"i8" => within(i8::MIN.into(), i8::MAX.into()),
            b"i16" => within(i16::MIN.into(), i16::MAX.into()),
            b"i32" => within(i32::MIN.into(), i32::MAX.into()),
            b"u8" => within(0, u8::MAX.into()),
            b"u16" => within(0, u16::MAX.into()),
            b"u32" => within(0, u32::MAX.into()),
            b"u64" | b"usize" => is_integer && !text.starts_with('-'),
            b"i64" | b"isize" | b"int" | b"integer" => is_integer,
            b"f32" | b"f64" | b"float" | b"number" => token.kind == TokenKind::Number,
            b"bool" | b"boolean" => matches!(&*text, "true" | "false"),
            _ => true,
        }
}
