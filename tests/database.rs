//! Tables as collections of records: what is read, what is written, and what stays as it is.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::BTreeMap;

use sdnlock::{Database, Error, Record};
use serde::{Deserialize, Serialize};
use support::Sandbox;

mod support;

/// As section 8 of the format's description has it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Todo {
    id: String,
    keyword: Keyword,
    area: String,
    priority: String,
    description: String,
    file: String,
    line: u32,
    issue: Option<u32>,
    blocked: String,
    status: String,
    valid: bool,
}

#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Keyword {
    Todo,
    Fixme,
}

impl Record for Todo {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn table_name() -> &'static str {
        "todos"
    }
}

/// Some columns of whatever is in the table `t`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Item {
    id: u32,
    text: String,
}

impl Record for Item {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn table_name() -> &'static str {
        "t"
    }
}

fn item(id: u32, text: &str) -> Item {
    Item { id, text: text.to_owned() }
}

#[test]
fn the_todo_database_is_read_and_only_what_was_changed_is_written() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let path = sandbox.path("todo_db.sdn");
    let before = sandbox.read("todo_db.sdn");
    let mut db = Database::<Todo>::load(&path).unwrap();
    let ids: Vec<String> = db.all().iter().map(|todo| todo.id()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "core 1"]);
    assert_eq!((db.count(), db.get("4").unwrap().status.as_str()), (5, "blocked"));
    assert_eq!(db.get("2").unwrap().keyword, Keyword::Fixme);
    assert_eq!((db.get("3").unwrap().issue, db.get("1").unwrap().issue), (Some(88), None));

    let mut todo = db.get("3").unwrap().clone();
    (todo.status, todo.issue) = ("in progress".to_owned(), None);
    db.insert(todo.clone());
    let new = Todo { id: "5".to_owned(), description: "say \"a, b\"".to_owned(), ..todo };
    db.insert(new);
    assert_eq!(db.delete("4").unwrap().status, "blocked");
    assert!(db.get("4").is_none() && db.delete("4").is_none() && db.delete("9").is_none());
    assert_eq!(db.count(), 5);
    db.save().unwrap();

    // The key is bare, as those of most rows are.
    let row = "    5, TODO, tooling, P3, \"say \\\"a, b\\\"\", src/app/scan/main.spl, 120, \"\", \"\", \"in progress\", true\n";
    let expected = before
        .replace("120, 88, \"\", open, true", "120, \"\", \"\", \"in progress\", true")
        .replace("blocked, true\n", "blocked, false\n");
    let expected = expected.trim_end_matches('\n').to_owned() + "\n" + row;
    assert_eq!(sandbox.read("todo_db.sdn"), expected);
    assert_eq!(sandbox.names(), ["todo_db.sdn"]);
}

#[test]
fn everything_that_was_not_asked_to_change_stays() {
    let sandbox = Sandbox::new();
    let before = "# head\r\nport: 80\r\nt |id, other, text|  # columns\r\n\t1,  x y ,\"a\"   # first\r\n\r\n\t007,2026-02-06,b\r\n\r\nu |a|\r\n    1\r\n";
    let path = sandbox.write("a.sdn", before);
    let mut db = Database::<Item>::load(&path).unwrap();
    assert_eq!(db.all(), [&item(1, "a"), &item(7, "b")]);
    db.insert(item(7, "b"));
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), before, "what says the same is not spelled anew");
    db.insert(item(7, "c"));
    db.insert(item(8, "d"));
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), before.replace("-06,b\r\n", "-06,c\r\n\t8,\"\",d\r\n"));
    assert!(db.delete("1").is_some());
    db.save().unwrap();
    assert!(!sandbox.read("a.sdn").contains("first"), "without a column `valid` the row goes");
}

