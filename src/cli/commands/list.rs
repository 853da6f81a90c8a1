//! `sdnlock list`

use anyhow::Result;
use sdnlock::address::Address;
use sdnlock::sdn::Document;

use crate::cli::args::{ListArgs, ListFormat};
use crate::cli::failure::Failure;
use crate::cli::listing::Listing;
use crate::cli::pager::Paging;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;

pub fn run(args: &ListArgs, report: Report) -> Result<u8> {
    let address: Option<Address> =
        args.table.as_deref().map(str::parse).transpose().map_err(|error| Failure::address(&error))?;
    let paging = if args.no_pager { Paging::No } else { Paging::IfLong };
    if args.chunks.is_some() && args.format != ListFormat::Jsonl {
        let title = "`--chunks` goes with `--format jsonl`";
        return Err(Failure::new(status::USAGE, title).hint("add `--format jsonl`").into());
    }
    let listing = Listing::new(&args.choice, args.format, paging, report)?.in_chunks(args.chunks);
    let session = Session::begin(&args.lock, report)?;
    let Some(address) = address else {
        listing.tables(&args.file, &Document::parse(session.read(&args.file, args.lockless)?))?;
        return Ok(status::DONE);
    };
    let (content, schema) = session.read_with_schema(&args.file, args.lockless)?;
    let document = Document::parse(content);
    let table = address.find_table(&document).map_err(|error| Failure::lookup(&args.file, &error))?;
    listing.records(&args.file, &table, &schema.keys())?;
    Ok(status::DONE)
}
