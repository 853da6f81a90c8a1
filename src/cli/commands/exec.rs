//! `sdnlock exec`

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sdnlock::check::Schema;
use sdnlock::disk::{self, Durability, Snapshot};
use sdnlock::lock::FileLock;
use sdnlock::loss::{self, Limits};
use sdnlock::policy::Policy;
use sdnlock::record::Keys;
use sdnlock::txn::{Protected, Transaction, Undo};
use sdnlock::{Error, Locked};

use crate::cli::aftermath::{Aftermath, Database, Settled};
use crate::cli::args::{DiffKind, ExecArgs};
use crate::cli::child::{End, Forwarding, Running};
use crate::cli::databases;
use crate::cli::differences::{self, Side};
use crate::cli::failure::{Failure, PROCESS_LIMIT, system};
use crate::cli::lasting::Lasting;
use crate::cli::losses::{self, Allowed, LargeLoss};
use crate::cli::report::Report;
use crate::cli::session::{Holding, SELF_LOCKING, Session};
use crate::cli::settings;
use crate::cli::setup::excluded;
use crate::cli::status;
use crate::cli::text;

pub fn run(args: &ExecArgs, report: Report) -> Result<u8> {
    let kind = args.diff.kind()?;
    let backups = args.backups.number()?;
    let allowed = Allowed::by(&args.loss, LargeLoss::Refused)?;
    let files = databases::named(&args.files, report)?;
    let holding = match (args.self_locking, args.shared) {
        (true, _) => Holding::Queue,
        (_, true) => Holding::Shared,
        _ => Holding::Exclusive,
    };
    allow_open_files(files.len());
    let session = Session::begin(&args.lock, report)?;
    excluded::exclude(&files, &session, report);
    // From here on no signal is lost: either it ends us before the command has started, or it reaches it.
    let forwarding = Forwarding::begin().map_err(|error| not_started(args, &error))?;
    let mut locked = session.hold_all(&files, holding)?;
    session.check_signals(locked[0].given_path())?;
    for locked in locked.iter().filter(|locked| !args.shared && args.check.applies_to(locked.given_path())) {
        let schema = locked.schema();
        schema.map_err(|error| Failure::library(&error).state("the command was not run"))?;
    }
    let before: Vec<Option<Snapshot>> = locked.iter().map(|locked| locked.content().cloned()).collect();
    let links: Vec<PathBuf> =
        locked.iter().map(|locked| locked.given_path().to_owned()).filter(|given| given.is_symlink()).collect();
    let policies: Vec<Policy> = locked.iter().map(|locked| policy_of(locked, args, &allowed)).collect();
    let transaction = write_down(&locked, &before, &policies, args)?.map(Arc::new);
    let before = secured(&locked, before, transaction.as_deref());
    for locked in &locked {
        // A lock that was broken while others were waited for protects nothing.
        if !locked.lock().is_intact().map_err(|error| Failure::library(&error.into()))? {
            commit(transaction)?;
            return Err(Failure::library(&Error::LockLost { path: locked.given_path().to_owned() }).into());
        }
    }
    let begun = Instant::now();
    if args.durability.durability() == Durability::Never
        && let Some(transaction) = &transaction
    {
        transaction.take_over_syncs();
    }
    let is_synced = |locked: &Locked| locked.syncs(args.durability.durability());
    let secured = transaction.clone().filter(|_| locked.iter().any(is_synced));
    let ended = run_under(&locked, args, &session, forwarding, secured);
    let (end, running) = match ended {
        Ok(ended) => ended,
        Err(error) => {
            commit(transaction)?;
            return Err(error);
        }
    };
    let ran = begun.elapsed();
    session.renew(&mut locked);
    let nested = if transaction.is_some() { session.end_nested(&locked) } else { Ok(false) };
    let aftermath = Aftermath { session: &session, args, end, transaction: transaction.as_deref() };
    let databases = locked.iter_mut().zip(&before).zip(&policies);
    let mut databases: Vec<Database<'_>> = databases
        .map(|((locked, old), policy)| Database { locked, old: old.as_ref(), policy: policy.clone() })
        .collect();
    let sealed = if args.reseal { aftermath.reseal(&mut databases) } else { Vec::new() };
    let settled = aftermath.settle(&mut databases);
    let kept = keep_backups(&locked, &before, &settled, backups, args);
    // What could not be undone now is left to the next one who comes.
    let is_over = !settled.iter().any(Settled::is_open);
    let committed = if is_over { commit(transaction) } else { Ok(()) };
    let names: Vec<String> = locked.iter().map(|locked| locked.given_path().to_string_lossy().into_owned()).collect();
    let keys: Vec<Keys> = locked.iter().map(|locked| locked.schema().map(Schema::keys).unwrap_or_default()).collect();
    for locked in locked {
        session.release(locked);
    }
    drop(running);
    let is_changed = settled.iter().any(|settled| matches!(settled, Settled::Changed(_)));
    // Nobody waits for what is printed.
    let mut worst = status::DONE;
    for (((settled, old), name), keys) in settled.into_iter().zip(&before).zip(&names).zip(&keys) {
        match settled {
            // A new database may have been meant; else nothing was protected. What was undone is told.
            Settled::AsItWas if old.is_none() && end.is_success() => report.note(databases::not_there(Path::new(name))),
            Settled::AsItWas => {}
            Settled::Changed(new) => show(args, report, (name, old.as_ref(), new.as_ref()), kind, keys)?,
            Settled::Undone(failure) | Settled::Open(failure) => worst = worst.max(report.failure(&failure)),
        }
    }
    for failure in sealed.into_iter().chain(kept.into_iter().filter_map(Result::err)) {
        worst = worst.max(report.failure(&failure));
    }
    match nested {
        // What a transaction within the command had done is undone, and the command said nothing of it.
        Ok(is_undone) => worst = worst.max(if is_undone { status::INVALID } else { status::DONE }),
        Err(error) => worst = worst.max(report.failure(&Failure::library(&error))),
    }
    if let Err(error) = committed {
        worst = worst.max(report.error(&error));
    }
    for link in links.iter().filter(|link| !link.is_symlink()) {
        let link = text::path(link);
        report.note(format!("{link} was a link, and the command replaced it; what it pointed to is another file now"));
    }
    if !args.self_locking && matches!(end, End::Code(1..)) && is_time_of_a_lock(ran) {
        let time = text::duration(ran);
        report.note(format!("the command failed after {time}, as programs do that could not lock; {SELF_LOCKING}"));
    }
    if session.signals().at_last().is_some() && worst == status::DONE && !args.dry_run {
        say_what_stays(args, end, is_changed);
    }
    Ok(if end.is_success() { worst } else { end.status() })
}

