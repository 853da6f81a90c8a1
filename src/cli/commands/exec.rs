//! `sdnlock exec`

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use sdnlock::check;
use sdnlock::disk::{self, Snapshot};
use sdnlock::lock::FileLock;
use sdnlock::sdn::Document;
use sdnlock::{Locked, Outcome};

use crate::cli::args::{DiffKind, ExecArgs};
use crate::cli::child::{End, Forwarding};
use crate::cli::databases;
use crate::cli::differences::Side;
use crate::cli::failure::{Failure, Label, system};
use crate::cli::findings::Shown;
use crate::cli::report::Report;
use crate::cli::session::{SELF_LOCKING, Session};
use crate::cli::settings;
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &ExecArgs, report: Report) -> Result<u8> {
    let kind = args.diff.kind()?;
    let files = databases::named(&args.files)?;
    let session = Session::begin(&args.lock, report)?;
    // From here on no signal is lost: either it ends us before the command has started, or it reaches it.
    let forwarding = Forwarding::begin()?;
    let mut locked = session.hold_all(&files, args.self_locking)?;
    session.check_signals(locked[0].given_path())?;
    let before: Vec<Option<Snapshot>> = locked.iter().map(|locked| locked.content().cloned()).collect();
    let links: Vec<PathBuf> =
        locked.iter().map(|locked| locked.given_path().to_owned()).filter(|given| given.is_symlink()).collect();
    let begun = Instant::now();
    let end = run_under(&locked, args, &session, forwarding)?;
    let ran = begun.elapsed();
    let settled: Vec<Result<Settled, Failure>> =
        locked.iter_mut().zip(&before).map(|(locked, old)| settle(locked, old.as_ref(), &session, args, end)).collect();
    let names: Vec<String> = locked.iter().map(|locked| locked.given_path().to_string_lossy().into_owned()).collect();
    for locked in locked {
        session.release(locked);
    }
    // Nobody waits for what is printed.
    let mut worst = status::DONE;
    for ((settled, old), name) in settled.into_iter().zip(&before).zip(&names) {
        match settled {
            Ok(settled) => show(report, name, old.as_ref(), &settled, kind),
            Err(failure) => worst = worst.max(report.failure(&failure)),
        }
    }
    for link in links.iter().filter(|link| !link.is_symlink()) {
        let link = text::path(link);
        report.note(format!("{link} was a link, and the command replaced it; what it pointed to is another file now"));
    }
    if !args.self_locking && matches!(end, End::Code(1..)) && is_time_of_a_lock(ran) {
        let time = text::duration(ran);
        report.note(format!("the command failed after {time}, as programs do that could not lock; {SELF_LOCKING}"));
    }
    Ok(if end.is_success() { worst } else { end.status() })
}

/// Runs the command under the locks, which are its own as long as it runs (L14).
fn run_under(locked: &[Locked], args: &ExecArgs, session: &Session, forwarding: Forwarding) -> Result<End> {
    let locks = || locked.iter().map(Locked::lock);
    if !args.close {
        locks().try_for_each(FileLock::pass_on).map_err(|error| Failure::library(&error.into()))?;
    }
    let nesting = settings::nesting().below(locks());
    let running = forwarding.start(&args.command, &nesting).map_err(|error| not_started(args, &error))?;
    locks().for_each(FileLock::keep_alive);
    let name_holder = |pid| locks().for_each(|lock| drop(lock.name_holder(pid)));
    if !args.close {
        name_holder(running.pid());
    }
    if let Some(signal) = session.signals().take() {
        // A signal of the keyboard that came before there was a command to get it.
        running.signal(signal);
    }
    let ended = running.wait(|| name_holder(std::process::id()));
    // They were for the command.
    let _ = session.signals().take();
    Ok(ended.unwrap_or(End::Code(status::IO)))
}

/// Whether a command that failed after this time may have waited for a lock: the Rust driver and the
/// interpreter wait for 10 seconds, Simple tools for 5 minutes.
fn is_time_of_a_lock(ran: Duration) -> bool {
    [10, 300].iter().any(|&seconds| {
        let limit = Duration::from_secs(seconds);
        ran >= limit && ran < limit + Duration::from_secs(5)
    })
}

fn not_started(args: &ExecArgs, error: &io::Error) -> Failure {
    let status = match error.kind() {
        io::ErrorKind::NotFound => status::NOT_FOUND,
        _ => status::NOT_EXECUTABLE,
    };
    let command = text::visible(&args.command[0].to_string_lossy());
    let title = match error.kind() {
        io::ErrorKind::NotFound => format!("command not found: `{command}`"),
        _ => format!("could not run `{command}`"),
    };
    Failure::new(status, title).cause(system(error))
}

/// What the command left of a database, if it may stay.
enum Settled {
    AsItWas,
    Changed(Option<Snapshot>),
}

fn show(report: Report, name: &str, old: Option<&Snapshot>, settled: &Settled, kind: DiffKind) {
    if let Settled::Changed(new) = settled {
        let (old, new) = (old.map(Snapshot::bytes), new.as_ref().map(Snapshot::bytes));
        report.difference(Side::of(name, old), Side::of(name, new), kind);
    }
}

