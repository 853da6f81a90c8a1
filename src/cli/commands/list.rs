//! `sdnlock list`

use anyhow::Result;
use sdnlock::address::{Address, Target};
use sdnlock::sdn::Document;

use crate::cli::args::ListArgs;
use crate::cli::failure::Failure;
use crate::cli::listing::Listing;
use crate::cli::pager::Paging;
use crate::cli::report::Report;
use crate::cli::schemas;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &ListArgs, report: Report) -> Result<u8> {
    let address: Option<Address> =
        args.table.as_deref().map(str::parse).transpose().map_err(|error| Failure::address(&error))?;
    let paging = if args.no_pager { Paging::No } else { Paging::IfLong };
    let listing = Listing::new(&args.choice, args.format, paging, report)?;
    let content = Session::begin(&args.lock, report)?.read(&args.file, args.lockless)?;
    let document = Document::parse(content);
    let Some(address) = address else {
        listing.tables(&args.file, &document)?;
        return Ok(status::DONE);
    };
    let target =
        address.find_by(&document, &schemas::keys(&args.file)).map_err(|error| Failure::lookup(&args.file, &error))?;
    let Target::Table(table) = target else {
        let is = match target {
            Target::Record(..) => "a record",
            Target::Block(_) => "a block of settings",
            _ => "a value",
        };
        let shown = text::argument(address.to_string().as_ref());
        let title = format!("{}: `{address}` is {is}, not a table", text::path(&args.file));
        let hint = format!("print it with `sdnlock read {} {shown}`", text::argument(args.file.as_ref()));
        return Err(Failure::new(status::NO, title).hint(hint).into());
    };
    listing.records(&args.file, &table)?;
    Ok(status::DONE)
}
