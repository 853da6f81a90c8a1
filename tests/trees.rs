//! Documents as trees of values, and documents that are made to say what a tree says.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;

use proptest::prelude::*;
use proptest::sample::select;
use sdnlock::check::{self, Finding, Rule, Severity};
use sdnlock::sdn::{Document, Reseal};
use sdnlock::tree::{ChangeError, Node, ReadError, Types, change, read};

mod support;

fn tree(source: &str) -> Node {
    read(&Document::parse(source), Types::Typed).unwrap()
}

fn changed(source: &str, wanted: &Node) -> String {
    let new = change(&Document::parse(source), wanted, Reseal::OnlyIfRight).unwrap();
    String::from_utf8(new).unwrap()
}

fn text(text: &str) -> Node {
    Node::Text(text.to_owned())
}

fn dict<const N: usize>(entries: [(&str, Node); N]) -> Node {
    Node::Dict(entries.map(|(name, node)| (name.to_owned(), node)).to_vec())
}

/// Puts a value in place of another one: a name for dicts, a number for lists.
fn put(node: &mut Node, path: &[&str], value: Node) {
    let Some((step, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    match node {
        Node::Dict(entries) => put(&mut entries.iter_mut().find(|(name, _)| name == step).unwrap().1, rest, value),
        Node::List(items) => put(&mut items[step.parse::<usize>().unwrap()], rest, value),
        _ => panic!("nothing within"),
    }
}

fn put_in(source: &str, path: &[&str], value: Node) -> String {
    let mut wanted = tree(source);
    put(&mut wanted, path, value);
    changed(source, &wanted)
}

/// The items of the list that stands under this name.
fn items<'n>(node: &'n mut Node, name: &str) -> &'n mut Vec<Node> {
    let Node::Dict(entries) = node else { panic!() };
    match &mut entries.iter_mut().find(|(entry, _)| entry == name).unwrap().1 {
        Node::List(items) => items,
        _ => panic!(),
    }
}

#[test]
fn values_have_types_only_where_nothing_of_their_spelling_is_lost() {
    let typed = |value: &str| match tree(&format!("a: {value}\n")) {
        Node::Dict(mut entries) => entries.remove(0).1,
        _ => panic!(),
    };
    assert_eq!(typed("12"), Node::Integer(12));
    assert_eq!(typed("-1.5"), Node::Float(-1.5));
    assert_eq!(typed("90.0"), Node::Float(90.0));
    assert_eq!((typed("0.30000000000000004"), typed("1e300")), (Node::Float(0.1 + 0.2), Node::Float(1e300)));
    assert_eq!(typed("true # yes"), Node::Boolean(true));
    assert_eq!((typed("nil"), typed("")), (Node::Nothing, Node::Nothing));
    for same in
        ["007", "1.2.3", "./x", "9223372036854775808", "1e3", "1_000", "1.50", "0.300000000000000044", "7e12", "a b"]
    {
        assert_eq!(typed(same), text(same));
    }
    assert_eq!(typed("\"12\""), text("12"));
    assert_eq!(typed("[1, {b: []}]"), Node::List(vec![Node::Integer(1), dict([("b", Node::List(vec![]))])]));
    let all_text = read(&Document::parse("a: 12\nb: [true]\nc:\n"), Types::Text).unwrap();
    assert_eq!(all_text, dict([("a", text("12")), ("b", Node::List(vec![text("true")])), ("c", Node::Nothing)]));
}

#[test]
fn tables_of_all_kinds_are_lists_of_rows() {
    let source = "t |id, n|\n    1,\n\ng: table{i32, i32}\n    1, 0\np: table{i32, i32} = [(1, 2), (3, x)]\n\
                  point |x| 7\nany ||\n    1, 2\n    3\n";
    let row = |cells: &[Node]| Node::List(cells.to_vec());
    let expected = dict([
        ("t", Node::List(vec![dict([("id", Node::Integer(1)), ("n", text(""))])])),
        ("g", Node::List(vec![row(&[Node::Integer(1), Node::Integer(0)])])),
        ("p", Node::List(vec![row(&[Node::Integer(1), Node::Integer(2)]), row(&[Node::Integer(3), text("x")])])),
        ("point", Node::List(vec![dict([("x", Node::Integer(7))])])),
        ("any", Node::List(vec![row(&[Node::Integer(1), Node::Integer(2)]), row(&[Node::Integer(3)])])),
    ]);
    assert_eq!(tree(source), expected);
}

