//! The innermost loop of every product: one tile of the result, held in registers.
//!
//! A tile has up to [`TileSet::max_rows`] rows and two vectors of columns. For each index of the summed dimension it loads
//! the two vectors of B, multiplies them by one element of A for each row, and adds the products to the registers. Each
//! number of the result is therefore the same chain of additions, whatever the tile around it looks like: that is what
//! makes a row's bits independent of how many rows there are.
//!
//! Rows of A and of C are given by pointers and the summed dimension by runs of equal length, so that strided matrices,
//! transposes, packed panels and the patches of a convolution are all read by the same code, where they lie.
#![allow(unsafe_code)] // Pointers all the way down; `Tile` says what they must be.
#![allow(clippy::needless_range_loop)] // One index runs through several arrays, which is what makes the unrolled tile plain.

use super::dots::DotsFunction;
use super::simd::Simd;

/// The most rows that a tile of any instruction set has.
pub(crate) const MAX_ROWS: usize = 14;

/// The work of one call: `c[i][j] (+)= sum over p of a[i][p] * b[p][j]`, then bias and relu.
pub(crate) struct Tile<T> {
    /// Where each row of A begins.
    pub(crate) a: [*const T; MAX_ROWS],
    /// The distance of two neighbours within a run of a row of A.
    pub(crate) a_stride: isize,
    /// Where each run begins, relative to the row.
    pub(crate) runs: *const isize,
    /// How many runs there are.
    pub(crate) run_count: usize,
    /// How many elements a run has.
    pub(crate) run_length: usize,
    /// The first row of B, from the tile's first column on; the rows of all runs follow one another.
    pub(crate) b: *const T,
    /// The distance of two rows of B.
    pub(crate) b_stride: isize,
    /// Where each row of C begins, from the tile's first column on.
    pub(crate) c: [*mut T; MAX_ROWS],
    /// How many columns there are: more than all vectors but the last hold.
    pub(crate) columns: usize,
    /// Whether the product is added to what C holds.
    pub(crate) accumulate: bool,
    /// A value for each column, added after the product; null for none.
    pub(crate) bias: *const T,
    /// Whether negative results become zero.
    pub(crate) relu: bool,
}

/// A compiled tile of a fixed number of rows and vectors.
///
/// # Safety
/// All pointers of the tile are valid for what it describes, and the machine has the instruction set.
pub(crate) type TileFunction<T> = unsafe fn(&Tile<T>);

/// Copies `length` columns of `rows` neighbouring numbers each, from columns `stride` apart to columns
/// [`TileSet::gathered_stride`] apart: `f(from, stride, length, rows, to)`.
///
/// # Safety
/// Both sides are valid for that, the machine has the instruction set.
pub(crate) type GatherColumns<T> = unsafe fn(*const T, isize, usize, usize, *mut T);

/// The tiles of one instruction set for one element type.
pub(crate) struct TileSet<T: 'static> {
    /// How many numbers a vector holds.
    pub(crate) lanes: usize,
    /// Whether a tile may be narrower than its vectors and still read B in place; otherwise B must be readable (and is
    /// ignored) up to the end of the last vector.
    pub(crate) cheap_masks: bool,
    /// Copies columns of A next to one another; see [`gather_columns`].
    pub(crate) gather_columns: GatherColumns<T>,
    /// A tile of one row and [`WIDE_VECTORS`] vectors, for rows of B that are far apart and used once.
    pub(crate) wide: TileFunction<T>,
    /// The products of some rows with one column; see [`Dots`].
    pub(crate) dots: DotsFunction<T>,
    /// `functions[rows - 1][vectors - 1]`.
    pub(crate) functions: &'static [[TileFunction<T>; VECTORS]],
}

/// The most vectors of columns that a tile of several rows has.
pub(crate) const VECTORS: usize = 2;

/// The vectors of columns of the wide tile.
pub(crate) const WIDE_VECTORS: usize = 8;

impl<T> TileSet<T> {
    /// The most rows of a tile.
    pub(crate) fn max_rows(&self) -> usize {
        self.functions.len()
    }

    /// The most columns of a tile.
    pub(crate) fn max_columns(&self) -> usize {
        VECTORS * self.lanes
    }

