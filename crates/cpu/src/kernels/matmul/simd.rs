//! Vectors of one instruction set, as far as a product needs them.
#![allow(unsafe_code)] // The methods are unsafe to call; see the trait.

use super::float::Float;

/// A vector register of [`Simd::LANES`] numbers.
///
/// # Safety
/// Every method may be called only where the instruction set of the type is available, and pointers must be valid for
/// the lanes that are read or written; they need no alignment. The methods are inlined into functions that carry the
/// `#[target_feature]`, so that the type never crosses a call.
pub(crate) trait Simd: Copy {
    /// The number in a lane.
    type Element: Float;
    /// How many numbers a register holds.
    const LANES: usize;
    /// Whether [`Simd::load_some`] is as cheap as [`Simd::load`].
    const CHEAP_MASKS: bool;

    unsafe fn zero() -> Self;
    unsafe fn splat(from: *const Self::Element) -> Self;
    unsafe fn load(from: *const Self::Element) -> Self;
    /// Loads the first `count` lanes and nothing behind them; the others are zero.
    unsafe fn load_some(from: *const Self::Element, count: usize) -> Self;
    unsafe fn store(self, to: *mut Self::Element);
    /// Stores the first `count` lanes and nothing behind them.
    unsafe fn store_some(self, to: *mut Self::Element, count: usize);
    unsafe fn add(self, other: Self) -> Self;
    /// `self * factor + sum`, rounded once where the instruction set has that.
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;
    /// All lanes, added in an order that is always the same.
    unsafe fn sum(self) -> Self::Element;
    /// The larger of zero and each lane; NaN stays NaN.
    unsafe fn relu(self) -> Self;
}
