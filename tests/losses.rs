//! The law of losses: no record goes unseen, whatever the documents hold, and what is told did happen.
//!
//! The first law draws two documents that have nothing to do with each other, with everything in disorder: keys and
//! tables that stand several times, hidden rows, settings between them. What stands in them is read here line by line,
//! and not by the library. The second one makes changes of which it knows what they take away.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use sdnlock::loss::{Limit, Limits, Loss, LossKind, losses, permit};
use sdnlock::record::Keys;
use sdnlock::sdn::Document;

mod support;

/// A live row: its table, key and text.
type Live = (String, String, String);

fn row() -> impl Strategy<Value = String> {
    let id = select(vec!["1", "2", "3", "4", "\"5\"", "a b", "6 "]);
    let valid = prop_oneof![4 => Just("true"), 1 => Just("false")];
    let behind = select(vec!["", "", "", "   # note"]);
    let text = select(vec!["a", "b", "c", "\"d\"", ""]);
    (id, text, valid, behind).prop_map(|(id, text, valid, behind)| format!("    {id}, {text}, {valid}{behind}"))
}

fn document() -> impl Strategy<Value = Vec<String>> {
    let header = select(vec!["t |id, text, valid|", "u |id, text, valid|", "v |id, text, valid|"]);
    let other = select(vec!["k: 1", "m: 2", "# one", "    # two", ""]);
    let line = prop_oneof![8 => row(), 2 => header.prop_map(str::to_owned), 1 => other.prop_map(str::to_owned)];
    prop::collection::vec(line, 0..24)
}

/// The live rows of a document, read line by line.
fn live(lines: &[String]) -> Vec<Live> {
    let mut table = None;
    let mut rows = Vec::new();
    for line in lines {
        let text = line.split('#').next().unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            table = text.strip_suffix("|").and_then(|header| header.split_once(" |")).map(|(name, _)| name);
            continue;
        }
        let cells: Vec<&str> = text.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
        if let (Some(table), [id, text, "true"]) = (table, &cells[..]) {
            rows.push((table.to_owned(), (*id).to_owned(), (*text).to_owned()));
        }
    }
    rows
}

fn told(old: &str, new: &str) -> Vec<Loss> {
    losses(&Document::parse(old), &Document::parse(new), &Keys::new(), None)
}

fn names(losses: &[Loss], kind: LossKind, table: &str) -> BTreeSet<String> {
    let of = losses.iter().filter(|loss| loss.kind == kind && loss.table.as_deref() == Some(table));
    of.flat_map(|loss| loss.items.iter().map(|item| item.name.clone())).collect()
}

