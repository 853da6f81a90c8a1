//! What programs and synchronizations have lost from databases of this size, stopped before it lands: each of them held
//! the lock, or needed none, and wrote a valid file.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;

use sdnlock::loss::{Limit, Limits, LossKind};
use sdnlock::sdn::{Reseal, seal_change};
use sdnlock::{Database, DatabaseOptions, Error, Record};
use serde::{Deserialize, Serialize};
use support::{Run, Sandbox};

mod support;

/// A content with a right seal.
fn sealed(content: &str) -> String {
    let unsealed = format!("#sdn-crc32:0\n{content}");
    String::from_utf8(seal_change(b"", unsealed.into_bytes(), Reseal::Always).unwrap()).unwrap()
}

/// A bug tracker with so many bugs, every tenth of them open.
fn tracker(bugs: usize) -> String {
    let header = "|id, severity, status, title, file, line, created_at, updated_at, valid|\n";
    let (mut active, mut closed) = (format!("bugs_active {header}"), format!("bugs {header}"));
    for bug in 1..=bugs {
        let (table, status) = if bug % 10 == 0 { (&mut active, "open") } else { (&mut closed, "fixed") };
        let file = bug % 97;
        *table += &format!(
            "    bug_{bug}, P{}, {status}, \"bug number {bug}, found\", src/{file}.spl, {}, 2026-01-02, 2026-02-03, true\n",
            bug % 4,
            bug * 3 % 500,
        );
    }
    sealed(&format!("{active}\n{closed}"))
}

/// A database of todos, as a scan writes it.
fn todos(ids: impl IntoIterator<Item = usize>, first: usize) -> String {
    let rows = ids.into_iter().enumerate();
    rows.map(|(at, of)| format!("    {}, TODO, src/{}.spl, {of}, \"do thing {of}\", P2, open\n", first + at, of % 31))
        .collect()
}

const TODOS: &str = "todos |id, keyword, file, line, description, priority, status|\n";

/// Lets a program replace `F` by what is in `new`.
fn replaced(sandbox: &Sandbox, file: &str, new: &str, options: &[&str]) -> Run {
    sandbox.write("new", new);
    let script = format!("cp new {file}.tmp && mv {file}.tmp {file}");
    let command = [&["exec", "--diff", "none"], options, &[file, "--", "sh", "-c", &script]].concat();
    sandbox.run(&command)
}

#[test]
fn a_tracker_that_leaves_out_half_of_its_records_is_refused() {
    let sandbox = Sandbox::new();
    let old = tracker(3600);
    sandbox.write("bug_db.sdn", &old);
    let rest: Vec<&str> =
        old.lines().skip(1).filter(|line| !line.contains("bug_1") && !line.contains("bug_2")).collect();
    let new = sealed(&(rest.join("\n") + "\n"));
    let run = replaced(&sandbox, "bug_db.sdn", &new, &[]).code(65);
    assert_says!(
        run,
        "exit code 65
--- stderr
error: not keeping what the command wrote to `bug_db.sdn`: it would lose or change more than is allowed
state: `bug_db.sdn` is as it was before the command
 kept: `bug_db.sdn.rejected`
cause: 222 of 360 records of `bugs_active` removed: bug_10, bug_20, bug_100 and 219 more
cause: 2000 of 3240 records of `bugs` removed: bug_1, bug_2, bug_11 and 1997 more
 hint: if that is meant, allow it by `--allow-loss`
"
    );
    assert_eq!(sandbox.read("bug_db.sdn"), old);
    assert_eq!(sandbox.read("bug_db.sdn.rejected"), new);
    // Somebody who means it says so.
    replaced(&sandbox, "bug_db.sdn", &new, &["--allow-loss"]).code(0);
    assert_eq!(sandbox.read("bug_db.sdn"), new);
}

#[test]
fn what_is_refused_of_a_command_is_refused_of_one_that_was_killed() {
    let old = tracker(400);
    let new = old.lines().take(100).collect::<Vec<_>>().join("\n") + "\n";
    let new = sealed(new.split_once('\n').unwrap().1);
    for (options, is_kept) in [(&[][..], false), (&["--allow-loss"], true), (&["--limit", "removed=400"], true)] {
        let sandbox = Sandbox::new();
        sandbox.write("bug_db.sdn", &old);
        sandbox.write("new", &new);
        let script = "cp new bug_db.sdn.tmp; mv bug_db.sdn.tmp bug_db.sdn; kill -9 $PPID; kill -9 $$";
        let command = [&["exec"], options, &["bug_db.sdn", "--", "sh", "-c", script]].concat();
        sandbox.run(&command).code(1009);
        sandbox.run(&["get", "bug_db.sdn", "bugs.bug_1.status"]).code(0);
        assert_eq!(sandbox.read("bug_db.sdn"), if is_kept { &*new } else { &*old }, "{options:?}");
        assert_eq!(sandbox.exists("bug_db.sdn.rejected"), !is_kept, "{options:?}");
    }
}

