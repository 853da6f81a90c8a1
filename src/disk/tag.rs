use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// The digest of a content, which names it: `sha256:` and what `sha256sum` prints.
///
/// ```
/// use sdnlock::disk::Tag;
///
/// let tag = Tag::of(b"");
/// assert_eq!(tag.to_string(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tag([u8; 32]);

impl Tag {
    /// The tag of this content.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads what a tag is shown as.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(SCHEME).filter(|digits| digits.len() == 64 && digits.is_ascii())?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

const SCHEME: &str = "sha256:";

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The first 12 or more digits of a tag, which are enough to name a content.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TagPrefix(String);

impl TagPrefix {
    /// Whether this is the beginning of that tag.
    #[must_use]
    pub fn names(&self, tag: &Tag) -> bool {
        tag.to_string()[SCHEME.len()..].starts_with(&self.0)
    }
}

impl fmt::Display for TagPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.0)
    }
}

/// A text that names no content.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a tag is `sha256:` and 12 to 64 hexadecimal digits")]
pub struct TagPrefixError;

impl FromStr for TagPrefix {
    type Err = TagPrefixError;

    fn from_str(text: &str) -> Result<Self, TagPrefixError> {
        let digits = text.strip_prefix(SCHEME).unwrap_or(text).to_ascii_lowercase();
        let valid = (12..=64).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        valid.then_some(Self(digits)).ok_or(TagPrefixError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_name_a_content() {
        let tag = Tag::of(b"");
        let prefix: TagPrefix = "sha256:E3B0C44298FC".parse().unwrap();
        assert!(prefix.names(&tag));
        assert!(!"000000000000".parse::<TagPrefix>().unwrap().names(&tag));
        assert!("e3b0c44298f".parse::<TagPrefix>().is_err());
        assert!("e3b0c44298fx".parse::<TagPrefix>().is_err());
    }
}
