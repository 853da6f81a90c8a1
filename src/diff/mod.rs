//! The difference of two texts by lines, or by records and settings, as data; within changed lines, what changed is
//! set off.

mod change;
mod columns;
mod contents;
mod pairs;
mod records;

use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;

use crate::text::without_line_end;
pub use change::{Change, ChangeKind, Counts, ValueChange};
pub(crate) use columns::{Columns, Position};
pub(crate) use contents::Contents;
pub(crate) use pairs::{Known, Pair, pairs};
pub use records::{counted_by, records, records_by};
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices_deadline, group_diff_ops};

/// The difference of two texts.
///
/// ```
/// use sdnlock::diff::{Diff, LineKind};
///
/// let diff = Diff::of(b"t |id, s|\n    1, open\n", b"t |id, s|\n    1, done\n", None);
/// let hunks = diff.hunks(3);
/// let [context, removed, added] = &hunks[0].lines[..] else { unreachable!() };
/// assert_eq!((context.kind, removed.kind, added.kind), (LineKind::Context, LineKind::Removed, LineKind::Added));
/// assert_eq!(&added.text[added.emphasis[0].clone()], b"done");
/// ```
#[derive(Clone, Debug)]
pub struct Diff<'t> {
    old: Vec<&'t [u8]>,
    new: Vec<&'t [u8]>,
    ops: Vec<DiffOp>,
    /// Lines before the first one in `old` and `new`, which are equal.
    skipped: usize,
    /// The text before them.
    before: &'t [u8],
    deadline: Option<Instant>,
}

/// Neighbouring changes with the lines around them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hunk<'t> {
    /// Lines of the old text, counted from 0.
    pub old: Range<usize>,
    /// Lines of the new text, counted from 0.
    pub new: Range<usize>,
    /// The last line above the hunk that begins with a letter: the header of the table it lies in.
    pub heading: Option<&'t [u8]>,
    /// The lines, in the order in which they are shown.
    pub lines: Vec<Line<'t>>,
}

/// A line of a hunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line<'t> {
    /// Which of the texts it belongs to.
    pub kind: LineKind,
    /// The line without its line feed.
    pub text: &'t [u8],
    /// Whether a line feed ends it; it may be missing at the end of a text.
    pub ended: bool,
    /// The bytes of `text` that differ from its counterpart, if it has one.
    pub emphasis: Vec<Range<usize>>,
}

/// Which of two texts a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LineKind {
    /// To both.
    Context,
    /// To the old one only.
    Removed,
    /// To the new one only.
    Added,
}

/// Lines around a change that are kept from what is equal at both ends.
const MOST_CONTEXT: usize = 3;

impl<'t> Diff<'t> {
    /// Compares two texts. After the deadline the result is right, but may be longer than needed, and
    /// nothing is set off within lines any more.
    #[must_use]
    pub fn of(old: &'t [u8], new: &'t [u8], deadline: Option<Instant>) -> Self {
        let (head, tail) = equal_ends(old, new);
        let start = back_by_lines(old, head, MOST_CONTEXT);
        let old_end = forward_by_lines(old, old.len() - tail, MOST_CONTEXT);
        let new_end = forward_by_lines(new, new.len() - tail, MOST_CONTEXT);
        let (old_lines, new_lines) = (lines(&old[start..old_end]), lines(&new[start..new_end]));
        let mut numbers = HashMap::new();
        let mut number = |lines: &[&'t [u8]]| -> Vec<u32> {
            lines
                .iter()
                .map(|&line| {
                    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                    *numbers.entry(line).or_insert(next)
                })
                .collect()
        };
        let (old_numbers, new_numbers) = (number(&old_lines), number(&new_lines));
        let ops = capture_diff_slices_deadline(Algorithm::Myers, &old_numbers, &new_numbers, deadline);
        let skipped = memchr::memchr_iter(b'\n', &old[..start]).count();
        Self { old: old_lines, new: new_lines, ops, skipped, before: &old[..start], deadline }
    }

