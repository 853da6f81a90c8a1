//! Comments that allow what is found.
//!
//! `# sdnlock: allow SDN201` allows findings of a rule on its own line; on a line of its own, on the next
//! line that holds something. `# sdnlock: allow-file SDN201` allows them everywhere. Rules are named by
//! code or name, parted by commas; what stands behind them is for people. A comment is what the Rust
//! reader takes for one, so none begins within a quote that is never closed.

use std::collections::BTreeSet;

use memchr::memmem;

use super::finding::{Findings, Rule};
use crate::sdn::token::tokens;
use crate::sdn::{Document, Piece, PieceKind, scan};
use crate::text::Span;

/// How what we read in a comment begins.
const MARK: &[u8] = b"sdnlock:";

/// Takes away what the document's comments allow. The findings are in the order of their places.
pub(super) fn apply(document: &Document, findings: &mut Findings) {
    let source = document.source();
    if findings.is_empty() || memmem::find(source, MARK).is_none() {
        return;
    }
    let mut allowed = vec![false; findings.len()];
    let mut everywhere = BTreeSet::new();
    let mut here = BTreeSet::new();
    let mut next = 0;
    for piece in document.pieces() {
        for directive in directives(document, piece) {
            let rules = if directive.file { &mut everywhere } else { &mut here };
            rules.extend(directive.rules);
        }
        while findings.get(next).is_some_and(|finding| finding.span.start < piece.span.end) {
            allowed[next] = here.contains(&findings[next].rule);
            next += 1;
        }
        if piece.kind.has_content() || piece.kind == PieceKind::ConflictMarker {
            here.clear();
        }
    }
    let mut allowed = allowed.into_iter();
    findings.retain(|finding| !allowed.next().unwrap_or(false) && !everywhere.contains(&finding.rule));
}

/// What one comment says.
struct Directive {
    rules: Vec<Rule>,
    /// Whether it speaks of the whole file.
    file: bool,
}

/// What the comments of a piece say.
fn directives(document: &Document, piece: &Piece) -> Vec<Directive> {
    let source = document.source();
    let marks: Vec<usize> =
        memmem::find_iter(piece.span.of(source), MARK).map(|at| piece.span.start + at + MARK.len()).collect();
    if marks.is_empty() {
        return Vec::new();
    }
    let mut tokens = tokens(source, document.body(piece)).peekable();
    // Up to where the lines of directives have been read, by what these speak of.
    let mut read = [0; 2];
    let ends = marks.iter().skip(1).copied().chain([piece.span.end]);
    let comments = marks.iter().zip(ends).filter_map(|(&begin, end)| {
        let mark = begin - MARK.len();
        let before = &source[piece.span.start..mark];
        let hash = piece.span.start + before.trim_ascii_end().len().checked_sub(1)?;
        // No token holds the `#` of a comment.
        while tokens.next_if(|token| token.span.end <= hash).is_some() {}
        let is_comment = source[hash] == b'#' && tokens.peek().is_none_or(|token| token.span.start > hash);
        // What stands behind a comma is taken for names as far as the line goes, also behind another mark. It need not
        // be read again from there.
        let near = is_comment.then(|| directive(source, Span::new(begin, end))).flatten()?;
        let read = &mut read[usize::from(near.file)];
        if begin < *read {
            return Some(near);
        }
        *read = scan::line_end(source, begin, piece.span.end);
        directive(source, Span::new(begin, *read))
    });
    comments.collect()
}

/// Reads what stands behind the mark.
fn directive(source: &[u8], span: Span) -> Option<Directive> {
    let line = span.of(source).split(|&b| b == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    let (verb, names) = line.trim().split_once([' ', '\t'])?;
    let file = match verb {
        "allow" => false,
        "allow-file" => true,
        _ => return None,
    };
    let rules = names.split(',').filter_map(|name| Rule::named(name.split_whitespace().next()?)).collect();
    Some(Directive { rules, file })
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    fn codes(source: &str) -> Vec<&'static str> {
        check(&Document::parse(source)).iter().map(|finding| finding.rule.code()).collect()
    }

    #[test]
    fn a_comment_allows_what_is_found_on_its_line_or_the_next_one() {
        assert_eq!(codes("t |a|\n    1, 2 # sdnlock: allow SDN201\n    1, 2\n"), ["SDN201"]);
        assert_eq!(codes("t |a|\n    # sdnlock: allow row-width\n\n    # why\n    1, 2\n    3\n"), [""; 0]);
        assert_eq!(codes("t |a|\n    # sdnlock: allow SDN201\n    1, 2\n    1, 2\n"), ["SDN201"]);
        assert_eq!(codes("#sdnlock:   allow sdn104 , Row-Width as ever\njunk\n"), [""; 0]);
        assert_eq!(codes("# sdnlock: allow SDN101\njunk\n"), ["SDN104"]);
        assert_eq!(codes("# sdnlock: allow SDN002\n<<<<<<< ours\na: 1\n"), [""; 0]);
    }

    #[test]
    fn a_comment_allows_what_is_found_in_the_file() {
        assert_eq!(codes("junk\nt |a|\n    1, 2\n# sdnlock: allow-file SDN104, SDN201\n"), [""; 0]);
        assert_eq!(codes("junk # sdnlock: allow-file\n"), ["SDN104"]);
    }

    #[test]
    fn several_comments_may_stand_on_one_line() {
        let rows = "junk\nt |a|\n    1, 2 # sdnlock: allow-file SDN104 # sdnlock: allow ";
        assert_eq!(codes(&format!("{rows}SDN201\n")), [""; 0]);
        assert_eq!(codes(&format!("{rows}SDN101\n    1, 2\n")), ["SDN201", "SDN201"]);
        // Behind a comma the names go on.
        assert_eq!(codes(&format!("{rows}SDN101, SDN201\n    1, 2\n")), [""; 0]);
        assert_eq!(codes(&format!("{rows}x # sdnlock: allow-file y # sdnlock: allow SDN201\n    1, 2\n")), ["SDN201"]);
        assert_eq!(codes(&format!("{rows}SDN201sdnlock:\n")), ["SDN201"]);
    }

    #[test]
    fn only_a_comment_allows_anything() {
        assert_eq!(codes("t |a|\n    1, \"# sdnlock: allow SDN201\"\n"), ["SDN201"]);
        assert_eq!(codes("t |a|\n    1, a# sdnlock: allow SDN201\n"), ["SDN201"]);
        assert_eq!(codes("t |a|\n    1, \"x # sdnlock: allow SDN201\n"), ["SDN101"]);
        assert_eq!(codes("t |a|\n    1, sdnlock: allow SDN201\n"), ["SDN201"]);
    }
}
