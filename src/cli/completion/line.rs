//! The line that is completed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory};

use crate::cli::args::Cli;

/// The words of a line, without their quotes, and which of them the cursor is at.
#[derive(Clone, Debug)]
pub struct Line {
    words: Vec<OsString>,
    index: usize,
}

impl Line {
    /// A line whose cursor is at one of its words, or behind the last one.
    pub fn new(mut words: Vec<OsString>, index: usize) -> Option<Self> {
        if index == words.len() {
            words.push(OsString::new());
        }
        (0 < index && index < words.len()).then_some(Self { words, index })
    }

    pub fn words(&self) -> &[OsString] {
        &self.words
    }

    pub fn index(&self) -> usize {
        self.index
    }

    /// The word at the cursor.
    pub fn word(&self) -> &OsString {
        &self.words[self.index]
    }

    /// The words before the cursor, without the command itself.
    pub fn before(&self) -> &[OsString] {
        &self.words[1..self.index]
    }

    /// Whether the word at the cursor is an option, or may become one.
    pub fn is_option(&self) -> bool {
        self.word().as_encoded_bytes().starts_with(b"-") && self.before().iter().all(|word| word != "--")
    }

    /// The same line with another word at the cursor.
    pub fn with_word(mut self, word: impl Into<OsString>) -> Self {
        self.words[self.index] = word.into();
        self
    }

    /// The database that the line names.
    pub fn file(&self) -> Option<PathBuf> {
        let file = PathBuf::from(self.argument("file")?.into_iter().next().filter(|file| !file.is_empty())?);
        // The shell would put in what these stand for when it runs the command.
        let mut parts = file.components();
        let first = parts.next()?.as_os_str().to_str().unwrap_or_default();
        let meant = match first.strip_prefix('$') {
            _ if file.exists() => None,
            _ if first == "~" => std::env::home_dir(),
            Some(name) => std::env::var_os(name.trim_matches(['{', '}'])).map(PathBuf::from),
            None => None,
        };
        let rest = parts.as_path();
        Some(match meant {
            None => file,
            Some(whole) if rest.as_os_str().is_empty() => whole,
            Some(folder) => folder.join(rest),
        })
    }

    /// The table that the line names apart from the database.
    pub fn table(&self) -> Option<String> {
        self.argument("table")?.into_iter().next()?.into_string().ok().filter(|table| !table.is_empty())
    }

    /// The values of an argument, the word at the cursor among them, as far as the line can be understood.
    pub fn argument(&self, id: &str) -> Option<Vec<OsString>> {
        let matches = self.matches()?;
        Some(matches.try_get_many(id).ok()??.cloned().collect())
    }

    /// Whether the line has a flag.
    pub fn has(&self, id: &str) -> bool {
        self.matches().is_some_and(|matches| matches.try_get_one::<bool>(id).is_ok_and(|flag| flag == Some(&true)))
    }

    fn matches(&self) -> Option<ArgMatches> {
        // A value that is not whole yet is no error that ends the search.
        let any = |argument: Arg| match argument.get_action() {
            ArgAction::Set | ArgAction::Append => argument.value_parser(ValueParser::os_string()),
            _ => argument,
        };
        let command = Cli::command().ignore_errors(true).mut_args(any).mut_subcommands(|command| command.mut_args(any));
        let mut matches = command.try_get_matches_from(&self.words).ok()?;
        matches.remove_subcommand().map(|(_, matches)| matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &str, index: usize) -> Line {
        Line::new(words.split(' ').map(OsString::from).collect(), index).unwrap()
    }

    #[test]
    fn the_database_is_found_in_a_line_that_is_not_whole() {
        for (words, index) in [
            ("sdnlock get t.sdn ", 3),
            ("sdnlock get -w 5 t.sdn todos.", 5),
            ("sdnlock -q get --timeout soon t.sdn todos.", 6),
            ("sdnlock list --columns  t.sdn", 3),
            ("sdnlock list t.sdn --columns ", 4),
            ("sdnlock set t.sdn --if ", 4),
            ("sdnlock set t.sdn a.b=c --no-such-option ", 5),
            ("sdnlock add t.sdn todos ", 4),
            ("sdnlock set --diff none --if x=1 t.sdn ", 7),
            ("sdnlock rm --purge -- t.sdn ", 5),
            ("sdnlock read --tag-only --json t.sdn x", 5),
            ("sdnlock --color sometimes list t.sdn --format tabl", 6),
            ("sdnlock restore t.sdn x", 3),
        ] {
            assert_eq!(line(words, index).file(), Some("t.sdn".into()), "{words}");
        }
        assert_eq!(line("sdnlock list t.sdn --columns a,b --sort  todos", 6).table(), Some("todos".into()));
        assert_eq!(line("sdnlock get ", 2).file(), None);
        assert!(line("sdnlock rm --purge t.sdn ", 4).has("purge"));
    }
}
