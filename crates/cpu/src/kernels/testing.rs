//! Random operands and tolerances for the tests of kernels.

use super::matmul::Float;

/// Numbers that look random, the same in every run (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }

    /// Numbers in [-1, 1).
    pub(crate) fn numbers<T: Number>(&mut self, count: usize) -> Vec<T> {
        (0..count)
            .map(|_| T::of((self.next() >> 40) as f64 / (1 << 23) as f64 - 1.0))
            .collect()
    }
}

/// A [`Float`] that tests can convert.
pub(crate) trait Number: Float {
    const NAN: Self;
    /// The distance of one from the next larger number.
    const EPSILON: f64;
    fn of(value: f64) -> Self;
    fn wide(self) -> f64;
}

impl Number for f32 {
    const NAN: Self = f32::NAN;
    const EPSILON: f64 = f32::EPSILON as f64;

    fn of(value: f64) -> Self {
        value as f32
    }

    fn wide(self) -> f64 {
        f64::from(self)
    }
}

impl Number for f64 {
    const NAN: Self = f64::NAN;
    const EPSILON: f64 = f64::EPSILON;

    fn of(value: f64) -> Self {
        value
    }

    fn wide(self) -> f64 {
        self
    }
}

/// Whether two sums of products of numbers below one agree: `tolerance` is the number of terms times the precision, the
/// bound of what a chain of roundings can add up to.
pub(crate) fn close(got: f64, expected: f64, tolerance: f64) -> bool {
    (got - expected).abs() <= tolerance * (1.0 + expected.abs())
}
