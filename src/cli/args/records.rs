//! The options of `sdnlock add`, `rm` and `alter`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{ChangeOptions, LockOptions};

/// Add records to a table, or update them, and print their keys
///
/// A record is appended. Without a key the record gets the next number, one more than the largest; where the table itself has no key,
/// the row is appended as it is, and nothing is printed. Columns that are not given are
/// empty; `valid` is true. The row is laid out as the last one is. A file that does not exist is made, with
/// the columns that are given.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("../help/add.txt"))]
#[command(mut_arg("diff", |option| option.hide_short_help(true)))]
pub struct AddArgs {
    /// The database
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The table; within a block as a.b
    pub table: String,
    /// The values, by column
    ///
    /// A value is spelled as the others of its column are. One that looks like a number or boolean is one,
    /// unless the column holds only words: there it is a text, in quotes.
    #[arg(value_name = "COL=VALUE", required_unless_present_any = ["json", "csv", "tsv"])]
    pub fields: Vec<String>,
    #[command(flatten)]
    pub source: RecordsSource,
    /// If there is a record of this key already, change it
    ///
    /// Only what says something else is written: what `list --all --format jsonl` prints changes nothing.
    /// A table without a key, whose rows no column tells apart, takes nothing new then.
    #[arg(long, group = "known")]
    pub or_update: bool,
    /// Change records that are there, and add none
    ///
    /// A key that is not there, or that of a hidden record, refuses all, and each such key is named.
    #[arg(long, group = "known")]
    pub update_only: bool,
    /// With --update-only: skip those that are not there
    #[arg(long, requires = "update_only")]
    pub skip_unknown: bool,
    /// Change a record only if this holds for it
    ///
    /// It is written as one of `list --where`, and asked of the record as it is before the change; if it does not hold, that record is skipped. If it is given
    /// several times, all of them must hold. A record that says already all that is given is unchanged, whatever holds.
    #[arg(long = "if-each", value_name = "CONDITION", requires = "known")]
    pub conditions: Vec<String>,
    /// What to print of the records on stdout, one a line, in their order
    ///
    /// The difference goes to stderr then, with --dry-run too.
    #[arg(long, value_name = "KIND", hide_short_help = true)]
    pub report: Option<ReportKind>,
    #[command(flatten)]
    pub change: ChangeOptions,
    #[command(flatten)]
    pub lock: LockOptions,
}

/// Where many records come from.
#[derive(Args, Debug)]
#[group(multiple = false, conflicts_with = "fields")]
pub struct RecordsSource {
    /// Take many records, as JSON; also --csv and --tsv
    ///
    /// These are JSON lines or an array; all are taken or none. `-` is standard input. The names of an object are columns. "12" is a text and 12 a number, also where the column holds others.
    /// null is an empty cell, an array or object an inline list or dict. A line may be an array of records, as `list
    /// --chunks` prints it. If some records cannot be taken, these are told and nothing is changed.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub json: Option<PathBuf>,
    /// The same, as comma-separated values
    ///
    /// The first line names the columns. It is written as RFC 4180 has it, and as `list --format csv` prints it. A value is spelled as COL=VALUE is. An empty cell
    /// empties the cell of the record; a column that is left out stays as it is.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub csv: Option<PathBuf>,
    /// The same, as tab-separated values
    ///
    /// They are written as `list --format tsv` prints them.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub tsv: Option<PathBuf>,
}

/// What is printed of records
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportKind {
    /// The keys of those that are there now as they were given; this is the default, but for --dry-run
    Keys,
    /// {"key", "outcome": "added"|"changed"|"unchanged"|"skipped"} of each; of one that was skipped also "why":
    /// "unknown"|"hidden"|"condition", and of a condition the "column" and its "value"
    Jsonl,
}

/// Remove records or settings
///
/// A record of a table that has a column `valid` is hidden, as the existing programs do it: the column says
/// false from then on. Other records are removed, settings with all that stands below them.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("../help/rm.txt"))]
pub struct RmArgs {
    /// The database
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// What to remove: TABLE.KEY, a setting as a.b.c, or an element as a.b[2]
    #[arg(value_name = "ADDR", required = true)]
    pub addresses: Vec<String>,
    /// Remove rows even where `valid` could hide them, and whole tables
    ///
    /// With a record all earlier rows of its key go.
    #[arg(long)]
    pub purge: bool,
    /// Remove what other records refer to
    #[arg(long)]
    pub leave_dangling: bool,
    #[command(flatten)]
    pub change: ChangeOptions,
    #[command(flatten)]
    pub lock: LockOptions,
}

/// Add, rename or drop columns of a table, in all of its rows
///
/// Columns are renamed first, then dropped, then added, as the last ones. Layout, comments and all other
/// cells stay as they are.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("../help/alter.txt"))]
pub struct AlterArgs {
    /// The database
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The table; within a block as a.b
    pub table: String,
    /// Add a column
    ///
    /// The rows that are there get the default, or an empty cell.
    #[arg(long, value_name = "NAME[=DEFAULT]")]
    pub add_column: Vec<String>,
    /// Give a column another name
    #[arg(long, value_name = "OLD=NEW")]
    pub rename_column: Vec<String>,
    /// Remove a column with its cells
    #[arg(long, value_name = "NAME")]
    pub drop_column: Vec<String>,
    /// Add `version` and `last_modified`
    ///
    /// They are kept up to date from then on. The records that are there begin with version 1 and now. Columns that are there already stay.
    #[arg(long)]
    pub versioned: bool,
    #[command(flatten)]
    pub change: ChangeOptions,
    #[command(flatten)]
    pub lock: LockOptions,
}