    /// The columns of the wide tile.
    pub(crate) fn wide_columns(&self) -> usize {
        WIDE_VECTORS * self.lanes
    }

    /// The distance of two columns of `rows` numbers that [`TileSet::gather_columns`] has copied.
    pub(crate) fn gathered_stride(&self, rows: usize) -> usize {
        rows.next_multiple_of(self.lanes)
    }

    /// The function for a tile of this size.
    pub(crate) fn function(&self, rows: usize, columns: usize) -> TileFunction<T> {
        self.functions[rows - 1][columns.div_ceil(self.lanes) - 1]
    }
}

/// Computes a tile; see [`Tile`].
///
/// # Safety
/// As for [`TileFunction`].
#[inline(always)]
unsafe fn tile<S: Simd, const ROWS: usize, const COLUMNS: usize>(tile: &Tile<S::Element>) {
    // SAFETY: every pointer is used within what `Tile` describes, for `ROWS` rows and `columns` columns; vectors of B are
    // read whole only where the instruction set has no cheap masks, which `TileSet::cheap_masks` announces.
    unsafe {
        let last = tile.columns - (COLUMNS - 1) * S::LANES;
        let mut sums = [[S::zero(); COLUMNS]; ROWS];
        let mut b = tile.b;
        for run in 0..tile.run_count {
            let offset = *tile.runs.add(run);
            let mut rows = [std::ptr::null(); ROWS];
            for row in 0..ROWS {
                rows[row] = tile.a[row].offset(offset);
            }
            let mut index = 0_isize;
            for _ in 0..tile.run_length {
                let mut vectors = [S::zero(); COLUMNS];
                for column in 0..COLUMNS - 1 {
                    vectors[column] = S::load(b.add(column * S::LANES));
                }
                let end = b.add((COLUMNS - 1) * S::LANES);
                vectors[COLUMNS - 1] = if S::CHEAP_MASKS {
                    S::load_some(end, last)
                } else {
                    S::load(end)
                };
                for row in 0..ROWS {
                    let factor = S::splat(rows[row].offset(index));
                    for column in 0..COLUMNS {
                        sums[row][column] = factor.mul_add(vectors[column], sums[row][column]);
                    }
                }
                index = opaque(index + tile.a_stride);
                b = b.offset(tile.b_stride);
            }
        }
        finish::<S, ROWS, COLUMNS>(tile, sums, last);
    }
}

/// The same number, about whose origin the compiler knows nothing.
///
/// Left to itself it turns one index for all rows into a pointer for each that must be advanced: twice the instructions
/// of the loop, and most of them on the stack.
#[inline(always)]
fn opaque(mut index: isize) -> isize {
    #[cfg(all(not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
    // SAFETY: an assembly block without instructions.
    unsafe {
        std::arch::asm!("/* {0} */", inout(reg) index, options(pure, nomem, nostack, preserves_flags));
    }
    index
}

/// Adds what C holds and the bias, applies relu, and stores.
///
/// # Safety
/// As for [`TileFunction`].
#[inline(always)]
unsafe fn finish<S: Simd, const ROWS: usize, const COLUMNS: usize>(
    tile: &Tile<S::Element>,
    mut sums: [[S; COLUMNS]; ROWS],
    last: usize,
) {
    // SAFETY: C and the bias are read and written for `columns` columns only.
    unsafe {
        let count = |column: usize| {
            if column + 1 == COLUMNS {
                last
            } else {
                S::LANES
            }
        };
        if tile.accumulate {
            for row in 0..ROWS {
                for column in 0..COLUMNS {
                    let before = S::load_some(tile.c[row].add(column * S::LANES), count(column));
                    sums[row][column] = before.add(sums[row][column]);
                }
            }
        }
        if !tile.bias.is_null() {
            for column in 0..COLUMNS {
                let bias = S::load_some(tile.bias.add(column * S::LANES), count(column));
                for sums in &mut sums {
                    sums[column] = sums[column].add(bias);
                }
            }
        }
        if tile.relu {
            for sum in sums.as_flattened_mut() {
                *sum = sum.relu();
            }
        }
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let to = tile.c[row].add(column * S::LANES);
                if count(column) == S::LANES {
                    sums[row][column].store(to);
                } else {
                    sums[row][column].store_some(to, last);
                }
            }
        }
    }
}

