//! A rectangle of the result, computed by one thread.
//!
//! The loops, from the outside: columns in blocks, so that the rows of B for them fit the second-level cache; the summed
//! dimension in blocks, so that a tile's rows of A fit the first-level cache; tiles of rows; tiles of columns. A tile's
//! rows of A thus stay in the first-level cache while it meets all columns, and B streams past from the second.
#![allow(unsafe_code)] // Pointers into operands whose extents the caller vouches for.

use super::float::Float;
use super::pack::{pack_panels, panel_stride};
use super::pieces::{Piece, Pieces, even_parts};
use super::tile::{MAX_ROWS, Tile, TileSet};
use crate::CpuLevel;
use std::ops::Range;

/// Where the rows of A and of C lie.
pub(crate) trait RowPointers<T> {
    /// Fills in the pointers of `count` rows from `first` on; those of C point at column 0.
    fn fill(
        &self,
        first: usize,
        count: usize,
        a: &mut [*const T; MAX_ROWS],
        c: &mut [*mut T; MAX_ROWS],
    );
}

/// How the summed dimension is laid out: runs of equal length, each of which begins somewhere else.
#[derive(Clone, Copy)]
pub(crate) struct Summed<'a> {
    /// Where each run begins in A, relative to a row.
    pub(crate) a_runs: &'a [isize],
    /// Where each run begins in B.
    pub(crate) b_runs: &'a [isize],
    /// The elements of a run.
    pub(crate) run_length: usize,
    /// The distance of neighbours of a run in A.
    pub(crate) a_stride: isize,
}

/// The matrix on the right.
#[derive(Clone, Copy)]
pub(crate) struct Right<T> {
    /// Row 0, column 0.
    pub(crate) b: *const T,
    /// The distance of neighbouring rows of a run.
    pub(crate) row_stride: isize,
    /// The distance of neighbouring columns.
    pub(crate) column_stride: isize,
    /// Whether tiles read B where it lies: the columns must be neighbours, and the runs follow one another.
    pub(crate) in_place: bool,
}

/// Whether, and how, a tile's rows of A are brought together before they meet the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftCopy {
    /// They are read where they lie.
    InPlace,
    /// Row by row.
    Rows,
    /// Column by column: the rows of a tile are neighbours in memory.
    Columns,
}

/// Sizes of the blocks; they depend on the extents of the problem alone, so that bits do not depend on threads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blocking {
    /// The most columns of a block of B.
    pub(crate) columns: usize,
    /// The longest piece of the summed dimension.
    pub(crate) summed: usize,
}

impl Blocking {
    /// The blocking for `n` columns and a summed dimension of `k`.
    pub(crate) fn new<T: Float>(tiles: &TileSet<T>, n: usize) -> Self {
        // 256 by 512 numbers of four bytes are 512 KiB: what fits a second-level cache of 1 MiB beside the rest.
        let (summed, most) = if size_of::<T>() > 4 {
            (256, 256)
        } else {
            (256, 512)
        };
        let width = tiles.max_columns();
        let blocks = n.div_ceil(most).max(1);
        // An even number of blocks divides best among threads.
        let blocks = if blocks > 1 {
            blocks.next_multiple_of(2)
        } else {
            blocks
        };
        let columns = n.div_ceil(blocks).next_multiple_of(width).max(width);
        Self { columns, summed }
    }

    /// How many elements of workspace a thread needs, alignment included.
    pub(crate) fn workspace<T: Float>(
        &self,
        tiles: &TileSet<T>,
        copies_left: bool,
        packs_right: bool,
    ) -> usize {
        let left = if copies_left {
            self.left_elements(tiles)
        } else {
            0
        };
        let right = if packs_right {
            self.columns / tiles.max_columns()
                * panel_stride::<T>(self.summed_limit(), tiles.max_columns())
        } else {
            0
        };
        if left + right == 0 {
            0
        } else {
            left + right + ALIGNMENT / size_of::<T>()
        }
    }

    /// The longest piece that [`Pieces`] makes.
    fn summed_limit(&self) -> usize {
        self.summed
    }

    fn left_elements<T: Float>(&self, tiles: &TileSet<T>) -> usize {
        tiles
            .gathered_stride(tiles.max_rows())
            .max(tiles.max_rows())
            * left_stride::<T>(self.summed_limit())
    }
}

/// The length of a cache line, in bytes.
const ALIGNMENT: usize = 64;

