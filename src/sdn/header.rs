//! The first lines of tables and settings.

use super::scan;
use super::token::{TokenKind, tokens};
use super::value::{self, Cut, is_tail};
use crate::text::Span;

/// The first line of a table: `name |column, column|`, or `name: table{type, type}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub name: Span,
    /// The column names; for a typed table the names of the types.
    pub columns: Vec<Span>,
    /// Whether this is `name: table{…}`, whose columns have types but no names.
    pub typed: bool,
    /// A row on the same line, behind the header.
    pub row: Option<Span>,
}

/// The first line of a setting: `key: value` or `key = value`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SettingLine {
    pub key: Span,
    /// Offset of the `:` or `=`.
    pub sign: usize,
    pub value: Cut,
}

/// What a line outside tables is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    Table(Header),
    Setting(SettingLine),
    Other,
}

/// Reads the line in `start..end`, which holds neither indentation nor line end.
///
/// Readers pass over characters that begin no token, before the name and behind it, so a statement begins behind them.
/// A dash with a blank behind it is another matter: what it begins is an item of a list to whoever wrote it.
pub(crate) fn read_line(source: &[u8], start: usize, end: usize) -> Line {
    let is_item = matches!(source[start..end], [b'-', b' ' | b'\t', ..]);
    let start = if is_item { start } else { next_token(source, start, end) };
    let Some(word) = scan::word_end(source, start, end) else {
        return Line::Other;
    };
    let name = Span::new(start, word);
    let sign = next_token(source, word, end);
    match source[..end].get(sign) {
        Some(b'|') => named_table(source, name, sign, end).map_or(Line::Other, Line::Table),
        Some(b':') if let Some(header) = typed_table(source, name, sign, end) => Line::Table(header),
        Some(b':' | b'=') => {
            let value = value::cut(source, sign + 1, end);
            Line::Setting(SettingLine { key: name, sign, value })
        }
        _ => Line::Other,
    }
}

/// The first offset from `at` on at which a token begins.
fn next_token(source: &[u8], at: usize, end: usize) -> usize {
    let at = scan::skip_blanks(source, at, end);
    match source[..end].get(at) {
        Some(b':' | b'=' | b'|' | b'_' | b'a'..=b'z' | b'A'..=b'Z') => at,
        _ => tokens(source, Span::new(at, end)).seen().next().map_or(end, |token| token.span.start),
    }
}

fn named_table(source: &[u8], name: Span, bar: usize, end: usize) -> Option<Header> {
    let close = bar + 1 + memchr::memchr(b'|', &source[bar + 1..end])?;
    let columns = names(source, bar + 1, close);
    if has_bars_for_commas(source, Span::new(name.start, end)) {
        return None;
    }
    // What readers pass over behind a header is no row.
    let behind = Span::new(scan::skip_blanks(source, close + 1, end), end);
    let row = tokens(source, behind).seen().next().is_some().then_some(behind);
    Some(Header { name, columns, typed: false, row })
}

/// Whether a line is `name | column | column | column`: words and bars, and no comma. The Rust reader takes this for a
/// table of one column, and the rest for its row.
pub(crate) fn has_bars_for_commas(source: &[u8], line: Span) -> bool {
    if memchr::memchr_iter(b'|', line.of(source)).count() < 3 {
        return false;
    }
    let mut is_word = false;
    tokens(source, line).seen().all(|token| {
        is_word = !is_word;
        if is_word { token.kind == TokenKind::Word } else { token.kind == TokenKind::Sign(b'|') }
    })
}

/// `table{…}` behind the colon, with nothing on the line behind it.
fn typed_table(source: &[u8], name: Span, colon: usize, end: usize) -> Option<Header> {
    let start = scan::skip_blanks(source, colon + 1, end);
    let word = start + b"table".len();
    if !source[start..end].starts_with(b"table") {
        return None;
    }
    let open = scan::skip_blanks(source, word, end);
    if source[..end].get(open) != Some(&b'{') {
        return None;
    }
    let close = open + 1 + memchr::memchr(b'}', &source[open + 1..end])?;
    let columns = names(source, open + 1, close);
    is_tail(source, close + 1, end).then_some(Header { name, columns, typed: true, row: None })
}

/// The names between two bars or braces; one comma behind the last is ignored.
fn names(source: &[u8], start: usize, end: usize) -> Vec<Span> {
    let mut names = Vec::new();
    let mut at = start;
    loop {
        let stop = memchr::memchr(b',', &source[at..end]).map_or(end, |comma| at + comma);
        let first = scan::skip_blanks(source, at, stop);
        names.push(Span::new(first, scan::trim_blanks(source, first, stop)));
        if stop == end {
            break;
        }
        at = stop + 1;
    }
    if names.last().is_some_and(|last| last.is_empty()) {
        names.pop();
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(line: &str) -> Option<(&str, Vec<&str>, bool, Option<&str>)> {
        match read_line(line.as_bytes(), 0, line.len()) {
            Line::Table(h) => Some((
                &line[h.name.range()],
                h.columns.iter().map(|c| &line[c.range()]).collect(),
                h.typed,
                h.row.map(|r| &line[r.range()]),
            )),
            _ => None,
        }
    }

    #[test]
    fn the_spacing_of_a_header_is_free() {
        assert_eq!(header("t|a,b|"), Some(("t", vec!["a", "b"], false, None)));
        assert_eq!(header("t | a , b , | # x"), Some(("t", vec!["a", "b"], false, None)));
        assert_eq!(header("t ||"), Some(("t", vec![], false, None)));
    }

    #[test]
    fn a_row_may_stand_behind_the_header() {
        assert_eq!(header("point |x, y| 10, 20"), Some(("point", vec!["x", "y"], false, Some("10, 20"))));
    }

    #[test]
    fn what_readers_pass_over_is_no_part_of_a_name() {
        assert_eq!(header(".t |a|"), Some(("t", vec!["a"], false, None)));
        assert_eq!(header("'t' |a|"), Some(("t", vec!["a"], false, None)));
        for line in [".spipe/x: 1", "\u{c}spipe/x = 1", "'spipe/x': 1", "\u{feff}@ spipe/x ! : 1"] {
            match read_line(line.as_bytes(), 0, line.len()) {
                Line::Setting(setting) => {
                    assert_eq!((&line[setting.key.range()], setting.value.span.end), ("spipe/x", line.len()), "{line}");
                }
                other => panic!("{line}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_typed_table_has_types_for_names() {
        assert_eq!(header("g: table{i32, i32}"), Some(("g", vec!["i32", "i32"], true, None)));
        assert_eq!(header("g: table{i32} = [(1)]"), None);
        assert_eq!(header("kind: table"), None);
    }

    #[test]
    fn an_unclosed_header_is_no_table() {
        assert_eq!(read_line(b"t |a, b", 0, 7), Line::Other);
        assert_eq!(read_line(b"Big Red", 0, 7), Line::Other);
        assert_eq!(read_line(b"- a: 1", 0, 6), Line::Other);
        assert_eq!(read_line(b"Big # |a|", 0, 9), Line::Other);
        assert_eq!(read_line(b"deps | file | sha256 | state", 0, 28), Line::Other);
        assert_eq!(header("deps |file, state| a|b, c"), Some(("deps", vec!["file", "state"], false, Some("a|b, c"))));
    }
}
