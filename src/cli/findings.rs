//! Findings of the check as they are shown.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use sdnlock::check::{Finding, Severity};
use sdnlock::text::{BOM, Lines, Span};

/// How many findings are shown where only the first ones matter.
const MOST_EXCERPTS: usize = 3;

/// A source whose findings are shown, with its name.
pub struct Shown<'s> {
    pub name: &'s str,
    pub source: &'s [u8],
}

impl Shown<'_> {
    /// One finding on its own, as `check` shows it.
    pub fn human(&self, finding: &Finding, lines: &Lines<'_>) -> String {
        let level = match finding.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let window = self.window(finding.span, lines);
        let title = level.primary_title(finding.message.as_str()).id(finding.rule.code());
        let mut group = title.element(window.snippet(self.name, None));
        if let Some(help) = &finding.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        format!("{}\n", renderer().render(&[group]))
    }

    /// One finding in one line: `path:line:column: severity[CODE]: message`.
    pub fn short(&self, finding: &Finding, lines: &Lines<'_>) -> String {
        let position = lines.position(finding.span.start);
        let severity = match finding.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let (name, code, message) = (super::text::visible(self.name), finding.rule.code(), &finding.message);
        let message = super::text::visible(message);
        format!("{name}:{}:{}: {severity}[{code}]: {message}\n", position.line, position.column)
    }

    /// The places of some findings, without titles, to stand below the message of a failure.
    pub fn excerpts(&self, findings: &[Finding]) -> String {
        let lines = Lines::new(self.source);
        let mut text = String::new();
        for finding in findings.iter().take(MOST_EXCERPTS) {
            let window = self.window(finding.span, &lines);
            let group = Group::with_level(Level::ERROR).element(window.snippet(self.name, Some(&finding.message)));
            text += &renderer().render(&[group]);
            text.push('\n');
        }
        if findings.len() > MOST_EXCERPTS {
            text += &format!("   = and {} more\n", findings.len() - MOST_EXCERPTS);
        }
        text
    }

    /// The line that a finding begins on. Only its part on that line is marked.
    fn window(&self, span: Span, lines: &Lines<'_>) -> Window {
        let mut line = lines.line_span(span.start);
        let number = lines.position(line.start).line;
        if line.start == 0 && self.source.starts_with(BOM) {
            line.start = BOM.len();
        }
        let text = line.of(self.source);
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let start = span.start.clamp(line.start, line.start + text.len()) - line.start;
        let end = span.end.clamp(line.start + start, line.start + text.len()) - line.start;
        // Bytes that are no UTF-8 are shown as replacement characters, so the marks move.
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let before = shown(&text[..start]);
        let marked = shown(&text[start..end]);
        let mark = before.len()..before.len() + marked.len();
        Window { text: before + &marked + &shown(&text[end..]), mark, number }
    }
}

/// A line with what is to be marked in it.
struct Window {
    text: String,
    mark: std::ops::Range<usize>,
    number: usize,
}

impl Window {
    fn snippet<'w>(&'w self, name: &'w str, label: Option<&'w str>) -> Snippet<'w, annotate_snippets::Annotation<'w>> {
        let mark = AnnotationKind::Primary.span(self.mark.clone()).label(label);
        Snippet::source(self.text.as_str()).path(name).line_start(self.number).annotation(mark)
    }
}

fn renderer() -> Renderer {
    Renderer::styled().term_width(140)
}
