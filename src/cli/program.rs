//! The programs that manage versions of files.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
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
        self.output(Command::new(self.0).arg("--version")).is_ok()
    }

    /// What it prints, without the last line end; nothing if it fails.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn query<S: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = S>) -> Result<Option<String>, Failure> {
        let output = self.output(Command::new(self.0).args(arguments))?;
        let answer = String::from_utf8_lossy(&output.stdout).trim_end_matches(['\n', '\r']).to_owned();
        Ok(output.status.success().then_some(answer))
    }

    /// What it prints, run in a folder; nothing if it fails.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn bytes<S: AsRef<OsStr>>(
        self,
        folder: &Path,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let output = self.output(Command::new(self.0).current_dir(folder).args(arguments))?;
        Ok(output.status.success().then_some(output.stdout))
    }

    /// Runs it, perhaps with another value of a variable.
    ///
    /// # Errors
    /// If it cannot be run, or fails.
    pub fn run<S: AsRef<OsStr>>(
        self,
        arguments: impl IntoIterator<Item = S>,
        variable: Option<&(&str, PathBuf)>,
    ) -> Result<(), Failure> {
        let mut command = Command::new(self.0);
        command.args(arguments).envs(variable.map(|(name, value)| (name, value)));
        let output = self.output(&mut command)?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or_default();
        let cause = said.trim_start_matches("error: ").trim_start_matches("Error: ").to_owned();
        let asked = command.get_args().find(|argument| !argument.as_encoded_bytes().starts_with(b"-"));
        let asked = asked.unwrap_or_default().to_string_lossy();
        Err(Failure::new(status::IO, format!("`{} {asked}` failed", self.0)).cause(cause))
    }

    fn output(self, command: &mut Command) -> Result<Output, Failure> {
        command.stdin(Stdio::null()).output().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::new(status::NO_INPUT, format!("{} is not installed", self.0)),
            _ => Failure::new(status::IO, format!("could not run {}", self.0)).cause(failure::system(&error)),
        })
    }
}
