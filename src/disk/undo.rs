//! Copies of databases as they were before a transaction, `.NAME.XXXXXX.undo` (J1).

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::aside::{Standing, standing, standing_believed, standing_undoubted};
use super::failpoint::failpoint;
use super::read::Snapshot;
use super::tag::Tag;
use super::temporary::{self, UNDO};
use super::whole::copy_into;
use crate::platform::{Access, Trust};

/// Makes a copy of what the database `path` held, beside it, with its attributes. Gives the file, and its path: some letters
/// of its name are of chance, the others tell what it holds.
///
/// # Errors
/// If it cannot be made or written.
pub fn keep_undo(path: &Path, before: &Snapshot) -> io::Result<(File, PathBuf)> {
    let tag = before.tag();
    let mut copy = loop {
        match temporary::create_as(path, 0o600, &letters(&chance()?, &tag), UNDO) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => break made?,
        }
    };
    failpoint("undo: made");
    copy_into(copy.as_file_mut(), before)?;
    failpoint("undo: written");
    copy.keep().map_err(|error| error.error)
}

/// The copies beside the database `path`, as far as they are believed.
///
/// # Errors
/// If the folder cannot be read.
pub fn undo_copies(path: &Path) -> io::Result<Vec<PathBuf>> {
    let trust = Trust::beside(path);
    let is_believed = |copy: &PathBuf| copy.symlink_metadata().is_ok_and(|metadata| trust.believes(&metadata));
    Ok(temporary::of(path, UNDO)?.into_iter().filter(is_believed).collect())
}

/// Reads a copy of the database `path`; nothing if there is none that is believed.
///
/// # Errors
/// If it cannot be read.
pub fn read_undo(path: &Path, copy: &Path) -> io::Result<Option<Snapshot>> {
    regular(copy, standing_believed(copy, &Trust::beside(path))?)
}

/// What a copy holds; nobody makes links or folders under such names.
fn regular(copy: &Path, standing: Standing) -> io::Result<Option<Snapshot>> {
    match standing {
        Standing::File(content) => Ok(Some(content)),
        Standing::Nothing => Ok(None),
        Standing::Other if copy.symlink_metadata().is_ok_and(|there| !there.is_file()) => Ok(None),
        Standing::Other => Err(ErrorKind::PermissionDenied.into()),
    }
}

/// Reads a copy of the database `path` that is known by the digest of what it holds, whoever it belongs to, for a file that
/// is to be of this owner and with these permissions. It has the extended attributes of the copy only if that owner could
/// have given them to the file; else those that the database has, if the same holds for these; else none.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn read_known_undo(path: &Path, copy: &Path, access: Access) -> io::Result<Option<Snapshot>> {
    let Some(copy) = regular(copy, standing(copy)?)? else { return Ok(None) };
    let trust = Trust::beside(path);
    let is_own = |file: &Snapshot| file.stat().owner == access.owner || trust.is_of_me_or_root(file.stat().owner);
    if is_own(&copy) {
        return Ok(Some(copy.with_access(access)));
    }
    let now = standing(path).ok();
    let now = now.as_ref().and_then(Standing::content).filter(|now| is_own(now));
    Ok(Some(copy.with_attributes_of(now).with_access(access)))
}

/// Reads a copy of the database `path`, if it holds what its name says.
///
/// # Errors
/// If it cannot be read.
pub fn read_whole_undo(path: &Path, copy: &Path) -> io::Result<Option<Snapshot>> {
    let read = regular(copy, standing_undoubted(copy, &Trust::beside(path))?)?;
    Ok(read.filter(|content| {
        let name = copy.file_name().unwrap_or_default().as_bytes();
        let given = temporary::letters(name, temporary::prefix(path.file_name().unwrap_or_default()).as_bytes(), UNDO);
        given.is_some_and(|given| given == letters(&given[..CHANCE], &content.tag()).as_bytes())
    }))
}

/// So many letters in the name of a copy are of chance, and as many tell what it holds.
const CHANCE: usize = 3;

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn chance() -> io::Result<[u8; CHANCE]> {
    let mut bytes = [0; CHANCE];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.map(letter))
}

fn letter(byte: u8) -> u8 {
    LETTERS[usize::from(byte) % LETTERS.len()]
}

/// The letters of a name: these, and as many that follow from them and the content.
fn letters(chance: &[u8], tag: &Tag) -> String {
    let told = Tag::of(&[chance, tag.bytes()].concat());
    let told = told.bytes().iter().map(|&byte| letter(byte)).take(CHANCE);
    chance.iter().copied().chain(told).map(char::from).collect()
}

/// Whether a name is one of a copy beside `database`.
#[must_use]
pub fn is_undo_of(database: &Path, copy: &Path) -> bool {
    let (Some(name), Some(copy)) = (database.file_name(), copy.file_name()) else { return false };
    temporary::is_temporary(copy.as_bytes(), temporary::prefix(name).as_bytes(), UNDO)
}
