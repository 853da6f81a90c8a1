//! Hints lead somewhere: what they say can be pasted, and works.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use support::{Run, Sandbox};

mod support;

const TEXT: &str = "runs: 3\nserver:\n    port: 80\ntodos |id, text, status, valid|\n    1, a, open, true\n    2, b, done, true\n    \
                    8.2, c, open, true\nnotes |id, todos_id|\n    1, 1\nodd |id, n|\n    1, 2, 3\nT2 |id, a\n";

/// Command lines that end in an error with a hint. They are run in a shell, each in a folder of its own.
const WRONG: &[&str] = &[
    "sdnlock get t.sdn todos.1.stats",
    "sdnlock get t.sdn todo",
    "sdnlock get t.sdn server",
    "sdnlock get t.sdn todos.8.2.text",
    "sdnlock get t.sdn port",
    "sdnlock get t.sdn T2",
    "sdnlock get -0 t.sdn todos",
    "sdnlock get todos.1.status t.sdn",
    "sdnlock get --raw 'todos.\"8.2\"' t.sdn",
    "sdnlock list todos t.sdn",
    "sdnlock add todos t.sdn text=x",
    "sdnlock list t.sdn todos --where 'id<x'",
    "sdnlock set t.sdn todos.1.text",
    "sdnlock set t.sdn odd.1.n=4",
    "sdnlock set t.sdn todos.9.text=x",
    "sdnlock set sealed.sdn a=2",
    "sdnlock rm t.sdn todos",
    "sdnlock write t.sdn broken.txt",
    "sdnlock write t.sdn /dev/null",
    "sdnlock validate t.sdn",
    "sdnlock delete t.sdn todos.1",
    "sdnlock update t.sdn todos.1.text=x",
    "sdnlock exec t.sdn true",
    "sdnlock check --explain SDN4",
    "sdnlock check --fix sealed.sdn",
    "sdnlock restore t.sdn 0",
    "sdnlock set locked.sdn a=2",
];

fn scene() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", TEXT);
    sandbox.write("sealed.sdn", "#sdn-crc32:1\na: 1\n");
    sandbox.write("broken.txt", "t |a, b|\n    1, \"open\n");
    sandbox.write("locked.sdn", "a: 1\n");
    Run::of(&mut sandbox.shell("chmod 444 locked.sdn")).code(0);
    sandbox
}

/// What stands in backquotes behind `hint:` and `tip:`.
fn quoted(stderr: &str) -> Vec<String> {
    let lines = stderr.lines().map(str::trim).filter(|line| line.starts_with("hint:") || line.starts_with("tip:"));
    let parts = lines.flat_map(|line| line.split('`').skip(1).step_by(2));
    parts.map(str::to_owned).collect()
}

#[test]
fn every_command_and_option_of_a_hint_works_where_it_is_given() {
    let mut tried = 0;
    for wrong in WRONG {
        let failed = Run::of(&mut scene().shell(wrong));
        assert_ne!(failed.code, 0, "{wrong}");
        for hint in quoted(&failed.stderr) {
            let meant = match hint.split_whitespace().next() {
                Some("sdnlock") if hint.contains("FILE") => hint.replace("FILE", "t.sdn").replace("CMD", "true"),
                Some("sdnlock") => hint.clone(),
                // What is asked for in place of an address.
                Some(_) if wrong.starts_with("sdnlock get t.sdn") && hint.contains('.') => {
                    format!("sdnlock get t.sdn {hint}")
                }
                Some(option) if option.starts_with("--") && hint != "--" => format!("{wrong} {hint}"),
                _ => continue,
            };
            let run = Run::of(&mut scene().shell(&meant));
            // Whatever comes out of it, it is no misuse, and it is another thing than before.
            let is_misuse = run.code == 2 || run.code == 66 || run.code == 127;
            assert!(!is_misuse && run.stderr != failed.stderr, "{wrong}: `{hint}` as `{meant}`: {}", run.stderr);
            tried += 1;
        }
    }
    assert!(tried >= 15, "only {tried}");
}

#[test]
fn a_database_and_an_address_that_changed_places_are_seen() {
    let sandbox = scene();
    for (arguments, hint) in [
        (&["get", "todos.1.text", "t.sdn"][..], "`sdnlock get t.sdn todos.1.text`"),
        (&["add", "todos", "t.sdn", "text=a b"], "`sdnlock add t.sdn todos 'text=a b'`"),
        (&["rm", "-q", "todos.1", "t.sdn"], "`sdnlock rm -q t.sdn todos.1`"),
    ] {
        sandbox.run(arguments).code(66).says(&format!("hint: the database comes first: {hint}"));
    }
    assert!(!sandbox.exists("todos"));
    // A new database, and a file that has the name of its table.
    sandbox.write("todos", "");
    sandbox.run(&["add", "-q", "new.sdn", "todos", "text=x"]).code(0);
}

#[test]
fn lines_that_may_be_tables_are_told_where_tables_are_listed() {
    let note = "note: 1 line may be meant for tables and cannot be read, on line 12; see `sdnlock check t.sdn`";
    scene().run(&["list", "t.sdn"]).code(0).says(note);
}
