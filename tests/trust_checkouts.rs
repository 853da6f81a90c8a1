//! A tree that was checked out is data of a stranger's, whose files are all one's own. Nothing in it leads out of it, and
//! nothing in it speaks for the databases beside it.

#![cfg(all(unix, feature = "cli"))]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use sdnlock::disk::Tag;
use support::Sandbox;

mod support;

const SECRET: &str = "https://user:SECRET@example.org\n[x\n";

/// A repository with links in it to what is beside it.
fn with_links() -> Sandbox {
    let sandbox = Sandbox::new();
    for folder in ["tree/.git", "tree/s", "tree/own", "beside"] {
        fs::create_dir_all(sandbox.path(folder)).unwrap();
    }
    sandbox.write("tree/.git/config", SECRET);
    sandbox.write("beside/credentials", SECRET);
    sandbox.write("beside/other.sdn", "t |id, path|\n    007, ./src\n");
    sandbox.write("tree/a.sdn", "n: 1\n");
    sandbox.write("tree/s/b.sdn", "n: 1\n");
    for (to, link) in [
        ("../beside/credentials", "tree/db.sdn"),
        ("../beside/other.sdn", "tree/fix.sdn"),
        (".git/config", "tree/config.sdn"),
        ("../../beside/credentials", "tree/s/.sdnlock.sdn"),
        ("../.git/config", "tree/own/.sdnlock.sdn"),
    ] {
        symlink(to, sandbox.path(link)).unwrap();
    }
    sandbox.write("tree/own/c.sdn", "n: 1\n");
    sandbox
}

#[test]
fn what_links_of_a_folder_lead_to_is_neither_shown_nor_changed() {
    let sandbox = with_links();
    let before = sandbox.read("beside/other.sdn");
    sandbox.write("schema.sdn", "limits |name, value|\n    max_size, 20MB\n");
    for line in [
        "sdnlock check .",
        "cd s && sdnlock check .",
        "sdnlock check -v --schema ../schema.sdn .",
        "sdnlock check --format github .",
        "sdnlock check --format json .",
        "sdnlock check --fix .",
        "sdnlock check --init-schema .",
        "sdnlock check own/c.sdn s/b.sdn",
        "sdnlock set own/c.sdn n=2",
        "sdnlock status .",
        "sdnlock exec . -- sh -c 'echo n: 2 > a.sdn'",
    ] {
        let run = support::Run::of(&mut sandbox.shell(&format!("cd tree && {line}")));
        assert!(!format!("{}{}", run.stdout, run.stderr).contains("SECRET"), "{line}: {} {}", run.stdout, run.stderr);
        assert_eq!(sandbox.read("beside/other.sdn"), before, "{line}");
        let mut names: Vec<_> =
            fs::read_dir(sandbox.path("beside")).unwrap().map(|name| name.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["credentials", "other.sdn"], "{line}");
    }
    let run = support::Run::of(&mut sandbox.shell("cd tree && sdnlock check --schema ../schema.sdn ."));
    run.code(0).says("not following `db.sdn`, a link").says("not following `fix.sdn`, a link");
    // Who names a link means what it leads to.
    sandbox.run(&["check", "--fix", "tree/fix.sdn"]);
    assert_ne!(sandbox.read("beside/other.sdn"), before);
}

