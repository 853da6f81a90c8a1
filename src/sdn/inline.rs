//! The entries of an inline list or dict, one level deep.

use super::row::{CellCut, Slots};
use super::scan;
use super::value::Spelling;
use crate::text::Span;

/// An element of `[…]`, or an entry of `{…}` with its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub key: Option<Span>,
    pub value: CellCut,
}

/// The entries of the list or dict in `span`, brackets included. `None` if one cannot be told for
/// certain: a key is missing, a quote stays open, or the value reaches over several lines.
pub(crate) fn entries(source: &[u8], span: Span) -> Option<Vec<Entry>> {
    let is_dict = source[span.start] == b'{';
    let inside = Span::new(span.start + 1, span.end - 1);
    if memchr::memchr(b'\n', inside.of(source)).is_some() {
        return None;
    }
    let mut slots = Slots::plain(source, inside.end);
    let mut entries = Vec::new();
    let mut at = inside.start;
    loop {
        let start = scan::skip_blanks(source, at, inside.end);
        if start == inside.end {
            return Some(entries);
        }
        let (key, value_at) = if is_dict {
            let word = scan::word_end(source, start, inside.end)?;
            let colon = scan::skip_blanks(source, word, inside.end);
            if source[colon] != b':' || colon == inside.end {
                return None;
            }
            (Some(Span::new(start, word)), colon + 1)
        } else {
            (None, start)
        };
        let (stop, value) = slots.cell(value_at).ok()?;
        if value.spelling == Spelling::Empty {
            return None;
        }
        entries.push(Entry { key, value });
        if stop == inside.end {
            return Some(entries);
        }
        if source[stop] != b',' {
            return None;
        }
        at = stop + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<(Option<&str>, &str)>> {
        let entries = entries(text.as_bytes(), Span::new(0, text.len()))?;
        Some(entries.iter().map(|e| (e.key.map(|k| &text[k.range()]), &text[e.value.span.range()])).collect())
    }

    #[test]
    fn lists_and_dicts_have_entries() {
        assert_eq!(read("[a, \"b, c\", [1, 2],]"), Some(vec![(None, "a"), (None, "\"b, c\""), (None, "[1, 2]")]));
        assert_eq!(
            read("{cpu: 4, opts: {a: [1, 2]}, }"),
            Some(vec![(Some("cpu"), "4"), (Some("opts"), "{a: [1, 2]}")])
        );
        assert_eq!(read("[]"), Some(vec![]));
    }

    #[test]
    fn what_is_in_doubt_has_none() {
        assert_eq!(read("[1,, 2]"), None);
        assert_eq!(read("{a 1}"), None);
        assert_eq!(read("{\"a\": 1}"), None);
        assert_eq!(read("[1,\n 2]"), None);
    }
}
