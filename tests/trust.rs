//! What strangers put beside a database is not believed, and stands in nobody's way. With real users, so as root only.

#![cfg(all(unix, feature = "cli"))]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use support::users::{ALICE, BOB, MALLORY, Place, ROOT, TEAM};
use support::{Run, Sandbox, wait_for};

mod support;

/// A real transaction of Mallory's over databases of these names in another folder, killed half-way; all that it left is put
/// into the folder, times included.
fn plant(place: &Place, names: &[&str]) {
    let forge = Place::new(0o755).unwrap();
    forge.give(".", MALLORY, MALLORY);
    for name in names {
        forge.write(name, "n: 666\n", MALLORY, 0o666);
    }
    let all = names.join(" ");
    forge.kill_within(
        MALLORY,
        MALLORY,
        &format!("exec sdnlock exec --transaction {all} -- sh -c 'touch ready; exec sleep 600'"),
    );
    let from = forge.sandbox.root().display();
    // The databases themselves are not Mallory's to write.
    let without = names.iter().map(|name| format!("-not -name {name}")).collect::<Vec<_>>().join(" ");
    place.run(MALLORY, &format!("find {from} -type f {without} -exec cp -p -t . {{}} +")).code(0);
    assert!(place.sandbox.exists(&format!(".{}.sdnlock-journal", names[0])));
    assert!(place.sandbox.exists(&format!("{}.lock", names[0])));
}

/// What is run on `db.sdn`, and its exit code.
const COMMANDS: [(&str, i32); 13] = [
    ("sdnlock read db.sdn", 0),
    ("sdnlock read --json db.sdn", 0),
    ("sdnlock get db.sdn n", 0),
    ("sdnlock list db.sdn", 0),
    ("sdnlock check db.sdn", 0),
    ("sdnlock set db.sdn n=2", 0),
    ("sdnlock set --backups 2 db.sdn n=3", 0),
    ("echo 'n: 4' | sdnlock write db.sdn", 0),
    ("EDITOR='sed -i s/n/m/' sdnlock edit db.sdn", 0),
    ("sdnlock exec --dry-run db.sdn -- sh -c 'echo n: 5 > db.sdn'", 0),
    ("sdnlock exec --transaction db.sdn -- sh -c 'echo n: 6 > t; mv t db.sdn; sdnlock read db.sdn'", 0),
    ("sdnlock exec db.sdn -- sh -c 'echo n: 7 > db.sdn; false'", 1),
    ("sdnlock restore db.sdn 0", 0),
];

#[test]
fn a_forged_transaction_changes_nothing_and_is_in_nobodys_way() {
    for (user, names) in [(ROOT, &["db.sdn"][..]), (ALICE, &["db.sdn"]), (ROOT, &["db.sdn", "new.sdn", "other.sdn"])] {
        let Some(place) = Place::spool() else { return };
        place.write("db.sdn", "n: 1\n", user, 0o644);
        place.write("other.sdn", "n: 1\n", user, 0o600);
        plant(&place, names);
        let mine = ["db.sdn", "m"];
        let is_planted = |(name, owner, _): &(String, u32, Option<Vec<u8>>)| *owner == MALLORY || name == "other.sdn";
        let planted: Vec<_> = place.all_but(&[]).into_iter().filter(is_planted).collect();
        for (line, code) in COMMANDS {
            let run = place.run(user, line).code(code);
            assert!(run.stderr.contains("is not believed: it belongs to"), "{line}: {}", run.stderr);
            assert!(!run.stdout.contains("666") && !run.stderr.contains("panicked"), "{line}");
            let db = place.sandbox.read("db.sdn");
            assert!(!db.contains("666"), "{line}: {db}");
            assert_eq!(place.access("db.sdn"), (user, user, 0o644), "{line}");
            let now: Vec<_> = place.all_but(&[]).into_iter().filter(is_planted).collect();
            assert_eq!(now, planted, "{line}");
            let others: Vec<_> = place.all_but(&mine).into_iter().filter(|one| !is_planted(one)).collect();
            assert_eq!(others, [], "{line}");
        }
    }
}

