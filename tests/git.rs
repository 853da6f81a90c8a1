//! `sdnlock` as a merge driver of real git.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]
#![allow(clippy::too_many_lines, reason = "what the commands say is shown whole")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use snapbox::str;
use support::{Run, Sandbox, scaled};

mod support;

const TODOS: &str = "todos |id, status, title|\n    1, open, a\n    2, open, b\n    3, open, c\n\nport: 80\n";

/// A repository with one database, set up for merges by record; nothing where git is not installed.
fn repository() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    if !support::has_program("git") {
        return None;
    }
    sandbox.write("todo_db.sdn", TODOS);
    git(&sandbox, "git init --quiet --initial-branch=main && sdnlock git-setup --yes -q 2>/dev/null");
    git(&sandbox, "git add . && git commit --quiet -m base");
    Some(sandbox)
}

/// Runs a shell line with a sealed git.
fn run(sandbox: &Sandbox, line: &str) -> Run {
    let mut shell = sandbox.shell(line);
    for (name, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "Maria"),
        ("GIT_AUTHOR_EMAIL", "maria@example.org"),
        ("GIT_COMMITTER_NAME", "Maria"),
        ("GIT_COMMITTER_EMAIL", "maria@example.org"),
        ("GIT_EDITOR", "true"),
    ] {
        shell.env(name, value);
    }
    Run::of(&mut shell)
}

#[track_caller]
fn git(sandbox: &Sandbox, line: &str) -> Run {
    run(sandbox, line).code(0)
}

/// Two branches that each changed the database so; `main` is checked out.
fn branches(ours: impl AsRef<[u8]>, theirs: impl AsRef<[u8]>) -> Option<Sandbox> {
    let sandbox = repository()?;
    git(&sandbox, "git checkout --quiet -b side");
    sandbox.write("todo_db.sdn", theirs);
    git(&sandbox, "git commit --quiet -am theirs && git checkout --quiet main");
    sandbox.write("todo_db.sdn", ours);
    git(&sandbox, "git commit --quiet -am ours");
    Some(sandbox)
}

fn ours() -> String {
    TODOS.replace("1, open", "1, done").replace("    3, open, c\n", "    3, open, c\n    4, open, mine\n")
}

fn theirs() -> String {
    TODOS.replace("open, a", "open, A").replace("    3, open, c\n", "    3, open, c\n    5, open, yours\n")
}

const MERGED: &str = "todos |id, status, title|\n    1, done, A\n    2, open, b\n    3, open, c\n    4, open, mine\n    \
                      5, open, yours\n\nport: 80\n";

#[test]
fn branches_that_change_and_add_records_merge_cleanly() {
    let Some(sandbox) = branches(ours(), theirs()) else { return };
    sandbox.write(".git/info/attributes", "*.sdn !merge\n");
    run(&sandbox, "git merge side").code(1);
    git(&sandbox, "git merge --abort && rm .git/info/attributes");
    git(&sandbox, "git merge --quiet side");
    assert_eq!(sandbox.read("todo_db.sdn"), MERGED);
    assert_eq!(git(&sandbox, "git status --porcelain").stdout, "");
}

#[test]
fn a_rebase_and_a_cherry_pick_merge_by_record_too() {
    let Some(sandbox) = branches(ours(), theirs()) else { return };
    git(&sandbox, "git checkout --quiet -b picked && git cherry-pick side >/dev/null");
    assert_eq!(sandbox.read("todo_db.sdn"), MERGED);
    git(&sandbox, "git checkout --quiet side && git rebase --quiet main");
    assert_eq!(sandbox.read("todo_db.sdn"), MERGED);
    git(&sandbox, "git checkout --quiet main && git stash list");
    sandbox.write("todo_db.sdn", ours().replace("port: 80", "port: 81"));
    git(&sandbox, "git stash --quiet && git merge --quiet picked && git stash pop --quiet");
    assert_eq!(sandbox.read("todo_db.sdn"), MERGED.replace("port: 80", "port: 81"));
}