/// Says what holds although a signal ends this process: it came when the command had ended. What was undone is told
/// already. That is no remark that one may not want.
fn say_what_stays(args: &ExecArgs, end: End, is_changed: bool) {
    let note = |text: &str| Report::default().note(text);
    if args.transaction && end.is_success() {
        note("the transaction was committed before the signal could end it");
    } else if is_changed {
        note("the command had ended before the signal; what it changed stays");
    }
}

/// Raises the limit of open files, as far as that is allowed, if so many databases need it: each has a lock
/// file, the database itself, what it held before and holds after the command, and a journal.
fn allow_open_files(databases: usize) {
    const EACH: u64 = 6;
    const REST: u64 = 64;
    let wanted = databases as u64 * EACH + REST;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < wanted) {
        let most = limit.maximum.map_or(wanted, |most| most.min(wanted));
        // Where that fails, opening will, and says so.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum });
    }
}

/// What a database must be to stay as the command leaves it.
fn policy_of(locked: &Locked, args: &ExecArgs, allowed: &Allowed) -> Policy {
    let policy = match args.check {
        check if check.no_check => return Policy::UNCHECKED,
        check if check.is_database(locked.given_path()) => Policy::SDN,
        _ => Policy::TEXT,
    };
    let Ok(schema) = locked.schema() else { return policy };
    policy.by_schema(schema).limiting(allowed.limits(&schema.limits))
}

/// Secures what the databases hold, so that it survives whatever happens while the command runs (J2).
fn write_down(
    locked: &[Locked],
    before: &[Option<Snapshot>],
    policies: &[Policy],
    args: &ExecArgs,
) -> Result<Option<Transaction>, Failure> {
    if args.self_locking || args.shared {
        return Ok(None);
    }
    let policies: Vec<String> = policies.iter().map(Policy::to_string).collect();
    let databases = locked.iter().zip(before).zip(&policies).map(|((locked, before), policy)| Protected {
        lock: locked.lock(),
        before: before.as_ref(),
        policy,
    });
    let databases: Vec<Protected<'_>> = databases.collect();
    let whole = args.transaction || args.dry_run;
    let undo = if whole { Undo::All } else { Undo::Broken };
    let begun = Transaction::begin(&databases, undo, args.durability.is_durable(whole));
    begun.map(Some).map_err(|error| {
        Failure::new(status::CANNOT_CREATE, "could not keep copies of the databases before the command")
            .state("the command was not run")
            .cause(system(&error))
    })
}

