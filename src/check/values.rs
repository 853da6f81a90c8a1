//! Rules about single values, wherever they stand: what the newest Rust reader makes of them.

use super::finding::{Finding, Findings, Rule, excerpt, finding};
use super::names::repeated;
use crate::sdn::reader::{Fault, Read};
use crate::sdn::token::{TokenKind, tokens};
use crate::text::Span;

/// What is wrong within the value that was read from `span`.
pub(super) fn check(source: &[u8], span: Span, read: &Read, rule: Rule, subject: &str, findings: &mut Findings) {
    if let Some((fault, place)) = read.fault {
        if place.is_empty() && std::str::from_utf8(&source[span.range()]).is_err() {
            // Nothing is missing: there are bytes that are no text, which is found for the whole file.
            return;
        }
        findings.push(faulty(source, span, fault, place, rule, subject));
        return;
    }
    if let Some(&number) = read.out_of_range.first() {
        findings.push(number_range(number, subject));
    }
    if let Some(&key) = read.repeated.first() {
        findings.push(finding(Rule::DuplicateSetting, key, subject, repeated(&excerpt(source, key))));
    }
}

fn faulty(source: &[u8], span: Span, fault: Fault, place: Span, rule: Rule, subject: &str) -> Finding {
    let opens = source[span.range()].first().is_some_and(|b| matches!(b, b'[' | b'{'));
    if opens && place.is_empty() {
        return open_bracket(span.start, subject);
    }
    if opens && source.get(place.start) == Some(&b'\n') {
        let message = "this list or dict goes on in another line, which the Rust reader does not take";
        return finding(Rule::BracketLines, Span::empty(place.start), subject, message).help("write it on one line");
    }
    let shown = excerpt(source, place);
    let (message, help) = match fault {
        Fault::Value if place.is_empty() => ("a value is missing here".to_owned(), "write `\"\"` for an empty text"),
        Fault::Value => (format!("no value begins with `{shown}`"), "put the text in double quotes"),
        Fault::Key => (format!("`{shown}` is no key of a dict"), "a key is one word, without quotes"),
        Fault::Colon => ("a `:` is missing behind the key".to_owned(), "write `key: value`"),
        Fault::End => (
            format!("a comma or the closing bracket is missing before `{shown}`"),
            "put a text of several words in double quotes",
        ),
    };
    finding(rule, place, subject, message + "; the Rust reader rejects the file").help(help)
}

/// Something stands behind a value that ends there for the Rust reader.
pub(super) fn unquoted(source: &[u8], value: Span, rest: Span, in_block: bool, subject: &str) -> Finding {
    let effect = match tokens(source, rest).seen().next().map(|token| token.kind) {
        _ if !in_block => "rejects the file".to_owned(),
        Some(TokenKind::Word) => {
            format!("takes only `{}`, and the words behind it for settings of their own", excerpt(source, value))
        }
        _ => format!("takes only `{}`", excerpt(source, value)),
    };
    let message = format!("an unquoted value ends before this; the Rust reader {effect}");
    finding(Rule::UnquotedText, rest, subject, message).help("put the text in double quotes")
}

/// Two statements on one line are two for the Rust reader.
pub(super) fn second_setting(rest: Span, subject: &str) -> Finding {
    let message = "a second setting on one line; readers that work by lines take it for a part of the first one";
    finding(Rule::SeveralOnLine, rest, subject, message).help("begin a line for it")
}

fn number_range(number: Span, subject: &str) -> Finding {
    let message = "this number does not fit in 64 bits; the Rust reader takes another one for it";
    finding(Rule::NumberRange, number, subject, message).help("put it in double quotes to keep it as text")
}

pub(super) fn open_quote(at: usize, end: usize, subject: &str) -> Finding {
    let message =
        "this quote is never closed; the Rust reader takes what follows, up to the next quote, for this value";
    finding(Rule::OpenQuote, Span::new(at, end), subject, message).help("close the quote")
}

pub(super) fn open_bracket(at: usize, subject: &str) -> Finding {
    finding(Rule::OpenBracket, Span::new(at, at + 1), subject, "this bracket is never closed")
        .help("close it on the same line, or put the text in double quotes")
}

/// A number of things.
pub(super) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
