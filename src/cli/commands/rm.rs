//! `sdnlock rm`

use anyhow::Result;
use sdnlock::address::Address;
use sdnlock::disk::Snapshot;
use sdnlock::sdn::Document;
use sdnlock::update::{self, Removing, Stamps};

use crate::cli::args::RmArgs;
use crate::cli::change::{self, Change};
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::session::Session;

pub fn run(args: &RmArgs, report: Report) -> Result<u8> {
    let addresses: Result<Vec<Address>, _> = args.addresses.iter().map(|text| text.parse()).collect();
    let addresses = addresses.map_err(|error| Failure::address(&error))?;
    change::in_a_folder(&args.file)?;
    let session = Session::begin(&args.lock, report)?;
    let change = Change::new(&args.file, &args.change, report).stamping(Stamps::Dates);
    let how = Removing { purge: args.purge, leave_dangling: args.leave_dangling, reseal: args.change.reseal() };
    change.run(&session, |old, schema| {
        let old = old.map(Snapshot::bytes).ok_or_else(|| Failure::no_such_file(&args.file))?;
        let new = update::remove(&Document::parse(old), &addresses, how, schema);
        Ok(new.map_err(|error| Failure::removing(&args.file, &error))?)
    })
}
