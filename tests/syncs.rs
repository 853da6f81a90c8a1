//! Which syncs each kind of change makes, by strace(1): none is missing, and none is wasted.

// In a release nobody can say when a command counts as one that runs for a while.
#![cfg(all(feature = "cli", debug_assertions))]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use support::{Run, Sandbox};

mod support;

/// What a command syncs, in this order, by what the files are for.
fn syncs(sandbox: &Sandbox, arguments: &[&str], securing: &str) -> Option<Vec<String>> {
    let calls = "trace=fsync,fdatasync,syncfs,sync,sync_file_range";
    let mut command = sandbox.traced(&["-y", "-o", "trace", "-e", calls], arguments)?;
    Run::of(command.env("SDNLOCK_TEST_LASTING", securing)).code(0);
    let root = sandbox.root().canonicalize().unwrap();
    let trace = sandbox.read("trace");
    let paths = trace.lines().filter(|line| line.contains("sync(")).map(|line| {
        let path =
            line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).unwrap_or_else(|| panic!("{line}")).0;
        path.strip_prefix(root.to_str().unwrap()).unwrap_or_else(|| panic!("{line}")).trim_start_matches('/').to_owned()
    });
    Some(paths.map(|path| kind(&path)).collect())
}

fn kind(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let within = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let kind = match name.rsplit_once('.').map_or(name, |(_, ending)| ending) {
        "" => "folder",
        "sub" => return "sub/folder".to_owned(),
        "sdn" => name,
        "lock" => "lock",
        "undo" => "copy",
        "sdnlock-journal" => "journal",
        "sdnlock" => "new",
        _ => panic!("{name}"),
    };
    format!("{within}{kind}")
}

fn scene() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("sub")).unwrap();
    for name in ["a.sdn", "b.sdn", "sub/c.sdn"] {
        sandbox.write(name, "n: 1\nt |id, s|\n    1, x\n");
    }
    sandbox
}

#[test]
fn each_kind_of_change_makes_these_syncs() {
    // What is changed by the command itself: the new content, and its name.
    let one = "new folder";
    // What was there before, before anything that was changed.
    let secured = "copy lock journal folder";
    let cases: &[(&[&str], &str)] = &[
        (&["set", "a.sdn", "n=2"], one),
        (&["set", "sub/c.sdn", "n=2"], "sub/new sub/folder"),
        (&["set", "a.sdn", "n=1"], ""),
        (&["set", "--no-durable", "a.sdn", "n=2"], ""),
        (&["add", "a.sdn", "t", "id=2", "s=y"], one),
        (&["rm", "a.sdn", "t.1"], one),
        (&["set", "--backups", "1", "a.sdn", "n=2"], "new new folder"),
        (&["read", "a.sdn"], ""),
        (&["check", "a.sdn"], ""),
        (&["exec", "a.sdn", "b.sdn", "--", "true"], ""),
        (&["exec", "a.sdn", "--", "sh", "-c", "cat a.sdn > x; cat x"], ""),
        (&["exec", "--no-durable", "a.sdn", "--", "sh", "-c", "echo 'n: 2' > a.sdn"], ""),
        (&["exec", "a.sdn", "--", "sh", "-c", "echo 'n: 2' > a.sdn"], &format!("{secured} a.sdn folder")),
        (
            &["exec", "a.sdn", "b.sdn", "--", "sh", "-c", "echo 'n: 2' > a.sdn"],
            "copy copy journal lock lock journal folder a.sdn folder",
        ),
        (
            &["exec", "a.sdn", "sub/c.sdn", "--", "sh", "-c", "echo 'n: 2' > sub/c.sdn"],
            "copy sub/copy sub/journal lock sub/lock journal folder sub/folder sub/c.sdn sub/folder folder",
        ),
        (&["exec", "--durable", "a.sdn", "--", "true"], "copy lock folder journal folder folder"),
        (&["exec", "--transaction", "a.sdn", "--", "true"], "copy lock folder journal folder folder"),
        (
            &["exec", "--transaction", "a.sdn", "b.sdn", "--", "sh", "-c", "echo 'n: 2' > b.sdn"],
            "copy copy journal lock lock folder journal folder b.sdn folder",
        ),
        (&["exec", "--self-locking", "a.sdn", "--", "sh", "-c", "echo 'n: 2' > a.sdn"], "a.sdn folder"),
        (
            &["exec", "a.sdn", "--", "sdnlock", "set", "--durable", "a.sdn", "n=2"],
            &format!("{one} {secured} a.sdn folder"),
        ),
        (&["exec", "a.sdn", "--", "sdnlock", "set", "b.sdn", "n=2"], one),
    ];
    for (arguments, expected) in cases {
        let Some(found) = syncs(&scene(), arguments, "600000") else { return };
        assert_eq!(found.join(" "), *expected, "{arguments:?}");
    }
}

/// As long as nothing is secured, what is changed within is; from then on it is paid for once, at the end of the outer one.
#[test]
fn many_changes_within_a_command_are_paid_for_once() {
    let inner = "sdnlock set a.sdn n=2; sdnlock add a.sdn t id=2 s=y; sdnlock set b.sdn n=2";
    let secured = "while [ $(stat -c %a .a.sdn.sdnlock-journal) != 444 ]; do sleep 0.01; done";
    let both = "copy copy journal lock lock journal folder";
    for (option, script, securing, expected) in [
        ("--diff=none", format!("{secured}; {inner}"), "0", format!("{both} a.sdn b.sdn folder")),
        (
            "--diff=none",
            inner.to_owned(),
            "600000",
            format!("new folder new folder new folder {both} a.sdn b.sdn folder"),
        ),
        ("--no-durable", inner.to_owned(), "600000", String::new()),
    ] {
        let arguments = ["exec", option, "a.sdn", "b.sdn", "--", "sh", "-c", &script];
        let Some(found) = syncs(&scene(), &arguments, securing) else { return };
        assert_eq!(found.join(" "), expected, "{option} {script}");
    }
}

/// A command that runs for a while is secured meanwhile: what is left at its end is what it changed.
#[test]
fn what_was_there_before_is_on_disk_while_a_command_runs() {
    let script = "while ! grep -q journal trace; do sleep 0.01; done; echo 'n: 2' > a.sdn";
    let Some(found) = syncs(&scene(), &["exec", "a.sdn", "--", "sh", "-c", script], "0") else { return };
    assert_eq!(found.join(" "), "copy lock journal folder a.sdn folder");
}
