//! One line for each finding: `path:line:column: severity[CODE]: message`.

use crate::cli::checking::checked::Checked;
use crate::cli::text::visible;

pub fn render(checked: &Checked) -> String {
    let name = visible(&checked.name);
    let lines = checked.findings.iter().map(|located| {
        let finding = &located.finding;
        let (severity, code) = (finding.severity.name(), finding.rule.code());
        let message = visible(&finding.message);
        format!("{name}:{}:{}: {severity}[{code}]: {message}\n", located.from.line, located.from.column)
    });
    lines.collect()
}
