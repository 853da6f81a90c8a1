//! The options of `sdnlock check`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, ValueEnum, ValueHint};

use super::{BackupOption, DiffOption, LockOptions, LocklessOption, LossOptions};

/// Find what is wrong with databases
///
/// Shows line and column, the line, and what to do. One finding never hides the next one.
///
/// Types, keys and references are checked by what the project says in .sdnlock.sdn, which is looked for
/// beside a database and above it, up to the root of the repository: see sdnlock-schema(5). About tables of
/// which it does not speak, conventions give warnings: two live rows with one id, the id of a string that
/// does not exist, and gaps in the ids of strings.
#[derive(Args, Debug)]
#[command(after_long_help = include_str!("../help/check.txt"))]
#[command(mut_args(|option| match option.get_id().as_str() {
    "diff" | "backups" => option.requires("fix").hide_short_help(true),
    "allow_loss" | "no_loss" | "limits" | "only" => option.requires("against"),
    _ => option,
}))]
pub struct CheckArgs {
    /// Databases, folders of them, or `-` for standard input [default: .]
    #[arg(default_value = ".", hide_default_value = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// How findings are shown [default: human]
    ///
    /// In a GitHub workflow, where GITHUB_ACTIONS is `true`, github is the default. The object of json is
    /// {"files": [{"path", "findings": [{"code", "severity": "error"|"warning"|"note", "line", "column",
    /// "end_line", "end_column", "message", "help", "readers"}]}], "errors": N, "warnings": N}; columns
    /// count characters from 1, the end is behind the last one, help may be null. With --baseline it has
    /// "known": N and "gone": N too.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<CheckFormat>,
    /// Mend what can be mended without a doubt
    ///
    /// Values that a reader would change are put in quotes, as the text that stands there; a comma or mark
    /// without meaning goes. Each database is changed under its lock, in one step, and the difference is shown
    /// on stderr. What is left is reported as usual.
    #[arg(long, conflicts_with_all = ["explain", "no_lock"])]
    pub fix: bool,
    /// With --fix: seal a database anew whose checksum is not right, if nothing else is wrong with it
    #[arg(long, requires = "fix", hide_short_help = true)]
    pub reseal: bool,
    /// With --fix: change nothing, and print the difference on stdout
    #[arg(long, requires = "fix", hide_short_help = true)]
    pub dry_run: bool,
    /// Let warnings fail the check as errors do
    #[arg(long)]
    pub strict: bool,
    /// The least severity that is shown
    ///
    /// It is error, warning or note. What is not shown counts all the same. A note is what only other readers than the
    /// one that judges misread.
    #[arg(long, value_name = "LEVEL", default_value = "warning", hide_possible_values = true)]
    pub severity: Level,
    #[command(flatten)]
    pub rules: RuleOptions,
    #[command(flatten)]
    pub baseline: BaselineOptions,
    /// Review a change: what it takes away, what is new
    ///
    /// BEFORE is a revision of git or jj, a file that is an earlier version of the one that is checked, or a folder of
    /// earlier versions. Of a revision what counts is where it and the working copy began, their merge base; new
    /// records with keys that it has given away since are found too. What is lost is a warning, and an error if it is
    /// large or more than the loss options or the schema allow. What was wrong before passes.
    #[arg(long, value_name = "BEFORE", conflicts_with_all = ["explain", "init_schema", "baseline", "fix"])]
    pub against: Option<String>,
    /// The schema, in place of each database's .sdnlock.sdn
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub schema: Option<PathBuf>,
    /// Print a first schema, from what the databases hold, and check nothing
    ///
    /// It has the narrowest type that fits each column, values where few are repeated, keys, and
    /// references. All of the databases pass the check by it.
    #[arg(long, conflicts_with_all = ["schema", "strict", "format", "fix", "explain"], hide_short_help = true)]
    pub init_schema: bool,
    /// Judge by this reader [default: the one that the project says, or R-new]
    #[arg(long, value_name = "NAME", ignore_case = true, hide_short_help = true)]
    pub reader: Option<ReaderName>,
    /// Say what a rule is about, with examples
    ///
    /// RULE is a code, as SDN101, or a name, as open-quote.
    #[arg(long, value_name = "RULE", conflicts_with = "paths")]
    pub explain: Option<String>,
    /// What `-` is called in findings
    #[arg(long, value_name = "NAME", value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub stdin_name: Option<PathBuf>,
    #[command(flatten)]
    pub diff: DiffOption,
    #[command(flatten)]
    pub backups: BackupOption,
    #[command(flatten)]
    pub loss: LossOptions,
    #[command(flatten)]
    pub lock: LockOptions,
    #[command(flatten)]
    pub lockless: LocklessOption,
}

