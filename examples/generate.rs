//! Writes what is generated from the definitions of the command line: `man/`.
//!
//! ```console
//! $ cargo run --example generate
//! $ cargo run --example generate -- --check
//! ```
//! With `--check` nothing is written, and it fails if a file is out of step.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

#[allow(dead_code, reason = "only the definitions are used here, not the values")]
#[path = "../src/cli/args.rs"]
mod args;

#[allow(dead_code, reason = "a test uses the files and not the program")]
fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    let mut status = ExitCode::SUCCESS;
    for (path, content) in files().expect("the files can be generated") {
        let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path);
        if std::fs::read(&whole).is_ok_and(|there| there == content) {
            continue;
        }
        if check {
            eprintln!("{} is out of step: run `cargo run --example generate`", path.display());
            status = ExitCode::FAILURE;
        } else {
            #[expect(clippy::disallowed_methods, reason = "these files are no databases")]
            std::fs::write(&whole, content).expect("the file can be written");
            println!("{}", path.display());
        }
    }
    status
}

const NAME: &str = "sdnlock";

/// All generated files by their paths in the repository.
///
/// # Errors
/// None: what is written goes to memory.
pub fn files() -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut command = args::Cli::command();
    command.build();
    files.push((PathBuf::from("man/sdnlock.1"), overview(&command)?));
    for subcommand in subcommands(&command) {
        let path = format!("man/sdnlock-{}.1", subcommand.get_name());
        files.push((path.into(), page(subcommand, &command)?));
    }
    files.push((PathBuf::from("man/sdnlock-schema.5"), schema(&command)?));
    Ok(files.into_iter().map(|(path, page)| (path, tidied(&page))).collect())
}

/// The page without the macros that formatters skip: breaks around an empty line, and paragraphs without text.
fn tidied(page: &[u8]) -> Vec<u8> {
    let page = String::from_utf8_lossy(page).replace("\n.br\n\n.br\n", "\n.sp\n");
    let page = page.replace("\n.PP\n.ie ", "\n.ie ").replace("\n.PP\n.SH ", "\n.SH ");
    page.into_bytes()
}

/// The date of the manual. A release renews it.
const DATE: &str = "2026-11-27";

fn overview(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = head(command, NAME, command)?;
    let mut commands = Roff::new();
    commands.control("SH", ["COMMANDS"]);
    for subcommand in subcommands(command) {
        let about = subcommand.get_about().map(ToString::to_string).unwrap_or_default();
        commands.control("TP", []);
        commands.text([bold(format!("sdnlock-{}", subcommand.get_name())), roman("(1)")]);
        commands.text([roman(about)]);
    }
    commands.to_writer(&mut page)?;
    sections(&long_help(command)).to_writer(&mut page)?;
    let pages = subcommands(command).map(|subcommand| (format!("sdnlock-{}", subcommand.get_name()), 1));
    see_also(pages.chain([(SCHEMA.to_owned(), 5)])).to_writer(&mut page)?;
    Ok(page)
}

fn page(command: &Command, overall: &Command) -> io::Result<Vec<u8>> {
    let mut page = head(command, &format!("sdnlock-{}", command.get_name()), overall)?;
    sections(&long_help(command)).to_writer(&mut page)?;
    let mut more = Roff::new();
    more.control("SH", ["ENVIRONMENT, FILES AND LIMITS"]);
    more.text([roman("See "), bold("sdnlock"), roman("(1).")]);
    more.to_writer(&mut page)?;
    let schema = (command.get_name() == "check").then(|| (SCHEMA.to_owned(), 5));
    see_also([(NAME.to_owned(), 1)].into_iter().chain(schema)).to_writer(&mut page)?;
    Ok(page)
}

/// The page about the format of schemas.
const SCHEMA: &str = "sdnlock-schema";

fn schema(overall: &Command) -> io::Result<Vec<u8>> {
    let version = overall.get_version().unwrap_or_default();
    let upper = SCHEMA.to_uppercase();
    let mut page = format!(".TH {upper} 5 \"{DATE}\" \"{NAME} {version}\" \"File Formats\"\n").into_bytes();
    let mut name = Roff::new();
    name.control("SH", ["NAME"]).text([roman(format!("{SCHEMA} - what a project says about its databases"))]);
    name.to_writer(&mut page)?;
    sections(include_str!("../src/cli/help/schema.txt")).to_writer(&mut page)?;
    see_also([(NAME.to_owned(), 1), ("sdnlock-check".to_owned(), 1)].into_iter()).to_writer(&mut page)?;
    Ok(page)
}

fn subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help")
}

