//! Trees as JSON: what holds single values only is written on one line, so that a record is one.

use sdnlock::tree::Node;
use serde_json::to_string;

/// A tree as JSON, indented, with a line break at the end.
pub fn text(node: &Node) -> String {
    let mut text = String::new();
    write(node, Some(0), &mut text);
    text.push('\n');
    text
}

/// A tree as JSON on one line.
pub fn line(node: &Node) -> String {
    let mut text = String::new();
    write(node, None, &mut text);
    text
}

/// Writes a node; without an indentation on one line.
fn write(node: &Node, indent: Option<usize>, to: &mut String) {
    match node {
        Node::Nothing => to.push_str("null"),
        Node::Boolean(boolean) => to.push_str(if *boolean { "true" } else { "false" }),
        Node::Integer(integer) => to.push_str(&integer.to_string()),
        Node::Float(float) => to.push_str(&to_string(float).unwrap_or_default()),
        Node::Text(text) => to.push_str(&quoted(text)),
        Node::List(items) => {
            let parts = items.iter().map(|item| (None, item));
            members('[', parts, ']', inside(indent, items.iter()), to);
        }
        Node::Dict(entries) => {
            let parts = entries.iter().map(|(name, value)| (Some(name.as_str()), value));
            members('{', parts, '}', inside(indent, entries.iter().map(|(_, value)| value)), to);
        }
    }
}

/// The indentation of the members; none if all of them are single values.
fn inside<'n>(indent: Option<usize>, mut members: impl Iterator<Item = &'n Node>) -> Option<usize> {
    let is_single = |node: &Node| match node {
        Node::List(items) => items.is_empty(),
        Node::Dict(entries) => entries.is_empty(),
        _ => true,
    };
    if members.all(is_single) { None } else { indent.map(|indent| indent + 2) }
}

fn members<'n>(
    open: char,
    parts: impl Iterator<Item = (Option<&'n str>, &'n Node)>,
    close: char,
    indent: Option<usize>,
    to: &mut String,
) {
    to.push(open);
    for (position, (name, value)) in parts.enumerate() {
        if position > 0 {
            to.push(',');
        }
        match indent {
            Some(indent) => line_break(indent, to),
            None if position > 0 => to.push(' '),
            None => {}
        }
        if let Some(name) = name {
            to.push_str(&quoted(name));
            to.push_str(": ");
        }
        write(value, indent, to);
    }
    if let Some(indent) = indent {
        line_break(indent - 2, to);
    }
    to.push(close);
}

fn line_break(indent: usize, to: &mut String) {
    to.push('\n');
    to.extend(std::iter::repeat_n(' ', indent));
}

fn quoted(text: &str) -> String {
    to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_single_values_is_one_line() {
        let record =
            |id| Node::Dict(vec![("id".into(), Node::Integer(id)), ("text".into(), Node::Text("a\"\n".into()))]);
        let tree = Node::Dict(vec![
            ("none".into(), Node::Nothing),
            ("t".into(), Node::List(vec![record(1), record(2)])),
            ("empty".into(), Node::List(vec![Node::Dict(vec![]), Node::Float(90.0)])),
        ]);
        let expected = "{\n  \"none\": null,\n  \"t\": [\n    {\"id\": 1, \"text\": \"a\\\"\\n\"},\n    \
                        {\"id\": 2, \"text\": \"a\\\"\\n\"}\n  ],\n  \"empty\": [{}, 90.0]\n}\n";
        assert_eq!(text(&tree), expected);
        assert_eq!(line(&record(1)), "{\"id\": 1, \"text\": \"a\\\"\\n\"}");
    }
}
