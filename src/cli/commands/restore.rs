//! `sdnlock restore`

use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::disk::{self, Backup, Snapshot};
use sdnlock::record::Keys;
use sdnlock::sdn::{Seal, is_sdn};

use crate::cli::args::{DiffKind, LocklessOption, RestoreArgs};
use crate::cli::change::{self, Change, Guard};
use crate::cli::differences::{self, Side};
use crate::cli::failure::Failure;
use crate::cli::losses::{Allowed, LargeLoss};
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams::{self, Look, Screen};
use crate::cli::text;

pub fn run(args: &RestoreArgs, report: Report) -> Result<u8> {
    for (file, doubt) in disk::doubted_backups(&resolved(&args.file)).unwrap_or_default() {
        report.not_believed(&file, doubt);
    }
    match args.number {
        None => list(args, report),
        Some(number) => restore(args, number, report),
    }
}

fn restore(args: &RestoreArgs, number: usize, report: Report) -> Result<u8> {
    let is_database = args.check.is_database(&args.file);
    let change = Change::new(&args.file, &args.change, report).with_schema_if(is_database);
    let guard =
        Guard { allowed: Allowed::by(&args.loss, LargeLoss::Allowed)?, refuse: |failure, _, _, _| failure.into() };
    let change = if args.check.no_check { change } else { change.guarded(guard) };
    let session = Session::begin(&args.lock, report)?;
    // One more than there are, so that none is lost.
    let keep = backups(&args.file)?.len() + 1;
    change.keeping(keep, &session, |old, _| {
        let path = disk::backup_path(&resolved(&args.file), number);
        let backup = disk::read_backup(&resolved(&args.file), number);
        let backup = backup.map_err(|error| Failure::reading(&path, &error))?;
        let backup = backup.ok_or_else(|| none(&args.file, number))?;
        let old = old.map(Snapshot::bytes).unwrap_or_default();
        if args.check.applies_to(&args.file) && backup.bytes() != old {
            change::check_new(&args.file, old, &path.to_string_lossy(), backup.bytes(), Some(change::NO_CHECK))?;
        }
        if is_sdn(&args.file) {
            Seal::of(backup.bytes()).permit(args.change.reseal()).map_err(|error| Failure::seal(&path, error))?;
        }
        Ok(backup.into_bytes())
    })
}

fn none(file: &Path, number: usize) -> Failure {
    let title = format!("{} has no backup {number}", text::path(file));
    Failure::new(status::NO, title).hint(format!("list them with `sdnlock restore {}`", text::argument(file.as_ref())))
}

fn list(args: &RestoreArgs, report: Report) -> Result<u8> {
    let session = Session::begin(&args.lock, report)?;
    let lockless = LocklessOption { no_lock: false };
    let now = if is_sdn(&args.file) {
        session.snapshot_with_schema(&args.file, lockless).map(|(now, schema)| (now.into_bytes(), schema.keys()))
    } else {
        session.snapshot(&args.file, lockless).map(|now| (now.into_bytes(), Keys::new()))
    };
    let (now, keys) = match now {
        Ok(now) => now,
        // Backups may be all that is left.
        Err(_) if !args.file.exists() => (Vec::new(), Keys::new()),
        Err(error) => return Err(error),
    };
    let backups = backups(&args.file)?;
    if backups.is_empty() && !args.file.exists() {
        return Err(Failure::no_such_file(&args.file).into());
    }
    if backups.is_empty() {
        report.line(format!("{} has no backups", text::path(&args.file)));
        return Ok(status::DONE);
    }
    let mut lines = String::new();
    for Backup { number, path, size, modified } in backups {
        let content = disk::read_backup(&resolved(&args.file), number);
        let content = content.map_err(|error| Failure::reading(&path, &error))?;
        let content = content.map(Snapshot::into_bytes).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let since = differences::render(
            Side::of("since", Some(&content)),
            Side::of("since", Some(&now)),
            DiffKind::Stat,
            &keys,
            Screen::NONE,
        );
        let since = String::from_utf8_lossy(&since).trim_end().replace("since: ", "");
        let since = if since.is_empty() { "the same as now".to_owned() } else { format!("{since} since") };
        let age = text::duration(modified.elapsed().unwrap_or_default());
        let size = text::size(usize::try_from(size).unwrap_or(usize::MAX));
        lines += &format!("{number}  {}  {age} old, {size}, {since}\n", text::visible(&name));
    }
    streams::looking(lines.as_bytes(), Look::Shown)?;
    Ok(status::DONE)
}

/// Backups stand beside the database itself, not beside a link to it.
fn resolved(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}

fn backups(file: &Path) -> Result<Vec<Backup>, Failure> {
    disk::backups(&resolved(file)).map_err(|error| Failure::reading(file, &error))
}
