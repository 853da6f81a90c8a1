//! What the newest Rust reader makes of a value: one place for all who must know, so that what is
//! checked, what is written and what is refused agree.

use std::borrow::Cow;
use std::collections::HashSet;

use super::token::{Token, TokenKind, tokens};
use crate::text::Span;

/// What is missing, so that a reader does not take a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Fault {
    /// A value: none begins with this, or there is none.
    Value,
    /// A key of a dict, which is a single word.
    Key,
    /// `:` behind a key.
    Colon,
    /// `,` or the closing bracket.
    End,
}

/// A value as the reader takes it.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// Behind the last token of the value.
    pub end: usize,
    /// What is wrong with it, and where; what follows has not been looked at then.
    pub fault: Option<(Fault, Span)>,
    /// The first token behind the value that the reader does not pass over.
    pub next: Option<Token>,
    /// Numbers of the value that do not fit in 64 bits.
    pub out_of_range: Vec<Span>,
    /// Keys that stand a second time in their dict.
    pub repeated: Vec<Span>,
}

/// An open list or dict.
enum Open<'s> {
    List,
    Dict(HashSet<&'s [u8]>),
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value, or the end of a list.
    ValueOrEnd,
    /// A key, or the end of a dict.
    KeyOrEnd,
    CommaOrEnd,
}

/// Reads the value with which `span` begins, a line break included where it is not quoted.
pub(crate) fn read(source: &[u8], span: Span) -> Read {
    let mut tokens = tokens(source, span).seen();
    let mut read = Read { end: span.start, fault: None, next: None, out_of_range: Vec::new(), repeated: Vec::new() };
    let mut open = Vec::new();
    let mut expect = Expect::Value;
    loop {
        let token = tokens.next();
        let place = token.map_or(Span::empty(span.end), |token| token.span);
        let kind = token.map(|token| token.kind);
        let fault = match (expect, kind) {
            (Expect::ValueOrEnd, Some(TokenKind::Sign(b']'))) | (Expect::KeyOrEnd, Some(TokenKind::Sign(b'}'))) => {
                open.pop();
                None
            }
            (Expect::CommaOrEnd, Some(TokenKind::Sign(close @ (b']' | b'}')))) => {
                let matches = matches!((open.pop(), close), (Some(Open::List), b']') | (Some(Open::Dict(_)), b'}'));
                (!matches).then_some(Fault::End)
            }
            (Expect::CommaOrEnd, Some(TokenKind::Sign(b','))) => {
                expect = inside(&open);
                continue;
            }
            (Expect::CommaOrEnd, _) => Some(Fault::End),
            (Expect::KeyOrEnd, Some(TokenKind::Word)) => {
                if let Some(Open::Dict(keys)) = open.last_mut()
                    && !keys.insert(place.of(source))
                {
                    read.repeated.push(place);
                }
                match tokens.next() {
                    Some(Token { kind: TokenKind::Sign(b':'), .. }) => {
                        expect = Expect::Value;
                        continue;
                    }
                    other => {
                        let place = other.map_or(Span::empty(span.end), |token| token.span);
                        read.fault = Some((Fault::Colon, place));
                        return read;
                    }
                }
            }
            (Expect::KeyOrEnd, _) => Some(Fault::Key),
            (_, Some(TokenKind::Sign(bracket @ (b'[' | b'{')))) => {
                open.push(if bracket == b'[' { Open::List } else { Open::Dict(HashSet::new()) });
                expect = inside(&open);
                continue;
            }
            (_, Some(TokenKind::Word | TokenKind::Constant | TokenKind::Text)) => None,
            (_, Some(TokenKind::Number)) => {
                read.out_of_range.extend((!fits(place.of(source))).then_some(place));
                None
            }
            (_, _) => Some(Fault::Value),
        };
        if let Some(fault) = fault {
            read.fault = Some((fault, place));
            return read;
        }
        read.end = place.end;
        if open.is_empty() {
            read.next = tokens.next();
            return read;
        }
        expect = Expect::CommaOrEnd;
    }
}

