//! The gradient of a convolution by its kernel.
//!
//! A matrix product again: rows are taps by input channels, columns are output channels, and what is summed over are all
//! output positions of all images. That dimension is long, so the images are cut into pieces; the sums of the pieces are
//! added in order, which makes the bits a matter of the extents alone.
#![allow(unsafe_code)] // Operands are pointers, whose extents the caller vouches for.

use super::cut::{Cut, Part, nth_part};
use super::depthwise::DepthwiseGradient;
use super::shape::ConvolutionShape;
use super::window::Windows;
use crate::cpu_level::Loop;
use crate::kernels::matmul::Float;
use crate::kernels::matmul::block::{Block, Blocking, LeftCopy, Right, RowPointers, Summed};
use crate::kernels::matmul::tile::MAX_ROWS;
use crate::kernels::shared::Shared;
use crate::{CpuLevel, Pool};
use std::ops::Range;

/// The planned gradient by the kernel: from the input and the gradient of the output.
///
/// ```text
/// d_kernel[t, c, f] = sum over o of input[o * stride + t * dilation - padding_low, c] * d_output[o, f]
/// ```
///
/// Planning allocates, running does not.
#[derive(Clone, Debug)]
pub struct FilterGradient {
    shape: ConvolutionShape,
    cut: Cut,
    windows: Windows,
    /// Where each tap lies in a window.
    taps: Vec<isize>,
    /// Where each line of a part begins in the window, and in the gradient of the output.
    input_lines: Vec<isize>,
    output_lines: Vec<isize>,
    pieces: usize,
    row_parts: usize,
}

/// Sums of pieces take at most this many elements of workspace.
const MOST_PARTIALS: usize = 1 << 19;

/// The elements of the kernel whose sums of pieces are added by one task.
const SUM_TASK: usize = 1 << 13;

impl FilterGradient {
    /// Plans the gradient of a convolution of this shape.
    pub fn new(shape: &ConvolutionShape) -> Self {
        let [planes, lines, positions] = shape.output();
        let taps = shape.kernel.iter().product::<usize>();
        let kernel = taps * shape.group_inputs() * shape.out_channels;
        let elements = shape.input.iter().product::<usize>() * shape.in_channels;
        let cut = Cut::new(
            shape.batch,
            planes,
            (lines, positions),
            (positions * kernel).max(1),
            elements,
        );
        let low: [isize; 3] = std::array::from_fn(|at| -shape.padding[at].0);
        let reach =
            |at: usize| ((shape.kernel[at] as isize - 1) * shape.dilation[at] as isize).max(0);
        let high = std::array::from_fn(|at| low[at] + reach(at));
        let input = (shape.input, shape.in_channels);
        let windows = Windows::new(
            input,
            [planes, lines, positions],
            (shape.strides, [1; 3]),
            (low, high),
            &cut,
        );
        let [image, plane, line, _] = windows.strides;
        let steps = shape.strides.map(|stride| stride as isize);
        let most = cut.largest();
        let indices = (0..most.iter().product::<usize>()).map(|at| {
            [at / most[2] / most[1], at / most[2] % most[1], at % most[2]].map(|at| at as isize)
        });
        let tap_offset = |tap: [usize; 3]| {
            (0..3)
                .map(|at| (tap[at] * shape.dilation[at]) as isize * windows.strides[at + 1])
                .sum()
        };
        let pieces = (MOST_PARTIALS / kernel.max(1))
            .min(16)
            .clamp(1, cut.parts().max(1));
        let rows = taps * shape.group_inputs();
        Self {
            shape: *shape,
            cut,
            taps: shape.taps().map(tap_offset).collect(),
            input_lines: indices
                .map(|[n, d, h]| n * image + d * steps[0] * plane + h * steps[1] * line)
                .collect(),
            output_lines: (0..most.iter().product())
                .map(|line: usize| (line * positions * shape.out_channels) as isize)
                .collect(),
            windows,
            pieces,
            row_parts: if shape.is_depthwise() {
                1
            } else {
                (16 / pieces).min(rows / 56).max(1)
            },
        }
    }

    /// How many elements of workspace `run` needs on a pool of so many threads.
    pub fn workspace_len<T: Float>(&self, threads: usize) -> usize {
        self.workspace_len_on::<T>(CpuLevel::current(), threads)
    }

    pub(super) fn workspace_len_on<T: Float>(&self, level: CpuLevel, threads: usize) -> usize {
        self.partials() + self.workspace_each::<T>(level) * threads.min(self.tasks())
    }

