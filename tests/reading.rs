//! What the check says of a document agrees with what the newest Rust reader makes of it.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;

use proptest::prelude::*;
use sdnlock::check::{self, Finding, Rule, Severity};
use sdnlock::sdn::Document;

mod support;

use support::rust_reader;

/// Values, as they may stand in a cell, behind a key, in a list or on a line of their own.
const VALUES: &[&str] = &[
    "",
    "a",
    "b1",
    "-",
    "7",
    "-7",
    "007",
    "1.50",
    "1.2.3",
    "1e",
    "1e3",
    "99999999999999999999",
    "1e999",
    "1_000",
    "Ada King",
    "two  words",
    "two\twords",
    "2026-02-06",
    "10:00:00Z",
    "10:00:00+02:00",
    "./x",
    "/x/y",
    "https://h/p?q",
    "a@b.c",
    "3/5",
    "50%",
    "$5",
    "+5",
    ".5",
    "don't",
    "'x'",
    "`x`",
    "a=b",
    "a = b",
    "f(x)",
    "f (x)",
    "p:q",
    "p: q",
    "x|y",
    "=x",
    "(x)",
    ":x",
    ")",
    "x)",
    "]",
    "x[0",
    "x[0]",
    "[a, b]",
    "[a,]",
    "[a b]",
    "[a,, b]",
    "[",
    "[a",
    "{",
    "{a: 1}",
    "{a: 1, a: 2}",
    "{a}",
    "{\"a\": 1}",
    "[]",
    "{}",
    "true",
    "false",
    "nil",
    "null",
    "nil x",
    "true x",
    "table",
    "tables",
    "table{i32}",
    "table{i32} = [(1), (2)]",
    "\"q\"",
    "\"a b\"",
    "\"a, b\"",
    "\"\"",
    "\"q\" x",
    "x \"q\"",
    "\"a \"\"b\"\" c\"",
    "\"open",
    "\"a\\\"b\"",
    "\"a\\n\"",
    "\"a\\",
    "#x",
    "x#y",
    "5#x",
    "x #5",
    "x # so",
    "# so",
    "é",
    "✅ x",
    "x ✅",
    "✅",
    "x\u{a0}y",
    "\u{200b}",
    "x\u{c}y",
    "\u{0}",
    "x\u{1}",
    "x;",
    "x,",
    "x, y",
    ",",
    "*",
    "- x",
    "- x: 1",
    "- ref: main",
    "-- x",
    "-->",
    "a -> b",
    "<x>",
    "&",
    "|",
    "\\",
    "C:\\x",
    "x: 1",
    "x = 1",
    "x |a|",
    "|a, b|",
    "a b c",
    "a.b",
    "a-b",
    "a/b",
    "..",
    "x: y: z",
    "1 2",
    "1, 2, 3",
    "1,",
    "0x1f",
    "12abc",
    "7e12ab",
];

const KEYS: &[&str] = &["a", "b", "c", "a.b", "true", "table", "1", "\"q\"", "a b", "- a", "é", ".x", "'a'", "a,"];

const HEADERS: &[&str] = &[
    "t |a|",
    "t |a, b|",
    "u |a, b|",
    "u|a,b|",
    "t |a, b,|",
    "t |a b, c|",
    "t |a, 1|",
    "t ||",
    "t |a, b",
    "t |a, a|",
    "t: |a|",
    "t |true|",
    "t |a|b|",
    "t | a | b",
    "t |a, b| # so",
    "t |a| 1",
    "t: table{i32}",
    "t: table{i32, i32}",
    "t: table",
    "t |a|,",
    "t |a.b|",
    "t |.a|",
    "t (a, b)",
    "|a, b|",
];

const WHOLE: &[&str] =
    &["", "# so", "#x", "✅", "\u{c}", "\u{0}", "]", "<<", "---", "{", "}", "[section]", "*", "\r", "- a", "-"];

fn line() -> impl Strategy<Value = String> {
    let indent = prop_oneof![
        6 => Just(""), 8 => Just("    "), 2 => Just("        "), 1 => Just("  "), 1 => Just("\t"), 1 => Just("\u{c}")
    ];
    let value = || prop::sample::select(VALUES);
    let key = prop_oneof![3 => prop::sample::select(&KEYS[..3]), 1 => prop::sample::select(KEYS)];
    let content = prop_oneof![
        4 => (key.clone(), prop::sample::select(&[": ", ":", " = ", " : "][..]), value())
            .prop_map(|(key, sign, value)| format!("{key}{sign}{value}")),
        3 => key.prop_map(|key| format!("{key}:")),
        3 => prop::sample::select(HEADERS).prop_map(str::to_owned),
        3 => value().prop_map(str::to_owned),
        4 => prop::collection::vec(value(), 2..4).prop_map(|cells| cells.join(", ")),
        1 => prop::sample::select(WHOLE).prop_map(str::to_owned),
    ];
    let end = prop_oneof![12 => Just("\n"), 1 => Just("\r\n"), 1 => Just(" \n"), 1 => Just("")];
    (indent, content, end).prop_map(|(indent, content, end)| format!("{indent}{content}{end}"))
}