fn inside(open: &[Open<'_>]) -> Expect {
    match open.last() {
        Some(Open::Dict(_)) => Expect::KeyOrEnd,
        _ => Expect::ValueOrEnd,
    }
}

/// Whether a number fits: one that does not is read as 0, or as infinity.
fn fits(number: &[u8]) -> bool {
    let digits: String = number.iter().filter(|&&b| b != b'_').map(|&b| char::from(b)).collect();
    if digits.contains(['.', 'e', 'E']) {
        // An exponent without digits is read as 0, which is a change of the value but no overflow.
        digits.parse::<f64>().map_or(true, f64::is_finite)
    } else {
        digits.parse::<i64>().is_ok()
    }
}

/// The first bracket of a row that is never closed. The reader counts brackets of all kinds alike, and
/// sees no indentation from there on.
pub(crate) fn open_bracket(source: &[u8], row: Span) -> Option<usize> {
    let mut open = Vec::new();
    for token in tokens(source, row) {
        match token.kind {
            TokenKind::Sign(b'[' | b'{' | b'(') => open.push(token.span.start),
            TokenKind::Sign(b']' | b'}' | b')') => {
                open.pop();
            }
            _ => {}
        }
    }
    open.first().copied()
}

/// Whether `span` begins with a statement: a word with `:`, `=` or `|`.
pub(crate) fn begins_statement(source: &[u8], span: Span) -> bool {
    let mut tokens = tokens(source, span).seen();
    tokens.next().is_some_and(|word| word.kind == TokenKind::Word)
        && tokens.next().is_some_and(|sign| matches!(sign.kind, TokenKind::Sign(b':' | b'=' | b'|')))
}

/// The text that the reader makes of a bare cell: it puts the tokens together again, with a blank
/// where there was any space between them, and spells the first one anew if it is a number.
pub(crate) fn joined(source: &[u8], span: Span) -> Cow<'_, str> {
    let mut tokens = tokens(source, span).seen();
    let Some(first) = tokens.next() else {
        return Cow::Borrowed("");
    };
    let text = |token: Token| String::from_utf8_lossy(token.span.of(source));
    let mut joined = match first.kind {
        TokenKind::Number => respelled(&text(first)),
        TokenKind::Constant if matches!(first.span.of(source), b"nil" | b"null") => "null".to_owned(),
        _ => text(first).into_owned(),
    };
    let mut end = first.span.end;
    for token in tokens {
        if token.span.start > end {
            joined.push(' ');
        }
        joined += &text(token);
        end = token.span.end;
    }
    Cow::Owned(joined)
}

fn respelled(number: &str) -> String {
    let digits = number.replace('_', "");
    if digits.contains(['.', 'e', 'E']) {
        digits.parse::<f64>().unwrap_or(0.0).to_string()
    } else {
        digits.parse::<i64>().unwrap_or(0).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<(Fault, usize)> {
        read(text.as_bytes(), Span::new(0, text.len())).fault.map(|(fault, span)| (fault, span.start))
    }

    #[test]
    fn lists_and_dicts_are_read_to_any_depth() {
        for good in ["a", "\"a b\"", "[]", "{}", "[a, [b, {c: 1, d: []},],]", "nil", "-1.5e3", "[%a]"] {
            assert_eq!(fault(good), None, "{good}");
        }
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(fault(&deep), None);
    }

    #[test]
    fn what_is_no_value_says_where() {
        assert_eq!(fault(""), Some((Fault::Value, 0)));
        assert_eq!(fault("= x"), Some((Fault::Value, 0)));
        assert_eq!(fault("table"), Some((Fault::Value, 0)));
        assert_eq!(fault("(1)"), Some((Fault::Value, 0)));
        assert_eq!(fault("[1,, 2]"), Some((Fault::Value, 3)));
        assert_eq!(fault("[a b]"), Some((Fault::End, 3)));
        assert_eq!(fault("[a}"), Some((Fault::End, 2)));
        assert_eq!(fault("[a"), Some((Fault::End, 2)));
        assert_eq!(fault("[1,\n 2]"), Some((Fault::Value, 3)));
        assert_eq!(fault("{a}"), Some((Fault::Colon, 2)));
        assert_eq!(fault("{\"a\": 1}"), Some((Fault::Key, 1)));
        assert_eq!(fault("{a: }"), Some((Fault::Value, 4)));
    }

    #[test]
    fn numbers_keys_and_what_follows_are_noted() {
        let text = "{a: 9223372036854775808, a: 1e999} b: 2";
        let read = read(text.as_bytes(), Span::new(0, text.len()));
        let at = |spans: &[Span]| spans.iter().map(|span| text[span.range()].to_owned()).collect::<Vec<_>>();
        assert_eq!(at(&read.out_of_range), ["9223372036854775808", "1e999"]);
        assert_eq!(at(&read.repeated), ["a"]);
        assert_eq!((read.end, read.next.map(|token| token.span.start)), (34, Some(35)));
    }

    #[test]
    fn bare_cells_are_joined_as_the_reader_does() {
        let joined = |text: &str| joined(text.as_bytes(), Span::new(0, text.len())).into_owned();
        for (text, read) in [
            ("Ada   King", "Ada King"),
            ("2026-01-21T10:00:00Z", "2026-01-21T10:00:00Z"),
            ("./src/x", "src/x"),
            ("https://h/p", "https: h/p"),
            ("3/5", "3 5"),
            ("1.2.3", "1.2 3"),
            ("0x1f", "0x1f"),
            ("7e12ab", "7000000000000ab"),
            ("007abc", "7abc"),
            ("bo@h.org", "bo h.org"),
            ("50%", "50"),
            ("-", ""),
            ("don't", "don t"),
            ("f (x)", "f (x)"),
            ("nil x", "null x"),
        ] {
            assert_eq!(joined(text), read, "{text}");
        }
    }
}
