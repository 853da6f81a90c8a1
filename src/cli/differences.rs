//! Differences as they are shown.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use sdnlock::diff::{Diff, Hunk, Line, LineKind};
use sdnlock::sdn::is_sdn;

use super::args::DiffKind;
use super::record_differences;
use super::streams::Look;
use super::text;

/// A diff that takes longer than this becomes coarser.
const PATIENCE: Duration = Duration::from_secs(2);

/// Changes larger than this are counted instead of shown.
const MOST_SHOWN: usize = 4 << 20;

/// Characters of the heading of a hunk.
const MOST_HEADING: usize = 80;

const HEADER: Style = Style::new().bold();
const HUNK: Style = AnsiColor::Cyan.on_default();
pub const REMOVED: Style = AnsiColor::Red.on_default();
pub const ADDED: Style = AnsiColor::Green.on_default();

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

/// The difference as `kind` says, or nothing if there is none.
pub fn render(old: Side<'_>, new: Side<'_>, kind: DiffKind, look: Look) -> Vec<u8> {
    if kind == DiffKind::None || old.content == new.content {
        return Vec::new();
    }
    let diff = Diff::of(old.content, new.content, Some(Instant::now() + PATIENCE));
    let name = if new.name == NO_FILE { old.name } else { new.name };
    let mut page = Page { bytes: Vec::new(), look };
    let is_sdn = [old, new].iter().any(|side| is_sdn(Path::new(side.name)));
    if kind == DiffKind::Stat {
        page.stat(name, &diff, "");
    } else if kind == DiffKind::Json {
        page.bytes = record_differences::json(name, old.content, new.content, diff.counts()).into_bytes();
    } else if kind == DiffKind::Records && is_sdn && record_differences::render(old, new, diff.counts(), &mut page) {
        // Told by its records.
    } else if diff.changed_bytes() > MOST_SHOWN {
        page.stat(name, &diff, ", too many to show");
    } else {
        page.names(old, new);
        for hunk in &diff.hunks(3) {
            page.hunk(hunk);
        }
    }
    page.bytes
}

/// A difference that is being written.
pub struct Page {
    bytes: Vec<u8>,
    look: Look,
}

impl Page {
    fn stat(&mut self, name: &str, diff: &Diff<'_>, more: &str) {
        let (removed, added) = diff.counts();
        self.text(format!("{name}: ").as_bytes());
        self.styled(REMOVED, format!("-{removed}").as_bytes());
        self.text(b" ");
        self.styled(ADDED, format!("+{added}").as_bytes());
        self.text(format!(" lines{more}\n").as_bytes());
    }

    fn hunk(&mut self, hunk: &Hunk<'_>) {
        let range = |lines: &std::ops::Range<usize>| match lines.len() {
            // An empty range is named by the line above it.
            0 => format!("{},0", lines.start),
            1 => format!("{}", lines.start + 1),
            length => format!("{},{length}", lines.start + 1),
        };
        let (old, new) = (range(&hunk.old), range(&hunk.new));
        self.styled(HUNK, format!("@@ -{old} +{new} @@").as_bytes());
        if let Some(heading) = hunk.heading {
            let heading: String = String::from_utf8_lossy(heading).chars().take(MOST_HEADING).collect();
            self.text(format!(" {heading}").as_bytes());
        }
        self.text(b"\n");
        for line in &hunk.lines {
            self.changed_line(line);
        }
    }

    fn changed_line(&mut self, line: &Line<'_>) {
        let (sign, style) = match line.kind {
            LineKind::Context => (b" ", Style::new()),
            LineKind::Removed => (b"-", REMOVED),
            LineKind::Added => (b"+", ADDED),
        };
        let mut before: Vec<u8> = sign.to_vec();
        let mut at = 0;
        for range in &line.emphasis {
            before.extend(&line.text[at..range.start]);
            self.styled(style, &before);
            self.styled(style.invert(), &line.text[range.clone()]);
            before.clear();
            at = range.end;
        }
        before.extend(&line.text[at..]);
        self.styled(style, &before);
        self.text(b"\n");
        if !line.ended {
            self.text(b"\\ No newline at end of file\n");
        }
    }

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
        if self.look == Look::Raw || text.is_empty() || style.is_plain() {
            return self.text(text);
        }
        let _ = write!(self.bytes, "{style}");
        self.text(text);
        let _ = write!(self.bytes, "{style:#}");
    }

    pub fn text(&mut self, text: &[u8]) {
        match self.look {
            Look::Raw => self.bytes.extend(text),
            Look::Shown if text == b"\n" => self.bytes.push(b'\n'),
            Look::Shown => {
                let (text, end) = text.strip_suffix(b"\n").map_or((text, ""), |text| (text, "\n"));
                self.bytes.extend(text::visible(&String::from_utf8_lossy(text)).bytes());
                self.bytes.extend(end.bytes());
            }
        }
    }
}
