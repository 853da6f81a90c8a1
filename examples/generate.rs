//! Writes what is generated from the definitions of the command line: `completions/` and `man/`.
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
use clap_complete::Shell;
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
    let mut files = completions();
    let mut command = args::Cli::command();
    command.build();
    files.push((PathBuf::from("man/sdnlock.1"), overview(&command)?));
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let path = format!("man/sdnlock-{}.1", subcommand.get_name());
        files.push((path.into(), page(subcommand)?));
    }
    Ok(files)
}

fn completions() -> Vec<(PathBuf, Vec<u8>)> {
    let shells = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell];
    shells
        .into_iter()
        .map(|shell| {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut args::Cli::command(), "sdnlock", &mut script);
            let name = clap_complete::Generator::file_name(&shell, "sdnlock");
            (Path::new("completions").join(name), script)
        })
        .collect()
}

fn overview(command: &Command) -> io::Result<Vec<u8>> {
    let man = manual(command.clone(), NAME);
    let mut page = title(command, NAME);
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut commands = Roff::new();
    commands.control("SH", ["COMMANDS"]);
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let about = subcommand.get_about().map(ToString::to_string).unwrap_or_default();
        commands.control("TP", []);
        commands.text([bold(format!("sdnlock-{}", subcommand.get_name())), roman("(1)")]);
        commands.text([roman(about)]);
    }
    commands.to_writer(&mut page)?;
    sections(command).to_writer(&mut page)?;
    see_also(command.get_subcommands().map(|subcommand| format!("sdnlock-{}", subcommand.get_name())))
        .to_writer(&mut page)?;
    Ok(page)
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let name = format!("sdnlock-{}", command.get_name());
    let man = manual(command.clone(), &name);
    let mut page = title(command, &name);
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    sections(command).to_writer(&mut page)?;
    let mut more = Roff::new();
    more.control("SH", ["ENVIRONMENT AND FILES"]);
    more.text([roman("See "), bold("sdnlock"), roman("(1).")]);
    more.to_writer(&mut page)?;
    see_also(std::iter::once("sdnlock".to_owned())).to_writer(&mut page)?;
    Ok(page)
}

fn manual(command: Command, name: &str) -> Man {
    Man::new(command.display_name(name.to_owned()))
}

/// The line that says what page this is. It has no date, so that it changes with the version only.
fn title(command: &Command, name: &str) -> Vec<u8> {
    let version = command.get_version().unwrap_or_default();
    let upper = name.to_uppercase();
    format!(".TH {upper} 1 \"\" \"{NAME} {version}\" \"User Commands\"\n").into_bytes()
}

/// The parts of the long help that stand below the options, under the names a manual gives them.
fn sections(command: &Command) -> Roff {
    let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
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
            "Exit codes" => ("EXIT STATUS", lines.iter().any(|line| line.len() > 7 && &line[..7] == "  0    ")),
            "Environment" => ("ENVIRONMENT", true),
            "Files" => ("FILES", true),
            other => panic!("no section of a manual is called `{other}`"),
        };
        roff.control("SH", [name]);
        if is_list { list(&mut roff, &lines) } else { paragraphs(&mut roff, &lines) }
    }
    roff
}

/// Text, with the lines that begin with `$ ` as they are typed.
fn paragraphs(roff: &mut Roff, lines: &[&str]) {
    let mut commands = false;
    for line in lines {
        let line = line.trim();
        let command = line.strip_prefix("$ ");
        if command.is_some() != commands {
            commands = command.is_some();
            if commands {
                roff.control("RS", ["4"]).control("nf", []);
            } else {
                roff.control("fi", []).control("RE", []);
            }
        }
        match command {
            Some(_) => roff.text([bold(line)]),
            None if line.is_empty() => roff.control("PP", []),
            None => roff.text([roman(line)]),
        };
    }
    if commands {
        roff.control("fi", []).control("RE", []);
    }
}

/// Names with what they mean: a name stands at the left, what it means behind two blanks or below.
fn list(roff: &mut Roff, lines: &[&str]) {
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        let text = line.trim();
        if line.starts_with("   ") {
            roff.text([roman(text)]);
            continue;
        }
        let (name, meaning) = text.split_once("  ").unwrap_or((text, ""));
        roff.control("TP", []).text([bold(name)]);
        if !meaning.is_empty() {
            roff.text([roman(meaning.trim())]);
        }
    }
}

fn see_also(names: impl Iterator<Item = String>) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    let mut names: Vec<String> = names.filter(|name| name != "sdnlock-help").collect();
    names.push("flock".to_owned());
    let last = names.len() - 1;
    for (position, name) in names.into_iter().enumerate() {
        let end = if position == last { "(1)" } else { "(1)," };
        roff.text([italic(name), roman(end)]);
    }
    roff
}
