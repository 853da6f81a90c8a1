//! Documents that hold much of one thing, in three versions.

/// A version of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Version {
    Base,
    Ours,
    Theirs,
}

use Version::{Base, Ours, Theirs};

/// A part of a document that holds much of one thing.
pub struct Part {
    pub name: &'static str,
    /// The parts of a group are put together, one behind the other.
    pub group: &'static str,
    /// So many of these, in this version; what it names begins with a prefix of its own.
    of: fn(usize, Version, &str) -> String,
    /// What a schema says of it: rows of these of its tables.
    schema: Option<fn(usize, &str) -> Schema>,
    /// Whether what is said of each element has to repeat what is said there once.
    pub repeats: bool,
}

/// Rows of the tables of a schema.
#[derive(Default)]
pub struct Schema {
    pub columns: String,
    pub keys: String,
    pub references: String,
}

impl Part {
    pub fn text(&self, size: usize, version: Version) -> String {
        (self.of)(size, version, &self.prefix())
    }

    pub fn schema(&self, size: usize) -> Option<Schema> {
        self.schema.map(|schema| schema(size, &self.prefix()))
    }

    /// What begins all names in it; many have a table of this name.
    pub fn prefix(&self) -> String {
        self.name.chars().filter(char::is_ascii_alphabetic).collect()
    }

    pub const fn repeating(self) -> Self {
        Self { repeats: true, ..self }
    }

    pub const fn with(self, schema: fn(usize, &str) -> Schema) -> Self {
        Self { schema: Some(schema), ..self }
    }
}

pub const fn part(group: &'static str, name: &'static str, of: fn(usize, Version, &str) -> String) -> Part {
    Part { name, group, of, schema: None, repeats: false }
}

/// One of these, by the version.
pub fn by<T>(version: Version, base: T, ours: T, theirs: T) -> T {
    match version {
        Base => base,
        Ours => ours,
        Theirs => theirs,
    }
}

/// The lines that a function makes of each number.
pub fn each(numbers: impl IntoIterator<Item = usize>, line: impl FnMut(usize) -> String) -> String {
    numbers.into_iter().map(line).collect()
}

/// A table of these columns, with four rows that say this in each of them.
pub fn wide(name: &str, columns: &[String], s: &str, cell: impl Fn(usize, &str) -> String) -> String {
    let rows = each(0..4, |row| {
        let cells = each(0..columns.len(), |at| format!(", {}", cell(row, &columns[at])));
        format!("    {row}, {s}{cells}\n")
    });
    format!("{name} |id, s, {}|\n{rows}", columns.join(", "))
}

pub fn names(prefix: &str, numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("{prefix}{number}")).collect()
}

/// The numbers in another order.
fn mixed(n: usize) -> impl Iterator<Item = usize> {
    (0..n).map(move |at| at * 7919 % n)
}

