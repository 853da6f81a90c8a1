//! Databases of one transaction in places where different people have a say.
//!
//! Whoever owns the folder of the master could take it away, which is the commit, or spoil it; whoever owns one of the
//! databases could spoil its copy, or keep it locked. So the master stands where that can be done by the fewest. Where
//! others have a say about a database than about the first one, it stands *apart*: the master does not list it, and the
//! pointer beside it says itself what is to be undone. It is ended alone: to undo it is right as long as the commit was not
//! begun, and that makes the pointer *ready* first, by its permissions. Then only the master tells, which is about to be removed: who takes it away now
//! does what would be done.

use std::io;
use std::path::Path;

use super::Protected;
use super::journal::{Entry, Journal, Page, Pointer};
use crate::disk;
use crate::platform::{Reach, Stat};

/// These databases in the order of their locks, but for the first one: beside that the master is best kept.
pub(super) fn by_home(mut databases: Vec<Protected<'_>>) -> Vec<Protected<'_>> {
    let openness = |database: &Protected<'_>| {
        let is_of_others = database.before.is_some_and(|before| !Reach::is_ours(before.stat().owner));
        (folder_of(database.lock.path()).map(|folder| Reach::of(&folder).openness()), is_of_others)
    };
    let best = (0..databases.len()).min_by_key(|&at| openness(&databases[at]));
    if let Some(best) = best {
        databases[..=best].rotate_right(1);
    }
    databases
}

/// Whether others have a say about a database than about the first one.
fn is_apart(first: &Entry, entry: &Entry) -> bool {
    let (Some(home), Some(folder)) = (folder_of(&first.path), folder_of(&entry.path)) else { return false };
    let (home, folder) = (Reach::of(&home), Reach::of(&folder));
    let owner = |entry: &Entry| entry.before.as_ref().map(|before| before.access.owner);
    home != folder || (owner(first).zip(owner(entry)).is_some_and(|(one, other)| one != other) && !folder.is_of_many())
}

/// What stands beside the first database, and beside each of the others.
pub(super) fn pages(journal: &Journal) -> (Journal, Vec<Page>) {
    let Some((first, others)) = journal.entries.split_first() else { return (journal.clone(), Vec::new()) };
    let alone = |entry: &Entry| Journal { entries: vec![entry.clone()], ..journal.clone() };
    let mut master = alone(first);
    let mut pointers = Vec::new();
    for entry in others {
        let own = is_apart(first, entry).then(|| alone(entry));
        if own.is_none() {
            master.entries.push(entry.clone());
        }
        let Journal { token, mark, .. } = *journal;
        pointers.push(Page::Pointer(Pointer { token, mark, first: first.path.clone(), depth: first.depth, own }));
    }
    (master, pointers)
}

/// Lets the pointers that stand apart say that the transaction is over once its master is gone; on disk, if `synced`.
pub(super) fn make_ready(journal: &Journal, synced: bool) -> io::Result<()> {
    for entry in journal.entries.iter().skip(1) {
        let disk::Standing::File(text) = disk::standing(&entry.journal)? else { continue };
        let page = Page::read(text.bytes(), entry.journal.parent().unwrap_or(&entry.path));
        if matches!(page, Ok(Page::Pointer(pointer)) if pointer.token == journal.token && pointer.own.is_some()) {
            disk::make_ready(&entry.journal)?;
            if synced && let Some(file) = disk::to_be_synced(&entry.journal)? {
                file.sync_all()?;
            }
        }
    }
    Ok(())
}

fn folder_of(path: &Path) -> Option<Stat> {
    Some(Stat::from(&path.parent()?.metadata().ok()?))
}