#[test]
fn a_stale_scan_that_is_appended_is_refused() {
    let sandbox = Sandbox::new();
    let old = format!("{TODOS}{}", todos(0..296, 0));
    sandbox.write("todo_db.sdn", &old);
    let new = format!("{old}{}", todos(20..283, 0));
    let run = replaced(&sandbox, "todo_db.sdn", &new, &[]).code(65);
    let run = run.says("cause: 263 keys of `todos` doubled: 0, 1, 2 and 260 more");
    assert!(!run.stderr.contains("removed"), "{}", run.stderr);
    assert_eq!(sandbox.read("todo_db.sdn"), old);
}

#[test]
fn blocks_that_come_back_a_second_time_are_refused() {
    let old = tracker(300);
    let body = old.split_once('\n').unwrap().1;
    // With and without their own seal.
    for new in [format!("{old}{old}"), sealed(&format!("{body}\n{body}"))] {
        let sandbox = Sandbox::new();
        sandbox.write("bug_db.sdn", &old);
        replaced(&sandbox, "bug_db.sdn", &new, &[]).code(65);
        assert_eq!(sandbox.read("bug_db.sdn"), old);
    }
}

#[test]
fn a_scan_that_numbers_everything_anew_is_refused() {
    let sandbox = Sandbox::new();
    let old = format!("{TODOS}{}", todos(0..296, 0));
    sandbox.write("todo_db.sdn", &old);
    let new = format!("{TODOS}{}", todos((500..501).chain(0..296), 0));
    let run = replaced(&sandbox, "todo_db.sdn", &new, &[]).code(65);
    let run = run.says("cause: 296 of 296 records of `todos` renumbered: 0 -> 1, 1 -> 2, 2 -> 3 and 293 more");
    assert!(!run.stderr.contains("removed"), "{}", run.stderr);
    assert_eq!(sandbox.read("todo_db.sdn"), old);
}

#[test]
fn a_seal_that_is_not_that_of_the_content_is_refused() {
    let sandbox = Sandbox::new();
    let old = tracker(300);
    sandbox.write("bug_db.sdn", &old);
    replaced(&sandbox, "bug_db.sdn", &old.replace("P1, fixed", "P0, fixed"), &[]).code(65).says("its seal was right");
    assert_eq!(sandbox.read("bug_db.sdn"), old);
}

#[test]
fn a_small_loss_is_a_line_of_its_own() {
    let sandbox = Sandbox::new();
    let old = format!("{TODOS}{}", todos(0..100, 0));
    sandbox.write("todo_db.sdn", &old);
    let run = replaced(&sandbox, "todo_db.sdn", &format!("{TODOS}{}", todos(3..100, 3)), &[]).code(0);
    assert_eq!(run.stderr, "warning: `todo_db.sdn`: 3 of 100 records of `todos` removed: 0, 1, 2\n");
    for options in [&["--quiet"][..], &["--allow-loss"]] {
        let sandbox = Sandbox::new();
        sandbox.write("todo_db.sdn", &old);
        let run = replaced(&sandbox, "todo_db.sdn", &format!("{TODOS}{}", todos(3..100, 3)), options).code(0);
        assert_eq!(run.stderr, "", "{options:?}");
    }
}

#[test]
fn closing_bugs_loses_nothing() {
    let sandbox = Sandbox::new();
    let old = tracker(400);
    sandbox.write("bug_db.sdn", &old);
    // As the tracker does it: the record goes from one table to the other.
    let lines: Vec<&str> = old.lines().skip(1).collect();
    let (open, rest): (Vec<&str>, Vec<&str>) = lines.into_iter().partition(|line| line.contains(", open, "));
    let closed: String =
        open.iter().map(|line| line.replace(", open, ", ", fixed, ").replace("02-03", "03-04") + "\n").collect();
    let new = sealed(&format!("{}\n{closed}", rest.join("\n")));
    let run = replaced(&sandbox, "bug_db.sdn", &new, &["--no-loss"]).code(0);
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.read("bug_db.sdn"), new);
}

