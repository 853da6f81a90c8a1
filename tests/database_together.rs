//! Locked read-change-writes and transactions: nothing is lost, and all is written or nothing.

#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::path::Path;
use std::process::{Command, Stdio};

use sdnlock::lock::{LockProblem, Wait};
use sdnlock::{Database, DatabaseOptions, Error, FileLock, Record, transaction};
use serde::{Deserialize, Serialize};
use support::{Sandbox, scaled};

mod support;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Counter {
    name: String,
    count: u32,
}

impl Record for Counter {
    fn id(&self) -> String {
        self.name.clone()
    }

    fn table_name() -> &'static str {
        "counters"
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Entry {
    id: u32,
    text: String,
}

impl Record for Entry {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn table_name() -> &'static str {
        "entries"
    }
}

fn entry(id: u32, text: &str) -> Entry {
    Entry { id, text: text.to_owned() }
}

fn increment(db: &mut Database<Counter>) -> u32 {
    let count = db.get("runs").map_or(0, |counter| counter.count) + 1;
    db.insert(Counter { name: "runs".to_owned(), count });
    count
}

fn count(path: &Path) -> u32 {
    Database::<Counter>::load(path).unwrap().get("runs").map_or(0, |counter| counter.count)
}

/// In the processes that the tests start it says what they do; in an ordinary run there is none.
const WORK: &str = "SDNLOCK_TEST_WORK";

#[test]
fn the_work_of_another_process() {
    let Ok(work) = std::env::var(WORK) else { return };
    let (kind, folder) = work.split_once(' ').unwrap();
    let [a, b] = ["a.sdn", "b.sdn"].map(|name| Path::new(folder).join(name));
    match kind {
        "increment" => {
            for _ in 0..scaled(50) {
                Database::<Counter>::update(&a, |db| Ok(increment(db))).unwrap();
            }
        }
        "within" => {
            let mut db = Database::<Counter>::load(&a).unwrap();
            increment(&mut db);
            db.save().unwrap();
            Database::<Counter>::update(&a, |db| Ok(increment(db))).unwrap();
        }
        "both" => both(&a, &b, |_| Ok(())).unwrap(),
        "both, then die" => both(&a, &b, |_| die()).unwrap(),
        other => panic!("{other}"),
    }
}

fn die<T>() -> T {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    unreachable!()
}

fn worker(kind: &str, sandbox: &Sandbox) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "the_work_of_another_process", "--nocapture"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.env(WORK, format!("{kind} {}", sandbox.root().display()));
    command
}

/// Changes both databases, then does something else.
fn both(a: &Path, b: &Path, then: impl FnOnce(&mut Database<Entry>) -> sdnlock::Result<()>) -> sdnlock::Result<()> {
    transaction([b, a], |databases| {
        let mut counters = databases.load::<Counter>(a)?;
        let mut entries = databases.load::<Entry>(b)?;
        let count = increment(&mut counters);
        entries.insert(entry(count, "new"));
        counters.save()?;
        entries.save()?;
        then(&mut entries)
    })
}

fn two() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("a.sdn", "# a\ncounters |name, count|\n    runs, 7\n");
    sandbox.write("b.sdn", "# b\n");
    sandbox
}

fn state(sandbox: &Sandbox) -> [String; 2] {
    ["a.sdn", "b.sdn"].map(|name| sandbox.read(name))
}

fn changed() -> [String; 2] {
    ["# a\ncounters |name, count|\n    runs, 8\n", "# b\n\nentries |id, text|\n    8, new\n"].map(str::to_owned)
}

#[test]
fn no_increment_of_eight_threads_and_three_processes_is_lost() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("a.sdn");
    let others: Vec<_> = (0..3).map(|_| worker("increment", &sandbox).spawn().unwrap()).collect();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..scaled(50) {
                    // On a slow machine the wait for so many may be longer than one wait.
                    while let Err(error) = Database::<Counter>::update(&path, |db| Ok(increment(db))) {
                        assert!(
                            matches!(&error, Error::Lock(e) if matches!(e.problem, LockProblem::Timeout { .. })),
                            "{error}"
                        );
                    }
                }
            });
        }
    });
    for mut other in others {
        assert!(other.wait().unwrap().success());
    }
    assert_eq!(count(&path), 11 * scaled(50));
    assert_eq!(sandbox.names(), ["a.sdn"]);
}

