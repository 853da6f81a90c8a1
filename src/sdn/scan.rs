//! The smallest pieces, found by looking at bytes: words, numbers, quoted texts, brackets, comments.
//!
//! Everything works on one *stretch* of a source: functions take the bytes and an offset and never
//! look behind the end they are given. The rules are those of `sdn-format.md` section 2.

use std::ops::ControlFlow;

use memchr::{memchr, memchr2, memchr3};

/// Whether `byte` separates tokens without being one. Only space and tab do.
pub fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The first offset from `at` on that holds no blank, at most `end`.
pub fn skip_blanks(source: &[u8], mut at: usize, end: usize) -> usize {
    while at < end && is_blank(source[at]) {
        at += 1;
    }
    at
}

/// `end` moved to the left over blanks, at most to `start`.
pub fn trim_blanks(source: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && is_blank(source[end - 1]) {
        end -= 1;
    }
    end
}

/// Width of an indentation: a blank counts 1, a tab 4.
pub fn indent_width(blanks: &[u8]) -> u32 {
    let width: usize = blanks.iter().map(|&b| if b == b'\t' { 4 } else { 1 }).sum();
    u32::try_from(width).unwrap_or(u32::MAX)
}

/// The end of the word that begins at `at`: a letter or `_`, then letters, digits and `_/.-#`.
pub fn word_end(source: &[u8], at: usize, end: usize) -> Option<usize> {
    let (first, mut next) = character(source, at, end)?;
    if !(first.is_alphabetic() || first == '_') {
        return None;
    }
    while let Some((c, after)) = character(source, next, end) {
        if !(c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '-' | '#')) {
            break;
        }
        next = after;
    }
    Some(next)
}

/// The end of the number that begins at `at`: digits with `_`, one point if a digit follows it,
/// one exponent, which may lack its digits.
pub fn number_end(source: &[u8], at: usize, end: usize) -> Option<usize> {
    let digit = |i: usize| i < end && source[i].is_ascii_digit();
    let mut next = at + usize::from(at < end && source[at] == b'-');
    if !digit(next) {
        return None;
    }
    let (mut point, mut exponent) = (false, false);
    while next < end {
        match source[next] {
            b'0'..=b'9' | b'_' => next += 1,
            b'.' if !point && !exponent && digit(next + 1) => {
                point = true;
                next += 1;
            }
            b'e' | b'E' if !exponent => {
                exponent = true;
                next += 1;
                if next < end && matches!(source[next], b'+' | b'-') {
                    next += 1;
                }
            }
            _ => break,
        }
    }
    Some(next)
}

/// The offset behind the quote that closes the text opened at `at`; a backslash protects the
/// character behind it.
pub fn quoted_end(source: &[u8], at: usize, end: usize) -> Option<usize> {
    debug_assert_eq!(source.get(at), Some(&b'"'));
    let mut next = at + 1;
    loop {
        next += memchr2(b'"', b'\\', source.get(next..end)?)?;
        if source[next] == b'"' {
            return Some(next + 1);
        }
        next += 2;
    }
}

/// The brackets `[]`, `{}` and `()` of a stretch that close. Brackets in quotes and comments do not
/// count; a bracket of the wrong kind closes nothing and spoils all that are open.
#[derive(Debug)]
pub struct Brackets {
    /// Offsets of an opening bracket and behind its closing one, ordered.
    pairs: Vec<(usize, usize)>,
}

impl Brackets {
    /// Finds the pairs in `at..end`; `at` must be the start of a token.
    pub fn find(source: &[u8], at: usize, end: usize) -> Self {
        let mut pairs = Vec::new();
        let _: ControlFlow<()> = each_bracket(source, at, end, |closed| {
            pairs.extend(closed);
            ControlFlow::Continue(())
        });
        pairs.sort_unstable();
        Self { pairs }
    }

    /// The offset behind the bracket that closes the one at `open`.
    pub fn close_of(&self, open: usize) -> Option<usize> {
        let found = self.pairs.binary_search_by_key(&open, |&(start, _)| start).ok()?;
        Some(self.pairs[found].1)
    }
}