#[test]
fn a_cell_that_could_not_be_written_anew_stays_beside_one_that_is() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Note {
        id: u32,
        status: String,
        log: String,
    }
    impl Record for Note {
        fn id(&self) -> String {
            self.id.to_string()
        }
        fn table_name() -> &'static str {
            "t"
        }
    }
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", "t |id, status, log|\n    1, open, \"two\\nlines\\t\"\n");
    let mut db = Database::<Note>::load(&path).unwrap();
    let note = db.get("1").unwrap().clone();
    assert_eq!(note.log, "two\nlines\t");
    db.insert(Note { status: "done".to_owned(), ..note });
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), "t |id, status, log|\n    1, done, \"two\\nlines\\t\"\n");
}

#[test]
fn a_file_that_does_not_exist_is_empty_and_made_for_the_first_record() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let mut db = Database::<Item>::load(&path).unwrap();
    assert_eq!(db.count(), 0);
    db.save().unwrap();
    assert!(!path.exists());
    db.insert(item(2, "two words"));
    db.insert(item(1, ""));
    assert_eq!(db.all(), [&item(2, "two words"), &item(1, "")]);
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), "t |id, text|\n    2, \"two words\"\n    1, \"\"\n");
    db.delete("2");
    db.delete("1");
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), "t |id, text|\n");
    assert_eq!(sandbox.names(), ["a.sdn"]);
    let error = Database::<Item>::load(sandbox.path("no/a.sdn")).unwrap_err();
    assert!(matches!(error, Error::Lock(_)), "{error}");
}

#[test]
fn a_missing_table_is_appended_behind_one_blank_line() {
    let rows = "t |id, text|\n    1, a\n";
    for (before, after) in [
        ("", rows.to_owned()),
        ("port: 80\n", format!("port: 80\n\n{rows}")),
        ("port: 80", format!("port: 80\n\n{rows}")),
        ("u |a|\n    1\n\n", format!("u |a|\n    1\n\n{rows}")),
        ("port: 80\r\n", format!("port: 80\n\n{rows}").replace('\n', "\r\n")),
    ] {
        let sandbox = Sandbox::new();
        let path = sandbox.write("a.sdn", before);
        let mut db = Database::<Item>::load(&path).unwrap();
        db.save().unwrap();
        assert_eq!(sandbox.read("a.sdn"), before);
        db.insert(item(1, "a"));
        db.save().unwrap();
        assert_eq!(sandbox.read("a.sdn"), after);
    }
}

#[test]
fn a_sealed_database_is_sealed_again_and_a_wrong_seal_refuses_changes() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", "#sdn-crc32:0\nport: 80\n");
    let mut db = Database::<Item>::load(&path).unwrap();
    db.insert(item(1, "a"));
    assert!(matches!(db.save().unwrap_err(), Error::UnsafeEdit { .. }));
    let sealed = sdnlock::sdn::seal_change(b"", sandbox.read("a.sdn").into_bytes(), sdnlock::sdn::Reseal::Always);
    sandbox.write("a.sdn", sealed.unwrap());
    db.save().unwrap();
    db.insert(item(2, "b"));
    db.save().unwrap();
    assert_eq!(sdnlock::sdn::Seal::of(sandbox.read("a.sdn").as_bytes()), sdnlock::sdn::Seal::Right);
    assert!(sandbox.read("a.sdn").ends_with("port: 80\n\nt |id, text|\n    1, a\n    2, b\n"));
}

#[test]
fn a_database_grows_no_larger_than_its_schema_allows() {
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "limits |name, value|\n    max_size, 30\n");
    let text = "t |id, text|\n    1, a\n";
    let path = sandbox.write("a.sdn", text);
    let mut db = Database::<Item>::load(&path).unwrap();
    db.insert(item(2, "too much for that"));
    let error = db.save().unwrap_err();
    assert!(matches!(&error, Error::TooLarge { source, .. } if source.limit == 30), "{error:?}");
    let other = sandbox.write("b.sdn", text);
    let add_to_both = |databases: &sdnlock::Databases| {
        for path in [&path, &other] {
            let mut db = databases.load::<Item>(path)?;
            db.insert(item(2, "too much for that"));
            db.save()?;
        }
        Ok(())
    };
    assert!(matches!(sdnlock::transaction([&path, &other], add_to_both), Err(Error::TooLarge { .. })));
    assert_eq!([sandbox.read("a.sdn"), sandbox.read("b.sdn")], [text, text]);
    // What is too large already may become smaller.
    sandbox.write("a.sdn", format!("{text}    2, \"much too large\"\n    3, b\n"));
    let mut db = Database::<Item>::load(&path).unwrap();
    db.delete("3");
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), format!("{text}    2, \"much too large\"\n"));
}

