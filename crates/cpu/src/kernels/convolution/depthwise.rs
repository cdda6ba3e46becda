//! Convolutions in which each channel sees itself alone: no product, but a sum over taps for many channels at once.
#![allow(unsafe_code)] // Pointers into operands whose extents the caller vouches for.

use super::correlation::Positions;
use crate::cpu_level::Loop;
use crate::kernels::matmul::{Epilogue, Float};

/// All positions of a phase; the kernel has one number for each run and channel.
pub(super) struct Depthwise<'a, T> {
    pub(super) positions: &'a Positions<T>,
    pub(super) runs: &'a [isize],
    pub(super) kernel: *const T,
    pub(super) kernel_runs: &'a [isize],
    pub(super) epilogue: &'a Epilogue<'a, T>,
}

/// Channels whose sums stay in registers at a time: as many as there are, then fewer for the rest.
const WIDE: usize = 32;
const NARROW: usize = 8;

/// Neighbouring positions that share the loads of the kernel.
const POSITIONS: usize = 4;

/// Taps that share the loads of the gradient.
const TAPS: usize = 3;

impl<T: Float> Loop for Depthwise<'_, T> {
    #[inline(always)]
    fn run(self) {
        let (from, to) = self.positions.steps();
        let (lines, count) = self.positions.lines();
        // Loops rather than closures, which would be compiled for any machine.
        for line in 0..lines {
            let (window, output) = self.positions.line(line);
            let mut at = 0;
            while at < count {
                let window = window.wrapping_offset(at as isize * from);
                let output = output.wrapping_offset(at as isize * to);
                // SAFETY: `Correlation::run` vouches for the window, the kernel and the output of each position.
                unsafe {
                    if at + POSITIONS <= count {
                        self.positions_at::<POSITIONS>(window, output);
                        at += POSITIONS;
                    } else {
                        self.positions_at::<1>(window, output);
                        at += 1;
                    }
                }
            }
        }
    }
}

impl<T: Float> Depthwise<'_, T> {
    /// All channels of neighbouring positions.
    ///
    /// # Safety
    /// The pointers are valid for so many positions.
    #[inline(always)]
    unsafe fn positions_at<const COUNT: usize>(&self, window: *const T, output: *mut T) {
        let channels = self.positions.channels;
        let mut first = 0;
        // SAFETY: the caller's contract.
        unsafe {
            while first + WIDE <= channels {
                self.some::<WIDE, COUNT>(window.add(first), first, output.add(first));
                first += WIDE;
            }
            while first + NARROW <= channels {
                self.some::<NARROW, COUNT>(window.add(first), first, output.add(first));
                first += NARROW;
            }
            while first < channels {
                self.some::<1, COUNT>(window.add(first), first, output.add(first));
                first += 1;
            }
        }
    }

    /// # Safety
    /// The pointers are valid for `COUNT` channels of `PLACES` positions.
    #[inline(always)]
    unsafe fn some<const COUNT: usize, const PLACES: usize>(
        &self,
        window: *const T,
        first: usize,
        output: *mut T,
    ) {
        let (from, to) = self.positions.steps();
        let mut sums = [[T::ZERO; COUNT]; PLACES];
        // SAFETY: the caller's contract.
        unsafe {
            for (run, kernel_run) in self.runs.iter().zip(self.kernel_runs) {
                let w = self.kernel.offset(*kernel_run).add(first);
                let w = w.cast::<[T; COUNT]>().read_unaligned();
                let x = window.offset(*run);
                for (place, sums) in sums.iter_mut().enumerate() {
                    let x = x.wrapping_offset(place as isize * from);
                    let x = x.cast::<[T; COUNT]>().read_unaligned();
                    for channel in 0..COUNT {
                        sums[channel] = sums[channel] + x[channel] * w[channel];
                    }
                }
            }
            for (place, sums) in sums.iter_mut().enumerate() {
                if let Some(bias) = self.epilogue.bias {
                    let bias = bias.add(first).cast::<[T; COUNT]>().read_unaligned();
                    for channel in 0..COUNT {
                        sums[channel] = sums[channel] + bias[channel];
                    }
                }
                if self.epilogue.relu {
                    for sum in sums.iter_mut() {
                        // Written so that NaN, which is less than nothing, stays.
                        *sum = if *sum < T::ZERO { T::ZERO } else { *sum };
                    }
                }
                let output = output.wrapping_offset(place as isize * to);
                output.cast::<[T; COUNT]>().write_unaligned(*sums);
            }
        }
    }
}