    /// Computes the gradient.
    ///
    /// # Safety
    /// The tensors are valid for the extents of the shape, `workspace` for [`Self::workspace_len`] elements. Nobody else
    /// touches the kernel's gradient or the workspace meanwhile.
    pub unsafe fn run<T: Float>(
        &self,
        pool: &Pool,
        input: *const T,
        output_gradient: *const T,
        kernel_gradient: *mut T,
        workspace: *mut T,
    ) {
        let operands = (input, output_gradient, kernel_gradient);
        // SAFETY: the caller's contract.
        unsafe { self.run_on(CpuLevel::current(), pool, operands, workspace) };
    }

    /// # Safety
    /// As for [`Self::run`]; the machine has the level.
    pub(super) unsafe fn run_on<T: Float>(
        &self,
        level: CpuLevel,
        pool: &Pool,
        (input, output_gradient, kernel_gradient): (*const T, *const T, *mut T),
        workspace: *mut T,
    ) {
        let size = self.kernel_elements();
        let sums = if self.pieces == 1 {
            kernel_gradient
        } else {
            workspace
        };
        let each = self.workspace_each::<T>(level);
        let scratch = workspace.wrapping_add(self.partials());
        // SAFETY: each task writes rows of its own of a piece's sums, and the workspace of its worker.
        let operands =
            unsafe { Shared::new((input, output_gradient, sums, scratch, kernel_gradient)) };
        pool.run(self.tasks(), &|task, worker| {
            let &(input, gradient, sums, scratch, _) = operands.get();
            let piece = task / self.row_parts;
            let rows = nth_part(self.rows(), self.row_parts, task % self.row_parts);
            let sums = sums.wrapping_add(piece * size);
            let scratch = scratch.wrapping_add(worker * each);
            // SAFETY: the caller's contract.
            unsafe { self.sum_piece(level, piece, rows, (input, gradient, sums), scratch) };
        });
        if self.pieces > 1 {
            pool.run(size.div_ceil(SUM_TASK), &|task, _| {
                let &(_, _, sums, _, kernel_gradient) = operands.get();
                let range = task * SUM_TASK..size.min((task + 1) * SUM_TASK);
                level.run(SumPieces {
                    sums,
                    pieces: self.pieces,
                    size,
                    range,
                    to: kernel_gradient,
                });
            });
        }
    }

    fn rows(&self) -> usize {
        self.taps.len() * self.shape.group_inputs()
    }

    fn kernel_elements(&self) -> usize {
        self.rows() * self.shape.out_channels
    }

    fn tasks(&self) -> usize {
        self.pieces * self.row_parts
    }

    /// Elements of workspace for the sums of the pieces.
    fn partials(&self) -> usize {
        if self.pieces == 1 {
            0
        } else {
            self.pieces * self.kernel_elements()
        }
    }

    fn in_place<T: Float>(&self, level: CpuLevel) -> bool {
        let tiles = T::tiles(level);
        let columns = self.shape.group_outputs();
        let whole = tiles.cheap_masks || columns.is_multiple_of(tiles.max_columns());
        whole && columns <= 128 && self.shape.out_channels <= 256
    }

    fn workspace_each<T: Float>(&self, level: CpuLevel) -> usize {
        let tiles = T::tiles(level);
        let blocking = Blocking::new(tiles, self.shape.group_outputs());
        self.windows.workspace() + blocking.workspace(tiles, false, !self.in_place::<T>(level))
    }

    /// # Safety
    /// As for [`Self::run`], for the rows of the piece.
    unsafe fn sum_piece<T: Float>(
        &self,
        level: CpuLevel,
        piece: usize,
        rows: Range<usize>,
        (input, gradient, sums): (*const T, *const T, *mut T),
        scratch: *mut T,
    ) {
        let parts = nth_part(self.cut.parts(), self.pieces, piece);
        let outputs = self.shape.out_channels;
        if parts.is_empty() {
            // SAFETY: the rows are this task's own.
            unsafe {
                let sums = sums.wrapping_add(rows.start * outputs);
                std::slice::from_raw_parts_mut(sums, rows.len() * outputs).fill(T::ZERO);
            }
            return;
        }
        for index in parts.clone() {
            let part = self.cut.part(index);
            let accumulate = index > parts.start;
            // SAFETY: the caller's contract.
            unsafe {
                let window = self.windows.open(input, &part, scratch);
                let gradient = gradient.wrapping_add(self.first_position(&part) * outputs);
                if self.shape.is_depthwise() {
                    level.run(self.depthwise(&part, (window, gradient, sums), accumulate));
                    continue;
                }
                let scratch = scratch.wrapping_add(self.windows.workspace());
                for group in 0..self.shape.groups {
                    let operands = (window, gradient, sums);
                    self.sum_part(
                        level,
                        &part,
                        group,
                        rows.clone(),
                        operands,
                        accumulate,
                        scratch,
                    );
                }
            }
        }
    }

