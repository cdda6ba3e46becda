//! Copies elements between strided arrays.
#![allow(unsafe_code)] // Addresses come from the memory plan.

use hornblende_core::Result;

use super::{Memory, Place, Step};
use crate::Pool;

/// A strided copy. Steps and sizes count bytes along each axis, the innermost last.
pub(crate) struct CopyStep {
    extents: Vec<usize>,
    from: (Place, Vec<isize>),
    to: (Place, Vec<isize>),
    /// Bytes that lie side by side on both sides: at least an element.
    run: usize,
    index: Vec<usize>,
}

impl CopyStep {
    /// Copies elements of `size` bytes over `dims`; strides count elements.
    pub(crate) fn new(
        dims: &[usize],
        size: usize,
        from: (Place, &[isize]),
        to: (Place, &[isize]),
    ) -> Self {
        let in_bytes = |strides: &[isize]| -> Vec<isize> {
            strides.iter().map(|s| s * size as isize).collect()
        };
        let (mut extents, mut source, mut target) =
            (dims.to_vec(), in_bytes(from.1), in_bytes(to.1));
        let mut run = size;
        // Axes along which both sides go on where they were become part of the run.
        while let Some(last) = extents.len().checked_sub(1) {
            let side_by_side = source[last] == run as isize && target[last] == run as isize;
            if !side_by_side && extents[last] != 1 {
                break;
            }
            run *= extents[last];
            extents.truncate(last);
            source.truncate(last);
            target.truncate(last);
        }
        let index = vec![0; extents.len()];
        Self {
            extents,
            from: (from.0, source),
            to: (to.0, target),
            run,
            index,
        }
    }

    /// # Safety
    /// Both addresses are valid for all places that the strides reach, and do not overlap.
    unsafe fn copy(&mut self, from: *const u8, to: *mut u8) {
        if self.run == 0 || self.extents.contains(&0) {
            return;
        }
        let Some(inner) = self.extents.len().checked_sub(1) else {
            // SAFETY: the caller's contract.
            unsafe { std::ptr::copy_nonoverlapping(from, to, self.run) };
            return;
        };
        let (outer, count) = (inner, self.extents[inner]);
        let (source_step, target_step) = (self.from.1[inner], self.to.1[inner]);
        self.index.fill(0);
        loop {
            let offset = |strides: &[isize]| -> isize {
                self.index[..outer]
                    .iter()
                    .zip(strides)
                    .map(|(i, s)| *i as isize * s)
                    .sum()
            };
            let source = from.wrapping_offset(offset(&self.from.1));
            let target = to.wrapping_offset(offset(&self.to.1));
            // SAFETY: the caller's contract.
            unsafe { copy_row(source, target, source_step, target_step, count, self.run) };
            let mut axis = outer;
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                self.index[axis] += 1;
                if self.index[axis] < self.extents[axis] {
                    break;
                }
                self.index[axis] = 0;
            }
        }
    }
}

/// # Safety
/// Both addresses are valid for `count` runs of `run` bytes at these steps.
unsafe fn copy_row(
    from: *const u8,
    to: *mut u8,
    source_step: isize,
    target_step: isize,
    count: usize,
    run: usize,
) {
    /// # Safety
    /// As [`copy_row`], with runs of one `T`, which may be unaligned.
    unsafe fn elements<T: Copy>(from: *const u8, to: *mut u8, a: isize, b: isize, count: usize) {
        for k in 0..count as isize {
            // SAFETY: the caller's contract.
            unsafe {
                let element = from.wrapping_offset(k * a).cast::<T>().read_unaligned();
                to.wrapping_offset(k * b)
                    .cast::<T>()
                    .write_unaligned(element);
            }
        }
    }
    // SAFETY: the caller's contract.
    unsafe {
        match run {
            1 => elements::<u8>(from, to, source_step, target_step, count),
            4 => elements::<u32>(from, to, source_step, target_step, count),
            8 => elements::<u64>(from, to, source_step, target_step, count),
            _ => {
                for k in 0..count as isize {
                    let source = from.wrapping_offset(k * source_step);
                    let target = to.wrapping_offset(k * target_step);
                    std::ptr::copy_nonoverlapping(source, target, run);
                }
            }
        }
    }
}

impl CopyStep {
    /// Runs with both sides moved by so many bytes.
    ///
    /// # Safety
    /// As for [`Step::run`], for the moved places.
    pub(crate) unsafe fn run_moved(&mut self, memory: &Memory<'_>, source: isize, target: isize) {
        let from = memory.at(self.from.0).wrapping_offset(source);
        let to = memory.at(self.to.0).wrapping_offset(target);
        // SAFETY: the caller's contract.
        unsafe { self.copy(from, to) };
    }
}

impl Step for CopyStep {
    unsafe fn run(&mut self, memory: &Memory<'_>, _pool: &Pool) -> Result<()> {
        // SAFETY: the caller's contract.
        unsafe { self.run_moved(memory, 0, 0) };
        Ok(())
    }
}
