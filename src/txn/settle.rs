//! What becomes of one database when what ran under a transaction has ended: told and done here, for a command that
//! ended as for one that nobody saw the end of.

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::journal::{Before, Entry, Journal, Page};
use super::recover::RecoveryError;
use crate::disk::{self, ReplacePolicy, Replacement, Snapshot, Standing, is_blank};
use crate::lock::FileLock;
use crate::platform::Trust;

/// How what ran under a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum End {
    /// It says that it succeeded.
    Succeeded,
    /// It says that it failed.
    Failed,
    /// Nobody knows how: the process that would was killed.
    Killed,
    /// Nobody knows how, and the power was cut since, so that not all that was written is there.
    PowerCut,
}

impl End {
    /// Whether nobody knows how it ended.
    #[must_use]
    pub fn is_interrupted(self) -> bool {
        matches!(self, Self::Killed | Self::PowerCut)
    }
}

/// What was done to a database when a transaction was ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undone {
    /// The database, resolved.
    pub path: PathBuf,
    /// What was done.
    pub what: What,
    /// Where the content is kept that had to give way.
    pub kept: Option<PathBuf>,
}

/// What was done to a database.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum What {
    /// It has its old content again.
    Restored,
    /// It is gone again: it did not exist before.
    Removed,
    /// It is as it was found, since somebody else may have written it; the old content is kept beside it.
    Left,
    /// It is as it was found, and not as it should be: its old content was not on disk when the power failed.
    Lost,
}

/// What a database held before.
#[derive(Clone, Debug)]
pub enum Old {
    /// There was no such file.
    Nothing,
    /// A journal of this user says that there was no such file; who it is may be unknown.
    NothingSaid(Option<u32>),
    /// This.
    Known(Snapshot),
    /// What this copy holds.
    Copy(Before),
}

impl Old {
    /// What was known when the transaction began.
    #[must_use]
    pub fn known(before: Option<&Snapshot>) -> Self {
        before.map_or(Self::Nothing, |before| Self::Known(before.clone()))
    }

    /// What the journal of an interrupted transaction says.
    pub(super) fn of(journal: &Journal, entry: &Entry) -> Self {
        entry.before.clone().map_or_else(|| Self::NothingSaid(author(journal, entry)), Self::Copy)
    }

    /// Reads it.
    fn read(self, database: &Path) -> Result<Option<Snapshot>, RecoveryError> {
        match self {
            Self::Nothing | Self::NothingSaid(_) => Ok(None),
            Self::Known(snapshot) => Ok(Some(snapshot)),
            Self::Copy(before) => match disk::read_known_undo(database, &before.copy, before.access) {
                Ok(Some(copy)) if copy.tag() == before.tag => Ok(Some(copy)),
                Err(source) if source.kind() != ErrorKind::NotFound => Err(failed(database)(source)),
                _ => Err(RecoveryError::DamagedCopy { database: database.to_owned(), copy: before.copy }),
            },
        }
    }
}

/// Who says in a journal that a database did not exist: what stands under its name by now may be of others.
fn author(journal: &Journal, entry: &Entry) -> Option<u32> {
    let (path, first) = (journal.path()?, &journal.entries.first()?.path);
    let Ok(Standing::File(text)) = disk::standing_believed(path, &Trust::beside(first)) else { return None };
    let Ok(Page::Master(read)) = Page::read(text.bytes(), path.parent()?) else { return None };
    let is_it = |said: &Entry| {
        let folder = said.path.parent().and_then(|folder| folder.canonicalize().ok());
        folder.zip(said.path.file_name()).is_some_and(|(folder, name)| folder.join(name) == entry.path)
    };
    let says = read.entries.iter().any(|said| said.before.is_none() && is_it(said));
    (read.token == journal.token && says).then_some(text.stat().owner)
}

/// What a database holds now.
#[derive(Debug)]
enum Now {
    Nothing,
    /// A file; one that a link in its place leads to does not stand there itself.
    File(Snapshot, Stands),
    /// Something that cannot be read, as a folder, or the link of somebody else.
    Other(io::Error),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stands {
    Itself,
    BehindALink,
}

impl Now {
    fn of(path: &Path) -> io::Result<Self> {
        match disk::standing(path)? {
            Standing::Nothing => Ok(Self::Nothing),
            Standing::File(content) => Ok(Self::File(content, Stands::Itself)),
            Standing::Other => match path.symlink_metadata() {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::Nothing),
                there => Ok(Self::of_other(path, &there?)),
            },
        }
    }

