//! `sdnlock check --against`: a change is reviewed, and of what is found otherwise only what is new counts.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::check::{Divided, Finding, Known, Schema};
use sdnlock::review::{Reviewing, review};
use sdnlock::sdn::{Document, is_sdn};

use crate::cli::args::CheckArgs;
use crate::cli::databases::{self, Ignored};
use crate::cli::failure::Failure;
use crate::cli::losses::{Allowed, LargeLoss};
use crate::cli::report::Report;
use crate::cli::revision::{Revision, Was};
use crate::cli::status;
use crate::cli::streams;

/// What databases were before a change. It can be used by several threads at once.
pub struct Against {
    before: Before,
    /// What a change may take away.
    allowed: Allowed,
}

/// A database that changed: what it was, and what others have made of that.
pub struct Changed {
    old: Document,
    others: Option<Document>,
}

enum Before {
    /// The one database that is checked was this.
    File(Vec<u8>),
    /// Those of a folder were those of this one.
    Folder(PathBuf),
    Revision(Box<Revision>),
}

impl Against {
    /// # Errors
    /// If there is no such file, folder or revision, or it cannot be read.
    pub fn new(args: &CheckArgs) -> Result<Option<Self>, Failure> {
        let Some(name) = &args.against else { return Ok(None) };
        let allowed = Allowed::by(&args.loss, LargeLoss::Refused)?;
        let path = Path::new(name);
        let before = if path.is_dir() {
            Before::Folder(path.to_owned())
        } else if path.exists() || streams::is_stdin(path) {
            if !matches!(&args.paths[..], [path] if !path.is_dir()) {
                let title = format!("`--against {name}` is a file, and what is checked is not");
                return Err(Failure::new(status::USAGE, title).hint("name the file that it is an earlier version of"));
            }
            Before::File(streams::read_all(path)?)
        } else {
            Before::Revision(Box::new(Revision::named(name)?))
        };
        Ok(Some(Self { before, allowed }))
    }

    /// Parts what was found in a file by whether it was found before.
    ///
    /// # Errors
    /// If what it was cannot be read.
    pub fn divide(
        &self,
        path: &Path,
        searched: &[PathBuf],
        findings: Vec<Finding>,
        document: &Document,
        found_in: impl Fn(&Document) -> Vec<Finding>,
    ) -> Result<(Divided, Option<Changed>)> {
        let (old, others) = match self.was(path, searched)? {
            (Was::Missing, _) => return Ok((Divided { new: findings, ..Divided::default() }, None)),
            (Was::Same, _) => return Ok((Divided { known: findings, ..Divided::default() }, None)),
            (Was::Other(old), others) => (Document::parse(old), others.map(Document::parse)),
        };
        let known = Known::of(&found_in(&old), &old);
        Ok((known.divide(findings, document), Some(Changed { old, others })))
    }

    /// What is found in a change itself.
    pub fn review(&self, changed: &Changed, new: &Document, schema: &Schema) -> Vec<Finding> {
        let (keys, limits) = (schema.keys(), self.allowed.limits(&schema.limits));
        review(&changed.old, new, changed.others.as_ref(), Reviewing { keys: &keys, limits: &limits })
    }

    /// What a database was, and what others have made of that.
    fn was(&self, path: &Path, searched: &[PathBuf]) -> Result<(Was, Option<Vec<u8>>)> {
        match &self.before {
            Before::File(content) => Ok((Was::Other(content.clone()), None)),
            Before::Folder(folder) => {
                let before = folder.join(within(path, searched));
                let is_there = before.is_file();
                Ok((if is_there { Was::Other(streams::read_all(&before)?) } else { Was::Missing }, None))
            }
            Before::Revision(revision) => Ok((revision.base(path)?, revision.other(path)?)),
        }
    }

    /// The databases below these paths that are not there any more.
    pub fn removed(&self, searched: &[PathBuf], report: Report) -> Vec<PathBuf> {
        let mut gone: Vec<PathBuf> = match &self.before {
            Before::File(_) => Vec::new(),
            Before::Folder(before) => {
                let there = databases::below(before, Ignored::LeftOut, report).into_iter().flatten();
                let names: Vec<PathBuf> =
                    there.filter_map(|path| path.strip_prefix(before).map(Path::to_owned).ok()).collect();
                let folders = searched.iter().filter(|path| path.is_dir());
                let all = folders.flat_map(|folder| names.iter().map(|name| folder.join(name)));
                all.filter(|path| path.symlink_metadata().is_err()).collect()
            }
            Before::Revision(revision) => {
                let folders: Vec<(&PathBuf, PathBuf)> =
                    searched.iter().filter_map(|path| Some((path, path.canonicalize().ok()?))).collect();
                let all = revision.removed().filter(|path| is_sdn(path));
                // As it would be named, were it there.
                let named = all.filter_map(|path| {
                    let (given, inside) =
                        folders.iter().find_map(|(given, whole)| Some((given, path.strip_prefix(whole).ok()?)))?;
                    Some(given.strip_prefix(".").unwrap_or(given).join(inside))
                });
                named.collect()
            }
        };
        gone.sort();
        gone.dedup();
        gone
    }
}

/// The path of a file within the folder in which it was found.
fn within(path: &Path, searched: &[PathBuf]) -> PathBuf {
    let folders: HashSet<&Path> = searched.iter().map(PathBuf::as_path).filter(|path| path.is_dir()).collect();
    let found = path
        .ancestors()
        .skip(1)
        .find(|folder| folders.contains(folder) || (folder.as_os_str().is_empty() && folders.contains(Path::new("."))));
    let inside = found.and_then(|folder| path.strip_prefix(folder).ok());
    inside.map_or_else(|| PathBuf::from(path.file_name().unwrap_or_default()), Path::to_owned)
}
