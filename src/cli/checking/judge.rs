//! How the findings of a check are judged: by whom, and what the user makes of them.

use std::collections::HashMap;

use sdnlock::check::{self, Finding, Reader, Rule, Schema, Severity};
use sdnlock::sdn::Document;

use super::rules;
use crate::cli::args::{CheckArgs, Choice, Level, ReaderName};
use crate::cli::failure::Failure;

pub struct Judge {
    /// Whether to look for what only other readers lose, too.
    notes: bool,
    choices: HashMap<Rule, Choice>,
    least: Severity,
    /// Whether findings are compared with others.
    compares: bool,
}

impl Judge {
    /// `only_errors` are shown where nobody wants to read more.
    ///
    /// # Errors
    /// If a rule is named that does not exist.
    pub fn new(args: &CheckArgs, only_errors: bool) -> Result<Self, Failure> {
        // The last choice for a rule is the one that stays.
        let choices = args.rules.choices.iter().map(|(choice, name)| Ok((rules::named(name)?, *choice)));
        let choices: HashMap<Rule, Choice> = choices.collect::<Result<_, Failure>>()?;
        let least = if only_errors { Severity::Error } else { args.severity.into() };
        // To look for notes takes time; most often nobody asks for them.
        let notes = least == Severity::Note || choices.keys().any(|rule| rule.severity() == Severity::Note);
        Ok(Self { notes, choices, least, compares: args.baseline.baseline.is_some() || args.against.is_some() })
    }

    /// All findings in a database, also those that are not to be shown.
    pub fn findings(&self, document: &Document, schema: Option<&Schema>, reader: Reader) -> Vec<Finding> {
        let options = check::Options { schema, each_place: self.compares, ..self.options(reader) };
        self.chosen(check::check_with(document, &options))
    }

    /// All findings in a document that is a schema itself.
    pub fn schema_findings(&self, document: &Document) -> Vec<Finding> {
        let options = check::Options { each_place: self.compares, ..self.options(Reader::default()) };
        self.chosen(check::check_schema(document, &options))
    }

    /// Of these findings those that are not left out.
    pub fn chosen(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.retain_mut(|finding| match self.choices.get(&finding.rule) {
            None => true,
            Some(Choice::Allow) => false,
            Some(Choice::Deny) => {
                finding.severity = Severity::Error;
                true
            }
        });
        findings
    }

    /// Whether what breaks a rule would be found.
    pub fn looks_for(&self, rule: Rule, reader: Reader) -> bool {
        let looks = self.notes || reader != Reader::default() || rule.severity() != Severity::Note;
        looks && self.choices.get(&rule) != Some(&Choice::Allow)
    }

    /// How documents for a reader are judged.
    pub fn options(&self, reader: Reader) -> check::Options<'static> {
        check::Options { reader, notes: self.notes, ..check::Options::default() }
    }

    /// Whether a finding is bad enough to be shown.
    pub fn shows(&self, severity: Severity) -> bool {
        severity >= self.least
    }
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warning => Self::Warning,
            Level::Note => Self::Note,
        }
    }
}

impl From<ReaderName> for Reader {
    fn from(name: ReaderName) -> Self {
        match name {
            ReaderName::RNew => Self::RNew,
            ReaderName::ROld => Self::ROld,
            ReaderName::SLib => Self::SLib,
            ReaderName::SDb => Self::SDb,
            ReaderName::STest => Self::STest,
            ReaderName::SDash => Self::SDash,
        }
    }
}
