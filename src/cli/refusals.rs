//! Failures of changes to records and columns.

use std::path::Path;

use sdnlock::address::{
    ColumnConditionError, Comparison, ConditionError, LookupError, NoNumber, Predicate, PredicateError,
    PredicateProblem, Unmet,
};
use sdnlock::check::{Finding, SCHEMA_NAME};
use sdnlock::sdn;
use sdnlock::update::{AddError, AlterError, Mode, Refusal, RemoveError, SetError};

use super::failure::{Failure, said_key, suggestion};
use super::findings::Shown;
use super::status;
use super::text;

/// Characters of a value that are shown.
const MOST_SHOWN: usize = 60;

/// How many records are told one by one.
const MOST_TOLD: usize = 10;

impl Failure {
    /// Nothing was added to a table, or changed in it. `places` say where the records came from; without them there is
    /// only one.
    pub fn adding(path: &Path, table: &str, mode: Mode, error: &AddError, places: &[String]) -> Self {
        let failed = if mode == Mode::Insert { "not adding to" } else { "not changing" };
        match error {
            AddError::Edit(error) => Self::edit(path, error),
            AddError::Stamp(error) => Self::stamping(path, error),
            AddError::Condition(unmet) => Self::unmet(path, unmet),
            AddError::Typed { .. } => {
                Self::new(status::INVALID, format!("not changing {}: {error}", text::path(path))).unchanged(path)
            }
            AddError::NoKey(why) => {
                let title = format!("not changing {}: {error}", text::path(path));
                let key = match why {
                    LookupError::NoKey { table, distinct, .. } => said_key(table, distinct.as_deref()),
                    _ => None,
                };
                let append = "append to it without `--or-update`";
                let append = (mode == Mode::Upsert).then(|| append.to_owned());
                let ways = append.into_iter().chain(key).collect::<Vec<_>>().join(", or ");
                let failure = Self::new(status::INVALID, title).unchanged(path);
                if ways.is_empty() { failure } else { failure.hint(ways) }
            }
            AddError::Doubled { .. } => Self::new(status::NO, format!("{failed} `{table}`: {error}")).unchanged(path),
            AddError::Invalid { findings, content } => {
                Self::not_valid(path, Shown { name: "the new content", source: content }, findings, None)
            }
            AddError::BadName { .. } | AddError::BadColumn { .. } => {
                Self::new(status::USAGE, format!("not making {}: {error}", text::path(path))).unchanged(path)
            }
            AddError::Refused { refused, .. } if places.is_empty() => {
                let (_, refusal) = &refused[0];
                let title = format!("{failed} `{table}`: {refusal}");
                let failure = Self::new(status_of(refusal), title).unchanged(path);
                match hint(refusal) {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }
            AddError::Refused { refused, of } => {
                let title = format!("{failed} `{table}`: {} of {of} records are refused", refused.len());
                let worst = refused.iter().map(|(_, refusal)| status_of(refusal)).max().unwrap_or(status::INVALID);
                let place = |position: usize| places.get(position).map_or("a record", String::as_str);
                let (absent, others): (Vec<_>, Vec<_>) = refused.iter().partition(|(_, refusal)| is_absent(refusal));
                let told: Vec<String> =
                    others.iter().map(|(position, refusal)| format!("{}: {refusal}", place(*position))).collect();
                let failure = Self::told(worst, title, told.iter().cloned()).unchanged(path);
                let failure = absent_records(&absent).into_iter().fold(failure, Self::cause);
                if told.is_empty() { failure.hint("leave them out with `--skip-unknown`") } else { failure }
            }
        }
    }

    /// A failure with many causes, of which the first ones are told.
    pub fn told(status: u8, title: String, causes: impl ExactSizeIterator<Item = String>) -> Self {
        let more = causes.len().saturating_sub(MOST_TOLD);
        let failure = causes.take(MOST_TOLD).fold(Self::new(status, title), Self::cause);
        if more > 0 { failure.cause(format!("and {more} more")) } else { failure }
    }

    /// Nothing was set.
    pub fn setting(path: &Path, error: &SetError) -> Self {
        let failure = |status| Self::new(status, format!("not changing {}: {error}", text::path(path)));
        match error {
            SetError::Lookup(error) => Self::lookup(path, error),
            SetError::Edit(error) => return Self::edit(path, error),
            SetError::NotAValue { .. } => failure(status::INVALID),
            SetError::EmptyKey { .. } | SetError::KeyExists { .. } => failure(status::NO),
        }
        .unchanged(path)
    }

    /// Nothing was removed.
    pub fn removing(path: &Path, error: &RemoveError) -> Self {
        let shown = text::path(path);
        match error {
            RemoveError::Lookup(error) => Self::lookup(path, error).unchanged(path),
            RemoveError::Edit(error) => Self::edit(path, error),
            RemoveError::Part { .. } => Self::new(status::INVALID, format!("not changing {shown}: {error}"))
                .unchanged(path)
                .hint("empty it with `sdnlock set FILE ADDR=`"),
            RemoveError::WholeTable { .. } => Self::new(status::INVALID, format!("not changing {shown}: {error}"))
                .unchanged(path)
                .hint("name a record of it, or remove all of it with `--purge`"),
            RemoveError::Dangling { findings, content } => {
                let excerpts = Shown { name: "the new content", source: content }.excerpts(findings);
                Self::new(status::INVALID, format!("not changing {shown}: {error}"))
                    .excerpts(excerpts)
                    .unchanged(path)
                    .hint("remove or change those records first, or go on with `--leave-dangling`")
            }
        }
    }

    /// The new content has errors that the old one has not. `way_on` is how it can be written nevertheless.
    pub fn not_valid(path: &Path, new: Shown<'_>, findings: &[Finding], way_on: Option<&str>) -> Self {
        let failure = Self::new(status::INVALID, format!("not writing {}: it is not valid SDN", text::path(path)))
            .excerpts(new.excerpts(findings))
            .unchanged(path);
        let help = findings.first().and_then(|finding| finding.help.as_deref());
        let hints: Vec<&str> = help.into_iter().chain(way_on).collect();
        if hints.is_empty() { failure } else { failure.hint(hints.join(", or ")) }
    }

    /// The columns of a table were not changed.
    pub fn altering(path: &Path, error: &AlterError) -> Self {
        let shown = text::path(path);
        let failure = |status| Self::new(status, format!("not changing {shown}: {error}")).unchanged(path);
        match error {
            AlterError::HiddenRecords { hidden } => {
                let counted = text::count(*hidden, "hidden record");
                failure(status::INVALID).hint(format!("remove the {counted} first, with `sdnlock rm --purge`"))
            }
            AlterError::NewKey { .. } => {
                failure(status::INVALID).hint("add the column under another name, fill it, then rename it")
            }
            AlterError::KeyLost { .. } => failure(status::INVALID)
                .hint(format!("say first what its key is, or that it has none, in `keys` of {SCHEMA_NAME}")),
            AlterError::Columns(sdn::AlterError::NoColumn { column, instead, .. }) => {
                failure(status::NO).hint(suggestion("column", column, instead))
            }
            AlterError::Columns(sdn::AlterError::BadName { .. }) => failure(status::USAGE),
            AlterError::Columns(sdn::AlterError::Edit(error)) => Self::edit(path, error),
            AlterError::Columns(_) => failure(status::INVALID),
        }
    }

    /// A condition cannot be read.
    pub fn condition(error: &ConditionError) -> Self {
        match error {
            ConditionError::Address(error) => Self::address(error),
            ConditionError::Predicate(error) => Self::predicate(error),
        }
    }

    /// A condition on a column cannot be read.
    pub fn column_condition(error: &ColumnConditionError) -> Self {
        match error {
            ColumnConditionError::Predicate(error) => Self::predicate(error),
            ColumnConditionError::NoColumn { .. } => {
                Self::new(status::USAGE, error.to_string()).hint("write the name of a column before the sign")
            }
        }
    }

    /// It cannot be read what is asked for.
    pub fn predicate(error: &PredicateError) -> Self {
        let PredicateError { text, problem } = error;
        let quoted = || {
            let (left, _, value) = Comparison::split(text).unwrap_or((text, Comparison::Equal, ""));
            let sign = text[left.len()..text.len() - value.len()].trim();
            let quoted = format!("{}{sign}{}", left.trim(), Predicate::spelled(value.trim()));
            format!("put the value in double quotes: {}", text::argument(quoted.as_ref()))
        };
        let hint = match problem {
            PredicateProblem::NoComparison => {
                "write NAME=VALUE, with != or ~ (contains), <, <=, > or >= in place of = where that is meant".to_owned()
            }
            PredicateProblem::NoSuchComparison { instead, .. } => format!("write `{instead}`"),
            PredicateProblem::NoValue => "an empty text is written `=`, any other one `!=`".to_owned(),
            PredicateProblem::Sign | PredicateProblem::Comma => quoted(),
            PredicateProblem::OpenQuote | PredicateProblem::BehindQuotes => {
                "a value in double quotes ends with one; within it, write \\\" for a quote".to_owned()
            }
        };
        Self::new(status::USAGE, error.to_string()).hint(hint)
    }

    /// A condition does not hold.
    pub fn unmet(path: &Path, unmet: &Unmet) -> Self {
        match unmet {
            Unmet::Lookup(error) => Self::lookup(path, error).unchanged(path),
            Unmet::Other { address, is } => {
                let is = text::visible(&sdnlock::text::shortened(is, MOST_SHOWN));
                let title = format!("not changing {}: `{address}` is `{is}`", text::path(path));
                Self::new(status::NO, title).unchanged(path)
            }
            Unmet::NoNumber { address, source } => Self::not_comparable(&address.to_string(), source).unchanged(path),
        }
    }

    /// An order is asked for between numbers and what is none.
    pub fn not_comparable(name: &str, error: &NoNumber) -> Self {
        let value = text::visible(&sdnlock::text::shortened(&error.value, MOST_SHOWN));
        Self::new(status::USAGE, format!("`{name}` holds numbers, and `{value}` is none"))
            .hint("compare it with a number")
    }
}

fn status_of(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::NoColumn { .. }
        | Refusal::Exists { .. }
        | Refusal::Again { .. }
        | Refusal::Unknown { .. }
        | Refusal::Hidden { .. }
        | Refusal::Several { .. } => status::NO,
        Refusal::Twice { .. } | Refusal::NeedsKey { .. } => status::USAGE,
        Refusal::BadText { .. } | Refusal::Unreadable { .. } | Refusal::Edit(_) => status::INVALID,
    }
}

