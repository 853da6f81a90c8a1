//! What one sees at a real terminal.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use rustix::process::{Pid, Signal, kill_process};
use support::{Run, Sandbox};

mod support;

/// Facts are waited for this long, in milliseconds.
const PATIENCE: u64 = 60_000;

fn at_terminal(mut command: Command) -> PtySession {
    command.stdin(std::process::Stdio::inherit());
    spawn_command(command, Some(PATIENCE)).unwrap()
}

/// The exit code, once the process has ended.
fn code(session: &PtySession) -> i32 {
    use rexpect::process::WaitStatus;
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_difference_has_colours_and_sets_off_what_changed() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let mut session = at_terminal(sandbox.sdnlock(["set", "config.sdn", "server.log.level=debug"]));
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("\u{1b}[31m-        level: \u{1b}[0m\u{1b}[7m\u{1b}[31minfo"), "{shown:?}");
    assert!(shown.contains("\u{1b}[7m\u{1b}[32mdebug"), "{shown:?}");
    let mut session = at_terminal(sandbox.sdnlock(["--color=never", "set", "config.sdn", "runs=1"]));
    assert!(!session.exp_eof().unwrap().contains('\u{1b}'));
}

#[test]
fn l15_the_line_about_the_holder_is_kept_up_to_date_and_cleared() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let mut session = at_terminal(sandbox.sdnlock(["set", "-w", "forever", "config.sdn", "runs=7"]));
    let line = "waiting for `config.sdn`, held for ";
    for _ in 0..2 {
        session.exp_string("\r\u{1b}[2K").unwrap();
        session.exp_string(line).unwrap();
    }
    holder.end().code(0);
    let rest = session.exp_eof().unwrap();
    assert!(rest.contains("\r\u{1b}[2K\u{1b}[1m--- config.sdn"), "{rest:?}");
    assert_eq!(code(&session), 0);
}

#[test]
fn a_long_check_says_how_far_it_has_come_and_takes_it_back() {
    let sandbox = Sandbox::with(&["config.sdn", "todo_db.sdn"]);
    let holder = sandbox.hold("todo_db.sdn");
    let mut session = at_terminal(sandbox.sdnlock(["check", "-w", "forever"]));
    session.exp_string("checked 1 of 2 files [###############---------------]").unwrap();
    holder.end().code(0);
    let rest = session.exp_eof().unwrap();
    assert!(rest.ends_with("\r\u{1b}[2Kchecked 2 files: all valid\r\n"), "{rest:?}");
    assert_eq!(code(&session), 0);
}

#[test]
fn ctrl_c_ends_the_wait() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let mut session = at_terminal(sandbox.sdnlock(["set", "-w", "forever", "config.sdn", "runs=7"]));
    session.exp_string("waiting for `config.sdn`").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("interrupted").unwrap();
    assert_eq!(code(&session), 130);
    assert_eq!(sandbox.names_but_undo(), ["config.sdn", "config.sdn.lock"]);
    drop(holder);
}

#[test]
fn ctrl_c_is_the_commands_while_one_runs() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let script = "trap 'echo command: cleaning up; exit 6' INT; echo running; while :; do sleep 0.01; done";
    let mut session = at_terminal(sandbox.sdnlock(["exec", "config.sdn", "--", "sh", "-c", script]));
    session.exp_string("running").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("command: cleaning up").unwrap();
    assert_eq!(code(&session), 6);
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn an_invalid_text_can_be_edited_again_discarded_or_kept() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    // Breaks the text at first, and mends it when it is opened again.
    sandbox.script(
        "editor.sh",
        "if grep -q Car \"$1\"; then sed -i 's/Big Red Car/car: big/' \"$1\"; else echo 'Big Red Car' >> \"$1\"; fi",
    );
    let edit = || {
        let mut command = sandbox.shell("echo $$ > pid; exec sdnlock edit config.sdn");
        command.env("EDITOR", "./editor.sh");
        let mut session = at_terminal(command);
        session.exp_string("this line is no table, setting, row or comment").unwrap();
        session.exp_string("Edit again (e), discard (d), or keep it aside (k)?").unwrap();
        session
    };
    let mut session = edit();
    session.send_line("d").unwrap();
    session.exp_string(": `config.sdn` unchanged").unwrap();
    assert_eq!(code(&session), 1);
    let mut session = edit();
    session.send_line("what?").unwrap();
    session.exp_string("Edit again (e)").unwrap();
    session.send_line("k").unwrap();
    session.exp_string("`config.sdn.edited`").unwrap();
    assert_eq!(code(&session), 65);
    assert_eq!(sandbox.read("config.sdn"), before);
    let mut session = edit();
    session.send_control('d').unwrap();
    session.exp_string("`config.sdn.edited`").unwrap();
    assert_eq!(code(&session), 65);
    for (signal, status) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut session = edit();
        let pid = Pid::from_raw(sandbox.read("pid").trim().parse().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        session.exp_string("interrupted").unwrap();
        session.exp_string("`config.sdn.edited`").unwrap();
        assert_eq!(code(&session), status);
    }
    let mut session = edit();
    session.send_control('c').unwrap();
    session.exp_string("interrupted").unwrap();
    assert_eq!(code(&session), 130);
    let mut session = edit();
    session.send_line("e").unwrap();
    session.exp_string("+car: big").unwrap();
    assert_eq!(code(&session), 0);
    assert_eq!(sandbox.read("config.sdn"), before + "car: big\n");
}

