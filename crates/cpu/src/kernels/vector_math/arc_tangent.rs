//! The angle of a point.

use super::polynomial_f64;
use std::f64::consts::{FRAC_PI_2, PI};

/// `(atan(z) / z - 1) / z^2` in `z^2` for `0 <= z <= 1`, below 2^-36.
const ATAN: [f64; 12] = [
    -0.333_333_331_313_842_96,
    0.199_999_853_863_667_28,
    -0.142_853_442_511_964,
    0.111_063_777_108_240_11,
    -0.090_549_957_912_455_61,
    0.075_155_235_938_199_62,
    -0.060_690_066_796_084_71,
    0.044_371_799_026_827_745,
    -0.026_750_893_359_478_33,
    0.011_914_217_828_147_772,
    -0.003_378_416_696_823_718,
    0.000_449_388_231_946_950_2,
];

/// The angle of the point `(x, y)`, from -pi to pi, within 0.51 ulp, with the special cases of IEEE
/// 754's `atan2`.
#[inline(always)]
pub(crate) fn atan2<const FUSED: bool>(y: f32, x: f32) -> f32 {
    let (high, wide) = (f64::from(y.abs()), f64::from(x.abs()));
    let steep = high > wide;
    let (over, under) = if steep { (wide, high) } else { (high, wide) };
    // 0 / 0 counts as 0, and infinity / infinity as 1.
    let z = if under == 0.0 { 0.0 } else { over / under };
    let z = if over == f64::INFINITY { 1.0 } else { z };
    let square = z * z;
    let angle = z + z * square * polynomial_f64::<FUSED, 12>(square, ATAN);
    let angle = if steep { FRAC_PI_2 - angle } else { angle };
    let angle = if x.is_sign_negative() {
        PI - angle
    } else {
        angle
    };
    let angle = if x.is_nan() || y.is_nan() {
        f64::NAN
    } else {
        angle
    };
    (angle as f32).copysign(y)
}