/// Title, name, synopsis, description and options of a page.
fn head(command: &Command, name: &str, overall: &Command) -> io::Result<Vec<u8>> {
    // What the short help leaves out stands in the manual.
    let shown = command.clone().mut_args(|argument| argument.hide_short_help(false));
    let man = Man::new(shown.display_name(name.to_owned()));
    let version = overall.get_version().unwrap_or_default();
    let upper = name.to_uppercase();
    let mut page = format!(".TH {upper} 1 \"{DATE}\" \"{NAME} {version}\" \"User Commands\"\n").into_bytes();
    man.render_name_section(&mut page)?;
    let usage = command.clone().render_usage().to_string();
    let mut text = Roff::new();
    text.control("SH", ["SYNOPSIS"]).text([bold(usage.trim_start_matches("Usage: "))]);
    text.control("SH", ["DESCRIPTION"]);
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    // The first paragraph is what stands under NAME.
    let paragraphs = about.split("\n\n");
    for (position, paragraph) in paragraphs.skip(usize::from(about.contains("\n\n"))).enumerate() {
        if position > 0 {
            text.control("PP", []);
        }
        text.text([roman(paragraph)]);
    }
    text.to_writer(&mut page)?;
    man.render_options_section(&mut page)?;
    Ok(page)
}

/// The long help of a command that stands below the options.
fn long_help(command: &Command) -> String {
    command.get_after_long_help().map(ToString::to_string).unwrap_or_default()
}

/// The parts of a help text, under the names a manual gives them.
fn sections(help: &str) -> Roff {
    let mut parts: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in help.lines() {
        match line.strip_suffix(':').filter(|title| !title.starts_with(' ')) {
            Some(title) => parts.push((title, Vec::new())),
            None => parts.last_mut().expect("the help begins with a title").1.push(line),
        }
    }
    // A manual has its examples last.
    parts.sort_by_key(|(title, _)| *title == "Examples");
    let mut roff = Roff::new();
    for (title, lines) in parts {
        let (name, is_list) = match title {
            "Examples" => ("EXAMPLES", false),
            "Exit codes" => ("EXIT STATUS", true),
            "States" => ("STATES", true),
            "Limits" => ("LIMITS", false),
            "Trust" => ("TRUST", false),
            "Environment" => ("ENVIRONMENT", true),
            "Files" => ("FILES", true),
            "Addresses" => ("ADDRESSES", false),
            "Description" => ("DESCRIPTION", false),
            "Tables" => ("TABLES", true),
            "Types" => ("TYPES", true),
            "Findings" => ("FINDINGS", true),
            "Conventions" => ("CONVENTIONS", false),
            other => panic!("no section of a manual is called `{other}`"),
        };
        roff.control("SH", [name]);
        if is_list { list(&mut roff, &lines) } else { paragraphs(&mut roff, &lines) }
    }
    roff
}

/// How a line of text is shown.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Filled,
    Command,
    Literal,
}

/// Text, with the lines that begin with `$ ` as they are typed, and those that are indented as they stand.
fn paragraphs(roff: &mut Roff, lines: &[&str]) {
    let mut before = Shown::Filled;
    for line in lines {
        let text = line.trim();
        let shown = match line {
            _ if text.starts_with("$ ") => Shown::Command,
            _ if line.starts_with(LITERAL) => Shown::Literal,
            _ => Shown::Filled,
        };
        if (shown == Shown::Filled) != (before == Shown::Filled) {
            if before == Shown::Filled {
                roff.control("RS", ["4"]).control("nf", []);
            } else {
                roff.control("fi", []).control("RE", []);
            }
        }
        before = shown;
        match shown {
            Shown::Command => roff.text([bold(text)]),
            Shown::Literal => roff.text([roman(line.strip_prefix(LITERAL).unwrap_or(line))]),
            Shown::Filled if text.is_empty() => roff.control("PP", []),
            Shown::Filled => roff.text([roman(text)]),
        };
    }
    if before != Shown::Filled {
        roff.control("fi", []).control("RE", []);
    }
}

/// Lines with this indentation stand as they are.
const LITERAL: &str = "      ";

/// Names with what they mean: a name stands at the left, what it means behind two blanks or below.
fn list(roff: &mut Roff, lines: &[&str]) {
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        let text = line.trim();
        if line.starts_with("   ") {
            roff.text([roman(text)]);
            continue;
        }
        // A number is parted from its meaning by one blank if it is a long one.
        let number = text.starts_with(|c: char| c.is_ascii_digit() || c == 'N')
            && text.split(' ').next().is_some_and(|word| word.len() < 6);
        let parted = if number { text.split_once(' ') } else { text.split_once("  ") };
        let (name, meaning) = parted.unwrap_or((text, ""));
        roff.control("TP", []).text([bold(name)]);
        if !meaning.is_empty() {
            roff.text([roman(meaning.trim())]);
        }
    }
}

/// Other pages, with their sections.
fn see_also(pages: impl Iterator<Item = (String, u8)>) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let mut pages: Vec<_> = pages.filter(|(name, _)| name != "sdnlock-help").collect();
    pages.push(("flock".to_owned(), 1));
    let last = pages.len() - 1;
    for (position, (name, section)) in pages.into_iter().enumerate() {
        let end = if position == last { "" } else { "," };
        roff.text([italic(name), roman(format!("({section}){end}"))]);
    }
    roff
}
