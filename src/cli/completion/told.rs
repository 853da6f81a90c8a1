//! What is told at the cursor of a line.

use std::ffi::OsStr;

use clap::{ArgAction, Command, CommandFactory};
use clap_complete::engine::{self, CompletionCandidate};

use super::completers::{self, Paths};
use super::line::Line;
use super::offers::{Offer, few};
use crate::cli::args::Cli;
use crate::cli::text;

/// What a shell is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Told {
    /// One of these.
    Words(Vec<Offer>),
    /// A path, behind what stands before it in the word. Shells know more about these than we do.
    Paths(String),
    /// Whatever belongs to another command, whose name is the word with this number.
    Command(usize),
}

/// What is offered at the cursor of a line, where paths are found by the shell or by us.
pub fn of(line: &Line, paths: Paths) -> Told {
    if let Some(first) = other_command(line) {
        return Told::Command(first);
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
            return Told::Paths(path.get_value().to_string_lossy().into_owned());
        }
        return Told::Words(few(offers(others.into_iter()), |offer| &offer.word));
    }
    let others = others.into_iter().filter(|other| !completers::is_path(other));
    Told::Words(offers(others.chain(options)))
}

/// The candidates that can be shown: a shell shows them as they are, and their line ends would be those of the answer.
fn offers(candidates: impl Iterator<Item = CompletionCandidate>) -> Vec<Offer> {
    candidates.map(Offer::from).filter(|offer| !offer.word.contains(text::is_unseen)).collect()
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
