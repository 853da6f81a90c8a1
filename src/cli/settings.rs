//! What the options say together with the environment.

use std::env;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use sdnlock::disk::{Durability, ReplacePolicy};
use sdnlock::lock::{Nesting, Wait};
use sdnlock::merge::Strategy;
use sdnlock::sdn::{Reseal, is_sdn};

use super::args::{
    BackupOption, ChangeOptions, CheckArgs, CheckFormat, CheckOptions, DiffKind, DiffOption, DurabilityOptions,
    LockOptions, MergingOptions, StrategyName, Timeout, parse_timeout,
};
use super::failure::Failure;
use super::status;

/// The value of a variable; one that is empty counts as unset.
fn variable(name: &str) -> Option<String> {
    env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}

fn wrong(name: &str, value: &str, problem: &str) -> Failure {
    Failure::new(status::USAGE, format!("the environment variable {name} is `{value}`: {problem}"))
}

impl LockOptions {
    /// How long to wait for locks.
    pub fn wait(&self) -> Result<Wait, Failure> {
        const NAME: &str = "SDNLOCK_TIMEOUT";
        let timeout = match (self.nonblock, self.timeout, variable(NAME)) {
            (true, ..) => return Ok(Wait::No),
            (_, Some(timeout), _) => timeout,
            (_, None, Some(value)) => parse_timeout(&value).map_err(|problem| wrong(NAME, &value, &problem))?,
            (_, None, None) => return Ok(Wait::DEFAULT),
        };
        Ok(match timeout {
            Timeout(Some(limit)) => Wait::from(limit),
            Timeout(None) => Wait::Forever,
        })
    }
}

impl DiffOption {
    /// How to show what changed.
    pub fn kind(self) -> Result<DiffKind, Failure> {
        const NAME: &str = "SDNLOCK_DIFF";
        match (self.diff, variable(NAME)) {
            (Some(kind), _) => Ok(kind),
            (None, None) => Ok(DiffKind::Fitting),
            (None, Some(value)) => DiffKind::from_str(&value, false)
                .map_err(|_| wrong(NAME, &value, "expected unified, records, stat, json or none")),
        }
    }
}

impl ChangeOptions {
    /// How files are replaced.
    pub fn policy(&self) -> Result<ReplacePolicy, Failure> {
        Ok(ReplacePolicy {
            durability: self.durability.durability(),
            break_hard_links: self.break_hardlinks,
            override_read_only: self.override_readonly,
            backups: self.backups.number()?,
        })
    }

    pub fn reseal(&self) -> Reseal {
        if self.reseal { Reseal::Always } else { Reseal::OnlyIfRight }
    }
}

impl BackupOption {
    /// How many earlier contents are kept.
    pub fn number(self) -> Result<usize, Failure> {
        const NAME: &str = "SDNLOCK_BACKUPS";
        match (self.backups, variable(NAME)) {
            (Some(number), _) => Ok(usize::from(number)),
            (None, None) => Ok(0),
            (None, Some(value)) => {
                value.parse::<u16>().map(usize::from).map_err(|_| wrong(NAME, &value, "expected a number of backups"))
            }
        }
    }
}

impl CheckArgs {
    /// How findings are shown.
    pub fn format(&self) -> CheckFormat {
        let in_workflow = || variable("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        self.format.unwrap_or_else(|| if in_workflow() { CheckFormat::Github } else { CheckFormat::Human })
    }
}

impl DurabilityOptions {
    pub fn durability(self) -> Durability {
        match (self.durable, self.no_durable) {
            (true, _) => Durability::Always,
            (false, false) => Durability::Outermost,
            (false, true) => Durability::Never,
        }
    }

    pub fn is_durable(self, default: bool) -> bool {
        self.durable || (default && !self.no_durable)
    }
}

impl CheckOptions {
    /// Whether this file is a database, and not any text.
    pub fn is_database(self, path: &Path) -> bool {
        self.sdn || is_sdn(path)
    }

    /// Whether the content of this file is to be checked.
    pub fn applies_to(self, path: &Path) -> bool {
        !self.no_check && self.is_database(path)
    }
}

/// The folder of the repository, in a GitHub workflow.
pub fn workspace() -> Option<PathBuf> {
    env::var_os("GITHUB_WORKSPACE").filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// What the commands that run this one hold.
pub fn nesting() -> Nesting {
    env::var_os(Nesting::VARIABLE).map(|value| Nesting::from_value(&value)).unwrap_or_default()
}

impl MergingOptions {
    pub fn strategy(self) -> Strategy {
        match self.strategy {
            StrategyName::Merge => Strategy::Merge,
            StrategyName::Error => Strategy::Error,
            StrategyName::LastWriteWins => Strategy::LastWriteWins,
            StrategyName::LastModifiedWins => Strategy::LastModifiedWins,
        }
    }
}
