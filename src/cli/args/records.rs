//! The options of `sdnlock add`, `rm` and `alter`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{ChangeOptions, LockOptions};

/// Append a record to a table, and print its key
///
/// Without a key the record gets the next number, one more than the largest; where the table itself has no key,
/// the row is appended as it is, and nothing is printed. Columns that are not given are
/// empty; `valid` is true. The row is laid out as the last one is. A file that does not exist is made, with
/// the columns that are given.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("../help/add.txt"))]
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
    #[arg(value_name = "COL=VALUE", required_unless_present = "json")]
    pub fields: Vec<String>,
    /// Add the records of this file, all or none: JSON lines or an array; `-` is standard input
    ///
    /// The names of an object are columns. "12" is a text and 12 a number, also where the column holds others.
    /// null is an empty cell, an array or object an inline list or dict. If some records cannot be added, all of these are told and none is
    /// added.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "fields")]
    pub json: Option<PathBuf>,
    /// If there is a record of this key already, change it
    ///
    /// Only what says something else is written: what `list --all --format jsonl` prints changes nothing.
    /// A table without a key, whose rows no column tells apart, takes nothing new then.
    #[arg(long)]
    pub or_update: bool,
    #[command(flatten)]
    pub change: ChangeOptions,
    #[command(flatten)]
    pub lock: LockOptions,
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