/// Keeps what the command has changed as it was before.
fn keep_backups(
    locked: &[Locked],
    before: &[Option<Snapshot>],
    settled: &[Settled],
    backups: usize,
    args: &ExecArgs,
) -> Vec<Result<(), Failure>> {
    let changed = |settled: &Settled| matches!(settled, Settled::Changed(_)) && !args.dry_run;
    let databases = locked.iter().zip(before).zip(settled).filter(|(_, settled)| changed(settled));
    let kept = databases.filter_map(|((locked, before), _)| {
        let is_durable = args.durability.is_durable(true);
        let kept = disk::keep_backup(locked.path(), before.as_ref()?, backups, is_durable);
        // Else its name is on disk once the transaction is over.
        let is_last = is_durable && args.self_locking && backups > 0;
        let kept = kept.and_then(|()| if is_last { disk::sync_folder_of(locked.path()) } else { Ok(()) });
        Some(kept.map_err(|error| {
            let shown = text::path(locked.given_path());
            Failure::new(status::IO, format!("could not keep a backup of {shown}"))
                .state(format!("{shown} is as the command left it"))
                .cause(system(&error))
        }))
    });
    kept.collect()
}

/// The contents before the command, with the attributes of their copies.
fn secured(
    locked: &[Locked],
    before: Vec<Option<Snapshot>>,
    transaction: Option<&Transaction>,
) -> Vec<Option<Snapshot>> {
    let databases = locked.iter().zip(before);
    let secured = databases.map(|(locked, before)| {
        let before = before?;
        Some(transaction.map_or_else(|| before.clone(), |transaction| transaction.secured(locked.path(), &before)))
    });
    secured.collect()
}

fn commit(transaction: Option<Arc<Transaction>>) -> Result<()> {
    let committed = transaction.map_or(Ok(()), |transaction| transaction.commit());
    Ok(committed.map_err(|error| {
        Failure::new(status::IO, "could not remove the journal of the transaction")
            .state("it may be that the next sdnlock that uses one of the databases undoes what the command did")
            .cause(system(&error))
    })?)
}

fn show(
    args: &ExecArgs,
    report: Report,
    (name, old, new): (&str, Option<&Snapshot>, Option<&Snapshot>),
    kind: DiffKind,
    keys: &Keys,
) -> Result<()> {
    let sides = (Side::of(name, old.map(Snapshot::bytes)), Side::of(name, new.map(Snapshot::bytes)));
    if args.dry_run {
        differences::print(sides.0, sides.1, kind, keys)?;
    } else {
        report.difference(sides.0, sides.1, kind, keys);
    }
    warn(args, report, (name, old, new), keys);
    Ok(())
}

/// Says what the command took away of a database.
fn warn(args: &ExecArgs, report: Report, (name, old, new): (&str, Option<&Snapshot>, Option<&Snapshot>), keys: &Keys) {
    let path = Path::new(name);
    if args.loss.allow_loss || !args.check.applies_to(path) {
        return;
    }
    let (old, new) = [old, new].map(|content| content.map(Snapshot::bytes).unwrap_or_default()).into();
    if let Ok(losses) = loss::permit(old, new, keys, &Limits::NONE) {
        losses::warn(report, path, &losses);
    }
}

/// Runs the command under the locks, which are its own as long as it runs (L14). Whoever has read its number
/// in a lock file may look for it a moment later, so it is not collected before the locks are released.
fn run_under(
    locked: &[Locked],
    args: &ExecArgs,
    session: &Session,
    forwarding: Forwarding,
    transaction: Option<Arc<Transaction>>,
) -> Result<(End, Running)> {
    let locks = || locked.iter().map(Locked::lock);
    if !args.close {
        locks().try_for_each(FileLock::pass_on).map_err(|error| Failure::library(&error.into()))?;
    }
    let nesting = settings::nesting().below(locks());
    let mut running = forwarding.start(&args.command, &nesting).map_err(|error| not_started(args, &error))?;
    let lasting = Lasting::begin(locks().map(FileLock::keeper).collect(), transaction);
    let name_holder = |pid| locks().for_each(|lock| drop(lock.name_holder(pid)));
    if !args.close {
        name_holder(running.pid());
    }
    if let Some(signal) = session.signals().take() {
        // A signal of the keyboard that came before there was a command to get it.
        running.signal(signal);
    }
    let end = running.wait().unwrap_or(End::Code(status::IO));
    drop(lasting);
    name_holder(std::process::id());
    Ok((end, running))
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
        io::ErrorKind::WouldBlock => format!("could not start `{command}`: {PROCESS_LIMIT}"),
        _ => format!("could not run `{command}`"),
    };
    Failure::new(status, title).cause(system(error))
}
