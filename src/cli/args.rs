//! All options, and nothing else: what is said here becomes the help, the manual and the
//! completions. Uses clap, jiff and the standard library only, so that the generator of the checked-in
//! files can take it as it is.

#![expect(clippy::doc_markdown, reason = "the comments are shown to users, without markup")]
#![expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

// The generator takes this file from elsewhere.
#[path = "args/check.rs"]
mod check;
#[path = "args/list.rs"]
mod list;
#[path = "args/loss.rs"]
mod loss;
#[path = "args/merge.rs"]
mod merge;
#[path = "args/records.rs"]
mod records;
#[path = "args/setup.rs"]
mod setup;

pub use check::*;
pub use list::*;
pub use loss::*;
pub use merge::*;
pub use records::*;
pub use setup::*;

/// Read, write and edit text databases safely while other programs use them
///
/// sdnlock lets any number of programs read, write and edit the same SDN text databases, without
/// changing those programs. It takes the lock that the existing programs take, replaces files
/// atomically, checks what is written, and shows what changed.
#[derive(Parser, Debug)]
#[command(name = "sdnlock", version, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "`sdnlock help COMMAND` says all about a command, with examples.")]
#[command(after_long_help = include_str!("help/sdnlock.txt"))]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub output: OutputOptions,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    Read(ReadArgs),
    Write(WriteArgs),
    Edit(EditArgs),
    Exec(ExecArgs),
    Get(GetArgs),
    List(ListArgs),
    Set(SetArgs),
    Add(AddArgs),
    Rm(RmArgs),
    Alter(AlterArgs),
    Check(CheckArgs),
    Diff(DiffArgs),
    Merge(MergeArgs),
    GitSetup(GitSetupArgs),
    JjSetup(JjSetupArgs),
    Status(StatusArgs),
    Restore(RestoreArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Print a database, or one table, record or value of it
///
/// Prints the bytes as they stand in the file, or with --json what they say. A terminal gets characters on which it
/// would act, or that nobody could see, in a form that can be seen, as `<U+200F>`. The file is read under a shared
/// lock, so that no half-written state is seen, and the lock is given up before anything is printed, so that a slow
/// reader of the output keeps nobody waiting.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/read.txt"))]
pub struct ReadArgs {
    /// The database
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// What to print: TABLE, TABLE.KEY, TABLE.KEY.COLUMN, or a setting as a.b.c [default: everything]
    #[arg(value_name = "ADDR")]
    pub address: Option<String>,
    /// Print what it says as JSON, for programs
    ///
    /// The database is an object of its settings and tables, a table an array of objects by column, or of
    /// arrays where the columns have no names. A value has the type that the newest Rust reader gives it,
    /// where that loses nothing of its spelling: 007, 1.2.3, ./x and numbers of more than 64 bits are
    /// strings. What holds single values only is one line, so that a record is one.
    #[arg(long, conflicts_with = "tag_only")]
    pub json: bool,
    /// With --json: all values as the texts that stand there
    #[arg(long, requires = "json", hide_short_help = true)]
    pub text: bool,
    /// Print the version tag first, on stderr
    ///
    /// The tag is `sha256:` and the digest that sha256sum(1) prints for the same content.
    #[arg(long)]
    pub tag: bool,
    /// Print only the version tag, on stdout
    #[arg(long, conflicts_with_all = ["tag", "address"])]
    pub tag_only: bool,
    #[command(flatten)]
    pub lock: LockOptions,
    #[command(flatten)]
    pub lockless: LocklessOption,
}

/// Replace a database by standard input or another file
///
/// The new content is checked first: errors that the old content did not have are refused. Whoever
/// reads the database sees the old content or the new one, whole, at every instant.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/write.txt"))]
#[command(mut_arg("strategy", |option| option.hide_short_help(true)))]
pub struct WriteArgs {
    /// The database; it is made if it does not exist
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Where the new content stands; `-` is standard input
    #[arg(default_value = "-", value_hint = ValueHint::FilePath)]
    pub source: PathBuf,
    /// Take the new content as JSON, as `read --json` prints it
    ///
    /// Only what says something else is changed; records are matched by their keys. Comments, spacing and
    /// spellings stay. An array of objects that is new becomes a table. A record keeps the columns that it
    /// does not name; what the JSON does not name otherwise is removed.
    #[arg(long)]
    pub from_json: bool,
    /// Allow a database that holds something to be emptied
    #[arg(long, hide_short_help = true)]
    pub allow_empty: bool,
    /// Merge the change from this file to SOURCE into whatever the database holds now
    ///
    /// OLD is what the new content was computed from. What others changed since stays; what both changed
    /// differently is a conflict: nothing is written then, and the exit code is 1. SOURCE is the incoming side.
    #[arg(long, value_name = "OLD", value_hint = ValueHint::FilePath)]
    pub base: Option<PathBuf>,
    #[command(flatten)]
    pub check: CheckOptions,
    #[command(flatten)]
    pub merging: MergingOptions,
    #[command(flatten)]
    pub change: ChangeOptions,
    #[command(flatten)]
    pub loss: LossOptions,
    #[command(flatten)]
    pub lock: LockOptions,
}

/// Change a database in an editor, without blocking anybody
///
/// Opens a copy in the editor. No lock is held while the editor is open. When it is left, the text is
/// checked, the database is locked, replaced, and the difference is shown. If the text is not valid
/// you may edit it again, keep it beside the database, or discard it; if the database changed
/// meanwhile, your text is kept beside it.
///
/// The editor is a shell command line, taken from SDNLOCK_EDITOR, VISUAL or EDITOR; if all are unset
/// or empty it is `vi`. As for git, VISUAL is passed over on a terminal that is unknown or dumb.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/edit.txt"))]
pub struct EditArgs {
    /// The database
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Keep the database locked while the editor is open
    ///
    /// Others wait, and are told who is editing and since when.
    #[arg(long)]
    pub hold: bool,
    #[command(flatten)]
    pub check: CheckOptions,
    #[command(flatten)]
    pub change: ChangeOptions,
    #[command(flatten)]
    pub loss: LossOptions,
    #[command(flatten)]
    pub lock: LockOptions,
}

/// Run a command while holding the locks of the databases it uses
///
/// Standard input, output and error are the command's. Its changes stay, unless they turned a valid
/// database into an invalid one: then the old content comes back, and the broken one is kept as
/// FILE.rejected. The difference is shown on stderr. A terminal's Ctrl-C reaches the command;
/// sdnlock forwards TERM, HUP, USR1 and USR2 to it and waits for it to end.
#[derive(Args, Debug)]
#[command(override_usage = "sdnlock exec [OPTIONS] <FILE|DIR>... -- <CMD>...")]
#[command(after_long_help = include_str!("help/exec.txt"))]
pub struct ExecArgs {
    /// The databases to lock; of a folder all .sdn files below it
    ///
    /// They need not exist yet.
    #[arg(required = true, value_name = "FILE|DIR", value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
    /// Keep all of the command's changes, or none
    ///
    /// All databases are as before unless the command exits with 0 and all of them are valid, even if
    /// sdnlock is killed: then the next one that uses any of them brings all of them back first.
    #[arg(long, conflicts_with_all = ["self_locking", "close", "shared"])]
    pub transaction: bool,
    /// Lock for reading: others read too, and a change by the command is undone and an error
    #[arg(long, conflicts_with = "self_locking")]
    pub shared: bool,
    /// Run the command, print what it would change, and undo it
    #[arg(long, conflicts_with_all = ["self_locking", "close", "shared"])]
    pub dry_run: bool,
    /// Leave the lock to the command, which takes it by itself
    ///
    /// For programs that lock as the Rust driver, the Simple tools or the C runtime do: they would wait for
    /// a lock that is held for them. Other sdnlocks still wait.
    #[arg(long)]
    pub self_locking: bool,
    /// Do not let the command inherit the lock
    ///
    /// If sdnlock is killed, the lock then ends at once, and not with the command. For commands that leave
    /// programs running behind them.
    #[arg(short = 'o', long, hide_short_help = true)]
    pub close: bool,
    /// Seal anew what the command wrote to a database with a #sdn-crc32 seal
    ///
    /// Otherwise a change that does not renew the seal is undone: readers that know it would load nothing.
    #[arg(long, hide_short_help = true)]
    pub reseal: bool,
    #[command(flatten)]
    pub check: CheckOptions,
    #[command(flatten)]
    pub diff: DiffOption,
    #[command(flatten)]
    pub backups: BackupOption,
    #[command(flatten)]
    pub durability: DurabilityOptions,
    #[command(flatten)]
    pub loss: LossOptions,
    #[command(flatten)]
    pub lock: LockOptions,
}

/// Print one value, record or table
///
/// A value is printed decoded, without its quotes, and in a pipe exactly as it is. A record is one `column: value` a
/// line; a value that holds line ends or tabs, begins with a quote or has blanks at its ends stands in quotes there,
/// with escapes as in a database. At a terminal single values are shown so too, and control characters are made
/// visible. A table is printed as by `sdnlock list`.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/get.txt"))]
pub struct GetArgs {
    /// The database
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// What to print: TABLE, TABLE.KEY, TABLE.KEY.COLUMN, or a setting as a.b.c or a.b[2]
    #[arg(value_name = "ADDR")]
    pub address: String,
    /// Print values as they are, also within a record and at a terminal
    #[arg(long)]
    pub raw: bool,
    /// End values with NUL instead of a line end, and print them as they are
    #[arg(short = '0', long)]
    pub null: bool,
    #[command(flatten)]
    pub lock: LockOptions,
    #[command(flatten)]
    pub lockless: LocklessOption,
}

/// Change cells or settings, all in one step
///
/// Exactly the bytes of the values change; comments, spacing and line ends stay. A value is written
/// so that every program reads it back as it was given, in quotes where that needs them.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/set.txt"))]
pub struct SetArgs {
    /// The database
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// What to change: ADDR=VALUE replaces a value, ADDR+=N adds to a number
    #[arg(required = true, value_name = "ADDR=VALUE")]
    pub assignments: Vec<String>,
    /// Change anything only if ADDR has this value; also ADDR!=VALUE, ADDR<VALUE, ADDR>VALUE
    ///
    /// If it is given several times, all must hold. Nothing comes between the look and the change. It is
    /// written and read as one of `list --where`; if a condition does not hold the exit code is 1.
    #[arg(long = "if", value_name = "ADDR=VALUE")]
    pub conditions: Vec<String>,
    #[command(flatten)]
    pub change: ChangeOptions,
    #[command(flatten)]
    pub lock: LockOptions,
}

/// Show the difference of two files
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/diff.txt"))]
pub struct DiffArgs {
    /// The old file; `-` is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub old: PathBuf,
    /// The new file; `-` is standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub new: PathBuf,
    #[command(flatten)]
    pub diff: DiffOption,
    /// Work as a diff tool of jj: the files are versions of one of this repository, at its path below two other folders
    ///
    /// Its path from the root of the repository is what they are called, and tells which schema counts. Of files
    /// that are no text it is said that they differ. `sdnlock jj-setup` sets this up.
    #[arg(long, hide_short_help = true)]
    pub jj: bool,
}

/// Show who holds or waits for what, and what was left behind
///
/// Looks at locks without taking them. Of folders, databases are shown where something is going on.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/status.txt"))]
pub struct StatusArgs {
    /// Databases, or folders to look for databases in [default: .]
    #[arg(default_value = ".", hide_default_value = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Print one JSON object, for programs
    ///
    /// {"databases": [{"path", "state": "free"|"held"|"stale", "mode": "shared"|"exclusive"|null,
    /// "holders": [...], "waiters": [...], "stale": PATH|null, "dead": true|false, "transaction":
    /// "open"|"interrupted"|"damaged"|null, "left_over": [PATH, ...]}]}. A holder or waiter is {"kind":
    /// "sdnlock"|"driver"|"interpreter"|"simple-tool"|"direct"|"waiter"|"unknown", "pid", "user", "host",
    /// "command", "seconds"}, each null if it is not known; seconds is how long the lock has been held.
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 if a lock is held
    #[arg(long)]
    pub exit_code: bool,
    /// Remove what is provably dead
    ///
    /// That is the lock file of a dead process, files of the protocol that nobody uses, and temporary
    /// files, those of other programs (NAME.tmp) if they are a minute old. What belongs to a database
    /// that is held stays.
    #[arg(long)]
    pub clean: bool,
}

/// List the backups of a database, or bring one back
///
/// Backups are made by `--backups`, or by the existing database library. What is brought back takes the
/// place of the database under its lock; the content that gives way becomes the newest backup, so that
/// this can be undone, and no backup is lost.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/restore.txt"))]
pub struct RestoreArgs {
    /// The database
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Which backup to bring back: 0 is FILE.bak, 1 is FILE.bak.1; without it, list them
    #[arg(value_name = "N")]
    pub number: Option<usize>,
    #[command(flatten)]
    pub check: CheckOptions,
    #[command(flatten)]
    pub change: ChangeOptions,
    #[command(flatten)]
    pub loss: LossOptions,
    #[command(flatten)]
    pub lock: LockOptions,
}

/// Print the completions for a shell
///
/// What is printed is also checked in, and packaged, under completions/.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/completions.txt"))]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// The commands that have a page of the manual, and the file format that has one.
pub const PAGES: [&str; 20] = [
    "read",
    "write",
    "edit",
    "exec",
    "get",
    "list",
    "set",
    "add",
    "rm",
    "alter",
    "check",
    "diff",
    "merge",
    "git-setup",
    "jj-setup",
    "status",
    "restore",
    "completions",
    "man",
    "schema",
];

/// A shell
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Powershell,
}

