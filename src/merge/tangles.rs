//! Names and keys that stand more often than once, or in a conflict that an earlier merge left.
//!
//! What they name cannot be followed from side to side by its name alone. All that is tangled so is looked at
//! together, as what stands there on each side:
//!
//! 1. Where one side has what the base has, or both have the same, each thing is known by its text, and what one side
//!    made of it is taken.
//! 2. Where each side has made one thing of what was tangled in the base, these are versions of each other, and what
//!    the base had is as good as not known: what differs is a conflict.
//! 3. Else all of it is one conflict.
//!
//! So nothing that both sides have is lost between them, and nothing stands more often than on either side.

use std::collections::HashMap;

use super::sides::{Side, Sides};

/// What an item of a level, the rows of a table or the entries of a block, is known by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Known {
    /// By no name.
    Nothing,
    /// By what it says, and as the how manieth one that says so: a row of the history of a record.
    History,
    /// By the name or key of this number.
    Name(u32),
    /// It is a conflict, in which these stand.
    Conflict(Vec<u32>),
}

impl Known {
    fn names(&self) -> &[u32] {
        match self {
            Self::Nothing | Self::History => &[],
            Self::Name(name) => std::slice::from_ref(name),
            Self::Conflict(names) => names,
        }
    }
}

/// What is done about a tangled name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tangle {
    /// Each of its items is known by its text.
    ByText,
    /// Those of ours and theirs are versions without a known base.
    Unresolved,
    /// All items of this tangle are one conflict.
    Conflict(usize),
}

/// The names of a level that are tangled.
#[derive(Debug, Default)]
pub(super) struct Tangles(HashMap<u32, Tangle>);

impl Tangles {
    /// Finds what is tangled among `names` names. `text` says what an item of a side says.
    pub fn find<'d>(known: Sides<&[Known]>, names: usize, text: impl Fn(Side, usize) -> &'d [u8]) -> Self {
        let mut groups = Groups::new(names);
        let mut is_tangled = vec![false; names];
        for items in known.values() {
            let mut seen = vec![false; names];
            for item in *items {
                let is_conflict = matches!(item, Known::Conflict(_));
                for &name in item.names() {
                    let again = std::mem::replace(&mut seen[name as usize], true);
                    is_tangled[name as usize] |= again || is_conflict;
                    groups.unite(name, item.names()[0]);
                }
            }
        }
        let mut tangles = Self::default();
        let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
        for name in (0..names).filter(|&name| is_tangled[name]) {
            let name = u32::try_from(name).unwrap_or(u32::MAX);
            members.entry(groups.of(name)).or_default().push(name);
        }
        if members.is_empty() {
            return tangles;
        }
        let mut items: HashMap<u32, Sides<Vec<usize>>> = HashMap::new();
        for (side, known) in known.iter() {
            for (at, item) in known.iter().enumerate() {
                if let Some(&name) = item.names().first().filter(|&&name| is_tangled[name as usize]) {
                    items.entry(groups.of(name)).or_default()[side].push(at);
                }
            }
        }
        for (number, (group, names)) in members.into_iter().enumerate() {
            let items = items.remove(&group).unwrap_or_default();
            let texts = Sides::from_fn(|side| {
                let mut texts: Vec<&[u8]> = items[side].iter().map(|&at| text(side, at)).collect();
                texts.sort_unstable();
                texts
            });
            let is_single = |side: Side| {
                let names = items[side].iter().map(|&at| &known[side][at]);
                let mut seen: Vec<u32> = names.clone().flat_map(Known::names).copied().collect();
                seen.sort_unstable();
                seen.windows(2).all(|two| two[0] != two[1]) && names.into_iter().all(|it| matches!(it, Known::Name(_)))
            };
            let tangle = if texts.agreed().is_some() {
                Tangle::ByText
            } else if is_single(Side::Ours) && is_single(Side::Theirs) {
                Tangle::Unresolved
            } else {
                Tangle::Conflict(number)
            };
            tangles.0.extend(names.into_iter().map(|name| (name, tangle)));
        }
        tangles
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is done about a name; nothing if it is not tangled.
    pub fn of_name(&self, name: u32) -> Option<Tangle> {
        self.0.get(&name).copied()
    }

    /// What is done about an item; nothing if it is not tangled.
    pub fn of(&self, known: &Known) -> Option<Tangle> {
        known.names().first().and_then(|&name| self.of_name(name))
    }
}

/// Which names stand in one conflict, or in conflicts with a third one.
struct Groups(Vec<u32>);

impl Groups {
    fn new(names: usize) -> Self {
        Self((0..u32::try_from(names).unwrap_or(u32::MAX)).collect())
    }

    fn of(&mut self, mut name: u32) -> u32 {
        while self.0[name as usize] != name {
            let above = self.0[name as usize];
            self.0[name as usize] = self.0[above as usize];
            name = above;
        }
        name
    }

    fn unite(&mut self, one: u32, other: u32) {
        let (one, other) = (self.of(one), self.of(other));
        self.0[one.max(other) as usize] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items as words: a name and what it says, `1a`; in brackets a conflict, `[1a2b]`.
    fn tangles(base: &str, ours: &str, theirs: &str) -> Vec<Option<Tangle>> {
        let words = Sides { base, ours, theirs }.map(|side| side.split_whitespace().collect::<Vec<_>>());
        let known = words.each_ref().map(|words| {
            let digits = |word: &str| word.chars().filter_map(|c| c.to_digit(10)).collect::<Vec<u32>>();
            let known = |word: &&str| match digits(word) {
                names if word.starts_with('[') => Known::Conflict(names),
                names => names.first().map_or(Known::Nothing, |&name| Known::Name(name)),
            };
            words.iter().map(known).collect::<Vec<_>>()
        });
        let found = Tangles::find(known.each_ref().map(Vec::as_slice), 4, |side, at| words[side][at].as_bytes());
        (1..4).map(|name| found.of_name(name)).collect()
    }

    #[test]
    fn what_one_side_made_of_it_is_taken() {
        assert_eq!(tangles("1a 1b 2a", "1a 2a", "1a 1b 2b")[..2], [Some(Tangle::ByText), None]);
        assert_eq!(tangles("1a 1b", "1b 1a", "1b")[0], Some(Tangle::ByText));
        assert_eq!(tangles("[1a1b]", "1a", "[1a1b]")[0], Some(Tangle::ByText));
        assert_eq!(tangles("1a", "1a 1b", "1a")[0], Some(Tangle::ByText));
    }

    #[test]
    fn what_both_sides_resolved_are_versions() {
        assert_eq!(tangles("1a 1b", "1a", "1b")[0], Some(Tangle::Unresolved));
        let both = [Some(Tangle::Unresolved), Some(Tangle::Unresolved)];
        assert_eq!(tangles("[1a2a1b2b]", "1a 2a", "1b")[..2], both);
    }

    #[test]
    fn what_stands_several_times_on_both_sides_is_one_conflict() {
        assert_eq!(tangles("1a", "1a 1b", "1a 1c")[0], Some(Tangle::Conflict(0)));
        let all = tangles("1a 2a 3a", "[1a1b2a2b] 3a", "1c [2c3a3c]");
        assert!(
            matches!(all[..], [Some(Tangle::Conflict(one)), Some(Tangle::Conflict(two)), Some(Tangle::Conflict(three))] if one == two && two == three),
            "{all:?}"
        );
    }
}
