//! Exponential linear unit.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["elu"],
    call: |x| elu(x, 1.0),
    kinks: &[],
};

/// `x` above 0, `alpha * (exp(x) - 1)` below; Keras's default `alpha` is 1.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::elu(&Tensor::from([2.0f32, -1e4]), 0.5).to_vec::<f32>()?, [2.0, -0.5]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn elu(x: &Tensor, alpha: f64) -> Tensor {
    // The exponential sees no positive number: 0 times the infinity of its gradient would be NaN.
    let is_positive = x.greater(0.0);
    let below = is_positive.select(0.0, x).expm1() * alpha;
    is_positive.select(x, below)
}
