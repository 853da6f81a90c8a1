//! What git ignores below a folder that is searched.
//!
//! The lists are read here and not by whoever walks, so that no pipe in their place is waited for, no link followed, as a
//! commit may hold one to anything, and none of a stranger believed. Git follows no links there either.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use sdnlock::project::{REPOSITORIES, list_of_repository};

/// The lists of the folders in which was looked, each read once.
#[derive(Debug, Default)]
pub struct IgnoreLists {
    known: Mutex<HashMap<PathBuf, Arc<Lists>>>,
    /// That of the user, for all repositories.
    everywhere: Option<Gitignore>,
}

/// Those that stand in one folder.
#[derive(Debug)]
struct Lists {
    /// `.gitignore`, and where the repository has its root its own list, which counts less.
    lists: Vec<Gitignore>,
    is_root: bool,
}

impl IgnoreLists {
    pub fn new() -> Self {
        Self { known: Mutex::default(), everywhere: Some(Gitignore::global().0) }
    }

    /// Whether git leaves a file or folder out, by its absolute path: as the nearest list says, up to the root of its
    /// repository. Outside of repositories nothing is.
    pub fn leaves_out(&self, path: &Path, is_folder: bool) -> bool {
        let mut found = None;
        for folder in path.ancestors().skip(1) {
            let lists = self.of(folder);
            let said = lists.lists.iter().map(|list| list.matched(path, is_folder)).find(|said| !said.is_none());
            found = found.or(said.map(|said| said.is_ignore()));
            if lists.is_root {
                let everywhere = || self.everywhere.as_ref().map(|list| list.matched(path, is_folder));
                return found.unwrap_or_else(|| everywhere().is_some_and(|said| matches!(said, Match::Ignore(_))));
            }
        }
        false
    }

    fn of(&self, folder: &Path) -> Arc<Lists> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let lists = known.entry(folder.to_owned()).or_insert_with(|| Arc::new(Lists::of(folder)));
        Arc::clone(lists)
    }
}

impl Lists {
    fn of(folder: &Path) -> Self {
        let is_root = REPOSITORIES.iter().any(|name| folder.join(name).exists());
        let own = is_root.then(|| folder.join(".git/info/exclude"));
        let files = std::iter::once(folder.join(".gitignore")).chain(own);
        Self { lists: files.filter_map(|file| list(folder, &file)).collect(), is_root }
    }
}

/// What one file says of what is below a folder.
fn list(folder: &Path, file: &Path) -> Option<Gitignore> {
    let text = String::from_utf8_lossy(list_of_repository(file)?.bytes()).into_owned();
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.lines() {
        // What is no pattern is passed by, as git does.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}
