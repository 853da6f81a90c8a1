//! What other programs find out about records is applied to those that are there, once, and to nothing else.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use sdnlock::address::ColumnCondition;
use sdnlock::record::{Key, is_live};
use sdnlock::sdn::{Document, NewCell, Reseal, Row, Spelling, Table, seal_change};
use sdnlock::update::{
    AddError, Added, Adding, Applied, Fields, Mode, RecordOutcome, Refusal, Stamping, Stamps, Unknown, add,
};
use snapbox::str;
use support::Sandbox;

mod support;

const STAMPS: [&str; 4] = ["version", "last_modified", "updated_at", "created_at"];

/// What cells hold, as they are spelled.
const CELLS: [&str; 12] = [
    "open",
    "fixed",
    "\"fixed\"",
    "\"two words\"",
    "\"\"",
    "",
    "7",
    "007",
    "null",
    "[a, b]",
    "2026-01-02",
    "\"2026-01-02T03:04:05Z\"",
];

/// What records say.
fn cell() -> impl Strategy<Value = NewCell> {
    let text =
        select(vec!["open", "fixed", "two words", "", "7", "007", "null", "true", "[a, b]", "a\"b", "2026-01-02"]);
    let typed = select(vec![
        ("7", Spelling::Bare),
        ("true", Spelling::Bare),
        ("[a, b]", Spelling::Bracketed),
        ("007", Spelling::Quoted),
        ("null", Spelling::Quoted),
    ]);
    prop_oneof![
        4 => text.prop_map(NewCell::from),
        1 => typed.prop_map(|(text, spelling)| NewCell::like(text, spelling)),
    ]
}

fn keys() -> Vec<&'static str> {
    vec!["1", "2", "3", "4", "core 1", "a/b", "x"]
}

/// A file with a table in which keys stand once, several times, and hidden.
fn file() -> impl Strategy<Value = String> {
    let columns = vec!["status", "note", "valid", "updated_at", "created_at", "version", "last_modified"];
    let columns = subsequence(columns, 2..=7).prop_shuffle();
    let row =
        (select(keys()), prop::collection::vec(select(CELLS.to_vec()), 7), any::<bool>(), select(vec![",", ", "]));
    let rows = prop::collection::vec(row, 0..7);
    let around = (
        select(vec!["", "# head\n", "port: 80  # web\n\nu |id, status|\n    1, open\n\n"]),
        select(vec!["", "\n# end\n", "\nu2 |id, status|\n    1, open\n"]),
        select(vec!["\n", "\r\n"]),
        any::<bool>(),
    );
    (columns, rows, around).prop_map(|(columns, rows, (before, after, line_end, is_sealed))| {
        let mut text = format!("{before}t |id, {}|\n", columns.join(", "));
        for (id, cells, is_live, comma) in rows {
            let id = if id.contains([' ', '/']) { format!("\"{id}\"") } else { id.to_owned() };
            let cell = |(column, cell): (&&str, &&str)| match *column {
                "valid" => is_live.to_string(),
                "version" => "4".to_owned(),
                _ => (*cell).to_owned(),
            };
            let cells = columns.iter().zip(&cells).map(cell);
            text += &format!("    {}\n", std::iter::once(id).chain(cells).collect::<Vec<_>>().join(comma));
        }
        let text = format!("{text}{after}").replace('\n', line_end);
        if is_sealed { sealed(&text) } else { text }
    })
}

fn sealed(text: &str) -> String {
    let text = format!("#sdn-crc32:0\n{text}").into_bytes();
    String::from_utf8(seal_change(b"", text, Reseal::Always).unwrap()).unwrap()
}

