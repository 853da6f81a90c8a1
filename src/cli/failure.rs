//! What a failure says: what was tried, what the file holds now, where the user's text is, and one way
//! on.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use sdnlock::address::{Address, AddressError, AddressProblem, LookupError, Step};
use sdnlock::check::SCHEMA_NAME;
use sdnlock::disk::{self, ReplaceError};
use sdnlock::lock::{Holder, LockError, LockProblem};
use sdnlock::sdn::{EditError, SealError};

use super::status;
use super::text;

/// A failure that is told to the user.
#[derive(Debug)]
pub struct Failure {
    pub status: u8,
    pub title: String,
    /// Excerpts of sources, rendered already.
    pub excerpts: String,
    pub labels: Vec<(Label, String)>,
}

/// What a line below the title is about.
///
/// They stand in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Label {
    /// Who holds the lock.
    Held,
    /// What the file holds now.
    State,
    /// Where the user's text is.
    Kept,
    /// Why it failed.
    Cause,
    /// One way on.
    Hint,
}

impl Label {
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::State => "state",
            Self::Kept => "kept",
            Self::Cause => "cause",
            Self::Hint => "hint",
        }
    }
}

impl Failure {
    pub fn new(status: u8, title: impl Into<String>) -> Self {
        Self { status, title: title.into(), excerpts: String::new(), labels: Vec::new() }
    }

    pub fn with(mut self, label: Label, text: impl Into<String>) -> Self {
        self.labels.push((label, text.into()));
        self.labels.sort_by_key(|(label, _)| *label);
        self
    }

    pub fn state(self, text: impl Into<String>) -> Self {
        self.with(Label::State, text)
    }

    pub fn kept(self, path: &Path) -> Self {
        self.with(Label::Kept, text::path(text::from_here(path)))
    }

    /// With where something is kept, if it is.
    pub fn kept_if(self, path: Option<&Path>) -> Self {
        match path {
            Some(path) => self.kept(path),
            None => self,
        }
    }

    pub fn cause(self, cause: impl fmt::Display) -> Self {
        self.with(Label::Cause, cause.to_string())
    }

    pub fn hint(self, text: impl Into<String>) -> Self {
        self.with(Label::Hint, text)
    }

    /// One way on, in place of the one that was named before.
    pub fn instead_of_hint(mut self, text: impl Into<String>) -> Self {
        self.labels.retain(|(label, _)| *label != Label::Hint);
        self.hint(text)
    }

    /// The title and the cause in one line.
    pub fn reason(&self) -> String {
        let causes = self.labels.iter().filter(|(label, _)| *label == Label::Cause).map(|(_, text)| text.as_str());
        std::iter::once(self.title.as_str()).chain(causes).collect::<Vec<_>>().join(": ")
    }

    pub fn excerpts(mut self, excerpts: String) -> Self {
        self.excerpts = excerpts;
        self
    }

    pub fn status(mut self, status: u8) -> Self {
        self.status = status;
        self
    }

    /// The file is as it was.
    pub fn unchanged(self, path: &Path) -> Self {
        let shown = text::path(path);
        self.state(if path.exists() { format!("{shown} unchanged") } else { format!("{shown} not made") })
    }

    pub fn no_such_file(path: &Path) -> Self {
        Self::new(status::NO_INPUT, format!("no such file: {}", text::path(path)))
    }

