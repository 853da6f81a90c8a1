//! One key: what a record is known by is the same for every command and for the library.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use proptest::prelude::*;
use proptest::sample::select;
use sdnlock::address::{Address, Finder, LookupError, Target};
use sdnlock::check::{self, Rule};
use sdnlock::record::{Key, Keys, is_live};
use sdnlock::sdn::{Document, Spelling, spell};
use serde::{Deserialize, Serialize};
use support::Sandbox;

mod support;

/// A table whose key has two columns, and two records that look alike where the parts are only joined.
fn composite() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t, a/b\n");
    sandbox.write("t.sdn", "t |a, b, n|\n    \"x/y\", z, 1\n    x, \"y/z\", 2\n    src/a.spl, 12, 3\n");
    sandbox
}

#[test]
fn parts_with_slashes_are_told_apart_by_every_command() {
    let sandbox = composite();
    sandbox.run(&["check", "t.sdn"]).code(0);
    let addresses = sandbox.run(&["list", "t.sdn", "t", "--format", "addresses"]).code(0).stdout;
    assert_eq!(addresses, "t.\"x/y\"/z\nt.x/\"y/z\"\nt.\"src/a.spl\"/12\n");
    for (address, n) in addresses.lines().zip(["1\n", "2\n", "3\n"]) {
        assert_eq!(sandbox.run(&["get", "t.sdn", &format!("{address}.n")]).code(0).stdout, n);
    }
    let keys = sandbox.run(&["list", "t.sdn", "t", "--format", "keys"]).code(0).stdout;
    assert_eq!(keys, "\"x/y\"/z\nx/\"y/z\"\n\"src/a.spl\"/12\n");
    // Quotes that tell nothing apart may be left out.
    assert_eq!(sandbox.run(&["get", "t.sdn", "t.\"src/a.spl/12\".n"]).code(0).stdout, "3\n");
    let ambiguous = sandbox.run(&["get", "t.sdn", "t.x/y/z.n"]).code(65);
    let ambiguous = ambiguous.says("record `x/y/z` may be `t.x/\"y/z\"` or `t.\"x/y\"/z`");
    let hint = ambiguous.stderr.lines().find_map(|line| line.strip_prefix(" hint: ")).unwrap().to_owned();
    let shown = hint.split(", as ").nth(1).unwrap();
    assert_eq!(
        support::Run::of(&mut sandbox.shell(&format!("sdnlock get t.sdn {shown}"))).code(0).stdout,
        "a: x\nb: y/z\nn: 2\n"
    );
    let set = ["set", "-q", "t.sdn", "t.x/\"y/z\".n=5", "t.\"x/y\"/z.n+=6"];
    sandbox.run(&set).code(0);
    let text = "t |a, b, n|\n    \"x/y\", z, 7\n    x, \"y/z\", 5\n    src/a.spl, 12, 3\n";
    assert_eq!(sandbox.read("t.sdn"), text);
    sandbox.run(&["add", "t.sdn", "t", "a=x", "b=y/z"]).code(1).says("there is a record `x/\"y/z\"` already");
    assert_eq!(sandbox.run(&["add", "-q", "t.sdn", "t", "a=x/y/z", "b=w"]).code(0).stdout, "\"x/y/z\"/w\n");
    let update = ["add", "-q", "--or-update", "t.sdn", "t", "a=x", "b=y/z", "n=6"];
    assert_eq!(sandbox.run(&update).code(0).stdout, "x/\"y/z\"\n");
    sandbox.run(&["rm", "-q", "t.sdn", "t.\"x/y/z\"/w", "t.\"x/y\"/z"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), "t |a, b, n|\n    x, \"y/z\", 6\n    src/a.spl, 12, 3\n");
    // Each side changed another record.
    for (name, old, new) in [("base", "1", "1"), ("ours", "z, 7", "z, 8"), ("theirs", "\", 5", "\", 6")] {
        sandbox.write(&format!("{name}.sdn"), text.replace(old, new));
    }
    let merged = sandbox.run(&["merge", "base.sdn", "ours.sdn", "theirs.sdn"]).code(0).stdout;
    assert_eq!(merged, text.replace("z, 7", "z, 8").replace("\", 5", "\", 6"));
    let diff = sandbox.run(&["diff", "--diff", "records", "base.sdn", "theirs.sdn"]).code(1).stdout;
    assert!(diff.contains("~ t.x/\"y/z\"  n: 5 -> 6\n"), "{diff}");
    sandbox.write("theirs.sdn", text.replace("z, 7", "z, 9"));
    let conflict = sandbox.run(&["merge", "base.sdn", "ours.sdn", "theirs.sdn"]).code(1);
    conflict.says("`t.\"x/y\"/z`: `n` was `7`, is `8` in ours, `9` in theirs");
}