#[test]
fn what_cannot_be_told_for_certain_is_refused_with_its_line() {
    let refused = |source: &str| read(&Document::parse(source), Types::Typed).unwrap_err().to_string();
    assert_eq!(refused("a: 1\nb: 2\na: 3\n"), "`a` stands 2 times, on lines 1, 3");
    assert_eq!(refused("a: {b: 1, b: 2}\n"), "`b` stands 2 times, on line 1");
    assert_eq!(refused("t |a, a|\n"), "`a` stands 2 times, on line 1");
    assert_eq!(refused("a: 1\n- b\n"), "line 2 is no SDN");
    assert_eq!(refused("t |a, b|\n    1\n"), "line 2 cannot be read for certain: the row has 1 cell, the table 2");
    assert_eq!(refused("a: \"b\n"), "line 1 cannot be read for certain: a quote is never closed");
    assert_eq!(
        refused("a: [1,\n  2]\n"),
        "line 1 cannot be read for certain: its list or dict reaches over several lines"
    );
    assert_eq!(refused("a: 1\n  b: 2\n"), "line 1 cannot be read for certain: lines are indented below its value");
    let several = "line 1 cannot be read for certain: \
                   a reader takes what stands behind the value for a setting or table of its own";
    assert_eq!(refused("a: 1 b: 2\n"), several);
    assert_eq!(refused("<<<<<<< x\na: 1\n"), "line 1 cannot be read for certain: a merge left a conflict marker there");
}

#[test]
fn no_depth_exhausts_the_stack() {
    let deep = [
        format!("a: {}{}\n", "[".repeat(200_000), "]".repeat(200_000)),
        format!("t |a|\n    {}{}\n", "[".repeat(200_000), "]".repeat(200_000)),
        (0..2000).map(|n| format!("{}k:\n", " ".repeat(n))).collect(),
    ];
    for source in deep {
        assert!(matches!(read(&Document::parse(source), Types::Typed), Err(ReadError::TooDeep { .. })));
    }
    let fits = format!("a: {}{}\n", "[".repeat(400), "]".repeat(400));
    assert_eq!(changed(&fits, &tree(&fits)), fits);
}

#[test]
fn a_database_that_says_what_is_wanted_keeps_every_byte() {
    let mut read_whole = 0;
    for path in support::documents() {
        let document = Document::parse(fs::read(&path).unwrap());
        let is_doubtful = |found: &Finding| found.severity == Severity::Error || found.rule == Rule::DashList;
        let is_certain = !check::check(&document).iter().any(is_doubtful);
        match read(&document, Types::Typed) {
            Ok(said) => {
                let same = change(&document, &said, Reseal::Always).unwrap();
                assert!(same == document.source(), "{} has changed", path.display());
                read_whole += 1;
            }
            // Names may stand twice.
            Err(ReadError::Twice { .. }) => {}
            Err(error) => assert!(!is_certain, "{}: {error}", path.display()),
        }
    }
    assert!(read_whole >= 60, "only {read_whole} databases were read");
}

