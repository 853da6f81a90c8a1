//! A branch that is rebased commit by commit with `renumber`: each record is who it was, whatever number it gets.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use sdnlock::merge::{self, Options};
use sdnlock::sdn::Document;

mod support;

/// What a commit does to one of the records that there are.
#[derive(Clone, Debug)]
enum Step {
    Add(&'static str),
    Status(Index, &'static str),
    Remove(Index),
    /// Adds a note about it.
    Note(Index),
    /// Adds a test with this name, which is interned.
    Test(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let status = || select(vec!["open", "done", "late"]);
    prop_oneof![
        4 => status().prop_map(Step::Add),
        3 => (any::<Index>(), status()).prop_map(|(at, status)| Step::Status(at, status)),
        1 => any::<Index>().prop_map(Step::Remove),
        2 => any::<Index>().prop_map(Step::Note),
        2 => select(vec!["fib", "io", "net", "sort"]).prop_map(Step::Test),
    ]
}

fn commits() -> impl Strategy<Value = Vec<Vec<Step>>> {
    prop::collection::vec(prop::collection::vec(step(), 1..3), 1..6)
}

/// A state of the database: who has which number is a matter of the branch.
#[derive(Clone, Default, Debug)]
struct State {
    /// By number: title and status.
    todos: BTreeMap<u64, (String, &'static str)>,
    /// By number: the number of the record that it is about.
    notes: BTreeMap<u64, (String, u64)>,
    /// The last numbers that were given: those of removed records are not given again.
    last: (u64, u64),
    /// The interned texts, by their numbers.
    strings: Vec<&'static str>,
    /// What tells the test apart, and the number of its name.
    tests: Vec<(String, usize)>,
}

impl State {
    /// `branch` makes the titles its own; `count` tells them apart.
    fn apply(&mut self, step: &Step, branch: &str, count: &mut usize) {
        let numbers: Vec<u64> = self.todos.keys().copied().collect();
        let at = |index: &Index| (!numbers.is_empty()).then(|| numbers[index.index(numbers.len())]);
        *count += 1;
        match step {
            Step::Add(status) => {
                self.last.0 += 1;
                self.todos.insert(self.last.0, (format!("{branch}{count}"), status));
            }
            Step::Status(index, status) => {
                if let Some(number) = at(index) {
                    self.todos.get_mut(&number).unwrap().1 = status;
                }
            }
            Step::Remove(index) => {
                // What others may have referred to meanwhile stays.
                let is_own = |number: &u64| self.todos[number].0.starts_with(branch);
                let is_named = |number: &u64| self.notes.values().any(|(_, about)| about == number);
                if let Some(number) = at(index).filter(|number| is_own(number) && !is_named(number)) {
                    self.todos.remove(&number);
                }
            }
            Step::Note(index) => {
                if let Some(about) = at(index) {
                    self.last.1 += 1;
                    self.notes.insert(self.last.1, (format!("{branch}{count}"), about));
                }
            }
            Step::Test(name) => {
                let known = self.strings.iter().position(|known| known == name);
                let at = known.unwrap_or_else(|| {
                    self.strings.push(name);
                    self.strings.len() - 1
                });
                self.tests.push((format!("{branch}{count}"), at));
            }
        }
    }

    fn text(&self) -> String {
        let todos = self.todos.iter().map(|(number, (title, status))| format!("    {number}, {status}, {title}\n"));
        let notes = self.notes.iter().map(|(number, (text, about))| format!("    {number}, {about}, {text}\n"));
        let (todos, notes): (String, String) = (todos.collect(), notes.collect());
        let strings: String = self.strings.iter().enumerate().map(|(at, text)| format!("    {at}, {text}\n")).collect();
        let tests: String =
            self.tests.iter().enumerate().map(|(at, (label, name))| format!("    {at}, {name}, {label}\n")).collect();
        format!(
            "todos |todo_id, status, title|\n{todos}notes |note_id, todo_id, text|\n{notes}strings |id, value|\n\
             {strings}tests |test_id, name_str, label|\n{tests}"
        )
    }

    /// Who there is, without numbers.
    fn said(&self) -> BTreeSet<String> {
        let title = |number: &u64| self.todos.get(number).map_or("nobody", |(title, _)| title);
        let todos = self.todos.values().map(|(title, status)| format!("{title} {status}"));
        let tests = self.tests.iter().map(|(label, name)| format!("{label} named {}", self.strings[*name]));
        todos
            .chain(tests)
            .chain(self.notes.values().map(|(text, about)| format!("{text} about {}", title(about))))
            .collect()
    }
}

/// What a text says, as [`State::said`] says it.
fn said(text: &str) -> BTreeSet<String> {
    let document = Document::parse(text);
    let rows = |name: &str| -> Vec<Vec<String>> {
        let table = document.tables().find(|table| table.name() == name).unwrap();
        table.rows().map(|row| row.cells().map(|cell| cell.value().text().into_owned()).collect()).collect()
    };
    let todos = rows("todos");
    let title = |number: &str| todos.iter().find(|row| row[0] == number).map_or("nobody", |row| row[2].as_str());
    let notes = rows("notes").into_iter().map(|row| format!("{} about {}", row[2], title(&row[1])));
    let strings = rows("strings");
    let name = |number: &str| strings.iter().find(|row| row[0] == number).map_or("nothing", |row| row[1].as_str());
    let tests = rows("tests").into_iter().map(|row| format!("{} named {}", row[2], name(&row[1])));
    todos.iter().map(|row| format!("{} {}", row[2], row[1])).chain(notes).chain(tests).collect()
}

/// What a change from `before` to `after` makes of `now`, where each says who there is.
fn changed(now: &BTreeSet<String>, before: &State, after: &State) -> BTreeSet<String> {
    let (before, after) = (before.said(), after.said());
    // Who it is stands before the blank.
    let is_of = |said: &str, who: &BTreeSet<&str>| who.contains(said.split(' ').next().unwrap());
    let gone: BTreeSet<&str> = before.difference(&after).filter_map(|said| said.split(' ').next()).collect();
    now.iter().filter(|said| !is_of(said, &gone)).chain(after.difference(&before)).cloned().collect()
}

proptest! {
    #![proptest_config(support::cases(support::scaled(3000)))]

    #[test]
    fn a_rebase_that_stops_nowhere_leaves_every_record_who_it_was(
        shared in prop::collection::vec(step(), 0..4),
        on_main in prop::collection::vec(step(), 0..4),
        on_topic in commits(),
    ) {
        let (mut count, mut base) = (0, State::default());
        for step in &shared {
            base.apply(step, "base", &mut count);
        }
        let mut main = base.clone();
        for step in &on_main {
            main.apply(step, "main", &mut count);
        }
        let options = Options { renumber: true, ..Options::default() };
        let (mut now, mut before) = (main.text(), base.clone());
        let (mut expected, mut removed) = (main.said(), BTreeSet::new());
        let mut told = format!("{}--- main\n{now}", base.text());
        for commit in &on_topic {
            let mut topic = before.clone();
            for step in commit {
                topic.apply(step, "topic", &mut count);
            }
            let documents = [before.text(), now, topic.text()].map(Document::parse);
            let merged = merge::merge([&documents[0], &documents[1], &documents[2]], &options).unwrap();
            if !merged.is_clean() {
                return Ok(());
            }
            now = String::from_utf8(merged.content).unwrap();
            told += &format!("--- topic\n{}--- rebased\n{now}", topic.text());
            expected = changed(&expected, &before, &topic);
            let titles = |state: &State| state.todos.values().map(|(title, _)| title.clone()).collect::<BTreeSet<_>>();
            removed.extend(titles(&before).difference(&titles(&topic)).cloned());
            before = topic;
        }
        // A record that the branch removed again may be one that the other side has, under another number.
        let is_removed = |said: &String| removed.contains(said.split(' ').next().unwrap());
        let mut interned: Vec<_> = Document::parse(&now[..])
            .tables()
            .filter(|table| table.name() == "strings")
            .flat_map(|table| table.rows())
            .map(|row| row.cell(1).unwrap().value().text().into_owned())
            .collect();
        interned.sort_unstable();
        prop_assert!(interned.windows(2).all(|two| two[0] != two[1]), "a text is interned twice: {}", told);
        let said: BTreeSet<String> = said(&now).into_iter().filter(|said| !is_removed(said)).collect();
        prop_assert_eq!(said, expected, "{}", told);
    }
}
