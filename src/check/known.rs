//! Which findings are new, where some are known already.
//!
//! 1. A finding is known by its rule and by what stands on the line where it begins, wherever that line is: see
//!    [`Fingerprint`]. The words of its message do not matter, which may change.
//! 2. As many findings of one fingerprint pass as are known; the ones behind them are new.
//! 3. A finding that stands for several places is taken apart for that. What is new in it is told as if the rest were
//!    right.
//! 4. What is known and not found any more is gone.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::finding::{Finding, Rule};
use super::in_order;
use crate::sdn::Document;
use crate::text::{BOM, Lines, without_line_end};

/// What a finding is known by in another version of its document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fingerprint {
    /// The rule that is broken.
    pub rule: Rule,
    /// The beginning of a digest of the line and of what the finding is about on it; of nothing where the rule is about a
    /// file as a whole.
    pub content: u64,
}

impl Fingerprint {
    /// Of a finding that stands for one place only.
    fn of(finding: &Finding, lines: &Lines<'_>, source: &[u8]) -> Self {
        let mut digest = Sha256::new();
        if !finding.rule.is_about_the_file() {
            let line = lines.line_span(finding.span.start);
            let whole = without_line_end(line.of(source));
            digest.update(if line.start == 0 { whole.strip_prefix(BOM).unwrap_or(whole) } else { whole });
            digest.update(b"\n");
            // A subject that goes on in other lines is no longer that of this one.
            digest.update(finding.subject.lines().next().unwrap_or_default());
        }
        let digest = digest.finalize();
        let content = digest.iter().take(size_of::<u64>()).fold(0, |number, &byte| number << 8 | u64::from(byte));
        Self { rule: finding.rule, content }
    }
}

/// Findings that are known, by their fingerprints, and how often each.
///
/// ```
/// use sdnlock::check::{self, Known, Options};
/// use sdnlock::sdn::Document;
///
/// let options = Options { each_place: true, ..Options::default() };
/// let old = Document::parse("t |a|\n    1, 2\n");
/// let known = Known::of(&check::check_with(&old, &options), &old);
///
/// let new = Document::parse("# moved\nt |a|\n    1, 2\n    3, 4\n");
/// let found = known.divide(check::check_with(&new, &options), &new);
/// assert_eq!(found.new.len(), 1);
/// assert_eq!(&new.source()[found.new[0].span.range()], b"4");
/// ```
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Known(BTreeMap<Fingerprint, usize>);

/// Findings, of which some were known.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Divided {
    /// Those that were not.
    pub new: Vec<Finding>,
    /// Those that were.
    pub known: Vec<Finding>,
    /// What was known and has not been found.
    pub gone: Known,
}

impl Known {
    /// All that was found in a document with [`each_place`](super::Options::each_place).
    #[must_use]
    pub fn of(findings: &[Finding], document: &Document) -> Self {
        let mut known = Self::default();
        if findings.is_empty() {
            return known;
        }
        let lines = Lines::new(document.source());
        for place in findings.iter().flat_map(Finding::each_place) {
            known.add(Fingerprint::of(place, &lines, document.source()), 1);
        }
        known
    }

    /// Takes a finding for known so many times more.
    pub fn add(&mut self, fingerprint: Fingerprint, number: usize) {
        if number > 0 {
            *self.0.entry(fingerprint).or_default() += number;
        }
    }

    /// How often a finding is known.
    #[must_use]
    pub fn number(&self, fingerprint: Fingerprint) -> usize {
        self.0.get(&fingerprint).copied().unwrap_or_default()
    }

    /// All fingerprints, by their rules, and how often each is known.
    pub fn iter(&self) -> impl Iterator<Item = (Fingerprint, usize)> {
        self.0.iter().map(|(fingerprint, number)| (*fingerprint, *number))
    }

    /// How many findings are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().sum()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Parts what was found in a document with [`each_place`](super::Options::each_place) by whether it is known.
    #[must_use]
    pub fn divide(&self, findings: Vec<Finding>, document: &Document) -> Divided {
        let mut divided = Divided { gone: self.clone(), ..Divided::default() };
        if self.is_empty() {
            divided.new = findings;
            return divided;
        }
        let source = document.source();
        let lines = Lines::new(source);
        for finding in findings {
            let is_new = |place: &Finding| !divided.gone.take(Fingerprint::of(place, &lines, source));
            let [new, known] = finding.divided(is_new);
            divided.new.extend(new);
            divided.known.extend(known);
        }
        in_order(&mut divided.new);
        in_order(&mut divided.known);
        divided
    }

    /// Takes one away, if there is one.
    fn take(&mut self, fingerprint: Fingerprint) -> bool {
        let Some(number) = self.0.get_mut(&fingerprint) else { return false };
        *number -= 1;
        if *number == 0 {
            self.0.remove(&fingerprint);
        }
        true
    }
}

impl FromIterator<(Fingerprint, usize)> for Known {
    fn from_iter<I: IntoIterator<Item = (Fingerprint, usize)>>(all: I) -> Self {
        let mut known = Self::default();
        all.into_iter().for_each(|(fingerprint, number)| known.add(fingerprint, number));
        known
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Schema, check_with};
    use super::*;

    fn found(document: &Document, schema: &Schema) -> Vec<Finding> {
        check_with(document, &Options { schema: Some(schema), notes: true, each_place: true, ..Options::default() })
    }