#[test]
fn a_lock_that_a_stranger_holds_keeps_nobody_out_and_ours_still_do() {
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 0\n", ALICE, 0o644);
    let planted = place.shell_in(
        MALLORY,
        MALLORY,
        "printf '%010d\\n%016d\\n' $$ $(date +%s)000000 > db.sdn.lock; touch .db.sdn.sdnlock-queue
         exec flock -x db.sdn.lock flock -x .db.sdn.sdnlock-queue sh -c 'echo > /dev/null; touch held; exec sleep 600'",
    );
    let mut planted = planted;
    let mut holder = support::start(&mut planted);
    wait_for("the planted lock", || place.sandbox.path("held").exists());
    let add = "for n in 1 2 3 4 5 6 7 8 9 10; do sdnlock set -q --wait 60 db.sdn n+=1 2> /dev/null || exit; done";
    // Replaced by a command, too: what excludes is not the file alone.
    let replace = "for n in 1 2 3 4 5; do sdnlock exec -q --wait 60 db.sdn -- sh -c \
                   'sed s/n:/n:/ db.sdn > t.$$; mv t.$$ db.sdn; sdnlock set -q db.sdn n+=1' 2> /dev/null || exit; done";
    let lines = [(ALICE, add), (ALICE, replace), (ROOT, add), (ALICE, add)];
    let children: Vec<_> =
        lines.iter().map(|(user, line)| support::start(&mut place.shell_in(*user, *user, line))).collect();
    for child in children {
        Run::end_of(child).code(0);
    }
    assert_eq!(place.sandbox.read("db.sdn"), "n: 35\n");
    assert_eq!(place.sandbox.names(), [".db.sdn.sdnlock-queue", "db.sdn", "db.sdn.lock", "held"]);
    // One that was killed is taken over.
    place.kill_within(
        ALICE,
        ALICE,
        "exec sdnlock exec db.sdn -- sh -c 'echo broken: [ > db.sdn; touch ready; exec sleep 600'",
    );
    let run = place.run(ALICE, "sdnlock set db.sdn n+=1").code(0);
    assert!(run.stderr.contains("is again as it was before"), "{}", run.stderr);
    assert_eq!(place.sandbox.read("db.sdn"), "n: 36\n");
    rustix::process::kill_process_group(rustix::process::Pid::from_child(&holder), rustix::process::Signal::KILL)
        .unwrap();
    holder.wait().unwrap();
}

#[test]
fn what_a_team_writes_is_believed_by_all_of_it_and_the_database_stays_whose_it_is() {
    // By the folder, and by the database itself.
    for (folder, database) in [(0o2775, 0o644), (0o2775, 0o664), (0o1777, 0o666)] {
        let Some(place) = Place::new(folder) else { return };
        place.give(".", ROOT, TEAM);
        place.write("db.sdn", "n: 1\n", ALICE, database);
        place.give("db.sdn", ALICE, TEAM);
        place.set_mode("db.sdn", database);
        let breaks = "exec sdnlock exec db.sdn -- sh -c 'echo broken: [ > db.sdn; touch ready; exec sleep 600'";
        let replaces = breaks.replace("> db.sdn", "> t; mv t db.sdn");
        let line = if database & 0o020 == 0 { &*replaces } else { breaks };
        place.kill_within(BOB, TEAM, line);
        // Of a folder with the sticky bit only Bob and root can take the dead lock away.
        let user = if folder & 0o1000 == 0 { ALICE } else { ROOT };
        let run = Run::of(&mut place.shell_in(user, TEAM, "sdnlock read db.sdn")).code(0);
        assert_eq!(run.stdout, "n: 1\n", "{folder:o} {database:o}: {}", run.stderr);
        // A member of the team can give nothing to others; what they put there is theirs.
        let owner = if database & 0o020 == 0 { None } else { Some(ALICE) };
        let (is, group, mode) = place.access("db.sdn");
        assert!(owner.is_none_or(|owner| is == owner), "{is}");
        assert_eq!((group, mode), (TEAM, database), "{folder:o} {database:o}");
    }
}

