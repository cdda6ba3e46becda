//! What the forward pass and the gradient of the input have in common.
//!
//! Both slide taps over an image stack. Forward, output `i` looks at `i * stride + t * dilation - low`. The gradient of the
//! input looks the other way: input `i` met output `o` through tap `t` where `o * stride = i + low - t * dilation`, which
//! for a given remainder of `i` by the stride leaves some of the taps, at fixed distances from `i / stride`. So each is a
//! list of [`Phase`]s, one forward and one for each remainder backward, and each phase is a matrix product: rows are
//! output positions, the summed dimension is taps by channels, columns are output channels. The rows of the left matrix
//! are never brought together; tiles read them from the (padded) image, tap by tap.
#![allow(unsafe_code)] // Pointers into operands whose extents the caller vouches for.

use super::cut::{Cut, Part};
use super::depthwise::Depthwise;
use super::window::Windows;
use crate::kernels::matmul::block::{Block, Blocking, LeftCopy, Right, RowPointers, Summed};
use crate::kernels::matmul::tile::MAX_ROWS;
use crate::kernels::matmul::{Epilogue, Float};
use crate::kernels::shared::Shared;
use crate::{CpuLevel, Pool};
use std::ops::Range;

/// The outputs at one remainder by `out_step`, and the taps that they look through.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    /// The remainder in each dimension.
    pub(super) offset: [usize; 3],
    /// Where each run of taps begins, in coordinates of the input relative to the step's own.
    pub(super) taps: Vec<[isize; 3]>,
    /// Where the kernel's rows for each run begin.
    pub(super) kernel_runs: Vec<isize>,
}

/// The taps of all phases, and how the kernel lies in memory.
#[derive(Clone, Debug)]
pub(super) struct Taps {
    pub(super) phases: Vec<Phase>,
    /// Elements of a run: channels of a group, or channels of several neighbouring taps.
    pub(super) run_length: usize,
    /// The least and the greatest coordinate that a step looks at, relative to its own.
    pub(super) low: [isize; 3],
    pub(super) high: [isize; 3],
    pub(super) in_step: [usize; 3],
    pub(super) out_step: [usize; 3],
    /// The distance of the kernel's rows, columns and groups.
    pub(super) kernel_strides: [isize; 3],
    /// Whether the kernel's rows for all runs follow one another.
    pub(super) continuous: bool,
}

/// An image stack: spatial extents and channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lattice {
    pub(super) extents: [usize; 3],
    pub(super) channels: usize,
}

/// A planned correlation; see the module.
#[derive(Clone, Debug)]
pub(super) struct Correlation {
    input: Lattice,
    output: Lattice,
    groups: usize,
    taps: Taps,
    /// `taps` as distances in the (padded) input.
    input_runs: Vec<Vec<isize>>,
    cut: Cut,
    windows: Windows,
    depthwise: bool,
}

impl Correlation {
    pub(super) fn new(
        images: usize,
        input: Lattice,
        output: Lattice,
        groups: usize,
        taps: Taps,
    ) -> Self {
        let [planes, lines, positions] = output.extents;
        let summed = taps
            .phases
            .iter()
            .map(|phase| phase.taps.len())
            .max()
            .unwrap_or(0)
            * taps.run_length;
        let line_work =
            positions * output.channels * summed.max(1) / taps.out_step.iter().product::<usize>();
        let elements = input.extents.iter().product::<usize>() * input.channels;
        let cut = Cut::new(
            images,
            planes,
            (lines, positions),
            line_work.max(1),
            elements,
        );
        let windows = Windows::new(
            (input.extents, input.channels),
            output.extents,
            (taps.in_step, taps.out_step),
            (taps.low, taps.high),
            &cut,
        );
        let input_runs = taps.phases.iter().map(|phase| {
            let run = |tap: &[isize; 3]| {
                let distance = |at: usize| (tap[at] - taps.low[at]) * windows.strides[at + 1];
                (0..3).map(distance).sum()
            };
            phase.taps.iter().map(run).collect()
        });
        let input_runs = input_runs.collect();
        let depthwise = groups > 1 && groups == input.channels && groups == output.channels;
        Self {
            input,
            output,
            groups,
            taps,
            input_runs,
            cut,
            windows,
            depthwise,
        }
    }

