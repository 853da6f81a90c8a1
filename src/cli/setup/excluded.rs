//! What keeps the files beside a database that is in use out of commits: the list that belongs to one copy of a
//! repository, and to no commit itself (`info/exclude`).

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{change_lines, content, with_lines};
use crate::cli::report::Report;
use crate::cli::session::Session;
use crate::cli::text;

/// The files that stand beside a database while it is used.
pub const EXCLUDED: &[&str] = &["*.sdn.lock", ".*.sdnlock", ".*.sdnlock-*", ".*.undo"];

/// Has git and jj leave alone what stands beside these databases, as a command that runs under their locks may commit
/// all that there is. Where that cannot be done, nothing is: it is no part of what was asked for.
pub fn exclude(databases: &[PathBuf], session: &Session, report: Report) {
    for path in databases {
        let Some(lists) = path.canonicalize().ok().and_then(|path| Repository::of(&path)) else { continue };
        let mut wanted: Vec<String> = EXCLUDED.iter().map(ToString::to_string).collect();
        wanted.extend(lists.lock_file);
        let with = |old: &[u8]| with_lines(old, &wanted);
        let Ok(old) = content(&lists.list) else { continue };
        if with(&old) != old && is_ours_to_change(&lists.list) && change_lines(&lists.list, &with, session).is_ok() {
            let list = text::path(text::from_here(&lists.list));
            report.note(format!("{list} names the files beside a database in use now, so that no commit takes them"));
        }
    }
}

/// Where a repository says what is not looked at.
struct Repository {
    list: PathBuf,
    /// The lock file of the database, if that is not named by the others.
    lock_file: Option<String>,
}

impl Repository {
    /// The nearest one above a database.
    fn of(database: &Path) -> Option<Self> {
        let (top, folder) = database.ancestors().skip(1).find_map(|top| Some((top, git_folder(top)?)))?;
        let lock_file = database.extension().is_none_or(|extension| extension != "sdn").then(|| {
            let path = database.strip_prefix(top).unwrap_or(database).to_string_lossy();
            let mut pattern = String::from("/");
            for letter in path.chars() {
                if matches!(letter, '*' | '?' | '[' | '\\') {
                    pattern.push('\\');
                }
                pattern.push(letter);
            }
            pattern + ".lock"
        });
        Some(Self { list: folder.join("info/exclude"), lock_file: lock_file.filter(|name| !name.contains('\n')) })
    }
}

/// The folder in which git keeps what it knows, if this is the top of a repository that git or jj uses.
fn git_folder(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    if let Ok(found) = own(&git) {
        let folder = if found.is_dir() { git } else { top.join(path_in(&git, "gitdir: ")?) };
        // A further working tree shares the list with the first one.
        let shared = path_in(&folder.join("commondir"), "").and_then(|common| folder.join(common).canonicalize().ok());
        return Some(shared.unwrap_or(folder));
    }
    let repository = top.join(".jj/repo");
    let found = own(&repository).ok()?;
    let repository = if found.is_dir() { repository } else { top.join(".jj").join(path_in(&repository, "")?) };
    let store = repository.join("store");
    Some(store.join(path_in(&store.join("git_target"), "")?))
}

/// What a file of one line says after a prefix.
fn path_in(file: &Path, prefix: &str) -> Option<PathBuf> {
    own(file).ok().filter(Metadata::is_file)?;
    let text = String::from_utf8(content(file).ok()?).ok()?;
    text.trim_end_matches(['\n', '\r']).strip_prefix(prefix).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Whether a list and the folders it stands in are of whoever runs this: those of others are neither believed nor changed.
fn is_ours_to_change(list: &Path) -> bool {
    let folders = list.ancestors().skip(1).take(2);
    own(list).map_or_else(|error| error.kind() == io::ErrorKind::NotFound, |found| found.is_file())
        && folders.map(own).all(|found| found.is_ok_and(|found| found.is_dir()))
}

/// What is known of a name that belongs to whoever runs this, and is no link.
fn own(path: &Path) -> io::Result<Metadata> {
    let found = path.symlink_metadata()?;
    let is_own = found.uid() == rustix::process::geteuid().as_raw() && !found.is_symlink();
    if is_own { Ok(found) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}
