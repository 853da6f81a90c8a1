//! What in a database is not as its schema says.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::super::alike::Alike;
use super::super::cells::{Counted, Keys, rows};
use super::super::finding::{Finding, Findings, Rule, excerpt, finding, shortened, shortened_list};
use super::super::places::Told;
use super::{ColumnRule, Reference, Schema, TableRules, ValueType};
use crate::record::{content, counts_up};
use crate::sdn::{Cell, Document, Table};
use crate::text::Span;

pub(in crate::check) fn check(document: &Document, schema: &Schema, told: Told, findings: &mut Findings) {
    findings.extend(too_large(document, schema));
    check_tables(document, schema, told, findings);
}

/// The cells that a schema forbids, each by itself.
pub(in crate::check) fn forbidden(document: &Document, schema: &Schema) -> Findings {
    let mut findings = Findings::new();
    check_tables(document, schema, Told::Each, &mut findings);
    let is_of_cell = |rule| matches!(rule, Rule::WrongType | Rule::RequiredCell | Rule::UnlistedValue);
    findings.retain(|finding| is_of_cell(finding.rule));
    findings
}

fn check_tables(document: &Document, schema: &Schema, told: Told, findings: &mut Findings) {
    let tables: Vec<(Table<'_>, &TableRules)> =
        document.tables().filter_map(|table| Some((table, rules_of(schema, &table)?))).collect();
    let mut seen = HashSet::new();
    let rules = tables.iter().filter(|(table, _)| seen.insert(table.name())).map(|(_, rules)| *rules);
    let targets = Targets::of(document, rules.flat_map(|rules| &rules.references));
    for (table, rules) in tables {
        check_table(&table, rules, &targets, told, findings);
    }
}

fn rules_of<'s>(schema: &'s Schema, table: &Table<'_>) -> Option<&'s TableRules> {
    schema.tables.get(&*table.name()).filter(|_| !table.is_typed())
}

fn too_large(document: &Document, schema: &Schema) -> Option<Finding> {
    let size = document.source().len();
    let limit = schema.max_size.filter(|&limit| u64::try_from(size).is_ok_and(|size| size > limit))?;
    let message = format!("the file has {size} bytes, and the schema allows {limit}");
    Some(finding(Rule::TooLarge, Span::empty(0), "", message))
}

/// What references may name, by table and column: nothing if the document has no such table, or the
/// table no such column.
#[derive(Default)]
pub(super) struct Targets<'d> {
    known: HashMap<(&'d str, &'d str), HashSet<Cow<'d, str>>>,
}

impl<'d> Targets<'d> {
    /// Those of some references.
    pub fn of(document: &'d Document, references: impl Iterator<Item = &'d Reference>) -> Self {
        let names: HashSet<(&str, &str)> = references.map(|to| (&*to.target_table, &*to.target_column)).collect();
        let mut wanted: HashMap<&str, Vec<&str>> = HashMap::new();
        for (table, column) in names {
            wanted.entry(table).or_default().push(column);
        }
        let mut known: HashMap<(&str, &str), HashSet<_>> = HashMap::new();
        for table in document.tables().filter(|table| !table.is_typed()) {
            let Some((&name, columns)) = wanted.get_key_value(&*table.name()) else { continue };
            let places = columns.iter().filter_map(|&column| Some((table.column(column)?, column)));
            let mut columns: Vec<(usize, &str, HashSet<_>)> =
                places.map(|(position, column)| (position, column, HashSet::new())).collect();
            columns.sort_unstable_by_key(|(position, ..)| *position);
            for row in rows(&table) {
                let there = within(&mut columns, row.cells().len(), |(position, ..)| *position);
                for (position, _, values) in there {
                    values.extend(row.cell(*position).and_then(content));
                }
            }
            for (_, column, values) in columns {
                known.entry((name, column)).or_default().extend(values);
            }
        }
        Self { known }
    }

    /// What a reference may name; nothing if it refers to what does not exist.
    fn by<'t>(&'t self, reference: &'t Reference) -> Option<&'t HashSet<Cow<'t, str>>> {
        self.known.get(&(&*reference.target_table, &*reference.target_column))
    }
}

/// Whether a table, of one document, keeps what is said of tables of its name.
pub(super) fn keeps(table: &Table<'_>, rules: &TableRules) -> bool {
    let mut findings = Findings::new();
    check_table(table, rules, &Targets::default(), Told::Together, &mut findings);
    findings.is_empty()
}

/// Notes which of some references a table, of one document, breaks.
pub(super) fn note_broken(table: &Table<'_>, references: &[Reference], targets: &Targets<'_>, is_broken: &mut [bool]) {
    let mut places = Vec::new();
    for (number, reference) in references.iter().enumerate() {
        match table.column(&reference.column) {
            Some(position) => places.push((position, number, targets.by(reference))),
            None => is_broken[number] = true,
        }
    }
    places.sort_unstable_by_key(|(position, number, _)| (*position, *number));
    for Counted { row, .. } in Counted::rows(table).filter(|counted| counted.live) {
        for (position, number, values) in within(&mut places, row.cells().len(), |(position, ..)| *position) {
            let Some(text) = row.cell(*position).and_then(content) else { continue };
            is_broken[*number] |= values.is_none_or(|values| !values.contains(&text));
        }
    }
}

