//! `sdnlock alter`

use anyhow::Result;
use sdnlock::address::Address;
use sdnlock::disk::Snapshot;
use sdnlock::record;
use sdnlock::sdn::{self, Alteration, Document};
use sdnlock::update;

use crate::cli::args::AlterArgs;
use crate::cli::change::{self, Change, IfMoved};
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::schemas;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::text;

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
    let change = Change { path: &args.file, options: &args.change, report, if_moved: IfMoved::Again, stamps: None };
    change.run(&session, |old| {
        let old = old.map(Snapshot::bytes).ok_or_else(|| Failure::no_such_file(&args.file))?;
        let document = Document::parse(old);
        let table = address.find_table(&document);
        let table = table.map_err(|error| Failure::lookup(&args.file, &error).unchanged(&args.file))?;
        let hidden = table.rows().filter(|row| !record::is_live(&table, row)).count();
        let shows = |change: &Alteration| {
            matches!(change, Alteration::Drop { name } | Alteration::Rename { from: name, .. } if name == "valid")
        };
        if hidden > 0 && changes.iter().any(shows) {
            let title =
                format!("not changing {}: without `valid` hidden records would come back", text::path(&args.file));
            let failure = Failure::new(status::INVALID, title).unchanged(&args.file);
            let counted = text::count(hidden, "hidden record");
            return Err(failure.hint(format!("remove the {counted} first, with `sdnlock rm --purge`")).into());
        }
        let is_key = |change: &Alteration| matches!(change, Alteration::Add { name, .. } if name == "id");
        let has_other_key = table.column("id").is_none() && schemas::for_change(&args.file)?.keys().of(&table.name()).is_none();
        if has_other_key && table.rows().next().is_some() && changes.iter().any(is_key) {
            let title = format!("not changing {}: `id` would be the key, and the same in all records", text::path(&args.file));
            let failure = Failure::new(status::INVALID, title).unchanged(&args.file);
            return Err(failure.hint("add the column under another name, fill it, then rename it").into());
        }
        let mut changes = changes.clone();
        if args.versioned {
            changes.extend(update::versioned(&table, &sdnlock::now()));
        }
        let altered = sdn::alter(&table, &changes, args.change.reseal());
        Ok(altered.map_err(|error| Failure::altering(&args.file, &error))?)
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
