//! What the check says of documents that show one thing each, and of real databases.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use sdnlock::check::{self, Finding, Rule, Severity};
use sdnlock::sdn::Document;
use sdnlock::text::Lines;

mod support;

fn made() -> PathBuf {
    support::root().join("tests/made")
}

/// Line and column of a finding; of an indentation fault the first column.
fn position(document: &Document, finding: &Finding) -> (usize, usize) {
    let at = Lines::new(document.source()).position(finding.span.start);
    let indentation = matches!(finding.rule, Rule::UnexpectedIndent | Rule::UnexpectedDedent);
    (at.line, if indentation { 1 } else { at.column })
}

#[test]
fn each_made_document_gets_its_verdict() {
    let verdicts = Document::parse(fs::read(made().join("verdicts.sdn")).unwrap());
    let table = verdicts.tables().next().unwrap();
    let mut wrong = String::new();
    let mut documents = 0;
    for row in table.rows() {
        let cell = |column: &str| row.cell(table.column(column).unwrap()).unwrap().value().text().into_owned();
        let (name, severity) = (cell("document"), cell("severity"));
        let wanted: BTreeSet<String> = cell("positions").split_terminator(';').map(str::to_owned).collect();
        let document = Document::parse(fs::read(made().join(format!("{name}.sdn"))).unwrap());
        let mut findings = check::check(&document);
        findings.retain(|finding| finding.severity != Severity::Note);
        let worst = match findings.iter().map(|finding| finding.severity).max() {
            Some(Severity::Error) => "error",
            Some(_) => "warning",
            None => "ok",
        };
        let places = findings.iter().map(|finding| {
            let (line, column) = position(&document, finding);
            format!("{line}:{column}")
        });
        let places: BTreeSet<String> = places.collect();
        if worst != severity || places != wanted {
            writeln!(wrong, "{name}: {worst} {places:?}, not {severity} {wanted:?}").unwrap();
        }
        documents += 1;
    }
    assert!(documents >= 90);
    assert_eq!(wrong, "");
}

/// Documents that are not among the made ones: what stands there, and the findings.
const OTHERS: &[(&str, &str)] = &[
    ("a:\n    title: Big Red Car\n", "error 2:16"),
    ("t |a, b|\n    1, Big Red\n", ""),
    ("a: 5#x\n", "warning 1:5"),
    ("a: 1\r\n\r\nb: 2\r\n", ""),
    ("a: 1\rb: 2\r", "warning 1:6 warning 1:10"),
    ("a: x\u{200b}y\n", "error 1:5"),
    ("t |a, b|\n    1, x\u{a0}y\n", "warning 2:9"),
    ("a: 'Alice'\n", "warning 1:4"),
    ("t |a, b|\n    1, 'Big Red'\n", "warning 2:8"),
    ("a: C:\\x\n", "error 1:5"),
    ("a: 9223372036854775807\nb: -9223372036854775808\n", ""),
    ("a: -9223372036854775809\n", "error 1:4"),
    ("a: 1e\n", "warning 1:4"),
    ("a: 007\n", "warning 1:4"),
    ("a: .5\nb: 5.\nc: 5%\nd: $5\n", "warning 1:4 warning 2:5 warning 3:5 warning 4:4"),
    ("t |a, b|\n    1, 10:00:00+02:00\n", "warning 2:16"),
    ("a: ../x\n", "warning 1:4"),
    ("t |a, b|\n    1, a@b.c\n", "warning 2:9"),
    ("t |a, b|\n    1, b c, d\n", "warning 2:11"),
    ("t |a, a|\n    1, 2\n", "error 1:7"),
    ("t |a, b|\n    1, x\ty\n", "warning 2:9"),
    ("t |a, b|\n    1, \"x\" y\n", "warning 2:12"),
    ("t |a, b|\n    1, \"x\ny\"\n    2, z\n", "warning 2:8"),
    ("point |x, y| 10, 20\n    30, 40\n", "error 2:1"),
    ("a: 1 b: 2\n", "warning 1:6"),
    ("x = [50%, +5]\n", "warning 1:8"),
    ("s:\n    50%\n    ok\n", "warning 2:7"),
    ("a: -\nb = -\n", "warning 1:4 error 2:5"),
    ("t |a, b|\n    1, x[0\n", "warning 2:9"),
    ("t |a, b|\n    1, nil x\n    2, nil\n", "warning 2:8"),
    ("t |a, b|\n    1, C#\n    2, guide.md#part\n    3, x # note\n", ""),
    ("#sdn-crc32:1\na: 1\n", "error 1:1"),
    (".spipe/x: 1\n", "warning 1:1"),
    ("a: 1\n\u{c}b: 2\n", "warning 2:1"),
    ("a: 1\n\0\nb: 2\n", "warning 2:1"),
    ("a: 1\nb: \0\0\0\0\0\0\0\0\0\nc: 2\n", "error 2:4"),
    ("t |a|\n    \"x\0\0\0\0\0\0\0\0\"\n", "error 2:7"),
    ("\0\n", "error 1:1"),
    ("codes:\n    - one\n    - two\n", "warning 2:5"),
    ("rules:\n    - ref: main\n      force: deny\n    - ref: x\n      force: allow\n", "error 2:5"),
    ("deps | file | sha256 | state\n    a, b, c\n", "error 1:1"),
    ("t |a|\n    one\n    two: 2\n", "warning 3:5"),
    ("s:\n    a: 1,\n    b: 2\n", "warning 2:9"),
    ("a: 1,\n", "error 1:5"),
    ("s:\n    one two\n", "error 2:9"),
    ("s:\n    a: 1\n    t |a|", "error 3:5"),
    ("t: table{i32} = [(1), (2)\n", "error 1:26"),
    ("a: # so", "error 1:2"),
    ("#sdn-crc32:1\na: 1\n#sdn-crc32:2\n", "error 3:1"),
];