/// Those of some columns, in the order of their places, that a row of so many cells has.
fn within<T>(columns: &mut [T], cells: usize, place: impl Fn(&T) -> usize) -> &mut [T] {
    let count = columns.partition_point(|column| place(column) < cells);
    &mut columns[..count]
}

fn check_table(table: &Table<'_>, rules: &TableRules, targets: &Targets<'_>, told: Told, findings: &mut Findings) {
    let alike = || Alike::told(told);
    let mut columns = Columns { table, missing: HashSet::new() };
    let mut cells: Vec<_> = (rules.columns.iter())
        .filter_map(|rule| {
            let values: HashSet<&str> = rule.values.iter().map(String::as_str).collect();
            Some((columns.find(&rule.name, findings)?, rule, values, alike()))
        })
        .collect();
    cells.sort_by_key(|(position, ..)| *position);
    let mut keys: Vec<_> = (rules.keys.iter())
        .filter(|key| !key.is_empty())
        .filter_map(|key| {
            let positions: Option<Vec<usize>> = key.iter().map(|name| columns.find(name, findings)).collect();
            let positions = positions.filter(|positions| *positions != [0] || !counts_up(table))?;
            if table.has_conflict() {
                return None;
            }
            Some(Keys::of(*table, positions, Rule::RepeatedKey, told))
        })
        .collect();
    let mut references = Vec::new();
    for reference in &rules.references {
        let Some(position) = columns.find(&reference.column, findings) else { continue };
        references.push((position, reference, targets.by(reference), alike()));
    }
    references.sort_by_key(|(position, ..)| *position);
    for Counted { number, row, live } in Counted::rows(table) {
        let width = row.cells().len();
        for (position, rule, values, alike) in within(&mut cells, width, |(position, ..)| *position) {
            let Some(cell) = row.cell(*position) else { continue };
            if let Some(broken) = broken_rule(rule, values, &cell) {
                alike.add(number, broken, || wrong_cell(table, rule, &cell, broken), findings);
            }
        }
        if !live {
            continue;
        }
        for key in &mut keys {
            key.add(number, &row, findings);
        }
        for (position, reference, values, alike) in within(&mut references, width, |(position, ..)| *position) {
            let Some(cell) = row.cell(*position) else { continue };
            let Some(text) = content(cell) else { continue };
            if values.is_some_and(|values| values.contains(&text)) {
                continue;
            }
            let find = || {
                let (name, column) = (table.name(), &reference.column);
                let (target, target_column) = (&reference.target_table, &reference.target_column);
                let why = match values {
                    Some(_) => format!("which has no `{}`", shortened(&text)),
                    None => "which does not exist in this file".to_owned(),
                };
                let message = format!("`{name}.{column}` refers to `{target}.{target_column}`, {why}");
                finding(Rule::DanglingReference, cell.span(), format!("{name}.{column} {text}"), message)
            };
            alike.add(number, Rule::DanglingReference, find, findings);
        }
    }
    for (.., alike) in &mut cells {
        alike.end(findings);
    }
    for key in &mut keys {
        key.end(findings);
    }
    for (.., alike) in &mut references {
        alike.end(findings);
    }
}

/// The columns of a table by their names. One that is missing is told once.
struct Columns<'t, 'd> {
    table: &'t Table<'d>,
    missing: HashSet<String>,
}

impl Columns<'_, '_> {
    fn find(&mut self, name: &str, findings: &mut Findings) -> Option<usize> {
        let position = self.table.column(name);
        if position.is_none() && self.missing.insert(name.to_owned()) {
            let table = self.table.name();
            let message = format!("the table `{table}` has no column `{name}`, of which the schema speaks");
            let subject = format!("{table}.{name}");
            findings.push(finding(Rule::MissingColumn, self.table.name_span(), subject, message));
        }
        position
    }
}

/// The rule that a cell breaks, if any.
fn broken_rule(rule: &ColumnRule, values: &HashSet<&str>, cell: &Cell<'_>) -> Option<Rule> {
    let Some(text) = content(*cell) else { return rule.required.then_some(Rule::RequiredCell) };
    match rule.value_type {
        ValueType::Enum => (!values.contains(&*text)).then_some(Rule::UnlistedValue),
        other => (!other.accepts(cell.value())).then_some(Rule::WrongType),
    }
}

fn wrong_cell(table: &Table<'_>, rule: &ColumnRule, cell: &Cell<'_>, broken: Rule) -> Finding {
    let place = format!("{}.{}", table.name(), rule.name);
    let shown = excerpt(table.document().source(), cell.span());
    let message = match broken {
        Rule::RequiredCell => format!("`{place}` is empty, and the schema requires it"),
        Rule::UnlistedValue => format!("`{shown}` is none of the values of `{place}`"),
        _ => format!("`{shown}` is no {}, as the schema wants `{place}` to be", rule.value_type.noun()),
    };
    let help = match broken {
        Rule::UnlistedValue => Some(format!("they are {}", shortened_list(&rule.values))),
        Rule::WrongType => rule.value_type.help().map(str::to_owned),
        _ => None,
    };
    let found = finding(broken, cell.span(), format!("{place} {shown}"), message);
    match help {
        Some(help) => found.help(help),
        None => found,
    }
}
