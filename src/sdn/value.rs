//! Values: how one is cut out of a line, read, and written.

use std::borrow::Cow;

use super::number::is_canonical;
use super::reader;
use super::scan::{self, Stop};
use super::token::{TokenKind, tokens};
use crate::text::Span;

/// How a value is spelled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Spelling {
    /// Nothing is there.
    Empty,
    /// One text in double quotes.
    Quoted,
    /// One `[…]` or `{…}` that closes.
    Bracketed,
    /// Anything else: a word, a number, a keyword, or several tokens.
    Bare,
}

/// Why a value or a row cannot be cut with certainty.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Problem {
    /// The quote at this offset is never closed.
    OpenQuote(usize),
    /// The bracket at this offset is never closed.
    OpenBracket(usize),
}

impl Problem {
    /// Where it is: the offset of the quote or bracket.
    #[must_use]
    pub fn offset(self) -> usize {
        match self {
            Self::OpenQuote(offset) | Self::OpenBracket(offset) => offset,
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn explain(self) -> &'static str {
        match self {
            Self::OpenQuote(_) => "a quote is never closed",
            Self::OpenBracket(_) => "a bracket is never closed",
        }
    }
}

/// A value of a setting, found by [`cut`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cut {
    pub span: Span,
    pub spelling: Spelling,
    pub problem: Option<Problem>,
}

/// Cuts the value of a setting out of `at..end`, which holds everything behind the `:` or `=`.
pub(crate) fn cut(source: &[u8], at: usize, end: usize) -> Cut {
    let start = scan::skip_blanks(source, at, end);
    if start == end || source[start] == b'#' {
        return Cut { span: Span::empty(start), spelling: Spelling::Empty, problem: None };
    }
    let closed = match source[start] {
        b'"' => scan::quoted_end(source, start, end).map(|close| (Spelling::Quoted, close)),
        b'[' | b'{' => scan::bracket_end(source, start, end).map(|close| (Spelling::Bracketed, close)),
        _ => None,
    };
    if let Some((spelling, close)) = closed
        && is_tail(source, close, end)
    {
        return Cut { span: Span::new(start, close), spelling, problem: None };
    }
    let (stop, mut problem) = match scan::stop_of(source, start, end) {
        Stop::End => (end, None),
        Stop::Comment(hash) => (hash, None),
        Stop::OpenQuote(quote) => (end, Some(Problem::OpenQuote(quote))),
    };
    if closed.is_none() && problem.is_none() && matches!(source[start], b'[' | b'{') {
        problem = Some(Problem::OpenBracket(start));
    }
    let span = Span::new(start, scan::trim_blanks(source, start, stop));
    Cut { span, spelling: Spelling::Bare, problem }
}

/// Whether only blanks and a comment stand in `at..end`.
pub(crate) fn is_tail(source: &[u8], at: usize, end: usize) -> bool {
    let next = scan::skip_blanks(source, at, end);
    next == end || source[next] == b'#'
}

/// A value as it stands in a source: its text, with typed views on top.
///
/// The views never guess. A spelling that a typed reader would change, as `007` or `1e3`, is text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value<'s> {
    raw: &'s [u8],
    spelling: Spelling,
}

impl<'s> Value<'s> {
    pub(crate) fn new(raw: &'s [u8], spelling: Spelling) -> Self {
        Self { raw, spelling }
    }

