//! Power cuts on real file systems: whatever a disk may hold after the power failed at any moment, mounted by the
//! kernel, and used again.
//!
//! A disk in memory carries a file system and remembers every write and flush. `sdnlock` works on it. Then the disk
//! gets what it may hold if the power had failed at some place of its log ([`log`](power_cut::log)); it is mounted at
//! the same place, and the next commands run. What they find must be what was promised
//! ([`history`](power_cut::history)), nothing may need a person, and nothing may be left behind. While these commands run
//! the log goes on, and is cut once more.
//!
//! `SDNLOCK_POWER_CUTS=2000 cargo test --release --test power_cut -- --nocapture` makes so many cuts on each of ext4,
//! xfs and btrfs; `… power_cut ext4 -- …` on one of them. `SDNLOCK_POWER_MIX=exec,transaction` chooses operations
//! (`single`, `backup`, `exec`, `transaction`, `crate`, `many`, `killed`), `SDNLOCK_POWER_MOUNT=data=writeback` how
//! the file system is mounted. It takes root, /dev/fuse, loop devices, util-linux and the mkfs of each file system.

#![cfg(all(feature = "cli", target_os = "linux"))]
#![allow(clippy::disallowed_methods, reason = "tests play the part of other programs")]

use std::path::Path;

use power_cut::WORK;
use power_cut::rig::{BTRFS, EXT4, Kind, Rig, XFS};
use sdnlock::{Database, Record};
use serde::{Deserialize, Serialize};
use support::{Chance, has_program, not_tested, seed};

mod support;

mod power_cut {
    pub mod bench;
    pub mod disk;
    pub mod history;
    pub mod image;
    pub mod log;
    pub mod operations;
    pub mod rig;
    pub mod room;
    pub mod scripts;

    /// The variable that tells the test binary what to do: `WORK NAME…`.
    pub const WORK: &str = "SDNLOCK_TEST_WORK";
}

/// A row of the databases.
#[derive(Serialize, Deserialize)]
struct Row {
    id: String,
    n: u64,
    s: String,
}

impl Record for Row {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn table_name() -> &'static str {
        "c"
    }
}

fn count(rows: &mut Database<Row>) -> sdnlock::Result<()> {
    let row = rows.get_mut("a").ok_or_else(|| sdnlock::Error::abort("no such row"))?;
    row.n += 1;
    Ok(())
}

/// Not a test of its own: the others start it as a program that uses the crate.
#[test]
fn works() {
    let Ok(work) = std::env::var(WORK) else { return };
    let names: Vec<&str> = work.split(' ').collect();
    match names[..] {
        ["update", name] => Database::<Row>::update(name, count).unwrap(),
        ["transaction", ref names @ ..] => sdnlock::transaction(names.to_vec(), |databases| {
            for name in names {
                let mut rows = databases.load::<Row>(name)?;
                count(&mut rows)?;
                rows.save()?;
            }
            Ok(())
        })
        .unwrap(),
        _ => panic!("{work}"),
    }
}

/// How many cuts are asked for; `None`, which is said, if none are.
fn asked() -> Option<usize> {
    let asked = std::env::var("SDNLOCK_POWER_CUTS").ok();
    let asked = asked.map(|asked| asked.parse().unwrap_or_else(|_| panic!("SDNLOCK_POWER_CUTS={asked} is no number")));
    if asked.is_none() {
        not_tested("power cuts, which SDNLOCK_POWER_CUTS=2000 asks for");
    }
    asked
}

/// A file system on a disk that remembers. If this machine has none, that is said.
fn rig(kind: &'static Kind) -> Option<Rig> {
    if !rustix::process::geteuid().is_root() {
        not_tested("root");
        return None;
    }
    for path in ["/dev/fuse", "/dev/loop-control"] {
        if !Path::new(path).exists() {
            not_tested(path);
            return None;
        }
    }
    if !["unshare", "nsenter", "mount", "umount", "sync", kind.mkfs[0]].into_iter().all(has_program) {
        return None;
    }
    let mount = std::env::var("SDNLOCK_POWER_MOUNT").unwrap_or_default();
    Rig::new(kind, &mount).inspect_err(|error| not_tested(&format!("{} on a loop device: {error}", kind.name))).ok()
}

fn cut_the_power_of(kind: &'static Kind) {
    let Some(cuts) = asked() else { return };
    let Some(mut rig) = rig(kind) else { return };
    let mixes = std::env::var("SDNLOCK_POWER_MIX").unwrap_or_else(|_| "all".to_owned());
    let operations = power_cut::operations::of_mixes(&mixes);
    let seed = seed();
    let mut seeds = Chance::new(seed);
    let begun = std::time::Instant::now();
    while rig.tally.states < cuts {
        let left = cuts - rig.tally.states;
        rig.round(seeds.next(), left, &|bench| {
            let which = bench.chance.index(operations.len());
            operations[which].run(bench);
        });
    }
    println!("{}, {mixes}, in {} s: {}", kind.name, begun.elapsed().as_secs(), rig.tally);
    assert!(rig.tally.wrong.is_empty(), "{}, SDNLOCK_SEED={seed}: {}\n{}", kind.name, rig.tally, rig.tally.examples());
    assert!(rig.tally.unmountable * 20 <= cuts, "{}: {} states cannot be mounted", kind.name, rig.tally.unmountable);
}

#[test]
fn a_power_cut_on_ext4_takes_nothing_that_was_promised() {
    cut_the_power_of(&EXT4);
}

#[test]
fn a_power_cut_on_xfs_takes_nothing_that_was_promised() {
    cut_the_power_of(&XFS);
}

#[test]
fn a_power_cut_on_btrfs_takes_nothing_that_was_promised() {
    cut_the_power_of(&BTRFS);
}

#[test]
fn the_log_has_all_that_a_file_system_does_to_its_disk() {
    if asked().is_none() {
        return;
    }
    let operations = power_cut::operations::of_mixes("single");
    for rig in [&EXT4, &XFS, &BTRFS].into_iter().filter_map(rig) {
        rig.compare_with_device(seed(), &|bench| operations[0].run(bench));
    }
}

#[test]
fn the_rig_notices_a_writer_that_does_not_sync() {
    if asked().is_none() {
        return;
    }
    for mut rig in [&EXT4, &XFS, &BTRFS].into_iter().filter_map(rig) {
        let mut seeds = Chance::new(seed());
        let lost = |kind: &String| kind.contains("lost") || ["empty", "full of zeros"].contains(&kind.as_str());
        while rig.tally.states < 400 && !rig.tally.wrong.keys().any(lost) {
            rig.round(seeds.next(), 40, &power_cut::operations::without_sync);
        }
        println!("a writer that does not sync: {}", rig.tally);
        assert!(rig.tally.wrong.keys().any(lost), "it was not noticed: {}", rig.tally);
    }
}
