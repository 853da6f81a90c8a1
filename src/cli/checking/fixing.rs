//! `sdnlock check --fix`: mends databases, each under its lock.

use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::check;
use sdnlock::disk::Snapshot;
use sdnlock::sdn::{self, Document, Reseal, Seal};

use super::inspector::Inspector;
use crate::cli::args::{ChangeOptions, LocklessOption};
use crate::cli::change::Change;
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::status;
use crate::cli::streams;

/// Mends databases one after the other, and says of each whether there was anything to be mended, or what went wrong. What
/// cannot be read is told by the check itself.
pub fn mend<'p>(
    inspector: &Inspector<'_>,
    paths: impl Iterator<Item = &'p PathBuf>,
    options: &ChangeOptions,
    report: Report,
) -> Vec<Result<bool>> {
    paths.map(|path| mend_one(inspector, path, options, report)).collect()
}

fn mend_one(inspector: &Inspector<'_>, path: &Path, how: &ChangeOptions, report: Report) -> Result<bool> {
    if streams::is_stdin(path) {
        let title = "standard input cannot be mended in place";
        return Err(Failure::new(status::USAGE, title).into());
    }
    let options = &inspector.judge.options(inspector.reader(path));
    let Ok(content) = inspector.session.read(path, LocklessOption::default()) else { return Ok(false) };
    let (fixed, made) = check::fixed(&Document::parse(&content[..]), options);
    if made == 0 && !is_resealed(&fixed, how) {
        return Ok(false);
    }
    Change::new(path, how, report).run(&inspector.session, |old, _| {
        let old = old.map(Snapshot::bytes).unwrap_or_default();
        let (new, _) = check::fixed(&Document::parse(old), options);
        let reseal = if is_resealed(&new, how) { Reseal::Always } else { Reseal::OnlyIfRight };
        let sealed = sdn::seal_change(old, new, reseal);
        Ok(sealed.map_err(|error| Failure::seal(path, error))?)
    })?;
    Ok(true)
}

/// Whether a checksum that is not right is renewed: nobody would see any more that something else is wrong.
fn is_resealed(source: &[u8], how: &ChangeOptions) -> bool {
    how.reseal && matches!(Seal::of(source), Seal::Wrong { .. }) && check::is_valid(&Document::parse(source))
}
