//! Findings of the check as they are shown.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstream::adapter::strip_str;
use sdnlock::check::{Finding, Severity};
use sdnlock::text::{BOM, Lines, Position, Span, without_line_end};

use super::checking::rules;
use super::streams::Screen;
use super::text::visible;

/// How many findings are shown where only the first ones matter.
const MOST_EXCERPTS: usize = 3;

/// A source whose findings are shown, with its name.
#[derive(Clone, Copy)]
pub struct Shown<'s> {
    pub name: &'s str,
    pub source: &'s [u8],
}

/// How wide a page is where it is for no terminal.
const WIDTH: usize = 140;

/// A line of a terminal must hold the beginning of a message and some of a line.
const NARROWEST: usize = 40;

fn width(screen: Screen) -> usize {
    screen.width.map_or(WIDTH, |width| width.clamp(NARROWEST, WIDTH))
}

impl Shown<'_> {
    /// One finding on its own, as `check` shows it.
    pub fn human(&self, finding: &Finding, lines: &Lines<'_>) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let window = self.window(finding.span, lines);
        let name = visible(self.name);
        let help = finding.help.as_deref().map(visible);
        let title = level.primary_title(visible(&finding.message)).id(finding.rule.code());
        let mut group = window.place(title.elements(NOTHING), &name, None);
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help));
        }
        let readers = rules::readers(finding.rule.readers());
        if !readers.is_empty() {
            group = group.element(Level::NOTE.with_name("read wrongly by").message(readers));
        }
        window.render(&[group], width(Screen::of_stdout()))
    }

    /// The places of some findings, without titles, to stand below the message of a failure.
    pub fn excerpts(&self, findings: &[Finding]) -> String {
        let lines = Lines::new(self.source);
        let mut text = String::new();
        for finding in findings.iter().take(MOST_EXCERPTS) {
            let window = self.window(finding.span, &lines);
            let (name, message) = (visible(self.name), visible(&finding.message));
            let group = window.place(Group::with_level(Level::ERROR), &name, Some(&message));
            text += &window.render(&[group], width(Screen::of_stderr()));
        }
        if findings.len() > MOST_EXCERPTS {
            text += &format!("   = and {} more\n", findings.len() - MOST_EXCERPTS);
        }
        text
    }

    /// The line that a finding begins on, or a part of it. Only what lies on that line is marked.
    fn window(&self, span: Span, lines: &Lines<'_>) -> Window {
        let mut line = lines.line_span(span.start);
        let position = lines.position(span.start);
        if line.start == 0 && self.source.starts_with(BOM) {
            line.start = BOM.len();
        }
        line.end = line.start + without_line_end(line.of(self.source)).len();
        let start = span.start.clamp(line.start, line.end);
        let end = span.end.clamp(start, line.end);
        // Of a long line only the neighbourhood is shown.
        let from = if start - line.start > MOST_AROUND { start - LEAST_AROUND } else { line.start };
        let to = if line.end - start > MOST_AROUND { start + LEAST_AROUND } else { line.end };
        let (from, to) = (self.character_at(from, line.start), self.character_at(to, start));
        // Bytes that are no UTF-8, and what cannot be seen, take another room when they are shown, so the marks move.
        let shown = |from: usize, to: usize| visible(&String::from_utf8_lossy(&self.source[from..to]));
        let before = if from > line.start { format!("…{}", shown(from, start)) } else { shown(from, start) };
        let marked = shown(start, end.min(to));
        let after = if to < line.end { format!("{}…", shown(end.min(to), to)) } else { shown(end.min(to), to) };
        let mark = before.len()..before.len() + marked.len();
        let text = before + &marked + &after;
        let as_it_stands = text.as_bytes() == line.of(self.source);
        Window { text, mark, position, as_it_stands }
    }

    /// The beginning of the character that reaches over `at`, if it is not before `least`.
    fn character_at(&self, at: usize, least: usize) -> usize {
        const LONGEST: usize = 4;
        let is_inside = |at: usize| self.source.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
        (at.saturating_sub(LONGEST).max(least)..=at).rev().find(|&at| !is_inside(at)).unwrap_or(at)
    }
}

/// A line is shown whole if no more than so many bytes stand on each side of the mark.
const MOST_AROUND: usize = 1000;
/// Otherwise so many of them are shown.
const LEAST_AROUND: usize = 300;

/// A line with what is to be marked in it.
struct Window {
    text: String,
    mark: std::ops::Range<usize>,
    position: Position,
    /// Whether it is whole, and every character of it in its place.
    as_it_stands: bool,
}

impl Window {
    /// Renders what is said about the line.
    fn render(&self, groups: &[Group<'_>], width: usize) -> String {
        let page = Renderer::styled().term_width(width).render(groups) + "\n";
        if self.as_it_stands {
            return page;
        }
        // Where the place was told by itself, the line stands below a place that says nothing.
        let says = |line: &&str| strip_str(line).to_string().trim() != ":::";
        page.split_inclusive('\n').filter(says).collect()
    }

    /// Adds the line to what is said about it. Where it is not shown as it stands, its place has to be told.
    fn place<'w>(&'w self, group: Group<'w>, name: &'w str, label: Option<&'w str>) -> Group<'w> {
        let mark = AnnotationKind::Primary.span(self.mark.clone()).label(label);
        let snippet = Snippet::source(self.text.as_str()).line_start(self.position.line).annotation(mark);
        if self.as_it_stands {
            return group.element(snippet.path(name));
        }
        let origin = Origin::path(name).line(self.position.line).char_column(self.position.column);
        group.element(origin).element(snippet)
    }
}

/// A title becomes a group with its first element.
const NOTHING: [Origin<'static>; 0] = [];
