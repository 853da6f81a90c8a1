//! One file for each command; none uses another.

mod add;
mod alter;
mod check;
mod completions;
mod diff;
mod edit;
mod exec;
mod get;
mod git_setup;
mod jj_setup;
mod list;
mod man;
mod merge;
mod read;
mod restore;
mod rm;
mod set;
mod status;
mod write;

use anyhow::Result;

use super::args::Command;
use super::report::Report;
use super::usage;

/// Runs a command and gives its exit code.
pub fn run(command: Command, report: Report) -> Result<u8> {
    if let Some(failure) = usage::swapped(&command) {
        return Err(failure.into());
    }
    match command {
        Command::Read(args) => read::run(&args, report),
        Command::Write(args) => write::run(&args, report),
        Command::Edit(args) => edit::run(&args, report),
        Command::Exec(args) => exec::run(&args, report),
        Command::Get(args) => get::run(&args, report),
        Command::List(args) => list::run(&args, report),
        Command::Set(args) => set::run(&args, report),
        Command::Add(args) => add::run(&args, report),
        Command::Rm(args) => rm::run(&args, report),
        Command::Alter(args) => alter::run(&args, report),
        Command::Check(args) => check::run(&args, report),
        Command::Diff(args) => diff::run(&args, report),
        Command::Merge(args) => merge::run(&args, report),
        Command::GitSetup(args) => git_setup::run(&args, report),
        Command::JjSetup(args) => jj_setup::run(&args, report),
        Command::Status(args) => status::run(&args, report),
        Command::Restore(args) => restore::run(&args, report),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
