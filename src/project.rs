//! The schema of a database: [`.sdnlock.sdn`](SCHEMA_NAME) beside it, or in the nearest folder above it that has one, up
//! to the root of its repository.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use crate::check::{self, Finding, Options, SCHEMA_NAME, Schema, Severity};
use crate::disk::{self, Snapshot};
use crate::platform::{Doubt, Stat, Trust};
use crate::sdn::{Document, is_sdn};
use crate::text::Lines;

/// A file with a schema.
#[derive(Debug)]
pub struct SchemaFile {
    /// Where it stands.
    pub path: PathBuf,
    /// What it holds.
    pub document: Document,
    /// The schema, as far as it can be understood.
    pub schema: Schema,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// There is a schema, and it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// It cannot be read.
    #[error("could not read `{}`", .path.display())]
    Read {
        /// Where it stands.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Something in it is wrong, so that it may say something else than it was meant to.
    #[error("`{}` is not valid: {}", .0.path.display(), .0.first_error())]
    Invalid(Box<SchemaFile>),
}

impl SchemaFile {
    /// Reads the content of a file with this path.
    #[must_use]
    pub fn of(path: PathBuf, content: Vec<u8>) -> Self {
        let document = Document::parse(content);
        let schema = Schema::read(&document).0;
        let findings = check::check_schema(&document, &Options::default());
        Self { path, document, schema, findings }
    }

    /// The file that is the schema of a database, if there is one. A schema has none itself.
    ///
    /// # Errors
    /// [`SchemaError::Read`]
    pub fn find(database: &Path) -> Result<Option<Self>, SchemaError> {
        for path in candidates(database) {
            match read_schema(&path, database) {
                Ok(Some(snapshot)) => return Ok(Some(Self::of(path, Snapshot::into_bytes(snapshot)))),
                Ok(None) => {}
                Err(source) => return Err(SchemaError::Read { path, source }),
            }
        }
        Ok(None)
    }

    /// What keeps it from being used.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    fn first_error(&self) -> String {
        let Some(error) = self.errors().next() else { return String::new() };
        let line = Lines::new(self.document.source()).position(error.span.start).line;
        format!("line {line}: {}", error.message)
    }
}

/// The schema of a database; an empty one if there is none. A key that is in doubt would have another record found.
///
/// # Errors
/// If there is one that cannot be read, or in which something is wrong.
pub fn schema_of(database: &Path) -> Result<Schema, SchemaError> {
    match SchemaFile::find(database)? {
        None => Ok(Schema::default()),
        Some(file) if file.errors().next().is_some() => Err(SchemaError::Invalid(Box::new(file))),
        Some(file) => Ok(file.schema),
    }
}

/// The schema of a database as far as it can be understood, for suggestions: nothing may be found or changed by it.
#[must_use]
pub fn schema_as_far_as_known(database: &Path) -> Schema {
    SchemaFile::find(database).ok().flatten().map(|file| file.schema).unwrap_or_default()
}

/// Schemas of strangers, which do not count for a database, and why. Those behind the one that counts are not looked for.
#[must_use]
pub fn doubted_schemas(database: &Path) -> Vec<(PathBuf, Doubt)> {
    let mut doubted = Vec::new();
    for path in candidates(database) {
        match doubt(&path, database) {
            Some(doubt) => doubted.push((path, doubt)),
            None if path.symlink_metadata().is_ok() => break,
            None => {}
        }
    }
    doubted
}

/// Reads a schema; `None` if there is none that counts for a database.
///
/// # Errors
/// If it cannot be read, as a link that leads nowhere, or that may not be followed.
pub fn read_schema(schema: &Path, database: &Path) -> io::Result<Option<Snapshot>> {
    /// What a stranger puts there and takes away again is not waited for longer.
    const TRIES: u32 = 100;
    let trust = Trust::within(schema.parent().unwrap_or(schema), &resolved(database));
    let mut tries = 0;
    loop {
        let read = read_if_it_counts(schema, database, &trust);
        tries += 1;
        if read.is_ok() || !trust.is_among_strangers() || tries == TRIES {
            return read;
        }
    }
}

fn read_if_it_counts(schema: &Path, database: &Path, trust: &Trust) -> io::Result<Option<Snapshot>> {
    if doubt(schema, database).is_some() {
        return Ok(None);
    }
    let is_link = match schema.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        itself => itself?.is_symlink(),
    };
    if !is_link {
        return disk::read_if_believed(schema, trust);
    }
    if !may_be_followed(schema, database)? {
        return Err(io::Error::other("it is a link that leads out of the repository, or to what is no schema"));
    }
    // A link that leads nowhere was meant to be one.
    disk::read_if_believed(schema, trust)?.map_or_else(|| Err(io::ErrorKind::NotFound.into()), |read| Ok(Some(read)))
}

