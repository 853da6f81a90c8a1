//! `sdnlock alter`

use anyhow::Result;
use sdnlock::address::Address;
use sdnlock::disk::Snapshot;
use sdnlock::sdn::{Alteration, Document};
use sdnlock::update::{self, Altering};

use crate::cli::args::AlterArgs;
use crate::cli::change::{self, Change};
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;

pub fn run(args: &AlterArgs, report: Report) -> Result<u8> {
    let changes = alterations(args)?;
    if changes.is_empty() && !args.versioned {
        let hint = "name one with `--add-column`, `--rename-column` or `--drop-column`, or use `--versioned`";
        return Err(Failure::new(status::USAGE, "no change of a column was asked for").hint(hint).into());
    }
    change::in_a_folder(&args.file)?;
    let address: Address = args.table.parse().map_err(|error| Failure::address(&error))?;
    let session = Session::begin(&args.lock, report)?;
    // Every record would count as changed, though what it says of its columns is the same.
    let change = Change::new(&args.file, &args.change, report);
    change.run(&session, |old, schema| {
        let old = old.map(Snapshot::bytes).ok_or_else(|| Failure::no_such_file(&args.file))?;
        let document = Document::parse(old);
        let table = address.find_table(&document);
        let table = table.map_err(|error| Failure::lookup(&args.file, &error).unchanged(&args.file))?;
        let versioned = args.versioned.then(sdnlock::now);
        let how = Altering { keys: schema.keys(), versioned, reseal: args.change.reseal() };
        Ok(update::alter(&table, &changes, &how).map_err(|error| Failure::altering(&args.file, &error))?)
    })
}

/// What is to be done, in order.
fn alterations(args: &AlterArgs) -> Result<Vec<Alteration>, Failure> {
    let mut changes = Vec::new();
    for text in &args.rename_column {
        let Some((from, to)) = text.split_once('=') else {
            let title = format!("`{text}` is not OLD=NEW");
            return Err(Failure::new(status::USAGE, title).hint("write `--rename-column OLD=NEW`"));
        };
        changes.push(Alteration::Rename { from: from.to_owned(), to: to.to_owned() });
    }
    changes.extend(args.drop_column.iter().map(|name| Alteration::Drop { name: name.clone() }));
    changes.extend(args.add_column.iter().map(|text| {
        let (name, default) = text.split_once('=').unwrap_or((text, ""));
        Alteration::Add { name: name.to_owned(), default: default.to_owned() }
    }));
    Ok(changes)
}
