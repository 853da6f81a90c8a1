//! `sdnlock edit`, with editors that are scripts.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use rustix::process::{Pid, Signal, kill_process};
use snapbox::str;
use support::{Run, Sandbox, start, wait_for};

mod support;

/// Runs `sdnlock edit` with a shell command as the editor; `$1` is the file it is to change.
fn edit(sandbox: &Sandbox, editor: &str, arguments: &[&str]) -> Run {
    sandbox.script("editor.sh", editor);
    let mut command = sandbox.sdnlock(["edit"]);
    Run::of(command.args(arguments).env("SDNLOCK_EDITOR", "./editor.sh"))
}

#[test]
fn what_was_typed_takes_the_place_of_the_database() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    assert_says!(
        edit(&sandbox, "sed -i 's/level: info/level: debug/' \"$1\"", &["config.sdn"]),
        str![[r#"
exit code 0
--- stderr
--- config.sdn
+++ config.sdn
@@ -9,7 +9,7 @@ server:
     host: localhost
     port: 8080        # web
     log:
-        level: info
+        level: debug
         file: "/var/log/build.log"
     proxy:
 

"#]]
    );
    assert!(sandbox.read("config.sdn").contains("level: debug"));
    assert_eq!(sandbox.names(), ["config.sdn", "editor.sh"]);
}

#[test]
fn no_change_and_a_failed_editor_are_told_apart() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    assert_says!(
        edit(&sandbox, "cat \"$1\" > /dev/null", &["config.sdn"]),
        str![[r"
exit code 0
--- stderr
note: `config.sdn` unchanged

"]]
    );
    assert_says!(
        edit(&sandbox, "exit 3", &["config.sdn"]),
        str![[r"
exit code 74
--- stderr
error: the editor `./editor.sh` failed with exit code 3
state: `config.sdn` unchanged

"]]
    );
    // Some shells say on their own that it was killed.
    edit(&sandbox, "kill -9 $$", &["config.sdn"])
        .code(74)
        .says("error: the editor `./editor.sh` was ended by signal 9\nstate: `config.sdn` unchanged\n");
    assert_says!(
        edit(&sandbox, "rm \"$1\"", &["config.sdn"]),
        str![[r"
exit code 74
--- stderr
error: the editor `./editor.sh` removed the file it was to change
state: `config.sdn` unchanged

"]]
    );
    assert_eq!(sandbox.names(), ["config.sdn", "editor.sh"]);
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    Run::of(command.env("EDITOR", "no-such-editor -x")).code(74).says("the editor `no-such-editor -x` was not found");
    sandbox.run(&["edit", "none.sdn"]).code(66);
}

#[test]
fn an_editor_that_fails_after_saving_loses_nothing() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    assert_says!(
        edit(&sandbox, "echo 'end: 1' >> \"$1\"; exit 3", &["config.sdn"]),
        str![[r"
exit code 74
--- stderr
error: the editor `./editor.sh` failed with exit code 3
state: `config.sdn` unchanged
 kept: `config.sdn.edited`
 hint: compare with `sdnlock diff config.sdn config.sdn.edited`

"]]
    );
    assert_eq!(sandbox.read("config.sdn"), before);
    assert_eq!(sandbox.read("config.sdn.edited"), before + "end: 1\n");
}

#[test]
fn the_editor_is_a_shell_command_line() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    std::fs::create_dir(sandbox.path("my editors")).unwrap();
    sandbox.script("my editors/ed.sh", "echo \"# $1 $2\" >> \"$3\"");
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    let line = "'./my editors/ed.sh' --flag \"two words\"";
    Run::of(command.env("EDITOR", line).env("VISUAL", "").env("SDNLOCK_EDITOR", "")).code(0);
    assert!(sandbox.read("config.sdn").ends_with("# --flag two words\n"));
    // The first of the variables that is set counts.
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    Run::of(command.env("EDITOR", "false").env("VISUAL", "true")).code(0).says("unchanged");
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    Run::of(command.env("EDITOR", "false").env("VISUAL", "false").env("SDNLOCK_EDITOR", "true")).code(0);
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    Run::of(command.env("EDITOR", "true").env("VISUAL", "false").env("TERM", "dumb")).code(0);
}

#[test]
fn the_copy_has_the_name_of_the_database_and_is_private() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let run = edit(&sandbox, "basename \"$1\"; stat -c %a \"$(dirname \"$1\")\"; echo \"$1\" > where", &["config.sdn"]);
    assert_eq!(run.code(0).stdout, "config.sdn\n700\n");
    let copy = sandbox.read("where");
    assert!(!std::path::Path::new(copy.trim()).exists(), "the copy was left: {copy}");
}

#[test]
fn an_invalid_text_is_kept_beside_the_database() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    assert_says!(
        edit(&sandbox, "echo 'Big Red Car' >> \"$1\"", &["config.sdn"]),
        str![[r"
exit code 65
--- stderr
error: not writing `config.sdn`: it is not valid SDN
  --> config.sdn (as edited):20:1
   |
20 | Big Red Car
   | ^^^^^^^^^^^ this line is no table, setting, row or comment
state: `config.sdn` unchanged
 kept: `config.sdn.edited`
 hint: compare with `sdnlock diff config.sdn config.sdn.edited`

"]]
    );
    assert_eq!(sandbox.read("config.sdn"), before);
    assert_eq!(sandbox.read("config.sdn.edited"), before.clone() + "Big Red Car\n");
    edit(&sandbox, ": > \"$1\"", &["config.sdn"]).code(65).says("it would be emptied");
    assert_eq!(sandbox.read("config.sdn"), before);
    edit(&sandbox, "echo 'Big Red Car' >> \"$1\"", &["--no-check", "config.sdn"]).code(0);
    assert!(sandbox.read("config.sdn").ends_with("Big Red Car\n"));
}

#[test]
fn what_others_changed_meanwhile_is_merged_with_what_was_typed() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let editor = "echo 'typed: 1' >> \"$1\"; sdnlock set -q config.sdn runs=42";
    edit(&sandbox, editor, &["config.sdn"]).code(0).says("it holds both changes now");
    let both = sandbox.read("config.sdn");
    assert!(both.contains("runs: 42") && both.ends_with("typed: 1\n"));
    // The same typed and written is no conflict, and nothing to write.
    let editor = "sed -i 's/^runs: 42/runs: 43/' \"$1\"; sdnlock set -q config.sdn runs=43";
    edit(&sandbox, editor, &["config.sdn"]).code(0).says("unchanged");
    assert_eq!(sandbox.names(), ["config.sdn", "editor.sh"]);
}

#[test]
fn what_others_changed_otherwise_is_left_and_the_text_is_kept() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let editor = "sed -i 's/^runs: 41/runs: 1/' \"$1\"; sdnlock set -q config.sdn runs=42";
    assert_says!(
        edit(&sandbox, editor, &["config.sdn"]),
        str![[r"
exit code 1
--- stderr
error: not writing `config.sdn`: somebody else changed the same while you were editing
state: `config.sdn` is as somebody else wrote it
 kept: `config.sdn.edited`
cause: conflict: `runs`: `runs` was `41`, is `42` in the database, `1` in the new text
 hint: compare with `sdnlock diff config.sdn config.sdn.edited`

"]]
    );
    assert!(sandbox.read("config.sdn").contains("runs: 42"));
    assert!(sandbox.read("config.sdn.edited").contains("runs: 1"));
    let removed = edit(&sandbox, "echo 'typed: 2' >> \"$1\"; rm config.sdn", &["config.sdn"]);
    removed.code(1).says("it was removed while you were editing").says("kept: `config.sdn.edited.1`");
    assert_eq!(sandbox.names(), ["config.sdn.edited", "config.sdn.edited.1", "editor.sh"]);
    // A text that is no SDN is merged by lines.
    sandbox.write("notes.txt", "one\ntwo\nthree\nfour\n");
    let editor = "sed -i 's/one/ONE/' \"$1\"; sed -i 's/four/FOUR/' notes.txt";
    edit(&sandbox, editor, &["notes.txt"]).code(0);
    assert_eq!(sandbox.read("notes.txt"), "ONE\ntwo\nthree\nFOUR\n");
}

#[test]
fn a_text_whose_sdnlock_was_killed_is_found_again() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let temporary = sandbox.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    sandbox.script("editor.sh", "echo 'typed: 1' >> \"$1\"; echo > ready; while [ -e ready ]; do sleep 0.01; done");
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    let child = start(command.env("EDITOR", "./editor.sh").env("TMPDIR", &temporary));
    wait_for("the editor to open", || sandbox.exists("ready"));
    // Another one who edits now is not told of it: it is in use.
    let mut second = sandbox.sdnlock(["edit", "config.sdn"]);
    let other = Run::of(second.env("EDITOR", "true").env("TMPDIR", &temporary)).code(0);
    assert!(!other.stderr.contains("never written"), "{}", other.stderr);
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    std::fs::remove_file(sandbox.path("ready")).unwrap();
    Run::end_of(child);
    let mut next = sandbox.sdnlock(["edit", "config.sdn"]);
    let next = Run::of(next.env("EDITOR", "true").env("TMPDIR", &temporary)).code(0);
    let line = next.stderr.lines().find(|line| line.contains("was never written is in")).expect("it is told");
    let text = line.split('`').nth(3).unwrap();
    assert!(std::fs::read_to_string(text).unwrap().ends_with("typed: 1\n"), "{line}");
}

#[test]
fn nobody_waits_while_the_editor_is_open_unless_the_lock_is_to_be_held() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    edit(&sandbox, "sdnlock set -n -q config.sdn runs=42", &["config.sdn"]).code(0).says("unchanged");
    let held = edit(
        &sandbox,
        "sdnlock set -n -q config.sdn runs=43 2> said; echo 'typed: 1' >> \"$1\"",
        &["--hold", "config.sdn"],
    );
    held.code(0);
    assert!(sandbox.read("said").contains("could not lock `config.sdn` at once"));
    assert!(sandbox.read("said").contains("by `sdnlock edit --hold config.sdn`"));
    assert!(sandbox.read("config.sdn").ends_with("typed: 1\n"));
    assert_eq!(sandbox.names(), ["config.sdn", "editor.sh", "said"]);
}

#[test]
fn a_dry_run_shows_what_was_typed_and_writes_nothing() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    let run = edit(&sandbox, "echo 'typed: 1' >> \"$1\"", &["--dry-run", "config.sdn"]).code(0);
    assert!(run.stdout.contains("+typed: 1"));
    assert_eq!(sandbox.read("config.sdn"), before);
}

#[test]
fn what_is_kept_is_for_those_for_whom_the_database_is() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with(&["config.sdn"]);
    let mode = |name: &str| std::fs::metadata(sandbox.path(name)).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(sandbox.path("config.sdn"), std::fs::Permissions::from_mode(0o600)).unwrap();
    edit(&sandbox, "echo 'Big Red Car' >> \"$1\"", &["config.sdn"]).code(65);
    assert_eq!(mode("config.sdn.edited"), 0o600);
}

#[test]
fn what_cannot_succeed_is_told_before_the_editor_opens() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    std::fs::hard_link(sandbox.path("config.sdn"), sandbox.path("other")).unwrap();
    let editor = "touch opened";
    edit(&sandbox, editor, &["config.sdn"]).code(65).says("it has 2 hard links");
    edit(&sandbox, editor, &["--if-match", "none", "config.sdn"]).code(1).says("it exists");
    edit(&sandbox, editor, &["--if-match", "x", "config.sdn"]).code(2).says("`x` is no tag");
    assert!(!sandbox.exists("opened"));
}

#[test]
fn an_editor_that_saves_when_it_is_told_to_end_has_the_time() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    // As vim does it: what was typed is saved beside the file when the terminal goes.
    let save = "trap 'sleep 0.3; echo typed > \"$1.save\"; exit 1' HUP; echo > ready; while :; do sleep 0.01; done";
    sandbox.script("editor.sh", save);
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    let child = start(command.env("EDITOR", "./editor.sh"));
    wait_for("the editor to open", || sandbox.exists("ready"));
    rustix::process::kill_process_group(Pid::from_child(&child), Signal::HUP).unwrap();
    let run = Run::end_of(child).code(129);
    let folder = run.stderr.lines().find_map(|line| line.strip_prefix(" kept: `")).expect("the text is named");
    let saved = std::path::Path::new(folder.trim_end_matches('`')).join("config.sdn.save");
    assert_eq!(std::fs::read_to_string(&saved).unwrap(), "typed\n");
    std::fs::remove_dir_all(saved.parent().unwrap()).unwrap();
}

