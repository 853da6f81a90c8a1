//! What is offered at TAB: what the command answers, and what the shells make of it.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::path::{Path, PathBuf};
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use support::{Run, Sandbox};

mod support;

const DATABASE: &str = "port: 8080
debug: false
limits: {jobs: 4, mem: 2048}
stages: [build, test]
steps:
    compile
    link
server:
    host: localhost
    ports |name, port|
        web, 80
jobs |key, status, title, weight, valid|
    12, open, \"First one.\", 1, true
    core.1, done, \"Second\", 2, true
    \"a b\", open, \"Third\", 3, true
    x:y, open, \"Fourth\", 4, true
    src/x.rs, open, \"Fifth\", 5, true
    \"a\\\"b\", open, \"Sixth\", 6, true
    gone, open, \"Seventh\", 7, false
";

const SCHEMA: &str = "columns |table, column, type, required, values|
    jobs, status, enum, true, \"open;done;later\"
    notes, is_read, boolean, false, \"\"
references |table, column, target|
    notes, job, jobs.key
";

fn scene() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("t.sdn", DATABASE);
    sandbox
}

/// The words that are offered for the last one of a line; the first line says of what kind they are.
fn answer(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    asked(sandbox, "fish", words).lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

fn asked(sandbox: &Sandbox, shell: &str, words: &[&str]) -> String {
    let before = sandbox.names();
    let mut command = sandbox.sdnlock(["--", "sdnlock"].iter().chain(words));
    let run = Run::of(command.env("_SDNLOCK_COMPLETE", shell)).code(0);
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.names(), before, "something was made");
    run.stdout
}

#[track_caller]
fn assert_offers(sandbox: &Sandbox, line: &str, expected: &[&str]) {
    let words: Vec<&str> = line.split(' ').collect();
    let offered = answer(sandbox, &words);
    assert_eq!(offered[0], "words", "{line}: {offered:?}");
    assert_eq!(offered[1..], *expected, "{line}");
}

#[test]
fn an_address_is_completed_step_by_step() {
    let scene = scene();
    assert_offers(&scene, "get t.sdn ", &["port", "debug", "limits", "stages", "steps[", "server.", "jobs."]);
    assert_offers(&scene, "get t.sdn se", &["server."]);
    assert_offers(&scene, "get t.sdn server", &["server."]);
    assert_offers(&scene, "get t.sdn server.", &["server.host", "server.ports."]);
    assert_offers(&scene, "get t.sdn server.ports.web.p", &["server.ports.web.port"]);
    assert_offers(&scene, "get t.sdn jobs.1", &["jobs.12"]);
    // What is whole already may go on.
    assert_offers(&scene, "get t.sdn jobs.12", &["jobs.12."]);
    assert_offers(&scene, "get t.sdn jobs.12.st", &["jobs.12.status"]);
    assert_offers(&scene, "get t.sdn limits.", &["limits.jobs", "limits.mem"]);
    assert_offers(&scene, "get t.sdn stages", &["stages["]);
    assert_offers(&scene, "get t.sdn stages[", &["stages[0]", "stages[1]"]);
    assert_offers(&scene, "get t.sdn steps[1", &["steps[1]"]);
    assert_offers(&scene, "read t.sdn j", &["jobs"]);
    assert_offers(&scene, "read t.sdn jobs", &["jobs."]);
}

#[test]
fn keys_that_need_quotes_get_them() {
    let scene = scene();
    let keys = ["jobs.12", "jobs.\"core.1\"", "jobs.\"a b\"", "jobs.x:y", "jobs.\"src/x.rs\"", "jobs.\"a\\\"b\""];
    assert_offers(&scene, "get t.sdn jobs.", &keys);
    assert_offers(&scene, "get t.sdn jobs.\"a", &["jobs.\"a b\"", "jobs.\"a\\\"b\""]);
    assert_offers(&scene, "get t.sdn jobs.\"1", &["jobs.\"12\""]);
    assert_offers(&scene, "get t.sdn jobs.core", &["jobs.\"core.1\""]);
    assert_offers(&scene, "get t.sdn jobs.\"core.1\".ti", &["jobs.\"core.1\".title"]);
    let whole = answer(&scene, &["set", "t.sdn", "jobs.\"a b\".st"]);
    assert_eq!(whole, ["words", "jobs.\"a b\".status="]);
}