#[test]
fn what_is_restored_is_of_the_owner_and_mode_that_the_database_had() {
    for by in [ROOT, ALICE] {
        let Some(place) = Place::spool() else { return };
        place.write("db.sdn", "n: 1\n", ALICE, 0o640);
        let line = "exec sdnlock exec --transaction db.sdn -- sh -c \
                    'chmod 666 db.sdn; echo n: 2 > db.sdn; touch ready; exec sleep 600'";
        place.kill_within(ALICE, ALICE, line);
        assert_eq!(place.access("db.sdn"), (ALICE, ALICE, 0o666));
        let run = place.run(by, "sdnlock read db.sdn").code(0);
        assert_eq!(run.stdout, "n: 1\n", "{}", run.stderr);
        assert_eq!(place.access("db.sdn"), (ALICE, ALICE, 0o640));
        // The copy is not asked whose it is.
        place.kill_within(ALICE, ALICE, line);
        let copy = place.sandbox.names().into_iter().find(|name| name.contains(".undo")).unwrap();
        place.set_mode(&copy, 0o4755);
        place.run(by, "sdnlock read db.sdn").code(0);
        assert_eq!(place.access("db.sdn"), (ALICE, ALICE, 0o640));
    }
}

#[test]
fn a_journal_gives_nothing_to_others_than_its_author() {
    let Some(place) = Place::new(0o2775) else { return };
    place.give(".", ROOT, TEAM);
    place.write("db.sdn", "n: 1\n", ALICE, 0o664);
    place.give("db.sdn", ALICE, TEAM);
    let line = "exec sdnlock exec --transaction db.sdn -- sh -c 'echo n: 2 > db.sdn; touch ready; exec sleep 600'";
    place.kill_within(BOB, TEAM, line);
    // Bob says that it was root's, and ran with root's rights.
    let journal = ".db.sdn.sdnlock-journal";
    let text = place.sandbox.read(journal);
    let (body, _) = text.rsplit_once("end ").unwrap();
    let (before, after) = body.split_once(&format!("\t{ALICE}:{TEAM}:0664\t")).unwrap();
    let body = format!("{before}\t0:0:4755\t{after}");
    let modified = fs::metadata(place.sandbox.path(journal)).unwrap().modified().unwrap();
    fs::remove_file(place.sandbox.path(journal)).unwrap();
    place.write(journal, &format!("{body}end {}\n", sdnlock::disk::Tag::of(body.as_bytes())), BOB, 0o644);
    fs::File::options().write(true).open(place.sandbox.path(journal)).unwrap().set_modified(modified).unwrap();
    let run = place.run(ROOT, "sdnlock read db.sdn").code(0);
    assert_eq!(run.stdout, "n: 1\n", "{}", run.stderr);
    assert_eq!(place.access("db.sdn").0, ALICE);
    assert_eq!(place.access("db.sdn").2 & 0o7000, 0);
}

#[test]
fn set_id_bits_are_gained_by_no_word_of_others() {
    let Some(place) = Place::new(0o755) else { return };
    place.give(".", MALLORY, MALLORY);
    place.write("db.sdn", "n: 1\n", MALLORY, 0o644);
    let line = "exec sdnlock exec --transaction db.sdn -- sh -c 'touch ready; exec sleep 600'";
    place.kill_within(MALLORY, MALLORY, line);
    // A file of root's has come in the place of Mallory's.
    fs::remove_file(place.sandbox.path("db.sdn")).unwrap();
    place.write("db.sdn", "n: 2\n", ROOT, 0o4755);
    place.run(ROOT, "sdnlock read db.sdn").code(0);
    if place.sandbox.read("db.sdn") == "n: 1\n" {
        assert_eq!(place.access("db.sdn").2 & 0o7000, 0);
    }
}

#[test]
fn a_journal_that_was_moved_is_not_followed_among_strangers() {
    for owner in [ALICE, ROOT] {
        let Some(place) = Place::spool() else { return };
        let Some(trap) = Place::new(0o777) else { return };
        place.write("db.sdn", "n: 1\n", owner, 0o644);
        trap.write("db.sdn", "n: 666\n", MALLORY, 0o666);
        let line = "exec sdnlock exec --transaction db.sdn -- sh -c 'touch ready; exec sleep 600'";
        trap.kill_within(owner, owner, line);
        let to = place.sandbox.root().display();
        trap.run(MALLORY, &format!("mv .db.sdn.* db.sdn.lock {to}")).code(0);
        let run = place.run(owner, "sdnlock get db.sdn n").code(0);
        assert_eq!(run.stdout, "1\n", "{}", run.stderr);
        assert_eq!(place.sandbox.read("db.sdn"), "n: 1\n");
    }
}

