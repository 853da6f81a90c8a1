//! Where in a tree something stands, for messages.

use crate::address::Address;

/// A place in a tree, from the inside out.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    Root,
    Name(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    pub fn name(&'p self, name: &'p str) -> Self {
        Self::Name(self, name)
    }

    pub fn index(&'p self, index: usize) -> Self {
        Self::Index(self, index)
    }

    /// As an address; empty at the root.
    pub fn shown(&self) -> String {
        self.address().map(|address| address.to_string()).unwrap_or_default()
    }

    fn address(&self) -> Option<Address> {
        match self {
            Self::Root => None,
            Self::Name(parent, name) => {
                Some(parent.address().map_or_else(|| Address::of(*name), |address| address.with(*name)))
            }
            Self::Index(parent, index) => parent.address().map(|address| address.at(*index)),
        }
    }
}
