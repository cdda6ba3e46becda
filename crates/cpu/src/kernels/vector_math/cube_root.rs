//! The cube root.

/// The cube root, within 0.51 ulp.
///
/// A third of the exponent and of the mantissa's bits is a first approximation good to 5 bits; each
/// Halley step `t (t^3 + 2 a) / (2 t^3 + a)` in `f64` triples them.
#[inline(always)]
pub(crate) fn cbrt(x: f32) -> f32 {
    let a = x.abs();
    let subnormal = a < f32::MIN_POSITIVE;
    let scaled = if subnormal { a * 16_777_216.0 } else { a };
    // Two thirds of the exponent's bias, less what makes the largest error of the first guess least.
    let guess = f32::from_bits(scaled.to_bits() / 3 + 0x2a51_19f2);
    let a = f64::from(scaled);
    let mut t = f64::from(guess);
    for _ in 0..2 {
        let cube = t * t * t;
        t *= (cube + a + a) / (cube + cube + a);
    }
    let t = if subnormal { t * (1.0 / 256.0) } else { t };
    let y = (t as f32).copysign(x);
    // Zeros, infinities and NaN are their own cube roots.
    if x == 0.0 || !x.is_finite() { x } else { y }
}
