//! What is said of a wrong command line besides what is wrong with it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::builder::{StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error, FromArgMatches};

use sdnlock::sdn::is_sdn;

use super::args::{Cli, Command};
use super::failure::Failure;
use super::{status, text};

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

/// What an error says where it may repeat something of the command line or of a variable that cannot be shown as it is.
/// That is without colours, since those of the error could not be told from those of what it repeats.
pub fn visible(error: &Error) -> Option<String> {
    let words = || std::env::args_os();
    let variables = std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"SDNLOCK_"));
    let mut said = words().chain(variables.map(|(_, value)| value));
    if !error.use_stderr() || !said.any(|word| word.to_string_lossy().contains(text::is_unseen)) {
        return None;
    }
    // What is shown of the words is wrong in the same way.
    let shown = words().map(|word| text::visible(&word.to_string_lossy()));
    let parsed = Cli::command().styles(Styles::plain()).try_get_matches_from(shown);
    let plain = parsed.and_then(|matches| Cli::from_arg_matches(&matches)).err().map(hinted);
    let said = plain.map_or_else(|| error.to_string(), |error| error.render().ansi().to_string());
    Some(text::visible_lines(&said))
}

/// An address where the database belongs, and the database where the address belongs.
pub fn swapped(command: &Command) -> Option<Failure> {
    let (file, others): (&Path, Vec<&str>) = match command {
        Command::Read(args) => (&args.file, args.address.iter().map(String::as_str).collect()),
        Command::Get(args) => (&args.file, vec![&args.address]),
        Command::List(args) => (&args.file, args.table.iter().map(String::as_str).collect()),
        Command::Set(args) => (&args.file, args.assignments.iter().map(String::as_str).collect()),
        Command::Rm(args) => (&args.file, args.addresses.iter().map(String::as_str).collect()),
        Command::Add(args) => (&args.file, vec![&args.table]),
        Command::Alter(args) => (&args.file, vec![&args.table]),
        _ => return None,
    };
    let database =
        others.into_iter().find(|other| Path::new(other).is_file()).filter(|_| !file.exists() && !is_sdn(file))?;
    let title = format!("no such file: {}, but {} is one", text::path(file), text::path(database.as_ref()));
    let mut words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let place = |word: &OsStr| words.iter().position(|given| given == word);
    let (here, there) = (place(file.as_os_str())?, place(database.as_ref())?);
    words.swap(here, there);
    let words: Vec<String> = words.iter().map(|word| text::argument(word)).collect();
    Some(Failure::new(status::NO_INPUT, title).hint(format!("the database comes first: `sdnlock {}`", words.join(" "))))
}

/// Whether this is `exec FILE CMD`, as flock(1) takes it: everything is a file then.
fn is_exec_without_dashes() -> bool {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    arguments.iter().any(|argument| argument == "exec") && arguments.iter().all(|argument| argument != "--")
}

#[cfg(test)]
mod tests {
    use super::*;

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
