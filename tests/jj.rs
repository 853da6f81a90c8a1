//! `sdnlock` as a tool of real jj, and what jj leaves in databases.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]
#![allow(clippy::too_many_lines, reason = "what the commands say is shown whole")]

use snapbox::str;
use support::{Run, Sandbox};

mod support;

const TODOS: &str = "todos |id, status, title|\n    1, open, a\n    2, open, b\n    3, open, c\n\nport: 80\n";

/// A repository of jj with one database; nothing where jj is not installed.
fn repository() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    if !support::has_program("jj") {
        return None;
    }
    jj(&sandbox, "jj git init --quiet --no-colocate && jj config set --repo ui.paginate never");
    sandbox.write("todo_db.sdn", TODOS);
    // The configuration stands in this home.
    sandbox.write(".gitignore", ".config\n.gitconfig\n");
    jj(&sandbox, "jj commit --quiet -m base");
    Some(sandbox)
}

/// Runs a shell line with a sealed jj.
fn run(sandbox: &Sandbox, line: &str) -> Run {
    let mut shell = sandbox.shell(line);
    for (name, value) in [("JJ_USER", "Maria"), ("JJ_EMAIL", "maria@example.org"), ("GIT_CONFIG_NOSYSTEM", "1")] {
        shell.env(name, value);
    }
    Run::of(&mut shell)
}

#[track_caller]
fn jj(sandbox: &Sandbox, line: &str) -> Run {
    run(sandbox, line).code(0)
}

/// Makes a commit on top of the first one for each content of the database, and a merge of all of them.
fn merged(sandbox: &Sandbox, contents: &[String]) {
    let names: Vec<String> = (0..contents.len()).map(|at| format!("side-{at}")).collect();
    for (name, content) in names.iter().zip(contents) {
        jj(sandbox, "jj new --quiet 'subject(exact:base)'");
        sandbox.write("todo_db.sdn", content);
        jj(sandbox, &format!("jj commit --quiet -m {name}"));
    }
    let sides: Vec<String> = names.iter().map(|name| format!("'subject(exact:{name})'")).collect();
    jj(sandbox, &format!("jj new --quiet -m merge {}", sides.join(" ")));
}

fn config(sandbox: &Sandbox) -> String {
    jj(sandbox, "cat \"$(jj config path --repo)\"").stdout
}

/// The line of each conflict that `check` finds, and nothing else.
#[track_caller]
fn conflicts(sandbox: &Sandbox) -> Vec<usize> {
    let run = sandbox.run(&["check", "--format", "short", "todo_db.sdn"]).code(1);
    let line = |finding: &str| {
        assert!(finding.contains(": error[SDN002]: "), "{finding}\n{}", sandbox.read("todo_db.sdn"));
        finding.split(':').nth(1).unwrap().parse().unwrap()
    };
    run.stdout.lines().map(line).collect()
}

/// Where conflicts begin.
fn begun(text: &str) -> Vec<usize> {
    let lines = text.lines().enumerate().filter(|(_, line)| line.starts_with("<<<<<<<"));
    lines.map(|(at, _)| at + 1).collect()
}

#[test]
fn a_conflict_in_any_form_is_one_finding() {
    let sandbox = Sandbox::new();
    let diff = "%%%%%%% diff from: vpxusssl 38d49363 \"base\"\n\\\\\\\\\\\\\\        to: rtsqusxu 2768b0b9 \"ours\"\n-    1, open, a\n+    1, done, a\n     2, open, b\n";
    let second = "%%%%%%% diff from: vpxusssl 38d49363 \"base\"\n\\\\\\\\\\\\\\        to: ysrnknol 7a20f389 \"three\"\n-    1, open, a\n+    1, late, a\n     2, open, b\n";
    let old_diff = "%%%%%%% Changes from base to side #1\n-    1, open, a\n+    1, done, a\n     2, open, b\n";
    let sides = "+++++++ ysrnknol 7a20f389 \"theirs\"\n    1, open, aa\n    2, open, b\n------- base\n    1, open, a\n    2, open, b\n+++++++ rtsqusxu 2768b0b9 \"ours\" (no terminating newline)\n    1, done, a\n    2, open, b\n";
    let theirs = "+++++++ ysrnknol 7a20f389 \"theirs\"\n    1, open, aa\n    2, open, b\n";
    let git = "    1, done, a\n||||||| base\n    1, open, a\n=======\n    1, open, aa\n";
    let forms = [
        [diff, theirs].concat(),
        [theirs, diff].concat(),
        [old_diff, theirs].concat(),
        [diff, second, theirs].concat(),
        sides.to_owned(),
        git.to_owned(),
    ];
    for form in &forms {
        for size in [7, 11] {
            let form = ["+", "-", "%", "\\", "|", "="]
                .iter()
                .fold(form.clone(), |form, sign| form.replace(&sign.repeat(7), &sign.repeat(size)));
            let (begin, end) = ("<".repeat(size), ">".repeat(size));
            let conflict =
                |number: usize| format!("{begin} conflict {number} of 2\n{form}{end} conflict {number} of 2 ends\n");
            let other = conflict(2).replace("    1, ", "    8, ").replace("    2, ", "    9, ");
            let text = format!("todos |id, status, title|\n{}    3, open, c\n{other}\nport: 80\n", conflict(1));
            sandbox.write("todo_db.sdn", &text);
            assert_eq!(conflicts(&sandbox), begun(&text), "{text}");
        }
    }
}

