//! Records that say the same, though they and those that they refer to have other numbers.

use std::collections::{HashMap, HashSet, VecDeque};

/// A record: its table, its number, and what it says besides, its stamps left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Record {
    pub table: usize,
    pub number: u64,
    pub says: Vec<String>,
}

/// What a record says in one column.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Said<'r> {
    Text(&'r str),
    /// The number of one of the records that are compared, which is this one.
    Record(usize),
}

/// How many rounds tell records apart by those that they refer to, and these by those that they refer to.
const MAX_ROUNDS: usize = 32;

/// How many records are tried for one.
const MAX_TRIES: usize = 64;

/// How many pairs are tried for each record, with those that they bring with them. Long circles of records that say the
/// same can be laid upon each other in as many ways as they are long.
const MAX_PAIRS: usize = 64;

/// For each record the other one that says the same. Where it refers to a record that is compared, that one says the
/// same as the one to which the other refers; records may refer to each other in circles, and to themselves. No two
/// get the same one. `refers` gives the table to which the records of a table refer in a column.
pub(super) fn matched(
    records: &[Record],
    others: &[Record],
    refers: impl Fn(usize, usize) -> Option<usize>,
) -> Vec<Option<usize>> {
    let (said, others_said) = (resolved(records, &refers), resolved(others, &refers));
    let (kinds, other_kinds) = kinds([records, others], [&said, &others_said]);
    let mut by_kind: HashMap<usize, VecDeque<usize>> = HashMap::new();
    for (at, kind) in other_kinds.into_iter().enumerate() {
        by_kind.entry(kind).or_default().push_back(at);
    }
    let budget = MAX_PAIRS * (records.len() + others.len());
    let mut matching =
        Matching { said: &said, others_said: &others_said, found: HashMap::new(), taken: HashMap::new(), budget };
    // Those that refer to others decide which of several equal ones these are.
    let is_record = |said: &Said<'_>| if let Said::Record(record) = said { Some(*record) } else { None };
    let referred: HashSet<usize> = said.iter().flatten().filter_map(is_record).collect();
    let mut order: Vec<usize> = (0..records.len()).collect();
    order.sort_by_key(|at| (said[*at].iter().all(|said| is_record(said).is_none()), referred.contains(at)));
    for at in order {
        let Some(same) = by_kind.get_mut(&kinds[at]).filter(|_| !matching.found.contains_key(&at)) else { continue };
        while same.front().is_some_and(|other| matching.taken.contains_key(other)) {
            same.pop_front();
        }
        let free = same.iter().copied().filter(|other| !matching.taken.contains_key(other));
        for other in free.take(MAX_TRIES).collect::<Vec<_>>() {
            if matching.pair(at, other) {
                break;
            }
        }
    }
    (0..records.len()).map(|at| matching.found.get(&at).copied()).collect()
}

/// What each record says, with the records that it refers to.
fn resolved(records: &[Record], refers: impl Fn(usize, usize) -> Option<usize>) -> Vec<Vec<Said<'_>>> {
    let numbers: HashMap<(usize, String), usize> =
        records.iter().enumerate().map(|(at, record)| ((record.table, record.number.to_string()), at)).collect();
    let mut all = Vec::with_capacity(records.len());
    for record in records {
        let said = record.says.iter().enumerate().map(|(column, text)| {
            let to = refers(record.table, column).and_then(|table| numbers.get(&(table, text.clone())));
            to.map_or(Said::Text(text), |&to| Said::Record(to))
        });
        all.push(said.collect());
    }
    all
}

