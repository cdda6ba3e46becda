//! Columns of B, copied into panels as wide as a tile.
#![allow(unsafe_code)] // Pointers into operands whose extents the caller vouches for.

use super::block::Right;
use super::float::Float;
use super::pieces::Piece;
use crate::CpuLevel;
use crate::cpu_level::Loop;
use std::ops::Range;

/// The distance of two panels of `rows` rows: a line more than they need, because panels whose length is a power of two would
/// all begin on the same cache sets, and packing writes to all of them in turn.
pub(super) fn panel_stride<T>(rows: usize, width: usize) -> usize {
    rows * width + 64 / size_of::<T>()
}

/// Copies a piece of `columns` columns of B into panels of `width` columns: element `(p, j)` of a panel is
/// `to[p * width + j]`, panels follow one another, and what the last one lacks is zero.
///
/// # Safety
/// `from` (column 0) is valid for the runs and columns, `to` for the panels, and the machine has the level.
pub(super) unsafe fn pack_panels<T: Float>(
    level: CpuLevel,
    from: *const T,
    right: &Right<T>,
    runs: &[isize],
    piece: &Piece,
    columns: usize,
    width: usize,
    to: *mut T,
) {
    let panel_stride = panel_stride::<T>(runs.len() * piece.length, width);
    for (index, run) in runs.iter().enumerate() {
        let start = run + piece.offset as isize * right.row_stride;
        // SAFETY: the caller's contract, for the rows of this run.
        unsafe {
            level.run(PackRun {
                level,
                from: from.offset(start),
                row_stride: right.row_stride,
                column_stride: right.column_stride,
                rows: piece.length,
                columns,
                width,
                to: to.add(index * piece.length * width),
                panel_stride,
            });
        }
    }
}

struct PackRun<T> {
    level: CpuLevel,
    from: *const T,
    row_stride: isize,
    column_stride: isize,
    rows: usize,
    columns: usize,
    width: usize,
    to: *mut T,
    panel_stride: usize,
}

impl<T: Float> Loop for PackRun<T> {
    #[inline(always)]
    fn run(self) {
        let whole = self.columns / self.width * self.width;
        // SAFETY: `pack_panels` vouches for the extents.
        unsafe {
            match (self.column_stride, self.width) {
                (1, 32) => self.copy_rows::<32>(),
                (1, 16) => self.copy_rows::<16>(),
                (1, 8) => self.copy_rows::<8>(),
                (1, 4) => self.copy_rows::<4>(),
                _ if self.row_stride == 1 && self.transposes() => self.transpose(0..whole),
                _ => self.copy_elements(0..self.rows, 0..whole),
            }
            if whole < self.columns {
                if self.row_stride == 1 && self.transposes() {
                    self.transpose(whole..self.columns);
                } else {
                    self.copy_elements(0..self.rows, whole..self.columns);
                }
                self.fill_up();
            }
        }
    }
}

impl<T: Float> PackRun<T> {
    fn transposes(&self) -> bool {
        let available = matches!(self.level, CpuLevel::Avx512 | CpuLevel::Avx2);
        cfg!(target_arch = "x86_64") && available && T::TRANSPOSES && self.column_stride > 0
    }

    /// Where a column begins in the panels.
    #[inline(always)]
    fn panel_column(&self, column: usize) -> *mut T {
        self.to
            .wrapping_add(column / self.width * self.panel_stride + column % self.width)
    }

    /// Copies the panels that are whole. Goes through B row by row, so that what is read is contiguous: panel by panel, each
    /// row of a wide matrix would be a memory page of its own, visited again for every panel.
    ///
    /// # Safety
    /// As for [`pack_panels`].
    #[inline(always)]
    unsafe fn copy_rows<const WIDTH: usize>(&self) {
        let panels = self.columns / WIDTH;
        for row in 0..self.rows {
            // SAFETY: a row has as many neighbouring columns as the panels.
            unsafe {
                let mut from = self.from.offset(row as isize * self.row_stride);
                let mut to = self.to.add(row * WIDTH);
                for _ in 0..panels {
                    let line = from.cast::<[T; WIDTH]>().read_unaligned();
                    to.cast::<[T; WIDTH]>().write_unaligned(line);
                    from = from.add(WIDTH);
                    to = to.wrapping_add(self.panel_stride);
                }
            }
        }
    }

    /// Reads along columns, whose elements are neighbours, and writes along rows, 8 by 8.
    ///
    /// # Safety
    /// As for [`pack_panels`].
    #[inline(always)]
    unsafe fn transpose(&self, columns: Range<usize>) {
        let rows = self.rows / 8 * 8;
        let whole = columns.start..columns.start + columns.len() / 8 * 8;
        #[cfg(target_arch = "x86_64")]
        for panel in whole.clone().step_by(self.width) {
            for row in (0..rows).step_by(8) {
                for column in (panel..whole.end.min(panel + self.width)).step_by(8) {
                    let stride = self.column_stride as usize;
                    // SAFETY: `transposes` has seen to the instruction set and to `T` being `f32`; a panel is a multiple
                    // of 8 columns wide.
                    unsafe {
                        let from = self.from.add(column * stride + row).cast();
                        let to = self.panel_column(column).add(row * self.width).cast();
                        super::simd_x86::transpose_8x8(from, stride, to, self.width);
                    }
                }
            }
        }
        // SAFETY: what the blocks above have left out.
        unsafe {
            self.copy_elements(0..rows, whole.end..columns.end);
            self.copy_elements(rows..self.rows, columns);
        }
    }

    /// # Safety
    /// As for [`pack_panels`].
    #[inline(always)]
    unsafe fn copy_elements(&self, rows: Range<usize>, columns: Range<usize>) {
        for column in columns {
            // SAFETY: within the run's rows and the panels' columns.
            unsafe {
                let from = self.from.offset(column as isize * self.column_stride);
                let to = self.panel_column(column);
                for row in rows.clone() {
                    *to.add(row * self.width) = *from.offset(row as isize * self.row_stride);
                }
            }
        }
    }

    /// Fills the columns that the last panel lacks with zero.
    ///
    /// # Safety
    /// As for [`pack_panels`].
    #[inline(always)]
    unsafe fn fill_up(&self) {
        for column in self.columns..self.columns.next_multiple_of(self.width) {
            let to = self.panel_column(column);
            for row in 0..self.rows {
                // SAFETY: within the last panel.
                unsafe { *to.add(row * self.width) = T::ZERO };
            }
        }
    }
}
