//! `sdnlock check --baseline`: what was there passes, and only what is new counts.
//!
//! A check judges the entries of the files that it looked at, and of those that are gone from the folders that it
//! searched; of the rules that it looked for. All other entries stay as they are, whatever becomes of those.

mod file;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use sdnlock::check::{Divided, Finding, Fingerprint, Known, Rule};
use sdnlock::disk::{ReplacePolicy, Snapshot};
use sdnlock::sdn::Document;
use sdnlock::text::line_end;

use crate::cli::args::BaselineOptions;
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::status;
use crate::cli::streams;
use crate::cli::text;
use file::Entries;

/// What is done with a baseline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Purpose {
    /// What it has passes.
    Compare,
    /// The same, and what is not found any more is taken out of it.
    Prune,
    /// It gets all that is found, and everything passes.
    Write,
}

/// The findings that pass. It can be used by several threads at once.
#[derive(Debug)]
pub struct Baseline {
    /// As it was named.
    path: PathBuf,
    /// Without links.
    whole: Option<PathBuf>,
    /// From where the paths in it are meant.
    folder: PathBuf,
    purpose: Purpose,
    entries: Entries,
    seen: Mutex<BTreeMap<PathBuf, Seen>>,
}

/// A file that was looked at.
#[derive(Debug)]
struct Seen {
    found: Known,
    /// Rules that were not looked for.
    passed_over: Vec<Rule>,
}

/// The folders below which everything was looked at.
pub struct Searched(Vec<PathBuf>);

impl Searched {
    /// Those among the paths of a check, if all that is there could be looked at.
    pub fn of(paths: &[PathBuf], is_complete: bool) -> Self {
        let folders = paths.iter().filter(|path| is_complete && path.is_dir());
        Self(folders.filter_map(|folder| folder.canonicalize().ok()).collect())
    }
}

/// What is in a baseline and was not found.
pub struct Gone(Vec<(PathBuf, Fingerprint, usize)>);

impl Baseline {
    /// # Errors
    /// If it cannot be read, or is none.
    pub fn new(options: &BaselineOptions) -> Result<Option<Self>, Failure> {
        let Some(path) = options.baseline.clone() else { return Ok(None) };
        let purpose = match options {
            BaselineOptions { write_baseline: true, .. } => Purpose::Write,
            BaselineOptions { prune_baseline: true, .. } => Purpose::Prune,
            _ => Purpose::Compare,
        };
        if streams::is_stdin(&path) && purpose != Purpose::Compare {
            return Err(Failure::new(status::USAGE, "a baseline on standard input cannot be written"));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().map_err(|error| Failure::reading(folder, &error))?;
        let is_to_be_made = purpose == Purpose::Write && path.symlink_metadata().is_err();
        let entries = if is_to_be_made {
            Entries::new()
        } else {
            let content = streams::read_all(&path).map_err(|failure| match failure.status {
                status::NO_INPUT => failure.hint("make it with `--write-baseline`"),
                _ => failure,
            })?;
            entries(&path, &content)?
        };
        let whole = path.canonicalize().ok();
        Ok(Some(Self { path, whole, folder, purpose, entries, seen: Mutex::default() }))
    }

    /// Whether it is this file itself.
    pub fn is(&self, path: &Path) -> bool {
        path == self.path || (self.whole.is_some() && path.canonicalize().ok() == self.whole)
    }

    /// Parts what was found in a file by whether it passes. Without a name, nothing does.
    ///
    /// # Errors
    /// If it is to be written, and the file has no name.
    pub fn divide(
        &self,
        path: Option<&Path>,
        findings: Vec<Finding>,
        document: &Document,
        looks_for: impl Fn(Rule) -> bool,
    ) -> Result<Divided, Failure> {
        let Some(path) = path else {
            if self.purpose == Purpose::Write {
                let title = "what stands on standard input has no name in a baseline";
                return Err(Failure::new(status::USAGE, title).hint("name it with `--stdin-name`"));
            }
            return Ok(Divided { new: findings, ..Divided::default() });
        };
        let path = self.in_folder(path);
        let found = Known::of(&findings, document);
        let nothing = Known::default();
        let known = self.entries.get(&path).unwrap_or(&nothing);
        let divided = match self.purpose {
            Purpose::Write => Divided { known: findings, ..Divided::default() },
            Purpose::Compare | Purpose::Prune => known.divide(findings, document),
        };
        let passed_over = known.iter().map(|(fingerprint, _)| fingerprint.rule).filter(|rule| !looks_for(*rule));
        let seen = Seen { found, passed_over: passed_over.collect() };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(path, seen);
        Ok(divided)
    }

    /// What it has of what was looked at, and was not found.
    pub fn gone(&self, searched: &Searched) -> Gone {
        let left = self.pruned(&self.entries, searched);
        Gone(missing(&self.entries, &left).collect())
    }

    /// Tells what is gone, or writes what is to be written. Says whether something that is gone is left.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn end(&self, gone: &Gone, searched: &Searched, session: &Session, report: Report) -> Result<bool> {
        let shown = text::path(&self.path);
        if self.purpose == Purpose::Compare {
            if let Some(told) = gone.told() {
                report.note(format!("{told} in {shown} and not found any more; drop that with `--prune-baseline`"));
            }
            for (path, Fingerprint { rule, .. }, times) in &gone.0 {
                report.detail(format!("not found any more: {}, {}", text::path(path), gone_of(*rule, *times)));
            }
            return Ok(!gone.0.is_empty());
        }
        let mut locked = session.lock(&self.path)?;
        let mut said = String::new();
        let written = session.update(&mut locked, ReplacePolicy::default(), |locked| {
            let content = locked.content().map(Snapshot::bytes).unwrap_or_default();
            let old = entries(&self.path, content)?;
            let new = match self.purpose {
                Purpose::Write => self.with_found(self.pruned(&old, searched)),
                Purpose::Compare | Purpose::Prune => self.pruned(&old, searched),
            };
            said = difference(&old, &new);
            Ok(file::written(&new, line_end(content).unwrap_or("\n")).into_bytes())
        });
        session.release(locked);
        written.map(drop)?;
        report.note(format!("{shown} has {said}"));
        Ok(false)
    }

