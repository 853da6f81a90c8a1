//! What a transaction writes down before it begins, and how that is read again (J2).
//!
//! ```text
//! sdnlock journal 2 5f0c…128 bits…9a transaction synced 1790000000:1311
//! . → a.sdn → .a.sdn.x1Y2z3.undo → 331 → sha256:e3b0… → 1000:1000:0644 → 0 → sdn
//! ../other → b.sdn → - → 0 → - → - → 0 → sdn max-size=5000000
//! end sha256:…
//! ```
//! is the master; a pointer names folder, first database and level of the master in place of the list. One that stands
//! apart, where others have a say than at the master, is followed by a line that says for its own database what the master
//! says for those that it lists: `transaction → synced`, and the same fields. Fields are separated by tabs, here `→`; in names, percent signs and control characters are written as `%25`, `%09` and so on. Folders are
//! named as seen from that of the journal, so that it holds wherever they are moved together. The last line has the
//! digest of all before it, so that half a journal is not taken for a whole one.

use std::ffi::OsString;
use std::fmt::{self, Display, Formatter};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::disk::Tag;
use crate::lock::{Token, usual_journal};
use crate::platform::{Access, FileId, path_from_text, path_to_text};

/// What happens to databases that are not as they shall be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Undo {
    /// All of them are put back as they were.
    All,
    /// Those are put back that may not stay as they are.
    Broken,
}

/// One database of a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The database, resolved.
    pub path: PathBuf,
    /// The journal beside it.
    pub journal: PathBuf,
    /// How many locks were held above that of the transaction.
    pub depth: u32,
    /// What it held; `None` if it did not exist.
    pub before: Option<Before>,
    /// What it must be to stay as it is left, for those who judge that.
    pub policy: String,
}

/// What a database held before a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Before {
    /// The copy.
    pub copy: PathBuf,
    /// Bytes.
    pub size: u64,
    /// The digest of the content.
    pub tag: Tag,
    /// Whose it was, and its permissions.
    pub access: Access,
}

/// What tells a journal from a copy, as a checkout of version control makes one of a stranger's, and from one that was made
/// for another place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// When it was made. Its file says so in a way of its own: as if it was changed 34 years earlier. Nothing where
    /// files keep no times.
    pub made: Option<SystemTime>,
    /// The number of its folder.
    pub folder: u64,
}

/// 34 years. Nobody who writes a journal to be checked out elsewhere can tell when that will be; this they need not guess.
const SHIFT: Duration = Duration::from_secs(1 << 30);

/// Seconds.
const STEP: u64 = 2;

impl Mark {
    /// A journal that is made now. Any file system can keep its time: FAT has steps of two seconds, and begins in 1980.
    #[must_use]
    pub fn now() -> Self {
        let made = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds(SystemTime::now()) / STEP * STEP);
        Self { made: Some(made), folder: 0 }
    }

    /// A journal that was made at the same time in this folder.
    #[must_use]
    pub fn within(self, folder: &Path) -> Self {
        Self { folder: number_of(folder).unwrap_or_default(), ..self }
    }

    /// When its file says that it was changed.
    #[must_use]
    pub fn time_of_file(self) -> Option<SystemTime> {
        self.made?.checked_sub(SHIFT)
    }

    /// Whether it is that of a file in this folder that was changed at this time. A folder that was restored from a backup
    /// has another number, which counts where strangers may have moved the file there.
    #[must_use]
    pub fn is_of(self, modified: SystemTime, folder: &Path, among_strangers: bool) -> bool {
        let is_here = || number_of(folder) == Some(self.folder);
        match self.time_of_file() {
            Some(time) => time == modified && (!among_strangers || is_here()),
            None => is_here(),
        }
    }

    /// Whether a file that was changed at this time may be a journal whose mark cannot be read any more.
    #[must_use]
    pub fn may_be_of(modified: SystemTime) -> bool {
        /// No journal was written before 2025.
        const EARLIEST: Duration = Duration::from_secs(1_735_689_600);
        let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let made = since + SHIFT;
        since.subsec_nanos() == 0
            && since.as_secs().is_multiple_of(STEP)
            && (EARLIEST.as_secs()..=seconds(SystemTime::now()) + STEP).contains(&made.as_secs())
    }

    fn read(text: &str) -> Option<Self> {
        let (made, folder) = text.split_once(':')?;
        let made = match made {
            NOTHING => None,
            made => Some(SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(made.parse().ok()?))?),
        };
        Some(Self { made, folder: folder.parse().ok()? })
    }
}

impl Display for Mark {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.made {
            Some(time) => write!(f, "{}:{}", seconds(time), self.folder),
            None => write!(f, "{NOTHING}:{}", self.folder),
        }
    }
}