/// What is known already.
#[derive(Args, Debug)]
pub struct BaselineOptions {
    /// Let what FILE has pass; only what is new counts
    ///
    /// FILE is made by --write-baseline; `-` is standard input. A finding is known by its file, its code and
    /// what stands on its line, wherever that line has moved, and as often as it was there. What is not found
    /// any more is told; with --strict it fails the check.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["explain", "init_schema"])]
    pub baseline: Option<PathBuf>,
    /// Write what is found to the baseline, and let it pass
    ///
    /// What the baseline has about files that are not looked at, and of rules that are not looked for, stays.
    #[arg(long, requires = "baseline", hide_short_help = true)]
    pub write_baseline: bool,
    /// Take what is not found any more out of the baseline, and add nothing
    #[arg(long, requires = "baseline", conflicts_with = "write_baseline", hide_short_help = true)]
    pub prune_baseline: bool,
}

/// How findings are shown
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckFormat {
    /// With the line and a caret below it
    Human,
    /// One line each: path:line:column: severity[CODE]: message
    Short,
    /// One JSON object, for programs
    Json,
    /// As human, then as annotations of a GitHub workflow
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// How bad a finding is
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// The file is rejected, or its structure is damaged
    Error,
    /// A value is read, but changed
    Warning,
    /// Only another reader misreads it
    Note,
}

/// A program that reads SDN
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReaderName {
    /// The newest Rust reader
    #[value(name = "R-new")]
    RNew,
    /// The Rust reader before February 2026, and its port to Simple
    #[value(name = "R-old")]
    ROld,
    /// The text-based parser in Simple
    #[value(name = "S-lib")]
    SLib,
    /// The database library
    #[value(name = "S-db")]
    SDb,
    /// The reader of the test database
    #[value(name = "S-test")]
    STest,
    /// The reader of the dashboard
    #[value(name = "S-dash")]
    SDash,
}

/// Rules that are judged otherwise than usual, in the order in which they are given.
#[derive(Clone, Debug)]
pub struct RuleOptions {
    pub choices: Vec<(Choice, String)>,
}

/// What is made of the findings of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// They are left out.
    Allow,
    /// They are errors.
    Deny,
}

impl Args for RuleOptions {
    fn augment_args(command: clap::Command) -> clap::Command {
        let option = |name: &'static str, help: &'static str, more: &str| {
            let long = format!("{help}\n\n{more}");
            let option = Arg::new(name).long(name).value_name("RULE").action(ArgAction::Append);
            option.help(help).long_help(long)
        };
        let more = "RULE is a code or a name. A comment in the database can do the same for one place:
`# sdnlock: allow SDN201` at the end of a line, or above it; or for all of it: `# sdnlock: allow-file SDN201`.";
        let allow = option("allow", "Leave out the findings of a rule", &more.replace('\n', " "));
        let more = "If a rule is named twice, the last one counts.";
        let deny = option("deny", "Take the findings of a rule for errors", more);
        command.arg(allow).arg(deny.hide_short_help(true))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for RuleOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |name: &str, choice: Choice| {
            let places = matches.indices_of(name).into_iter().flatten();
            let rules = matches.get_many::<String>(name).into_iter().flatten().cloned();
            places.zip(rules).map(move |(place, rule)| (place, (choice, rule))).collect::<Vec<_>>()
        };
        let mut choices = [given("allow", Choice::Allow), given("deny", Choice::Deny)].concat();
        choices.sort_by_key(|(place, _)| *place);
        Ok(Self { choices: choices.into_iter().map(|(_, choice)| choice).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
