//! The output of a convolution.
#![allow(unsafe_code)] // Operands are pointers, whose extents the caller vouches for.

use super::correlation::{Correlation, Lattice, Phase, Taps};
use super::shape::ConvolutionShape;
use crate::kernels::matmul::{Epilogue, Float};
use crate::{CpuLevel, Pool};

/// A planned convolution: `output = input * kernel`, with bias, relu and more on the output while it is in cache.
///
/// Planning allocates, running does not. Rows of the epilogue are output positions, columns are channels.
#[derive(Clone, Debug)]
pub struct ForwardConvolution {
    correlation: Correlation,
}

impl ForwardConvolution {
    /// Plans a convolution.
    pub fn new(shape: &ConvolutionShape) -> Self {
        let input = Lattice {
            extents: shape.input,
            channels: shape.in_channels,
        };
        let output = Lattice {
            extents: shape.output(),
            channels: shape.out_channels,
        };
        let correlation = Correlation::new(shape.batch, input, output, shape.groups, taps(shape));
        Self { correlation }
    }

    /// How many elements of workspace `run` needs on a pool of so many threads.
    pub fn workspace_len<T: Float>(&self, threads: usize) -> usize {
        self.workspace_len_on::<T>(CpuLevel::current(), threads)
    }

    pub(super) fn workspace_len_on<T: Float>(&self, level: CpuLevel, threads: usize) -> usize {
        self.correlation.workspace::<T>(level) * threads.min(self.correlation.tasks())
    }

    /// Computes the output.
    ///
    /// # Safety
    /// The tensors are valid for the extents of the shape; `epilogue.bias`, where there is one, for `out_channels` elements;
    /// `workspace` for [`Self::workspace_len`] elements. Nobody else touches output or workspace meanwhile.
    pub unsafe fn run<T: Float>(
        &self,
        pool: &Pool,
        input: *const T,
        kernel: *const T,
        output: *mut T,
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    ) {
        let operands = (input, kernel, output);
        // SAFETY: the caller's contract.
        unsafe { self.run_on(CpuLevel::current(), pool, operands, workspace, epilogue) };
    }

    /// # Safety
    /// As for [`Self::run`]; the machine has the level.
    pub(super) unsafe fn run_on<T: Float>(
        &self,
        level: CpuLevel,
        pool: &Pool,
        operands: (*const T, *const T, *mut T),
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    ) {
        // SAFETY: the caller's contract.
        unsafe {
            self.correlation
                .run(level, pool, operands, workspace, epilogue)
        };
    }
}

fn taps(shape: &ConvolutionShape) -> Taps {
    let (inputs, outputs) = (shape.group_inputs(), shape.out_channels);
    let dilation = shape.dilation.map(|dilation| dilation as isize);
    let low: [isize; 3] = std::array::from_fn(|at| -shape.padding[at].0);
    let reach = |at: usize| (shape.kernel[at] as isize - 1).max(0) * dilation[at];
    let high = std::array::from_fn(|at| low[at] + reach(at));
    // Taps that are neighbours in width, all of whose channels are used, are one run.
    let joined = if shape.groups == 1 && shape.dilation[2] == 1 {
        shape.kernel[2].max(1)
    } else {
        1
    };
    let taps: Vec<[isize; 3]> = shape
        .taps()
        .step_by(joined)
        .map(|tap| std::array::from_fn(|at| low[at] + tap[at] as isize * dilation[at]))
        .collect();
    let run_length = joined * inputs;
    let kernel_runs = (0..taps.len())
        .map(|run| (run * run_length * outputs) as isize)
        .collect();
    Taps {
        phases: vec![Phase {
            offset: [0; 3],
            taps,
            kernel_runs,
        }],
        run_length,
        low,
        high,
        in_step: shape.strides,
        out_step: [1; 3],
        kernel_strides: [outputs as isize, 1, shape.group_outputs() as isize],
        continuous: true,
    }
}
