//! Several databases that are changed together, by programs that can be killed half-way.
//!
//! # Rules
//! - **J1** All locks are held before the first copy is made. Copies lie beside their databases.
//! - **J2** Each database has a journal beside it, `.NAME.sdnlock-journal`. That of the first one is the
//!   *master*, which lists all; the others name the master. Copies, pointers, master: only now is the
//!   transaction *hot*, and whatever runs under it may begin.
//! - **J3** Removing the master is the commit. Then the pointers go, then the copies. A pointer whose master
//!   is missing or of another transaction is *cold*, and is removed.
//! - **J4** Whoever gets a lock looks for a journal. A hot one is ended before anything else, under the
//!   exclusive locks of all its databases, none of which is waited for while another one is held.
//! - **J5** Ending means: each database gets its copy back, or only those that were valid and are not any
//!   more. A copy with a wrong digest is never restored, and then none is. What was invalid is kept beside
//!   the database.
//! - **J6** Nobody is shown the middle of a transaction as if it were a state.
//!
//! # What a crash leaves
//! Before the master is there: copies and pointers, which the next holder of the exclusive lock removes.
//! After it: a hot journal, which the next one to get any of the locks ends. After it was removed: pointers
//! and copies again. Ending can be killed and begun again anywhere: it compares what is there with what
//! shall be, and removes the master last.

mod journal;
mod recover;

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{self, Snapshot};
use crate::lock::{FileLock, Token, journal_of};

pub use journal::{Before, Entry, Journal, Undo};
pub use recover::{RecoveryError, Undone, What, recover};

use crate::platform::FileId;
use journal::Page;

/// Databases whose state is written down, so that it can be brought back.
#[derive(Debug)]
#[must_use = "a transaction that is neither committed nor undone is undone by the next process"]
pub struct Transaction {
    journal: Journal,
    durable: bool,
}

impl Transaction {
    /// Writes down what these databases hold, which are locked. With `durable` all of it is on disk before
    /// this returns.
    ///
    /// # Errors
    /// If a copy or a journal cannot be made; nothing of it is left then.
    pub fn begin(databases: &[(&FileLock, Option<&Snapshot>)], undo: Undo, durable: bool) -> io::Result<Self> {
        // Within the lock of a process above, that one's transaction protects the database.
        let own = databases.iter().map(|(lock, _)| lock).find(|lock| !lock.is_nested());
        let token = own.and_then(|lock| lock.token()).unwrap_or_else(Token::random);
        let mut transaction = Self { journal: Journal { token, undo, entries: Vec::new() }, durable };
        match transaction.write_down(databases) {
            Ok(()) => Ok(transaction),
            Err(error) => {
                let _ = transaction.commit();
                Err(error)
            }
        }
    }

    fn write_down(&mut self, databases: &[(&FileLock, Option<&Snapshot>)]) -> io::Result<()> {
        for (lock, before) in databases.iter().filter(|(lock, _)| !lock.is_nested()) {
            lock.has_journal();
            let before = before.map(|snapshot| -> io::Result<Before> {
                let copy = disk::keep_undo(lock.path(), snapshot, self.durable)?;
                Ok(Before { copy, size: snapshot.bytes().len() as u64, tag: snapshot.tag() })
            });
            self.journal.entries.push(Entry { path: lock.path().to_owned(), before: before.transpose()? });
        }
        let Some((first, others)) = self.journal.entries.split_first() else { return Ok(()) };
        let pointer = Page::Pointer(self.journal.token, journal_of(&first.path)).to_bytes();
        for entry in others {
            disk::put_beside(&entry.path, &journal_of(&entry.path), &pointer, self.durable)?;
            disk::failpoint("journal: pointer made");
        }
        if self.durable {
            // The copies' names too.
            others.iter().chain([first]).try_for_each(|entry| disk::sync_folder_of(&entry.path))?;
        }
        disk::failpoint("journal: before the master");
        let master = Page::Master(self.journal.clone()).to_bytes();
        disk::put_beside(&first.path, &journal_of(&first.path), &master, self.durable)?;
        disk::failpoint("journal: hot");
        Ok(())
    }

