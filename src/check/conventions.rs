//! What is usual in databases (section 8 of `sdn-format.md`), for tables of which no schema speaks.
//!
//! 1. No two live rows have one key, where a table has one whatever it holds ([`Keys`](crate::record::Keys), 2 and 3).
//!    Of other tables whose first column repeats, some readers keep the last row only.
//! 2. The ids of `strings |id, value|` count from 0.
//! 3. Where there is such a table, a column `x_str` holds ids of strings. A column `x_id` names a row of
//!    the table that is keyed by `x_id`, or of the table named for `x` that is keyed by `id`; if there is
//!    none, it holds ids of strings too. It is left alone if it does not look so: if a cell is no number,
//!    if none of several ids is one of a string, or if the name is known for something else.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::Options;
use super::alike::Alike;
use super::cells::{Counted, Keys, rows};
use super::finding::{Finding, Findings, Rule, finding, shortened};
use super::places::Told;
use super::reader::Reader;
use super::schema::Schema;
use crate::record::{STRINGS, certain_key, content, counts_up, plurals};
use crate::sdn::{Document, Table};

/// Ids of what is kept in other databases or elsewhere.
const FOREIGN: &[&str] = &["bug_id", "commit_id", "external_id", "run_id", "test_id"];

pub(super) fn check(document: &Document, options: &Options<'_>, findings: &mut Findings) {
    let layout = Layout::of(document);
    let mut targets = Targets::default();
    let told = Told::by(options);
    let wants_notes = options.notes || options.reader != Reader::default();
    for table in document.tables().filter(|table| !table.is_typed()) {
        if options.schema.is_some_and(|schema| schema.knows(&table.name())) {
            continue;
        }
        match certain_key(&table) {
            Some(column) => repeated(table, column, Rule::RepeatedId, told, findings),
            None if wants_notes => repeated(table, 0, Rule::RepeatedFirst, told, findings),
            None => {}
        }
        if is_strings(&table) {
            string_gaps(&table, told, findings);
        } else if layout.has_strings {
            dangling(&table, &layout, &mut targets, told, findings);
        }
    }
}

/// Finds live rows that say in a column what another one says above.
fn repeated(table: Table<'_>, column: usize, rule: Rule, told: Told, findings: &mut Findings) {
    if (column == 0 && counts_up(&table)) || table.has_conflict() {
        return;
    }
    let mut keys = Keys::of(table, vec![column], rule, told);
    for Counted { number, row, .. } in Counted::rows(&table).filter(|row| row.live) {
        keys.add(number, &row, findings);
    }
    keys.end(findings);
}

fn is_strings(table: &Table<'_>) -> bool {
    !table.is_typed() && table.name() == STRINGS && ["id", "value"].iter().all(|name| table.column(name).is_some())
}

fn string_gaps(table: &Table<'_>, told: Told, findings: &mut Findings) {
    let mut alike = Alike::told(told);
    for (position, gap) in gaps(table) {
        alike.add(position, Rule::StringGap, || gap, findings);
    }
    alike.end(findings);
}

/// The ids of the strings of a document that do not count up, one by one.
pub(super) fn gaps_of(document: &Document) -> Vec<Finding> {
    let strings = document.tables().filter(is_strings);
    strings.flat_map(|table| gaps(&table)).map(|(_, gap)| gap).collect()
}

/// The ids that do not count up, with the numbers of their rows.
fn gaps(table: &Table<'_>) -> Vec<(usize, Finding)> {
    let mut gaps = Vec::new();
    let Some(column) = table.column("id") else { return gaps };
    let mut last = None;
    for (position, row) in rows(table).enumerate() {
        let Some(cell) = row.cell(column) else { continue };
        let number = u64::try_from(cell.value().integer().unwrap_or(-1)).ok();
        let expected = last.map_or(0, |last: u64| last.saturating_add(1));
        let shown = shortened(&cell.value().text());
        let message = match number {
            // A key that stands twice has its finding.
            Some(number) if number == expected || Some(number) == last => {
                last = Some(number);
                continue;
            }
            Some(number) => {
                let before = last.map_or("begin with".to_owned(), |last| format!("go from {last} to"));
                last = Some(number);
                format!(
                    "the ids of `{STRINGS}` {before} {number}, where a reader that counts the rows takes {expected}"
                )
            }
            None => format!("`{shown}` is no id of a string; those are numbers that count from 0"),
        };
        gaps.push((position, finding(Rule::StringGap, cell.span(), format!("{STRINGS} {shown}"), message)));
    }
    gaps
}

