//! What was done to a disk, and what it may hold when its power fails on the way.
//!
//! # Rules
//! - A *place* in the log is a number of entries: those before it were carried out when the power failed.
//! - What was written before the last flush that is complete there is on the disk.
//! - Of what was written since, each write is on it, is not, or is in parts of it: sectors. Those that
//!   arrive do so in their order.

use std::sync::Arc;

use super::image::Image;
use crate::support::Chance;

/// One thing that was done to a disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// These bytes were written there.
    Write(usize, Arc<[u8]>),
    /// What was written before is on the disk from here on.
    Flush,
}

/// How much of what was not flushed arrives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Luck {
    All,
    Nothing,
    /// By chance, write by write.
    Mixed,
}

/// Goes through a log from its beginning, and gives what the disk may hold at places of it.
pub struct Cutter<'a> {
    log: &'a [Entry],
    sector: usize,
    /// So many entries have been gone through.
    at: usize,
    /// With all that was flushed there.
    flushed: Image,
    /// What was written since.
    late: Vec<(usize, Arc<[u8]>)>,
}

impl<'a> Cutter<'a> {
    /// For a disk that held `image` before what the log says was done, and writes sectors of so many bytes.
    pub fn new(image: Image, log: &'a [Entry], sector: usize) -> Self {
        Self { log, sector, at: 0, flushed: image, late: Vec::new() }
    }

    /// What the disk holds by this chance if the power fails at this place, which is not before that of the
    /// last call.
    pub fn cut(&mut self, place: usize, chance: &mut Chance) -> Image {
        for entry in &self.log[self.at..place] {
            match entry {
                Entry::Write(offset, bytes) => self.late.push((*offset, bytes.clone())),
                Entry::Flush => {
                    for (offset, bytes) in self.late.drain(..) {
                        self.flushed.write(offset, &bytes);
                    }
                }
            }
        }
        self.at = place;
        let luck = match chance.below(20) {
            0..4 => Luck::All,
            4..7 => Luck::Nothing,
            _ => Luck::Mixed,
        };
        let mut image = self.flushed.clone();
        for (offset, bytes) in &self.late {
            arrive(&mut image, *offset, bytes, luck, self.sector, chance);
        }
        image
    }
}

fn arrive(image: &mut Image, offset: usize, bytes: &[u8], luck: Luck, sector: usize, chance: &mut Chance) {
    match (luck, chance.below(20)) {
        (Luck::All, _) | (Luck::Mixed, 0..9) => image.write(offset, bytes),
        (Luck::Nothing, _) | (Luck::Mixed, 11..) => {}
        (Luck::Mixed, 9..11) => {
            // A disk writes whole sectors, whatever the write begins with.
            let mut from = 0;
            while from < bytes.len() {
                let until = bytes.len().min(from + sector - (offset + from) % sector);
                if chance.below(2) == 0 {
                    image.write(offset + from, &bytes[from..until]);
                }
                from = until;
            }
        }
    }
}

/// Some places between these two, in order and each once. A part of them is where something was acknowledged just then.
pub fn places(from: usize, until: usize, acknowledged: &[usize], count: usize, chance: &mut Chance) -> Vec<usize> {
    let fits: Vec<usize> = acknowledged.iter().copied().filter(|place| (from..=until).contains(place)).collect();
    let mut places: Vec<usize> = (0..count)
        .map(|_| match chance.below(5) {
            0 if !fits.is_empty() => fits[chance.index(fits.len())],
            _ => from + chance.index(until - from + 1),
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::seed;

    const SECTOR: usize = 512;

    /// A log of writes of whole sectors, each full of its own number, and flushes.
    fn some_log(chance: &mut Chance, sectors: usize) -> Vec<Entry> {
        let write = |number: u8, chance: &mut Chance| {
            let first = chance.index(sectors);
            let length = 1 + chance.index((sectors - first).min(4));
            Entry::Write(first * SECTOR, vec![number; length * SECTOR].into())
        };
        (1..=60).map(|number| if chance.below(6) == 0 { Entry::Flush } else { write(number, chance) }).collect()
    }

    #[test]
    fn a_cut_disk_holds_what_was_flushed_and_any_of_the_rest() {
        let mut chance = Chance::new(seed());
        let (mut whole, mut older, mut torn) = (0, 0, 0);
        for _ in 0..40 {
            let sectors = 16;
            let log = some_log(&mut chance, sectors);
            let mut cutter = Cutter::new(Image::new(sectors * SECTOR), &log, SECTOR);
            for place in 0..=log.len() {
                let flushed = log[..place].iter().rposition(|entry| *entry == Entry::Flush).unwrap_or(0);
                let image = cutter.cut(place, &mut chance);
                for sector in 0..sectors {
                    let written = |entry: &Entry| match entry {
                        Entry::Write(offset, bytes) => {
                            (*offset..offset + bytes.len()).contains(&(sector * SECTOR)).then(|| bytes[0])
                        }
                        Entry::Flush => None,
                    };
                    let safe = log[..flushed].iter().rev().find_map(written).unwrap_or(0);
                    let late: Vec<u8> = log[flushed..place].iter().filter_map(written).collect();
                    let now = image.read(sector * SECTOR, SECTOR);
                    assert!(now.iter().all(|byte| *byte == now[0]), "half a sector");
                    assert!(now[0] == safe || late.contains(&now[0]), "{} at {place}", now[0]);
                    whole += usize::from(late.last() == Some(&now[0]));
                    older += usize::from(!late.is_empty() && now[0] == safe);
                }
                for entry in &log[flushed..place] {
                    let Entry::Write(offset, bytes) = entry else { continue };
                    let now = image.read(*offset, bytes.len());
                    let arrived = |byte: &u8| *byte == bytes[0];
                    torn += usize::from(now.iter().any(arrived) && !now.iter().all(arrived));
                }
            }
        }
        assert!(whole > 100 && older > 100 && torn > 100, "{whole} arrived, {older} did not, {torn} did in parts");
    }

    #[test]
    fn a_write_across_sectors_is_parted_between_them() {
        let log = [Entry::Write(300, vec![7; 1000].into())];
        let mut chance = Chance::new(seed());
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2000 {
            let image = Cutter::new(Image::new(4096), &log, SECTOR).cut(1, &mut chance);
            let now = image.read(0, 4096);
            let parts = [300..512, 512..1024, 1024..1300].map(|part| {
                assert!(now[part.clone()].iter().all(|byte| *byte == now[part.start]));
                now[part.start] == 7
            });
            assert!(now[..300].iter().chain(&now[1300..]).all(|byte| *byte == 0));
            seen.insert(parts);
        }
        assert_eq!(seen.len(), 8);
    }

    #[test]
    fn places_are_in_order_and_where_they_shall_be() {
        let mut chance = Chance::new(seed());
        for _ in 0..100 {
            let places = places(10, 20, &[5, 12, 30], 8, &mut chance);
            assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
            assert!(!places.is_empty() && places.iter().all(|place| (10..=20).contains(place)), "{places:?}");
        }
        assert_eq!(super::places(4, 4, &[], 3, &mut chance), [4]);
    }
}