#[test]
fn a_row_that_is_no_record_fails_the_load_and_is_named() {
    let sandbox = Sandbox::new();
    for (source, line, column, value) in [
        ("t |id, text|\n    1, a\n    x2, b\n", 3, Some("id"), "x2"),
        ("t |id, text|\n    1, a, b\n", 2, None, "1, a, b"),
        ("t |id, text|\n    1, \"a\n", 2, None, "1, \"a"),
        ("t |id, txt|\n\n    1, a\n", 3, Some("text"), "1, a"),
        ("t |id, text|\n    -1, a\n", 2, Some("id"), "-1"),
    ] {
        let path = sandbox.write("a.sdn", source);
        let error = Database::<Item>::load(&path).unwrap_err();
        let shown = error.to_string();
        let Error::UnreadableRow { line: l, column: c, value: v, .. } = error else { panic!("{shown}") };
        assert_eq!((l, c.as_deref(), v.as_str()), (line, column, value), "{shown}");
        assert_eq!(sandbox.read("a.sdn"), source);
    }
    let path = sandbox.write("a.sdn", "t |id, text|\n    1, a\n    x2, b\n");
    let shown = Database::<Item>::load(&path).unwrap_err().to_string();
    let said = "is no record of `t`: column `id`: `x2`: it is no integer of 32 bits without a sign";
    assert!(shown.starts_with("line 3 of ") && shown.ends_with(said), "{shown}");
}

#[test]
fn a_table_that_cannot_be_told_is_not_read() {
    let sandbox = Sandbox::new();
    for source in [&b"t |id, text|\n    1, a\nt |id, text|\n    2, b\n"[..], b"t: table{i32}\n    1\n", b"# \xff\n"] {
        let path = sandbox.write("a.sdn", source);
        let error = Database::<Item>::load(&path).unwrap_err();
        assert!(matches!(error, Error::UnusableTable { .. }), "{error}");
    }
}

#[test]
fn a_record_that_could_not_be_read_back_is_not_written() {
    #[derive(Serialize, Deserialize)]
    struct Odd {
        id: String,
        #[serde(default)]
        note: String,
        #[serde(default)]
        lists: Vec<Vec<u8>>,
    }
    impl Record for Odd {
        fn id(&self) -> String {
            self.id.clone()
        }
        fn table_name() -> &'static str {
            "t"
        }
    }
    let odd = |note: &str, lists: &[Vec<u8>]| Odd { id: "1".to_owned(), note: note.to_owned(), lists: lists.to_vec() };
    let sandbox = Sandbox::new();
    for (source, record, column) in [
        ("t |id, note, lists|\n", odd("two\nlines", &[]), "note"),
        ("t |id, note, lists|\n", odd("", &[vec![1]]), "lists"),
        ("t |id, lists|\n    0, []\n", odd("lost", &[]), "note"),
    ] {
        let path = sandbox.write("a.sdn", source);
        let mut db = Database::<Odd>::load(&path).unwrap();
        db.insert(record);
        let error = db.save().unwrap_err();
        assert!(matches!(&error, Error::UnwritableRecord { column: Some(c), .. } if c == column), "{error}");
        assert_eq!(sandbox.read("a.sdn"), source);
    }
    // What a missing column would say anyway is not lost.
    let path = sandbox.write("a.sdn", "t |id, lists|\n    0, []\n");
    let mut db = Database::<Odd>::load(&path).unwrap();
    db.insert(odd("", &[]));
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), "t |id, lists|\n    0, []\n    1, []\n");
}

