//! Findings that stand for several places.
//!
//! What is wrong in the same way in many places is told as one finding. Whoever compares findings has to know each of
//! the places: then the one finding holds them all, each as a finding of its own.

use super::Options;
use super::finding::{Finding, Findings};

/// How what was found in several places is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Told {
    /// As one finding.
    #[default]
    Together,
    /// Each by itself.
    Each,
    /// As one finding, which holds each.
    Both,
}

impl Told {
    pub fn by(options: &Options<'_>) -> Self {
        if options.each_place { Self::Both } else { Self::Together }
    }
}

/// The places for which a finding stands, each as a finding of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Places {
    pub each: Findings,
    pub like: Likeness,
}

/// In what the places of a finding are alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Likeness {
    /// They are lines, one below the other.
    Lines,
    /// They are rows, one below the other, and wrong in one column.
    Rows,
    /// They are counted, for a table or a file.
    Counted,
}

/// So many rows are told one by one.
pub(super) const MOST_ROWS: usize = 3;

impl Finding {
    /// The places for which it stands, each as a finding of its own; the finding itself if that is one.
    pub(super) fn each_place(&self) -> impl Iterator<Item = &Self> {
        let each = self.places.as_ref().map(|places| &*places.each);
        each.unwrap_or(std::slice::from_ref(self)).iter()
    }

    /// As if there were only those of its places for which `keep` holds, with those that are left out besides.
    pub(super) fn divided(self, mut keep: impl FnMut(&Self) -> bool) -> [Findings; 2] {
        let Some(places) = self.places else {
            return if keep(&self) { [vec![self], Vec::new()] } else { [Vec::new(), vec![self]] };
        };
        let Places { each, like } = *places;
        let each = each.into_iter().map(|one| Self { severity: self.severity, ..one });
        let (kept, left): (Findings, Findings) = each.partition(|one| keep(one));
        [kept, left].map(|each| told(each, like))
    }
}

/// Places that are alike, as they are told.
pub(super) fn told(each: Findings, like: Likeness) -> Findings {
    let (Some(first), Some(last)) = (each.first(), each.last()) else { return Vec::new() };
    let mut one = Finding { places: None, ..first.clone() };
    let others = each.len() - 1;
    match like {
        Likeness::Lines => one.span.end = last.span.end,
        Likeness::Rows if others < MOST_ROWS => return each,
        Likeness::Rows => one.message += &rows_below(others),
        Likeness::Counted => one.message = counted(&first.message, each.len(), &first.subject),
    }
    if others > 0 {
        one.places = Some(Box::new(Places { each, like }));
    }
    vec![one]
}

/// What is said of the rows that are as wrong as the first one.
pub(super) fn rows_below(number: usize) -> String {
    format!("; the {number} rows below it are alike")
}

/// What is said of what occurs so many times somewhere: `message` says what it is, and behind a semicolon what comes of it.
pub(super) fn counted(message: &str, number: usize, place: &str) -> String {
    match message.split_once("; ") {
        Some((what, effect)) if number > 1 => format!("{what}, {number} times in {place}; {effect}"),
        _ => message.to_owned(),
    }
}
