//! Blocks combined into accumulators.
#![allow(unsafe_code)] // Accumulators are raw pointers of any element type.

use crate::kernels::elementwise::block::{Map2, per_level};
use crate::kernels::elementwise::number::{ConvertTo, Element};

/// Combines the elements of the second pointer into the accumulators of the first.
///
/// # Safety
/// Both are valid for the number of elements, and do not overlap; the machine has the CPU level that
/// the function was chosen for.
pub(super) type AccumulateFunction = unsafe fn(*mut u8, *const u8, usize);

per_level!(
    accumulate -> AccumulateFunction,
    accumulate_body(to: *mut u8, from: *const u8, n: usize),
    [T: Element + ConvertTo<W>, W: Element, F: Map2<W, Result = W>],
    [T, W, F]
);

/// # Safety
/// As for [`AccumulateFunction`].
#[inline(always)]
unsafe fn accumulate_body<T, W, F, const FUSED: bool>(to: *mut u8, from: *const u8, n: usize)
where
    T: Element + ConvertTo<W>,
    W: Element,
    F: Map2<W, Result = W>,
{
    // SAFETY: the contract is the caller's.
    let (to, from) = unsafe {
        let to = std::slice::from_raw_parts_mut(to.cast::<W>(), n);
        (to, std::slice::from_raw_parts(from.cast::<T>(), n))
    };
    for (to, from) in to.iter_mut().zip(from) {
        *to = F::apply::<FUSED>(*to, from.convert());
    }
}