#[test]
fn an_update_that_fails_or_panics_writes_nothing() {
    let sandbox = two();
    let path = sandbox.path("a.sdn");
    let before = state(&sandbox);
    let error = Database::<Counter>::update(&path, |db| -> sdnlock::Result<()> {
        increment(db);
        db.save()?;
        Err(Error::abort("enough"))
    });
    assert_eq!(error.unwrap_err().to_string(), "enough");
    let panicked = std::panic::catch_unwind(|| {
        Database::<Counter>::update(&path, |db| -> sdnlock::Result<()> {
            increment(db);
            panic!("on purpose");
        })
    });
    assert!(panicked.is_err());
    assert_eq!(state(&sandbox), before);
    assert_eq!(Database::<Counter>::update(&path, |db| Ok(increment(db))).unwrap(), 8);
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn"]);
}

#[test]
fn what_a_copy_saves_within_an_update_is_written_and_later_it_is_told_that_it_is_not() {
    let sandbox = two();
    let path = sandbox.path("a.sdn");
    let mut escaped = Database::<Counter>::update(&path, |db| {
        let mut copy = db.clone();
        copy.insert(Counter { name: "copy".to_owned(), count: 1 });
        copy.save()?;
        increment(db);
        assert_eq!(count(&path), 7, "not yet");
        Ok(copy)
    })
    .unwrap();
    assert_eq!(sandbox.read("a.sdn"), "# a\ncounters |name, count|\n    runs, 8\n    copy, 1\n");
    increment(&mut escaped);
    assert!(matches!(escaped.save().unwrap_err(), Error::TransactionOver { .. }));
    // Another database in its place is saved where it belongs.
    let b = sandbox.path("b.sdn");
    Database::<Counter>::update(&path, |db| {
        *db = Database::load(&b)?;
        increment(db);
        Ok(())
    })
    .unwrap();
    assert_eq!((count(&path), count(&b)), (8, 1));
}

#[test]
fn what_somebody_writes_who_ignores_the_lock_is_merged_into_an_update_and_ends_a_transaction() {
    let sandbox = two();
    let (a, b) = (sandbox.path("a.sdn"), sandbox.path("b.sdn"));
    let ignorant = || sandbox.write("a.sdn", "# a\ncounters |name, count|\n    runs, 7\n    theirs, 1\n");
    Database::<Counter>::update(&a, |db| {
        ignorant();
        Ok(increment(db))
    })
    .unwrap();
    assert_eq!(sandbox.read("a.sdn"), "# a\ncounters |name, count|\n    runs, 8\n    theirs, 1\n");
    sandbox.write("a.sdn", "# a\ncounters |name, count|\n    runs, 7\n");
    let error = both(&a, &b, |_| {
        ignorant();
        Ok(())
    });
    assert!(matches!(error.unwrap_err(), Error::Replace { .. }));
    assert_eq!(state(&sandbox), [sandbox.read("a.sdn"), "# b\n".to_owned()]);
    assert!(sandbox.read("a.sdn").ends_with("runs, 7\n    theirs, 1\n"));
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn"]);
}

