//! The markers of conflicts that merges of git and jj leave.
//!
//! ```text
//! git      <<<<<<< ours, |||||||, =======, >>>>>>> theirs
//! jj       <<<<<<< conflict 1 of 2, then in any order and number
//!              +++++++   a side
//!              -------   what both began with
//!              %%%%%%%   the lines of a diff between two of these, each behind a blank, `-` or `+`,
//!              \\\\\\\   which begin behind the second line of its marker
//!          >>>>>>> conflict 1 of 2 ends
//! ```
//! A marker is 7 or more of its sign, alone or before a blank, at the start of a line. Those of jj are markers only
//! within a conflict, and as long as its first one. The lines of a diff are no lines of the document: they belong to
//! the marker before them.

use std::ops::Range;

use super::document::{Document, Piece, PieceKind};
use crate::text::without_line_end;

/// The least number of signs.
const MIN_SIZE: usize = 7;

/// The conflicts that have been seen.
#[derive(Default)]
pub(super) struct Conflicts {
    /// Those that are open, from the outside in: the length of the first marker, and its piece.
    open: Vec<(usize, usize)>,
    /// Those that have ended: the first piece, and the one behind the last.
    ended: Vec<(usize, usize)>,
}

impl Conflicts {
    /// Whether a line, which is this piece if it is, is a marker: its sign.
    pub fn marker(&mut self, line: &[u8], piece: usize) -> Option<u8> {
        let (sign, size) = self.read(line)?;
        match sign {
            b'<' => self.open.push((size, piece)),
            b'>' => self.ended.extend(self.open.pop().map(|(_, first)| (first, piece + 1))),
            _ => {}
        }
        Some(sign)
    }

    /// The conflicts that have ended, in the order in which they begin.
    pub fn into_ended(mut self) -> Vec<(usize, usize)> {
        self.ended.sort_unstable();
        self.ended
    }

    /// The end of the lines of a diff that begin at `at`.
    pub fn diff_end(&self, source: &[u8], mut at: usize) -> usize {
        while at < source.len() {
            let end = memchr::memchr(b'\n', &source[at..]).map_or(source.len(), |lf| at + lf + 1);
            let line = without_line_end(&source[at..end]);
            let is_next = self.read(line).is_some_and(|(sign, _)| sign != b'\\');
            if is_next || !matches!(line.first(), None | Some(b' ' | b'-' | b'+' | b'\\')) {
                break;
            }
            at = end;
        }
        at
    }

    fn read(&self, line: &[u8]) -> Option<(u8, usize)> {
        let sign = *line.first()?;
        if !matches!(sign, b'<' | b'|' | b'=' | b'>' | b'+' | b'-' | b'%' | b'\\') {
            return None;
        }
        let size = line.iter().take_while(|&&byte| byte == sign).count();
        let is_marker = size >= MIN_SIZE && matches!(line.get(size), None | Some(b' '));
        let is_known =
            matches!(sign, b'<' | b'|' | b'=' | b'>') || self.open.last().is_some_and(|(first, _)| *first == size);
        (is_marker && is_known).then_some((sign, size))
    }
}

/// How much of the beginning of a text stands before a conflict that does not end in it.
pub(crate) fn complete_head(text: &[u8]) -> usize {
    let mut conflicts = Conflicts::default();
    let mut at = 0;
    let mut starts: Vec<usize> = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        match conflicts.marker(without_line_end(line), 0) {
            Some(b'<') => starts.push(at),
            Some(b'>') => drop(starts.pop()),
            _ => {}
        }
        at += line.len();
    }
    starts.first().copied().unwrap_or(text.len())
}

/// How much of the end of a text stands behind a conflict that does not begin in it.
pub(crate) fn complete_tail(text: &[u8]) -> usize {
    let mut conflicts = Conflicts::default();
    let (mut at, mut behind) = (0, 0);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        at += line.len();
        let is_within = !conflicts.open.is_empty();
        if conflicts.marker(without_line_end(line), 0) == Some(b'>') && !is_within {
            behind = at;
        }
    }
    text.len() - behind
}

