use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::LockProblem;
use super::file::LockFile;
use super::journals::{
    is_alternative, is_in_transaction, locks_within, new_lock, other_locks, others_within, usual_journal,
};
use super::record::Token;
use crate::platform::{Doubt, FileId, Trust};

/// The longest name of a database, in bytes: the names of the files beside it are longer by up to 26
/// bytes, and a name has no more than 255.
const LONGEST_NAME: usize = 255 - ".".len() - ".sdnlock-nested99-journal".len();

/// So many levels of nesting are looked at for what was left there.
pub const DEEPEST: u32 = 3;

/// How many symbolic links are followed, as many as Linux does.
const MOST_LINKS: usize = 40;

/// A database by its resolved path, with the names of the files that the protocol puts beside it (L11).
#[derive(Clone, Debug)]
pub struct Place {
    /// As it was named by the caller.
    given: PathBuf,
    /// With all symbolic links followed. There need not be a file; its folder exists.
    path: PathBuf,
    /// How many processes above this one hold its lock (L13).
    depth: u32,
    /// The lock file, where a stranger has put something else under its usual name.
    other_lock: Option<PathBuf>,
    /// What tells the names of the lock file within a lock that is held above.
    secret: Option<Token>,
}

impl Place {
    /// Resolves the path of a database.
    ///
    /// # Errors
    /// If its folder does not exist or may not be searched, if it is a folder, or if it has a name
    /// that the protocol keeps for itself.
    pub fn resolve(given: &Path) -> Result<Self, LockProblem> {
        let path = resolve(given).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => LockProblem::NoFolder,
            _ => LockProblem::BadPath(error),
        })?;
        let name = path.file_name().ok_or(LockProblem::IsFolder)?;
        if is_reserved(name) {
            return Err(LockProblem::ReservedName);
        }
        if (path.is_dir() && !is_in_transaction(&path)) || given.as_os_str().as_bytes().ends_with(b"/") {
            return Err(LockProblem::IsFolder);
        }
        if name.len() > LONGEST_NAME {
            return Err(LockProblem::NameTooLong { most: LONGEST_NAME });
        }
        Ok(Self { given: given.to_owned(), path, depth: 0, other_lock: None, secret: None })
    }

    /// The database, as it was named by the caller.
    #[must_use]
    pub fn given(&self) -> &Path {
        &self.given
    }

    /// The database, resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What tells the database from every other one, by whatever path it was named.
    #[must_use]
    pub fn identity(&self) -> (Option<FileId>, OsString) {
        let folder = self.path.parent().and_then(|folder| FileId::at(folder).ok().flatten());
        let name = if folder.is_some() { self.name() } else { self.path.as_os_str() };
        (folder, name.to_owned())
    }

    /// Its name in the folder.
    #[must_use]
    pub fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// The lock file, `NAME.lock`; within a lock that is held above `.NAME.sdnlock-nested1` and so on.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.other_lock.clone().unwrap_or_else(|| self.usual_lock())
    }

    fn usual_lock(&self) -> PathBuf {
        match self.depth {
            0 => self.beside("", ".lock"),
            depth => self.beside(".", &format!(".sdnlock-nested{depth}")),
        }
    }

    /// The queue, `.NAME.sdnlock-queue`.
    #[must_use]
    pub fn queue(&self) -> PathBuf {
        match self.depth {
            0 => self.beside(".", ".sdnlock-queue"),
            depth => self.beside(".", &format!(".sdnlock-nested{depth}-queue")),
        }
    }

    /// The same database, seen from within the lock.
    #[must_use]
    pub fn nested(self) -> Self {
        Self { depth: self.depth + 1, other_lock: None, secret: None, ..self }
    }

    /// The same database, seen from within a lock that has this secret. Where a stranger could take the usual name of the
    /// lock file, it has one that the secret tells: the first one that no stranger has taken.
    #[must_use]
    pub fn nested_within(self, secret: Token) -> Self {
        let nested = self.nested();
        if Trust::may_be_strange(&nested.path) { Self { secret: Some(secret), ..nested }.by_secret() } else { nested }
    }

    fn by_secret(self) -> Self {
        let Some(secret) = self.secret else { return self };
        let other_lock = locks_within(&self.usual_lock(), secret).find(|lock| !self.is_strange(lock));
        Self { other_lock, ..self }
    }

    /// The lock files that whoever is at this level may have, the one that is tried first first: where strangers take names
    /// and give them up again, another one may have been the first.
    ///
    /// # Errors
    /// If the folder cannot be looked at.
    pub fn locks(&self) -> Result<Vec<PathBuf>, LockProblem> {
        let own = self.lock();
        if self.secret.is_none() {
            return Ok(vec![own]);
        }
        let others = others_within(&self.path, &self.usual_lock());
        let others = others.map_err(|source| LockProblem::Io { doing: "look for", file: own.clone(), source })?;
        Ok(std::iter::once(own.clone()).chain(others.into_iter().filter(|other| *other != own)).collect())
    }

    /// The same database, with another lock file if a stranger has taken the usual name, or if others have had to
    /// take another one: theirs, or one with a name of which nobody knows the last letters.
    ///
    /// # Errors
    /// If the folder cannot be looked at.
    pub fn among_strangers(self) -> Result<Self, LockProblem> {
        if self.is_nested() || !Trust::may_be_strange(&self.path) {
            return Ok(self);
        }
        let io = |source| LockProblem::Io { doing: "look for", file: self.usual_lock(), source };
        let others = other_locks(&self.path).map_err(io)?;
        let other_lock = match others.into_iter().next() {
            None if !self.is_strange(&self.usual_lock()) => None,
            None => Some(new_lock(&self.path).map_err(io)?),
            other => other,
        };
        Ok(Self { other_lock, ..self })
    }

    /// The same database, as [`among_strangers`](Self::among_strangers) finds it now.
    ///
    /// # Errors
    /// If the folder cannot be looked at.
    pub fn looked_at_again(self) -> Result<Self, LockProblem> {
        if self.is_nested() { Ok(self.by_secret()) } else { Self { other_lock: None, ..self }.among_strangers() }
    }

    /// Whether there is a lock file of the usual name that is not a stranger's.
    #[must_use]
    pub fn has_usual_lock(&self) -> bool {
        let usual = self.usual_lock();
        usual.symlink_metadata().is_ok() && !self.is_strange(&usual)
    }

    /// The same database, with this lock file.
    #[must_use]
    pub fn locked_by(self, lock: PathBuf) -> Self {
        Self { other_lock: Some(lock), ..self }
    }

    /// Whether the lock file of the database itself has another name than usual.
    #[must_use]
    pub fn has_other_lock(&self) -> bool {
        self.other_lock.is_some() && !self.is_nested()
    }

    /// Whether a lock file or queue excludes nobody, since it is of a stranger.
    #[must_use]
    pub fn is_strange(&self, file: &Path) -> bool {
        Trust::may_be_strange(&self.path)
            && file.symlink_metadata().is_ok_and(|metadata| !Trust::beside(&self.path).excludes(&metadata))
    }

    /// Whether a queue is none in which anybody could stand: it is of a stranger, or a folder or link, as version control
    /// brings them.
    #[must_use]
    pub fn is_no_queue(&self, queue: &Path) -> bool {
        queue.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) || self.is_strange(queue)
    }

    /// Whether a stranger could put something there.
    #[must_use]
    pub fn may_be_strange(&self) -> bool {
        Trust::may_be_strange(&self.path)
    }

    /// The same for an open file.
    ///
    /// # Errors
    /// If it cannot be looked at.
    pub fn is_of_stranger(&self, file: &LockFile) -> Result<bool, LockProblem> {
        Ok(self.may_be_strange() && !Trust::beside(&self.path).excludes(&file.metadata()?))
    }

    /// What stands beside the database under names of the protocol and counts for nothing, and why.
    #[must_use]
    pub fn strange_files(&self) -> Vec<(PathBuf, Doubt)> {
        let trust = Trust::beside(&self.path);
        if !trust.is_among_strangers() {
            let queue = Some(self.queue()).filter(|queue| self.is_no_queue(queue));
            return queue.into_iter().map(|queue| (queue, Doubt::NoFile)).collect();
        }
        let journals = (0..=DEEPEST).map(|depth| (usual_journal(&self.path, depth), true));
        let levels = std::iter::once(self.clone()).chain(self.clone().all_nested());
        let locks = levels.flat_map(|place| [(place.usual_lock(), false), (place.queue(), false)]);
        let files = locks.chain(journals);
        let doubts = files.filter_map(|(file, is_to_be_believed)| {
            let metadata = file.symlink_metadata().ok()?;
            let stranger = || (!trust.excludes(&metadata)).then_some(Doubt::Stranger(metadata.uid()));
            let doubt = if is_to_be_believed { trust.doubt_of_author(&metadata) } else { stranger() };
            Some((file, doubt?))
        });
        doubts.collect()
    }

    /// The same database at each level of nesting that is looked at for left-overs.
    pub fn all_nested(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self.nested()), |place| Some(place.clone().nested())).take(DEEPEST as usize)
    }

    /// As [`all_nested`](Self::all_nested), and at each level, however deep, with each lock file that there is in the folder.
    pub fn all_nested_there(self) -> impl Iterator<Item = Self> {
        let mut found: BTreeSet<(u32, Option<PathBuf>)> = (1..=DEEPEST).map(|depth| (depth, None)).collect();
        let mut before = OsString::from(".");
        before.push(self.name());
        before.push(".sdnlock-nested");
        let nested = |name: &OsStr| {
            let rest = std::str::from_utf8(name.as_bytes().strip_prefix(before.as_bytes())?).ok()?;
            let depth = rest.split('-').next()?.parse().ok().filter(|depth| *depth > 0)?;
            let place = Self { depth, ..self.clone() };
            let usual = place.usual_lock();
            let is_usual = [usual.as_path(), place.queue().as_path()].iter().any(|path| path.file_name() == Some(name));
            let other = || is_alternative(usual.file_name()?, name).then(|| self.path.with_file_name(name));
            if is_usual { Some((depth, None)) } else { other().map(|other| (depth, Some(other))) }
        };
        // A folder that cannot be read has nothing in it that could be removed.
        let entries = self.path.parent().and_then(|folder| folder.read_dir().ok()).into_iter().flatten().flatten();
        found.extend(entries.filter_map(|entry| nested(&entry.file_name())));
        found.into_iter().map(move |(depth, other_lock)| Self { depth, other_lock, ..self.clone() })
    }

    /// How many processes above this one hold its lock.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Whether this is within a lock that is held above.
    #[must_use]
    pub fn is_nested(&self) -> bool {
        self.depth > 0
    }

    fn beside(&self, before: &str, behind: &str) -> PathBuf {
        let mut name = OsString::from(before);
        name.push(self.name());
        name.push(behind);
        self.path.with_file_name(name)
    }
}

