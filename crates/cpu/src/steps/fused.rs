//! Runs a fused kernel.
#![allow(unsafe_code)] // Kernels take addresses, which the memory plan vouches for.

use hornblende_core::Result;

use super::{Memory, Place, Step};
use crate::Pool;
use crate::kernels::elementwise::{CompiledKernel, RowKernel};
use crate::program::Addresses;

/// A fused kernel with the places of its inputs and outputs.
pub(crate) struct FusedStep<K> {
    kernel: K,
    places: Vec<Place>,
    addresses: Addresses,
    threads: usize,
}

/// A kernel of any number of inputs and outputs.
pub(crate) trait FusedRun: Send {
    /// Bytes of workspace on so many threads.
    fn scratch_len(&self, threads: usize) -> usize;

    /// # Safety
    /// The buffers are valid for what the kernel reads and writes there, `scratch` for the bytes it asked for.
    unsafe fn run(&self, buffers: &[*mut u8], pool: &Pool, scratch: *mut u8);
}

impl FusedRun for CompiledKernel {
    fn scratch_len(&self, threads: usize) -> usize {
        CompiledKernel::scratch_len(self, threads)
    }

    unsafe fn run(&self, buffers: &[*mut u8], pool: &Pool, scratch: *mut u8) {
        // SAFETY: the caller's contract.
        unsafe { CompiledKernel::run(self, buffers, pool, scratch) };
    }
}

impl FusedRun for RowKernel {
    fn scratch_len(&self, threads: usize) -> usize {
        RowKernel::scratch_len(self, threads)
    }

    unsafe fn run(&self, buffers: &[*mut u8], pool: &Pool, scratch: *mut u8) {
        // SAFETY: the caller's contract.
        unsafe { RowKernel::run(self, buffers, pool, scratch) };
    }
}

impl<K: FusedRun> FusedStep<K> {
    /// A kernel whose inputs, then outputs, are at these places, for a pool of so many threads.
    pub(crate) fn new(kernel: K, places: Vec<Place>, threads: usize) -> Self {
        let addresses = Addresses::room(places.len());
        Self {
            kernel,
            places,
            addresses,
            threads,
        }
    }
}

impl<K: FusedRun> Step for FusedStep<K> {
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
