//! Reading several documents at the same time.

use std::panic::resume_unwind;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use sdnlock::sdn::Document;

/// A document that is being read.
pub enum Parsing<'scope, 's> {
    InThread(ScopedJoinHandle<'scope, Document>),
    /// At the limit of processes there is no room for another thread, and it is read when it is needed.
    Later(&'s [u8]),
}

impl<'scope, 's: 'scope> Parsing<'scope, 's> {
    pub fn begin(scope: &'scope Scope<'scope, '_>, source: &'s [u8]) -> Self {
        let thread = Builder::new().spawn_scoped(scope, move || Document::parse(source));
        thread.map_or(Self::Later(source), Self::InThread)
    }

    pub fn end(self) -> Document {
        match self {
            Self::InThread(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Self::Later(source) => Document::parse(source),
        }
    }
}
