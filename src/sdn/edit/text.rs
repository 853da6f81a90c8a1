//! Changes of a text while they are gathered: what every editor of documents knows of lines and values.

use std::collections::{BTreeSet, HashSet};

use super::EditError;
use crate::sdn::document::{Document, PieceKind, content_end};
use crate::sdn::seal::{Reseal, Seal};
use crate::text::{Lines, Span, Splice, line_end_before, splice};

/// The splices that change a document.
#[derive(Clone, Debug)]
pub(crate) struct TextEdit<'d> {
    document: &'d Document,
    splices: Vec<Splice>,
    /// The first lines of what is removed, with all that belongs to it.
    removed: BTreeSet<usize>,
}

/// Whether a document can be changed at all.
///
/// # Errors
/// If it is not UTF-8, or if its seal is wrong and `reseal` does not allow for it.
pub(in crate::sdn) fn permit(document: &Document, reseal: Reseal) -> Result<(), EditError> {
    if let Some(offset) = document.not_utf8() {
        let line = Lines::new(document.source()).position(offset).line;
        return Err(EditError::NotUtf8 { line });
    }
    Ok(Seal::of(document.source()).permit(reseal)?)
}

impl<'d> TextEdit<'d> {
    pub fn new(document: &'d Document) -> Self {
        Self { document, splices: Vec::new(), removed: BTreeSet::new() }
    }

    pub fn removed(&self) -> &BTreeSet<usize> {
        &self.removed
    }

    /// What puts a value in place of another one, or of nothing: between it and a sign before it, or a comment directly
    /// behind it, a blank is needed.
    pub fn value(&self, span: Span, text: &str) -> Splice {
        let source = self.document.source();
        let is_behind_sign = span.is_empty() && span.start > 0 && matches!(source[span.start - 1], b':' | b'=');
        let before = if is_behind_sign { " " } else { "" };
        self.word(span, format!("{before}{text}"))
    }

    /// As [`value`](Self::value), for a name or cells that stand behind something else.
    pub fn word(&self, span: Span, mut text: String) -> Splice {
        // Directly behind a word a comment would become part of it.
        if self.document.source().get(span.end) == Some(&b'#') {
            text.push(' ');
        }
        Splice::new(span, text)
    }

    pub fn push(&mut self, splice: Splice) {
        self.splices.push(splice);
    }

    pub fn extend(&mut self, splices: impl IntoIterator<Item = Splice>) {
        self.splices.extend(splices);
    }

    /// Inserts lines at the start of a line, or at the end of the text. They end as the line before them does.
    pub fn insert_lines(&mut self, at: usize, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        let source = self.document.source();
        let is_ended = at == 0 || source[at - 1] == b'\n';
        let line_end = line_end_before(source, at);
        let mut text = String::new();
        for line in lines {
            // Behind a last line without a line end they begin with one.
            let (before, behind) = if is_ended { ("", line_end) } else { (line_end, "") };
            text.extend([before, line.as_ref(), behind]);
        }
        self.splices.push(Splice::new(Span::empty(at), text));
    }

    /// As [`insert_lines`](Self::insert_lines), but the last line always has an end.
    pub fn insert_ended_lines(&mut self, at: usize, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        let source = self.document.source();
        let line_end = line_end_before(source, at);
        let is_ended = at == 0 || source[at - 1] == b'\n';
        let mut text = if is_ended { String::new() } else { line_end.to_owned() };
        for line in lines {
            text.extend([line.as_ref(), line_end]);
        }
        self.splices.push(Splice::new(Span::empty(at), text));
    }

    /// Removes the line that this piece is, with all lines that belong to it.
    pub fn remove_lines(&mut self, piece: usize) {
        self.removed.insert(piece);
    }

    /// Puts lines in place of a piece and all that belongs to it. The last one ends as the last one there does.
    pub fn replace_lines(&mut self, piece: usize, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        let source = self.document.source();
        let span = self.span_of(piece);
        let line_end = line_end_before(source, span.end);
        let mut text = String::new();
        for line in lines {
            text.extend([line.as_ref(), line_end]);
        }
        if !span.of(source).ends_with(b"\n") {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        self.splices.push(Splice::new(span, text));
    }

    /// The blanks before a piece.
    pub fn indent(&self, piece: usize) -> String {
        let piece = &self.document.pieces()[piece];
        let blanks = Span::new(piece.span.start, self.document.body(piece).start);
        String::from_utf8_lossy(blanks.of(self.document.source())).into_owned()
    }

    /// The new document; nothing if nothing is changed.
    ///
    /// # Errors
    /// If two changes touch the same text.
    pub fn finish(&self) -> Result<Option<Document>, EditError> {
        let mut splices = self.splices.clone();
        splices.extend(self.removals());
        if splices.is_empty() {
            return Ok(None);
        }
        let new = splice(self.document.source(), &splices);
        let twice = |at: usize| EditError::Twice { line: Lines::new(self.document.source()).position(at).line };
        Ok(Some(Document::parse(new.map_err(|overlap| twice(overlap.0))?)))
    }

    /// The lines of a piece and of all that belongs to it.
    fn span_of(&self, piece: usize) -> Span {
        let pieces = self.document.pieces();
        Span::new(pieces[piece].span.start, pieces[pieces[piece].end - 1].span.end)
    }

    /// Of lines that stand one behind the other one splice is made, so that their line ends fit: unless something is
    /// inserted between them.
    fn removals(&self) -> Vec<Splice> {
        let pieces = self.document.pieces();
        let inserted: HashSet<usize> =
            self.splices.iter().filter(|splice| splice.span.is_empty()).map(|splice| splice.span.start).collect();
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for &piece in &self.removed {
            let end = pieces[piece].end;
            match runs.last_mut() {
                Some((_, last)) if *last > piece => *last = end.max(*last),
                Some((_, last)) if *last == piece && !inserted.contains(&pieces[piece].span.start) => *last = end,
                _ => runs.push((piece, end)),
            }
        }
        let splice = |(first, end)| {
            let span = self.whole_lines(first, end);
            // What is inserted there has an end of its own.
            let start = pieces[first].span.start;
            let span = if inserted.contains(&start) { Span::new(start, span.end) } else { span };
            Splice::new(span, "")
        };
        runs.into_iter().map(splice).collect()
    }

    /// The lines from piece `first` up to, not including, `end`: with their line ends, or, where the last one has none,
    /// with the line end before them.
    fn whole_lines(&self, first: usize, end: usize) -> Span {
        let (source, pieces) = (self.document.source(), self.document.pieces());
        let span = Span::new(pieces[first].span.start, pieces[end - 1].span.end);
        if span.of(source).ends_with(b"\n") || first == 0 || pieces[first - 1].kind == PieceKind::ByteOrderMark {
            return span;
        }
        Span::new(content_end(source, pieces[first - 1].span), span.end)
    }
}