/// See [`GatherColumns`].
///
/// # Safety
/// As for [`GatherColumns`].
#[inline(always)]
unsafe fn gather_columns<S: Simd>(
    mut from: *const S::Element,
    stride: isize,
    length: usize,
    rows: usize,
    mut to: *mut S::Element,
) {
    let whole = rows / S::LANES;
    let rest = rows % S::LANES;
    let vectors = rows.div_ceil(S::LANES);
    for _ in 0..length {
        // SAFETY: `rows` numbers are read, and as many as the vectors that hold them are written, which is at most
        // `gathered_stride`.
        unsafe {
            for vector in 0..whole {
                S::load(from.add(vector * S::LANES)).store(to.add(vector * S::LANES));
            }
            if rest > 0 {
                S::load_some(from.add(whole * S::LANES), rest).store(to.add(whole * S::LANES));
            }
            from = from.offset(stride);
            to = to.add(vectors * S::LANES);
        }
    }
}

/// A macro, because a table of functions that differ in constants cannot be written as a loop.
macro_rules! tile_table {
    ($function:ident, $vector:ty, $($rows:literal)*) => {
        &[$([$function::<$vector, $rows, 1>, $function::<$vector, $rows, 2>]),*]
    };
}

macro_rules! tile_set {
    ($name:ident, $element:ty, $function:ident, $gather:ident, $dots:ident, $vector:ty, $($rows:literal)*) => {
        pub(crate) static $name: TileSet<$element> = TileSet {
            lanes: <$vector as Simd>::LANES,
            cheap_masks: <$vector as Simd>::CHEAP_MASKS,
            gather_columns: $gather::<$vector>,
            wide: $function::<$vector, 1, WIDE_VECTORS>,
            dots: $dots::<$vector>,
            functions: tile_table!($function, $vector, $($rows)*),
        };
    };
}

