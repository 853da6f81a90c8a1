//! The text of a difference while it is written, with its colours.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::cli::streams::Look;
use crate::cli::text;

const HEADER: Style = Style::new().bold();
pub(super) const REMOVED: Style = AnsiColor::Red.on_default();
pub(super) const ADDED: Style = AnsiColor::Green.on_default();

/// What a file that does not exist is called.
pub const NO_FILE: &str = "/dev/null";

/// One content of a file, with the name it has in the difference; a file that does not exist is empty.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    pub name: &'a str,
    pub content: &'a [u8],
}

impl<'a> Side<'a> {
    pub fn of(name: &'a str, content: Option<&'a [u8]>) -> Self {
        match content {
            Some(content) => Self { name, content },
            None => Self { name: NO_FILE, content: &[] },
        }
    }
}

/// A difference that is being written.
pub(super) struct Page {
    pub(super) bytes: Vec<u8>,
    pub(super) look: Look,
}

impl Page {
    /// A name may hold anything; whatever looks like a line of its own is none.
    pub fn names(&mut self, old: Side<'_>, new: Side<'_>) {
        self.line(HEADER, &format!("--- {}", text::visible(old.name)));
        self.line(HEADER, &format!("+++ {}", text::visible(new.name)));
    }

    pub fn line(&mut self, style: Style, text: &str) {
        self.styled(style, text.as_bytes());
        self.text(b"\n");
    }

    pub fn styled(&mut self, style: Style, text: &[u8]) {
        if self.look != Look::Shown || text.is_empty() || style.is_plain() {
            return self.text(text);
        }
        let _ = write!(self.bytes, "{style}");
        self.text(text);
        let _ = write!(self.bytes, "{style:#}");
    }

    pub fn text(&mut self, text: &[u8]) {
        match self.look {
            Look::Raw => self.bytes.extend(text),
            Look::Plain | Look::Shown if text == b"\n" => self.bytes.push(b'\n'),
            Look::Plain | Look::Shown => {
                let (text, end) = text.strip_suffix(b"\n").map_or((text, ""), |text| (text, "\n"));
                self.bytes.extend(text::visible(&String::from_utf8_lossy(text)).bytes());
                self.bytes.extend(end.bytes());
            }
        }
    }
}
