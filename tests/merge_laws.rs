//! Laws of the three-way merge, for any documents and any changes.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use sdnlock::check;
use sdnlock::merge::{self, ConflictKind, ConflictStyle, Markers, Merged, Options, Side, Strategy as Conflicts};
use sdnlock::sdn::Document;

mod support;

fn merged(base: &str, ours: &str, theirs: &str) -> Merged {
    merged_with(base, ours, theirs, &Options::default())
}

fn merged_with(base: &str, ours: &str, theirs: &str, options: &Options) -> Merged {
    let documents = [base, ours, theirs].map(Document::parse);
    merge::merge([&documents[0], &documents[1], &documents[2]], options).unwrap()
}

fn text(merged: &Merged) -> String {
    String::from_utf8(merged.content.clone()).unwrap()
}

fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

/// A record: what stands before it, its number, its cells, what stands behind them.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Record {
    above: &'static str,
    id: u32,
    cells: [String; 2],
}

/// A database with two tables and some settings.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Database {
    tables: [Vec<Record>; 2],
    settings: BTreeMap<String, String>,
}

/// One change.
#[derive(Clone, Debug)]
enum Change {
    Cell(usize, Index, usize, String),
    Remove(usize, Index),
    Add(usize, Index, u32, String),
    Move(usize, Index, Index),
    Comment(usize, Index, &'static str),
    Set(&'static str, String),
    Unset(&'static str),
}

fn value() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "open", "\"x, y\"", "\"say \\\"a\\\"\"", "12", "\"\"", "[p, q]"]).prop_map(str::to_owned)
}

fn key() -> impl Strategy<Value = &'static str> {
    select(vec!["port", "host", "name", "level"])
}

fn above() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "", "    # one\n", "    # two\n", "# three\n"])
}

fn database() -> impl Strategy<Value = Database> {
    let rows = || {
        prop::collection::vec((above(), value(), value()), 0..7).prop_map(|rows| {
            let numbered = rows.into_iter().enumerate();
            numbered.map(|(n, (above, a, b))| Record { above, id: u32::try_from(n).unwrap(), cells: [a, b] }).collect()
        })
    };
    let settings = prop::collection::btree_map(key().prop_map(str::to_owned), value(), 0..4);
    (rows(), rows(), settings).prop_map(|(one, two, settings)| Database { tables: [one, two], settings })
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = || any::<Index>();
    let change = prop_oneof![
        4 => (0..2_usize, at(), 0..2_usize, value()).prop_map(|(t, r, c, v)| Change::Cell(t, r, c, v)),
        2 => (0..2_usize, at()).prop_map(|(t, r)| Change::Remove(t, r)),
        3 => (0..2_usize, at(), 20..24_u32, value()).prop_map(|(t, r, id, v)| Change::Add(t, r, id, v)),
        1 => (0..2_usize, at(), at()).prop_map(|(t, from, to)| Change::Move(t, from, to)),
        1 => (0..2_usize, at(), above()).prop_map(|(t, r, c)| Change::Comment(t, r, c)),
        2 => (key(), value()).prop_map(|(k, v)| Change::Set(k, v)),
        1 => key().prop_map(Change::Unset),
    ];
    prop::collection::vec(change, 0..6)
}

impl Database {
    fn changed(&self, changes: &[Change]) -> Self {
        let mut new = self.clone();
        for change in changes {
            match change {
                Change::Cell(table, row, column, value) => {
                    let rows = &mut new.tables[*table];
                    if !rows.is_empty() {
                        let at = row.index(rows.len());
                        rows[at].cells[*column].clone_from(value);
                    }
                }
                Change::Remove(table, row) => {
                    let rows = &mut new.tables[*table];
                    if !rows.is_empty() {
                        rows.remove(row.index(rows.len()));
                    }
                }
                Change::Add(table, row, id, value) => {
                    let rows = &mut new.tables[*table];
                    if rows.iter().all(|row| row.id != *id) {
                        let at = row.index(rows.len() + 1);
                        let cells = [value.clone(), "new".to_owned()];
                        rows.insert(at, Record { above: "", id: *id, cells });
                    }
                }
                Change::Move(table, from, to) => {
                    let rows = &mut new.tables[*table];
                    if !rows.is_empty() {
                        let row = rows.remove(from.index(rows.len()));
                        let at = to.index(rows.len() + 1);
                        rows.insert(at, row);
                    }
                }
                Change::Comment(table, row, above) => {
                    let rows = &mut new.tables[*table];
                    if !rows.is_empty() {
                        let at = row.index(rows.len());
                        rows[at].above = above;
                    }
                }
                Change::Set(key, value) => {
                    new.settings.insert((*key).to_owned(), value.clone());
                }
                Change::Unset(key) => {
                    new.settings.remove(*key);
                }
            }
        }
        new
    }

