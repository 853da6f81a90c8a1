//! `sdnlock man`

use anyhow::Result;

use crate::cli::args::ManArgs;
use crate::cli::status;
use crate::cli::streams;

/// The page about a command.
macro_rules! page {
    ($wanted:expr, $($command:literal)*) => {
        match $wanted {
            $($command => include_str!(concat!("../../../man/sdnlock-", $command, ".1")),)*
            "schema" => include_str!("../../../man/sdnlock-schema.5"),
            _ => include_str!("../../../man/sdnlock.1"),
        }
    };
}

pub fn run(args: &ManArgs) -> Result<u8> {
    let wanted = args.page.as_deref().unwrap_or_default();
    let page = page!(wanted, "read" "write" "edit" "exec" "get" "set" "check" "diff" "merge" "git-setup" "jj-setup" "status" "restore"
        "completions" "man");
    streams::bytes(page.as_bytes())?;
    Ok(status::DONE)
}