/// Print a page of the manual, as roff
///
/// What is printed is also checked in, and packaged, under man/.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("help/man.txt"))]
pub struct ManArgs {
    /// The command whose page to print, or `schema`; without one, the overview
    #[arg(value_name = "COMMAND", value_parser = PAGES)]
    pub page: Option<String>,
}

/// Options of everything that takes a lock.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Lock options")]
pub struct LockOptions {
    /// How long to wait for the lock [default: 10s]
    ///
    /// `500ms`, `30s`, `2m`, plain seconds as `1.5`, `0` for not at all, or `forever`. If it is not given,
    /// SDNLOCK_TIMEOUT says; 10s if that is unset. Also spelled --wait, as for flock(1).
    #[arg(short = 'w', long, alias = "wait", value_name = "DURATION", value_parser = parse_timeout)]
    pub timeout: Option<Timeout>,
    /// Do not wait; the same as --timeout 0
    #[arg(short, long, alias = "nb", hide_short_help = true)]
    pub nonblock: bool,
    /// Exit code if the lock could not be had in time
    ///
    /// Also spelled --conflict-exit-code, as for flock(1).
    #[arg(short = 'E', long, alias = "conflict-exit-code", value_name = "N", default_value_t = 75)]
    #[arg(hide_short_help = true)]
    pub timeout_exit_code: u8,
}

