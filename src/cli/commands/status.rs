//! `sdnlock status`

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use sdnlock::lock::{Death, Holder, HolderKind, LockError, LockProblem, Observer, Standing};
use sdnlock::sdn::is_sdn;
use sdnlock::txn::{Found, Undo};
use sdnlock::{Error, Status};
use serde_json::{Value, json};

use crate::cli::args::StatusArgs;
use crate::cli::databases;
use crate::cli::failure::Failure;
use crate::cli::report::Report;
use crate::cli::status;
use crate::cli::streams::{self, Look};
use crate::cli::text;

pub fn run(args: &StatusArgs, report: Report) -> Result<u8> {
    let mut seen = Vec::new();
    let mut worst = status::DONE;
    let mut failed = false;
    let mut fails = |failure: &Failure| {
        failed = true;
        worst = worst.max(report.failure(failure));
    };
    for path in databases_of(&args.paths, report, &mut fails) {
        // A list of its own for each is as old as what is looked at.
        match Status::of(&path, &Observer::new()) {
            Ok(found) => seen.push((path, found)),
            Err(error) => fails(&not_seen(&path, &error)),
        }
    }
    if args.clean {
        clean(&mut seen, report, &mut fails);
    }
    let named = |path: &PathBuf| args.paths.contains(path);
    seen.retain(|(path, found)| named(path) || !found.is_quiet());
    if args.json {
        let databases: Vec<Value> = seen.iter().map(|(path, found)| object(path, found)).collect();
        streams::json(&format!("{:#}\n", json!({ "databases": databases })))?;
    } else if seen.is_empty() && !failed {
        report.line("nothing is held, waited for or left behind");
    } else if !seen.is_empty() {
        streams::looking(table(&seen).as_bytes(), Look::Shown)?;
    }
    for path in args.paths.iter().filter(|path| !path.exists()) {
        report.note(databases::not_there(path));
    }
    let held = seen.iter().any(|(_, found)| matches!(found.lock.standing, Standing::Held(_)));
    Ok(if args.exit_code && held { worst.max(status::NO) } else { worst })
}

/// The databases that were named, and those below folders, those too of which only left-overs exist.
fn databases_of(paths: &[PathBuf], report: Report, fails: &mut dyn FnMut(&Failure)) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    for path in paths {
        if !path.is_dir() {
            found.insert(path.clone());
            continue;
        }
        for file in databases::files_below(path, databases::Ignored::Included, |_| true, report) {
            match file {
                Ok(file) => found.extend(if is_sdn(&file) { Some(file) } else { Status::database_of(&file) }),
                Err(failure) => fails(&failure),
            }
        }
    }
    found.into_iter().collect()
}

fn not_seen(path: &Path, error: &Error) -> Failure {
    let failure = Failure::library(error);
    match error {
        Error::Lock(LockError { problem: LockProblem::NoFolder, .. }) => Failure::no_such_file(path),
        Error::Lock(_) => Failure { title: format!("could not look at the lock of {}", text::path(path)), ..failure },
        _ => failure,
    }
}

fn clean(seen: &mut [(PathBuf, Status)], report: Report, fails: &mut dyn FnMut(&Failure)) {
    for (path, found) in seen {
        let cleaned = found.clean().and_then(|gone| {
            for gone in gone {
                report.note(format!("removed {}", text::path(text::from_here(&gone))));
            }
            Status::of(&*path, &Observer::new())
        });
        match cleaned {
            Ok(now) => *found = now,
            Err(error) => fails(&not_seen(path, &error)),
        }
    }
}

/// A line for each process and each file.
fn table(seen: &[(PathBuf, Status)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["DATABASE", "STATE", "PID", "USER", "FOR", "WHAT"]);
    for (path, found) in seen {
        let name = text::visible(&path.to_string_lossy());
        for line in lines(found) {
            let cells = std::iter::once(name.clone()).chain(line.map(|cell| text::visible(&cell)));
            table.add_row(cells.collect::<Vec<_>>());
        }
    }
    let count = table.column_count();
    for column in table.column_iter_mut() {
        let last = column.index + 1 == count;
        column.set_padding((0, if last { 0 } else { 2 }));
    }
    let text = table.to_string();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn lines(found: &Status) -> Vec<[String; 5]> {
    let lock = &found.lock;
    let mut lines = Vec::new();
    let state = match lock.standing {
        Standing::Free => "free",
        Standing::Held(mode) => match mode {
            sdnlock::lock::Mode::Shared => "read",
            sdnlock::lock::Mode::Exclusive => "held",
        },
        Standing::Stale if matches!(lock.stale, Some((_, Death::Silence | Death::Future))) => "silent",
        Standing::Stale => "dead",
    };
    let why = lock.stale.as_ref().map(|(_, death)| death_of(*death));
    lines.extend(lock.holders.iter().map(|holder| process(state, holder, why)));
    if lock.holders.is_empty() {
        lines.push([state, "", "", "", ""].map(str::to_owned));
    }
    lines.extend(lock.waiters.iter().map(|waiter| process("waits", waiter, None)));
    let file = |state: &str, path: &Path| {
        let name = path.file_name().unwrap_or(OsStr::new("?")).to_string_lossy().into_owned();
        [state.to_owned(), String::new(), String::new(), age(path), name]
    };
    // While somebody holds the lock, a temporary file may be theirs; a young one of a foreign program may be
    // in use in any case.
    let held = matches!(lock.standing, Standing::Held(_));
    let young = |path: &Path| {
        let modified = path.symlink_metadata().and_then(|metadata| metadata.modified());
        modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age < Duration::from_secs(60)))
    };
    let temporary = |maybe: bool| if maybe { "temporary" } else { "left over" };
    if let Some((state, what)) = transaction(found) {
        lines.push([state, "", "", "", what].map(str::to_owned));
    }
    lines.extend(lock.unused.iter().map(|path| file("left over", path)));
    lines.extend(lock.not_believed.iter().map(|(path, doubt)| {
        let [state, pid, user, age, name] = file("not believed", path);
        [state, pid, user, age, format!("{name}; {doubt}")]
    }));
    lines.extend(found.temporary.iter().map(|path| file(temporary(held), path)));
    lines.extend(found.foreign.iter().map(|path| file(temporary(held || young(path)), path)));
    lines
}

