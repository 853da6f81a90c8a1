//! Numbers that both sides gave away: new records with one number, interned texts with one id.
//!
//! They are settled before anything is merged, on the incoming side alone: what theirs added gets another number, and
//! what refers to it there follows. What ours added too, under another number, takes the number it has in ours: an
//! interned text, or a record that an earlier merge has brought there.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::Options;
use super::keys::{self, Reference, STRINGS};
use crate::record::{Stamp, is_live};
use crate::sdn::{Document, Edit, EditError, Place, Reseal, Row, Table};

/// A record of theirs that got another number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renumbered {
    /// Its table.
    pub table: String,
    /// The number it had.
    pub old: String,
    /// The number it has in the result.
    pub new: String,
}

/// What is to be done in one table.
struct Plan {
    column: usize,
    /// Old and new numbers.
    numbers: BTreeMap<String, String>,
    /// The numbers whose rows go, because ours has the same text.
    gone: HashSet<String>,
}

/// Theirs with other numbers; nothing if none is to change.
pub(super) fn renumber(documents: [&Document; 3], options: &Options) -> (Option<Document>, Vec<Renumbered>) {
    let mut plans: HashMap<String, Plan> = HashMap::new();
    let references = || {
        let by_name = Reference::by_name(documents);
        let Some(mut declared) = options.references.clone() else { return by_name };
        // What is interned is referred to by its name, whatever else is declared.
        for reference in by_name.into_iter().filter(|reference| reference.to.0 == STRINGS) {
            if declared.iter().all(|known| known.from != reference.from) {
                declared.push(reference);
            }
        }
        declared
    };
    let known = if options.renumber { references() } else { Vec::new() };
    let referring: HashSet<(&str, &str)> =
        known.iter().map(|reference| (reference.from.0.as_str(), reference.from.1.as_str())).collect();
    let named = documents.map(|document| by_name(document, options));
    let mut clashing = Vec::new();
    for theirs in documents[2].tables().filter(|table| !table.is_typed()) {
        let name = theirs.name();
        let Some(tables) = only(&named, &name) else { continue };
        if name == STRINGS && theirs.columns().eq(["id", "value"]) {
            plans.extend(interned(tables).map(|plan| (name.into_owned(), plan)));
        } else if options.renumber
            && let [column] = keys::columns(&options.keys, &theirs)[..]
            // A key that names another record is not its table's to give away.
            && !theirs.columns().nth(column).is_some_and(|key| referring.contains(&(&*name, &*key)))
        {
            clashing.extend(Clashing::of(name.into_owned(), tables, column, &known));
        }
    }
    plans.extend(numbered(clashing));
    if plans.is_empty() {
        return (None, Vec::new());
    }
    // What cannot be changed without a doubt stays, and is a conflict.
    match changed(documents[2], &plans, &references()) {
        Ok(source) => {
            let mut told: Vec<Renumbered> = plans
                .into_iter()
                .flat_map(|(table, Plan { numbers, .. })| {
                    numbers.into_iter().map(move |(old, new)| Renumbered { table: table.clone(), old, new })
                })
                .collect();
            told.sort_by(|one, other| one.table.cmp(&other.table));
            (Some(Document::parse(source)), told)
        }
        Err(_) => (None, Vec::new()),
    }
}

/// The tables that may be numbered anew, by name; nothing for a name that stands there twice.
fn by_name<'d>(document: &'d Document, options: &Options) -> HashMap<Cow<'d, str>, Option<Table<'d>>> {
    let mut named = HashMap::new();
    for table in document.tables().filter(|table| !table.is_typed()) {
        let name = table.name();
        if options.renumber || name == STRINGS {
            named.entry(name).and_modify(|known| *known = None).or_insert(Some(table));
        }
    }
    named
}

