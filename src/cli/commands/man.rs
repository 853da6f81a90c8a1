//! `sdnlock man`

use anyhow::Result;

use crate::cli::args::ManArgs;
use crate::cli::failure::Failure;
use crate::cli::status;
use crate::cli::streams;

/// The pages, by the command they are about.
macro_rules! pages {
    ($($command:literal)*) => {
        &[$(($command, include_str!(concat!("../../../man/sdnlock-", $command, ".1")))),*]
    };
}

const OVERVIEW: &str = include_str!("../../../man/sdnlock.1");
const PAGES: &[(&str, &str)] = pages!("read" "write" "edit" "exec" "get" "set" "check" "diff" "completions" "man");

pub fn run(args: &ManArgs) -> Result<u8> {
    let page = match args.page.as_deref().map(|page| page.strip_prefix("sdnlock-").unwrap_or(page)) {
        None | Some("sdnlock") => Some(OVERVIEW),
        Some(command) => PAGES.iter().find(|(name, _)| *name == command).map(|(_, page)| *page),
    };
    let page = page.ok_or_else(|| {
        let names: Vec<&str> = PAGES.iter().map(|(name, _)| *name).collect();
        let title = format!("no page about `{}`", args.page.as_deref().unwrap_or_default());
        Failure::new(status::NO, title).hint(format!("there is {}", names.join(", ")))
    })?;
    streams::bytes(page.as_bytes())?;
    Ok(status::DONE)
}