/// Records of keys that differ.
fn records() -> impl Strategy<Value = Vec<Fields>> {
    let columns = vec!["status", "note", "valid", "updated_at", "created_at", "version", "last_modified"];
    let fields = prop::collection::vec((select(columns), cell(), any::<bool>()), 0..5);
    let record = fields.prop_map(|fields| {
        let mut known = HashSet::new();
        let cell = |(column, cell, is_live): (&'static str, NewCell, bool)| match column {
            "valid" => (column.to_owned(), NewCell::from(is_live.to_string())),
            "version" => (column.to_owned(), NewCell::from(if is_live { "4" } else { "9" })),
            _ => (column.to_owned(), cell),
        };
        fields.into_iter().filter(|(column, ..)| known.insert(*column)).map(cell).collect::<Fields>()
    });
    (subsequence(keys(), 0..6).prop_shuffle(), prop::collection::vec(record, 6)).prop_map(|(keys, records)| {
        let with_key = |(key, fields): (&'static str, Fields)| {
            let key = ("id".to_owned(), key.into());
            std::iter::once(key).chain(fields).collect()
        };
        keys.into_iter().zip(records).map(with_key).collect()
    })
}

/// Conditions on one record alone: in which order texts stand depends on whether most of a column are numbers, and that
/// may change with it.
fn conditions() -> impl Strategy<Value = Vec<ColumnCondition>> {
    let all = vec!["id!=3", "status!=fixed", "status=open", "note~x"];
    subsequence(all, 0..=2).prop_map(|texts| texts.into_iter().map(|text| text.parse().unwrap()).collect())
}

fn how() -> impl Strategy<Value = Adding> {
    let modes = select(vec![Mode::Upsert, Mode::Update(Unknown::Refuse), Mode::Update(Unknown::Skip)]);
    (modes, conditions(), any::<bool>()).prop_map(|(mode, conditions, is_stamped)| Adding {
        mode,
        conditions,
        stamping: is_stamped.then(|| Stamping::new(Stamps::Dates, "2026-11-23T09:00:00.123456Z")),
        ..Adding::default()
    })
}

fn table(document: &Document) -> Table<'_> {
    document.tables().find(|table| table.name() == "t").unwrap()
}

/// What comes of records in a file. A column that the table lacks is left out of them.
fn applied(source: &[u8], records: &[Fields], how: &Adding) -> Result<Added, AddError> {
    let document = Document::parse(source);
    let table = table(&document);
    let known = |fields: &Fields| fields.iter().filter(|(name, _)| table.column(name).is_some()).cloned().collect();
    let records: Vec<Fields> = records.iter().map(known).collect();
    add(&table, &records, how)
}

fn key(fields: &Fields) -> &str {
    fields[0].1.text()
}

/// The live row of a key; else the last one.
fn row<'d>(table: &Table<'d>, key: &str) -> Option<Row<'d>> {
    let rows = || table.rows().filter(|row| Key::of(row, &[0]).is_some_and(|of| of.to_string() == key));
    rows().find(|row| is_live(table, row)).or_else(|| rows().last())
}

/// The text with nothing in place of cells.
fn without_cells(document: &Document, row: &Row<'_>) -> String {
    let mut text = String::new();
    let mut at = row.span().start;
    for cell in row.cells() {
        text += &String::from_utf8_lossy(&document.source()[at..cell.span().start]);
        at = cell.span().end;
    }
    text + &String::from_utf8_lossy(&document.source()[at..row.span().end])
}