const RUNS: &str = "runs |test_id, at, ms|\n    2, mon, 5\n    2, tue, 6\n";

#[test]
fn a_history_has_no_key_for_any_command() {
    let sandbox = Sandbox::new();
    sandbox.write("runs.sdn", RUNS);
    sandbox.run(&["check", "runs.sdn"]).code(0);
    let refused = sandbox.run(&["add", "--or-update", "runs.sdn", "runs", "test_id=2", "at=wed", "ms=7"]).code(65);
    refused
        .says("`runs` has no key: `2` stands in its first column `test_id` on lines 2 and 3")
        .says("state: `runs.sdn` unchanged")
        .says("say what its key is in `keys` of .sdnlock.sdn: `runs, test_id/at`");
    assert_eq!(sandbox.read("runs.sdn"), RUNS);
    for address in ["runs.2", "runs.2.ms", "runs.9"] {
        let run = sandbox.run(&["get", "runs.sdn", address]).code(1).says("`runs` has no key");
        run.says(" hint: name a row by its number, as `runs[0]`, or say what its key is");
    }
    assert_eq!(sandbox.run(&["add", "-q", "runs.sdn", "runs", "test_id=2", "at=wed", "ms=7"]).code(0).stdout, "");
    let wednesday = format!("{RUNS}    2, wed, 7\n");
    assert_eq!(sandbox.read("runs.sdn"), wednesday);
    let addresses = sandbox.run(&["list", "runs.sdn", "runs", "--where", "ms>5", "--format", "addresses"]).code(0);
    assert_eq!(addresses.stdout, "runs[1]\nruns[2]\n");
    sandbox.run(&["list", "runs.sdn", "runs", "--format", "keys"]).code(0).says("note: `runs` has no key");
    assert_eq!(sandbox.run(&["get", "runs.sdn", "runs[1].at"]).code(0).stdout, "tue\n");
    sandbox.run(&["get", "runs.sdn", "runs[3].at"]).code(1).says("no row `[3]` in `runs`").says("there is [0] to [2]");
    sandbox.run(&["set", "-q", "--if", "runs[2].at=wed", "runs.sdn", "runs[2].ms+=1"]).code(0);
    let diff = sandbox.run(&["set", "--diff", "records", "--dry-run", "runs.sdn", "runs[2].ms=9"]).code(0).stdout;
    assert!(diff.contains("~ runs[2]  ms: 8 -> 9\n"), "{diff}");
    sandbox.run(&["rm", "-q", "runs.sdn", "runs[0]", "runs[2]"]).code(0);
    assert_eq!(sandbox.read("runs.sdn"), "runs |test_id, at, ms|\n    2, tue, 6\n");
}

#[test]
fn both_sides_of_a_merge_append_to_a_history() {
    let sandbox = Sandbox::new();
    sandbox.write("base.sdn", RUNS);
    sandbox.write("ours.sdn", format!("{RUNS}    2, wed, 7\n"));
    sandbox.write("theirs.sdn", format!("{RUNS}    2, thu, 8\n    3, fri, 1\n"));
    let merged = sandbox.run(&["merge", "base.sdn", "ours.sdn", "theirs.sdn"]).code(0).stdout;
    assert_eq!(merged, format!("{RUNS}    2, wed, 7\n    2, thu, 8\n    3, fri, 1\n"));
    // It is a history as soon as one side made it one.
    let once = "runs |test_id, at, ms|\n    2, mon, 5\n";
    sandbox.write("base.sdn", once);
    sandbox.write("theirs.sdn", format!("{once}    3, fri, 1\n"));
    sandbox.write("ours.sdn", RUNS);
    let merged = sandbox.run(&["merge", "base.sdn", "ours.sdn", "theirs.sdn"]).code(0).stdout;
    assert_eq!(merged, format!("{RUNS}    3, fri, 1\n"));
}

