//! Numbers that both sides gave away: new records with one number, interned texts with one id.
//!
//! They are settled before anything is merged, on the incoming side alone: what theirs added gets another number, and
//! what refers to it there follows. What ours added too, under another number, takes the number it has in ours: an
//! interned text, or a record that an earlier merge has brought there. So does a text or record of the base that an
//! earlier merge has given another number in ours, as when the commits of a branch are rebased one by one: in the base,
//! too.

mod graph;
mod strings;
mod tables;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::Options;
use super::keys::Reference;
use super::sides::Sides;
use crate::record::STRINGS;
use crate::sdn::{Document, Edit, EditError, Place, Reseal, Row, Table};
use tables::{Numbered, Numbering};

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

impl Renumbered {
    fn of(table: &str, old: &impl ToString, new: &impl ToString) -> Self {
        Self { table: table.to_owned(), old: old.to_string(), new: new.to_string() }
    }
}

/// The numbers of the records that may be other ones in ours than in the base, by their tables.
pub(super) type Doubtful = HashMap<String, Rc<HashSet<String>>>;

/// What becomes of the numbers of tables, by their names.
#[derive(Default)]
struct Plans {
    base: HashMap<String, Plan>,
    theirs: HashMap<String, Plan>,
    /// The new records of theirs, and those that theirs changed, which get other numbers.
    records: Vec<Renumbered>,
    doubtful: Doubtful,
}

/// What is to be done in one table.
struct Plan {
    column: usize,
    /// Old and new numbers.
    numbers: BTreeMap<String, String>,
    /// The numbers whose rows go, because ours has the same text.
    gone: HashSet<String>,
}

impl Plan {
    fn of(column: usize) -> Self {
        Self { column, numbers: BTreeMap::new(), gone: HashSet::new() }
    }
}

/// The documents with other numbers, where some were to change.
#[derive(Default)]
pub(super) struct Renumbering {
    pub base: Option<Document>,
    pub theirs: Option<Document>,
    pub records: Vec<Renumbered>,
    pub doubtful: Doubtful,
}

/// Gives other numbers to what is in the way. What cannot be changed without a doubt stays, and is a conflict.
pub(super) fn renumber(documents: Sides<&Document>, options: &Options) -> Renumbering {
    let all = [documents.base, documents.ours, documents.theirs];
    let references = Reference::all(&all, options.references.as_deref());
    let mut plans = Plans::default();
    if options.renumber {
        let tables = numbered(documents, options, &references);
        plans = Numbering::of(tables, &references).plans();
    }
    if let Some(tables) = only(&documents.map(by_name), STRINGS) {
        let is_interned = |table: Table<'_>| table.columns().eq(["id", "value"]);
        let texts = strings::plan(tables).filter(|_| tables.theirs.is_some_and(is_interned));
        if let Some(strings::Texts { base, theirs, added }) = texts {
            plans.records.extend(added.iter().map(|(old, new)| Renumbered::of(STRINGS, old, new)));
            plans.theirs.insert(STRINGS.to_owned(), theirs);
            if !base.numbers.is_empty() {
                plans.base.insert(STRINGS.to_owned(), base);
            }
        }
    }
    let mut renumbering = Renumbering { doubtful: plans.doubtful, ..Renumbering::default() };
    let change = |document: &Document, plans: &HashMap<String, Plan>| {
        let source = (!plans.is_empty()).then(|| changed(document, plans, &references));
        source.transpose().map(|source| source.map(Document::parse))
    };
    if let (Ok(base), Ok(theirs)) = (change(documents.base, &plans.base), change(documents.theirs, &plans.theirs)) {
        (renumbering.base, renumbering.theirs) = (base, theirs);
        renumbering.records = plans.records;
        renumbering.records.sort_by(|one, other| one.table.cmp(&other.table));
    }
    renumbering
}

/// The tables whose records have numbers that may be others.
fn numbered(documents: Sides<&Document>, options: &Options, references: &[Reference]) -> Vec<Numbered> {
    let named = documents.map(by_name);
    let referring: HashSet<(&str, &str)> =
        references.iter().map(|reference| (reference.from.0.as_str(), reference.from.1.as_str())).collect();
    let mut all = Vec::new();
    for theirs in documents.theirs.tables().filter(|table| !table.is_typed()) {
        let name = theirs.name();
        if let Some(tables) = only(&named, &name)
            && !(name == STRINGS && theirs.columns().eq(["id", "value"]))
            && let Ok([column]) = options.keys.columns(&theirs).as_deref()
            && let Some(column) = theirs.columns().nth(*column)
            // A key that names another record is not its table's to give away.
            && !referring.contains(&(&*name, &*column))
        {
            all.extend(Numbered::of(name.into_owned(), tables, &column));
        }
    }
    all
}

/// The tables that may be numbered anew, by name; nothing for a name that stands there twice.
fn by_name(document: &Document) -> HashMap<Cow<'_, str>, Option<Table<'_>>> {
    let mut named = HashMap::new();
    for table in document.tables().filter(|table| !table.is_typed()) {
        named.entry(table.name()).and_modify(|known| *known = None).or_insert(Some(table));
    }
    named
}

/// The table of this name on all sides; the base may not have it.
fn only<'d>(named: &Sides<HashMap<Cow<'d, str>, Option<Table<'d>>>>, name: &str) -> Option<Sides<Option<Table<'d>>>> {
    let Sides { base, ours, theirs } = named.each_ref().map(|named| named.get(name));
    let base = base.copied().map_or(Some(None), |base| base.map(Some))?;
    Some(Sides { base, ours: Some((*ours?)?), theirs: Some((*theirs?)?) })
}

fn rows(table: Option<Table<'_>>) -> impl Iterator<Item = Row<'_>> {
    table.into_iter().flat_map(|table| table.rows()).filter(|row| row.reading().fits())
}

fn cell<'d>(row: &Row<'d>, column: usize) -> Cow<'d, str> {
    row.cell(column).map(|cell| cell.value().text()).unwrap_or_default()
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// A document with the new numbers.
fn changed(document: &Document, plans: &HashMap<String, Plan>, references: &[Reference]) -> Result<Vec<u8>, EditError> {
    // The seal was looked at before.
    let mut edit = Edit::of(document, Reseal::Always)?;
    let mut of_table: HashMap<&str, Vec<&Reference>> = HashMap::new();
    for reference in references.iter().filter(|reference| plans.contains_key(&reference.to.0)) {
        of_table.entry(&reference.from.0).or_default().push(reference);
    }
    for table in document.tables().filter(|table| !table.is_typed()) {
        let name = table.name();
        let own = plans.get(&*name);
        let mut columns: Vec<(usize, &Plan)> = own.map(|plan| (plan.column, plan)).into_iter().collect();
        let mut known: HashSet<usize> = columns.iter().map(|(column, _)| *column).collect();
        for reference in of_table.get(&*name).into_iter().flatten() {
            let plan = plans.get(&reference.to.0);
            if let (Some(column), Some(plan)) = (table.column(&reference.from.1), plan)
                && known.insert(column)
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
                    edit.set(&Place::of_cell(document, row.piece(), cell), new)?;
                }
            }
        }
    }
    edit.finish()
}
