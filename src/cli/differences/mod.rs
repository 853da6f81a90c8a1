//! Differences as they are shown.

mod page;
mod records;
mod unified;

use std::path::Path;
use std::time::{Duration, Instant};

use anstyle::Style;
use anyhow::Result;
use sdnlock::diff::{Diff, LineKind};
use sdnlock::record::Keys;
use sdnlock::sdn::{Document, PieceKind, is_sdn};
use sdnlock::text::BOM;

use super::args::DiffKind;
use super::streams::{self, Look, Screen};
use super::text;
use page::Page;
pub use page::{NO_FILE, Side};
use unicode_width::UnicodeWidthStr;

/// A diff that takes longer than this becomes coarser.
const PATIENCE: Duration = Duration::from_secs(2);

/// Changes larger than this are counted instead of shown.
const MOST_SHOWN: usize = 4 << 20;

/// What changes in lines that look the same: their ends, and the mark before the first one.
fn unseen(old: Side<'_>, new: Side<'_>) -> Vec<&'static str> {
    if [old, new].iter().any(|side| side.name == NO_FILE || side.content.is_empty()) {
        return Vec::new();
    }
    let with_returns = |side: Side<'_>| {
        let ends = memchr::memchr_iter(b'\n', side.content);
        let (returns, all) = ends.fold((0, 0), |(returns, all), at| {
            (returns + usize::from(at > 0 && side.content[at - 1] == b'\r'), all + 1)
        });
        (returns > 0, returns < all)
    };
    let ends = match (with_returns(old), with_returns(new)) {
        ((true, false), (false, _)) => Some("line ends: CRLF before, LF now"),
        ((true, true), (false, _)) => Some("line ends: CRLF and LF before, LF now"),
        ((false, _), (true, false)) => Some("line ends: LF before, CRLF now"),
        ((false, _), (true, true)) => Some("line ends: LF before, CRLF and LF now"),
        ((true, true), (true, false)) => Some("line ends: CRLF and LF before, CRLF now"),
        ((true, false), (true, true)) => Some("line ends: CRLF before, CRLF and LF now"),
        _ => None,
    };
    let mark = match (old.content.starts_with(BOM), new.content.starts_with(BOM)) {
        (true, false) => Some("byte-order mark: gone"),
        (false, true) => Some("byte-order mark: new"),
        _ => None,
    };
    ends.into_iter().chain(mark).collect()
}

/// Whether a line that changed is wider than the terminal, so that it would be hard to compare with the other one.
fn is_too_wide(diff: &Diff<'_>, screen: Screen) -> bool {
    let Some(width) = screen.width.filter(|_| diff.changed_bytes() <= MOST_SHOWN) else { return false };
    let is_wide = |line: &[u8]| String::from_utf8_lossy(line).width() >= width;
    let changed = |line: &sdnlock::diff::Line<'_>| line.kind != LineKind::Context;
    diff.hunks(0).iter().flat_map(|hunk| &hunk.lines).any(|line| changed(line) && is_wide(line.text))
}

/// Whether records stand in several versions there, so that lines say more.
fn has_conflict(side: Side<'_>) -> bool {
    memchr::memmem::find(side.content, b"<<<<<<<").is_some()
        && Document::parse(side.content).pieces().iter().any(|piece| piece.kind == PieceKind::ConflictMarker)
}

/// Prints the difference on stdout.
pub fn print(old: Side<'_>, new: Side<'_>, kind: DiffKind, keys: &Keys) -> Result<()> {
    let screen = Screen::of_stdout();
    streams::looking(&render(old, new, kind, keys, screen), screen.look)
}

/// The difference as `kind` says, or nothing if there is none. Records are known by these keys.
pub fn render(old: Side<'_>, new: Side<'_>, kind: DiffKind, keys: &Keys, screen: Screen) -> Vec<u8> {
    if kind == DiffKind::None || old.content == new.content {
        return Vec::new();
    }
    let diff = Diff::of(old.content, new.content, Some(Instant::now() + PATIENCE));
    let name = if new.name == NO_FILE { old.name } else { new.name };
    let mut page = Page { bytes: Vec::new(), look: screen.look };
    let is_sdn = [old, new].iter().any(|side| is_sdn(Path::new(side.name)));
    if kind == DiffKind::Stat {
        let records = if is_sdn { records::counted(old, new, keys) } else { String::new() };
        unified::stat(&mut page, name, &diff, &records);
    } else if kind == DiffKind::Json {
        let json = records::json(name, old, new, diff.counts(), keys);
        page.bytes = if screen.look == Look::Raw { json } else { text::visible_json(&json) }.into_bytes();
    } else if (kind == DiffKind::Records || (kind == DiffKind::Fitting && is_too_wide(&diff, screen)))
        && is_sdn
        && ![old, new].into_iter().any(has_conflict)
        && records::render(old, new, diff.counts(), keys, &mut page)
    {
        // Told by its records.
    } else if diff.changed_bytes() > MOST_SHOWN {
        unified::stat(&mut page, name, &diff, ", too many to show");
    } else {
        for line in unseen(old, new) {
            page.line(Style::new(), line);
        }
        page.names(old, new);
        unified::hunks(&mut page, &diff);
    }
    page.bytes
}
