//! Looking for the journal of a database (J4).

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use super::journal::{Entry, Journal, Mark, NoPage, Page, Pointer, mark_of_torn};
use crate::disk;
use crate::lock::{DEEPEST, Token, journals_at};
use crate::platform::{Access, FileId, Stat, Trust};

/// What the journal beside a database says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// There is none.
    Nothing,
    /// One of a transaction that is over.
    Cold(PathBuf),
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
    if journals_at(database, depth)?.is_empty() {
        return Ok(Found::Nothing);
    }
    let database = resolved(database)?;
    let mut found = Found::Nothing;
    for own in journals_at(&database, depth)? {
        found = find_in(&database, own)?;
        if !matches!(found, Found::Nothing | Found::Cold(_)) {
            break;
        }
    }
    Ok(found)
}

/// What one journal beside a database says.
fn find_in(database: &Path, own: PathBuf) -> io::Result<Found> {
    let (Pointer { token, first, depth, .. }, apart) = match read(database, &own)? {
        None => return Ok(Found::Nothing),
        Some(Err(found)) => return Ok(found),
        Some(Ok((Page::Master(journal), stat))) => return Ok(judge(journal, &own, &stat)),
        Some(Ok((Page::Pointer(pointer), stat))) => {
            let apart = pointer.own.clone().map(|journal| judge_apart(journal, database, &own, &stat));
            match apart {
                Some(apart) if !disk::is_ready(&stat) => return Ok(apart),
                apart => (pointer, apart),
            }
        }
    };
    let mut other = None;
    for master in journals_at(&first, depth)? {
        match read(&first, &master)? {
            Some(Ok((Page::Master(journal), stat))) if journal.token == token => {
                return Ok(apart.unwrap_or_else(|| judge(journal, &master, &stat)));
            }
            None | Some(Ok(_)) => {}
            // What it said is as good as not said.
            Some(Err(Found::Torn(_))) => other = Some(Found::Torn(own.clone())),
            Some(Err(Found::Copied(_))) => other = Some(Found::Copied(own.clone())),
            Some(Err(found)) => other = Some(found),
        }
    }
    if apart.is_some() {
        // Its command had ended well, and whatever stands in the place of the master is not this transaction's.
        return Ok(Found::Cold(own));
    }
    if let Some(other) = other {
        return Ok(other);
    }
    // Without its folder, as where that was moved alone, nothing can be told of it.
    if first.parent().is_some_and(Path::is_dir) {
        return Ok(Found::Cold(own));
    }
    Ok(Found::Unusable { journal: own, why: "it points into a folder that is not there".to_owned() })
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

/// Reads a journal beside a database, and whose it is; `None` if there is none that is believed.
fn read(database: &Path, path: &Path) -> io::Result<Option<Result<(Page, Stat), Found>>> {
    let unusable = |why: &str| Err(Found::Unusable { journal: path.to_owned(), why: why.to_owned() });
    let trust = Trust::beside(database);
    let text = match disk::standing_believed(path, &trust)? {
        disk::Standing::Nothing => return Ok(None),
        disk::Standing::File(text) => text,
        disk::Standing::Other => return Ok(Some(unusable("it is no file that can be read"))),
    };
    let folder = path.parent().unwrap_or(path);
    let is_marked = |mark: Mark| {
        mark.is_of(text.stat().modified(), folder, trust.is_among_strangers())
            // A mark without a time is one of where there are none.
            && (mark.made.is_some() || !disk::keeps_times(&text))
    };
    // Where the mark cannot be read any more, the time alone has to tell.
    let may_be_marked =
        || mark_of_torn(text.bytes()).map_or_else(|| Mark::may_be_of(text.stat().modified()), is_marked);
    Ok(Some(match Page::read(text.bytes(), folder) {
        Ok(page) if is_marked(page.mark()) => Ok((page, *text.stat())),
        Ok(_) => Err(Found::Copied(path.to_owned())),
        Err(_) if !may_be_marked() => Err(Found::Copied(path.to_owned())),
        Err(NoPage::Torn) => Err(Found::Torn(path.to_owned())),
        Err(NoPage::Damaged) => unusable("it is damaged"),
        Err(NoPage::Unknown) => unusable("it is of a format that this version does not know"),
    }))
}

/// A pointer that stands apart speaks of the database beside it, and of no other one.
fn judge_apart(mut journal: Journal, database: &Path, own: &PathBuf, pointer: &Stat) -> Found {
    let unusable = |why: String| Found::Unusable { journal: own.clone(), why };
    let [entry] = &mut journal.entries[..] else { return unusable("it speaks of several databases".to_owned()) };
    let depth = entry.depth;
    if entry.path.file_name() != database.file_name()
        || !journals_at(database, depth).is_ok_and(|journals| journals.contains(own))
    {
        return unusable("it does not stand beside its database".to_owned());
    }
    database.clone_into(&mut entry.path);
    entry.journal.clone_from(own);
    if let Some(before) = &mut entry.before {
        before.copy = database.with_file_name(before.copy.file_name().unwrap_or_default());
        if !disk::is_undo_of(database, &before.copy) {
            return unusable("what it names as the copy is none".to_owned());
        }
        before.access = bounded(before.access, database, pointer);
    }
    Found::Hot(journal)
}

/// A master stands beside its first database, and its copies are copies; anything else nobody wrote who
/// follows the rules. It speaks of others only where a pointer beside them says so.
fn judge(mut journal: Journal, path: &Path, master: &Stat) -> Found {
    let unusable = |why: String| Found::Unusable { journal: path.to_owned(), why };
    let is_here = |other: &PathBuf| matches!((FileId::at(other), FileId::at(path)), (Ok(Some(other)), Ok(Some(here))) if other == here);
    let at_home = journal
        .entries
        .first()
        .is_some_and(|first| journals_at(&first.path, first.depth).is_ok_and(|journals| journals.iter().any(is_here)));
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
            before.access = bounded(before.access, &entry.path, master);
        }
    }
    let mut entries = Vec::new();
    for (at, entry) in journal.entries.into_iter().enumerate() {
        let spoken_of = match at {
            0 => Some(path.to_owned()),
            _ => pointer_to(&entry, journal.token, master, is_here),
        };
        match spoken_of {
            Some(pointer) => entries.push(Entry { journal: pointer, ..entry }),
            None if journal.is_synced => {
                return unusable(format!("it names `{}`, beside which nothing says so", entry.path.display()));
            }
            None => {}
        }
    }
    journal.entries = entries;
    Found::Hot(journal)
}

