//! Leaky rectifier.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["leaky_relu"],
    call: |x| leaky_relu(x, 0.2),
    kinks: &[0.0],
};

/// `x` above 0, `negative_slope * x` below; Keras's default slope is 0.2 (0.3 in the layer).
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert_eq!(activations::leaky_relu(&Tensor::from([2.0f32, -2.0]), 0.5).to_vec::<f32>()?, [2.0, -1.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn leaky_relu(x: &Tensor, negative_slope: f64) -> Tensor {
    x.greater(0.0).select(x, x * negative_slope)
}
