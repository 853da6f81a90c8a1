//! `sdnlock read`

use anyhow::Result;
use sdnlock::address::{Address, Target};
use sdnlock::sdn::Document;
use sdnlock::text::Span;

use crate::cli::args::ReadArgs;
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;

pub fn run(args: &ReadArgs, report: Report) -> Result<u8> {
    let address: Option<Address> =
        args.address.as_deref().map(str::parse).transpose().map_err(|e| Failure::address(&e))?;
    let snapshot = Session::begin(&args.lock, report).read(&args.file, args.lockless)?;
    if args.tag_only {
        streams::bytes(format!("{}\n", snapshot.tag()).as_bytes())?;
        return Ok(status::DONE);
    }
    if args.tag {
        report.always(snapshot.tag());
    }
    let Some(address) = address else {
        streams::bytes(snapshot.bytes())?;
        return Ok(status::DONE);
    };
    let document = Document::parse(snapshot.into_bytes());
    let target = address.find(&document).map_err(|error| Failure::lookup(&args.file, &error))?;
    let pieces = document.pieces();
    let whole = |piece: usize| Span::new(pieces[piece].span.start, pieces[pieces[piece].end - 1].span.end);
    match target {
        Target::Table(table) => streams::bytes(whole(table.piece()).of(document.source()))?,
        Target::Block(piece) => streams::bytes(whole(piece).of(document.source()))?,
        Target::Record(table, row) if row.piece() != table.piece() => {
            streams::bytes(pieces[row.piece()].span.of(document.source()))?;
        }
        Target::Record(_, row) => streams::bytes(&[row.span().of(document.source()), b"\n"].concat())?,
        Target::Value(place) => streams::bytes(&[place.value().raw(), b"\n"].concat())?,
    }
    Ok(status::DONE)
}
