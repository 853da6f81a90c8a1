//! What a disk holds: blocks in memory, which images share until one of them is written to.

use std::ops::Range;
use std::sync::Arc;

/// The size of a shared block; that of a sector is in [`log`](super::log).
const BLOCK: usize = 4096;

/// The content of a disk. A copy of it costs little.
#[derive(Clone)]
pub struct Image {
    /// `None` is a block of zeros.
    blocks: Vec<Option<Arc<[u8; BLOCK]>>>,
}

/// A part of a block, and which part of the bytes it is.
type Part = (usize, Range<usize>, Range<usize>);

impl Image {
    /// A disk of so many bytes, all of them zero; whole blocks of 4096.
    pub fn new(size: usize) -> Self {
        Self { blocks: vec![None; size / BLOCK] }
    }

    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut image = Self::new(bytes.len());
        for (block, content) in image.blocks.iter_mut().zip(bytes.chunks_exact(BLOCK)) {
            if content.iter().any(|&byte| byte != 0) {
                *block = Some(Arc::new(content.try_into().expect("a whole block")));
            }
        }
        image
    }

    pub fn size(&self) -> usize {
        self.blocks.len() * BLOCK
    }

    /// What stands there, as far as the disk reaches.
    pub fn read(&self, offset: usize, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length.min(self.size().saturating_sub(offset))];
        for (block, within, of_bytes) in parts(offset, bytes.len()) {
            if let Some(content) = &self.blocks[block] {
                bytes[of_bytes].copy_from_slice(&content[within]);
            }
        }
        bytes
    }

    /// Whether so many bytes have room there.
    pub fn has_room(&self, offset: usize, length: usize) -> bool {
        offset.checked_add(length).is_some_and(|end| end <= self.size())
    }

    /// Writes where there is [room](Self::has_room).
    pub fn write(&mut self, offset: usize, bytes: &[u8]) {
        for (block, within, of_bytes) in parts(offset, bytes.len()) {
            let content = self.blocks[block].get_or_insert_with(|| Arc::new([0; BLOCK]));
            Arc::make_mut(content)[within].copy_from_slice(&bytes[of_bytes]);
        }
    }
}

fn parts(offset: usize, length: usize) -> impl Iterator<Item = Part> {
    let end = offset + length;
    (offset / BLOCK..end.div_ceil(BLOCK)).map(move |block| {
        let from = offset.max(block * BLOCK);
        let until = end.min((block + 1) * BLOCK);
        (block, from - block * BLOCK..until - block * BLOCK, from - offset..until - offset)
    })
}

#[test]
fn an_image_holds_what_was_written_and_its_copies_do_not_change() {
    let mut chance = crate::support::Chance::new(crate::support::seed());
    let mut model = vec![0_u8; 5 * BLOCK];
    let mut image = Image::from_bytes(&model);
    let mut earlier = Vec::new();
    for round in 1..=200_u8 {
        let offset = chance.index(model.len());
        let length = chance.index(model.len() - offset + 1).min(chance.index(9000) + 1);
        assert!(image.has_room(offset, length));
        image.write(offset, &vec![round; length]);
        model[offset..offset + length].fill(round);
        assert_eq!(image.read(0, image.size()), model);
        let (offset, length) = (chance.index(model.len()), chance.index(2 * BLOCK));
        assert_eq!(image.read(offset, length), model[offset..model.len().min(offset + length)]);
        if round % 20 == 0 {
            earlier.push((image.clone(), Image::from_bytes(&model), model.clone()));
        }
    }
    for (copy, made, model) in earlier {
        assert_eq!(copy.read(0, copy.size()), model);
        assert_eq!(made.read(0, made.size()), model);
    }
    assert!(!image.has_room(image.size() - 1, 2) && !image.has_room(usize::MAX, 2));
}
