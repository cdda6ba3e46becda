//! Hard shrink.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["hard_shrink"],
    call: |x| hard_shrink(x, 0.5),
    kinks: &[-0.5, 0.5],
};

/// `x` where `|x| > threshold`, else 0; Keras's default `threshold` is 0.5.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::hard_shrink(&Tensor::from([0.5f32, -2.0]), 0.5).to_vec::<f32>()?, [0.0, -2.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn hard_shrink(x: &Tensor, threshold: f64) -> Tensor {
    x.abs().less_equal(threshold).select(0.0, x)
}
