//! What is wrong with a document, for people to mend.
//!
//! An *error* is what the newest Rust reader rejects or what damages the structure it reads; a
//! *warning* is a single value that it changes. One finding never hides another: a broken row leaves
//! the next one, and the next table, to be checked as usual. A comment may allow what is found:
//! `# sdnlock: allow SDN201` on its own line or the next one that holds something,
//! `# sdnlock: allow-file SDN201` in the whole document.

mod alike;
mod allow;
mod blocks;
mod cells;
mod conventions;
mod dangling;
mod finding;
mod fix;
mod known;
mod lines;
mod names;
mod other_formats;
mod other_readers;
mod places;
mod reader;
mod scalars;
mod schema;
mod sequences;
mod settings;
mod tables;
mod typed;
mod values;

use std::collections::HashMap;

pub use dangling::newly_dangling;
pub(crate) use finding::finding;
pub use finding::{Finding, Rule, Severity};
pub use fix::fixed;
pub use known::{Divided, Fingerprint, Known};
pub use reader::Reader;
pub use schema::{FileKind, FileRule, SCHEMA_NAME, Schema, TooLarge, ValueType, draft};

use places::{Likeness, Places, Told};

use crate::sdn::{Document, conflict};
use crate::text::{Span, lost_in};

/// Checks a whole document. The findings are ordered by their place.
///
/// ```
/// use sdnlock::check::{self, Rule};
/// use sdnlock::sdn::Document;
///
/// let findings = check::check(&Document::parse("t |id, note|\n    1, \"open\n    2\n"));
/// let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
/// assert_eq!(rules, [Rule::OpenQuote, Rule::RowWidth]);
/// ```
#[must_use]
pub fn check(document: &Document) -> Vec<Finding> {
    check_with(document, &Options::default())
}

/// How a document is judged.
#[derive(Clone, Copy, Default, Debug)]
pub struct Options<'a> {
    /// By which reader.
    pub reader: Reader,
    /// By what the project says. About tables that it does not speak of, and without it, conventions give
    /// warnings.
    pub schema: Option<&'a Schema>,
    /// Whether to look for what only other readers lose, too.
    pub notes: bool,
    /// Whether a finding that stands for several places keeps each of them, so that it can be compared with what is
    /// [known](Known).
    pub each_place: bool,
}

/// As [`check`], as these options say.
#[must_use]
pub fn check_with(document: &Document, options: &Options<'_>) -> Vec<Finding> {
    let mut findings = each(document);
    if let Some(finding) = other_formats::recognize(document, &findings) {
        return vec![finding];
    }
    let told = Told::by(options);
    lines::seal(document.source(), &mut findings);
    if options.notes || options.reader != Reader::default() {
        other_readers::check(document, told, &mut findings);
    }
    if let Some(schema) = options.schema {
        schema::check(document, schema, told, &mut findings);
    }
    conventions::check(document, options, &mut findings);
    judged(document, findings, options)
}

/// Checks a document that is a [`Schema`].
#[must_use]
pub fn check_schema(document: &Document, options: &Options<'_>) -> Vec<Finding> {
    let mut findings = each(document);
    findings.extend(Schema::read(document).1);
    judged(document, findings, options)
}

/// The findings in order, as bad as the options say, without those that a comment allows.
fn judged(document: &Document, mut findings: Vec<Finding>, options: &Options<'_>) -> Vec<Finding> {
    without_conflicts(document, &mut findings);
    in_order(&mut findings);
    allow::apply(document, &mut findings);
    for finding in &mut findings {
        finding.severity = finding.rule.severity_for(options.reader);
    }
    together(findings, Told::by(options))
}

/// Whether a document has no errors.
#[must_use]
pub fn is_valid(document: &Document) -> bool {
    each(document).iter().all(|finding| finding.severity != Severity::Error)
}

/// Whether a document that is SDN by its name is something else, as JSON or TOML. Nothing else has tables.
#[must_use]
pub fn is_other_format(document: &Document) -> bool {
    document.tables().next().is_none() && check(document).iter().any(|finding| finding.rule == Rule::NotSdn)
}

