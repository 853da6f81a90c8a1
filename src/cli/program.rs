//! The programs that manage versions of files.

use std::ffi::OsStr;
use std::io;
use std::process::{Command, Output, Stdio};

use super::failure::{self, Failure};
use super::status;

/// A program that manages versions of files.
#[derive(Clone, Copy, Debug)]
pub struct Program(&'static str);

/// Git.
pub const GIT: Program = Program("git");
/// Jujutsu.
pub const JJ: Program = Program("jj");

impl Program {
    /// What it is called.
    pub fn name(self) -> &'static str {
        self.0
    }

    /// Whether it can be run at all.
    pub fn is_installed(self) -> bool {
        self.output(["--version"]).is_ok()
    }

    /// What it prints, without the last line end; nothing if it fails.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn query<S: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = S>) -> Result<Option<String>, Failure> {
        let output = self.output(arguments)?;
        let answer = String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r']).to_owned();
        Ok(output.status.success().then_some(answer))
    }

    /// Lets it change its configuration.
    ///
    /// # Errors
    /// If it cannot be run, or fails.
    pub fn run<S: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = S>) -> Result<(), Failure> {
        let output = self.output(arguments)?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or_default();
        let cause = said.trim_start_matches("error: ").trim_start_matches("Error: ").to_owned();
        Err(Failure::new(status::IO, format!("{} refused a change of its configuration", self.0)).cause(cause))
    }

    fn output<S: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = S>) -> Result<Output, Failure> {
        let output = Command::new(self.0).args(arguments).stdin(Stdio::null()).output();
        output.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::new(status::NO_INPUT, format!("{} is not installed", self.0)),
            _ => Failure::new(status::IO, format!("could not run {}", self.0)).cause(failure::system(&error)),
        })
    }
}
