//! Columns of B, copied into panels as wide as a tile.
#![allow(unsafe_code)] // Pointers into operands whose extents the caller vouches for.

use super::block::Right;
use super::float::Float;
use super::pieces::Piece;
use crate::CpuLevel;
use crate::cpu_level::Loop;

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
    let rows = runs.len() * piece.length;
    for (panel, first) in (0..columns).step_by(width).enumerate() {
        let count = width.min(columns - first);
        for (index, run) in runs.iter().enumerate() {
            let start = run
                + piece.offset as isize * right.row_stride
                + first as isize * right.column_stride;
            // SAFETY: the caller's contract, for the columns of this panel and the rows of this run.
            unsafe {
                let work = PackRun {
                    level,
                    from: from.offset(start),
                    row_stride: right.row_stride,
                    column_stride: right.column_stride,
                    rows: piece.length,
                    columns: count,
                    width,
                    to: to.add((panel * rows + index * piece.length) * width),
                };
                level.run(work);
            }
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
}

impl<T: Float> Loop for PackRun<T> {
    #[inline(always)]
    fn run(self) {
        // SAFETY: `pack_panels` vouches for the extents.
        unsafe {
            match (self.column_stride, self.columns == self.width, self.width) {
                (1, true, 32) => self.copy_rows::<32>(),
                (1, true, 16) => self.copy_rows::<16>(),
                (1, true, 8) => self.copy_rows::<8>(),
                (1, true, 4) => self.copy_rows::<4>(),
                _ if self.row_stride == 1 && self.transposes() => self.transpose(),
                _ => self.copy_elements(0..self.rows, 0..self.columns),
            }
            self.fill_up();
        }
    }
}

impl<T: Float> PackRun<T> {
    fn transposes(&self) -> bool {
        let available = matches!(self.level, CpuLevel::Avx512 | CpuLevel::Avx2);
        cfg!(target_arch = "x86_64") && available && T::TRANSPOSES && self.column_stride > 0
    }

    /// # Safety
    /// As for [`pack_panels`].
    #[inline(always)]
    unsafe fn copy_rows<const WIDTH: usize>(&self) {
        for row in 0..self.rows {
            // SAFETY: a row has `WIDTH` neighbouring columns.
            unsafe {
                let from = self
                    .from
                    .offset(row as isize * self.row_stride)
                    .cast::<[T; WIDTH]>();
                self.to
                    .add(row * WIDTH)
                    .cast::<[T; WIDTH]>()
                    .write_unaligned(from.read_unaligned());
            }
        }
    }

    /// Reads along columns, whose elements are neighbours, and writes along rows, 8 by 8.
    ///
    /// # Safety
    /// As for [`pack_panels`].
    #[inline(always)]
    unsafe fn transpose(&self) {
        let (rows, columns) = (self.rows / 8 * 8, self.columns / 8 * 8);
        #[cfg(target_arch = "x86_64")]
        for row in (0..rows).step_by(8) {
            for column in (0..columns).step_by(8) {
                let stride = self.column_stride as usize;
                // SAFETY: `transposes` has seen to the instruction set and to `T` being `f32`.
                unsafe {
                    let from = self.from.add(column * stride + row).cast();
                    let to = self.to.add(row * self.width + column).cast();
                    super::simd_x86::transpose_8x8(from, stride, to, self.width);
                }
            }
        }
        // SAFETY: what the blocks above have left out.
        unsafe {
            self.copy_elements(0..rows, columns..self.columns);
            self.copy_elements(rows..self.rows, 0..self.columns);
        }
    }

    /// # Safety
    /// As for [`pack_panels`].
    #[inline(always)]
    unsafe fn copy_elements(&self, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) {
        for row in rows {
            for column in columns.clone() {
                let at = row as isize * self.row_stride + column as isize * self.column_stride;
                // SAFETY: within the run's rows and the panel's columns.
                unsafe { *self.to.add(row * self.width + column) = *self.from.offset(at) };
            }
        }
    }

    /// # Safety
    /// As for [`pack_panels`].
    #[inline(always)]
    unsafe fn fill_up(&self) {
        for row in 0..self.rows {
            for column in self.columns..self.width {
                // SAFETY: within the panel.
                unsafe { *self.to.add(row * self.width + column) = T::ZERO };
            }
        }
    }
}
