//! What became of records that were given.

use anyhow::Result;
use sdnlock::tree::Node;
use sdnlock::update::{Applied, RecordOutcome, Skip};

use super::args::ReportKind;
use super::json;
use super::report::Report;
use super::streams;
use super::text;

/// How many records a note names at most.
const MOST_NAMED: usize = 10;

/// Prints one line for each record that there is something to say about.
pub fn print(outcomes: &[RecordOutcome], kind: ReportKind) -> Result<()> {
    match kind {
        ReportKind::Keys => {
            let taken = outcomes.iter().filter(|outcome| !matches!(outcome.applied, Applied::Skipped(_)));
            let keys = taken.filter_map(|outcome| outcome.key.as_deref());
            streams::data(keys.map(|key| format!("{key}\n")).collect::<String>().as_bytes())
        }
        ReportKind::Jsonl => streams::json(&outcomes.iter().map(|outcome| line(outcome) + "\n").collect::<String>()),
    }
}

fn line(outcome: &RecordOutcome) -> String {
    let text = |text: &str| Node::Text(text.to_owned());
    let key = outcome.key.as_deref().map_or(Node::Nothing, text);
    let (name, why) = match &outcome.applied {
        Applied::Added => ("added", None),
        Applied::Changed => ("changed", None),
        Applied::Unchanged => ("unchanged", None),
        Applied::Skipped(skip) => ("skipped", Some(skip)),
    };
    let mut entries = vec![("key", key), ("outcome", text(name))];
    match why {
        None => {}
        Some(Skip::Unknown) => entries.push(("why", text("unknown"))),
        Some(Skip::Hidden) => entries.push(("why", text("hidden"))),
        Some(Skip::Condition { column, found }) => {
            entries.extend([("why", text("condition")), ("column", text(column)), ("value", text(found))]);
        }
    }
    json::line(&Node::Dict(entries.into_iter().map(|(name, node)| (name.to_owned(), node)).collect()))
}

/// Says which records were skipped, and why.
pub fn tell_skipped(outcomes: &[RecordOutcome], report: Report) {
    let skipped: Vec<String> = outcomes.iter().filter_map(skipped).collect();
    if skipped.is_empty() {
        return;
    }
    let more = skipped.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!("; and {more} more, which `--report jsonl` names") } else { String::new() };
    let named = skipped[..skipped.len().min(MOST_NAMED)].join("; ");
    report.note(format!("skipped {}: {named}{more}", text::count(skipped.len(), "record")));
}

fn skipped(outcome: &RecordOutcome) -> Option<String> {
    let Applied::Skipped(skip) = &outcome.applied else { return None };
    Some(format!("`{}`: {skip}", text::visible(outcome.key.as_deref().unwrap_or_default())))
}