    /// Elements of workspace for each thread, and the number of tasks.
    pub(super) fn workspace<T: Float>(&self, level: CpuLevel) -> usize {
        let tiles = T::tiles(level);
        let columns = self.output.channels / self.groups;
        let copies = self.left_copy::<T>(level) != LeftCopy::InPlace;
        let block =
            Blocking::new(tiles, columns).workspace(tiles, copies, !self.in_place::<T>(level));
        self.windows.workspace() + block
    }

    pub(super) fn tasks(&self) -> usize {
        self.cut.parts()
    }

    fn in_place<T: Float>(&self, level: CpuLevel) -> bool {
        let tiles = T::tiles(level);
        let columns = self.output.channels / self.groups;
        let [row_stride, column_stride, _] = self.taps.kernel_strides;
        let readable = column_stride == 1 && self.taps.continuous && row_stride <= 256;
        let whole = tiles.cheap_masks || columns.is_multiple_of(tiles.max_columns());
        readable && whole && columns <= 128
    }

    fn left_copy<T: Float>(&self, level: CpuLevel) -> LeftCopy {
        let panels = (self.output.channels / self.groups).div_ceil(T::tiles(level).max_columns());
        let stride = self.taps.in_step[2] * self.input.channels * size_of::<T>();
        // Positions that are a multiple of 1 KiB apart share a few sets of the first-level cache.
        if panels >= 2 && stride.is_multiple_of(1024) {
            LeftCopy::Rows
        } else {
            LeftCopy::InPlace
        }
    }

    /// Computes all outputs.
    ///
    /// # Safety
    /// The tensors are valid for their extents, the workspace for [`Correlation::workspace`] elements for each of the threads
    /// that take part, and nobody else touches output or workspace meanwhile.
    pub(super) unsafe fn run<T: Float>(
        &self,
        level: CpuLevel,
        pool: &Pool,
        (input, kernel, output): (*const T, *const T, *mut T),
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    ) {
        if self.output.channels == 0 || self.output.extents.contains(&0) {
            return;
        }
        let each = self.workspace::<T>(level);
        // SAFETY: each task writes outputs of its own, and the workspace of its worker.
        let operands = unsafe { Shared::new((input, kernel, output, workspace, *epilogue)) };
        pool.run(self.tasks(), &|task, worker| {
            let (input, kernel, output, workspace, epilogue) = *operands.get();
            let workspace = workspace.wrapping_add(worker * each);
            // SAFETY: the caller's contract.
            unsafe {
                self.run_part(
                    level,
                    &self.cut.part(task),
                    (input, kernel, output),
                    workspace,
                    &epilogue,
                );
            }
        });
    }

    /// # Safety
    /// As for [`Correlation::run`], for the outputs of the part.
    unsafe fn run_part<T: Float>(
        &self,
        level: CpuLevel,
        part: &Part,
        (input, kernel, output): (*const T, *const T, *mut T),
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
    ) {
        // SAFETY: the caller's contract.
        let window = unsafe { self.windows.open(input, part, workspace) };
        let first = self.first_row(part);
        let rows =
            part.images.len() * part.planes.len() * part.lines.len() * self.output.extents[2];
        let call = epilogue.on_tile.map(|call| {
            move |rows: Range<usize>, columns| call(first + rows.start..first + rows.end, columns)
        });
        let call = call.as_ref().map(|call| call as &dyn Fn(_, _));
        // A block of rows is done when all phases and groups are: only where there is one of each is that soon.
        let at_once = self.taps.phases.len() == 1 && self.groups == 1;
        for (phase, runs) in self.taps.phases.iter().zip(&self.input_runs) {
            let positions = Positions::new(self, part, phase, window, output);
            if positions.count() == 0 {
                continue;
            }
            if self.depthwise {
                let kernel_runs = &phase.kernel_runs;
                let work = Depthwise {
                    positions: &positions,
                    runs,
                    kernel,
                    kernel_runs,
                    epilogue,
                };
                level.run(work);
                continue;
            }
            for group in 0..self.groups {
                let block = ProductOfGroup {
                    positions: &positions,
                    phase,
                    runs,
                    group,
                    kernel,
                };
                let workspace = workspace.wrapping_add(self.windows.workspace());
                // SAFETY: the caller's contract.
                unsafe {
                    self.run_group(level, &block, workspace, epilogue, call.filter(|_| at_once))
                };
            }
        }
        if let (Some(call), true) = (call, self.depthwise || !at_once) {
            call(0..rows, 0..self.output.channels);
        }
    }

