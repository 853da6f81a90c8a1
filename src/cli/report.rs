//! The one printer for everything that is said on stderr.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use sdnlock::lock::Doubt;
use sdnlock::txn::{Undone, What};

use super::args::{DiffKind, OutputOptions};
use sdnlock::record::Keys;

use super::differences::{self, Side};
use super::failure::{Failure, Label};
use super::status;
use super::streams::Screen;
use super::text;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// Tells the user what happened, on stderr.
#[derive(Clone, Copy, Default, Debug)]
pub struct Report {
    quiet: bool,
    verbose: bool,
}

#[expect(clippy::unused_self, reason = "what is said regardless of the options is said here too")]
impl Report {
    pub fn new(options: OutputOptions) -> Self {
        Self { quiet: options.quiet, verbose: options.verbose }
    }

    /// Whether only errors are to be told.
    pub fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Whether somebody reads along, or wants to read everything.
    pub fn is_watched(self) -> bool {
        self.verbose || std::io::stderr().is_terminal()
    }

    /// Something that was asked for.
    pub fn always(self, text: impl std::fmt::Display) {
        print(format_args!("{}\n", shown(text)));
    }

    /// Something worth knowing.
    pub fn note(self, text: impl std::fmt::Display) {
        if !self.quiet {
            print(format_args!("{NOTE}note{NOTE:#}: {}\n", shown(text)));
        }
    }

    /// Something that may not have been meant.
    pub fn warning(self, text: impl std::fmt::Display) {
        if !self.quiet {
            print(format_args!("{WARNING}warning{WARNING:#}: {}\n", shown(text)));
        }
    }

    /// A file beside a database, or in a folder above it, that counts for nothing.
    pub fn not_believed(self, file: &Path, doubt: Doubt) {
        self.note(format!("{} is not believed: {doubt}", text::path(text::from_here(file))));
    }

    /// What was done to end a transaction that was interrupted.
    pub fn undone(self, undone: &Undone) {
        let shown = text::path(text::from_here(&undone.path));
        let done = match undone.what {
            What::Restored => format!("{shown} is again as it was before it"),
            What::Removed => format!("{shown} is gone again, as before it"),
            What::Left => format!("{shown} is left as it is, since somebody else may have written it meanwhile"),
            What::Lost => {
                format!("{shown} is left as it is: what it held before was not on disk when the power failed")
            }
        };
        let kept = undone.kept.as_deref().map(|kept| format!("; kept: {}", text::path(text::from_here(kept))));
        self.note(format!("a transaction was interrupted: {done}{}", kept.unwrap_or_default()));
    }

    /// Something that only the curious want to know.
    pub fn detail(self, text: impl std::fmt::Display) {
        if self.verbose {
            self.note(text);
        }
    }

    /// A line that is complete as it is.
    pub fn line(self, text: impl std::fmt::Display) {
        if !self.quiet {
            print(format_args!("{}\n", shown(text)));
        }
    }

    /// What changed.
    pub fn difference(self, old: Side<'_>, new: Side<'_>, kind: DiffKind, keys: &Keys) {
        if self.quiet {
            return;
        }
        // Its colours are those of stderr. Nobody can be told that it is closed.
        let _ = std::io::stderr().write_all(&differences::render(old, new, kind, keys, Screen::of_stderr()));
    }

    /// A failure; gives its exit code.
    pub fn failure(self, failure: &Failure) -> u8 {
        let title = text::visible(&failure.title);
        print(format_args!("{ERROR}error{ERROR:#}: {title}\n{}", failure.excerpts));
        for (label, text) in &failure.labels {
            let name = label.name();
            let style = if *label == Label::Hint { NOTE } else { Style::new().bold() };
            let indent = " ".repeat("error".len().saturating_sub(name.len()));
            print(format_args!("{indent}{style}{name}{style:#}: {}\n", text::visible(text)));
        }
        failure.status
    }

    /// Any error; gives its exit code.
    pub fn error(self, error: &anyhow::Error) -> u8 {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            return self.failure(failure);
        }
        let causes = error.chain().skip(1).fold(Failure::new(status::INTERNAL, error.to_string()), Failure::cause);
        self.failure(&causes.hint("this should not happen; please report it"))
    }
}

/// Whatever a text was made of, nothing in it reaches the terminal that it would act on.
fn shown(text: impl std::fmt::Display) -> String {
    text::visible_lines(&text.to_string())
}

/// Nobody can be told that stderr is closed.
fn print(text: std::fmt::Arguments<'_>) {
    let _ = anstream::stderr().write_fmt(text);
}
