//! `sdnlock set`

use std::path::Path;

use anyhow::Result;
use sdnlock::address::{Assignment, Condition, Operator, Target};
use sdnlock::record::Keys;
use sdnlock::sdn::{Document, Edit, Reseal};
use sdnlock::update::Stamps;

use crate::cli::args::SetArgs;
use crate::cli::change::{Change, IfMoved};
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::schemas;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &SetArgs, report: Report) -> Result<u8> {
    let assignments: Result<Vec<Assignment>, _> = args.assignments.iter().map(|text| text.parse()).collect();
    let assignments = assignments.map_err(|error| Failure::address(&error))?;
    let conditions: Result<Vec<Condition>, _> = args.conditions.iter().map(|text| text.parse()).collect();
    let conditions = conditions.map_err(|error| Failure::address(&error))?;
    let keys = schemas::keys(&args.file);
    let session = Session::begin(&args.lock, report)?;
    let change = Change {
        path: &args.file,
        options: &args.change,
        report,
        if_moved: IfMoved::Again,
        stamps: Some(Stamps::Dates),
    };
    change.run(&session, |old| {
        let old = old.ok_or_else(|| Failure::no_such_file(&args.file))?;
        let document = Document::parse(old.bytes());
        for condition in &conditions {
            let lookup = condition.check(&document, &keys);
            let holds = lookup.map_err(|error| Failure::lookup(&args.file, &error).unchanged(&args.file))?;
            holds.map_err(|actual| Failure::condition(&args.file, condition, &actual))?;
        }
        apply(&args.file, &document, &assignments, args.change.reseal(), &keys)
    })
}

fn apply(path: &Path, document: &Document, assignments: &[Assignment], reseal: Reseal, keys: &Keys) -> Result<Vec<u8>> {
    let refused = |error| Failure::edit(path, &error);
    let mut edit = Edit::of(document, reseal).map_err(refused)?;
    for Assignment { address, operator, value } in assignments {
        let place =
            match address.find_by(document, keys).map_err(|error| Failure::lookup(path, &error).unchanged(path))? {
                Target::Value(place) => place,
                other => {
                    let is = match other {
                        Target::Table(_) => "a table",
                        Target::Record(..) => "a record",
                        _ => "a block of settings",
                    };
                    let title = format!("not changing {}: `{address}` is {is}, not a value", text::path(path));
                    return Err(Failure::new(status::INVALID, title).unchanged(path).into());
                }
            };
        match operator {
            Operator::Set => edit.set(&place, value),
            Operator::Add => edit.add(&place, value),
        }
        .map_err(refused)?;
    }
    Ok(edit.finish().map_err(refused)?)
}
