//! Numbers in memory that begin at a cache line.

use std::alloc::{Layout, alloc_zeroed};

/// How many numbers fit into a cache line; parts of a buffer begin at multiples of it.
pub const LINE: usize = 16;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

/// A fixed number of `f32`, zero at first, aligned to 64 bytes.
#[derive(Default)]
pub struct Buffer {
    lines: Vec<Line>,
    len: usize,
}

impl Buffer {
    /// `None` when there is no memory for it.
    pub fn zeroed(len: usize) -> Option<Self> {
        let count = len.div_ceil(LINE);
        let layout = Layout::array::<Line>(count).ok()?;
        if count == 0 {
            return Some(Self { lines: Vec::new(), len });
        }
        // SAFETY: the layout is not empty; zeros are valid lines; the memory comes from the global
        // allocator with the layout that the vector gives back.
        let lines = unsafe {
            let start = alloc_zeroed(layout).cast::<Line>();
            (!start.is_null()).then(|| Vec::from_raw_parts(start, count, count))
        };
        Some(Self { lines: lines?, len })
    }
}

impl std::ops::Deref for Buffer {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: the lines hold at least `len` numbers without gaps, and any bits are a valid f32.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl std::ops::DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

/// The next place at which a part of a buffer may begin.
pub fn align(len: usize) -> usize {
    len.next_multiple_of(LINE)
}