    /// # Safety
    /// As for [`Correlation::run`], for the positions of the block.
    unsafe fn run_group<T: Float>(
        &self,
        level: CpuLevel,
        product: &ProductOfGroup<'_, T>,
        workspace: *mut T,
        epilogue: &Epilogue<'_, T>,
        on_tile: Option<&dyn Fn(Range<usize>, Range<usize>)>,
    ) {
        let tiles = T::tiles(level);
        let columns = self.output.channels / self.groups;
        let channels = self.input.channels / self.groups;
        let [row_stride, column_stride, group_stride] = self.taps.kernel_strides;
        let bias = epilogue.bias_pointer();
        let pointers = GroupPointers {
            positions: product.positions,
            input_offset: product.group * channels,
            output_offset: product.group * columns,
        };
        let block = Block {
            level,
            tiles,
            blocking: Blocking::new(tiles, columns),
            pointers: &pointers,
            rows: 0..product.positions.count(),
            columns: 0..columns,
            summed: Summed {
                a_runs: product.runs,
                b_runs: &product.phase.kernel_runs,
                run_length: self.taps.run_length,
                a_stride: 1,
            },
            right: Right {
                b: product
                    .kernel
                    .wrapping_offset(product.group as isize * group_stride),
                row_stride,
                column_stride,
                in_place: self.in_place::<T>(level),
            },
            left_copy: self.left_copy::<T>(level),
            accumulate: false,
            bias: if bias.is_null() {
                bias
            } else {
                bias.wrapping_add(product.group * columns)
            },
            relu: epilogue.relu,
            on_tile,
            workspace,
        };
        // SAFETY: the caller's contract.
        unsafe { block.compute() };
    }

    /// The index of the part's first output position among all.
    fn first_row(&self, part: &Part) -> usize {
        let [planes, lines, positions] = self.output.extents;
        ((part.images.start * planes + part.planes.start) * lines + part.lines.start) * positions
    }
}

struct ProductOfGroup<'a, T> {
    positions: &'a Positions<T>,
    phase: &'a Phase,
    runs: &'a [isize],
    group: usize,
    kernel: *const T,
}

/// The output positions of a part that belong to a phase, and where they and their windows lie.
pub(super) struct Positions<T> {
    /// Images, and the steps in each dimension.
    counts: [usize; 4],
    pub(super) channels: usize,
    window: *const T,
    window_strides: [isize; 4],
    output: *mut T,
    output_strides: [isize; 4],
}

