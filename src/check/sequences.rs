//! Rules about items that begin with dashes, as YAML has them. The Rust reader passes over each dash, and takes what
//! stands behind it as if it stood there alone.

use super::finding::{Finding, Rule, excerpt, finding};
use crate::sdn::token::{TokenKind, tokens};
use crate::sdn::{Document, Piece, reader, scan};
use crate::text::Span;

/// What stands behind the dash of an item.
pub(super) fn behind_dash(source: &[u8], body: Span) -> Option<Span> {
    let is_dash = source[body.range()].first() == Some(&b'-');
    let behind = scan::skip_blanks(source, body.start + 1, body.end);
    (is_dash && (behind == body.end || behind > body.start + 1)).then(|| Span::new(behind, body.end))
}

/// Whether an item is a record, or the first line of one: `- key: value`.
pub(super) fn is_record(source: &[u8], body: Span) -> bool {
    behind_dash(source, body).is_some_and(|item| reader::begins_statement(source, item))
}

/// The items of a list, which are values.
pub(super) fn values(document: &Document, setting: usize, items: &[usize]) -> Option<Finding> {
    let source = document.source();
    let span = from_to(document, items)?;
    let message = "the Rust reader passes over these dashes, and reads a list of what stands behind them";
    let help = format!("write each element on its line without a dash, or `{} = [one, two]`", key(document, setting));
    Some(finding(Rule::DashList, span, excerpt(source, span), message).help(help))
}

/// The items of a block that are records.
pub(super) fn records(document: &Document, setting: usize, items: &[usize]) -> Option<Finding> {
    let source = document.source();
    let span = from_to(document, items)?;
    let first = items[0];
    let pieces = document.pieces();
    let effect = match items {
        [_] if pieces[first].end == first + 1 => "takes this item for a dict, and sees no list",
        _ if pieces[first].end > first + 1 => {
            "takes them for one dict, which ends behind the further lines of the first one"
        }
        _ => "takes them for one dict, in which a key that comes again replaces the one before",
    };
    let message = format!("the Rust reader passes over the dashes of these records: it {effect}");
    let table = format!("{} |{}|", key(document, setting), columns(document, first).join(", "));
    let found = finding(Rule::DashRecords, span, excerpt(source, document.body(&pieces[first])), message);
    Some(found.help(format!("write a table with a row for each: `{table}`")))
}

/// An item that stands in no block: a value is rejected, a record taken for a setting.
pub(super) fn at_margin(document: &Document, piece: &Piece) -> Option<Finding> {
    let source = document.source();
    let body = document.body(piece);
    behind_dash(source, body)?;
    let subject = excerpt(source, body);
    Some(if is_record(source, body) {
        let message = "the Rust reader passes over this dash, and takes the item for a setting of the file";
        finding(Rule::DashRecords, body, subject, message)
            .help("write a table with a row for each record: `name |column, column|`")
    } else {
        let message = "this item stands in no block; the Rust reader rejects the file";
        finding(Rule::UnknownLine, body, subject, message)
            .help("indent the items below their key, and write them without dashes")
    })
}

/// From the first of some lines to the last one.
fn from_to(document: &Document, lines: &[usize]) -> Option<Span> {
    let body = |line: usize| document.body(&document.pieces()[line]);
    Some(Span::new(body(*lines.first()?).start, body(*lines.last()?).end))
}

fn key(document: &Document, setting: usize) -> String {
    let line = document.setting_line(&document.pieces()[setting]);
    line.map(|line| excerpt(document.source(), line.key)).unwrap_or_default()
}

/// The keys of a record that begins on the line of `first`.
fn columns(document: &Document, first: usize) -> Vec<String> {
    let source = document.source();
    let pieces = document.pieces();
    let own = behind_dash(source, document.body(&pieces[first]));
    let lines = pieces[first + 1..pieces[first].end].iter().map(|piece| document.body(piece));
    let keys = own.into_iter().chain(lines).filter_map(|line| {
        let word = tokens(source, line).seen().next().filter(|token| token.kind == TokenKind::Word)?;
        reader::begins_statement(source, line).then(|| excerpt(source, word.span))
    });
    keys.collect()
}
