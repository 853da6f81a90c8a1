//! `sdnlock jj-setup`

use anyhow::Result;

use crate::cli::args::JjSetupArgs;
use crate::cli::report::Report;
use crate::cli::setup::{self, jj};

pub fn run(args: &JjSetupArgs, report: Report) -> Result<u8> {
    setup::run(&[jj::part(&args.setup)?], &args.setup, report)
}
