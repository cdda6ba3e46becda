//! What brings an operand into a block.
#![allow(unsafe_code)] // Operands are raw pointers of any element type.

use super::block::{Grid, gather};
use super::number::{ConvertTo, Element};
use super::space::RowOffsets;
use hornblende_core::DType;

/// A rectangle of the collapsed iteration space; the rows are all axes but the last, as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rectangle {
    pub(super) row: usize,
    pub(super) rows: usize,
    pub(super) column: usize,
    pub(super) columns: usize,
}

impl Rectangle {
    /// The number of points.
    pub(super) fn len(&self) -> usize {
        self.rows * self.columns
    }
}

/// Where the elements of a load come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// An input of the kernel.
    Input(usize),
    /// Counted along an axis.
    Iota(DType),
}

/// What brings one varying operand into each block.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) slot: u16,
    pub(super) source: Source,
    /// Bytes of an element.
    pub(super) size: usize,
    /// Where in scratch memory a block is gathered that cannot be used where it is.
    pub(super) staging: usize,
    /// The step along the last axis.
    pub(super) column_stride: isize,
    /// Where rows begin.
    pub(super) rows: RowOffsets,
    /// True if consecutive rows follow one another in memory without a gap.
    pub(super) is_dense: bool,
}

impl Load {
    /// Gives the address of the operand's block. `is_repeated` says that the block before began in the
    /// same column, was as wide and had at least as many rows.
    ///
    /// # Safety
    /// `input` is valid for the operand's elements in the rectangle (ignored for counts), `staging` for
    /// a block and its slack.
    pub(super) unsafe fn load(
        &self,
        input: *mut u8,
        staging: *mut u8,
        block: Rectangle,
        is_repeated: bool,
        full_columns: usize,
    ) -> *mut u8 {
        // SAFETY: the contract is the caller's.
        unsafe {
            match self.source {
                Source::Iota(dtype) => self.count(staging, dtype, block),
                Source::Input(_) if self.rows.is_constant() => {
                    self.repeat_row(input, staging, block, is_repeated)
                }
                Source::Input(_) => self.bring(input, staging, block, full_columns),
            }
        }
    }

    /// An operand that is the same in all rows.
    ///
    /// # Safety
    /// As for [`Load::load`].
    unsafe fn repeat_row(
        &self,
        input: *mut u8,
        staging: *mut u8,
        block: Rectangle,
        is_repeated: bool,
    ) -> *mut u8 {
        let first =
            input.wrapping_offset(block.column as isize * self.column_stride * self.size as isize);
        if block.rows == 1 && self.column_stride == 1 {
            return first;
        }
        if is_repeated {
            return staging;
        }
        let grid = Grid {
            rows: 1,
            columns: block.columns,
            row_stride: 0,
            column_stride: self.column_stride,
        };
        // SAFETY: the row is the caller's; doubling what is there stays within the block.
        unsafe {
            gather(staging, first, grid, self.size);
            let (total, mut done) = (block.len() * self.size, block.columns * self.size);
            while done < total {
                let bytes = done.min(total - done);
                std::ptr::copy_nonoverlapping(staging, staging.add(done), bytes);
                done += bytes;
            }
        }
        staging
    }

    /// An operand with rows of its own: used where it is if it is dense there, else gathered.
    ///
    /// # Safety
    /// As for [`Load::load`].
    unsafe fn bring(
        &self,
        input: *mut u8,
        staging: *mut u8,
        block: Rectangle,
        full_columns: usize,
    ) -> *mut u8 {
        let mut place = staging;
        let in_place = self.column_stride == 1
            && (block.rows == 1 || self.is_dense && block.columns == full_columns);
        self.rows
            .runs(block.row, block.rows, |first, count, offset, row_stride| {
                let start = offset + block.column as isize * self.column_stride;
                let from = input.wrapping_offset(start * self.size as isize);
                if in_place {
                    if first == 0 {
                        place = from;
                    }
                    return;
                }
                let columns = block.columns;
                let grid = Grid {
                    rows: count,
                    columns,
                    row_stride,
                    column_stride: self.column_stride,
                };
                // SAFETY: the run is part of the block, whose elements the caller vouches for.
                unsafe {
                    gather(
                        staging.add(first * columns * self.size),
                        from,
                        grid,
                        self.size,
                    )
                }
            });
        place
    }

    /// Counts along an axis.
    ///
    /// # Safety
    /// As for [`Load::load`].
    unsafe fn count(&self, staging: *mut u8, dtype: DType, block: Rectangle) -> *mut u8 {
        self.rows
            .runs(block.row, block.rows, |first, count, offset, row_stride| {
                let grid = Grid {
                    rows: count,
                    columns: block.columns,
                    row_stride,
                    column_stride: self.column_stride,
                };
                let start = (offset + block.column as isize * self.column_stride) as i64;
                // SAFETY: the run is part of the block.
                unsafe {
                    let to = staging.add(first * block.columns * self.size);
                    match dtype {
                        DType::F32 => count_typed::<f32>(to.cast(), start, grid),
                        DType::F64 => count_typed::<f64>(to.cast(), start, grid),
                        DType::I32 => count_typed::<i32>(to.cast(), start, grid),
                        DType::I64 => count_typed::<i64>(to.cast(), start, grid),
                        // Places that a byte cannot hold are its largest number, as in other conversions.
                        _ => count_typed::<Byte>(to.cast(), start, grid),
                    }
                }
            });
        staging
    }
}

/// A byte that places saturate in.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Byte(u8);

impl Element for Byte {}

impl ConvertTo<Byte> for i64 {
    fn convert(self) -> Byte {
        Byte(self.clamp(0, 255) as u8)
    }
}

/// Writes the numbers of a grid of counts.
///
/// # Safety
/// `to` is valid for the dense grid.
unsafe fn count_typed<T: Element>(to: *mut T, start: i64, grid: Grid)
where
    i64: ConvertTo<T>,
{
    for row in 0..grid.rows {
        for column in 0..grid.columns {
            let place = row as i64 * grid.row_stride as i64
                + column as i64 * grid.column_stride as i64
                + start;
            // SAFETY: the contract is the caller's.
            unsafe { *to.add(row * grid.columns + column) = place.convert() }
        }
    }
}
