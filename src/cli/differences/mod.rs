//! Differences as they are shown.

mod page;
mod records;
mod unified;

use std::path::Path;
use std::time::{Duration, Instant};

use sdnlock::diff::Diff;
use sdnlock::record::Keys;
use sdnlock::sdn::{Document, PieceKind, is_sdn};

use super::args::DiffKind;
use super::streams::Look;
use page::Page;
pub use page::{NO_FILE, Side};

/// A diff that takes longer than this becomes coarser.
const PATIENCE: Duration = Duration::from_secs(2);

/// Changes larger than this are counted instead of shown.
const MOST_SHOWN: usize = 4 << 20;

/// Whether records stand in several versions there, so that lines say more.
fn has_conflict(side: Side<'_>) -> bool {
    memchr::memmem::find(side.content, b"<<<<<<<").is_some()
        && Document::parse(side.content).pieces().iter().any(|piece| piece.kind == PieceKind::ConflictMarker)
}

/// The difference as `kind` says, or nothing if there is none. Records are known by these keys.
pub fn render(old: Side<'_>, new: Side<'_>, kind: DiffKind, keys: &Keys, look: Look) -> Vec<u8> {
    if kind == DiffKind::None || old.content == new.content {
        return Vec::new();
    }
    let diff = Diff::of(old.content, new.content, Some(Instant::now() + PATIENCE));
    let name = if new.name == NO_FILE { old.name } else { new.name };
    let mut page = Page { bytes: Vec::new(), look };
    let is_sdn = [old, new].iter().any(|side| is_sdn(Path::new(side.name)));
    if kind == DiffKind::Stat {
        let records = if is_sdn { records::counted(old, new, keys) } else { String::new() };
        unified::stat(&mut page, name, &diff, &records);
    } else if kind == DiffKind::Json {
        page.bytes = records::json(name, old, new, diff.counts(), keys).into_bytes();
    } else if kind == DiffKind::Records
        && is_sdn
        && ![old, new].into_iter().any(has_conflict)
        && records::render(old, new, diff.counts(), keys, &mut page)
    {
        // Told by its records.
    } else if diff.changed_bytes() > MOST_SHOWN {
        unified::stat(&mut page, name, &diff, ", too many to show");
    } else {
        page.names(old, new);
        unified::hunks(&mut page, &diff);
    }
    page.bytes
}
