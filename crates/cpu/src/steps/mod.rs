//! The steps of a program: each runs one kernel on memory that was laid out in advance.

mod along_axis;
mod contraction;
mod copy;
mod dynamic;
pub(crate) mod element;
mod fused;
mod indexing;
mod interpreted;
mod loops;
mod pad;
mod random;
mod window;

pub(crate) use along_axis::{Along, AlongAxisStep};
pub(crate) use contraction::{ContractionStep, Kernel};
pub(crate) use copy::CopyStep;
pub(crate) use dynamic::{DynamicStep, Start};
pub(crate) use fused::FusedStep;
pub(crate) use indexing::{GatherShape, GatherStep, ScatterAddStep};
pub(crate) use interpreted::InterpretedStep;
pub(crate) use loops::{Carried, ScanStep, WhileStep};
pub(crate) use pad::PadStep;
pub(crate) use random::RandomBitsStep;
pub(crate) use window::{WindowStep, WindowWork};

use hornblende_core::Result;
use hornblende_core::engine::Report;

use crate::Pool;

/// The memory of a run.
pub(crate) struct Memory<'a> {
    /// The first byte of each value.
    pub(crate) values: &'a [*mut u8],
    /// Room for the step's own use, as much as the largest step asked for.
    pub(crate) workspace: *mut u8,
}

/// A place in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number of the value.
    pub(crate) value: usize,
    /// Bytes from its start.
    pub(crate) bytes: isize,
}

impl Memory<'_> {
    /// The address of a place.
    pub(crate) fn at(&self, place: Place) -> *mut u8 {
        self.values[place.value].wrapping_offset(place.bytes)
    }
}

/// One step of a program.
pub(crate) trait Step: Send {
    /// How many bytes of workspace the step needs.
    fn workspace(&self) -> usize {
        0
    }

    /// Adds what the step is.
    fn report(&self, report: &mut Report) {
        report.steps += 1;
    }

    /// Runs the step.
    ///
    /// # Safety
    /// The values have the sizes that the step was made for, and nobody else uses what it writes.
    #[allow(unsafe_code)] // The contract of every kernel: it trusts the plan's addresses.
    unsafe fn run(&mut self, memory: &Memory<'_>, pool: &Pool) -> Result<()>;
}
