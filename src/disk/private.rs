use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A copy of a content that nobody else can look into, in a temporary folder. It is removed when it is
/// dropped.
#[derive(Debug)]
pub struct PrivateCopy {
    path: PathBuf,
    folder: TempDir,
}

impl PrivateCopy {
    /// Makes a copy of `content` under the name of the file `named`.
    ///
    /// # Errors
    /// If it cannot be made or written.
    pub fn new(named: &Path, content: &[u8]) -> io::Result<Self> {
        let only_me = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        let folder = tempfile::Builder::new().prefix("sdnlock-").permissions(only_me).tempdir()?;
        let path = folder.path().join(named.file_name().unwrap_or("copy".as_ref()));
        std::fs::write(&path, content)?;
        Ok(Self { path, folder })
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
