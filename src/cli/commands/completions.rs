//! `sdnlock completions`

use anyhow::Result;

use crate::cli::args::{CompletionsArgs, Shell};
use crate::cli::status;
use crate::cli::streams;

pub fn run(args: &CompletionsArgs) -> Result<u8> {
    let script = match args.shell {
        Shell::Bash => include_str!("../../../completions/sdnlock.bash"),
        Shell::Zsh => include_str!("../../../completions/_sdnlock"),
        Shell::Fish => include_str!("../../../completions/sdnlock.fish"),
        Shell::Elvish => include_str!("../../../completions/sdnlock.elv"),
        Shell::Powershell => include_str!("../../../completions/_sdnlock.ps1"),
    };
    streams::bytes(script.as_bytes())?;
    Ok(status::DONE)
}
