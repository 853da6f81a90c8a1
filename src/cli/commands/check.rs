//! `sdnlock check`

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::check::{self, Finding, Severity};
use sdnlock::sdn::Document;
use sdnlock::text::Lines;

use crate::cli::args::{CheckArgs, CheckFormat};
use crate::cli::change::is_sdn;
use crate::cli::findings::Shown;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;

pub fn run(args: &CheckArgs, report: Report) -> Result<u8> {
    let session = Session::begin(&args.lock, report);
    let mut tally = Tally::default();
    let mut worst = status::DONE;
    for path in &args.paths {
        for (path, content) in sources(path).into_iter().map(|path| (path.clone(), read(&session, args, &path))) {
            match content {
                Ok(content) => {
                    let shown = check_one(&path, content, args.format, &mut tally);
                    if !report.is_quiet() {
                        streams::styled(&shown)?;
                    }
                }
                Err(error) => worst = worst.max(report.error(&error)),
            }
        }
    }
    if args.format == CheckFormat::Human && tally.files > 0 {
        report.lines(&format!("{}\n", tally.summary()));
    }
    let failed = tally.errors > 0 || (args.strict && tally.warnings > 0);
    Ok(if failed { worst.max(status::NO) } else { worst })
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
        let count = |severity| findings.iter().filter(|finding| finding.severity() == severity).count();
        self.errors += count(Severity::Error);
        self.warnings += count(Severity::Warning);
    }

    fn summary(&self) -> String {
        let files = text::count(self.files, "file");
        match (self.errors, self.warnings) {
            (0, 0) => format!("checked {files}: all valid"),
            (errors, 0) => format!("checked {files}: {}", text::count(errors, "error")),
            (errors, warnings) => {
                format!("checked {files}: {}, {}", text::count(errors, "error"), text::count(warnings, "warning"))
            }
        }
    }
}

/// The files that a path stands for: itself, or all databases below a folder that git does not ignore.
fn sources(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut walk = ignore::WalkBuilder::new(path);
    walk.hidden(false).filter_entry(|entry| entry.file_name() != OsStr::new(".git"));
    let mut found: Vec<PathBuf> = walk
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()) && is_sdn(entry.path()))
        .map(|entry| entry.path().strip_prefix("./").unwrap_or(entry.path()).to_owned())
        .collect();
    found.sort();
    found
}

fn read(session: &Session, args: &CheckArgs, path: &Path) -> Result<Vec<u8>> {
    if streams::is_stdin(path) {
        return Ok(streams::read_all(path)?);
    }
    Ok(session.read(path, args.lockless)?.into_bytes())
}

fn check_one(path: &Path, content: Vec<u8>, format: CheckFormat, tally: &mut Tally) -> String {
    let document = Document::parse(content);
    let findings = check::check(&document);
    tally.add(&findings);
    let name = streams::name(path);
    let shown = Shown { name: &name, source: document.source() };
    let lines = Lines::new(document.source());
    findings
        .iter()
        .map(|finding| match format {
            CheckFormat::Human => shown.human(finding, &lines) + "\n",
            CheckFormat::Short => shown.short(finding, &lines),
        })
        .collect()
}
