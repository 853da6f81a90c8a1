//! `sdnlock read`

use anyhow::Result;
use sdnlock::address::{Address, Target};
use sdnlock::disk::Tag;
use sdnlock::sdn::Document;
use sdnlock::text::Span;

use crate::cli::args::ReadArgs;
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::schemas;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;

pub fn run(args: &ReadArgs, report: Report) -> Result<u8> {
    let address: Option<Address> =
        args.address.as_deref().map(str::parse).transpose().map_err(|error| Failure::address(&error))?;
    let content = Session::begin(&args.lock, report)?.read(&args.file, args.lockless)?;
    if args.tag_only {
        streams::bytes(format!("{}\n", Tag::of(&content)).as_bytes())?;
        return Ok(status::DONE);
    }
    if args.tag {
        report.always(Tag::of(&content));
    }
    let Some(address) = address else {
        streams::bytes(&content)?;
        return Ok(status::DONE);
    };
    let document = Document::parse(content);
    let target =
        address.find_by(&document, &schemas::keys(&args.file)).map_err(|error| Failure::lookup(&args.file, &error))?;
    let pieces = document.pieces();
    let source = document.source();
    let whole = |piece: usize| Span::new(pieces[piece].span.start, pieces[pieces[piece].end - 1].span.end).of(source);
    let line = |text: &[u8]| [text, b"\n"].concat();
    let text = match target {
        Target::Table(table) => whole(table.piece()).to_vec(),
        Target::Block(piece) => whole(piece).to_vec(),
        Target::Record(table, row) if row.piece() != table.piece() => pieces[row.piece()].span.of(source).to_vec(),
        Target::Record(_, row) => line(row.span().of(source)),
        Target::Value(place) => line(place.value().raw()),
    };
    streams::bytes(&text)?;
    Ok(status::DONE)
}
