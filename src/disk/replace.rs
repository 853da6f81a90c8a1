//! Replacing a file so that it is entirely old or entirely new at every instant (R1-R3, R5, R6).

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

use tempfile::NamedTempFile;

use super::backup::keep_backup;
use super::failpoint::failpoint;
use super::folder_of;
use super::read::Snapshot;
use super::redo;
use super::temporary;
use super::whole::write_all;
use crate::platform::{self, FileId, Kept, Stat};

/// When what was written is on disk, and survives a cut of the power.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Durability {
    /// Before success is reported.
    Always,
    /// The same; but within a lock that a process above this one holds, when that process ends its own change.
    #[default]
    Outermost,
    /// Whenever the system comes to it.
    Never,
}

/// What may be replaced, and how far success reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReplacePolicy {
    /// When the new file and its name are on disk.
    pub durability: Durability,
    /// Replace a file with several hard links, whose other names then keep the old content.
    pub break_hard_links: bool,
    /// Replace a file that nobody may write.
    pub override_read_only: bool,
    /// How many earlier contents are kept beside the file. None by default.
    pub backups: usize,
}

/// A replacement that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Replacement<'a> {
    /// The file, which must not be a symbolic link.
    pub path: &'a Path,
    /// What the file must hold when it is replaced; `None` if there must be no file.
    pub base: Option<&'a Snapshot>,
    /// What it shall hold.
    pub content: &'a [u8],
    /// The file whose attributes it gets; `None` for those that any program would give a new file.
    pub like: Option<&'a Snapshot>,
    /// What may be replaced, and how far success reaches.
    pub policy: ReplacePolicy,
}

/// A file that was replaced.
#[derive(Debug)]
pub struct Replaced {
    /// The new file. While it is open no other file can be taken for it.
    pub file: File,
    /// Its attributes before it got its name.
    pub stat: Stat,
    /// What of the old one it could not be given.
    pub kept: Kept,
}

impl Replaced {
    /// Whether the file at `path` is the new one.
    ///
    /// # Errors
    /// If it cannot be looked at.
    pub fn is_at(&self, path: &Path) -> io::Result<bool> {
        Ok(FileId::at(path)? == Some(self.stat.id))
    }

    /// The new file as if it had been read.
    #[must_use]
    pub fn into_snapshot(self, content: Vec<u8>) -> Snapshot {
        Snapshot::new(content, self.stat, self.file)
    }
}

/// Why a file was not replaced. Except for [`NotSynced`](Self::NotSynced) it is as it was, and the
/// temporary file is removed.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The file has several names, which a rename would part.
    #[error("it has {links} hard links, which a replacement would part")]
    HardLinks {
        /// How many names it has.
        links: u64,
    },
    /// Nobody may write the file.
    #[error("it is write-protected (mode {mode:04o})")]
    ReadOnly {
        /// Its permissions.
        mode: u32,
    },
    /// Something failed before the rename.
    #[error("{step}")]
    Failed {
        /// What was tried.
        step: Step,
        /// Why it failed.
        source: io::Error,
    },
    /// The file does not hold what the change was made from any more, or the lock is gone.
    #[error("it changed meanwhile")]
    Moved,
    /// The file is new, but it is not sure to survive a power cut.
    #[error("written, but the folder could not be synced")]
    NotSynced {
        /// The replacement, which everybody sees.
        replaced: Replaced,
        /// Why it failed.
        source: io::Error,
    },
}

/// Whether this process may make files in the folder of a database, as a replacement does. It may fail all the same.
///
/// # Errors
/// Why not.
pub fn permit_in_folder(path: &Path) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    platform::permit_making_in(folder)
}

/// A step of a replacement that can fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Step {
    /// Making the temporary file.
    #[error("making a temporary file beside it")]
    Create,
    /// Writing it.
    #[error("writing {written} of {total} bytes")]
    Write {
        /// Bytes written.
        written: usize,
        /// Bytes to be written.
        total: usize,
    },
    /// Giving it the attributes of the old file.
    #[error("copying its permissions and attributes")]
    Attributes,
    /// Putting it on disk.
    #[error("syncing the temporary file")]
    Sync,
    /// Keeping the old content as a backup.
    #[error("keeping a backup")]
    Backup,
    /// Making sure that nothing changed meanwhile.
    #[error("looking whether it changed meanwhile")]
    Check,
    /// Giving it its name.
    #[error("renaming the temporary file")]
    Rename,
    /// Writing over it, since its name cannot be given to another file.
    #[error("writing over it: it is bound here, and cannot be replaced")]
    InPlace,
}

