//! Long lists at a terminal, in the user's pager.

use std::env;
use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::Result;

use super::child::End;
use super::signals::Hold;
use super::status;
use super::streams::{self, Look};

/// Whether a pager may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paging {
    IfLong,
    No,
}

/// What is run if nothing else is said; its options are in LESS.
const LAST_RESORT: &str = "less";

/// Quit if it fits, pass colours on, leave the text on the screen.
const LESS: &str = "FRX";

/// Shows a text, in a pager if it is longer than the terminal.
pub fn show(text: &str, paging: Paging) -> Result<()> {
    let is_long = || streams::height_of_stdout().is_some_and(|height| text.lines().count() >= height);
    if paging == Paging::IfLong
        && is_long()
        && let Some(pager) = command()
        && page(text, &pager)
    {
        return Ok(());
    }
    match streams::look_of_stdout() {
        Look::Raw | Look::Plain => streams::bytes(anstream::adapter::strip_str(text).to_string().as_bytes()),
        Look::Shown => streams::looking(text.as_bytes(), Look::Shown),
    }
}

/// The pager as a shell command line, as git takes it; none if it is empty or `cat`.
fn command() -> Option<OsString> {
    if env::var_os("TERM").is_none_or(|terminal| terminal == "dumb") {
        return None;
    }
    let set = env::var_os("SDNLOCK_PAGER").or_else(|| env::var_os("PAGER"));
    let pager = set.unwrap_or_else(|| LAST_RESORT.into());
    (!pager.is_empty() && pager != "cat").then_some(pager)
}

/// Whether the pager has shown the text.
fn page(text: &str, pager: &OsString) -> bool {
    // What is typed for the pager must not end us, and leave it behind.
    let hold = Hold::begin();
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(pager).stdin(Stdio::piped());
    if env::var_os("LESS").is_none() {
        command.env("LESS", LESS);
    }
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // Whoever leaves the pager early does not want the rest.
        let _ = if streams::has_colours() {
            input.write_all(text.as_bytes())
        } else {
            input.write_all(anstream::adapter::strip_str(text).to_string().as_bytes())
        };
    }
    let end = child.wait().map(End::from);
    hold.forget_keyboard();
    !matches!(end, Ok(End::Code(status::NOT_EXECUTABLE | status::NOT_FOUND)))
}