fn document() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        prop::collection::vec(line(), 1..3).prop_map(|lines| lines.concat()),
        (prop::sample::select(HEADERS), prop::collection::vec(line(), 1..3)).prop_map(|(header, lines)| format!(
            "{header}\n{}",
            lines.iter().map(|line| format!("    {}", line.trim_start_matches(' '))).collect::<String>()
        )),
        (prop::sample::select(KEYS), prop::collection::vec(line(), 1..3)).prop_map(|(key, lines)| format!(
            "{key}:\n{}",
            lines.iter().map(|line| format!("    {}", line.trim_start_matches(' '))).collect::<String>()
        )),
    ];
    prop::collection::vec(block, 1..4).prop_map(|blocks| blocks.concat())
}

/// What the reader does: `error` if it rejects the document or damages its structure, `warning` if the text of a value
/// changes.
fn by_reader(source: &str) -> (Option<Severity>, String) {
    let reading = rust_reader::read(source);
    let severity = if reading.rejected.is_some() || reading.losses.iter().any(|(loss, _)| loss.is_of_structure()) {
        Some(Severity::Error)
    } else {
        (!reading.losses.is_empty()).then_some(Severity::Warning)
    };
    (severity, format!("{reading:?}"))
}

/// Whether a rule is about what the reader takes as it is written, but which is a mistake, or hardly meant so.
fn is_of_its_own(finding: &Finding) -> bool {
    const RULES: &[Rule] = &[
        Rule::NoColumns,
        Rule::DuplicateColumn,
        Rule::TableInTable,
        Rule::DashRecords,
        Rule::DashList,
        Rule::CommaInLast,
        Rule::SettingInTable,
        Rule::HeaderComma,
        Rule::CutByComment,
        Rule::UnpairedBracket,
        Rule::TypeMismatch,
        Rule::GluedHash,
        Rule::SeveralOnLine,
        Rule::NotSdn,
        Rule::LineBreakInText,
        Rule::MixedIndent,
        Rule::RepeatedId,
        Rule::UnknownEscape,
        Rule::ControlCharacter,
    ];
    match finding.rule {
        // A row that is lost.
        Rule::BadCell => finding.message.contains("passes over this line"),
        Rule::UnknownLine => finding.message.contains("parted by bars"),
        rule => RULES.contains(&rule),
    }
}

/// Documents of which the check says too much or too little, and knows no better: each is a way to write that is hardly
/// ever seen.
fn is_beyond(source: &str, findings: &[Finding]) -> bool {
    let is = |rule: Rule| findings.iter().any(|finding| finding.rule == rule);
    let begins = |line: &str, next: &[char]| {
        let behind = line.trim_start_matches([' ', '\t']).trim_start_matches(|c: char| !c.is_ascii_graphic());
        line.contains('\u{c}') && behind.starts_with(next)
    };
    // A line with two settings of one name.
    is(Rule::SeveralOnLine)
        // The reader passes over them; that something is lost is said of what was written, not of what is read.
        || is(Rule::ZeroBytes)
        // What follows an open quote or bracket is one value for the reader.
        || is(Rule::OpenQuote)
        || is(Rule::OpenBracket)
        // Lines behind an open bracket, which have no indentation for the reader.
        || is(Rule::UnpairedBracket) && is(Rule::UnevenRows)
        // A row that begins with characters that are passed over, and a list or comment behind them.
        || source.lines().any(|line| begins(line, &['[', '{', '#']))
        // A value or line of characters that are passed over, with a block below it.
        || source.lines().zip(source.lines().skip(1)).any(|(line, next)| {
            let value = line.split_once(':').map_or(line, |(_, value)| value).trim();
            let is_passed = |c: char| !c.is_alphanumeric() && !"\"[]{}(),:=|_#".contains(c);
            !value.is_empty() && value.chars().all(is_passed) && next.starts_with([' ', '\t'])
        })
}

/// What is wrong with what the check says of a document.
fn disagreement(source: &str) -> Result<(), String> {
    let (reader, how) = by_reader(source);
    let findings = check::check(&Document::parse(source));
    let worst = |of: &dyn Fn(&Finding) -> bool| findings.iter().filter(|f| of(f)).map(|f| f.severity).max();
    let (all, by_rules) = (worst(&|_| true), worst(&|finding| !is_of_its_own(finding)));
    let wrong = if all < reader {
        "says too little"
    } else if by_rules > reader {
        "says too much"
    } else {
        return Ok(());
    };
    if is_beyond(source, &findings) {
        return Ok(());
    }
    let said: Vec<String> = findings
        .iter()
        .map(|found| format!("{} {:?} {}: {}", found.severity.name(), found.span, found.rule.name(), found.message))
        .collect();
    Err(format!("{wrong} of {source:?}\n  reader: {reader:?} {how}\n  check: {}", said.join("\n         ")))
}

proptest! {
    #![proptest_config(support::cases(4000))]

    #[test]
    fn the_check_says_what_the_reader_does(source in document()) {
        prop_assert!(disagreement(&source).is_ok(), "{}", disagreement(&source).unwrap_err());
    }
}

#[test]
fn the_check_says_of_all_documents_what_the_reader_does() {
    let mut read = 0;
    for path in support::documents() {
        let Ok(source) = fs::read_to_string(&path) else { continue };
        if let Err(wrong) = disagreement(&source) {
            panic!("{}: {wrong}", path.display());
        }
        read += 1;
    }
    assert!(read > 100, "only {read}");
}
