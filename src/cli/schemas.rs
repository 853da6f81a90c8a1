//! The schemas of many databases, each read once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sdnlock::check::Finding;
use sdnlock::disk::{self, Access};
use sdnlock::lock::Doubt;
use sdnlock::project::{self, SchemaError, SchemaFile};
use sdnlock::sdn::is_sdn;

use super::failure::Failure;
use super::findings::Shown;
use super::report::Report;
use super::status;
use super::streams;
use super::text;

/// The schemas of the databases that are checked. Each is read once.
#[derive(Debug)]
pub struct Schemas {
    /// The one that was named: it is that of all databases.
    named: Option<Arc<SchemaFile>>,
    /// By the places where one has been looked for, and whose the database was: what holds there.
    known: Mutex<HashMap<Asked, Option<Found>>>,
    /// Those that could not be read.
    unread: Mutex<Vec<Failure>>,
    /// Those that do not count.
    told: Mutex<HashSet<PathBuf>>,
    report: Report,
}

/// A file that may be a schema, and whose the database is, which decides whose schemas count for it; nobody's if it is not
/// there.
type Asked = (PathBuf, Option<Access>);

/// A schema, and the path under which it was looked for.
type Found = (PathBuf, Arc<SchemaFile>);

impl Schemas {
    /// # Errors
    /// If the schema that was named cannot be read.
    pub fn new(named: Option<&Path>, report: Report) -> Result<Self, Failure> {
        let read = |path: &Path| Ok(Arc::new(SchemaFile::of(path.to_owned(), streams::read_all(path)?)));
        let named = named.map(read).transpose()?;
        Ok(Self { named, known: Mutex::default(), unread: Mutex::default(), told: Mutex::default(), report })
    }

    /// The schema of a database, if there is one. What stands on standard input has only one that was
    /// named.
    pub fn of(&self, path: &Path) -> Option<Arc<SchemaFile>> {
        if self.named.is_some() || streams::is_stdin(path) {
            return self.named.clone();
        }
        self.first(&project::candidates(path), path).map(|(_, schema)| schema)
    }

    /// The schema that was named, if one was.
    pub fn named(&self) -> Option<&Arc<SchemaFile>> {
        self.named.as_ref()
    }

    /// The folders with the schemas that count for a file, from the nearest one up to the root of its repository.
    pub fn above(&self, path: &Path) -> Vec<(PathBuf, Arc<SchemaFile>)> {
        let candidates = project::candidates(path);
        let mut left = candidates.as_slice();
        let mut above = Vec::new();
        while let Some((place, schema)) = self.first(left, path) {
            let Some(at) = left.iter().position(|candidate| *candidate == place) else { break };
            left = &left[at + 1..];
            above.push((place.parent().unwrap_or(&place).to_owned(), schema));
        }
        above
    }

    /// The first schema among these files. One that cannot be read is told at the end; the next time there is none.
    fn first(&self, candidates: &[PathBuf], path: &Path) -> Option<Found> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = Vec::new();
        let mut found = None;
        let whose = disk::access(path);
        for file in candidates {
            if let Some(before) = known.get(&(file.clone(), whose)) {
                found.clone_from(before);
                break;
            }
            asked.push(file.clone());
            if let Some(doubt) = project::doubt(file, path) {
                if self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(file.clone()) {
                    self.report.not_believed(file, doubt);
                }
                continue;
            }
            match project::read_schema(file, path) {
                Ok(Some(snapshot)) => {
                    found = Some((file.clone(), Arc::new(SchemaFile::of(shown(file), snapshot.into_bytes()))));
                }
                Ok(None) => continue,
                Err(error) => {
                    let failure = Failure::reading(&shown(file), &error);
                    self.unread.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
                }
            }
            break;
        }
        known.extend(asked.into_iter().map(|file| ((file, whose), found.clone())));
        found
    }

    /// The schemas that could not be read.
    pub fn unread(&self) -> Vec<Failure> {
        std::mem::take(&mut self.unread.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether a file is a schema itself: by its name, or because it was named as one.
    pub fn is_schema(&self, path: &Path) -> bool {
        project::is_schema(path) || self.named.as_ref().is_some_and(|named| is_same(&named.path, path))
    }

    /// The schemas in which something is wrong, and that are not among the files that have been checked.
    pub fn faulty(&self, checked: &HashSet<PathBuf>) -> Vec<Arc<SchemaFile>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let all = known.values().flatten().map(|(_, schema)| schema);
        let used = self.named.iter().chain(all).filter(|found| !found.findings.is_empty());
        let mut faulty: Vec<Arc<SchemaFile>> = used.cloned().collect();
        faulty.sort_by(|one, other| one.path.cmp(&other.path));
        faulty.dedup_by(|one, other| one.path == other.path);
        let is_checked =
            |found: &SchemaFile| checked.iter().any(|path| self.is_schema(path) && is_same(path, &found.path));
        faulty.retain(|found| !is_checked(found));
        faulty
    }
}

/// Tells which schemas do not count for these databases. Each is told once.
pub fn tell_doubted<'p>(databases: impl IntoIterator<Item = &'p Path>, report: Report) {
    let databases = databases.into_iter().filter(|database| is_sdn(database));
    let doubted: BTreeMap<PathBuf, Doubt> = databases.flat_map(project::doubted_schemas).collect();
    for (file, doubt) in doubted {
        report.not_believed(&file, doubt);
    }
}

impl Failure {
    /// The schema of a database cannot be used.
    pub fn schema(path: &Path, error: &SchemaError) -> Self {
        let file = match error {
            SchemaError::Read { path, source } => return Self::reading(text::from_here(path), source),
            SchemaError::Invalid(file) => file,
        };
        let shown = text::from_here(&file.path);
        let errors: Vec<Finding> = file.errors().cloned().collect();
        let name = shown.to_string_lossy();
        let excerpts = Shown { name: &name, source: file.document.source() }.excerpts(&errors);
        let hint = format!("mend it; `sdnlock check {}` says all about it", text::argument(shown.as_ref()));
        let title = format!("not using {}: its schema {} is not valid", text::path(path), text::path(shown));
        Self::new(status::INVALID, title).excerpts(excerpts).hint(hint)
    }
}

fn shown(file: &Path) -> PathBuf {
    text::from_here(file).to_owned()
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}
