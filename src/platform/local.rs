//! Which file systems are this machine's own.

use std::fs::File;

/// Whether a file is on a disk or in memory of this machine, so that nobody else works on it. What is not known to be
/// so is not: a folder of another machine, or what a program in user space makes of one.
#[must_use]
pub fn is_local(file: &File) -> bool {
    rustix::fs::fstatfs(file).is_ok_and(|found| is_own(&found))
}

#[cfg(target_os = "linux")]
fn is_own(found: &rustix::fs::StatFs) -> bool {
    // By the magic numbers of `statfs(2)`.
    const OWN: [u64; 16] = [
        0xef53,      // ext2, ext3, ext4
        0x5846_5342, // XFS
        0x9123_683e, // Btrfs
        0xf2f5_2010, // F2FS
        0xca45_1a4e, // Bcachefs
        0x2fc1_2fc1, // ZFS
        0x794c_7630, // overlayfs
        0x0102_1994, // tmpfs
        0x8584_58f6, // ramfs
        0x3434,      // NILFS
        0x3153_464a, // JFS
        0x5265_4973, // ReiserFS
        0x4d44,      // FAT
        0x2011_bab0, // exFAT
        0x7366_746e, // NTFS
        0x482b,      // HFS+
    ];
    // The type of the field differs between architectures; the numbers have 32 bits.
    #[expect(clippy::allow_attributes, reason = "it is needed on some of them only")]
    #[allow(clippy::cast_sign_loss, clippy::cast_lossless, clippy::unnecessary_cast)]
    let kind = found.f_type as u64 & 0xffff_ffff;
    OWN.contains(&kind)
}

#[cfg(target_vendor = "apple")]
fn is_own(found: &rustix::fs::StatFs) -> bool {
    /// `MNT_LOCAL`
    const LOCAL: u32 = 0x1000;
    found.f_flags & LOCAL != 0
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn is_own(_: &rustix::fs::StatFs) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_makes_up_is_no_disk() {
        println!("temporary files are local: {}", is_local(&tempfile::tempfile().unwrap()));
        #[cfg(target_os = "linux")]
        {
            let made_up = rustix::fs::open("/proc/self/stat", rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty());
            assert!(!is_local(&made_up.unwrap().into()));
        }
    }
}
