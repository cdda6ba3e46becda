//! Natural logarithms.

use super::{multiply_add, polynomial};

/// ln 2 in two parts; the first has 11 zeros at its end, so that its product with an exponent is
/// exact.
const LN2_HIGH: f32 = 0.693_115_23;
const LN2_LOW: f32 = 3.194_618_3e-5;
/// `(log(1 + f) - f + f^2 / 2) / f^3` for `sqrt(1/2) - 1 <= f <= sqrt(2) - 1`; the logarithm's error
/// is below 2^-30 relative to `f`.
const LOG: [f32; 9] = [
    0.333_333_1,
    -0.249_999_87,
    0.200_022_22,
    -0.166_692_6,
    0.142_187_16,
    -0.123_841_93,
    0.118_725_67,
    -0.117_907_85,
    0.069_173_224,
];

/// `exponent ln 2 + log(1 + f)`.
#[inline(always)]
fn combine<const FUSED: bool>(f: f32, exponent: f32) -> f32 {
    let square = f * f;
    let y = f * square * polynomial::<FUSED, 9>(f, LOG);
    let y = multiply_add::<FUSED>(exponent, LN2_LOW, y);
    let y = multiply_add::<FUSED>(square, -0.5, y);
    multiply_add::<FUSED>(exponent, LN2_HIGH, f + y)
}

/// A positive normal number as `2^e * m` with `m` from `sqrt(1/2)` to `sqrt(2)`.
#[inline(always)]
fn split(x: f32) -> (f32, i32) {
    let bits = x.to_bits() as i32;
    let e = bits.wrapping_sub(std::f32::consts::FRAC_1_SQRT_2.to_bits() as i32) >> 23;
    (f32::from_bits(bits.wrapping_sub(e << 23) as u32), e)
}

/// [`split`] of any positive finite number, subnormal ones included.
#[inline(always)]
pub(super) fn split_any(x: f32) -> (f32, f32) {
    let subnormal = x < f32::MIN_POSITIVE;
    let (m, e) = split(if subnormal { x * 8_388_608.0 } else { x });
    (m, e as f32 - if subnormal { 23.0 } else { 0.0 })
}

/// The natural logarithm, within 0.9 ulp; -infinity at 0, NaN below.
#[inline(always)]
pub(crate) fn log<const FUSED: bool>(x: f32) -> f32 {
    let (m, exponent) = split_any(x);
    let y = combine::<FUSED>(m - 1.0, exponent);
    // Infinity and NaN stay what they are.
    let y = if x < f32::INFINITY { y } else { x };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x < 0.0 { f32::NAN } else { y }
}

/// `log(1 + x)`, within 1.4 ulp, also near 0; -infinity at -1, NaN below.
#[inline(always)]
pub(crate) fn log1p<const FUSED: bool>(x: f32) -> f32 {
    let u = 1.0 + x;
    // What the rounding of 1 + x lost.
    let lost = if x >= 1.0 {
        1.0 - (u - x)
    } else {
        x - (u - 1.0)
    };
    let (m, e) = split(u);
    // The smallest scale keeps the factor a normal number; what was lost means nothing there.
    let scale = f32::from_bits((127_i32.wrapping_sub(if e > 126 { 126 } else { e }) as u32) << 23);
    let y = combine::<FUSED>(multiply_add::<FUSED>(lost, scale, m - 1.0), e as f32);
    let y = if x < f32::INFINITY { y } else { x };
    let y = if x == -1.0 {
        f32::NEG_INFINITY
    } else {
        y.copysign(x)
    };
    if x < -1.0 { f32::NAN } else { y }
}
