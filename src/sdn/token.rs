//! Tokens as the Rust readers cut them. They decide what such a reader makes of a bare value; the
//! pieces of a document do not depend on them.

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
    /// A character that no token begins with. The readers pass over it without a message.
    Skipped,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

impl Token {
    /// Whether a value can begin with this token.
    pub fn begins_value(self) -> bool {
        matches!(
            self.kind,
            TokenKind::Word | TokenKind::Constant | TokenKind::Number | TokenKind::Text | TokenKind::Sign(b'[' | b'{')
        )
    }
}

/// The tokens of `span`, which must not begin within one, up to a comment.
pub(crate) fn tokens(source: &[u8], span: Span) -> impl Iterator<Item = Token> {
    let mut at = span.start;
    std::iter::from_fn(move || {
        at = scan::skip_blanks(source, at, span.end);
        let token = token(source, at, span.end)?;
        at = token.span.end;
        Some(token)
    })
}

fn token(source: &[u8], at: usize, end: usize) -> Option<Token> {
    let first = *source[..end].get(at)?;
    let (kind, after) = match first {
        b'#' => return None,
        b'"' => (TokenKind::Text, scan::quoted_end(source, at, end).unwrap_or(end)),
        b':' | b'=' | b'|' | b',' | b'[' | b']' | b'{' | b'}' | b'(' | b')' => (TokenKind::Sign(first), at + 1),
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
        tokens(line.as_bytes(), Span::new(0, line.len()))
            .filter(|token| token.kind != TokenKind::Skipped)
            .map(|token| &line[token.span.range()])
            .collect()
    }

    #[test]
    fn bare_values_fall_into_tokens() {
        assert_eq!(cut("2026-02-06"), ["2026", "-02", "-06"]);
        assert_eq!(cut("1.2.3"), ["1.2", "3"]);
        assert_eq!(cut("bo@h.org # x"), ["bo", "h.org"]);
        assert_eq!(cut("https://h/p"), ["https", ":", "h/p"]);
        assert_eq!(cut("f (x) \"a b\""), ["f", "(", "x", ")", "\"a b\""]);
        assert_eq!(cut("-"), [""; 0]);
    }
}
