//! `sdnlock write`

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::Result;
use sdnlock::check::Schema;
use sdnlock::disk::{self, Snapshot};
use sdnlock::merge::{Options, Strategy};
use sdnlock::sdn::{self, Document, Seal};
use sdnlock::tree::{self, Node};
use sdnlock::update::Stamps;

use crate::cli::args::WriteArgs;
use crate::cli::change::{self, Change, Guard};
use crate::cli::failure::{Failure, system};
use crate::cli::json;
use crate::cli::losses::{self, Allowed, LargeLoss};
use crate::cli::merging::{self, Moved};
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;

pub fn run(args: &WriteArgs, report: Report) -> Result<u8> {
    let is_database = args.from_json || args.check.is_database(&args.file);
    let change =
        Change::new(&args.file, &args.change, report).once().stamping(Stamps::Versions).with_schema_if(is_database);
    let guard = Guard {
        allowed: Allowed::by(&args.loss, LargeLoss::Refused)?,
        refuse: |failure, path, new, like| losses::kept_rejected(failure, path, new, like).into(),
    };
    let change = if args.check.no_check { change } else { change.guarded(guard) };
    change.precheck_options()?;
    if streams::is_stdin(&args.source) && std::io::stdin().is_terminal() {
        report.note("reading the new content from the terminal; end it with Ctrl-D");
    }
    if args.base.is_none() && (args.merging.renumber || args.merging.strategy() != Strategy::Merge) {
        let title = "there is nothing to merge without OLD";
        return Err(Failure::new(status::USAGE, title).hint("name what the change began with, by `--base OLD`").into());
    }
    if args.base.as_ref().is_some_and(|base| streams::is_stdin(base) && streams::is_stdin(&args.source)) {
        return Err(Failure::new(status::USAGE, "only one of OLD and SOURCE can be standard input").into());
    }
    // Read before anything is locked: whoever writes into the pipe may take its time.
    let given = streams::read_all(&args.source)?;
    let base = args.base.as_ref().map(|base| streams::read_all(base)).transpose()?;
    let source = streams::name(&args.source);
    let wanted = args.from_json.then(|| json::parse(&given)).transpose();
    let wanted = wanted.map_err(|error| json::no_json(&args.file, &source, &error))?;
    let session = Session::begin(&args.lock, report)?;
    change.run(&session, |old, schema| {
        let now = old;
        let old = old.map(Snapshot::bytes).unwrap_or_default();
        let new = match &wanted {
            Some(wanted) => tree::change_by(&Document::parse(old), wanted, args.change.reseal(), &schema.keys())
                .map_err(|error| json::not_changing(&args.file, &error))?,
            None => given.clone(),
        };
        // Comments may be left of what JSON empties.
        let says_nothing = matches!(&wanted, Some(Node::Dict(entries)) if entries.is_empty() && new != old);
        let is_empty = new.trim_ascii().is_empty() || says_nothing;
        if is_empty && !old.trim_ascii().is_empty() && !args.allow_empty {
            let title = format!("not writing {}: it would be emptied", text::path(&args.file));
            let failure = Failure::new(status::INVALID, title).unchanged(&args.file);
            return Err(failure.hint("empty it with `--allow-empty`").into());
        }
        let new = match &base {
            Some(base) => merged(args, base, &new, now, schema)?,
            None => new.clone(),
        };
        if !args.check.applies_to(&args.file) {
            return Ok(new);
        }
        if new != old {
            change::check_new(&args.file, old, &source, &new, Some(change::NO_CHECK))?;
        }
        Seal::of(old).permit(args.change.reseal()).map_err(|error| Failure::seal(&args.file, error))?;
        let sealed = sdn::seal_change(old, sdn::keep_seal(old, new), args.change.reseal());
        Ok(sealed.map_err(|error| Failure::new_seal(&args.file, &source, error))?)
    })
}

/// The change from `base` to `new`, made to what the database holds now.
fn merged(
    args: &WriteArgs,
    base: &[u8],
    new: &[u8],
    now: Option<&Snapshot>,
    schema: &Schema,
) -> Result<Vec<u8>, Failure> {
    let label = streams::name(&args.source);
    let stamps = !args.change.no_stamp;
    let options = Options {
        strategy: args.merging.strategy(),
        renumber: args.merging.renumber,
        reseal: args.change.reseal(),
        ..Options::default()
    };
    let moved = Moved { path: &args.file, base, changed: new, label: &label, options, stamps };
    let shown = text::path(&args.file);
    let there = now.map(Snapshot::bytes).unwrap_or_default();
    let mut is_conflict = false;
    let failure = if now.is_none() {
        Failure::new(status::NO, format!("not writing {shown}: it was removed since")).state(format!("{shown} is gone"))
    } else if there.trim_ascii().is_empty() && !base.trim_ascii().is_empty() {
        Failure::new(status::NO, format!("not writing {shown}: it was emptied since")).unchanged(&args.file)
    } else {
        match moved.onto(there, schema) {
            Ok(merged) if merged.is_clean() => return Ok(merged.content),
            Ok(merged) => {
                is_conflict = true;
                merging::conflict(&args.file, "what was changed since is changed here too", &merged)
                    .unchanged(&args.file)
            }
            Err(failure) => failure,
        }
    };
    if args.change.dry_run {
        return Err(failure);
    }
    // What came through a pipe is in no other place, and what was JSON is nowhere as it was to be written.
    let (failure, new) = if args.source.is_file() && !args.from_json {
        (failure, Some(args.source.clone()))
    } else {
        match keep(args, new, now) {
            Ok(kept) => (failure.kept(&kept), Some(kept)),
            Err(error) => (failure.cause(format!("the new content could not be kept: {}", system(&error))), None),
        }
    };
    Err(match (args.base.as_deref().filter(|base| base.is_file()), new) {
        (Some(base), Some(new)) if is_conflict => {
            let [base, file, new] = [base, &args.file, &new].map(|path| text::argument(path.as_ref()));
            failure.hint(format!("see both sides: `sdnlock merge {base} {file} {new}`"))
        }
        _ => failure,
    })
}

/// Keeps the new content beside the database.
fn keep(args: &WriteArgs, new: &[u8], now: Option<&Snapshot>) -> std::io::Result<PathBuf> {
    match now {
        Some(like) => disk::keep_aside(&args.file, "edited", new, like),
        None => disk::PrivateCopy::new(&args.file, new).map(|mut copy| copy.keep().to_owned()),
    }
}