/// The table of this name on all sides; the base may not have it.
fn only<'d>(named: &[HashMap<Cow<'d, str>, Option<Table<'d>>>; 3], name: &str) -> Option<[Option<Table<'d>>; 3]> {
    let [base, ours, theirs] = named.each_ref().map(|named| named.get(name));
    let base = base.copied().map_or(Some(None), |base| base.map(Some))?;
    Some([base, Some((*ours?)?), Some((*theirs?)?)])
}

fn rows(table: Option<Table<'_>>) -> impl Iterator<Item = Row<'_>> {
    table.into_iter().flat_map(|table| table.rows().collect::<Vec<_>>()).filter(|row| row.reading().fits())
}

fn cell<'d>(row: &Row<'d>, column: usize) -> Cow<'d, str> {
    row.cell(column).map(|cell| cell.value().text()).unwrap_or_default()
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// The new records of a table, with the numbers that both sides gave away.
struct Clashing {
    table: String,
    column: usize,
    /// Of theirs, the numbers that ours gave to something else, and what the records say besides, their stamps left
    /// out.
    theirs: Vec<(u64, Vec<String>)>,
    /// The records that both sides added under one number. They are one unless they refer to different ones.
    settled: Vec<(u64, Vec<String>)>,
    /// The numbers of what ours alone has, by what these say.
    ours: HashMap<Vec<String>, VecDeque<u64>>,
    /// Where among what they say the number of another record stands, and in which table.
    referring: Vec<(usize, String)>,
    /// The largest number of all sides.
    last: u64,
}

/// What a record says in place of its own number: that it refers to itself.
const ITSELF: &str = "\u{1f}";

impl Clashing {
    fn of(
        name: String,
        [base, ours, theirs]: [Option<Table<'_>>; 3],
        column: usize,
        references: &[Reference],
    ) -> Option<Self> {
        if !ours?.columns().eq(theirs?.columns()) {
            return None;
        }
        let names: Vec<Cow<'_, str>> = ours?.columns().collect();
        let before = base.map(|base| base.column(&names[column]).ok_or(())).transpose().ok()?;
        let known: HashSet<Cow<'_, str>> =
            before.map(|before| rows(base).map(|row| cell(&row, before)).collect()).unwrap_or_default();
        // Records that differ in their numbers and stamps alone are one.
        let telling: Vec<usize> =
            (0..names.len()).filter(|&at| at != column && Stamp::of(&names[at]).is_none()).collect();
        let to_other = |&at: &usize| {
            let from = |reference: &&Reference| reference.from.0 == name && reference.from.1 == names[at];
            references.iter().find(from).map(|reference| reference.to.0.clone())
        };
        let referring: Vec<(usize, String)> =
            telling.iter().enumerate().filter_map(|(place, at)| Some((place, to_other(at)?))).collect();
        let new = |table: Option<Table<'_>>| -> Vec<(u64, Vec<String>)> {
            let live = rows(table).filter(|row| table.is_some_and(|table| is_live(&table, row)));
            let new = live.filter(|row| !known.contains(&cell(row, column)));
            new.filter_map(|row| {
                let own = cell(&row, column);
                let mut says: Vec<String> = telling.iter().map(|&at| cell(&row, at).into_owned()).collect();
                for (place, _) in referring.iter().filter(|(_, to)| *to == name) {
                    if says[*place] == own {
                        ITSELF.clone_into(&mut says[*place]);
                    }
                }
                Some((number(&own)?, says))
            })
            .collect()
        };
        let (ours_new, theirs_new) = (new(ours), new(theirs));
        let our_numbers: HashMap<u64, &Vec<String>> = ours_new.iter().map(|(number, says)| (*number, says)).collect();
        let is_clash = |(number, says): &(u64, Vec<String>)| our_numbers.get(number).is_some_and(|ours| *ours != says);
        let (clashing, rest): (Vec<_>, Vec<_>) = theirs_new.into_iter().partition(is_clash);
        let settled: Vec<_> = rest.into_iter().filter(|(number, _)| our_numbers.contains_key(number)).collect();
        if clashing.is_empty() && (settled.is_empty() || referring.is_empty()) {
            return None;
        }
        let taken: HashSet<u64> = settled.iter().map(|(number, _)| *number).collect();
        let mut ours_alone: HashMap<Vec<String>, VecDeque<u64>> = HashMap::new();
        for (number, says) in ours_new.iter().filter(|(number, _)| !taken.contains(number)) {
            ours_alone.entry(says.clone()).or_default().push_back(*number);
        }
        let all = rows(ours).chain(rows(theirs));
        let of_base = before
            .into_iter()
            .flat_map(|before| rows(base).filter_map(move |row| self::number(&cell(&row, before))).collect::<Vec<_>>());
        let last = all.filter_map(|row| self::number(&cell(&row, column))).chain(of_base).max().unwrap_or(0);
        Some(Self { table: name, column, theirs: clashing, settled, ours: ours_alone, referring, last })
    }
}

