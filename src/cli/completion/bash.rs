//! What bash is told, and how it cuts and quotes words.
//!
//! 1. The words come as they are typed, with their quotes, the one at the cursor up to the cursor.
//! 2. bash replaces a part of that word only. If a quote is open, it is what stands behind that; else it is what
//!    stands behind the last of `COMP_WORDBREAKS`, unless that is quoted.
//! 3. The first line of the answer is `words`, `closed`, `paths` or `command N`; N counts words from 0. Behind `words`
//!    and `closed` there is one line for each, as it is to be typed, with a blank behind it if it does not go on.
//! 4. Behind an open quote there is no blank, since bash closes the quote if there is only one word. `closed` says
//!    that it is to put the blank there too.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::completers::Paths;
use super::line::Line;
use super::offers::{End, Offer};
use super::told::{self, Told};

/// What bash breaks words at if nothing is said.
const BREAKS: &str = " \t\n\"'@><=;|&(:";

pub fn write(line: &Line) -> String {
    let breaks = std::env::var(super::BREAKS).unwrap_or_else(|_| BREAKS.to_owned());
    let typed = Typed::of(&line.word().to_string_lossy(), &breaks);
    let words = line.words().iter().map(|word| match word.to_str() {
        Some(word) => OsString::from(Typed::of(word, "").text),
        None => unquoted_bytes(word),
    });
    let Some(line) = Line::new(words.collect(), line.index()) else {
        return String::new();
    };
    match told::of(&line, Paths::Shell) {
        Told::Words(offers) => typed.answer(&offers),
        Told::Paths(_) => "paths\n".to_owned(),
        Told::Command(first) => format!("command {first}\n"),
    }
}

/// A word that is no text can be nothing but a path.
fn unquoted_bytes(word: &OsString) -> OsString {
    OsString::from_vec(word.as_bytes().iter().copied().filter(|&byte| byte != b'\\').collect())
}

/// A word as it is typed.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Typed {
    /// What it says, without the quotes.
    text: String,
    /// The quote that is still open.
    quote: Option<char>,
    /// How much of the text bash leaves as it is.
    kept: usize,
    /// What bash replaces, as it is typed.
    replaced: String,
}

impl Typed {
    fn of(word: &str, breaks: &str) -> Self {
        let mut text = String::new();
        let mut quote = None;
        // In the text and in the word.
        let mut kept = (0, 0);
        let mut characters = word.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let behind = at + c.len_utf8();
            match (quote, c) {
                (None, '\'' | '"') => {
                    let before = kept;
                    quote = Some((c, before));
                    kept = (text.len(), behind);
                }
                (Some((open, before)), c) if c == open => {
                    quote = None;
                    kept = before;
                }
                (None, '\\') => text.extend(characters.next().map(|(_, next)| next)),
                (Some(('"', _)), '\\') => match characters.next_if(|(_, next)| "\"\\$`".contains(*next)) {
                    Some((_, next)) => text.push(next),
                    None => text.push('\\'),
                },
                (_, c) => {
                    text.push(c);
                    if quote.is_none() && breaks.contains(c) {
                        kept = (text.len(), behind);
                    }
                }
            }
        }
        Self { text, quote: quote.map(|(quote, _)| quote), kept: kept.0, replaced: word[kept.1..].to_owned() }
    }

    fn answer(&self, offers: &[Offer]) -> String {
        let before = &self.text[..self.kept];
        let words = offers.iter().filter_map(|offer| Some((offer.word.strip_prefix(before)?, offer.end)));
        let words: Vec<(String, End)> = words.map(|(word, end)| (self.quoted(word), end)).collect();
        let closed = self.quote.is_some() && matches!(words[..], [(_, End::Word)]);
        let mut answer = String::from(if closed { "closed\n" } else { "words\n" });
        for (word, end) in &words {
            let blank = if *end == End::Word && self.quote.is_none() { " " } else { "" };
            answer += &format!("{word}{blank}\n");
        }
        // bash types what all words begin with: that must not end within an escape.
        let common = common(&words);
        if words.len() > 1 && common.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1 {
            answer += &format!("{}\n", &common[..common.len() - 1]);
        }
        answer
    }

    /// A text as it is typed behind what bash leaves.
    fn quoted(&self, text: &str) -> String {
        match self.quote {
            Some('\'') => text.replace('\'', "'\\''"),
            Some(_) => escaped(text, |c| "\"\\$`".contains(c)),
            None => escaped(text, |c| c.is_whitespace() || "\"'\\$`&|;()<>*?[]{}!#~^".contains(c)),
        }
    }
}

fn escaped(text: &str, needs: impl Fn(char) -> bool) -> String {
    text.chars().flat_map(|c| needs(c).then_some('\\').into_iter().chain([c])).collect()
}

/// What all words begin with.
fn common(words: &[(String, End)]) -> &str {
    let Some(((first, _), others)) = words.split_first() else {
        return "";
    };
    let same =
        |other: &str| first.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let length = others.iter().map(|(other, _)| same(other)).min().unwrap_or(first.len());
    &first[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(word: &str) -> (String, Option<char>, String) {
        let Typed { text, quote, kept, .. } = Typed::of(word, BREAKS);
        let before = text[..kept].to_owned();
        (text, quote, before)
    }

    fn answer(word: &str, offers: &[(&str, End)]) -> String {
        let offers: Vec<Offer> = offers.iter().map(|(word, end)| Offer::new(*word, *end)).collect();
        Typed::of(word, BREAKS).answer(&offers)
    }

    #[test]
    fn what_bash_replaces_begins_behind_an_open_quote_or_a_break() {
        assert_eq!(typed("todos.1"), ("todos.1".into(), None, String::new()));
        assert_eq!(typed("t.1.a=do"), ("t.1.a=do".into(), None, "t.1.a=".into()));
        assert_eq!(typed(r#"t.\"x:y\".a"#), (r#"t."x:y".a"#.into(), None, r#"t."x:"#.into()));
        assert_eq!(typed(r"t.a\=b"), ("t.a=b".into(), None, String::new()));
        assert_eq!(typed("'t.a=b"), ("t.a=b".into(), Some('\''), String::new()));
        assert_eq!(typed("t.'a=b'.c"), ("t.a=b.c".into(), None, String::new()));
        assert_eq!(typed("a='b=c'd"), ("a=b=cd".into(), None, "a=".into()));
        assert_eq!(typed("t.\"a\\\"b"), ("t.a\"b".into(), Some('"'), "t.".into()));
    }

    #[test]
    fn the_answer_is_typed_as_the_word_was_begun() {
        let key = r#"t."a b".c="#;
        assert_eq!(answer("t.", &[(key, End::Open)]), "words\nt.\\\"a\\ b\\\".c=\n");
        assert_eq!(answer("'t.", &[(key, End::Open)]), "words\nt.\"a b\".c=\n");
        assert_eq!(answer("\"t.", &[(key, End::Open)]), "words\nt.\\\"a b\\\".c=\n");
        assert_eq!(answer("t.1.a=d", &[("t.1.a=done", End::Word)]), "words\ndone \n");
        assert_eq!(answer("'t.1.a=d", &[("t.1.a=done", End::Word)]), "closed\nt.1.a=done\n");
    }

    #[test]
    fn what_all_words_begin_with_does_not_end_within_an_escape() {
        let offers = [("t.\"a b\"", End::Open), ("t.\"a\\\"b\"", End::Open)];
        assert_eq!(answer("t.", &offers), "words\nt.\\\"a\\ b\\\"\nt.\\\"a\\\\\\\"b\\\"\nt.\\\"a\n");
    }
}