#[test]
fn what_jj_leaves_is_one_finding_for_each_conflict() {
    let Some(sandbox) = repository() else { return };
    let changed =
        |status: &str, port: &str| TODOS.replace("1, open, a", &format!("1, {status}, a")).replace("80", port);
    let sides = [changed("done", "81"), changed("late", "82"), changed("held", "83")];
    for count in [2, 3] {
        merged(&sandbox, &sides[..count]);
        for style in ["diff", "diff-experimental", "snapshot", "git"] {
            jj(&sandbox, &format!("jj config set --repo ui.conflict-marker-style {style}"));
            // The working copy is written anew.
            jj(&sandbox, "jj edit --quiet 'subject(exact:base)' && jj edit --quiet 'subject(exact:merge)'");
            let text = sandbox.read("todo_db.sdn");
            assert_eq!(begun(&text).len(), 2, "{style}: {text}");
            assert_eq!(conflicts(&sandbox), begun(&text), "{style}: {text}");
        }
        jj(&sandbox, "jj abandon --quiet 'all() ~ subject(exact:base) ~ root()'");
    }
}

#[test]
fn jj_resolves_what_can_be_merged_by_record_and_keeps_the_rest_in_conflict() {
    let Some(sandbox) = repository() else { return };
    sandbox.run(&["jj-setup", "--yes", "-q"]).code(0);
    let ours = TODOS.replace("1, open, a", "1, done, a").replace("2, open, b", "2, open, bb");
    merged(&sandbox, &[ours.clone(), TODOS.replace("1, open, a", "1, open, aa").replace("80", "81")]);
    assert_eq!(conflicts(&sandbox), [2]);
    jj(&sandbox, "jj resolve --quiet --tool sdnlock");
    let expected = TODOS.replace("1, open, a", "1, done, aa").replace("2, open, b", "2, open, bb").replace("80", "81");
    assert_eq!(sandbox.read("todo_db.sdn"), expected);
    sandbox.run(&["check", "todo_db.sdn"]).code(0);

    jj(&sandbox, "jj abandon --quiet 'all() ~ subject(exact:base) ~ root()'");
    merged(&sandbox, &[ours, TODOS.replace("1, open, a", "1, open, aa").replace("2, open, b", "2, open, bc")]);
    let run = jj(&sandbox, "mkdir -p sub && cd sub && jj resolve --tool sdnlock");
    let conflict = "conflict: todo_db.sdn: `todos.2`: `title` was `b`, is `bb` in ours, `bc` in theirs\n";
    assert!(run.stderr.contains(conflict), "{}", run.stderr);
    let text = sandbox.read("todo_db.sdn");
    assert!(text.starts_with("todos |id, status, title|\n    1, done, aa\n<<<<<<< conflict 1 of 1\n"), "{text}");
    assert!(text.ends_with(">>>>>>> conflict 1 of 1 ends\n    3, open, c\n\nport: 80\n"), "{text}");
    assert_eq!(conflicts(&sandbox), [3]);
    assert!(jj(&sandbox, "jj resolve --list").stdout.contains("todo_db.sdn"));
}