    fn depthwise<'a, T: Float>(
        &'a self,
        part: &Part,
        (window, gradient, sums): (*const T, *const T, *mut T),
        accumulate: bool,
    ) -> DepthwiseGradient<'a, T> {
        DepthwiseGradient {
            taps: &self.taps,
            channels: self.shape.out_channels,
            lines: &self.input_lines[..self.lines(part)],
            positions: self.shape.output()[2],
            stride: self.windows.strides[3] * self.shape.strides[2] as isize,
            window,
            gradient,
            sums,
            accumulate,
        }
    }

    /// # Safety
    /// As for [`Self::run`], for the rows of a group.
    unsafe fn sum_part<T: Float>(
        &self,
        level: CpuLevel,
        part: &Part,
        group: usize,
        rows: Range<usize>,
        (window, gradient, sums): (*const T, *const T, *mut T),
        accumulate: bool,
        scratch: *mut T,
    ) {
        let tiles = T::tiles(level);
        let shape = &self.shape;
        let columns = shape.group_outputs();
        let lines = self.lines(part);
        let pointers = KernelRows {
            taps: &self.taps,
            inputs: shape.group_inputs(),
            window: window.wrapping_add(group * shape.group_inputs()),
            sums: sums.wrapping_add(group * columns),
            outputs: shape.out_channels,
        };
        let block = Block {
            level,
            tiles,
            blocking: Blocking::new(tiles, columns),
            pointers: &pointers,
            rows,
            columns: 0..columns,
            summed: Summed {
                a_runs: &self.input_lines[..lines],
                b_runs: &self.output_lines[..lines],
                run_length: shape.output()[2],
                a_stride: self.windows.strides[3] * shape.strides[2] as isize,
            },
            right: Right {
                b: gradient.wrapping_add(group * columns),
                row_stride: shape.out_channels as isize,
                column_stride: 1,
                in_place: self.in_place::<T>(level),
            },
            left_copy: LeftCopy::InPlace,
            accumulate,
            bias: std::ptr::null(),
            relu: false,
            on_tile: None,
            workspace: scratch,
        };
        // SAFETY: the caller's contract.
        unsafe { block.compute() };
    }

    fn lines(&self, part: &Part) -> usize {
        part.images.len() * part.planes.len() * part.lines.len()
    }

    fn first_position(&self, part: &Part) -> usize {
        let [planes, lines, positions] = self.shape.output();
        ((part.images.start * planes + part.planes.start) * lines + part.lines.start) * positions
    }
}

/// Rows are taps by channels: each is a number of a window, and the sums of a row of the kernel.
struct KernelRows<'a, T> {
    taps: &'a [isize],
    inputs: usize,
    window: *const T,
    sums: *mut T,
    outputs: usize,
}

impl<T> RowPointers<T> for KernelRows<'_, T> {
    fn fill(
        &self,
        first: usize,
        count: usize,
        a: &mut [*const T; MAX_ROWS],
        c: &mut [*mut T; MAX_ROWS],
    ) {
        let (mut tap, mut channel) = (first / self.inputs, first % self.inputs);
        for row in 0..count {
            a[row] = self
                .window
                .wrapping_offset(self.taps[tap])
                .wrapping_add(channel);
            c[row] = self.sums.wrapping_add((first + row) * self.outputs);
            channel += 1;
            if channel == self.inputs {
                (tap, channel) = (tap + 1, 0);
            }
        }
    }
}

/// Adds the pieces' sums of some elements, in order.
struct SumPieces<T> {
    sums: *const T,
    pieces: usize,
    size: usize,
    range: Range<usize>,
    to: *mut T,
}

impl<T: Float> Loop for SumPieces<T> {
    #[inline(always)]
    fn run(self) {
        let length = self.range.len();
        // SAFETY: every piece has `size` sums, and the elements of the range are this task's own.
        unsafe {
            let to = std::slice::from_raw_parts_mut(self.to.add(self.range.start), length);
            let piece = |piece: usize| {
                let from = self.sums.add(piece * self.size + self.range.start);
                std::slice::from_raw_parts(from, length)
            };
            to.copy_from_slice(piece(0));
            for index in 1..self.pieces {
                for (to, from) in to.iter_mut().zip(piece(index)) {
                    *to = *to + *from;
                }
            }
        }
    }
}
