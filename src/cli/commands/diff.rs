//! `sdnlock diff`

use anyhow::Result;

use crate::cli::args::DiffArgs;
use crate::cli::differences::{self, Side};
use crate::cli::report::Report;
use crate::cli::session::schema_of;
use crate::cli::status;
use crate::cli::streams;

pub fn run(args: &DiffArgs, report: Report) -> Result<u8> {
    let kind = args.diff.kind()?;
    let (old, new) = (streams::read_all(&args.old)?, streams::read_all(&args.new)?);
    if old == new {
        return Ok(status::DONE);
    }
    if !report.is_quiet() {
        let look = streams::look_of_stdout();
        let keys = schema_of(&args.new)?.keys();
        let (old_name, new_name) = (streams::name(&args.old), streams::name(&args.new));
        let (old, new) = (Side { name: &old_name, content: &old }, Side { name: &new_name, content: &new });
        streams::looking(&differences::render(old, new, kind, &keys, look), look)?;
    }
    Ok(status::NO)
}
