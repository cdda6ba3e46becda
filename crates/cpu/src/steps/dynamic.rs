//! Slices whose start is known only when the program runs.
#![allow(unsafe_code)] // Addresses come from the memory plan.

use hornblende_core::{DType, Result};

use super::element::Indices;
use super::{CopyStep, Memory, Place, Step};
use crate::Pool;

/// Where the part begins along one axis.
pub(crate) struct Start {
    /// The place and type of the number.
    pub(crate) place: Place,
    pub(crate) dtype: DType,
    /// The last start at which the part fits.
    pub(crate) last: usize,
    /// The distance of neighbours along the axis, in elements.
    pub(crate) stride: usize,
}

/// Copies a part of an array out of it, or a part into it.
pub(crate) struct DynamicStep {
    /// Where the part begins along each axis.
    pub(crate) starts: Vec<Start>,
    /// Bytes of an element.
    pub(crate) size: usize,
    /// Copies the array itself first, if the part goes into it.
    pub(crate) first: Option<CopyStep>,
    /// Copies the part; its source, or its target, is moved to where the part begins.
    pub(crate) copy: CopyStep,
    /// True if the part is the target.
    pub(crate) into: bool,
}

impl Step for DynamicStep {
    unsafe fn run(&mut self, memory: &Memory<'_>, pool: &Pool) -> Result<()> {
        let mut elements = 0;
        for start in &self.starts {
            let indices = Indices::new(memory.at(start.place), start.dtype);
            // SAFETY: a start is one index. Starts below 0 count as 0, those too large as the last that fits.
            let first = unsafe {
                let raw = if indices.wide {
                    indices.address.cast::<i64>().read()
                } else {
                    i64::from(indices.address.cast::<i32>().read())
                };
                raw.clamp(0, start.last as i64) as usize
            };
            elements += first * start.stride;
        }
        let bytes = (elements * self.size) as isize;
        let (source, target) = if self.into { (0, bytes) } else { (bytes, 0) };
        // SAFETY: the caller's contract; the part fits into the array where it was moved to.
        unsafe {
            if let Some(first) = &mut self.first {
                first.run(memory, pool)?;
            }
            self.copy.run_moved(memory, source, target);
        }
        Ok(())
    }
}
