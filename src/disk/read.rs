use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::tag::Tag;
use crate::platform::{self, Access, Stat, Trust};

/// A file whose last change is younger than this may change again without its times showing it.
const CLOCK_STEP: Duration = Duration::from_secs(2);

/// The content of a file at one time, and its attributes then. Copies share the content.
#[derive(Clone, Debug)]
pub struct Snapshot {
    bytes: Arc<Vec<u8>>,
    stat: Stat,
    read_at: SystemTime,
    /// The file itself, which keeps its extended attributes even if its name is gone.
    file: Arc<File>,
    /// The file that has them otherwise, or that none are to be had.
    attributes: Attributes,
}

/// Which file has the extended attributes of a content.
#[derive(Clone, Debug)]
enum Attributes {
    Own,
    Of(Arc<File>),
    None,
}

impl Snapshot {
    pub(super) fn new(bytes: Vec<u8>, stat: Stat, file: File) -> Self {
        Self {
            bytes: Arc::new(bytes),
            stat,
            read_at: SystemTime::now(),
            file: Arc::new(file),
            attributes: Attributes::Own,
        }
    }

    /// The content.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the content away.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        Arc::unwrap_or_clone(self.bytes)
    }

    /// Attributes of the file when it was read.
    #[must_use]
    pub fn stat(&self) -> &Stat {
        &self.stat
    }

    /// The digest of the content.
    #[must_use]
    pub fn tag(&self) -> Tag {
        Tag::of(&self.bytes)
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// The file that has the extended attributes, unless there are none.
    pub(super) fn extended(&self) -> Option<&File> {
        match &self.attributes {
            Attributes::Own => Some(&self.file),
            Attributes::Of(file) => Some(file),
            Attributes::None => None,
        }
    }

    /// The same content and attributes, with the extended ones of this copy, which holds the same: those of the file itself
    /// may be changed by whoever has it.
    #[must_use]
    pub(crate) fn with_copy(&self, copy: &Arc<File>) -> Self {
        Self { file: Arc::clone(copy), attributes: Attributes::Own, ..self.clone() }
    }

    /// The same content, with the extended attributes of another file, or none.
    #[must_use]
    pub(crate) fn with_attributes_of(self, other: Option<&Self>) -> Self {
        let attributes = other.map_or(Attributes::None, |other| Attributes::Of(Arc::clone(&other.file)));
        Self { attributes, ..self }
    }

    /// The same content, for those only who could read this file as well as another one.
    #[must_use]
    pub(crate) fn at_most_for(&self, other: &Self) -> Self {
        const OWNERS: u32 = 0o700;
        let access = self.stat.access().at_most(other.stat.access());
        if platform::have_same_list(&self.file, &other.file) {
            return self.clone().with_access(access);
        }
        // Who is named in only one of the lists is not told apart.
        let access = Access { mode: access.mode & OWNERS, ..access };
        self.clone().with_access(access).with_attributes_of(None)
    }

    /// Puts the content on disk, of the file that was read, whatever has its name by now.
    ///
    /// # Errors
    /// If it cannot be synced.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Whether the file itself holds this still.
    pub(super) fn is_in_file(&self) -> io::Result<bool> {
        let now = Stat::from(&self.file.metadata()?);
        if self.is_settled() && now == self.stat {
            return Ok(true);
        }
        let mut bytes = vec![0; self.bytes.len()];
        let is_whole = now.size == bytes.len() as u64 && self.file.read_exact_at(&mut bytes, 0).is_ok();
        Ok(is_whole && bytes == *self.bytes)
    }

    /// Whether its times tell of any change since. They tell nothing about those within one step of the clock that sets them.
    fn is_settled(&self) -> bool {
        self.read_at.duration_since(self.stat.changed()).is_ok_and(|age| age > CLOCK_STEP)
    }

    /// The same content, for a file that is to be of this owner and with these permissions.
    #[must_use]
    pub(crate) fn with_access(self, access: Access) -> Self {
        Self { stat: self.stat.with_access(access), ..self }
    }

    /// Whether the file at `path` still has this content.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn is_current(&self, path: &Path) -> io::Result<bool> {
        let now = match std::fs::metadata(path) {
            Ok(metadata) => Stat::from(&metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        if now.size != self.stat.size {
            return Ok(false);
        }
        if self.is_settled() && now == self.stat {
            return Ok(true);
        }
        Ok(read(path)?.is_some_and(|current| current.bytes == self.bytes))
    }
}

/// Whose a file is, and its permissions; nothing if it cannot be looked at.
#[must_use]
pub fn access(path: &Path) -> Option<Access> {
    std::fs::metadata(path).ok().map(|metadata| Stat::from(&metadata).access())
}

/// Reads a file; `None` if there is none.
///
/// # Errors
/// If it cannot be opened or read, or is no regular file.
pub fn read(path: &Path) -> io::Result<Option<Snapshot>> {
    let read_at = SystemTime::now();
    // Opening a pipe would wait for somebody at its other end.
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => return Err(io::Error::other("it is no regular file")),
        Ok(_) => {}
    }
    match platform::open_at_once(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => read_opened(opened?, read_at).map(Some),
    }
}

/// Reads a file that a link may lead to; `None` if there is none that is believed.
///
/// # Errors
/// As [`read`].
pub fn read_if_believed(path: &Path, trust: &Trust) -> io::Result<Option<Snapshot>> {
    let read = read(path)?;
    // What was read, whatever has the name by now.
    let is_believed = |read: &Snapshot| read.file.metadata().is_ok_and(|metadata| trust.doubt(&metadata).is_none());
    Ok(read.filter(is_believed))
}

/// Reads an open file, which was opened at this time at the earliest.
///
/// # Errors
/// If it cannot be read, or is no regular file.
pub(super) fn read_opened(mut file: File, read_at: SystemTime) -> io::Result<Snapshot> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let stat = Stat::from(&metadata);
    let mut bytes = Vec::new();
    // One byte more than the file has lets the end be seen without growing the buffer.
    let size = usize::try_from(stat.size).map_err(|_| io::ErrorKind::FileTooLarge)?;
    bytes.try_reserve_exact(size + 1)?;
    file.read_to_end(&mut bytes)?;
    Ok(Snapshot { bytes: Arc::new(bytes), stat, read_at, file: Arc::new(file), attributes: Attributes::Own })
}

/// Whether nothing is said: a content of blanks and of zero bytes, as a cut of the power leaves them.
#[must_use]
pub fn is_blank(content: &[u8]) -> bool {
    content.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace())
}
