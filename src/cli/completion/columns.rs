//! Tables and their columns.

use std::collections::HashSet;

use sdnlock::address::{Address, Comparison, Step};
use sdnlock::sdn::Table;

use super::addresses;
use super::database::Database;
use super::line::Line;
use super::offers::{End, Offer};
use super::values;

/// The tables of the database, those within blocks by their address.
pub fn tables(line: &Line, word: &str) -> Vec<Offer> {
    let Some(database) = Database::of(line) else {
        return Vec::new();
    };
    let offer = |table| {
        let address = Address::of_table(&table).to_string();
        address.starts_with(word).then(|| Offer::new(address, End::Word).help(addresses::columns(&table)))
    };
    database.document.tables().filter_map(offer).chain(unreadable(&database, word)).collect()
}

/// What at the top of the file cannot be read for certain, and may be meant for a table: the command says why.
fn unreadable(database: &Database, word: &str) -> Vec<Offer> {
    let all = database.finder().below(None).into_iter().flatten().filter(|below| below.target.is_none());
    let names = all.filter_map(|below| match below.step {
        Step::Name(name) => Some(Address::of(name).to_string()),
        Step::Index(_) => None,
    });
    let fitting = names.filter(|name| name.starts_with(word));
    fitting.map(|name| Offer::new(name, End::Word).help(addresses::UNREADABLE)).collect()
}

/// `list --where CONDITION`, `add --if-each CONDITION`
pub fn conditions(line: &Line, word: &str) -> Vec<Offer> {
    let Some(database) = Database::of(line) else {
        return Vec::new();
    };
    let tables = chosen(&database, line);
    if Comparison::split(word).is_none() {
        return names(&tables, word).map(|name| Offer::new(format!("{name}="), End::Open)).collect();
    }
    let mut values = tables.iter().filter_map(|table| values::of_field(&database, table, word, true));
    values.find(|values| !values.is_empty()).unwrap_or_default()
}

/// `list --columns COLUMNS`: one of them, which is not there yet.
pub fn listed(line: &Line, word: &str) -> Vec<Offer> {
    offered(line, word, "")
}

/// `list --sort COLUMNS`: one of them, maybe from the largest down.
pub fn sorted(line: &Line, word: &str) -> Vec<Offer> {
    offered(line, word, if word.starts_with('-') { "-" } else { "" })
}

fn offered(line: &Line, word: &str, before: &str) -> Vec<Offer> {
    let Some(database) = Database::of(line) else {
        return Vec::new();
    };
    let whole = line.word().to_string_lossy();
    let given: Vec<&str> = whole.split([',', '=']).map(|name| name.trim_start_matches('-')).collect();
    let earlier = &given[..given.len() - 1];
    let tables = chosen(&database, line);
    let names = names(&tables, &word[before.len()..]).filter(|name| !earlier.contains(&name.as_str()));
    names.map(|name| Offer::new(format!("{before}{name}"), End::Open)).collect()
}

/// `add COL=VALUE`: columns that are not given yet.
pub fn fields(line: &Line, word: &str) -> Vec<Offer> {
    let table = |database: &Database| -> Option<Vec<Offer>> {
        let table = database.table(&line.table()?)?;
        if word.contains('=') {
            return values::of_field(database, &table, word, false);
        }
        let fields = line.argument("fields").unwrap_or_default();
        let given = fields.iter().filter_map(|field| field.to_str()?.split_once('=')).map(|(name, _)| name);
        let given: HashSet<&str> = given.collect();
        let missing = names(&[table], word).filter(|name| !given.contains(name.as_str()));
        Some(missing.map(|name| Offer::new(format!("{name}="), End::Open)).collect())
    };
    Database::of(line).and_then(|database| table(&database)).unwrap_or_default()
}

/// `alter --rename-column OLD=NEW`
pub fn renamed(line: &Line, word: &str) -> Vec<Offer> {
    altered(line, word, "=", End::Open)
}

/// `alter --drop-column NAME`
pub fn dropped(line: &Line, word: &str) -> Vec<Offer> {
    altered(line, word, "", End::Word)
}

fn altered(line: &Line, word: &str, behind: &str, end: End) -> Vec<Offer> {
    let Some(database) = Database::of(line) else {
        return Vec::new();
    };
    names(&chosen(&database, line), word).map(|name| Offer::new(format!("{name}{behind}"), end)).collect()
}

/// The table that the line names; all of them as long as it names none.
fn chosen<'d>(database: &'d Database, line: &Line) -> Vec<Table<'d>> {
    match line.table() {
        Some(table) => database.table(&table).into_iter().collect(),
        None => database.document.tables().collect(),
    }
}

/// The names of their columns that begin so.
fn names<'d>(tables: &[Table<'d>], word: &str) -> impl Iterator<Item = String> + use<'d> {
    let mut known = HashSet::new();
    let columns = tables.iter().filter(|table| !table.is_typed()).flat_map(Table::columns);
    let fitting = columns.filter(|name| name.starts_with(word));
    let distinct: Vec<String> = fitting.filter(|name| known.insert(name.clone())).map(Into::into).collect();
    distinct.into_iter()
}