/// Which tables of a document are keyed by what.
pub(super) struct Layout<'d> {
    /// The tables that are keyed by a column `x_id`, by the name of that; those keyed by `id`, by their own
    /// names.
    keyed: HashMap<Cow<'d, str>, Table<'d>>,
    /// The first columns of all tables.
    firsts: HashSet<Cow<'d, str>>,
    strings: Vec<Table<'d>>,
    pub has_strings: bool,
}

/// A column that names rows of a table.
pub(super) struct Link<'d> {
    pub column: usize,
    pub target: Table<'d>,
    pub target_column: usize,
    evidence: Evidence,
}

/// Why a column is taken for a link.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// It is named for the table.
    Named,
    /// It ends in `_str`.
    Suffix,
    /// It ends in `_id`, and nothing else has that name.
    NothingElse,
}

impl<'d> Layout<'d> {
    pub fn of(document: &'d Document) -> Self {
        let mut keyed = HashMap::new();
        let mut firsts = HashSet::new();
        let mut strings = Vec::new();
        for table in document.tables().filter(|table| !table.is_typed()) {
            firsts.extend(table.columns().next());
            if is_strings(&table) {
                strings.push(table);
            } else if let Some(column) = certain_key(&table) {
                let key = table.column_name(column).filter(|name| name != "id");
                keyed.entry(key.unwrap_or_else(|| table.name())).or_insert(table);
            }
        }
        Self { keyed, firsts, has_strings: !strings.is_empty(), strings }
    }

    /// The columns of a table that name rows of other tables.
    pub fn links(&self, table: &Table<'d>) -> Vec<Link<'d>> {
        let own = certain_key(table);
        let columns = table.columns().enumerate().filter(|(column, _)| Some(*column) != own);
        columns.filter_map(|(column, name)| self.link(column, &name)).collect()
    }

    fn link(&self, column: usize, name: &str) -> Option<Link<'d>> {
        let to_strings = |evidence| {
            let target = *self.strings.first()?;
            Some(Link { column, target, target_column: target.column("id")?, evidence })
        };
        if name.strip_suffix("_str").is_some_and(|what| !what.is_empty()) {
            return to_strings(Evidence::Suffix);
        }
        let what = name.strip_suffix("_id").filter(|what| !what.is_empty())?;
        let by_id = || plurals(what).iter().find_map(|name| self.keyed.get(&**name));
        if let Some(&target) = self.keyed.get(name).or_else(by_id) {
            return Some(Link { column, target, target_column: certain_key(&target)?, evidence: Evidence::Named });
        }
        let elsewhere = self.firsts.contains(name) || FOREIGN.contains(&name);
        if elsewhere { None } else { to_strings(Evidence::NothingElse) }
    }

    /// The ids that a link may name.
    pub fn ids(&self, link: &Link<'d>) -> HashSet<Cow<'d, str>> {
        let of = |table: &Table<'d>, column: usize| -> HashSet<Cow<'d, str>> {
            rows(table).filter_map(move |row| content(row.cell(column)?)).collect()
        };
        if link.evidence == Evidence::Named {
            return of(&link.target, link.target_column);
        }
        self.strings.iter().filter_map(|table| Some(of(table, table.column("id")?))).flatten().collect()
    }
}

/// The ids of tables that have been asked for, by table and column.
#[derive(Default)]
struct Targets<'d>(HashMap<(usize, usize), HashSet<Cow<'d, str>>>);