/// Whether a record was refused only because there is none to be changed.
fn is_absent(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Unknown { .. } | Refusal::Hidden { .. })
}

/// Names all records that are not there, and all that are hidden.
fn absent_records(absent: &[&(usize, Refusal)]) -> Vec<String> {
    let named = |keys: Vec<&String>, one: &str, many: &str| {
        let quoted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let what = if keys.len() == 1 { one } else { many };
        (!keys.is_empty()).then(|| format!("{what}: {}", quoted.join(", ")))
    };
    let refusals = || absent.iter().map(|(_, refusal)| refusal);
    let unknown =
        refusals().filter_map(|refusal| if let Refusal::Unknown { key } = refusal { Some(key) } else { None });
    let hidden = refusals().filter_map(|refusal| if let Refusal::Hidden { key } = refusal { Some(key) } else { None });
    let unknown = named(unknown.collect(), "there is no such record", "there are no such records");
    unknown.into_iter().chain(named(hidden.collect(), "the record is hidden", "the records are hidden")).collect()
}

fn hint(refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::NoColumn { column, instead } => Some(suggestion("column", column, instead)),
        Refusal::Exists { assumed: None, .. } => Some("change it with `--or-update`".to_owned()),
        Refusal::Exists { assumed: Some((table, column)), .. } => Some(format!(
            "change it with `--or-update`; if several rows may have one `{column}`, say in `keys` of {SCHEMA_NAME} that \
             it is no key: `{table}, \"\"`"
        )),
        Refusal::Several { .. } => Some("name the row that is meant by its number, as `TABLE[0]`".to_owned()),
        Refusal::Unknown { .. } => Some("add it with `--or-update`".to_owned()),
        Refusal::Hidden { .. } => Some("bring it back first: its `valid` is `false`".to_owned()),
        Refusal::NeedsKey { column } => Some(format!("give it one: `{column}=KEY`")),
        _ => None,
    }
}
