//! Many records as JSON: an array of objects, or one object after the other, as JSON lines; or an array on each line.

use sdnlock::sdn::{NewCell, Spelling};
use sdnlock::tree::{Node, SpellError, inline};
use sdnlock::update::Fields;

use super::{BadRecord, Source};
use crate::cli::json::{JsonError, parse};

/// The records of a JSON text with their places: of an array, of JSON lines, or of one object, which may reach over
/// several lines. A line may be an array too, as `list --chunks` prints it. All that cannot be taken are told.
///
/// A text stays a text, whatever it looks like, a number a number; an array or object becomes an inline list or dict,
/// `null` an empty cell.
pub fn records(text: &[u8]) -> Result<Vec<(Source, Fields)>, Vec<BadRecord>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut taken = Vec::new();
    let mut bad = Vec::new();
    for (at, node) in nodes(text) {
        let fields = node.map_err(|error| why(&error, at)).and_then(fields);
        match fields {
            Ok(fields) => taken.push((at, fields)),
            Err(why) => bad.push(BadRecord { at, why }),
        }
    }
    if bad.is_empty() { Ok(taken) } else { Err(bad) }
}

fn nodes(text: &[u8]) -> Vec<(Source, Result<Node, JsonError>)> {
    let lines = text.split(|&b| b == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    let mut lines = lines.map(|(index, line)| (Source::Line(index + 1), parse(line))).collect::<Vec<_>>();
    let is_array = text.trim_ascii_start().starts_with(b"[");
    let is_cut = |(_, first): &(Source, Result<Node, JsonError>)| first.as_ref().is_err_and(|error| error.is_cut);
    // One array or object that reaches over several lines.
    if let ([(at @ Source::Line(1), _)], true) = (&mut lines[..], is_array) {
        *at = Source::Whole;
    } else if (is_array && lines.len() == 1) || (lines.len() > 1 && lines.first().is_some_and(is_cut)) {
        lines = vec![(Source::Whole, parse(text))];
    }
    let records = lines.into_iter().flat_map(|(at, node)| match node {
        Ok(Node::List(items)) => {
            items.into_iter().enumerate().map(|(index, item)| (at.record(index + 1), Ok(item))).collect()
        }
        node => vec![(at, node)],
    });
    records.collect()
}

/// What is wrong, with the line only where the place does not say it.
fn why(error: &JsonError, at: Source) -> String {
    match (at, error.place) {
        (Source::Line(_), Some((_, column))) => format!("column {column}: {}", error.problem),
        _ => error.to_string(),
    }
}

fn fields(node: Node) -> Result<Fields, String> {
    let Node::Dict(entries) = node else { return Err("a record is an object".to_owned()) };
    let field = |(column, value)| {
        let cell = cell(value).map_err(|why| format!("`{column}`: {why}"))?;
        Ok((column, cell))
    };
    entries.into_iter().map(field).collect()
}

fn cell(value: Node) -> Result<NewCell, SpellError> {
    Ok(match value {
        Node::Nothing => "".into(),
        Node::Text(text) if is_plain(&text) => text.into(),
        Node::Text(text) => NewCell::like(text, Spelling::Quoted),
        list @ (Node::List(_) | Node::Dict(_)) => NewCell::like(inline(&list)?, Spelling::Bracketed),
        other => NewCell::like(inline(&other)?, Spelling::Bare),
    })
}

/// Whether a text is read back as one, however its column is spelled.
fn is_plain(text: &str) -> bool {
    let is_keyword = matches!(text, "true" | "false" | "null" | "nil");
    text.is_empty() || (text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !is_keyword)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Vec<String> {
        let shown = |(at, fields): &(Source, Fields)| {
            let pairs: Vec<String> = fields.iter().map(|(column, cell)| format!("{column}={}", cell.text())).collect();
            format!("{at}: {}", pairs.join(" "))
        };
        records(text.as_bytes()).unwrap().iter().map(shown).collect()
    }

    fn refused(text: &str) -> Vec<String> {
        records(text.as_bytes()).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn records_come_as_lines_as_an_array_or_as_one_object() {
        let lines = "{\"id\": 1, \"text\": \"a b\"}\n\n{\"id\": \"x\", \"done\": false, \"n\": null}\r\n";
        assert_eq!(taken(lines), ["line 1: id=1 text=a b", "line 3: id=x done=false n="]);
        assert_eq!(
            taken(" [{\"a\": 1.5}, {\"a\": [\"x\", {\"b\": 2}]}]"),
            ["record 1: a=1.5", "record 2: a=[x, {b: 2}]"]
        );
        assert_eq!(taken("{\n  \"id\": 1\n}\n"), ["the input: id=1"]);
        assert_eq!(taken("[\n  {\"id\": 1},\n  {\"id\": 2}\n]\n"), ["record 1: id=1", "record 2: id=2"]);
        let chunks = "[{\"id\": 1}, {\"id\": 2}]\n[]\n{\"id\": 3}\n[{\"id\": 4}]\n";
        assert_eq!(
            taken(chunks),
            ["line 1, record 1: id=1", "line 1, record 2: id=2", "line 3: id=3", "line 4, record 1: id=4"]
        );
        assert_eq!(taken("\n"), [""; 0]);
    }

    #[test]
    fn each_record_that_cannot_be_taken_is_told() {
        let lines = "{\"id\": 1}\n{\"id\": }\n[1]\n7\n{\"a\": 1, \"a\": 2}\n{\"a\": [\"x\\n\"]}";
        assert_eq!(
            refused(lines),
            [
                "line 2: column 8: expected value",
                "line 3, record 1: a record is an object",
                "line 4: a record is an object",
                "line 5: column 12: `a` stands twice in one object",
                "line 6: `a`: the value holds the control character U+000A, which line-based readers cannot take"
            ]
        );
        assert_eq!(refused("[{}, 3]"), ["record 2: a record is an object"]);
        assert_eq!(refused("[{},"), ["the input: line 1, column 4: it breaks off within a value"]);
    }

    #[test]
    fn many_records_are_taken() {
        let lines: String = (0..10_000).map(|n| format!("{{\"id\": {n}}}\n")).collect();
        assert_eq!(taken(&lines).len(), 10_000);
    }
}