#[test]
fn one_value_changes_alone() {
    let todo = fs::read_to_string(support::fixture("todo_db.sdn")).unwrap();
    let config = fs::read_to_string(support::fixture("config.sdn")).unwrap();
    assert_eq!(
        put_in(&todo, &["todos", "2", "status"], text("in progress")),
        todo.replacen("88, \"\", open", "88, \"\", \"in progress\"", 1)
    );
    assert_eq!(put_in(&todo, &["todos", "0", "line"], Node::Integer(493)), todo.replace("492", "493"));
    assert_eq!(put_in(&todo, &["todos", "0", "line"], text("492")), todo.replace("492", "\"492\""));
    assert_eq!(put_in(&config, &["server", "port"], Node::Integer(80)), config.replace("8080 ", "80 "));
    assert_eq!(put_in(&config, &["server", "proxy"], text("p.org")), config.replace("proxy:", "proxy: p.org"));
    assert_eq!(put_in(&config, &["limits", "paths", "cache"], text("/c")), config.replace(".cache/sdn", "/c"));
    assert_eq!(put_in(&config, &["tags", "1"], text("x")), config.replace("two words", "x"));
    assert_eq!(put_in(&config, &["stages", "1"], text("link")), config.replace("build all", "link"));
    assert_eq!(put_in("a:1#x\n", &["a"], text("b")), "a:b #x\n");
    let nested = || dict([("k", text("v w"))]);
    assert_eq!(put_in("a: 1  # x\n", &["a"], nested()), "a: {k: \"v w\"}  # x\n");
    assert_eq!(put_in("a: 1\n", &["a"], nested()), "a:\n    k: \"v w\"\n");
}

#[test]
fn records_are_matched_by_their_keys() {
    let source =
        "t |id, n, valid|\r\n\t1,  \"a\", true   # first\r\n\r\n\t# two\r\n\t2,\"b\",true\r\n\t3,\"c\",false\r\nend: 1";
    let with = |work: fn(&mut Vec<Node>)| {
        let mut wanted = tree(source);
        work(items(&mut wanted, "t"));
        changed(source, &wanted)
    };
    let removed = with(|rows| {
        rows.remove(0);
    });
    assert_eq!(removed, source.replace("\t1,  \"a\", true   # first\r\n", ""));
    let added = with(|rows| rows.insert(1, dict([("id", Node::Integer(9)), ("n", text("x"))])));
    assert_eq!(added, source.replace("# first\r\n", "# first\r\n\t9,\"x\",true\r\n"));
    let first = with(|rows| rows.insert(0, dict([("id", Node::Integer(9)), ("n", text("x"))])));
    assert_eq!(first, source.replace("valid|\r\n", "valid|\r\n\t9,\"x\",true\r\n"));
    let sorted = with(|rows| rows.reverse());
    let expected =
        "t |id, n, valid|\r\n\t3,\"c\",false\r\n\r\n\t# two\r\n\t2,\"b\",true\r\n\t1,  \"a\", true   # first\r\nend: 1";
    assert_eq!(sorted, expected);
    let emptied = with(Vec::clear);
    assert_eq!(emptied, "t |id, n, valid|\r\n\r\n\t# two\r\nend: 1");
    let partly = with(|rows| rows[1] = dict([("id", Node::Integer(2)), ("n", text("z"))]));
    assert_eq!(partly, source.replace("\"b\"", "\"z\""));
}

#[test]
fn tables_without_names_change_by_their_first_column() {
    let source = "g: table{i32, text}\n    1,  a  # one\n    2, b\nany ||\n    1\n    2, 3\npoint |x, y| 10, 20  # there\n\
                  p: table{i32, i32} = [(1, 2)]\n";
    let row = |number: i64, word: &str| Node::List(vec![Node::Integer(number), text(word)]);
    let mut wanted = tree(source);
    *items(&mut wanted, "g") = vec![row(2, "c"), row(1, "a"), row(3, "d")];
    items(&mut wanted, "any").remove(0);
    put(&mut wanted, &["point", "0", "x"], Node::Integer(11));
    let expected = "g: table{i32, text}\n    2, c\n    1,  a  # one\n    3, d\nany ||\n    2, 3\npoint |x, y| 11, 20  # there\n\
                    p: table{i32, i32} = [(1, 2)]\n";
    assert_eq!(changed(source, &wanted), expected);
    let refused =
        |wanted: &Node| change(&Document::parse(source), wanted, Reseal::OnlyIfRight).unwrap_err().to_string();
    let mut longer = tree(source);
    items(&mut longer, "point").push(dict([("x", Node::Integer(1))]));
    assert_eq!(refused(&longer), "`point[1]`: its only row stands behind the header, and no other can stand below");
    let mut short = tree(source);
    items(&mut short, "p").clear();
    assert_eq!(refused(&short), "`p`: it is a typed table on one line, which is not changed so");
    let mut emptied = tree(source);
    items(&mut emptied, "point").clear();
    assert_eq!(changed(source, &emptied), source.replace(" 10, 20  # there", " "));
}

