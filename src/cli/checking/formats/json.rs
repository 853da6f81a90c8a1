//! One JSON object: `{"files": [{"path", "findings": [{"code", "severity", "line", "column", "end_line",
//! "end_column", "message", "help", "readers"}]}], "errors": N, "warnings": N}`; with a baseline also `"known": N` and
//! `"gone": N`.

use sdnlock::check::Reader;
use serde_json::{Value, json};

use crate::cli::checking::checked::{Checked, Located, Tally};

/// `gone` is how many findings of the baseline there are no more, if there is one.
pub fn render(files: &[Checked], tally: &Tally, gone: Option<usize>) -> String {
    let files: Vec<Value> = files.iter().map(file).collect();
    let mut object = json!({"files": files, "errors": tally.errors, "warnings": tally.warnings});
    if let Some(gone) = gone {
        object["known"] = tally.known.into();
        object["gone"] = gone.into();
    }
    format!("{object}\n")
}

fn file(checked: &Checked) -> Value {
    // A name that is no UTF-8 cannot be told in JSON: what cannot is replaced.
    let path = checked.path.as_ref().map_or("-".into(), |path| path.to_string_lossy());
    let findings: Vec<Value> = checked.findings.iter().map(finding).collect();
    json!({"path": path, "findings": findings})
}

fn finding(located: &Located) -> Value {
    let Located { finding, from, to, .. } = located;
    let readers: Vec<&str> = finding.rule.readers().iter().copied().map(Reader::name).collect();
    json!({
        "code": finding.rule.code(),
        "severity": finding.severity.name(),
        "line": from.line,
        "column": from.column,
        "end_line": to.line,
        "end_column": to.column,
        "message": finding.message,
        "help": finding.help,
        "readers": readers,
    })
}
