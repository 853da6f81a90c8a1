//! Annotations of a GitHub workflow, to stand below the findings for people in the log.
//!
//! GitHub shows no more than ten errors, ten warnings and ten notices of a step, so the worst ones come
//! first; how many were left out is said at the end.

use std::fmt::Write;

use sdnlock::check::{Rule, Severity};
use sdnlock::disk::Tag;

use super::place;
use crate::cli::checking::checked::{Checked, Located};
use crate::cli::text::{count, visible};

/// How many annotations of each kind GitHub shows for a step.
const MOST: usize = 10;

pub fn render(files: &[Checked]) -> String {
    let mut text = String::new();
    let mut left_out = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let all = files.iter().flat_map(|file| file.findings.iter().map(move |located| (file, located)));
        let mut those = all.filter(|(_, located)| located.finding.severity == severity);
        text.extend(those.by_ref().take(MOST).map(|(file, located)| annotation(file, located)));
        left_out += those.count();
    }
    if left_out > 0 {
        let findings = count(left_out, "more finding");
        text += &format!("{findings} without an annotation, since GitHub shows no more; the log above has all\n");
    }
    text
}

/// What is shown to people, so that no line of a database is taken for a command of the workflow. The older
/// form of commands is taken wherever it stands in a line.
pub fn harmless(page: String) -> String {
    if !page.contains("##[") {
        return page;
    }
    // Nobody can write a text that holds its own digest.
    let token = Tag::of(page.as_bytes()).to_string().replace(':', "-");
    format!("::stop-commands::{token}\n{page}::{token}::\n")
}

fn annotation(file: &Checked, located: &Located) -> String {
    let Located { finding, from, to, .. } = located;
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = String::new();
    if let Some(path) = &file.path {
        let path = place::in_repository(path);
        let _ = write!(properties, "file={},", visible(&property(&path.to_string_lossy())));
        let _ = write!(properties, "line={},endLine={},", from.line, to.line);
        if from.line == to.line {
            // GitHub takes columns only on one line.
            let _ = write!(properties, "col={},endColumn={},", from.column, to.column);
        }
    }
    let title = property(&title(finding.rule));
    let message = match &finding.help {
        Some(help) => format!("{}\nhelp: {}", visible(&finding.message), visible(help)),
        None => visible(&finding.message),
    };
    format!("::{kind} {properties}title={title}::{}\n", data(&message))
}

fn title(rule: Rule) -> String {
    format!("{} {}", rule.code(), rule.name())
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
