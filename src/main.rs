//! The `sdnlock` command: parse, run, report, exit.

use std::process::ExitCode;

use anstream::ColorChoice;
use clap::Parser;

mod cli;

use cli::args::{Cli, Color};
use cli::report::Report;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.output.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
    let report = Report::new(cli.output);
    let status = cli::commands::run(cli.command, report).unwrap_or_else(|error| report.error(&error));
    ExitCode::from(status)
}