    /// The bytes of the value, quotes and escapes included.
    #[must_use]
    pub fn raw(self) -> &'s [u8] {
        self.raw
    }

    /// How the value is spelled.
    #[must_use]
    pub fn spelling(self) -> Spelling {
        self.spelling
    }

    /// The text of the value: quotes are taken off and escapes undone, everything else is as it
    /// stands. Bytes that are not UTF-8 become replacement characters.
    #[must_use]
    pub fn text(self) -> Cow<'s, str> {
        match self.spelling {
            Spelling::Quoted => unescape(String::from_utf8_lossy(&self.raw[1..self.raw.len() - 1])),
            _ => String::from_utf8_lossy(self.raw),
        }
    }

    /// The value as an integer, if it is spelled bare and exactly as the integer prints.
    #[must_use]
    pub fn integer(self) -> Option<i64> {
        let text = self.bare()?;
        let number: i64 = text.parse().ok()?;
        (number.to_string() == text).then_some(number)
    }

    /// The value as a floating-point number: a bare decimal fraction without padding, as `1.5` or `90.0`, one with an
    /// exponent that it needs, as `1e300`, or a bare integer.
    #[must_use]
    pub fn float(self) -> Option<f64> {
        let text = self.bare()?;
        is_canonical(text).then(|| text.parse().ok()).flatten()
    }

    /// The value as a boolean: bare `true` or `false`.
    #[must_use]
    pub fn boolean(self) -> Option<bool> {
        self.bare()?.parse().ok()
    }

    /// Whether the value is bare `null` or `nil`, or the empty value of a setting.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.spelling == Spelling::Empty || matches!(self.bare(), Some("null" | "nil"))
    }

    fn bare(self) -> Option<&'s str> {
        let text = std::str::from_utf8(self.raw).ok()?;
        (self.spelling == Spelling::Bare).then_some(text)
    }
}

/// Undoes `\n \t \r \\ \"`; any other backslash stays, as the Rust readers have it.
fn unescape(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some(same @ ('\\' | '"')) => plain.push(same),
            other => {
                plain.push('\\');
                plain.extend(other);
            }
        }
    }
    Cow::Owned(plain)
}

/// A text that no reader could take back: it holds this control character.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the value holds the control character U+{:04X}, which line-based readers cannot take", u32::from(*.0))]
pub struct ControlCharacterError(pub char);

/// Spells `text` so that every reader takes it back unchanged, in the manner of the value it
/// replaces: what was quoted stays quoted, a bracketed value may be replaced by a bracketed one,
/// and everything else is bare where that is safe (section 7 of `sdn-format.md`).
///
/// # Errors
/// If `text` holds a line break, a tab or another control character.
pub fn spell(text: &str, like: Spelling) -> Result<Cow<'_, str>, ControlCharacterError> {
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Err(ControlCharacterError(control));
    }
    let bare = match like {
        Spelling::Quoted => false,
        Spelling::Bracketed => is_safe_list(text),
        Spelling::Empty | Spelling::Bare => is_safe_word(text) || is_canonical(text) || is_boolean(text),
    };
    if bare {
        return Ok(Cow::Borrowed(text));
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Ok(Cow::Owned(quoted))
}

/// Whether the text is a list or dict that every token-based reader takes, with no value in it that
/// one would change.
fn is_safe_list(text: &str) -> bool {
    let source = text.as_bytes();
    let span = Span::new(0, source.len());
    let read = reader::read(source, span);
    let whole = read.fault.is_none() && read.end == source.len() && read.repeated.is_empty();
    let starts_so = source.first().is_some_and(|b| matches!(b, b'[' | b'{'));
    whole
        && starts_so
        && tokens(source, span).all(|token| match token.kind {
            TokenKind::Skipped | TokenKind::LineBreak => false,
            TokenKind::Number => is_canonical(&text[token.span.range()]),
            _ => true,
        })
}

/// Whether `word` is `true`, `false`, `null`, `nil` or `table`.
pub(crate) fn is_keyword(word: &str) -> bool {
    is_boolean(word) || matches!(word, "null" | "nil" | "table")
}

/// Whether readers take this for the name of a setting, a table or a column.
pub(crate) fn is_name(text: &str) -> bool {
    let source = text.as_bytes();
    let word = scan::word_end(source, 0, source.len()) == Some(source.len());
    word && !is_keyword(text) && !text.contains('#')
}

fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "false")
}