#[test]
fn jj_finds_the_schema_from_anywhere_in_the_repository() {
    let Some(sandbox) = repository() else { return };
    sandbox.run(&["jj-setup", "--yes", "-q"]).code(0);
    let lanes = "lanes |lane, entry_id, state|\n    a, 1, open\n    a, 2, open\n    b, 1, open\n";
    sandbox.write(".sdnlock.sdn", "keys |table, columns|\n    lanes, entry_id/lane\n");
    sandbox.write("todo_db.sdn", lanes);
    jj(&sandbox, "jj squash --quiet --into 'subject(exact:base)'");
    let ours = lanes.replace("a, 2, open", "a, 2, done");
    let theirs = lanes.replace("a, 1, open\n", "").replace("b, 1, open", "b, 1, late");
    merged(&sandbox, &[ours, theirs]);
    jj(&sandbox, "mkdir -p sub && cd sub && jj resolve --quiet --tool sdnlock");
    let resolved = sandbox.read("todo_db.sdn");
    assert!(resolved.contains("a, 2, done\n") && resolved.contains("b, 1, late\n"), "{resolved}");
    let diff = jj(&sandbox, "cd sub && jj diff --tool sdnlock --from 'subject(exact:base)'");
    assert_eq!(
        (diff.stdout.as_str(), diff.stderr.as_str()),
        (
            "--- todo_db.sdn\n+++ todo_db.sdn\n~ lanes.2/a  state: open -> done\n~ lanes.1/b  state: open -> late\n- lanes.1/a  state: open\n",
            ""
        )
    );
}