/// Looks at what the command left of a database, and undoes what broke it.
fn settle(
    locked: &mut Locked,
    old: Option<&Snapshot>,
    session: &Session,
    args: &ExecArgs,
    end: End,
) -> Result<Settled, Failure> {
    let shown = text::path(locked.given_path());
    if !matches!(locked.lock().is_intact(), Ok(true)) {
        // L9: nothing is undone under a lock that somebody else has.
        let title = format!("another program broke the lock of {shown} while the command ran");
        let state = format!("{shown} is as it was left; nothing was undone");
        return Err(Failure::new(status::IO, title).state(state));
    }
    let failure = if let Err(error) = locked.reload() {
        Some(Failure::library(&error))
    } else if old.map(Snapshot::bytes) == locked.content().map(Snapshot::bytes) {
        return Ok(Settled::AsItWas);
    } else {
        old.and_then(|old| damage(locked, old.bytes(), args, end))
    };
    match (failure, old) {
        (None, _) => kept(locked, args),
        (Some(failure), None) => Err(failure),
        (Some(failure), Some(old)) => {
            if args.self_locking {
                take_turn(locked, session)?;
            }
            Err(restore(locked, old, session, failure))
        }
    }
}

/// L17: nothing is undone before the lock is ours, and only if nobody else has written meanwhile.
fn take_turn(locked: &mut Locked, session: &Session) -> Result<(), Failure> {
    let left = locked.content().cloned();
    session.take_turn(locked).map_err(|error| Failure::library(&error))?;
    if left.as_ref().map(Snapshot::bytes) == locked.content().map(Snapshot::bytes) {
        return Ok(());
    }
    let shown = text::path(locked.given_path());
    let title = format!("what the command left of {shown} was not valid, and somebody else has written it meanwhile");
    Err(Failure::new(status::IO, title).state(format!("{shown} is as they left it; nothing was undone")))
}

/// The change stays.
fn kept(locked: &Locked, args: &ExecArgs) -> Result<Settled, Failure> {
    if args.durability.is_durable(false) {
        disk::sync(locked.path()).map_err(|error| {
            Failure::new(status::IO, format!("could not sync {}", text::path(locked.given_path())))
                .state("written, but perhaps not on disk yet")
                .cause(system(&error))
        })?;
    }
    Ok(Settled::Changed(locked.content().cloned()))
}

/// Why what the command left may not stay. `before` is what the database held.
fn damage(locked: &Locked, before: &[u8], args: &ExecArgs, end: End) -> Option<Failure> {
    if args.check.no_check {
        return None;
    }
    let path = locked.given_path();
    let shown = text::path(path);
    let failed_half_way = |what: &str| {
        // A command that fails half-way often has emptied or removed the file before.
        let title = format!("not leaving {shown} {what}: the command failed");
        (!end.is_success()).then(|| Failure::new(status::INVALID, title))
    };
    let Some(after) = locked.content() else {
        return failed_half_way("removed");
    };
    let after = after.bytes();
    if after.trim_ascii().is_empty() && !before.trim_ascii().is_empty() {
        return failed_half_way("empty");
    }
    if !args.check.applies_to(path) || !check::is_valid(&Document::parse(before)) {
        return None;
    }
    let findings = check::new_errors(&Document::parse(before), &Document::parse(after));
    if findings.is_empty() {
        return None;
    }
    let title = format!("not keeping what the command wrote to {shown}: it is not valid SDN any more");
    let excerpts = Shown { name: &path.to_string_lossy(), source: after }.excerpts(&findings);
    Some(Failure::new(status::INVALID, title).excerpts(excerpts))
}

/// Brings the old content back, and keeps the broken one beside the database; if that fails, the other
/// way round.
fn restore(locked: &mut Locked, old: &Snapshot, session: &Session, failure: Failure) -> Failure {
    let shown = text::path(locked.given_path());
    let broken = locked.content().filter(|broken| !broken.bytes().trim_ascii().is_empty()).cloned();
    match session.restore(locked, old) {
        Ok(Outcome::Written(_) | Outcome::Unchanged) => {
            let failure = failure.state(format!("{shown} is as it was before the command"));
            match broken.map(|broken| disk::keep_aside(locked.path(), "rejected", broken.bytes(), old.stat())) {
                None => failure,
                Some(Ok(path)) => failure.kept(&path),
                Some(Err(error)) => {
                    failure.with(Label::Cause, format!("what it wrote could not be kept: {}", system(&error)))
                }
            }
        }
        outcome => {
            let why = match outcome {
                Err(error) => Failure::library(&error).reason(),
                Ok(_) => "it was changed meanwhile by a program that ignores the lock".to_owned(),
            };
            let failure = failure
                .state(format!("{shown} is as the command left it"))
                .cause(format!("the old content could not be brought back: {why}"));
            match keep_old(locked, old) {
                Ok(path) => failure.kept(&path),
                Err(error) => failure.cause(format!("it could not be kept either: {}", system(&error))),
            }
        }
    }
}

/// Keeps the old content beside the database, or else in a private folder.
fn keep_old(locked: &Locked, old: &Snapshot) -> io::Result<PathBuf> {
    disk::keep_aside(locked.path(), "before", old.bytes(), old.stat()).or_else(|_| {
        let mut copy = disk::PrivateCopy::new(locked.path(), old.bytes())?;
        Ok(copy.keep().to_owned())
    })
}