/// `[A-Za-z_][A-Za-z0-9_/.-]*`, but no keyword.
fn is_safe_word(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'.' | b'-'))
        && !is_keyword(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str, like: Spelling) -> String {
        spell(text, like).unwrap().into_owned()
    }

    #[test]
    fn only_what_every_reader_takes_back_is_written_bare() {
        for bare in ["open", "src/a_b.spl", "x-1.y", "12", "-3", "1.5", "90.0", "true"] {
            assert_eq!(spelled(bare, Spelling::Bare), bare);
        }
        for quoted in [
            "",
            "two words",
            "/abs",
            "./rel",
            "007",
            "1e3",
            "1.50",
            "-0",
            "2026-02-06",
            "null",
            "table",
            "a#b",
            "é",
            "9223372036854775808",
            "50%",
            ".5",
            "-",
            "a,b",
        ] {
            assert_eq!(spelled(quoted, Spelling::Bare), format!("\"{quoted}\""));
        }
        assert_eq!(spelled(r#"C:\ "x""#, Spelling::Bare), r#""C:\\ \"x\"""#);
    }

    #[test]
    fn a_new_value_keeps_the_manner_of_the_old_one() {
        assert_eq!(spelled("done", Spelling::Quoted), "\"done\"");
        assert_eq!(spelled("12", Spelling::Quoted), "\"12\"");
        assert_eq!(spelled("[a, b]", Spelling::Bracketed), "[a, b]");
        assert_eq!(spelled("{a: [1, -2.5]}", Spelling::Bracketed), "{a: [1, -2.5]}");
        for no_list in ["[a, b", "[two words]", "[1,,2]", "{a}", "[table]", "[(1)]", "[50%]", "[007]", "[] x"] {
            assert_eq!(spelled(no_list, Spelling::Bracketed), format!("\"{no_list}\""));
        }
        assert_eq!(spelled("[a, b]", Spelling::Bare), "\"[a, b]\"");
    }

    #[test]
    fn control_characters_are_refused() {
        assert_eq!(spell("a\nb", Spelling::Bare), Err(ControlCharacterError('\n')));
        assert!(ControlCharacterError('\t').to_string().contains("U+0009"));
    }

    #[test]
    fn typed_views_never_guess() {
        let bare = |s: &'static str| Value::new(s.as_bytes(), Spelling::Bare);
        assert_eq!(bare("12").integer(), Some(12));
        assert_eq!(bare("007").integer(), None);
        assert_eq!(bare("+5").integer(), None);
        assert_eq!(bare("1_000").integer(), None);
        assert_eq!(bare("9223372036854775808").integer(), None);
        assert_eq!(bare("1.5").float(), Some(1.5));
        assert_eq!(bare("1e3").float(), None);
        assert_eq!(bare("true").boolean(), Some(true));
        assert!(bare("nil").is_null());
        assert_eq!(Value::new(b"\"12\"", Spelling::Quoted).integer(), None);
        assert_eq!(Value::new(br#""a\qb\"c\n""#, Spelling::Quoted).text(), "a\\qb\"c\n");
    }

    #[test]
    fn a_value_ends_before_its_comment() {
        let value = |s: &str| {
            let found = cut(s.as_bytes(), 0, s.len());
            (s[found.span.range()].to_owned(), found.spelling, found.problem)
        };
        assert_eq!(value(" 80  # web"), ("80".into(), Spelling::Bare, None));
        assert_eq!(value(" # web"), (String::new(), Spelling::Empty, None));
        assert_eq!(value(" [a, \"]\"] # x"), ("[a, \"]\"]".into(), Spelling::Bracketed, None));
        assert_eq!(value("\"a\" b"), ("\"a\" b".into(), Spelling::Bare, None));
        assert_eq!(value("\"a"), ("\"a".into(), Spelling::Bare, Some(Problem::OpenQuote(0))));
        assert_eq!(value("[a"), ("[a".into(), Spelling::Bare, Some(Problem::OpenBracket(0))));
    }
}
