//! Being told when a file changes or loses its name, where the system can do that: `inotify(7)`.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use std::mem::MaybeUninit;
    use std::os::fd::{AsFd, OwnedFd};
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init, remove_watch};
    use rustix::io::Errno;

    /// A file that is watched until this is dropped.
    #[derive(Debug)]
    pub struct Watch {
        inotify: Arc<OwnedFd>,
        number: i32,
        over: Arc<AtomicBool>,
    }

    /// What is looked out for.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Sign {
        /// The file is written to, loses its name, or is moved.
        Change,
        /// The file is opened.
        Opening,
    }

    impl Watch {
        /// Watches the file at `path`, and calls `wake` in a thread of its own each time. `None` if there is
        /// no such file, or the system has no watch to give.
        pub fn begin(path: &Path, sign: Sign, wake: impl Fn() + Send + 'static) -> Option<Self> {
            let inotify = Arc::new(init(CreateFlags::CLOEXEC).ok()?);
            let flags = match sign {
                // A file loses a name by a change of its attributes; it goes away only with its last descriptor.
                Sign::Change => {
                    WatchFlags::ATTRIB | WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF | WatchFlags::MODIFY
                }
                Sign::Opening => WatchFlags::OPEN,
            };
            let number = add_watch(inotify.as_fd(), path, flags | WatchFlags::DONT_FOLLOW).ok()?;
            let over = Arc::new(AtomicBool::new(false));
            let watch = Self { inotify: Arc::clone(&inotify), number, over: Arc::clone(&over) };
            let listen = move || {
                let mut buffer = [MaybeUninit::uninit(); 1024];
                let mut events = Reader::new(inotify.as_fd(), &mut buffer);
                loop {
                    match events.next() {
                        Err(Errno::INTR) => {}
                        // The watch is taken away, by us or with the file.
                        Ok(event) if over.load(Ordering::SeqCst) || event.events().contains(ReadFlags::IGNORED) => {
                            wake();
                            return;
                        }
                        Ok(_) => wake(),
                        Err(_) => return,
                    }
                }
            };
            std::thread::Builder::new().name("sdnlock-watch".to_owned()).spawn(listen).ok()?;
            Some(watch)
        }
    }

    impl Drop for Watch {
        fn drop(&mut self) {
            // Taking the watch away is itself an event, which ends the thread.
            self.over.store(true, Ordering::SeqCst);
            let _ = remove_watch(self.inotify.as_fd(), self.number);
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod none {
    use std::path::Path;

    /// A file that is watched until this is dropped. This system has none.
    #[derive(Debug)]
    pub struct Watch(());

    /// What is looked out for.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Sign {
        /// The file is written to, loses its name, or is moved.
        Change,
        /// The file is opened.
        Opening,
    }

    impl Watch {
        pub fn begin(_: &Path, _: Sign, _: impl Fn() + Send + 'static) -> Option<Self> {
            None
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
pub use linux::{Sign, Watch};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub use none::{Sign, Watch};

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "the test plays the part of another program")]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn the_loss_of_a_name_is_told_even_while_the_file_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        let file = std::fs::File::create(&path).unwrap();
        let (send, receive) = mpsc::channel();
        let watch = Watch::begin(&path, Sign::Change, move || send.send(()).unwrap_or_default()).unwrap();
        assert!(receive.try_recv().is_err());
        std::fs::remove_file(&path).unwrap();
        receive.recv_timeout(PATIENCE).unwrap();
        drop((watch, file));
        // The thread ends, and with it the sender.
        while receive.recv_timeout(PATIENCE).is_ok() {}
        assert!(Watch::begin(&path, Sign::Change, || ()).is_none());
    }
}