/// How long to wait; `None` is forever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeout(pub Option<Duration>);

/// Option of what only reads.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Lock options")]
pub struct LocklessOption {
    /// Read without a lock
    ///
    /// Files that sdnlock and the existing programs replace are still seen whole; what a program writes
    /// in place may be seen half-written.
    #[arg(long, hide_short_help = true)]
    pub no_lock: bool,
}

/// Options of everything that changes a database.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Change options")]
pub struct ChangeOptions {
    /// Change nothing; print the difference on stdout
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub diff: DiffOption,
    /// Change the database only if this is its version tag
    ///
    /// The first 12 digits of the tag are enough. `none` means: only if the file does not exist. If it
    /// is another one, nothing is changed and the exit code is 1.
    #[arg(long, value_name = "TAG", hide_short_help = true)]
    pub if_match: Option<String>,
    /// Leave version, last_modified and other stamps of changed records as they are
    #[arg(long, hide_short_help = true)]
    pub no_stamp: bool,
    /// Change a database whose #sdn-crc32 seal is wrong, and seal it anew
    #[arg(long, hide_short_help = true)]
    pub reseal: bool,
    /// Replace a file that has several hard links
    ///
    /// The other names keep the old content.
    #[arg(long, hide_short_help = true)]
    pub break_hardlinks: bool,
    /// Replace a file that is write-protected
    #[arg(long, hide_short_help = true)]
    pub override_readonly: bool,
    #[command(flatten)]
    pub backups: BackupOption,
    #[command(flatten)]
    pub durability: DurabilityOptions,
}

