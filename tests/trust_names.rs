//! Names that strangers give to other files while a command works: what was judged once is not looked for by its name again.
//! With real users, so as root only.

#![cfg(all(unix, feature = "cli"))]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use sdnlock::disk::Tag;
use support::users::{ALICE, BOB, MALLORY, Place, ROOT, TEAM};
use support::{Run, Sandbox};

mod support;

const SECRET: &str = "root:secret\n[ no database\n";

/// Nobody but the owner can have read this, wherever it stands in the folder.
#[track_caller]
fn is_kept_nowhere(place: &Place, secret: &str) {
    for name in place.sandbox.names() {
        let path = place.sandbox.path(&name);
        let is_open = path.symlink_metadata().is_ok_and(|there| there.is_file() && there.mode() & 0o044 != 0);
        assert!(!is_open || !fs::read_to_string(path).unwrap().contains(secret), "{name}");
    }
}

#[test]
fn what_a_link_of_a_stranger_leads_to_is_kept_nowhere() {
    for (folder, user) in [(0o1777, ROOT), (0o2777, ALICE)] {
        for option in ["", "--transaction", "--dry-run", "--self-locking"] {
            let Some(place) = Place::new(folder) else { return };
            let elsewhere = Place::new(0o755).unwrap();
            elsewhere.write("secret", SECRET, user, 0o600);
            place.write("m.sdn", "n: 1\n", MALLORY, 0o666);
            let child = place.waiting(user, &format!("{option} m.sdn"), [":", ":"]);
            let secret = elsewhere.sandbox.path("secret");
            place.run(MALLORY, &format!("rm m.sdn; ln -s {} m.sdn", secret.display())).code(0);
            let run = place.let_go(child).code(65);
            assert!(!run.stderr.contains("root:secret"), "{}", run.stderr);
            is_kept_nowhere(&place, "secret");
            assert!(!place.sandbox.exists("m.sdn.rejected"), "{option}");
            // Under the queue alone nothing is undone that was written meanwhile.
            let is_back = option != "--self-locking";
            assert!(!is_back || place.sandbox.read("m.sdn") == "n: 1\n", "{option}");
            assert_eq!(fs::read_to_string(secret).unwrap(), SECRET);
        }
    }
    // Whoever only reads ends what the stranger had under way.
    let Some(place) = Place::new(0o755) else { return };
    place.give(".", MALLORY, MALLORY);
    place.write("m.sdn", "n: 1\n", MALLORY, 0o644);
    let elsewhere = Place::new(0o755).unwrap();
    elsewhere.write("secret", SECRET, ROOT, 0o600);
    let line = "exec sdnlock exec --transaction m.sdn -- sh -c 'touch ready; exec sleep 600'";
    place.kill_within(MALLORY, MALLORY, line);
    let swap = format!("rm m.sdn; ln -s {} m.sdn", elsewhere.sandbox.path("secret").display());
    place.run(MALLORY, &swap).code(0);
    assert_eq!(place.run(ROOT, "sdnlock get m.sdn n").code(0).stdout, "1\n");
    is_kept_nowhere(&place, "secret");
}

#[test]
fn what_is_rejected_is_for_no_more_than_before_and_than_it_was() {
    let broken = "echo secret: [ > t; chmod 644 t; mv t db.sdn";
    for (before, script, kept) in [
        (0o644, "chmod 600 db.sdn; echo secret: [ > db.sdn", 0o600),
        (0o600, broken, 0o600),
        (0o640, "chmod 666 db.sdn; echo secret: [ > db.sdn", 0o640),
        (0o4777, "echo secret: [ > db.sdn; chmod 4777 db.sdn", 0o777),
    ] {
        let Some(place) = Place::new(0o755) else { return };
        place.give(".", ALICE, ALICE);
        place.write("db.sdn", "n: 1\n", ALICE, before);
        let line = format!("sdnlock exec db.sdn -- sh -c '{script}'");
        place.run(ALICE, &line).code(65).says("kept: `db.sdn.rejected`");
        assert_eq!(place.access("db.sdn.rejected"), (ALICE, ALICE, kept), "{before:o} {script}");
        assert_eq!(place.access("db.sdn").2, before, "{script}");
    }
    // What root's command made of a private database is not for everybody.
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o600);
    place.run(ROOT, &format!("sdnlock exec db.sdn -- sh -c '{broken}'")).code(65);
    assert_eq!(place.access("db.sdn.rejected").2 & 0o077, 0);
    assert_eq!(place.access("db.sdn.rejected").0, ALICE);
}

