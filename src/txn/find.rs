//! Looking for the journal of a database (J4).

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::journal::{Entry, Journal, NoPage, Page};
use crate::disk;
use crate::lock::{DEEPEST, journal_at};
use crate::platform::FileId;

/// What the journal beside a database says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// There is none.
    Nothing,
    /// One of a transaction that is over.
    Cold,
    /// A transaction was interrupted, and is to be ended.
    Hot(Journal),
    /// Only the name of this one is there, or a part of what it said: it was not on disk when the power failed, so
    /// nothing was promised; or something else was written under its name.
    Torn(PathBuf),
    /// This one is a copy, made by a program that keeps no times, as a checkout of version control is: it says nothing of
    /// the databases beside it.
    Copied(PathBuf),
    /// This one is whole and cannot be followed.
    Unusable {
        /// The journal.
        journal: PathBuf,
        /// Why not.
        why: String,
    },
}

/// Looks for a journal beside a database (J4).
///
/// # Errors
/// If there is one that cannot be read.
pub fn find(database: &Path) -> io::Result<Found> {
    find_at(database, 0)
}

/// As [`find`], for a transaction that so many locks are held above.
pub(crate) fn find_at(database: &Path, depth: u32) -> io::Result<Found> {
    if journal_at(database, depth).symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(Found::Nothing);
    }
    let own = journal_at(&resolved(database)?, depth);
    let unusable = |journal: PathBuf, why: &str| Ok(Found::Unusable { journal, why: why.to_owned() });
    match read(&own)? {
        None => Ok(Found::Nothing),
        Some(Err(found)) => Ok(found),
        Some(Ok(Page::Master(journal))) => Ok(judge(journal, &own)),
        Some(Ok(Page::Pointer(token, _, first, depth))) => {
            let master = journal_at(&first, depth);
            match read(&master)? {
                // Without its folder, as where that was moved alone, nothing can be told of it.
                None if !first.parent().is_some_and(Path::is_dir) => {
                    unusable(own, "it points into a folder that is not there")
                }
                Some(Ok(Page::Master(journal))) if journal.token == token => Ok(judge(journal, &master)),
                None | Some(Ok(_)) => Ok(Found::Cold),
                // What it said is as good as not said.
                Some(Err(Found::Torn(_))) => Ok(Found::Torn(own)),
                Some(Err(found)) => Ok(found),
            }
        }
    }
}

/// The name of a database in its folder by the path of that, from which others are named.
fn resolved(database: &Path) -> io::Result<PathBuf> {
    match (database.parent(), database.file_name()) {
        (Some(folder), Some(name)) => {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            match folder.canonicalize() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(database.to_owned()),
                folder => Ok(folder?.join(name)),
            }
        }
        _ => Ok(database.to_owned()),
    }
}

/// Reads a journal; `None` if there is none.
fn read(path: &Path) -> io::Result<Option<Result<Page, Found>>> {
    let unusable = |why: &str| Err(Found::Unusable { journal: path.to_owned(), why: why.to_owned() });
    let text = match disk::standing(path)? {
        disk::Standing::Nothing => return Ok(None),
        disk::Standing::File(text) => text,
        disk::Standing::Other => return Ok(Some(unusable("it is no file that can be read"))),
    };
    let page = Page::read(text.bytes(), path.parent().unwrap_or(path));
    Ok(Some(match page {
        Ok(page) if [text.stat().modified(), SystemTime::UNIX_EPOCH].contains(&page.made()) => Ok(page),
        Ok(_) => Err(Found::Copied(path.to_owned())),
        Err(NoPage::Torn) => Err(Found::Torn(path.to_owned())),
        Err(NoPage::Damaged) => unusable("it is damaged"),
        Err(NoPage::Unknown) => unusable("it is of a format that this version does not know"),
    }))
}

/// A master stands beside its first database, and its copies are copies; anything else nobody wrote who
/// follows the rules.
fn judge(mut journal: Journal, path: &Path) -> Found {
    let unusable = |why: String| Found::Unusable { journal: path.to_owned(), why };
    let at_home = journal.path().is_some_and(
        |home| matches!((FileId::at(&home), FileId::at(path)), (Ok(Some(home)), Ok(Some(here))) if home == here),
    );
    if !at_home {
        return unusable("it does not stand beside its first database".to_owned());
    }
    for entry in &mut journal.entries {
        let (folder, name) = (entry.path.parent().unwrap_or(&entry.path), entry.path.file_name().unwrap_or_default());
        let Ok(folder) = folder.canonicalize() else {
            return unusable(format!("it names a database in `{}`, which is not there", folder.display()));
        };
        entry.path = folder.join(name);
        if let Some(before) = &mut entry.before {
            if !disk::is_undo_of(&entry.path, &before.copy) {
                return unusable(format!("what it names as the copy of `{}` is none", entry.path.display()));
            }
            before.copy = folder.join(before.copy.file_name().unwrap_or_default());
        }
    }
    // A journal cannot speak of another folder than its own, unless there is one there that points back.
    let home = path.parent();
    let points_back = |entry: &Entry| {
        entry.path.parent() == home
            || matches!(read(&entry.journal()), Ok(Some(Ok(page @ Page::Pointer(..)))) if page.token() == journal.token)
    };
    let away: Vec<bool> = journal.entries.iter().map(points_back).collect();
    if let Some(at) = away.iter().position(|points_back| !points_back).filter(|_| journal.is_synced) {
        let entry = &journal.entries[at];
        return unusable(format!("it names `{}`, beside which nothing says so", entry.path.display()));
    }
    let mut away = away.into_iter();
    journal.entries.retain(|_| away.next().unwrap_or(false));
    Found::Hot(journal)
}

/// Whether there are copies beside a database, and no journal that says of what.
///
/// # Errors
/// If something cannot be read.
pub(crate) fn is_without_journal(database: &Path) -> io::Result<bool> {
    for depth in 0..=DEEPEST {
        if find_at(database, depth)? != Found::Nothing {
            return Ok(false);
        }
    }
    Ok(!disk::undo_copies(database)?.is_empty())
}

/// Removes what is left of transactions that are over: a cold journal, and copies. Only for a holder of
/// the exclusive lock, and only where no other journal is there.
///
/// # Errors
/// If something cannot be read or removed.
pub fn sweep(database: &Path) -> io::Result<()> {
    let mut cold = Vec::new();
    for depth in 0..=DEEPEST {
        match find_at(database, depth)? {
            Found::Nothing => {}
            Found::Cold => cold.push(journal_at(database, depth)),
            _ => return Ok(()),
        }
    }
    // The copies first: without a journal they are not spent.
    let copies = disk::undo_copies(database)?;
    copies.iter().chain(&cold).try_for_each(|left| disk::remove(left))
}
