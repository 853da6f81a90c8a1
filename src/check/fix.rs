//! Mending what can be mended without a doubt.

use super::{Finding, Options, Severity, check_with, new_errors};
use crate::sdn::Document;

/// Fixes that come to light when others were made are made too, in so many rounds.
const MOST_ROUNDS: usize = 4;

/// A document with the fixes of its findings made, and how many were made. Notes are left alone.
///
/// Every change is one that a finding offers: a value is put in quotes, so that all readers take the text that
/// stands there, or characters without meaning are added or removed. Nothing is changed if an error would come
/// of it.
///
/// ```
/// use sdnlock::check::{self, Options};
/// use sdnlock::sdn::Document;
///
/// let document = Document::parse("t |id, path|\n    007, ./src\n");
/// let (fixed, number) = check::fixed(&document, &Options::default());
/// assert_eq!(fixed, b"t |id, path|\n    \"007\", \"./src\"\n");
/// assert_eq!(number, 2);
/// ```
#[must_use]
pub fn fixed(document: &Document, options: &Options) -> (Vec<u8>, usize) {
    let mut source = document.source().to_vec();
    let mut made = 0;
    for _ in 0..MOST_ROUNDS {
        let findings = check_with(&Document::parse(source.clone()), options);
        let (next, number) = one_round(&source, &findings);
        if number == 0 {
            break;
        }
        (source, made) = (next, made + number);
    }
    if new_errors(document, &Document::parse(source.clone())).is_empty() {
        (source, made)
    } else {
        (document.source().to_vec(), 0)
    }
}

/// Makes the fixes that do not overlap.
fn one_round(source: &[u8], findings: &[Finding]) -> (Vec<u8>, usize) {
    let wanted = findings.iter().filter(|finding| finding.severity != Severity::Note);
    let mut fixes: Vec<_> = wanted.filter_map(|finding| finding.fix.as_ref()).collect();
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    let mut new = Vec::with_capacity(source.len());
    let (mut at, mut made) = (0, 0);
    for fix in fixes {
        if fix.span.start < at || (made > 0 && fix.span.start == at && fix.span.is_empty()) {
            continue;
        }
        new.extend_from_slice(&source[at..fix.span.start]);
        new.extend_from_slice(fix.text.as_bytes());
        at = fix.span.end;
        made += 1;
    }
    new.extend_from_slice(&source[at..]);
    (new, made)
}
