//! Laws that hold for any document and any edit.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use proptest::prelude::*;
use proptest::sample::select;
use sdnlock::address::{Address, Below, Comparison, Finder, LookupError, Number, Predicate, Step, Target, compare};
use sdnlock::check;
use sdnlock::diff::{Diff, Hunk, LineKind};
use sdnlock::record::Keys;
use sdnlock::sdn::{Document, Edit, PieceKind, Place, Reseal, Value};
use sdnlock::text::{Lines, Span, Splice, splice};

mod support;

/// Bytes in which everything that means something to the format is frequent.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = select(vec![
        "\n",
        "\r\n",
        " ",
        "    ",
        "\t",
        "\"",
        "\\",
        "#",
        ",",
        "|",
        ":",
        "=",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "a",
        "t |a, b|",
        "table{i32}",
        "-",
        "1",
        "é",
        "✅",
        "<<<<<<< x",
        "\u{feff}",
        "#sdn-crc32:1\n",
        "a: ",
        "\"x, y\"",
        "\0",
    ]);
    let any = prop_oneof![8 => piece.prop_map(|s| s.as_bytes().to_vec()), 1 => any::<u8>().prop_map(|b| vec![b])];
    prop::collection::vec(any, 0..60).prop_map(|pieces| pieces.concat())
}

/// A value that a cell or setting may be given.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "[ -~]{0,12}",
        "\\PC{0,8}",
        select(vec![
            "true",
            "null",
            "table",
            "007",
            "1.50",
            "-3",
            "2026-02-06",
            "[a, b]",
            "{x: 1}",
            "C:\\",
            "a\"b",
            "#x",
            "a # b"
        ])
        .prop_map(str::to_owned),
    ]
}

/// A word that is no keyword.
fn word() -> impl Strategy<Value = String> + Clone {
    "[a-z_]{1,5}".prop_filter("keywords", |word| !["true", "false", "null", "nil", "table"].contains(&&**word))
}

/// A well-formed database: settings, nested ones, and tables, with comments and odd spacing.
fn database() -> impl Strategy<Value = String> {
    let blank = select(vec!["", "\n", "# note\n", "\n\n"]);
    let spaced = select(vec![", ", ",", ",  ", " , "]);
    let bare =
        prop_oneof![word(), "[1-9][0-9]{0,3}", Just("\"x, y\"".to_owned()), Just("\"say \\\"a\\\"\"".to_owned())];
    let bare = || bare.clone();
    let rows = prop::collection::vec((bare(), bare(), select(vec!["", "  # c"])), 0..6);
    let table =
        ("[a-z]{1,4}", rows, spaced, select(vec!["    ", "  ", "\t"])).prop_map(|(name, rows, comma, indent)| {
            let rows: String = rows
                .iter()
                .enumerate()
                .map(|(n, (a, b, tail))| format!("{indent}{n}{comma}{a}{comma}{b}{tail}\n"))
                .collect();
            format!("{name} |id, a, b|\n{rows}")
        });
    let setting = ("[a-z]{1,4}", select(vec![": ", " = ", ":"]), bare())
        .prop_map(|(key, sign, value)| format!("{key}{sign}{value}\n"));
    let block = ("[a-z]{1,4}", prop::collection::vec(("[a-z]{1,4}", bare()), 1..4)).prop_map(|(key, inner)| {
        inner.iter().fold(format!("{key}:\n"), |text, (k, v)| text + &format!("  {k}: {v}\n"))
    });
    prop::collection::vec((prop_oneof![table, setting, block], blank), 1..6)
        .prop_map(|parts| parts.into_iter().map(|(part, blank)| part + blank).collect())
}

