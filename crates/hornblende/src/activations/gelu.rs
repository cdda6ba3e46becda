//! Gaussian error linear unit.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["gelu"],
    call: |x| gelu(x, false),
    kinks: &[],
};

/// `x * P(X <= x)` of a standard normal `X`: `x * (1 + erf(x / sqrt(2))) / 2`.
///
/// With `approximate` the probability is `(1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2`. Keras's default
/// is the exact form.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::gelu(&Tensor::from([0.0f32, -1e4, 1e4]), false).to_vec::<f32>()?, [0.0, 0.0, 1e4]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn gelu(x: &Tensor, approximate: bool) -> Tensor {
    if approximate {
        let inner = (x + x * x * x * 0.044715) * (FRAC_2_SQRT_PI * FRAC_1_SQRT_2);
        return x * 0.5 * (1.0 + inner.tanh());
    }
    x * 0.5 * (1.0 + (x * FRAC_1_SQRT_2).erf())
}