/// The tiles of AVX-512 and of AVX2.
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86 {
    use super::super::dots::{DOT_ROWS, Dots, dots};
    use super::super::simd_x86::{F32x8, F32x16, F64x4, F64x8};
    use super::{Simd, Tile, TileSet, WIDE_VECTORS, gather_columns, tile};

    /// # Safety
    /// As for [`super::TileFunction`].
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
    unsafe fn avx512<S: Simd, const ROWS: usize, const COLUMNS: usize>(work: &Tile<S::Element>) {
        // SAFETY: the caller's contract is the same.
        unsafe { tile::<S, ROWS, COLUMNS>(work) }
    }

    /// # Safety
    /// As for [`super::GatherColumns`].
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
    unsafe fn gather_avx512<S: Simd>(
        from: *const S::Element,
        stride: isize,
        length: usize,
        rows: usize,
        to: *mut S::Element,
    ) {
        // SAFETY: the caller's contract is the same.
        unsafe { gather_columns::<S>(from, stride, length, rows, to) }
    }

    /// # Safety
    /// As for [`super::DotsFunction`].
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
    unsafe fn dots_avx512<S: Simd>(work: &Dots<S::Element>) -> [S::Element; DOT_ROWS] {
        // SAFETY: the caller's contract is the same.
        unsafe { dots::<S>(work) }
    }

    /// # Safety
    /// As for [`super::TileFunction`].
    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2<S: Simd, const ROWS: usize, const COLUMNS: usize>(work: &Tile<S::Element>) {
        // SAFETY: the caller's contract is the same.
        unsafe { tile::<S, ROWS, COLUMNS>(work) }
    }

    /// # Safety
    /// As for [`super::GatherColumns`].
    #[target_feature(enable = "avx2,fma")]
    unsafe fn gather_avx2<S: Simd>(
        from: *const S::Element,
        stride: isize,
        length: usize,
        rows: usize,
        to: *mut S::Element,
    ) {
        // SAFETY: the caller's contract is the same.
        unsafe { gather_columns::<S>(from, stride, length, rows, to) }
    }

    /// # Safety
    /// As for [`super::DotsFunction`].
    #[target_feature(enable = "avx2,fma")]
    unsafe fn dots_avx2<S: Simd>(work: &Dots<S::Element>) -> [S::Element; DOT_ROWS] {
        // SAFETY: the caller's contract is the same.
        unsafe { dots::<S>(work) }
    }

    // 28 sums, two vectors of B and one element of A are 31 of the 32 registers.
    tile_set!(AVX512_F32, f32, avx512, gather_avx512, dots_avx512, F32x16, 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    tile_set!(AVX512_F64, f64, avx512, gather_avx512, dots_avx512, F64x8, 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    // 12 sums, two vectors of B and one element of A are 15 of the 16 registers.
    tile_set!(AVX2_F32, f32, avx2, gather_avx2, dots_avx2, F32x8, 1 2 3 4 5 6);
    tile_set!(AVX2_F64, f64, avx2, gather_avx2, dots_avx2, F64x4, 1 2 3 4 5 6);
}

/// The tiles of NEON.
#[cfg(target_arch = "aarch64")]
pub(crate) mod arm {
    use super::super::dots::{DOT_ROWS, Dots, dots};
    use super::super::simd_neon::{F32x4, F64x2};
    use super::{Simd, Tile, TileSet, WIDE_VECTORS, gather_columns, tile};

    /// # Safety
    /// As for [`super::TileFunction`].
    #[target_feature(enable = "neon")]
    unsafe fn neon<S: Simd, const ROWS: usize, const COLUMNS: usize>(work: &Tile<S::Element>) {
        // SAFETY: the caller's contract is the same.
        unsafe { tile::<S, ROWS, COLUMNS>(work) }
    }

    /// # Safety
    /// As for [`super::GatherColumns`].
    #[target_feature(enable = "neon")]
    unsafe fn gather_neon<S: Simd>(
        from: *const S::Element,
        stride: isize,
        length: usize,
        rows: usize,
        to: *mut S::Element,
    ) {
        // SAFETY: the caller's contract is the same.
        unsafe { gather_columns::<S>(from, stride, length, rows, to) }
    }

    /// # Safety
    /// As for [`super::DotsFunction`].
    #[target_feature(enable = "neon")]
    unsafe fn dots_neon<S: Simd>(work: &Dots<S::Element>) -> [S::Element; DOT_ROWS] {
        // SAFETY: the caller's contract is the same.
        unsafe { dots::<S>(work) }
    }

    // 20 sums, two vectors of B and the elements of A fit the 32 registers.
    tile_set!(NEON_F32, f32, neon, gather_neon, dots_neon, F32x4, 1 2 3 4 5 6 7 8 9 10);
    tile_set!(NEON_F64, f64, neon, gather_neon, dots_neon, F64x2, 1 2 3 4 5 6 7 8 9 10);
}

/// The tiles that the compiler makes for any machine.
pub(crate) mod portable {
    use super::super::dots::{DOT_ROWS, Dots, dots};
    use super::super::simd_portable::Portable;
    use super::{Simd, Tile, TileSet, WIDE_VECTORS, gather_columns, tile};

    /// # Safety
    /// As for [`super::TileFunction`].
    unsafe fn any<S: Simd, const ROWS: usize, const COLUMNS: usize>(work: &Tile<S::Element>) {
        // SAFETY: the caller's contract is the same.
        unsafe { tile::<S, ROWS, COLUMNS>(work) }
    }

    /// # Safety
    /// As for [`super::GatherColumns`].
    unsafe fn gather_any<S: Simd>(
        from: *const S::Element,
        stride: isize,
        length: usize,
        rows: usize,
        to: *mut S::Element,
    ) {
        // SAFETY: the caller's contract is the same.
        unsafe { gather_columns::<S>(from, stride, length, rows, to) }
    }

    /// # Safety
    /// As for [`super::DotsFunction`].
    unsafe fn dots_any<S: Simd>(work: &Dots<S::Element>) -> [S::Element; DOT_ROWS] {
        // SAFETY: the caller's contract is the same.
        unsafe { dots::<S>(work) }
    }

    // 8 sums in registers of four: what SSE2, the least of x86-64, has room for.
    tile_set!(BASELINE_F32, f32, any, gather_any, dots_any, Portable<f32, 4>, 1 2 3 4);
    tile_set!(BASELINE_F64, f64, any, gather_any, dots_any, Portable<f64, 2>, 1 2 3 4);
}
