//! Padding: a value all over, then the operand's elements where they belong.
#![allow(unsafe_code)] // Addresses come from the memory plan.

use hornblende_core::Result;

use super::{CopyStep, Memory, Place, Step};
use crate::Pool;

/// `Op::Pad`: fills the result with one element, then copies.
pub(crate) struct PadStep {
    /// The element to fill with.
    pub(crate) with: Place,
    pub(crate) result: Place,
    pub(crate) len: usize,
    /// Bytes of an element.
    pub(crate) size: usize,
    pub(crate) copy: CopyStep,
}

impl Step for PadStep {
    unsafe fn run(&mut self, memory: &Memory<'_>, pool: &Pool) -> Result<()> {
        let (with, to) = (memory.at(self.with), memory.at(self.result));
        // SAFETY: the caller's contract: one element there, `len` of them here.
        unsafe {
            match self.size {
                1 => std::slice::from_raw_parts_mut(to, self.len).fill(with.read()),
                4 => fill::<u32>(with, to, self.len),
                _ => fill::<u64>(with, to, self.len),
            }
            self.copy.run(memory, pool)
        }
    }
}

/// # Safety
/// `with` holds an element, `to` is valid for `len` of them; both are aligned.
unsafe fn fill<T: Copy>(with: *const u8, to: *mut u8, len: usize) {
    // SAFETY: the caller's contract.
    unsafe { std::slice::from_raw_parts_mut(to.cast::<T>(), len).fill(with.cast::<T>().read()) };
}
