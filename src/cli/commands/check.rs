//! `sdnlock check`

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result};
use sdnlock::check::{FileKind, SCHEMA_NAME};

use crate::cli::args::{ChangeOptions, CheckArgs, CheckFormat};
use crate::cli::checking::baseline::Searched;
use crate::cli::checking::checked::{Checked, Tally};
use crate::cli::checking::fixing;
use crate::cli::checking::formats::{github, json, sarif};
use crate::cli::checking::in_order::{Progress, in_order};
use crate::cli::checking::inspector::Inspector;
use crate::cli::checking::progress::ProgressBar;
use crate::cli::checking::rules;
use crate::cli::databases::{self, Ignored};
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::status;
use crate::cli::streams::{self, Look};
use crate::cli::text;

pub fn run(args: &CheckArgs, report: Report) -> Result<u8> {
    if let Some(name) = &args.explain {
        let page = rules::explanation(rules::named(name)?);
        streams::looking(page.as_bytes(), Look::Shown)?;
        return Ok(status::DONE);
    }
    let inspector = Inspector::new(args, report)?;
    let databases = databases(&args.paths, &inspector, report);
    if args.init_schema {
        return init_schema(&inspector, databases, report);
    }
    let mut outcome = Outcome::default();
    let mut mended = 0;
    if args.fix {
        let CheckArgs { dry_run, reseal, diff, backups, .. } = *args;
        let options = ChangeOptions { dry_run, diff, reseal, backups, ..ChangeOptions::default() };
        for done in fixing::mend(&inspector, databases.iter().flatten(), &options, report) {
            match done {
                Ok(is_mended) => mended += usize::from(is_mended && !dry_run),
                Err(error) => outcome.worst = outcome.worst.max(report.error(&error)),
            }
        }
    }
    let shown = outcome.of(&inspector, databases, args, report);
    if mended == 0 {
        shown?;
    } else {
        let state = || format!("{} mended", text::count(mended, "file"));
        streams::after_change(shown, "what is left to mend", state)?;
    }
    let Outcome { tally, worst, is_gone, .. } = outcome;
    let failed = tally.errors > 0 || (args.strict && (tally.warnings > 0 || is_gone));
    Ok(if failed { worst.max(status::NO) } else { worst })
}

/// Prints a first schema of all databases.
fn init_schema(inspector: &Inspector<'_>, databases: Vec<Source>, report: Report) -> Result<u8> {
    let databases: Vec<PathBuf> = databases.into_iter().collect::<Result<_, _>>()?;
    let (schema, number) = inspector.draft(&databases)?;
    streams::data(schema.as_bytes())?;
    let files = text::count(number, "file");
    report.note(format!("made from {files}; keep it as {SCHEMA_NAME} beside the databases or above them"));
    Ok(status::DONE)
}

/// A database, or why a folder could not be searched for any.
type Source = Result<PathBuf, Failure>;

/// All databases that are to be checked, each one once. Those that were named and are left alone are told.
fn databases(paths: &[PathBuf], inspector: &Inspector<'_>, report: Report) -> Vec<Source> {
    let mut seen = HashSet::new();
    let mut is_new = |path: &PathBuf| {
        !inspector.baseline.as_ref().is_some_and(|baseline| baseline.is(path)) && seen.insert(path.clone())
    };
    let files = &inspector.files;
    let is_database = |file: &Path| files.is_database(file);
    let sources = paths.iter().flat_map(|path| databases::below_where(path, Ignored::LeftOut, is_database, report));
    let sources: Vec<Source> = sources.filter(|source| source.as_ref().map_or(true, &mut is_new)).collect();
    let is_ignored = |path: &Path| files.about(path).kind == Some(FileKind::Ignored);
    let is_left = |source: &Source| source.as_ref().is_ok_and(|path| inspector.called(path).is_some_and(is_ignored));
    let (left, looked_at): (Vec<_>, Vec<_>) = sources.into_iter().partition(is_left);
    if !left.is_empty() {
        report.note(format!("{} left alone, as {SCHEMA_NAME} says", text::count(left.len(), "file")));
    }
    looked_at
}

/// What came of the databases.
#[derive(Default)]
struct Outcome {
    tally: Tally,
    /// The exit code for what could not be read.
    worst: u8,
    /// What is shown when all is done.
    kept: Vec<Checked>,
    /// Whether something of the baseline is left that was not found.
    is_gone: bool,
}

