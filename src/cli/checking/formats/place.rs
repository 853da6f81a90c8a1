//! Paths for those who know the repository and not this machine.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use crate::cli::settings;

/// A path from the root of the repository if the file is below that, else the whole path. The root is what a
/// GitHub workflow says, or else the nearest folder above the current one that holds `.git`, or else the
/// current one.
pub fn in_repository(path: &Path) -> PathBuf {
    let plain = path.components().filter(|part| !matches!(part, Component::CurDir)).collect::<PathBuf>();
    let Some(whole) = whole(&plain) else { return plain };
    let inside = root().and_then(|root| whole.strip_prefix(root).ok());
    inside.map_or_else(|| whole.clone(), Path::to_owned)
}

fn root() -> Option<PathBuf> {
    if let Some(workspace) = settings::workspace() {
        return workspace.canonicalize().ok();
    }
    let here = std::env::current_dir().ok()?.canonicalize().ok()?;
    let repository = here.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
    Some(repository.unwrap_or(here))
}

/// The path without links and detours, but with the file's own name: that may be a link.
fn whole(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(name))
}

/// A path as a reference in the sense of RFC 3986, whatever its bytes are.
pub fn uri(path: &Path) -> String {
    let encoded: String = path.as_os_str().as_bytes().iter().map(|&byte| percent(byte)).collect();
    if path.is_absolute() { format!("file://{encoded}") } else { encoded }
}

fn percent(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

/// What standard input without a name is called.
pub fn or_stdin(path: Option<&Path>) -> PathBuf {
    path.map_or_else(|| PathBuf::from(OsStr::new("-")), in_repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_a_reference() {
        let name = Path::new(OsStr::from_bytes(b"my db/a:b%\xff\xc3\xa9.sdn"));
        assert_eq!(uri(name), "my%20db/a%3Ab%25%FF%C3%A9.sdn");
        assert_eq!(uri(Path::new("/tmp/a b.sdn")), "file:///tmp/a%20b.sdn");
    }
}