#[test]
fn what_root_did_to_the_database_of_another_one_is_committed() {
    for script in ["cp db.sdn t; mv t db.sdn", "echo n: 2 > t; mv t db.sdn", "rm db.sdn"] {
        for option in ["", "--transaction", "--transaction --durable"] {
            let Some(place) = Place::spool() else { return };
            place.write("db.sdn", "n: 1\n", ALICE, 0o644);
            place.run(ROOT, &format!("sdnlock exec -q {option} db.sdn -- sh -c '{script}'")).code(0);
            let names = place.sandbox.names();
            assert!(names.iter().all(|name| name == "db.sdn"), "{script} {option}: {names:?}");
        }
    }
    // And undone, if it is killed.
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o644);
    let line = "exec sdnlock exec --transaction db.sdn -- sh -c 'echo n: 2 > db.sdn; touch ready; exec sleep 600'";
    for user in [ROOT, ALICE] {
        place.kill_within(ROOT, ROOT, line);
        assert_eq!(place.run(user, "sdnlock get db.sdn n").code(0).stdout, "1\n");
        assert_eq!(place.access("db.sdn"), (ALICE, ALICE, 0o644));
        let names = place.sandbox.names();
        assert_eq!(names, ["db.sdn"], "{user}");
    }
}

#[test]
fn second_names_neither_keep_anything_from_being_undone_nor_bring_it_back() {
    let linked = |place: &Place| {
        let kept = Sandbox::new();
        for name in
            place.sandbox.names().into_iter().filter(|name| name.starts_with(".db.sdn.") || name == "db.sdn.lock")
        {
            fs::hard_link(place.sandbox.path(&name), kept.path(&name)).unwrap();
        }
        kept
    };
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o644);
    let line = "exec sdnlock exec --transaction db.sdn -- sh -c 'echo n: 2 > db.sdn; touch ready; exec sleep 600'";
    place.kill_within(ALICE, ALICE, line);
    let kept = linked(&place);
    assert_eq!(place.run(ALICE, "sdnlock get db.sdn n").code(0).stdout, "1\n");
    drop(kept);
    // What was committed is not undone by what somebody kept of it.
    let mut exec = place.shell_in(
        ALICE,
        ALICE,
        "sdnlock exec --transaction db.sdn -- sh -c 'touch ready; while [ -e ready ]; do sleep .01; done'",
    );
    let child = support::start(&mut exec);
    wait_for("the command", || place.sandbox.path("ready").exists());
    let kept = linked(&place);
    fs::remove_file(place.sandbox.path("ready")).unwrap();
    Run::end_of(child).code(0);
    place.run(ALICE, "sdnlock set -q db.sdn n=5").code(0);
    for name in kept.names() {
        fs::rename(kept.path(&name), place.sandbox.path(&name)).unwrap();
    }
    assert_eq!(place.run(ALICE, "sdnlock get db.sdn n").code(0).stdout, "5\n");
}

#[test]
fn who_has_another_lock_file_is_waited_for_while_the_database_is_gone() {
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o644);
    place.run(MALLORY, "echo junk > db.sdn.lock; touch -d '1 hour ago' db.sdn.lock").code(0);
    let script = "mv db.sdn old; touch ready; while [ -e ready ]; do sleep .01; done; mv old db.sdn; echo > done";
    let mut exec = place.shell_in(ALICE, ALICE, &format!("sdnlock exec -q db.sdn -- sh -c '{script}'"));
    let child = support::start(&mut exec);
    wait_for("the command", || place.sandbox.path("ready").exists());
    place.run(ROOT, "sdnlock exec -q --wait 0.3 db.sdn -- true").code(75);
    let mut second = place.shell_in(ROOT, ROOT, "sdnlock exec -q --wait 60 db.sdn -- test -e done");
    let second = support::start(&mut second);
    fs::remove_file(place.sandbox.path("ready")).unwrap();
    Run::end_of(child).code(0);
    Run::end_of(second).code(0);
    assert!(place.sandbox.exists("db.sdn.lock"));
}

#[test]
fn a_journal_that_others_may_write_to_is_not_believed() {
    let Some(place) = Place::new(0o2775) else { return };
    place.give(".", ROOT, TEAM);
    place.write("db.sdn", "n: 1\n", ALICE, 0o644);
    let line =
        "exec sdnlock exec --transaction db.sdn -- sh -c 'echo n: 2 > t; mv t db.sdn; touch ready; exec sleep 600'";
    place.kill_within(BOB, TEAM, line);
    place.set_mode(".db.sdn.sdnlock-journal", 0o666);
    let run = Run::of(&mut place.shell_in(ALICE, TEAM, "sdnlock read db.sdn"));
    assert_eq!(run.stdout, "n: 2\n", "{}", run.stderr);
}

