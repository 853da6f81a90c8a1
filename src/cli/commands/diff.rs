//! `sdnlock diff`

use std::path::Path;

use anyhow::Result;
use sdnlock::project;
use sdnlock::record::Keys;
use sdnlock::sdn::is_sdn;

use crate::cli::args::{DiffArgs, DiffKind};
use crate::cli::differences::{self, Side};
use crate::cli::report::Report;
use crate::cli::session::schema_of;
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;

pub fn run(args: &DiffArgs, report: Report) -> Result<u8> {
    let kind = args.diff.kind()?;
    let (old, new) = (streams::read_all(&args.old)?, streams::read_all(&args.new)?);
    let (old_path, new_path) = if args.jj { below_folders(&args.old, &args.new) } else { (&*args.old, &*args.new) };
    if report.is_quiet() || (old == new && (!args.jj || old_path == new_path)) {
        return Ok(status_of(old == new));
    }
    let (old_name, new_name) = (streams::name(old_path), streams::name(new_path));
    let line = |words: String| streams::bytes(format!("{}\n", text::visible(&words)).as_bytes());
    if old == new {
        line(format!("renamed: {old_name} -> {new_name}"))?;
    } else if args.jj && [&old, &new].iter().any(|content| content.contains(&0)) {
        line(format!("no text: {new_name} differs"))?;
    } else {
        let is_database = is_sdn(old_path) || is_sdn(new_path);
        let database = if args.jj { project::in_repository(new_path) } else { new_path.to_owned() };
        let keys = match kind {
            DiffKind::Unified | DiffKind::None => Keys::new(),
            _ if !is_database => Keys::new(),
            // Nobody asked for records: lines need no schema.
            DiffKind::Fitting => project::schema_as_far_as_known(&database).keys(),
            DiffKind::Records | DiffKind::Stat | DiffKind::Json => schema_of(&database)?.keys(),
        };
        let (old, new) = (Side { name: &old_name, content: &old }, Side { name: &new_name, content: &new });
        differences::print(old, new, kind, &keys)?;
    }
    Ok(status_of(old == new))
}

fn status_of(is_equal: bool) -> u8 {
    if is_equal { status::DONE } else { status::NO }
}

/// The paths of two versions, without the two folders below which they stand.
fn below_folders<'p>(old: &'p Path, new: &'p Path) -> (&'p Path, &'p Path) {
    let equal = old.iter().zip(new.iter()).take_while(|(old, new)| old == new).count();
    let below = |path: &'p Path| {
        let mut names = path.components();
        names.by_ref().take(equal + 1).for_each(drop);
        if names.as_path().as_os_str().is_empty() { path } else { names.as_path() }
    };
    (below(old), below(new))
}