/// A record of theirs that needs another number.
struct Candidate {
    /// Which of the tables it is in.
    table: usize,
    old: u64,
    says: Vec<String>,
    /// How many of those that it refers to have no number yet.
    waits_for: usize,
}

/// Other numbers for new records of theirs: that of the record of ours that says the same, else the next one. A record
/// that refers to others says the same as one of ours only if these are the same, too, so that these come first.
fn numbered(mut clashing: Vec<Clashing>) -> HashMap<String, Plan> {
    let mut plans: HashMap<String, Plan> = clashing
        .iter()
        .map(|of_table| {
            let plan = Plan { column: of_table.column, numbers: BTreeMap::new(), gone: HashSet::new() };
            (of_table.table.clone(), plan)
        })
        .collect();
    let (mut candidates, waiting) = candidates(&mut clashing);
    let mut ready: VecDeque<usize> = (0..candidates.len()).filter(|&at| candidates[at].waits_for == 0).collect();
    let mut is_found = vec![false; candidates.len()];
    while let Some(at) = ready.pop_front() {
        let Candidate { table, old, says, .. } = &candidates[at];
        let of_table = &mut clashing[*table];
        let mut says = says.clone();
        for (place, to) in &of_table.referring {
            if let Some(new) = plans.get(to).and_then(|plan| plan.numbers.get(&says[*place])) {
                says[*place].clone_from(new);
            }
        }
        let Some(our) = of_table.ours.get_mut(&says).and_then(VecDeque::pop_front) else { continue };
        if let Some(plan) = plans.get_mut(&of_table.table).filter(|_| our != *old) {
            plan.numbers.insert(old.to_string(), our.to_string());
        }
        is_found[at] = true;
        for &waits in waiting.get(&at).into_iter().flatten() {
            candidates[waits].waits_for -= 1;
            if candidates[waits].waits_for == 0 {
                ready.push_back(waits);
            }
        }
    }
    for (Candidate { table, old, .. }, _) in candidates.iter().zip(is_found).filter(|(_, is_found)| !is_found) {
        let of_table = &mut clashing[*table];
        // Where no number is left there is a conflict.
        let Some(next) = of_table.last.checked_add(1) else { continue };
        of_table.last = next;
        if let Some(plan) = plans.get_mut(&of_table.table) {
            plan.numbers.insert(old.to_string(), next.to_string());
        }
    }
    plans.retain(|_, plan| !plan.numbers.is_empty());
    plans
}