#[test]
fn a_first_schema_says_what_tells_rows_apart() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sdn", format!("{RUNS}\nlanes |entry_id, lane, n|\n    a, 1, x\n    a, 2, x\n    b, 1, x\n"));
    sandbox.write(
        "b.sdn",
        "notes |bug_id, note|\n    b1, seen\n    b1, seen\n\ndocs |file, line, text|\n    f, 1, x\n    f, 2, x\n",
    );
    let schema = sandbox.run(&["check", "--init-schema"]).code(0).stdout;
    for entry in ["    runs, test_id/at\n", "    lanes, entry_id/lane\n", "    notes, \"\"\n", "    docs, file/line\n"]
    {
        assert!(schema.contains(entry), "{entry} is missing in:\n{schema}");
    }
    sandbox.write(".sdnlock.sdn", schema);
    sandbox.run(&["check", "."]).code(0);
    assert_eq!(sandbox.run(&["get", "a.sdn", "runs.2/tue.ms"]).code(0).stdout, "6\n");
    sandbox.run(&["add", "a.sdn", "runs", "test_id=2", "at=tue"]).code(1).says("there is a record `2/tue` already");
    sandbox.run(&["add", "-q", "--or-update", "a.sdn", "runs", "test_id=2", "at=tue", "ms=9"]).code(0);
    assert!(sandbox.read("a.sdn").contains("    2, mon, 5\n    2, tue, 9\n"));
    sandbox.run(&["get", "b.sdn", "notes.b1"]).code(1).says("`notes` has no key: the schema says that it has none");
    sandbox.run(&["add", "-q", "b.sdn", "notes", "bug_id=b1", "note=again"]).code(0);
    // Even where the first column says something else in each row.
    sandbox.write("c.sdn", "notes |bug_id, note|\n    b1, seen\n");
    sandbox.run(&["add", "-q", "c.sdn", "notes", "bug_id=b1", "note=again"]).code(0);
}

#[test]
fn rows_of_which_a_reader_keeps_only_the_last_are_a_note() {
    let document = Document::parse("counters |test_id, passed|\n    2, 3\n    5, 1\n    2, 4\n");
    let found = |notes: bool| {
        let findings = check::check_with(&document, &check::Options { notes, ..check::Options::default() });
        findings.into_iter().filter(|finding| finding.rule == Rule::RepeatedFirst).collect::<Vec<_>>()
    };
    assert_eq!(found(false), []);
    let message = "`2` stands in the first column of `counters` above already, on line 2; \
                   a reader that keeps its rows by that keeps the last one";
    assert_eq!(found(true)[0].message, message);
    let help = "say in `keys` of .sdnlock.sdn which columns are its key: `counters, test_id/passed`";
    assert_eq!(found(true)[0].help.as_deref(), Some(help));
}

#[test]
fn a_record_that_may_be_one_of_several_is_not_updated() {
    let sandbox = Sandbox::new();
    let history = "runs |test_id, at, ms|\n    2, mon, 5\n    2, tue, 6\n<<<<<<< a\n    3, wed, 7\n=======\n    3, wed, 8\n>>>>>>> b\n";
    for text in [history, "runs |test_id, at, ms|\n    2, mon, 5\n    1, mon, 5\n", "t |id, n|\n    1, a\n    1, b\n"] {
        sandbox.write("t.sdn", text);
        let (table, fields) =
            if text.starts_with('t') { ("t", ["id=1", "n=x"]) } else { ("runs", ["test_id=2", "ms=9"]) };
        let run = sandbox.run(&[&["add", "-q", "--or-update", "t.sdn", table], &fields[..]].concat());
        if text.matches("    2, ").count() == 1 {
            run.code(0);
        } else {
            run.code(1).says("stands there more than once");
            assert_eq!(sandbox.read("t.sdn"), text);
        }
    }
}

