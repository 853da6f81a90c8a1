//! `sdnlock rm`

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use sdnlock::address::Address;
use sdnlock::check::{self, Finding, Options, Rule};
use sdnlock::disk::Snapshot;
use sdnlock::sdn::Document;
use sdnlock::update::{self, Removing, Stamps};

use crate::cli::args::RmArgs;
use crate::cli::change::{self, Change, IfMoved};
use crate::cli::failure::Failure;
use crate::cli::findings::Shown;
use crate::cli::report::Report;
use crate::cli::schemas;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &RmArgs, report: Report) -> Result<u8> {
    let addresses: Result<Vec<Address>, _> = args.addresses.iter().map(|text| text.parse()).collect();
    let addresses = addresses.map_err(|error| Failure::address(&error))?;
    change::in_a_folder(&args.file)?;
    let keys = schemas::for_change(&args.file)?.keys();
    let session = Session::begin(&args.lock, report)?;
    let stamps = Some(Stamps::Dates);
    let change = Change { path: &args.file, options: &args.change, report, if_moved: IfMoved::Again, stamps };
    let how = Removing { purge: args.purge, reseal: args.change.reseal() };
    change.run(&session, |old| {
        let old = old.map(Snapshot::bytes).ok_or_else(|| Failure::no_such_file(&args.file))?;
        let document = Document::parse(old);
        let new =
            update::remove(&document, &addresses, how, &keys).map_err(|error| Failure::removing(&args.file, &error))?;
        if !args.leave_dangling {
            check_references(&args.file, &document, &new)?;
        }
        Ok(new)
    })
}

/// Refuses to leave references behind that lead nowhere.
fn check_references(path: &Path, old: &Document, new: &[u8]) -> Result<(), Failure> {
    let schema = schemas::schema(path);
    let dangling = |document: &Document| -> Vec<Finding> {
        let options = Options { schema: Some(&schema), ..Options::default() };
        let is_meant =
            |finding: &Finding| matches!(finding.rule, Rule::DanglingReference | Rule::DanglingId | Rule::StringGap);
        check::check_with(document, &options).into_iter().filter(is_meant).collect()
    };
    let mut known: HashMap<(Rule, String), usize> = HashMap::new();
    for finding in dangling(old) {
        *known.entry((finding.rule, finding.message)).or_default() += 1;
    }
    let document = Document::parse(new);
    let mut broken = dangling(&document);
    broken.retain(|finding| match known.get_mut(&(finding.rule, finding.message.clone())) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
    if broken.is_empty() {
        return Ok(());
    }
    let title = format!("not changing {}: what other records refer to would be gone", text::path(path));
    Err(Failure::new(status::INVALID, title)
        .excerpts(Shown { name: "the new content", source: document.source() }.excerpts(&broken))
        .unchanged(path)
        .hint("remove or change those records first, or go on with `--leave-dangling`"))
}
