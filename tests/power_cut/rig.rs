//! File systems that lose their power: rounds of operations, cuts of each, and what is found after them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::bench::{Bench, number_in, sdnlock, state};
use super::disk::{Disk, MOUNTED, SPARE};
use super::history::{History, NAMES, State, Step, Wrong};
use super::image::Image;
use super::log::{Cutter, Entry, places};
use crate::support::{Chance, Run, wait_for};

/// Operations of a round, and cuts of it.
const OPERATIONS: usize = 40;
const CUTS: usize = 80;
/// So many examples of each kind of what is wrong are told.
const EXAMPLES: usize = 2;

/// A kind of file system.
pub struct Kind {
    pub name: &'static str,
    /// What makes one, before the name of the file.
    pub mkfs: &'static [&'static str],
    pub size: usize,
    /// What the file system takes for granted is written as a whole.
    pub sector: usize,
}

pub const EXT4: Kind =
    Kind { name: "ext4", mkfs: &["mkfs.ext4", "-q", "-F", "-b", "1024"], size: 64 << 20, sector: 1024 };
pub const XFS: Kind = Kind { name: "xfs", mkfs: &["mkfs.xfs", "-q", "-f"], size: 320 << 20, sector: 512 };
pub const BTRFS: Kind = Kind { name: "btrfs", mkfs: &["mkfs.btrfs", "-q", "-f", "-M"], size: 128 << 20, sector: 4096 };

/// What was judged, and what is wrong.
#[derive(Default)]
pub struct Tally {
    pub states: usize,
    pub second: usize,
    pub operations: usize,
    pub unmountable: usize,
    pub wrong: BTreeMap<String, usize>,
    examples: Vec<String>,
}

impl Tally {
    /// Counts what is wrong at one place, and keeps it as an example if there are few of its kind.
    fn note(&mut self, wrong: &[Wrong], context: &str) {
        let mut is_rare = false;
        for wrong in wrong {
            let count = self.wrong.entry(wrong.kind.clone()).or_default();
            *count += 1;
            is_rare |= *count <= EXAMPLES;
        }
        if is_rare {
            let list: String = wrong.iter().map(|wrong| format!("{}: {}\n", wrong.kind, wrong.told)).collect();
            self.examples.push(format!("{list}  {context}"));
        }
    }

    /// Some of what is wrong, for people.
    pub fn examples(&self) -> String {
        self.examples.join("\n")
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { states, second, operations, unmountable, wrong, .. } = self;
        write!(f, "{states} cuts of {operations} operations, {second} second cuts")?;
        if *unmountable > 0 {
            write!(f, ", {unmountable} not mountable")?;
        }
        if wrong.is_empty() {
            return f.write_str("; nothing lost, torn, half-done or left behind");
        }
        let list: Vec<String> = wrong.iter().map(|(kind, count)| format!("{count} x {kind}")).collect();
        write!(f, "; wrong: {}", list.join(", "))
    }
}

/// A disk with a file system, and what is found out about it.
pub struct Rig {
    kind: &'static Kind,
    options: String,
    pub disk: Disk,
    /// The disk with a file system on which nothing was done yet.
    fresh: Image,
    pub tally: Tally,
}

impl Rig {
    /// A file system that is mounted with these options.
    ///
    /// # Errors
    /// What this machine lacks.
    pub fn new(kind: &'static Kind, options: &str) -> Result<Self, String> {
        let disk = Disk::new(kind.size)?;
        let room = disk.room();
        let file = room.seen(SPARE).join("image");
        File::create(&file).and_then(|file| file.set_len(kind.size as u64)).map_err(|error| error.to_string())?;
        let inside = room.path(SPARE).join("image").display().to_string();
        room.run(kind.mkfs[0], &[&kind.mkfs[1..], &[&inside]].concat())?;
        let fresh = Image::from_bytes(&fs::read(&file).map_err(|error| error.to_string())?);
        fs::remove_file(file).map_err(|error| error.to_string())?;
        let rig = Self { kind, options: options.to_owned(), disk, fresh, tally: Tally::default() };
        rig.disk.put(rig.fresh.clone());
        rig.disk.mount(kind.name, options)?.unmount();
        Ok(rig)
    }

