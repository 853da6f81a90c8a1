//! Paths as part of a text, byte for byte.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Whether this process may make files in a folder.
pub fn permit_making_in(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    Ok(accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
}

/// A path as text in which percent signs, control characters and these bytes are written as `%25` and
/// so on.
#[must_use]
pub fn path_to_text(path: &Path, special: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for &byte in path.as_os_str().as_bytes() {
        if byte == b'%' || byte.is_ascii_control() || special.contains(&byte) {
            text.extend(format!("%{byte:02x}").into_bytes());
        } else {
            text.push(byte);
        }
    }
    text
}

/// Reads such a text; `None` if it is none.
#[must_use]
pub fn path_from_text(text: &[u8]) -> Option<PathBuf> {
    let mut parts = text.split(|&byte| byte == b'%');
    let mut bytes = parts.next()?.to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()?);
        bytes.extend(rest);
    }
    Some(OsString::from_vec(bytes).into())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn any_path_reads_back() {
        let every: Vec<u8> = (1..=255).collect();
        let path = Path::new(OsStr::from_bytes(&every));
        let text = path_to_text(path, b",");
        assert!(!text.iter().any(|byte| byte.is_ascii_control() || *byte == b','));
        assert_eq!(path_from_text(&text).as_deref(), Some(path));
        assert_eq!(path_from_text(b"%4"), None);
        assert_eq!(path_from_text(b"%zz"), None);
    }
}