/// What the cells of a linking column say of it.
struct Look<'d> {
    link: Link<'d>,
    alike: Alike,
    found: Findings,
    /// How many cells hold numbers, and how many hold something else.
    numbers: usize,
    others: usize,
    /// How many ids exist.
    resolved: usize,
    /// An id that does not exist.
    missing: Option<Cow<'d, str>>,
    /// Whether there is another one.
    several: bool,
}

impl<'d> Look<'d> {
    fn at(link: Link<'d>, told: Told) -> Self {
        let (alike, found) = (Alike::told(told), Findings::new());
        Self { link, alike, found, numbers: 0, others: 0, resolved: 0, missing: None, several: false }
    }

    /// Whether the column is one of ids.
    fn convinces(&self) -> bool {
        match self.link.evidence {
            Evidence::Named => true,
            Evidence::Suffix => self.numbers > 0,
            Evidence::NothingElse => self.others == 0 && (self.resolved > 0 || !self.several),
        }
    }
}

/// The columns of the tables of a document, by the names of both, that name rows of other ones, but for what the schema
/// says; and what they name.
pub(super) fn links_of(document: &Document, schema: &Schema) -> Vec<[(String, String); 2]> {
    let layout = Layout::of(document);
    let mut targets = Targets::default();
    let mut links = Vec::new();
    if !layout.has_strings {
        return links;
    }
    let tables = document.tables().filter(|table| !table.is_typed() && !is_strings(table));
    for table in tables.filter(|table| !schema.knows(&table.name())) {
        let names = |table: &Table<'_>, column: usize| {
            let name = table.column_name(column).unwrap_or_default().into_owned();
            (table.name().into_owned(), name)
        };
        let looks = looks(&table, &layout, &mut targets, Told::Together).into_iter().filter(Look::convinces);
        links.extend(
            looks.map(|Look { link, .. }| [names(&table, link.column), names(&link.target, link.target_column)]),
        );
    }
    links
}

fn dangling<'d>(
    table: &Table<'d>,
    layout: &Layout<'d>,
    targets: &mut Targets<'d>,
    told: Told,
    findings: &mut Findings,
) {
    for mut look in looks(table, layout, targets, told) {
        if look.convinces() {
            findings.append(&mut look.found);
        }
    }
}

/// What each linking column of a table says.
fn looks<'d>(table: &Table<'d>, layout: &Layout<'d>, targets: &mut Targets<'d>, told: Told) -> Vec<Look<'d>> {
    let mut looks: Vec<Look<'d>> = Vec::new();
    for link in layout.links(table) {
        targets.0.entry((link.target.piece(), link.target_column)).or_insert_with(|| layout.ids(&link));
        looks.push(Look::at(link, told));
    }
    if looks.is_empty() {
        return looks;
    }
    let name = table.name();
    let columns: Vec<_> = table.columns().collect();
    for Counted { number, row, .. } in Counted::rows(table).filter(|row| row.live) {
        for look in &mut looks {
            let Some(cell) = row.cell(look.link.column) else { continue };
            let Some(id) = content(cell) else { continue };
            let is_number = id.bytes().all(|b| b.is_ascii_digit());
            *(if is_number { &mut look.numbers } else { &mut look.others }) += 1;
            let (target, target_column) = (look.link.target, look.link.target_column);
            if targets.0.get(&(target.piece(), target_column)).is_some_and(|ids| ids.contains(&id)) {
                look.resolved += 1;
                continue;
            }
            let (column, evidence) = (&columns[look.link.column], look.link.evidence);
            let find = || {
                let (holds, target) = match evidence {
                    Evidence::Named => ("names a row", target.name()),
                    _ => ("holds ids", Cow::Borrowed(STRINGS)),
                };
                let message = format!("`{name}.{column}` {holds} of `{target}`, which has no `{}`", shortened(&id));
                finding(Rule::DanglingId, cell.span(), format!("{name}.{column} {id}"), message)
            };
            look.alike.add(number, Rule::DanglingId, find, &mut look.found);
            look.several |= look.missing.as_ref().is_some_and(|missing| *missing != id);
            look.missing.get_or_insert(id);
        }
    }
    for look in &mut looks {
        look.alike.end(&mut look.found);
    }
    looks
}