/// All records that may need another number, and for each of them which others wait for it: those that refer to it. A
/// record that both sides added alike is one of them if it refers to one.
fn candidates(clashing: &mut [Clashing]) -> (Vec<Candidate>, HashMap<usize, Vec<usize>>) {
    let tables: HashMap<String, usize> =
        clashing.iter().enumerate().map(|(table, of_table)| (of_table.table.clone(), table)).collect();
    // By the number that it stands for, which settled records refer to it.
    let mut referring: HashMap<(usize, &str), Vec<(usize, usize)>> = HashMap::new();
    for (table, of_table) in clashing.iter().enumerate() {
        for (at, (_, says)) in of_table.settled.iter().enumerate() {
            for (place, to) in &of_table.referring {
                if let Some(&to) = tables.get(to) {
                    referring.entry((to, &says[*place])).or_default().push((table, at));
                }
            }
        }
    }
    let mut found: Vec<(usize, u64)> = Vec::new();
    for (table, of_table) in clashing.iter().enumerate() {
        found.extend(of_table.theirs.iter().map(|(old, _)| (table, *old)));
    }
    let mut moved: Vec<(usize, usize)> = Vec::new();
    let mut seen: HashSet<(usize, usize)> = HashSet::new();
    while let Some((table, old)) = found.pop() {
        for &(table, at) in referring.get(&(table, old.to_string().as_str())).into_iter().flatten() {
            if seen.insert((table, at)) {
                moved.push((table, at));
                found.push((table, clashing[table].settled[at].0));
            }
        }
    }
    for (table, at) in moved {
        let of_table = &mut clashing[table];
        let (number, says) = of_table.settled[at].clone();
        of_table.ours.entry(says.clone()).or_default().push_back(number);
        of_table.theirs.push((number, says));
    }
    let mut all: Vec<Candidate> = Vec::new();
    for (table, of_table) in clashing.iter_mut().enumerate() {
        let mut theirs = std::mem::take(&mut of_table.theirs);
        theirs.sort_unstable_by_key(|(old, _)| *old);
        all.extend(theirs.into_iter().map(|(old, says)| Candidate { table, old, says, waits_for: 0 }));
    }
    let by_number: HashMap<(usize, String), usize> =
        all.iter().enumerate().map(|(at, one)| ((one.table, one.old.to_string()), at)).collect();
    let mut waiting: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, one) in all.iter_mut().enumerate() {
        let others: HashSet<usize> = clashing[one.table]
            .referring
            .iter()
            .filter_map(|(place, to)| by_number.get(&(*tables.get(to)?, one.says[*place].clone())).copied())
            .collect();
        one.waits_for = others.len();
        for other in others {
            waiting.entry(other).or_default().push(at);
        }
    }
    (all, waiting)
}

/// Interned texts. A reader may take the position of a row for its id, so that all that theirs added is numbered on
/// behind what ours added as soon as one number was taken twice.
fn interned([base, ours, theirs]: [Option<Table<'_>>; 3]) -> Option<Plan> {
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

/// Theirs with the new numbers.
fn changed(theirs: &Document, plans: &HashMap<String, Plan>, references: &[Reference]) -> Result<Vec<u8>, EditError> {
    // The seal was looked at before.
    let mut edit = Edit::of(theirs, Reseal::Always)?;
    let mut of_table: HashMap<&str, Vec<&Reference>> = HashMap::new();
    for reference in references.iter().filter(|reference| plans.contains_key(&reference.to.0)) {
        of_table.entry(&reference.from.0).or_default().push(reference);
    }
    for table in theirs.tables().filter(|table| !table.is_typed()) {
        let name = table.name();
        let own = plans.get(&*name);
        let mut columns: Vec<(usize, &Plan)> = own.map(|plan| (plan.column, plan)).into_iter().collect();
        for reference in of_table.get(&*name).into_iter().flatten() {
            let plan = plans.get(&reference.to.0);
            if let (Some(column), Some(plan)) = (table.column(&reference.from.1), plan)
                && columns.iter().all(|(known, _)| *known != column)
            {
                columns.push((column, plan));
            }
        }
        if columns.is_empty() {
            continue;
        }
        for row in rows(Some(table)) {
            if own.is_some_and(|plan| plan.gone.contains(&*cell(&row, plan.column))) {
                edit.remove_row(&row)?;
                continue;
            }
            for (column, plan) in &columns {
                if let Some(new) = plan.numbers.get(&*cell(&row, *column))
                    && let Some(cell) = row.cell(*column)
                {
                    edit.set(&Place::of_cell(theirs, row.piece(), cell), new)?;
                }
            }
        }
    }
    edit.finish()
}
