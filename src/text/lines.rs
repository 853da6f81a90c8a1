use std::cell::Cell;

use super::{BOM, Span};

/// A place for people: line and column from 1; the column counts characters, a tab is one
/// character, and a leading byte-order mark is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// Line number, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Where the lines of a source begin.
#[derive(Clone, Debug)]
pub struct Lines<'s> {
    source: &'s [u8],
    starts: Vec<usize>,
    /// An offset whose column is known, and the column: positions of one long line that are asked for
    /// in order cost one walk through it.
    known: Cell<(usize, usize)>,
}

impl<'s> Lines<'s> {
    /// Finds the lines of `source`; a line ends behind its LF.
    #[must_use]
    pub fn new(source: &'s [u8]) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', source).map(|lf| lf + 1)).collect();
        Self { source, starts, known: Cell::new((0, 1)) }
    }

    /// Line and column of the character that begins at a byte offset; an offset behind the end
    /// means the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.source.len());
        let line = self.line_of(offset);
        let mut start = self.starts[line];
        if start == 0 && self.source.starts_with(BOM) {
            start = BOM.len().min(offset);
        }
        let (known, column) = self.known.get();
        let (from, column) =
            if (start..=offset).contains(&known) && known > start { (known, column) } else { (start, 1) };
        let column = column + count_characters(&self.source[from..offset]);
        self.known.set((offset, column));
        Position { line: line + 1, column }
    }

    /// The whole line that holds `offset`, its line end included.
    #[must_use]
    pub fn line_span(&self, offset: usize) -> Span {
        let line = self.line_of(offset.min(self.source.len()));
        let end = self.starts.get(line + 1).copied().unwrap_or(self.source.len());
        Span::new(self.starts[line], end)
    }

    /// Index of the line that holds `offset`, from 0.
    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset) - 1
    }
}

/// Characters that begin in `bytes`; what is shown as one replacement character counts as one.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + usize::from(!chunk.invalid().is_empty())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(source: &str, offset: usize) -> (usize, usize) {
        let Position { line, column } = Lines::new(source.as_bytes()).position(offset);
        (line, column)
    }

    #[test]
    fn columns_count_characters_from_one() {
        assert_eq!(position("añb\n\tc", 0), (1, 1));
        assert_eq!(position("añb\n\tc", 3), (1, 3));
        assert_eq!(position("añb\n\tc", 6), (2, 2));
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        assert_eq!(position("\u{feff}a", 3), (1, 1));
        assert_eq!(position("\u{feff}a", 4), (1, 2));
        assert_eq!(position("\u{feff}a", 0), (1, 1));
    }

    #[test]
    fn the_end_of_the_source_has_a_position() {
        assert_eq!(position("a\n", 2), (2, 1));
        assert_eq!(position("", 9), (1, 1));
    }
}
