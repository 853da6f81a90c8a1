//! The law of merges, whatever the base holds: what both sides have is in the result or in a conflict, and so is what
//! one side has that is new; no key stands more often in a clean result than on the side that has it more often.
//!
//! The documents hold everything that can stand in one, in every disorder: keys and names that stand several times,
//! conflicts of several styles that earlier merges left, one in the other, hidden rows, several tables of one name,
//! settings, blocks, lists, comments. What stands in them is read here line by line, and not by the library.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use sdnlock::merge::{self, ConflictStyle, Markers, Merged, Options, Strategy as Conflicts};
use sdnlock::record::Keys;
use sdnlock::sdn::Document;

mod support;

/// Lines that belong together, or a conflict.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Line(String),
    Conflict(Conflict),
}

/// A conflict that a merge left.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Conflict {
    size: usize,
    style: Style,
    ours: Vec<Part>,
    /// With the base, as diff3 has it; jj always has one.
    base: Option<Vec<Part>>,
    theirs: Vec<Part>,
}

/// How a conflict is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Style {
    Git,
    JjSnapshot,
    JjDiff,
}

fn row() -> impl Strategy<Value = String> {
    let id = select(vec!["1", "2", "3", "4", "\"5\""]);
    let valid = prop_oneof![4 => Just("true"), 1 => Just("false")];
    let behind = select(vec!["", "", "", "   # note"]);
    (id, select(vec!["a", "b", "c"]), valid, behind)
        .prop_map(|(id, a, valid, behind)| format!("    {id}, {a}, {valid}{behind}"))
}

fn line() -> impl Strategy<Value = String> {
    let header =
        select(vec!["t |id, n, valid|", "t |id, n, valid|", "u |id, n, valid|", HISTORY]).prop_map(str::to_owned);
    let setting = (select(vec!["k", "m"]), 1..4).prop_map(|(name, value)| format!("{name}: {value}"));
    let inner = (select(vec!["a", "b"]), 1..4).prop_map(|(name, value)| format!("  {name}: {value}"));
    let other = select(vec!["s:", "l: [1, 2]", "d: {a: 1, b: 2}", "# one", "    # two", "", "    word"]);
    prop_oneof![8 => row(), 3 => header, 3 => setting, 2 => inner, 3 => other.prop_map(str::to_owned)]
}

fn part() -> impl Strategy<Value = Part> {
    let leaf = prop_oneof![6 => row(), 2 => line()].prop_map(Part::Line);
    leaf.prop_recursive(2, 12, 4, |inner| {
        let side = || prop::collection::vec(inner.clone(), 0..3);
        let style = prop_oneof![4 => Just(Style::Git), 1 => Just(Style::JjSnapshot), 1 => Just(Style::JjDiff)];
        let conflict = (select(vec![7_usize, 9, 11]), style, side(), prop::option::of(side()), side());
        conflict
            .prop_map(|(size, style, ours, base, theirs)| Part::Conflict(Conflict { size, style, ours, base, theirs }))
    })
}

fn document() -> impl Strategy<Value = Vec<Part>> {
    let any = prop_oneof![5 => line().prop_map(Part::Line), 2 => part()];
    let table =
        prop::collection::vec(prop_oneof![6 => row().prop_map(Part::Line), 1 => part()], 1..6).prop_map(|rows| {
            let header = Part::Line("t |id, n, valid|".to_owned());
            [vec![header], rows].concat()
        });
    let history = prop::collection::vec(row().prop_map(Part::Line), 2..8);
    let history = history.prop_map(|rows| [vec![Part::Line(HISTORY.to_owned())], rows].concat());
    prop_oneof![
        prop::collection::vec(any, 0..10),
        history,
        table.clone(),
        (table, prop::collection::vec(part(), 0..4)).prop_map(|(one, other)| [one, other].concat())
    ]
}

