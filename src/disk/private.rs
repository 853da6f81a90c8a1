use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::aside::{Standing, standing};
use super::tag::Tag;
use crate::platform::{self, Mode};

/// A copy of a content that nobody else can look into, in a temporary folder. It is removed when it is dropped; if
/// the process is killed before, [`abandoned`](Self::abandoned) finds it.
#[derive(Debug)]
pub struct PrivateCopy {
    path: PathBuf,
    folder: TempDir,
    /// The folder, locked as long as the copy is in use.
    _in_use: Option<File>,
}

impl PrivateCopy {
    /// Makes a copy of `content` under the name of the file `named`.
    ///
    /// # Errors
    /// If it cannot be made or written.
    pub fn new(named: &Path, content: &[u8]) -> io::Result<Self> {
        let only_me = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix(&prefix(named)).permissions(only_me).tempdir()?;
        let path = folder.path().join(name_of(named));
        // Without the lock a copy is only found while it is still in use.
        let in_use = platform::open_to_read(folder.path()).ok().flatten();
        let in_use = in_use.filter(|folder| platform::try_lock(folder, Mode::Exclusive).is_ok());
        platform::make_private(&path)?.write_all(content)?;
        Ok(Self { path, folder, _in_use: in_use })
    }

    /// Copies of the file `named` that this user's killed processes left, and that are not what `content` is.
    #[must_use]
    pub fn abandoned(named: &Path, content: &[u8]) -> Vec<PathBuf> {
        let prefix = prefix(named);
        let entries = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.file_name().as_bytes().starts_with(prefix.as_bytes()));
        let is_left = |folder: &Path| {
            let Ok(Some(file)) = platform::open_to_read(folder) else { return false };
            let is_mine = file.metadata().is_ok_and(|it| it.is_dir() && platform::is_private(&it));
            is_mine && platform::try_lock(&file, Mode::Exclusive).unwrap_or(false)
        };
        let left = folders.map(|entry| entry.path()).filter(|folder| is_left(folder));
        let copies = left.map(|folder| folder.join(name_of(named)));
        let mut copies: Vec<PathBuf> = copies.filter(|copy| is_other(copy, content)).collect();
        copies.sort();
        copies
    }

    /// Makes the copy hold something else.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn rewrite(&mut self, content: &[u8]) -> io::Result<()> {
        // In one step: what is typed is in no other place.
        let mut new = tempfile::NamedTempFile::new_in(self.folder.path())?;
        io::Write::write_all(&mut new, content)?;
        new.persist(&self.path).map(drop).map_err(|error| error.error)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether nobody has put anything else into its folder.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        let others = std::fs::read_dir(self.folder()).into_iter().flatten().flatten();
        others.filter(|entry| entry.path() != self.path).count() == 0
    }

    /// Leaves it there for good, and gives its path.
    pub fn keep(&mut self) -> &Path {
        self.folder.disable_cleanup(true);
        &self.path
    }
}

/// Whether a file can be read, and holds something else.
fn is_other(file: &Path, content: &[u8]) -> bool {
    matches!(standing(file), Ok(Standing::File(there)) if there.bytes() != content)
}

/// How the names of the folders with copies of a file begin.
fn prefix(named: &Path) -> String {
    const DIGITS: usize = 12;
    let whole = named.canonicalize().or_else(|_| std::path::absolute(named)).unwrap_or_else(|_| named.to_owned());
    let tag = Tag::of(whole.as_os_str().as_bytes()).to_string();
    let digits = tag.rsplit(':').next().unwrap_or_default();
    format!("sdnlock-{}-", &digits[..DIGITS.min(digits.len())])
}

fn name_of(named: &Path) -> &std::ffi::OsStr {
    named.file_name().unwrap_or("copy".as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_the_dead_are_found_and_those_in_use_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let named = folder.path().join("a.sdn");
        std::fs::write(&named, "a").unwrap();
        let mut copy = PrivateCopy::new(&named, b"typed").unwrap();
        assert_eq!(PrivateCopy::abandoned(&named, b"a"), [""; 0].map(PathBuf::from));
        copy.rewrite(b"more").unwrap();
        let left = copy.keep().to_owned();
        let kept = copy.folder().to_owned();
        drop(copy);
        assert_eq!(PrivateCopy::abandoned(&named, b"a"), [left]);
        assert_eq!(PrivateCopy::abandoned(&named, b"more"), [""; 0].map(PathBuf::from));
        std::fs::remove_dir_all(kept).unwrap();
    }
}
