//! `sdnlock add`

use std::path::Path;

use anyhow::Result;
use sdnlock::address::{Address, Assignment, Operator, Step};
use sdnlock::disk::Snapshot;
use sdnlock::sdn::{Document, NewCell};
use sdnlock::update::{self, Adding, Fields, Stamps};

use crate::cli::args::AddArgs;
use crate::cli::change::{self, Change};
use crate::cli::failure::Failure;
use crate::cli::json;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;

pub fn run(args: &AddArgs, report: Report) -> Result<u8> {
    let (places, records) = match &args.json {
        Some(source) => from_json(args, source)?,
        None => (Vec::new(), vec![args.fields.iter().map(|field| read(field)).collect::<Result<Fields, Failure>>()?]),
    };
    let address: Address = args.table.parse().map_err(|error| Failure::address(&error))?;
    let table = last_name(&address)?;
    let session = Session::begin(&args.lock, report)?;
    let change = Change::new(&args.file, &args.change, report).stamping(Stamps::Dates);
    let mut added_keys = Vec::new();
    let status = change.run(&session, |old, schema| {
        let defaults = schema.defaults(table).map(|(column, text)| (column.to_owned(), text.into())).collect();
        let how = Adding { defaults, keys: schema.keys(), or_update: args.or_update, reseal: args.change.reseal() };
        let old = old.map(Snapshot::bytes);
        let added = match old {
            Some(old) if !old.trim_ascii().is_empty() => {
                let document = Document::parse(old);
                let table = address.find_table(&document);
                let table = table.map_err(|error| Failure::lookup(&args.file, &error).unchanged(&args.file))?;
                update::add(&table, &records, &how)
            }
            _ if address.outer().is_some() => {
                let title = format!("not making {}: the table of a new file stands at its top", text::path(&args.file));
                return Err(Failure::new(status::USAGE, title).unchanged(&args.file).into());
            }
            _ => update::create(table, &records, &how),
        };
        let added = added.map_err(|error| Failure::adding(&args.file, &args.table, &error, &places))?;
        change::check_schema(&args.file, &Document::parse(old.unwrap_or_default()), &added.source, schema)?;
        added_keys = added.keys;
        Ok(added.source)
    })?;
    if !args.change.dry_run {
        let keys: String = added_keys.iter().map(|key| format!("{key}\n")).collect();
        streams::after_change(streams::data(keys.as_bytes()), "what was added", || {
            let what = if added_keys.len() == 1 {
                "the record is".to_owned()
            } else {
                format!("the {} records are", added_keys.len())
            };
            format!("{what} in {}", text::path(&args.file))
        })?;
    }
    Ok(status)
}

/// The records of a JSON text, and where each of them stands.
fn from_json(args: &AddArgs, source: &Path) -> Result<(Vec<String>, Vec<Fields>), Failure> {
    let text = streams::read_all(source)?;
    let records = json::records::records(&text).map_err(|bad| {
        let table = &args.table;
        let title = format!("not adding to `{table}`: {} cannot be taken", text::count(bad.len(), "record"));
        Failure::told(status::INVALID, title, bad.iter().map(ToString::to_string)).unchanged(&args.file)
    })?;
    Ok(records.into_iter().map(|(place, fields)| (place.to_string(), fields)).unzip())
}

/// The name of the table itself.
fn last_name(address: &Address) -> Result<&str, Failure> {
    if let Some(Step::Name(name)) = address.steps().last() {
        return Ok(name);
    }
    Err(Failure::new(status::USAGE, format!("`{address}` is an element of a list, not a table")))
}

/// Reads `COL=VALUE`.
fn read(text: &str) -> Result<(String, NewCell), Failure> {
    let assignment: Assignment = text.parse().map_err(|error| Failure::address(&error))?;
    if let ([Step::Name(column)], Operator::Set) = (assignment.address.steps(), assignment.operator) {
        return Ok((column.clone(), assignment.value.into()));
    }
    let title = format!("`{text}` is not COL=VALUE");
    Err(Failure::new(status::USAGE, title).hint("a column with a dot or blank is put in double quotes"))
}