#[test]
fn within_an_update_its_file_can_be_loaded_and_not_changed_in_another_way() {
    let sandbox = two();
    let (a, b) = (sandbox.path("a.sdn"), sandbox.path("b.sdn"));
    std::os::unix::fs::symlink(&a, sandbox.path("link.sdn")).unwrap();
    Database::<Counter>::update(&a, |db| {
        increment(db);
        for name in [&a, &sandbox.path("link.sdn")] {
            assert_eq!(count(name), 7);
            let mut again = Database::<Counter>::load(name)?;
            increment(&mut again);
            assert!(matches!(again.save().unwrap_err(), Error::LockedHere { .. }));
            let update = Database::<Counter>::update(name, |db| Ok(increment(db)));
            assert!(matches!(update.unwrap_err(), Error::LockedHere { .. }));
            let both = transaction([name, &b], |_| Ok(()));
            assert!(matches!(both.unwrap_err(), Error::LockedHere { .. }));
        }
        Database::<Entry>::update(&b, |db| {
            db.insert(entry(1, "other"));
            Ok(())
        })
    })
    .unwrap();
    assert_eq!(count(&a), 8);
    assert_eq!(Database::<Entry>::load(&b).unwrap().count(), 1);
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "link.sdn"]);
}

#[test]
fn a_lock_that_is_held_here_is_waited_for_and_named() {
    let sandbox = two();
    let lock = FileLock::acquire(sandbox.path("a.sdn"), 10).unwrap();
    let taken = sandbox.path("a.sdn");
    assert!(FileLock::try_acquire(&taken).is_err());
    lock.release().unwrap();
    assert_eq!(count(&taken), 7);
}

#[test]
fn how_long_to_wait_is_said_by_options() {
    let sandbox = two();
    let a = sandbox.path("a.sdn");
    let options = DatabaseOptions::new().wait(Wait::No);
    let mut loaded = options.load::<Counter>(&a).unwrap();
    loaded.insert(Counter { name: "new".to_owned(), count: 1 });
    let lock = FileLock::acquire(&a, 10).unwrap();
    let not_had = |error: Error| match error {
        Error::Lock(error) => matches!(error.problem, LockProblem::Timeout { .. }),
        _ => false,
    };
    assert!(not_had(options.load::<Counter>(&a).unwrap_err()));
    assert!(not_had(loaded.save().unwrap_err()));
    assert!(not_had(options.update(&a, |_: &mut Database<Counter>| Ok(())).unwrap_err()));
    assert!(not_had(options.transaction([&a, &sandbox.path("b.sdn")], |_| Ok(())).unwrap_err()));
    lock.release().unwrap();
    loaded.save().unwrap();
    assert_eq!(options.load::<Counter>(&a).unwrap().get("new").unwrap().count, 1);
}

#[test]
fn what_runs_under_a_lock_need_not_wait_for_it() {
    let sandbox = two();
    let lock = FileLock::acquire(sandbox.path("a.sdn"), 10).unwrap();
    let held = sdnlock::lock::Nesting::default().below([&lock]);
    let status = worker("within", &sandbox).env(sdnlock::lock::Nesting::VARIABLE, held.to_value()).status().unwrap();
    assert!(status.success());
    lock.release().unwrap();
    assert_eq!(count(&sandbox.path("a.sdn")), 9);
}

#[test]
fn a_transaction_changes_all_databases() {
    let sandbox = two();
    both(&sandbox.path("a.sdn"), &sandbox.path("b.sdn"), |_| Ok(())).unwrap();
    assert_eq!(state(&sandbox), changed());
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn"]);
}

#[test]
fn a_transaction_that_fails_or_panics_changes_none() {
    let sandbox = two();
    let before = state(&sandbox);
    let (a, b) = (sandbox.path("a.sdn"), sandbox.path("b.sdn"));
    assert!(both(&a, &b, |_| Err(Error::abort("no"))).is_err());
    assert!(std::panic::catch_unwind(|| both(&a, &b, |_| panic!("on purpose"))).is_err());
    // One that cannot be replaced.
    std::fs::hard_link(&b, sandbox.path("c.sdn")).unwrap();
    let error = both(&a, &b, |_| Ok(())).unwrap_err();
    assert!(matches!(&error, Error::Replace { path, .. } if *path == b), "{error}");
    assert_eq!(state(&sandbox), before);
    std::fs::remove_file(&b).unwrap();
    std::fs::remove_file(sandbox.path("c.sdn")).unwrap();
    assert!(both(&a, &b, |_| Err(Error::abort("no"))).is_err());
    assert_eq!(sandbox.names(), ["a.sdn"]);
}

