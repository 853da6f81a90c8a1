//! The merge of texts by lines, for what is no SDN.

use std::collections::HashMap;

use super::align::{Token, matches};
use super::conflict::{Conflict, ConflictKind, Subject};
use super::page::{Page, common_lines, line_end};
use super::{Markers, Merged, Strategy, is_ended, three_way};
use crate::text::Span;

/// Merges three texts by lines, as `git merge-file` does, whatever they hold. What both sides changed differently is
/// a conflict, unless `strategy` says that theirs wins.
#[must_use]
pub fn merge_lines([base, ours, theirs]: [&[u8]; 3], strategy: Strategy, markers: &Markers) -> Merged {
    if let Some(content) = three_way(&base, ours, theirs) {
        return Merged::clean(content.to_vec());
    }
    let lines = [base, ours, theirs].map(line_spans);
    let texts = [base, ours, theirs];
    let mut numbers: HashMap<&[u8], u32> = HashMap::new();
    let tokens: [Vec<Token>; 3] = std::array::from_fn(|side| {
        let token = |span: &Span| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            Token {
                id: *numbers.entry(span.of(texts[side])).or_insert(next),
                keyed: false,
                shared: false,
                exclusive: false,
            }
        };
        lines[side].iter().map(token).collect()
    });
    let (to_ours, to_theirs) = (matches(&tokens[0], &tokens[1]), matches(&tokens[0], &tokens[2]));
    let end = line_end(ours).or(line_end(base)).unwrap_or(b"\n");
    let mut page = Page::new(end, markers, ours.len().max(theirs.len()));
    let mut conflicts = Vec::new();
    let mut at = [0; 3];
    loop {
        let same = (at[0]..lines[0].len()).find(|&line| to_ours[line].is_some() && to_theirs[line].is_some());
        let sync = same.and_then(|line| Some([line, to_ours[line]?.index, to_theirs[line]?.index]));
        let until = sync.unwrap_or([lines[0].len(), lines[1].len(), lines[2].len()]);
        let chunk = |side: usize| -> &[u8] {
            let lines = &lines[side][at[side]..until[side]];
            match (lines.first(), lines.last()) {
                (Some(first), Some(last)) => &texts[side][first.start..last.end],
                _ => b"",
            }
        };
        let sides = [chunk(0), chunk(1), chunk(2)];
        let whole = |page: &mut Page<'_>, text: &[u8]| {
            if !text.is_empty() {
                page.lines(text);
            }
        };
        match three_way(&sides[0], sides[1], sides[2]) {
            Some(text) => whole(&mut page, text),
            None if strategy == Strategy::LastWriteWins => whole(&mut page, sides[2]),
            None => {
                let (head, tail) = common_lines(sides[1], sides[2]);
                whole(&mut page, &sides[1][..head]);
                conflicts.push(Conflict {
                    kind: ConflictKind::Changed,
                    subject: Subject::Lines,
                    clashes: Vec::new(),
                    lines: at.map(|line| Some(line + 1)),
                    line: page.line(),
                    modified: [None, None],
                });
                let [our_end, their_end] = [1, 2].map(|side| sides[side].len() - tail);
                page.conflict([sides[0], &sides[1][head..our_end], &sides[2][head..their_end]]);
                whole(&mut page, &sides[1][our_end..]);
            }
        }
        let Some(sync) = sync else { break };
        page.lines(lines[1][sync[1]].of(ours));
        at = sync.map(|line| line + 1);
    }
    if !is_ended(texts) {
        page.end_open();
    }
    Merged { content: page.bytes, conflicts, renumbered: Vec::new() }
}

fn line_spans(text: &[u8]) -> Vec<Span> {
    let mut at = 0;
    let span = |line: &[u8]| {
        at += line.len();
        Span::new(at - line.len(), at)
    };
    text.split_inclusive(|&b| b == b'\n').map(span).collect()
}
