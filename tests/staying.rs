//! What may stay of what a command left, whether it ended or was killed.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::fs;

use sdnlock::sdn::{Reseal, Seal, seal_change};
use support::{Run, Sandbox, start, wait_for};

mod support;

/// A content with a right seal.
fn sealed(content: &str) -> String {
    let unsealed = format!("#sdn-crc32:0\n{content}");
    String::from_utf8(seal_change(b"", unsealed.into_bytes(), Reseal::Always).unwrap()).unwrap()
}

/// What stands beside a database that counts, and what it holds.
fn state(sandbox: &Sandbox) -> Vec<(String, String)> {
    let names = sandbox.names().into_iter().filter(|name| name != "old");
    names.map(|name| (name.clone(), sandbox.read(&name))).collect()
}

/// What a command makes of a database, in shell, from what `old` holds.
const WAYS: &[&str] = &[
    "true",
    "echo 'n: 2' > F",
    "sed -i s/1/2/ F",
    "cp old F.new; mv F.new F",
    "rm F",
    ": > F",
    "echo > F",
    "head -c 40 /dev/zero > F",
    "echo 'n: \"open' > F",
    "echo 'Big Red Car' > F",
    "echo '#sdn-crc32:7' >> F",
    "echo 'm: 3' >> F",
    "head -c 20 old > F",
    "seq -f 'k%.0f: 1' 100 > F",
    "mkdir away; mv F away; ln -s away/F F",
    "rm F; mkdir F",
    "chmod 600 F; echo 'n: 2' > F",
];

/// Whether a command fails or is killed with the `sdnlock` above it, what stays is the same.
#[test]
fn a_command_that_fails_and_one_that_is_killed_leave_the_same() {
    let plain = "n: 1\nk: 1\n".to_owned();
    let mut compared = 0;
    for (name, old) in [("a.sdn", &plain), ("a.sdn", &sealed(&plain)), ("a.txt", &plain)] {
        for mode in
            [&[][..], &["--transaction"], &["--sdn"], &["--sdn", "--transaction"], &["--transaction", "--no-check"]]
        {
            for way in WAYS {
                let way = way.replace('F', name);
                let after = ["exit 1", "kill -9 $PPID; kill -9 $$"].map(|end| {
                    let sandbox = Sandbox::new();
                    sandbox.write(name, old);
                    sandbox.write("old", old);
                    sandbox.write(".sdnlock.sdn", "limits |name, value|\n    max_size, 200\n");
                    let script = format!("{way}; {end}");
                    let arguments = [&["exec", "-q"], mode, &[name, "--", "sh", "-c", &script]].concat();
                    Run::of(&mut sandbox.sdnlock(arguments));
                    sandbox.run(&["exec", "--no-check", name, "--", "true"]);
                    let mut names = sandbox.names();
                    names.retain(|name| !sandbox.path(name).is_dir());
                    let content = |file: &String| fs::read_to_string(sandbox.path(file)).unwrap();
                    names.iter().map(|file| (file.clone(), content(file))).collect::<Vec<_>>()
                });
                assert_eq!(after[0], after[1], "{name} {mode:?} {way}");
                assert!(after[0].iter().all(|(file, _)| !file.contains(".before") && !file.contains("sdnlock-j")));
                compared += 1;
            }
        }
    }
    assert!(compared > 200);
}

#[test]
fn a_text_that_is_to_be_valid_is_judged_so_by_whoever_ends_what_was_killed() {
    let sandbox = Sandbox::new();
    sandbox.write("db.txt", "a: 1\n");
    let script = "echo 'a: Big Red Car' > db.txt; kill -9 $PPID; kill -9 $$";
    Run::of(&mut sandbox.sdnlock(["exec", "--sdn", "db.txt", "--", "sh", "-c", script]));
    let read = sandbox.run(&["read", "db.txt"]).code(0).says("`db.txt` is again as it was before it");
    assert_eq!(read.stdout, "a: 1\n");
    assert_eq!(sandbox.read("db.txt.rejected"), "a: Big Red Car\n");
}