    /// Runs operations, and holds the log against what the device itself says of what was done to it.
    pub fn compare_with_device(&self, seed: u64, operate: &dyn Fn(&mut Bench<'_>)) {
        self.disk.put(self.fresh.clone());
        let mounted = self.disk.mount(self.kind.name, &self.options).unwrap();
        let (from, before) = self.settled();
        let mut bench = Bench::new(&self.disk, Chance::new(seed));
        for _ in 0..OPERATIONS {
            operate(&mut bench);
        }
        self.disk.room().run("sync", &["-f", &self.disk.room().path(MOUNTED).display().to_string()]).unwrap();
        let (until, after) = self.settled();
        let log = self.disk.log();
        mounted.unmount();
        let log = &log[from..until];
        let lengths = log.iter().map(|entry| if let Entry::Write(_, bytes) = entry { bytes.len() } else { 0 });
        let flushes = log.iter().filter(|entry| **entry == Entry::Flush).count();
        println!("{}: {} writes, {flushes} flushes", self.kind.name, log.len() - flushes);
        assert_eq!((lengths.sum(), flushes), (after.0 - before.0, after.1 - before.1), "bytes written, flushes");
        assert!(flushes >= OPERATIONS, "{flushes} flushes");
    }

    /// The place in the log, and the device's own account of it, at a moment at which nothing is done to the disk.
    fn settled(&self) -> (usize, (usize, usize)) {
        let now = || (self.disk.place(), self.disk.account());
        let mut last = now();
        wait_for("the file system to rest", || {
            std::thread::sleep(Duration::from_millis(20));
            std::mem::replace(&mut last, now()) == last
        });
        last
    }

    /// Runs operations, and looks at what cuts leave of them.
    pub fn round(&mut self, seed: u64, cuts: usize, operate: &dyn Fn(&mut Bench<'_>)) {
        self.disk.put(self.fresh.clone());
        let mounted = self.disk.mount(self.kind.name, &self.options).unwrap();
        let mut bench = Bench::new(&self.disk, Chance::new(seed));
        let begun = self.disk.place();
        for _ in 0..OPERATIONS {
            operate(&mut bench);
        }
        let Bench { history, wrong, mut chance, .. } = bench;
        mounted.unmount();
        self.tally.operations += OPERATIONS;
        self.tally.note(&wrong, &format!("before any cut, round {seed}"));
        let log = self.disk.log();
        let mut cutter = Cutter::new(self.fresh.clone(), &log, self.kind.sector);
        let cuts = cuts.min(CUTS);
        for place in places(begun, log.len(), &history.acknowledged, cuts, &mut chance) {
            let image = cutter.cut(place, &mut chance);
            let context = format!("round {seed}, cut at {place} of {}, during {}", log.len(), history.under_way(place));
            self.judge(image, &history, place, &context, &mut chance);
        }
    }

    fn judge(&mut self, image: Image, history: &History, place: usize, context: &str, chance: &mut Chance) {
        self.tally.states += 1;
        let Some(first) = self.restart(image.clone(), history, place, context, chance) else { return };
        if !first.is_right || chance.below(3) == 0 {
            return;
        }
        let log = self.disk.log();
        let place = chance.index(first.ended + 1);
        let image = Cutter::new(image, &log[..first.ended], self.kind.sector).cut(place, chance);
        let context = format!("{context}; then at {place} of {}, during {}", first.ended, first.later.under_way(place));
        self.tally.second += 1;
        self.restart(image, &first.later, place, &context, chance);
    }

    /// Mounts what a cut left, as after a restart, and runs the next commands. `None` if it cannot be mounted.
    fn restart(
        &mut self,
        image: Image,
        history: &History,
        place: usize,
        context: &str,
        chance: &mut Chance,
    ) -> Option<Aftermath> {
        self.disk.put(image);
        let mounted = match self.disk.mount(self.kind.name, &self.options) {
            Ok(mounted) => mounted,
            Err(error) => {
                self.tally.unmountable += 1;
                println!("{context}: {error}");
                return None;
            }
        };
        let mut after = Aftermath { later: history.after_cut(place), ended: 0, is_right: true };
        let mut looking = Looking { disk: &self.disk, told: Vec::new(), wrong: Vec::new() };
        looking.look(history, place, &mut after.later, chance);
        after.ended = self.disk.place();
        let Looking { told, wrong, .. } = looking;
        mounted.unmount();
        after.is_right = wrong.is_empty();
        self.tally.note(&wrong, &[context, &told.join("\n  ")].join("\n  "));
        Some(after)
    }
}

/// What came of the first commands after a cut.
struct Aftermath {
    /// What may be found after another cut.
    later: History,
    /// The place in the log at which they had ended.
    ended: usize,
    is_right: bool,
}

/// The first commands after a restart.
struct Looking<'a> {
    disk: &'a Disk,
    /// What they said.
    told: Vec<String>,
    wrong: Vec<Wrong>,
}

impl Looking<'_> {
    fn note(&mut self, kind: impl Into<String>, told: impl Into<String>) {
        self.wrong.push(Wrong { kind: kind.into(), told: told.into() });
    }