#[test]
fn a_conflict_stands_in_the_working_tree_with_the_names_of_the_branches() {
    let theirs = theirs().replace("1, open, A", "1, blocked, A");
    let Some(sandbox) = branches(ours(), theirs) else { return };
    let merge = run(&sandbox, "git merge side").code(1);
    assert!(merge.stdout.contains("CONFLICT (content): Merge conflict in todo_db.sdn"), "{}", merge.stdout);
    merge.says("conflict: todo_db.sdn:2: `todos.1`: `status` was `open`, is `done` in ours, `blocked` in theirs");
    let expected =
        MERGED.replace("    1, done, A\n", "<<<<<<< HEAD\n    1, done, A\n=======\n    1, blocked, A\n>>>>>>> side\n");
    assert_eq!(sandbox.read("todo_db.sdn"), expected);
    assert_eq!(git(&sandbox, "git diff --name-only --diff-filter=U").stdout, "todo_db.sdn\n");
    run(&sandbox, "sdnlock check todo_db.sdn").code(1);
    git(&sandbox, "git merge --abort");
    assert_eq!(sandbox.read("todo_db.sdn"), ours());
    run(&sandbox, "git -c merge.conflictStyle=diff3 merge side").code(1);
    assert!(sandbox.read("todo_db.sdn").contains("\n||||||| "));
}

#[test]
fn the_size_of_the_markers_is_that_of_the_attributes() {
    let Some(sandbox) = branches(TODOS.replace("80", "81"), TODOS.replace("80", "82")) else { return };
    sandbox.write(".git/info/attributes", "*.sdn conflict-marker-size=12\n");
    run(&sandbox, "git merge side").code(1);
    assert!(
        sandbox
            .read("todo_db.sdn")
            .ends_with("\n<<<<<<<<<<<< HEAD\nport: 81\n============\nport: 82\n>>>>>>>>>>>> side\n")
    );
}

#[test]
fn criss_cross_merges_see_no_markers_of_older_ones() {
    let Some(sandbox) = branches(TODOS.replace("80", "81"), TODOS.replace("80", "82")) else { return };
    // Both resolve the same conflict, each in another way, so that the next merge has two bases.
    for (branch, other, port) in [("main", "side", "83"), ("side", "main~", "84")] {
        git(&sandbox, &format!("git checkout --quiet {branch}"));
        run(&sandbox, &format!("git merge {other}")).code(1);
        sandbox.write("todo_db.sdn", TODOS.replace("80", port));
        git(&sandbox, "git commit --quiet -am resolved");
        if branch == "main" {
            git(&sandbox, "git tag resolved main");
        }
    }
    git(&sandbox, "git checkout --quiet main");
    run(&sandbox, "git merge side").code(1);
    let text = sandbox.read("todo_db.sdn");
    assert_eq!(text.matches("<<<<<<<").count(), 1, "{text}");
    assert!(text.contains("port: 83") && text.contains("port: 84"), "{text}");
}

/// Two branches change record 1; each merges the other one and keeps its own row, so that the next merge has two bases.
fn criss_cross(style: &str) -> Option<Sandbox> {
    let changed = |status: &str| TODOS.replace("1, open", &format!("1, {status}"));
    let sandbox = branches(changed("done"), changed("blocked"))?;
    git(&sandbox, &format!("git config merge.conflictStyle {style} && git tag first"));
    for (branch, other, status) in [("main", "side", "done"), ("side", "first", "blocked")] {
        git(&sandbox, &format!("git checkout --quiet {branch}"));
        run(&sandbox, &format!("git merge {other}")).code(1);
        sandbox.write("todo_db.sdn", changed(status));
        git(&sandbox, "git commit --quiet -am resolved");
    }
    Some(sandbox)
}

#[test]
fn a_record_that_both_sides_of_a_criss_cross_merge_resolved_otherwise_is_a_conflict() {
    for style in ["merge", "diff3", "zdiff3"] {
        let Some(sandbox) = criss_cross(style) else { return };
        let merge = run(&sandbox, "git merge main").code(1);
        let said: Vec<&str> = merge.stderr.lines().filter(|line| line.contains("conflict")).collect();
        let expected = "conflict: todo_db.sdn:2: `todos.1`: `status` is `blocked` in ours, `done` in theirs";
        assert_eq!(said, [expected], "{style}: that of the bases is resolved by git itself");
        let text = sandbox.read("todo_db.sdn");
        assert_eq!(text.matches("<<<<<<<").count(), 1, "{style}: {text}");
        assert!(text.contains("1, done, a\n") && text.contains("1, blocked, a\n"), "{style}: {text}");
        assert!(text.contains(">>>>>>> main\n    2, open, b\n    3, open, c\n\nport: 80\n"), "{style}: {text}");
    }
}

