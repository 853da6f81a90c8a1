//! Every rule is explained, by examples that are true.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::path::{Path, PathBuf};

use sdnlock::check::{self, Options, Rule, Schema, Severity};
use sdnlock::review::{Reviewing, review};
use sdnlock::sdn::Document;
use snapbox::str;
use support::Sandbox;

mod support;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/help/explain")
}

/// The example below `title:`, without its indentation, and with `<0d>` as the byte that it stands for.
fn example(text: &str, title: &str) -> Vec<u8> {
    let lines = text.lines().skip_while(|line| *line != format!("{title}:")).skip(1);
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with("    "));
    let section = lines.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let mut bytes = Vec::new();
    let mut rest = section.trim_end();
    while let Some((before, byte)) = rest.split_once('<').filter(|(_, byte)| byte.as_bytes().get(2) == Some(&b'>')) {
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(u8::from_str_radix(&byte[..2], 16).unwrap());
        rest = &byte[3..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes.push(b'\n');
    bytes
}

/// The rules that a source breaks; those of notes only if one of them is asked for. The examples of rules about
/// schemas are schemas.
fn found(source: &[u8], schema: &[u8], rule: Rule, text: &str) -> Vec<Rule> {
    let notes = rule.severity() == Severity::Note;
    let (schema, _) = Schema::read(&Document::parse(schema.to_vec()));
    let options = Options { notes, schema: Some(&schema), ..Options::default() };
    let document = Document::parse(source.to_vec());
    if rule.code().starts_with("SDN7") {
        let (before, others) = (example(text, "before"), example(text, "others"));
        let [before, others] = [before, others].map(Document::parse);
        let others = Some(&others).filter(|others| others.source().len() > 1);
        let reviewing = Reviewing { keys: &schema.keys(), limits: &schema.limits };
        return review(&before, &document, others, reviewing).iter().map(|finding| finding.rule).collect();
    }
    let is_about_schemas = rule.name().starts_with("schema-");
    let findings = if is_about_schemas {
        check::check_schema(&document, &options)
    } else {
        check::check_with(&document, &options)
    };
    let matters = |found: &Rule| *found == rule || found.severity() != Severity::Note;
    findings.iter().map(|finding| finding.rule).filter(matters).collect()
}

#[test]
fn the_examples_of_every_rule_are_bad_and_good() {
    for rule in Rule::ALL {
        let path = folder().join(format!("{}.txt", rule.code()));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (bad, good) = (example(&text, "bad"), example(&text, "good"));
        let schema = example(&text, "schema");
        let (in_bad, in_good) = (found(&bad, &schema, *rule, &text), found(&good, &schema, *rule, &text));
        assert!(in_bad.contains(rule), "{}: the bad example has {in_bad:?}", rule.code());
        assert!(good.len() > 1 && in_good.is_empty(), "{}: the good example has {in_good:?}", rule.code());
        let wide = text.lines().find(|line| line.chars().count() > 100);
        assert_eq!(wide, None, "{}", path.display());
    }
    let files = fs::read_dir(folder()).unwrap().count();
    assert_eq!(files, Rule::ALL.len(), "there is an explanation without a rule");
}

#[test]
fn every_rule_is_explained_by_code_and_by_name() {
    let sandbox = Sandbox::new();
    for rule in Rule::ALL {
        let explained = sandbox.run(&["check", "--explain", rule.code()]).code(0).stdout;
        let text = fs::read_to_string(folder().join(format!("{}.txt", rule.code()))).unwrap();
        assert!(explained.ends_with(&text), "`{}` is missing in src/cli/checking/rules.rs", rule.code());
        assert_eq!(sandbox.run(&["check", "--explain", &rule.name().to_uppercase()]).code(0).stdout, explained);
    }
}

#[test]
fn an_explanation_says_how_bad_it_is_and_for_whom() {
    let sandbox = Sandbox::new();
    assert_says!(
        sandbox.run(&["check", "--explain", "bracket-lines"]),
        str![[r"
exit code 0
--- stdout
SDN103 bracket-lines (error)
A list or dict that reaches over several lines.

read wrongly by:
    R-new   the newest Rust reader
    R-old   the Rust reader before February 2026, and its port to Simple
    S-db    the database library

A list or dict stands on one line for the Rust reader. One that goes on below is rejected, though
some other readers take a line break for a comma.

bad:
    tags = [alpha,
        beta]

good:
    tags = [alpha, beta]

"]]
    );
    assert_says!(
        sandbox.run(&["check", "--explain", "sdn101"]),
        str![[r#"
exit code 0
--- stdout
SDN101 open-quote (error)
A quote that is never closed.

read wrongly by: every reader

A text that begins with a double quote ends with the next one. If that is missing, the Rust
reader takes the rest of the file for this text, or all up to the next quote, wherever it
stands; the rows in between are lost without a word. Readers that go by lines lose the row.

bad:
    todos |id, text|
        1, "fix the lock
        2, "write the tests"

good:
    todos |id, text|
        1, "fix the lock"
        2, "write the tests"

"#]]
    );
}

#[test]
fn a_rule_that_does_not_exist_is_answered_with_the_nearest_ones() {
    let sandbox = Sandbox::new();
    assert_says!(
        sandbox.run(&["check", "--explain", "open-quotes"]),
        str![[r"
exit code 2
--- stderr
error: there is no rule `open-quotes`
 hint: the nearest ones are `SDN101` open-quote, `SDN102` open-bracket, `SDN702` column-removed

"]]
    );
    assert_says!(
        sandbox.run(&["check", "--deny", "SDN999"]),
        str![[r"
exit code 2
--- stderr
error: there is no rule `SDN999`
 hint: the nearest ones are `SDN909` empty-cell, `SDN901` blank-in-table, `SDN902` several-words

"]]
    );
}
