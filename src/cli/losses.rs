//! What a change takes away, in words.

use std::path::Path;

use sdnlock::disk::{self, Snapshot};
use sdnlock::loss::{LimitError, Limits, Loss, LossError, LossKind};

use super::args::LossOptions;
use super::failure::{Failure, system};
use super::report::Report;
use super::status;
use super::text;

/// Whether a large loss is refused where nothing is said of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LargeLoss {
    /// A program made the change.
    Refused,
    /// A person meant it.
    Allowed,
}

/// What the options allow a change to take away.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// Nothing where everything is allowed.
    limits: Option<Limits>,
    large: LargeLoss,
}

impl Allowed {
    pub fn by(options: &LossOptions, large: LargeLoss) -> Result<Self, Failure> {
        if options.allow_loss {
            return Ok(Self { limits: None, large });
        }
        let mut limits = Limits::NONE;
        for limit in &options.limits {
            let set = match limit.split_once('=') {
                Some((name, value)) => limits.set(name, value),
                None => Err(LimitError::Value(limit.clone())),
            };
            set.map_err(|error| not_a_limit(limit, &error))?;
        }
        if let Some(only) = &options.only {
            limits = limits.with_only(only);
        }
        let limits = if options.no_loss { limits.or(&Limits::no_loss()) } else { limits };
        Ok(Self { limits: Some(limits), large })
    }

    /// The limits of a change, with those of a schema.
    pub fn limits(&self, schema: &Limits) -> Limits {
        let Some(limits) = &self.limits else { return Limits::NONE };
        let limits = limits.clone().or(schema);
        if self.large == LargeLoss::Refused { limits.refusing_large() } else { limits }
    }

    /// Whether what is lost is told.
    pub fn is_told(&self) -> bool {
        self.limits.is_some()
    }
}

fn not_a_limit(limit: &str, error: &LimitError) -> Failure {
    let failure = Failure::new(status::USAGE, format!("`--limit {limit}` is no limit: {error}"));
    match error {
        LimitError::Name(_) => failure.hint(format!("the limits are {}", Limits::names().join(", "))),
        _ => failure.hint("write how many, as `--limit removed=10`, or a share, as `--limit removed=5%`"),
    }
}

/// That a change takes away more than may be.
pub fn refused(title: impl Into<String>, error: &LossError) -> Failure {
    let failure = Failure::new(status::INVALID, title);
    error.losses.iter().fold(failure, Failure::cause).hint("if that is meant, allow it by `--allow-loss`")
}

/// What it is called that a change takes away more than may be.
pub const WHY: &str = "it would lose or change more than is allowed";

/// Keeps a content that may not take the place of what is there, and says where.
pub fn kept_rejected(failure: Failure, path: &Path, new: &[u8], like: &Snapshot) -> Failure {
    match disk::keep_aside(path, "rejected", new, like) {
        Ok(kept) => failure.kept(&kept),
        Err(error) => failure.cause(format!("the new content could not be kept: {}", system(&error))),
    }
}

/// Says what a change took away. To remove a setting is what editing a configuration is.
pub fn warn(report: Report, path: &Path, losses: &[Loss]) {
    for loss in losses.iter().filter(|loss| loss.kind != LossKind::Settings) {
        report.warning(format!("{}: {loss}", text::path(path)));
    }
}
