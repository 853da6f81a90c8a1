//! What others write between load and save stays, and what cannot is told.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use sdnlock::merge::Options;
use sdnlock::update::{Rebasing, Stamping, Stamps, rebase};
use sdnlock::{Conflict, ConflictResolution, Database, Error, Record, now};
use serde::{Deserialize, Serialize};
use support::Sandbox;

mod support;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Item {
    id: String,
    a: String,
    b: String,
}

impl Record for Item {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn table_name() -> &'static str {
        "t"
    }
}

fn item(id: &str, a: &str, b: &str) -> Item {
    Item { id: id.to_owned(), a: a.to_owned(), b: b.to_owned() }
}

const BASE: &str = "# base\nt |id, a, b, other|\n    1, a1, b1, o1\n    2, a2, b2, o2\n    3, a3, b3, o3\n";

/// The database, loaded before the file became `theirs`.
fn behind(path: &Path, base: &str, theirs: &str) -> Database<Item> {
    std::fs::write(path, base).unwrap();
    let db = Database::load(path).unwrap();
    std::fs::write(path, theirs).unwrap();
    db
}

/// The conflicts, each in one line.
fn conflicts(error: Error) -> Vec<String> {
    let Error::Conflict { conflicts, .. } = error else { panic!("{error}") };
    conflicts.iter().map(|conflict| conflict.described("there", "here")).collect()
}

#[test]
fn changes_of_different_records_and_columns_combine() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let theirs = "# theirs\nport: 80\n\nt |other, id, b, a|\n    o1,1,B1,a1  # new\n    o4,4,b4,a4\n    O3,3,b3,a3\n";
    let mut db = behind(&path, BASE, theirs);
    db.insert(item("1", "A1", "b1"));
    db.insert(item("5", "a5", "b5"));
    db.delete("2");
    db.save().unwrap();
    let expected = theirs.replace("B1,a1", "B1,A1") + "    \"\",5,b5,a5\n";
    assert_eq!(sandbox.read("a.sdn"), expected);
    let all = [item("1", "A1", "B1"), item("4", "a4", "b4"), item("3", "a3", "b3"), item("5", "a5", "b5")];
    assert!(db.all().into_iter().eq(&all));
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), expected);
}

#[test]
fn a_conflict_is_told_and_nothing_is_written_or_forgotten() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let theirs = BASE.replace("a1", "x1").replace("    2, a2, b2, o2\n", "").replace("b3", "x3") + "    4, x4, b4, o\n";
    let mut db = behind(&path, BASE, &theirs);
    db.insert(item("1", "A1", "B1"));
    db.insert(item("2", "a2", "B2"));
    db.delete("3");
    db.insert(item("4", "a4", "b4"));
    db.insert(item("5", "a5", "b5"));
    let expected = [
        "`t.1`: `a` was `a1`, is `x1` there, `A1` here",
        "`t.2` was removed there, changed here",
        "`t.3` was removed here, changed there",
        "`t.4`: `a` is `x4` there, `a4` here",
    ];
    let error = db.save().unwrap_err();
    let shown = error.to_string();
    assert!(
        shown.contains("a.sdn` was changed meanwhile: `t.1`: `a` was `a1`, is `x1` in the file, `A1` here; "),
        "{shown}"
    );
    let mut found = conflicts(error);
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(sandbox.read("a.sdn"), theirs);

    db.save_with(ConflictResolution::LastWriteWins).unwrap();
    let all = [item("1", "A1", "B1"), item("4", "a4", "b4"), item("2", "a2", "B2"), item("5", "a5", "b5")];
    assert_eq!(db.all(), all.iter().collect::<Vec<_>>());
    assert!(sandbox.read("a.sdn").contains("    4, a4, b4, o\n    2, a2, B2, o2\n    5, a5, b5, \"\"\n"));
}