/// The errors of `new` that `old` does not have.
///
/// An error is the same if it breaks the same rule at the same row or setting, wherever that stands
/// now. For lines that have no name it is the same if the line is, or if it takes the place of
/// another one that was as wrong.
#[must_use]
pub fn new_errors(old: &Document, new: &Document) -> Vec<Finding> {
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    let mut known: HashMap<(Rule, String), usize> = HashMap::new();
    // A mistake that is mended may leave what was a consequence of it.
    let mut before = every(old);
    allow::apply(old, &mut before);
    for finding in before.into_iter().filter(is_error) {
        *known.entry((finding.rule, finding.subject)).or_default() += 1;
    }
    let mut unpaired = Vec::new();
    for finding in each(new).into_iter().filter(is_error) {
        match known.get_mut(&(finding.rule, finding.subject.clone())) {
            Some(count) if *count > 0 => *count -= 1,
            _ => unpaired.push(finding),
        }
    }
    let mut gone: HashMap<Rule, usize> = HashMap::new();
    for ((rule, _), count) in known {
        *gone.entry(rule).or_default() += count;
    }
    unpaired.retain(|finding| match gone.get_mut(&finding.rule) {
        Some(count) if *count > 0 && finding.rule.is_about_a_line() => {
            *count -= 1;
            false
        }
        _ => true,
    });
    together(unpaired, Told::Together)
}

/// The cells of `new` that the schema forbids, each by itself, and more often than in `old`: values of another type, or
/// none of those that are listed, and empty ones where that is not allowed.
#[must_use]
pub fn newly_forbidden(old: &Document, new: &Document, schema: &Schema) -> Vec<Finding> {
    let each = |document: &Document| {
        let mut findings = schema::forbidden(document, schema);
        without_conflicts(document, &mut findings);
        in_order(&mut findings);
        allow::apply(document, &mut findings);
        findings
    };
    let mut found = each(new);
    if found.is_empty() {
        return found;
    }
    let mut known: HashMap<(Rule, String), usize> = HashMap::new();
    for finding in each(old) {
        *known.entry((finding.rule, finding.subject)).or_default() += 1;
    }
    found.retain(|finding| match known.get_mut(&(finding.rule, finding.subject.clone())) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
    found
}

/// Without those about the lines between the markers of a conflict: which of them will stay nobody knows yet.
fn without_conflicts(document: &Document, findings: &mut Vec<Finding>) {
    let pieces = document.pieces();
    let conflicts: Vec<Span> = conflict::outermost(document)
        .into_iter()
        .map(|conflict| Span::new(pieces[conflict.start].span.end, pieces[conflict.end - 1].span.end))
        .collect();
    if conflicts.is_empty() {
        return;
    }
    findings.retain(|finding| {
        let at = conflicts.partition_point(|conflict| conflict.end <= finding.span.start);
        conflicts.get(at).is_none_or(|conflict| finding.span.start < conflict.start)
    });
}

/// The findings, one for each line that is wrong, without mere consequences of others.
fn each(document: &Document) -> Vec<Finding> {
    let mut findings = without_consequences(document, every(document));
    allow::apply(document, &mut findings);
    findings
}

/// All findings, with consequences and what a comment allows.
fn every(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    lines::check(document, &mut findings);
    names::check(document, &mut findings);
    tables::check(document, &mut findings);
    settings::check(document, &mut findings);
    without_conflicts(document, &mut findings);
    let lost: Vec<Span> = lost_in(document.source()).collect();
    if !lost.is_empty() {
        let is_there = |finding: &Finding| {
            let next = lost.partition_point(|lost| lost.start <= finding.span.start);
            next > 0 && finding.span.start < lost[next - 1].end
        };
        findings.retain(|finding| finding.rule == Rule::ZeroBytes || !is_there(finding));
    }
    in_order(&mut findings);
    findings
}

/// Without the lines that are wrong only because the line above, to which they would belong, is.
fn without_consequences(document: &Document, mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut broken: Vec<Span> =
        findings.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| finding.span).collect();
    if broken.is_empty() {
        return findings;
    }
    broken.sort_by_key(|span| span.start);
    // To where the spans up to here reach.
    let reach: Vec<usize> = broken
        .iter()
        .scan(0, |reach, span| {
            *reach = span.end.max(*reach);
            Some(*reach)
        })
        .collect();
    let pieces = document.pieces();
    let is_broken = |line: Span| {
        let next = broken.partition_point(|span| span.start < line.end);
        next > 0 && (broken[next - 1].start >= line.start || reach[next - 1] > line.start)
    };
    findings.retain(|finding| {
        let at = pieces.partition_point(|piece| piece.span.end <= finding.span.start);
        let parent = pieces.get(at).and_then(|piece| piece.parent).map(|parent| pieces[parent].span);
        finding.rule != Rule::UnexpectedIndent || !parent.is_some_and(is_broken)
    });
    findings
}

