//! Products whose result is one column: vectors of columns would be empty but for a lane.
#![allow(unsafe_code)] // Operands are pointers, whose extents the caller vouches for.

use super::dots::{DOT_ROWS, Dots};
use super::epilogue::Epilogue;
use super::float::Float;
use super::product::Matmul;
use crate::kernels::shared::Shared;
use crate::{CpuLevel, Pool};
use std::ops::Range;

/// How a product with one column is computed. Depends on strides and extents but for `m`, which bits must not depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// As any other product.
    Ordinary,
    /// As the product of the transposes, whose only row is what is asked for: the rows of A are neighbours in memory.
    Transposed,
    /// Row by row, along the summed dimension.
    Dots,
}

/// A task multiplies about this many numbers of A.
const TASK: usize = 1 << 17;

impl Column {
    pub(super) fn new<T>(product: &Matmul, epilogue: &Epilogue<'_, T>) -> Self {
        let one_row = product.c_row_stride == 1 && epilogue.bias.is_none();
        let contiguous = product.b_strides[0] == 1;
        match product.a_strides {
            _ if product.n != 1 => Self::Ordinary,
            [_, 1] if contiguous && product.k >= 16 => Self::Dots,
            [1, _] if one_row && product.m > 1 => Self::Transposed,
            _ => Self::Ordinary,
        }
    }
}

/// What belongs to A and B, exchanged.
fn exchanged([a, b, c]: [isize; 3]) -> [isize; 3] {
    [b, a, c]
}

impl Matmul {
    /// `C^T = B^T A^T`, for a result of one column that is contiguous.
    pub(super) fn transposed_column(&self) -> Self {
        Self {
            m: 1,
            n: self.m,
            a_strides: [0, self.b_strides[0]],
            b_strides: [self.a_strides[1], self.a_strides[0]],
            c_row_stride: self.m as isize,
            batch_strides: exchanged(self.batch_strides),
            group_strides: exchanged(self.group_strides),
            ..*self
        }
    }

    /// Computes a single column by [`Dots`].
    ///
    /// # Safety
    /// As for [`Matmul::run`].
    pub(super) unsafe fn run_dots<T: Float>(
        &self,
        level: CpuLevel,
        pool: &Pool,
        operands: (*const T, *const T, *mut T),
        epilogue: &Epilogue<'_, T>,
    ) {
        let parts = (self.m.saturating_mul(self.k) / TASK).clamp(1, self.m);
        // SAFETY: each task writes rows of its own.
        let shared = unsafe { Shared::new((operands, *epilogue)) };
        pool.run(parts * self.batch, &|task, _| {
            let &((a, b, c), epilogue) = shared.get();
            let (batch, part) = (task / parts, task % parts);
            let rows = self.m * part / parts..self.m * (part + 1) / parts;
            let [a_offset, b_offset, c_offset] = self.offsets(batch);
            let operands = (
                a.wrapping_offset(a_offset),
                b.wrapping_offset(b_offset),
                c.wrapping_offset(c_offset),
            );
            // SAFETY: the caller's contract.
            unsafe { self.dot_rows(level, rows.clone(), operands, &epilogue) };
            if let Some(call) = epilogue.on_tile {
                call(batch * self.m + rows.start..batch * self.m + rows.end, 0..1);
            }
        });
    }

    /// # Safety
    /// As for [`Matmul::run`], for some rows.
    unsafe fn dot_rows<T: Float>(
        &self,
        level: CpuLevel,
        rows: Range<usize>,
        (a, b, c): (*const T, *const T, *mut T),
        epilogue: &Epilogue<'_, T>,
    ) {
        let dots = T::tiles(level).dots;
        for first in rows.clone().step_by(DOT_ROWS) {
            let count = DOT_ROWS.min(rows.end - first);
            // Rows that are not there are stood in for by the last one.
            let row = |index: usize| {
                a.wrapping_offset((first + index.min(count - 1)) as isize * self.a_strides[0])
            };
            let work = Dots {
                rows: std::array::from_fn(row),
                column: b,
                length: self.k,
            };
            // SAFETY: the caller's contract.
            unsafe {
                for (index, sum) in dots(&work).into_iter().enumerate().take(count) {
                    let to = c.offset((first + index) as isize * self.c_row_stride);
                    let sum = if self.accumulate { *to + sum } else { sum };
                    let sum = epilogue.bias.map_or(sum, |bias| sum + *bias);
                    // Written so that NaN, which is less than nothing, stays.
                    *to = if epilogue.relu && sum < T::ZERO {
                        T::ZERO
                    } else {
                        sum
                    };
                }
            }
        }
    }
}
