//! Locks that a process above this one holds (L13).
//!
//! A command that runs under a lock may call programs that lock the same database. They are told in the
//! environment which token the lock bears, and where they find that token in a lock file that is held,
//! they stand inside the lock. Among themselves they still exclude each other: each level of nesting
//! has a lock file of its own beside the database.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::record::Token;

/// What the processes above this one hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Nesting {
    tokens: Vec<Token>,
    /// The last one of all databases that are held, in the order of L12.
    last: Option<PathBuf>,
}

impl Nesting {
    /// The environment variable in which it is handed down.
    pub const VARIABLE: &str = "SDNLOCK_HELD";

    /// Reads the value of the variable. What cannot be read proves nothing and counts for nothing.
    #[must_use]
    pub fn from_value(value: &OsStr) -> Self {
        let Some(colon) = value.as_bytes().iter().position(|&byte| byte == b':') else { return Self::default() };
        let (tokens, path) = value.as_bytes().split_at(colon);
        let tokens = String::from_utf8_lossy(tokens).split(',').map(Token::read).collect::<Option<Vec<_>>>();
        let last = Some(PathBuf::from(OsStr::from_bytes(&path[1..])));
        tokens.map(|tokens| Self { tokens, last }).unwrap_or_default()
    }

    /// The value of the variable.
    #[must_use]
    pub fn to_value(&self) -> OsString {
        let tokens: Vec<String> = self.tokens.iter().map(Token::to_string).collect();
        let mut value = tokens.join(",").into_bytes();
        value.push(b':');
        value.extend(self.last.iter().flat_map(|path| path.as_os_str().as_bytes()));
        OsString::from_vec(value)
    }

    /// Adds a lock that is held, by its token and database.
    pub(super) fn add(&mut self, token: Token, path: &Path) {
        if !self.tokens.contains(&token) {
            self.tokens.push(token);
        }
        if order(Some(path)) > order(self.last.as_deref()) {
            self.last = Some(path.to_owned());
        }
    }

    /// Whether nothing is held above.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    pub(super) fn holds(&self, token: Token) -> bool {
        self.tokens.contains(&token)
    }

    /// Whether waiting for this database could close a circle: it is ordered before one that is held.
    pub(super) fn may_close_a_circle(&self, path: &Path) -> bool {
        !self.is_empty() && order(Some(path)) < order(self.last.as_deref())
    }
}

fn order(path: Option<&Path>) -> Option<&[u8]> {
    path.map(|path| path.as_os_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l13_the_value_reads_back_and_what_is_none_counts_for_nothing() {
        let nesting = Nesting { tokens: vec![Token::random(), Token::random()], last: Some("/a/b,: c.sdn".into()) };
        assert_eq!(Nesting::from_value(&nesting.to_value()), nesting);
        for forged in ["", ":", "1:/a", "x", "0123:/a", "zz345678901234567890123456789012:/a"] {
            assert_eq!(Nesting::from_value(forged.as_ref()), Nesting::default(), "{forged}");
        }
        assert!(nesting.may_close_a_circle(Path::new("/a/a.sdn")));
        assert!(!nesting.may_close_a_circle(Path::new("/a/c.sdn")));
        assert!(!Nesting::default().may_close_a_circle(Path::new("/a/c.sdn")));
    }
}
