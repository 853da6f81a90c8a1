//! Rules about the text of a value that the newest Rust reader takes, but changes.
//!
//! In a cell that is not quoted it puts the tokens together again; anywhere else a value is one token, or a
//! list or dict of such.

use std::borrow::Cow;

use super::finding::{Finding, Rule, excerpt, finding, shortened};
use crate::sdn::reader::{self, joined};
use crate::sdn::token::{Token, TokenKind, tokens};
use crate::sdn::{Number, Spelling, spell};
use crate::text::{Lines, Span};

/// The first change of a bare cell. Its cure is to quote the cell.
pub(super) fn cell(source: &[u8], span: Span, subject: &str) -> Option<Finding> {
    is_text(source, span)?;
    let changed = change_of_cell(source, span)?;
    let read = joined(source, span);
    let found = described(source, changed, &read, subject);
    Some(quoted(source, span, found.help("put the cell in double quotes")))
}

/// The first change of a value that is no cell of several words: of a setting, of an element, or of what a list
/// or dict holds.
pub(super) fn value(source: &[u8], span: Span, spelling: Spelling, subject: &str) -> Option<Finding> {
    is_text(source, span)?;
    let changed = tokens(source, span).find_map(|token| match token.kind {
        TokenKind::Skipped => Some(Change::Skipped(run_of_skipped(source, token.span, span.end))),
        _ => change_of_token(source, token),
    })?;
    let read = match tokens(source, span).seen().next() {
        None => Cow::Borrowed("null"),
        Some(token) if token.kind == TokenKind::Number => joined(source, token.span),
        Some(token) => String::from_utf8_lossy(token.span.of(source)),
    };
    if spelling == Spelling::Bracketed {
        return Some(described(source, changed, "", subject).help("put that value in double quotes"));
    }
    let found = described(source, changed, &read, subject);
    Some(quoted(source, span, found.help("put the value in double quotes")))
}

/// Bytes that are no text are found for the whole file.
fn is_text(source: &[u8], span: Span) -> Option<&str> {
    std::str::from_utf8(span.of(source)).ok()
}

/// Commas and closing brackets behind a value, and nothing else. In a block the reader passes over them.
pub(super) fn only_closing_signs(source: &[u8], rest: Span, subject: &str) -> Option<Finding> {
    let is_closing = |kind| matches!(kind, TokenKind::Sign(b',' | b')' | b']' | b'}'));
    let first = tokens(source, rest).seen().next()?;
    tokens(source, rest).seen().all(|token| is_closing(token.kind)).then(|| {
        let shown = excerpt(source, rest);
        let found =
            finding(Rule::SkippedCharacters, rest, subject, format!("the Rust reader passes over this `{shown}`"));
        match first.kind {
            TokenKind::Sign(b',') => found.help("remove it: settings are parted by line ends").fix(rest, ""),
            _ => found.help("put the value in double quotes"),
        }
    })
}

/// What is wrong within a text in quotes.
pub(super) fn in_quotes(source: &[u8], span: Span, subject: &str) -> impl Iterator<Item = Finding> {
    let line_break = line_break(source, span, subject);
    line_break.into_iter().chain(unknown_escape(source, span, subject)).chain(control_character(source, span, subject))
}