/// A database that holds an unfinished replacement by this.
fn unfinished(new: &str) -> String {
    let lines: String = new.split('\n').map(|line| format!("#:{line}\n")).collect();
    let tag = Tag::of(new.as_bytes());
    format!("n: 1\n\n#sdnlock-redo begin 5\n{lines}#sdnlock-redo end {} {tag}\n", new.len())
}

#[test]
fn what_a_stranger_was_about_to_write_over_is_theirs_to_finish() {
    let left = unfinished("n: 2\n");
    for user in [ROOT, ALICE] {
        let Some(place) = Place::spool() else { return };
        place.write("m.sdn", &left, MALLORY, 0o666);
        for line in ["sdnlock get m.sdn n", "sdnlock set m.sdn n=3", "sdnlock exec m.sdn -- true"] {
            let run = place.run(user, line);
            assert_ne!(run.code, 0, "{line}");
            assert!(run.stderr.contains("its owner has to finish that"), "{}", run.stderr);
            assert_eq!(place.sandbox.read("m.sdn"), left, "{line}");
        }
        assert_eq!(place.run(MALLORY, "sdnlock get m.sdn n").code(0).stdout, "2\n");
    }
}

/// Gives the name of the first file that is made and has this ending to `evil`, as soon as it is there. Whether that came in
/// time is known at the end.
fn racing<T>(place: &Place, ending: &str, run: impl FnOnce() -> T) -> (T, bool) {
    let is_over = AtomicBool::new(false);
    let is_ours = |name: &str| name.starts_with(".db.sdn.") && name.contains(ending);
    std::thread::scope(|scope| {
        let racer = scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                if let Some(name) = place.sandbox.names().into_iter().find(|name| is_ours(name)) {
                    return fs::rename(place.sandbox.path("evil"), place.sandbox.path(&name)).is_ok();
                }
            }
            false
        });
        let outcome = run();
        is_over.store(true, Ordering::SeqCst);
        (outcome, racer.join().unwrap())
    })
}

/// An access list by which Mallory may read, and everybody else too.
fn list_for_mallory() -> Vec<u8> {
    let entry = |kind: u16, permissions: u16, id: u32| {
        [&kind.to_le_bytes()[..], &permissions.to_le_bytes(), &id.to_le_bytes()].concat()
    };
    let none = u32::MAX;
    let entries =
        [entry(1, 6, none), entry(2, 4, MALLORY), entry(4, 4, none), entry(0x10, 4, none), entry(0x20, 4, none)];
    [&2_u32.to_le_bytes()[..], &entries.concat()].concat()
}

const ACCESS_LIST: &str = "system.posix_acl_access";

fn list_of(path: &Path) -> Option<Vec<u8>> {
    xattr::get(path, ACCESS_LIST).unwrap()
}

#[test]
fn an_access_list_on_what_was_put_in_the_place_of_a_copy_counts_for_nothing() {
    let mut swapped = 0;
    for _ in 0..6 {
        let Some(place) = Place::new(0o2777) else { return };
        place.write("db.sdn", "secret: 1\n", ALICE, 0o640);
        place.write("evil", "evil\n", MALLORY, 0o644);
        if xattr::set(place.sandbox.path("evil"), ACCESS_LIST, &list_for_mallory()).is_err() {
            return support::not_tested("access lists");
        }
        let line = "sdnlock exec --transaction db.sdn -- sh -c 'echo broken: [ > db.sdn'";
        let (run, is_swapped) = racing(&place, ".undo", || place.run(ALICE, line));
        run.code(65).says("`db.sdn` is as it was before the command");
        assert_eq!(place.sandbox.read("db.sdn"), "secret: 1\n");
        assert_eq!(place.access("db.sdn"), (ALICE, ALICE, 0o640));
        assert_eq!(list_of(&place.sandbox.path("db.sdn")), None);
        place.run(MALLORY, "cat db.sdn").code(1);
        swapped += u32::from(is_swapped);
    }
    assert!(swapped > 0);
}

