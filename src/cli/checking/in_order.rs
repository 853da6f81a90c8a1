//! Work that is done by as many threads as there are processors, with its results in order.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often one can look up from waiting for results.
const LOOK_UP: Duration = Duration::from_millis(100);

/// What happens while the work goes on.
pub enum Progress<'t, T, R> {
    /// The next item with its result, in order.
    Result(&'t T, R),
    /// So many items are done, whatever their order.
    Done(usize),
}

/// Does the work for each item, and tells how it goes on this thread. On `Break` no item is begun any more.
pub fn in_order<'t, T: Sync, R: Send, B>(
    items: &'t [T],
    work: impl Fn(&T) -> R + Sync,
    mut on_progress: impl FnMut(Progress<'t, T, R>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        let work = || {
            let sender = sender.clone();
            let (next, stop, work) = (&next, &stop, &work);
            move || {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    if sender.send((index, work(item))).is_err() {
                        break;
                    }
                }
            }
        };
        let started = (0..workers).map_while(|_| thread::Builder::new().spawn_scoped(scope, work()).ok()).count();
        if started == 0 {
            // There is no room for another thread.
            work()();
        }
        drop(sender);
        let outcome = receive(items, &results, &mut on_progress);
        stop.store(true, Ordering::Relaxed);
        outcome
    })
}

fn receive<'t, T, R, B>(
    items: &'t [T],
    results: &mpsc::Receiver<(usize, R)>,
    on_progress: &mut impl FnMut(Progress<'t, T, R>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    // Results that came before their turn.
    let mut early = BTreeMap::new();
    let (mut done, mut told) = (0, 0);
    loop {
        match results.recv_timeout(LOOK_UP) {
            Ok((index, result)) => {
                early.insert(index, result);
                done += 1;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return ControlFlow::Continue(()),
        }
        while let Some(result) = early.remove(&told) {
            on_progress(Progress::Result(&items[told], result))?;
            told += 1;
        }
        on_progress(Progress::Done(done))?;
    }
}
