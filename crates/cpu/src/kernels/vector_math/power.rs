//! Powers.

use super::logarithm::split_any;
use super::{multiply_add_f64, polynomial_f64};

/// `log2(m) / s` in `s^2` for `s = (m - 1) / (m + 1)`, below 2^-43.
const LOG2: [f64; 6] = [
    2.885_390_081_777_849,
    0.961_796_694_114_814_9,
    0.577_077_941_926_943_2,
    0.412_209_297_561_962,
    0.319_903_806_478_862_74,
    0.282_927_693_766_204_97,
];
/// `2^t` for `|t| <= 1/2`, below 2^-40.
const EXP2: [f64; 9] = [
    1.000_000_000_000_027,
    0.693_147_180_545_930_9,
    0.240_226_506_954_682_95,
    0.055_504_109_412_161_07,
    0.009_618_129_228_354_247,
    0.001_333_345_055_942_377,
    0.000_154_034_117_163_143_22,
    1.531_008_140_309_524_4e-5,
    1.326_405_307_576_203_3e-6,
];
/// 1.5 * 2^52: adding it rounds to an integer, which then stands in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `log2(x)` of a positive number; infinite at 0 and at infinity.
#[inline(always)]
fn log2<const FUSED: bool>(x: f32) -> f64 {
    let (m, exponent) = split_any(x);
    let m = f64::from(m);
    let s = (m - 1.0) / (m + 1.0);
    let polynomial = polynomial_f64::<FUSED, 6>(s * s, LOG2);
    let y = multiply_add_f64::<FUSED>(s, polynomial, f64::from(exponent));
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x == f32::INFINITY { f64::INFINITY } else { y }
}

/// `2^t` for `|t| <= 1000`.
#[inline(always)]
fn exp2<const FUSED: bool>(t: f64) -> f64 {
    let shifted = t + ROUND;
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let scale = f64::from_bits(n.wrapping_add(1023) << 52);
    polynomial_f64::<FUSED, 9>(t - (shifted - ROUND), EXP2) * scale
}

/// `x` to the power `y`, within 0.51 ulp, with the special cases of IEEE 754's `pow`.
#[inline(always)]
pub(crate) fn power<const FUSED: bool>(x: f32, y: f32) -> f32 {
    let a = x.abs();
    let t = f64::from(y) * log2::<FUSED>(a);
    // Beyond 2^300 the result is infinite or 0 whatever it is; NaN passes.
    let t = if t > 300.0 { 300.0 } else { t };
    let t = if t < -300.0 { -300.0 } else { t };
    let magnitude = exp2::<FUSED>(t) as f32;
    let magnitude = if x.is_nan() || y.is_nan() {
        f32::NAN
    } else {
        magnitude
    };
    // 1 to the power of infinity (the product above is 0 times infinity) and NaN to the power of 0.
    let magnitude = if x == 1.0 || y == 0.0 { 1.0 } else { magnitude };
    let magnitude = if x == -1.0 && y.abs() == f32::INFINITY {
        1.0
    } else {
        magnitude
    };
    let half = 0.5 * y;
    let is_integer = y == y.trunc();
    let is_odd = is_integer && half != half.trunc();
    let signed = if is_odd {
        magnitude.copysign(x)
    } else {
        magnitude
    };
    let undefined = x < 0.0 && x > f32::NEG_INFINITY && !is_integer;
    if undefined { f32::NAN } else { signed }
}
