//! Laws of what is new among findings.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use proptest::prelude::*;
use proptest::sample::{Index, select};
use sdnlock::check::{self, Finding, Fingerprint, Known, Options, Reader, Rule, Schema};
use sdnlock::sdn::Document;

mod support;

/// Lines that are right or wrong in one way or another, each of which stands by itself.
fn line() -> impl Strategy<Value = String> {
    let whole = select(vec![
        "t |a, b|",
        "u |id|",
        "    1, 2",
        "    1, 2, 3",
        "    007, x y",
        "    v, w",
        "    1, ✅",
        "\t1, 2",
        "      1, 2",
        "junk",
        "more junk",
        "k: 1",
        "k: two words",
        "s:",
        "    - a",
        "    k = 1",
        "    odd, one",
        "# so",
        "",
        "    1, 2 # so",
        "    \"a\\\\b\", p:q",
        "    , [1, 2]",
        "strings |id, value|",
        "    3, x",
    ]);
    (whole, select(vec!["\n", "\n", "\n", "\n", "\r\n"])).prop_map(|(line, end)| format!("{line}{end}"))
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(line(), 0..40)
}

fn schema() -> Schema {
    let source = "columns |table, column, type, required|\n    t, a, integer, true\n    t, c, text, false\nkeys |table, columns|\n    t, a\nlimits |name, value|\n    max_size, 200B\n";
    let (schema, faults) = Schema::read(&Document::parse(source));
    assert_eq!(faults, []);
    schema
}

/// All that is found by a schema and by some reader.
fn found(document: &Document, reader: Reader, each_place: bool) -> Vec<Finding> {
    let schema = schema();
    check::check_with(document, &Options { reader, schema: Some(&schema), notes: true, each_place })
}

/// What is told of a finding.
fn told(finding: &Finding) -> impl PartialEq + std::fmt::Debug + use<> {
    let Finding { rule, span, message, severity, help, fix, subject, .. } = finding.clone();
    (rule, span, message, severity, help, fix, subject)
}

fn reader() -> impl Strategy<Value = Reader> {
    select(vec![Reader::RNew, Reader::RNew, Reader::SLib, Reader::SDb])
}

proptest! {
    #![proptest_config(support::cases(300))]

    #[test]
    fn to_keep_each_place_changes_nothing_that_is_told(lines in lines(), reader in reader()) {
        let document = Document::parse(lines.concat());
        let kept = found(&document, reader, true);
        let [together, both] = [found(&document, reader, false), kept.clone()];
        let told = |findings: &[Finding]| findings.iter().map(told).collect::<Vec<_>>();
        prop_assert_eq!(told(&together), told(&both));
        // Nothing is known.
        prop_assert_eq!(Known::default().divide(kept.clone(), &document).new, kept);
    }

    #[test]
    fn so_many_are_new_as_were_found_more_often(old in lines(), new in lines(), reader in reader()) {
        let [old, new] = [old, new].map(|lines| Document::parse(lines.concat()));
        let [before, after] = [&old, &new].map(|document| Known::of(&found(document, reader, true), document));
        let divided = before.divide(found(&new, reader, true), &new);
        let [fresh, known] = [&divided.new, &divided.known].map(|findings| Known::of(findings, &new));
        let all: Vec<Fingerprint> = before.iter().chain(after.iter()).map(|(fingerprint, _)| fingerprint).collect();
        for one in all {
            let (old, now) = (before.number(one), after.number(one));
            prop_assert_eq!(fresh.number(one), now.saturating_sub(old));
            prop_assert_eq!(known.number(one), now.min(old));
            prop_assert_eq!(divided.gone.number(one), old.saturating_sub(now));
        }
        prop_assert!(divided.new.is_sorted_by_key(|finding| finding.span.start));
    }

    #[test]
    fn what_was_there_stays_known_when_lines_are_added_that_are_right(
        lines in lines(),
        at in any::<Index>(),
        added in select(vec!["# a comment\n", "\n"]),
    ) {
        let old = Document::parse(lines.concat());
        let at = at.index(lines.len() + 1);
        let new = Document::parse([&lines[..at], &[added.to_owned()], &lines[at..]].concat().concat());
        let known = Known::of(&found(&old, Reader::RNew, true), &old);
        let divided = known.divide(found(&new, Reader::RNew, true), &new);
        // What only other readers lose, and the size, are about the line that was added.
        let is_meant = |finding: &&Finding| finding.severity != check::Severity::Note && finding.rule != Rule::TooLarge;
        let fresh: Vec<&Finding> = divided.new.iter().filter(is_meant).collect();
        prop_assert!(fresh.is_empty(), "{fresh:?}");
    }

    #[test]
    fn a_line_that_is_wrong_in_a_way_of_its_own_is_always_new(lines in lines(), at in any::<Index>()) {
        let old = Document::parse(lines.concat());
        let at = at.index(lines.len() + 1);
        let new = Document::parse([&lines[..at], &["never seen junk\n".to_owned()], &lines[at..]].concat().concat());
        let known = Known::of(&found(&old, Reader::RNew, true), &old);
        let divided = known.divide(found(&new, Reader::RNew, true), &new);
        let junk = |finding: &Finding| new.source()[finding.span.start..].starts_with(b"never seen junk");
        prop_assert!(divided.new.iter().any(junk), "{:?}", divided.new);
    }
}
