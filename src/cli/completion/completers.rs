//! Which arguments know by themselves what may stand for them.

use std::ffi::OsStr;
use std::sync::Arc;

use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use super::addresses::{self, Purpose};
use super::line::Line;
use super::offers::Offer;
use super::{columns, others};

/// Offers ways to complete a word of a line.
type Completer = fn(&Line, &str) -> Vec<Offer>;

/// By command and argument.
const COMPLETERS: &[(&str, &str, Completer)] = &[
    ("read", "address", |line, word| addresses::complete(line, word, Purpose::Print)),
    ("get", "address", |line, word| addresses::complete(line, word, Purpose::Get)),
    ("set", "assignments", |line, word| addresses::complete(line, word, Purpose::Set)),
    ("set", "conditions", |line, word| addresses::complete(line, word, Purpose::Compare)),
    ("rm", "addresses", |line, word| {
        addresses::complete(line, word, if line.has("purge") { Purpose::Purge } else { Purpose::Remove })
    }),
    ("list", "table", columns::tables),
    ("list", "conditions", columns::conditions),
    ("list", "columns", columns::listed),
    ("list", "sort", columns::sorted),
    ("add", "table", columns::tables),
    ("add", "fields", columns::fields),
    ("add", "conditions", columns::conditions),
    ("alter", "table", columns::tables),
    ("alter", "rename_column", columns::renamed),
    ("alter", "drop_column", columns::dropped),
    ("restore", "number", others::backups),
    ("check", "explain", others::rules),
    ("check", "allow", others::rules),
    ("check", "deny", others::rules),
];

/// Who finds paths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paths {
    Shell,
    Engine,
}

/// The definitions of the command line, with what may stand for an argument of this line.
pub fn attach(command: Command, line: &Line, paths: Paths) -> Command {
    let line = Arc::new(line.clone());
    let known = COMPLETERS.iter().fold(command, |command, &(subcommand, argument, completer)| {
        let line = Arc::clone(&line);
        let complete = move |word: &OsStr| -> Vec<CompletionCandidate> {
            let offers = word.to_str().map(|word| completer(&line, word)).unwrap_or_default();
            offers.into_iter().map(Into::into).collect()
        };
        let complete = ArgValueCompleter::new(complete);
        command.mut_subcommand(subcommand, |command| command.mut_arg(argument, |argument| argument.add(complete)))
    });
    match paths {
        Paths::Shell => known.mut_subcommands(|command| command.mut_args(path_by_shell)),
        Paths::Engine => known,
    }
}

/// Marks what stands for a path, before the name of the argument: of candidates that are marked alike the engine takes
/// one only.
const PATH: &str = "path::";

fn path_by_shell(argument: Arg) -> Arg {
    match argument.get_value_hint() {
        ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath => {
            let mark = format!("{PATH}{}", argument.get_id());
            let path = move |_: &OsStr| vec![CompletionCandidate::new("").id(Some(mark.clone()))];
            argument.add(ArgValueCompleter::new(path))
        }
        _ => argument,
    }
}

/// Whether a candidate stands for any path; its value is what stands before that.
pub fn is_path(candidate: &CompletionCandidate) -> bool {
    candidate.get_id().is_some_and(|id| id.starts_with(PATH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Cli;
    use clap::CommandFactory;

    #[test]
    fn all_of_the_arguments_exist() {
        let command = Cli::command();
        for (subcommand, argument, _) in COMPLETERS {
            let found = command.find_subcommand(subcommand).unwrap();
            assert!(found.get_arguments().any(|known| known.get_id() == argument), "{subcommand} {argument}");
        }
    }
}
