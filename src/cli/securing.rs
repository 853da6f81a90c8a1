//! Making sure that a command can be undone even if the power fails while it runs.

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use sdnlock::txn::Transaction;

/// Puts on disk what was written down before the command, while that runs: for one that has ended before it would be worth
/// it, nothing is synced.
pub struct Securing {
    /// Dropped where it is not worth it any more.
    ended: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Securing {
    pub fn begin(transaction: Arc<Transaction>) -> Self {
        let (ended, end) = mpsc::channel();
        let thread = std::thread::Builder::new().name("sdnlock-secure".to_owned()).spawn(move || {
            if end.recv_timeout(delay()) == Err(mpsc::RecvTimeoutError::Timeout) {
                // What fails here is tried again, and told, where it matters.
                let _ = transaction.secure();
            }
        });
        Self { ended: Some(ended), thread: thread.ok() }
    }
}

impl Drop for Securing {
    fn drop(&mut self) {
        self.ended = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// How long a command runs before this begins. Tests, which may run on a slow machine, say it themselves.
fn delay() -> Duration {
    const DELAY: Duration = Duration::from_millis(20);
    #[cfg(debug_assertions)]
    if let Some(asked) = std::env::var("SDNLOCK_TEST_SECURING").ok().and_then(|milliseconds| milliseconds.parse().ok())
    {
        return Duration::from_millis(asked);
    }
    DELAY
}