#[test]
fn every_kind_of_field_is_read_back() {
    #[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
    struct Name(String);

    #[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
    struct Place {
        file: String,
        line: Option<u32>,
    }

    #[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
    struct All {
        id: Name,
        letter: char,
        small: i8,
        large: u64,
        huge: i128,
        ratio: f64,
        yes: bool,
        maybe: Option<String>,
        number: Option<i32>,
        nothing: (),
        pair: (u8, String),
        texts: Vec<String>,
        flags: Vec<bool>,
        map: BTreeMap<String, f32>,
        place: Place,
        #[serde(rename = "kebab-case")]
        renamed: String,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        rest: Vec<i64>,
    }
    impl Record for All {
        fn id(&self) -> String {
            self.id.0.clone()
        }
        fn table_name() -> &'static str {
            "alls"
        }
    }
    let texts = ["", "a b", "12", "true", "null", "a\"b\\", "[x]", "é", "a,b", "-"].map(str::to_owned);
    let full = All {
        id: Name("1".to_owned()),
        letter: '"',
        small: -128,
        large: u64::MAX,
        huge: i128::MIN,
        ratio: 1e21,
        yes: true,
        maybe: Some("null and void".to_owned()),
        number: Some(-3),
        nothing: (),
        pair: (7, "x, y".to_owned()),
        texts: texts.to_vec(),
        flags: vec![true, false],
        map: [("cpu".to_owned(), 0.5), ("b_c".to_owned(), -2.0)].into(),
        place: Place { file: "/a b".to_owned(), line: None },
        renamed: "007".to_owned(),
        rest: vec![1, -2],
    };
    let bare = All { id: Name("2".to_owned()), letter: 'a', ..All::default() };
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let mut db = Database::<All>::load(&path).unwrap();
    db.insert(full.clone());
    db.insert(bare.clone());
    for text in texts {
        db.insert(All { id: Name(format!("x{text}")), renamed: text, ..bare.clone() });
    }
    let written: Vec<All> = db.all().into_iter().cloned().collect();
    db.save().unwrap();
    assert_eq!(db.all().into_iter().cloned().collect::<Vec<_>>(), written);
    let mut again = Database::<All>::load(&path).unwrap();
    assert_eq!(again.all().into_iter().cloned().collect::<Vec<_>>(), written);
    let document = sdnlock::sdn::Document::parse(sandbox.read("a.sdn"));
    assert!(sdnlock::check::check(&document).is_empty());
    let bytes = sandbox.read("a.sdn");
    for record in written {
        again.insert(record);
    }
    again.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), bytes);
}

#[test]
fn lists_that_stand_without_quotes_are_read_and_stay_without() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Tagged {
        id: u32,
        tags: Vec<String>,
    }
    impl Record for Tagged {
        fn id(&self) -> String {
            self.id.to_string()
        }
        fn table_name() -> &'static str {
            "t"
        }
    }
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", "t |id, tags|\n    1, [a, \"b c\"]\n    2, []\n");
    let mut db = Database::<Tagged>::load(&path).unwrap();
    assert_eq!(db.get("1").unwrap().tags, ["a", "b c"]);
    db.insert(Tagged { id: 2, tags: vec!["x".to_owned(), "12".to_owned()] });
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), "t |id, tags|\n    1, [a, \"b c\"]\n    2, [x, \"12\"]\n");
}

#[test]
fn rows_that_are_hidden_are_history() {
    let sandbox = Sandbox::new();
    let source = "t |id, text, valid|\n    1, a, false\n    1, b, true\n    x, c, false\n    2, d,\n";
    let path = sandbox.write("a.sdn", source);
    let mut db = Database::<Item>::load(&path).unwrap();
    assert_eq!(db.all(), [&item(1, "b"), &item(2, "d")]);
    db.delete("1");
    db.save().unwrap();
    let hidden = source.replace("b, true", "b, false");
    assert_eq!(sandbox.read("a.sdn"), hidden);
    db.insert(item(1, "e"));
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), hidden + "    1, e, true\n");
    assert_eq!(db.all(), [&item(2, "d"), &item(1, "e")]);
}

