//! The programs that read SDN, and by which a document can be judged.

/// A program that reads SDN (section 1 of `sdn-format.md`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Reader {
    /// The newest Rust reader.
    #[default]
    RNew,
    /// The Rust reader before it learned to take cells of several words, and its port to Simple.
    ROld,
    /// The text-based parser in Simple.
    SLib,
    /// The database library, which splits a file at blank lines.
    SDb,
    /// The reader of the test database.
    STest,
    /// The reader of the dashboard.
    SDash,
}

impl Reader {
    /// All of them.
    pub const ALL: &[Self] = &[Self::RNew, Self::ROld, Self::SLib, Self::SDb, Self::STest, Self::SDash];

    /// The name, as `R-new`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RNew => "R-new",
            Self::ROld => "R-old",
            Self::SLib => "S-lib",
            Self::SDb => "S-db",
            Self::STest => "S-test",
            Self::SDash => "S-dash",
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::RNew => "the newest Rust reader",
            Self::ROld => "the Rust reader before February 2026, and its port to Simple",
            Self::SLib => "the text-based parser in Simple",
            Self::SDb => "the database library",
            Self::STest => "the reader of the test database",
            Self::SDash => "the reader of the dashboard",
        }
    }
}