/// What is to be told of a transaction: its state, in one word, and in more.
fn transaction(found: &Status) -> Option<(&'static str, &'static str)> {
    match (&found.journal, found.lock.standing) {
        // What runs in the ordinary way is undone only where it broke something.
        (Found::Hot(journal), Standing::Held(_)) if journal.undo != Undo::All => None,
        (Found::Hot(_), Standing::Held(_)) => Some(("open", "all is undone if the command fails or is killed")),
        (Found::Hot(_), _) => Some(("interrupted", "the next sdnlock that uses it ends the transaction first")),
        (Found::Torn(_), _) => Some(("interrupted", "what is left of it the next sdnlock mends")),
        (Found::Copied(_), _) => Some(("copied", "the journal is a copy, as of a checkout; it is not followed")),
        (Found::Unusable { .. }, _) => Some(("damaged", "the journal of a transaction cannot be used")),
        (Found::Nothing | Found::Cold(_), _) => None,
    }
}

/// Why nobody holds a lock whose file is there.
fn death_of(death: Death) -> &'static str {
    match death {
        Death::End => "ended without releasing it",
        Death::Restart => "from before this machine was started",
        Death::Silence => "not heard of for too long",
        Death::Future => "dated in the future",
    }
}

fn process(state: &str, holder: &Holder, why: Option<&str>) -> [String; 5] {
    let pid = holder.pid.map(|pid| pid.to_string()).unwrap_or_default();
    let user = holder.user.clone().unwrap_or_default();
    let what = match (&holder.command, kind(holder)) {
        (Some(command), None) => command.clone(),
        (Some(command), Some(kind)) => format!("{command} ({kind})"),
        (None, kind) => kind.unwrap_or_default().to_owned(),
    };
    let what = match why {
        Some(why) if what.is_empty() => why.to_owned(),
        Some(why) => format!("{what}; {why}"),
        None => what,
    };
    let time = holder.age().map(text::duration).unwrap_or_default();
    [state.to_owned(), pid, user, time, what]
}

/// What kind of program has the lock, if it is no `sdnlock`.
fn kind(holder: &Holder) -> Option<&'static str> {
    match holder.kind {
        HolderKind::Sdnlock(_) | HolderKind::Waiter | HolderKind::Unknown => None,
        HolderKind::Interpreter => Some("Simple interpreter"),
        HolderKind::SimpleTool => Some("Simple tool"),
        HolderKind::Driver => Some("Rust driver, by its empty lock file"),
        HolderKind::Direct => Some("locks the file itself"),
    }
}

fn age(path: &Path) -> String {
    let modified = path.symlink_metadata().and_then(|metadata| metadata.modified());
    modified.ok().and_then(|modified| modified.elapsed().ok()).map(text::duration).unwrap_or_default()
}

fn object(path: &Path, found: &Status) -> Value {
    let lock = &found.lock;
    let (state, mode) = match lock.standing {
        Standing::Free => ("free", None),
        Standing::Held(sdnlock::lock::Mode::Shared) => ("held", Some("shared")),
        Standing::Held(sdnlock::lock::Mode::Exclusive) => ("held", Some("exclusive")),
        Standing::Stale => ("stale", None),
    };
    let paths = |paths: &mut dyn Iterator<Item = &PathBuf>| {
        paths.map(|path| Value::from(text::from_here(path).to_string_lossy())).collect::<Value>()
    };
    json!({
        "path": path.to_string_lossy(),
        "state": state,
        "mode": mode,
        "holders": lock.holders.iter().map(person).collect::<Value>(),
        "waiters": lock.waiters.iter().map(person).collect::<Value>(),
        "stale": lock.stale.as_ref().map(|(path, _)| text::from_here(path).to_string_lossy()),
        "dead": lock.stale.as_ref().is_some_and(|(_, death)| !matches!(death, Death::Silence | Death::Future)),
        "why": lock.stale.as_ref().map(|(_, death)| death_of(*death)),
        "transaction": transaction(found).map(|(state, _)| state),
        "left_over": paths(&mut lock.unused.iter().chain(&found.temporary).chain(&found.foreign)),
    })
}

fn person(holder: &Holder) -> Value {
    let kind = match holder.kind {
        HolderKind::Sdnlock(_) => "sdnlock",
        HolderKind::Interpreter => "interpreter",
        HolderKind::SimpleTool => "simple-tool",
        HolderKind::Driver => "driver",
        HolderKind::Direct => "direct",
        HolderKind::Waiter => "waiter",
        HolderKind::Unknown => "unknown",
    };
    json!({
        "kind": kind,
        "pid": holder.pid,
        "user": holder.user,
        "host": holder.host,
        "command": holder.command,
        "seconds": holder.age().map(|age| age.as_secs_f64()),
    })
}