#[test]
fn settings_and_elements_come_and_go() {
    let source = "# top\na: 1\nb:\n  c: 2\n  # last\n  d: 3\nlist:\n  x\n  y\n  z\n\nt |id|\n    1\n# end\n";
    let Node::Dict(mut entries) = tree(source) else { panic!() };
    entries.remove(0);
    put(&mut entries[0].1, &[], dict([("d", Node::Integer(3)), ("e", text("new one"))]));
    put(&mut entries[1].1, &[], Node::List(["x", "w", "y", "z"].map(text).to_vec()));
    entries.push(("f".to_owned(), Node::List(vec![Node::Boolean(true), Node::Nothing])));
    entries.push((
        "u".to_owned(),
        Node::List(vec![dict([("k", text("a"))]), dict([("k", text("b")), ("m", Node::Integer(1))])]),
    ));
    let expected = "# top\nb:\n  # last\n  d: 3\n  e: \"new one\"\nlist:\n  x\n  w\n  y\n  z\n\nt |id|\n    1\n\n\
                    f: [true, null]\n\nu |k, m|\n    a, \"\"\n    b, 1\n# end\n";
    assert_eq!(changed(source, &Node::Dict(entries)), expected);
}

#[test]
fn a_new_database_has_the_common_layout() {
    let record = |id, text: &str| dict([("id", Node::Integer(id)), ("text", self::text(text))]);
    let wanted = dict([
        ("version", Node::Integer(3)),
        ("server", dict([("t", Node::List(vec![record(1, "x")])), ("port", text("8080")), ("opts", dict([]))])),
        ("todos", Node::List(vec![record(1, "fix it"), record(2, "C:\\")])),
        ("tags", Node::List(vec![text("a"), text("b c")])),
    ]);
    let expected = "version: 3\nserver:\n    port: \"8080\"\n    opts: {}\n    t |id, text|\n        1, x\n\n\
                    todos |id, text|\n    1, \"fix it\"\n    2, \"C:\\\\\"\n\ntags: [a, \"b c\"]\n";
    assert_eq!(changed("", &wanted), expected);
    assert!(check::check(&Document::parse(expected)).iter().all(|finding| finding.severity != Severity::Error));
}

#[test]
fn what_cannot_be_written_says_where_and_why() {
    let source = "t |id, n|\n    1, a\ng: table{i32}\n    1\n";
    let refused =
        |wanted: &Node| change(&Document::parse(source), wanted, Reseal::OnlyIfRight).unwrap_err().to_string();
    let with = |path: &[&str], value: Node| {
        let mut wanted = tree(source);
        put(&mut wanted, path, value);
        refused(&wanted)
    };
    assert_eq!(
        with(&["t", "0", "n"], text("a\nb")),
        "`t[0].n`: the value holds the control character U+000A, which line-based readers cannot take"
    );
    assert_eq!(with(&["t", "0", "n"], Node::Float(f64::NAN)), "`t[0].n`: NaN cannot be written as a number");
    assert_eq!(with(&["t", "0"], dict([("m", text(""))])), "`t[0]`: the table has no column `m`");
    assert_eq!(with(&["t", "0"], text("x")), "`t[0]`: a record of a table is an object");
    assert_eq!(with(&["g", "0"], Node::List(vec![])), "`g[0]`: the row has 0 of 1 cells");
    assert_eq!(
        refused(&dict([("a b", Node::Nothing)])),
        "`\"a b\"`: `a b` is no name: one word that begins with a letter, and no keyword"
    );
    assert_eq!(refused(&Node::List(vec![])), "a database is an object of settings and tables");
    let deep = (0..600).fold(Node::Nothing, |node, _| Node::List(vec![node]));
    assert_eq!(refused(&dict([("a", deep)])), "more than 500 values stand within each other");
}

/// A word that is no keyword.
fn word() -> impl Strategy<Value = String> + Clone {
    "[a-z_]{1,5}".prop_filter("keywords", |word| !["true", "false", "null", "nil", "table"].contains(&&**word))
}