#[test]
fn what_a_reader_changes_is_found_wherever_it_stands() {
    for (source, expected) in OTHERS {
        let document = Document::parse(*source);
        let said = check::check(&document).iter().fold(Vec::new(), |mut said, finding| {
            let (line, column) = position(&document, finding);
            let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
            said.push(format!("{severity} {line}:{column}"));
            said
        });
        assert_eq!(said.join(" "), *expected, "{source:?}");
    }
}

/// The findings of every database in the shape of a real one, as `name line:column rule`. Each was looked at;
/// `SNAPSHOTS=overwrite` writes the file anew.
#[test]
fn the_findings_of_databases_in_real_shapes_are_those_that_were_looked_at() {
    let mut said = String::new();
    for path in support::databases_in(&support::root().join("tests/shaped")) {
        let document = Document::parse(fs::read(&path).unwrap());
        let name = path.file_stem().unwrap().to_string_lossy();
        let findings = check::check(&document);
        for finding in &findings {
            let at = Lines::new(document.source()).position(finding.span.start);
            writeln!(said, "{name} {}:{} {}", at.line, at.column, finding.rule.name()).unwrap();
        }
        if findings.is_empty() {
            writeln!(said, "{name} -").unwrap();
        }
    }
    let expected = support::root().join("tests/shaped/findings.txt");
    snapbox::assert_data_eq!(said, snapbox::Data::read_from(&expected, None).raw());
}

#[test]
fn every_fix_mends_what_it_is_for_and_changes_nothing_else() {
    let mut fixes = 0;
    for path in support::documents() {
        let source = fs::read(&path).unwrap();
        let document = Document::parse(source.clone());
        for finding in check::check(&document) {
            let Some(fix) = &finding.fix else { continue };
            fixes += 1;
            let new = [&source[..fix.span.start], fix.text.as_bytes(), &source[fix.span.end..]].concat();
            let after = check::check(&Document::parse(new));
            let same = |other: &&Finding| other.rule == finding.rule && other.span.start == finding.span.start;
            assert!(!after.iter().any(|other| same(&other)), "{}: {finding:?}", path.display());
            assert!(after.len() < check::check(&document).len(), "{}: {finding:?}", path.display());
        }
    }
    assert!(fixes > 15, "only {fixes}");
}