#[test]
fn any_record_that_both_changed_can_be_an_error() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let mut db = behind(&path, BASE, &BASE.replace("o1", "x1").replace("a2", "x2").replace("a3", "x3"));
    db.insert(item("1", "A1", "b1"));
    db.insert(item("3", "x3", "b3"));
    let found = conflicts(db.save_with(ConflictResolution::Error).unwrap_err());
    let expected = ["`t.1`: `a` was `a1`, is `a1` there, `A1` here; `other` was `o1`, is `x1` there, `o1` here"];
    assert_eq!(found, expected);
    db.save_with(ConflictResolution::Merge).unwrap();
    assert_eq!(db.get("1"), Some(&item("1", "A1", "b1")));
}

#[test]
fn the_record_that_was_modified_later_can_win() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let with = |a: &str, time: &str| format!("t |id, a, b, last_modified|\n    1, {a}, b1, \"{time}\"\n");
    let base = with("a1", "2020-01-01T00:00:00Z");
    let cases =
        [("2020-01-02T00:00:00Z", Some(("A1", "B1"))), ("2999-01-01T00:00:00Z", Some(("x1", "b1"))), ("", None)];
    for (time, winner) in cases {
        let mut db = behind(&path, &base, &with("x1", time));
        db.insert(item("1", "A1", "B1"));
        let saved = db.save_with(ConflictResolution::LastModifiedWins);
        match winner {
            Some((a, b)) => {
                saved.unwrap();
                assert_eq!(db.get("1"), Some(&item("1", a, b)), "the record wins as a whole");
            }
            None => assert_eq!(conflicts(saved.unwrap_err()), ["`t.1`: `a` was `a1`, is `x1` there, `A1` here"]),
        }
    }
}

#[test]
fn a_record_that_was_hidden_meanwhile_is_removed_for_others() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let base = "t |id, a, b, valid|\n    1, a1, b1, true\n    2, a2, b2, true\n";
    let theirs = base.replace("b1, true", "b1, false");
    let mut db = behind(&path, base, &theirs);
    db.insert(item("2", "A2", "b2"));
    db.delete("1");
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), theirs.replace("a2", "A2"), "removed on both sides");
    let mut db = behind(&path, base, &theirs);
    db.insert(item("1", "A1", "b1"));
    assert_eq!(conflicts(db.save().unwrap_err()), ["`t.1` was removed there, changed here"]);
    db.save_with(ConflictResolution::LastWriteWins).unwrap();
    assert_eq!(sandbox.read("a.sdn"), base.replace("a1", "A1"));
}

#[test]
fn versions_count_the_changes_of_all_sides() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let base = "t |id, a, b, version|\n    1, a1, b1, 4\n";
    let mut db = behind(&path, base, &base.replace("b1, 4", "B1, 6"));
    db.insert(item("1", "A1", "b1"));
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), "t |id, a, b, version|\n    1, A1, B1, 7\n");
}

#[test]
fn a_file_that_was_broken_meanwhile_is_not_written() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let theirs = BASE.replace("2, a2", "2, a2, x");
    let mut db = behind(&path, BASE, &theirs);
    db.insert(item("1", "A1", "b1"));
    assert!(matches!(db.save().unwrap_err(), Error::UnreadableRow { line: 4, .. }));
    assert_eq!(sandbox.read("a.sdn"), theirs);
    let twice = BASE.to_owned() + "    1, x, y, z\n";
    std::fs::write(&path, &twice).unwrap();
    let error = db.save().unwrap_err();
    assert!(matches!(&error, Error::AmbiguousRecord { lines, .. } if *lines == [3, 6]), "{error}");
    assert_eq!(sandbox.read("a.sdn"), twice);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(conflicts(db.save().unwrap_err()), ["`t.1` was removed there, changed here"]);
    db.save_with(ConflictResolution::LastWriteWins).unwrap();
    assert_eq!(sandbox.read("a.sdn"), "t |id, a, b, other|\n    1, A1, b1, o1\n");
}

