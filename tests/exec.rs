//! `sdnlock exec`: a command that knows nothing of locks, run under them.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use snapbox::str;
use support::{Run, Sandbox, start, wait_for};

mod support;

#[test]
fn the_streams_are_the_commands() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let run = sandbox.run_with(&["exec", "config.sdn", "--", "sh", "-c", "cat; echo err >&2"], "in\0put").code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("in\0put", "err\n"));
}

#[test]
fn the_exit_code_is_the_commands() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", "exit 7"]).code(7);
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", "exit 255"]).code(255);
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", "kill -9 $$"]).code(137);
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", "kill -TERM $$"]).code(143);
    assert_says!(
        sandbox.run(&["exec", "config.sdn", "--", "no-such-command"]),
        str![[r"
exit code 127
--- stderr
error: command not found: `no-such-command`
cause: no such file or directory

"]]
    );
    assert_says!(
        sandbox.run(&["exec", "config.sdn", "--", "./config.sdn"]),
        str![[r"
exit code 126
--- stderr
error: could not run `./config.sdn`
cause: no permission

"]]
    );
    assert_says!(
        sandbox.run(&["exec", "config.sdn", "--", "/"]),
        str![[r"
exit code 126
--- stderr
error: could not run `/`
cause: no permission

"]]
    );
    sandbox.run(&["exec", "config.sdn"]).code(2);
    sandbox.run(&["exec", "config.sdn", "--"]).code(2);
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn a_script_without_a_first_line_for_the_system_is_the_shells() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with(&["config.sdn"]);
    let script = sandbox.write("plain", "echo from $1\n");
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
    let run = sandbox.run(&["exec", "config.sdn", "--", "./plain", "here"]).code(0);
    assert_eq!(run.stdout, "from here\n");
}

#[test]
fn the_lock_is_held_while_the_command_runs() {
    let sandbox = Sandbox::with(&["config.sdn", "todo_db.sdn"]);
    let run = sandbox.run(&[
        "exec",
        "config.sdn",
        "todo_db.sdn",
        "new.sdn",
        "--",
        "sh",
        "-c",
        "ls *.lock; env -u SDNLOCK_HELD sdnlock get -n config.sdn runs",
    ]);
    assert_eq!(run.code(75).stdout, "config.sdn.lock\nnew.sdn.lock\ntodo_db.sdn.lock\n");
    assert_eq!(sandbox.names(), ["config.sdn", "todo_db.sdn"]);
}

#[test]
fn what_the_command_changed_is_shown() {
    let sandbox = Sandbox::with(&["config.sdn", "todo_db.sdn"]);
    sandbox.script("work.sh", "sed -i s/8080/9090/ config.sdn; printf 'a: 1\\n' > new.sdn; rm todo_db.sdn");
    let run = sandbox.run(&["exec", "todo_db.sdn", "new.sdn", "config.sdn", "--diff", "stat", "--", "./work.sh"]);
    assert_says!(
        run,
        str![[r"
exit code 0
--- stderr
config.sdn: -1 +1 lines, 1 setting changed
new.sdn: -0 +1 lines, 1 setting added
todo_db.sdn: -7 +0 lines, 6 records removed
warning: `todo_db.sdn`: the table `todos` removed
warning: `todo_db.sdn`: 5 of 5 records of `todos` removed: 1, 2, 3 and 2 more

"]]
    );
    assert_says!(
        sandbox.run(&["exec", "config.sdn", "--", "sed", "-i", "s/9090/80/", "config.sdn"]),
        str![[r#"
exit code 0
--- stderr
--- config.sdn
+++ config.sdn
@@ -7,7 +7,7 @@ limits = {cpu: 4, mem: 2048, paths: {cache: ".cache/sdn"}}
 
 server:
     host: localhost
-    port: 9090        # web
+    port: 80        # web
     log:
         level: info
         file: "/var/log/build.log"

"#]]
    );
    let quiet = sandbox.run(&["exec", "-q", "config.sdn", "--", "sed", "-i", "s/80 /81 /", "config.sdn"]).code(0);
    assert_eq!(quiet.stderr, "");
    assert_eq!(sandbox.names(), ["config.sdn", "new.sdn", "work.sh"]);
}

#[test]
fn a_valid_file_that_was_broken_comes_back_and_the_broken_one_is_kept() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    let break_it = ["exec", "config.sdn", "--", "sh", "-c", "echo 'Big Red Car' >> config.sdn"];
    assert_says!(
        sandbox.run(&break_it),
        str![[r"
exit code 65
--- stderr
error: not keeping what the command wrote to `config.sdn`: it is not valid SDN any more
  --> config.sdn:20:1
   |
20 | Big Red Car
   | ^^^^^^^^^^^ this line is no table, setting, row or comment
state: `config.sdn` is as it was before the command
 kept: `config.sdn.rejected`

"]]
    );
    assert_eq!(sandbox.read("config.sdn"), before);
    assert_eq!(sandbox.read("config.sdn.rejected"), before.clone() + "Big Red Car\n");
    // The code of a command that failed is its own.
    let fail = ["exec", "config.sdn", "--", "sh", "-c", "echo 'Big Blue Car' >> config.sdn; exit 3"];
    sandbox.run(&fail).code(3).says("kept: `config.sdn.rejected.1`");
    assert_eq!(sandbox.read("config.sdn"), before);
    assert_eq!(sandbox.names(), ["config.sdn", "config.sdn.rejected", "config.sdn.rejected.1"]);
    sandbox.run(&["exec", "--no-check", "config.sdn", "--", "sh", "-c", "echo 'Big Red Car' >> config.sdn"]).code(0);
    // It is invalid now, so it may stay so.
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", "echo 'Small Red Car' >> config.sdn"]).code(0);
    assert!(sandbox.read("config.sdn").ends_with("Big Red Car\nSmall Red Car\n"));
}

#[test]
fn what_comes_back_is_the_file_that_was_there() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let sandbox = Sandbox::with(&["config.sdn"]);
    let path = sandbox.path("config.sdn");
    let before = sandbox.read("config.sdn");
    let attribute = xattr::set(&path, "user.comment", b"mine").is_ok();
    let owner = fs::metadata(&path).unwrap().uid();
    fs::hard_link(&path, sandbox.path("other name")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
    // The command replaces it by a broken file of its own, with other permissions.
    let line = "rm config.sdn; echo 'Big Red Car' > config.sdn; chmod 666 config.sdn";
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", line]).code(65).says("kept: `config.sdn.rejected`");
    assert_eq!(sandbox.read("config.sdn"), before);
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o440, owner));
    if attribute {
        assert_eq!(xattr::get(&path, "user.comment").unwrap().as_deref(), Some(&b"mine"[..]));
    }
    let kept = fs::metadata(sandbox.path("config.sdn.rejected")).unwrap();
    assert_eq!(kept.mode() & 0o777 & !0o440, 0, "it is for more than the database was");
    assert_eq!(sandbox.read("other name"), before);
}

#[test]
fn a_folder_in_the_place_of_a_database_gives_way() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    assert_says!(
        sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", "rm config.sdn; mkdir config.sdn"]),
        str![[r"
exit code 65
--- stderr
error: not keeping what the command left as `config.sdn`: it cannot be read
state: `config.sdn` is as it was before the command
 kept: `config.sdn.rejected`
cause: could not read `config.sdn`: it is a folder

"]]
    );
    assert_eq!(sandbox.read("config.sdn"), before);
}

#[test]
fn a_link_that_was_replaced_is_told() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    std::os::unix::fs::symlink("config.sdn", sandbox.path("link.sdn")).unwrap();
    let run = sandbox.run(&["exec", "link.sdn", "--", "sed", "-i", "s/8080/1/", "link.sdn"]).code(0);
    run.says("note: `link.sdn` was a link, and the command replaced it");
    assert!(sandbox.read("config.sdn").contains("8080"));
}

#[test]
fn a_command_that_fails_half_way_does_not_leave_an_empty_file() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let before = sandbox.read("config.sdn");
    assert_says!(
        sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", ": > config.sdn; exit 4"]),
        str![[r"
exit code 4
--- stderr
error: not leaving `config.sdn` empty: the command failed
state: `config.sdn` is as it was before the command

"]]
    );
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", "rm config.sdn; kill -9 $$"]).code(137);
    assert_eq!(sandbox.read("config.sdn"), before);
    assert_eq!(sandbox.names(), ["config.sdn"]);
    // One that succeeds may mean it.
    sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", ": > config.sdn"]).code(0);
    assert_eq!(sandbox.read("config.sdn"), "");
}

#[test]
fn signals_are_passed_on() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    for (name, signal) in [("TERM", Signal::TERM), ("HUP", Signal::HUP), ("USR1", Signal::USR1), ("USR2", Signal::USR2)]
    {
        let script = format!("trap 'echo got {name}; exit 5' {name}; echo > ready; while :; do sleep 0.01; done");
        let mut command = sandbox.sdnlock(["exec", "config.sdn", "--", "sh", "-c", &script]);
        let child = start(&mut command);
        wait_for("the command to run", || sandbox.exists("ready"));
        kill_process(Pid::from_child(&child), signal).unwrap();
        let run = Run::end_of(child).code(5);
        assert_eq!(run.stdout, format!("got {name}\n"));
        fs::remove_file(sandbox.path("ready")).unwrap();
    }
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn a_signal_before_the_command_starts_is_not_lost() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let holder = sandbox.hold("config.sdn");
    let waiting = start(&mut sandbox.sdnlock(["exec", "-w", "forever", "config.sdn", "--", "touch", "ran"]));
    wait_for("the waiter to queue", || sandbox.exists(".config.sdn.sdnlock-queue"));
    kill_process(Pid::from_child(&waiting), Signal::TERM).unwrap();
    Run::end_of(waiting).code(143).says("interrupted before `config.sdn` was changed or read");
    holder.end().code(0);
    assert_eq!(sandbox.names(), ["config.sdn"]);
}

#[test]
fn an_exit_code_is_known_even_where_children_are_ignored() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let mut command = sandbox.shell("trap '' CHLD; exec sdnlock exec config.sdn -- sh -c 'exit 7'");
    Run::of(&mut command).code(7);
    // bash does not pass that on, perl does.
    let line = "$SIG{CHLD} = 'IGNORE'; exec 'sdnlock', 'exec', 'config.sdn', '--', 'sh', '-c', 'exit 7'";
    Run::of(&mut sandbox.shell(&format!("exec perl -e \"{}\"", line.replace('$', "\\$")))).code(7);
}

#[test]
fn a_keyboard_interrupt_is_the_commands_business() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let script = "trap 'sed -i s/8080/1/ config.sdn; exit 6' INT; echo > ready; while :; do sleep 0.01; done";
    let mut command = sandbox.shell(&format!("exec sdnlock exec config.sdn -- sh -c \"{script}\""));
    let child = start(&mut command);
    wait_for("the command to run", || sandbox.exists("ready"));
    // As a terminal does it: to the whole group.
    rustix::process::kill_process_group(Pid::from_child(&child), Signal::INT).unwrap();
    Run::end_of(child).code(6).says("+    port: 1        # web");
}

#[test]
fn an_ignored_signal_stays_ignored() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let line = "trap '' HUP; exec sdnlock exec config.sdn -- sh -c 'echo > ready; read line; echo lives'";
    let mut command = sandbox.shell(line);
    let child = start(command.stdin(Stdio::piped()));
    wait_for("the command to run", || sandbox.exists("ready"));
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    assert_eq!(Run::end_of(child).code(0).stdout, "lives\n");
}

#[test]
fn l9_a_broken_lock_is_told_and_nothing_is_undone() {
    let sandbox = Sandbox::with(&["config.sdn"]);
    let line = "rm config.sdn.lock; echo 1:elsewhere > config.sdn.lock; echo 'Big Red Car' >> config.sdn";
    let run = sandbox.run(&["exec", "config.sdn", "--", "sh", "-c", line]);
    run.code(74).says("another program broke the lock of `config.sdn` while the command ran");
    assert!(sandbox.read("config.sdn").ends_with("Big Red Car\n"));
    assert_eq!(sandbox.read("config.sdn.lock"), "1:elsewhere\n");
}

#[test]
fn a_text_file_is_locked_and_compared_but_not_checked() {
    let sandbox = Sandbox::new();
    sandbox.write("notes.txt", "Big Red Car\n");
    sandbox.run(&["exec", "notes.txt", "--", "sh", "-c", "echo '\"' >> notes.txt"]).code(0).says("+\"");
}

#[test]
fn increments_of_scripts_that_know_no_lock_all_arrive() {
    let sandbox = Sandbox::new();
    sandbox.write("n.sdn", "n: 0\n");
    // Half of them write in place, half replace the file by rename.
    sandbox.script("inc.sh", "n=$(sed -n 's/n: //p' n.sdn); if [ $((n % 2)) = 0 ]; then echo \"n: $((n+1))\" > n.sdn; else echo \"n: $((n+1))\" > $$.tmp; mv $$.tmp n.sdn; fi");
    let line = "for i in $(seq 20); do sdnlock exec -q -w forever n.sdn -- ./inc.sh || exit 1; done";
    let children: Vec<_> = (0..6).map(|_| start(&mut sandbox.shell(line))).collect();
    for child in children {
        Run::end_of(child).code(0);
    }
    assert_eq!(sandbox.read("n.sdn"), "n: 120\n");
    assert_eq!(sandbox.names(), ["inc.sh", "n.sdn"]);
}

#[test]
fn l12_of_a_folder_all_databases_are_locked() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("tables/deep")).unwrap();
    for name in ["tables/a.sdn", "tables/deep/b.sdn", "tables/.hidden.sdn", "tables/notes.txt", "c.sdn"] {
        sandbox.write(name, "n: 1\n");
    }
    sandbox.write(".gitignore", "*\n");
    let list = "find . -name '*.lock' | sort";
    let run = sandbox.run(&["exec", "tables", "c.sdn", "--", "sh", "-c", list]).code(0);
    assert_eq!(run.stdout, "./c.sdn.lock\n./tables/.hidden.sdn.lock\n./tables/a.sdn.lock\n./tables/deep/b.sdn.lock\n");
    let change = "for file in tables/a.sdn tables/deep/b.sdn; do echo 'n: 2' > $file; done";
    let run = sandbox.run(&["exec", "--diff=stat", "tables", "--", "sh", "-c", change]).code(0);
    assert_eq!(
        run.stderr,
        "tables/a.sdn: -1 +1 lines, 1 setting changed\ntables/deep/b.sdn: -1 +1 lines, 1 setting changed\n"
    );
    fs::create_dir(sandbox.path("empty")).unwrap();
    let run = sandbox.run(&["exec", "empty", "--", "true"]).code(66);
    run.says("there is no .sdn file below `empty`").says("hint: name the files that will be made");
}

#[test]
fn a_name_that_is_not_there_is_said_before_and_after() {
    let sandbox = Sandbox::new();
    sandbox.write("todo_db.sdn", "a: 1\n");
    let note = "note: `tood_db.sdn` is not there; did you mean `todo_db.sdn`?";
    sandbox.run(&["exec", "tood_db.sdn", "--", "true"]).code(0).says(note);
    sandbox.run(&["status", "tood_db.sdn"]).code(0).says(note);
    sandbox.run(&["exec", "quite_other.sdn", "--", "true"]).code(0).says("note: `quite_other.sdn` is not there\n");
    // One that is made is a new database.
    let run = sandbox.run(&["exec", "tood_db.sdn", "--", "sh", "-c", "echo 'b: 1' > tood_db.sdn"]).code(0);
    assert!(!run.stderr.contains("is not there"), "{}", run.stderr);
    assert_eq!(sandbox.run(&["exec", "-q", "none.sdn", "--", "true"]).code(0).stderr, "");
    sandbox.run(&["exec", "nodir/", "--", "true"]).code(66).says("no such folder: `nodir/`");
    sandbox.run(&["exec", "todo_db.sdn/", "--", "true"]).code(66).says("`todo_db.sdn/` is no folder");
    sandbox.run(&["exec", "todo_db.sdn", "true"]).code(2).says("write `--` before the command");
}

#[test]
fn l16_the_files_beside_a_database_have_its_permissions_whatever_the_umask_is() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("d.sdn", "n: 1\n");
    for mode in ["664", "600", "644"] {
        let script =
            format!("chmod {mode} d.sdn; umask 077; sdnlock exec d.sdn -- sh -c 'stat -c %a d.sdn.lock .*.undo'");
        assert_eq!(Run::of(&mut sandbox.shell(&script)).code(0).stdout, format!("{mode}\n{mode}\n"));
    }
    assert!(path.exists());
}

#[test]
fn where_no_process_can_be_started_that_is_said() {
    use std::os::unix::fs::PermissionsExt;
    if !support::has_program("setpriv") || !rustix::process::geteuid().is_root() {
        return;
    }
    let sandbox = Sandbox::with(&["config.sdn"]);
    fs::copy(support::SDNLOCK, sandbox.path("sdnlock")).unwrap();
    fs::set_permissions(sandbox.root(), fs::Permissions::from_mode(0o777)).unwrap();
    // The limit holds for all processes of a user, so this is one that has no others.
    let at_limit = |limit: u32, command: &str| {
        let run = "setpriv --reuid 54321 --regid 54321 --clear-groups";
        let script = format!("EDITOR=cat exec {run} bash -c 'ulimit -u {limit}; exec ./sdnlock {command}'");
        Run::of(&mut sandbox.shell(&script))
    };
    let mut failed = 0;
    for limit in 1..6 {
        let run = at_limit(limit, "exec config.sdn -- /bin/echo ran");
        if run.code == 0 {
            assert_eq!(run.stdout, "ran\n", "{limit}");
        } else {
            failed += 1;
            run.code(126).says("error: could not start `/bin/echo`: the limit of processes is reached\n");
        }
        // What needs threads to be faster does without.
        at_limit(limit, "diff --diff records config.sdn /dev/null").code(1);
        at_limit(limit, "merge config.sdn config.sdn config.sdn").code(0);
        at_limit(limit, "check config.sdn").code(0);
        at_limit(limit, "set config.sdn runs=1").code(0);
        assert_eq!(sandbox.names(), ["config.sdn", "sdnlock"]);
    }
    assert!((1..5).contains(&failed), "{failed}");
    at_limit(1, "edit config.sdn").code(74).says("could not start the editor `cat`: the limit of processes is reached");
}

#[test]
fn a_signal_that_comes_at_any_time_leaves_what_is_said() {
    let work = "sleep 0.01; echo 'a: 2' > a.sdn; echo 'a: 2' > b.sdn; sleep 0.01";
    let (mut committed, mut undone) = (0, 0);
    let mut check = |sandbox: &Sandbox, run: &Run, what: &str| {
        let held = (sandbox.read("a.sdn"), sandbox.read("b.sdn"));
        assert_eq!(held.0, held.1, "{what}");
        let is_new = held.0 == "a: 2\n";
        let says = run.stderr.contains("the transaction was committed before the signal");
        match run.code {
            0 => assert!(is_new && !says, "{what}: {}", run.stderr),
            1015 | 143 => {
                assert_eq!(is_new, says, "{what}: {}", run.stderr);
                *if is_new { &mut committed } else { &mut undone } += 1;
            }
            code => panic!("{what}: {code}: {}", run.stderr),
        }
        assert_eq!(sandbox.names(), ["a.sdn", "b.sdn"], "{what}");
    };
    let prepared = || {
        let sandbox = Sandbox::new();
        for name in ["a.sdn", "b.sdn"] {
            sandbox.write(name, "a: 1\n");
        }
        let command = sandbox.sdnlock(["-q", "exec", "--transaction", "a.sdn", "b.sdn", "--", "sh", "-c", work]);
        (sandbox, command)
    };
    if cfg!(debug_assertions) {
        for point in sdnlock::disk::FAILPOINTS {
            let (sandbox, mut command) = prepared();
            command.env("SDNLOCK_TEST_FAILPOINT", point).env("SDNLOCK_TEST_FAILPOINT_TERM", "1");
            check(&sandbox, &Run::of(&mut command), point);
        }
        // A change that is made by sdnlock itself, too.
        for point in ["replace: written", "replace: renamed"] {
            let sandbox = Sandbox::with(&["config.sdn"]);
            let mut command = sandbox.sdnlock(["-q", "set", "config.sdn", "runs=12"]);
            command.env("SDNLOCK_TEST_FAILPOINT", point).env("SDNLOCK_TEST_FAILPOINT_TERM", "1");
            let run = Run::of(&mut command).code(1015);
            assert!(sandbox.read("config.sdn").contains("runs: 12"), "{point}");
            run.says("note: `config.sdn` was changed before the signal could end it");
        }
    }
    for step in 0..support::scaled(30) {
        let (sandbox, mut command) = prepared();
        let child = start(&mut command);
        std::thread::sleep(std::time::Duration::from_micros(u64::from(step % 30) * 2000));
        let _ = kill_process(Pid::from_child(&child), Signal::TERM);
        check(&sandbox, &Run::end_of(child), &step.to_string());
    }
    assert!(undone > 0 && (committed > 0 || !cfg!(debug_assertions)), "{committed} {undone}");
}
