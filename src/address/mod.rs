//! One notation for everything inside a file: `TABLE`, `TABLE.KEY`, `TABLE.KEY.COLUMN`, `a.b.c` for
//! settings, `a.b[2]` for the elements of lists, counted from 0. A segment that holds a dot, a
//! blank, a bracket, a quote or `=` is written in double quotes: `todos."core.1".status`.
//!
//! A key of several columns has `/` between its parts, and a part that holds a `/` itself stands in quotes:
//! `blocks."src/a.spl"/12.status`. The rows of any table can be named by their numbers, too, counted from 0 in the
//! order in which they stand, hidden ones included: `runs[3].ms`.

mod assignment;
mod below;
mod column_condition;
mod columns;
mod condition;
mod hints;
mod inside;
mod last;
mod lookup;
mod names;
mod paths;
mod predicate;

use std::fmt;
use std::str::FromStr;

use crate::record::{self, Key};
pub use crate::sdn::{Number, compare};
pub use assignment::{Assignment, Operator};
pub use below::Below;
pub use column_condition::{ColumnCondition, ColumnConditionError, RowTest};
pub use condition::{Condition, ConditionError, Unmet};
pub use lookup::{Finder, LookupError, Target};
pub(crate) use paths::{Path, Paths};
pub use predicate::{Comparison, NoNumber, Predicate, PredicateError, PredicateProblem, Test};

/// One step of an [`Address`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// A table, a key, a column, or a setting.
    Name(String),
    /// An element of a list, or a row of a table, counted from 0.
    Index(usize),
}

/// A place inside a document.
///
/// ```
/// use sdnlock::address::Address;
///
/// let address: Address = r#"todos."core.1".status"#.parse()?;
/// assert_eq!(address.steps().len(), 3);
/// assert_eq!(address.to_string(), r#"todos."core.1".status"#);
/// # Ok::<(), sdnlock::address::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Address(Vec<Step>);

/// A text that is no address.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot read `{text}`: {problem}")]
pub struct AddressError {
    /// What was to be read.
    pub text: String,
    /// What is wrong with it.
    pub problem: AddressProblem,
}

/// What keeps a text from being an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressProblem {
    /// Nothing stands before, between or behind the dots.
    #[error("a name is missing at column {0}")]
    MissingName(usize),
    /// A quote is never closed.
    #[error("the quote at column {0} is never closed")]
    OpenQuote(usize),
    /// `[` without a number and `]`.
    #[error("`[` at column {0} is not followed by a number and `]`")]
    BadIndex(usize),
    /// A character that needs quotes around its segment.
    #[error("put the segment with `{1}` at column {0} in double quotes")]
    NeedsQuotes(usize, char),
    /// An assignment without `=`.
    #[error("`=VALUE` is missing behind the address")]
    MissingValue,
}

impl Address {
    /// The steps, outermost first; the first one is a name.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// An address of one more name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>) -> Self {
        self.0.push(Step::Name(name.into()));
        self
    }

    /// An address of one more element.
    #[must_use]
    pub fn at(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    /// An address of one more step.
    fn and(mut self, step: &Step) -> Self {
        self.0.push(step.clone());
        self
    }

    /// The address of a table or top-level setting.
    pub fn of(name: impl Into<String>) -> Self {
        Self(vec![Step::Name(name.into())])
    }

    /// The first steps of the address, for messages.
    pub(crate) fn first(&self, steps: usize) -> Self {
        Self(self.0[..steps].to_vec())
    }

    /// The address without its last step; nothing of one that has only one.
    #[must_use]
    pub fn outer(&self) -> Option<Self> {
        (self.0.len() > 1).then(|| self.first(self.0.len() - 1))
    }

    /// Reads an address up to the first `=` or `+=` outside quotes, or to the end; gives the offset
    /// of what follows.
    fn read(text: &str) -> Result<(Self, usize), AddressError> {
        let fail = |problem| AddressError { text: text.to_owned(), problem };
        let column = |at: usize| text[..at].chars().count() + 1;
        let mut steps = Vec::new();
        let mut at = 0;
        loop {
            let (name, mut next) = segment(text, at).map_err(fail)?;
            steps.push(Step::Name(name));
            while text[next..].starts_with('[') {
                let close = text[next..].find(']').ok_or_else(|| fail(AddressProblem::BadIndex(column(next))))?;
                let index =
                    text[next + 1..next + close].parse().map_err(|_| fail(AddressProblem::BadIndex(column(next))))?;
                steps.push(Step::Index(index));
                next += close + 1;
            }
            match text[next..].chars().next() {
                None | Some('=') => return Ok((Self(steps), next)),
                Some('+') if text[next..].starts_with("+=") => return Ok((Self(steps), next)),
                Some('.') => at = next + 1,
                Some(c) => return Err(fail(AddressProblem::NeedsQuotes(column(next), c))),
            }
        }
    }
}

