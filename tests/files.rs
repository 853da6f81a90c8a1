//! What a project says of its files: which are databases, for whom, and which are left alone.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;

use ignore::gitignore::GitignoreBuilder;
use proptest::prelude::*;
use sdnlock::check::Schema;
use sdnlock::sdn::Document;
use snapbox::str;
use support::Sandbox;

mod support;

/// A repository with these files, all of which are wrong, and a schema that says this of them.
fn project(names: &[&str], rows: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path(".git")).unwrap();
    for name in names {
        fs::create_dir_all(sandbox.path(name).parent().unwrap()).unwrap();
        sandbox.write(name, "junk\n");
    }
    sandbox.write(".sdnlock.sdn", schema(rows));
    sandbox
}

fn schema(rows: &[&str]) -> String {
    format!("files |glob, kind, reader|\n{}", rows.iter().map(|row| format!("    {row}\n")).collect::<String>())
}

/// The files in which something is found.
fn found(sandbox: &Sandbox, more: &[&str]) -> Vec<String> {
    let run = sandbox.run(&[&["check", "--format", "short"], more].concat());
    run.stdout.lines().map(|line| line.split(':').next().unwrap().to_owned()).collect()
}

#[test]
fn a_schema_says_which_files_are_databases() {
    let sandbox = project(
        &["a.sdn", "b.tbl", "deep/c.tbl", "README.md", "vendor/d.sdn", "vendor/e.tbl", "vendor/own.sdn"],
        &["\"*.tbl\", database, \"\"", "\"vendor/\", ignored, \"\"", "vendor/own.sdn, database, \"\""],
    );
    assert_eq!(found(&sandbox, &[]), ["a.sdn", "b.tbl", "deep/c.tbl", "vendor/own.sdn"]);
    assert_eq!(found(&sandbox, &["vendor"]), ["vendor/own.sdn"]);
    // What is named is left alone too, as pre-commit has it.
    assert_says!(
        sandbox.run(&["check", "--format", "short", "vendor/d.sdn", "vendor/own.sdn", "README.md"]),
        str![[r"
exit code 1
--- stdout
vendor/own.sdn:1:1: error[SDN104]: this line is no table, setting, row or comment
README.md:1:1: error[SDN104]: this line is no table, setting, row or comment
--- stderr
note: 1 file left alone, as .sdnlock.sdn says

"]]
    );
    sandbox.run_with(&["check", "--stdin-name", "vendor/d.sdn", "-"], "junk\n").code(0).says("1 file left alone");
    sandbox.run_with(&["check", "--stdin-name", "d.sdn", "-"], "junk\n").code(1);
    // A link is what it leads to.
    std::os::unix::fs::symlink("vendor/d.sdn", sandbox.path("link.sdn")).unwrap();
    sandbox.run(&["check", "link.sdn"]).code(0);
    // Where the command is run does not matter.
    let mut command = sandbox.sdnlock(["check", "--format", "short", "."]);
    let run = support::Run::of(command.current_dir(sandbox.path("deep")));
    assert!(run.stdout.starts_with("c.tbl:1:1"), "{run:?}");
}

#[test]
fn a_schema_says_for_which_reader_a_database_is() {
    let sandbox = project(&["a.sdn"], &["\"legacy/\", \"\", s-db", "legacy/new/, \"\", R-new"]);
    fs::create_dir_all(sandbox.path("legacy/new")).unwrap();
    // A table right below another one is lost for one reader only.
    for name in ["a.sdn", "legacy/b.sdn", "legacy/new/c.sdn"] {
        sandbox.write(name, "t |a|\n    1\nu |b|\n    2\n");
    }
    sandbox.write("legacy/README.md", "junk\n");
    assert_eq!(found(&sandbox, &[]), ["legacy/b.sdn"]);
    assert_eq!(found(&sandbox, &["--reader", "S-lib"]), [""; 0]);
    assert_eq!(found(&sandbox, &["--reader", "S-db"]), ["a.sdn", "legacy/b.sdn", "legacy/new/c.sdn"]);
    // A baseline has what that reader loses, and keeps it.
    sandbox.run(&["check", "--baseline", "base", "--write-baseline"]).code(0);
    sandbox.run(&["check", "--baseline", "base", "--strict"]).code(0);
    sandbox.run(&["check", "--baseline", "base", "--reader", "R-new", "--strict"]).code(0);
    assert!(sandbox.read("base").contains("\nlegacy/b.sdn SDN903 "));
}

#[test]
fn the_nearest_schema_speaks_of_a_file_and_those_above_of_its_folder() {
    let sandbox = project(
        &["own/a.sdn", "own/b.tbl", "own/skip/c.sdn", "other/d.sdn", "other/deep/e.sdn"],
        &["\"*.tbl\", database, \"\"", "\"own/a.sdn\", ignored, \"\"", "other/, ignored, \"\"", "skip/, ignored, \"\""],
    );
    sandbox.write("own/.sdnlock.sdn", schema(&["\"*.none\", database, \"\""]));
    assert_eq!(found(&sandbox, &[]), ["own/a.sdn", "own/skip/c.sdn"]);
    // A schema in a folder that is ignored changes nothing about that.
    sandbox.write("other/.sdnlock.sdn", schema(&["\"*\", database, \"\""]));
    sandbox.write("other/deep/.sdnlock.sdn", schema(&["\"*\", database, \"\""]));
    assert_eq!(found(&sandbox, &[]), ["own/a.sdn", "own/skip/c.sdn"]);
    assert_eq!(found(&sandbox, &["other"]), [""; 0]);
}

#[test]
fn the_schema_that_is_named_speaks_of_all_files() {
    let sandbox = project(&["a.sdn", "doc/b.sdn", "doc/c.tbl"], &["\"*.sdn\", ignored, \"\""]);
    let outside = Sandbox::new();
    let other = outside.write(".sdnlock.sdn", schema(&["\"/doc/b.sdn\", ignored, \"\"", "\"*.tbl\", database, \"\""]));
    assert_eq!(found(&sandbox, &["--schema", other.to_str().unwrap()]), ["a.sdn", "doc/c.tbl"]);
    sandbox.write("doc/other.sdn", schema(&["\"/b.sdn\", ignored, \"\""]));
    assert_eq!(found(&sandbox, &["--schema", "doc/other.sdn", "a.sdn", "doc/b.sdn"]), ["a.sdn"]);
    // Nothing that stands in a tree counts then.
    assert_eq!(found(&sandbox, &[]), [""; 0]);
}

#[test]
fn what_a_schema_says_of_files_is_checked_itself() {
    let sandbox = project(
        &["a.sdn"],
        &[
            "\"[a\", ignored, \"\"",
            "\"!a\", ignored, \"\"",
            "b, databse, \"\"",
            "c, \"\", R-newest",
            "d, \"\", \"\"",
            "\"\", ignored, \"\"",
            "e, ignored, \"\"",
            "e, database, \"\"",
        ],
    );
    assert_says!(
        sandbox.run(&["check", "--format", "short", ".sdnlock.sdn"]),
        str![[r"
exit code 1
--- stdout
.sdnlock.sdn:2:5: error[SDN502]: this pattern has a `[` that is never closed
.sdnlock.sdn:3:5: error[SDN502]: a pattern cannot be turned around by `!`; a row below can say something else of some of the files
.sdnlock.sdn:4:8: error[SDN502]: there is no kind `databse`
.sdnlock.sdn:5:12: error[SDN502]: there is no reader `R-newest`
.sdnlock.sdn:6:5: error[SDN502]: this entry of `files` says neither what the files are nor which reader they are for
.sdnlock.sdn:7:5: error[SDN502]: this entry of `files` has no `glob`, so it is about nothing
.sdnlock.sdn:9:5: error[SDN503]: `e` has an entry in `files` above already

"]]
    );
    // What can be understood counts.
    sandbox.write("e", "junk\n");
    assert!(!found(&sandbox, &["e"]).contains(&"e".to_owned()));
    sandbox.write(".sdnlock.sdn", "files |name|\n    a\n");
    let missing = sandbox.run(&["check"]).code(1);
    assert!(missing.stdout.contains("its header is `files |glob, kind, reader|`"), "{}", missing.stdout);
}

#[test]
fn a_schema_of_strangers_says_nothing_of_files() {
    use std::os::unix::fs::{PermissionsExt, chown};
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let sandbox = Sandbox::new();
    fs::set_permissions(sandbox.root(), fs::Permissions::from_mode(0o1777)).unwrap();
    fs::create_dir(sandbox.path("sub")).unwrap();
    sandbox.write("sub/a.sdn", "junk\n");
    sandbox.write("sub/b.txt", "junk\n");
    sandbox.write(".sdnlock.sdn", schema(&["sub/a.sdn, ignored, \"\"", "\"*.txt\", database, \"\""]));
    assert_eq!(found(&sandbox, &["sub"]), ["sub/b.txt"]);
    chown(sandbox.path(".sdnlock.sdn"), Some(61003), Some(61003)).unwrap();
    assert_eq!(found(&sandbox, &["sub"]), ["sub/a.sdn"]);
    let told = sandbox.run(&["check", "sub"]).code(1).says("`.sdnlock.sdn` is not believed: it belongs to 61003");
    assert_eq!(told.stderr.matches("is not believed").count(), 1, "{}", told.stderr);
}

proptest! {
    #![proptest_config(support::cases(2000))]

    #[test]
    fn a_pattern_is_one_if_gitignore_takes_it(glob in "[]\\[{}!^a-c,*?/. -]{1,8}") {
        let glob = glob.trim();
        let source = format!("files |glob, kind|\n    \"{glob}\", ignored\n");
        let (schema, findings) = Schema::read(&Document::parse(source));
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        let is_one = !glob.starts_with('!') && !glob.trim_matches('/').is_empty() && builder.add_line(None, glob).is_ok();
        prop_assert_eq!(findings.is_empty(), is_one, "{}: {:?}", glob, findings);
        prop_assert_eq!(schema.files().len(), usize::from(is_one));
    }
}
