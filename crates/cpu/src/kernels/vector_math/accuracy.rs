//! The measured errors that the documentation of the functions states.

use super::*;

/// Calls `f` with every `step`-th number of the type, infinities and NaN left out.
fn for_each_number(step: usize, mut f: impl FnMut(f32)) {
    for bits in (0..=u32::MAX).step_by(step) {
        let x = f32::from_bits(bits);
        if x.is_finite() {
            f(x);
        }
    }
}

/// The distance of `got` from `wanted`, in units in the last place of a normal number near `wanted`.
fn error(got: f32, wanted: f64) -> f64 {
    let rounded = wanted as f32;
    if got == rounded || (got.is_nan() && rounded.is_nan()) {
        // Also where both are the same infinity.
        return if rounded.is_finite() {
            units(f64::from(got) - wanted, wanted)
        } else {
            0.0
        };
    }
    if got.is_infinite() && wanted.abs() > f64::from(f32::MAX) {
        return 0.0;
    }
    units(f64::from(got) - wanted, wanted)
}

fn units(difference: f64, wanted: f64) -> f64 {
    let magnitude = wanted
        .abs()
        .clamp(f64::from(f32::MIN_POSITIVE), f64::from(f32::MAX));
    let exponent = (magnitude.to_bits() >> 52) as i32 - 1023;
    (difference / (exponent - 23).exp2_of_integer()).abs()
}

trait PowerOfTwo {
    fn exp2_of_integer(self) -> f64;
}

impl PowerOfTwo for i32 {
    fn exp2_of_integer(self) -> f64 {
        f64::from_bits(((self + 1023) as u64) << 52)
    }
}

/// Checks both ways of multiplying and adding against double precision, on one number in 997.
fn check(
    name: &str,
    bound: f64,
    fused: fn(f32) -> f32,
    plain: fn(f32) -> f32,
    exact: fn(f64) -> f64,
) {
    for (kind, function) in [("fused", fused), ("plain", plain)] {
        let (mut worst, mut at) = (0.0, 0.0);
        for_each_number(997, |x| {
            let error = error(function(x), exact(f64::from(x)));
            if error > worst || error.is_nan() {
                (worst, at) = (error, x);
            }
        });
        assert!(
            worst <= bound,
            "{name} ({kind}) is {worst} ulp off at {at:e}"
        );
    }
}

macro_rules! accuracy {
    ($($test:ident: $function:ident <= $bound:literal, $exact:expr;)*) => {$(
        #[test]
        fn $test() {
            check(stringify!($function), $bound, $function::<true>, $function::<false>, $exact);
        }
    )*};
}

accuracy! {
    exp_is_within_the_documented_bound: exp <= 1.1, f64::exp;
    expm1_is_within_the_documented_bound: expm1 <= 1.8, f64::exp_m1;
    log_is_within_the_documented_bound: log <= 0.9, f64::ln;
    log1p_is_within_the_documented_bound: log1p <= 1.4, f64::ln_1p;
    tanh_is_within_the_documented_bound: tanh <= 1.4, f64::tanh;
    logistic_is_within_the_documented_bound: logistic <= 2.2, exact_logistic;
    erf_is_within_the_documented_bound: erf <= 1.2, erf_f64;
}

fn exact_logistic(x: f64) -> f64 {
    if x < -88.72 {
        0.0
    } else {
        1.0 / (1.0 + (-x).exp())
    }
}

/// The functions that leave large arguments to others, on the others.
fn check_periodic(name: &str, fused: fn(f32) -> f32, plain: fn(f32) -> f32, exact: fn(f64) -> f64) {
    for function in [fused, plain] {
        for_each_number(997, |x| {
            if x.abs() <= SINE_LIMIT {
                let error = error(function(x), exact(f64::from(x)));
                assert!(error <= 0.51, "{name}({x:e}) is {error} ulp off");
            }
        });
    }
}