#[test]
fn a_checked_out_journal_says_nothing_even_if_its_author_knew_the_time() {
    let sandbox = Sandbox::new();
    sandbox.write("db.sdn", "n: 1\n");
    let mut exec =
        sandbox.sdnlock(["exec", "--transaction", "db.sdn", "--", "sh", "-c", "touch ready; exec sleep 600"]);
    let mut child = support::start(&mut exec);
    wait_for("the command", || sandbox.path("ready").exists());
    rustix::process::kill_process_group(rustix::process::Pid::from_child(&child), rustix::process::Signal::KILL)
        .unwrap();
    child.wait().unwrap();
    let journal = sandbox.path(".db.sdn.sdnlock-journal");
    let head = sandbox.read(".db.sdn.sdnlock-journal");
    let made: u64 =
        head.lines().next().unwrap().rsplit(' ').next().unwrap().split(':').next().unwrap().parse().unwrap();
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(made);
    fs::set_permissions(&journal, Permissions::from_mode(0o644)).unwrap();
    fs::File::options().write(true).open(&journal).unwrap().set_modified(time).unwrap();
    fs::remove_file(sandbox.path("db.sdn.lock")).unwrap();
    sandbox.write("db.sdn", "n: 3\n");
    assert_eq!(sandbox.run(&["read", "db.sdn"]).code(0).stdout, "n: 3\n");
}

#[test]
fn no_other_file_is_written_through_a_name_that_was_linked() {
    // Links to a file of root's, as a stranger can make them where the system does not forbid it.
    for beside in ["db.sdn.lock", ".db.sdn.sdnlock-queue", ".db.sdn.sdnlock-journal", "db.sdn.bak", "db.sdn.tmp"] {
        for is_hard in [true, false] {
            let Some(place) = Place::spool() else { return };
            place.write("db.sdn", "n: 1\n", ROOT, 0o644);
            // As if it were the record of a dead process.
            let precious = "0000000001\n0000000000000001\nsdnlock 1 00000000000000000000000000000001 exclusive\n";
            place.write("precious", precious, ROOT, 0o644);
            let (precious_path, link) = (place.sandbox.path("precious"), place.sandbox.path(beside));
            if is_hard {
                fs::hard_link(&precious_path, &link).unwrap();
            } else {
                std::os::unix::fs::symlink(&precious_path, &link).unwrap();
                rustix::fs::chownat(
                    rustix::fs::CWD,
                    &link,
                    Some(rustix::fs::Uid::from_raw(MALLORY)),
                    None,
                    rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
                )
                .unwrap();
            }
            for (line, _) in COMMANDS {
                place.run(ROOT, line);
                assert_eq!(place.sandbox.read("precious"), precious, "{line}, {beside}, {is_hard}");
                assert!(!place.sandbox.read("db.sdn").contains("0000"), "{line}, {beside}, {is_hard}");
            }
        }
    }
}

#[test]
fn what_strangers_plant_within_a_lock_is_passed_by_too() {
    for plant in ["echo > $name", "mkfifo $name", "ln -s /etc/shadow $name", "mkdir $name"] {
        let Some(place) = Place::spool() else { return };
        place.write("db.sdn", "n: 0\n", ALICE, 0o644);
        let names = "db.sdn.lock .db.sdn.sdnlock-queue .db.sdn.sdnlock-nested1 .db.sdn.sdnlock-nested1-queue \
                     .db.sdn.sdnlock-nested2 .db.sdn.sdnlock-nested1-journal";
        place.run(MALLORY, &format!("for name in {names}; do {plant}; done")).code(0);
        let planted = place.all_but(&["db.sdn"]);
        let within = "sdnlock exec -q db.sdn -- sh -c \
                      'for n in 1 2 3 4; do sdnlock set -q db.sdn n+=1 & done; wait; sdnlock exec -q db.sdn -- sdnlock get db.sdn n'";
        let line = format!("sdnlock exec -q db.sdn -- sh -c \"{within}\"");
        assert_eq!(place.run(ALICE, &line).code(0).stdout, "4\n", "{plant}");
        assert_eq!(place.sandbox.read("db.sdn"), "n: 4\n");
        // What a killed one leaves goes with the next one.
        place.kill_within(
            ALICE,
            ALICE,
            "exec sdnlock exec db.sdn -- sdnlock exec db.sdn -- sh -c 'touch ready; exec sleep 600'",
        );
        place.run(ALICE, "sdnlock set -q db.sdn n+=1").code(0);
        assert_eq!(place.all_but(&["db.sdn"]), planted, "{plant}");
    }
}

