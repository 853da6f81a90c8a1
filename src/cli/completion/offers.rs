//! Ways to complete a word.

use clap_complete::engine::CompletionCandidate;

use crate::cli::text;

/// More are not told: nobody reads them, and shells become slow.
pub const MOST: usize = 1000;

/// One way to complete a word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// The whole word.
    pub word: String,
    /// What that is.
    pub help: Option<String>,
    /// Whether the word may go on.
    pub end: End,
}

/// What stands behind a word that is complete so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// A blank, and the next word.
    Word,
    /// More of the same word.
    Open,
}

impl Offer {
    pub fn new(word: impl Into<String>, end: End) -> Self {
        Self { word: word.into(), help: None, end }
    }

    /// With a remark, which is cut where it is long.
    pub fn help(self, help: impl AsRef<str>) -> Self {
        let help = sdnlock::text::shortened(&text::visible(help.as_ref()).replace('\t', " "), 60).into_owned();
        Self { help: Some(help).filter(|help| !help.is_empty()), ..self }
    }
}

/// Marks a word that may go on, among the candidates of the engine.
const OPEN: &str = "open::";

impl From<Offer> for CompletionCandidate {
    fn from(offer: Offer) -> Self {
        let id = (offer.end == End::Open).then(|| format!("{OPEN}{}", offer.word));
        Self::new(offer.word).help(offer.help.map(Into::into)).id(id)
    }
}

impl From<CompletionCandidate> for Offer {
    fn from(candidate: CompletionCandidate) -> Self {
        let is_open = candidate.get_id().is_some_and(|id| id.starts_with(OPEN));
        let word = candidate.get_value().to_string_lossy().into_owned();
        let help = candidate.get_help().map(|help| help.to_string().lines().next().unwrap_or_default().to_owned());
        Self { word, help, end: if is_open { End::Open } else { End::Word } }
    }
}

/// Not too many of them. What all of these begin with is still what all of the others begin with.
pub fn few<T>(mut offers: Vec<T>, word: impl Fn(&T) -> &str) -> Vec<T> {
    if offers.len() <= MOST {
        return offers;
    }
    // The first and the last one by their characters tell that.
    for place in [0, 1] {
        let rest = offers[place..].iter().enumerate();
        let by_word = |one: &(usize, &T), other: &(usize, &T)| word(one.1).cmp(word(other.1));
        let found = if place == 0 { rest.min_by(by_word) } else { rest.max_by(by_word) };
        let found = place + found.map_or(0, |(position, _)| position);
        offers[place..=found].rotate_right(1);
    }
    offers.truncate(MOST);
    offers.rotate_left(2);
    offers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_those_are_told_that_show_what_all_begin_with() {
        let keys = (0..5000).map(|key| Offer::new(format!("t.{}", 10_000 + key), End::Open));
        let told = few(keys.chain([Offer::new("t.x", End::Open)]).collect(), |offer| &offer.word);
        assert_eq!(told.len(), MOST);
        assert_eq!(told[0].word, "t.10001");
        assert!(told.iter().any(|offer| offer.word == "t.x"));
    }
}
