//! The one way in which commands change a database: lock, look at the conditions, compute, check,
//! replace, show.

use std::path::Path;

use anyhow::Result;
use sdnlock::check;
use sdnlock::disk::{ReplacePolicy, Snapshot, TagPrefix};
use sdnlock::sdn::{Document, Reseal};
use sdnlock::{Locked, Outcome};

use super::args::{ChangeOptions, DurabilityOptions, NoCheckOptions};
use super::differences;
use super::failure::Failure;
use super::findings::Shown;
use super::report::Report;
use super::session::Session;
use super::status;
use super::streams;
use super::text;

/// What to do if a program that ignores the lock changes the database meanwhile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IfMoved {
    /// Compute the change again from what it holds now.
    Again,
    /// Give up.
    Fail,
}

/// A change of one database.
pub struct Change<'a> {
    pub path: &'a Path,
    pub options: &'a ChangeOptions,
    pub report: Report,
    pub if_moved: IfMoved,
}

impl Change<'_> {
    /// Locks the database, and replaces its content by what `compute` makes of it (of nothing if
    /// there is no such file). Gives the exit code.
    pub fn run(&self, session: &Session, compute: impl FnMut(Option<&Snapshot>) -> Result<Vec<u8>>) -> Result<u8> {
        self.run_locked(session, session.lock(self.path)?, compute)
    }

    /// As [`run`](Self::run), for a database that is locked already.
    pub fn run_locked(
        &self,
        session: &Session,
        mut locked: Locked,
        mut compute: impl FnMut(Option<&Snapshot>) -> Result<Vec<u8>>,
    ) -> Result<u8> {
        loop {
            self.check_tag(locked.content())?;
            let new = compute(locked.content())?;
            let old = locked.content().map(Snapshot::bytes).unwrap_or_default().to_vec();
            let existed = locked.content().is_some();
            if self.options.dry_run {
                drop(locked);
                streams::styled(&self.difference(existed, &old, &new))?;
                return Ok(status::DONE);
            }
            session.check_signals(self.path)?;
            match locked.replace(&new, policy(self.options)).map_err(|error| Failure::library(&error))? {
                Outcome::Written(replaced) => {
                    drop(locked);
                    if !replaced.kept.lost.is_empty() {
                        let lost = replaced.kept.lost.join(", ");
                        self.report.note(format!("{} could not keep its {lost}", text::path(self.path)));
                    }
                    self.report.lines(&self.difference(existed, &old, &new));
                    return Ok(status::DONE);
                }
                Outcome::Unchanged => {
                    self.report.note(format!("{} unchanged", text::path(self.path)));
                    return Ok(status::DONE);
                }
                Outcome::Moved if self.if_moved == IfMoved::Again => {}
                Outcome::Moved => {
                    let title = "a program that ignores the lock changed it meanwhile";
                    let failure =
                        Failure::new(status::TRY_LATER, format!("not writing {}: {title}", text::path(self.path)));
                    let state = format!("{} is as that program left it", text::path(self.path));
                    return Err(failure.state(state).hint("run the command again").into());
                }
            }
        }
    }

    fn check_tag(&self, content: Option<&Snapshot>) -> Result<()> {
        let Some(wanted) = &self.options.if_match else { return Ok(()) };
        let shown = text::path(self.path);
        let failure = match (wanted.as_str(), content) {
            ("none", None) => return Ok(()),
            ("none", Some(_)) => Failure::new(status::NO, format!("not writing {shown}: it exists")),
            (wanted, content) => {
                let prefix: TagPrefix = wanted
                    .parse()
                    .map_err(|error| Failure::new(status::USAGE, format!("`{wanted}` is no tag: {error}")))?;
                match content.map(Snapshot::tag) {
                    Some(tag) if prefix.names(&tag) => return Ok(()),
                    Some(tag) => Failure::new(status::NO, format!("not writing {shown}: its tag is another one"))
                        .cause(format!("it is {tag}, not {prefix}")),
                    None => Failure::new(status::NO, format!("not writing {shown}: there is no such file")),
                }
            }
        };
        Err(failure.unchanged(self.path).into())
    }

    fn difference(&self, existed: bool, old: &[u8], new: &[u8]) -> String {
        let name = self.path.to_string_lossy();
        let old_name = if existed { &*name } else { differences::NO_FILE };
        differences::render(old_name, old, &name, new, self.options.diff.diff)
    }
}

/// How files are replaced.
pub fn policy(options: &ChangeOptions) -> ReplacePolicy {
    ReplacePolicy {
        durable: is_durable(options.durability, true),
        break_hard_links: options.break_hardlinks,
        override_read_only: options.override_readonly,
    }
}

pub fn is_durable(options: DurabilityOptions, default: bool) -> bool {
    if options.durable { true } else { default && !options.no_durable }
}

pub fn reseal(options: &ChangeOptions) -> Reseal {
    if options.reseal { Reseal::Always } else { Reseal::OnlyIfRight }
}

/// Whether a file is SDN by its name.
pub fn is_sdn(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sdn"))
}

impl NoCheckOptions {
    /// Whether the content of this file is to be checked.
    pub fn applies_to(self, path: &Path) -> bool {
        !self.no_check && (self.sdn || is_sdn(path))
    }
}

/// Refuses errors in `new` that `old` does not have. `name` is what `new` is called in the message.
pub fn check_new(path: &Path, old: &[u8], name: &str, new: &[u8]) -> Result<(), Failure> {
    let findings = check::new_errors(&Document::parse(old), &Document::parse(new));
    if findings.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(status::INVALID, format!("not writing {}: it is not valid SDN", text::path(path)))
        .excerpts(Shown { name, source: new }.excerpts(&findings))
        .unchanged(path);
    let help = findings[0].help.as_deref();
    Err(failure.hint(help.map_or_else(
        || "write it as it is with `--no-check`".to_owned(),
        |help| format!("{help}, or write it as it is with `--no-check`"),
    )))
}
