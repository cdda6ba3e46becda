//! The gradient of a convolution by its input.
#![allow(unsafe_code)] // Operands are pointers, whose extents the caller vouches for.

use super::correlation::{Correlation, Lattice, Phase, Taps};
use super::shape::ConvolutionShape;
use crate::kernels::matmul::{Epilogue, Float};
use crate::{CpuLevel, Pool};
use std::ops::Range;

/// The planned gradient by the input: from that of the output, and the kernel.
///
/// ```text
/// d_input[i, c] = sum over t, f of d_output[o, f] * kernel[t, c, f]  where  o * stride = i + padding_low - t * dilation
/// ```
///
/// This is also the transposed convolution. Planning allocates, running does not.
#[derive(Clone, Debug)]
pub struct InputGradient {
    correlation: Correlation,
}

impl InputGradient {
    /// Plans the gradient of a convolution of this shape.
    pub fn new(shape: &ConvolutionShape) -> Self {
        let input = Lattice {
            extents: shape.output(),
            channels: shape.out_channels,
        };
        let output = Lattice {
            extents: shape.input,
            channels: shape.in_channels,
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

    /// Computes the gradient; `on_tile(rows, columns)` sees it while it is in cache. Rows are input positions.
    ///
    /// # Safety
    /// The tensors are valid for the extents of the shape, `workspace` for [`Self::workspace_len`] elements. Nobody else
    /// touches the input's gradient or the workspace meanwhile.
    pub unsafe fn run<T: Float>(
        &self,
        pool: &Pool,
        output_gradient: *const T,
        kernel: *const T,
        input_gradient: *mut T,
        workspace: *mut T,
        on_tile: Option<&(dyn Fn(Range<usize>, Range<usize>) + Sync)>,
    ) {
        let operands = (output_gradient, kernel, input_gradient);
        // SAFETY: the caller's contract.
        unsafe { self.run_on(CpuLevel::current(), pool, operands, workspace, on_tile) };
    }

    /// # Safety
    /// As for [`Self::run`]; the machine has the level.
    pub(super) unsafe fn run_on<T: Float>(
        &self,
        level: CpuLevel,
        pool: &Pool,
        operands: (*const T, *const T, *mut T),
        workspace: *mut T,
        on_tile: Option<&(dyn Fn(Range<usize>, Range<usize>) + Sync)>,
    ) {
        let epilogue = Epilogue {
            on_tile,
            ..Epilogue::NONE
        };
        // SAFETY: the caller's contract.
        unsafe {
            self.correlation
                .run(level, pool, operands, workspace, &epilogue)
        };
    }
}

fn taps(shape: &ConvolutionShape) -> Taps {
    let [depths, heights, widths] = shape.strides;
    let phases: Vec<Phase> = (0..depths * heights * widths)
        .map(|phase| {
            phase_at(
                shape,
                [
                    phase / widths / heights,
                    phase / widths % heights,
                    phase % widths,
                ],
            )
        })
        .collect();
    let all = || phases.iter().flat_map(|phase| &phase.taps);
    let low = std::array::from_fn(|at| all().map(|tap| tap[at]).min().unwrap_or(0));
    let high = std::array::from_fn(|at| all().map(|tap| tap[at]).max().unwrap_or(0));
    Taps {
        run_length: shape.group_outputs(),
        low,
        high,
        in_step: [1; 3],
        out_step: shape.strides,
        kernel_strides: [
            1,
            shape.out_channels as isize,
            shape.group_outputs() as isize,
        ],
        continuous: false,
        phases,
    }
}

/// The taps through which inputs at this remainder by the strides were seen.
fn phase_at(shape: &ConvolutionShape, offset: [usize; 3]) -> Phase {
    let mut phase = Phase {
        offset,
        taps: Vec::new(),
        kernel_runs: Vec::new(),
    };
    for (index, tap) in shape.taps().enumerate() {
        let distance: [isize; 3] = std::array::from_fn(|at| {
            offset[at] as isize + shape.padding[at].0 - (tap[at] * shape.dilation[at]) as isize
        });
        let strides = shape.strides.map(|stride| stride as isize);
        if (0..3).all(|at| distance[at].rem_euclid(strides[at]) == 0) {
            phase.taps.push(std::array::from_fn(|at| {
                distance[at].div_euclid(strides[at])
            }));
            let rows = index * shape.group_inputs();
            phase.kernel_runs.push((rows * shape.out_channels) as isize);
        }
    }
    phase
}