#[test]
fn hidden_records_are_offered_if_there_is_no_other_but_not_for_removal() {
    let scene = scene();
    assert_offers(&scene, "get t.sdn jobs.g", &["jobs.gone"]);
    assert_offers(&scene, "set t.sdn jobs.g", &["jobs.gone."]);
    assert_offers(&scene, "rm --purge t.sdn jobs.g", &["jobs.gone"]);
    assert!(!asked(&scene, "fish", &["rm", "t.sdn", "jobs.g"]).contains("gone"));
    assert!(!asked(&scene, "fish", &["get", "t.sdn", "jobs."]).contains("gone"));
    // A cell cannot be removed.
    assert!(!asked(&scene, "fish", &["rm", "t.sdn", "jobs.12."]).contains("status"));
    assert_offers(&scene, "rm t.sdn po", &["port"]);
}

#[test]
fn what_cannot_be_read_for_certain_is_offered_too_and_the_command_says_why() {
    let sandbox = Sandbox::new();
    let text = "html_tables: 1\n- html_title: x\nt |k, n|\n    a, 1\n    ab, 1, 2\nu |a|b|\n- ref: main\n";
    sandbox.write("t.sdn", text);
    assert_offers(&sandbox, "get t.sdn html_", &["html_tables", "html_title"]);
    assert_offers(&sandbox, "get t.sdn t.a", &["t.a", "t.ab"]);
    assert_offers(&sandbox, "set t.sdn r", &["ref"]);
    assert_offers(&sandbox, "rm t.sdn html_ti", &["html_title"]);
    assert_offers(&sandbox, "list t.sdn u", &["u"]);
    for address in ["html_title", "t.ab", "u", "ref"] {
        sandbox.run(&["get", "t.sdn", address]).code(65).says("cannot be read for certain");
    }
    sandbox.run(&["list", "t.sdn", "u"]).code(65).says("line 6 cannot be read for certain");
}

#[test]
fn what_is_set_goes_on_up_to_the_value() {
    let scene = scene();
    assert_offers(&scene, "set t.sdn j", &["jobs."]);
    assert_offers(&scene, "set t.sdn jobs.12", &["jobs.12."]);
    assert_offers(&scene, "set t.sdn jobs.12.s", &["jobs.12.status="]);
    assert_offers(&scene, "set t.sdn jobs.12.status=", &["jobs.12.status=open", "jobs.12.status=done"]);
    assert_offers(&scene, "set t.sdn jobs.12.valid=f", &["jobs.12.valid=false"]);
    assert_offers(&scene, "set t.sdn port", &["port="]);
    assert_offers(&scene, "set t.sdn port=", &["port=8080"]);
    assert_offers(&scene, "set t.sdn debug=", &["debug=true", "debug=false"]);
    assert_offers(&scene, "set t.sdn limits", &["limits."]);
    assert_offers(&scene, "set t.sdn steps", &["steps["]);
    assert_offers(&scene, "set t.sdn steps[0", &["steps[0]="]);
    assert_offers(&scene, "set t.sdn --if jobs.12.status!=d", &["jobs.12.status!=done"]);
    assert_offers(&scene, "set t.sdn port=1 --if=jobs.12.w", &["--if=jobs.12.weight="]);
}

