//! The merged document while it is written, with the conflicts in it.

use std::cell::OnceCell;

use super::conflict::{Clash, Conflict, ConflictKind, Subject};
use super::items::Item;
use super::page::Page;
use super::sides::{Side, Sides};
use crate::sdn::Document;
use crate::text::{Lines, without_line_end};

pub(super) struct Draft<'d, 'p> {
    pub documents: Sides<&'d Document>,
    pub page: Page<'p>,
    pub conflicts: Vec<Conflict>,
    lines: Sides<OnceCell<Lines<'d>>>,
}

/// A place in a draft.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    length: usize,
    conflicts: usize,
}

impl<'d, 'p> Draft<'d, 'p> {
    pub fn new(documents: Sides<&'d Document>, page: Page<'p>) -> Self {
        Self { documents, page, conflicts: Vec::new(), lines: Sides::default() }
    }

    pub fn text(&self, side: Side, item: Item) -> &'d [u8] {
        item.text(self.documents[side])
    }

    pub fn mark(&self) -> Mark {
        Mark { length: self.page.bytes.len(), conflicts: self.conflicts.len() }
    }

    pub fn has_conflicts_since(&self, mark: Mark) -> bool {
        self.conflicts.len() > mark.conflicts
    }

    /// Takes back what was written since.
    pub fn cut(&mut self, mark: Mark) {
        self.page.cut(mark.length);
        self.conflicts.truncate(mark.conflicts);
    }

    /// A line with the line end that it has on our side.
    pub fn with_end(&self, mut line: Vec<u8>, versions: Sides<Option<Item>>) -> Vec<u8> {
        let end = |side: Side| {
            let item = versions[side]?;
            let own = self.documents[side].pieces()[item.piece].span.of(self.documents[side].source());
            let end = &own[without_line_end(own).len()..];
            (!end.is_empty()).then_some(end)
        };
        line.extend(end(Side::Ours).or_else(|| end(Side::Theirs)).unwrap_or(self.page.line_end()));
        line
    }

    /// A conflict about items of the sides, at the place where the next line is written.
    pub fn new_conflict(
        &mut self,
        kind: ConflictKind,
        subject: Subject,
        items: &Sides<Vec<Item>>,
        clashes: Vec<Clash>,
    ) -> Conflict {
        let lines = Sides::from_fn(|side| {
            let document = self.documents[side];
            let lines = self.lines[side].get_or_init(|| Lines::new(document.source()));
            items[side].first().map(|item| lines.position(item.span(document).start).line)
        });
        Conflict { kind, subject, clashes, lines, line: self.page.line(), modified: Sides::default() }
    }

    /// Writes a conflict between what items say on each side, one below the other.
    pub fn conflict_of(&mut self, conflict: Conflict, items: &Sides<Vec<Item>>) {
        let texts: Sides<Vec<u8>> = Sides::from_fn(|side| {
            let lines = items[side].iter().map(|&item| self.text(side, item));
            lines.collect::<Vec<_>>().join(self.page.line_end())
        });
        self.conflict(conflict, &texts);
    }

    pub fn conflict(&mut self, conflict: Conflict, texts: &Sides<Vec<u8>>) {
        self.conflicts.push(conflict);
        self.page.conflict(texts.each_ref().map(Vec::as_slice));
    }
}
