//! Findings of one kind in row after row, which often come in hundreds.

use super::finding::{Finding, Findings, Rule};

/// So many findings in a row are told one by one.
const MOST_ALIKE: usize = 3;

/// Findings about one column, from the first row to the last. If more than a few rows in a row are
/// wrong in one way, that is one finding, which tells their number.
#[derive(Default)]
pub(super) struct Alike {
    run: Vec<Finding>,
    rows: usize,
    last: usize,
    /// Whether each stays by itself.
    each: bool,
}

impl Alike {
    /// Nothing yet, of which each stays by itself.
    pub fn each() -> Self {
        Self { each: true, ..Self::default() }
    }

    /// Adds what was found in the row of this number. The numbers increase.
    pub fn add(&mut self, row: usize, rule: Rule, find: impl FnOnce() -> Finding, findings: &mut Findings) {
        let continues = self.run.last().is_some_and(|last| last.rule == rule) && row == self.last + 1;
        if !continues {
            self.end(findings);
        }
        if self.each || self.run.len() < MOST_ALIKE {
            self.run.push(find());
        }
        self.rows += 1;
        self.last = row;
    }

    /// Tells what has been found up to here.
    pub fn end(&mut self, findings: &mut Findings) {
        if self.rows > MOST_ALIKE && !self.each {
            self.run.truncate(1);
            for first in &mut self.run {
                first.message += &format!("; the {} rows below it are alike", self.rows - 1);
            }
        }
        findings.append(&mut self.run);
        self.rows = 0;
    }
}