    fn look(&mut self, history: &History, place: usize, later: &mut History, chance: &mut Chance) {
        let folder = self.disk.room().seen(MOUNTED);
        make_locks_older_than_boot(&folder);
        let found = files(&folder);
        let found = found.iter().map(|(name, path)| (name, fs::metadata(path).map_or(0, |metadata| metadata.len())));
        let found: Vec<String> = found.map(|(name, size)| format!("{name} ({size})")).collect();
        self.told.extend([format!("before: {}", history.recent(place)), format!("found: {}", found.join(", "))]);
        let mut order: Vec<usize> = (0..NAMES.len()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, chance.index(last + 1));
        }
        let read: Vec<(usize, Run)> = order.iter().map(|&of| (of, self.run(&["read", NAMES[of]]))).collect();
        let mut now = state(self.disk);
        for (of, run) in read {
            // That a database is not there, or empty, is judged below.
            if run.code != 0 && now[of].is_some() {
                self.note(format!("the next read fails with {}", run.code), NAMES[of]);
            } else if now[of].as_ref().is_some_and(|text| *text != run.stdout) {
                self.note("the next read shows what does not stay", NAMES[of]);
            }
        }
        let wrong = history.judge(place, &now);
        let as_it_should = wrong.is_empty();
        self.wrong.extend(wrong);
        later.found(now.clone(), self.disk.place());
        if as_it_should {
            for of in order {
                self.change(of, &mut now, later);
            }
        }
        if self.wrong.is_empty() {
            self.left_behind(&folder, history, place);
        }
    }

    fn run(&mut self, arguments: &[&str]) -> Run {
        // After a restart nobody holds a lock: nothing is to be waited for.
        let run = Run::of(sdnlock(self.disk, arguments).env("SDNLOCK_TIMEOUT", "3s"));
        if !run.stderr.is_empty() {
            self.told.push(format!("{}: {}", arguments.join(" "), run.stderr.trim().replace('\n', "\n    ")));
        }
        run
    }

    /// Changes a database, which must work. What there is nothing in is locked at least.
    fn change(&mut self, of: usize, now: &mut State, later: &mut History) {
        let begun = self.disk.place();
        let before = now[of].as_deref().and_then(|text| number_in(text, "a"));
        let run = match before {
            Some(_) => self.run(&["set", "-q", "--reseal", NAMES[of], "c.a.n+=1"]),
            None => self.run(&["exec", "-q", NAMES[of], "--", "true"]),
        };
        let ended = self.disk.place();
        *now = state(self.disk);
        if run.code != 0 {
            self.note(format!("the next change fails with {}", run.code), NAMES[of]);
        } else if now[of].as_deref().and_then(|text| number_in(text, "a")) != before.map(|number| number + 1) {
            self.note("the next change is not there", NAMES[of]);
        }
        let (what, covers, after) = ("set after a cut", vec![of], now.clone());
        let (acknowledged, whole, foreign, between) = (run.code == 0, false, false, Vec::new());
        later.record(Step { what, begun, ended, acknowledged, covers, whole, foreign, between, after });
    }

    fn left_behind(&mut self, folder: &Path, history: &History, place: usize) {
        for (name, path) in files(folder) {
            let database = NAMES.iter().position(|database| name.starts_with(database));
            let behind = database.map_or(&*name, |of| &name[NAMES[of].len()..]);
            let content = || String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
            match database {
                Some(_) if behind.is_empty() => {}
                Some(of) if behind.starts_with(".rejected") && history.may_reject(of, place) => {
                    if content().is_empty() {
                        self.note("an empty .rejected", name);
                    }
                }
                Some(of) if behind.starts_with(".bak") => {
                    if !history.was_ever(of, &content()) {
                        self.note("a torn backup", name);
                    }
                }
                // What the command of an exec was about to put in the place of a database.
                Some(_) if behind == ".new" => {}
                None if name == "a.new" || name.starts_with("sed") || name.starts_with("lost+found") => {}
                _ => {
                    let kind = name.rsplit_once('.').map_or("file", |(_, kind)| kind);
                    self.note(format!("left behind: {kind}"), &*name);
                }
            }
        }
    }
}

/// The files below a folder, with their names from there.
fn files(folder: &Path) -> Vec<(String, std::path::PathBuf)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().unwrap().is_dir() {
            let below = self::files(&entry.path());
            files.extend(below.into_iter().map(|(below, path)| (format!("{name}/{below}"), path)));
        } else {
            files.push((name, entry.path()));
        }
    }
    files
}

/// As after a restart: what locks there are is older than the start of this machine.
fn make_locks_older_than_boot(folder: &Path) {
    let stat = fs::read_to_string("/proc/stat").unwrap();
    let booted = stat.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok()).unwrap();
    let then: SystemTime = UNIX_EPOCH + Duration::from_secs(booted) - Duration::from_secs(60);
    for (_, path) in files(folder) {
        if path.extension().is_some_and(|kind| kind == "lock") {
            File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
        }
    }
}