#[test]
fn pipes_of_strangers_stop_nobody() {
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o644);
    let pipes = "mkfifo db.sdn.lock .db.sdn.sdnlock-queue .db.sdn.sdnlock-journal db.sdn.bak db.sdn.tmp \
                 .db.sdn.abcdef.undo .db.sdn.abcdef.sdnlock db.sdn.rejected db.sdn.before .sdnlock.sdn";
    place.run(MALLORY, pipes).code(0);
    for (line, code) in COMMANDS.iter().filter(|(line, _)| !line.contains("restore")) {
        place.run(ALICE, line).code(*code);
    }
    place.run(ALICE, "sdnlock exec db.sdn -- sh -c 'echo broken: [ > db.sdn'").code(65);
    assert_eq!(place.sandbox.read("db.sdn.rejected.1"), "broken: [\n");
    place.run(ALICE, "sdnlock restore db.sdn").code(0);
    // A folder is one, whatever a stranger says of it.
    place.run(ALICE, "mkdir sub; cp db.sdn sub").code(0);
    place.run(MALLORY, "echo > .sub.sdnlock-journal").code(0);
    assert_eq!(place.run(ALICE, "sdnlock exec sub -- echo done").code(0).stdout, "done\n");
    let status = place.run(ALICE, "sdnlock status db.sdn").code(0).stdout;
    assert!(status.contains("not believed"), "{status}");
}

#[test]
fn the_editor_looks_at_no_folder_of_strangers() {
    let Some(place) = Place::spool() else { return };
    let Some(temporary) = Place::spool() else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o644);
    let edit = format!(
        "umask 0; TMPDIR={} EDITOR='stat -c %a > mode; stat -c %a' sdnlock edit db.sdn",
        temporary.sandbox.root().display()
    );
    let edit = edit.replace("stat -c %a > mode; stat -c %a", "./note");
    place.write(
        "note",
        "#!/bin/sh\ndirname \"$1\" > name\nstat -c %a \"$1\" \"$(dirname \"$1\")\" > mode\n",
        ALICE,
        0o755,
    );
    place.run(ALICE, &edit).code(0);
    assert_eq!(place.sandbox.read("mode"), "600\n700\n");
    // The names begin alike for one database.
    let name = PathBuf::from(place.sandbox.read("name").trim().to_owned());
    let name = name.file_name().unwrap().to_str().unwrap().to_owned();
    let stem = &name[..name.rfind('-').unwrap()];
    temporary
        .run(
            MALLORY,
            &format!(
                "mkfifo {stem}-aaaaaa; mkdir {stem}-bbbbbb; mkfifo {stem}-bbbbbb/db.sdn; \
        ln -s /etc {stem}-cccccc; mkdir {stem}-dddddd; ln -s /etc/shadow {stem}-dddddd/db.sdn"
            ),
        )
        .code(0);
    // One of Alice's own, into which a stranger was let.
    temporary.run(ALICE, &format!("mkdir -m 777 {stem}-eeeeee; mkfifo {stem}-eeeeee/db.sdn")).code(0);
    let run = place.run(ALICE, &edit).code(0);
    assert!(!run.stderr.contains(stem), "{}", run.stderr);
}

#[test]
fn a_folder_in_which_one_may_make_nothing_is_read_from_without_a_lock() {
    for (mode, plant) in [(0o1755, false), (0o1755, true)] {
        let Some(place) = Place::new(mode) else { return };
        place.write("db.sdn", "n: 1\n", ROOT, 0o644);
        if plant {
            place.write("db.sdn.lock", "", MALLORY, 0o600);
        }
        let run = place.run(ALICE, "sdnlock get db.sdn n").code(0);
        assert_eq!(run.stdout, "1\n");
        assert!(run.stderr.contains("without a lock"), "{}", run.stderr);
        place.run(ALICE, "sdnlock set db.sdn n=2").code(77);
    }
}

