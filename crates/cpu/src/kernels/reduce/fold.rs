//! Rows folded to one number each.
#![allow(unsafe_code)] // Rows are raw pointers of any element type.

use crate::kernels::elementwise::block::{Map2, per_level};
use crate::kernels::elementwise::number::Element;

/// Folds each row of a dense block of (rows, columns) to one element of the same type.
///
/// # Safety
/// The first pointer is valid for as many elements as there are rows, the second for the block; they
/// do not overlap; there is at least one column; the machine has the CPU level that the function was
/// chosen for.
pub(super) type FoldFunction = unsafe fn(*mut u8, *const u8, usize, usize);

per_level!(
    fold_rows -> FoldFunction,
    fold_rows_body(to: *mut u8, from: *const u8, rows: usize, columns: usize),
    [T: Element, F: Map2<T, Result = T>],
    [T, F]
);

/// # Safety
/// As for [`FoldFunction`].
#[inline(always)]
unsafe fn fold_rows_body<T: Element, F: Map2<T, Result = T>, const FUSED: bool>(
    to: *mut u8,
    from: *const u8,
    rows: usize,
    columns: usize,
) {
    let (to, from) = (to.cast::<T>(), from.cast::<T>());
    for row in 0..rows {
        // SAFETY: the contract is the caller's.
        unsafe {
            let elements = std::slice::from_raw_parts(from.add(row * columns), columns);
            *to.add(row) = if columns < LANES {
                fold_short::<T, F, FUSED>(elements)
            } else {
                fold_long::<T, F, FUSED>(elements)
            };
        }
    }
}

/// Lanes that run side by side, whatever the width of the machine's vectors.
const LANES: usize = 16;

#[inline(always)]
pub(super) fn fold_short<T: Element, F: Map2<T, Result = T>, const FUSED: bool>(
    elements: &[T],
) -> T {
    let mut sum = elements[0];
    for element in &elements[1..] {
        sum = F::apply::<FUSED>(sum, *element);
    }
    sum
}

/// Four times 16 lanes run through the row, then one time, then what is left of it; then the lanes are
/// halved until there is one.
#[inline(always)]
fn fold_long<T: Element, F: Map2<T, Result = T>, const FUSED: bool>(elements: &[T]) -> T {
    let (chunks, rest) = elements.as_chunks::<LANES>();
    let mut sum = chunks[0];
    let mut done = 1;
    if chunks.len() >= 4 {
        let mut sums = [chunks[0], chunks[1], chunks[2], chunks[3]];
        for four in chunks[4..].as_chunks::<4>().0 {
            for (sum, chunk) in sums.iter_mut().zip(four) {
                join::<T, F, FUSED>(sum, chunk);
            }
        }
        let [mut a, b, mut c, d] = sums;
        join::<T, F, FUSED>(&mut a, &b);
        join::<T, F, FUSED>(&mut c, &d);
        join::<T, F, FUSED>(&mut a, &c);
        sum = a;
        done = chunks.len() / 4 * 4;
    }
    for chunk in &chunks[done..] {
        join::<T, F, FUSED>(&mut sum, chunk);
    }
    for (lane, element) in sum.iter_mut().zip(rest) {
        *lane = F::apply::<FUSED>(*lane, *element);
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sum[lane] = F::apply::<FUSED>(sum[lane], sum[lane + width]);
        }
        width /= 2;
    }
    sum[0]
}

#[inline(always)]
fn join<T: Element, F: Map2<T, Result = T>, const FUSED: bool>(
    sum: &mut [T; LANES],
    other: &[T; LANES],
) {
    for lane in 0..LANES {
        sum[lane] = F::apply::<FUSED>(sum[lane], other[lane]);
    }
}
