//! Nothing that is printed for people has anything in it on which a terminal acts, or that nobody can see, wherever it
//! comes from.

#![cfg(feature = "cli")]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::ffi::OsStr;
use std::fs;
use std::thread;

use regex::Regex;
use rexpect::session::spawn_command;
use support::{Run, Sandbox};

mod support;

/// So many characters fit in a name of a file, with what stands around them.
const TOGETHER: usize = 40;

fn unseen() -> Regex {
    Regex::new(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}--\n\t]").unwrap()
}

/// All characters of the general categories Cc, Cf, Zl and Zp of Unicode, some of them together in each text.
fn texts() -> Vec<String> {
    let all: String = (char::MIN..=char::MAX).filter(|c| !c.is_alphanumeric()).collect();
    let kinds = Regex::new(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]").unwrap();
    let found: Vec<&str> = kinds.find_iter(&all).map(|found| found.as_str()).collect();
    assert!(found.len() > 200 && found.contains(&"\u{1b}") && found.contains(&"\u{e0001}"));
    found.chunks(TOGETHER).map(|some| some.join("_")).collect()
}

/// A folder in which everything that can hold a text holds this one.
struct Scene {
    sandbox: Sandbox,
    unseen: Regex,
    text: String,
    /// As an argument or the name of a file may be.
    name: String,
}

impl Scene {
    fn new(text: &str) -> Self {
        let (sandbox, unseen) = (Sandbox::new(), unseen());
        let name = text.replace('\0', "");
        let line = text.replace('\n', "");
        let quoted = text.replace('\n', "\\n").replace('"', "");
        let table = |name: &str| {
            format!("t |id, text, \"c{quoted}\"|\n    1, \"{name}\", x\n    \"k{quoted}\", \"y\", \"{quoted}\"\n")
        };
        sandbox.write("a.sdn", format!("# {line}\n\"s{quoted}\": \"{quoted}\"\n{}", table(&quoted)));
        sandbox.write("b.sdn", format!("# {line} new\n\"s{quoted}\": \"1{quoted}\"\n{}", table("other")));
        sandbox.write("c.sdn", format!("# {line} too\n\"s{quoted}\": \"2{quoted}\"\n{}", table("third")));
        sandbox.write(
            "bad.sdn",
            format!("a: {line}, {line}\n{line}\nt |x{line}, b|\n    {line}, 2, \"{line}\n    'x{line}\n"),
        );
        sandbox.write(&format!("n{name}.sdn"), format!("a: 1\njunk {line}\n"));
        sandbox.script("editor.sh", "cat bad.sdn > \"$1\"");
        fs::create_dir(sandbox.path("schema")).unwrap();
        let rules = format!(
            "columns |table, column, type, required, values|\n    t, text, enum, true, \"{quoted};other\"\n    t, id, \"{quoted}\", true, \"\"\n"
        );
        sandbox.write("schema/bad.sdn", rules.clone());
        sandbox.write("schema/.sdnlock.sdn", rules.lines().take(2).map(|line| format!("{line}\n")).collect::<String>());
        sandbox.write("schema/a.sdn", "t |id, text|\n    1, none\n");
        fs::create_dir(sandbox.path("held")).unwrap();
        sandbox.write("held/a.sdn", "a: 1\n");
        sandbox.write("held/a.sdn.lock", format!("7:{line}"));
        sandbox.write("held/b.sdn", "a: 1\n");
        let record = "0000000007\n1790000000000000\nsdnlock 1 0123456789abcdef0123456789abcdef exclusive\n";
        let record = format!("{record}command: c{line}\nuser: u{line}\nhost: h{line}\nstart: 1790000000000000\n");
        sandbox.write("held/b.sdn.lock", record);
        Self { sandbox, unseen, text: text.to_owned(), name }
    }

    /// Fails if anything reaches a terminal that should not, on stderr or stdout.
    #[track_caller]
    fn is_clean(&self, run: Run, arguments: &[&str]) -> Run {
        for said in [&run.stdout, &run.stderr] {
            assert!(!self.unseen.is_match(said), "{arguments:?} of {:?}: {said:?}", self.text);
        }
        run
    }

    #[track_caller]
    fn says(&self, arguments: &[&str]) -> Run {
        let mut command = self.sandbox.sdnlock(arguments);
        self.is_clean(Run::of(command.env("EDITOR", "./editor.sh")), arguments)
    }