#[test]
fn backups_of_strangers_are_not_restored() {
    for plant in ["echo n: 666 > db.sdn.bak", "ln -s /etc/shadow db.sdn.bak", "mkfifo db.sdn.bak"] {
        let Some(place) = Place::spool() else { return };
        place.write("db.sdn", "n: 1\n", ROOT, 0o644);
        place.run(MALLORY, plant).code(0);
        place.run(ROOT, "sdnlock restore --no-check db.sdn 0").code(1).says("is not believed");
        assert_eq!(place.sandbox.read("db.sdn"), "n: 1\n");
        place.run(ROOT, "sdnlock set --backups 2 -q db.sdn n=2").code(0);
        place.run(ROOT, "sdnlock restore -q db.sdn 1").code(0);
        assert_eq!(place.sandbox.read("db.sdn"), "n: 1\n");
    }
}

#[test]
fn a_backup_that_was_linked_takes_the_place_of_no_other_one() {
    let Some(place) = Place::spool() else { return };
    place.write("db.sdn", "n: 1\n", ALICE, 0o644);
    for n in [2, 3] {
        place.run(ALICE, &format!("sdnlock set -q --backups 3 db.sdn n={n}")).code(0);
    }
    let kept = Sandbox::new();
    fs::hard_link(place.sandbox.path("db.sdn.bak"), kept.path("kept")).unwrap();
    place.run(ALICE, "sdnlock set -q --backups 3 db.sdn n=4").code(0);
    let contents = ["db.sdn.bak", "db.sdn.bak.1", "db.sdn.bak.2"].map(|name| place.sandbox.read(name));
    assert_eq!(contents, ["n: 2\n", "n: 3\n", "n: 1\n"]);
}

#[test]
fn a_schema_counts_if_it_belongs_to_the_owner_of_the_database_to_root_or_to_whoever_asks() {
    let wrong = "tables |\n";
    for (owner, counts) in [(ALICE, true), (ROOT, true), (MALLORY, false)] {
        for user in [ALICE, ROOT] {
            let Some(place) = Place::spool() else { return };
            fs::create_dir(place.sandbox.path("sub")).unwrap();
            place.give("sub", ALICE, ALICE);
            place.write("sub/db.sdn", "n: 1\n", ALICE, 0o644);
            place.write(".sdnlock.sdn", wrong, owner, 0o644);
            let set = place.run(user, "sdnlock set sub/db.sdn n=2").code(if counts { 65 } else { 0 });
            let check = place.run(user, "sdnlock check sub/db.sdn").code(i32::from(counts));
            for run in [set, check] {
                let is_told = run.stderr.contains("`.sdnlock.sdn` is not believed: it belongs to 61003");
                assert_eq!(is_told, !counts, "{}", run.stderr);
            }
        }
    }
}

#[test]
fn the_journal_of_a_private_database_is_private() {
    let Some(place) = Place::spool() else { return };
    // Once it is on disk it is not to be written to, as a mark.
    let modes = |user: u32, line: &str| -> Vec<u32> {
        let run = place.run(user, line).code(0);
        run.stdout.lines().map(|mode| u32::from_str_radix(mode, 8).unwrap() | 0o200).collect()
    };
    for mode in [0o600, 0o640, 0o644] {
        place.write("db.sdn", "n: 1\n", ALICE, mode);
        let line =
            "umask 0; sdnlock exec db.sdn -- sh -c 'stat -c %a .db.sdn.sdnlock-journal* .db.sdn.*.undo db.sdn.lock'";
        assert_eq!(modes(ALICE, line), [mode; 3]);
    }
    // Of several it can be read by those who may read all of them.
    place.write("other.sdn", "n: 1\n", ALICE, 0o600);
    let line =
        "sdnlock exec db.sdn other.sdn -- sh -c 'stat -c %a .db.sdn.sdnlock-journal* .other.sdn.sdnlock-journal*'";
    assert_eq!(modes(ALICE, line), [0o600; 2]);
    // Root's are the owner's, who may have to end what root had under way.
    let line = "sdnlock exec db.sdn -- sh -c 'stat -c %u .db.sdn.sdnlock-journal*'";
    assert_eq!(place.run(ROOT, line).code(0).stdout, format!("{ALICE}\n"));
}
