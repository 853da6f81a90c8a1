//! The line that says for whom we wait: kept up to date on a terminal, else printed once.

use std::io::{IsTerminal, Write, stderr};
use std::path::Path;

use sdnlock::lock::Holder;

use super::failure::held_by;
use super::report::Report;
use super::text;

/// Goes to the start of the line and clears it.
pub const CLEAR: &str = "\r\x1b[2K";

/// Room that is left in the line for the `^C` that a terminal may show.
const MARGIN: usize = 4;

/// Characters of the database's name that are shown on a terminal.
const MOST_NAME: usize = 32;

pub struct WaitDisplay {
    report: Report,
    shown: bool,
}

impl WaitDisplay {
    pub fn new(report: Report) -> Self {
        Self { report, shown: false }
    }

    pub fn waiting(&mut self, path: &Path, holder: Option<&Holder>) {
        if self.report.is_quiet() {
            return;
        }
        let first = !std::mem::replace(&mut self.shown, true);
        match width() {
            Some(width) => {
                let line: String = line(path, holder).chars().take(width.saturating_sub(MARGIN)).collect();
                let _ = write!(stderr(), "{CLEAR}{line}");
            }
            None if first => {
                let held = holder.map_or_else(|| "others who wait".to_owned(), held_by);
                self.report.note(format!("waiting for the lock of {}, held by {held}", text::path(path)));
            }
            None => {}
        }
    }

    pub fn over(&mut self) {
        if std::mem::take(&mut self.shown) && width().is_some() {
            let _ = write!(stderr(), "{CLEAR}");
        }
    }
}

/// The line on a terminal: what matters most comes first, since the end may not fit.
fn line(path: &Path, holder: Option<&Holder>) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let name = text::visible(&sdnlock::text::shortened(&name, MOST_NAME));
    match holder {
        None => format!("waiting for `{name}`, behind others who wait"),
        Some(holder) => {
            let who = text::visible(&holder.to_string());
            match holder.age() {
                Some(age) => format!("waiting for `{name}`, held for {} by {who}", text::duration(age)),
                None => format!("waiting for `{name}`, held by {who}"),
            }
        }
    }
}

/// Columns of the terminal, if stderr is one on which a line can be written over.
pub fn width() -> Option<usize> {
    let capable = stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|name| name != "dumb");
    let size = terminal_size::terminal_size_of(stderr());
    capable.then(|| size.map_or(80, |(width, _)| usize::from(width.0)))
}
