//! The options of `sdnlock list`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{LockOptions, LocklessOption};

/// List the records of a table, or the tables of a database
///
/// Without TABLE its tables are listed, with the number of their live and of all rows. At a terminal long
/// cells are shortened to its width; elsewhere everything is printed whole, in aligned columns. Rows that
/// cannot be read are told on stderr.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("../help/list.txt"))]
pub struct ListArgs {
    /// The database
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The table whose records to list; within a block as a.b
    #[arg(value_name = "TABLE")]
    pub table: Option<String>,
    #[command(flatten)]
    pub choice: ChoiceOptions,
    /// How the records are printed
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: ListFormat,
    /// With --format jsonl: print arrays of so many records, one a line
    ///
    /// So records can be given out in parts, as to programs or people that look at some at a time: a shell reads one part
    /// with `read -r`. `add --json` takes such lines too.
    #[arg(long, value_name = "N", value_parser = parse_chunk, hide_short_help = true)]
    pub chunks: Option<NonZeroUsize>,
    /// Do not use a pager
    ///
    /// At a terminal, what is longer than that is shown by the pager in SDNLOCK_PAGER or PAGER, a shell
    /// command line; if both are unset it is `less -FRX`. If the first that is set is empty or `cat`, none is used.
    #[arg(long)]
    pub no_pager: bool,
    #[command(flatten)]
    pub lock: LockOptions,
    #[command(flatten)]
    pub lockless: LocklessOption,
}

/// Which records and columns are listed, and in which order.
#[derive(Args, Clone, Debug, Default)]
pub struct ChoiceOptions {
    /// List only records for which this holds
    ///
    /// If it is given several times, all of the conditions hold. COL=VALUE and COL!=VALUE compare, COL~TEXT looks for a part of the text; COL<VALUE, COL<=VALUE,
    /// COL>VALUE and COL>=VALUE compare in order. Numbers are compared by value if both are, everything
    /// else as text; in a column of numbers, what is none is neither less nor greater. Blanks around the
    /// sign do not count, `==` is `=`, and VALUE may stand in double quotes: it must if it holds a comma.
    /// A condition on `valid` makes hidden records be looked at too.
    #[arg(long = "where", value_name = "CONDITION")]
    pub conditions: Vec<String>,
    /// Sort by these columns; -COL sorts from the largest
    ///
    /// Several are separated by commas. Numbers are sorted as numbers, before texts. What is equal keeps its order.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', allow_hyphen_values = true)]
    pub sort: Vec<String>,
    /// Turn the order around
    #[arg(long)]
    pub reverse: bool,
    /// List only these columns, in this order
    ///
    /// They are separated by commas. Columns without names, as those of typed tables, are counted from 0.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// List hidden records too
    ///
    /// Their column `valid` says `false`.
    #[arg(long)]
    pub all: bool,
}

/// How records are printed
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListFormat {
    /// Aligned columns, for people
    Table,
    /// One `column: value` a line, with an empty line between records, for narrow terminals and long records
    Record,
    /// An array of objects, with the types of `read --json`
    Json,
    /// One object a line
    Jsonl,
    /// Comma-separated, by RFC 4180 but with lines that end in LF: quotes where needed, doubled within
    Csv,
    /// Tab-separated; tab, line feed, return and backslash within a cell are \t, \n, \r and \\
    Tsv,
    /// A database of these records
    Sdn,
    /// The key of each record, one a line
    Keys,
    /// The address of each record, one a line: `todos.12`, or `runs[3]` where the table has no key
    Addresses,
}

fn parse_chunk(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a number of records, 1 or more".to_owned())
}
