//! Soft shrink.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["soft_shrink"],
    call: |x| soft_shrink(x, 0.5),
    kinks: &[-0.5, 0.5],
};

/// `x` moved towards 0 by `threshold`, and 0 within it; Keras's default `threshold` is 0.5.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::soft_shrink(&Tensor::from([0.25f32, -2.0]), 0.5).to_vec::<f32>()?, [0.0, -1.5]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn soft_shrink(x: &Tensor, threshold: f64) -> Tensor {
    let moved = x.greater(0.0).select(x - threshold, x + threshold);
    x.abs().less_equal(threshold).select(0.0, moved)
}