    fn text(&self) -> String {
        let mut text = String::from("# a database\n\n");
        for (name, rows) in ["one", "two"].iter().zip(&self.tables) {
            text += &format!("{name} |id, a, b|\n");
            for Record { above, id, cells } in rows {
                text += &format!("{above}    {id}, {}, {}\n", cells[0], cells[1]);
            }
            text.push('\n');
        }
        text += "# settings\n";
        for (key, value) in &self.settings {
            text += &format!("{key}: {value}\n");
        }
        text
    }

    /// All values by their addresses.
    fn values(&self) -> BTreeMap<(String, u32), Vec<String>> {
        let mut values = BTreeMap::new();
        for (name, rows) in ["one", "two"].iter().zip(&self.tables) {
            values.extend(rows.iter().map(|row| (((*name).to_owned(), row.id), row.cells.to_vec())));
        }
        values.extend(self.settings.iter().map(|(key, value)| ((key.clone(), 0), vec![value.clone()])));
        values
    }
}

/// What a text says, as [`Database::values`] has it.
fn read(text: &str) -> BTreeMap<(String, u32), Vec<String>> {
    let document = Document::parse(text);
    let mut values = BTreeMap::new();
    let raw = |span: sdnlock::text::Span| String::from_utf8_lossy(span.of(document.source())).into_owned();
    for table in document.tables() {
        for row in table.rows() {
            let cells: Vec<String> = row.cells().map(|cell| raw(cell.span())).collect();
            let id = cells[0].parse().unwrap();
            let before = values.insert((table.name().into_owned(), id), cells[1..].to_vec());
            assert_eq!(before, None, "{id} stands there twice");
        }
    }
    for line in text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()) && !line.contains('|')) {
        let (key, value) = line.split_once(": ").unwrap();
        assert_eq!(values.insert((key.to_owned(), 0), vec![value.to_owned()]), None);
    }
    values
}

/// Those changes after which no two orders are possible: of rows that moved, and of equal comments nobody knows which
/// one it was.
fn plain(changes: Vec<Change>) -> Vec<Change> {
    changes.into_iter().filter(|change| !matches!(change, Change::Move(..) | Change::Comment(..))).collect()
}

/// A text with the columns in another order.
fn permuted(text: &str) -> String {
    let row = |line: &str| {
        let document = Document::parse(format!("t |id, a, b|\n{line}\n"));
        let table = document.tables().next().unwrap();
        let row = table.rows().next().unwrap();
        let cells: Vec<String> =
            row.cells().map(|cell| String::from_utf8_lossy(cell.span().of(document.source())).into_owned()).collect();
        format!("    {}, {}, {}\n", cells[2], cells[0], cells[1])
    };
    let line = |line: &str| match line {
        header if header.ends_with(" |id, a, b|") => header.replace("|id, a, b|", "|b, id, a|") + "\n",
        cells if cells.starts_with("    ") && !cells.trim_start().starts_with('#') => row(cells),
        other => format!("{other}\n"),
    };
    text.lines().map(line).collect()
}

/// As [`read`], with the cells in the order of the columns `a` and `b`.
fn by_name(text: &str) -> BTreeMap<(String, u32), Vec<String>> {
    let swap = |((name, id), mut cells): ((String, u32), Vec<String>)| {
        if text.contains(&format!("{name} |id, b, a|")) {
            cells.reverse();
        }
        ((name, id), cells)
    };
    read(text).into_iter().map(swap).collect()
}

