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
    known: Mutex<HashMap<Asked, Option<Arc<SchemaFile>>>>,
    /// Those that do not count.
    told: Mutex<HashSet<PathBuf>>,
    report: Report,
}

/// A file that may be a schema, and whose the database is, which decides whose schemas count for it; nobody's if it is not
/// there.
type Asked = (PathBuf, Option<Access>);

impl Schemas {
    /// # Errors
    /// If the schema that was named cannot be read.
    pub fn new(named: Option<&Path>, report: Report) -> Result<Self, Failure> {
        let read = |path: &Path| Ok(Arc::new(SchemaFile::of(path.to_owned(), streams::read_all(path)?)));
        Ok(Self { named: named.map(read).transpose()?, known: Mutex::default(), told: Mutex::default(), report })
    }

    /// The schema of a database, if there is one. What stands on standard input has only one that was
    /// named.
    ///
    /// # Errors
    /// If there is one that cannot be read. That is told once; the next time there is none.
    pub fn of(&self, path: &Path) -> Result<Option<Arc<SchemaFile>>, Failure> {
        if self.named.is_some() || streams::is_stdin(path) {
            return Ok(self.named.clone());
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = Vec::new();
        let mut found = None;
        let mut failure = None;
        let whose = disk::access(path);
        for file in project::candidates(path) {
            if let Some(before) = known.get(&(file.clone(), whose)) {
                found.clone_from(before);
                break;
            }
            if let Some(doubt) = project::doubt(&file, path) {
                if self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(file.clone()) {
                    self.report.not_believed(&file, doubt);
                }
                asked.push(file);
                continue;
            }
            match project::read_schema(&file, path) {
                Ok(Some(snapshot)) => found = Some(Arc::new(SchemaFile::of(shown(&file), snapshot.into_bytes()))),
                Ok(None) => {}
                Err(error) => failure = Some(Failure::reading(&shown(&file), &error)),
            }
            asked.push(file);
            if found.is_some() || failure.is_some() {
                break;
            }
        }
        known.extend(asked.into_iter().map(|file| ((file, whose), found.clone())));
        failure.map_or(Ok(found), Err)
    }

    /// Whether a file is a schema itself: by its name, or because it was named as one.
    pub fn is_schema(&self, path: &Path) -> bool {
        project::is_schema(path) || self.named.as_ref().is_some_and(|named| is_same(&named.path, path))
    }

    /// The schemas in which something is wrong, and that are not among the files that have been checked.
    pub fn faulty(&self, checked: &HashSet<PathBuf>) -> Vec<Arc<SchemaFile>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let used = self.named.iter().chain(known.values().flatten()).filter(|found| !found.findings.is_empty());
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