/// The offset behind the bracket that closes the one at `at`, by the rules of [`Brackets`].
pub fn bracket_end(source: &[u8], at: usize, end: usize) -> Option<usize> {
    let closed = each_bracket(source, at, end, |closed| match closed {
        None => ControlFlow::Break(None),
        Some((start, close)) if start == at => ControlFlow::Break(Some(close)),
        Some(_) => ControlFlow::Continue(()),
    });
    closed.break_value().flatten()
}

/// Calls `visit` for every bracket that closes with the offsets of both, and with nothing for one
/// of the wrong kind.
fn each_bracket<T>(
    source: &[u8],
    at: usize,
    end: usize,
    mut visit: impl FnMut(Option<(usize, usize)>) -> ControlFlow<T>,
) -> ControlFlow<T> {
    let mut open = Vec::new();
    let mut token = at;
    let mut next = at;
    while next < end {
        match source[next] {
            b'[' | b'{' | b'(' => open.push(next),
            close @ (b']' | b'}' | b')') => match open.pop() {
                Some(start) if partner(source[start]) == close => visit(Some((start, next + 1)))?,
                _ => {
                    open.clear();
                    visit(None)?;
                }
            },
            b'"' => match quoted_end(source, next, end) {
                Some(after) => {
                    (next, token) = (after, after);
                    continue;
                }
                None => break,
            },
            b'#' => {
                next = word_around_hash(source, token, next, end).unwrap_or_else(|| line_end(source, next, end));
                token = next;
                continue;
            }
            _ => {}
        }
        next += 1;
    }
    ControlFlow::Continue(())
}

fn partner(open: u8) -> u8 {
    match open {
        b'[' => b']',
        b'{' => b'}',
        _ => b')',
    }
}

/// The end of the word that holds the `#` at `hash`; `None` if no word does, and the `#` therefore
/// opens a comment. `start` must be the start of a token at or before `hash`.
pub fn word_around_hash(source: &[u8], start: usize, hash: usize, end: usize) -> Option<usize> {
    let in_word =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.' | b'-' | b'#') || byte >= 0x80;
    let mut token = hash;
    while token > start && in_word(source[token - 1]) {
        token -= 1;
    }
    // Cut the run into tokens as the readers do, and see whether a word swallows the `#`.
    while token < hash {
        let word = word_end(source, token, end);
        if let Some(after) = word.filter(|&after| after > hash) {
            return Some(after);
        }
        token = word
            .or_else(|| number_end(source, token, hash))
            .or_else(|| character(source, token, hash).map(|(_, after)| after))
            .unwrap_or(token + 1);
    }
    None
}

/// What ends the meaningful part of a line early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Nothing: the stretch was looked through to its end.
    End,
    /// A comment opens here.
    Comment(usize),
    /// A quote opens here and is not closed within the stretch.
    OpenQuote(usize),
}

/// Looks through `at..end` for the comment that ends it or the quote that is never closed.
pub fn stop_of(source: &[u8], at: usize, end: usize) -> Stop {
    let mut next = at;
    // Where the token that may hold a `#` can start at the earliest.
    let mut token = at;
    while let Some(found) = memchr2(b'"', b'#', &source[next..end]) {
        next += found;
        if source[next] == b'"' {
            match quoted_end(source, next, end) {
                Some(closed) => {
                    next = closed;
                    token = closed;
                }
                None => return Stop::OpenQuote(next),
            }
        } else {
            match word_around_hash(source, token, next, end) {
                Some(after) => {
                    next = after;
                    token = after;
                }
                None => return Stop::Comment(next),
            }
        }
    }
    Stop::End
}

/// The offset of the line feed at or behind `at`, or `end`.
pub fn line_end(source: &[u8], at: usize, end: usize) -> usize {
    memchr(b'\n', &source[at..end]).map_or(end, |lf| at + lf)
}

