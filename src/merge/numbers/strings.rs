//! Interned texts that both sides added.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Plan, cell, number, rows};
use crate::merge::sides::Sides;
use crate::sdn::Table;

/// What becomes of the numbers of texts.
pub(super) struct Texts {
    /// The texts of the base that ours has under other numbers by now, since an earlier merge gave them these.
    pub base: Plan,
    /// The same in theirs, and those that theirs added.
    pub theirs: Plan,
    /// Old and new numbers of those that theirs added.
    pub added: Vec<(String, String)>,
}

/// A reader may take the position of a row for its id, so that all that theirs added is numbered on behind what ours
/// added as soon as one number was taken twice.
pub(super) fn plan(Sides { base, ours, theirs }: Sides<Option<Table<'_>>>) -> Option<Texts> {
    let texts = |table: Option<Table<'_>>| -> Vec<(String, String)> {
        rows(table).map(|row| (cell(&row, 0).into_owned(), cell(&row, 1).into_owned())).collect()
    };
    let (old, ours, theirs) = (texts(base), texts(ours), texts(theirs));
    let by_id = |texts: &[(String, String)]| -> HashMap<String, String> { texts.iter().cloned().collect() };
    let (old_by_id, ours_by_id) = (by_id(&old), by_id(&ours));
    let mut ours_by_text: HashMap<&str, &str> = HashMap::new();
    for (id, text) in ours.iter().filter(|(id, text)| old_by_id.get(id) != Some(text)) {
        ours_by_text.insert(text, id);
    }
    let is_taken = |(id, text): &(String, String)| ours_by_id.get(id).is_some_and(|our| our != text);
    let mut moved: BTreeMap<String, String> = BTreeMap::new();
    for (id, text) in old.iter().filter(|entry| is_taken(entry)) {
        moved.extend(ours_by_text.get(text.as_str()).map(|our| (id.clone(), (*our).to_owned())));
    }
    drop_clashes(&mut moved, &old_by_id);
    let known: HashSet<&str> = moved.values().map(String::as_str).collect();
    ours_by_text.retain(|_, our| !known.contains(our));
    let added: Vec<&(String, String)> = theirs.iter().filter(|(id, _)| !old_by_id.contains_key(id)).collect();
    let is_doubled = |(id, text): &(String, String)| ours_by_text.get(text.as_str()).is_some_and(|our| our != id);
    let are_free = !added.iter().any(|entry| is_taken(entry) || is_doubled(entry));
    if are_free && moved.is_empty() {
        return None;
    }
    let mut last = ours.iter().chain(&old).filter_map(|(id, _)| number(id)).max();
    let (mut numbers, mut gone) = (BTreeMap::new(), HashSet::new());
    for (id, text) in added.into_iter().filter(|_| !are_free) {
        if let Some(&our) = ours_by_text.get(text.as_str()) {
            if our != id {
                numbers.insert(id.clone(), our.to_owned());
                gone.insert(id.clone());
            }
            continue;
        }
        let next = last.map_or(Some(0), |last| last.checked_add(1))?;
        last = Some(next);
        if next.to_string() != *id {
            numbers.insert(id.clone(), next.to_string());
        }
    }
    let added = numbers.clone().into_iter().collect();
    numbers.extend(moved.clone());
    let plan = |numbers, gone| Plan { column: 0, numbers, gone };
    Some(Texts { base: plan(moved, HashSet::new()), theirs: plan(numbers, gone), added })
}

/// Leaves out what would get the number of a text of the base that keeps its own.
fn drop_clashes(moved: &mut BTreeMap<String, String>, old_by_id: &HashMap<String, String>) {
    let is_clash = |new: &String| old_by_id.contains_key(new) && !moved.contains_key(new);
    let mut open: Vec<String> = moved.iter().filter(|(_, new)| is_clash(new)).map(|(id, _)| id.clone()).collect();
    if open.is_empty() {
        return;
    }
    let mut going_to: HashMap<String, Vec<String>> = HashMap::new();
    for (id, new) in &*moved {
        going_to.entry(new.clone()).or_default().push(id.clone());
    }
    // What stays is in the way of what was to get its number.
    while let Some(id) = open.pop() {
        moved.remove(&id);
        open.extend(going_to.remove(&id).unwrap_or_default());
    }
}
