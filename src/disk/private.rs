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

    /// Leaves it there for good, and gives its path.
    #[must_use]
    pub fn keep(mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.path
    }
}