fn scalar() -> impl Strategy<Value = Node> + Clone {
    prop_oneof![
        word().prop_map(Node::Text),
        "\\PC{0,8}".prop_map(Node::Text),
        select(vec!["12", "true", "null", "[a]", "007", "", "a: b", "#x", "C:\\", "- a", "table", "x |a|"])
            .prop_map(text),
        any::<i64>().prop_map(Node::Integer),
        (-9999..9999_i32).prop_map(|n| Node::Float(f64::from(n) / 8.0)),
        any::<bool>().prop_map(Node::Boolean),
        Just(Node::Nothing),
    ]
}

fn named(node: impl Strategy<Value = Node>, size: std::ops::Range<usize>) -> impl Strategy<Value = Node> {
    let entries = prop::collection::vec((word(), node), size);
    entries.prop_map(|entries| {
        let mut known = std::collections::HashSet::new();
        Node::Dict(entries.into_iter().filter(|(name, _)| known.insert(name.clone())).collect())
    })
}

/// A value that stands on one line.
fn value() -> impl Strategy<Value = Node> + Clone {
    scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..4).prop_map(Node::List), named(inner, 0..4)]
    })
}

fn table() -> impl Strategy<Value = Node> {
    let columns = prop::collection::hash_set(word(), 1..4);
    columns.prop_flat_map(|columns| {
        let columns: Vec<String> = columns.into_iter().collect();
        let row = prop::collection::vec(value(), columns.len())
            .prop_map(move |cells| Node::Dict(columns.iter().cloned().zip(cells).collect()));
        prop::collection::vec(row, 0..5).prop_map(Node::List)
    })
}

/// What a database may say. The tables of two of them have the same columns seldom, so their names differ.
fn content() -> impl Strategy<Value = Node> {
    let block = (word(), scalar(), named(value(), 0..4)).prop_map(|(name, first, rest)| {
        let Node::Dict(mut rest) = rest else { unreachable!() };
        rest.retain(|(other, _)| *other != name);
        rest.insert(0, (name, first));
        Node::Dict(rest)
    });
    named(prop_oneof![value(), table(), block], 0..6)
}

proptest! {
    #![proptest_config(support::cases(256))]

    #[test]
    fn a_new_database_says_what_was_wanted(wanted in content()) {
        let document = Document::parse(change(&Document::parse(""), &wanted, Reseal::OnlyIfRight).unwrap());
        let said = read(&document, Types::Typed).unwrap();
        let errors: Vec<_> = check::check(&document).into_iter().filter(|f| f.severity == Severity::Error).collect();
        prop_assert!(errors.is_empty(), "{errors:?}\n{}", String::from_utf8_lossy(document.source()));
        prop_assert_eq!(change(&document, &said, Reseal::OnlyIfRight).unwrap(), document.source());
    }

    #[test]
    fn a_database_becomes_any_other_one(old in content(), wanted in content()) {
        let start = change(&Document::parse(""), &old, Reseal::OnlyIfRight);
        prop_assume!(start.is_ok());
        let start = Document::parse(start.unwrap());
        match change(&start, &wanted, Reseal::OnlyIfRight) {
            // A table keeps its columns.
            Err(ChangeError::Refused { .. } | ChangeError::NoColumn { .. }) => {}
            new => {
                let new = new.unwrap();
                let again = change(&Document::parse(new.clone()), &wanted, Reseal::OnlyIfRight).unwrap();
                prop_assert_eq!(again, new);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        pieces in prop::collection::vec(
            select(vec!["\n", "\r\n", "  ", "\"", "\\", "#", ",", "|", ":", "=", "[", "]", "{", "}", "a", "b: 1",
                        "t |a, b|", "table{i32}", "-", "1", "é", "<<<<<<< x", "\u{feff}", "a: ", "\"x, y\"",
                        "= [(1)]", "(", ")", "x:\n  y\n"]),
            0..40,
        ),
    ) {
        let document = Document::parse(pieces.concat());
        if let Ok(said) = read(&document, Types::Typed) {
            prop_assert_eq!(change(&document, &said, Reseal::Always).unwrap(), document.source());
        }
    }
}
