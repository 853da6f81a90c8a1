//! What the files of a repository held in another revision.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::git;
use super::program::{GIT, JJ, Program};
use super::setup::jj;
use super::status;
use super::text;

/// Another revision of a repository, and what it and the working copy began with.
///
/// Paths are those from the root of the repository.
pub struct Revision {
    repository: Repository,
    /// Where both began: their merge base.
    base: String,
    /// The other revision.
    other: String,
    /// The files of the base.
    there: HashSet<PathBuf>,
    /// What the working copy has changed since.
    changed: HashSet<PathBuf>,
    /// What the other revision has changed since.
    changed_there: HashSet<PathBuf>,
}

/// What a file was.
pub enum Was {
    /// It was not there.
    Missing,
    /// The same as it is.
    Same,
    /// Something else.
    Other(Vec<u8>),
}

/// A repository, of git or jj.
#[derive(Clone, Debug)]
struct Repository {
    program: Program,
    root: PathBuf,
}

impl Revision {
    /// Looks a revision up in the repository of this folder.
    ///
    /// # Errors
    /// If there is no repository, or no such revision.
    pub fn named(name: &str) -> Result<Self, Failure> {
        let repositories: Vec<Repository> =
            [Repository::of_git(), Repository::of_jj()].into_iter().filter_map(Result::ok).collect();
        if repositories.is_empty() {
            let title = format!("no such file or folder: `{name}`, and no repository here has a revision of that name");
            return Err(Failure::new(status::NO_INPUT, title));
        }
        let mut why = None;
        for repository in repositories {
            match Self::of(repository, name) {
                Ok(found) => return Ok(found),
                Err(failure) => why = why.or(Some(failure)),
            }
        }
        Err(why.unwrap_or_else(|| no_revision(name)))
    }

    fn of(repository: Repository, name: &str) -> Result<Self, Failure> {
        let other = repository.commit(name)?.ok_or_else(|| no_revision(name))?;
        // Histories without a common commit begin with the other one.
        let base = repository.base(&other)?.unwrap_or_else(|| other.clone());
        let there = repository.files(&base)?;
        let changed = repository.changed(&base, None)?;
        let changed_there = if base == other { HashSet::new() } else { repository.changed(&base, Some(&other))? };
        Ok(Self { repository, base, other, there, changed, changed_there })
    }

    /// What a file was in the base.
    ///
    /// # Errors
    /// If it does not belong to the repository, or cannot be read there.
    pub fn base(&self, path: &Path) -> Result<Was, Failure> {
        let path = self.within(path)?;
        if !self.there.contains(&path) {
            return Ok(Was::Missing);
        }
        if !self.changed.contains(&path) {
            return Ok(Was::Same);
        }
        self.repository.content(&self.base, &path).map(Was::Other)
    }

    /// What the other revision has made of a file; nothing if it is as it was in the base, or gone.
    ///
    /// # Errors
    /// As [`base`](Self::base).
    pub fn other(&self, path: &Path) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.within(path)?;
        if !self.changed_there.contains(&path) {
            return Ok(None);
        }
        Ok(self.repository.content(&self.other, &path).ok())
    }

    /// The files of the base that are not there any more, as they were called.
    pub fn removed(&self) -> impl Iterator<Item = PathBuf> {
        let gone = self.changed.iter().filter(|path| self.there.contains(*path));
        gone.map(|path| self.repository.root.join(path)).filter(|path| path.symlink_metadata().is_err())
    }

    fn within(&self, path: &Path) -> Result<PathBuf, Failure> {
        let whole = path.canonicalize().map_err(|error| Failure::reading(path, &error))?;
        whole.strip_prefix(&self.repository.root).map(Path::to_owned).map_err(|_| {
            let title = format!("{} does not belong to the repository of this folder", text::path(path));
            Failure::new(status::USAGE, title)
        })
    }
}

fn no_revision(name: &str) -> Failure {
    Failure::new(status::NO_INPUT, format!("no such revision, file or folder: `{name}`"))
}

impl Repository {
    fn of_git() -> Result<Self, Failure> {
        Self::of(GIT, &git::top_of_repository()?)
    }

    fn of_jj() -> Result<Self, Failure> {
        if !jj::is_repository() {
            return Err(Failure::new(status::NO_INPUT, "this folder belongs to no repository"));
        }
        let root = JJ.query(["root"])?.unwrap_or_default();
        Self::of(JJ, Path::new(&root))
    }

    fn of(program: Program, root: &Path) -> Result<Self, Failure> {
        let root = root.canonicalize().map_err(|error| Failure::reading(root, &error))?;
        Ok(Self { program, root })
    }

    fn is_git(&self) -> bool {
        self.program.name() == GIT.name()
    }

    /// What the program prints, run at the root; nothing if it fails.
    fn ask<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Option<Vec<u8>>, Failure> {
        self.program.bytes(&self.root, arguments)
    }

    fn line<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Option<String>, Failure> {
        let answer = self.ask(arguments)?.map(|answer| String::from_utf8_lossy(&answer).trim().to_owned());
        Ok(answer.filter(|line| !line.is_empty() && !line.contains('\n')))
    }

    fn commit(&self, name: &str) -> Result<Option<String>, Failure> {
        if self.is_git() {
            let commit = format!("{name}^{{commit}}");
            return self.line(["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
        }
        self.jj_commit(name)
    }

    fn base(&self, other: &str) -> Result<Option<String>, Failure> {
        if self.is_git() {
            self.line(["merge-base", other, "HEAD"])
        } else {
            self.jj_commit(&format!("fork_point({other}|@)"))
        }
    }

    fn jj_commit(&self, revisions: &str) -> Result<Option<String>, Failure> {
        let template = "commit_id ++ \"\\n\"";
        self.line(["log", "--no-graph", "--color=never", &format!("--revisions={revisions}"), "--template", template])
    }

    fn files(&self, commit: &str) -> Result<HashSet<PathBuf>, Failure> {
        if self.is_git() {
            return self.names(["ls-tree", "-r", "-z", "--full-tree", "--name-only", commit], 0);
        }
        self.names(["file", "list", "--revision", commit], b'\n')
    }

    /// What is otherwise in another commit, or in the working copy.
    fn changed(&self, base: &str, other: Option<&str>) -> Result<HashSet<PathBuf>, Failure> {
        if self.is_git() {
            let plain = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", base];
            return self.names(plain.into_iter().chain(other).chain(["--"]), 0);
        }
        let plain = ["diff", "--name-only", "--from", base, "--to", other.unwrap_or("@")];
        self.names(plain, b'\n')
    }

    fn names<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        end: u8,
    ) -> Result<HashSet<PathBuf>, Failure> {
        let answer = self
            .ask(arguments)?
            .ok_or_else(|| Failure::new(status::IO, format!("{} could not tell what changed", self.program.name())))?;
        let names = answer.split(|&b| b == end).filter(|name| !name.is_empty());
        Ok(names.map(|name| PathBuf::from(OsStr::from_bytes(name))).collect())
    }

    fn content(&self, commit: &str, path: &Path) -> Result<Vec<u8>, Failure> {
        let content = if self.is_git() {
            let mut object = OsString::from(format!("{commit}:"));
            object.push(path);
            self.ask([OsStr::new("cat-file"), OsStr::new("blob"), &object])?
        } else {
            let name = path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
            self.ask(["file", "show", "--revision", commit, &format!("root-file:\"{name}\"")])?
        };
        content.ok_or_else(|| {
            let title = format!("{} could not print {} of {commit}", self.program.name(), text::path(path));
            Failure::new(status::IO, title)
        })
    }
}
