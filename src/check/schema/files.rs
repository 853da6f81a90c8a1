//! What a schema says about files: which are databases, for whom, and which are left alone.

use super::super::reader::Reader;

/// What is made of the files that a pattern means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileRule {
    /// Which files it is about, as a line of `.gitignore` says it, from the folder of the schema.
    pub glob: String,
    /// What they are, if it says so.
    pub kind: Option<FileKind>,
    /// Which reader they are for, if it says so.
    pub reader: Option<Reader>,
}

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FileKind {
    /// A database, whatever its name is.
    Database,
    /// Nothing that is to be looked at; of a folder, nothing in it is.
    Ignored,
}

impl FileKind {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Database, Self::Ignored];

    /// The name, as `database`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Ignored => "ignored",
        }
    }
}

/// What is wrong with a pattern, if anything is.
pub(super) fn fault_of_glob(glob: &str) -> Option<&'static str> {
    if glob.starts_with('!') {
        return Some(
            "a pattern cannot be turned around by `!`; a row below can say something else of some of the files",
        );
    }
    if glob.contains('\\') {
        return Some("the folders of a pattern are parted by `/`, and what means something in it is written as `[*]`");
    }
    if glob.trim_end_matches('/').is_empty() {
        return Some("this pattern means no file");
    }
    let mut open = 0_usize;
    let mut rest = glob.chars();
    while let Some(c) = rest.next() {
        match c {
            '{' => open += 1,
            '}' if open == 0 => return Some("this pattern has a `}` without a `{`"),
            '}' => open -= 1,
            '[' => {
                if let Some(fault) = fault_of_class(&mut rest) {
                    return Some(fault);
                }
            }
            _ => {}
        }
    }
    (open > 0).then_some("this pattern has a `{` that is never closed")
}

/// Reads what stands behind a `[`, up to the `]` of it.
fn fault_of_class(rest: &mut std::str::Chars<'_>) -> Option<&'static str> {
    if rest.as_str().starts_with(['!', '^']) {
        rest.next();
    }
    let mut before: Option<char> = None;
    // The first character of a range whose last one has not been read.
    let mut from: Option<char> = None;
    loop {
        let Some(c) = rest.next() else { return Some("this pattern has a `[` that is never closed") };
        match (c, before, from) {
            (']', Some(_), _) => return None,
            (_, _, Some(first)) if c < first => return Some("this pattern has a range that goes backwards"),
            (_, _, Some(_)) => from = None,
            ('-', Some(first), None) => from = Some(first),
            _ => {}
        }
        before = Some(c);
    }
}

#[cfg(test)]
mod tests {
    use super::fault_of_glob;

    #[test]
    fn patterns_are_those_of_gitignore() {
        for glob in ["*.tbl", "/a/**/b?.sdn", "vendor/", "[a-c]*", "[]x]", "[!-]", "{a,b{c,d}}", "a b", "[{]", "[z-]"] {
            assert_eq!(fault_of_glob(glob), None, "{glob}");
        }
        for glob in ["!a", "a\\b", "/", "", "[a", "[", "[]", "[z-a]", "{a", "a}", "{{a}", "[^"] {
            assert!(fault_of_glob(glob).is_some(), "{glob}");
        }
    }
}