fn at(step: Step) -> impl FnOnce(io::Error) -> ReplaceError {
    move |source| ReplaceError::Failed { step, source }
}

impl Replacement<'_> {
    /// Whether the policy allows for this, as far as can be told before.
    ///
    /// # Errors
    /// [`ReplaceError::HardLinks`] and [`ReplaceError::ReadOnly`].
    pub fn permit(base: &Snapshot, policy: ReplacePolicy) -> Result<(), ReplaceError> {
        let stat = base.stat();
        if stat.links > 1 && !policy.break_hard_links {
            return Err(ReplaceError::HardLinks { links: stat.links });
        }
        if stat.mode & 0o222 == 0 && !policy.override_read_only {
            return Err(ReplaceError::ReadOnly { mode: stat.mode });
        }
        Ok(())
    }

    /// Replaces the file, or makes it.
    ///
    /// `still_ours` is asked, with the new file, immediately before the rename; if it says no, nothing is
    /// written (L9).
    ///
    /// # Errors
    /// See [`ReplaceError`].
    pub fn make(&self, still_ours: &mut dyn FnMut(&File) -> io::Result<bool>) -> Result<Replaced, ReplaceError> {
        let Self { path, base, content, like, policy } = *self;
        let durable = policy.durability != Durability::Never;
        if let Some(base) = base {
            Self::permit(base, policy)?;
        }
        let mode = if like.is_some() { 0o600 } else { 0o666 };
        let mut temporary = temporary::create(path, mode).map_err(at(Step::Create))?;
        failpoint("replace: made");
        write_all(temporary.as_file_mut(), content).map_err(|(written, source)| {
            let step = Step::Write { written, total: content.len() };
            ReplaceError::Failed { step, source }
        })?;
        failpoint("replace: written");
        let kept = match like {
            Some(like) => platform::keep_attributes(like.stat(), like.extended(), temporary.as_file()),
            None => Ok(Kept::default()),
        }
        .map_err(at(Step::Attributes))?;
        failpoint("replace: like the old one");
        if durable {
            temporary.as_file().sync_all().map_err(at(Step::Sync))?;
        }
        failpoint("replace: synced");
        if let Some(base) = base {
            keep_backup(path, base, policy.backups, durable).map_err(at(Step::Backup))?;
        }
        let stat = temporary.as_file().metadata().map_err(at(Step::Check))?;
        let stat = Stat::from(&stat);
        // L9
        let unchanged = match base {
            Some(base) => base.is_current(path).map_err(at(Step::Check))?,
            None => FileId::at(path).map_err(at(Step::Check))?.is_none(),
        };
        if !unchanged || !still_ours(temporary.as_file()).map_err(at(Step::Check))? {
            return Err(ReplaceError::Moved);
        }
        failpoint("replace: checked");
        let named = match base {
            Some(_) => temporary.persist(path).map_err(|error| error.error),
            None => name_new(temporary, path),
        };
        let replaced = match named {
            Ok(file) => Replaced { file, stat, kept },
            Err(error) if base.is_none() && error.kind() == ErrorKind::AlreadyExists => {
                return Err(ReplaceError::Moved);
            }
            // A mount point keeps its file.
            Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                let file = redo::replace(path, base, content, durable).map_err(at(Step::InPlace))?;
                let stat = Stat::from(&file.metadata().map_err(at(Step::InPlace))?);
                return Ok(Replaced { file, stat, kept: Kept { in_place: true, ..Kept::default() } });
            }
            Err(error) => return Err(at(Step::Rename)(error)),
        };
        // From here on the file is new, and no failure may say otherwise (R6).
        failpoint("replace: renamed");
        if durable && let Err(source) = platform::sync_folder(folder_of(path), &replaced.file) {
            return Err(ReplaceError::NotSynced { replaced, source });
        }
        failpoint("replace: folder synced");
        Ok(replaced)
    }
}

/// Gives a new file its name, unless there is one by now.
fn name_new(temporary: NamedTempFile, path: &Path) -> io::Result<File> {
    let (file, name) = temporary.into_parts();
    platform::rename_to_free_name(&name, path)?;
    // It has no other name any more that could be removed.
    let _ = name.keep();
    Ok(file)
}
