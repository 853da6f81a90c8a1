//! What was found in one database, and in all of them.

use std::path::PathBuf;

use sdnlock::check::{Finding, Severity};
use sdnlock::text::{Lines, Position, Span};

use super::judge::Judge;
use crate::cli::text;

/// One database that was checked.
pub struct Checked {
    /// As it was given; none for standard input without a name.
    pub path: Option<PathBuf>,
    /// What it is called.
    pub name: String,
    /// What is to be shown.
    pub findings: Vec<Located>,
    /// What passes since it is known.
    pub known: Vec<Located>,
    pub tally: Tally,
}

/// A finding with its place.
pub struct Located {
    pub finding: Finding,
    pub from: Position,
    /// Behind the last character.
    pub to: Position,
    /// The place of what its fix replaces.
    pub fix: Option<(Position, Position)>,
}

impl Located {
    pub fn new(finding: Finding, lines: &Lines<'_>) -> Self {
        let place = |span: Span| (lines.position(span.start), lines.position(span.end));
        let fix = finding.fix.as_ref().map(|fix| place(fix.span));
        let (from, to) = place(finding.span);
        Self { finding, from, to, fix }
    }
}

/// How many files were checked, and how much was found in them.
#[derive(Clone, Copy, Default, Debug)]
pub struct Tally {
    pub files: usize,
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    /// What was found and passes.
    pub known: usize,
}

impl Tally {
    /// Of one file.
    pub fn of(findings: &[Finding]) -> Self {
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Self {
            files: 1,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            known: 0,
        }
    }

    /// Whether there were files, and nothing was found in them that counts.
    pub fn is_clean(&self) -> bool {
        self.files > 0 && self.errors + self.warnings + self.notes == 0
    }

    pub fn add(&mut self, other: Self) {
        self.files += other.files;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.notes += other.notes;
        self.known += other.known;
    }

    /// In one line, with what was found but not shown at its end.
    pub fn summary(&self, judge: &Judge) -> String {
        if self.files == 0 {
            return "checked 0 files: there is no .sdn file".to_owned();
        }
        let counts = [(Severity::Error, self.errors), (Severity::Warning, self.warnings), (Severity::Note, self.notes)];
        let found = counts.into_iter().filter(|(_, count)| *count > 0);
        let (shown, hidden): (Vec<_>, Vec<_>) = found.partition(|(severity, _)| judge.shows(*severity));
        let counted = |counts: &[(Severity, usize)]| {
            let each = counts.iter().map(|(severity, count)| text::count(*count, severity.name()));
            each.collect::<Vec<_>>().join(", ")
        };
        let files = text::count(self.files, "file");
        let shown = match shown.as_slice() {
            [] if self.errors + self.warnings + self.known == 0 => "all valid".to_owned(),
            [] if self.errors + self.warnings == 0 => "nothing new".to_owned(),
            [] => "nothing shown".to_owned(),
            shown => counted(shown),
        };
        let hidden = match hidden.last() {
            None => String::new(),
            Some((least, _)) => format!(", and {} (shown with --severity {})", counted(&hidden), least.name()),
        };
        let known = match self.known {
            0 => String::new(),
            1 => "; 1 finding is known".to_owned(),
            known => format!("; {known} findings are known"),
        };
        format!("checked {files}: {shown}{hidden}{known}")
    }
}