#[test]
fn every_address_that_is_listed_names_its_row() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "t.sdn",
        "t |id, n, valid|\n    1, a, true\n    1, b, true\n    2, c, false\n    2, d, true\n    \"a\tb\", e, true\n",
    );
    let listed = sandbox.run(&["list", "--all", "--format", "addresses", "t.sdn", "t"]).code(0).stdout;
    assert_eq!(listed, "t[0]\nt[1]\nt[2]\nt.2\nt[4]\n");
    for (address, n) in listed.lines().zip(["a", "b", "c", "d", "e"]) {
        assert_eq!(sandbox.run(&["get", "t.sdn", &format!("{address}.n")]).code(0).stdout, format!("{n}\n"));
    }
}

#[test]
fn every_key_of_a_schema_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t, id\n    t, m\n");
    let text = "t |id, m, valid|\n    1, x, true\n    2, y, true\n    3, x, false\n";
    sandbox.write("t.sdn", text);
    for command in [
        &["set", "t.sdn", "t.2.m=x"][..],
        &["add", "t.sdn", "t", "m=x"],
        &["set", "t.sdn", "t.3.valid=true"],
        &["alter", "t.sdn", "t", "--drop-column", "m", "--add-column", "m=1"],
    ] {
        sandbox.run(command).code(if command[0] == "alter" { 65 } else { 1 });
        assert_eq!(sandbox.read("t.sdn"), text, "{command:?}");
    }
    sandbox.run(&["set", "-q", "t.sdn", "t.1.m=y", "t.2.m=x"]).code(0);
    sandbox.run(&["check", "t.sdn"]).code(0);
}

#[test]
fn a_merge_keeps_every_key_of_a_schema() {
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t, id\n    t, name\n");
    let base = "t |id, name|\n    1, a\n";
    for (name, text) in
        [("base", base.to_owned()), ("ours", format!("{base}    2, x\n")), ("theirs", format!("{base}    3, x\n"))]
    {
        sandbox.write(&format!("{name}.sdn"), text);
    }
    let merge = ["merge", "base.sdn", "ours.sdn", "theirs.sdn"];
    sandbox.run(&merge).code(1).says("two records would have the key `x`");
    sandbox.run_with(&["write", "--base", "base.sdn", "ours.sdn"], format!("{base}    3, x\n")).code(1);
    sandbox.write("theirs.sdn", format!("{base}    3, y\n"));
    sandbox.run(&merge).code(0);
}

#[test]
fn a_merge_leaves_no_reference_without_its_record() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Note {
        id: u32,
        todo: String,
    }
    impl sdnlock::Record for Note {
        fn id(&self) -> String {
            self.id.to_string()
        }
        fn table_name() -> &'static str {
            "notes"
        }
    }
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "references |table, column, target|\n    notes, todo, todos.id\n");
    let (base, removed) = ("todos |id|\n    1\n    2\n", "todos |id|\n    2\n");
    let notes = |text: &str| format!("{text}\nnotes |id, todo|\n    7, 2\n");
    let added = notes(base) + "    8, 1\n";
    for (name, text) in [("base", &notes(base)), ("removed", &notes(removed)), ("added", &added)] {
        sandbox.write(&format!("{name}.sdn"), text);
    }
    let why = "`notes.todo` would refer to `todos.id`, which has no `1`";
    for [ours, theirs] in [["removed.sdn", "added.sdn"], ["added.sdn", "removed.sdn"]] {
        for strategy in ["merge", "last-write-wins"] {
            sandbox.run(&["merge", "--strategy", strategy, "base.sdn", ours, theirs]).code(1).says(why);
        }
    }
    sandbox.run_with(&["write", "--base", "base.sdn", "removed.sdn"], &added).code(1).says(why);
    sandbox.write("t.sdn", notes(base));
    let mut db = sdnlock::Database::<Note>::load(sandbox.path("t.sdn")).unwrap();
    db.insert(Note { id: 8, todo: "1".to_owned() });
    sandbox.write("t.sdn", notes(removed));
    assert!(db.save().unwrap_err().to_string().contains(why));
    assert_eq!(sandbox.read("t.sdn"), notes(removed));
    // What leads nowhere on a side is not the merge's to mend, and what changes with it leads on.
    sandbox.write("added.sdn", notes(base) + "    8, 2\n    9, 3\n");
    sandbox.run(&["merge", "base.sdn", "removed.sdn", "added.sdn"]).code(0);
    sandbox.write("added.sdn", notes(base) + "    8, \n");
    sandbox.run(&["merge", "base.sdn", "removed.sdn", "added.sdn"]).code(0);
    // Interned texts are referred to by a name.
    let strings = |texts: &str, rows: &str| format!("t |id, name_str|\n    1, 1\n{rows}\nstrings |id, value|\n{texts}");
    let both = "    1, a\n    2, b\n";
    for (name, text) in
        [("base", strings(both, "")), ("removed", strings("    1, a\n", "")), ("added", strings(both, "    2, 2\n"))]
    {
        sandbox.write(&format!("{name}.sdn"), text);
    }
    let why = "`t.name_str` would refer to `strings.id`, which has no `2`";
    sandbox.run(&["merge", "base.sdn", "removed.sdn", "added.sdn"]).code(1).says(why);
}