    /// The entries that are found, and those that were not looked for.
    fn pruned(&self, entries: &Entries, searched: &Searched) -> Entries {
        let all_seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let left = entries.iter().filter_map(|(path, known)| {
            let left = match all_seen.get(path) {
                Some(Seen { found, passed_over }) => {
                    let number =
                        |of: Fingerprint| if passed_over.contains(&of.rule) { usize::MAX } else { found.number(of) };
                    known.iter().map(|(one, times)| (one, times.min(number(one)))).collect()
                }
                None if self.is_below(path, searched) => return None,
                None => known.clone(),
            };
            Some((path.clone(), left))
        });
        left.filter(|(_, left)| !left.is_empty()).collect()
    }

    /// With all that was found.
    fn with_found(&self, mut entries: Entries) -> Entries {
        let all_seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, Seen { found, .. }) in all_seen.iter().filter(|(_, seen)| !seen.found.is_empty()) {
            let known = entries.entry(path.clone()).or_default();
            for (one, times) in found.iter() {
                known.add(one, times.saturating_sub(known.number(one)));
            }
        }
        entries
    }

    /// The path of a file from the folder of the baseline.
    fn in_folder(&self, path: &Path) -> PathBuf {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = whole.parent().and_then(|folder| folder.canonicalize().ok());
        let whole = match (folder, whole.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => without_detours(&whole),
        };
        pathdiff::diff_paths(&whole, &self.folder).unwrap_or(whole)
    }

    fn is_below(&self, path: &Path, searched: &Searched) -> bool {
        let whole = without_detours(&self.folder.join(path));
        searched.0.iter().any(|folder| whole.starts_with(folder))
    }
}

impl Gone {
    pub fn number(&self) -> usize {
        self.0.iter().map(|(.., times)| times).sum()
    }

    /// How many there are, and the first of them.
    fn told(&self) -> Option<String> {
        let (path, first, _) = self.0.first()?;
        let findings = text::count(self.number(), "finding");
        let verb = if self.number() == 1 { "is" } else { "are" };
        let as_one = if self.0.len() > 1 { "as " } else { "" };
        Some(format!("{findings}, {as_one}{} of {}, {verb}", first.rule.code(), text::path(path)))
    }
}

fn entries(path: &Path, content: &[u8]) -> Result<Entries, Failure> {
    file::read(content).map_err(|fault| {
        let title = format!("could not use {} as a baseline", text::path(path));
        let failure = Failure::new(status::INVALID, title).cause(format!("line {}: {}", fault.line, fault.why));
        failure.hint(
            fault.hint.unwrap_or("mend that line, or move the file away and make it anew with `--write-baseline`"),
        )
    })
}

/// What `old` has more of than `new`.
fn missing<'e>(old: &'e Entries, new: &'e Entries) -> impl Iterator<Item = (PathBuf, Fingerprint, usize)> + 'e {
    old.iter().flat_map(|(path, known)| {
        let left = new.get(path);
        known.iter().filter_map(move |(one, times)| {
            let times = times - left.map_or(0, |left| left.number(one)).min(times);
            (times > 0).then(|| (path.clone(), one, times))
        })
    })
}

fn gone_of(rule: Rule, times: usize) -> String {
    let several = if times > 1 { format!(", {times} times") } else { String::new() };
    format!("{} {}{several}", rule.code(), rule.name())
}

/// What a baseline has by now, and what became of it.
fn difference(old: &Entries, new: &Entries) -> String {
    let number = |missing: &mut dyn Iterator<Item = (PathBuf, Fingerprint, usize)>| {
        missing.map(|(.., times)| times).sum::<usize>()
    };
    let (added, dropped) = (number(&mut missing(new, old)), number(&mut missing(old, new)));
    let findings = text::count(new.values().map(Known::len).sum(), "finding");
    let files = text::count(new.len(), "file");
    format!("{findings} in {files}: {added} added, {dropped} dropped")
}

/// The path without `..`, by its words alone.
fn without_detours(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut whole, part| {
        match part {
            Component::ParentDir => drop(whole.pop()),
            part => whole.push(part),
        }
        whole
    })
}