/// Whether there may be control characters other than tabs and line ends in a source.
pub(super) fn may_have_controls(source: &[u8]) -> bool {
    // Those behind ASCII begin with the byte C2.
    let may_be = |b: u8| (b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r')) || b == 0x7f || b == 0xc2;
    // Whole chunks, so that the compiler looks at many bytes at once.
    source.chunks(4096).any(|chunk| chunk.iter().fold(false, |any, &b| any | may_be(b)))
        || memchr::memchr_iter(b'\r', source).any(|at| source.get(at + 1) != Some(&b'\n'))
}

/// The first control character in a text in quotes. Tabs are common, and of line breaks there is another finding.
fn control_character(source: &[u8], span: Span, subject: &str) -> Option<Finding> {
    let text = is_text(source, span)?;
    let is_odd = |(at, c): &(usize, char)| match c {
        '\t' | '\n' => false,
        '\r' => !text[at + 1..].starts_with('\n'),
        c => c.is_control(),
    };
    let (at, found) = text.char_indices().find(is_odd)?;
    let place = Span::new(span.start + at, span.start + at + found.len_utf8());
    let message = format!("a control character, U+{:04X}, stands in this text", u32::from(found));
    Some(
        finding(Rule::ControlCharacter, place, subject, message)
            .help("remove it: readers keep it, and terminals and tools that work by lines act on it"),
    )
}

/// The first escape in a text in quotes that other languages have, and no reader undoes.
fn unknown_escape(source: &[u8], span: Span, subject: &str) -> Option<Finding> {
    let text = span.of(source);
    let mut at = 0;
    while let Some(backslash) = memchr::memchr(b'\\', &text[at..]).map(|found| at + found) {
        let behind = &text[backslash + 1..];
        let hex = |from: usize, count: usize| {
            behind.get(from..from + count).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let length = match behind.first() {
            Some(b'x') if hex(1, 2) => 4,
            Some(b'u') if hex(1, 4) => 6,
            Some(b'U') if hex(1, 8) => 10,
            Some(b'0' | b'/') => 2,
            _ => {
                at = backslash + 2.min(text.len() - backslash);
                continue;
            }
        };
        let escape = Span::new(span.start + backslash, span.start + backslash + length);
        let message = format!("no reader undoes `{}`: both characters stay in the text", excerpt(source, escape));
        let found = finding(Rule::UnknownEscape, escape, subject, message);
        return Some(found.help("write the character itself, or `\\\\` for a backslash"));
    }
    None
}

/// The line break in a text in quotes.
fn line_break(source: &[u8], span: Span, subject: &str) -> Option<Finding> {
    let text = span.of(source);
    memchr::memchr(b'\n', text).map(|_| {
        let message = "this text reaches over a line break, at which all readers that work by lines tear it in two";
        let line = Lines::new(source).line_span(span.start);
        let shown = Span::new(span.start, span.end.min(line.end));
        finding(Rule::LineBreakInText, shown, subject, message)
            .help("write `\\n` where readers undo it, or split the text")
    })
}

/// A comment that opens where a text seems to go on. `end` is the end of the value before it.
pub(super) fn cut_by_comment(source: &[u8], value: Span, line_end: usize, subject: &str) -> Option<Finding> {
    let hash = crate::sdn::scan::skip_blanks(source, value.end, line_end);
    if value.is_empty() || hash >= line_end || source[hash] != b'#' || source[value.end - 1] == b'"' {
        return None;
    }
    let next = source[hash + 1..line_end].first();
    // A comment is written `# so`, or stands apart; `#12` right behind a word is the number of something.
    let is_text = hash == value.end || next.is_some_and(u8::is_ascii_digit);
    is_text.then(|| {
        let message = format!("the value ends here, as `{}`: the `#` opens a comment", excerpt(source, value));
        finding(Rule::CutByComment, Span::new(hash, hash + 1), subject, message)
            .help("put the value in double quotes, or a blank on both sides of the `#`")
    })
}

/// A comment that opens where a value begins, so that nothing is left of it. `at` is behind the comma or sign before it,
/// and `end` the end of the line.
pub(super) fn all_a_comment(source: &[u8], at: usize, end: usize, subject: &str) -> Option<Finding> {
    let hash = hidden_text(source, at, end)?;
    let text = Span::new(hash, crate::sdn::scan::trim_blanks(source, hash, end));
    let message = format!("nothing is read here: the `#` of `{}` opens a comment", excerpt(source, text));
    Some(
        finding(Rule::CutByComment, Span::new(hash, hash + 1), subject, message)
            .help("put the value in double quotes, or a blank behind the `#` of a comment"),
    )
}

/// The `#` of a text that stands where a value begins. A comment is written `# so`.
pub(super) fn hidden_text(source: &[u8], at: usize, end: usize) -> Option<usize> {
    let hash = crate::sdn::scan::skip_blanks(source, at, end);
    let is_text = source[..end].get(hash + 1).is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii());
    (hash < end && source[hash] == b'#' && is_text).then_some(hash)
}

/// What the reader changes, and where.
#[derive(Clone, Copy)]
enum Change {
    Skipped(Span),
    Blanks(Span),
    Number(Span),
    Null(Span),
    /// More stands behind a text in quotes.
    BehindQuote(Span),
    GluedHash(Span),
    CommaInLast(Span),
}

fn change_of_cell(source: &[u8], span: Span) -> Option<Change> {
    let mut seen = tokens(source, span).seen();
    let first = seen.next();
    let several = seen.next().is_some();
    let mut end = span.start;
    let mut is_first = true;
    for token in tokens(source, span) {
        if token.kind == TokenKind::Skipped {
            return Some(Change::Skipped(run_of_skipped(source, token.span, span.end)));
        }
        let gap = Span::new(end, token.span.start);
        if !is_first && !gap.is_empty() && gap.of(source) != b" " {
            return Some(Change::Blanks(gap));
        }
        if several && is_first {
            let text = String::from_utf8_lossy(token.span.of(source));
            match token.kind {
                TokenKind::Number if joined(source, token.span) != text => return Some(Change::Number(token.span)),
                TokenKind::Constant if text == "nil" => return Some(Change::Null(token.span)),
                _ => {}
            }
        } else if !several && let Some(change) = change_of_token(source, token) {
            return Some(change);
        }
        if several && !is_first && first.is_some_and(|first| first.kind == TokenKind::Text) {
            return Some(Change::BehindQuote(token.span));
        }
        if token.kind == TokenKind::Sign(b',') {
            return Some(Change::CommaInLast(token.span));
        }
        end = token.span.end;
        is_first = false;
    }
    None
}

/// A token that stands for itself.
fn change_of_token(source: &[u8], token: Token) -> Option<Change> {
    let text = token.span.of(source);
    match token.kind {
        TokenKind::Number if !keeps_number(text) => Some(Change::Number(token.span)),
        TokenKind::Word => {
            let hash = memchr::memchr(b'#', text)?;
            // `guide.md#part` and `C#` are names of things; `Alice#note` looks like a comment.
            let looks_like_comment = hash + 1 < text.len() && !text[..hash].iter().any(|b| matches!(b, b'.' | b'/'));
            let at = token.span.start + hash;
            looks_like_comment.then_some(Change::GluedHash(Span::new(at, at + 1)))
        }
        _ => None,
    }
}

/// Whether a number is the same after it was read: no zeros before it that make it a name, and no more digits
/// than a number of 64 bits holds. What does not fit at all is an error of its own.
fn keeps_number(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    if digits.len() > 1 && digits[0] == b'0' && (digits[1].is_ascii_digit() || digits[1] == b'_') {
        return false;
    }
    if number.iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'_')) {
        return true;
    }
    let text: String = number.iter().filter(|&&b| b != b'_').map(|&b| char::from(b)).collect();
    let Ok(value) = text.parse::<f64>() else {
        // An exponent without digits.
        return false;
    };
    Number::of(&text) == Number::of(&format!("{value:e}"))
}