fn in_order(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (finding.span.start, finding.span.end, finding.rule));
}

/// Lines that are wrong in the same way often come in dozens: a run of them is one finding.
fn together(findings: Vec<Finding>, told: Told) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        match merged.last_mut() {
            Some(last) if last.rule == finding.rule && last.run.is_some() && last.run == finding.run => {
                if told == Told::Both {
                    let first = last.clone();
                    let places = Places { each: vec![first], like: Likeness::Lines };
                    last.places.get_or_insert_with(|| Box::new(places)).each.push(finding.clone());
                }
                last.span.end = finding.span.end;
            }
            _ => merged.push(finding),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(source: &str) -> Vec<(&'static str, &str)> {
        let document = Document::parse(source);
        check(&document).iter().map(|finding| (finding.rule.name(), &source[finding.span.range()])).collect()
    }

    #[test]
    fn only_errors_that_were_not_there_before_are_new() {
        let new = |old: &str, new: &str| new_errors(&Document::parse(old), &Document::parse(new)).len();
        let old = "t |a, b|\n    1, 2, 3\n    2, x\n";
        assert_eq!(new(old, "# note\nt |a, b|\n    2, x\n    1, 2, 3, 4\n"), 0);
        assert_eq!(new(old, "t |a, b|\n    1, 2, 3\n    2, x, y\n"), 1);
        assert_eq!(new("junk\na: 1\n", "junk\nmore junk\na: 1\n"), 1);
        assert_eq!(new("junk\na: 1\n", "other junk\na: 1\n"), 0);
        assert_eq!(new("why: x\n    detail: 1\n", "why: x\n    detail: 2\n"), 0);
    }

    #[test]
    fn rows_that_the_rust_reader_rejects_are_errors() {
        assert_eq!(rules("t |a, b|\n    [x, y]\n"), [("row-width", "[x, y]")]);
        assert_eq!(rules("t |a, b|\n    \"C:\\\", x\n"), [("backslash-quote", "\\\"")]);
        assert_eq!(rules("t |a|\n    [x\nu |b|\n    1\n"), [("open-bracket", "[")]);
        assert_eq!(rules("t |a|\n    x[0\nu |b|\n    1\n"), [("open-bracket", "[")]);
        assert_eq!(rules("t |a|\n    1\n      2\n"), [("uneven-rows", "2")]);
        assert_eq!(rules("t |a|\n      1\n    2\n"), [("uneven-rows", "2")]);
        assert_eq!(rules("t |a|\n    =x\n    (y)\n    table\n").len(), 3);
        assert_eq!(rules("t |a|\n    1\n    u |b|\n        2\n")[0], ("table-in-table", "u |b|"));
        assert_eq!(
            rules("t |a, b|\n    1, b c, d\n    f(x), don't\n    -, 50%\n")
                .iter()
                .map(|(rule, _)| *rule)
                .collect::<Vec<_>>(),
            ["comma-in-last", "skipped-characters", "skipped-characters", "skipped-characters"]
        );
    }

    #[test]
    fn headers_are_checked_as_a_whole() {
        assert_eq!(rules("t |a, b,|\n    1, 2\n"), [("header-comma", "|")]);
        assert_eq!(rules("t |a, a|\n    1, 2\n"), [("duplicate-column", "a")]);
        assert_eq!(rules("t ||\n"), [("no-columns", "t")]);
        assert_eq!(rules("t: table{i32, bool}\n    1, yes\n"), [("type-mismatch", "yes")]);
        assert_eq!(
            rules("t: table{u8, f32} = [(1, 2), (256, 1.5), (1)]\n"),
            [("type-mismatch", "256"), ("row-width", "(1)")]
        );
    }

    #[test]
    fn a_mistake_hides_its_consequences_and_nothing_else() {
        assert_eq!(rules("t: |id|\n    1\n    2\nu |a|\n    1, 2\n"), [("bad-value", "|"), ("row-width", "2")]);
        assert_eq!(
            rules("t |a|\n    1\n    u |b|\n        2\n    3, 4\n"),
            [("table-in-table", "u |b|"), ("row-width", "4")]
        );
        assert_eq!(rules("# sdnlock: allow SDN303\nt: |id|\n    1\n    2\n"), []);
        let conflict = "<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n";
        assert_eq!(rules(conflict), [("conflict-marker", "<<<<<<< ours")]);
    }

    #[test]
    fn a_file_of_another_format_is_one_finding() {
        for other in [
            "[fire]\nattacker = 1\n\n[ice]\nattacker = 2\n",
            "{\n  \"a\": 1\n}\n",
            "server {\n  port 80\n}\n",
            "---\nkind=hello\n---\nkind=bye\n",
        ] {
            assert_eq!(rules(other).len(), 1, "{other}");
            assert_eq!(rules(other)[0].0, "not-sdn", "{other}");
        }
        assert_eq!(rules("a:\n    - x\n    - y\n"), [("dash-list", "- x\n    - y")]);
    }

    #[test]
    fn what_only_others_lose_is_a_note_unless_they_are_asked_for() {
        let source = "\u{feff}t |a, b|\n    1, two words # so\n\n    # why\n    , \"a\\\\b\"\nu |c|\n\t[1, 2]\n    p:q\n    p:q\n";
        let document = Document::parse(source.replace('\n', "\r\n").replace("\r\n\r\n", "\r\n\n"));
        let with = |reader| check_with(&document, &Options { reader, notes: true, ..Options::default() });
        let notes: Vec<_> =
            with(Reader::RNew).into_iter().filter(|finding| finding.severity == Severity::Note).collect();
        let rules: std::collections::BTreeSet<_> = notes.iter().map(|finding| finding.rule.code()).collect();
        let all = Rule::ALL.iter().filter(|rule| rule.severity() == Severity::Note).map(|rule| rule.code()).collect();
        assert_eq!(rules, all);
        let errors = |reader| with(reader).iter().filter(|finding| finding.severity == Severity::Error).count();
        assert!(errors(Reader::SDb) > 3 && errors(Reader::SLib) > 3);
        assert_eq!(errors(Reader::RNew), 0);
    }

    #[test]
    fn values_that_the_rust_reader_rejects_are_errors() {
        assert_eq!(rules("x = [1,, 2]\n"), [("bad-value", ",")]);
        assert_eq!(rules("x = [a b]\n"), [("bad-value", "b")]);
        assert_eq!(rules("x = {\"a\": 1}\n"), [("bad-value", "\"a\"")]);
        assert_eq!(rules("x = {a: 1, a: 2}\n"), [("duplicate-setting", "a")]);
        assert_eq!(rules("x: [99999999999999999999]\n"), [("number-range", "99999999999999999999")]);
        assert_eq!(rules("k: [a] b\n"), [("unquoted-text", "b")]);
        assert_eq!(rules("k =\n"), [("bad-value", "=")]);
        assert_eq!(rules("k: a: b\n"), [("unquoted-text", ": b")]);
        assert_eq!(rules("pairs: table{i32, i32} = [(1, 2), (3, 4)]\n"), []);
        assert_eq!(rules("kind: table\n"), [("bad-value", "table")]);
        assert_eq!(rules("k: {a: \"x\n  y\"}\n"), []);
    }

    #[test]
    fn blocks_hold_settings_or_elements_but_not_both() {
        assert_eq!(rules("s:\n    build\n    \"test all\"\n    {name: x}\n"), []);
        assert_eq!(rules("s:\n    a: 1\n    Big Red\n"), [("unknown-line", "Big Red")]);
        assert_eq!(rules("s:\n    one\n    two: 2\n"), [("bad-element", ": 2")]);
        assert_eq!(rules("s:\n    one, two\n"), [("bad-element", ", two")]);
        assert_eq!(rules("s:\n    k = 1\n"), [("bad-element", "= 1")]);
        assert_eq!(rules("s:\n    t |a|\n        1\n"), [("bad-element", "|a|")]);
        assert_eq!(rules("s:\n    - a: 1\n    - a: 2\n"), [("dash-records", "- a: 1\n    - a: 2")]);
        assert_eq!(rules("s:\n    a: 1,\n    b: x)\n    ]\n").len(), 3);
        assert_eq!(rules("s:\n    'one'\n    two\n"), [("skipped-characters", "'")]);
    }

    #[test]
    fn indentation_must_be_opened_before_it_is_used() {
        assert_eq!(rules("a:\n        b: 1\n    c: 2\n"), [("unexpected-dedent", "c: 2")]);
        assert_eq!(rules("  a: 1\n"), [("unexpected-indent", "a: 1")]);
        assert_eq!(rules("a: 1\n    "), [("unexpected-indent", "    ")]);
        assert_eq!(rules("a:\r\n  b: 1\r\n\r\n  c: 2\r\n"), [("carriage-return", "\r")]);
        assert_eq!(rules("a:\r\n  b: 1\r\n\r\nc: 2\r\n"), []);
    }

    #[test]
    fn what_begins_with_a_hash_is_lost() {
        let lost = [("cut-by-comment", "#")];
        for source in ["t |a, b|\n    1, #88\n", "t |a, b|\n    1,#b # c\n", "k: #88\n", "b:\n    k: #x y\n", "k: #é\n"]
        {
            assert_eq!(rules(source), lost, "{source}");
        }
        for source in
            ["t |a, b|\n    1, # so\n    2, x #y\n", "k: # so\n", "k: #block\n    a: 1\n", "k: \"#88\"\n", "k: #\n"]
        {
            assert_eq!(rules(source), [], "{source}");
        }
        let findings = check(&Document::parse("t |a, b, c|\n    1, #88, open\n"));
        assert_eq!(findings[0].rule.name(), "row-width");
        assert!(findings[0].help.as_ref().is_some_and(|help| help.starts_with("a `#` opens a comment")));
    }

    #[test]
    fn escapes_of_other_languages_stay_in_the_text() {
        for (source, escape) in [
            ("a: \"x\\x41y\"\n", "\\x41"),
            ("a: \"\\u00e9\"\n", "\\u00e9"),
            ("t |a, b|\n    \"\\\\\\0\", \"\\/\"\n", "\\0"),
        ] {
            assert_eq!(rules(source)[0], ("unknown-escape", escape), "{source}");
        }
        assert_eq!(rules("a: \"\\n \\\\x41 \\d+ C:\\users \\u12\"\n"), []);
    }

    #[test]
    fn a_key_at_the_very_end_needs_a_line_end() {
        for source in ["a: 1\nb:", "b: ", "a:\n    b:", "b: # so"] {
            assert_eq!(rules(source), [("bad-value", ":")], "{source}");
            let (fixed, _) = fixed(&Document::parse(source), &Options::default());
            assert_eq!(fixed, format!("{source}\n").into_bytes());
        }
        assert_eq!(rules("b: %"), [("bad-value", ":"), ("skipped-characters", "%")]);
        assert_eq!([rules("b:\n"), rules("b:\r\n"), rules("b: # so\n")], [[]; 3]);
    }

    #[test]
    fn items_with_dashes_are_told_by_what_they_are() {
        let help = |source: &str| {
            let findings = check(&Document::parse(source));
            assert_eq!(findings.len(), 1, "{source}: {findings:?}");
            (findings[0].severity, findings[0].help.clone().unwrap_or_default())
        };
        let codes = "codes:\n    - one\n    - \"two three\"\n    - 3\n";
        assert_eq!(help(codes).0, Severity::Warning);
        let records =
            "branches:\n    - ref: main\n      force: deny\n      why: x\n    - ref: next\n      force: allow\n";
        let (severity, text) = help(records);
        assert_eq!(severity, Severity::Error);
        assert!(text.ends_with("`branches |ref, force, why|`"), "{text}");
        assert_eq!(rules("s:\n    - Big Red\n").len(), 2);
        assert_eq!(rules("s:\n    - a\n    - b: 1\n").last().unwrap(), &("bad-element", ": 1"));
        assert_eq!(rules("s:\n- a\n- b\n")[0].0, "unknown-line");
    }

    #[test]
    fn lines_without_a_token_count_by_their_indentation() {
        assert_eq!(rules("    -\n"), [("unexpected-indent", "-")]);
        assert_eq!(rules("a: 1\n    \u{c}\n"), [("unexpected-indent", "\u{c}")]);
        assert_eq!(rules("a:\n    b: 1\n*\n    c: 2\n")[0], ("unexpected-dedent", "*"));
        assert_eq!(rules("a:\n    b: 1\n    *\n    c: 2\n"), [("skipped-characters", "*")]);
        assert_eq!(rules("t |a|\n    -\n    x\n"), [("bad-cell", "-")]);
        assert_eq!(rules("t |a, b|\n    \0\n    x, y\n"), [("skipped-characters", "\0")]);
        assert_eq!(rules("a:\r\n\r\n    b: 1\r\n"), []);
    }

    #[test]
    fn columns_parted_by_bars_are_a_fault_of_the_header() {
        let document = Document::parse("deps | file | sha256 | state\n    a | b | c\n    d | e | f\n");
        assert_eq!(document.tables().count(), 0);
        assert_eq!(
            rules("deps | file | sha256 | state\n    a | b | c\n"),
            [("unknown-line", "deps | file | sha256 | state")]
        );
    }

    #[test]
    fn a_row_that_looks_like_a_setting_is_told() {
        assert_eq!(rules("t |text|\n    one\n    count: 2\n"), [("setting-in-table", "count: 2")]);
        assert_eq!(rules("t |text|\n    \"count: 2\"\n    10:30\n    a b: c\n    x:y\n"), []);
    }

    #[test]
    fn control_characters_are_told_wherever_they_stand() {
        assert_eq!(rules("a: \"x\u{1b}[31m\"\n"), [("control-character", "\u{1b}")]);
        assert_eq!(rules("t |a|\n    \"\0\"\n"), [("control-character", "\0")]);
        assert_eq!(rules("a: x\u{7f}\n"), [("skipped-characters", "\u{7f}")]);
        assert_eq!(rules("a: \"x\ty\"\n"), []);
    }

    #[test]
    fn what_the_rust_reader_passes_over_is_a_warning() {
        assert_eq!(rules("a: 1\n✅\nb: 2\n"), [("skipped-characters", "✅")]);
        assert_eq!(rules("a |x|%\n    1\n"), [("skipped-characters", "%")]);
        assert_eq!(rules("a: 1\n\u{feff}b: 2\n"), [("skipped-characters", "\u{feff}")]);
        assert_eq!(rules("a: ✅\nb: x;\nc: [50%]\n").len(), 3);
    }
}
