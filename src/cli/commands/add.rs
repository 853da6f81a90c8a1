//! `sdnlock add`

use anyhow::Result;
use sdnlock::address::{Address, Assignment, ColumnCondition, Operator, Step};
use sdnlock::disk::Snapshot;
use sdnlock::sdn::{Document, NewCell, is_sdn};
use sdnlock::update::{self, Adding, Fields, Mode, Stamping, Stamps, Unknown};

use crate::cli::args::{AddArgs, ReportKind};
use crate::cli::change::{self, Change};
use crate::cli::failure::Failure;
use crate::cli::incoming;
use crate::cli::outcomes;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;

pub fn run(args: &AddArgs, report: Report) -> Result<u8> {
    let mode = match (args.or_update, args.update_only, args.skip_unknown) {
        (_, true, false) => Mode::Update(Unknown::Refuse),
        (_, true, true) => Mode::Update(Unknown::Skip),
        (true, false, _) => Mode::Upsert,
        (false, false, _) => Mode::Insert,
    };
    let conditions = conditions(args)?;
    let address: Address = args.table.parse().map_err(|error| Failure::address(&error))?;
    let table = last_name(&address)?;
    let (places, records) = match incoming::records(args)? {
        Some(records) => records.into_iter().map(|(place, fields)| (place.to_string(), fields)).unzip(),
        None => (Vec::new(), vec![args.fields.iter().map(|field| read(field)).collect::<Result<Fields, Failure>>()?]),
    };
    if matches!(mode, Mode::Update(_)) {
        change::in_a_folder(&args.file)?;
    }
    let session = Session::begin(&args.lock, report)?;
    let change = Change::new(&args.file, &args.change, report);
    let change = if args.report.is_some() { change.with_difference_apart() } else { change };
    let mut outcomes = Vec::new();
    let status = change.run(&session, |old, schema| {
        let is_stamped = !args.change.no_stamp && is_sdn(&args.file);
        let how = Adding {
            mode,
            conditions: conditions.clone(),
            defaults: schema.defaults(table).map(|(column, text)| (column.to_owned(), text.into())).collect(),
            keys: schema.keys(),
            stamping: is_stamped.then(|| Stamping::new(Stamps::Dates, sdnlock::now_exactly()).by_schema(schema)),
            reseal: args.change.reseal(),
        };
        let added = match old.map(Snapshot::bytes) {
            None if matches!(mode, Mode::Update(_)) => return Err(Failure::no_such_file(&args.file).into()),
            Some(old) if !old.trim_ascii().is_empty() || matches!(mode, Mode::Update(_)) => {
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
        let added = added.map_err(|error| Failure::adding(&args.file, &args.table, mode, &error, &places))?;
        let old = old.map(Snapshot::bytes).unwrap_or_default();
        change::check_schema(&args.file, &Document::parse(old), &added.source, schema)?;
        outcomes = added.records;
        Ok(added.source)
    })?;
    outcomes::tell_skipped(&outcomes, report);
    let Some(kind) = args.report.or((!args.change.dry_run).then_some(ReportKind::Keys)) else { return Ok(status) };
    let (what, state) = match mode {
        Mode::Update(_) => ("what was changed", "the change is".to_owned()),
        _ if outcomes.len() == 1 => ("what was added", "the record is".to_owned()),
        _ => ("what was added", format!("the {} records are", outcomes.len())),
    };
    let printed = outcomes::print(&outcomes, kind);
    if args.change.dry_run {
        printed?;
    } else {
        streams::after_change(printed, what, || format!("{state} in {}", text::path(&args.file)))?;
    }
    Ok(status)
}

/// What must hold for records that are there.
fn conditions(args: &AddArgs) -> Result<Vec<ColumnCondition>, Failure> {
    let conditions: Result<_, _> = args.conditions.iter().map(|text| text.parse()).collect();
    conditions.map_err(|error| Failure::column_condition(&error))
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