/// The index behind the last piece of the conflict that begins at this piece, if one does, and ends before the limit.
/// Others may stand in it.
pub(crate) fn end(document: &Document, first: usize, limit: usize) -> Option<usize> {
    let at = document.conflicts.binary_search_by_key(&first, |(first, _)| *first).ok()?;
    Some(document.conflicts[at].1).filter(|end| *end <= limit)
}

/// The end of the pieces between two others, with those of all conflicts that begin among them.
pub(crate) fn end_of_all(document: &Document, first: usize, mut end: usize) -> usize {
    let begin = document.conflicts.partition_point(|(at, _)| *at < first);
    for &(at, last) in &document.conflicts[begin..] {
        if at >= end {
            break;
        }
        end = end.max(last);
    }
    end
}

/// The pieces of each conflict that stands in no other one.
pub(crate) fn outermost(document: &Document) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for &(first, end) in &document.conflicts {
        if found.last().is_none_or(|last| last.end <= first) {
            found.push(first..end);
        }
    }
    found
}

/// The pieces of which nobody knows whether they stay: those of conflicts, and those behind a marker whose conflict
/// does not end. They do not overlap, and are in order.
pub(crate) fn unresolved(document: &Document) -> Vec<Range<usize>> {
    let whole = outermost(document);
    let mut all = whole.clone();
    let mut open = None;
    for (index, piece) in document.pieces().iter().enumerate().filter(|(_, piece)| is_marker(piece)) {
        let at = whole.partition_point(|conflict| conflict.end <= index);
        if whole.get(at).is_some_and(|conflict| conflict.start <= index) {
            continue;
        }
        match document.source()[piece.span.start] {
            b'>' => all.extend(open.take().map(|open| open..index + 1)),
            _ => open = open.or(Some(index)),
        }
    }
    all.extend(open.map(|open| open..document.pieces().len()));
    all.sort_unstable_by_key(|range| range.start);
    all.dedup_by(|next, before| {
        let is_within = next.start < before.end;
        before.end = if is_within { before.end.max(next.end) } else { before.end };
        is_within
    });
    all
}

fn is_marker(piece: &Piece) -> bool {
    piece.kind == PieceKind::ConflictMarker
}

/// The lines of a diff that jj left, cut into pieces as they stand in either version.
pub(crate) struct Diff {
    /// The pieces that they would stand below, from the outside in, are the first ones here; they have no text.
    pub document: Document,
    /// These pieces, in the document that holds the diff.
    pub above: Vec<usize>,
}

/// The diffs whose markers are among some pieces.
pub(crate) fn diffs(document: &Document, pieces: Range<usize>) -> impl Iterator<Item = Diff> {
    let first = document.diffs.partition_point(|diff| diff.piece < pieces.start);
    let diffs = document.diffs[first..].iter().take_while(move |diff| diff.piece < pieces.end);
    diffs.map(|diff| {
        let parent = |&piece: &usize| document.pieces()[piece].parent;
        let mut above: Vec<usize> = std::iter::successors(diff.below.map(|(piece, _)| piece), parent).collect();
        above.reverse();
        let lines = lines_of_diff(document, &document.pieces()[diff.piece]).collect::<Vec<_>>().concat();
        Diff { document: document.parse_diff(diff, &above, lines), above }
    })
}

/// The lines of the diff that belongs to a marker, as they stand in either version.
fn lines_of_diff<'d>(document: &'d Document, marker: &Piece) -> impl Iterator<Item = &'d [u8]> {
    let lines = marker.span.of(document.source()).split_inclusive(|&byte| byte == b'\n').skip(1);
    lines.filter(|line| line.first() != Some(&b'\\')).map(|line| &line[1..])
}