#[test]
fn a_terminal_that_is_closed_while_the_editor_is_open_loses_nothing() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    sandbox.script("editor.sh", "echo 'typed: 1' >> \"$1\"; echo > ready; while [ -e ready ]; do sleep 0.01; done");
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    let child = start(command.env("EDITOR", "./editor.sh"));
    wait_for("the editor to open", || sandbox.exists("ready"));
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    std::fs::remove_file(sandbox.path("ready")).unwrap();
    let run = Run::end_of(child).code(129);
    run.says("error: interrupted").says("kept: `config.sdn.edited`").says("`config.sdn` unchanged");
    assert!(sandbox.read("config.sdn.edited").ends_with("typed: 1\n"));
}

#[test]
fn an_editor_that_goes_into_the_background_is_no_success() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    let editor = "{ while [ ! -e go ] && [ -e config.sdn ]; do sleep 0.01; done; echo 'typed: 1' >> \"$1\"; echo > saved; } > out 2>&1 &";
    let run = edit(&sandbox, editor, &["config.sdn"]).code(74);
    let run = run.says("went on in the background").says("state: `config.sdn` unchanged").says("`code --wait`");
    assert_eq!(sandbox.read("config.sdn"), before);
    // What it saves later is where it was told.
    sandbox.write("go", "");
    wait_for("the editor to save", || sandbox.exists("saved"));
    let kept = run.stderr.lines().find_map(|line| line.strip_prefix(" kept: `")).unwrap().trim_end_matches('`');
    assert!(std::fs::read_to_string(kept).unwrap().ends_with("typed: 1\n"));
    std::fs::remove_dir_all(std::path::Path::new(kept).parent().unwrap()).unwrap();
}

