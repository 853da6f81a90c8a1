//! What is offered for a word.

use std::ffi::OsStr;

use clap::{ArgAction, Command, CommandFactory};
use clap_complete::engine::{self, CompletionCandidate};

use super::completers::{self, Paths};
use super::line::Line;
use crate::cli::args::Cli;
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

/// What a shell is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Offers {
    /// One of these.
    Words(Vec<Offer>),
    /// A path, behind what stands before it in the word. Shells know more about these than we do.
    Paths(String),
    /// Whatever belongs to another command, whose name is the word with this number.
    Command(usize),
}

impl Offer {
    pub fn new(word: impl Into<String>, end: End) -> Self {
        Self { word: word.into(), help: None, end }
    }

    /// With a remark, which is cut where it is long.
    pub fn help(self, help: impl AsRef<str>) -> Self {
        let help = text::shortened(&text::visible(help.as_ref()).replace('\t', " "), 60);
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

/// What is offered at the cursor of a line, where paths are found by the shell or by us.
pub fn of(line: &Line, paths: Paths) -> Offers {
    if let Some(first) = other_command(line) {
        return Offers::Command(first);
    }
    // Of an option with two names the engine shows the short one behind a single `-`.
    let asked = if line.word() == "-" { line.clone().with_word("--") } else { line.clone() };
    let mut command = completers::attach(Cli::command(), &asked, paths);
    let here = std::env::current_dir().ok();
    let words = asked.words().to_vec();
    let found = engine::complete(&mut command, words, asked.index(), here.as_deref()).unwrap_or_default();
    let (mut options, mut others): (Vec<_>, Vec<_>) = found.into_iter().partition(is_option);
    options.retain(|option| !is_given(option, line, &command));
    // What begins as an option is no path; its value may be one.
    if line.is_option() {
        others.retain(|other| !completers::is_path(other) || !other.get_value().is_empty());
    }
    if !others.is_empty() && (line.word().is_empty() || options.is_empty()) {
        if let Some(path) = others.iter().find(|other| completers::is_path(other)) {
            return Offers::Paths(path.get_value().to_string_lossy().into_owned());
        }
        return Offers::Words(few(others.into_iter().map(Offer::from).collect(), |offer| &offer.word));
    }
    let others = others.into_iter().filter(|other| !completers::is_path(other));
    Offers::Words(others.chain(options).map(Offer::from).collect())
}

fn is_option(candidate: &CompletionCandidate) -> bool {
    candidate.get_id().is_some_and(|id| id.starts_with("arg::"))
}

/// Whether an option stands in the line already, and may stand there once.
fn is_given(option: &CompletionCandidate, line: &Line, command: &Command) -> bool {
    let name = option.get_value().to_string_lossy();
    let of_name = |word: &OsStr| {
        let word = word.to_string_lossy();
        word.strip_prefix(&*name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    if !name.starts_with("--") || !line.before().iter().any(|word| of_name(word)) {
        return false;
    }
    let mut arguments = subcommand(line, command).unwrap_or(command).get_arguments();
    let argument = arguments.find(|argument| argument.get_long() == name.strip_prefix("--"));
    !argument.is_some_and(|argument| matches!(argument.get_action(), ArgAction::Append | ArgAction::Count))
}

/// The command of sdnlock that stands before the cursor.
fn subcommand<'c>(line: &Line, command: &'c Command) -> Option<&'c Command> {
    line.before().iter().find_map(|word| command.find_subcommand(word))
}

/// Where the command of `sdnlock exec FILE -- COMMAND` begins, if the cursor is in it.
fn other_command(line: &Line) -> Option<usize> {
    let command = Cli::command();
    let dashes = line.before().iter().position(|word| word == "--")?;
    (subcommand(line, &command)?.get_name() == "exec").then_some(1 + dashes + 1)
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