/// Tables as they refer to each other, right or wrong, with cells of all types.
fn records() -> impl Strategy<Value = Vec<u8>> {
    let cell = select(vec![
        "0",
        "1",
        "2",
        "3",
        "7",
        "-4",
        "1.5",
        "true",
        "false",
        "open",
        "closed",
        "\"\"",
        "",
        "null",
        "src/a.rs",
        "\"x y\"",
        "\"2026-01-21T10:00:00Z\"",
        "2026-02-06",
        "[a, b]",
        "{a: 1}",
        "\"{\\\"a\\\": 1}\"",
        "\"a;b\"",
        "é",
    ]);
    let header = select(vec![
        "strings |id, value|",
        "files |file_id, path_str|",
        "tests |test_id, file_id, name_str, valid|",
        "notes |bug_id, line_num, tag_id|",
        "bugs |id, status|",
        "log |timestamp, id|",
        "t |a, a|",
        "t |b, table|",
        "g: table{id, i32}",
    ]);
    let table = (header, prop::collection::vec(prop::collection::vec(cell, 1..5), 0..12)).prop_map(|(header, rows)| {
        let columns = header.matches(',').count() + 1;
        let row = |cells: Vec<&str>| {
            let cells: Vec<&str> = cells.into_iter().cycle().take(columns).collect();
            format!("    {}\n", cells.join(", "))
        };
        format!("{header}\n{}", rows.into_iter().map(row).collect::<String>())
    });
    prop::collection::vec(table, 1..5).prop_map(|tables| tables.concat().into_bytes())
}

/// Something like a schema for them.
fn schema() -> impl Strategy<Value = Vec<u8>> {
    let line = select(vec![
        "columns |table, column, type, required, values|",
        "columns |type, column, table|",
        "keys |table, columns|",
        "references |table, column, target|",
        "limits |name, value|",
        "    tests, test_id, integer, true, \"\"",
        "    bugs, status, enum, true, \"open;closed\"",
        "    enum, status, bugs",
        "    files, nothing, text, , ",
        "    strings, id",
        "    tests, test_id/name_str",
        "    t, a/a",
        "    notes, //",
        "    tests, name_str, strings.id",
        "    tests, file_id, files.nothing",
        "    max_size, 20",
        "    max_size, 99999999999999999999GB",
        "key: 1",
        "    \"",
    ]);
    prop::collection::vec(line, 0..20).prop_map(|lines| lines.join("\n").into_bytes())
}

/// A database in which one thing is wrong.
fn spoiled() -> impl Strategy<Value = Vec<u8>> {
    let spoil = select(vec![
        "\"",
        "\\\"",
        "[",
        "]",
        "{a: 1, b}",
        " x: 1",
        "|",
        "#",
        ", ",
        "=",
        "table",
        "✅",
        "k: [a, {b: 1}]\n",
    ]);
    (database(), spoil, any::<prop::sample::Index>()).prop_map(|(text, spoil, at)| {
        let at = at.index(text.len() + 1);
        [&text.as_bytes()[..at], spoil.as_bytes(), &text.as_bytes()[at..]].concat()
    })
}

/// Each address of a document that [`Finder::below`] leads to, and whether it says that it can be read.
fn offered(document: &Document) -> Vec<(Address, bool)> {
    let keys = Keys::new();
    let mut finder = Finder::new(document, &keys);
    let mut all: Vec<(Address, bool)> = Vec::new();
    let mut ways: Vec<Option<Address>> = vec![None];
    while let Some(way) = ways.pop() {
        for Below { step, target } in finder.below(way.as_ref()).into_iter().flatten() {
            let address = match (step, &way) {
                (Step::Name(name), None) => Address::of(name),
                (Step::Name(name), Some(way)) => way.clone().with(name),
                (Step::Index(index), way) => way.clone().unwrap().at(index),
            };
            // Of a name that stands twice nothing is found.
            if !all.iter().any(|(known, _)| *known == address) {
                ways.extend(target.is_some().then(|| Some(address.clone())));
            }
            all.push((address, target.is_some()));
        }
    }
    all
}

