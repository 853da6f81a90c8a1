//! What a document says, as a tree of values, and changes that make a document say another one.
//!
//! A document is a [`Node::Dict`] of its settings and tables. A block is a dict or a list, a table a list of
//! records: dicts by column, or lists where the columns have no names. A value has the type that the newest Rust
//! reader gives it, but only where its spelling is not lost by that; else it is a text: `12` is a number, `007`,
//! `1.2.3` and `./x` are texts. An empty cell is an empty text.
//!
//! [`read`] refuses what cannot be told for certain, and names that stand twice. [`change`] touches only the values,
//! rows and settings that say something else: `change(document, read(document))` is the document, byte for byte.

mod change;
mod changer;
mod elements;
mod error;
mod fresh;
mod inside;
mod path;
mod read;
mod rows;
mod spelling;

pub use change::{change, change_by};
pub use error::ChangeError;
pub use read::{ReadError, Types, of_cell, read, read_target};
pub use spelling::{SpellError, inline};

/// How deep values may stand within each other.
pub const DEEPEST: usize = 500;

/// A value, or what is made of values.
#[derive(Clone, PartialEq, Debug)]
pub enum Node {
    /// `null`, `nil`, or a setting without a value.
    Nothing,
    /// `true` or `false`.
    Boolean(bool),
    /// An integer of 64 bits.
    Integer(i64),
    /// A decimal fraction.
    Float(f64),
    /// Anything else that is a single value.
    Text(String),
    /// A list, a block of elements, or the rows of a table.
    List(Vec<Node>),
    /// A dict, a block of settings, or a row, in order. Names stand once.
    Dict(Vec<(String, Node)>),
}

impl Node {
    /// Whether two trees say the same: the order of names does not count, and `90` and `90.0` are one number.
    #[must_use]
    pub fn says_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(ours), Self::List(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| ours.says_same(theirs))
            }
            (Self::Dict(ours), Self::Dict(theirs)) => ours.len() == theirs.len() && has_all(ours, theirs),
            #[expect(clippy::cast_precision_loss, reason = "a number that is not the same is another one")]
            (Self::Integer(integer), Self::Float(float)) | (Self::Float(float), Self::Integer(integer)) => {
                (*integer as f64).total_cmp(float).is_eq() && float.abs() < 9_007_199_254_740_992.0
            }
            _ => self == other,
        }
    }

    /// Whether a row says what a record asks for: it may have more columns.
    fn has(&self, record: &Self) -> bool {
        match (self, record) {
            (Self::Dict(row), Self::Dict(record)) => has_all(row, record),
            _ => self.says_same(record),
        }
    }

    /// Whether this says what was wanted: a row may have columns that its record does not name.
    fn fulfils(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::List(actual), Self::List(wanted)) => {
                actual.len() == wanted.len() && actual.iter().zip(wanted).all(|(actual, wanted)| actual.has(wanted))
            }
            (Self::Dict(actual), Self::Dict(wanted)) if actual.len() == wanted.len() => {
                in_step(actual, wanted).all(|(_, wanted, actual)| actual.is_some_and(|actual| actual.fulfils(wanted)))
            }
            _ => self.says_same(wanted),
        }
    }
}

fn has_all(ours: &[(String, Node)], theirs: &[(String, Node)]) -> bool {
    in_step(ours, theirs).all(|(_, theirs, ours)| ours.is_some_and(|ours| ours.says_same(theirs)))
}

/// What stands in `theirs`, with what stands under the same name in `ours`. Costs little where the order is the same.
fn in_step<'a>(
    ours: &'a [(String, Node)],
    theirs: &'a [(String, Node)],
) -> impl Iterator<Item = (&'a str, &'a Node, Option<&'a Node>)> {
    let mut by_name = None;
    theirs.iter().enumerate().map(move |(position, (name, theirs))| {
        let same = ours.get(position).filter(|(ours, _)| ours == name).map(|(_, node)| node);
        let found = same.or_else(|| {
            let by_name = by_name.get_or_insert_with(|| {
                ours.iter().map(|(name, node)| (name.as_str(), node)).collect::<std::collections::HashMap<_, _>>()
            });
            by_name.get(name.as_str()).copied()
        });
        (name.as_str(), theirs, found)
    })
}