#[test]
fn a_file_that_a_transaction_made_is_gone_if_another_one_fails() {
    let sandbox = two();
    let (b, c) = (sandbox.path("b.sdn"), sandbox.path("a-new.sdn"));
    std::fs::hard_link(&b, sandbox.path("link.sdn")).unwrap();
    assert!(both(&c, &b, |_| Ok(())).is_err());
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn", "link.sdn"]);
}

#[test]
fn what_is_not_saved_within_a_transaction_is_not_written() {
    let sandbox = two();
    let before = state(&sandbox);
    let (a, b) = (sandbox.path("a.sdn"), sandbox.path("b.sdn"));
    let mut escaped = transaction([&a, &b], |databases| {
        let mut counters = databases.load::<Counter>(&a)?;
        increment(&mut counters);
        assert!(matches!(databases.load::<Counter>("c.sdn").unwrap_err(), Error::NotInTransaction { .. }));
        Ok(counters)
    })
    .unwrap();
    assert_eq!(state(&sandbox), before);
    assert!(matches!(escaped.save().unwrap_err(), Error::TransactionOver { .. }));
    assert_eq!(state(&sandbox), before);
}

#[test]
fn two_tables_of_one_file_can_be_changed_together() {
    let sandbox = two();
    let a = sandbox.path("a.sdn");
    transaction([&a], |databases| {
        let mut counters = databases.load::<Counter>(&a)?;
        let mut entries = databases.load::<Entry>(&a)?;
        entries.insert(entry(increment(&mut counters), "one"));
        counters.save()?;
        entries.save()?;
        let mut again = databases.load::<Counter>(&a)?;
        increment(&mut again);
        again.save()
    })
    .unwrap();
    let expected = "# a\ncounters |name, count|\n    runs, 9\n\nentries |id, text|\n    8, one\n";
    assert_eq!(sandbox.read("a.sdn"), expected);
}

#[test]
fn however_often_a_transaction_saves_it_is_one_change() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("a.sdn", "counters |name, count, version|\n    runs, 7, 3\n");
    transaction([&path], |databases| {
        let mut counters = databases.load::<Counter>(&path)?;
        for name in ["a", "b"] {
            increment(&mut counters);
            counters.insert(Counter { name: name.to_owned(), count: 0 });
            counters.save()?;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(sandbox.read("a.sdn"), "counters |name, count, version|\n    runs, 9, 4\n    a, 0, 1\n    b, 0, 1\n");
}

#[test]
fn a_transaction_whose_process_is_killed_before_its_end_changes_none() {
    let sandbox = two();
    let before = state(&sandbox);
    assert!(!worker("both, then die", &sandbox).status().unwrap().success());
    assert_eq!(state(&sandbox), before);
    both(&sandbox.path("a.sdn"), &sandbox.path("b.sdn"), |_| Ok(())).unwrap();
    assert_eq!(state(&sandbox), changed());
    assert_eq!(sandbox.names(), ["a.sdn", "b.sdn"]);
}

/// J4, J5: wherever a writer is killed, whoever loads next finds all databases old or all new.
#[cfg(debug_assertions)]
#[test]
fn a_transaction_whose_process_is_killed_anywhere_changes_all_or_none() {
    let (mut killed, mut undone) = (0, 0);
    for point in sdnlock::disk::FAILPOINTS {
        for time in 1..=2 {
            for first in ["a.sdn", "b.sdn"] {
                let sandbox = two();
                let before = state(&sandbox);
                let mut command = worker("both", &sandbox);
                let status = command.env("SDNLOCK_TEST_FAILPOINT", format!("{point}={time}")).status().unwrap();
                if status.success() {
                    break;
                }
                killed += 1;
                undone += u32::from(state(&sandbox) != before && state(&sandbox) != changed());
                // Either of them brings both back.
                if first == "a.sdn" {
                    Database::<Counter>::load(sandbox.path(first)).unwrap();
                } else {
                    Database::<Entry>::load(sandbox.path(first)).unwrap();
                }
                let now = state(&sandbox);
                assert!(now == before || now == changed(), "{point}={time}: {now:?}");
                both(&sandbox.path("a.sdn"), &sandbox.path("b.sdn"), |_| Ok(())).unwrap();
                assert_eq!(sandbox.names(), ["a.sdn", "b.sdn"], "{point}={time}");
            }
        }
    }
    assert!(killed > 20 && undone > 1, "killed {killed} times, found {undone} half-written");
}

/// A table whose key nobody says but the ids.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct TestRun {
    test_id: u32,
    at: String,
    ms: u32,
}

impl Record for TestRun {
    fn id(&self) -> String {
        format!("{}/{}", self.test_id, self.at)
    }

    fn table_name() -> &'static str {
        "runs"
    }
}

