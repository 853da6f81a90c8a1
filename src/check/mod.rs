//! What is wrong with a document, for people to mend.
//!
//! An *error* is what the newest Rust reader rejects or what damages the structure it reads; a
//! *warning* is a single value that it changes. One finding never hides another: a broken row leaves
//! the next one, and the next table, to be checked as usual.

mod finding;
mod settings;
mod structure;
mod tables;

pub use finding::{Finding, Rule, Severity};

use crate::sdn::Document;

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
    let mut findings = Vec::new();
    structure::check(document, &mut findings);
    tables::check(document, &mut findings);
    settings::check(document, &mut findings);
    findings.sort_by_key(|finding| (finding.span.start, finding.span.end));
    findings
}

/// Whether a document has no errors.
#[must_use]
pub fn is_valid(document: &Document) -> bool {
    check(document).iter().all(|finding| finding.severity() != Severity::Error)
}

/// The errors of `new` that `old` does not have. An error is the same if it breaks the same rule at
/// the same row, setting or line, wherever that stands now.
#[must_use]
pub fn new_errors(old: &Document, new: &Document) -> Vec<Finding> {
    let mut known: Vec<(Rule, String)> =
        check(old).into_iter().map(|finding| (finding.rule, finding.subject)).collect();
    check(new)
        .into_iter()
        .filter(|finding| finding.severity() == Severity::Error)
        .filter(|finding| {
            let same = known.iter().position(|(rule, subject)| (*rule, subject) == (finding.rule, &finding.subject));
            same.map(|same| known.swap_remove(same)).is_none()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_that_were_not_there_before_are_new() {
        let old = Document::parse("t |a, b|\n    1, 2, 3\n    2, x\n");
        let moved = Document::parse("# note\nt |a, b|\n    2, x\n    1, 2, 3, 4\n");
        assert_eq!(new_errors(&old, &moved), []);
        let worse = Document::parse("t |a, b|\n    1, 2, 3\n    2, x, y\n");
        assert_eq!(new_errors(&old, &worse).len(), 1);
    }
}
