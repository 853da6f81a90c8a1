//! The same random changes on a database and on a plain map.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use sdnlock::sdn::Document;
use sdnlock::{Database, Record};
use serde::{Deserialize, Serialize};
use support::Sandbox;

mod support;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Item {
    id: String,
    text: String,
    number: Option<i64>,
}

impl Record for Item {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn table_name() -> &'static str {
        "t"
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(Item),
    Delete(String),
    Save,
    Load,
    Update(Item),
    /// Another database saves a record of its own, and a column that the first one does not know.
    Other(u8, String),
}

fn text() -> impl Strategy<Value = String> {
    let odd =
        select(vec!["", "true", "null", "table", "007", "2026-02-06", "[a, b]", "C:\\", "a\"b", "#x", "a # b", " "]);
    prop_oneof!["[a-z]{1,5}", "[ -~]{0,10}", "\\PC{0,6}", odd.prop_map(str::to_owned)]
}

fn item() -> impl Strategy<Value = Item> {
    let id = select(vec!["1", "2", "007", "core 1", "a,b", "x\"y", ""]);
    (id, text(), any::<Option<i64>>()).prop_map(|(id, text, number)| Item { id: id.to_owned(), text, number })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => item().prop_map(Step::Insert),
        2 => item().prop_map(|item| Step::Delete(item.id)),
        2 => Just(Step::Save),
        1 => Just(Step::Load),
        1 => item().prop_map(Step::Update),
        1 => (any::<u8>(), text()).prop_map(|(id, text)| Step::Other(id, text)),
    ]
}

/// What may stand around the table, and in it besides the records.
fn file() -> impl Strategy<Value = String> {
    let header = select(vec![
        "t |id, text, number|",
        "t |other, number,text , id|  # columns",
        "t |id, text, other, number, valid|",
        "t |id, text, number, version, last_modified|",
    ]);
    let before =
        select(vec!["", "# head\n", "port: 80  # web\n\nu |id, text|\n    1, \"a # b\"\n\n", "#sdn-crc32:0\n\n"]);
    let after = select(vec!["", "\n# end\n", "\nu2 |id|\n    1\n    2\n", "\nlist: [a, b]\n"]);
    (before, header, after, select(vec!["\n", "\r\n"])).prop_map(|(before, header, after, line_end)| {
        let text = format!("{before}{header}\n{after}").replace('\n', line_end);
        if text.starts_with("#sdn") { sealed(text) } else { text }
    })
}

fn sealed(text: String) -> String {
    let sealed = sdnlock::sdn::seal_change(b"", text.into_bytes(), sdnlock::sdn::Reseal::Always).unwrap();
    String::from_utf8(sealed).unwrap()
}

/// The file without the rows of the table and the digits of its seal.
fn around(path: &Path) -> String {
    let document = Document::parse(std::fs::read(path).unwrap());
    let table = document.tables().find(|table| table.name() == "t").unwrap();
    let rows: Vec<usize> = table.rows().map(|row| row.piece()).collect();
    let pieces = document.pieces().iter().enumerate().filter(|(index, _)| !rows.contains(index));
    let text = pieces.map(|(_, piece)| String::from_utf8_lossy(piece.span.of(document.source())).into_owned());
    text.map(|line| if line.starts_with("#sdn") { "#sdn".to_owned() } else { line }).collect()
}

/// What only the other database writes.
fn others(file: &BTreeMap<String, Item>) -> BTreeMap<String, Item> {
    file.iter().filter(|(id, _)| id.starts_with("other")).map(|(id, item)| (id.clone(), item.clone())).collect()
}

fn control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

fn assert_same(db: &Database<Item>, model: &BTreeMap<String, Item>) {
    let mut all: Vec<Item> = db.all().into_iter().cloned().collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(all, model.values().cloned().collect::<Vec<_>>());
    assert_eq!(db.count(), model.len());
    for id in ["1", "2", "007", "core 1", "a,b", "x\"y", "", "no"] {
        assert_eq!(db.get(id), model.get(id));
    }
}

proptest! {
    #![proptest_config(support::cases(support::scaled(64)))]

    #[test]
    fn a_database_does_what_a_map_does_and_touches_nothing_else(
        source in file(),
        steps in prop::collection::vec(step(), 0..24),
    ) {
        let sandbox = Sandbox::new();
        let path = sandbox.write("a.sdn", source);
        let outside = around(&path);
        let mut db = Database::<Item>::load(&path).unwrap();
        let (mut model, mut file) = (BTreeMap::new(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Insert(item) if !control(&item.text) => {
                    db.insert(item.clone());
                    model.insert(item.id.clone(), item);
                }
                Step::Update(item) if !control(&item.text) => {
                    // Nothing is left to be merged, so that nothing can conflict.
                    db.save().unwrap();
                    model.extend(others(&file));
                    file.clone_from(&model);
                    Database::<Item>::update(&path, |db| {
                        db.insert(item.clone());
                        Ok(())
                    }).unwrap();
                    file.insert(item.id.clone(), item);
                    db.save().unwrap();
                    model.clone_from(&file);
                }
                Step::Other(id, text) if !control(&text) => {
                    let id = format!("other {id}");
                    let item = Item { id: id.clone(), text, number: None };
                    Database::<Item>::update(&path, |db| {
                        db.insert(item.clone());
                        Ok(())
                    }).unwrap();
                    file.insert(id, item);
                }
                Step::Insert(_) | Step::Update(_) | Step::Other(..) => {}
                Step::Delete(id) => {
                    prop_assert_eq!(db.delete(&id), model.remove(&id));
                }
                Step::Save => {
                    db.save().unwrap();
                    model.extend(others(&file));
                    file.clone_from(&model);
                    assert_same(&Database::load(&path).unwrap(), &file);
                    let bytes = std::fs::read(&path).unwrap();
                    db.save().unwrap();
                    prop_assert_eq!(&std::fs::read(&path).unwrap(), &bytes, "a save without changes");
                }
                Step::Load => {
                    db = Database::load(&path).unwrap();
                    model.clone_from(&file);
                }
            }
            assert_same(&db, &model);
            prop_assert_eq!(around(&path), outside.clone());
        }
        prop_assert_eq!(sandbox.names(), ["a.sdn"]);
    }
}
