//! What belongs to the first maximum of each window: the gradient of max pooling, and the gradient of that.
#![allow(unsafe_code)] // Operands are pointers, whose extents the caller vouches for.

use super::geometry::{Taps, Windows};
use super::reduce::{NARROW, WIDE, exceeds};
use crate::cpu_level::Loop;
use crate::kernels::matmul::Float;
use crate::kernels::shared::Shared;
use crate::{CpuLevel, Pool};
use std::ops::Range;

impl Windows {
    /// Adds each element of `source` to the place of its window's first maximum in `x`; a NaN counts as a maximum.
    ///
    /// `result` has the extents of `x` and is written whole; a window without elements adds nothing.
    ///
    /// # Safety
    /// The arrays are valid for their extents; nobody else touches `result` meanwhile.
    pub unsafe fn select_and_scatter<T: Float>(
        &self,
        pool: &Pool,
        x: *const T,
        source: *const T,
        result: *mut T,
    ) {
        // SAFETY: the caller's contract.
        unsafe { self.select_and_scatter_on(CpuLevel::current(), pool, x, source, result) };
    }

    /// # Safety
    /// As for [`Windows::select_and_scatter`]; the machine has the level.
    pub(super) unsafe fn select_and_scatter_on<T: Float>(
        &self,
        level: CpuLevel,
        pool: &Pool,
        x: *const T,
        source: *const T,
        result: *mut T,
    ) {
        // SAFETY: each task writes repetitions of its own.
        let operands = unsafe { Shared::new((x, source, result)) };
        pool.run(self.outer, &|repetition, _| {
            let &(x, source, result) = operands.get();
            let result = result.wrapping_add(repetition * self.input_elements);
            if !self.tiled {
                // SAFETY: the caller's contract, for this repetition.
                unsafe {
                    std::slice::from_raw_parts_mut(result, self.input_elements).fill(T::ZERO)
                };
            }
            let work = Scatter {
                windows: self,
                x: x.wrapping_add(repetition * self.input_elements),
                source: source.wrapping_add(repetition * self.output_elements),
                result,
            };
            level.run(work);
        });
    }

    /// For each window, the element of `values` at the place of the first maximum of `x`; zero where there is none.
    ///
    /// # Safety
    /// The arrays are valid for their extents; nobody else touches `y` meanwhile.
    pub unsafe fn select<T: Float>(&self, pool: &Pool, x: *const T, values: *const T, y: *mut T) {
        // SAFETY: the caller's contract.
        unsafe { self.select_on(CpuLevel::current(), pool, x, values, y) };
    }

    /// # Safety
    /// As for [`Windows::select`]; the machine has the level.
    pub(super) unsafe fn select_on<T: Float>(
        &self,
        level: CpuLevel,
        pool: &Pool,
        x: *const T,
        values: *const T,
        y: *mut T,
    ) {
        // SAFETY: each task writes the results of windows of its own.
        let operands = unsafe { Shared::new((x, values, y)) };
        self.divide(pool, &|repetition, range| {
            let &(x, values, y) = operands.get();
            let skipped = repetition * self.input_elements;
            let (x, values) = (x.wrapping_add(skipped), values.wrapping_add(skipped));
            let y = y.wrapping_add(repetition * self.output_elements);
            level.run(Select {
                windows: self,
                range,
                x,
                values,
                y,
            });
        });
    }
}

struct Scatter<'a, T> {
    windows: &'a Windows,
    x: *const T,
    source: *const T,
    result: *mut T,
}

impl<T: Float> Loop for Scatter<'_, T> {
    #[inline(always)]
    fn run(self) {
        let inner = self.windows.inner;
        self.windows
            .walk(0..self.windows.windows(), |window, taps| {
                let source = self.source.wrapping_add(window * inner);
                // SAFETY: `Windows::select_and_scatter` vouches for all three arrays.
                unsafe {
                    let mut at = 0;
                    while at + WIDE <= inner {
                        self.some::<WIDE>(taps, at, source.add(at));
                        at += WIDE;
                    }
                    while at + NARROW <= inner {
                        self.some::<NARROW>(taps, at, source.add(at));
                        at += NARROW;
                    }
                    while at < inner {
                        self.some::<1>(taps, at, source.add(at));
                        at += 1;
                    }
                }
            });
    }
}

