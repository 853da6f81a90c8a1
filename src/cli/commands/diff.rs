//! `sdnlock diff`

use anyhow::Result;

use crate::cli::args::DiffArgs;
use crate::cli::differences;
use crate::cli::report::Report;
use crate::cli::status;
use crate::cli::streams;

pub fn run(args: &DiffArgs, report: Report) -> Result<u8> {
    let (old, new) = (streams::read_all(&args.old)?, streams::read_all(&args.new)?);
    if old == new {
        return Ok(status::DONE);
    }
    let (old_name, new_name) = (streams::name(&args.old), streams::name(&args.new));
    if !report.is_quiet() {
        streams::styled(&differences::render(&old_name, &old, &new_name, &new, args.diff.diff))?;
    }
    Ok(status::NO)
}
