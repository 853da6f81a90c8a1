//! What is said of a wrong command line besides what is wrong with it.

use std::ffi::OsString;

use clap::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What other tools call a command, and what it is called here.
const ELSEWHERE: [(&str, &str); 25] = [
    ("cat", "read"),
    ("show", "read"),
    ("print", "read"),
    ("dump", "read"),
    ("view", "read"),
    ("ls", "list"),
    ("query", "list"),
    ("select", "list"),
    ("remove", "rm"),
    ("delete", "rm"),
    ("del", "rm"),
    ("update", "set"),
    ("put", "set"),
    ("insert", "add"),
    ("append", "add"),
    ("create", "add"),
    ("validate", "check"),
    ("lint", "check"),
    ("verify", "check"),
    ("fix", "check"),
    ("compare", "diff"),
    ("lock", "exec"),
    ("run", "exec"),
    ("undo", "restore"),
    ("rollback", "restore"),
];

/// The error with hints that lead somewhere, and without those that do not.
pub fn hinted(mut error: Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let given = error.get(ContextKind::InvalidSubcommand);
            let known = |name: &str| ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == name).map(|(_, here)| *here);
            if let Some(ContextValue::String(name)) = given
                && let Some(here) = known(name)
            {
                error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![here.to_owned()]));
            }
        }
        // An option of another command is none that could be meant as a value.
        ErrorKind::UnknownArgument => {
            error.remove(ContextKind::Suggested);
        }
        ErrorKind::MissingRequiredArgument if is_exec_without_dashes() => {
            let tip = StyledStr::from("write `--` before the command: `sdnlock exec FILE -- CMD`");
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
        }
        _ => {}
    }
    error
}

/// Whether this is `exec FILE CMD`, as flock(1) takes it: everything is a file then.
fn is_exec_without_dashes() -> bool {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    arguments.iter().any(|argument| argument == "exec") && arguments.iter().all(|argument| argument != "--")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Cli;

    #[test]
    fn the_short_help_of_each_command_fits_a_small_terminal() {
        let mut root = Cli::command().term_width(80);
        root.build();
        for command in root.get_subcommands_mut().filter(|command| command.get_name() != "help") {
            let help = command.render_help().to_string();
            // The prompt takes a line of the 24, too.
            assert!(help.trim_end().lines().count() <= 23, "{help}");
            assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
        }
    }

    #[test]
    fn each_command_of_other_tools_is_one_here() {
        let command = Cli::command();
        for (elsewhere, here) in ELSEWHERE {
            assert!(command.find_subcommand(here).is_some(), "{here}");
            assert!(command.find_subcommand(elsewhere).is_none(), "{elsewhere}");
        }
    }
}
