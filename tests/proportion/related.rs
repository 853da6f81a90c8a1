//! Documents that hold much of what is about something else: of names that stand above, of references, of what a schema
//! says, of comments that allow something.

use crate::contents::{Part, Schema, by, each, names, part, wide};

/// A name that is about as long as the rest of the document.
fn long(prefix: &str, n: usize) -> String {
    prefix.to_owned() + &"x".repeat(8 * n)
}

/// Tables with one record each; others refer to them by the names of their first columns.
fn targets(numbers: impl IntoIterator<Item = usize>, prefix: &str) -> String {
    each(numbers, |at| format!("{prefix}{at}s |{prefix}{at}_id, s|\n    1, o\n"))
}

pub const ALL: &[Part] = &[
    part("long names", "rows of a table with a long name", |n, v, p| {
        let rows = each(0..n, |at| format!("    {at}, {}, {}\n", by(v, "o", "p", "o"), by(v, "o", "o", "q")));
        format!("{} |id, s, x|\n{rows}", long(p, n))
    })
    .repeating(),
    part("long names", "settings below a long name", |n, v, p| {
        format!("{}:\n{}", long(p, n), each(0..n, |at| format!("    k{at}: {}\n", by(v, "a", "b", "c"))))
    })
    .repeating(),
    part("long names", "tables below a long name", |n, v, p| {
        let table = |at| format!("    t{at} |id, s|\n        1, {}\n", by(v, "o", "p", "q"));
        format!("{}:\n{}", long(p, n), each(0..n, table))
    })
    .repeating(),
    part("long names", "cells of a column with a long name", |n, v, p| {
        format!("{p} |id, {}|\n{}", long("c", n), each(0..n, |at| format!("    {at}, {}\n", by(v, "o", "p", "q"))))
    })
    .repeating(),
    part("long names", "conflicts below a long name", |n, v, p| {
        let (o, name) = (by(v, "o", "p", "q"), long(p, n));
        let one =
            |at| format!("<<<<<<< c\n%%%%%%% d\n-    k{at}: {o}\n+    k{at}: z\n+++++++ e\n    k{at}: y\n>>>>>>> f\n");
        format!("{name}:\n    a: 1\n{}", each(0..n / 2, one))
    })
    .repeating(),
    part("references", "diffs in conflicts in a wide table", |n, v, p| {
        let one = |at| format!("<<<<<<< c\n%%%%%%% d\n-    {at}, {}\n+    {at}, z\n>>>>>>> f\n", by(v, "o", "p", "q"));
        format!("{p} |id, {}|\n{}", names("c", 0..2 * n).join(", "), each(0..n / 2, one))
    }),
    part("references", "diffs and nothing else in conflicts", |n, v, p| {
        each(0..n, |at| format!("<<<<<<< c\n%%%%%%% d\n-{p}{at}: {}\n+{p}{at}: z\n>>>>>>> f\n", by(v, "o", "p", "q")))
    }),
    part("references", "hidden rows of one key", |n, v, p| {
        let rows = each(0..n + by(v, 0, 1, 2), |at| format!("    1, {}{at}, false\n", by(v, "o", "p", "o")));
        format!("{p} |id, s, valid|\n{rows}    1, {}, true\n", by(v, "o", "p", "o"))
    }),
    part("references", "comments that allow something", |n, v, p| {
        let row = |at| {
            format!(
                "    # sdnlock: allow SDN201 SDN30{}\n    {at}, {}:x # sdnlock: allow SDN211\n",
                at % 10,
                by(v, "o", "p", "q")
            )
        };
        let codes: String = (0..n).map(|at| format!(" SDN{at}")).collect();
        let whole = each(0..n, |at| format!("# sdnlock: allow-file SDN{at}\n"));
        format!("{p} |id, s|\n{}# sdnlock: allow{codes}\n{whole}", each(0..n, row))
    }),
    part("references", "columns that refer to tables", |n, v, p| {
        let columns: Vec<String> = (0..n).map(|at| format!("{p}{at}_id")).collect();
        // What theirs removes, ours still refers to.
        let there = by(v, 0..n, 0..n, 0..n - 1);
        targets(there, p) + &wide(&format!("{p}uses"), &columns, by(v, "o", "p", "o"), |_, _| "1".to_owned())
    }),
    part("references", "rows that refer to those that are gone", |n, v, p| {
        let there = by(v, 0..n, 0..n, n / 2..n);
        let rows = each(there, |at| format!("    {at}, o\n"));
        let uses = each(0..n + by(v, 0, n / 2, 0), |at| format!("    {at}, {}\n", at % n));
        format!("{p}s |{p}_id, s|\n{rows}{p}_uses |id, {p}_id|\n{uses}")
    }),
    part("references", "tables of strings", |n, v, p| {
        let text = by(v, "s", "s", "t");
        each(0..n, |at| format!("strings |id, value|\n    {at}, {text}{at}\n    9, {at}\n"))
            + &format!("{p} |id, a_str|\n{}", each(0..n, |at| format!("    {at}, {at}\n")))
    }),
    part("references", "tables of strings in blocks", |n, v, p| {
        let text = by(v, "s", "s", "t");
        let block = |at| {
            format!("{p}{at}:\n    strings |id, value|\n        0, {text}{at}\n    uses |id, a_str|\n        1, {at}\n")
        };
        each(0..n, block)
    }),
    part("schema", "columns of a schema", |n, v, p| {
        wide(p, &names("c", 0..2 * n), by(v, "o", "p", "o"), |row, name| format!("{row}{name}"))
    })
    .with(|n, p| Schema {
        columns: each(0..2 * n, |at| format!("    {p}, c{at}, integer, true, \"\"\n")),
        ..Schema::default()
    }),
    part("schema", "columns of a schema that rows lack", |n, v, p| {
        let rows = each(0..n, |row| format!("    {row}, {}\n", by(v, "o", "p", "o")));
        format!("{p} |id, s, {}|\n{rows}", names("c", 0..n).join(", "))
    })
    .with(|n, p| Schema {
        columns: each(0..n, |at| format!("    {p}, c{at}, integer, true, \"\"\n")),
        ..Schema::default()
    }),
    part("schema", "columns of a schema that a table lacks", |n, v, p| {
        format!("{p} |id, s|\n{}", each(0..n, |at| format!("    {at}, {}\n", by(v, "o", "p", "o"))))
    })
    .with(|n, p| Schema {
        columns: each(0..n, |at| format!("    {p}, c{at}, integer, true, \"\"\n")),
        ..Schema::default()
    }),
    part("schema", "values of an enumeration", |n, v, p| {
        let value = |at: usize| if at.is_multiple_of(3) { "x" } else { by(v, "v", "w", "v") };
        format!("{p} |id, s|\n{}", each(0..n, |at| format!("    {at}, {}{at}\n", value(at))))
    })
    .with(|n, p| {
        let values: Vec<String> = (0..n).map(|at| format!("v{at};w{at}")).collect();
        Schema { columns: format!("    {p}, s, enum, true, \"{}\"\n", values.join(";")), ..Schema::default() }
    }),
    part("schema", "references of a schema to tables", |n, v, p| {
        let there = by(v, 0..n, 0..n, 0..n - 1);
        targets(there, p) + &wide(p, &names("c", 0..n), by(v, "o", "p", "o"), |_, _| "1".to_owned())
    })
    .with(|n, p| Schema {
        references: each(0..n, |at| format!("    {p}, c{at}, {p}{at}s.{p}{at}_id\n")),
        ..Schema::default()
    }),
    part("schema", "references of a schema to columns of one table", |n, v, p| {
        let value = |row: usize, name: &str| format!("{row}{name}");
        wide(&format!("{p}to"), &names("d", 0..n), by(v, "o", "o", "q"), value)
            + &wide(p, &names("d", 0..n), by(v, "o", "p", "o"), value)
    })
    .with(|n, p| Schema { references: each(0..n, |at| format!("    {p}, d{at}, {p}to.d{at}\n")), ..Schema::default() }),
    part("schema", "references of a schema from one column", |n, v, p| {
        targets(0..n, p) + &wide(p, &names("c", 0..1), by(v, "o", "p", "o"), |_, _| "1".to_owned())
    })
    .with(|n, p| Schema {
        references: each(0..n, |at| format!("    {p}, c0, {p}{at}s.{p}{at}_id\n")),
        ..Schema::default()
    }),
    part("schema", "references of a schema that rows lack", |n, v, p| {
        let rows = each(0..n, |row| format!("    {row}, {}\n", by(v, "o", "p", "o")));
        targets(0..1, p) + &format!("{p} |id, s, {}|\n{rows}", names("c", 0..n).join(", "))
    })
    .with(|n, p| Schema {
        references: each(0..n, |at| format!("    {p}, c{at}, {p}0s.{p}0_id\n")),
        ..Schema::default()
    }),
    part("schema", "keys of a schema", |n, v, p| {
        wide(p, &names("c", 0..n), by(v, "o", "p", "q"), |row, name| format!("{row}{name}"))
    })
    .with(|n, p| Schema { keys: each(0..n, |at| format!("    {p}, c{at}\n")), ..Schema::default() }),
    part("schema", "keys of many columns", |n, v, p| {
        wide(p, &names("c", 0..n), by(v, "o", "p", "q"), |row, name| format!("{row}{name}"))
    })
    .with(|n, p| Schema { keys: format!("    {p}, {}\n", names("c", 0..n).join("/")), ..Schema::default() }),
    part("schema", "tables that have keys by a schema", |n, v, p| {
        each(0..n, |at| format!("{p}{at} |s, id|\n    {}, 1\n", by(v, "o", "p", "q")))
    })
    .with(|n, p| Schema { keys: each(0..n, |at| format!("    {p}{at}, id\n")), ..Schema::default() }),
    part("schema", "what is wrong with a schema", |n, v, p| each(0..n, |at| format!("{p}{at}: {}\n", by(v, 1, 2, 3))))
        .with(|n, p| Schema {
            columns: each(0..n, |at| {
                format!("    {p}, c, number, maybe, \"a;a\"\n    {p}{at}, \"\", enum, true, \"\"\n")
            }),
            keys: each(0..n, |at| format!("    {p}, a/a\n    {p}{at}, a/\n")),
            references: each(0..n, |at| format!("    {p}, a, b.c\n    {p}{at}, a, b\n")),
        }),
];