/// Checks all databases, and shows what can be shown one by one. It breaks off if nothing can be shown any
/// more, and by a signal.
fn inspect(inspector: &Inspector<'_>, sources: &[Source], report: Report, outcome: &mut Outcome) -> ControlFlow<Error> {
    let mut bar = ProgressBar::new(sources.len(), report);
    let check = |source: &Source| source.as_ref().ok().map(|path| inspector.check(path));
    in_order(sources, check, |progress| match progress {
        Progress::Result(source, result) => {
            let shown = match (result, source) {
                (Some(Ok((checked, page))), _) => outcome.add(checked, &page, inspector.format, &mut bar),
                // Once all is over, that is told.
                (Some(Err(_)), _) if inspector.session.interrupted().is_some() => Ok(()),
                (Some(Err(error)), _) => {
                    bar.erase();
                    outcome.worst = outcome.worst.max(report.error(&error));
                    Ok(())
                }
                (None, source) => {
                    bar.erase();
                    let failure = source.as_ref().err();
                    outcome.worst = outcome.worst.max(failure.map_or(status::DONE, |failure| report.failure(failure)));
                    Ok(())
                }
            };
            shown.map_or_else(ControlFlow::Break, ControlFlow::Continue)
        }
        Progress::Done(done) => {
            bar.at(done);
            let Some(signal) = inspector.session.interrupted() else { return ControlFlow::Continue(()) };
            bar.erase();
            let title = format!("interrupted after {done} of {}", text::count(sources.len(), "file"));
            ControlFlow::Break(Failure::new(status::of_signal(signal), title).into())
        }
    })
}

impl Outcome {
    /// Checks all databases, and shows what comes of it.
    fn of(
        &mut self,
        inspector: &Inspector<'_>,
        databases: Vec<Source>,
        args: &CheckArgs,
        report: Report,
    ) -> Result<()> {
        if let ControlFlow::Break(error) = inspect(inspector, &databases, report, self) {
            return Err(error);
        }
        self.add_schemas(inspector, databases, report)?;
        let mut bar = ProgressBar::new(0, report);
        for (checked, page) in inspector.removed(report) {
            self.add(checked, &page, inspector.format, &mut bar)?;
        }
        let Some(baseline) = &inspector.baseline else {
            let gone = inspector.compares().then_some(0);
            return self.show(inspector, gone, report);
        };
        let searched = Searched::of(&args.paths, self.worst == status::DONE);
        let gone = baseline.gone(&searched);
        self.show(inspector, Some(gone.number()), report)?;
        self.is_gone = baseline.end(&gone, &searched, &inspector.session, report)?;
        Ok(())
    }

    fn add(&mut self, checked: Checked, page: &str, format: CheckFormat, bar: &mut ProgressBar) -> Result<()> {
        self.tally.add(checked.tally);
        if matches!(format, CheckFormat::Json | CheckFormat::Sarif | CheckFormat::Github) {
            self.kept.push(checked);
        }
        if page.is_empty() {
            return Ok(());
        }
        bar.erase();
        streams::looking(page.as_bytes(), Look::Shown)
    }

    /// What is to be said of the schemas by which the databases were judged.
    fn add_schemas(&mut self, inspector: &Inspector<'_>, databases: Vec<Source>, report: Report) -> Result<()> {
        for failure in inspector.unread_schemas() {
            self.worst = self.worst.max(report.failure(&failure));
        }
        let databases: HashSet<PathBuf> = databases.into_iter().flatten().collect();
        let mut bar = ProgressBar::new(0, report);
        for (checked, page) in inspector.faulty_schemas(&databases)? {
            self.add(checked, &page, inspector.format, &mut bar)?;
        }
        Ok(())
    }

    /// Shows what stands at the end, or is one whole; with how much of the baseline is gone, if there is one.
    fn show(&self, inspector: &Inspector<'_>, gone: Option<usize>, report: Report) -> Result<()> {
        match inspector.format {
            CheckFormat::Json => streams::json(&json::render(&self.kept, &self.tally, gone))?,
            CheckFormat::Sarif => {
                streams::json(&sarif::render(&self.kept, self.worst == status::DONE, gone.is_some()))?;
            }
            CheckFormat::Github => streams::bytes(github::render(&self.kept).as_bytes())?,
            CheckFormat::Human | CheckFormat::Short => {}
        }
        let is_for_people = matches!(inspector.format, CheckFormat::Human | CheckFormat::Github);
        // Whoever has a log or a mail of it wants to know what is wrong.
        let is_news = !self.tally.is_clean() || report.is_watched();
        if is_for_people && is_news && (self.tally.files > 0 || self.worst == status::DONE) {
            report.line(self.tally.summary(&inspector.judge));
        }
        Ok(())
    }
}