/// Numbers for the records of two lists, which differ for records that cannot be the same.
fn kinds(records: [&[Record]; 2], said: [&[Vec<Said<'_>>]; 2]) -> (Vec<usize>, Vec<usize>) {
    let tables = |records: &[Record]| records.iter().map(|record| record.table).collect::<Vec<usize>>();
    let mut kinds = (tables(records[0]), tables(records[1]));
    let mut count = 0;
    for _ in 0..MAX_ROUNDS {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut next = |kinds: &[usize], said: &[Vec<Said<'_>>]| -> Vec<usize> {
            let all = said.iter().enumerate().map(|(at, cells)| {
                let mut key = kinds[at].to_string();
                for cell in cells {
                    key += &match cell {
                        Said::Text(text) => format!(" {}:{text}", text.len()),
                        Said::Record(record) => format!(" #{}", kinds[*record]),
                    };
                }
                let fresh = numbers.len();
                *numbers.entry(key).or_insert(fresh)
            });
            all.collect()
        };
        kinds = (next(&kinds.0, said[0]), next(&kinds.1, said[1]));
        if numbers.len() == count {
            break;
        }
        count = numbers.len();
    }
    kinds
}

/// Which records have found each other.
struct Matching<'s, 'r> {
    said: &'s [Vec<Said<'r>>],
    others_said: &'s [Vec<Said<'r>>],
    found: HashMap<usize, usize>,
    taken: HashMap<usize, usize>,
    /// How many pairs may still be tried.
    budget: usize,
}

impl Matching<'_, '_> {
    /// Pairs two records, and with them all those that they refer to; nothing is paired if one pair does not fit.
    fn pair(&mut self, record: usize, other: usize) -> bool {
        let mut open = vec![(record, other)];
        let mut new: Vec<(usize, usize)> = Vec::new();
        while let Some((record, other)) = open.pop() {
            match (self.found.get(&record), self.taken.get(&other)) {
                (Some(&known), _) if known == other => continue,
                (None, None) => {}
                _ => return self.undo(&new),
            }
            let Some(left) = self.budget.checked_sub(1) else { return self.undo(&new) };
            self.budget = left;
            self.found.insert(record, other);
            self.taken.insert(other, record);
            new.push((record, other));
            let (said, others_said) = (&self.said[record], &self.others_said[other]);
            for cells in said.iter().zip(others_said) {
                match cells {
                    (Said::Record(one), Said::Record(other)) => open.push((*one, *other)),
                    (one, other) if one == other => {}
                    _ => return self.undo(&new),
                }
            }
        }
        true
    }

    fn undo(&mut self, pairs: &[(usize, usize)]) -> bool {
        for (record, other) in pairs {
            self.found.remove(record);
            self.taken.remove(other);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records of one table, as `1:a,2` with their numbers; the second thing that they say is the number of another one.
    fn numbers(records: &str, others: &str) -> String {
        let read = |text: &str| -> Vec<Record> {
            text.split_whitespace()
                .map(|word| {
                    let (number, says) = word.split_once(':').unwrap();
                    let says = says.split(',').map(str::to_owned).collect();
                    Record { table: 0, number: number.parse().unwrap(), says }
                })
                .collect()
        };
        let (records, others) = (read(records), read(others));
        let found = matched(&records, &others, |_, column| (column == 1).then_some(0));
        let shown = records.iter().zip(found).map(|(record, other)| match other {
            Some(other) => format!("{}={}", record.number, others[other].number),
            None => format!("{}=?", record.number),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn records_are_the_same_if_what_they_refer_to_is() {
        assert_eq!(numbers("1:a,2 2:b,", "7:b, 8:a,7"), "1=8 2=7");
        assert_eq!(numbers("1:a,2 2:b,", "7:c, 8:a,7"), "1=? 2=?");
        assert_eq!(numbers("1:a,5", "7:a,5 8:a,6"), "1=7");
    }

    #[test]
    fn circles_are_found_and_so_is_who_refers_to_itself() {
        assert_eq!(numbers("1:a,2 2:b,1", "7:b,8 8:a,7"), "1=8 2=7");
        assert_eq!(numbers("1:a,1", "7:a,8 8:a,8"), "1=8");
        assert_eq!(numbers("1:a,2 2:a,3 3:a,1", "7:a,8 8:a,9 9:a,7"), "1=7 2=8 3=9");
    }

    #[test]
    fn of_equal_records_that_one_is_meant_to_which_the_same_refers() {
        assert_eq!(numbers("1:x, 2:x, 3:y,2", "7:x, 8:x, 9:y,7"), "1=8 2=7 3=9");
        assert_eq!(numbers("1:x, 2:x,", "7:x,"), "1=7 2=?");
    }
}