/// What one side does.
#[derive(Clone, Debug)]
enum Step {
    Remove(Index),
    Double(Index),
    Move(Index, Index),
    Add(Index, Part),
    Replace(Index, Part),
    Cell(Index, &'static str),
    Hide(Index),
    /// Resolves a conflict: ours, base, theirs, both, or nothing of it.
    Resolve(Index, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = any::<Index>;
    let step = prop_oneof![
        3 => at().prop_map(Step::Remove),
        1 => at().prop_map(Step::Double),
        2 => (at(), at()).prop_map(|(from, to)| Step::Move(from, to)),
        2 => (at(), part()).prop_map(|(at, part)| Step::Add(at, part)),
        1 => (at(), part()).prop_map(|(at, part)| Step::Replace(at, part)),
        3 => (at(), select(vec!["x", "y"])).prop_map(|(at, cell)| Step::Cell(at, cell)),
        1 => at().prop_map(Step::Hide),
        4 => (at(), 0..5_u8).prop_map(|(at, how)| Step::Resolve(at, how)),
    ];
    prop::collection::vec(step, 0..6)
}

fn changed(mut parts: Vec<Part>, steps: &[Step]) -> Vec<Part> {
    for step in steps {
        let length = parts.len();
        match step {
            Step::Add(at, part) => parts.insert(at.index(length + 1), part.clone()),
            _ if length == 0 => {}
            Step::Remove(at) => drop(parts.remove(at.index(length))),
            Step::Double(at) => parts.push(parts[at.index(length)].clone()),
            Step::Move(from, to) => {
                let part = parts.remove(from.index(length));
                parts.insert(to.index(length), part);
            }
            Step::Replace(at, part) => parts[at.index(length)] = part.clone(),
            Step::Cell(at, cell) => edit(&mut parts, *at, |cells| cells[1] = (*cell).to_owned()),
            Step::Hide(at) => edit(&mut parts, *at, |cells| cells[2] = "false".to_owned()),
            Step::Resolve(at, how) => {
                let conflicts: Vec<usize> = (0..length).filter(|&at| matches!(parts[at], Part::Conflict(_))).collect();
                let Some(&at) = conflicts.get(at.index(conflicts.len().max(1))) else { continue };
                let Part::Conflict(conflict) = parts[at].clone() else { continue };
                let resolved = match how {
                    0 => conflict.ours,
                    1 => conflict.base.unwrap_or_default(),
                    2 => conflict.theirs,
                    3 => [conflict.ours, conflict.theirs].concat(),
                    _ => Vec::new(),
                };
                parts.splice(at..=at, resolved);
            }
        }
    }
    parts
}

/// Changes the cells of a row.
fn edit(parts: &mut [Part], at: Index, change: impl Fn(&mut Vec<String>)) {
    let mut rows: Vec<&mut String> = parts
        .iter_mut()
        .filter_map(|part| match part {
            Part::Line(line) if line.starts_with("    ") && line.matches(", ").count() == 2 && !line.contains('#') => {
                Some(line)
            }
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let index = at.index(rows.len());
    let mut cells: Vec<String> = rows[index].trim().split(", ").map(str::to_owned).collect();
    change(&mut cells);
    *rows[index] = format!("    {}", cells.join(", "));
}

fn text(parts: &[Part]) -> String {
    let mark = |sign: &str, size: usize, label: &str| format!("{}{label}\n", sign.repeat(size));
    let one = |part: &Part| match part {
        Part::Line(line) => format!("{line}\n"),
        Part::Conflict(Conflict { size, style: Style::Git, ours, base, theirs }) => {
            let base = base.as_ref().map(|base| mark("|", *size, " base") + &text(base)).unwrap_or_default();
            let (ours, theirs) = (text(ours), text(theirs));
            mark("<", *size, " Temporary merge branch 1")
                + &ours
                + &base
                + &mark("=", *size, "")
                + &theirs
                + &mark(">", *size, " theirs")
        }
        Part::Conflict(Conflict { size, style, ours, base, theirs }) => {
            let behind =
                |sign: &str, part: &str| part.lines().map(|line| format!("{sign}{line}\n")).collect::<String>();
            let (ours, base, theirs) = (text(ours), text(base.as_deref().unwrap_or_default()), text(theirs));
            // Those of jj are longer than all that stand between them.
            let inner = [&ours, &base, &theirs].into_iter().flat_map(|text| text.lines()).map(run).max();
            let size = (inner.unwrap_or_default() + 1).max(*size);
            // Headers and markers in a diff would need a reader of their own here.
            let is_plain = |text: &String| text.lines().all(|line| run(line) == 0 && !line.contains('|'));
            let first = match style {
                Style::JjDiff if is_plain(&ours) && is_plain(&base) => {
                    let to = mark("\\", size, "        to: ours");
                    mark("%", size, " diff from: base") + &to + &behind("-", &base) + &behind("+", &ours)
                }
                _ => mark("+", size, " ours") + &ours + &mark("-", size, " base") + &base,
            };
            let theirs = mark("+", size, " theirs") + &theirs;
            mark("<", size, " conflict 1 of 1") + &first + &theirs + &mark(">", size, " conflict 1 of 1 ends")
        }
    };
    parts.iter().map(one).collect()
}

/// A table whose first column may repeat.
const HISTORY: &str = "h |ref_id, n, valid|";

const MARKERS: [&str; 8] =
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>", "+++++++", "-------", "%%%%%%%", "\\\\\\\\\\\\\\"];

/// How often the first character of a line stands at its start, if it is that of a marker.
fn run(line: &str) -> usize {
    let sign = line.chars().next().filter(|sign| "<|=>+-%\\".contains(*sign));
    sign.map_or(0, |sign| line.len() - line.trim_start_matches(sign).len())
}

/// The lines of a text without what stands before those of a diff, and whether they are such lines.
fn plain(text: &str) -> Vec<(&str, bool)> {
    let mut size = None;
    let line = |line: &'_ str| {
        let length = line.len() - line.trim_start_matches('%').len();
        let is_next =
            ["<", "+", "-", ">"].iter().any(|sign| size.is_some_and(|size| line.starts_with(&sign.repeat(size))));
        if length >= 7 {
            size = Some(length);
        } else if is_next || !line.starts_with([' ', '-', '+', '\\']) {
            size = None;
        }
        size.is_some() && length < 7 && !line.starts_with('\\')
    };
    let mut is_diff = line;
    text.lines().map(|line| if is_diff(line) { (&line[1..], true) } else { (line, false) }).collect()
}

/// How often each name and key stands in a text: all of it, and what is not hidden.
type Times = BTreeMap<String, (usize, usize)>;

fn times(text: &str) -> Times {
    let mut times = Times::new();
    let mut count = |name: String, is_live: bool| {
        let (all, live) = times.entry(name).or_default();
        *all += 1;
        *live += usize::from(is_live);
    };
    // The table or block that the indented lines belong to.
    let mut within = String::new();
    let mut behind_diff: Option<String> = None;
    for (line, is_diff) in plain(text) {
        // What a diff says ends nothing that it stands in.
        match (&behind_diff, is_diff) {
            (None, true) => behind_diff = Some(within.clone()),
            (Some(before), false) if !line.starts_with('\\') => {
                within.clone_from(before);
                behind_diff = None;
            }
            _ => {}
        }
        let is_marker = MARKERS.iter().any(|mark| line.starts_with(mark));
        if line.trim().is_empty() || is_marker || line.trim_start().starts_with('#') {
            continue;
        }
        let line = line.split("   #").next().unwrap();
        if let Some((name, _)) = line.split_once(" |").filter(|_| !line.starts_with(' ')) {
            count(format!("table {name}"), true);
            within = format!("row of {name}");
        } else if line.starts_with(' ') && within.starts_with("row of") {
            let cells: Vec<&str> = line.trim().split(", ").collect();
            if cells.len() == 3 {
                // The rows of a history are told apart by all that they say.
                let key = if within == "row of h" { cells.join(", ") } else { cells[0].trim_matches('"').to_owned() };
                count(format!("{within}: {key}"), cells[2] != "false");
            }
        } else if let Some((name, value)) = line.split_once(':').filter(|_| !line.starts_with(' ')) {
            count(format!("setting {name}"), true);
            within = if value.is_empty() { format!("setting {name}") } else { String::new() };
        } else if let Some((name, _)) = line.split_once(':').filter(|_| within.starts_with("setting")) {
            count(format!("{within}.{}", name.trim()), true);
        } else if !line.starts_with(' ') {
            within = String::new();
        }
    }
    times
}

/// Whether something stands in a text, whatever it belongs to there: what stands in a conflict, or behind one, may be a
/// part of something else than before.
fn is_there(text: &str, name: &str, is_live: bool) -> bool {
    let cells = |line: &str| -> Vec<String> {
        line.split("   #").next().unwrap().trim().split(", ").map(str::to_owned).collect()
    };
    let mut lines = plain(text).into_iter().map(|(line, _)| line);
    if let Some((_, key)) = name.strip_prefix("row of").and_then(|name| name.split_once(": ")) {
        let is_row = |row: &Vec<String>| row.len() == 3 && (row[0].trim_matches('"') == key || row.join(", ") == key);
        return lines.map(cells).any(|row| is_row(&row) && (!is_live || row[2] != "false"));
    }
    let (kind, name) = name.split_once(' ').unwrap();
    let begin = if kind == "table" { format!("{name} |") } else { format!("{}:", name.rsplit('.').next().unwrap()) };
    lines.any(|line| line.trim_start().starts_with(&begin))
}

/// What the law says of a merge, if it is broken.
fn broken(base: &str, ours: &str, theirs: &str, merged: &Merged, options: &Options) -> Option<String> {
    let shown = String::from_utf8(merged.content.clone()).unwrap();
    let base_text = base;
    let [base, ours, theirs, result] = [base, ours, theirs, &shown].map(times);
    let of = |times: &Times, name: &String| times.get(name).copied().unwrap_or_default();
    // A row that is known by all it says is another one with another number.
    let is_known = |name: &&String| !options.renumber || !name.starts_with("row of h");
    for name in ours.keys().chain(theirs.keys()).filter(is_known) {
        let (was, our, their, now) = (of(&base, name), of(&ours, name), of(&theirs, name), of(&result, name));
        let is_gone =
            |times: usize, is_live: bool| times == 0 && (merged.is_clean() || !is_there(&shown, name, is_live));
        let is_new = |was: usize| was == 0 && (merged.is_clean() || !is_there(base_text, name, false));
        // What ours has alone may go where theirs wins.
        let of_ours = usize::from(options.strategy != Conflicts::LastWriteWins);
        let must_be =
            |was: usize, our: usize, their: usize| (our > 0 && their > 0) || (is_new(was) && our * of_ours + their > 0);
        if must_be(was.0, our.0, their.0) && is_gone(now.0, false) {
            return Some(format!("{name} is lost"));
        }
        if must_be(was.1, our.1, their.1) && is_gone(now.1, true) {
            return Some(format!("{name} is hidden"));
        }
        // Cells of both sides can make a row that is another one's copy.
        let is_counted = !name.starts_with("row of h");
        if is_counted && merged.is_clean() && now.1 > our.1.max(their.1) {
            return Some(format!("{name} stands {} times, {} in ours, {} in theirs", now.1, our.1, their.1));
        }
    }
    None
}

fn options() -> impl Strategy<Value = Options> {
    let all = vec![Conflicts::Merge, Conflicts::Error, Conflicts::LastModifiedWins, Conflicts::LastWriteWins];
    let strategy = select(all);
    let style = select(vec![ConflictStyle::Merge, ConflictStyle::Diff3, ConflictStyle::Zdiff3]);
    (strategy, style, any::<bool>()).prop_map(|(strategy, style, renumber)| Options {
        strategy,
        renumber,
        keys: Keys::new().with("h", [] as [&str; 0]),
        markers: Markers { style, ..Markers::default() },
        ..Options::default()
    })
}

fn merged(base: &str, ours: &str, theirs: &str, options: &Options) -> Merged {
    let documents = [base, ours, theirs].map(Document::parse);
    merge::merge([&documents[0], &documents[1], &documents[2]], options).unwrap()
}

proptest! {
    #![proptest_config(support::cases(support::scaled(3000)))]

    #[test]
    fn nothing_is_lost_or_doubled_whatever_the_base_holds(
        base in document(),
        ours in steps(),
        theirs in steps(),
        options in options(),
    ) {
        let (ours, theirs) = (text(&changed(base.clone(), &ours)), text(&changed(base.clone(), &theirs)));
        let base = text(&base);
        let merged = merged(&base, &ours, &theirs, &options);
        let broken = broken(&base, &ours, &theirs, &merged, &options);
        let shown = || format!("{base}--- ours\n{ours}--- theirs\n{theirs}--- merged\n{}", String::from_utf8_lossy(&merged.content));
        prop_assert!(broken.is_none(), "{}:\n{}", broken.unwrap(), shown());
    }

    #[test]
    fn nothing_is_lost_or_doubled_among_three_unrelated_texts(
        base in document(),
        ours in document(),
        theirs in document(),
        options in options(),
    ) {
        let (base, ours, theirs) = (text(&base), text(&ours), text(&theirs));
        let merged = merged(&base, &ours, &theirs, &options);
        let broken = broken(&base, &ours, &theirs, &merged, &options);
        let shown = || format!("{base}--- ours\n{ours}--- theirs\n{theirs}--- merged\n{}", String::from_utf8_lossy(&merged.content));
        prop_assert!(broken.is_none(), "{}:\n{}", broken.unwrap(), shown());
    }

    #[test]
    fn what_one_side_alone_changed_is_the_result(base in document(), changes in steps(), options in options()) {
        let with = |text: &str, left: u8, right: u8| format!("left: {left}\nmid: x\nright: {right}\nend: x\n{text}");
        let changed = text(&changed(base.clone(), &changes));
        let base = text(&base);
        for (ours, theirs) in [(&base, &changed), (&changed, &base), (&changed, &changed)] {
            let merged = merged(&with(&base, 0, 0), &with(ours, 1, 0), &with(theirs, 0, 1), &options);
            prop_assert_eq!(String::from_utf8_lossy(&merged.content), with(&changed, 1, 1));
            prop_assert!(merged.is_clean());
        }
    }
}