#[test]
fn an_access_list_of_a_stranger_is_not_restored_either() {
    let Some(place) = Place::new(0o2777) else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o640);
    place.kill_within(
        ALICE,
        ALICE,
        "exec sdnlock exec --transaction db.sdn -- sh -c 'echo n: 2 > db.sdn; touch ready; exec sleep 600'",
    );
    let copy = place.sandbox.names().into_iter().find(|name| name.contains(".undo")).unwrap();
    for (name, content) in [(copy.as_str(), "n: 1\n"), ("db.sdn", "n: 3\n")] {
        fs::remove_file(place.sandbox.path(name)).unwrap();
        place.write(name, content, MALLORY, 0o644);
        if xattr::set(place.sandbox.path(name), ACCESS_LIST, &list_for_mallory()).is_err() {
            return support::not_tested("access lists");
        }
    }
    assert_eq!(place.run(ALICE, "sdnlock get db.sdn n").code(0).stdout, "1\n");
    assert_eq!(place.access("db.sdn"), (ALICE, ALICE, 0o640));
    assert_eq!(list_of(&place.sandbox.path("db.sdn")), None);
}

#[test]
fn a_pipe_in_the_place_of_a_copy_is_not_waited_for() {
    let mut swapped = 0;
    for ending in [".undo", ".sdnlock-journal"].repeat(3) {
        let Some(place) = Place::new(0o2777) else { return };
        place.write("db.sdn", "n: 1\n", ALICE, 0o644);
        place.run(MALLORY, "mkfifo evil; chmod 222 evil").code(0);
        let line = "sdnlock exec -q --transaction db.sdn -- sh -c 'echo n: 2 > db.sdn'";
        let (run, is_swapped) = racing(&place, ending, || place.run(ALICE, line));
        run.code(0);
        assert_eq!(place.sandbox.read("db.sdn"), "n: 2\n");
        swapped += u32::from(is_swapped);
    }
    assert!(swapped > 0);
}

#[test]
fn who_could_not_remove_a_database_cannot_have_it_removed() {
    for folder in [0o1777, 0o777] {
        let Some(place) = Place::new(folder) else { return };
        let line = "exec sdnlock exec --transaction db.sdn -- sh -c 'touch ready; exec sleep 600'";
        place.kill_within(MALLORY, MALLORY, line);
        place.write("db.sdn", "n: 1\n", ALICE, 0o666);
        let run = place.run(ROOT, "sdnlock read db.sdn");
        let may_remove = folder & 0o1000 == 0;
        assert_eq!(!place.sandbox.exists("db.sdn"), may_remove, "{folder:o}: {}", run.stderr);
        if !may_remove {
            run.code(0).says("`db.sdn` is left as it is, since somebody else may have written it meanwhile");
            assert_eq!(place.sandbox.read("db.sdn"), "n: 1\n");
            assert_eq!(place.access("db.sdn"), (ALICE, ALICE, 0o666));
        }
    }
    // What a command of theirs had made goes, whoever ends it.
    let Some(place) = Place::spool() else { return };
    let line = "exec sdnlock exec --transaction db.sdn -- sh -c 'echo n: 2 > db.sdn; touch ready; exec sleep 600'";
    for user in [ROOT, ALICE] {
        place.kill_within(ALICE, ALICE, line);
        place.run(user, "sdnlock read db.sdn").code(66).says("`db.sdn` is gone again");
        assert!(!place.sandbox.exists("db.sdn"));
    }
}

#[test]
fn what_was_linked_under_the_name_of_a_journal_keeps_its_permissions() {
    let Some(place) = Place::spool() else { return };
    // Everybody may write it, and so give it another name.
    place.write("bobs.log", "log\n", BOB, 0o666);
    place.write("m.sdn", "n: 1\n", MALLORY, 0o644);
    let child = place.waiting(ROOT, "m.sdn", [":", ":"]);
    // What is done while the command runs is over.
    std::thread::sleep(std::time::Duration::from_millis(200));
    place.run(MALLORY, "j=$(ls .m.sdn.sdnlock-journal*) && rm -f $j && ln bobs.log $j").code(0);
    place.let_go(child).code(0);
    assert_eq!(place.access("bobs.log"), (BOB, BOB, 0o666));
    assert_eq!(place.sandbox.read("bobs.log"), "log\n");
    assert_eq!(place.sandbox.names(), ["bobs.log", "m.sdn"]);
}