#[test]
fn sine_cosine_and_tangent_leave_only_the_last_rounding() {
    check_periodic("sin", sin::<true>, sin::<false>, f64::sin);
    check_periodic("cos", cos::<true>, cos::<false>, f64::cos);
    check_periodic("tan", tan::<true>, tan::<false>, f64::tan);
}

#[test]
fn cube_root_leaves_only_the_last_rounding() {
    for_each_number(997, |x| {
        let error = error(cbrt(x), f64::from(x).cbrt());
        assert!(error <= 0.51, "cbrt({x:e}) is {error} ulp off");
    });
}

/// Pairs from all over the plane, and pairs of special numbers.
fn for_each_pair(mut f: impl FnMut(f32, f32)) {
    let specials = [
        0.0,
        f32::MIN_POSITIVE,
        1e-40,
        0.5,
        1.0,
        1.5,
        2.0,
        3.0,
        16_777_215.0,
        16_777_216.0,
        f32::MAX,
        f32::INFINITY,
        f32::NAN,
    ];
    let signed: Vec<f32> = specials.iter().flat_map(|x| [*x, -x]).collect();
    for &x in &signed {
        signed.iter().for_each(|y| f(x, *y));
    }
    let mut state = 1_u64;
    for _ in 0..1_000_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let bits = (state >> 32) as u32;
        let near = f32::from_bits((bits & 0x007f_ffff) | 0x3f00_0000);
        let wide = ((state >> 8) as u16 as f32 - 32_768.0) / 256.0;
        f(near, wide);
        f(f32::from_bits(bits), wide);
        f(wide, f32::from_bits(bits.rotate_left(9)));
    }
}

fn check_pairs(name: &str, functions: [fn(f32, f32) -> f32; 2], exact: fn(f64, f64) -> f64) {
    for function in functions {
        for_each_pair(|x, y| {
            let (got, wanted) = (function(x, y), exact(f64::from(x), f64::from(y)));
            let error = error(got, wanted);
            assert!(
                error <= 0.51,
                "{name}({x:e}, {y:e}) is {got:e}, not {wanted:e}"
            );
            let same_sign = got.is_nan() || got.is_sign_negative() == wanted.is_sign_negative();
            assert!(same_sign, "{name}({x:e}, {y:e}) is {got:e}, not {wanted:e}");
        });
    }
}

#[test]
fn power_leaves_only_the_last_rounding_and_keeps_the_special_cases() {
    check_pairs("power", [power::<true>, power::<false>], f64::powf);
}

#[test]
fn atan2_leaves_only_the_last_rounding_and_keeps_the_special_cases() {
    check_pairs("atan2", [atan2::<true>, atan2::<false>], f64::atan2);
}

#[test]
fn special_values_are_those_of_double_precision() {
    type Case = (&'static str, fn(f32) -> f32, fn(f64) -> f64);
    let functions: [Case; 11] = [
        ("exp", exp::<true>, f64::exp),
        ("expm1", expm1::<true>, f64::exp_m1),
        ("log", log::<true>, f64::ln),
        ("log1p", log1p::<true>, f64::ln_1p),
        ("tanh", tanh::<true>, f64::tanh),
        ("logistic", logistic::<true>, |x| 1.0 / (1.0 + (-x).exp())),
        ("erf", erf::<true>, erf_f64),
        ("cbrt", cbrt, f64::cbrt),
        ("sin", sin::<true>, f64::sin),
        ("cos", cos::<true>, f64::cos),
        ("tan", tan::<true>, f64::tan),
    ];
    for (name, function, exact) in functions {
        for x in [
            0.0,
            -0.0,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            1.0,
            -1.0,
            -2.0,
        ] {
            let wanted = exact(f64::from(x)) as f32;
            let got = function(x);
            let agrees = got.is_nan() && wanted.is_nan()
                || (got - wanted).abs() <= f32::EPSILON
                || got == wanted;
            assert!(agrees, "{name}({x}) is {got}, not {wanted}");
            let zero_keeps_its_sign = wanted != 0.0 || got.to_bits() == wanted.to_bits();
            assert!(zero_keeps_its_sign, "{name}({x}) is {got}, not {wanted}");
        }
    }
}
