//! `sdnlock set`

use std::path::Path;

use anyhow::Result;
use sdnlock::address::{Assignment, Operator, Target};
use sdnlock::disk::Snapshot;
use sdnlock::sdn::{Document, Edit, Reseal};

use crate::cli::args::SetArgs;
use crate::cli::change::{Change, IfMoved};
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &SetArgs, report: Report) -> Result<u8> {
    let assignments: Result<Vec<Assignment>, _> = args.assignments.iter().map(|text| text.parse()).collect();
    let assignments = assignments.map_err(|error| Failure::address(&error))?;
    let session = Session::begin(&args.lock, report)?;
    let change = Change { path: &args.file, options: &args.change, report, if_moved: IfMoved::Again };
    change.run(&session, |old| {
        let old = old.ok_or_else(|| Failure::no_such_file(&args.file))?;
        apply(&args.file, old, &assignments, args.change.reseal())
    })
}

fn apply(path: &Path, old: &Snapshot, assignments: &[Assignment], reseal: Reseal) -> Result<Vec<u8>> {
    let document = Document::parse(old.bytes());
    let refused = |error| Failure::edit(path, &error);
    let mut edit = Edit::of(&document, reseal).map_err(refused)?;
    for Assignment { address, operator, value } in assignments {
        let place = match address.find(&document).map_err(|error| Failure::lookup(path, &error).unchanged(path))? {
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
