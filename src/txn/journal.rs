//! What a transaction writes down before it begins, and how that is read again (J2).
//!
//! ```text
//! sdnlock journal 1 5f0c…128 bits…9a transaction
//! /doc/a.sdn → .a.sdn.x1Y2z3.undo → 331 → sha256:e3b0…
//! /doc/b.sdn → - → 0 → -
//! end sha256:…
//! ```
//! is the master; a pointer has the master's path in place of the list. Fields are separated by tabs, here `→`; in
//! paths, percent signs and control characters are written as `%25`, `%09` and so on. The last line has the
//! digest of all before it, so that half a journal is not taken for a whole one.

use std::path::{Path, PathBuf};

use crate::disk::Tag;
use crate::lock::Token;
use crate::platform::{path_from_text, path_to_text};

/// What happens to databases that are not as they shall be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Undo {
    /// All of them are put back as they were.
    All,
    /// Those that were valid and are not any more.
    Broken,
    /// Those that held something and are empty or gone; whether they are valid does not matter.
    Lost,
}

/// One database of a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The database, resolved.
    pub path: PathBuf,
    /// What it held; `None` if it did not exist.
    pub before: Option<Before>,
}

/// What a database held before a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Before {
    /// The copy.
    pub copy: PathBuf,
    /// Bytes.
    pub size: u64,
    /// The digest of the content.
    pub tag: Tag,
}

/// The master journal of a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Journal {
    /// That of the transaction's locks.
    pub token: Token,
    /// What is to be undone.
    pub undo: Undo,
    /// The databases, in the order of their locks; the master stands beside the first one.
    pub entries: Vec<Entry>,
}

/// What stands in a journal's file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Page {
    /// A master.
    Master(Journal),
    /// A pointer to the master of this transaction.
    Pointer(Token, PathBuf),
}

const FORMAT: &str = "sdnlock journal 1";
const NOTHING: &str = "-";

impl Page {
    /// The text of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = Vec::new();
        match self {
            Self::Master(journal) => {
                let undo = match journal.undo {
                    Undo::All => "transaction",
                    Undo::Broken => "ordinary",
                    Undo::Lost => "unchecked",
                };
                text.extend(format!("{FORMAT} {} {undo}\n", journal.token).into_bytes());
                for entry in &journal.entries {
                    text.extend(path_to_text(&entry.path, b""));
                    match &entry.before {
                        None => text.extend(format!("\t{NOTHING}\t0\t{NOTHING}\n").into_bytes()),
                        Some(before) => {
                            text.push(b'\t');
                            text.extend(path_to_text(Path::new(before.copy.file_name().unwrap_or_default()), b""));
                            text.extend(format!("\t{}\t{}\n", before.size, before.tag).into_bytes());
                        }
                    }
                }
            }
            Self::Pointer(token, master) => {
                text.extend(format!("{FORMAT} {token} pointer\n").into_bytes());
                text.extend(path_to_text(master, b""));
                text.push(b'\n');
            }
        }
        text.extend(format!("end {}\n", Tag::of(&text)).into_bytes());
        text
    }

    /// Reads the text of a file; `None` if it is damaged.
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = text.strip_suffix(b"\n")?;
        let end = text.iter().rposition(|&byte| byte == b'\n')? + 1;
        let (body, last) = text.split_at(end);
        if last != format!("end {}", Tag::of(body)).as_bytes() {
            return None;
        }
        let mut lines = body.strip_suffix(b"\n")?.split(|&byte| byte == b'\n');
        let head = std::str::from_utf8(lines.next()?).ok()?.strip_prefix(FORMAT)?;
        let mut words = head.strip_prefix(' ')?.split(' ');
        let token = Token::read(words.next()?)?;
        let undo = match words.next()? {
            "pointer" => return Some(Self::Pointer(token, path(lines.next()?)?)),
            "transaction" => Undo::All,
            "ordinary" => Undo::Broken,
            "unchecked" => Undo::Lost,
            _ => return None,
        };
        let entries = lines.map(entry).collect::<Option<Vec<_>>>()?;
        Some(Self::Master(Journal { token, undo, entries })).filter(|_| !body.is_empty())
    }
}

fn entry(line: &[u8]) -> Option<Entry> {
    let mut fields = line.split(|&byte| byte == b'\t');
    let path = path(fields.next()?)?;
    let copy = fields.next()?;
    let size = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let tag = std::str::from_utf8(fields.next()?).ok()?;
    if fields.next().is_some() {
        return None;
    }
    if copy == NOTHING.as_bytes() {
        return Some(Entry { path, before: None });
    }
    let copy = path.with_file_name(path_from_text(copy)?);
    Some(Entry { path, before: Some(Before { copy, size, tag: Tag::read(tag)? }) })
}

/// An absolute path.
fn path(text: &[u8]) -> Option<PathBuf> {
    path_from_text(text).filter(|path| path.is_absolute() && path.file_name().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_reads_back_and_half_of_one_does_not() {
        let before = Before { copy: "/d/.b\t%\n.x1Y2z3.undo".into(), size: 331, tag: Tag::of(b"x") };
        let entries = vec![
            Entry { path: "/d/a.sdn".into(), before: None },
            Entry { path: "/d/b\t%\n".into(), before: Some(before) },
        ];
        for undo in [Undo::All, Undo::Broken, Undo::Lost] {
            for page in [
                Page::Master(Journal { token: Token::random(), undo, entries: entries.clone() }),
                Page::Master(Journal { token: Token::random(), undo, entries: Vec::new() }),
                Page::Pointer(Token::random(), "/d/.a.sdn.sdnlock-journal".into()),
            ] {
                let text = page.to_bytes();
                assert_eq!(Page::read(&text), Some(page));
                for end in 0..text.len() {
                    assert_eq!(Page::read(&text[..end]), None, "{end}");
                }
                for at in 0..text.len() {
                    let mut other = text.clone();
                    other[at] ^= 1;
                    assert_eq!(Page::read(&other), None, "{at}");
                }
            }
        }
    }
}