    /// As [`says`](Self::says), of stderr: what is on stdout is for programs.
    #[track_caller]
    fn says_besides(&self, arguments: &[&str]) -> Run {
        let run = self.sandbox.run(arguments);
        self.is_clean(Run { stdout: String::new(), ..run }, arguments)
    }

    fn names_and_words(&self) {
        let name = &*self.name;
        let file = &*format!("n{name}.sdn");
        for arguments in [
            &["check", file][..],
            &["check", "--format", "short", file],
            &["check", "--format", "github", file],
            &["read", file, name],
            &["read", &format!("x{name}")],
            &["get", file, "none"],
            &["set", file, "a=2"],
            &["set", file, "b.c=2"],
            &["rm", file, "none"],
            &["list", file],
            &["list", file, "none"],
            &["add", file, "none", "a=1"],
            &["status", file],
            &["restore", file],
            &["restore", file, "3"],
            &["diff", "--diff", "stat", file, "a.sdn"],
            &["diff", "--diff", "records", file, "a.sdn"],
            &["merge", file, "a.sdn", &format!("x{name}")],
            &["alter", file, "t", "--drop-column", name],
            &["exec", file, "--", &format!("./{name}")],
            &["exec", &format!("new{name}.sdn"), "--", "true"],
            &["git-setup", &format!("--{name}")],
            &["edit", file],
            &["edit", file, name],
            &[name],
            &["read", &format!("--x{name}")],
            &["read", "a.sdn", "--timeout", name],
            &["get", "a.sdn", &format!("a[{name}")],
            &["get", "a.sdn", &format!("t.{name}.x")],
            &["set", "a.sdn", &format!("t.1.{name}=1")],
            &["set", "a.sdn", name],
            &["list", "a.sdn", "t", "--columns", name],
            &["list", "a.sdn", "t", "--sort", name],
            &["list", "a.sdn", "t", "--where", name],
            &["list", "a.sdn", "t", "--where", &format!("{name}=1")],
            &["add", "a.sdn", "t", name],
            &["add", "a.sdn", "t", &format!("{name}=1")],
            &["check", "--explain", name],
            &["write", "a.sdn", "--if-match", name, "b.sdn"],
            &["check", "--schema", file, "a.sdn"],
        ] {
            self.says(arguments);
        }
        let mut edit = self.sandbox.sdnlock(["edit", "a.sdn"]);
        // What the shell says of it is not ours.
        let editor = format!("exec 2> none; ./no{}", name.replace('\n', ""));
        self.is_clean(Run::of(edit.env("EDITOR", editor)).code(74), &["edit with an editor that is not there"]);
        let mut read = self.sandbox.sdnlock(["read", "a.sdn"]);
        self.is_clean(Run::of(read.env("SDNLOCK_TIMEOUT", name)), &["read with such a variable"]);
    }

    fn contents(&self) {
        let key = self.sandbox.run(&["list", "a.sdn", "t", "--format", "keys"]).code(0).stdout;
        assert!(key.lines().count() >= 2, "{key}");
        for arguments in [
            &["check", "-n", "--severity", "note"][..],
            &["check", "-n", "--severity", "note", "--format", "short"],
            &["check", "-n", "--severity", "note", "--format", "github"],
            &["check", "schema", "--severity", "note"],
            &["check", "--schema", "schema/bad.sdn", "a.sdn"],
            &["list", "a.sdn"],
            &["list", "a.sdn", "t"],
            &["list", "bad.sdn"],
            &["list", "bad.sdn", "t"],
            &["get", "a.sdn", "t.none"],
            &["get", "a.sdn", "t.1.none"],
            &["get", "a.sdn", "none"],
            &["get", "a.sdn", "t"],
            &["diff", "--diff", "records", "a.sdn", "b.sdn"],
            &["diff", "--diff", "stat", "a.sdn", "b.sdn"],
            &["read", "--json", "bad.sdn"],
            &["write", "a.sdn", "bad.sdn"],
            &["write", "--base", "a.sdn", "b.sdn", "c.sdn"],
            &["set", "schema/a.sdn", "t.1.text=wrong"],
            &["exec", "a.sdn", "--", "cp", "bad.sdn", "a.sdn"],
            &["set", "--diff", "records", "c.sdn", "t.1.text=a"],
            &["set", "c.sdn", "t.1.text=b"],
            &["rm", "c.sdn", "t.1"],
            &["write", "c.sdn", "a.sdn"],
            &["write", "--diff", "json", "c.sdn", "b.sdn"],
            &["exec", "c.sdn", "--", "cp", "a.sdn", "c.sdn"],
            &["restore", "c.sdn"],
            &["alter", "c.sdn", "t", "--add-column", "more"],
            &["git-setup"],
            &["merge", "-o", "merged.sdn", "a.sdn", "b.sdn", "c.sdn"],
            &["status"],
            &["status", "held"],
            &["get", "-n", "held/a.sdn", "a"],
            &["get", "-w", "600ms", "held/a.sdn", "a"],
            &["set", "-v", "-w", "600ms", "held/b.sdn", "a=2"],
        ] {
            self.says(arguments);
        }
        self.says_besides(&["merge", "a.sdn", "b.sdn", "c.sdn"]);
        for place in ["t.", "t.1.", "", "t.1.text="] {
            let mut ask = self.sandbox.sdnlock(["--", "sdnlock", "set", "a.sdn", place]);
            for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
                let run = Run::of(ask.env("_SDNLOCK_COMPLETE", shell)).code(0);
                self.is_clean(run, &["completion", shell, place]);
            }
        }
    }
}

