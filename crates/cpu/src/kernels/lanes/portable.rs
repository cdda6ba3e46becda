//! Vectors in plain Rust, which every architecture has some instructions for.
#![allow(unsafe_code)] // Numbers are read and written through pointers.
#![allow(unsafe_op_in_unsafe_fn)] // Every method is one expression under the contract of `Lanes`.

use super::{EQUAL, GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL, Lanes};
use crate::kernels::elementwise::number::Number;

/// Four numbers.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Four([f32; 4]);

impl Four {
    #[inline(always)]
    fn map(self, f: impl Fn(f32) -> f32) -> Self {
        Self(self.0.map(f))
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|lane| f(self.0[lane], other.0[lane])))
    }
}

impl Lanes for Four {
    const WIDTH: usize = 4;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(from.cast::<[f32; 4]>().read_unaligned())
    }

    #[inline(always)]
    unsafe fn load_some(from: *const f32, count: usize) -> Self {
        let mut lanes = [0.0; 4];
        std::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), count);
        Self(lanes)
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        to.cast::<[f32; 4]>().write_unaligned(self.0);
    }

    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, count: usize) {
        std::ptr::copy_nonoverlapping(self.0.as_ptr(), to, count);
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn subtract(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    unsafe fn multiply(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    unsafe fn divide(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }

    #[inline(always)]
    unsafe fn maximum(self, other: Self) -> Self {
        self.zip(other, Number::maximum)
    }

    #[inline(always)]
    unsafe fn minimum(self, other: Self) -> Self {
        self.zip(other, Number::minimum)
    }

    #[inline(always)]
    unsafe fn absolute(self) -> Self {
        self.map(f32::abs)
    }

    #[inline(always)]
    unsafe fn negate(self) -> Self {
        self.map(|x| -x)
    }

    #[inline(always)]
    unsafe fn square_root(self) -> Self {
        self.map(f32::sqrt)
    }

    #[inline(always)]
    unsafe fn reciprocal_square_root(self) -> Self {
        self.map(|x| 1.0 / x.sqrt())
    }

    #[inline(always)]
    unsafe fn choose<const COMPARISON: i32>(self, other: Self, yes: Self, no: Self) -> Self {
        Self(std::array::from_fn(|lane| {
            let (a, b) = (self.0[lane], other.0[lane]);
            let holds = match COMPARISON {
                EQUAL => a == b,
                LESS => a < b,
                LESS_OR_EQUAL => a <= b,
                GREATER => a > b,
                GREATER_OR_EQUAL => a >= b,
                _ => a != b,
            };
            if holds { yes.0[lane] } else { no.0[lane] }
        }))
    }
}
