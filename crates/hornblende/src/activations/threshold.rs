//! Threshold.

use hornblende_core::Tensor;

use super::Entry;

// Keras has no defaults for the two arguments; a name alone means those that make it a rectifier.
pub(super) const ENTRY: Entry = Entry {
    names: &["threshold"],
    call: |x| threshold(x, 0.0, 0.0),
    kinks: &[0.0],
};

/// `x` where `x > threshold`, else `default_value`.
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// let y = activations::threshold(&Tensor::from([0.5f32, 2.0]), 1.0, -1.0);
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn threshold(x: &Tensor, threshold: f64, default_value: f64) -> Tensor {
    x.less_equal(threshold).select(default_value, x)
}
