//! The values that a cell or setting may have.

use std::borrow::Cow;
use std::collections::HashSet;

use sdnlock::address::{Address, Comparison, Predicate, Step, Target};
use sdnlock::check::ValueType;
use sdnlock::record::{self, VALID};
use sdnlock::sdn::Table;

use super::database::Database;
use super::offers::{End, Offer};

/// A column with more different values is one of texts, of which none is meant.
const MOST: usize = 50;
/// A longer value is not offered.
const LONGEST: usize = 40;

/// The values for an address that ends there in a word; as `=`, or in comparisons with any sign.
pub fn of_address(database: &Database, word: &str, end: usize, compares: bool) -> Vec<Offer> {
    let split = Comparison::split(&word[end..]);
    let Some((_, sign, value)) = split.filter(|(_, sign, _)| compares || *sign == Comparison::Equal) else {
        return Vec::new();
    };
    let Ok(address) = word[..end].parse::<Address>() else {
        return Vec::new();
    };
    let before = &word[..word.len() - value.len()];
    let record = address.outer().and_then(|outer| database.finder().find(&outer).ok());
    let mut found = match (record, address.steps().last()) {
        (Some(Target::Record(table, _)), Some(Step::Name(column))) => of_column(database, &table, column),
        _ => Vec::new(),
    };
    // What stands there can be changed a little.
    if found.is_empty()
        && let Ok(Target::Value(place)) = database.finder().find(&address)
    {
        let text = place.value().text().into_owned();
        found = if place.value().boolean().is_some() { boolean() } else { vec![text] };
    }
    offers(&found, before, value, sign, compares)
}

/// The values for a column of a table, behind the sign in a word as `COLUMN=VALUE`, or a comparison.
pub fn of_field(database: &Database, table: &Table<'_>, word: &str, compares: bool) -> Option<Vec<Offer>> {
    let (column, sign, value) = Comparison::split(word)?;
    let before = &word[..word.len() - value.len()];
    Some(offers(&of_column(database, table, column.trim()), before, value, sign, compares))
}

/// The values as they are written there: in a comparison some need quotes.
fn offers(values: &[String], before: &str, typed: &str, sign: Comparison, compares: bool) -> Vec<Offer> {
    if sign == Comparison::Contains {
        return Vec::new();
    }
    let values = values.iter().filter(|value| !value.is_empty() && !value.contains(char::is_control));
    let spelled = values.map(|value| if compares { Predicate::spelled(value) } else { value.into() });
    let fits = |value: &Cow<'_, str>| value.starts_with(typed);
    spelled.filter(fits).map(|value| Offer::new(format!("{before}{value}"), End::Word)).collect()
}

/// What the schema says that a column holds; if it does not say, what it holds already.
fn of_column(database: &Database, table: &Table<'_>, column: &str) -> Vec<String> {
    let name = table.name();
    let listed = database.schema.values(&name, column);
    if !listed.is_empty() {
        return listed.to_vec();
    }
    if column == VALID || database.schema.value_type(&name, column) == Some(ValueType::Boolean) {
        return boolean();
    }
    let of_here = (name.into_owned(), column.to_owned());
    let target = database.schema.references().find(|(from, _)| *from == of_here).map(|(_, target)| target);
    if let Some((other, other_column)) = target
        && let Some(other) = database.document.tables().find(|table| table.name() == other)
    {
        return distinct(&other, &other_column, usize::MAX);
    }
    distinct(table, column, MOST)
}

fn boolean() -> Vec<String> {
    ["true", "false"].map(str::to_owned).to_vec()
}

/// The different values of a column in live records; none if there are more than so many.
fn distinct(table: &Table<'_>, column: &str, most: usize) -> Vec<String> {
    let mut known = HashSet::new();
    let mut found = Vec::new();
    let position = if table.is_typed() { None } else { table.column(column) };
    let Some(position) = position else {
        return found;
    };
    for row in table.rows().filter(|row| row.reading().fits() && record::is_live(table, row)) {
        let Some(cell) = row.cell(position) else { continue };
        let value = cell.value().text();
        if known.contains(&*value) {
            continue;
        }
        if known.len() == most {
            return Vec::new();
        }
        known.insert(value.clone().into_owned());
        if value.chars().count() <= LONGEST {
            found.push(value.into_owned());
        }
    }
    found
}