/// What a merge by the definition comes to; nothing if there is a conflict.
fn expected(base: &Database, ours: &Database, theirs: &Database) -> Option<BTreeMap<(String, u32), Vec<String>>> {
    let [base, ours, theirs] = [base, ours, theirs].map(Database::values);
    let mut merged = BTreeMap::new();
    for address in base.keys().chain(ours.keys()).chain(theirs.keys()) {
        let value = match [&base, &ours, &theirs].map(|values| values.get(address)) {
            [_, our, their] if our == their => our.cloned(),
            [old, our, their] if old == our => their.cloned(),
            [old, our, their] if old == their => our.cloned(),
            [Some(old), Some(our), Some(their)] => {
                let cells = old.iter().zip(our).zip(their).map(|((old, our), their)| {
                    if our == their || old == their { Some(our.clone()) } else { (old == our).then(|| their.clone()) }
                });
                Some(cells.collect::<Option<Vec<String>>>()?)
            }
            _ => return None,
        };
        merged.extend(value.map(|value| (address.clone(), value)));
    }
    Some(merged)
}

/// Whether the only conflicts are about lines without a name.
fn only_lines(merged: &Merged) -> bool {
    merged.conflicts.iter().all(|conflict| conflict.subject == merge::Subject::Lines)
}

proptest! {
    #![proptest_config(support::cases(600))]

    #[test]
    fn the_side_that_changed_is_the_result(base in database(), changes in changes()) {
        let (base, changed) = (base.text(), base.changed(&changes).text());
        for (ours, theirs) in [(&base, &changed), (&changed, &base), (&changed, &changed)] {
            let merged = merged(&base, ours, theirs);
            prop_assert_eq!(&text(&merged), &changed);
            prop_assert!(merged.is_clean());
        }
    }

    #[test]
    fn changes_of_both_sides_elsewhere_disturb_nothing(base in database(), changes in changes()) {
        let with = |database: &str, left: u8, right: u8| format!("left: {left}\nspace: x\nright: {right}\n{database}");
        let (base, changed) = (base.text(), base.changed(&changes).text());
        let old = with(&base, 0, 0);
        for (ours, theirs) in [(&base, &changed), (&changed, &base), (&changed, &changed)] {
            let merged = merged(&old, &with(ours, 1, 0), &with(theirs, 0, 1));
            prop_assert_eq!(text(&merged), with(&changed, 1, 1));
            prop_assert!(merged.is_clean());
        }
    }

    #[test]
    fn whatever_one_side_made_of_it_is_kept(base in soup(), changed in soup()) {
        let with = |text: &str, left: u8, right: u8| format!("left: {left}\nright: {right}\nend: x\n{text}");
        let old = with(&base, 0, 0);
        for (ours, theirs) in [(&base, &changed), (&changed, &base), (&changed, &changed)] {
            let merged = merged(&old, &with(ours, 1, 0), &with(theirs, 0, 1));
            prop_assert_eq!(text(&merged), with(&changed, 1, 1));
            prop_assert!(merged.is_clean());
        }
    }

    #[test]
    fn what_is_valid_stays_valid_and_no_new_line_is_lost(base in soup(), ours in soup(), theirs in soup()) {
        let merged = merged(&base, &ours, &theirs);
        let is_valid = |text: &str| check::is_valid(&Document::parse(text));
        let result = text(&merged);
        if merged.is_clean() && [&base, &ours, &theirs].into_iter().all(|text| is_valid(text)) {
            prop_assert!(is_valid(&result), "{result}");
        }
        let has = |text: &str, line: &str| text.lines().any(|other| other.trim() == line.trim());
        // Lines that are no part of a record or setting.
        for line in ["# one", "    # two", "junk line"] {
            if !has(&base, line) && (has(&ours, line) || has(&theirs, line)) {
                prop_assert!(has(&result, line), "{line} is missing in:\n{result}");
            }
        }
    }

    #[test]
    fn where_the_last_write_wins_no_conflict_is_left(base in soup(), ours in soup(), theirs in soup()) {
        let options = Options { strategy: Conflicts::LastWriteWins, ..Options::default() };
        let merged = merged_with(&base, &ours, &theirs, &options);
        // But what would not be valid is never written without a word.
        let is_left = |conflict: &merge::Conflict| !matches!(conflict.kind, ConflictKind::Invalid(_));
        prop_assert!(!merged.conflicts.iter().any(is_left), "{:?}\n{}", merged.conflicts, text(&merged));
        let is_valid = |text: &str| check::is_valid(&Document::parse(text));
        if merged.is_clean() && [&ours, &theirs].into_iter().all(|text| is_valid(text)) {
            prop_assert!(is_valid(&text(&merged)), "{}", text(&merged));
        }
    }

    #[test]
    fn a_merge_says_what_its_definition_says(base in database(), ours in changes(), theirs in changes()) {
        let (ours, theirs) = (base.changed(&ours), base.changed(&theirs));
        let merged = merged(&base.text(), &ours.text(), &theirs.text());
        match expected(&base, &ours, &theirs) {
            Some(expected) if merged.is_clean() => prop_assert_eq!(read(&text(&merged)), expected),
            Some(_) => prop_assert!(only_lines(&merged), "{:?}", merged.conflicts),
            None => prop_assert!(!only_lines(&merged)),
        }
        let findings = check::check(&Document::parse(merged.content.clone()));
        let marked = findings.iter().filter(|finding| finding.rule == check::Rule::ConflictMarker).count();
        prop_assert_eq!(marked, merged.conflicts.len());
        if merged.is_clean() {
            prop_assert!(check::is_valid(&Document::parse(merged.content)));
        }
    }

    #[test]
    fn the_order_of_the_columns_is_as_in_the_side_that_changed_it(
        base in database(),
        ours in changes(),
        theirs in changes(),
    ) {
        let mut base = base;
        base.tables.iter_mut().flatten().for_each(|record| record.above = "");
        let (ours, theirs) = (base.changed(&plain(ours)).text(), base.changed(&plain(theirs)).text());
        let plain = merged(&base.text(), &ours, &theirs);
        for (ours, theirs) in [(permuted(&ours), theirs.clone()), (ours.clone(), permuted(&theirs)), (permuted(&ours), permuted(&theirs))] {
            let moved = merged(&base.text(), &ours, &theirs);
            prop_assert_eq!(plain.is_clean(), moved.is_clean(), "{}", text(&moved));
            if plain.is_clean() {
                prop_assert_eq!(text(&moved), permuted(&text(&plain)));
            }
        }
    }

    #[test]
    fn columns_that_got_the_name_of_each_other_are_changes_of_all_records(base in database(), theirs in changes()) {
        // A header that was mended: the rows stay, and say something else.
        let ours = base.text().replace("|id, a, b|", "|id, b, a|");
        let swapped = Database {
            tables: base.tables.clone().map(|rows| {
                rows.into_iter().map(|Record { above, id, cells: [a, b] }| Record { above, id, cells: [b, a] }).collect()
            }),
            ..base.clone()
        };
        let theirs = base.changed(&theirs);
        let merged = merged(&base.text(), &ours, &theirs.text());
        match expected(&base, &swapped, &theirs) {
            Some(expected) if merged.is_clean() => prop_assert_eq!(by_name(&text(&merged)), expected),
            Some(_) => prop_assert!(only_lines(&merged), "{:?}", merged.conflicts),
            None => prop_assert!(!only_lines(&merged)),
        }
    }

    #[test]
    fn nothing_is_lost_in_a_conflict(base in database(), ours in changes(), theirs in changes()) {
        let (ours, theirs) = (base.changed(&ours), base.changed(&theirs));
        let merged = merged(&base.text(), &ours.text(), &theirs.text());
        let conflicted = text(&merged);
        // What a side changed stands there, on one of the sides of a conflict or outside.
        for (side, other) in [(&ours, &theirs), (&theirs, &ours)] {
            let (old, other) = (base.values(), other.values());
            for (address, value) in side.values() {
                if old.get(&address) == Some(&value) || address.0 == "port" {
                    continue;
                }
                let was = old.get(&address).cloned().unwrap_or_else(|| vec![String::new(); value.len()]);
                if was.iter().zip(&value).all(|(was, is)| was == is) || !other.contains_key(&address) && old.contains_key(&address) {
                    continue;
                }
                for (was, is) in was.iter().zip(&value) {
                    prop_assert!(was == is || conflicted.contains(is.as_str()), "{address:?}: {is}");
                }
            }
        }
    }

    #[test]
    fn the_sides_are_alike(base in database(), ours in changes(), theirs in changes()) {
        let (ours, theirs) = (base.changed(&ours).text(), base.changed(&theirs).text());
        let (one, other) = (merged(&base.text(), &ours, &theirs), merged(&base.text(), &theirs, &ours));
        // Which of several equal comments was moved is a matter of the order.
        if one.is_clean() != other.is_clean() && only_lines(&one) && only_lines(&other) {
            return Ok(());
        }
        prop_assert_eq!(one.is_clean(), other.is_clean());
        let kinds = |merged: &Merged, swap: bool| {
            let mut kinds: Vec<String> = merged.conflicts.iter().map(|conflict| {
                let kind = match conflict.kind.clone() {
                    ConflictKind::Removed(Side::Ours) if swap => ConflictKind::Removed(Side::Theirs),
                    ConflictKind::Removed(Side::Theirs) if swap => ConflictKind::Removed(Side::Ours),
                    kind => kind,
                };
                format!("{kind:?} {}", conflict.subject)
            }).collect();
            kinds.sort();
            kinds
        };
        prop_assert_eq!(kinds(&one, false), kinds(&other, true));
        if one.is_clean() {
            prop_assert_eq!(sorted(&text(&one)), sorted(&text(&other)));
        }
    }

    #[test]
    fn merging_twice_changes_nothing(base in database(), ours in changes(), theirs in changes()) {
        let (ours, theirs) = (base.changed(&ours).text(), base.changed(&theirs).text());
        let once = merged(&base.text(), &ours, &theirs);
        prop_assume!(once.is_clean());
        let once = text(&once);
        prop_assert_eq!(text(&merged(&theirs, &once, &theirs)), once.clone());
        prop_assert_eq!(text(&merged(&ours, &ours, &once)), once.clone());
        prop_assert_eq!(text(&merged(&base.text(), &once, &once)), once);
    }

    #[test]
    fn a_merge_that_is_done_again_adds_nothing(base in database(), ours in changes(), theirs in changes()) {
        let mut base = base;
        base.tables.iter_mut().flatten().for_each(|record| record.above = "");
        let (ours, theirs) = (base.changed(&plain(ours)), base.changed(&plain(theirs)));
        // Who changes a record and adds what it said before under another number has done what an earlier merge would
        // have: that is followed, and cannot be told from it when it is done again.
        let is_moved = |side: &Database| {
            let (before, after) = (base.values(), side.values());
            let is_new = |said: &Vec<String>| after.iter().any(|(at, now)| now == said && before.get(at) != Some(now));
            before.iter().any(|(at, said)| after.get(at) != Some(said) && is_new(said))
        };
        let renumbered = !is_moved(&ours) && !is_moved(&theirs);
        let (ours, theirs) = (ours.text(), theirs.text());
        for renumber in if renumbered { &[false, true][..] } else { &[false] } {
            let renumber = *renumber;
            let options = Options { renumber, ..Options::default() };
            let merged = |ours: &str, theirs: &str| merged_with(&base.text(), ours, theirs, &options);
            let once = merged(&ours, &theirs);
            if once.is_clean() {
                let once = text(&once);
                prop_assert_eq!(text(&merged(&once, &theirs)), once.clone());
                prop_assert_eq!(text(&merged(&ours, &once)), once);
            }
        }
    }

    #[test]
    fn theirs_wins_every_conflict_where_the_last_write_does(base in database(), ours in changes(), theirs in changes()) {
        let (ours, theirs) = (base.changed(&ours), base.changed(&theirs));
        let options = Options { strategy: Conflicts::LastWriteWins, ..Options::default() };
        let merged = merged_with(&base.text(), &ours.text(), &theirs.text(), &options);
        prop_assert!(merged.is_clean());
        let said = read(&text(&merged));
        let (old, theirs) = (base.values(), theirs.values());
        for address in old.keys().chain(theirs.keys()) {
            if old.get(address) != theirs.get(address) {
                let Some(their) = theirs.get(address) else {
                    prop_assert!(!said.contains_key(address));
                    continue;
                };
                let was = old.get(address);
                for (at, cell) in their.iter().enumerate() {
                    if was.is_none_or(|was| was[at] != *cell) {
                        prop_assert_eq!(&said[address][at], cell);
                    }
                }
            }
        }
    }

    #[test]
    fn any_bytes_can_be_merged(base in bytes(), ours in bytes(), theirs in bytes(), how in options()) {
        let documents = [&base, &ours, &theirs].map(|bytes| Document::parse(bytes.clone()));
        let _ = merge::merge([&documents[0], &documents[1], &documents[2]], &how);
        let _ = merge::merge_lines([&base[..], &ours, &theirs], how.strategy, &how.markers);
    }

    #[test]
    fn variants_of_any_bytes_keep_what_one_side_changed(
        base in bytes(),
        ours in bytes(),
        theirs in bytes(),
        cuts in any::<[Index; 2]>(),
        how in options(),
    ) {
        let splice = |new: &[u8], cut: &Index| {
            let at = cut.index(base.len() + 1);
            [&base[..at], new, &base[at..]].concat()
        };
        let sides = [base.clone(), splice(&ours, &cuts[0]), splice(&theirs, &cuts[1])].map(Document::parse);
        let Ok(merged) = merge::merge([&sides[0], &sides[1], &sides[2]], &how) else { return Ok(()) };
        if merged.is_clean() && sides.iter().all(check::is_valid) {
            prop_assert!(check::is_valid(&Document::parse(merged.content)));
        }
    }
}

