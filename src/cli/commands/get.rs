//! `sdnlock get`

use anyhow::Result;
use sdnlock::address::{Address, Target};
use sdnlock::sdn::{Document, Row, Table};

use crate::cli::args::{ChoiceOptions, GetArgs, ListFormat};
use crate::cli::failure::Failure;
use crate::cli::listing::{Listing, vertical};
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
    let form = Form { is_raw: args.raw || args.null, end: if args.null { '\0' } else { '\n' } };
    let text = match target {
        Target::Value(place) => form.value(&place.value().text()),
        Target::Record(table, row) => form.record(&table, &row),
        Target::Table(_) if form.is_raw => {
            let table = text::argument(args.address.as_ref());
            let failure = Failure::new(status::USAGE, "`--raw` and `-0` are for a value or a record");
            let hint = format!(
                "print a table with `sdnlock list {} {table} --format tsv`",
                text::argument(args.file.as_ref())
            );
            return Err(failure.hint(hint).into());
        }
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

/// How values are printed.
struct Form {
    is_raw: bool,
    end: char,
}

impl Form {
    fn value(&self, value: &str) -> String {
        if !self.is_raw && streams::stdout_is_terminal() {
            return text::visible(&text::on_one_line(value)) + "\n";
        }
        format!("{value}{}", self.end)
    }

    /// One `column: value` a line.
    fn record(&self, table: &Table<'_>, row: &Row<'_>) -> String {
        let at_terminal = streams::stdout_is_terminal();
        let cells = table.columns().zip(row.cells());
        let fields = cells.map(|(column, cell)| match cell.value().text() {
            value if self.is_raw => format!("{column}: {value}{}", self.end),
            value => vertical::field(&column, &value, at_terminal),
        });
        fields.collect()
    }
}