    /// Whether the texts are equal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.iter().all(|op| op.tag() == DiffTag::Equal)
    }

    /// Number of lines that were removed and added.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let changed = self.ops.iter().filter(|op| op.tag() != DiffTag::Equal);
        changed.fold((0, 0), |(removed, added), op| (removed + op.old_range().len(), added + op.new_range().len()))
    }

    /// The changes with up to `context` lines around them, at most 3.
    #[must_use]
    pub fn hunks(&self, context: usize) -> Vec<Hunk<'t>> {
        let mut headings = Headings::new(self);
        let groups = group_diff_ops(self.ops.clone(), context.min(MOST_CONTEXT));
        groups.iter().filter_map(|ops| self.hunk(ops, &mut headings)).collect()
    }

    /// Number of bytes that the changed lines have.
    #[must_use]
    pub fn changed_bytes(&self) -> usize {
        let bytes = |lines: &[&[u8]]| lines.iter().map(|line| line.len()).sum::<usize>();
        let changed = self.ops.iter().filter(|op| op.tag() != DiffTag::Equal);
        changed.map(|op| bytes(&self.old[op.old_range()]) + bytes(&self.new[op.new_range()])).sum()
    }

    fn hunk(&self, ops: &[DiffOp], headings: &mut Headings<'_, 't>) -> Option<Hunk<'t>> {
        let (first, last) = (ops.first()?, ops.last()?);
        let mut hunk = Hunk {
            old: first.old_range().start + self.skipped..last.old_range().end + self.skipped,
            new: first.new_range().start + self.skipped..last.new_range().end + self.skipped,
            heading: headings.above(first.old_range().start),
            lines: Vec::new(),
        };
        for op in ops {
            if op.tag() == DiffTag::Equal {
                hunk.lines.extend(self.old[op.old_range()].iter().map(|line| Line::new(LineKind::Context, line)));
                continue;
            }
            let mut removed: Vec<Line<'t>> =
                self.old[op.old_range()].iter().map(|line| Line::new(LineKind::Removed, line)).collect();
            let mut added: Vec<Line<'t>> =
                self.new[op.new_range()].iter().map(|line| Line::new(LineKind::Added, line)).collect();
            for (old, new) in removed.iter_mut().zip(&mut added) {
                emphasize(old, new, self.deadline);
            }
            hunk.lines.extend(removed.into_iter().chain(added));
        }
        Some(hunk)
    }
}

/// Finds the headings of hunks, as git does without configuration: the nearest line above that begins
/// with a letter or `_`. Hunks are asked for in order, so that every line is looked at once.
struct Headings<'d, 't> {
    diff: &'d Diff<'t>,
    /// The lines above this one have been looked at.
    below: usize,
    found: Option<&'t [u8]>,
}

impl<'d, 't> Headings<'d, 't> {
    fn new(diff: &'d Diff<'t>) -> Self {
        let found = diff.before.rsplit(|&b| b == b'\n').find(|line| Self::is_heading(line));
        Self { diff, below: 0, found }
    }

    fn above(&mut self, line: usize) -> Option<&'t [u8]> {
        let near = self.diff.old[self.below..line].iter().rev().copied().find(|line| Self::is_heading(line));
        self.found = near.or(self.found);
        self.below = line;
        self.found.map(without_line_end)
    }

    fn is_heading(line: &[u8]) -> bool {
        line.first().is_some_and(|&b| b.is_ascii_alphabetic() || b == b'_')
    }
}

impl<'t> Line<'t> {
    fn new(kind: LineKind, line: &'t [u8]) -> Self {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        Self { kind, text, ended: text.len() < line.len(), emphasis: Vec::new() }
    }
}

/// The lines of a text, with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&b| b == b'\n').collect()
}

/// How many bytes of whole lines are equal at the start and at the end.
fn equal_ends(old: &[u8], new: &[u8]) -> (usize, usize) {
    let equal = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
    let blocks =
        old.chunks(BLOCK).zip(new.chunks(BLOCK)).take_while(|(a, b)| a == b && a.len() == BLOCK).count() * BLOCK;
    let head = blocks + equal(&mut old[blocks..].iter().zip(&new[blocks..]));
    if head == old.len() && head == new.len() {
        return (head, 0);
    }
    let head = memchr::memrchr(b'\n', &old[..head]).map_or(0, |lf| lf + 1);
    let (old, new) = (&old[head..], &new[head..]);
    let blocks =
        old.rchunks(BLOCK).zip(new.rchunks(BLOCK)).take_while(|(a, b)| a == b && a.len() == BLOCK).count() * BLOCK;
    let (old_left, new_left) = (&old[..old.len() - blocks], &new[..new.len() - blocks]);
    let tail = blocks + equal(&mut old_left.iter().rev().zip(new_left.iter().rev()));
    // The tail begins behind a line feed of both texts, or it is no whole lines.
    let tail = memchr::memchr(b'\n', &old[old.len() - tail..]).map_or(0, |lf| tail - lf - 1);
    (head, tail)
}

/// Bytes that are compared at once.
const BLOCK: usize = 4096;

/// The start of the line that is `count` lines before the one that begins at `at`.
fn back_by_lines(text: &[u8], at: usize, count: usize) -> usize {
    (0..count).fold(at, |at, _| memchr::memrchr(b'\n', &text[..at.saturating_sub(1)]).map_or(0, |lf| lf + 1))
}

/// The end of the line that is `count` lines behind `at`, the start of a line.
fn forward_by_lines(text: &[u8], at: usize, count: usize) -> usize {
    (0..count).fold(at, |at, _| memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |lf| at + lf + 1))
}