/// The distance of copied rows: a line more than they need, so that they do not fall on the same cache sets.
fn left_stride<T>(length: usize) -> usize {
    let line = ALIGNMENT / size_of::<T>();
    length.next_multiple_of(line) + line
}

/// A rectangle of the result and all that it is made of.
pub(crate) struct Block<'a, T: 'static> {
    pub(crate) level: CpuLevel,
    pub(crate) tiles: &'static TileSet<T>,
    pub(crate) blocking: Blocking,
    pub(crate) pointers: &'a dyn RowPointers<T>,
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
    pub(crate) summed: Summed<'a>,
    pub(crate) right: Right<T>,
    pub(crate) left_copy: LeftCopy,
    pub(crate) accumulate: bool,
    /// Null for none.
    pub(crate) bias: *const T,
    pub(crate) relu: bool,
    pub(crate) on_tile: Option<&'a dyn Fn(Range<usize>, Range<usize>)>,
    pub(crate) workspace: *mut T,
}

/// `on_tile` is called for about this many elements at a time: few enough to stay in cache, enough to be worth a call.
const CALL_ELEMENTS: usize = 8192;

impl<T: Float> Block<'_, T> {
    /// Computes the rectangle.
    ///
    /// # Safety
    /// All pointers are valid for the extents given, the workspace holds [`Blocking::workspace`] elements, and no other
    /// thread touches the workspace or the rectangle meanwhile.
    pub(crate) unsafe fn compute(&self) {
        let left = self.aligned_workspace();
        let copies = self.left_copy != LeftCopy::InPlace;
        let left_elements = if copies {
            self.blocking.left_elements(self.tiles)
        } else {
            0
        };
        // Wrapping, because the workspace may be absent where nothing is copied.
        let right = left.wrapping_add(left_elements);
        let mut first = self.columns.start;
        while first < self.columns.end {
            let columns = first..self.columns.end.min(first + self.blocking.columns);
            first = columns.end;
            // SAFETY: the caller's contract.
            unsafe { self.compute_columns(columns, left, right) };
        }
    }

    fn aligned_workspace(&self) -> *mut T {
        let line = ALIGNMENT / size_of::<T>();
        let misaligned = (self.workspace as usize % ALIGNMENT) / size_of::<T>();
        self.workspace.wrapping_add((line - misaligned) % line)
    }

    /// # Safety
    /// As for [`Block::compute`].
    unsafe fn compute_columns(&self, columns: Range<usize>, left: *mut T, right: *mut T) {
        let pieces = Pieces::new(&self.summed, self.blocking.summed);
        for piece in pieces {
            // SAFETY: the caller's contract; the packed panels fit the part of the workspace that is theirs.
            unsafe {
                let (b, b_stride, panel_stride) = if self.right.in_place {
                    let row = self
                        .summed
                        .b_runs
                        .get(piece.runs.start)
                        .copied()
                        .unwrap_or(0)
                        + piece.offset as isize * self.right.row_stride;
                    let from = self.right.b.offset(row).add(columns.start);
                    (
                        from,
                        self.right.row_stride,
                        self.tiles.max_columns() as isize,
                    )
                } else {
                    let from = self
                        .right
                        .b
                        .offset(columns.start as isize * self.right.column_stride);
                    let width = self.tiles.max_columns();
                    let runs = &self.summed.b_runs[piece.runs.clone()];
                    pack_panels(
                        self.level,
                        from,
                        &self.right,
                        runs,
                        &piece,
                        columns.len(),
                        width,
                        right,
                    );
                    let rows = piece.runs.len() * piece.length;
                    (
                        right.cast_const(),
                        width as isize,
                        panel_stride::<T>(rows, width) as isize,
                    )
                };
                self.compute_rows(&columns, &piece, (b, b_stride, panel_stride), left);
            }
        }
    }

    /// # Safety
    /// As for [`Block::compute`].
    unsafe fn compute_rows(
        &self,
        columns: &Range<usize>,
        piece: &Piece,
        (b, b_stride, panel_stride): (*const T, isize, isize),
        left: *mut T,
    ) {
        let mut tile = Tile {
            a: [std::ptr::null(); MAX_ROWS],
            a_stride: self.summed.a_stride,
            runs: self.summed.a_runs[piece.runs.clone()].as_ptr(),
            run_count: piece.runs.len(),
            run_length: piece.length,
            b,
            b_stride,
            c: [std::ptr::null_mut(); MAX_ROWS],
            columns: 0,
            accumulate: self.accumulate || !piece.is_first,
            bias: std::ptr::null(),
            relu: self.relu && piece.is_last,
        };
        let mut c = tile.c;
        let (width, wide) = (self.tiles.max_columns(), self.tiles.wide_columns());
        let mut called_until = self.rows.start;
        for rows in even_parts(self.rows.clone(), self.tiles.max_rows()) {
            self.pointers
                .fill(rows.start, rows.len(), &mut tile.a, &mut c);
            // SAFETY: the rows, their runs and the columns are those of the caller's contract.
            unsafe {
                self.bring_left_together(&mut tile, rows.len(), piece, left);
                tile.b = b;
                let mut first = columns.start;
                while first < columns.end {
                    let rest = columns.end - first;
                    let is_wide = rows.len() == 1 && rest >= wide && self.right.in_place;
                    tile.columns = if is_wide { wide } else { width.min(rest) };
                    for (to, c) in tile.c.iter_mut().zip(&c[..rows.len()]) {
                        *to = c.add(first);
                    }
                    if piece.is_last && !self.bias.is_null() {
                        tile.bias = self.bias.add(first);
                    }
                    if is_wide {
                        (self.tiles.wide)(&tile);
                        tile.b = tile.b.wrapping_add(wide);
                    } else {
                        (self.tiles.function(rows.len(), tile.columns))(&tile);
                        tile.b = tile.b.wrapping_offset(panel_stride);
                    }
                    first += tile.columns;
                }
            }
            if let (true, Some(on_tile)) = (piece.is_last, self.on_tile) {
                let done = called_until..rows.end;
                if done.len() * columns.len() >= CALL_ELEMENTS || rows.end == self.rows.end {
                    on_tile(done, columns.clone());
                    called_until = rows.end;
                }
            }
        }
    }

    /// Copies the tile's rows of A into `left` where that is asked for, and lets the tile read them there.
    ///
    /// # Safety
    /// As for [`Block::compute`].
    unsafe fn bring_left_together(
        &self,
        tile: &mut Tile<T>,
        rows: usize,
        piece: &Piece,
        left: *mut T,
    ) {
        static ONE_RUN: [isize; 1] = [0];
        let runs = &self.summed.a_runs[piece.runs.clone()];
        let skipped = piece.offset as isize * self.summed.a_stride;
        // SAFETY: the caller's contract; a piece's rows fit the part of the workspace that is for them.
        unsafe {
            for a in &mut tile.a[..rows] {
                *a = a.offset(skipped);
            }
            match self.left_copy {
                LeftCopy::InPlace => return,
                LeftCopy::Rows => {
                    let stride = left_stride::<T>(runs.len() * piece.length);
                    for (row, a) in tile.a[..rows].iter_mut().enumerate() {
                        let to = left.add(row * stride);
                        copy_row(*a, runs, piece.length, self.summed.a_stride, to);
                        *a = to;
                    }
                    tile.a_stride = 1;
                }
                LeftCopy::Columns => {
                    let stride = self.tiles.gathered_stride(rows);
                    for (index, run) in runs.iter().enumerate() {
                        let to = left.add(index * piece.length * stride);
                        let from = tile.a[0].offset(*run);
                        (self.tiles.gather_columns)(
                            from,
                            self.summed.a_stride,
                            piece.length,
                            rows,
                            to,
                        );
                    }
                    for (row, a) in tile.a[..rows].iter_mut().enumerate() {
                        *a = left.add(row);
                    }
                    tile.a_stride = stride as isize;
                }
            }
        }
        tile.runs = ONE_RUN.as_ptr();
        tile.run_count = 1;
        tile.run_length = runs.len() * piece.length;
    }
}

/// # Safety
/// The runs are valid for reads from `from` on, `to` for writes of all of them.
unsafe fn copy_row<T: Float>(
    from: *const T,
    runs: &[isize],
    length: usize,
    stride: isize,
    to: *mut T,
) {
    for (index, run) in runs.iter().enumerate() {
        // SAFETY: the caller's contract.
        unsafe {
            let (from, to) = (from.offset(*run), to.add(index * length));
            if stride == 1 {
                std::ptr::copy_nonoverlapping(from, to, length);
            } else {
                for element in 0..length {
                    *to.add(element) = *from.offset(element as isize * stride);
                }
            }
        }
    }
}
