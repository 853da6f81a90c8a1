//! The one way in which commands change a database: lock, look at the conditions, compute, check,
//! replace, show.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sdnlock::check::{self, SCHEMA_NAME, Schema};
use sdnlock::disk::{self, ReplaceError, ReplacePolicy, Replacement, Snapshot, TagPrefix};
use sdnlock::loss::{self, Loss};
use sdnlock::record::Keys;
use sdnlock::sdn::{Document, Seal, is_sdn};
use sdnlock::update::{self, Stamping, Stamps};
use sdnlock::{Kept, Locked, Outcome};

use super::args::ChangeOptions;
use super::differences::{self, Side};
use super::failure::{self, Failure};
use super::findings::Shown;
use super::limits;
use super::losses::{self, Allowed};
use super::report::Report;
use super::session::{Session, schema_of};
use super::status;
use super::text;

/// What to do if a program that ignores the lock changes the database meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum IfMoved {
    /// Compute the change again from what it holds now.
    Again,
    /// Give up.
    Fail,
}

/// Whose schema counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SchemaOf {
    /// That of the file that is changed.
    File,
    /// That of another database, of which it is a version.
    Database(PathBuf),
    /// None, since it is no database.
    None,
}

/// A change of one database.
pub struct Change<'a> {
    path: &'a Path,
    options: &'a ChangeOptions,
    report: Report,
    if_moved: IfMoved,
    /// Which stamps of changed records are kept up to date.
    stamps: Option<Stamps>,
    schema_of: SchemaOf,
    guard: Option<Guard>,
    /// Whether stdout is for something else than the difference, though nothing is changed.
    is_apart: bool,
    /// The schema of another database, once it is looked up.
    schema: OnceCell<Schema>,
}

/// What a change may take away.
#[derive(Clone, Debug)]
pub struct Guard {
    pub allowed: Allowed,
    /// What becomes of a content that is refused.
    pub refuse: fn(Failure, &Path, &[u8], &Snapshot) -> anyhow::Error,
}

/// What came of a change.
enum Done {
    Written(Kept),
    Unchanged,
    /// Only looked at.
    Tried,
}

impl<'a> Change<'a> {
    /// A change that is computed again if the database moved, and stamps nothing.
    pub fn new(path: &'a Path, options: &'a ChangeOptions, report: Report) -> Self {
        let (if_moved, schema_of) = (IfMoved::Again, SchemaOf::File);
        let (stamps, guard, is_apart) = (None, None, false);
        Self { path, options, report, if_moved, stamps, schema_of, guard, is_apart, schema: OnceCell::new() }
    }

    /// The same change, of which the difference goes to stderr in any case.
    pub fn with_difference_apart(self) -> Self {
        Self { is_apart: true, ..self }
    }

    /// The same change, which gives up if the database moved.
    pub fn once(self) -> Self {
        Self { if_moved: IfMoved::Fail, ..self }
    }

    /// The same change, which keeps these stamps of changed records up to date.
    pub fn stamping(self, stamps: Stamps) -> Self {
        Self { stamps: Some(stamps), ..self }
    }