/// All places of a document that can be set, by address.
fn places(document: &Document) -> Vec<(Address, Place<'_>)> {
    let mut addresses = Vec::new();
    for table in document.tables() {
        for row in table.rows() {
            let key = row.cell(0).map(|cell| cell.value().text().into_owned()).unwrap_or_default();
            for column in table.columns().skip(1) {
                addresses.push(Address::of(table.name()).with(key.clone()).with(column));
            }
        }
    }
    for line in String::from_utf8_lossy(document.source()).lines() {
        if let Some((key, _)) = line.split_once([':', '=']) {
            addresses.extend(key.trim().parse::<Address>());
            for within in ["[0]", "[1][0]", ".a", "[0].a"] {
                addresses.extend(format!("{}{within}", key.trim()).parse::<Address>());
            }
        }
    }
    let found = addresses.into_iter().filter_map(|address| match address.find(document) {
        Ok(Target::Value(place)) => Some((address, place)),
        _ => None,
    });
    found.collect()
}

fn value<'d>(document: &'d Document, address: &Address) -> Value<'d> {
    match address.find(document) {
        Ok(Target::Value(place)) => place.value(),
        other => panic!("{address} was found, and now it is {other:?}"),
    }
}

proptest! {
    #![proptest_config(support::cases(2000))]

    #[test]
    fn the_pieces_of_any_bytes_are_the_bytes(source in bytes()) {
        let document = Document::parse(source.clone());
        let together: Vec<u8> = document.pieces().iter().flat_map(|piece| piece.span.of(&source).to_vec()).collect();
        prop_assert_eq!(together, source);
    }

    #[test]
    fn pieces_lie_within_what_they_belong_to(source in bytes()) {
        let document = Document::parse(source);
        for (index, piece) in document.pieces().iter().enumerate() {
            prop_assert!(piece.end > index && piece.end <= document.pieces().len());
            if let Some(parent) = piece.parent {
                prop_assert!(parent < index && index < document.pieces()[parent].end);
                prop_assert!(document.pieces()[parent].indent < piece.indent);
            }
        }
    }

    #[test]
    fn cells_lie_in_order_within_their_row(source in bytes()) {
        let document = Document::parse(source);
        for row in document.tables().flat_map(|table| table.rows().collect::<Vec<_>>()) {
            let mut at = row.span().start;
            for cell in row.cells() {
                prop_assert!(at <= cell.span().start && cell.span().end <= row.span().end);
                at = cell.span().end;
                let _ = cell.value().text();
            }
        }
    }

    #[test]
    fn the_check_takes_any_bytes_and_points_into_them(source in bytes()) {
        let document = Document::parse(source);
        let lines = Lines::new(document.source());
        for finding in check::check(&document) {
            prop_assert!(finding.span.start <= finding.span.end && finding.span.end <= document.source().len());
            prop_assert!(lines.position(finding.span.start).line >= 1);
        }
        prop_assert!(check::new_errors(&document, &document).is_empty());
    }

    #[test]
    fn what_an_address_can_go_on_with_is_found_or_refused_with_the_reason(
        source in prop_oneof![bytes(), spoiled(), records()],
    ) {
        let document = Document::parse(source);
        let has_markers = document.pieces().iter().any(|piece| piece.kind == PieceKind::ConflictMarker);
        let offered = offered(&document);
        for (address, is_readable) in &offered {
            let times = offered.iter().filter(|(other, _)| other == address).count();
            match address.find(&document) {
                Ok(_) => prop_assert!(*is_readable || times > 1, "{address} is read"),
                Err(LookupError::Several { .. }) => prop_assert!(times > 1, "{address} stands once"),
                Err(LookupError::Unreadable { .. }) => {
                    let is_certain = *is_readable && times == 1 && !has_markers;
                    prop_assert!(!is_certain, "{address} is refused");
                }
                Err(error) => prop_assert!(false, "{address}: {error}"),
            }
        }
    }

    #[test]
    fn a_first_schema_accepts_what_it_was_made_from(
        sources in prop::collection::vec(prop_oneof![records(), database().prop_map(String::into_bytes), bytes()], 1..4),
    ) {
        let documents: Vec<Document> = sources.into_iter().map(Document::parse).collect();
        let drafted = Document::parse(check::draft(&documents));
        prop_assert_eq!(check::check_schema(&drafted, &check::Options::default()), []);
        let (schema, _) = check::Schema::read(&drafted);
        for document in &documents {
            let options = check::Options { schema: Some(&schema), ..check::Options::default() };
            let found = check::check_with(document, &options);
            let unlike: Vec<_> = found.iter().filter(|finding| finding.rule.code().starts_with("SDN5")).collect();
            prop_assert!(unlike.is_empty(), "{unlike:?} by {}", String::from_utf8_lossy(drafted.source()));
        }
    }

    #[test]
    fn any_bytes_are_read_as_a_schema_and_judged_by_it(schema in prop_oneof![schema(), bytes()], source in prop_oneof![records(), bytes()]) {
        let written = Document::parse(schema);
        let (schema, faults) = check::Schema::read(&written);
        let document = Document::parse(source);
        let options = check::Options { schema: Some(&schema), ..check::Options::default() };
        let found = check::check_with(&document, &options);
        for (findings, document) in [(faults, &written), (found, &document)] {
            for finding in findings {
                prop_assert!(finding.span.start <= finding.span.end && finding.span.end <= document.source().len());
            }
        }
    }

    #[test]
    fn an_edit_changes_its_value_and_no_other_byte(source in database(), new in text(), pick in any::<prop::sample::Index>()) {
        let document = Document::parse(source.as_bytes());
        let places = places(&document);
        prop_assume!(!places.is_empty());
        let (address, place) = pick.get(&places);
        let mut edit = Edit::of(&document, Reseal::default()).unwrap();
        match edit.set(place, &new) {
            Ok(()) => {}
            Err(refused) => {
                prop_assert!(new.chars().any(char::is_control), "{refused}");
                return Ok(());
            }
        }
        let changed = edit.finish().unwrap();
        let (before, after) = (place.span().start, document.source().len() - place.span().end);
        prop_assert_eq!(&changed[..before], &source.as_bytes()[..before]);
        prop_assert_eq!(&changed[changed.len() - after..], &source.as_bytes()[source.len() - after..]);
        let again = Document::parse(changed);
        let read = value(&again, address);
        prop_assert_eq!(read.text().into_owned(), new);
        prop_assert_eq!(again.pieces().len(), document.pieces().len());
        prop_assert!(check::new_errors(&document, &again).is_empty());
    }

    #[test]
    fn an_edit_of_any_document_leaves_its_other_pieces_and_its_validity(
        source in prop_oneof![bytes(), spoiled()],
        new in text(),
        pick in any::<prop::sample::Index>(),
    ) {
        let document = Document::parse(source);
        let places = places(&document);
        if places.is_empty() {
            return Ok(());
        }
        let (address, place) = pick.get(&places);
        let Ok(mut edit) = Edit::of(&document, Reseal::default()) else { return Ok(()) };
        let Ok(changed) = edit.set(place, &new).and_then(|()| edit.finish()) else { return Ok(()) };
        let again = Document::parse(changed);
        let outline = |document: &Document| -> Vec<_> {
            let pieces = document.pieces().iter().enumerate().filter(|(index, _)| *index != place.piece());
            pieces.map(|(_, piece)| (piece.kind, piece.span.of(document.source()).to_vec())).collect()
        };
        prop_assert_eq!(outline(&document), outline(&again));
        // Unless the key itself was changed, the value is found again and says what it shall.
        if let Ok(Target::Value(place)) = address.find(&again) {
            prop_assert_eq!(place.value().text().into_owned(), new);
        }
        let errors = check::new_errors(&document, &again);
        prop_assert!(errors.is_empty(), "{address}: {errors:?}");
    }

    #[test]
    fn doing_and_undoing_gives_the_old_text(source in database(), new in word(), pick in any::<prop::sample::Index>()) {
        let document = Document::parse(source.as_bytes());
        let places = places(&document);
        prop_assume!(!places.is_empty());
        let (address, place) = pick.get(&places);
        let old = place.value().text().into_owned();
        let set = |document: &Document, text: &str| {
            let mut edit = Edit::of(document, Reseal::default()).unwrap();
            let Ok(Target::Value(place)) = address.find(document) else { panic!() };
            edit.set(&place, text).unwrap();
            edit.finish().unwrap()
        };
        let there = Document::parse(set(&document, &new));
        let back = set(&there, &old);
        // A value that needed no quotes but had them gets them back; one that had none does not need them.
        prop_assert_eq!(String::from_utf8(back).unwrap(), source);
    }

    #[test]
    fn a_diff_holds_exactly_both_texts(old in bytes(), new in bytes()) {
        let diff = Diff::of(&old, &new, None);
        let lines: Vec<&[u8]> = old.split_inclusive(|&b| b == b'\n').collect();
        let text = |hunk: &Hunk<'_>, but: LineKind| -> Vec<u8> {
            let lines = hunk.lines.iter().filter(|line| line.kind != but);
            lines.flat_map(|line| [line.text, if line.ended { b"\n" } else { b"" }].concat()).collect()
        };
        let mut rebuilt = Vec::new();
        let mut at = 0;
        for hunk in diff.hunks(3) {
            prop_assert_eq!(text(&hunk, LineKind::Added), lines[hunk.old.clone()].concat());
            rebuilt.extend(lines[at..hunk.old.start].concat());
            prop_assert_eq!(rebuilt.split(|&b| b == b'\n').count() - 1, hunk.new.start);
            rebuilt.extend(text(&hunk, LineKind::Removed));
            at = hunk.old.end;
        }
        rebuilt.extend(lines[at..].concat());
        prop_assert_eq!(&rebuilt, &new);
        prop_assert_eq!(diff.is_empty(), old == new);
    }

    #[test]
    fn disjoint_splices_leave_the_rest(source in "[a-z]{0,20}", cuts in prop::collection::vec((0..21usize, 0..4usize, "[A-Z]{0,3}"), 0..4)) {
        let splices: Vec<Splice> = cuts.iter().map(|(at, len, text)| Splice::new(Span::new(*at, at + len), text.clone())).collect();
        if let Ok(result) = splice(source.as_bytes(), &splices) {
            let kept: String = String::from_utf8(result).unwrap().chars().filter(char::is_ascii_lowercase).collect();
            let mut expected: Vec<Option<char>> = source.chars().map(Some).collect();
            for (at, len, _) in &cuts {
                expected[*at..at + len].fill(None);
            }
            prop_assert_eq!(kept, expected.into_iter().flatten().collect::<String>());
        }
    }
}

