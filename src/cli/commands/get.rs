//! `sdnlock get`

use anyhow::Result;
use sdnlock::address::{Address, Target};
use sdnlock::sdn::{Document, Row, Table};

use crate::cli::args::{ChoiceOptions, GetArgs, ListFormat};
use crate::cli::failure::Failure;
use crate::cli::listing::Listing;
use crate::cli::pager::Paging;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;

pub fn run(args: &GetArgs, report: Report) -> Result<u8> {
    let address: Address = args.address.parse().map_err(|error| Failure::address(&error))?;
    let (content, schema) = Session::begin(&args.lock, report)?.read_with_schema(&args.file, args.lockless)?;
    let (document, keys) = (Document::parse(content), schema.keys());
    let target = address.find_by(&document, &keys).map_err(|error| Failure::lookup(&args.file, &error))?;
    let no_value = || {
        let file = text::argument(args.file.as_ref());
        let shown = text::argument(args.address.as_ref());
        let title = format!("{}: `{address}` is a block of settings, not a value", text::path(&args.file));
        let hint = format!("name a setting in it, or print the block with `sdnlock read {file} {shown}`");
        Failure::new(status::NO, title).hint(hint)
    };
    let text = match target {
        Target::Value(place) => format!("{}\n", place.value().text()),
        Target::Record(table, row) => record(&table, &row),
        Target::Table(table) => {
            let listing = Listing::new(&ChoiceOptions::default(), ListFormat::Table, Paging::IfLong, report)?;
            listing.records(&args.file, &table, &keys)?;
            return Ok(status::DONE);
        }
        Target::Block(_) => return Err(no_value().into()),
    };
    streams::bytes(text.as_bytes())?;
    Ok(status::DONE)
}

/// One `column: value` a line.
fn record(table: &Table<'_>, row: &Row<'_>) -> String {
    let cells = table.columns().zip(row.cells());
    cells.map(|(column, cell)| format!("{column}: {}\n", cell.value().text())).collect()
}
