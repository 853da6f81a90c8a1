//! The merge of texts by lines, for what is no SDN.

use super::align::{Token, matches};
use super::conflict::{Conflict, ConflictKind, Subject};
use super::items::Numbers;
use super::page::{Page, common_lines};
use super::sides::{Side, Sides};
use super::{Markers, Merged, Strategy, is_ended};
use crate::text::{Span, line_end};

/// Merges three texts by lines, as `git merge-file` does, whatever they hold. What both sides changed differently is
/// a conflict, unless `strategy` says that theirs wins.
#[must_use]
pub fn merge_lines<'t>(texts: impl Into<Sides<&'t [u8]>>, strategy: Strategy, markers: &Markers) -> Merged {
    let texts = texts.into();
    if let Some(content) = texts.agreed() {
        return Merged::clean(content.to_vec());
    }
    let lines = texts.map(line_spans);
    let mut numbers: Numbers<&[u8]> = Numbers::default();
    let tokens = Sides::from_fn(|side| {
        let id = |span: &Span| numbers.of(span.of(texts[side]));
        let token = |id: u32| Token { id, keyed: false, shared: false, exclusive: false };
        lines[side].iter().map(id).map(token).collect::<Vec<Token>>()
    });
    let (to_ours, to_theirs) = (matches(&tokens.base, &tokens.ours), matches(&tokens.base, &tokens.theirs));
    let end = line_end(texts.ours).or(line_end(texts.base)).unwrap_or("\n").as_bytes();
    let mut page = Page::new(end, markers, texts.ours.len().max(texts.theirs.len()));
    let mut conflicts = Vec::new();
    let mut at = Sides::<usize>::default();
    loop {
        let same = (at.base..lines.base.len()).find(|&line| to_ours[line].is_some() && to_theirs[line].is_some());
        let sync =
            same.and_then(|base| Some(Sides { base, ours: to_ours[base]?.index, theirs: to_theirs[base]?.index }));
        let until = sync.unwrap_or(lines.each_ref().map(Vec::len));
        let chunks = Sides::from_fn(|side| -> &[u8] {
            let lines = &lines[side][at[side]..until[side]];
            match (lines.first(), lines.last()) {
                (Some(first), Some(last)) => &texts[side][first.start..last.end],
                _ => b"",
            }
        });
        let whole = |page: &mut Page<'_>, text: &[u8]| {
            if !text.is_empty() {
                page.lines(text);
            }
        };
        match chunks.agreed() {
            Some(text) => whole(&mut page, text),
            None if strategy == Strategy::LastWriteWins => whole(&mut page, chunks.theirs),
            None => {
                let Sides { base, ours, theirs } = chunks;
                let (head, tail) = common_lines(ours, theirs);
                whole(&mut page, &ours[..head]);
                conflicts.push(Conflict {
                    kind: ConflictKind::Changed,
                    subject: Subject::Lines,
                    clashes: Vec::new(),
                    lines: at.map(|line| Some(line + 1)),
                    line: page.line(),
                    modified: Sides::default(),
                });
                let (our_end, their_end) = (ours.len() - tail, theirs.len() - tail);
                page.conflict(Sides { base, ours: &ours[head..our_end], theirs: &theirs[head..their_end] });
                whole(&mut page, &ours[our_end..]);
            }
        }
        let Some(sync) = sync else { break };
        page.lines(lines.ours[sync.ours].of(texts.ours));
        at = sync.map(|line| line + 1);
    }
    if !is_ended(texts) {
        page.end_open();
    }
    Merged { content: page.bytes, conflicts, renumbered: Vec::new() }
}

/// The line, from 1, of the first conflict in a merged text that a merge by lines would take for resolved: a program that
/// reads the versions between the markers back, and merges them once more, would forget that it is one. The markers are
/// of this size, and the base stands between them.
#[must_use]
pub fn resolved_by_lines(content: &[u8], marker_size: usize) -> Option<usize> {
    let mark = |line: &[u8]| {
        let sign = line.first().copied().filter(|sign| b"<|=>".contains(sign))?;
        let size = line.iter().take_while(|&&byte| byte == sign).count();
        (size == marker_size && matches!(line.get(size), None | Some(b' ' | b'\r' | b'\n'))).then_some(sign)
    };
    let mut open: Option<(usize, Side, Sides<Vec<u8>>)> = None;
    for (number, line) in content.split_inclusive(|&byte| byte == b'\n').enumerate() {
        match (mark(line), &mut open) {
            (Some(b'<'), _) => open = Some((number + 1, Side::Ours, Sides::default())),
            (Some(b'|'), Some((_, side, _))) => *side = Side::Base,
            (Some(b'='), Some((_, side, _))) => *side = Side::Theirs,
            (Some(_), Some((first, _, versions))) => {
                let texts = versions.each_ref().map(Vec::as_slice);
                if merge_lines(texts, Strategy::Merge, &Markers::default()).is_clean() {
                    return Some(*first);
                }
                open = None;
            }
            (None, Some((_, side, versions))) => versions[*side].extend(line),
            _ => {}
        }
    }
    None
}

fn line_spans(text: &[u8]) -> Vec<Span> {
    let mut at = 0;
    let span = |line: &[u8]| {
        at += line.len();
        Span::new(at - line.len(), at)
    };
    text.split_inclusive(|&b| b == b'\n').map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_that_lines_would_resolve_is_seen() {
        let conflict = |ours: &str, base: &str, theirs: &str| {
            let text = format!("a\n<<<<<<<< o\n{ours}|||||||| b\n{base}========\n{theirs}>>>>>>>> t\nz\n");
            resolved_by_lines(text.as_bytes(), 8)
        };
        assert_eq!(conflict("1\n", "2\n", "3\n"), None);
        assert_eq!(conflict("", "2\n", "3\n"), None);
        assert_eq!(conflict("", "", "3\n"), Some(2));
        assert_eq!(conflict("1\n", "", "1\n"), Some(2));
        assert_eq!(conflict("1\nx\n2\n", "1\nx\ny\n", "0\nx\ny\n"), Some(2));
        assert_eq!(conflict("<<<<<<< a\n", "b\n", ">>>>>>> c\n"), None);
    }
}
