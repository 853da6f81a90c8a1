//! Reads one database after the other, checks it, and renders what is shown of it by itself.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::check::{self, Divided, Finding, Reader, Schema};
use sdnlock::project::{self, SchemaFile};
use sdnlock::review;
use sdnlock::sdn::Document;
use sdnlock::text::Lines;

use super::against::Against;
use super::baseline::Baseline;
use super::checked::{Checked, Located, Tally};
use super::files::Files;
use super::formats::{github, short};
use super::judge::Judge;
use crate::cli::args::{CheckArgs, CheckFormat};
use crate::cli::failure::Failure;
use crate::cli::findings::Shown;
use crate::cli::report::Report;
use crate::cli::schemas::Schemas;
use crate::cli::session::Session;
use crate::cli::streams;

/// Can be used by several threads at once.
pub struct Inspector<'a> {
    args: &'a CheckArgs,
    pub format: CheckFormat,
    pub judge: Judge,
    pub session: Session,
    /// What passes, if anything does.
    pub baseline: Option<Baseline>,
    /// What the databases were, if a change is reviewed.
    against: Option<Against>,
    pub files: Files,
}

impl<'a> Inspector<'a> {
    /// # Errors
    /// If the options or the environment ask for what does not exist.
    pub fn new(args: &'a CheckArgs, report: Report) -> Result<Self, Failure> {
        let format = args.format();
        let is_for_programs = matches!(format, CheckFormat::Json | CheckFormat::Sarif);
        let judge = Judge::new(args, report.is_quiet() && !is_for_programs)?;
        let baseline = Baseline::new(&args.baseline)?;
        let against = Against::new(args)?;
        let session = Session::begin(&args.lock, report)?;
        let schemas = Schemas::new(args.schema.as_deref(), report)?;
        Ok(Self { args, format, judge, session, baseline, against, files: Files::new(schemas) })
    }

    /// What was found in a database, and what is shown of that before others are looked at.
    pub fn check(&self, path: &Path) -> Result<(Checked, String)> {
        let document = Document::parse(self.read(path)?);
        let reader = self.reader(path);
        let is_schema = self.files.schemas().is_schema(path);
        let found = if is_schema { None } else { self.files.schemas().of(path) };
        let schema = found.as_ref().map(|found| &found.schema);
        let found_in = |document: &Document| {
            if is_schema { self.judge.schema_findings(document) } else { self.judge.findings(document, schema, reader) }
        };
        let findings = found_in(&document);
        let Some(against) = &self.against else {
            return Ok(self.shown(path, &document, self.divided(path, findings, &document)?));
        };
        let (mut divided, changed) = against.divide(path, &self.args.paths, findings, &document, found_in)?;
        if let Some(changed) = changed.filter(|_| !is_schema) {
            let review = against.review(&changed, &document, schema.unwrap_or(&Schema::default()));
            divided.new.extend(self.judge.chosen(review));
            divided.new.sort_by_key(|finding| finding.span.start);
        }
        Ok(self.shown(path, &document, divided))
    }

    /// The databases that a change has removed.
    pub fn removed(&self, report: Report) -> Vec<(Checked, String)> {
        let gone = self.against.iter().flat_map(|against| against.removed(&self.args.paths, report));
        let nothing = Document::parse(Vec::new());
        let shown = gone.filter_map(|path| {
            let found = self.judge.chosen(vec![review::database_removed()]);
            (!found.is_empty()).then(|| self.shown(&path, &nothing, Divided { new: found, ..Divided::default() }))
        });
        shown.collect()
    }

    /// Whether what is found is compared with what was found before.
    pub fn compares(&self) -> bool {
        self.baseline.is_some() || self.against.is_some()
    }

    /// What is wrong with the schemas that were used, unless they are among the files that were checked: it is told
    /// once, and not for every database.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn faulty_schemas(&self, checked: &HashSet<PathBuf>) -> Result<Vec<(Checked, String)>, Failure> {
        let faulty = self.files.schemas().faulty(checked);
        let shown = |found: &SchemaFile| {
            let findings = self.judge.schema_findings(&found.document);
            Ok(self.shown(&found.path, &found.document, self.divided(&found.path, findings, &found.document)?))
        };
        faulty.iter().map(|found| shown(found)).collect()
    }

    /// The schemas that could not be read.
    pub fn unread_schemas(&self) -> Vec<Failure> {
        self.files.schemas().unread()
    }

    /// What a file is called, if it is called anything.
    pub fn called<'p>(&'p self, path: &'p Path) -> Option<&'p Path> {
        if streams::is_stdin(path) { self.args.stdin_name.as_deref() } else { Some(path) }
    }

    /// The reader by which a database is judged.
    pub fn reader(&self, path: &Path) -> Reader {
        let by_settings = || self.files.about(self.called(path)?).reader;
        self.args.reader.map(Reader::from).or_else(by_settings).unwrap_or_default()
    }

    /// A first schema of all these databases, and how many there were.
    pub fn draft(&self, paths: &[PathBuf]) -> Result<(String, usize)> {
        let databases = paths.iter().filter(|path| !project::is_schema(path));
        let documents: Vec<Document> =
            databases.map(|path| Ok(Document::parse(self.read(path)?))).collect::<Result<_>>()?;
        Ok((check::draft(&documents), documents.len()))
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        if streams::is_stdin(path) {
            return Ok(self.session.signals().released(|| streams::read_all(path))?);
        }
        self.session.read(path, self.args.lockless)
    }

    /// By whether a baseline lets it pass.
    fn divided(&self, path: &Path, findings: Vec<Finding>, document: &Document) -> Result<Divided, Failure> {
        let Some(baseline) = &self.baseline else { return Ok(Divided { new: findings, ..Divided::default() }) };
        let reader = self.reader(path);
        baseline.divide(self.called(path), findings, document, |rule| self.judge.looks_for(rule, reader))
    }

    fn shown(&self, path: &Path, document: &Document, found: Divided) -> (Checked, String) {
        let path = self.called(path).map(Path::to_owned);
        let tally = Tally { known: found.known.len(), ..Tally::of(&found.new) };
        let lines = Lines::new(document.source());
        let [findings, known] = [found.new, found.known].map(|findings| {
            let shown = findings.into_iter().filter(|finding| self.judge.shows(finding.severity));
            shown.map(|finding| Located::new(finding, &lines)).collect()
        });
        let name = path.as_deref().map_or_else(|| streams::STDIN.to_owned(), streams::name);
        let checked = Checked { path, name, findings, known, tally };
        let page = self.page(&checked, document, &lines);
        (checked, page)
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
