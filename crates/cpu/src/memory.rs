//! Memory of a program, aligned for vectors.
#![allow(unsafe_code)] // The allocator is asked for an alignment that `Vec` cannot promise.

use std::alloc::{Layout, alloc_zeroed, dealloc};

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
    /// So many zero bytes, or `None` if the machine does not have as many.
    pub(crate) fn zeroed(len: usize) -> Option<Self> {
        let layout = Layout::from_size_align(len.max(LINE), LINE).ok()?;
        // SAFETY: the layout has a size above 0.
        let start = unsafe { alloc_zeroed(layout) };
        // Made only when there is memory: a value without any would free it when it is dropped.
        if start.is_null() {
            None
        } else {
            Some(Self { start, layout })
        }
    }

    /// The first byte.
    pub(crate) fn start(&self) -> *mut u8 {
        self.start
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> usize {
        self.layout.size()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_not_there_is_refused_without_an_abort() {
        assert!(AlignedBytes::zeroed(usize::MAX).is_none());
        assert!(AlignedBytes::zeroed(isize::MAX as usize - 128).is_none());
        let bytes = AlignedBytes::zeroed(100);
        assert!(bytes.is_some_and(|b| (b.start() as usize).is_multiple_of(LINE)));
    }
}
