//! Remarks in a text that is edited again: what is wrong stands above the line that it is about.

use sdnlock::check::Finding;
use sdnlock::text::{Lines, Splice, splice};

/// How the lines begin that are only for the editor. No other line begins so.
const MARK: &str = "#! sdnlock: ";

/// So many findings are marked.
const MOST_MARKS: usize = 20;

/// The text with a remark above each line in which something was found, and the first such line, from 1.
pub fn mark(text: &[u8], findings: &[Finding]) -> (Vec<u8>, Option<usize>) {
    let lines = Lines::new(text);
    let remarks = findings.iter().take(MOST_MARKS).map(|finding| {
        let line = lines.line_span(finding.span.start);
        let help = finding.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        Splice::new((line.start..line.start).into(), format!("{MARK}{}{help}\n", finding.message))
    });
    let marked = splice(text, &remarks.collect::<Vec<_>>()).unwrap_or_else(|_| text.to_vec());
    let first = findings.first().map(|finding| lines.position(finding.span.start).line);
    (marked, first)
}

/// The text without these remarks.
pub fn unmark(text: &[u8]) -> Vec<u8> {
    text.split_inclusive(|&b| b == b'\n').filter(|line| !line.starts_with(MARK.as_bytes())).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use sdnlock::check;
    use sdnlock::sdn::Document;

    use super::*;

    #[test]
    fn remarks_stand_above_their_lines_and_go_without_a_trace() {
        let text = b"a: 1\nBig Red\nt |x|\n    1, 2";
        let (marked, first) = mark(text, &check::check(&Document::parse(text)));
        let shown = String::from_utf8(marked.clone()).unwrap();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[1].starts_with(MARK) && lines[2] == "Big Red" && lines[4].starts_with(MARK), "{shown}");
        assert_eq!(first, Some(2));
        assert_eq!(unmark(&marked), text);
    }
}