    /// What is new in a document beside another one, and what is gone: code and line of each, and how many.
    fn divided(schema: &str, old: &str, new: &str) -> (Vec<String>, usize) {
        let schema = Schema::read(&Document::parse(schema)).0;
        let [old, new] = [old, new].map(Document::parse);
        let divided = Known::of(&found(&old, &schema), &old).divide(found(&new, &schema), &new);
        let lines = Lines::new(new.source());
        let told = |finding: &Finding| format!("{}:{}", finding.rule.code(), lines.position(finding.span.start).line);
        (divided.new.iter().map(told).collect(), divided.gone.len())
    }

    fn told(schema: &str, old: &str, new: &str) -> String {
        let (new, gone) = divided(schema, old, new);
        format!("{} -{gone}", new.join(" "))
    }

    #[test]
    fn a_finding_is_known_by_its_line_wherever_that_stands() {
        let old = "t |a|\n    1, 2\n";
        assert_eq!(told("", old, "k: 1\n\nt |a|\n    7\n    1, 2\n    8\n"), " -0");
        assert_eq!(told("", old, "t |a|\n    1, 3\n"), "SDN201:2 -1");
        assert_eq!(told("", old, "t |a, b|\n    1, 2\n"), " -1");
        // Another message about the same.
        assert_eq!(told("", old, "t |a, b, c|\n    1, 2\n"), " -0");
        assert_eq!(told("", "junk\nt |a|\n    1\n", "\u{feff}junk\r\nt |a|\r\n    1\r\n"), "SDN911:1 SDN904:1 -0");
    }

    #[test]
    fn no_more_pass_than_are_known() {
        let old = "t |a|\n    1, 2\n";
        assert_eq!(told("", old, "t |a|\n    1, 2\n    1, 2\n"), "SDN201:3 -0");
        assert_eq!(told("", "t |a|\n    1, 2\n    1, 2\n", old), " -1");
        // Another rule on a line that is known for one.
        assert_eq!(told("", "t |a|\n    1, 007\n", "t |a, b|\n    1, 007\n"), "SDN403:2 -1");
    }

    #[test]
    fn what_is_told_as_one_is_compared_one_by_one() {
        let old = "a: 1\n    junk\n    more\n";
        assert_eq!(told("", old, "a: 1\n    junk\n    new\n    more\n"), "SDN105:3 -0");
        let schema = "columns |table, column, type|\n    t, a, integer\n";
        let rows =
            |values: &[&str]| format!("t |a|\n{}", values.iter().map(|v| format!("    {v}\n")).collect::<String>());
        let old = rows(&["v", "w", "x", "y", "z"]);
        assert_eq!(told(schema, &old, &old), " -0");
        assert_eq!(told(schema, &old, &rows(&["v", "w", "new", "x", "y", "z"])), "SDN511:4 -0");
        assert_eq!(told(schema, &old, &rows(&["v", "w", "z"])), " -2");
        assert_eq!(told(schema, &rows(&["v"]), &rows(&["v", "1", "2", "3"])), " -0");
        assert_eq!(told(schema, &rows(&["v"]), &rows(&["a", "b", "c", "d", "v"])), "SDN511:2 -0");
        // Notes are counted for a table.
        let old = "t |a|\n    x y\n    z w\n";
        assert_eq!(told("", old, "t |a|\n    z w\n    new one\n    x y\n"), "SDN902:3 -0");
    }

    #[test]
    fn what_is_missing_is_known_by_its_name() {
        let schema = |column: &str| format!("columns |table, column, type|\n    t, {column}, text\n");
        let database = Document::parse("t |id|\n    1\n");
        let [first, second] = ["a", "b"].map(|column| Schema::read(&Document::parse(schema(column))).0);
        let known = Known::of(&found(&database, &first), &database);
        assert_eq!(known.divide(found(&database, &first), &database).new, []);
        assert_eq!(known.divide(found(&database, &second), &database).new.len(), 1);
    }

    #[test]
    fn a_finding_about_a_file_is_known_whatever_its_lines_are() {
        let schema = "limits |name, value|\n    max_size, 3B\n";
        assert_eq!(told(schema, "a: 1\n", "b: 12\n"), " -0");
        assert_eq!(told("", "{\n  \"a\": 1\n}\n", "{\n  \"b\": 1\n}\n"), " -0");
    }

    #[test]
    fn what_is_new_in_a_finding_is_told_as_if_the_rest_were_right() {
        let schema = Schema::read(&Document::parse("columns |table, column, type|\n    t, a, integer\n")).0;
        let document = Document::parse("t |a|\n    v\n    w\n    x\n    y\n    z\n    1\n");
        let all = found(&document, &schema);
        assert!(all[0].message.ends_with("; the 4 rows below it are alike"), "{all:?}");
        let none = Known::default().divide(all.clone(), &document);
        assert_eq!(none.new, all);
        let first = Known::of(&found(&Document::parse("t |a|\n    v\n"), &schema), &Document::parse("t |a|\n    v\n"));
        let divided = first.divide(all, &document);
        assert_eq!((divided.new.len(), divided.known.len()), (1, 1));
        assert!(divided.new[0].message.ends_with("; the 3 rows below it are alike"), "{divided:?}");
    }
}
