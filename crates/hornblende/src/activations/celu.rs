//! Continuously differentiable exponential linear unit.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["celu"],
    call: |x| celu(x, 1.0),
    kinks: &[],
};

/// `max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)`; Keras's default `alpha` is 1.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::celu(&Tensor::from([2.0f32, -1e4]), 0.5).to_vec::<f32>()?, [2.0, -0.5]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn celu(x: &Tensor, alpha: f64) -> Tensor {
    // The exponential sees no positive number: 0 times the infinity of its gradient would be NaN.
    let is_positive = x.greater(0.0);
    let below = is_positive.select(0.0, x / alpha).expm1() * alpha;
    is_positive.select(x, below)
}