/// Reads one name, and gives the offset behind it. Of a key of several parts some may be in quotes.
fn segment(text: &str, start: usize) -> Result<(String, usize), AddressProblem> {
    let column = |at: usize| text[..at].chars().count() + 1;
    let mut parts: Vec<String> = Vec::new();
    let mut at = start;
    loop {
        if text[at..].starts_with('"') {
            let (part, behind) = record::unquoted(&text[at..]).ok_or(AddressProblem::OpenQuote(column(at)))?;
            parts.push(part);
            at = text.len() - behind.len();
            match behind.strip_prefix('/') {
                Some(_) => at += 1,
                None => break,
            }
            continue;
        }
        let length = text[at..].find(needs_quotes).unwrap_or(text.len() - at);
        let bare = &text[at..at + length];
        let behind = &text[at + length..];
        if let Some(before) = bare.strip_suffix('/').filter(|_| behind.starts_with('"')) {
            parts.extend(before.split('/').map(str::to_owned));
            at += length;
            continue;
        }
        // A plus sign belongs to the name unless it is the one of `+=`.
        let name = bare.strip_suffix('+').filter(|_| behind.starts_with('=')).unwrap_or(bare);
        if name.is_empty() {
            return Err(AddressProblem::MissingName(column(at)));
        }
        at += name.len();
        if parts.is_empty() {
            return Ok((name.to_owned(), at));
        }
        parts.extend(name.split('/').map(str::to_owned));
        break;
    }
    if let [only] = &mut parts[..] {
        return Ok((std::mem::take(only), at));
    }
    let key = Key::new(parts).ok_or(AddressProblem::MissingName(column(start)))?;
    Ok((key.to_string(), at))
}

fn needs_quotes(c: char) -> bool {
    matches!(c, '.' | '[' | ']' | '"' | '=') || c.is_whitespace()
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (address, end) = Self::read(text)?;
        match text[end..].chars().next() {
            None => Ok(address),
            Some(c) => {
                let column = text[..end].chars().count() + 1;
                Err(AddressError { text: text.to_owned(), problem: AddressProblem::NeedsQuotes(column, c) })
            }
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Name(name) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    write_segment(f, name)?;
                }
            }
        }
        Ok(())
    }
}

fn write_segment(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let is_bare = |name: &str| !name.is_empty() && !name.contains(needs_quotes) && !name.ends_with('+');
    if is_bare(name) {
        return f.write_str(name);
    }
    let Some(parts) = record::parts(name) else { return f.write_str(&record::quoted(name)) };
    for (position, part) in parts.iter().enumerate() {
        let separator = if position > 0 { "/" } else { "" };
        if is_bare(part) && !part.contains('/') {
            write!(f, "{separator}{part}")?;
        } else {
            write!(f, "{separator}{}", record::quoted(part))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<String> {
        let address: Address = text.parse().unwrap();
        address
            .steps()
            .iter()
            .map(|step| match step {
                Step::Name(name) => name.clone(),
                Step::Index(index) => format!("#{index}"),
            })
            .collect()
    }

    fn problem(text: &str) -> AddressProblem {
        text.parse::<Address>().unwrap_err().problem
    }

    #[test]
    fn segments_are_parted_by_dots() {
        assert_eq!(steps("todos.12.status"), ["todos", "12", "status"]);
        assert_eq!(steps("a.b[2][0].c"), ["a", "b", "#2", "#0", "c"]);
        assert_eq!(steps(r#"todos."core.1"."a \"b\"""#), ["todos", "core.1", "a \"b\""]);
        assert_eq!(steps("t.src/x-1:2"), ["t", "src/x-1:2"]);
        assert_eq!(steps("t.C++"), ["t", "C++"]);
        assert_eq!(steps("t.\"\""), ["t", ""]);
        assert_eq!(steps(r#"t."x/y"/z.a"#), ["t", r#""x/y"/z"#, "a"]);
        assert_eq!(steps(r#"t.x/"y/z"."b c""#), ["t", r#"x/"y/z""#, "b c"]);
        assert_eq!(steps(r#"t."a.b"/"c d".e"#), ["t", "a.b/c d", "e"]);
        assert_eq!(steps("t[3].a"), ["t", "#3", "a"]);
    }

    #[test]
    fn what_is_no_address_says_why() {
        assert_eq!(problem(""), AddressProblem::MissingName(1));
        assert_eq!(problem("a..b"), AddressProblem::MissingName(3));
        assert_eq!(problem("a."), AddressProblem::MissingName(3));
        assert_eq!(problem("a.\"b"), AddressProblem::OpenQuote(3));
        assert_eq!(problem("a[x]"), AddressProblem::BadIndex(2));
        assert_eq!(problem("a b"), AddressProblem::NeedsQuotes(2, ' '));
        assert_eq!(problem("a.b=c"), AddressProblem::NeedsQuotes(4, '='));
        assert_eq!(problem("[1]"), AddressProblem::MissingName(1));
    }

    #[test]
    fn printing_reads_back() {
        for text in [
            "todos.12.status",
            "a.b[2].c",
            r#"t."a.b"."say \"x\\y\"""#,
            "t.\"\"",
            "t.\"c+\"",
            r#"t."x/y"/z.a"#,
            r#"t."x/y"/"a b".a"#,
            r#"t."\"a\"/b""#,
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        let texts = ["", "a", "/", "\"", "\\", " ", "+", "a/b", "\"a/b\"/c", "a/\"", "=", "."];
        for one in texts {
            for other in texts {
                let address = Address::of("t").with(format!("{one}{other}"));
                assert_eq!(address.to_string().parse(), Ok(address));
            }
        }
    }
}
