//! Who has locked a file and who waits for it, as the kernel tells in `/proc/locks`. Other systems have
//! no such list.

use super::attributes::FileId;
use super::flock::Mode;

/// The kernel's list of locks at one time.
#[derive(Clone, Debug)]
pub struct KernelLocks(Vec<Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    device: (u32, u32),
    inode: u64,
    lock: KernelLock,
}

/// One `flock(2)` lock, or one wait for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KernelLock {
    /// The process that asked for it; its children may have it too.
    pub pid: u32,
    /// How it is locked, or is to be.
    pub mode: Mode,
    /// Whether it is still waited for.
    pub waiting: bool,
}

impl KernelLocks {
    /// Reads the list; `None` if this system has none.
    #[must_use]
    pub fn read() -> Option<Self> {
        let text = std::fs::read_to_string("/proc/locks").ok()?;
        Some(Self(text.lines().filter_map(entry).collect()))
    }

    /// The locks on one file. Those of processes that cannot be seen from here are not among them, nor
    /// those that have outlived the process that asked for them.
    #[must_use]
    pub fn of(&self, file: FileId) -> Vec<KernelLock> {
        let same_inode = self.0.iter().filter(|entry| entry.inode == file.inode());
        // Some file systems tell one device here and another one to whoever looks at the file: then it must be
        // one that the process has open.
        let same = same_inode.filter(|entry| entry.device == file.device() || has_open(entry.lock.pid, file));
        same.map(|entry| entry.lock).collect()
    }
}

/// `1: FLOCK  ADVISORY  WRITE 4182 fe:00:10010625 0 EOF`, with `->` behind the number for a wait.
fn entry(line: &str) -> Option<Entry> {
    let mut words = line.split_ascii_whitespace().skip(1).peekable();
    let waiting = words.next_if_eq(&"->").is_some();
    if words.next()? != "FLOCK" {
        return None;
    }
    let mode = if words.nth(1)? == "READ" { Mode::Shared } else { Mode::Exclusive };
    let pid = words.next()?.parse().ok()?;
    let mut numbers = words.next()?.split(':');
    let mut device = || u32::from_str_radix(numbers.next()?, 16).ok();
    let device = (device()?, device()?);
    let inode = numbers.next()?.parse().ok()?;
    Some(Entry { device, inode, lock: KernelLock { pid, mode, waiting } })
}

fn has_open(pid: u32, file: FileId) -> bool {
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    descriptors
        .into_iter()
        .any(|descriptor| std::fs::metadata(descriptor.path()).is_ok_and(|metadata| FileId::from(&metadata) == file))
}

/// Whether this process has the file locked, by itself or through a descriptor it was given. `None` if
/// the system does not tell.
#[must_use]
pub fn has_locked(pid: u32, file: FileId) -> Option<bool> {
    let mut seen = None;
    for descriptor in std::fs::read_dir(format!("/proc/{pid}/fdinfo")).ok()?.flatten() {
        let Ok(text) = std::fs::read_to_string(descriptor.path()) else { continue };
        let locks = text.lines().filter_map(|line| line.strip_prefix("lock:")).filter_map(entry);
        seen = Some(seen.unwrap_or_default() | locks.into_iter().any(|entry| entry.inode == file.inode()));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_list_are_read() {
        let held = entry("3: FLOCK  ADVISORY  WRITE 4182 fe:0a:10010625 0 EOF").unwrap();
        assert_eq!((held.device, held.inode), ((0xfe, 0x0a), 10_010_625));
        assert_eq!(held.lock, KernelLock { pid: 4182, mode: Mode::Exclusive, waiting: false });
        let waits = entry("3: -> FLOCK  ADVISORY  READ  7 fe:00:1 0 EOF").unwrap();
        assert_eq!(waits.lock, KernelLock { pid: 7, mode: Mode::Shared, waiting: true });
        for other in ["", "1: POSIX  ADVISORY  WRITE 1 fe:00:1 0 EOF", "1: LEASE", "1: FLOCK ADVISORY"] {
            assert!(entry(other).is_none(), "{other}");
        }
    }
}