#[test]
fn a_link_within_a_folder_is_what_it_leads_to_and_counts_once() {
    let sandbox = Sandbox::new();
    sandbox.write("a.sdn", "t |id, path|\n    007, ./src\n");
    symlink("a.sdn", sandbox.path("b.sdn")).unwrap();
    let run = sandbox.run(&["check", "--fix", "."]);
    assert!(!run.stderr.contains("not following"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("+++").count(), 1, "{}", run.stderr);
    assert!(sandbox.path("b.sdn").is_symlink());
    let run = sandbox.run(&["exec", ".", "--", "sh", "-c", "echo 'n: 2' > b.sdn"]).code(0);
    assert_eq!((sandbox.read("a.sdn"), run.stderr.matches("+++").count()), ("n: 2\n".to_owned(), 1));
}

#[test]
fn a_list_of_what_is_ignored_that_is_no_file_is_none() {
    for make in ["mkfifo", "ln -s /dev/zero", "mkdir"] {
        for name in [".gitignore", "d/.gitignore", ".git/info/exclude"] {
            let sandbox = Sandbox::new();
            for folder in [".git/info", "d/e", "e"] {
                fs::create_dir_all(sandbox.path(folder)).unwrap();
            }
            sandbox.write("e/.gitignore", "a.sdn\n");
            sandbox.write("d/e/.gitignore", "*.sdn\n!b.sdn\n");
            for name in ["e/a.sdn", "d/e/a.sdn", "d/e/b.sdn", "d/a.sdn"] {
                sandbox.write(name, "n: 1\n");
            }
            support::Run::of(&mut sandbox.shell(&format!("{make} {name}"))).code(0);
            sandbox.run(&["check", "-v", "."]).code(0).says("checked 2 files");
            sandbox.run(&["check", "-v", "d/e"]).code(0).says("checked 1 file");
            sandbox.run(&["exec", ".", "--", "true"]).code(0);
        }
    }
}

#[test]
fn a_schema_may_be_a_link_within_its_repository() {
    let sandbox = Sandbox::new();
    for folder in ["r/.git", "r/s", "r/schemas", "s", "elsewhere"] {
        fs::create_dir_all(sandbox.path(folder)).unwrap();
    }
    let small = "limits |name, value|\n    max_size, 8B\n";
    for (schema, target, database, counts) in [
        ("r/s/.sdnlock.sdn", "../schemas/all.sdn", "r/s/a.sdn", true),
        ("r/s/.sdnlock.sdn", "../../elsewhere/.sdnlock.sdn", "r/s/a.sdn", false),
        // Where there is no repository it is to be one by its name.
        ("s/.sdnlock.sdn", "../elsewhere/.sdnlock.sdn", "s/a.sdn", true),
        ("s/.sdnlock.sdn", "../elsewhere/all.sdn", "s/a.sdn", false),
    ] {
        sandbox.write(database, "n: 1\n");
        let beside = sandbox.path(schema);
        let _ = fs::remove_file(&beside);
        fs::write(beside.parent().unwrap().join(target), small).unwrap();
        symlink(target, &beside).unwrap();
        let run = sandbox.run(&["set", database, "n=12345678901234"]);
        if counts {
            run.code(65).says("allows 8 bytes");
        } else {
            run.code(74).says("it is a link that leads out of the repository");
        }
        assert_eq!(sandbox.read(database), "n: 1\n");
    }
}

/// A copy beside a database whose name tells that it holds this.
fn copy(sandbox: &Sandbox, database: &str, content: &str) -> String {
    let path = sandbox.path(database);
    let like = sdnlock::disk::read(&sandbox.write("like", content)).unwrap().unwrap();
    let (file, made) = sdnlock::disk::keep_undo(&path, &like).unwrap();
    file.set_modified(SystemTime::now()).unwrap();
    made.file_name().unwrap().to_string_lossy().into_owned()
}

/// A database with its seal.
fn in_seal(body: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("a.sdn", format!("#sdn-crc32:0\n{body}"));
    sandbox.run(&["set", "-q", "--reseal", "a.sdn", "n=666"]).code(0);
    sandbox.read("a.sdn")
}

/// A journal that is whole.
fn sealed(body: &str) -> String {
    format!("{body}end {}\n", Tag::of(body.as_bytes()))
}

#[test]
fn what_a_commit_puts_under_the_name_of_a_journal_brings_nothing_back_and_stops_nothing() {
    let other = in_seal("balance: 999999\nn: 1\n");
    for journal in [
        String::new(),
        "\0\0\0\0".to_owned(),
        "sdnlock journal 2 synced \n".to_owned(),
        "sdnlock journal 2 00000000000000000000000000000001 transaction synced 1790000000:1\n".to_owned(),
        sealed("sdnlock journal 9\n"),
        sealed("x\n"),
    ] {
        for name in [".db.sdn.sdnlock-journal", ".db.sdn.sdnlock-nested1-journal"] {
            let sandbox = Sandbox::new();
            sandbox.write("db.sdn", "balance: 101\n");
            copy(&sandbox, "db.sdn", &other);
            sandbox.write(name, &journal);
            for (command, code) in [(&["read", "db.sdn"][..], 0), (&["check", "db.sdn"], 0), (&["status", "."], 0)] {
                sandbox.run(command).code(code);
                assert_eq!(sandbox.read("db.sdn"), "balance: 101\n", "{journal:?}");
            }
            sandbox.run(&["set", "-q", "db.sdn", "balance=102"]).code(0);
            assert_eq!(sandbox.read("db.sdn"), "balance: 102\n", "{journal:?}");
        }
    }
}

#[test]
fn a_copy_alone_brings_back_no_database_that_holds_something() {
    let other = in_seal("n: 1\n");
    for left in ["n: 1\n", "n: \"x\n"] {
        let sandbox = Sandbox::new();
        sandbox.write("db.sdn", left);
        let copy = copy(&sandbox, "db.sdn", &other);
        // As if the machine had been started since.
        for name in ["db.sdn", &copy] {
            let file = fs::File::options().append(true).open(sandbox.path(name)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)).unwrap();
        }
        sandbox.run(&["exec", "-q", "--no-check", "db.sdn", "--", "true"]).code(0);
        assert_eq!(sandbox.read("db.sdn"), left);
    }
}

#[test]
fn a_folder_or_link_for_a_lock_file_or_queue_keeps_nobody_from_reading() {
    for make in ["mkdir", "ln -s x"] {
        for name in ["db.sdn.lock", ".db.sdn.sdnlock-queue", "db.sdn.bak", ".db.sdn.sdnlock-journal"] {
            let sandbox = Sandbox::new();
            sandbox.write("db.sdn", "n: 1\n");
            support::Run::of(&mut sandbox.shell(&format!("{make} {name}"))).code(0);
            let read = sandbox.run(&["read", "db.sdn"]).code(0);
            let is_told = |run: &support::Run, of: &str| run.stderr.contains(of);
            assert_eq!(is_told(&read, "reading `db.sdn` without a lock"), name == "db.sdn.lock", "{}", read.stderr);
            assert_eq!(
                is_told(&read, "is not believed: it is no regular file"),
                name.ends_with("queue"),
                "{}",
                read.stderr
            );
            sandbox.run(&["check", "db.sdn"]).code(0);
            // What is written is written under a lock.
            let code = if name == "db.sdn.lock" { 74 } else { 0 };
            for n in [2, 3] {
                sandbox.run(&["set", "--backups", "2", "db.sdn", &format!("n={n}")]).code(code);
                sandbox.run(&["exec", "db.sdn", "--", "sdnlock", "get", "db.sdn", "n"]).code(code);
            }
            if name == "db.sdn.bak" {
                let list = sandbox.run(&["restore", "db.sdn"]).code(0).says("`db.sdn.bak` is not believed");
                assert!(list.stdout.contains("1  ") && list.stdout.contains("2  "), "{}", list.stdout);
            }
        }
    }
}