/// Whether the version of the file is the base for what comes next, and not what was loaded first.
#[test]
fn what_was_saved_is_the_base_of_the_next_save() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", BASE);
    let mut one = Database::<Item>::load(&path).unwrap();
    let mut two = Database::<Item>::load(&path).unwrap();
    for round in 0..5 {
        one.insert(item("1", &format!("one{round}"), &one.get("1").unwrap().b.clone()));
        one.save().unwrap();
        two.insert(item("1", &two.get("1").unwrap().a.clone(), &format!("two{round}")));
        two.save().unwrap();
    }
    one.save().unwrap();
    assert_eq!(one.get("1"), Some(&item("1", "one4", "two4")));
    assert_eq!(two.get("1"), one.get("1"));
}

#[test]
fn to_hide_a_record_that_was_changed_meanwhile_is_a_conflict() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Entry {
        id: String,
        a: String,
        valid: bool,
    }
    impl Record for Entry {
        fn id(&self) -> String {
            self.id.clone()
        }

        fn table_name() -> &'static str {
            "t"
        }
    }
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", "t |id, a, valid|\n    1, x, true\n");
    let mut db = Database::<Entry>::load(&path).unwrap();
    db.get_mut("1").unwrap().valid = false;
    let theirs = "t |id, a, valid|\n    1, CHANGED, true\n";
    std::fs::write(&path, theirs).unwrap();
    assert_eq!(conflicts(db.save().unwrap_err()), ["`t.1` was removed here, changed there"]);
    assert_eq!(sandbox.read("a.sdn"), theirs);
    db.save_with(ConflictResolution::LastWriteWins).unwrap();
    assert_eq!(sandbox.read("a.sdn"), theirs.replace("true", "false"));
    // What else was written with it is kept too.
    let path = sandbox.write("b.sdn", "t |id, a, valid|\n    1, x, true\n");
    let mut db = Database::<Entry>::load(&path).unwrap();
    let entry = db.get_mut("1").unwrap();
    (entry.a, entry.valid) = ("mine".into(), false);
    std::fs::write(&path, theirs).unwrap();
    db.save_with(ConflictResolution::LastWriteWins).unwrap();
    assert_eq!(sandbox.read("b.sdn"), "t |id, a, valid|\n    1, mine, false\n");
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Versioned {
    id: u32,
    a: String,
    b: String,
    c: String,
    version: Option<u32>,
    last_modified: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid: Option<bool>,
}

impl Record for Versioned {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn table_name() -> &'static str {
        "t"
    }
}

const STRATEGIES: [ConflictResolution; 4] = [
    ConflictResolution::Merge,
    ConflictResolution::Error,
    ConflictResolution::LastWriteWins,
    ConflictResolution::LastModifiedWins,
];

#[test]
fn the_winner_of_a_conflict_is_the_one_that_the_command_finds() {
    let sandbox = Sandbox::new();
    let row = |cells: &str| format!("t |id, a, b, c, version, last_modified|\n    1, {cells}\n");
    let base = row("1, 1, 1, 1, \"2026-01-01T00:00:00Z\"");
    let there = row("3, 1, 9, 2, \"2026-02-01T00:00:00Z\"");
    let path = sandbox.write("a.sdn", &base);
    let mut db = Database::<Versioned>::load(&path).unwrap();
    let record = db.get_mut("1").unwrap();
    (record.a, record.b) = ("2".to_owned(), "2".to_owned());
    (record.version, record.last_modified) = (Some(2), "2026-03-01T00:00:00Z".to_owned());
    sandbox.write("a.sdn", &there);
    db.save_with(ConflictResolution::LastModifiedWins).unwrap();
    assert_eq!(sandbox.read("a.sdn"), row("2, 2, 1, 3, \"2026-03-01T00:00:00Z\""));

    // What both sides made alike is one step.
    let path = sandbox.write("b.sdn", &base);
    let mut db = Database::<Versioned>::load(&path).unwrap();
    db.get_mut("1").unwrap().a = "y".to_owned();
    let there = row("y, 1, 1, 2, \"2026-02-01T00:00:00Z\"");
    sandbox.write("b.sdn", &there);
    db.save().unwrap();
    assert_eq!(sandbox.read("b.sdn"), there);
    assert_eq!(db.get("1").unwrap().version, Some(2));
}

