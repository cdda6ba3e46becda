//! The sum or the maximum of each window.
#![allow(unsafe_code)] // Operands are pointers, whose extents the caller vouches for.

use super::geometry::{Taps, Windows};
use crate::cpu_level::Loop;
use crate::kernels::matmul::Float;
use crate::kernels::shared::Shared;
use crate::{CpuLevel, Pool};
use std::ops::Range;

/// What becomes of the elements of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WindowReduction {
    /// The sum; zero of nothing.
    Sum,
    /// The largest, NaN if any is NaN; negative infinity of nothing.
    Max,
}

/// Channels whose results stay in registers at a time.
pub(super) const WIDE: usize = 32;
/// The same for what is left.
pub(super) const NARROW: usize = 8;

/// A task works on about this many elements of the array.
const TASK: usize = 1 << 15;

impl Windows {
    /// Reduces each window: `y` has the extents of [`Windows::output`].
    ///
    /// # Safety
    /// `x` and `y` are valid for their extents; nobody else touches `y` meanwhile.
    pub unsafe fn reduce<T: Float>(
        &self,
        pool: &Pool,
        reduction: WindowReduction,
        x: *const T,
        y: *mut T,
    ) {
        // SAFETY: the caller's contract.
        unsafe { self.reduce_on(CpuLevel::current(), pool, reduction, x, y) };
    }

    /// # Safety
    /// As for [`Windows::reduce`]; the machine has the level.
    pub(super) unsafe fn reduce_on<T: Float>(
        &self,
        level: CpuLevel,
        pool: &Pool,
        reduction: WindowReduction,
        x: *const T,
        y: *mut T,
    ) {
        // SAFETY: each task writes the results of windows of its own.
        let operands = unsafe { Shared::new((x, y)) };
        self.divide(pool, &|repetition, range| {
            let &(x, y) = operands.get();
            let x = x.wrapping_add(repetition * self.input_elements);
            let y = y.wrapping_add(repetition * self.output_elements);
            match reduction {
                WindowReduction::Sum => level.run(Reduce::<T, false> {
                    windows: self,
                    range,
                    x,
                    y,
                }),
                WindowReduction::Max => level.run(Reduce::<T, true> {
                    windows: self,
                    range,
                    x,
                    y,
                }),
            }
        });
    }

    /// Calls `f(repetition, windows)` for parts of all windows that are cut by the extents alone.
    pub(super) fn divide(&self, pool: &Pool, f: &(dyn Fn(usize, Range<usize>) + Sync)) {
        let windows = self.windows();
        if self.outer * windows * self.inner == 0 {
            return;
        }
        let each = self.input_elements.max(self.output_elements).max(1);
        let parts = each.div_ceil(TASK).clamp(1, windows);
        let together = if parts > 1 {
            1
        } else {
            (TASK / each).clamp(1, self.outer)
        };
        let groups = self.outer.div_ceil(together);
        pool.run(groups * parts, &|task, _| {
            let (group, part) = (task / parts, task % parts);
            let range = windows * part / parts..windows * (part + 1) / parts;
            for repetition in group * together..self.outer.min((group + 1) * together) {
                f(repetition, range.clone());
            }
        });
    }
}

struct Reduce<'a, T, const MAX: bool> {
    windows: &'a Windows,
    range: Range<usize>,
    x: *const T,
    y: *mut T,
}

impl<T: Float, const MAX: bool> Loop for Reduce<'_, T, MAX> {
    #[inline(always)]
    fn run(self) {
        let inner = self.windows.inner;
        self.windows.walk(self.range.clone(), |window, taps| {
            let y = self.y.wrapping_add(window * inner);
            // SAFETY: `Windows::reduce` vouches for the array and the result.
            unsafe {
                let mut at = 0;
                while at + WIDE <= inner {
                    self.some::<WIDE>(taps, at, y.add(at));
                    at += WIDE;
                }
                while at + NARROW <= inner {
                    self.some::<NARROW>(taps, at, y.add(at));
                    at += NARROW;
                }
                while at < inner {
                    self.some::<1>(taps, at, y.add(at));
                    at += 1;
                }
            }
        });
    }
}

impl<T: Float, const MAX: bool> Reduce<'_, T, MAX> {
    /// # Safety
    /// The window and the result are valid for `COUNT` neighbours.
    #[inline(always)]
    unsafe fn some<const COUNT: usize>(&self, taps: &Taps, at: usize, y: *mut T) {
        let mut result = [if MAX { T::NEGATIVE_INFINITY } else { T::ZERO }; COUNT];
        taps.each(|place| {
            // SAFETY: the caller's contract.
            let x = unsafe { self.x.add(place + at).cast::<[T; COUNT]>().read_unaligned() };
            for (result, x) in result.iter_mut().zip(x) {
                *result = if MAX { larger(*result, x) } else { *result + x };
            }
        });
        // SAFETY: the caller's contract.
        unsafe { y.cast::<[T; COUNT]>().write_unaligned(result) };
    }
}

/// The larger; the first of equals; NaN if one is.
#[inline(always)]
fn larger<T: Float>(first: T, second: T) -> T {
    if exceeds(second, first) {
        second
    } else {
        first
    }
}

/// Whether `x` takes the place of `best`: it is larger, or the first NaN.
#[inline(always)]
#[allow(clippy::eq_op)] // Only NaN differs from itself.
#[allow(clippy::neg_cmp_op_on_partial_ord)] // NaN, which is not less or equal, must win.
pub(super) fn exceeds<T: Float>(x: T, best: T) -> bool {
    !(x <= best) & (best == best)
}