    /// The same change, which may take away only so much.
    pub fn guarded(self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// The same change, by this schema.
    pub fn by_schema_of(self, schema_of: SchemaOf) -> Self {
        Self { schema_of, ..self }
    }

    /// The same change, by a schema only if the file is a database, and not any text.
    pub fn with_schema_if(self, is_database: bool) -> Self {
        if is_database { self } else { self.by_schema_of(SchemaOf::None) }
    }

    /// Fails for what can be told before anything is done: options that make no sense, conditions that
    /// are not met by what the database holds now, and what may not be replaced.
    pub fn precheck(&self, now: &Snapshot) -> Result<()> {
        self.options.diff.kind()?;
        self.check_condition(Some(now))?;
        let permitted = Replacement::permit(now, self.options.policy()?);
        permitted.map_err(|error| Failure::replacing(self.path, &error))?;
        disk::permit_in_folder(self.path).map_err(|error| {
            let title = format!("not writing {}: nothing can be made in its folder", text::path(self.path));
            Failure::new(failure::status_of(&error), title).unchanged(self.path).cause(failure::system(&error))
        })?;
        if is_sdn(self.path) {
            let permitted = Seal::of(now.bytes()).permit(self.options.reseal());
            permitted.map_err(|error| Failure::seal(self.path, error))?;
        }
        Ok(())
    }

    /// Fails if the condition on the tag cannot be read.
    pub fn precheck_options(&self) -> Result<()> {
        self.options.diff.kind()?;
        self.options.policy()?;
        self.condition()?;
        Ok(())
    }

    /// Locks the database, and replaces its content by what `compute` makes of it (of nothing if there is no such
    /// file) and of its schema. Returns the exit code.
    pub fn run(
        &self,
        session: &Session,
        compute: impl FnMut(Option<&Snapshot>, &Schema) -> Result<Vec<u8>>,
    ) -> Result<u8> {
        self.precheck_options()?;
        self.run_locked(session, session.lock(self.path)?, compute)
    }

    /// As [`run`](Self::run), keeping at least so many backups.
    pub fn keeping(
        &self,
        backups: usize,
        session: &Session,
        compute: impl FnMut(Option<&Snapshot>, &Schema) -> Result<Vec<u8>>,
    ) -> Result<u8> {
        self.precheck_options()?;
        let policy = self.options.policy()?;
        let policy = ReplacePolicy { backups: policy.backups.max(backups), ..policy };
        self.replace(session, session.lock(self.path)?, policy, compute)
    }

    /// As [`run`](Self::run), for a database that is locked already.
    pub fn run_locked(
        &self,
        session: &Session,
        locked: Locked,
        compute: impl FnMut(Option<&Snapshot>, &Schema) -> Result<Vec<u8>>,
    ) -> Result<u8> {
        self.replace(session, locked, self.options.policy()?, compute)
    }

    fn replace(
        &self,
        session: &Session,
        mut locked: Locked,
        policy: ReplacePolicy,
        mut compute: impl FnMut(Option<&Snapshot>, &Schema) -> Result<Vec<u8>>,
    ) -> Result<u8> {
        let mut old = None;
        let mut lost = Vec::new();
        let mut compute = |locked: &Locked| -> Result<Vec<u8>> {
            old = locked.content().cloned();
            self.check_condition(old.as_ref())?;
            let schema = self.schema(locked)?;
            let new = self.stamped(old.as_ref(), compute(old.as_ref(), schema)?, schema)?;
            limits::check_size(self.path, schema, old.as_ref().map_or(0, |old| old.bytes().len()), new.len())?;
            lost = self.permitted(old.as_ref(), &new, schema)?;
            session.check_signals(self.path)?;
            Ok(new)
        };
        let (new, done) = if self.options.dry_run {
            (compute(&locked)?, Done::Tried)
        } else {
            let outcome = match self.if_moved {
                IfMoved::Again => session.update(&mut locked, policy, compute)?,
                IfMoved::Fail => {
                    let new = compute(&locked)?;
                    let replaced = session.replace(&mut locked, &new, policy);
                    replaced.map_err(|error| Failure::library(&error))?
                }
            };
            let done = match outcome {
                Outcome::Written(kept) => Done::Written(kept),
                Outcome::Unchanged => Done::Unchanged,
                Outcome::Moved => return Err(Failure::replacing(self.path, &ReplaceError::Moved).into()),
            };
            (locked.take_content().map(Snapshot::into_bytes).unwrap_or_default(), done)
        };
        let keys = self.schema(&locked)?.keys();
        // Nobody waits for what is printed.
        session.release(locked);
        self.show(old.as_ref(), &new, &done, &keys)?;
        if self.guard.as_ref().is_some_and(|guard| guard.allowed.is_told()) {
            losses::warn(self.report, self.path, &lost);
        }
        if matches!(done, Done::Written(_)) && session.signals().has_come() {
            // Whoever sees that a signal ended it takes the change for not made.
            Report::default().note(format!("{} was changed before the signal could end it", text::path(self.path)));
        }
        Ok(status::DONE)
    }

    fn schema<'s>(&'s self, locked: &'s Locked) -> Result<&'s Schema, Failure> {
        let found = match (&self.schema_of, self.schema.get()) {
            (SchemaOf::File, _) => {
                return locked.schema().map_err(|error| Failure::library(&error).unchanged(self.path));
            }
            (_, Some(known)) => return Ok(known),
            (SchemaOf::Database(path), None) => schema_of(path)?,
            (SchemaOf::None, None) => Schema::default(),
        };
        Ok(self.schema.get_or_init(|| found))
    }

    /// The new content with the stamps of what has changed.
    fn stamped(&self, old: Option<&Snapshot>, new: Vec<u8>, schema: &Schema) -> Result<Vec<u8>, Failure> {
        let Some(stamps) = self.stamps.filter(|_| !self.options.no_stamp && is_sdn(self.path)) else { return Ok(new) };
        let old = old.map(Snapshot::bytes).unwrap_or_default();
        if new == old {
            return Ok(new);
        }
        let stamping = Stamping::new(stamps, sdnlock::now_exactly()).by_schema(schema);
        update::stamp(old, new, &stamping, &schema.keys()).map_err(|error| Failure::stamping(self.path, &error))
    }

    /// What the new content takes away, where that is looked at and may be.
    fn permitted(&self, old: Option<&Snapshot>, new: &[u8], schema: &Schema) -> Result<Vec<Loss>> {
        let (Some(guard), Some(old)) = (&self.guard, old) else { return Ok(Vec::new()) };
        if self.schema_of == SchemaOf::None || old.bytes() == new {
            return Ok(Vec::new());
        }
        let limits = guard.allowed.limits(&schema.limits);
        loss::permit(old.bytes(), new, &schema.keys(), &limits).map_err(|refused| {
            let title = format!("not writing {}: {}", text::path(self.path), losses::WHY);
            let failure = losses::refused(title, &refused).unchanged(self.path);
            if self.options.dry_run { failure.into() } else { (guard.refuse)(failure, self.path, new, old) }
        })
    }

    fn show(&self, old: Option<&Snapshot>, new: &[u8], done: &Done, keys: &Keys) -> Result<()> {
        let unchanged = old.is_some_and(|old| old.bytes() == new);
        if unchanged {
            self.report.note(format!("{} unchanged", text::path(self.path)));
        }
        if let Done::Written(kept) = done
            && !kept.lost.is_empty()
        {
            self.report.note(format!("{} could not keep its {}", text::path(self.path), kept.lost.join(", ")));
        }
        if matches!(done, Done::Written(kept) if kept.in_place) {
            let shown = text::path(self.path);
            let why = "it is bound here, and cannot be replaced";
            self.report
                .detail(format!("{shown} was written over, since {why}: who reads it without the lock may see a part"));
        }
        let name = self.path.to_string_lossy();
        let (old, new) = (Side::of(&name, old.map(Snapshot::bytes)), Side::of(&name, Some(new)));
        let kind = self.options.diff.kind()?;
        match done {
            Done::Tried if !self.is_apart => differences::print(old, new, kind, keys),
            Done::Tried | Done::Written(_) | Done::Unchanged => {
                self.report.difference(old, new, kind, keys);
                Ok(())
            }
        }
    }

    /// What `--if-match` asks for.
    fn condition(&self) -> Result<Condition, Failure> {
        match self.options.if_match.as_deref() {
            None => Ok(Condition::Anything),
            Some("none") => Ok(Condition::NoFile),
            Some(tag) => match tag.parse() {
                Ok(prefix) => Ok(Condition::Tag(prefix)),
                Err(error) => Err(Failure::new(status::USAGE, format!("`{tag}` is no tag: {error}"))),
            },
        }
    }

    fn check_condition(&self, content: Option<&Snapshot>) -> Result<(), Failure> {
        let shown = text::path(self.path);
        let refused = |why: &str| Failure::new(status::NO, format!("not writing {shown}: {why}"));
        let failure = match (self.condition()?, content) {
            (Condition::Anything, _) | (Condition::NoFile, None) => return Ok(()),
            (Condition::NoFile, Some(_)) => refused("it exists"),
            (Condition::Tag(_), None) => refused("there is no such file"),
            (Condition::Tag(prefix), Some(content)) => {
                let tag = content.tag();
                if prefix.names(&tag) {
                    return Ok(());
                }
                refused("its tag is another one").cause(format!("it is {tag}, not {prefix}"))
            }
        };
        Err(failure.unchanged(self.path))
    }
}

/// What a database must be for a change to be made.
enum Condition {
    Anything,
    NoFile,
    Tag(TagPrefix),
}

/// Refuses cells in `new` that the schema forbids and `old` does not have.
pub fn check_schema(path: &Path, old: &Document, new: &[u8], schema: &Schema) -> Result<(), Failure> {
    let findings = check::newly_forbidden(old, &Document::parse(new), schema);
    let Some(first) = findings.first() else { return Ok(()) };
    let title = format!("not changing {}: {SCHEMA_NAME} forbids what it would say", text::path(path));
    let failure = Failure::new(status::INVALID, title)
        .excerpts(Shown { name: "the new content", source: new }.excerpts(&findings))
        .unchanged(path);
    Err(match &first.help {
        Some(help) => failure.hint(help),
        None => failure,
    })
}

/// How what is not valid is written.
pub const NO_CHECK: &str = "write it as it is with `--no-check`";

/// Refuses to lock what cannot be there.
pub fn in_a_folder(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.exists()) { Err(Failure::no_such_file(path)) } else { Ok(()) }
}

/// Refuses errors in `new` that `old` does not have. `name` is what `new` is called in the message, `way_on` how it can
/// be written nevertheless.
pub fn check_new(path: &Path, old: &[u8], name: &str, new: &[u8], way_on: Option<&str>) -> Result<(), Failure> {
    let document = Document::parse(new);
    // Mostly there are none at all, and what the old one has need not be known.
    if check::is_valid(&document) {
        return Ok(());
    }
    let findings = check::new_errors(&Document::parse(old), &document);
    if findings.is_empty() {
        return Ok(());
    }
    Err(Failure::not_valid(path, Shown { name, source: new }, &findings, way_on))
}
