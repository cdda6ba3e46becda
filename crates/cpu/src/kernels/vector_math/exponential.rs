//! The exponential function and those made of it.

use super::{multiply_add, polynomial};
use std::f32::consts::LOG2_E;

/// 1.5 * 2^23: adding it rounds to an integer, which then stands in the low bits.
const ROUND: f32 = 12_582_912.0;
/// ln 2 in two parts; the first has 11 zeros at its end, so that `n * LN2_HIGH` is exact.
const LN2_HIGH: f32 = 0.693_115_23;
const LN2_LOW: f32 = 3.194_618_3e-5;
/// `(e^r - 1 - r) / r^2` for `|r| <= ln 2 / 2`; the exponential's error is below 2^-28.
const EXP: [f32; 5] = [
    0.5,
    0.166_665_18,
    0.041_666_206,
    0.008_368_958,
    0.001_395_056_8,
];
/// The same function, fitted for a small error relative to `r` (below 2^-26).
const EXPM1: [f32; 5] = [
    0.5,
    0.166_665_43,
    0.041_666_284,
    0.008_366_588_5,
    0.001_394_642_6,
];
/// `(tanh x - x) / x^3` in `x^2` for `|x| <= 0.625`, below 2^-32.
const TANH: [f32; 6] = [
    -0.333_333_3,
    0.133_332_1,
    -0.053_947_23,
    0.021_703_089,
    -0.008_182_937,
    0.002_147_753,
];

/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`: gives `r` and `n`.
#[inline(always)]
fn reduce<const FUSED: bool>(x: f32) -> (f32, i32) {
    let shifted = multiply_add::<FUSED>(x, LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = multiply_add::<FUSED>(n, -LN2_HIGH, x);
    let r = multiply_add::<FUSED>(n, -LN2_LOW, r);
    (
        r,
        (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32),
    )
}

/// `2^n` for `-126 <= n <= 127`.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `e^x`, within 1.1 ulp; overflows to infinity and underflows through the subnormals to 0.
#[inline(always)]
pub(crate) fn exp<const FUSED: bool>(x: f32) -> f32 {
    // Outside, the result is infinite or 0 anyway. NaN passes: it is not above or below anything.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let (r, n) = reduce::<FUSED>(x);
    let y = multiply_add::<FUSED>(r * r, polynomial::<FUSED, 5>(r, EXP), r) + 1.0;
    // Two steps: neither 2^128 nor 2^-150 is a normal number.
    let half = n >> 1;
    y * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// `e^x - 1`, within 1.8 ulp, also near 0.
#[inline(always)]
pub(crate) fn expm1<const FUSED: bool>(x: f32) -> f32 {
    let clamped = if x > 89.0 { 89.0 } else { x };
    let clamped = if clamped < -18.5 { -18.5 } else { clamped };
    let (r, n) = reduce::<FUSED>(clamped);
    let p = multiply_add::<FUSED>(r * r, polynomial::<FUSED, 5>(r, EXPM1), r);
    // 2^n p + (2^n - 1), all halved because 2^128 is no number; for n = 0 it is p to the bit.
    let scale = power_of_two(n.wrapping_sub(1));
    let y = 2.0 * multiply_add::<FUSED>(scale, p, scale - 0.5);
    y.copysign(x)
}

/// The hyperbolic tangent, within 1.4 ulp.
#[inline(always)]
pub(crate) fn tanh<const FUSED: bool>(x: f32) -> f32 {
    let a = x.abs();
    let square = a * a;
    let near = multiply_add::<FUSED>(a * square, polynomial::<FUSED, 6>(square, TANH), a);
    let far = 1.0 - 2.0 / (exp::<FUSED>(2.0 * a) + 1.0);
    let y = if a < 0.625 { near } else { far };
    y.copysign(x)
}

/// `1 / (1 + e^-x)`, within 2.2 ulp; 0 below -88.72, where that is far from normal numbers.
#[inline(always)]
pub(crate) fn logistic<const FUSED: bool>(x: f32) -> f32 {
    1.0 / (1.0 + exp::<FUSED>(-x))
}
