//! JSON as trees. A name that stands twice in an object is refused, and so is what no tree can hold.

use std::collections::HashSet;
use std::fmt;

use sdnlock::text::Lines;
use sdnlock::tree::{DEEPEST, Node};
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;

/// A text that is no JSON, or not one that a database could say.
#[derive(Debug, PartialEq, Eq)]
pub struct JsonError {
    /// What is wrong with it.
    pub problem: String,
    /// Line and column, from 1; none if the text as a whole is wrong.
    pub place: Option<(usize, usize)>,
    /// Whether the text only breaks off.
    pub is_cut: bool,
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let place = (error.line() > 0).then(|| (error.line(), error.column()));
        let text = error.to_string();
        let problem = text.rsplit_once(" at line ").map_or(text.as_str(), |(problem, _)| problem);
        let problem = match problem.strip_prefix("EOF while parsing ") {
            Some(what) => format!("it breaks off within {what}"),
            None => problem.to_owned(),
        };
        Self { problem, place, is_cut: error.is_eof() }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

/// Reads one JSON value, with nothing behind it.
pub fn parse(text: &[u8]) -> Result<Node, JsonError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if let Some(at) = large_integer(text) {
        let length = text[at..].iter().take_while(|b| matches!(b, b'-' | b'0'..=b'9')).count();
        let integer = String::from_utf8_lossy(&text[at..at + length]);
        let place = Lines::new(text).position(at);
        return Err(JsonError {
            problem: format!("{integer} does not fit in 64 bits; give it as a text"),
            place: Some((place.line, place.column)),
            is_cut: false,
        });
    }
    let mut reader = Deserializer::from_slice(text);
    // How deep values stand within each other is looked at here.
    reader.disable_recursion_limit();
    let node = Seed(0).deserialize(&mut reader)?;
    reader.end()?;
    Ok(node)
}

/// Where an integer begins that no number of 64 bits is. As a double it would be another one.
fn large_integer(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'"' => {
                at += 1;
                while at < text.len() && text[at] != b'"' {
                    at += if text[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let number =
                    text[at..].iter().take_while(|b| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
                let end = at + number.count();
                let number = std::str::from_utf8(&text[at..end]).unwrap_or_default();
                let is_integer = number.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
                if is_integer && number.len() > MOST_DIGITS && number.parse::<i64>().is_err() {
                    return Some(at);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    None
}

/// A number of fewer digits fits in any case.
const MOST_DIGITS: usize = 18;

/// A value so deep within others.
struct Seed(usize);

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Node;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        if self.0 > DEEPEST {
            return Err(Error::custom(format_args!("more than {DEEPEST} values stand within each other")));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_bool<E>(self, boolean: bool) -> Result<Node, E> {
        Ok(Node::Boolean(boolean))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Node, E> {
        Ok(Node::Integer(integer))
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<Node, E> {
        i64::try_from(integer).map(Node::Integer).map_err(Error::custom)
    }

    fn visit_f64<E>(self, float: f64) -> Result<Node, E> {
        Ok(Node::Float(float))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Seed(self.0 + 1))? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut dict = Vec::new();
        let mut known = HashSet::new();
        while let Some(name) = entries.next_key::<String>()? {
            if !known.insert(name.clone()) {
                return Err(Error::custom(format_args!("`{name}` stands twice in one object")));
            }
            dict.push((name, entries.next_value_seed(Seed(self.0 + 1))?));
        }
        Ok(Node::Dict(dict))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        parse(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn values_keep_their_types_and_their_order() {
        let tree = parse(br#" {"b": [1, -2.5, "x\n"], "a": null, "c": true} "#).unwrap();
        let list = Node::List(vec![Node::Integer(1), Node::Float(-2.5), Node::Text("x\n".into())]);
        let entries = [("b", list), ("a", Node::Nothing), ("c", Node::Boolean(true))];
        assert_eq!(tree, Node::Dict(entries.map(|(name, node)| (name.to_owned(), node)).to_vec()));
    }

    #[test]
    fn what_cannot_be_taken_says_where_and_why() {
        assert_eq!(problem("{\"a\": 1,\n \"a\": 2}"), "line 2, column 4: `a` stands twice in one object");
        assert_eq!(
            problem("[18446744073709551615]"),
            "line 1, column 2: 18446744073709551615 does not fit in 64 bits; give it as a text"
        );
        assert_eq!(
            problem("{\"9223372036854775809\": 1e30,\n \"a\": [1.5, -9223372036854775809]}"),
            "line 2, column 13: -9223372036854775809 does not fit in 64 bits; give it as a text"
        );
        assert_eq!(problem("{} x"), "line 1, column 4: trailing characters");
        assert!(parse(b"{\"a\":").unwrap_err().is_cut);
    }

    #[test]
    fn no_depth_exhausts_the_stack() {
        for deep in ["[".repeat(200_000), "{\"a\":".repeat(200_000)] {
            assert!(problem(&deep).ends_with("more than 500 values stand within each other"));
        }
        let fits = "[".repeat(400) + &"]".repeat(400);
        assert!(parse(fits.as_bytes()).is_ok());
    }
}