/// Lines with more words than this are not compared within.
const MOST_WORDS: usize = 2000;

/// Marks what differs in two lines, if they have enough in common to be versions of one.
fn emphasize(old: &mut Line<'_>, new: &mut Line<'_>, deadline: Option<Instant>) {
    let (old_words, new_words) = (words(old.text), words(new.text));
    if old_words.len().max(new_words.len()) > MOST_WORDS {
        return;
    }
    let old_texts: Vec<&[u8]> = old_words.iter().map(|word| &old.text[word.clone()]).collect();
    let new_texts: Vec<&[u8]> = new_words.iter().map(|word| &new.text[word.clone()]).collect();
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old_texts, &new_texts, deadline);
    let bytes = |words: &[Range<usize>]| match words {
        [] => 0..0,
        [first, .., last] => first.start..last.end,
        [only] => only.clone(),
    };
    let equal: usize =
        ops.iter().filter(|op| op.tag() == DiffTag::Equal).map(|op| bytes(&old_words[op.old_range()]).len()).sum();
    if equal * 4 < old.text.len().max(new.text.len()) {
        return;
    }
    for op in ops.iter().filter(|op| op.tag() != DiffTag::Equal) {
        mark(&mut old.emphasis, bytes(&old_words[op.old_range()]));
        mark(&mut new.emphasis, bytes(&new_words[op.new_range()]));
    }
}

fn mark(emphasis: &mut Vec<Range<usize>>, bytes: Range<usize>) {
    if !bytes.is_empty() {
        emphasis.push(bytes);
    }
}

/// Runs of letters, digits, `_` and bytes beyond ASCII, and all other bytes one by one.
fn words(line: &[u8]) -> Vec<Range<usize>> {
    let in_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80;
    let mut words = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let run = line[at..].iter().take_while(|&&b| in_word(b)).count().max(1);
        words.push(at..at + run);
        at += run;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hunks as a unified diff without colours.
    fn unified(old: &str, new: &str) -> String {
        let mut text = String::new();
        for hunk in Diff::of(old.as_bytes(), new.as_bytes(), None).hunks(3) {
            let heading = hunk.heading.map(|h| String::from_utf8_lossy(h).into_owned()).unwrap_or_default();
            text += &format!("@{:?} {:?} {heading}\n", hunk.old, hunk.new);
            for line in hunk.lines {
                let sign = match line.kind {
                    LineKind::Context => ' ',
                    LineKind::Removed => '-',
                    LineKind::Added => '+',
                };
                let end = if line.ended { "" } else { "$" };
                text += &format!("{sign}{}{end}\n", String::from_utf8_lossy(line.text));
            }
        }
        text
    }

    #[test]
    fn hunks_name_the_table_they_lie_in() {
        let old = "t |id|\n    1\n    2\n    3\n    4\n    5\n    6\n";
        let new = old.replace("    5\n", "    five\n");
        assert_eq!(unified(old, &new), "@2..7 2..7 t |id|\n     2\n     3\n     4\n-    5\n+    five\n     6\n");
    }

    #[test]
    fn the_ends_of_the_texts_are_compared_too() {
        assert_eq!(unified("", "a\n"), "@0..0 0..1 \n+a\n");
        assert_eq!(unified("a\n", "a"), "@0..1 0..1 \n-a\n+a$\n");
        assert_eq!(unified("a\nb\nb\n", "a\nb\n"), "@0..3 0..2 \n a\n b\n-b\n");
        assert_eq!(unified("x\n", "x\n"), "");
        assert_eq!(unified("a", "ab"), "@0..1 0..1 \n-a$\n+ab$\n");
    }

    #[test]
    fn what_changed_within_a_line_is_set_off() {
        let diff = Diff::of(b"    1, open, a long title here\n", b"    1, in progress, a long title here\n", None);
        let hunk = &diff.hunks(3)[0];
        let marked = |line: &Line<'_>| -> Vec<String> {
            line.emphasis.iter().map(|range| String::from_utf8_lossy(&line.text[range.clone()]).into_owned()).collect()
        };
        assert_eq!(marked(&hunk.lines[0]), ["open"]);
        assert_eq!(marked(&hunk.lines[1]), ["in progress"]);
        let unlike = Diff::of(b"abc def\n", b"xyz\n", None);
        assert!(unlike.hunks(3)[0].lines.iter().all(|line| line.emphasis.is_empty()));
    }

    #[test]
    fn one_change_in_a_large_text_is_found_where_it_is() {
        let old: String = (0..100_000).map(|n| format!("    {n}, row\n")).collect();
        let new = old.replace("    50000, row\n", "    50000, changed\n");
        let diff = Diff::of(old.as_bytes(), new.as_bytes(), None);
        assert_eq!(diff.counts(), (1, 1));
        assert_eq!(diff.hunks(3)[0].old, 49_997..50_004);
    }
}
