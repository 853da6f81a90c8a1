//! Keys: what a record is known by.

use std::borrow::Cow;
use std::fmt;

use crate::sdn::{Cell, Row};

/// The key of a record: what it says in the key columns of its table. Two keys are equal if all their parts are.
///
/// A key of several columns is shown, and written in addresses, with `/` between its parts. A part that holds a `/` or
/// a quote stands in double quotes there, so that no two keys look alike.
///
/// ```
/// use sdnlock::record::Key;
///
/// let (one, other) = (Key::new(["x/y", "z"]).unwrap(), Key::new(["x", "y/z"]).unwrap());
/// assert_ne!(one, other);
/// assert_eq!((one.to_string(), other.to_string()), (r#""x/y"/z"#.to_owned(), r#"x/"y/z""#.to_owned()));
/// assert_eq!(Key::new(["src/a.spl"]).unwrap().to_string(), "src/a.spl");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key<'d> {
    first: Cow<'d, str>,
    rest: Box<[Cow<'d, str>]>,
}

impl<'d> Key<'d> {
    /// The key with these parts. None without parts, or if a part is empty.
    pub fn new<T: Into<Cow<'d, str>>>(parts: impl IntoIterator<Item = T>) -> Option<Self> {
        Self::collect(parts.into_iter().map(|part| Some(part.into())))
    }

    /// The key of a row whose key columns these are. None without columns, or if one of its parts is empty or
    /// `null`: such a row has no key.
    #[must_use]
    pub fn of(row: &Row<'d>, columns: &[usize]) -> Option<Self> {
        Self::collect(columns.iter().map(|&column| row.cell(column).and_then(content)))
    }

    fn collect(mut parts: impl Iterator<Item = Option<Cow<'d, str>>>) -> Option<Self> {
        let first = parts.next()??;
        let rest: Option<Box<[_]>> = parts.collect();
        Some(Self { first, rest: rest? }).filter(|key| key.parts().all(|part| !part.is_empty()))
    }

    /// What each key column says.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.first).chain(&*self.rest).map(AsRef::as_ref)
    }

    /// The parts with `/` between them, whatever they hold: several keys may come to the same.
    pub(crate) fn joined(&self) -> Cow<'_, str> {
        if self.rest.is_empty() {
            return Cow::Borrowed(&self.first);
        }
        Cow::Owned(self.parts().collect::<Vec<_>>().join("/"))
    }

    /// The same key, which borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Key<'static> {
        let owned = |part: Cow<'d, str>| Cow::Owned(part.into_owned());
        Key { first: owned(self.first), rest: self.rest.into_iter().map(owned).collect() }
    }
}

/// The text of a cell. None if that is empty, or if the cell is `null`.
pub(crate) fn content(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    let value = cell.value();
    if value.is_null() { None } else { Some(value.text()).filter(|text| !text.is_empty()) }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rest.is_empty() {
            return f.write_str(&self.first);
        }
        for (position, part) in self.parts().enumerate() {
            if position > 0 {
                f.write_str("/")?;
            }
            if part.contains(['/', '"']) { f.write_str(&quoted(part))? } else { f.write_str(part)? }
        }
        Ok(())
    }
}

/// A text in double quotes, as a segment of an address has it.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Reads a text in double quotes that `text` begins with; what it says, and what follows.
pub(crate) fn unquoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut said = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((said, &inside[at + 1..])),
            '\\' => match characters.next()?.1 {
                same @ ('"' | '\\') => said.push(same),
                other => said.extend(['\\', other]),
            },
            other => said.push(other),
        }
    }
    None
}

/// The parts of a key that is written as several ones, of which one is in quotes. None of any other text.
pub(crate) fn parts(text: &str) -> Option<Vec<String>> {
    if !text.contains('"') {
        return None;
    }
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, behind) = if rest.starts_with('"') {
            unquoted(rest)?
        } else {
            let end = rest.find('/').unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        parts.push(part);
        if behind.is_empty() {
            break;
        }
        rest = behind.strip_prefix('/')?;
    }
    let is_canonical = Key::new(parts.iter().map(String::as_str)).is_some_and(|key| key.to_string() == text);
    (parts.len() > 1 && is_canonical).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: &[&'static str]) -> Key<'static> {
        Key::new(parts.iter().copied()).unwrap()
    }

    #[test]
    fn no_two_keys_are_written_alike() {
        let texts = ["a", "a/b", "\"", "\\", "/", "a\"/b", "\"a\"", "x y", "é"];
        let mut seen = std::collections::HashMap::new();
        for one in texts {
            for other in texts {
                for third in texts.iter().map(Some).chain([None]) {
                    let parts: Vec<&str> = [Some(&one), Some(&other), third].into_iter().flatten().copied().collect();
                    let key = key(&parts);
                    let written = key.to_string();
                    assert_eq!(seen.insert(written.clone(), key.clone()), None, "{written}");
                    if written.contains('"') {
                        assert!(
                            super::parts(&written).unwrap().iter().map(String::as_str).eq(key.parts()),
                            "{written}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_part_that_says_nothing_makes_no_key() {
        assert_eq!(Key::new(["a", ""]), None);
        assert_eq!(Key::new([] as [&str; 0]), None);
    }

    #[test]
    fn only_what_is_written_as_a_key_has_parts() {
        assert_eq!(parts("\"x/y\"/z"), Some(vec!["x/y".to_owned(), "z".to_owned()]));
        assert_eq!(parts("a b/\"x/y\""), Some(vec!["a b".to_owned(), "x/y".to_owned()]));
        for other in ["x/y", "\"a\"", "\"a\"/b", "a\"b", "\"x/y\"z", "\"x/y", "/\"x/y\"", "\"x/y\"/", ""] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
