//! Which schema a database has.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sdnlock::check::{self, Finding, Options, SCHEMA_NAME, Schema, Severity};
use sdnlock::disk;
use sdnlock::record::Keys;
use sdnlock::sdn::Document;

use super::failure::Failure;
use super::findings::Shown;
use super::status;
use super::streams;
use super::text;

/// A schema, where it stands, and what is wrong with it.
#[derive(Debug)]
pub struct Found {
    pub path: PathBuf,
    pub document: Document,
    pub schema: Schema,
    pub findings: Vec<Finding>,
}

/// The schemas of the databases that are checked. Each is read once.
#[derive(Debug)]
pub struct Schemas {
    /// The one that was named: it is that of all databases.
    named: Option<Arc<Found>>,
    /// By the folders from which they have been looked for.
    known: Mutex<HashMap<PathBuf, Option<Arc<Found>>>>,
}

impl Schemas {
    /// # Errors
    /// If the schema that was named cannot be read.
    pub fn new(named: Option<&Path>) -> Result<Self, Failure> {
        let read = |path: &Path| Ok(Arc::new(Found::of(path.to_owned(), streams::read_all(path)?)));
        Ok(Self { named: named.map(read).transpose()?, known: Mutex::default() })
    }

    /// The schema of a database, if there is one. What stands on standard input has only one that was
    /// named.
    ///
    /// # Errors
    /// If there is one that cannot be read. That is told once; the next time there is none.
    pub fn of(&self, path: &Path) -> Result<Option<Arc<Found>>, Failure> {
        if self.named.is_some() || streams::is_stdin(path) {
            return Ok(self.named.clone());
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut asked = Vec::new();
        let mut found = None;
        let mut failure = None;
        for folder in folders(path) {
            if let Some(before) = known.get(&folder) {
                found.clone_from(before);
                break;
            }
            let file = folder.join(SCHEMA_NAME);
            let is_last = is_root(&folder);
            asked.push(folder);
            match disk::read(&file) {
                Ok(Some(snapshot)) => found = Some(Arc::new(Found::of(shown(&file), snapshot.into_bytes()))),
                Ok(None) => {}
                Err(error) => failure = Some(Failure::reading(&shown(&file), &error)),
            }
            if is_last || found.is_some() || failure.is_some() {
                break;
            }
        }
        known.extend(asked.into_iter().map(|folder| (folder, found.clone())));
        failure.map_or(Ok(found), Err)
    }

    /// Whether a file is a schema itself: by its name, or because it was named as one.
    pub fn is_schema(&self, path: &Path) -> bool {
        is_schema(path) || self.named.as_ref().is_some_and(|named| is_same(&named.path, path))
    }

    /// The schemas in which something is wrong, and that are not among the files that have been checked.
    pub fn faulty(&self, checked: &HashSet<PathBuf>) -> Vec<Arc<Found>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let used = self.named.iter().chain(known.values().flatten()).filter(|found| !found.findings.is_empty());
        let mut faulty: Vec<Arc<Found>> = used.cloned().collect();
        faulty.sort_by(|one, other| one.path.cmp(&other.path));
        faulty.dedup_by(|one, other| one.path == other.path);
        let is_checked = |found: &Found| checked.iter().any(|path| self.is_schema(path) && is_same(path, &found.path));
        faulty.retain(|found| !is_checked(found));
        faulty
    }
}

impl Found {
    fn of(path: PathBuf, content: Vec<u8>) -> Self {
        let document = Document::parse(content);
        let schema = Schema::read(&document).0;
        let findings = check::check_schema(&document, &Options::default());
        Self { path, document, schema, findings }
    }
}

/// Whether a file is a schema by its name.
pub fn is_schema(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == SCHEMA_NAME)
}

/// The file that holds the schema of a database, and what it holds: beside the database or above it, up to
/// the root of the repository.
pub fn find(path: &Path) -> Option<(PathBuf, Vec<u8>)> {
    for folder in folders(path) {
        let file = folder.join(SCHEMA_NAME);
        // One that cannot be read allows nothing and forbids nothing.
        if let Ok(Some(snapshot)) = disk::read(&file) {
            return Some((file, snapshot.into_bytes()));
        }
        if is_root(&folder) {
            break;
        }
    }
    None
}

/// The schema of a database, as far as it can be read.
pub fn schema(path: &Path) -> Schema {
    find(path).map(|(_, content)| Schema::read(&Document::parse(content)).0).unwrap_or_default()
}

/// The schema of a database whose records are to be found or changed by it: one that is in doubt would have another
/// record found.
///
/// # Errors
/// If there is one that cannot be read, or in which something is wrong.
pub fn certain(path: &Path) -> Result<Schema, Failure> {
    let Some(found) = Schemas::new(None)?.of(path)? else { return Ok(Schema::default()) };
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let errors: Vec<Finding> = found.findings.iter().filter(is_error).cloned().collect();
    if errors.is_empty() {
        return Ok(found.schema.clone());
    }
    let file = text::from_here(&found.path);
    let title = format!("not using {}: its schema {} is not valid", text::path(path), text::path(file));
    let name = file.to_string_lossy();
    let excerpts = Shown { name: &name, source: found.document.source() }.excerpts(&errors);
    let hint = format!("mend it; `sdnlock check {}` says all about it", text::argument(file.as_ref()));
    Err(Failure::new(status::INVALID, title).excerpts(excerpts).hint(hint))
}

/// As [`certain`], for a change that is not made then.
///
/// # Errors
/// As [`certain`].
pub fn for_change(path: &Path) -> Result<Schema, Failure> {
    certain(path).map_err(|failure| failure.unchanged(path))
}

/// The keys of a database's tables, where its schema says them.
///
/// # Errors
/// As [`certain`].
pub fn keys(path: &Path) -> Result<Keys, Failure> {
    Ok(certain(path)?.keys())
}

/// The folder of a file and those above it.
fn folders(path: &Path) -> Vec<PathBuf> {
    let whole = std::path::absolute(path).unwrap_or_default();
    whole.ancestors().skip(1).map(Path::to_owned).collect()
}

/// Whether a folder is the root of a repository.
fn is_root(folder: &Path) -> bool {
    folder.join(".git").exists()
}

fn shown(file: &Path) -> PathBuf {
    super::text::from_here(file).to_owned()
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}
