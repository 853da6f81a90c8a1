//! Which tables and settings of a block are versions of one: those of one name.

use std::borrow::Cow;

use super::diffs::Diff;
use super::items::{Item, Numbers, name};
use super::level::Level;
use super::sides::{Side, Sides};
use super::tangles::{Known, Tangles};
use crate::sdn::Document;

/// The items of a block, in the sequences of their sides. `parents` are the settings that hold the block; none at the
/// top of a document.
pub(super) fn level(documents: Sides<&Document>, parents: Sides<Option<usize>>, items: &Sides<Vec<Item>>) -> Level {
    let mut names: Numbers<Cow<'_, [u8]>> = Numbers::default();
    let known = Sides::from_fn(|side| {
        let document = documents[side];
        let known = |item: &Item| {
            if item.is_conflict {
                return Known::Conflict(in_conflict(document, parents[side], *item, &mut names));
            }
            name(document, item.piece).map_or(Known::Nothing, |name| Known::Name(names.of(name.into())))
        };
        items[side].iter().map(known).collect::<Vec<Known>>()
    });
    let text = |side: Side, at: usize| items[side][at].text(documents[side]);
    let tangles = Tangles::find(known.each_ref().map(Vec::as_slice), names.count(), text);
    Level::new(documents, items, &known, &tangles, false, |side, at| match known[side][at] {
        Known::Name(name) => Some(name),
        _ => None,
    })
}

/// The names in a conflict, each once.
fn in_conflict<'d>(
    document: &'d Document,
    parent: Option<usize>,
    conflict: Item,
    names: &mut Numbers<Cow<'d, [u8]>>,
) -> Vec<u32> {
    let pieces = conflict.piece..conflict.end;
    let entries = pieces.filter(|&piece| document.pieces()[piece].parent == parent);
    let mut found: Vec<u32> =
        entries.filter_map(|piece| name(document, piece)).map(|name| names.of(name.into())).collect();
    for diff in Diff::among(document, conflict.piece..conflict.end) {
        let entries = diff.children(parent).filter_map(|piece| name(diff.document(), piece));
        found.extend(entries.map(|name| names.of(Cow::Owned(name.to_vec()))));
    }
    found.sort_unstable();
    found.dedup();
    found
}