/// Whether a link that is called as a schema is leads to one for this database. A commit may hold it, so it leads to nothing
/// outside of its repository, to nothing that version control keeps there, and to no file of another kind: what is wrong in
/// a schema is shown. Outside of repositories it may lead to what is called as a schema, too. Root's is followed.
fn may_be_followed(link: &Path, database: &Path) -> io::Result<bool> {
    let itself = link.symlink_metadata()?;
    if Stat::from(&itself).owner == 0 && !rustix::process::geteuid().is_root() {
        return Ok(true);
    }
    let target = link.canonicalize()?;
    let root = candidates(database).last().and_then(|last| last.parent()?.canonicalize().ok());
    let is_repository = root.as_deref().is_some_and(|root| is_root(root, &Trust::within(root, &resolved(database))));
    let home = if is_repository { root } else { link.parent().and_then(|folder| folder.canonicalize().ok()) };
    let Some(below) = home.as_deref().and_then(|home| target.strip_prefix(home).ok()) else {
        return Ok(!is_repository && is_schema(&target));
    };
    let is_kept = below.iter().any(|step| step.to_str().is_some_and(|step| REPOSITORIES.contains(&step)));
    Ok(is_sdn(&target) && !is_kept)
}

/// Why a schema does not count for a database, if it does not. A link counts as what it leads to, and by whose it is itself.
#[must_use]
pub fn doubt(schema: &Path, database: &Path) -> Option<Doubt> {
    let trust = Trust::within(schema.parent()?, &resolved(database));
    let itself = schema.symlink_metadata().ok()?;
    let of_link = trust.doubt(&itself);
    let owner = Stat::from(&itself).owner;
    let leads_away = || {
        // One's own is an error: it was meant to be the schema.
        let is_others = itself.is_symlink() && !trust.is_of_me_or_root(owner);
        (is_others && matches!(may_be_followed(schema, database), Ok(false))).then_some(Doubt::LeadsAway(owner))
    };
    of_link.or_else(leads_away).or_else(|| trust.doubt(&schema.metadata().ok()?))
}

/// Whether a file is a schema by its name.
#[must_use]
pub fn is_schema(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == SCHEMA_NAME)
}

/// Where the schema of a database may stand; the first one that there is counts.
#[must_use]
pub fn candidates(database: &Path) -> Vec<PathBuf> {
    if is_schema(database) {
        return Vec::new();
    }
    let whole = resolved(database);
    let mut files = Vec::new();
    for folder in whole.ancestors().skip(1) {
        files.push(folder.join(SCHEMA_NAME));
        if is_root(folder, &Trust::within(folder, &whole)) {
            break;
        }
    }
    files
}

/// The path of a file that there may not be yet, with all links followed.
#[must_use]
pub fn resolved(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_default();
    let in_folder = || Some(whole.parent()?.canonicalize().ok()?.join(whole.file_name()?));
    path.canonicalize().ok().or_else(in_folder).unwrap_or(whole)
}

/// A path that is meant from the root of the repository to which this folder belongs; the path itself outside of one.
#[must_use]
pub fn in_repository(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let root = here.ancestors().find(|folder| is_root(folder, &Trust::within(folder, folder)));
    root.map_or_else(|| path.to_owned(), |root| root.join(path))
}

/// What a file says that version control looks for in folders, if it is one and whoever made it is believed there.
#[must_use]
pub fn list_of_repository(file: &Path) -> Option<Snapshot> {
    let folder = file.parent()?;
    match disk::standing_believed(file, &Trust::within(folder, folder)) {
        Ok(disk::Standing::File(content)) => Some(content),
        _ => None,
    }
}

/// What makes a folder the root of a repository.
pub const REPOSITORIES: [&str; 2] = [".git", ".jj"];

/// Whether a folder is the root of a repository, as far as whoever made it one is believed.
fn is_root(folder: &Path, trust: &Trust) -> bool {
    let is_of_believed = |itself: &Metadata| trust.is_of_believed(itself);
    REPOSITORIES
        .iter()
        .map(|name| folder.join(name))
        .any(|path| path.exists() && path.symlink_metadata().as_ref().is_ok_and(is_of_believed))
}