/// The offset of the next `"` at or behind `at` that no backslash protects.
///
/// Whether a quote is protected depends only on the backslashes right before it, so the answer for
/// one offset holds for every offset up to it.
pub fn next_quote(source: &[u8], at: usize, end: usize) -> Option<usize> {
    let mut next = at;
    loop {
        next += memchr(b'"', source.get(next..end)?)?;
        let backslashes = source[at..next].iter().rev().take_while(|&&b| b == b'\\').count();
        if backslashes % 2 == 0 {
            return Some(next);
        }
        next += 1;
    }
}

/// Offset of the first byte in `at..end` that may end or change a bare cell.
pub fn cell_stop(source: &[u8], at: usize, end: usize) -> Option<usize> {
    memchr3(b',', b'"', b'#', &source[at..end]).map(|found| at + found)
}

/// The character at `at` and the offset behind it; `None` at the end and for broken UTF-8.
pub fn character(source: &[u8], at: usize, end: usize) -> Option<(char, usize)> {
    if at >= end {
        return None;
    }
    let first = source[at];
    if first.is_ascii() {
        return Some((char::from(first), at + 1));
    }
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let bytes = source.get(at..(at + length).min(end))?;
    let c = std::str::from_utf8(bytes).ok()?.chars().next()?;
    Some((c, at + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(s: &str) -> Option<&str> {
        word_end(s.as_bytes(), 0, s.len()).map(|end| &s[..end])
    }

    fn number(s: &str) -> Option<&str> {
        number_end(s.as_bytes(), 0, s.len()).map(|end| &s[..end])
    }

    #[test]
    fn words_begin_with_a_letter_and_may_hold_path_characters() {
        assert_eq!(word("web-1/x.y: 1"), Some("web-1/x.y"));
        assert_eq!(word("guide.md#intro,"), Some("guide.md#intro"));
        assert_eq!(word("größe=1"), Some("größe"));
        assert_eq!(word("1a"), None);
        assert_eq!(word("✅"), None);
    }

    #[test]
    fn numbers_stop_at_the_first_character_that_does_not_fit() {
        assert_eq!(number("2.1.0"), Some("2.1"));
        assert_eq!(number("2026-02-06"), Some("2026"));
        assert_eq!(number("-1_000.5e-3x"), Some("-1_000.5e-3"));
        assert_eq!(number("7e12ab"), Some("7e12"));
        assert_eq!(number("1e"), Some("1e"));
        assert_eq!(number("-x"), None);
    }

    #[test]
    fn a_hash_opens_a_comment_except_within_a_word() {
        let stop = |s: &str| stop_of(s.as_bytes(), 0, s.len());
        assert_eq!(stop("80  # web"), Stop::Comment(4));
        assert_eq!(stop("5#x"), Stop::Comment(1));
        assert_eq!(stop("\"a\"#x"), Stop::Comment(3));
        assert_eq!(stop("C#"), Stop::End);
        assert_eq!(stop("5a#x"), Stop::End);
        assert_eq!(stop("/#x"), Stop::Comment(1));
        assert_eq!(stop("é#x"), Stop::End);
        assert_eq!(stop("✅#x"), Stop::Comment(3));
        assert_eq!(stop("a \"# \" \"b"), Stop::OpenQuote(7));
    }

    #[test]
    fn brackets_close_only_with_their_own_kind() {
        let end = |s: &str| bracket_end(s.as_bytes(), 0, s.len());
        assert_eq!(end("[a, {b: \"]\"}] x"), Some(13));
        assert_eq!(end("[a}"), None);
        assert_eq!(end("[a"), None);
        assert_eq!(end("[a, # ]\n b]"), Some(11));
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(end(&deep), Some(400_000));
    }

    #[test]
    fn a_backslash_protects_a_quote() {
        assert_eq!(quoted_end(br#""a\"b" c"#, 0, 8), Some(6));
        assert_eq!(quoted_end(br#""C:\""#, 0, 5), None);
        assert_eq!(next_quote(br#"a\"b\\"c"#, 0, 8), Some(6));
    }
}
