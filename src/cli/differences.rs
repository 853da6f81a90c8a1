//! Differences as they are shown.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use sdnlock::diff::{Diff, Hunk, Line, LineKind};

use super::args::DiffKind;
use super::text;

/// A diff that takes longer than this becomes coarser.
const PATIENCE: Duration = Duration::from_secs(2);

/// Changes larger than this are counted instead of shown, unless the user asked for them.
const MOST_SHOWN: usize = 4 << 20;

const HEADER: Style = Style::new().bold();
const HUNK: Style = AnsiColor::Cyan.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();

/// What a file that does not exist is called.
pub const NO_FILE: &str = "/dev/null";

/// The difference of two contents of one file as `kind` says, or nothing if there is none.
pub fn render(old_name: &str, old: &[u8], new_name: &str, new: &[u8], kind: DiffKind) -> String {
    if kind == DiffKind::None || old == new {
        return String::new();
    }
    let diff = Diff::of(old, new, Some(Instant::now() + PATIENCE));
    let name = if new_name == NO_FILE { old_name } else { new_name };
    if kind == DiffKind::Stat {
        return stat(name, &diff, "");
    }
    let hunks = diff.hunks(3);
    let shown: usize = hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| line.text.len()).sum();
    if shown > MOST_SHOWN {
        return stat(name, &diff, ", too many to show");
    }
    let (old_name, new_name) = (text::visible(old_name), text::visible(new_name));
    let mut shown = format!("{HEADER}--- {old_name}{HEADER:#}\n{HEADER}+++ {new_name}{HEADER:#}\n");
    for hunk in &hunks {
        write_hunk(&mut shown, hunk);
    }
    shown
}

fn stat(name: &str, diff: &Diff<'_>, more: &str) -> String {
    let (removed, added) = diff.counts();
    let name = text::visible(name);
    format!("{name}: {REMOVED}-{removed}{REMOVED:#} {ADDED}+{added}{ADDED:#} lines{more}\n")
}

fn write_hunk(shown: &mut String, hunk: &Hunk<'_>) {
    let range = |lines: &std::ops::Range<usize>| match lines.len() {
        // An empty range is named by the line above it.
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        length => format!("{},{length}", lines.start + 1),
    };
    let heading = hunk.heading.map(|line| text::visible(&String::from_utf8_lossy(line))).unwrap_or_default();
    let heading: String = heading.chars().take(80).collect();
    let space = if heading.is_empty() { "" } else { " " };
    let (old, new) = (range(&hunk.old), range(&hunk.new));
    let _ = writeln!(shown, "{HUNK}@@ -{old} +{new} @@{HUNK:#}{space}{heading}");
    for line in &hunk.lines {
        write_line(shown, line);
    }
}

fn write_line(shown: &mut String, line: &Line<'_>) {
    let (sign, style) = match line.kind {
        LineKind::Context => (' ', Style::new()),
        LineKind::Removed => ('-', REMOVED),
        LineKind::Added => ('+', ADDED),
    };
    let changed = style.invert();
    let piece = |bytes: &[u8]| text::visible(&String::from_utf8_lossy(bytes));
    let _ = write!(shown, "{style}{sign}");
    let mut at = 0;
    for range in &line.emphasis {
        let (before, emphasis) = (piece(&line.text[at..range.start]), piece(&line.text[range.clone()]));
        let _ = write!(shown, "{before}{style:#}{changed}{emphasis}{changed:#}{style}");
        at = range.end;
    }
    let _ = writeln!(shown, "{}{style:#}", piece(&line.text[at..]));
    if !line.ended {
        shown.push_str("\\ No newline at end of file\n");
    }
}
