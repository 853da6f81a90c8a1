//! The three texts of a merge, by their names.

use std::ops::{Index, IndexMut};

/// One of the three texts of a merge.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Side {
    /// What both sides began with.
    Base,
    /// Our side.
    Ours,
    /// The incoming side.
    Theirs,
}

impl Side {
    /// The name, as `ours`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Ours => "ours",
            Self::Theirs => "theirs",
        }
    }

    /// The other one of ours and theirs.
    pub(super) fn other(self) -> Self {
        if self == Self::Ours { Self::Theirs } else { Self::Ours }
    }
}

/// One thing for each side.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Sides<T> {
    /// That of what both sides began with.
    pub base: T,
    /// That of our side.
    pub ours: T,
    /// That of the incoming side.
    pub theirs: T,
}

impl<T> Sides<T> {
    /// What a function gives for each side, in the order base, ours, theirs.
    pub fn from_fn(mut of: impl FnMut(Side) -> T) -> Self {
        Self { base: of(Side::Base), ours: of(Side::Ours), theirs: of(Side::Theirs) }
    }

    /// What a function makes of each.
    pub fn map<U>(self, mut of: impl FnMut(T) -> U) -> Sides<U> {
        Sides { base: of(self.base), ours: of(self.ours), theirs: of(self.theirs) }
    }

    /// A reference to each.
    pub fn each_ref(&self) -> Sides<&T> {
        Sides { base: &self.base, ours: &self.ours, theirs: &self.theirs }
    }

    /// Each with its side.
    pub fn iter(&self) -> impl Iterator<Item = (Side, &T)> {
        [(Side::Base, &self.base), (Side::Ours, &self.ours), (Side::Theirs, &self.theirs)].into_iter()
    }

    /// All three, without their sides.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        [&self.base, &self.ours, &self.theirs].into_iter()
    }
}

impl<T> Sides<Option<T>> {
    /// Nothing unless each side has one.
    pub(super) fn all(self) -> Option<Sides<T>> {
        Some(Sides { base: self.base?, ours: self.ours?, theirs: self.theirs? })
    }

    /// That of ours, else that of theirs, else that of base.
    pub(super) fn newest(self) -> Option<T> {
        self.ours.or(self.theirs).or(self.base)
    }
}

impl<T: PartialEq> Sides<T> {
    /// The one of two versions that was changed, or what both say; nothing if they were changed differently.
    pub(super) fn agreed(self) -> Option<T> {
        if self.ours == self.theirs || self.base == self.theirs {
            Some(self.ours)
        } else if self.base == self.ours {
            Some(self.theirs)
        } else {
            None
        }
    }
}

impl<T> Index<Side> for Sides<T> {
    type Output = T;

    fn index(&self, side: Side) -> &T {
        match side {
            Side::Base => &self.base,
            Side::Ours => &self.ours,
            Side::Theirs => &self.theirs,
        }
    }
}

impl<T> IndexMut<Side> for Sides<T> {
    fn index_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Base => &mut self.base,
            Side::Ours => &mut self.ours,
            Side::Theirs => &mut self.theirs,
        }
    }
}

/// In the order base, ours, theirs.
impl<T> From<[T; 3]> for Sides<T> {
    fn from([base, ours, theirs]: [T; 3]) -> Self {
        Self { base, ours, theirs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_side_changed_is_agreed() {
        let agreed = |sides: [u8; 3]| Sides::from(sides).agreed();
        assert_eq!([agreed([1, 1, 2]), agreed([1, 2, 1]), agreed([1, 2, 2])], [Some(2), Some(2), Some(2)]);
        assert_eq!([agreed([1, 1, 1]), agreed([1, 2, 3])], [Some(1), None]);
    }
}