#[test]
fn editors_save_in_many_ways_and_nothing_is_lost() {
    let saves = [
        ("by rename", "sed 's/^runs: 41/runs: 1/' \"$1\" > \"$1.new\"; mv \"$1.new\" \"$1\""),
        ("by removing it first", "text=$(sed 's/^runs: 41/runs: 1/' \"$1\"); rm \"$1\"; echo \"$text\" > \"$1\""),
        (
            "with the old times",
            "touch -r \"$1\" ref; sed -i 's/^runs: 41/runs: 1/' \"$1\"; touch -r ref \"$1\"; rm ref",
        ),
        ("without standard input", "exec <&-; sed -i 's/^runs: 41/runs: 1/' \"$1\""),
    ];
    for (how, editor) in saves {
        let sandbox = Sandbox::with(&["config.sdn"]);
        edit(&sandbox, editor, &["-q", "config.sdn"]).code(0);
        assert!(sandbox.read("config.sdn").contains("\nruns: 1\n"), "{how}");
    }
    // Saved, and failed afterwards: nobody knows whether that was meant, so it is kept and not written.
    let sandbox = Sandbox::with(&["config.sdn"]);
    let failed = edit(&sandbox, "sed -i 's/^runs: 41/runs: 1/' \"$1\"; exit 3", &["config.sdn"]).code(74);
    failed.says("failed with exit code 3").says("kept: `config.sdn.edited`");
    assert!(sandbox.read("config.sdn.edited").contains("\nruns: 1\n"));
    // Without standard input nothing is asked, and nothing hangs.
    let mut command = sandbox.shell("sdnlock edit config.sdn <&-");
    sandbox.script("editor.sh", "echo 'Big Red Car' >> \"$1\"");
    Run::of(command.env("SDNLOCK_EDITOR", "./editor.sh")).code(65).says("kept: `config.sdn.edited.1`");
}

#[test]
fn what_is_in_the_way_is_told_before_the_editor_opens() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    // A variable of blanks is as one that is not set.
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    let run = Run::of(command.env("TERM", "xterm").env("VISUAL", "  ").env("EDITOR", "true"));
    run.code(0).says("note: `config.sdn` unchanged");
    let nowhere = sandbox.path("nowhere");
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    let run = Run::of(command.env("TMPDIR", &nowhere).env("EDITOR", "touch opened"));
    run.code(73).says(&format!("hint: there is no folder `{}`, where TMPDIR says that copies go", nowhere.display()));
    if !support::has_program("setpriv") || !rustix::process::geteuid().is_root() {
        return;
    }
    // As somebody who may read, and write nowhere but in a folder of their own.
    let script = "mkdir own shut && cp config.sdn shut/ && chmod 777 own && chmod 755 . shut && \
                  TMPDIR=$PWD/own EDITOR='touch own/opened' setpriv --reuid 65534 --regid 65534 --clear-groups \
                  sdnlock edit shut/config.sdn";
    let run = Run::of(&mut sandbox.shell(script));
    assert!(!sandbox.exists("own/opened"), "{}", run.stderr);
    run.code(77).says("error: not writing `shut/config.sdn`: nothing can be made in its folder");
}
