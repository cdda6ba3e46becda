//! What writes or folds a finished block.
#![allow(unsafe_code)] // Blocks, outputs and accumulators are raw pointers.

use super::load::Rectangle;
use super::space::RowOffsets;
use crate::kernels::reduce::Reducer;

/// An output that is stored.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) slot: u16,
    /// The place of the output among the buffers.
    pub(super) buffer: usize,
    /// Bytes of an element.
    pub(super) size: usize,
    /// The block of scratch memory that the register has if it is computed: only then may the last
    /// instruction write to the output itself.
    pub(super) home: Option<usize>,
    /// The inputs, as bits, that are still read when that instruction runs. If the output is one of them
    /// (an update in place), the result waits in the register.
    pub(super) conflicts: u64,
}

impl Store {
    /// Copies a block that does not lie in the output already.
    ///
    /// # Safety
    /// `output` is valid for the whole space, whose rows have `full_columns`; `from` for the block.
    pub(super) unsafe fn store(
        &self,
        output: *mut u8,
        from: *const u8,
        block: Rectangle,
        full_columns: usize,
    ) {
        let is_whole = block.rows == 1 || block.columns == full_columns;
        let (runs, points) = if is_whole {
            (1, block.len())
        } else {
            (block.rows, block.columns)
        };
        let bytes = points * self.size;
        for run in 0..runs {
            let start = ((block.row + run) * full_columns + block.column) * self.size;
            // SAFETY: the run is part of the block and of the space. An output may be an input that is used
            // where it is, so source and destination may be the same.
            unsafe { std::ptr::copy(from.add(run * bytes), output.add(start), bytes) }
        }
    }
}

/// Where the results of the blocks come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gathering {
    /// Every block holds whole rows, and every row is one element of the output.
    Direct,
    /// In accumulators of the worker, finished for each group of units.
    Local,
    /// In accumulators that outlive the task.
    Shared,
}

/// An output that is combined over axes.
#[derive(Debug)]
pub(super) struct Fold {
    pub(super) slot: u16,
    /// The place of the output among the buffers.
    pub(super) buffer: usize,
    pub(super) reducer: Reducer,
    pub(super) gathering: Gathering,
    /// True if the last axis of the space is one of the output's.
    pub(super) keeps_columns: bool,
    /// Where in the output the rows of the space go.
    pub(super) rows: RowOffsets,
    /// Elements of the output, and of those the ones that a unit of the space has.
    pub(super) len: usize,
    pub(super) unit_len: usize,
    /// Where the accumulators begin, in bytes from those of all outputs.
    pub(super) offset: usize,
}

impl Fold {
    /// Folds a block to one number a row, straight into the output.
    ///
    /// # Safety
    /// `output` is valid for the whole output, `from` for the block.
    pub(super) unsafe fn fold_direct(&self, output: *mut u8, from: *const u8, block: Rectangle) {
        // SAFETY: rows are dense in the output, and those of the block are in the space.
        unsafe {
            let to = output.add(block.row * self.reducer.size);
            self.reducer.fold_rows(to, from, block.rows, block.columns);
        }
    }

    /// Folds a block as far as it goes, and combines the result into the accumulators.
    ///
    /// # Safety
    /// `accumulators` is where the accumulator of the output's element 0 is or would be, and valid for
    /// those that the block reaches; `from` is valid for the block; `spare` for another one and a column
    /// of it, in elements of eight bytes.
    pub(super) unsafe fn fold(
        &self,
        accumulators: *mut u8,
        from: *const u8,
        spare: *mut u8,
        block: Rectangle,
    ) {
        // SAFETY: the contract is the caller's.
        unsafe {
            if self.keeps_columns {
                self.fold_columns(accumulators, from, spare, block);
            } else {
                self.fold_rows(accumulators, from, spare, block);
            }
        }
    }

    /// # Safety
    /// As for [`Fold::fold`].
    unsafe fn fold_columns(
        &self,
        accumulators: *mut u8,
        from: *const u8,
        spare: *mut u8,
        block: Rectangle,
    ) {
        let (reducer, columns) = (&self.reducer, block.columns);
        let wide = reducer.wide_size as isize;
        self.rows
            .runs(block.row, block.rows, |first, count, offset, stride| {
                let start = (offset + block.column as isize) * wide;
                let to = accumulators.wrapping_offset(start);
                let from = from.wrapping_add(first * columns * reducer.size);
                // SAFETY: the run is part of the block.
                unsafe {
                    if stride == 0 {
                        let row = reducer.fold_columns(spare, from, count, columns);
                        reducer.accumulate(to, row, columns);
                    } else if stride == columns as isize {
                        reducer.accumulate(to, from, count * columns);
                    } else {
                        for k in 0..count {
                            let to = to.wrapping_offset(k as isize * stride * wide);
                            reducer.accumulate(to, from.add(k * columns * reducer.size), columns);
                        }
                    }
                }
            });
    }

    /// # Safety
    /// As for [`Fold::fold`].
    unsafe fn fold_rows(
        &self,
        accumulators: *mut u8,
        from: *const u8,
        spare: *mut u8,
        block: Rectangle,
    ) {
        let reducer = &self.reducer;
        let wide = reducer.wide_size as isize;
        // SAFETY: `spare` holds a column of the block.
        unsafe { reducer.fold_rows(spare, from, block.rows, block.columns) }
        self.rows
            .runs(block.row, block.rows, |first, count, offset, stride| {
                let to = accumulators.wrapping_offset(offset * wide);
                let from = spare.wrapping_add(first * reducer.size);
                // SAFETY: the run is part of the block; behind a column there is room for one element more.
                unsafe {
                    if stride == 0 && count > 1 {
                        let one = spare.add(block.rows * 8);
                        reducer.fold_rows(one, from, 1, count);
                        reducer.accumulate(to, one, 1);
                    } else if stride == 1 || count == 1 {
                        reducer.accumulate(to, from, count);
                    } else {
                        for k in 0..count {
                            let to = to.wrapping_offset(k as isize * stride * wide);
                            reducer.accumulate(to, from.add(k * reducer.size), 1);
                        }
                    }
                }
            });
    }
}
