//! `sdnlock check --fix`: mends databases, each under its lock.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result};
use sdnlock::check;
use sdnlock::disk::Snapshot;
use sdnlock::sdn::{self, Document, Reseal};

use super::inspector::Inspector;
use crate::cli::args::{ChangeOptions, LocklessOption};
use crate::cli::change::Change;
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::status;
use crate::cli::streams;

/// Mends databases one after the other, and gives what went wrong. What cannot be read is told by the check itself.
pub fn mend<'p>(
    inspector: &Inspector<'_>,
    paths: impl Iterator<Item = &'p PathBuf>,
    dry_run: bool,
    report: Report,
) -> Vec<Error> {
    let options = ChangeOptions { dry_run, ..ChangeOptions::default() };
    let mended = paths.map(|path| {
        let change = Change::new(path, &options, report);
        mend_one(inspector, path, &change)
    });
    mended.filter_map(Result::err).collect()
}

fn mend_one(inspector: &Inspector<'_>, path: &Path, change: &Change<'_>) -> Result<()> {
    if streams::is_stdin(path) {
        let title = "standard input cannot be mended in place";
        return Err(Failure::new(status::USAGE, title).into());
    }
    let options = inspector.judge.options();
    let Ok(content) = inspector.session.read(path, LocklessOption::default()) else { return Ok(()) };
    if check::fixed(&Document::parse(content), options).1 == 0 {
        return Ok(());
    }
    change.run(&inspector.session, |old, _| {
        let old = old.map(Snapshot::bytes).unwrap_or_default();
        let (new, _) = check::fixed(&Document::parse(old), options);
        let sealed = sdn::seal_change(old, new, Reseal::OnlyIfRight);
        Ok(sealed.map_err(|error| Failure::seal(path, error))?)
    })?;
    Ok(())
}
