//! `sdnlock read`

use std::path::Path;

use anyhow::Result;
use sdnlock::address::{Address, Target};
use sdnlock::check::{self, Severity};
use sdnlock::disk::Tag;
use sdnlock::record::Keys;
use sdnlock::sdn::Document;
use sdnlock::text::Span;
use sdnlock::tree::{self, Types};

use crate::cli::args::ReadArgs;
use crate::cli::failure::Failure;
use crate::cli::findings::Shown;
use crate::cli::json;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;

pub fn run(args: &ReadArgs, report: Report) -> Result<u8> {
    let address: Option<Address> =
        args.address.as_deref().map(str::parse).transpose().map_err(|error| Failure::address(&error))?;
    let session = Session::begin(&args.lock, report)?;
    let (content, keys) = match &address {
        // A tag needs no schema.
        Some(_) if !args.tag_only => {
            let (content, schema) = session.read_with_schema(&args.file, args.lockless)?;
            (content, schema.keys())
        }
        _ => (session.read(&args.file, args.lockless)?, Keys::new()),
    };
    if args.tag_only {
        streams::bytes(format!("{}\n", Tag::of(&content)).as_bytes())?;
        return Ok(status::DONE);
    }
    if args.tag {
        report.always(Tag::of(&content));
    }
    if args.json {
        return as_json(args, address.as_ref(), content, &keys);
    }
    let Some(address) = address else {
        streams::data(&content)?;
        return Ok(status::DONE);
    };
    let document = Document::parse(content);
    let target = address.find_by(&document, &keys).map_err(|error| Failure::lookup(&args.file, &error))?;
    let pieces = document.pieces();
    let source = document.source();
    let whole = |piece: usize| Span::new(pieces[piece].span.start, pieces[pieces[piece].end - 1].span.end).of(source);
    let line = |text: &[u8]| [text, b"\n"].concat();
    let shown = match target {
        Target::Table(table) => whole(table.piece()).to_vec(),
        Target::Block(piece) => whole(piece).to_vec(),
        Target::Record(table, row) if row.piece() != table.piece() => pieces[row.piece()].span.of(source).to_vec(),
        Target::Record(_, row) => line(row.span().of(source)),
        Target::Value(place) => line(place.value().raw()),
    };
    streams::data(&shown)?;
    Ok(status::DONE)
}

/// Prints what a whole database says only if it is valid: otherwise readers do not agree on it.
fn as_json(args: &ReadArgs, address: Option<&Address>, content: Vec<u8>, keys: &Keys) -> Result<u8> {
    let types = if args.text { Types::Text } else { Types::Typed };
    let document = Document::parse(content);
    let node = if let Some(address) = address {
        let target = address.find_by(&document, keys).map_err(|error| Failure::lookup(&args.file, &error))?;
        tree::read_target(&document, &target, types)
    } else {
        refuse_invalid(&args.file, &document)?;
        tree::read(&document, types)
    };
    let node = node.map_err(|error| json::unreadable(&args.file, &error))?;
    streams::json(&json::text(&node))?;
    Ok(status::DONE)
}

fn refuse_invalid(path: &Path, document: &Document) -> Result<(), Failure> {
    let mut findings = check::check(document);
    findings.retain(|finding| finding.severity == Severity::Error);
    if findings.is_empty() {
        return Ok(());
    }
    let name = path.to_string_lossy();
    let excerpts = Shown { name: &name, source: document.source() }.excerpts(&findings);
    let title = format!("{} is not valid SDN, so that it has no certain meaning", text::path(path));
    let hint = "name the part to print, or list a table with `sdnlock list`";
    Err(Failure::new(status::INVALID, title).excerpts(excerpts).hint(hint))
}