#[test]
fn a_rebase_with_new_numbers_changes_the_records_that_its_commits_added() {
    let Some(sandbox) = repository() else { return };
    let driver = "git config merge.sdnlock.driver";
    git(&sandbox, &format!("{driver} \"$({driver} | sed 's/--git/--git --renumber/')\""));
    let commit = |line: &str| git(&sandbox, &format!("sdnlock {line} -q && git commit --quiet -am '{line}'"));
    commit("add todo_db.sdn todos id=4 status=open title=theirs");
    git(&sandbox, "git checkout --quiet -b topic main~");
    for line in [
        "add todo_db.sdn todos id=4 status=open title=mine",
        "set todo_db.sdn todos.4.status=done",
        "set todo_db.sdn todos.4.title=MINE todos.1.status=done",
        "add todo_db.sdn todos id=5 status=open title=other",
        "rm todo_db.sdn todos.1",
    ] {
        commit(line);
    }
    let rebase = git(&sandbox, "git rebase main");
    let rows = "    2, open, b\n    3, open, c\n    4, open, theirs\n    5, done, MINE\n    6, open, other\n";
    assert_eq!(sandbox.read("todo_db.sdn"), format!("todos |id, status, title|\n{rows}\nport: 80\n"));
    // Git shows its progress before them.
    let notes: Vec<&str> = rebase.stderr.split(['\n', '\r']).filter(|line| line.starts_with("note:")).collect();
    let note = |old: u32, new: u32| format!("note: `todos.{old}` of theirs is `todos.{new}` now");
    assert_eq!(notes, [note(4, 5), note(4, 5), note(4, 5), note(5, 6)]);
}

#[test]
fn where_sdnlock_is_not_installed_nothing_is_lost() {
    let Some(sandbox) = branches(ours(), theirs()) else { return };
    let hidden = "PATH=$(dirname $(command -v git)):/usr/bin:/bin; ! command -v sdnlock || exit 99; git merge side";
    let merge = run(&sandbox, hidden);
    assert_ne!(merge.code, 0);
    assert_ne!(merge.code, 99);
    // Git stops, and both sides are as they were.
    assert_eq!(sandbox.read("todo_db.sdn"), ours());
    assert_eq!(git(&sandbox, "git status --porcelain").stdout, "");
    assert_eq!(git(&sandbox, "git show side:todo_db.sdn").stdout, theirs());
    // A git before 2.42 takes the failure for a conflict, and what the driver left for its result.
    let driver = git(&sandbox, "git config merge.sdnlock.driver").stdout;
    for (name, text) in [("base", TODOS.to_owned()), ("ours", ours()), ("theirs", theirs())] {
        sandbox.write(name, text);
    }
    let driver = driver.trim().replace("%O", "base").replace("%A", "ours").replace("%B", "theirs").replace("%L", "9");
    run(&sandbox, &format!("PATH=$(dirname $(command -v git)):/usr/bin:/bin; {driver}")).code(129);
    assert!(sandbox.read("ours").contains("<<<<<<<<< ours"));
    // A clone that was not set up has git's own merge.
    git(&sandbox, "git clone --quiet . clone && cd clone && git fetch --quiet origin side");
    run(&sandbox, "cd clone && git merge origin/side").code(1);
    assert!(std::fs::read_to_string(sandbox.path("clone/todo_db.sdn")).unwrap().contains("<<<<<<<"));
}

#[test]
fn a_merge_driver_that_cannot_write_leaves_the_tree_alone() {
    let Some(sandbox) = branches(ours(), theirs()) else { return };
    git(&sandbox, "git config merge.sdnlock.driver 'sdnlock merge --git --nonsense %O %A %B %L %P'");
    assert_ne!(run(&sandbox, "git merge side").code, 0);
    assert_eq!(sandbox.read("todo_db.sdn"), ours());
    assert_eq!(git(&sandbox, "git status --porcelain").stdout, "");
}