impl<T: Float> Scatter<'_, T> {
    /// Finds the maxima of `COUNT` neighbours, then visits the window again: every element gets its share, most of them zero,
    /// which keeps both passes free of branches.
    ///
    /// # Safety
    /// The arrays are valid for `COUNT` neighbours.
    #[inline(always)]
    unsafe fn some<const COUNT: usize>(&self, taps: &Taps, at: usize, source: *const T) {
        let mut best = [T::NEGATIVE_INFINITY; COUNT];
        let mut found = [0_u32; COUNT];
        let mut tap = 0_u32;
        taps.each(|place| {
            // SAFETY: the caller's contract.
            let x = unsafe { self.x.add(place + at).cast::<[T; COUNT]>().read_unaligned() };
            for lane in 0..COUNT {
                let wins = exceeds(x[lane], best[lane]);
                best[lane] = if wins { x[lane] } else { best[lane] };
                found[lane] = if wins { tap } else { found[lane] };
            }
            tap += 1;
        });
        // SAFETY: the caller's contract.
        let source = unsafe { source.cast::<[T; COUNT]>().read_unaligned() };
        tap = 0;
        taps.each(|place| {
            // SAFETY: the caller's contract; without overlap nothing has been added to the place before.
            unsafe {
                let to = self.result.add(place + at).cast::<[T; COUNT]>();
                let mut sums = if self.windows.disjoint {
                    [T::ZERO; COUNT]
                } else {
                    to.read_unaligned()
                };
                for lane in 0..COUNT {
                    let share = if found[lane] == tap {
                        source[lane]
                    } else {
                        T::ZERO
                    };
                    sums[lane] = if self.windows.disjoint {
                        share
                    } else {
                        sums[lane] + share
                    };
                }
                to.write_unaligned(sums);
            }
            tap += 1;
        });
    }
}

struct Select<'a, T> {
    windows: &'a Windows,
    range: Range<usize>,
    x: *const T,
    values: *const T,
    y: *mut T,
}

impl<T: Float> Loop for Select<'_, T> {
    #[inline(always)]
    fn run(self) {
        let inner = self.windows.inner;
        self.windows.walk(self.range.clone(), |window, taps| {
            let y = self.y.wrapping_add(window * inner);
            // SAFETY: `Windows::select` vouches for all three arrays.
            unsafe {
                let mut at = 0;
                while at + WIDE <= inner {
                    self.some::<WIDE>(taps, at, y.add(at));
                    at += WIDE;
                }
                while at < inner {
                    self.some::<1>(taps, at, y.add(at));
                    at += 1;
                }
            }
        });
    }
}

impl<T: Float> Select<'_, T> {
    /// # Safety
    /// The arrays are valid for `COUNT` neighbours.
    #[inline(always)]
    unsafe fn some<const COUNT: usize>(&self, taps: &Taps, at: usize, y: *mut T) {
        let mut best = [T::NEGATIVE_INFINITY; COUNT];
        let mut chosen = [T::ZERO; COUNT];
        let mut is_first = true;
        taps.each(|place| {
            // SAFETY: the caller's contract.
            unsafe {
                let x = self.x.add(place + at).cast::<[T; COUNT]>().read_unaligned();
                let value = self
                    .values
                    .add(place + at)
                    .cast::<[T; COUNT]>()
                    .read_unaligned();
                for lane in 0..COUNT {
                    // The first element is chosen even where it is negative infinity.
                    let wins = is_first | exceeds(x[lane], best[lane]);
                    best[lane] = if wins { x[lane] } else { best[lane] };
                    chosen[lane] = if wins { value[lane] } else { chosen[lane] };
                }
            }
            is_first = false;
        });
        // SAFETY: the caller's contract.
        unsafe { y.cast::<[T; COUNT]>().write_unaligned(chosen) };
    }
}
