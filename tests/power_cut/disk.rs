//! A disk in memory that remembers what was done to it: the only file of a FUSE file system. A loop device on that file
//! carries the file system under test.
//!
//! The file is opened for direct input and output, so that nothing is kept between the device and the log: a write
//! stands in the log before the device calls it done, a flush when all that was done before it stands there.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, UNIX_EPOCH};

use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo,
    LockOwner, OpenFlags, ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyWrite, Request, Session,
    SessionACL, WriteFlags,
};

use super::image::Image;
use super::log::Entry;
use super::room::Room;
use crate::support::PATIENCE;

const DISK: INodeNo = INodeNo(2);
/// Names and sizes do not change.
const FOR_EVER: Duration = Duration::from_secs(1 << 20);

/// The folder of the room on which the disk stands as a file.
const FOLDER: &str = "device";
/// The folder of the room in which the file system of the disk appears.
pub const MOUNTED: &str = "mounted";
/// The folder of the room for what does not belong on the disk.
pub const SPARE: &str = "spare";

struct State {
    image: Image,
    log: Vec<Entry>,
}

/// The side of the kernel.
struct Device(Arc<Mutex<State>>);

/// A disk, in a room of its own.
pub struct Disk {
    state: Arc<Mutex<State>>,
    // It serves the disk until the room has ended.
    _session: BackgroundSession,
    room: Room,
}

impl Disk {
    /// A disk of so many bytes, all of them zero.
    ///
    /// # Errors
    /// What the machine lacks for it.
    pub fn new(size: usize) -> Result<Self, String> {
        let state = Arc::new(Mutex::new(State { image: Image::new(size), log: Vec::new() }));
        let room = Room::new(&[FOLDER, MOUNTED, SPARE])?;
        let text = |error: io::Error| format!("/dev/fuse: {error}");
        let connection = File::options().read(true).write(true).open("/dev/fuse").map_err(text)?;
        room.mount_fuse(connection.try_clone().map_err(text)?, FOLDER)?;
        let session = Session::from_fd(Device(state.clone()), connection.into(), SessionACL::Owner, Config::default());
        let session = session.and_then(Session::spawn).map_err(text)?;
        Ok(Self { state, _session: session, room })
    }

    pub fn room(&self) -> &Room {
        &self.room
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// The place in the log, which is how many things were done to the disk.
    pub fn place(&self) -> usize {
        self.state().log.len()
    }

    /// Gives the disk this content, and begins the log anew. Nothing may be mounted.
    pub fn put(&self, image: Image) {
        let mut state = self.state();
        assert_eq!(image.size(), state.image.size());
        state.image = image;
        state.log.clear();
    }

    /// What was done to the disk so far.
    pub fn log(&self) -> Vec<Entry> {
        self.state().log.clone()
    }

    /// How many bytes the loop device of what is mounted has written, and how often it was flushed, by its own account.
    pub fn account(&self) -> (usize, usize) {
        let folder = self.room.path(MOUNTED).display().to_string();
        let mounts = self.room.mounts();
        let device = mounts.lines().find(|line| line.split(' ').nth(1) == Some(&folder));
        let name = device.and_then(|line| line.strip_prefix("/dev/")?.split(' ').next()).expect("a mounted device");
        let stat = std::fs::read_to_string(format!("/sys/block/{name}/stat")).unwrap();
        let numbers: Vec<usize> = stat.split_whitespace().map(|number| number.parse().unwrap()).collect();
        (numbers[6] * 512, numbers[15])
    }

    /// Mounts what the disk holds. The loop device goes with the mount.
    ///
    /// # Errors
    /// What mount(8) says.
    pub fn mount(&self, kind: &str, options: &str) -> Result<Mounted<'_>, String> {
        let options = format!("loop,{options}");
        let (file, folder) = (self.room.path(FOLDER).join("disk"), self.room.path(MOUNTED));
        let (file, folder) = (file.display().to_string(), folder.display().to_string());
        self.room.run("mount", &["-t", kind, "-o", options.trim_end_matches(','), &file, &folder])?;
        Ok(Mounted(&self.room))
    }
}

/// A mounted file system.
pub struct Mounted<'a>(&'a Room);

impl Mounted<'_> {
    /// Unmounts it, so that all of it is on the disk.
    pub fn unmount(self) {
        drop(self);
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let folder = self.0.path(MOUNTED).display().to_string();
        let begun = Instant::now();
        // A process that was killed may be on its way out still.
        while let Err(error) = self.0.run("umount", &[&folder]) {
            if std::thread::panicking() {
                // The room ends, and the mount with it.
                return;
            }
            assert!(error.contains("busy") && begun.elapsed() < PATIENCE, "{error}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // A panic elsewhere must not stop the disk: the kernel would wait for it.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Device {
    fn attributes(&self, node: INodeNo) -> FileAttr {
        let is_disk = node == DISK;
        FileAttr {
            ino: node,
            size: if is_disk { lock(&self.0).image.size() as u64 } else { 0 },
            blocks: 0,
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind: if is_disk { FileType::RegularFile } else { FileType::Directory },
            perm: 0o700,
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        }
    }
}

impl Filesystem for Device {
    fn lookup(&self, _: &Request, _: INodeNo, name: &OsStr, reply: ReplyEntry) {
        if name == "disk" {
            reply.entry(&FOR_EVER, &self.attributes(DISK), Generation(0));
        } else {
            reply.error(Errno::ENOENT);
        }
    }

    fn getattr(&self, _: &Request, node: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&FOR_EVER, &self.attributes(node));
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::FOPEN_DIRECT_IO);
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match usize::try_from(offset) {
            Ok(offset) => reply.data(&lock(&self.0).image.read(offset, size as usize)),
            Err(_) => reply.error(Errno::EINVAL),
        }
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        bytes: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let mut state = lock(&self.0);
        match usize::try_from(offset) {
            Ok(offset) if state.image.has_room(offset, bytes.len()) => {
                state.image.write(offset, bytes);
                state.log.push(Entry::Write(offset, bytes.into()));
                reply.written(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            }
            _ => reply.error(Errno::ENOSPC),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        // Of a descriptor that is closed: nothing that a disk hears of.
        reply.ok();
    }

    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        lock(&self.0).log.push(Entry::Flush);
        reply.ok();
    }
}