/// Whether a file of this name belongs to the protocol and is no database.
fn is_reserved(name: &OsStr) -> bool {
    let name = name.as_bytes();
    let ending = name.rsplit(|&b| b == b'.').next().unwrap_or_default();
    name.contains(&b'.') && (ending == b"lock" || ending.starts_with(b"sdnlock"))
}

/// The database that a file of this name belongs to, if it may be one of those that the protocol puts
/// beside databases.
#[must_use]
pub fn database_of(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.as_bytes();
    let beside = |name: &[u8]| Some(file.with_file_name(OsStr::from_bytes(name))).filter(|_| !name.is_empty());
    if let Some(name) = name.strip_suffix(b".lock") {
        return beside(name);
    }
    let hidden = name.strip_prefix(b".")?;
    let at = hidden.windows(SIGN.len()).rposition(|part| part == SIGN)?;
    let kind = &hidden[at + SIGN.len()..];
    if kind == b"queue" || ["journal", "nested", "lock-"].iter().any(|known| kind.starts_with(known.as_bytes())) {
        beside(&hidden[..at])
    } else {
        None
    }
}

/// What stands between the name of a database and the kind of a file beside it.
const SIGN: &[u8] = b".sdnlock-";

/// Whether a lock file is one that an `sdnlock` made, and not that of another program of another kind.
#[must_use]
pub fn is_own_lock_file(file: &Path) -> bool {
    matches!(LockFile::open(file), Ok(Some(file)) if matches!(file.record(), Ok(Some(_))))
}

