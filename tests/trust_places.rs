//! In folders where strangers may make files too, with real users: locks, nested ones, schemas.

#![cfg(all(unix, feature = "cli"))]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;

use support::users::{ALICE, MALLORY, Place, ROOT, TEAM};
use support::{Run, wait_for};

mod support;

#[test]
fn the_group_that_a_folder_gives_to_files_makes_nobody_one_of_it() {
    for mode in [0o3777, 0o3775] {
        let Some(place) = Place::new(mode) else { return };
        place.give(".", ROOT, TEAM);
        place.set_mode(".", mode);
        place.write("db.sdn", "n: 1\n", ALICE, 0o664);
        place.give("db.sdn", ALICE, TEAM);
        // Of a living process, as the existing programs write it.
        let lock = format!("{}\n{:016}\n", std::process::id(), 1);
        place.write("db.sdn.lock", &lock, MALLORY, 0o644);
        place.give("db.sdn.lock", MALLORY, TEAM);
        for user in [ALICE, ROOT] {
            let mut set = place.shell_in(user, TEAM, "sdnlock set --wait 2 db.sdn n+=1");
            Run::of(&mut set).code(0).says("`db.sdn.lock` is not believed");
        }
        assert_eq!(place.sandbox.read("db.sdn"), "n: 3\n");
    }
}

#[test]
fn whoever_reads_a_lock_file_cannot_take_the_names_within_it() {
    for plant in ["touch", "mkdir", "mkfifo"] {
        let Some(place) = Place::spool() else { return };
        place.write("db.sdn", "n: 1\n", ALICE, 0o644);
        // The letters of the token that can be read; and every name that a nested lock has borne.
        let line = format!(
            "seen=; while [ ! -e stop ]; do
               for t in $(grep -oE '[0-9a-f]{{32}}' db.sdn.lock); do
                 l=$(printf %.6s $t | tr 0-9a-f a-p); {plant} .db.sdn.sdnlock-nested1-$l .db.sdn.sdnlock-nested2-$l
               done
               for name in .db.sdn.sdnlock-nested[12]-*; do
                 case \"$seen \" in *\" $name \"*) ;; *) [ -e $name ] && seen=\"$seen $name\" ;; esac
               done
               for name in $seen; do [ -e $name ] || {plant} $name; done
             done 2> /dev/null"
        );
        let mut stranger = support::start(&mut place.shell_in(MALLORY, MALLORY, &line));
        let within = "for n in 1 2 3 4 5 6 7 8; do sdnlock set -q db.sdn n+=1 & done; wait; sleep .2; \
                      sdnlock exec -q db.sdn -- sdnlock set -q db.sdn n+=1; sdnlock get db.sdn n";
        let run = place.run(ALICE, &format!("sdnlock exec -q db.sdn -- sh -c '{within}; {within}'")).code(0);
        assert_eq!(run.stdout, "10\n19\n", "{plant}: {}", run.stderr);
        place.sandbox.write("stop", "");
        stranger.wait().unwrap();
    }
}

#[test]
fn a_stranger_who_locks_a_file_named_as_a_nested_lock_keeps_nothing_from_being_undone() {
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o644);
    let line = "echo > .db.sdn.sdnlock-nested1-aaaaaa; mkdir .db.sdn.sdnlock-nested1-bbbbbb
                exec flock -x .db.sdn.sdnlock-nested1-aaaaaa sh -c 'touch held; exec sleep 600'";
    let mut holder = support::start(&mut place.shell_in(MALLORY, MALLORY, line));
    wait_for("the planted lock", || place.sandbox.path("held").exists());
    let within =
        "sdnlock exec -q --transaction db.sdn -- sh -c \"echo n: 2 > db.sdn; kill -9 \\$PPID; kill -9 \\$\\$\"";
    let run = place.run(ALICE, &format!("sdnlock exec -q db.sdn -- sh -c '{within}; true'"));
    assert_eq!(place.sandbox.read("db.sdn"), "n: 1\n", "{}", run.stderr);
    let pid = rustix::process::Pid::from_child(&holder);
    rustix::process::kill_process_group(pid, rustix::process::Signal::KILL).unwrap();
    holder.wait().unwrap();
}

#[test]
fn a_repository_is_what_those_make_one_who_are_believed() {
    for (owner, is_one) in [(ROOT, true), (ALICE, true), (MALLORY, false)] {
        for make in ["mkdir", "touch"] {
            for name in [".git", ".jj"] {
                let Some(place) = Place::new(0o755) else { return };
                fs::create_dir(place.sandbox.path("spool")).unwrap();
                place.set_mode("spool", 0o1777);
                place.write(".sdnlock.sdn", "limits |name, value|\n    max_size, 20B\n", ROOT, 0o644);
                place.write("spool/db.sdn", "n: 1\n", ALICE, 0o644);
                place.run(owner, &format!("{make} spool/{name}")).code(0);
                let code = if is_one { 0 } else { 65 };
                place.run(ALICE, "sdnlock set spool/db.sdn n=11111111111111111111111111").code(code);
            }
        }
    }
}

#[test]
fn a_schema_that_comes_and_goes_stops_nobody() {
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 0\n", ALICE, 0o644);
    let toggle = "while [ ! -e stop ]; do
                    for make in touch mkdir mkfifo 'ln -s /etc/shadow'; do
                      for name in .sdnlock.sdn db.sdn.bak .db.sdn.sdnlock-queue; do rm -rf $name; $make $name; done
                    done
                  done 2> /dev/null";
    let mut stranger = support::start(&mut place.shell_in(MALLORY, MALLORY, toggle));
    let line = "for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
                  sdnlock set -q --backups 2 db.sdn n+=1 && sdnlock check -q db.sdn && sdnlock get -q db.sdn n || exit
                done";
    place.run(ALICE, line).code(0);
    place.sandbox.write("stop", "");
    stranger.wait().unwrap();
    assert_eq!(place.sandbox.read("db.sdn"), "n: 12\n");
}

#[test]
fn a_link_of_somebody_else_to_a_schema_shows_nothing() {
    let Some(place) = Place::new(0o755) else { return };
    for (folder, owner) in [("top", MALLORY), ("top/deep", ALICE)] {
        fs::create_dir(place.sandbox.path(folder)).unwrap();
        place.give(folder, owner, owner);
    }
    place.write("secret", "root:SECRET:1\n[ no schema\n", ROOT, 0o600);
    place.write("top/deep/db.sdn", "n: 1\n", ALICE, 0o644);
    place.run(MALLORY, "ln -s ../secret top/.sdnlock.sdn").code(0);
    for (user, line) in [(ROOT, "sdnlock check top/deep/db.sdn"), (ALICE, "sdnlock set top/deep/db.sdn n=2")] {
        let run = place.run(user, line).code(0).says("is not believed: it is a link of 61003 to another place");
        assert!(!format!("{}{}", run.stdout, run.stderr).contains("SECRET"));
    }
}
