//! Runs a fused kernel.
#![allow(unsafe_code)] // Kernels take addresses, which the memory plan vouches for.

use hornblende_core::Result;

use super::{Memory, Place, Step};
use crate::Pool;
use crate::kernels::elementwise::CompiledKernel;
use crate::program::Addresses;

/// A fused kernel with the places of its inputs and outputs.
pub(crate) struct FusedStep {
    kernel: CompiledKernel,
    places: Vec<Place>,
    addresses: Addresses,
    threads: usize,
}

impl FusedStep {
    /// A kernel whose inputs, then outputs, are at these places, for a pool of so many threads.
    pub(crate) fn new(kernel: CompiledKernel, places: Vec<Place>, threads: usize) -> Self {
        let addresses = Addresses::room(places.len());
        Self {
            kernel,
            places,
            addresses,
            threads,
        }
    }
}

impl Step for FusedStep {
    fn workspace(&self) -> usize {
        self.kernel.scratch_len(self.threads)
    }

    unsafe fn run(&mut self, memory: &Memory<'_>, pool: &Pool) -> Result<()> {
        for (address, place) in self.addresses.0.iter_mut().zip(&self.places) {
            *address = memory.at(*place);
        }
        // SAFETY: the caller's contract; the workspace is as long as `workspace` asked for.
        unsafe { self.kernel.run(&self.addresses.0, pool, memory.workspace) };
        Ok(())
    }
}