proptest! {
    #![proptest_config(support::cases(512))]

    #[test]
    fn what_is_applied_twice_is_applied_once(file in file(), records in records(), how in how()) {
        let Ok(once) = applied(file.as_bytes(), &records, &how) else { return Ok(()) };
        let later = how.stamping.as_ref().map(|_| Stamping::new(Stamps::Dates, "2027-01-01T00:00:00Z"));
        let again = Adding { stamping: later, ..how };
        let twice = applied(&once.source, &records, &again);
        prop_assert!(twice.is_ok(), "{twice:?}\n{}", String::from_utf8_lossy(&once.source));
        let twice = twice.unwrap();
        prop_assert_eq!(String::from_utf8_lossy(&twice.source), String::from_utf8_lossy(&once.source));
        let changes = |outcome: &RecordOutcome| matches!(outcome.applied, Applied::Changed | Applied::Added);
        prop_assert!(!twice.records.iter().any(changes), "{:?}", twice.records);
    }

    #[test]
    fn records_and_cells_that_are_not_named_keep_their_bytes(file in file(), records in records(), how in how()) {
        let how = Adding { mode: Mode::Update(Unknown::Skip), ..how };
        let Ok(new) = applied(file.as_bytes(), &records, &how) else { return Ok(()) };
        let changed: BTreeMap<&str, &Fields> = records.iter().zip(&new.records)
            .filter(|(_, outcome)| outcome.applied == Applied::Changed)
            .map(|(fields, _)| (key(fields), fields))
            .collect();
        let (old, now) = (Document::parse(file.as_bytes()), Document::parse(&new.source[..]));
        let (before, after) = (table(&old), table(&now));
        prop_assert_eq!(old.pieces().len(), now.pieces().len());
        let changed_rows: BTreeMap<usize, &Fields> =
            changed.iter().map(|(key, fields)| (row(&before, key).unwrap().piece(), *fields)).collect();
        for (index, (one, other)) in old.pieces().iter().zip(now.pieces()).enumerate() {
            let (one, other) = (one.span.of(old.source()), other.span.of(now.source()));
            let Some(fields) = changed_rows.get(&index) else {
                prop_assert!(one == other || one.starts_with(b"#sdn-crc32:"));
                continue;
            };
            let (one, other) = (before.row_at(index).unwrap(), after.row_at(index).unwrap());
            prop_assert_eq!(without_cells(&old, &one), without_cells(&now, &other));
            for ((name, one), other) in before.columns().zip(one.cells()).zip(other.cells()) {
                let given = fields.iter().any(|(given, _)| *given == name);
                let may_change = given || (how.stamping.is_some() && STAMPS.contains(&&*name));
                prop_assert!(may_change || one.value().raw() == other.value().raw(), "{name}");
            }
        }
    }

    #[test]
    fn what_a_record_gives_is_what_stands_there(file in file(), records in records(), how in how()) {
        let Ok(new) = applied(file.as_bytes(), &records, &how) else { return Ok(()) };
        let now = Document::parse(&new.source[..]);
        let table = table(&now);
        for (fields, outcome) in records.iter().zip(&new.records) {
            if !matches!(outcome.applied, Applied::Changed | Applied::Added) {
                continue;
            }
            let hides = fields.iter().any(|(name, cell)| name == "valid" && cell.text() == "false");
            let rows = table.rows().filter(|row| Key::of(row, &[0]).is_some_and(|of| of.to_string() == key(fields)));
            let says = |row: &Row<'_>| {
                fields.iter().filter(|(name, _)| !STAMPS.contains(&name.as_str())).all(|(name, new)| {
                    let Some(column) = table.column(name) else { return true };
                    let value = row.cell(column).unwrap().value();
                    value.text() == new.text() || (value.is_null() && new.text().is_empty())
                })
            };
            let mut rows = rows.filter(|row| is_live(&table, row) != (hides && table.column("valid").is_some()));
            prop_assert!(rows.any(|row| says(&row)), "{fields:?}\n{}", String::from_utf8_lossy(&new.source));
        }
    }

    #[test]
    fn what_is_skipped_is_as_if_it_had_not_been_given(file in file(), records in records(), how in how()) {
        let skipping = Adding { mode: Mode::Update(Unknown::Skip), ..how };
        let Ok(new) = applied(file.as_bytes(), &records, &skipping) else { return Ok(()) };
        let changes = records.iter().zip(&new.records).filter(|(_, outcome)| outcome.applied == Applied::Changed);
        let changes: Vec<Fields> = changes.map(|(fields, _)| fields.clone()).collect();
        let alone = applied(file.as_bytes(), &changes, &skipping).unwrap();
        prop_assert!(alone.source == new.source);
        // Where it may not be skipped, all of it is named.
        let refusing = Adding { mode: Mode::Update(Unknown::Refuse), ..skipping };
        let is_absent = |outcome: &&RecordOutcome| {
            use sdnlock::update::Skip::{Hidden, Unknown};
            matches!(outcome.applied, Applied::Skipped(Unknown | Hidden))
        };
        let absent: Vec<&str> = new.records.iter().filter(is_absent).filter_map(|one| one.key.as_deref()).collect();
        match applied(file.as_bytes(), &records, &refusing) {
            Ok(all) => prop_assert!(absent.is_empty() && all == new),
            Err(AddError::Refused { refused, of }) => {
                let named = refused.iter().map(|(_, refusal)| match refusal {
                    Refusal::Unknown { key } | Refusal::Hidden { key } => key.as_str(),
                    other => panic!("{other}"),
                });
                prop_assert!(named.eq(absent) && of == records.len());
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

fn sealed_database(rows: usize) -> String {
    let mut text = "bugs |id, title, status, valid, created_at, updated_at|\n".to_owned();
    for id in 1..=rows {
        let status = ["open", "fixed", "open", "wontfix"][id % 4];
        text += &format!(
            "    {id}, \"Bug {id}, found by hand\", {status}, true, \"2026-01-05\", \"2026-01-0{}\"\n",
            id % 9 + 1
        );
    }
    sealed(&text)
}

#[test]
fn verdicts_on_a_sealed_database_are_applied_in_one_step_and_once() {
    let sandbox = Sandbox::new();
    let before = sealed_database(4000);
    sandbox.write("bugs.sdn", &before);
    // A worker gets 25 records a line.
    let parts = [
        "list",
        "bugs.sdn",
        "bugs",
        "--where",
        "status=open",
        "--columns",
        "id,title",
        "--format",
        "jsonl",
        "--chunks",
        "25",
    ];
    let parts = sandbox.run(&parts).code(0).stdout;
    assert_eq!(parts.lines().count(), 80);
    assert!(parts.lines().all(|line| line.starts_with("[{\"id\": ") && line.matches("\"title\"").count() == 25));
    let verdicts: String = (1..=4000)
        .filter(|id| id % 4 != 1)
        .map(|id| format!("{{\"id\": {id}, \"status\": \"fixed\", \"updated_at\": \"2026-06-01\"}}\n"))
        .collect();
    let apply = [
        "add",
        "--update-only",
        "--if-each",
        "status!=wontfix",
        "--report",
        "jsonl",
        "--diff",
        "stat",
        "--json",
        "-",
        "bugs.sdn",
        "bugs",
    ];
    let run = sandbox.run_with(&apply, &verdicts).code(0).says("bugs.sdn: -2001 +2001 lines, 2000 records changed");
    let count = |run: &support::Run, what: &str| run.stdout.matches(what).count();
    assert_eq!(run.stdout.lines().count(), 3000);
    assert_eq!((count(&run, "\"changed\""), count(&run, "\"skipped\"")), (2000, 1000));
    assert!(run.stdout.contains("{\"key\": \"3\", \"outcome\": \"skipped\", \"why\": \"condition\", \"column\": \"status\", \"value\": \"wontfix\"}\n"));
    let after = sandbox.read("bugs.sdn");
    sandbox.run(&["check", "--strict", "bugs.sdn"]).code(0);
    for (old, new) in before.lines().zip(after.lines()).skip(2) {
        let said = |line: &str| line.split(", ").map(str::to_owned).collect::<Vec<_>>();
        let (old, new) = (said(old), said(new));
        let changes = old[3] == "open";
        assert!(changes || old == new, "{old:?} {new:?}");
        assert!(!changes || (&new[3], &new[6]) == (&"fixed".to_owned(), &"\"2026-06-01\"".to_owned()), "{new:?}");
    }
    let again = sandbox.run_with(&apply, &verdicts).code(0).says("`bugs.sdn` unchanged");
    assert_eq!((count(&again, "\"unchanged\""), count(&again, "\"skipped\"")), (2000, 1000));
    assert_eq!(sandbox.read("bugs.sdn"), after);
    // One that nobody knows keeps all of them out.
    let late = format!("{}{{\"id\": 4001, \"status\": \"open\"}}\n", verdicts.replace("fixed", "reopened"));
    let run = sandbox
        .run_with(&apply, &late)
        .code(1)
        .says("1 of 3001 records are refused")
        .says("there is no such record: `4001`");
    assert_eq!(run.stdout, "");
    assert_eq!(sandbox.read("bugs.sdn"), after);
}

#[test]
fn all_records_that_are_not_there_are_named_and_nothing_is_changed() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    sandbox.run(&["rm", "-q", "todo_db.sdn", "todos.3"]).code(0);
    let before = sandbox.read("todo_db.sdn");
    let unknown: String = (100..115).map(|id| format!("{id},done\n")).collect();
    let verdicts = format!("id,status\n1,done\n{unknown}3,done\n\"core 1\",done\n");
    let apply = ["add", "--update-only", "--csv", "-", "todo_db.sdn", "todos"];
    assert_says!(
        sandbox.run_with(&apply, &verdicts),
        str![[r"
exit code 1
--- stderr
error: not changing `todos`: 16 of 18 records are refused
state: `todo_db.sdn` unchanged
cause: there are no such records: `100`, `101`, `102`, `103`, `104`, `105`, `106`, `107`, `108`, `109`, `110`, `111`, `112`, `113`, `114`
cause: the record is hidden: `3`
 hint: leave them out with `--skip-unknown`

"]]
    );
    assert_eq!(sandbox.read("todo_db.sdn"), before);
    let skip = [&apply[..], &["--skip-unknown", "--diff", "stat"]].concat();
    assert_says!(
        sandbox.run_with(&skip, &verdicts),
        str![[r"
exit code 0
--- stdout
1
core 1
--- stderr
todo_db.sdn: -2 +2 lines, 2 records changed
note: skipped 16 records: `100`: there is no such record; `101`: there is no such record; `102`: there is no such record; `103`: there is no such record; `104`: there is no such record; `105`: there is no such record; `106`: there is no such record; `107`: there is no such record; `108`: there is no such record; `109`: there is no such record; and 6 more, which `--report jsonl` names

"]]
    );
    assert_eq!(sandbox.read("todo_db.sdn").matches(", done, true").count(), 2);
    // Of one record alone it is the whole story.
    assert_says!(
        sandbox.run(&["add", "--update-only", "todo_db.sdn", "todos", "id=99", "status=done"]),
        str![[r"
exit code 1
--- stderr
error: not changing `todos`: there is no record `99`
state: `todo_db.sdn` unchanged
 hint: add it with `--or-update`

"]]
    );
    sandbox.run(&["add", "--update-only", "none.sdn", "todos", "id=1"]).code(66);
    sandbox.write("empty.sdn", "");
    sandbox.run(&["add", "--update-only", "empty.sdn", "todos", "id=1"]).code(1).says("no table `todos`");
}

#[test]
fn what_would_be_applied_is_told_without_being_done() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let before = sandbox.read("todo_db.sdn");
    let verdicts = "{\"id\": 1, \"status\": \"done\"}\n{\"id\": 2, \"status\": \"open\"}\n\
                    {\"id\": 4, \"status\": \"done\"}\n{\"id\": 9, \"status\": \"done\"}\n";
    let apply =
        ["add", "--update-only", "--skip-unknown", "--if-each", "status=open", "--json", "-", "todo_db.sdn", "todos"];
    let dry = [&apply[..], &["--dry-run", "--report", "jsonl", "--diff", "records"]].concat();
    assert_says!(
        sandbox.run_with(&dry, verdicts),
        str![[r#"
exit code 0
--- stdout
{"key": "1", "outcome": "changed"}
{"key": "2", "outcome": "unchanged"}
{"key": "4", "outcome": "skipped", "why": "condition", "column": "status", "value": "blocked"}
{"key": "9", "outcome": "skipped", "why": "unknown"}
--- stderr
--- todo_db.sdn
+++ todo_db.sdn
~ todos.1  status: open -> done
note: skipped 2 records: `4`: its `status` is `blocked`; `9`: there is no such record

"#]]
    );
    assert_eq!(sandbox.read("todo_db.sdn"), before);
    // Without it the difference is what is printed, as ever.
    let dry = [&apply[..], &["--dry-run", "-q"]].concat();
    assert!(sandbox.run_with(&dry, verdicts).code(0).stdout.starts_with("--- todo_db.sdn\n"));
    sandbox.run_with(&[&apply[..], &["-q", "--report", "keys"]].concat(), verdicts).code(0);
    let new = "{\"keyword\": \"TODO\"}\n{\"id\": 1, \"status\": \"done\"}\n{\"id\": 2, \"status\": \"done\"}\n";
    let run = sandbox
        .run_with(&["add", "-q", "--or-update", "--report", "jsonl", "--json", "-", "todo_db.sdn", "todos"], new);
    assert_eq!(
        run.code(0).stdout,
        "{\"key\": \"5\", \"outcome\": \"added\"}\n{\"key\": \"1\", \"outcome\": \"unchanged\"}\n\
         {\"key\": \"2\", \"outcome\": \"changed\"}\n"
    );
}

#[test]
fn options_that_contradict_each_other_are_wrong_usage() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let add = |options: &[&str]| sandbox.run_with(&[&["add", "todo_db.sdn", "todos"], options].concat(), "").code(2);
    add(&["id=1", "--update-only", "--or-update"]).says("'--update-only' cannot be used with '--or-update'");
    add(&["id=1", "--skip-unknown"]).says("--update-only");
    add(&["id=1", "--if-each", "status=open"]).says("<--or-update|--update-only>");
    add(&["id=1", "--update-only", "--if-each", "status"]).says("`=VALUE`, or another comparison, is missing");
    add(&["id=1", "--update-only", "--if-each", "=x"]).says("names no column");
    add(&["--json", "-", "--csv", "-"]).says("cannot be used with");
    add(&["--tsv", "-", "id=1"]).says("cannot be used with");
    sandbox.run(&["list", "todo_db.sdn", "todos", "--chunks", "2"]).code(2).says("add `--format jsonl`");
    sandbox.run(&["list", "todo_db.sdn", "todos", "--format", "jsonl", "--chunks", "0"]).code(2).says("1 or more");
    let update =
        |options: &[&str]| sandbox.run(&[&["add", "--update-only", "todo_db.sdn", "todos", "id=1"], options].concat());
    update(&["--if-each", "state=open"]).code(1).says("no column `state` in `todos`").says("did you mean `status`?");
    update(&["--if-each", "line<x"]).code(2).says("`todos.line` holds numbers, and `x` is none");
    update(&["state=open"]).code(1).says("there is no column `state`");
}

#[test]
fn a_record_is_the_one_that_is_live_and_certain() {
    let sandbox = Sandbox::new();
    let update = |text: &str, fields: &[&str]| {
        sandbox.write("t.sdn", text);
        let run = sandbox.run(&[&["add", "-q", "--update-only", "--report", "jsonl", "t.sdn", "t"], fields].concat());
        assert!(run.code == 0 || sandbox.read("t.sdn") == text);
        (run, sandbox.read("t.sdn"))
    };
    // What a record was once is not what it is.
    let history = "t |id, status, valid|\n    1, open, false\n    1, fixed, true\n";
    let (run, new) = update(history, &["id=1", "status=open"]);
    assert_eq!((run.code, new), (0, history.replace("fixed", "open")));
    sandbox.write("t.sdn", history);
    sandbox.run(&["add", "-q", "--or-update", "t.sdn", "t", "id=1", "status=open"]).code(0);
    assert_eq!(sandbox.read("t.sdn"), history.replace("fixed", "open"));
    // A verdict may hide a record; that it is hidden then is as it should be.
    let (_, hidden) = update("t |id, status, valid|\n    1, open, true\n", &["id=1", "status=dup", "valid=false"]);
    assert_eq!(hidden, "t |id, status, valid|\n    1, dup, false\n");
    let (run, again) = update(&hidden, &["id=1", "status=dup", "valid=false"]);
    assert_eq!(
        (run.code(0).stdout.as_str(), again),
        ("{\"key\": \"1\", \"outcome\": \"unchanged\"}\n", hidden.clone())
    );
    update(&hidden, &["id=1", "status=dup"]).0.code(1).says("record `1` is hidden");
    update(&hidden, &["id=1", "valid=true"]).0.code(1).says("record `1` is hidden");
    // Nobody knows which one is meant.
    update("t |id, n|\n    1, a\n    1, b\n", &["id=1", "n=c"]).0.code(1).says("stands there more than once");
    update("t |id, n|\n    1, a, b\n    2, c\n", &["id=1", "n=c"]).0.code(65).says("the row of `1` cannot be read");
    let runs = "t |run, n|\n    1, a\n    1, b\n";
    update(runs, &["run=1", "n=c"]).0.code(65).says("`t` has no key").says("keys");
    update("t |id, n|\n    1, a\n", &["n=c"]).0.code(2).says("it needs a key, `id`");
    let marked = "t |id, n|\n    1, a\n<<<<<<< ours\n    2, b\n=======\n    4, c\n>>>>>>> theirs\n    3, d\n";
    update(marked, &["id=2", "n=x"]).0.code(65).says("a merge");
    assert_eq!(update(marked, &["id=3", "n=x"]).1, marked.replace("3, d", "3, x"));
    sandbox.write("t.sdn", "t |id, n|\n    1, a\n");
    let twice = sandbox.run_with(
        &["add", "--update-only", "--json", "-", "t.sdn", "t"],
        "{\"id\": 1, \"n\": \"b\"}\n{\"id\": 1, \"n\": \"c\"}\n",
    );
    twice.code(1).says("cause: line 2: `1` is given twice");
    // Its key may be of several columns.
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    t, bug/line\n");
    let notes = "t |bug, line, status|\n    b1, 1, open\n    b1, 2, open\n";
    let (run, new) = update(notes, &["bug=b1", "line=2", "status=fixed"]);
    assert_eq!(run.code(0).stdout, "{\"key\": \"b1/2\", \"outcome\": \"changed\"}\n");
    assert_eq!(new, notes.replace("2, open", "2, fixed"));
    update(notes, &["bug=b1", "status=fixed"]).0.code(2).says("it needs a key, `line`");
    update(notes, &["bug=b1", "line=3", "status=fixed"]).0.code(1).says("there is no record `b1/3`");
}

#[test]
fn stamps_are_those_of_the_record_that_gives_them_or_of_now() {
    let sandbox = Sandbox::new();
    let text = "t |id, status, created_at, updated_at, version|\n    1, open, \"2026-01-02\", \"2026-01-02\", 4\n    \
                2, open, \"2026-01-03\", \"2026-01-03\", 1\n";
    sandbox.write("t.sdn", text);
    let apply = |verdicts: &str| {
        sandbox.run_with(&["add", "-q", "--update-only", "--csv", "-", "t.sdn", "t"], verdicts).code(0);
        sandbox.read("t.sdn")
    };
    // Nothing new: a time alone is no change.
    assert_eq!(apply("id,status,updated_at\n1,open,2026-05-05\n2,open,\n"), text);
    let new = apply("id,status,updated_at\n1,fixed,2026-05-05\n2,fixed,\n");
    let today = sdnlock::now()[..10].to_owned();
    let expected = text
        .replace("1, open, \"2026-01-02\", \"2026-01-02\", 4", "1, fixed, \"2026-01-02\", \"2026-05-05\", 5")
        .replace("2, open, \"2026-01-03\", \"2026-01-03\", 1", &format!("2, fixed, \"2026-01-03\", \"{today}\", 2"));
    assert_eq!(new, expected);
    assert_eq!(apply("id,status,updated_at\n1,fixed,2026-05-05\n2,fixed,\n"), expected);
    // Who gives nothing but a time means it.
    assert!(apply("id,updated_at\n1,2026-07-07\n").contains("1, fixed, \"2026-01-02\", \"2026-07-07\", 5\n"));
    // A new record has times as the others have them.
    sandbox.run(&["add", "-q", "t.sdn", "t", "status=open"]).code(0);
    assert!(sandbox.read("t.sdn").ends_with(&format!("    3, open, \"{today}\", \"{today}\", 1\n")));
    sandbox.write(".sdnlock.sdn", "columns |table, column, type|\n    u, created_at, date\n");
    sandbox.write("u.sdn", "u |id, created_at, updated_at|\n");
    sandbox.run(&["add", "-q", "u.sdn", "u", "id=1"]).code(0);
    let written = sandbox.read("u.sdn");
    assert!(written.contains(&format!("    1, \"{today}\", \"{today}T")) && written.ends_with("Z\"\n"), "{written}");
    sandbox.run(&["check", "."]).code(0);
}

#[test]
fn records_come_as_separated_values_too() {
    let sandbox = Sandbox::with(&["todo_db.sdn"]);
    let before = sandbox.read("todo_db.sdn");
    for format in ["csv", "tsv"] {
        let listed = sandbox.run(&["list", "--all", "--format", format, "todo_db.sdn", "todos"]).code(0).stdout;
        let source = format!("--{format}");
        sandbox
            .run_with(&["add", "--or-update", &source, "-", "todo_db.sdn", "todos"], &listed)
            .code(0)
            .says("unchanged");
        assert_eq!(sandbox.read("todo_db.sdn"), before);
        // Into a new database.
        let (copy, between) = (format!("{format}.sdn"), if format == "csv" { "," } else { "\t" });
        let records = format!("id{between}a\n7{between}x y\n");
        sandbox.run_with(&["add", "-q", &source, "-", &copy, "todos"], records).code(0);
        assert_eq!(sandbox.read(&copy), "todos |id, a|\n    7, \"x y\"\n");
    }
    // An empty cell empties one; a column that is left out is left alone.
    let apply =
        |verdicts: &str| sandbox.run_with(&["add", "--update-only", "--csv", "-", "todo_db.sdn", "todos"], verdicts);
    apply("id,blocked\r\n4,\r\n").code(0);
    assert_eq!(sandbox.read("todo_db.sdn"), before.replace("77, \"\", \"3\",", "77, \"\", \"\","));
    let after = sandbox.read("todo_db.sdn");
    assert_says!(
        apply("id,status\n1,done\n2\n3,done,x\n"),
        str![[r"
exit code 65
--- stderr
error: not changing `todos`: 2 records cannot be taken
state: `todo_db.sdn` unchanged
cause: line 3: it has 1 cell, and the first line names 2 columns
cause: line 4: it has 3 cells, and the first line names 2 columns

"]]
    );
    apply("id,status\n1,\"done\n2,open\n").code(65).says("an odd number of quotes");
    apply("id,state\n1,done\n").code(1).says("line 2: there is no column `state`");
    apply("status\ndone\n").code(2).says("line 2: it needs a key, `id`");
    apply("id,status\n").code(0).says("unchanged");
    assert_eq!(sandbox.read("todo_db.sdn"), after);
}