#[test]
fn edits_of_real_databases_change_nothing_else() {
    let mut tried = 0;
    for path in support::documents() {
        let source = std::fs::read(&path).unwrap();
        let document = Document::parse(source.clone());
        for (address, place) in places(&document).into_iter().step_by(7).take(40) {
            let Ok(mut edit) = Edit::of(&document, Reseal::default()) else { continue };
            if edit.set(&place, "something else, entirely").is_err() {
                continue;
            }
            let Ok(changed) = edit.finish() else { continue };
            let again = Document::parse(changed.clone());
            assert_eq!(value(&again, &address).text(), "something else, entirely", "{} {address}", path.display());
            let (was, is) = (support::unsealed(&source), support::unsealed(&changed));
            let kept = place.span().start - (source.len() - was.len());
            assert_eq!(is[..kept], was[..kept]);
            let tail = source.len() - place.span().end;
            assert_eq!(is[is.len() - tail..], was[was.len() - tail..]);
            tried += 1;
        }
    }
    assert!(tried >= 200, "only {tried} places were found");
}

/// Spellings of one number.
fn spellings(number: f64) -> Vec<String> {
    let texts = [format!("{number}"), format!("{number:e}"), format!("{number:?}"), format!("{number:E}")];
    let padded =
        texts.iter().filter(|text| text.contains('.') && !text.contains(['e', 'E'])).map(|text| format!("{text}00"));
    let whole = texts.iter().filter(|text| !text.contains(['.', 'e', 'E'])).map(|text| format!("{text}.0"));
    texts.iter().cloned().chain(padded).chain(whole).collect()
}

