//! What a merge came to, as it is told: in words, and as one JSON object.

use memchr::memmem;
use sdnlock::merge::{Clash, Conflict, ConflictKind, Merged, Subject};
use sdnlock::sdn::{Document, PieceKind};
use sdnlock::text::Lines;
use serde_json::{Value, json};

use super::report::Report;
use super::text;

/// How many conflicts are told one by one.
const MOST_TOLD: usize = 10;

/// Prints what is in conflict in a file of this name, and in which line of it, and what got another number.
pub fn print(merged: &Merged, name: &str, has_lines: bool, report: Report) {
    for renumbered in &merged.renumbered {
        let shown = |text: &str| text::visible(text);
        let (table, old, new) = (shown(&renumbered.table), shown(&renumbered.old), shown(&renumbered.new));
        report.note(format!("`{table}.{old}` of theirs is `{table}.{new}` now"));
    }
    let conflicts = &merged.conflicts;
    for conflict in conflicts.iter().take(MOST_TOLD) {
        let place = if has_lines { format!("{name}:{}", conflict.line) } else { name.to_owned() };
        report.line(format!("conflict: {}", text::visible(&format!("{place}: {conflict}"))));
    }
    if let Some(more) = conflicts.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
        report.line(format!("conflict: {more} more, each between markers in the result"));
    }
    if let Some(line) = earlier_mark(merged) {
        let place = text::visible(&format!("{name}:{line}"));
        report.note(format!("{place}: a conflict that an earlier merge left is still there"));
    }
}

/// The line of a mark that all sides have, so that this merge did not make it.
fn earlier_mark(merged: &Merged) -> Option<usize> {
    memmem::find(&merged.content, b"<<<<<<<").filter(|_| merged.is_clean())?;
    let document = Document::parse(&merged.content[..]);
    let mark = document.pieces().iter().find(|piece| piece.kind == PieceKind::ConflictMarker)?;
    Some(Lines::new(document.source()).position(mark.span.start).line)
}

/// The conflicts, each in one line.
pub fn in_words(merged: &Merged, ours: &str, theirs: &str) -> Vec<String> {
    let conflicts = &merged.conflicts;
    let mut told: Vec<String> = conflicts
        .iter()
        .take(MOST_TOLD)
        .map(|conflict| format!("conflict: {}", text::visible(&conflict.described(ours, theirs))))
        .collect();
    if let Some(more) = conflicts.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
        told.push(format!("and {more} more conflicts"));
    }
    told
}

/// The whole outcome. `result` is the merged text, if it goes nowhere else.
pub fn json(merged: &Merged, result: Option<&[u8]>) -> String {
    let conflicts: Vec<Value> = merged.conflicts.iter().map(conflict).collect();
    let renumbered: Vec<Value> = merged
        .renumbered
        .iter()
        .map(|renumbered| json!({"table": renumbered.table, "old": renumbered.old, "new": renumbered.new}))
        .collect();
    // What is no UTF-8 cannot be told in JSON: it is replaced.
    let result = result.map(String::from_utf8_lossy);
    let whole = json!({"clean": merged.is_clean(), "conflicts": conflicts, "renumbered": renumbered, "result": result});
    format!("{whole}\n")
}

fn conflict(conflict: &Conflict) -> Value {
    let (table, key) = match &conflict.subject {
        Subject::Record { table, key } => (Some(table.to_string()), Some(key)),
        _ => (None, None),
    };
    let address = (conflict.subject != Subject::Lines).then(|| conflict.subject.to_string());
    let removed_by = match &conflict.kind {
        ConflictKind::Removed(side) => Some(side.name()),
        _ => None,
    };
    let cell =
        |clash: &Clash| json!({"column": clash.column, "base": clash.base, "ours": clash.ours, "theirs": clash.theirs});
    json!({
        "kind": conflict.kind.name(),
        "table": table,
        "key": key,
        "address": address,
        "removed_by": removed_by,
        "message": conflict.to_string(),
        "cells": conflict.clashes.iter().map(cell).collect::<Vec<_>>(),
        "base_line": conflict.lines.base,
        "ours_line": conflict.lines.ours,
        "theirs_line": conflict.lines.theirs,
        "line": conflict.line,
        "ours_modified": conflict.modified.ours,
        "theirs_modified": conflict.modified.theirs,
    })
}
