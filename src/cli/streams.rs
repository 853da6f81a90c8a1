//! Data from stdin and on stdout, and how text looks where it goes.

use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;

use anstream::ColorChoice;
use anyhow::Result;

use super::closed;
use super::failure::{Failure, system};
use super::status;
use super::text;

/// What `-` is called in messages.
pub const STDIN: &str = "standard input";

/// Whether a path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What a path is called in messages.
pub fn name(path: &Path) -> String {
    if is_stdin(path) { STDIN.to_owned() } else { path.to_string_lossy().into_owned() }
}

/// Reads all of anything that can be read: `-` is standard input, `<(command)` of a shell a pipe.
pub fn read_all(path: &Path) -> Result<Vec<u8>, Failure> {
    if !is_stdin(path) {
        return std::fs::read(path).map_err(|error| Failure::reading(path, &error));
    }
    if closed::stdin_was_closed() {
        return Err(Failure::new(status::IO, format!("could not read {STDIN}")).cause("it is closed"));
    }
    let mut content = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut content);
    read.map_err(|error| Failure::reading(Path::new(STDIN), &error))?;
    Ok(content)
}

/// How text may look that comes from a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    /// Byte for byte and without colours, for programs.
    Raw,
    /// With control characters made visible, for people who read it anywhere.
    Plain,
    /// With control characters made visible, so that none reaches a terminal, and with colours.
    Shown,
}

/// How text looks on stdout.
pub fn look_of_stdout() -> Look {
    look(&io::stdout(), io::stdout().is_terminal())
}

/// Whether stdout is a terminal.
pub fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// What a text is made for.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    pub look: Look,
    /// The characters in a line of the terminal, if it is one.
    pub width: Option<usize>,
}

impl Screen {
    /// What programs read.
    pub const NONE: Self = Self { look: Look::Raw, width: None };

    pub fn of_stdout() -> Self {
        Self { look: look_of_stdout(), width: width_of_stdout() }
    }

    /// What is said there is always for people.
    pub fn of_stderr() -> Self {
        let coloured = anstream::AutoStream::choice(&io::stderr()) != ColorChoice::Never;
        Self { look: if coloured { Look::Shown } else { Look::Plain }, width: width_of(io::stderr()) }
    }
}

/// Whether what is shown on stdout has colours.
pub fn has_colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// How wide the terminal is, if stdout is one.
pub fn width_of_stdout() -> Option<usize> {
    width_of(io::stdout())
}

fn width_of(stream: impl std::os::fd::AsFd) -> Option<usize> {
    terminal_size::terminal_size_of(stream).map(|(width, _)| usize::from(width.0)).filter(|&width| width > 0)
}

/// How high the terminal is, if stdout is one.
pub fn height_of_stdout() -> Option<usize> {
    terminal_size::terminal_size_of(io::stdout()).map(|(_, height)| usize::from(height.0)).filter(|&height| height > 0)
}

fn look(stream: &impl anstream::stream::RawStream, terminal: bool) -> Look {
    let coloured = anstream::AutoStream::choice(stream) != ColorChoice::Never;
    if terminal || coloured { Look::Shown } else { Look::Raw }
}

/// Prints bytes as they are. A reader that leaves early, as `head` does, ends it quietly.
pub fn bytes(bytes: &[u8]) -> Result<()> {
    write(&mut io::stdout().lock(), bytes)
}

/// Prints what a database holds: byte for byte for programs. A terminal gets nothing on which it would act, so that it
/// is not what anybody who can write to the database makes of it.
pub fn data(content: &[u8]) -> Result<()> {
    if !stdout_is_terminal() {
        return bytes(content);
    }
    let text = String::from_utf8_lossy(content);
    // A return before a line feed does nothing there.
    let lines = text.split_inclusive('\n').map(|line| match line.strip_suffix("\r\n") {
        Some(line) => text::visible(line) + "\r\n",
        None => text::visible_lines(line),
    });
    bytes(lines.collect::<String>().as_bytes())
}

/// Prints JSON, in which a terminal gets escaped on what it would act.
pub fn json(json: &str) -> Result<()> {
    if stdout_is_terminal() { bytes(text::visible_json(json).as_bytes()) } else { bytes(json.as_bytes()) }
}

/// Prints what was made for this look of stdout.
pub fn looking(text: &[u8], look: Look) -> Result<()> {
    match look {
        Look::Raw | Look::Plain => bytes(text),
        Look::Shown => write(&mut anstream::stdout(), text),
    }
}

fn write(stdout: &mut impl Write, text: &[u8]) -> Result<()> {
    if !text.is_empty() && closed::stdout_was_closed() {
        return Err(not_printed("it is closed").into());
    }
    Ok(printed(stdout.write_all(text).and_then(|()| stdout.flush()))?)
}

/// What came of printing. A reader that leaves early, as `head` does, ends it quietly.
pub fn printed(outcome: io::Result<()>) -> Result<(), Failure> {
    match outcome {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(not_printed(system(&error))),
        _ if closed::stdout_was_closed() => Err(not_printed("it is closed")),
        _ => Ok(()),
    }
}

fn not_printed(why: impl std::fmt::Display) -> Failure {
    Failure::new(status::IO, "could not write to standard output").cause(why)
}

/// What is printed of a change that was made. It stays, whether anybody reads of it or not, and that is said.
pub fn after_change(printed: Result<()>, what: &str, state: impl FnOnce() -> String) -> Result<()> {
    printed.map_err(|error| match error.downcast::<Failure>() {
        Ok(failure) if failure.status != status::IO => failure.into(),
        Ok(failure) => {
            let title = format!("{what} could not be printed: {}", failure.title);
            Failure { title, ..failure }.state(state()).into()
        }
        Err(other) => other,
    })
}