fn options() -> impl Strategy<Value = Options> {
    let strategy =
        select(vec![Conflicts::Merge, Conflicts::Error, Conflicts::LastWriteWins, Conflicts::LastModifiedWins]);
    let style = select(vec![ConflictStyle::Merge, ConflictStyle::Diff3, ConflictStyle::Zdiff3]);
    (strategy, style, any::<bool>(), 0..20_usize).prop_map(|(strategy, style, renumber, size)| Options {
        strategy,
        renumber,
        markers: Markers { size, style, ..Markers::default() },
        ..Options::default()
    })
}

/// Lines that mean something together in many ways: hidden rows, keys that stand twice, tables of other columns,
/// histories, blocks, lists, interned texts.
fn soup() -> impl Strategy<Value = String> {
    let line = select(vec![
        "t |id, a, valid|",
        "t |id, a, b, valid|",
        "    1, x, true",
        "    1, x, false",
        "    1, y, true",
        "    2, x, true",
        "    2, \"x\", true",
        "    2, y, false",
        "    3, x, true   # note",
        "    , x, true",
        "    1, x, n, true",
        "# one",
        "    # two",
        "",
        "",
        "port: 1",
        "port: 2",
        "name: a",
        "list:",
        "    one",
        "    two",
        "block:",
        "  a: 1",
        "  b: 2",
        "    c: 3",
        "strings |id, value|",
        "    0, p",
        "    0, q",
        "u |u_id, name_str|",
        "    7, 0",
        "d = {a: 1, b: 2}",
        "d = {a: 2, c: 3}",
        "junk line",
        "<<<<<<< x",
        "=======",
        ">>>>>>> y",
        "t |id|",
    ]);
    let rows = select(vec![
        "    1, x, true",
        "    1, x, false",
        "    1, y, true",
        "    2, x, true",
        "    2, y, false",
        "    2, y, true",
        "    3, x, true   # note",
        "    3, x, true",
        "    , x, true",
        "# one",
        "    # two",
        "",
    ]);
    let joined = |lines: Vec<&str>| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let lines = prop::collection::vec(line, 0..12).prop_map(joined);
    let table = prop::collection::vec(rows, 0..8).prop_map(move |rows| format!("t |id, a, valid|\n{}", joined(rows)));
    prop_oneof![lines, table]
}

