//! Differences by lines, as every tool shows them; what changed within a line is set off.

use anstyle::{AnsiColor, Style};
use sdnlock::diff::{Diff, Hunk, Line, LineKind};

use super::page::{ADDED, Page, REMOVED};
use crate::cli::text;

const HUNK: Style = AnsiColor::Cyan.on_default();

/// Characters of the heading of a hunk.
const MOST_HEADING: usize = 80;

/// The lines that changed, with three around them.
pub(super) fn hunks(page: &mut Page, diff: &Diff<'_>) {
    for changes in &diff.hunks(3) {
        hunk(page, changes);
    }
}

fn hunk(page: &mut Page, hunk: &Hunk<'_>) {
    let range = |lines: &std::ops::Range<usize>| match lines.len() {
        // An empty range is named by the line above it.
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        length => format!("{},{length}", lines.start + 1),
    };
    let (old, new) = (range(&hunk.old), range(&hunk.new));
    page.styled(HUNK, format!("@@ -{old} +{new} @@").as_bytes());
    if let Some(heading) = hunk.heading {
        // No character has more than four bytes.
        let begin = &heading[..heading.len().min(4 * MOST_HEADING)];
        let heading: String = String::from_utf8_lossy(begin).chars().take(MOST_HEADING).collect();
        page.text(format!(" {heading}").as_bytes());
    }
    page.text(b"\n");
    for line in &hunk.lines {
        changed_line(page, line);
    }
}

fn changed_line(page: &mut Page, line: &Line<'_>) {
    let (sign, style) = match line.kind {
        LineKind::Context => (b" ", Style::new()),
        LineKind::Removed => (b"-", REMOVED),
        LineKind::Added => (b"+", ADDED),
    };
    let mut before: Vec<u8> = sign.to_vec();
    let mut at = 0;
    for range in &line.emphasis {
        before.extend(&line.text[at..range.start]);
        page.styled(style, &before);
        page.styled(style.invert(), &line.text[range.clone()]);
        before.clear();
        at = range.end;
    }
    before.extend(&line.text[at..]);
    page.styled(style, &before);
    page.text(b"\n");
    if !line.ended {
        page.text(b"\\ No newline at end of file\n");
    }
}

/// How many lines changed.
pub(super) fn stat(page: &mut Page, name: &str, diff: &Diff<'_>, more: &str) {
    let (removed, added) = diff.counts();
    page.text(format!("{}: ", text::visible(name)).as_bytes());
    page.styled(REMOVED, format!("-{removed}").as_bytes());
    page.text(b" ");
    page.styled(ADDED, format!("+{added}").as_bytes());
    page.text(format!(" lines{more}\n").as_bytes());
}