impl<T: Float> Positions<T> {
    fn new(
        plan: &Correlation,
        part: &Part,
        phase: &Phase,
        window: *const T,
        output: *mut T,
    ) -> Self {
        let ranges = [
            part.planes.clone(),
            part.lines.clone(),
            0..plan.output.extents[2],
        ];
        let channels = plan.output.channels as isize;
        let [planes, lines, positions] = plan.output.extents.map(|extent| extent as isize);
        let line = positions * channels;
        let strides = [planes * lines * line, lines * line, line, channels];
        let mut positions = Self {
            counts: [part.images.len(), 0, 0, 0],
            channels: plan.output.channels,
            window,
            window_strides: plan.windows.strides,
            output: output.wrapping_offset(part.images.start as isize * strides[0]),
            output_strides: strides,
        };
        for (at, range) in ranges.into_iter().enumerate() {
            let (step, offset) = (plan.taps.out_step[at], phase.offset[at]);
            // The first output of the phase that is not before the range, and the first step of the range's window.
            let first = (range.start + step - 1 - offset) / step;
            positions.counts[at + 1] = (range.end + step - 1 - offset)
                .div_euclid(step)
                .saturating_sub(first);
            let skipped = (first - range.start / step) * plan.taps.in_step[at];
            positions.window = positions
                .window
                .wrapping_offset(skipped as isize * positions.window_strides[at + 1]);
            let start = (first * step + offset) as isize;
            positions.output = positions.output.wrapping_offset(start * strides[at + 1]);
            positions.window_strides[at + 1] *= plan.taps.in_step[at] as isize;
            positions.output_strides[at + 1] *= step as isize;
        }
        positions
    }

    pub(super) fn count(&self) -> usize {
        self.counts.iter().product()
    }

    /// The distance of neighbouring positions of a line in the window, and in the output.
    #[inline(always)]
    pub(super) fn steps(&self) -> (isize, isize) {
        (self.window_strides[3], self.output_strides[3])
    }

    /// How many lines there are, and positions in each.
    #[inline(always)]
    pub(super) fn lines(&self) -> (usize, usize) {
        let [images, planes, lines, width] = self.counts;
        (images * planes * lines, width)
    }

    /// Where the window and the output of the first position of a line are.
    #[inline(always)]
    pub(super) fn line(&self, line: usize) -> (*const T, *mut T) {
        let [_, planes, lines, _] = self.counts;
        let at = [line / lines / planes, line / lines % planes, line % lines];
        let (mut window, mut output) = (self.window, self.output);
        for (dimension, index) in at.into_iter().enumerate() {
            let index = index as isize;
            window = window.wrapping_offset(index * self.window_strides[dimension]);
            output = output.wrapping_offset(index * self.output_strides[dimension]);
        }
        (window, output)
    }

    /// Calls `f(index, window, output)` for `count` positions from `first` on.
    #[inline(always)]
    pub(super) fn walk(
        &self,
        first: usize,
        count: usize,
        mut f: impl FnMut(usize, *const T, *mut T),
    ) {
        let [_, planes, lines, width] = self.counts;
        let mut at = [
            first / width / lines / planes,
            first / width / lines % planes,
            first / width % lines,
            first % width,
        ];
        let mut index = 0;
        while index < count {
            let offset = |strides: &[isize; 4]| -> isize {
                at.iter()
                    .zip(strides)
                    .map(|(&at, stride)| at as isize * stride)
                    .sum()
            };
            let mut window = self.window.wrapping_offset(offset(&self.window_strides));
            let mut output = self.output.wrapping_offset(offset(&self.output_strides));
            let stop = count.min(index + width - at[3]);
            while index < stop {
                f(index, window, output);
                window = window.wrapping_offset(self.window_strides[3]);
                output = output.wrapping_offset(self.output_strides[3]);
                index += 1;
            }
            at[3] = 0;
            for dimension in [2, 1, 0] {
                at[dimension] += 1;
                if at[dimension] < self.counts[dimension] {
                    break;
                }
                at[dimension] = 0;
            }
        }
    }
}

struct GroupPointers<'a, T> {
    positions: &'a Positions<T>,
    input_offset: usize,
    output_offset: usize,
}

impl<T: Float> RowPointers<T> for GroupPointers<'_, T> {
    fn fill(
        &self,
        first: usize,
        count: usize,
        a: &mut [*const T; MAX_ROWS],
        c: &mut [*mut T; MAX_ROWS],
    ) {
        self.positions.walk(first, count, |index, window, output| {
            a[index] = window.wrapping_add(self.input_offset);
            c[index] = output.wrapping_add(self.output_offset);
        });
    }
}