    /// What stands there and is no file that can be read. A link is followed if it is of whoever looks, or of root, as a
    /// command makes it that moves a database elsewhere.
    fn of_other(path: &Path, there: &Metadata) -> Self {
        if there.is_symlink() && Trust::beside(path).is_of_me_or_root(there.uid()) {
            return match disk::read(path) {
                Ok(Some(content)) => Self::File(content, Stands::BehindALink),
                Ok(None) => Self::Other(ErrorKind::NotFound.into()),
                Err(error) => Self::Other(error),
            };
        }
        Self::Other(match there.file_type() {
            kind if kind.is_symlink() => io::Error::other("it is a link of somebody else"),
            kind if kind.is_dir() => ErrorKind::IsADirectory.into(),
            kind if kind.is_file() => ErrorKind::PermissionDenied.into(),
            _ => io::Error::other("it is no regular file"),
        })
    }

    /// The content of what stands there itself.
    fn own_content(&self) -> Option<&Snapshot> {
        match self {
            Self::File(content, Stands::Itself) => Some(content),
            _ => None,
        }
    }

    fn content(&self) -> Option<&Snapshot> {
        match self {
            Self::File(content, _) => Some(content),
            Self::Nothing | Self::Other(_) => None,
        }
    }
}

/// What becomes of a content that has to give way because it may not stay.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rejected {
    /// It is kept beside the database.
    Kept,
    /// So is any other content that has to give way: somebody may have wanted it.
    AllKept,
    /// It was not meant to stay in any case.
    Dropped,
}

/// Why what was left of a database may not stay.
#[derive(Debug)]
pub enum Refused<R> {
    /// It cannot be read.
    Unreadable(io::Error),
    /// Whoever judges contents says so.
    Judged(R),
}

/// A database when what worked on it has ended.
#[derive(Debug)]
pub struct Seen<R> {
    path: PathBuf,
    before: Option<Snapshot>,
    /// Whether what is there may be removed where nothing was before.
    is_removable: bool,
    /// Why it is not known what it held before.
    pub(super) lost: Option<RecoveryError>,
    now: Now,
    /// Why what was left may not stay.
    pub refused: Option<Refused<R>>,
}

impl<R> Seen<R> {
    /// Looks at a database. What it holds is judged, if that has changed, by `judge` from what it held before.
    ///
    /// # Errors
    /// If it cannot be looked at.
    pub fn of(
        path: &Path,
        old: Old,
        judge: impl FnOnce(Option<&[u8]>, Option<&[u8]>) -> Option<R>,
    ) -> Result<Self, RecoveryError> {
        let said_by = match old {
            Old::NothingSaid(author) => Some(author),
            _ => None,
        };
        let (before, lost) = match old.read(path) {
            Ok(before) => (before, None),
            Err(error) => (None, Some(error)),
        };
        let now = Now::of(path).map_err(failed(path))?;
        let is_removable = said_by.is_none_or(|author| may_be_removed_by(author, path));
        let mut seen = Self { path: path.to_owned(), before, is_removable, lost, now, refused: None };
        if !seen.is_same() {
            let before = seen.before.as_ref().map(Snapshot::bytes);
            seen.refused = match &mut seen.now {
                Now::Other(error) => Some(Refused::Unreadable(std::mem::replace(error, ErrorKind::Other.into()))),
                now => judge(before, now.content().map(Snapshot::bytes)).map(Refused::Judged),
            };
        }
        Ok(seen)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it held before, if that is known.
    #[must_use]
    pub fn before(&self) -> Option<&Snapshot> {
        self.before.as_ref()
    }

    /// What it holds.
    #[must_use]
    pub fn content(&self) -> Option<&Snapshot> {
        self.now.content()
    }

    /// Whether it is the same file as before, as far as content and attributes tell.
    #[must_use]
    pub fn is_same(&self) -> bool {
        match (&self.before, &self.now) {
            (Some(old), Now::File(now, Stands::Itself)) => {
                old.bytes() == now.bytes() && old.stat().is_alike(now.stat())
            }
            (None, Now::Nothing) => self.lost.is_none(),
            _ => false,
        }
    }

    /// Whether nobody has written to it at all.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.is_same() && self.before().map(Snapshot::stat) == self.content().map(Snapshot::stat)
    }

    /// Whether there is something where nothing was, which nobody can have broken.
    #[must_use]
    pub fn is_new(&self) -> bool {
        let is_something = self.content().is_some_and(|content| !is_blank(content.bytes()));
        self.before.is_none() && self.lost.is_none() && is_something
    }

    /// Whether there is a file that somebody may have written who knows what belongs there.
    pub(super) fn holds_what_may_stay(&self) -> bool {
        self.content().is_some() && self.refused.is_none()
    }

