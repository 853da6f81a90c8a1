//! The `sdnlock` command: parse, run, report, exit.

use std::io::Write;
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
    ExitCode::from(if is_driver() { cli::status::of_driver(status) } else { status })
}

/// Whether git runs this as a merge driver. It must be known before the options are, and if they are wrong.
fn is_driver() -> bool {
    let given = |argument: &str| std::env::args_os().skip(1).any(|given| given == argument);
    given("merge") && given("--git")
}

fn run() -> u8 {
    if let Some(status) = cli::completion::answer() {
        return status;
    }
    let matches = match Cli::command().color(color_of_help()).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return print_error(&cli::usage::hinted(error)),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return print_error(&error),
    };
    match cli.output.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
    let report = Report::new(cli.output);
    cli::signals::survive_size_limit();
    cli::commands::run(cli.command, report).unwrap_or_else(|error| report.error(&error))
}

/// Prints help, or what is wrong with the arguments, and gives the exit code.
fn print_error(error: &clap::Error) -> u8 {
    // Nobody can be told that stderr is closed.
    let printed = match cli::usage::visible(error) {
        None => error.print(),
        Some(text) => std::io::stderr().write_all(text.as_bytes()),
    };
    if !error.use_stderr()
        && let Err(failure) = cli::streams::printed(printed)
    {
        return Report::default().failure(&failure);
    }
    u8::try_from(error.exit_code()).unwrap_or(cli::status::USAGE)
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
