//! What is run on the documents `base.sdn`, `ours.sdn` and `theirs.sdn`.

/// The words of a command. In place of one that holds `{n}` there are as many as elements of each part, with the numbers
/// from 0 on in place of that; `{}` is nothing, but makes as many of a word as well. `{part}` is what begins the names
/// in the document.
pub type Words = &'static [&'static str];

pub const DIFFS: &[Words] = &[
    &["diff", "ours.sdn", "theirs.sdn", "--diff", "json"],
    &["diff", "base.sdn", "ours.sdn", "--diff", "records"],
    &["diff", "base.sdn", "theirs.sdn", "--diff", "stat"],
    &["diff", "base.sdn", "ours.sdn", "--diff", "unified"],
];

pub const MERGES: &[Words] = &[
    &["merge", "base.sdn", "ours.sdn", "theirs.sdn"],
    &["merge", "base.sdn", "theirs.sdn", "ours.sdn", "--json"],
    &["merge", "base.sdn", "ours.sdn", "theirs.sdn", "--strategy", "last-write-wins"],
    &["merge", "base.sdn", "theirs.sdn", "ours.sdn", "--strategy", "error"],
    &["merge", "empty.sdn", "ours.sdn", "theirs.sdn"],
];

pub const CHECKS: &[Words] = &[
    &["check", "--severity", "note", "base.sdn"],
    &["check", "--fix", "base.sdn"],
    &["check", "--init-schema", "base.sdn", "ours.sdn"],
];

/// Commands that look at one document, and at the small table `main` in it.
pub const OTHERS: &[Words] = &[
    &["read", "--json", "base.sdn"],
    &["get", "base.sdn", "main.1.s"],
    &["list", "base.sdn"],
    &["list", "base.sdn", "main", "--where", "s!=zz", "--sort", "s,id", "--all"],
    &["set", "--dry-run", "base.sdn", "main.1.s=9", "last.value=9"],
    &["add", "--dry-run", "base.sdn", "main", "s=7"],
    &["add", "--dry-run", "--update-only", "--if-each", "s!=zz", "base.sdn", "main", "id=1", "s=7"],
    &["rm", "--dry-run", "base.sdn", "main.1", "last.value"],
    &["alter", "--dry-run", "base.sdn", "main", "--add-column", "new=1"],
];

/// Commands about the table that bears the name of its part, with further ways to show what is found.
pub const OF_PARTS: &[Words] = &[
    &["list", "base.sdn", "{part}", "--all"],
    &["list", "base.sdn", "{part}", "--format", "record"],
    &["list", "base.sdn", "{part}", "--format", "jsonl"],
    &["list", "base.sdn", "{part}", "--format", "sdn"],
    &["list", "base.sdn", "{part}", "--format", "keys"],
    &["list", "base.sdn", "{part}", "--format", "addresses"],
    &["add", "--dry-run", "--diff", "records", "base.sdn", "{part}", "s=7"],
    &["rm", "--dry-run", "--diff", "json", "base.sdn", "{part}.1"],
    &["alter", "--dry-run", "--diff", "stat", "base.sdn", "{part}", "--versioned"],
    &["check", "--against", "base.sdn", "ours.sdn"],
    &["check", "--format", "json", "base.sdn"],
    &["check", "--format", "sarif", "base.sdn"],
    &["check", "--format", "github", "base.sdn"],
];

/// Long command lines, each with the part that it is about.
pub const LONG: &[(Words, &str)] = &[
    (&["alter", "--dry-run", "base.sdn", "columns", "--drop-column=c{n}"], "columns"),
    (&["alter", "--dry-run", "base.sdn", "columns", "--rename-column=c{n}=d{n}"], "columns"),
    (&["alter", "--dry-run", "base.sdn", "columns", "--add-column=new{n}=1"], "columns"),
    (&["add", "--dry-run", "base.sdn", "columns", "c{n}=1"], "columns"),
    (&["set", "--dry-run", "base.sdn", "columns.1.c{n}=1"], "columns"),
    (&["list", "base.sdn", "columns", "--where=c{n}!=x"], "columns"),
    (&["list", "base.sdn", "columns", "--sort=c{n}", "--columns=c{n}"], "columns"),
    (&["list", "base.sdn", "columns", "--columns=c0{}", "--format", "json"], "columns"),
    (&["set", "--dry-run", "base.sdn", "main.{n}.s=9"], "rows"),
    (&["set", "--dry-run", "base.sdn", "rows[{n}].s=9"], "rows"),
    (&["rm", "--dry-run", "base.sdn", "main.{n}"], "rows"),
    (&["rm", "--dry-run", "--purge", "base.sdn", "rows.{n}"], "rows"),
    (&["set", "--dry-run", "base.sdn", "settings{n}=9"], "settings"),
    (&["set", "--dry-run", "base.sdn", "new{n}=9"], "settings"),
    (&["rm", "--dry-run", "base.sdn", "settings{n}"], "settings"),
    (&["set", "--dry-run", "base.sdn", "elementsa[{n}]=9"], "elements"),
    (&["rm", "--dry-run", "base.sdn", "elementsa[{n}]"], "elements"),
    (&["rm", "--dry-run", "base.sdn", "tables{n}"], "tables"),
    (&["check", "--allow=SDN201{}", "--deny=SDN202{}", "base.sdn"], "brackets that are not closed"),
];
