//! Vectors of NEON.
#![allow(unsafe_code)] // Intrinsics, and numbers read and written through pointers.
#![allow(unsafe_op_in_unsafe_fn)] // Every method is one or two intrinsics under the contract of `Simd`.

use super::simd::Simd;
use std::arch::aarch64::*;

/// A macro, because the two vector types differ in nothing but the names of their intrinsics.
macro_rules! vector {
    (
        $(#[$doc:meta])* $name:ident($register:ty): [$element:ty; $lanes:literal],
        $splat:ident, $load:ident, $store:ident, $add:ident, $fma:ident, $max:ident, $sum:ident,
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name($register);

        impl Simd for $name {
            type Element = $element;
            const LANES: usize = $lanes;
            const CHEAP_MASKS: bool = false;

            #[inline(always)]
            unsafe fn zero() -> Self {
                Self($splat(0.0))
            }
            #[inline(always)]
            unsafe fn splat(from: *const $element) -> Self {
                Self($splat(*from))
            }
            #[inline(always)]
            unsafe fn load(from: *const $element) -> Self {
                Self($load(from))
            }
            #[inline(always)]
            unsafe fn load_some(from: *const $element, count: usize) -> Self {
                let mut lanes = [0.0; $lanes];
                for (index, lane) in lanes.iter_mut().enumerate().take(count) {
                    *lane = *from.add(index);
                }
                Self($load(lanes.as_ptr()))
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                $store(to, self.0)
            }
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $element, count: usize) {
                let mut lanes = [0.0; $lanes];
                $store(lanes.as_mut_ptr(), self.0);
                for (index, lane) in lanes.into_iter().enumerate().take(count) {
                    *to.add(index) = lane;
                }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                Self($add(self.0, other.0))
            }
            #[inline(always)]
            unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
                Self($fma(sum.0, self.0, factor.0))
            }
            #[inline(always)]
            unsafe fn sum(self) -> $element {
                $sum(self.0)
            }
            #[inline(always)]
            unsafe fn relu(self) -> Self {
                // The maximum of NEON is NaN when an operand is.
                Self($max(self.0, $splat(0.0)))
            }
        }
    };
}

vector! {
    /// Four `f32`.
    F32x4(float32x4_t): [f32; 4],
    vdupq_n_f32, vld1q_f32, vst1q_f32, vaddq_f32, vfmaq_f32, vmaxq_f32, vaddvq_f32,
}

vector! {
    /// Two `f64`.
    F64x2(float64x2_t): [f64; 2],
    vdupq_n_f64, vld1q_f64, vst1q_f64, vaddq_f64, vfmaq_f64, vmaxq_f64, vaddvq_f64,
}
