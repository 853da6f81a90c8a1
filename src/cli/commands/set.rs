//! `sdnlock set`

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use sdnlock::address::{Assignment, Condition, Finder, Operator, Step, Target};
use sdnlock::record::{self, Keys};
use sdnlock::sdn::{Document, Edit, Reseal, Table};
use sdnlock::update::Stamps;

use crate::cli::args::SetArgs;
use crate::cli::change::{self, Change, IfMoved};
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
    change::in_a_folder(&args.file)?;
    let keys = schemas::for_change(&args.file)?.keys();
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
        let mut finder = Finder::new(&document, &keys);
        for condition in &conditions {
            let lookup = condition.check(&mut finder);
            let holds = lookup.map_err(|error| Failure::lookup(&args.file, &error).unchanged(&args.file))?;
            holds.map_err(|actual| Failure::condition(&args.file, condition, &actual))?;
        }
        apply(&args.file, &document, &assignments, args.change.reseal(), &keys)
    })
}

fn apply(path: &Path, document: &Document, assignments: &[Assignment], reseal: Reseal, keys: &Keys) -> Result<Vec<u8>> {
    let refused = |error| Failure::edit(path, &error);
    let mut edit = Edit::of(document, reseal).map_err(refused)?;
    let mut finder = Finder::new(document, keys);
    for Assignment { address, operator, value } in assignments {
        let place = match finder.find(address).map_err(|error| Failure::lookup(path, &error).unchanged(path))? {
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
    let new = edit.finish().map_err(refused)?;
    check_keys(path, document, &new, assignments, keys)?;
    Ok(new)
}

/// Refuses to give a record the key of another one, or none.
fn check_keys(path: &Path, old: &Document, new: &[u8], assignments: &[Assignment], keys: &Keys) -> Result<(), Failure> {
    let mut finder = Finder::new(old, keys);
    let rekeyed = assignments.iter().filter_map(|assignment| rekeyed(&mut finder, assignment, keys));
    let tables: BTreeMap<usize, Table<'_>> = rekeyed.map(|table| (table.piece(), table)).collect();
    if tables.is_empty() {
        return Ok(());
    }
    let refused = |what: String| {
        let title = format!("not changing {}: {what}", text::path(path));
        Err(Failure::new(status::NO, title).unchanged(path))
    };
    let new = Document::parse(new);
    for table in new.tables() {
        let Some(old) = tables.get(&table.piece()) else { continue };
        let before = live_keys(old, keys);
        for (key, times) in live_keys(&table, keys) {
            let times_before = before.get(&key).copied().unwrap_or_default();
            if key.is_empty() && times_before < times {
                return refused("a record needs a key".to_owned());
            }
            if times > 1 && times_before < times {
                return refused(format!("there is a record `{key}` already"));
            }
        }
    }
    Ok(())
}

/// The keys of the live records, and how often each is there.
fn live_keys(table: &Table<'_>, keys: &Keys) -> BTreeMap<String, usize> {
    let columns = keys.columns(table);
    let mut times = BTreeMap::new();
    for row in table.rows().filter(|row| row.reading().fits() && record::is_live(table, row)) {
        *times.entry(record::key_of(&row, &columns).unwrap_or_default().into_owned()).or_default() += 1;
    }
    times
}

/// The table in which an assignment changes a key.
fn rekeyed<'d>(finder: &mut Finder<'d, '_>, assignment: &Assignment, keys: &Keys) -> Option<Table<'d>> {
    let Target::Record(table, _) = finder.find(&assignment.address.outer()?).ok()? else { return None };
    let Step::Name(column) = assignment.address.steps().last()? else { return None };
    let names: Vec<_> = table.columns().collect();
    keys.columns(&table).iter().any(|&key| names[key] == *column).then_some(table)
}