pub const ALL: &[Part] = &[
    part("columns", "columns", |n, v, p| {
        wide(p, &names("c", 0..2 * n), by(v, "o", "o", "w"), |_, name| format!("{}{name}", by(v, "a", "b", "a")))
    }),
    part("columns", "columns replaced", |n, v, p| {
        let text = |row, name: &str| if name.starts_with('d') { "z".to_owned() } else { format!("{row}{name}") };
        wide(p, &names(by(v, "c", "d", "c"), 0..2 * n), by(v, "o", "o", "w"), text)
    }),
    part("columns", "columns like those that are gone", |n, v, p| {
        // Each new one has something in common with each that is gone, but not enough.
        let text = |row, name: &str| match (name.starts_with('d'), row) {
            (true, 0..3) | (false, 0) => "z".to_owned(),
            _ => format!("{row}{name}"),
        };
        wide(p, &names(by(v, "c", "d", "c"), 0..n + by(v, 0, 1, 0)), by(v, "o", "o", "w"), text)
    }),
    part("columns", "columns renamed", |n, v, p| {
        wide(p, &names(by(v, "c", "d", "c"), 0..2 * n), by(v, "o", "o", "w"), |row, name| {
            format!("v{row}{}", &name[1..])
        })
    }),
    part("columns moved", "columns moved", |n, v, p| {
        let moved: Vec<usize> = if v == Ours { mixed(2 * n).collect() } else { (0..2 * n).collect() };
        wide(p, &names("c", moved), by(v, "o", "o", "w"), |row, name| format!("{row}{name}"))
    }),
    part("columns moved", "columns gone", |n, v, p| {
        let left = by(v, 2 * n, n, 2 * n);
        wide(p, &names("c", 0..left), by(v, "o", "o", "w"), |_, _| "\"\"".to_owned())
    }),
    part("columns moved", "columns of which each side made others", |n, v, p| {
        wide(p, &names(by(v, "c", "d", "e"), 0..n), by(v, "o", "p", "q"), |row, name| format!("{row}{name}"))
    }),
    part("columns moved", "columns and rows that lack most of them", |n, v, p| {
        let columns = names(by(v, "c", "c", "d"), 0..n).join(", ");
        format!("{p} |id, s, {columns}|\n{}", each(0..n, |row| format!("    {row}, {}\n", by(v, "o", "w", "o"))))
    }),
    part("columns twice", "columns of one name", |n, v, p| {
        let columns = vec!["c".to_owned(); n];
        let text = wide(p, &columns, by(v, "o", "o", "w"), |row, _| format!("{}{row}", by(v, "a", "b", "a")));
        if v == Theirs { text.replacen("s, c,", "s, d,", 1) } else { text }
    }),
    part("columns twice", "versions of one name", |n, v, p| {
        let columns = vec!["version".to_owned(); n];
        wide(p, &columns, by(v, "o", "p", "q"), |_, _| by(v, "1", "2", "3").to_owned())
    }),
    part("columns twice", "references", |n, v, p| {
        let strings = format!("strings |id, value|\n    0, a\n{}", by(v, "    1, b\n", "", "    1, b\n"));
        strings
            + &wide(p, &(0..n).map(|at| format!("c{at}_str")).collect::<Vec<_>>(), by(v, "o", "p", "w"), |_, _| {
                "1".to_owned()
            })
    }),
    part("rows", "rows", |n, v, p| {
        let row = |at| format!("    {at}, {}, {} {at}\n", by(v, "open", "done", "open"), by(v, "a", "a", "b"));
        format!("{p} |id, s, x|\n{}", each(0..n, row))
    }),
    part("rows", "rows that both sides changed", |n, v, p| {
        format!("{p} |id, s|\n{}", each(0..n, |at| format!("    {at}, {}\n", by(v, "o", "p", "q"))))
    }),
    part("rows", "rows that came and went", |n, v, p| {
        let there: Vec<usize> = match v {
            Base => (0..n).collect(),
            Ours => (0..n).step_by(2).chain(n..n + n / 2).collect(),
            Theirs => (0..n).step_by(3).chain(n..n + n / 3).collect(),
        };
        format!("{p} |id, s|\n{}", each(there, |at| format!("    {at}, {}\n", by(v, "o", "o", "p"))))
    }),
    part("rows", "rows without a key", |n, v, p| {
        let row = |at| format!("    {}, {}\n", at / 2, by(v, "x", "x", "y"));
        let there: Vec<usize> = if v == Ours { (0..n).rev().collect() } else { (0..n).collect() };
        format!("{p} |a, b|\n{}", each(there, row))
    }),
    part("rows moved", "rows moved", |n, v, p| {
        let there: Vec<usize> = match v {
            Base => (0..n).collect(),
            Ours => (0..n).rev().collect(),
            Theirs => mixed(n).collect(),
        };
        format!("{p} |id, s|\n{}", each(there, |at| format!("    {at}, o\n")))
    }),
    part("rows moved", "keys that stand many times", |n, v, p| {
        format!("{p} |id, s|\n{}", each(0..n, |at| format!("    1, {}{at}\n", by(v, "o", "p", "q"))))
    }),
    part("rows moved", "keys that stand twice", |n, v, p| {
        format!("{p} |id, s|\n{}", each(0..n, |at| format!("    {}, {}{at}\n", at / 2, by(v, "o", "p", "q"))))
    }),
    part("rows moved", "hidden rows", |n, v, p| {
        let rows = each(0..n, |at| format!("    {}, {}{at}, {}\n", at / 3, by(v, "o", "p", "o"), at % 3 == 2));
        format!("{p} |id, s, valid|\n{}{}", rows, each(0..n, |at| format!("    x, {at}, false\n")))
    }),
    part("tables", "tables", |n, v, p| each(0..n, |at| format!("{p}{at} |id, s|\n    1, {}\n", by(v, "o", "p", "q")))),
    part("tables", "tables of one name", |n, v, p| {
        each(0..n, |at| format!("{p} |id, s|\n    {at}, {}\n", by(v, "o", "p", "q")))
    }),
    part("tables", "tables that refer to each other", |n, v, p| {
        let table =
            |at| format!("{p}{at} |{p}{at}_id, {p}{}_id, s|\n    1, 1, {}\n", (at + 1) % n, by(v, "o", "p", "o"));
        each(0..n, table)
    }),
    part("numbers", "interned texts", |n, v, p| {
        let (texts, added) = (n / 2, by(v, 0, n / 2, n / 2));
        let strings = each(0..texts, |at| format!("    {at}, s{at}\n"))
            + &each(0..added, |at| format!("    {}, {}{at}\n", texts + at, by(v, "", "x", "y")));
        let rows = each(0..texts + added, |at| format!("    {at}, {at}\n"));
        format!("strings |id, value|\n{strings}{p} |id, a_str|\n{rows}")
    }),
    part("numbers", "numbers that both sides gave away", |n, v, p| {
        let rows =
            each(0..by(v, 3, n, n), |at| format!("    {at}, {}{at}\n", if at < 3 { "s" } else { by(v, "", "x", "y") }));
        format!(
            "{p}s |{p}_id, s|\n{rows}{p}_uses |id, {p}_id|\n{}",
            each(0..by(v, 3, n, n), |at| format!("    {at}, {at}\n"))
        )
    }),
    part("numbers", "numbers of which each is in the way of another", |n, v, p| {
        let by_one = by(v, 0, 1, 0);
        format!(
            "{p} |id, s, x|\n{}",
            each(1..n, |at| format!("    {}, s{at}, {}\n", at + by_one, by(v, "o", "o", "w")))
        )
    }),
    part("settings", "settings", |n, v, p| {
        let value = |at| if v == Theirs && at > 3 { "a" } else { by(v, "a", "b", "c") };
        each(0..n, |at| format!("{p}{at}: {}\n", value(at)))
    }),
    part("settings", "settings of one name", |n, v, p| each(0..n, |at| format!("{p}: {}{at}\n", by(v, "a", "b", "c")))),
    part("settings", "settings in blocks", |n, v, p| {
        each(0..n, |at| format!("{p}{at}:\n  a:\n    b: {}\n # why\n", by(v, 1, 2, 3)))
    }),
    part("settings", "settings that moved", |n, v, p| {
        let there: Vec<usize> = if v == Base {
            (0..n).collect()
        } else {
            by(v, mixed(n).collect(), mixed(n).collect(), (0..n).rev().collect())
        };
        format!("{p}:\n{}", each(there, |at| format!("    k{at}: v\n")))
    }),
    part("lists", "elements", |n, v, p| {
        let value = by(v, "x", "y", "x");
        let list = |sign: &str| (0..n).map(|at| format!("k{at}{sign}{value}{at}")).collect::<Vec<_>>().join(", ");
        format!("{p}a: [{}]\n{p}b: {{{}}}\n", list(""), list(": "))
    }),
    part("lists", "cells that hold lists", |n, v, p| {
        format!("{p} |id, s|\n{}", each(0..n, |at| format!("    {at}, [{}, 2, {{a: 3}}]\n", by(v, "x", "y", "z"))))
    }),
    part("lists", "values within values", |n, v, p| {
        let (lists, dicts) = ("[".repeat(n), "{k: ".repeat(n));
        let value = by(v, "1", "2", "3");
        format!("{p}a: {lists}{value}{}\n{p}b: {dicts}{value}{}\n", "]".repeat(n), "}".repeat(n))
    }),
    part("lists", "blocks within blocks", |n, v, p| {
        let nest = each(0..60, |at| format!("{}k:\n", " ".repeat(at + 1)));
        each(0..n / 12, |at| format!("{p}{at}:\n{nest}{}z: {}\n", " ".repeat(61), by(v, 1, 2, 3)))
    }),
    part("comments", "comments", |n, v, p| {
        let text = by(v, "a", "b", "c");
        format!("{p} |id|\n    1\n{}    2\n", each(0..n, |at| format!("    # {text} {at}\n")))
            + &each(0..n, |at| format!("# c{}\n", at % 3))
    }),
    part("comments", "blank lines", |n, v, p| {
        format!("{p}: {}\n", by(v, 1, 1, 2)) + &"\n".repeat(4 * n + by(v, 0, 1, 2))
    }),
    part("comments", "lines that are no SDN", |n, v, _| each(0..n, |at| format!("{} {at}\n", by(v, "x", "y", "z")))),
    part("markers", "conflicts", |n, v, p| {
        let one = |at| format!("<<<<<<< a\n    {at}, {}\n=======\n    {at}, y\n>>>>>>> b\n", by(v, "o", "p", "q"));
        format!("{p} |id, s|\n{}", each(0..n, one))
    }),
    part("markers", "conflicts of jj", |n, v, p| {
        let one = |at| {
            format!(
                "<<<<<<< conflict\n%%%%%%% diff\n-    {at}, {}\n+    {at}, z\n+++++++ side\n    {at}, y\n>>>>>>> ends\n",
                by(v, "o", "p", "q")
            )
        };
        format!("{p} |id, s|\n{}", each(0..n / 2, one))
    }),
    part("markers", "conflicts within conflicts", |n, v, p| {
        let begins = each(0..n, |at| format!("<<<<<<< a\n    {at}, {}\n", by(v, "o", "p", "q")));
        format!("{p} |id, s|\n{begins}{}", "=======\n    9, x\n>>>>>>> b\n".repeat(n))
    }),
    part("quotes", "long values", |n, v, p| {
        let value = by(v, "a", "b", "c");
        let (words, text) = (format!("{value} word ").repeat(8 * n), value.repeat(64 * n));
        format!("{p} |id, s|\n    1, {words}\n    2, \"{text}\"\n    3, {}\n", format!("{value},").repeat(n))
    }),
    part("quotes", "escapes", |n, v, p| {
        let text = by(v, "\\\"", "\\\\", "\\n").repeat(16 * n);
        format!("{p} |id, s|\n    1, \"{text}\"\n    2, {}\n", "\"x\\\" y\", ".repeat(8 * n))
    }),
    part("quotes", "quotes that are not closed", |n, v, p| {
        let value = by(v, "a", "b", "c");
        format!("{p} |id, s|\n{}", each(0..n, |at| format!("    {at}, \"{value}\n")))
            + &each(0..n, |at| format!("{p}{at}: \"{value}\n"))
    }),
    part("quotes", "brackets that are not closed", |n, v, p| {
        format!("{p}: {}\n", "[{".repeat(8 * n)) + &each(0..n, |at| format!("{p}{at}: [{}\n", by(v, "a", "b", "c")))
    }),
];