/// How many earlier contents are kept.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Change options")]
pub struct BackupOption {
    /// Keep so many earlier contents as FILE.bak, FILE.bak.1 and so on
    ///
    /// If it is not given, SDNLOCK_BACKUPS says; none if that is unset. `sdnlock restore` brings one back.
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub backups: Option<u16>,
}

/// Whether success reaches to the disk.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Change options")]
pub struct DurabilityOptions {
    /// Report success only when the change would survive a power cut
    ///
    /// This is the default. What is changed within an outer `sdnlock exec` is on disk when that one ends,
    /// unless this option is given. With exec it also means that what was there before is on disk before
    /// the command is started; otherwise that is done while it runs.
    #[arg(long, overrides_with = "no_durable", hide_short_help = true)]
    pub durable: bool,
    /// Do not wait for the disk
    #[arg(long, overrides_with = "durable", hide_short_help = true)]
    pub no_durable: bool,
}

/// Which difference to show.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct DiffOption {
    /// How to show what changed [default: unified]
    ///
    /// If it is not given, SDNLOCK_DIFF says; if that is unset, the difference is unified, but by records at a
    /// terminal that is narrower than a line that changed. `records` counts the lines that differ besides, and shows them as
    /// `unified` does if nothing else differs. `json` prints one line:
    /// {"path", "changes": [{"change": "added"|"removed"|"changed", "table", "key", "address",
    /// "old_line", "new_line", "values": [{"name", "old", "new"}]}], "lines": {"removed", "added"},
    /// "other_lines": {"removed", "added"}}.
    #[arg(long, value_name = "KIND")]
    pub diff: Option<DiffKind>,
}

