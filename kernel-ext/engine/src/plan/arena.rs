//! Gives parts of one block of memory to values and takes them back when the values are dead.

use crate::cpu::buffer::align;
use std::ops::Range;

/// First fit over the free gaps, which are kept in order and joined.
#[derive(Default)]
pub struct Arena {
    gaps: Vec<Range<usize>>,
    len: usize,
}

impl Arena {
    /// A part of `len` numbers that begins at a cache line.
    pub fn take(&mut self, len: usize) -> Range<usize> {
        let padded = align(len);
        if padded == 0 {
            return 0..0;
        }
        if let Some(index) = self.gaps.iter().position(|gap| gap.len() >= padded) {
            let start = self.gaps[index].start;
            self.gaps[index].start += padded;
            if self.gaps[index].is_empty() {
                self.gaps.remove(index);
            }
            return start..start + len;
        }
        // A gap at the very end grows.
        let start = match self.gaps.last() {
            Some(gap) if gap.end == self.len => gap.start,
            _ => self.len,
        };
        if start < self.len {
            self.gaps.pop();
        }
        self.len = start + padded;
        start..start + len
    }

    /// Takes a part back.
    pub fn give_back(&mut self, part: Range<usize>) {
        let part = part.start..part.start + align(part.len());
        if part.is_empty() {
            return;
        }
        let index = self.gaps.partition_point(|gap| gap.start < part.start);
        self.gaps.insert(index, part);
        if index + 1 < self.gaps.len() && self.gaps[index].end == self.gaps[index + 1].start {
            self.gaps[index].end = self.gaps.remove(index + 1).end;
        }
        if index > 0 && self.gaps[index - 1].end == self.gaps[index].start {
            self.gaps[index - 1].end = self.gaps.remove(index).end;
        }
    }

    /// How long the block must be.
    pub fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::Arena;
    use engine_api::Philox;
    use std::ops::Range;

    #[test]
    fn parts_never_overlap_and_memory_is_used_again() {
        let mut random = Philox::new(5, 0);
        let mut arena = Arena::default();
        let mut alive: Vec<Range<usize>> = Vec::new();
        for _ in 0..2000 {
            if alive.len() > 20 || (!alive.is_empty() && random.below(2) == 0) {
                let part = alive.swap_remove(random.below(alive.len() as u32) as usize);
                arena.give_back(part);
            } else {
                let part = arena.take(1 + random.below(1000) as usize);
                assert_eq!(part.start % 16, 0);
                assert!(alive.iter().all(|other| part.end <= other.start || other.end <= part.start));
                alive.push(part);
            }
        }
        assert!(arena.len() < 40_000, "{}", arena.len());
        alive.drain(..).for_each(|part| arena.give_back(part));
        assert_eq!(arena.take(10), 0..10);
    }
}
