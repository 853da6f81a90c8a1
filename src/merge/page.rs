//! The merged text while it is written.

use super::sides::{Side, Sides};
use crate::sdn::conflict;
use crate::text::without_line_end;

/// How conflicts stand in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ConflictStyle {
    /// Both sides.
    #[default]
    Merge,
    /// Both sides and the base.
    Diff3,
    /// As `Diff3`, without the lines at the start and end that both sides have.
    Zdiff3,
}

/// The marks around conflicts, as git writes them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Markers {
    /// The length of a mark; less than 7 counts as 7, since nothing would recognize it.
    pub size: usize,
    /// What stands between them.
    pub style: ConflictStyle,
    /// What the sides are called.
    pub labels: Sides<String>,
}

impl Default for Markers {
    fn default() -> Self {
        Self { size: 7, style: ConflictStyle::default(), labels: Sides::from_fn(|side| side.name().to_owned()) }
    }
}

/// Of the text before the offset 0 there are no lines; the next one is the first.
const UNCOUNTED: (usize, usize) = (0, 1);

pub(super) struct Page<'m> {
    pub bytes: Vec<u8>,
    /// How lines end that have no end of their own.
    line_end: &'static [u8],
    markers: &'m Markers,
    /// The lines before this offset have been counted.
    counted: (usize, usize),
    /// Whether the last line is none that must keep its end.
    is_open_ended: bool,
}

impl<'m> Page<'m> {
    pub fn new(line_end: &'static [u8], markers: &'m Markers, size: usize) -> Self {
        Self { bytes: Vec::with_capacity(size), line_end, markers, counted: UNCOUNTED, is_open_ended: true }
    }

    pub fn line_end(&self) -> &'static [u8] {
        self.line_end
    }

    /// Whole lines. A last one without a line end gets one.
    pub fn lines(&mut self, text: &[u8]) {
        self.is_open_ended = true;
        self.bytes.extend_from_slice(text);
        if !text.ends_with(b"\n") {
            self.bytes.extend_from_slice(self.line_end);
        }
    }

    /// Takes away what was written since it was so long.
    pub fn cut(&mut self, length: usize) {
        self.bytes.truncate(length);
        self.counted = UNCOUNTED;
    }

    /// Takes the line end of the last line away.
    pub fn end_open(&mut self) {
        if self.is_open_ended {
            let length = without_line_end(&self.bytes).len();
            self.bytes.truncate(length);
        }
    }

    /// The number of the next line.
    pub fn line(&mut self) -> usize {
        let (offset, lines) = self.counted;
        let lines = lines + memchr::memchr_iter(b'\n', &self.bytes[offset..]).count();
        self.counted = (self.bytes.len(), lines);
        lines
    }

    /// A conflict of these lines; a side may have none.
    pub fn conflict(&mut self, Sides { base, mut ours, mut theirs }: Sides<&[u8]>) {
        let mut behind: &[u8] = b"";
        if self.markers.style == ConflictStyle::Zdiff3 {
            let (head, tail) = common_lines(ours, theirs);
            self.whole(&ours[..head]);
            behind = &ours[ours.len() - tail..];
            (ours, theirs) = (&ours[head..ours.len() - tail], &theirs[head..theirs.len() - tail]);
        }
        self.marker(b'<', Some(Side::Ours));
        self.whole(ours);
        if self.markers.style != ConflictStyle::Merge {
            self.marker(b'|', Some(Side::Base));
            self.whole(base);
        }
        self.marker(b'=', None);
        self.whole(theirs);
        self.marker(b'>', Some(Side::Theirs));
        self.is_open_ended = false;
        self.whole(behind);
    }

    fn whole(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.lines(text);
        }
    }

    fn marker(&mut self, sign: u8, side: Option<Side>) {
        let mut line = vec![sign; self.markers.size.max(7)];
        if let Some(label) = side.map(|side| &self.markers.labels[side]).filter(|label| !label.is_empty()) {
            line.push(b' ');
            // A label is one line, whatever it holds.
            line.extend(label.replace(['\n', '\r'], " ").bytes());
        }
        self.lines(&line);
    }
}

/// How many bytes of whole lines are equal at the start and at the end. A conflict is not cut in two.
pub(super) fn common_lines(ours: &[u8], theirs: &[u8]) -> (usize, usize) {
    let (head, tail) = equal_lines(ours, theirs);
    (conflict::complete_head(&ours[..head]), conflict::complete_tail(&ours[ours.len() - tail..]))
}

fn equal_lines(ours: &[u8], theirs: &[u8]) -> (usize, usize) {
    let lines = |text: &'_ [u8]| text.split_inclusive(|&b| b == b'\n').map(<[u8]>::len).collect::<Vec<_>>();
    let (mut head, mut tail) = (0, 0);
    for length in lines(ours) {
        if theirs.get(head..head + length) != Some(&ours[head..head + length])
            || (theirs.len() != head + length && !ours[..head + length].ends_with(b"\n"))
        {
            break;
        }
        head += length;
    }
    let (our_rest, their_rest) = (&ours[head..], &theirs[head..]);
    for length in lines(our_rest).into_iter().rev() {
        let next = tail + length;
        let starts_a_line =
            |text: &[u8]| text.len() >= next && (text.len() == next || text[text.len() - next - 1] == b'\n');
        if !starts_a_line(our_rest)
            || !starts_a_line(their_rest)
            || our_rest[our_rest.len() - next..] != their_rest[their_rest.len() - next..]
        {
            break;
        }
        tail = next;
    }
    (head, tail)
}
