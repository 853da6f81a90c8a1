//! Rows for programs.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use sdnlock::address::{Address, Step};
use sdnlock::record::Key;
use sdnlock::sdn::{Spelling, spell};
use sdnlock::tree::{Node, SpellError, inline};

use super::grid::{Cells, Grid, Line};
use crate::cli::json;
use crate::cli::text;

/// An array of objects; of arrays, where the columns have no names.
pub fn json(grid: &Grid<'_>, columns: &[usize]) -> String {
    json::text(&Node::List(grid.rows.iter().map(|row| record(grid, columns, row)).collect()))
}

/// One object a line, or an array of so many.
pub fn jsonl(grid: &Grid<'_>, columns: &[usize], chunks: Option<NonZeroUsize>) -> String {
    let records = |rows: &[Line<'_>]| Node::List(rows.iter().map(|row| record(grid, columns, row)).collect());
    match chunks {
        Some(size) => grid.rows.chunks(size.get()).map(|rows| json::line(&records(rows)) + "\n").collect(),
        None => grid.rows.iter().map(|row| json::line(&record(grid, columns, row)) + "\n").collect(),
    }
}

fn record(grid: &Grid<'_>, columns: &[usize], row: &Line<'_>) -> Node {
    let cells = columns.iter().filter(|&&column| row.has(column));
    if grid.is_named {
        // Of several columns of one name the first one is meant, as everywhere.
        let mut known = HashSet::new();
        let cells = cells.filter(|&&column| known.insert(grid.columns[column].as_str()));
        Node::Dict(cells.map(|&column| (grid.columns[column].clone(), row.node(column))).collect())
    } else {
        Node::List(cells.map(|&column| row.node(column)).collect())
    }
}

/// As RFC 4180 has it, but with lines that end in LF.
pub fn csv(grid: &Grid<'_>, columns: &[usize]) -> String {
    let field = |text: &str| {
        if text.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    delimited(grid, columns, ",", field)
}

/// With tab, line feed, return and backslash as `\t`, `\n`, `\r` and `\\`.
pub fn tsv(grid: &Grid<'_>, columns: &[usize]) -> String {
    let field = |text: &str| {
        let text = text.replace('\\', "\\\\").replace('\t', "\\t");
        text.replace('\n', "\\n").replace('\r', "\\r")
    };
    delimited(grid, columns, "\t", field)
}

fn delimited(grid: &Grid<'_>, columns: &[usize], separator: &str, field: impl Fn(&str) -> String) -> String {
    let line = |fields: Vec<String>| fields.join(separator) + "\n";
    let names = columns.iter().map(|&column| field(&grid.columns[column])).collect();
    let rows = grid.rows.iter().map(|row| line(columns.iter().map(|&column| field(&row.text(column))).collect()));
    std::iter::once(line(names)).chain(rows).collect()
}

/// The key of each record, one a line; of a record without a key there is nothing.
pub fn keys(grid: &Grid<'_>) -> String {
    grid.rows
        .iter()
        .filter_map(|row| row.key(grid))
        .map(|key| text::visible_controls(&key.to_string()) + "\n")
        .collect()
}

/// The address of each record, one a line: by its key if that names it, else by its number.
pub fn addresses(grid: &Grid<'_>) -> String {
    // Another row may be meant by the key of a hidden one, or of one of several; and not every sign can be shown.
    let is_name = |row: &Line<'_>, key: &Key<'_>| {
        row.is_live && !grid.doubled.contains(key) && !key.parts().any(|part| part.contains(char::is_control))
    };
    let table = grid.name.as_ref().map(|table| text::visible_controls(&table.to_string()));
    let address = |row: &Line<'_>| match (&table, row.key(grid)) {
        (Some(table), Some(key)) if is_name(row, &key) => {
            let key = Address::of(key.to_string()).to_string();
            format!("{table}.{}\n", text::visible_controls(&key))
        }
        (Some(table), _) => format!("{table}[{}]\n", row.number),
        (None, _) => text::visible_controls(&row.text(0)) + "\n",
    };
    grid.rows.iter().map(address).collect()
}

/// A database that holds these records.
///
/// # Errors
/// If a cell cannot be written.
pub fn sdn(grid: &Grid<'_>, columns: &[usize]) -> Result<String, SpellError> {
    let name = match grid.name.as_ref().and_then(|address| address.steps().last()) {
        Some(Step::Name(name)) => name.clone(),
        _ => "tables".to_owned(),
    };
    let names =
        |of: &[String]| columns.iter().filter_map(|&column| of.get(column)).cloned().collect::<Vec<_>>().join(", ");
    let mut text = match &grid.types {
        Some(types) => format!("{name}: table{{{}}}\n", names(types)),
        None if grid.is_named => format!("{name} |{}|\n", names(&grid.columns)),
        None => format!("{name} ||\n"),
    };
    for row in &grid.rows {
        let cells = columns.iter().filter(|&&column| row.has(column)).map(|&column| cell(row, column));
        text += &format!("    {}\n", cells.collect::<Result<Vec<_>, _>>()?.join(", "));
    }
    Ok(text)
}

/// A cell as every reader takes it; one that holds a control character as it stands.
fn cell(row: &Line<'_>, column: usize) -> Result<String, SpellError> {
    let node = row.node(column);
    let spelled = match (&node, &row.cells) {
        (Node::Text(text), Cells::Row(of))
            if of.cell(column).is_some_and(|cell| cell.value().spelling() == Spelling::Quoted) =>
        {
            spell(text, Spelling::Quoted).map(std::borrow::Cow::into_owned).map_err(SpellError::from)
        }
        _ => inline(&node),
    };
    let as_it_stands = || match &row.cells {
        Cells::Row(row) => row.cell(column).map(|cell| cell.value()),
        Cells::Made(_) => None,
    };
    spelled.or_else(|why| match as_it_stands() {
        Some(value) if matches!(value.spelling(), Spelling::Quoted | Spelling::Bracketed) => {
            Ok(String::from_utf8_lossy(value.raw()).into_owned())
        }
        _ => Err(why),
    })
}
