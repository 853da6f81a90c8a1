use super::Span;

/// One replacement of a piece of the source; an empty span inserts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Splice {
    /// What is replaced.
    pub span: Span,
    /// What takes its place.
    pub text: String,
}

impl Splice {
    /// Replaces `span` by `text`.
    pub fn new(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

/// Two splices touch the same byte, or one lies outside the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("two changes touch the same text at byte {0}")]
pub struct OverlapError(pub usize);

/// Applies disjoint splices to a source; every other byte stays as it is.
///
/// The splices may come in any order; insertions at one offset keep theirs.
///
/// # Errors
/// If two of them overlap or one reaches beyond the source.
pub fn splice(source: &[u8], splices: &[Splice]) -> Result<Vec<u8>, OverlapError> {
    let mut ordered: Vec<&Splice> = splices.iter().collect();
    ordered.sort_by_key(|s| (s.span.start, s.span.end));
    let grown: usize = ordered.iter().map(|s| s.text.len()).sum();
    let mut result = Vec::with_capacity(source.len() + grown);
    let mut copied = 0;
    for Splice { span, text } in ordered {
        if span.start < copied || span.end < span.start || span.end > source.len() {
            return Err(OverlapError(span.start));
        }
        result.extend_from_slice(&source[copied..span.start]);
        result.extend_from_slice(text.as_bytes());
        copied = span.end;
    }
    result.extend_from_slice(&source[copied..]);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splices_apply_in_order_of_place_and_leave_the_rest() {
        let edits =
            [Splice::new(Span::new(4, 5), "E"), Splice::new(Span::empty(0), "<"), Splice::new(Span::new(1, 3), "")];
        assert_eq!(splice(b"abcdef", &edits).unwrap(), b"<adEf");
    }

    #[test]
    fn overlapping_or_outlying_splices_are_refused() {
        let twice = [Splice::new(Span::new(0, 2), "x"), Splice::new(Span::new(1, 3), "y")];
        assert_eq!(splice(b"abcdef", &twice), Err(OverlapError(1)));
        let outside = [Splice::new(Span::new(5, 7), "")];
        assert_eq!(splice(b"abcdef", &outside), Err(OverlapError(5)));
    }
}