#[test]
fn paths_with_blanks_and_files_of_other_kinds_are_merged() {
    let Some(sandbox) = repository() else { return };
    std::fs::create_dir(sandbox.path("my folder")).unwrap();
    sandbox.write("my folder/a b.sdn", "t |id, a, b|\n    1, x, y\n");
    sandbox.write("notes.txt", "one\ntwo\nthree\n");
    sandbox.write(".gitattributes", sandbox.read(".gitattributes") + "*.txt merge=sdnlock\n");
    git(&sandbox, "git add . && git commit --quiet -m more && git checkout --quiet -b other");
    sandbox.write("my folder/a b.sdn", "t |id, a, b|\n    1, x, Y\n");
    sandbox.write("notes.txt", "one\ntwo\nTHREE\n");
    git(&sandbox, "git commit --quiet -am theirs && git checkout --quiet main");
    sandbox.write("my folder/a b.sdn", "t |id, a, b|\n    1, X, y\n");
    sandbox.write("notes.txt", "ONE\ntwo\nthree\n");
    git(&sandbox, "git commit --quiet -am ours && git merge --quiet other");
    assert_eq!(sandbox.read("my folder/a b.sdn"), "t |id, a, b|\n    1, X, Y\n");
    assert_eq!(sandbox.read("notes.txt"), "ONE\ntwo\nTHREE\n");
}

#[test]
fn a_wrong_seal_is_a_conflict() {
    let sealed = |port: &str| format!("#sdn-crc32:1\n{}", TODOS.replace("80", port));
    let Some(sandbox) = branches(sealed("80"), sealed("81")) else { return };
    run(&sandbox, "git merge side").code(1).says("conflict: todo_db.sdn: ours: its seal is wrong");
    assert_eq!(git(&sandbox, "git diff --name-only --diff-filter=U").stdout, "todo_db.sdn\n");
}