/// All characters from here on that are passed over.
pub(super) fn run_of_skipped(source: &[u8], first: Span, end: usize) -> Span {
    let run = tokens(source, Span::new(first.start, end));
    let mut last = first.end;
    for token in run.take_while(|token| token.kind == TokenKind::Skipped) {
        if token.span.start > last {
            break;
        }
        last = token.span.end;
    }
    Span::new(first.start, last)
}

fn described(source: &[u8], change: Change, read: &str, subject: &str) -> Finding {
    let reads = match read {
        "" => String::new(),
        read => format!(": it reads `{}`", visible(&shortened(read))),
    };
    let (rule, span, message) = match change {
        Change::Skipped(span) => {
            let shown = visible(&excerpt(source, span));
            let what = if read.is_empty() { String::new() } else { reads };
            (Rule::SkippedCharacters, span, format!("the Rust reader passes over `{shown}`{what}"))
        }
        Change::Blanks(span) => (Rule::CollapsedBlanks, span, "the Rust reader makes one blank of these".to_owned()),
        Change::Number(span) => {
            let shown = excerpt(source, span);
            let message = format!("the Rust reader takes `{shown}` for a number, and spells it anew{reads}");
            (Rule::RespelledNumber, span, message)
        }
        Change::Null(span) => (Rule::RespelledNull, span, format!("the Rust reader spells `nil` anew{reads}")),
        Change::BehindQuote(span) => {
            let message = format!("a text in quotes ends before this; the Rust reader puts the two together{reads}");
            (Rule::TextBehindQuote, span, message)
        }
        Change::GluedHash(span) => {
            let message = "this `#` opens no comment: it belongs to the word before it".to_owned();
            (Rule::GluedHash, span, message)
        }
        Change::CommaInLast(span) => {
            let message = "this comma belongs to the last cell only because more than one word stands before it; \
                           other readers begin a new cell at it"
                .to_owned();
            (Rule::CommaInLast, span, message)
        }
    };
    finding(rule, span, subject, message)
}