    /// Brings it back to what it was, or removes it again, under its lock. What somebody could not have removed who says that
    /// it was not there is left.
    ///
    /// # Errors
    /// See [`RecoveryError`]; it can be tried again.
    pub fn undo(&self, lock: &FileLock, rejected: Rejected) -> Result<Undone, RecoveryError> {
        let path = &self.path;
        if !intact(lock)? {
            return Err(RecoveryError::LockLost { path: path.clone() });
        }
        let before = self.before();
        if before.is_none() && !self.is_removable {
            return Ok(Undone { path: path.clone(), what: What::Left, kept: None });
        }
        let now = self.content();
        // Before it gives way, so that a kill in between loses nothing.
        let is_kept = match rejected {
            Rejected::Kept => self.refused.is_some(),
            Rejected::AllKept => true,
            Rejected::Dropped => false,
        };
        // What is behind a link is not of this database, and stays where it is.
        let rejected = self.now.own_content().filter(|now| is_kept && !is_blank(now.bytes()));
        let kept = rejected.map(|now| {
            let like = before.map_or_else(|| now.clone(), |before| now.at_most_for(before));
            disk::keep_aside(path, "rejected", now.bytes(), &like)
        });
        let kept = kept.transpose().map_err(failed(path))?;
        let kept = disk::make_way(path, "rejected").map_err(failed(path))?.or(kept);
        let what = match before {
            None => {
                disk::remove(path).and_then(|()| disk::sync_folder_of(path)).map_err(failed(path))?;
                What::Removed
            }
            Some(before) => {
                put_back(path, before, now.filter(|_| !path_is_free(path)), lock)?;
                What::Restored
            }
        };
        Ok(Undone { path: path.clone(), what, kept })
    }

    /// Leaves it as it is, and keeps what it held before beside it.
    ///
    /// # Errors
    /// If that cannot be kept.
    pub fn keep_old(&self) -> Result<Option<PathBuf>, RecoveryError> {
        let kept = self.before().map(|old| disk::keep_aside(&self.path, "before", old.bytes(), old));
        kept.transpose().map_err(failed(&self.path))
    }

    /// Puts what it holds, and its name, on disk.
    ///
    /// # Errors
    /// If it cannot be synced.
    pub fn sync(&self) -> io::Result<()> {
        self.sync_content()?;
        disk::sync_folder_of(&self.path)
    }

    /// Puts what it holds on disk: the file that was looked at, whatever has its name by now.
    pub(super) fn sync_content(&self) -> io::Result<()> {
        self.content().map_or(Ok(()), Snapshot::sync)
    }
}

/// Whether this user could remove what stands there themselves, as a command of theirs would have made it: in a folder
/// where everybody may remove only their own, they own it or the folder. Root may, and whoever looks has to know.
fn may_be_removed_by(author: Option<u32>, path: &Path) -> bool {
    const STICKY: u32 = 0o1000;
    let Ok(there) = path.symlink_metadata() else { return true };
    let Some(folder) = path.parent().and_then(|folder| folder.metadata().ok()) else { return false };
    let trust = Trust::beside(path);
    folder.mode() & STICKY == 0
        || author.is_some_and(|author| trust.is_of_me_or_root(author) || [there.uid(), folder.uid()].contains(&author))
}

/// Whether nothing stands there any more, since it made way.
fn path_is_free(path: &Path) -> bool {
    path.symlink_metadata().is_err()
}

fn intact(lock: &FileLock) -> Result<bool, RecoveryError> {
    lock.is_intact().map_err(|source| failed(lock.path())(io::Error::other(source)))
}

fn put_back(path: &Path, before: &Snapshot, now: Option<&Snapshot>, lock: &FileLock) -> Result<(), RecoveryError> {
    // Whatever was done to the file since, it was not this content's.
    let policy = ReplacePolicy { break_hard_links: true, override_read_only: true, ..ReplacePolicy::default() };
    let replacement = Replacement { path, base: now, content: before.bytes(), like: Some(before), policy };
    let mut is_ours = true;
    let made = replacement.make(&mut |new| {
        lock.lock_replacement(new)?;
        is_ours = lock.is_intact().map_err(io::Error::other)?;
        Ok(is_ours)
    });
    match made {
        Ok(replaced) => {
            if !replaced.kept.in_place {
                lock.database_is(&replaced.file);
            }
            // L9, after the rename.
            if intact(lock)? { Ok(()) } else { Err(RecoveryError::LockLost { path: path.to_owned() }) }
        }
        Err(_) if !is_ours => Err(RecoveryError::LockLost { path: path.to_owned() }),
        Err(source) => Err(RecoveryError::Replace { path: path.to_owned(), source }),
    }
}

pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> RecoveryError {
    let path = path.to_owned();
    move |source| RecoveryError::Io { path, source }
}