#[test]
fn columns_are_offered_where_they_are_named() {
    let scene = scene();
    assert_offers(&scene, "list t.sdn ", &["server.ports", "jobs"]);
    assert_offers(&scene, "list t.sdn jobs --columns ", &["key", "status", "title", "weight", "valid"]);
    assert_offers(
        &scene,
        "list t.sdn jobs --columns key,status,",
        &["key,status,title", "key,status,weight", "key,status,valid"],
    );
    assert_offers(&scene, "list t.sdn jobs --sort -w", &["-weight"]);
    assert_offers(&scene, "list t.sdn jobs --sort=key,-w", &["--sort=key,-weight"]);
    assert_offers(&scene, "list t.sdn server.ports --columns ", &["name", "port"]);
    assert_offers(&scene, "list t.sdn jobs --where s", &["status="]);
    assert_offers(&scene, "list t.sdn jobs --where status!=o", &["status!=open"]);
    assert_offers(&scene, "add t.sdn jobs --update-only --if-each status!=o", &["status!=open"]);
    assert_offers(&scene, "add t.sdn j", &["jobs"]);
    assert_offers(&scene, "add t.sdn jobs key=5 title=x ", &["status=", "weight=", "valid="]);
    assert_offers(&scene, "add t.sdn jobs status=d", &["status=done"]);
    assert_offers(&scene, "alter t.sdn jobs --drop-column t", &["title"]);
    assert_offers(&scene, "alter t.sdn jobs --rename-column t", &["title="]);
}

#[test]
fn the_schema_says_which_values_there_are() {
    let scene = scene();
    scene.write(".sdnlock.sdn", SCHEMA);
    scene.write("t.sdn", format!("{DATABASE}notes |id, job, is_read|\n    1, 12, \"\"\n"));
    assert_offers(&scene, "set t.sdn jobs.12.status=l", &["jobs.12.status=later"]);
    assert_offers(&scene, "add t.sdn notes is_read=", &["is_read=true", "is_read=false"]);
    assert_offers(&scene, "add t.sdn notes job=1", &["job=12"]);
    assert_offers(&scene, "add t.sdn notes job=x", &["job=x:y"]);
}

#[test]
fn of_very_many_values_and_keys_not_all_are_told() {
    let scene = scene();
    let rows: String = (0..20_000).map(|n| format!("    {n}, text {n}, {}\n", n % 3)).collect();
    scene.write("many.sdn", format!("t |id, text, class|\n{rows}"));
    assert_offers(&scene, "set many.sdn t.7.class=", &["t.7.class=0", "t.7.class=1", "t.7.class=2"]);
    // Only what stands there, which may be changed a little.
    assert_eq!(answer(&scene, &["set", "many.sdn", "t.7.text="]), ["words", "t.7.text=text 7"]);
    assert_eq!(answer(&scene, &["get", "many.sdn", "t."]).len(), 1 + 1000);
    assert_offers(
        &scene,
        "get many.sdn t.1999",
        &[
            "t.1999", "t.19990", "t.19991", "t.19992", "t.19993", "t.19994", "t.19995", "t.19996", "t.19997",
            "t.19998", "t.19999",
        ],
    );
}

#[test]
fn commands_options_and_fixed_values_are_offered_as_ever() {
    let scene = scene();
    assert_offers(&scene, "gi", &["git-setup"]);
    assert_offers(&scene, "get t.sdn --no-", &["--no-lock"]);
    assert_offers(&scene, "list t.sdn --format js", &["json", "jsonl"]);
    assert_offers(&scene, "set t.sdn --diff=re", &["--diff=records"]);
    assert_offers(&scene, "completions z", &["zsh"]);
    assert_offers(&scene, "man sch", &["schema"]);
    assert_offers(&scene, "check --explain open-q", &["open-quote"]);
    assert_offers(&scene, "check --explain SDN101", &["SDN101"]);
    // An option that is given is not offered again, unless it may be.
    assert!(!answer(&scene, &["set", "t.sdn", "--dry-run", "--d"]).contains(&"--dry-run".to_owned()));
    assert!(answer(&scene, &["set", "t.sdn", "--if", "a=b", "--i"]).contains(&"--if".to_owned()));
    // Nobody who has typed nothing wants to see all options.
    assert!(!asked(&scene, "fish", &[""]).contains("--"));
    scene.write("t.sdn.bak", "port: 80\n");
    assert_offers(&scene, "restore t.sdn ", &["0"]);
}