#[test]
fn a_backup_that_is_told_not_to_be_believed_is_not_restored() {
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o644);
    place.write("other.sdn", "n: 666\n", ALICE, 0o644);
    fs::hard_link(place.sandbox.path("other.sdn"), place.sandbox.path("db.sdn.bak")).unwrap();
    place.run(ALICE, "sdnlock restore db.sdn 0").code(1).says("`db.sdn.bak` is not believed: it has a second name");
    assert_eq!(place.sandbox.read("db.sdn"), "n: 1\n");
}

#[test]
fn who_breaks_the_lock_of_their_own_database_keeps_no_other_one_from_being_undone() {
    for (end, option) in [("exit 3", ""), ("kill -9 $$", ""), (":", "--dry-run")] {
        let Some(place) = Place::spool() else { return };
        place.write("a.sdn", "n: 1\n", ALICE, 0o644);
        place.write("m.sdn", "n: 1\n", MALLORY, 0o644);
        let exec = format!("{} a.sdn m.sdn", if option.is_empty() { "--transaction" } else { option });
        let child = place.waiting(ROOT, &exec, ["echo n: 2 > a.sdn; echo n: 2 > m.sdn", end]);
        place.run(MALLORY, "rm m.sdn.lock; echo n: 3 > m.sdn").code(0);
        let run = place.let_go(child).says("another program broke the lock of `m.sdn`");
        assert_eq!(place.sandbox.read("a.sdn"), "n: 1\n", "{end}: {}", run.stderr);
        assert_eq!(place.access("a.sdn"), (ALICE, ALICE, 0o644));
        assert_eq!(place.sandbox.read("m.sdn"), "n: 3\n", "{end}: {}", run.stderr);
        if option.is_empty() {
            run.says("`a.sdn` is as it was before the command");
        }
        assert_eq!(place.sandbox.names(), ["a.sdn", "m.sdn", "m.sdn.before"]);
    }
    // Of a command that succeeded all stays.
    let Some(place) = Place::spool() else { return };
    place.write("a.sdn", "n: 1\n", ALICE, 0o644);
    place.write("m.sdn", "n: 1\n", MALLORY, 0o644);
    let child = place.waiting(ROOT, "--transaction a.sdn m.sdn", ["echo n: 2 > a.sdn; echo n: 2 > m.sdn", ":"]);
    place.run(MALLORY, "rm m.sdn.lock").code(0);
    place.let_go(child).code(74);
    assert_eq!(["a.sdn", "m.sdn"].map(|name| place.sandbox.read(name)), ["n: 2\n", "n: 2\n"]);
}

#[test]
fn no_second_name_is_left_on_backups_that_may_not_be_moved() {
    let Some(place) = Place::new(0o3775) else { return };
    place.give(".", ROOT, TEAM);
    for name in ["db.sdn", "db.sdn.bak"] {
        place.write(name, "n: 1\n", ALICE, 0o664);
        place.give(name, ALICE, TEAM);
    }
    let before = place.all_but(&[]);
    let line = "sdnlock set --backups 3 db.sdn n=2";
    Run::of(&mut place.shell_in(BOB, TEAM, line)).code(77).says("keeping a backup");
    assert_eq!(place.all_but(&[]), before);
    let line = "sdnlock set -q --backups 3 db.sdn n=2";
    Run::of(&mut place.shell_in(ALICE, TEAM, line)).code(0);
    assert!(place.sandbox.exists("db.sdn.bak.1"));
}

#[test]
fn a_file_that_may_grow_no_further_is_told_of_and_ends_the_programs_that_are_started() {
    let sandbox = Sandbox::new();
    sandbox.write("db.sdn", "n: 1\n");
    sandbox.write("big", "#".repeat(300_000) + "\nn: 2\n");
    let run = Run::of(&mut sandbox.shell("ulimit -f 100; sdnlock write db.sdn < big")).code(74);
    run.says("`db.sdn`: file too large").says("`db.sdn` unchanged, temporary file removed");
    assert_eq!(sandbox.names(), ["big", "db.sdn"]);
    let line = "ulimit -f 100; sdnlock exec db.sdn -- sh -c 'head -c 300000 big > other; echo $?'";
    let run = Run::of(&mut sandbox.shell(line)).code(0);
    // 128 and the number of the signal, as shells have it.
    assert_eq!(run.stdout, format!("{}\n", 128 + signal_hook::consts::SIGXFSZ));
}
