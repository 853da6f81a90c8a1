//! What is done for a command that runs for a while, and not for one that ends at once.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use sdnlock::lock::Keeper;
use sdnlock::txn::Transaction;

/// Does that while a command runs, until this is dropped.
pub struct Lasting {
    /// Nothing is ever sent.
    _ended: mpsc::Sender<()>,
}

impl Lasting {
    /// Keeps locks alive, and puts on disk what was written down before the command, so that it can be undone even if the
    /// power fails while it runs.
    pub fn begin(locks: Vec<Keeper>, transaction: Option<Arc<Transaction>>) -> Self {
        let (ended, end) = mpsc::channel();
        let last = move || {
            if end.recv_timeout(delay()) == Err(mpsc::RecvTimeoutError::Timeout) {
                locks.iter().for_each(Keeper::keep_alive);
                // What fails here is tried again, and told, where it matters.
                let _ = transaction.map(|transaction| transaction.secure());
            }
        };
        // Nobody waits for this thread: whoever needs what it does finds it done, or waits for that. Where none can be
        // started, others may break the locks after a minute, which is noticed (L9).
        drop(std::thread::Builder::new().name("sdnlock-lasting".to_owned()).spawn(last));
        Self { _ended: ended }
    }
}

/// How long a command runs before this begins. Tests, which may run on a slow machine, say it themselves.
fn delay() -> Duration {
    const DELAY: Duration = Duration::from_millis(3);
    #[cfg(debug_assertions)]
    if let Some(asked) = std::env::var("SDNLOCK_TEST_LASTING").ok().and_then(|milliseconds| milliseconds.parse().ok()) {
        return Duration::from_millis(asked);
    }
    DELAY
}