#[test]
fn a_record_that_says_that_it_is_hidden_is_written_so() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let path = sandbox.path("todo_db.sdn");
    let mut db = Database::<Todo>::load(&path).unwrap();
    let todo = db.get("2").unwrap().clone();
    db.insert(Todo { valid: false, ..todo });
    assert!(db.get("2").is_none() && db.delete("2").is_none());
    assert_eq!(db.count(), 4);
    db.save().unwrap();
    let row = sandbox.read("todo_db.sdn").lines().nth(2).unwrap().to_owned();
    assert!(row.starts_with("    2, FIXME") && row.ends_with("open, false"), "{row}");
    assert_eq!(db.count(), 4);
}

#[test]
fn of_several_live_rows_none_is_changed() {
    let sandbox = Sandbox::new();
    let source = "t |id, text|\n    1, a\n    1, b\n    2, c\n";
    let path = sandbox.write("a.sdn", source);
    let mut db = Database::<Item>::load(&path).unwrap();
    assert_eq!((db.count(), db.get("1")), (3, Some(&item(1, "b"))));
    db.insert(item(2, "d"));
    db.save().unwrap();
    db.insert(item(1, "e"));
    let error = db.save().unwrap_err();
    assert!(matches!(&error, Error::AmbiguousRecord { lines, .. } if *lines == [2, 3]), "{error}");
    assert_eq!(sandbox.read("a.sdn"), source.replace("2, c", "2, d"));
}

#[test]
fn changed_records_are_stamped_and_the_database_knows_it() {
    #[derive(Clone, Debug, Serialize, Deserialize)]
    struct Stamped {
        id: u32,
        text: String,
        version: Option<u64>,
        updated_at: String,
    }
    impl Record for Stamped {
        fn id(&self) -> String {
            self.id.to_string()
        }
        fn table_name() -> &'static str {
            "t"
        }
    }
    let sandbox = Sandbox::new();
    let source =
        "t |id, text, version, last_modified, updated_at|\n    1, a, 4, \"\", 2026-02-06\n    2, b, 7, \"\", x\n";
    let path = sandbox.write("a.sdn", source);
    let mut db = Database::<Stamped>::load(&path).unwrap();
    let first = db.get("1").unwrap().clone();
    db.insert(Stamped { text: "c".to_owned(), ..first.clone() });
    db.insert(Stamped { id: 3, version: None, updated_at: String::new(), ..first });
    db.save().unwrap();
    assert_eq!(db.get("1").unwrap().version, Some(5));
    assert_eq!((db.get("2").unwrap().version, db.get("3").unwrap().version), (Some(7), Some(1)));
    assert_eq!(db.get("1").unwrap().updated_at.len(), "2026-02-06".len());
    // A new time is one as the others are; where there are none, it is one of RFC 3339.
    assert_eq!(db.get("3").unwrap().updated_at.len(), "2026-02-06".len());
    let modified = sandbox.read("a.sdn").lines().last().unwrap().split(", ").nth(3).unwrap().to_owned();
    assert!(modified.len() == "\"2026-02-06T10:00:00Z\"".len() && modified.ends_with("Z\""), "{modified}");
    assert!(sandbox.read("a.sdn").contains("    2, b, 7, \"\", x\n"));
    let bytes = sandbox.read("a.sdn");
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), bytes);
}

#[test]
fn a_save_without_changes_writes_nothing_and_reads_what_is_there() {
    use std::os::unix::fs::MetadataExt;

    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", "t |id, text|\n    1, a\n");
    let mut db = Database::<Item>::load(&path).unwrap();
    sandbox.write("a.sdn", "t |id, text|\n    1, b\n    2, c\n");
    let inode = std::fs::metadata(&path).unwrap().ino();
    db.save().unwrap();
    assert_eq!(db.all(), [&item(1, "b"), &item(2, "c")]);
    assert_eq!(std::fs::metadata(&path).unwrap().ino(), inode);
}

