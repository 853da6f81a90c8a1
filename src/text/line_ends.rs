//! How lines end: with a line feed, or a carriage return before it. A return that no line feed follows is a part of its
//! line.

use std::borrow::Cow;

const LF: &str = "\n";
const CRLF: &str = "\r\n";

/// A text without its last line end.
#[must_use]
pub fn without_line_end(text: &[u8]) -> &[u8] {
    match text.strip_suffix(b"\n") {
        Some(text) => text.strip_suffix(b"\r").unwrap_or(text),
        None => text,
    }
}

/// The line end that most lines have; nothing of a text without any.
#[must_use]
pub fn line_end(text: &[u8]) -> Option<&'static str> {
    let (all, with_return) = counted(text);
    (all > 0).then_some(if with_return * 2 > all { CRLF } else { LF })
}

/// How a new line ends that stands at this offset: as the line before it, or, if that has no end, as most lines do.
#[must_use]
pub fn line_end_before(text: &[u8], at: usize) -> &'static str {
    match text[..at].strip_suffix(b"\n") {
        Some(line) if line.ends_with(b"\r") => CRLF,
        Some(_) => LF,
        None => line_end(text).unwrap_or(LF),
    }
}

/// Whether all lines end alike.
pub(crate) fn is_uniform(text: &[u8]) -> bool {
    let (all, with_return) = counted(text);
    with_return == 0 || with_return == all
}

/// The text with this line end throughout.
pub(crate) fn with_line_end<'t>(text: &'t [u8], end: &[u8]) -> Cow<'t, [u8]> {
    let mut changed = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&b| b == b'\n') {
        let content = without_line_end(line);
        changed.extend_from_slice(content);
        if content.len() < line.len() {
            changed.extend_from_slice(end);
        }
    }
    Cow::Owned(changed)
}

/// How many line ends there are, and how many of them have a return.
fn counted(text: &[u8]) -> (usize, usize) {
    let all = memchr::memchr_iter(b'\n', text).count();
    (all, memchr::memmem::find_iter(text, CRLF.as_bytes()).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_line_ends_as_the_one_before_it_or_as_most() {
        assert_eq!(line_end_before(b"a\r\nb\nc\n", 3), "\r\n");
        assert_eq!(line_end_before(b"a\r\nb\nc\n", 5), "\n");
        assert_eq!([line_end_before(b"a\r\nb", 4), line_end_before(b"a\r\nb\nc\r\nd", 9)], ["\r\n", "\r\n"]);
        assert_eq!([line_end_before(b"", 0), line_end_before(b"a", 1)], ["\n", "\n"]);
        assert_eq!([line_end(b"a\nb\r\n"), line_end(b"a\r\n"), line_end(b"a\r")], [Some("\n"), Some("\r\n"), None]);
    }

    #[test]
    fn a_lone_return_is_no_line_end() {
        assert_eq!(without_line_end(b"a\r"), b"a\r");
        assert_eq!(&*with_line_end(b"a\r\nb\nc\r", b"\r\n"), b"a\r\nb\r\nc\r");
    }
}
