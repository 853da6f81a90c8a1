//! The line that says how far a long check has come: on a terminal only, and gone in the end.

use std::io::{Write, stderr};
use std::time::{Duration, Instant};

use crate::cli::report::Report;
use crate::cli::wait::{CLEAR, width};

/// What takes no longer is not worth a line.
const QUICK: Duration = Duration::from_millis(500);

/// Characters of the bar.
const BAR: usize = 30;

pub struct ProgressBar {
    begun: Instant,
    total: usize,
    quiet: bool,
    /// How many were done when it was drawn; none if it is not to be seen.
    drawn: Option<usize>,
}

impl ProgressBar {
    pub fn new(total: usize, report: Report) -> Self {
        Self { begun: Instant::now(), total, quiet: report.is_quiet(), drawn: None }
    }

    /// So many are done.
    pub fn at(&mut self, done: usize) {
        // It is drawn anew only if it changed: a line about a wait may have taken its place.
        let changed = self.drawn.is_none_or(|drawn| done * BAR / self.total != drawn * BAR / self.total);
        if self.quiet || self.total < 2 || !changed || done == self.total || self.begun.elapsed() < QUICK {
            return;
        }
        let Some(width) = width() else { return };
        let full = done * BAR / self.total;
        let bar = format!("{}{}", "#".repeat(full), "-".repeat(BAR - full));
        let line = format!("checked {done} of {} files [{bar}]", self.total);
        let line: String = line.chars().take(width.saturating_sub(1)).collect();
        let _ = write!(stderr(), "{CLEAR}{line}");
        self.drawn = Some(done);
    }

    /// Makes room for something else.
    pub fn erase(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(stderr(), "{CLEAR}");
        }
    }
}
