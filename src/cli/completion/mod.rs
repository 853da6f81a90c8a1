//! What a shell offers at TAB: commands and options as the definitions have them, and the tables, keys, columns and
//! values of the database that the line names.
//!
//! The scripts in `completions/` ask by running `sdnlock -- WORD...`, where the words are those of the line and the
//! first one is the command. Their environment says the rest:
//!
//! - `_SDNLOCK_COMPLETE`: the name of the shell. What it wants to be told, and how, is said where that is written.
//! - `_SDNLOCK_COMPLETE_INDEX`: which word the cursor is at, counted from 0; the last one if it is not given.
//! - `_SDNLOCK_COMPLETE_BREAKS`: of bash, where it breaks words.
//!
//! A command line that begins with `--` is wrong otherwise, so that neither a variable that was set by mistake changes
//! what a command does, nor an older `sdnlock` that knows nothing of this does more than to fail.
//!
//! The answer comes from a look at the database: no lock is taken, nothing is told on standard error, nothing is written.

mod addresses;
mod bash;
mod columns;
mod completers;
mod database;
mod line;
mod offers;
mod others;
mod shells;
mod told;
mod values;

use std::ffi::OsString;
use std::io::Write;

use line::Line;

use super::status;

/// Says which shell asks.
const SHELL: &str = "_SDNLOCK_COMPLETE";
/// Says at which word the cursor is.
const INDEX: &str = "_SDNLOCK_COMPLETE_INDEX";
/// Where bash breaks words.
const BREAKS: &str = "_SDNLOCK_COMPLETE_BREAKS";

/// Answers the script of a shell, if this process was started by one.
pub fn answer() -> Option<u8> {
    let shell = std::env::var_os(SHELL)?;
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != "--" {
        return None;
    }
    let words: Vec<OsString> = arguments.collect();
    let index = std::env::var(INDEX).ok().and_then(|index| index.parse().ok());
    let index = index.unwrap_or(words.len().checked_sub(1)?);
    let write = match shell.to_str()? {
        "bash" => bash::write,
        "zsh" => shells::zsh,
        "fish" => shells::fish,
        "elvish" => shells::elvish,
        "powershell" => shells::powershell,
        _ => return None,
    };
    let answer = write(&Line::new(words, index)?);
    // Whoever asks may not wait for the whole answer.
    let _ = std::io::stdout().write_all(answer.as_bytes());
    Some(status::DONE)
}