#[test]
fn the_setup_is_shown_and_written_once_it_is_agreed_to() {
    let Some(sandbox) = repository() else { return };
    let before = || (sandbox.read(".git/config"), sandbox.read(".gitattributes"));
    let set_up = before();
    assert_says!(
        sandbox.run(&["git-setup", "--yes"]),
        str![[r"
exit code 0
--- stderr
git is set up already

"]]
    );
    assert_eq!(before(), set_up);
    assert_says!(
        sandbox.run(&["git-setup", "--undo", "--yes"]),
        str![[r"
exit code 0
--- stderr
remove from `.gitattributes`: *.sdn merge=sdnlock diff=sdnlock
remove from `.git/info/exclude`: *.sdn.lock .*.sdnlock .*.sdnlock-* .*.undo
git config --local --remove-section merge.sdnlock
git config --local --remove-section diff.sdnlock
done: git merges databases as any text again

"]]
    );
    assert!(!sandbox.exists(".gitattributes") && !sandbox.read(".git/config").contains("sdnlock"));
    assert_says!(
        sandbox.run(&["git-setup"]),
        str![[r#"
exit code 1
--- stderr
add to `.gitattributes`: *.sdn merge=sdnlock diff=sdnlock
add to `.git/info/exclude`: *.sdn.lock .*.sdnlock .*.sdnlock-* .*.undo
git config --local merge.sdnlock.driver 'command -v sdnlock >/dev/null || { git merge-file -q --marker-size=%L %A %O %B; exit 129; }; sdnlock merge --git -L %X -L %S -L %Y -- %O %A %B %L %P'
git config --local merge.sdnlock.name 'merge SDN databases by record'
git config --local diff.sdnlock.xfuncname '^[[:space:]]*([A-Za-z_][A-Za-z0-9_/.#-]*[[:space:]]*[|].*[|]|[A-Za-z_][A-Za-z0-9_/.#-]*:[[:space:]]*)$'
git config --local diff.sdnlock.wordRegex '"([^"\\]|\\.)*"|[^,|[:space:]]+'
error: nothing was written
 hint: agree to it with `--yes`

"#]]
    );
    sandbox.write(".gitattributes", "*.png binary");
    sandbox.run(&["git-setup", "--yes", "-q"]).code(0);
    assert_eq!(sandbox.read(".gitattributes"), "*.png binary\n*.sdn merge=sdnlock diff=sdnlock\n");
    sandbox.run(&["git-setup", "--undo", "--yes", "-q"]).code(0);
    assert_eq!(sandbox.read(".gitattributes"), "*.png binary\n");
    sandbox.run(&["git-setup", "--global", "--yes", "-q"]).code(0);
    assert_eq!(sandbox.read(".config/git/attributes"), "*.sdn merge=sdnlock diff=sdnlock\n");
    assert!(sandbox.read(".gitconfig").contains("[merge \"sdnlock\"]"));
}

#[test]
fn what_stands_beside_a_database_while_it_is_used_is_never_committed() {
    let Some(sandbox) = repository() else { return };
    for option in ["--transaction", "--no-check"] {
        let script = "sed -i 's/n: /n: 1/' todo_db.sdn; sdnlock set -q todo_db.sdn extra.n=1; git add -A; git -c user.name=m -c user.email=m@example.org commit -q -m x --allow-empty";
        sandbox.write("todo_db.sdn", "n: 1\nextra:\n    n: 0\n");
        sandbox.run(&["exec", "-q", option, "todo_db.sdn", "--", "sh", "-c", script]).code(0);
    }
    let committed = git(&sandbox, "git log --name-only --format=").stdout;
    assert!(
        committed.contains("todo_db.sdn") && !committed.contains("sdnlock") && !committed.contains(".undo"),
        "{committed}"
    );
    assert!(!committed.contains(".lock"), "{committed}");
}

#[test]
fn a_command_that_commits_everything_commits_no_working_file_of_a_repository_that_was_not_set_up() {
    let Some(sandbox) = repository() else { return };
    sandbox.run(&["git-setup", "--undo", "--yes", "-q"]).code(0);
    sandbox.write("config[1].toml", "n = 1\n");
    let commit = "git add -A; git -c user.name=m -c user.email=m@example.org commit -q -m x --allow-empty";
    for name in ["todo_db.sdn", "config[1].toml"] {
        let run = sandbox.run(&["exec", name, "--", "sh", "-c", commit]).code(0);
        let note =
            "note: `.git/info/exclude` names the files beside a database in use now, so that no commit takes them\n";
        assert_eq!(run.stderr, note);
        let again = sandbox.run(&["exec", name, "--", "sh", "-c", commit]).code(0);
        assert_eq!(again.stderr, "");
    }
    git(&sandbox, "git worktree add -q further");
    let before = sandbox.read(".git/info/exclude");
    sandbox.write(".git/info/exclude", before.replace(".*.undo\n", ""));
    sandbox.run(&["exec", "further/todo_db.sdn", "--", "sh", "-c", "cd further && git add -A"]).code(0);
    assert!(sandbox.read(".git/info/exclude").ends_with("\n.*.undo\n"));
    assert_eq!(git(&sandbox, "cd further && git status --short").stdout, "");
    let committed = git(&sandbox, "git log --name-only --format=").stdout;
    assert!(
        !committed.contains(".lock") && !committed.contains("sdnlock-") && !committed.contains(".undo"),
        "{committed}"
    );
}

#[test]
fn a_list_that_is_a_link_is_left_alone() {
    let Some(sandbox) = repository() else { return };
    fs::remove_file(sandbox.path(".git/info/exclude")).expect("the list");
    sandbox.write("other.txt", "mine\n");
    symlink(sandbox.path("other.txt"), sandbox.path(".git/info/exclude")).expect("a link");
    let run = sandbox.run(&["exec", "todo_db.sdn", "--", "true"]).code(0);
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.read("other.txt"), "mine\n");
}

#[test]
fn outside_of_a_repository_there_is_nothing_to_set_up() {
    let sandbox = Sandbox::new();
    if !support::has_program("git") {
        return;
    }
    assert_says!(
        sandbox.run(&["git-setup", "--yes"]),
        str![[r"
exit code 66
--- stderr
error: this folder belongs to no git repository
 hint: go there first, or set git up for all of yours with `--global`

"]]
    );
}

#[test]
fn a_diff_names_the_table_and_word_by_word_shows_cells() {
    let Some(sandbox) = repository() else { return };
    let nested =
        "db:\n    todos |id, title|\n        1, \"a b\"\n        2, b\n        3, c\n        4, d\n        5, e\n";
    sandbox.write("nested.sdn", nested);
    git(&sandbox, "git add . && git commit --quiet -m nested");
    sandbox.write("nested.sdn", nested.replace("5, e", "5, \"e f\""));
    let diff = git(&sandbox, "git diff --word-diff nested.sdn").stdout;
    assert!(diff.contains("@@ todos |id, title|") || diff.contains("@@     todos |id, title|"), "{diff}");
    assert!(diff.contains("5, [-e-]{+\"e f\"+}"), "{diff}");
}

#[test]
fn records_that_both_sides_added_under_one_id_are_a_conflict_that_keeps_both() {
    let ours = TODOS.replace("    3, open, c\n", "    3, open, c\n    4, open, mine\n");
    let theirs = TODOS.replace("    3, open, c\n", "    3, open, c\n    4, open, yours\n");
    let Some(sandbox) = branches(&ours, theirs) else { return };
    run(&sandbox, "git merge side").code(1).says("`todos.4`: `title` is `mine` in ours, `yours` in theirs");
    let marked = "<<<<<<< HEAD\n    4, open, mine\n=======\n    4, open, yours\n>>>>>>> side\n";
    assert_eq!(sandbox.read("todo_db.sdn"), ours.replace("    4, open, mine\n", marked));
    git(&sandbox, "git merge --abort");
    // With other numbers for what comes in, it is none.
    git(&sandbox, "git config merge.sdnlock.driver 'sdnlock merge --git --renumber %O %A %B %L %P'");
    git(&sandbox, "git merge --quiet side");
    assert_eq!(sandbox.read("todo_db.sdn"), ours.replace("mine\n", "mine\n    5, open, yours\n"));
}

#[test]
fn a_database_that_was_renamed_on_one_side_is_merged_under_its_new_name() {
    let Some(sandbox) = branches(ours(), theirs()) else { return };
    git(&sandbox, "git mv todo_db.sdn todos.sdn && git commit --quiet -m renamed");
    git(&sandbox, "git merge --quiet side");
    assert_eq!(sandbox.read("todos.sdn"), MERGED);
    assert!(!sandbox.exists("todo_db.sdn"));
}

/// One of two people who work on clones: what they change, and what their clone holds.
struct Person<'s> {
    sandbox: &'s Sandbox,
    name: &'static str,
    /// The column of the records that both have which is theirs to change.
    column: &'static str,
    random: u64,
    added: u32,
}

impl Person<'_> {
    fn below(&mut self, limit: u64) -> u64 {
        // Knuth's constants for a linear congruential generator; the low bits are the worst.
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % limit
    }

    fn sdnlock(&self, arguments: &[&str]) {
        self.sandbox
            .run(&[&arguments[..1], &["-q", &format!("{}/log.sdn", self.name)], &arguments[1..]].concat())
            .code(0);
    }

    /// A change, made to the database and to what it should say.
    fn edit(&mut self, expected: &mut Expected) {
        let own: Vec<String> = expected.keys().filter(|key| key.starts_with(self.name)).cloned().collect();
        let which = self.below(1000);
        let text = format!("{}, \"{which}\"", self.name);
        match which % 10 {
            0..5 => {
                let key = (which % 7).to_string();
                let cell = &mut expected.get_mut(&key).unwrap()[usize::from(self.column == "b")];
                self.sdnlock(&["set", &format!("log.{key}.{}={text}", self.column)]);
                // What says so already does not change.
                cell.0 += i64::from(cell.1 != text);
                cell.1 = text;
            }
            5..8 => {
                self.added += 1;
                let key = format!("{}{}", self.name, self.added);
                self.sdnlock(&["add", "log", &format!("id={key}"), &format!("a={text}")]);
                expected.insert(key, [(1, text), (0, String::new())]);
            }
            8 if !own.is_empty() => {
                let key = &own[usize::try_from(self.below(own.len() as u64)).unwrap()];
                self.sdnlock(&["rm", &format!("log.{key}")]);
                expected.remove(key);
            }
            _ => self.sdnlock(&["set", &format!("settings.{}={which}", self.name)]),
        }
    }
}

/// The records by key: what each cell says, and how often it was changed.
type Expected = BTreeMap<String, [(i64, String); 2]>;

fn records(sandbox: &Sandbox, name: &str) -> BTreeMap<String, (String, String, i64)> {
    let json = sandbox.run(&["read", "--json", &format!("{name}/log.sdn")]).code(0).stdout;
    let rows = serde_json::from_str::<serde_json::Value>(&json).unwrap()["log"].clone();
    let text = |row: &serde_json::Value, column: &str| {
        row[column].as_str().map_or_else(|| row[column].to_string(), str::to_owned)
    };
    let rows = rows.as_array().unwrap().iter();
    let all: Vec<_> =
        rows.map(|row| (text(row, "id"), (text(row, "a"), text(row, "b"), row["version"].as_i64().unwrap()))).collect();
    let by_key: BTreeMap<_, _> = all.iter().cloned().collect();
    assert_eq!(by_key.len(), all.len(), "a record is doubled:\n{json}");
    by_key
}

#[test]
fn two_clones_that_are_merged_back_and_forth_lose_and_double_nothing() {
    let Some(sandbox) = repository() else { return };
    let rows: String = (0..7).map(|id| format!("    {id}, \"\", \"\", 1, \"\"   # base {id}\n")).collect();
    let text = format!("# log\nlog |id, a, b, version, last_modified|\n{rows}\nsettings:\n    anna: 0\n    bert: 0\n");
    sandbox.write("log.sdn", text);
    git(&sandbox, "git rm --quiet --cached todo_db.sdn && git add log.sdn && git commit --quiet -m log");
    for name in ["anna", "bert"] {
        git(&sandbox, &format!("git clone --quiet . {name} && cd {name} && sdnlock git-setup --yes -q 2>/dev/null"));
        git(&sandbox, &format!("cd {name} && git commit --quiet --allow-empty -m begin"));
    }
    let mut expected: Expected = (0..7).map(|id| (id.to_string(), [(0, String::new()), (0, String::new())])).collect();
    let person = |name, column, random| Person { sandbox: &sandbox, name, column, random, added: 0 };
    let mut people = [person("anna", "a", 1), person("bert", "b", 2)];
    for round in 0..scaled(20) {
        for person in &mut people {
            for _ in 0..10 {
                person.edit(&mut expected);
            }
            git(&sandbox, &format!("cd {} && git commit --quiet --allow-empty -am {round}", person.name));
        }
        // Now the one takes over first, now the other one.
        let (first, second) = if round % 2 == 0 { ("anna", "bert") } else { ("bert", "anna") };
        git(&sandbox, &format!("cd {first} && git pull --quiet --no-rebase --no-edit ../{second} main"));
        git(&sandbox, &format!("cd {second} && git pull --quiet --no-rebase --no-edit ../{first} main"));
        assert_eq!(sandbox.read("anna/log.sdn"), sandbox.read("bert/log.sdn"));
        let wanted: BTreeMap<_, _> = expected
            .iter()
            .map(|(key, [a, b])| {
                // A record that was there began at 1, one that was added is 1 by that.
                let version = a.0 + b.0 + i64::from(key.parse::<u32>().is_ok());
                (key.clone(), (a.1.clone(), b.1.clone(), version))
            })
            .collect();
        assert_eq!(records(&sandbox, "anna"), wanted, "after round {round}");
    }
    sandbox.run(&["check", "anna/log.sdn"]).code(0);
    let comments = sandbox.read("anna/log.sdn").matches("   # base ").count();
    assert_eq!(comments, 7);
}

/// What the manual says under LIMITS.
#[test]
fn git_leaves_some_things_to_itself() {
    let theirs = theirs().replace("1, open, A", "1, blocked, A");
    let Some(sandbox) = branches(ours(), theirs) else { return };
    run(&sandbox, "git merge -X ours side").code(1);
    assert!(sandbox.read("todo_db.sdn").contains("<<<<<<< "));
    git(&sandbox, "git -c merge.conflictStyle=diff3 checkout --quiet --merge todo_db.sdn");
    assert!(sandbox.read("todo_db.sdn").contains("\n||||||| "));
    git(&sandbox, "git checkout --quiet --conflict=diff3 todo_db.sdn");
    assert!(!sandbox.read("todo_db.sdn").contains("\n||||||| "));
    // Cells of one record, which the driver brings together.
    git(&sandbox, "git merge --abort && git checkout --quiet -b other side~ && git checkout --quiet -b third");
    sandbox.write("todo_db.sdn", TODOS.replace("2, open, b", "2, done, b"));
    git(&sandbox, "git commit --quiet -am third && git checkout --quiet other");
    sandbox.write("todo_db.sdn", TODOS.replace("2, open, b", "2, open, B"));
    git(&sandbox, "git commit --quiet -am other && git branch fourth HEAD~ && git checkout --quiet fourth");
    run(&sandbox, "git merge other third").code(1);
    git(&sandbox, "git reset --quiet --hard && git merge --quiet other && git merge --quiet -m m third");
    assert!(sandbox.read("todo_db.sdn").contains("2, done, B"));
}