    /// What a database held, with all its attributes, whatever is done to the file from here on.
    ///
    /// # Errors
    /// If its copy cannot be opened.
    pub fn secured(&self, database: &Path, before: &Snapshot) -> io::Result<Snapshot> {
        let entry = self.journal.entries.iter().find(|entry| entry.path == database);
        match entry.and_then(|entry| entry.before.as_ref()) {
            Some(kept) => before.with_copy(&kept.copy),
            None => Ok(before.clone()),
        }
    }

    /// Ends the transaction: what the databases hold now is what they hold.
    ///
    /// # Errors
    /// If the master journal cannot be removed; the transaction is hot then, and will be undone.
    pub fn commit(self) -> io::Result<()> {
        end(&self.journal, self.durable)
    }
}

/// J3
fn end(journal: &Journal, durable: bool) -> io::Result<()> {
    let Some((first, others)) = journal.entries.split_first() else { return Ok(()) };
    // Where the lock was lost, the journal may be that of somebody else by now.
    remove_own(journal, &first.path)?;
    if durable {
        disk::sync_folder_of(&first.path)?;
    }
    disk::failpoint("journal: committed");
    // Whatever cannot be removed is cold, and the next one removes it.
    for entry in others {
        let _ = remove_own(journal, &entry.path);
        disk::failpoint("journal: pointer removed");
    }
    for before in journal.entries.iter().filter_map(|entry| entry.before.as_ref()) {
        let _ = disk::remove(&before.copy);
    }
    disk::failpoint("journal: over");
    Ok(())
}

/// Removes the journal beside a database, if it is of this transaction.
fn remove_own(journal: &Journal, database: &Path) -> io::Result<()> {
    let path = journal_of(database);
    let page = disk::read(&path)?.and_then(|page| Page::read(page.bytes()));
    let token = page.map(|page| match page {
        Page::Master(journal) => journal.token,
        Page::Pointer(token, _) => token,
    });
    if token == Some(journal.token) { disk::remove(&path) } else { Ok(()) }
}

/// What the journal beside a database says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// There is none.
    Nothing,
    /// One of a transaction that is over.
    Cold,
    /// A transaction was interrupted, and is to be ended.
    Hot(Journal),
    /// This file is damaged: what is to be done cannot be told.
    Damaged(PathBuf),
}

/// Looks for a journal beside a database (J4).
///
/// # Errors
/// If there is one that cannot be read.
pub fn find(database: &Path) -> io::Result<Found> {
    let own = journal_of(database);
    let Some(page) = disk::read(&own)? else { return Ok(Found::Nothing) };
    match Page::read(page.bytes()) {
        Some(Page::Master(journal)) => Ok(judge(journal, &own)),
        Some(Page::Pointer(token, master)) => match disk::read(&master)? {
            // Without its folder, as where that was moved, nothing can be told of it.
            None if !master.parent().is_some_and(Path::is_dir) => Ok(Found::Damaged(master)),
            None => Ok(Found::Cold),
            Some(page) => Ok(match Page::read(page.bytes()) {
                Some(Page::Master(journal)) if journal.token == token => judge(journal, &master),
                Some(_) => Found::Cold,
                None => Found::Damaged(master),
            }),
        },
        None => Ok(Found::Damaged(own)),
    }
}

/// A master stands beside its first database, and its copies are copies; anything else nobody wrote who
/// follows the rules.
fn judge(journal: Journal, path: &Path) -> Found {
    let at_home = journal.entries.first().is_some_and(|first| {
        let home = FileId::at(&journal_of(&first.path));
        matches!((home, FileId::at(path)), (Ok(Some(home)), Ok(Some(here))) if home == here)
    });
    let copies = journal
        .entries
        .iter()
        .all(|entry| entry.before.as_ref().is_none_or(|before| disk::is_undo_of(&entry.path, &before.copy)));
    if at_home && copies { Found::Hot(journal) } else { Found::Damaged(path.to_owned()) }
}

/// Removes what is left of transactions that are over: a cold journal, and copies. Only for a holder of
/// the exclusive lock, and only where no journal is hot or damaged.
///
/// # Errors
/// If something cannot be read or removed.
pub fn sweep(database: &Path) -> io::Result<()> {
    match find(database)? {
        Found::Hot(_) | Found::Damaged(_) => return Ok(()),
        Found::Cold => disk::remove(&journal_of(database))?,
        Found::Nothing => {}
    }
    disk::undo_copies(database)?.iter().try_for_each(|copy| disk::remove(copy))
}