/// What one side makes of a table with the records 1 to 3.
#[derive(Clone, Debug)]
enum Step {
    Change(u32, usize, u8),
    Remove(u32),
    Add(u32, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..4_u32, 0..3_usize, 2..4_u8).prop_map(|(id, column, value)| Step::Change(id, column, value)),
        1 => (1..4_u32).prop_map(Step::Remove),
        1 => (4..6_u32, 2..4_u8).prop_map(|(id, value)| Step::Add(id, value)),
    ];
    prop::collection::vec(step, 1..4)
}

type Rows = BTreeMap<u32, Versioned>;

/// Where the table hides its records, one that is removed is hidden. Without a time nothing is stamped.
fn made(rows: &Rows, steps: &[Step], time: Option<&str>) -> Rows {
    let mut made = rows.clone();
    for step in steps {
        match *step {
            Step::Change(id, column, value) => {
                let Some(row) = made.get_mut(&id).filter(|row| row.valid != Some(false)) else { continue };
                *[&mut row.a, &mut row.b, &mut row.c][column] = value.to_string();
            }
            Step::Remove(id) => match made.get_mut(&id) {
                Some(Versioned { valid: Some(valid), .. }) => *valid = false,
                _ => drop(made.remove(&id)),
            },
            Step::Add(id, value) => {
                let valid = rows.values().next().and_then(|row| row.valid);
                let (version, last_modified) = (time.map(|_| 1), time.unwrap_or_default().to_owned());
                let [a, b, c] = [value.to_string(), "1".to_owned(), "1".to_owned()];
                made.insert(id, Versioned { id, a, b, c, version, last_modified, valid });
            }
        }
    }
    for (id, row) in &mut made {
        if let Some(time) = time
            && rows.get(id).is_some_and(|before| before != row)
        {
            // Not each step may have been written by itself.
            let times = if steps.len() > 2 { 2 } else { 1 };
            (row.version, row.last_modified) = (row.version.map(|version| version + times), time.to_owned());
        }
    }
    made
}

/// With a history, each record was hidden once, when it said something else.
fn text(rows: &Rows, hides: bool, has_history: bool) -> String {
    let row = |row: &Versioned| {
        let Versioned { id, a, b, c, version, last_modified, valid } = row;
        let version = version.map(|version| version.to_string()).unwrap_or_default();
        let valid = valid.map(|valid| format!(", {valid}")).unwrap_or_default();
        format!("    {id}, {a}, {b}, {c}, {version}, \"{last_modified}\"{valid}\n")
    };
    let header = if hides { ", valid" } else { "" };
    let history = (1..4).filter(|_| hides && has_history);
    let history: String = history.map(|id| format!("    {id}, 0, 1, 1, 1, \"{}\", false\n", FIXED[0])).collect();
    let rows = rows.values().map(row).collect::<String>();
    format!("t |id, a, b, c, version, last_modified{header}|\n{history}{rows}")
}

/// Lines in any order, with one word for what the clock said.
fn timeless<'t>(lines: impl IntoIterator<Item = &'t str>) -> BTreeSet<String> {
    let is_clock = |part: &&str| part.len() == 20 && part.ends_with('Z') && !FIXED.contains(part);
    let timeless = |line: &str| {
        let ends = |c: char| !(c.is_ascii_alphanumeric() || ":-".contains(c));
        line.split(ends).filter(is_clock).fold(line.to_owned(), |line, clock| line.replace(clock, "now"))
    };
    lines.into_iter().map(timeless).collect()
}