/// What tells a folder from all others of its file system.
fn number_of(folder: &Path) -> Option<u64> {
    FileId::at(folder).ok().flatten().map(FileId::inode)
}

/// The master journal of a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Journal {
    /// That of the transaction's locks.
    pub token: Token,
    /// What is to be undone.
    pub undo: Undo,
    /// Whether all of it was on disk before anything was changed.
    pub is_synced: bool,
    /// What tells it from a copy.
    pub mark: Mark,
    /// The databases, in the order of their locks; the master stands beside the first one.
    pub entries: Vec<Entry>,
}

/// What stands in a journal's file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Page {
    /// A master.
    Master(Journal),
    /// A pointer to the master.
    Pointer(Pointer),
}

/// What stands beside a database of a transaction that is not the first one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pointer {
    /// That of the transaction's locks.
    pub token: Token,
    /// What tells it from a copy.
    pub mark: Mark,
    /// The first database, beside which the master stands.
    pub first: PathBuf,
    /// The level of its lock.
    pub depth: u32,
    /// What is to be undone here, if this stands apart: what would stand in the master, of this one database.
    pub own: Option<Journal>,
}

/// Why a text is no page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoPage {
    /// It is not whole.
    Torn,
    /// It is not whole, and was: it says that it was on disk before anything was changed.
    Damaged,
    /// It is whole, and says what this version does not understand.
    Unknown,
}

const FORMAT: &str = "sdnlock journal 2";
/// What stands before the number of the format.
const NAME: &str = "sdnlock journal ";
const NOTHING: &str = "-";
const SYNCED: &str = " synced ";
const ALL: &str = "transaction";
const BROKEN: &str = "ordinary";

impl Page {
    /// What tells it from a copy.
    pub fn mark(&self) -> Mark {
        match self {
            Self::Master(journal) => journal.mark,
            Self::Pointer(pointer) => pointer.mark,
        }
    }

    /// That of the transaction's locks.
    pub fn token(&self) -> Token {
        match self {
            Self::Master(journal) => journal.token,
            Self::Pointer(pointer) => pointer.token,
        }
    }

    /// The same with another mark.
    pub fn marked(mut self, new: Mark) -> Self {
        match &mut self {
            Self::Master(journal) => journal.mark = new,
            Self::Pointer(pointer) => pointer.mark = new,
        }
        self
    }

    /// The text of the file, which stands in this folder.
    pub fn to_bytes(&self, folder: &Path) -> Vec<u8> {
        let mut text = Vec::new();
        match self {
            Self::Master(journal) => {
                let (undo, synced) = kind(journal);
                let Journal { token, mark, .. } = journal;
                text.extend(format!("{FORMAT} {token} {undo} {synced} {mark}\n").into_bytes());
                journal.entries.iter().for_each(|entry| text.extend(entry_line(entry, folder)));
            }
            Self::Pointer(Pointer { token, mark, first, depth, own }) => {
                text.extend(format!("{FORMAT} {token} pointer {NOTHING} {mark}\n").into_bytes());
                text.extend(place(first, folder));
                text.extend(format!("\t{depth}\n").into_bytes());
                if let Some(journal) = own {
                    let (undo, synced) = kind(journal);
                    text.extend(format!("{undo}\t{synced}\t").into_bytes());
                    journal.entries.iter().for_each(|entry| text.extend(entry_line(entry, folder)));
                }
            }
        }
        text.extend(format!("end {}\n", Tag::of(&text)).into_bytes());
        text
    }

    /// Reads the text of a file that stands in this folder.
    ///
    /// # Errors
    /// If it is no page.
    pub fn read(text: &[u8], folder: &Path) -> Result<Self, NoPage> {
        match sealed(text) {
            Some(body) => page(body, folder).ok_or(NoPage::Unknown),
            None if text.split(|&byte| byte == b'\n').next().is_some_and(was_synced) => Err(NoPage::Damaged),
            None => Err(NoPage::Torn),
        }
    }
}

/// How a journal is undone, and whether it was on disk.
fn kind(journal: &Journal) -> (&'static str, &'static str) {
    let undo = match journal.undo {
        Undo::All => ALL,
        Undo::Broken => BROKEN,
    };
    (undo, if journal.is_synced { SYNCED.trim() } else { NOTHING })
}

fn undo_of(kind: &str) -> Option<Undo> {
    [(ALL, Undo::All), (BROKEN, Undo::Broken)].into_iter().find(|(text, _)| *text == kind).map(|(_, undo)| undo)
}

