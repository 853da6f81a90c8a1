//! Paths for those who know the repository and not this machine.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use crate::cli::settings;

/// A path from the root of the repository, if a workflow says where that is and the file is below it; else one
/// from the current folder if possible, or the whole path.
pub fn in_repository(path: &Path) -> PathBuf {
    let plain = path.components().filter(|part| !matches!(part, Component::CurDir)).collect::<PathBuf>();
    let Some(whole) = whole(&plain) else { return plain };
    let below = |root: PathBuf| whole.strip_prefix(root.canonicalize().ok()?).ok().map(Path::to_owned);
    let inside = settings::workspace().and_then(below);
    inside.or_else(|| std::env::current_dir().ok().and_then(below)).unwrap_or(whole.clone())
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