#[test]
fn options_and_schemas_limit_every_way_of_writing() {
    let old = format!("{TODOS}{}", todos(0..30, 0));
    let one_less = format!("{TODOS}{}", todos(1..30, 1));
    let other = old.replace("P2, open", "P1, closed");
    let cases: &[(&[&str], &str, &str, bool)] = &[
        (&["--limit", "removed=1"], "", &one_less, true),
        (&["--limit", "removed=0"], "", &one_less, false),
        (&["--limit", "removed=3%"], "", &one_less, false),
        (&["--limit", "removed=4%"], "", &one_less, true),
        (&["--no-loss"], "", &one_less, false),
        (&["--no-loss", "--limit", "removed=1"], "", &one_less, true),
        (&[], "removed, 0", &one_less, false),
        (&["--limit", "removed=5"], "removed, 0", &one_less, true),
        (&["--allow-loss"], "removed, 0", &one_less, true),
        (&["--only", "status,priority"], "", &other, true),
        (&["--only", "status"], "", &other, false),
        (&[], "only, \"status;priority\"", &other, true),
        (&[], "only, status", &other, false),
    ];
    for (options, schema, new, is_kept) in cases {
        for way in ["exec", "write", "edit", "restore", "merge", "crate"] {
            let sandbox = Sandbox::new();
            fs::create_dir(sandbox.path(".git")).unwrap();
            sandbox.write("t.sdn", &old);
            sandbox.write("new.sdn", new);
            if !schema.is_empty() {
                sandbox.write(".sdnlock.sdn", format!("limits |name, value|\n    {schema}\n"));
            }
            let run = match way {
                "exec" => replaced(&sandbox, "t.sdn", new, options),
                "write" => sandbox.run(&[&["write"], *options, &["t.sdn", "new.sdn"]].concat()),
                "edit" => {
                    let mut command = sandbox.sdnlock([&["edit"], *options, &["t.sdn"]].concat());
                    Run::of(command.env("SDNLOCK_EDITOR", format!("cp {}", sandbox.path("new.sdn").display())))
                }
                "restore" => {
                    sandbox.write("t.sdn.bak", new);
                    sandbox.run(&[&["restore"], *options, &["t.sdn", "0"]].concat())
                }
                "merge" => {
                    sandbox.write("base.sdn", &old);
                    sandbox.run(&[&["merge"], *options, &["-o", "t.sdn", "base.sdn", "t.sdn", "new.sdn"]].concat())
                }
                _ if !options.is_empty() => continue,
                _ => saved(&sandbox, new),
            };
            let run = run.code(if *is_kept { 0 } else { 65 });
            let left = sandbox.read("t.sdn");
            assert_eq!(left, if *is_kept { *new } else { &*old }, "{way} {options:?} {schema}: {}", run.stderr);
            if !is_kept && way != "crate" {
                // Where the text of an editor is kept that is what is to be done next.
                let hint = if way == "edit" { "compare with" } else { "--allow-loss" };
                run.says("more than is allowed").says(hint);
            }
        }
    }
}

/// A record of the todos.
#[derive(Serialize, Deserialize)]
struct Todo {
    id: usize,
    keyword: String,
    file: String,
    line: usize,
    description: String,
    priority: String,
    status: String,
}

impl Record for Todo {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn table_name() -> &'static str {
        "todos"
    }
}

/// Makes the database what `new` is by the library; what fails is told as a command would.
fn saved(sandbox: &Sandbox, new: &str) -> Run {
    sandbox.write("wanted.sdn", new);
    let wanted: Database<Todo> = Database::load(sandbox.path("wanted.sdn")).unwrap();
    let mut todos: Database<Todo> = Database::load(sandbox.path("t.sdn")).unwrap();
    let gone: Vec<String> = todos.all().into_iter().map(Record::id).filter(|id| wanted.get(id).is_none()).collect();
    for id in gone {
        todos.delete(&id);
    }
    for todo in wanted.all() {
        let text = serde_json::to_string(todo).unwrap();
        todos.insert(serde_json::from_str(&text).unwrap());
    }
    match todos.save() {
        Ok(()) => Run { code: 0, stdout: String::new(), stderr: String::new() },
        Err(error @ Error::Loss { .. }) => Run { code: 65, stdout: String::new(), stderr: error.to_string() },
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn options_of_the_library_limit_what_is_saved() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("t.sdn", format!("{TODOS}{}", todos(0..30, 0)));
    let limits = Limits::NONE.with(LossKind::Removed, Limit::Count(1));
    let options = DatabaseOptions::new().limits(limits);
    let without = |ids: &[&str]| {
        options.update(&path, |todos: &mut Database<Todo>| {
            for id in ids {
                todos.delete(id);
            }
            Ok(())
        })
    };
    let refused = without(&["3", "4"]).unwrap_err();
    assert!(matches!(&refused, Error::Loss { source, .. } if source.losses[0].items.len() == 2), "{refused:?}");
    assert_eq!(sandbox.read("t.sdn"), format!("{TODOS}{}", todos(0..30, 0)));
    without(&["3"]).unwrap();
    // What a program removes is meant, however much it is.
    DatabaseOptions::new()
        .update(&path, |todos: &mut Database<Todo>| {
            let ids: Vec<String> = todos.all().into_iter().map(Record::id).collect();
            for id in &ids {
                todos.delete(id);
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(sandbox.read("t.sdn"), TODOS);
}
