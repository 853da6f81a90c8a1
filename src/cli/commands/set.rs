//! `sdnlock set`

use anyhow::Result;
use sdnlock::address::{Assignment, Condition, Finder};
use sdnlock::sdn::Document;
use sdnlock::update::{self, Stamps};

use crate::cli::args::SetArgs;
use crate::cli::change::{self, Change};
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::session::Session;

pub fn run(args: &SetArgs, report: Report) -> Result<u8> {
    let assignments: Result<Vec<Assignment>, _> = args.assignments.iter().map(|text| text.parse()).collect();
    let assignments = assignments.map_err(|error| Failure::address(&error))?;
    let conditions: Result<Vec<Condition>, _> = args.conditions.iter().map(|text| text.parse()).collect();
    let conditions = conditions.map_err(|error| Failure::condition(&error))?;
    change::in_a_folder(&args.file)?;
    let session = Session::begin(&args.lock, report)?;
    let change = Change::new(&args.file, &args.change, report).stamping(Stamps::Dates);
    change.run(&session, |old, schema| {
        let keys = schema.keys();
        let old = old.ok_or_else(|| Failure::no_such_file(&args.file))?;
        let document = Document::parse(old.bytes());
        let mut finder = Finder::new(&document, &keys);
        for condition in &conditions {
            condition.check(&mut finder).map_err(|unmet| Failure::unmet(&args.file, &unmet))?;
        }
        let new = update::set(&document, &assignments, args.change.reseal(), &keys);
        let new = new.map_err(|error| Failure::setting(&args.file, &error))?;
        change::check_schema(&args.file, &document, &new, schema)?;
        Ok(new)
    })
}
