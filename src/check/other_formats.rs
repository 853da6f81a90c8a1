//! Files of another format under the name of a database. Line by line they would give hundreds of findings, of
//! which none helps.

use super::finding::{Finding, Rule, Severity, excerpt, finding};
use crate::sdn::{Document, PieceKind};
use crate::text::Span;

/// What a line may give away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Toml,
    Json,
    Kdl,
    Yaml,
    KeyValue,
}

impl Format {
    const ALL: [Self; 5] = [Self::Toml, Self::Json, Self::Kdl, Self::Yaml, Self::KeyValue];

    fn name(self) -> &'static str {
        match self {
            Self::Json => "a list or dict in brackets, as JSON is",
            Self::Toml => "TOML",
            Self::Kdl => "KDL, with blocks in braces",
            Self::Yaml => "YAML",
            Self::KeyValue => "`key=value` lines in groups",
        }
    }

    /// Whether a line, without its blanks, is as no line of a database is.
    fn marks(self, line: &[u8], is_first: bool) -> bool {
        match self {
            Self::Json => is_first && matches!(line.first(), Some(b'{' | b'[')),
            Self::Toml => {
                let inner = line.strip_prefix(b"[").and_then(|line| line.strip_suffix(b"]"));
                inner.is_some_and(|inner| {
                    let inner = inner.strip_prefix(b"[").and_then(|name| name.strip_suffix(b"]")).unwrap_or(inner);
                    inner.first().is_some_and(u8::is_ascii_alphabetic)
                        && inner.iter().all(|&b| b.is_ascii_alphanumeric() || b"_-.\" ".contains(&b))
                })
            }
            Self::Kdl => line.last() == Some(&b'{') && line.first().is_some_and(u8::is_ascii_alphabetic),
            Self::Yaml => line.starts_with(b"- ") || line == b"-" || line.ends_with(b": |") || line.ends_with(b": >"),
            Self::KeyValue => line == b"---",
        }
    }
}

/// So many lines, or runs of them, are told one by one where a file may be meant to be SDN.
const MOST_TO_MEND: usize = 5;

/// The one finding for a file that is no SDN at all. A file with a table is SDN, however many lines are wrong.
pub(super) fn recognize(document: &Document, findings: &[Finding]) -> Option<Finding> {
    let has_table = document.pieces().iter().any(|piece| piece.kind == PieceKind::Table);
    if has_table || findings.is_empty() {
        return None;
    }
    let errors = super::together(findings.to_vec(), super::Told::Together);
    let errors = errors.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors == 0 {
        return None;
    }
    let source = document.source();
    let lines = source.split_inclusive(|&b| b == b'\n').scan(0, |at, line| {
        let span = Span::new(*at, *at + line.len());
        *at += line.len();
        Some(crate::sdn::body(source, span))
    });
    let lines: Vec<Span> = lines.filter(|line| !matches!(source[line.range()].first(), None | Some(b'#'))).collect();
    let marks = |format: Format| {
        let marked =
            lines.iter().enumerate().filter(move |(at, line)| format.marks(line.of(source).trim_ascii_end(), *at == 0));
        marked.map(|(_, line)| *line)
    };
    let format = Format::ALL.into_iter().find(|&format| match format {
        Format::Json => marks(format).next().is_some(),
        // A block with `- ` items among settings that are SDN may be mended line by line.
        Format::Yaml => errors > MOST_TO_MEND && marks(format).count() * 4 > lines.len(),
        _ => marks(format).count() * 16 > lines.len(),
    })?;
    let first = marks(format).next()?;
    let message = format!("this file is no SDN; it seems to be {}", format.name());
    let help = "give it the ending of its format, or leave it out by `.gitignore`";
    Some(finding(Rule::NotSdn, first, excerpt(source, first), message).help(help))
}
