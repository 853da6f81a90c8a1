//! Several databases that are changed together, by programs that can be killed half-way.
//!
//! # Rules
//! - **J1** All locks are held before the first copy is made. Copies lie beside their databases; their names tell whether
//!   they are whole.
//! - **J2** Each database has a journal beside it, `.NAME.sdnlock-journal`. That of the first one is the
//!   *master*, which lists all with what each must be to stay; the others name the master. Copies, pointers, master: only
//!   now is the transaction *hot*, and whatever runs under it may begin. Folders are named as seen from the journal, so
//!   that it holds where they are moved together; a journal is known by its time, so that a checkout of it says nothing. What
//!   is not of those who may change a database says nothing of it, nor does a journal that no pointer beside it confirms.
//! - **J3** Removing the master is the commit. Then the pointers go, then the copies. A pointer whose master
//!   is missing or of another transaction is *cold*, and is removed. Where different people have a say about the databases,
//!   a pointer says itself what is to be undone, and is ended alone until the commit makes it *ready* (`apart`).
//! - **J4** Whoever gets a lock looks for a journal. A hot one is ended before anything else, under the
//!   exclusive locks of all its databases, none of which is waited for while another one is held.
//! - **J5** Ending means: each database gets its copy back, or only those that may not stay as they are. What may stay is
//!   judged by one policy, whether the end was seen or not. A copy with a wrong digest is never restored, and then none
//!   is. What may not stay is kept beside the database. What somebody else may have written since stays.
//! - **J6** Nobody is shown the middle of a transaction as if it were a state.
//!
//! # What a crash leaves
//! Before the master is there: copies and pointers, which the next holder of the exclusive lock removes.
//! After it: a hot journal, which the next one to get any of the locks ends. After it was removed: pointers
//! and copies again. Ending can be killed and begun again anywhere: it compares what is there with what
//! shall be, and removes the master last.
//!
//! # What a cut of the power leaves, and which syncs see to it
//! Of what was not synced anything may be there: all, nothing, parts, zero bytes, a name without its content. So, for all
//! of several databases or none, in this order:
//!
//! | sync | without it a cut leaves |
//! |---|---|
//! | each copy | a database half-written, and nothing to bring it back from |
//! | each pointer | databases that nobody knows to be part of anything |
//! | each lock file | a lock that seems to have been somebody else's since, whose writing stays |
//! | each folder | copies, pointers and lock files without their names |
//! | the master, and its folder | changes without anything that says they are to be undone |
//! | (the command) | |
//! | each changed database | an old or torn content after the master is gone |
//! | each folder with one, but for that of the master | the same, where the command put another file in its place |
//! | the folder of the master, once that is removed | a success that the next one undoes |
//!
//! A pointer or copy that comes back after that is cold, and is removed. What ends a transaction syncs each lock file that
//! it took over before it changes anything, so that a second cut leaves no doubt whose lock it is; then each database that
//! it brings back, as any replacement; then the folder of the master once that is removed.
//!
//! Where a command runs in the ordinary way, nothing is synced before it starts: what it promises begins with its end. The
//! same syncs are made while it runs, if it runs for more than a few thousandths of a second, or before its changes are
//! synced; if it changed nothing, none. Until then the cut may leave a journal that is not whole, or none. It promised
//! nothing: the next one looks at the database alone, and brings it back if it may not stay and a copy is whole. So a copy
//! is never left whole without a journal at an ordinary end: the journal takes its place.

mod apart;
mod find;
mod journal;
mod recover;
mod settle;

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::disk::{self, Snapshot};
use crate::lock::{DEEPEST, FileLock, Token, journals_at, place_of_journal};
use crate::platform::Access;

pub use find::{Found, find, sweep};
pub(crate) use find::{find_at, is_without_journal};
pub use journal::{Before, Entry, Journal, Mark, Undo};
pub use recover::{Judge, RecoveryError, Remains, Subject, mend, recover};
pub use settle::{End, Old, Refused, Rejected, Seen, Undone, What};

use journal::{NoPage, Page};

/// A database that a transaction is to protect.
#[derive(Clone, Copy, Debug)]
pub struct Protected<'a> {
    /// Its lock.
    pub lock: &'a FileLock,
    /// What it holds; nothing if there is no such file.
    pub before: Option<&'a Snapshot>,
    /// What it must be to stay as it is left, for those who judge that (one line).
    pub policy: &'a str,
}

/// Databases whose state is written down, so that it can be brought back.
#[derive(Debug)]
#[must_use = "a transaction that is neither committed nor undone is undone by the next process"]
pub struct Transaction {
    journal: Journal,
    /// The files that were made: others may have put something else under their names since.
    made: Vec<Made>,
    /// The lock files.
    locks: Vec<PathBuf>,
    /// Whether all of it is on disk.
    is_secured: Mutex<bool>,
    /// Folders with changes that are to stay, whose names are not on disk yet.
    changed: Mutex<BTreeSet<PathBuf>>,
}

