//! Many records as lines with commas or tabs, below a line with the names of the columns.

use std::collections::HashSet;

use csv::{ErrorKind, Position, ReaderBuilder};
use sdnlock::text::Lines;
use sdnlock::update::Fields;

use super::{BadRecord, Source};
use crate::cli::text;

/// As RFC 4180 has it; lines may end in LF alone.
///
/// An empty cell says nothing, as `""` does: who wants to leave a column alone leaves it out.
pub fn csv(text: &[u8]) -> Result<Vec<(Source, Fields)>, Vec<BadRecord>> {
    // A quote that is never closed would swallow what follows, and nobody would see that the end is missing.
    if memchr::memchr_iter(b'"', text).count() % 2 == 1 {
        let why = "it has an odd number of quotes: one is never closed, or stands in a cell without being doubled";
        return Err(vec![BadRecord { at: Source::Whole, why: why.to_owned() }]);
    }
    records(text, &ReaderBuilder::new(), str::to_owned)
}

/// With tab, line feed, return and backslash as `\t`, `\n`, `\r` and `\\`; a quote is nothing but a quote.
pub fn tsv(text: &[u8]) -> Result<Vec<(Source, Fields)>, Vec<BadRecord>> {
    records(text, ReaderBuilder::new().delimiter(b'\t').quoting(false), unescaped)
}

fn records(
    source: &[u8],
    format: &ReaderBuilder,
    read: impl Fn(&str) -> String,
) -> Result<Vec<(Source, Fields)>, Vec<BadRecord>> {
    let mut reader = format.from_reader(source);
    let lines = Lines::new(source);
    // A position is that behind the record before, with the line ends that follow it.
    let at = |position: Option<&Position>| match position.and_then(|position| usize::try_from(position.byte()).ok()) {
        Some(byte) => {
            let ends = source[byte..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            Source::Line(lines.position(byte + ends).line)
        }
        None => Source::Whole,
    };
    let bad = |error: &csv::Error| BadRecord { at: at(error.position()), why: why(error) };
    let names: Vec<String> = match reader.headers() {
        Ok(names) => names.iter().map(&read).collect(),
        Err(error) => return Err(vec![bad(&error)]),
    };
    if let Some(why) = bad_names(&names) {
        return Err(vec![BadRecord { at: Source::Line(1), why }]);
    }
    let (mut taken, mut wrong) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let cells = record.iter().map(|cell| read(cell).into());
                taken.push((at(record.position()), names.iter().cloned().zip(cells).collect()));
            }
            Err(error) => wrong.push(bad(&error)),
        }
    }
    if wrong.is_empty() { Ok(taken) } else { Err(wrong) }
}

/// What is wrong with the names of columns.
fn bad_names(names: &[String]) -> Option<String> {
    let mut known = HashSet::new();
    names.iter().enumerate().find_map(|(at, name)| {
        let column = at + 1;
        if name.is_empty() {
            Some(format!("column {column} has no name"))
        } else {
            (!known.insert(name)).then(|| format!("column {column} is called `{name}`, as one before it is"))
        }
    })
}

fn why(error: &csv::Error) -> String {
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let cells = text::count(usize::try_from(*len).unwrap_or(usize::MAX), "cell");
            format!("it has {cells}, and the first line names {expected_len} columns")
        }
        ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

/// Undoes `\t`, `\n`, `\r` and `\\`; any other backslash stays.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match rest.next() {
            Some('t') => plain.push('\t'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('\\') => plain.push('\\'),
            other => {
                plain.push('\\');
                plain.extend(other);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    type Records = Result<Vec<(Source, Fields)>, Vec<BadRecord>>;

    fn told(records: Records) -> Vec<String> {
        let shown = |(at, fields): &(Source, Fields)| {
            let pairs: Vec<String> = fields.iter().map(|(column, cell)| format!("{column}={}", cell.text())).collect();
            format!("{at}: {}", pairs.join(" "))
        };
        match records {
            Ok(records) => records.iter().map(shown).collect(),
            Err(bad) => bad.iter().map(|bad| format!("! {bad}")).collect(),
        }
    }

    #[test]
    fn each_line_is_a_record_of_the_columns_that_the_first_one_names() {
        let text = b"id,text,n\r\n1,\"a, \"\"b\"\"\",\r\n\n2,\"c\nd\",5\n3,e,\"\"";
        let records = ["line 2: id=1 text=a, \"b\" n=", "line 4: id=2 text=c\nd n=5", "line 6: id=3 text=e n="];
        assert_eq!(told(csv(text)), records);
        let text = b"id\ttext\n1\t\"a, \\tb\\\\n\\x\n";
        assert_eq!(told(tsv(text)), ["line 2: id=1 text=\"a, \tb\\n\\x"]);
        for nothing in ["", "\n", "id,text\n"] {
            assert_eq!(told(csv(nothing.as_bytes())), [""; 0], "{nothing:?}");
        }
    }

    #[test]
    fn each_line_that_cannot_be_taken_is_told() {
        let text = b"id,text\n1\n2,a\n3,b,c\n4,\xff\n";
        let wrong = [
            "! line 2: it has 1 cell, and the first line names 2 columns",
            "! line 4: it has 3 cells, and the first line names 2 columns",
            "! line 5: it is not UTF-8",
        ];
        assert_eq!(told(csv(text)), wrong);
        assert_eq!(told(csv(b"id,id\n1,2\n")), ["! line 1: column 2 is called `id`, as one before it is"]);
        assert_eq!(told(csv(b"id,\n1,2\n")), ["! line 1: column 2 has no name"]);
        assert!(told(csv(b"id,text\n1,\"a\n2,b\n"))[0].starts_with("! the input: it has an odd number of quotes"));
        assert_eq!(told(tsv(b"id\ttext\n1\t\"a\n")), ["line 2: id=1 text=\"a"]);
    }
}