#[test]
fn nothing_that_is_said_is_a_command_of_the_terminal_or_unseen() {
    let texts = texts();
    thread::scope(|scope| {
        for half in texts.chunks(texts.len().div_ceil(2)) {
            scope.spawn(move || {
                for text in half {
                    let scene = Scene::new(text);
                    scene.names_and_words();
                    scene.contents();
                }
            });
        }
    });
}

#[test]
fn programs_get_every_byte() {
    for text in texts() {
        let sandbox = Sandbox::new();
        let value = text.replace(['\n', '\r', '\t'], "");
        let source = format!("a: \"{value}\"\nt |id|\n    \"{value}\"\n");
        sandbox.write("a.sdn", &source);
        assert_eq!(sandbox.run(&["read", "a.sdn"]).code(0).stdout, source);
        assert_eq!(sandbox.run(&["get", "a.sdn", "a"]).code(0).stdout, format!("{value}\n"));
        assert_eq!(sandbox.run(&["list", "a.sdn", "t", "--format", "csv"]).code(0).stdout, format!("id\n{value}\n"));
        assert_eq!(sandbox.run(&["list", "a.sdn", "t", "--format", "record"]).code(0).stdout, format!("id: {value}\n"));
        let json = sandbox.run(&["read", "--json", "a.sdn"]).code(0).stdout;
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["a"], value);
        sandbox.write("b.sdn", "");
        let patch = sandbox.run(&["diff", "b.sdn", "a.sdn"]).code(1).stdout;
        assert!(patch.contains(&format!("+a: \"{value}\"\n")), "{patch:?}");
    }
}

#[test]
fn a_terminal_is_shown_what_programs_get() {
    let unseen = unseen();
    for text in texts() {
        let sandbox = Sandbox::new();
        let value = text.replace('\n', "\\n");
        sandbox.write("a.sdn", format!("a: \"{value}\"\r\nt |id|\n    \"{value}\"\n"));
        let mut commands: Vec<Vec<&OsStr>> = Vec::new();
        for words in [
            "read a.sdn",
            "read --json a.sdn",
            "get a.sdn a",
            "get a.sdn t.0",
            "list a.sdn t --format csv",
            "list a.sdn t --format json",
            "list a.sdn t --format record",
            "list a.sdn t --format keys",
            "diff --diff json a.sdn /dev/null",
            "diff a.sdn /dev/null",
            "add a.sdn t id=\u{200f}",
        ] {
            commands.push(words.split(' ').map(OsStr::new).collect());
        }
        for words in commands {
            let mut command = sandbox.sdnlock([&[OsStr::new("--color=never")], &words[..]].concat());
            command.stdin(std::process::Stdio::inherit());
            let shown = spawn_command(command, Some(60_000)).unwrap().exp_eof().unwrap();
            // The session gives a character for each byte.
            let shown = shown.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
            let shown = String::from_utf8(shown).unwrap().replace("\r\r\n", "\n").replace("\r\n", "\n");
            assert!(!shown.is_empty() && !unseen.is_match(&shown), "{words:?} of {text:?}: {shown:?}");
        }
    }
}
