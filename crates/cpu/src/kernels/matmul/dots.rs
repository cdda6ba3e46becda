//! Products with a single column, where vectors run along the summed dimension instead.
#![allow(unsafe_code)] // Pointers into operands whose extents the caller vouches for.

use super::float::Float as _;
use super::simd::Simd;

/// How many rows are multiplied at a time.
pub(crate) const DOT_ROWS: usize = 4;

/// Rows of A, of neighbouring numbers, and a column of B, of neighbouring numbers too.
pub(crate) struct Dots<T> {
    pub(crate) rows: [*const T; DOT_ROWS],
    pub(crate) column: *const T,
    pub(crate) length: usize,
}

/// Multiplies the rows with the column. A row's bits do not depend on the others, so rows may repeat.
///
/// # Safety
/// Rows and column are valid for their length, and the machine has the instruction set.
pub(crate) type DotsFunction<T> = unsafe fn(&Dots<T>) -> [T; DOT_ROWS];

/// See [`DotsFunction`].
///
/// # Safety
/// As for [`DotsFunction`].
#[inline(always)]
pub(super) unsafe fn dots<S: Simd>(work: &Dots<S::Element>) -> [S::Element; DOT_ROWS] {
    // Two chains for each row, so that eight additions are under way at a time.
    let whole = work.length / (2 * S::LANES) * (2 * S::LANES);
    // SAFETY: nothing is read behind `length`.
    unsafe {
        let mut sums = [[S::zero(); 2]; DOT_ROWS];
        let mut at = 0;
        while at < whole {
            let b = [
                S::load(work.column.add(at)),
                S::load(work.column.add(at + S::LANES)),
            ];
            for (sums, row) in sums.iter_mut().zip(work.rows) {
                sums[0] = S::load(row.add(at)).mul_add(b[0], sums[0]);
                sums[1] = S::load(row.add(at + S::LANES)).mul_add(b[1], sums[1]);
            }
            at += 2 * S::LANES;
        }
        while at < work.length {
            let count = S::LANES.min(work.length - at);
            let b = S::load_some(work.column.add(at), count);
            for (sums, row) in sums.iter_mut().zip(work.rows) {
                sums[0] = S::load_some(row.add(at), count).mul_add(b, sums[0]);
            }
            at += count;
        }
        // A loop, because a closure would not be compiled for the instruction set.
        let mut results = [S::Element::ZERO; DOT_ROWS];
        for (result, [first, second]) in results.iter_mut().zip(sums) {
            *result = first.add(second).sum();
        }
        results
    }
}