#[test]
fn what_was_sealed_stays_so() {
    let old = sealed("a: 1\n");
    for mode in [&[][..], &["--transaction"], &["--self-locking"]] {
        for way in [
            "sed -i 's/a: 1/a: 2/' d.sdn",
            "sed -i 1d d.sdn",
            "cat d.sdn d.sdn > x; mv x d.sdn",
            "echo 'b: 2' >> d.sdn",
        ] {
            let sandbox = Sandbox::new();
            sandbox.write("d.sdn", &old);
            let arguments = [&["exec"], mode, &["d.sdn", "--", "sh", "-c", way]].concat();
            let run = sandbox.run(&arguments).code(65);
            let run = run.says("`d.sdn` is as it was before the command").says("kept: `d.sdn.rejected`");
            assert_eq!(sandbox.read("d.sdn"), old, "{mode:?} {way}");
            if !way.starts_with("cat") {
                run.says("its seal was right, and is not any more")
                    .says("hint: seal what it writes with `sdnlock exec --reseal`");
                // The hint leads on.
                let arguments = [&["exec", "--reseal"], mode, &["d.sdn", "--", "sh", "-c", way]].concat();
                sandbox.run(&arguments).code(0);
                assert_eq!(Seal::of(sandbox.read("d.sdn").as_bytes()), Seal::Right, "{mode:?} {way}");
                assert_eq!(sandbox.read("d.sdn") == old, way.contains("1d"), "{mode:?} {way}");
                sandbox.run(&["check", "d.sdn"]).code(0);
            }
        }
        // A seal that was wrong before is the command's business.
        let sandbox = Sandbox::new();
        sandbox.write("d.sdn", "#sdn-crc32:1\na: 1\n");
        let arguments = [&["exec"], mode, &["d.sdn", "--", "sed", "-i", "s/a: 1/a: 2/", "d.sdn"]].concat();
        sandbox.run(&arguments).code(0);
        assert_eq!(sandbox.read("d.sdn"), "#sdn-crc32:1\na: 2\n");
    }
    // One that renews the seal by itself is not in the way.
    let sandbox = Sandbox::new();
    sandbox.write("d.sdn", &old);
    sandbox.write("new", sealed("a: 2\n"));
    sandbox.run(&["exec", "d.sdn", "--", "cp", "new", "d.sdn"]).code(0);
    sandbox.run(&["exec", "d.sdn", "--", env!("CARGO_BIN_EXE_sdnlock"), "set", "d.sdn", "a=3"]).code(0);
    assert_eq!(sandbox.read("d.sdn"), sealed("a: 3\n"));
}

#[test]
fn a_seal_that_a_killed_command_left_wrong_comes_back() {
    let old = sealed("a: 1\n");
    let sandbox = Sandbox::new();
    sandbox.write("d.sdn", &old);
    let script = "sed -i s/1/2/ d.sdn; kill -9 $PPID; kill -9 $$";
    Run::of(&mut sandbox.sdnlock(["exec", "--reseal", "d.sdn", "--", "sh", "-c", script]));
    assert_eq!(sandbox.run(&["read", "d.sdn"]).code(0).stdout, old);
    assert!(sandbox.read("d.sdn.rejected").ends_with("a: 2\n"));
}

#[test]
fn zero_bytes_are_no_content() {
    for (mode, code) in [(&[][..], 65), (&["--transaction"], 65), (&["--no-check"], 0)] {
        for name in ["d.sdn", "d.txt"] {
            let sandbox = Sandbox::new();
            sandbox.write(name, "a: 1\n");
            let script = format!("head -c 20 /dev/zero > {name}");
            let run = sandbox.run(&[&["exec"], mode, &[name, "--", "sh", "-c", &script]].concat()).code(code);
            if code != 0 {
                run.says("it is nothing but zero bytes");
                assert_eq!(sandbox.read(name), "a: 1\n", "{mode:?}");
            }
        }
    }
    // Where it was killed, not even what is unchecked.
    let sandbox = Sandbox::new();
    sandbox.write("d.sdn", "a: 1\n");
    let script = "head -c 20 /dev/zero > d.sdn; kill -9 $PPID; kill -9 $$";
    Run::of(&mut sandbox.sdnlock(["exec", "--no-check", "d.sdn", "--", "sh", "-c", script]));
    assert_eq!(sandbox.run(&["read", "d.sdn"]).code(0).stdout, "a: 1\n");
}

#[test]
fn l9_readers_take_back_nothing_under_a_lock_that_was_broken() {
    let sandbox = Sandbox::new();
    sandbox.write("d.sdn", "n: 1\n");
    let script = "echo > ready; while [ ! -e end ] && [ -e d.sdn ]; do sleep 0.01; done";
    let child = start(&mut sandbox.sdnlock(["exec", "--shared", "d.sdn", "--", "sh", "-c", script]));
    wait_for("the command to run", || sandbox.exists("ready"));
    fs::remove_file(sandbox.path("d.sdn.lock")).unwrap();
    sandbox.write("t", "n: 55\n");
    fs::rename(sandbox.path("t"), sandbox.path("d.sdn")).unwrap();
    sandbox.write("end", "");
    Run::end_of(child).code(74).says("another program broke the lock of `d.sdn`").says("nothing was undone");
    assert_eq!(sandbox.read("d.sdn"), "n: 55\n");
}

#[test]
fn what_is_refused_is_kept_once_and_nothing_is_left_beside_it() {
    let sandbox = Sandbox::new();
    sandbox.write("d.sdn", "a: 1\n");
    for _ in 0..2 {
        sandbox.run(&["exec", "d.sdn", "--", "sh", "-c", "echo 'a: \"x' > d.sdn"]).code(65);
    }
    let expected = [("d.sdn", "a: 1\n"), ("d.sdn.rejected", "a: \"x\n")];
    assert_eq!(state(&sandbox), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
}

#[test]
fn under_a_lock_that_was_broken_nothing_is_undone_and_the_old_content_kept() {
    for (way, code) in [("echo 'n: \"x' > a.sdn", 74), (": > a.sdn; exit 1", 1), ("rm a.sdn; exit 1", 1)] {
        let sandbox = Sandbox::new();
        sandbox.write("a.sdn", "n: 1\n");
        let run = sandbox.run(&["exec", "a.sdn", "--", "sh", "-c", &format!("rm a.sdn.lock; {way}")]).code(code);
        run.says("another program broke the lock of `a.sdn`").says("kept: `a.sdn.before`");
        assert_eq!(sandbox.read("a.sdn.before"), "n: 1\n");
    }
}