/// What was made for one database.
#[derive(Debug, Default)]
struct Made {
    copy: Option<Arc<File>>,
    journal: Option<File>,
}

impl Transaction {
    /// Writes down what these databases hold, which are locked. With `synced` all of it is on disk before
    /// this returns; else a cut of the power may leave it undone, until it is [secured](Self::secure).
    ///
    /// # Errors
    /// If a copy or a journal cannot be made; nothing of it is left then.
    pub fn begin(databases: &[Protected<'_>], undo: Undo, synced: bool) -> io::Result<Self> {
        // Deeper down nobody looks for a journal: there the transactions above protect the databases.
        let databases = databases.iter().copied().filter(|database| database.lock.depth() <= DEEPEST).collect();
        let databases = apart::by_home(databases);
        let token = databases.first().and_then(|database| database.lock.token()).unwrap_or_else(Token::random);
        let journal = Journal { token, undo, is_synced: synced, mark: Mark::now(), entries: Vec::new() };
        let locks = databases.iter().map(|database| database.lock.lock_path()).collect();
        let (is_secured, changed) = (Mutex::default(), Mutex::default());
        let mut transaction = Self { journal, made: Vec::new(), locks, is_secured, changed };
        match transaction.write_down(&databases, synced) {
            Ok(()) => Ok(transaction),
            Err(error) => {
                let _ = end(&transaction.journal, false);
                Err(error)
            }
        }
    }

    fn write_down(&mut self, databases: &[Protected<'_>], synced: bool) -> io::Result<()> {
        for Protected { lock, before, policy } in databases {
            lock.has_journal();
            let mut made = Made::default();
            let before = before.map(|snapshot| -> io::Result<Before> {
                let (file, copy) = disk::keep_undo(lock.path(), snapshot)?;
                made.copy = Some(Arc::new(file));
                let (size, access) = (snapshot.bytes().len() as u64, snapshot.stat().access());
                Ok(Before { copy, size, tag: snapshot.tag(), access })
            });
            let policy = (*policy).to_owned();
            let (path, depth) = (lock.path().to_owned(), lock.depth());
            let journal = place_of_journal(&path, depth)?;
            self.journal.entries.push(Entry { path, journal, depth, before: before.transpose()?, policy });
            self.made.push(made);
        }
        let Some((first, others)) = self.journal.entries.split_first() else { return Ok(()) };
        let (master, pointers) = apart::pages(&self.journal);
        for ((entry, pointer), made) in others.iter().zip(&pointers).zip(self.made.iter_mut().skip(1)) {
            made.journal = Some(put(pointer, entry, readers([entry]))?);
            disk::failpoint("journal: pointer made");
        }
        if synced {
            self.sync_all_but_the_master()?;
            self.sync_folders()?;
        }
        disk::failpoint("journal: before the master");
        let readers = readers(&master.entries);
        let master = put(&Page::Master(master), first, readers)?;
        if synced {
            master.sync_all()?;
            disk::sync_folder_of(&first.journal)?;
            self.is_secured = Mutex::new(true);
        }
        self.made[0].journal = Some(master);
        disk::failpoint("journal: hot");
        if synced {
            self.take_over_syncs();
        }
        Ok(())
    }

    /// What is changed within the locks of this transaction need not be synced from here on: it is at its end, if at all.
    pub fn take_over_syncs(&self) {
        // Who finds no such mark syncs.
        self.made
            .iter()
            .filter_map(|made| made.journal.as_ref())
            .for_each(|journal| drop(disk::make_read_only(journal)));
    }

    /// Everything that the master speaks of, and whose lock it was written down under.
    fn sync_all_but_the_master(&self) -> io::Result<()> {
        let copies = self.made.iter().filter_map(|made| made.copy.as_deref());
        let pointers = self.made.iter().skip(1).filter_map(|made| made.journal.as_ref());
        let locks = self.locks.iter().map(|lock| disk::to_be_synced(lock)).collect::<io::Result<Vec<_>>>()?;
        let files: Vec<&File> = copies.chain(pointers).chain(locks.iter().flatten()).collect();
        // Syncing the first one may put on disk that the command, which runs already, has emptied the database of another.
        for file in &files {
            disk::begin_writing(file);
        }
        files.iter().try_for_each(|file| file.sync_all())
    }

    fn sync_folders(&self) -> io::Result<()> {
        let folders: BTreeSet<&Path> = self.journal.entries.iter().filter_map(|entry| entry.path.parent()).collect();
        folders.into_iter().try_for_each(disk::sync_folder)
    }

    /// Puts on disk what was written down, unless it is there.
    ///
    /// # Errors
    /// If something cannot be synced.
    pub fn secure(&self) -> io::Result<()> {
        let mut is_secured = self.is_secured.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_secured && let Some(master) = self.made.first().and_then(|first| first.journal.as_ref()) {
            self.sync_all_but_the_master()?;
            master.sync_all()?;
            self.sync_folders()?;
            *is_secured = true;
            self.take_over_syncs();
        }
        Ok(())
    }

    /// Puts on disk what a database holds now: it is to stay. What it held before is secured first. Its name, if it is
    /// another file, is on disk once the transaction is [committed](Self::commit).
    ///
    /// # Errors
    /// If something cannot be synced.
    pub fn keep<R>(&self, seen: &Seen<R>) -> io::Result<()> {
        self.secure()?;
        seen.sync_content()?;
        if let Some(folder) = seen.path().parent() {
            self.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned());
        }
        Ok(())
    }

    /// What a database held, with all its attributes, whatever is done to the file from here on.
    #[must_use]
    pub fn secured(&self, database: &Path, before: &Snapshot) -> Snapshot {
        let mut entries = self.journal.entries.iter().zip(&self.made);
        let made = entries.find(|(entry, _)| entry.path == database).and_then(|(_, made)| made.copy.as_ref());
        made.map_or_else(|| before.clone(), |copy| before.with_copy(copy))
    }

    /// Ends the transaction: what the databases hold now is what they hold. If it was written down on disk, or something
    /// was [kept](Self::keep), so is that.
    ///
    /// # Errors
    /// If the master journal cannot be removed; the transaction is hot then, and will be undone.
    pub fn commit(&self) -> io::Result<()> {
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        // That of the master is synced once it is removed, and so is what was changed there before.
        let home = self.journal.entries.first().and_then(|first| first.path.parent());
        changed.iter().filter(|folder| Some(&***folder) != home).try_for_each(|folder| disk::sync_folder(folder))?;
        let synced = self.journal.is_synced || !changed.is_empty();
        apart::make_ready(&self.journal, synced)?;
        end(&self.journal, synced)
    }
}

/// Puts a page beside a database, as a file that bears its mark.
fn put(page: &Page, entry: &Entry, readers: Option<Access>) -> io::Result<File> {
    let (database, journal) = (&entry.path, &entry.journal);
    let folder = journal.parent().unwrap_or(database);
    let mark = page.mark().within(folder);
    let put = |mark: Mark| {
        let text = page.clone().marked(mark).to_bytes(folder);
        disk::put_beside(database, journal, &text, mark.time_of_file(), readers)
    };
    match put(mark)? {
        (file, true) => Ok(file),
        // A file system that keeps no times.
        (_, false) => put(Mark { made: None, ..mark }).map(|(file, _)| file),
    }
}

/// Those who may read all of these databases may read what is written down of them, and nobody else; whoever owns all of
/// them owns it, and can end what root had under way.
fn readers<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Option<Access> {
    let before = entries.into_iter().filter_map(|entry| entry.before.as_ref()).map(|before| before.access);
    before.reduce(|all, one| {
        let mut mode = all.mode & one.mode;
        if all.group != one.group {
            mode = (mode & !GROUP) | ((mode & OTHERS) << 3);
        }
        Access { owner: if all.owner == one.owner { all.owner } else { ROOT }, mode, ..all }
    })
}

const ROOT: u32 = 0;
const GROUP: u32 = 0o070;
const OTHERS: u32 = 0o007;

/// J3
fn end(journal: &Journal, synced: bool) -> io::Result<()> {
    let Some((first, others)) = journal.entries.split_first() else { return Ok(()) };
    // Where the lock was lost, the journal may be that of somebody else by now.
    remove_own(journal, first)?;
    let synced = if synced { disk::sync_folder_of(&first.path) } else { Ok(()) };
    disk::failpoint("journal: committed");
    // Whatever cannot be removed is cold, or spent, and the next one removes it.
    for entry in others {
        let _ = remove_own(journal, entry);
        disk::failpoint("journal: pointer removed");
    }
    for before in journal.entries.iter().filter_map(|entry| entry.before.as_ref()) {
        let _ = disk::remove(&before.copy);
    }
    disk::failpoint("journal: over");
    synced
}

/// Removes the journal beside a database, if it is of this transaction, or of none: something else may have been written
/// under its name. It takes the place of the copy, which is spent: where a whole one is found without a journal, the power
/// was cut before that had a name on disk.
fn remove_own(journal: &Journal, entry: &Entry) -> io::Result<()> {
    let path = &entry.journal;
    // It is known by what it says: whose the database is, by which others believe it, the command may have changed.
    if let disk::Standing::File(text) = disk::standing(path)? {
        match Page::read(text.bytes(), path.parent().unwrap_or(path)) {
            // Nobody is to bring it back under a second name that they gave it.
            Ok(page) if page.token() == journal.token => disk::void_if_linked(path, &text),
            Ok(_) | Err(NoPage::Unknown) => return Ok(()),
            Err(_) => {}
        }
    }
    match &entry.before {
        Some(before) => disk::rename(path, &before.copy),
        None => disk::remove(path),
    }
}

/// Whether what is changed within the lock of a database need not be synced: the transaction around it does so at its end,
/// and what was there before is on disk.
pub(crate) fn syncs_for(database: &Path) -> bool {
    journals_at(database, 0).is_ok_and(|journals| journals.iter().any(|journal| disk::is_read_only(journal)))
}
