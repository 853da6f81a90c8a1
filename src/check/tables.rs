//! Rules about tables: their columns, rows and cells.

use super::finding::{Findings, Rule, finding};
use super::settings::{self, Subject};
use crate::sdn::{Document, Problem, Reading, Row, Spelling, Table};
use crate::text::Span;

pub(super) fn check(document: &Document, findings: &mut Findings) {
    for table in document.tables() {
        settings::keyword(document, table.name_span(), findings);
        columns(document, &table, findings);
        for row in table.rows() {
            check_row(document, &table, &row, findings);
        }
    }
}

fn columns(document: &Document, table: &Table<'_>, findings: &mut Findings) {
    let source = document.source();
    for &span in table.column_spans() {
        let Some(span) = settings::not_one_word(source, span) else { continue };
        let name = table.name();
        let message = format!("a column of `{name}` is not named by a single word");
        findings.push(
            finding(Rule::BadColumn, span, name, message)
                .help("use letters, digits, `_` and `-`, beginning with a letter"),
        );
    }
}

fn check_row(document: &Document, table: &Table<'_>, row: &Row<'_>, findings: &mut Findings) {
    let key = row.cell(0).map(|cell| cell.value().text().into_owned()).unwrap_or_default();
    let subject = format!("{} {key}", table.name());
    match row.reading() {
        Reading::Broken(Problem::OpenQuote(at)) => findings.push(settings::open_quote(at, row.span().end, subject)),
        Reading::Broken(Problem::OpenBracket(at)) => findings.push(settings::open_bracket(at, subject)),
        Reading::WrongWidth => findings.push(row_width(table, row, subject)),
        Reading::Plain | Reading::BracketsAsText | Reading::BackslashAsText | Reading::CommasInLast => {
            for cell in row.cells() {
                if matches!(cell.value().spelling(), Spelling::Bare | Spelling::Bracketed) {
                    settings::check_value(document, cell.span(), Subject::Cell, &subject, findings);
                }
            }
        }
    }
}

fn row_width(table: &Table<'_>, row: &Row<'_>, subject: String) -> super::Finding {
    let (cells, columns) = (row.cells().len(), table.column_spans().len());
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    // Point at the first cell too many, or at the whole row if some are missing.
    let span = row.cell(columns).map_or(row.span(), |extra| Span::new(extra.span().start, row.span().end));
    let message =
        format!("this row has {}, its table `{}` has {}", count(cells, "cell"), table.name(), count(columns, "column"));
    let help = if cells > columns {
        "a text that holds a comma needs double quotes"
    } else {
        "write `\"\"` for a cell that is empty"
    };
    finding(Rule::RowWidth, span, subject, message).help(help)
}
