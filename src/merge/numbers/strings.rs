//! Interned texts that both sides added.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Plan, cell, number, rows};
use crate::merge::sides::Sides;
use crate::sdn::Table;

/// A reader may take the position of a row for its id, so that all that theirs added is numbered on behind what ours
/// added as soon as one number was taken twice.
pub(super) fn plan(Sides { base, ours, theirs }: Sides<Option<Table<'_>>>) -> Option<Plan> {
    let texts = |table: Option<Table<'_>>| -> Vec<(String, String)> {
        rows(table).map(|row| (cell(&row, 0).into_owned(), cell(&row, 1).into_owned())).collect()
    };
    let (old, ours, theirs) = (texts(base), texts(ours), texts(theirs));
    let old_ids: HashSet<&str> = old.iter().map(|(id, _)| id.as_str()).collect();
    let is_new = |(id, _): &&(String, String)| !old_ids.contains(id.as_str());
    let ours_by_id: HashMap<&str, &str> = ours.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
    let ours_by_text: HashMap<&str, &str> =
        ours.iter().filter(is_new).map(|(id, text)| (text.as_str(), id.as_str())).collect();
    let added: Vec<&(String, String)> = theirs.iter().filter(is_new).collect();
    let is_taken = |(id, text): &(String, String)| ours_by_id.get(id.as_str()).is_some_and(|our| our != text);
    let is_doubled = |(id, text): &(String, String)| ours_by_text.get(text.as_str()).is_some_and(|our| our != id);
    if !added.iter().any(|entry| is_taken(entry) || is_doubled(entry)) {
        return None;
    }
    let mut last = ours.iter().chain(&old).filter_map(|(id, _)| number(id)).max();
    let (mut numbers, mut gone) = (BTreeMap::new(), HashSet::new());
    for (id, text) in added {
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
    Some(Plan { column: 0, numbers, gone })
}