/// Times that are not the clock's: those of the base, and on either side of it.
const FIXED: [&str; 3] = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "9999-03-01T00:00:00Z"];

proptest! {
    #![proptest_config(support::cases(300))]

    #[test]
    fn a_database_is_merged_as_its_text_is(
        here in steps(),
        there in steps(),
        is_later in any::<bool>(),
        is_stamped in any::<bool>(),
        there_is_stamped in any::<bool>(),
        hides in any::<bool>(),
        has_history in any::<bool>(),
    ) {
        let first = |id: u32| Versioned {
            id,
            a: "1".to_owned(),
            b: "1".to_owned(),
            c: "1".to_owned(),
            version: Some(1),
            last_modified: FIXED[0].to_owned(),
            valid: hides.then_some(true),
        };
        let base: Rows = (1..4).map(|id| (id, first(id))).collect();
        let times = &FIXED[1..];
        let here = made(&base, &here, is_stamped.then_some(times[usize::from(is_later)]));
        let there = made(&base, &there, there_is_stamped.then_some(times[usize::from(!is_later)]));
        let [base_text, here_text, there_text] = [&base, &here, &there].map(|rows| text(rows, hides, has_history));
        let sandbox = Sandbox::new();
        for strategy in STRATEGIES {
            let path = sandbox.write("a.sdn", &base_text);
            let mut db = Database::<Versioned>::load(&path).unwrap();
            for (id, row) in here.iter().filter(|(id, row)| base.get(id) != Some(row)) {
                let only_hidden = base.get(id).is_some_and(|base| Versioned { valid: Some(false), ..base.clone() } == *row);
                if only_hidden {
                    db.delete(&id.to_string());
                } else {
                    db.insert(row.clone());
                }
            }
            for id in base.keys().filter(|id| !here.contains_key(id)) {
                db.delete(&id.to_string());
            }
            sandbox.write("a.sdn", &there_text);
            let saved = db.save_with(strategy);
            let stamps = Some(Stamping::new(Stamps::Dates, now()));
            let how = Rebasing { merge: Options { strategy, ..Options::default() }, stamps };
            let merged = rebase(base_text.as_bytes(), here_text.as_bytes(), there_text.as_bytes(), &how).unwrap();
            match saved {
                Ok(()) => {
                    prop_assert!(merged.is_clean(), "{strategy:?}: {:?}", merged.conflicts);
                    let merged = String::from_utf8(merged.content).unwrap();
                    prop_assert_eq!(timeless(sandbox.read("a.sdn").lines()), timeless(merged.lines()), "{:?}", strategy);
                    // No strategy takes a step back.
                    for record in db.all() {
                        let steps = [&here, &there].into_iter().filter_map(|side| side.get(&record.id)?.version).max();
                        prop_assert!(record.version >= steps, "{strategy:?}: {record:?} was {steps:?}");
                    }
                }
                Err(error) => {
                    let described = |conflict: &Conflict| conflict.described("there", "here");
                    let by_text: Vec<String> = merged.conflicts.iter().map(described).collect();
                    let saved = conflicts(error);
                    let [saved, by_text] = [&saved, &by_text].map(|lines| timeless(lines.iter().map(String::as_str)));
                    prop_assert_eq!(saved, by_text, "{:?}", strategy);
                }
            }
        }
    }
}

