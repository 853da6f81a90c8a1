//! `sdnlock check`

use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;
use sdnlock::check::{self, Finding, Severity};
use sdnlock::sdn::Document;
use sdnlock::text::Lines;

use crate::cli::args::{CheckArgs, CheckFormat};
use crate::cli::databases::{self, Ignored};
use crate::cli::findings::Shown;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams::{self, Look};
use crate::cli::text;

pub fn run(args: &CheckArgs, report: Report) -> u8 {
    let mut tally = Tally::default();
    let mut worst = status::DONE;
    let mut seen = HashSet::new();
    for source in args.paths.iter().flat_map(|path| databases::below(path, Ignored::LeftOut)) {
        let checked = source.map_err(anyhow::Error::from).and_then(|path| {
            let new = seen.insert(path.clone());
            if new { check_one(&path, args, report, &mut tally) } else { Ok(()) }
        });
        if let Err(error) = checked {
            worst = worst.max(report.error(&error));
        }
    }
    if args.format == CheckFormat::Human && (tally.files > 0 || worst == status::DONE) {
        report.line(tally.summary());
    }
    let failed = tally.errors > 0 || (args.strict && tally.warnings > 0);
    if failed { worst.max(status::NO) } else { worst }
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

fn check_one(path: &Path, args: &CheckArgs, report: Report, tally: &mut Tally) -> Result<()> {
    let content = if streams::is_stdin(path) {
        streams::read_all(path)?
    } else {
        Session::begin(&args.lock, report)?.read(path, args.lockless)?
    };
    let document = Document::parse(content);
    let findings = check::check(&document);
    tally.add(&findings);
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