/// The sums over the positions of a part, for each tap and channel.
pub(super) struct DepthwiseGradient<'a, T> {
    /// Where each tap lies in a window.
    pub(super) taps: &'a [isize],
    pub(super) channels: usize,
    /// Where each line begins in the window; in the gradient, lines follow one another.
    pub(super) lines: &'a [isize],
    pub(super) positions: usize,
    /// The distance of neighbouring positions in the window.
    pub(super) stride: isize,
    pub(super) window: *const T,
    pub(super) gradient: *const T,
    pub(super) sums: *mut T,
    pub(super) accumulate: bool,
}

impl<T: Float> Loop for DepthwiseGradient<'_, T> {
    #[inline(always)]
    fn run(self) {
        let mut tap = 0;
        // SAFETY: `FilterGradient::run` vouches for the window, the gradient and the sums.
        unsafe {
            while tap + TAPS <= self.taps.len() {
                self.taps_at::<TAPS>(tap);
                tap += TAPS;
            }
            while tap < self.taps.len() {
                self.taps_at::<1>(tap);
                tap += 1;
            }
        }
    }
}

impl<T: Float> DepthwiseGradient<'_, T> {
    /// All channels of `COUNT` taps.
    ///
    /// # Safety
    /// The pointers are valid for these taps.
    #[inline(always)]
    unsafe fn taps_at<const COUNT: usize>(&self, tap: usize) {
        let mut first = 0;
        // SAFETY: the caller's contract.
        unsafe {
            while first + WIDE <= self.channels {
                self.some::<WIDE, COUNT>(tap, first);
                first += WIDE;
            }
            while first + NARROW <= self.channels {
                self.some::<NARROW, COUNT>(tap, first);
                first += NARROW;
            }
            while first < self.channels {
                self.some::<1, COUNT>(tap, first);
                first += 1;
            }
        }
    }

    /// # Safety
    /// The pointers are valid for `COUNT` channels from `first` on, and `HERE` taps.
    #[inline(always)]
    unsafe fn some<const COUNT: usize, const HERE: usize>(&self, tap: usize, first: usize) {
        let mut sums = [[T::ZERO; COUNT]; HERE];
        // SAFETY: the caller's contract.
        unsafe {
            let mut gradient = self.gradient.add(first);
            for line in self.lines {
                // Each line is summed on its own first: short chains lose fewer bits.
                let mut line_sums = [[T::ZERO; COUNT]; HERE];
                let mut window = self.window.offset(*line).wrapping_add(first);
                for _ in 0..self.positions {
                    let y = gradient.cast::<[T; COUNT]>().read_unaligned();
                    for (at, sums) in line_sums.iter_mut().enumerate() {
                        let x = window.wrapping_offset(self.taps[tap + at]);
                        let x = x.cast::<[T; COUNT]>().read_unaligned();
                        for channel in 0..COUNT {
                            sums[channel] = sums[channel] + x[channel] * y[channel];
                        }
                    }
                    window = window.wrapping_offset(self.stride);
                    gradient = gradient.wrapping_add(self.channels);
                }
                for at in 0..HERE {
                    for channel in 0..COUNT {
                        sums[at][channel] = sums[at][channel] + line_sums[at][channel];
                    }
                }
            }
            for (at, sums) in sums.iter_mut().enumerate() {
                let to = self.sums.add((tap + at) * self.channels + first);
                let to = to.cast::<[T; COUNT]>();
                if self.accumulate {
                    let before = to.read_unaligned();
                    for channel in 0..COUNT {
                        sums[channel] = before[channel] + sums[channel];
                    }
                }
                to.write_unaligned(*sums);
            }
        }
    }
}
