//! The `sdnlock` command: parse, run, report, exit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{ColorChoice as HelpColor, CommandFactory, FromArgMatches};

mod cli;

use cli::args::{Cli, Color};
use cli::report::Report;

fn main() -> ExitCode {
    // A bug must not look like an answer; what is held is given up on the way here.
    let status = catch_unwind(AssertUnwindSafe(run)).unwrap_or(cli::status::INTERNAL);
    ExitCode::from(status)
}

fn run() -> u8 {
    let matches = Cli::command().color(color_of_help()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match cli.output.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
    let report = Report::new(cli.output);
    cli::commands::run(cli.command, report).unwrap_or_else(|error| report.error(&error))
}

/// Help and wrong usage are printed before the options are known.
fn color_of_help() -> HelpColor {
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let asked = |value: &str| {
        arguments.contains(&format!("--color={value}"))
            || arguments.windows(2).any(|pair| pair[0] == "--color" && pair[1] == value)
    };
    if asked("never") {
        HelpColor::Never
    } else if asked("always") {
        HelpColor::Always
    } else {
        HelpColor::Auto
    }
}
