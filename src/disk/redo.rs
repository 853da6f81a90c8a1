//! Replacing a file whose name cannot be given to another one, as that of a single file that is bound into a container.
//!
//! ```text
//! the old content
//! #sdnlock-redo begin 16
//! #:the new content
//! #:
//! #sdnlock-redo end 16 sha256:9c1b…
//! ```
//! First the new content is written behind the old one, in lines that databases have for comments. Once all of it is
//! there, and on disk, it is written over the old content, and the file is cut to its length. Whoever has the file locked
//! and finds such lines finishes that, from whichever side of the mount they come: all that is needed is in the file
//! itself. Where the last line is missing, nothing was written over yet, and the file is cut to its old length.
//!
//! Without the lock a reader may see the middle of it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::read::Snapshot;
use super::tag::Tag;
use crate::platform::{self, FileId, Trust};

const BEGIN: &[u8] = b"\n#sdnlock-redo begin ";
const END: &[u8] = b"#sdnlock-redo end ";
const LINE: &[u8] = b"#:";

/// What is to be done about a content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unfinished {
    /// This is to be written over it.
    Redo(Vec<u8>),
    /// It is to be cut to this length.
    Cut(u64),
}

/// Whether a content is one that somebody was about to replace, and what is to be done about it.
#[must_use]
pub fn unfinished(content: &[u8]) -> Option<Unfinished> {
    // Almost every content is told by its last line.
    let body = content.strip_suffix(b"\n").unwrap_or(content);
    let last = &body[memchr::memrchr(b'\n', body).map_or(0, |lf| lf + 1)..];
    let is_one = |start: &&[u8]| last.starts_with(start) || start.starts_with(last);
    if last.is_empty() || ![LINE, END, &BEGIN[1..], b"\0"].iter().any(is_one) {
        return None;
    }
    let begin = memchr::memmem::rfind(content, BEGIN)?;
    let first = &content[begin + BEGIN.len()..];
    let head = memchr::memchr(b'\n', first)?;
    let old: usize = std::str::from_utf8(&first[..head]).ok()?.parse().ok()?;
    if old > begin {
        return None;
    }
    match new_content(&first[head + 1..]) {
        Some(new) => Some(Unfinished::Redo(new)),
        // Nothing was written over yet.
        None if content[old..begin].iter().all(|&byte| byte == b'\n') => Some(Unfinished::Cut(old as u64)),
        None => None,
    }
}

/// Reads the lines behind the first one, if they are whole.
fn new_content(lines: &[u8]) -> Option<Vec<u8>> {
    let lines = lines.strip_suffix(b"\n")?;
    let (lines, last) = lines.split_at(memchr::memrchr(b'\n', lines)?);
    let (size, tag) = std::str::from_utf8(last[1..].strip_prefix(END)?).ok()?.split_once(' ')?;
    let pieces = lines.split(|&byte| byte == b'\n').map(|line| line.strip_prefix(LINE));
    let new = pieces.collect::<Option<Vec<_>>>()?.join(&b'\n');
    (size.parse() == Ok(new.len()) && Tag::read(tag) == Some(Tag::of(&new))).then_some(new)
}

/// The lines that are written behind a content of this length, and how many bytes behind it.
fn lines(old: usize, new: &[u8]) -> Vec<u8> {
    // What is to be written over must not reach them.
    let mut lines = vec![b'\n'; new.len().saturating_sub(old)];
    lines.extend([BEGIN, format!("{old}\n").as_bytes()].concat());
    for piece in new.split(|&byte| byte == b'\n') {
        lines.extend([LINE, piece, b"\n"].concat());
    }
    lines.extend([END, format!("{} {}\n", new.len(), Tag::of(new)).as_bytes()].concat());
    lines
}

/// Replaces what a file holds in place. With `durable` each step is on disk before the next one.
///
/// # Errors
/// If it cannot be written; it is as it was then, unless cutting it to its length fails too.
pub(super) fn replace(path: &Path, base: Option<&Snapshot>, new: &[u8], durable: bool) -> io::Result<File> {
    let base = base.ok_or(io::ErrorKind::NotFound)?;
    let old = base.bytes().len();
    let file = opened(platform::open_lock_file(path), base)?;
    let behind = file.write_all_at(&lines(old, new), old as u64).and_then(|()| synced(&file, durable));
    if let Err(error) = behind {
        file.set_len(old as u64)?;
        return Err(error);
    }
    write_over(&file, new, durable)?;
    Ok(file)
}

fn write_over(file: &File, new: &[u8], durable: bool) -> io::Result<()> {
    file.write_all_at(new, 0)?;
    synced(file, durable)?;
    file.set_len(new.len() as u64)?;
    synced(file, durable)
}