/// Bytes in which everything that means something to the format is frequent.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = select(vec![
        "\n",
        "\r\n",
        "    ",
        "\"",
        "\\",
        "#",
        ",",
        "|",
        ":",
        "[",
        "]",
        "{",
        "}",
        "a",
        "t |id, a|\n",
        "    1, a\n",
        "    2, b\n",
        "    2, \"b\"\n",
        "strings |id, value|\n",
        "    0, x\n",
        "k: {a: 1}\n",
        "k: {b: 2}\n",
        "<<<<<<< x\n",
        "\u{feff}",
        "#sdn-crc32:1\n",
        "b:\n  c: 1\n",
        "t |id, a, valid|\n",
        "    1, a, false\n",
        "g: table{i32}\n",
        "é",
    ]);
    let any = prop_oneof![12 => piece.prop_map(|s| s.as_bytes().to_vec()), 1 => any::<u8>().prop_map(|b| vec![b])];
    prop::collection::vec(any, 0..14).prop_map(|pieces| pieces.concat())
}

#[test]
fn real_databases_keep_what_each_side_changed() {
    for path in support::documents() {
        let Ok(base) = String::from_utf8(std::fs::read(&path).unwrap()) else { continue };
        if sdnlock::sdn::Seal::of(base.as_bytes()) != sdnlock::sdn::Seal::None || base.is_empty() {
            continue;
        }
        let (ours, theirs) = (format!("ours_added: 1\n{base}"), format!("{base}\n# theirs_added\n"));
        for changed in [&ours, &theirs] {
            assert_eq!(text(&merged(&base, &base, changed)), *changed);
            assert_eq!(text(&merged(&base, changed, changed)), *changed);
        }
        let both = merged(&base, &ours, &theirs);
        assert!(both.is_clean(), "{}: {:?}", path.display(), both.conflicts);
        let (both, swapped) = (text(&both), text(&merged(&base, &theirs, &ours)));
        assert_eq!(both, swapped, "{}", path.display());
        assert!(both.contains("ours_added: 1") && both.contains("# theirs_added"), "{}", path.display());
        let without = both.replace("ours_added: 1\n", "").replace("\n# theirs_added", "");
        assert_eq!(without.trim_end(), base.trim_end(), "{}", path.display());
    }
}

