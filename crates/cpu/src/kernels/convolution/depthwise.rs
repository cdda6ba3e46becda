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

/// Channels whose sums stay in registers at a time.
const CHANNELS: usize = 32;

impl<T: Float> Loop for Depthwise<'_, T> {
    #[inline(always)]
    fn run(self) {
        let channels = self.positions.channels;
        let whole = channels / CHANNELS * CHANNELS;
        self.positions
            .walk(0, self.positions.count(), |_, window, output| {
                // SAFETY: `Correlation::run` vouches for the window, the kernel and the output of each position.
                unsafe {
                    for first in (0..whole).step_by(CHANNELS) {
                        self.some::<CHANNELS>(window.add(first), first, output.add(first));
                    }
                    for channel in whole..channels {
                        self.some::<1>(window.add(channel), channel, output.add(channel));
                    }
                }
            });
    }
}

impl<T: Float> Depthwise<'_, T> {
    /// # Safety
    /// The pointers are valid for `COUNT` channels.
    #[inline(always)]
    unsafe fn some<const COUNT: usize>(&self, window: *const T, first: usize, output: *mut T) {
        let mut sums = [T::ZERO; COUNT];
        // SAFETY: the caller's contract.
        unsafe {
            for (run, kernel_run) in self.runs.iter().zip(self.kernel_runs) {
                let x = window.offset(*run).cast::<[T; COUNT]>().read_unaligned();
                let w = self
                    .kernel
                    .offset(*kernel_run)
                    .add(first)
                    .cast::<[T; COUNT]>()
                    .read_unaligned();
                for channel in 0..COUNT {
                    sums[channel] = sums[channel] + x[channel] * w[channel];
                }
            }
            if let Some(bias) = self.epilogue.bias {
                let bias = bias.add(first).cast::<[T; COUNT]>().read_unaligned();
                for channel in 0..COUNT {
                    sums[channel] = sums[channel] + bias[channel];
                }
            }
            if self.epilogue.relu {
                // Written so that NaN, which is less than nothing, stays.
                sums = sums.map(|sum| if sum < T::ZERO { T::ZERO } else { sum });
            }
            output.cast::<[T; COUNT]>().write_unaligned(sums);
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
        let whole = self.channels / CHANNELS * CHANNELS;
        for tap in 0..self.taps.len() {
            // SAFETY: `FilterGradient::run` vouches for the window, the gradient and the sums.
            unsafe {
                for first in (0..whole).step_by(CHANNELS) {
                    self.some::<CHANNELS>(tap, first);
                }
                for channel in whole..self.channels {
                    self.some::<1>(tap, channel);
                }
            }
        }
    }
}

impl<T: Float> DepthwiseGradient<'_, T> {
    /// # Safety
    /// The pointers are valid for `COUNT` channels from `first` on.
    #[inline(always)]
    unsafe fn some<const COUNT: usize>(&self, tap: usize, first: usize) {
        let mut sums = [T::ZERO; COUNT];
        // SAFETY: the caller's contract.
        unsafe {
            let mut gradient = self.gradient.add(first);
            for line in self.lines {
                // Each line is summed on its own first: short chains lose fewer bits.
                let mut line_sums = [T::ZERO; COUNT];
                let mut window = self
                    .window
                    .offset(*line + self.taps[tap])
                    .wrapping_add(first);
                for _ in 0..self.positions {
                    let x = window.cast::<[T; COUNT]>().read_unaligned();
                    let y = gradient.cast::<[T; COUNT]>().read_unaligned();
                    for channel in 0..COUNT {
                        line_sums[channel] = line_sums[channel] + x[channel] * y[channel];
                    }
                    window = window.wrapping_offset(self.stride);
                    gradient = gradient.wrapping_add(self.channels);
                }
                for channel in 0..COUNT {
                    sums[channel] = sums[channel] + line_sums[channel];
                }
            }
            let to = self
                .sums
                .add(tap * self.channels + first)
                .cast::<[T; COUNT]>();
            if self.accumulate {
                let before = to.read_unaligned();
                for channel in 0..COUNT {
                    sums[channel] = before[channel] + sums[channel];
                }
            }
            to.write_unaligned(sums);
        }
    }
}
