//! Records whose text stands under another key.

use std::collections::{HashMap, HashSet, VecDeque};

use super::Item;
use super::blocks::{Entry, Says, Side, Table};

/// What became of the numbers of a table.
#[derive(Default)]
pub(super) struct Renumbered<'t, 'b, 'd> {
    /// The records that have another key.
    pub items: Vec<Item>,
    /// Records under whose keys another one stands now, and whose own text is nowhere.
    pub overwritten: Vec<&'t Entry<'b, 'd>>,
    /// Where those stood that are found under another key.
    found: HashSet<usize>,
}

impl Renumbered<'_, '_, '_> {
    /// Whether a record is found under another key.
    pub fn is_found(&self, entry: &Entry<'_, '_>) -> bool {
        self.found.contains(&entry.at())
    }
}

/// A record that may have come from another key, or gone to another one.
struct Candidate<'t, 'b, 'd> {
    entry: &'t Entry<'b, 'd>,
    says: Says<'d>,
    /// Among those that changed under their key, where it is one.
    changed: Option<usize>,
}

/// Looks for the records that went, and for those that say something else, among those that came, and those that say
/// something else. A text under a key that was there before must be the only one of its kind: many records say the same
/// by chance, as that they are open.
pub(super) fn of<'t, 'b, 'd>(table: &'t Table<'b, 'd>) -> Renumbered<'t, 'b, 'd> {
    let columns = table.telling();
    let mut renumbered = Renumbered::default();
    if columns.is_empty() || (table.changed.is_empty() && (table.gone.is_empty() || table.come.is_empty())) {
        return renumbered;
    }
    let side = |alone: &'t [Entry<'b, 'd>], side: usize| {
        let alone = alone.iter().map(|entry| (entry, None));
        let changed = table.changed.iter().enumerate().map(move |(at, pair)| (&pair[side], Some(at)));
        let all = alone.chain(changed).filter(|(entry, _)| entry.known().key.is_some());
        let all = all.map(|(entry, changed)| Candidate { entry, says: entry.says(&columns), changed });
        all.filter(|candidate| !candidate.says.is_empty()).collect::<Vec<_>>()
    };
    let (old, new) = (side(&table.gone, 0), side(&table.come, 1));
    let mut by_text: HashMap<&Says<'d>, VecDeque<usize>> = HashMap::new();
    for (at, candidate) in new.iter().enumerate() {
        by_text.entry(&candidate.says).or_default().push_back(at);
    }
    let is_other =
        |old: &Candidate<'_, '_, '_>, new: &Candidate<'_, '_, '_>| old.entry.known().key != new.entry.known().key;
    // What says the same under its own key has only new stamps.
    let is_same = |[old, new]: &[Entry<'b, 'd>; 2]| old.says(&columns) == new.says(&columns);
    let same: HashSet<usize> =
        table.changed.iter().enumerate().filter(|(_, pair)| is_same(pair)).map(|(at, _)| at).collect();
    let stays = |candidate: &Candidate<'_, '_, '_>| candidate.changed.is_some_and(|at| same.contains(&at));
    let doubtful: HashSet<Says<'d>> =
        old.iter().filter(|old| by_text.contains_key(&old.says)).map(|old| old.says.clone()).collect();
    if doubtful.is_empty() {
        return renumbered;
    }
    let [before, now] = [Side::Old, Side::New].map(|side| table.times_said(&doubtful, &columns, side));
    let is_only = |says: &Says<'d>| before.get(says) == Some(&1) && now.get(says) == Some(&1);
    let mut arrived: HashSet<usize> = HashSet::new();
    let mut left: HashSet<usize> = HashSet::new();
    for from in old.iter().filter(|old| !stays(old)) {
        let Some(places) = by_text.get_mut(&from.says) else { continue };
        while places.front().is_some_and(|&at| stays(&new[at])) {
            places.pop_front();
        }
        let Some(&at) = places.front() else { continue };
        let to = &new[at];
        let is_in_place = from.changed.is_some() || to.changed.is_some();
        if !is_other(from, to) || (is_in_place && !is_only(&from.says)) {
            continue;
        }
        places.pop_front();
        let name = format!("{} -> {}", from.entry.name(), to.entry.name());
        renumbered.items.push(Item { name, old: Some(from.entry.at()), new: Some(to.entry.at()) });
        renumbered.found.insert(from.entry.at());
        left.extend(from.changed);
        arrived.extend(to.changed);
    }
    renumbered.items.sort_by_key(|item| item.old);
    let overwritten = arrived.difference(&left).map(|&at| &table.changed[at][0]);
    renumbered.overwritten = overwritten.collect();
    renumbered.overwritten.sort_by_key(|entry| entry.at());
    renumbered
}