#[test]
fn lines_of_real_databases_can_be_removed_doubled_and_moved_on_one_side() {
    for path in support::documents() {
        let Ok(base) = String::from_utf8(std::fs::read(&path).unwrap()) else { continue };
        if sdnlock::sdn::Seal::of(base.as_bytes()) != sdnlock::sdn::Seal::None || base.starts_with('\u{feff}') {
            continue;
        }
        let lines: Vec<&str> = base.split_inclusive('\n').collect();
        let with = |text: &str, left: u8, right: u8| format!("left: {left}\nmid: x\nright: {right}\nend: x\n{text}");
        for at in (0..lines.len()).step_by((lines.len() / 4).max(1)) {
            let mut variants = [lines.clone(), lines.clone(), lines.clone()];
            variants[0].remove(at);
            variants[1].insert(at, lines[at]);
            let moved = variants[2].remove(at);
            variants[2].insert(lines.len() / 2, moved);
            for changed in variants.iter().map(|lines| lines.concat()) {
                for (ours, theirs) in [(&base, &changed), (&changed, &base)] {
                    let merged = merged(&with(&base, 0, 0), &with(ours, 1, 0), &with(theirs, 0, 1));
                    assert_eq!(text(&merged), with(&changed, 1, 1), "{}:{}", path.display(), at + 1);
                    assert!(merged.is_clean(), "{}:{}: {:?}", path.display(), at + 1, merged.conflicts);
                }
            }
        }
    }
}

