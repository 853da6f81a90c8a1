//! `sdnlock git-setup`

use anyhow::Result;

use crate::cli::args::GitSetupArgs;
use crate::cli::report::Report;
use crate::cli::setup::{self, git, jj};

pub fn run(args: &GitSetupArgs, report: Report) -> Result<u8> {
    let options = &args.setup;
    let is_jj_used = jj::is_used(options);
    let mut parts = Vec::new();
    if git::is_used(options) || !is_jj_used {
        parts.push(git::part(options)?);
    }
    if is_jj_used {
        parts.push(jj::part(options)?);
    } else if !options.global && jj::is_repository() {
        report.note("jj, which manages this repository too, is not installed: set it up later with `sdnlock jj-setup`");
    }
    setup::run(&parts, options, report)
}
