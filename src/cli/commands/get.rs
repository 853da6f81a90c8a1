//! `sdnlock get`

use anyhow::Result;
use sdnlock::address::{Address, Target};
use sdnlock::sdn::{Document, Row, Table};

use crate::cli::args::GetArgs;
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::schemas;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;

pub fn run(args: &GetArgs, report: Report) -> Result<u8> {
    let address: Address = args.address.parse().map_err(|error| Failure::address(&error))?;
    let content = Session::begin(&args.lock, report)?.read(&args.file, args.lockless)?;
    let document = Document::parse(content);
    let target =
        address.find_by(&document, &schemas::keys(&args.file)).map_err(|error| Failure::lookup(&args.file, &error))?;
    let no_value = |is: &str, part: &str, whole: &str| {
        let file = text::argument(args.file.as_ref());
        let shown = text::argument(args.address.as_ref());
        let title = format!("{}: `{address}` is {is}, not a value", text::path(&args.file));
        let hint = format!("name {part}, or print the {whole} with `sdnlock read {file} {shown}`");
        Failure::new(status::NO, title).hint(hint)
    };
    let text = match target {
        Target::Value(place) => format!("{}\n", place.value().text()),
        Target::Record(table, row) => record(&table, &row),
        Target::Table(_) => return Err(no_value("a table", "a record of it", "table").into()),
        Target::Block(_) => return Err(no_value("a block of settings", "a setting in it", "block").into()),
    };
    streams::bytes(text.as_bytes())?;
    Ok(status::DONE)
}

/// One `column: value` a line.
fn record(table: &Table<'_>, row: &Row<'_>) -> String {
    let cells = table.columns().zip(row.cells());
    cells.map(|(column, cell)| format!("{column}: {}\n", cell.value().text())).collect()
}
