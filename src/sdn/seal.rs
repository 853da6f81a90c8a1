//! The seal: a first line `#sdn-crc32:` with the CRC-32 (ISO-HDLC) of every byte behind it, in
//! decimal. Readers that know it take a file with a wrong seal for no database at all.

use crate::text::BOM;

const PREFIX: &[u8] = b"#sdn-crc32:";

/// What the seal of a source says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seal {
    /// The first line is no seal.
    None,
    /// The seal is right.
    Right,
    /// The seal does not match what follows it.
    Wrong {
        /// The checksum of what follows.
        actual: u32,
    },
    /// A second line is a seal too, as when two databases were written into one file.
    Doubled {
        /// Offset of the second one.
        second: usize,
    },
}

/// What to do about a seal that is not right.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reseal {
    /// Refuse the change.
    #[default]
    OnlyIfRight,
    /// Write a right one, and take further ones away.
    Always,
}

/// A change was refused because of the seal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SealError {
    /// The file was changed by something that does not know the seal, or was damaged.
    #[error("its seal is wrong: the checksum in the first line does not match the rest")]
    Wrong,
    /// Two databases may have been written into one file.
    #[error("it has two seals")]
    Doubled,
}

impl Seal {
    /// Looks at the seal of a source.
    #[must_use]
    pub fn of(source: &[u8]) -> Self {
        let Some((line, rest)) = first_line(source) else {
            return Self::None;
        };
        if let Some(second) = next_seal(source, line.len()) {
            return Self::Doubled { second };
        }
        let actual = crc32fast::hash(rest);
        let stated = line[mark(line) + PREFIX.len()..].trim_ascii_end();
        if stated == actual.to_string().as_bytes() { Self::Right } else { Self::Wrong { actual } }
    }

    /// Whether a source with this seal may be changed.
    ///
    /// # Errors
    /// If the seal is wrong or doubled and `reseal` does not allow for it.
    pub fn permit(self, reseal: Reseal) -> Result<(), SealError> {
        match (self, reseal) {
            (Self::Wrong { .. }, Reseal::OnlyIfRight) => Err(SealError::Wrong),
            (Self::Doubled { .. }, Reseal::OnlyIfRight) => Err(SealError::Doubled),
            _ => Ok(()),
        }
    }
}

/// Renews the seal of a source that has one; another source comes back as it is.
#[must_use]
pub fn seal(mut source: Vec<u8>) -> Vec<u8> {
    let Some((line, _)) = first_line(&source) else {
        return source;
    };
    let line = line.len();
    if next_seal(&source, line).is_some() {
        let lines = source[line..].split_inclusive(|&b| b == b'\n');
        let rest = lines.filter(|line| !line.starts_with(PREFIX)).collect::<Vec<_>>().concat();
        source.truncate(line);
        source.extend(rest);
    }
    let start = mark(&source) + PREFIX.len();
    let digits = start..start + source[start..line].trim_ascii_end().len();
    let actual = crc32fast::hash(&source[line..]).to_string();
    source.splice(digits, actual.bytes());
    source
}

/// Seals a new content that takes the place of `old`, where it is to be sealed.
///
/// A seal that was right for `old` and came along unchanged is renewed. One that is neither that nor
/// right for the new content says that the content is damaged, or two in one.
///
/// # Errors
/// If the seal of `old`, or that of `new`, is not right and `reseal` does not allow for it.
pub fn seal_change(old: &[u8], new: Vec<u8>, reseal: Reseal) -> Result<Vec<u8>, SealError> {
    Seal::of(old).permit(reseal)?;
    let kept = first_line(old).map(|(line, _)| line) == first_line(&new).map(|(line, _)| line);
    match Seal::of(&new) {
        Seal::None | Seal::Right => Ok(new),
        Seal::Wrong { .. } if kept => Ok(seal(new)),
        other => other.permit(reseal).map(|()| seal(new)),
    }
}

/// A new content with the line of the seal that `old` has, if it has none itself: whoever wrote it knew nothing of
/// seals. The number is not right yet; [`seal_change`] renews it.
#[must_use]
pub fn keep_seal(old: &[u8], new: Vec<u8>) -> Vec<u8> {
    match first_line(old) {
        Some((line, _)) if Seal::of(&new) == Seal::None && !new.trim_ascii().is_empty() => {
            let end: &[u8] = if line.ends_with(b"\n") { b"" } else { b"\n" };
            [line, end, &new[mark(&new)..]].concat()
        }
        _ => new,
    }
}

