//! Reads one database after the other, checks it, and renders what is shown of it by itself.

use std::path::Path;

use anyhow::Result;
use sdnlock::sdn::Document;
use sdnlock::text::Lines;

use super::args::{CheckArgs, CheckFormat};
use super::checked::{Checked, Located, Tally};
use super::failure::Failure;
use super::findings::Shown;
use super::formats::{github, short};
use super::judge::Judge;
use super::report::Report;
use super::session::Session;
use super::streams;

/// Can be used by several threads at once.
pub struct Inspector<'a> {
    args: &'a CheckArgs,
    pub format: CheckFormat,
    pub judge: Judge,
    pub session: Session,
    quiet: bool,
}

impl<'a> Inspector<'a> {
    /// # Errors
    /// If the options or the environment ask for what does not exist.
    pub fn new(args: &'a CheckArgs, report: Report) -> Result<Self, Failure> {
        let (judge, session) = (Judge::new(args)?, Session::begin(&args.lock, report)?);
        Ok(Self { args, format: args.format(), judge, session, quiet: report.is_quiet() })
    }

    /// What was found in a database, and what is shown of that before others are looked at.
    pub fn check(&self, path: &Path) -> Result<(Checked, String)> {
        let is_stdin = streams::is_stdin(path);
        let content = if is_stdin {
            self.session.signals().released(|| streams::read_all(path))?
        } else {
            self.session.read(path, self.args.lockless)?
        };
        let document = Document::parse(content);
        let mut findings = self.judge.findings(&document);
        let tally = Tally::of(&findings);
        findings.retain(|finding| self.judge.shows(finding.severity));
        let lines = Lines::new(document.source());
        let findings = findings.into_iter().map(|finding| Located::new(finding, &lines)).collect();
        let path = if is_stdin { self.args.stdin_name.clone() } else { Some(path.to_owned()) };
        let name = path.as_deref().map_or_else(|| streams::STDIN.to_owned(), streams::name);
        let checked = Checked { path, name, findings, tally };
        let page = if self.quiet { String::new() } else { self.page(&checked, &document, &lines) };
        Ok((checked, page))
    }

    fn page(&self, checked: &Checked, document: &Document, lines: &Lines<'_>) -> String {
        let shown = Shown { name: &checked.name, source: document.source() };
        let human = || checked.findings.iter().map(|located| shown.human(&located.finding, lines) + "\n").collect();
        match self.format {
            CheckFormat::Human => human(),
            CheckFormat::Github => github::harmless(human()),
            CheckFormat::Short => short::render(checked),
            CheckFormat::Json | CheckFormat::Sarif => String::new(),
        }
    }
}