    /// Reading a file failed.
    pub fn reading(path: &Path, error: &io::Error) -> Self {
        if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
            return Self::no_such_file(path);
        }
        Self::new(status_of(error), format!("could not read {}", text::path(path))).cause(system(error))
    }

    /// A lock was not obtained.
    fn locking(error: &LockError) -> Self {
        let shown = text::path(&error.path);
        let failure = |status| Self::new(status, format!("could not lock {shown}"));
        match &error.problem {
            LockProblem::Timeout { waited, holder } => {
                let title = if waited.is_zero() {
                    format!("could not lock {shown} at once")
                } else {
                    format!("could not lock {shown} within {}", text::duration(*waited))
                };
                let failure = Self::new(status::TRY_LATER, title);
                let failure = match holder {
                    Some(holder) => failure.with(Label::Held, held_by(holder)),
                    None => failure,
                };
                let longer = if *waited < Duration::from_secs(60) { "60s" } else { "forever" };
                let look = text::argument(error.path.as_ref());
                failure.hint(format!("wait longer with `--timeout {longer}`, or look with `sdnlock status {look}`"))
            }
            LockProblem::WouldCircle { holder } => {
                let failure = match holder {
                    Some(holder) => failure(status::TRY_LATER).with(Label::Held, held_by(holder)),
                    None => failure(status::TRY_LATER),
                };
                failure
                    .cause("to wait for it within the locks that are held could close a circle")
                    .hint("name it in the outer `sdnlock exec` too")
            }
            LockProblem::LockedAbove => failure(status::TRY_LATER)
                .cause(&error.problem)
                .hint("run the outer `sdnlock exec` with `--self-locking` too"),
            LockProblem::SharedAbove => {
                failure(status::TRY_LATER).cause(&error.problem).hint("run the outer `sdnlock exec` without `--shared`")
            }
            LockProblem::NoFolder => failure(status::CANNOT_CREATE).cause(&error.problem),
            LockProblem::IsFolder => failure(status::NO_INPUT).cause(&error.problem),
            LockProblem::ReservedName | LockProblem::NameTooLong { .. } => failure(status::USAGE).cause(&error.problem),
            LockProblem::Interrupted | LockProblem::NoLockFile { .. } => failure(status::IO).cause(&error.problem),
            LockProblem::BadPath(source) => failure(status_of(source)).cause(system(source)),
            LockProblem::NotOurs { .. } | LockProblem::Strange { .. } => {
                failure(status::NO_PERMISSION).cause(&error.problem)
            }
            LockProblem::Io { source, .. } => failure(status_of(source)).cause(why_no_lock(&error.problem)),
        }
    }

    /// An error of the library.
    pub fn library(error: &sdnlock::Error) -> Self {
        match error {
            sdnlock::Error::Lock(error) => Self::locking(error),
            sdnlock::Error::Read { path, source } => Self::reading(path, source),
            sdnlock::Error::Replace { path, source } => Self::replacing(path, source),
            sdnlock::Error::Recovery { path, source } => Self::recovering(path, source),
            sdnlock::Error::Orphan { path } => {
                let title = format!("not using {}: it is bound to a file that was replaced", text::path(path));
                Self::new(status::IO, title)
                    .state("what is here is old, and what is written here reaches nobody")
                    .hint("bind it again, or bind its folder, in which files can be replaced")
            }
            sdnlock::Error::LockLost { path } => Self::new(
                status::TRY_LATER,
                format!("not writing {}: another program broke its lock", text::path(path)),
            )
            .unchanged(path)
            .hint("run the command again"),
            sdnlock::Error::PerhapsOverwritten { path, cause } => {
                let shown = text::path(path);
                let title = format!("wrote {shown}, but another program broke its lock and may have overwritten it");
                let failure = Self::new(status::IO, title);
                let failure = match cause {
                    Some(cause) => failure.cause(Self::library(cause).reason()),
                    None => failure,
                };
                failure.state("not known").hint(format!("look with `sdnlock read {}`", text::argument(path.as_ref())))
            }
            sdnlock::Error::UnsafeEdit { path, source } => Self::edit(path, source),
            sdnlock::Error::Schema { path, source } => Self::schema(path, source),
            // What only `Database` meets.
            error => Self::new(status::INTERNAL, error.to_string()),
        }
    }

    pub fn replacing(path: &Path, error: &ReplaceError) -> Self {
        let shown = text::path(path);
        match error {
            ReplaceError::HardLinks { links } => {
                Self::new(status::INVALID, format!("not writing {shown}: it has {links} hard links"))
                    .unchanged(path)
                    .hint("replace this one only, with `--break-hardlinks`")
            }
            ReplaceError::ReadOnly { mode } => Self::new(
                status::NO_PERMISSION,
                format!("not writing {shown}: it is write-protected (mode {mode:04o})"),
            )
            .unchanged(path)
            .hint("write it nevertheless, with `--override-readonly`"),
            ReplaceError::Moved => {
                let title = format!("not writing {shown}: a program that ignores the lock changed it meanwhile");
                Self::new(status::TRY_LATER, title)
                    .state(format!("{shown} is as that program left it"))
                    .hint("run the command again")
            }
            ReplaceError::NotSynced { source, .. } => {
                Self::new(status::IO, format!("wrote {shown}, but its folder could not be synced"))
                    .state(format!("{shown} is new, but may be old again after a power cut"))
                    .cause(system(source))
            }
            ReplaceError::Failed { step, source } => {
                let status = match (step, status_of(source)) {
                    (disk::Step::Create, status::IO) => status::CANNOT_CREATE,
                    (_, status) => status,
                };
                let failure = Self::new(status, format!("could not write {shown}: {}", system(source)));
                let failure = match step {
                    disk::Step::Write { written, total } => {
                        failure.cause(format!("{} of {} written", text::size(*written), text::size(*total)))
                    }
                    step => failure.cause(format!("{step}")),
                };
                failure.state(format!("{shown} unchanged, temporary file removed"))
            }
        }
    }

    pub fn address(error: &AddressError) -> Self {
        let hint = match error.problem {
            AddressProblem::MissingValue => "write ADDR=VALUE, or ADDR+=N to add",
            _ => "an address is TABLE.KEY.COLUMN, or a setting as a.b.c",
        };
        Self::new(status::USAGE, error.to_string()).hint(hint)
    }

    pub fn lookup(path: &Path, error: &LookupError) -> Self {
        let title = format!("{}: {error}", text::path(path));
        match error {
            LookupError::NotFound { elsewhere, .. } if !elsewhere.is_empty() => {
                // As a shell takes them: an address may have quotes.
                let shown = elsewhere.iter().take(MOST_NAMES).map(|other| text::argument(other.to_string().as_ref()));
                let shown: Vec<String> = shown.map(|address| format!("`{address}`")).collect();
                Self::new(status::NO, title).hint(format!("did you mean {}?", shown.join(" or ")))
            }
            LookupError::NotFound { what, name, instead, .. } if !instead.is_empty() => {
                let hint = match *what {
                    "element" | "row" => format!("there is {}", instead.join(", ")),
                    what => suggestion(what, name, instead),
                };
                Self::new(status::NO, title).hint(hint)
            }
            LookupError::Several { .. } | LookupError::Unreadable { .. } => {
                let hint = format!("mend it first: `sdnlock check {}`", text::argument(path.as_ref()));
                Self::new(status::INVALID, title).hint(hint)
            }
            LookupError::Ambiguous { instead, .. } => {
                let one = text::argument(instead.first().map(String::as_str).unwrap_or_default().as_ref());
                Self::new(status::INVALID, title).hint(format!("put the part with `/` in quotes, as {one}"))
            }
            LookupError::NoKey { table, distinct, .. } => {
                let by_number = format!("name a row by its number, as `{}`", table.clone().at(0));
                Self::new(status::NO, title).hint(match said_key(table, distinct.as_deref()) {
                    Some(key) => format!("{by_number}, or {key}"),
                    None => by_number,
                })
            }
            LookupError::NotATable { address, .. } => {
                let shown = text::argument(address.to_string().as_ref());
                let hint = format!("print it with `sdnlock read {} {shown}`", text::argument(path.as_ref()));
                Self::new(status::NO, title).hint(hint)
            }
            _ => Self::new(status::NO, title),
        }
    }

    pub fn edit(path: &Path, error: &EditError) -> Self {
        let failure = Self::new(status::INVALID, format!("not changing {}: {error}", text::path(path))).unchanged(path);
        match error {
            EditError::Seal(error) => failure.hint(Self::seal_hint(*error)),
            EditError::Twice { .. } => failure.status(status::USAGE),
            _ => failure,
        }
    }

    /// A record that changed cannot be stamped.
    pub fn stamping(path: &Path, error: &EditError) -> Self {
        Self::edit(path, error).instead_of_hint("change it without stamping it, with `--no-stamp`")
    }

    pub fn seal(path: &Path, error: SealError) -> Self {
        Self::new(status::INVALID, format!("not changing {}: {error}", text::path(path)))
            .unchanged(path)
            .hint(Self::seal_hint(error))
    }

    /// The seal of what is to be written is wrong.
    pub fn new_seal(path: &Path, source: &str, error: SealError) -> Self {
        Self::new(status::INVALID, format!("not changing {}: {}: {error}", text::path(path), text::visible(source)))
            .unchanged(path)
            .hint(Self::seal_hint(error))
    }

    fn seal_hint(error: SealError) -> String {
        match error {
            SealError::Wrong => "look at the file, and if it is right seal it anew with `--reseal`".to_owned(),
            SealError::Doubled => {
                "two databases may have been written into one: look, and seal it anew with `--reseal`".to_owned()
            }
        }
    }
}

