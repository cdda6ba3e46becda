//! The error function.

use super::{exp, multiply_add, polynomial};
use std::f64::consts::FRAC_2_SQRT_PI;

/// `erf(x) / x - 1` in `x^2` for `|x| <= 0.9375`, below 2^-30.
const NEAR: [f32; 7] = [
    0.128_379_17,
    -0.376_126_32,
    0.112_836_86,
    -0.026_858_851,
    0.005_199_6,
    -0.000_812_580_75,
    8.296_613e-5,
];
/// `log(1 - erf(x))` from 0.92 to 4; the complement's error is below 2^-34.
const FAR: [f32; 8] = [
    0.000_175_873,
    -1.129_520_8,
    -0.633_334_7,
    -0.108_293_93,
    0.025_128_614,
    -0.004_174_638_5,
    0.000_435_218,
    -2.116_183e-5,
];

/// The error function, within 1.2 ulp.
#[inline(always)]
pub(crate) fn erf<const FUSED: bool>(x: f32) -> f32 {
    let a = x.abs();
    let near = multiply_add::<FUSED>(a, polynomial::<FUSED, 7>(a * a, NEAR), a);
    // From 4 on the function rounds to 1. NaN passes: it is not above anything.
    let bounded = if a > 4.0 { 4.0 } else { a };
    let far = 1.0 - exp::<FUSED>(polynomial::<FUSED, 8>(bounded, FAR));
    let y = if a < 0.9375 { near } else { far };
    y.copysign(x)
}

/// The error function in double precision, to a few ulp: a series near 0, a continued fraction of the
/// complement beyond.
pub(crate) fn erf_f64(x: f64) -> f64 {
    let a = x.abs();
    let y = if a < 2.0 {
        rising_series(a)
    } else if a < 6.0 {
        1.0 - complement(a)
    } else {
        // The complement is below 2^-55 here, and NaN is not below 6.
        if a.is_nan() { a } else { 1.0 }
    };
    y.copysign(x)
}

/// `2 / sqrt(pi) e^(-x^2) (x + 2 x^3 / 3 + 4 x^5 / 15 + ...)`: no term is negative, nothing cancels.
fn rising_series(x: f64) -> f64 {
    let double_square = 2.0 * x * x;
    let (mut term, mut sum) = (x, x);
    // At 2 the 60th term is below 2^-53 of the sum.
    for odd in (1..60).map(|k| f64::from(2 * k + 1)) {
        term *= double_square / odd;
        sum += term;
    }
    FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

/// `e^(-x^2) / sqrt(pi) / (x + 1/2 / (x + 1 / (x + 3/2 / (x + ...))))` for `x >= 2`.
fn complement(x: f64) -> f64 {
    let tail = (1..=60)
        .rev()
        .fold(x, |tail, k| x + 0.5 * f64::from(k) / tail);
    0.5 * FRAC_2_SQRT_PI * (-x * x).exp() / tail
}