#[test]
fn keys_of_several_columns_and_references_are_those_that_are_declared() {
    let options = Options {
        keys: sdnlock::record::Keys::new().with("notes", ["bug_id", "line_num"]),
        references: Some(vec![merge::Reference {
            from: ("notes".to_owned(), "bug".to_owned()),
            to: ("bugs".to_owned(), "id".to_owned()),
        }]),
        renumber: true,
        ..Options::default()
    };
    let notes = |rows: &str| format!("notes |bug_id, line_num, text, by|\n    b1, 1, a, x\n{rows}");
    let ours = notes("    b1, 2, b, x\n").replace("a, x", "A, x");
    let theirs = notes("    b1, 2, c, x\n").replace("a, x", "a, y");
    let merged = merged_with(&notes(""), &ours, &theirs, &options);
    assert_eq!(merged.conflicts.len(), 1, "{:?}", merged.conflicts);
    assert_eq!(merged.conflicts[0].subject.to_string(), "notes.b1/2");
    assert!(text(&merged).contains("    b1, 1, A, y\n"));
    let bugs = |title: &str| {
        format!("bugs |id, title|\n    1, old\n    2, {title}\nnotes |bug, text|\n    1, a\n    2, {title}\n")
    };
    let base = "bugs |id, title|\n    1, old\nnotes |bug, text|\n    1, a\n";
    let both =
        merged_with(base, &bugs("mine"), &bugs("yours"), &Options { keys: sdnlock::record::Keys::new(), ..options });
    assert_eq!(
        text(&both),
        "bugs |id, title|\n    1, old\n    2, mine\n    3, yours\nnotes |bug, text|\n    1, a\n    2, mine\n    3, yours\n"
    );
    assert_eq!(both.renumbered.len(), 1);
}