#[test]
fn what_a_database_removes_itself_is_nothing_that_others_did() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Todo {
        id: u32,
        parent: Option<u32>,
        n: String,
    }
    impl sdnlock::Record for Todo {
        fn id(&self) -> String {
            self.id.to_string()
        }
        fn table_name() -> &'static str {
            "todos"
        }
    }
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "references |table, column, target|\n    todos, parent, todos.id\n");
    let text = "todos |id, parent, n|\n    5, \"\", x\n    6, 5, y\n    7, \"\", z\n";
    for others in [text.to_owned(), text.replace(", z", ", Z")] {
        let path = sandbox.write("t.sdn", text);
        let mut db = sdnlock::Database::<Todo>::load(&path).unwrap();
        db.delete("5");
        sandbox.write("t.sdn", &others);
        db.save().unwrap();
        assert_eq!(sandbox.read("t.sdn"), others.replace("    5, \"\", x\n", ""));
    }
    let path = sandbox.write("t.sdn", text);
    sdnlock::transaction([&path], |databases| {
        let mut one = databases.load::<Todo>(&path)?;
        let mut other = databases.load::<Todo>(&path)?;
        one.insert(Todo { id: 8, parent: Some(5), n: "w".to_owned() });
        one.save()?;
        other.delete("5");
        other.save()
    })
    .unwrap();
}

#[test]
fn a_database_keeps_the_keys_of_the_schema() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Slot {
        id: u32,
        at: String,
    }
    impl sdnlock::Record for Slot {
        fn id(&self) -> String {
            self.id.to_string()
        }
        fn table_name() -> &'static str {
            "t"
        }
    }
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t, at\n");
    let text = "t |id, at|\n    1, a\n    2, b\n";
    let path = sandbox.write("t.sdn", text);
    let mut db = sdnlock::Database::<Slot>::load(&path).unwrap();
    db.insert(Slot { id: 3, at: "b".to_owned() });
    let error = db.save().unwrap_err().to_string();
    assert!(error.contains("another record has the key `b`"), "{error}");
    assert_eq!(sandbox.read("t.sdn"), text);
    let mut db = sdnlock::Database::<Slot>::load(&path).unwrap();
    db.get_mut("1").unwrap().at = "b".to_owned();
    db.get_mut("2").unwrap().at = "a".to_owned();
    db.save().unwrap();
}

#[test]
fn the_schema_is_that_of_the_file_however_it_is_named() {
    let sandbox = Sandbox::new();
    for folder in ["r/.git", "r/doc/sub/.git", "q"] {
        std::fs::create_dir_all(sandbox.path(folder)).unwrap();
    }
    sandbox.write("r/.sdnlock.sdn", "keys |table, columns|\n    t, a/b\n");
    sandbox.write("q/.sdnlock.sdn", "keys |table, columns|\n    t, n\n");
    let text = "t |a, b, n|\n    x, y, 1\n    x, z, 2\n";
    sandbox.write("r/doc/db.sdn", text);
    std::os::unix::fs::symlink("../r/doc/db.sdn", sandbox.path("q/link.sdn")).unwrap();
    for path in ["r/doc/db.sdn", "r/doc/sub/../db.sdn", "q/link.sdn"] {
        sandbox.run(&["add", path, "t", "a=x", "b=y", "n=9"]).code(1).says("there is a record `x/y` already");
        assert_eq!(sandbox.read("r/doc/db.sdn"), text);
    }
    std::fs::remove_file(sandbox.path("r/.sdnlock.sdn")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.path("r/.sdnlock.sdn")).unwrap();
    sandbox.run(&["add", "r/doc/db.sdn", "t", "a=x", "b=y", "n=9"]).code(66).says(".sdnlock.sdn");
    assert_eq!(sandbox.read("r/doc/db.sdn"), text);
}