#[test]
fn what_is_in_conflict_comes_back_into_the_editor_with_both_versions() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    // Changes what somebody else changes at the same time; the second time it takes one of the two.
    sandbox.script(
        "editor.sh",
        "if grep -q '<<<<<<<' \"$1\"; then cp \"$1\" seen; sed -i '/^<<<<<<<\\|^=======\\|^>>>>>>>\\|runs: 42/d' \"$1\"
         else sed -i 's/^runs: 41.*/runs: 1/' \"$1\"; sdnlock set -q config.sdn runs=42 server.port=1; fi",
    );
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    command.env("EDITOR", "./editor.sh");
    let mut session = at_terminal(command);
    session.exp_string("somebody else changed the same while you were editing").unwrap();
    session.exp_string("Edit again (e), discard (d), or keep it aside (k)?").unwrap();
    session.send_line("e").unwrap();
    let rest = session.exp_eof().unwrap();
    assert_eq!(code(&session), 0, "{rest}");
    let seen = sandbox.read("seen");
    let lines: Vec<&str> = seen.lines().skip_while(|line| !line.starts_with("<<<<<<<")).take(5).collect();
    assert_eq!(
        lines,
        ["<<<<<<< as somebody else wrote it", "runs: 42", "=======", "runs: 1", ">>>>>>> as you edited it"]
    );
    let config = sandbox.read("config.sdn");
    assert!(config.contains("\nruns: 1\n") && config.contains("port: 1 "), "{config}");
    assert_eq!(sandbox.names(), ["config.sdn", "editor.sh", "seen"]);
}

#[test]
fn an_editor_that_can_is_sent_to_the_first_line_that_is_wrong() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    // Called as an editor that takes a line, it tells what it was given.
    sandbox.script(
        "nano",
        "for file; do :; done; echo \"$# $1\" >> calls
         if [ -e broken ]; then cp \"$file\" seen; sed -i '/Big Red/d' \"$file\"; echo 'car: big' >> \"$file\"
         else touch broken; sed -i '2i Big Red Car' \"$file\"; fi",
    );
    let mut command = sandbox.sdnlock(["edit", "config.sdn"]);
    command.env("EDITOR", "./nano");
    let mut session = at_terminal(command);
    session.exp_string("Edit again (e)").unwrap();
    session.send_line("e").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(code(&session), 0);
    let calls = sandbox.read("calls");
    assert!(calls.lines().nth(1).unwrap().starts_with("2 +2"), "{calls}");
    assert!(sandbox.read("seen").contains("#! sdnlock: this line is no table, setting, row or comment"));
    let config = sandbox.read("config.sdn");
    assert!(config.ends_with("car: big\n") && !config.contains("#!"), "{config}");
}