#[test]
fn paths_and_other_commands_are_left_to_the_shell() {
    let scene = scene();
    assert_eq!(answer(&scene, &["get", ""]), ["paths "]);
    assert_eq!(answer(&scene, &["check", "a", ""]), ["paths "]);
    assert_eq!(answer(&scene, &["check", "--schema", ""]), ["paths "]);
    assert_eq!(answer(&scene, &["check", "--schema=my"]), ["paths --schema="]);
    assert_eq!(answer(&scene, &["exec", "t.sdn", "--", ""]), ["command 4"]);
    assert_eq!(answer(&scene, &["exec", "--shared", "t.sdn", "--", "git", "--ver"]), ["command 5"]);
    assert_eq!(asked(&scene, "elvish", &["get", "t.s"]), "-t.sdn\t\n");
    assert_eq!(asked(&scene, "powershell", &["get", "t.s"]), "t.sdn\n");
}

#[test]
fn what_cannot_be_read_is_passed_over_and_nothing_is_waited_for() {
    let scene = scene();
    scene.write("binary.sdn", [0, 159, 146, 150, b'\n', 255, 0]);
    scene.write("no.txt", "Dear reader,\n\n\tthis is no SDN | at all: [\n");
    Run::of(&mut scene.shell("mkfifo pipe.sdn && mkdir -p folder.sdn && ln -s nowhere.sdn link.sdn")).code(0);
    for file in ["missing.sdn", "binary.sdn", "no.txt", "pipe.sdn", "folder.sdn", "link.sdn", "/dev/zero", "/dev/tty"] {
        for words in
            [&["get", file, "t"][..], &["set", file, "t.1="], &["add", file, ""], &["list", file, "--sort", ""]]
        {
            let offered = answer(&scene, words);
            assert_eq!(offered[0], "words", "{words:?}: {offered:?}");
        }
    }
    // A schema may be as odd.
    Run::of(&mut scene.shell("mkfifo .sdnlock.sdn")).code(0);
    assert_offers(&scene, "set t.sdn jobs.12.st", &["jobs.12.status="]);
}

#[test]
fn a_database_that_is_locked_is_completed_at_once() {
    let scene = scene();
    let holder = scene.hold("t.sdn");
    assert_offers(&scene, "get t.sdn jo", &["jobs."]);
    holder.end().code(0);
}

#[test]
fn a_variable_that_was_set_by_mistake_changes_nothing() {
    let scene = scene();
    for shell in ["bash", "fish", "no shell", "", "0", "1", "\u{1b}"] {
        let mut command = scene.sdnlock(["get", "t.sdn", "port"]);
        let run = Run::of(command.env("_SDNLOCK_COMPLETE", shell).env("COMPLETE", shell)).code(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("8080\n", ""), "{shell}");
    }
    // What makes no sense is wrong usage, as without the variable.
    for (words, index) in [(&["--"][..], "0"), (&["--", "sdnlock", "get"], "9"), (&["--", "sdnlock"], "0")] {
        let mut command = scene.sdnlock(words);
        Run::of(command.env("_SDNLOCK_COMPLETE", "bash").env("_SDNLOCK_COMPLETE_INDEX", index)).code(2);
    }
}

#[test]
fn a_path_is_read_as_the_shell_would_write_it() {
    let scene = scene();
    for file in ["~/t.sdn", "$HOME/t.sdn", "${HOME}/t.sdn", "./t.sdn"] {
        assert_offers(&scene, &format!("get {file} jo"), &["jobs."]);
    }
    let mut command = scene.sdnlock(["--", "sdnlock", "get", "$DB", "jo"]);
    let run = Run::of(command.env("_SDNLOCK_COMPLETE", "powershell").env("DB", scene.path("t.sdn"))).code(0);
    assert!(run.stdout.starts_with("jobs.\t"), "{run:?}");
}

#[test]
fn words_behind_the_cursor_count_too() {
    let scene = scene();
    let mut command = scene.sdnlock(["--", "sdnlock", "list", "--columns", "we", "t.sdn", "jobs"]);
    let run = Run::of(command.env("_SDNLOCK_COMPLETE", "fish").env("_SDNLOCK_COMPLETE_INDEX", "3")).code(0);
    assert_eq!(run.stdout, "words\nweight\n");
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name)
}

#[test]
fn the_scripts_are_accepted_by_their_shells() {
    for (shell, name) in [("bash", "sdnlock.bash"), ("zsh", "_sdnlock"), ("fish", "sdnlock.fish")] {
        if support::has_program(shell) {
            assert!(Command::new(shell).arg("-n").arg(script(name)).status().unwrap().success(), "{name}");
        }
    }
}

