//! `sdnlock check`

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::check::{self, Finding, SCHEMA_NAME, Severity};
use sdnlock::sdn::Document;
use sdnlock::text::Lines;

use crate::cli::args::{CheckArgs, CheckFormat};
use crate::cli::databases::{self, Ignored};
use crate::cli::findings::Shown;
use crate::cli::report::Report;
use crate::cli::schemas::{self, Schemas};
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams::{self, Look};
use crate::cli::text;

pub fn run(args: &CheckArgs, report: Report) -> Result<u8> {
    if args.init_schema {
        return init_schema(args, report);
    }
    let schemas = Schemas::new(args.schema.as_deref())?;
    let mut tally = Tally::default();
    let mut worst = status::DONE;
    let mut seen = HashSet::new();
    for source in args.paths.iter().flat_map(|path| databases::below(path, Ignored::LeftOut)) {
        let checked = source.map_err(anyhow::Error::from).and_then(|path| {
            let new = seen.insert(path.clone());
            if new { check_one(&path, args, &schemas, report, &mut tally) } else { Ok(()) }
        });
        if let Err(error) = checked {
            worst = worst.max(report.error(&error));
        }
    }
    // What is wrong with a schema is told once, and not for every database.
    for found in schemas.faulty(&seen) {
        if let Err(error) = tell(&found.path, &found.document, &found.findings, args, report, &mut tally) {
            worst = worst.max(report.error(&error));
        }
    }
    if args.format == CheckFormat::Human && (tally.files > 0 || worst == status::DONE) {
        report.line(tally.summary());
    }
    let failed = tally.errors > 0 || (args.strict && tally.warnings > 0);
    Ok(if failed { worst.max(status::NO) } else { worst })
}

/// Prints a first schema of all databases.
fn init_schema(args: &CheckArgs, report: Report) -> Result<u8> {
    let paths = args.paths.iter().flat_map(|path| databases::below(path, Ignored::LeftOut));
    let paths: Vec<PathBuf> = paths.collect::<Result<_, _>>()?;
    let mut seen = HashSet::new();
    let databases = paths.into_iter().filter(|path| !schemas::is_schema(path) && seen.insert(path.clone()));
    let documents: Vec<Document> =
        databases.map(|path| Ok(Document::parse(read(&path, args, report)?))).collect::<Result<_>>()?;
    streams::bytes(check::draft(&documents).as_bytes())?;
    let files = text::count(documents.len(), "file");
    report.note(format!("made from {files}; keep it as {SCHEMA_NAME} beside the databases or above them"));
    Ok(status::DONE)
}

/// What was found in all files.
#[derive(Default)]
struct Tally {
    files: usize,
    errors: usize,
    warnings: usize,
}

impl Tally {
    fn add(&mut self, findings: &[Finding]) {
        self.files += 1;
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        self.errors += count(Severity::Error);
        self.warnings += count(Severity::Warning);
    }

    fn summary(&self) -> String {
        let files = text::count(self.files, "file");
        match (self.errors, self.warnings) {
            _ if self.files == 0 => "checked 0 files: there is no .sdn file".to_owned(),
            (0, 0) => format!("checked {files}: all valid"),
            (errors, 0) => format!("checked {files}: {}", text::count(errors, "error")),
            (errors, warnings) => {
                format!("checked {files}: {}, {}", text::count(errors, "error"), text::count(warnings, "warning"))
            }
        }
    }
}

fn check_one(path: &Path, args: &CheckArgs, schemas: &Schemas, report: Report, tally: &mut Tally) -> Result<()> {
    let document = Document::parse(read(path, args, report)?);
    let mut unread = None;
    let findings = if schemas.is_schema(path) {
        check::check_schema(&document, &check::Options::default())
    } else {
        let found = schemas.of(path).unwrap_or_else(|failure| {
            unread = Some(failure);
            None
        });
        let schema = found.as_ref().map(|found| &found.schema);
        check::check_with(&document, &check::Options { schema, ..check::Options::default() })
    };
    tell(path, &document, &findings, args, report, tally)?;
    unread.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Shows what was found in a file.
fn tell(
    path: &Path,
    document: &Document,
    findings: &[Finding],
    args: &CheckArgs,
    report: Report,
    tally: &mut Tally,
) -> Result<()> {
    tally.add(findings);
    if report.is_quiet() {
        return Ok(());
    }
    let name = streams::name(path);
    let shown = Shown { name: &name, source: document.source() };
    let lines = Lines::new(document.source());
    let each = findings.iter().map(|finding| match args.format {
        CheckFormat::Human => shown.human(finding, &lines) + "\n",
        CheckFormat::Short => shown.short(finding, &lines),
    });
    streams::looking(each.collect::<String>().as_bytes(), Look::Shown)
}

/// What is to be checked.
fn read(path: &Path, args: &CheckArgs, report: Report) -> Result<Vec<u8>> {
    if streams::is_stdin(path) {
        return Ok(streams::read_all(path)?);
    }
    Session::begin(&args.lock, report)?.read(path, args.lockless)
}