#[test]
fn the_setup_is_shown_and_written_once_it_is_agreed_to() {
    let Some(sandbox) = repository() else { return };
    let before = config(&sandbox);
    assert_says!(
        sandbox.run(&["jj-setup"]),
        str![[r#"
exit code 1
--- stderr
jj config set --repo merge-tools.sdnlock.merge-args '["merge", "--jj", "--diff", "none", "--marker-size", "$marker_length", "--path=$path", "$base", "$left", "$right", "-o", "$output"]'
jj config set --repo merge-tools.sdnlock.merge-conflict-exit-codes '[1]'
jj config set --repo merge-tools.sdnlock.diff-args '["diff", "--jj", "--diff", "records", "$left", "$right"]'
jj config set --repo merge-tools.sdnlock.diff-expected-exit-codes '[0, 1]'
jj config set --repo merge-tools.sdnlock.diff-invocation-mode '"file-by-file"'
jj config set --repo merge-tools.sdnlock.diff-do-chdir false
jj config set --repo merge-tools.sdnlock.edit-args '[]'
error: nothing was written
 hint: agree to it with `--yes`

"#]]
    );
    assert_eq!(config(&sandbox), before);
    sandbox.run(&["jj-setup", "--yes", "-q"]).code(0);
    let set_up = config(&sandbox);
    assert!(set_up.contains("[merge-tools.sdnlock]"), "{set_up}");
    assert_says!(
        sandbox.run(&["jj-setup", "--yes"]),
        str![[r"
exit code 0
--- stderr
jj is set up already

"]]
    );
    assert_eq!(config(&sandbox), set_up);
    assert_says!(
        sandbox.run(&["jj-setup", "--undo", "--yes"]),
        str![[r"
exit code 0
--- stderr
jj config unset --repo merge-tools.sdnlock.merge-args
jj config unset --repo merge-tools.sdnlock.merge-conflict-exit-codes
jj config unset --repo merge-tools.sdnlock.diff-args
jj config unset --repo merge-tools.sdnlock.diff-expected-exit-codes
jj config unset --repo merge-tools.sdnlock.diff-invocation-mode
jj config unset --repo merge-tools.sdnlock.diff-do-chdir
jj config unset --repo merge-tools.sdnlock.edit-args
done: jj merges databases as any text again

"]]
    );
    assert_eq!(config(&sandbox), before);
    assert_says!(
        sandbox.run(&["jj-setup", "--undo"]),
        str![[r"
exit code 0
--- stderr
nothing of sdnlock is set up in jj

"]]
    );
}

#[test]
fn what_is_no_conflict_of_lines_stays_in_conflict() {
    let Some(sandbox) = repository() else { return };
    sandbox.run(&["jj-setup", "--yes", "-q"]).code(0);
    let base = "t |id, a|\n    1, x\n";
    sandbox.write("-x.sdn", base);
    jj(&sandbox, "jj squash --quiet --into 'subject(exact:base)'");
    let whole = [
        // Their record does not fit our columns, which stand in other lines.
        ("t |id, a, n|\n    1, x, y\n", "t |id, a|\n    1, x\n    2, z\n", "jj would take for resolved"),
        ("", "t |id, a|\n    1, y\n", "one side removed it, or emptied it"),
        (
            &sealed("t |id, a|\n    1, y\n"),
            &sealed("t |id, a|\n    1, z\n"),
            "it is sealed, and a conflict would be left",
        ),
    ];
    for (ours, theirs, why) in whole {
        for (name, content) in [("ours", ours), ("theirs", theirs)] {
            jj(&sandbox, "jj new --quiet 'subject(exact:base)'");
            sandbox.write("-x.sdn", content);
            jj(&sandbox, &format!("jj commit --quiet -m {name}"));
        }
        jj(&sandbox, "jj new --quiet -m merge 'subject(exact:ours)' 'subject(exact:theirs)'");
        let before = sandbox.read("-x.sdn");
        let run = run(&sandbox, "jj resolve --tool sdnlock");
        assert!(run.code != 0 && run.stderr.contains(&format!("not merging `-x.sdn`: {why}")), "{}", run.stderr);
        assert_eq!(sandbox.read("-x.sdn"), before);
        assert!(jj(&sandbox, "jj resolve --list").stdout.contains("-x.sdn"));
        jj(&sandbox, "jj abandon --quiet 'all() ~ subject(exact:base) ~ root()'");
    }
}

fn sealed(text: &str) -> String {
    format!("#sdn-crc32:{}\n{text}", crc32fast::hash(text.as_bytes()))
}

#[test]
fn jj_shows_what_no_records_are_too() {
    let Some(sandbox) = repository() else { return };
    sandbox.run(&["jj-setup", "--yes", "-q"]).code(0);
    sandbox.write("picture.bin", b"a\0b");
    sandbox.write("notes.txt", "one\n");
    jj(&sandbox, "mv todo_db.sdn other.sdn");
    let diff = jj(&sandbox, "jj diff --tool sdnlock");
    let expected = "--- notes.txt\n+++ notes.txt\n@@ -0,0 +1 @@\n+one\nrenamed: todo_db.sdn -> other.sdn\nno text: picture.bin differs\n";
    assert_eq!((diff.stdout.as_str(), diff.stderr.as_str()), (expected, ""));
}

#[test]
fn what_jj_left_in_conflict_is_not_read_as_one_of_its_versions() {
    let sandbox = Sandbox::new();
    let diff = "%%%%%%% diff from: base\n\\\\\\\\\\\\\\        to: ours\n-    1, x\n+    1, X\n";
    let rows =
        format!("<<<<<<< conflict 1 of 1\n{diff}+++++++ theirs\n    1, XX\n>>>>>>> conflict 1 of 1 ends\n    2, y\n");
    let text = format!("t |id, a|\n{rows}");
    sandbox.write("f.sdn", &text);
    for command in [&["get", "f.sdn", "t.1.a"][..], &["read", "--json", "f.sdn", "t"], &["read", "f.sdn", "t.1"]] {
        sandbox.run(command).code(65).says("a merge left");
    }
    sandbox.run(&["set", "f.sdn", "--if", "t.1.a=XX", "t.2.a=won"]).code(65).says("a merge left");
    assert_eq!(sandbox.run(&["get", "f.sdn", "t.2.a"]).code(0).stdout, "y\n");
    assert_eq!(sandbox.read("f.sdn"), text);
}

#[test]
fn what_is_set_up_otherwise_is_set_right_and_the_rest_is_left_alone() {
    let Some(sandbox) = repository() else { return };
    jj(&sandbox, "jj config set --repo merge-tools.sdnlock.merge-args '[\"merge\", \"$left\"]'");
    jj(&sandbox, "jj config set --repo merge-tools.other.program other");
    jj(&sandbox, "jj config set --repo merge-tools.sdnlock.program mine");
    sandbox.run(&["jj-setup", "--yes", "-q"]).code(0);
    assert!(!config(&sandbox).contains("[\"merge\", \"$left\"]"));
    sandbox.run(&["jj-setup", "--undo", "--yes", "-q"]).code(0);
    let left = config(&sandbox);
    assert!(left.contains("[merge-tools.other]\nprogram = \"other\"\n"), "{left}");
    assert!(left.contains("[merge-tools.sdnlock]\nprogram = \"mine\"\n") && !left.contains("args"), "{left}");
}

#[test]
fn of_several_configurations_of_a_user_the_right_one_is_changed() {
    let Some(sandbox) = repository() else { return };
    sandbox.run(&["jj-setup", "--user", "--yes", "-q"]).code(0);
    // From here on jj would change another file.
    sandbox.write(".jjconfig.toml", "[ui]\ncolor = \"never\"\n");
    std::fs::create_dir_all(sandbox.path(".config/jj/conf.d")).unwrap();
    sandbox.run(&["jj-setup", "--user", "--undo", "--yes", "-q"]).code(0);
    assert!(!sandbox.read(".config/jj/config.toml").contains("sdnlock"), "{}", sandbox.read(".config/jj/config.toml"));
    let other = "[merge-tools.sdnlock]\nmerge-args = [\"x\"]\n";
    sandbox.write(".config/jj/conf.d/other.toml", other);
    let run = sandbox.run(&["jj-setup", "--user", "--yes"]).code(65);
    run.says("jj takes `merge-tools.sdnlock.merge-args` from").says("other.toml");
    assert_eq!(sandbox.read(".config/jj/conf.d/other.toml"), other);
    sandbox.write(".config/jj/config.toml", "[ui");
    sandbox.run(&["jj-setup"]).code(74).says("`jj root` failed");
    sandbox.run(&["git-setup"]).code(74).says("`jj root` failed");
}

#[test]
fn it_is_set_up_for_the_user_and_beside_git() {
    let Some(sandbox) = repository() else { return };
    let user = || jj(&sandbox, "cat \"$(jj config path --user)\" 2>/dev/null || true").stdout;
    sandbox.run(&["jj-setup", "--user", "--yes", "-q"]).code(0);
    assert!(user().contains("[merge-tools.sdnlock]") && !config(&sandbox).contains("sdnlock"));
    sandbox.run(&["jj-setup", "--user", "--undo", "--yes", "-q"]).code(0);
    assert!(!user().contains("sdnlock"));
    // In a repository of jj alone there is nothing of git to set up.
    let shown = sandbox.run(&["jj-setup"]).code(1).stderr;
    let set_up = sandbox.run(&["git-setup", "--yes", "-q"]).code(0).stderr;
    assert!(!set_up.is_empty() && shown.starts_with(&set_up), "{set_up}");
    sandbox.run(&["git-setup", "--undo", "--yes", "-q"]).code(0);
    if !support::has_program("git") {
        return;
    }
    jj(&sandbox, "jj git init --quiet --colocate both");
    jj(&sandbox, "cd both && sdnlock git-setup --yes -q");
    let both = jj(&sandbox, "cd both && cat .git/config .gitattributes \"$(jj config path --repo)\"").stdout;
    for part in ["[merge \"sdnlock\"]", "*.sdn merge=sdnlock diff=sdnlock", "[merge-tools.sdnlock]"] {
        assert!(both.contains(part), "{both}");
    }
    let undone = jj(&sandbox, "cd both && sdnlock git-setup --undo --yes 2>&1").stdout;
    assert!(undone.ends_with("done: git and jj merge databases as any text again\n"), "{undone}");
    let both = jj(&sandbox, "cd both && cat .git/config \"$(jj config path --repo)\"").stdout;
    assert!(!both.contains("sdnlock"), "{both}");
}

#[test]
fn without_jj_or_outside_of_its_repositories_there_is_nothing_to_set_up() {
    let sandbox = Sandbox::new();
    let binaries = std::path::Path::new(support::SDNLOCK).parent().unwrap();
    let mut command = sandbox.sdnlock(["jj-setup", "--yes"]);
    assert_says!(
        Run::of(command.env("PATH", binaries)),
        str![[r"
exit code 66
--- stderr
error: jj is not installed

"]]
    );
    if support::has_program("jj") {
        assert_says!(
            sandbox.run(&["jj-setup", "--yes"]),
            str![[r"
exit code 66
--- stderr
error: this folder belongs to no jj repository
 hint: go there first, or set jj up for all of yours with `--global`

"]]
        );
    }
}