/// How the schema can say what the key of a table is, if there are columns that can be.
pub fn said_key(table: &Address, columns: Option<&[String]>) -> Option<String> {
    let columns = columns?.join("/");
    let Some(Step::Name(name)) = table.steps().last() else { return None };
    Some(format!("say what its key is in `keys` of {SCHEMA_NAME}: `{name}, {columns}`"))
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl std::error::Error for Failure {}

/// How alike two names must be for one to be taken for a slip of the other; 1 is equal.
const ALIKE: f64 = 0.8;

/// How many names are listed at most.
const MOST_NAMES: usize = 12;

/// What the user may have meant, or what there is.
pub fn suggestion(what: &str, name: &str, instead: &[String]) -> String {
    if let Some(closest) = alike(name, instead) {
        return format!("did you mean `{closest}`?");
    }
    let more = if instead.len() > MOST_NAMES { ", …" } else { "" };
    format!("each {what} here: {}{more}", instead[..instead.len().min(MOST_NAMES)].join(", "))
}

/// The one of some names that is most like another one, if it is like it at all.
pub fn alike<'n>(name: &str, others: &'n [String]) -> Option<&'n String> {
    let likeness = |other: &str| strsim::jaro_winkler(name, other);
    let closest = others.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    closest.filter(|closest| likeness(closest) > ALIKE)
}

/// Why no lock could be had, in one line.
pub fn why_no_lock(problem: &LockProblem) -> String {
    match problem {
        LockProblem::Io { source, .. } => format!("{problem}: {}", system(source)),
        other => other.to_string(),
    }
}

/// Who holds a lock, and since when.
pub fn held_by(holder: &Holder) -> String {
    let who = text::visible(&holder.to_string());
    match holder.age() {
        Some(age) => format!("{who}, for {}", text::duration(age)),
        None => who,
    }
}

/// The exit code for an error of the system.
pub fn status_of(error: &io::Error) -> u8 {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory => status::NO_INPUT,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => status::NO_PERMISSION,
        _ => status::IO,
    }
}

/// Why neither a process nor a thread can be started, where the system says that it has no room for now.
pub const PROCESS_LIMIT: &str = "the limit of processes is reached";

/// An error of the system in its own words, without its number.
pub fn system(error: &io::Error) -> String {
    let text = match error.kind() {
        io::ErrorKind::StorageFull => "no space left on the device".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
    };
    let mut letters = text.chars();
    match letters.next() {
        // The system's messages begin with a capital, ours do not; an abbreviation keeps it.
        Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text,
    }
}
