//! SARIF 2.1.0, the Static Analysis Results Interchange Format of OASIS, for code scanning.
//!
//! A result is known again by its rule, by what names the row, setting or line, and by how many such results
//! stand above it in the file: not by its line, so that an edit elsewhere makes no result a new one.

use std::collections::HashMap;

use sdnlock::check::{Finding, Rule, Severity};
use sdnlock::disk::Tag;
use sdnlock::text::Position;
use serde_json::{Value, json};

use super::place;
use crate::cli::checking::checked::{Checked, Located};
use crate::cli::checking::rules;

/// The name of the fingerprint; another way to make it gets another number.
const FINGERPRINT: &str = "sdnlock/v1";

/// Digits of a fingerprint.
const DIGITS: usize = 16;

/// All results; `complete` says whether everything could be read that was to be checked, `compared` whether there is a
/// baseline, so that of each result is told whether it is new.
pub fn render(files: &[Checked], complete: bool, compared: bool) -> String {
    let results: Vec<Value> = files.iter().flat_map(|checked| results(checked, compared)).collect();
    let driver = json!({
        "name": "sdnlock",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": Rule::ALL.iter().map(|rule| describe(*rule)).collect::<Vec<_>>(),
    });
    let run = json!({
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": complete}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    format!("{log}\n")
}

fn describe(rule: Rule) -> Value {
    json!({
        "id": rule.code(),
        "name": in_pascal_case(rule.name()),
        "shortDescription": {"text": rule.about()},
        "help": {"text": rules::text(rule).trim_end()},
        "defaultConfiguration": {"level": rule.severity().name()},
        "properties": {"readers": rule.readers().iter().map(|reader| reader.name()).collect::<Vec<_>>()},
    })
}

/// `open-quote` as `OpenQuote`.
fn in_pascal_case(name: &str) -> String {
    let word = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('-').filter(|part| !part.is_empty()).map(word).collect()
}

fn results(checked: &Checked, compared: bool) -> Vec<Value> {
    let path = place::or_stdin(checked.path.as_deref());
    let mut artifact = json!({"uri": place::uri(&path)});
    if !path.is_absolute() && checked.path.is_some() {
        artifact["uriBaseId"] = "%SRCROOT%".into();
    }
    let mut seen: HashMap<(Rule, &str), usize> = HashMap::new();
    let new = checked.findings.iter().map(|located| (located, "new"));
    let mut all: Vec<_> = new.chain(checked.known.iter().map(|located| (located, "unchanged"))).collect();
    all.sort_by_key(|(located, _)| (located.finding.span.start, located.finding.span.end, located.finding.rule));
    let results = all.into_iter().map(|(located, state)| {
        let finding = &located.finding;
        let occurrence = seen.entry((finding.rule, &finding.subject)).or_default();
        *occurrence += 1;
        let mut result = result(located, &artifact, *occurrence);
        if compared {
            result["baselineState"] = state.into();
        }
        result
    });
    results.collect()
}

fn result(located: &Located, artifact: &Value, occurrence: usize) -> Value {
    let Located { finding, from, to, fix } = located;
    let index = Rule::ALL.iter().position(|rule| *rule == finding.rule);
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.rule.code(),
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region(*from, *to)}}],
        "partialFingerprints": {FINGERPRINT: fingerprint(finding, occurrence)},
    });
    if let (Some((from, to)), Some(fix)) = (fix, &finding.fix) {
        let replacement = json!({"deletedRegion": region(*from, *to), "insertedContent": {"text": fix.text}});
        result["fixes"] = json!([{"artifactChanges": [{
            "artifactLocation": artifact,
            "replacements": [replacement],
        }]}]);
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn region(from: Position, to: Position) -> Value {
    json!({"startLine": from.line, "startColumn": from.column, "endLine": to.line, "endColumn": to.column})
}

fn fingerprint(finding: &Finding, occurrence: usize) -> String {
    let text = format!("{}\n{}\n{occurrence}", finding.rule.code(), finding.subject);
    Tag::of(text.as_bytes()).to_string().trim_start_matches("sha256:").chars().take(DIGITS).collect()
}
