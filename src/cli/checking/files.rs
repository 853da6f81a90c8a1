//! What a project says about its files in `.sdnlock.sdn`: which are databases, for whom, and which are left alone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use sdnlock::check::{FileKind, FileRule, Reader};
use sdnlock::disk::{self, Access};
use sdnlock::project;
use sdnlock::sdn::is_sdn;

use crate::cli::schemas::Schemas;

/// What is said about files. It can be used by several threads at once.
pub struct Files {
    schemas: Schemas,
    /// By folder and by whose the files in it are: what counts for them.
    known: Mutex<HashMap<(PathBuf, Option<Access>), Place>>,
    named: Option<Arc<[Pattern]>>,
}

/// A folder without links, and what counts for the files in it: patterns from the folder where each schema stands, the
/// nearest one first.
#[derive(Clone)]
struct Place {
    folder: PathBuf,
    above: Arc<[(PathBuf, Arc<[Pattern]>)]>,
}

/// What is said about the files that a pattern means.
struct Pattern {
    glob: Gitignore,
    kind: Option<FileKind>,
    reader: Option<Reader>,
}

/// What is said about a file.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct About {
    pub kind: Option<FileKind>,
    pub reader: Option<Reader>,
}

impl Files {
    pub fn new(schemas: Schemas) -> Self {
        let named = schemas.named().map(|named| patterns(named.schema.files()));
        Self { schemas, known: Mutex::default(), named }
    }

    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// Whether a file is a database: by what is said about it, else by its name.
    pub fn is_database(&self, path: &Path) -> bool {
        match self.about(path).kind {
            Some(FileKind::Database) => true,
            Some(FileKind::Ignored) => false,
            None => is_sdn(path),
        }
    }

    /// What is said about a file. Of a schema nothing is.
    pub fn about(&self, path: &Path) -> About {
        if self.schemas.is_schema(path) {
            return About::default();
        }
        if let Some(named) = &self.named {
            return self.by_named(path, named);
        }
        let Place { folder, above } = self.place(path);
        let Some(name) = path.file_name().filter(|_| !above.is_empty()) else { return About::default() };
        let whole = if path.is_symlink() { project::resolved(path) } else { folder.join(name) };
        let mut about = About::default();
        // The nearest schema speaks of the file, each one above it of the folder where that stands.
        let mut place = whole.as_path();
        for (position, (folder, patterns)) in above.iter().enumerate() {
            let is_file = position == 0;
            let said = said(patterns, place.strip_prefix(folder).unwrap_or(place), !is_file);
            if said.kind == Some(FileKind::Ignored) {
                return said;
            }
            if is_file {
                about = said;
            }
            place = folder;
        }
        about
    }

    /// By the schema that was named, as if it stood at the root of the repository, if it stands elsewhere.
    fn by_named(&self, path: &Path, patterns: &[Pattern]) -> About {
        if patterns.is_empty() {
            return About::default();
        }
        let whole = project::resolved(path);
        let own = self.schemas.named().and_then(|named| named.path.canonicalize().ok());
        let own = own.as_deref().and_then(Path::parent).filter(|folder| whole.starts_with(folder)).map(Path::to_owned);
        let folder = own.or_else(|| project::candidates(path).last()?.parent().map(Path::to_owned));
        said(patterns, folder.and_then(|folder| whole.strip_prefix(folder).ok()).unwrap_or(&whole), false)
    }

    /// What counts for a file. For all files of a folder that are alike in owner and permissions it is the same.
    fn place(&self, path: &Path) -> Place {
        let is_link = path.is_symlink();
        let asked = (path.parent().unwrap_or(path).to_owned(), disk::access(path));
        if !is_link && let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&asked) {
            return known.clone();
        }
        let above = self.schemas.above(path).into_iter();
        let above = above.map(|(folder, found)| (folder, patterns(found.schema.files()))).collect();
        let folder = project::resolved(path).parent().unwrap_or(path).to_owned();
        let place = Place { folder, above };
        if !is_link {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(asked, place.clone());
        }
        place
    }
}

fn patterns(rules: &[FileRule]) -> Arc<[Pattern]> {
    let pattern = |FileRule { glob, kind, reader }: &FileRule| {
        Some(Pattern { glob: compiled(glob)?, kind: *kind, reader: *reader })
    };
    rules.iter().filter_map(pattern).collect()
}

/// A pattern that a schema has, which is one.
fn compiled(glob: &str) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    builder.allow_unclosed_class(false);
    // What opens a comment in .gitignore is a part of a name here.
    let line = if glob.starts_with('#') { format!("\\{glob}") } else { glob.to_owned() };
    builder.add_line(None, &line).ok()?;
    builder.build().ok()
}

/// What is said about a file or folder, by its path from the folder of the patterns: the last one counts.
fn said(patterns: &[Pattern], path: &Path, is_folder: bool) -> About {
    let path = path.strip_prefix("/").unwrap_or(path);
    let mut about = About::default();
    for Pattern { glob, kind, reader } in patterns {
        if glob.matched_path_or_any_parents(path, is_folder).is_ignore() {
            about = About { kind: kind.or(about.kind), reader: reader.or(about.reader) };
        }
    }
    about
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(rows: &[(&str, Option<FileKind>)], path: &str) -> Option<FileKind> {
        let rule =
            |(glob, kind): &(&str, Option<FileKind>)| FileRule { glob: (*glob).to_owned(), kind: *kind, reader: None };
        said(&patterns(&rows.iter().map(rule).collect::<Vec<_>>()), Path::new(path), false).kind
    }

    #[test]
    fn the_last_pattern_counts_that_says_anything() {
        let (database, ignored) = (Some(FileKind::Database), Some(FileKind::Ignored));
        let rows =
            [("*.tbl", database), ("vendor/", ignored), ("/vendor/own.sdn", database), ("*", None), ("#x", ignored)];
        for (path, kind) in [
            ("a.tbl", database),
            ("deep/in/b.tbl", database),
            ("vendor/x/y.tbl", ignored),
            ("a/vendor/y.sdn", ignored),
            ("vendor/own.sdn", database),
            ("a/vendor/own.sdn", ignored),
            ("vendor", None),
            ("a.sdn", None),
            ("#x", ignored),
        ] {
            assert_eq!(about(&rows, path), kind, "{path}");
        }
    }
}
