//! What one sees at a real terminal.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use rustix::process::{Pid, Signal, kill_process};
use support::Sandbox;

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
fn git_is_set_up_once_somebody_agrees() {
    let sandbox = Sandbox::new();
    if support::Run::of(&mut sandbox.shell("git init --quiet")).code != 0 {
        println!("git is not installed here: not tested");
        return;
    }
    for (answer, expected) in [("n", 1), ("y", 0)] {
        let mut session = at_terminal(sandbox.sdnlock(["git-setup"]));
        session.exp_string("write this? [y/n]").unwrap();
        session.send_line(answer).unwrap();
        session.exp_eof().unwrap();
        assert_eq!(code(&session), expected);
        assert_eq!(sandbox.exists(".gitattributes"), answer == "y");
    }
}