/// Texts that a key may be made of.
fn part() -> impl Strategy<Value = String> {
    let piece = select(vec!["a", "b", "/", "\"", "\\", ".", " ", "[0]", "=", "+", "x/y", "é", "12", ",", "#", "null"]);
    let text = prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat());
    // A text may look like a key of several parts.
    prop_oneof![
        6 => text.clone(),
        1 => prop::collection::vec(text, 1..4).prop_map(|parts| Key::new(parts).map(|key| key.to_string()).unwrap_or_default()),
    ]
}

proptest! {
    #![proptest_config(support::cases(1000))]

    #[test]
    fn every_record_is_found_by_the_address_that_its_key_makes(
        rows in prop::collection::vec((part(), part(), part(), any::<bool>()), 1..6),
        columns in 0..4_usize,
    ) {
        let quoted = |text: &str| spell(text, Spelling::Quoted).unwrap().into_owned();
        let mut source = String::from("t |a, b, c, valid|\n");
        for (a, b, c, valid) in &rows {
            source += &format!("    {}, {}, {}, {valid}\n", quoted(a), quoted(b), quoted(c));
        }
        let names = ["a", "b", "c"];
        let keys = if columns == 0 { Keys::new() } else { Keys::new().with("t", names[..columns].iter().copied()) };
        let document = Document::parse(source);
        let table = document.tables().next().unwrap();
        let mut finder = Finder::new(&document, &keys);
        for (number, row) in table.rows().enumerate() {
            let by_number = Address::of("t").at(number);
            let Ok(Target::Record(_, found)) = finder.find(&by_number.to_string().parse().unwrap()) else { panic!() };
            prop_assert_eq!(found.piece(), row.piece());
            let Ok(columns) = keys.columns(&table) else { continue };
            let Some(key) = Key::of(&row, &columns) else { continue };
            let address = Address::of("t").with(key.to_string());
            prop_assert_eq!(&address.to_string().parse::<Address>().unwrap(), &address);
            let same = |other: &sdnlock::sdn::Row<'_>| Key::of(other, &columns).as_ref() == Some(&key);
            let live = table.rows().filter(|row| same(row) && is_live(&table, row)).count();
            match finder.find(&address) {
                Ok(Target::Record(_, found)) => {
                    prop_assert!(same(&found));
                    prop_assert!(live <= 1);
                    prop_assert!(live == 0 || is_live(&table, &found));
                }
                Err(LookupError::Several { .. }) => prop_assert!(live > 1),
                other => prop_assert!(false, "{address}: {other:?}"),
            }
        }
    }

    #[test]
    fn keys_are_equal_if_they_are_written_alike(
        one in prop::collection::vec(part(), 1..4),
        other in prop::collection::vec(part(), 1..4),
        cut in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        is_cut_anew in any::<bool>(),
    ) {
        let one = Key::new(one);
        // The same signs, in other parts.
        let anew = || -> Option<Key<'static>> {
            let text = one.as_ref()?.to_string().replace('"', "");
            let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).filter(|at| *at > 0).collect();
            let mut cuts: Vec<usize> = cut.iter().filter(|_| !ends.is_empty()).map(|at| *at.get(&ends)).collect();
            cuts.sort_unstable();
            ends = [vec![0], cuts, vec![text.len()]].concat();
            Key::new(ends.windows(2).map(|span| text[span[0]..span[1]].trim_matches('/').to_owned()))
        };
        let other = if is_cut_anew { anew() } else { Key::new(other) };
        if let (Some(one), Some(other)) = (one, other)
            && one.parts().count() == other.parts().count()
        {
            prop_assert_eq!(one == other, one.to_string() == other.to_string());
        }
    }
}
