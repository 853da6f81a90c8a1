//! Locks that a process above this one holds (L13).
//!
//! A command that runs under a lock may call programs that lock the same database. They are told in the
//! environment which token the lock bears, and where they find that token in a lock file that is held,
//! they stand inside the lock. Among themselves they still exclude each other: each level of nesting
//! has a lock file of its own beside the database.
//!
//! They are also told which database is the last one that is held at each level, in the order of L12: to
//! wait for one that is ordered before it could close a circle.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::record::Token;
use crate::platform::{path_from_text, path_to_text};

/// What the processes above this one hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Nesting(Vec<HeldAbove>);

/// The locks of one process at one level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct HeldAbove {
    pub token: Token,
    /// What tells the names of lock files within them, where strangers might take these. The token can be read by whoever
    /// may read the lock file; this only within.
    names: Token,
    /// How many processes above that one held the lock in turn.
    pub depth: u32,
    /// The last one of these databases.
    pub last: PathBuf,
}

impl Nesting {
    /// The environment variable in which it is handed down.
    pub const VARIABLE: &str = "SDNLOCK_HELD";

    /// Reads the value of the variable. What cannot be read proves nothing and counts for nothing.
    #[must_use]
    pub fn from_value(value: &OsStr) -> Self {
        value
            .as_bytes()
            .split(|&byte| byte == b',')
            .map(HeldAbove::read)
            .collect::<Option<Vec<_>>>()
            .map(Self)
            .unwrap_or_default()
    }

    /// The value of the variable.
    #[must_use]
    pub fn to_value(&self) -> OsString {
        let parts: Vec<Vec<u8>> = self.0.iter().map(HeldAbove::to_text).collect();
        OsString::from_vec(parts.join(&b','))
    }

    /// Adds a lock that is held, by its token, its level and its database.
    pub(super) fn add(&mut self, token: Token, depth: u32, path: &Path) {
        match self.0.iter_mut().find(|held| (held.token, held.depth) == (token, depth)) {
            None => self.0.push(HeldAbove { token, names: Token::random(), depth, last: path.to_owned() }),
            Some(held) if bytes(path) > bytes(&held.last) => path.clone_into(&mut held.last),
            Some(_) => {}
        }
    }

    /// Whether nothing is held above.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn holds(&self, token: Token) -> bool {
        self.names_within(token).is_some()
    }

    /// What tells the names of lock files within the lock that bears this token, if that is held above.
    pub(super) fn names_within(&self, token: Token) -> Option<Token> {
        self.0.iter().find(|held| held.token == token).map(|held| held.names)
    }

    /// What is held that waiting for this database at this level could close a circle with: what is
    /// ordered behind it there or deeper.
    pub(super) fn circles(&self, path: &Path, depth: u32) -> impl Iterator<Item = &HeldAbove> {
        self.0.iter().filter(move |held| held.depth >= depth && bytes(path) < bytes(&held.last))
    }
}

impl HeldAbove {
    /// `TOKEN.NAMES/DEPTH` and the path, which is absolute.
    fn to_text(&self) -> Vec<u8> {
        let mut text = format!("{}.{}/{}", self.token, self.names, self.depth).into_bytes();
        text.extend(path_to_text(&self.last, b","));
        text
    }

    fn read(text: &[u8]) -> Option<Self> {
        let mut parts = text.splitn(3, |&byte| byte == b'/');
        let mut word = || std::str::from_utf8(parts.next()?).ok();
        let (tokens, depth) = (word()?, word()?.parse().ok()?);
        let (token, names) = tokens.split_once('.').unwrap_or((tokens, tokens));
        let (token, names) = (Token::read(token)?, Token::read(names)?);
        let last = Path::new("/").join(path_from_text(parts.next()?)?);
        Some(Self { token, names, depth, last })
    }
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l13_the_value_reads_back_and_what_is_none_counts_for_nothing() {
        let (one, two) = (Token::random(), Token::random());
        let mut nesting = Nesting::default();
        nesting.add(one, 0, Path::new("/a/b,: c.sdn"));
        nesting.add(one, 0, Path::new("/a/a.sdn"));
        nesting.add(two, 1, Path::new("/a/a.sdn"));
        assert_eq!(Nesting::from_value(&nesting.to_value()), nesting);
        for forged in ["", ",", "1/0/a", "x", "0123/0/a", "zz345678901234567890123456789012/0/a"] {
            assert_eq!(Nesting::from_value(forged.as_ref()), Nesting::default(), "{forged}");
        }
        let circles = |path: &str, depth| nesting.circles(Path::new(path), depth).count();
        assert_eq!((circles("/a/a", 0), circles("/a/a.sdn", 0), circles("/a/c", 0)), (2, 1, 0));
        assert_eq!((circles("/a/a", 1), circles("/a/a.sdn", 1), circles("/a/a", 2)), (1, 0, 0));
    }
}
