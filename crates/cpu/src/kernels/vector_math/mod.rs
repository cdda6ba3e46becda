//! Elementary functions of `f32` without branches, so that a loop over a slice becomes vector code.
//!
//! Every function takes one element; the loops, compiled for each CPU level, are in
//! [`crate::kernels::elementwise`]. An element's result depends on the element alone, never on its
//! place in a block. `FUSED` says whether the level has a fused multiply-add: the levels that do
//! (AVX-512, AVX2, NEON) agree in every bit, the baseline of x86 may differ in the last one.
//!
//! The polynomials were fitted by Remez exchange in 40-digit arithmetic, and their coefficients then
//! rounded; `scripts/fit_polynomials.py` in this crate does it again. The errors in the
//! documentation of the functions are what the tests measured against `f64`, in units in the last
//! place (ulp) of the correctly rounded result.
//!
//! What training does in every step (exp, log, tanh, logistic, erf) is `f32` throughout. What it does
//! rarely (sine, power, arc tangent, cube root) goes through `f64` inside, which is half as fast and
//! leaves nothing but the last rounding.

mod arc_tangent;
mod cube_root;
mod error_function;
mod exponential;
mod logarithm;
mod power;
mod trigonometry;

pub(crate) use arc_tangent::atan2;
pub(crate) use cube_root::cbrt;
pub(crate) use error_function::{erf, erf_f64};
pub(crate) use exponential::{exp, expm1, logistic, tanh};
pub(crate) use logarithm::{log, log1p};
pub(crate) use power::power;
pub(crate) use trigonometry::{SINE_LIMIT, cos, sin, tan};

#[cfg(test)]
mod accuracy;

/// `a * b + c`, rounded once if `FUSED` and twice if not.
#[inline(always)]
fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// [`multiply_add`] in double precision.
#[inline(always)]
fn multiply_add_f64<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// The polynomial with these coefficients, the constant one first.
#[inline(always)]
fn polynomial<const FUSED: bool, const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[N - 1];
    for k in (0..N - 1).rev() {
        sum = multiply_add::<FUSED>(sum, x, coefficients[k]);
    }
    sum
}

/// [`polynomial`] in double precision.
#[inline(always)]
fn polynomial_f64<const FUSED: bool, const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    for k in (0..N - 1).rev() {
        sum = multiply_add_f64::<FUSED>(sum, x, coefficients[k]);
    }
    sum
}