proptest! {
    #![proptest_config(support::cases(1000))]

    #[test]
    fn a_record_that_is_nowhere_is_told(old in document(), new in document()) {
        let (before, after) = (live(&old), live(&new));
        let (old, new) = (old.join("\n") + "\n", new.join("\n") + "\n");
        let losses = told(&old, &new);
        for (table, key, text) in &before {
            let is_there = after.iter().any(|(there, id, says)| {
                // What says nothing is anything.
                let is_same = says == text || text.is_empty();
                if id == key { there == table || is_same } else { there == table && says == text }
            });
            let is_told = names(&losses, LossKind::Removed, table).contains(key);
            prop_assert!(is_there || is_told, "{table}.{key} is not told:\n{old}---\n{new}---\n{losses:?}");
        }
        // What is told did happen.
        for loss in &losses {
            let table = loss.table.as_deref().unwrap_or_default();
            let had = before.iter().filter(|(of, ..)| of == table).count();
            prop_assert!(loss.kind == LossKind::Settings || loss.records == had, "{loss:?}");
            for item in &loss.items {
                let times = |rows: &[Live]| rows.iter().filter(|(of, id, _)| of == table && *id == item.name).count();
                let (was, is) = (times(&before), times(&after));
                let is_right = match loss.kind {
                    // A version of it went, if it stood there twice, or another record took its key.
                    LossKind::Removed => was > 0,
                    LossKind::Doubled => is > was.max(1),
                    LossKind::Tables => !after.iter().any(|(of, ..)| of == table),
                    LossKind::Settings => old.contains(&format!("{}: ", item.name)) && !new.contains(&format!("{}: ", item.name)),
                    _ => true,
                };
                prop_assert!(is_right, "{loss:?}:\n{old}---\n{new}");
            }
        }
    }

    #[test]
    fn what_stays_is_no_loss(old in document(), extra in document()) {
        // All that was there is there, and more stands behind it in a table of its own.
        let mut new = old.clone();
        new.push("w |id, text, valid|".to_owned());
        new.extend(extra.into_iter().filter(|line| line.starts_with(' ')));
        let losses = told(&(old.join("\n") + "\n"), &(new.join("\n") + "\n"));
        prop_assert!(losses.iter().all(|loss| loss.table.as_deref() == Some("w")), "{losses:?}");
        let same = told(&(new.join("\n") + "\n"), &(new.join("\n") + "\n"));
        prop_assert!(same.is_empty(), "{same:?}");
    }

    #[test]
    fn changes_of_which_it_is_known_are_told_exactly(
        count in 1..40_usize,
        fates in prop::collection::vec(0..12_u8, 40),
        shift in 0..5_usize,
    ) {
        let row = |id: usize, text: &str, status: &str| format!("    {id}, {text}, {status}, 2026-01-01\n");
        let header = "t |id, text, status, updated_at|\n";
        let mut old = header.to_owned();
        let mut kept: Vec<(usize, String, bool)> = Vec::new();
        let mut removed = BTreeSet::new();
        for (id, fate) in fates.iter().enumerate().take(count) {
            old += &row(id, &format!("text {id}"), "open");
            match fate {
                0 => drop(removed.insert(id.to_string())),
                1 => kept.push((id, format!("text {id}"), true)),
                _ => kept.push((id, format!("text {id}"), false)),
            }
        }
        // All numbers move, and what is closed says something else by then.
        let mut new = header.to_owned();
        let mut renumbered = BTreeSet::new();
        let mut closed = BTreeSet::new();
        for (id, text, is_closed) in &kept {
            let number = id + shift * 100;
            if shift > 0 {
                // A record that is not the same under another number is another one.
                if *is_closed {
                    removed.insert(id.to_string());
                } else {
                    renumbered.insert(format!("{id} -> {number}"));
                }
            }
            if *is_closed {
                closed.insert(number.to_string());
            }
            new += &row(number, text, if *is_closed { "closed" } else { "open" }).replace("01-01", "02-02");
        }
        let losses = told(&old, &new);
        prop_assert_eq!(names(&losses, LossKind::Removed, "t"), removed, "{}---\n{}", old, new);
        prop_assert_eq!(names(&losses, LossKind::Renumbered, "t"), renumbered, "{}---\n{}", old, new);
        if shift == 0 {
            let only = |columns: &[&str]| columns.iter().map(|&column| column.to_owned()).collect::<Vec<_>>();
            let (old, new) = (Document::parse(old), Document::parse(new));
            let changed = |columns: &[&str]| names(&losses_of(&old, &new, &only(columns)), LossKind::Changed, "t");
            prop_assert!(changed(&["status", "updated_at"]).is_empty());
            let expected: BTreeSet<String> = closed.iter().map(|id| format!("{id}.status")).collect();
            prop_assert_eq!(changed(&["updated_at"]), expected);
        }
    }
}

fn losses_of(old: &Document, new: &Document, only: &[String]) -> Vec<Loss> {
    losses(old, new, &Keys::new(), Some(only))
}

#[test]
fn limits_are_counts_and_shares_of_a_table() {
    let document = |numbers: std::ops::Range<usize>| {
        let rows: String = numbers.map(|id| format!("    {id}, text {id}\n")).collect();
        format!("t |id, text|\n{rows}").into_bytes()
    };
    let old = document(0..100);
    let is_permitted = |limits: &Limits, left: usize| permit(&old, &document(0..left), &Keys::new(), limits).is_ok();
    let limited = |limit| Limits::NONE.with(LossKind::Removed, limit);
    assert!(is_permitted(&limited(Limit::Count(5)), 95));
    assert!(!is_permitted(&limited(Limit::Count(5)), 94));
    assert!(is_permitted(&limited(Limit::Percent(10)), 90));
    assert!(!is_permitted(&limited(Limit::Percent(10)), 89));
    assert!(is_permitted(&Limits::NONE, 0));
    assert!(!is_permitted(&Limits::no_loss(), 99));
    // A large loss is both: many, and a good part.
    let large = Limits::NONE.refusing_large();
    assert!(is_permitted(&large, 80));
    assert!(!is_permitted(&large, 79));
    let few = |left| permit(&document(0..20), &document(0..left), &Keys::new(), &large).is_ok();
    assert!(few(0));
    let many = |left| permit(&document(0..1000), &document(0..left), &Keys::new(), &large).is_ok();
    assert!(many(800) && !many(799));
}
