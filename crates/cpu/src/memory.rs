//! Memory of a program, aligned for vectors.
#![allow(unsafe_code)] // The allocator is asked for an alignment that `Vec` cannot promise.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};

/// The alignment of everything in the arena: a cache line.
pub(crate) const LINE: usize = 64;

/// Bytes at an address that is a multiple of [`LINE`].
#[derive(Debug)]
pub(crate) struct AlignedBytes {
    start: *mut u8,
    layout: Layout,
}

// SAFETY: the bytes belong to this value alone.
unsafe impl Send for AlignedBytes {}

impl AlignedBytes {
    /// So many zero bytes, or `None` if the machine cannot count as many.
    pub(crate) fn zeroed(len: usize) -> Option<Self> {
        let layout = Layout::from_size_align(len.max(LINE), LINE).ok()?;
        // SAFETY: the layout has a size above 0.
        let start = unsafe { alloc_zeroed(layout) };
        if start.is_null() {
            handle_alloc_error(layout);
        }
        Some(Self { start, layout })
    }

    /// The first byte.
    pub(crate) fn start(&self) -> *mut u8 {
        self.start
    }

    /// Fills all bytes: 0xff makes every float a NaN, which tests use to find reads of memory that nobody
    /// wrote.
    pub(crate) fn fill(&mut self, byte: u8) {
        // SAFETY: the allocation has this size.
        unsafe { self.start.write_bytes(byte, self.layout.size()) };
    }
}

impl Drop for AlignedBytes {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.start, self.layout) };
    }
}