fn entry_line(entry: &Entry, folder: &Path) -> Vec<u8> {
    let mut line = place(&entry.path, folder);
    let (copy, size, tag, access) = match &entry.before {
        None => (NOTHING.as_bytes().to_vec(), 0, NOTHING.to_owned(), NOTHING.to_owned()),
        Some(before) => {
            let name = Path::new(before.copy.file_name().unwrap_or_default());
            let Access { owner, group, mode } = before.access;
            let access = format!("{owner}:{group}:{mode:04o}");
            (path_to_text(name, b""), before.size, before.tag.to_string(), access)
        }
    };
    line.push(b'\t');
    line.extend(copy);
    let (depth, policy) = (entry.depth, &entry.policy);
    line.extend(format!("\t{size}\t{tag}\t{access}\t{depth}\t{policy}\n").into_bytes());
    line
}

/// The mark of a journal of which only the first line can be read, whatever its format is.
pub fn mark_of_torn(text: &[u8]) -> Option<Mark> {
    let line = std::str::from_utf8(text.split(|&byte| byte == b'\n').next()?).ok()?;
    Mark::read(line.strip_prefix(NAME)?.rsplit(' ').next()?)
}

/// What stands before the last line, if that says so.
fn sealed(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_suffix(b"\n")?;
    let end = text.iter().rposition(|&byte| byte == b'\n')? + 1;
    let (body, last) = text.split_at(end);
    if last == format!("end {}", Tag::of(body)).as_bytes() { body.strip_suffix(b"\n") } else { None }
}

/// Whether a first line says that all was on disk before anything was changed.
fn was_synced(line: &[u8]) -> bool {
    line.starts_with(FORMAT.as_bytes()) && line.windows(SYNCED.len()).any(|part| part == SYNCED.as_bytes())
}

fn page(body: &[u8], folder: &Path) -> Option<Page> {
    let mut lines = body.split(|&byte| byte == b'\n');
    let head = std::str::from_utf8(lines.next()?).ok()?.strip_prefix(FORMAT)?;
    let mut words = head.strip_prefix(' ')?.split(' ');
    let token = Token::read(words.next()?)?;
    let kind = words.next()?;
    let is_synced = words.next()? == SYNCED.trim();
    let mark = Mark::read(words.next()?)?;
    if kind == "pointer" {
        let mut fields = lines.next()?.split(|&byte| byte == b'\t');
        let first = path(&mut fields, folder)?;
        let depth = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
        let own = match lines.next() {
            Some(line) => Some(own(line, folder, token, mark)?),
            None => None,
        };
        return Some(Page::Pointer(Pointer { token, mark, first, depth, own }));
    }
    let undo = undo_of(kind)?;
    let entries = lines.map(|line| entry(line, folder)).collect::<Option<Vec<_>>>()?;
    Some(Page::Master(Journal { token, undo, is_synced, mark, entries }))
}

fn own(line: &[u8], folder: &Path, token: Token, mark: Mark) -> Option<Journal> {
    let mut fields = line.splitn(3, |&byte| byte == b'\t');
    let mut word = || std::str::from_utf8(fields.next()?).ok();
    let (undo, is_synced) = (undo_of(word()?)?, word()? == SYNCED.trim());
    let entries = vec![entry(fields.next()?, folder)?];
    Some(Journal { token, undo, is_synced, mark, entries })
}

fn entry(line: &[u8], folder: &Path) -> Option<Entry> {
    let mut fields = line.split(|&byte| byte == b'\t');
    let path = path(&mut fields, folder)?;
    let copy = fields.next()?;
    let mut text = || std::str::from_utf8(fields.next()?).ok();
    let (size, tag, access, depth) = (text()?.parse().ok()?, text()?, text()?, text()?.parse().ok()?);
    let policy = text()?.to_owned();
    if fields.next().is_some() {
        return None;
    }
    let before = if copy == NOTHING.as_bytes() {
        None
    } else {
        let access = access_of(access)?;
        Some(Before { copy: path.with_file_name(name(copy)?), size, tag: Tag::read(tag)?, access })
    };
    Some(Entry { journal: usual_journal(&path, depth), path, depth, before, policy })
}

fn access_of(text: &str) -> Option<Access> {
    let mut numbers = text.split(':');
    let (owner, group) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    let mode = u32::from_str_radix(numbers.next()?, 8).ok().filter(|mode| *mode <= 0o7777)?;
    numbers.next().is_none().then_some(Access { owner, group, mode })
}

/// Folder, as seen from another one, and name.
fn place(path: &Path, from: &Path) -> Vec<u8> {
    let folder = path.parent().unwrap_or(path);
    let way = pathdiff::diff_paths(folder, from).filter(|way| !way.as_os_str().is_empty());
    let name = Path::new(path.file_name().unwrap_or_default());
    [path_to_text(way.as_deref().unwrap_or(Path::new(".")), b""), path_to_text(name, b"")].join(&b'\t')
}