/// How to show what changed
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiffKind {
    /// Unified; by records at a terminal that is narrower than a line that changed
    #[value(skip)]
    Fitting,
    /// Lines removed and added, with the lines around them
    Unified,
    /// Records and settings added, removed and changed, with the old and the new cells
    Records,
    /// The number of lines removed and added, and of records and settings added, changed and removed
    Stat,
    /// As records, as one JSON object for programs
    Json,
    /// Nothing
    None,
}

/// What is checked before a change is kept.
#[derive(Args, Clone, Copy, Debug)]
pub struct CheckOptions {
    /// Keep the change even if it is not valid SDN
    #[arg(long, conflicts_with_all = ["no_loss", "limits", "only"])]
    pub no_check: bool,
    /// Treat the file as SDN whatever its name; without this only *.sdn is checked
    #[arg(long, conflicts_with = "no_check", hide_short_help = true)]
    pub sdn: bool,
}

/// Options of all commands.
#[derive(Args, Clone, Copy, Debug)]
pub struct OutputOptions {
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, hide_short_help = true)]
    pub verbose: bool,
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured too
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_short_help = true)]
    pub color: Color,
}

/// When to use colours
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Color {
    /// On a terminal
    Auto,
    Always,
    Never,
}

/// Reads a duration: plain seconds as flock(1) takes them, or with units, or `forever`.
pub fn parse_timeout(text: &str) -> Result<Timeout, String> {
    let text = text.trim();
    if text == "forever" {
        return Ok(Timeout(None));
    }
    let duration = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => text.parse::<jiff::SignedDuration>().ok().and_then(|signed| Duration::try_from(signed).ok()),
    };
    match duration {
        Some(duration) => Ok(Timeout(Some(duration))),
        None => Err("expected a duration as `500ms`, `30s`, `2m`, plain seconds, `0` or `forever`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds_or_have_units() {
        let timeout = |text: &str| parse_timeout(text).map(|timeout| timeout.0);
        let ms = |n| Ok(Some(Duration::from_millis(n)));
        assert_eq!(timeout("10"), ms(10_000));
        assert_eq!(timeout("0"), ms(0));
        assert_eq!(timeout("1.5"), ms(1500));
        assert_eq!(timeout("500ms"), ms(500));
        assert_eq!(timeout("2m"), ms(120_000));
        assert_eq!(timeout("1m 30s"), ms(90_000));
        assert_eq!(timeout("forever"), Ok(None));
        for wrong in ["", "-1", "-5s", "soon", "nan", "inf", "1e400"] {
            assert!(timeout(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_definitions_are_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
