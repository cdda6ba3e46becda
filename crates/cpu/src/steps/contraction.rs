//! Runs a matrix product with its bias and relu.
#![allow(unsafe_code)] // Kernels take addresses, which the memory plan vouches for.

use hornblende_core::Result;

use super::{Memory, Place, Step};
use crate::Pool;
use crate::kernels::convolution::{FilterGradient, ForwardConvolution, InputGradient};
use crate::kernels::matmul::{Epilogue, Float, Matmul};

/// A kernel of two operands, a result and an epilogue.
pub(crate) trait Kernel<T>: Send {
    /// Elements of workspace for so many threads.
    fn workspace_len(&self, threads: usize) -> usize;

    /// # Safety
    /// The addresses are valid for the kernel's operands, result and workspace.
    unsafe fn run(
        &self,
        pool: &Pool,
        operands: [*const T; 2],
        result: *mut T,
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    );
}

impl<T: Float> Kernel<T> for Matmul {
    fn workspace_len(&self, threads: usize) -> usize {
        Matmul::workspace_len::<T>(self, threads)
    }

    unsafe fn run(
        &self,
        pool: &Pool,
        [a, b]: [*const T; 2],
        c: *mut T,
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    ) {
        // SAFETY: the caller's contract.
        unsafe { Matmul::run(self, pool, a, b, c, workspace, epilogue) };
    }
}

impl<T: Float> Kernel<T> for ForwardConvolution {
    fn workspace_len(&self, threads: usize) -> usize {
        ForwardConvolution::workspace_len::<T>(self, threads)
    }

    unsafe fn run(
        &self,
        pool: &Pool,
        [input, kernel]: [*const T; 2],
        output: *mut T,
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    ) {
        // SAFETY: the caller's contract.
        unsafe { ForwardConvolution::run(self, pool, input, kernel, output, workspace, epilogue) };
    }
}

/// The gradients of a convolution have no epilogue: nothing is asked of them but the result.
impl<T: Float> Kernel<T> for InputGradient {
    fn workspace_len(&self, threads: usize) -> usize {
        InputGradient::workspace_len::<T>(self, threads)
    }

    unsafe fn run(
        &self,
        pool: &Pool,
        [gradient, kernel]: [*const T; 2],
        result: *mut T,
        workspace: *mut T,
        _epilogue: &Epilogue<'_, T>,
    ) {
        // SAFETY: the caller's contract.
        unsafe { InputGradient::run(self, pool, gradient, kernel, result, workspace, None) };
    }
}

impl<T: Float> Kernel<T> for FilterGradient {
    fn workspace_len(&self, threads: usize) -> usize {
        FilterGradient::workspace_len::<T>(self, threads)
    }

    unsafe fn run(
        &self,
        pool: &Pool,
        [input, gradient]: [*const T; 2],
        result: *mut T,
        workspace: *mut T,
        _epilogue: &Epilogue<'_, T>,
    ) {
        // SAFETY: the caller's contract.
        unsafe { FilterGradient::run(self, pool, input, gradient, result, workspace) };
    }
}

/// A product or convolution with the places of its operands, result and bias.
pub(crate) struct ContractionStep<T> {
    pub(crate) kernel: Box<dyn Kernel<T>>,
    pub(crate) operands: [Place; 2],
    pub(crate) result: Place,
    pub(crate) bias: Option<Place>,
    pub(crate) relu: bool,
    pub(crate) threads: usize,
}

impl<T: Float> Step for ContractionStep<T> {
    fn workspace(&self) -> usize {
        self.kernel.workspace_len(self.threads) * size_of::<T>()
    }

    unsafe fn run(&mut self, memory: &Memory<'_>, pool: &Pool) -> Result<()> {
        let operands = self
            .operands
            .map(|place| memory.at(place).cast::<T>().cast_const());
        let epilogue = Epilogue {
            bias: self
                .bias
                .map(|place| memory.at(place).cast::<T>().cast_const()),
            relu: self.relu,
            on_tile: None,
        };
        let result = memory.at(self.result).cast();
        // SAFETY: the caller's contract; the workspace is as long as `workspace` asked for.
        unsafe {
            self.kernel
                .run(pool, operands, result, memory.workspace.cast(), &epilogue)
        };
        Ok(())
    }
}