/// Follows all symbolic links, the last one too if what it names does not exist yet.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(name) = path.file_name() else { return path.canonicalize() };
        let folder = match path.parent() {
            Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
            Some(folder) => folder,
            None => return path.canonicalize(),
        };
        let is_link = match path.symlink_metadata() {
            Ok(metadata) if metadata.is_file() => return path.canonicalize(),
            Ok(metadata) => metadata.is_symlink(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(folder.canonicalize()?.join(name)),
            Err(error) => return Err(error),
        };
        let whole = folder.canonicalize()?.join(name);
        if !is_link || is_in_transaction(&whole) {
            return Ok(whole);
        }
        let target = whole.read_link()?;
        path = whole.with_file_name(target);
    }
    Err(rustix::io::Errno::LOOP.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_protocol_are_no_databases() {
        for reserved in ["a.sdn.lock", ".a.sdn.sdnlock-queue", ".a.sdn.x1y2z3.sdnlock"] {
            assert!(is_reserved(OsStr::new(reserved)), "{reserved}");
        }
        for free in ["a.sdn", "lock", "sdnlock", "a.lock.sdn", "Cargo.toml"] {
            assert!(!is_reserved(OsStr::new(free)), "{free}");
        }
    }

    #[test]
    fn the_longest_name_leaves_room_for_those_beside_it() {
        let path = PathBuf::from("/d").join("x".repeat(LONGEST_NAME));
        for depth in 0..100 {
            let place = Place { given: path.clone(), path: path.clone(), depth, other_lock: None, secret: None };
            for beside in [place.lock(), place.queue(), usual_journal(&place.path, depth)] {
                assert!(beside.file_name().unwrap().len() <= 255, "{depth}: {}", beside.display());
            }
        }
    }

    #[test]
    fn files_of_the_protocol_say_whose_they_are() {
        let database = |name: &str| database_of(Path::new(name));
        for file in
            ["d/a.sdn.lock", "d/.a.sdn.sdnlock-queue", "d/.a.sdn.sdnlock-nested1", "d/.a.sdn.sdnlock-nested2-queue"]
        {
            assert_eq!(database(file), Some("d/a.sdn".into()), "{file}");
        }
        for file in ["a.sdn", ".a.sdn.sdnlock-other", ".sdnlock-queue", "a.sdn.sdnlock-queue"] {
            assert_eq!(database(file), None, "{file}");
        }
    }

    #[test]
    fn links_are_followed_even_to_what_does_not_exist() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("sub")).unwrap();
        std::os::unix::fs::symlink("sub/new.sdn", real.join("link.sdn")).unwrap();
        let place = Place::resolve(&folder.path().join("./link.sdn")).unwrap();
        assert_eq!(place.path(), real.join("sub/new.sdn"));
        assert_eq!(place.lock(), real.join("sub/new.sdn.lock"));
        assert!(Place::resolve(&folder.path().join("none/new.sdn")).is_err());
        assert!(Place::resolve(folder.path()).is_err());
    }
}