/// What bash would offer: `pieces` are the words as bash has broken them, the cursor is at the end of the last one.
fn in_bash(sandbox: &Sandbox, line: &str, pieces: &[&str], before: &str) -> Vec<String> {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let pieces: Vec<String> = pieces.iter().map(|piece| quoted(piece)).collect();
    let program = format!(
        "{before}; . {}; COMP_LINE={}; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({}); COMP_CWORD={}\n\
         _sdnlock; printf '%s|\\n' \"${{COMPREPLY[@]}}\"",
        quoted(&script("sdnlock.bash").to_string_lossy()),
        quoted(line),
        pieces.join(" "),
        pieces.len() - 1,
    );
    let run = Run::of(&mut sandbox.shell(&program)).code(0);
    assert_eq!(run.stderr, "");
    run.stdout.lines().map(|line| line.trim_end_matches('|').to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn bash_gets_what_takes_the_place_of_its_last_piece() {
    let scene = scene();
    // Older ones have no compopt.
    for before in ["true", "enable -n compopt"] {
        let bash = |line: &str, pieces: &[&str]| in_bash(&scene, line, pieces, before);
        assert_eq!(bash("sdnlock gi", &["sdnlock", "gi"]), ["git-setup "]);
        assert_eq!(bash("sdnlock get t.sdn jo", &["sdnlock", "get", "t.sdn", "jo"]), ["jobs."]);
        assert_eq!(bash("sdnlock rm t.sdn jobs.1", &["sdnlock", "rm", "t.sdn", "jobs.1"]), ["jobs.12 "]);
        let pieces = ["sdnlock", "set", "t.sdn", "jobs.x", ":", "y.st"];
        assert_eq!(bash("sdnlock set t.sdn jobs.x:y.st", &pieces), ["y.status="]);
        let pieces = ["sdnlock", "set", "t.sdn", "jobs.12.status", "="];
        assert_eq!(bash("sdnlock set t.sdn jobs.12.status=", &pieces), ["open ", "done "]);
        let pieces = ["sdnlock", "set", "t.sdn", "--if", "=", "jobs.12.status", "=", "d"];
        assert_eq!(bash("sdnlock set t.sdn --if=jobs.12.status=d", &pieces), ["done "]);
        let pieces = ["sdnlock", "rm", "t.sdn", r#"jobs.\"co"#];
        assert_eq!(bash(r#"sdnlock rm t.sdn jobs.\"co"#, &pieces), [r#"jobs.\"core.1\" "#]);
        let pieces = ["sdnlock", "rm", "t.sdn", r#"'jobs."a b"#];
        assert_eq!(bash(r#"sdnlock rm t.sdn 'jobs."a b"#, &pieces), [r#"jobs."a b""#]);
        assert_eq!(bash("sdnlock list  t.sdn ", &["sdnlock", "list", "t.sdn", ""]), ["server.ports ", "jobs "]);
        // Paths are bash's own.
        assert_eq!(bash("sdnlock get t", &["sdnlock", "get", "t"]), [""; 0]);
        let pieces = ["sdnlock", "exec", "t.sdn", "--", "compge"];
        assert_eq!(bash("sdnlock exec t.sdn -- compge", &pieces), ["compgen"]);
    }
}

#[test]
fn an_older_sdnlock_beside_a_newer_script_fails_quietly() {
    let scene = scene();
    std::fs::create_dir(scene.path("bin")).unwrap();
    scene.script("bin/sdnlock", "echo 'error: unexpected argument' >&2; exit 2");
    let before = "PATH=$PWD/bin:$PATH";
    assert_eq!(in_bash(&scene, "sdnlock get t", &["sdnlock", "get", "t"], before), [""; 0]);
    if support::has_program("fish") {
        let line =
            format!("{before}; fish --no-config -c \"source '{}'; complete -C 'sdnlock get t.s'\"", fish_script());
        let run = Run::of(&mut scene.shell(&line)).code(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("t.sdn\n", ""));
    }
}

fn fish_script() -> String {
    script("sdnlock.fish").to_string_lossy().into_owned()
}

#[test]
fn fish_offers_what_the_command_says() {
    if !support::has_program("fish") {
        return;
    }
    let scene = scene();
    std::fs::create_dir(scene.path("my dir")).unwrap();
    let fish = |line: &str| {
        let mut command = scene.shell("exec fish --no-config -c \"source $SCRIPT; complete -C $LINE\"");
        let run = Run::of(command.env("SCRIPT", fish_script()).env("LINE", format!("'{line}'"))).code(0);
        assert_eq!(run.stderr, "");
        run.stdout
    };
    assert_eq!(fish("sdnlock get t.sdn jo"), "jobs.\tkey, status, title, weight, valid\n");
    assert_eq!(fish("sdnlock set t.sdn jobs.x:y.status="), "jobs.x:y.status=open\njobs.x:y.status=done\n");
    assert_eq!(fish("sdnlock get t.sdn jobs.\\\\\"co"), "jobs.\"core.1\"\tdone, Second, 2, true\n");
    assert_eq!(fish("sdnlock get m"), "my dir/\n");
    assert_eq!(fish("sdnlock check --schema=t"), "--schema=t.sdn\n");
    assert!(fish("sdnlock exec t.sdn -- sdnlo").contains("sdnlock"));
}

const PROMPT: &str = "ready> ";

/// Types lines at a shell that has the completions, and ends it.
fn typed(mut session: PtySession, setup: &str) -> String {
    session.send_line(&format!("PS1='rea''dy> '; {setup}")).unwrap();
    for line in LINES {
        session.exp_string(PROMPT).unwrap();
        session.send_line(line).unwrap();
    }
    session.exp_string(PROMPT).unwrap();
    session.send_line("exit").unwrap();
    session.exp_eof().unwrap()
}

fn at_terminal(mut command: Command) -> PtySession {
    command.stdin(std::process::Stdio::inherit());
    let patience = u64::try_from(support::PATIENCE.as_millis()).unwrap();
    spawn_command(command, Some(patience)).unwrap()
}

/// Lines that change the database as expected if TAB completes all of their words.
const LINES: &[&str] = &[
    "sdnlock se\t--diff non\tt.s\tjo\t1\tst\td\t",
    "sdnlock set --diff none t.sdn jobs.x\tti\t'New: one'",
    "sdnlock set --diff none t.sdn jobs.\\\"c\tw\t7",
    "sdnlock set --diff none my\tx\tpo\t81",
    "sdnlock rm --diff none t.sdn jobs.\\\"sr\t",
];

fn assert_typed(scene: &Sandbox) {
    let database = scene.read("t.sdn");
    for row in [
        "    12, done, \"First one.\", 1, true\n",
        "    x:y, open, \"New: one\", 4, true\n",
        "    core.1, done, \"Second\", 7, true\n",
        "    src/x.rs, open, \"Fifth\", 5, false\n",
    ] {
        assert!(database.contains(row), "no {row} in {database}");
    }
    assert_eq!(scene.read("my dir/x y.sdn"), "port: 81\n");
}

fn scene_to_type_in() -> Sandbox {
    let scene = scene();
    std::fs::create_dir(scene.path("my dir")).unwrap();
    scene.write("my dir/x y.sdn", "port: 80\n");
    scene
}

#[test]
fn at_bash_words_are_typed_by_tab() {
    let scene = scene_to_type_in();
    let mut command = scene.shell("exec bash --norc --noprofile -i");
    command.env("INPUTRC", "/dev/null").env("SCRIPT", script("sdnlock.bash"));
    let shown = typed(at_terminal(command), ". $SCRIPT");
    assert!(!shown.contains("error"), "{shown}");
    assert_typed(&scene);
}

#[test]
fn at_zsh_words_are_typed_by_tab() {
    if !support::has_program("zsh") {
        return;
    }
    let scene = scene_to_type_in();
    let mut command = scene.shell("exec zsh -f -i");
    command.env("FOLDER", script(""));
    let setup = "fpath=($FOLDER $fpath); autoload -U compinit; compinit -u -D";
    let shown = typed(at_terminal(command), setup);
    assert!(!shown.contains("error"), "{shown}");
    assert_typed(&scene);
}
