//! Vectors that the compiler makes of arrays, for machines without an instruction set of their own here.
#![allow(unsafe_code)] // Numbers are read and written through pointers.

use super::float::Float;
use super::simd::Simd;

/// An array that stands for a vector register.
#[derive(Clone, Copy)]
pub(crate) struct Portable<T, const LANES: usize>([T; LANES]);

impl<T: Float, const LANES: usize> Simd for Portable<T, LANES> {
    type Element = T;
    const LANES: usize = LANES;
    const CHEAP_MASKS: bool = false;

    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([T::ZERO; LANES])
    }

    #[inline(always)]
    unsafe fn splat(from: *const T) -> Self {
        // SAFETY: the caller vouches for the pointer.
        Self([unsafe { *from }; LANES])
    }

    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller vouches for all lanes.
        Self(unsafe { from.cast::<[T; LANES]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn load_some(from: *const T, count: usize) -> Self {
        let mut lanes = [T::ZERO; LANES];
        for (index, lane) in lanes.iter_mut().enumerate().take(count) {
            // SAFETY: the caller vouches for the first `count` lanes.
            *lane = unsafe { *from.add(index) };
        }
        Self(lanes)
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: the caller vouches for all lanes.
        unsafe { to.cast::<[T; LANES]>().write_unaligned(self.0) };
    }

    #[inline(always)]
    unsafe fn store_some(self, to: *mut T, count: usize) {
        for (index, lane) in self.0.into_iter().enumerate().take(count) {
            // SAFETY: the caller vouches for the first `count` lanes.
            unsafe { *to.add(index) = lane };
        }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] + other.0[lane]))
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        // Rounded twice: a fused multiply-add without an instruction for it is a slow library call.
        Self(std::array::from_fn(|lane| {
            self.0[lane] * factor.0[lane] + sum.0[lane]
        }))
    }

    #[inline(always)]
    unsafe fn sum(self) -> T {
        let mut sum = self.0[0];
        for lane in 1..LANES {
            sum = sum + self.0[lane];
        }
        sum
    }

    #[inline(always)]
    unsafe fn relu(self) -> Self {
        // Written so that NaN, which is less than nothing, stays.
        Self(
            self.0
                .map(|lane| if lane < T::ZERO { T::ZERO } else { lane }),
        )
    }
}