/// The pointer beside a database that leads to a master, if the one who made that is believed about this database too.
fn pointer_to(entry: &Entry, token: Token, master: &Stat, is_master: impl Fn(&PathBuf) -> bool) -> Option<PathBuf> {
    let trust = Trust::beside(&entry.path);
    journals_at(&entry.path, entry.depth).ok()?.into_iter().find(|pointer| match read(&entry.path, pointer) {
        Ok(Some(Ok((Page::Pointer(Pointer { token: own, first, depth, own: None, .. }), stat)))) => {
            own == token
                && journals_at(&first, depth).is_ok_and(|masters| masters.iter().any(&is_master))
                && (stat.owner == master.owner || trust.believes_of_afar(master.owner))
        }
        _ => false,
    })
}

/// What a database was, as far as whoever wrote that down could have made it so: an owner the permissions of their own file,
/// others who may write it nothing. Who may not, or where it is gone, could put a file of their own there.
fn bounded(access: Access, database: &Path, master: &Stat) -> Access {
    /// Without those that let others run it with the rights of its owner.
    const PERMISSIONS: u32 = 0o777;
    let now = database.symlink_metadata().ok().filter(Metadata::is_file).map(|now| Stat::from(&now).access());
    let author = master.owner;
    let trust = Trust::beside(database);
    if trust.is_of_me_or_root(author) {
        return access;
    }
    let mode = access.mode & PERMISSIONS;
    match now {
        Some(now) if now.owner == author => Access { mode, ..now },
        Some(now) if trust.lets_write(author) => Access { mode: now.mode & PERMISSIONS, ..now },
        _ => Access { owner: author, group: master.group, mode },
    }
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
            Found::Cold(journal) => cold.push(journal),
            _ => return Ok(()),
        }
    }
    // The copies first: without a journal they are not spent.
    let copies = disk::undo_copies(database)?;
    copies.iter().chain(&cold).try_for_each(|left| disk::remove(left))
}