#[test]
fn ids_may_be_those_that_the_schema_says_or_joined_of_columns() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Entry {
        file: String,
        line: u32,
        text: String,
        note: String,
    }
    impl Record for Entry {
        fn id(&self) -> String {
            format!("{}:{}", self.file, self.line)
        }

        fn table_name() -> &'static str {
            "lines"
        }
    }
    let base = "lines |file, line, text, note|\n    a, 1, x, y\n    a, 2, x, y\n    b, 1, x, y\n";
    let there = base.replace("a, 2, x, y", "a, 2, X, y");
    for schema in ["", "keys |table, columns|\n    lines, file/line\n"] {
        let sandbox = Sandbox::new();
        sandbox.write(".sdnlock.sdn", schema);
        let path = sandbox.write("a.sdn", base);
        let mut db = Database::<Entry>::load(&path).unwrap();
        db.get_mut("a:2").unwrap().note = "Y".to_owned();
        db.get_mut("b:1").unwrap().text = "Z".to_owned();
        sandbox.write("a.sdn", &there);
        db.save().unwrap();
        assert_eq!(sandbox.read("a.sdn"), there.replace("a, 2, X, y", "a, 2, X, Y").replace("b, 1, x", "b, 1, Z"));
    }
    // One that is not valid could have another record changed.
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    lines, file,\n");
    let path = sandbox.write("a.sdn", base);
    let mut db = Database::<Entry>::load(&path).unwrap();
    db.get_mut("a:2").unwrap().note = "Y".to_owned();
    assert!(matches!(db.save().unwrap_err(), Error::Schema { .. }));
    assert!(matches!(Database::<Entry>::update(&path, |_| Ok(())).unwrap_err(), Error::Schema { .. }));
    assert_eq!(sandbox.read("a.sdn"), base);
}

#[test]
fn columns_that_the_table_got_meanwhile_stay() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let base = "t |id, a, b|\n    1, a1, b1\n    2, a2, b2\n";
    let there = "t |id, new, a, b|\n    1, n1, a1, b1\n    2, n2, a2, b2\n    3, n3, a3, b3\n";
    let mut db = behind(&path, base, there);
    db.insert(item("1", "A1", "b1"));
    db.insert(item("4", "a4", "b4"));
    db.delete("2");
    db.save().unwrap();
    let expected = "t |id, new, a, b|\n    1, n1, A1, b1\n    3, n3, a3, b3\n    4, \"\", a4, b4\n";
    assert_eq!(sandbox.read("a.sdn"), expected);
    // A column that is gone takes what was changed in it along.
    let there = "t |id, a|\n    1, a1\n    2, a2\n";
    let mut db = behind(&path, base, there);
    db.insert(item("1", "a1", "B1"));
    assert!(db.save().is_err());
    assert_eq!(sandbox.read("a.sdn"), there);
}

/// A record that takes whatever columns there are.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Any {
    id: String,
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, String>,
}

impl Record for Any {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn table_name() -> &'static str {
        "t"
    }
}

#[test]
fn what_no_column_holds_any_more_is_not_said_to_be_saved() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("t.sdn", "t |id, n|\n    1, a\n");
    let mut db = Database::<Any>::load(&path).unwrap();
    let others = "t |id, m|\n    1, b\n";
    sandbox.write("t.sdn", others);
    db.get_mut("1").unwrap().rest.insert("n".to_owned(), "x".to_owned());
    let error = db.save().unwrap_err().to_string();
    assert!(error.contains("the table has no such column"), "{error}");
    assert_eq!(sandbox.read("t.sdn"), others);
    let mut db = Database::<Any>::load(&path).unwrap();
    db.insert(Any { id: "2".to_owned(), rest: [("m".to_owned(), "c".to_owned())].into() });
    db.save().unwrap();
    assert_eq!(sandbox.read("t.sdn"), "t |id, m|\n    1, b\n    2, c\n");
}

#[test]
fn what_was_hidden_meanwhile_is_not_taken_for_changed_alike() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("t.sdn", "t |id, n, valid|\n    1, a, true\n");
    let mut db = Database::<Any>::load(&path).unwrap();
    let others = "t |id, n, valid|\n    1, b, false\n";
    sandbox.write("t.sdn", others);
    db.get_mut("1").unwrap().rest.insert("n".to_owned(), "b".to_owned());
    assert!(matches!(db.save(), Err(sdnlock::Error::Conflict { .. })));
    assert_eq!(sandbox.read("t.sdn"), others);
}