/// Characters that cannot be seen, by their numbers.
pub(super) fn visible(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() || (c.is_whitespace() && c != ' ') || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}')
    };
    text.chars().map(|c| if hidden(c) { format!("U+{:04X}", u32::from(c)) } else { c.to_string() }).collect()
}

/// With the cure to put the whole value in quotes, where that is plain.
pub(super) fn quoted(source: &[u8], span: Span, found: Finding) -> Finding {
    let text = std::str::from_utf8(span.of(source)).ok().filter(|text| !text.contains('"'));
    match text.and_then(|text| spell(text, Spelling::Quoted).ok()) {
        Some(quoted) => found.fix(span, quoted.into_owned()),
        None => found,
    }
}

/// Brackets that do not pair, in a place where that does no harm.
pub(super) fn unpaired_bracket(source: &[u8], row: Span, subject: &str) -> Option<Finding> {
    let mut open = 0_usize;
    let mut stray = None;
    for token in tokens(source, row) {
        match token.kind {
            TokenKind::Sign(b'[' | b'{' | b'(') => open += 1,
            TokenKind::Sign(b']' | b'}' | b')') if open == 0 => stray = stray.or(Some(token.span)),
            TokenKind::Sign(b']' | b'}' | b')') => open -= 1,
            _ => {}
        }
    }
    let span = stray.or_else(|| reader::open_bracket(source, row).map(|at| Span::new(at, at + 1)))?;
    let message = match stray {
        Some(_) => "this bracket closes nothing",
        None => "this bracket is never closed; whatever follows the table would be read as part of it",
    };
    Some(finding(Rule::UnpairedBracket, span, subject, message).help("put the text in double quotes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_names_are_told_from_numbers() {
        for kept in ["0", "-0.0", "3.0", "1e3", "2.5E-3", "1_000", "1.50", "0.1", "1e15", "123456789012345", "0e0"] {
            assert!(keeps_number(kept.as_bytes()), "{kept}");
        }
        for lost in ["007", "-01", "00", "1e", "0_1", "0.12345678901234567891", "12345678901234567890.5"] {
            assert!(!keeps_number(lost.as_bytes()), "{lost}");
        }
    }

    #[test]
    fn the_first_change_of_a_cell_is_found() {
        let first = |cell: &str| {
            let span = Span::new(0, cell.len());
            super::cell(cell.as_bytes(), span, "").map(|found| (found.rule.name(), cell[found.span.range()].to_owned()))
        };
        let changed = |name, at: &str| Some((name, at.to_owned()));
        assert_eq!(first("Ada King"), None);
        assert_eq!(first("2026-01-21T10:00:00Z"), None);
        assert_eq!(first("C#"), None);
        assert_eq!(first("a/guide.md#part"), None);
        assert_eq!(first("f (x)"), None);
        assert_eq!(first("https://h/p"), changed("skipped-characters", "//"));
        assert_eq!(first("1.2.3"), changed("skipped-characters", "."));
        assert_eq!(first("two  words"), changed("collapsed-blanks", "  "));
        assert_eq!(first("7e12ab"), changed("respelled-number", "7e12"));
        assert_eq!(first("nil x"), changed("respelled-null", "nil"));
        assert_eq!(first("\"a \"\"b\"\" c\""), changed("text-behind-quote", "\"b\""));
        assert_eq!(first("Alice#note"), changed("glued-hash", "#"));
        assert_eq!(first("b c, d"), changed("comma-in-last", ","));
    }
}
