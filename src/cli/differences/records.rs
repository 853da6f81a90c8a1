//! Differences by records and settings, as they are shown.

use std::thread;

use anstyle::{AnsiColor, Style};
use sdnlock::diff::{Change, ChangeKind, ValueChange, counted_by, records_by};
use sdnlock::record::Keys;
use sdnlock::sdn::Document;
use serde_json::{Value, json};

use super::page::{ADDED, Page, REMOVED, Side};
use crate::cli::parallel::Parsing;
use crate::cli::text;

const CHANGED: Style = AnsiColor::Yellow.on_default();

/// Characters of a value of a record that was added or removed.
const MOST_SHOWN: usize = 40;

/// Characters of a value around what changed in it.
const AROUND: usize = 20;

fn parsed(sides: [Side<'_>; 2]) -> [Document; 2] {
    thread::scope(|scope| sides.map(|side| Parsing::begin(scope, side.content)).map(Parsing::end))
}

fn changes(old: Side<'_>, new: Side<'_>, keys: &Keys) -> Vec<Change> {
    let [old, new] = parsed([old, new]);
    records_by(&old, &new, keys)
}

/// How many records and settings differ, as it is told behind the number of lines.
pub(super) fn counted(old: Side<'_>, new: Side<'_>, keys: &Keys) -> String {
    let [old, new] = parsed([old, new]);
    let counts = counted_by(&old, &new, keys);
    let mut told = String::new();
    for (kind, done) in
        [(ChangeKind::Added, "added"), (ChangeKind::Changed, "changed"), (ChangeKind::Removed, "removed")]
    {
        for (number, what) in [(counts.records(kind), "record"), (counts.settings(kind), "setting")] {
            if number > 0 {
                told += &format!(", {} {done}", text::count(number, what));
            }
        }
    }
    told
}

/// Shows what differs: one line for a record that was added or removed, one for each cell that changed. Of lines
/// that differ besides, their number.
///
/// Returns whether a record or setting differs at all; if none does, nothing is written.
pub(super) fn render(old: Side<'_>, new: Side<'_>, lines: (usize, usize), keys: &Keys, page: &mut Page) -> bool {
    let changes = changes(old, new, keys);
    if changes.is_empty() {
        return false;
    }
    page.names(old, new);
    for change in &changes {
        let address = text::visible(&change.address);
        match (change.kind, &change.values[..]) {
            (ChangeKind::Added, values) => page.line(ADDED, &format!("+ {address}  {}", all(change, values))),
            (ChangeKind::Removed, values) => page.line(REMOVED, &format!("- {address}  {}", all(change, values))),
            (ChangeKind::Changed, values) => {
                for (position, value) in values.iter().enumerate() {
                    let name = if change.table.is_some() { format!("{}: ", shown(&value.name)) } else { String::new() };
                    if position == 0 {
                        page.styled(CHANGED, format!("~ {address}").as_bytes());
                        page.text(b"  ");
                    } else {
                        page.text(" ".repeat(address.chars().count() + 4).as_bytes());
                    }
                    page.text(format!("{name}{}\n", step(value)).as_bytes());
                }
            }
        }
    }
    let (removed, added) = others(&changes, lines);
    if removed > 0 || added > 0 {
        page.line(Style::new(), &format!("besides: -{removed} +{added} lines"));
    }
    true
}

/// Of the lines that differ, those that are told by no change: comments, what moved, what is no record.
fn others(changes: &[Change], (removed, added): (usize, usize)) -> (usize, usize) {
    let (old, new) =
        (changes.iter().filter_map(|change| change.old_line), changes.iter().filter_map(|change| change.new_line));
    (removed.saturating_sub(old.count()), added.saturating_sub(new.count()))
}

/// All values of a record that say something, without its key.
fn all(change: &Change, values: &[ValueChange]) -> String {
    let value = |value: &ValueChange| value.new.clone().or(value.old.clone()).unwrap_or_default();
    if change.table.is_none() {
        return values.iter().map(|change| quoted(&value(change), MOST_SHOWN)).collect();
    }
    let telling = values.iter().filter(|change| !value(change).is_empty() && !change.is_key);
    let cells = telling.map(|change| format!("{}: {}", shown(&change.name), quoted(&value(change), MOST_SHOWN)));
    cells.collect::<Vec<_>>().join(", ")
}

/// A value before and after. Of long ones what changed is shown, with what stands around it.
fn step(value: &ValueChange) -> String {
    match (&value.old, &value.new) {
        (Some(old), Some(new)) => {
            let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
            let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
            let rest = old[head..].iter().rev().zip(new[head..].iter().rev());
            let tail = rest.take_while(|(a, b)| a == b).count();
            format!("{} -> {}", part(&old, head, tail), part(&new, head, tail))
        }
        (None, Some(new)) => format!("new, {}", quoted(new, 2 * MOST_SHOWN)),
        (Some(old), None) => format!("gone, was {}", quoted(old, 2 * MOST_SHOWN)),
        (None, None) => String::new(),
    }
}

/// A value without what it has in common with its other version, but for some characters.
fn part(value: &[char], head: usize, tail: usize) -> String {
    let (from, until) = (head.saturating_sub(AROUND), value.len() - tail.saturating_sub(AROUND));
    let (from, until) = if value.len() <= 2 * MOST_SHOWN { (0, value.len()) } else { (from, until.max(from)) };
    let before = if from > 0 { "…" } else { "" };
    let behind = if until < value.len() { "…" } else { "" };
    let middle: String = value[from..until].iter().collect();
    quoted(&format!("{before}{middle}{behind}"), 6 * MOST_SHOWN)
}

/// A value as one would write it, not longer than so many characters.
fn quoted(value: &str, most: usize) -> String {
    let short = sdnlock::text::shortened(value, most);
    let plain = !short.is_empty() && short.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"\",".contains(c));
    if plain { text::visible(&short) } else { format!("\"{}\"", text::visible(&short)) }
}

fn shown(name: &str) -> String {
    text::visible(name)
}

/// What differs, as one JSON object on one line.
pub(super) fn json(name: &str, old: Side<'_>, new: Side<'_>, lines: (usize, usize), keys: &Keys) -> String {
    let changes = changes(old, new, keys);
    let counted = |(removed, added): (usize, usize)| json!({"removed": removed, "added": added});
    let told: Vec<Value> = changes.iter().map(change).collect();
    let others = counted(others(&changes, lines));
    format!("{}\n", json!({"path": name, "changes": told, "lines": counted(lines), "other_lines": others}))
}

fn change(change: &Change) -> Value {
    let kind = match change.kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
    };
    let value = |value: &ValueChange| json!({"name": value.name, "old": value.old, "new": value.new});
    json!({
        "change": kind,
        "table": change.table,
        "key": change.key,
        "address": change.address,
        "old_line": change.old_line,
        "new_line": change.new_line,
        "values": change.values.iter().map(value).collect::<Vec<_>>(),
    })
}