fn path<'l>(fields: &mut impl Iterator<Item = &'l [u8]>, from: &Path) -> Option<PathBuf> {
    let way = path_from_text(fields.next()?)?;
    let mut folder = from.to_owned();
    for step in way.components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir => drop(folder.pop()),
            Component::Normal(name) => folder.push(name),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(folder.join(name(fields.next()?)?))
}

/// A name that is that of a file in a folder.
fn name(text: &[u8]) -> Option<OsString> {
    let name = path_from_text(text)?;
    let mut steps = name.components();
    match (steps.next(), steps.next()) {
        (Some(Component::Normal(only)), None) if only == name.as_os_str() => Some(only.to_owned()),
        _ => None,
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl Journal {
    /// The master's file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.entries.first().map(|first| &*first.journal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages() -> Vec<Page> {
        let access = Access { owner: 1000, group: 50, mode: 0o640 };
        let before = Before { copy: "/d/.b\t%\n.x1Y2z3.undo".into(), size: 331, tag: Tag::of(b"x"), access };
        let policy = || "sdn max-size=5".to_owned();
        let entry = |path: &str, before| {
            let journal = usual_journal(Path::new(path), 1);
            Entry { path: path.into(), journal, depth: 1, before, policy: policy() }
        };
        let entries = vec![entry("/d/a.sdn", None), entry("/d/b\t%\n", Some(before)), entry("/e/f/..x", None)];
        let mark = Mark::now();
        let pointer = |mark, own: Option<Entry>| {
            let token = Token::random();
            let journal = |entries| Journal { token, undo: Undo::All, is_synced: false, mark, entries };
            let own = own.map(|entry| journal(vec![entry]));
            Page::Pointer(Pointer { token, mark, first: "/d/a.sdn".into(), depth: 2, own })
        };
        let mut pages = vec![pointer(mark, None), pointer(Mark { made: None, folder: 7 }, None)];
        pages.push(pointer(mark, Some(entries[1].clone())));
        for undo in [Undo::All, Undo::Broken] {
            for is_synced in [true, false] {
                let entries = entries.clone();
                pages.push(Page::Master(Journal { token: Token::random(), undo, is_synced, mark, entries }));
            }
        }
        pages
    }

    #[test]
    fn a_journal_reads_back_and_half_of_one_does_not() {
        for page in pages() {
            let text = page.to_bytes(Path::new("/d"));
            assert_eq!(Page::read(&text, Path::new("/d")).as_ref(), Ok(&page));
            for end in 0..text.len() {
                let was_synced = text[..end].windows(8).any(|part| part == SYNCED.as_bytes());
                let torn = if was_synced { NoPage::Damaged } else { NoPage::Torn };
                assert_eq!(Page::read(&text[..end], Path::new("/d")), Err(torn), "{end}");
            }
            for at in 0..text.len() {
                let mut other = text.clone();
                other[at] ^= 1;
                let read = Page::read(&other, Path::new("/d"));
                assert!(matches!(read, Err(NoPage::Torn | NoPage::Damaged)), "{at}");
            }
        }
    }

    #[test]
    fn what_was_moved_is_found_where_it_is_now() {
        for page in pages() {
            let text = page.to_bytes(Path::new("/d"));
            let moved = match Page::read(&text, Path::new("/x/y/d")).unwrap() {
                Page::Master(journal) => journal.entries.into_iter().map(|entry| entry.path).collect(),
                Page::Pointer(pointer) => vec![pointer.first],
            };
            let all = ["/x/y/d/a.sdn", "/x/y/d/b\t%\n", "/x/y/e/f/..x"].map(PathBuf::from);
            assert_eq!(moved, all[..moved.len()]);
        }
    }

    #[test]
    fn no_name_leads_elsewhere() {
        let text = |line: &str| {
            let body = format!("{FORMAT} {} transaction - 7:1\n{line}\n", Token::random());
            format!("{body}end {}\n", Tag::of(body.as_bytes())).into_bytes()
        };
        assert!(Page::read(&text(".\ta.sdn\t-\t0\t-\t-\t0\tsdn"), Path::new("/d")).is_ok());
        for line in [
            "/etc\ta.sdn\t-\t0\t-\t-\t0\tsdn",
            ".\t../a.sdn\t-\t0\t-\t-\t0\tsdn",
            ".\t/etc/passwd\t-\t0\t-\t-\t0\tsdn",
            ".\t..\t-\t0\t-\t-\t0\tsdn",
            ".\ta.sdn\t../b\t0\t-\t1:1:0644\t0\tsdn",
            ".\ta.sdn\t-\t0\t-\t-",
            ".\ta.sdn\t-\t0\t-\t-\t0\tsdn\tmore",
        ] {
            assert_eq!(Page::read(&text(line), Path::new("/d")), Err(NoPage::Unknown), "{line}");
        }
    }
}