proptest! {
    #![proptest_config(support::cases(500))]

    #[test]
    fn the_order_of_numbers_is_that_of_their_values(one in any::<f64>(), other in any::<f64>(), near in -3..4_i64) {
        let nearby = f64::from_bits(one.to_bits().wrapping_add_signed(near));
        for other in [other, nearby].into_iter().filter(|other| other.is_finite() && one.is_finite()) {
            let order = (one + 0.0).total_cmp(&(other + 0.0));
            for text in spellings(one) {
                for other in spellings(other) {
                    prop_assert_eq!(compare(&text, &other), order, "{} {}", text, other);
                    prop_assert_eq!(Number::of(&text).cmp(&Number::of(&other)), order);
                }
            }
        }
    }

    #[test]
    fn two_spellings_of_a_condition_give_one_answer(
        sign in select(vec!["=", "!=", "<", "<=", ">", ">=", "~"]),
        value in "[ -~é]{0,6}",
        number in prop_oneof![any::<i16>().prop_map(f64::from), any::<f64>()],
        column in prop::collection::vec(prop_oneof!["[ -~]{0,4}", "-?[0-9]{1,3}(\\.[0-9]{1,2})?"], 0..6),
        blanks in " {0,2}",
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let answers = |conditions: Vec<String>| {
            let answer = |condition: &String| {
                let (left, predicate) = Predicate::split(condition).ok()?;
                assert_eq!(left, "a.b");
                let texts = column.iter().map(|text| text.as_str().into());
                let test = predicate.among(texts).map(|test| column.iter().map(|text| test.holds(text)).collect::<Vec<_>>());
                Some(test.map_err(|_| ()))
            };
            conditions.iter().map(|condition| (condition.clone(), answer(condition))).collect::<Vec<_>>()
        };
        let written = |value: &str| {
            let tight = format!("a.b{sign}{value}");
            let wide = format!("{blanks}a.b{blanks}{sign}{blanks}{value}{blanks}");
            let double = (sign == "=").then(|| format!("a.b=={value}"));
            [tight, wide].into_iter().chain(double)
        };
        let texts = [quoted(&value), Predicate::spelled(&value).into_owned()];
        let one = answers(texts.iter().flat_map(|value| written(value)).collect());
        // A second sign makes another one of the first.
        let is_sign = value.trim_start().starts_with(['=', '<', '>', '~', '!']);
        let bare = answers(written(&value).filter(|_| !is_sign).collect());
        let (_, first) = &one[0];
        prop_assert_eq!(first.is_none(), value.is_empty() && !["=", "!=", "~"].contains(&sign));
        for (condition, answer) in &one {
            prop_assert_eq!(answer, first, "{}", condition);
        }
        // Without quotes it says the same, if that is one word, or nothing at all.
        for (condition, answer) in &bare {
            let is_as_quoted = answer.is_none() || answer == first;
            prop_assert!(is_as_quoted || value.trim() != value || value.starts_with('"'), "{condition}");
        }
        if number.is_finite() && sign != "~" {
            let all = answers(spellings(number).iter().flat_map(|value| written(value)).collect());
            for (condition, answer) in &all {
                prop_assert_eq!(answer, &all[0].1, "{}", condition);
            }
        }
    }

    #[test]
    fn a_condition_is_read_without_a_panic(text in "[a-c=!<>~\", .\\\\\\[\\]{}#é]{0,12}") {
        if let Ok((left, predicate)) = Predicate::split(&text) {
            prop_assert!(Comparison::split(&text).is_some() && text.contains(left));
            let again = format!("x={}", Predicate::spelled(&predicate.value));
            prop_assert_eq!(Predicate::split(&again).unwrap().1.value, predicate.value);
        }
    }
}