fn synced(file: &File, durable: bool) -> io::Result<()> {
    if durable { file.sync_all() } else { Ok(()) }
}

/// The file that was read, opened again: whoever may rename it may have put another one in its place, or a link.
fn opened(file: io::Result<Option<File>>, read: &Snapshot) -> io::Result<File> {
    let file = file?.ok_or(io::ErrorKind::NotFound)?;
    let metadata = file.metadata()?;
    if metadata.is_file() && FileId::from(&metadata) == read.stat().id {
        return Ok(file);
    }
    Err(io::Error::other("another file has taken its place"))
}

/// Whether what somebody was about to do to the file at `path` may be finished by whoever finds it: the file is bound here;
/// or it is of this user or of root; or it stands where no strangers can have put it. Others' files may say so because
/// of a line that they were made to hold.
#[must_use]
pub fn is_to_be_finished(path: &Path, content: &Snapshot) -> bool {
    let trust = Trust::beside(path);
    platform::is_bound(content.file()) || trust.is_of_me_or_root(content.stat().owner) || !trust.is_among_strangers()
}

/// Finishes what somebody was about to do to the file at `path`, which was read. Only for a holder of its exclusive lock.
///
/// # Errors
/// If it cannot be written, or is another file by now.
pub fn finish(path: &Path, content: &Snapshot, unfinished: &Unfinished) -> io::Result<()> {
    let file = opened(platform::open_to_write(path), content)?;
    match unfinished {
        Unfinished::Redo(new) => write_over(&file, new, true),
        Unfinished::Cut(old) => file.set_len(*old).and_then(|()| file.sync_all()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wherever_it_stops_it_is_old_or_new_in_the_end() {
        let texts: [&[u8]; 7] = [
            b"",
            b"a: 1\n",
            b"a: 1",
            b"a: 1\r\nb: 2\r\n",
            b"\n\n",
            b"#sdnlock-redo begin 5\n#:x\nsdnlock-redo end 7\n",
            b"t |id, s|\n    1, \"a longer text\"\n    2, x\n",
        ];
        for old in texts {
            for new in texts {
                let tail = lines(old.len(), new);
                let whole = [old, &tail].concat();
                // Written behind it up to here.
                for end in 0..=tail.len() {
                    let now = &whole[..old.len() + end];
                    let settled = match unfinished(now) {
                        None => now.to_vec(),
                        Some(Unfinished::Cut(length)) => now[..usize::try_from(length).unwrap()].to_vec(),
                        Some(Unfinished::Redo(new)) => new,
                    };
                    let is_old = settled.starts_with(old) && settled[old.len()..].len() <= tail.len() - END.len();
                    assert!(is_old || settled == new, "{old:?} {new:?} {end}");
                    assert!(end < tail.len() || settled == new);
                }
                // Written over up to here.
                for end in 0..=new.len() {
                    let mut now = whole.clone();
                    now[..end].copy_from_slice(&new[..end]);
                    assert_eq!(unfinished(&now), Some(Unfinished::Redo(new.to_vec())), "{old:?} {new:?} {end}");
                }
            }
        }
    }

    #[test]
    fn nothing_that_took_its_name_since_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let [path, other, victim] = ["a.sdn", "b.sdn", "victim"].map(|name| folder.path().join(name));
        let left = [b"n: 1\n", &lines(5, b"n: 2\n")[..]].concat();
        let ways: [&dyn Fn(); 4] = [
            &|| std::os::unix::fs::symlink(&victim, &path).unwrap(),
            &|| std::fs::hard_link(&victim, &path).unwrap(),
            &|| std::fs::create_dir(&path).unwrap(),
            &|| assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success()),
        ];
        for way in ways {
            std::fs::write(&path, &left).unwrap();
            std::fs::write(&victim, "important\n").unwrap();
            let read = crate::disk::read(&path).unwrap().unwrap();
            let found = unfinished(read.bytes()).unwrap();
            assert!(is_to_be_finished(&path, &read));
            std::fs::rename(&path, &other).unwrap();
            way();
            assert!(finish(&path, &read, &found).is_err());
            assert!(replace(&path, Some(&read), b"n: 3\n", true).is_err());
            assert_eq!(std::fs::read(&victim).unwrap(), b"important\n");
            std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path)).unwrap();
            std::fs::rename(&other, &path).unwrap();
            finish(&path, &read, &found).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"n: 2\n");
        }
    }

    #[test]
    fn other_contents_are_finished() {
        for content in ["", "a: 1\n", "#: x\n", "#sdnlock-redo end 7 x\n", "a: 1\n#sdnlock-redo begin 3\n", "\0"] {
            assert_eq!(unfinished(content.as_bytes()), None, "{content:?}");
        }
    }
}