/// A list of many records, at a terminal of this size.
fn list_at(sandbox: &Sandbox, size: &str, command: &str) -> String {
    let rows: String =
        (1..=30).map(|n| format!("    {n}, \"{}\", {}\n", "long text ".repeat(9).trim(), n != 2)).collect();
    sandbox.write("long.sdn", format!("t |id, text, valid|\n{rows}"));
    let mut session = at_terminal(sandbox.shell(&format!("stty {size}; {command}")));
    // The session takes each byte for a character.
    let bytes = session.exp_eof().unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_list_keeps_within_the_terminal() {
    let sandbox = Sandbox::new();
    let shown = list_at(&sandbox, "cols 30 rows 60", "sdnlock list long.sdn t --all");
    let head = "\u{1b}[1mid  text                 valid\u{1b}[0m\r\n 1  long text long tex…  true\r\n";
    let hidden = "\u{1b}[2m 2  long text long tex…  false\u{1b}[0m\r\n";
    assert!(shown.starts_with(head) && shown.contains(hidden), "{shown:?}");
    let shown = list_at(&sandbox, "cols 9 rows 60", "sdnlock --color never list long.sdn t");
    assert!(
        shown.starts_with(
            "note: no room for text, valid; choose with `--columns`, or see all with `--format record`\r\nid\r\n 1\r\n"
        ),
        "{shown:?}"
    );
}

#[test]
fn a_narrow_terminal_shows_what_there_is_room_for() {
    let sandbox = Sandbox::new();
    let long = "long text ".repeat(9);
    sandbox.write("t.sdn", format!("t |id, priority, note, text, file|\n    1, P1, \"\", \"{long}\", src/x\n"));
    let at = |command: &str| {
        let mut session = at_terminal(sandbox.shell(&format!("stty cols 40 rows 60; sdnlock --color never {command}")));
        let bytes = session.exp_eof().unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    };
    let list = "note: left out, since they are empty: note\n\
                id  priority  text                 file\n 1  P1        long text long tex…  src/x\n";
    assert_eq!(at("list t.sdn t"), list);
    let record = format!("id: 1\npriority: P1\nnote: \ntext: \"{long}\"\nfile: src/x\n");
    assert_eq!(at("list t.sdn t --format record"), record);
    // What changed in a long line is shown by its record, unless lines were asked for.
    assert_eq!(at("set t.sdn t.1.priority=P0"), "--- t.sdn\n+++ t.sdn\n~ t.1  priority: P1 -> P0\n");
    assert!(at("set --diff unified t.sdn t.1.priority=P1").contains("\n-    1, P0, "));
    assert!(Run::of(&mut sandbox.sdnlock(["set", "t.sdn", "t.1.priority=P2"])).stderr.contains("\n-    1, P1, "));
    sandbox.write("u.sdn", "u |id, text|\n    1, x\n");
    assert!(at("set u.sdn u.1.text=y").contains("\n-    1, x\n"));
    // A finding is shown around its place.
    sandbox.write("t.sdn", format!("t |id, text, path|\n    1, \"{long}\", ./x/{}\n", "y".repeat(90)));
    let check = at("check t.sdn");
    let lines: Vec<&str> = check.lines().collect();
    let caret = lines.iter().position(|line| line.contains('^')).unwrap();
    assert!(lines[caret - 1].chars().count() <= 40, "{check}");
    let column = lines[caret].chars().position(|c| c == '^').unwrap();
    assert_eq!(lines[caret - 1].chars().skip(column).take(2).collect::<String>(), "./", "{check}");
    // Nothing reaches the terminal on which it would act.
    sandbox.write("v.sdn", "a: \"x\u{1b}[31m\ny\"\n");
    assert_eq!(at("get v.sdn a"), "\"x\u{241b}[31m\\ny\"\n");
    assert_eq!(at("get --raw v.sdn a"), "x\u{1b}[31m\ny\n");
}

#[test]
fn a_long_list_is_shown_in_the_pager_that_was_chosen() {
    let sandbox = Sandbox::new();
    let paged = |setting: &str, options: &str, rows: u32| {
        let command = format!("{setting} sdnlock list {options} long.sdn t --columns id");
        list_at(&sandbox, &format!("cols 80 rows {rows}"), &command).contains("paged")
    };
    let mark = "PAGER='sed s/^/paged/'";
    assert!(paged(mark, "", 20));
    assert!(!paged(mark, "", 40));
    assert!(!paged(mark, "--no-pager", 20));
    assert!(!paged(&format!("SDNLOCK_PAGER= {mark}"), "", 20));
    assert!(!paged(&format!("SDNLOCK_PAGER=cat {mark}"), "", 20));
    assert!(paged("PAGER=cat SDNLOCK_PAGER='sed s/^/paged/'", "", 20));
    let shown = list_at(&sandbox, "cols 80 rows 20", "PAGER=no-such-pager sdnlock list long.sdn t --columns id");
    assert!(shown.ends_with("29\r\n30\r\n"), "{shown:?}");
    // A pager that is left early ends it quietly.
    let shown = list_at(&sandbox, "cols 80 rows 20", "PAGER='head -n 1' sdnlock list long.sdn t; echo code $?");
    assert!(shown.ends_with("valid\u{1b}[0m\r\ncode 0\r\n"), "{shown:?}");
}

#[test]
fn git_is_set_up_once_somebody_agrees() {
    let sandbox = Sandbox::new();
    if !support::has_program("git") {
        return;
    }
    support::Run::of(&mut sandbox.shell("git init --quiet")).code(0);
    for (answer, expected) in [("n", 1), ("y", 0)] {
        let mut session = at_terminal(sandbox.sdnlock(["git-setup"]));
        session.exp_string("write this? [y/n]").unwrap();
        session.send_line(answer).unwrap();
        session.exp_eof().unwrap();
        assert_eq!(code(&session), expected);
        assert_eq!(sandbox.exists(".gitattributes"), answer == "y");
    }
}
