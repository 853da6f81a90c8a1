//! Findings of one kind in row after row, which often come in hundreds.

use super::finding::{Finding, Findings, Rule};
use super::places::{Likeness, MOST_ROWS, Told, rows_below, told};

/// Findings about one column, from the first row to the last. If more than a few rows in a row are
/// wrong in one way, that is one finding, which tells their number.
#[derive(Default)]
pub(super) struct Alike {
    run: Vec<Finding>,
    rows: usize,
    last: usize,
    told: Told,
}

impl Alike {
    /// Nothing yet, of what will be told so.
    pub fn told(told: Told) -> Self {
        Self { told, ..Self::default() }
    }

    /// Adds what was found in the row of this number. The numbers increase.
    pub fn add(&mut self, row: usize, rule: Rule, find: impl FnOnce() -> Finding, findings: &mut Findings) {
        let continues = self.run.last().is_some_and(|last| last.rule == rule) && row == self.last + 1;
        if !continues {
            self.end(findings);
        }
        if self.told != Told::Together || self.run.len() < MOST_ROWS {
            self.run.push(find());
        }
        self.rows += 1;
        self.last = row;
    }

    /// Tells what has been found up to here.
    pub fn end(&mut self, findings: &mut Findings) {
        match self.told {
            Told::Each => {}
            Told::Both => self.run = told(std::mem::take(&mut self.run), Likeness::Rows),
            Told::Together if self.rows <= MOST_ROWS => {}
            Told::Together => {
                self.run.truncate(1);
                for first in &mut self.run {
                    first.message += &rows_below(self.rows - 1);
                }
            }
        }
        findings.append(&mut self.run);
        self.rows = 0;
    }
}