#[test]
fn a_transaction_stamps_what_a_save_would_stamp() {
    let sandbox = Sandbox::new();
    let text = "runs |test_id, at, ms, version|\n    2, mon, 1, 4\n    2, tue, 2, 4\n    3, mon, 3, 4\n";
    let change = |db: &mut Database<TestRun>| {
        db.delete("2/mon");
        db.get_mut("2/tue").unwrap().ms = 9;
        db.save()
    };
    let alone = sandbox.write("alone.sdn", text);
    change(&mut Database::load(&alone).unwrap()).unwrap();
    let [one, other] = ["one.sdn", "other.sdn"].map(|name| sandbox.write(name, text));
    transaction([&one, &other], |databases| {
        change(&mut databases.load(&one)?)?;
        change(&mut databases.load(&other)?)
    })
    .unwrap();
    assert_eq!(sandbox.read("alone.sdn"), "runs |test_id, at, ms, version|\n    2, tue, 9, 5\n    3, mon, 3, 4\n");
    assert_eq!(sandbox.read("one.sdn"), sandbox.read("alone.sdn"));
    assert_eq!(sandbox.read("other.sdn"), sandbox.read("alone.sdn"));
}

#[test]
fn records_are_stamped_by_the_key_of_the_schema_unless_that_is_not_wanted() {
    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    struct Run {
        test: String,
        day: u32,
        passed: u32,
    }
    impl Record for Run {
        fn id(&self) -> String {
            format!("{}/{}", self.test, self.day)
        }
        fn table_name() -> &'static str {
            "runs"
        }
    }
    let text = "runs |test, day, passed, version|\n    a, 1, 3, 1\n    a, 2, 3, 1\n";
    let sandbox = Sandbox::new();
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    runs, test/day\n");
    let path = sandbox.path("runs.sdn");
    let pass = |runs: &mut Database<Run>| {
        let run = runs.get("a/2").unwrap().clone();
        runs.insert(Run { passed: run.passed + 1, ..run });
        Ok(())
    };
    let quiet = DatabaseOptions::new().stamps(false);
    for (options, version) in [(DatabaseOptions::new(), 2), (quiet, 1)] {
        let expected = text.replace("a, 2, 3, 1", &format!("a, 2, 4, {version}"));
        for way in 0..4 {
            sandbox.write("runs.sdn", text);
            match way {
                0 => {
                    let mut runs = options.load(&path).unwrap();
                    pass(&mut runs).unwrap();
                    runs.save().unwrap();
                }
                1 => options.update(&path, pass).unwrap(),
                2 => options
                    .transaction([&path], |all| {
                        all.load(&path).and_then(|mut runs| {
                            pass(&mut runs)?;
                            runs.save()
                        })
                    })
                    .unwrap(),
                // Somebody else has changed the other record meanwhile.
                _ => {
                    let mut runs = options.load(&path).unwrap();
                    pass(&mut runs).unwrap();
                    sandbox.write("runs.sdn", text.replace("a, 1, 3, 1", "a, 1, 9, 2"));
                    runs.save().unwrap();
                    sandbox.write("runs.sdn", sandbox.read("runs.sdn").replace("a, 1, 9, 2", "a, 1, 3, 1"));
                }
            }
            assert_eq!(sandbox.read("runs.sdn"), expected, "{way}");
        }
    }
}
