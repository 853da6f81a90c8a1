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

/// The new records of a table whose numbers both sides gave away.
struct Clashing {
    table: String,
    column: usize,
    /// Of theirs, the numbers and what the records say besides, their stamps left out.
    theirs: Vec<(u64, Vec<String>)>,
    /// The numbers of what ours alone has, by what these say.
    ours: HashMap<Vec<String>, VecDeque<u64>>,
    /// Where among what they say the number of another record stands, and in which table.
    referring: Vec<(usize, String)>,
    /// The largest number of all sides.
    last: u64,
}

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
        let known: HashSet<Cow<'_, str>> = rows(base).map(|row| cell(&row, column)).collect();
        // Records that differ in their numbers and stamps alone are one.
        let names: Vec<Cow<'_, str>> = ours?.columns().collect();
        let telling: Vec<usize> =
            (0..names.len()).filter(|&at| at != column && Stamp::of(&names[at]).is_none()).collect();
        let new = |table: Option<Table<'_>>| -> Vec<(u64, Vec<String>)> {
            let live = rows(table).filter(|row| table.is_some_and(|table| is_live(&table, row)));
            let new = live.filter(|row| !known.contains(&cell(row, column)));
            new.filter_map(|row| {
                let says = telling.iter().map(|&at| cell(&row, at).into_owned()).collect();
                Some((number(&cell(&row, column))?, says))
            })
            .collect()
        };
        let (ours_new, theirs_new) = (new(ours), new(theirs));
        let our_numbers: HashMap<u64, &Vec<String>> = ours_new.iter().map(|(number, says)| (*number, says)).collect();
        let is_clash = |(number, says): &(u64, Vec<String>)| our_numbers.get(number).is_some_and(|ours| *ours != says);
        let (clashing, settled): (Vec<_>, Vec<_>) = theirs_new.iter().cloned().partition(is_clash);
        if clashing.is_empty() {
            return None;
        }
        let settled: HashSet<u64> = settled.into_iter().map(|(number, _)| number).collect();
        let mut ours_alone: HashMap<Vec<String>, VecDeque<u64>> = HashMap::new();
        for (number, says) in ours_new.iter().filter(|(number, _)| !settled.contains(number)) {
            ours_alone.entry(says.clone()).or_default().push_back(*number);
        }
        let all = rows(base).chain(rows(ours)).chain(rows(theirs));
        let last = all.filter_map(|row| self::number(&cell(&row, column))).max().unwrap_or(0);
        let to_other = |&at: &usize| {
            let from = |reference: &&Reference| reference.from.0 == name && reference.from.1 == names[at];
            references.iter().find(from).map(|reference| reference.to.0.clone())
        };
        let referring = telling.iter().enumerate().filter_map(|(place, at)| Some((place, to_other(at)?))).collect();
        Some(Self { table: name, column, theirs: clashing, ours: ours_alone, referring, last })
    }
}

/// Other numbers for new records of theirs: that of the record of ours that says the same, else the next one.
fn numbered(mut clashing: Vec<Clashing>) -> HashMap<String, Plan> {
    let mut plans: HashMap<String, Plan> = HashMap::new();
    for Clashing { table, column, .. } in &clashing {
        plans.insert(table.clone(), Plan { column: *column, numbers: BTreeMap::new(), gone: HashSet::new() });
    }
    // A record that refers to another one says the same only once that one has its number.
    let mut has_found = true;
    while has_found {
        has_found = false;
        for Clashing { table, theirs, ours, referring, .. } in &mut clashing {
            theirs.retain(|(old, says)| {
                let mut says = says.clone();
                for (place, table) in referring.iter() {
                    if let Some(new) = plans.get(table).and_then(|plan| plan.numbers.get(&says[*place])) {
                        says[*place].clone_from(new);
                    }
                }
                let Some(our) = ours.get_mut(&says).and_then(VecDeque::pop_front) else { return true };
                if let Some(plan) = plans.get_mut(table) {
                    plan.numbers.insert(old.to_string(), our.to_string());
                }
                has_found = true;
                false
            });
        }
    }
    for Clashing { table, theirs, last, .. } in clashing {
        let Some(plan) = plans.get_mut(&table) else { continue };
        for ((old, _), new) in theirs.iter().zip(last.saturating_add(1)..u64::MAX) {
            plan.numbers.insert(old.to_string(), new.to_string());
        }
    }
    plans
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