#[test]
fn what_a_record_holds_besides_its_columns_outlives_a_save() {
    #[derive(Clone, Serialize, Deserialize)]
    struct Cached {
        id: u32,
        #[serde(skip)]
        cache: String,
    }
    impl Record for Cached {
        fn id(&self) -> String {
            self.id.to_string()
        }
        fn table_name() -> &'static str {
            "t"
        }
    }
    let sandbox = Sandbox::new();
    let mut db = Database::<Cached>::load(sandbox.path("a.sdn")).unwrap();
    db.insert(Cached { id: 1, cache: "warm".to_owned() });
    db.save().unwrap();
    assert_eq!(db.get("1").unwrap().cache, "warm");
}

#[allow(dead_code, reason = "its `main` is for people")]
#[path = "../examples/todos.rs"]
mod example;

#[test]
fn the_example_of_the_readme_does_what_it_says() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let path = sandbox.path("todo_db.sdn");
    let before = sandbox.read("todo_db.sdn");
    assert_eq!(example::close(path.to_str().unwrap(), "3").unwrap(), 3);
    assert_eq!(sandbox.read("todo_db.sdn"), before.replace("88, \"\", open", "88, \"\", done"));
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let example = read("examples/todos.rs").replace("pub(crate) fn", "fn");
    let shown = example.split("\n\n").skip(1).collect::<Vec<_>>().join("\n\n");
    let shown = shown.split("\nfn main").next().unwrap();
    assert!(shown.len() > 500 && read("README.md").contains(&format!("```rust\n{shown}```")));
}

#[test]
fn where_no_lock_can_be_had_a_database_is_read_without_one() {
    let sandbox = Sandbox::new();
    // So long that the name of its lock file would be too long.
    let path = sandbox.write(&format!("{}.sdn", "n".repeat(250)), "t |id, text|\n    1, a\n");
    let mut db = Database::<Item>::load(&path).unwrap();
    assert_eq!(db.all(), [&item(1, "a")]);
    db.insert(item(2, "b"));
    assert!(matches!(db.save().unwrap_err(), Error::Lock(_)));
}

#[test]
fn records_can_be_changed_in_place_and_only_what_is_new_in_them_is_written() {
    let sandbox = Sandbox::new();
    let source = "t |id, text|\n    1,  a  # first\n    2,  b\n    7, x\n    7, y\n";
    let path = sandbox.write("t.sdn", source);
    let mut db = Database::<Item>::load(&path).unwrap();
    "A".clone_into(&mut db.get_mut("1").unwrap().text);
    assert!(db.get_mut("9").is_none());
    // All are given out, and those that stand twice are not in the way as long as they stay what they are.
    for item in db.all_mut() {
        if item.text == "b" {
            "B".clone_into(&mut item.text);
        }
    }
    db.save().unwrap();
    assert_eq!(sandbox.read("t.sdn"), source.replace("a  #", "A  #").replace("b\n", "B\n"));
    "Y".clone_into(&mut db.get_mut("7").unwrap().text);
    assert!(matches!(db.save().unwrap_err(), Error::AmbiguousRecord { .. }));
    // An id cannot be changed in place.
    let mut db = Database::<Item>::load(&path).unwrap();
    db.get_mut("2").unwrap().id = 3;
    assert!(matches!(db.save().unwrap_err(), Error::UnwritableRecord { record, .. } if record == "2"));
    assert!(sandbox.read("t.sdn").contains("    2,  B\n"));
}

#[test]
fn a_database_that_is_not_loaded_adds_to_what_is_there() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("t.sdn", "t |id, text|\n    1, a\n");
    let mut db = Database::new(&path);
    assert!(db.is_empty());
    db.insert(item(2, "b"));
    db.save().unwrap();
    assert_eq!(db.count(), 2);
    assert_eq!(sandbox.read("t.sdn"), "t |id, text|\n    1, a\n    2, b\n");
    let mut db = Database::new(&path);
    db.insert(item(1, "another"));
    assert!(matches!(db.save().unwrap_err(), Error::Conflict { .. }));
}

