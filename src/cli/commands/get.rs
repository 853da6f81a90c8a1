//! `sdnlock get`

use anyhow::Result;
use sdnlock::address::{Address, Target};
use sdnlock::sdn::{Document, Row, Table};

use crate::cli::args::GetArgs;
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;

pub fn run(args: &GetArgs, report: Report) -> Result<u8> {
    let address: Address = args.address.parse().map_err(|error| Failure::address(&error))?;
    let snapshot = Session::begin(&args.lock, report).read(&args.file, args.lockless)?;
    let document = Document::parse(snapshot.into_bytes());
    let target = address.find(&document).map_err(|error| Failure::lookup(&args.file, &error))?;
    let text = match target {
        Target::Value(place) => format!("{}\n", place.value().text()),
        Target::Record(table, row) => record(&table, &row),
        Target::Table(table) => {
            let title = format!("`{address}` is a table, not a value");
            let hint = format!(
                "name a record of it, or print the table with `sdnlock read {} {address}`",
                args.file.display()
            );
            let _ = table;
            return Err(Failure::new(status::NO, title).hint(hint).into());
        }
        Target::Block(_) => {
            let title = format!("`{address}` is a block of settings, not a value");
            let hint = format!(
                "name a setting in it, or print the block with `sdnlock read {} {address}`",
                args.file.display()
            );
            return Err(Failure::new(status::NO, title).hint(hint).into());
        }
    };
    streams::bytes(text.as_bytes())?;
    Ok(status::DONE)
}

/// One `column: value` a line.
fn record(table: &Table<'_>, row: &Row<'_>) -> String {
    let cells = table.columns().zip(row.cells());
    cells.map(|(column, cell)| format!("{column}: {}\n", cell.value().text())).collect()
}
