//! What others write between load and save stays, and what cannot is told.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::path::Path;

use sdnlock::{Conflict, ConflictResolution, Database, Error, Record};
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

fn conflicts(error: Error) -> Vec<Conflict> {
    let Error::Conflict { conflicts, .. } = error else { panic!("{error}") };
    conflicts
}

fn conflict(record: &str, column: &str, [base, ours, theirs]: [&str; 3]) -> Conflict {
    let side = |text: &str| (text != "-").then(|| text.to_owned());
    let (base, ours, theirs) = (side(base), side(ours), side(theirs));
    Conflict { record: record.to_owned(), column: column.to_owned(), base, ours, theirs }
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
        conflict("1", "a", ["a1", "A1", "x1"]),
        conflict("2", "b", ["b2", "B2", "-"]),
        conflict("3", "b", ["b3", "-", "x3"]),
        conflict("4", "a", ["-", "a4", "x4"]),
    ];
    let error = db.save().unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("`a` of `1` was `a1`, is `A1` here and `x1` there; "), "{shown}");
    assert!(shown.contains("`b` of `3` was `b3`, is removed here and `x3` there; "), "{shown}");
    assert_eq!(conflicts(error), expected);
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
    let expected = [conflict("1", "a", ["a1", "A1", "a1"]), conflict("1", "other", ["o1", "o1", "x1"])];
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
    for (time, winner) in [("2020-01-02T00:00:00Z", Some("A1")), ("2999-01-01T00:00:00Z", Some("x1")), ("", None)] {
        let mut db = behind(&path, &base, &with("x1", time));
        db.insert(item("1", "A1", "B1"));
        let saved = db.save_with(ConflictResolution::LastModifiedWins);
        match winner {
            Some(a) => {
                saved.unwrap();
                assert_eq!(db.get("1"), Some(&item("1", a, "B1")), "what is in no conflict combines");
            }
            None => assert_eq!(conflicts(saved.unwrap_err()), [conflict("1", "a", ["a1", "A1", "x1"])]),
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
    assert_eq!(conflicts(db.save().unwrap_err()), [conflict("1", "a", ["a1", "A1", "-"])]);
    db.save_with(ConflictResolution::LastWriteWins).unwrap();
    assert_eq!(sandbox.read("a.sdn"), theirs + "    1, A1, b1, true\n");
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
    assert_eq!(conflicts(db.save().unwrap_err()), [conflict("1", "a", ["a1", "A1", "-"])]);
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
    assert_eq!(conflicts(db.save().unwrap_err()), [conflict("1", "a", ["x", "x", "CHANGED"])]);
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