#[test]
fn lists_that_are_joined_to_one_text_are_read_and_written_so() {
    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    struct Cache {
        path: String,
        #[serde(with = "sdnlock::joined::semicolon")]
        todo_ids: Vec<String>,
        #[serde(with = "sdnlock::joined::comma")]
        tags: Vec<String>,
    }
    impl Record for Cache {
        fn id(&self) -> String {
            self.path.clone()
        }

        fn table_name() -> &'static str {
            "file_cache"
        }
    }
    let sandbox = Sandbox::new();
    let source = "file_cache |path, todo_ids, tags|\n    a.spl, \"1; 2;\", \"x,y\"\n    b.spl, \"\", \"\"\n";
    let path = sandbox.write("todo_db.cache.sdn", source);
    let mut db = Database::<Cache>::load(&path).unwrap();
    assert_eq!(db.get("a.spl").unwrap().todo_ids, ["1", "2"]);
    assert_eq!(db.get("b.spl").unwrap().tags, [""; 0]);
    db.get_mut("a.spl").unwrap().tags.push("z".to_owned());
    db.save().unwrap();
    assert_eq!(sandbox.read("todo_db.cache.sdn"), source.replace("x,y", "x,y,z"));
    db.get_mut("a.spl").unwrap().tags.push("z,1".to_owned());
    let error = db.save().unwrap_err();
    assert!(matches!(&error, Error::UnwritableRecord { column: Some(column), .. } if column == "tags"), "{error}");
}

#[test]
fn lists_are_written_as_lists_where_nothing_shows_how() {
    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    struct Job {
        id: u32,
        tags: Vec<u32>,
        options: BTreeMap<String, u32>,
    }
    impl Record for Job {
        fn id(&self) -> String {
            self.id.to_string()
        }

        fn table_name() -> &'static str {
            "jobs"
        }
    }
    let sandbox = Sandbox::new();
    let path = sandbox.write("jobs.sdn", "jobs |id, tags, options|\n    1, [], \"\"\n");
    let mut db = Database::<Job>::new(&path);
    db.insert(Job { id: 2, tags: vec![1, 2], options: BTreeMap::from([("a".to_owned(), 1)]) });
    db.save().unwrap();
    assert_eq!(sandbox.read("jobs.sdn"), "jobs |id, tags, options|\n    1, [], \"\"\n    2, [1, 2], {a: 1}\n");
    std::fs::remove_file(&path).unwrap();
    let mut db = Database::<Job>::new(&path);
    db.insert(Job { id: 2, tags: vec![1, 2], options: BTreeMap::from([("a".to_owned(), 1)]) });
    db.save().unwrap();
    assert_eq!(sandbox.read("jobs.sdn"), "jobs |id, tags, options|\n    2, [1, 2], {a: 1}\n");
}

#[test]
fn only_a_table_at_the_top_of_an_sdn_file_is_meant() {
    let sandbox = Sandbox::new();
    let source = "archive:\n    name: x\n    t |id, text|\n        9, old\n";
    let path = sandbox.write("a.sdn", source);
    let mut db = Database::<Item>::load(&path).unwrap();
    assert!(db.is_empty());
    db.insert(item(1, "new"));
    db.save().unwrap();
    assert_eq!(sandbox.read("a.sdn"), format!("{source}\nt |id, text|\n    1, new\n"));
    for other in ["{\"t\": [{\"id\": 1}]}", "[dependencies]\na = \"1\"\n", "[]"] {
        let path = sandbox.write("b.sdn", other);
        assert!(matches!(Database::<Item>::load(&path).unwrap_err(), Error::UnusableTable { .. }), "{other}");
        let mut db = Database::new(&path);
        db.insert(item(1, "new"));
        assert!(matches!(db.save().unwrap_err(), Error::UnusableTable { .. }), "{other}");
        assert_eq!(sandbox.read("b.sdn"), other);
    }
}
