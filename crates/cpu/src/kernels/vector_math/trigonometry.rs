//! Sine, cosine and tangent.

use super::{multiply_add_f64, polynomial_f64};
use std::f64::consts::FRAC_2_PI;

/// Up to here the functions of this file hold; beyond, and for NaN, callers ask the standard library.
pub(crate) const SINE_LIMIT: f32 = 1_048_576.0;

/// pi / 2 in three parts: the first two have 33 bits, so that their products with 20-bit numbers are
/// exact.
const HALF_PI: [f64; 3] = [
    1.5707963267341256,
    6.077100506303966e-11,
    2.0222662487959506e-21,
];
/// `(sin(r) / r - 1) / r^2` in `r^2` for `|r| <= pi / 4`, below 2^-37.
const SINE: [f64; 4] = [
    -0.166_666_666_414_507_5,
    0.008_333_329_364_233_824,
    -0.000_198_393_276_184_542_25,
    2.718_241_003_890_977e-6,
];
/// `(cos(r) - 1 + r^2 / 2) / r^4` in `r^2` for `|r| <= pi / 4`, below 2^-43.
const COSINE: [f64; 4] = [
    0.041_666_666_622_616_484,
    -0.001_388_888_373_235_275_2,
    2.479_951_392_382_303e-5,
    -2.720_970_196_251_331e-7,
];
/// 1.5 * 2^52: adding it rounds to an integer, which then stands in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// The sine and the cosine of `r` where `x = k pi / 2 + r` with `|r| <= pi / 4`, and `k`.
#[inline(always)]
fn reduced<const FUSED: bool>(x: f32) -> (f64, f64, u32) {
    let x = f64::from(x);
    let shifted = multiply_add_f64::<FUSED>(x, FRAC_2_PI, ROUND);
    let k = shifted - ROUND;
    let r = multiply_add_f64::<FUSED>(k, -HALF_PI[0], x);
    let r = multiply_add_f64::<FUSED>(k, -HALF_PI[1], r);
    let r = multiply_add_f64::<FUSED>(k, -HALF_PI[2], r);
    let square = r * r;
    // As a product, which keeps the sign of a zero.
    let sine = r * multiply_add_f64::<FUSED>(square, polynomial_f64::<FUSED, 4>(square, SINE), 1.0);
    let fourth = polynomial_f64::<FUSED, 4>(square, COSINE) * square;
    let cosine = multiply_add_f64::<FUSED>(square, fourth - 0.5, 1.0);
    (sine, cosine, shifted.to_bits() as u32)
}

/// The sine of `|x| <=` [`SINE_LIMIT`], within 0.51 ulp.
#[inline(always)]
pub(crate) fn sin<const FUSED: bool>(x: f32) -> f32 {
    let (sine, cosine, quadrant) = reduced::<FUSED>(x);
    let y = if quadrant & 1 == 0 { sine } else { cosine };
    (if quadrant & 2 == 0 { y } else { -y }) as f32
}

/// The cosine of `|x| <=` [`SINE_LIMIT`], within 0.51 ulp.
#[inline(always)]
pub(crate) fn cos<const FUSED: bool>(x: f32) -> f32 {
    let (sine, cosine, quadrant) = reduced::<FUSED>(x);
    let y = if quadrant & 1 == 0 { cosine } else { sine };
    (if quadrant.wrapping_add(1) & 2 == 0 {
        y
    } else {
        -y
    }) as f32
}

/// The tangent of `|x| <=` [`SINE_LIMIT`], within 0.51 ulp.
#[inline(always)]
pub(crate) fn tan<const FUSED: bool>(x: f32) -> f32 {
    let (sine, cosine, quadrant) = reduced::<FUSED>(x);
    let even = quadrant & 1 == 0;
    let (over, under) = if even {
        (sine, cosine)
    } else {
        (-cosine, sine)
    };
    (over / under) as f32
}
