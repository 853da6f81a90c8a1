//! Tokens as the Rust readers cut them. They decide what such a reader makes of a value that is not
//! quoted; the pieces of a document do not depend on them.

use super::scan;
use crate::text::Span;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenKind {
    Word,
    /// `true`, `false`, `null` or `nil`.
    Constant,
    /// The word `table`, which is no value.
    Table,
    Number,
    /// A text in quotes; it reaches to the end if its quote is never closed.
    Text,
    /// One of `: = | , [ ] { } ( )`.
    Sign(u8),
    /// The end of a line.
    LineBreak,
    /// A character that no token begins with. The readers pass over it without a message.
    Skipped,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

/// The tokens of `span`, which must not begin within one, without comments.
pub(crate) fn tokens(source: &[u8], span: Span) -> Tokens<'_> {
    Tokens { source, at: span.start, end: span.end }
}

/// An iterator over tokens.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'s> {
    source: &'s [u8],
    at: usize,
    end: usize,
}

impl<'s> Tokens<'s> {
    /// Without the characters that the readers pass over.
    pub fn seen(self) -> impl Iterator<Item = Token> + Clone + use<'s> {
        self.filter(|token| token.kind != TokenKind::Skipped)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let Self { source, end, .. } = *self;
        let mut at = scan::skip_blanks(source, self.at, end);
        if source[..end].get(at) == Some(&b'#') {
            at = scan::line_end(source, at, end);
        }
        let token = token(source, at, end)?;
        self.at = token.span.end;
        Some(token)
    }
}

fn token(source: &[u8], at: usize, end: usize) -> Option<Token> {
    let first = *source[..end].get(at)?;
    let (kind, after) = match first {
        b'"' => (TokenKind::Text, scan::quoted_end(source, at, end).unwrap_or(end)),
        b':' | b'=' | b'|' | b',' | b'[' | b']' | b'{' | b'}' | b'(' | b')' => (TokenKind::Sign(first), at + 1),
        b'\n' => (TokenKind::LineBreak, at + 1),
        _ => {
            if let Some(after) = scan::word_end(source, at, end) {
                let kind = match &source[at..after] {
                    b"true" | b"false" | b"null" | b"nil" => TokenKind::Constant,
                    b"table" => TokenKind::Table,
                    _ => TokenKind::Word,
                };
                (kind, after)
            } else if let Some(after) = scan::number_end(source, at, end) {
                (TokenKind::Number, after)
            } else {
                (TokenKind::Skipped, scan::character(source, at, end).map_or(at + 1, |(_, after)| after))
            }
        }
    };
    Some(Token { kind, span: Span::new(at, after) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(line: &str) -> Vec<&str> {
        tokens(line.as_bytes(), Span::new(0, line.len())).seen().map(|token| &line[token.span.range()]).collect()
    }

    #[test]
    fn bare_values_fall_into_tokens() {
        assert_eq!(cut("2026-02-06"), ["2026", "-02", "-06"]);
        assert_eq!(cut("1.2.3"), ["1.2", "3"]);
        assert_eq!(cut("bo@h.org # x"), ["bo", "h.org"]);
        assert_eq!(cut("https://h/p"), ["https", ":", "h/p"]);
        assert_eq!(cut("f (x) \"a b\""), ["f", "(", "x", ")", "\"a b\""]);
        assert_eq!(cut("-"), [""; 0]);
        assert_eq!(cut("a # x\nb"), ["a", "\n", "b"]);
    }
}
