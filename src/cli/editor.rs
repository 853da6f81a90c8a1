//! The user's editor, and a question at the terminal.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::Command;

use super::child::{self, End};

/// What is run if nothing else is said.
const LAST_RESORT: &str = "vi";

/// The editor as a shell command line: the first of these variables that is set and not empty.
pub fn command() -> OsString {
    let dumb = env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    // As for git, VISUAL is for terminals that can do more than print lines.
    set("SDNLOCK_EDITOR")
        .or_else(|| set("VISUAL").filter(|_| !dumb))
        .or_else(|| set("EDITOR"))
        .unwrap_or_else(|| LAST_RESORT.into())
}

/// Opens a file in the editor and waits until it is left.
///
/// # Errors
/// If no shell can be started.
pub fn open(editor: &OsString, file: &Path) -> io::Result<End> {
    let mut line = editor.clone();
    line.push(" \"$@\"");
    child::run_editor(Command::new("/bin/sh").arg("-c").arg(line).arg(editor).arg(file))
}

/// Whether somebody sits there who can answer.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks until one of the letters is typed; the end of the input is the last of them.
pub fn ask(question: &str, letters: &[char]) -> char {
    let otherwise = letters[letters.len() - 1];
    loop {
        let _ = write!(anstream::stderr(), "{question} ");
        let mut answer = String::new();
        match io::stdin().lock().read_line(&mut answer) {
            Ok(0) | Err(_) => {
                let _ = writeln!(anstream::stderr());
                return otherwise;
            }
            Ok(_) => {}
        }
        let typed = answer.trim().chars().next().map(|letter| letter.to_ascii_lowercase());
        if let Some(letter) = typed.filter(|letter| letters.contains(letter)) {
            return letter;
        }
    }
}