/// The line of the seal, its line end included, and what follows it.
fn first_line(source: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = memchr::memchr(b'\n', source).map_or(source.len(), |lf| lf + 1);
    source[mark(source)..].starts_with(PREFIX).then(|| source.split_at(line))
}

/// Length of the byte-order mark that may stand before the first line.
fn mark(source: &[u8]) -> usize {
    if source.starts_with(BOM) { BOM.len() } else { 0 }
}

/// Offset of the next line from `at` on, itself the start of a line, that is a seal.
fn next_seal(source: &[u8], at: usize) -> Option<usize> {
    let finder = memchr::memmem::Finder::new(PREFIX);
    finder.find_iter(&source[at..]).map(|found| at + found).find(|&found| found == at || source[found - 1] == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_stays_sealed_if_its_writer_knows_nothing_of_seals() {
        let old = seal(b"#sdn-crc32:0\na: 1\n".to_vec());
        let new = seal_change(&old, keep_seal(&old, b"a: 2\n".to_vec()), Reseal::default()).unwrap();
        assert!(new.ends_with(b"\na: 2\n"));
        assert_eq!(Seal::of(&new), Seal::Right);
        assert_eq!(keep_seal(b"a: 1\n", b"a: 2\n".to_vec()), b"a: 2\n");
        assert_eq!(keep_seal(&old, new.clone()), new);
        assert_eq!(keep_seal(&old, Vec::new()), b"");
    }

    #[test]
    fn the_checksum_is_crc_32_iso_hdlc() {
        assert_eq!(Seal::of(b"#sdn-crc32:3421780262\n123456789"), Seal::Right);
        assert_eq!(Seal::of(b"#sdn-crc32:3421780262\r\n123456789"), Seal::Right);
        assert_eq!(Seal::of(b"#sdn-crc32:1\n123456789"), Seal::Wrong { actual: 3_421_780_262 });
        assert_eq!(Seal::of(b"a: 1\n"), Seal::None);
    }

    #[test]
    fn a_byte_order_mark_may_stand_before_the_seal() {
        let sealed = seal(b"\xef\xbb\xbf#sdn-crc32:1\n123456789".to_vec());
        assert_eq!(sealed, b"\xef\xbb\xbf#sdn-crc32:3421780262\n123456789");
        assert_eq!(Seal::of(&sealed), Seal::Right);
    }

    #[test]
    fn a_seal_is_renewed_in_place() {
        assert_eq!(seal(b"#sdn-crc32:1\r\n123456789".to_vec()), b"#sdn-crc32:3421780262\r\n123456789");
        assert_eq!(seal(b"a: 1\n".to_vec()), b"a: 1\n");
    }

    #[test]
    fn a_seal_that_came_along_is_renewed_and_a_foreign_one_is_refused() {
        let old = seal(b"#sdn-crc32:0\na: 1\n".to_vec());
        let edited = String::from_utf8(old.clone()).unwrap().replace("a: 1", "a: 2").into_bytes();
        assert_eq!(Seal::of(&seal_change(&old, edited, Reseal::OnlyIfRight).unwrap()), Seal::Right);
        let foreign = b"#sdn-crc32:7\na: 2\n".to_vec();
        assert_eq!(seal_change(&old, foreign.clone(), Reseal::OnlyIfRight), Err(SealError::Wrong));
        assert_eq!(Seal::of(&seal_change(&old, foreign, Reseal::Always).unwrap()), Seal::Right);
        assert_eq!(seal_change(&old, b"a: 2\n".to_vec(), Reseal::OnlyIfRight).unwrap(), b"a: 2\n");
    }

    #[test]
    fn a_second_seal_is_found_and_taken_away() {
        let twice = b"#sdn-crc32:1\na: 1\n#sdn-crc32:2\n123456789".to_vec();
        assert_eq!(Seal::of(&twice), Seal::Doubled { second: 18 });
        let once = seal(twice);
        assert_eq!(Seal::of(&once), Seal::Right);
        assert!(once.ends_with(b"\na: 1\n123456789"));
    }
}
